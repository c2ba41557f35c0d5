// What of an interface depends on the type of its device: addresses, interface identifiers, MTU
// (RIOT sys/net/gnrc/netif/gnrc_netif_device_type.c, sys/net/link_layer/l2util/l2util.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import { EINVAL, ENOTSUP } from '../../kernel/errno.ts';
import { assert } from '../../kernel/panic.ts';
import { puts } from '../../kernel/stdio.ts';
import { NETDEV_TYPE_ETHERNET, NETDEV_TYPE_IEEE802154, type netdev_t } from '../netdev.ts';
import { NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_MAX_PDU_SIZE, NETOPT_SRC_LEN, netopt_get_u16, netopt_put_u16,
  type netopt_t } from '../netopt.ts';
import { quirk } from '../quirks.ts';
import { EUI64_LEN, writeIid } from '../wire/addr.ts';
import { ETHERNET_ADDR_LEN, ETHERNET_DATA_LEN } from '../wire/ethernet.ts';
import { IEEE802154_LONG_ADDRESS_LEN, IEEE802154_SHORT_ADDRESS_LEN } from '../wire/ieee802154.ts';
import { IPV6_MIN_MTU } from '../wire/ipv6.ts';
import { GNRC_NETIF_FLAGS_6LN, GNRC_NETIF_FLAGS_6LO_HC, GNRC_NETIF_FLAGS_HAS_L2ADDR,
  type gnrc_netif_t } from './netif_t.ts';

/** Largest datagram_size of a 6LoWPAN fragment. */
const SIXLOWPAN_FRAG_MAX_LEN = 2047;
const NO_LIMIT = 0xffff;
/** U/L bit in the first byte of an EUI-64. */
const UL_BIT = 0x02;

const NO_SRC_LEN = 'sys/net/gnrc/netif/gnrc_netif_device_type.c:52';
const NO_PDU_SIZE = 'sys/net/gnrc/netif/gnrc_netif_device_type.c:146';
const L2UTIL_C = 'sys/net/link_layer/l2util/l2util.c';
const NO_EUI64 = `${L2UTIL_C}:139`;
const NO_ADDRESS = `${L2UTIL_C}:250`;
const NO_ADDRESS_LEN = `${L2UTIL_C}:311`;

function deviceOf(netif: gnrc_netif_t): netdev_t {
  const { dev } = netif;
  assert(dev !== null, 'sys/net/gnrc/netif/gnrc_netif.c:83');
  return dev;
}

/** The option that tells the address in use: NETOPT_ADDRESS or NETOPT_ADDRESS_LONG. */
export function gnrc_netif_get_l2addr_opt(netif: gnrc_netif_t): netopt_t {
  if (netif.device_type !== NETDEV_TYPE_IEEE802154) return NETOPT_ADDRESS;
  const len = new Uint8Array(2);
  assert(deviceOf(netif).get(NETOPT_SRC_LEN, len, 2) === 2, NO_SRC_LEN);
  return netopt_get_u16(len) === IEEE802154_LONG_ADDRESS_LEN ? NETOPT_ADDRESS_LONG : NETOPT_ADDRESS;
}

/** Sets the IPv6 MTU and the largest fragment from what the device can send. */
export function gnrc_netif_ipv6_init_mtu(netif: gnrc_netif_t): void {
  const pdu = new Uint8Array(2);
  if (netif.device_type === NETDEV_TYPE_ETHERNET) {
    netif.ipv6.mtu = ETHERNET_DATA_LEN;
    return;
  }
  const res = deviceOf(netif).get(NETOPT_MAX_PDU_SIZE, pdu, 2);
  if (netif.device_type !== NETDEV_TYPE_IEEE802154) {
    netif.ipv6.mtu = res < 0 ? NO_LIMIT : netopt_get_u16(pdu);
    return;
  }
  if (current().modules.has('gnrc_sixlowpan_iphc')) netif.flags |= GNRC_NETIF_FLAGS_6LO_HC;
  assert(res === 2, NO_PDU_SIZE);
  const size = netopt_get_u16(pdu);
  netif.ipv6.mtu = IPV6_MIN_MTU;
  netif.sixlo.max_frag_size = size >= IPV6_MIN_MTU ? 0 : Math.min(SIXLOWPAN_FRAG_MAX_LEN, size);
}

/**
 * Makes the interface one of a 6LoWPAN node, if its link layer needs 6LoWPAN: frames carry the long source address
 * (RFC 6775 §5.2). Whether it is one for neighbour discovery too depends on module gnrc_ipv6_nib_6ln. In the
 * interface's thread.
 */
export function* gnrc_netif_init_6ln(netif: gnrc_netif_t): Blocking<void> {
  if (netif.device_type !== NETDEV_TYPE_IEEE802154) return;
  const data = new Uint8Array(2);
  netopt_put_u16(data, IEEE802154_LONG_ADDRESS_LEN);
  yield* netif.ops!.set(netif, { opt: NETOPT_SRC_LEN, context: 0, data, data_len: 2 });
  if (current().modules.has('gnrc_ipv6_nib_6ln')) netif.flags |= GNRC_NETIF_FLAGS_6LN;
}

/** The EUI-64 of an EUI-48: ff:fe in its middle (RFC 2464 §4 without the U/L bit). */
function eui48ToEui64(addr: Uint8Array, eui64: Uint8Array): void {
  for (let i = 0; i < 3; i++) {
    eui64[i] = addr[i]!;
    eui64[5 + i] = addr[3 + i]!;
  }
  eui64[3] = 0xff;
  eui64[4] = 0xfe;
}

/** What RIOT says with DEVELHELP of a type of device that it has no rule for; its assertion fails then. */
function unknownType(text: string, netif: gnrc_netif_t, where: string): void {
  puts(`l2util: ${text} for device type ${netif.device_type}`);
  assert(false, where);
}

/** As gnrc_netif_eui64_from_addr() without looking at the device. */
function eui64FromAddr(netif: gnrc_netif_t, addr: Uint8Array, addr_len: number, eui64: Uint8Array): number {
  switch (netif.device_type) {
    case NETDEV_TYPE_ETHERNET:
      if (addr_len !== ETHERNET_ADDR_LEN) return -EINVAL;
      eui48ToEui64(addr, eui64);
      return EUI64_LEN;
    case NETDEV_TYPE_IEEE802154:
      if (addr_len !== IEEE802154_LONG_ADDRESS_LEN) return -EINVAL;
      for (let i = 0; i < EUI64_LEN; i++) eui64[i] = addr[i]!;
      return EUI64_LEN;
    default:
      unknownType('can\'t convert hardware address to EUI-64', netif, NO_EUI64);
      return -ENOTSUP;
  }
}

/**
 * The EUI-64 that belongs to a link layer address. A short address has none of its own: the device's is taken.
 * @returns 8; -EINVAL for another length; -ENOTSUP without link layer address
 */
export function gnrc_netif_eui64_from_addr(
  netif: gnrc_netif_t, addr: Uint8Array, addr_len: number, eui64: Uint8Array,
): number {
  if ((netif.flags & GNRC_NETIF_FLAGS_HAS_L2ADDR) === 0) return -ENOTSUP;
  if (netif.device_type === NETDEV_TYPE_IEEE802154 && addr_len === IEEE802154_SHORT_ADDRESS_LEN) {
    return deviceOf(netif).get(NETOPT_ADDRESS_LONG, eui64, EUI64_LEN);
  }
  return eui64FromAddr(netif, addr, addr_len, eui64);
}

/** The interface's EUI-64; see gnrc_netif_eui64_from_addr(). */
export function gnrc_netif_get_eui64(netif: gnrc_netif_t, eui64: Uint8Array): number {
  return gnrc_netif_eui64_from_addr(netif, netif.l2addr, netif.l2addr_len, eui64);
}

/**
 * The interface identifier of a link layer address.
 * @param iid takes 8 bytes
 * @returns 8; -EINVAL for a length that has none; -ENOTSUP without link layer address
 */
export function gnrc_netif_ipv6_iid_from_addr(
  netif: gnrc_netif_t, addr: Uint8Array, addr_len: number, iid: Uint8Array,
): number {
  if ((netif.flags & GNRC_NETIF_FLAGS_HAS_L2ADDR) === 0) return -ENOTSUP;
  if (netif.device_type === NETDEV_TYPE_IEEE802154) {
    return writeIid(iid, 0, addr.length === addr_len ? addr : addr.subarray(0, addr_len)) ? EUI64_LEN : -EINVAL;
  }
  const res = eui64FromAddr(netif, addr, addr_len, iid);
  if (res === EUI64_LEN) iid[0]! ^= UL_BIT;
  return res;
}

/** The interface identifier of the interface; see gnrc_netif_ipv6_iid_from_addr(). */
export function gnrc_netif_ipv6_get_iid(netif: gnrc_netif_t, iid: Uint8Array): number {
  return gnrc_netif_ipv6_iid_from_addr(netif, netif.l2addr, netif.l2addr_len, iid);
}

/**
 * The link layer address that an interface identifier was made from. On IEEE 802.15.4 that is taken to be an EUI-64
 * (RFC 6775 §5.2), also where the identifier is one of a short address.
 * @param addr takes 8 bytes
 * @returns its length; -ENOTSUP for a type of device without rule
 */
export function gnrc_netif_ipv6_iid_to_addr(netif: gnrc_netif_t, iid: Uint8Array, addr: Uint8Array): number {
  switch (netif.device_type) {
    case NETDEV_TYPE_ETHERNET:
      for (let i = 0; i < 3; i++) {
        addr[i] = iid[i]!;
        addr[3 + i] = iid[5 + i]!;
      }
      addr[0]! ^= UL_BIT;
      return ETHERNET_ADDR_LEN;
    case NETDEV_TYPE_IEEE802154:
      if (isOfShortAddress(iid) && !quirk('iid-to-long-address')) {
        addr[0] = iid[6]!;
        addr[1] = iid[7]!;
        return IEEE802154_SHORT_ADDRESS_LEN;
      }
      for (let i = 0; i < EUI64_LEN; i++) addr[i] = iid[i]!;
      addr[0]! ^= UL_BIT;
      return EUI64_LEN;
    default:
      unknownType('can\'t convert IID to hardware address', netif, NO_ADDRESS);
      return -ENOTSUP;
  }
}

/** Whether an interface identifier is 0000:00ff:fe00:XXXX (RFC 6282 §3.2.2). */
function isOfShortAddress(iid: Uint8Array): boolean {
  return iid[0] === 0 && iid[1] === 0 && iid[2] === 0 && iid[3] === 0xff && iid[4] === 0xfe && iid[5] === 0;
}

/**
 * Length of the address in a link layer address option of `opt_len` units of 8 bytes (RFC 4944 §8, RFC 2464 §6).
 * @returns 2, 6 or 8; -EINVAL for another length; -ENOTSUP for a type of device without rule
 */
export function gnrc_netif_ndp_addr_len_from_l2ao(netif: gnrc_netif_t, opt_len: number): number {
  switch (netif.device_type) {
    case NETDEV_TYPE_ETHERNET:
      return opt_len === 1 ? ETHERNET_ADDR_LEN : -EINVAL;
    case NETDEV_TYPE_IEEE802154:
      if (opt_len === 1) return IEEE802154_SHORT_ADDRESS_LEN;
      return opt_len === 2 ? IEEE802154_LONG_ADDRESS_LEN : -EINVAL;
    default:
      unknownType('can\'t get address length from NDP link-layer address option', netif, NO_ADDRESS_LEN);
      return -ENOTSUP;
  }
}

/**
 * The group of the link layer that an IPv6 group is sent to (RFC 2464 §7).
 * @param l2_group takes 8 bytes
 * @returns its length; -ENOTSUP where the link layer has no groups
 */
export function gnrc_netif_ipv6_group_to_l2_group(
  netif: gnrc_netif_t, ipv6_group: Uint8Array, l2_group: Uint8Array,
): number {
  if (netif.device_type !== NETDEV_TYPE_ETHERNET) return -ENOTSUP;
  l2_group[0] = 0x33;
  l2_group[1] = 0x33;
  for (let i = 0; i < 4; i++) l2_group[2 + i] = ipv6_group[12 + i]!;
  return ETHERNET_ADDR_LEN;
}
