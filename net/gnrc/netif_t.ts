// Network interfaces: what an interface is, and the list of them (RIOT sys/include/net/gnrc/netif.h). netif.ts has the
// thread, netif_ipv6.ts the addresses.
import type { Blocking } from '../../kernel/blocking.ts';
import { current, perBoard } from '../../kernel/current.ts';
import { event_queue_t, event_t } from '../../kernel/event.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { msg_bus_t } from '../../kernel/msg_bus.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { rmutex_lock, rmutex_t, rmutex_unlock } from '../../kernel/rmutex.ts';
import { KERNEL_PID_UNDEF, type kernel_pid_t } from '../../kernel/thread_t.ts';
import { ztimer_t } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { NETDEV_TYPE_IEEE802154, NETDEV_TYPE_UNKNOWN, type netdev_t } from '../netdev.ts';
import { IPV6_ADDR_LEN, l2util_addr_from_str, l2util_addr_to_str } from '../wire/addr.ts';
import type { gnrc_netapi_opt_t } from './netapi.ts';
import { nib_conf } from './nib_conf.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import type { gnrc_pktqueue_t } from './pktqueue.ts';

/** Longest link layer address, bytes. */
export const GNRC_NETIF_L2ADDR_MAXLEN = 8;

/** Flags of an interface (RIOT sys/include/net/gnrc/netif/flags.h). */
export const GNRC_NETIF_FLAGS_HAS_L2ADDR = 0x00000001;
export const GNRC_NETIF_FLAGS_IPV6_FORWARDING = 0x00000002;
export const GNRC_NETIF_FLAGS_IPV6_RTR_ADV = 0x00000004;
export const GNRC_NETIF_FLAGS_IPV6_ADV_MTU = 0x00000008;
export const GNRC_NETIF_FLAGS_IPV6_ADV_CUR_HL = 0x00000010;
export const GNRC_NETIF_FLAGS_IPV6_ADV_REACH_TIME = 0x00000020;
export const GNRC_NETIF_FLAGS_IPV6_ADV_RETRANS_TIMER = 0x00000040;
export const GNRC_NETIF_FLAGS_IPV6_ADV_O_FLAG = 0x00000080;
export const GNRC_NETIF_FLAGS_6LO_HC = 0x00000100;
export const GNRC_NETIF_FLAGS_6LO_ABR = 0x00000200;
export const GNRC_NETIF_FLAGS_6LO_MESH = 0x00000400;
export const GNRC_NETIF_FLAGS_6LO_BACKBONE = 0x00000800;
export const GNRC_NETIF_FLAGS_6LN = 0x00001000;
export const GNRC_NETIF_FLAGS_6LO = 0x00002000;
export const GNRC_NETIF_FLAGS_RAWMODE = 0x00010000;
/** The frame on the air came from the send queue. */
export const GNRC_NETIF_FLAGS_TX_FROM_PKTQUEUE = 0x00020000;

/** How an interface gets addresses: gnrc_netif_ipv6_t.aac_mode. */
export const GNRC_NETIF_AAC_NONE = 0x00;
export const GNRC_NETIF_AAC_AUTO = 0x01;
export const GNRC_NETIF_AAC_DHCP = 0x02;

/** The IPv6 component (RIOT sys/include/net/gnrc/netif/ipv6.h). */
export class gnrc_netif_ipv6_t {
  /** GNRC_NETIF_IPV6_ADDRS_FLAGS_* by index; 0 is a free entry. */
  readonly addrs_flags: Uint8Array;
  /** Addresses by index, 16 bytes each; a free entry is unspecified. An entry is overwritten, never replaced. */
  readonly addrs: readonly Uint8Array[];
  /** Multicast groups, 16 bytes each; a free entry is unspecified. */
  readonly groups: readonly Uint8Array[];
  /** What the NIB keeps with an interface (timers, time of the last RA ...); the NIB sets it. */
  nib: unknown = null;
  /** Reachable time and its base, retransmission time, ms. */
  reach_time_base = 0;
  reach_time = 0;
  retrans_time = 0;
  /** Advertised router lifetime, s, and RAs, RSs and NAs sent. */
  rtr_ltime = 0;
  ra_sent = 0;
  rs_sent = 0;
  na_sent = 0;
  /** GNRC_NETIF_AAC_* bits. */
  aac_mode = 0;
  mtu = 0;
  /** Module netstats_ipv6; the ipv6 thread counts. */
  readonly stats: netstats_t = noStats();

  constructor(addrs: number, groups: number) {
    this.addrs_flags = new Uint8Array(addrs);
    this.addrs = Array.from({ length: addrs }, () => new Uint8Array(IPV6_ADDR_LEN));
    this.groups = Array.from({ length: groups }, () => new Uint8Array(IPV6_ADDR_LEN));
  }
}

/** Statistics of the link layer, or of IPv6 (RIOT sys/include/net/netstats.h). */
export interface netstats_t {
  tx_unicast_count: number;
  tx_mcast_count: number;
  /** Of the link layer: never counted with SubMAC devices, as in RIOT. */
  tx_success: number;
  tx_failed: number;
  /** Link layer: MPDU with FCS of frames that went out. IPv6: whole packets. */
  tx_bytes: number;
  rx_count: number;
  rx_bytes: number;
}

/** All counters at 0. */
export function netstats_clear(stats: netstats_t): void {
  for (const key of Object.keys(stats) as (keyof netstats_t)[]) stats[key] = 0;
}

function noStats(): netstats_t {
  return { tx_unicast_count: 0, tx_mcast_count: 0, tx_success: 0, tx_failed: 0, tx_bytes: 0, rx_count: 0, rx_bytes: 0 };
}

/** A send queue: its first entry, and the timer whose message sends from it. */
export class gnrc_netif_pktq_t {
  queue: gnrc_pktqueue_t | null = null;
  readonly dequeue_msg = new msg_t();
  readonly dequeue_timer = new ztimer_t();
}

/** What an interface does that depends on its link layer. */
export interface gnrc_netif_ops_t {
  /** Sets the device up and registers the interface: 0, or a negative errno. */
  init(netif: gnrc_netif_t): Blocking<number>;
  /**
   * Sends a packet that begins with a gnrc_netif_hdr_t.
   * @returns 0: on its way, the packet is still in use; > 0: bytes sent; -EBADMSG without header, -EBUSY, -EINVAL ...
   */
  send(netif: gnrc_netif_t, pkt: gnrc_pktsnip_t): number;
  /** Fetches the received frame as a packet: payload, then header; null when it was dropped. */
  recv(netif: gnrc_netif_t): Blocking<gnrc_pktsnip_t | null>;
  /** Reads an option: bytes written to `opt.data`, or a negative errno. */
  get(netif: gnrc_netif_t, opt: gnrc_netapi_opt_t): Blocking<number>;
  /** Sets an option: bytes taken, or a negative errno. */
  set(netif: gnrc_netif_t, opt: gnrc_netapi_opt_t): Blocking<number>;
}

/** An interface. Make it in code that the board runs: the tables have the board's sizes. */
export class gnrc_netif_t {
  next: gnrc_netif_t | null = null;
  /** Null until gnrc_netif_create(). */
  ops: gnrc_netif_ops_t | null = null;
  dev: netdev_t | null = null;
  readonly mutex = new rmutex_t();
  /** Module netstats_l2. */
  readonly stats: netstats_t = noStats();
  readonly ipv6: gnrc_netif_ipv6_t;
  /** 6LoWPAN: largest link payload, bytes; 0 when an IPv6 MTU fits. */
  readonly sixlo = { max_frag_size: 0, local_flags: 0 };
  /** GNRC_NETIF_FLAGS_*. */
  flags = 0;
  readonly evq = new event_queue_t();
  readonly event_isr = new event_t();
  readonly event_tx_done = new event_t();
  /** The packet that is being sent. */
  tx_pkt: gnrc_pktsnip_t | null = null;
  readonly l2addr = new Uint8Array(GNRC_NETIF_L2ADDR_MAXLEN);
  l2addr_len = 0;
  readonly send_queue = new gnrc_netif_pktq_t();
  /** Module gnrc_netif_bus: where its IPv6 events are posted. */
  readonly bus: msg_bus_t | null = current().modules.has('gnrc_netif_bus') ? new msg_bus_t() : null;
  /** Module gnrc_netif_dedup: source and sequence number of the frame received last. */
  readonly last_pkt = { src: new Uint8Array(0), seq: 0 };
  /** Hop limit of packets that go out. */
  cur_hl = 0;
  /** NETDEV_TYPE_*. */
  device_type = NETDEV_TYPE_UNKNOWN;
  /** The thread, which is the number of the interface. */
  pid: kernel_pid_t = KERNEL_PID_UNDEF;

  constructor() {
    const { CONFIG_GNRC_NETIF_IPV6_ADDRS_NUMOF: addrs, GNRC_NETIF_IPV6_GROUPS_NUMOF: configured } = net_config();
    const modules = current().modules;
    // One group more than addresses (all nodes), and one each for a router and for RPL.
    const groups = configured !== 0 ? configured
      : addrs + 1 + (nib_conf().router ? 1 : 0) + (modules.has('gnrc_rpl') ? 1 : 0);
    this.ipv6 = new gnrc_netif_ipv6_t(addrs, groups);
  }
}

const statics = perBoard(() => ({ first: null as gnrc_netif_t | null }), { bytes: 8 });

/** Puts an interface into the list; gnrc_netif_default_init() does it. */
export function netif_register(netif: gnrc_netif_t): void {
  netif.next = statics().first;
  statics().first = netif;
}

/** The interface after `prev`, or the first (the one registered last) with null; null at the end. */
export function gnrc_netif_iter(prev: gnrc_netif_t | null): gnrc_netif_t | null {
  return prev === null ? statics().first : prev.next;
}

/** The number of interfaces. */
export function gnrc_netif_numof(): number {
  let num = 0;
  for (let netif = statics().first; netif !== null; netif = netif.next) num++;
  return num;
}

/** The interface of a thread, or null. */
export function gnrc_netif_get_by_pid(pid: kernel_pid_t): gnrc_netif_t | null {
  let netif = statics().first;
  while (netif !== null && netif.pid !== pid) netif = netif.next;
  return netif;
}

/** Whether the build says that there is one interface only (module gnrc_netif_single). */
export function gnrc_netif_highlander(): boolean {
  return current().modules.has('gnrc_netif_single');
}

/** The text of a link layer address: `00:0A`; empty for one of no bytes. */
export function gnrc_netif_addr_to_str(addr: Uint8Array, addr_len: number): string {
  return l2util_addr_to_str(addr.subarray(0, addr_len));
}

/**
 * Reads a link layer address; see l2util_addr_from_str().
 * @param out takes 8 bytes
 * @returns its length; 0 if the text is none
 */
export function gnrc_netif_addr_from_str(str: string, out: Uint8Array): number {
  const addr = l2util_addr_from_str(str, GNRC_NETIF_L2ADDR_MAXLEN);
  if (addr !== null) out.set(addr);
  return addr?.length ?? 0;
}

/** For host code: the interfaces of a board, the one registered last first. */
export function gnrc_netifs(kernel: Kernel): gnrc_netif_t[] {
  return kernel.run(() => {
    const all: gnrc_netif_t[] = [];
    for (let netif = statics().first; netif !== null; netif = netif.next) all.push(netif);
    return all;
  });
}

/** Locks an interface for the calling thread; it may do so several times. */
export function* gnrc_netif_acquire(netif: gnrc_netif_t | null): Blocking<void> {
  if (netif !== null && netif.ops !== null) yield* rmutex_lock(netif.mutex);
}

/** Ends gnrc_netif_acquire(). */
export function* gnrc_netif_release(netif: gnrc_netif_t | null): Blocking<void> {
  if (netif !== null && netif.ops !== null) yield* rmutex_unlock(netif.mutex);
}

/** Whether the device's link layer needs 6LoWPAN. */
export function gnrc_netif_dev_is_6lo(netif: gnrc_netif_t): boolean {
  return netif.device_type === NETDEV_TYPE_IEEE802154;
}

/** Whether the interface does 6LoWPAN. */
export function gnrc_netif_is_6lo(netif: gnrc_netif_t): boolean {
  return gnrc_netif_dev_is_6lo(netif);
}

/** Whether the interface is a router's. */
export function gnrc_netif_is_rtr(netif: gnrc_netif_t): boolean {
  return (netif.flags & GNRC_NETIF_FLAGS_IPV6_FORWARDING) !== 0;
}

/** Whether the interface sends router advertisements. */
export function gnrc_netif_is_rtr_adv(netif: gnrc_netif_t): boolean {
  return (netif.flags & GNRC_NETIF_FLAGS_IPV6_RTR_ADV) !== 0;
}

/** Whether the interface does RFC 6775 (6LoWPAN neighbour discovery). */
export function gnrc_netif_is_6ln(netif: gnrc_netif_t): boolean {
  return (netif.flags & GNRC_NETIF_FLAGS_6LN) !== 0;
}

/** Whether the interface is a 6LoWPAN router's. */
export function gnrc_netif_is_6lr(netif: gnrc_netif_t): boolean {
  return gnrc_netif_is_rtr(netif) && gnrc_netif_is_6ln(netif);
}

/** Whether the interface is a 6LoWPAN border router's. */
export function gnrc_netif_is_6lbr(netif: gnrc_netif_t): boolean {
  return (netif.flags & GNRC_NETIF_FLAGS_6LO_ABR) !== 0 && gnrc_netif_is_6lr(netif);
}
