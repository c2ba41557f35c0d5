// Which raw public key a DTLS sock uses, and which it takes from its peer: the get_ecdsa_key and verify_ecdsa_key
// callbacks of RIOT's pkg/tinydtls/contrib/sock_dtls.c.
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import {
  CREDMAN_OK, CREDMAN_TAG_EMPTY, CREDMAN_TYPE_ECDSA, credman_get,
  type credman_credential_t, type credman_tag_t, type ecdsa_params_t,
} from '../credman.ts';
import {
  DTLS_ALERT_INTERNAL_ERROR, dtls_alert_fatal_create, type DtlsNeedKey, type DtlsVerifyKey,
} from '../dtls/dtls.ts';
import { sessionToEp } from './dtls_session.ts';
import type { sock_dtls_t } from './dtls_types.ts';

/** Bytes of a private key and of a coordinate. */
const KEY_LEN = 32;

const DTLS_ALERT_BAD_CERTIFICATE = 42;

const FAILED = dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);

/**
 * Answers the engine's question for the own key: the credential that the app's callback names, else the first of the
 * sock's that is a key.
 * @returns 0, or a fatal internal_error alert when there is none. A key of other than 32 bytes is undefined on RIOT:
 *          here an alert too.
 */
export function* answerKey(sock: sock_dtls_t, need: DtlsNeedKey): Blocking<number> {
  const key = (yield* chosenByApp(sock, need)) ?? firstKey(sock);
  if (key === null) return FAILED;
  const { private_key, public_key: { x, y } } = key;
  if (private_key === null || x === null || y === null ||
    private_key.length < KEY_LEN || x.length < KEY_LEN || y.length < KEY_LEN) {
    undefined_on_riot(`a key of less than ${KEY_LEN} bytes is read past its end; there is none here`);
    return FAILED;
  }
  need.private_key.set(private_key.subarray(0, KEY_LEN));
  need.public_key.set(x.subarray(0, KEY_LEN));
  need.public_key.set(y.subarray(0, KEY_LEN), KEY_LEN);
  return 0;
}

/**
 * Answers the engine's question whether a key is the peer's.
 * @returns 0: always without module sock_dtls_verify_public_key; with it when a credential of the sock has the key
 *          among its `client_keys`, else a fatal bad_certificate alert
 */
export function answerVerify(sock: sock_dtls_t, { public_key }: DtlsVerifyKey): number {
  if (!current().modules.has('sock_dtls_verify_public_key')) return 0;
  for (let i = 0; i < sock.tags_len; i++) {
    const params = keyOf(sock.tags[i]);
    if (params !== null && knows(params, public_key)) return 0;
  }
  return dtls_alert_fatal_create(DTLS_ALERT_BAD_CERTIFICATE);
}

/** The credential that the app's callback names; null if it names none that is there. */
function* chosenByApp(sock: sock_dtls_t, need: DtlsNeedKey): Blocking<ecdsa_params_t | null> {
  const cb = sock.rpk_cb;
  if (cb === null) return null;
  const answer = cb(sock, sessionToEp(need.session), sock.tags, sock.tags_len);
  const tag = typeof answer === 'number' ? answer : yield* answer;
  return tag === CREDMAN_TAG_EMPTY ? null : keyOf(tag);
}

function firstKey(sock: sock_dtls_t): ecdsa_params_t | null {
  for (let i = 0; i < sock.tags_len; i++) {
    const key = keyOf(sock.tags[i]);
    if (key !== null) return key;
  }
  return null;
}

function keyOf(tag: credman_tag_t): ecdsa_params_t | null {
  const credential: credman_credential_t = { type: 0, tag: 0, params: {} };
  if (credman_get(credential, tag, CREDMAN_TYPE_ECDSA) !== CREDMAN_OK) return null;
  return credential.params.ecdsa ?? null;
}

function knows({ client_keys, client_keys_size = 0 }: ecdsa_params_t, public_key: Uint8Array): boolean {
  for (let i = 0; i < client_keys_size; i++) {
    const known = client_keys?.[i];
    if (known === undefined || known.x === null || known.y === null) {
      undefined_on_riot(`client_keys has ${i} keys and client_keys_size is ${client_keys_size}`);
      return false;
    }
    if (equal(known.x, public_key, 0) && equal(known.y, public_key, KEY_LEN)) return true;
  }
  return false;
}

/** memcmp() of a coordinate: it is public, so that the time may depend on it. */
function equal(coordinate: Uint8Array, public_key: Uint8Array, offset: number): boolean {
  for (let i = 0; i < KEY_LEN; i++) if (coordinate[i] !== public_key[offset + i]) return false;
  return true;
}
