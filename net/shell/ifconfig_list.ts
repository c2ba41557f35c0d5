// What `ifconfig` prints of an interface (RIOT sys/shell/cmds/gnrc_netif.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { L2FILTER_LISTSIZE, type l2filter_t } from '../gnrc/l2filter.ts';
import { nib_conf } from '../gnrc/nib_conf.ts';
import { netif_get_name, netif_get_opt, netif_set_opt, type netif_t } from '../gnrc/netif_api.ts';
import { GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_DEPRECATED,
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE,
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID } from '../gnrc/netif_ipv6.ts';
import { GNRC_NETIF_L2ADDR_MAXLEN } from '../gnrc/netif_t.ts';
import { GNRC_NETTYPE_IPV6 } from '../gnrc/nettype.ts';
import { NETOPT_6LO, NETOPT_6LO_ABR, NETOPT_6LO_IPHC, NETOPT_ACK_REQ, NETOPT_ADDRESS, NETOPT_ADDRESS_LONG,
  NETOPT_AUTOACK, NETOPT_AUTOCCA, NETOPT_CHANNEL, NETOPT_CHANNEL_FREQUENCY, NETOPT_CHANNEL_HOP, NETOPT_CHANNEL_PAGE,
  NETOPT_CSMA, NETOPT_CSMA_RETRIES, NETOPT_ENABLE, NETOPT_ENUM_SIZE, NETOPT_HOP_LIMIT, NETOPT_IEEE802154_PHY,
  NETOPT_IPV6_ADDR, NETOPT_IPV6_ADDR_FLAGS, NETOPT_IPV6_FORWARDING, NETOPT_IPV6_GROUP, NETOPT_IPV6_SND_RTR_ADV,
  NETOPT_IQ_INVERT, NETOPT_IS_WIRED, NETOPT_L2FILTER, NETOPT_LINK, NETOPT_MAC_NO_SLEEP, NETOPT_MAX_PDU_SIZE,
  NETOPT_NID, NETOPT_OQPSK_RATE, NETOPT_OTAA, NETOPT_PRELOADING, NETOPT_PROMISCUOUSMODE, NETOPT_RAWMODE,
  NETOPT_RETRANS, NETOPT_RSSI, NETOPT_SINGLE_RECEIVE, NETOPT_SRC_LEN, NETOPT_STATE, NETOPT_STATS, NETOPT_TX_POWER,
  NETSTATS_ALL, NETSTATS_IPV6, NETSTATS_LAYER2, NETSTATS_SIZE, netopt_get_s16, netopt_get_u16, netopt_get_u32,
  type netopt_t } from '../netopt.ts';
import { IPV6_ADDR_LEN, ipv6_addr_is_global, ipv6_addr_is_link_local, ipv6_addr_is_multicast,
  ipv6_addr_is_site_local, ipv6_addr_to_str, l2util_addr_to_str } from '../wire/addr.ts';

/** Names of NETOPT_STATE_*, by number. */
export const STATE_NAMES: readonly string[] = ['OFF', 'SLEEP', 'IDLE', 'RX', 'TX', 'RESET', 'STANDBY'];
/** Names of IEEE802154_PHY_*, by number. */
const PHY_NAMES: readonly string[] = ['DISABLED', 'BPSK', 'ASK', 'O-QPSK', 'MR-O-QPSK', 'MR-OFDM', 'MR-FSK'];
const PHY_OQPSK = 3;
/** So many flags stand in a line. */
const LINE_THRESHOLD = 8;

function has(module: string): boolean {
  return current().modules.has(module);
}

/** A listing in progress: `filled` counts what stands in the current line. */
class Listing {
  readonly iface: netif_t;
  /** The value of the option that was read last. */
  readonly value = new Uint8Array(NETSTATS_SIZE);
  filled = 1;

  constructor(iface: netif_t) {
    this.iface = iface;
  }

  /** A new line if there is more than `threshold` in this one. */
  newline(threshold: number): void {
    if (this.filled <= threshold) return;
    printf('\n          ');
    this.filled = 0;
  }

  get(opt: netopt_t, size: number, context = 0): Blocking<number> {
    return netif_get_opt(this.iface, opt, context, this.value, size);
  }

  *flag(opt: netopt_t, text: string): Blocking<void> {
    this.value[0] = 0;
    if ((yield* this.get(opt, NETOPT_ENUM_SIZE)) < 0 || this.value[0] !== NETOPT_ENABLE) return;
    printf(text);
    this.filled++;
    this.newline(LINE_THRESHOLD);
  }

  /** The flag that follows ends the line, if it is there. */
  breakAfterNext(): void {
    this.filled += LINE_THRESHOLD + 1;
  }
}

/** Prints all of an interface. */
export function* netif_list(iface: netif_t): Blocking<void> {
  const list = new Listing(iface);
  yield* listHead(list);
  yield* listDevice(list);
  yield* listFlags(list);
  yield* listLayers(list);
  if (has('ipv6')) yield* listIpv6(list);
  if (has('l2filter')) yield* listFilter(list);
  if (has('netstats_l2')) {
    puts('');
    yield* netif_stats(iface, NETSTATS_LAYER2, false);
  }
  if (has('netstats_ipv6')) yield* netif_stats(iface, NETSTATS_IPV6, false);
  puts('');
}

/** Number, address, channel, PAN, modulation, link; and the long address. */
function* listHead(list: Listing): Blocking<void> {
  const { value } = list;
  printf(`Iface  ${netif_get_name(list.iface)} `);
  let res = yield* list.get(NETOPT_ADDRESS, GNRC_NETIF_L2ADDR_MAXLEN);
  if (res >= 0) printf(` HWaddr: ${l2util_addr_to_str(value.subarray(0, res))} `);
  if ((yield* list.get(NETOPT_CHANNEL, 2)) >= 0) printf(` Channel: ${netopt_get_u16(value)} `);
  if ((yield* list.get(NETOPT_CHANNEL_FREQUENCY, 4)) >= 0) printf(` Frequency: ${netopt_get_u32(value, 0)}Hz `);
  if ((yield* list.get(NETOPT_CHANNEL_PAGE, 2)) >= 0) printf(` Page: ${netopt_get_u16(value)} `);
  if ((yield* list.get(NETOPT_NID, 2)) >= 0) printf(` NID: 0x${netopt_get_u16(value).toString(16)} `);
  if ((yield* list.get(NETOPT_RSSI, 2)) >= 0) printf(` RSSI: ${netopt_get_s16(value)} `);
  if (has('netdev_ieee802154') && (yield* list.get(NETOPT_IEEE802154_PHY, 1)) >= 0) yield* listPhy(list);
  if ((yield* list.get(NETOPT_LINK, NETOPT_ENUM_SIZE)) >= 0) {
    printf(` Link: ${value[0] === NETOPT_ENABLE ? 'up' : 'down'} `);
  }
  list.newline(0);
  res = yield* list.get(NETOPT_ADDRESS_LONG, GNRC_NETIF_L2ADDR_MAXLEN);
  if (res >= 0) {
    printf(`Long HWaddr: ${l2util_addr_to_str(value.subarray(0, res))} `);
    list.filled++;
  }
  list.newline(0);
}

function* listPhy(list: Listing): Blocking<void> {
  const { value } = list;
  const phy = value[0]!;
  printf(` PHY: ${PHY_NAMES[phy]} `);
  if (phy !== PHY_OQPSK || !has('netdev_ieee802154_oqpsk')) return;
  printf('\n          ');
  if ((yield* list.get(NETOPT_OQPSK_RATE, 1)) >= 0 && value[0] !== 0) printf(` high data rate: ${value[0]} `);
}

/** Power, state, and attempts. */
function* listDevice(list: Listing): Blocking<void> {
  const { value } = list;
  if ((yield* list.get(NETOPT_TX_POWER, 2)) >= 0) printf(` TX-Power: ${netopt_get_s16(value)}dBm `);
  if ((yield* list.get(NETOPT_STATE, NETOPT_ENUM_SIZE)) >= 0) {
    printf(` State: ${STATE_NAMES[value[0]!]} `);
    list.filled++;
  }
  if ((yield* list.get(NETOPT_RETRANS, 1)) >= 0) {
    printf(` max. Retrans.: ${value[0]} `);
    list.filled++;
  }
  if ((yield* list.get(NETOPT_CSMA_RETRIES, 1)) >= 0) {
    const retries = value[0];
    value[0] = 0;
    if ((yield* list.get(NETOPT_CSMA, NETOPT_ENUM_SIZE)) >= 0 && value[0] === NETOPT_ENABLE) {
      printf(` CSMA Retries: ${retries} `);
    }
    list.filled++;
  }
  list.newline(0);
}

/** What the device does. */
function* listFlags(list: Listing): Blocking<void> {
  yield* list.flag(NETOPT_PROMISCUOUSMODE, 'PROMISC  ');
  yield* list.flag(NETOPT_AUTOACK, 'AUTOACK  ');
  yield* list.flag(NETOPT_ACK_REQ, 'ACK_REQ  ');
  yield* list.flag(NETOPT_PRELOADING, 'PRELOAD  ');
  yield* list.flag(NETOPT_RAWMODE, 'RAWMODE  ');
  yield* list.flag(NETOPT_MAC_NO_SLEEP, 'MAC_NO_SLEEP  ');
  yield* list.flag(NETOPT_CSMA, 'CSMA  ');
  list.breakAfterNext();
  yield* list.flag(NETOPT_AUTOCCA, 'AUTOCCA  ');
  yield* list.flag(NETOPT_IQ_INVERT, 'IQ_INVERT  ');
  yield* list.flag(NETOPT_SINGLE_RECEIVE, 'RX_SINGLE  ');
  yield* list.flag(NETOPT_CHANNEL_HOP, 'CHAN_HOP  ');
  yield* list.flag(NETOPT_OTAA, 'OTAA  ');
}

/** Sizes, what the interface does, source address length and sort of link. */
function* listLayers(list: Listing): Blocking<void> {
  const { value } = list;
  if ((yield* list.get(NETOPT_MAX_PDU_SIZE, 2)) > 0) {
    printf(`L2-PDU:${netopt_get_u16(value)}  `);
    list.filled++;
  }
  if (has('gnrc_ipv6')) yield* listIpv6Flags(list);
  if ((yield* list.get(NETOPT_SRC_LEN, 2)) >= 0) {
    printf(`Source address length: ${netopt_get_u16(value)}`);
    list.filled++;
  }
  list.newline(0);
  const wired = (yield* list.get(NETOPT_IS_WIRED, 2)) > 0;
  printf(`Link type: ${wired ? 'wired' : 'wireless'}`);
  list.filled++;
  list.newline(0);
}

function* listIpv6Flags(list: Listing): Blocking<void> {
  const { value } = list;
  if ((yield* list.get(NETOPT_MAX_PDU_SIZE, 2, GNRC_NETTYPE_IPV6)) > 0) {
    printf(`MTU:${netopt_get_u16(value)}  `);
    list.filled++;
  }
  if ((yield* list.get(NETOPT_HOP_LIMIT, 1)) > 0) {
    printf(`HL:${value[0]}  `);
    list.filled++;
  }
  const iphc = has('gnrc_sixlowpan_iphc');
  yield* list.flag(NETOPT_IPV6_FORWARDING, 'RTR  ');
  if (!iphc) list.breakAfterNext();
  yield* list.flag(NETOPT_IPV6_SND_RTR_ADV, 'RTR_ADV  ');
  if (has('gnrc_sixlowpan')) yield* list.flag(NETOPT_6LO, '6LO  ');
  if (nib_conf().six_lbr) yield* list.flag(NETOPT_6LO_ABR, 'ABR  ');
  if (!iphc) return;
  list.breakAfterNext();
  yield* list.flag(NETOPT_6LO_IPHC, 'IPHC  ');
}

/** Addresses and groups; the line is broken behind each, so that an empty one remains. */
function* listIpv6({ iface }: Listing): Blocking<void> {
  const { addrs, groups } = iface.ipv6;
  const bytes = new Uint8Array(IPV6_ADDR_LEN * Math.max(addrs.length, groups.length));
  const flags = new Uint8Array(addrs.length);
  let res = yield* netif_get_opt(iface, NETOPT_IPV6_ADDR, 0, bytes, IPV6_ADDR_LEN * addrs.length);
  if (res >= 0) {
    yield* netif_get_opt(iface, NETOPT_IPV6_ADDR_FLAGS, 0, flags, flags.length);
    for (let at = 0; at < res; at += IPV6_ADDR_LEN) {
      printf(`${addressText(bytes.subarray(at, at + IPV6_ADDR_LEN), flags[at / IPV6_ADDR_LEN]!)}\n          `);
    }
  }
  res = yield* netif_get_opt(iface, NETOPT_IPV6_GROUP, 0, bytes, IPV6_ADDR_LEN * groups.length);
  for (let at = 0; at < res; at += IPV6_ADDR_LEN) {
    const group = bytes.subarray(at, at + IPV6_ADDR_LEN);
    if (ipv6_addr_is_multicast(group)) printf(`inet6 group: ${ipv6_addr_to_str(group)}`);
    printf('\n          ');
  }
}

function addressText(addr: Uint8Array, flags: number): string {
  const anycast = (flags & GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST) !== 0 ? ' [anycast]' : '';
  const text = `inet6 addr: ${ipv6_addr_to_str(addr)}  scope: ${scopeName(addr)}${anycast}`;
  const tentative = flags & GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE;
  return tentative !== 0 ? `${text}  TNT[${tentative}]` : `${text}  ${stateName(flags)}`;
}

function scopeName(addr: Uint8Array): string {
  if (ipv6_addr_is_link_local(addr)) return 'link';
  if (ipv6_addr_is_site_local(addr)) return 'site';
  return ipv6_addr_is_global(addr) ? 'global' : 'unknown';
}

function stateName(flags: number): string {
  switch (flags & GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK) {
    case GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_DEPRECATED: return 'DPR';
    case GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID: return 'VAL';
    default: return 'UNK';
  }
}

/** The addresses of module l2filter. The option answers a pointer in RIOT; the list itself is the device's here. */
function* listFilter(list: Listing): Blocking<void> {
  if ((yield* list.get(NETOPT_L2FILTER, NETSTATS_SIZE)) <= 0) return;
  const filter: readonly l2filter_t[] = list.iface.dev?.filter ?? [];
  printf(`\n           ${has('l2filter_whitelist') ? 'White' : 'Black'}-listed link layer addresses:\n`);
  let count = 0;
  for (let i = 0; i < L2FILTER_LISTSIZE; i++) {
    const { addr, addr_len } = filter[i]!;
    if (addr_len === 0) continue;
    printf(`            ${String(count++).padStart(2)}: ${l2util_addr_to_str(addr.subarray(0, addr_len))}\n`);
  }
  if (count === 0) printf('            --- none ---\n');
}

function moduleName(module: number): string {
  switch (module) {
    case NETSTATS_LAYER2: return 'Layer 2';
    case NETSTATS_IPV6: return 'IPv6';
    case NETSTATS_ALL: return 'all';
    default: return 'Unknown';
  }
}

/** Prints the statistics of an interface, or sets them to 0. */
export function* netif_stats(iface: netif_t, module: number, reset: boolean): Blocking<void> {
  const stats = new Uint8Array(NETSTATS_SIZE);
  if ((yield* netif_get_opt(iface, NETOPT_STATS, module, stats, NETSTATS_SIZE)) < 0) {
    printf('           Protocol or device doesn\'t provide statistics.\n');
    return;
  }
  if (reset) {
    const res = yield* netif_set_opt(iface, NETOPT_STATS, module, new Uint8Array(0), 0);
    printf(`Reset statistics for module ${moduleName(module)}: ${res < 0 ? 'failed' : 'succeeded'}!\n`);
    return;
  }
  const [unicast, multicast, success, failed, txBytes, rxCount, rxBytes] =
    Array.from({ length: 7 }, (_, i) => netopt_get_u32(stats, 4 * i)) as [
      number, number, number, number, number, number, number];
  printf(`          Statistics for ${moduleName(module)}\n` +
    `            RX packets ${rxCount}  bytes ${rxBytes}\n` +
    `            TX packets ${(unicast + multicast) >>> 0} (Multicast: ${multicast})  bytes ${txBytes}\n` +
    `            TX succeeded ${success} errors ${failed}\n`);
}
