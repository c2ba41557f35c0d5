// The 6lo thread (RIOT sys/include/net/gnrc/sixlowpan.h): between IPv6 packets and what fits a frame.
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_charge, cpu_timed } from '../../kernel/cpu.ts';
import { current, perBoard } from '../../kernel/current.ts';
import { EMSGSIZE } from '../../kernel/errno.ts';
import { msg_receive, msg_reply } from '../../kernel/msg.ts';
import { THREAD_PRIORITY_MAIN } from '../../kernel/sched.ts';
import { KERNEL_PID_UNDEF, type kernel_pid_t, thread_create } from '../../kernel/thread.ts';
import { net_config } from '../config.ts';
import { SIXLOWPAN_FRAG_MAX_LEN } from '../wire/frag.ts';
import { IPV6_OFFSET_DST } from '../wire/ipv6.ts';
import { dispatchOf, SIXLOWPAN_UNCOMP } from '../wire/sixlowpan.ts';
import { drop, drop_pkt } from './drop.ts';
import { layer_begin } from './layer.ts';
import {
  GNRC_NETAPI_MSG_TYPE_GET, GNRC_NETAPI_MSG_TYPE_RCV, GNRC_NETAPI_MSG_TYPE_SET, GNRC_NETAPI_MSG_TYPE_SND,
} from './netapi.ts';
import { gnrc_netif_send } from './netif.ts';
import {
  GNRC_NETIF_HDR_SIZE, gnrc_netif_hdr_get_dst_addr, gnrc_netif_hdr_get_netif, gnrc_netif_hdr_of,
} from './netif_hdr.ts';
import { GNRC_NETIF_FLAGS_6LO_HC, type gnrc_netif_t } from './netif_t.ts';
import { GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN } from './nettype.ts';
import { gnrc_pkt_bytes, gnrc_pkt_len, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import {
  gnrc_pktbuf_add, gnrc_pktbuf_mark, gnrc_pktbuf_release, gnrc_pktbuf_release_error, gnrc_pktbuf_remove_snip,
  gnrc_pktbuf_start_write,
} from './pktbuf.ts';
import { gnrc_sixlowpan_frag_send, gnrc_sixlowpan_frag_start } from './sixlowpan_frag.ts';
import {
  frag_fb_free, frag_fb_take, GNRC_SIXLOWPAN_FRAG_FB_SND_MSG, type gnrc_sixlowpan_frag_fb_t,
  gnrc_sixlowpan_frag_fb_get,
} from './sixlowpan_frag_fb.ts';
import { gnrc_sixlowpan_frag_minfwd_frag_iphc } from './sixlowpan_frag_minfwd.ts';
import {
  GNRC_SIXLOWPAN_FRAG_RB_GC_MSG, gnrc_sixlowpan_frag_rb_gc, gnrc_sixlowpan_frag_recv,
} from './sixlowpan_frag_rb.ts';
import { gnrc_sixlowpan_dispatch_recv, sixlowpan_datagram_type, sixlowpan_modules } from './sixlowpan_internal.ts';
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
        const received = msg.content.ptr as gnrc_pktsnip_t;
        if (isFragment(received)) {
          yield* receiveFragment(received);
          break;
        }
        const pkt = receive(received);
        if (pkt !== null) yield* gnrc_sixlowpan_dispatch_recv(pkt);
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

/** Whether a frame has a fragment, and the image what puts these together. */
function isFragment(pkt: gnrc_pktsnip_t): boolean {
  if (pkt.type !== GNRC_NETTYPE_SIXLOWPAN || pkt.data === null) return false;
  const dispatch = dispatchOf(pkt.data[0]!);
  return (dispatch === 'frag1' || dispatch === 'fragn') && sixlowpan_modules().frag;
}

function* receiveFragment(received: gnrc_pktsnip_t): Blocking<void> {
  const pkt = gnrc_pktbuf_start_write(received);
  if (pkt === null) return drop_pkt('6lo', 'pktbuf-full', received);
  yield* gnrc_sixlowpan_frag_recv(pkt);
}

/** The IPv6 packet in the payload of a frame that is no fragment; null when it was dropped. */
function receive(received: gnrc_pktsnip_t): gnrc_pktsnip_t | null {
  const pkt = gnrc_pktbuf_start_write(received);
  if (pkt === null) return dropped('pktbuf-full', received);
  const payload = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_SIXLOWPAN);
  if (payload === null || payload.data === null) return dropped('no-6lowpan-payload', pkt);
  switch (dispatchOf(payload.data[0]!)) {
    case 'iphc':
      return sixlowpan_modules().iphc ? gnrc_sixlowpan_iphc_recv(pkt) : dropped('unknown-dispatch', pkt);
    case 'ipv6':
      return uncompressed(pkt, payload);
    default:
      return dropped('unknown-dispatch', pkt);
  }
}

/** Takes the dispatch byte off a packet that is not compressed. */
function uncompressed(pkt: gnrc_pktsnip_t, payload: gnrc_pktsnip_t): gnrc_pktsnip_t | null {
  const dispatch = gnrc_pktbuf_mark(payload, 1, GNRC_NETTYPE_SIXLOWPAN);
  if (dispatch === null) return dropped('pktbuf-full', pkt);
  payload.type = sixlowpan_datagram_type();
  return gnrc_pktbuf_remove_snip(pkt, dispatch);
}

function dropped(reason: string, pkt: gnrc_pktsnip_t): null {
  drop_pkt('6lo', reason, pkt);
  return null;
}

function* send(given: gnrc_pktsnip_t): Blocking<void> {
  if (given.type !== GNRC_NETTYPE_NETIF || given.size < GNRC_NETIF_HDR_SIZE) {
    return drop_pkt('6lo', 'no-netif-header', given);
  }
  if (given.next === null || given.next.type !== sixlowpan_datagram_type()) return drop_pkt('6lo', 'not-ipv6', given);
  const pkt = gnrc_pktbuf_start_write(given);
  if (pkt === null) return drop_pkt('6lo', 'pktbuf-full', given);
  const netif = gnrc_netif_hdr_get_netif(gnrc_netif_hdr_of(pkt));
  if (netif === null) return drop_pkt('6lo', 'no-interface', pkt);
  const datagramSize = gnrc_pkt_len(pkt.next);
  const { iphc, minfwd } = sixlowpan_modules();
  const isCompressed = iphc && (netif.flags & GNRC_NETIF_FLAGS_6LO_HC) !== 0;
  if (isCompressed && minfwd) return yield* sendWithHint(pkt, netif, datagramSize);
  const reason = isCompressed ? compress(pkt, netif, datagramSize) : addDispatch(pkt);
  if (reason !== null) return drop_pkt('6lo', reason, pkt);

  // As gnrc_sixlowpan_multiplex_by_size(), without one generator more.
  const { max_frag_size: max } = netif.sixlo;
  if (max !== 0 && gnrc_pkt_len(pkt.next) > max) return yield* sendLarge(pkt, datagramSize);
  if ((yield* gnrc_netif_send(netif, pkt)) < 1) gnrc_pktbuf_release(pkt);
}

/** Compresses the headers; null, or why that failed. */
function compress(pkt: gnrc_pktsnip_t, netif: gnrc_netif_t, datagramSize: number): string | null {
  return gnrc_sixlowpan_iphc_encode(pkt, netif, gnrc_netif_hdr_get_dst_addr(gnrc_netif_hdr_of(pkt)), datagramSize);
}

/** Says in one byte that the headers are not compressed; null, or why that failed. */
function addDispatch(pkt: gnrc_pktsnip_t): string | null {
  const dispatch = gnrc_pktbuf_add(pkt.next, null, 1, GNRC_NETTYPE_SIXLOWPAN);
  if (dispatch === null) return 'pktbuf-full';
  dispatch.data![0] = SIXLOWPAN_UNCOMP;
  pkt.next = dispatch;
  return null;
}

/** Sends a packet that does not fit a frame. */
function* sendLarge(pkt: gnrc_pktsnip_t, datagramSize: number): Blocking<void> {
  if (sixlowpan_modules().frag && datagramSize <= SIXLOWPAN_FRAG_MAX_LEN) {
    return yield* gnrc_sixlowpan_frag_start(pkt, datagramSize);
  }
  drop('6lo', 'datagram-too-big', datagramSize);
  gnrc_pktbuf_release_error(pkt, EMSGSIZE);
}

/**
 * Hands a packet down: whole when it fits a frame, in fragments else.
 *
 * @param pkt                 netif header, compressed headers or the dispatch of none, payload; consumed
 * @param orig_datagram_size  bytes of the uncompressed datagram
 */
export function* gnrc_sixlowpan_multiplex_by_size(
  pkt: gnrc_pktsnip_t, orig_datagram_size: number, netif: gnrc_netif_t,
): Blocking<void> {
  const { max_frag_size: max } = netif.sixlo;
  if (max !== 0 && gnrc_pkt_len(pkt.next) > max) return yield* sendLarge(pkt, orig_datagram_size);
  if ((yield* gnrc_netif_send(netif, pkt)) < 1) gnrc_pktbuf_release(pkt);
}

/**
 * With minimal forwarding every packet takes an entry of the fragmentation buffer and a tag before it is compressed, as
 * it may have to be cut behind its headers; so none goes out while another is being cut.
 */
function* sendWithHint(pkt: gnrc_pktsnip_t, netif: gnrc_netif_t, datagramSize: number): Blocking<void> {
  const fbuf = gnrc_sixlowpan_frag_fb_get();
  if (fbuf === null) return drop_pkt('6lo', 'CONFIG_GNRC_SIXLOWPAN_FRAG_FB_SIZE', pkt);
  frag_fb_take(fbuf, pkt, datagramSize);
  const dst = gnrc_pkt_bytes(pkt.next!).slice(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
  const reason = compress(pkt, netif, datagramSize);
  if (reason !== null) {
    frag_fb_free(fbuf);
    return drop_pkt('6lo', reason, pkt);
  }
  if ((yield* gnrc_sixlowpan_frag_minfwd_frag_iphc(pkt, datagramSize, dst, fbuf)) === 0) return;
  yield* gnrc_sixlowpan_multiplex_by_size(pkt, datagramSize, netif);
}
