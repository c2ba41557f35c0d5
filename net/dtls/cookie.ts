/** Cookies of the HelloVerifyRequest (RFC 6347 §4.2.1): a server keeps no state until the client returns its cookie. */

import { HmacKey } from '../crypto/hmac.ts';
import { get16, get24 } from '../wire/bytes.ts';
import { DTLS_1_2, DTLS_HANDSHAKE_HEADER_LEN, DTLS_RANDOM_LEN } from '../wire/dtls.ts';
import { HANDSHAKE_FAILURE, PROTOCOL_VERSION } from './errors.ts';
import { sessionBytes } from './session.ts';
import type { Context } from './env.ts';
import type { session_t } from './types.ts';

export const DTLS_COOKIE_LENGTH = 16;
export const DTLS_COOKIE_SECRET_LENGTH = 12;

/** The fixed start of a ClientHello: version and random. */
const HELLO_START = 2 + DTLS_RANDOM_LEN;

/** How long a secret makes cookies, ms; it is good for them once more as long. tinydtls keeps the first one. */
const COOKIE_SECRET_LIFETIME = 3_600_000;

/** Draws a new secret when the current one is too old and RIOT's way is not asked for. */
export function rotateCookieSecret(ctx: Context): void {
  const { now, config, hooks, work } = ctx.env;
  const age = now - ctx.cookie_secret_at;
  if (age < COOKIE_SECRET_LIFETIME || config.quirks.cookie_secret_stays) return;
  ctx.former_cookie_secret = age < 2 * COOKIE_SECRET_LIFETIME ? ctx.cookie_secret : null;
  ctx.cookie_secret = new HmacKey(work, hooks.random(DTLS_COOKIE_SECRET_LENGTH));
  ctx.cookie_secret_at = now;
}

/**
 * The first 16 bytes of HMAC-SHA-256(secret; session, ClientHello from version to session id, all behind the cookie).
 * @param hello the message with its header
 * @returns the cookie, or a negative alert code when a length field points out of the message
 */
export function createCookie(ctx: Context, session: session_t, hello: Uint8Array,
  secret: HmacKey = ctx.cookie_secret): Uint8Array | number {
  const body = DTLS_HANDSHAKE_HEADER_LEN;
  let at = body + HELLO_START;
  if (at + 1 > hello.length) return HANDSHAKE_FAILURE;
  at += hello[at] + 1;
  if (at + 1 > hello.length) return HANDSHAKE_FAILURE;
  const headEnd = at;
  at += hello[at] + 1;
  const end = body + get24(hello, 9);
  if (at > end || at > hello.length) return HANDSHAKE_FAILURE;

  secret.begin();
  secret.update(sessionBytes(session));
  secret.update(hello, body, headEnd);
  secret.update(hello, at, end);
  const mac = new Uint8Array(32);
  secret.finish(mac);
  return mac.subarray(0, DTLS_COOKIE_LENGTH);
}

/** The cookie in a ClientHello that createCookie accepts, or a negative alert code for another version. */
export function getCookie(hello: Uint8Array): Uint8Array | number {
  if (get16(hello, DTLS_HANDSHAKE_HEADER_LEN) !== DTLS_1_2) return PROTOCOL_VERSION;
  const at = DTLS_HANDSHAKE_HEADER_LEN + HELLO_START;
  const cookie = at + 1 + hello[at];
  return hello.subarray(cookie + 1, cookie + 1 + hello[cookie]);
}
