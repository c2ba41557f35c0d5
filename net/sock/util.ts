// Text of end points and URLs (RIOT sys/include/net/sock/util.h, sys/net/sock/sock_util.c).
import { EINVAL, ENOTSUP, EOVERFLOW } from '../../kernel/errno.ts';
import { assert } from '../../kernel/panic.ts';
import { atoi } from '../../kernel/stdlib.ts';
import { AF_INET6 } from '../af.ts';
import { ipv6_addr_from_str, ipv6_addr_to_str, ipv6_addr_equal } from '../wire/addr.ts';
import { sock_udp_ep_clear, type sock_udp_ep_t } from './sock.ts';
import type { out_t } from './udp.ts';

/** Sizes of the buffers in RIOT, each with the final NUL (sys/include/net/sock/config.h). */
const CONFIG_SOCK_SCHEME_MAXLEN = 16;
const CONFIG_SOCK_HOSTPORT_MAXLEN = 64;
const CONFIG_SOCK_URLPATH_MAXLEN = 64;

const PORT_STR_LEN = 5;
const NETIF_STR_LEN = 5;

const SOCK_UTIL_C = 'sys/net/sock/sock_util.c';

/**
 * Writes address and port of an end point as text.
 *
 * @param addr_str  takes the address, with `%` and the interface if the end point names one: `fe80::a%6`
 * @param port      takes the port, or null
 * @returns the length of the address text, or -ENOTSUP for a family other than AF_INET6; then
 *          `addr_str` is empty and `port` as before
 */
export function sock_tl_ep_fmt(
  endpoint: sock_udp_ep_t, addr_str: out_t<string>, port: out_t<number> | null,
): number {
  addr_str.value = '';
  if (endpoint.family !== AF_INET6) return -ENOTSUP;
  let text = ipv6_addr_to_str(endpoint.addr.ipv6);
  // Module fmt, which sock_util pulls in, writes the number without padding.
  if (endpoint.netif !== 0) text += `%${endpoint.netif}`;
  addr_str.value = text;
  if (port !== null) port.value = endpoint.port;
  return text.length;
}

/** sock_tl_ep_fmt() for UDP. */
export function sock_udp_ep_fmt(
  endpoint: sock_udp_ep_t, addr_str: out_t<string>, port: out_t<number> | null,
): number {
  return sock_tl_ep_fmt(endpoint, addr_str, port);
}

/**
 * Reads an end point of the form `[address]`, `[address]:port`, `[address%netif]` or
 * `[address%netif]:port`. The interface is a decimal number, the port at most five characters.
 *
 * @returns 0, or -EINVAL for any other text: no brackets (they are for IPv4 only, which is not
 *          built in), a port above 65535, an interface of no or more than four characters
 */
export function sock_tl_str2ep(ep_out: sock_udp_ep_t, str: string): number {
  sock_udp_ep_clear(ep_out);
  const brackets = str.charCodeAt(0) === 0x5b ? 1 : 0;
  const start = brackets;
  let end = start;
  if (brackets === 1) {
    while (end < str.length && str[end] !== ']' && str[end] !== '%') end++;
    if (end === str.length || end - start >= CONFIG_SOCK_HOSTPORT_MAXLEN) return -EINVAL;
  } else {
    while (end < str.length && str[end] !== ':' && end < CONFIG_SOCK_HOSTPORT_MAXLEN) end++;
  }
  if (str[end + brackets] === ':') {
    if (!parsePort(ep_out, str.slice(end + brackets + 1))) return -EINVAL;
  } else if (brackets === 1 && str[end] === '%') {
    const netifLength = parseNetif(ep_out, str, end + 1);
    if (netifLength < 0) return -EINVAL;
    const colon = end + netifLength + 2;
    if (str[colon] === ':' && !parsePort(ep_out, str.slice(colon + 1))) return -EINVAL;
  }
  if (end - start >= CONFIG_SOCK_HOSTPORT_MAXLEN) return -EINVAL;
  const addr = ipv6_addr_from_str(str.slice(start, end));
  if (addr === null) return -EINVAL;
  ep_out.addr.ipv6.set(addr);
  ep_out.family = AF_INET6;
  return 0;
}

/** sock_tl_str2ep() for UDP. */
export function sock_udp_str2ep(ep_out: sock_udp_ep_t, str: string): number {
  return sock_tl_str2ep(ep_out, str);
}

/**
 * Reads an end point, or a host name and a port: `name:port`. There is no resolver here, so that no name is found.
 * @returns as sock_tl_str2ep(); -EINVAL for a name, `ep_out.port` is then the number behind the first colon, or 0
 */
export function sock_tl_name2ep(ep_out: sock_udp_ep_t, str: string): number {
  if (sock_tl_str2ep(ep_out, str) === 0) return 0;
  const colon = str.indexOf(':');
  if (colon < CONFIG_SOCK_HOSTPORT_MAXLEN) ep_out.port = colon < 0 ? 0 : atoi(str.slice(colon + 1)) & 0xffff;
  return -EINVAL;
}

/** sock_tl_name2ep() for UDP. */
export function sock_udp_name2ep(ep_out: sock_udp_ep_t, str: string): number {
  return sock_tl_name2ep(ep_out, str);
}

/** sock_tl_ep_equal() for UDP. */
export function sock_udp_ep_equal(a: sock_udp_ep_t, b: sock_udp_ep_t): boolean {
  return sock_tl_ep_equal(a, b);
}

/** Whether two end points have the same family, address and port. The interface does not count. */
export function sock_tl_ep_equal(a: sock_udp_ep_t, b: sock_udp_ep_t): boolean {
  assert(a && b, `${SOCK_UTIL_C}:336`);
  return a.family === b.family && a.port === b.port && a.family === AF_INET6 &&
    ipv6_addr_equal(a.addr.ipv6, b.addr.ipv6);
}

/**
 * Splits `scheme://host:port/path`.
 *
 * @param hostport  takes host and port, or null
 * @param urlpath   takes the path with its first slash, or null
 * @returns 0, -EINVAL if there is no `://` within the first 17 characters, or -EOVERFLOW if what is asked for
 *          is longer than 63 characters (the host part is then there if only the path was too long)
 */
export function sock_urlsplit(url: string, hostport: out_t<string> | null, urlpath: out_t<string> | null): number {
  assert(url !== null, `${SOCK_UTIL_C}:86`);
  const host = findHost(url);
  if (host < 0) return -EINVAL;
  const path = findPath(url, host);
  if (hostport !== null) {
    if (path - host > CONFIG_SOCK_HOSTPORT_MAXLEN - 1) return -EOVERFLOW;
    hostport.value = url.slice(host, path);
  }
  if (urlpath !== null) {
    if (url.length - path > CONFIG_SOCK_URLPATH_MAXLEN - 1) return -EOVERFLOW;
    urlpath.value = url.slice(path);
  }
  return 0;
}

/** The path of a URL, with its first slash; empty if there is none, null if it is not a URL. */
export function sock_urlpath(url: string): string | null {
  assert(url !== null, `${SOCK_UTIL_C}:118`);
  const host = findHost(url);
  return host < 0 ? null : url.slice(findPath(url, host));
}

function findHost(url: string): number {
  const limit = Math.min(url.length, CONFIG_SOCK_SCHEME_MAXLEN + 1);
  for (let i = 0; i < limit; i++) {
    if (url[i] === ':') return url.startsWith('//', i + 1) ? i + 3 : -1;
  }
  return -1;
}

function findPath(url: string, host: number): number {
  const limit = Math.min(url.length, host + CONFIG_SOCK_HOSTPORT_MAXLEN);
  for (let i = host; i < limit; i++) {
    if (url[i] === '/') return i;
  }
  return limit;
}

function parsePort(ep: sock_udp_ep_t, text: string): boolean {
  if (text.length > PORT_STR_LEN) return false;
  const port = atol(text);
  if (port < 0 || port > 0xffff) return false;
  ep.port = port;
  return true;
}

/** Reads the interface number before the next `]`; its length in characters, or -1. */
function parseNetif(ep: sock_udp_ep_t, str: string, start: number): number {
  const end = str.indexOf(']', start);
  const length = end - start;
  if (end < 0 || length >= NETIF_STR_LEN || length === 0) return -1;
  const netif = atol(str.slice(start, end));
  if (netif < 0 || netif > 0xffff) return -1;
  ep.netif = netif;
  return length;
}

/** C's atol(): white space, a sign, digits; 0 if there are none, whatever follows is ignored. */
function atol(text: string): number {
  let i = 0;
  while (text[i] === ' ' || (text[i]! >= '\t' && text[i]! <= '\r')) i++;
  const negative = text[i] === '-';
  if (negative || text[i] === '+') i++;
  let value = 0;
  for (let digit = text.charCodeAt(i) - 0x30; digit >= 0 && digit <= 9; digit = text.charCodeAt(++i) - 0x30) {
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}
