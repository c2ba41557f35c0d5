// DTLS 1.2: handshake messages (RFC 6347 §4.2.2, RFC 5246 §7.4) as the PSK suites use them (RFC 4279 §2), alerts and
// ChangeCipherSpec; record and handshake headers from dtls-record.ts, what ECDHE_ECDSA adds from dtls-ecc.ts.
//
// A handshake message is parsed with its header, whose length must be right: so every strict prefix is refused,
// although a ClientHello cut before its extensions would be one without extensions.

import { get16, put16, Reader } from './bytes.ts';
import {
  ecdheBodyLength, emitEcdheBody, isEcdheMessage, readCertificate, readCertificateRequest, readCertificateVerify,
  readEcdheClientKeyExchange, readEcdheServerKeyExchange,
} from './dtls-ecc.ts';
import {
  DTLS_HANDSHAKE_HEADER_LEN, DTLS_HT_CERTIFICATE, DTLS_HT_CERTIFICATE_REQUEST, DTLS_HT_CERTIFICATE_VERIFY,
  DTLS_HT_CLIENT_HELLO, DTLS_HT_CLIENT_KEY_EXCHANGE, DTLS_HT_FINISHED,
  DTLS_HT_HELLO_VERIFY_REQUEST, DTLS_HT_SERVER_HELLO, DTLS_HT_SERVER_HELLO_DONE, DTLS_HT_SERVER_KEY_EXCHANGE,
  DTLS_RANDOM_LEN, DTLS_VERIFY_DATA_LEN, parseDtlsHandshake, putDtlsHandshake,
} from './dtls-record.ts';
import type { EcdheMessage } from './dtls-ecc.ts';
import type { DropReason } from './dtls-record.ts';

export * from './dtls-ecc.ts';
export * from './dtls-record.ts';
export * from './dtls-describe.ts';

export interface TlsExtension {
  type: number;
  data: Uint8Array;
}

export interface ClientHello {
  msgType: typeof DTLS_HT_CLIENT_HELLO;
  version: number;
  /** 32 bytes */
  random: Uint8Array;
  /** 0..32 bytes */
  sessionId: Uint8Array;
  /** 0..255 bytes */
  cookie: Uint8Array;
  cipherSuites: number[];
  compressionMethods: Uint8Array;
  /** null: no such block at all */
  extensions: TlsExtension[] | null;
}

export interface ServerHello {
  msgType: typeof DTLS_HT_SERVER_HELLO;
  version: number;
  random: Uint8Array;
  sessionId: Uint8Array;
  cipherSuite: number;
  compressionMethod: number;
  extensions: TlsExtension[] | null;
}

export interface HelloVerifyRequest {
  msgType: typeof DTLS_HT_HELLO_VERIFY_REQUEST;
  version: number;
  cookie: Uint8Array;
}

/** With PSK suites: the identity hint. */
export interface ServerKeyExchange {
  msgType: typeof DTLS_HT_SERVER_KEY_EXCHANGE;
  hint: Uint8Array;
}

export interface ServerHelloDone {
  msgType: typeof DTLS_HT_SERVER_HELLO_DONE;
}

/** With PSK suites: the identity. */
export interface ClientKeyExchange {
  msgType: typeof DTLS_HT_CLIENT_KEY_EXCHANGE;
  identity: Uint8Array;
}

export interface Finished {
  msgType: typeof DTLS_HT_FINISHED;
  /** 12 bytes */
  verifyData: Uint8Array;
}

export type DtlsMessage = ClientHello | ServerHello | HelloVerifyRequest | ServerKeyExchange | ServerHelloDone
  | ClientKeyExchange | Finished | EcdheMessage;

/** What tells the two kinds of ServerKeyExchange and ClientKeyExchange apart: the suite, not the message. */
export type DtlsKeyExchange = 'psk' | 'ecdhe_ecdsa';

export interface DtlsAlertRepr {
  level: number;
  description: number;
}

/** Parses one whole, unfragmented message: header and body, nothing behind it. */
export function parseDtlsMessage(bytes: Uint8Array, keyExchange: DtlsKeyExchange = 'psk'): DtlsMessage | DropReason {
  const header = parseDtlsHandshake(bytes);
  if (typeof header === 'string') return header;
  if (header.fragmentLength !== header.length) return 'fragment';
  if (header.length !== bytes.length - DTLS_HANDSHAKE_HEADER_LEN) return 'truncated';
  const reader = new Reader(bytes, DTLS_HANDSHAKE_HEADER_LEN);
  const message = parseBody(header.type, reader, keyExchange === 'ecdhe_ecdsa');
  if (typeof message === 'string') return message;
  if (reader.truncated) return 'truncated';
  return reader.remaining === 0 ? message : 'bad-length';
}

function parseBody(msgType: number, reader: Reader, isEcdhe: boolean): DtlsMessage | DropReason {
  switch (msgType) {
    case DTLS_HT_CLIENT_HELLO: return parseClientHello(reader);
    case DTLS_HT_SERVER_HELLO: return parseServerHello(reader);
    case DTLS_HT_HELLO_VERIFY_REQUEST: return { msgType, version: reader.u16(), cookie: reader.take(reader.u8()) };
    case DTLS_HT_CERTIFICATE: return readCertificate(msgType, reader);
    case DTLS_HT_SERVER_KEY_EXCHANGE:
      return isEcdhe ? readEcdheServerKeyExchange(msgType, reader) : { msgType, hint: reader.take(reader.u16()) };
    case DTLS_HT_CERTIFICATE_REQUEST: return readCertificateRequest(msgType, reader);
    case DTLS_HT_CERTIFICATE_VERIFY: return readCertificateVerify(msgType, reader);
    case DTLS_HT_SERVER_HELLO_DONE: return { msgType };
    case DTLS_HT_CLIENT_KEY_EXCHANGE:
      return isEcdhe ? readEcdheClientKeyExchange(msgType, reader) : { msgType, identity: reader.take(reader.u16()) };
    case DTLS_HT_FINISHED: return { msgType, verifyData: reader.take(DTLS_VERIFY_DATA_LEN) };
    default: return 'unknown-message';
  }
}

function parseClientHello(reader: Reader): ClientHello | DropReason {
  const version = reader.u16();
  const random = reader.take(DTLS_RANDOM_LEN);
  const sessionId = reader.take(reader.u8());
  const cookie = reader.take(reader.u8());
  const suites = reader.take(reader.u16());
  const compressionMethods = reader.take(reader.u8());
  if (reader.truncated) return 'truncated';
  if (sessionId.length > 32 || suites.length < 2 || suites.length % 2 !== 0) return 'bad-length';
  if (compressionMethods.length === 0) return 'bad-length';
  const cipherSuites: number[] = [];
  for (let i = 0; i < suites.length; i += 2) cipherSuites.push(get16(suites, i));
  const extensions = parseExtensions(reader);
  if (typeof extensions === 'string') return extensions;
  return { msgType: DTLS_HT_CLIENT_HELLO, version, random, sessionId, cookie, cipherSuites, compressionMethods,
    extensions };
}

function parseServerHello(reader: Reader): ServerHello | DropReason {
  const version = reader.u16();
  const random = reader.take(DTLS_RANDOM_LEN);
  const sessionId = reader.take(reader.u8());
  const cipherSuite = reader.u16();
  const compressionMethod = reader.u8();
  if (reader.truncated) return 'truncated';
  if (sessionId.length > 32) return 'bad-length';
  const extensions = parseExtensions(reader);
  if (typeof extensions === 'string') return extensions;
  return { msgType: DTLS_HT_SERVER_HELLO, version, random, sessionId, cipherSuite, compressionMethod, extensions };
}

/** RFC 5246 §7.4.1.4: each type once. */
function parseExtensions(reader: Reader): TlsExtension[] | null | DropReason {
  if (reader.remaining === 0) return null;
  if (reader.u16() !== reader.remaining) return 'bad-length';
  const extensions: TlsExtension[] = [];
  while (reader.remaining > 0) {
    const type = reader.u16();
    const data = reader.take(reader.u16());
    if (reader.truncated) return 'truncated';
    if (extensions.some((other) => other.type === type)) return 'duplicate-extension';
    extensions.push({ type, data });
  }
  return extensions;
}

/** How many bytes emitDtlsMessage writes. */
export function dtlsMessageLength(message: DtlsMessage): number {
  return DTLS_HANDSHAKE_HEADER_LEN + bodyLength(message);
}

function bodyLength(m: DtlsMessage): number {
  if (isEcdheMessage(m)) return ecdheBodyLength(m);
  switch (m.msgType) {
    case DTLS_HT_CLIENT_HELLO:
      return 2 + DTLS_RANDOM_LEN + 1 + m.sessionId.length + 1 + m.cookie.length + 2 + 2 * m.cipherSuites.length
        + 1 + m.compressionMethods.length + extensionsLength(m.extensions);
    case DTLS_HT_SERVER_HELLO:
      return 2 + DTLS_RANDOM_LEN + 1 + m.sessionId.length + 3 + extensionsLength(m.extensions);
    case DTLS_HT_HELLO_VERIFY_REQUEST: return 3 + m.cookie.length;
    case DTLS_HT_SERVER_KEY_EXCHANGE: return 2 + m.hint.length;
    case DTLS_HT_SERVER_HELLO_DONE: return 0;
    case DTLS_HT_CLIENT_KEY_EXCHANGE: return 2 + m.identity.length;
    case DTLS_HT_FINISHED: return m.verifyData.length;
  }
}

function extensionsLength(extensions: TlsExtension[] | null): number {
  if (extensions === null) return 0;
  let length = 2;
  for (const extension of extensions) length += 4 + extension.data.length;
  return length;
}

/** The bytes of a message with its header. */
export function emitDtlsMessage(message: DtlsMessage, seq: number): Uint8Array {
  const length = bodyLength(message);
  const out = new Uint8Array(DTLS_HANDSHAKE_HEADER_LEN + length);
  emitBody(message, out, putDtlsHandshake(out, 0, message.msgType, length, seq));
  return out;
}

function emitBody(m: DtlsMessage, out: Uint8Array, at: number): void {
  if (isEcdheMessage(m)) {
    emitEcdheBody(m, out, at);
    return;
  }
  switch (m.msgType) {
    case DTLS_HT_CLIENT_HELLO: {
      at = putBytes(out, put16(out, at, m.version), m.random);
      at = putShort(out, putShort(out, at, m.sessionId), m.cookie);
      at = put16(out, at, 2 * m.cipherSuites.length);
      for (const suite of m.cipherSuites) at = put16(out, at, suite);
      putExtensions(out, putShort(out, at, m.compressionMethods), m.extensions);
      return;
    }
    case DTLS_HT_SERVER_HELLO:
      at = putShort(out, putBytes(out, put16(out, at, m.version), m.random), m.sessionId);
      at = put16(out, at, m.cipherSuite);
      out[at] = m.compressionMethod;
      putExtensions(out, at + 1, m.extensions);
      return;
    case DTLS_HT_HELLO_VERIFY_REQUEST: putShort(out, put16(out, at, m.version), m.cookie); return;
    case DTLS_HT_SERVER_KEY_EXCHANGE: putLong(out, at, m.hint); return;
    case DTLS_HT_SERVER_HELLO_DONE: return;
    case DTLS_HT_CLIENT_KEY_EXCHANGE: putLong(out, at, m.identity); return;
    case DTLS_HT_FINISHED: putBytes(out, at, m.verifyData); return;
  }
}

function putBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  out.set(bytes, at);
  return at + bytes.length;
}

/** Bytes behind their length in one byte. */
function putShort(out: Uint8Array, at: number, bytes: Uint8Array): number {
  out[at] = bytes.length;
  return putBytes(out, at + 1, bytes);
}

/** Bytes behind their length in two bytes. */
function putLong(out: Uint8Array, at: number, bytes: Uint8Array): number {
  return putBytes(out, put16(out, at, bytes.length), bytes);
}

function putExtensions(out: Uint8Array, at: number, extensions: TlsExtension[] | null): void {
  if (extensions === null) return;
  at = put16(out, at, extensionsLength(extensions) - 2);
  for (const extension of extensions) at = putLong(out, put16(out, at, extension.type), extension.data);
}

/** Parses an alert: two bytes, no more. */
export function parseDtlsAlert(bytes: Uint8Array): DtlsAlertRepr | DropReason {
  if (bytes.length < 2) return 'truncated';
  if (bytes.length > 2) return 'bad-length';
  return { level: bytes[0]!, description: bytes[1]! };
}

/** The two bytes of an alert. */
export function emitDtlsAlert(repr: DtlsAlertRepr): Uint8Array {
  return new Uint8Array([repr.level, repr.description]);
}

/** Why the payload of a ChangeCipherSpec record is not the one byte 1 (RFC 5246 §7.1), or null if it is. */
export function checkChangeCipherSpec(bytes: Uint8Array): DropReason | null {
  if (bytes.length === 0) return 'truncated';
  return bytes.length === 1 && bytes[0] === 1 ? null : 'bad-length';
}
