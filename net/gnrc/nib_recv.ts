// Received neighbour discovery messages (RIOT sys/net/gnrc/network_layer/ipv6/nib/nib.c, RFC 4861 §6.1, §7.1).
import type { Blocking } from '../../kernel/blocking.ts';
import {
  ipv6_addr_is_link_local, ipv6_addr_is_multicast, ipv6_addr_is_solicited_node, ipv6_addr_is_unspecified,
} from '../wire/addr.ts';
import { ICMPV6_NBR_ADV, ICMPV6_NBR_SOL, ICMPV6_RTR_ADV } from '../wire/icmpv6.ts';
import { IPV6_OFFSET_DST, IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_SRC } from '../wire/ipv6.ts';
import { NDP_HOP_LIMIT, NDP_NBR_ADV_FLAGS_S, ndpLength, parseNdp, parseNdpOptions, type NdpRepr } from '../wire/ndp.ts';
import { drop } from './drop.ts';
import { gnrc_ndp_nbr_adv_send } from './ndp_send.ts';
import { gnrc_netif_ipv6_addr_idx } from './netif_ipv6.ts';
import type { gnrc_netif_t } from './netif_t.ts';

/**
 * Handles a neighbour discovery message whose checksum is right.
 *
 * @param netif   the interface that it is for
 * @param ipv6    its IPv6 header
 * @param icmpv6  the message, the ICMPv6 header first
 */
export function* gnrc_ipv6_nib_handle_pkt(
  netif: gnrc_netif_t, ipv6: Uint8Array, icmpv6: Uint8Array,
): Blocking<void> {
  const message = parseNdp(icmpv6);
  // A redirect, or a message of duplicate address detection over several hops: RIOT passes over them too.
  if (message === 'not-ndp') return drop('nib', 'not-handled', icmpv6.length);
  if (typeof message === 'string') return drop('nib', message, icmpv6.length);
  const src = ipv6.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_SRC + 16);
  const dst = ipv6.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
  const reason = ipv6[IPV6_OFFSET_HOP_LIMIT] !== NDP_HOP_LIMIT
    ? 'hop-limit-not-255'
    : whyNotHandled(message, netif, src, dst) ?? whyBadOptions(message, icmpv6);
  if (reason !== null) return drop('nib', reason, icmpv6.length);
  if (message.type === ICMPV6_NBR_SOL) {
    yield* gnrc_ndp_nbr_adv_send(message.target, netif, src, ipv6_addr_is_multicast(dst), null);
  } else {
    // Without neighbour cache an advertisement tells nothing; a host handles no solicitation of routers.
    drop('nib', message.type === ICMPV6_NBR_ADV ? 'no-neighbor-entry' : 'not-handled', icmpv6.length);
  }
}

function whyNotHandled(message: NdpRepr, netif: gnrc_netif_t, src: Uint8Array, dst: Uint8Array): string | null {
  switch (message.type) {
    case ICMPV6_RTR_ADV:
      return ipv6_addr_is_link_local(src) ? null : 'source-not-link-local';
    case ICMPV6_NBR_SOL:
      if (ipv6_addr_is_unspecified(src) && !ipv6_addr_is_solicited_node(dst)) return 'unspecified-source';
      return gnrc_netif_ipv6_addr_idx(netif, message.target) < 0 ? 'target-not-mine' : null;
    case ICMPV6_NBR_ADV:
      return ipv6_addr_is_multicast(dst) && (message.flags & NDP_NBR_ADV_FLAGS_S) !== 0 ? 'solicited-multicast' : null;
    default:
      return null;
  }
}

function whyBadOptions(message: NdpRepr, icmpv6: Uint8Array): string | null {
  const options = parseNdpOptions(icmpv6, ndpLength(message));
  return typeof options === 'string' ? options : null;
}
