// The fragmentation buffer: datagrams that are being cut (RIOT sys/include/net/gnrc/sixlowpan/frag/fb.h).
import { perBoard } from '../../kernel/current.ts';
import { msg_send_to_self } from '../../kernel/msg.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { net_config } from '../config.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';

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
  readonly msg = new msg_t();
}

class FragmentationBuffer {
  readonly entries: gnrc_sixlowpan_frag_fb_t[] = [];
  current_tag = 0;

  constructor() {
    const size = net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_FB_SIZE;
    for (let i = 0; i < size; i++) this.entries.push(new gnrc_sixlowpan_frag_fb_t());
  }
}

const statics = perBoard(() => new FragmentationBuffer(), { bytes: 18 });

/** A free entry, or null when as many datagrams as fit are being cut. */
export function gnrc_sixlowpan_frag_fb_get(): gnrc_sixlowpan_frag_fb_t | null {
  for (const entry of statics().entries) {
    if (entry.pkt === null) return entry;
  }
  return null;
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
