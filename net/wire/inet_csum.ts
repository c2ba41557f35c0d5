// The Internet checksum under RIOT's names (RIOT sys/include/net/inet_csum.h). The stack itself uses checksum.ts, whose
// sums are folded once at the end.
import { addChecksum, foldChecksum } from './checksum.ts';

/**
 * Adds a part of a message to a sum.
 *
 * @param sum        16 bits, folded and not complemented: what this function returned for the parts before
 * @param buf        null for none
 * @param len        bytes of `buf` that count
 * @param accum_len  bytes of the message before this part
 */
export function inet_csum_slice(sum: number, buf: Uint8Array | null, len: number, accum_len: number): number {
  if (buf === null || len === 0) return sum & 0xffff;
  return foldChecksum(addChecksum(sum & 0xffff, buf, 0, Math.min(len, buf.length), accum_len));
}

/** Adds a message to a sum; see inet_csum_slice(). */
export function inet_csum(sum: number, buf: Uint8Array | null, len: number): number {
  return inet_csum_slice(sum, buf, len, 0);
}
