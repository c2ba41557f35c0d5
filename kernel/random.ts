// Random numbers (RIOT sys/include/random.h), from the board's own stream: seeded by the
// simulation, so random_init() has nothing to do and is not here.
import { current } from './current.ts';
import { assert } from './panic.ts';

/** 32 random bits. */
export function random_uint32(): number {
  return current().platform.random32('random') >>> 0;
}

/** Fills the first `size` bytes of `target`: four from each draw, the lowest byte first. */
export function random_bytes(target: Uint8Array, size: number): void {
  const { platform } = current();
  let word = 0;
  for (let i = 0; i < size; i++) {
    if ((i & 3) === 0) word = platform.random32('random');
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
