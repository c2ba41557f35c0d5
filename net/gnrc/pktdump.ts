// The pktdump thread (RIOT sys/include/net/gnrc/pktdump.h): prints every packet that it gets, snip by snip.
import type { Blocking } from '../../kernel/blocking.ts';
import { current, perBoard } from '../../kernel/current.ts';
import { ENOTSUP } from '../../kernel/errno.ts';
import { msg_init_queue, msg_queue_array, msg_receive, msg_reply, msg_t } from '../../kernel/msg.ts';
import { OD_WIDTH_DEFAULT, od_hex_dump } from '../../kernel/od.ts';
import { THREAD_PRIORITY_MAIN } from '../../kernel/sched.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { KERNEL_PID_UNDEF, thread_create, type kernel_pid_t } from '../../kernel/thread.ts';
import { net_config } from '../config.ts';
import { IPV6_HEADER_LEN } from '../wire/ipv6.ts';
import {
  GNRC_NETAPI_MSG_TYPE_ACK, GNRC_NETAPI_MSG_TYPE_GET, GNRC_NETAPI_MSG_TYPE_RCV, GNRC_NETAPI_MSG_TYPE_SET,
  GNRC_NETAPI_MSG_TYPE_SND,
} from './netapi.ts';
import { gnrc_netif_hdr_of, gnrc_netif_hdr_print } from './netif_hdr.ts';
import {
  GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_IPV6, GNRC_NETTYPE_IPV6_EXT, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN,
  GNRC_NETTYPE_TCP, GNRC_NETTYPE_UDP, GNRC_NETTYPE_UNDEF, type gnrc_nettype_t,
} from './nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release } from './pktbuf.ts';
import {
  ICMPV6_HDR_LEN, UDP_HDR_LEN, icmpv6_hdr_print, ipv6_hdr_print, sixlowpan_print, udp_hdr_print,
} from './print.ts';

export const GNRC_PKTDUMP_PRIO = THREAD_PRIORITY_MAIN - 1;

const statics = perBoard<{ pid: kernel_pid_t }>(() => ({ pid: KERNEL_PID_UNDEF }), { bytes: 2 });

/** Types whose numbers in C depend on the modules of the image, in RIOT's order. */
const COUNTED: readonly { readonly type: gnrc_nettype_t; readonly module: string; readonly name: string }[] = [
  { type: GNRC_NETTYPE_SIXLOWPAN, module: 'gnrc_nettype_sixlowpan', name: 'NETTYPE_SIXLOWPAN' },
  { type: GNRC_NETTYPE_IPV6, module: 'gnrc_nettype_ipv6', name: 'NETTYPE_IPV6' },
  { type: GNRC_NETTYPE_IPV6_EXT, module: 'gnrc_nettype_ipv6_ext', name: 'NETTYPE_IPV6_EXT' },
  { type: GNRC_NETTYPE_ICMPV6, module: 'gnrc_nettype_icmpv6', name: 'NETTYPE_ICMPV6' },
  { type: GNRC_NETTYPE_TCP, module: 'gnrc_nettype_tcp', name: 'NETTYPE_TCP' },
  { type: GNRC_NETTYPE_UDP, module: 'gnrc_nettype_udp', name: 'NETTYPE_UDP' },
];

/** The pid of the pktdump thread, KERNEL_PID_UNDEF before it was started. */
export function gnrc_pktdump_pid(): kernel_pid_t {
  return statics().pid;
}

/**
 * Starts the pktdump thread, unless it runs already.
 * @returns its pid, or a negative errno of thread_create()
 */
export function* gnrc_pktdump_init(): Blocking<kernel_pid_t> {
  const state = statics();
  if (state.pid === KERNEL_PID_UNDEF) {
    const size = current().stacks.THREAD_STACKSIZE_MAIN - 64;
    state.pid = yield* thread_create({ length: size }, size, GNRC_PKTDUMP_PRIO, 0, eventLoop, null, 'pktdump');
  }
  return state.pid;
}

function* eventLoop(): Blocking<void> {
  const size = 1 << net_config().CONFIG_GNRC_PKTDUMP_MSG_QUEUE_SIZE_EXP;
  msg_init_queue(msg_queue_array(size), size);
  const msg = new msg_t();
  const reply = new msg_t();
  reply.content.value = -ENOTSUP >>> 0;
  reply.type = GNRC_NETAPI_MSG_TYPE_ACK;
  while (true) {
    yield* msg_receive(msg);
    switch (msg.type) {
      case GNRC_NETAPI_MSG_TYPE_RCV:
        puts('PKTDUMP: data received:');
        dump(msg.content.ptr as gnrc_pktsnip_t);
        break;
      case GNRC_NETAPI_MSG_TYPE_SND:
        puts('PKTDUMP: data to send:');
        dump(msg.content.ptr as gnrc_pktsnip_t);
        break;
      case GNRC_NETAPI_MSG_TYPE_GET:
      case GNRC_NETAPI_MSG_TYPE_SET:
        yield* msg_reply(msg, reply);
        break;
      default:
        puts('PKTDUMP: received something unexpected');
    }
  }
}

/** Prints a packet and frees it. */
function dump(pkt: gnrc_pktsnip_t): void {
  let snips = 0;
  let size = 0;
  for (let snip: gnrc_pktsnip_t | null = pkt; snip !== null; snip = snip.next) {
    printf(`~~ SNIP ${String(snips).padStart(2)} - size: ${String(snip.size).padStart(3)} byte, type: `);
    puts(nameOf(snip.type));
    const shown = dumpHeader(snip);
    if (shown < snip.size) od_hex_dump(gnrc_pkt_bytes(snip).subarray(shown), snip.size - shown, OD_WIDTH_DEFAULT);
    snips++;
    size += snip.size;
  }
  puts(`~~ PKT    - ${String(snips).padStart(2)} snips, total size: ${String(size).padStart(3)} byte`);
  gnrc_pktbuf_release(pkt);
}

/** Name and number of a type. */
function nameOf(type: gnrc_nettype_t): string {
  if (type === GNRC_NETTYPE_NETIF) return `NETTYPE_NETIF (${type})`;
  if (type === GNRC_NETTYPE_UNDEF) return `NETTYPE_UNDEF (${type})`;
  const { modules } = current();
  const built = COUNTED.filter(({ module }) => modules.has(module));
  const at = built.findIndex((row) => row.type === type);
  return at < 0 ? `NETTYPE_UNKNOWN (${type})` : `${built[at]!.name} (${at + 1})`;
}

/** Prints the header in a snip; returns its length. */
function dumpHeader(snip: gnrc_pktsnip_t): number {
  const bytes = gnrc_pkt_bytes(snip);
  switch (snip.type) {
    case GNRC_NETTYPE_NETIF:
      gnrc_netif_hdr_print(gnrc_netif_hdr_of(snip));
      return snip.size;
    case GNRC_NETTYPE_SIXLOWPAN:
      sixlowpan_print(bytes);
      return snip.size;
    case GNRC_NETTYPE_IPV6:
      ipv6_hdr_print(bytes);
      return IPV6_HEADER_LEN;
    case GNRC_NETTYPE_ICMPV6:
      icmpv6_hdr_print(bytes);
      return ICMPV6_HDR_LEN;
    case GNRC_NETTYPE_UDP:
      udp_hdr_print(bytes);
      return UDP_HDR_LEN;
    default:
      return 0;
  }
}
