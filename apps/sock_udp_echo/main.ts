// The UDP echo server of RIOT's sock_udp documentation (sys/include/net/sock/udp.h).
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { puts } from '../../kernel/stdio.ts';
import {
  SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_create, sock_udp_ep_t, sock_udp_recv, sock_udp_send, sock_udp_t,
} from '../../net/sock/udp.ts';

const BUF_SIZE = 128;

export const app: App = {
  name: 'sock_udp_echo',
  main,
  modules: ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'sock_udp'],
  ram: BUF_SIZE,
};

function* main(): Blocking<number> {
  const buf = new Uint8Array(BUF_SIZE);
  const local = SOCK_IPV6_EP_ANY();
  const sock = new sock_udp_t();
  local.port = 12345;

  if (sock_udp_create(sock, local, null, 0) < 0) {
    puts('Error creating UDP sock');
    return 1;
  }

  while (true) {
    const remote = new sock_udp_ep_t();
    const res = yield* sock_udp_recv(sock, buf, buf.length, SOCK_NO_TIMEOUT, remote);
    if (res >= 0) {
      puts('Received a message');
      if ((yield* sock_udp_send(sock, buf, res, remote)) < 0) {
        puts('Error sending reply');
      }
    }
  }
}
