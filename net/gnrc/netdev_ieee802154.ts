// What all IEEE 802.15.4 devices have in common: addresses, PAN, channel, flags, and the options for them
// (RIOT drivers/include/net/netdev/ieee802154.h).
import { current } from '../../kernel/current.ts';
import { EAFNOSUPPORT, ENOTSUP } from '../../kernel/errno.ts';
import { assert } from '../../kernel/panic.ts';
import { random_uint32 } from '../../kernel/random.ts';
import { net_config } from '../config.ts';
import { NETDEV_TYPE_IEEE802154 } from '../netdev.ts';
import { NETOPT_ACK_REQ, NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_ADDR_LEN, NETOPT_CHANNEL, NETOPT_DEVICE_TYPE,
  NETOPT_DISABLE, NETOPT_ENABLE, NETOPT_ENUM_SIZE, NETOPT_L2FILTER, NETOPT_L2FILTER_RM, NETOPT_MAX_PDU_SIZE,
  NETOPT_NID, NETOPT_PROTO, NETOPT_RAWMODE, NETOPT_SRC_LEN, netopt_get_u16, netopt_get_u32, netopt_put_enum,
  netopt_put_u16, netopt_put_u32, type netopt_t } from '../netopt.ts';
import { IEEE802154_FCF_ACK_REQ, IEEE802154_LONG_ADDRESS_LEN, IEEE802154_PAYLOAD_MAX,
  IEEE802154_SHORT_ADDRESS_LEN } from '../wire/ieee802154.ts';
import { l2filter_add, l2filter_init, l2filter_rm, type l2filter_t } from './l2filter.ts';
import { GNRC_NETTYPE_SIXLOWPAN, GNRC_NETTYPE_UNDEF, type gnrc_nettype_t } from './nettype.ts';

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
  /** Module l2filter: the sources whose frames are passed over, or passed on. */
  readonly filter: l2filter_t[] | null = current().modules.has('l2filter') ? l2filter_init() : null;
}

/** Sets the addresses from an EUI-64; a unicast short address begins with a 0 bit (RFC 4944 §12). */
export function netdev_ieee802154_setup(dev: netdev_ieee802154_t, eui64: Uint8Array): void {
  dev.long_addr.set(eui64);
  dev.short_addr[0] = eui64[6]! & 0x7f;
  dev.short_addr[1] = eui64[7]!;
}

/**
 * Default values; draws the sequence number. The payload of frames is 6LoWPAN's, with module gnrc_sixlowpan. The
 * caller tells the device its PAN.
 */
export function netdev_ieee802154_reset(dev: netdev_ieee802154_t, pan: number): void {
  dev.seq = random_uint32() & 0xff;
  dev.flags = 0;
  dev.proto = current().modules.has('gnrc_sixlowpan') ? GNRC_NETTYPE_SIXLOWPAN : GNRC_NETTYPE_UNDEF;
  dev.pan = pan;
}

/** Lines of drivers/netdev/ieee802154.c where a value's size is asserted. */
const GET_ADDRESS = 91;
const GET_ADDRESS_LONG = 96;
const GET_SRC_LEN = 102;
const GET_NID = 112;
const GET_CHANNEL = 117;
const GET_ACK_REQ = 134;
const GET_RAWMODE = 144;
const GET_PROTO = 155;
const GET_DEVICE_TYPE = 161;
const GET_L2FILTER = 167;
const GET_MAX_PDU_SIZE = 173;
const SET_CHANNEL = 197;
const SET_CHANNEL_RANGE = 202;
const SET_ADDRESS = 208;
const SET_ADDRESS_LONG = 214;
const SET_SRC_LEN = 221;
const SET_NID = 236;
const SET_PROTO = 282;

function sized(ok: boolean, line: number): void {
  assert(ok, ok ? '' : `drivers/netdev/ieee802154.c:${line}`);
}

/**
 * Reads an option. Too little room, and for some options also too much, fails RIOT's assertion.
 * @returns bytes written to `value`; -ENOTSUP for one that is not known
 */
export function netdev_ieee802154_get(
  dev: netdev_ieee802154_t, opt: netopt_t, value: Uint8Array, max_len: number,
): number {
  switch (opt) {
    case NETOPT_ADDRESS:
      sized(max_len >= IEEE802154_SHORT_ADDRESS_LEN, GET_ADDRESS);
      value.set(dev.short_addr);
      return IEEE802154_SHORT_ADDRESS_LEN;
    case NETOPT_ADDRESS_LONG:
      sized(max_len >= IEEE802154_LONG_ADDRESS_LEN, GET_ADDRESS_LONG);
      value.set(dev.long_addr);
      return IEEE802154_LONG_ADDRESS_LEN;
    case NETOPT_ADDR_LEN:
    case NETOPT_SRC_LEN: {
      const long = (dev.flags & NETDEV_IEEE802154_SRC_MODE_LONG) !== 0;
      return putU16(value, max_len, long ? IEEE802154_LONG_ADDRESS_LEN : IEEE802154_SHORT_ADDRESS_LEN, GET_SRC_LEN);
    }
    case NETOPT_NID: return putU16(value, max_len, dev.pan, GET_NID);
    case NETOPT_CHANNEL: return putU16(value, max_len, dev.chan, GET_CHANNEL);
    case NETOPT_ACK_REQ: return putFlag(dev, NETDEV_IEEE802154_ACK_REQ, value, max_len, GET_ACK_REQ);
    case NETOPT_RAWMODE: return putFlag(dev, NETDEV_IEEE802154_RAW, value, max_len, GET_RAWMODE);
    case NETOPT_PROTO:
      sized(max_len === NETOPT_ENUM_SIZE, GET_PROTO);
      netopt_put_u32(value, 0, dev.proto);
      return NETOPT_ENUM_SIZE;
    case NETOPT_DEVICE_TYPE: return putU16(value, max_len, NETDEV_TYPE_IEEE802154, GET_DEVICE_TYPE);
    case NETOPT_L2FILTER: {
      // RIOT answers a pointer to the list: it is the device's `filter` here.
      if (dev.filter === null) return -ENOTSUP;
      const size = net_config().SIZEOF_POINTER;
      sized(max_len >= size, GET_L2FILTER);
      return size;
    }
    case NETOPT_MAX_PDU_SIZE:
      sized(max_len >= 2, GET_MAX_PDU_SIZE);
      return netopt_put_u16(value, IEEE802154_PAYLOAD_MAX);
    default: return -ENOTSUP;
  }
}

function putU16(value: Uint8Array, max_len: number, number: number, line: number): number {
  sized(max_len === 2, line);
  return netopt_put_u16(value, number);
}

function putFlag(dev: netdev_ieee802154_t, flag: number, value: Uint8Array, max_len: number, line: number): number {
  sized(max_len === NETOPT_ENUM_SIZE, line);
  return netopt_put_enum(value, (dev.flags & flag) !== 0 ? NETOPT_ENABLE : NETOPT_DISABLE);
}

function setFlag(dev: netdev_ieee802154_t, flag: number, on: boolean): void {
  if (on) dev.flags |= flag;
  else dev.flags &= ~flag;
}

/**
 * Sets an option. A value of another size than the option's, and a channel above 255, fails RIOT's assertion.
 * @returns bytes taken, for on and off 2 as RIOT has it; 0 for an address of the filter; -ENOTSUP for an option that
 * is not known; -EAFNOSUPPORT for a length of address that is neither 2 nor 8; -ENOMEM, -ENOENT of the filter
 */
export function netdev_ieee802154_set(
  dev: netdev_ieee802154_t, opt: netopt_t, value: Uint8Array, len: number,
): number {
  switch (opt) {
    case NETOPT_CHANNEL: {
      sized(len === 2, SET_CHANNEL);
      const chan = netopt_get_u16(value);
      sized(chan <= 0xff, SET_CHANNEL_RANGE);
      dev.chan = chan;
      return 2;
    }
    case NETOPT_ADDRESS: return setAddress(dev.short_addr, value, len, SET_ADDRESS);
    case NETOPT_ADDRESS_LONG: return setAddress(dev.long_addr, value, len, SET_ADDRESS_LONG);
    case NETOPT_ADDR_LEN:
    case NETOPT_SRC_LEN: {
      sized(len === 2, SET_SRC_LEN);
      const bytes = netopt_get_u16(value);
      if (bytes !== IEEE802154_SHORT_ADDRESS_LEN && bytes !== IEEE802154_LONG_ADDRESS_LEN) return -EAFNOSUPPORT;
      setFlag(dev, NETDEV_IEEE802154_SRC_MODE_LONG, bytes === IEEE802154_LONG_ADDRESS_LEN);
      return 2;
    }
    case NETOPT_NID:
      sized(len === 2, SET_NID);
      dev.pan = netopt_get_u16(value);
      return 2;
    case NETOPT_ACK_REQ:
      setFlag(dev, NETDEV_IEEE802154_ACK_REQ, value[0] !== NETOPT_DISABLE);
      return 2;
    case NETOPT_RAWMODE:
      setFlag(dev, NETDEV_IEEE802154_RAW, value[0] !== NETOPT_DISABLE);
      return 2;
    case NETOPT_PROTO:
      sized(len === NETOPT_ENUM_SIZE, SET_PROTO);
      dev.proto = netopt_get_u32(value, 0) | 0;
      return NETOPT_ENUM_SIZE;
    case NETOPT_L2FILTER: return dev.filter === null ? -ENOTSUP : l2filter_add(dev.filter, value, len);
    case NETOPT_L2FILTER_RM: return dev.filter === null ? -ENOTSUP : l2filter_rm(dev.filter, value, len);
    default: return -ENOTSUP;
  }
}

/** A shorter address is filled up with zeros. */
function setAddress(addr: Uint8Array, value: Uint8Array, len: number, line: number): number {
  sized(len <= addr.length, line);
  addr.fill(0);
  addr.set(value.subarray(0, len));
  return addr.length;
}
