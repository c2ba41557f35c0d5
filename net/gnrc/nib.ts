// The neighbour information base (RIOT sys/include/net/gnrc/ipv6/nib.h) of a 6LoWPAN node that has no router (yet):
// it gives interfaces their link-local address, solicits routers for ever, finds the next hop of link-local
// destinations by their interface identifier, answers neighbour solicitations, and lists prefixes.
// Router advertisements are checked and passed over.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { EHOSTUNREACH, EINVAL, ENETUNREACH, ENOMEM } from '../../kernel/errno.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { random_uint32_range } from '../../kernel/random.ts';
import type { kernel_pid_t } from '../../kernel/thread_t.ts';
import { ZTIMER_MSEC, ztimer_remove, ztimer_set_msg, ztimer_t } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import {
  ipv6_addr_all_nodes_link_local, ipv6_addr_all_routers_link_local, ipv6_addr_equal, ipv6_addr_init_prefix,
  ipv6_addr_is_link_local, ipv6_addr_is_multicast, ipv6_addr_is_unspecified, ipv6_addr_link_local_prefix,
  ipv6_addr_match_prefix,
} from '../wire/addr.ts';
import { drop, drop_pkt } from './drop.ts';
import { gnrc_ndp_rtr_sol_send } from './ndp_send.ts';
import { gnrc_netif_init_6ln, gnrc_netif_ipv6_get_iid, gnrc_netif_ipv6_iid_to_addr } from './netif.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE,
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID, gnrc_netif_ipv6_addr_add_internal, gnrc_netif_ipv6_addr_idx,
  gnrc_netif_ipv6_addr_remove_internal, gnrc_netif_ipv6_group_join_internal, gnrc_netif_ipv6_group_leave_internal,
} from './netif_ipv6.ts';
import { type gnrc_netif_nib_t, gnrc_ipv6_pid, gnrc_netif_set_nib } from './netif_nib.ts';
import {
  GNRC_NETIF_AAC_AUTO, gnrc_netif_acquire, gnrc_netif_is_6lbr, gnrc_netif_is_6ln, gnrc_netif_is_rtr_adv,
  gnrc_netif_release, type gnrc_netif_t,
} from './netif_t.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';

/** Message of a timer to the ipv6 thread; content.ptr is the gnrc_netif_t. */
export const GNRC_IPV6_NIB_SEARCH_RTR = 0x4fc3;

const MS_PER_SEC = 1000;
const L2ADDR_MAX = 8;
const IPV6_ADDR_BIT_LEN = 128;
const LINK_LOCAL_PREFIX_LEN = 64;
/** More solicitations than this are not counted: the interval has reached its end by then. */
const RS_SENT_MAX = 10;

/** A neighbour: how to reach the next hop. */
export class gnrc_ipv6_nib_nc_t {
  readonly l2addr = new Uint8Array(L2ADDR_MAX);
  l2addr_len = 0;
  /** The interface that it is on. */
  iface: kernel_pid_t = 0;
}

/** An entry of the prefix list. */
export interface gnrc_ipv6_nib_pl_t {
  readonly pfx: Uint8Array;
  readonly pfx_len: number;
  readonly iface: kernel_pid_t;
}

/** What the NIB keeps with an interface. */
class InterfaceState {
  readonly search_rtr = new ztimer_t();
  readonly search_rtr_msg = new msg_t();
}

const statics = perBoard(() => ({ prefixes: [] as gnrc_ipv6_nib_pl_t[] }), { bytes: 8 * 64 });

/** Tells interfaces whom to call; before the first of them is made (auto_init). */
export function gnrc_ipv6_nib_init(): void {
  gnrc_netif_set_nib(NIB);
}

const NIB: gnrc_netif_nib_t = {
  // On a 6LN addresses are not resolved but computed: no solicited-nodes groups.
  arsm: false,
  slaac: false,
  *change_rtr_adv_iface() {},
  start_search_rtr: gnrc_ipv6_nib_start_search_rtr,
  stop_search_rtr: gnrc_ipv6_nib_stop_search_rtr,
  init_iface: gnrc_ipv6_nib_init_iface,
  pl_prefixes: gnrc_ipv6_nib_pl_prefixes,
  pl_set: gnrc_ipv6_nib_pl_set,
};

/** Sets up what the NIB keeps with an interface; in the interface's thread, once. */
export function* gnrc_ipv6_nib_init_iface(netif: gnrc_netif_t): Blocking<void> {
  yield* gnrc_netif_acquire(netif);
  const state = new InterfaceState();
  state.search_rtr_msg.type = GNRC_IPV6_NIB_SEARCH_RTR;
  state.search_rtr_msg.content.ptr = netif;
  netif.ipv6.nib = state;
  netif.ipv6.retrans_time = net_config().NDP_RETRANS_TIMER_MS;
  netif.ipv6.aac_mode |= GNRC_NETIF_AAC_AUTO;
  yield* gnrc_netif_init_6ln(netif);
  yield* gnrc_netif_release(netif);
}

/** The link is up: joins groups, configures the link-local address, and begins to search for routers. */
export function* gnrc_ipv6_nib_iface_up(netif: gnrc_netif_t): Blocking<void> {
  yield* gnrc_netif_acquire(netif);
  netif.ipv6.rs_sent = 0;
  netif.ipv6.na_sent = 0;
  yield* gnrc_netif_ipv6_group_join_internal(netif, ipv6_addr_all_nodes_link_local);
  yield* configureLinkLocal(netif);
  if (shouldSearchRouter(netif)) gnrc_ipv6_nib_start_search_rtr(netif);
  yield* gnrc_netif_release(netif);
}

/** The link is down: what iface_up() did is undone. */
export function* gnrc_ipv6_nib_iface_down(netif: gnrc_netif_t): Blocking<void> {
  yield* gnrc_netif_acquire(netif);
  if (shouldSearchRouter(netif)) gnrc_ipv6_nib_stop_search_rtr(netif);
  for (const addr of netif.ipv6.addrs) {
    if (ipv6_addr_is_link_local(addr)) yield* gnrc_netif_ipv6_addr_remove_internal(netif, addr.slice());
  }
  yield* gnrc_netif_ipv6_group_leave_internal(netif, ipv6_addr_all_nodes_link_local);
  yield* gnrc_netif_release(netif);
}

/** Has the next router solicitation sent after a random time below NDP_MAX_RS_MS_DELAY. */
export function gnrc_ipv6_nib_start_search_rtr(netif: gnrc_netif_t): void {
  startTimer(netif, random_uint32_range(0, net_config().NDP_MAX_RS_MS_DELAY));
}

/** No more router solicitations. */
export function gnrc_ipv6_nib_stop_search_rtr(netif: gnrc_netif_t): void {
  ztimer_remove(ZTIMER_MSEC, stateOf(netif).search_rtr);
}

/** A timer of the NIB is due; `type` and `ctx` are what its message carries. */
export function* gnrc_ipv6_nib_handle_timer_event(ctx: unknown, type: number): Blocking<void> {
  if (type === GNRC_IPV6_NIB_SEARCH_RTR) yield* searchRouter(ctx as gnrc_netif_t);
}

/**
 * Finds the link-layer address of the next hop. On a 6LoWPAN link a link-local address tells it (RFC 6775 §5.6);
 * without a router nothing else is reachable.
 *
 * @param netif  the interface to send from, or null
 * @param pkt    the packet to send, freed when there is no next hop; or null
 * @param nce    where the result goes
 * @returns 0; -EHOSTUNREACH for a link-local address without interface; -ENETUNREACH
 */
export function gnrc_ipv6_nib_get_next_hop_l2addr(
  dst: Uint8Array, netif: gnrc_netif_t | null, pkt: gnrc_pktsnip_t | null, nce: gnrc_ipv6_nib_nc_t,
): number {
  if (!ipv6_addr_is_link_local(dst)) return unreachable(-ENETUNREACH, 'no-route', pkt);
  if (netif === null) return unreachable(-EHOSTUNREACH, 'no-interface', pkt);
  if (!gnrc_netif_is_6ln(netif)) return unreachable(-EHOSTUNREACH, 'not-resolved', pkt);
  nce.l2addr_len = gnrc_netif_ipv6_iid_to_addr(netif, dst.subarray(8, 16), nce.l2addr);
  nce.iface = netif.pid;
  return 0;
}

function unreachable(res: number, reason: string, pkt: gnrc_pktsnip_t | null): number {
  if (pkt !== null) drop_pkt('nib', reason, pkt);
  return res;
}

/** The prefix list's entries of an interface; of all with 0. */
export function gnrc_ipv6_nib_pl_prefixes(iface: kernel_pid_t): readonly gnrc_ipv6_nib_pl_t[] {
  return statics().prefixes.filter((entry) => iface === 0 || entry.iface === iface);
}

/**
 * Puts a prefix into the list, or finds it there.
 *
 * @param pfx_len      in bits; above 128 counts as 128
 * @param valid_ltime  in ms; only whether it is below `pref_ltime` counts: entries do not expire
 * @returns 0; -EINVAL for a prefix that is empty, link-local or multicast, or lifetimes the wrong way round; -ENOMEM
 *          when the list is full
 */
export function* gnrc_ipv6_nib_pl_set(
  iface: kernel_pid_t, pfx: Uint8Array, pfx_len: number, valid_ltime: number, pref_ltime: number,
): Blocking<number> {
  const length = Math.min(pfx_len, IPV6_ADDR_BIT_LEN);
  const prefix = new Uint8Array(16);
  ipv6_addr_init_prefix(prefix, pfx, length);
  if (ipv6_addr_is_unspecified(prefix) || ipv6_addr_is_link_local(pfx) || ipv6_addr_is_multicast(pfx) ||
      pref_ltime > valid_ltime) {
    return -EINVAL;
  }
  const { prefixes } = statics();
  for (const entry of prefixes) {
    if (entry.iface === iface && entry.pfx_len === length && ipv6_addr_equal(entry.pfx, prefix)) return 0;
  }
  if (prefixes.length >= net_config().CONFIG_GNRC_IPV6_NIB_OFFL_NUMOF) return -ENOMEM;
  prefixes.push({ pfx: prefix, pfx_len: length, iface });
  return 0;
}

/** Takes a prefix out of the list; of all interfaces with 0. */
export function gnrc_ipv6_nib_pl_del(iface: kernel_pid_t, pfx: Uint8Array, pfx_len: number): void {
  const state = statics();
  state.prefixes = state.prefixes.filter((entry) =>
    entry.pfx_len !== pfx_len || (iface !== 0 && entry.iface !== iface) ||
    ipv6_addr_match_prefix(pfx, entry.pfx) < pfx_len);
}

/** The link-local address from the interface identifier; a new one is looked for routers with at once. */
function* configureLinkLocal(netif: gnrc_netif_t): Blocking<void> {
  const addr = new Uint8Array(16);
  if (gnrc_netif_ipv6_get_iid(netif, addr.subarray(8)) < 0) return drop('nib', 'no-interface-identifier', 0);
  ipv6_addr_init_prefix(addr, ipv6_addr_link_local_prefix, LINK_LOCAL_PREFIX_LEN);
  const known = gnrc_netif_ipv6_addr_idx(netif, addr) >= 0;
  const index = yield* gnrc_netif_ipv6_addr_add_internal(
    netif, addr, LINK_LOCAL_PREFIX_LEN, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE,
  );
  if (index < 0 || !gnrc_netif_is_6ln(netif)) return;
  // An address made from an EUI-64 is taken to be unique (RFC 6775 §5.2).
  const flags = netif.ipv6.addrs_flags;
  flags[index] = (flags[index]! & ~GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK) | GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID;
  if (known || gnrc_netif_is_6lbr(netif)) return;
  // RIOT wants to register the address with its router, has none, and so searches one.
  netif.ipv6.rs_sent = 0;
  yield* searchRouter(netif);
}

function stateOf(netif: gnrc_netif_t): InterfaceState {
  return netif.ipv6.nib as InterfaceState;
}

function startTimer(netif: gnrc_netif_t, ms: number): void {
  const state = stateOf(netif);
  ztimer_set_msg(ZTIMER_MSEC, state.search_rtr, ms, state.search_rtr_msg, gnrc_ipv6_pid());
}

function shouldSearchRouter(netif: gnrc_netif_t): boolean {
  if (net_config().CONFIG_GNRC_IPV6_NIB_NO_RTR_SOL !== 0 || gnrc_netif_is_6lbr(netif)) return false;
  return !gnrc_netif_is_rtr_adv(netif) || gnrc_netif_is_6ln(netif);
}

/** Sends a router solicitation and sets the timer for the next. */
function* searchRouter(netif: gnrc_netif_t): Blocking<void> {
  yield* gnrc_netif_acquire(netif);
  if (shouldSearchRouter(netif)) {
    const config = net_config();
    const interval = nextInterval(netif);
    yield* gnrc_ndp_rtr_sol_send(netif, ipv6_addr_all_routers_link_local);
    if (netif.ipv6.rs_sent < RS_SENT_MAX) netif.ipv6.rs_sent++;
    if (netif.ipv6.rs_sent < config.NDP_MAX_RS_NUMOF || gnrc_netif_is_6ln(netif)) startTimer(netif, interval);
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
