// Router advertisements on an Ethernet link: the cases of RIOT's tests/net/gnrc_ipv6_nib over the whole stack, hostile
// ones, and addresses and routes over time.
import test from 'ava';
import { gnrc_ipv6_nib_ft_add } from '../../../net/gnrc/nib_ft.ts';
import { ICMPV6_NBR_ADV } from '../../../net/wire/icmpv6.ts';
import type { NdpOptionRepr } from '../../../net/wire/ndp.ts';
import { EthernetNode, ip, ndp, OWN, OWN_GROUP, PEER } from './ethernet.ts';
import { GLOBAL, host, na, neighbors, ns, O, pio, prefixes, RA, routes, S, SECOND, sllao, tllao } from './nib_host.ts';

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
