// Sending over UDP socks (RIOT sys/include/net/sock/udp.h, sys/net/gnrc/sock/udp/gnrc_sock_udp.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import { EADDRINUSE, EAFNOSUPPORT, EINVAL, ENOMEM, ENOTCONN } from '../../kernel/errno.ts';
import { type iolist_t, iolist_size, iolist_to_buffer } from '../../kernel/iolist.ts';
import { assert } from '../../kernel/panic.ts';
import { AF_INET6, AF_UNSPEC } from '../af.ts';
import { GNRC_NETTYPE_UDP, GNRC_NETTYPE_UNDEF } from '../gnrc/nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from '../gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../gnrc/pktbuf.ts';
import { gnrc_udp_hdr_build } from '../gnrc/udp.ts';
import { ipv6_addr_is_unspecified, ipv6_addr_unspecified } from '../wire/addr.ts';
import { PROTNUM_UDP } from '../wire/ipv6.ts';
import {
  gnrc_ep_contradict, gnrc_ep_netif, gnrc_sock_build, gnrc_sock_create, gnrc_sock_result, gnrc_sock_send,
} from './gnrc_sock.ts';
import { SOCK_ADDR_ANY_NETIF, SOCK_AUX_SET_LOCAL, type sock_udp_ep_t } from './sock.ts';
import type { sock_udp_aux_tx_t, sock_udp_t } from './types.ts';
import { GNRC_SOCK_DYN_PORTRANGE_ERR, udp_dynamic_port, udp_list_add } from './udp_ports.ts';

const UDP_C = 'sys/net/gnrc/sock/udp/gnrc_sock_udp.c';

/** sock_udp_send_aux() without auxiliary data. */
export function sock_udp_send(
  sock: sock_udp_t | null, data: Uint8Array | null, len: number, remote: sock_udp_ep_t | null,
): Blocking<number> {
  return sock_udp_send_aux(sock, data, len, remote, null);
}

/**
 * Sends a datagram. Whether anyone gets it, nobody is told.
 *
 * @param sock    a sock, or null: a random source port then. One that is not bound is bound to a random port, and
 *                forgets a callback that was set before.
 * @param data    the payload, null if `len` is 0
 * @param remote  whom to send to, or null: the sock's remote end point
 * @param aux     auxiliary data, or null
 * @returns bytes of payload sent
 * @returns -EADDRINUSE   if no random port was found
 * @returns -EAFNOSUPPORT if the family of `remote` is not AF_INET6
 * @returns -EBADMSG      if there is no udp thread
 * @returns -EINVAL       if `remote` has no address or port 0, or another interface than the sock, or another family
 * @returns -ENOMEM       when the packet buffer is full
 * @returns -ENOTCONN     if there is no remote end point
 * @returns with module gnrc_neterr also -EHOSTUNREACH, -ENETUNREACH and what else a layer tells of the packet
 */
export function sock_udp_send_aux(
  sock: sock_udp_t | null, data: Uint8Array | null, len: number, remote: sock_udp_ep_t | null,
  aux: sock_udp_aux_tx_t | null,
): Blocking<number> {
  const src = prepare(sock, remote, aux);
  if (src < 0) return gnrc_sock_result(src);
  return send(sock, gnrc_pktbuf_add(null, data, len, GNRC_NETTYPE_UNDEF), src, remote, aux);
}

/** sock_udp_sendv_aux() without auxiliary data. */
export function sock_udp_sendv(
  sock: sock_udp_t | null, snips: iolist_t | null, remote: sock_udp_ep_t | null,
): Blocking<number> {
  return sock_udp_sendv_aux(sock, snips, remote, null);
}

/** sock_udp_send_aux() of a payload in several pieces. */
export function sock_udp_sendv_aux(
  sock: sock_udp_t | null, snips: iolist_t | null, remote: sock_udp_ep_t | null, aux: sock_udp_aux_tx_t | null,
): Blocking<number> {
  const src = prepare(sock, remote, aux);
  if (src < 0) return gnrc_sock_result(src);
  const payload = gnrc_pktbuf_add(null, null, iolist_size(snips), GNRC_NETTYPE_UNDEF);
  if (payload !== null) iolist_to_buffer(snips, gnrc_pkt_bytes(payload), payload.size);
  return send(sock, payload, src, remote, aux);
}

/** The source port of a datagram, or the errno of a send that cannot be. Binds a sock that is not bound. */
function prepare(sock: sock_udp_t | null, remote: sock_udp_ep_t | null, aux: sock_udp_aux_tx_t | null): number {
  const res = checkSend(sock, remote);
  if (res < 0) return res;
  const port = sourcePort(sock, remote);
  if (port < 0 || !setsLocal(aux)) return port;
  const { family } = aux.local;
  if (family === AF_UNSPEC || family === AF_INET6) return aux.local.port;
  aux.flags &= ~SOCK_AUX_SET_LOCAL;
  return -EINVAL;
}

/** 0, or the errno of a send to an end point that cannot be sent to. */
function checkSend(sock: sock_udp_t | null, remote: sock_udp_ep_t | null): number {
  assert(sock !== null || remote !== null, `${UDP_C}:349`);
  if (remote === null) return sock!.remote.family === AF_UNSPEC ? -ENOTCONN : 0;
  if (remote.port === 0 || ipv6_addr_is_unspecified(remote.addr.ipv6)) return -EINVAL;
  if (remote.family !== AF_INET6) return -EAFNOSUPPORT;
  return sock !== null && gnrc_ep_contradict(sock.local, remote) ? -EINVAL : 0;
}

/** The source port, or -EADDRINUSE; a sock that is not bound is bound to it. */
function sourcePort(sock: sock_udp_t | null, remote: sock_udp_ep_t | null): number {
  if (sock !== null && sock.local.family !== AF_UNSPEC) return sock.local.port;
  const port = udp_dynamic_port(sock);
  if (port === GNRC_SOCK_DYN_PORTRANGE_ERR) return -EADDRINUSE;
  if (sock !== null) {
    sock.local.port = port;
    sock.local.family = (remote ?? sock.remote).family;
    gnrc_sock_create(sock.reg, GNRC_NETTYPE_UDP, port);
    udp_list_add(sock);
  }
  return port;
}

/** Whether a send function is told the local end point. */
function setsLocal(aux: sock_udp_aux_tx_t | null): aux is sock_udp_aux_tx_t {
  return aux !== null && (aux.flags & SOCK_AUX_SET_LOCAL) !== 0 && current().modules.has('sock_aux_local');
}

/** Sends `payload` with the headers that it needs; null: there was no room for it. */
function send(
  sock: sock_udp_t | null, payload: gnrc_pktsnip_t | null, src: number, remote: sock_udp_ep_t | null,
  aux: sock_udp_aux_tx_t | null,
): Blocking<number> {
  let local = sock === null ? null : sock.local;
  if (setsLocal(aux)) {
    local = aux.local;
    aux.flags &= ~SOCK_AUX_SET_LOCAL;
  }
  if (payload === null) return gnrc_sock_result(-ENOMEM);
  const { size } = payload;
  const to = remote ?? sock!.remote;
  let netif = local === null ? SOCK_ADDR_ANY_NETIF : local.netif;
  if (netif === SOCK_ADDR_ANY_NETIF) netif = remote === null ? to.netif : gnrc_ep_netif(remote);
  const udp = gnrc_udp_hdr_build(payload, src, to.port);
  if (udp === null) {
    gnrc_pktbuf_release(payload);
    return gnrc_sock_result(-ENOMEM);
  }
  const from = local === null ? ipv6_addr_unspecified : local.addr.ipv6;
  const pkt = gnrc_sock_build(udp, from, to.addr.ipv6, netif, PROTNUM_UDP);
  return gnrc_sock_send(GNRC_NETTYPE_UDP, pkt, size, sock === null ? null : sock.reg.async_cb, true);
}
