// What the tests of the codecs share.

import type { ExecutionContext } from 'ava';
import fc from 'fast-check';

/** Runs of each property, and the seed of all: a failure repeats. */
export const RUNS: fc.Parameters<unknown> = { seed: 42, numRuns: 500 };

/** Every message that is cut short by one byte or more must be refused with a reason. */
export function refusesEveryPrefix(
  t: ExecutionContext, message: Uint8Array, parse: (bytes: Uint8Array) => unknown, shortest = 0,
): void {
  t.not(typeof parse(message), 'string', 'the whole message must be accepted');
  for (let length = shortest; length < message.length; length++) {
    // a copy: a view of the whole could be read past its end without anyone noticing
    t.is(typeof parse(message.slice(0, length)), 'string', `${length} of ${message.length} bytes`);
  }
}

/** Whatever the bytes are, the parser returns: an object or a reason, and never throws. */
export function neverThrows(t: ExecutionContext, parse: (bytes: Uint8Array) => unknown, maxLength = 140): void {
  t.notThrows(() => fc.assert(fc.property(fc.uint8Array({ maxLength }), (bytes) => {
    const result = parse(bytes);
    return typeof result === 'string' || (typeof result === 'object' && result !== null);
  }), { ...RUNS, numRuns: 2000 }));
}

/** Emits into an array that is exactly as long as announced and checks that the codec keeps to it. */
export function emitted(
  t: ExecutionContext, length: number, emit: (out: Uint8Array, offset: number) => number,
): Uint8Array {
  const out = new Uint8Array(length + 8).fill(0xaa);
  t.is(emit(out, 4), 4 + length, 'returns the offset behind what it wrote');
  t.deepEqual([...out.subarray(0, 4), ...out.subarray(4 + length)], new Array(8).fill(0xaa), 'writes nothing else');
  return out.slice(4, 4 + length);
}

export const u8: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xff });
export const u16: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff });
export const u32: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffffffff });

/** Arrays of exactly this length. */
export function bytesOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** A 16-byte address with these bytes at the front and at the end, zeros between. */
function shaped(front: readonly number[], end: Uint8Array): Uint8Array {
  const addr = new Uint8Array(16);
  addr.set(front);
  addr.set(end, 16 - end.length);
  return addr;
}

/** Unicast addresses of every shape that compression tells apart. */
export const unicast: fc.Arbitrary<Uint8Array> = fc.oneof(
  bytesOf(16).map((addr) => (addr[0] === 0xff ? addr.fill(0x20, 0, 1) : addr)),
  bytesOf(8).map((iid) => shaped([0xfe, 0x80], iid)),
  bytesOf(2).map((short) => shaped([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0], short)),
  bytesOf(8).map((iid) => shaped([0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2], iid)),
  bytesOf(10).map((rest) => shaped([0x20, 0x01, 0x0d, 0xb8, 0xaa, 0xaa], rest)),
  bytesOf(8).map((iid) => shaped([0x20, 0x01, 0x0d, 0xb8, 0xaa, 0xaa], iid)),
  fc.constant(new Uint8Array(16)),
);

/** Multicast addresses of every shape that compression tells apart. */
export const multicast: fc.Arbitrary<Uint8Array> = fc.oneof(
  bytesOf(15).map((rest) => shaped([0xff], rest)),
  bytesOf(1).map((last) => shaped([0xff, 0x02], last)),
  fc.tuple(u8, bytesOf(3)).map(([scope, group]) => shaped([0xff, scope], group)),
  fc.tuple(u8, bytesOf(5)).map(([scope, group]) => shaped([0xff, scope], group)),
  fc.tuple(u8, u8, bytesOf(4)).map(([scope, riid, group]) =>
    shaped([0xff, scope, riid, 48, 0x20, 0x01, 0x0d, 0xb8, 0xaa, 0xaa], group)),
);
