import test from 'ava';
import { LiveDriver } from '../../../emulator/bridge/driver.ts';
import { Simulation, replay } from '../../../emulator/sim/index.ts';
import type { App } from '../../../kernel/app.ts';
import { thread_yield } from '../../../kernel/thread.ts';
import { printf, putchar, puts } from '../../../kernel/stdio.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { app, shellApp, ticker } from '../sim/apps.ts';
import { TestHost, live, options } from './host.ts';

const STOP = { type: 'op', op: { type: 'stop', node: 'a' } } as const;
const EXITING = '\nnative: exiting\n';

const keys = (bytes: string) => ({ type: 'op', op: { type: 'keys', node: 'a', bytes } } as const);
const input = (bytes: string) => ({ type: 'input', node: 'a', bytes } as const);
const END = { type: 'end_of_input', node: 'a' } as const;

/** What a console shows behind the boot message. */
function behindBoot(output: string): string {
  return output.slice(output.indexOf('main():')).replace(/^.*\n/, '');
}

/** Runs one board live and returns what it printed behind its boot message. */
function session(its: App, host: TestHost): string {
  live({ a: its }, host);
  return behindBoot(host.output('a'));
}

test('virtual time follows the clock of the host, and the run sleeps in between', (t) => {
  // The host's clock moves while the run sleeps and at no other time: 3 ticks, 10 ms apart, and one sleep before each.
  const host = new TestHost().at(25_000, STOP);
  live({ a: ticker }, host);
  t.is(host.shown('a', ' at 0\n'), 0);
  t.is(host.shown('a', ' at 10000\n'), 10_000);
  t.is(host.shown('a', ' at 20000\n'), 20_000);
  t.deepEqual(host.sleeps, [10_000, 10_000, 10_000]);
  t.true(host.output('a').endsWith(EXITING));
});

test('a run with nothing to do sleeps without end until a message comes', (t) => {
  // A shell has no timer: what the run asks of its host is to sleep for ever, and no time is spent on waking up.
  const host = new TestHost().at(3_600_000_000, STOP);
  live({ a: shellApp }, host);
  t.deepEqual(host.sleeps, [Infinity]);
});

test('keys reach the board at their time and at the speed of its line, and are echoed', (t) => {
  // A byte takes 87 µs: the echo of the first is there then, the answer to the line after 7 of them.
  const host = new TestHost().at(1_000_000, keys('echo x\n')).at(2_000_000, STOP);
  const { simulation } = live({ a: shellApp }, host);
  t.is(host.shown('a', '> e'), 1_000_087);
  t.is(host.shown('a', 'echo x\r\nx\n> '), 1_000_000 + 7 * 87);
  t.deepEqual(simulation.journal.map(({ time, op }) => [time, op.type]), [[1_000_000, 'keys'], [2_000_000, 'stop']]);
});

test('what happened live replays offline to the same digest', (t) => {
  // Two boards and actions at instants with and without events; replay() knows the journal only, not the host.
  const host = new TestHost().at(12_345, keys('echo hello\n')).at(20_000, input('echo a\necho b\n'))
    .at(33_333, { type: 'op', op: { type: 'reboot', node: 'b' } }).at(40_000, { type: 'ctrl_c', node: 'a' })
    .at(50_001, STOP).at(60_000, { type: 'op', op: { type: 'power', node: 'b', on: false } });
  const boards = { a: shellApp, b: ticker };
  const { simulation } = live(boards, host);
  const recording = JSON.parse(JSON.stringify(simulation.recording())) as ReturnType<Simulation['recording']>;
  const again = replay(recording, options(boards));
  t.is(again.digest(), simulation.digest());
  t.is(again.node('a').console, host.output('a'));
  t.is(again.node('b').console, host.output('b'));
  t.is(recording.end.time, 60_000);
});

test('input of a program goes in line by line and loses nothing, not even over a reboot', (t) => {
  // 3,000 bytes at once are far beyond the ring of 64; the reboot throws away what the ring holds.
  const lines = Array.from({ length: 300 }, (_, i) => `echo ${i}.`);
  const reboot = { ...shellApp, modules: ['shell_cmds_default'] };
  const host = new TestHost().at(0, input(`${lines.slice(0, 150).join('\n')}\nreboot\n`))
    .at(0, input(`${lines.slice(150).join('\n')}\n`)).at(0, END);
  const output = session(reboot, host);
  t.deepEqual(output.match(/^\d+\.$/gm), lines.map((line) => line.slice(5)));
  const taken = host.sent.reduce((sum, [, message]) => sum + (message.type === 'taken' ? message.bytes : 0), 0);
  t.is(taken, `${lines.join('\n')}\nreboot\n`.length);
});

test('at the end of its input a board ends once it has worked that off', (t) => {
  // `busy` sleeps for a second: the board ends when its shell reads again, not when the last byte has gone in.
  const host = new TestHost().at(0, input('busy\n')).at(0, END);
  t.is(session(shellApp, host), `> busy\r\n> ${EXITING}`);
  t.is(host.shown('a', EXITING), 5 * 87 + 1_000_000);
});

test('a last line without its newline is given to the board too', (t) => {
  // It is echoed and stays unfinished, as a pipe that ends there would leave it.
  t.is(session(shellApp, new TestHost().at(0, input('ech')).at(0, END)), `> ech${EXITING}`);
});

test('a board that never reads ends with its input when it first comes to rest', (t) => {
  // Nothing ever waits for input: there is nothing to work off.
  const host = new TestHost().at(0, END);
  live({ a: ticker }, host);
  t.is(host.shown('a', EXITING), 0);
});

test('Ctrl-C goes to a shell that reads, and ends a board that does not', (t) => {
  // The first drops the line; the second comes while `busy` runs, where RIOT's shell would not see it.
  const host = new TestHost().at(1000, keys('bus')).at(10_000, { type: 'ctrl_c', node: 'a' })
    .at(20_000, keys('busy\n')).at(30_000, { type: 'ctrl_c', node: 'a' });
  t.is(session(shellApp, host), `> bus\r\n> busy\r\n${EXITING}`);
});

test('bytes are bytes in both directions', (t) => {
  // Each of the 256 is printed as a byte, not as a character; those from 128 on are typed and come back as echo.
  const all = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
  const printer = app(function* () {
    for (let i = 0; i < 256; i++) putchar(i);
    return yield* shellApp.main();
  });
  const typed = all.slice(128);
  const host = new TestHost().at(0, keys(typed)).at(1_000_000, STOP);
  t.is(session(printer, host), `${all}> ${typed}${EXITING}`);
});

test('lines of output come at once, and so does much output without a newline', (t) => {
  // Within one slice, which might never end: what has been sent is counted while the app still runs in it.
  const host = new TestHost().at(0, STOP);
  const seen: [lines: boolean, much: number][] = [];
  const wordy = app(function* () {
    puts('a line');
    for (let i = 0; i < 3000; i++) printf('0123456789');
    seen.push([host.output('a').includes('a line\n'), host.output('a').length]);
    yield* ztimer_sleep(ZTIMER_USEC, 1);
    return 0;
  });
  t.is(session(wordy, host), `a line\n${'0123456789'.repeat(3000)}${EXITING}`);
  t.true(seen[0]![0]);
  t.true(seen[0]![1] > 10_000);
});

test('a host that was suspended does not make a board run through the time it missed', (t) => {
  // 100 s pass in one sleep: 10,000 ticks would be due. The next tick comes when the host is back, those behind it on.
  class Suspended extends TestHost {
    override sleep(us: number): undefined {
      super.sleep(us);
      if (this.sleeps.length === 3) this.time += 100_000_000;
    }
  }
  const host = new Suspended().at(100_060_000, STOP);
  const { simulation } = live({ a: ticker }, host);
  t.is(host.shown('a', ' at 30000\n'), 100_030_000);
  t.is(host.shown('a', ' at 40000\n'), 100_040_000);
  t.is(simulation.now, 60_000);
});

test('a host that is a little late catches up', (t) => {
  // 25 ms late at the first tick: the second and third are due by then, and no tick comes later for it afterwards.
  class Late extends TestHost {
    override sleep(us: number): undefined {
      super.sleep(us);
      if (this.sleeps.length === 1) this.time += 25_000;
    }
  }
  const host = new Late().at(55_000, STOP);
  live({ a: ticker }, host);
  t.is(host.shown('a', ' at 30000\n'), 35_000);
  t.is(host.shown('a', ' at 40000\n'), 40_000);
});

test('a run ends when all boards have ended, and tells which have crashed and why', (t) => {
  // One is ended after 1 ms, the other one panics after 2 ms.
  const bad = app(function* () {
    yield* ztimer_sleep(ZTIMER_USEC, 2000);
    throw new TypeError('no such thing');
  });
  const host = new TestHost().at(1000, STOP);
  const { simulation, driver } = live({ a: shellApp, bad }, host);
  t.is(simulation.now, 2000);
  const [crash, ...more] = driver.crashes();
  t.is(more.length, 0);
  t.is(crash!.node, 'bad');
  t.true(crash!.threads.includes('  2 main: runs'));
  t.regex(crash!.stack, /^TypeError: no such thing\n.*driver\.test\.ts/);
});

test('a board that reboots has not ended', (t) => {
  // Off and about to boot again is the same instant.
  const host = new TestHost().at(1000, { type: 'op', op: { type: 'reboot', node: 'a' } }).at(50_000, STOP);
  live({ a: shellApp }, host);
  t.is(host.output('a').match(/main\(\): This is RIOT!/g)?.length, 2);
  t.is(host.shown('a', EXITING), 50_000);
});

test('a board that makes no progress in virtual time is ended by its kernel, live too', (t) => {
  // Nothing ever sleeps: the driver alone would go round for ever.
  const spinner = app(function* () {
    while (true) yield* thread_yield();
  });
  const host = new TestHost();
  const { driver } = live({ a: spinner }, host);
  t.regex(host.output('a'), /livelock/);
  t.is(driver.crashes().length, 1);
});

test('loops over a live simulation keep to the host\'s clock', (t) => {
  // As a scenario that runs live does it: runFor() takes its time on the host, and lets host actions in.
  const simulation = new Simulation(options({ a: shellApp }));
  const host = new TestHost().at(30_000, keys('echo x\n'));
  new LiveDriver(simulation, host);
  simulation.runFor(20_000);
  t.is(host.time, 5_020_000);
  t.is(simulation.now, 20_000);
  simulation.runUntil(50_000);
  t.is(host.time, 5_050_000);
  t.is(simulation.now, 50_000);
  t.regex(simulation.node('a').console, /\nx\n> $/);
  t.false(simulation.stuck);
});
