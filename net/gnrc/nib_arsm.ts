// The states of neighbours: address resolution and unreachability detection (RFC 4861 §7.2, §7.3, RFC 7048; RIOT
// sys/net/gnrc/network_layer/ipv6/nib/_nib-arsm.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { evtimer_now_msec } from '../../kernel/evtimer.ts';
import { assert, undefined_on_riot } from '../../kernel/panic.ts';
import { random_uint32_range } from '../../kernel/random.ts';
import { net_config } from '../config.ts';
import { quirk } from '../quirks.ts';
import { ipv6_addr_equal, ipv6_addr_set_solicited_nodes } from '../wire/addr.ts';
import { ICMPV6_NBR_ADV, ICMPV6_NBR_SOL, ICMPV6_RTR_ADV, ICMPV6_RTR_SOL } from '../wire/icmpv6.ts';
import { NDP_NBR_ADV_FLAGS_O, NDP_NBR_ADV_FLAGS_R, NDP_NBR_ADV_FLAGS_S } from '../wire/ndp.ts';
import { drop } from './drop.ts';
import { gnrc_sixlowpan_nd_opt_ar_build } from './ndp.ts';
import { gnrc_ndp_nbr_sol_send } from './ndp_send.ts';
import { gnrc_netapi_dispatch_send } from './netapi.ts';
import { gnrc_netif_get_eui64, gnrc_netif_ndp_addr_len_from_l2ao } from './netif_device_type.ts';
import { gnrc_netif_acquire, gnrc_netif_get_by_pid, gnrc_netif_is_6ln, gnrc_netif_is_6lr, gnrc_netif_release,
  type gnrc_netif_t } from './netif_t.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from './netreg.ts';
import { GNRC_NETTYPE_IPV6 } from './nettype.ts';
import { nib_conf } from './nib_conf.ts';
import { _nib_drl_get, _nib_nc_add, _nib_nc_remove, _nib_onl_nc_get } from './nib_internal.ts';
import { _nbr_flush_pktqueue, _nbr_pop_pkt } from './nib_queue.ts';
import {
  _call_route_info_cb, _evtimer_add, _evtimer_del, _evtimer_lookup, _get_nud_state, _nib_onl_entry_t, _nib_onl_get_if,
  GNRC_IPV6_NIB_NC_INFO_AR_STATE_GC, GNRC_IPV6_NIB_NC_INFO_AR_STATE_MASK, GNRC_IPV6_NIB_NC_INFO_IS_ROUTER,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_DELAY, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_PROBE,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE, GNRC_IPV6_NIB_REACH_TIMEOUT,
  GNRC_IPV6_NIB_RECALC_REACH_TIME, GNRC_IPV6_NIB_ROUTE_INFO_TYPE_NSC, GNRC_IPV6_NIB_SND_MC_NS,
  GNRC_IPV6_NIB_SND_UC_NS, nib_iface, UINT32_MAX,
} from './nib_t.ts';
import { gnrc_pktbuf_release } from './pktbuf.ts';

/** Backoff stops to grow here. */
const NDP_MAX_NS_NUMOF = 17;
/** Bounds of the random factor of the backoff, x 1000. */
const NDP_MIN_RANDOM_FACTOR = 500;
const NDP_MAX_RANDOM_FACTOR = 1500;
const OPTION_HEADER_LEN = 2;

/** A received neighbour discovery message, and where its parts are. */
export interface ndp_message_t {
  /** The ICMPv6 message, its header first. */
  readonly icmpv6: Uint8Array;
  readonly src: Uint8Array;
  readonly dst: Uint8Array;
  readonly type: number;
}

/**
 * Sends a neighbour solicitation; to the interface's default router with a registration of `src`, if that is given.
 * @param src  null: the best one for `tgt`
 */
export function* _snd_ns(
  tgt: Uint8Array, netif: gnrc_netif_t, src: Uint8Array | null, dst: Uint8Array,
): Blocking<void> {
  const router = nib_conf().six_ln ? _nib_drl_get(null, netif.pid) : null;
  if (src === null || router === null || !gnrc_netif_is_6ln(netif) ||
      !ipv6_addr_equal(router.next_hop!.ipv6, dst)) {
    return yield* gnrc_ndp_nbr_sol_send(tgt, netif, src, dst, null);
  }
  const eui64 = new Uint8Array(8);
  if (gnrc_netif_get_eui64(netif, eui64) !== 8) return drop('nib', 'no-eui64', 0);
  const aro = gnrc_sixlowpan_nd_opt_ar_build(0, net_config().CONFIG_GNRC_SIXLOWPAN_ND_AR_LTIME, eui64, null);
  if (aro === null) return drop('nib', 'pktbuf-full', 0);
  yield* gnrc_ndp_nbr_sol_send(tgt, netif, src, dst, aro);
}

/** Probes a neighbour at its own address. @param reset  it is the first probe */
export function* _snd_uc_ns(nbr: _nib_onl_entry_t, reset: boolean): Blocking<void> {
  const netif = gnrc_netif_get_by_pid(_nib_onl_get_if(nbr));
  assert(netif !== null, 'sys/net/gnrc/network_layer/ipv6/nib/_nib-arsm.c:72');
  yield* gnrc_netif_acquire(netif);
  if (reset) nbr.ns_sent = 0;
  yield* _snd_ns(nbr.ipv6, netif, null, nbr.ipv6);
  _evtimer_add(nbr, GNRC_IPV6_NIB_SND_UC_NS, nbr.nud_timeout, netif.ipv6.retrans_time);
  yield* gnrc_netif_release(netif);
  nbr.ns_sent++;
}

/** Whether the address in the option at `at` is that of the neighbour. */
function sameL2addr(nce: _nib_onl_entry_t, icmpv6: Uint8Array, at: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (nce.l2addr[i] !== icmpv6[at + OPTION_HEADER_LEN + i]) return false;
  return true;
}

function setL2addr(nce: _nib_onl_entry_t, icmpv6: Uint8Array, at: number, length: number): void {
  nce.l2addr_len = length;
  nce.l2addr.set(icmpv6.subarray(at + OPTION_HEADER_LEN, at + OPTION_HEADER_LEN + length));
}

/** Handles the source link-layer address option at `at` of a message: its sender is a neighbour. */
export function* _handle_sl2ao(netif: gnrc_netif_t, message: ndp_message_t, at: number): Blocking<void> {
  const { icmpv6, src, type } = message;
  const { arsm, six_lr } = nib_conf();
  const length = gnrc_netif_ndp_addr_len_from_l2ao(netif, icmpv6[at + 1]!);
  if (length < 0) return drop('nib', 'bad-link-layer-address', icmpv6[at + 1]! * 8);
  // A 6LR must not change an entry that is there because of a router solicitation (RFC 6775 §6.3).
  const mayChange = arsm && !(six_lr && type === ICMPV6_RTR_SOL && gnrc_netif_is_6lr(netif));
  let nce = _nib_onl_nc_get(src, netif.pid);
  if (nce === null) {
    nce = yield* _nib_nc_add(src, netif.pid, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE);
    if (nce === null) return drop('nib', 'neighbor-cache-full', icmpv6[at + 1]! * 8);
    if (type === ICMPV6_NBR_SOL) nce.info &= ~GNRC_IPV6_NIB_NC_INFO_IS_ROUTER;
  } else if (mayChange && (nce.l2addr_len !== length || !sameL2addr(nce, icmpv6, at, nce.l2addr_len))) {
    _evtimer_del(nce.nud_timeout);
    yield* _set_nud_state(netif, nce, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE);
  } else if (mayChange && _get_nud_state(nce) === GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE &&
             !quirk('nib-unreachable-stays')) {
    _evtimer_del(nce.nud_timeout);
    yield* _set_nud_state(netif, nce, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE);
  }
  if (type === ICMPV6_RTR_ADV) nce.info |= GNRC_IPV6_NIB_NC_INFO_IS_ROUTER;
  else if (type !== ICMPV6_NBR_SOL) nce.info &= ~GNRC_IPV6_NIB_NC_INFO_IS_ROUTER;
  if (mayChange) setL2addr(nce, icmpv6, at, length);
}

/** It is time for the next probe of a neighbour. */
export function* _handle_snd_ns(nbr: _nib_onl_entry_t): Blocking<void> {
  const config = net_config();
  switch (_get_nud_state(nbr)) {
    case GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE:
      if (nbr.ns_sent >= config.NDP_MAX_MC_SOL_NUMOF) return yield* _nib_nc_remove(nbr);
      return yield* _probe_nbr(nbr, false);
    case GNRC_IPV6_NIB_NC_INFO_NUD_STATE_PROBE:
      if (nbr.ns_sent >= config.NDP_MAX_UC_SOL_NUMOF) {
        yield* _set_unreachable(gnrc_netif_get_by_pid(_nib_onl_get_if(nbr)), nbr);
      }
      break;
    case GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE:
      break;
    default:
      return;
  }
  // A registered node need not be in its solicited-nodes group unless it is a router (RFC 6775 §5.2, §6.5.5).
  if (!nib_conf().six_lr || (nbr.info & GNRC_IPV6_NIB_NC_INFO_IS_ROUTER) !== 0 ||
      (nbr.info & GNRC_IPV6_NIB_NC_INFO_AR_STATE_MASK) === GNRC_IPV6_NIB_NC_INFO_AR_STATE_GC) {
    yield* _probe_nbr(nbr, false);
  }
}

/** A neighbour is no longer reachable, or nothing was heard of it in time. */
export function* _handle_state_timeout(nbr: _nib_onl_entry_t): Blocking<void> {
  const netif = gnrc_netif_get_by_pid(_nib_onl_get_if(nbr));
  switch (_get_nud_state(nbr)) {
    case GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE:
      return yield* _set_nud_state(netif, nbr, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE);
    case GNRC_IPV6_NIB_NC_INFO_NUD_STATE_DELAY:
      yield* _set_nud_state(netif, nbr, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_PROBE);
      return yield* _probe_nbr(nbr, true);
    default:
  }
}

/** Probes a neighbour: by its group while its address is not known or suspect. @param reset  it is the first probe */
export function* _probe_nbr(nbr: _nib_onl_entry_t, reset: boolean): Blocking<void> {
  if (!nib_conf().arsm) return;
  const state = _get_nud_state(nbr);
  switch (state) {
    case GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED:
      return;
    case GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE:
    case GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE:
      return yield* probeGroup(nbr, reset, state === GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE);
    default:
      return yield* _snd_uc_ns(nbr, reset);
  }
}

function* probeGroup(nbr: _nib_onl_entry_t, reset: boolean, unreachable: boolean): Blocking<void> {
  const netif = gnrc_netif_get_by_pid(_nib_onl_get_if(nbr));
  const next_ns = _evtimer_lookup(nbr, GNRC_IPV6_NIB_SND_MC_NS);
  assert(netif !== null, 'sys/net/gnrc/network_layer/ipv6/nib/_nib-arsm.c:292');
  yield* gnrc_netif_acquire(netif);
  const { retrans_time } = netif.ipv6;
  if (next_ns > retrans_time && !tooSoon(nbr, next_ns, retrans_time)) {
    if (reset) nbr.ns_sent = 0;
    // The first three were sent in PROBE, with one interval between them: the backoff begins after the fourth.
    const wait = unreachable ? backoff(nbr.ns_sent - 2, retrans_time) : retrans_time;
    const group = new Uint8Array(16);
    ipv6_addr_set_solicited_nodes(group, nbr.ipv6);
    nbr.mc_ns_time = evtimer_now_msec();
    yield* _snd_ns(nbr.ipv6, netif, null, group);
    _evtimer_add(nbr, GNRC_IPV6_NIB_SND_MC_NS, nbr.nud_timeout, wait);
    if (nbr.ns_sent < NDP_MAX_NS_NUMOF + 2) nbr.ns_sent++;
  }
  yield* gnrc_netif_release(netif);
}

/**
 * Whether a probe is due within the backoff, and the last one was sent less than the interval between two ago (RFC 4861
 * §7.2.2). RIOT looks at the former only, and then at whether it is due after more than that interval.
 */
function tooSoon(nbr: _nib_onl_entry_t, next_ns: number, retrans_time: number): boolean {
  return next_ns !== UINT32_MAX && ((evtimer_now_msec() - nbr.mc_ns_time) >>> 0) < retrans_time &&
    !quirk('nib-probes-not-limited');
}

/** Time to the next probe (RFC 7048 with a multiple of 2). */
function backoff(ns_sent: number, retrans_timer: number): number {
  const factor = random_uint32_range(NDP_MIN_RANDOM_FACTOR, NDP_MAX_RANDOM_FACTOR);
  return _exp_backoff_retrans_timer_factor(ns_sent, retrans_timer, factor);
}

/**
 * Time to the next probe, ms.
 *
 * @param ns_sent        0 to 17
 * @param retrans_timer  ms
 * @param factor         500 to 1499, thousandths
 */
export function _exp_backoff_retrans_timer_factor(ns_sent: number, retrans_timer: number, factor: number): number {
  if (ns_sent < 0 || ns_sent > NDP_MAX_NS_NUMOF) {
    undefined_on_riot(`a backoff after ${ns_sent} neighbor solicitations`);
    ns_sent = ns_sent < 0 ? 0 : NDP_MAX_NS_NUMOF;
  }
  // A product of 64 bits whose low 32 count, after the division.
  const wait = Number((BigInt(retrans_timer * factor) << BigInt(ns_sent)) / 1000n & 0xffffffffn);
  return Math.min(wait, net_config().NDP_MAX_RETRANS_TIMER_MS);
}

function flagSet({ type, icmpv6 }: ndp_message_t, flag: number): boolean {
  return type === ICMPV6_NBR_ADV && (icmpv6[4]! & flag) !== 0;
}

/** Whether the address in the option changes the entry. As RIOT reckons: only if length and bytes differ, both. */
function changes(nce: _nib_onl_entry_t, netif: gnrc_netif_t, icmpv6: Uint8Array, at: number, length: number): boolean {
  if (at < 0) return false;
  return (nce.l2addr_len !== length && !sameL2addr(nce, icmpv6, at, length)) || _nib_onl_get_if(nce) !== netif.pid;
}

/**
 * Handles the target link-layer address option at `at` of an advertisement about the neighbour `nce`; -1: none, and the
 * link has no addresses.
 */
export function* _handle_adv_l2(
  netif: gnrc_netif_t, nce: _nib_onl_entry_t, message: ndp_message_t, at: number,
): Blocking<void> {
  if (!nib_conf().arsm) return;
  const { icmpv6 } = message;
  const length = at < 0 ? 0 : gnrc_netif_ndp_addr_len_from_l2ao(netif, icmpv6[at + 1]!);
  if (length < 0) return drop('nib', 'bad-link-layer-address', icmpv6[at + 1]! * 8);
  const incomplete = _get_nud_state(nce) === GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE;
  const override = flagSet(message, NDP_NBR_ADV_FLAGS_O);
  const solicited = flagSet(message, NDP_NBR_ADV_FLAGS_S);
  if (incomplete || override || changes(nce, netif, icmpv6, at, length)) {
    if (at < 0) nce.l2addr_len = 0;
    else setL2addr(nce, icmpv6, at, length);
    if (solicited) {
      yield* _set_reachable(netif, nce);
    } else {
      _evtimer_del(nce.nud_timeout);
      yield* _set_nud_state(netif, nce, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE);
    }
    if (override || incomplete) {
      if (flagSet(message, NDP_NBR_ADV_FLAGS_R)) nce.info |= GNRC_IPV6_NIB_NC_INFO_IS_ROUTER;
      else nce.info &= ~GNRC_IPV6_NIB_NC_INFO_IS_ROUTER;
    }
    yield* sendQueued(nce);
  } else if (differs(nce, icmpv6, at, length) && !quirk('nib-na-other-address')) {
    if (_get_nud_state(nce) !== GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE) return;
    _evtimer_del(nce.nud_timeout);
    yield* _set_nud_state(netif, nce, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE);
  } else if (solicited && _get_nud_state(nce) !== GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED) {
    yield* _set_reachable(netif, nce);
  }
}

function differs(nce: _nib_onl_entry_t, icmpv6: Uint8Array, at: number, length: number): boolean {
  return at >= 0 && !(nce.l2addr_len === length && sameL2addr(nce, icmpv6, at, length));
}

/** Sends what waits for a neighbour. */
function* sendQueued(nce: _nib_onl_entry_t): Blocking<void> {
  for (let entry = _nbr_pop_pkt(nce); entry !== null; entry = _nbr_pop_pkt(nce)) {
    const pkt = entry.pkt!;
    entry.pkt = null;
    if ((yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
      gnrc_pktbuf_release(pkt);
    }
  }
}

/** Draws the interface's reachable time anew, between half and one and a half of its base, and when to do so again. */
export function _recalc_reach_time(netif: gnrc_netif_t): void {
  const { ipv6 } = netif;
  const half = ipv6.reach_time_base >>> 1;
  ipv6.reach_time = random_uint32_range(half, ipv6.reach_time_base + half);
  // RIOT hands the timer's message the interface's IPv6 part; here it is the interface.
  _evtimer_add(netif, GNRC_IPV6_NIB_RECALC_REACH_TIME, nib_iface(netif).recalc_reach_time,
    net_config().CONFIG_GNRC_IPV6_NIB_REACH_TIME_RESET);
}

/** A neighbour is reachable, for the interface's reachable time. */
export function* _set_reachable(netif: gnrc_netif_t, nce: _nib_onl_entry_t): Blocking<void> {
  if (!nib_conf().arsm) return;
  yield* _set_nud_state(netif, nce, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE);
  _evtimer_add(nce, GNRC_IPV6_NIB_REACH_TIMEOUT, nce.nud_timeout, netif.ipv6.reach_time);
}

/** A neighbour did not answer: what waits for it is dropped. */
export function* _set_unreachable(netif: gnrc_netif_t | null, nce: _nib_onl_entry_t): Blocking<void> {
  yield* _nbr_flush_pktqueue(nce);
  yield* _set_nud_state(netif, nce, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE);
}

/** Sets a neighbour's state, and tells the routing protocol. */
export function* _set_nud_state(
  netif: gnrc_netif_t | null, nce: _nib_onl_entry_t, state: number,
): Blocking<void> {
  const { arsm, router } = nib_conf();
  if (!arsm) return;
  nce.info = (nce.info & ~GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK) | state;
  if (!router || netif === null) return;
  yield* gnrc_netif_acquire(netif);
  yield* _call_route_info_cb(netif, GNRC_IPV6_NIB_ROUTE_INFO_TYPE_NSC, nce.ipv6, state);
  yield* gnrc_netif_release(netif);
}
