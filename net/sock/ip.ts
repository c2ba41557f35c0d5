// Socks for IPv6 packets of one protocol (RIOT sys/include/net/sock/ip.h, sys/net/gnrc/sock/ip/gnrc_sock_ip.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_charge, cpu_timed } from '../../kernel/cpu.ts';
import { current } from '../../kernel/current.ts';
import { EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENOBUFS, ENOMEM, ENOTCONN, EPROTO } from '../../kernel/errno.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { assert } from '../../kernel/panic.ts';
import { AF_INET6, AF_UNSPEC } from '../af.ts';
import { drop } from '../gnrc/drop.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_UNDEF } from '../gnrc/nettype.ts';
import type { gnrc_pktsnip_t } from '../gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../gnrc/pktbuf.ts';
import { quirk } from '../quirks.ts';
import { ipv6_addr_equal, ipv6_addr_is_unspecified, ipv6_addr_unspecified } from '../wire/addr.ts';
import { IPV6_OFFSET_SRC } from '../wire/ipv6.ts';
import {
  gnrc_ep_contradict, gnrc_ep_netif, gnrc_sock_aux, gnrc_sock_build, gnrc_sock_close, gnrc_sock_create,
  gnrc_sock_recv, gnrc_sock_result, gnrc_sock_send, gnrc_sock_sender,
} from './gnrc_sock.ts';
import {
  SOCK_ADDR_ANY_NETIF, SOCK_AUX_GET_LOCAL, SOCK_AUX_SET_LOCAL, sock_ip_ep_clear, sock_ip_ep_copy, type sock_ip_ep_t,
} from './sock.ts';
import type { sock_ip_aux_rx_t, sock_ip_aux_tx_t, sock_ip_t } from './types.ts';
import type { out_t } from './udp.ts';

export { sock_ip_set_cb } from './async.ts';
export {
  SOCK_ADDR_ANY_NETIF, SOCK_AUX_GET_LOCAL, SOCK_AUX_GET_RSSI, SOCK_AUX_GET_TIMESTAMP, SOCK_AUX_SET_LOCAL,
  SOCK_FLAGS_REUSE_EP, SOCK_IPV4_EP_ANY, SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_ip_ep_t,
} from './sock.ts';
export { sock_ip_aux_rx_t, sock_ip_aux_tx_t, sock_ip_t } from './types.ts';

const IP_C = 'sys/net/gnrc/sock/ip/gnrc_sock_ip.c';

/**
 * Sets a sock up. One that is still open must be closed before (asserted).
 *
 * @param local   its address, or null: the sock only sends then. Packets to all addresses of the board are received.
 * @param remote  whom to talk to, or null
 * @param proto   protocol number, 0 to 255
 * @param flags   kept, without effect
 * @returns 0
 * @returns -EAFNOSUPPORT  if a family is not AF_INET6
 * @returns -EINVAL        if `local` and `remote` name different interfaces, or `remote` has no address
 */
export function sock_ip_create(
  sock: sock_ip_t, local: sock_ip_ep_t | null, remote: sock_ip_ep_t | null, proto: number, flags: number,
): number {
  assert(sock, `${IP_C}:38`);
  if (local !== null && remote !== null && gnrc_ep_contradict(local, remote)) return -EINVAL;
  sock_ip_ep_clear(sock.local);
  if (local !== null) {
    if (local.family !== AF_INET6) return -EAFNOSUPPORT;
    sock_ip_ep_copy(sock.local, local);
  }
  sock_ip_ep_clear(sock.remote);
  if (remote !== null) {
    if (remote.family !== AF_INET6) return -EAFNOSUPPORT;
    if (ipv6_addr_is_unspecified(remote.addr.ipv6)) return -EINVAL;
    sock_ip_ep_copy(sock.remote, remote);
    sock.remote.netif = gnrc_ep_netif(remote);
  }
  gnrc_sock_create(sock.reg, GNRC_NETTYPE_IPV6, proto);
  sock.flags = flags;
  return 0;
}

/** Stops a sock from receiving; what it has not delivered yet is freed, see gnrc_sock_close(). */
export function sock_ip_close(sock: sock_ip_t): void {
  assert(sock, `${IP_C}:70`);
  gnrc_sock_close(sock.reg, GNRC_NETTYPE_IPV6);
}

/**
 * The local end point of a sock.
 * @returns 0; -EADDRNOTAVAIL if it was created without
 */
export function sock_ip_get_local(sock: sock_ip_t, local: sock_ip_ep_t): number {
  assert(sock && local, `${IP_C}:79`);
  if (sock.local.family === AF_UNSPEC) return -EADDRNOTAVAIL;
  sock_ip_ep_copy(local, sock.local);
  return 0;
}

/**
 * Whom a sock talks to.
 * @returns 0; -ENOTCONN if it was created without remote end point
 */
export function sock_ip_get_remote(sock: sock_ip_t, remote: sock_ip_ep_t): number {
  assert(sock && remote, `${IP_C}:89`);
  if (sock.remote.family === AF_UNSPEC) return -ENOTCONN;
  sock_ip_ep_copy(remote, sock.remote);
  return 0;
}

/** sock_ip_recv_aux() without auxiliary data. */
export function sock_ip_recv(
  sock: sock_ip_t, data: Uint8Array, max_len: number, timeout: number, remote: sock_ip_ep_t | null,
): Blocking<number> {
  return sock_ip_recv_aux(sock, data, max_len, timeout, remote, null);
}

/**
 * Waits for a packet and copies its payload: what is behind the IPv6 header.
 *
 * @param max_len  room in `data`, at least 1 (asserted)
 * @param timeout  µs, rounded up to whole ms; 0: do not wait; SOCK_NO_TIMEOUT
 * @param remote   takes the sender, also when the result is -EPROTO or -ENOBUFS; or null
 * @param aux      takes auxiliary data; or null
 * @returns bytes of the payload; 0 for an empty one
 * @returns -EADDRNOTAVAIL if the sock has no local end point
 * @returns -EAGAIN        if `timeout` is 0 and no packet is there
 * @returns -EINVAL        if the sock is not set up, or its mailbox held something else than a packet
 * @returns -ENOBUFS       if the payload has more than `max_len` bytes; the packet is gone
 * @returns -EPROTO        if the sender is not the sock's remote end point; the packet is gone
 * @returns -ETIMEDOUT     if none came in time
 */
export function* sock_ip_recv_aux(
  sock: sock_ip_t, data: Uint8Array, max_len: number, timeout: number, remote: sock_ip_ep_t | null,
  aux: sock_ip_aux_rx_t | null,
): Blocking<number> {
  assert(sock && data && max_len > 0, `${IP_C}:106`);
  if (sock.local.family === AF_UNSPEC) return -EADDRNOTAVAIL;
  const msg = new msg_t();
  const res = yield* gnrc_sock_recv(sock.reg, msg, timeout);
  if (res < 0) return res;
  if (cpu_timed()) yield* cpu_charge('sock', 1);
  const pkt = msg.content.ptr as gnrc_pktsnip_t;
  if (!accept(sock, pkt, remote, aux)) return -EPROTO;
  const { size } = pkt;
  if (size > max_len) drop('sock', 'receive-buffer-too-small', size);
  else if (pkt.data !== null) data.set(pkt.data);
  if (size > 0 || !quirk('sock-recv-empty-leak')) gnrc_pktbuf_release(pkt);
  return size > max_len ? -ENOBUFS : size;
}

/** sock_ip_recv_buf_aux() without auxiliary data. */
export function sock_ip_recv_buf(
  sock: sock_ip_t, data: out_t<Uint8Array>, buf_ctx: out_t<gnrc_pktsnip_t>, timeout: number,
  remote: sock_ip_ep_t | null,
): Blocking<number> {
  return sock_ip_recv_buf_aux(sock, data, buf_ctx, timeout, remote, null);
}

/**
 * Waits for a packet and lends its payload, without a copy. Call it again with the same `buf_ctx` until it returns 0:
 * that gives the payload back.
 *
 * @param data     takes the payload: bytes of the packet buffer, which are others' after the next call. null if empty
 * @param buf_ctx  null in the first call
 * @returns bytes of the payload; 0 when it was given back, or is empty: then `buf_ctx` tells which
 * @returns errors as sock_ip_recv_aux(), but not -ENOBUFS
 */
export function* sock_ip_recv_buf_aux(
  sock: sock_ip_t, data: out_t<Uint8Array>, buf_ctx: out_t<gnrc_pktsnip_t>, timeout: number,
  remote: sock_ip_ep_t | null, aux: sock_ip_aux_rx_t | null,
): Blocking<number> {
  assert(sock && data && buf_ctx, `${IP_C}:129`);
  if (buf_ctx.value !== null) {
    gnrc_pktbuf_release(buf_ctx.value);
    data.value = null;
    buf_ctx.value = null;
    return 0;
  }
  if (sock.local.family === AF_UNSPEC) return -EADDRNOTAVAIL;
  const msg = new msg_t();
  const res = yield* gnrc_sock_recv(sock.reg, msg, timeout);
  if (res < 0) return res;
  if (cpu_timed()) yield* cpu_charge('sock', 1);
  const pkt = msg.content.ptr as gnrc_pktsnip_t;
  if (!accept(sock, pkt, remote, aux)) return -EPROTO;
  data.value = pkt.data;
  buf_ctx.value = pkt;
  return pkt.size;
}

/** sock_ip_send_aux() without auxiliary data. */
export function sock_ip_send(
  sock: sock_ip_t | null, data: Uint8Array | null, len: number, proto: number, remote: sock_ip_ep_t | null,
): Blocking<number> {
  return sock_ip_send_aux(sock, data, len, proto, remote, null);
}

/**
 * Sends a packet. Whether anyone gets it, nobody is told.
 *
 * @param sock    a sock, or null
 * @param data    the payload, null if `len` is 0 (asserted)
 * @param proto   protocol number; a sock with a local end point has its own
 * @param remote  whom to send to, or null: the sock's remote end point. One of the family AF_UNSPEC has that of the
 *                sock's remote end point, if there is one.
 * @param aux     auxiliary data, or null
 * @returns bytes of payload sent
 * @returns -EAFNOSUPPORT if the family of `remote` or of `aux.local` is not AF_INET6
 * @returns -EBADMSG      if there is no ipv6 thread
 * @returns -EINVAL       if `remote` has no address, or another interface than the sock
 * @returns -ENOMEM       when the packet buffer is full
 * @returns -ENOTCONN     if there is no remote end point
 */
export function sock_ip_send_aux(
  sock: sock_ip_t | null, data: Uint8Array | null, len: number, proto: number, remote: sock_ip_ep_t | null,
  aux: sock_ip_aux_tx_t | null,
): Blocking<number> {
  assert(sock !== null || remote !== null, `${IP_C}:203`);
  assert(len === 0 || data !== null, `${IP_C}:204`);
  const to = remote ?? sock!.remote;
  if (remote === null && to.family === AF_UNSPEC) return gnrc_sock_result(-ENOTCONN);
  if (remote !== null && sock !== null && gnrc_ep_contradict(sock.local, remote)) return gnrc_sock_result(-EINVAL);
  if (remote !== null && ipv6_addr_is_unspecified(remote.addr.ipv6)) return gnrc_sock_result(-EINVAL);
  const bound = sock !== null && sock.local.family !== AF_UNSPEC;
  let local = bound ? sock.local : null;
  if (aux !== null && (aux.flags & SOCK_AUX_SET_LOCAL) !== 0 && current().modules.has('sock_aux_local')) {
    local = aux.local;
    aux.flags &= ~SOCK_AUX_SET_LOCAL;
  }
  if (remote !== null && !hasFamily(sock, remote)) return gnrc_sock_result(-EAFNOSUPPORT);
  const payload = gnrc_pktbuf_add(null, data, len, GNRC_NETTYPE_UNDEF);
  if (payload === null) return gnrc_sock_result(-ENOMEM);
  if (familiesDiffer(local, remote)) {
    gnrc_pktbuf_release(payload);
    return gnrc_sock_result(-EAFNOSUPPORT);
  }
  let netif = local === null ? SOCK_ADDR_ANY_NETIF : local.netif;
  if (netif === SOCK_ADDR_ANY_NETIF) netif = remote === null ? to.netif : gnrc_ep_netif(remote);
  const nh = bound ? sock.reg.entry.demux_ctx & 0xff : proto;
  const pkt = gnrc_sock_build(payload, local?.addr.ipv6 ?? ipv6_addr_unspecified, to.addr.ipv6, netif, nh);
  return gnrc_sock_send(GNRC_NETTYPE_IPV6, pkt, len, sock === null ? null : sock.reg.async_cb, false);
}

/** Whether a destination has a family that can be sent to, by itself or from the sock's remote end point. */
function hasFamily(sock: sock_ip_t | null, remote: sock_ip_ep_t): boolean {
  if (remote.family === AF_INET6) return true;
  return remote.family === AF_UNSPEC && sock !== null && sock.remote.family !== AF_UNSPEC;
}

/** A source without family takes that of the destination; not if the destination has its own from the sock. */
function familiesDiffer(local: sock_ip_ep_t | null, remote: sock_ip_ep_t | null): boolean {
  if (local === null || local.family === AF_UNSPEC) return remote !== null && remote.family === AF_UNSPEC;
  return local.family !== AF_INET6;
}

/**
 * Tells where a received packet is from, and whether the sock wants it from there.
 * @returns false when it does not: the packet is then freed
 */
function accept(
  sock: sock_ip_t, pkt: gnrc_pktsnip_t, remote: sock_ip_ep_t | null, aux: sock_ip_aux_rx_t | null,
): boolean {
  const hdr = gnrc_sock_sender(pkt, remote);
  const delivered = aux === null ? 0 : gnrc_sock_aux(aux, pkt, hdr);
  const { family, addr } = sock.remote;
  if (family !== AF_UNSPEC && !ipv6_addr_is_unspecified(addr.ipv6) &&
    !ipv6_addr_equal(addr.ipv6, hdr.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_SRC + 16))) {
    drop('sock', 'not-from-remote', pkt.size);
    gnrc_pktbuf_release(pkt);
    return false;
  }
  if (aux !== null) {
    aux.flags &= ~delivered;
    if (current().modules.has('sock_aux_local')) aux.flags &= ~SOCK_AUX_GET_LOCAL;
  }
  return true;
}
