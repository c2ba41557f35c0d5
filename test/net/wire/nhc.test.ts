import test from 'ava';
import fc from 'fast-check';

import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { NEXT_HEADER_COMPRESSED } from '../../../net/wire/iphc.ts';
import {
  emitNhcExt, emitNhcUdp, expandNhcExt, nhcExtLength, nhcExtPossible, nhcExtUncompressedLength, nhcUdpLength,
  parseNhcExt, parseNhcUdp, type NhcExtRepr, type NhcUdpRepr, type ParsedNhcExt, type ParsedNhcUdp,
} from '../../../net/wire/nhc.ts';
import { bytesOf, emitted, neverThrows, refusesEveryPrefix, RUNS, u16, u8 } from './common.ts';

test('UDP ports take the form that RIOT chooses', (t) => {
  // RFC 6282 §4.3.3; the last two rows fit two forms, and RIOT tries 4 bits, destination, source in this order
  const cases: [number, number, string][] = [
    [12345, 20220, 'f030394efcabcd'], [0x1234, 0xf078, 'f1123478abcd'], [0xf034, 0x5678, 'f2345678abcd'],
    [0xf0b5, 0xf0b6, 'f356abcd'], [0xf0b0, 0xf0bf, 'f30fabcd'], [0xf0b5, 0xf0c6, 'f1f0b5c6abcd'],
    [0xf0c5, 0xf0b6, 'f1f0c5b6abcd'], [0xf001, 0xf002, 'f1f00102abcd'], [0xf0b5, 0xf1b6, 'f2b5f1b6abcd'],
  ];
  for (const [srcPort, dstPort, text] of cases) {
    const repr: NhcUdpRepr = { srcPort, dstPort, checksum: 0xabcd };
    const bytes = emitted(t, nhcUdpLength(repr), (out, offset) => emitNhcUdp(repr, out, offset));
    t.is(hex(bytes), text);
    t.deepEqual(parseNhcUdp(bytes, 0), { ...repr, headerLength: bytes.length });
    refusesEveryPrefix(t, bytes, (cut) => parseNhcUdp(cut, 0));
  }
});

test('an elided checksum is refused in all port forms', (t) => {
  // RFC 6282 §4.3.2: only if the upper layer authorises it; RIOT cannot decompress it either
  for (const nhc of ['f4', 'f5', 'f6', 'f7']) {
    t.is(parseNhcUdp(fromHex(`${nhc}0102030405060708`), 0), 'nhc-checksum-elided');
  }
  t.is(parseNhcUdp(fromHex('f80102030405060708'), 0), 'unknown-nhc');
});

test('UDP headers that were written parse to the same values', (t) => {
  // ports from all four forms
  const port = fc.oneof(u16, u8.map((low) => 0xf000 | low), fc.nat(15).map((low) => 0xf0b0 | low));
  fc.assert(fc.property(port, port, u16, (srcPort, dstPort, checksum) => {
    const out = new Uint8Array(12);
    const end = emitNhcUdp({ srcPort, dstPort, checksum }, out, 3);
    t.deepEqual(parseNhcUdp(out, 3) as ParsedNhcUdp, { srcPort, dstPort, checksum, headerLength: end - 3 });
  }), RUNS);
});

test('extension headers, with the next header inline and compressed', (t) => {
  // RFC 6282 §4.1, §4.2: EID in bits 1 to 3, length counts what follows it
  const cases: [string, NhcExtRepr][] = [
    ['e03a06050200000100', { protocol: 0, nextHeader: 58, data: fromHex('050200000100') }],
    ['e106010400000000', { protocol: 0, nextHeader: NEXT_HEADER_COMPRESSED, data: fromHex('010400000000') }],
    ['e306000000000000', { protocol: 43, nextHeader: NEXT_HEADER_COMPRESSED, data: fromHex('000000000000') }],
    ['e506000100000001', { protocol: 44, nextHeader: NEXT_HEADER_COMPRESSED, data: fromHex('000100000001') }],
    ['e63b06010400000000', { protocol: 60, nextHeader: 59, data: fromHex('010400000000') }],
    ['e83b06000000000000', { protocol: 135, nextHeader: 59, data: fromHex('000000000000') }],
  ];
  for (const [text, repr] of cases) {
    const bytes = fromHex(text);
    t.deepEqual(parseNhcExt(bytes, 0), { ...repr, headerLength: bytes.length });
    t.is(hex(emitted(t, nhcExtLength(repr), (out, offset) => emitNhcExt(repr, out, offset))), text);
    refusesEveryPrefix(t, bytes, (cut) => parseNhcExt(cut, 0));
  }
});

test('elided padding comes back as Pad1 or PadN', (t) => {
  // RFC 6282 §4.2: up to 7 bytes of trailing padding may be left out of options headers
  const expanded = (text: string): string => {
    const ext = parseNhcExt(fromHex(text), 0) as ParsedNhcExt;
    return hex(emitted(t, nhcExtUncompressedLength(ext), (out, offset) => expandNhcExt(ext, out, offset)));
  };
  t.is(expanded('e63a050101000000'), '3a00010100000000', 'one byte: Pad1');
  t.is(expanded('e03a0405020000'), '3a00050200000100', 'two bytes: PadN without data');
  t.is(expanded('e03a00'), '3a00010400000000', 'six bytes');
  t.is(expanded('e10705050102030405'), '00010505010203040501050000000000', 'seven bytes');
  t.is(expanded('e306010203040506'), '0000010203040506', 'none; the next header is left to the caller');
});

test('reserved identifiers and lengths that leave a header open are refused', (t) => {
  // EIDs 5 and 6 are reserved, 7 is an IPv6 header; a routing header cannot be padded, a fragment header has 8 bytes
  for (const nhc of ['ea', 'eb', 'ec', 'ed', 'ee', 'ef']) t.is(parseNhcExt(fromHex(`${nhc}3a00`), 0), 'nhc-reserved');
  t.is(parseNhcExt(fromHex(`e305${'00'.repeat(5)}`), 0), 'nhc-bad-extension-length');
  t.is(parseNhcExt(fromHex(`e907${'00'.repeat(7)}`), 0), 'nhc-bad-extension-length');
  t.is(parseNhcExt(fromHex(`e50e${'00'.repeat(14)}`), 0), 'nhc-bad-extension-length');
  t.is(parseNhcExt(fromHex(`f00e${'00'.repeat(14)}`), 0), 'unknown-nhc');
});

test('NHC carries extension headers of up to 255 bytes behind the length', (t) => {
  // RFC 6282 §4.2 forbids longer ones
  t.true(nhcExtPossible(0, 256));
  t.false(nhcExtPossible(0, 264));
  t.false(nhcExtPossible(17, 8));
  t.false(nhcExtPossible(NEXT_HEADER_COMPRESSED, 8));
  t.true(nhcExtPossible(44, 8));
  t.false(nhcExtPossible(44, 16));
});

test('extension headers that were written parse to the same values and expand to what they were', (t) => {
  // whole headers of 8 to 48 bytes of every kind that has options or addresses
  const kinds = fc.constantFrom(0, 43, 60, 135);
  const body = fc.nat(5).chain((units) => bytesOf(units * 8 + 6));
  const next = fc.oneof(fc.constant(NEXT_HEADER_COMPRESSED), u8);
  fc.assert(fc.property(kinds, next, body, (protocol, nextHeader, data) => {
    const repr: NhcExtRepr = { protocol, nextHeader, data };
    const out = new Uint8Array(70);
    const end = emitNhcExt(repr, out, 2);
    const parsed = parseNhcExt(out, 2) as ParsedNhcExt;
    t.deepEqual(parsed, { ...repr, headerLength: end - 2 });
    const expanded = new Uint8Array(60);
    const length = expandNhcExt(parsed, expanded, 0);
    const first = nextHeader === NEXT_HEADER_COMPRESSED ? 0 : nextHeader;
    t.is(hex(expanded.subarray(0, length)), hex(Uint8Array.of(first, (data.length + 2) / 8 - 1, ...data)));
  }), RUNS);
});

test('arbitrary bytes give a header or a reason', (t) => {
  // with an NHC byte of each family in front in the second run
  neverThrows(t, (bytes) => parseNhcUdp(bytes, 0), 20);
  neverThrows(t, (bytes) => parseNhcExt(bytes, 0), 20);
  neverThrows(t, (bytes) => {
    if (bytes.length > 0) bytes[0] = bytes[0]! | 0xe0;
    return bytes.length % 2 === 0 ? parseNhcUdp(bytes, 0) : parseNhcExt(bytes, 0);
  }, 20);
});
