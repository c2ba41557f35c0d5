// ICMPv6 errors (module gnrc_icmpv6_error): when RIOT sends which, what they quote, and what profile rfc does instead.
import test from 'ava';

import { GNRC_NETAPI_MSG_TYPE_RCV } from '../../../net/gnrc/netapi.ts';
import {
  GNRC_NETIF_HDR_FLAGS_BROADCAST, gnrc_netif_hdr_build, gnrc_netif_hdr_of,
} from '../../../net/gnrc/netif_hdr.ts';
import { gnrc_netapi_dispatch } from '../../../net/gnrc/netapi.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_IPV6 } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add } from '../../../net/gnrc/pktbuf.ts';
import { ipv6_addr_all_nodes_link_local, ipv6_addr_from_str, ipv6_addr_unspecified } from '../../../net/wire/addr.ts';
import { fromHex, get32, hex } from '../../../net/wire/bytes.ts';
import { checkIcmpv6Checksum } from '../../../net/wire/icmpv6.ts';
import type { TestNode } from './network.ts';
import { packet, subscribe, tapped, udp } from './ipv6_traffic.ts';
import { handIpv6, icmpv6Packet, pattern, sendUdp, STRANGER, STRANGER_IP, udpPacket } from './traffic.ts';

const ERRORS = { modules: ['gnrc_icmpv6_error'] };
const RFC = { modules: ['gnrc_icmpv6_error'], profile: 'rfc' } as const;
const CLOSED = 9999;

/** Type and code of an error, what its second word says, and what it quotes; fails on a wrong checksum. */
function errorOf(sent: Uint8Array): { code: string; value: number; quote: string; dst: string } {
  const [src, dst, message] = [sent.subarray(8, 24), sent.subarray(24, 40), sent.subarray(40)];
  const wrong = checkIcmpv6Checksum(src, dst, message);
  if (wrong !== null || sent[6] !== 58) throw new TypeError(wrong ?? 'no ICMPv6 message');
  const code = `${message[0]}/${message[1]}`;
  return { code, value: get32(message, 4), quote: hex(message.subarray(8)), dst: hex(dst) };
}

/** A datagram to a port that nobody listens on. */
function toClosedPort(
  node: TestNode, length = 4, src: Uint8Array = STRANGER_IP, dst: Uint8Array = node.linkLocal,
): Uint8Array {
  return udpPacket(src, dst, 4000, CLOSED, pattern(length));
}

test('a closed port is answered with port unreachable, which quotes 40 bytes more than there were', (t) => {
  // As a real node's answer (test/parity/net/ipv6_ext.test.ts has it byte by byte): 54 bytes are quoted as 94.
  const { node, sent, network, baseline } = tapped(ERRORS);
  const request = toClosedPort(node, 6);
  t.is(request.length, 54);
  handIpv6(node, request, undefined, 10_000);
  const { code, value, quote, dst } = errorOf(sent[0]!);
  t.deepEqual([sent.length, code, value, dst], [1, '1/4', 0, hex(STRANGER_IP)]);
  t.is(quote.length, 2 * 94);
  t.is(quote.slice(0, 2 * 54), hex(request));
  network.runFor(100_000);
  t.is(node.pktbuf, baseline);
});

test('in profile rfc the packet is quoted as it came; without the module there is no error at all', (t) => {
  // RFC 4443 §2.4 c; and RIOT's functions are empty without gnrc_icmpv6_error.
  const { node, sent } = tapped(RFC);
  const request = toClosedPort(node);
  handIpv6(node, request, undefined, 10_000);
  t.deepEqual(sent.map((bytes) => errorOf(bytes).quote), [hex(request)]);
  const bare = tapped();
  handIpv6(bare.node, request, undefined, 10_000);
  t.is(bare.sent.length, 0);
  t.is(bare.node.drops('udp no-listener'), 1);
});

test('an error is cut to the MTU: 1240 bytes behind the IPv6 header', (t) => {
  // 1280 is the MTU of the link and the minimum of IPv6 (RFC 4443 §2.4 c).
  for (const options of [ERRORS, RFC]) {
    const { node, sent } = tapped(options);
    const request = toClosedPort(node, 1232);
    t.is(request.length, 1280);
    handIpv6(node, request, undefined, 10_000);
    t.deepEqual(sent.map((bytes) => bytes.length), [1280]);
    t.is(errorOf(sent[0]!).quote, hex(request.subarray(0, 1232)));
  }
});

test('an error about a packet that is almost as large: RIOT\'s tail fills up to the MTU, not beyond', (t) => {
  // 1200 bytes: 8 + 1200 + 40 = 1248 is cut to 1240; in profile rfc it is 1208.
  const lengths = [ERRORS, RFC].map((options) => {
    const { node, sent } = tapped(options);
    handIpv6(node, toClosedPort(node, 1152), undefined, 10_000);
    return sent.map((bytes) => bytes.length - 40);
  });
  t.deepEqual(lengths, [[1240], [1208]]);
});

test('IP-06: no error about a packet from a group, from :: or to a group', (t) => {
  // RFC 4443 §2.4 e.3, e.6, which RIOT keeps; a multicast source is dropped before in profile rfc.
  for (const options of [ERRORS, RFC]) {
    const { node, sent } = tapped(options);
    for (const src of [ipv6_addr_unspecified, ipv6_addr_from_str('ff02::1234')!]) {
      handIpv6(node, toClosedPort(node, 4, src), undefined, 10_000);
    }
    handIpv6(node, toClosedPort(node, 4, STRANGER_IP, ipv6_addr_all_nodes_link_local), undefined, 10_000);
    t.is(sent.length, 0);
    t.is(node.pktbuf, 0);
  }
});

test('IP-06: RIOT sends an error about an error, profile rfc none (RFC 4443 §2.4 e.1)', (t) => {
  // A Destination Unreachable with hop limit 0, or with an option that must be refused, would be answered: quirk
  // icmpv6-error-about-error.
  for (const [options, count] of [[ERRORS, 1], [RFC, 0]] as const) {
    const { node, sent, baseline } = tapped({ ...options, modules: [...options.modules, 'gnrc_ipv6_ext_opt'] });
    const error = icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex('0104000000000000' + '60'.repeat(40)));
    const body = Uint8Array.from([58, 0, 0x80 | 0x1e, 4, 0, 0, 0, 0, ...error.subarray(40)]);
    handIpv6(node, packet(STRANGER_IP, node.linkLocal, 60, body), undefined, 10_000);
    t.is(sent.length, count);
    t.is(node.drops('icmpv6 error-about-error'), 1 - count);
    node.network.runFor(100_000);
    t.is(node.pktbuf, baseline);
  }
});

test('IP-06: RIOT sends an error about a link-layer broadcast, profile rfc none (RFC 4443 §2.4 e.4)', (t) => {
  // The flag of the netif header says how the frame came: quirk icmpv6-error-link-multicast.
  for (const [options, count] of [[ERRORS, 1], [RFC, 0]] as const) {
    const { node, sent, network } = tapped(options);
    const request = toClosedPort(node);
    const { iface } = node;
    node.kernel.interrupt(function* () {
      const netif = gnrc_netif_hdr_build(STRANGER, 8, node.radio.eui64, 8)!;
      gnrc_netif_hdr_of(netif).if_pid = iface;
      gnrc_netif_hdr_of(netif).flags = GNRC_NETIF_HDR_FLAGS_BROADCAST;
      const pkt = gnrc_pktbuf_add(netif, request, request.length, GNRC_NETTYPE_IPV6)!;
      yield* gnrc_netapi_dispatch(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETAPI_MSG_TYPE_RCV, pkt);
    });
    network.runFor(10_000);
    t.is(sent.length, count);
    t.is(node.drops('udp no-listener'), 1);
  }
});

test('IP-07: 10,000 bad packets a second: RIOT answers each, profile rfc 10 a second and 10 at once', (t) => {
  // RFC 4443 §2.4 f: a token bucket bounds the errors (quirk icmpv6-error-no-rate-limit). A tenth of the time is enough
  // to tell, the rate is the same.
  for (const [options, low, high] of [[ERRORS, 900, 1000], [RFC, 10, 12]] as const) {
    const { node, sent } = tapped(options);
    const request = toClosedPort(node);
    for (let i = 0; i < 1000; i++) handIpv6(node, request, undefined, 100);
    t.true(sent.length >= low && sent.length <= high, `${sent.length}`);
    node.network.runFor(5_000_000);
    sent.length = 0;
    handIpv6(node, request, undefined, 1000);
    t.is(sent.length, 1);
  }
});

test('errors received are handed to those who registered for their type, ICMPv6 header first', (t) => {
  // gnrc_icmpv6_demux(): RIOT handles none itself, whatever its type and code.
  const { node } = tapped();
  const got = subscribe(node, GNRC_NETTYPE_ICMPV6, 1);
  for (const code of [0, 4, 77]) {
    handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, Uint8Array.of(1, code, 0, 0, 0, 0, 0, 0, 0x60)));
  }
  t.deepEqual(got.map(([first]) => first!.data![1]), [0, 4, 77]);
  t.is(node.drops('icmpv6 no-receiver'), 0);
  handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0)));
  t.is(node.drops('icmpv6 no-receiver'), 1);
  t.is(node.pktbuf, 0);
});

test('a packet larger than the MTU is not sent: Packet Too Big goes to the board itself, its app sees success', (t) => {
  // gnrc_ipv6.c, _send_to_iface(): the error's destination is the packet's source; riot-facts B11.
  const { node, sent } = tapped(ERRORS);
  const got = subscribe(node, GNRC_NETTYPE_ICMPV6, 2);
  t.is(sendUdp(node, STRANGER_IP, 1234, pattern(1233)), 1233);
  node.network.runFor(10_000);
  t.is(sent.length, 0);
  t.is(node.drops('ipv6 packet-too-big'), 1);
  t.is(node.drops('icmpv6 no-receiver'), 0);
  t.is(got.length, 1);
  const message = got[0]![0]!.data!;
  t.is(hex(message.subarray(0, 2)), '0200');
  t.is(get32(message, 4), 1280);
  t.is(hex(message.subarray(8, 16)), '600000000' + '4d91140');
  t.is(message.length, 1240);
  t.is(node.pktbuf, 0);
});

test('one byte less is sent', (t) => {
  // 1280 bytes are the MTU of 6LoWPAN.
  const { node, sent } = tapped(ERRORS);
  sendUdp(node, STRANGER_IP, 1234, pattern(1232));
  t.deepEqual(sent.map((bytes) => bytes.length), [1280]);
});

test('IP-06: a Packet Too Big below 1280 changes nothing, in both profiles', (t) => {
  // RFC 8201 §4: a node must discard it. RIOT has no path MTU at all.
  for (const options of [ERRORS, RFC]) {
    const { node, sent } = tapped(options);
    const quoted = udp(STRANGER_IP, 1, pattern(8), node.linkLocal);
    for (const mtu of [0, 68, 1279]) {
      const message = Uint8Array.from([2, 0, 0, 0, 0, 0, mtu >> 8, mtu & 0xff,
        ...packet(node.linkLocal, STRANGER_IP, 17, quoted)]);
      handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, message), undefined, 1000);
    }
    sendUdp(node, STRANGER_IP, 1234, pattern(1232));
    t.deepEqual(sent.map((bytes) => bytes.length), [1280]);
  }
});
