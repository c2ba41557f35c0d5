// 6LoWPAN: dispatch bytes (RFC 4944 §5.1, RFC 6282 §2), and whole chains of headers through IPHC and NHC.

import { get16, put16 } from './bytes.ts';
import {
  emitIphc, IPHC_MAX_LEN, NEXT_HEADER_COMPRESSED, parseIphc,
  type DropReason as IphcDropReason, type IphcContexts,
} from './iphc.ts';
import {
  emitNhcExt, emitNhcUdpFields, expandNhcExt, NHC_EXT_ID, NHC_EXT_MASK, NHC_IPV6, NHC_UDP_ID, NHC_UDP_MASK,
  nhcExtPossible, nhcExtUncompressedLength, parseNhcExt, parseNhcUdp, type DropReason as NhcDropReason,
} from './nhc.ts';
import {
  emitIpv6Fields, IPV6_EXT_LEN_UNIT, IPV6_HEADER_LEN, IPV6_OFFSET_NEXT_HEADER, IPV6_OFFSET_PAYLOAD_LENGTH,
  isExtensionHeader, parseIpv6, parseIpv6Ext, PROTNUM_IPV6, PROTNUM_IPV6_EXT_FRAG, PROTNUM_UDP,
  type DropReason as Ipv6DropReason,
} from './ipv6.ts';
import { UDP_HEADER_LEN, UDP_OFFSET_CHECKSUM, UDP_OFFSET_LENGTH } from './udp.ts';

/** An IPv6 header follows, uncompressed. */
export const SIXLOWPAN_UNCOMP = 0x41;

/** What a dispatch byte announces; `unknown` covers what is reserved. */
export type Dispatch =
  | 'nalp' | 'ipv6' | 'hc1' | 'bc0' | 'iphc' | 'mesh' | 'frag1' | 'fragn' | 'rfrag' | 'rfrag-ack' | 'esc' | 'unknown';

/** The kind of frame that begins with `byte`. */
export function dispatchOf(byte: number): Dispatch {
  if ((byte & 0xe0) === 0x60) return 'iphc';
  if ((byte & 0xf8) === 0xc0) return 'frag1';
  if ((byte & 0xf8) === 0xe0) return 'fragn';
  if ((byte & 0xc0) === 0) return 'nalp';
  if (byte === SIXLOWPAN_UNCOMP) return 'ipv6';
  if ((byte & 0xc0) === 0x80) return 'mesh';
  switch (byte) {
    case 0x40: return 'esc';
    case 0x42: return 'hc1';
    case 0x50: return 'bc0';
    case 0xe8:
    case 0xe9: return 'rfrag';
    case 0xea:
    case 0xeb: return 'rfrag-ack';
    default: return 'unknown';
  }
}

export type DropReason =
  | IphcDropReason
  | NhcDropReason
  | Ipv6DropReason
  | 'no-space'
  | 'datagram-size-too-small'
  | 'payload-length-mismatch';

/** Sizes of a chain of headers in both forms. */
export interface HeaderLengths {
  /** bytes of the compressed headers */
  headerLength: number;
  /** bytes of the same headers uncompressed */
  uncompressedLength: number;
}

/** How far a chain of headers has been decompressed. */
interface Chain {
  /** next byte to read, next byte to write */
  at: number;
  to: number;
  /** where the next-header field of the last header stands in `out`; whether the next header is compressed */
  nextHeaderAt: number;
  compressed: boolean;
  /** what addresses of the next IPv6 header are computed from, if elided */
  src: Uint8Array;
  dst: Uint8Array;
}

function expandIpv6(
  bytes: Uint8Array, contexts: IphcContexts | null, out: Uint8Array, chain: Chain,
): DropReason | null {
  const ip = parseIphc(bytes, chain.at, chain.src, chain.dst, contexts);
  if (typeof ip === 'string') return ip;
  const to = chain.to;
  if (out.length - to < IPV6_HEADER_LEN) return 'no-space';
  const compressed = ip.nextHeader === NEXT_HEADER_COMPRESSED;
  const nextHeader = compressed ? 0 : ip.nextHeader;
  chain.to = emitIpv6Fields(ip.trafficClass, ip.flowLabel, 0, nextHeader, ip.hopLimit, ip.src, ip.dst, out, to);
  chain.at += ip.headerLength;
  chain.nextHeaderAt = to + IPV6_OFFSET_NEXT_HEADER;
  chain.compressed = compressed;
  chain.src = ip.src;
  chain.dst = ip.dst;
  return null;
}

function expandUdp(bytes: Uint8Array, out: Uint8Array, chain: Chain): DropReason | null {
  const udp = parseNhcUdp(bytes, chain.at);
  if (typeof udp === 'string') return udp;
  const to = chain.to;
  if (out.length - to < UDP_HEADER_LEN) return 'no-space';
  out[chain.nextHeaderAt] = PROTNUM_UDP;
  put16(out, to, udp.srcPort);
  put16(out, to + 2, udp.dstPort);
  put16(out, to + UDP_OFFSET_CHECKSUM, udp.checksum);
  chain.to = to + UDP_HEADER_LEN;
  chain.at += udp.headerLength;
  chain.compressed = false;
  return null;
}

function expandExt(bytes: Uint8Array, out: Uint8Array, chain: Chain): DropReason | null {
  const ext = parseNhcExt(bytes, chain.at);
  if (typeof ext === 'string') return ext;
  const to = chain.to;
  if (out.length - to < nhcExtUncompressedLength(ext)) return 'no-space';
  out[chain.nextHeaderAt] = ext.protocol;
  chain.to = expandNhcExt(ext, out, to);
  chain.at += ext.headerLength;
  chain.nextHeaderAt = to;
  chain.compressed = ext.nextHeader === NEXT_HEADER_COMPRESSED;
  return null;
}

/** Decompresses the one header that NHC announces at `chain.at`. */
function expandNext(
  bytes: Uint8Array, contexts: IphcContexts | null, out: Uint8Array, chain: Chain,
): DropReason | null {
  if (chain.at >= bytes.length) return 'truncated';
  const nhc = bytes[chain.at]!;
  if ((nhc & NHC_UDP_MASK) === NHC_UDP_ID) return expandUdp(bytes, out, chain);
  if (nhc === NHC_IPV6) {
    out[chain.nextHeaderAt] = PROTNUM_IPV6;
    chain.at++;
    return expandIpv6(bytes, contexts, out, chain);
  }
  return (nhc & NHC_EXT_MASK) === NHC_EXT_ID ? expandExt(bytes, out, chain) : 'unknown-nhc';
}

/** Fills in the lengths that compression leaves out, in headers out[start..headersEnd) of a datagram up to `end`. */
function fillLengths(out: Uint8Array, start: number, headersEnd: number, end: number): void {
  let at = start;
  let protocol = PROTNUM_IPV6;
  while (at < headersEnd) {
    if (protocol === PROTNUM_IPV6) {
      put16(out, at + IPV6_OFFSET_PAYLOAD_LENGTH, end - at - IPV6_HEADER_LEN);
      protocol = out[at + IPV6_OFFSET_NEXT_HEADER]!;
      at += IPV6_HEADER_LEN;
    } else if (protocol === PROTNUM_UDP) {
      put16(out, at + UDP_OFFSET_LENGTH, end - at);
      return;
    } else {
      const units = protocol === PROTNUM_IPV6_EXT_FRAG ? 0 : out[at + 1]!;
      protocol = out[at]!;
      at += (units + 1) * IPV6_EXT_LEN_UNIT;
    }
  }
}

/**
 * Decompresses the headers at the start of `bytes`, which begin with an IPHC dispatch, into `out` from `outOffset`:
 * IPv6, and behind it whatever NHC carries. The payload follows at `bytes[headerLength]` and belongs at
 * `out[outOffset + uncompressedLength]`; it is not copied.
 *
 * @param datagramSize  the size that a FRAG1 header tells, or 0 if `bytes` is the whole datagram
 * @param linkSrc       source address of the frame (8, 2 or 4 bytes, or empty)
 * @param linkDst       destination address of the frame
 * @param contexts      contexts of this node, null if it has none
 * @returns 'truncated' too if a FRAG1 does not hold all compressed headers (RFC 6282 §2); 'datagram-size-too-small' if
 *          what is there does not fit the told size; 'no-space' if `out` is too small for the headers
 */
export function decompressHeaders(
  bytes: Uint8Array, datagramSize: number, linkSrc: Uint8Array, linkDst: Uint8Array, contexts: IphcContexts | null,
  out: Uint8Array, outOffset: number,
): HeaderLengths | DropReason {
  const chain: Chain = { at: 0, to: outOffset, nextHeaderAt: 0, compressed: true, src: linkSrc, dst: linkDst };
  let reason = expandIpv6(bytes, contexts, out, chain);
  while (reason === null && chain.compressed) reason = expandNext(bytes, contexts, out, chain);
  if (reason !== null) return reason;
  const uncompressedLength = chain.to - outOffset;
  const present = uncompressedLength + bytes.length - chain.at;
  if (datagramSize !== 0 && present > datagramSize) return 'datagram-size-too-small';
  fillLengths(out, outOffset, chain.to, outOffset + (datagramSize === 0 ? present : datagramSize));
  return { headerLength: chain.at, uncompressedLength };
}

/**
 * The next header at `at` as NHC would have it: NEXT_HEADER_COMPRESSED if it can be compressed so that decompression
 * gives the same bytes, else `protocol`.
 */
function compressedOrNot(headers: Uint8Array, at: number, end: number, protocol: number): number {
  const there = headers.length - at;
  if (protocol === PROTNUM_UDP) {
    // the length field is elided, so it must say what the IPv6 header says
    const same = there >= UDP_HEADER_LEN && get16(headers, at + UDP_OFFSET_LENGTH) === end - at;
    return same ? NEXT_HEADER_COMPRESSED : protocol;
  }
  if (protocol === PROTNUM_IPV6) {
    const same = there >= IPV6_HEADER_LEN && headers[at]! >> 4 === 6 &&
      get16(headers, at + IPV6_OFFSET_PAYLOAD_LENGTH) === end - at - IPV6_HEADER_LEN;
    return same ? NEXT_HEADER_COMPRESSED : protocol;
  }
  if (!isExtensionHeader(protocol)) return protocol;
  const ext = parseIpv6Ext(headers, at, protocol);
  if (typeof ext === 'string' || !nhcExtPossible(protocol, ext.length)) return protocol;
  if (protocol === PROTNUM_IPV6_EXT_FRAG && headers[at + 1] !== 0) return protocol;
  return NEXT_HEADER_COMPRESSED;
}

/** The next header behind a fragment header is in the first fragment only. */
function behindFragment(headers: Uint8Array, at: number): boolean {
  return (get16(headers, at + 2) & 0xfff8) !== 0;
}

/**
 * Compresses the headers at the start of `headers` into `out` from `outOffset`, with RIOT's choices (see emitIphc,
 * emitNhcUdp): IPv6, and behind it extension headers, IPv6 in IPv6 and UDP as far as NHC can carry them.
 *
 * `headers` needs to hold the headers only, the payload may be elsewhere. What is not compressed follows at
 * `headers[uncompressedLength]`.
 *
 * @param datagramSize  size of the whole uncompressed datagram
 * @param linkSrc       source address of the frame: RIOT takes that of the interface
 * @param linkDst       destination address of the frame, empty for multicast and broadcast
 * @param contexts      contexts of this node, null if it has none
 * @param out           room for the uncompressed headers and one byte for each but the last is always enough
 * @returns 'payload-length-mismatch' if the IPv6 payload length is not that of the datagram; 'no-space' if `out` is
 *          too small
 */
export function compressHeaders(
  headers: Uint8Array, datagramSize: number, linkSrc: Uint8Array, linkDst: Uint8Array, contexts: IphcContexts | null,
  out: Uint8Array, outOffset: number,
): HeaderLengths | DropReason {
  let at = 0;
  let to = outOffset;
  let encapsulatingSrc = linkSrc;
  let encapsulatingDst = linkDst;
  let protocol = PROTNUM_IPV6;
  let compressed = true;
  while (compressed) {
    if (protocol === PROTNUM_IPV6) {
      const ip = parseIpv6(headers, at);
      if (typeof ip === 'string') return ip;
      if (ip.payloadLength !== datagramSize - at - IPV6_HEADER_LEN) return 'payload-length-mismatch';
      const inner = at > 0;
      if (out.length - to < IPHC_MAX_LEN + (inner ? 1 : 0)) return 'no-space';
      if (inner) out[to++] = NHC_IPV6;
      at += IPV6_HEADER_LEN;
      protocol = ip.nextHeader;
      ip.nextHeader = compressedOrNot(headers, at, datagramSize, protocol);
      compressed = ip.nextHeader === NEXT_HEADER_COMPRESSED;
      to = emitIphc(ip, encapsulatingSrc, encapsulatingDst, contexts, out, to);
      encapsulatingSrc = ip.src;
      encapsulatingDst = ip.dst;
    } else if (protocol === PROTNUM_UDP) {
      if (out.length - to < UDP_HEADER_LEN) return 'no-space';
      const checksum = get16(headers, at + UDP_OFFSET_CHECKSUM);
      to = emitNhcUdpFields(get16(headers, at), get16(headers, at + 2), checksum, out, to);
      at += UDP_HEADER_LEN;
      compressed = false;
    } else {
      const ext = parseIpv6Ext(headers, at, protocol);
      if (typeof ext === 'string') return ext;
      if (out.length - to < ext.length + 1) return 'no-space';
      const hidden = protocol === PROTNUM_IPV6_EXT_FRAG && behindFragment(headers, at);
      const nextHeader = hidden
        ? ext.nextHeader
        : compressedOrNot(headers, at + ext.length, datagramSize, ext.nextHeader);
      compressed = nextHeader === NEXT_HEADER_COMPRESSED;
      const data = headers.subarray(at + 2, at + ext.length);
      to = emitNhcExt({ protocol, nextHeader, data }, out, to);
      at += ext.length;
      protocol = ext.nextHeader;
    }
  }
  return { headerLength: to - outOffset, uncompressedLength: at };
}

/** Decompresses a whole datagram that begins with an IPHC dispatch into a new array: headers and payload. */
export function decompress(
  bytes: Uint8Array, linkSrc: Uint8Array, linkDst: Uint8Array, contexts: IphcContexts | null,
): Uint8Array | DropReason {
  const headers = new Uint8Array(DECOMPRESSED_HEADERS_MAX);
  const lengths = decompressHeaders(bytes, 0, linkSrc, linkDst, contexts, headers, 0);
  if (typeof lengths === 'string') return lengths;
  const out = new Uint8Array(lengths.uncompressedLength + bytes.length - lengths.headerLength);
  out.set(headers.subarray(0, lengths.uncompressedLength));
  out.set(bytes.subarray(lengths.headerLength), lengths.uncompressedLength);
  return out;
}

/** Room that decompress has for headers. Real ones take 48 bytes; a chain made to grow ends in 'no-space'. */
const DECOMPRESSED_HEADERS_MAX = 1280;

/** Compresses a whole IPv6 packet into a new array: headers and payload. */
export function compress(
  packet: Uint8Array, linkSrc: Uint8Array, linkDst: Uint8Array, contexts: IphcContexts | null,
): Uint8Array | DropReason {
  const headers = new Uint8Array(packet.length + IPHC_MAX_LEN + 1);
  const lengths = compressHeaders(packet, packet.length, linkSrc, linkDst, contexts, headers, 0);
  if (typeof lengths === 'string') return lengths;
  const payload = packet.subarray(lengths.uncompressedLength);
  headers.set(payload, lengths.headerLength);
  return headers.slice(0, lengths.headerLength + payload.length);
}
