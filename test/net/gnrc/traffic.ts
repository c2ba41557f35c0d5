// Traffic for the tests of the stack: socks that keep what they get, and packets made by hand.

import {
  SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_create, sock_udp_ep_t, sock_udp_recv, sock_udp_send, sock_udp_t,
} from '../../../net/sock/udp.ts';
import { GNRC_NETAPI_MSG_TYPE_RCV } from '../../../net/gnrc/netapi.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_SIXLOWPAN } from '../../../net/gnrc/nettype.ts';
import { put16 } from '../../../net/wire/bytes.ts';
import { emitFrag1, emitFragN } from '../../../net/wire/frag.ts';
import { icmpv6Checksum } from '../../../net/wire/icmpv6.ts';
import type { IphcContexts } from '../../../net/wire/iphc.ts';
import { emitIpv6Fields, PROTNUM_ICMPV6, PROTNUM_UDP } from '../../../net/wire/ipv6.ts';
import { compress, SIXLOWPAN_UNCOMP } from '../../../net/wire/sixlowpan.ts';
import { udpChecksum } from '../../../net/wire/udp.ts';
import type { TestNode } from './network.ts';

/** The link-layer address and the link-local address of a node that is not there. */
export const STRANGER = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0x0c);
export const STRANGER_IP = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0c);

export interface Received {
  payload: Uint8Array;
  remote: sock_udp_ep_t;
}

/** Bytes that tell their place, so that a part in the wrong place shows. */
export function pattern(length: number, seed = 0): Uint8Array {
  return new Uint8Array(length).map((_, i) => (i * 7 + (i >> 8) * 31 + seed) & 0xff);
}

/** Opens a sock on `port`; what it receives is added to the array as the network runs. */
export function listen(node: TestNode, port: number): Received[] {
  const received: Received[] = [];
  node.start(function* () {
    const sock = new sock_udp_t();
    const local = SOCK_IPV6_EP_ANY();
    local.port = port;
    sock_udp_create(sock, local, null, 0);
    const buf = new Uint8Array(2048);
    while (true) {
      const remote = new sock_udp_ep_t();
      const res = yield* sock_udp_recv(sock, buf, buf.length, SOCK_NO_TIMEOUT, remote);
      received.push({ payload: buf.slice(0, res), remote });
    }
  });
  node.network.runFor(1000);
  return received;
}

/** Sends a datagram from a random port; what sock_udp_send() returns. */
export function sendUdp(node: TestNode, to: Uint8Array, port: number, payload: Uint8Array): number {
  return node.do(function* () {
    const remote = SOCK_IPV6_EP_ANY();
    remote.addr.ipv6.set(to);
    remote.port = port;
    return yield* sock_udp_send(null, payload, payload.length, remote);
  });
}

export interface PacketOptions {
  hopLimit?: number;
  /** Instead of the right checksum. */
  checksum?: number;
  /** Instead of the right lengths. */
  payloadLength?: number;
  udpLength?: number;
  nextHeader?: number;
}

/** An IPv6 packet with a UDP datagram. */
export function udpPacket(
  src: Uint8Array, dst: Uint8Array, srcPort: number, dstPort: number, payload: Uint8Array, options: PacketOptions = {},
): Uint8Array {
  const packet = new Uint8Array(48 + payload.length);
  emitIpv6Fields(
    0, 0, options.payloadLength ?? payload.length + 8, options.nextHeader ?? PROTNUM_UDP, options.hopLimit ?? 64,
    src, dst, packet, 0,
  );
  put16(packet, 40, srcPort);
  put16(packet, 42, dstPort);
  put16(packet, 44, options.udpLength ?? payload.length + 8);
  packet.set(payload, 48);
  put16(packet, 46, options.checksum ?? udpChecksum(src, dst, packet, 40));
  return packet;
}

/** An IPv6 packet with an ICMPv6 message, whose checksum is put in. */
export function icmpv6Packet(
  src: Uint8Array, dst: Uint8Array, message: Uint8Array, options: PacketOptions = {},
): Uint8Array {
  const packet = new Uint8Array(40 + message.length);
  emitIpv6Fields(
    0, 0, options.payloadLength ?? message.length, PROTNUM_ICMPV6, options.hopLimit ?? 255, src, dst, packet, 0,
  );
  packet.set(message, 40);
  if (message.length >= 4) put16(packet, 42, options.checksum ?? icmpv6Checksum(src, dst, packet, 40));
  return packet;
}

/** Hands `payload` to the 6lo thread as if `from` had sent it in a frame, and runs the network for `us`. */
export function hand6lo(node: TestNode, payload: Uint8Array, from = STRANGER, us = 100): void {
  node.hand(GNRC_NETTYPE_SIXLOWPAN, GNRC_NETAPI_MSG_TYPE_RCV, payload, from, node.radio.eui64);
  node.network.runFor(us);
}

/** Hands `packet` to the ipv6 thread as if it came from `from`, and runs the network for `us`. */
export function handIpv6(node: TestNode, packet: Uint8Array, from = STRANGER, us = 100): void {
  node.hand(GNRC_NETTYPE_IPV6, GNRC_NETAPI_MSG_TYPE_RCV, packet, from, node.radio.eui64);
  node.network.runFor(us);
}

/** The packet behind an IPHC header. */
export function iphc(
  packet: Uint8Array, from: Uint8Array, to: Uint8Array, contexts: IphcContexts | null = null,
): Uint8Array {
  const bytes = compress(packet, from, to, contexts);
  if (typeof bytes === 'string') throw new TypeError(bytes);
  return bytes;
}

/** A FRAG1 with the uncompressed first `length` bytes of the packet. */
export function frag1(packet: Uint8Array, tag: number, length: number, size = packet.length): Uint8Array {
  const out = new Uint8Array(5 + length);
  emitFrag1(size, tag, out, 0);
  out[4] = SIXLOWPAN_UNCOMP;
  out.set(packet.subarray(0, length), 5);
  return out;
}

/** A FRAGN with `length` bytes of the packet from `offset` on. */
export function fragN(
  packet: Uint8Array, tag: number, offset: number, length: number, size = packet.length,
): Uint8Array {
  const part = packet.subarray(offset, offset + length);
  const out = new Uint8Array(5 + part.length);
  emitFragN(size, tag, offset, out, 0);
  out.set(part, 5);
  return out;
}

/** The whole packet in fragments of `length` bytes, a multiple of 8. */
export function cut(packet: Uint8Array, tag: number, length: number): Uint8Array[] {
  const fragments = [frag1(packet, tag, Math.min(length, packet.length))];
  for (let offset = length; offset < packet.length; offset += length) {
    fragments.push(fragN(packet, tag, offset, length));
  }
  return fragments;
}
