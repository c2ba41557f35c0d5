// Router advertisements that are sent (RFC 4861 §6.2, RFC 6775 §6.1, RFC 4191 §2.3; RIOT
// sys/net/gnrc/network_layer/ipv6/nib/_nib-router.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { evtimer_now_msec } from '../../kernel/evtimer.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { random_uint32_range } from '../../kernel/random.ts';
import { net_config } from '../config.ts';
import { quirk } from '../quirks.ts';
import { ipv6_addr_match_prefix } from '../wire/addr.ts';
import { NDP_OPT_PI_FLAGS_A, NDP_OPT_PI_FLAGS_L } from '../wire/ndp.ts';
import {
  gnrc_ndp_opt_pi_build, gnrc_ndp_opt_ri_build, gnrc_sixlowpan_nd_opt_6ctx_build, gnrc_sixlowpan_nd_opt_abr_build,
} from './ndp.ts';
import { gnrc_ndp_rtr_adv_send } from './ndp_send.ts';
import {
  GNRC_NETIF_FLAGS_6LO_ABR, GNRC_NETIF_FLAGS_IPV6_FORWARDING, GNRC_NETIF_FLAGS_IPV6_RTR_ADV, gnrc_netif_acquire,
  gnrc_netif_get_by_pid, gnrc_netif_is_6lbr, gnrc_netif_is_6ln, gnrc_netif_is_6lr, gnrc_netif_is_rtr_adv,
  gnrc_netif_release, type gnrc_netif_t,
} from './netif_t.ts';
import { nib_conf } from './nib_conf.ts';
import { _nib_abr_iter, _nib_offl_iter } from './nib_offl.ts';
import {
  _evtimer_add, _evtimer_lookup, _FT, type _nib_abr_entry_t, type _nib_offl_entry_t, type _nib_onl_entry_t,
  _nib_onl_get_if, _PFX_ON_LINK, _PFX_SLAAC, _PL, GNRC_IPV6_NIB_SND_MC_RA, MS_PER_MIN, MS_PER_SEC, nib, nib_iface,
  UINT32_MAX,
} from './nib_t.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release } from './pktbuf.ts';
import { GNRC_SIXLOWPAN_CTX_SIZE, gnrc_sixlowpan_ctx_lookup_id } from './sixlowpan_ctx.ts';

/** ra_sent has 8 bits: it counts final advertisements up to the end. */
const RA_SENT_END = 256;
/** Preference of a route: medium. */
const NDP_OPT_RI_FLAGS_PRF_ZERO = 0;

/** Where final advertisements begin to count. */
export function nib_final_ra_sent(): number {
  return RA_SENT_END - net_config().NDP_MAX_FIN_RA_NUMOF;
}

/** What a router's interface begins with. */
export function _init_iface_router(netif: gnrc_netif_t): void {
  const { router, adv_router, abr } = nib_conf();
  if (!router) return;
  netif.ipv6.rtr_ltime = net_config().NDP_RTR_LTIME_SEC;
  netif.ipv6.ra_sent = 0;
  nib_iface(netif).last_ra = UINT32_MAX;
  netif.flags |= GNRC_NETIF_FLAGS_IPV6_FORWARDING;
  if (adv_router) netif.flags |= GNRC_NETIF_FLAGS_IPV6_RTR_ADV;
  if (abr) netif.flags |= GNRC_NETIF_FLAGS_6LO_ABR;
}

/** It is time to answer a router solicitation of `host`. */
export function* _handle_reply_rs(host: _nib_onl_entry_t): Blocking<void> {
  const netif = gnrc_netif_get_by_pid(_nib_onl_get_if(host));
  if (netif === null) return undefined_on_riot('a router solicitation is answered over no interface');
  yield* gnrc_netif_acquire(netif);
  if (gnrc_netif_is_rtr_adv(netif)) yield* _snd_rtr_advs(netif, host.ipv6, false);
  yield* gnrc_netif_release(netif);
}

/** Sends a router advertisement to all and sets the timer for the next; on a 6LoWPAN link there are none. */
export function* _handle_snd_mc_ra(netif: gnrc_netif_t): Blocking<void> {
  if (!nib_conf().router) return;
  yield* gnrc_netif_acquire(netif);
  if (!gnrc_netif_is_6ln(netif)) yield* sendToAll(netif);
  yield* gnrc_netif_release(netif);
}

function* sendToAll(netif: gnrc_netif_t): Blocking<void> {
  const config = net_config();
  const { ipv6 } = netif;
  const final = ipv6.ra_sent >= nib_final_ra_sent();
  let next = random_uint32_range(config.NDP_MIN_RA_INTERVAL_MS, config.NDP_MAX_RA_INTERVAL_MS);
  const scheduled = _evtimer_lookup(netif, GNRC_IPV6_NIB_SND_MC_RA);
  if (!(final && scheduled > config.NDP_MAX_RA_INTERVAL_MS) && !gnrc_netif_is_rtr_adv(netif)) return;
  yield* _snd_rtr_advs(netif, null, final);
  nib_iface(netif).last_ra = evtimer_now_msec();
  const initial = ipv6.ra_sent < config.NDP_MAX_INIT_RA_NUMOF;
  if (initial) next = Math.min(next, config.NDP_MAX_INIT_RA_INTERVAL);
  if (initial || final) ipv6.ra_sent = (ipv6.ra_sent + 1) % RA_SENT_END;
  if (ipv6.ra_sent !== 0) _evtimer_add(netif, GNRC_IPV6_NIB_SND_MC_RA, nib_iface(netif).snd_mc_ra, next);
}

/**
 * Sends router advertisements: a 6LR one for each border router that it knows.
 * @param dst    null: all nodes of the link
 * @param final  the router is none any more
 */
export function* _snd_rtr_advs(netif: gnrc_netif_t, dst: Uint8Array | null, final: boolean): Blocking<void> {
  if (!nib_conf().multihop_p6c || !gnrc_netif_is_6lr(netif)) return yield* sendAdvertisement(netif, dst, final, null);
  let sent = false;
  for (let abr = _nib_abr_iter(null); abr !== null; abr = _nib_abr_iter(abr)) {
    yield* sendAdvertisement(netif, dst, final, abr);
    sent = true;
  }
  if (!sent && !quirk('nib-no-ra-without-abr')) yield* sendAdvertisement(netif, dst, final, null);
}

function* sendAdvertisement(
  netif: gnrc_netif_t, dst: Uint8Array | null, final: boolean, abr: _nib_abr_entry_t | null,
): Blocking<void> {
  const options = new Options();
  if (final) {
    if (nib_conf().add_rio_in_last_ra) putRoutes(options, netif, false);
  } else {
    putOptions(options, netif, abr);
  }
  yield* gnrc_ndp_rtr_adv_send(netif, null, dst, final, options.head);
}

/** Tells that a prefix is no more. */
export function* _snd_rtr_advs_drop_pfx(
  netif: gnrc_netif_t, dst: Uint8Array, pfx: _nib_offl_entry_t,
): Blocking<void> {
  // Seconds are what is told: these 10 ms are 0 of them.
  pfx.pref_until = pfx.valid_until = (evtimer_now_msec() + 10) >>> 0;
  const options = new Options();
  putPrefix(options, pfx);
  yield* gnrc_ndp_rtr_adv_send(netif, null, dst, false, options.head);
}

/** Has the interface advertise itself as a router's. */
export function* _set_rtr_adv(netif: gnrc_netif_t): Blocking<void> {
  if (!nib_conf().router) return;
  netif.ipv6.ra_sent = 0;
  netif.flags |= GNRC_NETIF_FLAGS_IPV6_RTR_ADV;
  yield* _handle_snd_mc_ra(netif);
}

/** The options of an advertisement while they are put together. */
class Options {
  head: gnrc_pktsnip_t | null = null;

  /** Adds an option. Without room for it there are none at all: the advertisement goes without options. */
  put(snip: gnrc_pktsnip_t | null): boolean {
    if (snip !== null) {
      this.head = snip;
      return true;
    }
    if (this.head !== null && !quirk('nib-ra-options-leak')) gnrc_pktbuf_release(this.head);
    this.head = null;
    return false;
  }
}

/** s until `until`, ms since boot. */
function secondsTo(until: number, now: number): number {
  return until === UINT32_MAX ? UINT32_MAX : Math.floor(((until - now) >>> 0) / MS_PER_SEC);
}

function putPrefix(options: Options, entry: _nib_offl_entry_t): boolean {
  const now = evtimer_now_msec();
  const netif = gnrc_netif_get_by_pid(_nib_onl_get_if(entry.next_hop!));
  // Prefixes of a 6LoWPAN link are not on-link (RFC 6775 §6.1).
  const onLink = (entry.flags & _PFX_ON_LINK) !== 0 && (netif === null || !gnrc_netif_is_6ln(netif));
  const flags = (onLink ? NDP_OPT_PI_FLAGS_L : 0) | ((entry.flags & _PFX_SLAAC) !== 0 ? NDP_OPT_PI_FLAGS_A : 0);
  const pref = entry.pref_until < now ? 0 : secondsTo(entry.pref_until, now);
  return options.put(gnrc_ndp_opt_pi_build(
    entry.pfx, entry.pfx_len, secondsTo(entry.valid_until, now), pref, flags, options.head));
}

function putOptions(options: Options, netif: gnrc_netif_t, abr: _nib_abr_entry_t | null): void {
  const { multihop_p6c, add_rio_in_ra } = nib_conf();
  const multihop = multihop_p6c && abr !== null;
  if (gnrc_netif_is_6lr(netif) && multihop) {
    if (!putOfBorderRouter(options, netif, abr)) return;
  } else if (!gnrc_netif_is_6ln(netif) || (multihop_p6c && !multihop)) {
    for (let entry = _nib_offl_iter(null); entry !== null; entry = _nib_offl_iter(entry)) {
      if ((entry.mode & _PL) !== 0 && _nib_onl_get_if(entry.next_hop!) === netif.pid &&
          !putPrefix(options, entry)) return;
    }
  }
  if (add_rio_in_ra) putRoutes(options, netif, true);
}

/** Contexts, prefixes and the option of a border router; false when there was no room. */
function putOfBorderRouter(options: Options, netif: gnrc_netif_t, abr: _nib_abr_entry_t): boolean {
  for (let id = 0; id < GNRC_SIXLOWPAN_CTX_SIZE; id++) {
    const ctx = (abr.ctxs & (1 << id)) !== 0 ? gnrc_sixlowpan_ctx_lookup_id(id) : null;
    if (ctx !== null && !options.put(gnrc_sixlowpan_nd_opt_6ctx_build(
      ctx.prefix_len, ctx.flags_id, ctx.ltime, ctx.prefix, options.head))) return false;
  }
  for (const entry of nib().dsts) {
    if ((entry.mode & _PL) !== 0 && abr.pfxs[entry.idx] === 1 &&
        _nib_onl_get_if(entry.next_hop!) === netif.pid && !putPrefix(options, entry)) return false;
  }
  const now = evtimer_now_msec();
  let ltime = 0;
  if (gnrc_netif_is_6lbr(netif)) {
    abr.valid_until_ms = (now + net_config().SIXLOWPAN_ND_OPT_ABR_LTIME_DEFAULT * MS_PER_MIN) >>> 0;
  } else {
    ltime = Math.floor(((abr.valid_until_ms - now) >>> 0) / MS_PER_MIN) & 0xffff;
  }
  return options.put(gnrc_sixlowpan_nd_opt_abr_build(abr.version, ltime, abr.addr, options.head));
}

/** Whether a shorter prefix has this entry in it. */
function hasBetterMatch(entry: _nib_offl_entry_t): boolean {
  for (let other = _nib_offl_iter(null); other !== null; other = _nib_offl_iter(other)) {
    if (other === entry || (entry.mode & (_PL | _FT)) === 0 || other.pfx_len >= entry.pfx_len) continue;
    if (ipv6_addr_match_prefix(entry.pfx, other.pfx) === other.pfx_len) return true;
  }
  return false;
}

/** Prefixes of the other interfaces as routes. @param offl  also those behind other routers */
function putRoutes(options: Options, netif: gnrc_netif_t, offl: boolean): void {
  const now = evtimer_now_msec();
  for (let entry = _nib_offl_iter(null); entry !== null; entry = _nib_offl_iter(entry)) {
    if (_nib_onl_get_if(entry.next_hop!) === netif.pid || entry.pfx_len === 0) continue;
    if (offl && hasBetterMatch(entry)) continue;
    const local = (entry.mode & _PL) !== 0 && (entry.flags & _PFX_ON_LINK) !== 0;
    if (!local && !(offl && (entry.mode & _FT) !== 0)) continue;
    const snip = gnrc_ndp_opt_ri_build(
      entry.pfx, entry.pfx_len, secondsTo(entry.valid_until, now), NDP_OPT_RI_FLAGS_PRF_ZERO, options.head);
    if (snip === null) return;
    options.head = snip;
  }
}
