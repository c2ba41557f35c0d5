import test from 'ava';
import fc from 'fast-check';

import {
  eui64_from_str, hasLinkLocalPrefix, ieee802154_get_iid, ipv6_addr_all_nodes_link_local, ipv6_addr_equal,
  ipv6_addr_from_str, ipv6_addr_init_prefix, ipv6_addr_is_global, ipv6_addr_is_link_local, ipv6_addr_is_loopback,
  ipv6_addr_is_multicast, ipv6_addr_is_site_local, ipv6_addr_is_solicited_node, ipv6_addr_is_unique_local_unicast,
  ipv6_addr_is_unspecified, ipv6_addr_loopback, ipv6_addr_match_prefix, ipv6_addr_set_solicited_nodes,
  ipv6_addr_to_str, ipv6_addr_unspecified, l2util_addr_from_str, l2util_addr_to_str,
  linkLocalFromIid,
} from '../../../net/wire/addr.ts';
import { bytesEqual, fromHex, hex } from '../../../net/wire/bytes.ts';
import { bytesOf, RUNS, unicast } from './common.ts';

/** Address by text; the text is right. */
function addr(text: string): Uint8Array {
  return ipv6_addr_from_str(text)!;
}

test('addresses print as RIOT prints them', (t) => {
  // hex on the left is written out, text as ipv6_addr_to_str of RIOT gives it (its unit tests and consoles)
  const cases: [string, string][] = [
    ['000102030405060708090a0b0c0d0e0f', '1:203:405:607:809:a0b:c0d:e0f'],
    ['fe80000000000000f8f9fafbfcfdfeff', 'fe80::f8f9:fafb:fcfd:feff'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['00000000000000000000ffffc0a80001', '::ffff:c0a8:1'],
    ['fe80000000000000000000000000000a', 'fe80::a'],
    ['ff0200000000000000000001ff00000a', 'ff02::1:ff00:a'],
    ['ffffffffffffffffffffffffffffffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    // the first of two longest runs; a single zero group is not shortened; a run at the end
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010db8000000010000000000000001', '2001:db8:0:1::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010db8000100010000000000000000', '2001:db8:1:1::'],
    ['00010000000000000000000000000000', '1::'],
    ['0a0b0c0d000e00000000000000000abc', 'a0b:c0d:e::abc'],
  ];
  for (const [bytes, text] of cases) t.is(ipv6_addr_to_str(fromHex(bytes)), text);
});

test('an address text is read as RIOT reads it', (t) => {
  // both cases of hex, leading zeros beyond four digits as long as the value fits, leading and trailing ::
  const cases: [string, string][] = [
    ['1:203:405:607:809:a0b:c0d:e0f', '000102030405060708090a0b0c0d0e0f'],
    ['FE80::F8F9:FAFB:FCFD:FEFF', 'fe80000000000000f8f9fafbfcfdfeff'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:db8::', '20010db8000000000000000000000000'],
    ['00000fe80::000a', 'fe80000000000000000000000000000a'],
  ];
  for (const [text, bytes] of cases) t.is(hex(ipv6_addr_from_str(text)!), bytes, text);
});

test('RIOT\'s leniency is kept: a trailing colon is overlooked, :: beside eight groups clears what follows', (t) => {
  // traced through RIOT's ipv6_addr_from_buf: only a missing group count or a second gap makes it fail
  t.is(ipv6_addr_to_str(addr('::1:')), '::1');
  t.is(ipv6_addr_to_str(addr('1:2:3:4:5:6:7:8:')), '1:2:3:4:5:6:7:8');
  t.is(ipv6_addr_to_str(addr('1:2:3:4::5:6:7:8')), '1:2:3:4::');
});

test('a malformed address text is null', (t) => {
  // one case for each way to fail, RIOT's own unit tests among them
  const malformed = [
    '', ':', ':ff::1', 'ff02:::1', ':-)', '192.168.0.1', '::ffff:192.168.0.1', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9',
    '::A:A:A:A:A:A:A:A:A:A', '1::2::3', '12345::', 'fe80::a%6', 'fe80::g', ' ::1', '::1 ', '1', 'fe80:',
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '::00000000000000000000000000000000000000000',
  ];
  for (const text of malformed) t.is(ipv6_addr_from_str(text), null, JSON.stringify(text));
});

test('the text of any address reads back as that address', (t) => {
  // random addresses, many with runs of zeros
  const sparse = fc.array(fc.constantFrom(0, 0, 0, 1, 0xff), { minLength: 16, maxLength: 16 })
    .map((bytes) => Uint8Array.from(bytes));
  t.notThrows(() => fc.assert(fc.property(fc.oneof(unicast, sparse), (bytes) => {
    const text = ipv6_addr_to_str(bytes);
    return bytesEqual(addr(text), bytes) && text.length < 40;
  }), { ...RUNS, numRuns: 2000 }));
});

test('any text gives an address or null', (t) => {
  // strings over the alphabet of addresses reach deep into the parser; it must return, with 16 bytes if anything
  const text = fc.array(fc.constantFrom(':', '::', '0', '1', 'f', 'A', '.', '%', 'fe80'), { maxLength: 24 })
    .map((parts) => parts.join(''));
  t.notThrows(() => fc.assert(fc.property(text, (candidate) => {
    const result = ipv6_addr_from_str(candidate);
    return result === null || result.length === 16;
  }), { ...RUNS, numRuns: 3000 }));
});

test('addresses are sorted by scope as RIOT does', (t) => {
  // columns: unspecified, loopback, multicast, link-local, site-local, unique local, global, solicited-node
  const cases: [string, string][] = [
    ['::', 'u.......'], ['::1', '.l......'], ['fe80::1', '...k....'], ['fe80:0:0:1::1', '......g.'],
    ['fec0::1', '....s.g.'], ['fd00::1', '.....qg.'], ['fc00::1', '.....qg.'], ['2001:db8::1', '......g.'],
    ['ff02::1', '..mk....'], ['ff01::1', '..m.....'], ['ff05::2', '..m.s...'], ['ff0e::1', '..m...g.'],
    ['ff02::1:ff00:a', '..mk...n'], ['ff02::1:fe00:a', '..mk....'], ['::2', '......g.'],
  ];
  for (const [text, expected] of cases) {
    const a = addr(text);
    const flags = [
      ipv6_addr_is_unspecified(a), ipv6_addr_is_loopback(a), ipv6_addr_is_multicast(a), ipv6_addr_is_link_local(a),
      ipv6_addr_is_site_local(a), ipv6_addr_is_unique_local_unicast(a), ipv6_addr_is_global(a),
      ipv6_addr_is_solicited_node(a),
    ];
    t.is(flags.map((flag, i) => (flag ? 'ulmksqgn'[i] : '.')).join(''), expected, text);
  }
  t.false(hasLinkLocalPrefix(ipv6_addr_all_nodes_link_local));
  t.true(ipv6_addr_equal(addr('::'), ipv6_addr_unspecified));
  t.true(ipv6_addr_equal(addr('::1'), ipv6_addr_loopback));
  t.false(ipv6_addr_equal(addr('::1'), addr('8000::1')));
});

test('prefixes match and are set bit by bit', (t) => {
  // the match length is compared with a count over bit strings; the bits behind a set prefix must not change
  const bits = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  fc.assert(fc.property(bytesOf(16), bytesOf(16), fc.nat(128), (prefix, other, length) => {
    const out = other.slice();
    ipv6_addr_init_prefix(out, prefix, length);
    const expected = bits(prefix).slice(0, length) + bits(other).slice(length);
    let same = 0;
    while (same < 128 && bits(out)[same] === bits(prefix)[same]) same++;
    return bits(out) === expected && ipv6_addr_match_prefix(out, prefix) === same && same >= length;
  }), RUNS);
  const whole = new Uint8Array(16);
  ipv6_addr_init_prefix(whole, addr('1:2:3:4:5:6:7:8'), 255);
  t.is(ipv6_addr_to_str(whole), '1:2:3:4:5:6:7:8');
});

test('the solicited-node address carries the last 24 bits', (t) => {
  // RFC 4291 §2.7.1 gives this very example
  const out = new Uint8Array(16).fill(0x55);
  ipv6_addr_set_solicited_nodes(out, addr('4037::01:800:200e:8c6c'));
  t.is(ipv6_addr_to_str(out), 'ff02::1:ff0e:8c6c');
});

test('an EUI-64 is read strictly and printed in upper case', (t) => {
  // what RIOT's ifconfig prints for node A, and forms that only look like an EUI-64
  t.is(hex(eui64_from_str('02:00:00:00:00:00:00:0a')!), '020000000000000a');
  t.is(l2util_addr_to_str(fromHex('020000000000000a')), '02:00:00:00:00:00:00:0A');
  t.is(l2util_addr_to_str(fromHex('000a')), '00:0A');
  t.is(l2util_addr_to_str(new Uint8Array(0)), '');
  const malformed = [
    '', '02', '02:00:00:00:00:00:00', '02:00:00:00:00:00:00:0a:', '02:00:00:00:00:00:00:0a:0b', '2:0:0:0:0:0:0:a',
    '020000000000000a', '02-00-00-00-00-00-00-0a', '02:00:00:00:00:00:00:0g', '0x:00:00:00:00:00:00:0a',
    '02:00:00:00:00:00:00: a', '02:00:00:00:00:00::0a',
  ];
  for (const text of malformed) t.is(eui64_from_str(text), null, text);
  fc.assert(fc.property(bytesOf(8), (eui64) =>
    bytesEqual(eui64_from_str(l2util_addr_to_str(eui64))!, eui64)), RUNS);
});

test('a link-layer address of the shell is read from its end, as RIOT does', (t) => {
  // RIOT's l2util_addr_from_str: any delimiter, a missing leading zero, no delimiter at the end or beside another
  const cases: [string, string | null][] = [
    ['02:00:00:00:00:00:00:0A', '020000000000000a'], ['00-0a', '000a'], ['000a', '000a'], ['a', '0a'], ['20a', '020a'],
    ['1.22', '0122'], ['2:a', '020a'], ['', null], [':0a', null], ['0a:', null], ['00::0a', null], ['zz', null],
    ['02:00:00:00:00:00:00:00:0a', null],
  ];
  for (const [text, expected] of cases) {
    const result = l2util_addr_from_str(text);
    t.is(result === null ? null : hex(result), expected, JSON.stringify(text));
  }
});

test('interface identifiers come from link-layer addresses of 8, 2 and 4 bytes, and of no other length', (t) => {
  // RFC 4944 §6 and RFC 6282 §3.2.2; node A of the captures has fe80::a
  t.is(hex(ieee802154_get_iid(fromHex('020000000000000a'))!), '000000000000000a');
  t.is(ipv6_addr_to_str(linkLocalFromIid(ieee802154_get_iid(fromHex('020000000000000a'))!)), 'fe80::a');
  t.is(hex(ieee802154_get_iid(fromHex('abcd'))!), '000000fffe00abcd');
  t.is(hex(ieee802154_get_iid(fromHex('0023abcd'))!), '022300fffe00abcd');
  for (const length of [0, 1, 3, 5, 6, 7, 9, 16]) t.is(ieee802154_get_iid(new Uint8Array(length)), null, `${length}`);
});
