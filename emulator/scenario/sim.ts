// What a scenario's function holds: the simulation, and one handle a node.
import { livelockedBoards, reportThreads, waitingBoards } from '../sim/deadlock.ts';
import type { SimNode, Simulation } from '../sim/index.ts';
import { type Prng, stream } from '../sim/prng.ts';
import { utf8 } from '../sim/utf8.ts';
import { fromUtf8 } from '../trace/console.ts';
import { checkNames, type Params } from './definition.ts';
import { ScenarioError, lastLines } from './error.ts';
import { unknownName } from './nearest.ts';
import { formatDuration, seconds } from './time.ts';

/** How long `expect()` waits unless told otherwise. */
const EXPECT_WITHIN = seconds(10);
/** How long `runUntil(predicate)` waits unless told otherwise. */
const RUN_UNTIL_WITHIN = seconds(60);

export interface Within {
  /** Virtual time to wait, µs. */
  readonly within?: number;
}

/** A stream of random numbers that belongs to the scenario: the same for the same seed. */
export interface Random {
  /** 32 random bits. */
  next32(): number;
  /** An integer from 0 to `limit` - 1; `limit` from 1 to 2^21. */
  below(limit: number): number;
}

/** The network in the hands of a scenario. */
export interface Sim<Names extends string = string, P = Params> {
  readonly nodes: { readonly [K in Names]: NodeHandle };
  /** Virtual time, µs. */
  readonly now: number;
  readonly seed: number;
  readonly params: Readonly<P>;
  readonly random: Random;
  /**
   * Runs for so many µs of virtual time, also when nothing happens in it.
   * @throws ScenarioError when a board makes no progress in virtual time (livelock); so do all that run
   */
  runFor(us: number): undefined;
  /**
   * Runs until virtual time `target` µs, or until the function `target` returns true; it is asked after each step.
   * @throws ScenarioError when the function has not returned true within `within` (60 s), or at once when nothing can
   *   happen any more
   */
  runUntil(target: number | (() => boolean), options?: Within): undefined;
}

/** A board with its power switch and its console. */
export interface NodeHandle {
  readonly name: string;
  /** Its link-local address, such as `fe80::a`. */
  readonly linkLocal: string;
  /** All that it has printed, echo included, over all its boots. */
  readonly output: string;
  /** Types a line: `text` and a newline, at the speed of the serial line, waiting while the board's input is full. */
  type(text: string): undefined;
  /** Throws bytes at the console, one character a byte, all at once: what does not fit is lost, as on a board. */
  typeRaw(bytes: string): undefined;
  /**
   * Waits until `pattern` stands on the console behind what the last `expect()` matched. Echo and lines without their
   * end count.
   * @returns the match
   * @throws ScenarioError when it has not come within `within` (10 s of virtual time), or at once when it cannot come
   *   any more: the board is off or has crashed, or nothing can happen
   */
  expect(pattern: RegExp | string, options?: Within): RegExpExecArray;
  /** Presses the reset button. */
  reboot(): undefined;
  /** RAM is gone with the power. */
  powerOff(): undefined;
  powerOn(): undefined;
}

/** Makes what a scenario's function gets. */
export function makeSim(simulation: Simulation, params: Params): Sim {
  const random: Prng = stream(simulation.seed, '', 'scenario');
  const nodes: Record<string, NodeHandle> = {};
  for (const node of simulation.nodes) nodes[node.name] = new Handle(simulation, node);
  return {
    nodes: known(nodes),
    seed: simulation.seed,
    params,
    random,
    get now() {
      return simulation.now;
    },
    runFor: (us) => {
      simulation.runFor(checkDuration('runFor', us));
      refuseLivelock(simulation);
    },
    runUntil: (target, options) => {
      checkWithin('runUntil', options);
      if (typeof target === 'number') simulation.runUntil(target);
      else if (typeof target === 'function') runUntil(simulation, target, options?.within ?? RUN_UNTIL_WITHIN);
      else throw new TypeError(`runUntil: ${shown(target)} is no time and no function`);
      refuseLivelock(simulation);
    },
  };
}

function runUntil(simulation: Simulation, condition: () => boolean, within: number): undefined {
  checkDuration('runUntil: within', within);
  const end = advance(simulation, simulation.now + within, condition);
  if (end === 'done') return;
  refuseLivelock(simulation);
  const what = `the condition of runUntil() did not come true within ${formatDuration(within)}`;
  throw end === 'late' ? new ScenarioError(what, '', simulation.now) : stuck(what, '', simulation, []);
}

/**
 * Ends a scenario in which a board made no progress in virtual time: what the others do now means nothing.
 * @throws ScenarioError with the threads of such boards
 */
export function refuseLivelock(simulation: Simulation): undefined {
  const boards = livelockedBoards(simulation);
  const [first] = boards;
  if (first === undefined) return;
  const reason = first.failure instanceof Error ? first.failure.message : '';
  throw new ScenarioError(`${first.name}: ${reason}`, first.name, simulation.now,
    [...lastLines(first.name, fromUtf8(first.console)), ...reportThreads(boards)]);
}

/** The error for something that can never come true, since nothing happens any more. */
function stuck(what: string, node: string, simulation: Simulation, details: readonly string[]): ScenarioError {
  const boards = waitingBoards(simulation);
  const kind = boards.length > 0 ? 'deadlock: nothing can ever run again' : 'nothing is left to run';
  return new ScenarioError(`${what}: ${kind}`, node, simulation.now, [...details, ...reportThreads(boards)]);
}

/** The nodes by name; asking for another name says which there are. */
function known(nodes: Record<string, NodeHandle>): Record<string, NodeHandle> {
  return new Proxy(nodes, {
    get: (all, name) => {
      if (typeof name === 'symbol' || Object.hasOwn(all, name)) return Reflect.get(all, name) as NodeHandle;
      throw new RangeError(unknownName('node', name, Object.keys(all)));
    },
  });
}

function checkDuration(what: string, us: number): number {
  if (Number.isSafeInteger(us) && us >= 0) return us;
  throw new RangeError(`${what}: ${us} is not a duration in integer µs`);
}

/** @throws TypeError for another option than `within`; a wait of the wrong length would be the result */
function checkWithin(what: string, options: object | undefined): undefined {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${what}: ${shown(options)} is not { within }`);
  }
  checkNames(`option of ${what}`, options, ['within']);
}

function checkText(what: string, text: unknown): undefined {
  if (typeof text !== 'string') throw new TypeError(`${what}: ${shown(text)} is not a text`);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

class Handle implements NodeHandle {
  private readonly simulation: Simulation;
  private readonly node: SimNode;
  /** Bytes of the console behind which the next expect() looks. */
  private cursor = 0;

  constructor(simulation: Simulation, node: SimNode) {
    this.simulation = simulation;
    this.node = node;
  }

  get name(): string {
    return this.node.name;
  }

  get linkLocal(): string {
    return this.node.linkLocal;
  }

  get output(): string {
    return fromUtf8(this.node.console);
  }

  type(text: string): undefined {
    checkText(`${this.name}: type`, text);
    this.simulation.apply({ type: 'type', node: this.name, text });
  }

  typeRaw(bytes: string): undefined {
    checkText(`${this.name}: typeRaw`, bytes);
    this.simulation.apply({ type: 'type_raw', node: this.name, bytes });
  }

  reboot(): undefined {
    this.simulation.apply({ type: 'reboot', node: this.name });
  }

  powerOff(): undefined {
    this.simulation.apply({ type: 'power', node: this.name, on: false });
  }

  powerOn(): undefined {
    this.simulation.apply({ type: 'power', node: this.name, on: true });
  }

  expect(pattern: RegExp | string, options?: Within): RegExpExecArray {
    const { simulation, node } = this;
    if (!(pattern instanceof RegExp)) checkText(`${this.name}: expect, which takes a regular expression too`, pattern);
    checkWithin('expect', options);
    const within = checkDuration('expect: within', options?.within ?? EXPECT_WITHIN);
    const deadline = simulation.now + within;
    const regex = toRegex(pattern);
    let end: End = 'done';
    while (end === 'done') {
      const match = this.look(regex);
      if (match !== null) {
        refuseLivelock(simulation);
        return match;
      }
      const length = node.console.length;
      end = advance(simulation, deadline, () => node.console.length !== length, node);
    }
    refuseLivelock(simulation);
    const shown = typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern);
    throw this.missed(`${this.name}: expected ${shown} within ${formatDuration(within)}`, end);
  }

  /** The error of an `expect()`. */
  private missed(what: string, end: End): ScenarioError {
    const { simulation, node } = this;
    const printed = lastLines(node.name, this.output);
    switch (end) {
      case 'stuck':
        return stuck(what, node.name, simulation, printed);
      case 'dead': {
        const state = `${node.name} ${node.state === 'off' ? 'is off' : 'has crashed'}`;
        const details = [...printed, ...reportThreads([node])];
        return new ScenarioError(`${what}: ${state}`, node.name, simulation.now, details);
      }
      default:
        return new ScenarioError(what, node.name, simulation.now, printed);
    }
  }

  /** Looks for a match behind the cursor; moves the cursor behind it. */
  private look(regex: RegExp): RegExpExecArray | null {
    const text = fromUtf8(this.node.console.slice(this.cursor));
    const match = regex.exec(text);
    if (match !== null) this.cursor += utf8(text.slice(0, match.index + match[0].length)).length;
    return match;
  }
}

/** A fresh one without state: a global or sticky pattern would start where its last match ended. */
function toRegex(pattern: RegExp | string): RegExp {
  if (typeof pattern !== 'string') return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  return new RegExp(pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

/**
 * Why `advance()` ended. done: the condition is true. late: the clock stands at the deadline. stuck: nothing can happen
 * any more. dead: the board that it is about is off or has crashed.
 */
type End = 'done' | 'late' | 'stuck' | 'dead';

/** Steps until `done()` is true, but not beyond `deadline`, and no further once only the host could make it true. */
function advance(simulation: Simulation, deadline: number, done: () => boolean, about: SimNode | null = null): End {
  while (!done()) {
    if (simulation.pace === null) {
      if (about !== null && about.state !== 'on' && !about.booting) return 'dead';
      if (simulation.stuck) return 'stuck';
    }
    if (!simulation.stepUntil(deadline)) return 'late';
  }
  return 'done';
}
