// Named streams of random numbers. Each consumer of randomness has its own stream, made from (seed,
// node, purpose): a draw more in one place shifts no other. Not for cryptography outside this
// emulator: the boards' keys have to be reproducible here.
//
// The generator is sfc32 (C. Doty-Humphrey, PractRand): 128 bits of state of which 32 are a counter,
// so that no seed leads into a short cycle. It is seeded with four 32-bit hashes of the stream's name.

/** One stream. */
export class Prng {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** @param name what the stream is for; equal names give equal streams */
  constructor(name: string) {
    this.a = hash(name, 0x9e3779b9);
    this.b = hash(name, 0x243f6a88);
    this.c = hash(name, 0xb7e15162);
    // PractRand's own seeding throws the first twelve away, which spreads the seed over the state.
    for (let i = 0; i < 12; i++) this.next32();
  }

  /** The next 32 bits, 0 to 2^32 - 1. */
  next32(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** An integer from 0 to `limit` - 1; `limit` from 1 to 2^21, beyond which the product is not exact. */
  below(limit: number): number {
    return Math.floor((this.next32() * limit) / 0x1_0000_0000);
  }
}

/** The stream of a consumer of randomness; `node` is '' for the simulation's own. */
export function stream(seed: number, node: string, purpose: string): Prng {
  // JSON keeps the parts apart whatever characters they hold.
  return new Prng(JSON.stringify([seed, node, purpose]));
}

/** FNV-1a over UTF-16 code units, from another start for each word, with the final mix of MurmurHash3. */
function hash(text: string, start: number): number {
  let h = start ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
