// The neighbour information base (RIOT sys/include/net/gnrc/ipv6/nib.h): neighbours, default routers, prefixes and
// routes of a board, as host, router, 6LoWPAN node, router or border router. Here is its life: the board's start,
// interfaces that come and go, timers. What it knows: nib_nc.ts, nib_ft.ts, nib_pl.ts, nib_abr.ts; what it hears:
// nib_recv.ts; where packets go: nib_next_hop.ts.
import type { Blocking } from '../../kernel/blocking.ts';
import { EBADF } from '../../kernel/errno.ts';
import { evtimer_init_msg } from '../../kernel/evtimer_msg.ts';
import { random_uint32_range } from '../../kernel/random.ts';
import { net_config } from '../config.ts';
import {
  ipv6_addr_all_nodes_link_local, ipv6_addr_all_routers_link_local, ipv6_addr_is_link_local,
  ipv6_addr_link_local_prefix,
} from '../wire/addr.ts';
import { gnrc_netapi_dispatch_send } from './netapi.ts';
import { gnrc_netif_init_6ln } from './netif_device_type.ts';
import {
  gnrc_netif_ipv6_addr_remove_internal, gnrc_netif_ipv6_group_join_internal, gnrc_netif_ipv6_group_leave_internal,
} from './netif_ipv6.ts';
import { GNRC_IPV6_NIB_DAD, type gnrc_netif_nib_t, gnrc_netif_set_nib } from './netif_nib.ts';
import {
  GNRC_NETIF_AAC_AUTO, GNRC_NETIF_FLAGS_IPV6_RTR_ADV, gnrc_netif_acquire, gnrc_netif_is_6lbr, gnrc_netif_release,
  type gnrc_netif_t,
} from './netif_t.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from './netreg.ts';
import { GNRC_NETTYPE_IPV6 } from './nettype.ts';
import { _handle_rereg_address } from './nib_6ln.ts';
import { gnrc_ipv6_nib_abr_add } from './nib_abr.ts';
import { _handle_snd_ns, _handle_state_timeout, _recalc_reach_time } from './nib_arsm.ts';
import { nib_conf } from './nib_conf.ts';
import { _nib_nc_remove } from './nib_internal.ts';
import { _nib_abr_remove, _nib_ft_remove, nib_pl_prefixes } from './nib_offl.ts';
import { gnrc_ipv6_nib_pl_set } from './nib_pl.ts';
import {
  _handle_reply_rs, _handle_snd_mc_ra, _init_iface_router, _set_rtr_adv, nib_final_ra_sent,
} from './nib_router.ts';
import { _handle_pfx_timeout, _handle_rtr_timeout } from './nib_rtr_adv.ts';
import {
  _handle_search_rtr, _should_search_rtr, gnrc_ipv6_nib_start_search_rtr, gnrc_ipv6_nib_stop_search_rtr,
  nib_search_rtr_in,
} from './nib_search.ts';
import { _auto_configure_addr, _handle_valid_addr, nib_start_dad } from './nib_slaac.ts';
import {
  _evtimer_del, type _nib_abr_entry_t, _nib_acquire, type _nib_dr_entry_t, type _nib_offl_entry_t,
  type _nib_onl_entry_t, _nib_release, GNRC_IPV6_NIB_ABR_TIMEOUT, GNRC_IPV6_NIB_ADDR_REG_TIMEOUT,
  GNRC_IPV6_NIB_DELAY_TIMEOUT, GNRC_IPV6_NIB_PFX_TIMEOUT, GNRC_IPV6_NIB_REACH_TIMEOUT, GNRC_IPV6_NIB_RECALC_REACH_TIME,
  GNRC_IPV6_NIB_REPLY_RS, GNRC_IPV6_NIB_REREG_ADDRESS, GNRC_IPV6_NIB_ROUTE_TIMEOUT, GNRC_IPV6_NIB_RTR_TIMEOUT,
  GNRC_IPV6_NIB_SEARCH_RTR, GNRC_IPV6_NIB_SND_MC_NS, GNRC_IPV6_NIB_SND_MC_RA, GNRC_IPV6_NIB_SND_NA,
  GNRC_IPV6_NIB_SND_UC_NS, GNRC_IPV6_NIB_VALID_ADDR, nib, nib_iface,
} from './nib_t.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release_error } from './pktbuf.ts';

export { gnrc_ipv6_nib_start_search_rtr, gnrc_ipv6_nib_stop_search_rtr } from './nib_search.ts';

const LINK_LOCAL_PREFIX_LEN = 64;

const NIB: gnrc_netif_nib_t = {
  get arsm() { return nib_conf().arsm; },
  get slaac() { return nib_conf().slaac; },
  init_iface: gnrc_ipv6_nib_init_iface,
  pl_prefixes: nib_pl_prefixes,
  pl_set: gnrc_ipv6_nib_pl_set,
  change_rtr_adv_iface: gnrc_ipv6_nib_change_rtr_adv_iface,
  abr_add: gnrc_ipv6_nib_abr_add,
  start_search_rtr: gnrc_ipv6_nib_start_search_rtr,
  stop_search_rtr: gnrc_ipv6_nib_stop_search_rtr,
};

/** Tells interfaces whom to call; before the first of them is made (auto_init). */
export function gnrc_ipv6_nib_init(): void {
  evtimer_init_msg(nib().evtimer);
  gnrc_netif_set_nib(NIB);
}

/** Sets up what the NIB keeps with an interface; in the interface's thread, once. */
export function* gnrc_ipv6_nib_init_iface(netif: gnrc_netif_t): Blocking<void> {
  const { slaac, six_ln } = nib_conf();
  yield* gnrc_netif_acquire(netif);
  netif.ipv6.retrans_time = net_config().NDP_RETRANS_TIMER_MS;
  nib_iface(netif).link_mtu = netif.ipv6.mtu;
  if (slaac || six_ln) netif.ipv6.aac_mode |= GNRC_NETIF_AAC_AUTO;
  _init_iface_router(netif);
  yield* gnrc_netif_init_6ln(netif);
  yield* gnrc_netif_release(netif);
}

/** The link is up: joins groups, configures the link-local address, and solicits routers or advertises one. */
export function* gnrc_ipv6_nib_iface_up(netif: gnrc_netif_t): Blocking<void> {
  const { arsm, router } = nib_conf();
  yield* gnrc_netif_acquire(netif);
  if (arsm) {
    netif.ipv6.reach_time_base = net_config().NDP_REACH_MS;
    _recalc_reach_time(netif);
  }
  netif.ipv6.rs_sent = 0;
  netif.ipv6.na_sent = 0;
  nib_iface(netif).solicited = false;
  if (router) yield* gnrc_netif_ipv6_group_join_internal(netif, ipv6_addr_all_routers_link_local);
  yield* gnrc_netif_ipv6_group_join_internal(netif, ipv6_addr_all_nodes_link_local);
  yield* _auto_configure_addr(netif, ipv6_addr_link_local_prefix, LINK_LOCAL_PREFIX_LEN);
  if (_should_search_rtr(netif)) gnrc_ipv6_nib_start_search_rtr(netif);
  else yield* _handle_snd_mc_ra(netif);
  yield* gnrc_netif_release(netif);
}

/**
 * The link is down: what iface_up() did is undone.
 * @param send_final_ra  whether a router tells that it is none any more
 */
export function* gnrc_ipv6_nib_iface_down(netif: gnrc_netif_t, send_final_ra = false): Blocking<void> {
  const { router } = nib_conf();
  yield* gnrc_netif_acquire(netif);
  _evtimer_del(nib_iface(netif).recalc_reach_time);
  if (_should_search_rtr(netif)) {
    gnrc_ipv6_nib_stop_search_rtr(netif);
  } else if (router) {
    _evtimer_del(nib_iface(netif).snd_mc_ra);
    if (send_final_ra) {
      netif.ipv6.ra_sent = nib_final_ra_sent();
      yield* _handle_snd_mc_ra(netif);
    }
  }
  for (const addr of netif.ipv6.addrs) {
    if (ipv6_addr_is_link_local(addr)) yield* gnrc_netif_ipv6_addr_remove_internal(netif, addr.slice());
  }
  yield* gnrc_netif_ipv6_group_leave_internal(netif, ipv6_addr_all_nodes_link_local);
  if (router) yield* gnrc_netif_ipv6_group_leave_internal(netif, ipv6_addr_all_routers_link_local);
  yield* gnrc_netif_release(netif);
}

/** Begins or ends to advertise the interface as a router's; at the end it tells so, and solicits routers itself. */
export function* gnrc_ipv6_nib_change_rtr_adv_iface(netif: gnrc_netif_t, enable: boolean): Blocking<void> {
  if (!nib_conf().router) return;
  yield* gnrc_netif_acquire(netif);
  if (enable) {
    yield* _set_rtr_adv(netif);
  } else {
    const next_rs = random_uint32_range(0, net_config().NDP_MAX_RS_MS_DELAY);
    netif.ipv6.ra_sent = nib_final_ra_sent();
    netif.flags &= ~GNRC_NETIF_FLAGS_IPV6_RTR_ADV;
    yield* _handle_snd_mc_ra(netif);
    if (!gnrc_netif_is_6lbr(netif)) nib_search_rtr_in(netif, next_rs);
  }
  yield* gnrc_netif_release(netif);
}

/** A message GNRC_IPV6_NIB_* of a timer, or of an interface, has come; `ctx` and `type` are what it carries. */
export function* gnrc_ipv6_nib_handle_timer_event(ctx: unknown, type: number): Blocking<void> {
  yield* _nib_acquire();
  yield* handle(ctx, type);
  yield* _nib_release();
}

function* handle(ctx: unknown, type: number): Blocking<void> {
  switch (type) {
    case GNRC_IPV6_NIB_SND_UC_NS:
    case GNRC_IPV6_NIB_SND_MC_NS:
      return yield* _handle_snd_ns(ctx as _nib_onl_entry_t);
    case GNRC_IPV6_NIB_REACH_TIMEOUT:
    case GNRC_IPV6_NIB_DELAY_TIMEOUT:
      return yield* _handle_state_timeout(ctx as _nib_onl_entry_t);
    case GNRC_IPV6_NIB_RECALC_REACH_TIME:
      return _recalc_reach_time(ctx as gnrc_netif_t);
    case GNRC_IPV6_NIB_SND_NA:
      return yield* sendNbrAdv(ctx as gnrc_pktsnip_t);
    case GNRC_IPV6_NIB_SEARCH_RTR:
      return yield* _handle_search_rtr(ctx as gnrc_netif_t);
    case GNRC_IPV6_NIB_REPLY_RS:
      return yield* _handle_reply_rs(ctx as _nib_onl_entry_t);
    case GNRC_IPV6_NIB_SND_MC_RA:
      return yield* _handle_snd_mc_ra(ctx as gnrc_netif_t);
    case GNRC_IPV6_NIB_ROUTE_TIMEOUT:
      return _nib_ft_remove(ctx as _nib_offl_entry_t);
    case GNRC_IPV6_NIB_ADDR_REG_TIMEOUT:
      return yield* _nib_nc_remove(ctx as _nib_onl_entry_t);
    case GNRC_IPV6_NIB_ABR_TIMEOUT:
      return _nib_abr_remove((ctx as _nib_abr_entry_t).addr.slice());
    case GNRC_IPV6_NIB_PFX_TIMEOUT:
      return yield* _handle_pfx_timeout(ctx as _nib_offl_entry_t);
    case GNRC_IPV6_NIB_RTR_TIMEOUT:
      return _handle_rtr_timeout(ctx as _nib_dr_entry_t);
    case GNRC_IPV6_NIB_REREG_ADDRESS:
      return yield* _handle_rereg_address(ctx as Uint8Array);
    case GNRC_IPV6_NIB_DAD:
      return yield* nib_start_dad(ctx as Uint8Array);
    case GNRC_IPV6_NIB_VALID_ADDR:
      return yield* _handle_valid_addr(ctx as Uint8Array);
    default:
  }
}

/** Sends an answer for an anycast address that has waited. */
function* sendNbrAdv(pkt: gnrc_pktsnip_t): Blocking<void> {
  if ((yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
    gnrc_pktbuf_release_error(pkt, EBADF);
  }
}
