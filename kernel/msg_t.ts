// RIOT's msg_t (core/include/msg.h): 8 bytes on a 32-bit board, copied by value.

export class msg_t {
  sender_pid = 0;
  /** 16 bit. */
  type = 0;
  /** C has a union of a pointer and a 32-bit value here. */
  content: { ptr: unknown; value: number } = { ptr: null, value: 0 };
}

/** A place of a message queue. Most queues of most boards never fill, see `msg_queue_array()`. */
export function msg_slot(array: msg_t[], place: number): msg_t {
  return array[place] ??= new msg_t();
}

/** `*to = *from`. */
export function msg_copy(to: msg_t, from: msg_t): void {
  to.sender_pid = from.sender_pid;
  to.type = from.type;
  to.content.ptr = from.content.ptr;
  to.content.value = from.content.value;
}

/** Copies a message out of a queue. What it points to is not kept alive there. */
export function msg_take(to: msg_t, place: msg_t): void {
  msg_copy(to, place);
  place.content.ptr = null;
}
