// The scheduler (RIOT core/include/sched.h): 16 priorities, the lowest number first, first in
// first out within one.
import { type Blocking, thread_yield_higher } from './blocking.ts';
import { current } from './current.ts';
import { trace, tracing } from './events.ts';
import type { Kernel } from './kernel.ts';
import { assert } from './panic.ts';
import { KERNEL_PID_FIRST, KERNEL_PID_UNDEF } from './thread_t.ts';
import type { kernel_pid_t, thread_t } from './thread_t.ts';

export const STATUS_STOPPED = 0;
export const STATUS_ZOMBIE = 1;
export const STATUS_SLEEPING = 2;
export const STATUS_MUTEX_BLOCKED = 3;
export const STATUS_RECEIVE_BLOCKED = 4;
export const STATUS_SEND_BLOCKED = 5;
export const STATUS_REPLY_BLOCKED = 6;
export const STATUS_FLAG_BLOCKED_ANY = 7;
export const STATUS_FLAG_BLOCKED_ALL = 8;
export const STATUS_MBOX_BLOCKED = 9;
export const STATUS_COND_BLOCKED = 10;
export const STATUS_RUNNING = 11;
export const STATUS_PENDING = 12;
/** Statuses from here on are in a run queue. */
export const STATUS_ON_RUNQUEUE = STATUS_RUNNING;
/** `(int)STATUS_NOT_FOUND` of native: what thread_wakeup() answers for a pid that is not there. */
export const STATUS_NOT_FOUND = -1;

export const THREAD_PRIORITY_MIN = 15;
export const THREAD_PRIORITY_IDLE = THREAD_PRIORITY_MIN;
export const THREAD_PRIORITY_MAIN = 7;

/** Whether a thread could have this pid: 1 to MAXTHREADS. */
export function pid_is_valid(pid: kernel_pid_t): boolean {
  return pid >= KERNEL_PID_FIRST && pid <= current().config.MAXTHREADS;
}

/** One queue a priority, and a bit for each that is not empty. */
export class RunQueues {
  private readonly heads: (thread_t | null)[];
  private readonly tails: (thread_t | null)[];
  private bitcache = 0;

  constructor(levels: number) {
    this.heads = new Array<thread_t | null>(levels).fill(null);
    this.tails = new Array<thread_t | null>(levels).fill(null);
  }

  /** The thread that is due, or null. */
  first(): thread_t | null {
    const bits = this.bitcache;
    return bits === 0 ? null : this.heads[31 - Math.clz32(bits & -bits)];
  }

  /** Whether a thread other than idle is runnable. */
  hasWork(): boolean {
    const first = this.first();
    return first !== null && !first.idle;
  }

  push(thread: thread_t): void {
    const priority = thread.priority;
    const tail = this.tails[priority];
    thread.next = null;
    thread.previous = tail;
    if (tail === null) this.heads[priority] = thread;
    else tail.next = thread;
    this.tails[priority] = thread;
    this.bitcache |= 1 << priority;
  }

  remove(thread: thread_t): void {
    const priority = thread.priority;
    const { next, previous } = thread;
    if (previous === null) this.heads[priority] = next;
    else previous.next = next;
    if (next === null) this.tails[priority] = previous;
    else next.previous = previous;
    thread.next = null;
    thread.previous = null;
    if (this.heads[priority] === null) this.bitcache &= ~(1 << priority);
  }

  isEmpty(priority: number): boolean {
    return this.heads[priority] === null;
  }

  exactlyOne(priority: number): boolean {
    return this.heads[priority] !== null && this.heads[priority] === this.tails[priority];
  }

  moreThanOne(priority: number): boolean {
    return this.heads[priority] !== this.tails[priority];
  }

  /** Moves the first thread of a priority to its end. */
  advance(priority: number): void {
    const head = this.heads[priority];
    if (head === null || head === this.tails[priority]) return;
    this.remove(head);
    this.push(head);
  }
}

/** Sets a thread's status and moves it into or out of its run queue. */
export function sched_set_status(thread: thread_t, status: number): void {
  const kernel = current();
  if (status >= STATUS_ON_RUNQUEUE) {
    if (thread.status < STATUS_ON_RUNQUEUE) pushThread(kernel, thread);
  } else if (thread.status >= STATUS_ON_RUNQUEUE) {
    removeThread(kernel, thread);
  }
  thread.status = status;
}

function pushThread(kernel: Kernel, thread: thread_t): void {
  kernel.runqueues.push(thread);
  if (kernel.onRunqueue !== null && kernel.activeThread?.priority === thread.priority) {
    kernel.onRunqueue(thread.priority);
  }
}

function removeThread(kernel: Kernel, thread: thread_t): void {
  kernel.runqueues.remove(thread);
  if (kernel.onRunqueue !== null && kernel.runqueues.isEmpty(thread.priority)) {
    kernel.onRunqueue(thread.priority);
  }
}

/**
 * Yields if a thread of priority `other_prio` has to run before the active one, or the active one
 * is not runnable any more.
 */
export function* sched_switch(other_prio: number): Blocking<void> {
  if (sched_wants_switch(current(), other_prio)) yield* thread_yield_higher();
}

/** Whether `sched_switch()` has anything to do: saves the hot paths a generator. */
export function sched_wants_switch(kernel: Kernel, other_prio: number): boolean {
  const me = kernel.activeThread;
  return me === null || me.status < STATUS_ON_RUNQUEUE || me.priority > other_prio || me.cpuLeft > 0;
}

/** Chooses the thread that runs next; null when the board sleeps. */
export function sched_run(kernel: Kernel): thread_t | null {
  const active = kernel.activeThread;
  const next = kernel.runqueues.first();
  kernel.contextSwitchRequest = false;
  if (next === null) {
    // No idle thread: the last thread stays the active one, as on such boards.
    if (active !== null && active.status === STATUS_RUNNING) active.status = STATUS_PENDING;
    return null;
  }
  if (kernel.onRunqueue !== null) kernel.onRunqueue(next.priority);
  next.status = STATUS_RUNNING;
  if (next !== active) switchTo(kernel, active, next);
  return next.idle ? null : next;
}

function switchTo(kernel: Kernel, active: thread_t | null, next: thread_t): void {
  if (active !== null) {
    if (active.status === STATUS_RUNNING) active.status = STATUS_PENDING;
    if (kernel.onSwitch !== null) kernel.onSwitch(active.pid, KERNEL_PID_UNDEF);
  }
  kernel.activeThread = next;
  if (kernel.costs !== null && !next.idle) kernel.owe(next, kernel.costs.context_switch);
  if (kernel.onSwitch !== null) kernel.onSwitch(KERNEL_PID_UNDEF, next.pid);
  if (kernel.platform.traced()) {
    trace({ layer: 'kernel', type: 'switch', pid: next.pid, name: next.name });
  }
}

/** Ends a thread whose function has returned: its pid is free again. */
export function sched_task_exit(kernel: Kernel, thread: thread_t): void {
  if (tracing()) {
    trace({ layer: 'kernel', type: 'thread_exit', pid: thread.pid, name: thread.name });
  }
  if (kernel.onThreadEnd !== null) kernel.onThreadEnd(thread);
  kernel.threads[thread.pid] = null;
  kernel.numThreads--;
  sched_set_status(thread, STATUS_STOPPED);
  kernel.activeThread = null;
}

/**
 * Gives a thread another priority, at once: it goes behind the others of that priority, and the
 * caller yields if the change puts another thread before it.
 * @param priority 0 to SCHED_PRIO_LEVELS - 1; asserted
 */
export function* sched_change_priority(thread: thread_t, priority: number): Blocking<void> {
  const kernel = current();
  assert(priority < kernel.config.SCHED_PRIO_LEVELS, 'core/sched.c:334');
  if (thread.priority === priority) return;
  sched_set_priority(kernel, thread, priority);
  const active = kernel.activeThread;
  const runnable = thread.status >= STATUS_ON_RUNQUEUE;
  if (active === thread || (active !== null && active.priority > priority && runnable)) {
    yield* thread_yield_higher();
  }
}

/** What `sched_change_priority()` does before it yields. */
export function sched_set_priority(kernel: Kernel, thread: thread_t, priority: number): void {
  const runnable = thread.status >= STATUS_ON_RUNQUEUE;
  if (runnable) removeThread(kernel, thread);
  thread.priority = priority;
  if (runnable) pushThread(kernel, thread);
}

/** Moves the first runnable thread of a priority behind the others. */
export function sched_runq_advance(priority: number): void {
  current().runqueues.advance(priority);
}

/** Whether no thread of a priority is runnable. */
export function sched_runq_is_empty(priority: number): boolean {
  return current().runqueues.isEmpty(priority);
}

/** Whether just one thread of a priority is runnable. */
export function sched_runq_exactly_one(priority: number): boolean {
  return current().runqueues.exactlyOne(priority);
}

/** Whether more than one thread of a priority is runnable. */
export function sched_runq_more_than_one(priority: number): boolean {
  return current().runqueues.moreThanOne(priority);
}

/** POSIX's name of `thread_yield()`. Returns 0. */
export function* sched_yield(): Blocking<number> {
  const kernel = current();
  const me = kernel.activeThread;
  if (me !== null && me.status >= STATUS_ON_RUNQUEUE) kernel.runqueues.advance(me.priority);
  yield* thread_yield_higher();
  return 0;
}

/**
 * Has `callback(priority)` called when the scheduler runs and when the run queue of the active thread's priority
 * grows or one becomes empty (module sched_runq_callback); null ends it. RIOT has the app define a function of this
 * name, here it is handed over. Module sched_round_robin needs it itself.
 */
export function sched_runq_callback(callback: ((priority: number) => undefined) | null): void {
  current().onRunqueue = callback;
}

/** Has `callback(active, next)` called at each switch (module sched_cb); null ends it. */
export function sched_register_cb(
  callback: ((active: kernel_pid_t, next: kernel_pid_t) => undefined) | null,
): void {
  current().onSwitch = callback;
}
