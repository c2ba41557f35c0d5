// What must do no harm to IPv6, ICMPv6 and UDP on a running board: addresses, lengths, hop limits, checksums, ports.
import test from 'ava';

import { GNRC_NETTYPE_ICMPV6 } from '../../../net/gnrc/nettype.ts';
import { ipv6_addr_from_str, ipv6_addr_loopback, ipv6_addr_unspecified } from '../../../net/wire/addr.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  SOCK_IPV6_EP_ANY, sock_udp_close, sock_udp_create, sock_udp_ep_t, sock_udp_recv, sock_udp_t,
} from '../../../net/sock/udp.ts';
import { drop_counts } from '../../../net/gnrc/drop.ts';
import type { NodeOptions, TestNode } from './network.ts';
import { packet, subscribe, tapped, udp } from './ipv6_traffic.ts';
import {
  handIpv6, icmpv6Packet, listen, pattern, type Received, STRANGER_IP, udpPacket,
} from './traffic.ts';

const UDP = 17;
const NONXT = 59;
const PORT = 4444;
const RIOT: NodeOptions = { modules: ['gnrc_icmpv6_error'] };
const RFC: NodeOptions = { ...RIOT, profile: 'rfc' };

interface Host {
  node: TestNode;
  sent: Uint8Array[];
  received: Received[];
  baseline: number;
}

function host(options: NodeOptions): Host {
  const { node, sent, baseline } = tapped(options);
  return { node, sent, received: listen(node, PORT), baseline };
}

/** Types and codes of the errors that a board has sent. */
function errors(sent: readonly Uint8Array[]): string[] {
  return sent.filter((bytes) => bytes[6] === 58 && bytes[40]! < 128).map((bytes) => hex(bytes.subarray(40, 42)));
}

/** All is as before: a good datagram arrives, and the packet buffer is back at its baseline. */
function stillWell({ node, received, baseline }: Host): boolean {
  const before = received.length;
  handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 1, PORT, pattern(4)), undefined, 1000);
  node.network.runFor(200_000);
  return received.length === before + 1 && node.pktbuf === baseline;
}

test('IP-01: another version, and payload that is cut or padded', (t) => {
  // Drop; Parameter Problem code 0 for what is cut; what the link added is taken off.
  for (const options of [RIOT, RFC]) {
    const board = host(options);
    const { node, sent, received } = board;
    const good = udpPacket(STRANGER_IP, node.linkLocal, 1, PORT, pattern(8));
    for (let version = 0; version < 16; version++) {
      if (version === 6) continue;
      const bad = good.slice();
      bad[0] = version << 4;
      handIpv6(node, bad, undefined, 1000);
    }
    t.is(node.drops('ipv6 bad-version'), 15);
    t.deepEqual(errors(sent), []);
    handIpv6(node, good.subarray(0, -1), undefined, 1000);
    t.deepEqual(errors(sent), ['0400']);
    handIpv6(node, Uint8Array.from([...good, 1, 2, 3]), undefined, 1000);
    t.deepEqual(received.map(({ payload }) => hex(payload)), [hex(pattern(8))]);
    t.true(stillWell(board));
  }
});

test('IP-01: hop limit 0 at the destination: RIOT answers Time Exceeded, profile rfc delivers', (t) => {
  // Quirk ipv6-hop-limit-zero; RFC 8200 §3. For another board a host answers nothing in profile rfc.
  for (const [options, count] of [[RIOT, 0], [RFC, 1]] as const) {
    const board = host(options);
    const { node, sent, received } = board;
    handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 1, PORT, pattern(8), { hopLimit: 0 }), undefined, 1000);
    t.is(received.length, count);
    t.deepEqual(errors(sent), count === 0 ? ['0300'] : []);
    const other = ipv6_addr_from_str('fe80::dd')!;
    handIpv6(node, udpPacket(STRANGER_IP, other, 1, PORT, pattern(8), { hopLimit: 0 }), undefined, 1000);
    t.is(errors(sent).length, count === 0 ? 2 : 0);
    t.true(stillWell(board));
  }
});

test('IP-01: hop limit 1 is enough for the destination', (t) => {
  // Only a router counts down.
  const board = host(RIOT);
  handIpv6(board.node, udpPacket(STRANGER_IP, board.node.linkLocal, 1, PORT, pattern(8), { hopLimit: 1 }));
  t.is(board.received.length, 1);
});

test('IP-01: a multicast source or ::1 is taken by RIOT and dropped in profile rfc', (t) => {
  // Quirk ipv6-source-not-checked; RFC 4291 §2.5.3, §2.7.
  for (const [options, count] of [[RIOT, 3], [RFC, 0]] as const) {
    const board = host(options);
    const { node, received } = board;
    for (const src of [ipv6_addr_from_str('ff02::1')!, ipv6_addr_from_str('ff0e::7')!, ipv6_addr_loopback]) {
      handIpv6(node, udpPacket(src, node.linkLocal, 1, PORT, pattern(8)), undefined, 1000);
    }
    t.is(received.length, count);
    t.is(node.drops('ipv6 multicast-source') + node.drops('ipv6 loopback-source'), 3 - count);
    t.true(stillWell(board));
  }
});

test('IP-01: the board\'s own address as source does no harm', (t) => {
  // Neither RIOT nor RFC 8200 forbids it: the datagram is delivered, and an answer stays within the board.
  for (const options of [RIOT, RFC]) {
    const board = host(options);
    const { node, sent, received } = board;
    handIpv6(node, udpPacket(node.linkLocal, node.linkLocal, 1, PORT, pattern(8)), undefined, 1000);
    handIpv6(node, udpPacket(node.linkLocal, node.linkLocal, 1, 9, pattern(8)), undefined, 1000);
    t.is(received.length, 1);
    t.deepEqual(errors(sent), []);
    t.true(stillWell(board));
  }
});

test('IP-01: a packet to :: is for nobody; one to ::1 from the air is delivered by RIOT only', (t) => {
  // Quirk ipv6-loopback-from-air; RFC 4291 §2.5.3.
  for (const [options, count] of [[RIOT, 1], [RFC, 0]] as const) {
    const board = host(options);
    const { node, received } = board;
    for (const dst of [ipv6_addr_unspecified, ipv6_addr_loopback]) {
      handIpv6(node, udpPacket(STRANGER_IP, dst, 1, PORT, pattern(8)), undefined, 1000);
    }
    t.is(received.length, count);
    t.is(node.drops('ipv6 not-for-me'), 1);
    t.is(node.drops('ipv6 loopback-from-air'), 1 - count);
    t.true(stillWell(board));
  }
});

test('IP-02: payload length 0 with a next header is dropped, in a packet within a packet too', (t) => {
  // RIOT once looped here. Encapsulated packets come back to the ipv6 thread, one level at a time.
  for (const options of [RIOT, RFC]) {
    const board = host(options);
    const { node, sent } = board;
    for (const nh of [0, 6, 17, 41, 43, 44, 58, 60]) {
      handIpv6(node, packet(STRANGER_IP, node.linkLocal, nh, pattern(8), 64, 0), undefined, 1000);
    }
    t.is(node.drops('ipv6 empty-payload-with-next-header'), 8);
    const inner = packet(STRANGER_IP, node.linkLocal, UDP, new Uint8Array(0));
    handIpv6(node, packet(STRANGER_IP, node.linkLocal, 41, inner), undefined, 1000);
    t.is(node.drops('ipv6 empty-payload-with-next-header'), 9);
    handIpv6(node, packet(STRANGER_IP, node.linkLocal, NONXT, new Uint8Array(0)), undefined, 1000);
    t.is(node.drops('ipv6 empty-payload-with-next-header'), 9);
    t.deepEqual(errors(sent), []);
    t.true(stillWell(board));
  }
});

test('IP-02: packets within packets are unpacked to any depth, each level on its own', (t) => {
  // Next header 41 is type IPV6, for which the ipv6 thread itself is registered.
  const board = host(RIOT);
  const { node, received } = board;
  let inner = udpPacket(STRANGER_IP, node.linkLocal, 1, PORT, pattern(8));
  for (let i = 0; i < 10; i++) inner = packet(STRANGER_IP, node.linkLocal, 41, inner);
  handIpv6(node, inner, undefined, 10_000);
  t.deepEqual(received.map(({ payload }) => hex(payload)), [hex(pattern(8))]);
  t.true(stillWell(board));
});

test('IP-01: every strict prefix of a datagram is refused, and answered no worse than with Parameter Problem', (t) => {
  // Cut anywhere; the length field says more than there is.
  for (const options of [RIOT, RFC]) {
    const board = host(options);
    const { node, sent, received } = board;
    const good = udpPacket(STRANGER_IP, node.linkLocal, 1, PORT, pattern(20));
    for (let length = 0; length < good.length; length++) {
      handIpv6(node, good.subarray(0, length), undefined, 200_000);
    }
    t.is(received.length, 0);
    t.true(errors(sent).every((error) => error === '0400'));
    t.true(stillWell(board));
  }
});

test('IP-06: wrong checksum, truncated, unknown type: dropped silently; unknown errors go to who registered', (t) => {
  // RFC 4443 §2.4 a, b: unknown informational messages are discarded silently, unknown errors are handed up.
  for (const options of [RIOT, RFC]) {
    const board = host(options);
    const { node, sent } = board;
    const echo = icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex('8000000000010002'));
    const wrong = echo.slice();
    wrong[42]! ^= 1;
    handIpv6(node, wrong, undefined, 1000);
    for (let length = 0; length < 8; length++) {
      handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex('8000000000010002').subarray(0, length)),
        undefined, 1000);
    }
    for (const type of [100, 150, 160, 200, 255]) {
      const message = Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0);
      handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, message), undefined, 1000);
    }
    t.is(sent.filter((bytes) => bytes[24] !== 0xff).length, 0);
    const got = subscribe(node, GNRC_NETTYPE_ICMPV6, 99);
    handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, Uint8Array.of(99, 1, 0, 0, 1, 2, 3, 4)), undefined, 1000);
    t.deepEqual(got.map(([first]) => first!.data![0]), [99]);
    t.true(stillWell(board));
  }
});

test('IP-06: an echo request to a group is answered once, from an address of the board', (t) => {
  // RFC 4443 §4.2: the source of the reply is a unicast address of the interface.
  for (const options of [RIOT, RFC]) {
    const { node, sent } = host(options);
    const group = ipv6_addr_from_str('ff02::1')!;
    handIpv6(node, icmpv6Packet(STRANGER_IP, group, fromHex('8000000000010002')), undefined, 1000);
    const replies = sent.filter((bytes) => bytes[24] !== 0xff);
    t.deepEqual(replies.map((bytes) => hex(bytes.subarray(8, 24))), [hex(node.linkLocal)]);
  }
});

test('IP-13: the length field of UDP: RIOT overlooks it, profile rfc drops what is wrong, and cuts', (t) => {
  // Quirk udp-length-not-checked. In RFC 8200 §8.1 the checksum covers as many bytes as the length field says.
  const expected: readonly (readonly [number, number | null])[] = [
    [0, null], [7, null], [8, 0], [16, 8], [18, 10], [19, null], [0xffff, null],
  ];
  const riot = host(RIOT);
  const rfc = host(RFC);
  for (const [udpLength, length] of expected) {
    const { node } = riot;
    handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 1, PORT, pattern(10), { udpLength }), undefined, 1000);
    t.is(riot.received.at(-1)?.payload.length, 10, `${udpLength}`);
    if (length === null) {
      const before = rfc.received.length;
      const bad = udpPacket(STRANGER_IP, rfc.node.linkLocal, 1, PORT, pattern(10), { udpLength });
      handIpv6(rfc.node, bad, undefined, 1000);
      t.is(rfc.received.length, before, `${udpLength}`);
    } else {
      const datagram = udp(rfc.node.linkLocal, PORT, pattern(length));
      const body = Uint8Array.from([...datagram, ...pattern(10 - length)]);
      handIpv6(rfc.node, packet(STRANGER_IP, rfc.node.linkLocal, UDP, body), undefined, 1000);
      t.is(rfc.received.at(-1)?.payload.length, length, `${udpLength}`);
    }
  }
  t.is(rfc.node.drops('udp bad-length'), 4);
});

test('IP-13: checksum 0, a wrong checksum and fewer than 8 bytes are dropped without an answer', (t) => {
  // RFC 8200 §8.1; port unreachable is about datagrams that are whole.
  for (const options of [RIOT, RFC]) {
    const board = host(options);
    const { node, sent, received } = board;
    for (const port of [PORT, 9]) {
      for (const checksum of [0, 0x1234]) {
        handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 1, port, pattern(8), { checksum }), undefined, 1000);
      }
      for (let length = 1; length < 8; length++) {
        const cut = udp(node.linkLocal, port, pattern(8)).subarray(0, length);
        handIpv6(node, packet(STRANGER_IP, node.linkLocal, UDP, cut), undefined, 1000);
      }
    }
    t.is(received.length, 0);
    t.deepEqual(errors(sent), []);
    t.deepEqual(['zero-checksum', 'bad-checksum', 'truncated'].map((why) => node.drops(`udp ${why}`)), [2, 2, 14]);
    t.true(stillWell(board));
  }
});

test('IP-13: source port 0 is delivered, destination port 0 is closed; a closed port is told by unicast only', (t) => {
  // RFC 768: source port 0 says that there is none. RFC 4443 §3.1 and §2.4 e.3.
  for (const options of [RIOT, RFC]) {
    const board = host(options);
    const { node, sent, received } = board;
    handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 0, PORT, pattern(8)), undefined, 1000);
    t.deepEqual(received.map(({ remote }) => remote.port), [0]);
    handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 1, 0, pattern(8)), undefined, 1000);
    handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 1, 9, pattern(8)), undefined, 1000);
    handIpv6(node, udpPacket(STRANGER_IP, ipv6_addr_from_str('ff02::1')!, 1, 9, pattern(8)), undefined, 1000);
    t.deepEqual(errors(sent), ['0104', '0104']);
    t.true(stillWell(board));
  }
});

test('IP-14: datagrams for a sock that nobody reads: 8 wait, the newest are dropped, nothing stays', (t) => {
  // The mbox of a sock holds 8. 2,000 datagrams are enough: after the ninth the board is the same after each.
  for (const options of [RIOT, RFC]) {
    const board = host(options);
    const { node, baseline } = board;
    const sock = node.kernel.run(() => new sock_udp_t());
    const local = SOCK_IPV6_EP_ANY();
    local.port = 5555;
    node.do(function* () { return sock_udp_create(sock, local, null, 0); });
    const payload = (i: number): Uint8Array => Uint8Array.of(i >> 8, i & 0xff);
    for (let i = 0; i < 2000; i++) {
      handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 1, 5555, payload(i)), undefined, 10);
    }
    t.is([...node.kernel.run(drop_counts)].filter(([why]) => why.includes('mbox-full')).map(([, n]) => n)[0], 1992);
    const first = node.do(function* () {
      const buf = new Uint8Array(8);
      const remote = new sock_udp_ep_t();
      return (yield* sock_udp_recv(sock, buf, 8, 0, remote)) === 2 ? buf[1] : -1;
    });
    t.is(first, 0);
    node.do(function* () { sock_udp_close(sock); });
    t.is(node.pktbuf, baseline);
    t.true(stillWell(board));
  }
});
