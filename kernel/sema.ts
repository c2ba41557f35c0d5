// Counting semaphores (RIOT sys/include/sema.h).
import type { Blocking } from './blocking.ts';
import { EAGAIN, ECANCELED, EOVERFLOW, ETIMEDOUT } from './errno.ts';
import { mutex_init, mutex_lock, mutex_t, mutex_trylock, mutex_unlock } from './mutex.ts';
import { ZTIMER_USEC, type ztimer_clock_t, ztimer_mutex_lock_timeout, ztimer_now } from './ztimer.ts';

/** The largest count and the longest single wait: 32 bits. */
const VALUE_MAX = 0xffffffff;

/** A semaphore. */
export class sema_t {
  value = 0;
  destroyed = false;
  readonly mutex = new mutex_t();
}

/** A new semaphore with `value` units. */
export function SEMA_CREATE(value: number): sema_t {
  const sema = new sema_t();
  sema.value = value;
  return sema;
}

/** A new semaphore without units. */
export function SEMA_CREATE_LOCKED(): sema_t {
  const sema = new sema_t();
  sema_create(sema, 0);
  return sema;
}

/** Makes `sema` one with `value` units; waiting threads are forgotten. */
export function sema_create(sema: sema_t, value: number): void {
  sema.value = value;
  sema.destroyed = false;
  mutex_init(sema.mutex);
  if (value === 0) mutex_trylock(sema.mutex);
}

/** Ends the semaphore: who waits, one after the other, and who comes later gets -ECANCELED. */
export function* sema_destroy(sema: sema_t): Blocking<void> {
  sema.destroyed = true;
  yield* mutex_unlock(sema.mutex);
}

/** Units that are there. */
export function sema_get_value(sema: sema_t): number {
  return sema.value;
}

/**
 * Takes a unit; waits for one.
 * @returns 0          the caller has one
 * @returns -ECANCELED the semaphore was destroyed
 */
export function* sema_wait(sema: sema_t): Blocking<number> {
  return yield* wait(sema, true, null, 0);
}

/**
 * Takes a unit if there is one.
 * @returns 0          the caller has one
 * @returns -EAGAIN    there is none
 * @returns -ECANCELED the semaphore was destroyed
 */
export function* sema_try_wait(sema: sema_t): Blocking<number> {
  return yield* wait(sema, false, null, 0);
}

/**
 * Takes a unit; waits at most `timeout` ticks of `clock` for one, with 0 not at all.
 * @returns 0          the caller has one
 * @returns -ETIMEDOUT none came in time
 * @returns -EAGAIN    there is none and `timeout` is 0
 * @returns -ECANCELED the semaphore was destroyed
 */
export function* sema_wait_timed_ztimer(
  sema: sema_t, clock: ztimer_clock_t, timeout: number,
): Blocking<number> {
  return yield* wait(sema, timeout !== 0, clock, timeout);
}

/**
 * `sema_wait_timed_ztimer()` in microseconds, with 64 bits.
 * @param timeout 0 does not wait; up to 2^53 µs
 */
export function* sema_wait_timed(sema: sema_t, timeout: number): Blocking<number> {
  let left = timeout;
  while (left > VALUE_MAX) {
    const result = yield* wait(sema, true, ZTIMER_USEC, VALUE_MAX);
    if (result !== -ETIMEDOUT) return result;
    left -= VALUE_MAX;
  }
  return yield* wait(sema, left !== 0, ZTIMER_USEC, left);
}

/**
 * Adds a unit and wakes a waiter; also from interrupt handlers.
 * @returns 0          done
 * @returns -EOVERFLOW there are 2^32 - 1 already
 */
export function* sema_post(sema: sema_t): Blocking<number> {
  if (sema.value === VALUE_MAX) return -EOVERFLOW;
  if (sema.value++ === 0) yield* mutex_unlock(sema.mutex);
  return 0;
}

function* wait(
  sema: sema_t, blocking: boolean, clock: ztimer_clock_t | null, ticks: number,
): Blocking<number> {
  if (sema.destroyed) return -ECANCELED;
  let timeout = ticks;
  let more = blocking;
  while (sema.value === 0 && more) {
    if (clock === null) {
      yield* mutex_lock(sema.mutex);
    } else {
      const start = ztimer_now(clock);
      more = (yield* ztimer_mutex_lock_timeout(clock, sema.mutex, timeout)) === 0;
      const elapsed = (ztimer_now(clock) - start) >>> 0;
      if (elapsed < timeout) timeout -= elapsed;
      else more = false;
    }
    if (sema.destroyed) {
      yield* mutex_unlock(sema.mutex);
      return -ECANCELED;
    }
  }
  if (sema.value === 0) return blocking ? -ETIMEDOUT : -EAGAIN;
  sema.value--;
  // The mutex is held from the wait: the units that are left are for others.
  if (blocking && sema.value > 0) yield* mutex_unlock(sema.mutex);
  return 0;
}
