// Sending over a DTLS sock (RIOT sys/include/net/sock/dtls.h, pkg/tinydtls/contrib/sock_dtls.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { ENOMEM, ENOTCONN, ETIMEDOUT } from '../../kernel/errno.ts';
import type { iolist_t } from '../../kernel/iolist.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { assert, undefined_on_riot } from '../../kernel/panic.ts';
import { ZTIMER_USEC, ztimer_msg_receive_timeout, ztimer_now, ztimer_sleep } from '../../kernel/ztimer.ts';
import {
  DTLS_EVENT_CONNECTED, DTLS_STATE_CONNECTED, dtls_connect, dtls_get_peer, dtls_is_alert, dtls_reset_peer, dtls_writev,
  type session_t,
} from '../dtls/dtls.ts';
import { quirk } from '../quirks.ts';
import { SOCK_ASYNC_MSG_SENT } from './async/types.ts';
import { runEngine } from './dtls_engine.ts';
import { SOCK_DTLS_C, checkedLength, isOpen, timeLeft } from './dtls_internal.ts';
import type { OpenSock, sock_dtls_aux_tx_t, sock_dtls_session_t, sock_dtls_t } from './dtls_types.ts';
import { SOCK_NO_TIMEOUT } from './sock.ts';

const NO_BYTES = new Uint8Array(0);

/**
 * Sends data, encrypted, as one record.
 *
 * @param len     0 to 171 bytes with an 8-byte tag. From 172 to 179 RIOT overruns a buffer: undefined.
 * @param timeout µs, or SOCK_NO_TIMEOUT; only for the handshake that is started if there is no session
 * @returns `len` when the record was handed to UDP. 0, and nothing sent, while the handshake of an
 *          existing session is not finished.
 *          -ENOTCONN if there is no session and `timeout` is 0.
 *          -ENOMEM if there is no session and none can be started.
 *          -ETIMEDOUT always, after the whole time-out, if there is no session: the call waits for a
 *          message that RIOT never sends, taking every other message of the thread; then the session
 *          is destroyed. With SOCK_NO_TIMEOUT it waits for ever.
 *          -592 (fatal internal_error, not an errno) for 180 bytes or more.
 *          An error of sock_udp_send(). On a closed sock, undefined on RIOT, -ENOTCONN.
 */
export function sock_dtls_send(
  sock: sock_dtls_t, remote: sock_dtls_session_t, data: Uint8Array, len: number, timeout: number,
): Blocking<number> {
  return sock_dtls_send_aux(sock, remote, data, len, timeout, null);
}

/** As sock_dtls_send(); `aux` is not looked at, as in RIOT. */
export function sock_dtls_send_aux(
  sock: sock_dtls_t, remote: sock_dtls_session_t, data: Uint8Array, len: number, timeout: number,
  aux: sock_dtls_aux_tx_t | null,
): Blocking<number> {
  return sock_dtls_sendv_aux(sock, remote, { iol_next: null, iol_base: data, iol_len: len }, timeout, aux);
}

/** As sock_dtls_send(), of several pieces joined. */
export function sock_dtls_sendv(
  sock: sock_dtls_t, remote: sock_dtls_session_t, snips: iolist_t, timeout: number,
): Blocking<number> {
  return sock_dtls_sendv_aux(sock, remote, snips, timeout, null);
}

/** As sock_dtls_send(), of several pieces joined; `aux` is not looked at, as in RIOT. */
export function* sock_dtls_sendv_aux(
  sock: sock_dtls_t, remote: sock_dtls_session_t, snips: iolist_t, timeout: number,
  _aux: sock_dtls_aux_tx_t | null,
): Blocking<number> {
  assert(sock, `${SOCK_DTLS_C}:668`);
  assert(remote, `${SOCK_DTLS_C}:669`);
  assert(snips, `${SOCK_DTLS_C}:670`);
  const session = remote.dtls_session;
  if (!isOpen(sock, 'sock_dtls_send')) return -ENOTCONN;
  if (dtls_get_peer(sock.dtls_ctx, session) === null) {
    if (timeout === 0) return -ENOTCONN;
    const res = yield* waitForHandshake(sock, session, timeout);
    if (res < 0) return res;
  }
  const bufs: Uint8Array[] = [];
  const lens: number[] = [];
  for (let snip: iolist_t | null = snips; snip !== null; snip = snip.iol_next) {
    const base = snip.iol_base ?? NO_BYTES;
    bufs.push(base);
    lens.push(checkedLength(base, snip.iol_len, 'sock_dtls_send'));
  }
  let res = yield* runEngine(sock, dtls_writev(sock.dtls_ctx, session, bufs, lens, bufs.length));
  if (res <= 0) res = errorOf(sock, session, res);
  if (res >= 0 && sock.async_cb !== null) {
    const steps = sock.async_cb(SOCK_ASYNC_MSG_SENT);
    if (steps !== undefined) yield* steps;
  }
  return res;
}

/** RIOT's odd results, or what its header has for them. An empty record is a 0 too, of a session that is connected. */
function errorOf(sock: OpenSock, session: session_t, res: number): number {
  if (dtls_is_alert(res)) return quirk('dtls-send-too-long') ? res : -ENOMEM;
  if (res !== 0 || dtls_get_peer(sock.dtls_ctx, session)?.state === DTLS_STATE_CONNECTED) return res;
  return quirk('dtls-send-while-handshake') ? res : -ENOTCONN;
}

/** Without quirk dtls-send-timeout: looks each millisecond whether another thread has finished the handshake. */
function* waitForPeer(sock: OpenSock, session: session_t, timeout: number): Blocking<number> {
  const start = ztimer_now(ZTIMER_USEC);
  while (isOpen(sock, 'sock_dtls_send')) {
    const peer = dtls_get_peer(sock.dtls_ctx, session);
    if (peer === null) return -ENOTCONN;
    if (peer.state === DTLS_STATE_CONNECTED) return 0;
    const left = timeLeft(start, timeout);
    if (left === 0) {
      yield* runEngine(sock, dtls_reset_peer(sock.dtls_ctx, peer));
      return -ETIMEDOUT;
    }
    yield* ztimer_sleep(ZTIMER_USEC, Math.min(left, 1000));
  }
  return -ENOTCONN;
}

/**
 * The implicit handshake of a send. RIOT waits for DTLS_EVENT_CONNECTED in the thread's message queue,
 * but the event goes to the sock's mailbox: only a message of that type from elsewhere ends the wait.
 */
function* waitForHandshake(sock: OpenSock, session: session_t, timeout: number): Blocking<number> {
  if ((yield* runEngine(sock, dtls_connect(sock.dtls_ctx, session))) < 0) return -ENOMEM;
  if (!quirk('dtls-send-timeout')) return yield* waitForPeer(sock, session, timeout);
  const msg = new msg_t();
  let timedOut = false;
  do {
    const start = ztimer_now(ZTIMER_USEC);
    const res = yield* ztimer_msg_receive_timeout(ZTIMER_USEC, msg, timeout);
    timeout = timeLeft(start, timeout);
    timedOut = timeout !== SOCK_NO_TIMEOUT && (res < 0 || timeout === 0);
  } while (!timedOut && msg.type !== DTLS_EVENT_CONNECTED);
  if (msg.type === DTLS_EVENT_CONNECTED) return 0;
  if (!isOpen(sock, 'sock_dtls_send')) return -ENOTCONN;
  const peer = dtls_get_peer(sock.dtls_ctx, session);
  if (peer === null) undefined_on_riot('sock_dtls_send() resets a peer that was freed while it waited');
  else yield* runEngine(sock, dtls_reset_peer(sock.dtls_ctx, peer));
  return -ETIMEDOUT;
}
