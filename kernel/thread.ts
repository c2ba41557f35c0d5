// Threads (RIOT core/include/thread.h).
import { type Blocking, Handover, thread_yield_higher } from './blocking.ts';
import { current } from './current.ts';
import { EINVAL, EOVERFLOW } from './errno.ts';
import { trace, tracing } from './events.ts';
import type { Kernel } from './kernel.ts';
import { assert, undefined_on_riot } from './panic.ts';
import {
  STATUS_COND_BLOCKED, STATUS_FLAG_BLOCKED_ALL, STATUS_FLAG_BLOCKED_ANY, STATUS_MBOX_BLOCKED,
  STATUS_MUTEX_BLOCKED, STATUS_NOT_FOUND, STATUS_ON_RUNQUEUE, STATUS_PENDING,
  STATUS_RECEIVE_BLOCKED, STATUS_REPLY_BLOCKED, STATUS_RUNNING, STATUS_SEND_BLOCKED,
  STATUS_SLEEPING, STATUS_STOPPED, STATUS_ZOMBIE, pid_is_valid, sched_set_status, sched_switch,
} from './sched.ts';
import { stack_used } from './stack_use.ts';
import { KERNEL_PID_FIRST, KERNEL_PID_UNDEF } from './thread_t.ts';
import type { ThreadList, kernel_pid_t, stack_t, thread_t } from './thread_t.ts';

export { thread_yield_higher } from './blocking.ts';
export { KERNEL_PID_FIRST, KERNEL_PID_UNDEF } from './thread_t.ts';
export type { kernel_pid_t, stack_t, thread_t } from './thread_t.ts';

/** The new thread sleeps until `thread_wakeup()`; wins over WOUT_YIELD. */
export const THREAD_CREATE_SLEEPING = 1;
/** No effect, as in RIOT. */
export const THREAD_AUTO_FREE = 2;
/** The caller goes on even if the new thread has the higher priority. */
export const THREAD_CREATE_WOUT_YIELD = 4;
/** No pattern is written into the stack: its use cannot be measured. */
export const THREAD_CREATE_NO_STACKTEST = 8;
/** The default. */
export const THREAD_CREATE_STACKTEST = 0;

/** Bytes of the control block at the top of each stack (native64). */
export const SIZEOF_THREAD_T = 96;

/** `void *(*thread_task_func_t)(void *arg)`. */
export type thread_task_func_t<T = unknown> = (arg: T) => Blocking<unknown>;

/**
 * Creates a thread; it runs at once if its priority is above the caller's.
 * @param stack     where the thread's stack is; only the size counts here
 * @param stacksize its size in bytes, the control block included
 * @param priority  0 (highest) to SCHED_PRIO_LEVELS - 1
 * @param flags     THREAD_CREATE_* bits
 * @param task_func the thread; it ends when this returns
 * @param arg       handed to `task_func`
 * @param name      shown by ps
 * @returns the pid: the lowest that is free
 * @returns -EINVAL    if the priority is out of range or the stack holds not even the control block
 * @returns -EOVERFLOW if there are MAXTHREADS threads already
 */
export function* thread_create<T>(
  stack: stack_t, stacksize: number, priority: number, flags: number,
  task_func: thread_task_func_t<T>, arg: T, name: string,
): Blocking<kernel_pid_t> {
  const pid = thread_create_internal(current(), stacksize, priority, flags, task_func, arg, name, false);
  if (pid > 0 && (flags & (THREAD_CREATE_SLEEPING | THREAD_CREATE_WOUT_YIELD)) === 0) {
    yield* sched_switch(priority);
  }
  return pid;
}

/** What `thread_create()` does before it yields; also makes the idle thread (kernel/init.ts). */
export function thread_create_internal<T>(
  kernel: Kernel, stacksize: number, priority: number, flags: number,
  task_func: thread_task_func_t<T>, arg: T, name: string, idle: boolean,
): kernel_pid_t {
  kernel.countCall();
  if (priority < 0 || priority >= kernel.config.SCHED_PRIO_LEVELS) return -EINVAL;
  if (stacksize < SIZEOF_THREAD_T) return -EINVAL;
  const pid = freePid(kernel);
  if (pid === KERNEL_PID_UNDEF) return -EOVERFLOW;
  const thread: thread_t = {
    pid, name, priority, status: STATUS_STOPPED, stackSize: stacksize, idle,
    steps: null, begin: () => task_func(arg), handover: new Handover<unknown>(undefined), flags_wait: null,
    flags: 0, wait_data: null,
    msg_array: null, msg_mask: -1, msg_read: 0, msg_write: 0, msg_waiters: { next: null },
    next: null, previous: null, waitList: null, cpuLeft: 0,
  };
  kernel.threads[pid] = thread;
  kernel.numThreads++;
  if (tracing()) {
    trace({ layer: 'kernel', type: 'thread_create', pid, name, priority, stackSize: stacksize });
  }
  sched_set_status(thread, (flags & THREAD_CREATE_SLEEPING) !== 0 ? STATUS_SLEEPING : STATUS_PENDING);
  return pid;
}

function freePid(kernel: Kernel): kernel_pid_t {
  const threads = kernel.threads;
  for (let pid = KERNEL_PID_FIRST; pid < threads.length; pid++) {
    if (threads[pid] === null) return pid;
  }
  return KERNEL_PID_UNDEF;
}

/** The thread of a pid; null if there is none or the pid is out of range. */
export function thread_get(pid: kernel_pid_t): thread_t | null {
  return current().threads[pid] ?? null;
}

/** As `thread_get()` for a pid that is valid (see `pid_is_valid()`): C reads past its table with any other. */
export function thread_get_unchecked(pid: kernel_pid_t): thread_t | null {
  if (pid_is_valid(pid)) return current().threads[pid];
  undefined_on_riot('thread_get_unchecked() of a pid that no thread can have');
  return null;
}

/** The pid of the running thread; KERNEL_PID_UNDEF before the first has run. */
export function thread_getpid(): kernel_pid_t {
  return current().activeThread?.pid ?? KERNEL_PID_UNDEF;
}

/** The running thread; in an interrupt handler, the one that was interrupted. */
export function thread_get_active(): thread_t | null {
  return current().activeThread;
}

/** The status of a thread, or STATUS_NOT_FOUND. */
export function thread_getstatus(pid: kernel_pid_t): number {
  return thread_get(pid)?.status ?? STATUS_NOT_FOUND;
}

/** The name of a thread, or null if there is none. */
export function thread_getname(pid: kernel_pid_t): string | null {
  return thread_get(pid)?.name ?? null;
}

export function thread_getpid_of(thread: thread_t): kernel_pid_t {
  return thread.pid;
}

export function thread_get_name(thread: thread_t): string {
  return thread.name;
}

export function thread_get_status(thread: thread_t): number {
  return thread.status;
}

export function thread_get_priority(thread: thread_t): number {
  return thread.priority;
}

/** The size that thread_create() was given, bytes. */
export function thread_get_stacksize(thread: thread_t): number {
  return thread.stackSize;
}

/**
 * Bytes of the stack that the thread has never used. Where its use is not known (see stack_used()) an upper bound: all
 * but the thread_t at its top.
 */
export function thread_measure_stack_free(thread: thread_t): number {
  return thread.stackSize - (stack_used(thread) ?? SIZEOF_THREAD_T);
}

/** Whether the thread is runnable: running or pending. */
export function thread_is_active(thread: thread_t): boolean {
  return thread.status >= STATUS_ON_RUNQUEUE;
}

/** Whether `msg_init_queue()` has been called by the thread. */
export function thread_has_msg_queue(thread: thread_t): boolean {
  return thread.msg_array !== null;
}

/** Hands over to the next thread of the same priority, if one is runnable. */
export function thread_yield(): Blocking<void> {
  const kernel = current();
  const me = kernel.activeThread;
  if (me !== null && me.status >= STATUS_ON_RUNQUEUE) kernel.runqueues.advance(me.priority);
  return thread_yield_higher();
}

/** Puts the caller to sleep until `thread_wakeup()`. No effect in an interrupt handler. */
export function* thread_sleep(): Blocking<void> {
  const kernel = current();
  const me = kernel.activeThread;
  if (kernel.inInterrupt || me === null) return;
  sched_set_status(me, STATUS_SLEEPING);
  yield* thread_yield_higher();
}

/**
 * Wakes a sleeping thread.
 * @returns 1 if it slept, STATUS_NOT_FOUND if there is no such thread or it does not sleep
 */
export function* thread_wakeup(pid: kernel_pid_t): Blocking<number> {
  const kernel = current();
  kernel.countCall();
  const thread = thread_get(pid);
  if (thread === null || thread.status !== STATUS_SLEEPING) return STATUS_NOT_FOUND;
  sched_set_status(thread, STATUS_PENDING);
  yield* sched_switch(thread.priority);
  return 1;
}

/**
 * Ends the caller but keeps its pid until `thread_kill_zombie()`. No effect in an interrupt handler.
 */
export function* thread_zombify(): Blocking<void> {
  const kernel = current();
  const me = kernel.activeThread;
  if (kernel.inInterrupt || me === null) return;
  sched_set_status(me, STATUS_ZOMBIE);
  kernel.irqEnabled = true;
  yield* thread_yield_higher();
}

/**
 * Frees the pid of a zombie.
 * @returns 1 if it was one, STATUS_NOT_FOUND otherwise
 */
export function thread_kill_zombie(pid: kernel_pid_t): number {
  const kernel = current();
  const thread = thread_get(pid);
  if (thread === null || thread.status !== STATUS_ZOMBIE) return STATUS_NOT_FOUND;
  if (tracing()) trace({ layer: 'kernel', type: 'thread_exit', pid, name: thread.name });
  kernel.threads[pid] = null;
  kernel.numThreads--;
  sched_set_status(thread, STATUS_STOPPED);
  return 1;
}

/**
 * Puts a blocked thread into a wait list: by priority, behind those of its own.
 * Internal to the kernel's primitives; the thread must not be in a run queue.
 */
export function thread_add_to_list(list: ThreadList, thread: thread_t): void {
  assert(thread.status < STATUS_ON_RUNQUEUE, 'core/thread.c:189');
  let entry = list;
  while (entry.next !== null && entry.next.priority <= thread.priority) entry = entry.next;
  thread.next = entry.next;
  thread.waitList = list;
  entry.next = thread;
}

/** Takes the first thread out of a wait list; null if it is empty. */
export function thread_list_remove_head(list: ThreadList): thread_t | null {
  const head = list.next;
  if (head === null) return null;
  list.next = head.next;
  head.next = null;
  head.waitList = null;
  return head;
}

/** Takes a thread out of a wait list; false if it is not in it. */
export function thread_list_remove(list: ThreadList, thread: thread_t): boolean {
  if (thread.waitList !== list) return false;
  let entry = list;
  while (entry.next !== null && entry.next !== thread) entry = entry.next;
  entry.next = thread.next;
  thread.next = null;
  thread.waitList = null;
  return true;
}

/** The status texts of ps, by status. */
const STATE_NAMES: readonly string[] = nameStates();

/** The text of a status as ps shows it; asserts that there is such a status. */
export function thread_state_to_string(state: number): string {
  const name = STATE_NAMES[state];
  assert(name !== undefined, 'core/thread.c:407');
  return name;
}

function nameStates(): string[] {
  const names: string[] = [];
  names[STATUS_STOPPED] = 'stopped';
  names[STATUS_ZOMBIE] = 'zombie';
  names[STATUS_SLEEPING] = 'sleeping';
  names[STATUS_MUTEX_BLOCKED] = 'bl mutex';
  names[STATUS_RECEIVE_BLOCKED] = 'bl rx';
  names[STATUS_SEND_BLOCKED] = 'bl send';
  names[STATUS_REPLY_BLOCKED] = 'bl reply';
  names[STATUS_FLAG_BLOCKED_ANY] = 'bl anyfl';
  names[STATUS_FLAG_BLOCKED_ALL] = 'bl allfl';
  names[STATUS_MBOX_BLOCKED] = 'bl mbox';
  names[STATUS_COND_BLOCKED] = 'bl cond';
  names[STATUS_RUNNING] = 'running';
  names[STATUS_PENDING] = 'pending';
  return names;
}
