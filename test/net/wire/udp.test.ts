import test from 'ava';
import fc from 'fast-check';

import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  checkUdpChecksum, emitUdp, formatUdp, parseUdp, parseUdpHeader, udpChecksum, udpChecksumOf, udpLength, type UdpRepr,
} from '../../../net/wire/udp.ts';
import { bytesOf, emitted, neverThrows, refusesEveryPrefix, RUNS, u16, unicast } from './common.ts';

const SRC = fromHex('fe80000000000000000000000000000b');
const DST = fromHex('fe80000000000000000000000000000a');

test('a header is four 16-bit numbers', (t) => {
  // RFC 768's layout, written out
  const repr = parseUdp(fromHex('3039 4efc 000d abcd 0102030405')) as UdpRepr;
  t.deepEqual(repr, { srcPort: 12345, dstPort: 20220, length: 13, checksum: 0xabcd });
  t.is(hex(emitted(t, udpLength(), (out, offset) => emitUdp(repr, out, offset))), '30394efc000dabcd');
  t.is(formatUdp(repr), 'udp 12345 > 20220 len=5');
});

test('the length field must be at least 8 and within what is there', (t) => {
  // RFC 768; more bytes than told are padding. The header alone is parsed as RIOT does, length unread
  t.is(parseUdp(fromHex('3039 4efc 0007 abcd 01')), 'bad-length');
  t.is(parseUdp(fromHex('3039 4efc 0000 abcd 01')), 'bad-length');
  t.is(parseUdp(fromHex('3039 4efc 000a abcd 01')), 'truncated');
  t.is((parseUdp(fromHex('3039 4efc 0009 abcd 01 ff')) as UdpRepr).length, 9);
  t.is((parseUdpHeader(fromHex('3039 4efc 0007 abcd')) as UdpRepr).length, 7);
  refusesEveryPrefix(t, fromHex('3039 4efc 000d abcd 0102030405'), (bytes) => parseUdp(bytes));
  refusesEveryPrefix(t, fromHex('3039 4efc 0008 abcd'), (bytes) => parseUdpHeader(bytes));
});

test('a checksum that comes out as 0 is sent as ffff, and is right', (t) => {
  // RFC 8200 §8.1. The last two bytes are chosen so that the sum is ffff
  const datagram = fromHex('3039 4efc 000a 0000 0000');
  const without = udpChecksum(SRC, DST, datagram);
  datagram[8] = without >> 8;
  datagram[9] = without;
  t.is(udpChecksum(SRC, DST, datagram), 0xffff);
  datagram[6] = 0xff;
  datagram[7] = 0xff;
  t.is(checkUdpChecksum(SRC, DST, datagram), null);
  t.is(udpChecksumOf(0xffff), 0xffff);
  t.is(udpChecksumOf(0), 0xffff);
  t.is(udpChecksumOf(1), 0xfffe);
});

test('a datagram without checksum is refused, and one with a wrong one', (t) => {
  // RFC 8200 §8.1: 0 does not mean "none" over IPv6
  const datagram = fromHex('3039 4efc 000a 0000 0102');
  t.is(checkUdpChecksum(SRC, DST, datagram), 'zero-checksum');
  const checksum = udpChecksum(SRC, DST, datagram);
  datagram[6] = checksum >> 8;
  datagram[7] = checksum;
  t.is(checkUdpChecksum(SRC, DST, datagram), null);
  t.is(checkUdpChecksum(DST, DST, datagram), 'bad-checksum');
  datagram[9]! ^= 0x10;
  t.is(checkUdpChecksum(SRC, DST, datagram), 'bad-checksum');
  t.is(checkUdpChecksum(SRC, DST, datagram.subarray(0, 7)), 'truncated');
});

test('a datagram that was written verifies and parses to the same values', (t) => {
  // any addresses, ports and payload, odd lengths included, at an offset in a larger array
  const payload = fc.uint8Array({ maxLength: 50 });
  fc.assert(fc.property(unicast, bytesOf(16), u16, u16, payload, (src, dst, from, to, data) => {
    const repr: UdpRepr = { srcPort: from, dstPort: to, length: 8 + data.length, checksum: 0 };
    const out = new Uint8Array(70).fill(0x5a);
    out.set(data, emitUdp(repr, out, 3));
    const end = 3 + repr.length;
    repr.checksum = udpChecksum(src, dst, out, 3, end);
    emitUdp(repr, out, 3);
    t.deepEqual(parseUdp(out, 3), repr);
    return repr.checksum !== 0 && checkUdpChecksum(src, dst, out, 3, end) === null;
  }), RUNS);
});

test('arbitrary bytes give a header or a reason', (t) => {
  // the contract of every parser
  neverThrows(t, (bytes) => parseUdp(bytes), 20);
});
