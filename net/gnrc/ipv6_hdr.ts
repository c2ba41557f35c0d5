// Building an IPv6 header (RIOT sys/include/net/gnrc/ipv6/hdr.h).
import { ipv6_addr_loopback, ipv6_addr_unspecified } from '../wire/addr.ts';
import { emitIpv6Fields, IPV6_HEADER_LEN } from '../wire/ipv6.ts';
import { GNRC_NETTYPE_IPV6, PROTNUM_RESERVED } from './nettype.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add } from './pktbuf.ts';

/**
 * Puts an IPv6 header before `payload`. Next header, hop limit and length are left for the ipv6 thread to fill in.
 *
 * @param src  16 bytes; null: unspecified, for the ipv6 thread to choose
 * @param dst  16 bytes; null: the loopback address
 * @returns the new head, or null when the packet buffer is full (`payload` is then as it was)
 */
export function gnrc_ipv6_hdr_build(
  payload: gnrc_pktsnip_t | null, src: Uint8Array | null, dst: Uint8Array | null,
): gnrc_pktsnip_t | null {
  const ipv6 = gnrc_pktbuf_add(payload, null, IPV6_HEADER_LEN, GNRC_NETTYPE_IPV6);
  if (ipv6 === null) return null;
  emitIpv6Fields(
    0, 0, 0, PROTNUM_RESERVED, 0, src ?? ipv6_addr_unspecified, dst ?? ipv6_addr_loopback, ipv6.data!, 0,
  );
  return ipv6;
}
