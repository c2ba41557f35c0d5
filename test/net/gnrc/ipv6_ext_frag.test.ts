// IPv6 fragments that a board receives: RIOT's test gnrc_ipv6_ext_frag written anew (its unit tests and those of
// sending stand beside), what hostile fragments come to in both profiles, and all orders of a datagram's fragments.
import test from 'ava';

import { gnrc_netif_iter } from '../../../net/gnrc/netif_t.ts';
import { get32, hex } from '../../../net/wire/bytes.ts';
import type { NodeOptions, TestNode } from './network.ts';
import { concat, fragmentHeader, packet, padding, tapped, udp } from './ipv6_traffic.ts';
import { handIpv6, icmpv6Packet, listen, pattern, sendUdp, STRANGER_IP, udpPacket } from './traffic.ts';

const UDP = 17;
const FRAG = 44;
const PORT = 4444;
const MODULES = ['gnrc_icmpv6_error', 'gnrc_ipv6_ext_frag', 'gnrc_ipv6_ext_opt', 'gnrc_ipv6_ext_frag_stats'];
const RIOT: NodeOptions = { modules: MODULES, config: { CONFIG_GNRC_IPV6_EXT_FRAG_LIMITS_POOL_SIZE: 16 } };
const RFC: NodeOptions = { ...RIOT, profile: 'rfc' };

test('a datagram of 1,530 bytes in two fragments is delivered as one', (t) => {
  // RIOT's test_reass_successful_udp: six times 0 to 254.
  const { node, baseline } = tapped(RIOT);
  const received = listen(node, PORT);
  const payload = new Uint8Array(1530).map((_, i) => i % 255);
  const datagram = udp(node.linkLocal, PORT, payload);
  handFragment(node, 7, 0, true, datagram.subarray(0, 1232));
  handFragment(node, 7, 1232, false, datagram.subarray(1232));
  t.deepEqual(received.map((got) => hex(got.payload)), [hex(payload)]);
  t.is(node.pktbuf, baseline);
});

/** Hands a fragment of a packet from the stranger to the board. */
function handFragment(
  node: TestNode, id: number, offset: number, more: boolean, part: Uint8Array, nh = UDP, src: Uint8Array = STRANGER_IP,
): void {
  const body = concat(fragmentHeader(nh, offset, more, id), part);
  handIpv6(node, packet(src, node.linkLocal, FRAG, body), undefined, 1000);
}

// RIOT's test of the application.

test('RI-15: an empty first fragment is ignored, the buffer stays free', (t) => {
  // RIOT's test_reass_empty_fragment, and CVE-2025-66646: an empty one, then one with payload.
  const { node, network, baseline } = tapped(RIOT);
  handFragment(node, 0xabcd, 0, true, new Uint8Array(0), 0);
  t.is(node.drops('ipv6 empty-fragment'), 1);
  t.is(node.pktbuf, baseline);
  handFragment(node, 0xabcd, 0, true, new Uint8Array(16).fill(0x41), 0);
  t.true(node.pktbuf > baseline);
  network.runFor(11_000_000);
  t.is(node.pktbuf, baseline);
});

test('RI-16: a first fragment longer than the one that was there ends the datagram', (t) => {
  // RIOT's test_reass_first_fragment_repeat, and CVE-2025-66647: the buffer would overflow. In both profiles.
  for (const options of [RIOT, RFC]) {
    for (const [a, b] of [[16, 120], [8, 16], [16, 24], [64, 1024]] as const) {
      const { node, network, baseline } = tapped(options);
      handFragment(node, 0xabcd, 0, true, new Uint8Array(a).fill(0x41));
      handFragment(node, 0xabcd, 0, true, new Uint8Array(b).fill(0x41));
      network.runFor(100_000);
      t.is(node.pktbuf, baseline);
    }
  }
});

test('a fragment of one byte, and one that lies behind all that the packet buffer holds, are dropped', (t) => {
  // RIOT's test_reass_too_short_header and test_reass_offset_too_large.
  const { node, baseline } = tapped(RIOT);
  handIpv6(node, packet(STRANGER_IP, node.linkLocal, FRAG, Uint8Array.of(UDP)), undefined, 1000);
  handFragment(node, 0, 2 * 6144, false, new Uint8Array(128).fill(0x78));
  t.is(node.drops('ipv6 truncated'), 1);
  t.is(node.drops('ipv6 pktbuf-full'), 1);
  t.is(node.pktbuf, baseline);
});

// Hostile and odd fragments.

const DATAGRAM_PARTS = [[0, 24], [24, 24], [48, 16]] as const;

/** Hands the parts of a datagram of 56 bytes in this order. */
function handParts(node: TestNode, id: number, parts: readonly (readonly [number, number])[]): void {
  const datagram = udp(node.linkLocal, PORT, pattern(56));
  for (const [offset, length] of parts) {
    handFragment(node, id, offset, offset + length < 64, datagram.subarray(offset, offset + length));
  }
}

test('all orders of a datagram\'s fragments make it up; RIOT keeps headers of those that began in the middle', (t) => {
  // 6 orders of 3. Quirk ipv6-frag-leak: 144 bytes (two descriptors and two headers) of each, as on a real board.
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  for (const [options, leak] of [[RIOT, 144], [RFC, 0]] as const) {
    for (const order of orders) {
      const { node, baseline } = tapped(options);
      const received = listen(node, PORT);
      handParts(node, 1, order.map((i) => DATAGRAM_PARTS[i]!));
      t.deepEqual(received.map(({ payload }) => hex(payload)), [hex(pattern(56))], `${order}`);
      t.is(node.pktbuf - baseline, order[0] === 0 ? 0 : leak, `${order}`);
    }
  }
});

test('profile rfc: all 120 orders of five fragments, the last of 5 bytes, make the same datagram', (t) => {
  // Without ipv6-frag-reserves what has come lies close together, so each order has another way to its place.
  const { node, baseline } = tapped(RFC);
  const received = listen(node, PORT);
  const cuts = [[0, 16], [16, 8], [24, 40], [64, 16], [80, 5]] as const;
  const datagram = udp(node.linkLocal, PORT, pattern(77));
  const orders = permutations(cuts);
  orders.forEach((order, id) => {
    for (const [offset, length] of order) {
      handFragment(node, id, offset, offset < 80, datagram.subarray(offset, offset + length));
    }
  });
  t.is(orders.length, 120);
  t.deepEqual(received.map(({ payload }) => hex(payload)), orders.map(() => hex(pattern(77))));
  t.is(node.pktbuf, baseline);
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]));
}

test('IP-05: a fragment of 8 bytes far from the start takes nearly all room, not in profile rfc', (t) => {
  // Quirk ipv6-frag-reserves: RIOT makes room for the whole way to the fragment at once. Otherwise a hostile sender has
  // to send as many bytes as it wants kept. What an honest one sends meanwhile arrives only there.
  for (const [options, most, arrived] of [[RIOT, Infinity, 0], [RFC, 600, 1]] as const) {
    const { node, baseline } = tapped({ ...options, config: { ...options.config, CONFIG_GNRC_PKTBUF_SIZE: 6144 } });
    const received = listen(node, PORT);
    handFragment(node, 1, 5600, true, pattern(8));
    t.true(node.pktbuf > baseline && node.pktbuf - baseline < most, `${node.pktbuf - baseline}`);
    t.true(options === RFC || node.pktbuf > 5600);
    handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(700)));
    t.is(received.length, arrived);
  }
});

test('IP-05: fragments that overlap: RIOT copies them over each other, profile rfc discards the datagram', (t) => {
  // Quirk ipv6-frag-overlap; RFC 8200 §4.5. Exact duplicates are passed over in both.
  for (const [options, count] of [[RIOT, 1], [RFC, 0]] as const) {
    const { node, network, baseline } = tapped(options);
    const received = listen(node, PORT);
    handParts(node, 1, [[0, 32], [24, 24], [32, 32]]);
    t.is(received.length, count);
    handParts(node, 2, [[0, 32], [0, 32], [32, 32]]);
    t.is(received.length, count + 1);
    network.runFor(61_000_000);
    t.is(node.pktbuf, baseline);
  }
});

test('IP-05: fragments beyond the end that a last one told, and a second end, end the datagram in profile rfc', (t) => {
  // They overlap nothing, and cannot belong to one datagram.
  for (const parts of [
    [[48, 16, false], [64, 8, true]], [[48, 16, false], [24, 8, false]], [[64, 8, true], [48, 16, false]],
  ]) {
    const { node } = tapped(RFC);
    const received = listen(node, PORT);
    const datagram = concat(udp(node.linkLocal, PORT, pattern(56)), pattern(8));
    for (const [offset, length, more] of parts as [number, number, boolean][]) {
      handFragment(node, 1, offset, more, datagram.subarray(offset, offset + length));
    }
    handFragment(node, 1, 0, true, datagram.subarray(0, 48));
    t.is(node.drops('ipv6 overlapping-fragment'), 1);
    t.is(received.length, 0);
  }
});

test('IP-05: an atomic fragment is delivered; in RIOT it ends the datagram that was there, in profile rfc not', (t) => {
  // Quirk ipv6-frag-atomic; RFC 6946 §4. With the same id, and with another one for which there is no buffer.
  for (const [options, count] of [[RIOT, 1], [RFC, 2]] as const) {
    for (const id of [1, 2]) {
      const { node, network } = tapped(options);
      const received = listen(node, PORT);
      handParts(node, 1, [[32, 32]]);
      handFragment(node, id, 0, false, udp(node.linkLocal, PORT, pattern(4)));
      handParts(node, 1, [[0, 32]]);
      t.is(received.length, count, `${id}`);
      network.runFor(61_000_000);
    }
  }
});

test('IP-05: a fragment with more to come whose length is no multiple of 8 is refused', (t) => {
  // Quirk ipv6-frag-bad-length-silent: RIOT gives up the datagram silently; RFC 8200 §4.5 discards the fragment alone,
  // with Parameter Problem code 0 that points to the payload length.
  for (const [options, count, errors] of [[RIOT, 0, []], [RFC, 1, ['0400 4']]] as const) {
    const { node, sent } = tapped(options);
    const received = listen(node, PORT);
    handParts(node, 1, [[0, 24]]);
    handFragment(node, 1, 24, true, pattern(20));
    handParts(node, 1, [[24, 24], [48, 16]]);
    t.is(received.length, count);
    t.deepEqual(sent.map((bytes) => `${hex(bytes.subarray(40, 42))} ${get32(bytes, 44)}`), [...errors]);
  }
});

test('IP-05: a fragment that reaches beyond 65535 is refused; in profile rfc with a pointer to its offset', (t) => {
  // RFC 8200 §4.5: Parameter Problem code 0, the fragment offset field.
  for (const [options, errors] of [[RIOT, []], [RFC, ['0400 42']]] as const) {
    const { node, sent, network, baseline } = tapped(options);
    handFragment(node, 1, 65528, false, pattern(24));
    t.deepEqual(sent.map((bytes) => `${hex(bytes.subarray(40, 42))} ${get32(bytes, 44)}`), [...errors]);
    network.runFor(100_000);
    t.is(node.pktbuf, baseline);
  }
});

test('IP-05: a first fragment without the upper-layer header: RIOT takes it, profile rfc answers code 3', (t) => {
  // Quirk ipv6-frag-header-chain; RFC 7112 §5. The UDP header needs 8 bytes behind the options.
  for (const [options, errors] of [[RIOT, 0], [RFC, 1]] as const) {
    const { node, sent } = tapped(options);
    handFragment(node, 1, 0, true, padding(UDP), 60);
    t.deepEqual(sent.map((bytes) => `${hex(bytes.subarray(40, 42))} ${get32(bytes, 44)}`),
      errors === 0 ? [] : ['0403 0']);
  }
});

test('IP-05: the same id from another source is another datagram', (t) => {
  // RFC 8200 §4.5: source, destination and identification tell datagrams apart. Two buffers, so that both have room.
  const { node, baseline } = tapped({ ...RIOT, config: { ...RIOT.config, CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_SIZE: 2 } });
  const received = listen(node, PORT);
  const other = STRANGER_IP.slice();
  other[15] = 0x0d;
  const datagrams = [STRANGER_IP, other].map((src) => udp(node.linkLocal, PORT, pattern(56, src[15]), src));
  for (const [offset, more] of [[0, true], [32, false]] as const) {
    for (const [i, src] of [STRANGER_IP, other].entries()) {
      handFragment(node, 9, offset, more, datagrams[i]!.subarray(offset, offset + 32), UDP, src);
    }
  }
  t.deepEqual(received.map(({ payload }) => hex(payload)), [hex(pattern(56, 0x0c)), hex(pattern(56, 0x0d))]);
  t.is(node.pktbuf, baseline);
});

test('IP-05: a datagram is given up 10 s after its latest fragment, in profile rfc 60 s after its first', (t) => {
  // Quirk ipv6-frag-timeout; RFC 8200 §4.5 has Time Exceeded code 1 quote the first fragment, if it has come.
  const { node, sent, network, baseline } = tapped(RIOT);
  handParts(node, 1, [[0, 24]]);
  network.runFor(9_900_000);
  handParts(node, 1, [[24, 24]]);
  network.runFor(9_900_000);
  t.true(node.pktbuf > baseline);
  network.runFor(200_000);
  t.is(node.pktbuf, baseline);
  t.is(sent.filter((bytes) => bytes[24] !== 0xff).length, 0);

  const rfc = tapped(RFC);
  handParts(rfc.node, 1, [[0, 24]]);
  rfc.network.runFor(30_000_000);
  handParts(rfc.node, 1, [[24, 24]]);
  rfc.network.runFor(29_000_000);
  t.is(rfc.node.drops('ipv6 reassembly-timeout'), 0);
  rfc.network.runFor(2_000_000);
  t.is(rfc.node.drops('ipv6 reassembly-timeout'), 1);
  const errors = rfc.sent.filter((bytes) => bytes[24] !== 0xff);
  t.deepEqual(errors.map((bytes) => hex(bytes.subarray(40, 42))), ['0301']);
  const datagram = udp(rfc.node.linkLocal, PORT, pattern(56));
  const first = concat(fragmentHeader(UDP, 0, true, 1), datagram.subarray(0, 24));
  t.is(hex(errors[0]!.subarray(48)), hex(packet(STRANGER_IP, rfc.node.linkLocal, FRAG, first)));
});

test('IP-05: without the first fragment no error tells of the time-out', (t) => {
  // RFC 8200 §4.5.
  const { node, sent, network } = tapped(RFC);
  handParts(node, 1, [[24, 24]]);
  network.runFor(61_000_000);
  t.is(node.drops('ipv6 reassembly-timeout'), 1);
  t.is(sent.filter((bytes) => bytes[24] !== 0xff).length, 0);
});

test('limits run out: RIOT\'s two fragments a buffer are all, the third ends the datagram', (t) => {
  // CONFIG_GNRC_IPV6_EXT_FRAG_LIMITS_POOL_SIZE is twice CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_SIZE.
  const { node, baseline } = tapped({ modules: MODULES });
  const received = listen(node, PORT);
  handParts(node, 1, DATAGRAM_PARTS);
  t.is(node.drops('ipv6 fragment-limits-full'), 1);
  handParts(node, 2, [[0, 32], [32, 32]]);
  t.is(received.length, 1);
  t.is(node.pktbuf, baseline);
});

test('all buffers in use: RIOT gives up the newest, profile rfc the oldest; or none, if told so', (t) => {
  // Quirk ipv6-frag-override-newest: gnrc_ipv6_ext_frag_rbuf_get() means the oldest.
  for (const [options, config, whole] of [
    [RIOT, {}, [1, 3]], [RFC, {}, [2, 3]], [RIOT, { CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_DO_NOT_OVERRIDE: 1 }, [1, 2]],
  ] as const) {
    const { node } = tapped({
      ...options, config: { ...RIOT.config, CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_SIZE: 2, ...config },
    });
    const received = listen(node, PORT);
    const datagrams = [1, 2, 3].map((id) => udp(node.linkLocal, PORT, pattern(56, id)));
    const hand = (id: number, offset: number): void =>
      handFragment(node, id, offset, offset === 0, datagrams[id - 1]!.subarray(offset, offset + 32));
    for (const id of [1, 2, 3]) hand(id, 0);
    for (const id of whole) hand(id, 32);
    t.deepEqual(received.map(({ payload }) => hex(payload)), whole.map((id) => hex(pattern(56, id))));
  }
});

test('what a packet carries: RIOT believes its last fragment to come, profile rfc its first', (t) => {
  // Quirk ipv6-frag-next-header; a real board drops the datagram as one without next header (ipv6-ext-riot.json).
  for (const [options, count] of [[RIOT, 0], [RFC, 1]] as const) {
    const { node } = tapped(options);
    const received = listen(node, PORT);
    const datagram = udp(node.linkLocal, PORT, pattern(56));
    handFragment(node, 1, 0, true, datagram.subarray(0, 32));
    handFragment(node, 1, 32, false, datagram.subarray(32), 59);
    t.is(received.length, count);
  }
});

test('options that are all of a fragmented packet: no length is written into the UDP header that is not there', (t) => {
  // gnrc_ipv6_ext_process_all() writes the length without looking: NULL on the board.
  const { node, baseline } = tapped(RIOT);
  handFragment(node, 1, 0, false, padding(UDP), 60);
  t.true(node.console.includes('undefined on RIOT: the length of a header that is not there is set'));
  t.is(node.pktbuf, baseline);
});

test('every strict prefix of a fragment leaves nothing behind for longer than the time-out', (t) => {
  // The length field made right each time; truncated ones are dropped, others wait and are given up.
  for (const options of [RIOT, RFC]) {
    const { node, network, baseline } = tapped(options);
    const received = listen(node, PORT);
    const body = concat(padding(FRAG), fragmentHeader(UDP, 0, true, 5), udp(node.linkLocal, PORT, pattern(16)));
    for (let length = 0; length < body.length; length++) {
      handIpv6(node, packet(STRANGER_IP, node.linkLocal, 60, body.subarray(0, length)), undefined, 1000);
    }
    network.runFor(62_000_000);
    t.is(received.length, 0);
    t.is(node.pktbuf, baseline);
  }
});

/** Has the link of a board carry 1500 bytes, as Ethernet does. */
function widen(node: TestNode): void {
  node.kernel.run(() => { gnrc_netif_iter(null)!.ipv6.mtu = 1500; });
}

test('IP-06: a Packet Too Big makes later packets smaller for ten minutes in profile rfc; RIOT passes it over', (t) => {
  // Quirk ipv6-no-path-mtu; RFC 8201 §4. 1484 bytes behind the IPv6 header: whole they need 1524 bytes.
  for (const [options, before, after] of [
    [RIOT, [1496, 84], [1496, 84]], [RFC, [1280, 300], [1496, 84]],
  ] as const) {
    const { node, sent, network } = tapped(options);
    widen(node);
    const quoted = packet(node.linkLocal, STRANGER_IP, UDP, udp(STRANGER_IP, PORT, pattern(64), node.linkLocal));
    const message = Uint8Array.from([2, 0, 0, 0, 0, 0, 1280 >> 8, 1280 & 0xff, ...quoted]);
    handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, message), undefined, 1000);
    for (const expected of [before, after]) {
      sent.length = 0;
      sendUdp(node, STRANGER_IP, PORT, pattern(1476));
      network.runFor(10_000);
      t.deepEqual(sent.filter((bytes) => bytes[24] !== 0xff).map((bytes) => bytes.length), [...expected]);
      network.runFor(601_000_000);
    }
  }
});

test('IP-06: a Packet Too Big about a packet that the board has not sent, or that is cut, changes nothing', (t) => {
  // Only the quoted packet's source tells that it is the board's; profile rfc.
  const { node, sent, network } = tapped(RFC);
  widen(node);
  const foreign = packet(STRANGER_IP, STRANGER_IP, UDP, udp(STRANGER_IP, PORT, pattern(64)));
  const cut = packet(node.linkLocal, STRANGER_IP, UDP, new Uint8Array(0)).subarray(0, 39);
  for (const quoted of [foreign, cut, new Uint8Array(0)]) {
    const message = Uint8Array.from([2, 0, 0, 0, 0, 0, 1280 >> 8, 1280 & 0xff, ...quoted]);
    handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, message), undefined, 1000);
  }
  sendUdp(node, STRANGER_IP, PORT, pattern(1400));
  network.runFor(10_000);
  t.deepEqual(sent.map((bytes) => bytes.length), [1448]);
});
