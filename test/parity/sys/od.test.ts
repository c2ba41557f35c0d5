// kernel/od.ts; RIOT's tests/sys/od, written anew, with a recorded console.
import test from 'ava';
import { OD_WIDTH_DEFAULT, od_hex_dump, od_hex_dump_ext } from '../../../kernel/od.ts';
import { puts } from '../../../kernel/stdio.ts';
import { runMain } from '../../kernel/harness.ts';
import { expectRiotConsole } from '../core/console.ts';

/** Bytes of a text, each character one, and the zero that ends it in C. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(`${text}\0`, (c) => c.charCodeAt(0));
}

const SHORT = bytesOf('AB');
const LONG = bytesOf('\xff,a\xff.bcdefghijklmnop');

test('od: widths that the data fill and do not fill, with their characters', (t) => {
  // RIOT's own console: offsets, digits and blanks of each line.
  expectRiotConsole(t, 'od', function* () {
    puts('od_hex_dump(short_str, sizeof(short_str), OD_WIDTH_DEFAULT)');
    od_hex_dump(SHORT, SHORT.length, OD_WIDTH_DEFAULT);
    for (const width of [OD_WIDTH_DEFAULT, 4, 3, 8]) {
      const name = width === OD_WIDTH_DEFAULT ? 'OD_WIDTH_DEFAULT' : String(width);
      puts(`od_hex_dump(long_str, sizeof(long_str), ${name})`);
      od_hex_dump(LONG, LONG.length, width);
    }
    puts('od_hex_dump_ext(long_str, sizeof(long_str), 8, 0x100)');
    od_hex_dump_ext(LONG, LONG.length, 8, 0x100);
  }, { options: { modules: ['od_string', 'fmt'] } });
});

test('od: without od_string no characters; width 0 is 16; without data only the offset; offsets wrap', (t) => {
  // What RIOT's code does beyond its test: the line end belongs to the last byte, and the offset has 32 bits.
  const dump = (length: number, width: number, offset: number): string => runMain(function* () {
    od_hex_dump_ext(LONG, length, width, offset);
  });
  t.is(dump(2, 0, 0), '00000000  FF  2C\n');
  t.is(dump(17, 0, 0).split('\n')[1], '00000010  6D');
  t.is(dump(0, 0, 0xabc), '00000ABC');
  t.is(dump(2, 1, 0xffffffff), 'FFFFFFFF  FF\n00000000  2C\n');
});
