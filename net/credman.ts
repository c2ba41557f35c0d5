// The (D)TLS credential manager (RIOT sys/include/net/credman.h, sys/net/credman/credman.c).
//
// One pool of credentials a board. Keys, identities and hints are kept by reference: the bytes belong
// to the app and have to stay as they are while the credential is in the pool.
//
// RIOT guards the pool with a mutex. Nothing here can be preempted, so the mutex could never be
// waited for, and the functions are ordinary calls.
import { current, perBoard } from '../kernel/current.ts';
import { assert } from '../kernel/panic.ts';
import { net_config } from './config.ts';
import { trace, tracing } from './events.ts';

/** `credman_tag_t`: 16 bit; names a credential, once for each type. */
export type credman_tag_t = number;
/** `credman_type_t`. */
export type credman_type_t = number;

/** No tag. */
export const CREDMAN_TAG_EMPTY: credman_tag_t = 0;

export const CREDMAN_TYPE_EMPTY: credman_type_t = 0;
export const CREDMAN_TYPE_PSK: credman_type_t = 1;
export const CREDMAN_TYPE_ECDSA: credman_type_t = 2;

export const CREDMAN_OK = 0;
/** A credential of this tag and type is in the pool. */
export const CREDMAN_EXIST = -1;
/** The pool is full. */
export const CREDMAN_NO_SPACE = -2;
/** No credential of this tag and type is in the pool. */
export const CREDMAN_NOT_FOUND = -3;
/** A parameter is missing. */
export const CREDMAN_INVALID = -4;
export const CREDMAN_TYPE_UNKNOWN = -5;
/** Named by RIOT's header, never returned. */
export const CREDMAN_ERROR = -6;

export interface credman_buffer_t {
  s: Uint8Array | null;
  /** Bytes of `s` that count. */
  len: number;
}

export interface psk_params_t {
  key: credman_buffer_t;
  id?: credman_buffer_t;
  hint?: credman_buffer_t;
}

/** Coordinates of a point on secp256r1, 32 bytes each. */
export interface ecdsa_public_key_t {
  x: Uint8Array | null;
  y: Uint8Array | null;
}

export interface ecdsa_params_t {
  private_key: Uint8Array | null;
  public_key: ecdsa_public_key_t;
  /** Public keys of the peers that are known. */
  client_keys?: readonly ecdsa_public_key_t[] | null;
  client_keys_size?: number;
}

/** One credential. C has a union of `psk` and `ecdsa`: only the one that `type` names counts. */
export interface credman_credential_t {
  type: credman_type_t;
  tag: credman_tag_t;
  params: { psk?: psk_params_t; ecdsa?: ecdsa_params_t };
}

/** sizeof(credman_credential_t) on a 32-bit board: type, tag, and three buffers of 8 B. */
const CREDENTIAL_BYTES = 32;

const statics = perBoard(() => {
  const size = net_config().CONFIG_CREDMAN_MAX_CREDENTIALS;
  current().staticBytes += size * CREDENTIAL_BYTES;
  return { credentials: Array.from({ length: size }, emptyCredential), used: 0, peak: 0 };
}, { bytes: 4 });

/**
 * Adds a credential to the pool. What `credential` refers to has to stay valid, the object itself
 * is copied.
 *
 * @returns CREDMAN_OK; otherwise the first of these that applies:
 *          CREDMAN_INVALID if the type or the tag is EMPTY; CREDMAN_INVALID if a PSK credential has
 *          no key or one of length 0, or an ECDSA credential no private key or no public key;
 *          CREDMAN_TYPE_UNKNOWN for another type; CREDMAN_EXIST if tag and type are in the pool;
 *          CREDMAN_NO_SPACE if CONFIG_CREDMAN_MAX_CREDENTIALS are
 */
export function credman_add(credential: credman_credential_t): number {
  assert(credential, 'sys/net/credman/credman.c:56');
  const invalid = checkParams(credential);
  if (invalid !== CREDMAN_OK) return invalid;
  if (findSlot(credential.tag, credential.type) >= 0) return CREDMAN_EXIST;
  const free = findSlot(CREDMAN_TAG_EMPTY, CREDMAN_TYPE_EMPTY);
  if (free < 0) return CREDMAN_NO_SPACE;
  const pool = statics();
  copyCredential(pool.credentials[free], credential);
  pool.used++;
  traceUsed();
  return CREDMAN_OK;
}

/**
 * Copies a credential of the pool into `credential`.
 *
 * @returns CREDMAN_OK, or CREDMAN_NOT_FOUND if tag and type are not in the pool. Tag and type EMPTY
 *          find a free place, as in RIOT.
 */
export function credman_get(
  credential: credman_credential_t, tag: credman_tag_t, type: credman_type_t,
): number {
  assert(credential, 'sys/net/credman/credman.c:376');
  const slot = findSlot(tag, type);
  if (slot < 0) return CREDMAN_NOT_FOUND;
  copyCredential(credential, statics().credentials[slot]);
  return CREDMAN_OK;
}

/**
 * Takes a credential out of the pool; does nothing if tag and type are not in it. Tag and type EMPTY
 * "delete" a free place, as in RIOT: the count is one too low from then on.
 */
export function credman_delete(tag: credman_tag_t, type: credman_type_t): void {
  const slot = findSlot(tag, type);
  if (slot < 0) return;
  const pool = statics();
  copyCredential(pool.credentials[slot], emptyCredential());
  pool.used--;
  traceUsed();
}

/** How many credentials are in the pool, of CONFIG_CREDMAN_MAX_CREDENTIALS. */
export function credman_get_used_count(): number {
  return statics().used;
}

/** Empties the pool. RIOT has it in unit tests only. */
export function credman_reset(): void {
  const pool = statics();
  for (const credential of pool.credentials) copyCredential(credential, emptyCredential());
  pool.used = 0;
  traceUsed();
}

function checkParams(credential: credman_credential_t): number {
  const { type, tag, params } = credential;
  if (type === CREDMAN_TYPE_EMPTY || tag === CREDMAN_TAG_EMPTY) return CREDMAN_INVALID;
  if (type === CREDMAN_TYPE_PSK) {
    const key = params.psk?.key;
    return key?.s && key.len !== 0 ? CREDMAN_OK : CREDMAN_INVALID;
  }
  if (type === CREDMAN_TYPE_ECDSA) {
    const ecdsa = params.ecdsa;
    return ecdsa?.private_key && ecdsa.public_key.x && ecdsa.public_key.y ? CREDMAN_OK : CREDMAN_INVALID;
  }
  return CREDMAN_TYPE_UNKNOWN;
}

/** The first place that holds tag and type, or -1. */
function findSlot(tag: credman_tag_t, type: credman_type_t): number {
  const { credentials } = statics();
  for (let i = 0; i < credentials.length; i++) {
    if (credentials[i].tag === tag && credentials[i].type === type) return i;
  }
  return -1;
}

function emptyCredential(): credman_credential_t {
  return { type: CREDMAN_TYPE_EMPTY, tag: CREDMAN_TAG_EMPTY, params: {} };
}

/** `*to = *from`: the structures are copied, the buffers are shared. */
function copyCredential(to: credman_credential_t, from: credman_credential_t): void {
  const { psk, ecdsa } = from.params;
  to.type = from.type;
  to.tag = from.tag;
  to.params = {};
  if (psk !== undefined) {
    to.params.psk = { key: copyBuffer(psk.key), id: copyBuffer(psk.id), hint: copyBuffer(psk.hint) };
  }
  if (ecdsa !== undefined) {
    to.params.ecdsa = { ...ecdsa, public_key: { ...ecdsa.public_key } };
  }
}

function copyBuffer(buffer: credman_buffer_t | undefined): credman_buffer_t {
  return buffer === undefined ? { s: null, len: 0 } : { s: buffer.s, len: buffer.len };
}

function traceUsed(): void {
  const pool = statics();
  pool.peak = Math.max(pool.peak, pool.used);
  if (!tracing()) return;
  trace({
    layer: 'dtls', type: 'gauge', name: 'CONFIG_CREDMAN_MAX_CREDENTIALS',
    used: pool.used, peak: pool.peak, limit: pool.credentials.length,
  });
}
