// The DTLS sock (RIOT sys/include/net/sock/dtls.h over pkg/tinydtls/contrib/sock_dtls.c).
//
// Behaviour is RIOT's, known shortcomings included: a lost handshake message is never sent again, a
// send with a time-out never makes a session, a recv does not tell of alerts or of the peer's close,
// and each function's comment says what else to expect.
//
// What RIOT leaves undefined prints a diagnostic and does what the comment says.
import type { Blocking } from '../../kernel/blocking.ts';
import { EADDRNOTAVAIL, EINVAL, ENOMEM } from '../../kernel/errno.ts';
import { mbox_init } from '../../kernel/mbox.ts';
import { msg_queue_array } from '../../kernel/msg.ts';
import { assert } from '../../kernel/panic.ts';
import { AF_INET6 } from '../af.ts';
import { net_config } from '../config.ts';
import { CREDMAN_TAG_EMPTY, type credman_tag_t } from '../credman.ts';
import {
  dtls_connect, dtls_free_context, dtls_get_peer, dtls_new_context, dtls_reset_peer,
} from '../dtls/dtls.ts';
import { sock_event_close } from './async/ctx.ts';
import { closeInThread } from './dtls_async.ts';
import { dtls_env, runEngine } from './dtls_engine.ts';
import { SOCK_DTLS_C, isOpen } from './dtls_internal.ts';
import { sock_dtls_recv } from './dtls_recv.ts';
import { copySessionToEp, epToSession } from './dtls_session.ts';
import {
  DTLS_HANDSHAKE_BUFSIZE, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT, SOCK_DTLS_HANDSHAKE, SOCK_DTLS_SERVER,
  type sock_dtls_session_t, type sock_dtls_t,
} from './dtls_types.ts';
import { sock_udp_ep_t } from './sock.ts';
import { sock_udp_get_local, type sock_udp_t } from './udp.ts';

export {
  sock_dtls_event_init, sock_dtls_get_async_ctx, sock_dtls_get_event_session, sock_dtls_set_cb,
} from './dtls_async.ts';
export * from './dtls_recv.ts';
export * from './dtls_send.ts';
export * from './dtls_types.ts';

/** Initialises the DTLS engine of the board; called once by auto_init. */
export function sock_dtls_init(): void {
  dtls_env();
}

/**
 * Makes `sock` a DTLS sock over an initialised UDP sock.
 *
 * @param tag     the first credential tag, or CREDMAN_TAG_EMPTY for none; not looked up now
 * @param version SOCK_DTLS_1_2
 * @param role    SOCK_DTLS_CLIENT or SOCK_DTLS_SERVER; stored only
 * @returns 0, or -1 for another role, another version, or when all CONFIG_DTLS_CONTEXT_MAX contexts
 *          are taken (then prints so). Neither the tag nor the UDP sock's end points are checked; a
 *          second create on an open sock leaks its context.
 */
export function sock_dtls_create(
  sock: sock_dtls_t, udp_sock: sock_udp_t, tag: credman_tag_t, version: number, role: number,
): number {
  assert(sock, `${SOCK_DTLS_C}:453`);
  assert(udp_sock, `${SOCK_DTLS_C}:454`);
  if (role !== SOCK_DTLS_CLIENT && role !== SOCK_DTLS_SERVER) return -1;
  if (version !== SOCK_DTLS_1_2) return -1;
  const config = net_config();
  sock.udp_sock = udp_sock;
  sock.buffer = null;
  sock.more.length = 0;
  sock.psk_hint = new Uint8Array(0);
  sock.client_psk_cb = null;
  sock.rpk_cb = null;
  sock.async_cb = null;
  sock.buf_ctx = null;
  sock.async_cb_session = null;
  sock.tags = new Array<credman_tag_t>(config.CONFIG_DTLS_CREDENTIALS_MAX).fill(CREDMAN_TAG_EMPTY);
  sock.tags[0] = tag;
  sock.tags_len = tag === CREDMAN_TAG_EMPTY ? 0 : 1;
  sock.role = role;
  sock.dtls_ctx = dtls_new_context(dtls_env(), sock);
  if (sock.dtls_ctx === null) return -1;
  const size = config.SOCK_DTLS_MBOX_SIZE;
  mbox_init(sock.mbox, msg_queue_array(size), size);
  return 0;
}

/** The UDP sock underneath. */
export function sock_dtls_get_udp_sock(sock: sock_dtls_t): sock_udp_t | null {
  assert(sock, `${SOCK_DTLS_C}:581`);
  return sock.udp_sock;
}

/**
 * Starts a handshake: sends one ClientHello. A recv does the rest. Never waits.
 *
 * @param ep     the end point to connect to
 * @param remote filled with the session
 * @returns 1 when the ClientHello was handed to UDP, whether or not anyone is there. Otherwise the
 *          first of these that applies:
 *          -EADDRNOTAVAIL if the UDP sock is not bound; -EINVAL if the port of `ep` is 0 or its family
 *          is not AF_INET6; -ENOMEM if the handshake could not be started, for whatever reason.
 *          The 0 of RIOT's header (session exists) does not occur: a session that exists is undefined
 *          on RIOT and is replaced here. On a closed sock, undefined too, -EINVAL.
 */
export function* sock_dtls_session_init(
  sock: sock_dtls_t, ep: sock_udp_ep_t, remote: sock_dtls_session_t,
): Blocking<number> {
  assert(sock, `${SOCK_DTLS_C}:588`);
  assert(ep, `${SOCK_DTLS_C}:589`);
  assert(remote, `${SOCK_DTLS_C}:590`);
  const { udp_sock } = sock;
  if (udp_sock === null || sock_udp_get_local(udp_sock, new sock_udp_ep_t()) < 0) return -EADDRNOTAVAIL;
  if (ep.port === 0) return -EINVAL;
  if (ep.family !== AF_INET6) return -EINVAL;
  epToSession(ep, remote);
  if (!isOpen(sock, 'sock_dtls_session_init')) return -EINVAL;
  const res = yield* runEngine(sock, dtls_connect(sock.dtls_ctx, remote.dtls_session));
  return res < 0 ? -ENOMEM : 1;
}

/**
 * Starts a handshake and waits for its end. Deprecated in RIOT since 2020; kept because the API
 * document has it.
 *
 * @param timeout µs, or SOCK_NO_TIMEOUT; with 0 it returns before the handshake is done
 * @returns 0 when the handshake is complete, else what sock_dtls_session_init() or sock_dtls_recv()
 *          returned
 */
export function* sock_dtls_session_create(
  sock: sock_dtls_t, ep: sock_udp_ep_t, remote: sock_dtls_session_t, timeout: number,
): Blocking<number> {
  let res = yield* sock_dtls_session_init(sock, ep, remote);
  if (res <= 0) return res;
  const buf = new Uint8Array(DTLS_HANDSHAKE_BUFSIZE());
  res = yield* sock_dtls_recv(sock, remote, buf, buf.length, timeout);
  return res === -SOCK_DTLS_HANDSHAKE ? 0 : res;
}

/**
 * Ends a session: sends a close_notify and frees all that the session holds, at once. Does nothing
 * if there is no such session. No event is told, here or by a recv.
 */
export function* sock_dtls_session_destroy(sock: sock_dtls_t, remote: sock_dtls_session_t): Blocking<void> {
  if (!isOpen(sock, 'sock_dtls_session_destroy')) return;
  const peer = dtls_get_peer(sock.dtls_ctx, remote.dtls_session);
  if (peer !== null) yield* runEngine(sock, dtls_reset_peer(sock.dtls_ctx, peer));
}

/** Writes the end point of a session into `ep`. */
export function sock_dtls_session_get_udp_ep(session: sock_dtls_session_t, ep: sock_udp_ep_t): void {
  assert(session, `${SOCK_DTLS_C}:646`);
  assert(ep, `${SOCK_DTLS_C}:647`);
  copySessionToEp(session.dtls_session, session.family, ep);
}

/**
 * Makes `session` the session of `ep`. The interface is kept for link-local addresses only. A family
 * other than AF_INET6 fails an assertion.
 */
export function sock_dtls_session_set_udp_ep(session: sock_dtls_session_t, ep: sock_udp_ep_t): void {
  assert(session, `${SOCK_DTLS_C}:655`);
  assert(ep, `${SOCK_DTLS_C}:656`);
  epToSession(ep, session);
}

/**
 * Closes a DTLS sock: sends a close_notify to every peer and frees them and the context. The UDP sock
 * stays open. After sock_dtls_event_init() only the thread of the queue may do it (asserted).
 */
export function* sock_dtls_close(sock: sock_dtls_t): Blocking<void> {
  if (isOpen(sock, 'sock_dtls_close')) yield* runEngine(sock, dtls_free_context(sock.dtls_ctx));
  sock.dtls_ctx = null;
  sock_event_close(sock.async_ctx);
}

/**
 * Closes a sock of sock_dtls_event_init() in the thread that serves its queue, and waits until that is done; without
 * one, here and now.
 */
export function sock_dtls_event_close(sock: sock_dtls_t): Blocking<void> {
  return closeInThread(sock, sock_dtls_close);
}
