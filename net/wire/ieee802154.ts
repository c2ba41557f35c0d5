// The MAC header of IEEE 802.15.4-2003/2006 (frame versions 0 and 1), and the frame check sequence.
//
//    0        1        2       3
//   +--------+--------+-------+--------+------------+--------+------------+---------+-----+
//   |   frame control |  seq  | dstPan | dst 0/2/8  | srcPan | src 0/2/8  | payload | FCS |
//   +--------+--------+-------+--------+------------+--------+------------+---------+-----+
//
// Everything is little-endian on the air. A Repr carries addresses in the order in which they are printed, most
// significant byte first, as RIOT does. "MPDU" here is the frame without its FCS, "PSDU" the frame with it.

import { get16le, hex, put16le } from './bytes.ts';

export const IEEE802154_FRAME_LEN_MAX = 127;
export const IEEE802154_FCS_LEN = 2;
export const IEEE802154_MIN_FRAME_LEN = 3;
export const IEEE802154_MAX_HDR_LEN = 23;
export const IEEE802154_SHORT_ADDRESS_LEN = 2;
export const IEEE802154_LONG_ADDRESS_LEN = 8;
/** An immediate ACK: frame control, sequence number, FCS. */
export const IEEE802154_ACK_FRAME_LEN = 5;
/** What RIOT's netif gives to the layer above: 127 - 23 (longest header) - 2 (FCS), `L2-PDU:102`. */
export const IEEE802154_PAYLOAD_MAX = IEEE802154_FRAME_LEN_MAX - IEEE802154_MAX_HDR_LEN - IEEE802154_FCS_LEN;
export const IEEE802154_PANID_BCAST = 0xffff;

export const IEEE802154_FCF_TYPE_MASK = 0x07;
export const IEEE802154_FCF_TYPE_BEACON = 0;
export const IEEE802154_FCF_TYPE_DATA = 1;
export const IEEE802154_FCF_TYPE_ACK = 2;
export const IEEE802154_FCF_TYPE_MACCMD = 3;
export const IEEE802154_FCF_SECURITY_EN = 0x08;
export const IEEE802154_FCF_FRAME_PEND = 0x10;
export const IEEE802154_FCF_ACK_REQ = 0x20;
export const IEEE802154_FCF_PAN_COMP = 0x40;

const MODE_RESERVED = 1;
/** Address length by addressing mode: none, reserved, short, long. */
const ADDRESS_LEN: readonly number[] = [0, -1, 2, 8];

/** Broadcast: the short address ffff. Read only. */
export const ieee802154_addr_bcast: Uint8Array = new Uint8Array([0xff, 0xff]);
/** No address: the empty array that parsed frames carry for an absent one. */
export const NO_ADDRESS: Uint8Array = new Uint8Array(0);

export type DropReason =
  | 'truncated'
  | 'too-long'
  | 'reserved-frame-type'
  | 'unsupported-frame-version'
  | 'security-unsupported'
  | 'reserved-address-mode'
  | 'no-addresses'
  | 'beacon-with-destination'
  | 'pan-compression-without-both-addresses';

/** A MAC header. Addresses have 0 (absent), 2 or 8 bytes, most significant first. */
export interface Ieee802154Repr {
  /** IEEE802154_FCF_TYPE_BEACON, _DATA, _ACK or _MACCMD */
  frameType: number;
  /** 0 (2003) or 1 (2006) */
  version: number;
  framePending: boolean;
  ackRequest: boolean;
  /** 0..255 */
  seq: number;
  /** 0 if there is no destination address */
  dstPan: number;
  dst: Uint8Array;
  /** equal to dstPan if the frame leaves it out; 0 if there is no source address */
  srcPan: number;
  src: Uint8Array;
  /** Bytes of this header: where the payload starts. */
  headerLength: number;
}

/** Where the destination address of a Repr stands in the frame it came from. */
const DST_OFFSET = 5;

function readAddress(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  if (length === 0) return NO_ADDRESS;
  const addr = new Uint8Array(length);
  for (let i = 0, from = offset + length - 1; i < length; i++, from--) addr[i] = bytes[from]!;
  return addr;
}

function writeAddress(out: Uint8Array, offset: number, addr: Uint8Array): number {
  const length = addr.length;
  for (let i = 0, from = length - 1; i < length; i++, from--) out[offset + i] = addr[from]!;
  return offset + length;
}

/**
 * Parses the MAC header of an MPDU (without FCS). The payload is `mpdu.subarray(repr.headerLength)`.
 *
 * An ACK has no addresses, whatever its addressing modes say: RIOT reads its first three bytes only. A data frame may
 * lack its source address here; the layer above must not take it for 6LoWPAN.
 */
export function parseIeee802154(mpdu: Uint8Array): Ieee802154Repr | DropReason {
  const length = mpdu.length;
  if (length < IEEE802154_MIN_FRAME_LEN) return 'truncated';
  if (length > IEEE802154_FRAME_LEN_MAX - IEEE802154_FCS_LEN) return 'too-long';
  const low = mpdu[0]!;
  const high = mpdu[1]!;
  const frameType = low & IEEE802154_FCF_TYPE_MASK;
  if (frameType > IEEE802154_FCF_TYPE_MACCMD) return 'reserved-frame-type';
  const version = (high >> 4) & 3;
  if (version > 1) return 'unsupported-frame-version';
  if ((low & IEEE802154_FCF_SECURITY_EN) !== 0) return 'security-unsupported';

  let offset = IEEE802154_MIN_FRAME_LEN;
  let dstPan = 0;
  let srcPan = 0;
  let dst = NO_ADDRESS;
  let src = NO_ADDRESS;
  if (frameType !== IEEE802154_FCF_TYPE_ACK) {
    const dstMode = (high >> 2) & 3;
    const srcMode = high >> 6;
    if (dstMode === MODE_RESERVED || srcMode === MODE_RESERVED) return 'reserved-address-mode';
    const panCompression = (low & IEEE802154_FCF_PAN_COMP) !== 0;
    if (panCompression && (dstMode === 0 || srcMode === 0)) return 'pan-compression-without-both-addresses';
    if (dstMode === 0 && srcMode === 0) return 'no-addresses';
    if (frameType === IEEE802154_FCF_TYPE_BEACON && dstMode !== 0) return 'beacon-with-destination';
    const dstLength = ADDRESS_LEN[dstMode]!;
    const srcLength = ADDRESS_LEN[srcMode]!;
    const pans = (dstLength > 0 ? 2 : 0) + (srcLength > 0 && !panCompression ? 2 : 0);
    if (length < offset + pans + dstLength + srcLength) return 'truncated';
    if (dstLength > 0) {
      dstPan = get16le(mpdu, offset);
      dst = readAddress(mpdu, DST_OFFSET, dstLength);
      offset = DST_OFFSET + dstLength;
    }
    if (srcLength > 0) {
      srcPan = dstPan;
      if (!panCompression) {
        srcPan = get16le(mpdu, offset);
        offset += 2;
      }
      src = readAddress(mpdu, offset, srcLength);
      offset += srcLength;
    }
  }
  return {
    frameType,
    version,
    framePending: (low & IEEE802154_FCF_FRAME_PEND) !== 0,
    ackRequest: (low & IEEE802154_FCF_ACK_REQ) !== 0,
    seq: mpdu[2]!,
    dstPan,
    dst,
    srcPan,
    src,
    headerLength: offset,
  };
}

function compressesPan(repr: Ieee802154Repr): boolean {
  return repr.dst.length > 0 && repr.src.length > 0 && repr.dstPan === repr.srcPan;
}

/** How many bytes emitIeee802154 writes (it does not look at `repr.headerLength`). */
export function ieee802154Length(repr: Ieee802154Repr): number {
  if (repr.frameType === IEEE802154_FCF_TYPE_ACK) return IEEE802154_MIN_FRAME_LEN;
  const dst = repr.dst.length;
  const src = repr.src.length;
  return IEEE802154_MIN_FRAME_LEN + (dst > 0 ? dst + 2 : 0) + (src > 0 ? src + (compressesPan(repr) ? 0 : 2) : 0);
}

function modeOf(length: number): number {
  return length === 8 ? 3 : length === 2 ? 2 : 0;
}

function isBroadcast(addr: Uint8Array): boolean {
  return addr.length === 2 && addr[0] === 0xff && addr[1] === 0xff;
}

/**
 * Writes a MAC header as RIOT does: the source PAN ID is left out if it equals the destination's, and a frame to
 * short address ffff never asks for an ACK, whatever `repr.ackRequest` says (RIOT ieee802154_set_frame_hdr).
 *
 * @returns the offset behind the header
 */
export function emitIeee802154(repr: Ieee802154Repr, out: Uint8Array, offset: number): number {
  let low = repr.frameType;
  if (repr.framePending) low |= IEEE802154_FCF_FRAME_PEND;
  if (repr.ackRequest && !isBroadcast(repr.dst)) low |= IEEE802154_FCF_ACK_REQ;
  let high = repr.version << 4;
  out[offset + 2] = repr.seq;
  let at = offset + IEEE802154_MIN_FRAME_LEN;
  if (repr.frameType !== IEEE802154_FCF_TYPE_ACK) {
    high |= (modeOf(repr.src.length) << 6) | (modeOf(repr.dst.length) << 2);
    if (repr.dst.length > 0) at = writeAddress(out, put16le(out, at, repr.dstPan), repr.dst);
    if (repr.src.length > 0) {
      if (compressesPan(repr)) low |= IEEE802154_FCF_PAN_COMP;
      else at = put16le(out, at, repr.srcPan);
      at = writeAddress(out, at, repr.src);
    }
  }
  out[offset] = low;
  out[offset + 1] = high;
  return at;
}

/** Writes an immediate ACK without its FCS (frame control 0x0002, as RIOT's SubMAC sends it): 3 bytes. */
export function emitAck(seq: number, framePending: boolean, out: Uint8Array, offset: number): number {
  out[offset] = IEEE802154_FCF_TYPE_ACK | (framePending ? IEEE802154_FCF_FRAME_PEND : 0);
  out[offset + 1] = 0;
  out[offset + 2] = seq;
  return offset + IEEE802154_MIN_FRAME_LEN;
}

/**
 * CRC-16 of ITU-T (polynomial 1021 reflected, start 0). Entry 256 k + byte is the CRC of that byte with k zeros behind
 * it: four bytes are then four independent look-ups instead of a chain of four, which is three times faster.
 */
const CRC_TABLES: Uint16Array = makeCrcTables();

function makeCrcTables(): Uint16Array {
  const tables = new Uint16Array(1024);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >> 1) ^ 0x8408 : crc >> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < 1024; i++) {
    const shorter = tables[i - 256]!;
    tables[i] = (shorter >> 8) ^ tables[shorter & 0xff]!;
  }
  return tables;
}

/** The FCS of bytes[start..end) (IEEE 802.15.4-2006 §7.2.1.9). */
export function fcsOf(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    crc = CRC_TABLES[768 + ((crc ^ bytes[i]!) & 0xff)]! ^ CRC_TABLES[512 + ((crc >> 8) ^ bytes[i + 1]!)]! ^
      CRC_TABLES[256 + bytes[i + 2]!]! ^ CRC_TABLES[bytes[i + 3]!]!;
  }
  for (; i < end; i++) crc = (crc >> 8) ^ CRC_TABLES[(crc ^ bytes[i]!) & 0xff]!;
  return crc;
}

/** Writes the FCS of out[start..end) at `end`; returns the offset behind it. */
export function putFcs(out: Uint8Array, start: number, end: number): number {
  return put16le(out, end, fcsOf(out, start, end));
}

/** Whether the last two bytes of a PSDU are the FCS of the others. */
export function fcsOk(psdu: Uint8Array): boolean {
  const end = psdu.length - IEEE802154_FCS_LEN;
  return end >= 0 && fcsOf(psdu, 0, end) === get16le(psdu, end);
}

const TYPE_NAMES: readonly string[] = ['beacon', 'data', 'ack', 'command'];

/** One line for a ladder: `data seq=12 pan=0023 020000000000000b > 020000000000000a ackreq`. */
export function formatIeee802154(repr: Ieee802154Repr): string {
  let text = `${TYPE_NAMES[repr.frameType]} seq=${repr.seq}`;
  if (repr.dst.length > 0 || repr.src.length > 0) {
    const pan = repr.dst.length > 0 ? repr.dstPan : repr.srcPan;
    text += ` pan=${(pan + 0x10000).toString(16).slice(1)} ${hex(repr.src) || '-'} > ${hex(repr.dst) || '-'}`;
  }
  if (repr.ackRequest) text += ' ackreq';
  if (repr.framePending) text += ' pending';
  return text;
}
