// Byte rings (RIOT core/lib/include/ringbuffer.h).

/** A ring of bytes over a buffer of its user. */
export class ringbuffer_t {
  buf: Uint8Array;
  /** Bytes of `buf` that are used. */
  size: number;
  /** Where the oldest byte is. */
  start = 0;
  avail = 0;

  /** As `ringbuffer_init()`. */
  constructor(buf: Uint8Array, size: number = buf.length) {
    this.buf = buf;
    this.size = size;
  }
}

/** Makes `rb` an empty ring over the first `size` bytes of `buf`. */
export function ringbuffer_init(rb: ringbuffer_t, buf: Uint8Array, size: number): void {
  rb.buf = buf;
  rb.size = size;
  rb.start = 0;
  rb.avail = 0;
}

export function ringbuffer_empty(rb: ringbuffer_t): boolean {
  return rb.avail === 0;
}

export function ringbuffer_full(rb: ringbuffer_t): boolean {
  return rb.avail === rb.size;
}

/** Room in bytes. */
export function ringbuffer_get_free(rb: ringbuffer_t): number {
  return rb.size - rb.avail;
}

/** Adds bytes as long as there is room. Returns how many. */
export function ringbuffer_add(rb: ringbuffer_t, buf: Uint8Array, n: number): number {
  const count = Math.min(n, ringbuffer_get_free(rb));
  for (let i = 0; i < count; i++) append(rb, buf[i]);
  return count;
}

/** Adds a byte; a full ring loses its oldest one. Returns the byte lost, or -1. */
export function ringbuffer_add_one(rb: ringbuffer_t, byte: number): number {
  const lost = ringbuffer_full(rb) ? ringbuffer_get_one(rb) : -1;
  append(rb, byte);
  return lost;
}

/** Takes the oldest byte. Returns it, or -1 if there is none. */
export function ringbuffer_get_one(rb: ringbuffer_t): number {
  if (rb.avail === 0) return -1;
  const byte = rb.buf[rb.start];
  rb.avail--;
  rb.start = rb.avail === 0 || rb.start + 1 === rb.size ? 0 : rb.start + 1;
  return byte;
}

/** Takes at most `n` bytes into `buf`. Returns how many. */
export function ringbuffer_get(rb: ringbuffer_t, buf: Uint8Array, n: number): number {
  const count = ringbuffer_peek(rb, buf, n);
  return ringbuffer_remove(rb, count);
}

/** Drops at most `n` bytes. Returns how many. */
export function ringbuffer_remove(rb: ringbuffer_t, n: number): number {
  const count = Math.min(n, rb.avail);
  rb.avail -= count;
  rb.start = n > count ? 0 : (rb.start + count) % rb.size;
  return count;
}

/** The oldest byte, which stays; -1 if there is none. */
export function ringbuffer_peek_one(rb: ringbuffer_t): number {
  return rb.avail === 0 ? -1 : rb.buf[rb.start];
}

/** Copies at most `n` bytes, which stay. Returns how many. */
export function ringbuffer_peek(rb: ringbuffer_t, buf: Uint8Array, n: number): number {
  const count = Math.min(n, rb.avail);
  for (let i = 0; i < count; i++) buf[i] = rb.buf[(rb.start + i) % rb.size];
  return count;
}

function append(rb: ringbuffer_t, byte: number): void {
  rb.buf[(rb.start + rb.avail) % rb.size] = byte;
  rb.avail++;
}
