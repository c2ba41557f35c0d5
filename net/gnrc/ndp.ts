// Building neighbour discovery messages and their options (RIOT sys/include/net/gnrc/ndp.h, sixlowpan/nd.h; RFC 4861
// §4, RFC 4191 §2.3, RFC 8106 §5.1, RFC 6775 §4). A message is built from its end: what is built goes before `next`.
//
// Each answers the new head, or null when the packet buffer is full; `next` is then as it was, and the caller's.
import { assert } from '../../kernel/panic.ts';
import { ipv6_addr_is_link_local, ipv6_addr_is_multicast } from '../wire/addr.ts';
import { ICMPV6_NBR_ADV, ICMPV6_NBR_SOL, ICMPV6_RTR_ADV, ICMPV6_RTR_SOL } from '../wire/icmpv6.ts';
import {
  emitNdp, emitNdpOption, NDP_NBR_ADV_FLAGS_O, NDP_NBR_ADV_FLAGS_R, NDP_NBR_ADV_FLAGS_S, NDP_OPT_PI_FLAGS_A,
  NDP_OPT_PI_FLAGS_L, NDP_RTR_ADV_FLAGS_M, NDP_RTR_ADV_FLAGS_O, ndpLength, ndpOptionLength, type NdpOptionRepr,
  type NdpRepr,
} from '../wire/ndp.ts';
import { gnrc_icmpv6_build } from './icmpv6.ts';
import { GNRC_NETTYPE_UNDEF } from './nettype.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add } from './pktbuf.ts';

const NDP_C = 'sys/net/gnrc/network_layer/ndp/gnrc_ndp.c';
const NDP_NBR_ADV_FLAGS_MASK = NDP_NBR_ADV_FLAGS_R | NDP_NBR_ADV_FLAGS_S | NDP_NBR_ADV_FLAGS_O;
const NDP_OPT_PI_FLAGS_MASK = NDP_OPT_PI_FLAGS_L | NDP_OPT_PI_FLAGS_A;
const NDP_RTR_ADV_FLAGS_MASK = NDP_RTR_ADV_FLAGS_M | NDP_RTR_ADV_FLAGS_O;
const NDP_OPT_RI_FLAGS_MASK = 0x18;
const CTX_FLAG_C = 0x10;
const CTX_CID_MASK = 0x0f;

function build(message: NdpRepr, options: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  const snip = gnrc_icmpv6_build(options, message.type, 0, ndpLength(message));
  if (snip !== null) emitNdp(message, snip.data!, 0);
  return snip;
}

function buildOption(option: NdpOptionRepr, next: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  const snip = gnrc_pktbuf_add(next, null, ndpOptionLength(option), GNRC_NETTYPE_UNDEF);
  if (snip !== null) emitNdpOption(option, snip.data!, 0);
  return snip;
}

/** A neighbour solicitation for `tgt`, which is no group. */
export function gnrc_ndp_nbr_sol_build(tgt: Uint8Array, options: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  assert(!ipv6_addr_is_multicast(tgt), `${NDP_C}:43`);
  return build({ type: ICMPV6_NBR_SOL, target: tgt }, options);
}

/** A neighbour advertisement for `tgt`, which is no group; `flags` are NDP_NBR_ADV_FLAGS_*. */
export function gnrc_ndp_nbr_adv_build(
  tgt: Uint8Array, flags: number, options: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  assert(!ipv6_addr_is_multicast(tgt), `${NDP_C}:63`);
  return build({ type: ICMPV6_NBR_ADV, flags: flags & NDP_NBR_ADV_FLAGS_MASK, target: tgt }, options);
}

/** A router solicitation. */
export function gnrc_ndp_rtr_sol_build(options: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  return build({ type: ICMPV6_RTR_SOL }, options);
}

/**
 * A router advertisement.
 *
 * @param cur_hl  hop limit for those who hear it; 0: unspecified
 * @param flags   NDP_RTR_ADV_FLAGS_*
 * @param ltime   router lifetime in s; 0: no default router
 * @param reach_time     in ms; 0: unspecified
 * @param retrans_timer  in ms; 0: unspecified
 */
export function gnrc_ndp_rtr_adv_build(
  cur_hl: number, flags: number, ltime: number, reach_time: number, retrans_timer: number,
  options: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  return build({
    type: ICMPV6_RTR_ADV, curHopLimit: cur_hl, flags: flags & NDP_RTR_ADV_FLAGS_MASK, routerLifetime: ltime,
    reachableTime: reach_time, retransTimer: retrans_timer,
  }, options);
}

/** An option with type and length filled in, and room for `size` bytes, these two included, rounded up to 8. */
export function gnrc_ndp_opt_build(type: number, size: number, next: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  const snip = gnrc_pktbuf_add(next, null, (size + 7) & 0xf8, GNRC_NETTYPE_UNDEF);
  if (snip !== null) {
    snip.data![0] = type;
    snip.data![1] = snip.size / 8;
  }
  return snip;
}

/** A source link-layer address, of `l2addr_len` bytes, at least 1. */
export function gnrc_ndp_opt_sl2a_build(
  l2addr: Uint8Array, l2addr_len: number, next: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  assert(l2addr_len !== 0, `${NDP_C}:163`);
  return buildOption({ kind: 'sllao', address: l2addr.subarray(0, l2addr_len) }, next);
}

/** A target link-layer address, of `l2addr_len` bytes, at least 1. */
export function gnrc_ndp_opt_tl2a_build(
  l2addr: Uint8Array, l2addr_len: number, next: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  assert(l2addr_len !== 0, `${NDP_C}:173`);
  return buildOption({ kind: 'tllao', address: l2addr.subarray(0, l2addr_len) }, next);
}

/**
 * A prefix information.
 *
 * @param prefix       neither link-local nor a group; the bits behind `prefix_len`, at most 128, are left out
 * @param valid_ltime  and `pref_ltime` in s; 0xffffffff: for ever
 * @param flags        NDP_OPT_PI_FLAGS_*
 */
export function gnrc_ndp_opt_pi_build(
  prefix: Uint8Array, prefix_len: number, valid_ltime: number, pref_ltime: number, flags: number,
  next: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  assert(!ipv6_addr_is_link_local(prefix) && !ipv6_addr_is_multicast(prefix), `${NDP_C}:185`);
  assert(prefix_len <= 128, `${NDP_C}:186`);
  return buildOption({
    kind: 'pio', prefixLength: prefix_len, flags: flags & NDP_OPT_PI_FLAGS_MASK, validLifetime: valid_ltime,
    preferredLifetime: pref_ltime, prefix,
  }, next);
}

/** A route information: prefix as in gnrc_ndp_opt_pi_build(), lifetime in s, the preference in bits 3 and 4. */
export function gnrc_ndp_opt_ri_build(
  prefix: Uint8Array, prefix_len: number, route_ltime: number, flags: number, next: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  assert(!ipv6_addr_is_link_local(prefix) && !ipv6_addr_is_multicast(prefix), `${NDP_C}:211`);
  assert(prefix_len <= 128, `${NDP_C}:212`);
  return buildOption({
    kind: 'rio', prefixLength: prefix_len, flags: flags & NDP_OPT_RI_FLAGS_MASK, routeLifetime: route_ltime, prefix,
  }, next);
}

/** The link's MTU. */
export function gnrc_ndp_opt_mtu_build(mtu: number, next: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  return buildOption({ kind: 'mtu', mtu }, next);
}

/** The first `addrs_num` addresses, at least one, of DNS servers; lifetime in s. */
export function gnrc_ndp_opt_rdnss_build(
  ltime: number, addrs: readonly Uint8Array[], addrs_num: number, next: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  assert(addrs_num > 0, `${NDP_C}:249`);
  return buildOption({ kind: 'rdnss', lifetime: ltime, servers: addrs.slice(0, addrs_num) }, next);
}

/** An address registration: SIXLOWPAN_ND_STATUS_*, lifetime in minutes, 8 bytes of EUI-64. */
export function gnrc_sixlowpan_nd_opt_ar_build(
  status: number, ltime: number, eui64: Uint8Array, next: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  return buildOption({ kind: 'aro', status, lifetime: ltime, eui64 }, next);
}

/**
 * A 6LoWPAN context: prefix of `prefix_len` bits, the flags_id of a gnrc_sixlowpan_ctx_t, lifetime in minutes.
 * RIOT writes past the option when the prefix has 1 to 7, or 65 to 71 bits; here such a one gets the room it needs.
 */
export function gnrc_sixlowpan_nd_opt_6ctx_build(
  prefix_len: number, flags: number, ltime: number, prefix: Uint8Array, next: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  return buildOption({
    kind: '6co', contextLength: prefix_len, compress: (flags & CTX_FLAG_C) !== 0, id: flags & CTX_CID_MASK,
    lifetime: ltime, prefix,
  }, next);
}

/** An authoritative border router: 32 bits of version, lifetime in minutes (0: 10000), its address. */
export function gnrc_sixlowpan_nd_opt_abr_build(
  version: number, ltime: number, braddr: Uint8Array, next: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  return buildOption({ kind: 'abro', version, lifetime: ltime, address: braddr }, next);
}
