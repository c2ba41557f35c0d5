// Events after a time (RIOT sys/include/event/timeout.h).
import type { Blocking } from '../blocking.ts';
import { event_is_queued, event_post } from '../event.ts';
import type { event_queue_t, event_t } from '../event.ts';
import {
  ZTIMER_USEC, type ztimer_clock_t, ztimer_is_set, ztimer_remove, ztimer_set, ztimer_t,
} from '../ztimer.ts';

/** A time-out: which event goes to which queue. */
export class event_timeout_t {
  clock: ztimer_clock_t | null = null;
  readonly timer: ztimer_t<event_timeout_t> = new ztimer_t<event_timeout_t>(post, this);
  queue: event_queue_t | null = null;
  event: event_t | null = null;
}

/** Sets up a time-out on `clock`. */
export function event_timeout_ztimer_init(
  event_timeout: event_timeout_t, clock: ztimer_clock_t | null, queue: event_queue_t | null,
  event: event_t | null,
): void {
  event_timeout.clock = clock;
  event_timeout.queue = queue;
  event_timeout.event = event;
}

/** Sets up a time-out in microseconds. */
export function event_timeout_init(
  event_timeout: event_timeout_t, queue: event_queue_t, event: event_t,
): void {
  event_timeout_ztimer_init(event_timeout, ZTIMER_USEC, queue, event);
}

/** Has the event posted in `timeout` ticks, with 0 at once; moves a time-out that is set. */
export function* event_timeout_set(event_timeout: event_timeout_t, timeout: number): Blocking<void> {
  if (timeout === 0) yield* post(event_timeout);
  else if (event_timeout.clock !== null) ztimer_set(event_timeout.clock, event_timeout.timer, timeout);
}

/** Takes the time-out back; an event that is queued already stays so. */
export function event_timeout_clear(event_timeout: event_timeout_t): void {
  if (event_timeout.clock !== null) ztimer_remove(event_timeout.clock, event_timeout.timer);
}

/** Whether the time runs or the event waits in its queue. */
export function event_timeout_is_pending(event_timeout: event_timeout_t): boolean {
  const { clock, queue, event } = event_timeout;
  if (clock === null || queue === null || event === null) return false;
  return ztimer_is_set(clock, event_timeout.timer) || event_is_queued(queue, event);
}

function* post({ queue, event }: event_timeout_t): Blocking<void> {
  if (queue !== null && event !== null) yield* event_post(queue, event);
}
