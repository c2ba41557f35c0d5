// Building and sending neighbour discovery messages (RIOT sys/include/net/gnrc/ndp.h, RFC 4861 §4, RFC 4944 §8).
import type { Blocking } from '../../kernel/blocking.ts';
import { assert } from '../../kernel/panic.ts';
import {
  ipv6_addr_all_nodes_link_local, ipv6_addr_all_routers_link_local, ipv6_addr_is_multicast, ipv6_addr_is_unspecified,
} from '../wire/addr.ts';
import { ICMPV6_NBR_ADV, ICMPV6_RTR_SOL } from '../wire/icmpv6.ts';
import { IPV6_OFFSET_HOP_LIMIT } from '../wire/ipv6.ts';
import {
  emitNdp, emitNdpOption, NDP_HOP_LIMIT, NDP_NBR_ADV_FLAGS_O, NDP_NBR_ADV_FLAGS_R, NDP_NBR_ADV_FLAGS_S, ndpLength,
  ndpOptionLength, type NdpOptionRepr, type NdpRepr,
} from '../wire/ndp.ts';
import { drop } from './drop.ts';
import { gnrc_icmpv6_build } from './icmpv6.ts';
import { gnrc_ipv6_hdr_build } from './ipv6_hdr.ts';
import { gnrc_netapi_dispatch_send } from './netapi.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of, gnrc_netif_hdr_set_netif } from './netif_hdr.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST, gnrc_netif_ipv6_addr_best_src, gnrc_netif_ipv6_addr_idx,
} from './netif_ipv6.ts';
import {
  gnrc_netif_acquire, gnrc_netif_is_rtr, gnrc_netif_is_rtr_adv, gnrc_netif_release, type gnrc_netif_t,
} from './netif_t.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from './netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_UNDEF } from './nettype.ts';
import { gnrc_pkt_prepend, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from './pktbuf.ts';

const NDP_C = 'sys/net/gnrc/network_layer/ndp/gnrc_ndp.c';

/**
 * Puts an option before `next`.
 * @returns the new head, or null when the packet buffer is full (`next` is then as it was)
 */
export function gnrc_ndp_opt_build(option: NdpOptionRepr, next: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  const snip = gnrc_pktbuf_add(next, null, ndpOptionLength(option), GNRC_NETTYPE_UNDEF);
  if (snip !== null) emitNdpOption(option, snip.data!, 0);
  return snip;
}

/**
 * Puts the fixed part of a message before its options.
 * @returns the new head, or null when the packet buffer is full (`options` are then as they were)
 */
export function gnrc_ndp_build(message: NdpRepr, options: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  const snip = gnrc_icmpv6_build(options, message.type, 0, ndpLength(message));
  if (snip !== null) emitNdp(message, snip.data!, 0);
  return snip;
}

/**
 * Sends a router solicitation, with the interface's link-layer address if it has a source address to go with it.
 *
 * @param netif  the interface to send from
 * @param dst    16 bytes; null: all routers of the link
 */
export function* gnrc_ndp_rtr_sol_send(netif: gnrc_netif_t, dst: Uint8Array | null): Blocking<void> {
  const to = dst ?? ipv6_addr_all_routers_link_local;
  yield* gnrc_netif_acquire(netif);
  const src = gnrc_netif_ipv6_addr_best_src(netif, to, false);
  const options = src === null ? null : linkLayerAddress('sllao', netif);
  yield* send(netif, { type: ICMPV6_RTR_SOL }, options, src, to);
  yield* gnrc_netif_release(netif);
}

/**
 * Sends a neighbour advertisement.
 *
 * @param tgt          the address that is advertised; nothing is sent unless it is one of the interface's
 * @param netif        the interface to send from
 * @param dst          who asked; unspecified: all nodes of the link
 * @param supply_tl2a  whether to tell the interface's link-layer address; always to all nodes
 */
export function* gnrc_ndp_nbr_adv_send(
  tgt: Uint8Array, netif: gnrc_netif_t, dst: Uint8Array, supply_tl2a: boolean,
): Blocking<void> {
  assert(!ipv6_addr_is_multicast(tgt), `${NDP_C}:350`);
  yield* gnrc_netif_acquire(netif);
  const index = gnrc_netif_ipv6_addr_idx(netif, tgt);
  if (index >= 0) {
    const all = ipv6_addr_is_unspecified(dst);
    const options = all || supply_tl2a ? linkLayerAddress('tllao', netif) : null;
    let flags = all ? 0 : NDP_NBR_ADV_FLAGS_S;
    if (gnrc_netif_is_rtr(netif) && gnrc_netif_is_rtr_adv(netif)) flags |= NDP_NBR_ADV_FLAGS_R;
    if (options !== null && (netif.ipv6.addrs_flags[index]! & GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST) === 0) {
      flags |= NDP_NBR_ADV_FLAGS_O;
    }
    yield* send(
      netif, { type: ICMPV6_NBR_ADV, flags, target: tgt }, options, null, all ? ipv6_addr_all_nodes_link_local : dst,
    );
  }
  yield* gnrc_netif_release(netif);
}

/** The interface's own address as an option; null if it has none. */
function linkLayerAddress(kind: 'sllao' | 'tllao', netif: gnrc_netif_t): NdpOptionRepr | null {
  if (netif.l2addr_len === 0) return null;
  return { kind, address: netif.l2addr.subarray(0, netif.l2addr_len) };
}

/** Builds a message from the inside out and hands it to the ipv6 thread; what finds no room is dropped. */
function* send(
  netif: gnrc_netif_t, message: NdpRepr, option: NdpOptionRepr | null, src: Uint8Array | null, dst: Uint8Array,
): Blocking<void> {
  const pkt = build(netif, message, option, src, dst);
  if (pkt === null) return drop('nib', 'pktbuf-full', ndpLength(message));
  if ((yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
    gnrc_pktbuf_release(pkt);
  }
}

function build(
  netif: gnrc_netif_t, message: NdpRepr, option: NdpOptionRepr | null, src: Uint8Array | null, dst: Uint8Array,
): gnrc_pktsnip_t | null {
  const options = option === null ? null : gnrc_ndp_opt_build(option, null);
  if (option !== null && options === null) return null;
  const icmpv6 = gnrc_ndp_build(message, options);
  const ipv6 = icmpv6 === null ? null : gnrc_ipv6_hdr_build(icmpv6, src, dst);
  const hdr = ipv6 === null ? null : gnrc_netif_hdr_build(null, 0, null, 0);
  if (ipv6 === null || hdr === null) {
    gnrc_pktbuf_release(ipv6 ?? icmpv6 ?? options);
    return null;
  }
  ipv6.data![IPV6_OFFSET_HOP_LIMIT] = NDP_HOP_LIMIT;
  gnrc_netif_hdr_set_netif(gnrc_netif_hdr_of(hdr), netif);
  return gnrc_pkt_prepend(ipv6, hdr);
}
