// Ports and the list of socks that use them (RIOT sys/net/gnrc/sock/udp/gnrc_sock_udp.c).
import { current, perBoard } from '../../kernel/current.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { random_uint32 } from '../../kernel/random.ts';
import { quirk } from '../quirks.ts';
import { ipv6_addr_equal, ipv6_addr_is_unspecified } from '../wire/addr.ts';
import { SOCK_FLAGS_REUSE_EP, type sock_udp_ep_t } from './sock.ts';
import type { sock_udp_t } from './types.ts';

/** Dynamic ports (RIOT sys/include/net/iana/portrange.h). */
const IANA_DYNAMIC_PORTRANGE_MIN = 49152;
const IANA_DYNAMIC_PORTRANGE_MAX = 65535;
const DYNAMIC_PORTS = IANA_DYNAMIC_PORTRANGE_MAX - IANA_DYNAMIC_PORTRANGE_MIN + 1;

/** What udp_dynamic_port() returns when it finds none. */
export const GNRC_SOCK_DYN_PORTRANGE_ERR = 0;

/** The socks of a board with module gnrc_sock_check_reuse, the newest first. RAM: in the image's table. */
const statics = perBoard<{ head: sock_udp_t | null }>(() => ({ head: null }), { bytes: 0 });

/** Whether the board's socks are looked at before an end point is used. */
function checked(): boolean {
  return current().modules.has('gnrc_sock_check_reuse');
}

/** Whether `found` is true of a sock in the list. */
function anySock(found: (sock: sock_udp_t) => boolean): boolean {
  const seen = new Set<sock_udp_t>();
  for (let sock = statics().head; sock !== null; sock = sock.next) {
    if (found(sock)) return true;
    if (seen.has(sock)) {
      undefined_on_riot('the list of gnrc_sock_check_reuse has become a circle, RIOT goes round it for ever');
      return false;
    }
    seen.add(sock);
  }
  return false;
}

/**
 * A random port (RFC 6056 §3.3.2). With module gnrc_sock_check_reuse none that a sock bound to all addresses uses,
 * unless `sock` has SOCK_FLAGS_REUSE_EP; as many ports are tried as there are.
 *
 * @param sock  whom it is for, or null
 * @returns 49152 to 65535, or GNRC_SOCK_DYN_PORTRANGE_ERR
 */
export function udp_dynamic_port(sock: sock_udp_t | null): number {
  const any = !checked() || (sock !== null && (sock.flags & SOCK_FLAGS_REUSE_EP) !== 0);
  for (let tries = DYNAMIC_PORTS; tries > 0; tries--) {
    const port = IANA_DYNAMIC_PORTRANGE_MIN + random_uint32() % DYNAMIC_PORTS;
    if (any || !anySock(({ local }) => local.port === port && ipv6_addr_is_unspecified(local.addr.ipv6))) return port;
  }
  return GNRC_SOCK_DYN_PORTRANGE_ERR;
}

/** Whether a sock has exactly this local end point, with module gnrc_sock_check_reuse. */
export function udp_ep_in_use(ep: sock_udp_ep_t): boolean {
  return checked() && anySock(({ local }) => local.family === ep.family && local.port === ep.port &&
    local.netif === ep.netif && ipv6_addr_equal(local.addr.ipv6, ep.addr.ipv6));
}

/** Adds a sock to the list. */
export function udp_list_add(sock: sock_udp_t): void {
  if (!checked()) return;
  const list = statics();
  sock.next = list.head;
  list.head = sock;
}

/** Takes a sock off the list. RIOT forgets to, if it is the newest. */
export function udp_list_remove(sock: sock_udp_t): void {
  if (!checked()) return;
  const list = statics();
  if (list.head === sock) {
    if (!quirk('sock-reuse-list')) list.head = sock.next;
    return;
  }
  const seen = new Set<sock_udp_t>();
  for (let before = list.head; before !== null && !seen.has(before); before = before.next) {
    seen.add(before);
    if (before.next !== sock) continue;
    before.next = sock.next;
    return;
  }
}
