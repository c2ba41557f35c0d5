import test from 'ava';
import fc from 'fast-check';
import { Digest } from '../../../emulator/sim/digest.ts';

function digestOf(fill: (digest: Digest) => void): string {
  const digest = new Digest();
  fill(digest);
  return digest.toString();
}

test('a difference in any one part of a step changes the digest', (t) => {
  // Each variant differs from the first in one argument only; all results must be distinct.
  const variants: [number, number, number, number][] = [
    [1, 100, 0, 0], [2, 100, 0, 0], [1, 101, 0, 0], [1, 100, 1, 0], [1, 100, 0, 1], [1, 100 + 2 ** 32, 0, 0],
  ];
  const digests = variants.map((v) => digestOf((d) => d.step(...v)));
  t.is(new Set(digests).size, variants.length);
});

test('the order of steps counts', (t) => {
  // A sum of hashes of the steps would not notice.
  const one = digestOf((d) => { d.step(1, 5, 0, 0); d.step(2, 5, 1, 0); });
  const other = digestOf((d) => { d.step(2, 5, 1, 0); d.step(1, 5, 0, 0); });
  t.not(one, other);
});

test('one flipped bit anywhere in a frame changes the digest', (t) => {
  // Lengths 0 to 9 cover every rest of the four bytes that are mixed in at once.
  t.notThrows(() => fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat(), (bytes, where) => {
    const flipped = bytes.slice();
    const bit = where % (8 * bytes.length);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    return digestOf((d) => d.frame(bytes)) !== digestOf((d) => d.frame(flipped));
  }), { seed: 42 }));
});

test('a zero byte more at the end of a frame changes the digest', (t) => {
  // The rest of a frame is filled up with zeros, so the length has to be in the digest too.
  const digests = [0, 1, 2, 3, 4, 5].map((n) => digestOf((d) => d.frame(new Uint8Array(n))));
  t.is(new Set(digests).size, digests.length);
});
