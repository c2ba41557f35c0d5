// Socks that call back (RIOT sys/include/net/sock/async.h), with module sock_async.
import { current } from '../../kernel/current.ts';
import { sock_async_ctx_t } from './async/ctx.ts';
import { bind_cb, type sock_cb_t, type sock_ip_cb_t, type sock_udp_cb_t } from './async/types.ts';
import type { gnrc_sock_reg_t, sock_ip_t, sock_udp_t } from './types.ts';

export {
  SOCK_ASYNC_CONN_FIN, SOCK_ASYNC_CONN_RDY, SOCK_ASYNC_CONN_RECV, SOCK_ASYNC_MSG_RECV, SOCK_ASYNC_MSG_SENT,
  SOCK_ASYNC_PATH_PROP,
} from './async/types.ts';
export { sock_async_ctx_t, sock_event_t } from './async/ctx.ts';
export type { sock_async_flags_t, sock_cb_t, sock_ip_cb_t, sock_udp_cb_t } from './async/types.ts';

/**
 * Has `cb` called when there is a datagram, in the thread of UDP, and when one was sent, in the thread that did. It
 * must not block there: post an event, see async/event.ts.
 *
 * @param sock  bound by sock_udp_create(); a send that binds it later forgets the callback
 * @param cb    or null: none any more
 * @param arg   handed to `cb`
 * @throws TypeError without module sock_async: RIOT's linker refuses such an image
 */
export function sock_udp_set_cb(sock: sock_udp_t, cb: sock_udp_cb_t | null, arg: unknown): void {
  setCb(sock, cb, arg, 'sock_udp_set_cb');
}

/** As sock_udp_set_cb(), for packets of a protocol; called in the thread of IPv6. */
export function sock_ip_set_cb(sock: sock_ip_t, cb: sock_ip_cb_t | null, arg: unknown): void {
  setCb(sock, cb, arg, 'sock_ip_set_cb');
}

function setCb<S extends { reg: gnrc_sock_reg_t }>(sock: S, cb: sock_cb_t<S> | null, arg: unknown, what: string): void {
  if (!current().modules.has('gnrc_sock_async')) throw new TypeError(`${what}() needs module sock_async`);
  sock.reg.async_cb = cb === null ? null : bind_cb(sock, cb, arg);
}

/** What the sock has for events. */
export function sock_udp_get_async_ctx(sock: sock_udp_t): sock_async_ctx_t {
  return sock.reg.async_ctx ??= new sock_async_ctx_t();
}

/** What the sock has for events. */
export function sock_ip_get_async_ctx(sock: sock_ip_t): sock_async_ctx_t {
  return sock.reg.async_ctx ??= new sock_async_ctx_t();
}
