// What the socks of UDP and of IP have in common (RIOT sys/net/gnrc/sock/gnrc_sock.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_charge, cpu_timed } from '../../kernel/cpu.ts';
import { current, perBoard } from '../../kernel/current.ts';
import { EAGAIN, EBADMSG, EINVAL, ENOMEM, ETIMEDOUT } from '../../kernel/errno.ts';
import {
  mbox_avail, mbox_get, mbox_init, mbox_size, mbox_try_get, mbox_try_put,
} from '../../kernel/mbox.ts';
import { msg_try_receive, msg_try_send } from '../../kernel/msg.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { assert } from '../../kernel/panic.ts';
import { puts } from '../../kernel/stdio.ts';
import { thread_getpid } from '../../kernel/thread.ts';
import { KERNEL_PID_UNDEF } from '../../kernel/thread_t.ts';
import { ZTIMER_MSEC, ztimer_mbox_get_timeout } from '../../kernel/ztimer.ts';
import { AF_INET6 } from '../af.ts';
import { drop_pkt } from '../gnrc/drop.ts';
import { gnrc_ipv6_hdr_build } from '../gnrc/ipv6_hdr.ts';
import { GNRC_NETAPI_MSG_TYPE_RCV, gnrc_netapi_dispatch_send } from '../gnrc/netapi.ts';
import { GNRC_NETERR_MSG_TYPE, GNRC_NETERR_SUCCESS, gnrc_neterr_reg } from '../gnrc/neterr.ts';
import {
  GNRC_NETIF_HDR_NO_RSSI, gnrc_netif_hdr_build, gnrc_netif_hdr_get_timestamp, gnrc_netif_hdr_of,
} from '../gnrc/netif_hdr.ts';
import { gnrc_netif_highlander, gnrc_netif_iter } from '../gnrc/netif_t.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, gnrc_netreg_entry_init_cb, gnrc_netreg_entry_init_mbox, gnrc_netreg_register_now,
  gnrc_netreg_unregister_now,
} from '../gnrc/netreg.ts';
import {
  GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_UNDEF, type gnrc_nettype_t,
} from '../gnrc/nettype.ts';
import {
  gnrc_pkt_bytes, gnrc_pkt_prepend, gnrc_pktsnip_search_type, type gnrc_pktsnip_t,
} from '../gnrc/pkt.ts';
import { gnrc_pktbuf_release } from '../gnrc/pktbuf.ts';
import { gnrc_tx_sync, gnrc_tx_sync_append, gnrc_tx_sync_of, gnrc_tx_sync_t } from '../gnrc/tx_sync.ts';
import { quirk } from '../quirks.ts';
import { IPV6_OFFSET_DST, IPV6_OFFSET_NEXT_HEADER, IPV6_OFFSET_SRC } from '../wire/ipv6.ts';
import { sock_event_close } from './async/ctx.ts';
import { SOCK_ASYNC_MSG_RECV, SOCK_ASYNC_MSG_SENT, type bound_cb_t } from './async/types.ts';
import {
  SOCK_ADDR_ANY_NETIF, SOCK_AUX_GET_LOCAL, SOCK_AUX_GET_RSSI, SOCK_AUX_GET_TIMESTAMP, SOCK_NO_TIMEOUT,
  type sock_ip_ep_t,
} from './sock.ts';
import type { gnrc_sock_reg_t, sock_ip_aux_rx_t } from './types.ts';

const SOCK_C = 'sys/net/gnrc/sock/gnrc_sock.c';
const US_PER_MS = 1000;

/** Message to hand out: the kernel copies it, so one a board is enough. */
const statics = perBoard(() => ({ msg: new msg_t() }), { bytes: 0 });

/** Puts a packet into the sock's mailbox and tells the app; runs in the thread that dispatches it. */
function* deliver(cmd: number, pkt: gnrc_pktsnip_t, ctx: unknown): Blocking<void> {
  if (cmd !== GNRC_NETAPI_MSG_TYPE_RCV) return;
  const reg = ctx as gnrc_sock_reg_t;
  const { msg } = statics();
  msg.sender_pid = KERNEL_PID_UNDEF;
  msg.type = cmd;
  msg.content.ptr = pkt;
  if ((yield* mbox_try_put(reg.mbox, msg)) < 1) {
    // RIOT prints the address of the mbox; there are no addresses here.
    puts('gnrc_sock: dropped message to 0x0 (was full)');
    drop_pkt('sock', 'mbox-full', pkt);
    return;
  }
  const steps = reg.async_cb === null ? undefined : reg.async_cb(SOCK_ASYNC_MSG_RECV);
  if (steps !== undefined) yield* steps;
}

/** `memset(reg, 0, sizeof(*reg))`: no mailbox, no callback, no event. */
export function gnrc_sock_clear(reg: gnrc_sock_reg_t): void {
  mbox_init(reg.mbox, reg.mbox_queue, 0);
  reg.async_cb = null;
  reg.async_ctx = null;
}

/** Empties the sock's mailbox, forgets its callback and registers it for packets of `type` with this context. */
export function gnrc_sock_create(reg: gnrc_sock_reg_t, type: gnrc_nettype_t, demux_ctx: number): void {
  mbox_init(reg.mbox, reg.mbox_queue, reg.mbox_queue.length);
  reg.async_cb = null;
  if (current().modules.has('gnrc_sock_async')) {
    gnrc_netreg_entry_init_cb(reg.entry, demux_ctx, { cb: deliver, ctx: reg });
  } else {
    gnrc_netreg_entry_init_mbox(reg.entry, demux_ctx, reg.mbox);
  }
  gnrc_netreg_register_now(type, reg.entry);
}

/**
 * Ends a sock's registration. What waits in its mailbox is freed; but where socks have callbacks RIOT forgets to (the
 * registry drains mailboxes only).
 */
export function gnrc_sock_close(reg: gnrc_sock_reg_t, type: gnrc_nettype_t): void {
  gnrc_netreg_unregister_now(type, reg.entry);
  if (current().modules.has('gnrc_sock_async') && mbox_avail(reg.mbox) > 0 && !quirk('sock-async-close-leak')) {
    const msg = new msg_t();
    // Nobody waits to put: this never has to yield.
    while (mbox_try_get(reg.mbox, msg).next().value === 1) {
      if (msg.type === GNRC_NETAPI_MSG_TYPE_RCV) gnrc_pktbuf_release(msg.content.ptr as gnrc_pktsnip_t);
    }
  }
  sock_event_close(reg.async_ctx);
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
  if (timeout !== 0 && reg.async_cb !== null) {
    puts('gnrc_sock: timeout != 0 within the asynchronous callback lead to unexpected delays within the ' +
      'asynchronous handler.');
  }
  if (timeout === SOCK_NO_TIMEOUT) {
    yield* mbox_get(reg.mbox, msg);
  } else if (timeout === 0) {
    if ((yield* mbox_try_get(reg.mbox, msg)) === 0) return -EAGAIN;
  } else {
    const ms = Math.floor(((timeout + US_PER_MS - 1) >>> 0) / US_PER_MS);
    if ((yield* ztimer_mbox_get_timeout(ZTIMER_MSEC, reg.mbox, msg, ms)) !== 0) return -ETIMEDOUT;
  }
  if (msg.type !== GNRC_NETAPI_MSG_TYPE_RCV) return -EINVAL;
  if (reg.async_cb !== null && mbox_avail(reg.mbox) > 0) {
    const steps = reg.async_cb(SOCK_ASYNC_MSG_RECV);
    if (steps !== undefined) yield* steps;
  }
  return 0;
}

/**
 * Tells where a received packet is from.
 * @param remote  takes the sender's address and the interface it came over; or null
 * @returns the packet's IPv6 header
 */
export function gnrc_sock_sender(pkt: gnrc_pktsnip_t, remote: sock_ip_ep_t | null): Uint8Array {
  const ipv6 = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_IPV6);
  assert(ipv6, `${SOCK_C}:155`);
  const hdr = gnrc_pkt_bytes(ipv6);
  if (remote !== null) {
    const netif = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_NETIF);
    remote.family = AF_INET6;
    const { ipv6: addr } = remote.addr;
    for (let i = 0; i < 16; i++) addr[i] = hdr[IPV6_OFFSET_SRC + i]!;
    remote.netif = netif === null ? SOCK_ADDR_ANY_NETIF : gnrc_netif_hdr_of(netif).if_pid;
  }
  return hdr;
}

/**
 * Fills in what `aux` asks for and the image's modules can tell about a packet; the bits stay as they are.
 * @param hdr  its IPv6 header
 * @returns the bits of what was delivered; that of SOCK_AUX_GET_LOCAL is the caller's
 */
export function gnrc_sock_aux(aux: sock_ip_aux_rx_t, pkt: gnrc_pktsnip_t, hdr: Uint8Array): number {
  const { modules } = current();
  let delivered = 0;
  if ((aux.flags & SOCK_AUX_GET_LOCAL) !== 0 && modules.has('sock_aux_local')) {
    aux.local.family = AF_INET6;
    aux.local.addr.ipv6.set(hdr.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16));
  }
  const netif = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_NETIF);
  if (netif === null) return delivered;
  const netif_hdr = gnrc_netif_hdr_of(netif);
  if ((aux.flags & SOCK_AUX_GET_TIMESTAMP) !== 0 && modules.has('sock_aux_timestamp')) {
    const timestamp = gnrc_netif_hdr_get_timestamp(netif_hdr);
    if (timestamp >= 0) {
      delivered |= SOCK_AUX_GET_TIMESTAMP;
      aux.timestamp = timestamp;
    }
  }
  const { rssi } = netif_hdr;
  if ((aux.flags & SOCK_AUX_GET_RSSI) !== 0 && rssi !== GNRC_NETIF_HDR_NO_RSSI && modules.has('sock_aux_rssi')) {
    delivered |= SOCK_AUX_GET_RSSI;
    aux.rssi = rssi;
  }
  return delivered;
}

/**
 * Puts IPv6 and netif headers before a payload.
 *
 * @param payload  a transport header and what belongs to it, or data of type UNDEF, which becomes IPV6; consumed
 * @param local    source address; unspecified: the stack's choice
 * @param netif    the interface to send from, or SOCK_ADDR_ANY_NETIF
 * @param nh       protocol number
 * @returns the packet, or null when the packet buffer is full
 */
export function gnrc_sock_build(
  payload: gnrc_pktsnip_t, local: Uint8Array, remote: Uint8Array, netif: number, nh: number,
): gnrc_pktsnip_t | null {
  if (current().modules.has('gnrc_tx_sync') && gnrc_tx_sync_append(payload, new gnrc_tx_sync_t()) < 0) {
    gnrc_pktbuf_release(payload);
    return null;
  }
  const pkt = gnrc_ipv6_hdr_build(payload, local, remote);
  if (pkt === null) {
    if (!quirk('sock-send-leak')) gnrc_pktbuf_release(payload);
    return null;
  }
  pkt.data![IPV6_OFFSET_NEXT_HEADER] = nh;
  if (payload.type === GNRC_NETTYPE_UNDEF) payload.type = GNRC_NETTYPE_IPV6;
  if (netif === SOCK_ADDR_ANY_NETIF) return pkt;
  const snip = gnrc_netif_hdr_build(null, 0, null, 0);
  if (snip === null) {
    gnrc_pktbuf_release(pkt);
    return null;
  }
  gnrc_netif_hdr_of(snip).if_pid = netif;
  return gnrc_pkt_prepend(pkt, snip);
}

/**
 * Hands a packet of gnrc_sock_build() to the stack; with module gnrc_tx_sync waits until it has left or was dropped.
 *
 * @param type    whose threads get it
 * @param pkt     null: there was no room for it
 * @param length  what to return when it was handed over
 * @param cb      told SOCK_ASYNC_MSG_SENT afterwards, or null
 * @param errors  whether `cb` is told of failures too
 * @returns `length`; -ENOMEM without packet; -EBADMSG when there is no thread for it; with module gnrc_neterr the
 *          negative errno that became of the packet, where a layer told
 */
export function* gnrc_sock_send(
  type: gnrc_nettype_t, pkt: gnrc_pktsnip_t | null, length: number, cb: bound_cb_t | null, errors: boolean,
): Blocking<number> {
  if (cpu_timed()) yield* cpu_charge('sock', 1);
  let res = -ENOMEM;
  if (pkt !== null) {
    const { modules } = current();
    const tx_sync = modules.has('gnrc_tx_sync') ? gnrc_tx_sync_of(pkt) : null;
    const reports = modules.has('gnrc_neterr') ? subscribe(pkt) : 0;
    if ((yield* gnrc_netapi_dispatch_send(type, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
      gnrc_pktbuf_release(pkt);
      res = -EBADMSG;
    } else {
      if (tx_sync !== null) yield* gnrc_tx_sync(tx_sync);
      res = reports > 0 ? yield* awaitReports(reports, length) : length;
    }
  }
  if (cb !== null && (errors || res > 0)) {
    const steps = cb(SOCK_ASYNC_MSG_SENT);
    if (steps !== undefined) yield* steps;
  }
  return res;
}

/** What a send function does that ends before there is a packet. */
export function* gnrc_sock_result(res: number): Blocking<number> {
  return res;
}

/** Has the calling thread told what becomes of each snip; their number. */
function subscribe(pkt: gnrc_pktsnip_t): number {
  let snips = 0;
  for (let snip: gnrc_pktsnip_t | null = pkt; snip !== null; snip = snip.next) {
    gnrc_neterr_reg(snip);
    snips++;
  }
  return snips;
}

/**
 * Takes that many reports from the caller's message queue; all other messages go back to its end.
 * @returns the first that is an error, negative; else `length`
 */
function* awaitReports(number: number, length: number): Blocking<number> {
  const msg = new msg_t();
  let res = length;
  while (number > 0) {
    // RIOT spins here too: a report that never comes keeps the CPU for ever.
    if ((yield* msg_try_receive(msg)) < 0) continue;
    if (msg.type !== GNRC_NETERR_MSG_TYPE) {
      yield* msg_try_send(msg, thread_getpid());
      continue;
    }
    number--;
    if (res === length && msg.content.value !== GNRC_NETERR_SUCCESS) res = -msg.content.value | 0;
  }
  return res;
}

/** The interface of an end point; of one that names none the only one there is. */
export function gnrc_ep_netif(ep: sock_ip_ep_t): number {
  return ep.netif === SOCK_ADDR_ANY_NETIF ? gnrc_ep_only_netif() : ep.netif;
}

/** The interface of a board that has one; SOCK_ADDR_ANY_NETIF of a board with none or several. */
function gnrc_ep_only_netif(): number {
  const netif = gnrc_netif_iter(null);
  if (netif === null || (!gnrc_netif_highlander() && netif.next !== null)) return SOCK_ADDR_ANY_NETIF;
  return netif.pid;
}

/** Whether two end points name different interfaces. */
export function gnrc_ep_contradict(a: sock_ip_ep_t, b: sock_ip_ep_t): boolean {
  return a.netif !== b.netif && a.netif !== SOCK_ADDR_ANY_NETIF && b.netif !== SOCK_ADDR_ANY_NETIF;
}
