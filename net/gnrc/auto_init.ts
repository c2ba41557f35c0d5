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

/** The parts of the stack that an image has. */
export interface GnrcParts {
  readonly ipv6: boolean;
  readonly sixlowpan: boolean;
  readonly udp: boolean;
  readonly netif: boolean;
}

/**
 * The parts of the stack that an image's modules ask for.
 * @param devices  how many IEEE 802.15.4 devices the board has: they pull in 6LoWPAN where there is IPv6
 */
export function gnrc_parts(modules: ReadonlySet<string>, devices: number): GnrcParts {
  const uses = (names: readonly string[]): boolean => names.some((name) => modules.has(name));
  const ipv6 = uses(WITH_IPV6);
  return { ipv6, sixlowpan: ipv6 && devices > 0, udp: ipv6 && uses(WITH_UDP), netif: uses(WITH_NETIF) };
}

/**
 * Starts the stack of the running board as far as its modules ask for it; in the main thread, before the application.
 * It returns when the interfaces are set up; their threads have run by then.
 *
 * @param devices  the board's network devices, in the order of their interfaces
 * @param between  what auto_init starts after the NIB and before the interfaces
 */
export function* gnrc_auto_init(devices: NetDevices, between?: () => Blocking<void>): Blocking<void> {
  const numof = devices.ieee802154.length + (devices.at86rf2xx?.length ?? 0);
  const { ipv6, sixlowpan, udp, netif } = gnrc_parts(current().modules, numof);
  if (ipv6 || netif) {
    gnrc_pktbuf_init();
    gnrc_netreg_init();
  }
  if (sixlowpan) yield* gnrc_sixlowpan_init();
  if (ipv6) yield* gnrc_ipv6_init();
  if (udp) yield* gnrc_udp_init();
  if (ipv6) gnrc_ipv6_nib_init();
  if (between !== undefined) yield* between();
  if (netif) yield* gnrc_netif_init_devs(devices);
}
