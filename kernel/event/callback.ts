// Events that call a function (RIOT sys/include/event/callback.h).
import type { Blocking } from '../blocking.ts';
import { event_t, event_post } from '../event.ts';
import type { event_queue_t } from '../event.ts';

/** An event whose handler calls `callback(arg)`. */
export class event_callback_t<T = unknown> extends event_t {
  callback: (arg: T) => undefined | Blocking<void>;
  arg: T;

  /** As `event_callback_init()`. */
  constructor(callback: (arg: T) => undefined | Blocking<void>, arg: T) {
    super(() => this.callback(this.arg));
    this.callback = callback;
    this.arg = arg;
  }
}

/** Gives an event another callback; not while it is queued. */
export function event_callback_init<T>(
  event: event_callback_t<T>, callback: (arg: T) => undefined | Blocking<void>, arg: T,
): void {
  event.callback = callback;
  event.arg = arg;
}

/** Queues the event. */
export function* event_callback_post<T>(
  queue: event_queue_t, event: event_callback_t<T>,
): Blocking<void> {
  yield* event_post(queue, event);
}

/** Sets up and queues the event in one go. */
export function* event_callback_oneshot<T>(
  event: event_callback_t<T>, queue: event_queue_t,
  callback: (arg: T) => undefined | Blocking<void>, arg: T,
): Blocking<void> {
  event_callback_init(event, callback, arg);
  yield* event_post(queue, event);
}
