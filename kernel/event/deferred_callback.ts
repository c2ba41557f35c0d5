// Callbacks after a time (RIOT sys/include/event/deferred_callback.h).
import type { Blocking } from '../blocking.ts';
import { event_cancel, event_post } from '../event.ts';
import type { event_queue_t } from '../event.ts';
import { type ztimer_clock_t, ztimer_remove, ztimer_set, ztimer_t } from '../ztimer.ts';
import { event_callback_init, event_callback_t } from './callback.ts';

/** A callback that the thread of a queue calls once, later. */
export class event_deferred_callback_t<T = unknown> extends event_callback_t<T | null> {
  readonly timer: ztimer_t<event_deferred_callback_t<T>>;
  target: event_queue_t | null = null;

  constructor() {
    super(() => undefined, null);
    this.timer = new ztimer_t<event_deferred_callback_t<T>>(post, this);
  }
}

/** Has `callback(arg)` called by the queue's thread in `timeout` ticks; replaces an earlier request. */
export function event_deferred_callback_post<T>(
  event: event_deferred_callback_t<T>, queue: event_queue_t, clock: ztimer_clock_t, timeout: number,
  callback: (arg: T) => undefined | Blocking<void>, arg: T,
): void {
  ztimer_remove(clock, event.timer);
  event_cancel(queue, event);
  event_callback_init(event, (a) => callback(a as T), arg);
  event.target = queue;
  ztimer_set(clock, event.timer, timeout);
}

/** Takes the request back, also when it waits in the queue already. */
export function event_deferred_callback_cancel<T>(
  event: event_deferred_callback_t<T>, clock: ztimer_clock_t,
): void {
  ztimer_remove(clock, event.timer);
  if (event.target !== null) event_cancel(event.target, event);
}

function* post<T>(event: event_deferred_callback_t<T>): Blocking<void> {
  if (event.target !== null) yield* event_post(event.target, event);
}
