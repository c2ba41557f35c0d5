// Addresses that the image's configuration names: of the upstream interface one address, of the downstream interface a
// prefix, which it advertises (RIOT sys/net/gnrc/network_layer/ipv6/static_addr, module gnrc_ipv6_static_addr).
import type { Blocking } from '../../kernel/blocking.ts';
import type { TextTable } from '../../kernel/config.ts';
import { current } from '../../kernel/current.ts';
import { assert } from '../../kernel/panic.ts';
import { net_config } from '../config.ts';
import { NETOPT_IS_WIRED } from '../netopt.ts';
import { ipv6_addr_from_str, ipv6_prefix_from_str } from '../wire/addr.ts';
import { gnrc_netapi_get } from './netapi.ts';
import { GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID, gnrc_netif_ipv6_add_prefix,
  gnrc_netif_ipv6_addr_add_internal } from './netif_ipv6.ts';
import { gnrc_netif_nib } from './netif_nib.ts';
import { gnrc_ipv6_nib_ft_add } from './nib_ft.ts';
import { gnrc_netif_get_by_pid, gnrc_netif_highlander, gnrc_netif_iter, gnrc_netif_numof,
  type gnrc_netif_t } from './netif_t.ts';

const STATIC_ADDR = 'sys/net/gnrc/network_layer/ipv6/static_addr/gnrc_ipv6_static_addr.c';
const OTHER_UPSTREAM = `${STATIC_ADDR}:123`;
/** A lifetime without end. */
const FOR_EVER = 0xffffffff;

const address = (text: string): string | null =>
  text === '' || ipv6_addr_from_str(text) !== null ? null : 'is not an IPv6 address such as 2001:db8::1';
const prefix = (text: string): string | null => (text === '' || ipv6_prefix_from_str(text) !== null ? null
  : 'is not an IPv6 prefix with its length such as 2001:db8:1::/64');

/** What the module is configured with; '' for what there is not. */
export const STATIC_ADDR_TEXTS = {
  /** Of the upstream interface, with a prefix of 128 bits. */
  CONFIG_GNRC_IPV6_STATIC_ADDR: { value: '', check: address, source: STATIC_ADDR },
  /** Of the downstream interface. */
  CONFIG_GNRC_IPV6_STATIC_PREFIX: { value: '', check: prefix, source: STATIC_ADDR },
  /** Where the upstream interface sends what no other route is for. */
  CONFIG_GNRC_IPV6_STATIC_DEFAULT_ROUTER: { value: '', check: address, source: STATIC_ADDR },
} as const satisfies TextTable;

/**
 * Gives the interfaces their addresses. Upstream is the wired one, downstream the one that is not wired; a board with
 * one interface has it upstream only. CONFIG_GNRC_IPV6_STATIC_ADDR_UPSTREAM and _DOWNSTREAM choose others by number.
 */
export function* auto_init_gnrc_ipv6_static_addr(): Blocking<void> {
  const { upstream, downstream } = yield* chooseInterfaces();
  if (upstream !== null) yield* configUpstream(upstream);
  if (downstream !== null) yield* configDownstream(downstream);
}

interface Interfaces {
  upstream: gnrc_netif_t | null;
  downstream: gnrc_netif_t | null;
}

function* chooseInterfaces(): Blocking<Interfaces> {
  const { CONFIG_GNRC_IPV6_STATIC_ADDR_UPSTREAM: up, CONFIG_GNRC_IPV6_STATIC_ADDR_DOWNSTREAM: down } = net_config();
  if (gnrc_netif_highlander() || gnrc_netif_numof() === 1) {
    const only = gnrc_netif_iter(null);
    if (up !== 0) assert(only?.pid === up, OTHER_UPSTREAM);
    return { upstream: only, downstream: null };
  }
  const chosen: Interfaces = {
    upstream: up === 0 ? null : gnrc_netif_get_by_pid(up),
    downstream: down === 0 ? null : gnrc_netif_get_by_pid(down),
  };
  for (let netif = gnrc_netif_iter(null); netif !== null; netif = gnrc_netif_iter(netif)) {
    const wired = (yield* gnrc_netapi_get(netif.pid, NETOPT_IS_WIRED, 0, new Uint8Array(0), 0)) === 1;
    if (chosen.upstream === null && wired) chosen.upstream = netif;
    else if (chosen.downstream === null && !wired) chosen.downstream = netif;
  }
  return chosen;
}

function* configUpstream(upstream: gnrc_netif_t): Blocking<void> {
  const { texts } = current();
  const addr = ipv6_addr_from_str(texts['CONFIG_GNRC_IPV6_STATIC_ADDR'] ?? '');
  const router = ipv6_addr_from_str(texts['CONFIG_GNRC_IPV6_STATIC_DEFAULT_ROUTER'] ?? '');
  if (addr !== null) {
    yield* gnrc_netif_ipv6_addr_add_internal(upstream, addr, 128, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID);
  }
  if (router !== null) yield* gnrc_ipv6_nib_ft_add(router, 0, router, upstream.pid, 0);
}

function* configDownstream(downstream: gnrc_netif_t): Blocking<void> {
  const pfx = ipv6_prefix_from_str(current().texts['CONFIG_GNRC_IPV6_STATIC_PREFIX'] ?? '');
  if (pfx === null) return;
  if ((yield* gnrc_netif_ipv6_add_prefix(downstream, pfx.addr, pfx.len, FOR_EVER, FOR_EVER)) < 0) return;
  yield* gnrc_netif_nib()!.change_rtr_adv_iface(downstream, true);
}
