// LOWPAN_IPHC: the compressed IPv6 header (RFC 6282 §3).
//
//   0 1 1  T F  NH  HLIM | CID  SAC  SAM  M  DAC  DAM | [SCI DCI] then what is not elided, in the order of IPv6
//
// The two bytes tell how long the whole is, so one length check covers a header. On emit the choices are RIOT's. Where
// RIOT strays from the RFC, `ask` decides (SixlowpanQuirk); without it the RFC is followed.
//
// "Encapsulating address" is what an elided address is computed from (§3.2.2): the link-layer address of the frame (8,
// 2 or 4 bytes, empty if there is none), or, for a header within a packet, the 16-byte address of the outer header.

import {
  hasLinkLocalPrefix, ipv6_addr_init_prefix, ipv6_addr_is_unspecified, ipv6_addr_match_prefix, ipv6_addr_to_str,
  writeIid,
} from './addr.ts';
import { copyBytes } from './bytes.ts';
import {
  type AskSixlowpan, asRfc, CID_BIT, DAC_BIT, type DropReason, HLIM_SHIFT, HOP_LIMITS, inlineLength, IPHC_HEADER_LEN,
  type IphcContext, type IphcContexts, type IphcRepr, isReserved, M_BIT, MODE_16, MODE_64, MODE_ELIDED,
  MODE_FULL, MODE_UNSPECIFIED, NEXT_HEADER_COMPRESSED, NH_BIT, type ParsedIphc, SIXLOWPAN_IPHC1_DISP, SRC_INLINE,
  SRC_SHIFT, STATEFUL, TF_SHIFT,
} from './iphc-fields.ts';

export {
  type AskSixlowpan, asRfc, type DropReason, IPHC_HEADER_LEN, IPHC_MAX_LEN, type IphcContext, type IphcContexts,
  type IphcRepr, NEXT_HEADER_COMPRESSED, type ParsedIphc, SIXLOWPAN_IPHC1_DISP, SIXLOWPAN_IPHC1_DISP_MASK,
  type SixlowpanQuirk,
} from './iphc-fields.ts';

/** Writes the IID that belongs to an encapsulating address; false if there is none. */
function writeEncapsulatingIid(out: Uint8Array, offset: number, encapsulating: Uint8Array): boolean {
  if (encapsulating.length !== 16) return writeIid(out, offset, encapsulating);
  copyBytes(out, offset, encapsulating, 8, 8);
  return true;
}

function readUnicast(
  mode: number, bytes: Uint8Array, at: number, encapsulating: Uint8Array, context: IphcContext | null,
): Uint8Array | DropReason {
  const addr = new Uint8Array(16);
  switch (mode & 3) {
    case MODE_FULL:
      if (mode === MODE_FULL) copyBytes(addr, 0, bytes, at, 16);
      return addr;
    case MODE_64:
      copyBytes(addr, 8, bytes, at, 8);
      break;
    case MODE_16:
      addr[11] = 0xff;
      addr[12] = 0xfe;
      addr[14] = bytes[at]!;
      addr[15] = bytes[at + 1]!;
      break;
    default:
      if (!writeEncapsulatingIid(addr, 8, encapsulating)) return 'iphc-no-link-address';
  }
  if (mode < STATEFUL) {
    addr[0] = 0xfe;
    addr[1] = 0x80;
    return addr;
  }
  if (context === null) return 'iphc-unknown-context';
  ipv6_addr_init_prefix(addr, context.prefix, context.prefixLength);
  return addr;
}

function readMulticast(
  mode: number, bytes: Uint8Array, at: number, context: IphcContext | null, ask: AskSixlowpan,
): Uint8Array | DropReason {
  const addr = new Uint8Array(16);
  addr[0] = 0xff;
  addr[1] = bytes[at]!;
  switch (mode) {
    case 0:
      copyBytes(addr, 0, bytes, at, 16);
      return addr;
    case 1:
      copyBytes(addr, 11, bytes, at + 1, 5);
      return addr;
    case 2:
      copyBytes(addr, 13, bytes, at + 1, 3);
      return addr;
    case 3:
      addr[1] = 0x02;
      addr[15] = bytes[at]!;
      return addr;
    default:
      // unicast-prefix-based, RFC 3306: ff, flags and scope, RIID, prefix length, prefix, group
      if (context === null) return 'iphc-unknown-context';
      addr[2] = bytes[at + 1]!;
      addr[3] = context.prefixLength > 64 ? 64 : context.prefixLength;
      ipv6_addr_init_prefix(addr.subarray(4, 12), context.prefix, addr[3]!);
      // RIOT takes the group from 2 bytes further on; behind the packet there are zeros.
      copyBytes(addr, 12, bytes, ask('iphc-multicast-group') ? at + 4 : at + 2, 4);
      return addr;
  }
}

/** What RIOT makes of a reserved destination: the unspecified address; a multicast one needs its context even so. */
function reservedAddress(base: number, context: IphcContext | null): Uint8Array | DropReason {
  return (base & M_BIT) !== 0 && context === null ? 'iphc-unknown-context' : new Uint8Array(16);
}

/** The traffic class octet of the order in which IPHC has it inline, ECN first (§3.1.1), and back. */
function tcFromInline(inline: number): number {
  return ((inline << 2) & 0xff) | (inline >> 6);
}

function tcToInline(trafficClass: number): number {
  return (trafficClass >> 2) | ((trafficClass & 3) << 6);
}

/** One of the two, or the octet as it is, as RIOT has it. */
function turned(octet: number, turn: (octet: number) => number, ask: AskSixlowpan): number {
  const other = turn(octet);
  return other !== octet && ask('iphc-traffic-class') ? octet : other;
}

/**
 * Parses a compressed header at `offset`. Every encoding of RFC 6282 is understood, the reserved ones are refused.
 *
 * @param linkSrc   encapsulating source address
 * @param linkDst   encapsulating destination address
 * @param contexts  contexts of this node, null if it has none
 * @param ask       whether to read as RIOT does where that differs
 */
export function parseIphc(
  bytes: Uint8Array, offset: number, linkSrc: Uint8Array, linkDst: Uint8Array, contexts: IphcContexts | null,
  ask: AskSixlowpan = asRfc,
): ParsedIphc | DropReason {
  if (bytes.length - offset < IPHC_HEADER_LEN) return 'truncated';
  const base = (bytes[offset]! << 8) | bytes[offset + 1]!;
  if (base >> 13 !== SIXLOWPAN_IPHC1_DISP >> 5 && !ask('nhc-inner-dispatch')) return 'not-iphc';
  const reserved = isReserved(base);
  if (reserved && !ask('iphc-reserved-accepted')) return 'iphc-reserved';
  const headerLength = inlineLength(base);
  if (bytes.length - offset < headerLength) return 'truncated';

  let at = offset + IPHC_HEADER_LEN;
  const cids = (base & CID_BIT) !== 0 ? bytes[at++]! : 0;

  let trafficClass = 0;
  let flowLabel = 0;
  const tf = (base >> TF_SHIFT) & 3;
  if (tf !== 3) {
    const first = bytes[at++]!;
    trafficClass = turned(tf === 1 ? first & 0xc0 : first, tcFromInline, ask);
    if (tf !== 2) {
      flowLabel = ((tf === 1 ? first : bytes[at++]!) & 0x0f) << 16;
      flowLabel |= (bytes[at]! << 8) | bytes[at + 1]!;
      at += 2;
    }
  }
  const nextHeader = (base & NH_BIT) !== 0 ? NEXT_HEADER_COMPRESSED : bytes[at++]!;
  const hlim = (base >> HLIM_SHIFT) & 3;
  const hopLimit = hlim === 0 ? bytes[at++]! : HOP_LIMITS[hlim]!;

  const srcMode = (base >> SRC_SHIFT) & 7;
  const srcContext = srcMode > STATEFUL && contexts !== null ? contexts.byId(cids >> 4) : null;
  const src = readUnicast(srcMode, bytes, at, linkSrc, srcContext);
  if (typeof src === 'string') return src;
  at += SRC_INLINE[srcMode]!;

  const dstContext = (base & DAC_BIT) !== 0 && contexts !== null ? contexts.byId(cids & 15) : null;
  const dst = reserved
    ? reservedAddress(base, dstContext)
    : (base & M_BIT) !== 0
      ? readMulticast(base & 7, bytes, at, dstContext, ask)
      : readUnicast(base & 7, bytes, at, linkDst, dstContext);
  if (typeof dst === 'string') return dst;
  return { trafficClass, flowLabel, nextHeader, hopLimit, src, dst, headerLength };
}

function hasIidOf(addr: Uint8Array, encapsulating: Uint8Array): boolean {
  const length = encapsulating.length;
  if (length === 8) {
    if (addr[8] !== (encapsulating[0]! ^ 0x02)) return false;
    for (let i = 1; i < 8; i++) if (addr[8 + i] !== encapsulating[i]) return false;
    return true;
  }
  const iid = new Uint8Array(8);
  if (!writeEncapsulatingIid(iid, 0, encapsulating)) return false;
  for (let i = 0; i < 8; i++) if (addr[8 + i] !== iid[i]) return false;
  return true;
}

/** Whether the IID is 0000:00ff:fe00:XXXX. */
function hasShortIid(addr: Uint8Array): boolean {
  return addr[8] === 0 && addr[9] === 0 && addr[10] === 0 && addr[11] === 0xff && addr[12] === 0xfe && addr[13] === 0;
}

function allZero(addr: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (addr[i] !== 0) return false;
  return true;
}

function unicastMode(addr: Uint8Array, encapsulating: Uint8Array, context: IphcContext | null): number {
  if (context === null && !hasLinkLocalPrefix(addr)) return MODE_FULL;
  const stateful = context === null ? 0 : STATEFUL;
  if (hasIidOf(addr, encapsulating)) return stateful | MODE_ELIDED;
  return stateful | (hasShortIid(addr) ? MODE_16 : MODE_64);
}

/** DAC and DAM of a multicast address, by RIOT's order of trial: 8, 32, 48 bits, then full. */
function multicastMode(addr: Uint8Array): number {
  if (!allZero(addr, 2, 10)) return 0;
  if (addr[1] === 0x02 && allZero(addr, 10, 15)) return 3;
  if (allZero(addr, 10, 13)) return 2;
  return addr[10] === 0 ? 1 : 0;
}

/** The context that may compress a unicast address: C flag set, and the first 64 bits equal its prefix. */
function contextFor(addr: Uint8Array, contexts: IphcContexts | null): IphcContext | null {
  const context = contexts === null ? null : contexts.byAddress(addr);
  if (context === null || !context.compress) return null;
  return ipv6_addr_match_prefix(context.prefix, addr) < 64 ? null : context;
}

/**
 * The context of a unicast-prefix-based multicast address (RFC 3306), if its every bit survives the round trip. RIOT
 * looks at the length of the prefix only.
 */
function prefixContextFor(addr: Uint8Array, contexts: IphcContexts | null, ask: AskSixlowpan): IphcContext | null {
  if (contexts === null) return null;
  const prefix = new Uint8Array(16);
  copyBytes(prefix, 0, addr, 4, 8);
  const context = contexts.byAddress(prefix);
  if (context === null || !context.compress || context.prefixLength !== addr[3]) return null;
  const whole = context.prefixLength <= 64 && ipv6_addr_match_prefix(context.prefix, prefix) >= 64;
  return whole || ask('iphc-multicast-prefix') ? context : null;
}

/** TF for a traffic class octet as it is inline. */
function tfOf(inlineClass: number, flowLabel: number): number {
  if (flowLabel === 0) return inlineClass === 0 ? 3 : 2;
  return (inlineClass & 0x3f) === 0 ? 1 : 0;
}

/** HLIM. */
function hlimOf(hopLimit: number): number {
  if (hopLimit === 64) return 2;
  if (hopLimit === 255) return 3;
  return hopLimit === 1 ? 1 : 0;
}

/**
 * The 16 bits of the header but for TF; above them DCI (4 bits) and SCI (4 bits). Identifiers without CID_BIT are those
 * that RIOT puts where no room is for them.
 */
function chooseEncoding(
  repr: IphcRepr, linkSrc: Uint8Array, linkDst: Uint8Array, contexts: IphcContexts | null, ask: AskSixlowpan,
): number {
  let base = (SIXLOWPAN_IPHC1_DISP << 8) | (hlimOf(repr.hopLimit) << HLIM_SHIFT);
  if (repr.nextHeader === NEXT_HEADER_COMPRESSED) base |= NH_BIT;

  let ids = 0;
  if (ipv6_addr_is_unspecified(repr.src)) {
    base |= MODE_UNSPECIFIED << SRC_SHIFT;
  } else {
    const context = contextFor(repr.src, contexts);
    base |= unicastMode(repr.src, linkSrc, context) << SRC_SHIFT;
    if (context !== null) ids |= context.id << 4;
  }
  if (ids !== 0) base |= CID_BIT;

  if (repr.dst[0] === 0xff) {
    const mode = multicastMode(repr.dst);
    const context = mode === 0 ? prefixContextFor(repr.dst, contexts, ask) : null;
    base |= M_BIT | (context === null ? mode : DAC_BIT);
    if (context === null || context.id === 0) return base | (ids << 16);
    if (ids === 0 && !ask('iphc-multicast-context-id')) base |= CID_BIT;
    return base | ((ids | context.id) << 16);
  }
  const context = contextFor(repr.dst, contexts);
  if (context !== null && context.id !== 0) base |= CID_BIT;
  // Without a link-layer destination RIOT makes room for the identifier all the same.
  if (linkDst.length === 0) return base | (ids << 16);
  base |= unicastMode(repr.dst, linkDst, context);
  return base | ((context === null ? ids : ids | context.id) << 16);
}

/** How many bytes emitIphc writes for the same arguments, 2 to IPHC_MAX_LEN. */
export function iphcLength(
  repr: IphcRepr, linkSrc: Uint8Array, linkDst: Uint8Array, contexts: IphcContexts | null,
): number {
  const tf = tfOf(tcToInline(repr.trafficClass), repr.flowLabel);
  return inlineLength((chooseEncoding(repr, linkSrc, linkDst, contexts, asRfc) & 0xffff) | (tf << TF_SHIFT));
}

function emitUnicast(mode: number, addr: Uint8Array, out: Uint8Array, at: number): number {
  const length = SRC_INLINE[mode]!;
  return copyBytes(out, at, addr, 16 - length, length);
}

function emitMulticast(mode: number, addr: Uint8Array, out: Uint8Array, at: number): number {
  switch (mode) {
    case 0:
      return copyBytes(out, at, addr, 0, 16);
    case 1:
      out[at] = addr[1]!;
      return copyBytes(out, at + 1, addr, 11, 5);
    case 2:
      out[at] = addr[1]!;
      return copyBytes(out, at + 1, addr, 13, 3);
    case 3:
      out[at] = addr[15]!;
      return at + 1;
    default:
      out[at] = addr[1]!;
      out[at + 1] = addr[2]!;
      return copyBytes(out, at + 2, addr, 12, 4);
  }
}

/**
 * Writes the compressed header with RIOT's choices: the smallest form of traffic class and flow label, hop limits 1, 64
 * and 255 elided, an address by context if there is one, else link-local by 0, 16 or 64 bits, multicast by 8, 32 or 48.
 * A destination that is not multicast is only compressed if `linkDst` is given.
 *
 * @param ask  whether to write as RIOT does where that differs
 * @returns the offset behind the header
 */
export function emitIphc(
  repr: IphcRepr, linkSrc: Uint8Array, linkDst: Uint8Array, contexts: IphcContexts | null,
  out: Uint8Array, offset: number, ask: AskSixlowpan = asRfc,
): number {
  const encoding = chooseEncoding(repr, linkSrc, linkDst, contexts, ask);
  const inlineClass = turned(repr.trafficClass, tcToInline, ask);
  const tf = tfOf(inlineClass, repr.flowLabel);
  out[offset] = (encoding >> 8) | (tf << (TF_SHIFT - 8));
  out[offset + 1] = encoding;
  let at = offset + IPHC_HEADER_LEN;
  const ids = encoding >> 16;
  const hasIds = (encoding & CID_BIT) !== 0;
  if (hasIds) out[at++] = ids;

  if (tf !== 3) at = emitClassAndLabel(tf, inlineClass, repr.flowLabel, out, at);
  if ((encoding & NH_BIT) === 0) out[at++] = repr.nextHeader;
  if ((encoding & (3 << HLIM_SHIFT)) === 0) out[at++] = repr.hopLimit;
  const srcMode = (encoding >> SRC_SHIFT) & 7;
  at = emitUnicast(srcMode, repr.src, out, at);
  if (ids !== 0 && !hasIds) out[offset + IPHC_HEADER_LEN]! |= ids;
  return (encoding & M_BIT) !== 0
    ? emitMulticast(encoding & 7, repr.dst, out, at)
    : emitUnicast(encoding & 7, repr.dst, out, at);
}

function emitClassAndLabel(
  tf: number, inlineClass: number, flowLabel: number, out: Uint8Array, offset: number,
): number {
  let at = offset;
  if (tf === 1) {
    out[at++] = inlineClass | (flowLabel >> 16);
  } else {
    out[at++] = inlineClass;
    if (tf === 0) out[at++] = flowLabel >> 16;
  }
  if (tf === 2) return at;
  out[at++] = flowLabel >> 8;
  out[at++] = flowLabel;
  return at;
}

/** One line for a dissector: `IPHC 7e33 fe80::b > fe80::a nh=nhc hl=64`; `bytes` begins with the header. */
export function formatIphc(repr: IphcRepr, bytes: Uint8Array): string {
  const base = (0x10000 + ((bytes[0]! << 8) | bytes[1]!)).toString(16).slice(1);
  const nh = repr.nextHeader === NEXT_HEADER_COMPRESSED ? 'nhc' : String(repr.nextHeader);
  return `IPHC ${base} ${ipv6_addr_to_str(repr.src)} > ${ipv6_addr_to_str(repr.dst)} nh=${nh} hl=${repr.hopLimit}`;
}
