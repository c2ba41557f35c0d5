// The fragmentation buffer: datagrams that are being cut (RIOT sys/include/net/gnrc/sixlowpan/frag/fb.h).
import { perBoard } from '../../kernel/current.ts';
import { msg_send_to_self } from '../../kernel/msg.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_sixlowpan_frag_stats_get } from './sixlowpan_frag_stats.ts';

/** Message of the 6lo thread to itself: send the next fragment of `content.ptr`. */
export const GNRC_SIXLOWPAN_FRAG_FB_SND_MSG = 0x0225;

export class gnrc_sixlowpan_frag_fb_t {
  /** The compressed datagram behind its netif header; null: the entry is free. */
  pkt: gnrc_pktsnip_t | null = null;
  /** Bytes of the uncompressed datagram. */
  datagram_size = 0;
  /** 16 bit. */
  tag = 0;
  /** How many bytes of the compressed datagram have been sent. */
  offset = 0;
  /** Module gnrc_sixlowpan_frag_hint: how long the first fragment shall be, compressed and uncompressed; or 0. */
  readonly hint = { fragsz: 0, fragsz_uncomp: 0 };
  readonly msg = new msg_t();
}

class FragmentationBuffer {
  readonly entries: gnrc_sixlowpan_frag_fb_t[] = [];
  current_tag = 0;
  peak = 0;

  constructor() {
    const size = net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_FB_SIZE;
    for (let i = 0; i < size; i++) this.entries.push(new gnrc_sixlowpan_frag_fb_t());
  }
}

const statics = perBoard(() => new FragmentationBuffer(), { bytes: 18 });

/** Frees all entries, the packets in them live on, and counts tags from 1 again (for tests). */
export function gnrc_sixlowpan_frag_fb_reset(): void {
  const buffer = statics();
  for (const entry of buffer.entries) entry.pkt = null;
  buffer.current_tag = 0;
}

/** A free entry, or null when as many datagrams as fit are being cut. */
export function gnrc_sixlowpan_frag_fb_get(): gnrc_sixlowpan_frag_fb_t | null {
  for (const entry of statics().entries) {
    if (entry.pkt === null) return entry;
  }
  gnrc_sixlowpan_frag_stats_get().frag_full++;
  return null;
}

/** Takes an entry for a datagram: `pkt` with its netif header, `datagram_size` bytes uncompressed. A new tag is its. */
export function frag_fb_take(entry: gnrc_sixlowpan_frag_fb_t, pkt: gnrc_pktsnip_t, datagram_size: number): void {
  entry.pkt = pkt;
  entry.datagram_size = datagram_size;
  entry.tag = gnrc_sixlowpan_frag_fb_next_tag();
  entry.offset = 0;
  entry.hint.fragsz = 0;
  if (tracing()) gauge();
}

/** Frees an entry; its packet lives on. */
export function frag_fb_free(entry: gnrc_sixlowpan_frag_fb_t): void {
  entry.pkt = null;
  if (tracing()) gauge();
}

function gauge(): void {
  const buffer = statics();
  let used = 0;
  for (const { pkt } of buffer.entries) if (pkt !== null) used++;
  if (used > buffer.peak) buffer.peak = used;
  trace({ layer: '6lo', type: 'gauge', name: 'CONFIG_GNRC_SIXLOWPAN_FRAG_FB_SIZE',
    used, peak: buffer.peak, limit: buffer.entries.length });
}

/** The entry of this tag, or null. */
export function gnrc_sixlowpan_frag_fb_get_by_tag(tag: number): gnrc_sixlowpan_frag_fb_t | null {
  for (const entry of statics().entries) {
    if (entry.pkt !== null && entry.tag === tag) return entry;
  }
  return null;
}

/** A new tag: one counter a board, the first is 1, 16 bit. */
export function gnrc_sixlowpan_frag_fb_next_tag(): number {
  const buffer = statics();
  buffer.current_tag = (buffer.current_tag + 1) & 0xffff;
  return buffer.current_tag;
}

/** Asks the calling thread, 6lo, to send the next fragment; false when its queue is full. */
export function gnrc_sixlowpan_frag_fb_send(fbuf: gnrc_sixlowpan_frag_fb_t): boolean {
  fbuf.msg.type = GNRC_SIXLOWPAN_FRAG_FB_SND_MSG;
  fbuf.msg.content.ptr = fbuf;
  return msg_send_to_self(fbuf.msg) !== 0;
}
