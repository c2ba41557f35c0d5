// The udp thread (RIOT sys/include/net/gnrc/udp.h): ports and lengths. The checksum of what is sent is
// computed by ipv6, which knows the source address.
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_charge, cpu_timed } from '../../kernel/cpu.ts';
import { current, perBoard } from '../../kernel/current.ts';
import { EBADMSG, EFAULT, ENOENT } from '../../kernel/errno.ts';
import { msg_receive, msg_reply } from '../../kernel/msg.ts';
import { assert } from '../../kernel/panic.ts';
import { THREAD_PRIORITY_MAIN } from '../../kernel/sched.ts';
import { KERNEL_PID_UNDEF, thread_create } from '../../kernel/thread.ts';
import { net_config } from '../config.ts';
import { quirk } from '../quirks.ts';
import { get16, put16 } from '../wire/bytes.ts';
import { addChecksum, checksumOk, pseudoHeaderSum } from '../wire/checksum.ts';
import { ICMPV6_ERROR_DST_UNR_PORT } from '../wire/icmpv6.ts';
import { IPV6_OFFSET_DST, IPV6_OFFSET_SRC, PROTNUM_UDP } from '../wire/ipv6.ts';
import { UDP_HEADER_LEN, UDP_OFFSET_CHECKSUM, udpChecksumOf } from '../wire/udp.ts';
import { drop_pkt } from './drop.ts';
import { gnrc_icmpv6_error_dst_unr_send } from './icmpv6_error.ts';
import { layer_begin } from './layer.ts';
import {
  GNRC_NETAPI_MSG_TYPE_GET, GNRC_NETAPI_MSG_TYPE_RCV, GNRC_NETAPI_MSG_TYPE_SET,
  GNRC_NETAPI_MSG_TYPE_SND, gnrc_netapi_dispatch_receive, gnrc_netapi_dispatch_send,
} from './netapi.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, gnrc_netreg_set_csum,
} from './netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_UDP, GNRC_NETTYPE_UNDEF } from './nettype.ts';
import { gnrc_pkt_bytes, gnrc_pkt_len, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_mark, gnrc_pktbuf_realloc_data, gnrc_pktbuf_start_write } from './pktbuf.ts';

export const GNRC_UDP_PRIO = THREAD_PRIORITY_MAIN - 2;

const OFFSET_DST_PORT = 2;
const OFFSET_LENGTH = 4;
const UDP_C = 'sys/net/gnrc/transport_layer/udp/gnrc_udp.c';

const statics = perBoard(() => ({ pid: KERNEL_PID_UNDEF }), { bytes: 2 });

/**
 * Starts the udp thread, unless it runs already.
 * @returns its pid, or a negative errno of thread_create()
 */
export function* gnrc_udp_init(): Blocking<number> {
  const state = statics();
  if (state.pid === KERNEL_PID_UNDEF) {
    gnrc_netreg_set_csum(GNRC_NETTYPE_UDP, gnrc_udp_calc_csum);
    const size = current().stacks.THREAD_STACKSIZE_SMALL - 64;
    state.pid = yield* thread_create({ length: size }, size, GNRC_UDP_PRIO, 0, eventLoop, null, 'udp');
  }
  return state.pid;
}

/**
 * Puts a UDP header before `payload`. Length and checksum are filled in on the way down.
 *
 * @param src  1 to 65535
 * @param dst  1 to 65535
 * @returns the new head, or null when the packet buffer is full (`payload` is then as it was)
 */
export function gnrc_udp_hdr_build(
  payload: gnrc_pktsnip_t | null, src: number, dst: number,
): gnrc_pktsnip_t | null {
  assert(src > 0 && dst > 0, `${UDP_C}:282`);
  const udp = gnrc_pktbuf_add(payload, null, UDP_HEADER_LEN, GNRC_NETTYPE_UDP);
  if (udp === null) return null;
  const bytes = udp.data!;
  put16(bytes, 0, src);
  put16(bytes, OFFSET_DST_PORT, dst);
  put16(bytes, UDP_OFFSET_CHECKSUM, 0);
  return udp;
}

/**
 * Computes and writes the checksum of a datagram that is to be sent; its checksum field is 0 before.
 *
 * @param hdr         the UDP header, its payload behind it
 * @param pseudo_hdr  the IPv6 header
 * @returns 0; -EFAULT without a header; -EBADMSG if `hdr` is no UDP header; -ENOENT if `pseudo_hdr` is no IPv6 header
 */
export function gnrc_udp_calc_csum(hdr: gnrc_pktsnip_t | null, pseudo_hdr: gnrc_pktsnip_t | null): number {
  if (hdr === null || pseudo_hdr === null) return -EFAULT;
  if (hdr.type !== GNRC_NETTYPE_UDP) return -EBADMSG;
  if (pseudo_hdr.type !== GNRC_NETTYPE_IPV6) return -ENOENT;
  put16(gnrc_pkt_bytes(hdr), UDP_OFFSET_CHECKSUM, udpChecksumOf(sum(hdr, pseudo_hdr, hdr.next)));
  return 0;
}

/** The sum of pseudo header, UDP header and the snips from `payload` up to the header or the end. */
function sum(hdr: gnrc_pktsnip_t, pseudo_hdr: gnrc_pktsnip_t, payload: gnrc_pktsnip_t | null): number {
  let total = 0;
  let length = hdr.size;
  for (let snip = payload; snip !== null && snip !== hdr && snip !== pseudo_hdr; snip = snip.next) {
    const bytes = gnrc_pkt_bytes(snip);
    total = addChecksum(total, bytes, 0, bytes.length, length);
    length += snip.size;
  }
  const ipv6 = gnrc_pkt_bytes(pseudo_hdr);
  total += pseudoHeaderSum(ipv6, ipv6, length, PROTNUM_UDP, IPV6_OFFSET_SRC, IPV6_OFFSET_DST);
  return addChecksum(total, gnrc_pkt_bytes(hdr), 0, UDP_HEADER_LEN);
}

/**
 * Marks the UDP header of a received packet and checks the sum.
 * @returns the packet, payload first and its UDP header second; null when it was dropped
 */
function receive(received: gnrc_pktsnip_t): gnrc_pktsnip_t | null {
  const pkt = gnrc_pktbuf_start_write(received);
  if (pkt === null) return dropped('pktbuf-full', received);
  const ipv6 = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_IPV6);
  assert(ipv6 !== null, `${UDP_C}:116`);
  let udp = pkt.next;
  if (udp === null || udp.type !== GNRC_NETTYPE_UDP || udp.size !== UDP_HEADER_LEN) {
    udp = gnrc_pktbuf_mark(pkt, UDP_HEADER_LEN, GNRC_NETTYPE_UDP);
    if (udp === null) return dropped(pkt.size < UDP_HEADER_LEN ? 'truncated' : 'pktbuf-full', pkt);
  }
  pkt.type = GNRC_NETTYPE_UNDEF;
  const length = get16(udp.data!, OFFSET_LENGTH) - UDP_HEADER_LEN;
  if (length !== pkt.size && !quirk('udp-length-not-checked')) {
    if (length < 0 || length > pkt.size) return dropped('bad-length', pkt);
    gnrc_pktbuf_realloc_data(pkt, length);
  }
  if (get16(udp.data!, UDP_OFFSET_CHECKSUM) === 0) return dropped('zero-checksum', pkt);
  if (!checksumOk(sum(udp, ipv6, pkt))) return dropped('bad-checksum', pkt);
  return pkt;
}

/**
 * Writes the length of a datagram that is to be sent.
 * @returns the packet; null when it was dropped
 */
function prepare(pkt: gnrc_pktsnip_t): gnrc_pktsnip_t | null {
  const head = gnrc_pktbuf_start_write(pkt);
  if (head === null) return dropped('pktbuf-full', pkt);
  let prev = head;
  let snip = head.next;
  while (snip !== null) {
    const own = gnrc_pktbuf_start_write(snip);
    if (own === null) return dropped('pktbuf-full', head);
    prev.next = own;
    if (own.type === GNRC_NETTYPE_UDP) {
      put16(own.data!, OFFSET_LENGTH, gnrc_pkt_len(own));
      return head;
    }
    prev = own;
    snip = own.next;
  }
  assert(snip !== null, `${UDP_C}:193`);
  return null;
}

function dropped(reason: string, pkt: gnrc_pktsnip_t): null {
  drop_pkt('udp', reason, pkt);
  return null;
}

function* eventLoop(): Blocking<void> {
  const { msg, reply } = yield* layer_begin(GNRC_NETTYPE_UDP, net_config().CONFIG_GNRC_UDP_MSG_QUEUE_SIZE_EXP);
  const timed = cpu_timed();
  while (true) {
    yield* msg_receive(msg);
    switch (msg.type) {
      case GNRC_NETAPI_MSG_TYPE_RCV: {
        if (timed) yield* cpu_charge('udp', 1);
        const pkt = receive(msg.content.ptr as gnrc_pktsnip_t);
        if (pkt === null) break;
        const port = get16(pkt.next!.data!, OFFSET_DST_PORT);
        if ((yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_UDP, port, pkt)) === 0) {
          yield* gnrc_icmpv6_error_dst_unr_send(ICMPV6_ERROR_DST_UNR_PORT, pkt);
          dropped('no-listener', pkt);
        }
        break;
      }
      case GNRC_NETAPI_MSG_TYPE_SND: {
        if (timed) yield* cpu_charge('udp', 1);
        const pkt = prepare(msg.content.ptr as gnrc_pktsnip_t);
        if (pkt === null) break;
        const type = pkt.type === GNRC_NETTYPE_NETIF ? pkt.next!.type : pkt.type;
        if ((yield* gnrc_netapi_dispatch_send(type, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
          dropped('no-network-layer', pkt);
        }
        break;
      }
      case GNRC_NETAPI_MSG_TYPE_GET:
      case GNRC_NETAPI_MSG_TYPE_SET:
        yield* msg_reply(msg, reply);
        break;
      default:
        break;
    }
  }
}
