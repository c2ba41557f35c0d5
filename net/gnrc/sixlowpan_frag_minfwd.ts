// Minimal fragment forwarding (RIOT sys/include/net/gnrc/sixlowpan/frag/minfwd.h, module gnrc_sixlowpan_frag_minfwd,
// RFC 8930): fragments of datagrams that pass through go on one by one, under a tag of this board.
import type { Blocking } from '../../kernel/blocking.ts';
import { ENOMEM } from '../../kernel/errno.ts';
import { ipv6_addr_is_link_local } from '../wire/addr.ts';
import { put16 } from '../wire/bytes.ts';
import { FRAG_1_HEADER_LEN, FRAG_N_HEADER_LEN, SIXLOWPAN_FRAG_1_DISP, SIXLOWPAN_FRAG_DISP_MASK } from '../wire/frag.ts';
import { drop_pkt } from './drop.ts';
import {
  GNRC_NETIF_HDR_FLAGS_MORE_DATA, gnrc_netif_hdr_build, gnrc_netif_hdr_get_netif, gnrc_netif_hdr_of,
  gnrc_netif_hdr_set_netif,
} from './netif_hdr.ts';
import { GNRC_NETTYPE_SIXLOWPAN } from './nettype.ts';
import { gnrc_pkt_len, gnrc_pkt_prepend, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add } from './pktbuf.ts';
import { gnrc_sixlowpan_frag_send } from './sixlowpan_frag.ts';
import { frag_fb_free, type gnrc_sixlowpan_frag_fb_t } from './sixlowpan_frag_fb.ts';
import { type gnrc_sixlowpan_frag_vrb_t, gnrc_sixlowpan_frag_vrb_rm } from './sixlowpan_frag_vrb.ts';
import { gnrc_sixlowpan_dispatch_send } from './sixlowpan_internal.ts';

/**
 * Sends a fragment on. The entry is freed with the last of its datagram.
 *
 * @param pkt   what follows the fragment header; consumed
 * @param frag  the fragment header as it came, 4 or 5 bytes; it is copied
 * @returns 0; -ENOMEM when the packet buffer is full
 */
export function* gnrc_sixlowpan_frag_minfwd_forward(
  pkt: gnrc_pktsnip_t, frag: Uint8Array, vrbe: gnrc_sixlowpan_frag_vrb_t,
): Blocking<number> {
  const first = (frag[0]! & SIXLOWPAN_FRAG_DISP_MASK) === SIXLOWPAN_FRAG_1_DISP;
  const header = gnrc_pktbuf_add(pkt, frag, first ? FRAG_1_HEADER_LEN : FRAG_N_HEADER_LEN, GNRC_NETTYPE_SIXLOWPAN);
  if (header === null) return full(pkt);
  put16(header.data!, 2, vrbe.out_tag);
  const { super: base } = vrbe;
  const netif = gnrc_netif_hdr_build(null, 0, base.dst, base.dst_len);
  if (netif === null) return full(header);
  const hdr = gnrc_netif_hdr_of(netif);
  gnrc_netif_hdr_set_netif(hdr, vrbe.out_netif);
  if (base.current_size >= base.datagram_size) gnrc_sixlowpan_frag_vrb_rm(vrbe);
  else hdr.flags |= GNRC_NETIF_HDR_FLAGS_MORE_DATA;
  yield* gnrc_sixlowpan_dispatch_send(gnrc_pkt_prepend(header, netif));
  return 0;
}

function full(pkt: gnrc_pktsnip_t): number {
  drop_pkt('6lo', 'pktbuf-full', pkt);
  return -ENOMEM;
}

/**
 * Cuts a datagram such that its first fragment has the compressed headers only: routers on the way may compress them
 * otherwise, and have room for that.
 *
 * @param pkt                 netif header, compressed headers, payload; consumed when the result is 0
 * @param orig_datagram_size  bytes of the uncompressed datagram
 * @param ipv6_dst            its destination
 * @param fbuf                an entry that was taken for it; freed again when the result is -1
 * @returns 0; -1 when the datagram is not forwarded by anyone (link-local), or not larger than a frame uncompressed
 */
export function* gnrc_sixlowpan_frag_minfwd_frag_iphc(
  pkt: gnrc_pktsnip_t, orig_datagram_size: number, ipv6_dst: Uint8Array, fbuf: gnrc_sixlowpan_frag_fb_t,
): Blocking<number> {
  const netif = gnrc_netif_hdr_get_netif(gnrc_netif_hdr_of(pkt));
  const max = netif === null ? 0 : netif.sixlo.max_frag_size;
  if (ipv6_addr_is_link_local(ipv6_dst) || fbuf.datagram_size <= max) {
    frag_fb_free(fbuf);
    return -1;
  }
  fbuf.pkt = pkt;
  fbuf.hint.fragsz = pkt.next!.size;
  fbuf.hint.fragsz_uncomp = orig_datagram_size - gnrc_pkt_len(pkt.next!.next);
  yield* gnrc_sixlowpan_frag_send(fbuf);
  return 0;
}
