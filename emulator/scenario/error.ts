// A scenario that failed: what was expected, when, and what the node printed last.
import { formatInstant } from './time.ts';

/** Lines of a console that a failure shows. */
const LAST_LINES = 10;

/** An expectation that did not come true. The message has several lines; the first says what was expected. */
export class ScenarioError extends Error {
  override name = 'ScenarioError';
  /** The node, or '' for an expectation of the whole network. */
  readonly node: string;
  /** Virtual time at which it was given up, µs. */
  readonly time: number;

  constructor(what: string, node: string, time: number, details: readonly string[] = []) {
    super([`${what}; given up at ${formatInstant(time)}`, ...details].join('\n'));
    this.node = node;
    this.time = time;
  }
}

/** The end of a console, as the lines of a failure. */
export function lastLines(node: string, output: string): string[] {
  const lines = output.replaceAll('\r', '').split('\n');
  while (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) return [`${node} has printed nothing`];
  return [`last lines of ${node}:`, ...lines.slice(-LAST_LINES).map((line) => `  | ${line}`)];
}
