import test from 'ava';
import fc from 'fast-check';

import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  emitFrag, firstFragmentPayload, formatFrag, fragLength, nextFragmentPayload, parseFrag, type FragRepr,
} from '../../../net/wire/frag.ts';
import { emitted, neverThrows, RUNS, u16 } from './common.ts';

test('FRAG1 and FRAGN headers of a real node', (t) => {
  // e-ecc_noverify, the first ClientHello of node B: 159 bytes of IPv6 in two fragments
  const first = parseFrag(fromHex('c09f 0001 7e33'));
  t.deepEqual(first, { first: true, datagramSize: 159, datagramTag: 1, offset: 0, headerLength: 4 });
  const next = parseFrag(fromHex('e09f 0001 11 0400'));
  t.deepEqual(next, { first: false, datagramSize: 159, datagramTag: 1, offset: 136, headerLength: 5 });
  t.is(formatFrag(first as FragRepr), 'FRAG1 size=159 tag=1');
  t.is(formatFrag(next as FragRepr), 'FRAGN size=159 tag=1 offset=136');
});

test('a fragment shorter than its header, or with nothing behind it, is refused', (t) => {
  // CVE-2023-24821: the payload length must never go below 1
  for (const [bytes, reason] of [
    ['', 'truncated'], ['c0', 'truncated'], ['c09f', 'truncated'], ['c09f00', 'truncated'],
    ['c09f0001', 'empty-fragment'], ['e0', 'truncated'], ['e09f0001', 'truncated'], ['e09f000111', 'empty-fragment'],
    ['c89f0001ff', 'not-a-fragment'], ['e89f000100ff', 'not-a-fragment'], ['7e33f0f0f0f0', 'not-a-fragment'],
  ]) t.is(parseFrag(fromHex(bytes!)), reason as never, bytes);
});

test('a header that was written parses to the same values', (t) => {
  // all sizes, tags and offsets
  fc.assert(fc.property(fc.boolean(), fc.nat(2047), u16, fc.nat(255), (first, datagramSize, datagramTag, units) => {
    const repr: FragRepr = {
      first, datagramSize, datagramTag, offset: first ? 0 : units * 8, headerLength: first ? 4 : 5,
    };
    const header = emitted(t, fragLength(repr), (out, offset) => emitFrag(repr, out, offset));
    t.deepEqual(parseFrag(fromHex(`${hex(header)}00`)), repr);
    return typeof parseFrag(header) === 'string';
  }), RUNS);
});

test('RIOT\'s fragment sizes: the first as full as alignment allows, the others 96', (t) => {
  // e-ecc_noverify: 159 bytes whose 48 of headers become 9, 101 bytes of link payload in the first frame, the second
  // fragment starts at 136. The others are checked for being the largest multiple of 8
  t.is(firstFragmentPayload(102, 159, 120), 97);
  for (const [uncompressed, compressed] of [[600, 568], [220, 179], [1280, 1239], [300, 301]] as const) {
    const payload = firstFragmentPayload(102, uncompressed, compressed);
    t.is((payload + uncompressed - compressed) % 8, 0);
    t.true(payload <= 98 && payload + 8 > 98, `${payload} is the most that fits`);
  }
  t.is(nextFragmentPayload(102), 96);
});

test('arbitrary bytes give a header or a reason', (t) => {
  // the contract of every parser
  neverThrows(t, parseFrag, 10);
});
