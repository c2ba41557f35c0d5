import type { Blocking } from '../../../kernel/blocking.ts';
import {
  SOCK_ADDR_ANY_NETIF, SOCK_IPV6_EP_ANY, sock_udp_create, sock_udp_ep_t, sock_udp_t,
} from '../../../net/sock/udp.ts';
import { ipv6_addr_from_str } from '../../../net/wire/addr.ts';
import { Network, type NodeOptions, type TestNode } from '../gnrc/network.ts';
import { handIpv6, STRANGER_IP, udpPacket } from '../gnrc/traffic.ts';

/** The local port of these tests. */
export const PORT = 8888;

/** A board that has sent its first router solicitations and hears none of its own frames. */
export function boot(options: NodeOptions = {}): TestNode {
  const network = new Network();
  const node = network.add(options);
  network.run(1_000_000);
  network.frames.length = 0;
  network.hears = () => false;
  return node;
}

/** An end point from its text. */
export function endpoint(addr: string, port: number, netif = SOCK_ADDR_ANY_NETIF): sock_udp_ep_t {
  const ep = SOCK_IPV6_EP_ANY();
  ep.addr.ipv6.set(ipv6_addr_from_str(addr) ?? new Uint8Array(16));
  ep.port = port;
  ep.netif = netif;
  return ep;
}

/** Runs code that does not block on the board. */
export function on<T>(node: TestNode, code: () => T): T {
  return node.do(function* (): Blocking<T> {
    return code();
  });
}

/** A sock that is set up, on its board. */
export function create(
  node: TestNode, local: sock_udp_ep_t | null, remote: sock_udp_ep_t | null, flags = 0,
): sock_udp_t {
  return on(node, () => {
    const sock = new sock_udp_t();
    if (sock_udp_create(sock, local, remote, flags) !== 0) throw new TypeError('not created');
    return sock;
  });
}

/** A datagram from fe80::c arrives. */
export function arrive(node: TestNode, payload: Uint8Array, srcPort = 1000, dst = node.linkLocal): void {
  handIpv6(node, udpPacket(STRANGER_IP, dst, srcPort, PORT, payload));
}
