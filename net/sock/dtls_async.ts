// DTLS socks that call back (RIOT sys/include/net/sock/async.h, async/event.h and dtls.h, with module sock_async or
// sock_async_event). Handshakes then run by themselves: no recv is needed for them.
import type { Blocking } from '../../kernel/blocking.ts';
import { event_post, event_sync, event_t, type event_queue_t } from '../../kernel/event.ts';
import { assert, undefined_on_riot } from '../../kernel/panic.ts';
import { thread_getpid } from '../../kernel/thread.ts';
import { dtls_handle_message } from '../dtls/dtls.ts';
import type { gnrc_pktsnip_t } from '../gnrc/pkt.ts';
import { SOCK_ASYNC_MSG_RECV, SOCK_ASYNC_PATH_PROP } from './async.ts';
import { sock_async_ctx_post, sock_async_ctx_set, type sock_async_ctx_t } from './async/ctx.ts';
import { sock_udp_event_init } from './async/event.ts';
import { bind_cb, type sock_async_flags_t } from './async/types.ts';
import { runEngine } from './dtls_engine.ts';
import { SOCK_DTLS_C, isOpen } from './dtls_internal.ts';
import { copySession, epToSession } from './dtls_session.ts';
import { releasePacket } from './dtls_tell.ts';
import { traceDropped, traceHandling } from './dtls_trace.ts';
import { sock_dtls_session_t, type OpenSock, type sock_dtls_cb_t, type sock_dtls_t } from './dtls_types.ts';
import { sock_udp_ep_t } from './sock.ts';
import { sock_udp_recv_buf, sock_udp_set_cb, type sock_udp_t } from './udp.ts';

const NO_BYTES = new Uint8Array(0);

/**
 * Has `cb` called: SOCK_ASYNC_CONN_RECV when a handshake is complete on either side (a recv then tells it),
 * SOCK_ASYNC_CONN_FIN when the peer closes its session, SOCK_ASYNC_MSG_RECV when there is data, SOCK_ASYNC_MSG_SENT
 * after a send with a result of 0 or more. SOCK_ASYNC_CONN_RDY never comes, as on RIOT; fatal alerts are not told.
 *
 * One datagram is kept until a recv takes its data; what comes before that is dropped.
 *
 * @param sock of sock_dtls_create(), its UDP sock bound; a callback of the UDP sock itself is replaced
 * @param cb   called in the thread that handles datagrams: that of UDP, or of the queue after sock_dtls_event_init()
 * @throws TypeError without module sock_async: RIOT's linker refuses such an image
 */
export function sock_dtls_set_cb(sock: sock_dtls_t, cb: sock_dtls_cb_t | null, cb_arg: unknown): void {
  const { udp_sock, async_ctx } = sock;
  sock.async_cb = cb === null ? null : bind_cb(sock, cb, cb_arg);
  if (udp_sock === null) {
    undefined_on_riot('sock_dtls_set_cb() on a DTLS sock without a UDP sock');
    return;
  }
  const onUdp = (udp: sock_udp_t, flags: sock_async_flags_t) => handleUdp(sock, udp, flags);
  if (async_ctx.queue === null) sock_udp_set_cb(udp_sock, onUdp, sock);
  else sock_udp_event_init(udp_sock, async_ctx.queue, onUdp, sock);
}

/** What the sock has for events. */
export function sock_dtls_get_async_ctx(sock: sock_dtls_t): sock_async_ctx_t {
  return sock.async_ctx;
}

/**
 * As sock_dtls_set_cb(), with `handler` called by the thread that serves `ev_queue`, which does the handshakes too.
 * Several things that happen before it runs become one call.
 */
export function sock_dtls_event_init(
  sock: sock_dtls_t, ev_queue: event_queue_t, handler: sock_dtls_cb_t, handler_arg: unknown,
): void {
  const ctx = sock.async_ctx;
  sock_async_ctx_set(ctx, ev_queue, bind_cb(sock, handler, handler_arg));
  sock_dtls_set_cb(sock, (_sock, flags) => sock_async_ctx_post(ctx, flags), handler_arg);
}

/**
 * Closes a sock in the thread that serves its queue, and waits until that is done; without one, here and now.
 * @param close sock_dtls_close(); handed in by dtls.ts
 */
export function* closeInThread(sock: sock_dtls_t, close: (sock: sock_dtls_t) => Blocking<void>): Blocking<void> {
  const { queue } = sock.async_ctx;
  if (queue === null || queue.waiter === null || queue.waiter.pid === thread_getpid()) {
    yield* close(sock);
    return;
  }
  yield* event_post(queue, new event_t(() => close(sock)));
  yield* event_sync(queue);
}

/**
 * Fills `session` with the session that the event was about: the one that the peer has closed, for
 * SOCK_ASYNC_CONN_FIN. After data or a handshake there is none: a recv tells it.
 * @returns whether there is one
 */
export function sock_dtls_get_event_session(sock: sock_dtls_t, session: sock_dtls_session_t): boolean {
  assert(sock, `${SOCK_DTLS_C}:1011`);
  assert(session, `${SOCK_DTLS_C}:1012`);
  if (sock.async_cb_session === null) return false;
  copySession(sock.async_cb_session, session);
  return true;
}

function* handleUdp(sock: sock_dtls_t, udp: sock_udp_t, flags: sock_async_flags_t): Blocking<void> {
  if ((flags & SOCK_ASYNC_MSG_RECV) !== 0 && isOpen(sock, 'a callback')) yield* handleDatagram(sock, udp);
  const cb = sock.async_cb;
  if ((flags & SOCK_ASYNC_PATH_PROP) === 0 || cb === null) return;
  const steps = cb(SOCK_ASYNC_PATH_PROP);
  if (steps !== undefined) yield* steps;
}

function* handleDatagram(sock: OpenSock, udp: sock_udp_t): Blocking<void> {
  const ep = new sock_udp_ep_t();
  const data = { value: null as Uint8Array | null };
  const buf_ctx = { value: null as gnrc_pktsnip_t | null };
  const res = yield* sock_udp_recv_buf(udp, data, buf_ctx, 0, ep);
  if (res <= 0) return;
  if (sock.buf_ctx !== null) {
    traceDropped(res);
    yield* releasePacket(udp, buf_ctx);
    return;
  }
  const remote = new sock_dtls_session_t();
  epToSession(ep, remote);
  const lent = buf_ctx.value;
  sock.buf_ctx = lent;
  traceHandling(res);
  const handled = yield* runEngine(sock, dtls_handle_message(sock.dtls_ctx, remote.dtls_session,
    data.value ?? NO_BYTES, res));
  if (handled >= 0 && sock.buffer !== null) return;
  if (sock.buf_ctx !== lent) {
    // The callback has received the data, and with that given the packet back.
    undefined_on_riot('a packet whose data the callback of a DTLS sock has received is freed twice; once here');
    return;
  }
  yield* releasePacket(udp, buf_ctx);
  sock.buf_ctx = null;
}
