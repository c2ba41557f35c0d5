import test from 'ava';
import fc from 'fast-check';

import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  checkIpv6Length, emitIpv6, emitIpv6Frag, formatIpv6, IPV6_EXT_OPT_PADN, ipv6Length, parseIpv6, parseIpv6Ext,
  parseIpv6Frag, parseIpv6Option, parseIpv6Packet, PROTNUM_ICMPV6, PROTNUM_IPV6_EXT_FRAG, PROTNUM_IPV6_EXT_HOPOPT,
  PROTNUM_IPV6_NONXT, PROTNUM_UDP, type Ipv6FragRepr, type Ipv6OptionRepr, type Ipv6Repr,
} from '../../../net/wire/ipv6.ts';
import { bytesOf, emitted, neverThrows, refusesEveryPrefix, RUNS, u16, u32, u8 } from './common.ts';

const HEADER = fromHex('6ab12345 0004 3a ff fe80000000000000000000000000000a ff020000000000000000000000000002');
const PACKET = fromHex(`${hex(HEADER)}01020304`);

test('a header is taken apart into its fields', (t) => {
  // RFC 8200 §3: version 6, traffic class ab, flow label 12345, each nibble distinct so that a wrong shift shows
  const repr = parseIpv6(HEADER) as Ipv6Repr;
  t.deepEqual(repr, {
    trafficClass: 0xab, flowLabel: 0x12345, payloadLength: 4, nextHeader: PROTNUM_ICMPV6, hopLimit: 255,
    src: fromHex('fe80000000000000000000000000000a'), dst: fromHex('ff020000000000000000000000000002'),
  });
  t.is(hex(emitted(t, ipv6Length(), (out, offset) => emitIpv6(repr, out, offset))), hex(HEADER));
  t.is(formatIpv6(repr), 'fe80::a > ff02::2 nh=58 hl=255 len=4');
});

test('only version 6 is a header, and every prefix of one is refused', (t) => {
  // all 16 versions; a packet cut within its payload is refused as well
  for (let version = 0; version < 16; version++) {
    const bytes = HEADER.slice();
    bytes[0] = (version << 4) | 0x0a;
    t.is(typeof parseIpv6(bytes) === 'string', version !== 6, `${version}`);
  }
  refusesEveryPrefix(t, HEADER, (bytes) => parseIpv6(bytes));
  refusesEveryPrefix(t, PACKET, parseIpv6Packet);
});

test('a payload length past the end is told, padding behind it is not minded, 0 is for no next header only', (t) => {
  // RFC 8200 §3; a zero length that announces another header once made RIOT loop
  const repr = parseIpv6(HEADER) as Ipv6Repr;
  t.is(checkIpv6Length(repr, 3), 'payload-length-past-end');
  t.is(checkIpv6Length(repr, 4), null);
  t.is(checkIpv6Length(repr, 90), null);
  t.is(checkIpv6Length({ ...repr, payloadLength: 0 }, 4), 'empty-payload-with-next-header');
  t.is(checkIpv6Length({ ...repr, payloadLength: 0, nextHeader: PROTNUM_IPV6_NONXT }, 4), null);
  t.is((parseIpv6Packet(fromHex(`${hex(PACKET)}00`)) as Ipv6Repr).payloadLength, 4);
});

test('a header that was written parses to the same values', (t) => {
  // all values of all fields
  const fields = fc.record({
    trafficClass: u8, flowLabel: fc.nat(0xfffff), payloadLength: u16, nextHeader: u8, hopLimit: u8, src: bytesOf(16),
    dst: bytesOf(16),
  });
  fc.assert(fc.property(fields, (repr) => {
    const out = new Uint8Array(50).fill(0xff);
    t.is(emitIpv6(repr, out, 7), 47);
    t.deepEqual(parseIpv6(out, 7), repr);
  }), RUNS);
});

test('an extension header ends where its length says, within the packet', (t) => {
  // RFC 8200 §4.2: units of 8 bytes beyond the first; the second byte of a fragment header is no length
  const hopByHop = fromHex('11 01 0502 0000 0108 0000000000000000');
  t.deepEqual(parseIpv6Ext(hopByHop, 0, PROTNUM_IPV6_EXT_HOPOPT), { nextHeader: PROTNUM_UDP, length: 16 });
  refusesEveryPrefix(t, hopByHop, (bytes) => parseIpv6Ext(bytes, 0, PROTNUM_IPV6_EXT_HOPOPT));
  const fragment = fromHex('11 ff 0009 00000001');
  t.deepEqual(parseIpv6Ext(fragment, 0, PROTNUM_IPV6_EXT_FRAG), { nextHeader: PROTNUM_UDP, length: 8 });
});

test('options are walked one by one, and none reaches past its header', (t) => {
  // Pad1, PadN, Router Alert; the last byte of a header cannot hold a type without a length (RIOT d0c5a4a558)
  const header = fromHex('3a 01 00 01 01 ff 05 02 0000 01 04 00000000');
  const types: number[] = [];
  let at = 2;
  while (at < header.length) {
    const option = parseIpv6Option(header, at, header.length) as Ipv6OptionRepr;
    types.push(option.type, option.dataLength);
    at = option.next;
  }
  t.deepEqual(types, [0, 0, 1, 1, 5, 2, 1, 4]);
  t.is(parseIpv6Option(header, 15, 15), 'option-past-end');
  t.is(parseIpv6Option(fromHex('3a00 0000 0000 0005'), 7, 8), 'option-past-end');
  t.is(parseIpv6Option(fromHex('3a00 0000 0105 0005'), 4, 8), 'option-past-end');
  t.is(parseIpv6Option(fromHex('3a00 0000 0103 0005'), 4, 100), 'option-past-end', 'the end of the array counts too');
  t.deepEqual(parseIpv6Option(fromHex('3a00 0000 0102 0005'), 4, 100), {
    type: IPV6_EXT_OPT_PADN, dataOffset: 6, dataLength: 2, next: 8,
  });
});

test('a fragment header that was written parses to the same values', (t) => {
  // RFC 8200 §4.5: offset in bytes is the field with its low three bits cleared
  t.deepEqual(parseIpv6Frag(fromHex('11 00 00b9 01020304')), {
    nextHeader: PROTNUM_UDP, offset: 0xb8, more: true, identification: 0x01020304,
  });
  fc.assert(fc.property(u8, fc.nat(0x1fff), fc.boolean(), u32, (nextHeader, units, more, identification) => {
    const repr: Ipv6FragRepr = { nextHeader, offset: units * 8, more, identification };
    const bytes = emitted(t, 8, (out, offset) => emitIpv6Frag(repr, out, offset));
    t.deepEqual(parseIpv6Frag(bytes), repr);
  }), { ...RUNS, numRuns: 100 });
  refusesEveryPrefix(t, fromHex('11 00 00b9 01020304'), (bytes) => parseIpv6Frag(bytes));
});

test('arbitrary bytes give a header or a reason', (t) => {
  // with version 6 in the second run, so that the rest is reached
  neverThrows(t, parseIpv6Packet);
  neverThrows(t, (bytes) => {
    if (bytes.length > 0) bytes[0] = 0x60;
    return parseIpv6Packet(bytes);
  });
  neverThrows(t, (bytes) => parseIpv6Ext(bytes, 0, bytes.length > 2 ? bytes[2]! : 0), 20);
  neverThrows(t, (bytes) => parseIpv6Option(bytes, bytes.length >> 1, bytes.length - 1), 20);
});
