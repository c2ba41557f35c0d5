// 6LoWPAN neighbour discovery over the air (RFC 6775): border router, routers and nodes that find each other.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { AF_INET6 } from '../../../net/af.ts';
import { gnrc_netif_ipv6_add_prefix, gnrc_netif_ipv6_addr_add_internal,
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID } from '../../../net/gnrc/netif.ts';
import { gnrc_netifs, type gnrc_netif_t } from '../../../net/gnrc/netif_t.ts';
import { gnrc_ipv6_nib_abr_add, gnrc_ipv6_nib_abr_iter, gnrc_ipv6_nib_abr_t } from '../../../net/gnrc/nib_abr.ts';
import { gnrc_ipv6_nib_change_rtr_adv_iface } from '../../../net/gnrc/nib.ts';
import { gnrc_ipv6_nib_ft_iter, gnrc_ipv6_nib_ft_t } from '../../../net/gnrc/nib_ft.ts';
import {
  gnrc_ipv6_nib_nc_get_ar_state, gnrc_ipv6_nib_nc_get_nud_state, gnrc_ipv6_nib_nc_iter, gnrc_ipv6_nib_nc_t,
} from '../../../net/gnrc/nib_nc.ts';
import { gnrc_ipv6_nib_pl_iter, gnrc_ipv6_nib_pl_t } from '../../../net/gnrc/nib_pl.ts';
import { gnrc_sixlowpan_ctx_lookup_id, gnrc_sixlowpan_ctx_update } from '../../../net/gnrc/sixlowpan_ctx.ts';
import { sock_udp_ep_t } from '../../../net/sock/sock.ts';
import { sock_udp_send } from '../../../net/sock/udp.ts';
import { ipv6_addr_from_str, ipv6_addr_is_unspecified, ipv6_addr_to_str } from '../../../net/wire/addr.ts';
import { ICMPV6_NBR_ADV, ICMPV6_NBR_SOL, ICMPV6_RTR_ADV } from '../../../net/wire/icmpv6.ts';
import {
  emitNdp, emitNdpOption, ndpLength, ndpOptionLength, parseNdp, parseNdpOptions, type NdpOptionRepr, type NdpRepr,
} from '../../../net/wire/ndp.ts';
import { tap } from './ipv6_traffic.ts';
import { Network, type NodeOptions, type TestNode } from './network.ts';
import { handIpv6, icmpv6Packet, listen, STRANGER, STRANGER_IP } from './traffic.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const BASE = ['netdev_default', 'auto_init_gnrc_netif', 'sock_udp'];
const LBR = [...BASE, 'gnrc_sixlowpan_border_router_default'];
const LR = [...BASE, 'gnrc_ipv6_router_default'];
const PREFIX = ip('2001:db8::');

function ip(text: string): Uint8Array {
  return ipv6_addr_from_str(text)!;
}

function netifOf(node: TestNode): gnrc_netif_t {
  return gnrc_netifs(node.kernel)[0]!;
}

/** The addresses of a node with their flags in hex, but for its link-local one. */
function addresses(node: TestNode): string[] {
  const { addrs, addrs_flags } = netifOf(node).ipv6;
  return addrs.flatMap((addr, i) => ipv6_addr_is_unspecified(addr) || addr[0] === 0xfe ? [] :
    [`${ipv6_addr_to_str(addr)} ${addrs_flags[i]!.toString(16)}`]);
}

function neighbors(node: TestNode): string[] {
  const nud = ['-', 'UNREACHABLE', 'INCOMPLETE', 'STALE', 'DELAY', 'PROBE', 'REACHABLE'];
  const ar = ['GC', 'TENTATIVE', 'REGISTERED', 'MANUAL'];
  return node.do(function* () {
    const found: string[] = [];
    const state = { entry: null };
    const nce = new gnrc_ipv6_nib_nc_t();
    while (yield* gnrc_ipv6_nib_nc_iter(0, state, nce)) {
      found.push([ipv6_addr_to_str(nce.ipv6), nud[gnrc_ipv6_nib_nc_get_nud_state(nce)],
        ar[gnrc_ipv6_nib_nc_get_ar_state(nce) >> 9]].join(' '));
    }
    return found;
  });
}

function routes(node: TestNode): string[] {
  return node.do(function* () {
    const found: string[] = [];
    const state = { entry: null };
    const fte = new gnrc_ipv6_nib_ft_t();
    while (gnrc_ipv6_nib_ft_iter(null, 0, state, fte)) {
      found.push(`${ipv6_addr_to_str(fte.dst)}/${fte.dst_len} ${ipv6_addr_to_str(fte.next_hop)}`);
    }
    return found;
  });
}

function prefixes(node: TestNode): string[] {
  return node.do(function* () {
    const found: string[] = [];
    const state = { entry: null };
    const ple = new gnrc_ipv6_nib_pl_t();
    while (yield* gnrc_ipv6_nib_pl_iter(0, state, ple)) found.push(`${ipv6_addr_to_str(ple.pfx)}/${ple.pfx_len}`);
    return found;
  });
}

function abrs(node: TestNode): string[] {
  return node.do(function* () {
    const found: string[] = [];
    const state = { entry: null };
    const abr = new gnrc_ipv6_nib_abr_t();
    while (yield* gnrc_ipv6_nib_abr_iter(state, abr)) found.push(`${ipv6_addr_to_str(abr.addr)} v${abr.version}`);
    return found;
  });
}

/** A border router that hands out 2001:db8::/64, as RIOT's example does with its static configuration. */
function borderRouter(network: Network, options: NodeOptions = {}, valid = 0xffffffff, pref = valid): TestNode {
  const node = network.add({ baseModules: LBR, ...options });
  network.runFor(SECOND);
  node.do(function* (): Blocking<void> {
    const netif = netifOf(node);
    const idx = yield* gnrc_netif_ipv6_add_prefix(netif, PREFIX, 64, valid, pref);
    gnrc_sixlowpan_ctx_update(0, PREFIX, 64, 60, true);
    yield* gnrc_ipv6_nib_change_rtr_adv_iface(netif, true);
    yield* gnrc_ipv6_nib_abr_add(netif.ipv6.addrs[idx]!);
  });
  return node;
}

/** A message with options as ICMPv6 bytes. */
function ndp(repr: NdpRepr, ...options: NdpOptionRepr[]): Uint8Array {
  const out = new Uint8Array(options.reduce((sum, option) => sum + ndpOptionLength(option), ndpLength(repr)));
  let at = emitNdp(repr, out, 0);
  for (const option of options) at = emitNdpOption(option, out, at);
  return out;
}

const sllao: NdpOptionRepr = { kind: 'sllao', address: STRANGER };

/** A neighbour solicitation for the node with a registration. */
function registration(
  node: TestNode, { lifetime = 15, status = 0, eui64 = STRANGER, address = STRANGER, src = STRANGER_IP }: {
    lifetime?: number; status?: number; eui64?: Uint8Array; address?: Uint8Array; src?: Uint8Array;
  } = {},
): Uint8Array {
  const message = ndp({ type: ICMPV6_NBR_SOL, target: node.linkLocal },
    { kind: 'sllao', address }, { kind: 'aro', status, lifetime, eui64 });
  return icmpv6Packet(src, node.linkLocal, message);
}

/** What the board hands to its interface: neighbour discovery messages, since the last call. */
function tapNdp(node: TestNode): () => { dst: string; src: string; repr: NdpRepr; options: NdpOptionRepr[] }[] {
  const packets = tap(node);
  return () => packets.splice(0).flatMap((packet) => {
    const message = packet.subarray(40);
    const repr = packet[6] === 58 ? parseNdp(message) : 'not-ndp';
    if (typeof repr === 'string') return [];
    const options = parseNdpOptions(message, ndpLength(repr));
    return typeof options === 'string' ? [] : [{
      src: ipv6_addr_to_str(packet.subarray(8, 24)), dst: ipv6_addr_to_str(packet.subarray(24, 40)), repr, options,
    }];
  });
}

test('a 6LN forms a global address from what the border router tells, and registers it', (t) => {
  // RFC 6775 §5.4, §5.5, §6.5: within the first exchange of RS, RA, NS and NA.
  const network = new Network();
  const lbr = borderRouter(network);
  t.deepEqual(addresses(lbr), ['2001:db8::a 10']);
  const node = network.add();
  network.runFor(SECOND / 2);
  t.deepEqual(addresses(node), ['2001:db8::b 10']);
  t.deepEqual(routes(node), ['::/0 fe80::a']);
  t.regex(neighbors(lbr).join(), /^2001:db8::b (STALE|DELAY|PROBE|REACHABLE) REGISTERED$/);
  t.truthy(node.kernel.run(() => gnrc_sixlowpan_ctx_lookup_id(0)));
  // Its one on-link entry is its router's: the prefix finds no room, as on RIOT.
  t.deepEqual(prefixes(node), []);
  t.is(node.drops('nib prefix-list-full'), 1);
  t.is(lbr.pktbuf + node.pktbuf, 0);
});

test('several 6LNs register, and send each other packets by way of the border router', (t) => {
  // RIOT prefixes of 6LoWPAN links are off-link: everything global goes to the router.
  const network = new Network();
  const lbr = borderRouter(network);
  const nodes = Array.from({ length: 5 }, () => {
    network.runFor(SECOND);
    return network.add();
  });
  network.runFor(5 * SECOND);
  t.deepEqual(nodes.flatMap(addresses), ['b', 'c', 'd', 'e', 'f'].map((id) => `2001:db8::${id} 10`));
  t.is(neighbors(lbr).length, 5);
  // Two that do not hear each other.
  network.hears = (frame, to) => frame.from === lbr || to === lbr;
  const received = listen(nodes[4]!, 7);
  nodes[0]!.do(function* () {
    const remote = new sock_udp_ep_t();
    remote.family = AF_INET6;
    remote.addr.ipv6.set(ip('2001:db8::f'));
    remote.port = 7;
    return yield* sock_udp_send(null, Uint8Array.of(1, 2, 3), 3, remote);
  });
  network.runFor(SECOND);
  t.is(received.length, 1);
});

test('a registration is renewed a minute before it ends, and ends when the node is gone', (t) => {
  // RFC 6775 §5.8: RIOT registers for 15 minutes and again after 14.
  const network = new Network();
  const lbr = borderRouter(network);
  const node = network.add();
  network.runFor(SECOND);
  const sent = tapNdp(node);
  network.runFor(13 * MINUTE);
  const isRegistration = ({ options }: { options: NdpOptionRepr[] }): boolean =>
    options.some(({ kind }) => kind === 'aro');
  t.deepEqual(sent().filter(isRegistration), []);
  network.runFor(1.1 * MINUTE);
  const [again] = sent().filter(isRegistration);
  t.like(again, { src: '2001:db8::b', dst: 'fe80::a' });
  t.like(again!.options.find(({ kind }) => kind === 'aro'), { status: 0, lifetime: 15 });
  t.deepEqual(addresses(node), ['2001:db8::b 10']);
  network.hears = () => false;
  network.runFor(14.8 * MINUTE);
  t.is(neighbors(lbr).length, 1);
  network.runFor(0.3 * MINUTE);
  t.deepEqual(neighbors(lbr), []);
});

test('a chain of routers hands on the prefix, and routers answer their nodes themselves', (t) => {
  // RFC 6775 §8.1: multihop prefix distribution by ABRO. Each hears its neighbours in the chain only.
  const network = new Network();
  const at = (node: TestNode): number => network.nodes.indexOf(node);
  network.hears = (frame, to) => Math.abs(at(frame.from) - at(to)) === 1;
  const lbr = borderRouter(network);
  const lr = network.add({ baseModules: LR });
  network.runFor(5 * SECOND);
  const lr2 = network.add({ baseModules: LR });
  network.runFor(5 * SECOND);
  const leaf = network.add();
  network.runFor(5 * SECOND);
  t.deepEqual([lr, lr2, leaf].flatMap(addresses), ['2001:db8::b 10', '2001:db8::c 10', '2001:db8::d 10']);
  t.deepEqual([lr, lr2, leaf].map(routes), [['::/0 fe80::a'], ['::/0 fe80::b'], ['::/0 fe80::c']]);
  t.deepEqual([lr, lr2].map(prefixes), [['2001:db8::/64'], ['2001:db8::/64']]);
  t.deepEqual([lbr, lr, lr2].flatMap(abrs), ['2001:db8::a v0', '2001:db8::a v0', '2001:db8::a v0']);
  t.true(neighbors(lr2).some((line) => line.startsWith('2001:db8::d ') && line.endsWith('REGISTERED')));
  t.deepEqual(network.nodes.map(({ pktbuf }) => pktbuf), [0, 0, 0, 0]);
});

test('a 6LR without border router neither advertises nor takes an advertisement; in profile rfc it does both', (t) => {
  // Quirks nib-no-ra-without-abr and nib-6lr-needs-abro.
  for (const profile of ['riot', 'rfc'] as const) {
    const network = new Network();
    const node = network.add({ baseModules: LR, profile, config: { CONFIG_GNRC_IPV6_NIB_ADV_ROUTER: 1 } });
    network.runFor(SECOND);
    network.hears = () => false;
    const sent = tapNdp(node);
    handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, Uint8Array.of(0x85, 0, 0, 0, 0, 0, 0, 0)), STRANGER, 1000);
    t.is(sent().filter(({ repr }) => repr.type === ICMPV6_RTR_ADV).length, profile === 'riot' ? 0 : 1);
    const ra = ndp({
      type: ICMPV6_RTR_ADV, curHopLimit: 0, flags: 0, routerLifetime: 600, reachableTime: 0, retransTimer: 0,
    });
    handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, ra), STRANGER, 1000);
    t.deepEqual(routes(node), profile === 'riot' ? [] : ['::/0 fe80::c']);
  }
});

/** A border router that nobody hears, for registrations from the test. */
function registrar(options: NodeOptions = {}): { node: TestNode; ask: (packet: Uint8Array) => number | null } {
  const network = new Network();
  const node = borderRouter(network, options);
  network.hears = () => false;
  const sent = tapNdp(node);
  return {
    node,
    ask(packet) {
      sent();
      handIpv6(node, packet, STRANGER, 100_000);
      const answer = sent().find(({ repr }) => repr.type === ICMPV6_NBR_ADV);
      const aro = answer?.options.find(({ kind }) => kind === 'aro');
      return aro?.kind === 'aro' ? aro.status : null;
    },
  };
}

test('IP-11: an address is registered, and to another EUI-64 it is a duplicate', (t) => {
  // RFC 6775 §6.5.1, §6.5.2: status 0, then 1.
  const { node, ask } = registrar();
  t.is(ask(registration(node)), 0);
  t.is(ask(registration(node)), 0);
  t.is(ask(registration(node, { eui64: Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0xdd) })), 1);
  t.is(neighbors(node).length, 1);
});

test('IP-11: who is told that an address is a duplicate takes the entry over, not in profile rfc', (t) => {
  // Quirk nib-duplicate-takes-address: _handle_sl2ao() before the EUI-64 is compared.
  const other = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0xdd);
  const src = ip('2001:db8::77');
  for (const profile of ['riot', 'rfc'] as const) {
    const { node, ask } = registrar({ profile });
    t.is(ask(registration(node, { src })), 0);
    t.is(ask(registration(node, { src, eui64: other, address: other })), 1);
    const l2addr = node.do(function* () {
      const nce = new gnrc_ipv6_nib_nc_t();
      yield* gnrc_ipv6_nib_nc_iter(0, { entry: null }, nce);
      return nce.l2addr.slice();
    });
    t.deepEqual(l2addr, profile === 'riot' ? other : STRANGER);
  }
});

test('IP-11: a full neighbour cache refuses registrations with status 2, and those that it has stay', (t) => {
  // 16 entries: one of them holds the prefix. Quirk nib-aro-error-to-source: a refusal does not reach a global address.
  for (const [profile, refusal] of [['riot', null], ['rfc', 2]] as const) {
    const { node, ask } = registrar({ profile });
    const answers: (number | null)[] = [];
    const one = (i: number, src: Uint8Array): number | null => {
      const eui64 = Uint8Array.of(2, 0, 0, 0, 0, 0, 1, i);
      return ask(registration(node, { eui64, address: eui64, src }));
    };
    for (let i = 0; i < 16; i++) answers.push(one(i, ip(`2001:db8::1:${(i + 1).toString(16)}`)));
    t.deepEqual(answers, [...Array.from({ length: 15 }, () => 0), refusal]);
    t.is(one(0x20, ip('fe80::120')), 2);
    t.is(neighbors(node).filter((line) => line.endsWith('REGISTERED')).length, 15);
    t.is(node.pktbuf, 0);
  }
});

test('IP-11: a registration ends with its lifetime', (t) => {
  // RFC 6775 §6.5.2: minutes.
  const { node, ask } = registrar();
  t.is(ask(registration(node, { lifetime: 2 })), 0);
  node.network.runFor(1.9 * MINUTE);
  t.is(neighbors(node).length, 1);
  node.network.runFor(0.2 * MINUTE);
  t.deepEqual(neighbors(node), []);
});

test('IP-11: lifetime 0 is not answered and removes nothing, in profile rfc it does both', (t) => {
  // Quirk nib-no-deregistration.
  for (const [profile, status, left] of [['riot', null, 1], ['rfc', 0, 0]] as const) {
    const { node, ask } = registrar({ profile });
    ask(registration(node));
    t.is(ask(registration(node, { lifetime: 0 })), status);
    t.is(neighbors(node).length, left);
  }
});

test('IP-11: the status of a request is not looked at, in profile rfc another than 0 has it ignored', (t) => {
  // Quirk nib-aro-request-status.
  for (const [profile, status] of [['riot', 0], ['rfc', null]] as const) {
    const { node, ask } = registrar({ profile });
    t.is(ask(registration(node, { status: 1 })), status);
  }
});

test('IP-11: a registration of another length, or without link-layer address, registers nothing', (t) => {
  // RFC 6775 §6.5: length 2; §6.5 an ARO without SLLAO is ignored: the solicitation is then answered without one.
  const { node, ask } = registrar();
  const target = node.linkLocal;
  const long: NdpOptionRepr = { kind: 'raw', type: 33, data: new Uint8Array(22) };
  t.is(ask(icmpv6Packet(STRANGER_IP, target, ndp({ type: ICMPV6_NBR_SOL, target }, sllao, long))), null);
  t.is(node.drops('nib address-registration-ignored'), 1);
  const aro: NdpOptionRepr = { kind: 'aro', status: 0, lifetime: 15, eui64: STRANGER };
  t.is(ask(icmpv6Packet(STRANGER_IP, target, ndp({ type: ICMPV6_NBR_SOL, target }, aro))), null);
  t.deepEqual(neighbors(node), []);
});

/** A 6LN with a router that the test plays. */
function registered(options: NodeOptions = {}): { node: TestNode; sent: ReturnType<typeof tapNdp> } {
  const network = new Network();
  network.hears = () => false;
  const node = network.add(options);
  network.runFor(SECOND);
  const sent = tapNdp(node);
  hearRa(node, pio());
  return { node, sent };
}

function pio(valid = 3600, preferred = 1800): NdpOptionRepr {
  return {
    kind: 'pio', prefixLength: 64, flags: 0x40, validLifetime: valid, preferredLifetime: preferred, prefix: PREFIX,
  };
}

function hearRa(node: TestNode, ...options: NdpOptionRepr[]): void {
  const repr = {
    type: ICMPV6_RTR_ADV, curHopLimit: 0, flags: 0, routerLifetime: 600, reachableTime: 0, retransTimer: 0,
  } as const;
  handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, ndp(repr, sllao, ...options)), STRANGER, 1000);
}

function hearNa(
  node: TestNode, status: number, eui64 = node.radio.eui64, src: Uint8Array = STRANGER_IP,
): void {
  const dst = ip('2001:db8::a');
  const message = ndp({ type: ICMPV6_NBR_ADV, flags: 0xc0, target: STRANGER_IP },
    { kind: 'aro', status, lifetime: 15, eui64 });
  handIpv6(node, icmpv6Packet(src, dst, message), STRANGER, 1000);
}

test('an unanswered registration is tried three times a second apart, then left', (t) => {
  // SIXLOWPAN_ND_REG_TRANSMIT_NUMOF and retrans_time; the address stays tentative, and is no source.
  const { node, sent } = registered();
  const tries = (): number => sent().filter(({ options }) => options.some(({ kind }) => kind === 'aro')).length;
  t.is(tries(), 1);
  node.network.runFor(SECOND);
  t.is(tries(), 1);
  node.network.runFor(SECOND);
  t.is(tries(), 1);
  node.network.runFor(20 * SECOND);
  t.is(tries(), 0);
  t.deepEqual(addresses(node), ['2001:db8::a 3']);
});

test('a 6LN ignores a prefix that is said to be on-link, and takes the rest of the advertisement', (t) => {
  // RFC 6775 §5.4.1. RIOT: test_handle_pkt__rtr_adv__success_pio_*, __success_6co_* of tests/net/gnrc_ipv6_nib_6ln.
  for (const [flags, formed] of [[0, []], [0x80, []], [0x40, ['2001:db8::a 2']], [0xc0, []]] as const) {
    const network = new Network();
    network.hears = () => false;
    const node = network.add();
    network.runFor(SECOND);
    hearRa(node, { kind: 'mtu', mtu: 1280 }, { ...pio(), flags } as NdpOptionRepr,
      { kind: '6co', contextLength: 64, compress: true, id: 7, lifetime: 60, prefix: PREFIX });
    t.deepEqual(addresses(node), [...formed]);
    t.deepEqual(routes(node), ['::/0 fe80::c']);
    t.is(netifOf(node).ipv6.mtu, 1280);
    t.is(node.kernel.run(() => gnrc_sixlowpan_ctx_lookup_id(7)!.prefix_len), 64);
  }
});

test('nothing but a default route leads from a 6LN to a global address', (t) => {
  // RIOT: test_get_next_hop_l2addr__ENETUNREACH and __global_with_default_route.
  const network = new Network();
  network.hears = () => false;
  const node = network.add();
  network.runFor(SECOND);
  const send = (): number => node.do(function* () {
    const remote = new sock_udp_ep_t();
    remote.family = AF_INET6;
    remote.addr.ipv6.set(ip('2001:db8:5::1'));
    remote.port = 7;
    return yield* sock_udp_send(null, Uint8Array.of(1), 1, remote);
  });
  const sent = tap(node);
  t.is(send(), 1);
  t.is(node.drops('nib no-route'), 1);
  hearRa(node, pio());
  sent.length = 0;
  send();
  t.is(sent.length, 1);
});

test('IP-11: an answer for another EUI-64 registers nothing, one with status 1 takes the address away', (t) => {
  // RIOT: test_handle_pkt__nbr_adv__aro_not_my_eui64 and __aro_duplicate; RFC 6775 §5.5.2.
  const { node } = registered();
  t.is(addresses(node)[0], '2001:db8::a 2');
  hearNa(node, 0, STRANGER);
  t.is(addresses(node)[0], '2001:db8::a 2');
  hearNa(node, 1);
  t.deepEqual(addresses(node), []);
});

test('IP-11: with status 2 the router is given up, and another is searched', (t) => {
  // RFC 6775 §5.5.2: RIOT solicits routers anew.
  const { node, sent } = registered();
  sent();
  hearNa(node, 2);
  t.deepEqual(routes(node), []);
  t.deepEqual(sent().map(({ dst }) => dst), ['ff02::2']);
});

test('status 2 from a node that is no default router is what a RIOT board stops at', (t) => {
  // _nib-6ln.c:167 asserts that there is a router of that address.
  const { node } = registered();
  hearNa(node, 2, node.radio.eui64, ip('fe80::99'));
  t.true(node.console.includes('undefined on RIOT: a full neighbor cache'));
  t.deepEqual(routes(node), ['::/0 fe80::c']);
});

test('IP-11: routers are solicited again after three quarters of the shortest lifetime', (t) => {
  // RFC 6775 §5.4.3. The advertisement: router 600 s, prefix preferred 400 s (not listed: RIOT does not count it).
  const { node, sent } = registered();
  hearNa(node, 0);
  node.network.runFor(449 * SECOND);
  t.deepEqual(sent().filter(({ dst }) => dst === 'ff02::2'), []);
  node.network.runFor(2 * SECOND);
  t.is(sent().filter(({ dst }) => dst === 'ff02::2').length, 1);
});

test('IP-11: a context with lifetime 0 has routers solicited at once, not in profile rfc', (t) => {
  // Quirk nib-zero-lifetime-refetch; the context stays for decompression (RFC 6775 §7.2: C = 0).
  const sixco: NdpOptionRepr = { kind: '6co', contextLength: 64, compress: true, id: 3, lifetime: 0, prefix: PREFIX };
  for (const [profile, count] of [['riot', 1], ['rfc', 0]] as const) {
    const { node, sent } = registered({ profile });
    hearNa(node, 0);
    sent();
    hearRa(node, sixco);
    node.network.runFor(SECOND);
    t.is(sent().filter(({ dst }) => dst === 'ff02::2').length, count);
    t.is(node.kernel.run(() => gnrc_sixlowpan_ctx_lookup_id(3)!.flags_id), 3);
  }
});

test('IP-11: a context that is told anew replaces the one of its number', (t) => {
  // RFC 6775 §7.2; a length that does not fit its prefix is ignored.
  const { node } = registered();
  hearRa(node, { kind: '6co', contextLength: 64, compress: true, id: 3, lifetime: 60, prefix: PREFIX });
  hearRa(node, { kind: '6co', contextLength: 48, compress: false, id: 3, lifetime: 60, prefix: ip('2001:db8:1::') });
  const ctx = node.kernel.run(() => gnrc_sixlowpan_ctx_lookup_id(3)!);
  t.deepEqual([ipv6_addr_to_str(ctx.prefix), ctx.prefix_len, ctx.flags_id], ['2001:db8:1::', 48, 3]);
  hearRa(node, { kind: 'raw', type: 34, data: Uint8Array.of(64, 0x13, 0, 0, 0, 60, ...new Uint8Array(16)) });
  t.is(node.drops('nib bad-context-length'), 1);
});

test('IP-11: of border router options the newer are not told on; in profile rfc the older are not', (t) => {
  // Quirk nib-abro-version.
  for (const [profile, expected] of [['riot', ['v0', 'v0', 'v0']], ['rfc', ['v5', 'v7', 'v7']]] as const) {
    const network = new Network();
    network.hears = () => false;
    const node = network.add({ baseModules: LR, profile });
    network.runFor(SECOND);
    const seen = [5, 7, 6].map((version) => {
      hearRa(node, pio(), { kind: 'abro', version, lifetime: 100, address: ip('2001:db8::c') });
      return abrs(node)[0]!.split(' ')[1]!;
    });
    t.deepEqual(seen, [...expected]);
  }
});

test('IP-11: what came from a border router goes with its lifetime', (t) => {
  // RFC 6775 §8.1.3; the contexts and prefixes of the ABRO, but not the addresses made of them.
  const network = new Network();
  network.hears = () => false;
  const node = network.add({ baseModules: LR });
  network.runFor(SECOND);
  hearRa(node, pio(100_000, 100_000), { kind: 'abro', version: 0, lifetime: 2, address: ip('2001:db8::c') },
    { kind: '6co', contextLength: 64, compress: true, id: 1, lifetime: 100, prefix: PREFIX });
  t.deepEqual(prefixes(node), ['2001:db8::/64']);
  network.runFor(2.1 * MINUTE);
  t.deepEqual([prefixes(node), abrs(node)], [[], []]);
  t.is(node.kernel.run(() => gnrc_sixlowpan_ctx_lookup_id(1)), null);
});

test('a prefix of a 6LR expires with its address', (t) => {
  // RIOT: PFX_TIMEOUT; on a pure 6LN there is no room for the prefix, and its address stays for ever.
  const network = new Network();
  borderRouter(network, {}, 100, 50);
  const lr = network.add({ baseModules: LR });
  network.runFor(3 * SECOND);
  t.deepEqual(addresses(lr), ['2001:db8::b 10']);
  network.hears = () => false;
  network.runFor(60 * SECOND);
  t.deepEqual(addresses(lr), ['2001:db8::b 8']);
  network.runFor(60 * SECOND);
  t.deepEqual(addresses(lr), []);
});

test('an address added by hand takes the one on-link entry of a 6LN, which then finds no router', (t) => {
  // CONFIG_GNRC_IPV6_NIB_NUMOF is 1: the prefix of a valid address needs an entry too.
  const network = new Network();
  network.hears = () => false;
  const node = network.add();
  network.runFor(SECOND);
  node.do(() => gnrc_netif_ipv6_addr_add_internal(
    netifOf(node), ip('2001:db8:9::1'), 64, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID));
  hearRa(node, pio());
  t.is(node.drops('nib default-router-list-full'), 1);
  t.deepEqual(routes(node), ['2001:db8:9::/64 ::'].slice(1));
});

test('a packet to an on-link address that is no neighbour is dropped on a 6LoWPAN link', (t) => {
  // Quirk nib-6lo-silent-drop; nothing is asked, nothing waits (RFC 6775 §5.6).
  const network = new Network();
  const lbr = borderRouter(network);
  const frames = network.frames.length;
  lbr.do(function* () {
    const remote = new sock_udp_ep_t();
    remote.family = AF_INET6;
    remote.addr.ipv6.set(ip('2001:db8::77'));
    remote.port = 7;
    return yield* sock_udp_send(null, Uint8Array.of(1), 1, remote);
  });
  network.runFor(SECOND);
  t.is(network.frames.length, frames);
  t.is(lbr.drops('nib not-resolved'), 1);
  t.is(lbr.pktbuf, 0);
});
