// The (D)TLS credential manager (RIOT sys/include/net/credman.h, sys/net/credman/credman.c).
//
// One pool of credentials a board. Keys, identities and hints are kept by reference: the bytes belong
// to the app and have to stay as they are while the credential is in the pool.
//
// RIOT guards the pool with a mutex. Nothing here can be preempted, so the mutex could never be
// waited for, and the functions are ordinary calls.
import { fromBER, type AsnType } from 'asn1js';
import { current, perBoard } from '../kernel/current.ts';
import { assert, undefined_on_riot } from '../kernel/panic.ts';
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

/**
 * Reads a public key in DER: SubjectPublicKeyInfo (RFC 5280 §4.1, RFC 5480). x and y become views of `buf`. RIOT: with
 * module credman_load.
 *
 * Neither the curve nor the length of the coordinates is looked at, as in RIOT; bytes behind the key are ignored.
 *
 * @param buf_len bytes of `buf` that count
 * @returns CREDMAN_OK; CREDMAN_INVALID for what is not DER, has more than CONFIG_CREDMAN_MAX_ASN1_OBJ objects, is not
 *          such a structure, or holds another algorithm or a point that is not uncompressed
 */
export function credman_load_public_key(buf: Uint8Array, buf_len: number, out: ecdsa_public_key_t): number {
  assert(buf, 'sys/net/credman/credman.c:119');
  assert(out, 'sys/net/credman/credman.c:120');
  const info = decodeDer(buf, buf_len);
  if (info === null || info.tag !== DER_SEQUENCE) return CREDMAN_INVALID;
  const algorithm = info.children[0]?.children[0];
  if (algorithm === undefined) {
    undefined_on_riot('credman_load_public_key of a key without an algorithm follows a NULL pointer');
    return CREDMAN_INVALID;
  }
  return isEcPublicKey(algorithm) ? loadPoint(info.children[1], out) : CREDMAN_INVALID;
}

/**
 * Reads a private key in DER: OneAsymmetricKey (RFC 5958 §2), which PKCS #8 is too, around an ECPrivateKey. RIOT: with
 * module credman_load. What becomes of `cred` and what is returned: see credman_load_private_ecc_key(). The public key
 * is that of the ECPrivateKey; one beside it is not looked at.
 *
 * @returns CREDMAN_INVALID also for another algorithm, with `cred` left alone
 */
export function credman_load_private_key(buf: Uint8Array, buf_len: number, cred: credman_credential_t): number {
  assert(buf, 'sys/net/credman/credman.c:177');
  assert(cred, 'sys/net/credman/credman.c:178');
  const info = decodeDer(buf, buf_len);
  if (info === null || info.tag !== DER_SEQUENCE) return CREDMAN_INVALID;
  const [version, algorithm, key] = info.children;
  if (version?.tag !== DER_INTEGER) return CREDMAN_INVALID;
  if (algorithm?.tag !== DER_SEQUENCE || algorithm.data.length === 0) return CREDMAN_INVALID;
  if (!isEcPublicKey(algorithm.children[0])) return CREDMAN_INVALID;
  if (key?.tag !== DER_OCTET_STRING || key.data.length === 0) return CREDMAN_INVALID;
  return credman_load_private_ecc_key(key.data, key.data.length, cred);
}

/**
 * Reads a private key in DER: ECPrivateKey (RFC 5915 §3). `cred` gets the type ECDSA, the private key, and the public
 * key if there is one, NULL if not, all as views of `buf`; its tag stays. RIOT: with module credman_load.
 *
 * Neither the curve nor the length of the key is looked at, as in RIOT; bytes behind the key are ignored.
 *
 * @param buf_len bytes of `buf` that count
 * @returns CREDMAN_OK; CREDMAN_INVALID for what is not DER, has more than CONFIG_CREDMAN_MAX_ASN1_OBJ objects, or is
 *          not such a structure of version 1; CREDMAN_INVALID for a public key that is not an uncompressed point:
 *          type and private key are set even so
 */
export function credman_load_private_ecc_key(buf: Uint8Array, buf_len: number, cred: credman_credential_t): number {
  assert(buf, 'sys/net/credman/credman.c:280');
  assert(cred, 'sys/net/credman/credman.c:281');
  const [version, key, ...optional] = decodeDer(buf, buf_len)?.children ?? [];
  if (version?.tag !== DER_INTEGER || version.data[0] !== 1) return CREDMAN_INVALID;
  if (key?.tag !== DER_OCTET_STRING || key.data.length === 0) return CREDMAN_INVALID;
  const public_key: ecdsa_public_key_t = { x: null, y: null };
  cred.type = CREDMAN_TYPE_ECDSA;
  cred.params.ecdsa = { ...cred.params.ecdsa, private_key: key.data, public_key };
  const tagged = optional.find(({ tag }) => tag === DER_CONTEXT_1);
  return tagged === undefined ? CREDMAN_OK : loadPoint(tagged.children[0], public_key);
}

const DER_INTEGER = 0x02;
const DER_BIT_STRING = 0x03;
const DER_OCTET_STRING = 0x04;
const DER_SEQUENCE = 0x30;
/** [1], constructed (X.690 §8.1.2). */
const DER_CONTEXT_1 = 0xa1;
const DER_CONSTRUCTED = 0x20;

/** id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480 §2.1.1). */
const EC_PUBLIC_KEY = new Uint8Array([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]);

/** SEC 1 §2.3.3: in front of x and y. */
const UNCOMPRESSED = 4;

interface DerObject {
  /** The identifier octet. */
  tag: number;
  /** The contents, as a view of what was decoded. */
  data: Uint8Array;
  /** Of a constructed object. */
  children: DerObject[];
}

/** The object at the start of `buf`, or null if it is not DER or has too many objects. */
function decodeDer(buf: Uint8Array, buf_len: number): DerObject | null {
  const input = buf.subarray(0, buf_len);
  const block = readBer(input);
  if (block === null) return null;
  const left = { objects: net_config().CONFIG_CREDMAN_MAX_ASN1_OBJ };
  return derObject(block, input, 0, left);
}

function readBer(input: Uint8Array): AsnType | null {
  try {
    const { offset, result } = fromBER(input);
    return offset < 0 ? null : result;
  } catch {
    // A time that is none, such as 18 03 1d 23 1c, makes the library throw.
    return null;
  }
}

/** The object of the library that starts at input[at], with views of its bytes. */
function derObject(block: AsnType, input: Uint8Array, at: number, left: { objects: number }): DerObject | null {
  if (left.objects-- === 0 || block.lenBlock.isIndefiniteForm) return null;
  const start = at + block.idBlock.blockLength + block.lenBlock.blockLength;
  const object: DerObject = { tag: input[at], data: input.subarray(start, at + block.blockLength), children: [] };
  if ((object.tag & DER_CONSTRUCTED) === 0) return object;
  // The library gives the parts of a constructed text as a text: no key has one.
  const { value } = block.valueBlock as { value?: unknown };
  if (!Array.isArray(value)) return null;
  let next = start;
  for (const child of value as AsnType[]) {
    const inner = derObject(child, input, next, left);
    if (inner === null) return null;
    object.children.push(inner);
    next += child.blockLength;
  }
  return object;
}

function isEcPublicKey(algorithm: DerObject): boolean {
  return algorithm.data.length === EC_PUBLIC_KEY.length && EC_PUBLIC_KEY.every((byte, i) => algorithm.data[i] === byte);
}

/** The halves of an uncompressed point. The first byte of a BIT STRING says how many bits are not used. */
function loadPoint(key: DerObject | undefined, out: ecdsa_public_key_t): number {
  if (key?.tag !== DER_BIT_STRING || key.data.length === 0 || key.data[1] !== UNCOMPRESSED) return CREDMAN_INVALID;
  const length = (key.data.length - 2) >> 1;
  out.x = key.data.subarray(2, 2 + length);
  out.y = key.data.subarray(2 + length, 2 + 2 * length);
  return CREDMAN_OK;
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
