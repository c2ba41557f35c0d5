import test from 'ava';
import { reportThreads, waitingBoards } from '../../../emulator/sim/deadlock.ts';
import {
  ScenarioError, type Sim, milliseconds, runScenario, scenario, seconds,
} from '../../../emulator/scenario/index.ts';
import type { App } from '../../../kernel/app.ts';
import type { Blocking } from '../../../kernel/blocking.ts';
import { cond_t, cond_wait } from '../../../kernel/cond.ts';
import { MBOX_INIT, mbox_get, mbox_put } from '../../../kernel/mbox.ts';
import { msg_array, msg_receive, msg_send, msg_send_receive, msg_t } from '../../../kernel/msg.ts';
import { MUTEX_INIT_LOCKED, mutex_lock, mutex_t, mutex_unlock } from '../../../kernel/mutex.ts';
import { assert } from '../../../kernel/panic.ts';
import { getchar, puts } from '../../../kernel/stdio.ts';
import { thread_create, thread_sleep, thread_yield } from '../../../kernel/thread.ts';
import { thread_flags_wait_all, thread_flags_wait_any } from '../../../kernel/thread_flags.ts';
import { ZTIMER_MSEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { app, quiet, shellApp, simulate, ticker } from './apps.ts';

/** Starts a thread above main, which runs until it waits. */
function* thread(name: string, priority: number, body: () => Blocking<unknown>): Blocking<number> {
  function* run(): Blocking<null> {
    yield* body();
    return null;
  }
  return yield* thread_create({ length: 4096 }, 4096, priority, 0, run, null, name);
}

/** Locks two mutexes at 1 ms, each thread in an order of its own. */
const embrace = app(function* () {
  const [one, two] = [new mutex_t(), new mutex_t()];
  const both = (first: mutex_t, second: mutex_t) => function* () {
    yield* mutex_lock(first);
    yield* ztimer_sleep(ZTIMER_MSEC, 1);
    yield* mutex_lock(second);
  };
  yield* thread('left', 5, both(one, two));
  yield* thread('right', 6, both(two, one));
  return 0;
});

/** Prints at 1 ms and then never comes to rest. */
const spinner = app(function* () {
  yield* thread('server', 6, () => msg_receive(new msg_t()));
  yield* ztimer_sleep(ZTIMER_MSEC, 1);
  puts('spinning');
  while (true) yield* thread_yield();
});

/** Plays with boards that boot at 0; returns what the scenario failed with, and how far the clock came. */
function play<N extends string>(apps: Record<N, App>, body: (sim: Sim<N>) => undefined) {
  const nodes = Object.fromEntries(Object.entries<App>(apps).map(([name, its]) =>
    [name, { board: 'native', app: its, bootAt: 0 }]));
  const { error, simulation } = runScenario(scenario({ nodes }, body as (sim: Sim) => undefined));
  return { error, message: error instanceof ScenarioError ? error.message : String(error), now: simulation.now };
}

/** The lines of a message behind RIOT's table: what the threads of the first board do. */
function calls(message: string): string[] {
  const lines = message.split('\n');
  const sum = lines.findIndex((line) => line.includes('| SUM '));
  return lines.slice(sum + 1).filter((line) => line.startsWith('  '));
}

test('an expect that nothing can make come true any more fails at once: deadlock, table, calls', (t) => {
  // From 1 ms on no event is left. Without the check the scenario would run on to 10 s and say nothing of the threads.
  const { message, now } = play({ a: embrace }, (sim) => void sim.nodes.a.expect('done'));
  t.is(now, 1000);
  const [first, ...rest] = message.split('\n');
  t.is(first, 'a: expected "done" within 10 s: deadlock: nothing can ever run again; given up at 0.001000 s');
  t.true(rest.includes('last lines of a:'));
  t.true(rest.includes('threads of a:'));
  t.regex(message, /^\tpid \| name +\| state +Q \| pri \| stack/m);
  t.regex(message, /^\t {2}3 \| left +\| bl mutex _ \| {3}5 \| {3}4096 /m);
  t.deepEqual(calls(message), [
    '  3 left: waits in mutex_lock(), which 4 right holds',
    '  4 right: waits in mutex_lock(), which 3 left holds',
  ]);
});

test('a runUntil() whose condition nothing can change any more fails at once', (t) => {
  // All boards with a waiting thread are shown; a board whose threads have all ended waits for nothing.
  const { message, now } = play({ a: embrace, b: quiet, c: shellApp }, (sim) => sim.runUntil(() => false));
  t.is(now, 1000);
  t.regex(message, /^the condition of runUntil\(\) did not come true within 60 s: deadlock: nothing can ever run /);
  t.deepEqual(message.match(/^threads of \w+/gm), ['threads of a', 'threads of c']);
  t.true(message.endsWith('\n  2 main: waits for input'));
});

test('when no thread waits for anything it is the end and no deadlock', (t) => {
  // main() has returned: there is nothing that a table could show.
  const { message, now } = play({ a: quiet }, (sim) => void sim.nodes.a.expect('x'));
  t.is(now, 0);
  t.regex(message, /^a: expected "x" within 10 s: nothing is left to run; given up at 0\.000000 s\nlast lines of a:\n/);
  t.false(message.includes('threads of'));
});

test('running time forward is no failure, however idle the boards are', (t) => {
  // A network that waits for its users is the everyday state.
  const { error, now } = play({ a: embrace, b: shellApp }, (sim) => {
    sim.runFor(seconds(5));
    sim.runUntil(seconds(7));
    sim.nodes.b.type('echo x');
    sim.nodes.b.expect(/^x$/m);
  });
  t.is(error, null);
  t.true(now > seconds(7));
});

test('as long as any board has something to do an expect waits', (t) => {
  // The ticker might do something that wakes the others: nobody knows.
  const { message, now } = play({ a: embrace, b: ticker }, (sim) =>
    void sim.nodes.a.expect('done', { within: milliseconds(55) }));
  t.is(now, 55_000);
  t.regex(message, /^a: expected "done" within 55 ms; given up at 0\.055000 s\n/);
});

test('a report names for each thread the call that it waits in, and for whom', (t) => {
  // One thread for each way to wait that RIOT has a status for; 2 is main, which sleeps in the end.
  const statusApp = app(function* () {
    const [free, signal, own] = [new mutex_t(), MUTEX_INIT_LOCKED(), new mutex_t()];
    const mbox = MBOX_INIT(msg_array(1), 1);
    yield* mutex_lock(own);
    yield* mbox_put(mbox, new msg_t());
    yield* thread('receives', 1, () => msg_receive(new msg_t()));
    const deaf = yield* thread('deaf', 1, () => thread_sleep());
    const server = yield* thread('server', 1, function* () {
      yield* msg_receive(new msg_t());
      yield* thread_sleep();
    });
    yield* thread('sends', 2, () => msg_send(new msg_t(), deaf));
    yield* thread('asks deaf', 2, () => msg_send_receive(new msg_t(), new msg_t(), deaf));
    yield* thread('asks server', 2, () => msg_send_receive(new msg_t(), new msg_t(), server));
    yield* thread('any', 2, () => thread_flags_wait_any(0x8001));
    yield* thread('all', 2, () => thread_flags_wait_all(0x3));
    yield* thread('puts', 2, () => mbox_put(mbox, new msg_t()));
    yield* thread('gets', 2, () => mbox_get(MBOX_INIT(msg_array(1), 1), new msg_t()));
    yield* thread('cond', 2, () => cond_wait(new cond_t(), free));
    yield* thread('signal', 2, () => mutex_lock(signal));
    yield* thread('waits', 2, () => mutex_lock(own));
    yield* thread('reads', 2, () => getchar());
    yield* thread('asserts', 2, function* () {
      assert(false, 'main.c:1');
      yield* thread_sleep();
    });
    yield* mutex_lock(own);
    return 0;
  });
  const simulation = simulate({ a: statusApp });
  simulation.runUntilSettled();
  t.deepEqual(waitingBoards(simulation).map(({ name }) => name), ['a']);
  t.deepEqual(calls(reportThreads(simulation.nodes).join('\n')), [
    '  2 main: waits in mutex_lock(), which it holds itself',
    '  3 receives: waits in msg_receive()',
    '  4 deaf: waits for thread_wakeup()',
    '  5 server: waits for thread_wakeup()',
    '  6 sends: waits in msg_send() to 4 deaf',
    '  7 asks deaf: waits in msg_send_receive() to 4 deaf, which has not received it',
    '  8 asks server: waits in msg_send_receive() for a reply',
    '  9 any: waits in thread_flags_wait_any(0x8001)',
    '  10 all: waits in thread_flags_wait_all(0x0003)',
    '  11 puts: waits in mbox_put()',
    '  12 gets: waits in mbox_get()',
    '  13 cond: waits in cond_wait()',
    '  14 signal: waits in mutex_lock()',
    '  15 waits: waits in mutex_lock(), which 2 main holds',
    '  16 reads: waits for input',
    '  17 asserts: stopped at a failed assertion',
  ]);
});

test('a mutex that was handed over is held by whom it was handed to', (t) => {
  // RIOT's own note of the owner is from the first lock; here that thread has ended, and the next one has the mutex.
  const handed = app(function* () {
    const mutex = new mutex_t();
    yield* mutex_lock(mutex);
    yield* thread('next', 5, function* () {
      yield* mutex_lock(mutex);
      yield* thread_sleep();
    });
    yield* thread('last', 6, () => mutex_lock(mutex));
    yield* mutex_unlock(mutex);
    return 0;
  });
  const simulation = simulate({ a: handed });
  simulation.runUntilSettled();
  t.is(calls(reportThreads(simulation.nodes).join('\n')).at(-1), '  4 last: waits in mutex_lock(), which 3 next holds');
});

test('a look at the threads of a board changes nothing', (t) => {
  // The same run with a report in the middle comes to the same digest, and prints nothing more.
  const run = (look: boolean) => {
    const simulation = simulate({ a: ticker, b: shellApp });
    simulation.runFor(25_000);
    if (look) t.true(reportThreads(simulation.nodes).length > 10);
    simulation.runFor(25_000);
    return [simulation.digest(), simulation.sequence, simulation.node('a').console, simulation.node('b').console];
  };
  t.deepEqual(run(true), run(false));
});

test('a report of many boards shows the first eight and counts the others', (t) => {
  // Ten boards with a shell each.
  const simulation = simulate(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`n${i}`, shellApp])));
  simulation.runUntilSettled();
  const report = reportThreads(simulation.nodes);
  t.is(report.filter((line) => line.startsWith('threads of')).length, 8);
  t.is(report.at(-1), 'and the threads of 2 more boards');
});

test('a board that makes no progress in virtual time ends the run, with its threads as they were', (t) => {
  // Whatever runs the network ends: also running time forward, and an expect of another board that has come true.
  const bodies: ((sim: Sim<'a' | 'b'>) => undefined)[] = [
    (sim) => sim.runFor(seconds(1)),
    (sim) => sim.runUntil(seconds(1)),
    (sim) => sim.runUntil(() => false),
    (sim) => void sim.nodes.a.expect('never'),
    (sim) => void sim.nodes.b.expect(/tick[^]*tick/),
  ];
  for (const body of bodies) {
    const { message } = play({ a: spinner, b: ticker }, body);
    t.regex(message, /^a: livelock: 1000000 kernel calls at one instant; given up at /);
    t.regex(message, /\n {2}\| \*\*\* RIOT kernel panic:\n/);
    t.deepEqual(calls(message), ['  2 main: runs', '  3 server: waits in msg_receive()']);
  }
});

test('a livelock while the boards boot ends the run before the scenario plays', (t) => {
  // Nothing that the scenario could see of such a network means anything.
  const stuck = app(function* () {
    while (true) yield* thread_yield();
  });
  const { message } = play({ a: stuck }, () => t.fail());
  t.regex(message, /^a: livelock: /);
});

test('an expect of a board that has crashed fails at once and shows its threads', (t) => {
  // The other board goes on for ever: without the check the scenario would wait out its 10 s.
  const crasher = app(function* () {
    yield* thread('server', 6, () => msg_receive(new msg_t()));
    yield* ztimer_sleep(ZTIMER_MSEC, 1);
    throw new TypeError('no such thing');
  });
  const { message, now } = play({ a: crasher, b: ticker }, (sim) => void sim.nodes.a.expect('never'));
  t.is(now, 1000);
  t.regex(message, /^a: expected "never" within 10 s: a has crashed; given up at 0\.001000 s\nlast lines of a:\n/);
  t.deepEqual(calls(message), ['  2 main: runs', '  3 server: waits in msg_receive()']);
});

test('an expect of a board that is about to boot waits for that', (t) => {
  // It is off at the time, but not for long.
  const { error } = play({ a: shellApp, b: ticker }, (sim) => {
    sim.nodes.b.powerOff();
    sim.nodes.b.powerOn();
    sim.nodes.b.expect('tick');
    sim.nodes.b.reboot();
    sim.nodes.b.expect('tick');
  });
  t.is(error, null);
});
