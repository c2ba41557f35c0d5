// Timers (RIOT sys/include/ztimer.h). ZTIMER_USEC runs on the board's 1 MHz timer; ZTIMER_MSEC and
// ZTIMER_SEC are fractions of it (ztimer_convert_frac), as on boards that use no RTC for them: what
// they set is rounded down to their own tick each time their first timer changes.
import type { Blocking } from './blocking.ts';
import { cpu_spend } from './cpu.ts';
import { current, perBoard } from './current.ts';
import { ECANCELED, ETIME, ETIMEDOUT } from './errno.ts';
import { invariant } from './invariant.ts';
import type { Kernel } from './kernel.ts';
import { type mbox_t, mbox_get } from './mbox.ts';
import { msg_receive, msg_send_int, msg_t, msg_try_receive } from './msg.ts';
import {
  MUTEX_INIT_LOCKED, type mutex_cancel_t, type mutex_t, mutex_cancel, mutex_cancel_init, mutex_lock,
  mutex_lock_cancelable, mutex_trylock, mutex_unlock,
} from './mutex.ts';
import { assert } from './panic.ts';
import { type rmutex_t, rmutex_trylock } from './rmutex.ts';
import { STATUS_PENDING, sched_set_status } from './sched.ts';
import { thread_get_active, thread_getpid, thread_list_remove, thread_wakeup } from './thread.ts';
import { THREAD_FLAG_TIMEOUT, thread_flags_clear, thread_flags_set } from './thread_flags.ts';
import type { kernel_pid_t, thread_t } from './thread_t.ts';
import { type TimerEntry, TimerHeap } from './timer_heap.ts';

/** The type of the message that `ztimer_msg_receive_timeout()` sends itself. */
export const MSG_ZTIMER = 0xc83e;

/** What the clock at the bottom counts up to. */
const SPAN = 2 ** 32;

/** A clock: which of a board's clocks is meant. */
export interface ztimer_clock_t {
  readonly name: string;
  /** Length of its tick in microseconds. */
  readonly tick: number;
  readonly index: number;
}

/** Ticks of 1 µs. */
export const ZTIMER_USEC: ztimer_clock_t = { name: 'ZTIMER_USEC', tick: 1, index: 0 };
/** Ticks of 1 ms. */
export const ZTIMER_MSEC: ztimer_clock_t = { name: 'ZTIMER_MSEC', tick: 1000, index: 1 };
/** Ticks of 1 s. */
export const ZTIMER_SEC: ztimer_clock_t = { name: 'ZTIMER_SEC', tick: 1_000_000, index: 2 };

/** A point in time of a clock: 32 bits, wraps. */
export type ztimer_now_t = number;

/** Runs in interrupt context when a timer is due. */
export type ztimer_callback_t<T> = (arg: T) => undefined | Blocking<void>;

/**
 * A timer: what happens when it is due. The other fields belong to the clock. Without arguments it
 * is one for `ztimer_set_msg()` and its like, which fill in what happens. T is `any` by default: it
 * is C's `void *`, whose type whoever sets the callback knows.
 */
export class ztimer_t<T = any> implements TimerEntry {
  callback: ztimer_callback_t<T>;
  arg: T | null;
  target = 0;
  order = 0;
  place = -1;

  constructor(callback: ztimer_callback_t<T> = nothing, arg: T | null = null) {
    this.callback = callback;
    this.arg = arg;
  }

  fire(): undefined | Blocking<void> {
    return this.callback(this.arg as T);
  }
}

function nothing(): undefined {
  return undefined;
}

/** One clock of one board. */
class Clock implements TimerEntry {
  readonly kernel: Kernel;
  readonly heap = new TimerHeap();
  readonly tick: number;
  /** The clock this one is a fraction of, in whose heap it is a timer itself; null for the first. */
  readonly lower: Clock | null;
  private handling = false;
  private armed: number | null = null;
  target = 0;
  order = 0;
  place = -1;

  constructor(kernel: Kernel, tick: number, lower: Clock | null) {
    this.kernel = kernel;
    this.tick = tick;
    this.lower = lower;
  }

  /**
   * Ticks since the board booted. A fraction loses the rest of a tick each time the 32 bits of the clock below it
   * overflow: it counts that tick as a whole one, as ztimer_convert_frac does, and so gains 0.7 ms in 71 minutes.
   */
  now(): number {
    const us = this.kernel.platform.now() - this.kernel.bootTime;
    if (this.tick === 1) return us;
    if (us < SPAN) return Math.floor(us / this.tick);
    const overflows = Math.floor(us / SPAN);
    return overflows * (Math.floor((SPAN - 1) / this.tick) + 1) + Math.floor((us - overflows * SPAN) / this.tick);
  }

  set(timer: TimerEntry, ticks: number): number {
    const now = this.now();
    this.heap.remove(timer);
    this.heap.add(timer, now + ticks);
    this.update();
    return now;
  }

  remove(timer: TimerEntry): boolean {
    if (!this.heap.remove(timer)) return false;
    this.update();
    return true;
  }

  fire(): undefined {
    this.handle();
  }

  /** Fires what is due; runs in interrupt context, where nothing can wait. */
  handle(): undefined {
    this.armed = null;
    this.handling = true;
    const now = this.now();
    let first = this.heap.first();
    while (first !== null && first.target <= now) {
      this.heap.remove(first);
      const steps = first.fire();
      if (steps !== undefined && steps.next().done !== true) invariant(false, 'the callback of a timer yielded');
      first = this.heap.first();
    }
    this.handling = false;
    this.update();
  }

  /** Arms the lower clock or the board's alarm for the first timer, counted from now. */
  private update(): void {
    if (this.handling) return;
    const first = this.heap.first();
    if (this.lower !== null) {
      if (first === null) this.lower.remove(this);
      else this.lower.set(this, Math.max(0, first.target - this.now()) * this.tick);
      return;
    }
    const alarm = first === null ? null : this.alarmFor(first.target);
    if (alarm === this.armed) return;
    this.armed = alarm;
    this.kernel.platform.setAlarm(alarm);
  }

  private alarmFor(target: number): number {
    const { kernel } = this;
    const soonest = kernel.platform.now() + kernel.config.CONFIG_ZTIMER_USEC_MIN;
    return Math.max(kernel.bootTime + target, soonest);
  }
}

const clocks = perBoard(makeClocks, { bytes: 160 });

function makeClocks(): readonly Clock[] {
  const kernel = current();
  const usec = new Clock(kernel, ZTIMER_USEC.tick, null);
  kernel.onAlarm = () => usec.handle();
  return [
    usec,
    new Clock(kernel, ZTIMER_MSEC.tick, usec),
    new Clock(kernel, ZTIMER_SEC.tick, usec),
  ];
}

/** Starts the clocks (auto_init); the first use of one does so too. */
export function ztimer_init(): void {
  clocks();
}

/** Ticks of `clock` since the board booted, modulo 2^32. */
export function ztimer_now(clock: ztimer_clock_t): ztimer_now_t {
  current().countCall();
  return clocks()[clock.index].now() >>> 0;
}

/**
 * Has the timer fire in `val` ticks; one that is set already is moved. Timers of one instant fire
 * in the order in which they were set; 0 fires as soon as the board's timer can, never at once.
 * @param val 0 to 2^32 - 1
 * @returns `ztimer_now()` at the call
 */
export function ztimer_set(clock: ztimer_clock_t, timer: ztimer_t, val: number): ztimer_now_t {
  current().countCall();
  return clocks()[clock.index].set(timer, val >>> 0) >>> 0;
}

/** `ztimer_now()` that does not wrap: for xtimer's 64 bits. */
export function ztimer_now_long(clock: ztimer_clock_t): number {
  current().countCall();
  return clocks()[clock.index].now();
}

/** `ztimer_set()` for more than 32 bits: for xtimer's 64 bits. */
export function ztimer_set_long(clock: ztimer_clock_t, timer: ztimer_t, ticks: number): void {
  current().countCall();
  clocks()[clock.index].set(timer, ticks);
}

/** Takes the timer back. Returns whether it was set. */
export function ztimer_remove(clock: ztimer_clock_t, timer: ztimer_t): boolean {
  current().countCall();
  return clocks()[clock.index].remove(timer);
}

/** Whether the timer is set and has not fired. */
export function ztimer_is_set(clock: ztimer_clock_t, timer: ztimer_t): boolean {
  return clocks()[clock.index].heap.has(timer);
}

/** Keeps the clock running (module ztimer_ondemand); here it always does: false. */
export function ztimer_acquire(_clock: ztimer_clock_t): boolean {
  return false;
}

/** Ends `ztimer_acquire()`. False: the clock runs on. */
export function ztimer_release(_clock: ztimer_clock_t): boolean {
  return false;
}

/** Sleeps for `duration` ticks; not in an interrupt handler: asserted. */
export function ztimer_sleep(clock: ztimer_clock_t, duration: number): Blocking<void> {
  assert(!current().inInterrupt, 'sys/ztimer/util.c:45');
  const mutex = MUTEX_INIT_LOCKED();
  ztimer_set(clock, new ztimer_t(mutex_unlock, mutex), duration);
  return mutex_lock(mutex);
}

/**
 * Sleeps until `period` ticks after the last wake-up, and moves `last_wakeup.value` there. If that
 * is over already it becomes now and the call returns at once.
 * @param last_wakeup `value` is `ztimer_now()` before the first call
 */
export function* ztimer_periodic_wakeup(
  clock: ztimer_clock_t, last_wakeup: { value: number }, period: number,
): Blocking<void> {
  const now = ztimer_now(clock);
  const target = (last_wakeup.value + period) >>> 0;
  const offset = (target - now) >>> 0;
  if (offset <= period) {
    yield* ztimer_sleep(clock, offset);
    last_wakeup.value = target;
  } else {
    last_wakeup.value = now;
  }
}

/** Keeps the CPU busy for `duration` ticks. In an interrupt handler no time passes. */
export function* ztimer_spin(clock: ztimer_clock_t, duration: number): Blocking<void> {
  yield* cpu_spend(duration * clock.tick);
}

/**
 * Has `msg` sent to a thread in `offset` ticks, as from an interrupt handler: lost if it does not
 * fit then. `msg` must stay as it is until then; its sender_pid holds the target meanwhile.
 */
export function ztimer_set_msg(
  clock: ztimer_clock_t, timer: ztimer_t, offset: number, msg: msg_t, target_pid: kernel_pid_t,
): void {
  msg.sender_pid = target_pid;
  timer.callback = sendMessage;
  timer.arg = msg;
  ztimer_set(clock, timer, offset);
}

function sendMessage(msg: msg_t): undefined {
  msg_send_int(msg, msg.sender_pid);
}

/**
 * Waits for a message, at most `timeout` ticks.
 * @returns 1      a message is in `msg`
 * @returns -ETIME none came in time
 */
export function* ztimer_msg_receive_timeout(
  clock: ztimer_clock_t, msg: msg_t, timeout: number,
): Blocking<number> {
  if ((yield* msg_try_receive(msg)) === 1) return 1;
  const timer = new ztimer_t();
  const m = new msg_t();
  m.type = MSG_ZTIMER;
  m.content.ptr = m;
  ztimer_set_msg(clock, timer, timeout, m, thread_getpid());
  yield* msg_receive(msg);
  ztimer_remove(clock, timer);
  return msg.type === MSG_ZTIMER && msg.content.ptr === m ? -ETIME : 1;
}

/**
 * Waits for a message in a mailbox, at most `timeout` ticks.
 * @returns 0          a message is in `msg`
 * @returns -ETIMEDOUT none came in time
 */
export function* ztimer_mbox_get_timeout(
  clock: ztimer_clock_t, mbox: mbox_t, msg: msg_t, timeout: number,
): Blocking<number> {
  const data = { mbox, thread: thread_get_active(), status: 0 };
  const timer = new ztimer_t(mboxTimeout, data);
  ztimer_set(clock, timer, timeout);
  yield* mbox_get(mbox, msg);
  ztimer_remove(clock, timer);
  return data.status;
}

function mboxTimeout(data: { mbox: mbox_t; thread: thread_t | null; status: number }): undefined {
  const { mbox, thread } = data;
  // Not in the list: a message came at the same instant and wins.
  if (thread === null || !thread_list_remove(mbox.readers, thread)) return;
  sched_set_status(thread, STATUS_PENDING);
  current().contextSwitchRequest = true;
  data.status = -ETIMEDOUT;
}

/** Has THREAD_FLAG_TIMEOUT of the caller set in `timeout` ticks; clears it now. */
export function ztimer_set_timeout_flag(
  clock: ztimer_clock_t, timer: ztimer_t, timeout: number,
): void {
  const thread = thread_get_active();
  assert(thread !== null, 'sys/ztimer/util.c: no thread runs');
  timer.callback = setTimeoutFlag;
  timer.arg = thread;
  thread_flags_clear(THREAD_FLAG_TIMEOUT);
  ztimer_set(clock, timer, timeout);
}

function setTimeoutFlag(thread: thread_t): Blocking<void> {
  return thread_flags_set(thread, THREAD_FLAG_TIMEOUT);
}

/** Has a mutex unlocked in `offset` ticks. */
export function ztimer_mutex_unlock(
  clock: ztimer_clock_t, timer: ztimer_t, offset: number, mutex: mutex_t,
): void {
  timer.callback = mutex_unlock;
  timer.arg = mutex;
  ztimer_set(clock, timer, offset);
}

/** Has a sleeping thread woken in `offset` ticks. */
export function ztimer_set_wakeup(
  clock: ztimer_clock_t, timer: ztimer_t, offset: number, pid: kernel_pid_t,
): void {
  ztimer_remove(clock, timer);
  timer.callback = wakeup;
  timer.arg = pid;
  ztimer_set(clock, timer, offset);
}

function* wakeup(pid: kernel_pid_t): Blocking<void> {
  yield* thread_wakeup(pid);
}

/**
 * Locks a mutex; waits at most `timeout` ticks.
 * @returns 0          the caller holds it
 * @returns -ECANCELED it stayed locked
 */
export function* ztimer_mutex_lock_timeout(
  clock: ztimer_clock_t, mutex: mutex_t, timeout: number,
): Blocking<number> {
  if (mutex_trylock(mutex) === 1) return 0;
  const mc: mutex_cancel_t = mutex_cancel_init(mutex);
  const timer = new ztimer_t(mutex_cancel, mc);
  ztimer_set(clock, timer, timeout);
  if ((yield* mutex_lock_cancelable(mc)) !== 0) return -ECANCELED;
  ztimer_remove(clock, timer);
  return 0;
}

/**
 * Locks a recursive mutex; waits at most `timeout` ticks.
 * @returns 0          the caller holds it, once more if it did already
 * @returns -ECANCELED another thread kept it
 */
export function* ztimer_rmutex_lock_timeout(
  clock: ztimer_clock_t, rmutex: rmutex_t, timeout: number,
): Blocking<number> {
  if (rmutex_trylock(rmutex) === 1) return 0;
  if ((yield* ztimer_mutex_lock_timeout(clock, rmutex.mutex, timeout)) !== 0) return -ECANCELED;
  rmutex.owner = thread_getpid();
  rmutex.refcount++;
  return 0;
}
