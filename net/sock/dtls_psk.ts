// Which PSK credential a DTLS sock uses: the get_psk_info callback of RIOT's
// pkg/tinydtls/contrib/sock_dtls.c.
import type { Blocking } from '../../kernel/blocking.ts';
import {
  CREDMAN_OK, CREDMAN_TAG_EMPTY, CREDMAN_TYPE_PSK, credman_get,
  type credman_buffer_t, type credman_credential_t, type credman_tag_t, type psk_params_t,
} from '../credman.ts';
import {
  DTLS_ALERT_INTERNAL_ERROR, DTLS_PSK_HINT, DTLS_PSK_IDENTITY, dtls_alert_fatal_create, type DtlsNeedPsk,
} from '../dtls/dtls.ts';
import { sessionToEp } from './dtls_session.ts';
import type { sock_dtls_t } from './dtls_types.ts';

const NO_BYTES = new Uint8Array(0);
const FAILED = dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);

/**
 * Answers the engine's question for a hint, an identity or a key.
 * @returns the length written to `need.result`, 0 for no hint, or a fatal internal_error alert when
 *          there is no credential, the chosen one lacks what is asked for, or it is too long
 */
export function* answerPsk(sock: sock_dtls_t, need: DtlsNeedPsk): Blocking<number> {
  if (need.kind === DTLS_PSK_HINT) return give(need, sock.psk_hint, sock.psk_hint.length, 0);
  const desc = need.desc ?? NO_BYTES;
  if (need.kind !== DTLS_PSK_IDENTITY) {
    const key = keyOf(sock, desc);
    return give(need, key?.s, key?.len ?? 0, FAILED);
  }
  const id = (yield* chosenByApp(sock, need, desc)) ?? chosenByHint(sock, desc);
  return give(need, id?.s, id?.len ?? 0, FAILED);
}

function give(
  need: DtlsNeedPsk, bytes: Uint8Array | null | undefined, length: number, ifNone: number,
): number {
  if (length > need.result.length) return FAILED;
  if (!bytes || length === 0) return ifNone;
  need.result.set(bytes.subarray(0, length));
  return length;
}

/** The identity of the credential that the app's callback names; null if it names none that is there. */
function* chosenByApp(
  sock: sock_dtls_t, need: DtlsNeedPsk, hint: Uint8Array,
): Blocking<credman_buffer_t | null> {
  const cb = sock.client_psk_cb;
  if (cb === null) return null;
  const answer = cb(sock, sessionToEp(need.session), sock.tags, sock.tags_len, hint, hint.length);
  const tag = typeof answer === 'number' ? answer : yield* answer;
  return (tag === CREDMAN_TAG_EMPTY ? null : pskOf(tag)?.id) ?? null;
}

/**
 * The identity of the first credential whose hint is the server's, else of the first PSK credential.
 * A server without a hint matches an empty one: RIOT never sees a missing hint here.
 */
function chosenByHint(sock: sock_dtls_t, hint: Uint8Array): credman_buffer_t | null {
  let first: psk_params_t | null = null;
  for (let i = 0; i < sock.tags_len; i++) {
    const psk = pskOf(sock.tags[i]);
    if (psk === null) continue;
    first ??= psk;
    // RIOT takes an identity without bytes for "not found" and goes on looking.
    if (hintEquals(psk.hint, hint) && psk.id?.s) return psk.id;
  }
  return first?.id ?? null;
}

function keyOf(sock: sock_dtls_t, identity: Uint8Array): credman_buffer_t | null {
  for (let i = 0; i < sock.tags_len; i++) {
    const psk = pskOf(sock.tags[i]);
    if (psk !== null && bufferEquals(psk.id, identity)) return psk.key;
  }
  return null;
}

function pskOf(tag: credman_tag_t): psk_params_t | null {
  const credential: credman_credential_t = { type: 0, tag: 0, params: {} };
  if (credman_get(credential, tag, CREDMAN_TYPE_PSK) !== CREDMAN_OK) return null;
  return credential.params.psk ?? null;
}

/** Equal length and strncmp(): what follows a NUL in both does not count. */
function hintEquals(buffer: credman_buffer_t | undefined, hint: Uint8Array): boolean {
  const length = buffer?.len ?? 0;
  if (length !== hint.length) return false;
  for (let i = 0; i < length; i++) {
    const byte = buffer?.s?.[i];
    if (byte !== hint[i]) return false;
    if (byte === 0) return true;
  }
  return true;
}

/** Equal length and memcmp(). */
function bufferEquals(buffer: credman_buffer_t | undefined, bytes: Uint8Array): boolean {
  const length = buffer?.len ?? 0;
  if (length !== bytes.length) return false;
  for (let i = 0; i < length; i++) if (buffer?.s?.[i] !== bytes[i]) return false;
  return true;
}
