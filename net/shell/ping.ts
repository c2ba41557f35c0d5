// The shell command `ping` (RIOT sys/shell/cmds/gnrc_icmpv6_echo.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import { EINVAL, ENOMEM } from '../../kernel/errno.ts';
import { luid_custom } from '../../kernel/luid.ts';
import { msg_avail, msg_receive, msg_send, msg_t, msg_try_receive } from '../../kernel/msg.ts';
import { SHELL_COMMAND } from '../../kernel/shell.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { atoi } from '../../kernel/stdlib.ts';
import { thread_getpid } from '../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_now, ztimer_remove, ztimer_set_msg, ztimer_t } from '../../kernel/ztimer.ts';
import { gnrc_icmpv6_echo_rsp_handle, gnrc_icmpv6_echo_send } from '../gnrc/icmpv6_echo.ts';
import { GNRC_NETAPI_MSG_TYPE_RCV } from '../gnrc/netapi.ts';
import { GNRC_NETIF_HDR_NO_RSSI, gnrc_netif_hdr_of } from '../gnrc/netif_hdr.ts';
import { gnrc_netif_highlander, type gnrc_netif_t } from '../gnrc/netif_t.ts';
import {
  GNRC_NETREG_ENTRY_INIT_PID, gnrc_netreg_register, gnrc_netreg_unregister,
} from '../gnrc/netreg.ts';
import { GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF } from '../gnrc/nettype.ts';
import { gnrc_pkt_bytes, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from '../gnrc/pkt.ts';
import { gnrc_pktbuf_release } from '../gnrc/pktbuf.ts';
import { netutils_get_ipv6 } from '../sock/netutils.ts';
import { ipv6_addr_equal, ipv6_addr_is_link_local, ipv6_addr_is_multicast, ipv6_addr_to_str } from '../wire/addr.ts';
import { get16 } from '../wire/bytes.ts';
import { ICMPV6_ECHO_LEN, ICMPV6_ECHO_REP } from '../wire/icmpv6.ts';
import { IPV6_OFFSET_DST, IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_SRC } from '../wire/ipv6.ts';

const SEND_NEXT_PING = 0xef48;
const PING_FINISH = 0xef49;
/** So many sequence numbers are remembered, to tell duplicates. */
const CKTAB_SIZE = 512;
const US_PER_SEC = 1_000_000;
const US_PER_MS = 1000;
const DEFAULT_ID = 0x53;
const MAX_DATALEN = 0xffff - 4;
const UINT_MAX = 0xffffffff;

/** Module shell_cmd_gnrc_icmpv6_echo: `ping`. */
export function shell_cmd_gnrc_icmpv6_echo(): void {
  SHELL_COMMAND('ping', 'Ping via ICMPv6', ping);
}

/** One call of the command. */
class Ping {
  readonly timer = new ztimer_t();
  readonly timer_msg = new msg_t();
  readonly host = new Uint8Array(16);
  hostname = '';
  netif: gnrc_netif_t | null = null;
  num_sent = 0;
  num_recv = 0;
  num_rept = 0;
  tsum = 0;
  tmin = UINT_MAX;
  tmax = 0;
  count = 3;
  datalen = 4;
  /** 1: a reply to this sequence number, modulo its size, has come. */
  readonly cktab = new Uint8Array(CKTAB_SIZE);
  timeout = US_PER_SEC;
  interval = US_PER_SEC;
  id = DEFAULT_ID;
  hoplimit = 0;
}

function* ping(_argc: number, argv: readonly string[]): Blocking<number> {
  const data = new Ping();
  const res = configure(argv, data);
  if (res !== 0) return res;
  const entry = GNRC_NETREG_ENTRY_INIT_PID(ICMPV6_ECHO_REP, thread_getpid());
  yield* gnrc_netreg_register(GNRC_NETTYPE_ICMPV6, entry);
  yield* sendNext(data);
  yield* receiveReplies(data);
  ztimer_remove(ZTIMER_USEC, data.timer);
  const failed = finish(data);
  yield* gnrc_netreg_unregister(GNRC_NETTYPE_ICMPV6, entry);
  yield* dropMessages();
  return failed;
}

/** Until there is a reply to each request, or the time is over. */
function* receiveReplies(data: Ping): Blocking<void> {
  const msg = new msg_t();
  do {
    yield* msg_receive(msg);
    if (msg.type === GNRC_NETAPI_MSG_TYPE_RCV) {
      const pkt = msg.content.ptr as gnrc_pktsnip_t;
      yield* gnrc_icmpv6_echo_rsp_handle(pkt, data.datalen, printReply, data);
      gnrc_pktbuf_release(pkt);
    } else if (msg.type === SEND_NEXT_PING) {
      yield* sendNext(data);
    } else if (msg.type === PING_FINISH) {
      return;
    } else {
      // As RIOT: it comes again at once.
      yield* msg_send(msg, thread_getpid());
    }
  } while (data.num_recv < data.count);
}

/** Frees what has come meanwhile, most likely duplicates. As RIOT, with another message this never ends. */
function* dropMessages(): Blocking<void> {
  const msg = new msg_t();
  while (msg_avail() > 0) {
    const got = yield* msg_try_receive(msg);
    const pkt = msg.content.ptr as gnrc_pktsnip_t;
    if (got > 0 && msg.type === GNRC_NETAPI_MSG_TYPE_RCV && pkt.type === GNRC_NETTYPE_ICMPV6) gnrc_pktbuf_release(pkt);
    else yield* msg_send(msg, thread_getpid());
  }
}

function usage(name: string): void {
  printf(`${name} [-c <count>] [-h] [-i <ms interval>] [-s <packetsize>]\n`);
  printf('     [-t hoplimit] [-W <ms timeout>] <host>[%<interface>]\n');
  printf('     count: number of pings (default: 3)\n');
  // The quotation mark in place of the line's end is RIOT's.
  printf('     ms interval: wait interval milliseconds between sending (default: 1000)"');
  printf('     packetsize: number of bytes in echo payload; must be >= 4 to measure round trip time (default: 4)\n');
  printf('     hoplimit: Set the IP time to life/hoplimit (default: interface config)\n');
  printf('     ms timeout: Time to wait for a response in milliseconds (default: 1000). The option affects only ' +
    'timeout in absence of any responses, otherwise wait for two RTTs\n');
}

/** Reads the arguments. As in RIOT a host behind wrong options makes good for them. */
function configure(argv: readonly string[], data: Ping): number {
  let res = 1;
  for (let i = 1; i < argv.length; i++) {
    const arg = argv[i]!;
    if (!arg.startsWith('-')) {
      data.hostname = arg;
      const found = { netif: data.netif };
      res = netutils_get_ipv6(data.host, found, arg);
      data.netif = found.netif;
      if (res !== 0) {
        printf(`can't resolve ${arg}\n`);
        return res;
      }
      continue;
    }
    const last = i + 1 >= argv.length;
    const taken = option(arg[1], last ? null : argv[i + 1]!, data);
    if (taken < 0) return taken;
    if (arg[1] !== undefined && 'cistW'.includes(arg[1])) i++;
    if (taken === 0) res = 1;
  }
  if (res !== 0) usage(argv[0]!);
  data.id = identifier();
  return res;
}

/**
 * Takes an option.
 * @param value  the word behind it; null if there is none
 * @returns 1; 0 if the usage is asked for or due; -1 if the command ends
 */
function option(name: string | undefined, value: string | null, data: Ping): number {
  if (value === null) return 0;
  const number = atoi(value);
  switch (name) {
    case 'c':
      data.count = number >>> 0;
      return data.count > 0 ? 1 : 0;
    case 'i':
      data.interval = Math.imul(number, US_PER_MS) >>> 0;
      return 1;
    case 's':
      if (number < 0 || number > MAX_DATALEN) {
        printf('ping size should be in range 0-65527.\n');
        return -1;
      }
      data.datalen = number;
      return 1;
    case 't':
      data.hoplimit = number & 0xff;
      return 1;
    case 'W':
      data.timeout = Math.imul(number, US_PER_MS) >>> 0;
      return data.timeout > 0 ? 1 : 0;
    default:
      return 0;
  }
}

/** The identifier of this call's requests. */
function identifier(): number {
  const gen = (DEFAULT_ID ^ ztimer_now(ZTIMER_USEC)) & 0xffff;
  if (!current().modules.has('luid')) return gen;
  const bytes = new Uint8Array(2);
  luid_custom(bytes, bytes.length, gen);
  return bytes[0]! | (bytes[1]! << 8);
}

/** Sends a request, and sets the timer for the next or for the end. */
function* sendNext(data: Ping): Blocking<void> {
  let wait = data.interval;
  data.timer_msg.type = SEND_NEXT_PING;
  if (data.num_sent + 1 >= data.count) {
    data.timer_msg.type = PING_FINISH;
    // About two of the longest round trips, in whole seconds.
    wait = data.num_recv > 0 ? Math.max(1, Math.floor(data.tmax / (512 * 1024))) * US_PER_SEC : data.timeout;
  }
  ztimer_set_msg(ZTIMER_USEC, data.timer, wait, data.timer_msg, thread_getpid());
  data.cktab[data.num_sent % CKTAB_SIZE] = 0;
  const seq = data.num_sent++ & 0xffff;
  const res = yield* gnrc_icmpv6_echo_send(data.netif, data.host, data.id, seq, data.hoplimit, data.datalen);
  if (res === -ENOMEM) printf('error: packet buffer full\n');
  else if (res !== 0) printf(`error: ${res}\n`);
}

/** Prints a reply to one of this call's requests; -EINVAL for another. */
function printReply(pkt: gnrc_pktsnip_t, corrupted: number, triptime: number, data: Ping): number {
  const ipv6 = gnrc_pkt_bytes(gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_IPV6)!);
  const icmpv6 = gnrc_pkt_bytes(gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_ICMPV6)!);
  const src = ipv6.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_DST);
  if (icmpv6[0] !== ICMPV6_ECHO_REP || icmpv6.length < ICMPV6_ECHO_LEN || get16(icmpv6, 4) !== data.id) return -EINVAL;
  if (!ipv6_addr_is_multicast(data.host) && !ipv6_addr_equal(src, data.host)) return -EINVAL;
  const netif = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_NETIF);
  const hdr = netif === null ? null : gnrc_netif_hdr_of(netif);
  const zone = gnrc_netif_highlander() || hdr === null || hdr.if_pid === 0 || !ipv6_addr_is_link_local(src)
    ? '' : `%${hdr.if_pid}`;
  const seq = get16(icmpv6, 6);
  printf(`${icmpv6.length} bytes from ${ipv6_addr_to_str(src)}${zone}: ` +
    `icmp_seq=${seq} ttl=${ipv6[IPV6_OFFSET_HOP_LIMIT]}`);
  const truncated = ((data.datalen + ICMPV6_ECHO_LEN - icmpv6.length) << 16) >> 16;
  if (truncated !== 0) printf(` truncated by ${truncated} byte`);
  else if (corrupted >= 0) printf(` corrupted at offset ${corrupted}`);
  if (hdr !== null && hdr.rssi !== GNRC_NETIF_HDR_NO_RSSI) printf(` rssi=${hdr.rssi} dBm`);
  if (triptime !== 0) {
    printf(` time=${ms(triptime)} ms`);
    countTime(data, triptime);
  }
  puts(countReply(data, seq) ? ' (DUP!)' : '');
  return 0;
}

function countTime(data: Ping, triptime: number): void {
  data.tsum += triptime;
  data.tmin = Math.min(data.tmin, triptime);
  data.tmax = Math.max(data.tmax, triptime);
}

/** Whether there was a reply with this sequence number before. */
function countReply(data: Ping, seq: number): boolean {
  const place = seq % CKTAB_SIZE;
  if (data.cktab[place] === 1) {
    data.num_rept++;
    return true;
  }
  data.cktab[place] = 1;
  data.num_recv++;
  return false;
}

/** µs as ms with three places. */
function ms(us: number): string {
  return `${Math.floor(us / 1000)}.${String(us % 1000).padStart(3, '0')}`;
}

/** Prints the statistics; 1 if nothing came. */
function finish(data: Ping): number {
  const { num_sent, num_recv, num_rept } = data;
  printf(`\n--- ${data.hostname} PING statistics ---\n` +
    `${num_sent} packets transmitted, ${num_recv} packets received, `);
  if (num_rept > 0) printf(`${num_rept} duplicates, `);
  const loss = num_sent > 0 ? Math.floor(((num_sent - num_recv) * 100) / num_sent) : 0;
  printf(`${loss}% packet loss\n`);
  if (data.tmin !== UINT_MAX) {
    const average = Math.floor(data.tsum / (num_recv + num_rept));
    printf(`round-trip min/avg/max = ${ms(data.tmin)}/${ms(average)}/${ms(data.tmax)} ms\n`);
  }
  return num_recv === 0 ? 1 : 0;
}
