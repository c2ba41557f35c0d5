// The forwarding table for applications (RIOT sys/include/net/gnrc/ipv6/nib/ft.h): default routers and off-link
// entries.
import type { Blocking } from '../../kernel/blocking.ts';
import { EINVAL, ENOMEM, ENOTSUP } from '../../kernel/errno.ts';
import { puts } from '../../kernel/stdio.ts';
import type { kernel_pid_t } from '../../kernel/thread_t.ts';
import { ipv6_addr_equal, ipv6_addr_is_unspecified, ipv6_addr_match_prefix, ipv6_addr_to_str } from '../wire/addr.ts';
import { gnrc_netif_iter } from './netif_t.ts';
import { nib_conf } from './nib_conf.ts';
import { _nib_drl_add, _nib_drl_get_dr, _nib_drl_iter, _nib_drl_remove } from './nib_internal.ts';
import type { nib_iter_t } from './nib_nc.ts';
import {
  _nib_drl_ft_get, _nib_ft_add, _nib_ft_get, _nib_ft_remove, _nib_offl_iter, type gnrc_ipv6_nib_ft_t, nib_get_route,
} from './nib_offl.ts';
import {
  _call_route_info_cb, _evtimer_add, _nib_acquire, type _nib_dr_entry_t, _nib_offl_entry_t, _nib_onl_get_if,
  _nib_release, _PFX_ON_LINK, _PL, GNRC_IPV6_NIB_ROUTE_INFO_TYPE_RRQ, GNRC_IPV6_NIB_ROUTE_TIMEOUT,
  GNRC_IPV6_NIB_RTR_TIMEOUT, IPV6_ADDR_BIT_LEN, MS_PER_SEC, nib, UINT32_MAX,
} from './nib_t.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';

export { gnrc_ipv6_nib_ft_t } from './nib_offl.ts';

/**
 * The route to `dst`; without one, routing protocols are asked for it. The NIB is locked.
 * @param pkt  the packet that asks, or null
 * @returns 0, or -ENETUNREACH
 */
export function* _nib_get_route(
  dst: Uint8Array, pkt: gnrc_pktsnip_t | null, fte: gnrc_ipv6_nib_ft_t,
): Blocking<number> {
  const res = nib_get_route(dst, fte);
  if (res < 0 && nib_conf().router) {
    for (let netif = gnrc_netif_iter(null); netif !== null; netif = gnrc_netif_iter(netif)) {
      yield* _call_route_info_cb(netif, GNRC_IPV6_NIB_ROUTE_INFO_TYPE_RRQ, dst, pkt);
    }
  }
  return res;
}

/** The route to `dst`, into `fte`: 0, or -ENETUNREACH. */
export function* gnrc_ipv6_nib_ft_get(
  dst: Uint8Array, pkt: gnrc_pktsnip_t | null, fte: gnrc_ipv6_nib_ft_t,
): Blocking<number> {
  yield* _nib_acquire();
  const res = yield* _nib_get_route(dst, pkt, fte);
  yield* _nib_release();
  return res;
}

/** Whether a destination stands for the default route. */
function isDefault(dst: Uint8Array | null, dst_len: number): boolean {
  return dst === null || dst_len === 0 || ipv6_addr_is_unspecified(dst);
}

/**
 * Adds a route.
 *
 * @param dst       null, unspecified or of length 0: the default route; its router is used from now on
 * @param next_hop  null: `dst` is on the link
 * @param iface     1 to 31
 * @param ltime     in s; 0: for ever
 * @returns 0; -EINVAL without interface, or for a default route without next hop; -ENOMEM; -ENOTSUP for another than
 *          the default route if the node is no router
 */
export function* gnrc_ipv6_nib_ft_add(
  dst: Uint8Array | null, dst_len: number, next_hop: Uint8Array | null, iface: kernel_pid_t, ltime: number,
): Blocking<number> {
  const ltime_ms = ltime > UINT32_MAX / MS_PER_SEC ? UINT32_MAX : ltime * MS_PER_SEC;
  if (iface === 0 || (isDefault(dst, dst_len) && next_hop === null)) return -EINVAL;
  yield* _nib_acquire();
  const res = isDefault(dst, dst_len)
    ? addRouter(next_hop!, iface, ltime_ms) : addRoute(dst!, dst_len, next_hop, iface, ltime_ms);
  yield* _nib_release();
  return res;
}

function addRouter(next_hop: Uint8Array, iface: kernel_pid_t, ltime_ms: number): number {
  const entry = _nib_drl_add(next_hop, iface);
  if (entry === null) return -ENOMEM;
  nib().prime_def_router = entry;
  if (ltime_ms > 0) _evtimer_add(entry, GNRC_IPV6_NIB_RTR_TIMEOUT, entry.rtr_timeout, ltime_ms);
  return 0;
}

function addRoute(
  dst: Uint8Array, dst_len: number, next_hop: Uint8Array | null, iface: kernel_pid_t, ltime_ms: number,
): number {
  if (!nib_conf().router) return -ENOTSUP;
  const entry = _nib_ft_add(next_hop, iface, dst, Math.min(dst_len, IPV6_ADDR_BIT_LEN));
  if (entry === null) return -ENOMEM;
  if (ltime_ms > 0) _evtimer_add(entry, GNRC_IPV6_NIB_ROUTE_TIMEOUT, entry.route_timeout, ltime_ms);
  return 0;
}

/** Removes a route; for the default route, the default router in use. */
export function* gnrc_ipv6_nib_ft_del(dst: Uint8Array | null, dst_len: number): Blocking<void> {
  yield* _nib_acquire();
  if (isDefault(dst, dst_len)) {
    const router = _nib_drl_get_dr();
    if (router !== null) _nib_drl_remove(router);
  } else if (nib_conf().router) {
    for (let entry = _nib_offl_iter(null); entry !== null; entry = _nib_offl_iter(entry)) {
      if (entry.pfx_len !== dst_len || ipv6_addr_match_prefix(entry.pfx, dst!) < dst_len) continue;
      _nib_ft_remove(entry);
      break;
    }
  }
  yield* _nib_release();
}

function nextRoute(
  next_hop: Uint8Array | null, iface: kernel_pid_t, last: _nib_offl_entry_t | null,
): _nib_offl_entry_t | null {
  for (let entry = _nib_offl_iter(last); entry !== null; entry = _nib_offl_iter(entry)) {
    if (entry.mode === _PL && (entry.flags & _PFX_ON_LINK) === 0) continue;
    if (iface !== 0 && iface !== _nib_onl_get_if(entry.next_hop!)) continue;
    if (next_hop === null || ipv6_addr_equal(entry.next_hop!.ipv6, next_hop)) return entry;
  }
  return null;
}

/**
 * The next route over `next_hop` (null: any) on `iface` (0: any), into `fte`: first off-link entries, then default
 * routers.
 * @param state  where the iteration is; begins with entry null
 * @returns false at the end
 */
export function gnrc_ipv6_nib_ft_iter(
  next_hop: Uint8Array | null, iface: kernel_pid_t, state: nib_iter_t<_nib_offl_entry_t | _nib_dr_entry_t>,
  fte: gnrc_ipv6_nib_ft_t,
): boolean {
  let last = state.entry;
  if (last === null || last instanceof _nib_offl_entry_t) {
    const entry = nextRoute(next_hop, iface, last);
    state.entry = entry;
    if (entry !== null) {
      _nib_ft_get(entry, fte);
      return true;
    }
    last = null;
  }
  let router = _nib_drl_iter(last);
  while (router !== null && ((iface !== 0 && iface !== _nib_onl_get_if(router.next_hop!)) ||
      (next_hop !== null && !ipv6_addr_equal(router.next_hop!.ipv6, next_hop)))) {
    router = _nib_drl_iter(router);
  }
  if (router !== null) _nib_drl_ft_get(router, fte);
  state.entry = router;
  return router !== null;
}

/** Prints a route. */
export function gnrc_ipv6_nib_ft_print(fte: gnrc_ipv6_nib_ft_t): void {
  let line = fte.dst_len === 0 || ipv6_addr_is_unspecified(fte.dst)
    ? `default${fte.primary ? '*' : ''} ` : `${ipv6_addr_to_str(fte.dst)}/${fte.dst_len} `;
  if (!ipv6_addr_is_unspecified(fte.next_hop)) line += `via ${ipv6_addr_to_str(fte.next_hop)} `;
  puts(`${line}dev #${fte.iface}`);
}
