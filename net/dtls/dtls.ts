/**
 * The DTLS 1.2 engine: tinydtls as RIOT builds it, with PSK, ECDHE_ECDSA and raw public keys, or both. By default
 * nothing is ever sent again, each handshake message is a record and a datagram of its own, fragments are refused.
 * What RIOT does otherwise than the RFCs say is a switch in DtlsConfig.quirks.
 *
 * The public functions of dtls.h, in its spelling. Those that act are generators, see types.ts.
 */

import { HmacKey } from '../crypto/hmac.ts';
import { get16 } from '../wire/bytes.ts';
import { DTLS_CT_ALERT, DTLS_CT_APPLICATION_DATA, DTLS_CT_CHANGE_CIPHER_SPEC, DTLS_CT_HANDSHAKE,
  DTLS_HANDSHAKE_HEADER_LEN, DTLS_HT_CLIENT_HELLO, DTLS_RECORD_HEADER_LEN, getDtlsSeq } from '../wire/dtls.ts';
import { alertFromError, closePeer, destroyPeer, handleAlert } from './alert.ts';
import { EMPTY } from './bytes.ts';
import { DTLS_COOKIE_SECRET_LENGTH } from './cookie.ts';
import { newEnv } from './env.ts';
import { prepareClientHello } from './handshake-client.ts';
import { handleClientHello } from './handshake-server.ts';
import { handleChangeCipherSpec, handleHandshake } from './handshake.ts';
import { stopRetransmission } from './netq.ts';
import { getPeer, newHandshake, newPeer, readSecurity, setState } from './peer.ts';
import { checkReplay, EXPLICIT_NONCE_LEN, openRecord, payloadSent, prepareRecord, recordLength, traceDrop,
  traceMessage } from './record.ts';
import { answerWithLastFlight, nextDeadline, runTimers } from './retransmit.ts';
import { DTLS_CLIENT, DTLS_EVENT_CONNECT, DTLS_STATE_CLIENTHELLO, DTLS_STATE_CONNECTED,
  DTLS_STATE_WAIT_FINISHED } from './types.ts';
import type { Context, Env } from './env.ts';
import type { dtls_context_t, dtls_peer_t, DtlsConfig, DtlsEnv, DtlsHooks, DtlsSteps, session_t } from './types.ts';

export * from './types.ts';
export { DTLS_CONFIG_DEFAULT, DTLS_QUIRKS_NONE, DTLS_QUIRKS_RIOT } from './env.ts';
export { dtls_session_equals } from './session.ts';

/** The engine's static memory on one board, all slots free. Members of `config` replace RIOT's defaults. */
export function dtls_init(hooks: DtlsHooks, config: Partial<DtlsConfig> = {}): DtlsEnv {
  return newEnv(hooks, config);
}

/** A new context, or null when all DTLS_CONTEXT_MAX are in use. Draws 12 random bytes, the secret of its cookies. */
export function dtls_new_context(env: DtlsEnv, app: unknown): dtls_context_t | null {
  const engine = env as Env;
  const { pools, hooks, work } = engine;
  if (pools.context.used < pools.context.limit) {
    const secret = new HmacKey(work, hooks.random(DTLS_COOKIE_SECRET_LENGTH));
    const ctx: Context = { env: engine, app, cookie_secret: secret, former_cookie_secret: null,
      cookie_secret_at: env.now, is_client: false, peers: [], sendqueue: [] };
    if (pools.context.take(ctx)) return ctx;
  }
  hooks.log('alert', 'cannot create DTLS context');
  return null;
}

/** Ends every session of the context, each with a close_notify, and gives the context back. */
export function* dtls_free_context(ctx: dtls_context_t): DtlsSteps<void> {
  const context = ctx as Context;
  for (const peer of context.peers.slice()) yield* destroyPeer(context, peer, true);
  context.env.pools.context.give(context);
}

/** The peer of a session, or null. */
export function dtls_get_peer(ctx: dtls_context_t, session: session_t): dtls_peer_t | null {
  return getPeer(ctx as Context, session);
}

/**
 * Starts a handshake as client: sends a ClientHello, tells DTLS_EVENT_CONNECT.
 *
 * With a session that is already there tinydtls goes on with a peer it has just freed. Here the old peer is replaced by
 * a new one.
 * @returns > 0 when the ClientHello is out; -1 without a free peer or handshake (with no handshake the peer stays:
 *   quirk handshake_pool_leak);
 *   another negative number when it could not be sent (the peer stays)
 */
export function* dtls_connect(ctx: dtls_context_t, dst: session_t): DtlsSteps<number> {
  const context = ctx as Context;
  const { hooks } = context.env;
  const former = getPeer(context, dst);
  if (former !== null) {
    hooks.diagnose('dtls_connect on an existing session frees its peer and goes on using it; '
      + 'here a new peer takes its place');
    yield* destroyPeer(context, former, false);
  }
  const peer = newPeer(context, dst);
  if (peer === null) {
    hooks.log('crit', 'cannot create new peer');
    return -1;
  }
  peer.role = DTLS_CLIENT;
  context.peers.unshift(peer);
  const handshake = newHandshake(context, peer, 0);
  if (handshake === null) {
    if (!context.env.config.quirks.handshake_pool_leak) yield* destroyPeer(context, peer, false);
    return -1;
  }
  const hello = prepareClientHello(context, peer, handshake, EMPTY);
  const res = typeof hello === 'number' ? hello
    : payloadSent(hello, hello.datagram.length - DTLS_RECORD_HEADER_LEN, yield hello);
  if (res < 0) {
    hooks.log('warn', 'cannot send ClientHello');
    return res;
  }
  setState(context, peer, DTLS_STATE_CLIENTHELLO);
  if (res > 0) yield { type: 'event', session: peer.session, level: 0, code: DTLS_EVENT_CONNECT };
  return res;
}

/** Sends buf[0..len) to a connected session as one record; see dtls_writev. */
export function* dtls_write(ctx: dtls_context_t, session: session_t, buf: Uint8Array, len: number): DtlsSteps<number> {
  if (len > buf.length) throw new RangeError(`dtls_write: len ${len} is more than the ${buf.length} bytes of buf`);
  return yield* write(ctx as Context, session, buf.subarray(0, len));
}

/**
 * Sends the first buf_array_len buffers, each up to its length in buf_len_array, joined to one record.
 * @returns the length sent; 0 while the handshake is not finished, and after starting one because there was no session;
 *   -592 when the record does not fit into DTLS_MAX_BUF (the record number is used up); the negative answer to `send`
 */
export function* dtls_writev(ctx: dtls_context_t, session: session_t, buf_array: readonly Uint8Array[],
  buf_len_array: readonly number[], buf_array_len: number): DtlsSteps<number> {
  let length = 0;
  for (let i = 0; i < buf_array_len; i++) length += buf_len_array[i];
  const data = new Uint8Array(length);
  for (let i = 0, at = 0; i < buf_array_len; at += buf_len_array[i++]) {
    data.set(buf_array[i].subarray(0, buf_len_array[i]), at);
  }
  return yield* write(ctx as Context, session, data);
}

function* write(ctx: Context, session: session_t, data: Uint8Array): DtlsSteps<number> {
  const peer = getPeer(ctx, session);
  if (peer === null) {
    const res = yield* dtls_connect(ctx, session);
    return res >= 0 ? 0 : res;
  }
  if (peer.state !== DTLS_STATE_CONNECTED) return 0;
  const out = prepareRecord(ctx, peer, DTLS_CT_APPLICATION_DATA, data);
  return typeof out === 'number' ? out : payloadSent(out, data.length, yield out);
}

/**
 * When dtls_check_retransmit has something to do next, on the clock of DtlsEnv.now (ms), or null. RIOT never calls it:
 * ask only where a flight is sent again or a silent peer is given up.
 */
export function dtls_next_deadline(ctx: dtls_context_t): number | null {
  return nextDeadline(ctx as Context);
}

/** Sends again what is due by DtlsEnv.now, and gives up handshakes in which nothing comes any more. */
export function* dtls_check_retransmit(ctx: dtls_context_t): DtlsSteps<void> {
  yield* runTimers(ctx as Context);
}

/** Sends a close_notify to the session's peer, which stays in state closing: 0, or -1 when there is none. */
export function* dtls_close(ctx: dtls_context_t, remote: session_t): DtlsSteps<number> {
  return yield* closePeer(ctx as Context, remote);
}

/**
 * Ends the peer's session with a close_notify and gives back all it holds.
 *
 * When the store of messages is full, as while a flight waits for its answer, tinydtls frees the peer twice: diagnosed,
 * and without effect here.
 */
export function* dtls_reset_peer(ctx: dtls_context_t, peer: dtls_peer_t): DtlsSteps<void> {
  yield* destroyPeer(ctx as Context, peer, true);
}

/**
 * Handles a datagram msg[0..msglen) from `session`, and decrypts it in place. What is malformed, replayed or not
 * authentic is dropped, with the rest of its datagram.
 * @returns 0, or a negative number after an error in the handshake that ended it
 */
export function* dtls_handle_message(ctx: dtls_context_t, session: session_t, msg: Uint8Array,
  msglen: number): DtlsSteps<number> {
  const context = ctx as Context;
  if (msglen > msg.length) throw new RangeError(`msglen ${msglen} is more than the ${msg.length} bytes of msg`);
  let length = recordLength(msg, 0, msglen);
  if (length === 0) {
    traceDrop(context, session, 'not a record');
    return 0;
  }
  if (msg[0] === DTLS_CT_HANDSHAKE && get16(msg, 3) === 0) {
    if (length < DTLS_RECORD_HEADER_LEN + DTLS_HANDSHAKE_HEADER_LEN) {
      context.env.hooks.log('warn', 'ignore too short handshake message');
      traceDrop(context, session, 'handshake too short');
      return 0;
    }
    if (msg[DTLS_RECORD_HEADER_LEN] === DTLS_HT_CLIENT_HELLO) {
      // Nothing behind a ClientHello is looked at.
      const err = yield* handleClientHello(context, session, msg.subarray(DTLS_RECORD_HEADER_LEN, length),
        getDtlsSeq(msg, 5));
      if (err < 0) context.env.hooks.log('warn', 'error while handling handshake packet');
      return 0;
    }
  }
  for (let at = 0; length > 0; length = recordLength(msg, at, msglen)) {
    const peer = getPeer(context, session);
    if (peer === null) {
      traceDrop(context, session, 'no peer');
      return 0;
    }
    const data = readRecord(context, peer, msg, at, length);
    if (data === null) {
      const isPlainHandshake = msg[at] === DTLS_CT_HANDSHAKE && get16(msg, at + 3) === 0;
      if (isPlainHandshake && peer.last_flight !== null) yield* answerWithLastFlight(context, peer);
      return 0;
    }
    const res = yield* handleRecord(context, peer, msg[at], get16(msg, at + 3), data);
    if (res <= 0) return res;
    at += length;
  }
  return 0;
}

/** The text of the record at msg[at..at+length), decrypted in place, or null when it is dropped. */
function readRecord(ctx: Context, peer: dtls_peer_t, msg: Uint8Array, at: number, length: number): Uint8Array | null {
  const { hooks } = ctx.env;
  const type = msg[at];
  const epoch = get16(msg, at + 3);
  const seq = getDtlsSeq(msg, at + 5);
  const security = readSecurity(peer, epoch);
  if (security === null) {
    hooks.log('warn', `No security context for epoch: ${epoch} (${contentTypeName(type)})`);
    traceDrop(ctx, peer.session, 'no security context');
    return null;
  }
  const replay = checkReplay(security, seq);
  if (replay !== null && (epoch > 0 || ctx.env.config.quirks.plain_replay_window)) {
    traceDrop(ctx, peer.session, replay);
    return null;
  }
  const start = at + DTLS_RECORD_HEADER_LEN + (security.remote_key === null ? 0 : EXPLICIT_NONCE_LEN);
  const text = openRecord(ctx, peer, security, msg, at, length, seq);
  if (text < 0) return null;
  const data = msg.subarray(start, start + text);
  if (hooks.tracing) traceMessage(ctx, peer.session, 'in', type, epoch, seq, data);
  return data;
}

/** The steps of a record by its type: 1 to go on with the datagram, else what dtls_handle_message returns. */
function handleRecord(ctx: Context, peer: dtls_peer_t, type: number, epoch: number,
  data: Uint8Array): DtlsSteps<number> {
  switch (type) {
    case DTLS_CT_HANDSHAKE: return handleHandshake(ctx, peer, data, epoch);
    case DTLS_CT_CHANGE_CIPHER_SPEC: return changeCipherSpecRecord(ctx, peer, data);
    case DTLS_CT_ALERT: return alertRecord(ctx, peer, data, epoch);
    case DTLS_CT_APPLICATION_DATA: return applicationDataRecord(ctx, peer, epoch, data);
    default: return unknownRecord(ctx, peer);
  }
}

function* applicationDataRecord(ctx: Context, peer: dtls_peer_t, epoch: number, data: Uint8Array): DtlsSteps<number> {
  if (epoch === 0 || peer.state === DTLS_STATE_WAIT_FINISHED) {
    traceDrop(ctx, peer.session, 'data before Finished');
    return 0;
  }
  stopRetransmission(ctx, peer);
  yield { type: 'read', session: peer.session, plaintext: data };
  return 1;
}

function* unknownRecord(ctx: Context, peer: dtls_peer_t): DtlsSteps<number> {
  traceDrop(ctx, peer.session, 'unknown content type');
  return 1;
}

function* changeCipherSpecRecord(ctx: Context, peer: dtls_peer_t, data: Uint8Array): DtlsSteps<number> {
  const err = yield* handleChangeCipherSpec(ctx, peer, data);
  if (err >= 0) return 1;
  ctx.env.hooks.log('warn', 'error while handling ChangeCipherSpec message');
  stopRetransmission(ctx, peer);
  yield* alertFromError(ctx, peer, err);
  yield* destroyPeer(ctx, peer, true);
  return err;
}

function* alertRecord(ctx: Context, peer: dtls_peer_t, data: Uint8Array, epoch: number): DtlsSteps<number> {
  if (peer.state === DTLS_STATE_WAIT_FINISHED) {
    traceDrop(ctx, peer.session, 'alert before Finished');
    return 0;
  }
  if (epoch === 0 && !ctx.env.config.quirks.plain_alerts_end) {
    traceDrop(ctx, peer.session, 'plain alert');
    return 1;
  }
  const err = yield* handleAlert(ctx, peer, data);
  if (err < 0) return err;
  if (err === 0) {
    stopRetransmission(ctx, peer);
    return 1;
  }
  if (data[1] !== 0) ctx.env.hooks.log('warn', 'received fatal alert, peer has been invalidated');
  return 0;
}

/** As RIOT prints it. */
function contentTypeName(type: number): string {
  switch (type) {
    case DTLS_CT_CHANGE_CIPHER_SPEC: return 'change_cipher_spec';
    case DTLS_CT_ALERT: return 'alert';
    case DTLS_CT_HANDSHAKE: return 'handshake';
    case DTLS_CT_APPLICATION_DATA: return 'application_data';
    default: return String(type);
  }
}
