// `riotbed run`: loads a scenario, plays it, shows it.
import { ScenarioError } from '../scenario/error.ts';
import { playScenario, type ScenarioRun, simulationOptions } from '../scenario/run.ts';
import { Simulation } from '../sim/index.ts';
import type { QuirkOptions } from '../sim/quirks.ts';
import type { TraceNode } from '../trace/labels.ts';
import { create, writeRecording } from './files.ts';
import { type LoadedScenario, loadScenario, placeIn } from './load.ts';
import { quirkOptions } from './quirks.ts';
import { UsageError } from './usage.ts';
import { Views, colours, print } from './views.ts';
import { portRules } from './ports.ts';

export interface RunFlags {
  readonly seed: number;
  readonly pcap?: string;
  readonly ladder?: boolean;
  readonly energy?: boolean;
  readonly set?: Readonly<Record<string, number>>;
  readonly profile?: string;
  readonly quirk?: Readonly<Record<string, boolean>>;
  readonly strict?: boolean;
  readonly journal?: string;
  readonly live?: boolean;
  readonly udp?: readonly string[];
  readonly allowRemote?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** What the recording of a scenario is replayed from. */
export interface RecordedRun extends QuirkOptions {
  readonly file: string;
  /** SHA-256 of scenario and apps. */
  readonly identity: string;
  readonly set: Readonly<Record<string, number>>;
}

/**
 * Runs a scenario file.
 * @returns the exit code: 0 passed, 1 failed
 * @throws UsageError for what the user has to mend before it can run
 */
export async function run(file: string, flags: RunFlags): Promise<number> {
  const wanted = quirkOptions(flags);
  if (flags.live === true) return await runLive(file, flags, wanted);
  if (flags.udp !== undefined) throw new UsageError('--udp needs --live: programs of this host run in real time');
  const loaded = await loadScenario(file);
  const started = process.hrtime.bigint();
  const views = new Views(flags);
  const result = play(file, { flags, wanted }, loaded, views);
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  views.finish(result);
  if (flags.journal !== undefined) {
    const { set = {} } = flags;
    const run: RecordedRun = { file, identity: loaded.identity, set, ...wanted };
    writeRecording(create(flags.journal), { run, ...result.recording });
  }
  if (!result.passed) explain(file, flags, result.error);
  const { seed, now } = result.simulation;
  const verdict = result.passed ? colours.green('passed') : colours.red('failed');
  print(`${verdict}: ${file}, seed ${seed}, ${(now / 1e6).toFixed(6)} s of virtual time in ${wall.toFixed(3)} s`);
  return result.passed ? 0 : 1;
}

/** In real time, with programs of this host as a part of it. */
async function runLive(file: string, flags: RunFlags, wanted: QuirkOptions): Promise<number> {
  const [odd] = (['ladder', 'energy', 'set'] as const).filter((name) => flags[name] !== undefined);
  if (odd !== undefined) throw new UsageError(`--${odd} is not for --live: write a --journal and replay it`);
  const { live } = await import('./live.ts');
  const { pcap, journal } = flags;
  return await live({
    seed: flags.seed, scenario: file, zep: null, topology: null, flood: false,
    udp: portRules(flags.udp, flags.allowRemote === true), quiet: flags.quiet === true, debug: flags.debug === true,
    ...(pcap === undefined ? {} : { pcap }), ...(journal === undefined ? {} : { journal }), ...wanted,
  });
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
function replayLine(file: string, { seed, profile, quirk, strict, set }: RunFlags): string {
  const words = ['replay: riotbed run', file, '--seed', seed];
  for (const [name, value] of Object.entries(set ?? {})) words.push('--set', `${name}=${value}`);
  if (profile !== undefined) words.push('--profile', profile);
  for (const [id, on] of Object.entries(quirk ?? {})) words.push('--quirk', `${id}=${on ? 'on' : 'off'}`);
  if (strict === true) words.push('--strict');
  return words.join(' ');
}
