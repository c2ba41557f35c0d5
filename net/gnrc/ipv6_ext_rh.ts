// Routing headers (RIOT sys/include/net/gnrc/ipv6/ext/rh.h, module gnrc_ipv6_ext_rh). No type is known without RPL: one
// with segments left is refused (RFC 8200 §4.4, RFC 5095).
import type { Blocking } from '../../kernel/blocking.ts';
import { EINVAL } from '../../kernel/errno.ts';
import { ICMPV6_ERROR_PARAM_PROB_HDR_FIELD } from '../wire/icmpv6.ts';
import { IPV6_RH_OFFSET_TYPE, parseIpv6Rh } from '../wire/ipv6_ext.ts';
import { drop_pkt } from './drop.ts';
import { gnrc_icmpv6_error_param_prob_send } from './icmpv6_error.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from './pkt.ts';

/** The packet was refused and freed. */
export const GNRC_IPV6_EXT_RH_ERROR = 0;
/** The board is the last of the route: the packet is handled as any other. */
export const GNRC_IPV6_EXT_RH_AT_DST = 1;
/** The packet was sent on to the next of the route. */
export const GNRC_IPV6_EXT_RH_FORWARDED = 2;

/**
 * Handles the routing header that the payload of a packet begins with.
 *
 * @param pkt  received, its payload first; consumed unless GNRC_IPV6_EXT_RH_AT_DST is returned
 * @returns GNRC_IPV6_EXT_RH_AT_DST or GNRC_IPV6_EXT_RH_ERROR
 */
export function* gnrc_ipv6_ext_rh_process(pkt: gnrc_pktsnip_t): Blocking<number> {
  const bytes = gnrc_pkt_bytes(pkt);
  const header = parseIpv6Rh(bytes);
  if (typeof header === 'string') {
    drop_pkt('ipv6', header, pkt, EINVAL);
    return GNRC_IPV6_EXT_RH_ERROR;
  }
  if (header.segmentsLeft === 0) return GNRC_IPV6_EXT_RH_AT_DST;
  yield* gnrc_icmpv6_error_param_prob_send(
    ICMPV6_ERROR_PARAM_PROB_HDR_FIELD, bytes.subarray(IPV6_RH_OFFSET_TYPE), pkt,
  );
  drop_pkt('ipv6', 'unknown-routing-type', pkt, EINVAL);
  return GNRC_IPV6_EXT_RH_ERROR;
}
