/** The client's side of the handshake: what it sends, and what it reads of the server's messages. */

import { get16 } from '../wire/bytes.ts';
import { DTLS_1_2, DTLS_CT_CHANGE_CIPHER_SPEC, DTLS_HANDSHAKE_HEADER_LEN, DTLS_HT_CLIENT_HELLO,
  DTLS_HT_CLIENT_KEY_EXCHANGE, DTLS_HT_FINISHED, DTLS_RANDOM_LEN, TLS_COMPRESSION_NULL,
  TLS_EMPTY_RENEGOTIATION_INFO_SCSV } from '../wire/dtls.ts';
import { copyOf, EMPTY } from './bytes.ts';
import { DECODE_ERROR, HANDSHAKE_FAILURE, INSUFFICIENT_SECURITY, INTERNAL_ERROR, PROTOCOL_VERSION } from './errors.ts';
import { checkExtensions, clientExtensions } from './extensions.ts';
import { askForKey, calculateKeyBlock, credential, DTLS_PSK_MAX_CLIENT_IDENTITY_LEN, needPsk, transcriptHash,
  verifyData } from './keys.ts';
import { calculateKeyBlockEcdh, sendCertificate, sendCertificateVerify,
  sendClientKeyExchangeEcdh } from './handshake-ecc.ts';
import { CHANGE_CIPHER_SPEC, prepareMessage } from './handshake-message.ts';
import { switchSecurity } from './peer.ts';
import { prepareRecord, traceDrop } from './record.ts';
import { isEcdheEcdsa } from './suites.ts';
import { DTLS_CLIENT, DTLS_PSK_IDENTITY } from './types.ts';
import type { Context } from './env.ts';
import type { dtls_handshake_parameters_t, dtls_peer_t, DtlsSend, DtlsSteps } from './types.ts';

const DTLS_COOKIE_LENGTH_MAX = 32;
/** HelloVerifyRequests that are answered in one handshake: a cookie may expire once. */
const HELLO_VERIFY_MAX = 2;
const NULL_COMPRESSION = new Uint8Array([TLS_COMPRESSION_NULL]);

/** The ClientHello. Without a cookie it is the first one and draws 32 random bytes. Restarts the transcript. */
export function prepareClientHello(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  cookie: Uint8Array): DtlsSend | number {
  const { config, hooks } = ctx.env;
  if (cookie.length > DTLS_COOKIE_LENGTH_MAX) {
    hooks.log('warn', 'the cookie is too long');
    return HANDSHAKE_FAILURE;
  }
  if (cookie.length === 0) handshake.client_random = hooks.random(DTLS_RANDOM_LEN);
  if (config.cipher_suites.length === 0) {
    hooks.log('crit', 'no supported cipher suite provided!');
    return HANDSHAKE_FAILURE;
  }
  handshake.extended_master_secret = true;
  handshake.read_epoch = peer.security_params[0]?.epoch ?? 0;
  handshake.hs_hash.reset();
  return prepareMessage(ctx, peer, handshake, {
    msgType: DTLS_HT_CLIENT_HELLO, version: DTLS_1_2, random: handshake.client_random, sessionId: EMPTY, cookie,
    cipherSuites: [...config.cipher_suites, TLS_EMPTY_RENEGOTIATION_INFO_SCSV], compressionMethods: NULL_COMPRESSION,
    extensions: clientExtensions(ctx),
  });
}

/** Answers a HelloVerifyRequest with the ClientHello again. Its version is not looked at (RFC 6347 §4.2.1). */
export function* answerHelloVerifyRequest(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): DtlsSteps<number> {
  const start = DTLS_HANDSHAKE_HEADER_LEN + 3;
  if (data.length < start || data.length < start + data[start - 1]) return DECODE_ERROR;
  if (handshake.mseq_r >= HELLO_VERIFY_MAX && !ctx.env.config.quirks.hello_verify_unlimited) {
    traceDrop(ctx, peer.session, 'too many HelloVerifyRequests');
    return 0;
  }
  const hello = prepareClientHello(ctx, peer, handshake, data.subarray(start, start + data[start - 1]));
  const res = typeof hello === 'number' ? hello : yield hello;
  if (res < 0) ctx.env.hooks.log('warn', 'cannot send ClientHello');
  return res;
}

/** Reads a ServerHello: 0, or a negative alert code. */
export function checkServerHello(ctx: Context, handshake: dtls_handshake_parameters_t, data: Uint8Array): number {
  const { hooks, config } = ctx.env;
  let at = DTLS_HANDSHAKE_HEADER_LEN;
  if (data.length < at + 2 + DTLS_RANDOM_LEN + 1 + 2 + 1) {
    hooks.log('alert', 'Insufficient length for ServerHello');
    return DECODE_ERROR;
  }
  handshake.hs_hash.update(data);
  if (get16(data, at) !== DTLS_1_2) {
    hooks.log('alert', 'unknown DTLS version');
    return PROTOCOL_VERSION;
  }
  at += 2;
  handshake.server_random = copyOf(data, at, at + DTLS_RANDOM_LEN);
  at += DTLS_RANDOM_LEN;
  const sessionEnd = at + 1 + data[at];
  if (sessionEnd > data.length) return DECODE_ERROR;
  at = sessionEnd;
  if (data.length < at + 3) {
    hooks.log('alert', 'Insufficient length for ServerHello');
    return DECODE_ERROR;
  }
  const cipher = get16(data, at);
  if (!config.cipher_suites.includes(cipher)) {
    hooks.log('alert', `unsupported cipher 0x${hex2(data[at])} 0x${hex2(data[at + 1])}`);
    handshake.cipher = 0;
    return INSUFFICIENT_SECURITY;
  }
  handshake.cipher = cipher;
  if (data[at + 2] !== TLS_COMPRESSION_NULL) {
    hooks.log('alert', `unsupported compression method 0x${hex2(data[at + 2])}`);
    return INSUFFICIENT_SECURITY;
  }
  handshake.extended_master_secret = false;
  return checkExtensions(ctx, handshake, data, at + 3, false);
}

function hex2(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** Reads the hint of a ServerKeyExchange: 0, or a negative alert code. */
export function checkServerKeyExchange(ctx: Context, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): number {
  const { hooks } = ctx.env;
  handshake.hs_hash.update(data);
  const start = DTLS_HANDSHAKE_HEADER_LEN + 2;
  if (data.length < start) {
    hooks.log('alert', 'the packet length does not match the expected');
    return DECODE_ERROR;
  }
  const length = get16(data, DTLS_HANDSHAKE_HEADER_LEN);
  if (length !== data.length - start) {
    hooks.log('warn', 'the length of the server identity hint is worng');
    return DECODE_ERROR;
  }
  if (length > DTLS_PSK_MAX_CLIENT_IDENTITY_LEN) {
    hooks.log('warn', 'please use a smaller server identity hint');
    return INTERNAL_ERROR;
  }
  handshake.identity = copyOf(data, start);
  return 0;
}

/** Answers a ServerHelloDone with the client's keys, ChangeCipherSpec and Finished. */
export function* answerServerHelloDone(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): DtlsSteps<number> {
  handshake.hs_hash.update(data);
  const err = yield* isEcdheEcdsa(handshake.cipher) ? exchangeEcdheKeys(ctx, peer, handshake)
    : exchangePskKeys(ctx, peer, handshake);
  if (err < 0) return err;

  const spec = prepareRecord(ctx, peer, DTLS_CT_CHANGE_CIPHER_SPEC, CHANGE_CIPHER_SPEC);
  const res = typeof spec === 'number' ? spec : yield spec;
  if (res < 0) return res;
  switchSecurity(ctx, peer);

  const finished = prepareMessage(ctx, peer, handshake, {
    msgType: DTLS_HT_FINISHED, verifyData: verifyData(ctx, handshake, DTLS_CLIENT),
  });
  return typeof finished === 'number' ? finished : yield finished;
}

/** Sends the ClientKeyExchange with the identity, and derives the keys. */
function* exchangePskKeys(ctx: Context, peer: dtls_peer_t,
  handshake: dtls_handshake_parameters_t): DtlsSteps<number> {
  const ask = needPsk(DTLS_PSK_IDENTITY, peer.session, handshake.identity, DTLS_PSK_MAX_CLIENT_IDENTITY_LEN);
  const length = yield ask;
  if (length < 0) {
    ctx.env.hooks.log('crit', 'no psk identity set in kx');
    return length;
  }
  handshake.identity = credential(ask, length);
  const exchange = prepareMessage(ctx, peer, handshake, {
    msgType: DTLS_HT_CLIENT_KEY_EXCHANGE, identity: handshake.identity,
  });
  handshake.session_hash = transcriptHash(ctx, handshake);
  const res = typeof exchange === 'number' ? exchange : yield exchange;
  if (res < 0) return res;

  const askKey = askForKey(ctx, peer, handshake);
  if (typeof askKey === 'number') return askKey;
  return calculateKeyBlock(ctx, peer, handshake, askKey, yield askKey);
}

/** Sends the own key if the server wants it, the ephemeral key and the signature, and derives the keys. */
function* exchangeEcdheKeys(ctx: Context, peer: dtls_peer_t,
  handshake: dtls_handshake_parameters_t): DtlsSteps<number> {
  const key = handshake.do_client_auth ? yield* sendCertificate(ctx, peer, handshake) : null;
  if (typeof key === 'number') return key;
  let res = yield* sendClientKeyExchangeEcdh(ctx, peer, handshake);
  if (res >= 0 && key !== null) res = yield* sendCertificateVerify(ctx, peer, handshake, key);
  return res < 0 ? res : yield* calculateKeyBlockEcdh(ctx, peer, handshake);
}
