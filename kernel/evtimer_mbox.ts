// Events that put a message into a mailbox (RIOT sys/include/evtimer_mbox.h).
import type { Blocking } from './blocking.ts';
import { evtimer_add, evtimer_event_t, evtimer_t } from './evtimer.ts';
import { type mbox_t, mbox_try_put } from './mbox.ts';
import { msg_t } from './msg_t.ts';

/** A timer for evtimer_mbox_event_t. */
export type evtimer_mbox_t = evtimer_t;

/** An event, its message, and the mailbox that gets it. */
export class evtimer_mbox_event_t extends evtimer_event_t {
  readonly msg = new msg_t();
  mbox: mbox_t | null = null;
}

/** Makes it a timer without events that puts their messages into mailboxes. */
export function evtimer_init_mbox(evtimer: evtimer_mbox_t): void {
  evtimer.callback = putMessage;
  evtimer.events = null;
}

/** Has `event.msg` put into `mbox` in `event.offset` ms; lost if that is full then. */
export function evtimer_add_mbox(evtimer: evtimer_mbox_t, event: evtimer_mbox_event_t, mbox: mbox_t): void {
  event.mbox = mbox;
  evtimer_add(evtimer, event);
}

function* putMessage(event: evtimer_event_t): Blocking<void> {
  const { msg, mbox } = event as evtimer_mbox_event_t;
  if (mbox !== null) yield* mbox_try_put(mbox, msg);
}
