// What a scenario is: nodes, and a plain synchronous function that plays with them.
import type { Board } from '../../boards/board.ts';
import type { App } from '../../kernel/app.ts';
import type { Sim } from './sim.ts';
import { unknownName } from './nearest.ts';

/** One node of a scenario. */
export interface NodeSpec {
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
  /** Overrides of CONFIG_ and other configurable names. */
  readonly config?: Readonly<Record<string, number>>;
  /**
   * Figures of the board that its sources do not give, or others than theirs: names as boards/README.md has them, such
   * as `mcu_active_ua_per_mhz`.
   */
  readonly set?: Readonly<Record<string, number>>;
}

export type Nodes = Readonly<Record<string, NodeSpec>>;
export type Params = Readonly<Record<string, string | number | boolean>>;

export interface ScenarioOptions<N extends Nodes = Nodes, P extends Params = Params> {
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

const OPTIONS = ['nodes', 'params'];
const NODE_OPTIONS = ['board', 'app', 'eui64', 'bootAt', 'config', 'set'];

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
 * @throws TypeError for an option that there is not, or one that is missing; names it
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
  if (typeof spec.app === 'object' && typeof spec.app.main !== 'function') {
    throw new TypeError(`node ${name}: the app has no main()`);
  }
}

function checkNames(kind: string, given: object, known: readonly string[]): undefined {
  const wrong = Object.keys(given).find((key) => !known.includes(key));
  if (wrong !== undefined) throw new TypeError(unknownName(kind, wrong, known));
}
