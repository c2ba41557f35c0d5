// CoAP messages (RFC 7252 §3): header, token, options, payload.

/** Types of messages. */
export const COAP_TYPE_CON = 0;
export const COAP_TYPE_NON = 1;
export const COAP_TYPE_ACK = 2;
export const COAP_TYPE_RST = 3;

/** Codes: class × 32 + detail. */
export const COAP_METHOD_GET = 0x01;
export const COAP_CODE_CONTENT = 0x45;
export const COAP_CODE_PATH_NOT_FOUND = 0x84;
export const COAP_CODE_METHOD_NOT_ALLOWED = 0x85;

export const COAP_OPT_URI_PATH = 11;
export const COAP_OPT_CONTENT_FORMAT = 12;

const VERSION = 1;
const HEADER_LEN = 4;
const TOKEN_MAX = 8;
const PAYLOAD_MARKER = 0xff;

export interface CoapOption {
  /** 0..65804 */
  readonly number: number;
  readonly value: Uint8Array;
}

export interface CoapRepr {
  /** COAP_TYPE_*, 0..3 */
  readonly type: number;
  /** 0..255 */
  readonly code: number;
  /** 0..65535 */
  readonly id: number;
  /** 0 to 8 bytes. */
  readonly token: Uint8Array;
  /** By ascending number. */
  readonly options: readonly CoapOption[];
  readonly payload: Uint8Array;
}

export type CoapDropReason = 'truncated' | 'wrong version' | 'bad token length' | 'bad option' | 'empty payload' |
  'empty message with content';

/** Reads a message; its arrays are parts of `bytes`. */
export function parseCoap(bytes: Uint8Array): CoapRepr | CoapDropReason {
  if (bytes.length < HEADER_LEN) return 'truncated';
  if (bytes[0] >> 6 !== VERSION) return 'wrong version';
  const tokenLength = bytes[0] & 0x0f;
  if (tokenLength > TOKEN_MAX) return 'bad token length';
  const start = HEADER_LEN + tokenLength;
  if (bytes.length < start) return 'truncated';
  const code = bytes[1];
  // RFC 7252 §4.1: an empty message has the header only.
  if (code === 0 && bytes.length > HEADER_LEN) return 'empty message with content';
  const options: CoapOption[] = [];
  const end = parseOptions(bytes, start, options);
  if (typeof end === 'string') return end;
  return {
    type: (bytes[0] >> 4) & 3, code, id: bytes[2] << 8 | bytes[3], token: bytes.subarray(HEADER_LEN, start), options,
    payload: bytes.subarray(end),
  };
}

/** Where the payload starts. */
function parseOptions(bytes: Uint8Array, start: number, options: CoapOption[]): number | CoapDropReason {
  let at = start;
  let number = 0;
  while (at < bytes.length) {
    const first = bytes[at++];
    if (first === PAYLOAD_MARKER) return at === bytes.length ? 'empty payload' : at;
    const deltaLength = extendedLength(first >> 4);
    const lengthLength = extendedLength(first & 0x0f);
    if (deltaLength < 0 || lengthLength < 0) return 'bad option';
    if (at + deltaLength + lengthLength > bytes.length) return 'truncated';
    number += extended(bytes, at, first >> 4);
    const length = extended(bytes, at + deltaLength, first & 0x0f);
    at += deltaLength + lengthLength;
    if (at + length > bytes.length) return 'truncated';
    options.push({ number, value: bytes.subarray(at, at + length) });
    at += length;
  }
  return at;
}

/** RFC 7252 §3.1: bytes behind the first one for a nibble; 15 is reserved. */
function extendedLength(nibble: number): number {
  return nibble < 13 ? 0 : nibble === 13 ? 1 : nibble === 14 ? 2 : -1;
}

function extended(bytes: Uint8Array, at: number, nibble: number): number {
  if (nibble < 13) return nibble;
  return nibble === 13 ? bytes[at] + 13 : (bytes[at] << 8 | bytes[at + 1]) + 269;
}

/**
 * The bytes of a message. Options are written in the order given, which has to ascend.
 * @throws RangeError for a token of more than 8 bytes or options that do not ascend
 */
export function emitCoap({ type, code, id, token, options, payload }: CoapRepr): Uint8Array {
  if (token.length > TOKEN_MAX) throw new RangeError(`CoAP token of ${token.length} bytes`);
  const out: number[] = [VERSION << 6 | type << 4 | token.length, code, id >> 8, id & 0xff, ...token];
  let last = 0;
  for (const { number, value } of options) {
    if (number < last) throw new RangeError(`CoAP option ${number} behind ${last}`);
    out.push(nibbleOf(number - last) << 4 | nibbleOf(value.length));
    pushExtended(out, number - last);
    pushExtended(out, value.length);
    out.push(...value);
    last = number;
  }
  if (payload.length > 0) out.push(PAYLOAD_MARKER, ...payload);
  return Uint8Array.from(out);
}

function nibbleOf(value: number): number {
  return value < 13 ? value : value < 269 ? 13 : 14;
}

function pushExtended(out: number[], value: number): void {
  if (value >= 269) out.push((value - 269) >> 8, (value - 269) & 0xff);
  else if (value >= 13) out.push(value - 13);
}
