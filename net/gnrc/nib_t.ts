// What the neighbour information base is made of (RIOT sys/include/net/gnrc/ipv6/nib/nc.h and
// sys/net/gnrc/network_layer/ipv6/nib/_nib-internal.h): its entries, its timers' messages, its lock.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { evtimer_del } from '../../kernel/evtimer.ts';
import {
  evtimer_add_msg, EVTIMER_MSG_INIT, evtimer_msg_event_t, type evtimer_msg_t,
} from '../../kernel/evtimer_msg.ts';
import { assert } from '../../kernel/panic.ts';
import { RMUTEX_INIT, rmutex_lock, type rmutex_t, rmutex_unlock } from '../../kernel/rmutex.ts';
import type { kernel_pid_t } from '../../kernel/thread_t.ts';
import { EUI64_LEN, IPV6_ADDR_LEN } from '../wire/addr.ts';
import { nib_gauge } from './nib_gauge.ts';
import { nib_conf } from './nib_conf.ts';
import type { gnrc_netif_t } from './netif_t.ts';
import { gnrc_ipv6_pid } from './netif_nib.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import type { gnrc_pktqueue_t } from './pktqueue.ts';

/** Longest link-layer address of a neighbour, bytes. */
export const CONFIG_GNRC_IPV6_NIB_L2ADDR_MAX_LEN = 8;
export const IPV6_ADDR_BIT_LEN = 128;
export const UINT32_MAX = 0xffffffff;
export const MS_PER_SEC = 1000;
export const MS_PER_MIN = 60_000;

/** Types of the timers' messages to the ipv6 thread; content.ptr is what the timer belongs to. */
export const GNRC_IPV6_NIB_SND_UC_NS = 0x4fc0;
export const GNRC_IPV6_NIB_SND_MC_NS = 0x4fc1;
export const GNRC_IPV6_NIB_SND_NA = 0x4fc2;
export const GNRC_IPV6_NIB_SEARCH_RTR = 0x4fc3;
export const GNRC_IPV6_NIB_REPLY_RS = 0x4fc5;
export const GNRC_IPV6_NIB_SND_MC_RA = 0x4fc6;
export const GNRC_IPV6_NIB_REACH_TIMEOUT = 0x4fc7;
export const GNRC_IPV6_NIB_DELAY_TIMEOUT = 0x4fc8;
export const GNRC_IPV6_NIB_ADDR_REG_TIMEOUT = 0x4fc9;
export const GNRC_IPV6_NIB_ABR_TIMEOUT = 0x4fcb;
export const GNRC_IPV6_NIB_PFX_TIMEOUT = 0x4fcc;
export const GNRC_IPV6_NIB_RTR_TIMEOUT = 0x4fcd;
export const GNRC_IPV6_NIB_RECALC_REACH_TIME = 0x4fce;
export const GNRC_IPV6_NIB_REREG_ADDRESS = 0x4fcf;
export const GNRC_IPV6_NIB_ROUTE_TIMEOUT = 0x4fd0;
export const GNRC_IPV6_NIB_VALID_ADDR = 0x4fd2;

/** What gnrc_ipv6_nib_nc_t.info tells: neighbour unreachability detection ... */
export const GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK = 0x0007;
export const GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED = 0x0000;
export const GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE = 0x0001;
export const GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE = 0x0002;
export const GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE = 0x0003;
export const GNRC_IPV6_NIB_NC_INFO_NUD_STATE_DELAY = 0x0004;
export const GNRC_IPV6_NIB_NC_INFO_NUD_STATE_PROBE = 0x0005;
export const GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE = 0x0006;
/** ... whether it is a router, its interface ... */
export const GNRC_IPV6_NIB_NC_INFO_IS_ROUTER = 0x0008;
export const GNRC_IPV6_NIB_NC_INFO_IFACE_MASK = 0x01f0;
export const GNRC_IPV6_NIB_NC_INFO_IFACE_POS = 4;
/** ... and address registration: GC is an entry that may be replaced. */
export const GNRC_IPV6_NIB_NC_INFO_AR_STATE_MASK = 0x0600;
export const GNRC_IPV6_NIB_NC_INFO_AR_STATE_POS = 9;
export const GNRC_IPV6_NIB_NC_INFO_AR_STATE_GC = 0x0000;
export const GNRC_IPV6_NIB_NC_INFO_AR_STATE_TENTATIVE = 0x0200;
export const GNRC_IPV6_NIB_NC_INFO_AR_STATE_REGISTERED = 0x0400;
export const GNRC_IPV6_NIB_NC_INFO_AR_STATE_MANUAL = 0x0600;
const IFACE_MAX = GNRC_IPV6_NIB_NC_INFO_IFACE_MASK >> GNRC_IPV6_NIB_NC_INFO_IFACE_POS;

/** What an entry is there for: bits of `mode`. Without any it is free. */
export const _EMPTY = 0x00;
/** Neighbour cache. */
export const _NC = 0x01;
/** Destination cache. */
export const _DC = 0x02;
/** Prefix list. */
export const _PL = 0x04;
/** Default router list. */
export const _DRL = 0x08;
/** Forwarding table. */
export const _FT = 0x10;
/** An off-link entry has this on-link entry as its next hop. */
export const _DST = 0x40;

/** Flags of a prefix. */
export const _PFX_ON_LINK = 0x0001;
export const _PFX_SLAAC = 0x0002;

/** gnrc_netif_ipv6_t.route_info_cb's types: see nib_router.ts. */
export const GNRC_IPV6_NIB_ROUTE_INFO_TYPE_RRQ = 1;
export const GNRC_IPV6_NIB_ROUTE_INFO_TYPE_RN = 2;
export const GNRC_IPV6_NIB_ROUTE_INFO_TYPE_NSC = 3;

/**
 * Tells a routing protocol of the NIB: RRQ, there is no route to `ctx_addr`, `ctx` is the packet or null; RN, the route
 * to the prefix `ctx_addr` of `ctx` bits was taken; NSC, the neighbour `ctx_addr` is now in NUD state `ctx`.
 */
export type route_info_cb_t =
  (type: number, ctx_addr: Uint8Array, ctx: gnrc_pktsnip_t | number | null) => undefined | Blocking<void>;

/** An on-link entry: a neighbour, or only the interface of a prefix (its address is then unspecified). */
export class _nib_onl_entry_t {
  /** Its place in the table. */
  readonly idx: number;
  /** Packets that wait until the address is resolved. */
  pktqueue: gnrc_pktqueue_t | null = null;
  pktqueue_len = 0;
  readonly ipv6 = new Uint8Array(IPV6_ADDR_LEN);
  /** Who registered the address. */
  readonly eui64 = new Uint8Array(EUI64_LEN);
  readonly l2addr = new Uint8Array(CONFIG_GNRC_IPV6_NIB_L2ADDR_MAX_LEN);
  l2addr_len = 0;
  /** SND_UC_NS, SND_MC_NS, REACH_TIMEOUT or DELAY_TIMEOUT: one at a time. */
  readonly nud_timeout = new evtimer_msg_event_t();
  readonly snd_na = new evtimer_msg_event_t();
  readonly reply_rs = new evtimer_msg_event_t();
  readonly addr_reg_timeout = new evtimer_msg_event_t();
  /** GNRC_IPV6_NIB_NC_INFO_*. */
  info = 0;
  mode = _EMPTY;
  /** Neighbour solicitations that were sent to probe it. */
  ns_sent = 0;
  /** When the last solicitation to its group was sent, ms; RIOT does not keep it. */
  mc_ns_time = 0;
  /** Whether it was put into the list of those that may be replaced since it was free. */
  queued = false;

  constructor(idx: number) {
    this.idx = idx;
  }
}

/** An entry of the default router list. */
export class _nib_dr_entry_t {
  readonly idx: number;
  /** Null: the entry is free. */
  next_hop: _nib_onl_entry_t | null = null;
  readonly rtr_timeout = new evtimer_msg_event_t();

  constructor(idx: number) {
    this.idx = idx;
  }
}

/** An off-link entry: a prefix, a route, or both. */
export class _nib_offl_entry_t {
  readonly idx: number;
  /** Null only while the entry is free. */
  next_hop: _nib_onl_entry_t | null = null;
  readonly pfx = new Uint8Array(IPV6_ADDR_LEN);
  pfx_len = 0;
  readonly pfx_timeout = new evtimer_msg_event_t();
  readonly route_timeout = new evtimer_msg_event_t();
  mode = _EMPTY;
  /** _PFX_*. */
  flags = 0;
  /** ms since boot; 0xffffffff: for ever. */
  valid_until = 0;
  pref_until = 0;

  constructor(idx: number) {
    this.idx = idx;
  }
}

/** A border router, and what came from it. Its entry is free while its address is unspecified. */
export class _nib_abr_entry_t {
  readonly idx: number;
  readonly addr = new Uint8Array(IPV6_ADDR_LEN);
  version = 0;
  /** ms since boot, 32 bits. */
  valid_until_ms = 0;
  readonly timeout = new evtimer_msg_event_t();
  /** By the places of off-link entries: 1 if the prefix is its. */
  readonly pfxs: Uint8Array;
  /** A bit for each context. */
  ctxs = 0;

  constructor(idx: number, offl_numof: number) {
    this.idx = idx;
    this.pfxs = new Uint8Array(offl_numof);
  }
}

/** What the NIB keeps with an interface (RIOT sys/include/net/gnrc/netif/ipv6.h). */
export class nib_iface_t {
  readonly search_rtr = new evtimer_msg_event_t();
  readonly snd_mc_ra = new evtimer_msg_event_t();
  readonly recalc_reach_time = new evtimer_msg_event_t();
  /** By the places of addresses: for re-registration, and for the end of duplicate address detection. */
  readonly addrs_timers: evtimer_msg_event_t[] = [];
  /** When the last unsolicited RA was sent, ms since boot; 0xffffffff: never. */
  last_ra = UINT32_MAX;
  route_info_cb: route_info_cb_t | null = null;
  /** For answers for an anycast address where no neighbour's timer is used. */
  readonly snd_anycast_na = new evtimer_msg_event_t();
  /** The MTU that the interface began with. */
  link_mtu = 0;
  /** Whether duplicate address detection has begun since the link came up. */
  solicited = false;
}

/** The tables. An entry is made when it is first needed, and stays. */
class Nib {
  readonly mutex: rmutex_t = RMUTEX_INIT();
  readonly evtimer: evtimer_msg_t = EVTIMER_MSG_INIT();
  readonly nodes: _nib_onl_entry_t[] = [];
  readonly dsts: _nib_offl_entry_t[] = [];
  readonly def_routers: _nib_dr_entry_t[] = [];
  readonly abrs: _nib_abr_entry_t[] = [];
  /** Neighbours that may be replaced, first the one to be looked at first. */
  readonly removable: _nib_onl_entry_t[] = [];
  prime_def_router: _nib_dr_entry_t | null = null;
  /** Rises with each change of the prefix list. */
  pl_changes = 0;
  readonly pl_cache = { changes: -1, iface: 0, list: [] as _nib_offl_entry_t[] };
}

/** The NIB of the running board. */
export const nib: () => Nib = perBoard(() => new Nib(), { bytes: 8 * 64 });

/** What the NIB keeps with an interface. */
export function nib_iface(netif: gnrc_netif_t): nib_iface_t {
  return (netif.ipv6.nib ??= new nib_iface_t()) as nib_iface_t;
}

/** The timer of the interface's address at `idx`. */
export function nib_addr_timer(netif: gnrc_netif_t, idx: number): evtimer_msg_event_t {
  return (nib_iface(netif).addrs_timers[idx] ??= new evtimer_msg_event_t());
}

/** Locks the NIB for the calling thread; it may do so several times. */
export function _nib_acquire(): Blocking<void> {
  return rmutex_lock(nib().mutex);
}

/** Ends _nib_acquire(). */
export function* _nib_release(): Blocking<void> {
  const { mutex, nodes, dsts, def_routers } = nib();
  if (mutex.refcount === 1) {
    const conf = nib_conf();
    nib_gauge('CONFIG_GNRC_IPV6_NIB_NUMOF', nodes, conf.numof);
    nib_gauge('CONFIG_GNRC_IPV6_NIB_OFFL_NUMOF', dsts, conf.offl_numof);
    nib_gauge('CONFIG_GNRC_IPV6_NIB_DEFAULT_ROUTER_NUMOF', def_routers, conf.default_router_numof);
  }
  yield* rmutex_unlock(mutex);
}

/** Takes a timer back. */
export function _evtimer_del(event: evtimer_msg_event_t): void {
  evtimer_del(nib().evtimer, event);
}

/** Has the ipv6 thread sent a message `type` about `ctx` in `offset` ms; a timer that runs is set anew. */
export function _evtimer_add(ctx: unknown, type: number, event: evtimer_msg_event_t, offset: number): void {
  const { evtimer } = nib();
  evtimer_del(evtimer, event);
  event.next = null;
  event.offset = offset;
  event.msg.type = type;
  event.msg.content.ptr = ctx;
  evtimer_add_msg(evtimer, event, gnrc_ipv6_pid());
}

/**
 * In how many ms a message `type` about `ctx` is due; 0xffffffff: none is. As RIOT it counts from the last change of
 * the timers, not from now.
 */
export function _evtimer_lookup(ctx: unknown, type: number): number {
  let offset = 0;
  for (let event = nib().evtimer.events; event !== null; event = event.next) {
    offset += event.offset;
    const { msg } = event as evtimer_msg_event_t;
    if (msg.type === type && (ctx === null || msg.content.ptr === ctx)) return offset;
  }
  return UINT32_MAX;
}

/** The interface that an entry is on; 0: any. */
export function _nib_onl_get_if(node: _nib_onl_entry_t): kernel_pid_t {
  return (node.info & GNRC_IPV6_NIB_NC_INFO_IFACE_MASK) >> GNRC_IPV6_NIB_NC_INFO_IFACE_POS;
}

export function _nib_onl_set_if(node: _nib_onl_entry_t, iface: kernel_pid_t): void {
  assert(iface <= IFACE_MAX, 'sys/net/gnrc/network_layer/ipv6/nib/_nib-internal.h:344');
  node.info = (node.info & ~GNRC_IPV6_NIB_NC_INFO_IFACE_MASK) | (iface << GNRC_IPV6_NIB_NC_INFO_IFACE_POS);
}

/** The NUD state of a neighbour; UNMANAGED without ARSM. */
export function _get_nud_state(node: _nib_onl_entry_t): number {
  return nib_conf().arsm ? node.info & GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK : GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED;
}

/** Tells the interface's routing protocol, if it has one. */
export function* _call_route_info_cb(
  netif: gnrc_netif_t, type: number, ctx_addr: Uint8Array, ctx: gnrc_pktsnip_t | number | null,
): Blocking<void> {
  const cb = nib_iface(netif).route_info_cb;
  const steps = cb === null || !nib_conf().router ? undefined : cb(type, ctx_addr, ctx);
  if (steps !== undefined) yield* steps;
}
