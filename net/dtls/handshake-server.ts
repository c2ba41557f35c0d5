/** The server's side of the handshake: the stateless start, its flights, and what it reads of the client's messages. */

import { bytesEqual, get16, get24 } from '../wire/bytes.ts';
import { DTLS_1_0, DTLS_1_2, DTLS_CT_ALERT, DTLS_CT_CHANGE_CIPHER_SPEC, DTLS_CT_HANDSHAKE, DTLS_HANDSHAKE_HEADER_LEN,
  DTLS_HT_FINISHED, DTLS_HT_HELLO_VERIFY_REQUEST, DTLS_HT_SERVER_HELLO, DTLS_HT_SERVER_HELLO_DONE,
  DTLS_HT_SERVER_KEY_EXCHANGE, DTLS_RANDOM_LEN, DTLS_RECORD_HEADER_LEN, emitDtlsMessage, emitDtlsRecord,
  TLS_COMPRESSION_NULL, TLS_EMPTY_RENEGOTIATION_INFO_SCSV } from '../wire/dtls.ts';
import { alertOfError, destroyPeer } from './alert.ts';
import { copyOf, EMPTY } from './bytes.ts';
import { createCookie, getCookie, rotateCookieSecret } from './cookie.ts';
import { HANDSHAKE_FAILURE, INTERNAL_ERROR, PROTOCOL_VERSION } from './errors.ts';
import { checkExtensions, serverExtensions } from './extensions.ts';
import { readClientPoint, sendCertificate, sendCertificateRequest,
  sendServerKeyExchangeEcdh } from './handshake-ecc.ts';
import { CHANGE_CIPHER_SPEC, prepareMessage } from './handshake-message.ts';
import { credential, DTLS_PSK_MAX_CLIENT_IDENTITY_LEN, needPsk, transcriptHash, verifyData } from './keys.ts';
import { deletePeer, freePeer, getPeer, newHandshake, newPeer, setState, switchSecurity } from './peer.ts';
import { prepareRecord, traceDrop, traceMessage } from './record.ts';
import { DTLS_MAX_RETRANSMIT, flightOf, keepLastFlight, sendAgain } from './retransmit.ts';
import { isEcdheEcdsa } from './suites.ts';
import { DTLS_PSK_HINT, DTLS_SERVER, DTLS_STATE_WAIT_CLIENTCERTIFICATE,
  DTLS_STATE_WAIT_CLIENTKEYEXCHANGE } from './types.ts';
import type { Context } from './env.ts';
import type { dtls_handshake_parameters_t, dtls_peer_t, DtlsSend, DtlsSteps, session_t } from './types.ts';

/**
 * A ClientHello of epoch 0, from anyone. Without the right cookie it is answered with one and forgotten; with it, a
 * peer is made, in place of any other of that session.
 * @param seq the record's number, which the answers carry on
 */
export function* handleClientHello(ctx: Context, session: session_t, data: Uint8Array,
  seq: number): DtlsSteps<number> {
  const { hooks } = ctx.env;
  if (hooks.tracing) traceMessage(ctx, session, 'in', DTLS_CT_HANDSHAKE, 0, seq, data);
  if (ctx.is_client && !ctx.env.config.quirks.role_not_enforced) {
    traceDrop(ctx, session, 'hello for a client');
    return 0;
  }
  const length = get24(data, 9);
  if (get24(data, 1) !== length || get24(data, 6) !== 0) {
    hooks.log('warn', 'No fragment support (yet)');
    traceDrop(ctx, session, 'fragmented');
    return 0;
  }
  if (length + DTLS_HANDSHAKE_HEADER_LEN !== data.length) {
    hooks.log('warn', 'Fragment size does not match packet size');
    traceDrop(ctx, session, 'wrong length');
    return 0;
  }
  const mseq = get16(data, 4);
  rotateCookieSecret(ctx);
  const mine = createCookie(ctx, session, data);
  if (typeof mine === 'number') return refuse(ctx, mine);
  const cookie = getCookie(data);
  if (typeof cookie === 'number') {
    hooks.log('warn', `error while fetching the cookie, err: ${cookie}`);
    if (cookie === PROTOCOL_VERSION) yield statelessAlert(ctx, session, seq, -cookie);
    return refuse(ctx, cookie);
  }
  if (!bytesEqual(cookie, mine) && !isFormerCookie(ctx, session, data, cookie)) {
    const sent = yield helloVerifyRequest(ctx, session, seq, mseq, mine);
    if (sent >= 0) return sent;
    hooks.log('warn', 'cannot send HelloVerify request');
    return refuse(ctx, sent);
  }
  const former = getPeer(ctx, session);
  if (former !== null && isSentAgain(ctx, former, data, mseq)) return yield* answerHelloAgain(ctx, former);
  if (former !== null) yield* destroyPeer(ctx, former, false);
  const peer = newServerPeer(ctx, session, seq, mseq);
  let err = INTERNAL_ERROR;
  if (peer !== null && peer.handshake_params !== null) {
    err = yield* sendServerHelloMessages(ctx, peer, peer.handshake_params, data);
    if (err < 0) yield* destroyPeer(ctx, peer, true);
  }
  if (err < 0) {
    const alert = alertOfError(err);
    if (alert !== 0) yield statelessAlert(ctx, session, seq, alert);
  }
  return err;
}

/** Whether it is the cookie that the secret before the current one makes. */
function isFormerCookie(ctx: Context, session: session_t, hello: Uint8Array, cookie: Uint8Array): boolean {
  if (ctx.former_cookie_secret === null) return false;
  const former = createCookie(ctx, session, hello, ctx.former_cookie_secret);
  return typeof former !== 'number' && bytesEqual(cookie, former);
}

/** Whether this is the ClientHello that began the peer's handshake, once more: only where flights are sent again. */
function isSentAgain(ctx: Context, peer: dtls_peer_t, hello: Uint8Array, mseq: number): boolean {
  const handshake = peer.handshake_params;
  if (handshake === null || peer.role !== DTLS_SERVER || ((handshake.first_mseq ^ mseq) & 0xffff) !== 0) return false;
  const at = DTLS_HANDSHAKE_HEADER_LEN + 2;
  return bytesEqual(handshake.client_random, hello.subarray(at, at + DTLS_RANDOM_LEN))
    && !ctx.env.config.quirks.no_retransmission;
}

/** The client did not get the flight: it is sent again, as long as the timer would. */
function* answerHelloAgain(ctx: Context, peer: dtls_peer_t): DtlsSteps<number> {
  if (peer.state !== DTLS_STATE_WAIT_CLIENTKEYEXCHANGE && peer.state !== DTLS_STATE_WAIT_CLIENTCERTIFICATE) return 0;
  if (peer.retransmit_count >= DTLS_MAX_RETRANSMIT) return 0;
  peer.retransmit_count++;
  yield* sendAgain(ctx, peer, flightOf(ctx, peer));
  return 0;
}

function refuse(ctx: Context, err: number): number {
  ctx.env.hooks.log('warn', `error in dtls_verify_peer err: ${err}`);
  return err;
}

/** A plain record that belongs to no peer. */
function statelessRecord(ctx: Context, session: session_t, type: number, version: number, seq: number,
  data: Uint8Array): DtlsSend {
  const datagram = new Uint8Array(DTLS_RECORD_HEADER_LEN + data.length);
  datagram.set(data, emitDtlsRecord({ type, version, epoch: 0, seq, length: data.length }, datagram, 0));
  if (ctx.env.hooks.tracing) traceMessage(ctx, session, 'out', type, 0, seq, data);
  return { type: 'send', session, datagram };
}

function statelessAlert(ctx: Context, session: session_t, seq: number, alert: number): DtlsSend {
  return statelessRecord(ctx, session, DTLS_CT_ALERT, DTLS_1_2, seq, new Uint8Array([alert >> 8, alert & 0xff]));
}

function helloVerifyRequest(ctx: Context, session: session_t, seq: number, mseq: number,
  cookie: Uint8Array): DtlsSend {
  const data = emitDtlsMessage({ msgType: DTLS_HT_HELLO_VERIFY_REQUEST, version: DTLS_1_2, cookie }, mseq);
  return statelessRecord(ctx, session, DTLS_CT_HANDSHAKE, DTLS_1_0, seq, data);
}

/** The peer for a ClientHello whose cookie was right, with its handshake; null, with RIOT's line, without room. */
function newServerPeer(ctx: Context, session: session_t, seq: number, mseq: number): dtls_peer_t | null {
  const { hooks } = ctx.env;
  const peer = newPeer(ctx, session);
  if (peer === null) {
    hooks.log('alert', 'cannot create peer');
    return null;
  }
  peer.role = DTLS_SERVER;
  const security = peer.security_params[0];
  if (security !== null) {
    // All earlier records count as received: the stateless ones must not be read again.
    security.rseq = security.cseq = seq;
    security.bitfield_hi = security.bitfield_lo = -1;
  }
  ctx.peers.unshift(peer);
  if (newHandshake(ctx, peer, mseq) !== null) return peer;
  hooks.log('alert', 'cannot create handshake parameter');
  deletePeer(ctx, peer);
  freePeer(ctx, peer);
  return null;
}

/**
 * Reads what a ClientHello offers: 0, or handshake_failure. createCookie has seen to it that the message reaches to the
 * end of its cookie.
 */
function checkClientHello(ctx: Context, handshake: dtls_handshake_parameters_t, data: Uint8Array): number {
  let at = DTLS_HANDSHAKE_HEADER_LEN + 2;
  handshake.client_random = copyOf(data, at, at + DTLS_RANDOM_LEN);
  at += DTLS_RANDOM_LEN;
  at += 1 + data[at];
  at += 1 + data[at];

  const suites = at + 2;
  if (suites > data.length) return HANDSHAKE_FAILURE;
  const suitesLength = get16(data, at);
  const methods = suites + suitesLength;
  if (suitesLength === 0 || methods > data.length || suitesLength % 2 !== 0) return HANDSHAKE_FAILURE;
  for (at = suites; at < methods && (handshake.cipher === 0 || !handshake.renegotiation_info); at += 2) {
    const suite = get16(data, at);
    if (suite === TLS_EMPTY_RENEGOTIATION_INFO_SCSV) handshake.renegotiation_info = true;
    else if (handshake.cipher === 0 && ctx.env.config.cipher_suites.includes(suite)) handshake.cipher = suite;
  }
  if (handshake.cipher === 0) {
    ctx.env.hooks.log('warn', 'No matching cipher suite found');
    return HANDSHAKE_FAILURE;
  }

  if (methods + 1 > data.length) return HANDSHAKE_FAILURE;
  const extensions = methods + 1 + data[methods];
  if (extensions > data.length) return HANDSHAKE_FAILURE;
  if (!data.subarray(methods + 1, extensions).includes(TLS_COMPRESSION_NULL)) return HANDSHAKE_FAILURE;
  return checkExtensions(ctx, handshake, data, extensions, true);
}

/**
 * Answers a ClientHello with ServerHello, what the suite needs, and ServerHelloDone. Draws 32 random bytes. 0, or a
 * negative error.
 */
function* sendServerHelloMessages(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): DtlsSteps<number> {
  const err = checkClientHello(ctx, handshake, data);
  if (err < 0) {
    ctx.env.hooks.log('warn', 'error updating security parameters');
    return err;
  }
  handshake.hs_hash.update(data);
  handshake.server_random = ctx.env.hooks.random(DTLS_RANDOM_LEN);
  const hello = prepareMessage(ctx, peer, handshake, {
    msgType: DTLS_HT_SERVER_HELLO, version: DTLS_1_2, random: handshake.server_random, sessionId: EMPTY,
    cipherSuite: handshake.cipher, compressionMethod: TLS_COMPRESSION_NULL, extensions: serverExtensions(handshake),
  });
  let res = typeof hello === 'number' ? hello : yield hello;
  if (res < 0) return res;

  const isEcc = isEcdheEcdsa(handshake.cipher);
  res = yield* isEcc ? sendServerKeys(ctx, peer, handshake) : sendHint(ctx, peer, handshake);
  if (res < 0) return res;

  const done = prepareMessage(ctx, peer, handshake, { msgType: DTLS_HT_SERVER_HELLO_DONE });
  res = typeof done === 'number' ? done : yield done;
  if (res < 0) return res;
  setState(ctx, peer, isEcc ? DTLS_STATE_WAIT_CLIENTCERTIFICATE : DTLS_STATE_WAIT_CLIENTKEYEXCHANGE);
  handshake.mseq_r = (handshake.mseq_r + 1) & 0xffff;
  return 0;
}

/** Sends the hint as ServerKeyExchange, if there is one. */
function* sendHint(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t): DtlsSteps<number> {
  const ask = needPsk(DTLS_PSK_HINT, peer.session, null, DTLS_PSK_MAX_CLIENT_IDENTITY_LEN);
  const length = yield ask;
  if (length <= 0) return length;
  const exchange = prepareMessage(ctx, peer, handshake, {
    msgType: DTLS_HT_SERVER_KEY_EXCHANGE, hint: credential(ask, length),
  });
  return typeof exchange === 'number' ? exchange : yield exchange;
}

/** Sends the own key, the ephemeral key, and asks for the client's: RIOT always wants both sides' keys. */
function* sendServerKeys(ctx: Context, peer: dtls_peer_t,
  handshake: dtls_handshake_parameters_t): DtlsSteps<number> {
  const key = yield* sendCertificate(ctx, peer, handshake);
  if (typeof key === 'number') return key;
  const res = yield* sendServerKeyExchangeEcdh(ctx, peer, handshake, key);
  return res < 0 ? res : yield* sendCertificateRequest(ctx, peer, handshake);
}

/** Reads a ClientKeyExchange: 0, or a negative alert code. Only a good one enters the transcript. */
export function checkClientKeyExchange(ctx: Context, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): number {
  const err = isEcdheEcdsa(handshake.cipher) ? readClientPoint(ctx, handshake, data)
    : readIdentity(ctx, handshake, data);
  if (err < 0) return err;
  handshake.hs_hash.update(data);
  handshake.session_hash = transcriptHash(ctx, handshake);
  return 0;
}

function readIdentity(ctx: Context, handshake: dtls_handshake_parameters_t, data: Uint8Array): number {
  const start = DTLS_HANDSHAKE_HEADER_LEN + 2;
  if (data.length < start) return HANDSHAKE_FAILURE;
  const length = get16(data, DTLS_HANDSHAKE_HEADER_LEN);
  if (start + length !== data.length) return HANDSHAKE_FAILURE;
  if (length > DTLS_PSK_MAX_CLIENT_IDENTITY_LEN) {
    ctx.env.hooks.log('warn', 'please use a smaller client identity');
    return INTERNAL_ERROR;
  }
  handshake.identity = copyOf(data, start);
  return 0;
}

/** Answers the client's Finished with ChangeCipherSpec and Finished. */
export function* answerFinished(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): DtlsSteps<number> {
  const { hooks } = ctx.env;
  handshake.hs_hash.update(data);
  const spec = prepareRecord(ctx, peer, DTLS_CT_CHANGE_CIPHER_SPEC, CHANGE_CIPHER_SPEC);
  let res = typeof spec === 'number' ? spec : yield spec;
  if (res < 0) {
    hooks.log('warn', 'cannot send CCS message');
    return res;
  }
  const plain = peer.security_params[0];
  switchSecurity(ctx, peer);
  const finished = prepareMessage(ctx, peer, handshake, {
    msgType: DTLS_HT_FINISHED, verifyData: verifyData(ctx, handshake, DTLS_SERVER),
  });
  res = typeof finished === 'number' ? finished : yield finished;
  if (res < 0) hooks.log('warn', 'sending server Finished failed');
  else if (plain !== null && !ctx.env.config.quirks.no_retransmission) keepLastFlight(ctx, peer, plain);
  return res;
}
