/**
 * AES-128-CCM (RFC 3610), as the suites of RFC 6655 use it: a 12-byte nonce, so L = 3 length bytes,
 * and a tag of M = 8 or 16 bytes. Other nonce and tag lengths of RFC 3610 work too.
 *
 * Works in place. RFC 3610 §5: a nonce must never be used twice with a key; the caller sees to that.
 */

import { AesKey } from './aes.ts';
import type { CryptoWork } from './work.ts';

/** A key with room for one running computation. */
export class CcmKey {
  readonly #aes: AesKey;
  /** CBC-MAC so far, the counter block with counter 0, and a block of the key stream. */
  readonly #mac = new Int32Array(4);
  readonly #counter = new Int32Array(4);
  readonly #stream = new Int32Array(4);

  /** @param key 16 bytes */
  constructor(work: CryptoWork, key: Uint8Array) {
    this.#aes = new AesKey(work, key);
  }

  /**
   * Encrypts buf[start..start+length) in place and writes the tag behind it.
   * @param tagLength M: 4, 6, ... 16; buf must hold that many bytes more
   * @param nonce 7..13 bytes
   * @param aad additional data, less than 65280 bytes
   */
  seal(tagLength: number, nonce: Uint8Array, aad: Uint8Array, buf: Uint8Array, start: number, length: number): void {
    if (start + length + tagLength > buf.length) throw new RangeError('no room for the tag');
    this.#begin(tagLength, nonce, aad, length);
    this.#authenticate(buf, start, length);
    this.#crypt(buf, start, length);
    this.#finishTag();
    const mac = this.#mac;
    const end = start + length;
    for (let i = 0; i < tagLength; i++) buf[end + i] = mac[i >> 2] >>> (24 - 8 * (i & 3));
  }

  /**
   * Decrypts buf[start..start+length), text and tag, in place.
   * @returns the length of the text, or -1 when the tag is wrong; the bytes are then zeros
   */
  open(tagLength: number, nonce: Uint8Array, aad: Uint8Array, buf: Uint8Array, start: number, length: number): number {
    const text = length - tagLength;
    if (text < 0 || start + length > buf.length) return -1;
    this.#begin(tagLength, nonce, aad, text);
    this.#crypt(buf, start, text);
    this.#authenticate(buf, start, text);
    this.#finishTag();
    const mac = this.#mac;
    const end = start + text;
    // All bytes are compared whatever the first ones say.
    let difference = 0;
    for (let i = 0; i < tagLength; i++) difference |= buf[end + i] ^ ((mac[i >> 2] >>> (24 - 8 * (i & 3))) & 0xff);
    if (difference === 0) return text;
    buf.fill(0, start, end);
    return -1;
  }

  /** B_0 and the additional data into the CBC-MAC; the counter block at 0 (RFC 3610 §2.2, §2.3). */
  #begin(tagLength: number, nonce: Uint8Array, aad: Uint8Array, length: number): void {
    const L = 15 - nonce.length;
    const counter = this.#counter;
    counter[0] = L - 1 << 24;
    counter[1] = counter[2] = counter[3] = 0;
    for (let i = 0; i < nonce.length; i++) counter[(i + 1) >> 2] |= nonce[i] << (24 - 8 * ((i + 1) & 3));
    const mac = this.#mac;
    mac.set(counter);
    mac[0] |= (aad.length > 0 ? 0x40000000 : 0) | ((tagLength - 2) / 2 << 27);
    mac[3] |= length;
    this.#aes.encrypt(mac);
    if (aad.length === 0) return;
    mac[0] ^= aad.length << 16;
    for (let i = 0, at = 2; i < aad.length; i++, at++) {
      if (at === 16) {
        this.#aes.encrypt(mac);
        at = 0;
      }
      mac[at >> 2] ^= aad[i] << (24 - 8 * (at & 3));
    }
    this.#aes.encrypt(mac);
  }

  #authenticate(buf: Uint8Array, start: number, length: number): void {
    const mac = this.#mac;
    const rest = length & 15;
    const whole = start + length - rest;
    for (let at = start; at < whole; at += 16) {
      mac[0] ^= word(buf, at);
      mac[1] ^= word(buf, at + 4);
      mac[2] ^= word(buf, at + 8);
      mac[3] ^= word(buf, at + 12);
      this.#aes.encrypt(mac);
    }
    if (rest === 0) return;
    for (let i = 0; i < rest; i++) mac[i >> 2] ^= buf[whole + i] << (24 - 8 * (i & 3));
    this.#aes.encrypt(mac);
  }

  /** Counter mode from counter 1 on (RFC 3610 §2.3). */
  #crypt(buf: Uint8Array, start: number, length: number): void {
    const stream = this.#stream;
    const rest = length & 15;
    const whole = start + length - rest;
    // The length field has two bytes at least, and no text here is longer than 2^24 bytes.
    let count = 1;
    for (let at = start; at < whole; at += 16) {
      this.#keyStream(count++);
      xor32(buf, at, stream[0]);
      xor32(buf, at + 4, stream[1]);
      xor32(buf, at + 8, stream[2]);
      xor32(buf, at + 12, stream[3]);
    }
    if (rest === 0) return;
    this.#keyStream(count);
    for (let i = 0; i < rest; i++) buf[whole + i] ^= stream[i >> 2] >>> (24 - 8 * (i & 3));
  }

  /** The block of the key stream with this counter. */
  #keyStream(count: number): void {
    const counter = this.#counter;
    const stream = this.#stream;
    stream[0] = counter[0];
    stream[1] = counter[1];
    stream[2] = counter[2];
    stream[3] = counter[3] | count;
    this.#aes.encrypt(stream);
  }

  /** The tag is the CBC-MAC encrypted with counter 0. */
  #finishTag(): void {
    const stream = this.#stream;
    const mac = this.#mac;
    this.#keyStream(0);
    for (let i = 0; i < 4; i++) mac[i] ^= stream[i];
  }
}

/** The big-endian word at buf[at..at+4). */
function word(buf: Uint8Array, at: number): number {
  return (buf[at] << 24) | (buf[at + 1] << 16) | (buf[at + 2] << 8) | buf[at + 3];
}

/** XORs the big-endian word at buf[at..at+4). */
function xor32(buf: Uint8Array, at: number, w: number): void {
  buf[at] ^= w >>> 24;
  buf[at + 1] ^= w >>> 16;
  buf[at + 2] ^= w >>> 8;
  buf[at + 3] ^= w;
}
