// 6LoWPAN fragment headers (RFC 4944 §5.3), and where RIOT cuts a datagram.
//
//   FRAG1  11000 size:11  tag:16
//   FRAGN  11100 size:11  tag:16  offset:8 (in units of 8 bytes of the uncompressed datagram)

import { get16, put16 } from './bytes.ts';

export const SIXLOWPAN_FRAG_DISP_MASK = 0xf8;
export const SIXLOWPAN_FRAG_1_DISP = 0xc0;
export const SIXLOWPAN_FRAG_N_DISP = 0xe0;
/** Largest datagram that the 11-bit size can tell. */
export const SIXLOWPAN_FRAG_MAX_LEN = 2047;
export const FRAG_1_HEADER_LEN = 4;
export const FRAG_N_HEADER_LEN = 5;

export type DropReason = 'truncated' | 'not-a-fragment' | 'empty-fragment';

/** A fragment header. */
export interface FragRepr {
  /** FRAG1, which carries the compressed headers */
  first: boolean;
  /** size of the whole uncompressed datagram in bytes, 0..2047 */
  datagramSize: number;
  datagramTag: number;
  /** where the payload belongs in the uncompressed datagram, in bytes, a multiple of 8; 0 in a FRAG1 */
  offset: number;
  headerLength: number;
}

/**
 * Parses a fragment header. A fragment without payload is refused, as RIOT does. Whether offset and payload lie within
 * the datagram is for reassembly to judge: there a contradiction discards what has arrived so far.
 */
export function parseFrag(bytes: Uint8Array): FragRepr | DropReason {
  if (bytes.length === 0) return 'truncated';
  const dispatch = bytes[0]! & SIXLOWPAN_FRAG_DISP_MASK;
  const first = dispatch === SIXLOWPAN_FRAG_1_DISP;
  if (!first && dispatch !== SIXLOWPAN_FRAG_N_DISP) return 'not-a-fragment';
  const headerLength = first ? FRAG_1_HEADER_LEN : FRAG_N_HEADER_LEN;
  if (bytes.length < headerLength) return 'truncated';
  if (bytes.length === headerLength) return 'empty-fragment';
  return {
    first,
    datagramSize: get16(bytes, 0) & SIXLOWPAN_FRAG_MAX_LEN,
    datagramTag: get16(bytes, 2),
    offset: first ? 0 : bytes[4]! * 8,
    headerLength,
  };
}

/** How many bytes emitFrag writes: 4 or 5. */
export function fragLength(repr: FragRepr): number {
  return repr.first ? FRAG_1_HEADER_LEN : FRAG_N_HEADER_LEN;
}

/** Writes a fragment header; returns the offset behind it. `repr.headerLength` is not looked at. */
export function emitFrag(repr: FragRepr, out: Uint8Array, offset: number): number {
  return repr.first
    ? emitFrag1(repr.datagramSize, repr.datagramTag, out, offset)
    : emitFragN(repr.datagramSize, repr.datagramTag, repr.offset, out, offset);
}

/** Writes a FRAG1 header; returns the offset behind it. */
export function emitFrag1(datagramSize: number, datagramTag: number, out: Uint8Array, offset: number): number {
  put16(out, offset, (SIXLOWPAN_FRAG_1_DISP << 8) | datagramSize);
  return put16(out, offset + 2, datagramTag);
}

/** Writes a FRAGN header; `datagramOffset` is in bytes, a multiple of 8. Returns the offset behind the header. */
export function emitFragN(
  datagramSize: number, datagramTag: number, datagramOffset: number, out: Uint8Array, offset: number,
): number {
  put16(out, offset, (SIXLOWPAN_FRAG_N_DISP << 8) | datagramSize);
  put16(out, offset + 2, datagramTag);
  out[offset + 4] = datagramOffset >> 3;
  return offset + FRAG_N_HEADER_LEN;
}

/**
 * How many bytes of the compressed datagram RIOT puts in the first fragment: as many as fit, such that the next
 * fragment starts at a multiple of 8 of the uncompressed datagram.
 *
 * @param maxFragSize     payload of a link frame in bytes (102)
 * @param uncompressed    size of the datagram before compression
 * @param compressed      its size after compression
 */
export function firstFragmentPayload(maxFragSize: number, uncompressed: number, compressed: number): number {
  const diff = uncompressed - compressed;
  return ((maxFragSize + diff - FRAG_1_HEADER_LEN) & ~7) - diff;
}

/** How many bytes RIOT puts in each further fragment but the last. */
export function nextFragmentPayload(maxFragSize: number): number {
  return (maxFragSize - FRAG_N_HEADER_LEN) & ~7;
}

/** One line for a ladder: `FRAG1 size=600 tag=1`, `FRAGN size=600 tag=1 offset=136`. */
export function formatFrag(repr: FragRepr): string {
  const text = `${repr.first ? 'FRAG1' : 'FRAGN'} size=${repr.datagramSize} tag=${repr.datagramTag}`;
  return repr.first ? text : `${text} offset=${repr.offset}`;
}
