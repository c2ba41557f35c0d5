// UDP socks (RIOT sys/include/net/sock/udp.h, sys/net/gnrc/sock/udp/gnrc_sock_udp.c): setting up and receiving.
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_charge, cpu_timed } from '../../kernel/cpu.ts';
import { current } from '../../kernel/current.ts';
import {
  EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENOBUFS, ENOTCONN, EPROTO,
} from '../../kernel/errno.ts';
import { msg_t } from '../../kernel/msg.ts';
import { assert } from '../../kernel/panic.ts';
import { AF_INET6, AF_UNSPEC } from '../af.ts';
import { net_config } from '../config.ts';
import { drop } from '../gnrc/drop.ts';
import { GNRC_NETTYPE_UDP } from '../gnrc/nettype.ts';
import { gnrc_pkt_bytes, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from '../gnrc/pkt.ts';
import { gnrc_pktbuf_release } from '../gnrc/pktbuf.ts';
import { quirk } from '../quirks.ts';
import { ipv6_addr_equal, ipv6_addr_is_multicast, ipv6_addr_is_unspecified } from '../wire/addr.ts';
import { get16 } from '../wire/bytes.ts';
import { IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_SRC } from '../wire/ipv6.ts';
import {
  gnrc_ep_contradict, gnrc_ep_netif, gnrc_sock_aux, gnrc_sock_clear, gnrc_sock_close, gnrc_sock_create, gnrc_sock_recv,
  gnrc_sock_sender,
} from './gnrc_sock.ts';
import {
  SOCK_AUX_GET_LOCAL, SOCK_AUX_GET_TTL, SOCK_FLAGS_CONNECT_REMOTE, SOCK_FLAGS_REUSE_EP, sock_udp_ep_clear,
  sock_udp_ep_copy, type sock_udp_ep_t,
} from './sock.ts';
import type { sock_udp_aux_rx_t, sock_udp_t } from './types.ts';
import {
  GNRC_SOCK_DYN_PORTRANGE_ERR, udp_dynamic_port, udp_ep_in_use, udp_list_add, udp_list_remove,
} from './udp_ports.ts';

export { AF_INET, AF_INET6, AF_UNSPEC } from '../af.ts';
export { sock_udp_set_cb } from './async.ts';
export {
  SOCK_ADDR_ANY_NETIF, SOCK_AUX_GET_LOCAL, SOCK_AUX_GET_RSSI, SOCK_AUX_GET_TIMESTAMP, SOCK_AUX_GET_TTL,
  SOCK_AUX_SET_LOCAL, SOCK_FLAGS_CONNECT_REMOTE, SOCK_FLAGS_REUSE_EP, SOCK_IPV4_EP_ANY, SOCK_IPV6_EP_ANY,
  SOCK_NO_TIMEOUT, sock_udp_ep_t,
} from './sock.ts';
export { sock_udp_aux_rx_t, sock_udp_aux_tx_t, sock_udp_t } from './types.ts';
export { sock_udp_send, sock_udp_send_aux, sock_udp_sendv, sock_udp_sendv_aux } from './udp_send.ts';

const UDP_C = 'sys/net/gnrc/sock/udp/gnrc_sock_udp.c';
/** A place for an out-parameter: C's `void **`. */
export interface out_t<T> {
  value: T | null;
}

/**
 * Sets a sock up. One that is still open must be closed before (asserted).
 *
 * @param local   where to listen, or null: then the first send binds. Port 0 takes a random one of 49152 to 65535.
 *                Whatever its address, datagrams to all addresses of the board are received.
 * @param remote  whom to talk to, or null; its port is not 0 (asserted)
 * @param flags   SOCK_FLAGS_* bits
 * @returns 0
 * @returns -EADDRINUSE    with module gnrc_sock_check_reuse, if another sock has this local end point and `flags` has
 *                         not SOCK_FLAGS_REUSE_EP, or no random port was found
 * @returns -EAFNOSUPPORT  if a family is not AF_INET6
 * @returns -EINVAL        if `local` and `remote` name different interfaces, or `remote` has no address
 */
export function sock_udp_create(
  sock: sock_udp_t, local: sock_udp_ep_t | null, remote: sock_udp_ep_t | null, flags: number,
): number {
  assert(sock, `${UDP_C}:100`);
  assert(remote === null || remote.port !== 0, `${UDP_C}:101`);
  if (local !== null && remote !== null && gnrc_ep_contradict(local, remote)) return -EINVAL;
  sock_udp_ep_clear(sock.local);
  sock_udp_ep_clear(sock.remote);
  sock.flags = 0;
  sock.next = null;
  gnrc_sock_clear(sock.reg);
  if (local !== null) {
    const res = setLocal(sock, local, flags);
    if (res < 0) return res;
  }
  if (remote !== null) {
    if (remote.family !== AF_INET6) return -EAFNOSUPPORT;
    if (ipv6_addr_is_unspecified(remote.addr.ipv6)) return -EINVAL;
    sock_udp_ep_copy(sock.remote, remote);
    sock.remote.netif = gnrc_ep_netif(remote);
    if (!ipv6_addr_is_multicast(remote.addr.ipv6)) flags |= SOCK_FLAGS_CONNECT_REMOTE;
  }
  if (local !== null) gnrc_sock_create(sock.reg, GNRC_NETTYPE_UDP, sock.local.port);
  sock.flags = flags;
  return 0;
}

/** Sets the local end point of a sock that is being set up: 0, or why it cannot be. */
function setLocal(sock: sock_udp_t, local: sock_udp_ep_t, flags: number): number {
  if (local.family !== AF_INET6) return -EAFNOSUPPORT;
  let { port } = local;
  if (port === 0) {
    port = udp_dynamic_port(sock);
    if (port === GNRC_SOCK_DYN_PORTRANGE_ERR) return -EADDRINUSE;
  } else if ((flags & SOCK_FLAGS_REUSE_EP) === 0 && udp_ep_in_use(local)) {
    return -EADDRINUSE;
  }
  udp_list_add(sock);
  sock_udp_ep_copy(sock.local, local);
  sock.local.port = port;
  return 0;
}

/** Stops a sock from receiving; what it has not delivered yet is freed, see gnrc_sock_close(). */
export function sock_udp_close(sock: sock_udp_t): void {
  assert(sock, `${UDP_C}:163`);
  gnrc_sock_close(sock.reg, GNRC_NETTYPE_UDP);
  udp_list_remove(sock);
}

/**
 * Where a sock listens.
 * @returns 0; -EADDRNOTAVAIL if it is not bound
 */
export function sock_udp_get_local(sock: sock_udp_t, local: sock_udp_ep_t): number {
  assert(sock && local, `${UDP_C}:178`);
  if (sock.local.family === AF_UNSPEC) return -EADDRNOTAVAIL;
  sock_udp_ep_copy(local, sock.local);
  return 0;
}

/**
 * Whom a sock talks to.
 * @returns 0; -ENOTCONN if it was created without remote end point
 */
export function sock_udp_get_remote(sock: sock_udp_t, remote: sock_udp_ep_t): number {
  assert(sock && remote, `${UDP_C}:188`);
  if (sock.remote.family === AF_UNSPEC) return -ENOTCONN;
  sock_udp_ep_copy(remote, sock.remote);
  return 0;
}

/** sock_udp_recv_aux() without auxiliary data. */
export function sock_udp_recv(
  sock: sock_udp_t, data: Uint8Array, max_len: number, timeout: number, remote: sock_udp_ep_t | null,
): Blocking<number> {
  return sock_udp_recv_aux(sock, data, max_len, timeout, remote, null);
}

/**
 * Waits for a datagram and copies its payload.
 *
 * @param max_len  room in `data`, at least 1 (asserted)
 * @param timeout  µs, rounded up to whole ms; 0: do not wait; SOCK_NO_TIMEOUT
 * @param remote   takes the sender, also when the result is -EPROTO or -ENOBUFS; or null
 * @param aux      takes auxiliary data; or null
 * @returns bytes of the payload; 0 for an empty datagram
 * @returns -EADDRNOTAVAIL if the sock is not bound
 * @returns -EAGAIN        if `timeout` is 0 and no datagram is there
 * @returns -EINVAL        if the sock is not set up, or its mailbox held something else than a datagram
 * @returns -ENOBUFS       if the payload has more than `max_len` bytes; the datagram is gone
 * @returns -EPROTO        if the sender is not the sock's remote end point; the datagram is gone
 * @returns -ETIMEDOUT     if none came in time
 */
export function* sock_udp_recv_aux(
  sock: sock_udp_t, data: Uint8Array, max_len: number, timeout: number, remote: sock_udp_ep_t | null,
  aux: sock_udp_aux_rx_t | null,
): Blocking<number> {
  assert(sock && data && max_len > 0, `${UDP_C}:205`);
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

/** sock_udp_recv_buf_aux() without auxiliary data. */
export function sock_udp_recv_buf(
  sock: sock_udp_t, data: out_t<Uint8Array>, buf_ctx: out_t<gnrc_pktsnip_t>, timeout: number,
  remote: sock_udp_ep_t | null,
): Blocking<number> {
  return sock_udp_recv_buf_aux(sock, data, buf_ctx, timeout, remote, null);
}

/**
 * Waits for a datagram and lends its payload, without a copy. Call it again with the same `buf_ctx` until it returns 0:
 * that gives the payload back.
 *
 * @param data     takes the payload: bytes of the packet buffer, which are others' after the next call. null if empty
 * @param buf_ctx  null in the first call
 * @returns bytes of the payload; 0 when it was given back, or is empty: then `buf_ctx` tells which
 * @returns errors as sock_udp_recv_aux(), but not -ENOBUFS
 */
export function* sock_udp_recv_buf_aux(
  sock: sock_udp_t, data: out_t<Uint8Array>, buf_ctx: out_t<gnrc_pktsnip_t>, timeout: number,
  remote: sock_udp_ep_t | null, aux: sock_udp_aux_rx_t | null,
): Blocking<number> {
  assert(sock && data && buf_ctx, `${UDP_C}:263`);
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

/** Whether the address of an end point is a multicast one; its family is AF_INET6 (asserted). */
export function sock_udp_ep_is_multicast(ep: sock_udp_ep_t): boolean {
  assert(ep.family === AF_INET6, 'sys/include/net/sock/udp.h:818');
  return ipv6_addr_is_multicast(ep.addr.ipv6);
}

/** Whether an end point has an IPv6 address: no other is built in. */
export function sock_udp_ep_is_v6(_ep: sock_udp_ep_t): boolean {
  return true;
}

/**
 * Tells where a received datagram is from, and whether the sock wants it from there.
 * @returns false when it does not: the datagram is then freed
 */
function accept(
  sock: sock_udp_t, pkt: gnrc_pktsnip_t, remote: sock_udp_ep_t | null, aux: sock_udp_aux_rx_t | null,
): boolean {
  const hdr = gnrc_sock_sender(pkt, remote);
  const udp = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_UDP);
  assert(udp, `${UDP_C}:294`);
  const port = get16(gnrc_pkt_bytes(udp), 0);
  if (remote !== null) remote.port = port;
  const delivered = aux === null ? 0 : gnrc_sock_aux(aux, pkt, hdr);
  if ((sock.flags & SOCK_FLAGS_CONNECT_REMOTE) !== 0 && !isRemote(sock, hdr, port)) {
    drop('sock', 'not-from-remote', pkt.size);
    gnrc_pktbuf_release(pkt);
    return false;
  }
  if (aux !== null) clearDelivered(sock, aux, delivered, hdr);
  return true;
}

function isRemote(sock: sock_udp_t, hdr: Uint8Array, port: number): boolean {
  if (sock.remote.family === AF_UNSPEC) return true;
  if (sock.remote.port !== port) return false;
  return net_config().CONFIG_GNRC_SOCK_UDP_CHECK_REMOTE_ADDR === 0 ||
    ipv6_addr_equal(sock.remote.addr.ipv6, hdr.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_SRC + 16));
}

/** Clears the bits of what was delivered; adds what only a datagram that is wanted tells. */
function clearDelivered(sock: sock_udp_t, aux: sock_udp_aux_rx_t, delivered: number, hdr: Uint8Array): void {
  const { modules } = current();
  aux.flags &= ~delivered;
  if ((aux.flags & SOCK_AUX_GET_LOCAL) !== 0 && modules.has('sock_aux_local')) {
    aux.flags &= ~SOCK_AUX_GET_LOCAL;
    aux.local.port = sock.local.port;
  }
  if ((aux.flags & SOCK_AUX_GET_TTL) !== 0 && modules.has('sock_aux_ttl')) {
    aux.flags &= ~SOCK_AUX_GET_TTL;
    aux.ttl = hdr[IPV6_OFFSET_HOP_LIMIT]!;
  }
}
