// What auto_init starts of the network stack, in RIOT's order (RIOT sys/auto_init/include/auto_init_priorities.h):
// packet buffer, 6lo, ipv6, udp, the NIB, the interfaces, and the static addresses.
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import type { NetDevices } from '../netdev.ts';
import { gnrc_ipv6_init } from './ipv6.ts';
import { auto_init_gnrc_ipv6_static_addr } from './ipv6_static_addr.ts';
import { gnrc_netif_init_devs } from './netif_init_devs.ts';
import { gnrc_netreg_init } from './netreg.ts';
import { gnrc_ipv6_nib_init } from './nib.ts';
import { gnrc_pktbuf_init } from './pktbuf.ts';
import { gnrc_pktdump_init } from './pktdump.ts';
import { gnrc_sixlowpan_init } from './sixlowpan.ts';
import { gnrc_udp_init } from './udp.ts';

/** The parts of the stack that an image has. */
export interface GnrcParts {
  readonly ipv6: boolean;
  readonly sixlowpan: boolean;
  readonly udp: boolean;
  readonly netif: boolean;
}

/** The parts of the stack that an image's modules make; all modules, those that were pulled in included. */
export function gnrc_parts(modules: ReadonlySet<string>): GnrcParts {
  return {
    ipv6: modules.has('gnrc_ipv6'),
    sixlowpan: modules.has('gnrc_sixlowpan'),
    udp: modules.has('gnrc_udp'),
    netif: modules.has('auto_init_gnrc_netif'),
  };
}

/**
 * Starts the stack of the running board as far as its modules ask for it; in the main thread, before the application.
 * It returns when the interfaces are set up; their threads have run by then.
 *
 * @param devices  the board's network devices, in the order of their interfaces
 * @param between  what auto_init starts after the NIB and before the interfaces
 */
export function* gnrc_auto_init(devices: NetDevices, between?: () => Blocking<void>): Blocking<void> {
  const { modules } = current();
  const { ipv6, sixlowpan, udp, netif } = gnrc_parts(modules);
  if (ipv6 || netif) {
    gnrc_pktbuf_init();
    gnrc_netreg_init();
  }
  if (modules.has('gnrc_pktdump')) yield* gnrc_pktdump_init();
  if (sixlowpan) yield* gnrc_sixlowpan_init();
  if (ipv6) yield* gnrc_ipv6_init();
  if (udp) yield* gnrc_udp_init();
  if (ipv6) gnrc_ipv6_nib_init();
  if (between !== undefined) yield* between();
  if (netif) yield* gnrc_netif_init_devs(devices);
  if (modules.has('gnrc_ipv6_static_addr')) yield* auto_init_gnrc_ipv6_static_addr();
}
