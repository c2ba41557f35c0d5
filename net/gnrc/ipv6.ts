// The ipv6 thread (RIOT sys/include/net/gnrc/ipv6.h): ipv6_send.ts is the way down, ipv6_receive.ts the way up.
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_charge, cpu_timed } from '../../kernel/cpu.ts';
import { current } from '../../kernel/current.ts';
import { msg_receive, msg_reply } from '../../kernel/msg.ts';
import { assert } from '../../kernel/panic.ts';
import { THREAD_PRIORITY_MAIN } from '../../kernel/sched.ts';
import { KERNEL_PID_UNDEF, type kernel_pid_t, thread_create } from '../../kernel/thread.ts';
import { net_config } from '../config.ts';
import { IPV6_HEADER_LEN } from '../wire/ipv6.ts';
import { gnrc_icmpv6_calc_csum } from './icmpv6.ts';
import {
  GNRC_IPV6_EXT_FRAG_CONTINUE, GNRC_IPV6_EXT_FRAG_SEND, gnrc_ipv6_ext_frag_init, gnrc_ipv6_ext_frag_send,
  type gnrc_ipv6_ext_frag_send_t,
} from './ipv6_ext_frag.ts';
import { GNRC_IPV6_EXT_FRAG_RBUF_GC, gnrc_ipv6_ext_frag_rbuf_gc } from './ipv6_ext_frag_rbuf.ts';
import { ipv6_parts } from './ipv6_parts.ts';
import { ipv6_receive } from './ipv6_receive.ts';
import { ipv6_send, ipv6_send_by_netif_hdr } from './ipv6_send.ts';
import { layer_begin } from './layer.ts';
import {
  GNRC_NETAPI_MSG_TYPE_GET, GNRC_NETAPI_MSG_TYPE_RCV, GNRC_NETAPI_MSG_TYPE_SET, GNRC_NETAPI_MSG_TYPE_SND,
} from './netapi.ts';
import { GNRC_IPV6_NIB_IFACE_DOWN, GNRC_IPV6_NIB_IFACE_UP, gnrc_ipv6_pid, gnrc_ipv6_set_pid } from './netif_nib.ts';
import type { gnrc_netif_t } from './netif_t.ts';
import { gnrc_netreg_set_csum } from './netreg.ts';
import { GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_IPV6 } from './nettype.ts';
import {
  gnrc_ipv6_nib_handle_timer_event, gnrc_ipv6_nib_iface_down, gnrc_ipv6_nib_iface_up,
} from './nib.ts';
import { gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';

export const GNRC_IPV6_PRIO = THREAD_PRIORITY_MAIN - 3;

/** Messages of the NIB's timers lie in this range (RIOT sys/include/net/gnrc/ipv6/nib.h). */
const NIB_FIRST = 0x4fb0;
const NIB_LAST = 0x4fdf;
const IPV6_C = 'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c';

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

/**
 * The IPv6 header of a packet, 40 bytes or more: of nested ones that which comes first.
 * @returns null if there is none; one that is too short, or of another version, fails an assertion
 */
export function gnrc_ipv6_get_header(pkt: gnrc_pktsnip_t): Uint8Array | null {
  const snip = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_IPV6);
  if (snip === null) return null;
  assert(snip.data !== null, `${IPV6_C}:137`);
  assert(snip.size >= IPV6_HEADER_LEN, `${IPV6_C}:138`);
  assert(snip.data[0]! >> 4 === 6, `${IPV6_C}:139`);
  return snip.data;
}

function* eventLoop(): Blocking<void> {
  if (ipv6_parts().ext_frag) gnrc_ipv6_ext_frag_init();
  const { msg, reply } = yield* layer_begin(GNRC_NETTYPE_IPV6, net_config().CONFIG_GNRC_IPV6_MSG_QUEUE_SIZE_EXP);
  const timed = cpu_timed();
  while (true) {
    yield* msg_receive(msg);
    switch (msg.type) {
      case GNRC_NETAPI_MSG_TYPE_RCV:
        if (timed) yield* cpu_charge('ipv6', 1);
        yield* ipv6_receive(msg.content.ptr as gnrc_pktsnip_t);
        break;
      case GNRC_NETAPI_MSG_TYPE_SND:
        if (timed) yield* cpu_charge('ipv6', 1);
        yield* ipv6_send(msg.content.ptr as gnrc_pktsnip_t, true);
        break;
      case GNRC_NETAPI_MSG_TYPE_GET:
      case GNRC_NETAPI_MSG_TYPE_SET:
        yield* msg_reply(msg, reply);
        break;
      default:
        yield* handleOther(msg.type, msg.content.ptr);
        break;
    }
  }
}

/** Messages of timers, of interfaces, and of the thread to itself. */
function* handleOther(type: number, ptr: unknown): Blocking<void> {
  switch (type) {
    case GNRC_IPV6_EXT_FRAG_RBUF_GC:
      return yield* gnrc_ipv6_ext_frag_rbuf_gc();
    case GNRC_IPV6_EXT_FRAG_CONTINUE:
      return yield* gnrc_ipv6_ext_frag_send(ptr as gnrc_ipv6_ext_frag_send_t);
    case GNRC_IPV6_EXT_FRAG_SEND:
      return yield* ipv6_send_by_netif_hdr(ptr as gnrc_pktsnip_t);
    case GNRC_IPV6_NIB_IFACE_UP:
      return yield* gnrc_ipv6_nib_iface_up(ptr as gnrc_netif_t);
    case GNRC_IPV6_NIB_IFACE_DOWN:
      return yield* gnrc_ipv6_nib_iface_down(ptr as gnrc_netif_t);
    default:
      if (type >= NIB_FIRST && type <= NIB_LAST) yield* gnrc_ipv6_nib_handle_timer_event(ptr, type);
  }
}
