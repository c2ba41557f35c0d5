// Events that send a message (RIOT sys/include/evtimer_msg.h).
import { evtimer_add, evtimer_event_t, evtimer_t } from './evtimer.ts';
import { msg_send_int, msg_t } from './msg.ts';
import type { kernel_pid_t } from './thread_t.ts';

/** A timer for evtimer_msg_event_t. */
export type evtimer_msg_t = evtimer_t;

/** An event and its message; `msg.sender_pid` holds the receiver until it is sent. */
export class evtimer_msg_event_t extends evtimer_event_t {
  readonly msg = new msg_t();
}

/** A new timer, ready for `evtimer_add_msg()`. */
export function EVTIMER_MSG_INIT(): evtimer_msg_t {
  return new evtimer_t(sendMessage);
}

/** Makes it a timer without events that sends their messages. */
export function evtimer_init_msg(evtimer: evtimer_msg_t): void {
  evtimer.callback = sendMessage;
  evtimer.events = null;
}

/** Has `event.msg` sent to `target_pid` in `event.offset` ms; lost if it does not fit then. */
export function evtimer_add_msg(
  evtimer: evtimer_msg_t, event: evtimer_msg_event_t, target_pid: kernel_pid_t,
): void {
  event.msg.sender_pid = target_pid;
  evtimer_add(evtimer, event);
}

function sendMessage(event: evtimer_event_t): undefined {
  const { msg } = event as evtimer_msg_event_t;
  msg_send_int(msg, msg.sender_pid);
}
