// The fields of LOWPAN_IPHC (RFC 6282 §3.1.1), and what its codec takes and gives.

export const SIXLOWPAN_IPHC1_DISP_MASK = 0xe0;
export const SIXLOWPAN_IPHC1_DISP = 0x60;
export const IPHC_HEADER_LEN = 2;
/** Longest header that emitIphc writes: everything inline, and a byte of context identifiers that are not used. */
export const IPHC_MAX_LEN = 41;
/** `nextHeader` of a Repr whose next header is compressed by NHC, which then tells which it is. */
export const NEXT_HEADER_COMPRESSED = -1;

/** Fields of the first 16 bits. */
export const TF_SHIFT = 11;
export const NH_BIT = 0x0400;
export const HLIM_SHIFT = 8;
export const CID_BIT = 0x80;
/** SAC and SAM together, 3 bits */
export const SRC_SHIFT = 4;
export const M_BIT = 0x08;
export const DAC_BIT = 0x04;
/** How an address is compressed: SAM, or DAM without M. With SAC or DAC the four count from 4. */
export const MODE_FULL = 0;
export const MODE_64 = 1;
export const MODE_16 = 2;
export const MODE_ELIDED = 3;
export const STATEFUL = 4;
/** SAC=1 SAM=00 is the unspecified address; DAC=1 DAM=00 is reserved */
export const MODE_UNSPECIFIED = 4;

/**
 * Departures of RIOT from RFC 4944 and RFC 6282 that the codecs of 6LoWPAN know; net/quirks.ts tells what each is. A
 * codec asks for one only where it makes a difference to the bytes at hand.
 */
export type SixlowpanQuirk =
  | 'iphc-traffic-class'
  | 'iphc-reserved-accepted'
  | 'iphc-multicast-group'
  | 'iphc-multicast-context-id'
  | 'iphc-multicast-prefix'
  | 'nhc-unknown-accepted'
  | 'nhc-extension-length'
  | 'nhc-extension-too-long'
  | 'nhc-fragment-reserved'
  | 'nhc-short-header'
  | 'nhc-ipv6-refused'
  | 'nhc-inner-addresses'
  | 'nhc-inner-dispatch'
  | 'nhc-inner-length'
  | 'nhc-udp-length'
  | 'frag1-headers-past-size';

/** Whether to depart from the RFC here. */
export type AskSixlowpan = (id: SixlowpanQuirk) => boolean;

/** No departures. */
export const asRfc: AskSixlowpan = () => false;

/** Bytes inline, by field. -1: reserved. */
const TF_INLINE: readonly number[] = [4, 3, 1, 0];
export const SRC_INLINE: readonly number[] = [16, 8, 2, 0, 0, 8, 2, 0];
/** by M, DAC, DAM */
const DST_INLINE: readonly number[] = [16, 8, 2, 0, -1, 8, 2, 0, 16, 6, 4, 1, 6, -1, -1, -1];
/** Hop limit by HLIM; 0 is inline. */
export const HOP_LIMITS: readonly number[] = [0, 1, 64, 255];

export type DropReason =
  | 'truncated'
  | 'not-iphc'
  | 'iphc-reserved'
  | 'iphc-unknown-context'
  | 'iphc-no-link-address';

/** A context for stateful compression (RFC 6282 §3.1.2, RFC 6775 §4.2). */
export interface IphcContext {
  /** 0..15 */
  id: number;
  /** 16 bytes; bits behind `prefixLength` are 0 */
  prefix: Uint8Array;
  /** 1..128 */
  prefixLength: number;
  /** may be used to compress (the C flag); a context is always good for decompression */
  compress: boolean;
}

/** A node's table of contexts. */
export interface IphcContexts {
  /** The context of this identifier, or null. */
  byId(id: number): IphcContext | null;
  /** The context whose prefix matches the address longest, or null. */
  byAddress(addr: Uint8Array): IphcContext | null;
}

/** An IPv6 header as IPHC carries it: all but the payload length. */
export interface IphcRepr {
  /** the octet of the IPv6 header: DSCP in the six high bits, ECN in the two low ones */
  trafficClass: number;
  flowLabel: number;
  /** NEXT_HEADER_COMPRESSED if NHC follows */
  nextHeader: number;
  hopLimit: number;
  src: Uint8Array;
  dst: Uint8Array;
}

/** What parseIphc found. */
export interface ParsedIphc extends IphcRepr {
  /** bytes of the compressed header */
  headerLength: number;
}

/** Whether these 16 bits are reserved: M, DAC and DAM of which the RFC knows no meaning. */
export function isReserved(base: number): boolean {
  return DST_INLINE[base & 0x0f]! < 0;
}

/** Length in bytes of a header with these 16 bits; a reserved destination counts as 0. */
export function inlineLength(base: number): number {
  const dst = isReserved(base) ? 0 : DST_INLINE[base & 0x0f]!;
  const single = ((base & CID_BIT) !== 0 ? 1 : 0) + ((base & NH_BIT) === 0 ? 1 : 0) +
    ((base & (3 << HLIM_SHIFT)) === 0 ? 1 : 0);
  return IPHC_HEADER_LEN + single + TF_INLINE[(base >> TF_SHIFT) & 3]! + SRC_INLINE[(base >> SRC_SHIFT) & 7]! + dst;
}
