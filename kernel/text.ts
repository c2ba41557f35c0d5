// Strings and their bytes: C's `char *` is UTF-8 here.
import { utf8 } from './print.ts';

/** The UTF-8 bytes of a string, without a terminating zero. */
export function encodeText(text: string): Uint8Array {
  const bytes = utf8(text);
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = bytes.charCodeAt(i);
  return out;
}

/** The string of UTF-8 bytes; a byte that is not UTF-8 becomes U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length;) {
    const size = sequenceLength(bytes, i);
    out += size === 0 ? '\ufffd' : String.fromCodePoint(codePoint(bytes, i, size));
    i += Math.max(1, size);
  }
  return out;
}

/** Bytes of the UTF-8 sequence at `at`; 0 if there is no valid one (RFC 3629 §4). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  const size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (size === 0 || at + size > bytes.length) return 0;
  for (let i = 1; i < size; i++) {
    if ((bytes[at + i] & 0xc0) !== 0x80) return 0;
  }
  const code = codePoint(bytes, at, size);
  const overlong = (size === 3 && code < 0x800) || (size === 4 && code < 0x10000);
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return overlong || surrogate || code > 0x10ffff ? 0 : size;
}

function codePoint(bytes: Uint8Array, at: number, size: number): number {
  if (size === 1) return bytes[at];
  let code = bytes[at] & (0x7f >> size);
  for (let i = 1; i < size; i++) code = (code << 6) | (bytes[at + i] & 0x3f);
  return code;
}
