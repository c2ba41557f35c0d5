// The next hop of a packet and its link-layer address (RFC 4861 §5.2, §7.2.2, RFC 6775 §5.6; RIOT
// sys/net/gnrc/network_layer/ipv6/nib/nib.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { EHOSTUNREACH, ENETUNREACH } from '../../kernel/errno.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { net_config } from '../config.ts';
import { quirk } from '../quirks.ts';
import {
  ipv6_addr_is_link_local, ipv6_addr_is_unspecified, ipv6_addr_match_prefix,
} from '../wire/addr.ts';
import { ICMPV6_ERROR_DST_UNR_ADDR, ICMPV6_ERROR_DST_UNR_NO_ROUTE } from '../wire/icmpv6.ts';
import { drop, drop_pkt } from './drop.ts';
import {
  gnrc_netif_acquire, gnrc_netif_get_by_pid, gnrc_netif_is_6ln, gnrc_netif_iter, gnrc_netif_release, type gnrc_netif_t,
} from './netif_t.ts';
import { _resolve_addr_from_ipv6 } from './nib_6ln.ts';
import { _probe_nbr, _set_nud_state } from './nib_arsm.ts';
import { nib_conf } from './nib_conf.ts';
import {
  _is_reachable, _nib_nc_add, _nib_nc_get, _nib_onl_nc_get, type gnrc_ipv6_nib_nc_t,
} from './nib_internal.ts';
import { gnrc_ipv6_nib_ft_t, nib_get_route } from './nib_offl.ts';
import { _enqueue_for_resolve, nib_unreachable } from './nib_queue.ts';
import {
  _call_route_info_cb, _evtimer_add, _get_nud_state, _nib_acquire, type _nib_offl_entry_t, type _nib_onl_entry_t,
  _nib_onl_get_if, _nib_release, _PFX_ON_LINK, _PL, GNRC_IPV6_NIB_DELAY_TIMEOUT,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_DELAY, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE,
  GNRC_IPV6_NIB_ROUTE_INFO_TYPE_NSC, GNRC_IPV6_NIB_ROUTE_INFO_TYPE_RN, GNRC_IPV6_NIB_ROUTE_INFO_TYPE_RRQ, nib,
  nib_iface,
} from './nib_t.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';

/** Where a packet goes next. */
class NextHop {
  /** The destination itself, or a router's address. */
  addr: Uint8Array = new Uint8Array(0);
  /** The interface; null: none is known. */
  netif: gnrc_netif_t | null = null;
  /** What the neighbour cache has of `addr`. */
  node: _nib_onl_entry_t | null = null;
  /** Whether it came from `route`. */
  routed = false;
  readonly route = new gnrc_ipv6_nib_ft_t();
}

/** What C has on the stack. */
const statics = perBoard(() => new NextHop(), { bytes: 0 });

/** The longest prefix or route that matches `dst`, if it is an on-link prefix. */
function onLinkPrefix(dst: Uint8Array): _nib_offl_entry_t | null {
  let match: _nib_offl_entry_t | null = null;
  for (const entry of nib().dsts) {
    if (entry.mode === 0 || ipv6_addr_match_prefix(dst, entry.pfx) < entry.pfx_len) continue;
    if (match === null || entry.pfx_len > match.pfx_len) match = entry;
  }
  return match !== null && (match.mode & _PL) !== 0 && (match.flags & _PFX_ON_LINK) !== 0 ? match : null;
}

/** Finds the next hop: the neighbour itself, a destination on the link, a route. False: there is none. */
function find(dst: Uint8Array, netif: gnrc_netif_t | null, hop: NextHop): boolean {
  const linkLocal = ipv6_addr_is_link_local(dst);
  hop.addr = dst;
  hop.netif = netif;
  hop.node = _nib_onl_nc_get(dst, netif === null ? 0 : netif.pid);
  hop.routed = false;
  const prefix = hop.node !== null || linkLocal ? null : onLinkPrefix(dst);
  if (hop.node !== null || linkLocal || prefix !== null) {
    const on = hop.node ?? (prefix === null ? null : prefix.next_hop);
    const iface = on === null ? 0 : _nib_onl_get_if(on);
    if (linkLocal || iface === 0) return true;
    hop.netif = gnrc_netif_get_by_pid(iface);
    if (hop.netif !== null) hop.node = _nib_onl_nc_get(dst, iface);
    return true;
  }
  const { route } = hop;
  if (nib_get_route(dst, route) < 0) return false;
  if (ipv6_addr_is_unspecified(route.next_hop)) {
    // Without address resolution only link-local addresses lead further.
    if (!nib_conf().arsm) return false;
    route.next_hop.set(dst);
  }
  hop.addr = route.next_hop;
  hop.netif = gnrc_netif_get_by_pid(route.iface);
  hop.node = _nib_onl_nc_get(hop.addr, hop.netif === null ? 0 : hop.netif.pid);
  hop.routed = true;
  return true;
}

/**
 * gnrc_ipv6_nib_get_next_hop_l2addr() for the most packets, those whose next hop is known and needs no probe.
 * @returns true: it is in `nce`; false: gnrc_ipv6_nib_get_next_hop_l2addr() is to be asked
 */
export function nib_next_hop_now(dst: Uint8Array, netif: gnrc_netif_t | null, nce: gnrc_ipv6_nib_nc_t): boolean {
  const { mutex, nodes } = nib();
  if (mutex.refcount !== 0) return false;
  if ((nodes.length === 0 || !nib_conf().arsm) && _resolve_addr_from_ipv6(dst, netif, nce)) return true;
  const hop = statics();
  if (!find(dst, netif, hop) || hop.netif === null || nib_iface(hop.netif).route_info_cb !== null) return false;
  const { node } = hop;
  if (node !== null && _is_reachable(node)) {
    if (_get_nud_state(node) === GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE) return false;
    _nib_nc_get(node, nce);
    return true;
  }
  return _resolve_addr_from_ipv6(hop.addr, hop.netif, nce);
}

/**
 * Finds the link-layer address of a packet's next hop. Where it has to be asked for, the packet waits and is sent
 * later.
 *
 * @param netif  the interface to send from, or null
 * @param pkt    the packet to send; unless 0 is returned it is consumed. Null: there is none
 * @param nce    where the result goes
 * @returns 0; -EHOSTUNREACH: not now, or not at all; -ENETUNREACH without route
 */
export function* gnrc_ipv6_nib_get_next_hop_l2addr(
  dst: Uint8Array, netif: gnrc_netif_t | null, pkt: gnrc_pktsnip_t | null, nce: gnrc_ipv6_nib_nc_t,
): Blocking<number> {
  const hop = new NextHop();
  yield* gnrc_netif_acquire(netif);
  yield* _nib_acquire();
  const found = find(dst, netif, hop);
  const held = found ? hop.netif : netif;
  if (held !== netif) {
    // Who holds an interface may wait for the NIB: it is not kept while this waits for the interface.
    yield* gnrc_netif_release(netif);
    yield* _nib_release();
    yield* gnrc_netif_acquire(held);
    yield* _nib_acquire();
    if (found && held !== null) hop.node = _nib_onl_nc_get(hop.addr, held.pid);
  }
  const res = found ? yield* reach(hop, pkt, nce) : yield* noRoute(dst, pkt);
  yield* _nib_release();
  yield* gnrc_netif_release(held);
  return res;
}

function* noRoute(dst: Uint8Array, pkt: gnrc_pktsnip_t | null): Blocking<number> {
  if (nib_conf().router) {
    for (let netif = gnrc_netif_iter(null); netif !== null; netif = gnrc_netif_iter(netif)) {
      yield* _call_route_info_cb(netif, GNRC_IPV6_NIB_ROUTE_INFO_TYPE_RRQ, dst, pkt);
    }
  }
  if (pkt !== null) yield* nib_unreachable(pkt, ICMPV6_ERROR_DST_UNR_NO_ROUTE, ENETUNREACH, 'no-route');
  return -ENETUNREACH;
}

function* reach(hop: NextHop, pkt: gnrc_pktsnip_t | null, nce: gnrc_ipv6_nib_nc_t): Blocking<number> {
  const { netif, route } = hop;
  if (netif === null) {
    if (hop.routed) undefined_on_riot(`a route over interface ${route.iface}, which there is not`);
    if (pkt !== null) yield* nib_unreachable(pkt, ICMPV6_ERROR_DST_UNR_ADDR, EHOSTUNREACH, 'no-interface');
    return -EHOSTUNREACH;
  }
  if (!(yield* _resolve_addr(hop.addr, netif, pkt, nce, hop.node))) return -EHOSTUNREACH;
  if (hop.routed) yield* _call_route_info_cb(netif, GNRC_IPV6_NIB_ROUTE_INFO_TYPE_RN, route.dst, route.dst_len);
  return 0;
}

/** Takes a neighbour from the cache; one that is stale is to be probed soon. False if it is known to be unreachable. */
function* fromCache(
  node: _nib_onl_entry_t, netif: gnrc_netif_t, nce: gnrc_ipv6_nib_nc_t,
): Blocking<boolean> {
  if (!_is_reachable(node)) return false;
  if (_get_nud_state(node) === GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE) {
    yield* _set_nud_state(netif, node, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_DELAY);
    _evtimer_add(node, GNRC_IPV6_NIB_DELAY_TIMEOUT, node.nud_timeout, net_config().NDP_DELAY_FIRST_PROBE_MS);
  }
  _nib_nc_get(node, nce);
  return true;
}

/** Finds the link-layer address of `dst` on an interface, or asks for it; see gnrc_ipv6_nib_get_next_hop_l2addr(). */
function* _resolve_addr(
  dst: Uint8Array, netif: gnrc_netif_t, pkt: gnrc_pktsnip_t | null, nce: gnrc_ipv6_nib_nc_t,
  node: _nib_onl_entry_t | null,
): Blocking<boolean> {
  if (node !== null && (yield* fromCache(node, netif, nce))) return true;
  if (_resolve_addr_from_ipv6(dst, netif, nce)) return true;
  if (gnrc_netif_is_6ln(netif)) {
    // No multicast address resolution there, and packets never wait (RFC 6775 §5.6).
    if (pkt !== null) yield* drop6lo(pkt);
    return false;
  }
  yield* ask(dst, netif, pkt, node);
  return false;
}

function* drop6lo(pkt: gnrc_pktsnip_t): Blocking<void> {
  if (quirk('nib-6lo-silent-drop')) return drop_pkt('nib', 'not-resolved', pkt);
  yield* nib_unreachable(pkt, ICMPV6_ERROR_DST_UNR_ADDR, EHOSTUNREACH, 'not-resolved');
}

/** Keeps the packet, and solicits the neighbour. */
function* ask(
  dst: Uint8Array, netif: gnrc_netif_t, pkt: gnrc_pktsnip_t | null, known: _nib_onl_entry_t | null,
): Blocking<void> {
  let node = known;
  if (node === null) {
    node = yield* _nib_nc_add(dst, netif.pid, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE);
    if (node === null) {
      if (pkt === null) return drop('nib', 'neighbor-cache-full', 0);
      return drop_pkt('nib', 'neighbor-cache-full', pkt);
    }
    yield* _call_route_info_cb(
      netif, GNRC_IPV6_NIB_ROUTE_INFO_TYPE_NSC, dst, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE);
  } else if (_get_nud_state(node) === GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE) {
    // Someone wants it: the backoff begins anew.
    node.ns_sent = 3;
  }
  if (pkt !== null && !(yield* _enqueue_for_resolve(netif, pkt, node))) return;
  yield* _probe_nbr(node, known === null);
}
