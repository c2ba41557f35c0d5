// Topology files of RIOT's zep_dispatch (dist/tools/zep_dispatch/README.md), read as they are:
//
//   # a comment
//   A := 02:00:00:00:00:00:00:0A     A is the node of that address
//   A B                              A and B hear each other
//   A C 0.9                          ... with 10 % loss both ways
//   B C 0.4 0.7                      ... with a weight for each direction
//   D                                a node without a link
//
// A weight is the probability that a frame arrives. zep_dispatch takes whatever it finds for a number, and reads no
// further than it wants to; here a line that it would misread is refused.

/** Longest name: zep_dispatch cuts longer ones, so that two could become one. */
const NAME_MAX = 31;
const EUI64_LEN = 8;
const FORM = 'NODE NODE [WEIGHT [WEIGHT_BACK]], NODE := ADDRESS, NODE or # comment';

/** A place for a node. */
export interface TopologyNode {
  readonly name: string;
  /** Its EUI-64, if the file says which node it is; else whoever comes first. */
  readonly eui64: Uint8Array | null;
}

/** How well one node hears another. */
export interface TopologyLink {
  readonly from: string;
  readonly to: string;
  /** Probability that a frame arrives, 0 to 1. */
  readonly weight: number;
}

export interface Topology {
  /** In the order in which the file names them: free places are given away in this order. */
  readonly nodes: readonly TopologyNode[];
  /** One for each direction that has a weight above 0. */
  readonly links: readonly TopologyLink[];
}

/**
 * Reads a topology file.
 * @param file its name, for messages
 * @throws RangeError for a line that is wrong: names file, line and what was expected
 */
export function parseTopology(text: string, file: string): Topology {
  const nodes = new Map<string, Uint8Array | null>();
  const links = new Map<string, TopologyLink>();
  for (const [index, line] of text.split('\n').entries()) {
    const problem = readLine(line, nodes, links);
    if (problem !== null) throw new RangeError(`topology ${file}, line ${index + 1}: ${problem}`);
  }
  if (nodes.size === 0) throw new RangeError(`topology ${file} names no node; expected lines: ${FORM}`);
  return {
    nodes: [...nodes].map(([name, eui64]) => ({ name, eui64 })),
    links: [...links.values()].filter(({ weight }) => weight > 0),
  };
}

/** Takes one line in; what is wrong with it, or null. */
function readLine(
  line: string, nodes: Map<string, Uint8Array | null>, links: Map<string, TopologyLink>,
): string | null {
  const words = line.split(/[ \t\r]+/).filter((word) => word !== '');
  const [a, b, there, back, more] = words;
  if (a === undefined || a.startsWith('#')) return null;
  const long = [a, b ?? ''].find((name) => name.length > NAME_MAX);
  if (long !== undefined) return `'${long}' is longer than ${NAME_MAX} characters`;
  if (b === ':=') return there === undefined || back !== undefined ? `expected ${a} := ADDRESS` : pin(a, there, nodes);
  addNode(a, nodes);
  if (b === undefined) return null;
  if (a === b) return `${a} has a link to itself`;
  if (more !== undefined) return `'${more}' is too much; expected ${FORM}`;
  const weight = readWeight(there ?? '1');
  const weightBack = back === undefined ? weight : readWeight(back);
  if (Number.isNaN(weight) || Number.isNaN(weightBack)) {
    const wrong = Number.isNaN(weight) ? there! : back!;
    return `'${wrong}' is no weight; expected a number from 0 (never) to 1 (always arrives)`;
  }
  addNode(b, nodes);
  links.set(`${a} ${b}`, { from: a, to: b, weight });
  links.set(`${b} ${a}`, { from: b, to: a, weight: weightBack });
  return null;
}

function addNode(name: string, nodes: Map<string, Uint8Array | null>): undefined {
  if (!nodes.has(name)) nodes.set(name, null);
}

function pin(name: string, address: string, nodes: Map<string, Uint8Array | null>): string | null {
  if (!/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){7}$/.test(address)) {
    return `'${address}' is no address; expected ${EUI64_LEN} pairs of hexadecimal digits with colons`;
  }
  nodes.set(name, Uint8Array.from(address.split(':'), (pair) => parseInt(pair, 16)));
  return null;
}

/** NaN for what is no number from 0 to 1. */
function readWeight(word: string): number {
  const value = /^\d*\.?\d+$|^\d+\.$/.test(word) ? Number(word) : NaN;
  return value <= 1 ? value : NaN;
}
