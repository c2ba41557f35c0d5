// What all sock types share: end points, flags, time-outs (RIOT sys/include/net/sock.h).
import { AF_INET, AF_INET6, AF_UNSPEC } from '../af.ts';

/** More than one sock may bind the same local end point. */
export const SOCK_FLAGS_REUSE_EP = 0x0001;
/** Only datagrams of the sock's remote end point are received. */
export const SOCK_FLAGS_CONNECT_REMOTE = 0x0002;

/** An end point's `netif` when it names no interface. */
export const SOCK_ADDR_ANY_NETIF = 0;

/** A time-out that never expires. */
export const SOCK_NO_TIMEOUT = 0xffff_ffff;

/** Auxiliary data that a caller asks for; a function clears the bit of what it delivered. */
export const SOCK_AUX_GET_LOCAL = 1 << 0;
export const SOCK_AUX_GET_TIMESTAMP = 1 << 1;
export const SOCK_AUX_GET_RSSI = 1 << 2;
export const SOCK_AUX_SET_LOCAL = 1 << 3;
export const SOCK_AUX_GET_TTL = 1 << 4;

/** An end point without ports: an address, and the interface it belongs to. */
export class sock_ip_ep_t {
  /** AF_INET6, or AF_UNSPEC for none. */
  family = AF_UNSPEC;
  /** 16 bytes in network order; C has a union of IPv6 and IPv4 here. */
  readonly addr = { ipv6: new Uint8Array(16) };
  /** Interface id, or SOCK_ADDR_ANY_NETIF. */
  netif = SOCK_ADDR_ANY_NETIF;
}

/** `struct _sock_tl_ep`: an end point of a transport layer. */
export class sock_udp_ep_t extends sock_ip_ep_t {
  /** 0 to 65535, host order. */
  port = 0;
}

/** `*to = *from`. */
export function sock_ip_ep_copy(to: sock_ip_ep_t, from: sock_ip_ep_t): void {
  to.family = from.family;
  to.addr.ipv6.set(from.addr.ipv6);
  to.netif = from.netif;
}

/** `memset(ep, 0, sizeof(*ep))`. */
export function sock_ip_ep_clear(ep: sock_ip_ep_t): void {
  ep.family = AF_UNSPEC;
  ep.addr.ipv6.fill(0);
  ep.netif = SOCK_ADDR_ANY_NETIF;
}

/** `*to = *from`. */
export function sock_udp_ep_copy(to: sock_udp_ep_t, from: sock_udp_ep_t): void {
  sock_ip_ep_copy(to, from);
  to.port = from.port;
}

/** `memset(ep, 0, sizeof(*ep))`. */
export function sock_udp_ep_clear(ep: sock_udp_ep_t): void {
  sock_ip_ep_clear(ep);
  ep.port = 0;
}

/** A new end point with any IPv6 address, any interface and port 0. */
export function SOCK_IPV6_EP_ANY(): sock_udp_ep_t {
  const ep = new sock_udp_ep_t();
  ep.family = AF_INET6;
  return ep;
}

/** A new end point of the family AF_INET, which GNRC has no support for. */
export function SOCK_IPV4_EP_ANY(): sock_udp_ep_t {
  const ep = new sock_udp_ep_t();
  ep.family = AF_INET;
  return ep;
}
