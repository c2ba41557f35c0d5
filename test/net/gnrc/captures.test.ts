import test from 'ava';

import {
  SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_close, sock_udp_create, sock_udp_ep_t,
  sock_udp_recv, sock_udp_send, sock_udp_t,
} from '../../../net/sock/udp.ts';
import { bytesEqual, hex } from '../../../net/wire/bytes.ts';
import { parseFrag } from '../../../net/wire/frag.ts';
import { IEEE802154_FCF_TYPE_DATA, parseIeee802154, type Ieee802154Repr } from '../../../net/wire/ieee802154.ts';
import { parseIpv6Packet, PROTNUM_UDP } from '../../../net/wire/ipv6.ts';
import { decompress, decompressHeaders, dispatchOf } from '../../../net/wire/sixlowpan.ts';
import { parseUdp } from '../../../net/wire/udp.ts';
import { readCapture } from '../../vectors/pcap.ts';
import { Network, type TestNode } from './network.ts';

const SEQ = 2;
const NODES: Readonly<Record<string, number>> = { '020000000000000a': 0x0a, '020000000000000b': 0x0b };

interface Datagram {
  from: number;
  to: number;
  srcPort: number;
  dstPort: number;
  payload: Uint8Array;
  /** The frames that carried it, MPDUs. */
  frames: Uint8Array[];
}

/** The UDP datagrams of a capture, from real nodes, each with its frames. */
function datagrams(name: string): Datagram[] {
  const all: Datagram[] = [];
  const seen = new Set<string>();
  let packet = new Uint8Array(0);
  let frames: Uint8Array[] = [];
  for (const { node, mpdu } of readCapture(name)) {
    const mac = parseIeee802154(mpdu);
    if (typeof mac === 'string' || mac.frameType !== IEEE802154_FCF_TYPE_DATA || mac.dst.length !== 8) continue;
    // A retransmission repeats its frame to the byte.
    const id = `${node} ${hex(mpdu)}`;
    if (seen.has(id)) continue;
    seen.add(id);
    const payload = mpdu.subarray(mac.headerLength);
    const kind = dispatchOf(payload[0]!);
    if (kind === 'fragn') {
      const frag = parseFrag(payload);
      if (typeof frag === 'string') throw new TypeError(frag);
      packet.set(payload.subarray(frag.headerLength), frag.offset);
      frames.push(mpdu);
    } else {
      frames = [mpdu];
      packet = kind === 'frag1' ? firstFragment(payload, mac) : whole(payload, mac);
    }
    if (!mac.framePending) all.push(toDatagram(packet, mac, frames));
  }
  return all;
}

function whole(payload: Uint8Array, mac: Ieee802154Repr): Uint8Array<ArrayBuffer> {
  const packet = decompress(payload, mac.src, mac.dst, null);
  if (typeof packet === 'string') throw new TypeError(packet);
  return new Uint8Array(packet);
}

function firstFragment(payload: Uint8Array, mac: Ieee802154Repr): Uint8Array<ArrayBuffer> {
  const frag = parseFrag(payload);
  if (typeof frag === 'string') throw new TypeError(frag);
  const packet = new Uint8Array(frag.datagramSize);
  const rest = payload.subarray(frag.headerLength);
  const lengths = decompressHeaders(rest, frag.datagramSize, mac.src, mac.dst, null, packet, 0);
  if (typeof lengths === 'string') throw new TypeError(lengths);
  packet.set(rest.subarray(lengths.headerLength), lengths.uncompressedLength);
  return packet;
}

function toDatagram(packet: Uint8Array, mac: Ieee802154Repr, frames: Uint8Array[]): Datagram {
  const ip = parseIpv6Packet(packet);
  if (typeof ip === 'string' || ip.nextHeader !== PROTNUM_UDP) throw new TypeError(`no UDP: ${hex(packet)}`);
  const udp = parseUdp(packet, 40);
  if (typeof udp === 'string') throw new TypeError(udp);
  return {
    from: NODES[hex(mac.src)]!, to: NODES[hex(mac.dst)]!, srcPort: udp.srcPort, dstPort: udp.dstPort,
    payload: packet.slice(48), frames,
  };
}

function masked(mpdu: Uint8Array): string {
  const copy = mpdu.slice();
  copy[SEQ] = 0;
  return hex(copy);
}

/** Two booted boards with the EUI-64s of the captures. */
function boards(): { network: Network; byId: Map<number, TestNode> } {
  const network = new Network();
  const byId = new Map([0x0a, 0x0b].map((id) => [id, network.add({ id })]));
  network.run(2_000_000);
  network.frames.length = 0;
  return { network, byId };
}

for (const name of ['c-udp', 'd-psk', 'e-ecc_noverify', 'f-noserver', 'f-wrongid', 'f-wrongkey']) {
  test(`${name}: what real nodes sent over UDP leaves our stack in the same frames, byte for byte`, (t) => {
    // The whole way down: sock, udp, ipv6, 6lo with its tags and cuts, netif. Only the sequence numbers are left out.
    const { network, byId } = boards();
    const all = datagrams(name);
    t.true(all.length > 0);
    for (const { from, to, srcPort, dstPort, payload, frames } of all) {
      const sender = byId.get(from)!;
      network.frames.length = 0;
      const sent = sender.do(function* () {
        const sock = new sock_udp_t();
        const local = SOCK_IPV6_EP_ANY();
        local.port = srcPort;
        sock_udp_create(sock, local, null, 0);
        const remote = SOCK_IPV6_EP_ANY();
        remote.port = dstPort;
        remote.addr.ipv6.set(byId.get(to)!.linkLocal);
        const res = yield* sock_udp_send(sock, payload, payload.length, remote);
        sock_udp_close(sock);
        return res;
      });
      t.is(sent, payload.length);
      network.runFor(200_000);
      const ours = network.frames.filter((frame) => frame.from === sender && frame.mpdu.length > 3);
      t.deepEqual(ours.map(({ mpdu }) => masked(mpdu)), frames.map(masked));
    }
    for (const node of byId.values()) t.is(node.pktbuf, 0);
  });

  test(`${name}: what real nodes sent over UDP reaches a sock of ours with its payload and sender`, (t) => {
    // The whole way up, fed with the frames of real nodes: netif, 6lo with reassembly, ipv6, udp, sock.
    const { network, byId } = boards();
    const all = datagrams(name);
    const got: { payload: Uint8Array; remote: sock_udp_ep_t }[] = [];
    for (const [id, node] of byId) {
      for (const port of new Set(all.filter(({ to }) => to === id).map(({ dstPort }) => dstPort))) {
        node.start(function* () {
          const sock = new sock_udp_t();
          const local = SOCK_IPV6_EP_ANY();
          local.port = port;
          sock_udp_create(sock, local, null, 0);
          const buf = new Uint8Array(1280);
          while (true) {
            const remote = new sock_udp_ep_t();
            const res = yield* sock_udp_recv(sock, buf, buf.length, SOCK_NO_TIMEOUT, remote);
            got.push({ payload: buf.slice(0, res), remote });
          }
        });
      }
    }
    network.runFor(1000);
    for (const { from, to, srcPort, payload, frames } of all) {
      got.length = 0;
      for (const frame of frames) {
        byId.get(to)!.radio.hear(frame);
        network.runFor(10_000);
      }
      t.is(got.length, 1);
      t.true(bytesEqual(got[0]!.payload, payload));
      t.is(got[0]!.remote.port, srcPort);
      t.is(got[0]!.remote.netif, 6);
      t.true(bytesEqual(got[0]!.remote.addr.ipv6, byId.get(from)!.linkLocal));
    }
    for (const node of byId.values()) t.is(node.pktbuf, 0);
  });
}
