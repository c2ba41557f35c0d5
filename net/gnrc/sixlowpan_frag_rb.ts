// Reassembly (RIOT sys/include/net/gnrc/sixlowpan/frag/rb.h, RFC 4944 §5.3): what becomes of each fragment, and of the
// datagram when all of them are there.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { quirk } from '../quirks.ts';
import { FRAG_1_HEADER_LEN, type FragRepr, parseFrag } from '../wire/frag.ts';
import { dispatchOf } from '../wire/sixlowpan.ts';
import { drop, drop_pkt } from './drop.ts';
import {
  gnrc_netif_hdr_build, gnrc_netif_hdr_get_dst_addr, gnrc_netif_hdr_get_src_addr, gnrc_netif_hdr_of,
  type gnrc_netif_hdr_t,
} from './netif_hdr.ts';
import { GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN } from './nettype.ts';
import { gnrc_pkt_append, gnrc_pkt_bytes, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_hold, gnrc_pktbuf_mark, gnrc_pktbuf_realloc_data, gnrc_pktbuf_release } from './pktbuf.ts';
import { frag_forward_nth, frag_forward_uncomp, frag_recv_iphc_vrb } from './sixlowpan_frag_fwd.ts';
import {
  gnrc_sixlowpan_frag_rb_array, gnrc_sixlowpan_frag_rb_gc, NO_ENTRY, rbuf_discard, rbuf_get, rbuf_remove_later,
} from './sixlowpan_frag_rb_entries.ts';
import {
  gnrc_sixlowpan_frag_rb_entry_empty, type gnrc_sixlowpan_frag_rb_t, rbuf_ints_add,
} from './sixlowpan_frag_rb_t.ts';
import { gnrc_sixlowpan_frag_stats_get } from './sixlowpan_frag_stats.ts';
import {
  gnrc_sixlowpan_frag_vrb_get, gnrc_sixlowpan_frag_vrb_rm, type gnrc_sixlowpan_frag_vrb_t,
} from './sixlowpan_frag_vrb.ts';
import { gnrc_sixlowpan_dispatch_recv, sixlowpan_modules } from './sixlowpan_internal.ts';
import { iphc_decode_frag1, iphc_write_frag1 } from './sixlowpan_iphc.ts';

/** Results of add() that are no index of an entry. */
const ADD_ERROR = -1;
const ADD_REPEAT = -2;
/** The first fragment of a datagram that may pass through: the caller finds out. */
const ADD_FIRST_IPHC = -3;
const ADD_FIRST_UNCOMP = -4;
/** A further fragment of a datagram that passes through. */
const ADD_FORWARD = -5;

/** With ADD_FIRST_*: the index of the datagram's entry; with ADD_FORWARD: where the fragment goes. */
class Pending {
  index = 0;
  vrbe: gnrc_sixlowpan_frag_vrb_t | null = null;
}

const statics = perBoard(() => new Pending(), { bytes: 0 });

export {
  GNRC_SIXLOWPAN_FRAG_RB_GC_MSG, gnrc_sixlowpan_frag_rb_array, gnrc_sixlowpan_frag_rb_exists,
  gnrc_sixlowpan_frag_rb_gc, gnrc_sixlowpan_frag_rb_get_by_datagram, gnrc_sixlowpan_frag_rb_reset,
  gnrc_sixlowpan_frag_rb_rm_by_datagram,
} from './sixlowpan_frag_rb_entries.ts';
export {
  gnrc_sixlowpan_frag_rb_base_rm, gnrc_sixlowpan_frag_rb_base_t, gnrc_sixlowpan_frag_rb_entry_empty,
  gnrc_sixlowpan_frag_rb_ints_empty, gnrc_sixlowpan_frag_rb_remove, gnrc_sixlowpan_frag_rb_t,
} from './sixlowpan_frag_rb_t.ts';

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
  const code = add(hdr, pkt);
  const entry = code >= 0 ? gnrc_sixlowpan_frag_rb_array()[code]! : yield* finishAdd(code, hdr, pkt);
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
  const code = add(hdr, pkt);
  return code >= 0 ? gnrc_sixlowpan_frag_rb_array()[code]! : yield* finishAdd(code, hdr, pkt);
}

/** What add() left to be done. */
function* finishAdd(
  first: number, hdr: gnrc_netif_hdr_t, pkt: gnrc_pktsnip_t,
): Blocking<gnrc_sixlowpan_frag_rb_t | null> {
  // What was there overlapped with this fragment and is discarded: begin anew with it (RFC 4944 §5.3).
  const code = first === ADD_REPEAT ? add(hdr, pkt) : first;
  const entries = gnrc_sixlowpan_frag_rb_array();
  if (code >= 0) return entries[code]!;
  const pending = statics();
  const { index, vrbe } = pending;
  pending.vrbe = null;
  switch (code) {
    case ADD_FIRST_IPHC:
      yield* frag_recv_iphc_vrb(pkt, entries[index]!);
      return gnrc_sixlowpan_frag_rb_entry_empty(entries[index]!) ? null : entries[index]!;
    case ADD_FIRST_UNCOMP:
      if (yield* frag_forward_uncomp(pkt, hdr, entries, index)) return null;
      return copyToReassemble(entries[index]!, pkt, FRAG_1_HEADER_LEN + 1, 0);
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
    rbuf_discard(entry);
    refuse('pktbuf-full', pkt);
    return null;
  }
  whole.data!.set(gnrc_pkt_bytes(pkt).subarray(start), offset);
  gnrc_pktbuf_release(pkt);
  return entry;
}

/**
 * Adds a fragment; the index of its entry, or one of ADD_*. ADD_ERROR consumes `pkt`, so does success; the others leave
 * it to the caller.
 */
function add(hdr: gnrc_netif_hdr_t, pkt: gnrc_pktsnip_t): number {
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
    const code = addForwarded(hdr, pkt, frag, length);
    if (code !== 0) return code;
  }
  const index = rbuf_get(hdr, frag.datagramSize, frag.datagramTag);
  if (index < 0) return refuse(NO_ENTRY[-1 - index]!, pkt);
  const entry = gnrc_sixlowpan_frag_rb_array()[index]!;
  const { super: base } = entry;
  if (frag.offset + length > base.datagram_size) {
    rbuf_discard(entry);
    return refuse('fragment-past-end', pkt);
  }
  if (isIphc && !sixlowpan_modules().vrb) return addIphc(entry, index, hdr, pkt);

  if (length === 1 && frag.first && !isIphc && quirk('frag1-one-byte-hangs')) {
    undefined_on_riot('6lo: with a first fragment of one byte the next ones make the thread run for ever');
    rbuf_discard(entry);
    return refuse('fragment-one-byte', pkt);
  }
  const code = note(entry, frag.offset, length, pkt);
  if (code === NOTE_DUPLICATE) return index;
  if (code !== NOTE_ADDED) return code;
  if (isIphc) return markFirst(entry, index, pkt);
  if (uncompressed && sixlowpan_modules().minfwd && base.current_size === length) {
    statics().index = index;
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
    rbuf_discard(entry);
    return ADD_REPEAT;
  }
  if (overlap === 'same') {
    drop_pkt('6lo', 'fragment-duplicate', pkt);
    return NOTE_DUPLICATE;
  }
  if (!rbuf_ints_add(base, offset, end)) {
    rbuf_discard(entry);
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
    rbuf_discard(entry);
    return refuse(lengths, pkt);
  }
  const { headerLength, uncompressedLength } = lengths;
  entry.first_end = uncompressedLength + sixlo.length - headerLength - 1;
  if (startsWithin(base.ints, entry.first_end) && !quirk('frag1-compressed-interval')) {
    drop('6lo', 'fragment-overlap', base.current_size);
    rbuf_discard(entry);
    return ADD_REPEAT;
  }
  const marked = gnrc_pktbuf_mark(pkt, FRAG_1_HEADER_LEN, GNRC_NETTYPE_SIXLOWPAN) !== null;
  if (!marked || !makeRoom(entry, entry.first_end + 1)) {
    rbuf_discard(entry);
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
function markFirst(entry: gnrc_sixlowpan_frag_rb_t, index: number, pkt: gnrc_pktsnip_t): number {
  if (gnrc_pktbuf_mark(pkt, FRAG_1_HEADER_LEN, GNRC_NETTYPE_SIXLOWPAN) === null) {
    rbuf_discard(entry);
    return refuse('pktbuf-full', pkt);
  }
  statics().index = index;
  return ADD_FIRST_IPHC;
}

/** A further fragment, if its datagram passes through: one of ADD_*; 0 when it does not. */
function addForwarded(
  hdr: gnrc_netif_hdr_t, pkt: gnrc_pktsnip_t, frag: FragRepr, length: number,
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
  statics().vrbe = vrbe;
  return ADD_FORWARD;
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
    rbuf_remove_later(entry);
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
  rbuf_remove_later(entry);
  return 1;
}
