/**
 * The pseudo-random function of TLS 1.2, P_SHA256 (RFC 5246 §5).
 */

import type { HmacKey } from './hmac.ts';
import { SHA256_LENGTH } from './sha256.ts';

/** The bytes of an ASCII label, such as "master secret". */
export function prfLabel(text: string): Uint8Array {
  const label = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) label[i] = text.charCodeAt(i);
  return label;
}

/**
 * Fills `out` with PRF(secret, label, seed1 + seed2).
 * @param secret the secret, as a key
 * @param seed2 may be empty
 */
export function prf(secret: HmacKey, label: Uint8Array, seed1: Uint8Array, seed2: Uint8Array, out: Uint8Array): void {
  const a = new Uint8Array(SHA256_LENGTH);
  secret.begin();
  seeds(secret, label, seed1, seed2);
  secret.finish(a);
  const block = new Uint8Array(SHA256_LENGTH);
  for (let at = 0; ;) {
    secret.begin();
    secret.update(a);
    seeds(secret, label, seed1, seed2);
    secret.finish(block);
    const end = Math.min(at + SHA256_LENGTH, out.length);
    for (let i = 0; at < end; i++, at++) out[at] = block[i];
    if (at === out.length) return;
    secret.begin();
    secret.update(a);
    secret.finish(a);
  }
}

function seeds(secret: HmacKey, label: Uint8Array, seed1: Uint8Array, seed2: Uint8Array): void {
  secret.update(label);
  secret.update(seed1);
  secret.update(seed2);
}
