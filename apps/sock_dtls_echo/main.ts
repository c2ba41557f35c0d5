// The DTLS echo server of RIOT's API document (sys/include/net/sock/dtls.h), line by line.
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { credman_add } from '../../net/credman.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_SERVER, sock_dtls_create, sock_dtls_recv, sock_dtls_send, sock_dtls_session_t, sock_dtls_t,
} from '../../net/sock/dtls.ts';
import { SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_create, sock_udp_t } from '../../net/sock/udp.ts';
import { credential } from './credentials.ts';

const SOCK_DTLS_SERVER_TAG = 10;

/** What the two examples are built with. */
export const MODULES: readonly string[] = [
  'netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'tinydtls', 'sock_dtls', 'sock_udp', 'prng_sha1prng',
];

export const app: App = {
  name: 'sock_dtls_echo',
  main,
  modules: MODULES,
  stacks: ({ THREAD_STACKSIZE_LARGE }) => ({ THREAD_STACKSIZE_MAIN: 2 * THREAD_STACKSIZE_LARGE }),
};

function* main(): Blocking<number> {
  if (credman_add(credential(SOCK_DTLS_SERVER_TAG)) < 0) puts('Error cannot add credential');

  const udp_sock = new sock_udp_t();
  const local = SOCK_IPV6_EP_ANY();
  local.port = 20220;
  if (sock_udp_create(udp_sock, local, null, 0) < 0) {
    puts('Error creating UDP sock');
    return -1;
  }

  const dtls_sock = new sock_dtls_t();
  if (sock_dtls_create(dtls_sock, udp_sock, SOCK_DTLS_SERVER_TAG, SOCK_DTLS_1_2, SOCK_DTLS_SERVER) < 0) {
    puts('Error creating DTLS sock');
    return -1;
  }

  while (true) {
    const session = new sock_dtls_session_t();
    const buf = new Uint8Array(128);
    const res = yield* sock_dtls_recv(dtls_sock, session, buf, buf.length, SOCK_NO_TIMEOUT);
    if (res > 0) {
      printf(`Received ${res} bytes\n`);
      if ((yield* sock_dtls_send(dtls_sock, session, buf, res, 0)) < 0) puts('Error sending reply');
    }
  }
}
