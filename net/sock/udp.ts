// UDP socks (RIOT sys/include/net/sock/udp.h, sys/net/gnrc/sock/udp/gnrc_sock_udp.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_charge, cpu_timed } from '../../kernel/cpu.ts';
import { current } from '../../kernel/current.ts';
import {
  EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENOBUFS, ENOMEM, ENOTCONN, EPROTO,
} from '../../kernel/errno.ts';
import { type iolist_t, iolist_size, iolist_to_buffer } from '../../kernel/iolist.ts';
import { msg_t } from '../../kernel/msg.ts';
import { assert } from '../../kernel/panic.ts';
import { random_uint32 } from '../../kernel/random.ts';
import { AF_INET6, AF_UNSPEC } from '../af.ts';
import { net_config } from '../config.ts';
import { drop } from '../gnrc/drop.ts';
import { GNRC_NETIF_HDR_NO_RSSI, gnrc_netif_hdr_of } from '../gnrc/netif_hdr.ts';
import { gnrc_netreg_unregister_now } from '../gnrc/netreg.ts';
import {
  GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_UDP, GNRC_NETTYPE_UNDEF,
} from '../gnrc/nettype.ts';
import { gnrc_pkt_bytes, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from '../gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../gnrc/pktbuf.ts';
import { gnrc_udp_hdr_build } from '../gnrc/udp.ts';
import {
  ipv6_addr_equal, ipv6_addr_is_multicast, ipv6_addr_is_unspecified, ipv6_addr_unspecified,
} from '../wire/addr.ts';
import { get16 } from '../wire/bytes.ts';
import { IPV6_OFFSET_DST, IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_SRC, PROTNUM_UDP } from '../wire/ipv6.ts';
import { UDP_HEADER_LEN } from '../wire/udp.ts';
import {
  SOCK_ADDR_ANY_NETIF, SOCK_AUX_GET_LOCAL, SOCK_AUX_GET_RSSI, SOCK_AUX_GET_TTL, SOCK_AUX_SET_LOCAL,
  SOCK_FLAGS_CONNECT_REMOTE, sock_udp_ep_clear, sock_udp_ep_copy, type sock_udp_ep_t,
} from './sock.ts';
import {
  gnrc_ep_only_netif, gnrc_ep_set, gnrc_sock_create, gnrc_sock_recv, gnrc_sock_send, type sock_udp_aux_rx_t,
  type sock_udp_aux_tx_t, type sock_udp_t,
} from './types.ts';

export {
  SOCK_ADDR_ANY_NETIF, SOCK_AUX_GET_LOCAL, SOCK_AUX_GET_RSSI, SOCK_AUX_GET_TIMESTAMP, SOCK_AUX_GET_TTL,
  SOCK_AUX_SET_LOCAL, SOCK_FLAGS_CONNECT_REMOTE, SOCK_FLAGS_REUSE_EP, SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT,
  sock_udp_ep_t,
} from './sock.ts';
export { AF_INET6, AF_UNSPEC } from '../af.ts';
export { sock_udp_aux_rx_t, sock_udp_aux_tx_t, sock_udp_t } from './types.ts';

const UDP_C = 'sys/net/gnrc/sock/udp/gnrc_sock_udp.c';
/** Dynamic ports (RIOT sys/include/net/iana/portrange.h). */
const IANA_DYNAMIC_PORTRANGE_MIN = 49152;
const IANA_DYNAMIC_PORTRANGE_MAX = 65535;

/** A place for an out-parameter: C's `void **`. */
export interface out_t<T> {
  value: T | null;
}

/**
 * Sets a sock up. Unlike C it may not be one whose old registration was never closed.
 *
 * @param local   where to listen, or null: then the first send binds. Port 0 takes a random one of 49152 to 65535.
 *                Whatever its address, datagrams to all addresses of the board are received.
 * @param remote  whom to talk to, or null; its port is not 0 (asserted)
 * @param flags   SOCK_FLAGS_* bits
 * @returns 0
 * @returns -EINVAL        if `local` and `remote` name different interfaces, or `remote` has no address
 * @returns -EAFNOSUPPORT  if a family is not AF_INET6
 */
export function sock_udp_create(
  sock: sock_udp_t, local: sock_udp_ep_t | null, remote: sock_udp_ep_t | null, flags: number,
): number {
  assert(sock, `${UDP_C}:100`);
  assert(remote === null || remote.port !== 0, `${UDP_C}:101`);
  if (local !== null && remote !== null && contradict(local.netif, remote.netif)) return -EINVAL;
  sock_udp_ep_clear(sock.local);
  sock_udp_ep_clear(sock.remote);
  sock.flags = 0;
  if (local !== null) {
    if (local.family !== AF_INET6) return -EAFNOSUPPORT;
    const port = local.port === 0 ? dynamicPort() : local.port;
    sock_udp_ep_copy(sock.local, local);
    sock.local.port = port;
  }
  if (remote !== null) {
    if (remote.family !== AF_INET6) return -EAFNOSUPPORT;
    if (ipv6_addr_is_unspecified(remote.addr.ipv6)) return -EINVAL;
    gnrc_ep_set(sock.remote, remote);
    if (!ipv6_addr_is_multicast(remote.addr.ipv6)) flags |= SOCK_FLAGS_CONNECT_REMOTE;
  }
  if (local !== null) gnrc_sock_create(sock.reg, GNRC_NETTYPE_UDP, sock.local.port);
  sock.flags = flags;
  return 0;
}

/** Stops a sock from receiving; what it has not delivered yet is freed. */
export function sock_udp_close(sock: sock_udp_t): void {
  assert(sock, `${UDP_C}:163`);
  gnrc_netreg_unregister_now(GNRC_NETTYPE_UDP, sock.reg.entry);
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
  // RIOT forgets to free an empty datagram.
  gnrc_pktbuf_release(pkt);
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
 * @param data     takes the payload
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
  data.value = gnrc_pkt_bytes(pkt);
  buf_ctx.value = pkt;
  return pkt.size;
}

/** sock_udp_send_aux() without auxiliary data. */
export function sock_udp_send(
  sock: sock_udp_t | null, data: Uint8Array | null, len: number, remote: sock_udp_ep_t | null,
): Blocking<number> {
  return sock_udp_send_aux(sock, data, len, remote, null);
}

/**
 * Sends a datagram. Whether anyone gets it, nobody is told.
 *
 * @param sock    a sock, or null: a random source port then. One that is not bound is bound to a random port.
 * @param data    the payload, null if `len` is 0
 * @param remote  whom to send to, or null: the sock's remote end point
 * @param aux     auxiliary data, or null
 * @returns bytes of payload sent
 * @returns -EAFNOSUPPORT if the family of `remote` is not AF_INET6
 * @returns -EBADMSG      if there is no udp thread
 * @returns -EINVAL       if `remote` has no address or port 0, or another interface than the sock, or another family
 * @returns -ENOMEM       when the packet buffer is full
 * @returns -ENOTCONN     if there is no remote end point
 */
export function* sock_udp_send_aux(
  sock: sock_udp_t | null, data: Uint8Array | null, len: number, remote: sock_udp_ep_t | null,
  aux: sock_udp_aux_tx_t | null,
): Blocking<number> {
  const src = prepare(sock, remote, aux);
  if (src < 0) return src;
  const payload = gnrc_pktbuf_add(null, data, len, GNRC_NETTYPE_UNDEF);
  return payload === null ? -ENOMEM : yield* send(sock, payload, src, remote, aux);
}

/** sock_udp_sendv_aux() without auxiliary data. */
export function sock_udp_sendv(
  sock: sock_udp_t | null, snips: iolist_t | null, remote: sock_udp_ep_t | null,
): Blocking<number> {
  return sock_udp_sendv_aux(sock, snips, remote, null);
}

/** sock_udp_send_aux() of a payload in several pieces. */
export function* sock_udp_sendv_aux(
  sock: sock_udp_t | null, snips: iolist_t | null, remote: sock_udp_ep_t | null, aux: sock_udp_aux_tx_t | null,
): Blocking<number> {
  const src = prepare(sock, remote, aux);
  if (src < 0) return src;
  const payload = gnrc_pktbuf_add(null, null, iolist_size(snips), GNRC_NETTYPE_UNDEF);
  if (payload === null) return -ENOMEM;
  iolist_to_buffer(snips, gnrc_pkt_bytes(payload), payload.size);
  return yield* send(sock, payload, src, remote, aux);
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

function contradict(netif: number, other: number): boolean {
  return netif !== other && netif !== SOCK_ADDR_ANY_NETIF && other !== SOCK_ADDR_ANY_NETIF;
}

/** A random port (RFC 6056 §3.3.2); not checked for use, as in RIOT without module gnrc_sock_check_reuse. */
function dynamicPort(): number {
  const count = IANA_DYNAMIC_PORTRANGE_MAX - IANA_DYNAMIC_PORTRANGE_MIN + 1;
  return IANA_DYNAMIC_PORTRANGE_MIN + random_uint32() % count;
}

/**
 * Tells where a received datagram is from, and whether the sock wants it from there.
 * @returns false when it does not: the datagram is then freed
 */
function accept(
  sock: sock_udp_t, pkt: gnrc_pktsnip_t, remote: sock_udp_ep_t | null, aux: sock_udp_aux_rx_t | null,
): boolean {
  const ipv6 = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_IPV6);
  const udp = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_UDP);
  assert(ipv6, 'sys/net/gnrc/sock/gnrc_sock.c:155');
  assert(udp, `${UDP_C}:294`);
  const netif = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_NETIF);
  const hdr = gnrc_pkt_bytes(ipv6);
  const port = get16(gnrc_pkt_bytes(udp), 0);
  if (remote !== null) {
    remote.family = AF_INET6;
    const { ipv6: addr } = remote.addr;
    for (let i = 0; i < 16; i++) addr[i] = hdr[IPV6_OFFSET_SRC + i]!;
    remote.netif = netif === null ? SOCK_ADDR_ANY_NETIF : gnrc_netif_hdr_of(netif).if_pid;
    remote.port = port;
  }
  if ((sock.flags & SOCK_FLAGS_CONNECT_REMOTE) !== 0 && !isRemote(sock, hdr, port)) {
    drop('sock', 'not-from-remote', pkt.size);
    gnrc_pktbuf_release(pkt);
    return false;
  }
  if (aux !== null) fillAux(sock, aux, hdr, netif);
  return true;
}

function isRemote(sock: sock_udp_t, hdr: Uint8Array, port: number): boolean {
  if (sock.remote.family === AF_UNSPEC) return true;
  if (sock.remote.port !== port) return false;
  return net_config().CONFIG_GNRC_SOCK_UDP_CHECK_REMOTE_ADDR === 0 ||
    ipv6_addr_equal(sock.remote.addr.ipv6, hdr.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_SRC + 16));
}

function fillAux(sock: sock_udp_t, aux: sock_udp_aux_rx_t, hdr: Uint8Array, netif: gnrc_pktsnip_t | null): void {
  const { modules } = current();
  if ((aux.flags & SOCK_AUX_GET_LOCAL) !== 0 && modules.has('sock_aux_local')) {
    aux.flags &= ~SOCK_AUX_GET_LOCAL;
    aux.local.family = AF_INET6;
    aux.local.addr.ipv6.set(hdr.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16));
    aux.local.port = sock.local.port;
  }
  if ((aux.flags & SOCK_AUX_GET_RSSI) !== 0 && modules.has('sock_aux_rssi')) {
    const rssi = netif === null ? GNRC_NETIF_HDR_NO_RSSI : gnrc_netif_hdr_of(netif).rssi;
    if (rssi !== GNRC_NETIF_HDR_NO_RSSI) {
      aux.flags &= ~SOCK_AUX_GET_RSSI;
      aux.rssi = rssi;
    }
  }
  if ((aux.flags & SOCK_AUX_GET_TTL) !== 0 && modules.has('sock_aux_ttl')) {
    aux.flags &= ~SOCK_AUX_GET_TTL;
    aux.ttl = hdr[IPV6_OFFSET_HOP_LIMIT]!;
  }
}

/** 0, or the errno of a send to an end point that cannot be sent to. */
function checkSend(sock: sock_udp_t | null, remote: sock_udp_ep_t | null): number {
  assert(sock !== null || remote !== null, `${UDP_C}:349`);
  if (remote === null) return sock!.remote.family === AF_UNSPEC ? -ENOTCONN : 0;
  if (remote.port === 0 || ipv6_addr_is_unspecified(remote.addr.ipv6)) return -EINVAL;
  if (remote.family !== AF_INET6) return -EAFNOSUPPORT;
  return sock !== null && contradict(sock.local.netif, remote.netif) ? -EINVAL : 0;
}

/** The source port; a sock that is not bound is bound to it. */
function sourcePort(sock: sock_udp_t | null, remote: sock_udp_ep_t | null): number {
  if (sock !== null && sock.local.family !== AF_UNSPEC) return sock.local.port;
  const port = dynamicPort();
  if (sock !== null) {
    sock.local.port = port;
    sock.local.family = (remote ?? sock.remote).family;
    gnrc_sock_create(sock.reg, GNRC_NETTYPE_UDP, port);
  }
  return port;
}

/** Whether a send function is told the local end point. */
function setsLocal(aux: sock_udp_aux_tx_t | null): aux is sock_udp_aux_tx_t {
  return aux !== null && (aux.flags & SOCK_AUX_SET_LOCAL) !== 0 && current().modules.has('sock_aux_local');
}

/** The source port of a datagram, or the errno of a send that cannot be. Binds a sock that is not bound. */
function prepare(sock: sock_udp_t | null, remote: sock_udp_ep_t | null, aux: sock_udp_aux_tx_t | null): number {
  const res = checkSend(sock, remote);
  if (res < 0) return res;
  const port = sourcePort(sock, remote);
  if (!setsLocal(aux)) return port;
  const { family } = aux.local;
  if (family === AF_UNSPEC || family === AF_INET6) return aux.local.port;
  aux.flags &= ~SOCK_AUX_SET_LOCAL;
  return -EINVAL;
}

/** Sends `payload` with the headers that it needs; consumes it. */
function* send(
  sock: sock_udp_t | null, payload: gnrc_pktsnip_t, src: number, remote: sock_udp_ep_t | null,
  aux: sock_udp_aux_tx_t | null,
): Blocking<number> {
  if (cpu_timed()) yield* cpu_charge('sock', 1);
  const to = remote ?? sock!.remote;
  let local = sock === null ? null : sock.local;
  if (setsLocal(aux)) {
    local = aux.local;
    aux.flags &= ~SOCK_AUX_SET_LOCAL;
  }
  let netif = local === null ? SOCK_ADDR_ANY_NETIF : local.netif;
  if (netif === SOCK_ADDR_ANY_NETIF) netif = to.netif;
  if (netif === SOCK_ADDR_ANY_NETIF) netif = gnrc_ep_only_netif();
  const udp = gnrc_udp_hdr_build(payload, src, to.port);
  if (udp === null) {
    gnrc_pktbuf_release(payload);
    return -ENOMEM;
  }
  const from = local === null ? ipv6_addr_unspecified : local.addr.ipv6;
  const res = yield* gnrc_sock_send(udp, from, to.addr.ipv6, netif, PROTNUM_UDP);
  return res > 0 ? res - UDP_HEADER_LEN : res;
}
