// A DTLS server and a client that print nothing while they shake hands: for tests of time and of power.
import { apps } from '../../../apps/index.ts';
import { CREDENTIALS, psk_credential } from '../../../apps/dtls_sock/credentials.ts';
import type { Board } from '../../../boards/board.ts';
import { Simulation } from '../../../emulator/sim/simulation.ts';
import type { App } from '../../../kernel/app.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { credman_add } from '../../../net/credman.ts';
import type { gnrc_netif_t } from '../../../net/gnrc/netif_t.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_CLIENT, SOCK_DTLS_HANDSHAKE, SOCK_DTLS_SERVER, sock_dtls_create, sock_dtls_recv,
  sock_dtls_session_destroy, sock_dtls_session_init, sock_dtls_session_t, sock_dtls_t,
} from '../../../net/sock/dtls.ts';
import { sock_dtls_set_server_psk_id_hint } from '../../../net/sock/dtls_creds.ts';
import { netutils_get_ipv6 } from '../../../net/sock/netutils.ts';
import { SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_create, type sock_udp_ep_t,
  sock_udp_t } from '../../../net/sock/udp.ts';
import { fromHex } from '../../../net/wire/bytes.ts';

const { modules, config } = apps.dtls_sock;
const SERVER_PORT = 20220;
const CLIENT_PORT = 12345;
const TAG = 1;

/** What has happened so far, over all lives of the boards. */
export interface Progress {
  /** Handshakes that the client finished. */
  done: number;
  /** Handshakes that it gave up. */
  failed: number;
}

function open(port: number, role: number): sock_dtls_t {
  const local = SOCK_IPV6_EP_ANY();
  local.port = port;
  const udp = new sock_udp_t();
  const sock = new sock_dtls_t();
  sock_udp_create(udp, local, null, 0);
  sock_dtls_create(sock, udp, TAG, SOCK_DTLS_1_2, role);
  return sock;
}

/** Answers handshakes for ever. */
export const server: App = { name: 'handshake_server', modules, config, main: function* () {
  credman_add(psk_credential(TAG, CREDENTIALS.server));
  const sock = open(SERVER_PORT, SOCK_DTLS_SERVER);
  sock_dtls_set_server_psk_id_hint(sock, CREDENTIALS.server_hint);
  const session = new sock_dtls_session_t();
  const buf = new Uint8Array(256);
  while (true) yield* sock_dtls_recv(sock, session, buf, buf.length, SOCK_NO_TIMEOUT);
} };

/** A client's sock, and the server's endpoint: fe80::a, with the interface, or the answers are not the session's. */
export function openClient(): { sock: sock_dtls_t; remote: sock_udp_ep_t } {
  credman_add(psk_credential(TAG, CREDENTIALS.client[1]));
  const sock = open(CLIENT_PORT, SOCK_DTLS_CLIENT);
  const remote = SOCK_IPV6_EP_ANY();
  const route: { netif: gnrc_netif_t | null } = { netif: null };
  netutils_get_ipv6(remote.addr.ipv6, route, 'fe80::a');
  remote.netif = route.netif?.pid ?? 0;
  remote.port = SERVER_PORT;
  return { sock, remote };
}

/**
 * Shakes hands again and again, with a session that it destroys each time, as an app does that finds its peer gone.
 * @param timeout after which it gives a handshake up, µs
 * @param pause between two handshakes, µs
 */
function client(progress: Progress, timeout: number, pause: number): App {
  return { name: 'handshake_client', modules, config, main: function* () {
    const { sock, remote } = openClient();
    const session = new sock_dtls_session_t();
    const buf = new Uint8Array(256);
    while (true) {
      const begun = yield* sock_dtls_session_init(sock, remote, session);
      const res = begun < 0 ? begun : yield* sock_dtls_recv(sock, session, buf, buf.length, timeout);
      if (res === -SOCK_DTLS_HANDSHAKE) progress.done++;
      else progress.failed++;
      yield* sock_dtls_session_destroy(sock, session);
      yield* ztimer_sleep(ZTIMER_USEC, pause);
    }
  } };
}

export interface HandshakeOptions {
  readonly board: Board;
  readonly seed?: number;
  readonly timeout?: number;
  readonly pause?: number;
}

/** The pair: nodes `server` and `client`, the server from 0 on, the client 2 s later. */
export function handshakes(progress: Progress, options: HandshakeOptions): Simulation {
  const { board, seed = 1, timeout = 1_000_000, pause = 500_000 } = options;
  return new Simulation({ seed, nodes: {
    server: { board, app: server, eui64: fromHex('020000000000000a'), bootAt: 0 },
    client: { board, app: client(progress, timeout, pause), eui64: fromHex('020000000000000b'), bootAt: 2_000_000 },
  } });
}
