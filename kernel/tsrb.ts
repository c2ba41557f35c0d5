// Byte rings that threads and interrupt handlers may share (RIOT sys/include/tsrb.h).
import { assert } from './panic.ts';

/** A ring of bytes; its size is a power of two. */
export class tsrb_t {
  buf: Uint8Array;
  size: number;
  /** Bytes taken and put so far. */
  reads = 0;
  writes = 0;

  /** As `tsrb_init()`; the size must be a power of two: asserted. */
  constructor(buffer: Uint8Array, bufsize: number = buffer.length) {
    assert(bufsize > 0 && (bufsize & (bufsize - 1)) === 0, 'sys/tsrb/tsrb.c:65');
    this.buf = buffer;
    this.size = bufsize;
  }
}

/** Makes `rb` an empty ring; the size must be a power of two: asserted. */
export function tsrb_init(rb: tsrb_t, buffer: Uint8Array, bufsize: number): void {
  assert(bufsize > 0 && (bufsize & (bufsize - 1)) === 0, 'sys/tsrb/tsrb.c:65');
  rb.buf = buffer;
  rb.size = bufsize;
  rb.reads = 0;
  rb.writes = 0;
}

/** Drops all bytes. */
export function tsrb_clear(rb: tsrb_t): void {
  rb.reads = rb.writes;
}

export function tsrb_empty(rb: tsrb_t): boolean {
  return rb.reads === rb.writes;
}

export function tsrb_full(rb: tsrb_t): boolean {
  return tsrb_avail(rb) === rb.size;
}

/** Bytes that can be taken. */
export function tsrb_avail(rb: tsrb_t): number {
  return rb.writes - rb.reads;
}

/** Room in bytes. */
export function tsrb_free(rb: tsrb_t): number {
  return rb.size - tsrb_avail(rb);
}

/** Takes the oldest byte. Returns it, or -1 if there is none. */
export function tsrb_get_one(rb: tsrb_t): number {
  return tsrb_empty(rb) ? -1 : rb.buf[rb.reads++ & (rb.size - 1)];
}

/** The oldest byte, which stays; -1 if there is none. */
export function tsrb_peek_one(rb: tsrb_t): number {
  return tsrb_empty(rb) ? -1 : rb.buf[rb.reads & (rb.size - 1)];
}

/** Takes at most `n` bytes into `dst`. Returns how many. */
export function tsrb_get(rb: tsrb_t, dst: Uint8Array, n: number): number {
  const count = tsrb_peek(rb, dst, n);
  rb.reads += count;
  return count;
}

/** Copies at most `n` bytes, which stay. Returns how many. */
export function tsrb_peek(rb: tsrb_t, dst: Uint8Array, n: number): number {
  const count = Math.min(n, tsrb_avail(rb));
  for (let i = 0; i < count; i++) dst[i] = rb.buf[(rb.reads + i) & (rb.size - 1)];
  return count;
}

/** Drops at most `n` bytes. Returns how many. */
export function tsrb_drop(rb: tsrb_t, n: number): number {
  const count = Math.min(n, tsrb_avail(rb));
  rb.reads += count;
  return count;
}

/** Adds a byte. Returns 0, or -1 if the ring is full. */
export function tsrb_add_one(rb: tsrb_t, byte: number): number {
  if (tsrb_full(rb)) return -1;
  rb.buf[rb.writes++ & (rb.size - 1)] = byte;
  return 0;
}

/** Adds bytes as long as there is room. Returns how many. */
export function tsrb_add(rb: tsrb_t, src: Uint8Array, n: number): number {
  const count = Math.min(n, tsrb_free(rb));
  for (let i = 0; i < count; i++) rb.buf[rb.writes++ & (rb.size - 1)] = src[i];
  return count;
}
