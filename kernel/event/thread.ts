// Ready-made threads that serve event queues (RIOT sys/include/event/thread.h).
import type { Blocking } from '../blocking.ts';
import { current, perBoard } from '../current.ts';
import {
  EVENT_QUEUE_INIT_DETACHED, event_loop_multi, event_queue_t, event_queues_claim,
  event_queues_init_detached,
} from '../event.ts';
import { THREAD_PRIORITY_IDLE, THREAD_PRIORITY_MAIN } from '../sched.ts';
import { thread_create } from '../thread.ts';
import type { stack_t } from '../thread_t.ts';

/** The queues of event_thread_queues, the highest priority first. */
export const EVENT_QUEUE_PRIO_HIGHEST = 0;
export const EVENT_QUEUE_PRIO_MEDIUM = 1;
export const EVENT_QUEUE_PRIO_LOWEST = 2;

/** Priorities of the threads that serve them. */
const EVENT_THREAD_HIGHEST_PRIO = 0;
const EVENT_THREAD_MEDIUM_PRIO = THREAD_PRIORITY_MAIN - 1;
const EVENT_THREAD_LOWEST_PRIO = THREAD_PRIORITY_IDLE - 1;

const queues = perBoard<readonly event_queue_t[]>(() => [
  EVENT_QUEUE_INIT_DETACHED(), EVENT_QUEUE_INIT_DETACHED(), EVENT_QUEUE_INIT_DETACHED(),
], { bytes: 3 * 16 });

/** The queue for what must not wait. */
export function EVENT_PRIO_HIGHEST(): event_queue_t {
  return queues()[EVENT_QUEUE_PRIO_HIGHEST];
}

/** The queue for most things. */
export function EVENT_PRIO_MEDIUM(): event_queue_t {
  return queues()[EVENT_QUEUE_PRIO_MEDIUM];
}

/** The queue for what has time. */
export function EVENT_PRIO_LOWEST(): event_queue_t {
  return queues()[EVENT_QUEUE_PRIO_LOWEST];
}

/** Empties a queue and starts a thread that serves it. */
export function* event_thread_init(
  queue: event_queue_t, stack: stack_t, stack_size: number, priority: number,
): Blocking<void> {
  yield* event_thread_init_multi([queue], 1, stack, stack_size, priority);
}

/** Empties `queues_numof` queues and starts a thread that serves them, the first one first. */
export function* event_thread_init_multi(
  served: readonly event_queue_t[], queues_numof: number, stack: stack_t, stack_size: number,
  priority: number,
): Blocking<void> {
  event_queues_init_detached(served, queues_numof);
  yield* thread_create(stack, stack_size, priority, 0, serve, served.slice(0, queues_numof), 'event');
}

/**
 * Starts the threads of EVENT_PRIO_*: one for all three queues, and with modules
 * event_thread_highest and event_thread_medium one each for the highest and the lowest.
 */
export function* auto_init_event_thread(): Blocking<void> {
  const { modules, stacks } = current();
  const stack = { length: stacks.ISR_STACKSIZE };
  const [highest, medium, lowest] = queues();
  const middle = [medium];
  if (modules.has('event_thread_highest')) {
    yield* event_thread_init(highest, stack, stack.length, EVENT_THREAD_HIGHEST_PRIO);
  } else {
    middle.unshift(highest);
  }
  if (modules.has('event_thread_medium')) {
    yield* event_thread_init(lowest, stack, stack.length, EVENT_THREAD_LOWEST_PRIO);
  } else {
    middle.push(lowest);
  }
  yield* event_thread_init_multi(middle, middle.length, stack, stack.length, EVENT_THREAD_MEDIUM_PRIO);
}

function* serve(served: readonly event_queue_t[]): Blocking<void> {
  event_queues_claim(served, served.length);
  yield* event_loop_multi(served, served.length);
}
