/**
 * P-256 as DTLS needs it: key pairs, ECDSA over SHA-256 hashes (FIPS 186-5, nonces of RFC 6979) and Diffie-Hellman
 * (SP 800-56A). Keys, hashes and halves of signatures are 32 bytes, public keys x and y, all big-endian.
 *
 * Results are kept by input, so that a replay does not compute them again. They are pure functions of it: what is kept
 * shows in the time they take alone. Two boards of one process share them: what one signed needs no verification by
 * arithmetic, and both ends of an exchange have the secret from one computation.
 *
 * The caller counts the work (work.ts), and whether a result was kept makes no difference to a board.
 */

import { provider } from '#crypto';
import { Memo } from './memo.ts';
import { P256_BYTES, P256_N, readScalar, signRfc6979 } from './p256_curve.ts';

/** A mutual handshake leaves ten results, about 250 bytes each with their keys. */
const LIMIT = 4096;

const points = new Memo<Uint8Array>(LIMIT);
const secrets = new Memo<Uint8Array | false>(LIMIT);
const signatures = new Memo<Uint8Array>(LIMIT);
const verdicts = new Memo<boolean>(LIMIT);

/** Whether `bytes` are a private key: 32 bytes of a number from 1 to the order of the group less 1. */
export function p256ValidPrivate(bytes: Uint8Array): boolean {
  return bytes.length === P256_BYTES && inRange(readScalar(bytes));
}

/**
 * The public key of a private key.
 * @returns x and y, 64 bytes
 * @throws RangeError if p256ValidPrivate() says no
 */
export function p256PublicKey(privateKey: Uint8Array): Uint8Array {
  return pointOf(privateKey).slice();
}

/**
 * Signs a SHA-256 hash. The same key and hash give the same signature (RFC 6979).
 * @param hash 32 bytes
 * @returns r and s, 64 bytes
 * @throws RangeError if p256ValidPrivate() says no, or the hash has another length
 */
export function p256Sign(privateKey: Uint8Array, hash: Uint8Array): Uint8Array {
  if (hash.length !== P256_BYTES) throw new RangeError(`a hash has ${P256_BYTES} bytes, not ${hash.length}`);
  const publicKey = pointOf(privateKey);
  const key = keyOf(privateKey, hash);
  let signature = signatures.get(key);
  if (signature === undefined) {
    signature = signRfc6979(provider, privateKey, hash);
    signatures.set(key, signature);
    verdicts.set(keyOf(publicKey, hash, signature), true);
  }
  return signature.slice();
}

/**
 * Verifies a signature of a SHA-256 hash. Both s and order - s are right.
 * @returns false too for a public key that is no point of the curve, for r or s of 0 or not less than the order, and
 *          for arguments of other lengths than 64, 32 and 64 bytes
 */
export function p256Verify(publicKey: Uint8Array, hash: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 2 * P256_BYTES || signature.length !== 2 * P256_BYTES) return false;
  if (hash.length !== P256_BYTES) return false;
  if (!inRange(readScalar(signature)) || !inRange(readScalar(signature, P256_BYTES))) return false;
  const key = keyOf(publicKey, hash, signature);
  let verdict = verdicts.get(key);
  if (verdict === undefined) {
    verdict = provider.verify(publicKey, hash, signature);
    verdicts.set(key, verdict);
  }
  return verdict;
}

/**
 * The shared secret of Diffie-Hellman.
 * @returns x of the product, 32 bytes, or null for a public key that is no point of the curve or not 64 bytes long
 * @throws RangeError if p256ValidPrivate() says no to the private key
 */
export function p256SharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null {
  const own = keyOf(pointOf(privateKey));
  if (publicKey.length !== 2 * P256_BYTES) return null;
  const other = keyOf(publicKey);
  // Both ends have the same pair of public keys, in either order.
  const key = own < other ? own + other : other + own;
  let secret = secrets.get(key);
  if (secret === undefined) {
    secret = provider.multiplyX(privateKey, publicKey) ?? false;
    secrets.set(key, secret);
  }
  return secret === false ? null : secret.slice();
}

/** The public key as it is kept: not to be written to, not to be handed out. */
function pointOf(privateKey: Uint8Array): Uint8Array {
  if (!p256ValidPrivate(privateKey)) throw new RangeError('not a private key of P-256');
  const key = keyOf(privateKey);
  let point = points.get(key);
  if (point === undefined) {
    point = provider.multiplyBase(privateKey);
    points.set(key, point);
  }
  return point;
}

function inRange(n: bigint): boolean {
  return n > 0n && n < P256_N;
}

/** Inputs as one character a byte. */
function keyOf(...inputs: readonly Uint8Array[]): string {
  let key = '';
  for (const input of inputs) key += String.fromCharCode(...input);
  return key;
}
