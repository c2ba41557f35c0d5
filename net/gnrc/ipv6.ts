// The ipv6 thread (RIOT sys/include/net/gnrc/ipv6.h): headers, addresses and next hops on the way down, checks and
// dispatch on the way up. A host: it forwards nothing, and extension headers are nobody's (module gnrc_ipv6_ext is
// not in a default build).
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_charge, cpu_timed } from '../../kernel/cpu.ts';
import { current, perBoard } from '../../kernel/current.ts';
import { msg_receive, msg_reply } from '../../kernel/msg.ts';
import { THREAD_PRIORITY_MAIN } from '../../kernel/sched.ts';
import { KERNEL_PID_UNDEF, type kernel_pid_t, thread_create } from '../../kernel/thread.ts';
import { net_config } from '../config.ts';
import { ipv6_addr_is_multicast } from '../wire/addr.ts';
import { IPV6_OFFSET_DST, IPV6_OFFSET_NEXT_HEADER } from '../wire/ipv6.ts';
import { drop_pkt } from './drop.ts';
import { gnrc_icmpv6_calc_csum } from './icmpv6.ts';
import { gnrc_icmpv6_demux } from './icmpv6_demux.ts';
import { type incoming_t, ipv6_check } from './ipv6_receive.ts';
import { ipv6_open, ipv6_route, ipv6_to_group, type outgoing_t } from './ipv6_send.ts';
import { layer_begin } from './layer.ts';
import {
  GNRC_NETAPI_MSG_TYPE_GET, GNRC_NETAPI_MSG_TYPE_RCV, GNRC_NETAPI_MSG_TYPE_SET,
  GNRC_NETAPI_MSG_TYPE_SND, gnrc_netapi_dispatch_receive, gnrc_netapi_dispatch_send,
} from './netapi.ts';
import { gnrc_netif_send } from './netif.ts';
import { gnrc_netif_hdr_get_netif, gnrc_netif_hdr_of } from './netif_hdr.ts';
import { GNRC_IPV6_NIB_IFACE_DOWN, GNRC_IPV6_NIB_IFACE_UP, gnrc_ipv6_pid, gnrc_ipv6_set_pid } from './netif_nib.ts';
import { gnrc_netif_is_6lo, gnrc_netif_iter, gnrc_netif_numof, type gnrc_netif_t } from './netif_t.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, gnrc_netreg_num, gnrc_netreg_set_csum,
} from './netreg.ts';
import {
  GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN, gnrc_nettype_from_protnum,
  PROTNUM_ICMPV6,
} from './nettype.ts';
import {
  GNRC_IPV6_NIB_SEARCH_RTR, gnrc_ipv6_nib_handle_timer_event, gnrc_ipv6_nib_iface_down, gnrc_ipv6_nib_iface_up,
} from './nib.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_hold, gnrc_pktbuf_release, gnrc_pktbuf_start_write } from './pktbuf.ts';

export const GNRC_IPV6_PRIO = THREAD_PRIORITY_MAIN - 3;

/** The packet that is being handled; C has this on the stack. */
const statics = perBoard(() => ({
  outgoing: { pkt: null, netif: null, flags: 0 } as unknown as outgoing_t,
  incoming: { pkt: null, netif: null } as unknown as incoming_t,
}), { bytes: 0 });

/**
 * Starts the ipv6 thread, unless it runs already.
 * @returns its pid, or a negative errno of thread_create()
 */
export function* gnrc_ipv6_init(): Blocking<kernel_pid_t> {
  if (gnrc_ipv6_pid() === KERNEL_PID_UNDEF) {
    gnrc_netreg_set_csum(GNRC_NETTYPE_ICMPV6, gnrc_icmpv6_calc_csum);
    const size = current().stacks.THREAD_STACKSIZE_DEFAULT - 64;
    gnrc_ipv6_set_pid(yield* thread_create({ length: size }, size, GNRC_IPV6_PRIO, 0, eventLoop, null, 'ipv6'));
  }
  return gnrc_ipv6_pid();
}

function* eventLoop(): Blocking<void> {
  const { msg, reply } = yield* layer_begin(GNRC_NETTYPE_IPV6, net_config().CONFIG_GNRC_IPV6_MSG_QUEUE_SIZE_EXP);
  const timed = cpu_timed();
  while (true) {
    yield* msg_receive(msg);
    switch (msg.type) {
      case GNRC_NETAPI_MSG_TYPE_RCV:
        if (timed) yield* cpu_charge('ipv6', 1);
        yield* receive(msg.content.ptr as gnrc_pktsnip_t);
        break;
      case GNRC_NETAPI_MSG_TYPE_SND:
        if (timed) yield* cpu_charge('ipv6', 1);
        yield* send(msg.content.ptr as gnrc_pktsnip_t);
        break;
      case GNRC_NETAPI_MSG_TYPE_GET:
      case GNRC_NETAPI_MSG_TYPE_SET:
        yield* msg_reply(msg, reply);
        break;
      case GNRC_IPV6_NIB_SEARCH_RTR:
        yield* gnrc_ipv6_nib_handle_timer_event(msg.content.ptr, msg.type);
        break;
      case GNRC_IPV6_NIB_IFACE_UP:
        yield* gnrc_ipv6_nib_iface_up(msg.content.ptr as gnrc_netif_t);
        break;
      case GNRC_IPV6_NIB_IFACE_DOWN:
        yield* gnrc_ipv6_nib_iface_down(msg.content.ptr as gnrc_netif_t);
        break;
      default:
        break;
    }
  }
}

function* send(pkt: gnrc_pktsnip_t): Blocking<void> {
  const { outgoing } = statics();
  if (!ipv6_open(pkt, outgoing)) return;
  if (outgoing.netif === null && gnrc_netif_numof() > 1 && isToGroup(outgoing.pkt)) {
    return yield* sendEverywhere(outgoing.pkt, outgoing.flags);
  }
  const out = ipv6_route(outgoing);
  if (out !== null) yield* handOn(out);
}

function isToGroup(ipv6: gnrc_pktsnip_t): boolean {
  return ipv6_addr_is_multicast(ipv6.data!.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16));
}

/** Sends a packet to a group over all interfaces. */
function* sendEverywhere(pkt: gnrc_pktsnip_t, flags: number): Blocking<void> {
  gnrc_pktbuf_hold(pkt, gnrc_netif_numof() - 1);
  for (let netif = gnrc_netif_iter(null); netif !== null; netif = gnrc_netif_iter(netif)) {
    const own = gnrc_pktbuf_start_write(pkt);
    const out = own === null ? null : ipv6_to_group(own, netif, flags);
    if (own === null) drop_pkt('ipv6', 'pktbuf-full', pkt);
    else if (out !== null) yield* handOn(out);
  }
}

/** To 6lo or the interface what has a netif header; back to this thread what has none. */
function* handOn(pkt: gnrc_pktsnip_t): Blocking<void> {
  if (pkt.type !== GNRC_NETTYPE_NETIF) {
    if ((yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
      drop_pkt('ipv6', 'no-receiver', pkt);
    }
    return;
  }
  const netif = gnrc_netif_hdr_get_netif(gnrc_netif_hdr_of(pkt));
  if (netif === null) return drop_pkt('ipv6', 'no-interface', pkt);
  if (gnrc_netif_is_6lo(netif)) {
    if ((yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_SIXLOWPAN, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
      drop_pkt('ipv6', 'no-6lo-thread', pkt);
    }
  } else if ((yield* gnrc_netif_send(netif, pkt)) < 1) {
    gnrc_pktbuf_release(pkt);
  }
}

function* receive(received: gnrc_pktsnip_t): Blocking<void> {
  const { incoming } = statics();
  if (!ipv6_check(received, incoming)) return;
  const { pkt, netif } = incoming;
  const nh = pkt.next!.data![IPV6_OFFSET_NEXT_HEADER]!;
  pkt.type = gnrc_nettype_from_protnum(nh);
  const isIcmpv6 = nh === PROTNUM_ICMPV6;
  const subscribed = isIcmpv6 || gnrc_netreg_num(GNRC_NETTYPE_IPV6, nh) > 0;
  // One use of the packet for each of those who may want it: who registered for its type, who registered for its
  // next header, and ICMPv6 itself.
  if (subscribed) gnrc_pktbuf_hold(pkt, 1);
  if ((yield* gnrc_netapi_dispatch_receive(pkt.type, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
    if (!subscribed) return drop_pkt('ipv6', 'no-receiver', pkt);
    gnrc_pktbuf_release(pkt);
  }
  if (!subscribed) return;
  if (isIcmpv6) gnrc_pktbuf_hold(pkt, 1);
  if ((yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_IPV6, nh, pkt)) === 0) gnrc_pktbuf_release(pkt);
  if (isIcmpv6) yield* gnrc_icmpv6_demux(netif, pkt);
}
