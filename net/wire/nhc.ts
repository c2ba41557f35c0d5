// LOWPAN_NHC: compressed next headers (RFC 6282 §4).
//
//   UDP                11110 C PP   C: checksum elided; PP: 00 both ports inline, 01 destination 0xf0XX,
//                                   10 source 0xf0XX, 11 both 0xf0bX
//   extension header   1110 EID NH  EID: 0 hop-by-hop, 1 routing, 2 fragment, 3 destination options, 4 mobility,
//                                   7 IPv6; NH: the next header is compressed too

import { copyBytes, get16, put16 } from './bytes.ts';
import { type AskSixlowpan, asRfc, NEXT_HEADER_COMPRESSED } from './iphc.ts';
import {
  IPV6_EXT_LEN_UNIT, IPV6_EXT_OPT_PADN, PROTNUM_IPV6_EXT_DST, PROTNUM_IPV6_EXT_FRAG, PROTNUM_IPV6_EXT_HOPOPT,
  PROTNUM_IPV6_EXT_MOB, PROTNUM_IPV6_EXT_RH,
} from './ipv6.ts';

export const NHC_UDP_MASK = 0xf8;
export const NHC_UDP_ID = 0xf0;
const NHC_UDP_C = 0x04;
const NHC_UDP_PP = 0x03;
const PORT_8BIT = 0xf000;
const PORT_4BIT = 0xf0b0;

export const NHC_EXT_MASK = 0xf0;
export const NHC_EXT_ID = 0xe0;
const NHC_EXT_NH = 0x01;
/** An IPv6 header within the packet: EID 7, its NH bit is 0; an IPHC header follows. */
export const NHC_IPV6 = 0xee;

/** Protocol by EID; -1: reserved, or no extension header. */
const EID_PROTOCOLS: readonly number[] = [
  PROTNUM_IPV6_EXT_HOPOPT, PROTNUM_IPV6_EXT_RH, PROTNUM_IPV6_EXT_FRAG, PROTNUM_IPV6_EXT_DST, PROTNUM_IPV6_EXT_MOB,
  -1, -1, -1,
];

/** Most bytes that may follow the length field of a compressed extension header (§4.2). */
const EXT_DATA_MAX = 255;

export type DropReason =
  | 'truncated'
  | 'unknown-nhc'
  | 'nhc-reserved'
  | 'nhc-checksum-elided'
  | 'nhc-bad-extension-length';

/** A compressed UDP header: the length is not in it. */
export interface NhcUdpRepr {
  srcPort: number;
  dstPort: number;
  checksum: number;
}

/** What parseNhcUdp found. */
export interface ParsedNhcUdp extends NhcUdpRepr {
  headerLength: number;
}

/** Bytes of a compressed UDP header, by PP. */
const UDP_LENGTHS: readonly number[] = [7, 6, 6, 4];

/**
 * Parses a compressed UDP header at `offset`. An elided checksum is refused: only the upper layer could authorise it
 * (§4.3.2), and RIOT has none that does.
 */
export function parseNhcUdp(bytes: Uint8Array, offset: number): ParsedNhcUdp | DropReason {
  if (offset >= bytes.length) return 'truncated';
  const nhc = bytes[offset]!;
  if ((nhc & NHC_UDP_MASK) !== NHC_UDP_ID) return 'unknown-nhc';
  if ((nhc & NHC_UDP_C) !== 0) return 'nhc-checksum-elided';
  const pp = nhc & NHC_UDP_PP;
  const headerLength = UDP_LENGTHS[pp]!;
  if (bytes.length - offset < headerLength) return 'truncated';
  const checksum = get16(bytes, offset + headerLength - 2);
  const first = offset + 1;
  switch (pp) {
    case 0:
      return { srcPort: get16(bytes, first), dstPort: get16(bytes, first + 2), checksum, headerLength };
    case 1:
      return { srcPort: get16(bytes, first), dstPort: PORT_8BIT | bytes[first + 2]!, checksum, headerLength };
    case 2:
      return { srcPort: PORT_8BIT | bytes[first]!, dstPort: get16(bytes, first + 1), checksum, headerLength };
    default: {
      const both = bytes[first]!;
      return { srcPort: PORT_4BIT | (both >> 4), dstPort: PORT_4BIT | (both & 15), checksum, headerLength };
    }
  }
}

/** PP for a pair of ports, in RIOT's order of trial. */
function portForm(srcPort: number, dstPort: number): number {
  if ((srcPort & 0xfff0) === PORT_4BIT && (dstPort & 0xfff0) === PORT_4BIT) return 3;
  if ((dstPort & 0xff00) === PORT_8BIT) return 1;
  return (srcPort & 0xff00) === PORT_8BIT ? 2 : 0;
}

/** How many bytes emitNhcUdp writes: 7, 6 or 4. */
export function nhcUdpLength(repr: NhcUdpRepr): number {
  return UDP_LENGTHS[portForm(repr.srcPort, repr.dstPort)]!;
}

/** Writes a compressed UDP header, the checksum inline always; returns the offset behind it. */
export function emitNhcUdp(repr: NhcUdpRepr, out: Uint8Array, offset: number): number {
  return emitNhcUdpFields(repr.srcPort, repr.dstPort, repr.checksum, out, offset);
}

/** Writes a compressed UDP header from its fields, without a Repr; returns the offset behind it. */
export function emitNhcUdpFields(
  srcPort: number, dstPort: number, checksum: number, out: Uint8Array, offset: number,
): number {
  const form = portForm(srcPort, dstPort);
  out[offset] = NHC_UDP_ID | form;
  let at = offset + 1;
  if (form === 3) {
    out[at++] = ((srcPort & 15) << 4) | (dstPort & 15);
  } else {
    if (form === 2) out[at++] = srcPort;
    else at = put16(out, at, srcPort);
    if (form === 1) out[at++] = dstPort;
    else at = put16(out, at, dstPort);
  }
  return put16(out, at, checksum);
}

/** Whether a next header can be told by an NHC byte as an extension header. */
function eidOf(protocol: number): number {
  return protocol < 0 ? -1 : EID_PROTOCOLS.indexOf(protocol);
}

/** A compressed extension header. */
export interface NhcExtRepr {
  /** which header this is: PROTNUM_IPV6_EXT_HOPOPT, _RH, _FRAG, _DST or _MOB */
  protocol: number;
  /** the next header behind it, or NEXT_HEADER_COMPRESSED */
  nextHeader: number;
  /** what stands behind next header and length, 0..255 bytes; a view, not a copy */
  data: Uint8Array;
}

/** What parseNhcExt found. */
export interface ParsedNhcExt extends NhcExtRepr {
  headerLength: number;
}

/** Whether `dataLength` bytes behind the length field make a header of this protocol (§4.2). */
function isExtLength(protocol: number, dataLength: number): boolean {
  if (protocol === PROTNUM_IPV6_EXT_FRAG) return dataLength === 6;
  const padded = protocol === PROTNUM_IPV6_EXT_HOPOPT || protocol === PROTNUM_IPV6_EXT_DST;
  return padded || (dataLength + 2) % IPV6_EXT_LEN_UNIT === 0;
}

/**
 * Parses a compressed extension header at `offset`. Hop-by-hop and destination options may lack their trailing padding
 * (§4.2); any other header must fill whole units of 8 bytes, which RIOT does not ask for.
 */
export function parseNhcExt(
  bytes: Uint8Array, offset: number, ask: AskSixlowpan = asRfc,
): ParsedNhcExt | DropReason {
  if (offset >= bytes.length) return 'truncated';
  const nhc = bytes[offset]!;
  if ((nhc & NHC_EXT_MASK) !== NHC_EXT_ID) return 'unknown-nhc';
  const protocol = EID_PROTOCOLS[(nhc >> 1) & 7]!;
  if (protocol < 0) return 'nhc-reserved';
  const compressed = (nhc & NHC_EXT_NH) !== 0;
  const lengthAt = offset + (compressed ? 1 : 2);
  if (lengthAt >= bytes.length) return 'truncated';
  const dataLength = bytes[lengthAt]!;
  const dataAt = lengthAt + 1;
  if (bytes.length - dataAt < dataLength) return 'truncated';
  if (!isExtLength(protocol, dataLength) && !ask('nhc-extension-length')) return 'nhc-bad-extension-length';
  return {
    protocol,
    nextHeader: compressed ? NEXT_HEADER_COMPRESSED : bytes[lengthAt - 1]!,
    data: bytes.subarray(dataAt, dataAt + dataLength),
    headerLength: dataAt + dataLength - offset,
  };
}

/** Length of the uncompressed extension header: whole units of 8 bytes. */
export function nhcExtUncompressedLength(repr: NhcExtRepr): number {
  return (repr.data.length + 2 + IPV6_EXT_LEN_UNIT - 1) & ~(IPV6_EXT_LEN_UNIT - 1);
}

/**
 * Writes the uncompressed extension header. Elided padding comes back as Pad1 or PadN. A compressed next header is
 * written as 0, for the caller to fill in once it knows it. Returns the offset behind the header.
 */
export function expandNhcExt(repr: NhcExtRepr, out: Uint8Array, offset: number): number {
  const end = offset + nhcExtUncompressedLength(repr);
  out[offset] = repr.nextHeader === NEXT_HEADER_COMPRESSED ? 0 : repr.nextHeader;
  out[offset + 1] = (end - offset) / IPV6_EXT_LEN_UNIT - 1;
  let at = copyBytes(out, offset + 2, repr.data, 0, repr.data.length);
  const padding = end - at;
  if (padding > 1) {
    out[at++] = IPV6_EXT_OPT_PADN;
    out[at++] = padding - 2;
  }
  while (at < end) out[at++] = 0;
  return end;
}

/**
 * Writes the uncompressed extension header as RIOT does: no padding comes back, and the length field is what the bytes
 * there are rounded down to, in 8 bits. Returns the offset behind the bytes.
 */
export function expandNhcExtUnpadded(repr: NhcExtRepr, out: Uint8Array, offset: number): number {
  out[offset] = repr.nextHeader === NEXT_HEADER_COMPRESSED ? 0 : repr.nextHeader;
  out[offset + 1] = ((repr.data.length + 2) >> 3) - 1;
  return copyBytes(out, offset + 2, repr.data, 0, repr.data.length);
}

/** How many bytes emitNhcExt writes. */
export function nhcExtLength(repr: NhcExtRepr): number {
  return repr.data.length + (repr.nextHeader === NEXT_HEADER_COMPRESSED ? 2 : 3);
}

/** Writes a compressed extension header with all its data, padding too, as RIOT does. Returns the offset behind. */
export function emitNhcExt(repr: NhcExtRepr, out: Uint8Array, offset: number): number {
  const compressed = repr.nextHeader === NEXT_HEADER_COMPRESSED;
  let at = offset;
  out[at++] = NHC_EXT_ID | (eidOf(repr.protocol) << 1) | (compressed ? NHC_EXT_NH : 0);
  if (!compressed) out[at++] = repr.nextHeader;
  out[at++] = repr.data.length;
  return copyBytes(out, at, repr.data, 0, repr.data.length);
}

/** Whether NHC can carry an extension header of `length` bytes: a known one with at most 255 bytes of data. */
export function nhcExtPossible(protocol: number, length: number): boolean {
  return eidOf(protocol) >= 0 && length - 2 <= EXT_DATA_MAX && (protocol !== PROTNUM_IPV6_EXT_FRAG || length === 8);
}
