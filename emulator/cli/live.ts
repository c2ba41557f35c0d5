// A scenario live, in real time: its consoles, the air that it may share with real processes, the ports and devices of
// the host that its boards may use, capture and journal.
import { closeSync, writeSync } from 'node:fs';
import { Air } from '../bridge/air.ts';
import { BoardStations } from '../bridge/boards.ts';
import { type Endpoint, formatEndpoint } from '../bridge/endpoint.ts';
import { HostPorts, type PortRule } from '../bridge/host_ports.ts';
import { LiveRun } from '../bridge/live.ts';
import { HOST, type FromLive, type LiveBoard, type LiveEnd, type LiveSession } from '../bridge/protocol.ts';
import type { Topology } from '../bridge/topology.ts';
import { ZepDispatcher } from '../bridge/zep.ts';
import { type Prng, stream } from '../sim/prng.ts';
import type { QuirkOptions } from '../sim/quirks.ts';
import { ConsoleLines, formatConsoleLine } from '../trace/console.ts';
import { PcapngWriter } from '../trace/pcapng.ts';
import { create, writeRecording } from './files.ts';
import { UsageError } from './usage.ts';

export interface LiveOptions extends QuirkOptions {
  readonly seed: number;
  /** The file of a scenario; null: no boards. */
  readonly scenario: string | null;
  /** Where a dispatcher listens for RIOT native processes; null: none. */
  readonly zep: Endpoint | null;
  readonly topology: Topology | null;
  readonly flood: boolean;
  readonly udp: readonly PortRule[];
  readonly pcap?: string;
  readonly journal?: string;
  readonly quiet: boolean;
  readonly debug: boolean;
}

const BUILT = import.meta.url.endsWith('.js');
const LQI_MAX = 255;
const FAILED = 1;
const USAGE = 2;
const NAME_WIDTH = 8;
/** Interface of the capture on which frames of real processes stand. */
const OUTSIDE = 'outside';

/**
 * Runs until a signal ends it, or until all boards are off.
 * @returns the exit code
 * @throws UsageError for what the user has to mend before it can run
 */
export async function live(options: LiveOptions): Promise<number> {
  if (options.scenario !== null && !BUILT) throw new UsageError('live runs need the built package: npm run build');
  const session = new Session(options);
  try {
    if (options.zep !== null) await session.listen(options.zep);
    return options.scenario === null ? await session.signal : await session.play(options.scenario);
  } finally {
    session.close();
  }
}

class Session {
  /** Resolves with the exit code when a signal ends the command. */
  readonly signal: Promise<number>;
  private readonly options: LiveOptions;
  private readonly air: Air;
  private readonly started = performance.now();
  private readonly console = new ConsoleLines((line) => this.say(formatConsoleLine(line, NAME_WIDTH)));
  private readonly journal: number | null;
  private dispatcher: ZepDispatcher | null = null;
  private boards: BoardStations | null = null;
  private ports: HostPorts | null = null;
  private run: LiveRun | null = null;
  private capture: { fd: number; writer: PcapngWriter } | null = null;
  private stopped = false;
  private end: (code: number) => void = () => undefined;
  private frames = 0;
  private failed = false;
  /** Something that the user has to mend turned up when the boards were there. */
  private refused = false;

  constructor(options: LiveOptions) {
    this.options = options;
    const { topology, flood, seed } = options;
    this.air = new Air({ topology, flood, random: lossStreams(seed) });
    this.journal = options.journal === undefined ? null : create(options.journal);
    this.signal = new Promise((resolve) => {
      this.end = resolve;
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.stop());
    process.on('SIGUSR2', () => this.statistics());
  }

  /** Opens a dispatcher. */
  async listen(local: Endpoint): Promise<void> {
    this.openCapture([]);
    this.dispatcher = await ZepDispatcher.open(local, this.air, {
      placed: (name, eui64, place) => this.placed(name, eui64, place),
      peer: (name, what) => this.say(`${name} ${what === 'joined' ? 'is there' : 'is gone: there are too many'}`),
      frame: (_from, frame, channel) => this.record(OUTSIDE, frame, channel),
    });
    this.say(`the dispatcher listens on ${formatEndpoint(this.dispatcher.endpoint)}`);
  }

  /** Runs a scenario on the air; resolves when it is over. */
  async play(scenario: string): Promise<number> {
    const { seed, profile, quirks, strict, udp } = this.options;
    const session: LiveSession = {
      seed, nodes: {}, scenario, outside: true, host: udp.length > 0,
      ...(profile === undefined ? {} : { profile }), ...(quirks === undefined ? {} : { quirks }),
      ...(strict === undefined ? {} : { strict }),
    };
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
    if (this.dispatcher !== null) this.statistics();
    this.dispatcher?.close();
    this.ports?.close();
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
        void this.settle(message.boards);
        return;
      case 'air':
        this.boards?.sent(message.node, message.frame, message.channel, LQI_MAX);
        return this.record(message.node, message.frame, message.channel);
      case 'datagram':
        return this.ports?.answer(message.client, message.payload);
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

  private async settle(boards: readonly LiveBoard[]): Promise<void> {
    this.openCapture(boards);
    const send = this.run!.send.bind(this.run);
    try {
      // The node that stands for programs is a board among boards, and on nobody else's air.
      const own = boards.filter(({ name }) => name !== HOST);
      this.boards = new BoardStations(this.air, this.options.topology, own, send);
      const ports = await HostPorts.open(this.options.udp, boards, send);
      if (this.stopped) ports.close();
      else this.ports = ports;
    } catch (error) {
      process.stderr.write(`riotbed: ${(error as Error).message}\n`);
      this.refused = true;
      this.run!.stop(false);
    }
  }

  private placed(name: string, eui64: string, place: string | null): undefined {
    if (this.options.topology === null) return this.say(`${name} is ${eui64}`);
    this.say(place === null ? `${name} (${eui64}) finds no place in the topology: it hears nothing` :
      `${name} (${eui64}) is ${place}`);
  }

  /** Interfaces of a capture are known from its start: with boards it begins when they are there. */
  private openCapture(boards: readonly LiveBoard[]): undefined {
    const { pcap } = this.options;
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
    if (!this.options.quiet) process.stdout.write(`${line}\n`);
  }

  private conclude(end: LiveEnd): number {
    if (end.type === 'refused') throw new UsageError(end.message);
    if (end.type === 'failed') {
      const shown = this.options.debug ? end.stack : end.stack.split('\n', 1)[0];
      process.stderr.write(`riotbed: a bug of riotbed: ${shown}\n`);
    }
    if (end.type === 'ended') {
      for (const { node, threads } of end.crashed) {
        process.stderr.write(`riotbed: board ${node} has panicked\n${threads.join('\n')}\n`);
      }
    }
    if (this.refused) return USAGE;
    return this.failed || end.type !== 'ended' || end.crashed.length > 0 ? FAILED : 0;
  }
}

/** One stream of random numbers for each direction of each link. */
function lossStreams(seed: number): (from: string, to: string) => number {
  const streams = new Map<string, Prng>();
  return (from, to) => {
    const key = `${from}>${to}`;
    let random = streams.get(key);
    if (random === undefined) {
      random = stream(seed, key, 'zep');
      streams.set(key, random);
    }
    return random.next32() / 0x1_0000_0000;
  };
}
