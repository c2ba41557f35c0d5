// The thread control block, RIOT's thread_t (core/include/thread.h).
import type { Handover } from './blocking.ts';
import type { msg_t } from './msg_t.ts';

/** A pid: 1 to MAXTHREADS. */
export type kernel_pid_t = number;

export const KERNEL_PID_UNDEF: kernel_pid_t = 0;
export const KERNEL_PID_FIRST: kernel_pid_t = 1;

/** A stack: only its size counts here, so `new Uint8Array(n)` or `{ length: n }` does. */
export interface stack_t {
  readonly length: number;
}

/** Threads that wait for something, in order of priority, first in first out within one. */
export interface ThreadList {
  next: thread_t | null;
}

export interface thread_t extends ThreadList {
  readonly pid: kernel_pid_t;
  readonly name: string;
  priority: number;
  status: number;
  readonly stackSize: number;
  /** The idle thread never runs: choosing it means that the board sleeps. */
  readonly idle: boolean;
  /** The thread's function, as far as it has come; null before it first runs. */
  steps: Generator<undefined, unknown, undefined> | null;
  /** Calls that function when the thread first runs: what it does at once is the thread's. */
  readonly begin: () => Generator<undefined, unknown, undefined>;
  /** What it returns from where it waits, see blocking.ts. */
  readonly handover: Handover<unknown>;
  /** The same for thread_flags_wait_any(); null before its first use. */
  flags_wait: Handover<number> | null;
  /** thread flags (16 bit). */
  flags: number;
  /** What the thread waits for: a msg_t to fill, or a mask of flags. */
  wait_data: msg_t | number | null;
  /** The message queue: a ring whose size is a power of two; null when none was set up. */
  msg_array: msg_t[] | null;
  /** Size of the ring less one; -1 without a ring, or for one of size 0. */
  msg_mask: number;
  /** Messages taken and put so far; their difference is what waits. */
  msg_read: number;
  msg_write: number;
  readonly msg_waiters: ThreadList;
  /** Neighbours in the run queue; `next` also links wait lists. */
  next: thread_t | null;
  previous: thread_t | null;
  /** The wait list that the thread is in; null while it is in none. */
  waitList: ThreadList | null;
  /** CPU time still to spend, µs. */
  cpuLeft: number;
}
