// What the interface needs of the IPv6 layer above it. In C the two call each other; here the layer above tells the
// interface whom to call, so that imports have no cycle.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { KERNEL_PID_UNDEF, type kernel_pid_t } from '../../kernel/thread_t.ts';
import type { gnrc_netif_t } from './netif_t.ts';

/** Messages to the ipv6 thread (RIOT sys/include/net/gnrc/ipv6/nib.h); the NIB's timers have the numbers 0x4fc0 on. */
export const GNRC_IPV6_NIB_IFACE_UP = 0x4fd4;
export const GNRC_IPV6_NIB_IFACE_DOWN = 0x4fd5;
/** Duplicate address detection is to begin; content.ptr is the entry of the interface's address table. */
export const GNRC_IPV6_NIB_DAD = 0x4fd1;

/** An entry of the prefix list. */
export interface gnrc_netif_prefix_t {
  readonly pfx: Uint8Array;
  readonly pfx_len: number;
}

/** The functions of the NIB that an interface calls. */
export interface gnrc_netif_nib_t {
  /** CONFIG_GNRC_IPV6_NIB_ARSM: addresses are resolved, so solicited-nodes groups are joined. Not on a pure 6LN. */
  readonly arsm: boolean;
  /**
   * CONFIG_GNRC_IPV6_NIB_SLAAC: a new tentative address of an interface that is no 6LN is told to the ipv6 thread by a
   * message GNRC_IPV6_NIB_DAD. Not where there is no classic interface.
   */
  readonly slaac: boolean;
  /** gnrc_ipv6_nib_init_iface(). */
  init_iface(netif: gnrc_netif_t): Blocking<void>;
  /** The prefix list's entries of an interface. */
  pl_prefixes(iface: kernel_pid_t): readonly gnrc_netif_prefix_t[];
  /** gnrc_ipv6_nib_pl_set(); lifetimes in ms, 0xffffffff is for ever. */
  pl_set(
    iface: kernel_pid_t, pfx: Uint8Array, pfx_len: number, valid_ltime: number, pref_ltime: number,
  ): Blocking<number>;
  /** gnrc_ipv6_nib_change_rtr_adv_iface(): for NETOPT_IPV6_SND_RTR_ADV, and NETOPT_IPV6_FORWARDING when it is taken. */
  change_rtr_adv_iface(netif: gnrc_netif_t, enable: boolean): Blocking<void>;
  /** gnrc_ipv6_nib_abr_add(); in images of border routers. */
  abr_add?(addr: Uint8Array): Blocking<number>;
  /** gnrc_ipv6_nib_start_search_rtr() and its end: for NETOPT_6LO_ABR. */
  start_search_rtr(netif: gnrc_netif_t): void;
  stop_search_rtr(netif: gnrc_netif_t): void;
}

const statics = perBoard(
  () => ({ ipv6_pid: KERNEL_PID_UNDEF, nib: null as gnrc_netif_nib_t | null }), { bytes: 2 });

/** The pid of the ipv6 thread; KERNEL_PID_UNDEF before gnrc_ipv6_init(). */
export function gnrc_ipv6_pid(): kernel_pid_t {
  return statics().ipv6_pid;
}

/** gnrc_ipv6_init() sets the pid of its thread. */
export function gnrc_ipv6_set_pid(pid: kernel_pid_t): void {
  statics().ipv6_pid = pid;
}

/** The NIB of the running board; null without one. */
export function gnrc_netif_nib(): gnrc_netif_nib_t | null {
  return statics().nib;
}

/** gnrc_ipv6_nib_init() tells what interfaces call; before any interface is created. */
export function gnrc_netif_set_nib(nib: gnrc_netif_nib_t): void {
  statics().nib = nib;
}
