// Big-endian loads and stores, little-endian ones for IEEE 802.15.4, hex text, and a length-checked reader.
//
// The get/put functions do not check: `buf[i]` past the end is `undefined`, which becomes 0, and a store past the end
// is ignored. A parser checks the length first, or reads through `Reader`.

/** The 16-bit big-endian number at `offset`. */
export function get16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

/** The 24-bit big-endian number at `offset`. */
export function get24(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 16) | (bytes[offset + 1]! << 8) | bytes[offset + 2]!;
}

/** The unsigned 32-bit big-endian number at `offset`. */
export function get32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;
}

/** Writes the low 16 bits of `value`, big-endian; returns the offset behind them. */
export function put16(out: Uint8Array, offset: number, value: number): number {
  out[offset] = value >>> 8;
  out[offset + 1] = value;
  return offset + 2;
}

/** Writes the low 24 bits of `value`, big-endian; returns the offset behind them. */
export function put24(out: Uint8Array, offset: number, value: number): number {
  out[offset] = value >>> 16;
  out[offset + 1] = value >>> 8;
  out[offset + 2] = value;
  return offset + 3;
}

/** Writes the low 32 bits of `value`, big-endian; returns the offset behind them. */
export function put32(out: Uint8Array, offset: number, value: number): number {
  out[offset] = value >>> 24;
  out[offset + 1] = value >>> 16;
  out[offset + 2] = value >>> 8;
  out[offset + 3] = value;
  return offset + 4;
}

/** The 16-bit little-endian number at `offset`. */
export function get16le(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8);
}

/** Writes the low 16 bits of `value`, little-endian; returns the offset behind them. */
export function put16le(out: Uint8Array, offset: number, value: number): number {
  out[offset] = value;
  out[offset + 1] = value >>> 8;
  return offset + 2;
}

/** Copies `length` bytes; for the short fields of a header this beats `set(subarray())`. Returns the offset behind. */
export function copyBytes(
  out: Uint8Array, offset: number, from: Uint8Array, fromOffset: number, length: number,
): number {
  for (let i = 0; i < length; i++) out[offset + i] = from[fromOffset + i]!;
  return offset + length;
}

/** Whether both hold the same bytes. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Reads big-endian fields in order and never past `end`. A read that does not fit returns 0 (or an empty array), takes
 * nothing, and sets `truncated`, which stays set: a parser reads all its fields and asks once.
 */
export class Reader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;
  truncated = false;

  /** Reads `bytes` from `offset` to `end` (exclusive, at most the length of `bytes`). */
  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end < bytes.length ? end : bytes.length;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.end - this.offset;
  }

  /** Moves over `length` bytes; returns where they start, or -1 if they are not all there. */
  skip(length: number): number {
    const start = this.offset;
    if (length < 0 || length > this.end - start) {
      this.truncated = true;
      return -1;
    }
    this.offset = start + length;
    return start;
  }

  u8(): number {
    const at = this.skip(1);
    return at < 0 ? 0 : this.bytes[at]!;
  }

  u16(): number {
    const at = this.skip(2);
    return at < 0 ? 0 : get16(this.bytes, at);
  }

  u24(): number {
    const at = this.skip(3);
    return at < 0 ? 0 : get24(this.bytes, at);
  }

  u32(): number {
    const at = this.skip(4);
    return at < 0 ? 0 : get32(this.bytes, at);
  }

  /** A view of the next `length` bytes (no copy). */
  take(length: number): Uint8Array {
    const at = this.skip(length);
    return at < 0 ? new Uint8Array(0) : this.bytes.subarray(at, at + length);
  }
}

const HEX = '0123456789abcdef';

/** Lower-case hex text of the bytes, with `separator` between them. */
export function hex(bytes: Uint8Array, separator = ''): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (i > 0) text += separator;
    text += HEX[byte >> 4]! + HEX[byte & 15]!;
  }
  return text;
}

/** The value of one hex digit given by its char code, or -1. */
export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

/**
 * The bytes of a hex text; blanks, line breaks and colons between digit pairs are skipped.
 *
 * @throws TypeError if `text` holds anything else, or half a byte.
 */
export function fromHex(text: string): Uint8Array {
  const out = new Uint8Array(text.length >> 1);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09 || code === 0x3a) continue;
    const high = hexDigit(code);
    const low = i + 1 < text.length ? hexDigit(text.charCodeAt(++i)) : -1;
    if (high < 0 || low < 0) throw new TypeError(`fromHex: text is not hex at ${i}: ${JSON.stringify(text)}`);
    out[length++] = (high << 4) | low;
  }
  return out.subarray(0, length);
}
