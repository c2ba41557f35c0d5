import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import test from 'ava';
import { HmacKey } from '../../../net/crypto/hmac.ts';
import { prf, prfLabel } from '../../../net/crypto/prf.ts';
import { cryptoWork } from '../../../net/crypto/work.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';

const NONE = new Uint8Array(0);

test('the known P_SHA256 vector of the TLS working group comes out right', (t) => {
  // 100 bytes: four blocks of output, the last one cut.
  const key = new HmacKey(cryptoWork(), fromHex('9bbe436ba940f017b17652849a71db35'));
  const out = new Uint8Array(100);
  prf(key, prfLabel('test label'), fromHex('a0ba9f936cda311827a6f796ffd5198c'), NONE, out);
  t.is(hex(out), 'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af'
    + '0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66');
});

/** RFC 5246 §5, word for word over node's HMAC. */
function reference(secret: Uint8Array, seed: Uint8Array, length: number): string {
  const mac = (data: Uint8Array): Buffer => createHmac('sha256', secret).update(data).digest();
  let a: Uint8Array = seed;
  let out = Buffer.alloc(0);
  while (out.length < length) {
    a = mac(a);
    out = Buffer.concat([out, mac(Buffer.concat([a, seed]))]);
  }
  return out.subarray(0, length).toString('hex');
}

test('any secret, seeds and length give what RFC 5246 says, and seeds are joined', (t) => {
  // Written from the RFC's formula over another HMAC; lengths on both sides of the 32-byte blocks.
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 70 }),
    fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 130 }), (secret, seed1, seed2, length) => {
      const out = new Uint8Array(length);
      prf(new HmacKey(cryptoWork(), secret), prfLabel('key expansion'), seed1, seed2, out);
      t.is(hex(out), reference(secret, Buffer.concat([Buffer.from('key expansion'), seed1, seed2]), length));
    }), { seed: 42, numRuns: 300 });
});
