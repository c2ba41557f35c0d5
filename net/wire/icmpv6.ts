// ICMPv6: header, echo, and the four error messages (RFC 4443).

import { get16, get32, put16, put32 } from './bytes.ts';
import { addChecksum, checksumOf, checksumOk, pseudoHeaderSum } from './checksum.ts';
import { PROTNUM_ICMPV6 } from './ipv6.ts';

export const ICMPV6_HEADER_LEN = 4;
export const ICMPV6_ECHO_LEN = 8;
export const ICMPV6_ERROR_LEN = 8;
export const ICMPV6_OFFSET_CHECKSUM = 2;

/** Message types (RIOT net/icmpv6.h). */
export const ICMPV6_DST_UNR = 1;
export const ICMPV6_PKT_TOO_BIG = 2;
export const ICMPV6_TIME_EXC = 3;
export const ICMPV6_PARAM_PROB = 4;
export const ICMPV6_ECHO_REQ = 128;
export const ICMPV6_ECHO_REP = 129;
export const ICMPV6_RTR_SOL = 133;
export const ICMPV6_RTR_ADV = 134;
export const ICMPV6_NBR_SOL = 135;
export const ICMPV6_NBR_ADV = 136;
export const ICMPV6_REDIRECT = 137;
export const ICMPV6_RPL_CTRL = 155;
export const ICMPV6_DAR = 157;
export const ICMPV6_DAC = 158;

/** Codes of errors. */
export const ICMPV6_ERROR_DST_UNR_NO_ROUTE = 0;
export const ICMPV6_ERROR_DST_UNR_PROHIB = 1;
export const ICMPV6_ERROR_DST_UNR_SCOPE = 2;
export const ICMPV6_ERROR_DST_UNR_ADDR = 3;
export const ICMPV6_ERROR_DST_UNR_PORT = 4;
export const ICMPV6_ERROR_DST_UNR_POLICY = 5;
export const ICMPV6_ERROR_DST_UNR_REJECT = 6;
export const ICMPV6_ERROR_TIME_EXC_HL = 0;
export const ICMPV6_ERROR_TIME_EXC_FRAG = 1;
export const ICMPV6_ERROR_PARAM_PROB_HDR_FIELD = 0;
export const ICMPV6_ERROR_PARAM_PROB_NH = 1;
export const ICMPV6_ERROR_PARAM_PROB_OPT = 2;
/** A first fragment that lacks a part of the header chain (RFC 7112 §5). */
export const ICMPV6_ERROR_PARAM_PROB_HDR_CHAIN = 3;

export type DropReason = 'truncated' | 'not-an-echo' | 'not-an-error' | 'bad-checksum';

/** What all messages begin with. */
export interface Icmpv6Repr {
  type: number;
  code: number;
  checksum: number;
}

/** An echo request or reply; its data follows behind 8 bytes. */
export interface Icmpv6EchoRepr extends Icmpv6Repr {
  identifier: number;
  sequence: number;
}

/** An error message; as much of the offending packet as fits follows behind 8 bytes. */
export interface Icmpv6ErrorRepr extends Icmpv6Repr {
  /** Packet Too Big: the MTU; Parameter Problem: the offset of the problem; else unused, 0 */
  parameter: number;
}

/** Parses type, code and checksum at `offset`. The checksum is not verified: checkIcmpv6Checksum does. */
export function parseIcmpv6(bytes: Uint8Array, offset = 0): Icmpv6Repr | DropReason {
  if (bytes.length - offset < ICMPV6_HEADER_LEN) return 'truncated';
  return { type: bytes[offset]!, code: bytes[offset + 1]!, checksum: get16(bytes, offset + ICMPV6_OFFSET_CHECKSUM) };
}

/** Writes type, code and checksum; returns the offset behind them. */
export function emitIcmpv6(repr: Icmpv6Repr, out: Uint8Array, offset: number): number {
  out[offset] = repr.type;
  out[offset + 1] = repr.code;
  return put16(out, offset + ICMPV6_OFFSET_CHECKSUM, repr.checksum);
}

/** How many bytes emitIcmpv6 writes: always 4. */
export function icmpv6Length(): number {
  return ICMPV6_HEADER_LEN;
}

/** Parses an echo request or reply at `offset`. */
export function parseIcmpv6Echo(bytes: Uint8Array, offset = 0): Icmpv6EchoRepr | DropReason {
  if (bytes.length - offset < ICMPV6_ECHO_LEN) return 'truncated';
  const type = bytes[offset]!;
  if (type !== ICMPV6_ECHO_REQ && type !== ICMPV6_ECHO_REP) return 'not-an-echo';
  return {
    type,
    code: bytes[offset + 1]!,
    checksum: get16(bytes, offset + ICMPV6_OFFSET_CHECKSUM),
    identifier: get16(bytes, offset + 4),
    sequence: get16(bytes, offset + 6),
  };
}

/** Writes the 8 bytes of an echo message; returns the offset behind them. */
export function emitIcmpv6Echo(repr: Icmpv6EchoRepr, out: Uint8Array, offset: number): number {
  emitIcmpv6(repr, out, offset);
  put16(out, offset + 4, repr.identifier);
  return put16(out, offset + 6, repr.sequence);
}

/** Parses an error message (types 1 to 4) at `offset`. */
export function parseIcmpv6Error(bytes: Uint8Array, offset = 0): Icmpv6ErrorRepr | DropReason {
  if (bytes.length - offset < ICMPV6_ERROR_LEN) return 'truncated';
  const type = bytes[offset]!;
  if (type < ICMPV6_DST_UNR || type > ICMPV6_PARAM_PROB) return 'not-an-error';
  return {
    type,
    code: bytes[offset + 1]!,
    checksum: get16(bytes, offset + ICMPV6_OFFSET_CHECKSUM),
    parameter: get32(bytes, offset + 4),
  };
}

/** Writes the 8 bytes of an error message; returns the offset behind them. */
export function emitIcmpv6Error(repr: Icmpv6ErrorRepr, out: Uint8Array, offset: number): number {
  emitIcmpv6(repr, out, offset);
  return put32(out, offset + 4, repr.parameter);
}

/** The checksum of the message bytes[start..end), whose checksum field counts as 0. */
export function icmpv6Checksum(
  src: Uint8Array, dst: Uint8Array, bytes: Uint8Array, start = 0, end = bytes.length,
): number {
  let sum = pseudoHeaderSum(src, dst, end - start, PROTNUM_ICMPV6);
  sum = addChecksum(sum, bytes, start, start + ICMPV6_OFFSET_CHECKSUM);
  return checksumOf(addChecksum(sum, bytes, start + ICMPV6_HEADER_LEN, end));
}

/** Why the checksum of bytes[start..end) is not right, or null if it is. */
export function checkIcmpv6Checksum(
  src: Uint8Array, dst: Uint8Array, bytes: Uint8Array, start = 0, end = bytes.length,
): DropReason | null {
  if (end - start < ICMPV6_HEADER_LEN) return 'truncated';
  const sum = addChecksum(pseudoHeaderSum(src, dst, end - start, PROTNUM_ICMPV6), bytes, start, end);
  return checksumOk(sum) ? null : 'bad-checksum';
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [ICMPV6_DST_UNR, 'destination unreachable'], [ICMPV6_PKT_TOO_BIG, 'packet too big'],
  [ICMPV6_TIME_EXC, 'time exceeded'], [ICMPV6_PARAM_PROB, 'parameter problem'], [ICMPV6_ECHO_REQ, 'echo request'],
  [ICMPV6_ECHO_REP, 'echo reply'], [ICMPV6_RTR_SOL, 'RS'], [ICMPV6_RTR_ADV, 'RA'], [ICMPV6_NBR_SOL, 'NS'],
  [ICMPV6_NBR_ADV, 'NA'], [ICMPV6_REDIRECT, 'redirect'], [ICMPV6_RPL_CTRL, 'RPL'],
  [ICMPV6_DAR, 'DAR'], [ICMPV6_DAC, 'DAC'],
]);

/** One line for a ladder: `icmpv6 echo request`, `icmpv6 destination unreachable code=4`. */
export function formatIcmpv6(repr: Icmpv6Repr): string {
  const name = NAMES.get(repr.type) ?? `type=${repr.type}`;
  return repr.code === 0 ? `icmpv6 ${name}` : `icmpv6 ${name} code=${repr.code}`;
}
