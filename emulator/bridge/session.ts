// What the simulation of a live session is made from: for the worker that runs it, and for its replay.
import { native } from '../../boards/native.ts';
import type { App } from '../../kernel/app.ts';
import type { LoadedScenario } from '../cli/load.ts';
import { isAppPath, nodeOptions, type RunOptions, simulationOptions } from '../scenario/run.ts';
import { hostUdp } from '../sim/host-udp.ts';
import type { NodeOptions, SimulationOptions } from '../sim/index.ts';
import { HOST, type LiveSession } from './protocol.ts';

/** fe80::fe. */
const HOST_EUI64 = Uint8Array.of(0x02, 0, 0, 0, 0, 0, 0, 0xfe);

export interface Session {
  readonly options: SimulationOptions;
  /** SHA-256 of the bundles of scenario and apps that are files; null without any. */
  readonly identity: string | null;
  /** The scenario to play, with its options; null without one. */
  readonly scenario: { readonly loaded: LoadedScenario; readonly options: RunOptions } | null;
}

/**
 * Loads what a session names.
 * @throws TypeError, RangeError, UsageError for what the user has to mend
 */
export async function loadSession(session: LiveSession): Promise<Session> {
  if (session.scenario !== undefined) return await loadScenarioSession(session, session.scenario);
  const { apps, identity } = await loadPaths(session);
  const nodes = Object.entries(session.nodes).map(([name, node]) => [name, nodeOptions(node, { apps })]);
  const options = { ...session, nodes: withHost(session, Object.fromEntries(nodes)) };
  return { options, identity, scenario: null };
}

async function loadScenarioSession(session: LiveSession, file: string): Promise<Session> {
  const { loadScenario } = await import('../cli/load.ts');
  const loaded = await loadScenario(file);
  const { seed, profile, quirks, strict } = session;
  const options = {
    seed, apps: loaded.apps, appFolder: loaded.appFolder,
    ...(profile === undefined ? {} : { profile }), ...(quirks === undefined ? {} : { quirks }),
    ...(strict === undefined ? {} : { strict }),
  };
  const made = simulationOptions(loaded.scenario, options);
  return {
    options: { ...made, nodes: withHost(session, made.nodes) },
    identity: loaded.identity,
    scenario: { loaded, options },
  };
}

/** Apps that are files; the loader is not needed for others, and takes its time. */
async function loadPaths({ nodes }: LiveSession): Promise<{ apps: ReadonlyMap<string, App>; identity: string | null }> {
  const paths = new Set(Object.values(nodes).map(({ app }) => app).filter(isAppPath));
  if (paths.size === 0) return { apps: new Map(), identity: null };
  const { loadApps } = await import('../cli/load.ts');
  return await loadApps(paths);
}

/** Adds the node that stands for programs of the host, if the session has one. */
function withHost(session: LiveSession, nodes: Readonly<Record<string, NodeOptions>>): Record<string, NodeOptions> {
  if (session.host !== true) return { ...nodes };
  if (HOST in nodes) throw new RangeError(`a node is named ${HOST}: that is the name of the node for --udp`);
  return { ...nodes, [HOST]: { board: native, app: hostUdp, eui64: HOST_EUI64, bootAt: 0 } };
}
