// Checks a board that is not one of ours: data that somebody wrote by hand.
import type { Board } from './board.ts';
import { FIGURE_NAMES, checkName, checkValue } from './figures.ts';

type Kind = 'string' | 'boolean' | 'object' | 'array' | 'number';

/** What a board consists of. The record names every key, or it does not compile. */
const KEYS: Readonly<Record<keyof Board, Kind>> = {
  name: 'string', riotName: 'string', cpu: 'string', core: 'string', figures: 'object', facts: 'object',
  stacks: 'object', statics: 'array', idleThread: 'boolean', radio: 'object', uart: 'object', startText: 'string',
  rebootText: 'string', offText: 'string', modules: 'array', config: 'object',
};

const STACK_KEYS: Readonly<Record<keyof Board['stacks'], true>> = {
  THREAD_STACKSIZE_DEFAULT: true, THREAD_STACKSIZE_IDLE: true, THREAD_EXTRA_STACKSIZE_PRINTF: true,
  THREAD_STACKSIZE_MAIN: true, THREAD_STACKSIZE_SMALL: true, THREAD_STACKSIZE_LARGE: true, ISR_STACKSIZE: true,
};
const FIGURE_KEYS: readonly string[] = ['value', 'upTo', 'unit', 'status', 'source'];
const STATUS: readonly string[] = ['seen', 'unverified', 'computed', 'fitted', 'modelled', 'null', 'set'];
const CORES: readonly string[] = ['host', 'Cortex-M0+', 'Cortex-M3', 'Cortex-M4F'];
const DRIVERS: readonly string[] = ['socket_zep', 'at86rf2xx', 'nrf802154', 'cc2538_rf'];

/**
 * Checks that a board is complete and its numbers make sense.
 * @throws TypeError for a key that is unknown, missing or of the wrong type; RangeError for a number or name out of
 *   range, or a figure that is missing. Both name board and key
 */
export function checkBoard(board: Board): undefined {
  if (typeof board !== 'object' || board === null) throw new TypeError(`board ${String(board)} is not an object`);
  const name = typeof board.name === 'string' ? board.name : '(without name)';
  checkKeys(name, '', board, Object.keys(KEYS));
  for (const [key, kind] of Object.entries(KEYS)) checkKind(name, key, board[key as keyof Board], kind);
  if (!CORES.includes(board.core)) {
    throw new RangeError(`board ${name}: unknown core ${board.core}; there are: ${CORES.join(', ')}`);
  }
  checkFigures(board);
  checkKeys(name, 'stacks.', board.stacks, Object.keys(STACK_KEYS));
  for (const key of Object.keys(STACK_KEYS)) {
    checkNumber(name, `stacks.${key}`, board.stacks[key as keyof Board['stacks']], 0, 1 << 24);
  }
  board.statics.forEach((part, i) => {
    checkKeys(name, `statics[${i}].`, part, ['name', 'bytes', 'when', 'source']);
    checkNumber(name, `statics[${i}].bytes`, part.bytes, 0, 2 ** 32);
  });
  checkRadio(board);
  checkKeys(name, 'uart.', board.uart, ['baud', 'byteTime', 'blocking']);
  checkNumber(name, 'uart.baud', board.uart.baud, 1, 1e9);
  checkNumber(name, 'uart.byteTime', board.uart.byteTime, 0, 1e6);
}

function checkFigures(board: Board): void {
  const { name } = board;
  for (const [key, figure] of Object.entries(board.figures)) {
    checkName(name, key);
    checkKeys(name, `figures.${key}.`, figure, FIGURE_KEYS);
    if (!STATUS.includes(figure.status)) {
      throw new RangeError(`board ${name}: figures.${key}.status: ${figure.status} is not one of ${STATUS.join(', ')}`);
    }
    if ((figure.value === null) !== (figure.status === 'null')) {
      throw new RangeError(`board ${name}: figures.${key}: null is the value of status null, and of no other`);
    }
    if (figure.value !== null) checkValue(name, key, figure.value);
    if (figure.upTo !== undefined) checkValue(name, key, figure.upTo);
  }
  if (board.core === 'host') return;
  for (const [key, { needed }] of Object.entries(FIGURE_NAMES)) {
    if (needed === true && (board.figures[key]?.value ?? null) === null) {
      throw new RangeError(`board ${name}: figure ${key} is missing`);
    }
  }
}

function checkRadio({ name, radio }: Board): void {
  checkKeys(name, 'radio.', radio, ['driver', 'byteTime', 'txLead', 'lqi', 'rssi', 'chip']);
  if (!DRIVERS.includes(radio.driver)) {
    const there = DRIVERS.join(', ');
    throw new RangeError(`board ${name}: unknown radio driver ${String(radio.driver)}; there are: ${there}`);
  }
  checkNumber(name, 'radio.byteTime', radio.byteTime, 1, 1e6);
  checkNumber(name, 'radio.txLead', radio.txLead, 0, 1e6);
  checkNumber(name, 'radio.lqi', radio.lqi, 0, 255);
  checkNumber(name, 'radio.rssi', radio.rssi, -174, 80);
}

function checkKeys(board: string, place: string, value: object, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`board ${board}: ${place.slice(0, -1)} is not an object`);
  }
  const wrong = Object.keys(value).find((key) => !known.includes(key));
  if (wrong === undefined) return;
  throw new TypeError(`board ${board}: unknown key ${place}${wrong}; there are: ${known.join(', ')}`);
}

function checkKind(board: string, key: string, value: unknown, kind: Kind): void {
  if (value === undefined) throw new TypeError(`board ${board}: ${key} is missing`);
  const is = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  if (is !== kind) throw new TypeError(`board ${board}: ${key}: ${is} instead of ${kind}`);
}

function checkNumber(board: string, key: string, value: unknown, min: number, max: number): void {
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw new TypeError(`board ${board}: ${key}: ${String(value)} is not a number`);
  }
  if (value < min || value > max) throw new RangeError(`board ${board}: ${key}: ${value} is not from ${min} to ${max}`);
}
