// Events of the network that a thread tells others (RIOT sys/include/net/gnrc/netapi/notify.h): who is there and who is
// gone. gnrc_netapi_notify() in netapi.ts sends them.
import type { Blocking } from '../../kernel/blocking.ts';
import { EINVAL } from '../../kernel/errno.ts';
import { sema_inv_post, sema_inv_t } from '../../kernel/sema_inv.ts';
import type { kernel_pid_t } from '../../kernel/thread_t.ts';

export type netapi_notify_t = number;

/** A connection on layer 2 was made, or closed; data: netapi_notify_l2_connection_t. */
export const NETAPI_NOTIFY_L2_NEIGH_CONNECTED: netapi_notify_t = 0;
export const NETAPI_NOTIFY_L2_NEIGH_DISCONNECTED: netapi_notify_t = 1;
/** A node was discovered, or became unreachable; data: its address, 16 bytes. */
export const NETAPI_NOTIFY_L3_DISCOVERED: netapi_notify_t = 2;
export const NETAPI_NOTIFY_L3_UNREACHABLE: netapi_notify_t = 3;

const L2ADDR_MAXLEN = 8;
const IPV6_ADDR_LEN = 16;
/** sizeof(netapi_notify_l2_connection_t). */
const L2_CONNECTION_SIZE = L2ADDR_MAXLEN + 4;

/** What goes with an event of layer 2. */
export interface netapi_notify_l2_connection_t {
  readonly l2addr: Uint8Array;
  l2addr_len: number;
  if_pid: kernel_pid_t;
}

/** What goes with an event: of layer 2, or the address of layer 3. */
export type netapi_notify_data_t = netapi_notify_l2_connection_t | Uint8Array;

/** An event as it comes to a receiver, who acknowledges it once. */
export class gnrc_netapi_notify_t {
  readonly event: netapi_notify_t;
  readonly _data: netapi_notify_data_t | null;
  readonly ack = new sema_inv_t();

  constructor(event: netapi_notify_t, data: netapi_notify_data_t | null) {
    this.event = event;
    this._data = data;
  }
}

/** Acknowledges an event whose data are not wanted. */
export function* gnrc_netapi_notify_ack(ack: sema_inv_t): Blocking<void> {
  yield* sema_inv_post(ack);
}

/**
 * Copies what goes with an event, and acknowledges it.
 * @param data where it goes: 16 bytes, or a netapi_notify_l2_connection_t, as the event has it
 * @returns bytes copied, or -EINVAL if `data` is not of the event's kind, or its address is too long
 */
export function* gnrc_netapi_notify_copy_event_data(
  notify: gnrc_netapi_notify_t, data: netapi_notify_data_t,
): Blocking<number> {
  const res = copy(notify, data);
  yield* gnrc_netapi_notify_ack(notify.ack);
  return res;
}

function copy({ event, _data: from }: gnrc_netapi_notify_t, to: netapi_notify_data_t): number {
  const layer2 = event === NETAPI_NOTIFY_L2_NEIGH_CONNECTED || event === NETAPI_NOTIFY_L2_NEIGH_DISCONNECTED;
  const layer3 = event === NETAPI_NOTIFY_L3_DISCOVERED || event === NETAPI_NOTIFY_L3_UNREACHABLE;
  if (from instanceof Uint8Array) {
    if (!layer3 || !(to instanceof Uint8Array) || to.length !== IPV6_ADDR_LEN) return -EINVAL;
    to.set(from.subarray(0, IPV6_ADDR_LEN));
    return IPV6_ADDR_LEN;
  }
  if (!layer2 || from === null || to instanceof Uint8Array || from.l2addr_len > L2ADDR_MAXLEN) return -EINVAL;
  to.l2addr.set(from.l2addr.subarray(0, from.l2addr_len));
  to.l2addr_len = from.l2addr_len;
  to.if_pid = from.if_pid;
  return L2_CONNECTION_SIZE;
}
