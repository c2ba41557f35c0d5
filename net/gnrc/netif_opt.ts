// Options of interfaces: what the interface knows itself, and else the device (RIOT sys/net/gnrc/netif/gnrc_netif.c).
// Runs in the interface's thread. A value of another size than the option has fails RIOT's assertion: the thread then
// sleeps for ever, and who asked waits for ever.
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import { ENODEV, ENOTSUP } from '../../kernel/errno.ts';
import { assert } from '../../kernel/panic.ts';
import type { netdev_t } from '../netdev.ts';
import { NETOPT_6LO, NETOPT_6LO_ABR, NETOPT_6LO_IPHC, NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_ADDR_LEN,
  NETOPT_DISABLE, NETOPT_ENABLE, NETOPT_ENUM_SIZE, NETOPT_HOP_LIMIT, NETOPT_IEEE802154_PHY, NETOPT_IPV6_ADDR,
  NETOPT_IPV6_ADDR_FLAGS, NETOPT_IPV6_ADDR_REMOVE, NETOPT_IPV6_FORWARDING, NETOPT_IPV6_GROUP, NETOPT_IPV6_GROUP_LEAVE,
  NETOPT_IPV6_IID, NETOPT_IPV6_SND_RTR_ADV, NETOPT_MAX_PDU_SIZE, NETOPT_RAWMODE, NETOPT_SRC_LEN, NETOPT_STATS,
  NETSTATS_IPV6, NETSTATS_LAYER2, NETSTATS_SIZE, netopt_get_u16, netopt_put_enum, netopt_put_u16,
  netopt_put_u32 } from '../netopt.ts';
import { EUI64_LEN, IPV6_ADDR_LEN, ipv6_addr_is_unspecified } from '../wire/addr.ts';
import type { gnrc_netapi_opt_t } from './netapi.ts';
import { nib_conf } from './nib_conf.ts';
import { gnrc_netif_get_l2addr_opt, gnrc_netif_ipv6_get_iid, gnrc_netif_ipv6_init_mtu } from './netif_device_type.ts';
import { GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID,
  gnrc_netif_ipv6_addr_add_internal, gnrc_netif_ipv6_addr_remove_internal, gnrc_netif_ipv6_group_join_internal,
  gnrc_netif_ipv6_group_leave_internal } from './netif_ipv6.ts';
import { gnrc_netif_nib } from './netif_nib.ts';
import { GNRC_NETIF_FLAGS_6LO_ABR, GNRC_NETIF_FLAGS_6LO_HC, GNRC_NETIF_FLAGS_HAS_L2ADDR,
  GNRC_NETIF_FLAGS_IPV6_FORWARDING, GNRC_NETIF_FLAGS_IPV6_RTR_ADV, GNRC_NETIF_FLAGS_RAWMODE, GNRC_NETIF_L2ADDR_MAXLEN,
  gnrc_netif_acquire, gnrc_netif_is_6lo, gnrc_netif_is_rtr_adv, gnrc_netif_release, type gnrc_netif_t,
  netstats_clear, type netstats_t } from './netif_t.ts';
import { GNRC_NETTYPE_IPV6 } from './nettype.ts';

const ADDRESS_WITHOUT_BYTES = 'sys/net/gnrc/netif/gnrc_netif.c:1524';

/** Lines of gnrc_netif.c where a value's size is asserted. */
const GET_6LO = 176;
const GET_HOP_LIMIT = 182;
const GET_STATS_IPV6 = 191;
const GET_STATS_L2 = 205;
const GET_IPV6_ADDR = 220;
const GET_IPV6_ADDR_FLAGS = 237;
const GET_IPV6_GROUP = 254;
const GET_IPV6_IID = 272;
const GET_MTU = 277;
const GET_FORWARDING = 285;
const GET_RTR_ADV = 291;
const GET_IPHC = 300;
const GET_ABR = 309;
const SET_HOP_LIMIT = 335;
const SET_IPV6_ADDR = 341;
const SET_IPV6_ADDR_REMOVE = 357;
const SET_IPV6_GROUP = 364;
const SET_IPV6_GROUP_LEAVE = 373;
const SET_MTU = 381;
const SET_FORWARDING = 389;
const SET_RTR_ADV = 402;
const SET_IPHC = 411;
const SET_ABR = 423;

function sized(ok: boolean, line: number): void {
  assert(ok, ok ? '' : `sys/net/gnrc/netif/gnrc_netif.c:${line}`);
}

function deviceOf(netif: gnrc_netif_t): netdev_t {
  const { dev } = netif;
  assert(dev !== null, 'sys/net/gnrc/netif/gnrc_netif.c:83');
  return dev;
}

function has(module: string): boolean {
  return current().modules.has(module);
}

/** Takes the link layer address from the device. */
export function gnrc_netif_update_l2addr(netif: gnrc_netif_t): void {
  const res = deviceOf(netif).get(gnrc_netif_get_l2addr_opt(netif), netif.l2addr, GNRC_NETIF_L2ADDR_MAXLEN);
  if (res !== -ENOTSUP) netif.flags |= GNRC_NETIF_FLAGS_HAS_L2ADDR;
  else assert(netif.l2addr_len === 0, ADDRESS_WITHOUT_BYTES);
  if (res > 0) netif.l2addr_len = res;
}

/** Reads an option, of the interface or of its device: bytes written to `opt.data`, or a negative errno. */
export function* gnrc_netif_get_from_netdev(netif: gnrc_netif_t, opt: gnrc_netapi_opt_t): Blocking<number> {
  yield* gnrc_netif_acquire(netif);
  let res = getOwn(netif, opt);
  if (res === -ENOTSUP) res = getIpv6(netif, opt);
  if (res === -ENOTSUP) res = netif.dev === null ? -ENODEV : netif.dev.get(opt.opt, opt.data, opt.data_len);
  yield* gnrc_netif_release(netif);
  return res;
}

/** What of the interface itself `opt` asks for; -ENOTSUP: ask the device. */
function getOwn(netif: gnrc_netif_t, { opt, context, data, data_len }: gnrc_netapi_opt_t): number {
  switch (opt) {
    case NETOPT_6LO:
      sized(data_len === NETOPT_ENUM_SIZE, GET_6LO);
      return netopt_put_enum(data, gnrc_netif_is_6lo(netif) ? NETOPT_ENABLE : NETOPT_DISABLE);
    case NETOPT_HOP_LIMIT:
      sized(data_len === 1, GET_HOP_LIMIT);
      data[0] = netif.cur_hl;
      return 1;
    case NETOPT_STATS: {
      const stats = statsOf(netif, context);
      if (stats === null) return -ENOTSUP;
      sized(data_len === NETSTATS_SIZE, context === NETSTATS_IPV6 ? GET_STATS_IPV6 : GET_STATS_L2);
      return putStats(data, stats);
    }
    case NETOPT_6LO_IPHC:
      if (!has('gnrc_sixlowpan_iphc')) return -ENOTSUP;
      return getFlag(netif, GNRC_NETIF_FLAGS_6LO_HC, data, data_len, GET_IPHC);
    case NETOPT_6LO_ABR:
      return nib_conf().six_lbr ? getFlag(netif, GNRC_NETIF_FLAGS_6LO_ABR, data, data_len, GET_ABR) : -ENOTSUP;
    default:
      return -ENOTSUP;
  }
}

/** ... and what it knows with module gnrc_netif_ipv6. */
function getIpv6(netif: gnrc_netif_t, { opt, context, data, data_len }: gnrc_netapi_opt_t): number {
  if (!has('gnrc_netif_ipv6')) return -ENOTSUP;
  switch (opt) {
    case NETOPT_IPV6_ADDR:
      sized(data_len >= IPV6_ADDR_LEN, GET_IPV6_ADDR);
      return putAddresses(data, data_len, netif.ipv6.addrs);
    case NETOPT_IPV6_ADDR_FLAGS:
      sized(data_len >= 1, GET_IPV6_ADDR_FLAGS);
      return putFlags(data, data_len, netif.ipv6.addrs_flags);
    case NETOPT_IPV6_GROUP:
      sized(data_len >= IPV6_ADDR_LEN, GET_IPV6_GROUP);
      return putAddresses(data, data_len, netif.ipv6.groups);
    case NETOPT_IPV6_IID:
      sized(data_len >= EUI64_LEN, GET_IPV6_IID);
      return gnrc_netif_ipv6_get_iid(netif, data);
    case NETOPT_MAX_PDU_SIZE:
      if (context !== GNRC_NETTYPE_IPV6) return -ENOTSUP;
      sized(data_len === 2, GET_MTU);
      return netopt_put_u16(data, netif.ipv6.mtu);
    case NETOPT_IPV6_FORWARDING:
      if (!nib_conf().router) return -ENOTSUP;
      return getFlag(netif, GNRC_NETIF_FLAGS_IPV6_FORWARDING, data, data_len, GET_FORWARDING);
    case NETOPT_IPV6_SND_RTR_ADV:
      if (!nib_conf().router) return -ENOTSUP;
      return getFlag(netif, GNRC_NETIF_FLAGS_IPV6_RTR_ADV, data, data_len, GET_RTR_ADV);
    default:
      return -ENOTSUP;
  }
}

function getFlag(netif: gnrc_netif_t, flag: number, data: Uint8Array, data_len: number, line: number): number {
  sized(data_len === NETOPT_ENUM_SIZE, line);
  return netopt_put_enum(data, (netif.flags & flag) !== 0 ? NETOPT_ENABLE : NETOPT_DISABLE);
}

/** The statistics of a context, as far as the image has them; null: the device may have them. */
function statsOf(netif: gnrc_netif_t, context: number): netstats_t | null {
  if (context === NETSTATS_LAYER2 && has('netstats_l2')) return netif.stats;
  if (context === NETSTATS_IPV6 && has('netstats_ipv6') && has('gnrc_netif_ipv6')) return netif.ipv6.stats;
  return null;
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
  let res = setOwn(netif, opt);
  if (res === -ENOTSUP && has('gnrc_netif_ipv6')) res = yield* setIpv6(netif, opt);
  if (res === -ENOTSUP) res = setDevice(netif, opt);
  yield* gnrc_netif_release(netif);
  return res;
}

function setDevice(netif: gnrc_netif_t, { opt, data, data_len }: gnrc_netapi_opt_t): number {
  if (netif.dev === null) return -ENODEV;
  const res = netif.dev.set(opt, data, data_len);
  if (res <= 0) return res;
  const changesAddress = opt === NETOPT_ADDRESS || opt === NETOPT_ADDRESS_LONG || opt === NETOPT_ADDR_LEN ||
    opt === NETOPT_SRC_LEN;
  if (changesAddress) gnrc_netif_update_l2addr(netif);
  else if (opt === NETOPT_IEEE802154_PHY) gnrc_netif_ipv6_init_mtu(netif);
  return res;
}

/** What `opt` sets of the interface itself; -ENOTSUP: it is the device's. */
function setOwn(netif: gnrc_netif_t, { opt, context, data, data_len }: gnrc_netapi_opt_t): number {
  switch (opt) {
    case NETOPT_HOP_LIMIT:
      sized(data_len === 1, SET_HOP_LIMIT);
      netif.cur_hl = data[0]!;
      return 1;
    case NETOPT_6LO_IPHC:
      if (!has('gnrc_sixlowpan_iphc')) return -ENOTSUP;
      sized(data_len === NETOPT_ENUM_SIZE, SET_IPHC);
      setFlag(netif, GNRC_NETIF_FLAGS_6LO_HC, data[0] === NETOPT_ENABLE);
      return NETOPT_ENUM_SIZE;
    case NETOPT_6LO_ABR:
      if (!nib_conf().six_lbr) return -ENOTSUP;
      sized(data_len === NETOPT_ENUM_SIZE, SET_ABR);
      setBorderRouter(netif, data[0] === NETOPT_ENABLE);
      return NETOPT_ENUM_SIZE;
    case NETOPT_RAWMODE:
      setFlag(netif, GNRC_NETIF_FLAGS_RAWMODE, data[0] === NETOPT_ENABLE);
      netif.dev?.set(opt, data, data_len);
      return NETOPT_ENUM_SIZE;
    case NETOPT_STATS: {
      const stats = statsOf(netif, context);
      if (stats === null) return -ENOTSUP;
      netstats_clear(stats);
      return 0;
    }
    default:
      return -ENOTSUP;
  }
}

/** A border router does not look for routers; who ceases to be one does. */
function setBorderRouter(netif: gnrc_netif_t, on: boolean): void {
  const was = (netif.flags & GNRC_NETIF_FLAGS_6LO_ABR) !== 0;
  if (on && !was) gnrc_netif_nib()?.stop_search_rtr(netif);
  if (!on && was) gnrc_netif_nib()?.start_search_rtr(netif);
  setFlag(netif, GNRC_NETIF_FLAGS_6LO_ABR, on);
}

/** What `opt` sets of the IPv6 component; -ENOTSUP: it is the device's. */
function* setIpv6(netif: gnrc_netif_t, { opt, context, data, data_len }: gnrc_netapi_opt_t): Blocking<number> {
  switch (opt) {
    case NETOPT_IPV6_ADDR: {
      sized(data_len === IPV6_ADDR_LEN, SET_IPV6_ADDR);
      // An address that is added by hand is valid at once.
      const others = context & 0xff & ~GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK;
      const flags = others | GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID;
      const res = yield* gnrc_netif_ipv6_addr_add_internal(
        netif, data.subarray(0, IPV6_ADDR_LEN), (context >> 8) & 0xff, flags);
      return res >= 0 ? IPV6_ADDR_LEN : res;
    }
    case NETOPT_IPV6_ADDR_REMOVE:
      sized(data_len === IPV6_ADDR_LEN, SET_IPV6_ADDR_REMOVE);
      yield* gnrc_netif_ipv6_addr_remove_internal(netif, data.subarray(0, IPV6_ADDR_LEN));
      return IPV6_ADDR_LEN;
    case NETOPT_IPV6_GROUP: {
      sized(data_len === IPV6_ADDR_LEN, SET_IPV6_GROUP);
      const res = yield* gnrc_netif_ipv6_group_join_internal(netif, data.subarray(0, IPV6_ADDR_LEN));
      return res >= 0 ? IPV6_ADDR_LEN : res;
    }
    case NETOPT_IPV6_GROUP_LEAVE:
      sized(data_len === IPV6_ADDR_LEN, SET_IPV6_GROUP_LEAVE);
      yield* gnrc_netif_ipv6_group_leave_internal(netif, data.subarray(0, IPV6_ADDR_LEN));
      return IPV6_ADDR_LEN;
    case NETOPT_MAX_PDU_SIZE:
      if (context !== GNRC_NETTYPE_IPV6) return -ENOTSUP;
      sized(data_len === 2, SET_MTU);
      netif.ipv6.mtu = netopt_get_u16(data);
      return 2;
    case NETOPT_IPV6_FORWARDING:
      if (!nib_conf().router) return -ENOTSUP;
      sized(data_len === NETOPT_ENUM_SIZE, SET_FORWARDING);
      yield* setForwarding(netif, data[0] === NETOPT_ENABLE);
      return NETOPT_ENUM_SIZE;
    case NETOPT_IPV6_SND_RTR_ADV: {
      const nib = gnrc_netif_nib();
      if (!nib_conf().router || nib === null) return -ENOTSUP;
      sized(data_len === NETOPT_ENUM_SIZE, SET_RTR_ADV);
      yield* nib.change_rtr_adv_iface(netif, data[0] === NETOPT_ENABLE);
      return NETOPT_ENUM_SIZE;
    }
    default:
      return -ENOTSUP;
  }
}

/** Who no longer forwards no longer advertises. */
function* setForwarding(netif: gnrc_netif_t, on: boolean): Blocking<void> {
  const nib = gnrc_netif_nib();
  if (!on && nib !== null && gnrc_netif_is_rtr_adv(netif)) yield* nib.change_rtr_adv_iface(netif, false);
  setFlag(netif, GNRC_NETIF_FLAGS_IPV6_FORWARDING, on);
}

function setFlag(netif: gnrc_netif_t, flag: number, on: boolean): void {
  if (on) netif.flags |= flag;
  else netif.flags &= ~flag;
}
