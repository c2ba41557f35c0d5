// Received neighbour discovery messages: solicitations of routers and neighbours, advertisements of neighbours (RFC
// 4861 §6, §7, RFC 6775 §5, §6; RIOT sys/net/gnrc/network_layer/ipv6/nib/nib.c). nib_rtr_adv.ts has those of routers.
import type { Blocking } from '../../kernel/blocking.ts';
import { evtimer_now_msec } from '../../kernel/evtimer.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { random_uint32_range } from '../../kernel/random.ts';
import { net_config } from '../config.ts';
import { quirk } from '../quirks.ts';
import {
  ipv6_addr_is_link_local, ipv6_addr_is_multicast, ipv6_addr_is_solicited_node, ipv6_addr_is_unspecified,
} from '../wire/addr.ts';
import { ICMPV6_NBR_SOL, ICMPV6_RTR_ADV, ICMPV6_RTR_SOL } from '../wire/icmpv6.ts';
import { IPV6_OFFSET_DST, IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_SRC } from '../wire/ipv6.ts';
import {
  NDP_HOP_LIMIT, NDP_NBR_ADV_FLAGS_O, NDP_NBR_ADV_FLAGS_R, NDP_NBR_ADV_FLAGS_S, NDP_OPT_AR, NDP_OPT_SL2A, NDP_OPT_TL2A,
  ndpLength, parseNdp, parseNdpOptions, type NdpNbrAdvRepr, type NdpNbrSolRepr, type NdpRepr,
} from '../wire/ndp.ts';
import { drop, drop_pkt } from './drop.ts';
import { gnrc_ndp_nbr_adv_build, gnrc_ndp_opt_tl2a_build } from './ndp.ts';
import { gnrc_ndp_build_headers, gnrc_ndp_nbr_adv_send } from './ndp_send.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST, gnrc_netif_get_by_ipv6_addr, gnrc_netif_ipv6_addr_idx,
} from './netif_ipv6.ts';
import {
  GNRC_NETIF_FLAGS_HAS_L2ADDR, gnrc_netif_acquire, gnrc_netif_is_6ln, gnrc_netif_is_6lr, gnrc_netif_is_rtr,
  gnrc_netif_is_rtr_adv, gnrc_netif_release, type gnrc_netif_t,
} from './netif_t.ts';
import { _ADDR_REG_STATUS_UNAVAIL, nib_handle_aro_reply } from './nib_6ln.ts';
import { _copy_and_handle_aro, nib_registration_dst } from './nib_6lr.ts';
import { _handle_adv_l2, _handle_sl2ao, _set_reachable, type ndp_message_t } from './nib_arsm.ts';
import { nib_conf } from './nib_conf.ts';
import { _nib_nc_add, _nib_onl_nc_get } from './nib_internal.ts';
import { nib_drop_delayed_na } from './nib_queue.ts';
import { _snd_rtr_advs } from './nib_router.ts';
import { _handle_rtr_adv, _handle_rtr_timeout } from './nib_rtr_adv.ts';
import { _handle_dad, _remove_tentative_addr, nib_cancel_dad, nib_tentative_idx } from './nib_slaac.ts';
import {
  _evtimer_add, _evtimer_lookup, _get_nud_state, _nib_acquire, _nib_release, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE, GNRC_IPV6_NIB_REPLY_RS, GNRC_IPV6_NIB_SND_MC_RA, GNRC_IPV6_NIB_SND_NA, nib,
  nib_iface, UINT32_MAX,
} from './nib_t.ts';
import { gnrc_pktbuf_release } from './pktbuf.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';

const OPTION_UNIT = 8;
const NBR_HEADER_LEN = 24;
const RTR_SOL_HEADER_LEN = 8;
/** Longest router lifetime of a classic link, s. */
const NDP_RTR_ADV_LTIME_SEC_MAX = 9000;

/**
 * Handles a neighbour discovery message whose checksum is right.
 *
 * @param netif   the interface that it is for
 * @param ipv6    its IPv6 header
 * @param icmpv6  the message, the ICMPv6 header first
 */
export function* gnrc_ipv6_nib_handle_pkt(
  netif: gnrc_netif_t, ipv6: Uint8Array, icmpv6: Uint8Array,
): Blocking<void> {
  const repr = parseNdp(icmpv6);
  // A redirect, or a message of duplicate address detection over several hops: RIOT passes over them too.
  if (repr === 'not-ndp') return drop('nib', 'not-handled', icmpv6.length);
  if (typeof repr === 'string') return drop('nib', repr, icmpv6.length);
  const message: ndp_message_t = {
    icmpv6,
    src: ipv6.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_SRC + 16),
    dst: ipv6.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16),
    type: repr.type,
  };
  const reason = ipv6[IPV6_OFFSET_HOP_LIMIT] !== NDP_HOP_LIMIT
    ? 'hop-limit-not-255' : whyInvalid(repr, netif, message) ?? whyBadOptions(repr, message);
  if (reason !== null) return drop('nib', reason, icmpv6.length);
  yield* gnrc_netif_acquire(netif);
  yield* _nib_acquire();
  switch (repr.type) {
    case ICMPV6_RTR_SOL:
      yield* handleRtrSol(netif, message);
      break;
    case ICMPV6_RTR_ADV:
      yield* _handle_rtr_adv(netif, repr, message);
      break;
    case ICMPV6_NBR_SOL:
      yield* handleNbrSol(netif, repr, message);
      break;
    default:
      yield* handleNbrAdv(netif, repr, message);
  }
  yield* _nib_release();
  yield* gnrc_netif_release(netif);
}

function whyInvalid(repr: NdpRepr, netif: gnrc_netif_t, { src, dst }: ndp_message_t): string | null {
  switch (repr.type) {
    case ICMPV6_RTR_SOL:
      return nib_conf().router && gnrc_netif_is_rtr(netif) ? null : 'not-handled';
    case ICMPV6_RTR_ADV:
      if (!ipv6_addr_is_link_local(src)) return 'source-not-link-local';
      return !gnrc_netif_is_6ln(netif) && repr.routerLifetime > NDP_RTR_ADV_LTIME_SEC_MAX &&
        quirk('nib-ra-lifetime-9000') ? 'router-lifetime' : null;
    case ICMPV6_NBR_SOL:
      if (ipv6_addr_is_unspecified(src) && !ipv6_addr_is_solicited_node(dst)) return 'unspecified-source';
      return gnrc_netif_ipv6_addr_idx(netif, repr.target) < 0 ? 'target-not-mine' : null;
    default:
      return ipv6_addr_is_multicast(dst) && (repr.flags & NDP_NBR_ADV_FLAGS_S) !== 0 ? 'solicited-multicast' : null;
  }
}

function whyBadOptions(repr: NdpRepr, { icmpv6, src, type }: ndp_message_t): string | null {
  const options = parseNdpOptions(icmpv6, ndpLength(repr));
  if (typeof options === 'string') return options;
  const solicits = type === ICMPV6_RTR_SOL || type === ICMPV6_NBR_SOL;
  if (!solicits || !ipv6_addr_is_unspecified(src) || findOption(icmpv6, ndpLength(repr), NDP_OPT_SL2A) < 0) return null;
  return type === ICMPV6_RTR_SOL || !quirk('nib-ns-sl2ao-unspecified') ? 'unspecified-source' : null;
}

/** Where the last option of this type begins, -1: nowhere. The options are well-formed. */
function findOption(icmpv6: Uint8Array, from: number, type: number): number {
  let found = -1;
  for (let at = from; at < icmpv6.length; at += icmpv6[at + 1]! * OPTION_UNIT) if (icmpv6[at] === type) found = at;
  return found;
}

/** A router is solicited: on 6LoWPAN links it answers at once, else after a while, and all if it does not know who. */
function* handleRtrSol(netif: gnrc_netif_t, message: ndp_message_t): Blocking<void> {
  const { icmpv6, src } = message;
  if (gnrc_netif_is_6ln(netif)) {
    if (nib_conf().six_lr && gnrc_netif_is_rtr_adv(netif)) return yield* _snd_rtr_advs(netif, src, false);
    return drop('nib', 'not-handled', icmpv6.length);
  }
  const known = !ipv6_addr_is_unspecified(src);
  if (known) {
    for (let at = RTR_SOL_HEADER_LEN; at < icmpv6.length; at += icmpv6[at + 1]! * OPTION_UNIT) {
      if (icmpv6[at] === NDP_OPT_SL2A) yield* _handle_sl2ao(netif, message, at);
    }
  }
  const nce = known ? _nib_onl_nc_get(src, netif.pid) : null;
  const delay = random_uint32_range(0, net_config().NDP_MAX_RA_DELAY);
  if (_evtimer_lookup(netif, GNRC_IPV6_NIB_SND_MC_RA) < delay) return;
  if (nce !== null) return _evtimer_add(nce, GNRC_IPV6_NIB_REPLY_RS, nce.reply_rs, delay);
  _evtimer_add(netif, GNRC_IPV6_NIB_SND_MC_RA, nib_iface(netif).snd_mc_ra, delay + delayToAll(netif));
}

/** How much longer an advertisement to all has to wait, ms. */
function delayToAll(netif: gnrc_netif_t): number {
  const min = net_config().NDP_MIN_MS_DELAY_BETWEEN_RAS;
  const { last_ra } = nib_iface(netif);
  const now = evtimer_now_msec();
  const riot = (last_ra > UINT32_MAX - min && now < min) || ((now - min) >>> 0) > last_ra ? min : 0;
  const since = (now - last_ra) >>> 0;
  const rfc = last_ra === UINT32_MAX || since >= min ? 0 : min - since;
  return riot === rfc || quirk('nib-ra-delay-inverted') ? riot : rfc;
}

/**
 * Another node has, or wants, the target of a message, which is a tentative address of an interface: it is removed.
 * @returns true if the message is thereby handled
 */
function* handleDuplicate(netif: gnrc_netif_t, target: Uint8Array, mayBeAsked: boolean): Blocking<boolean> {
  const owner = nib_conf().slaac ? gnrc_netif_get_by_ipv6_addr(target) : null;
  if (owner === null) return false;
  const idx = nib_tentative_idx(owner, target);
  if (idx < 0) return false;
  if (mayBeAsked) {
    drop('nib', 'target-tentative', NBR_HEADER_LEN);
    return true;
  }
  if (owner !== netif) {
    undefined_on_riot('a tentative address of another interface is a duplicate');
    return true;
  }
  nib_cancel_dad(owner, idx);
  yield* _remove_tentative_addr(owner, target);
  return true;
}

/** A neighbour asks for an address of the interface, and perhaps to register its own. */
function* handleNbrSol(netif: gnrc_netif_t, { target }: NdpNbrSolRepr, message: ndp_message_t): Blocking<void> {
  const { icmpv6, src, dst } = message;
  const unspecified = ipv6_addr_is_unspecified(src);
  if (yield* handleDuplicate(netif, target, !unspecified)) return;
  if (unspecified) return yield* gnrc_ndp_nbr_adv_send(target, netif, src, false, null);
  if ((netif.flags & GNRC_NETIF_FLAGS_HAS_L2ADDR) === 0) {
    yield* _nib_nc_add(src, netif.pid, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE);
  }
  const { six_lr } = nib_conf();
  const registrar = six_lr && gnrc_netif_is_6lr(netif);
  for (let at = NBR_HEADER_LEN; at < icmpv6.length && !registrar; at += icmpv6[at + 1]! * OPTION_UNIT) {
    if (icmpv6[at] === NDP_OPT_SL2A) yield* _handle_sl2ao(netif, message, at);
  }
  const sl2ao = registrar ? findOption(icmpv6, NBR_HEADER_LEN, NDP_OPT_SL2A) : -1;
  const aro = six_lr ? findOption(icmpv6, NBR_HEADER_LEN, NDP_OPT_AR) : -1;
  let reply: gnrc_pktsnip_t | null = null;
  if (aro >= 0 && sl2ao >= 0) {
    reply = yield* _copy_and_handle_aro(netif, message, aro, sl2ao);
    if (reply === null) return;
  } else if (sl2ao >= 0) {
    yield* _handle_sl2ao(netif, message, sl2ao);
  }
  const idx = gnrc_netif_ipv6_addr_idx(netif, target);
  if (idx >= 0 && (netif.ipv6.addrs_flags[idx]! & GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST) !== 0) {
    return sendDelayedNbrAdv(netif, target, message, reply);
  }
  yield* gnrc_ndp_nbr_adv_send(
    target, netif, nib_registration_dst(src, reply), ipv6_addr_is_multicast(dst), reply);
}

/**
 * Answers for an anycast address after a random time below NDP_MAX_ANYCAST_MS_DELAY (RFC 4861 §7.2.7).
 *
 * As on RIOT the timer is that of a neighbour with the target's own address, so there is an answer only where such an
 * entry is; and the override flag stands where there is no link-layer address.
 */
function sendDelayedNbrAdv(
  netif: gnrc_netif_t, target: Uint8Array, { src, dst }: ndp_message_t, options: gnrc_pktsnip_t | null,
): void {
  const asRiot = quirk('nib-anycast-no-answer');
  const nce = _nib_onl_nc_get(target, netif.pid);
  if (nce === null && asRiot) {
    if (options !== null) drop_pkt('nib', 'no-neighbor-entry', options);
    else drop('nib', 'no-neighbor-entry', NBR_HEADER_LEN);
    return;
  }
  let flags = NDP_NBR_ADV_FLAGS_S;
  if (nib_conf().router && gnrc_netif_is_rtr(netif)) flags |= NDP_NBR_ADV_FLAGS_R;
  const tellAddress = ipv6_addr_is_multicast(dst) && netif.l2addr_len > 0;
  if (!tellAddress && asRiot) flags |= NDP_NBR_ADV_FLAGS_O;
  const tl2ao = tellAddress ? gnrc_ndp_opt_tl2a_build(netif.l2addr, netif.l2addr_len, options) : options;
  const adv = tellAddress && tl2ao === null ? null : gnrc_ndp_nbr_adv_build(target, flags, tl2ao);
  if (adv === null) {
    drop('nib', 'pktbuf-full', NBR_HEADER_LEN);
    gnrc_pktbuf_release(tl2ao ?? options);
    return;
  }
  const pkt = gnrc_ndp_build_headers(netif, null, src, adv);
  if (pkt === null) return;
  const delay = random_uint32_range(0, net_config().NDP_MAX_ANYCAST_MS_DELAY);
  const timer = nce === null ? nib_iface(netif).snd_anycast_na : nce.snd_na;
  nib_drop_delayed_na(timer);
  _evtimer_add(pkt, GNRC_IPV6_NIB_SND_NA, timer, delay);
}

/** A neighbour tells about itself. */
function* handleNbrAdv(
  netif: gnrc_netif_t, { target, flags }: NdpNbrAdvRepr, message: ndp_message_t,
): Blocking<void> {
  const { icmpv6, dst } = message;
  if (yield* handleDuplicate(netif, target, false)) return;
  const nce = _nib_onl_nc_get(target, netif.pid);
  if (nce === null) return drop('nib', 'no-neighbor-entry', icmpv6.length);
  const { arsm, six_ln, slaac } = nib_conf();
  let hasAddress = false;
  let status = _ADDR_REG_STATUS_UNAVAIL;
  for (let at = NBR_HEADER_LEN; at < icmpv6.length; at += icmpv6[at + 1]! * OPTION_UNIT) {
    if (icmpv6[at] === NDP_OPT_TL2A && arsm) {
      yield* _handle_adv_l2(netif, nce, message, at);
      hasAddress = true;
    } else if (icmpv6[at] === NDP_OPT_AR && six_ln) {
      status = yield* nib_handle_aro_reply(netif, message, at);
    }
  }
  if (arsm) {
    if (!hasAddress && (flags & NDP_NBR_ADV_FLAGS_S) !== 0 &&
        _get_nud_state(nce) !== GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE) {
      yield* _set_reachable(netif, nce);
    }
    if ((netif.flags & GNRC_NETIF_FLAGS_HAS_L2ADDR) === 0) yield* _handle_adv_l2(netif, nce, message, -1);
  }
  if ((flags & (NDP_NBR_ADV_FLAGS_R | NDP_NBR_ADV_FLAGS_O)) === NDP_NBR_ADV_FLAGS_O) {
    const router = nib().def_routers.find(({ next_hop }) => next_hop === nce);
    if (router !== undefined && !quirk('nib-na-keeps-router')) _handle_rtr_timeout(router);
  }
  // The router knows no address registration: the usual way to find duplicates is tried.
  if (slaac && six_ln && status === _ADDR_REG_STATUS_UNAVAIL && gnrc_netif_is_6ln(netif)) yield* _handle_dad(dst);
}
