// What luid.h makes of a node's CPU number in a simulation.
import test from 'ava';
import { boards, findBoard } from '../../../boards/index.ts';
import { cpuidOf } from '../../../emulator/sim/cpuid.ts';
import { print_bytes_hex } from '../../../kernel/fmt.ts';
import { luid_base } from '../../../kernel/luid.ts';
import { pm_reboot } from '../../../kernel/periph/pm.ts';
import { puts } from '../../../kernel/stdio.ts';
import { ZTIMER_MSEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { app, simulate } from './apps.ts';

/** Prints its identifier, sleeps a second, and boots anew. */
const printer = app(function* () {
  const id = new Uint8Array(8);
  luid_base(id, id.length);
  print_bytes_hex(id, id.length);
  puts('');
  yield* ztimer_sleep(ZTIMER_MSEC, 1000);
  return pm_reboot();
});

/** The identifiers that two nodes print in three boots. */
function identifiers(seed: number): { a: string[]; b: string[] } {
  const sim = simulate({ a: printer, b: printer }, seed);
  sim.runFor(2_500_000);
  const of = (name: string): string[] => sim.node(name).console.match(/^[0-9A-F]{16}$/gm) ?? [];
  return { a: of('a'), b: of('b') };
}

test('a node\'s identifier is its own, stays over reboots, and comes with the seed', (t) => {
  // Three boots of two nodes, run twice with one seed and once with another.
  const first = identifiers(1);
  t.is(first.a.length, 3);
  t.is(first.b.length, 3);
  t.is(new Set(first.a).size, 1);
  t.is(new Set(first.b).size, 1);
  t.not(first.a[0], first.b[0]);
  t.deepEqual(identifiers(1), first);
  t.not(identifiers(2).a[0], first.a[0]);
});

test('every board has a CPU number of RIOT\'s length', (t) => {
  // CPUID_LEN of the five CPUs; a CPU that is not known has none.
  const lengths = Object.keys(boards).map((name) => [name, cpuidOf(1, 'n', findBoard(name).cpu).length]);
  t.deepEqual(Object.fromEntries(lengths), {
    native: 4, 'samr21-xpro': 16, 'iotlab-m3': 12, nrf52840dk: 8, nrf52840dongle: 8, 'openmote-b': 8,
  });
  t.is(cpuidOf(1, 'n', 'z80').length, 0);
});
