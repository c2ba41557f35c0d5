// Message buses (RIOT core/include/msg_bus.h): a message goes to all threads that subscribed to its
// type.
import { type Blocking, thread_yield_higher } from './blocking.ts';
import { current, perBoard } from './current.ts';
import { KERNEL_PID_ISR, msg_t, sendOneway } from './msg.ts';
import { assert } from './panic.ts';
import { thread_getpid } from './thread.ts';
import { KERNEL_PID_UNDEF } from './thread_t.ts';
import type { kernel_pid_t } from './thread_t.ts';

/** Set in the sender_pid of messages from a bus: the top bit of its 16. */
export const MSB_BUS_PID_FLAG = 1 << 15;

/** Types on a bus: 0 to 31. */
const TYPE_MASK = 0x1f;
const TYPE_BITS = 5;

/** A bus. */
export class msg_bus_t {
  subs: msg_bus_entry_t | null = null;
  id = 0;
}

/** A subscription of one thread. */
export class msg_bus_entry_t {
  next: msg_bus_entry_t | null = null;
  /** The types it wants, one bit each. */
  event_mask = 0;
  pid: kernel_pid_t = KERNEL_PID_UNDEF;
}

const statics = perBoard(() => ({ bus_count: 0 }), { bytes: 2 });

/** Makes `bus` one without subscribers; its id is the next one of the board. */
export function msg_bus_init(bus: msg_bus_t): void {
  bus.subs = null;
  bus.id = statics().bus_count++;
}

/** The type of a message, whether it came from a bus or not. */
export function msg_bus_get_type(msg: msg_t): number {
  return (msg.sender_pid & MSB_BUS_PID_FLAG) !== 0 ? msg.type & TYPE_MASK : msg.type;
}

/** The sender of a message, whether it came from a bus or not. */
export function msg_bus_get_sender_pid(msg: msg_t): kernel_pid_t {
  return msg.sender_pid & ~MSB_BUS_PID_FLAG;
}

/** Whether a message came from this bus; with null, from any. */
export function msg_is_from_bus(bus: msg_bus_t | null, msg: msg_t): boolean {
  if (bus !== null && bus.id !== msg.type >> TYPE_BITS) return false;
  return (msg.sender_pid & MSB_BUS_PID_FLAG) !== 0;
}

/** Attaches the calling thread; it gets nothing before it subscribes. */
export function msg_bus_attach(bus: msg_bus_t, entry: msg_bus_entry_t): void {
  entry.event_mask = 0;
  entry.pid = thread_getpid();
  entry.next = bus.subs;
  bus.subs = entry;
}

/** Takes a subscription off the bus; no effect if it is not on it. */
export function msg_bus_detach(bus: msg_bus_t, entry: msg_bus_entry_t): void {
  let before: msg_bus_entry_t | null = null;
  let e = bus.subs;
  while (e !== null && e !== entry) {
    before = e;
    e = e.next;
  }
  if (e === null) return;
  if (before === null) bus.subs = entry.next;
  else before.next = entry.next;
  entry.next = null;
}

/** The calling thread's subscription, or null. */
export function msg_bus_get_entry(bus: msg_bus_t): msg_bus_entry_t | null {
  const pid = thread_getpid();
  for (let e = bus.subs; e !== null; e = e.next) {
    if (e.pid === pid) return e;
  }
  return null;
}

/** Subscribes to a type, 0 to 31: asserted. */
export function msg_bus_subscribe(entry: msg_bus_entry_t, type: number): void {
  assert(type < 32, 'core/msg_bus.c:197');
  entry.event_mask |= 1 << type;
}

/** Ends the subscription to a type, 0 to 31: asserted. */
export function msg_bus_unsubscribe(entry: msg_bus_entry_t, type: number): void {
  assert(type < 32, 'core/msg_bus.c:211');
  entry.event_mask &= ~(1 << type);
}

/**
 * Sends a message to all subscribers of its type; never waits: who has no room misses it.
 * @param m its type holds the bus's id above the type's 5 bits
 * @returns how many threads got it
 */
export function* msg_send_bus(m: msg_t, bus: msg_bus_t): Blocking<number> {
  const kernel = current();
  const mask = 1 << (m.type & TYPE_MASK);
  const sender = (kernel.inInterrupt ? KERNEL_PID_ISR() : thread_getpid()) | MSB_BUS_PID_FLAG;
  let count = 0;
  for (let e = bus.subs; e !== null; e = e.next) {
    if ((e.event_mask & mask) !== 0 && sendOneway(kernel, m, e.pid, sender) > 0) count++;
  }
  if (kernel.contextSwitchRequest && !kernel.inInterrupt) yield* thread_yield_higher();
  return count;
}

/** Posts `arg` under a type, 0 to 31 (asserted), to all its subscribers. Returns how many got it. */
export function* msg_bus_post(bus: msg_bus_t, type: number, arg: unknown): Blocking<number> {
  assert(type < 32, 'core/msg_bus.c:249');
  const m = new msg_t();
  m.type = type | (bus.id << TYPE_BITS);
  m.content.ptr = arg;
  return yield* msg_send_bus(m, bus);
}
