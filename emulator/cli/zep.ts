// `riotbed zep`: a dispatcher for RIOT native processes with socket_zep, in place of zep_dispatch. With a scenario its
// boards are on the same air.
import { closeSync, readFileSync, writeSync } from 'node:fs';
import { Air } from '../bridge/air.ts';
import { BoardStations } from '../bridge/boards.ts';
import { type Endpoint, formatEndpoint, isLoopback, parseEndpoint } from '../bridge/endpoint.ts';
import { LiveRun } from '../bridge/live.ts';
import type { FromLive, LiveBoard, LiveEnd, LiveSession } from '../bridge/protocol.ts';
import { type Topology, parseTopology } from '../bridge/topology.ts';
import { ZepDispatcher } from '../bridge/zep.ts';
import { type Prng, stream } from '../sim/prng.ts';
import { ConsoleLines, formatConsoleLine } from '../trace/console.ts';
import { PcapngWriter } from '../trace/pcapng.ts';
import { create, writeRecording } from './files.ts';
import { UsageError } from './usage.ts';

export interface ZepFlags {
  readonly port: string;
  readonly listen?: string;
  readonly topology?: string;
  readonly pcap?: string;
  readonly journal?: string;
  readonly seed: number;
  readonly flood?: boolean;
  readonly allowRemote?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

const BUILT = import.meta.url.endsWith('.js');
const LQI_MAX = 255;
const FAILED = 1;
/** Interface of the capture on which frames of real processes stand. */
const OUTSIDE = 'outside';

/**
 * Dispatches until a signal ends it.
 * @param scenario the file of a scenario whose boards share the air; none without
 * @returns the exit code
 * @throws UsageError for what the user has to mend before it can run
 */
export async function zep(scenario: string | undefined, flags: ZepFlags): Promise<number> {
  if (scenario !== undefined && !BUILT) throw new UsageError('live runs need the built package: npm run build');
  const local = localOf(flags);
  const topology = flags.topology === undefined ? null : readTopology(flags.topology);
  const session = new Session(topology, flags);
  await session.open(local);
  const end = scenario === undefined ? await session.signal : await session.play(scenario);
  session.close();
  return end;
}

function localOf(flags: ZepFlags): Endpoint {
  const local = check(() => {
    const { port } = parseEndpoint('--port', flags.port, { zero: true });
    const host = flags.listen ?? '::1';
    return parseEndpoint('--listen', host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`, { zero: true });
  });
  if (!isLoopback(local) && flags.allowRemote !== true) {
    throw new UsageError(`--listen ${local.address} lets other hosts onto the air; add --allow-remote if you want that`);
  }
  return local;
}

function readTopology(file: string): Topology {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read topology ${file}: ${(error as Error).message}`, { cause: error });
  }
  return check(() => parseTopology(text, file));
}

function check<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** What one call of the command holds. */
class Session {
  /** Resolves with the exit code when a signal ends the command. */
  readonly signal: Promise<number>;
  private readonly flags: ZepFlags;
  private readonly topology: Topology | null;
  private readonly air: Air;
  private readonly started = performance.now();
  private readonly console = new ConsoleLines((line) => this.say(formatConsoleLine(line, 8)));
  private readonly journal: number | null;
  private dispatcher: ZepDispatcher | null = null;
  private boards: BoardStations | null = null;
  private run: LiveRun | null = null;
  private capture: { fd: number; writer: PcapngWriter } | null = null;
  private stopped = false;
  private end: (code: number) => void = () => undefined;
  private frames = 0;
  private failed = false;

  constructor(topology: Topology | null, flags: ZepFlags) {
    this.flags = flags;
    this.topology = topology;
    const streams = new Map<string, Prng>();
    const random = (from: string, to: string): number => {
      const key = `${from}>${to}`;
      let prng = streams.get(key);
      if (prng === undefined) {
        prng = stream(flags.seed, key, 'zep');
        streams.set(key, prng);
      }
      return prng.next32() / 0x1_0000_0000;
    };
    this.air = new Air({ topology, flood: flags.flood === true, random });
    this.journal = flags.journal === undefined ? null : create(flags.journal);
    this.signal = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  async open(local: Endpoint): Promise<void> {
    this.openCapture([]);
    this.dispatcher = await ZepDispatcher.open(local, this.air, {
      placed: (name, eui64, place) => this.placed(name, eui64, place),
      peer: (name, what) => this.say(`${name} ${what === 'joined' ? 'is there' : 'is gone: there are too many'}`),
      frame: (_from, frame, channel) => this.record(OUTSIDE, frame, channel),
    });
    this.say(`the dispatcher listens on ${formatEndpoint(this.dispatcher.endpoint)}`);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.stop());
    process.on('SIGUSR2', () => this.statistics());
  }

  /** Runs a scenario on the air; resolves when it is over. */
  async play(scenario: string): Promise<number> {
    const session: LiveSession = { seed: this.flags.seed, nodes: {}, scenario, air: true };
    this.run = new LiveRun(session, {
      out: (node, text) => this.print(node, text),
      taken: () => undefined,
      other: (message) => this.take(message),
    });
    const end = await this.run.end;
    this.console.flush();
    if (this.journal !== null && 'recording' in end && end.recording !== null) {
      writeRecording(this.journal, { live: session, apps: end.apps, ...end.recording });
    }
    return this.conclude(end);
  }

  close(): undefined {
    this.statistics();
    this.dispatcher?.close();
    if (this.capture === null) return;
    this.capture.writer.end();
    closeSync(this.capture.fd);
  }

  private stop(): undefined {
    if (this.run !== null) this.run.stop(true);
    else if (!this.stopped) this.end(0);
    this.stopped = true;
  }

  private take(message: Exclude<FromLive, LiveEnd | { type: 'out' | 'taken' }>): undefined {
    switch (message.type) {
      case 'boards':
        return this.settle(message.boards);
      case 'air':
        this.boards?.sent(message.node, message.frame, message.channel, LQI_MAX);
        return this.record(message.node, message.frame, message.channel);
      case 'secrets': {
        const { node, time, event } = message;
        return this.capture?.writer.read({ id: 0, cause: 0, time, node, event });
      }
      case 'played':
        this.failed = !message.passed;
        if (!this.failed) return this.say('the scenario has passed; its boards stay on the air until Ctrl-C');
        process.stderr.write(`riotbed: ${message.message}\n`);
        return this.run!.stop(false);
    }
  }

  private settle(boards: readonly LiveBoard[]): undefined {
    this.openCapture(boards);
    try {
      this.boards = new BoardStations(this.air, this.topology, boards, (message) => this.run!.send(message));
    } catch (error) {
      process.stderr.write(`riotbed: ${(error as Error).message}\n`);
      this.failed = true;
      this.run!.stop(false);
    }
  }

  private placed(name: string, eui64: string, place: string | null): undefined {
    if (this.topology === null) return this.say(`${name} is ${eui64}`);
    this.say(place === null ? `${name} (${eui64}) finds no place in the topology: it hears nothing` :
      `${name} (${eui64}) is ${place}`);
  }

  /** Interfaces of a capture are known from its start: with boards it begins when they are there. */
  private openCapture(boards: readonly LiveBoard[]): undefined {
    const { pcap } = this.flags;
    if (pcap === undefined || this.capture !== null && boards.length === 0) return;
    if (this.capture !== null) closeSync(this.capture.fd);
    const fd = create(pcap);
    const nodes = [...boards, { name: OUTSIDE, board: 'native', eui64: '00:00:00:00:00:00:00:00' }];
    this.capture = { fd, writer: new PcapngWriter(nodes, (chunk) => void writeSync(fd, chunk)) };
  }

  private record(node: string, frame: Uint8Array, channel: number): undefined {
    this.frames++;
    if (this.capture === null) return;
    const time = this.elapsed();
    const event = { layer: 'radio', type: 'tx', frame, channel, start: time, end: time } as const;
    this.capture.writer.read({ id: this.frames, cause: 0, time, node, event });
  }

  /** µs. */
  private elapsed(): number {
    return Math.floor((performance.now() - this.started) * 1000);
  }

  private print(node: string, text: string): undefined {
    this.console.read({ id: 0, cause: 0, time: this.elapsed(), node, event: { layer: 'console', type: 'out', text } });
  }

  private statistics(): undefined {
    const { frames, deliveries, lost, unplaced } = this.air.counters;
    const { hellos = 0, garbage = 0 } = this.dispatcher?.counters ?? {};
    this.say(`${this.air.size} stations, ${frames} frames, ${deliveries} handed on, ${lost} lost on links, ` +
      `${unplaced} without place, ${hellos} hellos, ${garbage} datagrams that are no ZEP`);
  }

  private say(line: string): undefined {
    if (this.flags.quiet !== true) process.stdout.write(`${line}\n`);
  }

  private conclude(end: LiveEnd): number {
    if (end.type === 'refused') throw new UsageError(end.message);
    if (end.type === 'failed') {
      const shown = this.flags.debug === true ? end.stack : end.stack.split('\n', 1)[0];
      process.stderr.write(`riotbed: a bug of riotbed: ${shown}\n`);
    }
    if (end.type === 'ended') {
      for (const { node, threads } of end.crashed) {
        process.stderr.write(`riotbed: board ${node} has panicked\n${threads.join('\n')}\n`);
      }
    }
    return this.failed || end.type !== 'ended' || end.crashed.length > 0 ? FAILED : 0;
  }
}
