// DTLS 1.2: numbers, record headers (RFC 6347 §4.1) and handshake headers (RFC 6347 §4.2.2).

import { get16, get24, put16, put24 } from './bytes.ts';

export const DTLS_RECORD_HEADER_LEN = 13;
export const DTLS_HANDSHAKE_HEADER_LEN = 12;
export const DTLS_RANDOM_LEN = 32;
export const DTLS_VERIFY_DATA_LEN = 12;

/** On the wire versions count down: DTLS 1.0 and 1.2. */
export const DTLS_1_0 = 0xfeff;
export const DTLS_1_2 = 0xfefd;

export const DTLS_CT_CHANGE_CIPHER_SPEC = 20;
export const DTLS_CT_ALERT = 21;
export const DTLS_CT_HANDSHAKE = 22;
export const DTLS_CT_APPLICATION_DATA = 23;

export const DTLS_HT_HELLO_REQUEST = 0;
export const DTLS_HT_CLIENT_HELLO = 1;
export const DTLS_HT_SERVER_HELLO = 2;
export const DTLS_HT_HELLO_VERIFY_REQUEST = 3;
export const DTLS_HT_CERTIFICATE = 11;
export const DTLS_HT_SERVER_KEY_EXCHANGE = 12;
export const DTLS_HT_CERTIFICATE_REQUEST = 13;
export const DTLS_HT_SERVER_HELLO_DONE = 14;
export const DTLS_HT_CERTIFICATE_VERIFY = 15;
export const DTLS_HT_CLIENT_KEY_EXCHANGE = 16;
export const DTLS_HT_FINISHED = 20;

export const TLS_PSK_WITH_AES_128_CCM = 0xc0a4;
export const TLS_PSK_WITH_AES_128_CCM_8 = 0xc0a8;
export const TLS_ECDHE_ECDSA_WITH_AES_128_CCM = 0xc0ac;
export const TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 = 0xc0ae;
/** Not a suite: a client's way to say renegotiation_info (RFC 5746 §3.3). */
export const TLS_EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff;
export const TLS_COMPRESSION_NULL = 0;

export const TLS_EXT_ELLIPTIC_CURVES = 10;
export const TLS_EXT_EC_POINT_FORMATS = 11;
export const TLS_EXT_SIG_HASH_ALGO = 13;
export const TLS_EXT_CLIENT_CERTIFICATE_TYPE = 19;
export const TLS_EXT_SERVER_CERTIFICATE_TYPE = 20;
export const TLS_EXT_ENCRYPT_THEN_MAC = 22;
export const TLS_EXT_EXTENDED_MASTER_SECRET = 23;
export const TLS_EXT_RENEGOTIATION_INFO = 0xff01;

export type DropReason = 'truncated' | 'bad-version' | 'bad-type' | 'bad-length' | 'fragment' | 'duplicate-extension'
  | 'unknown-message';

/** A record header. */
export interface DtlsRecordRepr {
  type: number;
  version: number;
  epoch: number;
  /** 0..2^48-1 */
  seq: number;
  /** bytes behind the header */
  length: number;
}

/** The header of a handshake message or of a fragment of one. */
export interface DtlsHandshakeRepr {
  type: number;
  /** of the whole message, without headers */
  length: number;
  seq: number;
  fragmentOffset: number;
  fragmentLength: number;
}

/** Parses the record header at `offset`. Its whole record must be within `bytes[..end)`. */
export function parseDtlsRecord(bytes: Uint8Array, offset = 0, end = bytes.length): DtlsRecordRepr | DropReason {
  if (end - offset < DTLS_RECORD_HEADER_LEN) return 'truncated';
  const type = bytes[offset]!;
  if (type < DTLS_CT_CHANGE_CIPHER_SPEC || type > DTLS_CT_APPLICATION_DATA) return 'bad-type';
  const version = get16(bytes, offset + 1);
  if (version !== DTLS_1_2 && version !== DTLS_1_0) return 'bad-version';
  const length = get16(bytes, offset + 11);
  if (length > end - offset - DTLS_RECORD_HEADER_LEN) return 'truncated';
  return { type, version, epoch: get16(bytes, offset + 3), seq: getDtlsSeq(bytes, offset + 5), length };
}

/** Writes a record header; returns the offset behind it. */
export function emitDtlsRecord(repr: DtlsRecordRepr, out: Uint8Array, offset: number): number {
  out[offset] = repr.type;
  put16(out, offset + 1, repr.version);
  put16(out, offset + 3, repr.epoch);
  putDtlsSeq(out, offset + 5, repr.seq);
  return put16(out, offset + 11, repr.length);
}

/** The 48-bit record number at `offset`. */
export function getDtlsSeq(bytes: Uint8Array, offset: number): number {
  return get24(bytes, offset) * 0x1000000 + get24(bytes, offset + 3);
}

/** Writes a 48-bit record number; returns the offset behind it. */
export function putDtlsSeq(out: Uint8Array, offset: number, seq: number): number {
  put24(out, offset, Math.floor(seq / 0x1000000));
  return put24(out, offset + 3, seq);
}

/** Parses the handshake header at `offset`; the fragment must lie within the message. */
export function parseDtlsHandshake(bytes: Uint8Array, offset = 0, end = bytes.length): DtlsHandshakeRepr | DropReason {
  if (end - offset < DTLS_HANDSHAKE_HEADER_LEN) return 'truncated';
  const length = get24(bytes, offset + 1);
  const fragmentOffset = get24(bytes, offset + 6);
  const fragmentLength = get24(bytes, offset + 9);
  if (fragmentOffset + fragmentLength > length) return 'bad-length';
  return { type: bytes[offset]!, length, seq: get16(bytes, offset + 4), fragmentOffset, fragmentLength };
}

/** Writes the header of an unfragmented message; returns the offset behind it. */
export function putDtlsHandshake(out: Uint8Array, offset: number, type: number, length: number, seq: number): number {
  out[offset] = type;
  put24(out, offset + 1, length);
  put16(out, offset + 4, seq);
  put24(out, offset + 6, 0);
  return put24(out, offset + 9, length);
}
