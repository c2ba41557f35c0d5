import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import test from 'ava';
import { HmacKey } from '../../../net/crypto/hmac.ts';
import { cryptoWork } from '../../../net/crypto/work.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';

const hmac = (key: HmacKey, ...parts: Uint8Array[]): string => {
  key.begin();
  for (const part of parts) key.update(part);
  const out = new Uint8Array(32);
  key.finish(out);
  return hex(out);
};

const text = (s: string): Uint8Array => new TextEncoder().encode(s);

/** RFC 4231 §4.2..4.8 without the truncated one. */
const RFC4231 = [
  { key: new Uint8Array(20).fill(0x0b), data: text('Hi There'),
    mac: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7' },
  { key: text('Jefe'), data: text('what do ya want for nothing?'),
    mac: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843' },
  { key: new Uint8Array(20).fill(0xaa), data: new Uint8Array(50).fill(0xdd),
    mac: '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe' },
  { key: fromHex('0102030405060708090a0b0c0d0e0f10111213141516171819'), data: new Uint8Array(50).fill(0xcd),
    mac: '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b' },
  { key: new Uint8Array(131).fill(0xaa), data: text('Test Using Larger Than Block-Size Key - Hash Key First'),
    mac: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54' },
  { key: new Uint8Array(131).fill(0xaa), data: text('This is a test using a larger than block-size key and a larger '
    + 'than block-size data. The key needs to be hashed before being used by the HMAC algorithm.'),
    mac: '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2' },
];

test('the test cases of RFC 4231 come out right', (t) => {
  // Short, long and over-long keys with the RFC's own results.
  for (const { key, data, mac } of RFC4231) t.is(hmac(new HmacKey(cryptoWork(), key), data), mac);
});

test('a key used again gives the same result as a new one, and the one that OpenSSL gives', (t) => {
  // The pads are kept: a state that leaked from one use into the next would show in the second result.
  fc.assert(fc.property(fc.uint8Array({ maxLength: 150 }), fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 80 }), (secret, a, b) => {
      const key = new HmacKey(cryptoWork(), secret);
      const expected = createHmac('sha256', secret).update(a).update(b).digest('hex');
      t.is(hmac(key, a, b), expected);
      t.is(hmac(key, b), createHmac('sha256', secret).update(b).digest('hex'));
      t.is(hmac(key, a, b), expected);
    }), { seed: 42, numRuns: 300 });
});

test('each use counts both pads, as a board without a cache computes them', (t) => {
  // 10 bytes: inner pad, inner block, outer pad, outer block; making the key costs nothing.
  const work = cryptoWork();
  const key = new HmacKey(work, new Uint8Array(12));
  t.is(work.sha256, 0);
  hmac(key, new Uint8Array(10));
  t.is(work.sha256, 4);
  hmac(key, new Uint8Array(10));
  t.is(work.sha256, 8);
});
