// Sending neighbour discovery messages (RIOT sys/include/net/gnrc/ndp.h, sys/net/gnrc/network_layer/ndp/gnrc_ndp.c).
// Who has no room in the packet buffer for all of a message sends none.
import type { Blocking } from '../../kernel/blocking.ts';
import { assert } from '../../kernel/panic.ts';
import { quirk } from '../quirks.ts';
import {
  ipv6_addr_all_nodes_link_local, ipv6_addr_all_routers_link_local, ipv6_addr_is_multicast, ipv6_addr_is_unspecified,
} from '../wire/addr.ts';
import { IPV6_OFFSET_HOP_LIMIT } from '../wire/ipv6.ts';
import {
  NDP_HOP_LIMIT, NDP_NBR_ADV_FLAGS_O, NDP_NBR_ADV_FLAGS_R, NDP_NBR_ADV_FLAGS_S, NDP_RTR_ADV_FLAGS_M,
  NDP_RTR_ADV_FLAGS_O,
} from '../wire/ndp.ts';
import { drop } from './drop.ts';
import { gnrc_ipv6_hdr_build } from './ipv6_hdr.ts';
import {
  gnrc_ndp_nbr_adv_build, gnrc_ndp_nbr_sol_build, gnrc_ndp_opt_mtu_build, gnrc_ndp_opt_sl2a_build,
  gnrc_ndp_opt_tl2a_build, gnrc_ndp_rtr_adv_build, gnrc_ndp_rtr_sol_build,
} from './ndp.ts';
import { gnrc_netapi_dispatch_send } from './netapi.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of, gnrc_netif_hdr_set_netif } from './netif_hdr.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST, gnrc_netif_ipv6_addr_best_src, gnrc_netif_ipv6_addr_idx,
} from './netif_ipv6.ts';
import {
  GNRC_NETIF_AAC_DHCP, GNRC_NETIF_FLAGS_IPV6_ADV_CUR_HL, GNRC_NETIF_FLAGS_IPV6_ADV_MTU,
  GNRC_NETIF_FLAGS_IPV6_ADV_O_FLAG, GNRC_NETIF_FLAGS_IPV6_ADV_REACH_TIME, GNRC_NETIF_FLAGS_IPV6_ADV_RETRANS_TIMER,
  gnrc_netif_acquire, gnrc_netif_is_rtr, gnrc_netif_is_rtr_adv, gnrc_netif_release, type gnrc_netif_t,
} from './netif_t.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from './netreg.ts';
import { GNRC_NETTYPE_IPV6 } from './nettype.ts';
import { nib_conf } from './nib_conf.ts';
import { gnrc_pkt_len, gnrc_pkt_prepend, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release } from './pktbuf.ts';

const NDP_C = 'sys/net/gnrc/network_layer/ndp/gnrc_ndp.c';
/** The longest reachable time that may be advertised (RFC 4861 §6.2.1), ms. */
const MAX_ADV_REACHABLE_TIME = 3600 * 1000;

/** A message while it is built, inside out: its head, or `failed`. */
class Message {
  head: gnrc_pktsnip_t | null;
  failed = false;

  constructor(options: gnrc_pktsnip_t | null) {
    this.head = options;
  }

  /** Puts what a builder has made before the rest; null: there was no room. */
  put(snip: gnrc_pktsnip_t | null): void {
    if (snip === null) this.failed = true;
    else this.head = snip;
  }
}

/** Adds the interface's link-layer address, if it has one; whether it did. */
function putAddress(
  message: Message, netif: gnrc_netif_t, opt_build: typeof gnrc_ndp_opt_sl2a_build,
): boolean {
  if (message.failed || netif.l2addr_len === 0) return false;
  message.put(opt_build(netif.l2addr, netif.l2addr_len, message.head));
  return !message.failed;
}

function putHeaders(message: Message, netif: gnrc_netif_t, src: Uint8Array | null, dst: Uint8Array): void {
  if (message.failed) return;
  message.put(gnrc_ipv6_hdr_build(message.head, src, dst));
  if (message.failed) return;
  message.head!.data![IPV6_OFFSET_HOP_LIMIT] = NDP_HOP_LIMIT;
  const hdr = gnrc_netif_hdr_build(null, 0, null, 0);
  if (hdr === null) {
    message.failed = true;
    return;
  }
  gnrc_netif_hdr_set_netif(gnrc_netif_hdr_of(hdr), netif);
  message.head = gnrc_pkt_prepend(message.head, hdr);
}

/** Hands a message to the ipv6 thread; what found no room, or no thread, is dropped. */
function* send(message: Message): Blocking<void> {
  const { head, failed } = message;
  if (!failed && (yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, head!)) > 0) return;
  drop('nib', failed ? 'pktbuf-full' : 'no-ipv6-thread', gnrc_pkt_len(head));
  gnrc_pktbuf_release(head);
}

/**
 * Puts IPv6 header and netif header before a message; null when there is no room, the message is then freed.
 * For what is not sent at once.
 */
export function gnrc_ndp_build_headers(
  netif: gnrc_netif_t, src: Uint8Array | null, dst: Uint8Array, payload: gnrc_pktsnip_t,
): gnrc_pktsnip_t | null {
  const message = new Message(payload);
  putHeaders(message, netif, src, dst);
  if (!message.failed) return message.head;
  drop('nib', 'pktbuf-full', gnrc_pkt_len(message.head));
  gnrc_pktbuf_release(message.head);
  return null;
}

/**
 * Sends a neighbour solicitation, with the interface's link-layer address unless its source is unspecified.
 *
 * @param tgt       the address that is asked for, no group
 * @param src       null: the best one for `tgt`; without any RIOT asks from the unspecified address, profile rfc not
 * @param ext_opts  further options, consumed; or null
 */
export function* gnrc_ndp_nbr_sol_send(
  tgt: Uint8Array, netif: gnrc_netif_t, src: Uint8Array | null, dst: Uint8Array, ext_opts: gnrc_pktsnip_t | null,
): Blocking<void> {
  assert(!ipv6_addr_is_multicast(tgt), `${NDP_C}:275`);
  const message = new Message(ext_opts);
  yield* gnrc_netif_acquire(netif);
  const from = src ?? gnrc_netif_ipv6_addr_best_src(netif, tgt, false);
  if (from === null && !quirk('nib-asks-without-source')) {
    drop('nib', 'no-source-address', gnrc_pkt_len(ext_opts));
    gnrc_pktbuf_release(ext_opts);
    return yield* gnrc_netif_release(netif);
  }
  if (from !== null && !ipv6_addr_is_unspecified(from)) putAddress(message, netif, gnrc_ndp_opt_sl2a_build);
  if (!message.failed) message.put(gnrc_ndp_nbr_sol_build(tgt, message.head));
  putHeaders(message, netif, from, dst);
  yield* send(message);
  yield* gnrc_netif_release(netif);
}

/**
 * Sends a neighbour advertisement.
 *
 * @param tgt          the address that is advertised; nothing is sent unless it is one of the interface's
 * @param netif        the interface to send from
 * @param dst          who asked; unspecified: all nodes of the link
 * @param supply_tl2a  whether to tell the interface's link-layer address; always to all nodes
 * @param ext_opts     further options, consumed; or null
 */
export function* gnrc_ndp_nbr_adv_send(
  tgt: Uint8Array, netif: gnrc_netif_t, dst: Uint8Array, supply_tl2a: boolean, ext_opts: gnrc_pktsnip_t | null,
): Blocking<void> {
  assert(!ipv6_addr_is_multicast(tgt), `${NDP_C}:350`);
  const message = new Message(ext_opts);
  yield* gnrc_netif_acquire(netif);
  const index = gnrc_netif_ipv6_addr_idx(netif, tgt);
  if (index < 0) {
    drop('nib', 'target-not-mine', gnrc_pkt_len(ext_opts));
    gnrc_pktbuf_release(ext_opts);
  } else {
    const all = ipv6_addr_is_unspecified(dst);
    let flags = all ? 0 : NDP_NBR_ADV_FLAGS_S;
    if (gnrc_netif_is_rtr(netif) && gnrc_netif_is_rtr_adv(netif)) flags |= NDP_NBR_ADV_FLAGS_R;
    const anycast = (netif.ipv6.addrs_flags[index]! & GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST) !== 0;
    if ((all || supply_tl2a) && putAddress(message, netif, gnrc_ndp_opt_tl2a_build) && !anycast) {
      flags |= NDP_NBR_ADV_FLAGS_O;
    }
    if (!message.failed) message.put(gnrc_ndp_nbr_adv_build(tgt, flags, message.head));
    putHeaders(message, netif, null, all ? ipv6_addr_all_nodes_link_local : dst);
    yield* send(message);
  }
  yield* gnrc_netif_release(netif);
}

/**
 * Sends a router solicitation, with the interface's link-layer address if it has a source address to go with it.
 *
 * @param netif  the interface to send from
 * @param dst    16 bytes; null: all routers of the link
 */
export function* gnrc_ndp_rtr_sol_send(netif: gnrc_netif_t, dst: Uint8Array | null): Blocking<void> {
  const to = dst ?? ipv6_addr_all_routers_link_local;
  const message = new Message(null);
  yield* gnrc_netif_acquire(netif);
  const src = gnrc_netif_ipv6_addr_best_src(netif, to, false);
  if (src !== null) putAddress(message, netif, gnrc_ndp_opt_sl2a_build);
  if (!message.failed) message.put(gnrc_ndp_rtr_sol_build(message.head));
  putHeaders(message, netif, src, to);
  yield* send(message);
  yield* gnrc_netif_release(netif);
}

/**
 * Sends a router advertisement: what it tells stands in the interface (its ADV_* flags, times and MTU). Without a valid
 * link-local source address nothing is sent.
 *
 * @param src       null: the best link-local one
 * @param dst       null: all nodes of the link
 * @param fin       the last one: the router's lifetime is 0
 * @param ext_opts  further options, consumed; or null
 */
export function* gnrc_ndp_rtr_adv_send(
  netif: gnrc_netif_t, src: Uint8Array | null, dst: Uint8Array | null, fin: boolean,
  ext_opts: gnrc_pktsnip_t | null,
): Blocking<void> {
  if (!nib_conf().router) {
    drop('nib', 'no-router', gnrc_pkt_len(ext_opts));
    gnrc_pktbuf_release(ext_opts);
    return;
  }
  const to = dst ?? ipv6_addr_all_nodes_link_local;
  const message = new Message(ext_opts);
  yield* gnrc_netif_acquire(netif);
  if ((netif.flags & GNRC_NETIF_FLAGS_IPV6_ADV_MTU) !== 0) {
    message.put(gnrc_ndp_opt_mtu_build(netif.ipv6.mtu, message.head));
  }
  const from = src ?? (message.failed ? null : gnrc_netif_ipv6_addr_best_src(netif, to, true));
  if (from === null && !message.failed) {
    drop('nib', 'no-source-address', gnrc_pkt_len(message.head));
    gnrc_pktbuf_release(message.head);
  } else {
    putAddress(message, netif, gnrc_ndp_opt_sl2a_build);
    if (!message.failed) message.put(buildAdvertisement(netif, fin, message.head));
    putHeaders(message, netif, from, to);
    yield* send(message);
  }
  yield* gnrc_netif_release(netif);
}

function buildAdvertisement(
  netif: gnrc_netif_t, fin: boolean, options: gnrc_pktsnip_t | null,
): gnrc_pktsnip_t | null {
  const { flags, ipv6 } = netif;
  const tells = (flag: number): boolean => (flags & flag) !== 0;
  let adv_flags = 0;
  if ((ipv6.aac_mode & GNRC_NETIF_AAC_DHCP) !== 0) {
    adv_flags = NDP_RTR_ADV_FLAGS_M | (tells(GNRC_NETIF_FLAGS_IPV6_ADV_O_FLAG) ? NDP_RTR_ADV_FLAGS_O : 0);
  }
  const reach_time = nib_conf().arsm && tells(GNRC_NETIF_FLAGS_IPV6_ADV_REACH_TIME)
    ? Math.min(ipv6.reach_time_base, MAX_ADV_REACHABLE_TIME) : 0;
  return gnrc_ndp_rtr_adv_build(
    tells(GNRC_NETIF_FLAGS_IPV6_ADV_CUR_HL) ? netif.cur_hl : 0, adv_flags, fin ? 0 : ipv6.rtr_ltime, reach_time,
    tells(GNRC_NETIF_FLAGS_IPV6_ADV_RETRANS_TIMER) ? ipv6.retrans_time : 0, options);
}
