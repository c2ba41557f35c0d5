// The way up through the ipv6 thread: what makes a packet one for this board, and forwarding.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { EINVAL, ETIMEDOUT } from '../../kernel/errno.ts';
import { quirk } from '../quirks.ts';
import {
  ipv6_addr_is_link_local, ipv6_addr_is_loopback, ipv6_addr_is_multicast, ipv6_addr_is_unspecified,
} from '../wire/addr.ts';
import { get16 } from '../wire/bytes.ts';
import {
  ICMPV6_ERROR_DST_UNR_ADDR, ICMPV6_ERROR_DST_UNR_SCOPE, ICMPV6_ERROR_PARAM_PROB_HDR_FIELD,
  ICMPV6_ERROR_PARAM_PROB_NH, ICMPV6_ERROR_TIME_EXC_HL,
} from '../wire/icmpv6.ts';
import {
  IPV6_HEADER_LEN, IPV6_OFFSET_DST, IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_NEXT_HEADER, IPV6_OFFSET_PAYLOAD_LENGTH,
  IPV6_OFFSET_SRC, isExtensionHeader,
} from '../wire/ipv6.ts';
import { drop_pkt } from './drop.ts';
import { gnrc_icmpv6_demux } from './icmpv6_demux.ts';
import {
  gnrc_icmpv6_error_dst_unr_send, gnrc_icmpv6_error_param_prob_send, gnrc_icmpv6_error_time_exc_send,
} from './icmpv6_error.ts';
import { gnrc_ipv6_ext_process_all, gnrc_ipv6_ext_process_hopopt } from './ipv6_ext.ts';
import { ipv6_parts } from './ipv6_parts.ts';
import { ipv6_send } from './ipv6_send.ts';
import { gnrc_netapi_dispatch_receive } from './netapi.ts';
import { gnrc_netif_hdr_get_netif, gnrc_netif_hdr_of } from './netif_hdr.ts';
import { gnrc_netif_get_by_ipv6_addr } from './netif_ipv6.ts';
import type { gnrc_netif_t } from './netif_t.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL, gnrc_netreg_num } from './netreg.ts';
import {
  GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_UNDEF, gnrc_nettype_from_protnum, PROTNUM_ICMPV6,
  PROTNUM_IPV6_EXT_AH, PROTNUM_IPV6_EXT_ESP, PROTNUM_IPV6_EXT_HOPOPT, PROTNUM_IPV6_NONXT,
} from './nettype.ts';
import {
  gnrc_pkt_bytes, gnrc_pkt_len, gnrc_pkt_len_upto, gnrc_pktsnip_search_type, type gnrc_pktsnip_t,
} from './pkt.ts';
import {
  gnrc_pktbuf_hold, gnrc_pktbuf_mark, gnrc_pktbuf_realloc_data, gnrc_pktbuf_release, gnrc_pktbuf_remove_snip,
  gnrc_pktbuf_reverse_snips, gnrc_pktbuf_start_write,
} from './pktbuf.ts';

/** A received packet, as far as it is known. */
interface Incoming {
  /** Payload first, its IPv6 header second. */
  pkt: gnrc_pktsnip_t;
  /** The IPv6 header's bytes. */
  hdr: Uint8Array;
  /** The interface's header; null if the board sent the packet to itself. */
  netif_hdr: gnrc_pktsnip_t | null;
  /** The interface that the packet is for; null if it was sent to the loopback address by the board itself. */
  netif: gnrc_netif_t | null;
  /** What the payload is. */
  nh: number;
}

/** The packet that is being handled; C has this on the stack. */
const statics = perBoard(() => ({
  incoming: { pkt: null, hdr: null, netif_hdr: null, netif: null, nh: 0 } as unknown as Incoming,
}), { bytes: 0 });

/** What checks of a packet come to. */
const TAKEN = 0;
const DROPPED = 1;
const HOP_LIMIT_ZERO = 2;
const LENGTH_PAST_END = 3;

/** Handles a packet that came from an interface or from the board itself; consumed. */
export function* ipv6_receive(received: gnrc_pktsnip_t): Blocking<void> {
  const { incoming } = statics();
  const verdict = check(received, incoming);
  if (verdict !== TAKEN) {
    if (verdict !== DROPPED) yield* refuse(verdict, incoming);
    return;
  }
  if (incoming.nh === PROTNUM_IPV6_EXT_HOPOPT && hasExt()) {
    const pkt = yield* gnrc_ipv6_ext_process_hopopt(incoming.pkt, incoming);
    if (pkt === null) return;
    incoming.pkt = pkt;
  }
  if (!isForMe(incoming)) {
    if (ipv6_parts().router) yield* forward(incoming);
    else drop_pkt('ipv6', 'not-for-me', incoming.pkt);
    return;
  }
  if (isExtension(incoming.nh) && hasExt()) {
    const pkt = yield* gnrc_ipv6_ext_process_all(incoming.pkt, incoming);
    if (pkt === null) return;
    incoming.pkt = pkt;
  }
  yield* demux(incoming.netif, incoming.pkt, incoming.nh);
}

function isExtension(nh: number): boolean {
  return isExtensionHeader(nh) || nh === PROTNUM_IPV6_EXT_AH || nh === PROTNUM_IPV6_EXT_ESP;
}

/** Asked only for packets with an extension header. */
function hasExt(): boolean {
  return ipv6_parts().ext || !quirk('ipv6-ext-not-built-in');
}

/** Checks a received packet and marks its IPv6 header. */
function check(received: gnrc_pktsnip_t, out: Incoming): number {
  const snip = gnrc_pktsnip_search_type(received, GNRC_NETTYPE_NETIF);
  out.netif_hdr = snip;
  out.netif = snip === null ? null : gnrc_netif_hdr_get_netif(gnrc_netif_hdr_of(snip));
  if (snip !== null && out.netif !== null) {
    const { stats } = out.netif.ipv6;
    stats.rx_count++;
    stats.rx_bytes += gnrc_pkt_len(received) - snip.size;
  }
  const bytes = received.data;
  if (bytes === null || received.size < IPV6_HEADER_LEN) return dropped('truncated', received);
  if (bytes[0]! >> 4 !== 6) return dropped('bad-version', received);
  const pkt = gnrc_pktbuf_start_write(received);
  if (pkt === null) return dropped('pktbuf-full', received);
  const ipv6 = gnrc_pktbuf_mark(pkt, IPV6_HEADER_LEN, GNRC_NETTYPE_IPV6);
  pkt.type = GNRC_NETTYPE_UNDEF;
  if (ipv6 === null) return dropped('pktbuf-full', pkt);
  const hdr = gnrc_pkt_bytes(ipv6);
  out.pkt = pkt;
  out.hdr = hdr;
  out.nh = hdr[IPV6_OFFSET_NEXT_HEADER]!;
  const reason = snip === null ? null : whyNotFromAir(hdr);
  if (reason !== null) return dropped(reason, pkt);
  return checkLength(pkt, hdr);
}

function dropped(reason: string, pkt: gnrc_pktsnip_t): number {
  drop_pkt('ipv6', reason, pkt);
  return DROPPED;
}

/** Addresses that no packet on a link has (RFC 4291 §2.5.3, §2.7); RIOT does not look. */
function whyNotFromAir(hdr: Uint8Array): string | null {
  const first = hdr[IPV6_OFFSET_SRC]!;
  if (first === 0xff || first === 0) {
    const src = hdr.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_SRC + 16);
    const bad = first === 0xff ? 'multicast-source' : ipv6_addr_is_loopback(src) ? 'loopback-source' : null;
    if (bad !== null && !quirk('ipv6-source-not-checked')) return bad;
  }
  if (hdr[IPV6_OFFSET_DST] !== 0 || !ipv6_addr_is_loopback(hdr.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16))) {
    return null;
  }
  return quirk('ipv6-loopback-from-air') ? null : 'loopback-from-air';
}

/** Compares the payload length with what is there, and cuts off what the link has added. */
function checkLength(pkt: gnrc_pktsnip_t, hdr: Uint8Array): number {
  if (hdr[IPV6_OFFSET_HOP_LIMIT] === 0) {
    const dst = hdr.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
    const mine = ipv6_addr_is_loopback(dst) || gnrc_netif_get_by_ipv6_addr(dst) !== null;
    if ((!mine && ipv6_parts().router) || quirk('ipv6-hop-limit-zero')) return HOP_LIMIT_ZERO;
  }
  const length = get16(hdr, IPV6_OFFSET_PAYLOAD_LENGTH);
  if (length === 0 && hdr[IPV6_OFFSET_NEXT_HEADER] !== PROTNUM_IPV6_NONXT) {
    return dropped('empty-payload-with-next-header', pkt);
  }
  if (length < pkt.size) gnrc_pktbuf_realloc_data(pkt, length);
  else if (length > gnrc_pkt_len_upto(pkt, GNRC_NETTYPE_IPV6) - IPV6_HEADER_LEN) return LENGTH_PAST_END;
  return TAKEN;
}

/** Drops a packet, and tells its sender so. */
function* refuse(verdict: number, { pkt, hdr }: Incoming): Blocking<void> {
  if (verdict === HOP_LIMIT_ZERO) {
    yield* gnrc_icmpv6_error_time_exc_send(ICMPV6_ERROR_TIME_EXC_HL, pkt);
    return drop_pkt('ipv6', 'hop-limit-zero', pkt, ETIMEDOUT);
  }
  yield* gnrc_icmpv6_error_param_prob_send(
    ICMPV6_ERROR_PARAM_PROB_HDR_FIELD, hdr.subarray(IPV6_OFFSET_PAYLOAD_LENGTH), pkt,
  );
  drop_pkt('ipv6', 'payload-length-past-end', pkt, EINVAL);
}

/** Whether a packet is for the board; finds the interface that it is for. */
function isForMe(incoming: Incoming): boolean {
  const dst = incoming.hdr.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
  if (ipv6_addr_is_loopback(dst)) return true;
  const own = gnrc_netif_get_by_ipv6_addr(dst);
  if (incoming.netif === null || !ipv6_addr_is_link_local(dst)) incoming.netif = own;
  return own !== null;
}

/** Sends on a packet that is for another board. */
function* forward({ pkt, hdr, netif_hdr }: Incoming): Blocking<void> {
  const src = hdr.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_SRC + 16);
  const dst = hdr.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
  if (ipv6_addr_is_link_local(src) || ipv6_addr_is_link_local(dst)) {
    if (!ipv6_addr_is_link_local(dst)) yield* gnrc_icmpv6_error_dst_unr_send(ICMPV6_ERROR_DST_UNR_SCOPE, pkt);
    else if (!ipv6_addr_is_multicast(dst)) yield* gnrc_icmpv6_error_dst_unr_send(ICMPV6_ERROR_DST_UNR_ADDR, pkt);
    return drop_pkt('ipv6', 'not-for-me', pkt);
  }
  const reason = whyNotForwarded(src, dst);
  if (reason !== null) return drop_pkt('ipv6', reason, pkt);
  const hopLimit = hdr[IPV6_OFFSET_HOP_LIMIT]! - 1;
  hdr[IPV6_OFFSET_HOP_LIMIT] = hopLimit;
  if (hopLimit === 0) {
    yield* gnrc_icmpv6_error_time_exc_send(ICMPV6_ERROR_TIME_EXC_HL, pkt);
    return drop_pkt('ipv6', 'hop-limit-reached', pkt, ETIMEDOUT);
  }
  const bare = netif_hdr === null ? pkt : gnrc_pktbuf_remove_snip(pkt, netif_hdr);
  const reversed = gnrc_pktbuf_reverse_snips(bare);
  if (reversed !== null) yield* ipv6_send(reversed, false);
}

/** RFC 4291 §2.5.2 and §2.7; RIOT does not look. */
function whyNotForwarded(src: Uint8Array, dst: Uint8Array): string | null {
  if (ipv6_addr_is_multicast(dst) && !quirk('ipv6-forwards-multicast')) return 'not-for-me';
  if (ipv6_addr_is_unspecified(src) && !quirk('ipv6-forwards-unspecified-source')) return 'unspecified-source';
  return null;
}

/** Hands a packet for the board to who wants it. */
function* demux(netif: gnrc_netif_t | null, pkt: gnrc_pktsnip_t, nh: number): Blocking<void> {
  pkt.type = gnrc_nettype_from_protnum(nh);
  const isIcmpv6 = nh === PROTNUM_ICMPV6;
  const subscribed = isIcmpv6 || gnrc_netreg_num(GNRC_NETTYPE_IPV6, nh) > 0;
  // One use of the packet for each of those who may want it: who registered for its type, who registered for its
  // next header, and ICMPv6 itself.
  if (subscribed) gnrc_pktbuf_hold(pkt, 1);
  if ((yield* gnrc_netapi_dispatch_receive(pkt.type, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
    if (!subscribed) return yield* unknownNextHeader(pkt, nh);
    gnrc_pktbuf_release(pkt);
  }
  if (!subscribed) return;
  if (isIcmpv6) gnrc_pktbuf_hold(pkt, 1);
  if ((yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_IPV6, nh, pkt)) === 0) gnrc_pktbuf_release(pkt);
  if (isIcmpv6) yield* gnrc_icmpv6_demux(netif, pkt);
}

/** Nobody wants the packet. */
function* unknownNextHeader(pkt: gnrc_pktsnip_t, nh: number): Blocking<void> {
  const before = pkt.next;
  if (nh !== PROTNUM_IPV6_NONXT && before !== null && ipv6_parts().error && !quirk('ipv6-unknown-next-header-silent')) {
    const at = before.type === GNRC_NETTYPE_IPV6 ? IPV6_OFFSET_NEXT_HEADER : 0;
    yield* gnrc_icmpv6_error_param_prob_send(ICMPV6_ERROR_PARAM_PROB_NH, gnrc_pkt_bytes(before).subarray(at), pkt);
  }
  drop_pkt('ipv6', 'no-receiver', pkt);
}
