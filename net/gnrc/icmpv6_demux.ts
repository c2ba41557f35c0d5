// Received ICMPv6 messages (RIOT sys/net/gnrc/network_layer/icmpv6/gnrc_icmpv6.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { quirk } from '../quirks.ts';
import { checksumOk } from '../wire/checksum.ts';
import {
  ICMPV6_DAC, ICMPV6_DAR, ICMPV6_DST_UNR, ICMPV6_ECHO_REP, ICMPV6_ECHO_REQ, ICMPV6_HEADER_LEN, ICMPV6_NBR_ADV,
  ICMPV6_NBR_SOL, ICMPV6_PARAM_PROB, ICMPV6_PKT_TOO_BIG, ICMPV6_REDIRECT, ICMPV6_RTR_ADV, ICMPV6_RTR_SOL,
} from '../wire/icmpv6.ts';
import { drop, drop_pkt } from './drop.ts';
import { gnrc_icmpv6_sum } from './icmpv6.ts';
import { gnrc_icmpv6_echo_req_handle } from './icmpv6_echo.ts';
import { ipv6_parts } from './ipv6_parts.ts';
import { ipv6_pmtu_handle } from './ipv6_pmtu.ts';
import { gnrc_netapi_dispatch_receive } from './netapi.ts';
import type { gnrc_netif_t } from './netif_t.ts';
import { GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_IPV6 } from './nettype.ts';
import { gnrc_ipv6_nib_handle_pkt } from './nib_recv.ts';
import { gnrc_pkt_bytes, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release } from './pktbuf.ts';

/**
 * Handles an ICMPv6 message, then hands it to everyone who registered for its type.
 *
 * @param netif  the interface that it is for; null if it was looped back
 * @param pkt    the message, its IPv6 header behind it; consumed
 */
export function* gnrc_icmpv6_demux(netif: gnrc_netif_t | null, pkt: gnrc_pktsnip_t): Blocking<void> {
  const icmpv6 = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_ICMPV6);
  const ipv6 = gnrc_pktsnip_search_type(icmpv6, GNRC_NETTYPE_IPV6);
  if (icmpv6 === null || ipv6 === null) return drop_pkt('icmpv6', 'no-ipv6-header', pkt);
  if (icmpv6.size < ICMPV6_HEADER_LEN) return drop_pkt('icmpv6', 'truncated', pkt);
  if (!checksumOk(gnrc_icmpv6_sum(icmpv6, ipv6, pkt))) return drop_pkt('icmpv6', 'bad-checksum', pkt);

  const message = gnrc_pkt_bytes(icmpv6);
  const type = message[0]!;
  let handled = true;
  switch (type) {
    case ICMPV6_PKT_TOO_BIG:
      // RIOT has nobody for errors but who registers for them.
      handled = !quirk('ipv6-no-path-mtu');
      if (handled) takePathMtu(message);
      break;
    case ICMPV6_ECHO_REQ:
      handled = ipv6_parts().echo;
      if (handled) yield* gnrc_icmpv6_echo_req_handle(netif, gnrc_pkt_bytes(ipv6), message);
      break;
    case ICMPV6_RTR_SOL:
    case ICMPV6_RTR_ADV:
    case ICMPV6_NBR_SOL:
    case ICMPV6_NBR_ADV:
    case ICMPV6_REDIRECT:
    case ICMPV6_DAR:
    case ICMPV6_DAC:
      // RIOT asserts that there is an interface: without one the ipv6 thread would sleep for ever.
      if (netif === null) drop('nib', 'no-interface', message.length);
      else yield* gnrc_ipv6_nib_handle_pkt(netif, gnrc_pkt_bytes(ipv6), message);
      break;
    default:
      handled = false;
  }
  if ((yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_ICMPV6, type, pkt)) > 0) return;
  if (handled) gnrc_pktbuf_release(pkt);
  else drop_pkt('icmpv6', isKnown(type) ? 'no-receiver' : 'unknown-type', pkt);
}

/** Types that somebody may register for. */
function isKnown(type: number): boolean {
  return (type >= ICMPV6_DST_UNR && type <= ICMPV6_PARAM_PROB) || type === ICMPV6_ECHO_REQ || type === ICMPV6_ECHO_REP;
}

function takePathMtu(message: Uint8Array): void {
  const reason = ipv6_pmtu_handle(message);
  if (reason !== null) drop('icmpv6', reason, message.length);
}
