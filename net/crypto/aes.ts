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
    // Unrolled: in a loop V8 checks anew in each round what the array of the round keys is.
    const a0 = s[0] ^ w[0];
    const b0 = s[1] ^ w[1];
    const c0 = s[2] ^ w[2];
    const d0 = s[3] ^ w[3];
    const a1 = T0[a0 >>> 24] ^ T1[(b0 >>> 16) & 0xff] ^ T2[(c0 >>> 8) & 0xff] ^ T3[d0 & 0xff] ^ w[4];
    const b1 = T0[b0 >>> 24] ^ T1[(c0 >>> 16) & 0xff] ^ T2[(d0 >>> 8) & 0xff] ^ T3[a0 & 0xff] ^ w[5];
    const c1 = T0[c0 >>> 24] ^ T1[(d0 >>> 16) & 0xff] ^ T2[(a0 >>> 8) & 0xff] ^ T3[b0 & 0xff] ^ w[6];
    const d1 = T0[d0 >>> 24] ^ T1[(a0 >>> 16) & 0xff] ^ T2[(b0 >>> 8) & 0xff] ^ T3[c0 & 0xff] ^ w[7];
    const a2 = T0[a1 >>> 24] ^ T1[(b1 >>> 16) & 0xff] ^ T2[(c1 >>> 8) & 0xff] ^ T3[d1 & 0xff] ^ w[8];
    const b2 = T0[b1 >>> 24] ^ T1[(c1 >>> 16) & 0xff] ^ T2[(d1 >>> 8) & 0xff] ^ T3[a1 & 0xff] ^ w[9];
    const c2 = T0[c1 >>> 24] ^ T1[(d1 >>> 16) & 0xff] ^ T2[(a1 >>> 8) & 0xff] ^ T3[b1 & 0xff] ^ w[10];
    const d2 = T0[d1 >>> 24] ^ T1[(a1 >>> 16) & 0xff] ^ T2[(b1 >>> 8) & 0xff] ^ T3[c1 & 0xff] ^ w[11];
    const a3 = T0[a2 >>> 24] ^ T1[(b2 >>> 16) & 0xff] ^ T2[(c2 >>> 8) & 0xff] ^ T3[d2 & 0xff] ^ w[12];
    const b3 = T0[b2 >>> 24] ^ T1[(c2 >>> 16) & 0xff] ^ T2[(d2 >>> 8) & 0xff] ^ T3[a2 & 0xff] ^ w[13];
    const c3 = T0[c2 >>> 24] ^ T1[(d2 >>> 16) & 0xff] ^ T2[(a2 >>> 8) & 0xff] ^ T3[b2 & 0xff] ^ w[14];
    const d3 = T0[d2 >>> 24] ^ T1[(a2 >>> 16) & 0xff] ^ T2[(b2 >>> 8) & 0xff] ^ T3[c2 & 0xff] ^ w[15];
    const a4 = T0[a3 >>> 24] ^ T1[(b3 >>> 16) & 0xff] ^ T2[(c3 >>> 8) & 0xff] ^ T3[d3 & 0xff] ^ w[16];
    const b4 = T0[b3 >>> 24] ^ T1[(c3 >>> 16) & 0xff] ^ T2[(d3 >>> 8) & 0xff] ^ T3[a3 & 0xff] ^ w[17];
    const c4 = T0[c3 >>> 24] ^ T1[(d3 >>> 16) & 0xff] ^ T2[(a3 >>> 8) & 0xff] ^ T3[b3 & 0xff] ^ w[18];
    const d4 = T0[d3 >>> 24] ^ T1[(a3 >>> 16) & 0xff] ^ T2[(b3 >>> 8) & 0xff] ^ T3[c3 & 0xff] ^ w[19];
    const a5 = T0[a4 >>> 24] ^ T1[(b4 >>> 16) & 0xff] ^ T2[(c4 >>> 8) & 0xff] ^ T3[d4 & 0xff] ^ w[20];
    const b5 = T0[b4 >>> 24] ^ T1[(c4 >>> 16) & 0xff] ^ T2[(d4 >>> 8) & 0xff] ^ T3[a4 & 0xff] ^ w[21];
    const c5 = T0[c4 >>> 24] ^ T1[(d4 >>> 16) & 0xff] ^ T2[(a4 >>> 8) & 0xff] ^ T3[b4 & 0xff] ^ w[22];
    const d5 = T0[d4 >>> 24] ^ T1[(a4 >>> 16) & 0xff] ^ T2[(b4 >>> 8) & 0xff] ^ T3[c4 & 0xff] ^ w[23];
    const a6 = T0[a5 >>> 24] ^ T1[(b5 >>> 16) & 0xff] ^ T2[(c5 >>> 8) & 0xff] ^ T3[d5 & 0xff] ^ w[24];
    const b6 = T0[b5 >>> 24] ^ T1[(c5 >>> 16) & 0xff] ^ T2[(d5 >>> 8) & 0xff] ^ T3[a5 & 0xff] ^ w[25];
    const c6 = T0[c5 >>> 24] ^ T1[(d5 >>> 16) & 0xff] ^ T2[(a5 >>> 8) & 0xff] ^ T3[b5 & 0xff] ^ w[26];
    const d6 = T0[d5 >>> 24] ^ T1[(a5 >>> 16) & 0xff] ^ T2[(b5 >>> 8) & 0xff] ^ T3[c5 & 0xff] ^ w[27];
    const a7 = T0[a6 >>> 24] ^ T1[(b6 >>> 16) & 0xff] ^ T2[(c6 >>> 8) & 0xff] ^ T3[d6 & 0xff] ^ w[28];
    const b7 = T0[b6 >>> 24] ^ T1[(c6 >>> 16) & 0xff] ^ T2[(d6 >>> 8) & 0xff] ^ T3[a6 & 0xff] ^ w[29];
    const c7 = T0[c6 >>> 24] ^ T1[(d6 >>> 16) & 0xff] ^ T2[(a6 >>> 8) & 0xff] ^ T3[b6 & 0xff] ^ w[30];
    const d7 = T0[d6 >>> 24] ^ T1[(a6 >>> 16) & 0xff] ^ T2[(b6 >>> 8) & 0xff] ^ T3[c6 & 0xff] ^ w[31];
    const a8 = T0[a7 >>> 24] ^ T1[(b7 >>> 16) & 0xff] ^ T2[(c7 >>> 8) & 0xff] ^ T3[d7 & 0xff] ^ w[32];
    const b8 = T0[b7 >>> 24] ^ T1[(c7 >>> 16) & 0xff] ^ T2[(d7 >>> 8) & 0xff] ^ T3[a7 & 0xff] ^ w[33];
    const c8 = T0[c7 >>> 24] ^ T1[(d7 >>> 16) & 0xff] ^ T2[(a7 >>> 8) & 0xff] ^ T3[b7 & 0xff] ^ w[34];
    const d8 = T0[d7 >>> 24] ^ T1[(a7 >>> 16) & 0xff] ^ T2[(b7 >>> 8) & 0xff] ^ T3[c7 & 0xff] ^ w[35];
    const a9 = T0[a8 >>> 24] ^ T1[(b8 >>> 16) & 0xff] ^ T2[(c8 >>> 8) & 0xff] ^ T3[d8 & 0xff] ^ w[36];
    const b9 = T0[b8 >>> 24] ^ T1[(c8 >>> 16) & 0xff] ^ T2[(d8 >>> 8) & 0xff] ^ T3[a8 & 0xff] ^ w[37];
    const c9 = T0[c8 >>> 24] ^ T1[(d8 >>> 16) & 0xff] ^ T2[(a8 >>> 8) & 0xff] ^ T3[b8 & 0xff] ^ w[38];
    const d9 = T0[d8 >>> 24] ^ T1[(a8 >>> 16) & 0xff] ^ T2[(b8 >>> 8) & 0xff] ^ T3[c8 & 0xff] ^ w[39];
    s[0] = lastRound(a9, b9, c9, d9) ^ w[40];
    s[1] = lastRound(b9, c9, d9, a9) ^ w[41];
    s[2] = lastRound(c9, d9, a9, b9) ^ w[42];
    s[3] = lastRound(d9, a9, b9, c9) ^ w[43];
  }
}

/** SubBytes and ShiftRows without MixColumns: one word of the last round. */
function lastRound(a: number, b: number, c: number, d: number): number {
  return (SBOX[a >>> 24] << 24) | (SBOX[(b >>> 16) & 0xff] << 16) | (SBOX[(c >>> 8) & 0xff] << 8) | SBOX[d & 0xff];
}
