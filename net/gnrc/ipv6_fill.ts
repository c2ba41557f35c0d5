// What an IPv6 header of a packet of the board's own still lacks on its way down: length, next header, hop limit,
// source, and the checksum of what follows (RIOT sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c).
import { EADDRNOTAVAIL, ENOENT, ENOMEM } from '../../kernel/errno.ts';
import { net_config } from '../config.ts';
import { quirk } from '../quirks.ts';
import { ipv6_addr_is_loopback, ipv6_addr_is_unspecified, ipv6_addr_loopback } from '../wire/addr.ts';
import { put16 } from '../wire/bytes.ts';
import { ICMPV6_NBR_SOL, ICMPV6_RTR_SOL } from '../wire/icmpv6.ts';
import {
  IPV6_OFFSET_DST, IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_NEXT_HEADER, IPV6_OFFSET_PAYLOAD_LENGTH, IPV6_OFFSET_SRC,
} from '../wire/ipv6.ts';
import { drop_pkt } from './drop.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID, gnrc_netif_ipv6_addr_best_src, gnrc_netif_ipv6_addr_dad_trans,
  gnrc_netif_ipv6_addr_get_state, gnrc_netif_ipv6_addr_idx,
} from './netif_ipv6.ts';
import type { gnrc_netif_t } from './netif_t.ts';
import { gnrc_netreg_calc_csum } from './netreg.ts';
import {
  GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_IPV6, GNRC_NETTYPE_IPV6_EXT, gnrc_nettype_to_protnum, PROTNUM_IPV6_NONXT,
  PROTNUM_RESERVED,
} from './nettype.ts';
import { nib_conf } from './nib_conf.ts';
import { gnrc_pkt_len, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_start_write } from './pktbuf.ts';

/**
 * Fills in the header of a packet; frees the packet when that fails.
 *
 * @param netif  the interface that it leaves by; null for one to the board itself
 * @param ipv6   the packet, its IPv6 header first and writable
 */
export function ipv6_fill(netif: gnrc_netif_t | null, ipv6: gnrc_pktsnip_t): boolean {
  const res = fillHeader(netif, ipv6);
  if (res >= 0) return true;
  drop_pkt('ipv6', res === -EADDRNOTAVAIL ? 'source-not-valid' : res === -ENOMEM ? 'pktbuf-full' : 'checksum', ipv6);
  return false;
}

/**
 * @returns 0; -EADDRNOTAVAIL if the source was set to an address of the interface that is not valid; -ENOMEM; or what
 *          the checksum's function answers
 */
function fillHeader(netif: gnrc_netif_t | null, ipv6: gnrc_pktsnip_t): number {
  const hdr = ipv6.data!;
  put16(hdr, IPV6_OFFSET_PAYLOAD_LENGTH, gnrc_pkt_len(ipv6.next));
  if (hdr[IPV6_OFFSET_NEXT_HEADER] === PROTNUM_RESERVED) {
    const nh = ipv6.next === null ? PROTNUM_RESERVED : gnrc_nettype_to_protnum(ipv6.next.type);
    hdr[IPV6_OFFSET_NEXT_HEADER] = nh === PROTNUM_RESERVED ? PROTNUM_IPV6_NONXT : nh;
  }
  if (hdr[IPV6_OFFSET_HOP_LIMIT] === 0) {
    hdr[IPV6_OFFSET_HOP_LIMIT] = netif === null ? net_config().CONFIG_GNRC_NETIF_DEFAULT_HL : netif.cur_hl;
  }
  const src = hdr.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_SRC + 16);
  const dst = hdr.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
  if (ipv6_addr_is_unspecified(src)) {
    const best = ipv6_addr_is_loopback(dst)
      ? ipv6_addr_loopback
      : netif === null ? null : gnrc_netif_ipv6_addr_best_src(netif, dst, false);
    if (best !== null && !detectsDuplicate(netif, ipv6)) for (let i = 0; i < 16; i++) src[i] = best[i]!;
  } else if (netif !== null && !ipv6_addr_is_loopback(dst) && !isUsableSource(netif, src, ipv6)) {
    return -EADDRNOTAVAIL;
  }
  return checksum(ipv6);
}

/**
 * Whether a packet asks for duplicates of a tentative address: its source stays unspecified (RFC 4862 §5.4.2). RIOT
 * does not know that here, and takes a source if there is one.
 */
function detectsDuplicate(netif: gnrc_netif_t | null, { next }: gnrc_pktsnip_t): boolean {
  const message = next !== null && next.type === GNRC_NETTYPE_ICMPV6 ? next.data : null;
  if (netif === null || message === null || message[0] !== ICMPV6_NBR_SOL) return false;
  const index = gnrc_netif_ipv6_addr_idx(netif, message.subarray(8, 24));
  return index >= 0 && gnrc_netif_ipv6_addr_dad_trans(netif, index) !== 0 && !quirk('nib-dad-source');
}

/** Whether a source that was set is no address of the interface, or a valid one, or the packet may do without. */
function isUsableSource(netif: gnrc_netif_t, src: Uint8Array, ipv6: gnrc_pktsnip_t): boolean {
  const index = gnrc_netif_ipv6_addr_idx(netif, src);
  if (index < 0) return true;
  if (gnrc_netif_ipv6_addr_get_state(netif, index) === GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID) return true;
  // A 6LN registers its address with the address itself as source (RFC 6775 §5.5). Other images have no exception.
  if (!nib_conf().six_ln) return false;
  const icmpv6 = gnrc_pktsnip_search_type(ipv6, GNRC_NETTYPE_ICMPV6);
  const type = icmpv6?.data?.[0];
  return type === ICMPV6_RTR_SOL || type === ICMPV6_NBR_SOL;
}

/** Takes write access up to the header behind the IPv6 headers, and computes its checksum. */
function checksum(ipv6: gnrc_pktsnip_t): number {
  let snip = ipv6;
  while ((snip.type === GNRC_NETTYPE_IPV6 || snip.type === GNRC_NETTYPE_IPV6_EXT) && snip.next !== null) {
    const own = gnrc_pktbuf_start_write(snip.next);
    if (own === null) return -ENOMEM;
    snip.next = own;
    snip = own;
  }
  const res = gnrc_netreg_calc_csum(snip, ipv6);
  return res === -ENOENT ? 0 : res;
}
