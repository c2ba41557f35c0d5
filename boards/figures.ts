// Figures of boards: how they are written down, which there are, and what they may be.
import type { Board, Fact, Figure, FigureStatus } from './board.ts';
import type { BoardStacks } from '../kernel/kernel.ts';

/** A figure that its source gives. */
export const seen = (value: number, unit: string, source: string, upTo?: number): Figure =>
  made(value, unit, 'seen', source, upTo);
/** A figure from hearsay, or from a source that was not opened. */
export const unverified = (value: number, unit: string, source: string, upTo?: number): Figure =>
  made(value, unit, 'unverified', source, upTo);
/** A figure that follows from figures that were seen. */
export const computed = (value: number, unit: string, source: string): Figure =>
  made(value, unit, 'computed', source, undefined);
/** A figure that nobody has sourced: it stays unknown until the user sets it. */
export const unknown = (unit: string, source: string): Figure => ({ value: null, unit, status: 'null', source });
/** A text that its source gives. */
export const fact = (value: string, source: string): Fact => ({ value, status: 'seen', source });

function made(value: number, unit: string, status: FigureStatus, source: string, upTo: number | undefined): Figure {
  return upTo === undefined ? { value, unit, status, source } : { value, upTo, unit, status, source };
}

/** What a figure of that name is. */
export interface FigureName {
  readonly min: number;
  readonly max: number;
  /** Every board with a core of its own must have it; without it nothing runs. */
  readonly needed?: true;
  readonly meaning: string;
}

/** The figures that a board can have. `riotbed run --set NAME=VALUE` takes the same names. */
export const FIGURE_NAMES: Readonly<Record<string, FigureName>> = {
  clock_mhz: { min: 0.001, max: 10_000, needed: true, meaning: 'clock of the core' },
  ram_bytes: { min: 1, max: 2 ** 32, needed: true, meaning: 'RAM that the linker has' },
  flash_bytes: { min: 1, max: 2 ** 32, meaning: 'flash' },
  supply_v: { min: 0.1, max: 60, meaning: 'supply voltage' },
  THREAD_STACKSIZE_DEFAULT: { min: 64, max: 1 << 24, needed: true, meaning: 'default stack of a thread' },
  THREAD_STACKSIZE_IDLE: { min: 0, max: 1 << 24, needed: true, meaning: 'stack of the idle thread' },
  THREAD_EXTRA_STACKSIZE_PRINTF: { min: 0, max: 1 << 24, needed: true, meaning: 'what printf() needs more' },
  ISR_STACKSIZE: { min: 0, max: 1 << 24, needed: true, meaning: 'stack of the interrupts' },
  radio_sensitivity_dbm: { min: -150, max: 0, meaning: 'weakest frame that the radio receives' },
  tx_range_dbm: { min: -100, max: 40, meaning: 'transmission power' },
  rx_ma: { min: 0, max: 10_000, meaning: 'radio listening or receiving' },
  tx_0dbm_ma: { min: 0, max: 10_000, meaning: 'radio sending with 0 dBm' },
  tx_8dbm_ma: { min: 0, max: 10_000, meaning: 'radio sending with 8 dBm' },
  tx_max_ma: { min: 0, max: 10_000, meaning: 'radio sending with the highest power' },
  trx_off_ma: { min: 0, max: 10_000, meaning: 'radio on, transceiver off' },
  pll_on_ma: { min: 0, max: 10_000, meaning: 'radio ready to send' },
  radio_sleep_ua: { min: 0, max: 1e6, meaning: 'radio asleep' },
  mcu_active_ua_per_mhz: { min: 0, max: 1e6, meaning: 'MCU running, for each MHz of its clock' },
  mcu_active_ma: { min: 0, max: 10_000, meaning: 'MCU running' },
  mcu_active_max_ma: { min: 0, max: 10_000, meaning: 'MCU running, at most' },
  mcu_idle_ma: { min: 0, max: 10_000, meaning: 'MCU waiting for interrupts' },
  mcu_sleep_ua: { min: 0, max: 1e6, meaning: 'MCU asleep' },
  mcu_standby_ua: { min: 0, max: 1e6, meaning: 'MCU in standby' },
  rx_ldo_ma: { min: 0, max: 10_000, meaning: 'radio receiving, without DC/DC' },
  tx_0dbm_ldo_ma: { min: 0, max: 10_000, meaning: 'radio sending with 0 dBm, without DC/DC' },
  cpu_and_rx_ma: { min: 0, max: 10_000, meaning: 'MCU running and radio receiving' },
  cpu_and_tx_ma: { min: 0, max: 10_000, meaning: 'MCU running and radio sending' },
  board_overhead_ma: { min: 0, max: 10_000, meaning: 'other parts of the board' },
  node_total_ma: { min: 0, max: 10_000, meaning: 'whole node' },
};

const STACKS = [
  'THREAD_STACKSIZE_DEFAULT', 'THREAD_STACKSIZE_IDLE', 'THREAD_EXTRA_STACKSIZE_PRINTF', 'ISR_STACKSIZE',
] as const;

/**
 * The stack sizes of a board from its figures; RIOT derives MAIN, SMALL and LARGE (core/lib/include/thread_config.h).
 * @throws RangeError when one is missing; names board and figure
 */
export function stacksOf(name: string, figures: Readonly<Record<string, Figure>>): BoardStacks {
  const [standard, idle, printf, isr] = STACKS.map((key) => {
    const value = figures[key]?.value ?? null;
    if (value === null) throw new RangeError(`board ${name}: figure ${key} is missing`);
    return value;
  });
  return {
    THREAD_STACKSIZE_DEFAULT: standard,
    THREAD_STACKSIZE_IDLE: idle,
    THREAD_EXTRA_STACKSIZE_PRINTF: printf,
    THREAD_STACKSIZE_MAIN: standard + printf,
    THREAD_STACKSIZE_SMALL: standard >> 1,
    THREAD_STACKSIZE_LARGE: standard * 2,
    ISR_STACKSIZE: isr,
  };
}

/** A figure's value, or null where it is not known. */
export function figureOf(board: Board, name: string): number | null {
  return board.figures[name]?.value ?? null;
}

/**
 * A figure that is needed.
 * @throws RangeError when it is not known; names board and figure, and how to set it
 */
export function needFigure(board: Board, name: string): number {
  const value = figureOf(board, name);
  if (value !== null) return value;
  const unit = board.figures[name]?.unit ?? '';
  throw new RangeError(`board ${board.name}: ${name}${unit === '' ? '' : ` (${unit})`}: not sourced, ` +
    `set --set ${name}=VALUE`);
}

/**
 * The board with figures that the user has set.
 * @param set values by figure's name
 * @throws RangeError for a name that there is not or a value out of range; names board, figure and value
 */
export function withFigures(board: Board, set: Readonly<Record<string, number>> | undefined): Board {
  const given = Object.entries(set ?? {});
  if (given.length === 0) return board;
  const figures: Record<string, Figure> = { ...board.figures };
  for (const [name, value] of given) {
    checkName(board.name, name);
    const unit = figures[name]?.unit ?? '';
    figures[name] = { value, unit, status: 'set', source: 'set by the user' };
    checkValue(board.name, name, value);
  }
  const stacks = given.some(([name]) => (STACKS as readonly string[]).includes(name))
    ? stacksOf(board.name, figures)
    : board.stacks;
  return { ...board, figures, stacks };
}

/** The figures of a board that the user has set. */
export function setFigures(board: Board): Readonly<Record<string, number>> {
  const set: Record<string, number> = {};
  for (const [name, { status, value }] of Object.entries(board.figures)) {
    if (status === 'set' && value !== null) set[name] = value;
  }
  return set;
}

export function checkName(board: string, name: string): undefined {
  if (Object.hasOwn(FIGURE_NAMES, name)) return;
  const parts = name.toLowerCase().split('_').filter((part) => part.length > 1);
  const near = Object.keys(FIGURE_NAMES).filter((known) => parts.some((part) => known.toLowerCase().includes(part)));
  const hint = near.length > 0 ? near.slice(0, 4).join(', ') : Object.keys(FIGURE_NAMES).slice(0, 3).join(', ');
  throw new RangeError(`board ${board}: unknown figure ${name}; there are: ${hint} … (boards/README.md)`);
}

export function checkValue(board: string, name: string, value: unknown): undefined {
  const { min, max } = FIGURE_NAMES[name]!;
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw new TypeError(`board ${board}: ${name}: ${String(value)} is not a number`);
  }
  if (value < min || value > max) {
    throw new RangeError(`board ${board}: ${name}: ${value} is not from ${min} to ${max}`);
  }
}
