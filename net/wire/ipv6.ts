// The IPv6 header and what is needed to walk extension headers (RFC 8200 §3, §4).

import { ipv6_addr_to_str } from './addr.ts';
import { copyBytes, get16, get32, put16 } from './bytes.ts';

export const IPV6_HEADER_LEN = 40;
/** Smallest MTU of an IPv6 link (RFC 8200 §5), and the MTU of 6LoWPAN (RFC 4944 §4). */
export const IPV6_MIN_MTU = 1280;

/** Next-header values (RIOT net/protnum.h). */
export const PROTNUM_IPV6_EXT_HOPOPT = 0;
export const PROTNUM_UDP = 17;
export const PROTNUM_IPV6 = 41;
export const PROTNUM_IPV6_EXT_RH = 43;
export const PROTNUM_IPV6_EXT_FRAG = 44;
export const PROTNUM_ICMPV6 = 58;
export const PROTNUM_IPV6_NONXT = 59;
export const PROTNUM_IPV6_EXT_DST = 60;
export const PROTNUM_IPV6_EXT_MOB = 135;

/** Offsets of fields in the header, for code that changes one field in place. */
export const IPV6_OFFSET_PAYLOAD_LENGTH = 4;
export const IPV6_OFFSET_NEXT_HEADER = 6;
export const IPV6_OFFSET_HOP_LIMIT = 7;
export const IPV6_OFFSET_SRC = 8;
export const IPV6_OFFSET_DST = 24;

/** Extension headers come in units of 8 bytes; the length field does not count the first (RFC 8200 §4.2). */
export const IPV6_EXT_LEN_UNIT = 8;
/** Option types of hop-by-hop and destination options headers. */
export const IPV6_EXT_OPT_PAD1 = 0x00;
export const IPV6_EXT_OPT_PADN = 0x01;
export const IPV6_EXT_OPT_ROUTER_ALERT = 0x05;
export const IPV6_EXT_OPT_RPL = 0x63;
/** What to do with an unknown option: the two top bits of its type (RFC 8200 §4.2). */
export const IPV6_EXT_OPT_ACTION_MASK = 0xc0;
export const IPV6_EXT_OPT_ACTION_SKIP = 0x00;
export const IPV6_EXT_OPT_ACTION_DISC = 0x40;
export const IPV6_EXT_OPT_ACTION_DISC_ERR = 0x80;
export const IPV6_EXT_OPT_ACTION_DISC_ERR_UC = 0xc0;
/** Routing header types. */
export const IPV6_EXT_RH_TYPE_0 = 0;
export const IPV6_EXT_RH_TYPE_RPL_SRH = 3;

export type DropReason =
  | 'truncated'
  | 'bad-version'
  | 'payload-length-past-end'
  | 'empty-payload-with-next-header'
  | 'extension-past-end'
  | 'option-past-end';

/** An IPv6 header. */
export interface Ipv6Repr {
  /** 0..255, the octet as it stands in the header: DSCP in the six high bits, ECN in the two low ones */
  trafficClass: number;
  /** 0..0xfffff */
  flowLabel: number;
  /** bytes behind the header, 0..65535 */
  payloadLength: number;
  nextHeader: number;
  hopLimit: number;
  src: Uint8Array;
  dst: Uint8Array;
}

/**
 * Parses the fixed header at `offset`. The payload length is not compared with what is there: RIOT answers a wrong one
 * with an ICMPv6 error. checkIpv6Length compares it.
 */
export function parseIpv6(bytes: Uint8Array, offset = 0): Ipv6Repr | DropReason {
  if (bytes.length - offset < IPV6_HEADER_LEN) return 'truncated';
  const first = get32(bytes, offset);
  if (first >>> 28 !== 6) return 'bad-version';
  const src = new Uint8Array(16);
  const dst = new Uint8Array(16);
  copyBytes(src, 0, bytes, offset + IPV6_OFFSET_SRC, 16);
  copyBytes(dst, 0, bytes, offset + IPV6_OFFSET_DST, 16);
  return {
    trafficClass: (first >>> 20) & 0xff,
    flowLabel: first & 0xfffff,
    payloadLength: get16(bytes, offset + IPV6_OFFSET_PAYLOAD_LENGTH),
    nextHeader: bytes[offset + IPV6_OFFSET_NEXT_HEADER]!,
    hopLimit: bytes[offset + IPV6_OFFSET_HOP_LIMIT]!,
    src,
    dst,
  };
}

/**
 * Compares the payload length with the bytes that are there behind the header.
 *
 * @param available  bytes behind the header; more than the payload length is padding of the link
 * @returns null if it fits; 'payload-length-past-end' if the packet is cut short; 'empty-payload-with-next-header' if
 *          the length is 0 but another header is announced (a jumbogram, or a packet made to make a parser loop)
 */
export function checkIpv6Length(repr: Ipv6Repr, available: number): DropReason | null {
  if (repr.payloadLength > available) return 'payload-length-past-end';
  if (repr.payloadLength === 0 && repr.nextHeader !== PROTNUM_IPV6_NONXT) return 'empty-payload-with-next-header';
  return null;
}

/** Parses a whole packet: the header, and the payload length against the bytes there are. */
export function parseIpv6Packet(bytes: Uint8Array): Ipv6Repr | DropReason {
  const repr = parseIpv6(bytes);
  if (typeof repr === 'string') return repr;
  return checkIpv6Length(repr, bytes.length - IPV6_HEADER_LEN) ?? repr;
}

/** How many bytes emitIpv6 writes: always 40. */
export function ipv6Length(): number {
  return IPV6_HEADER_LEN;
}

/** Writes the fixed header; returns the offset behind it. */
export function emitIpv6(repr: Ipv6Repr, out: Uint8Array, offset: number): number {
  const { trafficClass, flowLabel, payloadLength, nextHeader, hopLimit, src, dst } = repr;
  return emitIpv6Fields(trafficClass, flowLabel, payloadLength, nextHeader, hopLimit, src, dst, out, offset);
}

/** Writes the fixed header from its fields, without a Repr; returns the offset behind it. */
export function emitIpv6Fields(
  trafficClass: number, flowLabel: number, payloadLength: number, nextHeader: number, hopLimit: number,
  src: Uint8Array, dst: Uint8Array, out: Uint8Array, offset: number,
): number {
  out[offset] = 0x60 | (trafficClass >> 4);
  out[offset + 1] = ((trafficClass << 4) & 0xf0) | (flowLabel >> 16);
  put16(out, offset + 2, flowLabel);
  put16(out, offset + IPV6_OFFSET_PAYLOAD_LENGTH, payloadLength);
  out[offset + IPV6_OFFSET_NEXT_HEADER] = nextHeader;
  out[offset + IPV6_OFFSET_HOP_LIMIT] = hopLimit;
  copyBytes(out, offset + IPV6_OFFSET_SRC, src, 0, 16);
  return copyBytes(out, offset + IPV6_OFFSET_DST, dst, 0, 16);
}

/** Whether a next-header value is an extension header that RIOT walks over. */
export function isExtensionHeader(nextHeader: number): boolean {
  return nextHeader === PROTNUM_IPV6_EXT_HOPOPT || nextHeader === PROTNUM_IPV6_EXT_RH ||
    nextHeader === PROTNUM_IPV6_EXT_FRAG || nextHeader === PROTNUM_IPV6_EXT_DST || nextHeader === PROTNUM_IPV6_EXT_MOB;
}

/** An extension header: its first two fields and its extent. */
export interface Ipv6ExtRepr {
  /** next header behind this one */
  nextHeader: number;
  /** whole length in bytes, a multiple of 8 */
  length: number;
}

/** Parses the extension header at `offset`. `protocol` is the next-header value that announced it. */
export function parseIpv6Ext(bytes: Uint8Array, offset: number, protocol: number): Ipv6ExtRepr | DropReason {
  if (bytes.length - offset < 2) return 'truncated';
  // the second byte of a fragment header is reserved, not a length (RFC 8200 §4.5)
  const units = protocol === PROTNUM_IPV6_EXT_FRAG ? 0 : bytes[offset + 1]!;
  const length = (units + 1) * IPV6_EXT_LEN_UNIT;
  if (bytes.length - offset < length) return 'extension-past-end';
  return { nextHeader: bytes[offset]!, length };
}

/** An option in a hop-by-hop or destination options header. */
export interface Ipv6OptionRepr {
  type: number;
  /** where its data starts, and how many bytes it has; Pad1 has none */
  dataOffset: number;
  dataLength: number;
  /** where the next option starts */
  next: number;
}

/** Parses the option at `offset` of an options header that ends at `end`. */
export function parseIpv6Option(bytes: Uint8Array, offset: number, end: number): Ipv6OptionRepr | DropReason {
  const limit = end < bytes.length ? end : bytes.length;
  if (offset >= limit) return 'option-past-end';
  const type = bytes[offset]!;
  if (type === IPV6_EXT_OPT_PAD1) return { type, dataOffset: offset + 1, dataLength: 0, next: offset + 1 };
  if (offset + 2 > limit) return 'option-past-end';
  const dataLength = bytes[offset + 1]!;
  const next = offset + 2 + dataLength;
  return next > limit ? 'option-past-end' : { type, dataOffset: offset + 2, dataLength, next };
}

/** A fragment header (RFC 8200 §4.5). */
export interface Ipv6FragRepr {
  nextHeader: number;
  /** in bytes, a multiple of 8 */
  offset: number;
  more: boolean;
  identification: number;
}

export const IPV6_FRAG_HEADER_LEN = 8;

/** Parses the fragment header at `offset`. */
export function parseIpv6Frag(bytes: Uint8Array, offset = 0): Ipv6FragRepr | DropReason {
  if (bytes.length - offset < IPV6_FRAG_HEADER_LEN) return 'truncated';
  const field = get16(bytes, offset + 2);
  return {
    nextHeader: bytes[offset]!,
    offset: field & 0xfff8,
    more: (field & 1) !== 0,
    identification: get32(bytes, offset + 4),
  };
}

/** Writes a fragment header; returns the offset behind it. */
export function emitIpv6Frag(repr: Ipv6FragRepr, out: Uint8Array, offset: number): number {
  out[offset] = repr.nextHeader;
  out[offset + 1] = 0;
  put16(out, offset + 2, repr.offset | (repr.more ? 1 : 0));
  put16(out, offset + 4, repr.identification >>> 16);
  return put16(out, offset + 6, repr.identification);
}

/** One line for a ladder: `fe80::b > fe80::a nh=17 hl=64 len=13`. */
export function formatIpv6(repr: Ipv6Repr): string {
  return `${ipv6_addr_to_str(repr.src)} > ${ipv6_addr_to_str(repr.dst)} ` +
    `nh=${repr.nextHeader} hl=${repr.hopLimit} len=${repr.payloadLength}`;
}
