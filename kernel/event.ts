// Event queues (RIOT sys/include/event.h).
import type { Blocking } from './blocking.ts';
import { current } from './current.ts';
import { MUTEX_INIT_LOCKED, mutex_lock, mutex_unlock } from './mutex.ts';
import { assert, undefined_on_riot } from './panic.ts';
import { thread_get_active, thread_getpid } from './thread.ts';
import {
  THREAD_FLAG_TIMEOUT, thread_flags_clear, thread_flags_set, thread_flags_wait_any,
} from './thread_flags.ts';
import type { thread_t } from './thread_t.ts';
import {
  ZTIMER_USEC, type ztimer_clock_t, ztimer_t, ztimer_remove, ztimer_set_timeout_flag,
} from './ztimer.ts';

/** The thread flag that tells a queue's thread of an event. */
export const THREAD_FLAG_EVENT = 0x1;

const UINT32_MAX = 0xffffffff;

/** Runs in the thread that serves the queue. */
export type event_handler_t = (event: event_t) => undefined | Blocking<void>;

/** An event. Extend the class to give it data of its own; its handler gets the event. */
export class event_t {
  handler: event_handler_t | null;
  /** The queue it waits in, and the event behind it there. */
  queue: event_queue_t | null = null;
  next: event_t | null = null;

  constructor(handler: event_handler_t | null = null) {
    this.handler = handler;
  }
}

/** A queue of events and the thread that serves it. */
export class event_queue_t {
  first: event_t | null = null;
  last: event_t | null = null;
  waiter: thread_t | null = null;
}

/** A new queue served by the caller. */
export function EVENT_QUEUE_INIT(): event_queue_t {
  const queue = new event_queue_t();
  queue.waiter = thread_get_active();
  return queue;
}

/** A new queue that no thread serves yet. */
export function EVENT_QUEUE_INIT_DETACHED(): event_queue_t {
  return new event_queue_t();
}

/** Empties the queue; the caller serves it. */
export function event_queue_init(queue: event_queue_t): void {
  event_queue_init_detached(queue);
  queue.waiter = thread_get_active();
}

/** Empties the queue; no thread serves it until `event_queue_claim()`. */
export function event_queue_init_detached(queue: event_queue_t): void {
  queue.first = null;
  queue.last = null;
  queue.waiter = null;
}

/** `event_queue_init()` for the first `n_queues` queues of an array. */
export function event_queues_init(queues: readonly event_queue_t[], n_queues: number): void {
  assert(n_queues > 0, 'sys/event/event.c:166');
  for (let i = 0; i < n_queues; i++) event_queue_init(queues[i]);
}

/** `event_queue_init_detached()` for the first `n_queues` queues of an array. */
export function event_queues_init_detached(queues: readonly event_queue_t[], n_queues: number): void {
  for (let i = 0; i < n_queues; i++) event_queue_init_detached(queues[i]);
}

/** The caller serves a queue that nobody serves: asserted. */
export function event_queue_claim(queue: event_queue_t): void {
  assert(queue.waiter === null, 'sys/event/event.c:227');
  queue.waiter = thread_get_active();
}

/** `event_queue_claim()` for the first `n_queues` queues of an array. */
export function event_queues_claim(queues: readonly event_queue_t[], n_queues: number): void {
  for (let i = 0; i < n_queues; i++) event_queue_claim(queues[i]);
}

/** Puts an event into a queue; one that is queued already stays where it is. */
export function* event_post(queue: event_queue_t, event: event_t): Blocking<void> {
  current().countCall();
  assert(event.handler !== null, 'sys/event/event.c:37');
  if (event.queue === null) append(queue, event);
  const { waiter } = queue;
  if (waiter !== null) yield* thread_flags_set(waiter, THREAD_FLAG_EVENT);
}

/** Takes an event out of the queue if it is in. */
export function event_cancel(queue: event_queue_t, event: event_t): void {
  current().countCall();
  if (event.queue === null) return;
  if (event.queue !== queue) {
    undefined_on_riot('event_cancel() of an event that is in another queue');
    return;
  }
  let before: event_t | null = null;
  for (let e = queue.first; e !== event && e !== null; e = e.next) before = e;
  if (before === null) queue.first = event.next;
  else before.next = event.next;
  if (queue.last === event) queue.last = before;
  event.next = null;
  event.queue = null;
}

/** Whether the event waits in this queue. */
export function event_is_queued(queue: event_queue_t, event: event_t): boolean {
  return event.queue === queue;
}

/** Takes the first event of the queue; null if there is none. The caller runs its handler. */
export function event_get(queue: event_queue_t): event_t | null {
  const event = queue.first;
  current().countCall();
  if (event === null) return null;
  queue.first = event.next;
  if (queue.first === null) queue.last = null;
  event.next = null;
  event.queue = null;
  return event;
}

/** Waits for an event and takes it. The queue must have a thread: asserted. */
export function* event_wait(queue: event_queue_t): Blocking<event_t> {
  while (true) {
    assert(queue.waiter !== null, 'sys/event/event.c:93');
    const event = event_get(queue);
    if (event !== null) return event;
    yield* thread_flags_wait_any(THREAD_FLAG_EVENT);
  }
}

/** Waits for an event in any of the first `n_queues` queues; the first queue goes first. */
export function* event_wait_multi(
  queues: readonly event_queue_t[], n_queues: number,
): Blocking<event_t> {
  assert(n_queues > 0, 'sys/event/event.c:87');
  while (true) {
    for (let i = 0; i < n_queues; i++) {
      assert(queues[i].waiter !== null, 'sys/event/event.c:93');
      const event = event_get(queues[i]);
      if (event !== null) return event;
    }
    yield* thread_flags_wait_any(THREAD_FLAG_EVENT);
  }
}

/** Waits for an event, at most `timeout` ticks of `clock`; null if none came. */
export function* event_wait_timeout_ztimer(
  queue: event_queue_t, clock: ztimer_clock_t, timeout: number,
): Blocking<event_t | null> {
  const timer = new ztimer_t();
  thread_flags_clear(THREAD_FLAG_TIMEOUT);
  ztimer_set_timeout_flag(clock, timer, timeout);
  const event = yield* waitTimeout(queue);
  if (event !== null) ztimer_remove(clock, timer);
  return event;
}

/** `event_wait_timeout_ztimer()` in microseconds, by xtimer's names. */
export function* event_wait_timeout(queue: event_queue_t, timeout: number): Blocking<event_t | null> {
  return yield* event_wait_timeout_ztimer(queue, ZTIMER_USEC, timeout);
}

/** As `event_wait_timeout()`; more than 32 bits are asserted against. */
export function* event_wait_timeout64(queue: event_queue_t, timeout: number): Blocking<event_t | null> {
  assert(timeout <= UINT32_MAX, 'sys/include/ztimer/xtimer_compat.h:360');
  return yield* event_wait_timeout_ztimer(queue, ZTIMER_USEC, timeout);
}

/** Serves a queue for ever. */
export function* event_loop(queue: event_queue_t): Blocking<never> {
  while (true) yield* event_run(yield* event_wait(queue));
}

/** Serves the first `n_queues` queues for ever; the first queue goes first. */
export function* event_loop_multi(
  queues: readonly event_queue_t[], n_queues: number,
): Blocking<never> {
  while (true) yield* event_run(yield* event_wait_multi(queues, n_queues));
}

/** Runs an event's handler: `event->handler(event)`. */
export function* event_run(event: event_t): Blocking<void> {
  const steps = event.handler?.(event);
  if (steps !== undefined) yield* steps;
}

/**
 * Waits until all events that are in the queue now have been handled. Not from the thread that
 * serves it: asserted.
 */
export function* event_sync(queue: event_queue_t): Blocking<void> {
  assert(queue.waiter === null || queue.waiter.pid !== thread_getpid(), 'sys/event/event.c:193');
  const synced = MUTEX_INIT_LOCKED();
  yield* event_post(queue, new event_t(() => mutex_unlock(synced)));
  yield* mutex_lock(synced);
}

function append(queue: event_queue_t, event: event_t): void {
  event.queue = queue;
  event.next = null;
  if (queue.last === null) queue.first = event;
  else queue.last.next = event;
  queue.last = event;
}

function* waitTimeout(queue: event_queue_t): Blocking<event_t | null> {
  assert(queue.waiter !== null, 'sys/event/event.c:116');
  while (true) {
    const event = event_get(queue);
    if (event !== null) return event;
    const flags = yield* thread_flags_wait_any(THREAD_FLAG_EVENT | THREAD_FLAG_TIMEOUT);
    if ((flags & THREAD_FLAG_EVENT) === 0) return null;
  }
}
