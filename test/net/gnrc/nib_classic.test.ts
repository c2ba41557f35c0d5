// Neighbour discovery on an Ethernet link: RIOT's tests/net/gnrc_ipv6_nib, whose cases run here over the whole stack,
// and what a host does between them. nib_classic_router.test.ts has router advertisements.
import test from 'ava';
import {
  gnrc_netif_ipv6_addr_add_internal, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID,
} from '../../../net/gnrc/netif_ipv6.ts';
import { gnrc_ipv6_nib_ft_add } from '../../../net/gnrc/nib_ft.ts';
import { gnrc_ipv6_nib_nc_set } from '../../../net/gnrc/nib_nc.ts';
import { EHOSTUNREACH, ENETUNREACH } from '../../../kernel/errno.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { ICMPV6_NBR_ADV, ICMPV6_NBR_SOL, ICMPV6_RTR_SOL } from '../../../net/wire/icmpv6.ts';
import { EthernetNode, ip, MAC, ndp, OWN, OWN_GROUP, PEER, PEER_MAC } from './ethernet.ts';
import {
  host, na, neighbors, nextHop, ns, O, pio, prefixes, R, RA, routes, S, SECOND, sendUdp, sllao, tllao,
} from './nib_host.ts';

test('a host detects duplicates of its address, and solicits routers three times', (t) => {
  // RFC 4862 §5.4: a solicitation from the unspecified address, valid a second later. RFC 4861 §6.3.7: three router
  // solicitations 4 s apart after a random time below 1 s. RIOT begins with the first at once, quirk nib-dad-no-delay.
  const node = new EthernetNode();
  t.deepEqual(node.addresses, ['fe80::ff:fe00:1 1']);
  const [dad] = node.takeNdp();
  t.like(dad, { time: 0, src: '::', dst: 'ff02::1:ff00:1', to: '3333ff000001', hopLimit: 255, options: [] });
  t.deepEqual(dad!.repr, { type: ICMPV6_NBR_SOL, target: OWN });
  node.run(999_999);
  t.deepEqual(node.addresses, ['fe80::ff:fe00:1 1']);
  node.run(SECOND);
  t.deepEqual(node.addresses, ['fe80::ff:fe00:1 10']);
  node.run(60 * SECOND);
  const rs = node.takeNdp();
  t.deepEqual(rs.map(({ repr, dst, to }) => [repr.type, dst, to]),
    Array.from({ length: 3 }, () => [ICMPV6_RTR_SOL, 'ff02::2', '333300000002']));
  t.true(rs[0]!.time < SECOND);
  t.deepEqual([rs[1]!.time - rs[0]!.time, rs[2]!.time - rs[1]!.time], [4 * SECOND, 4 * SECOND]);
  t.deepEqual(rs[2]!.options, [{ kind: 'sllao', address: MAC.subarray(0, 2) }]);
});

test('profile rfc: duplicate address detection begins after a random time below a second', (t) => {
  // RFC 4862 §5.4.2.
  const node = new EthernetNode({ profile: 'rfc' });
  t.deepEqual(node.takeNdp(), []);
  node.run(999_999);
  const [dad] = node.takeNdp().filter(({ repr }) => repr.type === ICMPV6_NBR_SOL);
  t.like(dad, { src: '::', dst: 'ff02::1:ff00:1' });
  t.true(dad!.time > 0);
  node.run(dad!.time + SECOND);
  t.deepEqual(node.addresses, ['fe80::ff:fe00:1 10']);
});

for (const [what, message, src, dst] of [
  ['a solicitation from the unspecified address', ns(), ip('::'), OWN_GROUP],
  ['an advertisement', na(0, OWN, tllao), PEER, ip('ff02::1')],
] as const) {
  test(`IP-12: ${what} for a tentative address takes it away; another link-layer address is tried`, (t) => {
    // RFC 4862 §5.4.3, §5.4.4. RIOT then sets another link-layer address and makes a link-local address of that.
    const node = new EthernetNode();
    node.run(SECOND / 2);
    node.takeNdp();
    node.hear(message, src, dst);
    t.is(node.drops('nib duplicate-address'), 1);
    t.not(hex(node.netif.l2addr.subarray(0, 6)), hex(MAC));
    t.is(node.addresses.length, 1);
    t.false(node.addresses[0]!.startsWith('fe80::ff:fe00:1 '));
    const [dad] = node.takeNdp();
    t.like(dad, { src: '::', repr: { type: ICMPV6_NBR_SOL } });
    node.runFor(SECOND);
    t.true(node.addresses[0]!.endsWith(' 10'));
    t.is(node.pktbufUsed, 0);
  });
}

test('IP-12: who asks for a tentative address to use it is not answered, and detection goes on', (t) => {
  // RFC 4862 §5.4.3: a solicitation with a source is for address resolution.
  const node = new EthernetNode();
  node.run(SECOND / 2);
  node.takeNdp();
  node.hear(ns(OWN, sllao), PEER, OWN_GROUP);
  t.is(node.drops('nib target-tentative'), 1);
  t.deepEqual(node.takeNdp().filter(({ repr }) => repr.type === ICMPV6_NBR_ADV), []);
  node.run(SECOND);
  t.deepEqual(node.addresses, ['fe80::ff:fe00:1 10']);
});

test('an unknown on-link neighbour is asked for at its group, and is incomplete until it answers', (t) => {
  // RIOT: test_get_next_hop_l2addr__link_local_EHOSTUNREACH_iface and __no_iface.
  const node = host();
  t.deepEqual(nextHop(node, PEER, false), [-EHOSTUNREACH, '']);
  t.deepEqual(neighbors(node), []);
  t.deepEqual(nextHop(node, PEER, true), [-EHOSTUNREACH, '']);
  const [sol] = node.takeNdp();
  t.like(sol, { src: 'fe80::ff:fe00:1', dst: 'ff02::1:ff00:4', to: '3333ff000004', hopLimit: 255 });
  t.deepEqual(sol!.repr, { type: ICMPV6_NBR_SOL, target: PEER });
  t.is(sol!.options.length, 1);
  t.deepEqual(neighbors(node), ['fe80::ff:fe00:4  incomplete']);
  t.deepEqual(nextHop(node, PEER, true), [-EHOSTUNREACH, '']);
  t.deepEqual(node.takeNdp(), []);
});

test('a destination off the link goes to the default router, which is asked for; else there is no route', (t) => {
  // RIOT: test_get_next_hop_l2addr__ENETUNREACH, __global_EHOSTUNREACH_iface_off_link and __no_iface_off_link.
  for (const withIface of [false, true]) {
    const node = host();
    t.deepEqual(nextHop(node, ip('2001:db8::1'), withIface), [-ENETUNREACH, '']);
    node.call(() => gnrc_ipv6_nib_ft_add(null, 0, PEER, node.netif.pid, 0));
    t.deepEqual(nextHop(node, ip('2001:db8::1'), withIface), [-EHOSTUNREACH, '']);
    t.deepEqual(node.takeNdp().map(({ repr }) => repr), [{ type: ICMPV6_NBR_SOL, target: PEER }]);
    t.deepEqual(neighbors(node), ['fe80::ff:fe00:4  incomplete']);
  }
});

test('a destination with an on-link prefix is asked for itself, on the interface of the prefix', (t) => {
  // RIOT: test_get_next_hop_l2addr__global_EHOSTUNREACH_iface_on_link and __no_iface_on_link.
  for (const withIface of [false, true]) {
    const node = host();
    node.call(() => gnrc_netif_ipv6_addr_add_internal(
      node.netif, ip('2001:18c9:f800::3'), 64, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID));
    const dst = ip('2001:18c9:f800::ff:fe00:4');
    t.deepEqual(nextHop(node, dst, withIface), [-EHOSTUNREACH, '']);
    const [sol] = node.takeNdp();
    t.like(sol, { src: '2001:18c9:f800::3', dst: 'ff02::1:ff00:4', repr: { type: ICMPV6_NBR_SOL } });
    t.deepEqual(neighbors(node), ['2001:18c9:f800::ff:fe00:4  incomplete']);
  }
});

test('a neighbour that was set by hand is known, and stays as it is', (t) => {
  // RIOT: test_get_next_hop_l2addr__link_local_static_conf.
  const node = host();
  node.call(() => gnrc_ipv6_nib_nc_set(PEER, node.netif.pid, PEER_MAC, 6));
  t.deepEqual(nextHop(node, PEER, true), [0, hex(PEER_MAC)]);
  t.deepEqual(neighbors(node), ['fe80::ff:fe00:4 020000000004 unmanaged']);
  node.runFor(100 * SECOND);
  t.deepEqual(node.takeNdp(), []);
});

for (const flags of [S | O, S | O | R]) {
  const whose = (flags & R) !== 0 ? ' of a router' : '';
  test(`an answer${whose} makes a neighbour reachable, then stale; used again, it is probed`,
    (t) => {
      // RIOT: test_get_next_hop_l2addr__link_local_after_handshake_*; RFC 4861 §7.3.2: REACHABLE, STALE, DELAY for 5 s,
      // PROBE with three unicast solicitations a second apart, then UNREACHABLE as RFC 7048 has it.
      const node = host();
      const router = (flags & R) !== 0 ? ' router' : '';
      nextHop(node, PEER, true);
      node.takeNdp();
      node.hear(na(flags, PEER, tllao));
      t.deepEqual(neighbors(node), [`fe80::ff:fe00:4 020000000004 reachable${router}`]);
      t.deepEqual(nextHop(node, PEER, true), [0, hex(PEER_MAC)]);
      const { reach_time } = node.netif.ipv6;
      t.true(reach_time >= 15_000 && reach_time < 45_000);
      node.runFor(reach_time * 1000);
      t.deepEqual(neighbors(node), [`fe80::ff:fe00:4 020000000004 stale${router}`]);
      t.deepEqual(node.takeNdp(), []);
      nextHop(node, PEER, true);
      t.deepEqual(neighbors(node), [`fe80::ff:fe00:4 020000000004 delay${router}`]);
      node.runFor(5 * SECOND - 1);
      t.deepEqual(node.takeNdp(), []);
      node.runFor(1);
      t.deepEqual(neighbors(node), [`fe80::ff:fe00:4 020000000004 probe${router}`]);
      node.runFor(2.5 * SECOND);
      const probes = node.takeNdp();
      t.deepEqual(probes.map(({ dst, to }) => [dst, to]),
        Array.from({ length: 3 }, () => ['fe80::ff:fe00:4', hex(PEER_MAC)]));
      node.runFor(0.5 * SECOND);
      t.deepEqual(neighbors(node), [`fe80::ff:fe00:4 020000000004 unreachable${router}`]);
      t.deepEqual(node.takeNdp().map(({ dst }) => dst), ['ff02::1:ff00:4']);
      node.hear(na(flags, PEER, tllao));
      t.deepEqual(neighbors(node), [`fe80::ff:fe00:4 020000000004 reachable${router}`]);
    });
}

test('probes of an unreachable neighbour go on at growing distances, up to a minute', (t) => {
  // RFC 7048 §3 with a multiple of 2 and a random factor between 0.5 and 1.5; RIOT caps the interval at 60 s.
  const node = host();
  nextHop(node, PEER, true);
  node.hear(na(S | O, PEER, tllao));
  node.runFor(45 * SECOND);
  nextHop(node, PEER, true);
  node.runFor(10 * SECOND);
  node.takeNdp();
  node.runFor(400 * SECOND);
  const times = node.takeNdp().map(({ time, dst }) => {
    t.is(dst, 'ff02::1:ff00:4');
    return time;
  });
  const waits = times.slice(1).map((time, i) => (time - times[i]!) / SECOND);
  t.true(waits.length > 6);
  t.true(waits[0]! < waits[3]!);
  t.true(waits.every((wait) => wait >= 1 && wait <= 60));
  t.is(waits.at(-1), 60);
});

test('packets to a neighbour that is asked for wait, and go out in their order when it answers', (t) => {
  // RFC 4861 §7.2.2. RIOT: the queue of a neighbour, filled by gnrc_ipv6_nib_get_next_hop_l2addr().
  const node = host();
  for (const size of [11, 12, 13]) t.is(node.call(() => sendUdp('fe80::ff:fe00:4', size)), size);
  t.is(node.takeNdp().length, 1);
  node.hear(na(S | O, PEER, tllao));
  t.deepEqual(node.sent.map(({ to, packet }) => [to, packet.length - 48]), [
    ['020000000004', 11], ['020000000004', 12], ['020000000004', 13],
  ]);
  t.is(node.pktbufUsed, 0);
});

test('what waits for a neighbour that does not answer three times is dropped, and the neighbour forgotten', (t) => {
  // RFC 4861 §7.2.2: MAX_MULTICAST_SOLICIT, a second apart; with gnrc_icmpv6_error the sender is told.
  const node = host();
  node.call(() => sendUdp('fe80::ff:fe00:4'));
  node.runFor(2.9 * SECOND);
  t.is(node.takeNdp().length, 3);
  t.deepEqual(neighbors(node), ['fe80::ff:fe00:4  incomplete']);
  t.true(node.pktbufUsed > 0);
  node.runFor(SECOND);
  t.deepEqual(neighbors(node), []);
  t.is(node.drops('nib not-resolved'), 1);
  t.is(node.pktbufUsed, 0);
});

test('RI-22: a flood to neighbours that do not answer fills no more than the queues, and leaves nothing', (t) => {
  // One entry more than there are neighbours: the oldest packet of the neighbour with the most gives way; the packet
  // buffer is back at its baseline when all are forgotten.
  const node = host({ net: { CONFIG_GNRC_IPV6_NIB_NUMOF: 4 } });
  for (let i = 0; i < 40; i++) node.call(() => sendUdp('fe80::1', 10));
  t.is(node.drops('nib neighbor-queue-full'), 35);
  const used = node.pktbufUsed;
  for (let i = 0; i < 40; i++) node.call(() => sendUdp(`fe80::${1 + (i % 8)}`, 10));
  t.true(node.pktbufUsed <= used);
  node.runFor(20 * SECOND);
  t.is(node.pktbufUsed, 0);
  t.deepEqual(neighbors(node), []);
});

test('RI-22: one neighbour has CONFIG_GNRC_IPV6_NIB_NBR_QUEUE_CAP packets waiting at most', (t) => {
  // With more entries than that the oldest of the neighbour itself gives way.
  const node = host({ net: { CONFIG_GNRC_IPV6_NIB_NUMOF: 20, CONFIG_GNRC_IPV6_NIB_NBR_QUEUE_CAP: 3 } });
  for (let size = 1; size <= 10; size++) node.call(() => sendUdp('fe80::ff:fe00:4', size));
  t.is(node.drops('nib neighbor-queue-full'), 7);
  node.takeNdp();
  node.hear(na(S | O, PEER, tllao));
  t.deepEqual(node.sent.map(({ packet }) => packet.length - 48), [8, 9, 10]);
  t.is(node.pktbufUsed, 0);
});

test('IP-09: 10,000 spoofed solicitations fill no more than the cache', (t) => {
  // RFC 6583: the cache is bounded. RIOT replaces the oldest entry, in use or not: quirk nib-replaces-reachable.
  for (const profile of ['riot', 'rfc'] as const) {
    const node = host({ profile });
    nextHop(node, PEER, true);
    node.hear(na(S | O, PEER, tllao));
    for (let i = 0; i < 10_000; i++) {
      const src = Uint8Array.of(...ip('fe80::').subarray(0, 13), 1, i >> 8, i & 0xff);
      node.tap.queue.length = 0;
      if (i < 2000 || i % 10 === 0) node.hear(ns(OWN, { kind: 'sllao', address: fromHex('0200deadbeef') }), src);
    }
    const known = neighbors(node);
    t.is(known.length, 4);
    t.is(known.some((line) => line.startsWith('fe80::ff:fe00:4 020000000004')), profile === 'rfc');
    t.is(node.pktbufUsed, 0);
  }
});

test('IP-09: an advertisement nobody asked for makes no entry; with override it changes one, then stale', (t) => {
  // RFC 4861 §7.2.5.
  const node = host();
  node.hear(na(O, PEER, tllao), PEER, ip('ff02::1'));
  t.deepEqual(neighbors(node), []);
  nextHop(node, PEER, true);
  node.hear(na(S | O, PEER, tllao));
  node.hear(na(O, PEER, { kind: 'tllao', address: fromHex('020000000066') }), PEER, ip('ff02::1'));
  t.deepEqual(neighbors(node), ['fe80::ff:fe00:4 020000000066 stale']);
});

test('an answer without override that tells another address confirms the neighbour, not in profile rfc', (t) => {
  // Quirk nib-na-other-address: RFC 4861 §7.2.5 has a reachable neighbour become stale, and keeps its address.
  for (const [profile, state] of [['riot', 'reachable'], ['rfc', 'stale']] as const) {
    const node = host({ profile });
    nextHop(node, PEER, true);
    node.hear(na(S | O, PEER, tllao));
    node.hear(na(S, PEER, { kind: 'tllao', address: fromHex('020000000066') }));
    t.deepEqual(neighbors(node), [`fe80::ff:fe00:4 020000000004 ${state}`]);
  }
});

/** Messages that RFC 4861 §6.1, §7.1 has discarded, and the reason that is counted. */
const INVALID: readonly (readonly [string, string, Uint8Array, Uint8Array, Uint8Array, number])[] = [
  ['NS hop limit', 'nib hop-limit-not-255', ns(OWN, sllao), PEER, OWN_GROUP, 194],
  ['NS code', 'nib bad-code', corrupt(ns(OWN, sllao), 1, 201), PEER, OWN_GROUP, 255],
  ['NS length', 'nib truncated', ns().subarray(0, 23), PEER, OWN_GROUP, 255],
  ['NS target', 'nib multicast-target', corrupt(ns(), 8, 0xff), PEER, OWN_GROUP, 255],
  ['NS option length', 'nib option-length-zero', corrupt(ns(OWN, sllao), 25, 0), PEER, OWN_GROUP, 255],
  ['NS option past the end', 'nib option-past-end', corrupt(ns(OWN, sllao), 25, 2), PEER, OWN_GROUP, 255],
  ['NS destination', 'nib unspecified-source', ns(), ip('::'), OWN, 255],
  ['NS target of another', 'nib target-not-mine', ns(PEER, sllao), PEER, OWN_GROUP, 255],
  ['NA hop limit', 'nib hop-limit-not-255', na(S | O, PEER, tllao), PEER, OWN, 194],
  ['NA code', 'nib bad-code', corrupt(na(S | O, PEER, tllao), 1, 201), PEER, OWN, 255],
  ['NA length', 'nib truncated', na(S | O).subarray(0, 23), PEER, OWN, 255],
  ['NA target', 'nib multicast-target', corrupt(na(S | O), 8, 0xff), PEER, OWN, 255],
  ['NA flags', 'nib solicited-multicast', na(S, PEER, tllao), PEER, ip('ff02::1'), 255],
  ['NA option length', 'nib option-length-zero', corrupt(na(S | O, PEER, tllao), 25, 0), PEER, OWN, 255],
  ['NA of no neighbour', 'nib no-neighbor-entry', na(S | O, PEER, tllao), PEER, OWN, 255],
  ['RS at a host', 'nib not-handled', ndp({ type: ICMPV6_RTR_SOL }, sllao), PEER, ip('ff02::1'), 255],
  ['RA source', 'nib source-not-link-local', ndp(RA, sllao, pio(0xc0)), ip('2001:db8::4'), OWN, 255],
  ['RA hop limit', 'nib hop-limit-not-255', ndp(RA, sllao, pio(0xc0)), PEER, OWN, 194],
  ['RA code', 'nib bad-code', corrupt(ndp(RA, sllao, pio(0xc0)), 1, 201), PEER, OWN, 255],
  ['RA length', 'nib truncated', ndp(RA).subarray(0, 15), PEER, OWN, 255],
  ['RA option length', 'nib option-length-zero', corrupt(ndp(RA, sllao, pio(0xc0)), 25, 0), PEER, OWN, 255],
  ['RA lifetime', 'nib router-lifetime', ndp({ ...RA, routerLifetime: 9001 }, pio(0xc0)), PEER, OWN, 255],
];

function corrupt(message: Uint8Array, at: number, value: number): Uint8Array {
  message[at] = value;
  return message;
}

for (const [what, reason, message, src, dst, hopLimit] of INVALID) {
  test(`an invalid message changes nothing and is not answered: ${what}`, (t) => {
    // RIOT: test_handle_pkt__*__invalid_*, test_handle_pkt__rtr_sol; RFC 4861 §6.1.1, §6.1.2, §7.1.1, §7.1.2.
    const node = host();
    const before = JSON.stringify([node.addresses, node.netif.cur_hl, node.netif.ipv6.mtu, node.netif.ipv6.reach_time]);
    node.hear(message, src, dst, hopLimit);
    t.is(node.drops(reason), 1);
    t.is(JSON.stringify([node.addresses, node.netif.cur_hl, node.netif.ipv6.mtu, node.netif.ipv6.reach_time]), before);
    t.deepEqual([neighbors(node), routes(node), prefixes(node), node.takeNdp()], [[], [], [], []]);
    t.is(node.pktbufUsed, 0);
  });
}

test('a neighbour that asks becomes known, and is answered', (t) => {
  // RIOT: test_handle_pkt__nbr_sol__ll_src_empty_nc: solicited, with override and the link-layer address.
  const node = host();
  node.hear(ns(OWN, sllao), PEER, OWN_GROUP);
  // The answer is the first packet for it.
  t.deepEqual(neighbors(node), ['fe80::ff:fe00:4 020000000004 delay']);
  const [answer] = node.takeNdp();
  t.like(answer, { src: 'fe80::ff:fe00:1', dst: 'fe80::ff:fe00:4', to: hex(PEER_MAC), hopLimit: 255 });
  t.deepEqual(answer!.repr, { type: ICMPV6_NBR_ADV, flags: S | O, target: OWN });
  t.deepEqual(answer!.options.map(({ kind }) => kind), ['tllao']);
});

test('a neighbour that was set by hand and asks has the address that it tells', (t) => {
  // RIOT: test_handle_pkt__nbr_sol__ll_src_unmanaged_nce.
  const node = host();
  node.call(() => gnrc_ipv6_nib_nc_set(PEER, node.netif.pid, fromHex('020000000077'), 6));
  node.hear(ns(OWN, sllao), PEER, OWN_GROUP);
  // The answer is the first packet for it.
  t.deepEqual(neighbors(node), ['fe80::ff:fe00:4 020000000004 delay']);
});

test('a neighbour that asks without its link-layer address makes no entry; the answer has it asked for', (t) => {
  // RIOT: test_handle_pkt__nbr_sol__ll_src_no_sl2ao; the advertisement itself then needs address resolution.
  const node = host();
  node.hear(ns(), PEER, OWN_GROUP);
  t.deepEqual(node.takeNdp().map(({ repr, dst }) => [repr.type, dst]), [[ICMPV6_NBR_SOL, 'ff02::1:ff00:4']]);
  t.deepEqual(neighbors(node), ['fe80::ff:fe00:4  incomplete']);
  node.hear(na(S | O, PEER, tllao));
  t.deepEqual(node.takeNdp().map(({ repr, dst }) => [repr.type, dst]), [[ICMPV6_NBR_ADV, 'fe80::ff:fe00:4']]);
});

test('who detects duplicates of a valid address is told that it is one, at all nodes', (t) => {
  // RFC 4861 §7.2.4: from the unspecified address; the answer is not solicited and goes to all nodes.
  const node = host();
  node.hear(ns(), ip('::'), OWN_GROUP);
  const [answer] = node.takeNdp();
  t.like(answer, { dst: 'ff02::1', to: '333300000001' });
  t.deepEqual(answer!.repr, { type: ICMPV6_NBR_ADV, flags: O, target: OWN });
});

test('a solicitation from no address with a link-layer address is answered, in profile rfc it is not', (t) => {
  // Quirk nib-ns-sl2ao-unspecified, RFC 4861 §7.1.1. RIOT: test_handle_pkt__nbr_sol__invalid_sl2ao.
  for (const [profile, answers] of [['riot', 1], ['rfc', 0]] as const) {
    const node = host({ profile });
    node.hear(ns(OWN, sllao), ip('::'), OWN_GROUP);
    t.is(node.takeNdp().length, answers);
    t.deepEqual(neighbors(node), []);
  }
});
