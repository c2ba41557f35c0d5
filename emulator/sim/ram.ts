// Static RAM of an image as a linker accounts it. What does not fit does not boot.
import { type Board, figureOf } from '../../boards/index.ts';
import type { App } from '../../kernel/app.ts';
import type { ConfigValues } from '../../kernel/config.ts';
import type { NET_CONFIG } from '../../net/config.ts';
import { gnrc_parts } from '../../net/gnrc/auto_init.ts';
import { RAM_TABLE, type RamImage, ztimer } from './ram-table.ts';

/** One object, or several of a module, and what it takes. */
export interface RamRow {
  readonly section: string;
  readonly name: string;
  readonly bytes: number;
  /** Where RIOT has it; computed sizes all of them. */
  readonly source: string;
}

export interface RamReport {
  readonly app: string;
  readonly board: string;
  readonly rows: readonly RamRow[];
  /** Sum of the rows. */
  readonly total: number;
  /** RAM of the board; null: no limit, as on native. */
  readonly ram: number | null;
}

/** An image that does not fit into its board's RAM. */
export class RamOverflow extends RangeError {
  override name = 'RamOverflow';
  readonly report: RamReport;
  /** What uses how much, as `ramTable()` shows it. */
  readonly details: string;

  constructor(report: RamReport, ram: number) {
    super(`${report.app} on ${report.board}: region 'ram' overflowed by ${report.total - ram} bytes`);
    this.report = report;
    this.details = ramTable(report);
  }
}

/**
 * What an image takes of its board's RAM.
 * @param config  its resolved figures, stack sizes among them
 * @param modules all its modules
 */
export function ramOf(board: Board, app: App, config: ConfigValues, modules: ReadonlySet<string>): RamReport {
  const image: RamImage = {
    board, modules,
    config: config as ConfigValues & ConfigValues<typeof NET_CONFIG>,
    parts: gnrc_parts(modules),
    wide: config['SIZEOF_POINTER'] === 8,
  };
  const rows: RamRow[] = [];
  for (const { section, name, when, bytes, source } of RAM_TABLE) {
    if (when(image)) rows.push({ section, name, bytes: bytes(image), source });
  }
  for (const { name, bytes, when, source } of board.statics) {
    const there = when === 'netif' ? image.parts.netif : when === 'ztimer' ? ztimer(image) : true;
    if (there) rows.push({ section: 'board', name, bytes, source });
  }
  const own = typeof app.ram === 'function' ? app.ram(config) : app.ram ?? 0;
  rows.push({ section: 'app', name: `${app.name}: its own statics`, bytes: own, source: 'what the app declares' });
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  return { app: app.name, board: board.name, rows, total, ram: figureOf(board, 'ram_bytes') };
}

/** @throws RamOverflow when the image does not fit */
export function checkRam(board: Board, app: App, config: ConfigValues, modules: ReadonlySet<string>): undefined {
  const ram = figureOf(board, 'ram_bytes');
  if (ram === null) return;
  const report = ramOf(board, app, config, modules);
  if (report.total > ram) throw new RamOverflow(report, ram);
}

/** The report as a table, for a console. */
export function ramTable({ rows, total, ram }: RamReport): string {
  const used = rows.filter(({ bytes }) => bytes > 0);
  const width = (key: 'section' | 'name', least: number): number =>
    Math.max(least, ...used.map((row) => row[key].length));
  const section = width('section', 7);
  const name = width('name', 6);
  const line = (a: string, b: string, bytes: string, source: string): string =>
    `${a.padEnd(section)}  ${b.padEnd(name)}  ${bytes.padStart(7)}  ${source}`.trimEnd();
  const limit = ram === null ? 'no limit' : total <= ram
    ? `of ${ram} bytes of RAM, ${ram - total} free for the heap`
    : `of ${ram} bytes of RAM: region 'ram' overflowed by ${total - ram} bytes`;
  return [
    line('section', 'object', 'bytes', 'from'),
    ...used.map((row) => line(row.section, row.name, String(row.bytes), row.source)),
    line('total', '', String(total), limit),
  ].join('\n');
}
