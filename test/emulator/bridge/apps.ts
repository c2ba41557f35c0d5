// Apps for the tests of live runs.
import type { App } from '../../../kernel/app.ts';
import type { Blocking } from '../../../kernel/blocking.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { gnrc_netif_iter } from '../../../net/gnrc/netif_t.ts';
import { AF_INET6, sock_udp_ep_t, sock_udp_send } from '../../../net/sock/udp.ts';
import { fromHex } from '../../../net/wire/bytes.ts';

/** Sends one datagram to fe80::b one second after its boot. */
export const sender: App = {
  name: 'sender',
  main,
  modules: ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'sock_udp'],
};

function* main(): Blocking<number> {
  yield* ztimer_sleep(ZTIMER_USEC, 1_000_000);
  const remote = new sock_udp_ep_t();
  remote.family = AF_INET6;
  remote.addr.ipv6.set(fromHex('fe80000000000000000000000000000b'));
  remote.port = 7;
  remote.netif = gnrc_netif_iter(null)!.pid;
  yield* sock_udp_send(null, Uint8Array.of(1, 2, 3), 3, remote);
  return 0;
}
