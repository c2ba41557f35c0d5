/** Handshake messages by number and by state, common to both roles (RFC 6347 §4.2.2). */

import { get16, get24 } from '../wire/bytes.ts';
import { DTLS_HANDSHAKE_HEADER_LEN, DTLS_HT_CERTIFICATE, DTLS_HT_CERTIFICATE_REQUEST, DTLS_HT_CERTIFICATE_VERIFY,
  DTLS_HT_CLIENT_HELLO, DTLS_HT_CLIENT_KEY_EXCHANGE, DTLS_HT_FINISHED,
  DTLS_HT_HELLO_REQUEST, DTLS_HT_HELLO_VERIFY_REQUEST, DTLS_HT_SERVER_HELLO, DTLS_HT_SERVER_HELLO_DONE,
  DTLS_HT_SERVER_KEY_EXCHANGE, DTLS_VERIFY_DATA_LEN } from '../wire/dtls.ts';
import { alertFromError, destroyPeer } from './alert.ts';
import { takeFragments, takeWhole } from './assembly.ts';
import { copyOf } from './bytes.ts';
import { DECODE_ERROR, DECRYPT_ERROR, HANDSHAKE_FAILURE, UNEXPECTED_MESSAGE } from './errors.ts';
import { answerHelloVerifyRequest, answerServerHelloDone, checkServerHello,
  checkServerKeyExchange } from './handshake-client.ts';
import { calculateKeyBlockEcdh, checkCertificate, checkCertificateRequest, checkCertificateVerify,
  checkServerKeyExchangeEcdsa, releaseEcdsaKey } from './handshake-ecc.ts';
import { answerFinished, checkClientKeyExchange } from './handshake-server.ts';
import { askForKey, calculateKeyBlock, verifyData } from './keys.ts';
import { netqNew, restartTimer, stopRetransmission } from './netq.ts';
import { freeHandshake, setState } from './peer.ts';
import { traceDrop } from './record.ts';
import { answerWithLastFlight } from './retransmit.ts';
import { isEcdheEcdsa } from './suites.ts';
import { DTLS_CLIENT, DTLS_EVENT_CONNECTED, DTLS_SERVER, DTLS_STATE_CLIENTHELLO, DTLS_STATE_CLOSED,
  DTLS_STATE_CONNECTED, DTLS_STATE_WAIT_CERTIFICATEVERIFY, DTLS_STATE_WAIT_CHANGECIPHERSPEC,
  DTLS_STATE_WAIT_CLIENTCERTIFICATE, DTLS_STATE_WAIT_CLIENTKEYEXCHANGE, DTLS_STATE_WAIT_FINISHED,
  DTLS_STATE_WAIT_SERVERCERTIFICATE, DTLS_STATE_WAIT_SERVERHELLODONE,
  DTLS_STATE_WAIT_SERVERKEYEXCHANGE } from './types.ts';
import type { Context } from './env.ts';
import type { dtls_handshake_parameters_t, dtls_peer_t, DtlsSteps, netq_t } from './types.ts';

/**
 * A handshake record of a known peer. An error is answered with its alert, and ends the peer if that is fatal.
 * @returns 1, or the negative error
 */
export function* handleHandshake(ctx: Context, peer: dtls_peer_t, data: Uint8Array,
  epoch: number): DtlsSteps<number> {
  const { hooks, config } = ctx.env;
  const former = peer.state;
  const err = yield* isPlain(peer, data) || config.quirks.no_reassembly ? handleWhole(ctx, peer, data, epoch)
    : handleFragments(ctx, peer, data);
  if (err < 0) {
    const type = data.length > 0 ? data[0] : 0;
    const code = (-err).toString(16).padStart(4, '0');
    const name = HANDSHAKE_TYPE_NAMES.get(type) ?? 'unknown';
    hooks.log('warn', `error 0x${code} handling handshake packet of type: ${name} (${type}), state ${peer.state}`);
    yield* alertFromError(ctx, peer, err);
    if (((-err) & 0xff00) === 0x0200) {
      setState(ctx, peer, DTLS_STATE_CLOSED);
      yield* destroyPeer(ctx, peer, true);
    }
    return err;
  }
  // Connected also after a message that was ignored: the event is then told once more.
  if (peer.state === DTLS_STATE_CONNECTED) {
    stopRetransmission(ctx, peer);
    if (former === DTLS_STATE_CONNECTED) {
      if (peer.last_flight !== null) yield* answerWithLastFlight(ctx, peer);
      if (!config.quirks.connected_again) return 1;
    }
    yield { type: 'event', session: peer.session, level: 0, code: DTLS_EVENT_CONNECTED };
    if (ctx.env.pools.ecdsa_key.used > 0) releaseEcdsaKey(ctx, peer.session);
  }
  return 1;
}

/** Whether a record holds just one message, not fragmented, and its turn has come, or there is no handshake. */
function isPlain(peer: dtls_peer_t, data: Uint8Array): boolean {
  const handshake = peer.handshake_params;
  if (handshake === null) return true;
  const length = data.length - DTLS_HANDSHAKE_HEADER_LEN;
  return length >= 0 && get16(data, 4) === handshake.mseq_r && get24(data, 1) === length && get24(data, 6) === 0
    && get24(data, 9) === length;
}

/** One message a record: now, later or not at all; then those that waited for it. */
function* handleWhole(ctx: Context, peer: dtls_peer_t, data: Uint8Array, epoch: number): DtlsSteps<number> {
  const handshake = peer.handshake_params;
  let err = admitMessage(ctx, peer, data, epoch);
  if (handshake === null) return err;
  let message = data;
  let kept: netq_t | null = null;
  while (err > 0) {
    err = yield* oneMessage(ctx, peer, handshake, message);
    if (kept !== null) ctx.env.pools.netq.give(kept);
    if (err < 0 || peer.handshake_params !== handshake) return err;
    kept = takeKept(handshake);
    if (kept === null) return handshake.assembly.length > 0 ? yield* handleAssembled(ctx, peer, handshake) : err;
    message = kept.data;
    err = 1;
  }
  return err;
}

/** Several messages or fragments in a record, or an early one. */
function* handleFragments(ctx: Context, peer: dtls_peer_t, data: Uint8Array): DtlsSteps<number> {
  const handshake = peer.handshake_params;
  if (handshake === null) return 0;
  takeFragments(ctx, peer, handshake, data);
  return yield* handleAssembled(ctx, peer, handshake);
}

/** All messages out of fragments whose turn it is, and those that waited for them. */
function* handleAssembled(ctx: Context, peer: dtls_peer_t,
  handshake: dtls_handshake_parameters_t): DtlsSteps<number> {
  let err = 0;
  while (err >= 0 && peer.handshake_params === handshake) {
    const kept = takeKept(handshake);
    const message = kept === null ? takeWhole(handshake) : kept.data;
    if (message === null) break;
    err = yield* oneMessage(ctx, peer, handshake, message);
    if (kept !== null) ctx.env.pools.netq.give(kept);
  }
  return err;
}

function* oneMessage(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  message: Uint8Array): DtlsSteps<number> {
  const step = handleMessage(ctx, peer, handshake, message);
  return typeof step === 'number' ? step : messageDone(ctx, peer, handshake, message[0], yield* step);
}

/** tinydtls' names, as RIOT prints them. */
const HANDSHAKE_TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'hello_request'], [1, 'client_hello'], [2, 'server_hello'], [3, 'hello_verify_request'], [11, 'certificate'],
  [12, 'server_key_exchange'], [13, 'certificate_request'], [14, 'server_hello_done'], [15, 'certificate_verify'],
  [16, 'client_key_exchange'], [20, 'finished'],
]);

/** Whether it is the message's turn: 1. Negative alert code when malformed; 0 when it is ignored, or kept for later. */
function admitMessage(ctx: Context, peer: dtls_peer_t, data: Uint8Array, epoch: number): number {
  const { hooks } = ctx.env;
  if (data.length < DTLS_HANDSHAKE_HEADER_LEN) {
    hooks.log('warn', 'handshake message too short');
    traceDrop(ctx, peer.session, 'handshake too short');
    return DECODE_ERROR;
  }
  const length = get24(data, 9);
  if (get24(data, 1) !== length || get24(data, 6) !== 0) {
    hooks.log('warn', 'No fragment support (yet)');
    traceDrop(ctx, peer.session, 'fragmented');
    return HANDSHAKE_FAILURE;
  }
  if (length + DTLS_HANDSHAKE_HEADER_LEN !== data.length) {
    hooks.log('warn', 'Fragment size does not match packet size');
    traceDrop(ctx, peer.session, 'wrong length');
    return HANDSHAKE_FAILURE;
  }
  const handshake = peer.handshake_params;
  if (handshake === null) {
    hooks.log('warn', 'ignore unexpected handshake message');
    traceDrop(ctx, peer.session, 'no handshake');
    return 0;
  }
  const mseq = get16(data, 4);
  if (mseq < handshake.mseq_r) {
    hooks.log('warn', `The message sequence number is too small, expected ${handshake.mseq_r}, got: ${mseq}`);
    traceDrop(ctx, peer.session, 'old message');
    return 0;
  }
  if (mseq === handshake.mseq_r) return 1;
  keepEarly(ctx, peer, handshake, data, mseq, epoch);
  return 0;
}

/** Keeps a message that came before its turn, as long as there are nodes. */
function keepEarly(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t, data: Uint8Array,
  mseq: number, epoch: number): void {
  const { hooks, config } = ctx.env;
  if (data.length > config.DTLS_MAX_BUF) {
    hooks.log('warn', 'the packet is too big to buffer for reoder');
    traceDrop(ctx, peer.session, 'too big to store');
    return;
  }
  for (const other of handshake.reorder_queue) {
    if (get16(other.data, 4) !== mseq) continue;
    hooks.log('warn', 'a packet with this sequence number is already stored');
    traceDrop(ctx, peer.session, 'stored already');
    return;
  }
  const node = netqNew(ctx, { job: 'REORDER', peer, epoch, type: 0, data: copyOf(data) });
  if (node === null) {
    hooks.log('warn', 'no space in reorder buffer');
    traceDrop(ctx, peer.session, 'no room to store');
    return;
  }
  handshake.reorder_queue.push(node);
  traceDrop(ctx, peer.session, 'message stored');
}

/** The kept message whose turn it is, off the queue, or null. */
function takeKept(handshake: dtls_handshake_parameters_t): netq_t | null {
  const queue = handshake.reorder_queue;
  for (let i = 0; i < queue.length; i++) {
    if (get16(queue[i].data, 4) === handshake.mseq_r) return queue.splice(i, 1)[0];
  }
  return null;
}

/**
 * The message whose turn it is, by type and state. What was sent before it counts as received.
 * @returns the result, or the steps of a flight whose result messageDone has to see
 */
function handleMessage(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): number | DtlsSteps<number> {
  stopRetransmission(ctx, peer);
  restartTimer(ctx, peer);
  const type = data[0];
  if (isEcdheEcdsa(handshake.cipher)) {
    const step = handleEccMessage(ctx, peer, handshake, data);
    if (step !== null) return step;
  }
  switch (type) {
    case DTLS_HT_HELLO_VERIFY_REQUEST:
      if (peer.state !== DTLS_STATE_CLIENTHELLO) return UNEXPECTED_MESSAGE;
      return answerHelloVerifyRequest(ctx, peer, handshake, data);
    case DTLS_HT_SERVER_HELLO:
      if (peer.state !== DTLS_STATE_CLIENTHELLO) return UNEXPECTED_MESSAGE;
      return messageDone(ctx, peer, handshake, type, checkServerHello(ctx, handshake, data));
    case DTLS_HT_SERVER_KEY_EXCHANGE:
      if (peer.optional_handshake_message !== type || peer.state !== DTLS_STATE_WAIT_SERVERHELLODONE) {
        return UNEXPECTED_MESSAGE;
      }
      return messageDone(ctx, peer, handshake, type, checkServerKeyExchange(ctx, handshake, data));
    case DTLS_HT_SERVER_HELLO_DONE:
      if (peer.state !== DTLS_STATE_WAIT_SERVERHELLODONE) return UNEXPECTED_MESSAGE;
      return answerServerHelloDone(ctx, peer, handshake, data);
    case DTLS_HT_CLIENT_KEY_EXCHANGE:
      if (peer.state !== DTLS_STATE_WAIT_CLIENTKEYEXCHANGE) return UNEXPECTED_MESSAGE;
      return messageDone(ctx, peer, handshake, type, checkClientKeyExchange(ctx, handshake, data));
    case DTLS_HT_FINISHED: {
      if (peer.state !== DTLS_STATE_WAIT_FINISHED) return UNEXPECTED_MESSAGE;
      const err = checkFinished(ctx, peer, handshake, data);
      if (err < 0) return failed(ctx, 'check_finished', err);
      if (peer.role === DTLS_SERVER) return answerFinished(ctx, peer, handshake, data);
      return messageDone(ctx, peer, handshake, type, 0);
    }
    case DTLS_HT_CLIENT_HELLO:
      // Only a hello of epoch 0 at the start of a datagram begins anything.
      return UNEXPECTED_MESSAGE;
    case DTLS_HT_HELLO_REQUEST:
      return 0;
    case DTLS_HT_CERTIFICATE:
    case DTLS_HT_CERTIFICATE_REQUEST:
    case DTLS_HT_CERTIFICATE_VERIFY:
      if (ctx.env.config.CONFIG_DTLS_ECC) return UNEXPECTED_MESSAGE;
      return unhandled(ctx, type);
    default:
      return unhandled(ctx, type);
  }
}

function unhandled(ctx: Context, type: number): number {
  ctx.env.hooks.log('crit', `unhandled message ${type}`);
  return UNEXPECTED_MESSAGE;
}

/** The messages that ECDHE_ECDSA has besides those of PSK; null for any other. */
function handleEccMessage(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): number | DtlsSteps<number> | null {
  const { state, role } = peer;
  switch (data[0]) {
    case DTLS_HT_CERTIFICATE: {
      const wanted = role === DTLS_CLIENT ? DTLS_STATE_WAIT_SERVERCERTIFICATE : DTLS_STATE_WAIT_CLIENTCERTIFICATE;
      return state === wanted ? checkCertificate(ctx, peer, handshake, data) : UNEXPECTED_MESSAGE;
    }
    case DTLS_HT_SERVER_KEY_EXCHANGE:
      if (state !== DTLS_STATE_WAIT_SERVERKEYEXCHANGE) return UNEXPECTED_MESSAGE;
      peer.optional_handshake_message = DTLS_HT_CERTIFICATE_REQUEST;
      return checkServerKeyExchangeEcdsa(ctx, handshake, data);
    case DTLS_HT_CERTIFICATE_REQUEST:
      if (state !== DTLS_STATE_WAIT_SERVERHELLODONE || peer.optional_handshake_message !== data[0]) {
        return UNEXPECTED_MESSAGE;
      }
      peer.optional_handshake_message = -1;
      return messageDone(ctx, peer, handshake, data[0], checkCertificateRequest(ctx, handshake, data));
    case DTLS_HT_CERTIFICATE_VERIFY:
      if (state !== DTLS_STATE_WAIT_CERTIFICATEVERIFY) return UNEXPECTED_MESSAGE;
      return checkCertificateVerify(ctx, handshake, data);
    default:
      return null;
  }
}

/** After a message was handled with this result: on to the next state and number, or RIOT's line. Returns err. */
function messageDone(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t, type: number,
  err: number): number {
  switch (type) {
    case DTLS_HT_HELLO_VERIFY_REQUEST:
      if (err < 0) return failed(ctx, 'check_server_hello_verify_request', err);
      break;
    case DTLS_HT_SERVER_HELLO:
      if (err < 0) return failed(ctx, 'check_server_hello', err);
      if (isEcdheEcdsa(handshake.cipher)) {
        setState(ctx, peer, DTLS_STATE_WAIT_SERVERCERTIFICATE);
        break;
      }
      peer.optional_handshake_message = DTLS_HT_SERVER_KEY_EXCHANGE;
      setState(ctx, peer, DTLS_STATE_WAIT_SERVERHELLODONE);
      break;
    case DTLS_HT_CERTIFICATE:
      if (err < 0) return failed(ctx, 'check_server_certificate', err);
      setState(ctx, peer,
        peer.role === DTLS_CLIENT ? DTLS_STATE_WAIT_SERVERKEYEXCHANGE : DTLS_STATE_WAIT_CLIENTKEYEXCHANGE);
      break;
    case DTLS_HT_SERVER_KEY_EXCHANGE:
      if (!isEcdheEcdsa(handshake.cipher)) peer.optional_handshake_message = -1;
      if (err < 0) return failed(ctx, 'check_server_key_exchange', err);
      setState(ctx, peer, DTLS_STATE_WAIT_SERVERHELLODONE);
      break;
    case DTLS_HT_CERTIFICATE_REQUEST:
      if (err < 0) return failed(ctx, 'check_certificate_request', err);
      break;
    case DTLS_HT_SERVER_HELLO_DONE:
      if (err < 0) return failed(ctx, 'check_server_hellodone', err);
      setState(ctx, peer, DTLS_STATE_WAIT_CHANGECIPHERSPEC);
      break;
    case DTLS_HT_CLIENT_KEY_EXCHANGE:
      if (err < 0) return failed(ctx, 'check_client_keyexchange', err);
      setState(ctx, peer,
        isEcdheEcdsa(handshake.cipher) ? DTLS_STATE_WAIT_CERTIFICATEVERIFY : DTLS_STATE_WAIT_CHANGECIPHERSPEC);
      break;
    case DTLS_HT_CERTIFICATE_VERIFY:
      if (err < 0) return failed(ctx, 'check_client_certificate_verify', err);
      setState(ctx, peer, DTLS_STATE_WAIT_CHANGECIPHERSPEC);
      break;
    case DTLS_HT_FINISHED:
      if (err < 0) return err;
      freeHandshake(ctx, peer);
      setState(ctx, peer, DTLS_STATE_CONNECTED);
      return err;
  }
  handshake.mseq_r = (handshake.mseq_r + 1) & 0xffff;
  return err;
}

function failed(ctx: Context, what: string, err: number): number {
  ctx.env.hooks.log('warn', `error in ${what} err: ${err}`);
  return err;
}

/**
 * Whether the peer's Finished is right: 0, or a negative alert code.
 *
 * tinydtls accepts a Finished with bytes behind the verify_data; here it must end there (RFC 5246 §7.4.9) unless that
 * quirk is asked for.
 */
function checkFinished(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): number {
  if (data.length < DTLS_HANDSHAKE_HEADER_LEN + DTLS_VERIFY_DATA_LEN) return HANDSHAKE_FAILURE;
  const hasTail = data.length > DTLS_HANDSHAKE_HEADER_LEN + DTLS_VERIFY_DATA_LEN;
  if (hasTail && !ctx.env.config.quirks.finished_tail) return DECODE_ERROR;
  const expected = verifyData(ctx, handshake, peer.role === DTLS_CLIENT ? DTLS_SERVER : DTLS_CLIENT);
  let difference = handshake.master === null ? 1 : 0;
  for (let i = 0; i < DTLS_VERIFY_DATA_LEN; i++) difference |= expected[i] ^ data[DTLS_HANDSHAKE_HEADER_LEN + i];
  return difference === 0 ? 0 : DECRYPT_ERROR;
}

/** A ChangeCipherSpec: the next epoch is read from now on. A server derives its keys here. Negative on errors. */
export function* handleChangeCipherSpec(ctx: Context, peer: dtls_peer_t, data: Uint8Array): DtlsSteps<number> {
  const { hooks } = ctx.env;
  const handshake = peer.handshake_params;
  if (peer.state !== DTLS_STATE_WAIT_CHANGECIPHERSPEC || handshake === null) {
    hooks.log('warn', 'unexpected ChangeCipherSpec during handshake');
    traceDrop(ctx, peer.session, 'unexpected ChangeCipherSpec');
    return 0;
  }
  if (data.length !== 1 || data[0] !== 1) return DECODE_ERROR;
  if (peer.role === DTLS_SERVER) {
    const err = yield* serverKeyBlock(ctx, peer, handshake);
    if (err < 0) return err;
  }
  restartTimer(ctx, peer);
  handshake.read_epoch++;
  if (hooks.tracing) {
    hooks.trace({ kind: 'epoch', session: peer.session, direction: 'read', epoch: handshake.read_epoch });
  }
  setState(ctx, peer, DTLS_STATE_WAIT_FINISHED);
  return 0;
}

function* serverKeyBlock(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t): DtlsSteps<number> {
  if (isEcdheEcdsa(handshake.cipher)) return yield* calculateKeyBlockEcdh(ctx, peer, handshake);
  const ask = askForKey(ctx, peer, handshake);
  if (typeof ask === 'number') return ask;
  return calculateKeyBlock(ctx, peer, handshake, ask, yield ask);
}
