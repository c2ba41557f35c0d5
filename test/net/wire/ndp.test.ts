import test from 'ava';
import fc from 'fast-check';

import { ipv6_addr_from_str, ipv6_addr_init_prefix } from '../../../net/wire/addr.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { ICMPV6_NBR_ADV, ICMPV6_NBR_SOL, ICMPV6_RTR_ADV, ICMPV6_RTR_SOL } from '../../../net/wire/icmpv6.ts';
import {
  emitNdp, emitNdpOption, formatNdp, NDP_NBR_ADV_FLAGS_O, NDP_NBR_ADV_FLAGS_S, NDP_OPT_AR, NDP_OPT_PI_LTIME_INF,
  ndpLength, ndpOptionLength, parseNdp, parseNdpOption, parseNdpOptions, SIXLOWPAN_ND_STATUS_DUP, type NdpOptionRepr,
  type NdpRepr,
} from '../../../net/wire/ndp.ts';
import { bytesOf, emitted, neverThrows, refusesEveryPrefix, RUNS, u16, u32, u8, unicast } from './common.ts';

const TARGET = 'fe80000000000000000000000000000a';
const EUI64 = '020000000000000a';

function address(text: string): Uint8Array {
  return ipv6_addr_from_str(text)!;
}

test('the router solicitation of a real node: 8 bytes and a source link-layer address of 16', (t) => {
  // a-boot-psk, without its checksum, which depends on the addresses
  const message = fromHex('8500 0000 00000000 0102 020000000000000a 000000000000');
  const repr = parseNdp(message) as NdpRepr;
  t.deepEqual(repr, { type: ICMPV6_RTR_SOL });
  const options = parseNdpOptions(message, ndpLength(repr)) as NdpOptionRepr[];
  t.deepEqual(options, [{ kind: 'sllao', address: fromHex(EUI64) }]);
  const out = new Uint8Array(24).fill(0xff);
  t.is(emitNdpOption(options[0]!, out, emitNdp(repr, out, 0)), 24);
  t.is(hex(out), hex(message));
});

test('the fixed parts of the four messages', (t) => {
  // the layouts of RFC 4861 §4.1 to §4.4, written out with a distinct value for each field
  const cases: [string, NdpRepr, string][] = [
    ['8500 0000 00000000', { type: ICMPV6_RTR_SOL }, 'RS'],
    ['8600 0000 40 c0 0708 01020304 85060708', {
      type: ICMPV6_RTR_ADV, curHopLimit: 64, flags: 0xc0, routerLifetime: 0x0708, reachableTime: 0x01020304,
      retransTimer: 0x85060708,
    }, 'RA lifetime=1800'],
    [`8700 0000 00000000 ${TARGET}`, { type: ICMPV6_NBR_SOL, target: fromHex(TARGET) }, 'NS fe80::a'],
    [`8800 0000 60000000 ${TARGET}`, {
      type: ICMPV6_NBR_ADV, flags: NDP_NBR_ADV_FLAGS_S | NDP_NBR_ADV_FLAGS_O, target: fromHex(TARGET),
    }, 'NA fe80::a flags=60'],
  ];
  for (const [text, repr, line] of cases) {
    const message = fromHex(text);
    t.deepEqual(parseNdp(message), repr);
    t.is(hex(emitted(t, ndpLength(repr), (out, offset) => emitNdp(repr, out, offset))), hex(message));
    t.is(formatNdp(repr), line);
    refusesEveryPrefix(t, message, parseNdp);
  }
});

test('other types, a code that is not 0, and a multicast target are refused', (t) => {
  // RFC 4861 §6.1.1, §6.1.2, §7.1.1, §7.1.2
  t.is(parseNdp(fromHex('8000 0000 00000000')), 'not-ndp');
  t.is(parseNdp(fromHex(`8900 0000 00000000 ${TARGET}${TARGET}`)), 'not-ndp');
  t.is(parseNdp(fromHex('8501 0000 00000000')), 'bad-code');
  for (const type of ['87', '88']) {
    t.is(parseNdp(fromHex(`${type}00 0000 00000000 ff0200000000000000000001ff00000a`)), 'multicast-target');
  }
});

test('reserved flag bits are not passed on', (t) => {
  // a receiver ignores them (RFC 4861 §4.2, §4.4)
  t.like(parseNdp(fromHex('8600 0000 40 ff 0708 00000000 00000000')), { flags: 0xc0 });
  t.like(parseNdp(fromHex(`8800 0000 ffffffff ${TARGET}`)), { flags: 0xe0 });
});

/** Options with their bytes: the layouts of RFC 4861 §4.6, RFC 4944 §8, RFC 4191 §2.3 and RFC 6775 §4. */
const OPTIONS: [string, NdpOptionRepr][] = [
  ['0102 020000000000000a 000000000000', { kind: 'sllao', address: fromHex(EUI64) }],
  ['0202 020000000000000a 000000000000', { kind: 'tllao', address: fromHex(EUI64) }],
  ['0101 abcd 00000000', { kind: 'sllao', address: fromHex('abcd') }],
  ['0201 abcd 00000000', { kind: 'tllao', address: fromHex('abcd') }],
  ['0304 40 c0 00015180 ffffffff 00000000 20010db8000100020000000000000000', {
    kind: 'pio', prefixLength: 64, flags: 0xc0, validLifetime: 86400, preferredLifetime: NDP_OPT_PI_LTIME_INF,
    prefix: address('2001:db8:1:2::'),
  }],
  ['0501 0000 00000500', { kind: 'mtu', mtu: 1280 }],
  ['1803 30 08 00000e10 20010db8aaaa00000000000000000000', {
    kind: 'rio', prefixLength: 48, flags: 0x08, routeLifetime: 3600, prefix: address('2001:db8:aaaa::'),
  }],
  ['2102 01 000000 000f 020000000000000a', {
    kind: 'aro', status: SIXLOWPAN_ND_STATUS_DUP, lifetime: 15, eui64: fromHex(EUI64),
  }],
  ['2202 40 13 0000 0258 20010db800010002', {
    kind: '6co', contextLength: 64, compress: true, id: 3, lifetime: 600, prefix: address('2001:db8:1:2::'),
  }],
  ['2203 80 0f 0000 0001 20010db8000100020003000400050006', {
    kind: '6co', contextLength: 128, compress: false, id: 15, lifetime: 1, prefix: address('2001:db8:1:2:3:4:5:6'),
  }],
  ['2303 0304 8102 2710 20010db8000100020000000000000001', {
    kind: 'abro', version: 0x81020304, lifetime: 10000, address: address('2001:db8:1:2::1'),
  }],
  ['6301 010203040506', { kind: 'raw', type: 0x63, data: fromHex('010203040506') }],
];

test('every option is read and written', (t) => {
  // literal bytes with a distinct value for each field, and every prefix of them refused
  for (const [text, option] of OPTIONS) {
    const bytes = fromHex(text);
    t.deepEqual(parseNdpOption(bytes, 0), option, text);
    t.is(ndpOptionLength(option), bytes.length);
    t.is(hex(emitted(t, bytes.length, (out, offset) => emitNdpOption(option, out, offset))), hex(bytes));
    refusesEveryPrefix(t, bytes, (message) => parseNdpOption(message, 0));
  }
});

test('options are read to the end of the message', (t) => {
  // all of them behind one another, from an odd offset
  const bytes = fromHex(`ff${OPTIONS.map(([text]) => text).join('')}`);
  t.deepEqual(parseNdpOptions(bytes, 1), OPTIONS.map(([, option]) => option));
  t.deepEqual(parseNdpOptions(bytes, 1, 17), [OPTIONS[0]![1]]);
  t.deepEqual(parseNdpOptions(bytes, bytes.length), []);
});

test('one option of length 0, or past the end, voids the message', (t) => {
  // RFC 4861 §6.1.1: MUST silently discard. Length 0 would also make a reader loop
  const good = '0501000000000500';
  t.is(parseNdpOptions(fromHex(`${good}0100abcd00000000`), 0), 'option-length-zero');
  t.is(parseNdpOptions(fromHex(`${good}0102abcd00000000`), 0), 'option-past-end');
  t.is(parseNdpOptions(fromHex(`${good}01`), 0), 'truncated');
  t.is(parseNdpOptions(fromHex(`${good}${good}`), 0, 12), 'option-past-end');
});

test('a known option of a length that it cannot have is passed on raw', (t) => {
  // RIOT passes over it; a router can still see that an ARO was there, for which it drops the NS
  const wrong = [
    `0103${'00'.repeat(22)}`, `0303${'00'.repeat(22)}`, `0305${'00'.repeat(38)}`, `0502${'00'.repeat(14)}`,
    `2101${'00'.repeat(6)}`, `2103${'00'.repeat(22)}`, `2201${'00'.repeat(6)}`, `2204${'00'.repeat(30)}`,
    `220241${'00'.repeat(13)}`, `220381${'00'.repeat(21)}`, `2302${'00'.repeat(14)}`, `1804${'00'.repeat(30)}`,
    `180101${'00'.repeat(5)}`, `180241${'00'.repeat(13)}`, `180381${'00'.repeat(21)}`,
  ];
  for (const text of wrong) {
    const bytes = fromHex(text);
    t.deepEqual(parseNdpOption(bytes, 0), { kind: 'raw', type: bytes[0]!, data: bytes.subarray(2) }, text);
  }
  t.like(parseNdpOption(fromHex(`2103${'00'.repeat(22)}`), 0), { kind: 'raw', type: NDP_OPT_AR });
});

test('bits of a prefix behind its length are neither read nor written', (t) => {
  // RFC 6775 §4.2 and RFC 4861 §4.6.2: reserved bits. A context with stray bits would corrupt addresses
  t.deepEqual(parseNdpOption(fromHex('2202 31 10 0000 0001 20010db8ffffffff'), 0), {
    kind: '6co', contextLength: 49, compress: true, id: 0, lifetime: 1, prefix: address('2001:db8:ffff:8000::'),
  });
  const option: NdpOptionRepr = {
    kind: 'pio', prefixLength: 33, flags: 0x40, validLifetime: 1, preferredLifetime: 1,
    prefix: address('2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'),
  };
  const out = emitted(t, 32, (bytes, offset) => emitNdpOption(option, bytes, offset));
  t.is(hex(out.subarray(16)), '20010db8800000000000000000000000');
});

/** An address cut to a prefix length. */
function cut(addr: Uint8Array, bits: number): Uint8Array {
  const out = new Uint8Array(16);
  ipv6_addr_init_prefix(out, addr, bits);
  return out;
}

const prefixed = fc.tuple(unicast, fc.nat(128));
const option: fc.Arbitrary<NdpOptionRepr> = fc.oneof(
  fc.tuple(fc.constantFrom('sllao' as const, 'tllao' as const), fc.oneof(bytesOf(2), bytesOf(8)))
    .map(([kind, addr]) => ({ kind, address: addr })),
  fc.tuple(prefixed, fc.constantFrom(0, 0x40, 0x80, 0xc0), u32, u32).map(([[addr, bits], flags, valid, preferred]) => ({
    kind: 'pio' as const, prefixLength: bits, flags, validLifetime: valid, preferredLifetime: preferred,
    prefix: cut(addr, bits),
  })),
  u32.map((mtu) => ({ kind: 'mtu' as const, mtu })),
  fc.tuple(prefixed, fc.constantFrom(0, 0x08, 0x10, 0x18), u32).map(([[addr, bits], flags, routeLifetime]) => ({
    kind: 'rio' as const, prefixLength: bits, flags, routeLifetime, prefix: cut(addr, bits),
  })),
  fc.tuple(u32, fc.array(unicast, { minLength: 1, maxLength: 2 })).map(([lifetime, servers]) => ({
    kind: 'rdnss' as const, lifetime, servers,
  })),
  fc.tuple(u8, u16, bytesOf(8)).map(([status, lifetime, eui64]) => ({ kind: 'aro' as const, status, lifetime, eui64 })),
  fc.tuple(prefixed, fc.boolean(), fc.nat(15), u16).map(([[addr, bits], compress, id, lifetime]) => ({
    kind: '6co' as const, contextLength: bits, compress, id, lifetime, prefix: cut(addr, bits),
  })),
  fc.tuple(u32, u16, unicast).map(([version, lifetime, addr]) => ({
    kind: 'abro' as const, version, lifetime, address: addr,
  })),
  fc.tuple(fc.constantFrom(4, 26, 0x99), fc.nat(4)).chain(([type, units]) =>
    bytesOf(units * 8 + 6).map((data) => ({ kind: 'raw' as const, type, data }))),
);

test('options that were written parse to the same values', (t) => {
  // chains of random options of all kinds
  fc.assert(fc.property(fc.array(option, { maxLength: 6 }), (options) => {
    const out = new Uint8Array(300).fill(0xff);
    let end = 1;
    for (const one of options) end = emitNdpOption(one, out, end);
    t.deepEqual(parseNdpOptions(out, 1, end), options);
  }), RUNS);
});

test('arbitrary bytes give a message and options, or a reason', (t) => {
  // options with small lengths in the second run, so that known ones are reached
  neverThrows(t, parseNdp, 50);
  neverThrows(t, (bytes) => parseNdpOptions(bytes, 0));
  neverThrows(t, (bytes) => {
    for (let i = 1; i < bytes.length; i += 8) bytes[i]! &= 3;
    return parseNdpOptions(bytes, 0);
  });
});
