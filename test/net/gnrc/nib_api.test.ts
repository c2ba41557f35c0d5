// What applications ask of the NIB: RIOT's tests/unittests/tests-gnrc_ipv6_nib/tests-gnrc_ipv6_nib-{nc,ft,pl,abr}.c,
// with its sizes: 16 on-link and 25 off-link entries, 4 default routers, 4 border routers.
import test, { type ExecutionContext } from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { EINVAL, ENETUNREACH, ENOMEM, ENOTSUP } from '../../../kernel/errno.ts';
import { gnrc_ipv6_nib_abr_add } from '../../../net/gnrc/nib_abr.ts';
import {
  gnrc_ipv6_nib_ft_add, gnrc_ipv6_nib_ft_del, gnrc_ipv6_nib_ft_get, gnrc_ipv6_nib_ft_iter, gnrc_ipv6_nib_ft_print,
  gnrc_ipv6_nib_ft_t,
} from '../../../net/gnrc/nib_ft.ts';
import {
  gnrc_ipv6_nib_nc_del, gnrc_ipv6_nib_nc_del_l2, gnrc_ipv6_nib_nc_get_ar_state, gnrc_ipv6_nib_nc_get_iface,
  gnrc_ipv6_nib_nc_get_nud_state, gnrc_ipv6_nib_nc_iter, gnrc_ipv6_nib_nc_mark_reachable, gnrc_ipv6_nib_nc_set,
  gnrc_ipv6_nib_nc_t,
} from '../../../net/gnrc/nib_nc.ts';
import { _nib_nc_add, _nib_onl_get } from '../../../net/gnrc/nib_internal.ts';
import {
  gnrc_ipv6_nib_pl_del, gnrc_ipv6_nib_pl_iter, gnrc_ipv6_nib_pl_print, gnrc_ipv6_nib_pl_set, gnrc_ipv6_nib_pl_t,
} from '../../../net/gnrc/nib_pl.ts';
import {
  GNRC_IPV6_NIB_NC_INFO_AR_STATE_MANUAL, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE, nib, UINT32_MAX,
} from '../../../net/gnrc/nib_t.ts';
import { ipv6_addr_from_str, ipv6_addr_to_str } from '../../../net/wire/addr.ts';
import { NetBoard } from './board.ts';

const NUMOF = 16;
const OFFL_NUMOF = 25;
const ROUTERS = 4;
const IFACE = 6;
const L2ADDR = Uint8Array.of(0x90, 0xd5, 0x8e, 0x8c, 0x92, 0x43, 0x73, 0x5c);

/** 2001:db8:<prefix>::<n>. */
function addr(n: number, prefix = 0): Uint8Array {
  return Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, prefix >> 8, prefix & 0xff, 0, 0, 0, 0, 0, 0, 0, 0, n >> 8, n & 0xff);
}

function ip(text: string): Uint8Array {
  return ipv6_addr_from_str(text)!;
}

interface Options {
  readonly modules?: readonly string[];
  readonly profile?: 'rfc';
}

/** A test whose body runs on a board with an empty NIB; hands back what it printed. */
function boardTest(
  title: string, body: (t: ExecutionContext, board: NetBoard) => Blocking<void>, options: Options = {},
): void {
  test(title, (t) => {
    let done = false;
    const board: NetBoard = new NetBoard(function* () {
      yield* body(t, board);
      done = true;
    }, {
      modules: options.modules ?? ['gnrc_ipv6_nib_6lbr'], ...(options.profile && { profile: options.profile }),
      net: {
        CONFIG_GNRC_IPV6_NIB_NUMOF: NUMOF, CONFIG_GNRC_IPV6_NIB_OFFL_NUMOF: OFFL_NUMOF,
        CONFIG_GNRC_IPV6_NIB_DEFAULT_ROUTER_NUMOF: ROUTERS, CONFIG_GNRC_IPV6_NIB_ABR_NUMOF: 4,
      },
    });
    board.run(100_000);
    t.true(done);
  });
}

function* neighbors(iface = 0): Blocking<gnrc_ipv6_nib_nc_t[]> {
  const found: gnrc_ipv6_nib_nc_t[] = [];
  const state = { entry: null };
  for (let nce = new gnrc_ipv6_nib_nc_t(); yield* gnrc_ipv6_nib_nc_iter(iface, state, nce);
    nce = new gnrc_ipv6_nib_nc_t()) found.push(nce);
  return found;
}

function routes(next_hop: Uint8Array | null = null, iface = 0): string[] {
  const found: string[] = [];
  const state = { entry: null };
  const fte = new gnrc_ipv6_nib_ft_t();
  while (gnrc_ipv6_nib_ft_iter(next_hop, iface, state, fte)) {
    found.push(`${ipv6_addr_to_str(fte.dst)}/${fte.dst_len} ${ipv6_addr_to_str(fte.next_hop)} ${fte.iface}` +
      `${fte.primary ? ' *' : ''}`);
  }
  return found;
}

function* prefixes(iface = 0): Blocking<string[]> {
  const found: string[] = [];
  const state = { entry: null };
  const ple = new gnrc_ipv6_nib_pl_t();
  while (yield* gnrc_ipv6_nib_pl_iter(iface, state, ple)) {
    found.push(`${ipv6_addr_to_str(ple.pfx)}/${ple.pfx_len} ${ple.iface} ${ple.valid_until} ${ple.pref_until}`);
  }
  return found;
}

const WAYS = [
  ['address', (i: number) => [addr(i), IFACE] as const], ['interface', (i: number) => [addr(1), i + 1] as const],
  ['address and interface', (i: number) => [addr(i), i + 1] as const],
] as const;

for (const [what, at] of WAYS) {
  boardTest(`manual neighbours that differ by ${what} are not replaced: the cache is full with 16`, function* (t) {
    // RIOT: test_nib_nc_set__ENOMEM_*, and __success_duplicate: the last one again is no new one.
    for (let i = 0; i < NUMOF; i++) t.is(yield* gnrc_ipv6_nib_nc_set(...at(i), L2ADDR, 8), 0);
    t.is(yield* gnrc_ipv6_nib_nc_set(...at(NUMOF), L2ADDR, 8), -ENOMEM);
    t.is(yield* gnrc_ipv6_nib_nc_set(...at(NUMOF - 1), L2ADDR, 8), 0);
    yield* gnrc_ipv6_nib_nc_del(addr(77), IFACE);
    t.is((yield* neighbors()).length, NUMOF);
  });
}

boardTest('a manual neighbour has its addresses, and nobody manages its state', function* (t) {
  // RIOT: test_nib_nc_set__success.
  t.is(yield* gnrc_ipv6_nib_nc_set(addr(1), IFACE, L2ADDR, 8), 0);
  const [nce] = yield* neighbors();
  t.deepEqual([nce!.ipv6, nce!.l2addr, nce!.l2addr_len], [addr(1), L2ADDR, 8]);
  t.is(gnrc_ipv6_nib_nc_get_iface(nce!), IFACE);
  t.is(gnrc_ipv6_nib_nc_get_nud_state(nce!), GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED);
  t.is(gnrc_ipv6_nib_nc_get_ar_state(nce!), GNRC_IPV6_NIB_NC_INFO_AR_STATE_MANUAL);
  t.deepEqual(yield* neighbors(IFACE + 1), []);
});

boardTest('a neighbour is removed by its address or by its link-layer address', function* (t) {
  // RIOT: test_nib_nc_del__success; gnrc_ipv6_nib_nc_del_l2() says whether there was one.
  yield* gnrc_ipv6_nib_nc_set(addr(1), IFACE, L2ADDR, 8);
  yield* gnrc_ipv6_nib_nc_del(addr(1), IFACE);
  t.deepEqual(yield* neighbors(), []);
  yield* gnrc_ipv6_nib_nc_set(addr(1), IFACE, L2ADDR, 8);
  t.false(yield* gnrc_ipv6_nib_nc_del_l2(IFACE, L2ADDR, 6));
  t.false(yield* gnrc_ipv6_nib_nc_del_l2(IFACE + 1, L2ADDR, 8));
  t.true(yield* gnrc_ipv6_nib_nc_del_l2(IFACE, L2ADDR, 8));
  t.deepEqual(yield* neighbors(), []);
});

boardTest('an upper layer marks a neighbour reachable, but none whose state nobody manages', function* (t) {
  // RIOT: test_nib_nc_mark_reachable__not_in_neighbor_cache, __unmanaged and __success.
  const node = (yield* _nib_nc_add(addr(1), IFACE, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE))!;
  yield* gnrc_ipv6_nib_nc_mark_reachable(addr(2));
  t.is(node.info & GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE);
  yield* gnrc_ipv6_nib_nc_mark_reachable(addr(1));
  t.is(node.info & GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE);
  yield* gnrc_ipv6_nib_nc_set(addr(3), IFACE, L2ADDR, 8);
  yield* gnrc_ipv6_nib_nc_mark_reachable(addr(3));
  t.is(_nib_onl_get(addr(3), IFACE)!.info & GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK,
    GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED);
});

boardTest('there is no route in an empty table, nor one to another prefix', function* (t) {
  // RIOT: test_nib_ft_get__ENETUNREACH_empty and __no_def_route.
  const fte = new gnrc_ipv6_nib_ft_t();
  t.is(yield* gnrc_ipv6_nib_ft_get(addr(1), null, fte), -ENETUNREACH);
  t.is(yield* gnrc_ipv6_nib_ft_add(addr(0, 1), 48, addr(9), IFACE, 0), 0);
  t.is(yield* gnrc_ipv6_nib_ft_get(addr(1, 2), null, fte), -ENETUNREACH);
});

boardTest('a destination takes the default route, or that of its prefix if there is one', function* (t) {
  // RIOT: test_nib_ft_get__success1 to 4.
  const fte = new gnrc_ipv6_nib_ft_t();
  const get = function* (dst: Uint8Array): Blocking<string> {
    t.is(yield* gnrc_ipv6_nib_ft_get(dst, null, fte), 0);
    return `${ipv6_addr_to_str(fte.dst)}/${fte.dst_len} ${ipv6_addr_to_str(fte.next_hop)} ${fte.iface} ${fte.primary}`;
  };
  yield* gnrc_ipv6_nib_ft_add(null, 0, ip('fe80::1'), IFACE, 0);
  t.is(yield* get(addr(1)), '::/0 fe80::1 6 true');
  yield* gnrc_ipv6_nib_ft_add(addr(0, 0x100), 48, ip('fe80::2'), IFACE + 1, 0);
  yield* gnrc_ipv6_nib_ft_add(addr(0, 0x200), 48, ip('fe80::3'), IFACE, 0);
  t.is(yield* get(addr(7, 0x100)), '2001:db8:100::/48 fe80::2 7 false');
  t.is(yield* get(addr(7, 0x200)), '2001:db8:200::/48 fe80::3 6 false');
  t.is(yield* get(addr(7, 0x300)), '::/0 fe80::1 6 true');
  yield* gnrc_ipv6_nib_ft_add(addr(0, 0x201), 47 + 1, ip('fe80::4'), IFACE, 0);
  yield* gnrc_ipv6_nib_ft_add(addr(0, 0x200), 47, ip('fe80::5'), IFACE, 0);
  t.is(yield* get(addr(7, 0x201)), '2001:db8:201::/48 fe80::4 6 false');
});

for (const profile of ['riot', 'rfc'] as const) {
  boardTest(`profile ${profile}: a short prefix with the more bits in common ${profile === 'riot' ? 'wins' : 'loses'}`,
    function* (t) {
      // Quirk nib-longest-match: both prefixes agree with the destination in 127 bits as they are padded; the first
      // wins.
      const fte = new gnrc_ipv6_nib_ft_t();
      yield* gnrc_ipv6_nib_ft_add(addr(0), 32, ip('fe80::1'), IFACE, 0);
      yield* gnrc_ipv6_nib_ft_add(addr(0), 64, ip('fe80::2'), IFACE, 0);
      t.is(yield* gnrc_ipv6_nib_ft_get(addr(1), null, fte), 0);
      t.is(fte.dst_len, profile === 'riot' ? 32 : 64);
    }, profile === 'rfc' ? { profile } : {});
}

boardTest('a route needs an interface, and a default route a next hop', function* (t) {
  // RIOT: test_nib_ft_add__EINVAL_def_route_next_hop_NULL and __EINVAL_iface0.
  t.is(yield* gnrc_ipv6_nib_ft_add(null, 0, null, IFACE, 0), -EINVAL);
  t.is(yield* gnrc_ipv6_nib_ft_add(addr(0), 0, null, IFACE, 0), -EINVAL);
  t.is(yield* gnrc_ipv6_nib_ft_add(ip('::'), 64, null, IFACE, 0), -EINVAL);
  t.is(yield* gnrc_ipv6_nib_ft_add(addr(0), 64, addr(9), 0, 0), -EINVAL);
  t.deepEqual(routes(), []);
});

boardTest('default routes find room for four routers', function* (t) {
  // RIOT: test_nib_ft_add__ENOMEM_diff_def_router. The one added last is in use.
  for (let i = 0; i < ROUTERS; i++) t.is(yield* gnrc_ipv6_nib_ft_add(null, 0, addr(i + 1), IFACE, 0), 0);
  t.is(yield* gnrc_ipv6_nib_ft_add(null, 0, addr(9), IFACE, 0), -ENOMEM);
  t.deepEqual(routes(), ['::/0 2001:db8::1 6', '::/0 2001:db8::2 6', '::/0 2001:db8::3 6', '::/0 2001:db8::4 6 *']);
});

const PARTS = ['dst', 'dst_len', 'next_hop', 'iface'] as const;

for (let set = 1; set < 1 << PARTS.length; set++) {
  const differs = (part: typeof PARTS[number]): boolean => (set & (1 << PARTS.indexOf(part))) !== 0;
  boardTest(`routes that differ by ${PARTS.filter(differs).join(', ')} fill the table`, function* (t) {
    // RIOT: test_nib_ft_add__ENOMEM_diff_*, __success_duplicate, test_nib_ft_del__unknown.
    const at = (i: number) => [
      addr(1, differs('dst') ? (i + 1) << 8 : 0x100), differs('dst_len') ? 64 + i : 60,
      addr(differs('next_hop') ? i + 1 : 1), differs('iface') ? i + 1 : IFACE, 0,
    ] as const;
    const max = differs('next_hop') || differs('iface') ? NUMOF : OFFL_NUMOF;
    for (let i = 0; i < max; i++) t.is(yield* gnrc_ipv6_nib_ft_add(...at(i)), 0);
    t.is(yield* gnrc_ipv6_nib_ft_add(...at(max)), -ENOMEM);
    t.is(yield* gnrc_ipv6_nib_ft_add(...at(max - 1)), 0);
    yield* gnrc_ipv6_nib_ft_del(addr(0, 0xffff), 60);
    t.is(routes().length, max);
  });
}

boardTest('a route without next hop gets one; it is removed by its prefix', function* (t) {
  // RIOT: test_nib_ft_add__success_overwrite_unspecified, __success, test_nib_ft_del__success.
  yield* gnrc_ipv6_nib_ft_add(addr(1), 64, null, IFACE, 0);
  t.deepEqual(routes(), ['2001:db8::/64 :: 6']);
  yield* gnrc_ipv6_nib_ft_add(addr(1), 64, addr(9), IFACE, 0);
  t.deepEqual(routes(), ['2001:db8::/64 2001:db8::9 6']);
  yield* gnrc_ipv6_nib_ft_del(addr(2), 64);
  t.deepEqual(routes(), []);
});

boardTest('routes are given prefixes first, then default routers, those of a next hop or interface only if asked so',
  function* (t) {
    // RIOT: test_nib_ft_iter__empty_def_route_at_beginning and __empty_pref_route_in_the_middle.
    for (let i = 1; i <= 3; i++) yield* gnrc_ipv6_nib_ft_add(null, 0, addr(i), IFACE, 0);
    for (let i = 1; i <= 3; i++) yield* gnrc_ipv6_nib_ft_add(addr(0, i), 48, addr(9), IFACE + i, 0);
    yield* gnrc_ipv6_nib_ft_del(addr(0, 2), 48);
    yield* gnrc_ipv6_nib_ft_del(null, 0);
    t.deepEqual(routes(), [
      '2001:db8:1::/48 2001:db8::9 7', '2001:db8:3::/48 2001:db8::9 9', '::/0 2001:db8::1 6', '::/0 2001:db8::2 6',
    ]);
    t.deepEqual(routes(addr(9)), ['2001:db8:1::/48 2001:db8::9 7', '2001:db8:3::/48 2001:db8::9 9']);
    t.deepEqual(routes(null, IFACE), ['::/0 2001:db8::1 6', '::/0 2001:db8::2 6']);
  });

boardTest('a node that is no router knows no other route than the default one', function* (t) {
  // RIOT: gnrc_ipv6_nib_ft_add() without CONFIG_GNRC_IPV6_NIB_ROUTER.
  t.is(yield* gnrc_ipv6_nib_ft_add(addr(0), 64, addr(9), IFACE, 0), -ENOTSUP);
  t.is(yield* gnrc_ipv6_nib_ft_add(null, 0, addr(9), IFACE, 0), 0);
}, { modules: ['gnrc_ipv6_nib_6ln'] });

boardTest('prefixes that are none of unicast addresses, or with lifetimes the wrong way round, are refused',
  function* (t) {
    // RIOT: test_nib_pl_set__EINVAL_*.
    for (const pfx of ['::', 'fe80::1', 'ff02::1']) {
      t.is(yield* gnrc_ipv6_nib_pl_set(IFACE, ip(pfx), 64, UINT32_MAX, UINT32_MAX), -EINVAL, pfx);
    }
    t.is(yield* gnrc_ipv6_nib_pl_set(IFACE, addr(1), 0, UINT32_MAX, UINT32_MAX), -EINVAL);
    t.is(yield* gnrc_ipv6_nib_pl_set(IFACE, addr(1), 64, 1000, 2000), -EINVAL);
    t.deepEqual(yield* prefixes(), []);
  });

const PL_PARTS = ['iface', 'pfx', 'pfx_len'] as const;

for (let set = 1; set < 1 << PL_PARTS.length; set++) {
  const differs = (part: typeof PL_PARTS[number]): boolean => (set & (1 << PL_PARTS.indexOf(part))) !== 0;
  boardTest(`prefixes that differ by ${PL_PARTS.filter(differs).join(', ')} fill the list`, function* (t) {
    // RIOT: test_nib_pl_set__ENOMEM_diff_*, __success_duplicate, test_nib_pl_del__unknown. Prefixes of one interface
    // share an on-link entry.
    const at = (i: number) => [
      differs('iface') ? i + 1 : IFACE, addr(1, differs('pfx') ? (i + 1) << 8 : 0x100),
      differs('pfx_len') ? 64 + i : 60, UINT32_MAX, UINT32_MAX,
    ] as const;
    const max = differs('iface') ? NUMOF : OFFL_NUMOF;
    for (let i = 0; i < max; i++) t.is(yield* gnrc_ipv6_nib_pl_set(...at(i)), 0);
    t.is(yield* gnrc_ipv6_nib_pl_set(...at(max)), -ENOMEM);
    t.is(yield* gnrc_ipv6_nib_pl_set(...at(max - 1)), 0);
    yield* gnrc_ipv6_nib_pl_del(IFACE, addr(0, 0xffff), 60);
    t.is((yield* prefixes()).length, max);
  });
}

boardTest('the lifetimes of a prefix are set, and set anew', function* (t) {
  // RIOT: test_nib_pl_set__success and __success_change; they count from now on, the largest number is for ever.
  yield* gnrc_ipv6_nib_pl_set(IFACE, addr(1), 64, 10_000, 5_000);
  t.deepEqual(yield* prefixes(), ['2001:db8::/64 6 10000 5000']);
  yield* gnrc_ipv6_nib_pl_set(IFACE, addr(1), 64, UINT32_MAX, 7_000);
  t.deepEqual(yield* prefixes(), [`2001:db8::/64 6 ${UINT32_MAX} 7000`]);
  yield* gnrc_ipv6_nib_pl_set(IFACE, addr(1), 64, UINT32_MAX - 1, UINT32_MAX - 1);
  t.deepEqual(yield* prefixes(), [`2001:db8::/64 6 ${UINT32_MAX - 1} ${UINT32_MAX - 1}`]);
  yield* gnrc_ipv6_nib_pl_set(IFACE, addr(1), 1000, UINT32_MAX, UINT32_MAX);
  t.is((yield* prefixes())[1], `2001:db8::1/128 6 ${UINT32_MAX} ${UINT32_MAX}`);
});

boardTest('prefixes are removed, and the others are given in their order', function* (t) {
  // RIOT: test_nib_pl_del__success, test_nib_pl_iter__empty_in_the_middle.
  for (let i = 1; i <= 3; i++) yield* gnrc_ipv6_nib_pl_set(IFACE + i % 2, addr(0, i), 48, UINT32_MAX, UINT32_MAX);
  yield* gnrc_ipv6_nib_pl_del(0, addr(0, 2), 48);
  t.deepEqual((yield* prefixes()).map((line) => line.split(' ')[0]), ['2001:db8:1::/48', '2001:db8:3::/48']);
  t.deepEqual((yield* prefixes(IFACE)), []);
});

boardTest('routes and prefixes are printed as RIOT does', function* (t, board) {
  // Formats of gnrc_ipv6_nib_ft_print() and gnrc_ipv6_nib_pl_print().
  const fte = new gnrc_ipv6_nib_ft_t();
  yield* gnrc_ipv6_nib_ft_add(null, 0, ip('fe80::1'), IFACE, 0);
  yield* gnrc_ipv6_nib_ft_add(addr(0), 32, ip('fe80::2'), IFACE, 0);
  yield* gnrc_ipv6_nib_ft_add(addr(0, 1), 48, null, IFACE, 0);
  const state = { entry: null };
  while (gnrc_ipv6_nib_ft_iter(null, 0, state, fte)) gnrc_ipv6_nib_ft_print(fte);
  yield* gnrc_ipv6_nib_pl_set(IFACE, addr(0, 2), 48, 10_999, 5_000);
  yield* gnrc_ipv6_nib_pl_set(IFACE, addr(0, 3), 48, UINT32_MAX, UINT32_MAX);
  const ple = new gnrc_ipv6_nib_pl_t();
  const at = { entry: null };
  while (yield* gnrc_ipv6_nib_pl_iter(0, at, ple)) gnrc_ipv6_nib_pl_print(ple);
  t.true(board.console.endsWith([
    '2001:db8::/32 via fe80::2 dev #6', '2001:db8:1::/48 dev #6', 'default* via fe80::1 dev #6',
    '2001:db8:2::/48 dev #6  expires 10 sec deprecates 5 sec', '2001:db8:3::/48 dev #6 ', '',
  ].join('\n')), board.console);
});

boardTest('only a border router is told its address', function* (t) {
  // RIOT: gnrc_ipv6_nib_abr_add() is -ENOTSUP without CONFIG_GNRC_IPV6_NIB_6LBR.
  t.is(yield* gnrc_ipv6_nib_abr_add(addr(1)), -ENOTSUP);
}, { modules: ['gnrc_ipv6_nib_6lr'] });

boardTest('what is stale stays stale', function* (t) {
  // The state that neighbours begin with when they are heard of.
  const node = (yield* _nib_nc_add(addr(1), IFACE, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE))!;
  t.is((yield* _nib_nc_add(addr(1), IFACE, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE)), node);
  t.is(node.info & GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE);
});

for (const [profile, locked] of [['riot', 1], ['rfc', 0]] as const) {
  boardTest(`profile ${profile}: a refused neighbour ${locked === 1 ? 'locks the NIB for ever' : 'changes nothing'}`,
    function* (t) {
      // Quirk nib-nc-set-lock: without ARSM only link-local neighbours can be set; RIOT returns with the lock held.
      t.is(yield* gnrc_ipv6_nib_nc_set(addr(1), IFACE, L2ADDR, 8), -EINVAL);
      t.is(nib().mutex.refcount, locked);
    }, { modules: ['gnrc_ipv6_nib_6ln'], ...(profile === 'rfc' && { profile }) });
}
