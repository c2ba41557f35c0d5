import test from 'ava';
import fc from 'fast-check';

import { fromHex } from '../../../net/wire/bytes.ts';
import { addChecksum, checksumOf, checksumOk, foldChecksum, pseudoHeaderSum } from '../../../net/wire/checksum.ts';
import { bytesOf, RUNS, u8 } from './common.ts';

test('known sums: an IPv4 header, and a router advertisement with its pseudo header', (t) => {
  // bytes and results as in RIOT's tests-inet_csum: the first is the header with checksum b861 left out, the second a
  // capture whose checksum is right
  const ipv4 = fromHex('4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7');
  t.is(foldChecksum(addChecksum(0, ipv4)), 0x479e);
  t.is(checksumOf(addChecksum(0, ipv4)), 0xb861);
  const src = fromHex('fe80000000000000 5a6d8ffffe563009');
  const dst = fromHex('ff02000000000000 0000000000000001');
  const message = fromHex(`8600ab32 40580708 00000000 00000000 030440c0 0000001e 00000014 00000000
    2002183ddba40000 0000000000000000 0101586d8f563009`);
  t.is(message.length, 0x38);
  t.true(checksumOk(addChecksum(pseudoHeaderSum(src, dst, 0x38, 0x3a), message)));
});

test('a sum that wraps more than once is folded until it fits', (t) => {
  // 0x1785 + these bytes needs two folds: RIOT's test_inet_csum__wraps_more_than_once
  const bytes = fromHex('fe80000000000000 c886cdfffe0fce49 fe80000000000000 18aa2dfffe4443ac');
  t.is(foldChecksum(addChecksum(0x1785, bytes)), 0x0002);
});

test('a message summed in chunks of any length has the sum of the whole', (t) => {
  // odd chunks put the next byte in the low half of a word; a plain loop over the whole message is the reference
  t.notThrows(() => fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 6 }), (chunks) => {
    let sum = 0;
    let position = 0;
    for (const chunk of chunks) {
      sum = addChecksum(sum, chunk, 0, chunk.length, position);
      position += chunk.length;
    }
    let expected = 0;
    chunks.flatMap((chunk) => [...chunk]).forEach((byte, i) => { expected += (i & 1) === 0 ? byte * 256 : byte; });
    return sum === expected;
  }), RUNS));
});

test('part of an array is summed from start to end only', (t) => {
  // the same bytes at an odd offset in a larger array give the same sum
  t.notThrows(() => fc.assert(fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
    const larger = new Uint8Array(bytes.length + 9).fill(0xff);
    larger.set(bytes, 3);
    return addChecksum(0, larger, 3, 3 + bytes.length) === addChecksum(0, bytes);
  }), RUNS));
});

test('a filled-in checksum is accepted, and refused after any one-bit error', (t) => {
  // a one-bit error changes the ones' complement sum by a power of two, which is never a multiple of ffff
  t.notThrows(() => fc.assert(fc.property(bytesOf(20), fc.nat(19), u8, (bytes, at, bit) => {
    bytes[2] = 0;
    bytes[3] = 0;
    const checksum = checksumOf(addChecksum(0, bytes));
    bytes[2] = checksum >> 8;
    bytes[3] = checksum;
    const right = checksumOk(addChecksum(0, bytes));
    bytes[at]! ^= 1 << (bit & 7);
    return right && !checksumOk(addChecksum(0, bytes));
  }), RUNS));
});

test('the pseudo header counts both halves of a length above 65535', (t) => {
  // RFC 8200 §8.1: the length is 32 bits wide
  const zero = new Uint8Array(16);
  t.is(foldChecksum(pseudoHeaderSum(zero, zero, 0x12345, 17)), 0x2345 + 1 + 17);
});
