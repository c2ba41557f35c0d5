// The NIB's on-link entries: neighbour cache and default router list share them (RIOT
// sys/net/gnrc/network_layer/ipv6/nib/_nib-internal.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { assert, undefined_on_riot } from '../../kernel/panic.ts';
import type { kernel_pid_t } from '../../kernel/thread_t.ts';
import { quirk } from '../quirks.ts';
import {
  ipv6_addr_equal, ipv6_addr_is_link_local, ipv6_addr_to_str, ipv6_addr_unspecified,
} from '../wire/addr.ts';
import { gnrc_netif_ipv6_iid_to_addr } from './netif_device_type.ts';
import { gnrc_netif_get_by_pid, gnrc_netif_is_6ln, gnrc_netif_is_rtr } from './netif_t.ts';
import { nib_conf } from './nib_conf.ts';
import { _nbr_flush_pktqueue, nib_drop_delayed_na } from './nib_queue.ts';
import {
  _DRL, _EMPTY, _evtimer_add, _evtimer_del, _NC, _nib_dr_entry_t, _nib_onl_entry_t, _nib_onl_get_if, _nib_onl_set_if,
  CONFIG_GNRC_IPV6_NIB_L2ADDR_MAX_LEN, GNRC_IPV6_NIB_NC_INFO_AR_STATE_GC, GNRC_IPV6_NIB_NC_INFO_AR_STATE_MASK,
  GNRC_IPV6_NIB_NC_INFO_IFACE_MASK, GNRC_IPV6_NIB_NC_INFO_IFACE_POS, GNRC_IPV6_NIB_NC_INFO_IS_ROUTER,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_DELAY, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE, GNRC_IPV6_NIB_REACH_TIMEOUT,
  nib,
} from './nib_t.ts';

const INTERNAL_C = 'sys/net/gnrc/network_layer/ipv6/nib/_nib-internal.c';

/** A neighbour: how to reach the next hop (RIOT sys/include/net/gnrc/ipv6/nib/nc.h). */
export class gnrc_ipv6_nib_nc_t {
  readonly ipv6 = new Uint8Array(16);
  readonly l2addr = new Uint8Array(CONFIG_GNRC_IPV6_NIB_L2ADDR_MAX_LEN);
  l2addr_len = 0;
  /** GNRC_IPV6_NIB_NC_INFO_*. */
  info = 0;
}

/** The interface that a neighbour is on. */
export function gnrc_ipv6_nib_nc_get_iface(entry: gnrc_ipv6_nib_nc_t): kernel_pid_t {
  return (entry.info & GNRC_IPV6_NIB_NC_INFO_IFACE_MASK) >> GNRC_IPV6_NIB_NC_INFO_IFACE_POS;
}

/** Its GNRC_IPV6_NIB_NC_INFO_NUD_STATE_*. */
export function gnrc_ipv6_nib_nc_get_nud_state(entry: gnrc_ipv6_nib_nc_t): number {
  return entry.info & GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK;
}

/** Its GNRC_IPV6_NIB_NC_INFO_AR_STATE_*. */
export function gnrc_ipv6_nib_nc_get_ar_state(entry: gnrc_ipv6_nib_nc_t): number {
  return entry.info & GNRC_IPV6_NIB_NC_INFO_AR_STATE_MASK;
}

/** Whether it is a router. */
export function gnrc_ipv6_nib_nc_is_router(entry: gnrc_ipv6_nib_nc_t): boolean {
  return (entry.info & GNRC_IPV6_NIB_NC_INFO_IS_ROUTER) !== 0;
}

/** Frees an entry that is there for nothing any more; whether it did. */
export function _nib_onl_clear(node: _nib_onl_entry_t): boolean {
  if (node.mode !== _EMPTY) return false;
  node.ipv6.fill(0);
  node.eui64.fill(0);
  node.l2addr.fill(0);
  node.l2addr_len = 0;
  node.info = 0;
  node.ns_sent = 0;
  node.queued = false;
  return true;
}

/** Makes an entry that of `addr` on `iface`; one in use keeps the rest. */
export function _override_node(addr: Uint8Array | null, iface: kernel_pid_t, node: _nib_onl_entry_t): void {
  _nib_onl_clear(node);
  if (addr !== null) node.ipv6.set(addr);
  _nib_onl_set_if(node, iface);
}

/** The entry of `addr` (null: unspecified) on `iface`, or a free one made it; null when there is none. */
export function _nib_onl_alloc(addr: Uint8Array | null, iface: kernel_pid_t): _nib_onl_entry_t | null {
  const { nodes } = nib();
  let free: _nib_onl_entry_t | null = null;
  for (const node of nodes) {
    if (_nib_onl_get_if(node) === iface && ipv6_addr_equal(addr ?? ipv6_addr_unspecified, node.ipv6)) {
      free = node;
      break;
    }
    if (free === null && node.mode === _EMPTY) free = node;
  }
  if (free === null && nodes.length < nib_conf().numof) {
    free = new _nib_onl_entry_t(nodes.length);
    nodes.push(free);
  }
  if (free !== null) _override_node(addr, iface, free);
  return free;
}

/** The entry in use after `last`, the first with null; null at the end. */
export function _nib_onl_iter(last: _nib_onl_entry_t | null): _nib_onl_entry_t | null {
  const { nodes } = nib();
  for (let i = last === null ? 0 : last.idx + 1; i < nodes.length; i++) {
    if (nodes[i]!.mode !== _EMPTY) return nodes[i]!;
  }
  return null;
}

/** The entry in use of `addr` on `iface`, 0: on any; null if there is none. */
export function _nib_onl_get(addr: Uint8Array, iface: kernel_pid_t): _nib_onl_entry_t | null {
  const { nodes } = nib();
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!;
    if (node.mode === _EMPTY) continue;
    const on = _nib_onl_get_if(node);
    if ((on === 0 || iface === 0 || on === iface) && ipv6_addr_equal(node.ipv6, addr)) return node;
  }
  return null;
}

/** The neighbour of this address on `iface`, 0: on any; null if there is none. */
export function _nib_onl_nc_get(addr: Uint8Array, iface: kernel_pid_t): _nib_onl_entry_t | null {
  const node = _nib_onl_get(addr, iface);
  return node !== null && (node.mode & _NC) !== 0 ? node : null;
}

function isReplaceable(node: _nib_onl_entry_t): boolean {
  return (node.mode & ~_NC) === 0 &&
    (node.info & GNRC_IPV6_NIB_NC_INFO_AR_STATE_MASK) === GNRC_IPV6_NIB_NC_INFO_AR_STATE_GC;
}

/** Whether the neighbour is known to be reachable, or that is just being found out. */
function isInUse(node: _nib_onl_entry_t): boolean {
  return (node.info & GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK) >= GNRC_IPV6_NIB_NC_INFO_NUD_STATE_DELAY;
}

/** Makes the first replaceable neighbour one of `addr`: those that are looked at go to the end of the list. */
function* cacheOut(addr: Uint8Array, iface: kernel_pid_t, cstate: number): Blocking<_nib_onl_entry_t | null> {
  const { removable } = nib();
  for (let left = removable.length; left > 0; left--) {
    const node = removable.shift()!;
    if (isReplaceable(node) && (!isInUse(node) || quirk('nib-replaces-reachable'))) {
      yield* _nib_nc_remove(node);
      _override_node(addr, iface, node);
      node.info |= cstate;
      node.mode = _NC;
      node.queued = true;
      removable.push(node);
      return node;
    }
    removable.push(node);
  }
  return null;
}

/**
 * Adds a neighbour, or finds it; a new one replaces another if need be.
 * @param cstate  NUD state of a new one: UNMANAGED, UNREACHABLE, INCOMPLETE or STALE
 * @returns null when the table is full of what cannot be replaced
 */
export function* _nib_nc_add(
  addr: Uint8Array, iface: kernel_pid_t, cstate: number,
): Blocking<_nib_onl_entry_t | null> {
  const state = cstate & GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK;
  assert(state <= 3, `${INTERNAL_C}:183`);
  const node = _nib_onl_alloc(addr, iface);
  if (node === null) return yield* cacheOut(addr, iface, state);
  if ((node.mode & _NC) === 0) {
    node.info = (node.info & ~GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK) | state;
    node.mode |= _NC;
  }
  if (!node.queued) {
    // One that was a router or next hop too, and was removed, stays marked: as in RIOT it is then never replaced.
    node.queued = true;
    nib().removable.push(node);
  }
  return node;
}

/** Makes a neighbour reachable for the interface's reachable time. */
export function _nib_nc_set_reachable(node: _nib_onl_entry_t): void {
  if (!nib_conf().arsm) return;
  node.info = (node.info & ~GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK) | GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE;
  const netif = gnrc_netif_get_by_pid(_nib_onl_get_if(node));
  if (netif !== null) _evtimer_add(node, GNRC_IPV6_NIB_REACH_TIMEOUT, node.nud_timeout, netif.ipv6.reach_time);
}

/** Removes a neighbour: its timers are taken back, what waits for it is dropped. */
export function* _nib_nc_remove(node: _nib_onl_entry_t): Blocking<void> {
  node.mode &= ~_NC;
  nib_drop_delayed_na(node.snd_na);
  _evtimer_del(node.snd_na);
  _evtimer_del(node.nud_timeout);
  _evtimer_del(node.reply_rs);
  _evtimer_del(node.addr_reg_timeout);
  yield* _nbr_flush_pktqueue(node);
  const { removable } = nib();
  const at = removable.indexOf(node);
  if (at >= 0) removable.splice(at, 1);
  _nib_onl_clear(node);
}

/** What of a neighbour others are told; on a 6LN the link-layer address of a link-local one is computed. */
export function _nib_nc_get(node: _nib_onl_entry_t, nce: gnrc_ipv6_nib_nc_t): void {
  const { arsm, six_ln } = nib_conf();
  nce.ipv6.set(node.ipv6);
  nce.info = node.info;
  if (!arsm || (six_ln && ipv6_addr_is_link_local(node.ipv6))) {
    const netif = gnrc_netif_get_by_pid(_nib_onl_get_if(node));
    assert(netif !== null, `${INTERNAL_C}:${arsm ? 315 : 328}`);
    if (!ipv6_addr_is_link_local(node.ipv6)) {
      undefined_on_riot(`neighbor ${ipv6_addr_to_str(node.ipv6)} of a 6LN without ARSM is not link-local`);
    }
    if (!arsm || (gnrc_netif_is_6ln(netif) && !gnrc_netif_is_rtr(netif))) {
      const res = gnrc_netif_ipv6_iid_to_addr(netif, node.ipv6.subarray(8), nce.l2addr);
      if (res >= 0) nce.l2addr_len = res;
      if (!arsm || res >= 0) return;
    }
  }
  nce.l2addr_len = node.l2addr_len;
  nce.l2addr.set(node.l2addr);
}

/** Whether nothing is known against a neighbour. */
export function _is_reachable(node: _nib_onl_entry_t): boolean {
  return !nib_conf().arsm || !isSuspect(node);
}

function isSuspect(node: _nib_onl_entry_t): boolean {
  const state = node.info & GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK;
  return state === GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE ||
    state === GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE;
}

/** Adds a default router, or finds it; null when its list, or the table of on-link entries, is full. */
export function _nib_drl_add(router_addr: Uint8Array, iface: kernel_pid_t): _nib_dr_entry_t | null {
  const { def_routers } = nib();
  let free: _nib_dr_entry_t | null = null;
  for (const entry of def_routers) {
    const node = entry.next_hop;
    if (node !== null && _nib_onl_get_if(node) === iface && ipv6_addr_equal(router_addr, node.ipv6)) {
      node.mode |= _DRL;
      return entry;
    }
    if (free === null && node === null) free = entry;
  }
  if (free === null && def_routers.length < nib_conf().default_router_numof) {
    free = new _nib_dr_entry_t(def_routers.length);
    def_routers.push(free);
  }
  if (free === null) return null;
  free.next_hop = _nib_onl_alloc(router_addr, iface);
  if (free.next_hop === null) return null;
  free.next_hop.mode |= _DRL;
  return free;
}

/** Removes a default router. */
export function _nib_drl_remove(entry: _nib_dr_entry_t): void {
  const state = nib();
  if (entry.next_hop !== null) {
    _evtimer_del(entry.rtr_timeout);
    entry.next_hop.mode &= ~_DRL;
    _nib_onl_clear(entry.next_hop);
    entry.next_hop = null;
  }
  if (state.prime_def_router === entry) state.prime_def_router = null;
}

/** The default router after `last`, the first with null; null at the end. */
export function _nib_drl_iter(last: _nib_dr_entry_t | null): _nib_dr_entry_t | null {
  const { def_routers } = nib();
  for (let i = last === null ? 0 : last.idx + 1; i < def_routers.length; i++) {
    const node = def_routers[i]!.next_hop;
    if (node !== null && node.mode !== _EMPTY) return def_routers[i]!;
  }
  return null;
}

/** The default router of this address (null: any) on `iface` (0: any); null if there is none. */
export function _nib_drl_get(router_addr: Uint8Array | null, iface: kernel_pid_t): _nib_dr_entry_t | null {
  for (const entry of nib().def_routers) {
    const node = entry.next_hop;
    if (node === null || (iface !== 0 && _nib_onl_get_if(node) !== iface)) continue;
    if (router_addr === null || ipv6_addr_equal(router_addr, node.ipv6)) return entry;
  }
  return null;
}

/** Whether the default router in use may stay so: it is there, and nothing is known against it. */
export function nib_prime_is_good(): boolean {
  const prime = nib().prime_def_router;
  return prime !== null && prime.next_hop !== null && !isSuspect(prime.next_hop);
}

/**
 * Chooses the default router (RFC 4861 §6.3.6): the one in use unless it is suspect, else the first that is not, else
 * the next in turn, so that each is probed.
 */
export function _nib_drl_get_dr(): _nib_dr_entry_t | null {
  const state = nib();
  if (nib_prime_is_good()) return state.prime_def_router;
  for (let entry = _nib_drl_iter(null); entry !== null; entry = _nib_drl_iter(entry)) {
    if (!isSuspect(entry.next_hop!)) return (state.prime_def_router = entry);
  }
  const next = state.prime_def_router === null ? null : _nib_drl_iter(state.prime_def_router);
  return (state.prime_def_router = next ?? _nib_drl_iter(null));
}
