// RIOT's unit tests tests-ztimer, written anew on a board whose virtual time the test moves: RIOT's mock clock.
//
// Left out: mock_now16, now8 and now3, and what is only the extension of a narrow counter (the board's counter has 32
// bits or more); convert_muldiv64_now and set_speedup (no clock here is faster than the one below it, or has a ratio
// that is not a whole number); ondemand (module ztimer_ondemand is not in an image: the clocks always run), and the
// offsets and the target that the mock clock keeps (nothing of that kind is visible here: the alarm is).
import test from 'ava';
import {
  ZTIMER_MSEC, ZTIMER_USEC, type ztimer_clock_t, ztimer_is_set, ztimer_now, ztimer_remove, ztimer_set, ztimer_t,
} from '../../../kernel/ztimer.ts';
import { TestBoard } from '../../kernel/harness.ts';

/** A board that tells when its alarm is due. */
class AlarmBoard extends TestBoard {
  alarm: number | null = null;

  override setAlarm(at: number | null): void {
    this.alarm = at;
    super.setAlarm(at);
  }
}

/** A clock whose time moves when it is told to. */
class MockClock {
  private readonly board = new AlarmBoard(function* () {}, { config: { CONFIG_ZTIMER_USEC_MIN: 1 } }).run();
  private readonly clock: ztimer_clock_t;
  /** How often any of its timers has fired. */
  fired = 0;

  constructor(clock: ztimer_clock_t) {
    this.clock = clock;
  }

  timer(): ztimer_t {
    return new ztimer_t(() => void this.fired++);
  }

  now(clock = this.clock): number {
    return this.board.kernel.run(() => ztimer_now(clock));
  }

  set(timer: ztimer_t, val: number): void {
    this.board.kernel.run(() => ztimer_set(this.clock, timer, val));
  }

  remove(timer: ztimer_t): boolean {
    return this.board.kernel.run(() => ztimer_remove(this.clock, timer));
  }

  isSet(timer: ztimer_t): boolean {
    return this.board.kernel.run(() => ztimer_is_set(this.clock, timer));
  }

  /** Lets so many microseconds pass; returns how often timers have fired since the beginning. */
  advance(us: number): number {
    this.board.run(this.board.time + us);
    return this.fired;
  }

  /** When the board's alarm is due, µs; null without one. */
  get alarm(): number | null {
    const { alarm, time } = this.board;
    return alarm !== null && alarm > time ? alarm : null;
  }
}

test('mock_now32: the clock follows the time, and wraps at 2^32', (t) => {
  // Any error of the conversion to 32 bits shows in the last two.
  const clock = new MockClock(ZTIMER_USEC);
  t.is(clock.now(), 0);
  const times = [123, 0x10000000 - 123, 0x98765432, 0x41234567, 0x40000000].map((us) => {
    clock.advance(us);
    return clock.now();
  });
  t.deepEqual(times, [123, 0x10000000, 0xa8765432, 0xe9999999, 0x29999999]);
});

test('mock_set32: a timer fires once, at its time and not before', (t) => {
  // Short and very long times, set before, after and between; a removed one does not fire.
  const clock = new MockClock(ZTIMER_USEC);
  const alarm = clock.timer();
  clock.set(alarm, 1000);
  t.deepEqual([1, 100, 898].map((us) => clock.advance(us)), [0, 0, 0]);
  t.is(clock.now(), 999);
  t.deepEqual([1, 1, 1000].map((us) => clock.advance(us)), [1, 1, 1]);
  clock.set(alarm, 3);
  t.is(clock.advance(999), 2);
  clock.set(alarm, 4000001000);
  t.deepEqual([1000, 4000000000].map((us) => clock.advance(us)), [2, 3]);
  t.is(clock.now(), 4000004000);
  clock.set(alarm, 15);
  t.is(clock.advance(14), 3);
  t.true(clock.remove(alarm));
  t.is(clock.advance(1000), 3);
});

test('mock_set16: times around 2^16 and far behind it', (t) => {
  // What RIOT checks of a counter that overflows on the way.
  const clock = new MockClock(ZTIMER_USEC);
  const alarm = clock.timer();
  clock.set(alarm, 1000);
  t.deepEqual([1, 100, 898, 1, 1, 1000].map((us) => clock.advance(us)), [0, 0, 0, 1, 1, 1]);
  clock.set(alarm, 0xffff);
  t.is(clock.advance(0x10000), 2);
  t.is(clock.now(), 67537);
  clock.set(alarm, 0xffff);
  t.is(clock.advance(0x10000000), 3);
  clock.set(alarm, 0x10001);
  t.deepEqual([1, 0xffff, 1].map((us) => clock.advance(us)), [3, 3, 4]);
  t.is(clock.now(), 0x100207d2);
});

test('mock_is_set: a timer is set until it has fired', (t) => {
  // Two timers, asked at each step.
  const clock = new MockClock(ZTIMER_USEC);
  const [a, b] = [clock.timer(), clock.timer()];
  clock.set(a, 1000);
  clock.set(b, 2000);
  const states = (): [number, boolean, boolean] => [clock.fired, clock.isSet(a), clock.isSet(b)];
  t.deepEqual(states(), [0, true, true]);
  clock.advance(1000);
  t.deepEqual(states(), [1, false, true]);
  clock.advance(1000);
  t.deepEqual(states(), [2, false, false]);
});

test('mock_remove: removing timers leaves the times of the others as they were', (t) => {
  // A timer between, one that has fired, and the last one are removed; the board's alarm tells who is next.
  const clock = new MockClock(ZTIMER_USEC);
  const alarms = [1, 2, 3, 4].map(() => clock.timer());
  alarms.forEach((alarm, i) => clock.set(alarm, (i + 1) * 1000));
  t.is(clock.alarm, 1000);
  t.true(clock.remove(alarms[1]));
  t.is(clock.alarm, 1000);
  t.is(clock.advance(1000), 1);
  t.is(clock.alarm, 3000);
  t.false(clock.remove(alarms[0]));
  t.is(clock.alarm, 3000);
  t.true(clock.remove(alarms[3]));
  t.is(clock.alarm, 3000);
  t.is(clock.advance(3000), 2);
  t.is(clock.alarm, null);
});

test('convert_set_slowdown: a clock a thousand times slower fires at whole ticks from the call', (t) => {
  // ZTIMER_MSEC over ZTIMER_USEC; the last timer is longer than the faster clock's 32 bits, but fires in time though
  // the slower clock has gained most of a tick by then.
  const clock = new MockClock(ZTIMER_MSEC);
  const timer = clock.timer();
  const nows = (): [fast: number, slow: number, fired: number] => [clock.now(ZTIMER_USEC), clock.now(), clock.fired];
  t.deepEqual(nows(), [0, 0, 0]);
  clock.set(timer, 1);
  clock.advance(999);
  t.deepEqual(nows(), [999, 0, 0]);
  clock.advance(1);
  t.deepEqual(nows(), [1000, 1, 1]);
  clock.set(timer, 4294968);
  clock.advance(0xffffffff);
  t.deepEqual(nows(), [999, 4294968, 1]);
  clock.advance(704);
  t.deepEqual(nows(), [1703, 4294969, 1]);
  clock.advance(1);
  t.deepEqual(nows(), [1704, 4294969, 2]);
});

test('convert_now: the slower clock shows whole ticks of the faster one, rounded down', (t) => {
  // At every microsecond around 2^16 and before 2^32.
  for (const start of [0, 0xfff0, 0xfffff000]) {
    const clock = new MockClock(ZTIMER_MSEC);
    clock.advance(start);
    const wrong: number[] = [];
    for (let us = start; us < Math.min(start + 0x2000, 2 ** 32); us++) {
      if (clock.now() !== Math.floor(us / 1000)) wrong.push(us);
      clock.advance(1);
    }
    t.deepEqual(wrong, []);
  }
});

test('each overflow of the faster clock makes the slower one gain the rest of a tick', (t) => {
  // What RIOT's ztimer_convert_frac over ztimer_mock answers at these times: after five overflows of 2^32 the slower
  // clock is five times 4,294,968 ahead, not 4,294,967.296.
  const clock = new MockClock(ZTIMER_MSEC);
  clock.advance(2199);
  const nows = [0, 1, 2, 3, 4, 5].map((overflows) => {
    if (overflows > 0) clock.advance(2 ** 32);
    return clock.now();
  });
  t.deepEqual(nows, [2, 4294970, 8589938, 12884906, 17179874, 21474842]);
});

test('a timer of the slower clock across an overflow fires in time, or early if another one is set', (t) => {
  // As ztimer_convert_frac over ztimer_mock: 10 ms from 4294967294 end at 9998. Setting another timer after the
  // overflow has the clock count what is left anew, in its ticks.
  for (const [other, due] of [[false, 9998], [true, 9000]] as const) {
    const clock = new MockClock(ZTIMER_MSEC);
    clock.advance(4294967294);
    clock.set(clock.timer(), 10);
    t.is(clock.advance(2002), 0);
    t.deepEqual([clock.now(ZTIMER_USEC), clock.now()], [2000, 4294970]);
    if (other) clock.set(clock.timer(), 1000);
    t.is(clock.advance(due - 2001), 0);
    t.is(clock.advance(1), 1);
  }
});
