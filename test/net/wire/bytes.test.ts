import test from 'ava';
import fc from 'fast-check';

import {
  bytesEqual, fromHex, get16, get16le, get24, get32, hex, put16, put16le, put24, put32, Reader,
} from '../../../net/wire/bytes.ts';
import { bytesOf, RUNS, u16, u32 } from './common.ts';

test('numbers are big-endian, and little-endian where the name says so', (t) => {
  // the bytes are written out: a swapped pair would show
  const out = new Uint8Array(14);
  let at = put16(out, 0, 0x0102);
  at = put24(out, at, 0x030405);
  at = put32(out, at, 0xf6f7f8f9);
  at = put16le(out, at, 0x0b0a);
  t.is(at, 11);
  t.is(hex(out), '0102030405f6f7f8f90a0b000000');
  t.deepEqual([get16(out, 0), get24(out, 2), get32(out, 5), get16le(out, 9)], [0x0102, 0x030405, 0xf6f7f8f9, 0x0b0a]);
});

test('numbers read back as they were written', (t) => {
  // covers the sign bit of 32-bit arithmetic and each byte position
  t.notThrows(() => fc.assert(fc.property(u32, u16, (wide, narrow) => {
    const out = new Uint8Array(8);
    put32(out, 0, wide);
    put16(out, 4, narrow);
    put16le(out, 6, narrow);
    return get32(out, 0) === wide && get16(out, 4) === narrow && get16le(out, 6) === narrow;
  }), RUNS));
});

test('a reader takes fields in order and stops at its end', (t) => {
  // the end lies before the end of the array: what is behind it must stay unread
  const reader = new Reader(fromHex('01 0203 040506 0708090a 0b0c 0d'), 0, 12);
  t.is(reader.u8(), 1);
  t.is(reader.u16(), 0x0203);
  t.is(reader.u24(), 0x040506);
  t.is(reader.u32(), 0x0708090a);
  t.is(reader.remaining, 2);
  t.false(reader.truncated);
  t.is(reader.u32(), 0);
  t.true(reader.truncated);
  t.is(reader.remaining, 2, 'a read that does not fit takes nothing');
  t.deepEqual([...reader.take(2)], [0x0b, 0x0c]);
  t.is(reader.take(1).length, 0);
  t.is(reader.skip(-1), -1);
  t.is(reader.remaining, 0);
});

test('a reader with an end past the array reads to the end of the array only', (t) => {
  // an announced length that is a lie must not make bytes[i] undefined count as 0
  const reader = new Reader(fromHex('0102'), 0, 100);
  t.is(reader.u16(), 0x0102);
  t.is(reader.u8(), 0);
  t.true(reader.truncated);
});

test('hex text and bytes are each other\'s inverse', (t) => {
  // random bytes, with and without separators
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom('', ' ', ':', '\n'), (bytes, separator) =>
    bytesEqual(fromHex(hex(bytes, separator)), bytes)), RUNS);
  t.is(hex(fromHex('DeadBEEF')), 'deadbeef');
});

test('malformed hex is refused with a TypeError that shows it', (t) => {
  // one case each: not a digit, half a byte, a digit pair torn apart
  for (const text of ['0g', 'abc', 'a bc', '0x12']) {
    t.throws(() => fromHex(text), { instanceOf: TypeError, message: /fromHex/ }, text);
  }
});

test('bytes are equal only with the same length and content', (t) => {
  // a prefix is not equal, nor one changed bit
  t.notThrows(() => fc.assert(fc.property(bytesOf(9), fc.nat(8), (bytes, at) => {
    const other = bytes.slice();
    other[at]! ^= 1;
    return bytesEqual(bytes, bytes.slice()) && !bytesEqual(bytes, other) && !bytesEqual(bytes, bytes.subarray(0, 8));
  }), RUNS));
});
