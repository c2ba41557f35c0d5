// What the commands that run something show of it: consoles, ladder, energy, summary, capture.
import { closeSync, writeSync } from 'node:fs';
import pc from 'picocolors';
import type { Recording, Simulation } from '../sim/index.ts';
import { ConsoleLines, formatConsoleLine } from '../trace/console.ts';
import { Energy } from '../trace/energy.ts';
import type { TraceReader } from '../trace/event.ts';
import type { TraceNode } from '../trace/labels.ts';
import { Ladder } from '../trace/ladder.ts';
import { PcapngWriter } from '../trace/pcapng.ts';
import { Summary } from '../trace/summary.ts';
import { create } from './files.ts';
import { wrap } from './wrap.ts';

/** Colours, on a terminal only. */
export const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
const NODE_COLOURS = [colours.cyan, colours.yellow, colours.green, colours.magenta, colours.blue];

export interface ViewFlags {
  readonly pcap?: string;
  readonly ladder?: boolean;
  readonly energy?: boolean;
  readonly quiet?: boolean;
}

/** All that is shown of a run. */
export class Views {
  private readonly flags: ViewFlags;
  private readonly summary = new Summary();
  private console: ConsoleLines | null = null;
  private ladder: Ladder | null = null;
  private energy: Energy | null = null;
  private capture: { writer: PcapngWriter; fd: number } | null = null;

  constructor(flags: ViewFlags) {
    this.flags = flags;
  }

  readers(nodes: readonly TraceNode[]): TraceReader[] {
    const readers: TraceReader[] = [];
    if (this.flags.quiet !== true) {
      this.console = consoleView(nodes);
      readers.push(this.console.read, this.summary.read);
    }
    if (this.flags.ladder === true) {
      this.ladder = new Ladder(nodes);
      readers.push(this.ladder.read);
    }
    if (this.flags.energy === true) {
      this.energy = new Energy();
      readers.push(this.energy.read);
    }
    if (this.flags.pcap !== undefined) {
      const fd = create(this.flags.pcap, true);
      this.capture = { fd, writer: new PcapngWriter(nodes, (chunk) => void writeSync(fd, chunk)) };
      readers.push(this.capture.writer.read);
    }
    return readers;
  }

  /** Shows what there is to show at the end. */
  finish({ simulation, recording }: { simulation: Simulation; recording: Recording }): undefined {
    this.console?.flush();
    const width = process.stdout.isTTY === true ? process.stdout.columns : 0;
    if (this.flags.quiet !== true && this.ladder !== null) print(`\n${this.ladder.text({ width })}`.trimEnd());
    if (this.flags.quiet !== true && this.energy !== null) {
      print(`\n${this.energy.text(simulation.nodes, simulation.now)}`);
    }
    if (this.flags.quiet !== true) {
      const { now: time, seed, nodes: { length: nodes } } = simulation;
      const facts = { time, nodes, seed, digest: recording.digest };
      print(`\n${wrap(this.summary.text(facts), width === 0 ? 100 : width)}\n`);
    }
    if (this.capture === null) return;
    this.capture.writer.end();
    closeSync(this.capture.fd);
    if (this.flags.quiet !== true) print(`capture: ${this.flags.pcap} (Wireshark decrypts it: it holds the secrets)`);
  }
}

function consoleView(nodes: readonly TraceNode[]): ConsoleLines {
  const width = Math.max(...nodes.map(({ name }) => name.length));
  const colour = new Map(nodes.map(({ name }, i) => [name, NODE_COLOURS[i % NODE_COLOURS.length]!]));
  return new ConsoleLines((line) => {
    const text = formatConsoleLine(line, width);
    const bar = text.indexOf('|');
    print(colour.get(line.node)!(text.slice(0, bar + 1)) + text.slice(bar + 1));
  });
}

export function print(line: string): undefined {
  process.stdout.write(`${line}\n`);
}
