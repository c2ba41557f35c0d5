import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import test from 'ava';
import { CcmKey } from '../../../net/crypto/ccm.ts';
import { cryptoWork } from '../../../net/crypto/work.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { CCM_VECTORS } from '../../vectors/ccm.ts';

/** A buffer with text in the middle, room for a tag behind it, and 3 bytes on either side. */
function buffer(text: Uint8Array, tagLength: number): Uint8Array {
  const buf = new Uint8Array(3 + text.length + tagLength + 3).fill(0xee);
  buf.set(text, 3);
  return buf;
}

test('the vectors of RFC 3610, SP 800-38C and CAVP seal and open, and nothing around them is touched', (t) => {
  // Published results for tags of 4 to 16 bytes and nonces of 7 to 13; the bytes around the text show an overrun.
  for (const { name, key, nonce, aad, plain, sealed } of CCM_VECTORS) {
    const text = fromHex(plain);
    const tagLength = (sealed.length - plain.length) / 2;
    const ccm = new CcmKey(cryptoWork(), fromHex(key));
    const buf = buffer(text, tagLength);
    ccm.seal(tagLength, fromHex(nonce), fromHex(aad), buf, 3, text.length);
    t.is(hex(buf), `eeeeee${sealed}eeeeee`, name);
    t.is(ccm.open(tagLength, fromHex(nonce), fromHex(aad), buf, 3, sealed.length / 2), text.length, name);
    t.is(hex(buf.subarray(3, 3 + text.length)), plain, name);
  }
});

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });

test('any text with a 12-byte nonce is sealed as OpenSSL seals it, and opens again', (t) => {
  // The two tag lengths of the PSK suites; a key is used for both, one after the other. Node makes no tag for an empty
  // text: CAVP has those.
  fc.assert(fc.property(bytes(16), bytes(12), fc.uint8Array({ maxLength: 60 }),
    fc.uint8Array({ minLength: 1, maxLength: 200 }), (secret, nonce, aad, text) => {
      const ccm = new CcmKey(cryptoWork(), secret);
      for (const tagLength of [8, 16]) {
        const cipher = createCipheriv('aes-128-ccm', secret, nonce, { authTagLength: tagLength });
        cipher.setAAD(aad, { plaintextLength: text.length });
        const expected = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
        const buf = buffer(text, tagLength);
        ccm.seal(tagLength, nonce, aad, buf, 3, text.length);
        t.is(hex(buf.subarray(3, -3)), expected.toString('hex'));
        t.is(ccm.open(tagLength, nonce, aad, buf, 3, text.length + tagLength), text.length);
        t.deepEqual(buf.subarray(3, 3 + text.length), text);
      }
    }), { seed: 42, numRuns: 300 });
});

test('texts of every length to four blocks, and of whole records, are sealed as OpenSSL seals them', (t) => {
  // Whole blocks go by words and the rest by bytes: every remainder occurs, with and without whole blocks before it.
  const ccm = new CcmKey(cryptoWork(), fromHex('000102030405060708090a0b0c0d0e0f'));
  const aad = new Uint8Array(13).fill(7);
  for (const length of [...Array.from({ length: 64 }, (_, i) => i + 1), 1023, 1024, 1500]) {
    const nonce = new Uint8Array(12).fill(length);
    const text = Uint8Array.from({ length }, (_, i) => 255 - i * 7);
    const cipher = createCipheriv('aes-128-ccm', fromHex('000102030405060708090a0b0c0d0e0f'), nonce,
      { authTagLength: 8 });
    cipher.setAAD(aad, { plaintextLength: length });
    const expected = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    const buf = buffer(text, 8);
    ccm.seal(8, nonce, aad, buf, 3, length);
    t.is(hex(buf), `eeeeee${expected.toString('hex')}eeeeee`);
    t.is(ccm.open(8, nonce, aad, buf, 3, length + 8), length);
    t.deepEqual(buf.subarray(3, 3 + length), text);
  }
});

test('one flipped bit anywhere in text, tag, nonce or additional data is refused, and no text is left behind', (t) => {
  // Every bit of one sealed record; a decrypted text must not survive a wrong tag.
  const text = fromHex('000102030405060708090a0b0c0d0e0f1011');
  const nonce = new Uint8Array(12).fill(9);
  const aad = new Uint8Array(13).fill(7);
  const ccm = new CcmKey(cryptoWork(), new Uint8Array(16).fill(1));
  const sealed = new Uint8Array(text.length + 8);
  sealed.set(text);
  ccm.seal(8, nonce, aad, sealed, 0, text.length);
  const flipped = (from: Uint8Array, bit: number): Uint8Array => {
    const copy = from.slice();
    copy[bit >> 3] ^= 1 << (bit & 7);
    return copy;
  };
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const buf = flipped(sealed, bit);
    t.is(ccm.open(8, nonce, aad, buf, 0, buf.length), -1);
    t.true(buf.subarray(0, text.length).every((b) => b === 0));
  }
  for (let bit = 0; bit < 96; bit++) t.is(ccm.open(8, flipped(nonce, bit), aad, sealed.slice(), 0, sealed.length), -1);
  for (let bit = 0; bit < 104; bit++) t.is(ccm.open(8, nonce, flipped(aad, bit), sealed.slice(), 0, sealed.length), -1);
  t.is(ccm.open(8, nonce, aad, sealed.slice(), 0, sealed.length), text.length);
});

test('less than a tag, or more than the buffer, never opens', (t) => {
  // Every length short of the whole, and one beyond the array.
  const ccm = new CcmKey(cryptoWork(), new Uint8Array(16));
  const nonce = new Uint8Array(12);
  const sealed = new Uint8Array(20);
  ccm.seal(8, nonce, new Uint8Array(0), sealed, 0, 12);
  for (let length = 0; length < 20; length++) {
    t.is(ccm.open(8, nonce, new Uint8Array(0), sealed.slice(), 0, length), -1);
  }
  t.is(ccm.open(8, nonce, new Uint8Array(0), sealed.slice(), 0, 21), -1);
});

test('sealing without room for the tag is refused', (t) => {
  // A tag that falls off the end of the array would be lost silently.
  const ccm = new CcmKey(cryptoWork(), new Uint8Array(16));
  t.throws(() => ccm.seal(8, new Uint8Array(12), new Uint8Array(0), new Uint8Array(19), 0, 12),
    { instanceOf: RangeError });
});

test('the work of a sealed Finished is seven blocks', (t) => {
  // 24 bytes: B_0, one block of additional data, two blocks of text in the CBC-MAC, two of key stream, one for the tag.
  const work = cryptoWork();
  new CcmKey(work, new Uint8Array(16)).seal(8, new Uint8Array(12), new Uint8Array(13), new Uint8Array(32), 0, 24);
  t.is(work.aes, 1 + 1 + 2 + 2 + 1);
});
