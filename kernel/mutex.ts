// Mutexes (RIOT core/include/mutex.h). With module core_mutex_priority_inheritance the owner
// borrows the priority of the best waiter.
import { type Blocking, over, thread_yield_higher } from './blocking.ts';
import { current } from './current.ts';
import { ECANCELED } from './errno.ts';
import type { Kernel } from './kernel.ts';
import { assert, undefined_on_riot } from './panic.ts';
import {
  STATUS_MUTEX_BLOCKED, STATUS_ON_RUNQUEUE, STATUS_PENDING, STATUS_SLEEPING, sched_set_priority,
  sched_set_status, sched_switch,
} from './sched.ts';
import { thread_add_to_list, thread_list_remove, thread_list_remove_head } from './thread.ts';
import { KERNEL_PID_UNDEF } from './thread_t.ts';
import type { ThreadList, kernel_pid_t, thread_t } from './thread_t.ts';

/** A mutex: the list of its waiters, and whether it is locked. */
export class mutex_t implements ThreadList {
  next: thread_t | null = null;
  locked = false;
  /** Who holds it and with which priority it came: kept for priority inheritance. */
  owner: kernel_pid_t = KERNEL_PID_UNDEF;
  owner_original_priority = 0;
  /** Who holds it, for host code that looks at waiting threads. RIOT's owner above is not told of a handing over. */
  holder: kernel_pid_t = KERNEL_PID_UNDEF;
}

/** For `mutex_lock_cancelable()` and `mutex_cancel()`. */
export class mutex_cancel_t {
  readonly mutex: mutex_t;
  readonly thread: thread_t | null;
  cancelled = false;

  constructor(mutex: mutex_t, thread: thread_t | null) {
    this.mutex = mutex;
    this.thread = thread;
  }
}

/** A new mutex, unlocked. */
export function MUTEX_INIT(): mutex_t {
  return new mutex_t();
}

/** A new mutex, locked. */
export function MUTEX_INIT_LOCKED(): mutex_t {
  const mutex = new mutex_t();
  mutex.locked = true;
  return mutex;
}

/** Makes `mutex` unlocked without waiters, whatever it was. */
export function mutex_init(mutex: mutex_t): void {
  mutex.next = null;
  mutex.locked = false;
}

/** Makes `mutex` locked without waiters, whatever it was. */
export function mutex_init_locked(mutex: mutex_t): void {
  mutex.next = null;
  mutex.locked = true;
  mutex.owner = KERNEL_PID_UNDEF;
  mutex.holder = KERNEL_PID_UNDEF;
}

/** For the calling thread: what `mutex_lock_cancelable()` takes. Good for one call. */
export function mutex_cancel_init(mutex: mutex_t): mutex_cancel_t {
  return new mutex_cancel_t(mutex, current().activeThread);
}

/** Locks the mutex if it is free. Returns 1 if it was, 0 if it is locked. */
export function mutex_trylock(mutex: mutex_t): number {
  const kernel = current();
  kernel.countCall();
  if (mutex.locked) return 0;
  take(mutex, kernel.activeThread);
  return 1;
}

/** Locks the mutex; waits while it is locked. Also the owner waits: it is not recursive. */
export function mutex_lock(mutex: mutex_t): Blocking<void> {
  const kernel = current();
  kernel.countCall();
  if (mutex.locked) return block(kernel, mutex) ? thread_yield_higher() : over();
  take(mutex, kernel.activeThread);
  return over();
}

/**
 * As `mutex_lock()`, but `mutex_cancel()` ends it.
 * @returns 0          the caller holds the mutex
 * @returns -ECANCELED it does not: the call was cancelled, before or meanwhile
 */
export function* mutex_lock_cancelable(mc: mutex_cancel_t): Blocking<number> {
  if (mc.cancelled) return -ECANCELED;
  yield* mutex_lock(mc.mutex);
  return mc.cancelled ? -ECANCELED : 0;
}

/**
 * Hands the mutex to the best waiter, or unlocks it. Any thread and any interrupt handler may;
 * an unlocked mutex stays as it is.
 */
export function mutex_unlock(mutex: mutex_t): Blocking<void> {
  const kernel = current();
  kernel.countCall();
  if (mutex.next === null) {
    mutex.locked = false;
    return over();
  }
  handOver(mutex);
  if (mutex.owner !== KERNEL_PID_UNDEF) giveBackPriority(kernel, mutex);
  return thread_yield_higher();
}

/** Unlocks the mutex and puts the caller to sleep, with no other thread in between. */
export function* mutex_unlock_and_sleep(mutex: mutex_t): Blocking<void> {
  const me = current().activeThread;
  assert(me !== null, 'core/mutex.c: no thread runs');
  if (mutex.next === null) mutex.locked = false;
  else handOver(mutex);
  sched_set_status(me, STATUS_SLEEPING);
  yield* thread_yield_higher();
}

/**
 * Ends the `mutex_lock_cancelable()` that uses `mc`, now or when it comes. Once it holds the mutex,
 * and from the second time on, no effect.
 */
export function* mutex_cancel(mc: mutex_cancel_t): Blocking<void> {
  const { mutex, thread } = mc;
  current().countCall();
  mc.cancelled = true;
  if (thread === null || thread.status >= STATUS_ON_RUNQUEUE) return;
  if (!thread_list_remove(mutex, thread)) return;
  sched_set_status(thread, STATUS_PENDING);
  yield* sched_switch(thread.priority);
}

function take(mutex: mutex_t, me: thread_t | null): void {
  mutex.locked = true;
  if (me === null) return;
  mutex.owner = me.pid;
  mutex.holder = me.pid;
  mutex.owner_original_priority = me.priority;
}

/** Puts the caller among the waiters; false in an interrupt handler, where nobody can wait. */
function block(kernel: Kernel, mutex: mutex_t): boolean {
  if (kernel.inInterrupt) {
    undefined_on_riot('mutex_lock() of a locked mutex in an interrupt handler');
    return false;
  }
  const me = kernel.activeThread;
  assert(me !== null, 'core/mutex.c:64');
  sched_set_status(me, STATUS_MUTEX_BLOCKED);
  thread_add_to_list(mutex, me);
  if (kernel.priorityInheritance) {
    const owner = kernel.threads[mutex.owner] ?? null;
    if (owner !== null && owner.priority > me.priority) {
      sched_set_priority(kernel, owner, me.priority);
    }
  }
  return true;
}

/** The best waiter runs on; the mutex stays locked for it. */
function handOver(mutex: mutex_t): void {
  const waiter = thread_list_remove_head(mutex);
  if (waiter === null) return;
  mutex.holder = waiter.pid;
  sched_set_status(waiter, STATUS_PENDING);
}

function giveBackPriority(kernel: Kernel, mutex: mutex_t): void {
  if (!kernel.priorityInheritance) return;
  const owner = kernel.threads[mutex.owner] ?? null;
  if (owner !== null && owner.priority !== mutex.owner_original_priority) {
    sched_set_priority(kernel, owner, mutex.owner_original_priority);
  }
}
