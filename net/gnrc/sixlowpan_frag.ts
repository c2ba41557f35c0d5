// Classic fragmentation (RIOT sys/net/gnrc/network_layer/sixlowpan/frag, RFC 4944 §5.3): cutting a datagram
// into frames, one a message to the own thread, so that others get their turn in between.
import type { Blocking } from '../../kernel/blocking.ts';
import { ENOMEM } from '../../kernel/errno.ts';
import { thread_yield } from '../../kernel/thread.ts';
import { quirk } from '../quirks.ts';
import {
  emitFrag1, emitFragN, FRAG_1_HEADER_LEN, FRAG_N_HEADER_LEN, firstFragmentPayload, nextFragmentPayload,
} from '../wire/frag.ts';
import { drop } from './drop.ts';
import { gnrc_netif_get_by_pid, gnrc_netif_send, type gnrc_netif_t } from './netif.ts';
import { GNRC_NETIF_HDR_FLAGS_MORE_DATA, gnrc_netif_hdr_of, gnrc_netif_hdr_sizeof } from './netif_hdr.ts';
import { GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN } from './nettype.ts';
import { gnrc_pkt_append, gnrc_pkt_bytes, gnrc_pkt_len, gnrc_pkt_prepend, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release, gnrc_pktbuf_release_error } from './pktbuf.ts';
import {
  frag_fb_free, frag_fb_take, type gnrc_sixlowpan_frag_fb_t, gnrc_sixlowpan_frag_fb_get, gnrc_sixlowpan_frag_fb_send,
} from './sixlowpan_frag_fb.ts';
import { gnrc_tx_sync_split } from './tx_sync.ts';

/**
 * Begins to cut a datagram and sends its first fragment. Dropped when another one is being cut already.
 *
 * @param pkt            netif header, compressed headers, payload; consumed
 * @param datagram_size  bytes of the uncompressed datagram, at most 2047
 */
export function* gnrc_sixlowpan_frag_start(pkt: gnrc_pktsnip_t, datagram_size: number): Blocking<void> {
  const fbuf = gnrc_sixlowpan_frag_fb_get();
  if (fbuf === null) {
    drop('6lo', 'CONFIG_GNRC_SIXLOWPAN_FRAG_FB_SIZE', datagram_size);
    return gnrc_pktbuf_release_error(pkt, ENOMEM);
  }
  frag_fb_take(fbuf, pkt, datagram_size);
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
  // A hint may leave nothing for the first fragment: RIOT gives up, but has sent its header.
  if (fbuf.offset === 0) {
    drop('6lo', 'empty-first-fragment', payload);
    return free(fbuf, pkt);
  }
  if (!gnrc_sixlowpan_frag_fb_send(fbuf)) {
    drop('6lo', 'queue-full', payload - fbuf.offset);
    return free(fbuf, pkt);
  }
  yield* thread_yield();
}

function free(fbuf: gnrc_sixlowpan_frag_fb_t, pkt: gnrc_pktsnip_t): void {
  gnrc_pktbuf_release(pkt);
  frag_fb_free(fbuf);
}

/** What the uncompressed form has more than the compressed one, up to the end of what hint or whole are about. */
function payloadDiff({ hint, datagram_size }: gnrc_sixlowpan_frag_fb_t, payload: number): number {
  return hint.fragsz > 0 ? hint.fragsz_uncomp - hint.fragsz : datagram_size - payload;
}

/**
 * How many bytes the first fragment has behind its header, if it shall have the compressed headers only: they end where
 * no fragment must, so RIOT adds what rounding down takes away. It forgets that of headers whose length is a multiple
 * of 8 something is taken away too.
 */
function hintedPayload({ fragsz }: gnrc_sixlowpan_frag_fb_t['hint'], diff: number): number {
  const aligned = (fragsz & 7) === 0;
  const room = aligned && quirk('minfwd-cut-headers') ? fragsz : fragsz + 8;
  return ((room + diff - FRAG_1_HEADER_LEN) & ~7) - diff;
}

/** The next fragment behind its netif header, or null when the packet buffer is full. Moves `fbuf.offset` on. */
function build(
  fbuf: gnrc_sixlowpan_frag_fb_t, pkt: gnrc_pktsnip_t, payload: number, netif: gnrc_netif_t,
): gnrc_pktsnip_t | null {
  const first = fbuf.offset === 0;
  const headerLength = first ? FRAG_1_HEADER_LEN : FRAG_N_HEADER_LEN;
  const diff = payloadDiff(fbuf, payload);
  let max = nextFragmentPayload(netif.sixlo.max_frag_size);
  if (first) {
    max = fbuf.hint.fragsz > 0
      ? hintedPayload(fbuf.hint, diff)
      : firstFragmentPayload(netif.sixlo.max_frag_size, fbuf.datagram_size, payload);
  }
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
    emitFragN(fbuf.datagram_size, fbuf.tag, fbuf.offset + diff, data, 0);
  }
  copyPayload(pkt.next, fbuf.offset, data, headerLength, length);
  fbuf.offset += length;
  if (first || fbuf.offset < payload) gnrc_netif_hdr_of(netifSnip).flags |= GNRC_NETIF_HDR_FLAGS_MORE_DATA;
  else gnrc_pkt_append(frag, gnrc_tx_sync_split(pkt));
  return gnrc_pkt_prepend(frag, netifSnip);
}

/** The netif header of a packet once more: its fields and its addresses. */
function copyNetifHdr(pkt: gnrc_pktsnip_t): gnrc_pktsnip_t | null {
  return gnrc_pktbuf_add(null, pkt.data, gnrc_netif_hdr_sizeof(gnrc_netif_hdr_of(pkt)), GNRC_NETTYPE_NETIF);
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
