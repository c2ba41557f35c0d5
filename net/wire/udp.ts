// UDP over IPv6 (RFC 768, RFC 8200 §8.1).

import { get16, put16 } from './bytes.ts';
import { addChecksum, checksumOf, checksumOk, pseudoHeaderSum } from './checksum.ts';
import { PROTNUM_UDP } from './ipv6.ts';

export const UDP_HEADER_LEN = 8;
/** Offsets of fields in the header, for code that changes one field in place. */
export const UDP_OFFSET_LENGTH = 4;
export const UDP_OFFSET_CHECKSUM = 6;

export type DropReason = 'truncated' | 'bad-length' | 'zero-checksum' | 'bad-checksum';

/** A UDP header. */
export interface UdpRepr {
  srcPort: number;
  dstPort: number;
  /** header and payload, 8..65535 */
  length: number;
  /** 0 on a received datagram means "none", which IPv6 forbids */
  checksum: number;
}

/** Parses the 8 bytes at `offset` and nothing else: RIOT's udp thread does not look at the length field. */
export function parseUdpHeader(bytes: Uint8Array, offset = 0): UdpRepr | DropReason {
  if (bytes.length - offset < UDP_HEADER_LEN) return 'truncated';
  return {
    srcPort: get16(bytes, offset),
    dstPort: get16(bytes, offset + 2),
    length: get16(bytes, offset + UDP_OFFSET_LENGTH),
    checksum: get16(bytes, offset + UDP_OFFSET_CHECKSUM),
  };
}

/** Parses a whole datagram: the length field must be at least 8 and within `bytes`. The checksum is not verified. */
export function parseUdp(bytes: Uint8Array, offset = 0): UdpRepr | DropReason {
  const repr = parseUdpHeader(bytes, offset);
  if (typeof repr === 'string') return repr;
  if (repr.length < UDP_HEADER_LEN) return 'bad-length';
  if (repr.length > bytes.length - offset) return 'truncated';
  return repr;
}

/** How many bytes emitUdp writes: always 8. */
export function udpLength(): number {
  return UDP_HEADER_LEN;
}

/** Writes the header; returns the offset behind it. */
export function emitUdp(repr: UdpRepr, out: Uint8Array, offset: number): number {
  put16(out, offset, repr.srcPort);
  put16(out, offset + 2, repr.dstPort);
  put16(out, offset + UDP_OFFSET_LENGTH, repr.length);
  return put16(out, offset + UDP_OFFSET_CHECKSUM, repr.checksum);
}

/** The checksum field for a sum taken over pseudo header, header (checksum 0) and data: never 0 (RFC 8200 §8.1). */
export function udpChecksumOf(sum: number): number {
  const checksum = checksumOf(sum);
  return checksum === 0 ? 0xffff : checksum;
}

/** The checksum of the datagram bytes[start..end), whose checksum field counts as 0. */
export function udpChecksum(
  src: Uint8Array, dst: Uint8Array, bytes: Uint8Array, start = 0, end = bytes.length,
): number {
  let sum = pseudoHeaderSum(src, dst, end - start, PROTNUM_UDP);
  sum = addChecksum(sum, bytes, start, start + UDP_OFFSET_CHECKSUM);
  return udpChecksumOf(addChecksum(sum, bytes, start + UDP_HEADER_LEN, end));
}

/** Why the checksum of bytes[start..end) is not right, or null if it is. At least 8 bytes must be there. */
export function checkUdpChecksum(
  src: Uint8Array, dst: Uint8Array, bytes: Uint8Array, start = 0, end = bytes.length,
): DropReason | null {
  if (end - start < UDP_HEADER_LEN) return 'truncated';
  if (get16(bytes, start + UDP_OFFSET_CHECKSUM) === 0) return 'zero-checksum';
  const sum = addChecksum(pseudoHeaderSum(src, dst, end - start, PROTNUM_UDP), bytes, start, end);
  return checksumOk(sum) ? null : 'bad-checksum';
}

/** One line for a ladder: `udp 49153 > 12345 len=13`. */
export function formatUdp(repr: UdpRepr): string {
  return `udp ${repr.srcPort} > ${repr.dstPort} len=${repr.length - UDP_HEADER_LEN}`;
}
