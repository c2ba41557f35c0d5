// Recursive mutexes (RIOT core/lib/include/rmutex.h): the owner may lock again.
import type { Blocking } from './blocking.ts';
import { mutex_init, mutex_lock, mutex_t, mutex_trylock, mutex_unlock } from './mutex.ts';
import { assert, core_panic } from './panic.ts';
import { thread_getpid } from './thread.ts';
import { KERNEL_PID_UNDEF } from './thread_t.ts';
import type { kernel_pid_t } from './thread_t.ts';

/** How often the owner may hold a recursive mutex: 16 bits. */
export const CONFIG_CORE_RMUTEX_MAX = 0xffff;

/** A recursive mutex. */
export class rmutex_t {
  readonly mutex = new mutex_t();
  refcount = 0;
  owner: kernel_pid_t = KERNEL_PID_UNDEF;
}

/** A new recursive mutex, unlocked. */
export function RMUTEX_INIT(): rmutex_t {
  return new rmutex_t();
}

/** Makes `rmutex` unlocked without waiters, whatever it was. */
export function rmutex_init(rmutex: rmutex_t): void {
  mutex_init(rmutex.mutex);
  rmutex.refcount = 0;
  rmutex.owner = KERNEL_PID_UNDEF;
}

/** Locks; waits while another thread holds it. A panic when locked 65,536 times. */
export function* rmutex_lock(rmutex: rmutex_t): Blocking<void> {
  if ((yield* rmutex_lock_max(rmutex, CONFIG_CORE_RMUTEX_MAX)) === 0) {
    core_panic('rmutex refcount overflow');
  }
}

/** Locks if no other thread holds it. Returns 1 if the caller holds it now, else 0. */
export function rmutex_trylock(rmutex: rmutex_t): number {
  return rmutex_trylock_max(rmutex, CONFIG_CORE_RMUTEX_MAX);
}

/**
 * As `rmutex_lock()` with a limit.
 * @param max how often the caller may hold it: 1 to 65,535, 0 is asserted against
 * @returns 1 if the caller holds it once more, 0 if it holds it `max` times already
 */
export function* rmutex_lock_max(rmutex: rmutex_t, max: number): Blocking<number> {
  assert(max > 0, 'core/lib/rmutex.c:45');
  if (mutex_trylock(rmutex.mutex) === 0 && rmutex.owner !== thread_getpid()) {
    yield* mutex_lock(rmutex.mutex);
  }
  return own(rmutex, max);
}

/** `rmutex_trylock()` with a limit: see `rmutex_lock_max()`. */
export function rmutex_trylock_max(rmutex: rmutex_t, max: number): number {
  assert(max > 0, 'core/lib/rmutex.c:45');
  if (mutex_trylock(rmutex.mutex) === 0 && rmutex.owner !== thread_getpid()) return 0;
  return own(rmutex, max);
}

/** Undoes one lock; with the last one another thread may have it. The caller must hold it: asserted. */
export function* rmutex_unlock(rmutex: rmutex_t): Blocking<void> {
  assert(rmutex.owner === thread_getpid(), 'core/lib/rmutex.c:164');
  assert(rmutex.refcount > 0, 'core/lib/rmutex.c:165');
  if (--rmutex.refcount > 0) return;
  rmutex.owner = KERNEL_PID_UNDEF;
  yield* mutex_unlock(rmutex.mutex);
}

function own(rmutex: rmutex_t, max: number): number {
  rmutex.owner = thread_getpid();
  if (rmutex.refcount >= max) return 0;
  rmutex.refcount++;
  return 1;
}
