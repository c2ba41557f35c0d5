// Output to the console: one character of the written string is one byte.
// Where that blocks (stdio_uart) the caller owes the time of each character: see cpu_owe().
import { cpu_owe } from './cpu.ts';
import { current } from './current.ts';

/** Writes `text` to the console. Format with template literals; text is UTF-8 on the wire. */
export function printf(text: string): void {
  write(utf8(text));
}

/** Writes `text` and a newline to the console. */
export function puts(text: string): void {
  write(utf8(text) + '\n');
}

/** Writes one byte to the console. */
export function putchar(byte: number): void {
  write(String.fromCharCode(byte & 0xff));
}

/** Writes bytes, one a character, to the console. */
export function write(bytes: string): void {
  const { platform, costs } = current();
  platform.uartWrite(bytes);
  if (costs !== null) cpu_owe(costs.uart_char * bytes.length);
}

/** Text as UTF-8, one character a byte. */
export function utf8(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return encode(text);
  }
  return text;
}

function encode(text: string): string {
  let out = '';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x80) out += char;
    else if (code < 0x800) out += String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else if (code < 0x10000) {
      out += String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    } else {
      out += String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f),
        0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    }
  }
  return out;
}
