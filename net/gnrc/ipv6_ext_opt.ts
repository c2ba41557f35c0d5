// Hop-by-hop and destination options (RIOT sys/include/net/gnrc/ipv6/ext/opt.h, module gnrc_ipv6_ext_opt). RIOT knows
// padding only; what becomes of others their type says (RFC 8200 §4.2).
import type { Blocking } from '../../kernel/blocking.ts';
import { EINVAL } from '../../kernel/errno.ts';
import { ipv6_addr_is_multicast } from '../wire/addr.ts';
import { ICMPV6_ERROR_PARAM_PROB_OPT } from '../wire/icmpv6.ts';
import {
  IPV6_EXT_LEN_UNIT, IPV6_EXT_OPT_ACTION_DISC, IPV6_EXT_OPT_ACTION_DISC_ERR_UC, IPV6_EXT_OPT_ACTION_MASK,
  IPV6_EXT_OPT_ACTION_SKIP, IPV6_EXT_OPT_PAD1, IPV6_EXT_OPT_PADN, IPV6_OFFSET_DST, parseIpv6Option,
} from '../wire/ipv6.ts';
import { drop_pkt } from './drop.ts';
import { gnrc_icmpv6_error_param_prob_send } from './icmpv6_error.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_IPV6_EXT } from './nettype.ts';
import { gnrc_pkt_bytes, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_mark } from './pktbuf.ts';

/** Where options begin in their header. */
const OFFSET_OPTIONS = 2;

/**
 * Handles the options that the payload of a packet begins with, and marks their header.
 *
 * @param pkt      received, its payload first; consumed if null is returned
 * @param _protnum which of the two headers it is: RIOT makes no difference
 * @returns the packet; null when it was dropped
 */
export function* gnrc_ipv6_ext_opt_process(
  pkt: gnrc_pktsnip_t, _protnum: number,
): Blocking<gnrc_pktsnip_t | null> {
  if (pkt.data === null || pkt.size < OFFSET_OPTIONS) return dropped('truncated', pkt);
  const length = (pkt.data[1]! + 1) * IPV6_EXT_LEN_UNIT;
  if (length > pkt.size) return dropped('extension-past-end', pkt);
  const header = gnrc_pktbuf_mark(pkt, length, GNRC_NETTYPE_IPV6_EXT);
  if (header === null) return dropped('pktbuf-full', pkt);
  const bytes = gnrc_pkt_bytes(header);
  for (let at = OFFSET_OPTIONS; at < length;) {
    const option = parseIpv6Option(bytes, at, length);
    if (typeof option === 'string') return dropped(option, pkt);
    const { type } = option;
    const action = type & IPV6_EXT_OPT_ACTION_MASK;
    const known = type === IPV6_EXT_OPT_PAD1 || type === IPV6_EXT_OPT_PADN;
    if (!known && action !== IPV6_EXT_OPT_ACTION_SKIP) {
      if (action !== IPV6_EXT_OPT_ACTION_DISC && (action !== IPV6_EXT_OPT_ACTION_DISC_ERR_UC || !isToGroup(pkt))) {
        yield* gnrc_icmpv6_error_param_prob_send(ICMPV6_ERROR_PARAM_PROB_OPT, bytes.subarray(at), pkt);
      }
      return dropped('unknown-option', pkt);
    }
    at = option.next;
  }
  return pkt;
}

function dropped(reason: string, pkt: gnrc_pktsnip_t): null {
  drop_pkt('ipv6', reason, pkt, EINVAL);
  return null;
}

function isToGroup(pkt: gnrc_pktsnip_t): boolean {
  const ipv6 = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_IPV6);
  return ipv6 !== null && ipv6_addr_is_multicast(gnrc_pkt_bytes(ipv6).subarray(IPV6_OFFSET_DST));
}
