// What a board tells the trace. A trace site costs one branch:
//
//     if (tracing()) trace({ layer: 'kernel', type: 'switch', pid });
//
// Arguments are built inside the branch. emulator/trace adds id, virtual time, node and cause.
import { current } from './current.ts';

/** The shape of every event of a board; net/events.ts adds the network's. */
export interface BoardEvent {
  /** Who speaks: 'kernel', 'console', 'netif', '6lo', 'ipv6', 'udp', 'dtls' ... */
  readonly layer: string;
  /** What happened, in one word. */
  readonly type: string;
}

export type KernelEvent =
  | { layer: 'kernel'; type: 'switch'; pid: number; name: string }
  /** CPU time begins to pass, or ends to: a board is active only while a thread spends some. */
  | { layer: 'kernel'; type: 'cpu'; state: 'active' | 'sleep' }
  | { layer: 'kernel'; type: 'thread_create'; pid: number; name: string; priority: number; stackSize: number }
  | { layer: 'kernel'; type: 'thread_exit'; pid: number; name: string }
  | { layer: 'kernel'; type: 'msg_lost'; pid: number; msgType: number; reason: 'queue-full' | 'no-thread' }
  | { layer: 'kernel'; type: 'assert'; where: string; pid: number }
  | { layer: 'kernel'; type: 'panic'; text: string; pid: number }
  | { layer: 'kernel'; type: 'undefined'; text: string }
  | { layer: 'console'; type: 'input_lost'; bytes: number };

/** Counts an event of the running board and tells whether a reader is there. */
export function tracing(): boolean {
  return current().platform.traced();
}

/** Emits an event of the running board; only after `tracing()` answered true. */
export function trace<E extends BoardEvent = KernelEvent>(event: E): void {
  current().platform.trace(event);
}
