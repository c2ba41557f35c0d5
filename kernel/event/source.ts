// Sources of events with subscribers (RIOT sys/include/event/source.h).
import type { Blocking } from '../blocking.ts';
import { event_post } from '../event.ts';
import type { event_queue_t, event_t } from '../event.ts';
import { irq_disable, irq_restore } from '../irq.ts';

/** A source: what is posted when it triggers, the newest subscriber first. */
export class event_source_t {
  subscribers: event_source_subscriber_t[] = [];
}

/** An event that goes to a queue when the source triggers. */
export class event_source_subscriber_t {
  readonly event: event_t;
  readonly queue: event_queue_t;

  constructor(event: event_t, queue: event_queue_t) {
    this.event = event;
    this.queue = queue;
  }
}

/** Adds a subscriber in front of the others. */
export function event_source_attach(
  source: event_source_t, subscriber: event_source_subscriber_t,
): void {
  source.subscribers.unshift(subscriber);
}

/** Takes a subscriber out; no effect if it is not there. */
export function event_source_detach(
  source: event_source_t, subscriber: event_source_subscriber_t,
): void {
  source.subscribers = source.subscribers.filter((s) => s !== subscriber);
}

/** Posts the events of all subscribers; their threads run when all are posted. */
export function* event_source_trigger(source: event_source_t): Blocking<void> {
  const state = irq_disable();
  for (const { queue, event } of source.subscribers) yield* event_post(queue, event);
  yield* irq_restore(state);
}
