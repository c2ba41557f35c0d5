import test from 'ava';

import { gnrc_netapi_dispatch_send } from '../../../net/gnrc/netapi.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of } from '../../../net/gnrc/netif_hdr.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_SIXLOWPAN } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add } from '../../../net/gnrc/pktbuf.ts';
import { gnrc_sixlowpan_frag_rb_array } from '../../../net/gnrc/sixlowpan_frag_rb.ts';
import { bytesEqual, fromHex, hex } from '../../../net/wire/bytes.ts';
import { parseFrag } from '../../../net/wire/frag.ts';
import { Network, type TestNode } from './network.ts';
import {
  cut, frag1, fragN, hand6lo, iphc, listen, pattern, type Received, sendUdp, STRANGER, STRANGER_IP, udpPacket,
} from './traffic.ts';

const PORT = 8888;
/** MAC header of a unicast frame and FCS. */
const MHR_LEN = 21;
const RBUF_TIMEOUT = 3_000_000;

/** Two boards; the second listens. */
function pair(): { network: Network; a: TestNode; b: TestNode; received: Received[] } {
  const network = new Network();
  const a = network.add();
  const b = network.add();
  network.run(1_000_000);
  const received = listen(b, PORT);
  network.frames.length = 0;
  return { network, a, b, received };
}

/** A board that listens, and what a stranger sends to it. */
function receiver(): { node: TestNode; received: Received[]; packet: (length: number, seed?: number) => Uint8Array } {
  const network = new Network();
  const node = network.add();
  network.run(1_000_000);
  const received = listen(node, PORT);
  const packet = (length: number, seed = 0): Uint8Array =>
    udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(length, seed));
  return { node, received, packet };
}

function entries(node: TestNode): number {
  return node.kernel.run(() => gnrc_sixlowpan_frag_rb_array().filter(({ pkt }) => pkt !== null).length);
}

test('datagrams of 1 to 1232 bytes arrive whole, and the packet buffers are empty again', (t) => {
  // Any error in offsets, tags or the cut shows in the payload, whose bytes tell their place.
  const { network, a, b, received } = pair();
  for (let length = 1; length <= 1232; length += length < 300 ? 1 : 13) {
    received.length = 0;
    const payload = pattern(length, length);
    t.is(sendUdp(a, b.linkLocal, PORT, payload), length);
    network.runFor(100_000);
    t.is(received.length, 1, `${length}`);
    t.true(bytesEqual(received[0]!.payload, payload), `${length}`);
  }
  t.is(a.pktbuf, 0);
  t.is(b.pktbuf, 0);
});

test('the cut is that of real nodes: 102 bytes in a frame, 96 of payload in each further fragment', (t) => {
  // On native64 ping -s 91 (99 bytes of ICMPv6) is one frame of 125 bytes, one byte more is cut. With UDP that is
  // 93 bytes of payload behind 2 + 7 compressed bytes. First frames of 124 bytes: capture e-ecc_noverify.
  const { network, a, b } = pair();
  const sizes = (length: number): number[] => {
    network.frames.length = 0;
    sendUdp(a, b.linkLocal, PORT, pattern(length));
    network.runFor(100_000);
    return network.frames.filter(({ mpdu }) => mpdu.length > 3).map(({ mpdu }) => mpdu.length + 2);
  };
  t.deepEqual(sizes(93), [125]);
  t.deepEqual(sizes(94), [124, 34]);
  t.deepEqual(sizes(111), [124, 51]);
  t.deepEqual(sizes(512), [124, 124, 124, 124, 124, 68]);
  const offsets = network.frames.filter(({ mpdu }) => mpdu.length > 3).map(({ mpdu }) => {
    const frag = parseFrag(mpdu.subarray(MHR_LEN));
    return typeof frag === 'string' ? frag : [frag.first, frag.datagramSize, frag.datagramTag, frag.offset];
  });
  t.deepEqual(offsets, [
    [true, 560, 3, 0], [false, 560, 3, 136], [false, 560, 3, 232], [false, 560, 3, 328], [false, 560, 3, 424],
    [false, 560, 3, 520],
  ]);
});

test('every fragment but the last has the frame pending bit, and they start 5 ms apart', (t) => {
  // Frame control dc71 and dc61 as native64 sends them; 5 ms is the timer of the send queue in gnrc_netif_pktq.h.
  const { network, a, b } = pair();
  sendUdp(a, b.linkLocal, PORT, pattern(300));
  network.runFor(100_000);
  const frames = network.frames.filter(({ mpdu }) => mpdu.length > 3);
  t.deepEqual(frames.map(({ mpdu }) => hex(mpdu.subarray(0, 2))), ['71dc', '71dc', '71dc', '61dc']);
  t.deepEqual(frames.map(({ time }) => time - frames[0]!.time), [0, 5000, 10000, 15000]);
});

test('tags count from 1, one for each datagram that is cut', (t) => {
  // The captures show tag 1 for the first fragmented datagram of a node; whole ones take none.
  const { network, a, b } = pair();
  for (const length of [200, 10, 200, 20, 200]) {
    sendUdp(a, b.linkLocal, PORT, pattern(length));
    network.runFor(100_000);
  }
  const tags = network.frames.map(({ mpdu }) => parseFrag(mpdu.subarray(MHR_LEN)))
    .filter((frag) => typeof frag !== 'string' && frag.first)
    .map((frag) => typeof frag !== 'string' && frag.datagramTag);
  t.deepEqual(tags, [1, 2, 3]);
});

test('one datagram is cut at a time: a second one meanwhile is dropped', (t) => {
  // CONFIG_GNRC_SIXLOWPAN_FRAG_FB_SIZE is 1. Both packets are in 6lo's queue before it runs; the message for the next
  // fragment of the first comes behind the second.
  const { network, a, b, received } = pair();
  const { iface } = a;
  a.kernel.interrupt(function* () {
    for (const seed of [1, 2]) {
      const packet = udpPacket(a.linkLocal, b.linkLocal, 1000, PORT, pattern(300, seed));
      const hdr = gnrc_netif_hdr_build(null, 0, b.radio.eui64, 8)!;
      gnrc_netif_hdr_of(hdr).if_pid = iface;
      hdr.next = gnrc_pktbuf_add(null, packet, packet.length, GNRC_NETTYPE_IPV6);
      yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_SIXLOWPAN, GNRC_NETREG_DEMUX_CTX_ALL, hdr);
    }
  });
  network.runFor(1_000_000);
  t.is(a.drops('6lo CONFIG_GNRC_SIXLOWPAN_FRAG_FB_SIZE'), 1);
  t.deepEqual(received.map(({ payload }) => payload[0]), [1]);
  t.is(a.pktbuf, 0);
});

test('a datagram larger than the MTU is dropped by ipv6, and the sender sees success', (t) => {
  // The MTU is 1280 (gnrc_ipv6.c, _send_to_iface()), without gnrc_ipv6_ext_frag. The application is not told.
  const { a, b, network } = pair();
  t.is(sendUdp(a, b.linkLocal, PORT, pattern(1233)), 1233);
  network.runFor(100_000);
  t.is(a.drops('ipv6 packet-too-big'), 1);
  t.is(network.frames.length, 0);
  t.is(a.pktbuf, 0);
});

test('fragments of one datagram are put together in every order', (t) => {
  // All 720 orders of six fragments: the datagram must come out once, with the same bytes.
  const { node, received, packet } = receiver();
  const whole = packet(240);
  const orders = permutations([0, 1, 2, 3, 4, 5]);
  t.is(orders.length, 720);
  orders.forEach((order, i) => {
    const fragments = cut(whole, i, 48);
    t.is(fragments.length, 6);
    for (const at of order) hand6lo(node, fragments[at]!);
    t.is(received.length, i + 1);
    t.true(bytesEqual(received[i]!.payload, whole.subarray(48)));
  });
  t.is(entries(node), 0);
  t.is(node.pktbuf, 0);
});

test('a compressed first fragment may come late', (t) => {
  // RIOT decompresses it when it arrives (gnrc_sixlowpan_frag_rb.c); its place is given by the uncompressed sizes.
  const { node, received, packet } = receiver();
  const whole = packet(200);
  const compressed = iphc(whole, STRANGER, node.radio.eui64);
  // 48 bytes of headers in 9: 49 bytes of payload go with them to reach offset 97, which is no multiple of 8; 48 do.
  const first = new Uint8Array(4 + 9 + 48);
  first.set(frag1(whole, 7, 0).subarray(0, 4));
  first.set(compressed.subarray(0, 9 + 48), 4);
  hand6lo(node, fragN(whole, 7, 96, 96));
  hand6lo(node, fragN(whole, 7, 192, 96));
  t.is(received.length, 0);
  hand6lo(node, first);
  t.is(received.length, 1);
  t.true(bytesEqual(received[0]!.payload, whole.subarray(48)));
  t.is(node.pktbuf, 0);
});

test('the same fragment again is ignored', (t) => {
  // RFC 4944 §5.3: only a fragment that differs in place or length starts the datagram anew.
  const { node, received, packet } = receiver();
  const fragments = cut(packet(200), 1, 96);
  for (const fragment of fragments.slice(0, -1)) {
    hand6lo(node, fragment);
    hand6lo(node, fragment);
  }
  hand6lo(node, fragments.at(-1)!);
  t.is(received.length, 1);
  t.is(node.drops('6lo fragment-duplicate'), fragments.length - 1);
  t.is(node.pktbuf, 0);
});

test('a fragment that overlaps another discards what is there and begins anew', (t) => {
  // RFC 4944 §5.3, RIOT's tests rbuf_add__overlap_lhs and _rhs: after it only the new fragment is there.
  for (const [offset, length] of [[88, 96], [96, 88], [104, 96], [8, 200]] as const) {
    const { node, received, packet } = receiver();
    const whole = packet(300);
    hand6lo(node, fragN(whole, 1, 96, 96));
    hand6lo(node, fragN(whole, 1, offset, length));
    t.is(node.drops('6lo fragment-overlap'), 1);
    const entry = node.kernel.run(() => gnrc_sixlowpan_frag_rb_array().find(({ pkt }) => pkt !== null))!;
    t.deepEqual([...entry.super.ints], [offset, offset + length - 1]);
    t.is(entry.super.current_size, length);
    t.is(received.length, 0);
  }
});

test('a datagram whose fragments stop coming is thrown out 3 s after the last of them', (t) => {
  // gnrc_sixlowpan_frag_rb.c: the time is restarted by every fragment of the datagram, duplicates included.
  const { node, packet } = receiver();
  const { network } = node;
  const whole = packet(300);
  hand6lo(node, fragN(whole, 1, 96, 96), STRANGER, 2_000_000);
  hand6lo(node, fragN(whole, 1, 96, 96), STRANGER, RBUF_TIMEOUT - 1);
  t.is(entries(node), 1);
  network.runFor(1);
  t.is(entries(node), 0);
  t.is(node.drops('6lo CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US'), 1);
  t.is(node.pktbuf, 0);
});

test('with all four entries taken, the datagram whose last fragment is oldest gives way', (t) => {
  // CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE 4 with RIOT's default of overriding.
  const { node, received, packet } = receiver();
  const wholes = [1, 2, 3, 4, 5].map((seed) => packet(100, seed));
  const fragments = wholes.map((whole, i) => cut(whole, i, 96));
  for (const i of [0, 1, 2, 3]) hand6lo(node, fragments[i]![0]!);
  // Datagram 0 is refreshed, so 1 is the oldest when 4 comes.
  hand6lo(node, fragments[0]![0]!);
  hand6lo(node, fragments[4]![0]!);
  t.is(node.drops('6lo CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE'), 1);
  for (const i of [0, 2, 3, 4]) hand6lo(node, fragments[i]![1]!);
  t.deepEqual(received.map(({ payload }) => payload[0]), [1, 3, 4, 5]);
  t.is(entries(node), 0);
  t.is(node.pktbuf, 0);
});

test('a flood of first fragments leaves the packet buffer bounded, and 3 s later a datagram gets through', (t) => {
  // Each takes room for a whole datagram; four at most are kept, the rest find no room or push one another out.
  const { node, received, packet } = receiver();
  const whole = packet(1000);
  for (let i = 0; i < 300; i++) {
    const from = Uint8Array.of(2, 0, 0, 0, 0, 1, i >> 8, i & 0xff);
    hand6lo(node, frag1(whole, i, 96, 2040), from);
    t.true(node.pktbuf <= 6144);
    t.true(entries(node) <= 4);
  }
  node.network.runFor(RBUF_TIMEOUT);
  t.is(node.pktbuf, 0);
  for (const fragment of cut(whole, 9, 96)) hand6lo(node, fragment);
  t.is(received.length, 1);
});

test('fragments of different senders, tags and sizes are kept apart', (t) => {
  // The key is (source, destination, size, tag), RFC 4944 §5.3: a fragment that differs in one belongs elsewhere.
  const { node, received, packet } = receiver();
  const other = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0x0d);
  const whole = packet(100);
  const [first, second] = cut(whole, 1, 96);
  hand6lo(node, first!);
  hand6lo(node, second!, other);
  hand6lo(node, cut(whole, 2, 96)[1]!);
  hand6lo(node, fragN(whole, 1, 96, 96, whole.length + 8));
  t.is(received.length, 0);
  hand6lo(node, second!);
  t.is(received.length, 1);
  node.network.runFor(RBUF_TIMEOUT);
  t.is(node.pktbuf, 0);
});

test('hostile fragments are dropped with their reason and leave nothing behind', (t) => {
  // Fragments shorter than their header, empty, past the end, of size 0, nested.
  const { node, received, packet } = receiver();
  const whole = packet(300);
  const bad: [string, Uint8Array][] = [
    ['truncated', fromHex('c0')], ['truncated', fromHex('c14800')], ['truncated', fromHex('e1480001')],
    ['empty-fragment', fromHex('c1480001')], ['empty-fragment', fromHex('e148000110')],
    ['empty-fragment', fromHex('c148000141')],
    ['fragment-past-end', fragN(whole, 1, 96, 96, 100)],
    ['fragment-past-end', frag1(whole, 1, 96, 0)],
    ['fragment-past-end', frag1(whole, 1, 96, 7)],
    ['fragment-offset-zero', fragN(whole, 1, 0, 96)],
    // A compressed header that would not fit the datagram it claims to begin.
    ['datagram-size-too-small',
      Uint8Array.of(0xc0, 45, 0, 1, ...iphc(whole, STRANGER, node.radio.eui64).subarray(0, 20))],
    // One byte of IPHC.
    ['truncated', fromHex('c1480001' + '7e')],
  ];
  for (const [reason, bytes] of bad) {
    const before = node.drops(`6lo ${reason}`);
    hand6lo(node, bytes);
    t.is(node.drops(`6lo ${reason}`), before + 1, `${reason} ${hex(bytes)}`);
    t.is(node.pktbuf, 0, `${reason} ${hex(bytes)}`);
  }
  t.is(received.length, 0);
});

test('a first fragment inside a first fragment is no datagram', (t) => {
  // LO-07: its bytes are taken for an IPv6 packet, whose version is not 6.
  const { node, received, packet } = receiver();
  const nested = new Uint8Array(4 + 44);
  nested.set(frag1(packet(300), 1, 40, 44).subarray(0, 4));
  nested.set(frag1(packet(300), 2, 39, 347).subarray(0, 44), 4);
  hand6lo(node, nested);
  t.is(node.drops('ipv6 bad-version'), 1);
  t.is(received.length, 0);
  t.is(node.pktbuf, 0);
});

test('fragments of one byte use up the intervals, which drops the datagram and frees them', (t) => {
  // RIOT keeps 13 × 4 intervals for all entries; a datagram that needs more is discarded (gnrc_sixlowpan_frag_rb.c).
  const { node } = receiver();
  const whole = pattern(2000);
  for (let i = 1; i <= 60; i++) hand6lo(node, fragN(whole, 1, 8 * i, 1));
  t.is(node.drops('6lo fragment-intervals-full'), 1);
  node.network.runFor(RBUF_TIMEOUT);
  t.is(entries(node), 0);
  t.is(node.pktbuf, 0);
  for (let i = 1; i <= 52; i++) hand6lo(node, fragN(whole, 1, 8 * i, 1));
  t.is(node.drops('6lo fragment-intervals-full'), 1);
});

function permutations(items: number[]): number[][] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]));
}
