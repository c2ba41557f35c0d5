// What the fuzzer starts from: frames of real nodes, and valid packets of every kind that the stack knows.
import { putFcs } from '../../../net/wire/ieee802154.ts';
import { hex } from '../../../net/wire/bytes.ts';
import { icmpv6Packet, pattern, udpPacket } from '../gnrc/traffic.ts';
import { CAPTURES, readCapture } from '../../vectors/pcap.ts';

/** Link addresses: who is attacked, who attacks (a node of the captures too), and who does nothing wrong. */
export const TARGET = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0x0a);
export const ATTACKER = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0x0b);
export const HONEST = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0x1b);

export const ECHO_PORT = 12345;
export const DTLS_PORT = 20220;
const MAC_HEADER_LEN = 21;

/** An address from its first and its last bytes. */
function addr(start: readonly number[], ...end: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(start);
  bytes.set(end, 16 - end.length);
  return bytes;
}

export const TARGET_IP = addr([0xfe, 0x80], 0x0a);
/** The same on Ethernet, where the address of the first node's port is this. */
export const TARGET_EUI48 = Uint8Array.of(2, 0, 0, 0, 0, 1);
export const TARGET_IP_ETHERNET = addr([0xfe, 0x80], 0xff, 0xfe, 0, 0, 1);
const ATTACKER_EUI48 = Uint8Array.of(2, 0, 0, 0, 0, 0x0b);
const ETHERTYPE_IPV6 = [0x86, 0xdd];
export const ATTACKER_IP = addr([0xfe, 0x80], 0x0b);
const PREFIX = [0x20, 0x01, 0x0d, 0xb8];
export const TARGET_GLOBAL = addr(PREFIX, 0x0a);
const ATTACKER_GLOBAL = addr(PREFIX, 0x0b);
const ELSEWHERE = addr([0x20, 0x01, 0x0d, 0xb8, 0, 1], 1);
const ALL_NODES = addr([0xff, 0x02], 1);
const ALL_ROUTERS = addr([0xff, 0x02], 2);
const SOLICITED = addr([0xff, 0x02], 1, 0xff, 0, 0, 0x0a);
const NONE = new Uint8Array(16);

const SLLAO = [1, 2, ...ATTACKER, 0, 0, 0, 0, 0, 0];
const TLLAO = [2, 2, ...ATTACKER, 0, 0, 0, 0, 0, 0];
const ARO = [33, 2, 0, 0, 0, 0, 0, 60, ...ATTACKER];
const PIO = [3, 4, 64, 0xc0, 0, 0, 0x0e, 0x10, 0, 0, 0x0e, 0x10, 0, 0, 0, 0, ...addr(PREFIX)];
const MTU = [5, 1, 0, 0, 0, 0, 5, 0];
const SIX_CO = [34, 3, 64, 0x10, 0, 0, 0, 60, ...addr(PREFIX).subarray(0, 8), 0, 0, 0, 0, 0, 0, 0, 0];
const ABRO = [35, 3, 0, 1, 0, 0, 0, 60, ...ATTACKER_GLOBAL];
const RIO = [24, 3, 64, 0, 0, 0, 0, 60, ...addr([0x20, 0x01, 0x0d, 0xb8, 0, 2])];
const RDNSS = [25, 3, 0, 0, 0, 0, 0, 60, ...ELSEWHERE];

const RA = [134, 0, 0, 0, 64, 0, 0, 30, 0, 0, 0x75, 0x30, 0, 0, 3, 0xe8];
const NS = [135, 0, 0, 0, 0, 0, 0, 0, ...TARGET_IP];
const NA = [136, 0, 0, 0, 0x60, 0, 0, 0, ...ATTACKER_IP];

/** ICMPv6 messages with where they go. */
function messages(): Uint8Array[] {
  const own = udpPacket(TARGET_IP, ATTACKER_IP, ECHO_PORT, 1000, pattern(8));
  const to = (dst: Uint8Array, ...bytes: number[]): Uint8Array =>
    icmpv6Packet(ATTACKER_IP, dst, Uint8Array.from(bytes));
  return [
    to(TARGET_IP, 128, 0, 0, 0, 0, 1, 0, 1, ...pattern(4)),
    to(TARGET_IP, 128, 0, 0, 0, 0, 1, 0, 2, ...pattern(250)),
    to(ALL_NODES, 128, 0, 0, 0, 0, 1, 0, 3),
    to(TARGET_IP, 129, 0, 0, 0, 0, 1, 0, 1, ...pattern(4)),
    icmpv6Packet(ATTACKER_GLOBAL, TARGET_GLOBAL, Uint8Array.of(128, 0, 0, 0, 0, 1, 0, 4)),
    to(TARGET_IP, 1, 4, 0, 0, 0, 0, 0, 0, ...own),
    to(TARGET_IP, 2, 0, 0, 0, 0, 0, 5, 0, ...own),
    to(TARGET_IP, 3, 0, 0, 0, 0, 0, 0, 0, ...own),
    to(TARGET_IP, 4, 1, 0, 0, 0, 0, 0, 40, ...own),
    to(ALL_ROUTERS, 133, 0, 0, 0, 0, 0, 0, 0, ...SLLAO),
    to(TARGET_IP, 133, 0, 0, 0, 0, 0, 0, 0, ...SLLAO),
    to(ALL_NODES, ...RA, ...SLLAO, ...PIO),
    to(TARGET_IP, ...RA, ...SLLAO, ...MTU, ...PIO, ...SIX_CO, ...ABRO),
    to(ALL_NODES, ...RA, ...RIO, ...RDNSS),
    to(TARGET_IP, ...NS, ...SLLAO),
    to(SOLICITED, ...NS, ...SLLAO),
    to(TARGET_IP, ...NS, ...SLLAO, ...ARO),
    icmpv6Packet(NONE, SOLICITED, Uint8Array.from(NS)),
    to(TARGET_IP, ...NA, ...TLLAO),
    to(ALL_NODES, 136, 0, 0, 0, 0x20, 0, 0, 0, ...ATTACKER_IP, ...TLLAO),
    to(TARGET_IP, ...NA, 33, 2, 1, ...ARO.slice(3)),
    to(TARGET_IP, 157, 0, 0, 0, 0, 0, 0, 60, ...ATTACKER, ...ATTACKER_GLOBAL),
    to(TARGET_IP, 155, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    to(TARGET_IP, 137, 0, 0, 0, 0, 0, 0, 0, ...ATTACKER_IP, ...ATTACKER_IP),
  ];
}

/** Puts extension headers in front of what a packet carries; each names the next in its first byte. */
export function withHeaders(packet: Uint8Array, first: number, ...headers: readonly (readonly number[])[]): Uint8Array {
  const added = headers.flat();
  const out = new Uint8Array(packet.length + added.length);
  out.set(packet.subarray(0, 40));
  out.set(added, 40);
  out.set(packet.subarray(40), 40 + added.length);
  const length = out.length - 40;
  out[4] = length >> 8;
  out[5] = length & 0xff;
  // The last header names what the packet had.
  const last = out.length - (packet.length - 40) - headers.at(-1)!.length;
  out[last] = packet[6]!;
  out[6] = first;
  return out;
}

const HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const OPTIONS = 60;

/** Packets with extension headers. */
function extended(): Uint8Array[] {
  const udp = udpPacket(ATTACKER_IP, TARGET_IP, 1000, ECHO_PORT, pattern(20));
  const ping = icmpv6Packet(ATTACKER_IP, TARGET_IP, Uint8Array.of(128, 0, 0, 0, 0, 1, 0, 5));
  const through = udpPacket(ATTACKER_GLOBAL, ELSEWHERE, 1000, ECHO_PORT, pattern(20));
  const rpl = [0, 0, 0x63, 4, 0, 0, 1, 0];
  const source = [0, 2, 3, 1, 0, 0, 0, 0, ...ELSEWHERE];
  return [
    withHeaders(udp, HOP, [0, 0, 1, 4, 0, 0, 0, 0]),
    withHeaders(udp, HOP, rpl),
    withHeaders(udp, HOP, [0, 0, 0xc2, 4, 0, 0, 0, 0]),
    withHeaders(ping, OPTIONS, [0, 0, 0x05, 2, 0, 0, 1, 0]),
    withHeaders(ping, OPTIONS, [0, 0, 0x8b, 4, 0, 0, 0, 0]),
    withHeaders(udp, ROUTING, source),
    withHeaders(udp, ROUTING, [0, 2, 0, 1, 0, 0, 0, 0, ...ELSEWHERE]),
    withHeaders(udp, FRAGMENT, [0, 0, 0, 1, 0, 0, 0, 1]),
    withHeaders(udp, FRAGMENT, [0, 0, 0, 24, 0, 0, 0, 1]),
    withHeaders(udp, FRAGMENT, [0, 0, 0, 0, 0, 0, 0, 2]),
    withHeaders(ping, HOP, [OPTIONS, 0, 1, 4, 0, 0, 0, 0], [ROUTING, 0, 1, 4, 0, 0, 0, 0], [0, 0, 3, 0, 0, 0, 0, 0]),
    withHeaders(through, HOP, rpl),
    through,
    // Something in an IPv6 header of its own, and a header without anything behind it.
    Uint8Array.of(...ping.subarray(0, 4), 0, ping.length, 41, 64, ...ping.subarray(8, 40), ...ping),
    Uint8Array.of(...ping.subarray(0, 4), 0, 0, 59, 64, ...ping.subarray(8, 40)),
  ];
}

/** IPv6 packets to the board under attack, valid as they stand. */
export function packets(): Uint8Array[] {
  const hello = udpPacket(ATTACKER_IP, TARGET_IP, 1000, DTLS_PORT,
    Uint8Array.of(22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 54, 1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, 0xfe, 0xfd,
      ...pattern(32), 0, 0, 0, 2, 0xc0, 0xa8, 1, 0));
  return [
    ...[0, 1, 40, 300, 1100].map((size) => udpPacket(ATTACKER_IP, TARGET_IP, 1000, ECHO_PORT, pattern(size))),
    udpPacket(ATTACKER_IP, TARGET_IP, 0xf0b1, 0xf0b2, pattern(10)),
    udpPacket(ATTACKER_GLOBAL, TARGET_GLOBAL, 1000, ECHO_PORT, pattern(60)),
    udpPacket(ATTACKER_IP, ALL_NODES, 1000, ECHO_PORT, pattern(10)),
    hello,
    ...messages(),
    ...extended(),
  ];
}

/** A data frame without FCS from the attacker, long addresses, with PAN compression. */
export function frameOf(payload: Uint8Array, seq: number, to: Uint8Array | null = TARGET, from = ATTACKER): Uint8Array {
  const length = to === null ? MAC_HEADER_LEN - 6 : MAC_HEADER_LEN;
  const frame = new Uint8Array(length + payload.length);
  frame.set(to === null ? [0x41, 0xc8, seq, 0x23, 0, 0xff, 0xff] : [0x61, 0xdc, seq, 0x23, 0, ...to.toReversed()]);
  frame.set(from.toReversed(), length - 8);
  frame.set(payload, length);
  return frame;
}

/** Frames without FCS that real nodes sent to the address of the board under attack, or to all. */
export function capturedFrames(): Uint8Array[] {
  const known = new Map<string, Uint8Array>();
  const target = hex(TARGET.toReversed());
  for (const name of CAPTURES) {
    for (const { mpdu } of readCapture(name)) {
      const to = hex(mpdu.subarray(5, 13));
      const broadcast = hex(mpdu.subarray(5, 7)) === 'ffff';
      // One of each beginning: the rest of it differs in random fields.
      if (mpdu.length <= 7 || (to !== target && !broadcast)) continue;
      known.set(`${mpdu.length} ${hex(mpdu.subarray(21, 40))}`, mpdu);
    }
  }
  return [...known.values()];
}

/** Payloads of frames that no packet gives: other dispatches, and fragments that begin or end badly. */
export function payloads(): Uint8Array[] {
  return [
    Uint8Array.of(0x41), Uint8Array.of(0x60), Uint8Array.of(0x7a), Uint8Array.of(0x7f, 0xff), Uint8Array.of(0xc0),
    Uint8Array.of(0xc0, 0x30, 0, 1), Uint8Array.of(0xc0, 0x30, 0, 1, 0x7e), Uint8Array.of(0xc7, 0xff, 0, 2, 0x41),
    Uint8Array.of(0xe0, 0x30, 0, 1, 1), Uint8Array.of(0xe0, 0x30, 0, 1, 0xff, ...pattern(40)),
    // HC1, broadcast, mesh, ESC, selective fragment recovery, deadline and capability headers.
    Uint8Array.of(0x42, 0, ...pattern(20)), Uint8Array.of(0x50, 1, 0x7e, 0x33),
    Uint8Array.of(0xb5, ...pattern(18), 0x7e),
    Uint8Array.of(0x7f, ...pattern(10)), Uint8Array.of(0xe8, 1, 0, 40, 0, 0, ...pattern(30)),
    Uint8Array.of(0xea, 1, 0xff, 0xff, 0xff, 0xff), Uint8Array.of(0xf1, ...pattern(12)),
    Uint8Array.of(0x00, ...pattern(10)),
  ];
}

/** The packet for a board on Ethernet: its addresses there, wherever they stand. Checksums are for the caller. */
export function onEthernet(packet: Uint8Array): Uint8Array {
  const out = packet.slice();
  for (let at = 0; at + 16 <= out.length; at++) {
    if (TARGET_IP.every((byte, i) => out[at + i] === byte)) out.set(TARGET_IP_ETHERNET, at);
    if (SOLICITED.every((byte, i) => out[at + i] === byte)) out[at + 15] = 1;
  }
  return out;
}

/** An Ethernet frame with a packet: to the group that the packet is for, or to the board under attack. */
export function ethernetFrame(packet: Uint8Array): Uint8Array {
  const group = packet.length >= 40 && packet[24] === 0xff;
  const dst = group ? [0x33, 0x33, ...packet.subarray(36, 40)] : TARGET_EUI48;
  return Uint8Array.of(...dst, ...ATTACKER_EUI48, ...ETHERTYPE_IPV6, ...packet);
}

/** A frame with its FCS, as hexadecimal digits. */
export function withFcs(mpdu: Uint8Array): string {
  const psdu = new Uint8Array(mpdu.length + 2);
  psdu.set(mpdu);
  putFcs(psdu, 0, mpdu.length);
  return hex(psdu);
}
