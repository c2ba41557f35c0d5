import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import test from 'ava';
import { AesKey } from '../../../net/crypto/aes.ts';
import { cryptoWork } from '../../../net/crypto/work.ts';
import { fromHex, get32, hex, put32 } from '../../../net/wire/bytes.ts';

function encrypt(key: AesKey, block: Uint8Array): string {
  const words = Int32Array.from({ length: 4 }, (_, i) => get32(block, 4 * i));
  key.encrypt(words);
  const out = new Uint8Array(16);
  words.forEach((word, i) => put32(out, 4 * i, word));
  return hex(out);
}

test('the examples of FIPS 197 come out right', (t) => {
  // Appendix B and Appendix C.1.
  t.is(encrypt(new AesKey(cryptoWork(), fromHex('2b7e151628aed2a6abf7158809cf4f3c')),
    fromHex('3243f6a8885a308d313198a2e0370734')), '3925841d02dc09fbdc118597196a0b32');
  t.is(encrypt(new AesKey(cryptoWork(), fromHex('000102030405060708090a0b0c0d0e0f')),
    fromHex('00112233445566778899aabbccddeeff')), '69c4e0d86a7b0430d8cdb78070b4c55a');
});

test('any key and block give what OpenSSL gives, and each block counts', (t) => {
  // All table entries are used over the runs; a key is used twice, so that it cannot be spoilt by the first block.
  const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(fc.property(bytes16, bytes16, (secret, block) => {
    const cipher = createCipheriv('aes-128-ecb', secret, null).setAutoPadding(false);
    const expected = cipher.update(block).toString('hex');
    const work = cryptoWork();
    const key = new AesKey(work, secret);
    t.is(encrypt(key, block), expected);
    t.is(encrypt(key, block), expected);
    t.is(work.aes, 2);
  }), { seed: 42, numRuns: 500 });
});

test('a key that is not 16 bytes long is refused by name', (t) => {
  // Only AES-128 is here: a longer key must not be cut silently.
  for (const length of [0, 15, 17, 32]) {
    t.throws(() => new AesKey(cryptoWork(), new Uint8Array(length)),
      { instanceOf: RangeError, message: new RegExp(`16 bytes, not ${length}`) });
  }
});
