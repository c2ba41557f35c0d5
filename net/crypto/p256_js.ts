/** P-256 in plain JavaScript, for hosts without node:crypto: @noble/curves. */

import { p256 } from '@noble/curves/nist.js';
import { isOnCurve, P256_BYTES, readScalar, type P256Provider } from './p256_curve.ts';

/** The hash is given, not the message, and of s and order - s both are right. */
const PLAIN = { prehash: false, lowS: false } as const;

export const provider: P256Provider = {
  multiplyBase: (scalar) => p256.getPublicKey(scalar, false).subarray(1),
  multiplyX: (scalar, point) =>
    isPoint(point) ? p256.getSharedSecret(scalar, uncompressed(point)).slice(1, 1 + P256_BYTES) : null,
  verify: (publicKey, hash, signature) =>
    isPoint(publicKey) && p256.verify(signature, hash, uncompressed(publicKey), PLAIN),
};

function isPoint(point: Uint8Array): boolean {
  return isOnCurve(readScalar(point), readScalar(point, P256_BYTES));
}

/** SEC 1 §2.3.3: 4, x, y. */
function uncompressed(point: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + point.length);
  bytes[0] = 4;
  bytes.set(point, 1);
  return bytes;
}
