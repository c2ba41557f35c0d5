// xtimer's names on ztimer (RIOT sys/include/ztimer/xtimer_compat.h): ticks are microseconds.
import type { Blocking } from './blocking.ts';
import type { msg_t } from './msg_t.ts';
import type { mutex_t } from './mutex.ts';
import { assert } from './panic.ts';
import type { rmutex_t } from './rmutex.ts';
import type { kernel_pid_t } from './thread_t.ts';
import {
  ZTIMER_MSEC, ZTIMER_USEC, ztimer_init, ztimer_is_set, ztimer_msg_receive_timeout,
  ztimer_mutex_lock_timeout, ztimer_now, ztimer_now_long, ztimer_periodic_wakeup, ztimer_remove,
  ztimer_rmutex_lock_timeout, ztimer_set, ztimer_set_long, ztimer_set_msg, ztimer_set_timeout_flag,
  ztimer_set_wakeup, ztimer_sleep, ztimer_spin, type ztimer_t,
} from './ztimer.ts';

export { ztimer_t as xtimer_t } from './ztimer.ts';

/** Microseconds, 32 bits. */
export type xtimer_ticks32_t = number;
/** Microseconds; C's 64 bits, exact up to 2^53: 285 years. */
export type xtimer_ticks64_t = number;

const UINT32_MAX = 0xffffffff;
const MS_PER_SEC = 1000;
const US_PER_MS = 1000;

/** Starts the clocks. */
export function xtimer_init(): void {
  ztimer_init();
}

/** Microseconds since the board booted, modulo 2^32. */
export function xtimer_now(): xtimer_ticks32_t {
  return ztimer_now(ZTIMER_USEC);
}

/** Microseconds since the board booted, modulo 2^32. */
export function xtimer_now_usec(): number {
  return ztimer_now(ZTIMER_USEC);
}

/** Microseconds since the board booted. */
export function xtimer_now64(): xtimer_ticks64_t {
  return ztimer_now_long(ZTIMER_USEC);
}

/** Microseconds since the board booted. */
export function xtimer_now_usec64(): number {
  return ztimer_now_long(ZTIMER_USEC);
}

/** Milliseconds since the board booted, modulo 2^32. */
export function xtimer_now_msec(): number {
  return ztimer_now(ZTIMER_MSEC);
}

export function xtimer_ticks(ticks: number): xtimer_ticks32_t {
  return ticks;
}

export function xtimer_usec_from_ticks(ticks: xtimer_ticks32_t): number {
  return ticks;
}

export function xtimer_ticks64(ticks: number): xtimer_ticks64_t {
  return ticks;
}

export function xtimer_usec_from_ticks64(ticks: xtimer_ticks64_t): number {
  return ticks;
}

export function xtimer_ticks_from_usec64(usec: number): xtimer_ticks64_t {
  return usec;
}

/** Rounded up. */
export function xtimer_msec_from_ticks(ticks: xtimer_ticks32_t): number {
  return Math.ceil(ticks / US_PER_MS);
}

export function xtimer_ticks_from_usec(usec: number): xtimer_ticks32_t {
  return usec;
}

/** `a - b`, modulo 2^32. */
export function xtimer_diff(a: xtimer_ticks32_t, b: xtimer_ticks32_t): xtimer_ticks32_t {
  return (a - b) >>> 0;
}

export function xtimer_less(a: xtimer_ticks32_t, b: xtimer_ticks32_t): boolean {
  return a < b;
}

/** `a - b`, with `a` not before `b`. */
export function xtimer_diff64(a: xtimer_ticks64_t, b: xtimer_ticks64_t): xtimer_ticks64_t {
  return a - b;
}

/** The low 32 bits of `a - b`. */
export function xtimer_diff32_64(a: xtimer_ticks64_t, b: xtimer_ticks64_t): xtimer_ticks32_t {
  return (a - b) >>> 0;
}

export function xtimer_less64(a: xtimer_ticks64_t, b: xtimer_ticks64_t): boolean {
  return a < b;
}

/** Sleeps for so many seconds. */
export function* xtimer_sleep(seconds: number): Blocking<void> {
  const most = Math.floor(UINT32_MAX / MS_PER_SEC);
  let left = seconds;
  while (left > most) {
    yield* ztimer_sleep(ZTIMER_MSEC, most * MS_PER_SEC);
    left -= most;
  }
  yield* ztimer_sleep(ZTIMER_MSEC, left * MS_PER_SEC);
}

export function* xtimer_msleep(milliseconds: number): Blocking<void> {
  yield* ztimer_sleep(ZTIMER_MSEC, milliseconds);
}

export function* xtimer_usleep(microseconds: number): Blocking<void> {
  yield* ztimer_sleep(ZTIMER_USEC, microseconds);
}

export function* xtimer_tsleep32(ticks: xtimer_ticks32_t): Blocking<void> {
  yield* ztimer_sleep(ZTIMER_USEC, ticks);
}

/** Sleeps; more than 32 bits go in pieces. */
export function* xtimer_tsleep64(ticks: xtimer_ticks64_t): Blocking<void> {
  let left = ticks;
  while (left > UINT32_MAX) {
    yield* ztimer_sleep(ZTIMER_USEC, UINT32_MAX);
    left -= UINT32_MAX;
  }
  yield* ztimer_sleep(ZTIMER_USEC, left);
}

/** Sleeps; more than 32 bits go in pieces. */
export function* xtimer_usleep64(microseconds: number): Blocking<void> {
  yield* xtimer_tsleep64(microseconds);
}

/** Keeps the CPU busy. */
export function* xtimer_spin(ticks: xtimer_ticks32_t): Blocking<void> {
  yield* ztimer_spin(ZTIMER_USEC, ticks);
}

/** Has the timer fire in `offset` µs. */
export function xtimer_set(timer: ztimer_t, offset: number): void {
  ztimer_set(ZTIMER_USEC, timer, offset);
}

/** Has the timer fire in `offset_us` µs, which may exceed 32 bits. */
export function xtimer_set64(timer: ztimer_t, offset_us: number): void {
  ztimer_set_long(ZTIMER_USEC, timer, offset_us);
}

/** Microseconds until the timer fires; 0 if it is not set. */
export function xtimer_left_usec(timer: ztimer_t): number {
  return xtimer_is_set(timer) ? Math.max(0, timer.target - xtimer_now_usec64()) : 0;
}

export function xtimer_remove(timer: ztimer_t): void {
  ztimer_remove(ZTIMER_USEC, timer);
}

export function xtimer_is_set(timer: ztimer_t): boolean {
  return ztimer_is_set(ZTIMER_USEC, timer);
}

/** See `ztimer_set_msg()`. */
export function xtimer_set_msg(
  timer: ztimer_t, offset: number, msg: msg_t, target_pid: kernel_pid_t,
): void {
  ztimer_set_msg(ZTIMER_USEC, timer, offset, msg, target_pid);
}

/** As `xtimer_set_msg()`; `offset` may exceed 32 bits. */
export function xtimer_set_msg64(
  timer: ztimer_t, offset: number, msg: msg_t, target_pid: kernel_pid_t,
): void {
  xtimer_set_msg(timer, 0, msg, target_pid);
  xtimer_set64(timer, offset);
}

/** See `ztimer_set_wakeup()`. */
export function xtimer_set_wakeup(timer: ztimer_t, offset: number, pid: kernel_pid_t): void {
  ztimer_set_wakeup(ZTIMER_USEC, timer, offset, pid);
}

/** As `xtimer_set_wakeup()`; `offset` may exceed 32 bits. */
export function xtimer_set_wakeup64(timer: ztimer_t, offset: number, pid: kernel_pid_t): void {
  xtimer_set_wakeup(timer, 0, pid);
  xtimer_set64(timer, offset);
}

/** See `ztimer_set_timeout_flag()`. */
export function xtimer_set_timeout_flag(timer: ztimer_t, timeout: number): void {
  ztimer_set_timeout_flag(ZTIMER_USEC, timer, timeout);
}

/** As `xtimer_set_timeout_flag()`; more than 32 bits are asserted against. */
export function xtimer_set_timeout_flag64(timer: ztimer_t, timeout: number): void {
  assert(timeout <= UINT32_MAX, 'sys/include/ztimer/xtimer_compat.h:360');
  ztimer_set_timeout_flag(ZTIMER_USEC, timer, timeout);
}

/** See `ztimer_periodic_wakeup()`. */
export function* xtimer_periodic_wakeup(
  last_wakeup: { value: xtimer_ticks32_t }, period: number,
): Blocking<void> {
  yield* ztimer_periodic_wakeup(ZTIMER_USEC, last_wakeup, period);
}

/** Waits for a message, at most `timeout` µs. Returns 1, or -ETIME if none came. */
export function* xtimer_msg_receive_timeout(msg: msg_t, timeout: number): Blocking<number> {
  return yield* ztimer_msg_receive_timeout(ZTIMER_USEC, msg, timeout);
}

/** As `xtimer_msg_receive_timeout()`; `timeout` may exceed 32 bits. */
export function* xtimer_msg_receive_timeout64(msg: msg_t, timeout: number): Blocking<number> {
  let left = timeout;
  while (left > UINT32_MAX) {
    const result = yield* xtimer_msg_receive_timeout(msg, UINT32_MAX);
    if (result === 1) return result;
    left -= UINT32_MAX;
  }
  return yield* xtimer_msg_receive_timeout(msg, left);
}

/** Locks a mutex; waits at most `us` µs, 32 bits: asserted. Returns 0, or -1 if it stayed locked. */
export function* xtimer_mutex_lock_timeout(mutex: mutex_t, us: number): Blocking<number> {
  assert(us <= UINT32_MAX, 'sys/include/ztimer/xtimer_compat.h:306');
  return (yield* ztimer_mutex_lock_timeout(ZTIMER_USEC, mutex, us)) === 0 ? 0 : -1;
}

/** Locks a recursive mutex; waits at most `us` µs, 32 bits: asserted. Returns 0, or -1 if another thread kept it. */
export function* xtimer_rmutex_lock_timeout(rmutex: rmutex_t, us: number): Blocking<number> {
  assert(us <= UINT32_MAX, 'sys/include/ztimer/xtimer_compat.h:328');
  return (yield* ztimer_rmutex_lock_timeout(ZTIMER_USEC, rmutex, us)) === 0 ? 0 : -1;
}
