// The way down through the ipv6 thread: what the header still lacks, and the next hop.
import { perBoard } from '../../kernel/current.ts';
import { EADDRNOTAVAIL, ENOENT, ENOMEM } from '../../kernel/errno.ts';
import { net_config } from '../config.ts';
import {
  ipv6_addr_is_link_local, ipv6_addr_is_loopback, ipv6_addr_is_multicast, ipv6_addr_is_unspecified, ipv6_addr_loopback,
} from '../wire/addr.ts';
import { put16 } from '../wire/bytes.ts';
import { ICMPV6_NBR_SOL, ICMPV6_RTR_SOL } from '../wire/icmpv6.ts';
import {
  IPV6_HEADER_LEN, IPV6_OFFSET_DST, IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_NEXT_HEADER, IPV6_OFFSET_PAYLOAD_LENGTH,
  IPV6_OFFSET_SRC,
} from '../wire/ipv6.ts';
import { drop_pkt } from './drop.ts';
import {
  GNRC_NETIF_HDR_FLAGS_BROADCAST, GNRC_NETIF_HDR_FLAGS_MULTICAST, gnrc_netif_hdr_build, gnrc_netif_hdr_get_netif,
  gnrc_netif_hdr_of, gnrc_netif_hdr_set_netif,
} from './netif_hdr.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID, gnrc_netif_get_by_ipv6_addr, gnrc_netif_ipv6_addr_best_src,
  gnrc_netif_ipv6_addr_get_state, gnrc_netif_ipv6_addr_idx,
} from './netif_ipv6.ts';
import { gnrc_netif_get_by_pid, gnrc_netif_iter, type gnrc_netif_t } from './netif_t.ts';
import { gnrc_netreg_calc_csum } from './netreg.ts';
import {
  GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_IPV6, GNRC_NETTYPE_IPV6_EXT, GNRC_NETTYPE_NETIF, gnrc_nettype_to_protnum,
  PROTNUM_IPV6_NONXT, PROTNUM_RESERVED,
} from './nettype.ts';
import { gnrc_ipv6_nib_get_next_hop_l2addr, gnrc_ipv6_nib_nc_t } from './nib.ts';
import { gnrc_pkt_len, gnrc_pkt_prepend, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_merge, gnrc_pktbuf_remove_snip, gnrc_pktbuf_start_write } from './pktbuf.ts';

/** Where the next hop is found; C has it on the stack. */
const statics = perBoard(() => ({ nce: new gnrc_ipv6_nib_nc_t() }), { bytes: 0 });

/** A packet on its way down: its IPv6 header first and writable, and what its netif header told. */
export interface outgoing_t {
  pkt: gnrc_pktsnip_t;
  netif: gnrc_netif_t | null;
  flags: number;
}

/**
 * Takes the netif header off a packet, and write access to its IPv6 header.
 * @param out  where the result goes
 * @returns false when the packet was dropped
 */
export function ipv6_open(pkt: gnrc_pktsnip_t, out: outgoing_t): boolean {
  let head: gnrc_pktsnip_t | null = pkt;
  out.netif = null;
  out.flags = 0;
  if (pkt.type === GNRC_NETTYPE_NETIF) {
    const hdr = gnrc_netif_hdr_of(pkt);
    out.netif = gnrc_netif_hdr_get_netif(hdr);
    out.flags = hdr.flags & ~(GNRC_NETIF_HDR_FLAGS_BROADCAST | GNRC_NETIF_HDR_FLAGS_MULTICAST);
    const own = gnrc_pktbuf_start_write(pkt);
    if (own === null) return dropped('pktbuf-full', pkt);
    head = gnrc_pktbuf_remove_snip(own, own);
  }
  if (head === null) return false;
  if (head.type !== GNRC_NETTYPE_IPV6 || head.size < IPV6_HEADER_LEN) return dropped('not-ipv6', head);
  if (ipv6_addr_is_unspecified(dstOf(head))) return dropped('unspecified-destination', head);
  const own = gnrc_pktbuf_start_write(head);
  if (own === null) return dropped('pktbuf-full', head);
  out.pkt = own;
  return true;
}

function dropped(reason: string, pkt: gnrc_pktsnip_t): false {
  drop_pkt('ipv6', reason, pkt);
  return false;
}

function dstOf(ipv6: gnrc_pktsnip_t): Uint8Array {
  return ipv6.data!.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
}

/**
 * Makes a packet ready for its next hop.
 * @returns the packet: with a netif header for the link, without one for the board itself; null when it was dropped
 */
export function ipv6_route({ pkt, netif, flags }: outgoing_t): gnrc_pktsnip_t | null {
  const dst = dstOf(pkt);
  if (ipv6_addr_is_multicast(dst)) return ipv6_to_group(pkt, netif ?? gnrc_netif_iter(null), flags);
  let own = gnrc_netif_get_by_ipv6_addr(dst);
  // A link-local address is the board's own on the interface only that the packet goes to.
  if (own !== netif && ipv6_addr_is_link_local(dst)) own = null;
  if (own !== null || ipv6_addr_is_loopback(dst)) return toSelf(pkt, own);
  return toNeighbor(pkt, dst, netif, flags);
}

/** Makes a packet to a group ready for one interface; null when it was dropped. */
export function ipv6_to_group(pkt: gnrc_pktsnip_t, netif: gnrc_netif_t | null, flags: number): gnrc_pktsnip_t | null {
  if (netif === null) return drop_null('no-interface', pkt);
  if (!fill(netif, pkt)) return null;
  return toInterface(pkt, netif, null, 0, flags | GNRC_NETIF_HDR_FLAGS_MULTICAST);
}

function drop_null(reason: string, pkt: gnrc_pktsnip_t): null {
  drop_pkt('ipv6', reason, pkt);
  return null;
}

function toSelf(pkt: gnrc_pktsnip_t, netif: gnrc_netif_t | null): gnrc_pktsnip_t | null {
  if (!fill(netif, pkt)) return null;
  if (gnrc_pktbuf_merge(pkt) !== 0) return drop_null('pktbuf-full', pkt);
  return pkt;
}

function toNeighbor(
  pkt: gnrc_pktsnip_t, dst: Uint8Array, from: gnrc_netif_t | null, flags: number,
): gnrc_pktsnip_t | null {
  const { nce } = statics();
  if (gnrc_ipv6_nib_get_next_hop_l2addr(dst, from, pkt, nce) < 0) return null;
  const netif = gnrc_netif_get_by_pid(nce.iface);
  if (netif === null) return drop_null('no-interface', pkt);
  if (!fill(netif, pkt)) return null;
  return toInterface(pkt, netif, nce.l2addr, nce.l2addr_len, flags);
}

function toInterface(
  pkt: gnrc_pktsnip_t, netif: gnrc_netif_t, l2addr: Uint8Array | null, l2addr_len: number, flags: number,
): gnrc_pktsnip_t | null {
  const snip = gnrc_netif_hdr_build(null, 0, l2addr, l2addr_len);
  if (snip === null) return drop_null('pktbuf-full', pkt);
  const hdr = gnrc_netif_hdr_of(snip);
  hdr.flags = flags;
  gnrc_netif_hdr_set_netif(hdr, netif);
  const tooBig = gnrc_pkt_len(pkt) > netif.ipv6.mtu;
  const out = gnrc_pkt_prepend(pkt, snip);
  return tooBig ? drop_null('packet-too-big', out) : out;
}

/** fillHeader(); frees the packet when that fails. */
function fill(netif: gnrc_netif_t | null, pkt: gnrc_pktsnip_t): boolean {
  const res = fillHeader(netif, pkt);
  if (res >= 0) return true;
  return dropped(res === -EADDRNOTAVAIL ? 'source-not-valid' : res === -ENOMEM ? 'pktbuf-full' : 'checksum', pkt);
}

/**
 * Fills in what the IPv6 header lacks: length, next header, hop limit, source; then the checksum of what follows.
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
  const dst = dstOf(ipv6);
  if (ipv6_addr_is_unspecified(src)) {
    const best = ipv6_addr_is_loopback(dst)
      ? ipv6_addr_loopback
      : netif === null ? null : gnrc_netif_ipv6_addr_best_src(netif, dst, false);
    if (best !== null) for (let i = 0; i < 16; i++) src[i] = best[i]!;
  } else if (netif !== null && !ipv6_addr_is_loopback(dst) && !isUsableSource(netif, src, ipv6)) {
    return -EADDRNOTAVAIL;
  }
  return checksum(ipv6);
}

/** Whether a source that was set is no address of the interface, or a valid one, or the packet may do without. */
function isUsableSource(netif: gnrc_netif_t, src: Uint8Array, ipv6: gnrc_pktsnip_t): boolean {
  const index = gnrc_netif_ipv6_addr_idx(netif, src);
  if (index < 0) return true;
  if (gnrc_netif_ipv6_addr_get_state(netif, index) === GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID) return true;
  // A 6LN registers its address with the address itself as source (RFC 6775 §5.5).
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
