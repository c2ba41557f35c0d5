// Neighbour discovery on an Ethernet link: RIOT's tests/net/gnrc_ipv6_nib, whose cases run here over the whole stack,
// and what a host does between them.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import {
  gnrc_netif_ipv6_addr_add_internal, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID,
} from '../../../net/gnrc/netif_ipv6.ts';
import {
  gnrc_ipv6_nib_ft_add, gnrc_ipv6_nib_ft_iter, gnrc_ipv6_nib_ft_t,
} from '../../../net/gnrc/nib_ft.ts';
import {
  gnrc_ipv6_nib_nc_get_nud_state, gnrc_ipv6_nib_nc_is_router, gnrc_ipv6_nib_nc_iter, gnrc_ipv6_nib_nc_set,
  gnrc_ipv6_nib_nc_t,
} from '../../../net/gnrc/nib_nc.ts';
import { gnrc_ipv6_nib_get_next_hop_l2addr } from '../../../net/gnrc/nib_next_hop.ts';
import { gnrc_ipv6_nib_pl_iter, gnrc_ipv6_nib_pl_t } from '../../../net/gnrc/nib_pl.ts';
import { AF_INET6 } from '../../../net/af.ts';
import { sock_udp_ep_t } from '../../../net/sock/sock.ts';
import { sock_udp_send } from '../../../net/sock/udp.ts';
import { EHOSTUNREACH, ENETUNREACH } from '../../../kernel/errno.ts';
import { ipv6_addr_to_str } from '../../../net/wire/addr.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { ICMPV6_NBR_ADV, ICMPV6_NBR_SOL, ICMPV6_RTR_ADV, ICMPV6_RTR_SOL } from '../../../net/wire/icmpv6.ts';
import type { NdpOptionRepr } from '../../../net/wire/ndp.ts';
import { EthernetNode, ip, MAC, ndp, OWN, OWN_GROUP, PEER, PEER_MAC } from './ethernet.ts';

const SECOND = 1_000_000;
const GLOBAL = '2001:18c9:f800::ff:fe00:1';
const PREFIX = ip('2001:18c9:f800::');

/** A host whose link-local address is valid and whose router solicitations are over. */
function host(options: ConstructorParameters<typeof EthernetNode>[0] = {}): EthernetNode {
  const node = new EthernetNode(options);
  node.run(20 * SECOND);
  node.takeNdp();
  return node;
}

/** Neighbours as `<address> <link-layer address> <state>[ router]`. */
function neighbors(node: EthernetNode): string[] {
  const states = ['unmanaged', 'unreachable', 'incomplete', 'stale', 'delay', 'probe', 'reachable'];
  return node.call(function* () {
    const found: string[] = [];
    const state = { entry: null };
    const nce = new gnrc_ipv6_nib_nc_t();
    while (yield* gnrc_ipv6_nib_nc_iter(0, state, nce)) {
      found.push(`${ipv6_addr_to_str(nce.ipv6)} ${hex(nce.l2addr.subarray(0, nce.l2addr_len))} ` +
        `${states[gnrc_ipv6_nib_nc_get_nud_state(nce)]}${gnrc_ipv6_nib_nc_is_router(nce) ? ' router' : ''}`);
    }
    return found;
  });
}

function routes(node: EthernetNode): string[] {
  return node.call(function* () {
    const found: string[] = [];
    const state = { entry: null };
    const fte = new gnrc_ipv6_nib_ft_t();
    while (gnrc_ipv6_nib_ft_iter(null, 0, state, fte)) {
      found.push(`${ipv6_addr_to_str(fte.dst)}/${fte.dst_len} ${ipv6_addr_to_str(fte.next_hop)}`);
    }
    return found;
  });
}

/** Prefixes as `<prefix>/<bits> <valid in s> <preferred in s>`. */
function prefixes(node: EthernetNode): string[] {
  return node.call(function* () {
    const found: string[] = [];
    const state = { entry: null };
    const ple = new gnrc_ipv6_nib_pl_t();
    const left = (until: number): number =>
      until === 0xffffffff ? Infinity : Math.round(until / 1000 - node.time / SECOND);
    while (yield* gnrc_ipv6_nib_pl_iter(0, state, ple)) {
      found.push(`${ipv6_addr_to_str(ple.pfx)}/${ple.pfx_len} ${left(ple.valid_until)} ${left(ple.pref_until)}`);
    }
    return found;
  });
}

/** Asks for the next hop of `dst`: the result, and its link-layer address. */
function nextHop(node: EthernetNode, dst: Uint8Array, withIface: boolean): [number, string] {
  return node.call(function* () {
    const nce = new gnrc_ipv6_nib_nc_t();
    const netif = withIface ? node.netif : null;
    const res = yield* gnrc_ipv6_nib_get_next_hop_l2addr(dst, netif, null, nce);
    return [res, res < 0 ? '' : hex(nce.l2addr.subarray(0, nce.l2addr_len))];
  });
}

/** The board sends a UDP packet of `size` bytes. */
function* sendUdp(to: string, size = 4): Blocking<number> {
  const remote = new sock_udp_ep_t();
  remote.family = AF_INET6;
  remote.addr.ipv6.set(ip(to));
  remote.port = 7;
  return yield* sock_udp_send(null, new Uint8Array(size), size, remote);
}

const sllao: NdpOptionRepr = { kind: 'sllao', address: PEER_MAC };
const tllao: NdpOptionRepr = { kind: 'tllao', address: PEER_MAC };
const S = 0x40;
const O = 0x20;
const R = 0x80;

function ns(target = OWN, ...options: NdpOptionRepr[]): Uint8Array {
  return ndp({ type: ICMPV6_NBR_SOL, target }, ...options);
}

function na(flags: number, target = PEER, ...options: NdpOptionRepr[]): Uint8Array {
  return ndp({ type: ICMPV6_NBR_ADV, flags, target }, ...options);
}

const RA = {
  type: ICMPV6_RTR_ADV, curHopLimit: 155, flags: 0, routerLifetime: 6612, reachableTime: 1210388, retransTimer: 3691,
} as const;

function pio(flags: number, valid = 3600, preferred = 1800, prefixLength = 64, prefix = PREFIX): NdpOptionRepr {
  return { kind: 'pio', prefixLength, flags, validLifetime: valid, preferredLifetime: preferred, prefix };
}

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

/** What an advertisement may set, beside tables. */
function parameters(node: EthernetNode): object {
  const { cur_hl, ipv6: { mtu, reach_time_base, retrans_time } } = node.netif;
  return { cur_hl, mtu, reach_time_base, retrans_time };
}

test('an advertisement that tells nothing changes nothing', (t) => {
  // RIOT: test_handle_pkt__rtr_adv__success_all_zero.
  const node = host();
  const before = parameters(node);
  node.hear(ndp({ ...RA, curHopLimit: 0, routerLifetime: 0, reachableTime: 0, retransTimer: 0 }));
  t.deepEqual(parameters(node), before);
  t.deepEqual([neighbors(node), routes(node), prefixes(node), node.takeNdp()], [[], [], [], []]);
});

for (const withLla of [false, true]) {
  for (const mtu of [0, 1280, 1500]) {
    for (const flags of [-1, 0, 0x80, 0x40, 0xc0]) {
      const what = [
        withLla ? ' SLLAO' : '', mtu > 0 ? ` MTU ${mtu}` : '', flags < 0 ? '' : ` PIO ${flags.toString(16)}`,
      ].join('');
      test(`an advertisement sets parameters, router, prefix and address:${what}`, (t) => {
        // RIOT: test_handle_pkt__rtr_adv__success_*, every combination of options, with its figures.
        const node = host();
        const options: NdpOptionRepr[] = [
          ...(mtu > 0 ? [{ kind: 'mtu' as const, mtu }] : []), ...(flags < 0 ? [] : [pio(flags)]),
          ...(withLla ? [sllao] : []),
        ];
        node.hear(ndp(RA, ...options));
        t.deepEqual(parameters(node),
          { cur_hl: 155, mtu: mtu || 1500, reach_time_base: 1210388, retrans_time: 3691 });
        const { reach_time } = node.netif.ipv6;
        t.true(reach_time >= 605194 && reach_time < 1815582);
        t.deepEqual(neighbors(node), withLla ? ['fe80::ff:fe00:4 020000000004 stale router'] : []);
        const listed = flags > 0;
        const onLink = listed && (flags & 0x80) !== 0;
        t.deepEqual(prefixes(node), listed ? ['2001:18c9:f800::/64 3600 1800'] : []);
        t.deepEqual(routes(node), [...(onLink ? ['2001:18c9:f800::/64 ::'] : []), '::/0 fe80::ff:fe00:4']);
        const auto = listed && (flags & 0x40) !== 0;
        t.deepEqual(node.addresses, ['fe80::ff:fe00:1 10', ...(auto ? [`${GLOBAL} 1`] : [])]);
        // The new address is tentative, and duplicates of it are looked for.
        t.deepEqual(node.takeNdp().map(({ src, dst }) => [src, dst]),
          auto ? [['fe80::ff:fe00:1', 'ff02::1:ff00:1']] : []);
        node.runFor(4 * SECOND);
        if (auto) t.is(node.addresses[1], `${GLOBAL} 10`);
        t.is(node.pktbufUsed, 0);
      });
    }
  }
}

test('a router is forgotten when its lifetime ends, or is told to be 0', (t) => {
  // RIOT: test_handle_router_timeout; RFC 4861 §6.3.4, §6.3.5.
  const node = host();
  node.hear(ndp({ ...RA, routerLifetime: 10 }, sllao));
  node.runFor(9.9 * SECOND);
  t.deepEqual(routes(node), ['::/0 fe80::ff:fe00:4']);
  node.runFor(0.1 * SECOND);
  t.deepEqual(routes(node), []);
  node.hear(ndp({ ...RA, routerLifetime: 10 }));
  t.deepEqual(routes(node), ['::/0 fe80::ff:fe00:4']);
  node.hear(ndp({ ...RA, routerLifetime: 0 }));
  t.deepEqual(routes(node), []);
});

test('an address is deprecated when its prefix is no longer preferred, and goes with the prefix', (t) => {
  // RIOT: test_handle_prefix_timeout; RFC 4862 §5.5.4.
  const node = host();
  node.hear(ndp(RA, pio(0xc0, 20, 10)));
  node.runFor(9 * SECOND);
  t.is(node.addresses[1], `${GLOBAL} 10`);
  node.runFor(SECOND);
  t.is(node.addresses[1], `${GLOBAL} 8`);
  node.runFor(10 * SECOND);
  t.deepEqual([node.addresses, prefixes(node)], [['fe80::ff:fe00:1 10'], []]);
});

test('a deprecated address stays so when its prefix is preferred again, in profile rfc it is preferred', (t) => {
  // Quirk nib-deprecated-stays, RFC 4862 §5.5.4.
  for (const [profile, state] of [['riot', 8], ['rfc', 10]] as const) {
    const node = host({ profile });
    node.hear(ndp(RA, pio(0xc0, 20_000, 10)));
    node.runFor(11 * SECOND);
    t.is(node.addresses[1], `${GLOBAL} 8`);
    node.hear(ndp(RA, pio(0xc0, 20_000, 10_000)));
    t.is(node.addresses[1], `${GLOBAL} ${state}`);
  }
});

test('IP-10: a prefix with lifetime 0 goes with its address; in profile rfc two hours of its lifetime stay', (t) => {
  // Quirk nib-pio-two-hours, RFC 4862 §5.5.3 e.
  for (const [profile, left] of [['riot', []], ['rfc', ['2001:18c9:f800::/64 7200 0']]] as const) {
    const node = host({ profile });
    node.hear(ndp(RA, pio(0xc0, 20_000, 10_000)));
    node.runFor(2 * SECOND);
    node.hear(ndp(RA, pio(0xc0, 0, 0)));
    t.deepEqual(prefixes(node), [...left]);
    t.is(node.addresses.length, 1 + left.length);
    node.runFor(7201 * SECOND);
    t.deepEqual(prefixes(node), []);
    t.is(node.addresses.length, 1);
  }
});

test('IP-10: a shorter lifetime cuts that of a prefix, in profile rfc not below two hours', (t) => {
  // Quirk nib-pio-two-hours: the rest was 100 s, and stays so; RFC 4862 §5.5.3 e 2.
  for (const [profile, valid] of [['riot', 10], ['rfc', 100]] as const) {
    const node = host({ profile });
    node.hear(ndp(RA, pio(0xc0, 100, 100)));
    node.hear(ndp(RA, pio(0xc0, 10, 10)));
    t.deepEqual(prefixes(node), [`2001:18c9:f800::/64 ${valid} 10`]);
  }
});

for (const [what, option, profiles] of [
  ['preferred longer than valid', pio(0xc0, 10, 20), ['riot', 'rfc']],
  ['link-local', pio(0xc0, 20, 10, 64, ip('fe80::')), ['riot', 'rfc']],
  ['of 129 bits', pio(0xc0, 20, 10, 129), ['riot', 'rfc']],
  ['of 255 bits', pio(0xc0, 20, 10, 255), ['riot', 'rfc']],
  ['of 0 bits', pio(0xc0, 20, 10, 0), ['riot', 'rfc']],
  ['of a group', pio(0x40, 20, 10, 64, ip('ff0e::')), ['riot']],
] as const) {
  test(`IP-10: a prefix is ignored that is ${what}`, (t) => {
    // RFC 4862 §5.5.3, RFC 4861 §6.3.4. A RIOT board with assertions stops at lengths of 0 and above 128: here a
    // diagnostic.
    for (const profile of profiles) {
      const node = host({ profile });
      node.hear(ndp(RA, option));
      t.deepEqual(node.addresses, ['fe80::ff:fe00:1 10']);
      t.deepEqual(prefixes(node), []);
      node.hear(ns(OWN, sllao), PEER, OWN_GROUP);
      t.is(node.takeNdp().at(-1)!.repr.type, ICMPV6_NBR_ADV);
    }
  });
}

test('duplicates of a further address are asked for from the link-local one, in profile rfc from no address', (t) => {
  // Quirk nib-dad-source, RFC 4862 §5.4.2.
  for (const [profile, src] of [['riot', 'fe80::ff:fe00:1'], ['rfc', '::']] as const) {
    const node = host({ profile });
    node.hear(ndp(RA, pio(0x40)));
    const [dad] = node.takeNdp();
    t.deepEqual([dad!.src, dad!.dst], [src, 'ff02::1:ff00:1']);
  }
});

test('IP-10: an address is made of a prefix of any length, in profile rfc of 64 bits only', (t) => {
  // Quirk nib-pio-any-length, RFC 4862 §5.5.3 d.
  const node = host();
  node.hear(ndp(RA, pio(0x40, 20, 10, 120, ip('2001:db8::aa00'))));
  t.is(node.addresses[1], '2001:db8::aa01 1');
  const strict = host({ profile: 'rfc' });
  strict.hear(ndp(RA, pio(0x40, 20, 10, 120, ip('2001:db8::aa00'))));
  t.is(strict.addresses.length, 1);
});

test('IP-10: an MTU below 1280 is ignored; one above the link\'s is taken, 16 bits of it; not in profile rfc', (t) => {
  // RFC 4861 §6.3.4, RFC 8200 §5; quirk nib-mtu-16-bits.
  for (const [mtu, riot, rfc] of [
    [0, 1500, 1500], [1279, 1500, 1500], [1280, 1280, 1280], [9000, 9000, 1500], [0x10000 + 99, 99, 1500],
  ] as const) {
    for (const [profile, expected] of [['riot', riot], ['rfc', rfc]] as const) {
      const node = host({ profile });
      node.hear(ndp(RA, { kind: 'mtu', mtu }));
      t.is(node.netif.ipv6.mtu, expected, `${profile} ${mtu}`);
    }
  }
});

test('IP-10: a router lifetime above 9000 s has the advertisement ignored, but not in profile rfc', (t) => {
  // Quirk nib-ra-lifetime-9000, RFC 8319 §4.
  const node = host({ profile: 'rfc' });
  node.hear(ndp({ ...RA, routerLifetime: 65535 }));
  t.deepEqual(routes(node), ['::/0 fe80::ff:fe00:4']);
  node.runFor(65534 * SECOND);
  t.deepEqual(routes(node), ['::/0 fe80::ff:fe00:4']);
  node.runFor(SECOND);
  t.deepEqual(routes(node), []);
});

test('a second router is ignored altogether, in profile rfc but for its being one', (t) => {
  // Quirk nib-second-router: CONFIG_GNRC_IPV6_NIB_DEFAULT_ROUTER_NUMOF is 1.
  for (const [profile, hopLimit] of [['riot', 155], ['rfc', 33]] as const) {
    const node = host({ profile });
    node.hear(ndp(RA));
    node.hear(ndp({ ...RA, curHopLimit: 33 }), ip('fe80::5'));
    t.deepEqual(routes(node), ['::/0 fe80::ff:fe00:4']);
    t.is(node.netif.cur_hl, hopLimit);
  }
});

test('a router that advertises itself as none stays one, in profile rfc it does not', (t) => {
  // Quirk nib-na-keeps-router, RFC 4861 §7.2.5.
  for (const [profile, left] of [['riot', ['::/0 fe80::ff:fe00:4']], ['rfc', []]] as const) {
    const node = host({ profile });
    node.hear(ndp(RA, sllao));
    node.hear(na(S | O, PEER, tllao));
    t.deepEqual(routes(node), [...left]);
  }
});

test('RI-21: lifetimes do not wrap around at 16 or 32 bits', (t) => {
  // RIOT c4ae9063e9, 1e4a85f1e6, de4142de37: what is longer than a timer can be is as long as a timer can be.
  const node = host({ modules: ['gnrc_ipv6_router_default'] });
  for (const [valid, pref] of [[0xffffffff, 0xffffffff], [0xfffffffe, 0xfffffffe], [4_294_968, 4_294_967]] as const) {
    node.hear(ndp(RA, pio(0xc0, valid, pref)));
    node.runFor(100_000 * SECOND);
    t.is(prefixes(node).length, 1, `${valid}`);
    t.is(node.addresses.length, 2, `${valid}`);
  }
  for (const ltime of [65536, 4_294_967, 4_294_968, 0xfffffffe]) {
    t.is(node.call(() => gnrc_ipv6_nib_ft_add(ip('2001:db8::'), 32, PEER, node.netif.pid, ltime)), 0);
    node.runFor(65_000 * SECOND);
    t.true(routes(node).includes('2001:db8::/32 fe80::ff:fe00:4'), `${ltime}`);
  }
  node.call(() => gnrc_ipv6_nib_ft_add(ip('2001:db8::'), 32, PEER, node.netif.pid, 65536));
  node.runFor(65_537 * SECOND);
  t.false(routes(node).includes('2001:db8::/32 fe80::ff:fe00:4'));
});

test('a route information adds a route by way of its sender, and removes it with lifetime 0', (t) => {
  // RFC 4191 §3.1; module gnrc_ipv6_nib_rio, which routers have.
  const node = host({ modules: ['gnrc_ipv6_router_default'] });
  const rio = (routeLifetime: number): NdpOptionRepr =>
    ({ kind: 'rio', prefixLength: 48, flags: 0, routeLifetime, prefix: ip('2001:db8:1::') });
  node.hear(ndp({ ...RA, routerLifetime: 0 }, rio(600)));
  t.deepEqual(routes(node), ['2001:db8:1::/48 fe80::ff:fe00:4']);
  node.hear(ndp({ ...RA, routerLifetime: 0 }, rio(0)));
  t.deepEqual(routes(node), []);
  node.hear(ndp({ ...RA, routerLifetime: 0 }, rio(600)));
  node.runFor(600 * SECOND);
  t.deepEqual(routes(node), []);
});

test('a host takes no routes', (t) => {
  // Module gnrc_ipv6_nib_rio is not there.
  const node = host();
  node.hear(ndp({ ...RA, routerLifetime: 0 },
    { kind: 'rio', prefixLength: 48, flags: 0, routeLifetime: 600, prefix: ip('2001:db8:1::') }));
  t.deepEqual(routes(node), []);
});
