// Extension headers of received packets (RIOT sys/include/net/gnrc/ipv6/ext.h, module gnrc_ipv6_ext).
// Each header that is done becomes a snip of its own behind the payload.
import type { Blocking } from '../../kernel/blocking.ts';
import { EINVAL } from '../../kernel/errno.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { quirk } from '../quirks.ts';
import { put16 } from '../wire/bytes.ts';
import { ICMPV6_ERROR_PARAM_PROB_NH } from '../wire/icmpv6.ts';
import {
  IPV6_EXT_LEN_UNIT, IPV6_HEADER_LEN, IPV6_OFFSET_NEXT_HEADER, IPV6_OFFSET_PAYLOAD_LENGTH, PROTNUM_IPV6, PROTNUM_UDP,
} from '../wire/ipv6.ts';
import { UDP_HEADER_LEN } from '../wire/udp.ts';
import { drop_pkt } from './drop.ts';
import { gnrc_icmpv6_error_param_prob_send } from './icmpv6_error.ts';
import { gnrc_ipv6_ext_frag_reass } from './ipv6_ext_frag_rbuf.ts';
import { gnrc_ipv6_ext_opt_process } from './ipv6_ext_opt.ts';
import { GNRC_IPV6_EXT_RH_AT_DST, gnrc_ipv6_ext_rh_process } from './ipv6_ext_rh.ts';
import { ipv6_parts } from './ipv6_parts.ts';
import { gnrc_netapi_dispatch_receive } from './netapi.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL, gnrc_netreg_num } from './netreg.ts';
import {
  GNRC_NETTYPE_IPV6, GNRC_NETTYPE_IPV6_EXT, GNRC_NETTYPE_SIXLOWPAN, PROTNUM_IPV6_EXT_AH, PROTNUM_IPV6_EXT_DST,
  PROTNUM_IPV6_EXT_ESP, PROTNUM_IPV6_EXT_FRAG, PROTNUM_IPV6_EXT_HOPOPT, PROTNUM_IPV6_EXT_MOB, PROTNUM_IPV6_EXT_RH,
} from './nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_hold, gnrc_pktbuf_mark, gnrc_pktbuf_release, gnrc_pktbuf_start_write } from './pktbuf.ts';

/** What the payload of a packet is: C hands over a pointer to it. */
export interface gnrc_ipv6_protnum_t {
  nh: number;
}

/** Bytes of an extension header that say what and how long it is. */
const EXT_MIN_LEN = 2;
const UDP_OFFSET_LENGTH = 4;

/**
 * Handles the hop-by-hop options if there are any; before a packet is forwarded or anything else is done to it.
 *
 * @param pkt      received, its payload first; consumed if null is returned
 * @param protnum  what the payload is, before and after
 * @returns the packet; null when it was dropped
 */
export function* gnrc_ipv6_ext_process_hopopt(
  pkt: gnrc_pktsnip_t, protnum: gnrc_ipv6_protnum_t,
): Blocking<gnrc_pktsnip_t | null> {
  if (protnum.nh !== PROTNUM_IPV6_EXT_HOPOPT) return pkt;
  const rest = yield* demux(pkt, PROTNUM_IPV6_EXT_HOPOPT);
  if (rest === null) return null;
  protnum.nh = gnrc_pkt_bytes(rest.next!)[0]!;
  return (yield* isDuplicateHopopt(rest, protnum.nh)) ? null : rest;
}

/**
 * Handles all extension headers behind the hop-by-hop options, up to the first that is none.
 *
 * @param pkt      received, its payload first; consumed if null is returned
 * @param protnum  what the payload is, before and after
 * @returns the packet; null when it was dropped, or is a fragment and others are missing
 */
export function* gnrc_ipv6_ext_process_all(
  pkt: gnrc_pktsnip_t, protnum: gnrc_ipv6_protnum_t,
): Blocking<gnrc_pktsnip_t | null> {
  let rest = pkt;
  let isFragment = false;
  while (isHandled(protnum.nh)) {
    const kind = protnum.nh;
    if (kind === PROTNUM_IPV6_EXT_FRAG) isFragment = true;
    if (rest.data === null) {
      undefined_on_riot('an extension header that is not there is read');
      drop_pkt('ipv6', 'truncated', rest);
      return null;
    }
    const next = rest.data[0]!;
    const handled = yield* demux(rest, kind);
    if (handled === null) return null;
    rest = handled;
    protnum.nh = next;
    if (kind === PROTNUM_IPV6_EXT_FRAG && nextHeaderOf(rest) !== next && !quirk('ipv6-frag-next-header')) {
      protnum.nh = nextHeaderOf(rest);
    }
    if (yield* isDuplicateHopopt(rest, protnum.nh)) return null;
  }
  return isFragment && ipv6_parts().ext_frag ? adaptLength(rest, protnum.nh) : rest;
}

function isHandled(protnum: number): boolean {
  switch (protnum) {
    case PROTNUM_IPV6_EXT_DST:
    case PROTNUM_IPV6_EXT_RH:
    case PROTNUM_IPV6_EXT_FRAG:
    case PROTNUM_IPV6_EXT_AH:
    case PROTNUM_IPV6_EXT_ESP:
    case PROTNUM_IPV6_EXT_MOB:
      return true;
    default:
      return false;
  }
}

/** What the header before the payload says that the payload is. */
function nextHeaderOf(pkt: gnrc_pktsnip_t): number {
  const before = pkt.next!;
  return gnrc_pkt_bytes(before)[before.type === GNRC_NETTYPE_IPV6 ? IPV6_OFFSET_NEXT_HEADER : 0]!;
}

/**
 * A compressed header in the first fragment could not tell the length of the whole: it is set now, where there is
 * 6LoWPAN, whether the header was compressed or not.
 */
function adaptLength(pkt: gnrc_pktsnip_t, nh: number): gnrc_pktsnip_t | null {
  const [offset, header] = nh === PROTNUM_UDP ? [UDP_OFFSET_LENGTH, UDP_HEADER_LEN]
    : nh === PROTNUM_IPV6 ? [IPV6_OFFSET_PAYLOAD_LENGTH, IPV6_HEADER_LEN] : [0, 0];
  if (header === 0 || gnrc_netreg_num(GNRC_NETTYPE_SIXLOWPAN, GNRC_NETREG_DEMUX_CTX_ALL) === 0) return pkt;
  if (pkt.data === null || pkt.size < offset + 2) {
    if (pkt.data === null) undefined_on_riot('the length of a header that is not there is set');
    drop_pkt('ipv6', 'truncated', pkt);
    return null;
  }
  put16(pkt.data, offset, nh === PROTNUM_UDP ? pkt.size : (pkt.size - IPV6_HEADER_LEN) & 0xffff);
  return pkt;
}

/** Hop-by-hop options that are not the first header are refused; the packet is then dropped. */
function* isDuplicateHopopt(pkt: gnrc_pktsnip_t, protnum: number): Blocking<boolean> {
  if (protnum !== PROTNUM_IPV6_EXT_HOPOPT) return false;
  yield* gnrc_icmpv6_error_param_prob_send(ICMPV6_ERROR_PARAM_PROB_NH, gnrc_pkt_bytes(pkt.next!), pkt);
  drop_pkt('ipv6', 'hop-by-hop-not-first', pkt, EINVAL);
  return true;
}

/** Handles the extension header that the payload begins with; null when the packet was consumed. */
function* demux(pkt: gnrc_pktsnip_t, protnum: number): Blocking<gnrc_pktsnip_t | null> {
  if (pkt.size < EXT_MIN_LEN || lengthOf(pkt) > pkt.size) {
    drop_pkt('ipv6', pkt.size < EXT_MIN_LEN ? 'truncated' : 'extension-past-end', pkt);
    return null;
  }
  let own = pkt;
  if (gnrc_netreg_num(GNRC_NETTYPE_IPV6, protnum) > 0) own = yield* tellSubscribers(pkt, protnum);
  switch (protnum) {
    case PROTNUM_IPV6_EXT_RH: return yield* routing(own);
    case PROTNUM_IPV6_EXT_FRAG: return yield* fragment(own);
    case PROTNUM_IPV6_EXT_HOPOPT:
    case PROTNUM_IPV6_EXT_DST: return yield* options(own, protnum);
    default: return yield* passOver(own);
  }
}

/** Bytes that an extension header says it has. */
function lengthOf(pkt: gnrc_pktsnip_t): number {
  return (pkt.data![1]! + 1) * IPV6_EXT_LEN_UNIT;
}

/**
 * Who registered for the header's number gets a copy of the packet as it is now.
 * @returns the packet to go on with
 */
function* tellSubscribers(pkt: gnrc_pktsnip_t, protnum: number): Blocking<gnrc_pktsnip_t> {
  gnrc_pktbuf_hold(pkt, 1);
  const copy = gnrc_pktbuf_start_write(pkt);
  if (copy === null) gnrc_pktbuf_release(pkt);
  else if ((yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_IPV6, protnum, copy)) === 0) gnrc_pktbuf_release(copy);
  return pkt;
}

function* routing(pkt: gnrc_pktsnip_t): Blocking<gnrc_pktsnip_t | null> {
  const { ext_rh, ext_frag, ext_opt } = ipv6_parts();
  if (!ext_rh && ext_frag) {
    if (quirk('ipv6-ext-rh-as-fragment')) return yield* gnrc_ipv6_ext_frag_reass(pkt);
  } else if (!ext_rh && quirk('ipv6-ext-rh-skipped')) {
    return ext_opt ? notOptions(pkt) : mark(pkt);
  }
  if ((yield* gnrc_ipv6_ext_rh_process(pkt)) !== GNRC_IPV6_EXT_RH_AT_DST) return null;
  return mark(pkt);
}

function* fragment(pkt: gnrc_pktsnip_t): Blocking<gnrc_pktsnip_t | null> {
  const { ext_frag, ext_opt } = ipv6_parts();
  if (ext_frag) return yield* gnrc_ipv6_ext_frag_reass(pkt);
  return ext_opt && quirk('ipv6-ext-skips-unsupported') ? notOptions(pkt) : yield* passOver(pkt);
}

/** RIOT reads a header that holds no options as options: it asserts that it does not, in the ipv6 thread. */
function notOptions(pkt: gnrc_pktsnip_t): null {
  undefined_on_riot('an extension header is read as options');
  drop_pkt('ipv6', 'not-supported', pkt, EINVAL);
  return null;
}

function* options(pkt: gnrc_pktsnip_t, protnum: number): Blocking<gnrc_pktsnip_t | null> {
  if (!ipv6_parts().ext_opt && quirk('ipv6-ext-options-skipped')) return mark(pkt);
  return yield* gnrc_ipv6_ext_opt_process(pkt, protnum);
}

/** A header that is not supported. */
function* passOver(pkt: gnrc_pktsnip_t): Blocking<gnrc_pktsnip_t | null> {
  if (quirk('ipv6-ext-skips-unsupported')) return mark(pkt);
  const before = pkt.next!;
  const at = before.type === GNRC_NETTYPE_IPV6 ? IPV6_OFFSET_NEXT_HEADER : 0;
  yield* gnrc_icmpv6_error_param_prob_send(ICMPV6_ERROR_PARAM_PROB_NH, gnrc_pkt_bytes(before).subarray(at), pkt);
  drop_pkt('ipv6', 'not-supported', pkt);
  return null;
}

/** Makes the header that the payload begins with a snip of its own; null, and the packet is dropped, without room. */
function mark(pkt: gnrc_pktsnip_t): gnrc_pktsnip_t | null {
  if (gnrc_pktbuf_mark(pkt, lengthOf(pkt), GNRC_NETTYPE_IPV6_EXT) !== null) return pkt;
  drop_pkt('ipv6', 'pktbuf-full', pkt);
  return null;
}

export { gnrc_ipv6_ext_build } from './ipv6_ext_build.ts';
