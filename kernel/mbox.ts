// Mailboxes (RIOT core/include/mbox.h): message queues that belong to no thread.
import { type Blocking, over, over_with, thread_yield_higher, thread_yield_higher_with } from './blocking.ts';
import { current } from './current.ts';
import type { Kernel } from './kernel.ts';
import { msg_copy, msg_slot, type msg_t, msg_take } from './msg_t.ts';
import { assert, undefined_on_riot } from './panic.ts';
import {
  STATUS_MBOX_BLOCKED, STATUS_PENDING, THREAD_PRIORITY_IDLE, sched_set_status, sched_wants_switch,
} from './sched.ts';
import { thread_add_to_list, thread_list_remove_head } from './thread.ts';
import { KERNEL_PID_UNDEF } from './thread_t.ts';
import type { ThreadList } from './thread_t.ts';

/** A mailbox. */
export class mbox_t {
  readonly readers: ThreadList = { next: null };
  readonly writers: ThreadList = { next: null };
  msg_array: msg_t[] | null = null;
  /** Size of the queue less one. */
  mask = -1;
  /** Messages taken and put so far. */
  read_count = 0;
  write_count = 0;
}

/** A new mailbox over `queue`, of which `queue_size` places are used: 0 or a power of two. */
export function MBOX_INIT(queue: msg_t[], queue_size: number): mbox_t {
  const mbox = new mbox_t();
  mbox_init(mbox, queue, queue_size);
  return mbox;
}

/** Makes `mbox` an empty mailbox over `queue`; waiting threads are forgotten. */
export function mbox_init(mbox: mbox_t, queue: msg_t[], queue_size: number): void {
  mbox.readers.next = null;
  mbox.writers.next = null;
  mbox.msg_array = queue;
  mbox.mask = queue_size - 1;
  mbox.read_count = 0;
  mbox.write_count = 0;
}

/** Puts a copy of `msg`; waits while the mailbox is full. */
export function* mbox_put(mbox: mbox_t, msg: msg_t): Blocking<void> {
  const kernel = current();
  kernel.countCall();
  if (mbox.readers.next !== null) {
    const woken = handOver(mbox, msg);
    if (sched_wants_switch(kernel, woken)) yield* thread_yield_higher();
    return;
  }
  while (full(mbox)) {
    if (!wait(kernel, mbox.writers, 'mbox_put()')) return;
    yield* thread_yield_higher();
  }
  enqueue(kernel, mbox, msg);
}

/** Puts a copy of `msg` if there is room. Returns 1, or 0 if it is full. */
export function mbox_try_put(mbox: mbox_t, msg: msg_t): Blocking<number> {
  const kernel = current();
  kernel.countCall();
  if (mbox.readers.next !== null) {
    const woken = handOver(mbox, msg);
    return sched_wants_switch(kernel, woken) ? thread_yield_higher_with(1) : over_with(1);
  }
  return over_with(full(mbox) ? 0 : enqueue(kernel, mbox, msg));
}

/** Takes a message into `msg`; waits while the mailbox is empty. */
export function mbox_get(mbox: mbox_t, msg: msg_t): Blocking<void> {
  const kernel = current();
  kernel.countCall();
  if (mbox.read_count !== mbox.write_count) {
    const woken = take(mbox, msg);
    return sched_wants_switch(kernel, woken) ? thread_yield_higher() : over();
  }
  if (!wait(kernel, mbox.readers, 'mbox_get()')) return over();
  if (kernel.activeThread !== null) kernel.activeThread.wait_data = msg;
  return thread_yield_higher();
}

/** Takes a message into `msg` if there is one. Returns 1, or 0 if it is empty. */
export function mbox_try_get(mbox: mbox_t, msg: msg_t): Blocking<number> {
  const kernel = current();
  kernel.countCall();
  if (mbox.read_count === mbox.write_count) return over_with(0);
  const woken = take(mbox, msg);
  return sched_wants_switch(kernel, woken) ? thread_yield_higher_with(1) : over_with(1);
}

/** Places of the queue; 0 for one of a single place too, as in RIOT. */
export function mbox_size(mbox: mbox_t): number {
  return mbox.mask > 0 ? mbox.mask + 1 : 0;
}

/** Messages that can be taken without waiting. */
export function mbox_avail(mbox: mbox_t): number {
  return mbox.write_count - mbox.read_count;
}

/** Makes the mailbox one without a queue. */
export function mbox_unset(mbox: mbox_t): void {
  mbox.msg_array = null;
  mbox.mask = 0;
}

function full(mbox: mbox_t): boolean {
  return mbox.write_count - mbox.read_count > mbox.mask;
}

/** Gives `msg` to the first reader. Returns the reader's priority. */
function handOver(mbox: mbox_t, msg: msg_t): number {
  const reader = thread_list_remove_head(mbox.readers);
  if (reader === null) return THREAD_PRIORITY_IDLE;
  // As in RIOT: sender_pid is what the caller left there.
  msg_copy(reader.wait_data as msg_t, msg);
  sched_set_status(reader, STATUS_PENDING);
  return reader.priority;
}

function enqueue(kernel: Kernel, mbox: mbox_t, msg: msg_t): number {
  if (mbox.msg_array === null) {
    undefined_on_riot('mbox_put() into a mailbox without a queue');
    return 0;
  }
  msg.sender_pid = kernel.activeThread?.pid ?? KERNEL_PID_UNDEF;
  msg_copy(msg_slot(mbox.msg_array, mbox.write_count++ & mbox.mask), msg);
  return 1;
}

/** Takes the oldest message. Returns the priority of the writer that has room now, or that of idle. */
function take(mbox: mbox_t, msg: msg_t): number {
  if (mbox.msg_array !== null) msg_take(msg, mbox.msg_array[mbox.read_count & mbox.mask]);
  mbox.read_count++;
  const writer = thread_list_remove_head(mbox.writers);
  if (writer === null) return THREAD_PRIORITY_IDLE;
  sched_set_status(writer, STATUS_PENDING);
  return writer.priority;
}

/** Puts the caller into `list`; false in an interrupt handler, where nobody can wait. */
function wait(kernel: Kernel, list: ThreadList, what: string): boolean {
  if (kernel.inInterrupt) {
    undefined_on_riot(`${what} had to wait in an interrupt handler`);
    return false;
  }
  const me = kernel.activeThread;
  assert(me !== null, 'core/mbox.c: no thread runs');
  me.wait_data = null;
  sched_set_status(me, STATUS_MBOX_BLOCKED);
  thread_add_to_list(list, me);
  return true;
}
