// What a sock with callbacks tells (RIOT sys/include/net/sock/async/types.h).
import type { Blocking } from '../../../kernel/blocking.ts';
import type { sock_ip_t, sock_udp_t } from '../types.ts';

/** SOCK_ASYNC_* bits. */
export type sock_async_flags_t = number;

/** A session is ready (DTLS). */
export const SOCK_ASYNC_CONN_RDY = 0x0001;
/** A session has ended (DTLS). */
export const SOCK_ASYNC_CONN_FIN = 0x0002;
/** A handshake message came (DTLS). */
export const SOCK_ASYNC_CONN_RECV = 0x0004;
/** There is something to receive. */
export const SOCK_ASYNC_MSG_RECV = 0x0010;
/** A send function has handed its packet to the stack, or failed to. */
export const SOCK_ASYNC_MSG_SENT = 0x0020;
/** The path has changed. GNRC never tells. */
export const SOCK_ASYNC_PATH_PROP = 0x0040;

/** Called with a sock of type S, what happened, and what was given when the callback was set. */
export type sock_cb_t<S> = (sock: S, flags: sock_async_flags_t, arg: unknown) => undefined | Blocking<void>;
export type sock_udp_cb_t = sock_cb_t<sock_udp_t>;
export type sock_ip_cb_t = sock_cb_t<sock_ip_t>;

/** A callback together with its sock and its argument. */
export type bound_cb_t = (flags: sock_async_flags_t) => undefined | Blocking<void>;

/** Binds a callback: C keeps sock and argument beside it. */
export function bind_cb<S>(sock: S, cb: sock_cb_t<S>, arg: unknown): bound_cb_t {
  return (flags) => cb(sock, flags, arg);
}
