import test from 'ava';
import { native } from '../../../boards/native.ts';
import { Simulation } from '../../../emulator/sim/simulation.ts';
import { cpu_spend } from '../../../kernel/cpu.ts';
import { InvariantError, invariant } from '../../../kernel/invariant.ts';
import { puts } from '../../../kernel/stdio.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { app, collect, quiet, shellApp, simulate, ticker } from './apps.ts';

test('boards that boot at one instant run in the order of their names in the options', (t) => {
  // All four are due at 0: only first in, first out puts their boot events and first slices in this order.
  const sim = simulate({ d: quiet, a: quiet, c: quiet, b: quiet });
  const records = collect(sim);
  sim.runUntil(0);
  const boots = records.filter((r) => r.event.type === 'power').map((r) => r.node);
  t.deepEqual(boots, ['d', 'a', 'c', 'b']);
});

test('timers of several boards that end at one instant fire in the order in which they were set', (t) => {
  // b sets its timer first (at 0, for 3000), a later (at 1000, for 2000): node order would print a before b.
  const sleeper = (before: number, time: number) => app(function* () {
    if (before > 0) yield* ztimer_sleep(ZTIMER_USEC, before);
    yield* ztimer_sleep(ZTIMER_USEC, time);
    puts('woken');
    return 0;
  });
  const sim = simulate({ a: sleeper(1000, 2000), b: sleeper(0, 3000) });
  const records = collect(sim);
  sim.runUntil(3000);
  const woken = records.filter((r) => r.event.type === 'out' && r.event.text === 'woken\n');
  t.deepEqual(woken.map((r) => [r.node, r.time]), [['b', 3000], ['a', 3000]]);
});

test('two runs with one seed give the same trace, record by record', (t) => {
  // Boot times, random numbers and every event are in the records; nothing else may come in.
  const run = () => {
    const sim = simulate({ a: ticker, b: ticker, c: shellApp }, 5, {});
    const records = collect(sim);
    sim.runUntil(200_000);
    sim.apply({ type: 'type', node: 'c', text: 'echo hello' });
    sim.runFor(200_000);
    return { records, digest: sim.digest(), sequence: sim.sequence };
  };
  const first = run();
  t.true(first.records.length > 100);
  t.deepEqual(run(), first);
});

test('another seed gives other boot times and other random numbers', (t) => {
  // Both are read off what the boards print: a seed that reached one but not the other would show.
  const consoleOf = (seed: number) => {
    const sim = simulate({ a: ticker }, seed, {});
    const records = collect(sim);
    sim.runUntil(150_000);
    return { boot: records[0].time, random: /tick (\d+)/.exec(sim.node('a').console)?.[1] };
  };
  const [one, two] = [consoleOf(1), consoleOf(2)];
  t.not(one.boot, two.boot);
  t.not(one.random, two.random);
});

test('boards boot within 100 ms, each at a time of its own', (t) => {
  // With forty boards, one time shared by two or one beyond the bound would show.
  const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
  const sim = simulate(Object.fromEntries(names.map((name) => [name, quiet])), 3, {});
  const records = collect(sim);
  sim.runUntilSettled();
  const times = records.filter((r) => r.event.type === 'power').map((r) => r.time);
  t.is(times.length, 40);
  t.true(Math.max(...times) <= 100_000);
  t.is(new Set(times).size, 40);
});

test('ids and digest are the same with a reader, without one, and with one that comes late', (t) => {
  // The late reader must see the very records that the early one saw from there on.
  const run = (subscribeAt: number | null) => {
    const sim = simulate({ a: ticker, b: ticker }, 5, {});
    let records: ReturnType<typeof collect> = [];
    for (let time = 0; time <= 300_000; time += 50_000) {
      if (time === subscribeAt) records = collect(sim);
      sim.runUntil(time);
    }
    return { records, digest: sim.digest(), sequence: sim.sequence };
  };
  const early = run(0);
  const late = run(150_000);
  const none = run(null);
  t.true(late.records.length > 10);
  t.deepEqual(late.records, early.records.slice(-late.records.length));
  t.is(late.digest, early.digest);
  t.is(none.digest, early.digest);
  t.is(none.sequence, early.sequence);
});

test('a reader that was taken out sees nothing more', (t) => {
  // The other reader goes on, so the events are there to be seen.
  const sim = simulate({ a: ticker });
  const all = collect(sim);
  let seen = 0;
  const stop = sim.trace.subscribe(() => {
    seen++;
    return undefined;
  });
  sim.runUntil(20_000);
  const before = seen;
  stop();
  sim.runUntil(40_000);
  t.true(before > 0 && all.length > before);
  t.is(seen, before);
});

test('what a timer starts is caused by the last event of the slice that set it', (t) => {
  // The tick of 10 ms was set in the slice that printed the tick of 0 ms and then switched to idle.
  const sim = simulate({ a: ticker });
  const records = collect(sim);
  sim.runUntil(10_000);
  const [first, second] = records.filter((r) => r.event.type === 'out' && r.event.text.startsWith('tick'));
  const sameSlice = records.filter((r) => Math.floor(r.id / 4096) === Math.floor(first.id / 4096));
  t.is(second.time, 10_000);
  t.true(sameSlice.some((r) => r.id === second.cause));
});

test('a slice with more events than there are ordinals keeps its ids apart', (t) => {
  // 5000 lines in one slice: ids that wrapped around at 4096 would come twice.
  const sim = simulate({ a: app(function* () {
    for (let i = 0; i < 5000; i++) puts('line');
    return 0;
  }), b: ticker });
  const records = collect(sim);
  sim.runUntil(20_000);
  t.true(records.length > 5000);
  for (let i = 1; i < records.length; i++) t.true(records[i].id > records[i - 1].id);
});

test('runUntil() runs what is due at its instant and leaves the clock there', (t) => {
  // The tick of 10 ms belongs to runUntil(10 ms), that of 20 ms does not.
  const sim = simulate({ a: ticker });
  sim.runUntil(10_000);
  t.is(sim.node('a').console.match(/tick/g)?.length, 2);
  t.is(sim.now, 10_000);
  sim.runFor(5);
  t.is(sim.now, 10_005);
  t.is(sim.nextAt(), 20_000);
});

test('CPU time that a thread spends passes in virtual time, and the board is not idle meanwhile', (t) => {
  // The print comes when the charge is over, and until then the scenario may not start.
  const sim = simulate({ a: app(function* () {
    yield* cpu_spend(700);
    puts('done');
    return 0;
  }) });
  sim.runUntil(699);
  t.false(sim.settled);
  t.false(sim.node('a').idle);
  t.notRegex(sim.node('a').console, /done/);
  sim.runUntil(700);
  t.regex(sim.node('a').console, /done/);
  t.true(sim.settled);
  t.true(sim.node('a').idle);
});

test('step() says false when nothing is left, and changes nothing then', (t) => {
  // A board whose main has returned sets no timer: after its last slice the queue is empty.
  const sim = simulate({ a: quiet });
  while (sim.step());
  const { sequence, now } = sim;
  const digest = sim.digest();
  t.false(sim.step());
  t.deepEqual([sim.sequence, sim.now, sim.digest(), sim.nextAt()], [sequence, now, digest, null]);
});

test('advanceTo() moves the clock up to the next event and not beyond it', (t) => {
  // Were it to pass the tick at 10 ms, the board would wake late.
  const sim = simulate({ a: ticker });
  sim.runUntil(0);
  sim.advanceTo(10_000);
  t.is(sim.now, 10_000);
  t.throws(() => sim.advanceTo(10_001), { instanceOf: RangeError, message: /10001.*10000/ });
  t.throws(() => sim.advanceTo(9_999), { instanceOf: RangeError, message: /9999/ });
  t.throws(() => sim.runUntil(10_000.5), { instanceOf: RangeError, message: /10000.5/ });
});

test('a node that is not there is named, with those that are', (t) => {
  // The message is what the command line prints, so it has to hold both.
  const sim = simulate({ server: quiet, client: quiet });
  t.is(sim.node('client').index, 1);
  t.throws(() => sim.node('sever'), { instanceOf: RangeError, message: /sever;.*server, client/ });
  t.throws(() => sim.apply({ type: 'type', node: 'cli', text: '' }), { instanceOf: RangeError, message: /cli;/ });
  t.is(sim.journal.length, 0);
});

test('options that cannot be are refused by name', (t) => {
  // Each has one thing wrong; the message must hold it.
  const node = { board: native, app: quiet };
  const make = (options: object, seed = 1) => () => new Simulation({ seed, nodes: { a: { ...node, ...options } } });
  t.throws(make({}, -1), { instanceOf: RangeError, message: /seed -1/ });
  t.throws(make({}, 1.5), { instanceOf: RangeError, message: /seed 1.5/ });
  t.throws(make({ bootAt: -5 }), { instanceOf: RangeError, message: /node a: bootAt -5/ });
  t.throws(make({ eui64: new Uint8Array(7) }), { instanceOf: RangeError, message: /node a: .*8 bytes, not 7/ });
  t.throws(make({ config: { CONFIG_NO_SUCH: 1 } }), { instanceOf: RangeError, message: /node a: .*CONFIG_NO_SUCH/ });
  t.throws(make({ config: { MAXTHREADS: 0 } }), { instanceOf: RangeError, message: /node a: .*MAXTHREADS: 0/ });
});

test('ops that cannot be are refused by name and leave no trace', (t) => {
  // A journal with an impossible op could not be replayed.
  const sim = simulate({ a: quiet, b: quiet });
  const refused = (op: object, message: RegExp) =>
    t.throws(() => sim.apply(op as never), { instanceOf: RangeError, message });
  refused({ type: 'link', from: 'a', to: 'b', loss: 1.1 }, /loss 1.1/);
  refused({ type: 'link', from: 'a', to: 'b', loss: NaN }, /loss NaN/);
  refused({ type: 'link', from: 'a', to: 'x', up: false }, /node x/);
  refused({ type: 'frame', node: 'a', frame: '' }, /frame/);
  refused({ type: 'frame', node: 'a', frame: '0g' }, /frame 0g/);
  refused({ type: 'frame', node: 'a', frame: '00'.repeat(128) }, /127/);
  refused({ type: 'frame', node: 'a', frame: '00', channel: 10 }, /channel 10/);
  refused({ type: 'type_raw', node: 'a', bytes: '\u0100' }, /type_raw/);
  refused({ type: 'shout', node: 'a' }, /shout/);
  t.deepEqual([sim.journal.length, sim.sequence], [0, 0]);
});

test('nodes without an EUI-64 get one of their own, around those that were given', (t) => {
  // The given address is the one that the second node would have got.
  const sim = new Simulation({ seed: 1, nodes: {
    a: { board: native, app: quiet },
    b: { board: native, app: quiet },
    c: { board: native, app: quiet, eui64: new Uint8Array([2, 0, 0, 0, 0, 0, 0, 2]) },
  } });
  t.deepEqual(sim.nodes.map((node) => node.linkLocal), ['fe80::1', 'fe80::3', 'fe80::2']);
});

test('a stack size can be overridden by its name, as RIOT\'s -DTHREAD_STACKSIZE_MAIN does', (t) => {
  // The thread_create event shows what the main thread was given.
  const sim = simulate({ a: app(quiet.main, { config: { THREAD_STACKSIZE_MAIN: 65536 } }) });
  const records = collect(sim);
  sim.runUntil(0);
  const main = records.find((r) => r.event.type === 'thread_create' && r.event.name === 'main');
  t.is(main?.event.type === 'thread_create' && main.event.stackSize, 65536);
});

test('a reader that acts on the simulation is a bug that stops the run', (t) => {
  // Such an action would not be where the journal says it was.
  const sim = simulate({ a: quiet });
  sim.trace.subscribe(() => sim.apply({ type: 'reboot', node: 'a' }));
  t.throws(() => sim.runUntil(0), { instanceOf: InvariantError, message: /reader/ });
});

test('a reader that throws stops the run instead of crashing the board it was told about', (t) => {
  // The error leaves through the board's slice, where the kernel would take it for a panic of the app.
  const sim = simulate({ a: ticker });
  sim.trace.subscribe((record) => {
    if (record.event.layer === 'console') throw new TypeError('no such column');
    return undefined;
  });
  const error = t.throws(() => sim.runUntil(0), { instanceOf: InvariantError, message: /no such column/ });
  t.true(error?.cause instanceof TypeError);
  t.is(sim.node('a').state, 'on');
});

test('a bug of the emulator is reported with seed and virtual time', (t) => {
  // Both are needed to see it again; it must leave the board that it showed on.
  const sim = simulate({ a: app(function* () {
    yield* ztimer_sleep(ZTIMER_USEC, 1234);
    invariant(false, 'broken');
    return 0;
  }) }, 77);
  t.throws(() => sim.runFor(10_000), { instanceOf: InvariantError, message: 'broken (seed 77, at 1234 µs)' });
});
