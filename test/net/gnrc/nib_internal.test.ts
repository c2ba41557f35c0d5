// RIOT's tests/unittests/tests-gnrc_ipv6_nib/tests-gnrc_ipv6_nib-internal.c, with its sizes: 16 on-link and 25 off-link
// entries, 4 default routers, 4 border routers.
import test, { type ExecutionContext } from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { _exp_backoff_retrans_timer_factor } from '../../../net/gnrc/nib_arsm.ts';
import {
  _nib_drl_add, _nib_drl_get, _nib_drl_get_dr, _nib_drl_iter, _nib_drl_remove, _nib_nc_add, _nib_nc_remove,
  _nib_nc_set_reachable, _nib_onl_alloc, _nib_onl_clear, _nib_onl_get, _nib_onl_iter,
} from '../../../net/gnrc/nib_internal.ts';
import {
  _nib_abr_add, _nib_abr_iter, _nib_abr_remove, _nib_ft_add, _nib_ft_remove, _nib_offl_add, _nib_offl_iter, _nib_pl_add,
  _nib_pl_remove,
} from '../../../net/gnrc/nib_offl.ts';
import {
  _DRL, _EMPTY, _FT, _NC, _nib_onl_get_if, _PL, type _nib_onl_entry_t, GNRC_IPV6_NIB_NC_INFO_AR_STATE_REGISTERED,
  GNRC_IPV6_NIB_NC_INFO_AR_STATE_TENTATIVE, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE, UINT32_MAX,
} from '../../../net/gnrc/nib_t.ts';
import { ipv6_addr_equal, ipv6_addr_is_unspecified } from '../../../net/wire/addr.ts';
import { NetBoard } from './board.ts';

const NUMOF = 16;
const OFFL_NUMOF = 25;
const ROUTERS = 4;
const ABRS = 4;
const IFACE = 6;
const STALE = GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE;

/** 2001:db8::<n>. */
function addr(n: number, prefix = 0): Uint8Array {
  return Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, prefix >> 8, prefix & 0xff, 0, 0, 0, 0, 0, 0, 0, 0, n >> 8, n & 0xff);
}

/** Runs `body` on a board with an empty NIB. */
function onBoard(body: () => Blocking<void>): void {
  new NetBoard(body, {
    modules: ['gnrc_ipv6_nib_6lbr'],
    net: {
      CONFIG_GNRC_IPV6_NIB_NUMOF: NUMOF, CONFIG_GNRC_IPV6_NIB_OFFL_NUMOF: OFFL_NUMOF,
      CONFIG_GNRC_IPV6_NIB_DEFAULT_ROUTER_NUMOF: ROUTERS, CONFIG_GNRC_IPV6_NIB_ABR_NUMOF: ABRS,
    },
  }).run();
}

/** A test whose body runs on a board. */
function boardTest(title: string, body: (t: ExecutionContext) => Blocking<void>): void {
  test(title, (t) => {
    let done = false;
    onBoard(function* () {
      yield* body(t);
      done = true;
    });
    t.true(done);
  });
}

/** The three ways in which entries differ: by address, by interface, by both. */
const WAYS = [
  ['address', (i: number) => [addr(i), IFACE] as const], ['interface', (i: number) => [addr(1), i + 1] as const],
  ['address and interface', (i: number) => [addr(i), i + 1] as const],
] as const;

for (const [what, at] of WAYS) {
  boardTest(`on-link entries that differ by ${what} fill the table; those in it are found`, function* (t) {
    // RIOT: _nib_onl_alloc() answers NULL for the 17th of 16, and the entry itself for the last again.
    let last: _nib_onl_entry_t | null = null;
    for (let i = 0; i < NUMOF; i++) {
      last = _nib_onl_alloc(...at(i));
      t.not(last, null);
      last!.mode |= _DRL;
    }
    t.is(_nib_onl_alloc(...at(NUMOF)), null);
    t.is(_nib_onl_alloc(...at(NUMOF - 1)), last);
  });

  boardTest(`neighbours that differ by ${what} and are registered fill the cache`, function* (t) {
    // RIOT: only entries whose address registration state is GC are replaced.
    for (let i = 0; i < NUMOF; i++) {
      const node: _nib_onl_entry_t | null = yield* _nib_nc_add(...at(i), STALE);
      t.not(node, null);
      node!.info |= i % 2 === 0
        ? GNRC_IPV6_NIB_NC_INFO_AR_STATE_REGISTERED : GNRC_IPV6_NIB_NC_INFO_AR_STATE_TENTATIVE;
    }
    t.is(yield* _nib_nc_add(...at(NUMOF), GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED), null);
    const again = yield* _nib_nc_add(...at(NUMOF - 1), STALE);
    t.is(again, _nib_onl_get(...at(NUMOF - 1)));
  });

  boardTest(`default routers that differ by ${what} fill their list`, function* (t) {
    // RIOT: four of them, and one that is there is found in the full list.
    let last = null;
    for (let i = 0; i < ROUTERS; i++) t.not((last = _nib_drl_add(...at(i))), null);
    t.is(_nib_drl_add(...at(ROUTERS)), null);
    t.is(_nib_drl_add(...at(ROUTERS - 1)), last);
  });
}

boardTest('an entry without address becomes that of an address on the same interface', function* (t) {
  // RIOT: a free entry is taken first, and an unused one is free.
  const one = _nib_onl_alloc(null, IFACE)!;
  const two = _nib_onl_alloc(addr(1), IFACE)!;
  t.is(one, two);
  t.deepEqual(two.ipv6, addr(1));
  t.is(_nib_onl_get_if(two), IFACE);
});

boardTest('an entry is cleared only when it is there for nothing any more', function* (t) {
  // RIOT: _nib_onl_clear() looks at the mode.
  const node = _nib_onl_alloc(addr(1), IFACE)!;
  for (const mode of [_DRL, ~_FT & 0xff]) {
    node.mode = mode;
    t.false(_nib_onl_clear(node));
    t.is(_nib_onl_iter(null), node);
  }
  node.mode = _EMPTY;
  t.true(_nib_onl_clear(node));
  t.is(_nib_onl_iter(null), null);
  t.true(ipv6_addr_is_unspecified(node.ipv6));
  t.is(_nib_onl_get_if(node), 0);
});

/** All entries that an iteration gives. */
function all<T>(iter: (last: T | null) => T | null): T[] {
  const found: T[] = [];
  for (let entry = iter(null); entry !== null; entry = iter(entry)) found.push(entry);
  return found;
}

boardTest('iterations give the entries in use in the order of the table, also around a hole', function* (t) {
  // RIOT: with none, one, two and three entries, and with the middle one of three removed.
  t.deepEqual(all(_nib_onl_iter), []);
  t.deepEqual(all(_nib_drl_iter), []);
  t.deepEqual(all(_nib_offl_iter), []);
  t.deepEqual(all(_nib_abr_iter), []);
  const nodes = [1, 2, 3].map((n) => {
    const node = _nib_onl_alloc(addr(n), IFACE)!;
    node.mode = _FT;
    return node;
  });
  t.deepEqual(all(_nib_onl_iter), nodes);
  nodes[1]!.mode = _EMPTY;
  _nib_onl_clear(nodes[1]!);
  t.deepEqual(all(_nib_onl_iter), [nodes[0]!, nodes[2]!]);
  const routers = [11, 12, 13].map((n) => _nib_drl_add(addr(n), IFACE)!);
  t.deepEqual(all(_nib_drl_iter), routers);
  _nib_drl_remove(routers[1]!);
  t.deepEqual(all(_nib_drl_iter), [routers[0]!, routers[2]!]);
  const routes = [1, 2, 3].map((n) => _nib_ft_add(addr(20), IFACE, addr(0, n), 48)!);
  t.deepEqual(all(_nib_offl_iter), routes);
  _nib_ft_remove(routes[1]!);
  t.deepEqual(all(_nib_offl_iter), [routes[0]!, routes[2]!]);
  const abrs = [1, 2, 3].map((n) => _nib_abr_add(addr(n))!);
  t.deepEqual(all(_nib_abr_iter), abrs);
  _nib_abr_remove(addr(2));
  t.deepEqual(all(_nib_abr_iter), [abrs[0]!, abrs[2]!]);
});

boardTest('an entry is found by address and interface, and not when it is not there', function* (t) {
  // RIOT: _nib_onl_get() of an empty table, of another address, of the address.
  t.is(_nib_onl_get(addr(1), IFACE), null);
  const node = _nib_onl_alloc(addr(1), IFACE)!;
  node.mode = _NC;
  t.is(_nib_onl_get(addr(2), IFACE), null);
  t.is(_nib_onl_get(addr(1), IFACE), node);
  t.is(_nib_onl_get(addr(1), 0), node);
  t.is(_nib_onl_get(addr(1), IFACE + 1), null);
});

boardTest('a neighbour begins with its address, interface and state', function* (t) {
  // RIOT: _nib_nc_add() sets the mode and the state it was told.
  const node = (yield* _nib_nc_add(addr(1), IFACE, STALE))!;
  t.is(_nib_onl_iter(null), node);
  t.true((node.mode & _NC) !== 0);
  t.deepEqual(node.ipv6, addr(1));
  t.is(_nib_onl_get_if(node), IFACE);
  t.is(node.info & GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK, STALE);
});

boardTest('a full neighbour cache replaces its entries, the oldest first', function* (t) {
  // RIOT: test_nib_nc_add__success_full_but_garbage_collectible; the list of those to be replaced is first in, first
  // out.
  for (let i = 0; i < NUMOF; i++) yield* _nib_nc_add(addr(i), IFACE, STALE);
  for (let i = 0; i < 2 * NUMOF; i++) {
    const oldest: _nib_onl_entry_t = _nib_onl_get(addr(i), IFACE)!;
    t.is(yield* _nib_nc_add(addr(NUMOF + i), IFACE, STALE), oldest);
    t.is(_nib_onl_get(addr(i), IFACE), null);
  }
});

boardTest('removed neighbours are not replaced once more', function* (t) {
  // RIOT: test_nib_nc_add__cache_out_crash: three more after two were removed of a full cache.
  const nodes: _nib_onl_entry_t[] = [];
  for (let i = 0; i < NUMOF; i++) nodes.push((yield* _nib_nc_add(addr(i), IFACE, STALE))!);
  yield* _nib_nc_remove(nodes[NUMOF - 2]!);
  yield* _nib_nc_remove(nodes[NUMOF - 1]!);
  t.is(yield* _nib_nc_add(addr(100), IFACE, STALE), nodes[NUMOF - 2]!);
  t.is(yield* _nib_nc_add(addr(101), IFACE, STALE), nodes[NUMOF - 1]!);
  t.is(yield* _nib_nc_add(addr(102), IFACE, STALE), nodes[0]!);
});

boardTest('a neighbour is set reachable', function* (t) {
  // RIOT: _nib_nc_set_reachable() sets the state.
  const node = (yield* _nib_nc_add(addr(1), IFACE, STALE))!;
  _nib_nc_set_reachable(node);
  t.is(node.info & GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE);
});

boardTest('a removed neighbour stays an entry as long as something else needs it', function* (t) {
  // RIOT: test_nib_nc_remove__uncleared and __cleared.
  const node = (yield* _nib_nc_add(addr(1), IFACE, STALE))!;
  node.mode |= _DRL;
  yield* _nib_nc_remove(node);
  t.is(_nib_onl_iter(null), node);
  node.mode = _NC;
  yield* _nib_nc_remove(node);
  t.is(_nib_onl_iter(null), null);
});

boardTest('a default router finds no room in a full table of on-link entries', function* (t) {
  // RIOT: test_nib_drl_add__no_space_left_nib_full.
  for (let i = 0; i < NUMOF; i++) _nib_onl_alloc(addr(i), IFACE)!.mode |= _FT;
  t.is(_nib_drl_add(addr(NUMOF), IFACE), null);
});

boardTest('a default router is an on-link entry; removed, the entry stays if something else needs it', function* (t) {
  // RIOT: test_nib_drl_add__success, test_nib_drl_remove__uncleared and __cleared, test_nib_drl_get.
  t.is(_nib_drl_get(addr(1), IFACE), null);
  const router = _nib_drl_add(addr(1), IFACE)!;
  const node = router.next_hop!;
  t.true((node.mode & _DRL) !== 0);
  t.true(ipv6_addr_equal(node.ipv6, addr(1)));
  t.is(_nib_onl_get_if(node), IFACE);
  t.is(_nib_drl_get(addr(1), IFACE), router);
  t.is(_nib_drl_get(addr(2), IFACE), null);
  t.is(_nib_drl_get(null, IFACE), router);
  node.mode |= _NC;
  _nib_drl_remove(router);
  t.is(_nib_drl_iter(null), null);
  t.is(_nib_onl_iter(null), node);
  node.mode = _EMPTY;
  _nib_onl_clear(node);
  _nib_drl_remove(_nib_drl_add(addr(1), IFACE)!);
  t.is(_nib_onl_iter(null), null);
});

const SUSPECT = GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNREACHABLE;

boardTest('of routers that are all unreachable each is used in its turn', function* (t) {
  // RIOT: test_nib_drl_get_dr__empty, __round_robin1 and 2; so each is probed (RFC 4861 §6.3.6).
  t.is(_nib_drl_get_dr(), null);
  const one = _nib_drl_add(addr(1), IFACE)!;
  one.next_hop!.info |= SUSPECT;
  for (let i = 0; i < 3; i++) t.is(_nib_drl_get_dr(), one);
  const two = _nib_drl_add(addr(2), IFACE)!;
  two.next_hop!.info |= SUSPECT;
  for (let i = 0; i < 3; i++) {
    t.is(_nib_drl_get_dr(), two);
    t.is(_nib_drl_get_dr(), one);
  }
});

boardTest('a reachable router is used until it becomes unreachable or goes', function* (t) {
  // RIOT: test_nib_drl_get_dr__success1 to 4.
  const routers = [1, 2, 3].map((n) => _nib_drl_add(addr(n), IFACE)!);
  for (const { next_hop } of routers) next_hop!.info |= SUSPECT;
  const [one, two, three] = routers as [typeof routers[0], typeof routers[0], typeof routers[0]];
  two.next_hop!.info &= ~GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK;
  two.next_hop!.info |= GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE;
  for (let i = 0; i < 3; i++) t.is(_nib_drl_get_dr(), two);
  two.next_hop!.info &= ~GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK;
  two.next_hop!.info |= SUSPECT;
  t.deepEqual([1, 2, 3, 4].map(() => _nib_drl_get_dr()), [three, one, two, three]);
  two.next_hop!.info &= ~GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK;
  t.is(_nib_drl_get_dr(), two);
  _nib_drl_remove(two);
  t.deepEqual([1, 2, 3].map(() => _nib_drl_get_dr()), [one, three, one]);
});

/** What may differ of an off-link entry; the table of on-link entries is full first where the next hop does. */
const PARTS = ['next_hop', 'iface', 'pfx', 'pfx_len'] as const;

for (let set = 1; set < 1 << PARTS.length; set++) {
  const differs = (part: typeof PARTS[number]): boolean => (set & (1 << PARTS.indexOf(part))) !== 0;
  boardTest(`off-link entries that differ by ${PARTS.filter(differs).join(', ')} fill their table`, function* (t) {
    // RIOT: test_nib_offl_alloc__no_space_left_diff_*: one entry more than the smaller table has finds no room.
    const at = (i: number) => [
      addr(differs('next_hop') ? i + 1 : 1), differs('iface') ? i + 1 : IFACE,
      addr(1, differs('pfx') ? (i + 1) << 8 : 0x100), differs('pfx_len') ? 64 + i : 60, _FT,
    ] as const;
    const max = differs('next_hop') || differs('iface') ? NUMOF : OFFL_NUMOF;
    let last = null;
    for (let i = 0; i < max; i++) t.not((last = _nib_offl_add(...at(i))), null);
    t.is(_nib_offl_add(...at(max)), null);
    t.is(_nib_offl_add(...at(max - 1)), last);
  });
}

boardTest('an off-link entry without next hop gets one', function* (t) {
  // RIOT: test_nib_offl_alloc__success_overwrite_unspecified.
  const entry = _nib_offl_add(null, IFACE, addr(1), 64, _FT)!;
  t.is(_nib_offl_add(addr(9), IFACE, addr(1), 64, _FT), entry);
  t.deepEqual(entry.next_hop!.ipv6, addr(9));
});

boardTest('an off-link entry has prefix, interface and next hop, of which only the prefix counts', function* (t) {
  // RIOT: test_nib_offl_alloc__success; bits behind the prefix are not kept.
  const entry = _nib_offl_add(addr(9), IFACE, addr(0xffff, 0x1200), 40, _FT)!;
  t.deepEqual(entry.pfx, addr(0, 0x1200));
  t.is(entry.pfx_len, 40);
  t.is(_nib_onl_get_if(entry.next_hop!), IFACE);
  t.deepEqual(entry.next_hop!.ipv6, addr(9));
});

boardTest('routes to a next hop can be removed without the same prefix on the same interface', function* (t) {
  // RIOT: test_nib_offl_alloc__next_hop_indicates_whether_onl.
  const route = _nib_ft_add(addr(9), IFACE, addr(0), 30)!;
  const prefix = _nib_pl_add(IFACE, addr(0), 30, UINT32_MAX, UINT32_MAX)!;
  t.not(route, prefix);
  t.true(ipv6_addr_is_unspecified(prefix.next_hop!.ipv6));
  for (const entry of all(_nib_offl_iter)) if (ipv6_addr_equal(entry.next_hop!.ipv6, addr(9))) _nib_ft_remove(entry);
  t.deepEqual(all(_nib_offl_iter), [prefix]);
});

boardTest('a removed off-link entry leaves its next hop as long as something else needs that', function* (t) {
  // RIOT: test_nib_offl_clear__uncleared, __same_next_hop and __cleared.
  const [one, two] = [_nib_ft_add(addr(9), IFACE, addr(0, 1), 48)!, _nib_ft_add(addr(9), IFACE, addr(0, 2), 48)!];
  const node = one.next_hop!;
  t.is(two.next_hop, node);
  _nib_ft_remove(one);
  t.deepEqual([all(_nib_offl_iter), all(_nib_onl_iter)], [[two], [node]]);
  node.mode |= _NC;
  _nib_ft_remove(two);
  t.deepEqual([all(_nib_offl_iter), all(_nib_onl_iter)], [[], [node]]);
  yield* _nib_nc_remove(node);
  t.deepEqual(all(_nib_onl_iter), []);
});

boardTest('prefix and route are one entry where the next hop is not known, and go one by one', function* (t) {
  // RIOT: test_nib_pl_add, test_nib_pl_remove, test_nib_ft_add, test_nib_ft_remove.
  const entry = _nib_pl_add(IFACE, addr(0), 64, UINT32_MAX, UINT32_MAX)!;
  t.is(_nib_ft_add(null, IFACE, addr(0), 64), entry);
  t.is(entry.mode, _PL | _FT);
  _nib_pl_remove(entry);
  t.is(entry.mode, _FT);
  _nib_ft_remove(entry);
  t.deepEqual([all(_nib_offl_iter), all(_nib_onl_iter)], [[], []]);
});

boardTest('border routers fill their table; one is found again, and removed with its prefixes', function* (t) {
  // RIOT: test_nib_abr_add, test_nib_abr_remove, test_nib_abr_add_pfx.
  const abrs = Array.from({ length: ABRS }, (_, i) => _nib_abr_add(addr(i + 1))!);
  t.is(_nib_abr_add(addr(ABRS + 1)), null);
  t.is(_nib_abr_add(addr(ABRS)), abrs[ABRS - 1]!);
  const prefix = _nib_pl_add(IFACE, addr(0), 64, UINT32_MAX, UINT32_MAX)!;
  abrs[0]!.pfxs[prefix.idx] = 1;
  _nib_abr_remove(addr(1));
  t.deepEqual(all(_nib_offl_iter), []);
  t.is(all(_nib_abr_iter).length, ABRS - 1);
  t.is(_nib_abr_add(addr(ABRS + 1)), abrs[0]!);
  t.is(abrs[0]!.pfxs[prefix.idx], 0);
});

boardTest('probes of an unreachable neighbour back off, up to a minute, without overflow', function* (t) {
  // RIOT: test_retrans_exp_backoff, every line of it.
  const rows = [
    [0, 0, 500, 0], [0, 1000, 1000, 1000], [1, 1000, 1000, 2000], [2, 1000, 1000, 4000], [3, 1000, 1000, 8000],
    [4, 1000, 1000, 16000], [5, 1000, 1000, 32000], [6, 1000, 1000, 60000], [0, UINT32_MAX, 500, 60000],
    [0, UINT32_MAX, 1499, 60000], [17, UINT32_MAX, 1499, 60000], [17, 1000, 1499, 60000], [17, 1000, 500, 60000],
    [17, 60000, 1499, 60000], [16, 1, 500, 32768], [5, 1118, 1332, 47653], [17, 32768, 1024, 60000],
  ] as const;
  for (const [sent, timer, factor, wait] of rows) t.is(_exp_backoff_retrans_timer_factor(sent, timer, factor), wait);
});
