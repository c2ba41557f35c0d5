/**
 * SHA-256 (FIPS 180-4), with a state that can be copied: a transcript is hashed once and read several
 * times, and HMAC keeps the states of its two pads.
 *
 * Message schedule and state live in local variables; that is what makes it fast.
 */

import type { CryptoWork } from './work.ts';

export const SHA256_LENGTH = 32;
export const SHA256_BLOCK = 64;

/** Initial state, FIPS 180-4 §5.3.3. */
export const SHA256_INITIAL: Readonly<Int32Array> = new Int32Array([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

/** Constants of the rounds, FIPS 180-4 §4.2.2. */
const K = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/**
 * One compression, FIPS 180-4 §6.2.2: the 64 bytes of `p` from `o` on into the state `h`.
 * Sixteen rounds are written out, so that no variable ever moves; the loop runs them four times and
 * makes the next sixteen words of the schedule in between.
 */
export function sha256Compress(h: Int32Array, p: Uint8Array, o: number): void {
  let w0 = p[o]<<24 | p[o+1]<<16 | p[o+2]<<8 | p[o+3], w1 = p[o+4]<<24 | p[o+5]<<16 | p[o+6]<<8 | p[o+7];
  let w2 = p[o+8]<<24 | p[o+9]<<16 | p[o+10]<<8 | p[o+11], w3 = p[o+12]<<24 | p[o+13]<<16 | p[o+14]<<8 | p[o+15];
  let w4 = p[o+16]<<24 | p[o+17]<<16 | p[o+18]<<8 | p[o+19], w5 = p[o+20]<<24 | p[o+21]<<16 | p[o+22]<<8 | p[o+23];
  let w6 = p[o+24]<<24 | p[o+25]<<16 | p[o+26]<<8 | p[o+27], w7 = p[o+28]<<24 | p[o+29]<<16 | p[o+30]<<8 | p[o+31];
  let w8 = p[o+32]<<24 | p[o+33]<<16 | p[o+34]<<8 | p[o+35], w9 = p[o+36]<<24 | p[o+37]<<16 | p[o+38]<<8 | p[o+39];
  let wa = p[o+40]<<24 | p[o+41]<<16 | p[o+42]<<8 | p[o+43], wb = p[o+44]<<24 | p[o+45]<<16 | p[o+46]<<8 | p[o+47];
  let wc = p[o+48]<<24 | p[o+49]<<16 | p[o+50]<<8 | p[o+51], wd = p[o+52]<<24 | p[o+53]<<16 | p[o+54]<<8 | p[o+55];
  let we = p[o+56]<<24 | p[o+57]<<16 | p[o+58]<<8 | p[o+59], wf = p[o+60]<<24 | p[o+61]<<16 | p[o+62]<<8 | p[o+63];
  let a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], z = h[7], t = 0;
  for (let i = 0; ; i += 16) {
    t = (z + ((e>>>6 | e<<26) ^ (e>>>11 | e<<21) ^ (e>>>25 | e<<7)) + (g ^ (e & (f ^ g))) + K[i] + w0) | 0;
    d = (d + t) | 0; z = (t + ((a>>>2 | a<<30) ^ (a>>>13 | a<<19) ^ (a>>>22 | a<<10)) + ((a & b) | (c & (a | b)))) | 0;
    t = (g + ((d>>>6 | d<<26) ^ (d>>>11 | d<<21) ^ (d>>>25 | d<<7)) + (f ^ (d & (e ^ f))) + K[i + 1] + w1) | 0;
    c = (c + t) | 0; g = (t + ((z>>>2 | z<<30) ^ (z>>>13 | z<<19) ^ (z>>>22 | z<<10)) + ((z & a) | (b & (z | a)))) | 0;
    t = (f + ((c>>>6 | c<<26) ^ (c>>>11 | c<<21) ^ (c>>>25 | c<<7)) + (e ^ (c & (d ^ e))) + K[i + 2] + w2) | 0;
    b = (b + t) | 0; f = (t + ((g>>>2 | g<<30) ^ (g>>>13 | g<<19) ^ (g>>>22 | g<<10)) + ((g & z) | (a & (g | z)))) | 0;
    t = (e + ((b>>>6 | b<<26) ^ (b>>>11 | b<<21) ^ (b>>>25 | b<<7)) + (d ^ (b & (c ^ d))) + K[i + 3] + w3) | 0;
    a = (a + t) | 0; e = (t + ((f>>>2 | f<<30) ^ (f>>>13 | f<<19) ^ (f>>>22 | f<<10)) + ((f & g) | (z & (f | g)))) | 0;
    t = (d + ((a>>>6 | a<<26) ^ (a>>>11 | a<<21) ^ (a>>>25 | a<<7)) + (c ^ (a & (b ^ c))) + K[i + 4] + w4) | 0;
    z = (z + t) | 0; d = (t + ((e>>>2 | e<<30) ^ (e>>>13 | e<<19) ^ (e>>>22 | e<<10)) + ((e & f) | (g & (e | f)))) | 0;
    t = (c + ((z>>>6 | z<<26) ^ (z>>>11 | z<<21) ^ (z>>>25 | z<<7)) + (b ^ (z & (a ^ b))) + K[i + 5] + w5) | 0;
    g = (g + t) | 0; c = (t + ((d>>>2 | d<<30) ^ (d>>>13 | d<<19) ^ (d>>>22 | d<<10)) + ((d & e) | (f & (d | e)))) | 0;
    t = (b + ((g>>>6 | g<<26) ^ (g>>>11 | g<<21) ^ (g>>>25 | g<<7)) + (a ^ (g & (z ^ a))) + K[i + 6] + w6) | 0;
    f = (f + t) | 0; b = (t + ((c>>>2 | c<<30) ^ (c>>>13 | c<<19) ^ (c>>>22 | c<<10)) + ((c & d) | (e & (c | d)))) | 0;
    t = (a + ((f>>>6 | f<<26) ^ (f>>>11 | f<<21) ^ (f>>>25 | f<<7)) + (z ^ (f & (g ^ z))) + K[i + 7] + w7) | 0;
    e = (e + t) | 0; a = (t + ((b>>>2 | b<<30) ^ (b>>>13 | b<<19) ^ (b>>>22 | b<<10)) + ((b & c) | (d & (b | c)))) | 0;
    t = (z + ((e>>>6 | e<<26) ^ (e>>>11 | e<<21) ^ (e>>>25 | e<<7)) + (g ^ (e & (f ^ g))) + K[i + 8] + w8) | 0;
    d = (d + t) | 0; z = (t + ((a>>>2 | a<<30) ^ (a>>>13 | a<<19) ^ (a>>>22 | a<<10)) + ((a & b) | (c & (a | b)))) | 0;
    t = (g + ((d>>>6 | d<<26) ^ (d>>>11 | d<<21) ^ (d>>>25 | d<<7)) + (f ^ (d & (e ^ f))) + K[i + 9] + w9) | 0;
    c = (c + t) | 0; g = (t + ((z>>>2 | z<<30) ^ (z>>>13 | z<<19) ^ (z>>>22 | z<<10)) + ((z & a) | (b & (z | a)))) | 0;
    t = (f + ((c>>>6 | c<<26) ^ (c>>>11 | c<<21) ^ (c>>>25 | c<<7)) + (e ^ (c & (d ^ e))) + K[i + 10] + wa) | 0;
    b = (b + t) | 0; f = (t + ((g>>>2 | g<<30) ^ (g>>>13 | g<<19) ^ (g>>>22 | g<<10)) + ((g & z) | (a & (g | z)))) | 0;
    t = (e + ((b>>>6 | b<<26) ^ (b>>>11 | b<<21) ^ (b>>>25 | b<<7)) + (d ^ (b & (c ^ d))) + K[i + 11] + wb) | 0;
    a = (a + t) | 0; e = (t + ((f>>>2 | f<<30) ^ (f>>>13 | f<<19) ^ (f>>>22 | f<<10)) + ((f & g) | (z & (f | g)))) | 0;
    t = (d + ((a>>>6 | a<<26) ^ (a>>>11 | a<<21) ^ (a>>>25 | a<<7)) + (c ^ (a & (b ^ c))) + K[i + 12] + wc) | 0;
    z = (z + t) | 0; d = (t + ((e>>>2 | e<<30) ^ (e>>>13 | e<<19) ^ (e>>>22 | e<<10)) + ((e & f) | (g & (e | f)))) | 0;
    t = (c + ((z>>>6 | z<<26) ^ (z>>>11 | z<<21) ^ (z>>>25 | z<<7)) + (b ^ (z & (a ^ b))) + K[i + 13] + wd) | 0;
    g = (g + t) | 0; c = (t + ((d>>>2 | d<<30) ^ (d>>>13 | d<<19) ^ (d>>>22 | d<<10)) + ((d & e) | (f & (d | e)))) | 0;
    t = (b + ((g>>>6 | g<<26) ^ (g>>>11 | g<<21) ^ (g>>>25 | g<<7)) + (a ^ (g & (z ^ a))) + K[i + 14] + we) | 0;
    f = (f + t) | 0; b = (t + ((c>>>2 | c<<30) ^ (c>>>13 | c<<19) ^ (c>>>22 | c<<10)) + ((c & d) | (e & (c | d)))) | 0;
    t = (a + ((f>>>6 | f<<26) ^ (f>>>11 | f<<21) ^ (f>>>25 | f<<7)) + (z ^ (f & (g ^ z))) + K[i + 15] + wf) | 0;
    e = (e + t) | 0; a = (t + ((b>>>2 | b<<30) ^ (b>>>13 | b<<19) ^ (b>>>22 | b<<10)) + ((b & c) | (d & (b | c)))) | 0;
    if (i === 48) break;
    w0 = (w0 + w9 + ((w1>>>7|w1<<25)^(w1>>>18|w1<<14)^w1>>>3) + ((we>>>17|we<<15)^(we>>>19|we<<13)^we>>>10)) | 0;
    w1 = (w1 + wa + ((w2>>>7|w2<<25)^(w2>>>18|w2<<14)^w2>>>3) + ((wf>>>17|wf<<15)^(wf>>>19|wf<<13)^wf>>>10)) | 0;
    w2 = (w2 + wb + ((w3>>>7|w3<<25)^(w3>>>18|w3<<14)^w3>>>3) + ((w0>>>17|w0<<15)^(w0>>>19|w0<<13)^w0>>>10)) | 0;
    w3 = (w3 + wc + ((w4>>>7|w4<<25)^(w4>>>18|w4<<14)^w4>>>3) + ((w1>>>17|w1<<15)^(w1>>>19|w1<<13)^w1>>>10)) | 0;
    w4 = (w4 + wd + ((w5>>>7|w5<<25)^(w5>>>18|w5<<14)^w5>>>3) + ((w2>>>17|w2<<15)^(w2>>>19|w2<<13)^w2>>>10)) | 0;
    w5 = (w5 + we + ((w6>>>7|w6<<25)^(w6>>>18|w6<<14)^w6>>>3) + ((w3>>>17|w3<<15)^(w3>>>19|w3<<13)^w3>>>10)) | 0;
    w6 = (w6 + wf + ((w7>>>7|w7<<25)^(w7>>>18|w7<<14)^w7>>>3) + ((w4>>>17|w4<<15)^(w4>>>19|w4<<13)^w4>>>10)) | 0;
    w7 = (w7 + w0 + ((w8>>>7|w8<<25)^(w8>>>18|w8<<14)^w8>>>3) + ((w5>>>17|w5<<15)^(w5>>>19|w5<<13)^w5>>>10)) | 0;
    w8 = (w8 + w1 + ((w9>>>7|w9<<25)^(w9>>>18|w9<<14)^w9>>>3) + ((w6>>>17|w6<<15)^(w6>>>19|w6<<13)^w6>>>10)) | 0;
    w9 = (w9 + w2 + ((wa>>>7|wa<<25)^(wa>>>18|wa<<14)^wa>>>3) + ((w7>>>17|w7<<15)^(w7>>>19|w7<<13)^w7>>>10)) | 0;
    wa = (wa + w3 + ((wb>>>7|wb<<25)^(wb>>>18|wb<<14)^wb>>>3) + ((w8>>>17|w8<<15)^(w8>>>19|w8<<13)^w8>>>10)) | 0;
    wb = (wb + w4 + ((wc>>>7|wc<<25)^(wc>>>18|wc<<14)^wc>>>3) + ((w9>>>17|w9<<15)^(w9>>>19|w9<<13)^w9>>>10)) | 0;
    wc = (wc + w5 + ((wd>>>7|wd<<25)^(wd>>>18|wd<<14)^wd>>>3) + ((wa>>>17|wa<<15)^(wa>>>19|wa<<13)^wa>>>10)) | 0;
    wd = (wd + w6 + ((we>>>7|we<<25)^(we>>>18|we<<14)^we>>>3) + ((wb>>>17|wb<<15)^(wb>>>19|wb<<13)^wb>>>10)) | 0;
    we = (we + w7 + ((wf>>>7|wf<<25)^(wf>>>18|wf<<14)^wf>>>3) + ((wc>>>17|wc<<15)^(wc>>>19|wc<<13)^wc>>>10)) | 0;
    wf = (wf + w8 + ((w0>>>7|w0<<25)^(w0>>>18|w0<<14)^w0>>>3) + ((wd>>>17|wd<<15)^(wd>>>19|wd<<13)^wd>>>10)) | 0;
  }
  h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += z;
}

/** A running hash. */
export class Sha256 {
  readonly #h = new Int32Array(8);
  readonly #block = new Uint8Array(SHA256_BLOCK);
  #length = 0;
  readonly #work: CryptoWork;

  /** @param work counts each compression */
  constructor(work: CryptoWork) {
    this.#work = work;
    copyState(this.#h, SHA256_INITIAL);
  }

  /** Back to the state of no input. */
  reset(): void {
    copyState(this.#h, SHA256_INITIAL);
    this.#length = 0;
  }

  /** Takes over the state of `other`, which goes on unchanged. */
  copyFrom(other: Sha256): void {
    copyState(this.#h, other.#h);
    this.#length = other.#length;
    this.#block.set(other.#block);
  }

  /** Takes over a state of `length` bytes of input, a multiple of 64. */
  restore(state: Readonly<Int32Array>, length: number): void {
    copyState(this.#h, state);
    this.#length = length;
  }

  /** Adds data[start..end). */
  update(data: Uint8Array, start = 0, end = data.length): void {
    const block = this.#block;
    let fill = this.#length & 63;
    this.#length += end - start;
    while (start < end) {
      if (fill === 0 && end - start >= SHA256_BLOCK) {
        this.#compress(data, start);
        start += SHA256_BLOCK;
        continue;
      }
      block[fill++] = data[start++];
      if (fill === SHA256_BLOCK) {
        this.#compress(block, 0);
        fill = 0;
      }
    }
  }

  /** Writes the 32 bytes of the hash to out[at..). The state is used up: reset or restore it. */
  digest(out: Uint8Array, at = 0): void {
    const block = this.#block;
    const h = this.#h;
    const length = this.#length;
    let fill = length & 63;
    block[fill++] = 0x80;
    if (fill > 56) {
      while (fill < SHA256_BLOCK) block[fill++] = 0;
      this.#compress(block, 0);
      fill = 0;
    }
    while (fill < 56) block[fill++] = 0;
    putUint32(block, 56, Math.floor(length / 0x20000000));
    putUint32(block, 60, length << 3);
    this.#compress(block, 0);
    for (let i = 0; i < 8; i++) putUint32(out, at + 4 * i, h[i]);
  }

  #compress(p: Uint8Array, o: number): void {
    this.#work.sha256++;
    sha256Compress(this.#h, p, o);
  }
}

/** For eight words a loop beats set(). */
function copyState(to: Int32Array, from: Readonly<Int32Array>): void {
  for (let i = 0; i < 8; i++) to[i] = from[i];
}

function putUint32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}
