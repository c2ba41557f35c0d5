// The Internet checksum (RFC 1071) with the IPv6 pseudo header (RFC 8200 §8.1).
//
// A sum is a plain number, not yet folded: 65535 bytes add up to less than 2^31, so chunks can be added freely.
// `foldChecksum` makes 16 bits of it. A message whose checksum field is right sums up to 0xffff.

/**
 * Adds a chunk of a message to `sum`.
 *
 * @param sum       sum so far, 0 to begin
 * @param bytes     array that holds the chunk
 * @param start     first byte of the chunk
 * @param end       byte behind the chunk
 * @param position  how many bytes of the message went before this chunk; only whether that is odd matters
 */
export function addChecksum(
  sum: number, bytes: Uint8Array, start = 0, end = bytes.length, position = 0,
): number {
  let i = start;
  if ((position & 1) !== 0 && i < end) sum += bytes[i++]!;
  const even = end - ((end - i) & 1);
  for (; i < even; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  return i < end ? sum + (bytes[i]! << 8) : sum;
}

/**
 * The sum of the IPv6 pseudo header (RFC 8200 §8.1).
 *
 * @param src         source address: 16 bytes at `srcOffset`, so that the header itself can be given
 * @param dst         final destination address: 16 bytes at `dstOffset`
 * @param length      length of upper-layer header and data in bytes
 * @param nextHeader  protocol number of the upper layer
 */
export function pseudoHeaderSum(
  src: Uint8Array, dst: Uint8Array, length: number, nextHeader: number, srcOffset = 0, dstOffset = 0,
): number {
  let sum = (length & 0xffff) + (length >>> 16) + nextHeader;
  for (let i = 0; i < 16; i += 2) {
    sum += (src[srcOffset + i]! << 8) | src[srcOffset + i + 1]!;
    sum += (dst[dstOffset + i]! << 8) | dst[dstOffset + i + 1]!;
  }
  return sum;
}

/** Folds a sum to 16 bits with end-around carry. Not yet complemented. */
export function foldChecksum(sum: number): number {
  let folded = sum >>> 0;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return folded;
}

/** The checksum field for a sum that was taken with the field as 0: the complement, 16 bits. */
export function checksumOf(sum: number): number {
  return foldChecksum(sum) ^ 0xffff;
}

/** Whether a sum that includes the checksum field is that of an intact message. */
export function checksumOk(sum: number): boolean {
  return foldChecksum(sum) === 0xffff;
}
