// Options of interfaces: what the interface knows itself, and else the device (RIOT sys/net/gnrc/netif/gnrc_netif.c).
// Runs in the interface's thread.
import type { Blocking } from '../../kernel/blocking.ts';
import { ENODEV, ENOTSUP } from '../../kernel/errno.ts';
import { assert } from '../../kernel/panic.ts';
import { NETDEV_TYPE_IEEE802154, type netdev_t } from '../netdev.ts';
import { NETOPT_6LO, NETOPT_6LO_ABR, NETOPT_6LO_IPHC, NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_ADDR_LEN,
  NETOPT_DISABLE, NETOPT_ENABLE, NETOPT_HOP_LIMIT, NETOPT_IPV6_ADDR, NETOPT_IPV6_ADDR_FLAGS, NETOPT_IPV6_ADDR_REMOVE,
  NETOPT_IPV6_GROUP, NETOPT_IPV6_GROUP_LEAVE, NETOPT_IPV6_IID, NETOPT_MAX_PDU_SIZE, NETOPT_RAWMODE, NETOPT_SRC_LEN,
  NETOPT_STATS, NETSTATS_LAYER2, NETSTATS_SIZE, netopt_get_u16, netopt_put_enum, netopt_put_u16,
  netopt_put_u32, type netopt_t } from '../netopt.ts';
import { IPV6_ADDR_LEN, ipv6_addr_is_unspecified } from '../wire/addr.ts';
import { IEEE802154_LONG_ADDRESS_LEN } from '../wire/ieee802154.ts';
import { IPV6_MIN_MTU } from '../wire/ipv6.ts';
import type { gnrc_netapi_opt_t } from './netapi.ts';
import { GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID,
  gnrc_netif_ipv6_addr_add_internal, gnrc_netif_ipv6_addr_remove_internal, gnrc_netif_ipv6_get_iid,
  gnrc_netif_ipv6_group_join_internal, gnrc_netif_ipv6_group_leave_internal } from './netif_ipv6.ts';
import { GNRC_NETIF_FLAGS_6LN, GNRC_NETIF_FLAGS_6LO_ABR, GNRC_NETIF_FLAGS_6LO_HC, GNRC_NETIF_FLAGS_HAS_L2ADDR,
  GNRC_NETIF_FLAGS_RAWMODE, GNRC_NETIF_L2ADDR_MAXLEN, gnrc_netif_acquire, gnrc_netif_is_6lo, gnrc_netif_release,
  type gnrc_netif_t, type netstats_t } from './netif_t.ts';
import { GNRC_NETTYPE_IPV6 } from './nettype.ts';

/** Largest datagram_size of a 6LoWPAN fragment. */
const SIXLOWPAN_FRAG_MAX_LEN = 2047;
const NO_SRC_LEN = 'sys/net/gnrc/netif/gnrc_netif_device_type.c:52';
const NO_PDU_SIZE = 'sys/net/gnrc/netif/gnrc_netif_device_type.c:146';
const ADDRESS_WITHOUT_BYTES = 'sys/net/gnrc/netif/gnrc_netif.c:1524';

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

/** Takes the link layer address from the device. */
export function gnrc_netif_update_l2addr(netif: gnrc_netif_t): void {
  const res = deviceOf(netif).get(gnrc_netif_get_l2addr_opt(netif), netif.l2addr, GNRC_NETIF_L2ADDR_MAXLEN);
  if (res !== -ENOTSUP) netif.flags |= GNRC_NETIF_FLAGS_HAS_L2ADDR;
  else assert(netif.l2addr_len === 0, ADDRESS_WITHOUT_BYTES);
  if (res > 0) netif.l2addr_len = res;
}

/** Sets the IPv6 MTU and the largest fragment from what the device can send. */
export function gnrc_netif_ipv6_init_mtu(netif: gnrc_netif_t): void {
  const pdu = new Uint8Array(2);
  netif.flags |= GNRC_NETIF_FLAGS_6LO_HC;
  assert(deviceOf(netif).get(NETOPT_MAX_PDU_SIZE, pdu, 2) === 2, NO_PDU_SIZE);
  const size = netopt_get_u16(pdu);
  netif.ipv6.mtu = IPV6_MIN_MTU;
  netif.sixlo.max_frag_size = size >= IPV6_MIN_MTU ? 0 : Math.min(SIXLOWPAN_FRAG_MAX_LEN, size);
}

/** Makes the interface one of a 6LoWPAN node: frames carry the long source address (RFC 6775 §5.2). */
export function* gnrc_netif_init_6ln(netif: gnrc_netif_t): Blocking<void> {
  if (netif.device_type !== NETDEV_TYPE_IEEE802154) return;
  const data = new Uint8Array(2);
  netopt_put_u16(data, IEEE802154_LONG_ADDRESS_LEN);
  yield* gnrc_netif_set_from_netdev(netif, { opt: NETOPT_SRC_LEN, context: 0, data, data_len: 2 });
  netif.flags |= GNRC_NETIF_FLAGS_6LN;
}

/** Reads an option, of the interface or of its device: bytes written to `opt.data`, or a negative errno. */
export function* gnrc_netif_get_from_netdev(netif: gnrc_netif_t, opt: gnrc_netapi_opt_t): Blocking<number> {
  yield* gnrc_netif_acquire(netif);
  let res = getOwn(netif, opt);
  if (res === -ENOTSUP) res = netif.dev === null ? -ENODEV : netif.dev.get(opt.opt, opt.data, opt.data_len);
  yield* gnrc_netif_release(netif);
  return res;
}

/** What of the interface itself `opt` asks for; -ENOTSUP: ask the device. */
function getOwn(netif: gnrc_netif_t, { opt, context, data, data_len }: gnrc_netapi_opt_t): number {
  switch (opt) {
    case NETOPT_6LO:
      return netopt_put_enum(data, gnrc_netif_is_6lo(netif) ? NETOPT_ENABLE : NETOPT_DISABLE);
    case NETOPT_HOP_LIMIT:
      data[0] = netif.cur_hl;
      return 1;
    case NETOPT_STATS:
      return context === NETSTATS_LAYER2 ? putStats(data, netif.stats) : -ENOTSUP;
    case NETOPT_IPV6_ADDR:
      return putAddresses(data, data_len, netif.ipv6.addrs);
    case NETOPT_IPV6_ADDR_FLAGS:
      return putFlags(data, data_len, netif.ipv6.addrs_flags);
    case NETOPT_IPV6_GROUP:
      return putAddresses(data, data_len, netif.ipv6.groups);
    case NETOPT_IPV6_IID:
      return gnrc_netif_ipv6_get_iid(netif, data);
    case NETOPT_MAX_PDU_SIZE:
      return context === GNRC_NETTYPE_IPV6 ? netopt_put_u16(data, netif.ipv6.mtu) : -ENOTSUP;
    case NETOPT_6LO_IPHC:
      return putFlag(data, netif, GNRC_NETIF_FLAGS_6LO_HC);
    case NETOPT_6LO_ABR:
      return putFlag(data, netif, GNRC_NETIF_FLAGS_6LO_ABR);
    default:
      return -ENOTSUP;
  }
}

function putFlag(data: Uint8Array, netif: gnrc_netif_t, flag: number): number {
  return netopt_put_enum(data, (netif.flags & flag) !== 0 ? NETOPT_ENABLE : NETOPT_DISABLE);
}

/** The entries that are in use, as many as there is room for. */
function putAddresses(data: Uint8Array, data_len: number, list: readonly Uint8Array[]): number {
  let res = 0;
  for (const addr of list) {
    if (res + IPV6_ADDR_LEN > data_len || ipv6_addr_is_unspecified(addr)) continue;
    data.set(addr, res);
    res += IPV6_ADDR_LEN;
  }
  return res;
}

function putFlags(data: Uint8Array, data_len: number, flags: Uint8Array): number {
  let res = 0;
  for (const flag of flags) {
    if (flag !== 0 && res < data_len) data[res++] = flag;
  }
  return res;
}

/** A netstats_t: seven 32-bit numbers. */
function putStats(data: Uint8Array, stats: netstats_t): number {
  netopt_put_u32(data, 0, stats.tx_unicast_count);
  netopt_put_u32(data, 4, stats.tx_mcast_count);
  netopt_put_u32(data, 8, stats.tx_success);
  netopt_put_u32(data, 12, stats.tx_failed);
  netopt_put_u32(data, 16, stats.tx_bytes);
  netopt_put_u32(data, 20, stats.rx_count);
  netopt_put_u32(data, 24, stats.rx_bytes);
  return NETSTATS_SIZE;
}

/** Sets an option, of the interface or of its device: bytes taken, or a negative errno. */
export function* gnrc_netif_set_from_netdev(netif: gnrc_netif_t, opt: gnrc_netapi_opt_t): Blocking<number> {
  yield* gnrc_netif_acquire(netif);
  let res = yield* setOwn(netif, opt);
  if (res === -ENOTSUP) res = setDevice(netif, opt);
  yield* gnrc_netif_release(netif);
  return res;
}

function setDevice(netif: gnrc_netif_t, { opt, data, data_len }: gnrc_netapi_opt_t): number {
  if (netif.dev === null) return -ENODEV;
  const res = netif.dev.set(opt, data, data_len);
  const changesAddress = opt === NETOPT_ADDRESS || opt === NETOPT_ADDRESS_LONG || opt === NETOPT_ADDR_LEN ||
    opt === NETOPT_SRC_LEN;
  if (res > 0 && changesAddress) gnrc_netif_update_l2addr(netif);
  return res;
}

/** What `opt` sets of the interface itself; -ENOTSUP: it is the device's. */
function* setOwn(netif: gnrc_netif_t, { opt, context, data, data_len }: gnrc_netapi_opt_t): Blocking<number> {
  switch (opt) {
    case NETOPT_HOP_LIMIT:
      netif.cur_hl = data[0]!;
      return 1;
    case NETOPT_IPV6_ADDR: {
      // An address that is added by hand is valid at once.
      const others = context & 0xff & ~GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK;
      const flags = others | GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID;
      const res = yield* gnrc_netif_ipv6_addr_add_internal(netif, data.subarray(0, IPV6_ADDR_LEN), context >> 8, flags);
      return res >= 0 ? IPV6_ADDR_LEN : res;
    }
    case NETOPT_IPV6_ADDR_REMOVE:
      yield* gnrc_netif_ipv6_addr_remove_internal(netif, data.subarray(0, IPV6_ADDR_LEN));
      return IPV6_ADDR_LEN;
    case NETOPT_IPV6_GROUP: {
      const res = yield* gnrc_netif_ipv6_group_join_internal(netif, data.subarray(0, IPV6_ADDR_LEN));
      return res >= 0 ? IPV6_ADDR_LEN : res;
    }
    case NETOPT_IPV6_GROUP_LEAVE:
      yield* gnrc_netif_ipv6_group_leave_internal(netif, data.subarray(0, IPV6_ADDR_LEN));
      return IPV6_ADDR_LEN;
    case NETOPT_MAX_PDU_SIZE:
      if (context !== GNRC_NETTYPE_IPV6) return -ENOTSUP;
      netif.ipv6.mtu = netopt_get_u16(data);
      return 2;
    case NETOPT_6LO_IPHC:
      setFlag(netif, GNRC_NETIF_FLAGS_6LO_HC, data);
      return data_len;
    case NETOPT_6LO_ABR:
      setFlag(netif, GNRC_NETIF_FLAGS_6LO_ABR, data);
      return data_len;
    case NETOPT_RAWMODE:
      setFlag(netif, GNRC_NETIF_FLAGS_RAWMODE, data);
      netif.dev?.set(opt, data, data_len);
      return data_len;
    case NETOPT_STATS:
      if (context !== NETSTATS_LAYER2) return -ENOTSUP;
      for (const key of Object.keys(netif.stats) as (keyof netstats_t)[]) netif.stats[key] = 0;
      return 0;
    default:
      return -ENOTSUP;
  }
}

function setFlag(netif: gnrc_netif_t, flag: number, value: Uint8Array): void {
  if (value[0] === NETOPT_ENABLE) netif.flags |= flag;
  else netif.flags &= ~flag;
}
