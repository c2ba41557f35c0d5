// The boards by name.
import type { Board } from './board.ts';
import { iotlabM3 } from './iotlab-m3.ts';
import { native } from './native.ts';
import { nrf52840dk } from './nrf52840dk.ts';
import { nrf52840dongle } from './nrf52840dongle.ts';
import { openmoteB } from './openmote-b.ts';
import { samr21Xpro } from './samr21-xpro.ts';

export type {
  Board, BoardRadio, BoardStatics, BoardUart, Fact, Figure, FigureStatus, RadioDriver,
} from './board.ts';
export { checkBoard } from './check.ts';
export { FIGURE_NAMES, type FigureName, figureOf, needFigure, withFigures } from './figures.ts';

export const boards: Readonly<Record<string, Board>> = {
  native,
  'samr21-xpro': samr21Xpro,
  'iotlab-m3': iotlabM3,
  nrf52840dk,
  nrf52840dongle,
  'openmote-b': openmoteB,
};

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
