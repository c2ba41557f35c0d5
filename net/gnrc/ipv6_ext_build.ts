// Building extension headers (RIOT sys/include/net/gnrc/ipv6/ext.h).
import { IPV6_EXT_LEN_UNIT } from '../wire/ipv6.ts';
import { GNRC_NETTYPE_IPV6_EXT } from './nettype.ts';
import { gnrc_pkt_bytes, gnrc_pkt_prev_snip, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add } from './pktbuf.ts';

/**
 * Builds an extension header before `next`. Its bytes behind the first two are for the caller to fill.
 *
 * @param ipv6  a packet that `next` is in, to put the header in its place there; or null
 * @param next  what follows the header
 * @param nh    its next-header field: what `next` is
 * @param size  bytes, 8 or more
 * @returns the header; null if `size` is below 8, `next` is not in `ipv6`, or the packet buffer is full
 */
export function gnrc_ipv6_ext_build(
  ipv6: gnrc_pktsnip_t | null, next: gnrc_pktsnip_t | null, nh: number, size: number,
): gnrc_pktsnip_t | null {
  if (size < IPV6_EXT_LEN_UNIT) return null;
  let prev: gnrc_pktsnip_t | null = null;
  if (ipv6 !== null) {
    prev = gnrc_pkt_prev_snip(ipv6, next);
    if (prev === null) return null;
  }
  const snip = gnrc_pktbuf_add(next, null, size, GNRC_NETTYPE_IPV6_EXT);
  if (snip === null) return null;
  const bytes = gnrc_pkt_bytes(snip);
  bytes[0] = nh;
  bytes[1] = Math.ceil(size / IPV6_EXT_LEN_UNIT) - 1;
  if (prev !== null) prev.next = snip;
  return snip;
}
