// Looking for routers (RFC 4861 §6.3.7, RFC 6775 §5.3; RIOT sys/net/gnrc/network_layer/ipv6/nib/nib.c, _nib-6ln.h).
import type { Blocking } from '../../kernel/blocking.ts';
import { random_uint32_range } from '../../kernel/random.ts';
import { net_config } from '../config.ts';
import { ipv6_addr_all_routers_link_local } from '../wire/addr.ts';
import { gnrc_ndp_rtr_sol_send } from './ndp_send.ts';
import {
  gnrc_netif_acquire, gnrc_netif_is_6lbr, gnrc_netif_is_6ln, gnrc_netif_is_rtr_adv, gnrc_netif_release,
  type gnrc_netif_t,
} from './netif_t.ts';
import { nib_conf } from './nib_conf.ts';
import {
  _evtimer_add, _evtimer_del, _evtimer_lookup, GNRC_IPV6_NIB_SEARCH_RTR, MS_PER_SEC, nib_iface,
} from './nib_t.ts';

/** More solicitations than this are not counted: the interval has reached its end by then. */
const RS_SENT_MAX = 10;

/** Whether the interface solicits routers: hosts do, and 6LoWPAN routers that get their prefix from a border router. */
export function _should_search_rtr(netif: gnrc_netif_t): boolean {
  if (!nib_conf().sol_router || gnrc_netif_is_6lbr(netif)) return false;
  return !gnrc_netif_is_rtr_adv(netif) || gnrc_netif_is_6ln(netif);
}

/** Has the next router solicitation sent after a random time below NDP_MAX_RS_MS_DELAY. */
export function gnrc_ipv6_nib_start_search_rtr(netif: gnrc_netif_t): void {
  nib_search_rtr_in(netif, random_uint32_range(0, net_config().NDP_MAX_RS_MS_DELAY));
}

/** Has the next router solicitation sent in `ms`. */
export function nib_search_rtr_in(netif: gnrc_netif_t, ms: number): void {
  _evtimer_add(netif, GNRC_IPV6_NIB_SEARCH_RTR, nib_iface(netif).search_rtr, ms);
}

/** No more router solicitations. */
export function gnrc_ipv6_nib_stop_search_rtr(netif: gnrc_netif_t): void {
  _evtimer_del(nib_iface(netif).search_rtr);
}

/** Sends a router solicitation, unless one is due anyway, and sets the timer for the next; a 6LN goes on for ever. */
export function* _handle_search_rtr(netif: gnrc_netif_t): Blocking<void> {
  if (nib_conf().no_rtr_sol) return;
  yield* gnrc_netif_acquire(netif);
  if (_should_search_rtr(netif)) {
    const next_rs = _evtimer_lookup(netif, GNRC_IPV6_NIB_SEARCH_RTR);
    const interval = nextInterval(netif);
    if (next_rs > interval) {
      yield* gnrc_ndp_rtr_sol_send(netif, ipv6_addr_all_routers_link_local);
      if (netif.ipv6.rs_sent < RS_SENT_MAX) netif.ipv6.rs_sent++;
      if (netif.ipv6.rs_sent < net_config().NDP_MAX_RS_NUMOF || gnrc_netif_is_6ln(netif)) {
        nib_search_rtr_in(netif, interval);
      }
    }
  }
  yield* gnrc_netif_release(netif);
}

/** Time to the solicitation after this one, ms: as RIOT reckons it before counting this one (RFC 6775 §5.3). */
function nextInterval(netif: gnrc_netif_t): number {
  const config = net_config();
  if (!gnrc_netif_is_6ln(netif)) return config.NDP_RS_MS_INTERVAL;
  const beyond = netif.ipv6.rs_sent - config.SIXLOWPAN_ND_MAX_RS_NUMOF;
  if (beyond < 0) return config.SIXLOWPAN_ND_RS_MSEC_INTERVAL;
  return Math.min(
    config.SIXLOWPAN_ND_RS_MSEC_INTERVAL + (1 << beyond) * config.NDP_RS_MS_INTERVAL,
    config.SIXLOWPAN_ND_MAX_RS_SEC_INTERVAL * MS_PER_SEC,
  );
}
