// 6LoWPAN: dispatch bytes (RFC 4944 §5.1, RFC 6282 §2), and whole chains of headers through IPHC and NHC.

import { get16, put16 } from './bytes.ts';
import {
  type AskSixlowpan, asRfc, emitIphc, IPHC_MAX_LEN, NEXT_HEADER_COMPRESSED, parseIphc,
  type DropReason as IphcDropReason, type IphcContexts,
} from './iphc.ts';
import {
  emitNhcExt, emitNhcUdpFields, expandNhcExt, expandNhcExtUnpadded, NHC_EXT_ID, NHC_EXT_MASK, NHC_IPV6, NHC_UDP_ID,
  NHC_UDP_MASK, nhcExtPossible, nhcExtUncompressedLength, parseNhcExt, parseNhcUdp,
  type DropReason as NhcDropReason,
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
  | 'payload-length-mismatch'
  | 'nhc-short-header'
  | 'nhc-ipv6-in-ipv6';

/** Sizes of a chain of headers in both forms. */
export interface HeaderLengths {
  /** bytes of the compressed headers */
  headerLength: number;
  /** bytes of the same headers uncompressed */
  uncompressedLength: number;
}

/** How far a chain of headers has been decompressed. */
interface Chain {
  readonly bytes: Uint8Array;
  readonly contexts: IphcContexts | null;
  readonly ask: AskSixlowpan;
  /** what the FRAG1 header tells, or 0 */
  readonly datagramSize: number;
  readonly out: Uint8Array;
  readonly start: number;
  /** next byte to read, next byte to write */
  at: number;
  to: number;
  /** where the next-header field of the last header stands in `out`; whether the next header is compressed */
  nextHeaderAt: number;
  compressed: boolean;
  /** what addresses of the next IPv6 header are computed from, if elided */
  src: Uint8Array;
  dst: Uint8Array;
  /** where the UDP header stands in `out`, or -1 */
  udpAt: number;
  /** for each IPv6 header within: where it stands in `out`, and the payload length that RIOT would give it */
  inner: number[] | null;
}

function expandIpv6(chain: Chain, src: Uint8Array, dst: Uint8Array): DropReason | null {
  const ip = parseIphc(chain.bytes, chain.at, src, dst, chain.contexts, chain.ask);
  if (typeof ip === 'string') return ip;
  const to = chain.to;
  if (chain.out.length - to < IPV6_HEADER_LEN) return 'no-space';
  const compressed = ip.nextHeader === NEXT_HEADER_COMPRESSED;
  const nextHeader = compressed ? 0 : ip.nextHeader;
  chain.to = emitIpv6Fields(
    ip.trafficClass, ip.flowLabel, 0, nextHeader, ip.hopLimit, ip.src, ip.dst, chain.out, to,
  );
  chain.at += ip.headerLength;
  chain.nextHeaderAt = to + IPV6_OFFSET_NEXT_HEADER;
  chain.compressed = compressed;
  chain.src = ip.src;
  chain.dst = ip.dst;
  return null;
}

/** Whether the IPHC header at `at` elides an address. */
function elidesAddress(bytes: Uint8Array, at: number): boolean {
  const second = bytes[at + 1]!;
  return (second & 0x30) === 0x30 || (second & 0x0b) === 0x03;
}

function expandInnerIpv6(chain: Chain, linkSrc: Uint8Array, linkDst: Uint8Array): DropReason | null {
  const to = chain.to;
  chain.out[chain.nextHeaderAt] = PROTNUM_IPV6;
  chain.at++;
  // RIOT computes elided addresses from the frame, not from the header around (RFC 6282 §3.2.2).
  const fromLink = elidesAddress(chain.bytes, chain.at) && chain.ask('nhc-inner-addresses');
  const reason = expandIpv6(chain, fromLink ? linkSrc : chain.src, fromLink ? linkDst : chain.dst);
  if (reason !== null) return reason;
  const before = to - chain.start;
  const { length } = chain.bytes;
  const riotLength = chain.datagramSize === 0
    ? length + before - IPV6_HEADER_LEN - chain.at
    : chain.datagramSize - before - IPV6_HEADER_LEN;
  (chain.inner ??= []).push(to, riotLength & 0xffff);
  return null;
}

function expandUdp(chain: Chain): DropReason | null {
  const udp = parseNhcUdp(chain.bytes, chain.at);
  if (typeof udp === 'string') return udp;
  const { out, to } = chain;
  if (out.length - to < UDP_HEADER_LEN) return 'no-space';
  out[chain.nextHeaderAt] = PROTNUM_UDP;
  put16(out, to, udp.srcPort);
  put16(out, to + 2, udp.dstPort);
  put16(out, to + UDP_OFFSET_CHECKSUM, udp.checksum);
  chain.udpAt = to;
  chain.to = to + UDP_HEADER_LEN;
  chain.at += udp.headerLength;
  chain.compressed = false;
  return null;
}

function expandExt(chain: Chain): DropReason | null {
  const ext = parseNhcExt(chain.bytes, chain.at, chain.ask);
  if (typeof ext === 'string') return ext;
  const { out, to } = chain;
  const length = nhcExtUncompressedLength(ext);
  if (out.length - to < length) return 'no-space';
  out[chain.nextHeaderAt] = ext.protocol;
  const asIs = length !== ext.data.length + 2 && chain.ask('nhc-extension-length');
  chain.to = asIs ? expandNhcExtUnpadded(ext, out, to) : expandNhcExt(ext, out, to);
  chain.at += ext.headerLength;
  chain.nextHeaderAt = to;
  chain.compressed = ext.nextHeader === NEXT_HEADER_COMPRESSED;
  return null;
}

/** Decompresses the one header that NHC announces at `chain.at`. */
function expandNext(chain: Chain, linkSrc: Uint8Array, linkDst: Uint8Array): DropReason | null {
  // RIOT reads on behind the end of the packet here: what it does depends on what lay there.
  if (chain.at >= chain.bytes.length) return 'truncated';
  const nhc = chain.bytes[chain.at]!;
  if ((nhc & NHC_UDP_MASK) === NHC_UDP_ID) return expandUdp(chain);
  // RIOT does not look at the last bit, which is 0 in NHC_IPV6.
  if (nhc === NHC_IPV6 || (nhc === (NHC_IPV6 | 1) && chain.ask('nhc-unknown-accepted'))) {
    return expandInnerIpv6(chain, linkSrc, linkDst);
  }
  if ((nhc & NHC_EXT_MASK) === NHC_EXT_ID) return expandExt(chain);
  if (!chain.ask('nhc-unknown-accepted')) return 'unknown-nhc';
  chain.compressed = false;
  return null;
}

/** Fills in the lengths that compression leaves out, of a datagram that ends at `end`. */
function fillLengths(chain: Chain, end: number): void {
  const { out, start, udpAt, inner } = chain;
  put16(out, start + IPV6_OFFSET_PAYLOAD_LENGTH, end - start - IPV6_HEADER_LEN);
  if (udpAt >= 0) put16(out, udpAt + UDP_OFFSET_LENGTH, end - udpAt);
  if (inner === null) return;
  for (let i = 0; i < inner.length; i += 2) {
    const at = inner[i]!;
    const right = (end - at - IPV6_HEADER_LEN) & 0xffff;
    const wrong = inner[i + 1]!;
    put16(out, at + IPV6_OFFSET_PAYLOAD_LENGTH, wrong !== right && chain.ask('nhc-inner-length') ? wrong : right);
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
 * @param ask           whether to read as RIOT does where that differs
 * @returns 'truncated' too if a FRAG1 does not hold all compressed headers (RFC 6282 §2); 'datagram-size-too-small' if
 *          what is there does not fit the told size; 'no-space' if `out` is too small for the headers
 */
export function decompressHeaders(
  bytes: Uint8Array, datagramSize: number, linkSrc: Uint8Array, linkDst: Uint8Array, contexts: IphcContexts | null,
  out: Uint8Array, outOffset: number, ask: AskSixlowpan = asRfc,
): HeaderLengths | DropReason {
  const chain: Chain = {
    bytes, contexts, ask, datagramSize, out, start: outOffset, at: 0, to: outOffset, nextHeaderAt: 0, compressed: true,
    src: linkSrc, dst: linkDst, udpAt: -1, inner: null,
  };
  let reason = expandIpv6(chain, linkSrc, linkDst);
  while (reason === null && chain.compressed) reason = expandNext(chain, linkSrc, linkDst);
  if (reason !== null) return reason;
  const uncompressedLength = chain.to - outOffset;
  const present = uncompressedLength + bytes.length - chain.at;
  if (datagramSize !== 0 && present > datagramSize) {
    const headersOnly = present === uncompressedLength;
    if (!headersOnly || !ask('frag1-headers-past-size')) return 'datagram-size-too-small';
  }
  fillLengths(chain, outOffset + (datagramSize === 0 ? present : datagramSize));
  return { headerLength: chain.at, uncompressedLength };
}

/** Whether decompression would make the UDP header at `at` of a datagram that ends at `end` again. */
function udpComesBack(headers: Uint8Array, at: number, end: number, ask: AskSixlowpan): boolean {
  if (headers.length - at < UDP_HEADER_LEN) return ask('nhc-short-header');
  // The length field is elided, so it must say what the IPv6 header says.
  return get16(headers, at + UDP_OFFSET_LENGTH) === end - at || ask('nhc-udp-length');
}

function innerIpv6ComesBack(headers: Uint8Array, at: number, end: number, ask: AskSixlowpan): boolean {
  const same = headers.length - at >= IPV6_HEADER_LEN && headers[at]! >> 4 === 6 &&
    get16(headers, at + IPV6_OFFSET_PAYLOAD_LENGTH) === end - at - IPV6_HEADER_LEN;
  return same || ask('nhc-ipv6-refused');
}

function extComesBack(headers: Uint8Array, at: number, protocol: number, ask: AskSixlowpan): boolean {
  if (protocol === PROTNUM_IPV6_EXT_FRAG && headers[at + 1] !== 0 && headers.length - at >= IPV6_EXT_LEN_UNIT) {
    return ask('nhc-fragment-reserved');
  }
  const ext = parseIpv6Ext(headers, at, protocol);
  if (typeof ext === 'string') return ask('nhc-short-header');
  return nhcExtPossible(protocol, ext.length) || ask('nhc-extension-too-long');
}

/**
 * The next header at `at` as NHC would have it: NEXT_HEADER_COMPRESSED if it can be compressed so that decompression
 * gives the same bytes, or if RIOT says so regardless; else `protocol`.
 */
function compressedOrNot(
  headers: Uint8Array, at: number, end: number, protocol: number, ask: AskSixlowpan,
): number {
  let compressed = false;
  if (protocol === PROTNUM_UDP) compressed = udpComesBack(headers, at, end, ask);
  else if (protocol === PROTNUM_IPV6) compressed = innerIpv6ComesBack(headers, at, end, ask);
  else if (isExtensionHeader(protocol)) compressed = extComesBack(headers, at, protocol, ask);
  return compressed ? NEXT_HEADER_COMPRESSED : protocol;
}

/** The next header behind a fragment header is in the first fragment only. */
function behindFragment(headers: Uint8Array, at: number): boolean {
  return (get16(headers, at + 2) & 0xfff8) !== 0;
}

/** How far a chain of headers has been compressed. */
interface Compression {
  readonly headers: Uint8Array;
  readonly datagramSize: number;
  readonly contexts: IphcContexts | null;
  readonly ask: AskSixlowpan;
  readonly out: Uint8Array;
  at: number;
  to: number;
  protocol: number;
  compressed: boolean;
  src: Uint8Array;
  dst: Uint8Array;
}

function compressIpv6(state: Compression): DropReason | null {
  const { headers, datagramSize, contexts, ask, out } = state;
  const inner = state.at > 0;
  if (inner && ask('nhc-ipv6-refused')) return 'nhc-ipv6-in-ipv6';
  const ip = parseIpv6(headers, state.at);
  if (typeof ip === 'string') return ip;
  if (ip.payloadLength !== datagramSize - state.at - IPV6_HEADER_LEN) return 'payload-length-mismatch';
  if (out.length - state.to < IPHC_MAX_LEN + (inner ? 1 : 0)) return 'no-space';
  if (inner) out[state.to++] = NHC_IPV6;
  state.at += IPV6_HEADER_LEN;
  state.protocol = ip.nextHeader;
  ip.nextHeader = compressedOrNot(headers, state.at, datagramSize, state.protocol, ask);
  state.compressed = ip.nextHeader === NEXT_HEADER_COMPRESSED;
  state.to = emitIphc(ip, state.src, state.dst, contexts, out, state.to, ask);
  state.src = ip.src;
  state.dst = ip.dst;
  return null;
}

function compressUdp(state: Compression): DropReason | null {
  const { headers, out, at } = state;
  if (headers.length - at < UDP_HEADER_LEN) return 'nhc-short-header';
  if (out.length - state.to < UDP_HEADER_LEN) return 'no-space';
  const checksum = get16(headers, at + UDP_OFFSET_CHECKSUM);
  state.to = emitNhcUdpFields(get16(headers, at), get16(headers, at + 2), checksum, out, state.to);
  state.at += UDP_HEADER_LEN;
  state.compressed = false;
  return null;
}

function compressExt(state: Compression): DropReason | null {
  const { headers, out, at, protocol, datagramSize, ask } = state;
  // RIOT takes the reserved byte of a fragment header for a length, as other extension headers have it.
  const there = headers.length - at;
  const length = there < IPV6_EXT_LEN_UNIT ? IPV6_EXT_LEN_UNIT : (headers[at + 1]! + 1) * IPV6_EXT_LEN_UNIT;
  if (there < length) return 'nhc-short-header';
  if (length - 2 > 0xff) {
    // The header before says that NHC follows; RIOT leaves this one as it is all the same.
    state.compressed = false;
    return null;
  }
  if (out.length - state.to < length + 1) return 'no-space';
  const next = headers[at]!;
  const hidden = protocol === PROTNUM_IPV6_EXT_FRAG && behindFragment(headers, at);
  const nextHeader = hidden ? next : compressedOrNot(headers, at + length, datagramSize, next, ask);
  state.compressed = nextHeader === NEXT_HEADER_COMPRESSED;
  state.to = emitNhcExt({ protocol, nextHeader, data: headers.subarray(at + 2, at + length) }, out, state.to);
  state.at += length;
  state.protocol = next;
  return null;
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
 * @param out           room for the uncompressed headers and one byte for each is always enough
 * @param ask           whether to write as RIOT does where that differs
 * @returns 'payload-length-mismatch' if the IPv6 payload length is not that of the datagram; 'no-space' if `out` is
 *          too small; with RIOT's departures also 'nhc-short-header' and 'nhc-ipv6-in-ipv6'
 */
export function compressHeaders(
  headers: Uint8Array, datagramSize: number, linkSrc: Uint8Array, linkDst: Uint8Array, contexts: IphcContexts | null,
  out: Uint8Array, outOffset: number, ask: AskSixlowpan = asRfc,
): HeaderLengths | DropReason {
  const state: Compression = {
    headers, datagramSize, contexts, ask, out, at: 0, to: outOffset, protocol: PROTNUM_IPV6, compressed: true,
    src: linkSrc, dst: linkDst,
  };
  while (state.compressed) {
    let reason: DropReason | null;
    if (state.protocol === PROTNUM_IPV6) reason = compressIpv6(state);
    else if (state.protocol === PROTNUM_UDP) reason = compressUdp(state);
    else reason = compressExt(state);
    if (reason !== null) return reason;
  }
  return { headerLength: state.to - outOffset, uncompressedLength: state.at };
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
