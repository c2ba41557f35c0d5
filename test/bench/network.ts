// The whole emulated path: bodies for a driver. Two native boards in one simulation, every frame on
// the emulated air, nobody reading the trace.
import { apps } from '../../apps/index.ts';
import { CREDENTIALS, psk_credential } from '../../apps/dtls_sock/credentials.ts';
import { native } from '../../boards/native.ts';
import { Simulation } from '../../emulator/sim/simulation.ts';
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { credman_add } from '../../net/credman.ts';
import type { gnrc_netif_t } from '../../net/gnrc/netif_t.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_CLIENT, SOCK_DTLS_HANDSHAKE, SOCK_DTLS_SERVER, sock_dtls_create, sock_dtls_recv,
  sock_dtls_session_destroy, sock_dtls_session_init, sock_dtls_session_t, sock_dtls_t,
} from '../../net/sock/dtls.ts';
import { sock_dtls_set_server_psk_id_hint } from '../../net/sock/dtls_creds.ts';
import { netutils_get_ipv6 } from '../../net/sock/netutils.ts';
import { SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_create, sock_udp_t } from '../../net/sock/udp.ts';
import { fromHex } from '../../net/wire/bytes.ts';

const SERVER_PORT = 20220;
const CLIENT_PORT = 12345;
const TAG = 1;
/** Far beyond what any handshake takes, µs. */
const HANDSHAKE_LIMIT = 1_000_000;

const { modules, config } = apps.dtls_sock;

/** Opens a DTLS sock on `port`. */
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
const server: App = { name: 'bench_server', modules, config, main: function* () {
  credman_add(psk_credential(TAG, CREDENTIALS.server));
  const sock = open(SERVER_PORT, SOCK_DTLS_SERVER);
  sock_dtls_set_server_psk_id_hint(sock, CREDENTIALS.server_hint);
  const session = new sock_dtls_session_t();
  const buf = new Uint8Array(256);
  while (true) yield* sock_dtls_recv(sock, session, buf, buf.length, SOCK_NO_TIMEOUT);
} };

/** Does one handshake after the other; counts them in `progress.done`. */
function client(progress: { done: number }): App {
  return { name: 'bench_client', modules, config, main: function* (): Blocking<number> {
    credman_add(psk_credential(TAG, CREDENTIALS.client[1]));
    const sock = open(CLIENT_PORT, SOCK_DTLS_CLIENT);
    const remote = SOCK_IPV6_EP_ANY();
    const route: { netif: gnrc_netif_t | null } = { netif: null };
    netutils_get_ipv6(remote.addr.ipv6, route, 'fe80::a');
    // Without the interface the answers would not be the session's.
    remote.netif = route.netif?.pid ?? 0;
    remote.port = SERVER_PORT;
    const session = new sock_dtls_session_t();
    const buf = new Uint8Array(256);
    while (true) {
      yield* sock_dtls_session_init(sock, remote, session);
      const res = yield* sock_dtls_recv(sock, session, buf, buf.length, HANDSHAKE_LIMIT);
      if (res !== -SOCK_DTLS_HANDSHAKE) throw new Error(`handshake ${progress.done + 1} ended with ${res}`);
      progress.done++;
      yield* sock_dtls_session_destroy(sock, session);
    }
  } };
}

/** A client and a server; runs `n` more handshakes at each call of what it returns. */
export function handshakeNetwork(): (n: number) => number {
  const progress = { done: 0 };
  const sim = new Simulation({ seed: 1, nodes: {
    server: { board: native, app: server, eui64: fromHex('020000000000000a'), bootAt: 0 },
    client: { board: native, app: client(progress), eui64: fromHex('020000000000000b'), bootAt: 2_000_000 },
  } });
  return (n) => {
    const end = progress.done + n;
    while (progress.done < end) {
      sim.runFor(10_000);
      const failure = sim.nodes.find((node) => node.state === 'crashed')?.failure;
      if (failure !== undefined) throw failure;
    }
    return progress.done;
  };
}

/** `n` sequential PSK handshakes, from session_init to session_destroy; boots two boards for it. */
export function emulatedHandshakes(n: number): number {
  return handshakeNetwork()(n);
}

/** Two boards at their shell prompts, for so many virtual seconds. Returns the number of steps. */
export function idleBoards(seconds: number): number {
  const sim = new Simulation({ seed: 1, nodes: {
    a: { board: native, app: apps.dtls_sock },
    b: { board: native, app: apps.dtls_sock },
  } });
  sim.runFor(seconds * 1_000_000);
  return sim.sequence;
}
