// The way up through the ipv6 thread: what makes a packet one for this board.
import { ipv6_addr_is_link_local, ipv6_addr_is_loopback } from '../wire/addr.ts';
import { get16 } from '../wire/bytes.ts';
import {
  IPV6_HEADER_LEN, IPV6_OFFSET_DST, IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_NEXT_HEADER, IPV6_OFFSET_PAYLOAD_LENGTH,
} from '../wire/ipv6.ts';
import { drop_pkt } from './drop.ts';
import { gnrc_netif_hdr_get_netif, gnrc_netif_hdr_of } from './netif_hdr.ts';
import { gnrc_netif_get_by_ipv6_addr } from './netif_ipv6.ts';
import type { gnrc_netif_t } from './netif_t.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_UNDEF, PROTNUM_IPV6_NONXT } from './nettype.ts';
import { gnrc_pkt_len_upto, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_mark, gnrc_pktbuf_realloc_data, gnrc_pktbuf_start_write } from './pktbuf.ts';

/** A packet that is for this board. */
export interface incoming_t {
  /** Payload first, its IPv6 header second. */
  pkt: gnrc_pktsnip_t;
  /** The interface that it is for; null if it was sent to the loopback address by the board itself. */
  netif: gnrc_netif_t | null;
}

/**
 * Checks a received packet and marks its IPv6 header.
 * @param out  where the result goes
 * @returns false when the packet was dropped
 */
export function ipv6_check(received: gnrc_pktsnip_t, out: incoming_t): boolean {
  const bytes = received.data;
  if (bytes === null || received.size < IPV6_HEADER_LEN) return dropped('truncated', received);
  if (bytes[0]! >> 4 !== 6) return dropped('bad-version', received);
  const pkt = gnrc_pktbuf_start_write(received);
  if (pkt === null) return dropped('pktbuf-full', received);
  const ipv6 = gnrc_pktbuf_mark(pkt, IPV6_HEADER_LEN, GNRC_NETTYPE_IPV6);
  pkt.type = GNRC_NETTYPE_UNDEF;
  if (ipv6 === null) return dropped('pktbuf-full', pkt);
  const hdr = ipv6.data!;
  if (hdr[IPV6_OFFSET_HOP_LIMIT] === 0) return dropped('hop-limit-zero', pkt);

  const length = get16(hdr, IPV6_OFFSET_PAYLOAD_LENGTH);
  if (length === 0 && hdr[IPV6_OFFSET_NEXT_HEADER] !== PROTNUM_IPV6_NONXT) {
    return dropped('empty-payload-with-next-header', pkt);
  }
  if (length < pkt.size) {
    // What is more was put there by the link.
    gnrc_pktbuf_realloc_data(pkt, length);
  } else if (length > gnrc_pkt_len_upto(pkt, GNRC_NETTYPE_IPV6) - IPV6_HEADER_LEN) {
    return dropped('payload-length-past-end', pkt);
  }

  const snip = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_NETIF);
  const netif = snip === null ? null : gnrc_netif_hdr_get_netif(gnrc_netif_hdr_of(snip));
  const dst = hdr.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
  out.pkt = pkt;
  out.netif = netif;
  if (ipv6_addr_is_loopback(dst)) return true;
  const own = gnrc_netif_get_by_ipv6_addr(dst);
  if (own === null) return dropped('not-for-me', pkt);
  if (netif === null || !ipv6_addr_is_link_local(dst)) out.netif = own;
  return true;
}

function dropped(reason: string, pkt: gnrc_pktsnip_t): false {
  drop_pkt('ipv6', reason, pkt);
  return false;
}
