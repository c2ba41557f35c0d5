// What all IEEE 802.15.4 devices have in common: addresses, PAN, channel, flags, and the options for them
// (RIOT drivers/include/net/netdev/ieee802154.h).
import { EAFNOSUPPORT, ENOTSUP, EOVERFLOW } from '../../kernel/errno.ts';
import { random_uint32 } from '../../kernel/random.ts';
import { NETDEV_TYPE_IEEE802154 } from '../netdev.ts';
import { NETOPT_ACK_REQ, NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_ADDR_LEN, NETOPT_CHANNEL, NETOPT_DEVICE_TYPE,
  NETOPT_DISABLE, NETOPT_ENABLE, NETOPT_ENUM_SIZE, NETOPT_MAX_PDU_SIZE, NETOPT_NID, NETOPT_PROTO, NETOPT_RAWMODE,
  NETOPT_SRC_LEN, netopt_get_u16, netopt_put_enum, netopt_put_u16, type netopt_t } from '../netopt.ts';
import { IEEE802154_FCF_ACK_REQ, IEEE802154_LONG_ADDRESS_LEN, IEEE802154_PAYLOAD_MAX,
  IEEE802154_SHORT_ADDRESS_LEN } from '../wire/ieee802154.ts';
import { GNRC_NETTYPE_SIXLOWPAN, type gnrc_nettype_t } from './nettype.ts';

/** Flags of a device. */
export const NETDEV_IEEE802154_RAW = 0x0002;
export const NETDEV_IEEE802154_SRC_MODE_LONG = 0x0004;
/** Frames ask for an ACK. */
export const NETDEV_IEEE802154_ACK_REQ = IEEE802154_FCF_ACK_REQ;

/** The part of a device that the MAC layer needs. Addresses are in network order. */
export class netdev_ieee802154_t {
  /** What the payload of a received frame is. */
  proto: gnrc_nettype_t = GNRC_NETTYPE_SIXLOWPAN;
  pan = 0;
  readonly short_addr = new Uint8Array(IEEE802154_SHORT_ADDRESS_LEN);
  readonly long_addr = new Uint8Array(IEEE802154_LONG_ADDRESS_LEN);
  /** Sequence number of the next frame: 8 bits, random at start. */
  seq = 0;
  chan = 0;
  /** NETDEV_IEEE802154_*. */
  flags = 0;
  /** dBm. */
  txpower = 0;
}

/** Sets the addresses from an EUI-64; a unicast short address begins with a 0 bit (RFC 4944 §12). */
export function netdev_ieee802154_setup(dev: netdev_ieee802154_t, eui64: Uint8Array): void {
  dev.long_addr.set(eui64);
  dev.short_addr[0] = eui64[6]! & 0x7f;
  dev.short_addr[1] = eui64[7]!;
}

/** Default values; draws the sequence number. The caller tells the device its PAN. */
export function netdev_ieee802154_reset(dev: netdev_ieee802154_t, pan: number): void {
  dev.seq = random_uint32() & 0xff;
  dev.flags = 0;
  dev.proto = GNRC_NETTYPE_SIXLOWPAN;
  dev.pan = pan;
}

function putFlag(dev: netdev_ieee802154_t, flag: number, value: Uint8Array): number {
  return netopt_put_enum(value, (dev.flags & flag) !== 0 ? NETOPT_ENABLE : NETOPT_DISABLE);
}

function setFlag(dev: netdev_ieee802154_t, flag: number, on: boolean): void {
  if (on) dev.flags |= flag;
  else dev.flags &= ~flag;
}

/** The bytes that `opt` takes; 0 when it is none of ours. */
function sizeOf(opt: netopt_t): number {
  switch (opt) {
    case NETOPT_ADDRESS_LONG: return IEEE802154_LONG_ADDRESS_LEN;
    case NETOPT_ACK_REQ:
    case NETOPT_RAWMODE: return NETOPT_ENUM_SIZE;
    case NETOPT_ADDRESS:
    case NETOPT_ADDR_LEN:
    case NETOPT_SRC_LEN:
    case NETOPT_NID:
    case NETOPT_CHANNEL:
    case NETOPT_PROTO:
    case NETOPT_DEVICE_TYPE:
    case NETOPT_MAX_PDU_SIZE: return 2;
    default: return 0;
  }
}

/**
 * Reads an option.
 * @returns bytes written to `value`; -ENOTSUP for one that is not known; -EOVERFLOW when it does not fit (an
 * assertion in RIOT)
 */
export function netdev_ieee802154_get(
  dev: netdev_ieee802154_t, opt: netopt_t, value: Uint8Array, max_len: number,
): number {
  const size = sizeOf(opt);
  if (size === 0) return -ENOTSUP;
  if (max_len < size) return -EOVERFLOW;
  switch (opt) {
    case NETOPT_ADDRESS:
      value.set(dev.short_addr);
      return size;
    case NETOPT_ADDRESS_LONG:
      value.set(dev.long_addr);
      return size;
    case NETOPT_ADDR_LEN:
    case NETOPT_SRC_LEN: {
      const long = (dev.flags & NETDEV_IEEE802154_SRC_MODE_LONG) !== 0;
      return netopt_put_u16(value, long ? IEEE802154_LONG_ADDRESS_LEN : IEEE802154_SHORT_ADDRESS_LEN);
    }
    case NETOPT_NID: return netopt_put_u16(value, dev.pan);
    case NETOPT_CHANNEL: return netopt_put_u16(value, dev.chan);
    case NETOPT_ACK_REQ: return putFlag(dev, NETDEV_IEEE802154_ACK_REQ, value);
    case NETOPT_RAWMODE: return putFlag(dev, NETDEV_IEEE802154_RAW, value);
    case NETOPT_PROTO: return netopt_put_u16(value, dev.proto);
    case NETOPT_DEVICE_TYPE: return netopt_put_u16(value, NETDEV_TYPE_IEEE802154);
    default: return netopt_put_u16(value, IEEE802154_PAYLOAD_MAX);
  }
}

/**
 * Sets an option.
 * @returns bytes taken; -ENOTSUP for one that is not known; -EAFNOSUPPORT for a length of address that is neither 2
 * nor 8
 */
export function netdev_ieee802154_set(
  dev: netdev_ieee802154_t, opt: netopt_t, value: Uint8Array, len: number,
): number {
  switch (opt) {
    case NETOPT_CHANNEL:
      dev.chan = netopt_get_u16(value);
      return 2;
    case NETOPT_ADDRESS:
      return setAddress(dev.short_addr, value, len);
    case NETOPT_ADDRESS_LONG:
      return setAddress(dev.long_addr, value, len);
    case NETOPT_ADDR_LEN:
    case NETOPT_SRC_LEN: {
      const bytes = netopt_get_u16(value);
      if (bytes !== IEEE802154_SHORT_ADDRESS_LEN && bytes !== IEEE802154_LONG_ADDRESS_LEN) return -EAFNOSUPPORT;
      setFlag(dev, NETDEV_IEEE802154_SRC_MODE_LONG, bytes === IEEE802154_LONG_ADDRESS_LEN);
      return 2;
    }
    case NETOPT_NID:
      dev.pan = netopt_get_u16(value);
      return 2;
    case NETOPT_ACK_REQ:
      setFlag(dev, NETDEV_IEEE802154_ACK_REQ, value[0] !== NETOPT_DISABLE);
      return 2;
    case NETOPT_RAWMODE:
      setFlag(dev, NETDEV_IEEE802154_RAW, value[0] !== NETOPT_DISABLE);
      return 2;
    case NETOPT_PROTO:
      dev.proto = netopt_get_u16(value);
      return 2;
    default:
      return -ENOTSUP;
  }
}

/** A shorter address is filled up with zeros. */
function setAddress(addr: Uint8Array, value: Uint8Array, len: number): number {
  if (len > addr.length) return -EOVERFLOW;
  addr.fill(0);
  addr.set(value.subarray(0, len));
  return addr.length;
}
