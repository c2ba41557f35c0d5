// ICMPv6 error messages (RIOT sys/include/net/gnrc/icmpv6/error.h, module gnrc_icmpv6_error; RFC 4443 §3). Without the
// module these functions do nothing.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { assert } from '../../kernel/panic.ts';
import { ZTIMER_USEC, ztimer_now } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { quirk } from '../quirks.ts';
import { ipv6_addr_is_multicast, ipv6_addr_is_unspecified } from '../wire/addr.ts';
import { put32 } from '../wire/bytes.ts';
import {
  ICMPV6_DST_UNR, ICMPV6_ERROR_LEN, ICMPV6_ERROR_PARAM_PROB_OPT, ICMPV6_PARAM_PROB, ICMPV6_PKT_TOO_BIG,
  ICMPV6_REDIRECT, ICMPV6_TIME_EXC,
} from '../wire/icmpv6.ts';
import {
  IPV6_HEADER_LEN, IPV6_MIN_MTU, IPV6_OFFSET_DST, IPV6_OFFSET_SRC, PROTNUM_ICMPV6,
} from '../wire/ipv6.ts';
import { upperLayerOf } from '../wire/ipv6_ext.ts';
import { drop } from './drop.ts';
import { gnrc_icmpv6_build } from './icmpv6.ts';
import { gnrc_ipv6_hdr_build } from './ipv6_hdr.ts';
import { ipv6_parts } from './ipv6_parts.ts';
import { gnrc_netapi_dispatch_send } from './netapi.ts';
import {
  GNRC_NETIF_HDR_FLAGS_BROADCAST, GNRC_NETIF_HDR_FLAGS_MULTICAST, gnrc_netif_hdr_build, gnrc_netif_hdr_get_netif,
  gnrc_netif_hdr_of, gnrc_netif_hdr_set_netif,
} from './netif_hdr.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from './netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF } from './nettype.ts';
import {
  gnrc_pkt_bytes, gnrc_pkt_len, gnrc_pkt_prepend, gnrc_pktsnip_search_type, type gnrc_pktsnip_t,
} from './pkt.ts';
import { gnrc_pktbuf_release } from './pktbuf.ts';

const NO_IFACE = 'sys/net/gnrc/network_layer/icmpv6/error/gnrc_icmpv6_error.c:54';
const NO_IPV6 = 'sys/net/gnrc/network_layer/icmpv6/error/gnrc_icmpv6_error.c:245';
const OFFSET_VALUE = 4;
/** An ICMPv6 type below this is that of an error (RFC 4443 §2.1). */
const FIRST_INFORMATIONAL = 128;
const US_PER_SEC = 1_000_000;

/** The token bucket of profile `rfc` (RFC 4443 §2.4 f), in errors times 10^6. RIOT has none. */
const statics = perBoard(() => ({
  tokens: net_config().ICMPV6_ERROR_BURST * US_PER_SEC, filled: ztimer_now(ZTIMER_USEC),
}), { bytes: 0 });

/**
 * Sends Destination Unreachable about a packet, which stays the caller's.
 * Nothing is sent about one from the unspecified address or a group, nor about one to a group.
 *
 * @param code      ICMPV6_ERROR_DST_UNR_*
 * @param orig_pkt  received or to be sent, with a snip of type GNRC_NETTYPE_IPV6
 */
export function* gnrc_icmpv6_error_dst_unr_send(code: number, orig_pkt: gnrc_pktsnip_t): Blocking<void> {
  if (ipv6_parts().error) yield* send(ICMPV6_DST_UNR, code, 0, null, orig_pkt);
}

/**
 * Sends Packet Too Big about a packet, which stays the caller's; also about one to a group.
 * @param mtu  of the link that it does not fit
 */
export function* gnrc_icmpv6_error_pkt_too_big_send(mtu: number, orig_pkt: gnrc_pktsnip_t): Blocking<void> {
  if (ipv6_parts().error) yield* send(ICMPV6_PKT_TOO_BIG, 0, mtu, null, orig_pkt);
}

/**
 * Sends Time Exceeded about a packet, which stays the caller's.
 * @param code  ICMPV6_ERROR_TIME_EXC_*
 */
export function* gnrc_icmpv6_error_time_exc_send(code: number, orig_pkt: gnrc_pktsnip_t): Blocking<void> {
  if (ipv6_parts().error) yield* send(ICMPV6_TIME_EXC, code, 0, null, orig_pkt);
}

/**
 * Sends Parameter Problem about a received packet, which stays the caller's. With code ICMPV6_ERROR_PARAM_PROB_OPT
 * also about one to a group.
 *
 * @param code  ICMPV6_ERROR_PARAM_PROB_*
 * @param ptr   a view of a snip's bytes that begins at the octet that is wrong; of another place: pointer 0
 */
export function* gnrc_icmpv6_error_param_prob_send(
  code: number, ptr: Uint8Array, orig_pkt: gnrc_pktsnip_t,
): Blocking<void> {
  if (ipv6_parts().error) yield* send(ICMPV6_PARAM_PROB, code, 0, ptr, orig_pkt);
}

function* send(
  type: number, code: number, value: number, ptr: Uint8Array | null, orig: gnrc_pktsnip_t,
): Blocking<void> {
  const ipv6 = gnrc_pktsnip_search_type(orig, GNRC_NETTYPE_IPV6);
  assert(ipv6 !== null, NO_IPV6);
  const hdr = gnrc_pkt_bytes(ipv6);
  const netif = gnrc_pktsnip_search_type(orig, GNRC_NETTYPE_NETIF);
  if (!mayAnswer(type, code, hdr, netif)) return;
  const error = build(type, code, value, ptr, orig, netif);
  if (error === null) return drop('icmpv6', 'pktbuf-full', 0);
  const why = whyNotSent(gnrc_pkt_bytes(error));
  if (why !== null) {
    gnrc_pktbuf_release(error);
    return drop('icmpv6', why, 0);
  }
  const pkt = withHeaders(error, hdr.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_SRC + 16), netif);
  if (pkt === null) return drop('icmpv6', 'pktbuf-full', 0);
  if ((yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
    gnrc_pktbuf_release(pkt);
  }
}

/** RFC 4443 §2.4 e.3 to e.6, as far as RIOT goes, and further without its quirk. */
function mayAnswer(type: number, code: number, ipv6: Uint8Array, netif: gnrc_pktsnip_t | null): boolean {
  const src = ipv6.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_SRC + 16);
  if (ipv6_addr_is_unspecified(src) || ipv6_addr_is_multicast(src)) return false;
  if (type === ICMPV6_PKT_TOO_BIG || (type === ICMPV6_PARAM_PROB && code === ICMPV6_ERROR_PARAM_PROB_OPT)) return true;
  if (ipv6_addr_is_multicast(ipv6.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16))) return false;
  const flags = netif === null ? 0 : gnrc_netif_hdr_of(netif).flags;
  if ((flags & (GNRC_NETIF_HDR_FLAGS_BROADCAST | GNRC_NETIF_HDR_FLAGS_MULTICAST)) === 0) return true;
  return quirk('icmpv6-error-link-multicast');
}

/** Why a message that is built is not sent: RFC 4443 §2.4 e.1, e.2 and f; null if it is. */
function whyNotSent(error: Uint8Array): string | null {
  const upper = upperLayerOf(error, ICMPV6_ERROR_LEN);
  if (typeof upper !== 'string' && upper.protocol === PROTNUM_ICMPV6 && upper.offset < error.length) {
    const type = error[upper.offset]!;
    if ((type < FIRST_INFORMATIONAL || type === ICMPV6_REDIRECT) && !quirk('icmpv6-error-about-error')) {
      return 'error-about-error';
    }
  }
  return takeToken() || quirk('icmpv6-error-no-rate-limit') ? null : 'rate-limit';
}

function takeToken(): boolean {
  const state = statics();
  const { ICMPV6_ERROR_RATE, ICMPV6_ERROR_BURST } = net_config();
  const now = ztimer_now(ZTIMER_USEC);
  const full = ICMPV6_ERROR_BURST * US_PER_SEC;
  state.tokens = Math.min(full, state.tokens + ((now - state.filled) >>> 0) * ICMPV6_ERROR_RATE);
  state.filled = now;
  if (state.tokens < US_PER_SEC) return false;
  state.tokens -= US_PER_SEC;
  return true;
}

/** The message with as much of the packet as it may quote; null when the packet buffer is full. */
function build(
  type: number, code: number, value: number, ptr: Uint8Array | null, orig: gnrc_pktsnip_t,
  netif: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  const error = gnrc_icmpv6_build(null, type, code, sizeFor(orig, netif));
  if (error === null) return null;
  const bytes = gnrc_pkt_bytes(error);
  const pointer = isInSendOrder(orig) ? quoteSent(bytes, orig) : quoteReceived(bytes, orig, ptr);
  put32(bytes, OFFSET_VALUE, ptr === null ? value : pointer);
  return error;
}

/** Bytes of a message about a packet. */
function sizeFor(orig: gnrc_pktsnip_t, netif: gnrc_pktsnip_t | null): number {
  let limit = Infinity;
  let size = ICMPV6_ERROR_LEN + gnrc_pkt_len(orig);
  if (netif !== null) {
    const iface = gnrc_netif_hdr_get_netif(gnrc_netif_hdr_of(netif));
    assert(iface !== null, NO_IFACE);
    limit = iface.ipv6.mtu - IPV6_HEADER_LEN;
    size -= netif.size;
  }
  const minimum = IPV6_MIN_MTU - IPV6_HEADER_LEN;
  if (limit > minimum && size > minimum && !quirk('icmpv6-error-beyond-min-mtu')) limit = minimum;
  // What RIOT adds is what lay there in the packet buffer.
  if (size < limit && quirk('icmpv6-error-tail')) size += IPV6_HEADER_LEN;
  return size < limit ? size : limit;
}

/** Packets to be sent begin with the netif header, or with the IPv6 header and no netif header behind it. */
function isInSendOrder(pkt: gnrc_pktsnip_t): boolean {
  if (pkt.type === GNRC_NETTYPE_NETIF) return true;
  return pkt.type === GNRC_NETTYPE_IPV6 && (pkt.next === null || pkt.next.type !== GNRC_NETTYPE_NETIF);
}

/** Quotes a packet that was to be sent; its pointer is 0: Parameter Problem is about received ones only. */
function quoteSent(out: Uint8Array, orig: gnrc_pktsnip_t): number {
  let offset = ICMPV6_ERROR_LEN;
  for (let snip = orig.type === GNRC_NETTYPE_NETIF ? orig.next : orig; snip !== null; snip = snip.next) {
    copy(out, offset, gnrc_pkt_bytes(snip));
    offset += snip.size;
  }
  return 0;
}

/** Quotes a received packet, whose last header stands first; returns where in it `ptr` points to. */
function quoteReceived(out: Uint8Array, orig: gnrc_pktsnip_t, ptr: Uint8Array | null): number {
  let offset = 0;
  for (let snip: gnrc_pktsnip_t | null = orig; isPart(snip); snip = snip.next) offset += snip.size;
  let pointer = 0;
  for (let snip: gnrc_pktsnip_t | null = orig; isPart(snip); snip = snip.next) {
    const bytes = gnrc_pkt_bytes(snip);
    offset -= bytes.length;
    copy(out, ICMPV6_ERROR_LEN + offset, bytes);
    if (ptr === null || ptr.buffer !== bytes.buffer) continue;
    const at = ptr.byteOffset - bytes.byteOffset;
    if (at >= 0 && at < bytes.length) pointer = offset + at;
  }
  return pointer;
}

function isPart(snip: gnrc_pktsnip_t | null): snip is gnrc_pktsnip_t {
  return snip !== null && snip.type !== GNRC_NETTYPE_NETIF;
}

/** Copies as much as there is room for. */
function copy(out: Uint8Array, offset: number, bytes: Uint8Array): void {
  const room = out.length - offset;
  if (room > 0) out.set(bytes.length > room ? bytes.subarray(0, room) : bytes, offset);
}

/** The message to `dst` over the interface that the packet came from; null, and it is freed, without room for that. */
function withHeaders(
  error: gnrc_pktsnip_t, dst: Uint8Array, netif: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  const ipv6 = gnrc_ipv6_hdr_build(error, null, dst);
  if (ipv6 === null) {
    gnrc_pktbuf_release(error);
    return null;
  }
  if (netif === null) return ipv6;
  const hdr = gnrc_netif_hdr_build(null, 0, null, 0);
  if (hdr === null) {
    gnrc_pktbuf_release(ipv6);
    return null;
  }
  gnrc_netif_hdr_set_netif(gnrc_netif_hdr_of(hdr), gnrc_netif_hdr_get_netif(gnrc_netif_hdr_of(netif)));
  return gnrc_pkt_prepend(ipv6, hdr);
}
