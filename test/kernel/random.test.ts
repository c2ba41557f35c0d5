// kernel/random.ts.
import test from 'ava';
import {
  random_bytes, random_init, random_real, random_real_exclusive, random_real_inclusive, random_res53, random_uint32,
} from '../../kernel/random.ts';
import { runMain } from './harness.ts';

test('after random_init() the numbers are those of RIOT\'s default generator', (t) => {
  // What RIOT's sys/random/musl_lcg.c (c8bd52ff13), compiled with gcc, answers for these seeds.
  const sequences: readonly [number, readonly number[]][] = [
    [1, [0, 1481765933, 3232861391, 3417699910, 3338875177]],
    [0, [4098067199, 4051831156, 2815577165, 1658550643, 3018907468]],
    [42, [622861121, 262235679, 2221306076, 185885880, 2843665697]],
    [0xffffffff, [2616301266, 2300735698, 2630738646, 1737375376, 1250145650]],
  ];
  runMain(function* () {
    for (const [seed, numbers] of sequences) {
      random_init(seed);
      t.deepEqual(numbers.map(random_uint32), numbers);
    }
    random_init(42);
    const bytes = new Uint8Array(5);
    random_bytes(bytes, 5);
    t.deepEqual([...bytes], [0x41, 0x1b, 0x20, 0x25, 262235679 & 0xff]);
  });
});

test('without random_init() the numbers are the simulation\'s: the seed of the board decides', (t) => {
  // Two boards of one seed draw the same, one of another seed does not.
  const draw = (seed: number): number[] => {
    const numbers: number[] = [];
    runMain(function* () {
      for (let i = 0; i < 4; i++) numbers.push(random_uint32());
    }, { seed });
    return numbers;
  };
  t.deepEqual(draw(5), draw(5));
  t.notDeepEqual(draw(5), draw(6));
});

test('a board that seeds itself leaves the numbers of another board alone', (t) => {
  // Both have the same seed of the simulation; only one calls random_init().
  const first: number[] = [];
  runMain(function* () {
    first.push(random_uint32());
    random_init(1);
    t.is(random_uint32(), 0);
  });
  runMain(function* () {
    t.is(random_uint32(), first[0]);
  });
});

test('random fractions: each is its formula of the draws, and 0 and 1 are reached only where they may be', (t) => {
  // The first draw of seed 1 is 0, the next ones are known. RIOT's random_res53() goes up to 32.
  runMain(function* () {
    random_init(1);
    t.is(random_real(), 0);
    t.is(random_real(), 1481765933 / 2 ** 32);
    random_init(1);
    t.is(random_real_inclusive(), 0);
    t.true(Math.abs(random_real_inclusive() - 1481765933 / (2 ** 32 - 1)) < 2 ** -50);
    random_init(1);
    t.is(random_real_exclusive(), 2 ** -33);
    random_init(42);
    t.is(random_res53(), 622861121 / 2 ** 27 + 262235679 / 2 ** 59);
  });
});
