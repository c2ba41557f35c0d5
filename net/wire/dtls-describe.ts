// One line for a datagram of DTLS records, for ladders and logs.

import { get16, get24 } from './bytes.ts';
import { DTLS_CT_ALERT, DTLS_CT_APPLICATION_DATA, DTLS_CT_CHANGE_CIPHER_SPEC, DTLS_CT_HANDSHAKE,
  DTLS_HANDSHAKE_HEADER_LEN, DTLS_RECORD_HEADER_LEN, parseDtlsRecord } from './dtls-record.ts';
import type { DtlsRecordRepr } from './dtls-record.ts';

/** RFC 5246 §7.4, RFC 6347 §4.3.2. */
const MESSAGE_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'HelloRequest'], [1, 'ClientHello'], [2, 'ServerHello'], [3, 'HelloVerifyRequest'], [4, 'NewSessionTicket'],
  [11, 'Certificate'], [12, 'ServerKeyExchange'], [13, 'CertificateRequest'], [14, 'ServerHelloDone'],
  [15, 'CertificateVerify'], [16, 'ClientKeyExchange'], [20, 'Finished'],
]);

/** RFC 5246 §7.2, RFC 4279 §6, RFC 5246 §7.4.1.4. */
const ALERT_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'close_notify'], [10, 'unexpected_message'], [20, 'bad_record_mac'], [22, 'record_overflow'],
  [30, 'decompression_failure'], [40, 'handshake_failure'], [42, 'bad_certificate'], [43, 'unsupported_certificate'],
  [44, 'certificate_revoked'], [45, 'certificate_expired'], [46, 'certificate_unknown'], [47, 'illegal_parameter'],
  [48, 'unknown_ca'], [49, 'access_denied'], [50, 'decode_error'], [51, 'decrypt_error'], [70, 'protocol_version'],
  [71, 'insufficient_security'], [80, 'internal_error'], [90, 'user_canceled'], [100, 'no_renegotiation'],
  [110, 'unsupported_extension'], [115, 'unknown_psk_identity'],
]);

/** The name of a handshake message type. */
export function dtlsMessageName(type: number): string {
  return MESSAGE_NAMES.get(type) ?? `handshake type ${type}`;
}

/** The name of an alert description. */
export function dtlsAlertName(description: number): string {
  return ALERT_NAMES.get(description) ?? `alert ${description}`;
}

/** `fatal internal_error(80)`. */
export function describeDtlsAlert(level: number, description: number): string {
  const name = level === 1 ? 'warning' : level === 2 ? 'fatal' : `level ${level}`;
  return `${name} ${dtlsAlertName(description)}(${description})`;
}

/** Whether `bytes` start like a DTLS record, so that describeDtls has something to say. */
export function looksLikeDtls(bytes: Uint8Array): boolean {
  return typeof parseDtlsRecord(bytes) !== 'string';
}

/**
 * One line for all records of a datagram, such as `ClientHello msg0 seq0 ep0`,
 * `ChangeCipherSpec seq3 ep0 + Finished (encrypted, 40) seq0 ep1`, `ApplicationData 21 seq1 ep1`,
 * `Alert (encrypted) seq2 ep1`. Lengths are those of the record's payload. The first encrypted handshake record of an
 * epoch is a Finished in every handshake that works; it is named so.
 */
export function describeDtls(datagram: Uint8Array): string {
  const parts: string[] = [];
  let at = 0;
  while (at < datagram.length) {
    const record = parseDtlsRecord(datagram, at);
    if (typeof record === 'string') {
      parts.push(`${at === 0 ? 'not DTLS' : 'garbage'} (${datagram.length - at} bytes)`);
      break;
    }
    const end = at + DTLS_RECORD_HEADER_LEN + record.length;
    const what = describeRecord(datagram, at + DTLS_RECORD_HEADER_LEN, end, record);
    parts.push(`${what} seq${record.seq} ep${record.epoch}`);
    at = end;
  }
  return parts.length === 0 ? 'empty' : parts.join(' + ');
}

function describeRecord(bytes: Uint8Array, start: number, end: number, record: DtlsRecordRepr): string {
  switch (record.type) {
    case DTLS_CT_CHANGE_CIPHER_SPEC: return 'ChangeCipherSpec';
    case DTLS_CT_APPLICATION_DATA: return `ApplicationData ${record.length}`;
    case DTLS_CT_ALERT:
      if (record.epoch > 0) return 'Alert (encrypted)';
      return end - start < 2 ? 'Alert (cut)' : `Alert ${describeDtlsAlert(bytes[start]!, bytes[start + 1]!)}`;
    case DTLS_CT_HANDSHAKE:
      return record.epoch > 0 ? `Finished (encrypted, ${record.length})` : describeHandshake(bytes, start, end);
    default: return `record type ${record.type}`;
  }
}

/** All messages of one plain handshake record. */
function describeHandshake(bytes: Uint8Array, start: number, end: number): string {
  const parts: string[] = [];
  while (start < end) {
    if (end - start < DTLS_HANDSHAKE_HEADER_LEN) {
      parts.push('Handshake (cut)');
      break;
    }
    const length = get24(bytes, start + 1);
    const offset = get24(bytes, start + 6);
    const fragment = get24(bytes, start + 9);
    const part = fragment === length && offset === 0 ? '' : ` ${offset}..${offset + fragment}/${length}`;
    parts.push(`${dtlsMessageName(bytes[start]!)}${part} msg${get16(bytes, start + 4)}`);
    start += DTLS_HANDSHAKE_HEADER_LEN + fragment;
  }
  return parts.length === 0 ? 'Handshake (empty)' : parts.join(', ');
}
