// RIOT's example gnrc_minimal: the least that IPv6 needs; it prints its addresses and ends.
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { netifs_print_ipv6 } from '../../net/gnrc/netif_api.ts';

export const app: App = {
  name: 'gnrc_minimal',
  main,
  modules: [
    'netdev_default', 'auto_init_gnrc_netif', 'gnrc_netif_single', 'gnrc_ipv6', 'gnrc_icmpv6_echo', 'prng_minstd',
  ],
  config: {
    // LOG_LEVEL=LOG_NONE, and the boot message is of level LOG_INFO.
    CONFIG_SKIP_BOOT_MSG: 1,
    CONFIG_GNRC_NETIF_IPV6_ADDRS_NUMOF: 2,
    GNRC_NETIF_IPV6_GROUPS_NUMOF: 2,
    CONFIG_GNRC_IPV6_NIB_NUMOF: 1,
    CONFIG_GNRC_IPV6_NIB_OFFL_NUMOF: 1,
    CONFIG_GNRC_PKTBUF_SIZE: 512,
  },
};

function* main(): Blocking<number> {
  puts('RIOT network stack example application');

  printf('{"IPv6 addresses": ["');
  yield* netifs_print_ipv6('", "');
  puts('"]}');

  return 0;
}
