/**
 * Handshake messages out of fragments, for a board without RIOT's shortcomings (RFC 6347 §4.2.3): fragments may come in
 * any order, more than once and overlapping; early messages are kept beside them.
 *
 * Bounded: messages of the next eight numbers, each up to DTLS_MAX_BUF bytes.
 */

import { get16, put16, put24 } from '../wire/bytes.ts';
import { DTLS_HANDSHAKE_HEADER_LEN, parseDtlsHandshake } from '../wire/dtls.ts';
import { traceDrop } from './record.ts';
import type { Context } from './env.ts';
import type { dtls_handshake_parameters_t, dtls_peer_t, DtlsAssembly } from './types.ts';

const WINDOW = 8;

/** Takes all messages and fragments of a record. Old ones and those that do not fit are dropped. */
export function takeFragments(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  record: Uint8Array): void {
  for (let at = 0; at < record.length;) {
    const header = parseDtlsHandshake(record, at);
    const end = typeof header === 'string' ? 0 : at + DTLS_HANDSHAKE_HEADER_LEN + header.fragmentLength;
    if (typeof header === 'string' || end > record.length) {
      traceDrop(ctx, peer.session, 'wrong length');
      break;
    }
    const ahead = header.seq - handshake.mseq_r;
    if (ahead < 0) {
      traceDrop(ctx, peer.session, 'old message');
    } else if (ahead >= WINDOW) {
      traceDrop(ctx, peer.session, 'no room to store');
    } else if (header.length + DTLS_HANDSHAKE_HEADER_LEN > ctx.env.config.DTLS_MAX_BUF) {
      traceDrop(ctx, peer.session, 'too big to store');
    } else if (!put(assemblyOf(handshake, header), header, record.subarray(at + DTLS_HANDSHAKE_HEADER_LEN, end))) {
      traceDrop(ctx, peer.session, 'wrong length');
    }
    at = end;
  }
}

type Header = Exclude<ReturnType<typeof parseDtlsHandshake>, string>;

/** The message that a fragment belongs to, begun if it is the first. */
function assemblyOf(handshake: dtls_handshake_parameters_t, { type, length, seq }: Header): DtlsAssembly {
  const known = handshake.assembly.find((other) => get16(other.message, 4) === seq);
  if (known !== undefined) return known;
  const message = new Uint8Array(DTLS_HANDSHAKE_HEADER_LEN + length);
  message[0] = type;
  put24(message, 1, length);
  put16(message, 4, seq);
  put24(message, 9, length);
  const assembly: DtlsAssembly = { message, has: new Uint8Array(length), missing: length };
  handshake.assembly.push(assembly);
  return assembly;
}

/** Puts a fragment in its place; the first copy of a byte stays. False when type or length are others than before. */
function put(assembly: DtlsAssembly, header: Header, fragment: Uint8Array): boolean {
  const { message, has } = assembly;
  if (message[0] !== header.type || has.length !== header.length) return false;
  for (let i = 0, at = header.fragmentOffset; i < fragment.length; i++, at++) {
    if (has[at] === 1) continue;
    has[at] = 1;
    assembly.missing--;
    message[DTLS_HANDSHAKE_HEADER_LEN + at] = fragment[i];
  }
  return true;
}

/** The whole message whose turn it is, taken off, or null. */
export function takeWhole(handshake: dtls_handshake_parameters_t): Uint8Array | null {
  const at = handshake.assembly.findIndex(({ message, missing }) =>
    missing === 0 && get16(message, 4) === handshake.mseq_r);
  return at < 0 ? null : handshake.assembly.splice(at, 1)[0].message;
}
