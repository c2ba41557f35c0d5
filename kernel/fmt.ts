// Numbers, bytes and times as text and back, without printf (RIOT sys/include/fmt.h).
//
// The fmt_* functions write characters into `out`, without a terminating zero, and return how many; with
// `out` null they only count. A string of C is a string here, or the bytes up to the first zero.
import { EINVAL } from './errno.ts';
import { TM_YEAR_BASE, charCode, chars } from './fmt_scn.ts';
import type { fmt_char_t, fmt_str_t, tm } from './fmt_scn.ts';
import { assert, undefined_on_riot } from './panic.ts';
import { printf, putchar } from './print.ts';
import { encodeText } from './text.ts';

export {
  scn_bool, scn_bool_str, scn_buf_hex, scn_time_tm_iso8601, scn_time_tm_iso8601_date, scn_time_tm_iso8601_time,
  scn_u32_dec, scn_u32_hex,
} from './fmt_scn.ts';
export type { fmt_char_t, fmt_str_t, tm } from './fmt_scn.ts';

/** Powers of ten by the number of digits after the point that fmt_float() can do. */
const TENS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];
const HEX = '0123456789ABCDEF';

/** Whether a character is a decimal digit. */
export function fmt_is_digit(c: fmt_char_t): boolean {
  const code = charCode(c);
  return code >= 0x30 && code <= 0x39;
}

/** Whether a character is one of A to Z. */
export function fmt_is_upper(c: fmt_char_t): boolean {
  const code = charCode(c);
  return code >= 0x41 && code <= 0x5a;
}

/** Whether a string is decimal digits only, at least one; null is not. */
export function fmt_is_number(str: fmt_str_t | null): boolean {
  const bytes = str === null ? [] : chars(str);
  return bytes.length > 0 && bytes.every(fmt_is_digit);
}

/** A byte as two hexadecimal digits, capital letters. Returns 2. */
export function fmt_byte_hex(out: Uint8Array | null, byte: number): number {
  return write(out, hexText(byte, 2));
}

/** `n` bytes as hexadecimal digits, the first byte first. Returns 2 * n. */
export function fmt_bytes_hex(out: Uint8Array | null, ptr: Uint8Array, n: number): number {
  return out === null ? 2 * n : write(out, bytesText(ptr, n));
}

/** `n` bytes as hexadecimal digits, the last byte first. Returns 2 * n. */
export function fmt_bytes_hex_reverse(out: Uint8Array | null, ptr: Uint8Array, n: number): number {
  return fmt_bytes_hex(out, ptr.slice(0, n).reverse(), n);
}

/**
 * The byte of two hexadecimal digits, small or capital.
 * @param hex its first two characters count; what is no digit gives the same byte as on RIOT
 */
export function fmt_hex_byte(hex: fmt_str_t): number {
  const bytes = chars(hex);
  return ((nibble(bytes[0] ?? 0) << 4) | nibble(bytes[1] ?? 0)) & 0xff;
}

/** The bytes of a string of hexadecimal digits. Returns how many; 0, and nothing is written, if it is odd. */
export function fmt_hex_bytes(out: Uint8Array | null, hex: fmt_str_t): number {
  const bytes = chars(hex);
  if ((bytes.length & 1) !== 0) return 0;
  const count = bytes.length / 2;
  if (out !== null) checkRoom(out, count);
  for (let i = 0; out !== null && i < count; i++) out[i] = fmt_hex_byte(bytes.subarray(2 * i, 2 * i + 2));
  return count;
}

/** 16 bits as four hexadecimal digits. Returns 4. */
export function fmt_u16_hex(out: Uint8Array | null, val: number): number {
  return write(out, hexText(val & 0xffff, 4));
}

/** 32 bits as eight hexadecimal digits. Returns 8. */
export function fmt_u32_hex(out: Uint8Array | null, val: number): number {
  return write(out, hexText(val >>> 0, 8));
}

/** 64 bits as sixteen hexadecimal digits. Returns 16. */
export function fmt_u64_hex(out: Uint8Array | null, val: bigint): number {
  return write(out, BigInt.asUintN(64, val).toString(16).toUpperCase().padStart(16, '0'));
}

/** An unsigned 16-bit number in decimal. Returns its length, 1 to 5. */
export function fmt_u16_dec(out: Uint8Array | null, val: number): number {
  return write(out, String(val & 0xffff));
}

/** An unsigned 32-bit number in decimal. Returns its length, 1 to 10. */
export function fmt_u32_dec(out: Uint8Array | null, val: number): number {
  return write(out, String(val >>> 0));
}

/** An unsigned 64-bit number in decimal. Returns its length, 1 to 20. */
export function fmt_u64_dec(out: Uint8Array | null, val: bigint): number {
  return write(out, BigInt.asUintN(64, val).toString());
}

/** A signed 64-bit number in decimal. Returns its length, 1 to 20. */
export function fmt_s64_dec(out: Uint8Array | null, val: bigint): number {
  return write(out, BigInt.asIntN(64, val).toString());
}

/** A signed 32-bit number in decimal. Returns its length, 1 to 11. */
export function fmt_s32_dec(out: Uint8Array | null, val: number): number {
  return write(out, String(val | 0));
}

/** A signed 16-bit number in decimal. Returns its length, 1 to 6. */
export function fmt_s16_dec(out: Uint8Array | null, val: number): number {
  return write(out, String((val << 16) >> 16));
}

/** `fmt_s32_dfp()` of a signed 16-bit number. */
export function fmt_s16_dfp(out: Uint8Array | null, val: number, scale: number): number {
  return fmt_s32_dfp(out, (val << 16) >> 16, scale);
}

/**
 * `val * 10^scale` of a signed 32-bit number: -35648 with -2 is -356.48, with 2 -3564800. Below 0, as many
 * digits follow the point as `scale` says; 0 or above, that many zeros follow the number.
 */
export function fmt_s32_dfp(out: Uint8Array | null, val: number, scale: number): number {
  const number = val | 0;
  if (scale >= 0) return write(out, number + '0'.repeat(scale));
  const digits = String(Math.abs(number)).padStart(1 - scale, '0');
  const point = digits.length + scale;
  return write(out, `${number < 0 ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`);
}

/**
 * A single precision number, cut off behind `precision` digits, in single precision arithmetic. The point and
 * what follows are left out when all these digits are 0.
 * @param f         above -2^32 and below 2^32: else undefined
 * @param precision 0 to 7; asserted
 */
export function fmt_float(out: Uint8Array | null, f: number, precision: number): number {
  assert(precision < TENS.length, 'sys/fmt/fmt.c:382');
  const { sign, integer, fraction } = splitFloat(f, precision);
  if (fraction === 0) return write(out, sign + integer);
  write(out, `${sign}${integer}.${String(fraction).padStart(precision, '0')}`);
  return sign.length + String(integer).length + 1 + precision;
}

/** A character. Returns 1. */
export function fmt_char(out: Uint8Array | null, c: fmt_char_t): number {
  if (out !== null) {
    checkRoom(out, 1);
    out[0] = charCode(c);
  }
  return 1;
}

/** The bytes of a string up to the first zero. */
export function fmt_strlen(str: fmt_str_t): number {
  return chars(str).length;
}

/** The bytes of a string up to the first zero, at most `maxlen`. */
export function fmt_strnlen(str: fmt_str_t, maxlen: number): number {
  return Math.min(maxlen, chars(str).length);
}

/** Copies a string without its zero. Returns its length. */
export function fmt_str(out: Uint8Array | null, str: fmt_str_t): number {
  return copy(out, chars(str));
}

/** Copies a string without its zero, A to Z as small letters. Returns its length. */
export function fmt_to_lower(out: Uint8Array | null, str: fmt_str_t): number {
  return copy(out, chars(str).map((c) => (fmt_is_upper(c) ? c | 0x20 : c)));
}

/**
 * Moves the first `in_len` characters of `out` to the right and fills up on the left.
 * @returns the greater of `in_len` and `pad_len`; nothing is moved if that is `in_len`
 */
export function fmt_lpad(
  out: Uint8Array | null, in_len: number, pad_len: number, pad_char: fmt_char_t,
): number {
  if (in_len >= pad_len) return in_len;
  if (out !== null) {
    checkRoom(out, pad_len);
    out.copyWithin(pad_len - in_len, 0, in_len);
    out.fill(charCode(pad_char), 0, pad_len - in_len);
  }
  return pad_len;
}

/**
 * A time as `YYYY-MM-DDThh:mm:ss` and a zero. Whether there is such a day or hour is not checked.
 * @param out       room for 20 characters
 * @param separator between date and time: T, or a blank
 * @returns 19      done
 * @returns -EINVAL a number does not fit into its two or four digits
 */
export function fmt_time_tm_iso8601(out: Uint8Array, time: Readonly<tm>, separator: fmt_char_t): number {
  const month = time.tm_mon + 1;
  const year = time.tm_year + TM_YEAR_BASE;
  const { tm_mday, tm_hour, tm_min, tm_sec } = time;
  if (year < 0 || year > 9999) return -EINVAL;
  if ([month, tm_mday, tm_hour, tm_min, tm_sec].some((n) => n < 0 || n > 99)) return -EINVAL;
  const date = `${padded(year, 4)}-${padded(month, 2)}-${padded(tm_mday, 2)}`;
  const clock = `${padded(tm_hour, 2)}:${padded(tm_min, 2)}:${padded(tm_sec, 2)}`;
  return write(out, `${date}${String.fromCharCode(charCode(separator))}${clock}\0`) - 1;
}

/** Prints the first `n` characters of a string. */
export function print(s: fmt_str_t, n: number): void {
  const bytes = typeof s === 'string' ? encodeText(s) : s;
  let ascii = '';
  for (const byte of bytes.subarray(0, n)) {
    if (byte < 0x80) {
      ascii += String.fromCharCode(byte);
      continue;
    }
    // printf() takes text, and encodes what is not ASCII.
    printf(ascii);
    putchar(byte);
    ascii = '';
  }
  printf(ascii);
}

/** Prints an unsigned 32-bit number in decimal. */
export function print_u32_dec(val: number): void {
  printf(String(val >>> 0));
}

/** Prints a signed 32-bit number in decimal. */
export function print_s32_dec(val: number): void {
  printf(String(val | 0));
}

/** Prints a byte as two hexadecimal digits. */
export function print_byte_hex(byte: number): void {
  printf(hexText(byte, 2));
}

/** Prints `n` bytes as hexadecimal digits. */
export function print_bytes_hex(bytes: Uint8Array, n: number): void {
  printf(bytesText(bytes, n));
}

/** Prints 32 bits as eight hexadecimal digits. */
export function print_u32_hex(val: number): void {
  printf(hexText(val >>> 0, 8));
}

/** Prints 64 bits as sixteen hexadecimal digits. */
export function print_u64_hex(val: bigint): void {
  const bits = BigInt.asUintN(64, val);
  print_u32_hex(Number(bits >> 32n));
  print_u32_hex(Number(bits & 0xffffffffn));
}

/** Prints an unsigned 64-bit number in decimal. */
export function print_u64_dec(val: bigint): void {
  printf(BigInt.asUintN(64, val).toString());
}

/** Prints a signed 64-bit number in decimal. */
export function print_s64_dec(val: bigint): void {
  printf(BigInt.asIntN(64, val).toString());
}

/** Prints a single precision number; see `fmt_float()`. */
export function print_float(f: number, precision: number): void {
  const out = new Uint8Array(19);
  print(out, fmt_float(out, f, precision));
}

/** Prints a string. */
export function print_str(str: fmt_str_t): void {
  const bytes = chars(str);
  print(bytes, bytes.length);
}

function write(out: Uint8Array | null, ascii: string): number {
  if (out !== null) {
    checkRoom(out, ascii.length);
    for (let i = 0; i < ascii.length; i++) out[i] = ascii.charCodeAt(i);
  }
  return ascii.length;
}

function copy(out: Uint8Array | null, bytes: Uint8Array): number {
  if (out !== null) {
    checkRoom(out, bytes.length);
    for (let i = 0; i < bytes.length; i++) out[i] = bytes[i];
  }
  return bytes.length;
}

/** C writes over what follows the buffer; here that is dropped. */
function checkRoom(out: Uint8Array, length: number): void {
  if (out.length < length) undefined_on_riot(`fmt wrote ${length} characters into a buffer of ${out.length}`);
}

function bytesText(bytes: Uint8Array, n: number): string {
  if (bytes.length < n) undefined_on_riot(`fmt read ${n} bytes from a buffer of ${bytes.length}`);
  let text = '';
  for (let i = 0; i < n; i++) text += hexText(bytes[i], 2);
  return text;
}

function hexText(value: number, digits: number): string {
  let text = '';
  for (let i = 0, rest = value; i < digits; i++, rest >>>= 4) text = HEX[rest & 0xf] + text;
  return text;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

/** The digit's value, by RIOT's arithmetic: 0 to 24 for what is none. */
function nibble(code: number): number {
  return ((code & 0x1f) + 9) % 25;
}

/** A number as sign, integer and so many digits of fraction; each step in single precision. */
function splitFloat(f: number, precision: number): { sign: string; integer: number; fraction: number } {
  const single = Math.fround(f);
  const magnitude = Math.abs(single);
  const integer = Math.trunc(magnitude) >>> 0;
  const rest = Math.fround(magnitude - integer);
  const fraction = precision === 0 ? 0 : Math.trunc(Math.fround(rest * TENS[precision]));
  return { sign: single < 0 ? '-' : '', integer, fraction };
}
