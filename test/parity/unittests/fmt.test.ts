// kernel/fmt.ts; RIOT's unit tests tests-fmt and its tests/sys/fmt_print, written anew, and what a real native64 board
// answers for inputs beyond those. All cases of tests-fmt are here; fmt_is_x, strings and characters are one test.
import test from 'ava';
import fc from 'fast-check';
import { EBADF, EINVAL, EOVERFLOW } from '../../../kernel/errno.ts';
import {
  type fmt_str_t, fmt_byte_hex, fmt_bytes_hex, fmt_bytes_hex_reverse, fmt_char, fmt_float, fmt_hex_byte,
  fmt_hex_bytes, fmt_is_digit, fmt_is_number, fmt_is_upper, fmt_lpad, fmt_s16_dec, fmt_s16_dfp, fmt_s32_dec,
  fmt_s32_dfp, fmt_s64_dec, fmt_str, fmt_strlen, fmt_strnlen, fmt_time_tm_iso8601, fmt_to_lower, fmt_u16_dec,
  fmt_u16_hex, fmt_u32_dec, fmt_u32_hex, fmt_u64_dec, fmt_u64_hex, print, print_byte_hex, print_bytes_hex,
  print_float, print_s32_dec, print_s64_dec, print_str, print_u32_dec, print_u32_hex, print_u64_dec, print_u64_hex,
  scn_bool, scn_bool_str, scn_buf_hex, scn_time_tm_iso8601, scn_u32_dec, scn_u32_hex, type tm,
} from '../../../kernel/fmt.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { encodeText } from '../../../kernel/text.ts';
import { runMain } from '../../kernel/harness.ts';
import { expectRiotConsole } from '../core/console.ts';
import { recorded } from '../sys/console.ts';

/** What a function writes and returns, as text; fails unless it also counts right, and writes no more than it says. */
function format(write: (out: Uint8Array | null) => number): string {
  const out = new Uint8Array(64).fill(0x7a);
  const length = write(out);
  const text = String.fromCharCode(...out.subarray(0, length));
  if (write(null) !== length) return `${text}, counted ${write(null)}`;
  return out.subarray(length).every((c) => c === 0x7a) ? text : `${text}, and more`;
}

/** `struct tm` with fields of a pattern in it, as memory that was never set. */
function time(fields: Partial<tm> = {}): tm {
  const rest = 0x55555555;
  return {
    tm_sec: rest, tm_min: rest, tm_hour: rest, tm_mday: rest, tm_mon: rest, tm_year: rest, tm_wday: rest,
    tm_yday: rest, tm_isdst: rest, ...fields,
  };
}

test('fmt_print: each print function, and printf() in between', (t) => {
  // RIOT's own console.
  expectRiotConsole(t, 'fmt_print', function* () {
    const prints = [
      () => print_u32_dec(0xffffffff), () => print_s32_dec(0x80000000), () => print_byte_hex(0xfa),
      () => print_s32_dec(0x80000000), () => print_u32_hex(0x12345678), () => print_u64_hex(0x123456789abcdef0n),
      () => print_u64_dec(0xffffffffffffffffn), () => print_s64_dec(0x8000000000000000n),
      () => print_float(1.2345, 5), () => print_bytes_hex(encodeText('0123456789'), 10),
    ];
    print_str('If you can read this:\n');
    for (const one of prints) {
      one();
      print_str('\n');
    }
    printf('Test');
    print(' not ', 1);
    print_str('successful.');
    puts('');
  }, { options: { modules: ['fmt'] } });
});

test('print() writes bytes as they are, print_str() up to the first zero', (t) => {
  // What is not ASCII must not be encoded again.
  t.is(runMain(function* () {
    print(Uint8Array.of(0x61, 0xc3, 0xa4, 0x62, 0x63), 4);
    print_str(Uint8Array.of(0x64, 0, 0x65));
    print_str('ß');
  }), 'a\xc3\xa4bd\xc3\x9f');
});

test('characters and strings: digits, capitals, numbers, lengths, copies, small letters, padding', (t) => {
  // tests-fmt: fmt_is_x, strlen, strnlen, str, char, to_lower, lpad.
  t.deepEqual(['8', 'a', 'A', '\0'].map(fmt_is_digit), [true, false, false, false]);
  t.deepEqual(['A', '8', 'a', '\0'].map(fmt_is_upper), [true, false, false, false]);
  t.deepEqual(['123', '00123', '0', '0xabc', 'muh', ' 1', '1 2', '', null].map(fmt_is_number),
    [true, true, true, false, false, false, false, false, false]);
  t.deepEqual(['', 'short', 'this is a long string', 'zero\0inside'].map(fmt_strlen), [0, 5, 21, 4]);
  t.deepEqual(['', 'short', 'this is a long string'].map((s) => fmt_strnlen(s, 16)), [0, 5, 16]);
  t.is(format((out) => fmt_str(out, 'string1')), 'string1');
  t.is(format((out) => fmt_char(out, 'c')), 'c');
  t.is(format((out) => fmt_char(out, 0x64)), 'd');
  t.is(format((out) => fmt_to_lower(out, 'AbCdeFGHijkLM@[')), 'abcdefghijklm@[');
  const text = new Uint8Array(8);
  const pad = (in_len: number, pad_len: number, c: string): string => {
    t.is(fmt_lpad(text, in_len, pad_len, c), Math.max(in_len, pad_len));
    return String.fromCharCode(...text);
  };
  fmt_str(text, 'abcd');
  t.deepEqual(
    [pad(4, 8, ' '), pad(0, 0, '1'), pad(4, 0, '2'), pad(0, 4, '3'), pad(8, 8, '4'), pad(4, 8, 'x')],
    ['    abcd', '    abcd', '    abcd', '3333abcd', '3333abcd', 'xxxx3333']);
  t.is(fmt_lpad(null, 4, 8, ' '), 8);
});

test('bytes and numbers become hexadecimal digits, and two digits a byte', (t) => {
  // tests-fmt: byte_hex, bytes_hex, bytes_hex_reverse, hex_byte, hex_bytes, u16_hex, u32_hex, u64_hex.
  t.deepEqual([0, 128, 255].map((b) => format((out) => fmt_byte_hex(out, b))), ['00', '80', 'FF']);
  const bytes = Uint8Array.of(0xaa, 9, 8, 7, 6, 0xa8, 0xef);
  for (let n = 0; n <= 7; n++) t.is(format((out) => fmt_bytes_hex(out, bytes, n)), 'AA09080706A8EF'.slice(0, 2 * n));
  for (let n = 1; n <= 4; n++) {
    t.is(format((out) => fmt_bytes_hex_reverse(out, Uint8Array.of(9, 8, 7, 6), n)), '06070809'.slice(8 - 2 * n));
  }
  const pairs: fmt_str_t[] = ['00', '12', 'AB', 'CD', 'EF', 'ab', 'cd', 'ef', 'Cd', 'eF', '1234'];
  t.deepEqual(pairs.map(fmt_hex_byte), [0, 0x12, 0xab, 0xcd, 0xef, 0xab, 0xcd, 0xef, 0xcd, 0xef, 0x12]);
  const out = Uint8Array.of(0xff, 0xff, 0xff);
  t.deepEqual(['', 'A', 'ABCDE'].map((s) => fmt_hex_bytes(out, s)), [0, 0, 0]);
  t.deepEqual([...out], [0xff, 0xff, 0xff]);
  t.deepEqual([fmt_hex_bytes(null, 'ABCDEF'), fmt_hex_bytes(null, 'ABCDE')], [3, 0]);
  t.deepEqual([fmt_hex_bytes(out, '0102aF'), ...out], [3, 1, 2, 0xaf]);
  t.deepEqual([0, 0xbeef].map((v) => format((o) => fmt_u16_hex(o, v))), ['0000', 'BEEF']);
  t.deepEqual([0, 0xdeadbeef].map((v) => format((o) => fmt_u32_hex(o, v))), ['00000000', 'DEADBEEF']);
  t.deepEqual([0n, 0x0dead0beef0cafe0n].map((v) => format((o) => fmt_u64_hex(o, v))),
    ['0000000000000000', '0DEAD0BEEF0CAFE0']);
});

test('numbers in decimal, at the ends of their ranges too', (t) => {
  // tests-fmt: u16_dec, u32_dec, u64_dec, s16_dec, s32_dec, s64_dec.
  t.deepEqual([0, 6556, 65535].map((v) => format((out) => fmt_u16_dec(out, v))), ['0', '6556', '65535']);
  t.deepEqual([0, 65535, 12345678, 1234567890, 4294967295].map((v) => format((out) => fmt_u32_dec(out, v))),
    ['0', '65535', '12345678', '1234567890', '4294967295']);
  t.deepEqual([0n, 65535n, 4294967295n, 1234567890123456789n, 18446744073709551615n]
    .map((v) => format((out) => fmt_u64_dec(out, v))),
    ['0', '65535', '4294967295', '1234567890123456789', '18446744073709551615']);
  t.deepEqual([0, -32000, 12345].map((v) => format((out) => fmt_s16_dec(out, v))), ['0', '-32000', '12345']);
  t.deepEqual([9876, -9876, 2147483647, -2147483648].map((v) => format((out) => fmt_s32_dec(out, v))),
    ['9876', '-9876', '2147483647', '-2147483648']);
  t.deepEqual([-9876n, 2147483647n, 9223372036854775807n, -9223372036854775808n]
    .map((v) => format((out) => fmt_s64_dec(out, v))),
    ['-9876', '2147483647', '9223372036854775807', '-9223372036854775808']);
});

test('fixed point: the point is moved, zeros fill up', (t) => {
  // tests-fmt: s16_dfp, s32_dfp.
  const short: [number, number, string][] = [
    [0, -3, '0.000'], [12345, -4, '1.2345'], [12030, -3, '12.030'], [-3548, -2, '-35.48'], [-23, -4, '-0.0023'],
    [50, -3, '0.050'], [-12345, 0, '-12345'], [31987, -5, '0.31987'], [-32768, -2, '-327.68'], [32767, 0, '32767'],
    [31987, 3, '31987000'], [-23, 4, '-230000'], [-1023, 6, '-1023000000'], [-32768, -7, '-0.0032768'],
    [17, 9, '17000000000'],
  ];
  for (const [val, scale, text] of short) t.is(format((out) => fmt_s16_dfp(out, val, scale)), text);
  const long: [number, number, string][] = [
    [0, -7, '0.0000000'], [123456789, -7, '12.3456789'], [120030, -3, '120.030'], [-314159, -5, '-3.14159'],
    [-23, -7, '-0.0000023'], [50, -6, '0.000050'], [-123456789, 0, '-123456789'], [2147483647, 2, '214748364700'],
    [2147483647, -5, '21474.83647'], [-2147483648, 2, '-214748364800'], [-2147483648, -5, '-21474.83648'],
    [-1, 25, '-10000000000000000000000000'], [-1, -7, '-0.0000001'], [-1, -24, '-0.000000000000000000000001'],
  ];
  for (const [val, scale, text] of long) t.is(format((out) => fmt_s32_dfp(out, val, scale)), text);
});

test('words are truth values when they are whole, or as long as the limit', (t) => {
  // tests-fmt: scn_bool.
  t.deepEqual(['1', 'true', 'on', 'yes'].map(scn_bool_str), [1, 1, 1, 1]);
  t.deepEqual(['0', 'false', 'off', 'no'].map(scn_bool_str), [0, 0, 0, 0]);
  t.deepEqual([scn_bool('true, ', 4), scn_bool('off\non', 3)], [1, 0]);
  for (const word of ['10', '01', 'nobody', '', null]) t.is(scn_bool_str(word), -EINVAL);
  t.deepEqual([scn_bool('true', 1), scn_bool('false', 3)], [-EINVAL, -EINVAL]);
});

test('numbers are read up to the limit or to what is no digit', (t) => {
  // tests-fmt: scn_u32_dec, scn_u32_hex, scn_buf_hex.
  t.deepEqual([scn_u32_dec('123456789', 9), scn_u32_dec('123456789', 5)], [123456789, 12345]);
  const four: fmt_str_t[] = ['0xABCD', '9 ABCD', '9-ABCD', '9+ABCD', 'AB_CD', '9:3kCD', '9}3kCD', '9?3kCD'];
  t.deepEqual(four.map((s) => scn_u32_hex(s, 4)), [0, 9, 9, 9, 0xab, 9, 9, 9]);
  t.deepEqual([8, 3, 9].map((n) => scn_u32_hex('aB12cE4F', n)), [0xab12ce4f, 0xab1, 0xab12ce4f]);
  t.is(scn_u32_hex('aB', 9), 0xab);
  const buf = new Uint8Array(8).fill(0x55);
  t.is(scn_buf_hex(buf, 8, 'deadbeef', 7), -EINVAL);
  t.is(scn_buf_hex(buf, 8, 'hallo!', 6), -EINVAL);
  t.is(scn_buf_hex(buf, 2, 'deadbeef', 8), -EOVERFLOW);
  t.is(scn_buf_hex(buf, 8, 'deadbeef', 8), 4);
  t.deepEqual([...buf], [0xde, 0xad, 0xbe, 0xef, 0x55, 0x55, 0x55, 0x55]);
});

test('times are written and read in the form of ISO 8601', (t) => {
  // tests-fmt: fmt_time_iso8601, scn_time_iso8601.
  const fields = { tm_year: 125, tm_mon: 3, tm_mday: 8, tm_hour: 17, tm_min: 40, tm_sec: 2 };
  const out = new Uint8Array(20);
  t.is(fmt_time_tm_iso8601(out, time(fields), 'T'), 19);
  t.deepEqual(out, encodeText('2025-04-08T17:40:02\0'));
  t.is(fmt_time_tm_iso8601(out, time(fields), ' '), 19);
  t.deepEqual(out, encodeText('2025-04-08 17:40:02\0'));
  for (const tm_year of [-1901, 8100]) {
    t.is(fmt_time_tm_iso8601(out, time({ ...fields, tm_year }), 'T'), -EINVAL);
  }
  const read = (text: string, separator: string): { result: number; fields: number[] } => {
    const into = time();
    const result = scn_time_tm_iso8601(into, text, separator);
    return {
      result, fields: [into.tm_year + 1900, into.tm_mon + 1, into.tm_mday, into.tm_hour, into.tm_min, into.tm_sec],
    };
  };
  for (const [text, result, numbers] of [
    ['2025-04-08T17:40:02', 19, [2025, 4, 8, 17, 40, 2]], ['2025-04-08', 10, [2025, 4, 8, 0, 0, 0]],
    ['2025-13-08T17:40:02', 19, [2025, 13, 8, 17, 40, 2]], ['2025-04-08T17:60:02', 19, [2025, 4, 8, 17, 60, 2]],
    ['1899-04-08T17:40:02', 19, [1899, 4, 8, 17, 40, 2]],
  ] as const) t.deepEqual(read(text, 'T'), { result, fields: [...numbers] });
  t.is(read('2025-04-08 17:40:02', ' ').result, 19);
  t.deepEqual([read('2025-04-08T', ' ').result, read('2025-04-08 17:40:02', 'T').result], [-EBADF, -EBADF]);
  for (const text of ['2025-XX-08T17:40:02', '2025-4-08T17:40:02', '2025-04-8T17:40:02', '2025-04-08T17:40:2',
    '-2025-04-08T17:40:02', '10000-04-08T17:40:02']) t.is(read(text, 'T').result, -EINVAL);
});

/** The inputs of the recorded program, and what it printed for each. */
function* probeLines(): Generator<string> {
  const floats = [0, -0, 1, -1, 0.5, -0.5, 1.2345, 123.456, -123.456, 0.1, 0.01, 0.001, 3.14159265, 99999.9, 16777216,
    4294967040, 0.9999999, 2.0000002, -0.05];
  for (const [i, f] of floats.entries()) {
    for (let p = 0; p < 8; p++) {
      const out = new Uint8Array(64);
      const n = fmt_float(out, f, p);
      yield `float ${i} ${p}: ${n} ${fmt_float(null, f, p)} ${String.fromCharCode(...out.subarray(0, n))}`;
    }
  }
  for (const v of [0, 1, -1, 50, -23, 120030, 2147483647, -2147483648]) {
    for (let s = -12; s <= 4; s++) {
      const text = format((out) => fmt_s32_dfp(out, v, s));
      yield `dfp ${v} ${s}: ${text.length} ${text}`;
    }
  }
  const pairs: fmt_str_t[] = [
    '00', 'gG', 'zz', '  ', '@@', '``', '-1', 'fF', Uint8Array.of(0xff, 0x80), '09', 'aA', '0',
  ];
  for (const [i, pair] of pairs.entries()) yield `hex_byte ${i}: ${fmt_hex_byte(pair).toString(16).padStart(2, '0')}`;
  const numbers = ['', '0', '4294967295', '4294967296', '99999999999', '12a3', '-1', ' 1'];
  for (const [i, text] of numbers.entries()) {
    yield `scn_u32 ${i}: ${scn_u32_dec(text, text.length)} ${scn_u32_hex(text, text.length).toString(16)}`;
  }
  const words = ['1', '10', 'true', 'True', 'yes', 'yesterday', 'on', 'off', 'no', 'none', 'false', '0', ''];
  for (const word of words) {
    for (let n = 0; n < 6 && n <= word.length + 1; n++) yield `bool ${word} ${n}: ${scn_bool(word, n)}`;
  }
  for (const [i, tm_year] of [-1901, -1900, -900, 0, 125, 8099, 8100].entries()) {
    const out = new Uint8Array(20);
    const when = time({ tm_year, tm_mon: i * 3 - 1, tm_mday: i * 9, tm_hour: i, tm_min: 60, tm_sec: 99 });
    const result = fmt_time_tm_iso8601(out, when, 'T');
    yield `iso ${tm_year}: ${result} ${String.fromCharCode(...out.subarray(0, fmt_strlen(out)))}`;
  }
  const times = ['2025-04-08T17:40:02', '2025-04-08', '2025-04-08 17:40:02', '2025-04-08T17:40:2', '2025-4-08',
    '0000-00-00T99:99:99', '2025-04-08T', ''];
  for (const text of times) {
    const into = time();
    const result = scn_time_tm_iso8601(into, text, 'T');
    const { tm_year, tm_mon, tm_mday, tm_hour, tm_min, tm_sec, tm_isdst } = into;
    yield `scn_iso ${text}: ${[result, tm_year, tm_mon, tm_mday, tm_hour, tm_min, tm_sec, tm_isdst].join(' ')}`;
  }
  const digits = ['', '0', '00', 'deadbeef', 'DEADBEEF0', 'xy', '0g', '0102030405060708', '010203040506070809'];
  for (const text of digits) {
    const into = new Uint8Array(8).fill(0x55);
    const result = scn_buf_hex(into, 8, text, text.length);
    yield `buf_hex ${text}: ${result} ${format((out) => fmt_bytes_hex(out, into, 8))}`;
  }
}

test('edge cases of floats, fixed point, bad digits, words and times are as on a real board', (t) => {
  // The record is of a program that prints these lines for the same inputs.
  const expected = recorded('fmt-probe').slice(1).filter((line) => !line.startsWith('{') && line !== '');
  t.is(expected.length, 392);
  t.deepEqual([...probeLines()], expected);
});

test('what is written in decimal or hexadecimal is read back', (t) => {
  // For random 32-bit numbers and random bytes.
  t.notThrows(() => fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.uint8Array(), (n, bytes) => {
    const dec = format((out) => fmt_u32_dec(out, n));
    const hex = format((out) => fmt_u32_hex(out, n));
    const digits = new Uint8Array(2 * bytes.length);
    fmt_bytes_hex(digits, bytes, bytes.length);
    const back = new Uint8Array(bytes.length);
    return scn_u32_dec(dec, 10) === n && scn_u32_hex(hex, 8) === n && fmt_hex_bytes(back, digits) === bytes.length &&
      bytes.every((byte, i) => back[i] === byte);
  }), { seed: 42 }));
});

test('a buffer that is too small, and reading past one, are undefined on RIOT: said so', (t) => {
  // C would write over, or print, what follows the buffer.
  t.is(runMain(function* () {
    t.is(fmt_u32_dec(new Uint8Array(2), 12345), 5);
    t.is(fmt_bytes_hex(new Uint8Array(8), new Uint8Array(1), 2), 4);
  }), 'undefined on RIOT: fmt wrote 5 characters into a buffer of 2\n' +
    'undefined on RIOT: fmt read 2 bytes from a buffer of 1\n');
  t.is(runMain(function* () {
    fmt_float(null, 1, 8);
  }), 'sys/fmt/fmt.c:382 => FAILED ASSERTION.\n');
});
