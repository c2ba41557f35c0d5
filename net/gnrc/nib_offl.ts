// The NIB's off-link entries: prefix list and forwarding table share them; and the border routers whose prefixes they
// are (RIOT sys/net/gnrc/network_layer/ipv6/nib/_nib-internal.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { evtimer_now_msec } from '../../kernel/evtimer.ts';
import { ENETUNREACH } from '../../kernel/errno.ts';
import { assert } from '../../kernel/panic.ts';
import type { kernel_pid_t } from '../../kernel/thread_t.ts';
import { quirk } from '../quirks.ts';
import {
  ipv6_addr_equal, ipv6_addr_init_prefix, ipv6_addr_is_unspecified, ipv6_addr_match_prefix, ipv6_addr_unspecified,
} from '../wire/addr.ts';
import { gnrc_netif_ipv6_addr_remove_internal } from './netif_ipv6.ts';
import type { gnrc_netif_prefix_t } from './netif_nib.ts';
import { gnrc_netif_get_by_pid } from './netif_t.ts';
import { nib_conf } from './nib_conf.ts';
import { _nib_drl_get_dr, _nib_onl_alloc, _nib_onl_clear, _override_node, nib_prime_is_good } from './nib_internal.ts';
import {
  _DST, _EMPTY, _evtimer_add, _evtimer_del, _FT, _nib_abr_entry_t, type _nib_dr_entry_t, _nib_offl_entry_t,
  _nib_onl_get_if, _PFX_ON_LINK, _PL, GNRC_IPV6_NIB_PFX_TIMEOUT, IPV6_ADDR_BIT_LEN, nib, UINT32_MAX,
} from './nib_t.ts';
import { gnrc_sixlowpan_ctx_lookup_id } from './sixlowpan_ctx.ts';

const INTERNAL_C = 'sys/net/gnrc/network_layer/ipv6/nib/_nib-internal.c';

/** A route (RIOT sys/include/net/gnrc/ipv6/nib/ft.h). */
export class gnrc_ipv6_nib_ft_t {
  /** Destination prefix; unspecified: the default route. */
  readonly dst = new Uint8Array(16);
  dst_len = 0;
  /** Unspecified: the destination itself is the next hop. */
  readonly next_hop = new Uint8Array(16);
  /** Whether it is the default router in use. */
  primary = false;
  iface: kernel_pid_t = 0;
}

function matches(entry: _nib_offl_entry_t, pfx: Uint8Array, pfx_len: number): boolean {
  return entry.pfx_len === pfx_len && ipv6_addr_match_prefix(entry.pfx, pfx) >= pfx_len;
}

/**
 * Adds an off-link entry for `mode`, or finds it.
 *
 * @param next_hop  null: only the interface is known; an entry whose next hop is not known gets this one
 * @param pfx       not unspecified; @param pfx_len 1 to 128
 * @returns null when it, or its next hop, finds no room
 */
export function _nib_offl_add(
  next_hop: Uint8Array | null, iface: kernel_pid_t, pfx: Uint8Array, pfx_len: number, mode: number,
): _nib_offl_entry_t | null {
  assert(!ipv6_addr_is_unspecified(pfx) && pfx_len > 0 && pfx_len <= IPV6_ADDR_BIT_LEN, `${INTERNAL_C}:483`);
  const { dsts } = nib();
  let free: _nib_offl_entry_t | null = null;
  for (const entry of dsts) {
    if (entry.mode === _EMPTY) {
      free ??= entry;
      continue;
    }
    const node = entry.next_hop!;
    if (!matches(entry, pfx, pfx_len) || _nib_onl_get_if(node) !== iface) continue;
    if (!ipv6_addr_is_unspecified(node.ipv6) && !ipv6_addr_equal(node.ipv6, next_hop ?? ipv6_addr_unspecified)) {
      continue;
    }
    if (next_hop !== null) node.ipv6.set(next_hop);
    node.mode |= _DST;
    return setMode(entry, mode);
  }
  if (free === null) {
    if (dsts.length >= nib_conf().offl_numof) return null;
    free = new _nib_offl_entry_t(dsts.length);
    dsts.push(free);
  }
  free.next_hop ??= _nib_onl_alloc(next_hop, iface);
  if (free.next_hop === null) return null;
  _override_node(next_hop, iface, free.next_hop);
  free.next_hop.mode |= _DST;
  free.pfx.fill(0);
  ipv6_addr_init_prefix(free.pfx, pfx, pfx_len);
  free.pfx_len = pfx_len;
  return setMode(free, mode);
}

function setMode(entry: _nib_offl_entry_t, mode: number): _nib_offl_entry_t {
  entry.mode |= mode;
  if (mode === _PL) nib().pl_changes++;
  return entry;
}

/** Takes `mode` from an entry; one that is there for nothing any more is freed, and its next hop if no other has it. */
function removeMode(entry: _nib_offl_entry_t, mode: number): void {
  entry.mode &= ~mode;
  nib().pl_changes++;
  if (entry.mode !== _EMPTY) return;
  const node = entry.next_hop;
  if (node !== null && !nib().dsts.some((other) => other !== entry && other.next_hop === node)) {
    node.mode &= ~_DST;
    _nib_onl_clear(node);
  }
  entry.next_hop = null;
  entry.pfx.fill(0);
  entry.pfx_len = 0;
  entry.flags = 0;
  entry.valid_until = 0;
  entry.pref_until = 0;
}

/** The off-link entry in use after `last`, the first with null; null at the end. */
export function _nib_offl_iter(last: _nib_offl_entry_t | null): _nib_offl_entry_t | null {
  const { dsts } = nib();
  for (let i = last === null ? 0 : last.idx + 1; i < dsts.length; i++) {
    if (dsts[i]!.mode !== _EMPTY) return dsts[i]!;
  }
  return null;
}

/** The entry that matches `dst` best; null if none does. */
function bestMatch(dst: Uint8Array): _nib_offl_entry_t | null {
  let most: _nib_offl_entry_t | null = null;
  let longest: _nib_offl_entry_t | null = null;
  let best = 0;
  for (const entry of nib().dsts) {
    const match = entry.mode === _EMPTY ? 0 : ipv6_addr_match_prefix(entry.pfx, dst);
    if (match === 0 || match < entry.pfx_len) continue;
    if (match > best) {
      most = entry;
      best = match;
    }
    if (longest === null || entry.pfx_len > longest.pfx_len) longest = entry;
  }
  return most === longest || quirk('nib-longest-match') ? most : longest;
}

/** What of an off-link entry others are told. */
export function _nib_ft_get(entry: _nib_offl_entry_t, fte: gnrc_ipv6_nib_ft_t): void {
  fte.dst.set(entry.pfx);
  fte.dst_len = entry.pfx_len;
  fte.primary = false;
  fte.iface = _nib_onl_get_if(entry.next_hop!);
  if (entry.mode === _PL) fte.next_hop.fill(0);
  else fte.next_hop.set(entry.next_hop!.ipv6);
}

/** What of a default router others are told. */
export function _nib_drl_ft_get(router: _nib_dr_entry_t, fte: gnrc_ipv6_nib_ft_t): void {
  fte.dst.fill(0);
  fte.dst_len = 0;
  fte.primary = router === nib().prime_def_router && nib_prime_is_good();
  fte.next_hop.set(router.next_hop!.ipv6);
  fte.iface = _nib_onl_get_if(router.next_hop!);
}

/** The route to `dst`: 0, or -ENETUNREACH. A default router comes before a prefix that is not on-link. */
export function nib_get_route(dst: Uint8Array, fte: gnrc_ipv6_nib_ft_t): number {
  const entry = bestMatch(dst);
  if (entry === null || (entry.mode === _PL && (entry.flags & _PFX_ON_LINK) === 0)) {
    const router = _nib_drl_get_dr();
    if (router !== null) {
      _nib_drl_ft_get(router, fte);
      return 0;
    }
    if (entry === null) return -ENETUNREACH;
  }
  _nib_ft_get(entry, fte);
  return 0;
}

/** Adds a route, or finds it; null when there is no room. */
export function _nib_ft_add(
  next_hop: Uint8Array | null, iface: kernel_pid_t, pfx: Uint8Array, pfx_len: number,
): _nib_offl_entry_t | null {
  return _nib_offl_add(next_hop, iface, pfx, pfx_len, _FT);
}

/** Removes a route; a prefix that is the same entry stays. */
export function _nib_ft_remove(entry: _nib_offl_entry_t): void {
  _evtimer_del(entry.route_timeout);
  removeMode(entry, _FT);
}

/**
 * Adds a prefix, or finds it, and sets its lifetimes.
 * @param valid_ltime  ms, at least `pref_ltime`; 0xffffffff: for ever
 * @returns null when there is no room
 */
export function _nib_pl_add(
  iface: kernel_pid_t, pfx: Uint8Array, pfx_len: number, valid_ltime: number, pref_ltime: number,
): _nib_offl_entry_t | null {
  const entry = _nib_offl_add(null, iface, pfx, pfx_len, _PL);
  if (entry === null) return null;
  assert(valid_ltime >= pref_ltime, `${INTERNAL_C}:849`);
  const now = evtimer_now_msec();
  if (pref_ltime !== UINT32_MAX) {
    _evtimer_add(entry, GNRC_IPV6_NIB_PFX_TIMEOUT, entry.pfx_timeout, pref_ltime);
  }
  entry.pref_until = until(pref_ltime, now);
  entry.valid_until = until(valid_ltime, now);
  return entry;
}

/** The end of a lifetime in ms; one of 0xfffffffe, the longest of all, is taken as that instant. */
function until(ltime: number, now: number): number {
  if (ltime >= UINT32_MAX - 1) return ltime;
  const end = (ltime + now) >>> 0;
  return end === UINT32_MAX ? 0 : end;
}

/** Removes a prefix; a route that is the same entry stays. */
export function _nib_pl_remove(entry: _nib_offl_entry_t): void {
  _evtimer_del(entry.pfx_timeout);
  removeMode(entry, _PL);
  for (const abr of nib().abrs) abr.pfxs[entry.idx] = 0;
}

/** Removes a prefix and the last of its interface's addresses that have it. */
export function* _nib_offl_remove_prefix(entry: _nib_offl_entry_t): Blocking<void> {
  _evtimer_del(entry.pfx_timeout);
  const netif = gnrc_netif_get_by_pid(_nib_onl_get_if(entry.next_hop!));
  if (netif !== null) {
    let best: Uint8Array | null = null;
    for (const addr of netif.ipv6.addrs) {
      if (ipv6_addr_match_prefix(addr, entry.pfx) >= entry.pfx_len) best = addr;
    }
    if (best !== null) yield* gnrc_netif_ipv6_addr_remove_internal(netif, best.slice());
  }
  _nib_pl_remove(entry);
}

/**
 * The prefixes of an interface, to be read only until the prefix list changes. Each packet from an interface with
 * several addresses asks for them, so the last answer is kept.
 */
export function nib_pl_prefixes(iface: kernel_pid_t): readonly gnrc_netif_prefix_t[] {
  const { pl_cache, pl_changes, dsts } = nib();
  if (pl_cache.changes !== pl_changes || pl_cache.iface !== iface) {
    pl_cache.changes = pl_changes;
    pl_cache.iface = iface;
    pl_cache.list = dsts.filter(({ mode, next_hop }) => (mode & _PL) !== 0 && _nib_onl_get_if(next_hop!) === iface);
  }
  return pl_cache.list;
}

/** Adds a border router, or finds it; null when the table is full. */
export function _nib_abr_add(addr: Uint8Array): _nib_abr_entry_t | null {
  const { abrs } = nib();
  const { abr_numof, offl_numof } = nib_conf();
  let free: _nib_abr_entry_t | null = null;
  for (const abr of abrs) {
    if (ipv6_addr_equal(addr, abr.addr)) return abr;
    if (free === null && ipv6_addr_is_unspecified(abr.addr)) free = abr;
  }
  if (free === null && abrs.length < abr_numof) {
    free = new _nib_abr_entry_t(abrs.length, offl_numof);
    abrs.push(free);
  }
  free?.addr.set(addr);
  return free;
}

/** Removes a border router, its prefixes (not the addresses made of them) and its contexts. */
export function _nib_abr_remove(addr: Uint8Array): void {
  const { abrs, dsts } = nib();
  for (const abr of abrs) {
    if (!ipv6_addr_equal(addr, abr.addr)) continue;
    for (const entry of dsts) if (abr.pfxs[entry.idx] === 1) _nib_pl_remove(entry);
    for (let id = 0; abr.ctxs !== 0; id++, abr.ctxs >>>= 1) {
      const ctx = (abr.ctxs & 1) !== 0 ? gnrc_sixlowpan_ctx_lookup_id(id) : null;
      if (ctx !== null) ctx.prefix_len = 0;
    }
    abr.addr.fill(0);
    abr.version = 0;
    abr.valid_until_ms = 0;
    abr.pfxs.fill(0);
  }
}

/** The border router after `last`, the first with null; null at the end. */
export function _nib_abr_iter(last: _nib_abr_entry_t | null): _nib_abr_entry_t | null {
  const { abrs } = nib();
  for (let i = last === null ? 0 : last.idx + 1; i < abrs.length; i++) {
    if (!ipv6_addr_is_unspecified(abrs[i]!.addr)) return abrs[i]!;
  }
  return null;
}
