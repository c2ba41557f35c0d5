// What a board and an app make together: the figures, modules and costs that nodes of one image share.
import type { Board } from '../../boards/board.ts';
import { checkBoard } from '../../boards/check.ts';
import { cpuCosts } from '../../boards/cores.ts';
import { needFigure } from '../../boards/figures.ts';
import type { App } from '../../kernel/app.ts';
import { type ConfigTable, type ConfigValues, KERNEL_CONFIG, resolveConfig } from '../../kernel/config.ts';
import type { CpuCosts } from '../../kernel/cpu.ts';
import type { BoardStacks } from '../../kernel/kernel.ts';
import { NET_CONFIG } from '../../net/config.ts';
import { imageModules } from './modules.ts';
import { checkRam } from './ram.ts';

export interface ImageOptions {
  readonly board: Board;
  readonly app: App;
  /** Overrides of configurable figures; they come after those of board and app. */
  readonly config?: Readonly<Record<string, number>>;
}

export interface Image {
  readonly config: ConfigValues;
  readonly stacks: BoardStacks;
  readonly modules: ReadonlySet<string>;
  /** What CPU time its work costs, µs; null: nothing. */
  readonly costs: CpuCosts | null;
}

/** The images of a simulation: ten thousand nodes of one kind have one. */
export class Images {
  private readonly known = new Map<string, Image>();
  /** Boards and apps by number: they are told apart as objects, not by their names. */
  private readonly parts = new Map<Board | App, number>();

  /**
   * The image of a node.
   * @throws RangeError for an unknown configuration name or a value out of bounds; what checkBoard() throws;
   *   RamOverflow when it does not fit into the board's RAM
   */
  of({ board, app, config }: ImageOptions): Image {
    const key = `${this.number(board)} ${this.number(app)} ${JSON.stringify(config)}`;
    let image = this.known.get(key);
    if (image === undefined) {
      image = build(board, app, config);
      this.known.set(key, image);
    }
    return image;
  }

  private number(part: Board | App): number {
    let found = this.parts.get(part);
    if (found === undefined) {
      if ('radio' in part) checkBoard(part);
      found = this.parts.size;
      this.parts.set(part, found);
    }
    return found;
  }
}

function build(board: Board, app: App, own: ImageOptions['config']): Image {
  const modules = imageModules(board.modules, app.modules);
  const config = configOf(board, app, own);
  checkRam(board, app, config, modules);
  const stacks = Object.fromEntries(Object.keys(board.stacks).map((stack) => [stack, config[stack]]));
  return { config, stacks: stacks as unknown as BoardStacks, modules, costs: costsOf(board) };
}

/**
 * Figures and stack sizes: the defaults, then what board, app and node say.
 * @throws RangeError for an unknown name or a value out of bounds
 */
export function configOf(board: Board, app: App, own: ImageOptions['config']): ConfigValues {
  const stackTable: Record<string, ConfigTable[string]> = {};
  for (const [stack, value] of Object.entries(board.stacks)) {
    stackTable[stack] = { value, min: 0, max: 1 << 24, unit: 'B', source: `boards/${board.name}.ts` };
  }
  const appStacks = app.stacks?.(board.stacks) as Readonly<Record<string, number>> | undefined;
  return resolveConfig([KERNEL_CONFIG, NET_CONFIG, stackTable], board.config, appStacks, app.config, own);
}

function costsOf(board: Board): CpuCosts | null {
  if (board.core === 'host') return null;
  return cpuCosts(board.core, needFigure(board, 'clock_mhz'), board.uart.blocking === false ? 0 : board.uart.byteTime);
}
