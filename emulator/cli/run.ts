// `riotbed run`: loads a scenario, plays it, shows it.
import { closeSync, writeSync } from 'node:fs';
import pc from 'picocolors';
import { ScenarioError } from '../scenario/error.ts';
import { playScenario, type ScenarioRun, simulationOptions } from '../scenario/run.ts';
import { Simulation } from '../sim/index.ts';
import type { QuirkOptions } from '../sim/quirks.ts';
import { ConsoleLines, formatConsoleLine } from '../trace/console.ts';
import { Energy } from '../trace/energy.ts';
import type { TraceReader } from '../trace/event.ts';
import type { TraceNode } from '../trace/labels.ts';
import { Ladder } from '../trace/ladder.ts';
import { PcapngWriter } from '../trace/pcapng.ts';
import { Summary } from '../trace/summary.ts';
import { create, writeRecording } from './files.ts';
import { type LoadedScenario, loadScenario, placeIn } from './load.ts';
import { quirkOptions } from './quirks.ts';
import { UsageError } from './usage.ts';
import { wrap } from './wrap.ts';

export interface RunFlags {
  readonly seed: number;
  readonly pcap?: string;
  readonly ladder?: boolean;
  readonly energy?: boolean;
  readonly set?: Readonly<Record<string, number>>;
  readonly profile?: string;
  readonly quirk?: Readonly<Record<string, boolean>>;
  readonly journal?: string;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** Colours, on a terminal only. */
const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
const NODE_COLOURS = [colours.cyan, colours.yellow, colours.green, colours.magenta, colours.blue];

/**
 * Runs a scenario file.
 * @returns the exit code: 0 passed, 1 failed
 * @throws UsageError for what the user has to mend before it can run
 */
export async function run(file: string, flags: RunFlags): Promise<number> {
  const wanted = quirkOptions(flags);
  const loaded = await loadScenario(file);
  const started = process.hrtime.bigint();
  const views = new Views(flags);
  const result = play(file, { flags, wanted }, loaded, views);
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  views.finish(result);
  if (flags.journal !== undefined) {
    writeRecording(create(flags.journal), { scenario: loaded.identity, ...result.recording });
  }
  if (!result.passed) explain(file, flags, result.error);
  const { seed, now } = result.simulation;
  const verdict = result.passed ? colours.green('passed') : colours.red('failed');
  print(`${verdict}: ${file}, seed ${seed}, ${(now / 1e6).toFixed(6)} s of virtual time in ${wall.toFixed(3)} s`);
  return result.passed ? 0 : 1;
}

interface Wanted {
  readonly flags: RunFlags;
  readonly wanted: QuirkOptions;
}

function play(file: string, { flags, wanted }: Wanted, loaded: LoadedScenario, views: Views): ScenarioRun {
  const { scenario, apps, appFolder } = loaded;
  const readers = (nodes: readonly TraceNode[]) => views.readers(nodes);
  const set = flags.set ?? {};
  const options = { seed: flags.seed, apps, appFolder, readers, set, ...wanted };
  let simulation;
  try {
    simulation = new Simulation(simulationOptions(scenario, options));
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(`scenario ${file}: ${error.message}`, { cause: error });
  }
  return playScenario(scenario, simulation, options);
}

/** All that is shown of a run. */
class Views {
  private readonly flags: RunFlags;
  private readonly summary = new Summary();
  private console: ConsoleLines | null = null;
  private ladder: Ladder | null = null;
  private energy: Energy | null = null;
  private capture: { writer: PcapngWriter; fd: number } | null = null;

  constructor(flags: RunFlags) {
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
      const fd = create(this.flags.pcap);
      this.capture = { fd, writer: new PcapngWriter(nodes, (chunk) => void writeSync(fd, chunk)) };
      readers.push(this.capture.writer.read);
    }
    return readers;
  }

  /** Shows what there is to show at the end. */
  finish({ simulation, recording }: ScenarioRun): undefined {
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

/** Why a scenario failed, on stderr, and the line that fails again. */
function explain(file: string, flags: RunFlags, error: unknown): undefined {
  const place = error instanceof Error ? placeIn(error, file) : null;
  const at = place === null ? '' : ` (${place})`;
  const [first = '', ...details] = (error instanceof Error ? error.message : String(error)).split('\n');
  const kind = error instanceof ScenarioError ? '' : error instanceof Error ? `${error.name}: ` : 'thrown: ';
  const lines = [`riotbed: ${kind}${first}${at}`, ...details, replayLine(file, flags)];
  if (flags.debug === true && error instanceof Error) lines.push(error.stack ?? '');
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** The command that runs the same again. */
function replayLine(file: string, { seed, profile, quirk, set }: RunFlags): string {
  const words = ['replay: riotbed run', file, '--seed', seed];
  for (const [name, value] of Object.entries(set ?? {})) words.push('--set', `${name}=${value}`);
  if (profile !== undefined) words.push('--profile', profile);
  for (const [id, on] of Object.entries(quirk ?? {})) words.push('--quirk', `${id}=${on ? 'on' : 'off'}`);
  return words.join(' ');
}

function print(line: string): undefined {
  process.stdout.write(`${line}\n`);
}
