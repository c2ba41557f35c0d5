// Packets for the tests of the IPv6 layer: what a board sends down, and packets with extension headers.
import type { Blocking } from '../../../kernel/blocking.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_CB, gnrc_netreg_register, GNRC_NETAPI_MSG_TYPE_SND,
} from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN } from '../../../net/gnrc/nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { emitIpv6Fields } from '../../../net/wire/ipv6.ts';
import { Network, type NodeOptions, type TestNode } from './network.ts';
import { STRANGER_IP, udpPacket } from './traffic.ts';

/** The bytes of a packet without its netif header; `reversed`: as it is received, the payload first. */
export function bytesOf(pkt: gnrc_pktsnip_t | null, reversed: boolean): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let snip = pkt; snip !== null; snip = snip.next) {
    if (snip.type !== GNRC_NETTYPE_NETIF) parts.push(gnrc_pkt_bytes(snip).slice());
  }
  return concat(...(reversed ? parts.reverse() : parts));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** A registration: what it gets is copied to the array and freed. */
export function subscribe(node: TestNode, type: number, ctx: number, only: number | null = null): gnrc_pktsnip_t[][] {
  const got: gnrc_pktsnip_t[][] = [];
  const cb = (cmd: number, pkt: gnrc_pktsnip_t): undefined => {
    if (only === null || cmd === only) {
      const snips: gnrc_pktsnip_t[] = [];
      for (let snip: gnrc_pktsnip_t | null = pkt; snip !== null; snip = snip.next) {
        snips.push(Object.assign(Object.create(Object.getPrototypeOf(snip) as object), {
          next: null, size: snip.size, type: snip.type, data: gnrc_pkt_bytes(snip).slice(), users: 1,
        }) as gnrc_pktsnip_t);
      }
      got.push(snips);
    }
    gnrc_pktbuf_release(pkt);
  };
  node.do(function* (): Blocking<void> {
    yield* gnrc_netreg_register(type, GNRC_NETREG_ENTRY_INIT_CB(ctx, { cb, ctx: null }));
  });
  return got;
}

/** Every IPv6 packet that the ipv6 thread hands to 6lo from now on. */
export function tap(node: TestNode): Uint8Array[] {
  const sent: Uint8Array[] = [];
  const cb = (cmd: number, pkt: gnrc_pktsnip_t): undefined => {
    if (cmd === GNRC_NETAPI_MSG_TYPE_SND) sent.push(bytesOf(pkt, false));
    gnrc_pktbuf_release(pkt);
  };
  node.do(function* (): Blocking<void> {
    yield* gnrc_netreg_register(GNRC_NETTYPE_SIXLOWPAN,
      GNRC_NETREG_ENTRY_INIT_CB(GNRC_NETREG_DEMUX_CTX_ALL, { cb, ctx: null }));
  });
  return sent;
}

export interface Tapped {
  network: Network;
  node: TestNode;
  sent: Uint8Array[];
  /** Bytes of the packet buffer that were in use at the beginning. */
  baseline: number;
}

/** A board that nobody hears, past its first router solicitations. */
export function tapped(options: NodeOptions = {}): Tapped {
  const network = new Network();
  const node = network.add(options);
  network.hears = () => false;
  network.run(3_000_000);
  const sent = tap(node);
  return { network, node, sent, baseline: node.pktbuf };
}

/** An IPv6 packet: a header, and what follows it. */
export function packet(
  src: Uint8Array, dst: Uint8Array, nextHeader: number, body: Uint8Array, hopLimit = 64, length = body.length,
): Uint8Array {
  const out = new Uint8Array(40 + body.length);
  emitIpv6Fields(0, 0, length, nextHeader, hopLimit, src, dst, out, 0);
  out.set(body, 40);
  return out;
}

/** A UDP datagram with a right checksum, its header first. */
export function udp(
  dst: Uint8Array, port: number, payload: Uint8Array, src: Uint8Array = STRANGER_IP,
): Uint8Array {
  return udpPacket(src, dst, 4000, port, payload).subarray(40);
}

/** An options header with these bytes behind its first two; their number plus 2 is a multiple of 8. */
export function optionsHeader(nextHeader: number, ...options: number[]): Uint8Array {
  return Uint8Array.of(nextHeader, (options.length + 2) / 8 - 1, ...options);
}

/** Options header with padding only. */
export function padding(nextHeader: number): Uint8Array {
  return optionsHeader(nextHeader, 1, 4, 0, 0, 0, 0);
}

/** A fragment header. */
export function fragmentHeader(nextHeader: number, offset: number, more: boolean, id: number): Uint8Array {
  return Uint8Array.of(
    nextHeader, 0, offset >> 8, (offset & 0xf8) | (more ? 1 : 0), id >>> 24, (id >> 16) & 0xff, (id >> 8) & 0xff,
    id & 0xff,
  );
}
