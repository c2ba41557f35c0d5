// Scatter and gather lists (RIOT sys/include/iolist.h).
import { ENOBUFS } from './errno.ts';

/** A piece of data and the piece behind it. */
export interface iolist_t {
  iol_next: iolist_t | null;
  iol_base: Uint8Array | null;
  /** Bytes of `iol_base` that count. */
  iol_len: number;
}

/** Number of pieces. */
export function iolist_count(iolist: iolist_t | null): number {
  let count = 0;
  for (let entry = iolist; entry !== null; entry = entry.iol_next) count++;
  return count;
}

/** Bytes of all pieces together. */
export function iolist_size(iolist: iolist_t | null): number {
  let size = 0;
  for (let entry = iolist; entry !== null; entry = entry.iol_next) size += entry.iol_len;
  return size;
}

/** Copies all pieces into `dst`. Returns the bytes copied, or -ENOBUFS if they are more than `len`. */
export function iolist_to_buffer(iolist: iolist_t | null, dst: Uint8Array, len: number): number {
  let at = 0;
  for (let entry = iolist; entry !== null; entry = entry.iol_next) {
    if (at + entry.iol_len > len) return -ENOBUFS;
    if (entry.iol_base !== null) dst.set(entry.iol_base.subarray(0, entry.iol_len), at);
    at += entry.iol_len;
  }
  return at;
}
