// Small apps and helpers for the tests of the simulation.
import { native } from '../../../boards/native.ts';
import type { NodeOptions } from '../../../emulator/sim/node.ts';
import { Simulation } from '../../../emulator/sim/simulation.ts';
import type { TraceRecord } from '../../../emulator/trace/event.ts';
import type { App } from '../../../kernel/app.ts';
import type { Blocking } from '../../../kernel/blocking.ts';
import { random_uint32 } from '../../../kernel/random.ts';
import { shell_run } from '../../../kernel/shell.ts';
import { puts } from '../../../kernel/stdio.ts';
import { ZTIMER_USEC, ztimer_now, ztimer_sleep } from '../../../kernel/ztimer.ts';

export function app(main: () => Blocking<number>, more: Partial<App> = {}): App {
  return { name: 'test', modules: [], main, ...more };
}

/** Ends at once. */
export const quiet = app(function* () {
  return 0;
});

/** Prints a random number and its own time every 10 ms. */
export const ticker = app(function* () {
  while (true) {
    puts(`tick ${random_uint32()} at ${ztimer_now(ZTIMER_USEC)}`);
    yield* ztimer_sleep(ZTIMER_USEC, 10_000);
  }
});

/** A shell with two commands: `echo` prints its argument, `busy` sleeps one second. */
export const shellApp = app(function* () {
  yield* shell_run([
    { name: 'echo', desc: 'prints its argument', handler: function* (_argc: number, argv: readonly string[]) {
      puts(argv[1]);
      return 0;
    } },
    { name: 'busy', desc: 'sleeps for a second', handler: function* () {
      yield* ztimer_sleep(ZTIMER_USEC, 1_000_000);
      return 0;
    } },
  ], new Uint8Array(128), 128);
  return 0;
});

/** A simulation of native boards, one for each app, all with their power on at 0 unless `more` says otherwise. */
export function simulate(apps: Record<string, App>, seed = 1, more: Partial<NodeOptions> = { bootAt: 0 }): Simulation {
  const nodes: Record<string, NodeOptions> = {};
  for (const [name, its] of Object.entries(apps)) nodes[name] = { board: native, app: its, ...more };
  return new Simulation({ seed, nodes });
}

/** Everything that happens from now on. */
export function collect(simulation: Simulation): TraceRecord[] {
  const records: TraceRecord[] = [];
  simulation.trace.subscribe((record) => {
    records.push(record);
    return undefined;
  });
  return records;
}
