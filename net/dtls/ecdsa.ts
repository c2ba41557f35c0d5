/** Signatures as tinydtls reads them: its tolerance of DER, without its reads past the end. */

import { get16 } from '../wire/bytes.ts';
import { P256_COORDINATE_LEN } from '../wire/dtls.ts';
import { DECODE_ERROR, HANDSHAKE_FAILURE } from './errors.ts';
import type { DtlsHooks } from './types.ts';

const SHA256 = 4;
const ECDSA = 3;
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * Reads algorithm, length and signature at the start of `data`; what stands behind them is not looked at.
 * @returns r and s, 32 bytes each, or a negative alert code, with RIOT's line
 */
export function readEcdsaSignature(hooks: DtlsHooks, data: Uint8Array): Uint8Array | number {
  if (data.length < 6) return refuse(hooks, 'signature data length short');
  if (data[0] !== SHA256) return refuse(hooks, 'only sha256 is supported in certificate verify', HANDSHAKE_FAILURE);
  if (data[1] !== ECDSA) return refuse(hooks, 'only ecdsa signature is supported in client verify', HANDSHAKE_FAILURE);
  if (data.length - 2 < get16(data, 2)) return refuse(hooks, 'signature length wrong');
  if (data[4] !== SEQUENCE) return refuse(hooks, 'wrong ASN.1 struct, expected SEQUENCE');
  if (data.length - 5 < data[5]) return refuse(hooks, 'signature length wrong');
  const signature = new Uint8Array(2 * P256_COORDINATE_LEN);
  const first = readInteger(hooks, data, 6, signature, 0);
  if (first < 0) return first;
  const second = readInteger(hooks, data, 6 + first, signature, P256_COORDINATE_LEN);
  return second < 0 ? second : signature;
}

/**
 * Reads an INTEGER at data[at..] into the 32 bytes at out[to..]: shorter ones get zeros in front, of longer ones the
 * last 32 bytes count.
 * @returns how many bytes tinydtls takes it to be (a length of several bytes is not counted), or a negative alert code
 */
function readInteger(hooks: DtlsHooks, data: Uint8Array, at: number, out: Uint8Array, to: number): number {
  if (data.length - at < 2) return refuse(hooks, 'signature data length short');
  if (data[at] !== INTEGER) return refuse(hooks, 'wrong ASN.1 struct, expected Integer');
  let length = data[at + 1];
  let start = at + 2;
  if (length & 0x80) {
    const octets = length & 0x7f;
    if (octets > data.length - start) return refuse(hooks, 'asn1 integer length too long');
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + data[start++];
  }
  if (length > data.length - start) return refuse(hooks, 'asn1 integer length too long');
  const used = Math.min(length, P256_COORDINATE_LEN);
  for (let i = 0; i < used; i++) out[to + P256_COORDINATE_LEN - used + i] = data[start + length - used + i];
  return length + 2;
}

function refuse(hooks: DtlsHooks, text: string, code: number = DECODE_ERROR): number {
  hooks.log('alert', text);
  return code;
}
