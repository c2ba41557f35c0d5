import test from 'ava';
import fc from 'fast-check';

import { EBADMSG, EFAULT, ENOENT } from '../../../kernel/errno.ts';
import { GNRC_NETAPI_MSG_TYPE_RCV } from '../../../net/gnrc/netapi.ts';
import { gnrc_netreg_num } from '../../../net/gnrc/netreg.ts';
import {
  GNRC_NETTYPE_IPV6, GNRC_NETTYPE_SIXLOWPAN, GNRC_NETTYPE_UDP, GNRC_NETTYPE_UNDEF,
} from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { gnrc_udp_calc_csum, gnrc_udp_hdr_build } from '../../../net/gnrc/udp.ts';
import { ipv6_addr_all_nodes_link_local } from '../../../net/wire/addr.ts';
import { bytesEqual, hex } from '../../../net/wire/bytes.ts';
import { decompress } from '../../../net/wire/sixlowpan.ts';
import { checkUdpChecksum, parseUdp } from '../../../net/wire/udp.ts';
import { subscribe } from './ipv6_traffic.ts';
import { Network, type NodeOptions, type TestNode } from './network.ts';
import {
  hand6lo, handIpv6, iphc, listen, pattern, type Received, sendUdp, STRANGER, STRANGER_IP, udpPacket,
} from './traffic.ts';

const PORT = 8888;
const MHR_LEN = 21;

function boot(options: NodeOptions = {}): { network: Network; node: TestNode; received: Received[] } {
  const network = new Network();
  const node = network.add(options);
  network.run(1_000_000);
  const received = listen(node, PORT);
  network.frames.length = 0;
  return { network, node, received };
}

test('a datagram with checksum 0 or a wrong one, or cut before its header ends, is dropped', (t) => {
  // RFC 8200 §8.1: without checksum there is no UDP over IPv6.
  const { node, received } = boot();
  const payload = pattern(10);
  const good = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, payload);
  const bad: [string, Uint8Array][] = [
    ['udp zero-checksum', udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, payload, { checksum: 0 })],
    ['udp bad-checksum', udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, payload, { checksum: 0x1234 })],
    ['udp bad-checksum', udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, payload, { checksum: 0xffff })],
    ['udp truncated', udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, payload, { payloadLength: 7 })],
    ['udp truncated', udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, payload, { payloadLength: 1 })],
    ['udp no-listener', udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT + 1, payload)],
    ['udp no-listener', udpPacket(STRANGER_IP, node.linkLocal, 1000, 0, payload)],
  ];
  for (const [what, packet] of bad) {
    const before = node.drops(what);
    handIpv6(node, packet);
    t.is(node.drops(what), before + 1, `${what} ${hex(packet)}`);
    t.is(node.pktbuf, 0, `${what} ${hex(packet)}`);
  }
  t.is(received.length, 0);
  handIpv6(node, good);
  t.is(received.length, 1);
});

test('every single bit that is turned over in a datagram is noticed', (t) => {
  // The checksum covers header, payload and the addresses of the pseudo header.
  const { node, received } = boot();
  const good = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(7));
  for (let bit = 8 * 8; bit < 8 * 24; bit++) changeBit(bit);
  for (let bit = 8 * 40; bit < 8 * good.length; bit++) changeBit(bit);
  t.is(received.length, 0);
  t.is(node.pktbuf, 0);
  function changeBit(bit: number): void {
    const packet = good.slice();
    packet[bit >> 3]! ^= 1 << (bit & 7);
    handIpv6(node, packet);
  }
});

test('the length field of UDP is not looked at, what IPv6 carries is the payload', (t) => {
  // gnrc_udp.c, _receive(): RIOT checks only the checksum, over the bytes that are there.
  const { node, received } = boot();
  for (const udpLength of [0, 7, 8, 17, 19, 0xffff]) {
    const packet = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(10), { udpLength });
    handIpv6(node, packet);
  }
  t.deepEqual(received.map(({ payload }) => payload.length), [10, 10, 10, 10, 10, 10]);
});

test('a datagram without payload is delivered; RIOT never frees its headers', (t) => {
  // RFC 768 allows it. Quirk sock-recv-empty-leak: the sock returns 0, and forgets the packet.
  for (const [profile, left] of [['riot', true], ['rfc', false]] as const) {
    const { node, received } = boot({ profile });
    handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, new Uint8Array(0)));
    t.deepEqual(received.map(({ payload }) => payload.length), [0]);
    t.is(node.pktbuf > 0, left);
  }
});

test('what is sent has the length and the checksum of RFC 768, never a checksum of 0', (t) => {
  // Parsed by the codec, whose own tests use frames of real nodes; 300 random payloads hit odd and even lengths.
  const { network, node } = boot();
  network.hears = () => false;
  fc.assert(fc.property(fc.uint8Array({ maxLength: 90 }), fc.integer({ min: 1, max: 65535 }), (payload, port) => {
    network.frames.length = 0;
    sendUdp(node, STRANGER_IP, port, payload);
    network.runFor(50_000);
    const packet = decompress(network.frames[0]!.mpdu.subarray(MHR_LEN), node.radio.eui64, STRANGER, null);
    if (typeof packet === 'string') throw new TypeError(packet);
    const udp = parseUdp(packet, 40);
    if (typeof udp === 'string') throw new TypeError(udp);
    return udp.dstPort === port && udp.length === payload.length + 8 && udp.checksum !== 0 &&
      checkUdpChecksum(node.linkLocal, STRANGER_IP, packet, 40) === null && bytesEqual(packet.subarray(48), payload);
  }), { seed: 42, numRuns: 300 });
  t.is(node.pktbuf, 0);
});

test('two socks on one port both get the datagram', (t) => {
  // gnrc_netapi.c, gnrc_netapi_dispatch(): one message for each registration, the packet is shared.
  const { node, received } = boot();
  const second = listen(node, PORT);
  t.is(node.kernel.run(() => gnrc_netreg_num(GNRC_NETTYPE_UDP, PORT)), 2);
  hand6lo(node, iphc(udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(4)), STRANGER, node.radio.eui64));
  t.is(received.length, 1);
  t.is(second.length, 1);
  t.is(node.pktbuf, 0);
});

test('a flood that outruns the queues is dropped with the text of RIOT, and the packet buffer is empty again', (t) => {
  // The 6lo thread's queue has 8 places and the packet buffer 6144 bytes; all 50 arrive before any thread runs.
  const { network, node, received } = boot();
  for (let i = 0; i < 50; i++) {
    const packet = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(20, i));
    const payload = iphc(packet, STRANGER, node.radio.eui64);
    node.hand(GNRC_NETTYPE_SIXLOWPAN, GNRC_NETAPI_MSG_TYPE_RCV, payload, STRANGER, node.radio.eui64);
  }
  network.runFor(1000);
  // One is handed over to the waiting thread, eight wait in its queue.
  t.is(received.length, 9);
  t.true(node.console.includes('gnrc_netapi: dropped message to 3 (receiver queue is full)\n'));
  t.is(node.pktbuf, 0);
});

test('gnrc_udp_hdr_build(): ports in network order, checksum 0; port 0 fails an assertion', (t) => {
  // RIOT net/gnrc/udp.h: the length is filled in on the way down.
  const { node } = boot();
  const bytes = node.do(function* () {
    const pkt = gnrc_udp_hdr_build(null, 0x1234, 0xabcd)!;
    const copy = [...pkt.data!.subarray(0, 4), ...pkt.data!.subarray(6)];
    gnrc_pktbuf_release(pkt);
    return copy;
  });
  t.deepEqual(bytes, [0x12, 0x34, 0xab, 0xcd, 0, 0]);
  for (const [src, dst] of [[0, 1], [1, 0]] as const) {
    node.start(function* () { gnrc_udp_hdr_build(null, src, dst); });
    node.network.runFor(1000);
  }
  t.is(node.console.split('gnrc_udp.c:282 => FAILED ASSERTION.').length, 3);
});

test('gnrc_udp_calc_csum(): the checksum over header and payload, and an errno for what is missing', (t) => {
  // RIOT net/gnrc/udp.h: -EFAULT without a header, -EBADMSG for another, -ENOENT without a pseudo header.
  const { node } = boot();
  const datagram = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(9));
  node.do(function* () {
    const payload = gnrc_pktbuf_add(null, datagram.subarray(48), 9, GNRC_NETTYPE_UNDEF);
    const header = gnrc_pktbuf_add(payload, datagram.subarray(40), 8, GNRC_NETTYPE_UDP)!;
    header.data!.fill(0, 6);
    const ipv6 = gnrc_pktbuf_add(header, datagram, 40, GNRC_NETTYPE_IPV6)!;
    t.is(gnrc_udp_calc_csum(null, ipv6), -EFAULT);
    t.is(gnrc_udp_calc_csum(header, null), -EFAULT);
    t.is(gnrc_udp_calc_csum(payload, ipv6), -EBADMSG);
    t.is(gnrc_udp_calc_csum(header, payload), -ENOENT);
    t.is(gnrc_udp_calc_csum(header, ipv6), 0);
    t.is(hex(header.data!), hex(datagram.subarray(40, 48)));
    gnrc_pktbuf_release(ipv6);
  });
});

test('a checksum that comes out as 0 is sent as ffff', (t) => {
  // RFC 8200 §8.1: 0 would say that there is none. Two bytes of payload make the sum come out so.
  const { node } = boot();
  const plain = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, Uint8Array.of(0, 0));
  // The complement of the sum without them, put in as payload, makes the whole ffff.
  const wanted = plain.slice(46, 48);
  const datagram = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, wanted);
  t.is(hex(datagram.subarray(46, 48)), 'ffff');
  node.do(function* () {
    const payload = gnrc_pktbuf_add(null, wanted, 2, GNRC_NETTYPE_UNDEF);
    const header = gnrc_pktbuf_add(payload, datagram.subarray(40), 8, GNRC_NETTYPE_UDP)!;
    header.data!.fill(0, 6);
    const ipv6 = gnrc_pktbuf_add(header, datagram, 40, GNRC_NETTYPE_IPV6)!;
    t.is(gnrc_udp_calc_csum(header, ipv6), 0);
    t.is(hex(header.data!.subarray(6)), 'ffff');
    gnrc_pktbuf_release(ipv6);
  });
});

test('two who registered for a port both get a datagram, also one to a group', (t) => {
  // netapi: one use of the packet for each; the payload is the same and freed with the last.
  const { node } = boot();
  const first = subscribe(node, GNRC_NETTYPE_UDP, 7000);
  const second = subscribe(node, GNRC_NETTYPE_UDP, 7000);
  for (const dst of [node.linkLocal, ipv6_addr_all_nodes_link_local]) {
    handIpv6(node, udpPacket(STRANGER_IP, dst, 1000, 7000, pattern(5)));
  }
  for (const got of [first, second]) {
    t.deepEqual(got.map(([payload]) => hex(payload!.data!)), [hex(pattern(5)), hex(pattern(5))]);
  }
  t.is(node.pktbuf, 0);
});
