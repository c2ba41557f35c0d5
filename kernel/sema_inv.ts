// Inverse semaphores (RIOT sys/include/sema_inv.h): one thread waits until a count or a set of bits is down to 0.
import type { Blocking } from './blocking.ts';
import { mutex_init_locked, mutex_lock, mutex_t, mutex_trylock, mutex_unlock } from './mutex.ts';
import { xtimer_mutex_lock_timeout } from './xtimer.ts';

/** An inverse semaphore. */
export class sema_inv_t {
  /** A count or a set of bits, 32 bits. */
  value = 0;
  readonly lock = new mutex_t();
}

/** Makes `s` one that waits for `value` to become 0. */
export function sema_inv_init(s: sema_inv_t, value: number): void {
  mutex_init_locked(s.lock);
  s.value = value >>> 0;
}

/** Counts down by one; wakes the waiter at 0. Returns whether it is 0 now. */
export function* sema_inv_post(s: sema_inv_t): Blocking<boolean> {
  s.value = (s.value - 1) >>> 0;
  if (s.value !== 0) return false;
  yield* mutex_unlock(s.lock);
  return true;
}

/** Clears the bits of `mask`; wakes the waiter if just these were set. Returns whether they were. */
export function* sema_inv_post_mask(s: sema_inv_t, mask: number): Blocking<boolean> {
  const before = s.value;
  s.value = (before & ~mask) >>> 0;
  if (before !== mask >>> 0) return false;
  yield* mutex_unlock(s.lock);
  return true;
}

/** Waits for 0. */
export function* sema_inv_wait(s: sema_inv_t): Blocking<void> {
  yield* mutex_lock(s.lock);
}

/** Returns 1 if it is 0 and nobody has taken note of that yet, else 0. */
export function sema_inv_try_wait(s: sema_inv_t): number {
  return mutex_trylock(s.lock);
}

/** Waits for 0, at most `us` µs. Returns 0, or -1 if it did not get there. */
export function* sema_inv_wait_timeout(s: sema_inv_t, us: number): Blocking<number> {
  return yield* xtimer_mutex_lock_timeout(s.lock, us);
}
