import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import test from 'ava';
import { Memo } from '../../../net/crypto/memo.ts';
import { inverse, P256_N, signRfc6979, writeScalar, type P256Provider } from '../../../net/crypto/p256_curve.ts';
import { provider as js } from '../../../net/crypto/p256_js.ts';
import { provider as node } from '../../../net/crypto/p256_node.ts';
import { p256PublicKey, p256SharedSecret, p256Sign, p256ValidPrivate, p256Verify } from '../../../net/crypto/p256.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';

interface Vectors {
  verify: { tcId: number; comment: string; key: string; hash: string; sig: string; valid: boolean }[];
  shared: { tcId: number; comment: string; private: string; public: string; shared: string; valid: boolean }[];
}
const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/p256-wycheproof.json', import.meta.url), 'utf8')) as Vectors;
const PROVIDERS: readonly (readonly [string, P256Provider])[] = [['noble', js], ['node:crypto', node]];

/** RFC 6979 A.2.5. */
const KEY = fromHex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721');
const PUBLIC = '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6' +
  '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299';
const SIGNED = [
  ['sample', 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
    'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8'],
  ['test', 'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367' +
    '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083'],
] as const;
const sha256 = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest());
const scalar = (n: bigint): Uint8Array => writeScalar(new Uint8Array(32), n);
const join = (a: Uint8Array, b: Uint8Array): Uint8Array => fromHex(hex(a) + hex(b));

test('RFC 6979 A.2.5: public key and signatures of "sample" and "test", from either provider', (t) => {
  // Published bytes; the nonces are part of the specification, so r and s are the same everywhere.
  t.is(hex(p256PublicKey(KEY)), PUBLIC);
  for (const [text, expected] of SIGNED) {
    t.is(hex(p256Sign(KEY, sha256(text))), expected);
    for (const [name, provider] of PROVIDERS) {
      t.is(hex(provider.multiplyBase(KEY)), PUBLIC, name);
      t.is(hex(signRfc6979(provider, KEY, sha256(text))), expected, name);
      t.true(provider.verify(fromHex(PUBLIC), sha256(text), fromHex(expected)), name);
    }
  }
});

test('Wycheproof: signatures are accepted and refused as its vectors say', (t) => {
  // Edge cases of r, s, the hash and the public key, forged and modified ones; the providers see those in range alone.
  t.true(vectors.verify.length > 60);
  for (const { tcId, comment, key, hash, sig, valid } of vectors.verify) {
    t.is(p256Verify(fromHex(key), fromHex(hash), fromHex(sig)), valid, `${tcId} ${comment}`);
    if (!valid) continue;
    for (const [name, provider] of PROVIDERS) {
      t.true(provider.verify(fromHex(key), fromHex(hash), fromHex(sig)), `${name} ${tcId} ${comment}`);
    }
  }
});

test('Wycheproof: shared secrets are as its vectors say, and points off the curve give none', (t) => {
  // Edge cases of both keys and of the arithmetic, each by either provider.
  t.true(vectors.shared.length > 20);
  for (const { tcId, comment, private: own, public: other, shared, valid } of vectors.shared) {
    const expected = valid ? shared : 'none';
    const answer = (secret: Uint8Array | null): string => secret === null ? 'none' : hex(secret);
    t.is(answer(p256SharedSecret(fromHex(own), fromHex(other))), expected, `${tcId} ${comment}`);
    for (const [name, provider] of PROVIDERS) {
      t.is(answer(provider.multiplyX(fromHex(own), fromHex(other))), expected, `${name} ${tcId} ${comment}`);
    }
  }
});

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const secret = bytes32.filter((bytes) => p256ValidPrivate(bytes));

test('noble and node:crypto give the same on 1,000 random inputs, and so does what is kept', (t) => {
  // Keys, hashes and one flipped bit each; the memo answers the second end of each exchange and each verification.
  let checked = 0;
  fc.assert(fc.property(secret, secret, bytes32, fc.nat(511), (a, b, hash, bit) => {
    const [pubA, pubB] = [node.multiplyBase(a), p256PublicKey(b)];
    const signature = signRfc6979(node, a, hash);
    const x = p256SharedSecret(a, pubB);
    const right = x !== null && hex(x) === hex(node.multiplyX(b, pubA)!) &&
      hex(p256SharedSecret(b, pubA)!) === hex(x) && hex(p256Sign(a, hash)) === hex(signature) &&
      p256Verify(pubA, hash, signature) && node.verify(pubA, hash, signature);
    const wrong = signature.slice();
    wrong[bit >> 3] ^= 1 << (bit & 7);
    const refused = !node.verify(pubA, hash, wrong) && !p256Verify(pubA, hash, wrong) &&
      !p256Verify(pubB, hash, signature);
    checked++;
    const same = hex(js.multiplyBase(a)) === hex(pubA) &&
      hex(js.multiplyX(a, pubB)!) === hex(x!) && js.verify(pubA, hash, signature) && !js.verify(pubA, hash, wrong);
    return right && refused && same;
  }), { seed: 42, numRuns: 1000 });
  t.true(checked >= 1000);
});

test('s and order - s are both right', (t) => {
  // OpenSSL and tinydtls do not normalise s: half of their signatures have the higher one.
  for (const [text, signed] of SIGNED) {
    const s = BigInt(`0x${signed.slice(64)}`);
    const other = join(fromHex(signed.slice(0, 64)), scalar(P256_N - s));
    t.true(p256Verify(fromHex(PUBLIC), sha256(text), other));
    for (const [name, provider] of PROVIDERS) t.true(provider.verify(fromHex(PUBLIC), sha256(text), other), name);
  }
});

test('r or s of 0, the order or more is refused', (t) => {
  // The other half is that of a right signature; r + order would be right modulo the order, were it not for the bound.
  const [text, signed] = SIGNED[0];
  const [r, s] = [fromHex(signed.slice(0, 64)), fromHex(signed.slice(64))];
  for (const n of [0n, P256_N, P256_N + 1n, 2n ** 256n - 1n]) {
    t.false(p256Verify(fromHex(PUBLIC), sha256(text), join(scalar(n), s)));
    t.false(p256Verify(fromHex(PUBLIC), sha256(text), join(r, scalar(n))));
  }
  t.true(p256Verify(fromHex(PUBLIC), sha256(text), join(r, s)));
});

test('a public key off the curve, of zeros, or with coordinates not less than the prime is refused everywhere', (t) => {
  // One bit of y flipped; (0, 0), the usual stand-in for infinity; x + p, the same point written otherwise.
  const [text, signed] = SIGNED[0];
  const off = fromHex(PUBLIC);
  off[63] ^= 1;
  const p = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
  // x = 5 is on the curve, and 5 + p fits in 256 bits.
  const y5 = 0x459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbccn;
  const small = join(scalar(5n), scalar(y5));
  const large = join(scalar(5n + p), scalar(y5));
  t.not(p256SharedSecret(KEY, small), null);
  for (const point of [off, new Uint8Array(64), large, new Uint8Array(64).fill(0xff), off.subarray(1)]) {
    t.false(p256Verify(point, sha256(text), fromHex(signed)));
    t.is(p256SharedSecret(KEY, point), null);
    if (point.length !== 64) continue;
    for (const [name, provider] of PROVIDERS) {
      t.is(provider.multiplyX(KEY, point), null, name);
      t.false(provider.verify(point, sha256(text), fromHex(signed)), name);
    }
  }
});

test('a hash of 0 and sums that are doublings or infinity are verified alike by both providers', (t) => {
  // node's way adds Q and (h/r) G: the secret d is h/r for a doubling, and order - h/r for infinity. With nonce 5 and
  // s = (h + rd) / 5 the first two are right.
  const r = BigInt(`0x${hex(p256PublicKey(scalar(5n)).subarray(0, 32))}`) % P256_N;
  const d = 7n;
  for (const [h, right] of [[0n, true], [d * r % P256_N, true], [P256_N - d * r % P256_N, false]] as const) {
    const pub = p256PublicKey(scalar(d));
    // s of the third would be 0; any other does for it.
    const s = right ? inverse(5n, P256_N) * (h + r * d) % P256_N : 1n;
    const signature = join(scalar(r), scalar(s));
    t.is(node.verify(pub, scalar(h), signature), right);
    t.is(js.verify(pub, scalar(h), signature), right);
  }
});

test('a private key is a number from 1 to the order less 1 in 32 bytes', (t) => {
  // Both bounds from both sides; a key that is none is an error of the caller.
  for (const n of [1n, P256_N - 1n]) t.true(p256ValidPrivate(scalar(n)));
  for (const n of [0n, P256_N, 2n ** 256n - 1n]) {
    t.false(p256ValidPrivate(scalar(n)));
    t.throws(() => p256PublicKey(scalar(n)), { instanceOf: RangeError });
    t.throws(() => p256Sign(scalar(n), sha256('')), { instanceOf: RangeError });
    t.throws(() => p256SharedSecret(scalar(n), fromHex(PUBLIC)), { instanceOf: RangeError });
  }
  t.false(p256ValidPrivate(new Uint8Array(31).fill(1)));
});

test('what a caller does to a result does not reach the next one', (t) => {
  // Results are kept: each caller has a copy of its own.
  p256PublicKey(KEY).fill(0);
  p256Sign(KEY, sha256('sample')).fill(0);
  p256SharedSecret(KEY, fromHex(PUBLIC))?.fill(0);
  t.is(hex(p256PublicKey(KEY)), PUBLIC);
  t.is(hex(p256Sign(KEY, sha256('sample'))), SIGNED[0][1]);
  t.deepEqual(p256SharedSecret(KEY, fromHex(PUBLIC)), node.multiplyX(KEY, fromHex(PUBLIC)));
});

test('the memo keeps its limit and forgets what was used least recently', (t) => {
  // `a` is older than `b` but was asked for since.
  const memo = new Memo<number>(2);
  memo.set('a', 1);
  memo.set('b', 2);
  t.is(memo.get('a'), 1);
  memo.set('c', 3);
  t.deepEqual([memo.get('a'), memo.get('b'), memo.get('c'), memo.size], [1, undefined, 3, 2]);
});
