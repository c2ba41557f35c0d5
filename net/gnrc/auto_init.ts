// What auto_init starts of the network stack, in RIOT's order (RIOT sys/auto_init/include/auto_init_priorities.h):
// packet buffer, 6lo, ipv6, udp, the NIB, and then the interfaces.
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import type { NetDevices } from '../netdev.ts';
import { gnrc_ipv6_init } from './ipv6.ts';
import { gnrc_netif_init_devs } from './netif_ieee802154.ts';
import { gnrc_netreg_init } from './netreg.ts';
import { gnrc_ipv6_nib_init } from './nib.ts';
import { gnrc_pktbuf_init } from './pktbuf.ts';
import { gnrc_sixlowpan_init } from './sixlowpan.ts';
import { gnrc_udp_init } from './udp.ts';

/** Modules of an application that pull in the ipv6 thread (RIOT sys/net/gnrc/Makefile.dep). */
const WITH_IPV6: readonly string[] = [
  'gnrc_ipv6', 'gnrc_ipv6_default', 'gnrc_ipv6_router', 'gnrc_ipv6_router_default',
  'gnrc_sixlowpan_border_router_default', 'gnrc_rpl',
];
/** ... and those that pull in the udp thread. */
const WITH_UDP: readonly string[] = ['gnrc_udp', 'gnrc_sock_udp', 'sock_udp', 'sock_dtls'];
/** ... and those that make the interfaces. */
const WITH_NETIF: readonly string[] = ['auto_init_gnrc_netif'];

/**
 * Starts the stack of the running board as far as its modules ask for it; in the main thread, before the application.
 * It returns when the interfaces are set up; their threads have run by then.
 *
 * @param devices  the board's network devices, in the order of their interfaces
 */
export function* gnrc_auto_init(devices: NetDevices): Blocking<void> {
  const hasIpv6 = uses(WITH_IPV6);
  const hasNetif = uses(WITH_NETIF);
  if (!hasIpv6 && !hasNetif) return;
  gnrc_pktbuf_init();
  gnrc_netreg_init();
  // Devices of IEEE 802.15.4 pull in 6LoWPAN where there is IPv6.
  if (hasIpv6 && devices.ieee802154.length > 0) yield* gnrc_sixlowpan_init();
  if (hasIpv6) yield* gnrc_ipv6_init();
  if (hasIpv6 && uses(WITH_UDP)) yield* gnrc_udp_init();
  if (hasIpv6) gnrc_ipv6_nib_init();
  if (hasNetif) yield* gnrc_netif_init_devs(devices);
}

function uses(names: readonly string[]): boolean {
  const { modules } = current();
  return names.some((name) => modules.has(name));
}
