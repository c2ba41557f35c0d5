import test from 'ava';

import { gnrc_icmpv6_echo_send } from '../../../net/gnrc/icmpv6_echo.ts';
import { gnrc_netif_iter } from '../../../net/gnrc/netif_t.ts';
import { ipv6_addr_all_nodes_link_local, ipv6_addr_to_str, ipv6_addr_unspecified } from '../../../net/wire/addr.ts';
import { bytesEqual, fromHex, hex } from '../../../net/wire/bytes.ts';
import { checkIcmpv6Checksum, ICMPV6_ECHO_REP } from '../../../net/wire/icmpv6.ts';
import { parseIpv6Packet, type Ipv6Repr } from '../../../net/wire/ipv6.ts';
import { decompress } from '../../../net/wire/sixlowpan.ts';
import { Network, type TestNode } from './network.ts';
import { handIpv6, icmpv6Packet, pattern, STRANGER_IP } from './traffic.ts';

const MHR_LEN = 21;

function boot(): { network: Network; node: TestNode } {
  const network = new Network();
  const node = network.add();
  network.run(1_000_000);
  network.frames.length = 0;
  return { network, node };
}

/** The IPv6 packet in the last frame that the board has sent. */
function sent(node: TestNode): { ip: Ipv6Repr; message: Uint8Array } {
  const { mpdu } = node.network.frames.findLast(({ mpdu: bytes }) => bytes.length > 3)!;
  const packet = decompress(mpdu.subarray(MHR_LEN), node.radio.eui64, mpdu.slice(5, 13).reverse(), null);
  if (typeof packet === 'string') throw new TypeError(packet);
  const ip = parseIpv6Packet(packet);
  if (typeof ip === 'string') throw new TypeError(ip);
  return { ip, message: packet.subarray(40) };
}

test('ping of 4 bytes takes 38-byte frames each way, IPHC 7a33, and the reply repeats the request', (t) => {
  // As on native64: 38 bytes each way, hop limit 64; the reply has type 129 and the rest of the request.
  const network = new Network();
  const a = network.add();
  const b = network.add();
  network.run(1_000_000);
  network.frames.length = 0;
  t.is(b.do(() => gnrc_icmpv6_echo_send(gnrc_netif_iter(null), a.linkLocal, 0x1234, 7, 0, 4)), 0);
  network.runFor(100_000);
  const [request, reply] = network.frames.filter(({ mpdu }) => mpdu.length > 3).map(({ mpdu }) => mpdu);
  for (const mpdu of [request!, reply!]) {
    t.is(mpdu.length + 2, 38);
    t.is(hex(mpdu.subarray(MHR_LEN, MHR_LEN + 3)), '7a333a');
  }
  t.is(request![MHR_LEN + 3], 128);
  t.is(reply![MHR_LEN + 3], 129);
  t.is(hex(request!.subarray(MHR_LEN + 7)), hex(reply!.subarray(MHR_LEN + 7)));
  t.is(hex(request!.subarray(MHR_LEN + 7, MHR_LEN + 11)), '12340007');
  t.is(a.pktbuf, 0);
  t.is(b.pktbuf, 0);
});

test('the data of a request are the time in µs and 0, 1, 2 ..., as ping sends them', (t) => {
  // As ping of native64 sends it: a 32-bit time stamp, then 00 01 02 ...
  const { network, node } = boot();
  network.hears = () => false;
  const now = network.now;
  node.do(() => gnrc_icmpv6_echo_send(gnrc_netif_iter(null), STRANGER_IP, 1, 1, 10, 12));
  network.runFor(1000);
  const { ip, message } = sent(node);
  t.is(ip.hopLimit, 10);
  t.is(message.length, 20);
  const stamp = new DataView(message.slice(8, 12).buffer).getUint32(0, true);
  t.true(stamp >= now && stamp < now + 1000);
  t.is(hex(message.subarray(12)), '0001020304050607');
});

test('ping of 0 to 1232 bytes is answered with the same bytes', (t) => {
  // The reply must come from the address that was asked, with a right checksum, whole or in fragments; 91 bytes are
  // the last that native64 sends in one frame.
  const { network, node } = boot();
  const other = network.add({ id: 0x0c });
  network.runFor(2_000_000);
  for (const length of [0, 1, 2, 3, 4, 91, 92, 500, 1231, 1232]) {
    network.frames.length = 0;
    other.do(() => gnrc_icmpv6_echo_send(gnrc_netif_iter(null), node.linkLocal, 1, 1, 0, length));
    network.runFor(500_000);
    const requests = network.frames.filter(({ from, mpdu }) => from === other && mpdu.length > 3);
    const replies = network.frames.filter(({ from, mpdu }) => from === node && mpdu.length > 3);
    if (length === 91) t.deepEqual(requests.map(({ mpdu }) => mpdu.length + 2), [125]);
    if (length === 92) t.is(requests.length, 2);
    t.deepEqual(replies.map(({ mpdu }) => mpdu.length), requests.map(({ mpdu }) => mpdu.length), `${length}`);
    t.true(replies.length > 0, `${length}`);
  }
  t.is(node.drops('icmpv6 bad-checksum') + other.drops('icmpv6 bad-checksum'), 0);
  t.is(node.pktbuf, 0);
  t.is(other.pktbuf, 0);
});

test('a request to a group is answered from the link-local address, one to fe80:: from that', (t) => {
  // gnrc_icmpv6_echo_req_handle(): the reply's source is what was asked, unless that was a group.
  const { network, node } = boot();
  network.hears = () => false;
  const request = Uint8Array.of(128, 0, 0, 0, 0, 1, 0, 2, ...pattern(4));
  for (const dst of [ipv6_addr_all_nodes_link_local, node.linkLocal]) {
    handIpv6(node, icmpv6Packet(STRANGER_IP, dst, request), undefined, 10_000);
    const { ip, message } = sent(node);
    t.is(ipv6_addr_to_str(ip.src), 'fe80::a');
    t.true(bytesEqual(ip.dst, STRANGER_IP));
    t.is(ip.hopLimit, 64);
    t.is(message[0], ICMPV6_ECHO_REP);
    t.is(hex(message.subarray(4)), hex(request.subarray(4)));
    t.is(checkIcmpv6Checksum(ip.src, ip.dst, message), null);
  }
  network.runFor(100_000);
  t.is(node.pktbuf, 0);
});

test('a request to an own address is answered within the board', (t) => {
  // It turns around in ipv6 twice; the reply finds no receiver and is freed.
  const { network, node } = boot();
  node.do(() => gnrc_icmpv6_echo_send(gnrc_netif_iter(null), node.linkLocal, 1, 1, 0, 4));
  network.runFor(1000);
  t.is(network.frames.length, 0);
  t.is(node.drops('icmpv6 no-receiver'), 1);
  t.is(node.pktbuf, 0);
});

test('a bad ICMPv6 message is dropped with its reason, answered by nothing, and leaves nothing behind', (t) => {
  // Hostile input. The validity checks of RFC 4861 §6.1 and §7.1.
  const { network, node } = boot();
  const target = hex(node.linkLocal);
  const ns = `8700000000000000${target}`;
  const na = `8800000040000000${target}`;
  const ra = '860000004000070800000000000000000000';
  const bad: [string, Uint8Array][] = [
    ['icmpv6 truncated', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex('800000'))],
    ['icmpv6 bad-checksum', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex('8000000000010001'), { checksum: 0 })],
    ['icmpv6 truncated', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex('80000000000100'))],
    ['icmpv6 no-receiver', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex('0100000000000000'))],
    ['icmpv6 unknown-type', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex('c800000000000000'))],
    ['icmpv6 no-receiver', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex('8100000000000000'))],
    ['nib hop-limit-not-255', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex(ns), { hopLimit: 254 })],
    ['nib bad-code', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex(ns.replace('8700', '8701')))],
    ['nib truncated', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex(ns.slice(0, -2)))],
    ['nib multicast-target', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex(ns.replace('fe80', 'ff02')))],
    ['nib target-not-mine', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex(ns.replace(/a$/, 'd')))],
    ['nib unspecified-source', icmpv6Packet(ipv6_addr_unspecified, node.linkLocal, fromHex(ns))],
    ['nib option-length-zero', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex(`${ns}0100000000000000`))],
    ['nib option-past-end', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex(`${ns}0102000000000000`))],
    ['nib truncated', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex(`${ns}01`))],
    ['nib solicited-multicast', icmpv6Packet(STRANGER_IP, ipv6_addr_all_nodes_link_local, fromHex(na))],
    ['nib no-neighbor-entry', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex(na))],
    ['nib truncated', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex(ra.slice(0, -6)))],
    ['nib source-not-link-local',
      icmpv6Packet(fromHex('20010db8' + '00'.repeat(12)), node.linkLocal, fromHex(ra.slice(0, -4)))],
    ['nib not-handled', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex('8500000000000000'))],
    ['nib not-handled', icmpv6Packet(STRANGER_IP, node.linkLocal, fromHex('8900000000000000'))],
  ];
  for (const [what, packet] of bad) {
    const before = node.drops(what);
    handIpv6(node, packet, undefined, 1000);
    t.is(node.drops(what), before + 1, `${what} ${hex(packet)}`);
    t.is(node.pktbuf, 0, `${what} ${hex(packet)}`);
  }
  t.is(network.frames.length, 0);
});

test('a neighbour solicitation for an own address is answered with an advertisement', (t) => {
  // gnrc_ndp_nbr_adv_send(): solicited, no option when it was asked by unicast; with option and override when by group.
  const { network, node } = boot();
  network.hears = () => false;
  const ns = fromHex(`8700000000000000${hex(node.linkLocal)}`);
  handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, ns), undefined, 10_000);
  const unicast = sent(node);
  t.is(unicast.ip.hopLimit, 255);
  t.is(hex(unicast.message.subarray(0, 2)), '8800');
  t.is(hex(unicast.message.subarray(4)), `40000000${hex(node.linkLocal)}`);
  t.is(checkIcmpv6Checksum(unicast.ip.src, unicast.ip.dst, unicast.message), null);
  network.runFor(100_000);
  handIpv6(node, icmpv6Packet(STRANGER_IP, ipv6_addr_all_nodes_link_local, ns), undefined, 10_000);
  t.is(hex(sent(node).message.subarray(4)), `60000000${hex(node.linkLocal)}0202${hex(node.radio.eui64)}000000000000`);
  network.runFor(100_000);
  t.is(node.pktbuf, 0);
});

test('solicitations and advertisements that are looped back do not stop the ipv6 thread', (t) => {
  // RIOT's NIB asserts that there is an interface, which a packet to ::1 has not: the thread would sleep for ever.
  const { node } = boot();
  const loopback = fromHex(`${'00'.repeat(15)}01`);
  const ns = icmpv6Packet(loopback, loopback, fromHex(`8700000000000000${hex(node.linkLocal)}`));
  node.kernel.interrupt(() => node.handLooped(ns));
  node.network.runFor(1000);
  t.is(node.drops('nib no-interface'), 1);
  t.is(node.console.includes('FAILED ASSERTION'), false);
  t.is(node.pktbuf, 0);
});
