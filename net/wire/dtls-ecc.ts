// DTLS 1.2: what the ECDHE_ECDSA suites add (RFC 4492 §5.4-§5.8, RFC 7250 §3): raw public keys of P-256 as
// SubjectPublicKeyInfo, signatures, and the bodies of their messages.

import { put16, put24, type Reader } from './bytes.ts';
import type { DropReason, DTLS_HT_CERTIFICATE, DTLS_HT_CERTIFICATE_REQUEST, DTLS_HT_CERTIFICATE_VERIFY,
  DTLS_HT_CLIENT_KEY_EXCHANGE, DTLS_HT_SERVER_KEY_EXCHANGE } from './dtls-record.ts';

export const TLS_CERT_TYPE_RAW_PUBLIC_KEY = 2;
export const TLS_EC_CURVE_TYPE_NAMED_CURVE = 3;
export const TLS_CURVE_SECP256R1 = 23;
export const TLS_EC_POINT_UNCOMPRESSED = 0;
/** SHA-256 with ECDSA, hash byte first (RFC 5246 §7.4.1.4.1). */
export const TLS_SIG_SHA256_ECDSA = 0x0403;
/** ecdsa_sign of ClientCertificateType (RFC 4492 §5.5). */
export const TLS_CLIENT_CERTIFICATE_TYPE_ECDSA_SIGN = 64;

/** Bytes of a coordinate, of x and y together, and of a point with the byte that says "uncompressed". */
export const P256_COORDINATE_LEN = 32;
export const P256_PUBLIC_KEY_LEN = 2 * P256_COORDINATE_LEN;
export const P256_POINT_LEN = 1 + P256_PUBLIC_KEY_LEN;
const POINT_UNCOMPRESSED = 4;

/** SubjectPublicKeyInfo of id-ecPublicKey on prime256v1 up to the point's first byte (RFC 5480 §2). */
export const P256_SPKI_HEADER: Uint8Array = new Uint8Array([
  0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
  0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, POINT_UNCOMPRESSED,
]);
export const P256_SPKI_LEN: number = P256_SPKI_HEADER.length + P256_PUBLIC_KEY_LEN;

/** A raw public key (RFC 7250 §3). */
export interface Certificate {
  msgType: typeof DTLS_HT_CERTIFICATE;
  /** SubjectPublicKeyInfo, DER. */
  publicKeyInfo: Uint8Array;
}

/** With ECDHE_ECDSA: an ephemeral point on a named curve, signed. */
export interface EcdheServerKeyExchange {
  msgType: typeof DTLS_HT_SERVER_KEY_EXCHANGE;
  curve: number;
  /** Its encoding: for P-256 04, x, y. */
  point: Uint8Array;
  /** Hash byte, then signature byte. */
  algorithm: number;
  /** DER. */
  signature: Uint8Array;
}

export interface CertificateRequest {
  msgType: typeof DTLS_HT_CERTIFICATE_REQUEST;
  certificateTypes: Uint8Array;
  /** Two bytes each, as TLS_SIG_SHA256_ECDSA. */
  algorithms: Uint8Array;
  authorities: Uint8Array;
}

/** With ECDHE_ECDSA: the client's ephemeral point. */
export interface EcdheClientKeyExchange {
  msgType: typeof DTLS_HT_CLIENT_KEY_EXCHANGE;
  point: Uint8Array;
}

export interface CertificateVerify {
  msgType: typeof DTLS_HT_CERTIFICATE_VERIFY;
  algorithm: number;
  signature: Uint8Array;
}

/** The SubjectPublicKeyInfo of a key: x and y, 64 bytes. */
export function emitP256PublicKeyInfo(publicKey: Uint8Array): Uint8Array {
  const out = new Uint8Array(P256_SPKI_LEN);
  out.set(P256_SPKI_HEADER);
  out.set(publicKey, P256_SPKI_HEADER.length);
  return out;
}

/** The encoding of an uncompressed point: 04, x, y. */
export function emitP256Point(publicKey: Uint8Array): Uint8Array {
  const out = new Uint8Array(P256_POINT_LEN);
  out[0] = POINT_UNCOMPRESSED;
  out.set(publicKey, 1);
  return out;
}

/** Whether `point` is 65 bytes and begins like an uncompressed point. Whether it lies on the curve is not looked at. */
export function isP256Point(point: Uint8Array): boolean {
  return point.length === P256_POINT_LEN && point[0] === POINT_UNCOMPRESSED;
}

/** ServerECDHParams, which is what a ServerKeyExchange signs behind the two randoms (RFC 4492 §5.4). */
export function emitEcdhParams(curve: number, point: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + point.length);
  out[0] = TLS_EC_CURVE_TYPE_NAMED_CURVE;
  put16(out, 1, curve);
  out[3] = point.length;
  out.set(point, 4);
  return out;
}

/** The DER form of a signature r, s of 32 bytes each (RFC 4492 §5.4): 70 to 72 bytes, seldom less. */
export function emitEcdsaSignature(signature: Uint8Array): Uint8Array {
  const r = derInteger(signature.subarray(0, P256_COORDINATE_LEN));
  const s = derInteger(signature.subarray(P256_COORDINATE_LEN));
  const out = new Uint8Array(2 + r.length + s.length);
  out[0] = 0x30;
  out[1] = r.length + s.length;
  out.set(r, 2);
  out.set(s, 2 + r.length);
  return out;
}

/** A positive INTEGER: no zeros in front but the one that keeps the sign. */
function derInteger(number: Uint8Array): Uint8Array {
  let start = 0;
  while (start < number.length - 1 && number[start] === 0) start++;
  const pad = number[start]! >= 0x80 ? 1 : 0;
  const out = new Uint8Array(2 + pad + number.length - start);
  out[0] = 0x02;
  out[1] = out.length - 2;
  out.set(number.subarray(start), 2 + pad);
  return out;
}

export function readCertificate(msgType: typeof DTLS_HT_CERTIFICATE, reader: Reader): Certificate {
  return { msgType, publicKeyInfo: reader.take(reader.u24()) };
}

export function readEcdheServerKeyExchange(msgType: typeof DTLS_HT_SERVER_KEY_EXCHANGE,
  reader: Reader): EcdheServerKeyExchange | DropReason {
  if (reader.u8() !== TLS_EC_CURVE_TYPE_NAMED_CURVE) return reader.truncated ? 'truncated' : 'bad-type';
  const curve = reader.u16();
  const point = reader.take(reader.u8());
  return { msgType, curve, point, algorithm: reader.u16(), signature: reader.take(reader.u16()) };
}

export function readCertificateRequest(msgType: typeof DTLS_HT_CERTIFICATE_REQUEST,
  reader: Reader): CertificateRequest | DropReason {
  const certificateTypes = reader.take(reader.u8());
  const algorithms = reader.take(reader.u16());
  const authorities = reader.take(reader.u16());
  if (algorithms.length % 2 !== 0) return 'bad-length';
  return { msgType, certificateTypes, algorithms, authorities };
}

export function readEcdheClientKeyExchange(msgType: typeof DTLS_HT_CLIENT_KEY_EXCHANGE,
  reader: Reader): EcdheClientKeyExchange {
  return { msgType, point: reader.take(reader.u8()) };
}

export function readCertificateVerify(msgType: typeof DTLS_HT_CERTIFICATE_VERIFY, reader: Reader): CertificateVerify {
  return { msgType, algorithm: reader.u16(), signature: reader.take(reader.u16()) };
}

/** A message of these suites alone. */
export type EcdheMessage = Certificate | EcdheServerKeyExchange | CertificateRequest | EcdheClientKeyExchange
  | CertificateVerify;

/** Whether a message is one of these: ServerKeyExchange and ClientKeyExchange are told apart by their fields. */
export function isEcdheMessage(message: { msgType: number }): message is EcdheMessage {
  const { msgType } = message;
  // 11, 13 and 15 are theirs alone; 12 and 16 are PSK's too.
  return msgType > 10 && msgType < 17 && msgType !== 14 && ((msgType & 1) === 1 || 'point' in message);
}

/** Bytes of a message's body. */
export function ecdheBodyLength(m: EcdheMessage): number {
  if ('publicKeyInfo' in m) return 3 + m.publicKeyInfo.length;
  if ('certificateTypes' in m) {
    return 1 + m.certificateTypes.length + 2 + m.algorithms.length + 2 + m.authorities.length;
  }
  if ('curve' in m) return 4 + m.point.length + 4 + m.signature.length;
  return 'point' in m ? 1 + m.point.length : 4 + m.signature.length;
}

/** Writes a message's body at `at`. */
export function emitEcdheBody(m: EcdheMessage, out: Uint8Array, at: number): void {
  if ('publicKeyInfo' in m) {
    out.set(m.publicKeyInfo, put24(out, at, m.publicKeyInfo.length));
  } else if ('certificateTypes' in m) {
    out[at++] = m.certificateTypes.length;
    out.set(m.certificateTypes, at);
    at = putLong(out, at + m.certificateTypes.length, m.algorithms);
    putLong(out, at, m.authorities);
  } else if ('curve' in m) {
    const params = emitEcdhParams(m.curve, m.point);
    out.set(params, at);
    putLong(out, put16(out, at + params.length, m.algorithm), m.signature);
  } else if ('point' in m) {
    out[at] = m.point.length;
    out.set(m.point, at + 1);
  } else {
    putLong(out, put16(out, at, m.algorithm), m.signature);
  }
}

/** Bytes behind their length in two bytes. */
function putLong(out: Uint8Array, at: number, bytes: Uint8Array): number {
  at = put16(out, at, bytes.length);
  out.set(bytes, at);
  return at + bytes.length;
}
