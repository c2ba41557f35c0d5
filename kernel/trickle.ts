// Trickle timers (RFC 6206; RIOT sys/include/trickle.h). Each interval is twice as long as the one before, up
// to a longest; in each, at a random time of its second half, the timer sends its thread a message, and that
// calls trickle_callback(). Times are milliseconds.
import { type Blocking, type Callback, invoke } from './blocking.ts';
import { msg_t } from './msg_t.ts';
import { assert } from './panic.ts';
import { random_uint32_range } from './random.ts';
import { KERNEL_PID_UNDEF } from './thread_t.ts';
import type { kernel_pid_t } from './thread_t.ts';
import { ZTIMER_MSEC, ztimer_remove, ztimer_set_msg, ztimer_t } from './ztimer.ts';

/** `UINT32_MAX / 2` */
const HALF_SPAN = 0x7fffffff;

/** What a trickle timer calls once an interval, unless enough others have been heard. */
export interface trickle_callback_t<T = unknown> {
  readonly func: Callback<[T]>;
  readonly args: T;
}

/** A trickle timer: the names of its fields are those of RFC 6206 §4.1. */
export class trickle_t<T = unknown> {
  /** Redundancy constant, 8 bits; 0: no limit. */
  k = 0;
  /** Doublings of `Imin` up to the longest interval. */
  Imax = 0;
  /** What has been heard in this interval, 16 bits. */
  c = 0;
  /** The shortest interval, ms. */
  Imin = 0;
  /** This interval, ms. */
  I = 0;
  /** When in this interval the callback is due, ms. */
  t = 0;
  /** The thread that gets the messages. */
  pid: kernel_pid_t = KERNEL_PID_UNDEF;
  callback: trickle_callback_t<T>;
  readonly msg = new msg_t();
  readonly msg_timer = new ztimer_t();

  constructor(callback: trickle_callback_t<T>) {
    this.callback = callback;
  }
}

/**
 * Starts: the first interval is between `Imin` and 4 * `Imin`, and doubled at once.
 * @param pid      the thread that gets the messages and calls `trickle_callback()` on them
 * @param msg_type their type; their `content.ptr` is the timer
 * @param Imin     the shortest interval, ms; above 0: asserted
 * @param Imax     doublings, 0 to 31; `Imin * 2^Imax` below 2^31 - 1: asserted
 * @param k        redundancy constant, 0 to 255
 */
export function trickle_start<T>(
  pid: kernel_pid_t, trickle: trickle_t<T>, msg_type: number, Imin: number, Imax: number, k: number,
): void {
  assert(Imin > 0, 'sys/trickle/trickle.c:73');
  assert((Imin << Imax) >>> 0 < HALF_SPAN, 'sys/trickle/trickle.c:74');
  trickle.c = 0;
  trickle.k = k;
  trickle.Imin = Imin;
  trickle.Imax = Imax;
  trickle.I = random_uint32_range(Imin, (4 * Imin) >>> 0);
  trickle.t = trickle.I;
  trickle.pid = pid;
  trickle.msg.content.ptr = trickle;
  trickle.msg.type = msg_type;
  trickle_interval(trickle);
}

/** Stops; a message that is on its way still arrives. */
export function trickle_stop<T>(trickle: trickle_t<T>): void {
  ztimer_remove(ZTIMER_MSEC, trickle.msg_timer);
}

/**
 * Something inconsistent was heard (RFC 6206 §4.2, 6): the next interval is twice the shortest. The present
 * one must be above the shortest: asserted.
 */
export function trickle_reset_timer<T>(trickle: trickle_t<T>): void {
  assert(trickle.I > trickle.Imin, 'sys/trickle/trickle.c:63');
  trickle_stop(trickle);
  trickle.I = trickle.Imin;
  trickle.t = trickle.Imin;
  trickle_interval(trickle);
}

/** Something consistent was heard: `k` of these in an interval, and the callback is not called in it. */
export function trickle_increment_counter<T>(trickle: trickle_t<T>): void {
  trickle.c = (trickle.c + 1) & 0xffff;
}

/**
 * Begins the next interval when the present one ends, and has the message sent in it. The interval must be
 * above 0: asserted.
 */
export function trickle_interval<T>(trickle: trickle_t<T>): void {
  assert(trickle.I > 0, 'sys/trickle/trickle.c:39');
  const longest = (trickle.Imin << trickle.Imax) >>> 0;
  const rest = trickle.I - trickle.t;
  let half = trickle.I;
  trickle.I *= 2;
  if (trickle.I > longest) {
    trickle.I = longest;
    half = longest >>> 1;
  }
  trickle.c = 0;
  trickle.t = random_uint32_range(half, trickle.I);
  ztimer_set_msg(ZTIMER_MSEC, trickle.msg_timer, trickle.t + rest, trickle.msg, trickle.pid);
}

/** For the thread that got the message: calls back if not enough was heard, and begins the next interval. */
export function* trickle_callback<T>(trickle: trickle_t<T>): Blocking<void> {
  const { func, args } = trickle.callback;
  if (trickle.c < trickle.k || trickle.k === 0) yield* invoke(func, args);
  trickle_interval(trickle);
}
