// The host as one more node: an app whose UDP socks stand for programs outside. What such a program sends comes in as a
// host action and leaves the node as a UDP datagram; what comes back leaves the simulation as a trace event. No RIOT
// board has this app.
import type { App } from '../../kernel/app.ts';
import type { Blocking, Callback } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import { thread_get_active } from '../../kernel/thread.ts';
import { thread_flags_set, thread_flags_wait_any } from '../../kernel/thread_flags.ts';
import { AF_INET6 } from '../../net/af.ts';
import { gnrc_netif_iter } from '../../net/gnrc/netif_t.ts';
import {
  SOCK_IPV6_EP_ANY, sock_udp_close, sock_udp_create, sock_udp_ep_t, sock_udp_recv, sock_udp_send, sock_udp_set_cb,
  sock_udp_t,
} from '../../net/sock/udp.ts';

/** Name of the app, in sessions and recordings. */
export const HOST_UDP = 'host_udp';
/** A program that has been silent longest gives up its port once there are more. */
const CLIENTS_MAX = 64;
/** What fits into an IPv6 packet of the interface's MTU of 1280 bytes. */
export const HOST_PAYLOAD_MAX = 1232;
const ARRIVED = 1;

/** A datagram of a program for a board. */
export interface HostDatagram {
  /** Which program. */
  readonly client: number;
  readonly to: Uint8Array;
  readonly port: number;
  readonly payload: Uint8Array;
}

/** How datagrams of programs reach the app, and the other way. */
export class HostLink {
  /** Set by the app while it runs: the interrupt of an arrival. */
  onArrival: Callback<[]> | null = null;
  private waiting: HostDatagram[] = [];
  private readonly tell: (client: number, payload: Uint8Array) => undefined;

  /** @param tell takes what boards send to programs */
  constructor(tell: (client: number, payload: Uint8Array) => undefined) {
    this.tell = tell;
  }

  put(datagram: HostDatagram): void {
    this.waiting.push(datagram);
  }

  take(): HostDatagram | undefined {
    return this.waiting.shift();
  }

  send(client: number, payload: Uint8Array): void {
    this.tell(client, payload);
  }

  /** Power is gone, and what was waiting with it. */
  unplug(): void {
    this.onArrival = null;
    this.waiting = [];
  }
}

/** A platform that has such a link. */
interface HostLinked {
  readonly hostLink: HostLink;
}

export const hostUdp: App = {
  name: HOST_UDP,
  main,
  modules: ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'sock_udp', 'sock_async'],
  // The host is nobody's bottleneck: room for several large datagrams both ways.
  config: { CONFIG_GNRC_PKTBUF_SIZE: 32_768 },
};

/** A program outside. */
interface Client {
  readonly id: number;
  readonly sock: sock_udp_t;
  readonly remote: sock_udp_ep_t;
}

function* main(): Blocking<number> {
  const link = (current().platform as unknown as HostLinked).hostLink;
  const me = thread_get_active()!;
  link.onArrival = () => thread_flags_set(me, ARRIVED);
  const clients = new Map<number, Client>();
  while (true) {
    for (let datagram = link.take(); datagram !== undefined; datagram = link.take()) {
      const client = clientOf(clients, datagram, link);
      yield* sock_udp_send(client.sock, datagram.payload, datagram.payload.length, client.remote);
    }
    yield* thread_flags_wait_any(ARRIVED);
  }
}

/** The sock of a program; the map has them in the order of their last use. */
function clientOf(clients: Map<number, Client>, { client: id, to, port }: HostDatagram, link: HostLink): Client {
  const known = clients.get(id);
  if (known !== undefined) {
    clients.delete(id);
    clients.set(id, known);
    return known;
  }
  if (clients.size >= CLIENTS_MAX) {
    const [oldest, { sock }] = clients.entries().next().value!;
    sock_udp_close(sock);
    clients.delete(oldest);
  }
  const client = { id, sock: new sock_udp_t(), remote: new sock_udp_ep_t() };
  client.remote.family = AF_INET6;
  client.remote.addr.ipv6.set(to);
  client.remote.port = port;
  client.remote.netif = gnrc_netif_iter(null)?.pid ?? 0;
  sock_udp_create(client.sock, SOCK_IPV6_EP_ANY(), client.remote, 0);
  sock_udp_set_cb(client.sock, (sock) => deliver(sock, id, link), null);
  clients.set(id, client);
  return client;
}

/** Hands out what has come for a program; in the thread of UDP. */
function* deliver(sock: sock_udp_t, client: number, link: HostLink): Blocking<void> {
  const buf = new Uint8Array(HOST_PAYLOAD_MAX);
  while (true) {
    const res = yield* sock_udp_recv(sock, buf, buf.length, 0, null);
    if (res < 0) return;
    link.send(client, buf.slice(0, res));
  }
}
