// net/wire/addr.ts and net/wire/ipv6_addr.ts; RIOT's unit tests tests-ipv6_addr, written anew: all cases but those that
// hand over NULL or too small a buffer, which have no like here.
import test from 'ava';
import {
  IPV6_ADDR_MAX_STR_LEN, IPV6_ADDR_MCAST_SCP_IF_LOCAL, IPV6_ADDR_MCAST_SCP_LINK_LOCAL, IPV6_ADDR_MCAST_SCP_ORG_LOCAL,
  IPV6_ADDR_MCAST_SCP_REALM_LOCAL, IPV6_ADDR_MCAST_SCP_SITE_LOCAL, ipv6_addr_all_nodes_if_local,
  ipv6_addr_all_nodes_link_local, ipv6_addr_all_routers_if_local, ipv6_addr_all_routers_link_local,
  ipv6_addr_all_routers_site_local, ipv6_addr_equal, ipv6_addr_from_str, ipv6_addr_init_prefix, ipv6_addr_is_global,
  ipv6_addr_is_link_local, ipv6_addr_is_loopback, ipv6_addr_is_multicast, ipv6_addr_is_site_local,
  ipv6_addr_is_solicited_node, ipv6_addr_is_unique_local_unicast, ipv6_addr_is_unspecified, ipv6_addr_loopback,
  ipv6_addr_match_prefix, ipv6_addr_set_solicited_nodes, ipv6_addr_to_str, ipv6_addr_unspecified,
} from '../../../net/wire/addr.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  ipv6_addr_from_buf, ipv6_addr_init, ipv6_addr_init_iid, ipv6_addr_is_ipv4_compat, ipv6_addr_is_ipv4_mapped,
  ipv6_addr_set_aiid, ipv6_addr_set_all_nodes_multicast, ipv6_addr_set_all_routers_multicast, ipv6_addr_set_iid,
  ipv6_addr_set_link_local_prefix, ipv6_addr_set_loopback, ipv6_addr_set_multicast, ipv6_addr_set_unspecified,
  ipv6_addr_split_iface, ipv6_addr_split_prefix,
} from '../../../net/wire/ipv6_addr.ts';

/** The address that most tests begin with. */
const PLAIN = '000102030405060708090a0b0c0d0e0f';

/** What becomes of PLAIN, or of another address. */
function after(change: (addr: Uint8Array) => void, from = PLAIN): string {
  const addr = fromHex(from);
  change(addr);
  return hex(addr);
}

test('ipv6_addr_equal: every byte counts', (t) => {
  // The first, the last and one in between differ by one bit each.
  const plain = fromHex(PLAIN);
  for (const other of [
    '101112131415161718191a1b1c1d1e1f', '800102030405060708090a0b0c0d0e0f', '000102030405060708090a0b0c0d0e0e',
    '000102030425060708090a0b0c0d0e0f',
  ]) t.false(ipv6_addr_equal(plain, fromHex(other)), other);
  t.true(ipv6_addr_equal(plain, fromHex(PLAIN)));
});

test('what kind of address it is: each kind with addresses that are and that nearly are', (t) => {
  // The addresses of RIOT's tests, one row for each of its cases.
  const cases: [(addr: Uint8Array) => boolean, string, boolean][] = [
    [ipv6_addr_is_unspecified, PLAIN, false],
    [ipv6_addr_is_unspecified, hex(ipv6_addr_unspecified), true],
    [ipv6_addr_is_loopback, PLAIN, false],
    [ipv6_addr_is_loopback, hex(ipv6_addr_loopback), true],
    [ipv6_addr_is_global, 'fe8000000000000008090a0b0c0d0e0f', false],
    [ipv6_addr_is_global, '2a0104f8015100640000000000000011', true],
    [ipv6_addr_is_global, 'affe000000000000beefcafe1234abcd', true],
    [ipv6_addr_is_global, 'ff1502030405060708090a0b0c0d0e0f', false],
    [ipv6_addr_is_global, 'ff1e02030405060708090a0b0c0d0e0f', true],
    [ipv6_addr_is_ipv4_compat, '00000000000000000000ffffc0a80001', false],
    [ipv6_addr_is_ipv4_compat, '000000000000000000000001c0a80001', false],
    [ipv6_addr_is_ipv4_compat, '000000000000000000000000c0a80001', true],
    [ipv6_addr_is_ipv4_mapped, '000000000000000000000000c0a80001', false],
    [ipv6_addr_is_ipv4_mapped, '00000000000000000001ffffc0a80001', false],
    [ipv6_addr_is_ipv4_mapped, '00000000000000000000ffffc0a80001', true],
    [ipv6_addr_is_site_local, 'fe8000000000000008090a0b0c0d0e0f', false],
    [ipv6_addr_is_site_local, 'ffc000000000000008090a0b0c0d0e0f', false],
    [ipv6_addr_is_site_local, 'ff1502030405060708090a0b0c0d0e0f', true],
    [ipv6_addr_is_site_local, 'fec000000000000008090a0b0c0d0e0f', true],
    [ipv6_addr_is_multicast, '00010203040501ff08090a0b0c0d0e0f', false],
    [ipv6_addr_is_multicast, 'ff0102030405060708090a0b0c0d0e0f', true],
    [ipv6_addr_is_link_local, PLAIN, false],
    [ipv6_addr_is_link_local, 'fe8000000000000708090a0b0c0d0e0f', false],
    [ipv6_addr_is_link_local, 'fe8000000000000008090a0b0c0d0e0f', true],
    [ipv6_addr_is_link_local, 'ff1202030405060708090a0b0c0d0e0f', true],
    [ipv6_addr_is_link_local, 'ffa202030405060708090a0b0c0d0e0f', true],
    [ipv6_addr_is_unique_local_unicast, PLAIN, false],
    [ipv6_addr_is_unique_local_unicast, 'fd0102030405060708090a0b0c0d0e0f', true],
    [ipv6_addr_is_unique_local_unicast, 'fc0102030405060708090a0b0c0d0e0f', true],
    [ipv6_addr_is_solicited_node, PLAIN, false],
    [ipv6_addr_is_solicited_node, 'ff0200000000000008090a0b0c0d0e0f', false],
    [ipv6_addr_is_solicited_node, 'ff0200000000000000000001ff0d0e0f', true],
  ];
  for (const [is, addr, expected] of cases) t.is(is(fromHex(addr)), expected, `${is.name} ${addr}`);
});

test('ipv6_addr_match_prefix counts the leading bits that are the same', (t) => {
  // RIOT's pairs: the first bit that differs is the one behind the count.
  const plain = fromHex(PLAIN);
  for (const [other, bits] of [
    ['fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0', 0], ['400102030405060708090a0b0c0d0e0f', 1],
    ['200102030405060708090a0b0c0d0e0f', 2], ['100102030405060708090a0b0c0d0e0f', 3],
    ['020102030405060708090a0b0c0d0e0f', 6], ['000102030405060708090a0b0c0d0e0e', 127], [PLAIN, 128],
  ] as const) t.is(ipv6_addr_match_prefix(plain, fromHex(other)), bits, other);
  t.is(ipv6_addr_match_prefix(plain, plain), 128);
});

test('addresses are made of halves, prefixes and identifiers, to the bit', (t) => {
  // RIOT's results; 31 bits end in the middle of a byte, whose other bit stays.
  t.is(after((addr) => ipv6_addr_init(addr, 0xff02000000000000n, 1n)), 'ff020000000000000000000000000001');
  t.is(after((addr) => ipv6_addr_init_prefix(addr, fromHex('000102030000000000000000'), 31),
    'fffefdfe0405060708090a0b0c0d0e0f'), '000102020405060708090a0b0c0d0e0f');
  t.is(after((addr) => ipv6_addr_init_iid(addr, fromHex('13020100'), 31), '000102030405060708090a0bff0d0e0f'),
    '000102030405060708090a0b93020100');
  t.is(after(ipv6_addr_set_unspecified), hex(ipv6_addr_unspecified));
  t.is(after(ipv6_addr_set_loopback), hex(ipv6_addr_loopback));
  t.is(after(ipv6_addr_set_link_local_prefix), 'fe8000000000000008090a0b0c0d0e0f');
  t.is(after((addr) => ipv6_addr_set_iid(addr, 0xf8f9fafbfcfdfeffn)), '0001020304050607f8f9fafbfcfdfeff');
  t.is(after((addr) => ipv6_addr_set_aiid(addr, fromHex('f8f9fafbfcfdfeff'))), '0001020304050607f8f9fafbfcfdfeff');
});

test('groups: flags and scope, all nodes and all routers of usual and unusual scopes, solicited nodes', (t) => {
  // The well-known addresses are compared with the constants too.
  t.is(after((addr) => ipv6_addr_set_multicast(addr, 5, IPV6_ADDR_MCAST_SCP_REALM_LOCAL)).slice(0, 4), 'ff53');
  const nodes = (scope: number) => after((addr) => ipv6_addr_set_all_nodes_multicast(addr, scope));
  t.is(nodes(IPV6_ADDR_MCAST_SCP_IF_LOCAL), 'ff010000000000000000000000000001');
  t.is(nodes(IPV6_ADDR_MCAST_SCP_IF_LOCAL), hex(ipv6_addr_all_nodes_if_local));
  t.is(nodes(IPV6_ADDR_MCAST_SCP_LINK_LOCAL), 'ff020000000000000000000000000001');
  t.is(nodes(IPV6_ADDR_MCAST_SCP_LINK_LOCAL), hex(ipv6_addr_all_nodes_link_local));
  t.is(nodes(IPV6_ADDR_MCAST_SCP_REALM_LOCAL), 'ff030000000000000000000000000001');
  const routers = (scope: number) => after((addr) => ipv6_addr_set_all_routers_multicast(addr, scope));
  t.is(routers(IPV6_ADDR_MCAST_SCP_IF_LOCAL), hex(ipv6_addr_all_routers_if_local));
  t.is(routers(IPV6_ADDR_MCAST_SCP_LINK_LOCAL), hex(ipv6_addr_all_routers_link_local));
  t.is(routers(IPV6_ADDR_MCAST_SCP_SITE_LOCAL), hex(ipv6_addr_all_routers_site_local));
  t.is(routers(IPV6_ADDR_MCAST_SCP_ORG_LOCAL), 'ff080000000000000000000000000002');
  t.is(after((addr) => ipv6_addr_set_solicited_nodes(addr, fromHex(PLAIN))), 'ff0200000000000000000001ff0d0e0f');
});

test('ipv6_addr_to_str and ipv6_addr_from_str: RIOT\'s texts both ways, upper case too', (t) => {
  // The texts of RIOT's tests; an IPv4 part is written as hex without module ipv4_addr.
  for (const [addr, text] of [
    [PLAIN, '1:203:405:607:809:a0b:c0d:e0f'], ['fe80000000000000f8f9fafbfcfdfeff', 'fe80::f8f9:fafb:fcfd:feff'],
    [hex(ipv6_addr_unspecified), '::'], [hex(ipv6_addr_loopback), '::1'],
    ['00000000000000000000ffffc0a80001', '::ffff:c0a8:1'],
    ['ff'.repeat(16), 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ] as const) {
    t.is(ipv6_addr_to_str(fromHex(addr)), text);
    t.is(hex(ipv6_addr_from_str(text)!), addr);
    t.is(hex(ipv6_addr_from_str(text.toUpperCase())!), addr);
  }
});

test('ipv6_addr_from_str refuses what is no address', (t) => {
  // RIOT's cases: one colon, too many groups, three colons, too long, other characters, an IPv4 address.
  for (const text of [
    ':ff::1', '::A:A:A:A:A:A:A:A:A:A', 'ff02:::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', ':-)',
    '192.168.0.1', '',
  ]) t.is(ipv6_addr_from_str(text), null, text);
});

test('zone, prefix length and the rest of a buffer are parted from an address', (t) => {
  // RIOT writes a NUL in place of the separator; here both parts are returned.
  t.deepEqual(ipv6_addr_split_iface('fe80::f8f9:fafb:fcfd:feff'), ['fe80::f8f9:fafb:fcfd:feff', null]);
  t.deepEqual(ipv6_addr_split_iface('fe80::f8f9:fafb:fcfd:feff%eth0'), ['fe80::f8f9:fafb:fcfd:feff', 'eth0']);
  t.deepEqual(ipv6_addr_split_prefix('fd00:dead:beef::1'), ['fd00:dead:beef::1', 128]);
  t.deepEqual(ipv6_addr_split_prefix('fd00:dead:beef::1/64'), ['fd00:dead:beef::1', 64]);
  t.is(hex(ipv6_addr_from_buf('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%tap0', 39)!), 'ff'.repeat(16));
  t.is(ipv6_addr_from_buf('::1', IPV6_ADDR_MAX_STR_LEN + 1), null);
});
