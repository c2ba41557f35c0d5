/**
 * HMAC-SHA-256 (RFC 2104), with the states after the two pads kept: a key used again costs two
 * compressions less. The work counter counts them all the same, see work.ts.
 */

import { Sha256, SHA256_BLOCK, SHA256_INITIAL, SHA256_LENGTH, sha256Compress } from './sha256.ts';
import type { CryptoWork } from './work.ts';

/** A key, and one HMAC that may be under way with it: begin, update ..., finish. */
export class HmacKey {
  readonly #inner = new Int32Array(8);
  readonly #outer = new Int32Array(8);
  readonly #hash: Sha256;
  readonly #work: CryptoWork;

  /** @param key any length; longer than 64 bytes it is hashed first (RFC 2104 §2) */
  constructor(work: CryptoWork, key: Uint8Array) {
    this.#work = work;
    this.#hash = new Sha256(work);
    const pad = new Uint8Array(SHA256_BLOCK);
    if (key.length > SHA256_BLOCK) {
      this.#hash.update(key);
      this.#hash.digest(pad);
    } else {
      pad.set(key);
    }
    for (let i = 0; i < SHA256_BLOCK; i++) pad[i] ^= 0x36;
    this.#inner.set(SHA256_INITIAL);
    sha256Compress(this.#inner, pad, 0);
    for (let i = 0; i < SHA256_BLOCK; i++) pad[i] ^= 0x36 ^ 0x5c;
    this.#outer.set(SHA256_INITIAL);
    sha256Compress(this.#outer, pad, 0);
  }

  begin(): void {
    this.#work.sha256++;
    this.#hash.restore(this.#inner, SHA256_BLOCK);
  }

  /** Adds data[start..end). */
  update(data: Uint8Array, start = 0, end = data.length): void {
    this.#hash.update(data, start, end);
  }

  /** Writes the 32 bytes of the result to out[at..). */
  finish(out: Uint8Array, at = 0): void {
    this.#hash.digest(out, at);
    this.#work.sha256++;
    this.#hash.restore(this.#outer, SHA256_BLOCK);
    this.#hash.update(out, at, at + SHA256_LENGTH);
    this.#hash.digest(out, at);
  }
}
