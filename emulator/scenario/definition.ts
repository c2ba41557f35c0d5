// What a scenario is: nodes, and a plain synchronous function that plays with them.
import type { Board } from '../../boards/board.ts';
import type { App } from '../../kernel/app.ts';
import { STATIC_ADDR_TEXTS } from '../../net/gnrc/ipv6_static_addr.ts';
import { type QuirkOptions, checkQuirks } from '../sim/quirks.ts';
import type { Sim } from './sim.ts';
import { unknownName } from './nearest.ts';

/** One node of a scenario. Its profile and quirks come after the scenario's. */
export interface NodeSpec extends QuirkOptions {
  /** A board's name, such as `native`. */
  readonly board: string | Board;
  /**
   * The name of one of riotbed's apps, such as `dtls_sock`; a path to a module that exports `app`, relative to the
   * scenario file (`riotbed run` resolves it); or an app: name, main, modules, config.
   */
  readonly app: string | App;
  /** Eight pairs of hexadecimal digits with colons; by default 02:00:00:00:00:00:00:01 and so on. */
  readonly eui64?: string;
  /** µs of virtual time; by default a random time within the first 100 ms, from the node's own stream. */
  readonly bootAt?: number;
  /** Overrides of CONFIG_ and other configurable names; texts where RIOT has a text. */
  readonly config?: Readonly<Record<string, number | string>>;
  /** Ethernet segments by names of your choice: the board gets a port on each. Boards that name the same are on it. */
  readonly wires?: readonly string[];
  /** `false`: the board has no IEEE 802.15.4 radio. */
  readonly radio?: boolean;
  /**
   * Figures of the board that its sources do not give, or others than theirs: names as boards/README.md has them, such
   * as `mcu_active_ua_per_mhz`.
   */
  readonly set?: Readonly<Record<string, number>>;
}

export type Nodes = Readonly<Record<string, NodeSpec>>;
export type Params = Readonly<Record<string, string | number | boolean>>;

/** Profile and quirks are those of all nodes, before what a node says itself. */
export interface ScenarioOptions<N extends Nodes = Nodes, P extends Params = Params> extends QuirkOptions {
  /** The nodes by name, in the order in which views show them. */
  readonly nodes: N;
  /** Parameters with their defaults; the function reads them as `sim.params`. */
  readonly params?: P;
}

/** A scenario: what `scenario()` makes and `riotbed run` runs. */
export interface Scenario<N extends Nodes = Nodes, P extends Params = Params> {
  readonly kind: typeof SCENARIO;
  readonly options: ScenarioOptions<N, P>;
  /** A method and no property: so that a scenario of certain nodes is a Scenario. */
  play(sim: Sim<keyof N & string, P>): undefined;
}

/** Marks a scenario, whichever copy of this module made it. */
export const SCENARIO = 'riotbed scenario 1';

/** What messages show as the right form. */
const FORM = 'scenario({ nodes: { name: { board, app } } }, (sim) => { … })';

const OPTIONS = ['nodes', 'params', 'profile', 'quirks', 'strict'];
const NODE_OPTIONS =
  ['board', 'app', 'eui64', 'bootAt', 'config', 'set', 'wires', 'radio', 'profile', 'quirks', 'strict'];
/** More ports than this no board has. */
const WIRES_MAX = 8;

/**
 * Defines a scenario.
 *
 *     export default scenario({
 *       nodes: { a: { board: 'native', app: 'sock_udp_echo' } },
 *     }, (sim) => {
 *       sim.nodes.a.type('help');
 *       sim.nodes.a.expect('Command', { within: seconds(1) });
 *     });
 *
 * @param options the nodes, and parameters with defaults
 * @param play    starts when all nodes have first gone idle. Synchronous: no promises, no clock but `sim.now`, no
 *                randomness but `sim.random`
 * @throws TypeError for an option that there is not, one that is missing or of another type; RangeError for a profile
 *   or quirk that there is not; both name it
 */
export function scenario<const N extends Nodes, const P extends Params = Record<never, never>>(
  options: ScenarioOptions<N, P>, play: (sim: Sim<keyof N & string, P>) => undefined,
): Scenario<N, P> {
  if (!isObject(options)) throw new TypeError(`no options: ${FORM}`);
  if (typeof play !== 'function') throw new TypeError(`no function: ${FORM}`);
  checkNames('scenario option', options, OPTIONS);
  if (!isObject(options.nodes)) throw new TypeError(`nodes are missing: ${FORM}`);
  const names = Object.keys(options.nodes);
  if (names.length === 0) throw new TypeError(`there are no nodes: ${FORM}`);
  for (const name of names) checkNode(name, options.nodes[name]!);
  checkParams(options.params);
  checkQuirks(options);
  return { kind: SCENARIO, options, play };
}

/** Whether a value is a scenario. */
export function isScenario(value: unknown): value is Scenario {
  return isObject(value) && (value as { kind?: unknown }).kind === SCENARIO;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function checkNode(name: string, spec: NodeSpec): undefined {
  // Names stand in columns and op texts.
  if (!/^[\w.:-]+$/.test(name)) {
    throw new TypeError(`node name '${name}' has other characters than letters, digits, _ . : -`);
  }
  if (!isObject(spec)) throw new TypeError(`node ${name}: ${String(spec)} is not { board, app }`);
  checkNames(`option of node ${name}:`, spec, NODE_OPTIONS);
  for (const needed of ['board', 'app'] as const) {
    const value = spec[needed];
    if (value === undefined) throw new TypeError(`node ${name}: ${needed} is missing`);
    if (typeof value !== 'string' && !isObject(value)) {
      throw new TypeError(`node ${name}: ${needed} is neither a name nor an object`);
    }
  }
  if (spec.eui64 !== undefined && typeof spec.eui64 !== 'string') {
    throw new TypeError(`node ${name}: eui64 is not a text such as '02:00:00:00:00:00:00:0a'`);
  }
  if (typeof spec.app === 'object') checkApp(name, spec.app);
  for (const key of ['config', 'set'] as const) checkFigures(`node ${name}: ${key}`, spec[key]);
  checkWires(name, spec.wires);
  if (spec.radio !== undefined && typeof spec.radio !== 'boolean') {
    throw new TypeError(`node ${name}: radio is neither true nor false`);
  }
  try {
    checkQuirks(spec);
  } catch (error) {
    if (error instanceof Error) error.message = `node ${name}: ${error.message}`;
    throw error;
  }
}

function checkApp(node: string, app: App): undefined {
  if (typeof app.main !== 'function') throw new TypeError(`node ${node}: the app has no main()`);
  if (typeof app.name !== 'string') throw new TypeError(`node ${node}: the app has no name`);
  const { modules } = app;
  if (Array.isArray(modules) && modules.every((module) => typeof module === 'string')) return;
  throw new TypeError(`node ${node}: the modules of app ${app.name} are not a list of names`);
}

/** Names with numbers; whether there are such names, and their bounds, is looked at when the images are made. */
function checkFigures(where: string, figures: unknown): undefined {
  if (figures === undefined) return;
  if (!isObject(figures) || Array.isArray(figures)) {
    throw new TypeError(`${where}: ${String(figures)} is not { NAME: number }`);
  }
  for (const [key, value] of Object.entries(figures)) {
    if (typeof value === 'number' || Object.hasOwn(STATIC_ADDR_TEXTS, key)) continue;
    throw new TypeError(`${where}: ${key}: ${shown(value)} is not a number`);
  }
}

function checkWires(node: string, wires: unknown): undefined {
  if (wires === undefined) return;
  if (!Array.isArray(wires)) throw new TypeError(`node ${node}: wires is not a list of names such as ['lan']`);
  for (const wire of wires) {
    if (typeof wire === 'string' && /^[\w.:-]+$/.test(wire)) continue;
    throw new TypeError(`node ${node}: wire ${shown(wire)} is not a name of letters, digits, _ . : -`);
  }
  if (new Set(wires).size < wires.length) throw new TypeError(`node ${node}: two ports on the same wire`);
  if (wires.length > WIRES_MAX) throw new TypeError(`node ${node}: ${wires.length} wires, at most ${WIRES_MAX} can be`);
}

function checkParams(params: unknown): undefined {
  if (params === undefined) return;
  if (!isObject(params) || Array.isArray(params)) {
    throw new TypeError(`params: ${String(params)} is not { name: value }`);
  }
  for (const [key, value] of Object.entries(params)) {
    if (['string', 'number', 'boolean'].includes(typeof value)) continue;
    throw new TypeError(`parameter ${key}: ${shown(value)} is neither a text nor a number nor true or false`);
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** @throws TypeError for a key that is not known, with the nearest one */
export function checkNames(kind: string, given: object, known: readonly string[]): undefined {
  const wrong = Object.keys(given).find((key) => !known.includes(key));
  if (wrong !== undefined) throw new TypeError(unknownName(kind, wrong, known));
}
