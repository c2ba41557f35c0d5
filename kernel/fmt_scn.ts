// Text to numbers, bytes and times: the half of fmt.h that reads (RIOT sys/include/fmt.h). Part of fmt.ts,
// which exports it.
import { EBADF, EINVAL, EOVERFLOW } from './errno.ts';
import { assert } from './panic.ts';
import { encodeText } from './text.ts';

/** `const char *`: a string, or bytes that end at the first zero or with the array. */
export type fmt_str_t = string | Uint8Array;

/** `char`: a string of one character, or its code. */
export type fmt_char_t = string | number;

/** `struct tm` of time.h. */
export interface tm {
  /** Seconds, 0 to 60. */
  tm_sec: number;
  tm_min: number;
  tm_hour: number;
  /** Day of the month, 1 to 31. */
  tm_mday: number;
  /** Months since January. */
  tm_mon: number;
  /** Years since 1900. */
  tm_year: number;
  /** Days since Sunday. */
  tm_wday: number;
  /** Days since the first of January. */
  tm_yday: number;
  /** Daylight saving time: above 0 yes, 0 no, below 0 unknown. */
  tm_isdst: number;
}

/** Years of `struct tm` count from here. */
export const TM_YEAR_BASE = 1900;

const UINT32_SPAN = 2 ** 32;
const DASH = 0x2d;
const COLON = 0x3a;
const TRUE_WORDS = ['1', 'on', 'yes', 'true'].map(encodeText);
const FALSE_WORDS = ['0', 'off', 'no', 'false'].map(encodeText);

/**
 * A truth value: 1, true, yes, on; 0, false, no, off, in small letters.
 * @param n at most so many characters count
 * @returns 1 or 0; -EINVAL for anything else
 */
export function scn_bool(str: fmt_str_t | null, n: number): number {
  if (str === null || n < 1) return -EINVAL;
  const bytes = chars(str);
  if (isWord(TRUE_WORDS, bytes, n)) return 1;
  return isWord(FALSE_WORDS, bytes, n) ? 0 : -EINVAL;
}

/** `scn_bool()` of the whole string; -EINVAL for null. */
export function scn_bool_str(str: fmt_str_t | null): number {
  return str === null ? -EINVAL : scn_bool(str, chars(str).length);
}

/** The decimal number at the start of a string, modulo 2^32; 0 without one. At most `n` characters count. */
export function scn_u32_dec(str: fmt_str_t, n: number): number {
  return scanNumber(str, n, 10);
}

/** The hexadecimal number at the start of a string, modulo 2^32; 0 without one. At most `n` characters count. */
export function scn_u32_hex(str: fmt_str_t, n: number): number {
  return scanNumber(str, n, 16);
}

/**
 * The bytes of hexadecimal digits, small or capital.
 * @param dest_len room in `dest`
 * @param hex_len  number of digits
 * @returns how many bytes
 * @returns -EINVAL    for an odd number of digits, or a character that is none; some bytes may be written
 * @returns -EOVERFLOW if there is not enough room
 */
export function scn_buf_hex(
  dest: Uint8Array | null, dest_len: number, hex: fmt_str_t | null, hex_len: number,
): number {
  assert(dest !== null || dest_len === 0, 'sys/fmt/fmt.c:623');
  assert(hex !== null || hex_len === 0, 'sys/fmt/fmt.c:624');
  if ((hex_len & 1) !== 0) return -EINVAL;
  const count = hex_len / 2;
  if (count > dest_len) return -EOVERFLOW;
  const bytes = chars(hex ?? '');
  for (let i = 0; dest !== null && i < count; i++) {
    const high = digit(bytes[2 * i], 16);
    const low = digit(bytes[2 * i + 1], 16);
    if (high < 0 || low < 0) return -EINVAL;
    dest[i] = (high << 4) | low;
  }
  return count;
}

/**
 * Reads a date `YYYY-MM-DD` at the start of a string; the other fields stay. Any number will do.
 * @returns 10, or -EINVAL if it has another form
 */
export function scn_time_tm_iso8601_date(time: tm, str: fmt_str_t): number {
  const bytes = chars(str);
  if (!hasForm(bytes, [4, 2, 2], DASH)) return -EINVAL;
  time.tm_year = scn_u32_dec(bytes, 4) - TM_YEAR_BASE;
  time.tm_mon = scn_u32_dec(bytes.subarray(5), 2) - 1;
  time.tm_mday = scn_u32_dec(bytes.subarray(8), 2);
  return 10;
}

/**
 * Reads a time `hh:mm:ss` at the start of a string; the other fields stay, but for `tm_isdst`, which becomes
 * -1. Any number will do.
 * @returns 8, or -EINVAL if it has another form
 */
export function scn_time_tm_iso8601_time(time: tm, str: fmt_str_t): number {
  const bytes = chars(str);
  if (!hasForm(bytes, [2, 2, 2], COLON)) return -EINVAL;
  time.tm_hour = scn_u32_dec(bytes, 2);
  time.tm_min = scn_u32_dec(bytes.subarray(3), 2);
  time.tm_sec = scn_u32_dec(bytes.subarray(6), 2);
  time.tm_isdst = -1;
  return 8;
}

/**
 * Reads `YYYY-MM-DD`, or that with a separator and `hh:mm:ss`. All fields are set, to 0 those without a number.
 * @returns 10 or 19
 * @returns -EINVAL if it has another form
 * @returns -EBADF  if another separator follows the date
 */
export function scn_time_tm_iso8601(time: tm, str: fmt_str_t, separator: fmt_char_t): number {
  Object.assign(time, {
    tm_sec: 0, tm_min: 0, tm_hour: 0, tm_mday: 0, tm_mon: 0, tm_year: 0, tm_wday: 0, tm_yday: 0, tm_isdst: 0,
  } satisfies tm);
  const bytes = chars(str);
  const date = scn_time_tm_iso8601_date(time, bytes);
  if (date < 0 || bytes.length === date) return date;
  if (bytes[date] !== charCode(separator)) return -EBADF;
  const clock = scn_time_tm_iso8601_time(time, bytes.subarray(date + 1));
  return clock < 0 ? clock : date + 1 + clock;
}

/** The code of a character. */
export function charCode(c: fmt_char_t): number {
  return typeof c === 'number' ? c & 0xff : c.charCodeAt(0);
}

/** The bytes of a string of C, without its zero. */
export function chars(str: fmt_str_t): Uint8Array {
  const bytes = typeof str === 'string' ? encodeText(str) : str;
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** The value of a digit, or -1. */
function digit(code: number | undefined, base: number): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return base === 16 && letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}

function scanNumber(str: fmt_str_t, n: number, base: number): number {
  const bytes = chars(str);
  let value = 0;
  for (let i = 0; i < n; i++) {
    const next = digit(bytes[i], base);
    if (next < 0) break;
    value = (value * base + next) % UINT32_SPAN;
  }
  return value;
}

/** Whether the first of the words that `bytes` starts with is all of it, or of its first `n`. */
function isWord(words: readonly Uint8Array[], bytes: Uint8Array, n: number): boolean {
  const found = words.find((word) => word.length <= n && word.every((c, i) => bytes[i] === c));
  return found !== undefined && (n === found.length || bytes.length === found.length);
}

/** Whether groups of so many digits are there, with the separator between them. */
function hasForm(bytes: Uint8Array, groups: readonly number[], separator: number): boolean {
  let at = 0;
  for (const [i, length] of groups.entries()) {
    if (i > 0 && bytes[at++] !== separator) return false;
    for (let k = 0; k < length; k++) {
      if (digit(bytes[at++], 10) < 0) return false;
    }
  }
  return true;
}
