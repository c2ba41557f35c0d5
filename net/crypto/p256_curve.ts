/**
 * The group of P-256 (SP 800-186 §3.2.1.3): its numbers, bytes to numbers and back, and ECDSA with nonces of RFC 6979.
 * The arithmetic on points is a provider's: p256_js.ts everywhere, p256_node.ts where OpenSSL is at hand.
 */

import { HmacKey } from './hmac.ts';
import { cryptoWork } from './work.ts';

/** Bytes of a coordinate, of a private key, of a hash, of r and of s. */
export const P256_BYTES = 32;

/** The prime of the field, the order of the group, and b of y² = x³ - 3x + b. */
export const P256_P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
export const P256_N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
export const P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** Arithmetic on points; a point is x and y, 64 bytes, a scalar 32 bytes, all big-endian. */
export interface P256Provider {
  /** scalar · G. The scalar is a valid private key. */
  multiplyBase(scalar: Uint8Array): Uint8Array;
  /** x of scalar · point, or null when the point is not on the curve. The scalar is a valid private key. */
  multiplyX(scalar: Uint8Array, point: Uint8Array): Uint8Array | null;
  /** Whether x of (hash / s) · G + (r / s) · publicKey is r. 0 < r, s < order; false for a point not on the curve. */
  verify(publicKey: Uint8Array, hash: Uint8Array, signature: Uint8Array): boolean;
}

/** The number in 32 bytes from `at` on. */
export function readScalar(bytes: Uint8Array, at = 0): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, P256_BYTES);
  const high = view.getBigUint64(0) << 64n | view.getBigUint64(8);
  return high << 128n | view.getBigUint64(16) << 64n | view.getBigUint64(24);
}

/** Writes a number as 32 bytes from `at` on. setBigUint64 takes the low 64 bits. */
export function writeScalar(out: Uint8Array, value: bigint, at = 0): Uint8Array {
  const view = new DataView(out.buffer, out.byteOffset + at, P256_BYTES);
  view.setBigUint64(0, value >> 192n);
  view.setBigUint64(8, value >> 128n);
  view.setBigUint64(16, value >> 64n);
  view.setBigUint64(24, value);
  return out;
}

/** 1 / a modulo the prime m, by Euclid's algorithm; 0 < a < m. */
export function inverse(a: bigint, m: bigint): bigint {
  let b = m, x = 0n, y = 1n;
  while (a !== 0n) {
    const q = b / a;
    [a, b] = [b - a * q, a];
    [x, y] = [y, x - y * q];
  }
  return x < 0n ? x + m : x;
}

/** Whether x and y are coordinates of a point of the curve; 0, 0 is none. */
export function isOnCurve(x: bigint, y: bigint): boolean {
  return x < P256_P && y < P256_P && (y * y - (x * x * x - 3n * x + P256_B)) % P256_P === 0n;
}

/** ECDSA (FIPS 186-5 §6.4.1) with the nonce of RFC 6979 §3.2, so the same bytes from any provider. */
export function signRfc6979(provider: P256Provider, privateKey: Uint8Array, hash: Uint8Array): Uint8Array {
  const secret = readScalar(privateKey);
  const h = readScalar(hash);
  const nonces = new Nonces(privateKey, hash);
  for (;;) {
    const nonce = nonces.next();
    const k = readScalar(nonce);
    if (k === 0n || k >= P256_N) continue;
    const r = readScalar(provider.multiplyBase(nonce)) % P256_N;
    const s = inverse(k, P256_N) * (h + r * secret) % P256_N;
    if (r !== 0n && s !== 0n) return writeScalar(writeScalar(new Uint8Array(2 * P256_BYTES), r), s, P256_BYTES);
  }
}

/** The candidates of RFC 6979 §3.2 for SHA-256 and an order of 256 bits: each round gives one. */
class Nonces {
  #k = new Uint8Array(P256_BYTES);
  #v = new Uint8Array(P256_BYTES).fill(1);
  #first = true;

  constructor(privateKey: Uint8Array, hash: Uint8Array) {
    const reduced = writeScalar(new Uint8Array(P256_BYTES), readScalar(hash) % P256_N);
    this.#round(0, privateKey, reduced);
    this.#round(1, privateKey, reduced);
  }

  next(): Uint8Array {
    if (!this.#first) this.#round(0);
    this.#first = false;
    this.#v = hmac(this.#k, this.#v);
    return this.#v;
  }

  /** Steps d and e, f and g, or the end of step h. */
  #round(tag: number, ...more: readonly Uint8Array[]): void {
    this.#k = hmac(this.#k, this.#v, new Uint8Array([tag]), ...more);
    this.#v = hmac(this.#k, this.#v);
  }
}

/** Not counted as work: a board's signature is charged as a whole. */
function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const mac = new HmacKey(cryptoWork(), key);
  mac.begin();
  for (const part of parts) mac.update(part);
  const out = new Uint8Array(P256_BYTES);
  mac.finish(out);
  return out;
}
