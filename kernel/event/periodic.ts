// Periodic events (RIOT sys/include/event/periodic.h).
import type { Blocking } from '../blocking.ts';
import { event_post } from '../event.ts';
import type { event_queue_t, event_t } from '../event.ts';
import { ZTIMER_USEC, type ztimer_clock_t } from '../ztimer.ts';
import {
  ZTIMER_PERIODIC_KEEP_GOING, ZTIMER_PERIODIC_STOP, ztimer_periodic_init, ztimer_periodic_start,
  ztimer_periodic_start_now, ztimer_periodic_stop, ztimer_periodic_t,
} from '../ztimer/periodic.ts';

/** Count of an event that is posted until it is stopped. */
export const EVENT_PERIODIC_FOREVER = 0;

/** An event that is posted again and again. */
export class event_periodic_t {
  readonly timer: ztimer_periodic_t<event_periodic_t>;
  queue: event_queue_t | null;
  event: event_t | null;
  /** How often it is still posted; EVENT_PERIODIC_FOREVER: no end. */
  count = EVENT_PERIODIC_FOREVER;

  /** As `event_periodic_init()`, or without arguments for it. */
  constructor(
    clock: ztimer_clock_t = ZTIMER_USEC, queue: event_queue_t | null = null, event: event_t | null = null,
  ) {
    this.timer = new ztimer_periodic_t<event_periodic_t>(clock, due, this, 0);
    this.queue = queue;
    this.event = event;
  }
}

/** Sets up a periodic event without an end, whatever it was; one that runs is stopped. It does not start. */
export function event_periodic_init(
  event_periodic: event_periodic_t, clock: ztimer_clock_t, queue: event_queue_t, event: event_t,
): void {
  ztimer_periodic_init(clock, event_periodic.timer, due, event_periodic, 0);
  event_periodic.count = EVENT_PERIODIC_FOREVER;
  event_periodic.queue = queue;
  event_periodic.event = event;
}

/** Starts: first posted after one interval. */
export function event_periodic_start(event_periodic: event_periodic_t, interval: number): void {
  event_periodic.timer.interval = interval;
  ztimer_periodic_start(event_periodic.timer);
}

/** Starts: first posted as soon as possible. */
export function event_periodic_start_now(event_periodic: event_periodic_t, interval: number): void {
  event_periodic.timer.interval = interval;
  ztimer_periodic_start_now(event_periodic.timer);
}

/** Has it posted `count` times and no more. */
export function event_periodic_set_count(event_periodic: event_periodic_t, count: number): void {
  event_periodic.count = count;
}

/** Stops; an event that is queued already stays so. */
export function event_periodic_stop(event_periodic: event_periodic_t): void {
  ztimer_periodic_stop(event_periodic.timer);
}

function* due(event_periodic: event_periodic_t): Blocking<boolean> {
  const { queue, event } = event_periodic;
  if (queue !== null && event !== null) yield* event_post(queue, event);
  if (event_periodic.count !== EVENT_PERIODIC_FOREVER && --event_periodic.count === 0) {
    return ZTIMER_PERIODIC_STOP;
  }
  return ZTIMER_PERIODIC_KEEP_GOING;
}
