// Two boards whose main threads are the test's own: a server at fe80::a and a client at fe80::b.
import { native } from '../../../boards/native.ts';
import { type SimNode, Simulation } from '../../../emulator/sim/index.ts';
import type { Blocking } from '../../../kernel/blocking.ts';
import { decodeText, encodeText } from '../../../kernel/text.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { CREDMAN_TYPE_PSK, type credman_credential_t, credman_add } from '../../../net/credman.ts';
import type { NetEvent } from '../../../net/events.ts';
import { gnrc_netif_iter } from '../../../net/gnrc/netif_t.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_CLIENT, SOCK_DTLS_SERVER, sock_dtls_create, sock_dtls_recv, sock_dtls_session_init,
  sock_dtls_session_t, sock_dtls_t,
} from '../../../net/sock/dtls.ts';
import {
  SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_create, sock_udp_t, type sock_udp_ep_t,
} from '../../../net/sock/udp.ts';
import { ipv6_addr_from_str } from '../../../net/wire/addr.ts';

export const SERVER = 'fe80::a';
export const CLIENT = 'fe80::b';
export const SERVER_PORT = 20220;
export const CLIENT_PORT = 12345;
export const TAG = 10;
export const SECOND = 1_000_000;

type Main = () => Blocking<unknown>;

export interface Network {
  readonly simulation: Simulation;
  readonly server: SimNode;
  readonly client: SimNode;
  /** DTLS and sock events of a node, in order. */
  events(node: SimNode): NetEvent[];
}

export interface NetworkOptions {
  readonly server?: Main;
  readonly client?: Main;
  readonly config?: Readonly<Record<string, number>>;
  /** What the client has instead of `config`. */
  readonly profile?: 'riot' | 'rfc';
  /** Modules besides those of every board here. */
  readonly modules?: readonly string[];
  readonly clientConfig?: Readonly<Record<string, number>>;
}

/** Two boards that have not run yet; the server boots at 0, the client at 1 s. */
export function network(options: NetworkOptions): Network {
  const nodes = {
    server: node(options.server ?? idle, 0x0a, 0, options.config, options.modules),
    client: node(options.client ?? idle, 0x0b, SECOND, options.clientConfig ?? options.config, options.modules),
  };
  const simulation = new Simulation({ seed: 1, nodes, ...(options.profile === undefined ? {} : { profile: options.profile }) });
  const all = new Map<string, NetEvent[]>([['server', []], ['client', []]]);
  simulation.trace.subscribe(({ node: name, event }) => {
    if (event.layer === 'dtls' || event.layer === 'sock') all.get(name)?.push(event as NetEvent);
    return undefined;
  });
  const [server, client] = simulation.nodes;
  return { simulation, server, client, events: ({ name }) => all.get(name)! };
}

/**
 * Runs them for so many seconds of virtual time.
 * @throws what crashed a board: an error in a test's own main would otherwise look like silence
 */
export function run(options: NetworkOptions, seconds = 30): Network {
  const net = network(options);
  net.simulation.runUntil(seconds * SECOND);
  for (const { state, failure } of net.simulation.nodes) if (state === 'crashed') throw failure;
  return net;
}

/** Runs `main` on one board alone. */
export function board(main: Main, config?: Readonly<Record<string, number>>): SimNode {
  return run({ client: main, config }, 20).client;
}

/** What a node's main thread printed, without the lines of its boot. */
export function printed({ console: text }: SimNode): string {
  return text.slice(text.indexOf('\n', text.indexOf('main(): This is RIOT!')) + 1);
}

/** An end point on the board's interface. */
export function endpoint(addr: string, port: number): sock_udp_ep_t {
  const ep = SOCK_IPV6_EP_ANY();
  ep.addr.ipv6.set(ipv6_addr_from_str(addr)!);
  ep.netif = gnrc_netif_iter(null)!.pid;
  ep.port = port;
  return ep;
}

export function bytes(text: string): Uint8Array {
  return encodeText(text);
}

export function text(buffer: Uint8Array, length: number): string {
  return decodeText(buffer.subarray(0, length));
}

export interface Psk {
  id?: string;
  key?: string;
  hint?: string;
}

export function psk(tag: number, { id = 'id', key = 'key', hint }: Psk = {}): credman_credential_t {
  const buffer = (s: string) => ({ s: bytes(s), len: bytes(s).length });
  const params = { psk: { key: buffer(key), id: buffer(id), ...(hint === undefined ? {} : { hint: buffer(hint) }) } };
  return { type: CREDMAN_TYPE_PSK, tag, params };
}

/** A DTLS sock over a UDP sock bound to `port`, with one credential in credman. */
export function open(port: number, role = SOCK_DTLS_CLIENT, credential: Psk = {}): sock_dtls_t {
  credman_add(psk(TAG, credential));
  const udp = new sock_udp_t();
  const local = SOCK_IPV6_EP_ANY();
  local.port = port;
  sock_udp_create(udp, local, null, 0);
  const sock = new sock_dtls_t();
  sock_dtls_create(sock, udp, TAG, SOCK_DTLS_1_2, role);
  return sock;
}

/** A handshake with the server, from its start to the -EXDEV of the receive. */
export function* connect(sock: sock_dtls_t, session = new sock_dtls_session_t()): Blocking<number> {
  yield* sock_dtls_session_init(sock, endpoint(SERVER, SERVER_PORT), session);
  return yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, 5 * SECOND);
}

/** A server that receives for ever and tells each result, data as text. */
export function server(results: unknown[] = [], options: Psk & { setup?: (sock: sock_dtls_t) => unknown } = {}): Main {
  return function* () {
    const sock = open(SERVER_PORT, SOCK_DTLS_SERVER, options);
    options.setup?.(sock);
    const session = new sock_dtls_session_t();
    const buffer = new Uint8Array(256);
    while (true) {
      const res = yield* sock_dtls_recv(sock, session, buffer, buffer.length, SOCK_NO_TIMEOUT);
      results.push(res > 0 ? text(buffer, res) : res);
    }
  };
}

/** A server that does `then` with the session of its first client. */
export function serverThat(then: (sock: sock_dtls_t, session: sock_dtls_session_t) => Blocking<unknown>) {
  return function* (): Blocking<void> {
    const sock = open(SERVER_PORT, SOCK_DTLS_SERVER);
    const session = new sock_dtls_session_t();
    yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, SOCK_NO_TIMEOUT);
    yield* ztimer_sleep(ZTIMER_USEC, SECOND);
    yield* then(sock, session);
  };
}

function node(main: Main, last: number, bootAt: number, config?: Readonly<Record<string, number>>,
  modules: readonly string[] = []) {
  return {
    board: native,
    app: {
      name: 'test',
      main: function* (): Blocking<number> {
        yield* main();
        return 0;
      },
      modules: ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'sock_udp', 'sock_dtls', ...modules],
    },
    eui64: new Uint8Array([2, 0, 0, 0, 0, 0, 0, last]),
    bootAt,
    ...(config === undefined ? {} : { config }),
  };
}

function* idle(): Blocking<void> {
  // A board without an app of its own still has its stack.
}
