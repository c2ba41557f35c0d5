// boards/README.md as a text, made of the boards' data: what each figure is, and what it rests on.
import type { Board, Figure } from './board.ts';
import { type CoreCycles, type CycleFigure, cores } from './cores.ts';
import { FIGURE_NAMES } from './figures.ts';
import { boards } from './index.ts';

const INTRO = `# boards

This page is made by \`page.ts\` from the boards' data; a test proves that it is up to date. Do not edit it.

One file a board, data only: its figures with their sources, stack sizes, the radio's driver, the serial line, what the
start-up code prints, static variables of its own, and overrides of \`CONFIG_*\` names. \`board.ts\` says what a board
consists of, \`figures.ts\` which figures there are and their ranges, \`cores.ts\` what work costs on a core,
\`check.ts\` checks boards that users write, \`index.ts\` finds one by name. A new board is a new file and a line in
\`index.ts\`.

May import: types of \`kernel\` and \`net\`. Nothing else.

## What the words mean

| status | what the figure rests on |
| --- | --- |
| seen | it stands in the source that is named |
| unverified | hearsay, recollection, or a source that was not opened |
| computed | it follows from figures that were seen |
| fitted | chosen so that a measurement comes out, which the source names |
| modelled | riotbed's choice; no source |
| **null** | not known, and not guessed. Where a run needs it, it is named, and you set it: \`--set NAME=VALUE\` of \
\`riotbed run\`, \`node\` and \`size\`, or \`set: { NAME: VALUE }\` of a node in a scenario |

A value like \`206 to 217\` is a range in its source. Paths of sources are RIOT's, at commit c8bd52ff13.
`;

const MODELLED = `## What is modelled on all of them

- RAM: what \`riotbed size APP --board BOARD\` shows. Sizes of RIOT's structs and tables are computed by compiling
  RIOT's files, for 32 bit with the ARM ABI's layout of data. Not counted: the C library's own statics, padding, the
  heap. An image that does not fit does not boot. Flash is not accounted: apps are TypeScript.
- Stack use: \`ps\` shows figures of a real native64 node for the stack's own threads there, and \`-\` everywhere else.
- Threads: Cortex-M boards have no idle thread, so that main is pid 1 and the interface pid 5. On nrf52840dongle it
  is 6: a thread \`usbus\` starts before it.
- Addresses: a node has the EUI-64 that it is given, or 02:00:00:00:00:00 and a number; the row eui64 says where the
  real board has its own from.
- Radio: signal strength and link quality of frames are constants; sensitivity decides nothing.
- Serial line: ${ten(115200)} µs a byte at 115200 Bd, over USB too, where it would be faster.
`;

/** Ten bits a byte, in µs. */
function ten(baud: number): string {
  return (1e7 / baud).toFixed(1);
}

/** The whole page. */
export function boardsPage(): string {
  const pages = Object.values(boards).map((board) => boardPart(board));
  return [INTRO, MODELLED, ...pages, '## Cost of work\n', ...Object.entries(cores).map(corePart)].join('\n');
}

function boardPart(board: Board): string {
  const { name, riotName, cpu, core, facts, figures, radio, statics } = board;
  const lines = [
    `## ${name}`,
    '',
    `RIOT's board ${riotName}, CPU ${cpu}, core ${core}, radio driver ${radio.driver}.`,
    '',
    '| | | status | source |',
    '| --- | --- | --- | --- |',
    ...Object.entries(facts).map(([key, { value, status, source }]) => row(key, value, status, source)),
    ...lineRows(board),
    '',
    '| figure | meaning | value | status | source |',
    '| --- | --- | --- | --- | --- |',
    ...Object.entries(figures).map(([key, figure]) => figureRow(key, figure)),
    ...Object.entries(board.stacks).filter(([key]) => figures[key] === undefined).map(([key, value]) =>
      row(`\`${key}\``, 'stack of that kind', `${value} B`, 'computed', 'core/lib/include/thread_config.h')),
    '',
  ];
  if (statics.length === 0) return lines.join('\n');
  return [
    ...lines,
    '| static variables | bytes | status | source |',
    '| --- | --- | --- | --- |',
    ...statics.map((part) => row(part.name, String(part.bytes), 'computed', part.source)),
    '',
  ].join('\n');
}

/** Console and radio: what the emulation itself uses. */
function lineRows({ core, radio, uart }: Board): string[] {
  const waits = uart.blocking ? 'a writer waits for its last byte' : 'a writer goes on at once';
  const line = `${uart.baud} Bd, ${uart.byteTime} µs a byte; ${waits}`;
  const air = `${radio.byteTime} µs a byte${radio.txLead === 0 ? '' : `, less ${radio.txLead} µs a frame`}`;
  const [airStatus, airSource, signalSource] = core === 'host'
    ? ['seen', 'cpu/native/socket_zep', 'what dist/tools/zep_dispatch leaves as it is']
    : ['unverified', 'IEEE 802.15.4, O-QPSK at 2.4 GHz: 250 kbit/s', 'as native receives; no path loss'];
  return [
    uart.blocking
      ? row('console', line, 'seen', 'sys/include/stdio_uart.h')
      : row('console', line, 'modelled', 'the speed of a UART'),
    row('air time', air, airStatus, airSource),
    row('signal', `LQI ${radio.lqi}, RSSI from ${radio.rssi} dBm`, core === 'host' ? 'seen' : 'modelled', signalSource),
  ];
}

function figureRow(name: string, { value, upTo, unit, status, source }: Figure): string {
  const text = value === null ? `unknown (${unit})` : `${value}${upTo === undefined ? '' : ` to ${upTo}`} ${unit}`;
  const shown = status === 'null' ? '**null**' : status;
  return row(`\`${name}\``, FIGURE_NAMES[name]?.meaning ?? '', text, shown, source);
}

function corePart([name, cycles]: [string, CoreCycles]): string {
  return [
    `### ${name}`,
    '',
    '| work | cycles | unit | status | source |',
    '| --- | --- | --- | --- | --- |',
    ...Object.entries(cycles as Readonly<Record<string, CycleFigure>>).map(([kind, { value, unit, status, source }]) =>
      row(`\`${kind}\``, String(value), unit, status, source)),
    '',
  ].join('\n');
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}
