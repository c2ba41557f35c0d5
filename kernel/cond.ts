// Condition variables (RIOT core/include/cond.h).
import { type Blocking, thread_yield_higher } from './blocking.ts';
import { current } from './current.ts';
import { type mutex_t, mutex_lock, mutex_unlock } from './mutex.ts';
import { assert, undefined_on_riot } from './panic.ts';
import { STATUS_COND_BLOCKED, STATUS_PENDING, THREAD_PRIORITY_MIN, sched_set_status, sched_switch } from './sched.ts';
import { thread_add_to_list, thread_list_remove_head } from './thread.ts';
import type { ThreadList, thread_t } from './thread_t.ts';

/** A condition variable: the list of its waiters. */
export class cond_t implements ThreadList {
  next: thread_t | null = null;
}

/** A new condition variable. */
export function COND_INIT(): cond_t {
  return new cond_t();
}

/** Makes `cond` one without waiters, whatever it was. */
export function cond_init(cond: cond_t): void {
  cond.next = null;
}

/**
 * Unlocks the mutex, waits to be signalled and locks the mutex again; no signal between unlocking
 * and waiting is missed. Check what was waited for again afterwards.
 * @param mutex held by the caller
 */
export function* cond_wait(cond: cond_t, mutex: mutex_t): Blocking<void> {
  const kernel = current();
  if (kernel.inInterrupt) {
    undefined_on_riot('cond_wait() in an interrupt handler');
    return;
  }
  const me = kernel.activeThread;
  assert(me !== null, 'core/cond.c: no thread runs');
  // With interrupts off the switch that mutex_unlock() asks for waits until the caller is in the list.
  const enabled = kernel.irqEnabled;
  kernel.irqEnabled = false;
  yield* mutex_unlock(mutex);
  sched_set_status(me, STATUS_COND_BLOCKED);
  thread_add_to_list(cond, me);
  kernel.irqEnabled = enabled;
  yield* thread_yield_higher();
  yield* mutex_lock(mutex);
}

/** Wakes the waiter of the highest priority, the first of them; no effect without one. */
export function* cond_signal(cond: cond_t): Blocking<void> {
  current().countCall();
  const thread = thread_list_remove_head(cond);
  if (thread === null) return;
  sched_set_status(thread, STATUS_PENDING);
  yield* sched_switch(thread.priority);
}

/** Wakes all waiters. */
export function* cond_broadcast(cond: cond_t): Blocking<void> {
  current().countCall();
  let best = THREAD_PRIORITY_MIN + 1;
  for (let thread = thread_list_remove_head(cond); thread !== null; thread = thread_list_remove_head(cond)) {
    sched_set_status(thread, STATUS_PENDING);
    if (thread.priority < best) best = thread.priority;
  }
  if (best <= THREAD_PRIORITY_MIN) yield* sched_switch(best);
}
