import test from 'ava';
import { type Board, boards, checkBoard, figureOf, needFigure, withFigures } from '../../boards/index.ts';
import { FIGURE_NAMES } from '../../boards/figures.ts';

const m3 = boards['iotlab-m3']!;

/** A board with something wrong in it, as somebody might write it in JavaScript. */
const wrong = (change: Record<string, unknown>): Board => ({ ...m3, ...change }) as unknown as Board;
const figures = (change: Record<string, unknown>): Board => wrong({ figures: { ...m3.figures, ...change } });

test('all boards of riotbed pass', (t) => {
  // What is refused below is refused for its mistake alone.
  for (const board of Object.values(boards)) t.notThrows(() => checkBoard(board), board.name);
});

test('every key of a board is needed, and no other is taken', (t) => {
  // Each is left out once: board and key are named.
  for (const key of Object.keys(m3).filter((name) => name !== 'name')) {
    const board = Object.fromEntries(Object.entries(m3).filter(([name]) => name !== key));
    t.throws(() => checkBoard(board as unknown as Board), {
      instanceOf: TypeError, message: `board iotlab-m3: ${key} is missing`,
    });
  }
  t.throws(() => checkBoard(wrong({ clock: 72 })), {
    instanceOf: TypeError, message: /^board iotlab-m3: unknown key clock;/,
  });
  t.throws(() => checkBoard(wrong({ uart: { ...m3.uart, parity: 1 } })), {
    message: /iotlab-m3: unknown key uart\.parity;/,
  });
  t.throws(() => checkBoard(wrong({ modules: 'ps' })), {
    instanceOf: TypeError, message: /modules: string instead of array/,
  });
});

test('a figure that a board needs is missed by its name', (t) => {
  // A board without clock or RAM has no time and no linker.
  for (const [name, { needed }] of Object.entries(FIGURE_NAMES)) {
    const board = figures({ [name]: undefined });
    const rest = Object.entries(board.figures).filter(([, figure]) => figure !== undefined);
    const without = wrong({ figures: Object.fromEntries(rest) });
    if (needed !== true) t.notThrows(() => checkBoard(without), name);
    else t.throws(() => checkBoard(without), {
      instanceOf: RangeError, message: `board iotlab-m3: figure ${name} is missing`,
    });
  }
});

test('a figure out of range, of another type or of no known name is named with its board', (t) => {
  // One each; the value stands in the message.
  const { rx_ma: rx } = m3.figures;
  t.throws(() => checkBoard(figures({ rx_ma: { ...rx, value: -1 } })), {
    instanceOf: RangeError, message: 'board iotlab-m3: rx_ma: -1 is not from 0 to 10000',
  });
  t.throws(() => checkBoard(figures({ rx_ma: { ...rx, value: '12' } })), {
    instanceOf: TypeError, message: 'board iotlab-m3: rx_ma: 12 is not a number',
  });
  t.throws(() => checkBoard(figures({ rx_ma: { ...rx, status: 'guessed' } })), {
    message: /rx_ma\.status: guessed is not/,
  });
  t.throws(() => checkBoard(figures({ rx_ma: { ...rx, value: null } })), {
    message: /rx_ma: null is the value of status null/,
  });
  t.throws(() => checkBoard(figures({ rx_mA: rx })), {
    instanceOf: RangeError, message: /board iotlab-m3: unknown figure rx_mA/,
  });
  t.throws(() => checkBoard(wrong({ core: 'Cortex-M7' })), {
    message: /unknown core Cortex-M7; there are: host, Cortex-M0\+/,
  });
  t.throws(() => checkBoard(wrong({ radio: { ...m3.radio, driver: 'mrf24j40' } })), {
    message: /unknown radio driver mrf24j40/,
  });
  t.throws(() => checkBoard(wrong({ radio: { ...m3.radio, lqi: 256 } })), {
    message: /radio\.lqi: 256 is not from 0 to 255/,
  });
});

test('what nobody has sourced stays unknown until it is set', (t) => {
  // iotlab-m3 has no current of its MCU: a null in the reference data.
  t.is(figureOf(m3, 'mcu_active_ua_per_mhz'), null);
  t.throws(() => needFigure(m3, 'mcu_active_ua_per_mhz'), {
    instanceOf: RangeError,
    message: 'board iotlab-m3: mcu_active_ua_per_mhz (uA/MHz): not sourced, set --set mcu_active_ua_per_mhz=VALUE',
  });
  const set = withFigures(m3, { mcu_active_ua_per_mhz: 400 });
  t.is(needFigure(set, 'mcu_active_ua_per_mhz'), 400);
  t.is(set.figures['mcu_active_ua_per_mhz']!.status, 'set');
  t.notThrows(() => checkBoard(set));
  t.is(figureOf(m3, 'mcu_active_ua_per_mhz'), null);
});

test('a set figure is checked like any other, and stacks follow theirs', (t) => {
  // MAIN is DEFAULT + PRINTF, SMALL half of DEFAULT, LARGE twice (core/lib/include/thread_config.h).
  t.throws(() => withFigures(m3, { rx: 1 }), { instanceOf: RangeError, message: /iotlab-m3: unknown figure rx;/ });
  t.throws(() => withFigures(m3, { rx_ma: 1e9 }), {
    instanceOf: RangeError, message: /iotlab-m3: rx_ma: 1000000000 is not/,
  });
  t.throws(() => withFigures(m3, { rx_ma: Number.NaN }), { instanceOf: TypeError });
  const { stacks } = withFigures(m3, { THREAD_STACKSIZE_DEFAULT: 2048 });
  t.is(stacks.THREAD_STACKSIZE_MAIN, 2560);
  t.is(stacks.THREAD_STACKSIZE_SMALL, 1024);
  t.is(stacks.THREAD_STACKSIZE_LARGE, 4096);
});
