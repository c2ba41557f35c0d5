// The entries of the reassembly buffer: which datagram has which, and how long (RIOT
// sys/include/net/gnrc/sixlowpan/frag/rb.h).
//
// An entry takes room for the whole datagram from the packet buffer as soon as the first of its fragments
// arrives, whichever that is. It ends 3 s after the last of its fragments. When all entries are taken the one
// whose last fragment is oldest gives way.
//
// With a virtual reassembly buffer (modules gnrc_sixlowpan_frag_vrb, _minfwd) it takes room for an IPv6 header at
// first: the datagram may be one that passes through.
import { perBoard } from '../../kernel/current.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { thread_getpid } from '../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_now, ztimer_remove, ztimer_set_msg, ztimer_t } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import { IPV6_HEADER_LEN } from '../wire/ipv6.ts';
import { drop } from './drop.ts';
import {
  GNRC_NETIF_HDR_SIZE, gnrc_netif_hdr_get_dst_addr, gnrc_netif_hdr_get_src_addr, type gnrc_netif_hdr_t,
} from './netif_hdr.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from './pktbuf.ts';
import {
  gnrc_sixlowpan_frag_rb_entry_empty, gnrc_sixlowpan_frag_rb_remove, gnrc_sixlowpan_frag_rb_t,
  type gnrc_sixlowpan_frag_rb_base_t,
} from './sixlowpan_frag_rb_t.ts';
import { gnrc_sixlowpan_frag_stats_get } from './sixlowpan_frag_stats.ts';
import { gnrc_sixlowpan_frag_vrb_gc } from './sixlowpan_frag_vrb.ts';
import { sixlowpan_datagram_type, sixlowpan_modules } from './sixlowpan_internal.ts';

/** Message of the timer to the 6lo thread: throw out what is too old. */
export const GNRC_SIXLOWPAN_FRAG_RB_GC_MSG = 0x0226;

const UINT32_HALF = 0x7fff_ffff;

class ReassemblyBuffer {
  readonly entries: gnrc_sixlowpan_frag_rb_t[] = [];
  peak = 0;
  readonly gc_timer = new ztimer_t();
  readonly gc_msg = new msg_t();

  constructor() {
    const size = net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE;
    for (let i = 0; i < size; i++) this.entries.push(new gnrc_sixlowpan_frag_rb_t());
    this.gc_msg.type = GNRC_SIXLOWPAN_FRAG_RB_GC_MSG;
  }

  gauge(): void {
    let used = 0;
    for (const entry of this.entries) if (!gnrc_sixlowpan_frag_rb_entry_empty(entry)) used++;
    if (used > this.peak) this.peak = used;
    trace({ layer: '6lo', type: 'gauge', name: 'CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE',
      used, peak: this.peak, limit: this.entries.length });
  }
}

const statics = perBoard(() => new ReassemblyBuffer(), { bytes: 4 * 56 + 48 });

/** The entries, for commands and tests. */
export function gnrc_sixlowpan_frag_rb_array(): readonly gnrc_sixlowpan_frag_rb_t[] {
  return statics().entries;
}

/** Frees all entries and their packets, and stops the timer (for tests). */
export function gnrc_sixlowpan_frag_rb_reset(): void {
  const buffer = statics();
  ztimer_remove(ZTIMER_USEC, buffer.gc_timer);
  for (const entry of buffer.entries) {
    if (entry.pkt !== null) rbuf_discard(entry);
  }
}

/** The entry of a datagram from and to these addresses with this tag, whatever its size; or null. */
export function gnrc_sixlowpan_frag_rb_get_by_datagram(
  hdr: gnrc_netif_hdr_t, tag: number,
): gnrc_sixlowpan_frag_rb_t | null {
  for (const entry of statics().entries) {
    if (entry.pkt !== null && entry.super.tag === tag && isBetween(entry.super, hdr)) return entry;
  }
  return null;
}

/** Whether there is an entry of a datagram from and to these addresses with this tag. */
export function gnrc_sixlowpan_frag_rb_exists(hdr: gnrc_netif_hdr_t, tag: number): boolean {
  return gnrc_sixlowpan_frag_rb_get_by_datagram(hdr, tag) !== null;
}

/** Frees the entry of a datagram, if there is one, and its packet. */
export function gnrc_sixlowpan_frag_rb_rm_by_datagram(hdr: gnrc_netif_hdr_t, tag: number): void {
  const entry = gnrc_sixlowpan_frag_rb_get_by_datagram(hdr, tag);
  if (entry !== null) rbuf_discard(entry);
}

/** Discards every datagram whose last fragment is too old. */
export function gnrc_sixlowpan_frag_rb_gc(): void {
  const now = ztimer_now(ZTIMER_USEC);
  const timeout = net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US;
  for (const entry of statics().entries) {
    // RIOT asks for more than the time-out: on a board some time goes by between timer and thread, not so here.
    if (entry.pkt === null || ((now - entry.super.arrival) >>> 0) < timeout) continue;
    if (isHandedUp(entry)) {
      rbuf_remove(entry);
      continue;
    }
    drop('6lo', 'CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US', entry.super.current_size);
    rbuf_discard(entry);
  }
  if (sixlowpan_modules().vrb) gnrc_sixlowpan_frag_vrb_gc();
}

/** With CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DEL_TIMER an entry outlives its packet for a while, with size 0. */
function isHandedUp(entry: gnrc_sixlowpan_frag_rb_t): boolean {
  return entry.super.current_size === 0 && net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DEL_TIMER > 0;
}

/** Frees an entry and the packet in it. */
export function rbuf_discard(entry: gnrc_sixlowpan_frag_rb_t): void {
  gnrc_pktbuf_release(entry.pkt);
  rbuf_remove(entry);
}

/** Frees an entry, whose packet lives on. */
export function rbuf_remove(entry: gnrc_sixlowpan_frag_rb_t): void {
  gnrc_sixlowpan_frag_rb_remove(entry);
  if (tracing()) statics().gauge();
}

/** Results of rbuf_get() that are no index, and why there is none. */
const ENTRY_NO_ROOM = -1;
const ENTRY_HANDED_UP = -2;
const ENTRY_ALL_TAKEN = -3;
export const NO_ENTRY: readonly string[] = ['pktbuf-full', 'datagram-complete', 'CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE'];

/** Whether a datagram has the addresses of a netif header. */
function isBetween(base: gnrc_sixlowpan_frag_rb_base_t, { bytes }: gnrc_netif_hdr_t): boolean {
  const { src_len, dst_len } = base;
  if (src_len !== bytes[0] || dst_len !== bytes[1]) return false;
  let at = GNRC_NETIF_HDR_SIZE;
  for (let i = 0; i < src_len; i++) if (base.src[i] !== bytes[at++]) return false;
  for (let i = 0; i < dst_len; i++) if (base.dst[i] !== bytes[at++]) return false;
  return true;
}

/** The index of a datagram's entry, made anew if it is the first of its fragments; below 0 without room for it. */
export function rbuf_get(hdr: gnrc_netif_hdr_t, size: number, tag: number): number {
  const buffer = statics();
  const now = ztimer_now(ZTIMER_USEC);
  let free = -1;
  let oldest = 0;
  for (let i = 0; i < buffer.entries.length; i++) {
    const entry = buffer.entries[i]!;
    const { super: base } = entry;
    if (entry.pkt !== null && base.tag === tag && base.datagram_size === size && isBetween(base, hdr)) {
      if (isHandedUp(entry)) return ENTRY_HANDED_UP;
      base.arrival = now;
      restartTimer(buffer);
      return i;
    }
    if (free < 0 && entry.pkt === null) free = i;
    // Of entries that are equally old, RIOT takes the last.
    if (((buffer.entries[oldest]!.super.arrival - base.arrival) >>> 0) < UINT32_HALF) oldest = i;
  }
  if (free < 0) {
    gnrc_sixlowpan_frag_stats_get().rbuf_full++;
    if (!override(buffer.entries[oldest]!, now)) return ENTRY_ALL_TAKEN;
    free = oldest;
  }
  return create(buffer, free, hdr, size, tag, now);
}

/** Frees the oldest entry for another datagram; false when it may stay until its time is out. */
function override(oldest: gnrc_sixlowpan_frag_rb_t, now: number): boolean {
  const { CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DO_NOT_OVERRIDE: keep, CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US: timeout } =
    net_config();
  if (keep === 1 && ((now - oldest.super.arrival) >>> 0) <= timeout) return false;
  drop('6lo', 'CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE', oldest.super.current_size);
  if (isHandedUp(oldest)) {
    undefined_on_riot('6lo: a packet that was handed up is freed once more');
    rbuf_remove(oldest);
  } else {
    rbuf_discard(oldest);
  }
  return true;
}

function create(
  buffer: ReassemblyBuffer, index: number, hdr: gnrc_netif_hdr_t, size: number, tag: number, now: number,
): number {
  const entry = buffer.entries[index]!;
  const { vrb, iphc } = sixlowpan_modules();
  const room = vrb ? (iphc ? IPV6_HEADER_LEN : 0) : size;
  entry.pkt = gnrc_pktbuf_add(null, null, room, sixlowpan_datagram_type());
  if (entry.pkt === null) return ENTRY_NO_ROOM;
  entry.first_end = 0;
  const { super: base } = entry;
  base.src.set(gnrc_netif_hdr_get_src_addr(hdr));
  base.src_len = hdr.src_l2addr_len;
  base.dst.set(gnrc_netif_hdr_get_dst_addr(hdr));
  base.dst_len = hdr.dst_l2addr_len;
  base.datagram_size = size;
  base.tag = tag;
  base.current_size = 0;
  base.arrival = now;
  if (tracing()) buffer.gauge();
  restartTimer(buffer);
  return index;
}

function restartTimer(buffer: ReassemblyBuffer): void {
  ztimer_set_msg(ZTIMER_USEC, buffer.gc_timer, net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US,
    buffer.gc_msg, thread_getpid());
}

/** Frees an entry whose packet is gone; with a deletion timer late duplicates still find it for a while. */
export function rbuf_remove_later(entry: gnrc_sixlowpan_frag_rb_t): void {
  const { CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DEL_TIMER: keep, CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US: timeout } =
    net_config();
  if (keep === 0) return rbuf_remove(entry);
  entry.super.arrival = (ztimer_now(ZTIMER_USEC) - (timeout - keep)) >>> 0;
  entry.super.current_size = 0;
}
