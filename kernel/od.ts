// Dumps of memory in hexadecimal (RIOT sys/include/od.h); with module od_string as characters too.
import { current } from './current.ts';
import { printf } from './print.ts';

/** Bytes a line if `width` is 0. */
export const OD_WIDTH_DEFAULT = 16;

const SPACE = 0x20;
const TILDE = 0x7e;

/**
 * Prints the first `data_len` bytes of `data`, `width` a line; each line starts with its offset. Without any
 * data only the offset is printed, and no line end.
 * @param width 1 to 255; 0: OD_WIDTH_DEFAULT
 */
export function od_hex_dump(data: Uint8Array, data_len: number, width: number): void {
  od_hex_dump_ext(data, data_len, width, 0);
}

/**
 * `od_hex_dump()` with a first offset of its own.
 * @param offset 0 to 2^32 - 1: printed as where `data` starts
 */
export function od_hex_dump_ext(data: Uint8Array, data_len: number, width: number, offset: number): void {
  const bytes = data.subarray(0, data_len);
  const perLine = (width & 0xff) === 0 ? OD_WIDTH_DEFAULT : width & 0xff;
  const withText = current().modules.has('od_string');
  if (bytes.length === 0) printf(hex(offset, 8));
  for (let at = 0; at < bytes.length; at += perLine) {
    const line = bytes.subarray(at, at + perLine);
    let text = hex(offset + at, 8);
    for (const byte of line) text += `  ${hex(byte, 2)}`;
    if (withText) text += `${'    '.repeat(perLine - line.length)}  ${printable(line)}`;
    printf(`${text}\n`);
  }
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).toUpperCase().padStart(digits, '0');
}

function printable(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte >= SPACE && byte <= TILDE ? String.fromCharCode(byte) : '.';
  return text;
}
