// Host names to addresses (RIOT sys/include/net/utils.h, sys/net/netutils).
import { EINVAL, ENOTSUP } from '../../kernel/errno.ts';
import { gnrc_netif_iter, type gnrc_netif_t } from '../gnrc/netif_t.ts';
import { ipv6_addr_from_str } from '../wire/addr.ts';

/**
 * Reads an IPv6 address, with `%` and the name of an interface behind it if there is one: `fe80::a%6`.
 *
 * @param addr 16 bytes, filled with the address
 * @param out  `netif` becomes the interface named; without a name the board's only one, or null if it
 *             has several
 * @returns 0; -ENOTSUP for a text without a colon (a host name: there is no resolver); -EINVAL for an
 *          unknown interface or a text that is not an address
 */
export function netutils_get_ipv6(
  addr: Uint8Array, out: { netif: gnrc_netif_t | null }, hostname: string,
): number {
  out.netif = null;
  if (!hostname.includes(':')) return -ENOTSUP;
  const percent = hostname.indexOf('%');
  if (percent >= 0) {
    out.netif = netifByName(hostname.slice(percent + 1));
    if (out.netif === null) return -EINVAL;
  } else {
    const first = gnrc_netif_iter(null);
    const single = first !== null && gnrc_netif_iter(first) === null;
    out.netif = single ? first : null;
  }
  const parsed = ipv6_addr_from_str(percent < 0 ? hostname : hostname.slice(0, percent));
  if (parsed === null) return -EINVAL;
  addr.set(parsed);
  return 0;
}

/** GNRC names an interface by the pid of its thread. */
function netifByName(name: string): gnrc_netif_t | null {
  let netif = gnrc_netif_iter(null);
  while (netif !== null && String(netif.pid) !== name) netif = gnrc_netif_iter(netif);
  return netif;
}
