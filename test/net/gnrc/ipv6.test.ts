import test from 'ava';

import { gnrc_netif_iter, gnrc_netifs } from '../../../net/gnrc/netif_t.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID,
  gnrc_netif_ipv6_addr_add_internal,
} from '../../../net/gnrc/netif_ipv6.ts';
import { nib_pl_prefixes } from '../../../net/gnrc/nib_offl.ts';
import {
  SOCK_IPV6_EP_ANY, sock_udp_create, sock_udp_send, sock_udp_t,
} from '../../../net/sock/udp.ts';
import { ipv6_addr_from_str, ipv6_addr_is_loopback, ipv6_addr_to_str } from '../../../net/wire/addr.ts';
import { hex } from '../../../net/wire/bytes.ts';
import { parseIpv6Packet } from '../../../net/wire/ipv6.ts';
import { decompress } from '../../../net/wire/sixlowpan.ts';
import { Network, type TestNode } from './network.ts';
import { handIpv6, listen, pattern, type Received, sendUdp, STRANGER_IP, udpPacket } from './traffic.ts';

const PORT = 8888;
const MHR_LEN = 21;

function addr(text: string): Uint8Array {
  const parsed = ipv6_addr_from_str(text);
  if (parsed === null) throw new TypeError(text);
  return parsed;
}

function boot(): { network: Network; node: TestNode; received: Received[] } {
  const network = new Network();
  const node = network.add();
  network.run(1_000_000);
  const received = listen(node, PORT);
  network.frames.length = 0;
  return { network, node, received };
}

function addAddress(node: TestNode, address: string, state: number): number {
  return node.do(function* () {
    return yield* gnrc_netif_ipv6_addr_add_internal(gnrc_netif_iter(null)!, addr(address), 64, state);
  });
}

test('a packet that is not one for this board is dropped with its reason and leaves nothing behind', (t) => {
  // Hostile headers; the checks and their order are those of gnrc_ipv6.c, _receive().
  const { node, received } = boot();
  const good = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(10));
  const changed = (offset: number, value: number): Uint8Array => {
    const packet = good.slice();
    packet[offset] = value;
    return packet;
  };
  const bad: [string, Uint8Array][] = [
    ['ipv6 truncated', good.subarray(0, 39)],
    ['ipv6 truncated', good.subarray(0, 1)],
    ['ipv6 bad-version', changed(0, 0x40)],
    ['ipv6 bad-version', changed(0, 0x70)],
    ['ipv6 hop-limit-zero', changed(7, 0)],
    ['ipv6 empty-payload-with-next-header', changed(5, 0)],
    ['ipv6 payload-length-past-end', changed(5, 19)],
    ['ipv6 payload-length-past-end', changed(4, 0xff)],
    ['ipv6 not-for-me', udpPacket(STRANGER_IP, addr('fe80::dead'), 1000, PORT, pattern(10))],
    ['ipv6 not-for-me', udpPacket(STRANGER_IP, addr('2001:db8::1'), 1000, PORT, pattern(10))],
    ['ipv6 not-for-me', udpPacket(STRANGER_IP, addr('ff02::2'), 1000, PORT, pattern(10))],
    ['ipv6 not-for-me', udpPacket(STRANGER_IP, addr('::'), 1000, PORT, pattern(10))],
    // No module handles extension headers, or what is unknown, in a default build.
    ['ipv6 no-receiver', changed(6, 0)],
    ['ipv6 no-receiver', changed(6, 43)],
    ['ipv6 no-receiver', changed(6, 44)],
    ['ipv6 no-receiver', changed(6, 59)],
    ['ipv6 no-receiver', changed(6, 253)],
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

test('every strict prefix of a packet is dropped', (t) => {
  // A check that is missing would let a cut packet through as if its end were zeros.
  const { node, received } = boot();
  const good = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(10));
  for (let length = 1; length < good.length; length++) {
    handIpv6(node, good.subarray(0, length));
    t.is(received.length, 0, `${length}`);
    t.is(node.pktbuf, 0, `${length}`);
  }
});

test('bytes behind the payload length are cut off', (t) => {
  // RFC 8200 §3: what is more is padding of the link.
  const { node, received } = boot();
  const good = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(10));
  handIpv6(node, Uint8Array.of(...good, 1, 2, 3));
  t.deepEqual(received.map(({ payload }) => payload), [pattern(10)]);
});

test('packets to ff02::1 and to the loopback address are taken', (t) => {
  // The group is joined at boot. RIOT takes ::1 from the wire too: it only compares addresses.
  const { node, received } = boot();
  handIpv6(node, udpPacket(STRANGER_IP, addr('ff02::1'), 1000, PORT, pattern(3)));
  handIpv6(node, udpPacket(STRANGER_IP, addr('::1'), 1000, PORT, pattern(4)));
  t.deepEqual(received.map(({ payload }) => payload.length), [3, 4]);
});

test('a datagram to an own address or to ::1 turns around in ipv6 and never reaches the air', (t) => {
  // gnrc_ipv6.c, _send_to_self(). It comes back without netif header, so the sender's interface is none.
  const { network, node, received } = boot();
  t.is(sendUdp(node, node.linkLocal, PORT, pattern(5)), 5);
  t.is(sendUdp(node, addr('::1'), PORT, pattern(6)), 6);
  network.runFor(1000);
  t.is(network.frames.length, 0);
  t.deepEqual(received.map(({ payload }) => payload.length), [5, 6]);
  t.is(ipv6_addr_to_str(received[0]!.remote.addr.ipv6), 'fe80::a');
  t.true(ipv6_addr_is_loopback(received[1]!.remote.addr.ipv6));
  t.deepEqual(received.map(({ remote }) => remote.netif), [0, 0]);
  t.is(node.pktbuf, 0);
});

test('a link-local destination is sent to the address in its interface identifier, without asking anyone', (t) => {
  // As on native64: no NS is sent; the frame goes to the EUI-64 with the U/L bit flipped.
  const { network, node } = boot();
  network.hears = () => false;
  sendUdp(node, addr('fe80::213:a200:40aa:bbcc'), PORT, pattern(5));
  network.runFor(100_000);
  const { mpdu } = network.frames[0]!;
  t.is(hex(mpdu.slice(5, 13).reverse()), '0013a20040aabbcc');
  t.is(new Set(network.frames.map((frame) => hex(frame.mpdu))).size, 1);
  t.is(node.pktbuf, 0);
});

test('an address off the link is dropped, and the sender sees success', (t) => {
  // Without a router there is no next hop; RIOT tells no one (executed on native64).
  const { network, node } = boot();
  t.is(sendUdp(node, addr('2001:db8::1'), PORT, pattern(5)), 5);
  network.runFor(100_000);
  t.is(network.frames.length, 0);
  t.is(node.drops('nib no-route'), 1);
  t.is(node.pktbuf, 0);
});

test('a datagram to a group is a broadcast frame from the link-local address', (t) => {
  // MHR of 15 bytes to ffff without ACK request, as native64 sends it.
  const { network, node } = boot();
  sendUdp(node, addr('ff02::1'), PORT, pattern(5));
  network.runFor(100_000);
  t.is(network.frames.length, 1);
  t.is(hex(network.frames[0]!.mpdu.subarray(0, 2)), '41d8');
  t.is(hex(network.frames[0]!.mpdu.subarray(5, 7)), 'ffff');
  const packet = decompress(network.frames[0]!.mpdu.subarray(15), node.radio.eui64, Uint8Array.of(0xff, 0xff), null);
  if (typeof packet === 'string') return t.fail(packet);
  const ip = parseIpv6Packet(packet);
  if (typeof ip === 'string') return t.fail(ip);
  t.is(ipv6_addr_to_str(ip.src), 'fe80::a');
  t.is(ip.hopLimit, 64);
});

/** The source that ipv6 chooses for a destination which it can send to. */
function sourceFor(node: TestNode, dst: string): string {
  const { network } = node;
  network.frames.length = 0;
  network.hears = () => false;
  sendUdp(node, addr(dst), PORT, pattern(5));
  network.runFor(100_000);
  const { mpdu } = network.frames[0]!;
  const toAll = mpdu[5] === 0xff && mpdu[6] === 0xff;
  const length = toAll ? 15 : MHR_LEN;
  const linkDst = toAll ? Uint8Array.of(0xff, 0xff) : mpdu.slice(5, 13).reverse();
  const packet = decompress(mpdu.subarray(length), node.radio.eui64, linkDst, null);
  const ip = typeof packet === 'string' ? packet : parseIpv6Packet(packet);
  return typeof ip === 'string' ? ip : ipv6_addr_to_str(ip.src);
}

test('the source has the scope of the destination; a tentative address is none', (t) => {
  // RFC 6724 §5 rules 1 to 3 as gnrc_netif.c counts them.
  const { node } = boot();
  t.is(addAddress(node, '2001:db8::a', GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE), 1);
  t.is(sourceFor(node, 'ff0e::1'), 'fe80::a');
  gnrc_netifs(node.kernel)[0]!.ipv6.addrs_flags[1] = GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID;
  t.is(sourceFor(node, 'ff0e::1'), '2001:db8::a');
  t.is(sourceFor(node, 'ff02::1'), 'fe80::a');
  t.is(sourceFor(node, 'fe80::b'), 'fe80::a');
});

test('a sock bound to an address that is not valid sends nothing', (t) => {
  // gnrc_ipv6.c: a given source that is not VALID drops the packet, except for RS and NS.
  const { network, node } = boot();
  addAddress(node, '2001:db8::a', GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE);
  const res = node.do(function* () {
    const sock = new sock_udp_t();
    const local = SOCK_IPV6_EP_ANY();
    local.addr.ipv6.set(addr('2001:db8::a'));
    sock_udp_create(sock, local, null, 0);
    const remote = SOCK_IPV6_EP_ANY();
    remote.addr.ipv6.set(addr('ff02::1'));
    remote.port = PORT;
    return yield* sock_udp_send(sock, pattern(5), 5, remote);
  });
  t.is(res, 5);
  t.is(node.drops('ipv6 source-not-valid'), 1);
  t.is(network.frames.length, 0);
  t.is(node.pktbuf, 0);
});

test('a valid global address is received for, and its prefix is in the prefix list', (t) => {
  // RIOT's gnrc_netif_ipv6_addr_add_internal() lists the prefix of an address that is valid when it is added.
  const { node, received } = boot();
  t.is(addAddress(node, '2001:db8::a', GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID), 1);
  const prefixes = node.kernel.run(() => nib_pl_prefixes(6));
  t.deepEqual(prefixes.map(({ pfx, pfx_len }) => [ipv6_addr_to_str(pfx), pfx_len]), [['2001:db8::', 64]]);
  handIpv6(node, udpPacket(STRANGER_IP, addr('2001:db8::a'), 1000, PORT, pattern(3)));
  t.is(received.length, 1);
});
