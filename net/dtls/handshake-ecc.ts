/** ECDHE_ECDSA with raw public keys: the messages of both roles that PSK does not have (RFC 4492 §5, RFC 7250 §4). */

import { p256PublicKey, p256SharedSecret, p256Sign, p256ValidPrivate, p256Verify } from '../crypto/p256.ts';
import { bytesEqual, get16, get24 } from '../wire/bytes.ts';
import { DTLS_HANDSHAKE_HEADER_LEN, DTLS_HT_CERTIFICATE, DTLS_HT_CERTIFICATE_REQUEST, DTLS_HT_CERTIFICATE_VERIFY,
  DTLS_HT_CLIENT_KEY_EXCHANGE, DTLS_HT_SERVER_KEY_EXCHANGE, emitEcdhParams, emitEcdsaSignature, emitP256Point,
  emitP256PublicKeyInfo, P256_COORDINATE_LEN, P256_POINT_LEN, P256_PUBLIC_KEY_LEN, P256_SPKI_HEADER, P256_SPKI_LEN,
  TLS_CLIENT_CERTIFICATE_TYPE_ECDSA_SIGN, TLS_CURVE_SECP256R1, TLS_EC_CURVE_TYPE_NAMED_CURVE,
  TLS_SIG_SHA256_ECDSA } from '../wire/dtls.ts';
import { copyOf, EMPTY } from './bytes.ts';
import { readEcdsaSignature } from './ecdsa.ts';
import { DECODE_ERROR, HANDSHAKE_FAILURE, INTERNAL_ERROR } from './errors.ts';
import { prepareMessage } from './handshake-message.ts';
import { deriveKeys, transcriptHash } from './keys.ts';
import { nextSecurity } from './peer.ts';
import { dtls_session_equals } from './session.ts';
import type { Context } from './env.ts';
import type { dtls_handshake_parameters_t, dtls_peer_t, DtlsNeedKey, DtlsSteps, DtlsWork, session_t } from './types.ts';

const WORK: DtlsWork = { type: 'work' };
const HASH_LEN = 32;

const ECDSA_SIGN = new Uint8Array([TLS_CLIENT_CERTIFICATE_TYPE_ECDSA_SIGN]);
const SHA256_ECDSA = new Uint8Array([TLS_SIG_SHA256_ECDSA >> 8, TLS_SIG_SHA256_ECDSA & 0xff]);

/** ServerECDHParams: type, curve, length, point. */
const ECDH_PARAMS_LEN = 4 + P256_POINT_LEN;
/** The least that tinydtls takes for a signature: one with two integers of nothing. */
const SIGNATURE_MIN = 10;

/**
 * Asks for the own key, takes a place for it and sends it as Certificate.
 * @returns the key, or a negative code
 */
export function* sendCertificate(ctx: Context, peer: dtls_peer_t,
  handshake: dtls_handshake_parameters_t): DtlsSteps<DtlsNeedKey | number> {
  const ask: DtlsNeedKey = {
    type: 'need_key', session: peer.session, private_key: new Uint8Array(P256_COORDINATE_LEN),
    public_key: new Uint8Array(P256_PUBLIC_KEY_LEN),
  };
  let res = yield ask;
  if (res >= 0 && !takeEcdsaKey(ctx, peer)) res = INTERNAL_ERROR;
  if (res >= 0 && !p256ValidPrivate(ask.private_key)) {
    ctx.env.hooks.diagnose('an ECDSA private key of 0 or above the order of the curve; here there is no such key');
    res = INTERNAL_ERROR;
  }
  if (res < 0) {
    ctx.env.hooks.log('crit', 'no ecdsa certificate to send in certificate');
    return res;
  }
  const certificate = prepareMessage(ctx, peer, handshake, {
    msgType: DTLS_HT_CERTIFICATE, publicKeyInfo: emitP256PublicKeyInfo(ask.public_key),
  });
  res = typeof certificate === 'number' ? certificate : yield certificate;
  return res < 0 ? res : ask;
}

/** The place of an own key in RIOT's array: the last free one. False when there is none. */
function takeEcdsaKey(ctx: Context, peer: dtls_peer_t): boolean {
  const { pools } = ctx.env;
  return pools.ecdsa_key.take({ peer_slot: pools.peer.slots.indexOf(peer) }, true);
}

/**
 * Once a session is connected one place is given back: the first whose peer's memory holds an equal session. That
 * of a handshake that is given up is kept until then.
 */
export function releaseEcdsaKey(ctx: Context, session: session_t): void {
  const { pools, peer_sessions } = ctx.env;
  for (const key of pools.ecdsa_key.slots) {
    if (key === null) continue;
    const there = peer_sessions[key.peer_slot];
    if (there === undefined || !dtls_session_equals(there, session)) continue;
    pools.ecdsa_key.give(key);
    return;
  }
}

/**
 * A new ephemeral key, drawn from the board's random bytes as a number in the byte order of its memory. tinydtls would
 * also take 0.
 */
function* newEphemeral(ctx: Context, handshake: dtls_handshake_parameters_t): DtlsSteps<Uint8Array> {
  const { work, hooks } = ctx.env;
  let key: Uint8Array;
  do {
    key = hooks.random(P256_COORDINATE_LEN).reverse();
  } while (!p256ValidPrivate(key));
  work.p256Keygen++;
  yield WORK;
  handshake.own_eph_priv = key;
  return emitP256Point(p256PublicKey(key));
}

/** The signature of a hash, as it is sent. RFC 6979: tinydtls draws 32 random bytes for it. */
function* sign(ctx: Context, key: DtlsNeedKey, hash: Uint8Array): DtlsSteps<Uint8Array> {
  ctx.env.work.p256Sign++;
  yield WORK;
  return emitEcdsaSignature(p256Sign(key.private_key, hash));
}

/** Sends the server's ephemeral key, signed with its own: the answer to `send`, or a negative alert code. */
export function* sendServerKeyExchangeEcdh(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  key: DtlsNeedKey): DtlsSteps<number> {
  const point = yield* newEphemeral(ctx, handshake);
  const hash = paramsHash(ctx, handshake, emitEcdhParams(TLS_CURVE_SECP256R1, point));
  const exchange = prepareMessage(ctx, peer, handshake, {
    msgType: DTLS_HT_SERVER_KEY_EXCHANGE, curve: TLS_CURVE_SECP256R1, point, algorithm: TLS_SIG_SHA256_ECDSA,
    signature: yield* sign(ctx, key, hash),
  });
  return typeof exchange === 'number' ? exchange : yield exchange;
}

/** What a ServerKeyExchange signs: both randoms and the parameters (RFC 4492 §5.4). */
function paramsHash(ctx: Context, handshake: dtls_handshake_parameters_t, params: Uint8Array): Uint8Array {
  const { hash } = ctx.env.scratch;
  hash.reset();
  hash.update(handshake.client_random);
  hash.update(handshake.server_random);
  hash.update(params);
  const out = new Uint8Array(HASH_LEN);
  hash.digest(out);
  return out;
}

/** Asks the client for its key: ECDSA with SHA-256, no authorities. */
export function* sendCertificateRequest(ctx: Context, peer: dtls_peer_t,
  handshake: dtls_handshake_parameters_t): DtlsSteps<number> {
  const request = prepareMessage(ctx, peer, handshake, {
    msgType: DTLS_HT_CERTIFICATE_REQUEST, certificateTypes: ECDSA_SIGN, algorithms: SHA256_ECDSA, authorities: EMPTY,
  });
  return typeof request === 'number' ? request : yield request;
}

/** Sends the client's ephemeral key. */
export function* sendClientKeyExchangeEcdh(ctx: Context, peer: dtls_peer_t,
  handshake: dtls_handshake_parameters_t): DtlsSteps<number> {
  const point = yield* newEphemeral(ctx, handshake);
  const exchange = prepareMessage(ctx, peer, handshake, { msgType: DTLS_HT_CLIENT_KEY_EXCHANGE, point });
  handshake.session_hash = transcriptHash(ctx, handshake);
  return typeof exchange === 'number' ? exchange : yield exchange;
}

/** Proves that the client has the key that it sent: signs the transcript. */
export function* sendCertificateVerify(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  key: DtlsNeedKey): DtlsSteps<number> {
  const verify = prepareMessage(ctx, peer, handshake, {
    msgType: DTLS_HT_CERTIFICATE_VERIFY, algorithm: TLS_SIG_SHA256_ECDSA,
    signature: yield* sign(ctx, key, transcriptHash(ctx, handshake)),
  });
  return typeof verify === 'number' ? verify : yield verify;
}

/**
 * Derives master secret and keys from the two ephemeral keys: 0, or a negative alert code.
 *
 * tinydtls multiplies whatever point it is given; here one that is not on the curve ends the handshake.
 */
export function* calculateKeyBlockEcdh(ctx: Context, peer: dtls_peer_t,
  handshake: dtls_handshake_parameters_t): DtlsSteps<number> {
  if (peer.freed || nextSecurity(ctx, peer) === null) return INTERNAL_ERROR;
  ctx.env.work.p256Shared++;
  yield WORK;
  const secret = p256SharedSecret(handshake.own_eph_priv, handshake.other_eph_pub);
  return secret === null ? HANDSHAKE_FAILURE : deriveKeys(ctx, peer, handshake, secret);
}

/**
 * Reads the peer's key, of either role, and asks whether it is the right one: 0, or a negative code.
 *
 * tinydtls reads the key past the end of a message that is too short; here that is a decode_error.
 */
export function* checkCertificate(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): DtlsSteps<number> {
  const { hooks } = ctx.env;
  handshake.hs_hash.update(data);
  const start = DTLS_HANDSHAKE_HEADER_LEN + 3;
  if (data.length < start) return tooShort(ctx);
  if (get24(data, DTLS_HANDSHAKE_HEADER_LEN) !== P256_SPKI_LEN) {
    hooks.log('alert', `expect length of ${P256_SPKI_LEN} bytes for certificate`);
    return DECODE_ERROR;
  }
  if (data.length < start + P256_SPKI_LEN) return tooShort(ctx);
  const key = start + P256_SPKI_HEADER.length;
  if (!bytesEqual(data.subarray(start, key), P256_SPKI_HEADER)) {
    hooks.log('alert', 'got an unexpected Subject public key format');
    return DECODE_ERROR;
  }
  handshake.other_pub = copyOf(data, key, key + P256_PUBLIC_KEY_LEN);
  const err = yield { type: 'verify_key', session: peer.session, public_key: handshake.other_pub };
  if (err >= 0) return 0;
  hooks.log('warn', 'The certificate was not accepted');
  return err;
}

function tooShort(ctx: Context): number {
  ctx.env.hooks.diagnose('a DTLS Certificate is read past its end; here it is refused');
  return DECODE_ERROR;
}

/** Reads the server's ephemeral key and checks its signature: 0, or a negative alert code. */
export function* checkServerKeyExchangeEcdsa(ctx: Context, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): DtlsSteps<number> {
  const { hooks, work } = ctx.env;
  handshake.hs_hash.update(data);
  const start = DTLS_HANDSHAKE_HEADER_LEN;
  if (data.length < start + ECDH_PARAMS_LEN + SIGNATURE_MIN) {
    hooks.log('alert', 'the packet length does not match the expected');
    return DECODE_ERROR;
  }
  if (data[start] !== TLS_EC_CURVE_TYPE_NAMED_CURVE) {
    hooks.log('alert', 'Only named curves supported');
    return HANDSHAKE_FAILURE;
  }
  if (get16(data, start + 1) !== TLS_CURVE_SECP256R1) {
    hooks.log('alert', 'secp256r1 supported');
    return HANDSHAKE_FAILURE;
  }
  const end = start + ECDH_PARAMS_LEN;
  const err = checkPoint(ctx, data, start + 3, DECODE_ERROR);
  if (err < 0) return err;
  handshake.other_eph_pub = copyOf(data, end - P256_PUBLIC_KEY_LEN, end);
  const signature = readEcdsaSignature(hooks, data.subarray(end));
  if (typeof signature === 'number') return signature;
  const hash = paramsHash(ctx, handshake, data.subarray(start, end));
  work.p256Verify++;
  yield WORK;
  if (p256Verify(handshake.other_pub, hash, signature)) return 0;
  hooks.log('alert', 'wrong signature');
  return HANDSHAKE_FAILURE;
}

/** Whether an uncompressed point of 65 bytes begins at `at`, behind its length: 0, or a negative alert code. */
function checkPoint(ctx: Context, data: Uint8Array, at: number, notUncompressed: number): number {
  if (data[at] !== P256_POINT_LEN) {
    ctx.env.hooks.log('alert', 'expected 65 bytes long public point');
    return HANDSHAKE_FAILURE;
  }
  if (data[at + 1] !== 4) {
    ctx.env.hooks.log('alert', 'expected uncompressed public point');
    return notUncompressed;
  }
  return 0;
}

/** Reads whether the server takes ECDSA with SHA-256: 0, or a negative alert code. Authorities are not looked at. */
export function checkCertificateRequest(ctx: Context, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): number {
  const { hooks } = ctx.env;
  handshake.hs_hash.update(data);
  const types = DTLS_HANDSHAKE_HEADER_LEN + 1;
  if (data.length < DTLS_HANDSHAKE_HEADER_LEN + 5) {
    hooks.log('alert', 'the packet length does not match the expected');
    return DECODE_ERROR;
  }
  const algorithms = types + data[types - 1] + 2;
  if (algorithms - 2 > data.length) return DECODE_ERROR;
  if (!data.subarray(types, algorithms - 2).includes(TLS_CLIENT_CERTIFICATE_TYPE_ECDSA_SIGN)) {
    hooks.log('alert', 'the request authentication algorithm is not supported');
    return HANDSHAKE_FAILURE;
  }
  if (algorithms > data.length) return DECODE_ERROR;
  const end = algorithms + get16(data, algorithms - 2);
  if (end > data.length) return DECODE_ERROR;
  if ((end - algorithms) % 2 !== 0) {
    hooks.log('alert', 'illegal certificate request');
    return HANDSHAKE_FAILURE;
  }
  for (let at = algorithms; at < end; at += 2) {
    if (get16(data, at) !== TLS_SIG_SHA256_ECDSA) continue;
    handshake.do_client_auth = true;
    return 0;
  }
  hooks.log('alert', 'no supported hash and signature algorithm');
  return HANDSHAKE_FAILURE;
}

/** Reads the client's ephemeral key: 0, or a negative alert code. What stands behind it is not looked at. */
export function readClientPoint(ctx: Context, handshake: dtls_handshake_parameters_t, data: Uint8Array): number {
  const start = DTLS_HANDSHAKE_HEADER_LEN;
  const end = start + 1 + P256_POINT_LEN;
  if (data.length < end) return HANDSHAKE_FAILURE;
  const err = checkPoint(ctx, data, start, HANDSHAKE_FAILURE);
  if (err === 0) handshake.other_eph_pub = copyOf(data, end - P256_PUBLIC_KEY_LEN, end);
  return err;
}

/** Checks the client's signature of the transcript: 0, or a negative alert code. Only a good one enters it. */
export function* checkCertificateVerify(ctx: Context, handshake: dtls_handshake_parameters_t,
  data: Uint8Array): DtlsSteps<number> {
  const { hooks, work } = ctx.env;
  if (data.length < DTLS_HANDSHAKE_HEADER_LEN + SIGNATURE_MIN) {
    hooks.log('alert', 'the packet length does not match the expected');
    return DECODE_ERROR;
  }
  const signature = readEcdsaSignature(hooks, data.subarray(DTLS_HANDSHAKE_HEADER_LEN));
  if (typeof signature === 'number') return signature;
  const hash = transcriptHash(ctx, handshake);
  work.p256Verify++;
  yield WORK;
  if (!p256Verify(handshake.other_pub, hash, signature)) {
    hooks.log('alert', 'wrong signature err: -1');
    return HANDSHAKE_FAILURE;
  }
  handshake.hs_hash.update(data);
  return 0;
}
