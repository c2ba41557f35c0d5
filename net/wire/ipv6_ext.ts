// Chains of IPv6 extension headers, and the routing header (RFC 8200 §4).

import { get16 } from './bytes.ts';
import {
  IPV6_EXT_LEN_UNIT, IPV6_HEADER_LEN, IPV6_OFFSET_NEXT_HEADER, parseIpv6Ext, PROTNUM_ICMPV6, PROTNUM_IPV6_EXT_DST,
  PROTNUM_IPV6_EXT_FRAG, PROTNUM_IPV6_EXT_HOPOPT, PROTNUM_IPV6_EXT_MOB, PROTNUM_IPV6_EXT_RH, PROTNUM_UDP,
} from './ipv6.ts';

export type DropReason = 'truncated' | 'extension-past-end' | 'segments-past-end' | 'fragment';

/** A routing header (RFC 8200 §4.4). */
export interface Ipv6RhRepr {
  nextHeader: number;
  /** whole length in bytes, a multiple of 8 */
  length: number;
  type: number;
  segmentsLeft: number;
}

/** Bytes that every routing header has. */
export const IPV6_RH_MIN_LEN = 8;
/** Where in it the type stands. */
export const IPV6_RH_OFFSET_TYPE = 2;

/** Parses the routing header at `offset`; what its type says about the rest is not looked at. */
export function parseIpv6Rh(bytes: Uint8Array, offset = 0): Ipv6RhRepr | DropReason {
  if (bytes.length - offset < IPV6_RH_MIN_LEN) return 'truncated';
  const length = (bytes[offset + 1]! + 1) * IPV6_EXT_LEN_UNIT;
  if (bytes.length - offset < length) return 'extension-past-end';
  return {
    nextHeader: bytes[offset]!, length, type: bytes[offset + IPV6_RH_OFFSET_TYPE]!, segmentsLeft: bytes[offset + 3]!,
  };
}

/** Writes the first four bytes of a routing header; returns the offset behind them. */
export function emitIpv6Rh(repr: Ipv6RhRepr, out: Uint8Array, offset: number): number {
  out[offset] = repr.nextHeader;
  out[offset + 1] = repr.length / IPV6_EXT_LEN_UNIT - 1;
  out[offset + 2] = repr.type;
  out[offset + 3] = repr.segmentsLeft;
  return offset + 4;
}

/** Where a chain of headers ends: at the first that is no extension header. */
export interface UpperLayer {
  protocol: number;
  /** the first byte behind the extension headers */
  offset: number;
}

function isWalkedOver(protocol: number): boolean {
  return protocol === PROTNUM_IPV6_EXT_HOPOPT || protocol === PROTNUM_IPV6_EXT_RH ||
    protocol === PROTNUM_IPV6_EXT_DST || protocol === PROTNUM_IPV6_EXT_FRAG || protocol === PROTNUM_IPV6_EXT_MOB;
}

/**
 * Walks over extension headers.
 *
 * @param protocol  the next-header value that announces what is at `offset`
 * @returns what follows them; 'fragment' in a fragment other than the first: what follows is no header
 */
export function upperLayerFrom(bytes: Uint8Array, offset: number, protocol: number): UpperLayer | DropReason {
  let at = offset;
  let next = protocol;
  while (isWalkedOver(next)) {
    const ext = parseIpv6Ext(bytes, at, next);
    if (typeof ext === 'string') return ext === 'truncated' ? 'truncated' : 'extension-past-end';
    if (next === PROTNUM_IPV6_EXT_FRAG && (get16(bytes, at + 2) & 0xfff8) !== 0) return 'fragment';
    at += ext.length;
    next = ext.nextHeader;
  }
  return { protocol: next, offset: at };
}

/** The upper layer of the IPv6 packet at `start`. */
export function upperLayerOf(bytes: Uint8Array, start = 0): UpperLayer | DropReason {
  if (bytes.length - start < IPV6_HEADER_LEN) return 'truncated';
  return upperLayerFrom(bytes, start + IPV6_HEADER_LEN, bytes[start + IPV6_OFFSET_NEXT_HEADER]!);
}

const PROTNUM_TCP = 6;

/** Bytes of the header of an upper layer without options; 0 for one that is not known here. */
export function upperLayerHeaderLen(protocol: number): number {
  switch (protocol) {
    case PROTNUM_UDP: return 8;
    case PROTNUM_ICMPV6: return 4;
    case PROTNUM_TCP: return 20;
    default: return 0;
  }
}
