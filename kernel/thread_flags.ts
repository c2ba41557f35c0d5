// Thread flags (RIOT core/include/thread_flags.h): 16 bits a thread that it can wait for.
import { type Blocking, Handover, hands_over, over, over_with, thread_yield_higher } from './blocking.ts';
import { current } from './current.ts';
import { invariant } from './invariant.ts';
import { undefined_on_riot } from './panic.ts';
import {
  STATUS_FLAG_BLOCKED_ALL, STATUS_FLAG_BLOCKED_ANY, STATUS_PENDING, sched_set_status,
} from './sched.ts';
import type { thread_t } from './thread_t.ts';

/** Set when a message is queued for the thread, or a sender waits for it. */
export const THREAD_FLAG_MSG_WAITING = 1 << 15;
/** Set by `ztimer_set_timeout_flag()`. */
export const THREAD_FLAG_TIMEOUT = 1 << 14;
export const THREAD_FLAG_PREDEFINED_MASK = THREAD_FLAG_MSG_WAITING | THREAD_FLAG_TIMEOUT;

/** 16 bits. */
export type thread_flags_t = number;

/** Sets flags of a thread and wakes it if it waits for them. */
export function thread_flags_set(thread: thread_t, mask: thread_flags_t): Blocking<void> {
  current().countCall();
  return thread_flags_set_internal(thread, mask) ? thread_yield_higher() : over();
}

/** Sets flags without yielding; true if that woke the thread: then a switch is requested. */
export function thread_flags_set_internal(thread: thread_t, mask: thread_flags_t): boolean {
  thread.flags |= mask;
  const { status } = thread;
  if (status !== STATUS_FLAG_BLOCKED_ANY && status !== STATUS_FLAG_BLOCKED_ALL) return false;
  const wanted = thread.wait_data as number;
  const met = thread.flags & wanted;
  if (status === STATUS_FLAG_BLOCKED_ANY ? met === 0 : met !== wanted) return false;
  sched_set_status(thread, STATUS_PENDING);
  current().contextSwitchRequest = true;
  return true;
}

/** Clears flags of the caller. Returns those of `mask` that were set. */
export function thread_flags_clear(mask: thread_flags_t): thread_flags_t {
  current().countCall();
  return clear(active(), mask);
}

/** Waits until any flag of `mask` is set. Returns and clears those that are. */
export function thread_flags_wait_any(mask: thread_flags_t): Blocking<thread_flags_t> {
  const me = active();
  if ((me.flags & mask) === 0 && wait(me, mask, STATUS_FLAG_BLOCKED_ANY) && hands_over(current())) {
    const waiting = (me.flags_wait ??= new FlagsWait(me)) as FlagsWait;
    return waiting.begin(mask);
  }
  return over_with(clear(me, mask));
}

/** Hands over, and clears flags when the thread goes on. One a thread is enough, as of Handover. */
class FlagsWait extends Handover<thread_flags_t> {
  private readonly thread: thread_t;
  private mask: thread_flags_t = 0;

  constructor(thread: thread_t) {
    super(0);
    this.thread = thread;
  }

  begin(mask: thread_flags_t): this {
    this.mask = mask;
    return this.for(0);
  }

  override next(): IteratorResult<undefined, thread_flags_t> {
    const step = super.next();
    if (step.done === true) step.value = clear(this.thread, this.mask);
    return step;
  }
}

/** Waits until all flags of `mask` are set; clears and returns them. */
export function* thread_flags_wait_all(mask: thread_flags_t): Blocking<thread_flags_t> {
  const me = active();
  if ((me.flags & mask) !== mask && wait(me, mask, STATUS_FLAG_BLOCKED_ALL)) yield* thread_yield_higher();
  return clear(me, mask);
}

/** Waits until any flag of `mask` is set; clears and returns the lowest one only. */
export function* thread_flags_wait_one(mask: thread_flags_t): Blocking<thread_flags_t> {
  const me = active();
  if ((me.flags & mask) === 0 && wait(me, mask, STATUS_FLAG_BLOCKED_ANY)) yield* thread_yield_higher();
  const set = me.flags & mask;
  return clear(me, set & -set);
}

/** Blocks the caller; false in an interrupt handler, where nobody can wait. */
function wait(me: thread_t, mask: thread_flags_t, status: number): boolean {
  if (current().inInterrupt) {
    undefined_on_riot('waiting for thread flags in an interrupt handler');
    return false;
  }
  me.wait_data = mask;
  sched_set_status(me, status);
  return true;
}

function clear(thread: thread_t, mask: thread_flags_t): thread_flags_t {
  const cleared = thread.flags & mask;
  thread.flags &= ~cleared;
  return cleared;
}

function active(): thread_t {
  const me = current().activeThread;
  invariant(me !== null, 'thread flags used while no thread runs');
  return me;
}
