// Received router advertisements: default routers, parameters of the link, prefixes, routes and contexts (RFC 4861
// §6.3.4, RFC 4862 §5.5.3, RFC 4191, RFC 6775 §5.4; RIOT sys/net/gnrc/network_layer/ipv6/nib/nib.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { evtimer_now_msec } from '../../kernel/evtimer.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { quirk } from '../quirks.ts';
import {
  ipv6_addr_is_link_local, ipv6_addr_is_multicast, ipv6_addr_is_unspecified, ipv6_addr_match_prefix,
} from '../wire/addr.ts';
import { get32 } from '../wire/bytes.ts';
import { IPV6_MIN_MTU } from '../wire/ipv6.ts';
import {
  NDP_OPT_6CTX, NDP_OPT_ABR, NDP_OPT_MTU, NDP_OPT_PI, NDP_OPT_PI_FLAGS_A, NDP_OPT_PI_FLAGS_L, NDP_OPT_RI, NDP_OPT_SL2A,
  type NdpRtrAdvRepr,
} from '../wire/ndp.ts';
import { drop } from './drop.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_DEPRECATED, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK,
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID, gnrc_netif_ipv6_addr_get_state,
} from './netif_ipv6.ts';
import {
  gnrc_netif_acquire, gnrc_netif_get_by_pid, gnrc_netif_is_6lbr, gnrc_netif_is_6ln, gnrc_netif_is_6lr,
  gnrc_netif_release, type gnrc_netif_t,
} from './netif_t.ts';
import { _handle_6co, _handle_abro, _handle_rereg_address, nib_abro_ltime } from './nib_6ln.ts';
import { _handle_sl2ao, _recalc_reach_time, type ndp_message_t } from './nib_arsm.ts';
import { nib_conf } from './nib_conf.ts';
import { gnrc_ipv6_nib_ft_add, gnrc_ipv6_nib_ft_del } from './nib_ft.ts';
import { _nib_drl_add, _nib_drl_get, _nib_drl_remove } from './nib_internal.ts';
import { _nib_offl_iter, _nib_offl_remove_prefix, _nib_pl_add } from './nib_offl.ts';
import { _set_rtr_adv } from './nib_router.ts';
import { gnrc_ipv6_nib_stop_search_rtr, nib_search_rtr_in } from './nib_search.ts';
import { _auto_configure_addr } from './nib_slaac.ts';
import {
  _DRL, _evtimer_add, type _nib_abr_entry_t, type _nib_dr_entry_t, type _nib_offl_entry_t, _nib_onl_get_if,
  _PFX_ON_LINK, _PFX_SLAAC, _PL, GNRC_IPV6_NIB_PFX_TIMEOUT, GNRC_IPV6_NIB_RTR_TIMEOUT, IPV6_ADDR_BIT_LEN, MS_PER_MIN,
  MS_PER_SEC, nib_iface, UINT32_MAX,
} from './nib_t.ts';

const OPTION_UNIT = 8;
const RTR_ADV_HEADER_LEN = 16;
const NDP_OPT_PI_LEN = 4;
const NDP_OPT_MTU_LEN = 1;
const RIO_LEN_MAX = 3;
const IID_BIT_LEN = 64;
const TWO_HOURS = 7200 * 1000;

/** A lifetime of s in ms: 0xffffffff stays, what is longer than can be is the longest that can. */
function toMs(seconds: number): number {
  return seconds === UINT32_MAX ? UINT32_MAX : Math.min(seconds * MS_PER_SEC, UINT32_MAX - 1);
}

/** What an advertisement is handled with. */
interface Handling {
  readonly netif: gnrc_netif_t;
  readonly message: ndp_message_t;
  readonly abr: _nib_abr_entry_t | null;
}

/** Handles an advertisement that is valid. The interface and the NIB are locked. */
export function* _handle_rtr_adv(netif: gnrc_netif_t, repr: NdpRtrAdvRepr, message: ndp_message_t): Blocking<void> {
  const { icmpv6 } = message;
  const abro = nib_conf().multihop_p6c ? findAbro(icmpv6) : -1;
  if (abro === Infinity) return drop('nib', 'several-border-routers', icmpv6.length);
  const abr = abro < 0 ? null : _handle_abro(icmpv6, abro);
  if (abro >= 0 && abr === null) return drop('nib', 'border-router-ignored', icmpv6.length);
  if (abro < 0 && needsAbro(netif)) return drop('nib', 'no-border-router', icmpv6.length);
  let earliest = abro < 0 ? UINT32_MAX : nib_abro_ltime(icmpv6, abro) * MS_PER_MIN;

  const taken = takeRouter(netif, repr, message);
  const router = taken === 'full' ? null : taken;
  if (taken === 'full') {
    drop('nib', 'default-router-list-full', icmpv6.length);
    if (quirk('nib-second-router')) return;
  }
  if (router !== null) earliest = Math.min(earliest, repr.routerLifetime * MS_PER_SEC);
  takeParameters(netif, repr);
  const isNode = gnrc_netif_is_6ln(netif) && !gnrc_netif_is_6lbr(netif);
  if (router !== null && isNode) yield* registerAll(netif);
  earliest = Math.min(earliest, yield* takeOptions({ netif, message, abr }));

  if (router === null) return;
  if (!gnrc_netif_is_6lbr(netif)) gnrc_ipv6_nib_stop_search_rtr(netif);
  if (!isNode) return;
  if (nib_conf().multihop_p6c_auto_adv) yield* _set_rtr_adv(netif);
  // What was told is asked for anew in time: after three quarters of the shortest lifetime.
  nib_search_rtr_in(netif, (earliest >>> 2) * 3);
}

/** Where the border router option is; -1: nowhere; Infinity: there are several. */
function findAbro(icmpv6: Uint8Array): number {
  let found = -1;
  for (let at = RTR_ADV_HEADER_LEN; at < icmpv6.length; at += icmpv6[at + 1]! * OPTION_UNIT) {
    if (icmpv6[at] === NDP_OPT_ABR) found = found < 0 ? at : Infinity;
  }
  return found;
}

function needsAbro(netif: gnrc_netif_t): boolean {
  const { multihop_p6c, six_lbr } = nib_conf();
  return multihop_p6c && !six_lbr && gnrc_netif_is_6lr(netif) && quirk('nib-6lr-needs-abro');
}

/** Takes the sender as a default router for its lifetime, or, with none, as one no more: null. */
function takeRouter(
  netif: gnrc_netif_t, { routerLifetime }: NdpRtrAdvRepr, { src }: ndp_message_t,
): _nib_dr_entry_t | 'full' | null {
  if (!gnrc_netif_is_6lbr(netif) && routerLifetime !== 0) {
    const router = _nib_drl_add(src, netif.pid);
    if (router === null) return 'full';
    _evtimer_add(router, GNRC_IPV6_NIB_RTR_TIMEOUT, router.rtr_timeout, routerLifetime * MS_PER_SEC);
    return router;
  }
  const router = _nib_drl_get(src, netif.pid);
  if (router !== null) _handle_rtr_timeout(router);
  return null;
}

/** A default router is one no more. */
export function _handle_rtr_timeout(router: _nib_dr_entry_t): void {
  if (router.next_hop !== null && (router.next_hop.mode & _DRL) !== 0) _nib_drl_remove(router);
}

function takeParameters(netif: gnrc_netif_t, repr: NdpRtrAdvRepr): void {
  const { ipv6 } = netif;
  if (repr.curHopLimit !== 0) netif.cur_hl = repr.curHopLimit;
  if (nib_conf().arsm && repr.reachableTime !== 0 && repr.reachableTime !== ipv6.reach_time_base) {
    ipv6.reach_time_base = repr.reachableTime;
    _recalc_reach_time(netif);
  }
  if (repr.retransTimer !== 0) ipv6.retrans_time = repr.retransTimer;
}

/** Registers those addresses that are not valid. */
function* registerAll(netif: gnrc_netif_t): Blocking<void> {
  const { addrs, addrs_flags } = netif.ipv6;
  for (let i = 0; i < addrs.length; i++) {
    if (addrs_flags[i] !== 0 && addrs_flags[i] !== GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID) {
      yield* _handle_rereg_address(addrs[i]!);
    }
  }
}

/** Handles the options; the earliest end of what they tell, ms. */
function* takeOptions(handling: Handling): Blocking<number> {
  const { netif, message, abr } = handling;
  const { icmpv6 } = message;
  let earliest = UINT32_MAX;
  for (let at = RTR_ADV_HEADER_LEN; at < icmpv6.length; at += icmpv6[at + 1]! * OPTION_UNIT) {
    let ltime = UINT32_MAX;
    switch (icmpv6[at]) {
      case NDP_OPT_SL2A:
        yield* _handle_sl2ao(netif, message, at);
        break;
      case NDP_OPT_MTU:
        takeMtu(netif, icmpv6, at);
        break;
      case NDP_OPT_RI:
        yield* takeRoute(netif, message, at);
        break;
      case NDP_OPT_PI:
        ltime = yield* takePrefix(handling, at);
        break;
      case NDP_OPT_6CTX:
        if (nib_conf().six_ln) ltime = _handle_6co(icmpv6, at, abr);
        break;
      default:
    }
    if (ltime !== 0 || quirk('nib-zero-lifetime-refetch')) earliest = Math.min(earliest, ltime);
  }
  return earliest;
}

function takeMtu(netif: gnrc_netif_t, icmpv6: Uint8Array, at: number): void {
  const mtu = get32(icmpv6, at + 4);
  if (icmpv6[at + 1] !== NDP_OPT_MTU_LEN || mtu < IPV6_MIN_MTU) return drop('nib', 'bad-mtu', icmpv6[at + 1]! * 8);
  if (mtu > nib_iface(netif).link_mtu && !quirk('nib-mtu-16-bits')) return drop('nib', 'bad-mtu', OPTION_UNIT);
  netif.ipv6.mtu = mtu & 0xffff;
}

/** A route by way of the sender. As on RIOT the option's own length is not looked at. */
function* takeRoute(netif: gnrc_netif_t, { icmpv6, src }: ndp_message_t, at: number): Blocking<void> {
  if (!nib_conf().rio) return;
  const length = icmpv6[at + 1]!;
  const pfx_len = icmpv6[at + 2]!;
  const ltime = get32(icmpv6, at + 4);
  const prefix = new Uint8Array(16);
  prefix.set(icmpv6.subarray(at + 8, at + Math.min(length, RIO_LEN_MAX) * OPTION_UNIT));
  if (length < RIO_LEN_MAX && pfx_len > (length - 1) * 64) {
    return undefined_on_riot('a route information option is shorter than its prefix');
  }
  if (ipv6_addr_is_link_local(prefix)) return drop('nib', 'bad-route', length * OPTION_UNIT);
  if (ltime === 0) yield* gnrc_ipv6_nib_ft_del(prefix, pfx_len);
  else yield* gnrc_ipv6_nib_ft_add(prefix, pfx_len, src, netif.pid, ltime === UINT32_MAX ? 0 : ltime);
}

/** Whether a prefix can be listed, and an address be made of it if it is to be; RIOT asserts that. */
function isListable(prefix: Uint8Array, pfx_len: number, auto: boolean): boolean {
  if (pfx_len > 0 && pfx_len <= IPV6_ADDR_BIT_LEN && !ipv6_addr_is_unspecified(prefix) &&
      !(auto && ipv6_addr_is_multicast(prefix))) return true;
  undefined_on_riot(`a prefix of ${pfx_len} bits is advertised that is none of unicast addresses`);
  return false;
}

/** Handles a prefix information: makes an address of it, and lists it. How long it is preferred, ms. */
function* takePrefix({ netif, message, abr }: Handling, at: number): Blocking<number> {
  const { icmpv6 } = message;
  const pfx_len = icmpv6[at + 2]!;
  const flags = icmpv6[at + 3]!;
  if (icmpv6[at + 1] !== NDP_OPT_PI_LEN) return ignorePrefix(icmpv6[at + 1]! * OPTION_UNIT);
  const valid = get32(icmpv6, at + 4);
  const pref = get32(icmpv6, at + 8);
  const prefix = icmpv6.subarray(at + 16, at + 32);
  const onLink = (flags & NDP_OPT_PI_FLAGS_L) !== 0;
  let auto = (flags & NDP_OPT_PI_FLAGS_A) !== 0;
  // On 6LoWPAN links no prefix is on-link (RFC 6775 §5.4).
  if (ipv6_addr_is_link_local(prefix) || valid < pref || (gnrc_netif_is_6ln(netif) && onLink)) {
    return ignorePrefix(NDP_OPT_PI_LEN * OPTION_UNIT);
  }
  if (auto && pfx_len !== IID_BIT_LEN && !quirk('nib-pio-any-length')) auto = false;
  if (auto && (valid !== 0 || quirk('nib-pio-two-hours'))) yield* _auto_configure_addr(netif, prefix, pfx_len);
  const multihop = nib_conf().multihop_p6c && gnrc_netif_is_6lr(netif) && abr !== null;
  if (!auto && !onLink && !multihop) return UINT32_MAX;
  if (valid === 0 && !hasTwoHourRule(prefix, pfx_len)) {
    yield* removePrefix(prefix, pfx_len);
    return UINT32_MAX;
  }
  if (!isListable(prefix, pfx_len, auto)) return UINT32_MAX;
  return listPrefix(netif, prefix, pfx_len, valid, pref, (onLink ? _PFX_ON_LINK : 0) | (auto ? _PFX_SLAAC : 0), abr);
}

function ignorePrefix(bytes: number): number {
  drop('nib', 'bad-prefix', bytes);
  return UINT32_MAX;
}

/** The prefix in the list, of any interface; null if it is not there. */
function listed(prefix: Uint8Array, pfx_len: number): _nib_offl_entry_t | null {
  let entry = _nib_offl_iter(null);
  while (entry !== null && ((entry.mode & _PL) === 0 || entry.pfx_len !== pfx_len ||
      ipv6_addr_match_prefix(entry.pfx, prefix) < pfx_len)) {
    entry = _nib_offl_iter(entry);
  }
  return entry;
}

/** Whether the lifetime of a prefix is not simply cut to 0: it has addresses, and RIOT's way is not wanted. */
function hasTwoHourRule(prefix: Uint8Array, pfx_len: number): boolean {
  const entry = listed(prefix, pfx_len);
  return entry !== null && (entry.flags & _PFX_SLAAC) !== 0 && !quirk('nib-pio-two-hours');
}

/** The lifetime that a prefix gets, ms: the rest of one is not cut below two hours (RFC 4862 §5.5.3 e). */
function validLifetime(prefix: Uint8Array, pfx_len: number, valid: number): number {
  const entry = valid >= TWO_HOURS ? null : listed(prefix, pfx_len);
  if (entry === null || (entry.flags & _PFX_SLAAC) === 0) return valid;
  const rest = entry.valid_until === UINT32_MAX ? UINT32_MAX : (entry.valid_until - evtimer_now_msec()) >>> 0;
  if (valid >= rest || quirk('nib-pio-two-hours')) return valid;
  return Math.min(rest, TWO_HOURS);
}

function listPrefix(
  netif: gnrc_netif_t, prefix: Uint8Array, pfx_len: number, valid: number, pref: number, flags: number,
  abr: _nib_abr_entry_t | null,
): number {
  const pref_ms = toMs(pref);
  const valid_ms = validLifetime(prefix, pfx_len, toMs(valid));
  const entry = _nib_pl_add(netif.pid, prefix, pfx_len, valid_ms, pref_ms);
  if (entry === null) {
    drop('nib', 'prefix-list-full', NDP_OPT_PI_LEN * OPTION_UNIT);
    return UINT32_MAX;
  }
  if (abr !== null) abr.pfxs[entry.idx] = 1;
  entry.flags |= flags;
  if (pref !== 0) preferAgain(netif, entry);
  return Math.min(pref_ms, valid_ms);
}

/** Deprecated addresses of a prefix that is preferred again: on a 6LN they are registered anew, with that effect. */
function preferAgain(netif: gnrc_netif_t, { pfx, pfx_len, flags }: _nib_offl_entry_t): void {
  const { addrs, addrs_flags } = netif.ipv6;
  for (let i = 0; i < addrs.length; i++) {
    if (gnrc_netif_ipv6_addr_get_state(netif, i) !== GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_DEPRECATED ||
        (flags & _PFX_SLAAC) === 0 || ipv6_addr_match_prefix(addrs[i]!, pfx) < pfx_len ||
        gnrc_netif_is_6ln(netif) || quirk('nib-deprecated-stays')) continue;
    setState(addrs_flags, i, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID);
  }
}

function setState(addrs_flags: Uint8Array, idx: number, state: number): void {
  addrs_flags[idx] = (addrs_flags[idx]! & ~GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK) | state;
}

/** Removes a prefix, of all interfaces, with its addresses. */
function* removePrefix(prefix: Uint8Array, pfx_len: number): Blocking<void> {
  for (let entry = listed(prefix, pfx_len); entry !== null; entry = listed(prefix, pfx_len)) {
    yield* _nib_offl_remove_prefix(entry);
  }
}

/** The preferred or the valid lifetime of a prefix has ended. */
export function* _handle_pfx_timeout(entry: _nib_offl_entry_t): Blocking<void> {
  const netif = entry.next_hop === null ? null : gnrc_netif_get_by_pid(_nib_onl_get_if(entry.next_hop));
  if (netif === null) return;
  const now = evtimer_now_msec();
  yield* gnrc_netif_acquire(netif);
  if (now >= entry.valid_until) {
    yield* _nib_offl_remove_prefix(entry);
  } else if (now >= entry.pref_until) {
    const { addrs, addrs_flags } = netif.ipv6;
    for (let i = 0; i < addrs.length; i++) {
      if (ipv6_addr_match_prefix(addrs[i]!, entry.pfx) < entry.pfx_len) continue;
      setState(addrs_flags, i, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_DEPRECATED);
    }
    _evtimer_add(entry, GNRC_IPV6_NIB_PFX_TIMEOUT, entry.pfx_timeout, entry.valid_until - now);
  }
  yield* gnrc_netif_release(netif);
}
