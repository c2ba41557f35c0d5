// What reassembly and forwarding keep of a datagram, and the intervals that both share (RIOT
// sys/include/net/gnrc/sixlowpan/frag/rb.h).
import { current, perBoard } from '../../kernel/current.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';

/** How many fragments RIOT expects a datagram to have at most: 1280 bytes, 99 in each. */
const FRAGMENTS_PER_DATAGRAM = 13;
const L2ADDR_MAX = 8;

/** What is known of a datagram of which fragments have come. */
export class gnrc_sixlowpan_frag_rb_base_t {
  /** First and last byte of each fragment that has come: start, end, start, end ... Newest last. */
  ints: number[] = [];
  readonly src = new Uint8Array(L2ADDR_MAX);
  readonly dst = new Uint8Array(L2ADDR_MAX);
  src_len = 0;
  dst_len = 0;
  /** 16 bit. */
  tag = 0;
  datagram_size = 0;
  /** How many bytes of the uncompressed datagram have come. */
  current_size = 0;
  /** When the last fragment came, µs, 32 bit. */
  arrival = 0;
}

/** An entry of the reassembly buffer. */
export class gnrc_sixlowpan_frag_rb_t {
  readonly super = new gnrc_sixlowpan_frag_rb_base_t();
  /** Where the datagram is put together; null: the entry is free. */
  pkt: gnrc_pktsnip_t | null = null;
  /** Last byte of a compressed first fragment once it is uncompressed; 0 while there is none. Not in RIOT. */
  first_end = 0;
}

/** The intervals of all datagrams: how many there are, and how many of them are free. */
class Intervals {
  readonly size: number;
  free: number;
  peak = 0;

  constructor() {
    const { CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE: rbuf, CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_SIZE: vrb } = net_config();
    const datagrams = current().modules.has('gnrc_sixlowpan_frag_minfwd') ? rbuf + vrb : rbuf;
    this.size = datagrams * FRAGMENTS_PER_DATAGRAM;
    this.free = this.size;
  }
}

const statics = perBoard(() => new Intervals(), { bytes: 52 * 16 });

/** Whether no interval is in use (for tests). */
export function gnrc_sixlowpan_frag_rb_ints_empty(): boolean {
  const intervals = statics();
  return intervals.free === intervals.size;
}

/** Notes that bytes `start` to `end` have come; false when all intervals are in use. */
export function rbuf_ints_add(entry: gnrc_sixlowpan_frag_rb_base_t, start: number, end: number): boolean {
  const intervals = statics();
  if (intervals.free === 0) return false;
  intervals.free--;
  entry.ints.push(start, end);
  gaugeIntervals(intervals);
  return true;
}

function gaugeIntervals(intervals: Intervals): void {
  const { size: limit, free } = intervals;
  const used = limit - free;
  if (used > intervals.peak) intervals.peak = used;
  if (tracing()) trace({ layer: '6lo', type: 'gauge', name: 'RBUF_INT_SIZE', used, peak: intervals.peak, limit });
}

/** Gives the intervals of a datagram back. */
export function gnrc_sixlowpan_frag_rb_base_rm(entry: gnrc_sixlowpan_frag_rb_base_t): void {
  const intervals = statics();
  const count = entry.ints.length >> 1;
  intervals.free = Math.min(intervals.size, intervals.free + count);
  entry.ints.length = 0;
  entry.datagram_size = 0;
  if (count > 0) gaugeIntervals(intervals);
}

/** Frees an entry of the reassembly buffer; its packet lives on. */
export function gnrc_sixlowpan_frag_rb_remove(rbuf: gnrc_sixlowpan_frag_rb_t): void {
  gnrc_sixlowpan_frag_rb_base_rm(rbuf.super);
  rbuf.pkt = null;
}

/** Whether an entry of the reassembly buffer is free. */
export function gnrc_sixlowpan_frag_rb_entry_empty(rbuf: gnrc_sixlowpan_frag_rb_t): boolean {
  return rbuf.pkt === null;
}
