// The 6lo thread (RIOT sys/include/net/gnrc/sixlowpan.h): between IPv6 packets and what fits a frame.
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_charge, cpu_timed } from '../../kernel/cpu.ts';
import { current, perBoard } from '../../kernel/current.ts';
import { msg_receive, msg_reply } from '../../kernel/msg.ts';
import { THREAD_PRIORITY_MAIN } from '../../kernel/sched.ts';
import { KERNEL_PID_UNDEF, type kernel_pid_t, thread_create } from '../../kernel/thread.ts';
import { net_config } from '../config.ts';
import { SIXLOWPAN_FRAG_MAX_LEN } from '../wire/frag.ts';
import { dispatchOf, SIXLOWPAN_UNCOMP } from '../wire/sixlowpan.ts';
import { drop_pkt } from './drop.ts';
import { layer_begin } from './layer.ts';
import {
  GNRC_NETAPI_MSG_TYPE_GET, GNRC_NETAPI_MSG_TYPE_RCV, GNRC_NETAPI_MSG_TYPE_SET,
  GNRC_NETAPI_MSG_TYPE_SND, gnrc_netapi_dispatch_receive,
} from './netapi.ts';
import { gnrc_netif_send } from './netif.ts';
import { GNRC_NETIF_HDR_SIZE, gnrc_netif_hdr_get_netif, gnrc_netif_hdr_of } from './netif_hdr.ts';
import { GNRC_NETIF_FLAGS_6LO_HC, type gnrc_netif_t } from './netif_t.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from './netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN } from './nettype.ts';
import { gnrc_pkt_len, type gnrc_pktsnip_t } from './pkt.ts';
import {
  gnrc_pktbuf_add, gnrc_pktbuf_mark, gnrc_pktbuf_release, gnrc_pktbuf_remove_snip, gnrc_pktbuf_start_write,
} from './pktbuf.ts';
import { gnrc_sixlowpan_frag_send, gnrc_sixlowpan_frag_start } from './sixlowpan_frag.ts';
import { GNRC_SIXLOWPAN_FRAG_FB_SND_MSG, type gnrc_sixlowpan_frag_fb_t } from './sixlowpan_frag_fb.ts';
import {
  GNRC_SIXLOWPAN_FRAG_RB_GC_MSG, gnrc_sixlowpan_frag_rb_gc, gnrc_sixlowpan_frag_recv,
} from './sixlowpan_frag_rb.ts';
import { gnrc_sixlowpan_iphc_encode, gnrc_sixlowpan_iphc_recv } from './sixlowpan_iphc.ts';

export const GNRC_SIXLOWPAN_PRIO = THREAD_PRIORITY_MAIN - 4;

const statics = perBoard(() => ({ pid: KERNEL_PID_UNDEF }), { bytes: 2 });

/**
 * Starts the 6lo thread, unless it runs already.
 * @returns its pid, or a negative errno of thread_create()
 */
export function* gnrc_sixlowpan_init(): Blocking<kernel_pid_t> {
  const state = statics();
  if (state.pid === KERNEL_PID_UNDEF) {
    const size = current().stacks.THREAD_STACKSIZE_DEFAULT - 64;
    state.pid = yield* thread_create({ length: size }, size, GNRC_SIXLOWPAN_PRIO, 0, eventLoop, null, '6lo');
  }
  return state.pid;
}

/** The pid of the 6lo thread; KERNEL_PID_UNDEF before gnrc_sixlowpan_init(). */
export function gnrc_sixlowpan_get_pid(): kernel_pid_t {
  return statics().pid;
}

function* eventLoop(): Blocking<void> {
  const { CONFIG_GNRC_SIXLOWPAN_MSG_QUEUE_SIZE_EXP: exp } = net_config();
  const { msg, reply } = yield* layer_begin(GNRC_NETTYPE_SIXLOWPAN, exp);
  const timed = cpu_timed();
  while (true) {
    yield* msg_receive(msg);
    switch (msg.type) {
      case GNRC_NETAPI_MSG_TYPE_RCV: {
        if (timed) yield* cpu_charge('sixlowpan', 1);
        const pkt = receive(msg.content.ptr as gnrc_pktsnip_t);
        if (pkt === null) break;
        if ((yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
          dropped('no-receiver', pkt);
        }
        break;
      }
      case GNRC_NETAPI_MSG_TYPE_SND:
        if (timed) yield* cpu_charge('sixlowpan', 1);
        yield* send(msg.content.ptr as gnrc_pktsnip_t);
        break;
      case GNRC_NETAPI_MSG_TYPE_GET:
      case GNRC_NETAPI_MSG_TYPE_SET:
        yield* msg_reply(msg, reply);
        break;
      case GNRC_SIXLOWPAN_FRAG_FB_SND_MSG:
        if (timed) yield* cpu_charge('sixlowpan', 1);
        yield* gnrc_sixlowpan_frag_send(msg.content.ptr as gnrc_sixlowpan_frag_fb_t);
        break;
      case GNRC_SIXLOWPAN_FRAG_RB_GC_MSG:
        gnrc_sixlowpan_frag_rb_gc();
        break;
      default:
        break;
    }
  }
}

/** The IPv6 packet in the payload of a frame; null when it was dropped, or is a fragment and others are missing. */
function receive(received: gnrc_pktsnip_t): gnrc_pktsnip_t | null {
  const pkt = gnrc_pktbuf_start_write(received);
  if (pkt === null) return dropped('pktbuf-full', received);
  const payload = pkt.data;
  if (pkt.type !== GNRC_NETTYPE_SIXLOWPAN || payload === null) return dropped('no-6lowpan-payload', pkt);
  switch (dispatchOf(payload[0]!)) {
    case 'iphc':
      return gnrc_sixlowpan_iphc_recv(pkt);
    case 'frag1':
    case 'fragn':
      return gnrc_sixlowpan_frag_recv(pkt);
    case 'ipv6': {
      const dispatch = gnrc_pktbuf_mark(pkt, 1, GNRC_NETTYPE_SIXLOWPAN);
      if (dispatch === null) return dropped('pktbuf-full', pkt);
      pkt.type = GNRC_NETTYPE_IPV6;
      return gnrc_pktbuf_remove_snip(pkt, dispatch);
    }
    default:
      return dropped('unknown-dispatch', pkt);
  }
}

function dropped(reason: string, pkt: gnrc_pktsnip_t): null {
  drop_pkt('6lo', reason, pkt);
  return null;
}

function* send(given: gnrc_pktsnip_t): Blocking<void> {
  if (given.type !== GNRC_NETTYPE_NETIF || given.size < GNRC_NETIF_HDR_SIZE) {
    return drop_pkt('6lo', 'no-netif-header', given);
  }
  if (given.next === null || given.next.type !== GNRC_NETTYPE_IPV6) return drop_pkt('6lo', 'not-ipv6', given);
  const pkt = gnrc_pktbuf_start_write(given);
  if (pkt === null) return drop_pkt('6lo', 'pktbuf-full', given);
  const netif = gnrc_netif_hdr_get_netif(gnrc_netif_hdr_of(pkt));
  if (netif === null) return drop_pkt('6lo', 'no-interface', pkt);
  const datagramSize = gnrc_pkt_len(pkt.next);
  const reason = compress(pkt, netif);
  if (reason !== null) return drop_pkt('6lo', reason, pkt);

  const size = gnrc_pkt_len(pkt.next);
  const max = netif.sixlo.max_frag_size;
  if (max === 0 || size <= max) {
    if ((yield* gnrc_netif_send(netif, pkt)) < 1) gnrc_pktbuf_release(pkt);
  } else if (datagramSize <= SIXLOWPAN_FRAG_MAX_LEN) {
    yield* gnrc_sixlowpan_frag_start(pkt, datagramSize);
  } else {
    drop_pkt('6lo', 'datagram-too-big', pkt);
  }
}

/** Compresses the headers, or says in one byte that they are not; null, or why that failed. */
function compress(pkt: gnrc_pktsnip_t, netif: gnrc_netif_t): string | null {
  if ((netif.flags & GNRC_NETIF_FLAGS_6LO_HC) !== 0) return gnrc_sixlowpan_iphc_encode(pkt, netif);
  const dispatch = gnrc_pktbuf_add(pkt.next, null, 1, GNRC_NETTYPE_SIXLOWPAN);
  if (dispatch === null) return 'pktbuf-full';
  dispatch.data![0] = SIXLOWPAN_UNCOMP;
  pkt.next = dispatch;
  return null;
}
