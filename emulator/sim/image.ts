// What a board and an app make together: the figures, modules and costs that nodes of one image share.
import type { Board } from '../../boards/board.ts';
import { checkBoard } from '../../boards/check.ts';
import { cpuCosts } from '../../boards/cores.ts';
import { needFigure } from '../../boards/figures.ts';
import type { App } from '../../kernel/app.ts';
import { type ConfigLayer, type ConfigTable, type ConfigValues, KERNEL_CONFIG, resolveConfig, resolveTexts,
  withoutTexts } from '../../kernel/config.ts';
import type { CpuCosts } from '../../kernel/cpu.ts';
import type { BoardStacks } from '../../kernel/kernel.ts';
import { NET_CONFIG } from '../../net/config.ts';
import { STATIC_ADDR_TEXTS } from '../../net/gnrc/ipv6_static_addr.ts';
import { quirksOf } from '../../net/quirks.ts';
import { imageModules } from './modules.ts';
import { type QuirkOptions, checkQuirks, nodeQuirks } from './quirks.ts';
import { checkRam } from './ram.ts';

/** The smallest packet buffer of a native board, bytes. */
const NATIVE_PKTBUF_MIN = 2048;

export interface ImageOptions extends QuirkOptions {
  readonly board: Board;
  readonly app: App;
  /** Overrides of configurable figures and texts; they come after those of board and app. */
  readonly config?: ConfigLayer;
  /** The Ethernet segments that its ports are on, one port each. */
  readonly wires?: readonly string[];
  /** Whether it has the board's radio: true, unless told otherwise. */
  readonly radio?: boolean;
}

export interface Image {
  readonly config: ConfigValues;
  readonly stacks: BoardStacks;
  readonly texts: Readonly<Record<string, string>>;
  readonly modules: ReadonlySet<string>;
  /** What CPU time its work costs, µs; null: nothing. */
  readonly costs: CpuCosts | null;
  /** Ids of the quirks that it has; null: those of profile `riot`. */
  readonly quirks: ReadonlySet<string> | null;
  /** Whether what is undefined on RIOT is a panic. */
  readonly strict: boolean;
}

/** The images of a simulation: ten thousand nodes of one kind have one. */
export class Images {
  private readonly known = new Map<string, Image>();
  /** Boards and apps by number: they are told apart as objects, not by their names. */
  private readonly parts = new Map<Board | App, number>();

  /**
   * The image of a node.
   * @param common profile and quirks of the whole simulation, before the node's own
   * @throws RangeError for an unknown configuration name or a value out of bounds; what checkBoard() and checkQuirks()
   *   throw; RamOverflow when it does not fit into the board's RAM
   */
  of(options: ImageOptions, common: QuirkOptions = {}): Image {
    const { board, app, config, wires = [], radio = true } = options;
    checkQuirks(options);
    const { profile, quirks, strict = false } = nodeQuirks(common, options);
    const rest = JSON.stringify([config, wires.length > 0, radio, profile, quirks, strict]);
    const key = `${this.number(board)} ${this.number(app)} ${rest}`;
    let image = this.known.get(key);
    if (image === undefined) {
      image = { ...build(options, quirksOf(profile, quirks)), strict };
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

function build(options: ImageOptions, quirks: Image['quirks']): Omit<Image, 'strict'> {
  const { board, app, config: own, wires = [], radio = true } = options;
  const modules = imageModules(board, app.modules, { wired: wires.length > 0, radio });
  const config = configOf(board, app, own);
  const texts = resolveTexts(STATIC_ADDR_TEXTS, app.config, own);
  checkRam(board, app, config, modules);
  const stacks = Object.fromEntries(Object.keys(board.stacks).map((stack) => [stack, config[stack]]));
  return { config, texts, stacks: stacks as unknown as BoardStacks, modules, costs: costsOf(board), quirks };
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
  const layers = [raised(board, app.config), own].map((layer) => withoutTexts(STATIC_ADDR_TEXTS, layer));
  return resolveConfig([KERNEL_CONFIG, NET_CONFIG, stackTable], board.config, appStacks, ...layers);
}

/** What native raises in an app's figures (RIOT cpu/native/include/cpu_conf.h); a node's own are taken as they are. */
function raised(board: Board, config: ConfigLayer | undefined): ConfigLayer | undefined {
  const size = config?.['CONFIG_GNRC_PKTBUF_SIZE'];
  if (board.cpu !== 'native' || typeof size !== 'number' || size >= NATIVE_PKTBUF_MIN) return config;
  return { ...config, CONFIG_GNRC_PKTBUF_SIZE: NATIVE_PKTBUF_MIN };
}

function costsOf(board: Board): CpuCosts | null {
  if (board.core === 'host') return null;
  return cpuCosts(board.core, needFigure(board, 'clock_mhz'), board.uart.blocking === false ? 0 : board.uart.byteTime);
}
