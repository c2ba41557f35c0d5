// The worker of a live run: the simulation alone, on a thread of its own. It never returns to its event loop while it
// runs, so it sleeps and takes messages through shared memory.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { App } from '../../kernel/app.ts';
import { isAppPath, nodeOptions, playScenario, simulationOptions } from '../scenario/run.ts';
import { type NodeOptions, Simulation } from '../sim/index.ts';
import { LiveDriver, type LiveHost } from './driver.ts';
import { BELL, type FromLive, type LiveSession, type LiveWorkerData, type ToLive, WRITTEN } from './protocol.ts';

/** Output that may be under way to the main thread, characters; beyond it the run waits. */
const UNWRITTEN_MAX = 1_048_576;

class WorkerHost implements LiveHost {
  private readonly port: MessagePort;
  private readonly counters: Int32Array;
  /** Messages taken, as far as 32 bits count. */
  private taken = 0;
  private sent = 0;

  constructor(port: MessagePort, counters: Int32Array) {
    this.port = port;
    this.counters = counters;
  }

  now(): number {
    return Math.floor(performance.now() * 1000);
  }

  receive(): ToLive | undefined {
    if (Atomics.load(this.counters, BELL) === this.taken) return undefined;
    const received = receiveMessageOnPort(this.port) as { message: ToLive } | undefined;
    if (received === undefined) return undefined;
    this.taken = (this.taken + 1) | 0;
    return received.message;
  }

  sleep(us: number): undefined {
    Atomics.wait(this.counters, BELL, this.taken, us / 1000);
  }

  send(message: FromLive): undefined {
    this.port.postMessage(message);
    if (message.type !== 'out') return;
    this.sent = (this.sent + message.text.length) | 0;
    let written = Atomics.load(this.counters, WRITTEN);
    while (((this.sent - written) | 0) > UNWRITTEN_MAX) {
      Atomics.wait(this.counters, WRITTEN, written);
      written = Atomics.load(this.counters, WRITTEN);
    }
  }
}

async function run({ session, counters }: LiveWorkerData, port: MessagePort): Promise<undefined> {
  const host = new WorkerHost(port, counters);
  let made: Made | null = null;
  try {
    made = await make(session);
  } catch (error) {
    if (!isUsage(error)) throw error;
    return host.send({ type: 'refused', message: error.message });
  }
  const { simulation, apps } = made;
  const boards = simulation.identity().nodes.map(({ name, board, eui64 }) =>
    ({ name, board, eui64, linkLocal: simulation.node(name).linkLocal }));
  host.send({ type: 'boards', boards });
  const driver = new LiveDriver(simulation, host, session.air === true);
  try {
    if (made.play !== null) host.send({ type: 'played', ...made.play() });
    driver.run();
  } catch (error) {
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    return host.send({ type: 'failed', stack, recording: simulation.recording(), apps });
  }
  host.send({ type: 'ended', crashed: driver.crashes(), recording: simulation.recording(), apps });
}

/** What a session comes to. */
interface Made {
  readonly simulation: Simulation;
  /** Identity of apps and scenario that are files. */
  readonly apps: string | null;
  /** Plays the scenario; null without one. */
  readonly play: (() => { passed: boolean; message: string }) | null;
}

async function make(session: LiveSession): Promise<Made> {
  if (session.scenario !== undefined) return await makeScenario(session, session.scenario);
  const loaded = await loadPaths(session);
  const simulation = new Simulation({ ...session, nodes: nodesOf(session, loaded.apps) });
  return { simulation, apps: loaded.identity, play: null };
}

async function makeScenario(session: LiveSession, file: string): Promise<Made> {
  const { loadScenario } = await import('../cli/load.ts');
  const { scenario, apps, appFolder, identity } = await loadScenario(file);
  const { seed, profile, quirks } = session;
  const options = {
    seed, apps, appFolder, ...(profile === undefined ? {} : { profile }), ...(quirks === undefined ? {} : { quirks }),
  };
  const simulation = new Simulation(simulationOptions(scenario, options));
  const play = (): { passed: boolean; message: string } => {
    const { passed, error } = playScenario(scenario, simulation, options);
    return { passed, message: passed ? '' : error instanceof Error ? error.message : String(error) };
  };
  return { simulation, apps: identity, play };
}

/** Apps that are files; the loader is not needed for others, and takes its time. */
async function loadPaths({ nodes }: LiveSession): Promise<{ apps: ReadonlyMap<string, App>; identity: string | null }> {
  const paths = new Set(Object.values(nodes).map(({ app }) => app).filter(isAppPath));
  if (paths.size === 0) return { apps: new Map(), identity: null };
  const { loadApps } = await import('../cli/load.ts');
  return await loadApps(paths);
}

function nodesOf({ nodes }: LiveSession, apps: ReadonlyMap<string, App>): Record<string, NodeOptions> {
  return Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, nodeOptions(node, { apps })]));
}

function isUsage(error: unknown): error is Error {
  return error instanceof RangeError || error instanceof TypeError ||
    (error instanceof Error && error.name === 'UsageError');
}

if (parentPort !== null) await run(workerData as LiveWorkerData, parentPort);
