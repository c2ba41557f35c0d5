// MAC headers as RIOT's functions build them and take them apart (RIOT sys/include/net/ieee802154.h). They are more
// lenient than net/wire/ieee802154.ts: they look neither at the frame version nor at the security bit, take reserved
// types for data, and do not look whether a frame has all that its header claims.
//
// Addresses are in network order, PAN IDs numbers. A frame must have the bytes that its header has room for, or what
// lies behind it is read as 0.
import { EINVAL } from '../../kernel/errno.ts';
import { IEEE802154_FCF_ACK_REQ, IEEE802154_FCF_PAN_COMP, IEEE802154_FCF_TYPE_ACK, IEEE802154_FCF_TYPE_BEACON,
  IEEE802154_FCF_TYPE_MASK, IEEE802154_LONG_ADDRESS_LEN, IEEE802154_MIN_FRAME_LEN, IEEE802154_PANID_BCAST,
  IEEE802154_SHORT_ADDRESS_LEN } from '../wire/ieee802154.ts';

/** Frame version 1 (2006) in the frame control field. */
const VERSION_1 = 1 << 4;
/** Addressing modes of the frame control field. */
const MODE_VOID = 0;
const MODE_RESERVED = 1;
const MODE_SHORT = 2;
const MODE_LONG = 3;
/** Where the destination's PAN ID and address stand. */
const DST_PAN = IEEE802154_MIN_FRAME_LEN;
const DST_ADDR = DST_PAN + 2;

function dstMode(mhr: Uint8Array): number {
  return (mhr[1]! >> 2) & 3;
}

function srcMode(mhr: Uint8Array): number {
  return mhr[1]! >> 6;
}

function lengthOf(mode: number): number {
  if (mode === MODE_LONG) return IEEE802154_LONG_ADDRESS_LEN;
  return mode === MODE_SHORT ? IEEE802154_SHORT_ADDRESS_LEN : 0;
}

function modeOf(length: number): number {
  switch (length) {
    case 0: return MODE_VOID;
    case IEEE802154_SHORT_ADDRESS_LEN: return MODE_SHORT;
    case IEEE802154_LONG_ADDRESS_LEN: return MODE_LONG;
    default: return MODE_RESERVED;
  }
}

function compresses(mhr: Uint8Array): boolean {
  return (mhr[0]! & IEEE802154_FCF_PAN_COMP) !== 0;
}

function panAt(mhr: Uint8Array, at: number): number {
  return (mhr[at] ?? 0) | ((mhr[at + 1] ?? 0) << 8);
}

function copyReversed(out: Uint8Array, from: Uint8Array, at: number, length: number): void {
  for (let i = 0; i < length; i++) out[i] = from[at + length - 1 - i] ?? 0;
}

function putReversed(out: Uint8Array, at: number, addr: Uint8Array, length: number): number {
  for (let i = 0; i < length; i++) out[at + i] = addr[length - 1 - i]!;
  return at + length;
}

function putPan(out: Uint8Array, at: number, pan: number): number {
  out[at] = pan;
  out[at + 1] = pan >> 8;
  return at + 2;
}

/**
 * Writes a MAC header of frame version 1. The source PAN ID is left out when it equals the destination's; a frame to
 * short address ffff asks for no ACK.
 * @param buf takes up to 23 bytes
 * @param src null, or at least `src_len` bytes; @param src_len 0, 2 or 8, as is `dst_len`
 * @param flags frame type and the other bits of the first byte of the frame control field
 * @returns its length; 0 when an address of some length is null, when a length is none of these, or when a frame that
 *   is neither beacon nor ACK has no address
 */
export function ieee802154_set_frame_hdr(
  buf: Uint8Array, src: Uint8Array | null, src_len: number, dst: Uint8Array | null, dst_len: number,
  src_pan: number, dst_pan: number, flags: number, seq: number,
): number {
  const type = flags & IEEE802154_FCF_TYPE_MASK;
  const lone = type === IEEE802154_FCF_TYPE_BEACON || type === IEEE802154_FCF_TYPE_ACK;
  if ((src_len !== 0 && src === null) || (dst_len !== 0 && dst === null)) return 0;
  if (!lone && src_len === 0 && dst_len === 0) return 0;
  const modes = [modeOf(dst_len), modeOf(src_len)] as const;
  if (modes.includes(MODE_RESERVED)) return 0;
  let low = flags;
  let at = IEEE802154_MIN_FRAME_LEN;
  if (dst !== null && dst_len !== 0) {
    if (dst_len === IEEE802154_SHORT_ADDRESS_LEN && dst[0] === 0xff && dst[1] === 0xff) low &= ~IEEE802154_FCF_ACK_REQ;
    at = putReversed(buf, putPan(buf, at, dst_pan), dst, dst_len);
  }
  if (src !== null && src_len !== 0) {
    if (dst_len !== 0 && src_pan === dst_pan) low |= IEEE802154_FCF_PAN_COMP;
    else at = putPan(buf, at, src_pan);
    at = putReversed(buf, at, src, src_len);
  }
  buf[0] = low;
  buf[1] = VERSION_1 | (modes[0] << 2) | (modes[1] << 6);
  buf[2] = seq;
  return at;
}

/**
 * Length of a MAC header, 0 for one that RIOT refuses: a reserved addressing mode, no address at all, PAN ID
 * compression without destination, or in a beacon. An ACK has 3 bytes.
 * @param mhr at least 3 bytes
 */
export function ieee802154_get_frame_hdr_len(mhr: Uint8Array): number {
  const type = mhr[0]! & IEEE802154_FCF_TYPE_MASK;
  if (type === IEEE802154_FCF_TYPE_ACK) return IEEE802154_MIN_FRAME_LEN;
  const compressed = compresses(mhr);
  let length = IEEE802154_MIN_FRAME_LEN;
  let hasDst = false;
  if (type === IEEE802154_FCF_TYPE_BEACON) {
    if (compressed) return 0;
  } else {
    const mode = dstMode(mhr);
    hasDst = mode === MODE_SHORT || mode === MODE_LONG;
    if (!hasDst && (mode !== MODE_VOID || compressed)) return 0;
    if (hasDst) length += 2 + lengthOf(mode);
  }
  const mode = srcMode(mhr);
  if (mode === MODE_VOID) return hasDst ? length : 0;
  if (mode === MODE_RESERVED) return 0;
  return length + (compressed ? 0 : 2) + lengthOf(mode);
}

/** Length of the destination address: 0, 2 or 8. */
export function ieee802154_get_dst_len(mhr: Uint8Array): number {
  return lengthOf(dstMode(mhr));
}

/** Length of the source address: 0, 2 or 8. */
export function ieee802154_get_src_len(mhr: Uint8Array): number {
  return lengthOf(srcMode(mhr));
}

/** Where the source's PAN ID would stand; -1 for a header that RIOT refuses to read a source from. */
function behindDst(mhr: Uint8Array): number {
  const mode = dstMode(mhr);
  if (mode === MODE_RESERVED || (mode === MODE_VOID && compresses(mhr))) return -1;
  return mode === MODE_VOID ? DST_PAN : DST_ADDR + lengthOf(mode);
}

/** A PAN ID that a function tells; it keeps its value when the header has none. */
export interface pan_id_t {
  pan: number;
}

/**
 * Where the source address stands in a header; -1 if its addressing mode, or the destination's, is reserved, or if the
 * PAN ID is compressed without destination.
 */
export function ieee802154_src_offset(mhr: Uint8Array): number {
  const at = behindDst(mhr);
  return at < 0 || srcMode(mhr) === MODE_RESERVED ? -1 : at + (compresses(mhr) ? 0 : 2);
}

/**
 * The source address.
 * @param src takes 8 bytes
 * @param src_pan the PAN ID of the source, which is the destination's if compressed or if there is no source
 * @returns its length: 0, 2 or 8; -EINVAL as ieee802154_src_offset() says -1
 */
export function ieee802154_get_src(mhr: Uint8Array, src: Uint8Array, src_pan: pan_id_t): number {
  const at = ieee802154_src_offset(mhr);
  if (at < 0) return -EINVAL;
  const length = ieee802154_get_src_len(mhr);
  if (length > 0 && !compresses(mhr)) src_pan.pan = panAt(mhr, at - 2);
  else if (ieee802154_get_dst_len(mhr) > 0) src_pan.pan = panAt(mhr, DST_PAN);
  copyReversed(src, mhr, at, length);
  return length;
}

/**
 * The destination address.
 * @param dst takes 8 bytes
 * @returns its length: 0, 2 or 8; -EINVAL for the reserved addressing mode
 */
export function ieee802154_get_dst(mhr: Uint8Array, dst: Uint8Array, dst_pan: pan_id_t): number {
  if (dstMode(mhr) === MODE_RESERVED) return -EINVAL;
  const length = ieee802154_get_dst_len(mhr);
  if (length > 0) dst_pan.pan = panAt(mhr, DST_PAN);
  copyReversed(dst, mhr, DST_ADDR, length);
  return length;
}

/** The sequence number. */
export function ieee802154_get_seq(mhr: Uint8Array): number {
  return mhr[2]!;
}

/**
 * Whether a radio in software passes a frame over, as its destination is another: 0, or 1 when it does. A frame
 * without destination is passed over.
 * @param short_addr @param ext_addr of the node, network order
 */
export function ieee802154_dst_filter(
  mhr: Uint8Array, pan: number, short_addr: Uint8Array, ext_addr: Uint8Array,
): number {
  const dst = new Uint8Array(IEEE802154_LONG_ADDRESS_LEN);
  const dst_pan: pan_id_t = { pan: 0 };
  const length = ieee802154_get_dst(mhr, dst, dst_pan);
  if (length <= 0) return 1;
  if (dst_pan.pan !== IEEE802154_PANID_BCAST && dst_pan.pan !== pan) return 1;
  const own = length === IEEE802154_SHORT_ADDRESS_LEN ? short_addr : ext_addr;
  const broadcast = length === IEEE802154_SHORT_ADDRESS_LEN && dst[0] === 0xff && dst[1] === 0xff;
  return broadcast || own.every((byte, i) => byte === dst[i]) ? 0 : 1;
}

/** IEEE802154_RADIO_RSSI_OFFSET: the power of RSSI 0, dBm. */
const RADIO_RSSI_OFFSET = -174;
const RSSI_MAX = 254;

/** The power of an RSSI of the standard's scale, dBm. @param rssi 0 to 255 */
export function ieee802154_rssi_to_dbm(rssi: number): number {
  return rssi + RADIO_RSSI_OFFSET;
}

/** The RSSI of a power, 0 to 254: what lies outside of -174 to 80 dBm is cut. */
export function ieee802154_dbm_to_rssi(dbm: number): number {
  return Math.min(RSSI_MAX, Math.max(0, dbm - RADIO_RSSI_OFFSET));
}
