// Stopwatches (RIOT sys/include/ztimer/stopwatch.h).
import {
  ZTIMER_USEC, type ztimer_clock_t, ztimer_acquire, ztimer_now, type ztimer_now_t, ztimer_release,
} from '../ztimer.ts';

/** A stopwatch. */
export class ztimer_stopwatch_t {
  clock: ztimer_clock_t;
  /** When it was started, in ticks. */
  start_time: ztimer_now_t = 0;

  /** As `ztimer_stopwatch_init()`, or without an argument for it. */
  constructor(clock: ztimer_clock_t = ZTIMER_USEC) {
    this.clock = clock;
  }
}

/** Has the stopwatch count ticks of `clock`. It does not start. */
export function ztimer_stopwatch_init(clock: ztimer_clock_t, timer: ztimer_stopwatch_t): void {
  timer.clock = clock;
}

/** Starts at 0. */
export function ztimer_stopwatch_start(timer: ztimer_stopwatch_t): void {
  ztimer_acquire(timer.clock);
  timer.start_time = ztimer_now(timer.clock);
}

/** Ticks since the start or the last reset, modulo 2^32; it goes on. */
export function ztimer_stopwatch_measure(timer: ztimer_stopwatch_t): number {
  return (ztimer_now(timer.clock) - timer.start_time) >>> 0;
}

/** Starts at 0 again. Returns the ticks until now, modulo 2^32. */
export function ztimer_stopwatch_reset(timer: ztimer_stopwatch_t): number {
  const now = ztimer_now(timer.clock);
  const ticks = (now - timer.start_time) >>> 0;
  timer.start_time = now;
  return ticks;
}

/** Ends the use of the clock. */
export function ztimer_stopwatch_stop(timer: ztimer_stopwatch_t): void {
  ztimer_release(timer.clock);
}
