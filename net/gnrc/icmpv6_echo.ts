// Echo requests and replies (RIOT sys/include/net/gnrc/icmpv6/echo.h, RFC 4443 §4).
import type { Blocking } from '../../kernel/blocking.ts';
import { EBADF, EINVAL, ENOMEM } from '../../kernel/errno.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { puts } from '../../kernel/stdio.ts';
import { ZTIMER_USEC, ztimer_now } from '../../kernel/ztimer.ts';
import { quirk } from '../quirks.ts';
import { ipv6_addr_is_multicast } from '../wire/addr.ts';
import { get16, put16 } from '../wire/bytes.ts';
import { ICMPV6_ECHO_LEN, ICMPV6_ECHO_REP, ICMPV6_ECHO_REQ } from '../wire/icmpv6.ts';
import { IPV6_OFFSET_DST, IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_SRC } from '../wire/ipv6.ts';
import { drop } from './drop.ts';
import { gnrc_icmpv6_build } from './icmpv6.ts';
import { gnrc_ipv6_hdr_build } from './ipv6_hdr.ts';
import { gnrc_netapi_dispatch_send } from './netapi.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of, gnrc_netif_hdr_set_netif } from './netif_hdr.ts';
import type { gnrc_netif_t } from './netif_t.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from './netreg.ts';
import { GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_IPV6 } from './nettype.ts';
import { gnrc_ipv6_nib_nc_mark_reachable } from './nib_nc.ts';
import { gnrc_pkt_bytes, gnrc_pkt_prepend, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release } from './pktbuf.ts';

const OFFSET_ID = 4;
const OFFSET_SEQ = 6;
const TIMESTAMP_LEN = 4;
/** RIOT leaves room for 4 of the 8 bytes of the header. */
const MAX_LEN = 0xffff - 4;

/**
 * Builds an echo message.
 *
 * @param data      what to echo, or null for zeros
 * @param data_len  its length in bytes
 * @returns null when the packet buffer is full
 */
export function gnrc_icmpv6_echo_build(
  type: number, id: number, seq: number, data: Uint8Array | null, data_len: number,
): gnrc_pktsnip_t | null {
  const pkt = gnrc_icmpv6_build(null, type, 0, data_len + ICMPV6_ECHO_LEN);
  if (pkt === null) return null;
  const bytes = pkt.data!;
  put16(bytes, OFFSET_ID, id);
  put16(bytes, OFFSET_SEQ, seq);
  if (data !== null) bytes.set(data.length === data_len ? data : data.subarray(0, data_len), ICMPV6_ECHO_LEN);
  return pkt;
}

/**
 * Answers an echo request: from the address that was asked, or from one that the ipv6 thread chooses if that was a
 * group.
 *
 * @param netif  the interface it came from; null if it was sent to the loopback address
 * @param ipv6   the request's IPv6 header
 * @param echo   the request, the ICMPv6 header first; shorter than 8 bytes it is not answered
 */
export function* gnrc_icmpv6_echo_req_handle(
  netif: gnrc_netif_t | null, ipv6: Uint8Array, echo: Uint8Array,
): Blocking<void> {
  if (echo.length < ICMPV6_ECHO_LEN) return drop('icmpv6', 'truncated', echo.length);
  const reply = gnrc_icmpv6_echo_build(
    ICMPV6_ECHO_REP, get16(echo, OFFSET_ID), get16(echo, OFFSET_SEQ), echo.subarray(ICMPV6_ECHO_LEN),
    echo.length - ICMPV6_ECHO_LEN,
  );
  if (reply === null) return drop('icmpv6', 'pktbuf-full', echo.length);
  const asked = ipv6.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
  const src = ipv6_addr_is_multicast(asked) ? null : asked;
  const pkt = withHeaders(reply, netif, src, ipv6.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_DST));
  if (pkt === null) return drop('icmpv6', 'pktbuf-full', echo.length);
  if ((yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
    gnrc_pktbuf_release(pkt);
  }
}

/** Puts an IPv6 and a netif header before an ICMPv6 message; null, and the message is freed, without room for them. */
function withHeaders(
  message: gnrc_pktsnip_t, netif: gnrc_netif_t | null, src: Uint8Array | null, dst: Uint8Array,
): gnrc_pktsnip_t | null {
  const ipv6 = gnrc_ipv6_hdr_build(message, src, dst);
  const hdr = ipv6 === null ? null : gnrc_netif_hdr_build(null, 0, null, 0);
  if (ipv6 === null || hdr === null) {
    gnrc_pktbuf_release(ipv6 ?? message);
    return null;
  }
  gnrc_netif_hdr_set_netif(gnrc_netif_hdr_of(hdr), netif);
  return gnrc_pkt_prepend(ipv6, hdr);
}

/**
 * Sends an echo request. Its data begin with the time in µs if they have 4 bytes or more, and go on with 0, 1, 2 ...
 *
 * @param netif  the interface to send from, or null
 * @param addr   the destination, 16 bytes
 * @param ttl    hop limit; 0: that of the interface
 * @param len    bytes of data, 0 to 65531
 * @returns 0; -EINVAL if `len` is too large; -ENOMEM when the packet buffer is full; -EBADF without an ipv6 thread
 */
export function* gnrc_icmpv6_echo_send(
  netif: gnrc_netif_t | null, addr: Uint8Array, id: number, seq: number, ttl: number, len: number,
): Blocking<number> {
  if (len > MAX_LEN) return -EINVAL;
  const message = gnrc_icmpv6_echo_build(ICMPV6_ECHO_REQ, id, seq, null, len);
  if (message === null) return -ENOMEM;
  let pkt = gnrc_ipv6_hdr_build(message, null, addr);
  if (pkt === null) {
    puts('error: packet buffer full');
    if (quirk('icmpv6-echo-send-leak')) return 0;
    gnrc_pktbuf_release(message);
    return -ENOMEM;
  }
  pkt.data![IPV6_OFFSET_HOP_LIMIT] = ttl;
  if (netif !== null) {
    const hdr = gnrc_netif_hdr_build(null, 0, null, 0);
    if (hdr === null) {
      gnrc_pktbuf_release(pkt);
      return -ENOMEM;
    }
    gnrc_netif_hdr_set_netif(gnrc_netif_hdr_of(hdr), netif);
    pkt = gnrc_pkt_prepend(pkt, hdr);
  }
  fillData(message.data!.subarray(ICMPV6_ECHO_LEN), ztimer_now(ZTIMER_USEC));
  if ((yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
    gnrc_pktbuf_release(pkt);
    return -EBADF;
  }
  return 0;
}

function fillData(data: Uint8Array, now: number): void {
  let start = 0;
  if (data.length >= TIMESTAMP_LEN) {
    for (let i = 0; i < TIMESTAMP_LEN; i++) data[i] = now >>> (8 * i);
    start = TIMESTAMP_LEN;
  }
  for (let i = start; i < data.length; i++) data[i] = i - start;
}

/**
 * What a reply came to.
 * @param corrupted  where its data differ from what was sent, in bytes from their beginning; -1: nowhere
 * @param triptime   time since the request was sent, in µs; 0 if the data are too short to tell
 * @returns what gnrc_icmpv6_echo_rsp_handle() returns
 */
export type gnrc_icmpv6_echo_rsp_handle_cb_t<T> =
  (pkt: gnrc_pktsnip_t, corrupted: number, triptime: number, ctx: T) => number;

/**
 * Compares an echo reply with what gnrc_icmpv6_echo_send() sends.
 *
 * @param pkt  the reply, its ICMPv6 header and data first; stays the caller's
 * @param len  bytes of data that were sent
 * @returns -EINVAL if there is no IPv6 or ICMPv6 header; else what `cb` returns
 */
export function* gnrc_icmpv6_echo_rsp_handle<T>(
  pkt: gnrc_pktsnip_t, len: number, cb: gnrc_icmpv6_echo_rsp_handle_cb_t<T>, ctx: T,
): Blocking<number> {
  const now = ztimer_now(ZTIMER_USEC);
  const ipv6 = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_IPV6);
  const icmpv6 = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_ICMPV6);
  if (ipv6 === null || icmpv6 === null) return -EINVAL;
  // Who answers is reachable (RFC 4861 §7.3.1).
  yield* gnrc_ipv6_nib_nc_mark_reachable(gnrc_pkt_bytes(ipv6).subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_DST));
  const data = gnrc_pkt_bytes(icmpv6).subarray(ICMPV6_ECHO_LEN);
  if (len >= TIMESTAMP_LEN && data.length < TIMESTAMP_LEN) {
    undefined_on_riot('the time stamp of an echo reply that is too short for it');
  }
  return cb(pkt, corruptedAt(data, len), triptimeOf(data, len, now), ctx);
}

function triptimeOf(data: Uint8Array, len: number, now: number): number {
  if (len < TIMESTAMP_LEN || data.length < TIMESTAMP_LEN) return 0;
  const sent = data[0]! | (data[1]! << 8) | (data[2]! << 16) | (data[3]! << 24);
  return (now - sent) >>> 0;
}

/** Where the data behind the time stamp are not 0, 1, 2 ...; what is missing of `len` counts as wrong. */
function corruptedAt(data: Uint8Array, len: number): number {
  const start = len >= TIMESTAMP_LEN ? TIMESTAMP_LEN : 0;
  for (let i = start; i < len; i++) if (data[i] !== ((i - start) & 0xff)) return i;
  return -1;
}
