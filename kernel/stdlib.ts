// Numbers out of text as C's library reads them (stdlib.h).
import { current } from './current.ts';

const BLANKS_AND_SIGN = /^[ \t-\r]*([+-]?)/;

/** atoi(): blanks, a sign and digits; 0 if there are none, what follows is not looked at. 32 bits. */
export function atoi(text: string): number {
  const digits = /^[ \t-\r]*([+-]?\d+)/.exec(text);
  return digits === null ? 0 : Number(digits[1]) | 0;
}

/** The largest `unsigned long` of the running board: 64 bits with 64-bit pointers, else 32. */
export function ulong_max(): bigint {
  return current().config['SIZEOF_POINTER'] === 8 ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
}

/**
 * strtoul() without its end pointer: blanks, a sign and digits of `base`; 0 if there are none, what follows is not
 * looked at. A number that is too large is ulong_max(), a negative one its complement.
 * @param base 2 to 36; with 16 the text may begin with 0x
 */
export function strtoul(text: string, base: number): bigint {
  const max = ulong_max();
  const [blanks, sign] = BLANKS_AND_SIGN.exec(text) as unknown as [string, string];
  let at = blanks.length;
  if (base === 16 && /^0[xX][0-9a-fA-F]/.test(text.slice(at))) at += 2;
  let value = 0n;
  for (; at < text.length; at++) {
    const digit = digitOf(text.charCodeAt(at));
    if (digit >= base) break;
    value = value * BigInt(base) + BigInt(digit);
  }
  if (value > max) return max;
  return sign === '-' && value !== 0n ? max + 1n - value : value;
}

/** The value of a digit or letter; 99 for anything else. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x7a ? letter - 0x61 + 10 : 99;
}
