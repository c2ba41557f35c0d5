// Periodic timers (RIOT sys/include/ztimer/periodic.h).
import type { Blocking } from '../blocking.ts';
import { ZTIMER_USEC, type ztimer_clock_t, ztimer_now, ztimer_remove, ztimer_set, ztimer_t } from '../ztimer.ts';

/** What the callback returns to be called again. */
export const ZTIMER_PERIODIC_KEEP_GOING = true;
/** What the callback returns to be called no more. */
export const ZTIMER_PERIODIC_STOP = false;

/** Runs in interrupt context. */
export type ztimer_periodic_callback_t<T> = (arg: T) => boolean | Blocking<boolean>;

/**
 * A timer that calls `callback(arg)` each `interval` ticks. Without arguments it is one for `ztimer_periodic_init()`.
 * T is `any` by default: it is C's `void *`, whose type whoever sets the callback knows.
 */
export class ztimer_periodic_t<T = any> {
  readonly timer: ztimer_t<ztimer_periodic_t<T>>;
  clock: ztimer_clock_t;
  interval: number;
  /** When it was or will be due last, in ticks. */
  last = 0;
  callback: ztimer_periodic_callback_t<T>;
  arg: T | null;

  /** As `ztimer_periodic_init()`; set it going with `ztimer_periodic_start()`. */
  constructor(
    clock: ztimer_clock_t = ZTIMER_USEC, callback: ztimer_periodic_callback_t<T> = stop, arg: T | null = null,
    interval = 0,
  ) {
    this.clock = clock;
    this.callback = callback;
    this.arg = arg;
    this.interval = interval;
    this.timer = new ztimer_t<ztimer_periodic_t<T>>(due, this);
  }
}

/** Sets up a timer, whatever it was; one that runs is stopped. It does not start. */
export function ztimer_periodic_init<T>(
  clock: ztimer_clock_t, timer: ztimer_periodic_t<T>, callback: ztimer_periodic_callback_t<T>, arg: T,
  interval: number,
): void {
  ztimer_periodic_stop(timer);
  timer.clock = clock;
  timer.callback = callback;
  timer.arg = arg;
  timer.interval = interval;
  timer.last = 0;
}

/** Starts: the first call is after one interval. */
export function ztimer_periodic_start<T>(timer: ztimer_periodic_t<T>): void {
  const now = ztimer_set(timer.clock, timer.timer, timer.interval);
  timer.last = (now + timer.interval) >>> 0;
}

/** Starts: the first call is as soon as possible. */
export function ztimer_periodic_start_now<T>(timer: ztimer_periodic_t<T>): void {
  timer.last = ztimer_set(timer.clock, timer.timer, 0);
}

/** Stops; may be started again. */
export function ztimer_periodic_stop<T>(timer: ztimer_periodic_t<T>): void {
  ztimer_remove(timer.clock, timer.timer);
}

function stop(): boolean {
  return ZTIMER_PERIODIC_STOP;
}

function* due<T>(timer: ztimer_periodic_t<T>): Blocking<void> {
  const result = timer.callback(timer.arg as T);
  const again = typeof result === 'boolean' ? result : yield* result;
  const target = (timer.last + timer.interval) >>> 0;
  timer.last = target;
  if (again !== ZTIMER_PERIODIC_KEEP_GOING) return;
  const offset = (target - ztimer_now(timer.clock)) >>> 0;
  ztimer_set(timer.clock, timer.timer, offset > timer.interval ? 0 : offset);
}
