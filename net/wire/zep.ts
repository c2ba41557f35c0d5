// ZEP version 2 (ZigBee Encapsulation Protocol): IEEE 802.15.4 frames over UDP, as RIOT's socket_zep and zep_dispatch
// use it. The frame behind the header carries its FCS.
//
//   data   'E' 'X' 2 1    channel  device:16  lqi mode  lqi  ntp seconds:32  fraction:32  sequence:32  0 x 10  length
//   ack    'E' 'X' 2 2    sequence:32
//   hello  'E' 'X' 2 255  as data; "HELLO" in the reserved bytes; the node's EUI-64 instead of a frame

import { copyBytes, get16, get32, put16, put32 } from './bytes.ts';

export const ZEP_PORT_DEFAULT = 17754;
export const ZEP_V2_TYPE_DATA = 1;
export const ZEP_V2_TYPE_ACK = 2;
/** RIOT's own type, with which a node makes itself known to the dispatcher. */
export const ZEP_V2_TYPE_HELLO = 255;
export const ZEP_V2_DATA_HEADER_LEN = 32;
export const ZEP_V2_ACK_HEADER_LEN = 8;
/** Seconds from the NTP era to the Unix epoch. */
export const UNIX_NTP_ERA_OFFSET = 2208988800;

const VERSION = 2;
const RESERVED_OFFSET = 21;
const RESERVED_LEN = 10;
const LENGTH_OFFSET = 31;
const HELLO: Uint8Array = new Uint8Array([0x48, 0x45, 0x4c, 0x4c, 0x4f]);

export type DropReason =
  | 'truncated'
  | 'bad-preamble'
  | 'unsupported-version'
  | 'unknown-type'
  | 'trailing-bytes';

/** A ZEP header. For an ACK only `type` and `sequence` count, the rest is 0. */
export interface ZepRepr {
  /** ZEP_V2_TYPE_DATA, _ACK or _HELLO */
  type: number;
  channel: number;
  deviceId: number;
  /** RIOT always sends 1 */
  lqiMode: number;
  /** 0..255; a node sends 255, the dispatcher puts the link's quality in */
  lqi: number;
  ntpSeconds: number;
  ntpFraction: number;
  sequence: number;
  /** bytes of the frame behind the header, FCS included, 0..255 */
  length: number;
  headerLength: number;
}

/** Parses a ZEP datagram: the frame is `bytes.subarray(headerLength)`, exactly as long as the header tells. */
export function parseZep(bytes: Uint8Array): ZepRepr | DropReason {
  if (bytes.length < ZEP_V2_ACK_HEADER_LEN) return 'truncated';
  if (bytes[0] !== 0x45 || bytes[1] !== 0x58) return 'bad-preamble';
  if (bytes[2] !== VERSION) return 'unsupported-version';
  const type = bytes[3]!;
  if (type === ZEP_V2_TYPE_ACK) {
    if (bytes.length > ZEP_V2_ACK_HEADER_LEN) return 'trailing-bytes';
    return {
      type, channel: 0, deviceId: 0, lqiMode: 0, lqi: 0, ntpSeconds: 0, ntpFraction: 0, sequence: get32(bytes, 4),
      length: 0, headerLength: ZEP_V2_ACK_HEADER_LEN,
    };
  }
  if (type !== ZEP_V2_TYPE_DATA && type !== ZEP_V2_TYPE_HELLO) return 'unknown-type';
  if (bytes.length < ZEP_V2_DATA_HEADER_LEN) return 'truncated';
  const length = bytes[LENGTH_OFFSET]!;
  if (bytes.length < ZEP_V2_DATA_HEADER_LEN + length) return 'truncated';
  if (bytes.length > ZEP_V2_DATA_HEADER_LEN + length) return 'trailing-bytes';
  return {
    type,
    channel: bytes[4]!,
    deviceId: get16(bytes, 5),
    lqiMode: bytes[7]!,
    lqi: bytes[8]!,
    ntpSeconds: get32(bytes, 9),
    ntpFraction: get32(bytes, 13),
    sequence: get32(bytes, 17),
    length,
    headerLength: ZEP_V2_DATA_HEADER_LEN,
  };
}

/** How many bytes emitZep writes: 8 or 32. */
export function zepLength(repr: ZepRepr): number {
  return repr.type === ZEP_V2_TYPE_ACK ? ZEP_V2_ACK_HEADER_LEN : ZEP_V2_DATA_HEADER_LEN;
}

/** Writes a ZEP header; returns the offset behind it. */
export function emitZep(repr: ZepRepr, out: Uint8Array, offset: number): number {
  out[offset] = 0x45;
  out[offset + 1] = 0x58;
  out[offset + 2] = VERSION;
  out[offset + 3] = repr.type;
  if (repr.type === ZEP_V2_TYPE_ACK) return put32(out, offset + 4, repr.sequence);
  out[offset + 4] = repr.channel;
  put16(out, offset + 5, repr.deviceId);
  out[offset + 7] = repr.lqiMode;
  out[offset + 8] = repr.lqi;
  put32(out, offset + 9, repr.ntpSeconds);
  put32(out, offset + 13, repr.ntpFraction);
  put32(out, offset + 17, repr.sequence);
  out.fill(0, offset + RESERVED_OFFSET, offset + RESERVED_OFFSET + RESERVED_LEN);
  if (repr.type === ZEP_V2_TYPE_HELLO) copyBytes(out, offset + RESERVED_OFFSET, HELLO, 0, HELLO.length);
  out[offset + LENGTH_OFFSET] = repr.length;
  return offset + ZEP_V2_DATA_HEADER_LEN;
}

/**
 * The fraction that RIOT writes for `microseconds` (0..999999) of a second: picoseconds, cut to 32 bits, by 232. It
 * wraps every 4295 µs, so it is no NTP fraction.
 */
export function zepFraction(microseconds: number): number {
  return Math.floor(((microseconds * 1_000_000) % 0x1_0000_0000) / 232);
}

/** One line for a ladder: `zep data ch=26 seq=0 len=45`. */
export function formatZep(repr: ZepRepr): string {
  if (repr.type === ZEP_V2_TYPE_ACK) return `zep ack seq=${repr.sequence}`;
  const name = repr.type === ZEP_V2_TYPE_DATA ? 'data' : 'hello';
  return `zep ${name} ch=${repr.channel} seq=${repr.sequence} len=${repr.length}`;
}
