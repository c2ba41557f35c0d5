// Messages between threads (RIOT core/include/msg.h).
import { type Blocking, over_with, thread_yield_higher_with } from './blocking.ts';
import { current } from './current.ts';
import { trace, tracing } from './events.ts';
import type { Kernel } from './kernel.ts';
import { msg_copy, msg_slot, msg_t, msg_take } from './msg_t.ts';
import { assert, undefined_on_riot } from './panic.ts';
import {
  STATUS_PENDING, STATUS_RECEIVE_BLOCKED, STATUS_REPLY_BLOCKED, STATUS_SEND_BLOCKED,
  THREAD_PRIORITY_IDLE, sched_set_status, sched_wants_switch,
} from './sched.ts';
import { printf } from './print.ts';
import { thread_add_to_list, thread_list_remove_head } from './thread.ts';
import { THREAD_FLAG_MSG_WAITING, thread_flags_set_internal } from './thread_flags.ts';
import { KERNEL_PID_UNDEF } from './thread_t.ts';
import type { kernel_pid_t, thread_t } from './thread_t.ts';

export { msg_copy, msg_t } from './msg_t.ts';

/** The `sender_pid` of a message from an interrupt handler: the pid after the last one. */
export function KERNEL_PID_ISR(): kernel_pid_t {
  return current().threads.length;
}

/** Whether the message was sent by an interrupt handler. */
export function msg_sent_by_int(m: msg_t): boolean {
  return m.sender_pid === KERNEL_PID_ISR();
}

/** `msg_t array[n]`: messages, or storage for a message queue. */
export function msg_array(n: number): msg_t[] {
  return Array.from({ length: n }, () => new msg_t());
}

/** As `msg_array()`, for a queue whose places only the kernel touches: each is made when it is first needed. */
export function msg_queue_array(n: number): msg_t[] {
  return new Array<msg_t>(n);
}

/**
 * Sends a message and waits until the receiver has it or its queue took it.
 * To itself: queued only. In an interrupt handler: as `msg_send_int()`.
 * @returns 1  if it was delivered or queued
 * @returns 0  if it did not fit: to the caller itself, or from an interrupt handler
 * @returns -1 if there is no thread `target_pid`
 */
export function msg_send(m: msg_t, target_pid: kernel_pid_t): Blocking<number> {
  return sendOrQueue(m, target_pid, true);
}

/**
 * Sends a message if that needs no waiting.
 * @returns 1  if it was delivered or queued
 * @returns 0  if the receiver does not wait and its queue is full, or it has none
 * @returns -1 if there is no thread `target_pid`
 */
export function msg_try_send(m: msg_t, target_pid: kernel_pid_t): Blocking<number> {
  return sendOrQueue(m, target_pid, false);
}

function sendOrQueue(m: msg_t, target_pid: kernel_pid_t, block: boolean): Blocking<number> {
  const kernel = current();
  if (kernel.inInterrupt) return over_with(sendOneway(kernel, m, target_pid, KERNEL_PID_ISR()));
  const me = activeThread(kernel);
  if (me.pid === target_pid) return over_with(sendToSelf(kernel, m, me));
  const result = send(kernel, me, m, target_pid, block);
  return result === SENT_YIELD ? thread_yield_higher_with(1) : over_with(result);
}

/** Puts a message into the caller's own queue. Returns 1, or 0 if it is full or there is none. */
export function msg_send_to_self(m: msg_t): number {
  const kernel = current();
  return sendToSelf(kernel, m, activeThread(kernel));
}

/**
 * Sends a message from an interrupt handler; its `sender_pid` is KERNEL_PID_ISR.
 * @returns 1  if it was delivered or queued
 * @returns 0  if the receiver does not wait and its queue is full: the message is lost
 * @returns -1 if there is no thread `target_pid`
 */
export function msg_send_int(m: msg_t, target_pid: kernel_pid_t): number {
  return sendOneway(current(), m, target_pid, KERNEL_PID_ISR());
}

/** Delivers or queues without waiting or yielding; for interrupts and the message bus. */
export function sendOneway(
  kernel: Kernel, m: msg_t, target_pid: kernel_pid_t, sender_pid: kernel_pid_t,
): number {
  kernel.countCall();
  m.sender_pid = sender_pid;
  const target = kernel.threads[target_pid] ?? null;
  if (target === null) return lost(target_pid, m, -1, 'no-thread');
  if (target.status !== STATUS_RECEIVE_BLOCKED) {
    return queueMessage(target, m) ? 1 : lost(target_pid, m, 0, 'queue-full');
  }
  msg_copy(target.wait_data as msg_t, m);
  sched_set_status(target, STATUS_PENDING);
  kernel.contextSwitchRequest = true;
  return 1;
}

/** Waits for a message and copies it into `m`. Returns 1. */
export function msg_receive(m: msg_t): Blocking<number> {
  const kernel = current();
  if (kernel.inInterrupt) {
    undefined_on_riot('msg_receive() in an interrupt handler');
    return over_with(-1);
  }
  const me = activeThread(kernel);
  if (me.msg_waiters.next === null && me.msg_read === me.msg_write) {
    me.wait_data = m;
    sched_set_status(me, STATUS_RECEIVE_BLOCKED);
    return thread_yield_higher_with(1);
  }
  return received(kernel, me, m);
}

/** Takes a message that is there: 1. */
function received(kernel: Kernel, me: thread_t, m: msg_t): Blocking<number> {
  const woken = takeMessage(kernel, me, m);
  return sched_wants_switch(kernel, woken) ? thread_yield_higher_with(1) : over_with(1);
}

/** Takes a message if there is one. Returns 1, or -1 if there is none. */
export function msg_try_receive(m: msg_t): Blocking<number> {
  const kernel = current();
  const me = activeThread(kernel);
  if (me.msg_waiters.next === null && me.msg_read === me.msg_write) {
    kernel.countCall();
    return over_with(-1);
  }
  return received(kernel, me, m);
}

/**
 * Sends a message and waits for the reply.
 * @param m     the request
 * @param reply where the reply goes; also holds the request on its way
 * @returns 1  when the reply is there
 * @returns -1 if there is no thread `target_pid`
 * The caller must not be `target_pid`: asserted.
 */
export function msg_send_receive(m: msg_t, reply: msg_t, target_pid: kernel_pid_t): Blocking<number> {
  const kernel = current();
  const me = activeThread(kernel);
  assert(me.pid !== target_pid, 'core/msg.c:262');
  const before = me.status;
  sched_set_status(me, STATUS_REPLY_BLOCKED);
  me.wait_data = reply;
  msg_copy(reply, m);
  if (send(kernel, me, reply, target_pid, true) === -1) {
    me.wait_data = null;
    sched_set_status(me, before);
    return over_with(-1);
  }
  return thread_yield_higher_with(1);
}

/**
 * Answers the sender of `m`, who waits in `msg_send_receive()`.
 * @returns 1  if it was waiting
 * @returns -1 if it does not wait for a reply
 */
export function msg_reply(m: msg_t, reply: msg_t): Blocking<number> {
  const kernel = current();
  kernel.countCall();
  const target = kernel.threads[m.sender_pid] ?? null;
  assert(target !== null, 'core/msg.c:303');
  if (!giveReply(target, reply)) return over_with(-1);
  return sched_wants_switch(kernel, target.priority) ? thread_yield_higher_with(1) : over_with(1);
}

/** `msg_reply()` for interrupt handlers: no switch before the handler returns. Returns 1 or -1. */
export function msg_reply_int(m: msg_t, reply: msg_t): number {
  const kernel = current();
  const target = kernel.threads[m.sender_pid] ?? null;
  assert(target !== null, 'core/msg.c:333');
  if (!giveReply(target, reply)) return -1;
  kernel.contextSwitchRequest = true;
  return 1;
}

function giveReply(target: thread_t, reply: msg_t): boolean {
  if (target.status !== STATUS_REPLY_BLOCKED) return false;
  if (target.waitList !== null) {
    // RIOT would make it runnable while it is in the other thread's list of senders.
    undefined_on_riot(`msg_reply() to thread ${target.pid}, whose request nobody has received yet`);
    return false;
  }
  msg_copy(target.wait_data as msg_t, reply);
  sched_set_status(target, STATUS_PENDING);
  return true;
}

/** Messages in the queue of thread `pid`; 0 without a queue or a thread. */
export function msg_avail_thread(pid: kernel_pid_t): number {
  const thread = current().threads[pid] ?? null;
  return thread === null ? 0 : available(thread);
}

/** Messages in the caller's queue; 0 without a queue. */
export function msg_avail(): number {
  return available(activeThread(current()));
}

/** Size of the queue of thread `pid`; 0 without a queue or a thread. */
export function msg_queue_capacity(pid: kernel_pid_t): number {
  const thread = current().threads[pid] ?? null;
  return thread === null || thread.msg_array === null ? 0 : thread.msg_mask + 1;
}

/**
 * Gives the caller a message queue.
 * @param array its storage, see `msg_queue_array()`
 * @param num   its size: 0 or a power of two (asserted), at most the array's
 */
export function msg_init_queue(array: msg_t[], num: number): void {
  const me = activeThread(current());
  assert((num & (num - 1)) === 0, 'core/msg.c:68');
  me.msg_array = array;
  me.msg_mask = num - 1;
  me.msg_read = 0;
  me.msg_write = 0;
}

/** Prints the caller's message queue: at most CONFIG_MSG_QUEUE_PRINT_MAX entries. */
export function msg_queue_print(): void {
  const kernel = current();
  const me = activeThread(kernel);
  const count = available(me);
  if (count < 1 || me.msg_array === null) {
    printf('No messages or no message queue\n');
    return;
  }
  printf(`Message queue of thread ${me.pid}\n`);
  printf(`    size: ${me.msg_mask + 1} (avail: ${count})\n`);
  const shown = Math.min(count, kernel.config.CONFIG_MSG_QUEUE_PRINT_MAX);
  for (let i = 0; i < shown; i++) {
    const m = me.msg_array[(me.msg_read + i) & me.msg_mask];
    const { value } = m.content;
    printf(`    * ${i}: sender: ${m.sender_pid}, type: 0x${m.type.toString(16).padStart(4, '0')}` +
      `, content: ${value} (${value === 0 ? '(nil)' : `0x${value.toString(16)}`})\n`);
  }
  if (count > shown) {
    printf('    ... (print more by changing CONFIG_MSG_QUEUE_PRINT_MAX)\n');
  }
}

/** What `send()` answers when the caller has to yield and has then sent the message. */
const SENT_YIELD = 2;

/** Delivers, queues or blocks: 1, 0 or -1 as `msg_send()`, or SENT_YIELD. */
function send(
  kernel: Kernel, me: thread_t, m: msg_t, target_pid: kernel_pid_t, block: boolean,
): number {
  kernel.countCall();
  const target = kernel.threads[target_pid] ?? null;
  m.sender_pid = me.pid;
  if (target === null) return lost(target_pid, m, -1, 'no-thread');
  if (target.status === STATUS_RECEIVE_BLOCKED) {
    msg_copy(target.wait_data as msg_t, m);
    sched_set_status(target, STATUS_PENDING);
    return SENT_YIELD;
  }
  if (queueMessage(target, m)) {
    // The receiver may have waited for the flag that a queued message sets.
    return me.status === STATUS_REPLY_BLOCKED || kernel.contextSwitchRequest ? SENT_YIELD : 1;
  }
  if (!block) return lost(target_pid, m, 0, 'queue-full');
  me.wait_data = m;
  if (me.status !== STATUS_REPLY_BLOCKED) sched_set_status(me, STATUS_SEND_BLOCKED);
  thread_add_to_list(target.msg_waiters, me);
  thread_flags_set_internal(target, THREAD_FLAG_MSG_WAITING);
  return SENT_YIELD;
}

/**
 * Takes what waits: from the queue, whose freed place a blocked sender gets, or from that sender.
 * Returns the priority of a sender that runs on, or that of idle.
 */
function takeMessage(kernel: Kernel, me: thread_t, m: msg_t): number {
  kernel.countCall();
  const queue = me.msg_array;
  let place = m;
  if (queue !== null && me.msg_read !== me.msg_write) {
    msg_take(m, queue[me.msg_read++ & me.msg_mask]);
    if (me.msg_waiters.next === null) return THREAD_PRIORITY_IDLE;
    place = msg_slot(queue, me.msg_write++ & me.msg_mask);
  }
  const sender = thread_list_remove_head(me.msg_waiters);
  if (sender === null) return THREAD_PRIORITY_IDLE;
  msg_copy(place, sender.wait_data as msg_t);
  if (sender.status === STATUS_REPLY_BLOCKED) return THREAD_PRIORITY_IDLE;
  sender.wait_data = null;
  sched_set_status(sender, STATUS_PENDING);
  return sender.priority;
}

function sendToSelf(kernel: Kernel, m: msg_t, me: thread_t): number {
  kernel.countCall();
  m.sender_pid = me.pid;
  return queueMessage(me, m) ? 1 : lost(me.pid, m, 0, 'queue-full');
}

function queueMessage(target: thread_t, m: msg_t): boolean {
  if (target.msg_array === null || target.msg_write - target.msg_read > target.msg_mask) return false;
  msg_copy(msg_slot(target.msg_array, target.msg_write++ & target.msg_mask), m);
  thread_flags_set_internal(target, THREAD_FLAG_MSG_WAITING);
  return true;
}

function available(thread: thread_t): number {
  return thread.msg_array === null ? 0 : thread.msg_write - thread.msg_read;
}

function lost(pid: kernel_pid_t, m: msg_t, result: number, reason: 'queue-full' | 'no-thread'): number {
  if (tracing()) trace({ layer: 'kernel', type: 'msg_lost', pid, msgType: m.type, reason });
  return result;
}

function activeThread(kernel: Kernel): thread_t {
  const me = kernel.activeThread;
  assert(me !== null && me.pid !== KERNEL_PID_UNDEF, 'core/msg.c: no thread runs');
  return me;
}
