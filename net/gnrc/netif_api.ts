// Interfaces as applications see them, whatever stack is behind (RIOT sys/include/net/netif.h): by name, by number, and
// their options. The name of an interface is its number.
import type { Blocking } from '../../kernel/blocking.ts';
import { printf } from '../../kernel/stdio.ts';
import { NETOPT_IPV6_ADDR, type netopt_t } from '../netopt.ts';
import { IPV6_ADDR_LEN, ipv6_addr_to_str } from '../wire/addr.ts';
import { gnrc_netapi_get, gnrc_netapi_set } from './netapi.ts';
import { gnrc_netif_get_by_pid, gnrc_netif_iter, type gnrc_netif_t } from './netif_t.ts';

export type netif_t = gnrc_netif_t;

/** CONFIG_NETIF_NAMELENMAX: longest name with its final zero, bytes. */
export const CONFIG_NETIF_NAMELENMAX = 8;
/** NETIF_PRINT_IPV6_NUMOF: so many addresses of an interface are printed. */
const NETIF_PRINT_IPV6_NUMOF = 4;

/** The interface after `last`, or with null the first: the one that was registered last. Null at the end. */
export function netif_iter(last: netif_t | null): netif_t | null {
  return gnrc_netif_iter(last);
}

/** The name of an interface. */
export function netif_get_name(netif: netif_t): string {
  return String(netif.pid);
}

/** The number of an interface. */
export function netif_get_id(netif: netif_t): number {
  return netif.pid;
}

/** The interface with this name, or null. */
export function netif_get_by_name(name: string): netif_t | null {
  return netif_get_by_name_buffer(name, name.length);
}

/** The interface whose name are the first `name_len` characters of `name`, or null. */
export function netif_get_by_name_buffer(name: string, name_len: number): netif_t | null {
  if (name_len > CONFIG_NETIF_NAMELENMAX) return null;
  const wanted = name.slice(0, name_len);
  let netif = netif_iter(null);
  while (netif !== null && netif_get_name(netif) !== wanted) netif = netif_iter(netif);
  return netif;
}

/** The interface with this number, or null. */
export function netif_get_by_id(id: number): netif_t | null {
  return gnrc_netif_get_by_pid(id);
}

/** Reads an option; see gnrc_netapi_get(). */
export function netif_get_opt(
  netif: netif_t, opt: netopt_t, context: number, value: Uint8Array, max_len: number,
): Blocking<number> {
  return gnrc_netapi_get(netif.pid, opt, context, value, max_len);
}

/** Sets an option; see gnrc_netapi_set(). */
export function netif_set_opt(
  netif: netif_t, opt: netopt_t, context: number, value: Uint8Array, value_len: number,
): Blocking<number> {
  return gnrc_netapi_set(netif.pid, opt, context, value, value_len);
}

/**
 * The addresses of an interface.
 * @param dest takes 16 * numof bytes
 * @returns their number, at most numof; -1 if the interface has none to tell
 */
export function* netif_get_ipv6(netif: netif_t, dest: Uint8Array, numof: number): Blocking<number> {
  const res = yield* netif_get_opt(netif, NETOPT_IPV6_ADDR, 0, dest, IPV6_ADDR_LEN * numof);
  return res < 0 ? -1 : Math.floor(res / IPV6_ADDR_LEN);
}

/** The addresses of all interfaces: their number, at most numof; see netif_get_ipv6(). */
export function* netifs_get_ipv6(dest: Uint8Array, numof: number): Blocking<number> {
  let result = 0;
  for (let netif = netif_iter(null); netif !== null && result < numof; netif = netif_iter(netif)) {
    const count = yield* netif_get_ipv6(netif, dest.subarray(IPV6_ADDR_LEN * result), numof - result);
    if (count > 0) result += count;
  }
  return result;
}

/** Prints the addresses of an interface with `separator` between them, and no newline. */
export function* netif_print_ipv6(netif: netif_t, separator: string): Blocking<void> {
  printf(yield* addressesOf(netif, separator));
}

/** Prints the addresses of all interfaces; see netif_print_ipv6(). */
export function* netifs_print_ipv6(separator: string): Blocking<void> {
  let first = true;
  for (let netif = netif_iter(null); netif !== null; netif = netif_iter(netif)) {
    const text = yield* addressesOf(netif, separator);
    if (text === '') continue;
    printf(first ? text : separator + text);
    first = false;
  }
}

function* addressesOf(netif: netif_t, separator: string): Blocking<string> {
  const addrs = new Uint8Array(IPV6_ADDR_LEN * NETIF_PRINT_IPV6_NUMOF);
  const count = yield* netif_get_ipv6(netif, addrs, NETIF_PRINT_IPV6_NUMOF);
  const texts: string[] = [];
  for (let i = 0; i < count; i++) texts.push(ipv6_addr_to_str(addrs.subarray(IPV6_ADDR_LEN * i)));
  return texts.join(separator);
}
