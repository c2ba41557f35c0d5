// The reassembly buffer (RIOT sys/include/net/gnrc/sixlowpan/frag/rb.h, RFC 4944 §5.3).
//
// An entry takes room for the whole datagram from the packet buffer as soon as the first of its fragments
// arrives, whichever that is. It ends 3 s after the last of its fragments. When all entries are taken the one
// whose last fragment is oldest gives way.
//
// With a virtual reassembly buffer (modules gnrc_sixlowpan_frag_vrb, _minfwd) it takes room for an IPv6 header at
// first: the datagram may be one that passes through.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { thread_getpid } from '../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_now, ztimer_remove, ztimer_set_msg, ztimer_t } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import { quirk } from '../quirks.ts';
import { FRAG_1_HEADER_LEN, type FragRepr, parseFrag } from '../wire/frag.ts';
import { IPV6_HEADER_LEN } from '../wire/ipv6.ts';
import { dispatchOf } from '../wire/sixlowpan.ts';
import { drop, drop_pkt } from './drop.ts';
import {
  gnrc_netif_hdr_build, gnrc_netif_hdr_get_dst_addr, gnrc_netif_hdr_get_src_addr, gnrc_netif_hdr_of,
  type gnrc_netif_hdr_t,
} from './netif_hdr.ts';
import { GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN } from './nettype.ts';
import { gnrc_pkt_append, gnrc_pkt_bytes, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import {
  gnrc_pktbuf_add, gnrc_pktbuf_hold, gnrc_pktbuf_mark, gnrc_pktbuf_realloc_data, gnrc_pktbuf_release,
} from './pktbuf.ts';
import { frag_forward_nth, frag_forward_uncomp, frag_recv_iphc_vrb } from './sixlowpan_frag_fwd.ts';
import {
  gnrc_sixlowpan_frag_rb_entry_empty, gnrc_sixlowpan_frag_rb_remove, gnrc_sixlowpan_frag_rb_t, rbuf_ints_add,
  type gnrc_sixlowpan_frag_rb_base_t,
} from './sixlowpan_frag_rb_t.ts';
import { gnrc_sixlowpan_frag_stats_get } from './sixlowpan_frag_stats.ts';
import {
  gnrc_sixlowpan_frag_vrb_gc, gnrc_sixlowpan_frag_vrb_get, gnrc_sixlowpan_frag_vrb_rm, type gnrc_sixlowpan_frag_vrb_t,
} from './sixlowpan_frag_vrb.ts';
import { gnrc_sixlowpan_dispatch_recv, sixlowpan_datagram_type, sixlowpan_modules } from './sixlowpan_internal.ts';
import { iphc_decode_frag1, iphc_write_frag1 } from './sixlowpan_iphc.ts';

export {
  gnrc_sixlowpan_frag_rb_base_rm, gnrc_sixlowpan_frag_rb_base_t, gnrc_sixlowpan_frag_rb_entry_empty,
  gnrc_sixlowpan_frag_rb_ints_empty, gnrc_sixlowpan_frag_rb_remove, gnrc_sixlowpan_frag_rb_t,
} from './sixlowpan_frag_rb_t.ts';

/** Message of the timer to the 6lo thread: throw out what is too old. */
export const GNRC_SIXLOWPAN_FRAG_RB_GC_MSG = 0x0226;

const UINT32_HALF = 0x7fff_ffff;

/** Results of add() that are no index of an entry. */
const ADD_ERROR = -1;
const ADD_REPEAT = -2;
/** The first fragment of a datagram that may pass through: the caller finds out. */
const ADD_FIRST_IPHC = -3;
const ADD_FIRST_UNCOMP = -4;
/** A further fragment of a datagram that passes through. */
const ADD_FORWARD = -5;

class ReassemblyBuffer {
  readonly entries: gnrc_sixlowpan_frag_rb_t[] = [];
  peak = 0;
  readonly gc_timer = new ztimer_t();
  readonly gc_msg = new msg_t();
  /** With ADD_FIRST_*: the index of the entry; with ADD_FORWARD: where the fragment goes. */
  index = 0;
  vrbe: gnrc_sixlowpan_frag_vrb_t | null = null;

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
    if (entry.pkt !== null) discard(entry);
  }
}

/**
 * Takes a fragment, and hands the datagram up when it was the last that was missing.
 * @param pkt  the payload of a frame, with its netif header; consumed
 */
export function* gnrc_sixlowpan_frag_recv(pkt: gnrc_pktsnip_t): Blocking<void> {
  const netif = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_NETIF);
  if (netif === null) return drop_pkt('6lo', 'no-netif-header', pkt);
  // pkt is gone when the datagram is complete, its netif header is needed then.
  gnrc_pktbuf_hold(netif, 1);
  const hdr = gnrc_netif_hdr_of(netif);
  const code = add(statics(), hdr, pkt);
  const entry = code >= 0 ? statics().entries[code]! : yield* finishAdd(code, hdr, pkt);
  if (entry !== null && isComplete(entry)) yield* gnrc_sixlowpan_frag_rb_dispatch_when_complete(entry, hdr);
  gnrc_pktbuf_release(netif);
}

/**
 * Adds a fragment.
 *
 * @param hdr  the netif header of its frame
 * @param pkt  the payload of the frame: fragment header and what follows; consumed
 * @returns the entry of its datagram; null when the fragment was dropped, or went on to another node
 */
export function* gnrc_sixlowpan_frag_rb_add(
  hdr: gnrc_netif_hdr_t, pkt: gnrc_pktsnip_t,
): Blocking<gnrc_sixlowpan_frag_rb_t | null> {
  const buffer = statics();
  const code = add(buffer, hdr, pkt);
  return code >= 0 ? buffer.entries[code]! : yield* finishAdd(code, hdr, pkt);
}

/** What add() left to be done. */
function* finishAdd(
  first: number, hdr: gnrc_netif_hdr_t, pkt: gnrc_pktsnip_t,
): Blocking<gnrc_sixlowpan_frag_rb_t | null> {
  const buffer = statics();
  // What was there overlapped with this fragment and is discarded: begin anew with it (RFC 4944 §5.3).
  const code = first === ADD_REPEAT ? add(buffer, hdr, pkt) : first;
  if (code >= 0) return buffer.entries[code]!;
  const { index, vrbe } = buffer;
  buffer.vrbe = null;
  switch (code) {
    case ADD_FIRST_IPHC:
      yield* frag_recv_iphc_vrb(pkt, buffer.entries[index]!);
      return gnrc_sixlowpan_frag_rb_entry_empty(buffer.entries[index]!) ? null : buffer.entries[index]!;
    case ADD_FIRST_UNCOMP:
      if (yield* frag_forward_uncomp(pkt, hdr, buffer.entries, index)) return null;
      return copyToReassemble(buffer.entries[index]!, pkt, FRAG_1_HEADER_LEN + 1, 0);
    case ADD_FORWARD:
      if (vrbe !== null) yield* frag_forward_nth(pkt, vrbe);
      return null;
    default:
      return null;
  }
}

/** The datagram is not to be forwarded: from now on it takes all its room. */
function copyToReassemble(
  entry: gnrc_sixlowpan_frag_rb_t, pkt: gnrc_pktsnip_t, start: number, offset: number,
): gnrc_sixlowpan_frag_rb_t | null {
  const whole = entry.pkt!;
  if (gnrc_pktbuf_realloc_data(whole, entry.super.datagram_size) !== 0) {
    discard(entry);
    refuse('pktbuf-full', pkt);
    return null;
  }
  whole.data!.set(gnrc_pkt_bytes(pkt).subarray(start), offset);
  gnrc_pktbuf_release(pkt);
  return entry;
}

/** The entry of a datagram from and to these addresses with this tag, whatever its size; or null. */
export function gnrc_sixlowpan_frag_rb_get_by_datagram(
  hdr: gnrc_netif_hdr_t, tag: number,
): gnrc_sixlowpan_frag_rb_t | null {
  const src = gnrc_netif_hdr_get_src_addr(hdr);
  const dst = gnrc_netif_hdr_get_dst_addr(hdr);
  for (const entry of statics().entries) {
    if (entry.pkt !== null && entry.super.tag === tag && isBetween(entry.super, src, dst)) return entry;
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
  if (entry !== null) discard(entry);
}

/** Discards every datagram whose last fragment is too old. */
export function gnrc_sixlowpan_frag_rb_gc(): void {
  const now = ztimer_now(ZTIMER_USEC);
  const timeout = net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US;
  for (const entry of statics().entries) {
    // RIOT asks for more than the time-out: on a board some time goes by between timer and thread, not so here.
    if (entry.pkt === null || ((now - entry.super.arrival) >>> 0) < timeout) continue;
    if (isHandedUp(entry)) {
      remove(entry);
      continue;
    }
    drop('6lo', 'CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US', entry.super.current_size);
    discard(entry);
  }
  if (sixlowpan_modules().vrb) gnrc_sixlowpan_frag_vrb_gc();
}

/** With CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DEL_TIMER an entry outlives its packet for a while, with size 0. */
function isHandedUp(entry: gnrc_sixlowpan_frag_rb_t): boolean {
  return entry.super.current_size === 0 && net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DEL_TIMER > 0;
}

/** Frees an entry and the packet in it. */
function discard(entry: gnrc_sixlowpan_frag_rb_t): void {
  gnrc_pktbuf_release(entry.pkt);
  remove(entry);
}

function remove(entry: gnrc_sixlowpan_frag_rb_t): void {
  gnrc_sixlowpan_frag_rb_remove(entry);
  if (tracing()) statics().gauge();
}

/**
 * Adds a fragment; the index of its entry, or one of ADD_*. ADD_ERROR consumes `pkt`, so does success; the others leave
 * it to the caller.
 */
function add(buffer: ReassemblyBuffer, hdr: gnrc_netif_hdr_t, pkt: gnrc_pktsnip_t): number {
  const bytes = gnrc_pkt_bytes(pkt);
  const frag = parseFrag(bytes);
  if (typeof frag === 'string') return refuse(frag, pkt);
  if (!frag.first && frag.offset === 0) return refuseOffsetZero(pkt);
  const uncompressed = frag.first && dispatchOf(bytes[frag.headerLength]!) === 'ipv6';
  const start = frag.headerLength + (uncompressed ? 1 : 0);
  const length = bytes.length - start;
  if (length === 0) return refuse('empty-fragment', pkt);
  const isIphc = frag.first && !uncompressed && isIphcFragment(bytes[start]!);
  // RIOT takes what no dispatch announces for an IPv6 packet.
  if (frag.first && !uncompressed && !isIphc && !quirk('frag1-any-dispatch')) return refuse('unknown-dispatch', pkt);

  gnrc_sixlowpan_frag_rb_gc();
  if (!frag.first && sixlowpan_modules().minfwd) {
    const code = addForwarded(buffer, hdr, pkt, frag, length);
    if (code !== 0) return code;
  }
  const index = getEntry(buffer, hdr, frag.datagramSize, frag.datagramTag);
  if (index < 0) return refuse(NO_ENTRY[-1 - index]!, pkt);
  const entry = buffer.entries[index]!;
  const { super: base } = entry;
  if (frag.offset + length > base.datagram_size) {
    discard(entry);
    return refuse('fragment-past-end', pkt);
  }
  if (isIphc && !sixlowpan_modules().vrb) return addIphc(entry, index, hdr, pkt);

  if (length === 1 && frag.first && !isIphc && quirk('frag1-one-byte-hangs')) {
    undefined_on_riot('6lo: with a first fragment of one byte the next ones make the thread run for ever');
    discard(entry);
    return refuse('fragment-one-byte', pkt);
  }
  const code = note(entry, frag.offset, length, pkt);
  if (code === NOTE_DUPLICATE) return index;
  if (code !== NOTE_ADDED) return code;
  if (isIphc) return markFirst(buffer, entry, index, pkt);
  if (uncompressed && sixlowpan_modules().minfwd && base.current_size === length) {
    buffer.index = index;
    return ADD_FIRST_UNCOMP;
  }
  if (sixlowpan_modules().vrb) return copyToReassemble(entry, pkt, start, frag.offset) === null ? ADD_ERROR : index;
  gnrc_pkt_bytes(entry.pkt!).set(bytes.subarray(start), frag.offset);
  gnrc_pktbuf_release(pkt);
  return index;
}

function isIphcFragment(dispatch: number): boolean {
  return dispatchOf(dispatch) === 'iphc' && sixlowpan_modules().iphc;
}

function refuse(reason: string, pkt: gnrc_pktsnip_t): number {
  drop_pkt('6lo', reason, pkt);
  return ADD_ERROR;
}

/** RIOT takes a FRAGN with offset 0 for a FRAG1: it reads its offset as a header, or one byte past its end. */
function refuseOffsetZero(pkt: gnrc_pktsnip_t): number {
  if (quirk('fragn-offset-zero')) undefined_on_riot('6lo: a further fragment with offset 0 is read past its end');
  return refuse('fragment-offset-zero', pkt);
}

/** Results of note() beside ADD_REPEAT and ADD_ERROR. */
const NOTE_ADDED = 1;
const NOTE_DUPLICATE = 2;

/** Notes bytes that have come, unless they have before. NOTE_DUPLICATE and ADD_ERROR consume `pkt`. */
function note(entry: gnrc_sixlowpan_frag_rb_t, offset: number, length: number, pkt: gnrc_pktsnip_t): number {
  const { super: base } = entry;
  const end = offset + length - 1;
  const overlap = compare(base.ints, offset, end);
  if (overlap === 'partial' || (overlap === 'none' && overlapsFirst(entry, offset))) {
    drop('6lo', 'fragment-overlap', base.current_size);
    discard(entry);
    return ADD_REPEAT;
  }
  if (overlap === 'same') {
    drop_pkt('6lo', 'fragment-duplicate', pkt);
    return NOTE_DUPLICATE;
  }
  if (!rbuf_ints_add(base, offset, end)) {
    discard(entry);
    return refuse('fragment-intervals-full', pkt);
  }
  base.current_size += length;
  return NOTE_ADDED;
}

/** RIOT notes a compressed first fragment with its compressed length: what overlaps with the rest of it goes unseen. */
function overlapsFirst(entry: gnrc_sixlowpan_frag_rb_t, offset: number): boolean {
  return offset > 0 && offset <= entry.first_end && !quirk('frag1-compressed-interval');
}

/** How a fragment relates to those that are there (RFC 4944 §5.3). */
function compare(ints: readonly number[], start: number, end: number): 'none' | 'same' | 'partial' {
  for (let i = ints.length - 2; i >= 0; i -= 2) {
    const s = ints[i]!;
    const e = ints[i + 1]!;
    if (s > end || start > e) continue;
    return s === start && e === end ? 'same' : 'partial';
  }
  return 'none';
}

/** The first fragment of a compressed datagram: it is decompressed when it arrives, also when that is late. */
function addIphc(
  entry: gnrc_sixlowpan_frag_rb_t, index: number, hdr: gnrc_netif_hdr_t, pkt: gnrc_pktsnip_t,
): number {
  const { super: base } = entry;
  const sixlo = gnrc_pkt_bytes(pkt).subarray(FRAG_1_HEADER_LEN);
  const code = note(entry, 0, sixlo.length, pkt);
  if (code !== NOTE_ADDED) return code === NOTE_DUPLICATE ? index : code;
  const lengths = iphc_decode_frag1(
    sixlo, base.datagram_size, gnrc_netif_hdr_get_src_addr(hdr), gnrc_netif_hdr_get_dst_addr(hdr),
  );
  if (typeof lengths === 'string') {
    discard(entry);
    return refuse(lengths, pkt);
  }
  const { headerLength, uncompressedLength } = lengths;
  entry.first_end = uncompressedLength + sixlo.length - headerLength - 1;
  if (startsWithin(base.ints, entry.first_end) && !quirk('frag1-compressed-interval')) {
    drop('6lo', 'fragment-overlap', base.current_size);
    discard(entry);
    return ADD_REPEAT;
  }
  const marked = gnrc_pktbuf_mark(pkt, FRAG_1_HEADER_LEN, GNRC_NETTYPE_SIXLOWPAN) !== null;
  if (!marked || !makeRoom(entry, entry.first_end + 1)) {
    discard(entry);
    return refuse('pktbuf-full', pkt);
  }
  iphc_write_frag1(gnrc_pkt_bytes(pkt), lengths, gnrc_pkt_bytes(entry.pkt!));
  base.current_size += uncompressedLength - headerLength;
  gnrc_pktbuf_release(pkt);
  return index;
}

/** Whether a further fragment begins at or before `end`. */
function startsWithin(ints: readonly number[], end: number): boolean {
  for (let i = 0; i < ints.length; i += 2) if (ints[i]! > 0 && ints[i]! <= end) return true;
  return false;
}

/** Headers that are longer than the datagram they announce: RIOT keeps them until their time is out. */
function makeRoom(entry: gnrc_sixlowpan_frag_rb_t, length: number): boolean {
  const pkt = entry.pkt!;
  return length <= pkt.size || gnrc_pktbuf_realloc_data(pkt, length) === 0;
}

/** Parts the fragment header from the compressed headers, for frag_recv_iphc_vrb(). */
function markFirst(
  buffer: ReassemblyBuffer, entry: gnrc_sixlowpan_frag_rb_t, index: number, pkt: gnrc_pktsnip_t,
): number {
  if (gnrc_pktbuf_mark(pkt, FRAG_1_HEADER_LEN, GNRC_NETTYPE_SIXLOWPAN) === null) {
    discard(entry);
    return refuse('pktbuf-full', pkt);
  }
  buffer.index = index;
  return ADD_FIRST_IPHC;
}

/** A further fragment, if its datagram passes through: one of ADD_*; 0 when it does not. */
function addForwarded(
  buffer: ReassemblyBuffer, hdr: gnrc_netif_hdr_t, pkt: gnrc_pktsnip_t, frag: FragRepr, length: number,
): number {
  const src = gnrc_netif_hdr_get_src_addr(hdr);
  if (src.length === 0) {
    if (quirk('vrb-no-source')) undefined_on_riot('6lo: a fragment without source address fails an assertion');
    return refuse('no-source-address', pkt);
  }
  const vrbe = gnrc_sixlowpan_frag_vrb_get(src, src.length, frag.datagramTag);
  if (vrbe === null) return 0;
  const { super: base } = vrbe;
  const end = frag.offset + length - 1;
  const overlap = compare(base.ints, frag.offset, end);
  if (overlap === 'partial') {
    gnrc_sixlowpan_frag_vrb_rm(vrbe);
    return refuse('fragment-overlap', pkt);
  }
  if (overlap === 'same') return refuse('fragment-duplicate', pkt);
  if (!rbuf_ints_add(base, frag.offset, end)) {
    // RIOT never gives the packet back.
    if (!quirk('vrb-leak')) return refuse('fragment-intervals-full', pkt);
    drop('6lo', 'fragment-intervals-full', length);
    return ADD_ERROR;
  }
  base.current_size += length;
  buffer.vrbe = vrbe;
  return ADD_FORWARD;
}

/** Results of getEntry() that are no index, and why there is none. */
const ENTRY_NO_ROOM = -1;
const ENTRY_HANDED_UP = -2;
const ENTRY_ALL_TAKEN = -3;
const NO_ENTRY: readonly string[] = ['pktbuf-full', 'datagram-complete', 'CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE'];

function isBetween(base: gnrc_sixlowpan_frag_rb_base_t, src: Uint8Array, dst: Uint8Array): boolean {
  if (base.src_len !== src.length || base.dst_len !== dst.length) return false;
  for (let i = 0; i < src.length; i++) if (base.src[i] !== src[i]) return false;
  for (let i = 0; i < dst.length; i++) if (base.dst[i] !== dst[i]) return false;
  return true;
}

/** The index of a datagram's entry, made anew if it is the first of its fragments; below 0 without room for it. */
function getEntry(buffer: ReassemblyBuffer, hdr: gnrc_netif_hdr_t, size: number, tag: number): number {
  const src = gnrc_netif_hdr_get_src_addr(hdr);
  const dst = gnrc_netif_hdr_get_dst_addr(hdr);
  const now = ztimer_now(ZTIMER_USEC);
  let free = -1;
  let oldest = 0;
  for (let i = 0; i < buffer.entries.length; i++) {
    const entry = buffer.entries[i]!;
    const { super: base } = entry;
    if (entry.pkt !== null && base.tag === tag && base.datagram_size === size && isBetween(base, src, dst)) {
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
  return create(buffer, free, src, dst, size, tag, now);
}

/** Frees the oldest entry for another datagram; false when it may stay until its time is out. */
function override(oldest: gnrc_sixlowpan_frag_rb_t, now: number): boolean {
  const { CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DO_NOT_OVERRIDE: keep, CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US: timeout } =
    net_config();
  if (keep === 1 && ((now - oldest.super.arrival) >>> 0) <= timeout) return false;
  drop('6lo', 'CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE', oldest.super.current_size);
  if (isHandedUp(oldest)) {
    undefined_on_riot('6lo: a packet that was handed up is freed once more');
    remove(oldest);
  } else {
    discard(oldest);
  }
  return true;
}

function create(
  buffer: ReassemblyBuffer, index: number, src: Uint8Array, dst: Uint8Array, size: number, tag: number, now: number,
): number {
  const entry = buffer.entries[index]!;
  const { vrb, iphc } = sixlowpan_modules();
  const room = vrb ? (iphc ? IPV6_HEADER_LEN : 0) : size;
  entry.pkt = gnrc_pktbuf_add(null, null, room, sixlowpan_datagram_type());
  if (entry.pkt === null) return ENTRY_NO_ROOM;
  entry.first_end = 0;
  const { super: base } = entry;
  base.src.set(src);
  base.src_len = src.length;
  base.dst.set(dst);
  base.dst_len = dst.length;
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

function isComplete({ super: base }: gnrc_sixlowpan_frag_rb_t): boolean {
  return base.current_size === base.datagram_size;
}

/**
 * Hands a datagram up when all of it is there, with a netif header that tells what `hdr`, the last frame's, tells.
 * @returns 1; 0 when something is missing; -1 when the packet buffer is full, and the datagram gone
 */
export function* gnrc_sixlowpan_frag_rb_dispatch_when_complete(
  entry: gnrc_sixlowpan_frag_rb_t, hdr: gnrc_netif_hdr_t,
): Blocking<number> {
  const { pkt, super: base } = entry;
  if (pkt === null || !isComplete(entry)) return 0;
  const snip = gnrc_netif_hdr_build(base.src, base.src_len, base.dst, base.dst_len);
  if (snip === null) {
    drop('6lo', 'pktbuf-full', base.current_size);
    gnrc_pktbuf_release(pkt);
    removeLater(entry);
    return -1;
  }
  const to = gnrc_netif_hdr_of(snip);
  to.if_pid = hdr.if_pid;
  to.flags = hdr.flags;
  to.lqi = hdr.lqi;
  to.rssi = hdr.rssi;
  gnrc_pkt_append(pkt, snip);
  const stats = gnrc_sixlowpan_frag_stats_get();
  stats.fragments += base.ints.length >> 1;
  stats.datagrams++;
  yield* gnrc_sixlowpan_dispatch_recv(pkt);
  removeLater(entry);
  return 1;
}

/** Frees an entry whose packet is gone; with a deletion timer late duplicates still find it for a while. */
function removeLater(entry: gnrc_sixlowpan_frag_rb_t): void {
  const { CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DEL_TIMER: keep, CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US: timeout } =
    net_config();
  if (keep === 0) return remove(entry);
  entry.super.arrival = (ztimer_now(ZTIMER_USEC) - (timeout - keep)) >>> 0;
  entry.super.current_size = 0;
}
