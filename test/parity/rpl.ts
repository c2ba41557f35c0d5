// What RIOT's gnrc_networking gets of RPL before its main(), as far as it is seen here: the interface advertises itself
// as a router's, and is in the group of all RPL nodes (sys/net/gnrc/routing/rpl, gnrc_rpl_init).
import type { App } from 'riotbed';
import { gnrc_netif_ipv6_group_join_internal } from '../../net/gnrc/netif_ipv6.ts';
import { gnrc_netif_iter } from '../../net/gnrc/netif_t.ts';
import { gnrc_ipv6_nib_change_rtr_adv_iface } from '../../net/gnrc/nib.ts';
import { ipv6_addr_from_str } from '../../net/wire/addr.ts';

const ALL_RPL_NODES = ipv6_addr_from_str('ff02::1a')!;
/** Addresses + 1, a router's and RPL's (sys/include/net/gnrc/netif/conf.h). */
const GROUPS = 5;

export function afterRplInit(app: App): App {
  return {
    ...app,
    config: { ...app.config, GNRC_NETIF_IPV6_GROUPS_NUMOF: GROUPS },
    main: function* () {
      const netif = gnrc_netif_iter(null)!;
      yield* gnrc_netif_ipv6_group_join_internal(netif, ALL_RPL_NODES);
      yield* gnrc_ipv6_nib_change_rtr_adv_iface(netif, true);
      return yield* app.main();
    },
  };
}
