import test from 'ava';
import { atoi, strtoul } from '../../kernel/stdlib.ts';
import { NetBoard } from '../net/gnrc/board.ts';

/** What `body` returns on a board of 64 or 32 bits. */
function on<T>(pointer: number, body: () => T): T {
  return new NetBoard(function* () { return 0; }, { net: { SIZEOF_POINTER: pointer } }).do(body);
}

test('atoi takes blanks, a sign and digits, and nothing behind them', (t) => {
  // C11 7.22.1.2; glibc on what does not fit: the low 32 bits.
  const cases: [string, number][] = [['12', 12], [' \t-7x', -7], ['+3', 3], ['', 0], ['x', 0], ['- 1', 0],
    ['4294967297', 1], ['2147483648', -2147483648]];
  for (const [text, value] of cases) t.is(atoi(text), value, text);
});

test('strtoul reads the digits of its base, and stops at the first that is none', (t) => {
  // C11 7.22.1.4: 0x with base 16 only if a digit follows, letters up to the base, a minus is the complement.
  const cases: [string, number, bigint][] = [['26', 10, 26n], ['0x1A', 16, 26n], ['1a', 16, 26n], ['0xg', 16, 0n],
    ['zz', 16, 0n], [' +7', 10, 7n], ['', 10, 0n], ['v', 32, 31n], ['w', 32, 0n], ['-0', 10, 0n]];
  for (const [text, base, value] of cases) t.is(on(8, () => strtoul(text, base)), value, text);
});

test('what does not fit is the largest unsigned long, which has the size of a pointer', (t) => {
  // 64 bits on native64, 32 on MCUs.
  t.is(on(8, () => strtoul('99999999999999999999', 10)), 0xffff_ffff_ffff_ffffn);
  t.is(on(8, () => strtoul('-1', 10)), 0xffff_ffff_ffff_ffffn);
  t.is(on(4, () => strtoul('4294967295', 10)), 0xffff_ffffn);
  t.is(on(4, () => strtoul('4294967296', 10)), 0xffff_ffffn);
  t.is(on(4, () => strtoul('-2', 10)), 0xffff_fffen);
});
