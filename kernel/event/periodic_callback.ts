// Periodic callbacks (RIOT sys/include/event/periodic_callback.h).
import type { Blocking } from '../blocking.ts';
import type { event_queue_t } from '../event.ts';
import type { ztimer_clock_t } from '../ztimer.ts';
import { event_callback_init, event_callback_t } from './callback.ts';
import {
  event_periodic_init, event_periodic_set_count, event_periodic_start, event_periodic_start_now, event_periodic_stop,
  event_periodic_t,
} from './periodic.ts';

/** A callback that the thread of a queue calls again and again. */
export class event_periodic_callback_t<T = unknown> {
  readonly periodic: event_periodic_t;
  readonly event: event_callback_t<T>;

  /** As `event_periodic_callback_init()`. */
  constructor(
    clock: ztimer_clock_t, queue: event_queue_t, callback: (arg: T) => undefined | Blocking<void>, arg: T,
  ) {
    this.event = new event_callback_t(callback, arg);
    this.periodic = new event_periodic_t(clock, queue, this.event);
  }
}

/**
 * Sets up a periodic callback without an end, whatever it was; one that runs is stopped. Not while its event is
 * queued. It does not start.
 */
export function event_periodic_callback_init<T>(
  event: event_periodic_callback_t<T>, clock: ztimer_clock_t, queue: event_queue_t,
  callback: (arg: T) => undefined | Blocking<void>, arg: T,
): void {
  event_callback_init(event.event, callback, arg);
  event_periodic_init(event.periodic, clock, queue, event.event);
}

/** Sets up a periodic callback and starts it. */
export function event_periodic_callback_create<T>(
  clock: ztimer_clock_t, interval: number, queue: event_queue_t,
  callback: (arg: T) => undefined | Blocking<void>, arg: T,
): event_periodic_callback_t<T> {
  const event = new event_periodic_callback_t(clock, queue, callback, arg);
  event_periodic_callback_start(event, interval);
  return event;
}

/** Starts: first called after one interval. */
export function event_periodic_callback_start<T>(event: event_periodic_callback_t<T>, interval: number): void {
  event_periodic_start(event.periodic, interval);
}

/** Starts: first called as soon as possible. */
export function event_periodic_callback_start_now<T>(event: event_periodic_callback_t<T>, interval: number): void {
  event_periodic_start_now(event.periodic, interval);
}

/** Stops; a call that waits in the queue is still made. */
export function event_periodic_callback_stop<T>(event: event_periodic_callback_t<T>): void {
  event_periodic_stop(event.periodic);
}

/** Has it called `count` times and no more; 0: without end. */
export function event_periodic_callback_set_count<T>(event: event_periodic_callback_t<T>, count: number): void {
  event_periodic_set_count(event.periodic, count);
}

export function event_periodic_callback_get_count<T>(event: event_periodic_callback_t<T>): number {
  return event.periodic.count;
}

export function event_periodic_callback_get_interval<T>(event: event_periodic_callback_t<T>): number {
  return event.periodic.timer.interval;
}

export function event_periodic_callback_get_arg<T>(event: event_periodic_callback_t<T>): T {
  return event.event.arg;
}
