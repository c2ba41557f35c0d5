/**
 * P-256 by OpenSSL, through node:crypto's Diffie-Hellman: k · G with both coordinates, k · P with x alone.
 *
 * node:crypto verifies signatures of messages, never of a hash. So (h/s) · G + (r/s) · Q is computed as
 * (r/s) · (Q + (h/r) · G): the inner product and the sum have both coordinates, and of the outer one x is enough.
 */

import { createECDH } from 'node:crypto';
import {
  inverse, isOnCurve, P256_BYTES, P256_N, P256_P, readScalar, writeScalar, type P256Provider,
} from './p256_curve.ts';

type Affine = readonly [x: bigint, y: bigint];

/** Its private key is set before each use. */
const ecdh = createECDH('prime256v1');

export const provider: P256Provider = { multiplyBase, multiplyX, verify };

function multiplyBase(scalar: Uint8Array): Uint8Array {
  ecdh.setPrivateKey(scalar);
  return new Uint8Array(ecdh.getPublicKey().subarray(1));
}

function multiplyX(scalar: Uint8Array, point: Uint8Array): Uint8Array | null {
  // OpenSSL checks it too, and Node throws: that takes longer.
  if (!isOnCurve(readScalar(point), readScalar(point, P256_BYTES))) return null;
  return xOfMultiple(scalar, point);
}

function xOfMultiple(scalar: Uint8Array, point: Uint8Array): Uint8Array {
  const uncompressed = new Uint8Array(1 + 2 * P256_BYTES);
  uncompressed[0] = 4;
  uncompressed.set(point, 1);
  ecdh.setPrivateKey(scalar);
  return new Uint8Array(ecdh.computeSecret(uncompressed));
}

function verify(publicKey: Uint8Array, hash: Uint8Array, signature: Uint8Array): boolean {
  const q: Affine = [readScalar(publicKey), readScalar(publicKey, P256_BYTES)];
  if (!isOnCurve(q[0], q[1])) return false;
  const r = readScalar(signature);
  const s = readScalar(signature, P256_BYTES);
  // One inversion for both: 1 / r = s / rs, 1 / s = r / rs.
  const rs = inverse(r * s % P256_N, P256_N);
  const inner = readScalar(hash) * (s * rs % P256_N) % P256_N;
  const outer = r * (r * rs % P256_N) % P256_N;
  const sum = inner === 0n ? q : add(q, baseMultiple(inner));
  if (sum === null) return false;
  const point = writeScalar(writeScalar(new Uint8Array(2 * P256_BYTES), sum[0]), sum[1], P256_BYTES);
  const x = xOfMultiple(writeScalar(new Uint8Array(P256_BYTES), outer), point);
  return readScalar(x) % P256_N === r;
}

function baseMultiple(scalar: bigint): Affine {
  const point = multiplyBase(writeScalar(new Uint8Array(P256_BYTES), scalar));
  return [readScalar(point), readScalar(point, P256_BYTES)];
}

/** The sum of two points, null when it is the point at infinity (SEC 1 §2.2.1). */
function add([x1, y1]: Affine, [x2, y2]: Affine): Affine | null {
  let slope: bigint;
  if (x1 !== x2) slope = (y2 - y1) * inverse(reduce(x2 - x1), P256_P);
  else if (y1 !== y2) return null;
  else slope = 3n * (x1 * x1 - 1n) * inverse(2n * y1 % P256_P, P256_P);
  slope = reduce(slope);
  const x = reduce(slope * slope - x1 - x2);
  return [x, reduce(slope * (x1 - x) - y1)];
}

function reduce(a: bigint): bigint {
  const rest = a % P256_P;
  return rest < 0n ? rest + P256_P : rest;
}
