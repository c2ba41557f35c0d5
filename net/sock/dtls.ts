// The DTLS sock (RIOT sys/include/net/sock/dtls.h over pkg/tinydtls/contrib/sock_dtls.c).
//
// Behaviour is RIOT's, known shortcomings included: a lost handshake message is never sent again, a
// send with a time-out never makes a session, a recv does not tell of alerts or of the peer's close,
// and each function's comment says what else to expect.
//
// What RIOT leaves undefined prints a diagnostic and does what the comment says.
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import {
  EADDRNOTAVAIL, EINVAL, ENOBUFS, ENOMEM, ENOTCONN, ETIMEDOUT,
} from '../../kernel/errno.ts';
import type { iolist_t } from '../../kernel/iolist.ts';
import { mbox_avail, mbox_init, mbox_try_get } from '../../kernel/mbox.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { assert, undefined_on_riot } from '../../kernel/panic.ts';
import { ZTIMER_USEC, ztimer_msg_receive_timeout, ztimer_now } from '../../kernel/ztimer.ts';
import { AF_INET6 } from '../af.ts';
import { CREDMAN_TAG_EMPTY, type credman_tag_t } from '../credman.ts';
import {
  DTLS_EVENT_CONNECTED, dtls_connect, dtls_free_context, dtls_get_peer, dtls_handle_message, dtls_new_context,
  dtls_reset_peer, dtls_writev, type session_t,
} from '../dtls/dtls.ts';
import { dtls_env, runEngine } from './dtls_engine.ts';
import { copySession, copySessionToEp, epToSession } from './dtls_session.ts';
import {
  DTLS_HANDSHAKE_BUFSIZE, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT, SOCK_DTLS_HANDSHAKE, SOCK_DTLS_SERVER,
  type OpenSock, type sock_dtls_aux_rx_t, type sock_dtls_aux_tx_t, type sock_dtls_session_t, type sock_dtls_t,
} from './dtls_types.ts';
import { SOCK_NO_TIMEOUT, sock_udp_ep_t } from './sock.ts';
import { sock_udp_get_local, sock_udp_recv_aux, type sock_udp_t } from './udp.ts';

export * from './dtls_types.ts';

const FILE = 'pkg/tinydtls/contrib/sock_dtls.c';

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
  assert(sock, `${FILE}:453`);
  assert(udp_sock, `${FILE}:454`);
  if (role !== SOCK_DTLS_CLIENT && role !== SOCK_DTLS_SERVER) return -1;
  if (version !== SOCK_DTLS_1_2) return -1;
  const { config } = current();
  sock.udp_sock = udp_sock;
  sock.buffer = null;
  sock.psk_hint = new Uint8Array(0);
  sock.client_psk_cb = null;
  sock.rpk_cb = null;
  sock.tags = new Array<credman_tag_t>(config.CONFIG_DTLS_CREDENTIALS_MAX).fill(CREDMAN_TAG_EMPTY);
  sock.tags[0] = tag;
  sock.tags_len = tag === CREDMAN_TAG_EMPTY ? 0 : 1;
  sock.role = role;
  sock.dtls_ctx = dtls_new_context(dtls_env(), sock);
  if (sock.dtls_ctx === null) return -1;
  const size = config.SOCK_DTLS_MBOX_SIZE;
  mbox_init(sock.mbox, Array.from({ length: size }, () => new msg_t()), size);
  return 0;
}

/** The UDP sock underneath. */
export function sock_dtls_get_udp_sock(sock: sock_dtls_t): sock_udp_t | null {
  assert(sock, `${FILE}:581`);
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
  assert(sock, `${FILE}:588`);
  assert(ep, `${FILE}:589`);
  assert(remote, `${FILE}:590`);
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
  assert(session, `${FILE}:646`);
  assert(ep, `${FILE}:647`);
  copySessionToEp(session.dtls_session, session.family, ep);
}

/**
 * Makes `session` the session of `ep`. The interface is kept for link-local addresses only. A family
 * other than AF_INET6 fails an assertion.
 */
export function sock_dtls_session_set_udp_ep(session: sock_dtls_session_t, ep: sock_udp_ep_t): void {
  assert(session, `${FILE}:655`);
  assert(ep, `${FILE}:656`);
  epToSession(ep, session);
}

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
  assert(sock, `${FILE}:668`);
  assert(remote, `${FILE}:669`);
  assert(snips, `${FILE}:670`);
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
    bufs.push(snip.iol_base);
    lens.push(checkedLength(snip.iol_base, snip.iol_len, 'sock_dtls_send'));
  }
  return yield* runEngine(sock, dtls_writev(sock.dtls_ctx, session, bufs, lens, bufs.length));
}

/**
 * Handles datagrams until there is something to tell.
 *
 * @param remote  filled with the session that the result is about; after any other result it may be
 *                that of whoever sent something
 * @param data    takes each datagram as it came, encrypted: a record is 29 bytes longer than its data
 * @param maxlen  bytes of `data` that may be used, > 0
 * @param timeout µs, 0 to look only, or SOCK_NO_TIMEOUT
 * @returns the number of bytes of application data; 0 for an empty record or datagram.
 *          -SOCK_DTLS_HANDSHAKE when a handshake was completed by either side.
 *          -EAGAIN if `timeout` is 0 and no datagram waits.
 *          -ETIMEDOUT when the time is over; with `timeout` 0 after every datagram, whatever it was:
 *          the next call tells what came of it.
 *          -ENOBUFS if a datagram, or the data, is longer than `maxlen`; it is lost.
 *          -EADDRNOTAVAIL if the UDP sock is not bound. -EPROTO if it is connected and the datagram is
 *          of someone else. On a closed sock, undefined on RIOT, -EINVAL.
 *          An alert, a close_notify of the peer, a replay or anything malformed is not told.
 */
export function sock_dtls_recv(
  sock: sock_dtls_t, remote: sock_dtls_session_t, data: Uint8Array, maxlen: number, timeout: number,
): Blocking<number> {
  return sock_dtls_recv_aux(sock, remote, data, maxlen, timeout, null);
}

/** As sock_dtls_recv(), with what `aux` asks for about the last datagram. */
export function* sock_dtls_recv_aux(
  sock: sock_dtls_t, remote: sock_dtls_session_t, data: Uint8Array, maxlen: number, timeout: number,
  aux: sock_dtls_aux_rx_t | null,
): Blocking<number> {
  assert(sock, `${FILE}:809`);
  assert(data, `${FILE}:810`);
  assert(remote, `${FILE}:811`);
  const ep = new sock_udp_ep_t();
  const room = checkedLength(data, maxlen, 'sock_dtls_recv');
  while (isOpen(sock, 'sock_dtls_recv')) {
    const start = ztimer_now(ZTIMER_USEC);
    if (mbox_avail(sock.mbox) > 0 && (yield* takeConnected(sock, remote))) return -SOCK_DTLS_HANDSHAKE;
    if (sock.buffer !== null) {
      const { data: plaintext, session } = sock.buffer;
      sock.buffer = null;
      if (plaintext.length > room) return -ENOBUFS;
      data.set(plaintext);
      copyPeerSession(sock, session, remote);
      return plaintext.length;
    }
    const res = yield* sock_udp_recv_aux(sock.udp_sock, data, room, timeout, ep, aux);
    if (res <= 0) return res;
    epToSession(ep, remote);
    // Another thread may have closed the sock meanwhile.
    if (!isOpen(sock, 'sock_dtls_recv')) break;
    yield* runEngine(sock, dtls_handle_message(sock.dtls_ctx, remote.dtls_session, data, res));
    timeout = timeLeft(start, timeout);
    if (timeout === 0) return -ETIMEDOUT;
  }
  return -EINVAL;
}

/**
 * Closes a DTLS sock: sends a close_notify to every peer and frees them and the context. The UDP sock
 * stays open.
 */
export function* sock_dtls_close(sock: sock_dtls_t): Blocking<void> {
  if (isOpen(sock, 'sock_dtls_close')) yield* runEngine(sock, dtls_free_context(sock.dtls_ctx));
  sock.dtls_ctx = null;
}

/** Whether the sock has a context; any use of one that has none is undefined on RIOT. */
function isOpen(sock: sock_dtls_t, what: string): sock is OpenSock {
  if (sock.dtls_ctx !== null) return true;
  undefined_on_riot(`${what}() on a DTLS sock that is not open`);
  return false;
}

/** `length`, cut to what the buffer has: C reads or writes past its end. */
function checkedLength(buffer: Uint8Array, length: number, what: string): number {
  if (length <= buffer.length) return length;
  undefined_on_riot(`${what}() with length ${length} for a buffer of ${buffer.length} bytes`);
  return buffer.length;
}

/** What is left of a time-out that began at `start`; 0 and SOCK_NO_TIMEOUT stay as they are. */
function timeLeft(start: number, timeout: number): number {
  if (timeout === SOCK_NO_TIMEOUT) return timeout;
  return Math.max(0, timeout - ((ztimer_now(ZTIMER_USEC) - start) >>> 0));
}

/** Empties the mailbox up to the first CONNECTED event and fills `remote` with its session. */
function* takeConnected(sock: OpenSock, remote: sock_dtls_session_t): Blocking<boolean> {
  const msg = new msg_t();
  while ((yield* mbox_try_get(sock.mbox, msg)) === 1) {
    if (msg.type !== DTLS_EVENT_CONNECTED) continue;
    copyPeerSession(sock, msg.content.ptr as session_t, remote);
    return true;
  }
  return false;
}

/** RIOT copies from the peer's own memory here, even when the peer is gone. */
function copyPeerSession(sock: OpenSock, session: session_t, remote: sock_dtls_session_t): void {
  if (dtls_get_peer(sock.dtls_ctx, session) === null) {
    undefined_on_riot('sock_dtls_recv() tells the session of a peer that was freed meanwhile');
  }
  copySession(session, remote);
}

/**
 * The implicit handshake of a send. RIOT waits for DTLS_EVENT_CONNECTED in the thread's message queue,
 * but the event goes to the sock's mailbox: only a message of that type from elsewhere ends the wait.
 */
function* waitForHandshake(sock: OpenSock, session: session_t, timeout: number): Blocking<number> {
  if ((yield* runEngine(sock, dtls_connect(sock.dtls_ctx, session))) < 0) return -ENOMEM;
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
