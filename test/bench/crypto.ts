// Primitives of DTLS, each by every implementation at hand: after `npm run bench`,
// `node out/bench/test/bench/crypto.js`.
// The memo of net/crypto/p256.ts is left out: each call computes.
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { bench, do_not_optimize, run } from 'mitata';
import { CcmKey } from '../../net/crypto/ccm.ts';
import { HmacKey } from '../../net/crypto/hmac.ts';
import { signRfc6979 } from '../../net/crypto/p256_curve.ts';
import { provider as noble } from '../../net/crypto/p256_js.ts';
import { provider as node } from '../../net/crypto/p256_node.ts';
import { prf } from '../../net/crypto/prf.ts';
import { cryptoWork } from '../../net/crypto/work.ts';

const KEY = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(9);
const HASH = new Uint8Array(32).fill(5);
const NONCE = new Uint8Array(12).fill(3);
const AAD = new Uint8Array(13).fill(4);

for (const [name, provider] of [['noble', noble], ['node', node]] as const) {
  const point = provider.multiplyBase(OTHER);
  const signature = signRfc6979(provider, OTHER, HASH);
  bench(`P-256 key pair, ${name}`, () => do_not_optimize(provider.multiplyBase(KEY)));
  bench(`P-256 signature, ${name}`, () => do_not_optimize(signRfc6979(provider, KEY, HASH)));
  bench(`P-256 verification, ${name}`, () => do_not_optimize(provider.verify(point, HASH, signature)));
  bench(`P-256 shared secret, ${name}`, () => do_not_optimize(provider.multiplyX(KEY, point)));
}

const ccm = new CcmKey(cryptoWork(), KEY.subarray(0, 16));

/** Sealed and opened by node:crypto, which wants a cipher for each record. */
function nodeRecord(text: Uint8Array): Uint8Array {
  const key = KEY.subarray(0, 16);
  const seal = createCipheriv('aes-128-ccm', key, NONCE, { authTagLength: 8 });
  seal.setAAD(AAD, { plaintextLength: text.length });
  const sealed = seal.update(text);
  seal.final();
  const open = createDecipheriv('aes-128-ccm', key, NONCE, { authTagLength: 8 });
  open.setAuthTag(seal.getAuthTag());
  open.setAAD(AAD, { plaintextLength: text.length });
  return open.update(sealed);
}

for (const length of [64, 256, 1024]) {
  const text = new Uint8Array(length);
  const buf = new Uint8Array(length + 8);
  bench(`AES-128-CCM_8, ${length} bytes sealed and opened, own`, () => {
    ccm.seal(8, NONCE, AAD, buf, 0, length);
    do_not_optimize(ccm.open(8, NONCE, AAD, buf, 0, length + 8));
  });
  bench(`AES-128-CCM_8, ${length} bytes sealed and opened, node`, () => do_not_optimize(nodeRecord(text)));
}

const secret = new HmacKey(cryptoWork(), KEY);
const message = new Uint8Array(64);
const out = new Uint8Array(32);
bench('HMAC-SHA-256 of 64 bytes, own', () => {
  secret.begin();
  secret.update(message);
  secret.finish(out);
});
bench('HMAC-SHA-256 of 64 bytes, node', () => do_not_optimize(createHmac('sha256', KEY).update(message).digest()));

const LABEL = new TextEncoder().encode('key expansion');
const SEED = new Uint8Array(64);
const block = new Uint8Array(40);
bench('PRF of 40 bytes with its key, own', () =>
  prf(new HmacKey(cryptoWork(), KEY), LABEL, SEED, SEED.subarray(0, 0), block));
const input = new Uint8Array(32 + LABEL.length + SEED.length);
const nodeHmac = (data: Uint8Array): Uint8Array => createHmac('sha256', KEY).update(data).digest();
bench('PRF of 40 bytes with its key, node', () => {
  let a = nodeHmac(input.subarray(32));
  for (let i = 0; i < 2; i++) {
    input.set(a);
    do_not_optimize(nodeHmac(input));
    a = nodeHmac(a);
  }
});

const { benchmarks } = await run({ format: 'quiet', throw: true });
for (const { runs } of benchmarks) {
  const { name, stats } = runs[0]!;
  console.log(name.padEnd(60), Math.round(1e9 / stats!.p50).toLocaleString('en').padStart(12));
}
