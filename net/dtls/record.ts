/** Records: building and sealing, the replay window, opening (RFC 6347 §4.1, RFC 6655 §3). */

import { get16, put16 } from '../wire/bytes.ts';
import { describeDtlsAlert, DTLS_1_0, DTLS_1_2, DTLS_CT_ALERT, DTLS_CT_APPLICATION_DATA, DTLS_CT_CHANGE_CIPHER_SPEC,
  DTLS_CT_HANDSHAKE, DTLS_HANDSHAKE_HEADER_LEN, DTLS_HT_CLIENT_HELLO, DTLS_RECORD_HEADER_LEN, dtlsMessageName,
  emitDtlsRecord } from '../wire/dtls.ts';
import { INTERNAL_ERROR } from './errors.ts';
import { netqNew } from './netq.ts';
import { freeOldSecurity } from './peer.ts';
import type { Context } from './env.ts';
import type { dtls_peer_t, dtls_security_parameters_t, DtlsDropReason, DtlsSend, session_t } from './types.ts';

/** The part of the nonce that is sent: epoch and record number. */
export const EXPLICIT_NONCE_LEN = 8;

/**
 * The action that sends `data` as one record of the peer's current epoch, or a negative alert code. Handshake messages
 * and ChangeCipherSpec are stored as well; with no room they are sent all the same, and RIOT says so.
 */
export function prepareRecord(ctx: Context, peer: dtls_peer_t, type: number, data: Uint8Array): DtlsSend | number {
  const security = peer.security_params[0];
  if (peer.freed) {
    ctx.env.hooks.diagnose('a DTLS message goes to a peer that was freed; here it is not sent');
    return INTERNAL_ERROR;
  }
  if (security === null) {
    ctx.env.hooks.log('alert', 'peer or security parameter missing');
    return INTERNAL_ERROR;
  }
  const datagram = sealRecord(ctx, security, type, data);
  if (datagram === null) return INTERNAL_ERROR;
  if (ctx.env.hooks.tracing) traceMessage(ctx, peer.session, 'out', type, security.epoch, security.rseq - 1, data);
  if (type === DTLS_CT_HANDSHAKE || type === DTLS_CT_CHANGE_CIPHER_SPEC) {
    const node = netqNew(ctx, { job: 'RESEND', peer, epoch: security.epoch, type, data });
    if (node !== null) ctx.sendqueue.push(node);
    else ctx.env.hooks.log('warn', 'retransmit buffer full');
    if (peer.handshake_params !== null) peer.retransmit_at = ctx.env.now + peer.retransmit_timeout;
  }
  return { type: 'send', session: peer.session, datagram };
}

/** How much of the `length` payload bytes went out when `sent` bytes of the datagram did; errors pass through. */
export function payloadSent(action: DtlsSend, length: number, sent: number): number {
  return sent <= 0 ? sent : length - (action.datagram.length - sent);
}

/**
 * The bytes of a record, or null if it is too long for DTLS_MAX_BUF. The record number is used up in any case.
 *
 * tinydtls checks for room without the tag. What fits only so overruns the buffer there; here it is not sent.
 */
export function sealRecord(ctx: Context, security: dtls_security_parameters_t, type: number,
  data: Uint8Array): Uint8Array | null {
  const { config, hooks } = ctx.env;
  const key = security.local_key;
  const start = DTLS_RECORD_HEADER_LEN + (key === null ? 0 : EXPLICIT_NONCE_LEN);
  const seq = security.rseq++;
  if (start + data.length > config.DTLS_MAX_BUF) return null;
  const total = start + data.length + security.mac_len;
  if (total > config.DTLS_MAX_BUF) {
    hooks.diagnose(`a DTLS record of ${total} bytes overruns the ${config.DTLS_MAX_BUF} bytes of DTLS_MAX_BUF; `
      + 'here it is not sent');
    return null;
  }
  const out = new Uint8Array(total);
  const isHello = security.epoch === 0 && type === DTLS_CT_HANDSHAKE && data[0] === DTLS_HT_CLIENT_HELLO;
  emitDtlsRecord({ type, version: isHello ? DTLS_1_0 : DTLS_1_2, epoch: security.epoch, seq,
    length: total - DTLS_RECORD_HEADER_LEN }, out, 0);
  out.set(data, start);
  if (key === null) return out;
  for (let i = 0; i < EXPLICIT_NONCE_LEN; i++) out[DTLS_RECORD_HEADER_LEN + i] = out[3 + i];
  const { nonce, aad } = setNonceAndAad(ctx, security.local_iv, out, 0, 3, data.length);
  ctx.env.work.aesKey++;
  key.seal(security.mac_len, nonce, aad, out, start, data.length);
  return out;
}

/**
 * Nonce: salt, then the 8 bytes at `explicit`. Additional data: epoch, number, type and version of the record at
 * `record`, then the length of the text (RFC 5246 §6.2.3.3).
 */
function setNonceAndAad(ctx: Context, salt: Uint8Array, bytes: Uint8Array, record: number, explicit: number,
  length: number): { nonce: Uint8Array; aad: Uint8Array } {
  const { nonce, aad } = ctx.env.scratch;
  for (let i = 0; i < 4; i++) nonce[i] = salt[i];
  for (let i = 0; i < EXPLICIT_NONCE_LEN; i++) {
    nonce[4 + i] = bytes[explicit + i];
    aad[i] = bytes[record + 3 + i];
  }
  for (let i = 0; i < 3; i++) aad[8 + i] = bytes[record + i];
  put16(aad, 11, length);
  return ctx.env.scratch;
}

/** The length of the record at msg[at..end) with its header, or 0 when there is no whole record. */
export function recordLength(msg: Uint8Array, at: number, end: number): number {
  if (end - at < DTLS_RECORD_HEADER_LEN) return 0;
  const version = get16(msg, at + 1);
  if ((version !== DTLS_1_2 && version !== DTLS_1_0) || msg[at] === 0) return 0;
  const length = DTLS_RECORD_HEADER_LEN + get16(msg, at + 11);
  return length > end - at ? 0 : length;
}

/**
 * Decrypts the record at msg[at..at+length) in place and marks its number as received. The text starts behind the
 * header, and behind the explicit nonce if there is a key.
 *
 * tinydtls does not mark records without text, so that an empty one can be replayed; here an authentic one is marked
 * unless that quirk is asked for.
 * @returns the length of the text, or -1
 */
export function openRecord(ctx: Context, peer: dtls_peer_t, security: dtls_security_parameters_t, msg: Uint8Array,
  at: number, length: number, seq: number): number {
  const payload = length - DTLS_RECORD_HEADER_LEN;
  const key = security.remote_key;
  if (key === null) {
    if (payload > 0) markReceived(security, seq);
    return payload;
  }
  if (payload < EXPLICIT_NONCE_LEN + security.mac_len) {
    traceDrop(ctx, peer.session, 'too short');
    return -1;
  }
  const explicit = at + DTLS_RECORD_HEADER_LEN;
  const sealed = payload - EXPLICIT_NONCE_LEN;
  const { nonce, aad } = setNonceAndAad(ctx, security.remote_iv, msg, at, explicit, sealed - security.mac_len);
  ctx.env.work.aesKey++;
  const text = key.open(security.mac_len, nonce, aad, msg, explicit + EXPLICIT_NONCE_LEN, sealed);
  if (text < 0) {
    ctx.env.hooks.log('warn', 'decryption failed');
    traceDrop(ctx, peer.session, 'bad tag');
    return -1;
  }
  freeOldSecurity(ctx, peer);
  if (text > 0 || !ctx.env.config.quirks.empty_record_replay) markReceived(security, seq);
  return text;
}

/** Why a record with this number is not looked at, or null (RFC 6347 §4.1.2.6; window of 64). */
export function checkReplay(security: dtls_security_parameters_t, seq: number): DtlsDropReason | null {
  if ((security.bitfield_hi | security.bitfield_lo) === 0 || seq > security.cseq) return null;
  const age = security.cseq - seq;
  if (age > 63) return 'too old';
  // The newest number always counts as seen.
  if (age === 0) return 'duplicate';
  const bits = age < 32 ? security.bitfield_lo >>> age : security.bitfield_hi >>> (age - 32);
  return (bits & 1) === 1 ? 'duplicate' : null;
}

function markReceived(security: dtls_security_parameters_t, seq: number): void {
  const first = (security.bitfield_hi | security.bitfield_lo) === 0;
  const step = seq - security.cseq;
  if (first || step > 63) {
    security.bitfield_hi = 0;
    security.bitfield_lo = 1;
    security.cseq = seq;
  } else if (step < 0) {
    if (step > -32) security.bitfield_lo |= 1 << -step;
    else security.bitfield_hi |= 1 << (-step - 32);
  } else if (step > 0) {
    shiftWindow(security, step);
    security.cseq = seq;
  }
}

/** Shifts the 64-bit field left by 1..63 and sets bit 0. */
function shiftWindow(security: dtls_security_parameters_t, step: number): void {
  if (step >= 32) {
    security.bitfield_hi = security.bitfield_lo << (step - 32);
    security.bitfield_lo = 1;
  } else {
    security.bitfield_hi = (security.bitfield_hi << step) | (security.bitfield_lo >>> (32 - step));
    security.bitfield_lo = (security.bitfield_lo << step) | 1;
  }
}

/** Tells the trace that a record was dropped. */
export function traceDrop(ctx: Context, session: session_t, reason: DtlsDropReason): void {
  const { hooks } = ctx.env;
  if (hooks.tracing) hooks.trace({ kind: 'drop', session, reason });
}

/** Tells the trace of a record in plain text. Call only when tracing. */
export function traceMessage(ctx: Context, session: session_t, direction: 'in' | 'out', content_type: number,
  epoch: number, seq: number, data: Uint8Array): void {
  const isHandshake = content_type === DTLS_CT_HANDSHAKE && data.length >= DTLS_HANDSHAKE_HEADER_LEN;
  ctx.env.hooks.trace({
    kind: 'message', session, direction, content_type, epoch, seq, name: recordName(content_type, data),
    msg_seq: isHandshake ? get16(data, 4) : -1, length: data.length,
  });
}

function recordName(content_type: number, data: Uint8Array): string {
  switch (content_type) {
    case DTLS_CT_CHANGE_CIPHER_SPEC: return 'ChangeCipherSpec';
    case DTLS_CT_ALERT: return data.length < 2 ? 'Alert' : `Alert ${describeDtlsAlert(data[0], data[1])}`;
    case DTLS_CT_HANDSHAKE: return data.length === 0 ? 'Handshake' : dtlsMessageName(data[0]);
    case DTLS_CT_APPLICATION_DATA: return 'ApplicationData';
    default: return `record type ${content_type}`;
  }
}
