// UTF-8 as a binary string: one character a byte.

/** Encodes `text`; halves of surrogate pairs on their own become U+FFFD. */
export function utf8(text: string): string {
  let out = '';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    out += code < 0x80 ? char : beyondAscii(code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
  }
  return out;
}

function beyondAscii(code: number): string {
  const last = 0x80 | (code & 0x3f);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), last);
  const third = 0x80 | ((code >> 6) & 0x3f);
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12), third, last);
  return String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), third, last);
}
