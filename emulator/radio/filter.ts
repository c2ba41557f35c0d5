// The frame filter of radios that have one in hardware (IEEE 802.15.4-2006 §7.5.6.2, third level, for
// a device that is no PAN coordinator).
import {
  IEEE802154_ACK_FRAME_LEN, IEEE802154_FCF_ACK_REQ, IEEE802154_FCF_TYPE_ACK, IEEE802154_FCF_TYPE_BEACON,
  IEEE802154_FCF_TYPE_DATA, IEEE802154_FCF_TYPE_MACCMD, IEEE802154_FCF_TYPE_MASK, IEEE802154_PANID_BCAST,
} from '../../net/wire/ieee802154.ts';

/** Where destination PAN ID and address stand in an MPDU. */
const DST_PAN = 3;
const DST_ADDR = 5;
/** Addressing modes of the frame control that have an address. */
export const MODE_SHORT = 2;
export const MODE_LONG = 3;

/** What a radio knows its node by. */
export class NodeAddresses {
  panid: number;
  /** Addresses as they stand on the air, least significant byte first. */
  readonly shortAddr = new Uint8Array(2);
  readonly longAddr = new Uint8Array(8);

  constructor(panid: number) {
    this.panid = panid;
  }

  /** @param addr network order */
  setShort(addr: Uint8Array): void {
    reverse(this.shortAddr, addr);
  }

  /** @param addr network order */
  setLong(addr: Uint8Array): void {
    reverse(this.longAddr, addr);
  }
}

export class FrameFilter extends NodeAddresses {
  constructor() {
    super(IEEE802154_PANID_BCAST);
  }

  /** Whether a frame with its FCS is for this node or for all; an ACK is for nobody here. */
  accepts(bytes: Uint8Array): boolean {
    if (bytes.length < IEEE802154_ACK_FRAME_LEN) return false;
    const type = bytes[0] & IEEE802154_FCF_TYPE_MASK;
    if (type > IEEE802154_FCF_TYPE_MACCMD || type === IEEE802154_FCF_TYPE_ACK) return false;
    // A beacon has no destination; the PAN ID that stands there is its source's.
    if (type === IEEE802154_FCF_TYPE_BEACON) {
      return this.panid === IEEE802154_PANID_BCAST || panAt(bytes) === this.panid;
    }
    const mode = dstMode(bytes);
    if (mode !== MODE_SHORT && mode !== MODE_LONG) return false;
    const pan = panAt(bytes);
    if (pan !== this.panid && pan !== IEEE802154_PANID_BCAST) return false;
    if (mode === MODE_LONG) return wholly(bytes, this.longAddr);
    return isBroadcast(bytes) || wholly(bytes, this.shortAddr);
  }
}

/** Whether hardware acknowledges a frame that the filter has accepted: it asks for it and is for one node. */
export function wantsAck(bytes: Uint8Array): boolean {
  const type = bytes[0] & IEEE802154_FCF_TYPE_MASK;
  if (type !== IEEE802154_FCF_TYPE_DATA && type !== IEEE802154_FCF_TYPE_MACCMD) return false;
  if ((bytes[0] & IEEE802154_FCF_ACK_REQ) === 0) return false;
  return dstMode(bytes) === MODE_LONG || !isBroadcast(bytes);
}

/** Whether a frame with its FCS is the ACK of sequence number `seq`. */
export function isAckOf(bytes: Uint8Array, seq: number): boolean {
  return bytes.length === IEEE802154_ACK_FRAME_LEN && bytes[2] === seq &&
    (bytes[0] & IEEE802154_FCF_TYPE_MASK) === IEEE802154_FCF_TYPE_ACK;
}

/** The destination's addressing mode. */
export function dstMode(bytes: Uint8Array): number {
  return (byteAt(bytes, 1) >> 2) & 3;
}

/** The PAN ID that stands where the destination's does. */
export function panAt(bytes: Uint8Array): number {
  return byteAt(bytes, DST_PAN) | (byteAt(bytes, DST_PAN + 1) << 8);
}

/** Whether the short destination is all nodes. */
export function isBroadcast(bytes: Uint8Array): boolean {
  return byteAt(bytes, DST_ADDR) === 0xff && byteAt(bytes, DST_ADDR + 1) === 0xff;
}

/** Whether the destination is `addr`, as it stands on the air. */
export function isTo(bytes: Uint8Array, addr: Uint8Array): boolean {
  for (let i = 0; i < addr.length; i++) {
    if (byteAt(bytes, DST_ADDR + i) !== addr[i]) return false;
  }
  return true;
}

/** Whether the destination is `addr`, all of which and the FCS the frame must have. */
function wholly(bytes: Uint8Array, addr: Uint8Array): boolean {
  return bytes.length >= DST_ADDR + addr.length + 2 && isTo(bytes, addr);
}

/** Bytes that are not there count as 0. */
function byteAt(bytes: Uint8Array, at: number): number {
  return at < bytes.length ? bytes[at] : 0;
}

function reverse(to: Uint8Array, from: Uint8Array): void {
  for (let i = 0; i < to.length; i++) to[i] = from[to.length - 1 - i];
}
