/** From the premaster secret to the keys of an epoch (RFC 4279 §2, RFC 7627 §4, RFC 5246 §6.3), and verify_data. */

import { CcmKey } from '../crypto/ccm.ts';
import { HmacKey } from '../crypto/hmac.ts';
import { prf, prfLabel } from '../crypto/prf.ts';
import { put16 } from '../wire/bytes.ts';
import { DTLS_VERIFY_DATA_LEN } from '../wire/dtls.ts';
import { EMPTY } from './bytes.ts';
import { INTERNAL_ERROR, UNKNOWN_PSK_IDENTITY } from './errors.ts';
import { nextSecurity } from './peer.ts';
import { tagLength } from './suites.ts';
import { DTLS_PSK_KEY, DTLS_SERVER } from './types.ts';
import type { Context } from './env.ts';
import type { dtls_credentials_type_t, dtls_handshake_parameters_t, dtls_peer_t, DtlsNeedPsk,
  session_t } from './types.ts';

/** Longest identity and hint, and longest key. */
export const DTLS_PSK_MAX_CLIENT_IDENTITY_LEN = 32;
export const DTLS_PSK_MAX_KEY_LEN = 16;

const MASTER_SECRET_LEN = 48;
const KEY_LEN = 16;
const IV_LEN = 4;
const HASH_LEN = 32;

const LABEL_MASTER = prfLabel('master secret');
const LABEL_EXTENDED_MASTER = prfLabel('extended master secret');
const LABEL_KEY_EXPANSION = prfLabel('key expansion');
const LABEL_CLIENT_FINISHED = prfLabel('client finished');
const LABEL_SERVER_FINISHED = prfLabel('server finished');

/** The question to the get_psk_info callback. */
export function needPsk(kind: dtls_credentials_type_t, session: session_t, desc: Uint8Array | null,
  length: number): DtlsNeedPsk {
  return { type: 'need_psk', kind, session, desc, result: new Uint8Array(length) };
}

/** The answer, checked: a length beyond the buffer is a fault of the caller's. */
export function credential(ask: DtlsNeedPsk, length: number): Uint8Array {
  if (length > ask.result.length) {
    throw new RangeError(`need_psk was answered ${length} for a buffer of ${ask.result.length} bytes`);
  }
  return ask.result.subarray(0, length);
}

/** Takes room for the keys of the next epoch, and asks for the pre-shared key. A negative alert code without room. */
export function askForKey(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
): DtlsNeedPsk | number {
  if (peer.freed || nextSecurity(ctx, peer) === null) return INTERNAL_ERROR;
  return needPsk(DTLS_PSK_KEY, peer.session, handshake.identity, DTLS_PSK_MAX_KEY_LEN);
}

/**
 * Derives master secret and keys from the pre-shared key.
 * @param answer length of the key in ask.result, or the negative code that is returned
 */
export function calculateKeyBlock(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  ask: DtlsNeedPsk, answer: number): number {
  if (answer < 0) {
    ctx.env.hooks.log('crit', 'no psk key for session available');
    return peer.role === DTLS_SERVER && !ctx.env.config.quirks.unknown_identity_internal_error
      ? UNKNOWN_PSK_IDENTITY : answer;
  }
  return deriveKeys(ctx, peer, handshake, pskPremaster(credential(ask, answer)));
}

/** Derives master secret and keys into the room that nextSecurity() has made: 0, or internal_error without it. */
export function deriveKeys(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  premasterSecret: Uint8Array): number {
  const { work, hooks } = ctx.env;
  const premaster = new HmacKey(work, premasterSecret);
  const master = new Uint8Array(MASTER_SECRET_LEN);
  const { client_random, server_random } = handshake;
  if (handshake.extended_master_secret) prf(premaster, LABEL_EXTENDED_MASTER, handshake.session_hash, EMPTY, master);
  else prf(premaster, LABEL_MASTER, client_random, server_random, master);
  handshake.master = new HmacKey(work, master);
  if (hooks.tracing) hooks.trace({ kind: 'secrets', session: peer.session, client_random, master_secret: master });

  const security = peer.security_params[1];
  if (security === null) return INTERNAL_ERROR;
  const block = new Uint8Array(2 * (KEY_LEN + IV_LEN));
  prf(handshake.master, LABEL_KEY_EXPANSION, server_random, client_random, block);
  const local = peer.role === DTLS_SERVER ? 1 : 0;
  const ivs = 2 * KEY_LEN;
  security.local_key = new CcmKey(work, block.subarray(local * KEY_LEN, (local + 1) * KEY_LEN));
  security.remote_key = new CcmKey(work, block.subarray((1 - local) * KEY_LEN, (2 - local) * KEY_LEN));
  security.local_iv = block.subarray(ivs + local * IV_LEN, ivs + (local + 1) * IV_LEN);
  security.remote_iv = block.subarray(ivs + (1 - local) * IV_LEN, ivs + (2 - local) * IV_LEN);
  security.cipher = handshake.cipher;
  security.mac_len = tagLength(handshake.cipher);
  security.rseq = 0;
  return 0;
}

/** RFC 4279 §2: N, N zeros, N, the key; N in two bytes. */
function pskPremaster(psk: Uint8Array): Uint8Array {
  const n = psk.length;
  const premaster = new Uint8Array(2 * (2 + n));
  put16(premaster, 0, n);
  put16(premaster, 2 + n, n);
  premaster.set(psk, 4 + n);
  return premaster;
}

/** The hash of the transcript so far, which goes on. */
export function transcriptHash(ctx: Context, handshake: dtls_handshake_parameters_t): Uint8Array {
  const hash = ctx.env.scratch.hash;
  hash.copyFrom(handshake.hs_hash);
  const out = new Uint8Array(HASH_LEN);
  hash.digest(out);
  return out;
}

/** verify_data of the Finished that `sender` sends at this point of the transcript (RFC 5246 §7.4.9). */
export function verifyData(ctx: Context, handshake: dtls_handshake_parameters_t, sender: number): Uint8Array {
  const out = new Uint8Array(DTLS_VERIFY_DATA_LEN);
  const { master } = handshake;
  if (master === null) return out;
  const label = sender === DTLS_SERVER ? LABEL_SERVER_FINISHED : LABEL_CLIENT_FINISHED;
  prf(master, label, transcriptHash(ctx, handshake), EMPTY, out);
  return out;
}
