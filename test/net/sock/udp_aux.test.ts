// RIOT's tests/net/sock_udp_aux, written anew: an echo server that tells what it learns of each datagram.
import test from 'ava';
import { type App, milliseconds, runScenario, scenario, seconds } from 'riotbed';
import type { Blocking } from '../../../kernel/blocking.ts';
import { printf } from '../../../kernel/stdio.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import {
  SOCK_AUX_GET_LOCAL, SOCK_AUX_GET_RSSI, SOCK_AUX_GET_TIMESTAMP, SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT,
  sock_udp_aux_rx_t, sock_udp_aux_tx_t, sock_udp_create, sock_udp_ep_t, sock_udp_recv, sock_udp_recv_aux,
  sock_udp_send, sock_udp_send_aux, sock_udp_t,
} from '../../../net/sock/udp.ts';
import { ipv6_addr_from_str, ipv6_addr_to_str } from '../../../net/wire/addr.ts';

const PORT = 12345;
const MODULES = ['auto_init_gnrc_netif', 'gnrc_icmpv6_echo', 'gnrc_ipv6_default', 'netdev_default', 'sock_udp'];
const AUX = ['sock_aux_local', 'sock_aux_rssi', 'sock_aux_timestamp'];

function* server(): Blocking<number> {
  const local = SOCK_IPV6_EP_ANY();
  const sock = new sock_udp_t();
  const buf = new Uint8Array(128);
  local.port = PORT;
  sock_udp_create(sock, local, null, 0);
  while (true) {
    const remote = new sock_udp_ep_t();
    const rx = new sock_udp_aux_rx_t();
    const tx = new sock_udp_aux_tx_t();
    rx.flags = SOCK_AUX_GET_LOCAL | SOCK_AUX_GET_TIMESTAMP | SOCK_AUX_GET_RSSI;
    tx.flags = SOCK_AUX_GET_TIMESTAMP;
    const res = yield* sock_udp_recv_aux(sock, buf, buf.length, SOCK_NO_TIMEOUT, remote, rx);
    if (res < 0) continue;
    const has = (flags: number, flag: number): boolean => (flags & flag) === 0;
    const via = `${ipv6_addr_to_str(rx.local.addr.ipv6)}]:${rx.local.port}`;
    printf(`Received a message via: [${has(rx.flags, SOCK_AUX_GET_LOCAL) ? via : 'Unknown endpoint'}\n`);
    printf(`Received a message at: ${has(rx.flags, SOCK_AUX_GET_TIMESTAMP) ? `${rx.timestamp} ns` : 'No timestamp'}\n`);
    printf(`Received a message with: ${has(rx.flags, SOCK_AUX_GET_RSSI) ? `${rx.rssi} dBm` : 'No RSSI value'}\n`);
    const sent = yield* sock_udp_send_aux(sock, buf, res, remote, tx);
    const stamp = has(tx.flags, SOCK_AUX_GET_TIMESTAMP) ? `${tx.timestamp} ns` : 'No timestamp';
    printf(sent < 0 ? 'Error sending reply\n' : `Sent echo at: ${stamp}\n`);
  }
}

/** Sends to all nodes and to the server, and waits for each echo. */
function* client(): Blocking<number> {
  const buf = new Uint8Array(8);
  const sock = new sock_udp_t();
  const remote = SOCK_IPV6_EP_ANY();
  remote.port = PORT;
  sock_udp_create(sock, SOCK_IPV6_EP_ANY(), null, 0);
  for (const addr of ['ff02::1', 'fe80::a']) {
    yield* ztimer_sleep(ZTIMER_USEC, milliseconds(1500));
    remote.addr.ipv6.set(ipv6_addr_from_str(addr)!);
    yield* sock_udp_send(sock, buf, 5, remote);
    printf(`echo of ${yield* sock_udp_recv(sock, buf, 8, seconds(1), null)}\n`);
  }
  return 0;
}

function consoles(modules: string[]): { server: string; client: string } {
  const app = (name: string, main: () => Blocking<number>): App => ({ name, modules: [...MODULES, ...modules], main });
  const { simulation, error } = runScenario(scenario({ nodes: {
    a: { board: 'native', app: app('server', server), eui64: '02:00:00:00:00:00:00:0a', bootAt: 0 },
    b: { board: 'native', app: app('client', client), eui64: '02:00:00:00:00:00:00:0b', bootAt: 0 },
  } }, (sim) => sim.runFor(seconds(5))));
  if (error !== null) throw error;
  const text = (name: string): string => simulation.node(name).console.replace(/^[^]*?main\(\): .*\n/, '');
  return { server: text('a'), client: text('b') };
}

test('a server with all aux modules learns local address and RSSI; time stamps have no radio and no send', (t) => {
  // socket_zep: -28 to -25 dBm, two random bits a frame. Time stamps: only ATmegaRFR2 and Ethernet of STM32 give them.
  const { server: printed, client: echoes } = consoles(AUX);
  const each = /^Received a message via: \[(ff02::1|fe80::a)\]:12345\nReceived a message at: No timestamp\n/.source +
    /Received a message with: -2[5678] dBm\nSent echo at: No timestamp\n/.source;
  t.regex(printed, new RegExp(`^(${each.slice(1)}){2}$`));
  t.deepEqual(printed.match(/\[[^\]]*/g), ['[ff02::1', '[fe80::a']);
  t.is(echoes, 'echo of 5\necho of 5\n');
});

test('without the modules nothing is told', (t) => {
  // sys/include/net/sock.h: each flag needs its module; the bits stay set.
  t.is(consoles([]).server, ('Received a message via: [Unknown endpoint\nReceived a message at: No timestamp\n' +
    'Received a message with: No RSSI value\nSent echo at: No timestamp\n').repeat(2));
});
