// Neighbour discovery: RS, RA, NS, NA and their options (RFC 4861 §4, RFC 6775 §4, RFC 4944 §8, RFC 4191 §2.3).
//
// A message is the whole ICMPv6 message, its 4-byte header included. Emitted messages have a zero checksum, for the
// caller to fill in once the addresses are known.

import { ipv6_addr_init_prefix, ipv6_addr_is_multicast, ipv6_addr_to_str } from './addr.ts';
import { copyBytes, get16, get32, put16, put32 } from './bytes.ts';
import { ICMPV6_NBR_ADV, ICMPV6_NBR_SOL, ICMPV6_RTR_ADV, ICMPV6_RTR_SOL } from './icmpv6.ts';

/** Messages with another hop limit were forwarded, and are discarded (RFC 4861 §6.1, §7.1). */
export const NDP_HOP_LIMIT = 255;

export const NDP_RTR_ADV_FLAGS_M = 0x80;
export const NDP_RTR_ADV_FLAGS_O = 0x40;
export const NDP_NBR_ADV_FLAGS_R = 0x80;
export const NDP_NBR_ADV_FLAGS_S = 0x40;
export const NDP_NBR_ADV_FLAGS_O = 0x20;

/** Option types. */
export const NDP_OPT_SL2A = 1;
export const NDP_OPT_TL2A = 2;
export const NDP_OPT_PI = 3;
export const NDP_OPT_RH = 4;
export const NDP_OPT_MTU = 5;
export const NDP_OPT_RI = 24;
export const NDP_OPT_RDNSS = 25;
export const NDP_OPT_AR = 33;
export const NDP_OPT_6CTX = 34;
export const NDP_OPT_ABR = 35;

export const NDP_OPT_PI_FLAGS_L = 0x80;
export const NDP_OPT_PI_FLAGS_A = 0x40;
/** Lifetime that never ends. */
export const NDP_OPT_PI_LTIME_INF = 0xffffffff;

/** Status of an address registration (RFC 6775 §4.1). */
export const SIXLOWPAN_ND_STATUS_SUCCESS = 0;
export const SIXLOWPAN_ND_STATUS_DUP = 1;
export const SIXLOWPAN_ND_STATUS_NC_FULL = 2;

const OPTION_UNIT = 8;

export type DropReason =
  | 'truncated'
  | 'not-ndp'
  | 'bad-code'
  | 'multicast-target'
  | 'option-length-zero'
  | 'option-past-end';

/** Router solicitation. */
export interface NdpRtrSolRepr {
  type: typeof ICMPV6_RTR_SOL;
}

/** Router advertisement. */
export interface NdpRtrAdvRepr {
  type: typeof ICMPV6_RTR_ADV;
  /** 0: unspecified */
  curHopLimit: number;
  /** NDP_RTR_ADV_FLAGS_M | NDP_RTR_ADV_FLAGS_O */
  flags: number;
  /** in seconds; 0: not a default router */
  routerLifetime: number;
  /** in ms, 0: unspecified */
  reachableTime: number;
  /** in ms, 0: unspecified */
  retransTimer: number;
}

/** Neighbour solicitation. */
export interface NdpNbrSolRepr {
  type: typeof ICMPV6_NBR_SOL;
  target: Uint8Array;
}

/** Neighbour advertisement. */
export interface NdpNbrAdvRepr {
  type: typeof ICMPV6_NBR_ADV;
  /** NDP_NBR_ADV_FLAGS_R | _S | _O */
  flags: number;
  target: Uint8Array;
}

export type NdpRepr = NdpRtrSolRepr | NdpRtrAdvRepr | NdpNbrSolRepr | NdpNbrAdvRepr;

/** Bytes before the options, by message type; 0 if the type is none of the four. */
function lengthOfType(type: number): number {
  switch (type) {
    case ICMPV6_RTR_SOL: return 8;
    case ICMPV6_RTR_ADV: return 16;
    case ICMPV6_NBR_SOL:
    case ICMPV6_NBR_ADV: return 24;
    default: return 0;
  }
}

/** Bytes that emitNdp writes; the options start there. */
export function ndpLength(repr: NdpRepr): number {
  return lengthOfType(repr.type);
}

/**
 * Parses the fixed part of a message. Options follow at `ndpLength(repr)`: see parseNdpOptions. Code and target are
 * judged here; hop limit, checksum and addresses of the packet are not.
 */
export function parseNdp(message: Uint8Array): NdpRepr | DropReason {
  if (message.length === 0) return 'truncated';
  const type = message[0]!;
  const length = lengthOfType(type);
  if (length === 0) return 'not-ndp';
  if (message.length < length) return 'truncated';
  if (message[1] !== 0) return 'bad-code';
  if (type === ICMPV6_RTR_SOL) return { type };
  if (type === ICMPV6_RTR_ADV) {
    return {
      type,
      curHopLimit: message[4]!,
      flags: message[5]! & (NDP_RTR_ADV_FLAGS_M | NDP_RTR_ADV_FLAGS_O),
      routerLifetime: get16(message, 6),
      reachableTime: get32(message, 8),
      retransTimer: get32(message, 12),
    };
  }
  const target = message.slice(8, 24);
  if (ipv6_addr_is_multicast(target)) return 'multicast-target';
  if (type === ICMPV6_NBR_SOL) return { type, target };
  return {
    type: ICMPV6_NBR_ADV,
    flags: message[4]! & (NDP_NBR_ADV_FLAGS_R | NDP_NBR_ADV_FLAGS_S | NDP_NBR_ADV_FLAGS_O),
    target,
  };
}

/** Writes the fixed part of a message, its checksum 0; returns the offset behind it. */
export function emitNdp(repr: NdpRepr, out: Uint8Array, offset: number): number {
  const end = offset + ndpLength(repr);
  out.fill(0, offset, end);
  out[offset] = repr.type;
  switch (repr.type) {
    case ICMPV6_RTR_SOL:
      break;
    case ICMPV6_RTR_ADV:
      out[offset + 4] = repr.curHopLimit;
      out[offset + 5] = repr.flags;
      put16(out, offset + 6, repr.routerLifetime);
      put32(out, offset + 8, repr.reachableTime);
      put32(out, offset + 12, repr.retransTimer);
      break;
    case ICMPV6_NBR_ADV:
      out[offset + 4] = repr.flags;
      copyBytes(out, offset + 8, repr.target, 0, 16);
      break;
    default:
      copyBytes(out, offset + 8, repr.target, 0, 16);
  }
  return end;
}

/** Source or target link-layer address (RFC 4861 §4.6.1, RFC 4944 §8). */
export interface NdpL2aoRepr {
  kind: 'sllao' | 'tllao';
  /**
   * 2 bytes (option of 8) or 8 bytes (option of 16, the last 6 zero). Emitted with any length: 6 bytes of Ethernet fill
   * an option of 8, which does not tell that it is no short address and is parsed as one.
   */
  address: Uint8Array;
}

/** Prefix information (RFC 4861 §4.6.2). */
export interface NdpPioRepr {
  kind: 'pio';
  /** in bits; not judged, RFC 4861 wants at most 128 */
  prefixLength: number;
  /** NDP_OPT_PI_FLAGS_L | NDP_OPT_PI_FLAGS_A */
  flags: number;
  /** in seconds, NDP_OPT_PI_LTIME_INF: for ever */
  validLifetime: number;
  preferredLifetime: number;
  prefix: Uint8Array;
}

/** MTU (RFC 4861 §4.6.4). */
export interface NdpMtuRepr {
  kind: 'mtu';
  mtu: number;
}

/** Route information (RFC 4191 §2.3). */
export interface NdpRioRepr {
  kind: 'rio';
  prefixLength: number;
  /** preference in bits 3 and 4 */
  flags: number;
  routeLifetime: number;
  /** 16 bytes */
  prefix: Uint8Array;
}

/** Recursive DNS servers (RFC 8106 §5.1). */
export interface NdpRdnssRepr {
  kind: 'rdnss';
  /** in seconds */
  lifetime: number;
  /** 16 bytes each, at least one */
  servers: readonly Uint8Array[];
}

/** Address registration (RFC 6775 §4.1). */
export interface NdpAroRepr {
  kind: 'aro';
  status: number;
  /** in minutes */
  lifetime: number;
  eui64: Uint8Array;
}

/** 6LoWPAN context (RFC 6775 §4.2). */
export interface Ndp6coRepr {
  kind: '6co';
  contextLength: number;
  /** the C flag */
  compress: boolean;
  id: number;
  /** in minutes */
  lifetime: number;
  /** 16 bytes; bits behind `contextLength` are 0 */
  prefix: Uint8Array;
}

/** Authoritative border router (RFC 6775 §4.3). */
export interface NdpAbroRepr {
  kind: 'abro';
  /** 32 bits; the wire has its low half first */
  version: number;
  /** in minutes; RIOT takes 0 as 10000 */
  lifetime: number;
  address: Uint8Array;
}

/** An option of another type, or of a known type with a length that it cannot have. */
export interface NdpRawRepr {
  kind: 'raw';
  type: number;
  /** what follows type and length, 8n - 2 bytes; a view, not a copy */
  data: Uint8Array;
}

export type NdpOptionRepr =
  | NdpL2aoRepr | NdpPioRepr | NdpMtuRepr | NdpRioRepr | NdpRdnssRepr | NdpAroRepr | Ndp6coRepr | NdpAbroRepr
  | NdpRawRepr;

function readPrefix(bytes: Uint8Array, from: number, to: number, bits: number): Uint8Array {
  const prefix = new Uint8Array(16);
  const available = (to - from) * 8;
  ipv6_addr_init_prefix(prefix, bytes.subarray(from, to), bits > available ? available : bits);
  return prefix;
}

/** The option of `length` bytes at `at`, or null if its type is unknown or the length is none that it can have. */
function parseKnownOption(bytes: Uint8Array, at: number, length: number): NdpOptionRepr | null {
  const end = at + length;
  switch (bytes[at]!) {
    case NDP_OPT_SL2A:
    case NDP_OPT_TL2A: {
      if (length > 16) return null;
      const address = bytes.slice(at + 2, at + (length === 8 ? 4 : 10));
      return { kind: bytes[at] === NDP_OPT_SL2A ? 'sllao' : 'tllao', address };
    }
    case NDP_OPT_PI:
      if (length !== 32) return null;
      return {
        kind: 'pio',
        prefixLength: bytes[at + 2]!,
        flags: bytes[at + 3]! & (NDP_OPT_PI_FLAGS_L | NDP_OPT_PI_FLAGS_A),
        validLifetime: get32(bytes, at + 4),
        preferredLifetime: get32(bytes, at + 8),
        prefix: bytes.slice(at + 16, at + 32),
      };
    case NDP_OPT_MTU:
      return length === 8 ? { kind: 'mtu', mtu: get32(bytes, at + 4) } : null;
    case NDP_OPT_RI: {
      const prefixLength = bytes[at + 2]!;
      if (length > 24 || prefixLength > 128 || (length - 8) * 8 < prefixLength) return null;
      return {
        kind: 'rio',
        prefixLength,
        flags: bytes[at + 3]! & 0x18,
        routeLifetime: get32(bytes, at + 4),
        prefix: readPrefix(bytes, at + 8, end, prefixLength),
      };
    }
    case NDP_OPT_RDNSS: {
      if (length < 24 || length % 16 !== 8) return null;
      const servers: Uint8Array[] = [];
      for (let from = at + 8; from < end; from += 16) servers.push(bytes.slice(from, from + 16));
      return { kind: 'rdnss', lifetime: get32(bytes, at + 4), servers };
    }
    case NDP_OPT_AR:
      if (length !== 16) return null;
      return {
        kind: 'aro', status: bytes[at + 2]!, lifetime: get16(bytes, at + 6), eui64: bytes.slice(at + 8, at + 16),
      };
    case NDP_OPT_6CTX: {
      const contextLength = bytes[at + 2]!;
      if (length < 16 || length > 24 || contextLength > 128 || (length - 8) * 8 < contextLength) return null;
      return {
        kind: '6co',
        contextLength,
        compress: (bytes[at + 3]! & 0x10) !== 0,
        id: bytes[at + 3]! & 0x0f,
        lifetime: get16(bytes, at + 6),
        prefix: readPrefix(bytes, at + 8, end, contextLength),
      };
    }
    case NDP_OPT_ABR:
      if (length !== 24) return null;
      return {
        kind: 'abro',
        version: (get16(bytes, at + 2) | (get16(bytes, at + 4) << 16)) >>> 0,
        lifetime: get16(bytes, at + 6),
        address: bytes.slice(at + 8, at + 24),
      };
    default:
      return null;
  }
}

/**
 * Parses the option at `offset` of a message that ends at `end`. The next one starts `bytes[offset + 1] * 8` bytes on.
 *
 * A known option whose length is not one it can have comes back as `raw`: RIOT passes over such an option, except that
 * it drops an NS with an ARO of a wrong length.
 */
export function parseNdpOption(bytes: Uint8Array, offset: number, end = bytes.length): NdpOptionRepr | DropReason {
  const limit = end < bytes.length ? end : bytes.length;
  if (limit - offset < 2) return 'truncated';
  const length = bytes[offset + 1]! * OPTION_UNIT;
  if (length === 0) return 'option-length-zero';
  if (length > limit - offset) return 'option-past-end';
  return parseKnownOption(bytes, offset, length) ??
    { kind: 'raw', type: bytes[offset]!, data: bytes.subarray(offset + 2, offset + length) };
}

/**
 * All options from `offset` to `end`. One option with length 0 or past the end makes the whole message void (RFC 4861
 * §6.1.1, §7.1.1).
 */
export function parseNdpOptions(bytes: Uint8Array, offset: number, end = bytes.length): NdpOptionRepr[] | DropReason {
  const options: NdpOptionRepr[] = [];
  for (let at = offset; at < end; at += bytes[at + 1]! * OPTION_UNIT) {
    const option = parseNdpOption(bytes, at, end);
    if (typeof option === 'string') return option;
    options.push(option);
  }
  return options;
}

/** How many bytes emitNdpOption writes: a multiple of 8. */
export function ndpOptionLength(option: NdpOptionRepr): number {
  switch (option.kind) {
    case 'sllao':
    case 'tllao': return (option.address.length + 2 + 7) & ~7;
    case 'pio': return 32;
    case 'mtu': return 8;
    case 'rdnss': return 8 + 16 * option.servers.length;
    case 'aro': return 16;
    // RIOT writes the prefix whole
    case 'rio':
    case 'abro': return 24;
    case '6co': return option.contextLength > 64 ? 24 : 16;
    default: return option.data.length + 2;
  }
}

const TYPE_OF_KIND = {
  sllao: NDP_OPT_SL2A, tllao: NDP_OPT_TL2A, pio: NDP_OPT_PI, mtu: NDP_OPT_MTU, rio: NDP_OPT_RI,
  rdnss: NDP_OPT_RDNSS, aro: NDP_OPT_AR, '6co': NDP_OPT_6CTX, abro: NDP_OPT_ABR,
} as const;

/** Writes an option, padded with zeros; returns the offset behind it. */
export function emitNdpOption(option: NdpOptionRepr, out: Uint8Array, offset: number): number {
  const length = ndpOptionLength(option);
  const end = offset + length;
  out.fill(0, offset, end);
  out[offset] = option.kind === 'raw' ? option.type : TYPE_OF_KIND[option.kind];
  out[offset + 1] = length / OPTION_UNIT;
  switch (option.kind) {
    case 'sllao':
    case 'tllao':
      copyBytes(out, offset + 2, option.address, 0, option.address.length);
      break;
    case 'pio':
      out[offset + 2] = option.prefixLength;
      out[offset + 3] = option.flags;
      put32(out, offset + 4, option.validLifetime);
      put32(out, offset + 8, option.preferredLifetime);
      ipv6_addr_init_prefix(out.subarray(offset + 16, end), option.prefix, option.prefixLength);
      break;
    case 'mtu':
      put32(out, offset + 4, option.mtu);
      break;
    case 'rio':
      out[offset + 2] = option.prefixLength;
      out[offset + 3] = option.flags;
      put32(out, offset + 4, option.routeLifetime);
      ipv6_addr_init_prefix(out.subarray(offset + 8, end), option.prefix, option.prefixLength);
      break;
    case 'rdnss':
      put32(out, offset + 4, option.lifetime);
      for (let i = 0; i < option.servers.length; i++) copyBytes(out, offset + 8 + 16 * i, option.servers[i]!, 0, 16);
      break;
    case 'aro':
      out[offset + 2] = option.status;
      put16(out, offset + 6, option.lifetime);
      copyBytes(out, offset + 8, option.eui64, 0, 8);
      break;
    case '6co':
      out[offset + 2] = option.contextLength;
      out[offset + 3] = (option.compress ? 0x10 : 0) | option.id;
      put16(out, offset + 6, option.lifetime);
      ipv6_addr_init_prefix(out.subarray(offset + 8, end), option.prefix, option.contextLength);
      break;
    case 'abro':
      put16(out, offset + 2, option.version);
      put16(out, offset + 4, option.version >>> 16);
      put16(out, offset + 6, option.lifetime);
      copyBytes(out, offset + 8, option.address, 0, 16);
      break;
    default:
      copyBytes(out, offset + 2, option.data, 0, option.data.length);
  }
  return end;
}

/** One line for a ladder: `NS fe80::a`, `NA fe80::a flags=60`, `RA lifetime=1800`. */
export function formatNdp(repr: NdpRepr): string {
  switch (repr.type) {
    case ICMPV6_RTR_SOL: return 'RS';
    case ICMPV6_RTR_ADV: return `RA lifetime=${repr.routerLifetime}`;
    case ICMPV6_NBR_SOL: return `NS ${ipv6_addr_to_str(repr.target)}`;
    default: return `NA ${ipv6_addr_to_str(repr.target)} flags=${repr.flags.toString(16)}`;
  }
}
