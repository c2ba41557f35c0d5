// Packets: lists of snips, one for each header and one for the payload (RIOT sys/include/net/gnrc/pkt.h).
// Sending, the outermost header comes first; received, the payload does and the headers follow.
import { KERNEL_PID_UNDEF, type kernel_pid_t } from '../../kernel/thread_t.ts';
import type { gnrc_nettype_t } from './nettype.ts';

/** A part of a packet. Made and freed by pktbuf.ts only. */
export class gnrc_pktsnip_t {
  next: gnrc_pktsnip_t | null;
  /** The bytes: `data.length === size`; null when `size` is 0. */
  data: Uint8Array | null;
  size: number;
  type: gnrc_nettype_t;
  /** How many threads hold this snip; who writes while it is above 1 calls gnrc_pktbuf_start_write() first. */
  users = 1;
  /** Where its descriptor and its data lie in the packet buffer's arena; -1 if they do not, see pktbuf_static.ts. */
  address = -1;
  place = -1;
  /** What the packet buffer has put into `data`: `place` is its address. */
  own: Uint8Array | null = null;
  /** Who is told what becomes of it (module gnrc_neterr). */
  err_sub: kernel_pid_t = KERNEL_PID_UNDEF;

  constructor(next: gnrc_pktsnip_t | null, data: Uint8Array | null, size: number, type: gnrc_nettype_t) {
    this.next = next;
    this.data = data;
    this.size = size;
    this.type = type;
  }
}

/** Snips without data point here, so that readers need no test for null. Never written: it has no bytes. */
const NO_BYTES = new Uint8Array(0);

/** The bytes of a snip, an empty array for one without data. */
export function gnrc_pkt_bytes(snip: gnrc_pktsnip_t): Uint8Array {
  return snip.data ?? NO_BYTES;
}

/** The snip before `snip` in `pkt`; null when `snip` is the first or not there. */
export function gnrc_pkt_prev_snip(pkt: gnrc_pktsnip_t | null, snip: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  while (pkt !== null && pkt.next !== snip) pkt = pkt.next;
  return pkt;
}

/** Bytes of the whole packet. */
export function gnrc_pkt_len(pkt: gnrc_pktsnip_t | null): number {
  let len = 0;
  for (; pkt !== null; pkt = pkt.next) len += pkt.size;
  return len;
}

/** Bytes up to and including the first snip of `type`, or of the whole packet when there is none. */
export function gnrc_pkt_len_upto(pkt: gnrc_pktsnip_t | null, type: gnrc_nettype_t): number {
  let len = 0;
  for (; pkt !== null; pkt = pkt.next) {
    len += pkt.size;
    if (pkt.type === type) break;
  }
  return len;
}

/** Number of snips. */
export function gnrc_pkt_count(pkt: gnrc_pktsnip_t | null): number {
  let count = 0;
  for (; pkt !== null; pkt = pkt.next) count++;
  return count;
}

/** Puts `snip` behind the last one; returns the packet. */
export function gnrc_pkt_append(pkt: gnrc_pktsnip_t, snip: gnrc_pktsnip_t | null): gnrc_pktsnip_t;
export function gnrc_pkt_append(pkt: gnrc_pktsnip_t | null, snip: gnrc_pktsnip_t): gnrc_pktsnip_t;
export function gnrc_pkt_append(pkt: gnrc_pktsnip_t | null, snip: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  if (pkt === null) return snip;
  let last = pkt;
  while (last.next !== null) last = last.next;
  last.next = snip;
  return pkt;
}

/** Puts `snip` before the packet; returns the new head. */
export function gnrc_pkt_prepend(pkt: gnrc_pktsnip_t | null, snip: gnrc_pktsnip_t): gnrc_pktsnip_t {
  snip.next = pkt;
  return snip;
}

/** Takes `snip` out of the packet without freeing it; returns the head, which is the next snip if it was the first. */
export function gnrc_pkt_delete(pkt: gnrc_pktsnip_t | null, snip: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  if (snip === null || pkt === null) return pkt;
  if (pkt === snip) return pkt.next;
  for (let i: gnrc_pktsnip_t | null = pkt; i !== null; i = i.next) {
    if (i.next === snip) {
      i.next = snip.next;
      return pkt;
    }
  }
  return pkt;
}

/** The first snip of `type`, or null. */
export function gnrc_pktsnip_search_type(pkt: gnrc_pktsnip_t | null, type: gnrc_nettype_t): gnrc_pktsnip_t | null {
  while (pkt !== null && pkt.type !== type) pkt = pkt.next;
  return pkt;
}
