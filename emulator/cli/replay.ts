// `riotbed replay`: runs a recording again, offline and as fast as it can, and shows it as `riotbed run` does.
import { readFileSync } from 'node:fs';
import { loadSession } from '../bridge/session.ts';
import type { LiveSession } from '../bridge/protocol.ts';
import { simulationOptions } from '../scenario/run.ts';
import { type Recording, Replay, ReplayMismatch, type SimulationOptions } from '../sim/index.ts';
import { loadScenario } from './load.ts';
import type { RecordedRun } from './run.ts';
import { UsageError } from './usage.ts';
import { type ViewFlags, Views, colours, print } from './views.ts';

export interface ReplayFlags extends ViewFlags {
  readonly debug?: boolean;
}

/** Not deterministic, or not the same program any more. */
const MISMATCH = 4;

/** A recording as the commands write it: what was live, or what a scenario played. */
type RecordingFile = Recording & (
  | { readonly live: LiveSession; readonly apps: string | null; readonly run?: never }
  | { readonly run: RecordedRun; readonly live?: never });

/**
 * Runs a recording again.
 * @returns the exit code: 0 the digest is the recorded one, 4 it is not
 * @throws UsageError for a file that is no recording, or whose scenario or apps are not there or have changed
 */
export async function replay(file: string, flags: ReplayFlags): Promise<number> {
  const recording = read(file);
  const options = await optionsOf(file, recording);
  const views = new Views(flags);
  const started = process.hrtime.bigint();
  let again: Replay | null = null;
  try {
    again = new Replay(recording, options);
    for (const reader of views.readers(again.simulation.identity().nodes)) again.simulation.trace.subscribe(reader);
    again.finish();
  } catch (error) {
    if (!(error instanceof ReplayMismatch)) throw error;
    process.stderr.write(`riotbed: ${file}: ${error.message}\n`);
    if (again !== null) views.finish({ simulation: again.simulation, recording: again.simulation.recording() });
    return MISMATCH;
  }
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  const { simulation } = again;
  simulation.tellEnergy();
  views.finish({ simulation, recording });
  print(`${colours.green('same digest')}: ${file}, ${recording.journal.length} host actions, ` +
    `${(simulation.now / 1e6).toFixed(6)} s of virtual time in ${wall.toFixed(3)} s`);
  return 0;
}

function read(file: string): RecordingFile {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
  const found = data as Partial<RecordingFile> | null;
  const right = typeof found === 'object' && found !== null && Array.isArray(found.journal) &&
    typeof found.identity === 'object' && typeof found.digest === 'string' && typeof found.end === 'object' &&
    (found.live !== undefined || found.run !== undefined);
  if (!right) throw new UsageError(`${file} is no recording; riotbed run, node and zep write them with --journal`);
  return found as RecordingFile;
}

async function optionsOf(file: string, recording: RecordingFile): Promise<SimulationOptions> {
  if (recording.live !== undefined) {
    const { options, identity } = await loadSession(recording.live);
    sameFiles(file, recording.apps, identity, 'its apps have');
    return options;
  }
  const { file: scenarioFile, identity: recorded, set, profile, quirks, strict } = recording.run;
  const { scenario, apps, appFolder, identity } = await loadScenario(scenarioFile);
  sameFiles(file, recorded, identity, `scenario ${scenarioFile} or its apps have`);
  return simulationOptions(scenario, {
    seed: recording.identity.seed, apps, appFolder, set,
    ...(profile === undefined ? {} : { profile }), ...(quirks === undefined ? {} : { quirks }),
    ...(strict === undefined ? {} : { strict }),
  });
}

function sameFiles(file: string, recorded: string | null, now: string | null, what: string): undefined {
  if (recorded !== now) throw new UsageError(`${file} cannot be replayed: ${what} changed since it was recorded`);
}
