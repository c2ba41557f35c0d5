// The virtual reassembly buffer: where the fragments of datagrams that pass through go on to, so that a router need not
// put them together (RIOT sys/include/net/gnrc/sixlowpan/frag/vrb.h, RFC 8930).
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { assert } from '../../kernel/panic.ts';
import { ZTIMER_USEC, ztimer_now } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import { ipv6_addr_is_link_local } from '../wire/addr.ts';
import { IPV6_HEADER_LEN, IPV6_OFFSET_DST } from '../wire/ipv6.ts';
import { drop } from './drop.ts';
import { gnrc_netif_get_by_ipv6_addr } from './netif_ipv6.ts';
import { gnrc_netif_get_by_pid, type gnrc_netif_t } from './netif_t.ts';
import { GNRC_NETTYPE_IPV6, type gnrc_nettype_t } from './nettype.ts';
import { gnrc_ipv6_nib_nc_get_iface, gnrc_ipv6_nib_nc_t } from './nib_internal.ts';
import { gnrc_ipv6_nib_get_next_hop_l2addr } from './nib_next_hop.ts';
import { gnrc_sixlowpan_frag_fb_next_tag } from './sixlowpan_frag_fb.ts';
import { gnrc_sixlowpan_frag_rb_base_rm, gnrc_sixlowpan_frag_rb_base_t } from './sixlowpan_frag_rb_t.ts';
import { gnrc_sixlowpan_frag_stats_get } from './sixlowpan_frag_stats.ts';

const HERE = 'sys/net/gnrc/network_layer/sixlowpan/frag/vrb/gnrc_sixlowpan_frag_vrb.c';

/** An entry: a datagram from `super.src` with `super.tag` goes on to `super.dst` with `out_tag`. */
export class gnrc_sixlowpan_frag_vrb_t {
  readonly super = new gnrc_sixlowpan_frag_rb_base_t();
  out_netif: gnrc_netif_t | null = null;
  /** 16 bit. */
  out_tag = 0;
}

class VirtualReassemblyBuffer {
  readonly entries: gnrc_sixlowpan_frag_vrb_t[] = [];
  readonly nce = new gnrc_ipv6_nib_nc_t();
  peak = 0;

  constructor() {
    const size = net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_SIZE;
    for (let i = 0; i < size; i++) this.entries.push(new gnrc_sixlowpan_frag_vrb_t());
  }
}

const statics = perBoard(() => new VirtualReassemblyBuffer(), { bytes: 0 });

/** Frees all entries (for tests). */
export function gnrc_sixlowpan_frag_vrb_reset(): void {
  for (const entry of statics().entries) {
    if (!gnrc_sixlowpan_frag_vrb_entry_empty(entry)) gnrc_sixlowpan_frag_vrb_rm(entry);
  }
}

/** Whether an entry is free. */
export function gnrc_sixlowpan_frag_vrb_entry_empty(vrb: gnrc_sixlowpan_frag_vrb_t): boolean {
  return vrb.super.src_len === 0;
}

/**
 * The entry of a datagram, made anew unless there is one.
 *
 * @param base       what is known of the datagram; asserts that it has a source
 * @param out_netif  the interface to go on by
 * @param out_dst    link-layer address of the next hop; `out_dst_len` bytes, 1 to 8
 * @returns null when all CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_SIZE entries are taken
 */
export function gnrc_sixlowpan_frag_vrb_add(
  base: gnrc_sixlowpan_frag_rb_base_t, out_netif: gnrc_netif_t, out_dst: Uint8Array, out_dst_len: number,
): gnrc_sixlowpan_frag_vrb_t | null {
  assert(base.src_len !== 0, `${HERE}:56`);
  assert(out_dst_len > 0, `${HERE}:59`);
  for (const entry of statics().entries) {
    if (gnrc_sixlowpan_frag_vrb_entry_empty(entry)) return create(entry, base, out_netif, out_dst, out_dst_len);
    if (!isOf(entry, base.src, base.src_len, base.tag)) continue;
    if (entry.super.ints !== base.ints) {
      for (const bound of base.ints) entry.super.ints.push(bound);
      base.ints.length = 0;
    }
    return entry;
  }
  gnrc_sixlowpan_frag_stats_get().vrb_full++;
  drop('6lo', 'CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_SIZE', 0);
  return null;
}

/** The entry shares its intervals with `base` until one of them lets them go. */
function create(
  entry: gnrc_sixlowpan_frag_vrb_t, base: gnrc_sixlowpan_frag_rb_base_t, out_netif: gnrc_netif_t, out_dst: Uint8Array,
  out_dst_len: number,
): gnrc_sixlowpan_frag_vrb_t {
  const { super: own } = entry;
  own.ints = base.ints;
  own.src.set(base.src);
  own.src_len = base.src_len;
  own.tag = base.tag;
  own.datagram_size = base.datagram_size;
  own.current_size = base.current_size;
  own.arrival = base.arrival;
  for (let i = 0; i < out_dst_len; i++) own.dst[i] = out_dst[i]!;
  own.dst_len = out_dst_len;
  entry.out_netif = out_netif;
  entry.out_tag = gnrc_sixlowpan_frag_fb_next_tag();
  if (tracing()) gauge();
  return entry;
}

function gauge(): void {
  const buffer = statics();
  let used = 0;
  for (const entry of buffer.entries) if (!gnrc_sixlowpan_frag_vrb_entry_empty(entry)) used++;
  if (used > buffer.peak) buffer.peak = used;
  trace({ layer: '6lo', type: 'gauge', name: 'CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_SIZE',
    used, peak: buffer.peak, limit: buffer.entries.length });
}

function isOf(entry: gnrc_sixlowpan_frag_vrb_t, src: Uint8Array, src_len: number, tag: number): boolean {
  return entry.super.tag === tag && entry.super.src_len === src_len && startsWith(entry.super.src, src, src_len);
}

function startsWith(a: Uint8Array, b: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * The entry for a datagram with this header, if it is one to forward: not link-local, not for this board, and its next
 * hop is known.
 *
 * @param netif  the interface that it came by, or null
 * @param type   what the header is; only GNRC_NETTYPE_IPV6 can be routed
 * @param hdr    the header; asserts that an IPv6 header is whole
 */
export function* gnrc_sixlowpan_frag_vrb_from_route(
  base: gnrc_sixlowpan_frag_rb_base_t, netif: gnrc_netif_t | null, type: gnrc_nettype_t, hdr: Uint8Array,
): Blocking<gnrc_sixlowpan_frag_vrb_t | null> {
  if (type !== GNRC_NETTYPE_IPV6) return null;
  assert(hdr.length >= IPV6_HEADER_LEN, `${HERE}:134`);
  // A copy: the packet may move while the next hop is looked for.
  const addr = hdr.slice(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
  if (ipv6_addr_is_link_local(addr) || gnrc_netif_get_by_ipv6_addr(addr) !== null) return null;
  const { nce } = statics();
  if ((yield* gnrc_ipv6_nib_get_next_hop_l2addr(addr, netif, null, nce)) !== 0) return null;
  const out = gnrc_netif_get_by_pid(gnrc_ipv6_nib_nc_get_iface(nce));
  return out === null ? null : gnrc_sixlowpan_frag_vrb_add(base, out, nce.l2addr, nce.l2addr_len);
}

/** The entry of a datagram that comes from `src` with `src_tag`, or null. Asserts that there is a source. */
export function gnrc_sixlowpan_frag_vrb_get(
  src: Uint8Array, src_len: number, src_tag: number,
): gnrc_sixlowpan_frag_vrb_t | null {
  assert(src_len !== 0, `${HERE}:172`);
  for (const entry of statics().entries) if (isOf(entry, src, src_len, src_tag)) return entry;
  return null;
}

/** The entry of a datagram that goes to `src` by `netif` with `tag`: the way back of an answer. Null without one. */
export function gnrc_sixlowpan_frag_vrb_reverse(
  netif: gnrc_netif_t, src: Uint8Array, src_len: number, tag: number,
): gnrc_sixlowpan_frag_vrb_t | null {
  assert(src_len !== 0, `${HERE}:194`);
  for (const entry of statics().entries) {
    const isOut = entry.out_tag === tag && entry.out_netif === netif;
    if (isOut && startsWith(entry.super.dst, src, src_len)) return entry;
  }
  return null;
}

/** Frees an entry. */
export function gnrc_sixlowpan_frag_vrb_rm(vrb: gnrc_sixlowpan_frag_vrb_t): void {
  gnrc_sixlowpan_frag_rb_base_rm(vrb.super);
  vrb.super.src_len = 0;
  if (tracing()) gauge();
}

/** Frees every entry whose first fragment came too long ago. */
export function gnrc_sixlowpan_frag_vrb_gc(): void {
  const now = ztimer_now(ZTIMER_USEC);
  const timeout = net_config().CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_TIMEOUT_US;
  for (const entry of statics().entries) {
    // As in gnrc_sixlowpan_frag_rb_gc(): no time goes by here between the timer and its thread.
    if (gnrc_sixlowpan_frag_vrb_entry_empty(entry) || ((now - entry.super.arrival) >>> 0) < timeout) continue;
    drop('6lo', 'CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_TIMEOUT_US', 0);
    gnrc_sixlowpan_frag_vrb_rm(entry);
  }
}
