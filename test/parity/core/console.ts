// Compares what one of RIOT's own tests, written anew, prints here with what RIOT printed.
import { readFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { TestBoard, type TestBoardOptions } from '../../kernel/harness.ts';

const CONSOLES = new URL('../../vectors/riot-consoles/', import.meta.url);

/** Figures that no two runs share: addresses, use of a stack, measured microseconds. */
const FIGURES: readonly [RegExp, string][] = [
  [/"stack_used": (?:\d+|null)/g, '"stack_used": N'],
  [/0x[0-9a-f]{6,8}\b/g, '0xADDRESS'],
];

export interface Comparison {
  /** More figures to leave out: measured times. */
  readonly ignore?: readonly RegExp[];
  readonly options?: TestBoardOptions;
}

/** What real RIOT printed in its test `name`, from the boot message on. */
export function riotConsole(name: string): string {
  const lines = readFileSync(new URL(`${name}.txt`, CONSOLES), 'utf8').split('\n');
  return lines.slice(lines.findIndex((line) => line.startsWith('main(): This is RIOT!'))).join('\n');
}

/** Runs `main` on a board and compares its console with RIOT's, line by line. */
export function expectRiotConsole(
  t: ExecutionContext, name: string, main: () => Blocking<unknown>, comparison: Comparison = {},
): void {
  const { options = {}, ignore = [] } = comparison;
  const modules = ['test_utils_print_stack_usage', ...(options.modules ?? [])];
  const board = new TestBoard(main, { ...options, modules }).run();
  t.deepEqual(mask(board.console, ignore).split('\n'), mask(riotConsole(name), ignore).split('\n'));
}

function mask(text: string, ignore: readonly RegExp[]): string {
  let masked = text;
  for (const [figure, name] of FIGURES) masked = masked.replace(figure, name);
  for (const figure of ignore) masked = masked.replace(figure, 'FIGURE');
  return masked;
}
