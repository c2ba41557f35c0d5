// kernel/luid.ts; RIOT's unit tests tests-luid, and what a real native64 board answers.
import test from 'ava';
import {
  luid_base, luid_custom, luid_get, luid_get_eui48, luid_get_eui64, luid_get_lb, luid_get_short,
  luid_netdev_get_eui48, luid_netdev_get_eui64,
} from '../../../kernel/luid.ts';
import { CPUID_LEN, cpuid_get } from '../../../kernel/periph/cpuid.ts';
import { printf } from '../../../kernel/stdio.ts';
import { TestBoard, runMain } from '../../kernel/harness.ts';
import { recorded } from '../sys/console.ts';

const DEVICE = { type: 4, index: 1 };

/** A board whose CPU has the number 0x12345678, as a native board started with --id=305419896. */
class NumberedBoard extends TestBoard {
  readonly cpuid = Uint8Array.of(0x78, 0x56, 0x34, 0x12);
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(' ');
}

function identifier(len: number, make: (buf: Uint8Array) => void): string {
  const buf = new Uint8Array(len);
  make(buf);
  return hex(buf);
}

test('identifiers of all kinds are those of a real board with the same CPU number', (t) => {
  // The record is of a program that prints them in this order; the counter runs on from line to line.
  const board = new NumberedBoard(function* () {
    const show = (name: string, len: number, make: (buf: Uint8Array) => void): void =>
      printf(`${name}: ${identifier(len, make)}\n`);
    const times = (n: number, name: string, len: number, make: (buf: Uint8Array) => void): void => {
      for (let i = 0; i < n; i++) show(name, len, make);
    };
    for (const len of [1, 2, 3, 4, 5, 6, 8, 12, 16, 20]) show(`luid_base ${len}`, len, (buf) => luid_base(buf, len));
    times(3, 'luid_get 8', 8, (buf) => luid_get(buf, 8));
    times(2, 'luid_get_lb 8', 8, (buf) => luid_get_lb(buf, 8));
    times(2, 'luid_get_short', 2, luid_get_short);
    times(2, 'luid_get_eui48', 6, luid_get_eui48);
    times(2, 'luid_get_eui64', 8, luid_get_eui64);
    show('luid_netdev_get_eui48', 6, (buf) => luid_netdev_get_eui48(DEVICE, buf));
    show('luid_netdev_get_eui64', 8, (buf) => luid_netdev_get_eui64(DEVICE, buf));
    for (const [len, gen] of [[8, 0xbeef], [1, 0xbeef], [2, 0xfe00]] as const) {
      show(`luid_custom ${len} ${gen.toString(16)}`, len, (buf) => luid_custom(buf, len, gen));
    }
  });
  const expected = recorded('luid-probe').filter((line) => line.startsWith('luid'));
  t.is(expected.length, 26);
  t.deepEqual(board.run().printed.trimEnd().split('\n'), expected);
});

test('tests-luid: two EUIs in a row differ, and so do those of two custom values', (t) => {
  // Here without a CPU number too: the counter and the value make the difference.
  for (const Board of [TestBoard, NumberedBoard]) {
    const board = new Board(function* () {
      for (const [len, make] of [[6, luid_get_eui48], [8, luid_get_eui64]] as const) {
        const macs = [0, 1, 2].map(() => identifier(len, make));
        t.not(macs[0], macs[1]);
        t.not(macs[1], macs[2]);
      }
      const custom = (gen: number): string => identifier(8, (buf) => luid_custom(buf, 8, gen));
      t.is(custom(0xfefe), custom(0xfefe));
      t.is(custom(0xbeef), custom(0xbeef));
      t.not(custom(0xfefe), custom(0xbeef));
    });
    t.is(board.run().printed, '');
  }
});

test('without a CPU number all is made from the backup seed', (t) => {
  // LUID_BACKUP_SEED is 0x23 in RIOT's header.
  t.is(runMain(function* () {
    t.is(CPUID_LEN(), 0);
    cpuid_get(new Uint8Array(0));
    t.is(identifier(4, (buf) => luid_base(buf, 4)), '23 23 23 23');
  }), '');
});

test('with module netdev_register type and index of a device are in its address', (t) => {
  // The bytes before the last two are those of the record; those two are XORed with 4 and 1.
  const board = new NumberedBoard(function* () {
    t.is(identifier(6, (buf) => luid_netdev_get_eui48(DEVICE, buf)), 'de 43 d3 4b 13 f5');
    t.is(identifier(8, (buf) => luid_netdev_get_eui64(DEVICE, buf)), 'de 43 d3 4b 17 f4 fd 1f');
  }, { modules: ['netdev_register'] });
  t.is(board.run().printed, '');
});

test('identifiers repeat after 256 calls, and a new boot starts anew', (t) => {
  // The counter has 8 bits and is in the RAM of the board.
  const first = (): string[] => {
    const seen: string[] = [];
    t.is(runMain(function* () {
      for (let i = 0; i < 257; i++) seen.push(identifier(2, luid_get_short));
    }), '');
    return seen;
  };
  const seen = first();
  t.is(new Set(seen.slice(0, 256)).size, 256);
  t.is(seen[256], seen[0]);
  t.deepEqual(first(), seen);
});

test('an identifier without a byte, or longer than its buffer, is undefined on RIOT: said so', (t) => {
  // On RIOT a division by zero and a write past the end.
  t.is(runMain(function* () {
    luid_base(new Uint8Array(2), 0);
    luid_base(new Uint8Array(2), 3);
  }), 'undefined on RIOT: an identifier of 0 bytes in a buffer of 2\n' +
    'undefined on RIOT: an identifier of 3 bytes in a buffer of 2\n');
});
