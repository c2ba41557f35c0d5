// Many boards in one process: how long they take to boot until all are idle, what each holds then, and how fast a frame
// reaches all that hear it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { apps } from '../../apps/index.ts';
import { native } from '../../boards/native.ts';
import { samr21Xpro } from '../../boards/samr21-xpro.ts';
import type { NodeOptions } from '../../emulator/sim/node.ts';
import { Simulation } from '../../emulator/sim/simulation.ts';

/** A kind of board, of which there will be many. */
interface Kind {
  readonly name: string;
  /** How many, when not as many as of the others. */
  readonly count?: number;
  readonly options: NodeOptions;
}

/** All hear each other, so that only those that never send can be ten thousand at once. */
export const KINDS: readonly Kind[] = [
  { name: 'kernel and shell (app default)', options: { board: native, app: apps.default } },
  { name: 'with network stack and DTLS (app dtls_sock), silent',
    options: { board: native, app: apps.dtls_sock, config: { CONFIG_GNRC_IPV6_NIB_NO_RTR_SOL: 1 } } },
  { name: '1,000 samr21-xpro with app dtls_sock, silent', count: 1000,
    options: { board: samr21Xpro, app: apps.dtls_sock, config: { CONFIG_GNRC_IPV6_NIB_NO_RTR_SOL: 1 } } },
];

/** Virtual time by which boards that need not hear from anybody are idle, µs. */
const IDLE_LIMIT = 60_000_000;

/** Boards of one kind, not booted yet. */
function many(options: NodeOptions, count: number): Simulation {
  const nodes: Record<string, NodeOptions> = {};
  for (let i = 0; i < count; i++) nodes[`n${i}`] = options;
  return new Simulation({ seed: 1, nodes });
}

export interface Scale {
  /** From nothing until all boards are idle. */
  readonly seconds: number;
  /** What each holds then: JavaScript heap and array buffers. */
  readonly bytesEach: number;
}

export function scale({ options }: Kind, count: number): Scale {
  many(options, 10).runUntilSettled();
  const before = held();
  const start = process.hrtime.bigint();
  const sim = many(options, count);
  sim.runUntilSettled();
  // Boards that need time for their work have each been idle once, but some of them have more to do.
  while (sim.nodes.some((node) => !node.idle)) {
    if (sim.now > IDLE_LIMIT) throw new Error('a board is not idle');
    sim.runFor(10_000);
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const bytesEach = (held() - before) / count;
  // Looking at the boards here keeps them from being collected before.
  if (sim.nodes.length !== count) throw new Error('a board is missing');
  return { seconds, bytesEach };
}

/** Bytes in use after a full collection. */
function held(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => undefined;
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Boards that all hear each other's router solicitations while they boot. */
function talkative(count: number): Simulation {
  return many({ board: native, app: apps.dtls_sock }, count);
}

/** How many frames `broadcasts()` has its boards receive. */
export function receptions(count: number): number {
  const sim = talkative(count);
  let received = 0;
  sim.trace.subscribe(({ event }) => {
    if (event.type === 'rx') received++;
    return undefined;
  });
  sim.runUntilSettled();
  return received;
}

/** Boots `count` boards that all hear each other. Returns the number of steps. */
export function broadcasts(count: number): number {
  const sim = talkative(count);
  sim.runUntilSettled();
  return sim.sequence;
}
