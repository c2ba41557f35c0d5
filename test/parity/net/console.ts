// RIOT's tests/net written anew: what they share with each other, and their consoles line by line.
import type { ExecutionContext } from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { msg_init_queue, msg_queue_array, msg_receive, msg_t } from '../../../kernel/msg.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { thread_getpid } from '../../../kernel/thread.ts';
import { gnrc_ipv6_hdr_build } from '../../../net/gnrc/ipv6_hdr.ts';
import { GNRC_NETAPI_MSG_TYPE_SND } from '../../../net/gnrc/netapi.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of, gnrc_netif_hdr_set_timestamp } from '../../../net/gnrc/netif_hdr.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_PID, gnrc_netreg_register,
} from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, type gnrc_nettype_t } from '../../../net/gnrc/nettype.ts';
import { gnrc_pkt_append, gnrc_pkt_bytes, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_is_empty, gnrc_pktbuf_is_sane, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { SOCK_ADDR_ANY_NETIF } from '../../../net/sock/sock.ts';
import { IPV6_OFFSET_DST, IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_NEXT_HEADER, IPV6_OFFSET_PAYLOAD_LENGTH,
  IPV6_OFFSET_SRC } from '../../../net/wire/ipv6.ts';
import { fromHex, put16 } from '../../../net/wire/bytes.ts';
import { Network, type NodeOptions, type TestNode } from '../../net/gnrc/network.ts';
import { lines, recorded } from '../sys/console.ts';

/** The addresses and the interface of RIOT's tests gnrc_sock_udp and gnrc_sock_ip. */
export const LOCAL = fromHex('7fc4115ae6918d5d8cd14707b76f9b48');
export const REMOTE = fromHex('e8b3b2e670d455ba93cf11e17244c59d');
export const WRONG = fromHex('2ace5d4ec8bf86f78549b419f228de9b');
export const NETIF = 31;
export const TIMEOUT = 1_000_000;
/** "ABCD" with its zero. */
export const ABCD = Uint8Array.of(0x41, 0x42, 0x43, 0x44, 0);

/** Runs `main` on a board with these modules, and compares its console with what RIOT printed in its test `name`. */
export function expectConsole(
  t: ExecutionContext, name: string, options: NodeOptions & { main: () => Blocking<unknown> }, ...ignore: RegExp[]
): TestNode {
  const network = new Network();
  const baseModules = [...(options.baseModules ?? []), 'test_utils_print_stack_usage'];
  const node = network.add({ ...options, baseModules });
  network.run(20_000_000);
  t.deepEqual(lines(node.console, ...ignore), recorded(name, ...ignore));
  return node;
}

/** A case of RIOT's test: its name, and what it does. */
export type Case = readonly [name: string, run: () => undefined | Blocking<void>];

/** What CALL() does with each case: its name is printed, it runs, and `tearDown` after it. */
export function* callAll(cases: readonly Case[], tearDown: () => void): Blocking<void> {
  for (const [name, run] of cases) {
    puts(`Calling ${name}()`);
    const steps = run();
    if (steps !== undefined) yield* steps;
    tearDown();
  }
}

/** The main thread's message queue. */
export function netInit(): void {
  msg_init_queue(msg_queue_array(4), 4);
}

/** From now on the main thread gets all that is sent to `type`. */
export function* prepareSendChecks(type: gnrc_nettype_t): Blocking<void> {
  yield* gnrc_netreg_register(type, GNRC_NETREG_ENTRY_INIT_PID(GNRC_NETREG_DEMUX_CTX_ALL, thread_getpid()));
}

/** Whether the packet buffer is in order and empty. */
export function checkNet(): boolean {
  return gnrc_pktbuf_is_sane() && gnrc_pktbuf_is_empty();
}

/** What a driver may know of a packet. */
export interface InjectAux {
  readonly timestamp: number;
  readonly rssi: number;
}

/** Puts IPv6 and netif headers behind a payload, as of a received packet. */
export function received(
  payload: gnrc_pktsnip_t, src: Uint8Array, dst: Uint8Array, proto: number, netif: number, aux: InjectAux | null,
): gnrc_pktsnip_t {
  const ipv6 = gnrc_ipv6_hdr_build(null, src, dst)!;
  put16(ipv6.data!, IPV6_OFFSET_PAYLOAD_LENGTH, payload.size);
  ipv6.data![IPV6_OFFSET_NEXT_HEADER] = proto;
  ipv6.data![IPV6_OFFSET_HOP_LIMIT] = 64;
  const snip = gnrc_netif_hdr_build(null, 0, null, 0)!;
  const hdr = gnrc_netif_hdr_of(snip);
  hdr.if_pid = netif;
  if (aux !== null) {
    gnrc_netif_hdr_set_timestamp(hdr, aux.timestamp);
    hdr.rssi = aux.rssi;
  }
  return gnrc_pkt_append(gnrc_pkt_append(payload, ipv6), snip);
}

/** A packet that was sent: its headers, and what is behind them. */
export interface SentPacket {
  readonly netif: number;
  readonly src: Uint8Array;
  readonly dst: Uint8Array;
  readonly proto: number;
  readonly payload: Uint8Array;
}

/** Takes the packet that was sent from the main thread's queue, and frees it. */
export function* takeSent(): Blocking<SentPacket | null> {
  const msg = new msg_t();
  yield* msg_receive(msg);
  if (msg.type !== GNRC_NETAPI_MSG_TYPE_SND) return null;
  const pkt = msg.content.ptr as gnrc_pktsnip_t;
  const hasNetif = pkt.type === GNRC_NETTYPE_NETIF;
  const ipv6 = hasNetif ? pkt.next! : pkt;
  if (ipv6.type !== GNRC_NETTYPE_IPV6) printf('no IPv6 header\n');
  const hdr = gnrc_pkt_bytes(ipv6).slice();
  const payload: number[] = [];
  for (let snip = ipv6.next; snip !== null; snip = snip.next) payload.push(...gnrc_pkt_bytes(snip));
  const netif = hasNetif ? gnrc_netif_hdr_of(pkt).if_pid : SOCK_ADDR_ANY_NETIF;
  gnrc_pktbuf_release(pkt);
  return {
    netif, src: hdr.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_DST), dst: hdr.subarray(IPV6_OFFSET_DST, 40),
    proto: hdr[IPV6_OFFSET_NEXT_HEADER]!, payload: Uint8Array.from(payload),
  };
}
