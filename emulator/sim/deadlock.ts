// Runs that cannot go on: which threads wait, in which call and for whom, read off a board that stands still. Also of a
// board that has crashed, as it was then.
import { type Kernel, sleepForEver } from '../../kernel/kernel.ts';
import { mutex_t } from '../../kernel/mutex.ts';
import { KernelPanic } from '../../kernel/panic.ts';
import { ps_table } from '../../kernel/ps.ts';
import {
  STATUS_COND_BLOCKED, STATUS_FLAG_BLOCKED_ALL, STATUS_FLAG_BLOCKED_ANY, STATUS_MBOX_BLOCKED, STATUS_MUTEX_BLOCKED,
  STATUS_ON_RUNQUEUE, STATUS_RECEIVE_BLOCKED, STATUS_REPLY_BLOCKED, STATUS_RUNNING, STATUS_SEND_BLOCKED,
  STATUS_SLEEPING,
} from '../../kernel/sched.ts';
import { stdio_reader } from '../../kernel/stdio.ts';
import type { thread_t } from '../../kernel/thread_t.ts';
import type { SimNode } from './node.ts';
import type { Simulation } from './simulation.ts';

/** Boards whose threads a report shows. */
const BOARDS_SHOWN = 8;

/** The boards on which a thread waits for something. */
export function waitingBoards(simulation: Simulation): SimNode[] {
  return simulation.nodes.filter(({ kernel }) => kernel !== null && threadsOf(kernel).some(waits));
}

/** The boards that the kernel halted since they made no progress in virtual time. */
export function livelockedBoards(simulation: Simulation): SimNode[] {
  return simulation.nodes.filter(({ state, failure }) =>
    state === 'crashed' && failure instanceof KernelPanic && failure.message.startsWith('livelock'));
}

/** What a failure shows of some boards, one line each: RIOT's table of threads and what each thread is doing. */
export function reportThreads(nodes: readonly SimNode[]): string[] {
  const shown = nodes.slice(0, BOARDS_SHOWN).flatMap(reportBoard);
  const more = nodes.length - BOARDS_SHOWN;
  return more > 0 ? [...shown, `and the threads of ${more} more ${more === 1 ? 'board' : 'boards'}`] : shown;
}

function reportBoard(node: SimNode): string[] {
  const kernel = node.kernel ?? node.remains;
  if (kernel === null) return [];
  const table = kernel.run(ps_table).trimEnd().split('\n');
  const calls = threadsOf(kernel).filter((thread) => !thread.idle).map((thread) =>
    `  ${thread.pid} ${thread.name}: ${whatItDoes(kernel, thread)}`);
  return [`threads of ${node.name}:`, ...table, ...calls];
}

/** What a thread is doing, in a few words: the call that it waits in, and for whom if that can be told. */
export function whatItDoes(kernel: Kernel, thread: thread_t): string {
  switch (thread.status) {
    case STATUS_RUNNING:
      return kernel.activeThread === thread ? 'runs' : 'is ready to run';
    case STATUS_MUTEX_BLOCKED:
      return stdio_reader(kernel) === thread ? 'waits for input' : `waits in mutex_lock()${holderOf(kernel, thread)}`;
    case STATUS_RECEIVE_BLOCKED:
      return 'waits in msg_receive()';
    case STATUS_SEND_BLOCKED:
      return `waits in msg_send() to ${receiverOf(kernel, thread) ?? 'a thread that has ended'}`;
    case STATUS_REPLY_BLOCKED:
      return `waits in msg_send_receive() ${replyOf(kernel, thread)}`;
    case STATUS_FLAG_BLOCKED_ANY:
      return `waits in thread_flags_wait_any(${mask(thread)})`;
    case STATUS_FLAG_BLOCKED_ALL:
      return `waits in thread_flags_wait_all(${mask(thread)})`;
    case STATUS_MBOX_BLOCKED:
      return `waits in ${thread.wait_data === null ? 'mbox_put()' : 'mbox_get()'}`;
    case STATUS_COND_BLOCKED:
      return 'waits in cond_wait()';
    case STATUS_SLEEPING:
      return thread.steps instanceof sleepForEver ? 'stopped at a failed assertion' : 'waits for thread_wakeup()';
    default:
      return thread.status >= STATUS_ON_RUNQUEUE ? 'is ready to run' : 'has ended';
  }
}

/** Statuses 2 to 10: all but those of threads that have ended, and the runnable ones. */
function waits(thread: thread_t): boolean {
  return thread.status >= STATUS_SLEEPING && thread.status < STATUS_ON_RUNQUEUE;
}

function threadsOf(kernel: Kernel): thread_t[] {
  return kernel.threads.filter((thread) => thread !== null);
}

/** `, which 3 worker holds`; nothing for a mutex that was made locked, as a signal, and not locked since. */
function holderOf(kernel: Kernel, thread: thread_t): string {
  const mutex = thread.waitList;
  if (!(mutex instanceof mutex_t) || mutex.holder === 0) return '';
  if (mutex.holder === thread.pid) return ', which it holds itself';
  const holder = kernel.threads[mutex.holder];
  return holder === null ? ', whose holder has ended' : `, which ${holder.pid} ${holder.name} holds`;
}

function receiverOf(kernel: Kernel, thread: thread_t): string | null {
  const receiver = threadsOf(kernel).find((other) => other.msg_waiters === thread.waitList);
  return receiver === undefined ? null : `${receiver.pid} ${receiver.name}`;
}

/** Whom a request went to is known only until it has been received. */
function replyOf(kernel: Kernel, thread: thread_t): string {
  const receiver = thread.waitList === null ? null : receiverOf(kernel, thread);
  return receiver === null ? 'for a reply' : `to ${receiver}, which has not received it`;
}

function mask(thread: thread_t): string {
  return `0x${(thread.wait_data as number).toString(16).padStart(4, '0')}`;
}
