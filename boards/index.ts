// The boards by name.
import type { Board } from './board.ts';
import { native } from './native.ts';

export type { Board, BoardRadio, BoardUart } from './board.ts';

export const boards: Readonly<Record<string, Board>> = { native };

/**
 * The board of that name.
 * @throws RangeError for an unknown one; names those that there are
 */
export function findBoard(name: string): Board {
  if (!Object.hasOwn(boards, name)) {
    throw new RangeError(`unknown board ${name}; there are: ${Object.keys(boards).join(', ')}`);
  }
  return boards[name];
}
