import { readFileSync } from 'node:fs';
import test from 'ava';
import { apps } from '../../../apps/index.ts';
import { type Board, boards, withFigures } from '../../../boards/index.ts';
import { stacksOf } from '../../../boards/figures.ts';
import { native } from '../../../boards/native.ts';
import type { App } from '../../../kernel/app.ts';
import { scenario } from '../../../emulator/scenario/definition.ts';
import { runScenario } from '../../../emulator/scenario/run.ts';
import { configOf } from '../../../emulator/sim/image.ts';
import { Simulation } from '../../../emulator/sim/index.ts';
import { imageModules } from '../../../emulator/sim/modules.ts';
import { RamOverflow, type RamReport, ramOf } from '../../../emulator/sim/ram.ts';

type Sizes = Record<string, Record<string, [number, number]>>;

const dtlsSock = apps['dtls_sock']!;
const hello = apps['hello_world']!;

function reportOf(board: Board, app: App): RamReport {
  return ramOf(board, app, configOf(board, app, undefined), imageModules(board, app.modules));
}

/** What RIOT's own build of an app has in RAM, without the app's own: 32 bit at 0, 64 bit at 1. */
function linked(column: 0 | 1, app = 'dtls_sock'): number {
  const file = new URL(`../../vectors/riot-sizes/${app}.json`, import.meta.url);
  const objects = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Sizes);
  return objects.flatMap((symbols) => Object.values(symbols)).reduce((sum, bytes) => sum + bytes[column], 0);
}

const withPs: App = { ...dtlsSock, modules: [...dtlsSock.modules, 'ps'], ram: 0 };

test('static RAM of dtls_sock on native64 is what RIOT\'s own image has, to the byte', (t) => {
  // The sum of the symbols that the linker put into RAM, see test/vectors/README.md.
  t.is(reportOf(native, withPs).total, linked(1));
});

/** The stacks of cpu/native/include/cpu_conf.h for 32 bit, everything else by the pointers' size. */
function native32(): Board {
  const figures = { ...native.figures };
  for (const name of ['THREAD_STACKSIZE_DEFAULT', 'THREAD_STACKSIZE_IDLE', 'ISR_STACKSIZE']) {
    figures[name] = { ...figures[name]!, value: 8192 };
  }
  return { ...native, figures, stacks: stacksOf('native32', figures), config: { ...native.config, SIZEOF_POINTER: 4 } };
}

test('with 32-bit pointers it is what RIOT\'s objects for 32 bit have', (t) => {
  // The data layout of the ARM ABI; see test/vectors/README.md.
  t.is(reportOf(native32(), withPs).total, linked(0));
});

for (const name of ['gnrc_networking', 'gnrc_border_router', 'gnrc_minimal']) {
  test(`static RAM of ${name} is what RIOT's own image has, with 64 and with 32 bit`, (t) => {
    // The same sums, without RPL and pktshark. RIOT builds gnrc_minimal without DEVELHELP: a flag of one byte and the
    // packet buffer's high-water mark of two are not in it, and are here.
    const app = { ...apps[name]!, ram: 0 };
    const develhelp = name === 'gnrc_minimal' ? 3 : 0;
    t.is(reportOf(native, app).total, linked(1, name) + develhelp);
    t.is(reportOf(native32(), app).total, linked(0, name) + develhelp);
  });
}

test('pools and stacks count with the image\'s configuration', (t) => {
  // 4096 bytes more of packet buffer and one more peer of 48 bytes with its 72 bytes of keys: nothing else changes.
  const board = boards['samr21-xpro']!;
  const more = { ...dtlsSock, config: { ...dtlsSock.config, CONFIG_GNRC_PKTBUF_SIZE: 10240, CONFIG_DTLS_PEER_MAX: 2 } };
  t.is(reportOf(board, more).total - reportOf(board, dtlsSock).total, 4096 + 48 + 72);
});

for (const name of Object.keys(boards).filter((board) => board !== 'native')) {
  for (const app of [hello, dtlsSock]) {
    test(`${app.name} boots on a ${name} that has just enough RAM, and not with one byte less`, (t) => {
      // The limit is set to the image's size; one byte less must stop it before anything runs.
      const board = boards[name]!;
      const { total, ram } = reportOf(board, app);
      t.true(total <= ram!, 'it fits the real board');
      const boot = (ram_bytes: number) => new Simulation({
        seed: 1, nodes: { a: { board: withFigures(board, { ram_bytes }), app } },
      });
      const simulation = boot(total);
      simulation.runUntilSettled();
      t.is(simulation.node('a').state, 'on');
      const error = t.throws(() => boot(total - 1), { instanceOf: RamOverflow });
      t.is(error.message, `node a: ${app.name} on ${name}: region 'ram' overflowed by 1 bytes`);
      const last = `\\ntotal +${total}  of ${total - 1} bytes of RAM: region 'ram' overflowed by 1 bytes$`;
      t.regex(error.details, new RegExp(last));
      t.regex(error.details, /\nstacks +main /);
    });
  }
}

test('native has no limit', (t) => {
  // A process: an app that declares more than any board has still boots.
  const app: App = { ...hello, ram: 2 ** 40 };
  const simulation = new Simulation({ seed: 1, nodes: { a: { board: native, app } } });
  simulation.runUntilSettled();
  t.true(simulation.node('a').console.includes('Hello World!'));
});

test('the rows of a report add up to its total', (t) => {
  // The table is what a user looks for the fat in: nothing may be counted beside it.
  for (const board of Object.values(boards)) {
    for (const app of Object.values(apps)) {
      const { rows, total } = reportOf(board, app);
      t.is(rows.reduce((sum, { bytes }) => sum + bytes, 0), total);
      t.true(rows.every(({ bytes, source }) => Number.isInteger(bytes) && bytes >= 0 && source !== ''));
    }
  }
});

test('every thread of the stack has the stack that the report counts', (t) => {
  // Two views of one thing: what the linker counts, and what thread_create() is given when the board has booted.
  for (const [name, board] of Object.entries(boards)) {
    const simulation = new Simulation({ seed: 1, nodes: { a: { board, app: dtlsSock } } });
    simulation.runUntilSettled();
    const threads = simulation.node('a').kernel!.threads.filter((thread) => thread !== null);
    const sum = threads.reduce((bytes, { stackSize }) => bytes + stackSize, 0);
    const stacks = reportOf(board, dtlsSock).rows.filter(({ section }) => section === 'stacks');
    t.is(sum + board.stacks.ISR_STACKSIZE, stacks.reduce((bytes, row) => bytes + row.bytes, 0), name);
  }
});

test('a figure that a scenario sets is part of its identity', (t) => {
  // Two recordings with different figures are of different runs.
  const play = (set: Record<string, number>) =>
    runScenario(scenario({ nodes: { a: { board: 'iotlab-m3', app: 'hello-world', set } } }, () => undefined));
  t.deepEqual(play({ mcu_active_ua_per_mhz: 400 }).recording.identity.nodes[0]!.config, { mcu_active_ua_per_mhz: 400 });
  t.throws(() => play({ mcu_active: 1 }), {
    instanceOf: RangeError, message: /^node a: board iotlab-m3: unknown figure mcu_active/,
  });
});
