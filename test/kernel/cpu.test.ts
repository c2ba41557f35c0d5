import test from 'ava';
import { cores, cpuCosts } from '../../boards/cores.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { type CpuCosts, cpu_charge, cpu_cost, cpu_owe, cpu_spend, cpu_timed } from '../../kernel/cpu.ts';
import { current } from '../../kernel/current.ts';
import { irq_disable, irq_restore } from '../../kernel/irq.ts';
import { msg_receive, msg_send, msg_t } from '../../kernel/msg.ts';
import { putchar, puts } from '../../kernel/stdio.ts';
import { thread_create, thread_yield } from '../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_set, ztimer_sleep, ztimer_t } from '../../kernel/ztimer.ts';
import { TestBoard, type TestBoardOptions } from './harness.ts';

const STACK = { length: 1024 };

/** A samr21-xpro: Cortex-M0+ at 48 MHz, no idle thread, a console that takes 87 µs a character. */
const SAMR21: TestBoardOptions = { idleThread: false, costs: cpuCosts('Cortex-M0+', 48, 87)! };

/** Costs of one kind only. */
function only(costs: Partial<CpuCosts>): TestBoardOptions {
  const none = Object.fromEntries(Object.keys(SAMR21.costs!).map((kind) => [kind, 0])) as unknown as CpuCosts;
  return { idleThread: false, costs: { ...none, ...costs } };
}

function now(): number {
  return current().platform.now();
}

/** Runs `main` and what it notes: pairs of virtual time and a word. */
function notes(
  main: (note: (what: string) => void) => Blocking<unknown>, options: TestBoardOptions,
): [number, string][] {
  const noted: [number, string][] = [];
  new TestBoard(() => main((what) => void noted.push([now(), what])), options).run();
  return noted;
}

test('a P-256 key generation on a samr21-xpro takes about 6 s', (t) => {
  // The figure is a measurement on the board; the time is the virtual clock's before and after.
  const [before, after] = notes(function* (note) {
    yield* thread_yield();
    note('begin');
    yield* cpu_charge('p256_keygen', 1);
    note('end');
  }, SAMR21);
  t.is(after![0] - before![0], 6_000_000);
});

test('while a key generation runs, interrupts and threads of higher priority run at their own microsecond', (t) => {
  // The ticker is due every 100,007 µs; the charge of 6 s must neither delay it nor be shortened by it.
  const ticks: number[] = [];
  const board = new TestBoard(function* () {
    yield* thread_create(STACK, STACK.length, 3, 0, function* () {
      for (let i = 0; i < 50; i++) {
        yield* ztimer_sleep(ZTIMER_USEC, 100_007);
        ticks.push(now());
        yield* cpu_spend(1000);
      }
    }, null, 'ticker');
    const begin = now();
    yield* cpu_charge('p256_sign', 1);
    t.is(now() - begin, 6_000_000 + 50 * 1000);
  }, only({ p256_sign: 6_000_000 }));
  const interrupts: number[] = [];
  for (let at = 1; at < 5_000_000; at += 333_333) {
    board.interruptAt(at, () => void interrupts.push(board.time - at));
  }
  board.run();
  t.is(ticks.length, 50);
  ticks.forEach((tick, i) => t.is(tick, (i + 1) * 100_007 + i * 1000));
  t.deepEqual(new Set(interrupts), new Set([0]));
});

test('a timer that expires within a charge fires at its own microsecond', (t) => {
  // Timers from the first to the last microsecond of a charge and one behind it; the shortest wait is set to 1 µs.
  const fired: number[] = [];
  const ended = notes(function* (note) {
    for (const at of [1, 2, 499, 500, 999, 1000, 1001]) {
      ztimer_set(ZTIMER_USEC, new ztimer_t(() => void fired.push(now())), at);
    }
    yield* cpu_spend(1000);
    note('end');
  }, { ...only({}), config: { CONFIG_ZTIMER_USEC_MIN: 1 } });
  t.deepEqual(fired, [1, 2, 499, 500, 999, 1000, 1001]);
  t.deepEqual(ended, [[1000, 'end']]);
});

test('a thread of lower priority waits until a charge is over', (t) => {
  // It was there first, and the CPU is busy.
  const noted = notes(function* (note) {
    yield* thread_create(STACK, STACK.length, 8, 0, function* () {
      note('lower');
    }, null, 'lower');
    note('begin');
    yield* cpu_spend(700);
    note('end');
  }, only({}));
  t.deepEqual(noted, [[0, 'begin'], [700, 'end'], [700, 'lower']]);
});

test('printf on a UART board takes 87 µs a character of its caller', (t) => {
  // Nine characters and a newline. The text is there at once; the time passes at the next kernel call.
  const noted = notes(function* (note) {
    yield* thread_yield();
    puts('123456789');
    putchar(0x21);
    note('printed');
    yield* thread_yield();
    note('on');
  }, only({ uart_char: 87 }));
  const begin = noted[0]![0];
  t.deepEqual(noted, [[begin, 'printed'], [begin + 11 * 87, 'on']]);
});

test('a thread that prints and then waits has printed first: lower threads run when that is over', (t) => {
  // Waiting pays no debt. The message comes later than the characters need, so its receiver is not late.
  const noted = notes(function* (note) {
    const receiver = yield* thread_create(STACK, STACK.length, 5, 0, function* () {
      puts('0123456789');
      yield* msg_receive(new msg_t());
      note('received');
    }, null, 'receiver');
    note('main');
    yield* ztimer_sleep(ZTIMER_USEC, 10_000);
    yield* msg_send(new msg_t(), receiver as number);
  }, only({ uart_char: 100 }));
  const main = noted[0]![0];
  // main printed the start line of 100 characters or so itself, before.
  t.deepEqual(noted.map(([time, what]) => [time - main, what]), [[0, 'main'], [10_000, 'received']]);
  t.is(main % 100, 0);
  t.true(main >= 1100);
});

test('a thread that is woken while it still owes time goes on when that is paid', (t) => {
  // The timer wakes it after 50 of 1,000 µs.
  const noted = notes(function* (note) {
    cpu_owe(1000);
    yield* ztimer_sleep(ZTIMER_USEC, 50);
    note('awake');
  }, only({}));
  t.deepEqual(noted, [[1000, 'awake']]);
});

test('a thread of higher priority interrupts a debt, and the rest is paid afterwards', (t) => {
  // 1,000 µs are owed at priority 5; at 400 the thread of priority 3 takes 200 for itself.
  const noted = notes(function* (note) {
    yield* thread_create(STACK, STACK.length, 3, 0, function* () {
      yield* ztimer_sleep(ZTIMER_USEC, 400);
      note('high');
      yield* cpu_spend(200);
      note('high done');
    }, null, 'high');
    yield* thread_create(STACK, STACK.length, 5, 0, function* () {
      cpu_owe(1000);
      yield* msg_receive(new msg_t());
    }, null, 'debtor');
    note('main');
  }, only({}));
  t.deepEqual(noted, [[400, 'high'], [600, 'high done'], [1200, 'main']]);
});

test('each switch to another thread costs the core its cycles', (t) => {
  // Two threads that yield to each other; a Cortex-M0+ at 48 MHz needs 273 cycles, 5.6875 µs, a switch.
  const switches = 1000;
  const board = new TestBoard(function* () {
    let left = switches;
    function* player(): Blocking<void> {
      while (left-- > 0) yield* thread_yield();
    }
    yield* thread_create(STACK, STACK.length, 5, 4, player, null, 'a');
    yield* thread_create(STACK, STACK.length, 5, 4, player, null, 'b');
  }, only({ context_switch: 273 / 48 })).run();
  const perSwitch = board.time / switches;
  t.true(perSwitch > 5.68 && perSwitch < 5.75, `${perSwitch}`);
});

test('fractions of a microsecond add up over charges', (t) => {
  // A third of a microsecond, three thousand times, is a millisecond; rounding each would give 0 or 3,000.
  const [noted] = notes(function* (note) {
    for (let i = 0; i < 3000; i++) yield* cpu_spend(1 / 3 + 1e-9);
    note('end');
  }, only({}));
  t.is(noted![0], 1000);
});

test('a charge with interrupts disabled is spent at once, and nobody else runs in it', (t) => {
  // As on RIOT time passes within the section, and the better thread that is woken in it runs after it.
  const noted = notes(function* (note) {
    const pid = yield* thread_create(STACK, STACK.length, 5, 0, function* () {
      yield* msg_receive(new msg_t());
      note('better');
    }, null, 'better');
    const state = irq_disable();
    yield* msg_send(new msg_t(), pid);
    yield* cpu_spend(300);
    note('section');
    yield* irq_restore(state);
    note('restored');
  }, only({}));
  t.deepEqual(noted, [[300, 'section'], [300, 'better'], [300, 'restored']]);
});

test('on a host nothing costs anything, and code can tell', (t) => {
  // Native is the fast path: cpu_timed() is what its charge sites ask.
  const board = new TestBoard(function* () {
    t.false(cpu_timed());
    t.is(cpu_cost('p256_verify'), 0);
    puts('x'.repeat(1000));
    yield* cpu_charge('sha256', 1000);
    yield* thread_yield();
  }).run();
  t.is(board.time, 0);
  t.is(board.kernel.cpuTime, 0);
});

test('CPU time spent is counted, and told to the trace as active and sleep in turn', (t) => {
  // The sum of the intervals of the trace is what the kernel counted.
  const times: [number, string][] = [];
  class Watched extends TestBoard {
    override trace(event: { layer: string; type: string; state?: string }): void {
      if (event.type === 'cpu') times.push([this.time, event.state!]);
    }
  }
  const board = new Watched(function* () {
    yield* cpu_spend(100);
    yield* ztimer_sleep(ZTIMER_USEC, 1000);
    yield* cpu_spend(50);
  }, only({}));
  board.tracing = true;
  board.run();
  t.deepEqual(times, [[0, 'active'], [100, 'sleep'], [1100, 'active'], [1150, 'sleep']]);
  t.is(board.kernel.cpuTime, 150);
});

test('every figure of a core is positive and says where it is from; one constant is fitted', (t) => {
  // A user decides by these what to believe.
  const fitted = Object.entries(cores).flatMap(([core, kinds]) => Object.entries(kinds).flatMap(([kind, figure]) => {
    t.true(figure.value > 0 && figure.source !== '' && figure.unit !== '', `${core} ${kind}`);
    return figure.status === 'fitted' ? [[core, figure.value]] : [];
  }));
  t.deepEqual(new Set(fitted.map(([core]) => core)), new Set(['Cortex-M3']));
  t.is(new Set(fitted.map(([, value]) => value)).size, 1);
});
