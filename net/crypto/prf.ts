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
  // A(i) and the whole seed stand side by side, since each block of output is the HMAC over both.
  const text = new Uint8Array(SHA256_LENGTH + label.length + seed1.length + seed2.length);
  text.set(label, SHA256_LENGTH);
  text.set(seed1, SHA256_LENGTH + label.length);
  text.set(seed2, SHA256_LENGTH + label.length + seed1.length);
  secret.begin();
  secret.update(text, SHA256_LENGTH);
  secret.finish(text);
  const block = new Uint8Array(SHA256_LENGTH);
  for (let at = 0; ;) {
    secret.begin();
    secret.update(text);
    secret.finish(block);
    const n = Math.min(SHA256_LENGTH, out.length - at);
    for (let i = 0; i < n; i++) out[at + i] = block[i];
    at += n;
    if (at >= out.length) return;
    secret.begin();
    secret.update(text, 0, SHA256_LENGTH);
    secret.finish(text);
  }
}
