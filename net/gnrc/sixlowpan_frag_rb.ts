// The reassembly buffer (RIOT sys/include/net/gnrc/sixlowpan/frag/rb.h, RFC 4944 §5.3).
//
// An entry takes room for the whole datagram from the packet buffer as soon as the first of its fragments
// arrives, whichever that is. It ends 3 s after the last of its fragments. When all entries are taken the one
// whose last fragment is oldest gives way.
import { perBoard } from '../../kernel/current.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { thread_getpid } from '../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_now, ztimer_set_msg, ztimer_t } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { bytesEqual } from '../wire/bytes.ts';
import { FRAG_1_HEADER_LEN, parseFrag } from '../wire/frag.ts';
import { dispatchOf } from '../wire/sixlowpan.ts';
import { drop, drop_pkt } from './drop.ts';
import {
  gnrc_netif_hdr_build, gnrc_netif_hdr_get_dst_addr, gnrc_netif_hdr_get_src_addr, gnrc_netif_hdr_of,
} from './netif_hdr.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN } from './nettype.ts';
import { gnrc_pkt_append, gnrc_pkt_bytes, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_hold, gnrc_pktbuf_mark, gnrc_pktbuf_release } from './pktbuf.ts';
import { gnrc_sixlowpan_iphc_recv_frag1 } from './sixlowpan_iphc.ts';

/** Message of the timer to the 6lo thread: throw out what is too old. */
export const GNRC_SIXLOWPAN_FRAG_RB_GC_MSG = 0x0226;

/** How many fragments RIOT expects a datagram to have at most: 1280 bytes, 99 in each. */
const FRAGMENTS_PER_DATAGRAM = 13;
const L2ADDR_MAX = 8;
const UINT32_HALF = 0x7fff_ffff;

/** Result codes of add(). */
const ADD_ERROR = -1;
const ADD_REPEAT = -2;

export class gnrc_sixlowpan_frag_rb_t {
  /** Where the datagram is put together; null: the entry is free. */
  pkt: gnrc_pktsnip_t | null = null;
  readonly src = new Uint8Array(L2ADDR_MAX);
  readonly dst = new Uint8Array(L2ADDR_MAX);
  src_len = 0;
  dst_len = 0;
  datagram_size = 0;
  tag = 0;
  /** How many bytes of the uncompressed datagram are there. */
  current_size = 0;
  /** When the last fragment came, µs, 32 bit. */
  arrival = 0;
  /** First and last byte of each fragment that is there: start, end, start, end ... */
  readonly ints: number[] = [];
}

class ReassemblyBuffer {
  readonly entries: gnrc_sixlowpan_frag_rb_t[] = [];
  /** Fragments that all entries together may still note. */
  freeInts: number;
  readonly gc_timer = new ztimer_t();
  readonly gc_msg = new msg_t();

  constructor() {
    const size = net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE;
    for (let i = 0; i < size; i++) this.entries.push(new gnrc_sixlowpan_frag_rb_t());
    this.freeInts = size * FRAGMENTS_PER_DATAGRAM;
    this.gc_msg.type = GNRC_SIXLOWPAN_FRAG_RB_GC_MSG;
  }
}

const statics = perBoard(() => new ReassemblyBuffer(), { bytes: 4 * 56 + 52 * 16 + 48 });

/** The entries, for commands and tests. */
export function gnrc_sixlowpan_frag_rb_array(): readonly gnrc_sixlowpan_frag_rb_t[] {
  return statics().entries;
}

/**
 * Takes a fragment.
 *
 * @param pkt  the payload of a frame, with its netif header; consumed
 * @returns the IPv6 packet when this fragment was the last that was missing; else null
 */
export function gnrc_sixlowpan_frag_recv(pkt: gnrc_pktsnip_t): gnrc_pktsnip_t | null {
  const netif = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_NETIF);
  if (netif === null) {
    drop_pkt('6lo', 'no-netif-header', pkt);
    return null;
  }
  // pkt is gone when the datagram is complete, its netif header is needed then.
  gnrc_pktbuf_hold(netif, 1);
  const buffer = statics();
  let index = add(buffer, netif, pkt);
  // What was there overlapped with this fragment and is discarded: begin anew with it (RFC 4944 §5.3).
  if (index === ADD_REPEAT) index = add(buffer, netif, pkt);
  const datagram = index < 0 ? null : completed(buffer, buffer.entries[index]!, netif);
  gnrc_pktbuf_release(netif);
  return datagram;
}

/** Discards every datagram whose last fragment is too old. */
export function gnrc_sixlowpan_frag_rb_gc(): void {
  const buffer = statics();
  const now = ztimer_now(ZTIMER_USEC);
  const timeout = net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US;
  for (const entry of buffer.entries) {
    // RIOT asks for more than the time-out: on a board some time goes by between timer and thread, not so here.
    if (entry.pkt !== null && ((now - entry.arrival) >>> 0) >= timeout) {
      drop('6lo', 'CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US', entry.current_size);
      discard(buffer, entry);
    }
  }
}

/** Frees an entry and the packet in it. */
function discard(buffer: ReassemblyBuffer, entry: gnrc_sixlowpan_frag_rb_t): void {
  gnrc_pktbuf_release(entry.pkt);
  remove(buffer, entry);
}

/** Frees an entry; its packet lives on. */
function remove(buffer: ReassemblyBuffer, entry: gnrc_sixlowpan_frag_rb_t): void {
  buffer.freeInts += entry.ints.length >> 1;
  entry.ints.length = 0;
  entry.datagram_size = 0;
  entry.pkt = null;
}

/** Adds a fragment; the index of its entry, or ADD_ERROR or ADD_REPEAT. Only ADD_REPEAT leaves `pkt` alive. */
function add(buffer: ReassemblyBuffer, netif: gnrc_pktsnip_t, pkt: gnrc_pktsnip_t): number {
  const bytes = gnrc_pkt_bytes(pkt);
  const frag = parseFrag(bytes);
  if (typeof frag === 'string') return refuse(frag, pkt);
  // RIOT takes a FRAGN with offset 0 for a FRAG1 and reads past its end.
  if (!frag.first && frag.offset === 0) return refuse('fragment-offset-zero', pkt);
  const uncompressed = frag.first && dispatchOf(bytes[frag.headerLength]!) === 'ipv6';
  const start = frag.headerLength + (uncompressed ? 1 : 0);
  const length = bytes.length - start;
  if (length === 0) return refuse('empty-fragment', pkt);

  gnrc_sixlowpan_frag_rb_gc();
  const index = getEntry(buffer, netif, frag.datagramSize, frag.datagramTag);
  if (index < 0) return refuse('pktbuf-full', pkt);
  const entry = buffer.entries[index]!;
  if (frag.offset + length > entry.datagram_size) {
    discard(buffer, entry);
    return refuse('fragment-past-end', pkt);
  }
  const last = frag.offset + length - 1;
  const overlap = compare(entry.ints, frag.offset, last);
  if (overlap === 'partial') {
    drop('6lo', 'fragment-overlap', entry.current_size);
    discard(buffer, entry);
    return ADD_REPEAT;
  }
  if (overlap === 'same') {
    drop_pkt('6lo', 'fragment-duplicate', pkt);
    return index;
  }
  if (buffer.freeInts === 0) {
    discard(buffer, entry);
    return refuse('fragment-intervals-full', pkt);
  }
  buffer.freeInts--;
  entry.ints.push(frag.offset, last);
  entry.current_size += length;
  if (frag.first && !uncompressed && dispatchOf(bytes[start]!) === 'iphc') {
    return addIphc(buffer, entry, index, pkt);
  }
  gnrc_pkt_bytes(entry.pkt!).set(bytes.subarray(start), frag.offset);
  gnrc_pktbuf_release(pkt);
  return index;
}

function refuse(reason: string, pkt: gnrc_pktsnip_t): number {
  drop_pkt('6lo', reason, pkt);
  return ADD_ERROR;
}

/** The first fragment of a compressed datagram: it is decompressed when it arrives, also when that is late. */
function addIphc(
  buffer: ReassemblyBuffer, entry: gnrc_sixlowpan_frag_rb_t, index: number, pkt: gnrc_pktsnip_t,
): number {
  if (gnrc_pktbuf_mark(pkt, FRAG_1_HEADER_LEN, GNRC_NETTYPE_SIXLOWPAN) === null) {
    discard(buffer, entry);
    return refuse('pktbuf-full', pkt);
  }
  const written = gnrc_sixlowpan_iphc_recv_frag1(
    gnrc_pkt_bytes(pkt), entry.datagram_size, entry.src.subarray(0, entry.src_len),
    entry.dst.subarray(0, entry.dst_len), gnrc_pkt_bytes(entry.pkt!),
  );
  if (typeof written === 'string') {
    discard(buffer, entry);
    return refuse(written, pkt);
  }
  entry.current_size += written - pkt.size;
  gnrc_pktbuf_release(pkt);
  return index;
}

/** How a fragment relates to those that are there (RFC 4944 §5.3). */
function compare(ints: readonly number[], start: number, end: number): 'none' | 'same' | 'partial' {
  let same = false;
  for (let i = ints.length - 2; i >= 0; i -= 2) {
    const s = ints[i]!;
    const e = ints[i + 1]!;
    if (s > end || start > e) continue;
    if (s !== start || e !== end) return 'partial';
    same = true;
    break;
  }
  return same ? 'same' : 'none';
}

/** The entry of a datagram, made anew if it is the first of its fragments; -1 without room for it. */
function getEntry(buffer: ReassemblyBuffer, netif: gnrc_pktsnip_t, size: number, tag: number): number {
  const hdr = gnrc_netif_hdr_of(netif);
  const src = gnrc_netif_hdr_get_src_addr(hdr);
  const dst = gnrc_netif_hdr_get_dst_addr(hdr);
  const now = ztimer_now(ZTIMER_USEC);
  let free = -1;
  let oldest = 0;
  for (let i = 0; i < buffer.entries.length; i++) {
    const entry = buffer.entries[i]!;
    if (entry.pkt !== null && entry.tag === tag && entry.datagram_size === size &&
        bytesEqual(entry.src.subarray(0, entry.src_len), src) &&
        bytesEqual(entry.dst.subarray(0, entry.dst_len), dst)) {
      entry.arrival = now;
      restartTimer(buffer);
      return i;
    }
    if (free < 0 && entry.pkt === null) free = i;
    // Of entries that are equally old, RIOT takes the last.
    if (((buffer.entries[oldest]!.arrival - entry.arrival) >>> 0) < UINT32_HALF) oldest = i;
  }
  if (free < 0) {
    free = oldest;
    const victim = buffer.entries[oldest]!;
    drop('6lo', 'CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE', victim.current_size);
    discard(buffer, victim);
  }
  return create(buffer, free, src, dst, size, tag, now);
}

function create(
  buffer: ReassemblyBuffer, index: number, src: Uint8Array, dst: Uint8Array, size: number, tag: number, now: number,
): number {
  const entry = buffer.entries[index]!;
  entry.pkt = gnrc_pktbuf_add(null, null, size, GNRC_NETTYPE_IPV6);
  if (entry.pkt === null) return -1;
  entry.src.set(src);
  entry.src_len = src.length;
  entry.dst.set(dst);
  entry.dst_len = dst.length;
  entry.datagram_size = size;
  entry.tag = tag;
  entry.current_size = 0;
  entry.arrival = now;
  restartTimer(buffer);
  return index;
}

function restartTimer(buffer: ReassemblyBuffer): void {
  ztimer_set_msg(ZTIMER_USEC, buffer.gc_timer, net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US,
    buffer.gc_msg, thread_getpid());
}

/** The datagram, when all of it is there: with a netif header that tells what the last frame's told. */
function completed(
  buffer: ReassemblyBuffer, entry: gnrc_sixlowpan_frag_rb_t, netif: gnrc_pktsnip_t,
): gnrc_pktsnip_t | null {
  const pkt = entry.pkt;
  if (pkt === null || entry.current_size !== entry.datagram_size) return null;
  const snip = gnrc_netif_hdr_build(entry.src, entry.src_len, entry.dst, entry.dst_len);
  if (snip === null) {
    drop('6lo', 'pktbuf-full', entry.current_size);
    discard(buffer, entry);
    return null;
  }
  const from = gnrc_netif_hdr_of(netif);
  const to = gnrc_netif_hdr_of(snip);
  to.if_pid = from.if_pid;
  to.flags = from.flags;
  to.lqi = from.lqi;
  to.rssi = from.rssi;
  gnrc_pkt_append(pkt, snip);
  remove(buffer, entry);
  return pkt;
}
