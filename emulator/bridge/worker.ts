// The worker of a live run: the simulation alone, on a thread of its own. It never returns to its event loop while it
// runs, so it sleeps and takes messages through shared memory.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { playScenario } from '../scenario/run.ts';
import { Simulation } from '../sim/index.ts';
import { LiveDriver, type LiveHost } from './driver.ts';
import { BELL, type FromLive, type LiveBoard, type LiveWorkerData, type ToLive, WRITTEN } from './protocol.ts';
import { type Session, loadSession } from './session.ts';

type Played = Pick<Extract<FromLive, { type: 'played' }>, 'passed' | 'message'>;

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
  let loaded: Session | null = null;
  let simulation: Simulation | null = null;
  try {
    loaded = await loadSession(session);
    simulation = new Simulation(loaded.options);
  } catch (error) {
    if (!isUsage(error)) throw error;
    return host.send({ type: 'refused', message: error.message });
  }
  const apps = loaded.identity;
  host.send({ type: 'boards', boards: boardsOf(simulation) });
  const driver = new LiveDriver(simulation, host, session.outside === true);
  try {
    if (loaded.scenario !== null) host.send({ type: 'played', ...play(loaded.scenario, simulation) });
    driver.run();
  } catch (error) {
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    return host.send({ type: 'failed', stack, recording: simulation.recording(), apps });
  }
  host.send({ type: 'ended', crashed: driver.crashes(), recording: simulation.recording(), apps });
}

function boardsOf(simulation: Simulation): LiveBoard[] {
  return simulation.identity().nodes.map(({ name, board, eui64 }) =>
    ({ name, board, eui64, linkLocal: simulation.node(name).linkLocal }));
}

function play({ loaded, options }: NonNullable<Session['scenario']>, simulation: Simulation): Played {
  const { passed, error } = playScenario(loaded.scenario, simulation, options);
  return { passed, message: passed ? '' : error instanceof Error ? error.message : String(error) };
}

function isUsage(error: unknown): error is Error {
  return error instanceof RangeError || error instanceof TypeError ||
    (error instanceof Error && error.name === 'UsageError');
}

if (parentPort !== null) await run(workerData as LiveWorkerData, parentPort);
