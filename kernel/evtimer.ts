// Many events on one millisecond timer (RIOT sys/include/evtimer.h).
import type { Blocking } from './blocking.ts';
import { printf } from './print.ts';
import { ZTIMER_MSEC, ztimer_now, ztimer_remove, ztimer_set, ztimer_t } from './ztimer.ts';

/** Extend it to give an event data of its own; the timer's callback gets the event. */
export class evtimer_event_t {
  next: evtimer_event_t | null = null;
  /** Before `evtimer_add()`: in how many ms; afterwards: ms after the event before it. */
  offset = 0;
}

/** Runs in interrupt context for each event that is due. */
export type evtimer_callback_t = (event: evtimer_event_t) => undefined | Blocking<void>;

export class evtimer_t {
  readonly timer: ztimer_t<evtimer_t>;
  /** ms at which the first event's offset starts. */
  base = 0;
  callback: evtimer_callback_t;
  events: evtimer_event_t | null = null;

  constructor(handler: evtimer_callback_t = noCallback) {
    this.callback = handler;
    this.timer = new ztimer_t<evtimer_t>(handle, this);
  }
}

function noCallback(): undefined {
  return undefined;
}

/** Makes it a timer without events that calls `handler`. */
export function evtimer_init(evtimer: evtimer_t, handler: evtimer_callback_t): void {
  evtimer.callback = handler;
  evtimer.events = null;
}

/** Milliseconds since the board booted, 32 bits. */
export function evtimer_now_msec(): number {
  return ztimer_now(ZTIMER_MSEC);
}

/**
 * Adds an event that is due in `event.offset` ms; behind others due then. It must not be added
 * already.
 */
export function evtimer_add(evtimer: evtimer_t, event: evtimer_event_t): void {
  updateHead(evtimer);
  insert(evtimer, event);
  if (evtimer.events === event) setTimer(evtimer, event);
}

/** Takes an event back; no effect if it is not there. */
export function evtimer_del(evtimer: evtimer_t, event: evtimer_event_t): void {
  updateHead(evtimer);
  let before: evtimer_event_t | null = null;
  let entry = evtimer.events;
  while (entry !== null && entry !== event) {
    before = entry;
    entry = entry.next;
  }
  if (entry !== null) {
    if (before === null) evtimer.events = entry.next;
    else before.next = entry.next;
    if (entry.next !== null) entry.next.offset += entry.offset;
  }
  updateTimer(evtimer);
}

/** Prints the events and their offsets. */
export function evtimer_print(evtimer: evtimer_t): void {
  let number = 0;
  for (let event = evtimer.events; event !== null; event = event.next) {
    printf(`ev #${++number} offset=${event.offset}\n`);
  }
}

function insert(evtimer: evtimer_t, event: evtimer_event_t): void {
  let before: evtimer_event_t | null = null;
  let entry = evtimer.events;
  while (entry !== null && event.offset >= entry.offset) {
    event.offset -= entry.offset;
    before = entry;
    entry = entry.next;
  }
  event.next = entry;
  if (entry !== null) entry.offset -= event.offset;
  if (before === null) evtimer.events = event;
  else before.next = event;
}

function updateHead(evtimer: evtimer_t): void {
  const first = evtimer.events;
  if (first === null) return;
  const now = evtimer_now_msec();
  const elapsed = (now - evtimer.base) >>> 0;
  first.offset = elapsed > first.offset ? 0 : first.offset - elapsed;
  evtimer.base = now;
}

function setTimer(evtimer: evtimer_t, first: evtimer_event_t): void {
  evtimer.base = ztimer_set(ZTIMER_MSEC, evtimer.timer, first.offset);
}

function updateTimer(evtimer: evtimer_t): void {
  if (evtimer.events !== null) setTimer(evtimer, evtimer.events);
  else ztimer_remove(ZTIMER_MSEC, evtimer.timer);
}

function* handle(evtimer: evtimer_t): Blocking<void> {
  let event = evtimer.events;
  if (event !== null) event.offset = 0;
  while (event !== null && event.offset === 0) {
    evtimer.events = event.next;
    const steps = evtimer.callback(event);
    if (steps !== undefined) yield* steps;
    event = evtimer.events;
  }
  updateTimer(evtimer);
}
