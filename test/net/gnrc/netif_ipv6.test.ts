import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { EINVAL, ENOMEM, ENOTSUP } from '../../../kernel/errno.ts';
import { AssertFailed } from '../../../kernel/panic.ts';
import { GNRC_NETIF_FLAGS_6LN, GNRC_NETIF_FLAGS_HAS_L2ADDR, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_DEPRECATED as DEPRECATED,
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE as TENTATIVE, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID as VALID,
  gnrc_netif_get_by_ipv6_addr, gnrc_netif_get_by_prefix, gnrc_netif_get_eui64, gnrc_netif_ipv6_add_prefix,
  gnrc_netif_ipv6_addr_add_internal, gnrc_netif_ipv6_addr_best_src, gnrc_netif_ipv6_addr_dad_trans,
  gnrc_netif_ipv6_addr_get_state, gnrc_netif_ipv6_addr_idx, gnrc_netif_ipv6_addr_match,
  gnrc_netif_ipv6_addr_remove_internal, gnrc_netif_ipv6_get_iid, gnrc_netif_ipv6_group_idx,
  gnrc_netif_ipv6_group_join_internal, gnrc_netif_ipv6_group_leave_internal, gnrc_netif_ipv6_iid_from_addr,
  gnrc_netif_ipv6_iid_to_addr, gnrc_netif_ndp_addr_len_from_l2ao, gnrc_netif_set_nib, gnrc_netif_t,
  netif_register } from '../../../net/gnrc/netif.ts';
import { NETDEV_TYPE_IEEE802154 } from '../../../net/netdev.ts';
import { gnrc_netapi_get, gnrc_netapi_set } from '../../../net/gnrc/netapi.ts';
import { NETOPT_IPV6_ADDR, NETOPT_IPV6_ADDR_FLAGS, NETOPT_IPV6_ADDR_REMOVE, NETOPT_IPV6_GROUP,
  NETOPT_IPV6_IID } from '../../../net/netopt.ts';
import { ipv6_addr_from_str } from '../../../net/wire/addr.ts';
import { NetBoard } from './board.ts';
import { A, interfaceBoard } from './interface.ts';

function addr(text: string): Uint8Array {
  const bytes = ipv6_addr_from_str(text);
  if (bytes === null) throw new TypeError(text);
  return bytes;
}

interface Prefix { readonly pfx: Uint8Array; readonly pfx_len: number }

/** Runs `body` with an interface of `addrs` addresses on a board with a NIB. */
function withNetif(
  body: (netif: gnrc_netif_t, prefixes: Prefix[]) => Blocking<void>, { addrs = 4, arsm = false } = {},
): NetBoard {
  const board = new NetBoard(function* () {
    const prefixes: Prefix[] = [];
    gnrc_netif_set_nib({
      arsm,
      slaac: false,
      init_iface: function* () { return; },
      change_rtr_adv_iface: function* () {},
      start_search_rtr: () => undefined,
      stop_search_rtr: () => undefined,
      pl_prefixes: () => prefixes,
      pl_set: function* (_iface, pfx, pfx_len) {
        prefixes.push({ pfx: pfx.slice(), pfx_len });
        return 0;
      },
    });
    const netif = new gnrc_netif_t();
    netif.flags = GNRC_NETIF_FLAGS_6LN | GNRC_NETIF_FLAGS_HAS_L2ADDR;
    netif.device_type = NETDEV_TYPE_IEEE802154;
    netif.l2addr.set(A);
    netif.l2addr_len = 8;
    netif_register(netif);
    yield* body(netif, prefixes);
  }, { net: { CONFIG_GNRC_NETIF_IPV6_ADDRS_NUMOF: addrs } });
  return board.run();
}

/** Adds addresses by text, with their state. */
function* add(netif: gnrc_netif_t, entries: readonly (readonly [string, number])[]): Blocking<void> {
  for (const [text, state] of entries) yield* gnrc_netif_ipv6_addr_add_internal(netif, addr(text), 64, state);
}

test('an address takes the first free entry, keeps it, and gives it back', (t) => {
  // -ENOMEM when all are taken; adding one again answers its index. RIOT's unit tests of gnrc_netif have these cases.
  t.plan(10);
  withNetif(function* (netif) {
    const [one, two, three] = [addr('fe80::1'), addr('2001:db8::2'), addr('2001:db8::3')];
    t.is(yield* gnrc_netif_ipv6_addr_add_internal(netif, one, 64, VALID), 0);
    t.is(yield* gnrc_netif_ipv6_addr_add_internal(netif, two, 64, VALID), 1);
    t.is(yield* gnrc_netif_ipv6_addr_add_internal(netif, one, 64, VALID), 0);
    t.is(yield* gnrc_netif_ipv6_addr_add_internal(netif, three, 64, VALID), -ENOMEM);
    t.is(gnrc_netif_ipv6_addr_idx(netif, two), 1);
    yield* gnrc_netif_ipv6_addr_remove_internal(netif, one);
    t.is(gnrc_netif_ipv6_addr_idx(netif, one), -1);
    t.is(netif.ipv6.addrs_flags[0], 0);
    t.is(yield* gnrc_netif_ipv6_addr_add_internal(netif, three, 64, TENTATIVE), 0);
    t.is(gnrc_netif_ipv6_addr_dad_trans(netif, 0), 1);
    t.is(gnrc_netif_ipv6_addr_get_state(netif, 1), VALID);
  }, { addrs: 2 });
});

test('what is no unicast address, and a prefix length out of range, fail the assertions of RIOT', (t) => {
  // gnrc_netif.c:631 and :633.
  const board = new NetBoard(function* () { return 0; });
  board.do(() => {
    const netif = new gnrc_netif_t();
    for (const text of ['ff02::1', '::', '::1']) {
      t.throws(() => gnrc_netif_ipv6_addr_add_internal(netif, addr(text), 64, VALID).next(),
        { instanceOf: AssertFailed, message: /gnrc_netif\.c:631$/ });
    }
    for (const length of [0, 129]) {
      t.throws(() => gnrc_netif_ipv6_addr_add_internal(netif, addr('fe80::1'), length, VALID).next(),
        { instanceOf: AssertFailed, message: /gnrc_netif\.c:633$/ });
    }
  });
});

test('a valid address gets an entry of the prefix list if none covers it', (t) => {
  // gnrc_netif_ipv6_addr_add_internal() asks the NIB; a second address of the same prefix adds nothing.
  t.plan(2);
  withNetif(function* (netif, prefixes) {
    yield* add(netif,
      [['fe80::a', VALID], ['2001:db8::1', VALID], ['2001:db8::2', VALID], ['2001:db8:1::1', TENTATIVE]]);
    t.deepEqual(prefixes.map((prefix) => prefix.pfx_len), [64, 64]);
    t.deepEqual(prefixes[1]!.pfx, addr('2001:db8::1'));
  });
});

test('where addresses are resolved, the solicited-nodes group is joined, and left with its last address', (t) => {
  // Two addresses with the same last 24 bits share the group ff02::1:ff00:1.
  t.plan(4);
  withNetif(function* (netif) {
    const group = addr('ff02::1:ff00:1');
    yield* add(netif, [['fe80::1', VALID], ['2001:db8::1', VALID]]);
    t.true(gnrc_netif_ipv6_group_idx(netif, group) >= 0);
    yield* gnrc_netif_ipv6_addr_remove_internal(netif, addr('fe80::1'));
    t.true(gnrc_netif_ipv6_group_idx(netif, group) >= 0);
    yield* gnrc_netif_ipv6_addr_remove_internal(netif, addr('2001:db8::1'));
    t.is(gnrc_netif_ipv6_group_idx(netif, group), -1);
    t.is(gnrc_netif_ipv6_addr_idx(netif, addr('2001:db8::1')), -1);
  }, { arsm: true });
});

test('groups are joined once each, up to the size of the table, and left', (t) => {
  // One more group than addresses on a board that is neither router nor in an RPL network.
  t.plan(7);
  withNetif(function* (netif) {
    for (let i = 0; i < 5; i++) t.is(yield* gnrc_netif_ipv6_group_join_internal(netif, addr(`ff02::${i + 1}`)), i);
    t.is(yield* gnrc_netif_ipv6_group_join_internal(netif, addr('ff02::99')), -ENOMEM);
    yield* gnrc_netif_ipv6_group_leave_internal(netif, addr('ff02::3'));
    yield* gnrc_netif_ipv6_group_leave_internal(netif, addr('ff02::77'));
    yield* gnrc_netif_ipv6_group_join_internal(netif, addr('ff02::1'));
    t.is(yield* gnrc_netif_ipv6_group_join_internal(netif, addr('ff02::99')), 2);
  });
});

test('an interface is found by its addresses and groups, and by the longest match with a prefix', (t) => {
  // Two interfaces; the unspecified address is nobody's although free entries hold it.
  t.plan(7);
  withNetif(function* (netif) {
    const other = new gnrc_netif_t();
    netif_register(other);
    other.flags = GNRC_NETIF_FLAGS_6LN;
    yield* add(netif, [['fe80::1', VALID], ['2001:db8:1::1', VALID]]);
    yield* add(other, [['2001:db8:2::1', VALID]]);
    yield* gnrc_netif_ipv6_group_join_internal(other, addr('ff02::5'));
    t.is(gnrc_netif_get_by_ipv6_addr(addr('2001:db8:1::1')), netif);
    t.is(gnrc_netif_get_by_ipv6_addr(addr('ff02::5')), other);
    t.is(gnrc_netif_get_by_ipv6_addr(addr('::')), null);
    t.is(gnrc_netif_get_by_prefix(addr('2001:db8:1::')), netif);
    t.is(gnrc_netif_get_by_prefix(addr('2001:db8:2::')), other);
    t.is(gnrc_netif_ipv6_addr_match(netif, addr('2001:db8:1::ff')), 1);
    t.is(gnrc_netif_get_by_prefix(addr('8000::')), netif, 'fe80::1 shares the first bit');
  });
});

const SELECTION: [string, [string, number][], string, boolean, string | null][] = [
  ['the destination itself wins',
    [['fe80::a', VALID], ['2001:db8::1', VALID]], '2001:db8::1', false, '2001:db8::1'],
  ['the scope of the destination wins: link-local',
    [['2001:db8::1', VALID], ['fe80::a', VALID]], 'fe80::b', false, 'fe80::a'],
  ['the scope of the destination wins: global',
    [['fe80::a', VALID], ['2001:db8::1', VALID]], '2001:db8:9::1', false, '2001:db8::1'],
  ['a group of link scope takes the link-local one',
    [['2001:db8::1', VALID], ['fe80::a', VALID]], 'ff02::1', false, 'fe80::a'],
  ['a group of global scope takes the global one',
    [['fe80::a', VALID], ['2001:db8::1', VALID]], 'ff0e::1', false, '2001:db8::1'],
  ['one that is not deprecated wins',
    [['2001:db8::1', DEPRECATED], ['2001:db8:ffff::1', VALID]], '2001:db8::9', false, '2001:db8:ffff::1'],
  ['a deprecated one is better than one of too small a scope',
    [['fe80::a', VALID], ['2001:db8::1', DEPRECATED]], '2001:db8::9', false, '2001:db8::1'],
  ['among equals the longest match wins',
    [['2001:db8:1::1', VALID], ['2001:db8:2::1', VALID]], '2001:db8:2::9', false, '2001:db8:2::1'],
  ['with no difference the first wins',
    [['2001:db8::1', VALID], ['2001:db8::2', VALID]], '2001:db8::9', false, '2001:db8::1'],
  ['a tentative one is never taken', [['fe80::a', TENTATIVE]], 'fe80::b', false, null],
  ['only link-local ones where only those will do',
    [['2001:db8::1', VALID], ['fe80::a', VALID]], '2001:db8::9', true, 'fe80::a'],
  ['nothing when only link-local ones will do and there is none',
    [['2001:db8::1', VALID]], '2001:db8::9', true, null],
];

for (const [name, addresses, dst, linkLocal, source] of SELECTION) {
  test(`source address: ${name}`, (t) => {
    // RIOT gnrc_netif.c and RFC 6724 §5, rules 1, 2, 3 and 8.
    t.plan(1);
    withNetif(function* (netif) {
      yield* add(netif, addresses);
      const best = gnrc_netif_ipv6_addr_best_src(netif, addr(dst), linkLocal);
      t.deepEqual(best, source === null ? null : addr(source));
    });
  });
}

test('a match counts no further than the prefix of the source address', (t) => {
  // 2001:db8:0:0:1::1 matches more bits than the first, but both have the prefix 2001:db8::/64, so the first wins.
  t.plan(1);
  withNetif(function* (netif) {
    yield* add(netif, [['2001:db8::8000:0:0:1', VALID], ['2001:db8::1:0:0:1', VALID]]);
    t.deepEqual(gnrc_netif_ipv6_addr_best_src(netif, addr('2001:db8::1:0:0:9'), false), addr('2001:db8::8000:0:0:1'));
  });
});

test('interface identifiers come from the long address with its U/L bit flipped, and from a short one', (t) => {
  // RFC 4944 §6. 02…0a gives ::a, as the captured link-local address fe80::a shows; a length that has none is -EINVAL.
  t.plan(9);
  withNetif(function* (netif) {
    const iid = new Uint8Array(8);
    const l2addr = new Uint8Array(8);
    t.is(gnrc_netif_ipv6_get_iid(netif, iid), 8);
    t.deepEqual(iid, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 10));
    t.is(gnrc_netif_ipv6_iid_to_addr(netif, iid, l2addr), 8);
    t.deepEqual(l2addr, A);
    t.is(gnrc_netif_ipv6_iid_from_addr(netif, Uint8Array.of(0x12, 0x34), 2, iid), 8);
    t.deepEqual(iid, Uint8Array.of(0, 0, 0, 0xff, 0xfe, 0, 0x12, 0x34));
    t.is(gnrc_netif_ipv6_iid_from_addr(netif, A, 5, iid), -EINVAL);
    netif.flags = 0;
    t.is(gnrc_netif_ipv6_get_iid(netif, iid), -ENOTSUP);
    t.is(gnrc_netif_get_eui64(netif, iid), -ENOTSUP);
  });
});

test('a link layer address option of 1 or 2 units holds a short or a long address', (t) => {
  // RFC 4944 §8.
  new NetBoard(function* () { return 0; }).do(() => {
    const netif = new gnrc_netif_t();
    netif.device_type = NETDEV_TYPE_IEEE802154;
    t.deepEqual([0, 1, 2, 3].map((units) => gnrc_netif_ndp_addr_len_from_l2ao(netif, units)), [-EINVAL, 2, 8, -EINVAL]);
  });
});

test('addresses, flags and groups can be read, added and removed through the interface', (t) => {
  // The options that ifconfig uses; an address that is added by hand is valid at once, whatever its flags said.
  t.plan(9);
  interfaceBoard(A, function* ({ netif }) {
    const data = new Uint8Array(48);
    const one = addr('2001:db8::1');
    t.is(yield* gnrc_netapi_set(netif.pid, NETOPT_IPV6_ADDR, (64 << 8) | TENTATIVE, one, 16), 16);
    t.is(yield* gnrc_netapi_get(netif.pid, NETOPT_IPV6_ADDR, 0, data, 48), 16);
    t.deepEqual(data.subarray(0, 16), one);
    t.is(yield* gnrc_netapi_get(netif.pid, NETOPT_IPV6_ADDR_FLAGS, 0, data, 2), 1);
    t.is(data[0], VALID);
    t.is(yield* gnrc_netapi_set(netif.pid, NETOPT_IPV6_GROUP, 0, addr('ff02::5'), 16), 16);
    t.is(yield* gnrc_netapi_get(netif.pid, NETOPT_IPV6_GROUP, 0, data, 48), 16);
    yield* gnrc_netapi_set(netif.pid, NETOPT_IPV6_ADDR_REMOVE, 0, one, 16);
    t.is(yield* gnrc_netapi_get(netif.pid, NETOPT_IPV6_ADDR, 0, data, 48), 0);
    t.is(yield* gnrc_netapi_get(netif.pid, NETOPT_IPV6_IID, 0, data, 8), 8);
  }).board.run();
});

test('a prefix makes a valid address with the interface identifier', (t) => {
  // 2001:db8::/64 on the node 02…0a is 2001:db8::a.
  t.plan(2);
  interfaceBoard(A, function* ({ netif }) {
    t.is(yield* gnrc_netif_ipv6_add_prefix(netif, addr('2001:db8::'), 64, 0xffffffff, 3600), 0);
    t.deepEqual(netif.ipv6.addrs[0], addr('2001:db8::a'));
  }).board.run();
});
