// End points of sock_udp and sessions of the DTLS engine, one into the other.
import { assert } from '../../kernel/panic.ts';
import { AF_INET6 } from '../af.ts';
import type { session_t } from '../dtls/dtls.ts';
import { ipv6_addr_is_link_local } from '../wire/addr.ts';
import type { sock_dtls_session_t } from './dtls_types.ts';
import { SOCK_ADDR_ANY_NETIF, sock_udp_ep_t } from './sock.ts';

/** The end point of a session. */
export function sessionToEp(session: session_t): sock_udp_ep_t {
  const ep = new sock_udp_ep_t();
  copySessionToEp(session, AF_INET6, ep);
  return ep;
}

/** Writes the end point of a session into `ep`. */
export function copySessionToEp(session: session_t, family: number, ep: sock_udp_ep_t): void {
  ep.family = family;
  ep.addr.ipv6.set(session.addr);
  ep.netif = session.ifindex;
  ep.port = session.port;
}

/**
 * Makes `remote` the session of an end point. The interface is kept for link-local addresses only.
 * A family other than AF_INET6 fails RIOT's assertion.
 */
export function epToSession(ep: sock_udp_ep_t, remote: sock_dtls_session_t): void {
  const session = remote.dtls_session;
  remote.family = ep.family;
  session.port = ep.port;
  assert(ep.family === AF_INET6, 'pkg/tinydtls/contrib/sock_dtls.c:972');
  session.ifindex = ipv6_addr_is_link_local(ep.addr.ipv6) ? ep.netif : SOCK_ADDR_ANY_NETIF;
  session.addr.set(ep.addr.ipv6);
}

/** Makes `remote` a copy of `session`. */
export function copySession(session: session_t, remote: sock_dtls_session_t): void {
  const to = remote.dtls_session;
  to.addr.set(session.addr);
  to.port = session.port;
  to.ifindex = session.ifindex;
  remote.family = AF_INET6;
}
