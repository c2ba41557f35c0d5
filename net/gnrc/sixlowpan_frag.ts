// Classic fragmentation (RIOT sys/net/gnrc/network_layer/sixlowpan/frag, RFC 4944 §5.3): cutting a datagram
// into frames, one a message to the own thread, so that others get their turn in between.
import type { Blocking } from '../../kernel/blocking.ts';
import { thread_yield } from '../../kernel/thread.ts';
import {
  emitFrag1, emitFragN, FRAG_1_HEADER_LEN, FRAG_N_HEADER_LEN, firstFragmentPayload, nextFragmentPayload,
} from '../wire/frag.ts';
import { drop, drop_pkt } from './drop.ts';
import { gnrc_netif_get_by_pid, gnrc_netif_send, type gnrc_netif_t } from './netif.ts';
import {
  GNRC_NETIF_HDR_FLAGS_MORE_DATA, gnrc_netif_hdr_of, gnrc_netif_hdr_build, gnrc_netif_hdr_get_dst_addr,
  gnrc_netif_hdr_get_src_addr,
} from './netif_hdr.ts';
import { GNRC_NETTYPE_SIXLOWPAN } from './nettype.ts';
import { gnrc_pkt_bytes, gnrc_pkt_len, gnrc_pkt_prepend, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from './pktbuf.ts';
import {
  type gnrc_sixlowpan_frag_fb_t, gnrc_sixlowpan_frag_fb_get, gnrc_sixlowpan_frag_fb_next_tag,
  gnrc_sixlowpan_frag_fb_send,
} from './sixlowpan_frag_fb.ts';

/**
 * Begins to cut a datagram and sends its first fragment. Dropped when another one is being cut already.
 *
 * @param pkt            netif header, compressed headers, payload; consumed
 * @param datagram_size  bytes of the uncompressed datagram, at most 2047
 */
export function* gnrc_sixlowpan_frag_start(pkt: gnrc_pktsnip_t, datagram_size: number): Blocking<void> {
  const fbuf = gnrc_sixlowpan_frag_fb_get();
  if (fbuf === null) return drop_pkt('6lo', 'CONFIG_GNRC_SIXLOWPAN_FRAG_FB_SIZE', pkt);
  fbuf.pkt = pkt;
  fbuf.datagram_size = datagram_size;
  fbuf.tag = gnrc_sixlowpan_frag_fb_next_tag();
  fbuf.offset = 0;
  yield* gnrc_sixlowpan_frag_send(fbuf);
}

/** Sends the next fragment of a datagram, or frees its entry when there is none left. */
export function* gnrc_sixlowpan_frag_send(fbuf: gnrc_sixlowpan_frag_fb_t): Blocking<void> {
  const pkt = fbuf.pkt;
  if (pkt === null) return;
  const payload = gnrc_pkt_len(pkt.next);
  if (fbuf.offset > 0 && fbuf.offset >= payload) return free(fbuf, pkt);
  const netif = gnrc_netif_get_by_pid(gnrc_netif_hdr_of(pkt).if_pid);
  const frag = netif === null ? null : build(fbuf, pkt, payload, netif);
  if (netif === null || frag === null) {
    drop('6lo', netif === null ? 'no-interface' : 'pktbuf-full', payload - fbuf.offset);
    return free(fbuf, pkt);
  }
  if ((yield* gnrc_netif_send(netif, frag)) < 1) gnrc_pktbuf_release(frag);
  if (!gnrc_sixlowpan_frag_fb_send(fbuf)) {
    drop('6lo', 'queue-full', payload - fbuf.offset);
    return free(fbuf, pkt);
  }
  yield* thread_yield();
}

function free(fbuf: gnrc_sixlowpan_frag_fb_t, pkt: gnrc_pktsnip_t): void {
  fbuf.pkt = null;
  gnrc_pktbuf_release(pkt);
}

/** The next fragment behind its netif header, or null when the packet buffer is full. Moves `fbuf.offset` on. */
function build(
  fbuf: gnrc_sixlowpan_frag_fb_t, pkt: gnrc_pktsnip_t, payload: number, netif: gnrc_netif_t,
): gnrc_pktsnip_t | null {
  const first = fbuf.offset === 0;
  const headerLength = first ? FRAG_1_HEADER_LEN : FRAG_N_HEADER_LEN;
  const max = first
    ? firstFragmentPayload(netif.sixlo.max_frag_size, fbuf.datagram_size, payload)
    : nextFragmentPayload(netif.sixlo.max_frag_size);
  const length = Math.min(max, payload - fbuf.offset);
  const netifSnip = copyNetifHdr(pkt);
  if (netifSnip === null) return null;
  const frag = gnrc_pktbuf_add(null, null, length + headerLength, GNRC_NETTYPE_SIXLOWPAN);
  if (frag === null) {
    gnrc_pktbuf_release(netifSnip);
    return null;
  }
  const data = frag.data!;
  if (first) {
    emitFrag1(fbuf.datagram_size, fbuf.tag, data, 0);
  } else {
    // The offset counts bytes of the uncompressed datagram: it runs ahead by what compression saved.
    emitFragN(fbuf.datagram_size, fbuf.tag, fbuf.offset + fbuf.datagram_size - payload, data, 0);
  }
  copyPayload(pkt.next, fbuf.offset, data, headerLength, length);
  fbuf.offset += length;
  if (first || fbuf.offset < payload) gnrc_netif_hdr_of(netifSnip).flags |= GNRC_NETIF_HDR_FLAGS_MORE_DATA;
  return gnrc_pkt_prepend(frag, netifSnip);
}

function copyNetifHdr(pkt: gnrc_pktsnip_t): gnrc_pktsnip_t | null {
  const hdr = gnrc_netif_hdr_of(pkt);
  const snip = gnrc_netif_hdr_build(
    gnrc_netif_hdr_get_src_addr(hdr), hdr.src_l2addr_len, gnrc_netif_hdr_get_dst_addr(hdr), hdr.dst_l2addr_len,
  );
  if (snip === null) return null;
  const copy = gnrc_netif_hdr_of(snip);
  copy.if_pid = hdr.if_pid;
  copy.flags = hdr.flags;
  copy.rssi = hdr.rssi;
  copy.lqi = hdr.lqi;
  return snip;
}

/** Copies `length` bytes of the snips from `offset` on. */
function copyPayload(
  pkt: gnrc_pktsnip_t | null, offset: number, out: Uint8Array, outOffset: number, length: number,
): void {
  let skip = offset;
  let at = outOffset;
  const end = outOffset + length;
  for (let snip = pkt; snip !== null && at < end; snip = snip.next) {
    if (skip >= snip.size) {
      skip -= snip.size;
      continue;
    }
    const count = Math.min(snip.size - skip, end - at);
    out.set(gnrc_pkt_bytes(snip).subarray(skip, skip + count), at);
    at += count;
    skip = 0;
  }
}
