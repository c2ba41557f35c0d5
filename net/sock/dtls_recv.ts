// Receiving over a DTLS sock (RIOT sys/include/net/sock/dtls.h, pkg/tinydtls/contrib/sock_dtls.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { EINVAL, ENOBUFS, ETIMEDOUT } from '../../kernel/errno.ts';
import { mbox_avail, mbox_try_get } from '../../kernel/mbox.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { assert, undefined_on_riot } from '../../kernel/panic.ts';
import { ZTIMER_USEC, ztimer_now } from '../../kernel/ztimer.ts';
import { DTLS_EVENT_CONNECTED, dtls_get_peer, dtls_handle_message, type session_t } from '../dtls/dtls.ts';
import type { gnrc_pktsnip_t } from '../gnrc/pkt.ts';
import { quirk } from '../quirks.ts';
import { runEngine } from './dtls_engine.ts';
import { SOCK_DTLS_C, checkedLength, isOpen, timeLeft } from './dtls_internal.ts';
import { copySession, epToSession } from './dtls_session.ts';
import { releasePacket } from './dtls_tell.ts';
import { traceHandling, traceMbox } from './dtls_trace.ts';
import {
  SOCK_DTLS_HANDSHAKE, type OpenSock, type sock_dtls_aux_rx_t, type sock_dtls_session_t, type sock_dtls_t,
} from './dtls_types.ts';
import { sock_udp_ep_t } from './sock.ts';
import { sock_udp_recv_aux, sock_udp_recv_buf_aux, type out_t } from './udp.ts';

const NO_BYTES = new Uint8Array(0);

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
  assert(sock, `${SOCK_DTLS_C}:809`);
  assert(data, `${SOCK_DTLS_C}:810`);
  assert(remote, `${SOCK_DTLS_C}:811`);
  const ep = new sock_udp_ep_t();
  const room = checkedLength(data, maxlen, 'sock_dtls_recv');
  while (isOpen(sock, 'sock_dtls_recv')) {
    const start = ztimer_now(ZTIMER_USEC);
    if (mbox_avail(sock.mbox) > 0 && (yield* takeConnected(sock, remote))) return -SOCK_DTLS_HANDSHAKE;
    if (sock.buffer !== null) return yield* takeData(sock, remote, data, room);
    const res = yield* sock_udp_recv_aux(sock.udp_sock, data, room, timeout, ep, aux);
    if (res <= 0) return res;
    epToSession(ep, remote);
    // Another thread may have closed the sock meanwhile.
    if (!isOpen(sock, 'sock_dtls_recv')) break;
    traceHandling(res);
    yield* runEngine(sock, dtls_handle_message(sock.dtls_ctx, remote.dtls_session, data, res));
    if (timeout === 0 && !quirk('dtls-poll-timed-out')) continue;
    timeout = timeLeft(start, timeout);
    if (timeout === 0) return -ETIMEDOUT;
  }
  return -EINVAL;
}

/** sock_dtls_recv_buf_aux() without auxiliary data. */
export function sock_dtls_recv_buf(
  sock: sock_dtls_t, remote: sock_dtls_session_t, data: out_t<Uint8Array>, buf_ctx: out_t<gnrc_pktsnip_t>,
  timeout: number,
): Blocking<number> {
  return sock_dtls_recv_buf_aux(sock, remote, data, buf_ctx, timeout, null);
}

/**
 * As sock_dtls_recv_aux(), but lends the data, decrypted in place, instead of copying it. Call it again
 * with the same `buf_ctx` until that is null: this gives the packet back.
 *
 * @param data    takes the data
 * @param buf_ctx null in the first call; may be set after any result: after -ETIMEDOUT with `timeout` 0
 *                and after -SOCK_DTLS_HANDSHAKE too
 * @returns as sock_dtls_recv_aux(), but not -ENOBUFS; 0 when the packet was given back. To give it back
 *          while its data waits to be told, as polling with `timeout` 0 does, is undefined on RIOT:
 *          the data is kept here.
 */
export function* sock_dtls_recv_buf_aux(
  sock: sock_dtls_t, remote: sock_dtls_session_t, data: out_t<Uint8Array>, buf_ctx: out_t<gnrc_pktsnip_t>,
  timeout: number, aux: sock_dtls_aux_rx_t | null,
): Blocking<number> {
  assert(sock, `${SOCK_DTLS_C}:862`);
  assert(data, `${SOCK_DTLS_C}:863`);
  assert(buf_ctx, `${SOCK_DTLS_C}:864`);
  assert(remote, `${SOCK_DTLS_C}:865`);
  const ep = new sock_udp_ep_t();
  if (buf_ctx.value !== null && isOpen(sock, 'sock_dtls_recv_buf')) {
    keepLentData(sock, buf_ctx.value);
    return yield* sock_udp_recv_buf_aux(sock.udp_sock, data, buf_ctx, timeout, ep, aux);
  }
  while (isOpen(sock, 'sock_dtls_recv_buf')) {
    const start = ztimer_now(ZTIMER_USEC);
    if (mbox_avail(sock.mbox) > 0 && (yield* takeConnected(sock, remote))) return -SOCK_DTLS_HANDSHAKE;
    if (sock.buffer !== null) {
      const { data: plaintext, session } = sock.buffer;
      sock.buffer = sock.more.shift() ?? null;
      data.value = plaintext;
      copyPeerSession(sock, session, remote);
      if (buf_ctx.value === null) {
        buf_ctx.value = sock.buf_ctx;
        sock.buf_ctx = null;
      }
      return plaintext.length;
    }
    // Gives back the packet of the turn before, with result 0; then lends the next one.
    const res = yield* sock_udp_recv_buf_aux(sock.udp_sock, data, buf_ctx, timeout, ep, aux);
    if (res === 0) continue;
    if (res < 0) return res;
    epToSession(ep, remote);
    if (!isOpen(sock, 'sock_dtls_recv_buf')) break;
    sock.buffer_pkt = buf_ctx.value;
    traceHandling(res);
    yield* runEngine(sock, dtls_handle_message(sock.dtls_ctx, remote.dtls_session, data.value ?? NO_BYTES, res));
    if (timeout === 0 && !quirk('dtls-poll-timed-out')) continue;
    timeout = timeLeft(start, timeout);
    if (timeout === 0) return -ETIMEDOUT;
  }
  return -EINVAL;
}

/** Copies the data that waits; with callbacks, gives its packet back. Too long, RIOT never gives it back. */
function* takeData(
  sock: OpenSock, remote: sock_dtls_session_t, data: Uint8Array, room: number,
): Blocking<number> {
  const { data: plaintext, session } = sock.buffer!;
  sock.buffer = sock.more.shift() ?? null;
  if (plaintext.length > room) {
    if (sock.buf_ctx !== null && !quirk('dtls-async-packet-leak')) yield* releaseLent(sock);
    return -ENOBUFS;
  }
  data.set(plaintext);
  copyPeerSession(sock, session, remote);
  if (sock.buf_ctx !== null) yield* releaseLent(sock);
  return plaintext.length;
}

function* releaseLent(sock: OpenSock): Blocking<void> {
  const lent = { value: sock.buf_ctx };
  sock.buf_ctx = null;
  yield* releasePacket(sock.udp_sock, lent);
}

/** Empties the mailbox up to the first CONNECTED event and fills `remote` with its session. */
function* takeConnected(sock: OpenSock, remote: sock_dtls_session_t): Blocking<boolean> {
  const msg = new msg_t();
  while ((yield* mbox_try_get(sock.mbox, msg)) === 1) {
    traceMbox(sock, mbox_avail(sock.mbox));
    if (msg.type !== DTLS_EVENT_CONNECTED) continue;
    copyPeerSession(sock, msg.content.ptr as session_t, remote);
    return true;
  }
  return false;
}

/** RIOT would go on pointing into the packet that is about to be freed. */
function keepLentData(sock: OpenSock, pkt: gnrc_pktsnip_t): void {
  if (sock.buffer === null || sock.buffer_pkt !== pkt) return;
  undefined_on_riot('sock_dtls_recv_buf() frees a packet whose data it has not told yet');
  sock.buffer = { ...sock.buffer, data: sock.buffer.data.slice() };
}

/** RIOT copies from the peer's own memory here, even when the peer is gone. */
function copyPeerSession(sock: OpenSock, session: session_t, remote: sock_dtls_session_t): void {
  if (dtls_get_peer(sock.dtls_ctx, session) === null) {
    undefined_on_riot('sock_dtls_recv() tells the session of a peer that was freed meanwhile');
  }
  copySession(session, remote);
}
