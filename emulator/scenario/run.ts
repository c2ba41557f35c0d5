// Runs a scenario: no I/O, used by the command line and by tests.
import { apps } from '../../apps/index.ts';
import { findBoard, withFigures } from '../../boards/index.ts';
import type { App } from '../../kernel/app.ts';
import { eui64_from_str } from '../../net/wire/addr.ts';
import { type NodeOptions, type Recording, Simulation, type SimulationOptions } from '../sim/index.ts';
import { type QuirkOptions, checkQuirks } from '../sim/quirks.ts';
import type { TraceReader } from '../trace/event.ts';
import type { TraceNode } from '../trace/labels.ts';
import { checkNames, type NodeSpec, type Params, type Scenario } from './definition.ts';
import { unknownName } from './nearest.ts';
import { makeSim, refuseLivelock } from './sim.ts';

/** A profile stands in for the scenario's, quirks come after the scenario's; what a node says comes after both. */
export interface RunOptions extends QuirkOptions {
  /** 1 by default. All randomness comes from it. */
  readonly seed?: number;
  /** Values of parameters instead of their defaults. */
  readonly params?: Params;
  /** Figures of the boards of all nodes, before what the nodes set: see NodeSpec. */
  readonly set?: Readonly<Record<string, number>>;
  /** What the paths stand for that nodes have as `app`. */
  readonly apps?: ReadonlyMap<string, App>;
  /** Folder that messages of boards name the files of apps from; by default they give the last part of a path only. */
  readonly appFolder?: string;
  /** Readers of the trace, made once the nodes are known. */
  readonly readers?: (nodes: readonly TraceNode[]) => readonly TraceReader[];
}

const RUN_OPTIONS = ['seed', 'params', 'set', 'apps', 'appFolder', 'readers', 'profile', 'quirks', 'strict'];

export interface ScenarioRun {
  readonly passed: boolean;
  /** What the scenario threw; null if it passed. */
  readonly error: unknown;
  /** Where the network stands at the end: all of it can be looked at. */
  readonly simulation: Simulation;
  /** What `replay()` needs to run it again. */
  readonly recording: Recording;
}

/**
 * Runs a scenario from boot to its end. What the scenario throws is its result and not thrown here.
 * @throws TypeError, RangeError for a definition that is wrong: a board, app, EUI-64, CONFIG_ name, profile, quirk,
 *   parameter or option that there is not; names it
 */
export function runScenario(definition: Scenario, options: RunOptions = {}): ScenarioRun {
  return playScenario(definition, new Simulation(simulationOptions(definition, options)), options);
}

/**
 * What the simulation of a scenario is made from, for `new Simulation()` and `replay()`.
 * @throws TypeError, RangeError as runScenario()
 */
export function simulationOptions(definition: Scenario, options: RunOptions = {}): SimulationOptions {
  checkNames('run option', options, RUN_OPTIONS);
  checkQuirks(options);
  const nodes: Record<string, NodeOptions> = {};
  for (const [name, spec] of Object.entries(definition.options.nodes)) {
    try {
      nodes[name] = nodeOptions(spec, options);
    } catch (error) {
      if (error instanceof RangeError) throw new RangeError(`node ${name}: ${error.message}`);
      throw error;
    }
  }
  const { profile, quirks, strict } = definition.options;
  return {
    seed: options.seed ?? 1,
    nodes,
    profile: options.profile ?? profile ?? 'riot',
    quirks: { ...quirks, ...options.quirks },
    strict: options.strict ?? strict ?? false,
  };
}

/**
 * Plays a scenario on a simulation that was made for it and has not run yet.
 * @throws TypeError for a parameter that the scenario has not, or whose value is of another type than its default
 */
export function playScenario(definition: Scenario, simulation: Simulation, options: RunOptions = {}): ScenarioRun {
  const params = withDefaults(definition.options.params ?? {}, options.params ?? {});
  for (const reader of options.readers?.(simulation.identity().nodes) ?? []) simulation.trace.subscribe(reader);
  const sim = makeSim(simulation, params);
  let passed = false;
  let error: unknown = null;
  try {
    simulation.runUntilSettled();
    refuseLivelock(simulation);
    refuseResult(definition.play(sim));
    passed = true;
  } catch (thrown) {
    error = thrown;
  }
  const outcome = passed ? { passed } : { passed, error: error instanceof Error ? error.message : String(error) };
  const recording = simulation.recording(outcome);
  simulation.tellEnergy();
  return { passed, error, simulation, recording };
}

/**
 * What the simulation needs of a node.
 * @throws RangeError for a board, app or EUI-64 that there is not; names it
 */
export function nodeOptions(spec: NodeSpec, options: RunOptions): NodeOptions {
  const board = typeof spec.board === 'string' ? findBoard(spec.board) : spec.board;
  return {
    board: withFigures(board, { ...spec.set, ...options.set }),
    app: typeof spec.app === 'string' ? appNamed(spec.app, options.apps) : spec.app,
    ...(spec.eui64 === undefined ? {} : { eui64: eui64Of(spec.eui64) }),
    ...(spec.bootAt === undefined ? {} : { bootAt: spec.bootAt }),
    ...(spec.config === undefined ? {} : { config: spec.config }),
    ...(spec.wires === undefined ? {} : { wires: spec.wires }),
    ...(spec.radio === undefined ? {} : { radio: spec.radio }),
    ...(spec.profile === undefined ? {} : { profile: spec.profile }),
    ...(spec.quirks === undefined ? {} : { quirks: spec.quirks }),
    ...(spec.strict === undefined ? {} : { strict: spec.strict }),
    ...(options.appFolder === undefined ? {} : { appFolder: options.appFolder }),
  };
}

/** Whether an app's text is a path and not one of our names. */
export function isAppPath(app: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(app);
}

function appNamed(name: string, loaded: ReadonlyMap<string, App> | undefined): App {
  const app = loaded?.get(name);
  if (app !== undefined) return app;
  if (isAppPath(name)) {
    throw new RangeError(`app ${name}: paths are for files that \`riotbed run\` runs; import the app and give it here`);
  }
  // RIOT's example folders have hyphens, its application names too; either spelling will do.
  const known = name.replaceAll('-', '_');
  if (!Object.hasOwn(apps, known)) throw new RangeError(unknownName('app', name, Object.keys(apps)));
  return apps[known]!;
}

function eui64Of(text: string): Uint8Array {
  const eui64 = eui64_from_str(text);
  if (eui64 !== null && (eui64[0]! & 1) === 0) return eui64;
  if (eui64 !== null) {
    throw new RangeError(`EUI-64 '${text}' is a group's: the lowest bit of its first byte is 1; of a node's it is 0`);
  }
  throw new RangeError(`EUI-64 '${text}' is not eight pairs of hexadecimal digits with colons, ` +
    'such as 02:00:00:00:00:00:00:0a');
}

function withDefaults(defaults: Params, given: Params): Params {
  for (const [name, value] of Object.entries(given)) {
    const usual = defaults[name];
    if (!Object.hasOwn(defaults, name)) throw new TypeError(unknownName('parameter', name, Object.keys(defaults)));
    if (typeof value !== typeof usual) {
      const right = `a ${typeof usual}, as its default ${String(usual)} is`;
      throw new TypeError(`parameter ${name}: ${String(value)} is not ${right}`);
    }
  }
  return { ...defaults, ...given };
}

/** An async function would go on when the run is over. */
function refuseResult(result: unknown): undefined {
  if (typeof result === 'object' && result !== null && 'then' in result) {
    throw new TypeError('a scenario is a plain synchronous function: no async, no await');
  }
}
