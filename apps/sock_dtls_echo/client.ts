// The DTLS echo client of RIOT's API document (sys/include/net/sock/dtls.h), line by line.
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { encodeText } from '../../kernel/text.ts';
import { credman_add } from '../../net/credman.ts';
import { gnrc_netif_iter } from '../../net/gnrc/netif_t.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_CLIENT, sock_dtls_close, sock_dtls_create, sock_dtls_recv, sock_dtls_send,
  sock_dtls_session_create, sock_dtls_session_destroy, sock_dtls_session_t, sock_dtls_t,
} from '../../net/sock/dtls.ts';
import {
  SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_close, sock_udp_create, sock_udp_t,
} from '../../net/sock/udp.ts';
import { ipv6_addr_from_str } from '../../net/wire/addr.ts';
import { credential } from './credentials.ts';
import { MODULES } from './main.ts';

const SOCK_DTLS_CLIENT_TAG = 20;
const DTLS_DEFAULT_PORT = 20220;

/** The address that the document's example has. */
export const SERVER_ADDR = 'fe80::aa:bb:cc:dd';

/** The client of another server's address, as the document says to put there. */
export function sock_dtls_echo_client(server_addr: string): App {
  return {
    name: 'sock_dtls_echo_client',
    main: () => main(server_addr),
    modules: MODULES,
    stacks: ({ THREAD_STACKSIZE_LARGE }) => ({ THREAD_STACKSIZE_MAIN: 2 * THREAD_STACKSIZE_LARGE }),
  };
}

export const app: App = sock_dtls_echo_client(SERVER_ADDR);

function* main(server_addr: string): Blocking<number> {
  if (credman_add(credential(SOCK_DTLS_CLIENT_TAG)) < 0) puts('Error cannot add credential');

  const rcv = new Uint8Array(128);
  const udp_sock = new sock_udp_t();
  const local = SOCK_IPV6_EP_ANY();
  local.port = 12345;
  const remote = SOCK_IPV6_EP_ANY();
  remote.port = DTLS_DEFAULT_PORT;
  remote.netif = gnrc_netif_iter(null)!.pid;
  const dtls_sock = new sock_dtls_t();
  const session = new sock_dtls_session_t();

  const addr = ipv6_addr_from_str(server_addr);
  if (addr === null) {
    puts('Error parsing destination address');
    return -1;
  }
  remote.addr.ipv6.set(addr);
  if (sock_udp_create(udp_sock, local, null, 0) < 0) {
    puts('Error creating UDP sock');
    return -1;
  }
  if (sock_dtls_create(dtls_sock, udp_sock, SOCK_DTLS_CLIENT_TAG, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT) < 0) {
    puts('Error creating DTLS sock');
    sock_udp_close(udp_sock);
    return -1;
  }
  if ((yield* sock_dtls_session_create(dtls_sock, remote, session, SOCK_NO_TIMEOUT)) < 0) {
    puts('Error creating session');
    yield* sock_dtls_close(dtls_sock);
    sock_udp_close(udp_sock);
    return -1;
  }

  const data = encodeText('HELLO\0');
  let res = yield* sock_dtls_send(dtls_sock, session, data, data.length, 0);
  if (res >= 0) {
    printf(`Sent ${res} bytes\n`);
    res = yield* sock_dtls_recv(dtls_sock, session, rcv, rcv.length, SOCK_NO_TIMEOUT);
    if (res > 0) printf(`Received ${res} bytes\n`);
  } else {
    puts('Error sending data');
  }

  yield* sock_dtls_session_destroy(dtls_sock, session);
  yield* sock_dtls_close(dtls_sock);
  sock_udp_close(udp_sock);
  return 0;
}
