// Random numbers (RIOT sys/include/random.h), from the board's own stream, which the simulation seeds. An app that
// seeds itself gets the numbers of RIOT's default generator, module prng_musl_lcg, from then on.
import { current, perBoard } from './current.ts';
import { assert } from './panic.ts';

/** Knuth's MMIX generator, as musl uses it: state = state * FACTOR + 1 modulo 2^64. */
const FACTOR = 6364136223846793005n;

/** The state of the generator; null while the numbers come from the simulation. RAM: in the image's table. */
const seeded = perBoard<{ state: bigint | null }>(() => ({ state: null }), { bytes: 0 });

/** Seeds with `s` (32 bits): the same numbers follow each time, those of RIOT's module prng_musl_lcg. */
export function random_init(s: number): void {
  seeded().state = BigInt((s - 1) >>> 0);
}

/** 32 random bits. */
export function random_uint32(): number {
  const generator = seeded();
  if (generator.state === null) return current().platform.random32('random') >>> 0;
  generator.state = BigInt.asUintN(64, generator.state * FACTOR + 1n);
  return Number(generator.state >> 32n);
}

/** A random number from 0 to below 1, in steps of 2^-32. */
export function random_real(): number {
  return random_uint32() * 2 ** -32;
}

/** A random number from 0 to 1, both included. */
export function random_real_inclusive(): number {
  return random_uint32() * (1 / 0xffffffff);
}

/** A random number between 0 and 1, both excluded. */
export function random_real_exclusive(): number {
  return (random_uint32() + 0.5) * 2 ** -32;
}

/**
 * A random number of 53 bits from two draws. Its header says below 1, but RIOT does not shorten the draws: it is
 * below 32, and so it is here.
 */
export function random_res53(): number {
  const high = random_uint32() * 2 ** 26;
  const low = random_uint32() * 2 ** -6;
  return (high + low) * 2 ** -53;
}

/** Fills the first `size` bytes of `target`: four from each draw, the lowest byte first. */
export function random_bytes(target: Uint8Array, size: number): void {
  let word = 0;
  for (let i = 0; i < size; i++) {
    if ((i & 3) === 0) word = random_uint32();
    target[i] = word & 0xff;
    word >>>= 8;
  }
}

/**
 * A random number from `a` to `b` - 1, each as likely as the other.
 * @param a 0 to 2^32 - 1
 * @param b above `a`: asserted
 */
export function random_uint32_range(a: number, b: number): number {
  assert(a < b, 'sys/random/random.c:81');
  const range = (b - a) >>> 0;
  const top = 31 - Math.clz32(range);
  const powerOfTwo = (range & (range - 1)) === 0;
  const bits = powerOfTwo ? top : top + 1;
  const mask = bits >= 32 ? 0xffffffff : (2 ** bits) - 1;
  while (true) {
    const value = (random_uint32() & mask) >>> 0;
    if (value < range) return (value + a) >>> 0;
  }
}
