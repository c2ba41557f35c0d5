// Parsing of host names (RIOT sys/include/net/utils.h).
import { EINVAL, ENOTSUP } from '../kernel/errno.ts';
import { gnrc_netif_iter, type gnrc_netif_t } from './gnrc/netif_t.ts';
import { ipv6_addr_from_str } from './wire/addr.ts';

/**
 * Reads an IPv6 address, with or without `%` and an interface's number.
 *
 * @param addr      takes the 16 bytes
 * @param netif     takes the interface: the one that is named, else the only one there is, else null
 * @param hostname  the text; without a colon it would be a name, which nobody can resolve
 * @returns 0; -ENOTSUP for a name; -EINVAL if there is no such interface, or the text is no address
 */
export function netutils_get_ipv6(
  addr: Uint8Array, netif: { value: gnrc_netif_t | null }, hostname: string,
): number {
  netif.value = null;
  if (!hostname.includes(':')) return -ENOTSUP;
  const percent = hostname.indexOf('%');
  if (percent >= 0) {
    netif.value = byName(hostname.slice(percent + 1));
    if (netif.value === null) return -EINVAL;
  } else {
    const first = gnrc_netif_iter(null);
    netif.value = first !== null && first.next !== null ? null : first;
  }
  const parsed = ipv6_addr_from_str(percent < 0 ? hostname : hostname.slice(0, percent));
  if (parsed === null) return -EINVAL;
  addr.set(parsed);
  return 0;
}

/** An interface's name is its number in decimal. */
function byName(name: string): gnrc_netif_t | null {
  let netif = gnrc_netif_iter(null);
  while (netif !== null && String(netif.pid) !== name) netif = gnrc_netif_iter(netif);
  return netif;
}
