// Reassembling fragmented IPv6 packets (RIOT sys/include/net/gnrc/ipv6/ext/frag.h, module gnrc_ipv6_ext_frag; RFC 8200
// §4.5). What is there of a datagram is one snip of the packet buffer, the headers of its first fragment behind it.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { thread_getpid } from '../../kernel/thread.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { xtimer_is_set, xtimer_now_usec, xtimer_set_msg } from '../../kernel/xtimer.ts';
import { ztimer_t } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import { quirk } from '../quirks.ts';
import { ipv6_addr_equal } from '../wire/addr.ts';
import { get16, put16 } from '../wire/bytes.ts';
import {
  ICMPV6_ERROR_PARAM_PROB_HDR_CHAIN, ICMPV6_ERROR_PARAM_PROB_HDR_FIELD, ICMPV6_ERROR_TIME_EXC_FRAG,
} from '../wire/icmpv6.ts';
import {
  IPV6_EXT_LEN_UNIT, IPV6_FRAG_HEADER_LEN, IPV6_MIN_MTU, IPV6_OFFSET_DST, IPV6_OFFSET_NEXT_HEADER,
  IPV6_OFFSET_PAYLOAD_LENGTH, IPV6_OFFSET_SRC, type Ipv6FragRepr, parseIpv6Frag,
} from '../wire/ipv6.ts';
import { upperLayerFrom, upperLayerHeaderLen } from '../wire/ipv6_ext.ts';
import { drop, drop_pkt } from './drop.ts';
import { gnrc_icmpv6_error_param_prob_send, gnrc_icmpv6_error_time_exc_send } from './icmpv6_error.ts';
import { gnrc_ipv6_ext_frag_stats } from './ipv6_ext_frag_stats.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_IPV6_EXT, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_UNDEF } from './nettype.ts';
import { gnrc_pkt_bytes, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import {
  gnrc_pktbuf_add, gnrc_pktbuf_mark, gnrc_pktbuf_realloc_data, gnrc_pktbuf_release, gnrc_pktbuf_remove_snip,
} from './pktbuf.ts';

/** Message of the ipv6 thread's timer. */
export const GNRC_IPV6_EXT_FRAG_RBUF_GC = 0xfe00;

/** A datagram is given up so long after its first fragment (RFC 8200 §4.5); RIOT counts from the latest. */
const RFC_TIMEOUT_US = 60_000_000;
const MAX_DATAGRAM = 65535;
const FRAG_OFFSET_FIELD = 2;
const UINT32_HALF = 0x7fffffff;

/** Where a fragment lies in its datagram, in units of 8 bytes; `end` is behind it. */
export interface gnrc_ipv6_ext_frag_limits_t {
  readonly start: number;
  readonly end: number;
}

/** A datagram of which fragments are missing. */
export class gnrc_ipv6_ext_frag_rbuf_t {
  pkt: gnrc_pktsnip_t | null = null;
  /** The IPv6 header: a view of the bytes of a snip of `pkt`; null in a free entry. */
  ipv6: Uint8Array | null = null;
  /** Of the fragments that are there, in their order. */
  limits: gnrc_ipv6_ext_frag_limits_t[] = [];
  id = 0;
  /** When the latest fragment came, in µs; without RIOT's time-out the first. */
  arrival = 0;
  pkt_len = 0;
  /** How many last fragments there are. */
  last = 0;
  /** Bytes of the datagram once a last fragment is there; 0 before. */
  total = 0;
  /** Its fragments lie close together, in their order: there are gaps that nobody reserves room for. */
  packed = false;
  /** What Time Exceeded will quote: the fragment with offset 0. RIOT sends none. */
  head: Uint8Array | null = null;
}

const statics = perBoard(() => {
  const { CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_SIZE: size, CONFIG_GNRC_IPV6_EXT_FRAG_LIMITS_POOL_SIZE: pool } = net_config();
  const gc_msg = new msg_t();
  gc_msg.type = GNRC_IPV6_EXT_FRAG_RBUF_GC;
  return {
    rbufs: Array.from({ length: size }, () => new gnrc_ipv6_ext_frag_rbuf_t()),
    free_limits: pool === 0 ? 2 * size : pool,
    peak: 0,
    gc_timer: new ztimer_t(),
    gc_msg,
  };
}, { bytes: 96 });

/**
 * Takes the fragment that the payload of a packet begins with.
 *
 * @param pkt  received, its payload (a fragment header first) before its headers; consumed
 * @returns the whole packet, without fragment header, if this was the last fragment missing or its only one; else null
 */
export function* gnrc_ipv6_ext_frag_reass(pkt: gnrc_pktsnip_t): Blocking<gnrc_pktsnip_t | null> {
  const fh_snip = gnrc_pktbuf_mark(pkt, IPV6_FRAG_HEADER_LEN, GNRC_NETTYPE_IPV6_EXT);
  if (fh_snip === null) return dropped(pkt.size < IPV6_FRAG_HEADER_LEN ? 'truncated' : 'pktbuf-full', pkt);
  if (pkt.size === 0) return dropped('empty-fragment', pkt);
  const ipv6_snip = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_IPV6);
  const fh = parseIpv6Frag(gnrc_pkt_bytes(fh_snip));
  if (ipv6_snip === null || typeof fh === 'string') return dropped('no-ipv6-header', pkt);
  const ipv6 = gnrc_pkt_bytes(ipv6_snip);
  if (fh.offset === 0 && !fh.more && !quirk('ipv6-frag-atomic')) return onlyFragment(pkt, fh_snip, ipv6, fh);
  const refused = yield* refuse(pkt, fh_snip, ipv6, fh);
  if (refused !== null) return dropped(refused, pkt);
  const rbuf = gnrc_ipv6_ext_frag_rbuf_get(ipv6, fh.identification);
  if (rbuf === null) return dropped('reassembly-buffer-full', pkt);
  keepTime(rbuf, pkt, fh);
  const problem = addLimits(rbuf, fh.offset, pkt.size, fh.more);
  if (problem === 'duplicate-fragment') return dropped(problem, pkt);
  if (problem !== null) return abandon(rbuf, problem, pkt);
  if (fh.offset > 0) return laterFragment(rbuf, pkt, fh_snip, fh);
  if (fh.more) return firstFragment(rbuf, pkt, fh_snip, ipv6, fh);
  gnrc_ipv6_ext_frag_rbuf_del(rbuf);
  return onlyFragment(pkt, fh_snip, ipv6, fh);
}

function dropped(reason: string, pkt: gnrc_pktsnip_t): null {
  drop_pkt('ipv6', reason, pkt);
  return null;
}

/** Drops a fragment, and what is there of its datagram. */
function abandon(rbuf: gnrc_ipv6_ext_frag_rbuf_t, reason: string, pkt: gnrc_pktsnip_t): null {
  gnrc_ipv6_ext_frag_rbuf_del(rbuf);
  return dropped(reason, pkt);
}

/** What RFC 8200 §4.5 has refused with an error, and RIOT has not: the reason, or null. */
function* refuse(
  pkt: gnrc_pktsnip_t, fh_snip: gnrc_pktsnip_t, ipv6: Uint8Array, fh: Ipv6FragRepr,
): Blocking<string | null> {
  let code = ICMPV6_ERROR_PARAM_PROB_HDR_FIELD;
  let ptr: Uint8Array | null = null;
  let reason = 'bad-fragment-length';
  if (fh.more && (pkt.size & 7) !== 0) {
    if (!quirk('ipv6-frag-bad-length-silent')) ptr = ipv6.subarray(IPV6_OFFSET_PAYLOAD_LENGTH);
  } else if (fh.offset + pkt.size > MAX_DATAGRAM) {
    if (!quirk('ipv6-frag-bad-length-silent')) ptr = gnrc_pkt_bytes(fh_snip).subarray(FRAG_OFFSET_FIELD);
  } else if (fh.offset === 0 && !hasUpperHeader(gnrc_pkt_bytes(pkt), fh.nextHeader)) {
    if (!quirk('ipv6-frag-header-chain')) ptr = ipv6;
    code = ICMPV6_ERROR_PARAM_PROB_HDR_CHAIN;
    reason = 'header-chain-cut';
  }
  if (ptr === null) return null;
  yield* gnrc_icmpv6_error_param_prob_send(code, ptr, pkt);
  return reason;
}

function hasUpperHeader(bytes: Uint8Array, nextHeader: number): boolean {
  const upper = upperLayerFrom(bytes, 0, nextHeader);
  return typeof upper !== 'string' && upper.offset + upperLayerHeaderLen(upper.protocol) <= bytes.length;
}

/** Sets the time-out of a datagram, and keeps what an error about it will quote. */
function keepTime(rbuf: gnrc_ipv6_ext_frag_rbuf_t, pkt: gnrc_pktsnip_t, fh: Ipv6FragRepr): void {
  const { gc_timer, gc_msg } = statics();
  if (quirk('ipv6-frag-timeout')) {
    rbuf.arrival = xtimer_now_usec();
    xtimer_set_msg(gc_timer, net_config().CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_TIMEOUT_US, gc_msg, thread_getpid());
    return;
  }
  if (rbuf.limits.length === 0) rbuf.arrival = xtimer_now_usec();
  if (fh.offset === 0 && rbuf.head === null) rbuf.head = quote(pkt);
  if (!xtimer_is_set(gc_timer)) xtimer_set_msg(gc_timer, RFC_TIMEOUT_US, gc_msg, thread_getpid());
}

/** The bytes of a received packet as they came, as far as an error may quote them. */
function quote(pkt: gnrc_pktsnip_t): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let snip: gnrc_pktsnip_t | null = pkt; snip !== null && snip.type !== GNRC_NETTYPE_NETIF; snip = snip.next) {
    parts.unshift(gnrc_pkt_bytes(snip));
    length += snip.size;
  }
  const out = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return length > IPV6_MIN_MTU ? out.subarray(0, IPV6_MIN_MTU) : out;
}

/** Notes where a fragment lies; null, or why it is not taken. */
function addLimits(
  rbuf: gnrc_ipv6_ext_frag_rbuf_t, offset: number, length: number, more: boolean,
): string | null {
  const start = offset >> 3;
  const past = (offset + length) >> 3;
  const end = past === start ? start + 1 : past;
  const state = statics();
  const other = rbuf.limits.find((limits) => limits.start < end && start < limits.end);
  if (other !== undefined && other.start === start && other.end === end) return 'duplicate-fragment';
  if (other !== undefined || reachesPastEnd(rbuf, offset + length, more)) {
    if (!quirk('ipv6-frag-overlap')) return 'overlapping-fragment';
    if (other !== undefined) return null;
  }
  if (state.free_limits === 0) return 'fragment-limits-full';
  state.free_limits--;
  const place = rbuf.limits.findIndex((limits) => limits.start > start);
  rbuf.limits.splice(place < 0 ? rbuf.limits.length : place, 0, { start, end });
  return null;
}

/** Whether a fragment and the end of its datagram, as far as that is known, contradict each other. */
function reachesPastEnd(rbuf: gnrc_ipv6_ext_frag_rbuf_t, until: number, more: boolean): boolean {
  if (rbuf.total > 0 && (until > rbuf.total || !more)) return true;
  const highest = rbuf.limits.at(-1);
  return !more && highest !== undefined && highest.end * IPV6_EXT_LEN_UNIT > until;
}

function laterFragment(
  rbuf: gnrc_ipv6_ext_frag_rbuf_t, pkt: gnrc_pktsnip_t, fh_snip: gnrc_pktsnip_t, fh: Ipv6FragRepr,
): gnrc_pktsnip_t | null {
  const until = fh.offset + pkt.size;
  if (!fh.more) {
    rbuf.last++;
    rbuf.total = until;
    rbuf.pkt_len = (rbuf.pkt_len + until) & 0xffff;
  } else if ((pkt.size & 7) !== 0) {
    return abandon(rbuf, 'bad-fragment-length', pkt);
  }
  const headers = fh_snip.next;
  if (!put(rbuf, gnrc_pkt_bytes(pkt), headers, fh.offset)) return abandon(rbuf, 'pktbuf-full', pkt);
  if (rbuf.pkt!.next === headers) {
    // The headers of the fragment that came first are kept until the first fragment comes.
    gnrc_pktbuf_remove_snip(pkt, fh_snip);
    gnrc_pktbuf_remove_snip(pkt, pkt);
  } else {
    gnrc_pktbuf_release(pkt);
  }
  return completed(rbuf);
}

/** Copies a fragment to its place. @param headers  those of the fragment that comes first; false: there is no room */
function put(
  rbuf: gnrc_ipv6_ext_frag_rbuf_t, bytes: Uint8Array, headers: gnrc_pktsnip_t | null, offset: number,
): boolean {
  const there = rbuf.pkt === null ? 0 : rbuf.pkt.size;
  if (offset > there && !rbuf.packed) {
    // Where fragments are copied over others each needs the place that its offset says.
    rbuf.packed = !quirk('ipv6-frag-reserves') && !quirk('ipv6-frag-overlap');
  }
  const size = rbuf.packed ? there + bytes.length : Math.max(there, offset + bytes.length);
  if (rbuf.pkt === null) {
    rbuf.pkt = gnrc_pktbuf_add(headers, null, size, GNRC_NETTYPE_UNDEF);
    if (rbuf.pkt === null) return false;
  } else if (there < size && gnrc_pktbuf_realloc_data(rbuf.pkt, size) !== 0) {
    return false;
  }
  const datagram = gnrc_pkt_bytes(rbuf.pkt);
  const at = rbuf.packed ? packedAt(rbuf, offset) : offset;
  if (rbuf.packed) datagram.copyWithin(at + bytes.length, at, there);
  datagram.set(bytes, at);
  return true;
}

/** How many bytes of a datagram are there before `offset`. */
function packedAt({ limits }: gnrc_ipv6_ext_frag_rbuf_t, offset: number): number {
  let units = 0;
  for (const { start, end } of limits) if (start * IPV6_EXT_LEN_UNIT < offset) units += end - start;
  return units * IPV6_EXT_LEN_UNIT;
}

function firstFragment(
  rbuf: gnrc_ipv6_ext_frag_rbuf_t, pkt: gnrc_pktsnip_t, fh_snip: gnrc_pktsnip_t, ipv6: Uint8Array, fh: Ipv6FragRepr,
): gnrc_pktsnip_t | null {
  if ((pkt.size & 7) !== 0) return abandon(rbuf, 'bad-fragment-length', pkt);
  if (rbuf.packed) {
    if (!put(rbuf, gnrc_pkt_bytes(pkt), null, 0)) return abandon(rbuf, 'pktbuf-full', pkt);
  } else if (rbuf.pkt !== null && rbuf.pkt.size < pkt.size) {
    return abandon(rbuf, 'first-fragment-too-long', pkt);
  }
  setNextHeader(fh_snip.next!, fh.nextHeader);
  gnrc_pktbuf_remove_snip(pkt, fh_snip);
  const length = get16(ipv6, IPV6_OFFSET_PAYLOAD_LENGTH);
  rbuf.pkt_len = (rbuf.pkt_len + length - pkt.size - IPV6_FRAG_HEADER_LEN) & 0xffff;
  if (rbuf.pkt === null) {
    rbuf.pkt = pkt;
    return null;
  }
  if (!rbuf.packed) gnrc_pkt_bytes(rbuf.pkt).set(gnrc_pkt_bytes(pkt));
  if (rbuf.pkt.next !== null && !quirk('ipv6-frag-leak')) gnrc_pktbuf_release(rbuf.pkt.next);
  rbuf.pkt.next = pkt.next;
  rbuf.pkt.type = pkt.type;
  rbuf.ipv6 = ipv6;
  gnrc_pktbuf_remove_snip(pkt, pkt);
  return completed(rbuf);
}

/** A packet that is its own and only fragment: its fragment header is taken out. */
function onlyFragment(
  pkt: gnrc_pktsnip_t, fh_snip: gnrc_pktsnip_t, ipv6: Uint8Array, fh: Ipv6FragRepr,
): gnrc_pktsnip_t {
  setNextHeader(fh_snip.next!, fh.nextHeader);
  gnrc_pktbuf_remove_snip(pkt, fh_snip);
  put16(ipv6, IPV6_OFFSET_PAYLOAD_LENGTH, get16(ipv6, IPV6_OFFSET_PAYLOAD_LENGTH) - IPV6_FRAG_HEADER_LEN);
  const stats = gnrc_ipv6_ext_frag_stats();
  stats.fragments++;
  stats.datagrams++;
  return pkt;
}

function setNextHeader(snip: gnrc_pktsnip_t, nh: number): void {
  gnrc_pkt_bytes(snip)[snip.type === GNRC_NETTYPE_IPV6 ? IPV6_OFFSET_NEXT_HEADER : 0] = nh;
}

/** The packet if all of it is there, else null. */
function completed(rbuf: gnrc_ipv6_ext_frag_rbuf_t): gnrc_pktsnip_t | null {
  const { limits, pkt, ipv6 } = rbuf;
  if (rbuf.last === 0 || pkt === null || ipv6 === null || limits[0]!.start !== 0) return null;
  for (let i = 1; i < limits.length; i++) if (limits[i - 1]!.end < limits[i]!.start) return null;
  put16(ipv6, IPV6_OFFSET_PAYLOAD_LENGTH, rbuf.pkt_len);
  const stats = gnrc_ipv6_ext_frag_stats();
  stats.fragments += limits.length;
  stats.datagrams++;
  rbuf.pkt = null;
  gnrc_ipv6_ext_frag_rbuf_free(rbuf);
  return pkt;
}

/**
 * The reassembly buffer of a datagram: the one that it has, else a free one, else that of another which is given up.
 *
 * @param ipv6  the header of the fragment; the buffer keeps this view of it
 * @param id    its identification
 * @returns null if all are in use and CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_DO_NOT_OVERRIDE is set
 */
export function gnrc_ipv6_ext_frag_rbuf_get(ipv6: Uint8Array, id: number): gnrc_ipv6_ext_frag_rbuf_t | null {
  const { rbufs } = statics();
  const src = ipv6.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_DST);
  const dst = ipv6.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
  for (const rbuf of rbufs) {
    if (rbuf.ipv6 === null || rbuf.id !== id) continue;
    if (ipv6_addr_equal(rbuf.ipv6.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_DST), src) &&
        ipv6_addr_equal(rbuf.ipv6.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16), dst)) {
      return rbuf;
    }
  }
  let found = rbufs.find((rbuf) => rbuf.ipv6 === null);
  if (found === undefined) {
    gnrc_ipv6_ext_frag_stats().rbuf_full++;
    if (net_config().CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_DO_NOT_OVERRIDE !== 0) return null;
    found = victim(rbufs);
    drop('ipv6', 'reassembly-overridden', found.pkt?.size ?? 0);
    gnrc_ipv6_ext_frag_rbuf_del(found);
  }
  found.ipv6 = ipv6;
  found.id = id;
  found.pkt_len = 0;
  found.last = 0;
  found.total = 0;
  found.packed = false;
  found.head = null;
  report();
  return found;
}

/** The buffer that is given up when all are in use. RIOT means the oldest, and takes the newest. */
function victim(rbufs: readonly gnrc_ipv6_ext_frag_rbuf_t[]): gnrc_ipv6_ext_frag_rbuf_t {
  let oldest = rbufs[0]!;
  let newest = oldest;
  for (const rbuf of rbufs) {
    if (((rbuf.arrival - newest.arrival) >>> 0) < UINT32_HALF) newest = rbuf;
    if (((oldest.arrival - rbuf.arrival) >>> 0) < UINT32_HALF && rbuf.arrival !== oldest.arrival) oldest = rbuf;
  }
  return newest !== oldest && quirk('ipv6-frag-override-newest') ? newest : oldest;
}

/** Frees a reassembly buffer; its packet stays the caller's. */
export function gnrc_ipv6_ext_frag_rbuf_free(rbuf: gnrc_ipv6_ext_frag_rbuf_t): void {
  statics().free_limits += rbuf.limits.length;
  rbuf.ipv6 = null;
  rbuf.limits = [];
  rbuf.head = null;
  report();
}

/** Frees a reassembly buffer with what is there of its packet. */
export function gnrc_ipv6_ext_frag_rbuf_del(rbuf: gnrc_ipv6_ext_frag_rbuf_t): void {
  gnrc_pktbuf_release(rbuf.pkt);
  rbuf.pkt = null;
  gnrc_ipv6_ext_frag_rbuf_free(rbuf);
}

function report(): void {
  if (!tracing()) return;
  const state = statics();
  const used = state.rbufs.filter((rbuf) => rbuf.ipv6 !== null).length;
  if (used > state.peak) state.peak = used;
  trace({ layer: 'ipv6', type: 'gauge', name: 'CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_SIZE',
    used, peak: state.peak, limit: state.rbufs.length });
}

/** Gives up the datagrams whose time is over; the ipv6 thread's timer has it called. */
export function* gnrc_ipv6_ext_frag_rbuf_gc(): Blocking<void> {
  const { rbufs, gc_timer, gc_msg } = statics();
  const now = xtimer_now_usec();
  let next = Infinity;
  for (const rbuf of rbufs) {
    if (rbuf.ipv6 === null) continue;
    const asRiot = quirk('ipv6-frag-timeout');
    const timeout = asRiot ? net_config().CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_TIMEOUT_US : RFC_TIMEOUT_US;
    const age = (now - rbuf.arrival) >>> 0;
    // RIOT asks for more than the time-out; its timer is never so exact that it comes at that very microsecond.
    if (age < timeout) {
      if (!asRiot) next = Math.min(next, timeout - age);
      continue;
    }
    drop('ipv6', 'reassembly-timeout', rbuf.pkt?.size ?? 0);
    if (rbuf.head !== null) yield* tellTimeExceeded(rbuf, rbuf.head);
    gnrc_ipv6_ext_frag_rbuf_del(rbuf);
  }
  if (next !== Infinity) xtimer_set_msg(gc_timer, next, gc_msg, thread_getpid());
}

/** Sends Time Exceeded about the fragment with offset 0. */
function* tellTimeExceeded(rbuf: gnrc_ipv6_ext_frag_rbuf_t, head: Uint8Array): Blocking<void> {
  const from = gnrc_pktsnip_search_type(rbuf.pkt, GNRC_NETTYPE_NETIF);
  const netif = from === null ? null : gnrc_pktbuf_add(null, gnrc_pkt_bytes(from), from.size, GNRC_NETTYPE_NETIF);
  const pkt = gnrc_pktbuf_add(netif, head, head.length, GNRC_NETTYPE_IPV6);
  if (pkt !== null) yield* gnrc_icmpv6_error_time_exc_send(ICMPV6_ERROR_TIME_EXC_FRAG, pkt);
  gnrc_pktbuf_release(pkt ?? netif);
}
