// What a sock is made of over GNRC (RIOT sys/net/gnrc/sock/include/sock_types.h, sys/net/gnrc/sock/gnrc_sock.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { EAGAIN, EBADMSG, EINVAL, ENOMEM, ETIMEDOUT } from '../../kernel/errno.ts';
import { mbox_get, mbox_init, mbox_size, mbox_t, mbox_try_get } from '../../kernel/mbox.ts';
import { msg_queue_array, type msg_t } from '../../kernel/msg.ts';
import { KERNEL_PID_UNDEF } from '../../kernel/thread_t.ts';
import { ZTIMER_MSEC, ztimer_mbox_get_timeout } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { gnrc_ipv6_hdr_build } from '../gnrc/ipv6_hdr.ts';
import { GNRC_NETAPI_MSG_TYPE_RCV, gnrc_netapi_dispatch_send } from '../gnrc/netapi.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of } from '../gnrc/netif_hdr.ts';
import { gnrc_netif_highlander, gnrc_netif_iter } from '../gnrc/netif_t.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, gnrc_netreg_entry_init_mbox, gnrc_netreg_entry_t, gnrc_netreg_register_now,
} from '../gnrc/netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_UNDEF, type gnrc_nettype_t } from '../gnrc/nettype.ts';
import { gnrc_pkt_len, gnrc_pkt_prepend, type gnrc_pktsnip_t } from '../gnrc/pkt.ts';
import { gnrc_pktbuf_release } from '../gnrc/pktbuf.ts';
import { IPV6_OFFSET_NEXT_HEADER } from '../wire/ipv6.ts';
import { SOCK_ADDR_ANY_NETIF, SOCK_NO_TIMEOUT, type sock_ip_ep_t, sock_udp_ep_copy, sock_udp_ep_t } from './sock.ts';

const US_PER_MS = 1000;

/** The part of a sock that receives: its mailbox, and its entry in the registry. */
export class gnrc_sock_reg_t {
  readonly entry = new gnrc_netreg_entry_t();
  readonly mbox = new mbox_t();
  readonly mbox_queue: msg_t[] = msg_queue_array(mboxSize());
}

/** A UDP sock. Made by `new`, set up by sock_udp_create(). */
export class sock_udp_t {
  readonly reg = new gnrc_sock_reg_t();
  readonly local = new sock_udp_ep_t();
  readonly remote = new sock_udp_ep_t();
  /** SOCK_FLAGS_* bits. */
  flags = 0;
}

/** What a receive function tells besides the data: the bits of `flags` ask for it. */
export class sock_udp_aux_rx_t {
  /** SOCK_AUX_GET_LOCAL, with module sock_aux_local: where the datagram was sent to. */
  readonly local = new sock_udp_ep_t();
  /** SOCK_AUX_GET_TIMESTAMP: no device of ours gives one, the bit stays set. */
  timestamp = 0;
  /** SOCK_AUX_GET_RSSI, with module sock_aux_rssi: dBm. */
  rssi = 0;
  /** SOCK_AUX_GET_TTL, with module sock_aux_ttl: hop limit. */
  ttl = 0;
  /** What is asked for; the bit of what was delivered is cleared. */
  flags = 0;
}

/** What a send function is told besides the data. */
export class sock_udp_aux_tx_t {
  /** SOCK_AUX_SET_LOCAL, with module sock_aux_local: where the datagram comes from. */
  readonly local = new sock_udp_ep_t();
  /** SOCK_AUX_GET_TIMESTAMP: no device of ours gives one, the bit stays set. */
  timestamp = 0;
  flags = 0;
}

function mboxSize(): number {
  return 1 << net_config().CONFIG_GNRC_SOCK_MBOX_SIZE_EXP;
}

/** Empties the sock's mailbox and registers it for packets of `type` with this context. */
export function gnrc_sock_create(reg: gnrc_sock_reg_t, type: gnrc_nettype_t, demux_ctx: number): void {
  mbox_init(reg.mbox, reg.mbox_queue, reg.mbox_queue.length);
  gnrc_netreg_entry_init_mbox(reg.entry, demux_ctx, reg.mbox);
  gnrc_netreg_register_now(type, reg.entry);
}

/**
 * Waits for a packet.
 *
 * @param msg      takes the message that carries it: a gnrc_pktsnip_t in content.ptr
 * @param timeout  µs, rounded up to whole ms; 0: do not wait; SOCK_NO_TIMEOUT
 * @returns 0; -EINVAL if the sock was never set up, or the message is none of the stack's; -EAGAIN, -ETIMEDOUT
 */
export function* gnrc_sock_recv(reg: gnrc_sock_reg_t, msg: msg_t, timeout: number): Blocking<number> {
  if (mbox_size(reg.mbox) !== reg.mbox_queue.length) return -EINVAL;
  if (timeout === SOCK_NO_TIMEOUT) {
    yield* mbox_get(reg.mbox, msg);
  } else if (timeout === 0) {
    if ((yield* mbox_try_get(reg.mbox, msg)) === 0) return -EAGAIN;
  } else {
    const ms = Math.floor(((timeout + US_PER_MS - 1) >>> 0) / US_PER_MS);
    if ((yield* ztimer_mbox_get_timeout(ZTIMER_MSEC, reg.mbox, msg, ms)) !== 0) return -ETIMEDOUT;
  }
  return msg.type === GNRC_NETAPI_MSG_TYPE_RCV ? 0 : -EINVAL;
}

/**
 * Sends a packet: puts IPv6 and netif headers before it and hands it to the stack.
 *
 * @param payload  a transport header and what belongs to it, or data of type UNDEF; consumed
 * @param netif    the interface to send from, or SOCK_ADDR_ANY_NETIF
 * @param nh       protocol number
 * @returns bytes of `payload`; -ENOMEM when the packet buffer is full; -EBADMSG when there is no thread for it
 */
export function* gnrc_sock_send(
  payload: gnrc_pktsnip_t, local: Uint8Array, remote: Uint8Array, netif: number, nh: number,
): Blocking<number> {
  const length = gnrc_pkt_len(payload);
  let pkt = gnrc_ipv6_hdr_build(payload, local, remote);
  if (pkt === null) {
    gnrc_pktbuf_release(payload);
    return -ENOMEM;
  }
  pkt.data![IPV6_OFFSET_NEXT_HEADER] = nh;
  if (payload.type === GNRC_NETTYPE_UNDEF) payload.type = GNRC_NETTYPE_IPV6;
  if (netif !== KERNEL_PID_UNDEF) {
    const snip = gnrc_netif_hdr_build(null, 0, null, 0);
    if (snip === null) {
      gnrc_pktbuf_release(pkt);
      return -ENOMEM;
    }
    gnrc_netif_hdr_of(snip).if_pid = netif;
    pkt = gnrc_pkt_prepend(pkt, snip);
  }
  if ((yield* gnrc_netapi_dispatch_send(payload.type, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
    gnrc_pktbuf_release(pkt);
    return -EBADMSG;
  }
  return length;
}

/** Copies an end point; one without interface gets the only one there is. */
export function gnrc_ep_set(out: sock_ip_ep_t, from: sock_ip_ep_t): void {
  sock_udp_ep_copy(out, from);
  if (out.netif === SOCK_ADDR_ANY_NETIF) out.netif = gnrc_ep_only_netif();
}

/** The interface of a board that has one; SOCK_ADDR_ANY_NETIF of a board with none or several. */
export function gnrc_ep_only_netif(): number {
  const netif = gnrc_netif_iter(null);
  if (netif === null || (!gnrc_netif_highlander() && netif.next !== null)) return SOCK_ADDR_ANY_NETIF;
  return netif.pid;
}
