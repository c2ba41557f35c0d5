/** Breaks a paragraph into lines of at most `width` columns; a longer word stands alone. */
export function wrap(text: string, width: number): string {
  let line = 0;
  return text.split(' ').map((word, i) => {
    const fits = i === 0 || line + 1 + word.length <= width;
    line = fits ? line + (i === 0 ? 0 : 1) + word.length : word.length;
    return i === 0 ? word : fits ? ` ${word}` : `\n${word}`;
  }).join('');
}
