/**
 * AES-128, encryption only (FIPS 197), with four tables of 32-bit words (FIPS 197 §5.1 with SubBytes,
 * ShiftRows and MixColumns joined). Tables leak timing on a shared machine: this is for emulated boards.
 */

import type { CryptoWork } from './work.ts';

const SBOX = sbox();
const T0 = table(0);
const T1 = table(8);
const T2 = table(16);
const T3 = table(24);
/** Round constants, FIPS 197 §5.2. */
const RCON = new Uint8Array([0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36]);

/** Multiplication by x in GF(2^8), FIPS 197 §4.2.1. */
function xtime(a: number): number {
  return ((a << 1) ^ ((a >> 7) * 0x11b)) & 0xff;
}

/** The S-box, FIPS 197 §5.1.1: p runs through the powers of the generator 3, q through their inverses. */
function sbox(): Uint8Array {
  const s = new Uint8Array(256);
  let p = 1;
  let q = 1;
  do {
    p ^= xtime(p);
    q ^= q << 1;
    q ^= q << 2;
    q = (q ^ (q << 4)) & 0xff;
    if (q & 0x80) q ^= 0x09;
    const rotated = q ^ (q << 1 | q >> 7) ^ (q << 2 | q >> 6) ^ (q << 3 | q >> 5) ^ (q << 4 | q >> 4);
    s[p] = rotated ^ 0x63;
  } while (p !== 1);
  s[0] = 0x63;
  return s;
}

/** A column of MixColumns times the S-box, rotated right by `shift` bits. */
function table(shift: number): Int32Array {
  const t = new Int32Array(256);
  for (let i = 0; i < 256; i++) {
    const s = SBOX[i];
    const word = (xtime(s) << 24) | (s << 16) | (s << 8) | (xtime(s) ^ s);
    t[i] = shift === 0 ? word : (word >>> shift) | (word << (32 - shift));
  }
  return t;
}

/** An expanded key. */
export class AesKey {
  readonly #round = new Int32Array(44);
  readonly #work: CryptoWork;

  /** @param key 16 bytes */
  constructor(work: CryptoWork, key: Uint8Array) {
    if (key.length !== 16) throw new RangeError(`AES-128 takes a key of 16 bytes, not ${key.length}`);
    this.#work = work;
    const w = this.#round;
    for (let i = 0; i < 4; i++) {
      w[i] = (key[4 * i] << 24) | (key[4 * i + 1] << 16) | (key[4 * i + 2] << 8) | key[4 * i + 3];
    }
    for (let i = 4; i < 44; i++) {
      let t = w[i - 1];
      if (i % 4 === 0) {
        t = (SBOX[(t >>> 16) & 0xff] << 24) | (SBOX[(t >>> 8) & 0xff] << 16) | (SBOX[t & 0xff] << 8) | SBOX[t >>> 24];
        t ^= RCON[i / 4 - 1] << 24;
      }
      w[i] = w[i - 4] ^ t;
    }
  }

  /** Encrypts the block `s`, four big-endian words, in place. */
  encrypt(s: Int32Array): void {
    this.#work.aes++;
    const w = this.#round;
    let a = s[0] ^ w[0], b = s[1] ^ w[1], c = s[2] ^ w[2], d = s[3] ^ w[3];
    for (let k = 4; k < 40; k += 4) {
      const e = T0[a >>> 24] ^ T1[(b >>> 16) & 0xff] ^ T2[(c >>> 8) & 0xff] ^ T3[d & 0xff] ^ w[k];
      const f = T0[b >>> 24] ^ T1[(c >>> 16) & 0xff] ^ T2[(d >>> 8) & 0xff] ^ T3[a & 0xff] ^ w[k + 1];
      const g = T0[c >>> 24] ^ T1[(d >>> 16) & 0xff] ^ T2[(a >>> 8) & 0xff] ^ T3[b & 0xff] ^ w[k + 2];
      d = T0[d >>> 24] ^ T1[(a >>> 16) & 0xff] ^ T2[(b >>> 8) & 0xff] ^ T3[c & 0xff] ^ w[k + 3];
      a = e;
      b = f;
      c = g;
    }
    s[0] = lastRound(a, b, c, d) ^ w[40];
    s[1] = lastRound(b, c, d, a) ^ w[41];
    s[2] = lastRound(c, d, a, b) ^ w[42];
    s[3] = lastRound(d, a, b, c) ^ w[43];
  }
}

/** SubBytes and ShiftRows without MixColumns: one word of the last round. */
function lastRound(a: number, b: number, c: number, d: number): number {
  return (SBOX[a >>> 24] << 24) | (SBOX[(b >>> 16) & 0xff] << 16) | (SBOX[(c >>> 8) & 0xff] << 8) | SBOX[d & 0xff];
}
