// `riotbed size`: what an image takes of its board's RAM, before it ever runs.
import { figureOf } from '../../boards/index.ts';
import { isAppPath, nodeOptions } from '../scenario/run.ts';
import { configOf } from '../sim/image.ts';
import { imageModules } from '../sim/modules.ts';
import { ramOf, ramTable } from '../sim/ram.ts';
import { loadApps } from './load.ts';
import { UsageError } from './usage.ts';

export interface SizeFlags {
  readonly board: string;
  readonly set?: Readonly<Record<string, number>>;
  readonly json?: boolean;
}

const NOT_COUNTED = 'Code and constants (flash) are not known: apps are TypeScript. Not counted: the C library\'s ' +
  'own statics,\nthe heap, padding. Sizes of structs are computed from RIOT\'s headers, for the board\'s pointers.';

/**
 * Prints the table of what the image of an app takes.
 * @param name the name of an app or the path of a module
 * @returns the exit code: 0 it fits, 2 it does not
 * @throws UsageError for an app or board that there is not; names it
 */
export async function size(name: string, flags: SizeFlags): Promise<number> {
  const { apps } = await loadApps(isAppPath(name) ? [name] : []);
  const report = reportOf(name, flags, apps);
  const ram = report.ram ?? Infinity;
  const over = Math.max(0, report.total - ram);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ ...report, overflow: over }, null, 1)}\n`);
  } else {
    process.stdout.write(`${report.app} on ${report.board}\n\n${ramTable(report)}\n\n${NOT_COUNTED}\n`);
  }
  if (over === 0) return 0;
  process.stderr.write(`riotbed: ${report.app} on ${report.board}: region 'ram' overflowed by ${over} bytes\n`);
  return 2;
}

function reportOf(name: string, flags: SizeFlags, apps: Parameters<typeof nodeOptions>[1]['apps']) {
  try {
    const spec = { board: flags.board, app: name, ...(flags.set === undefined ? {} : { set: flags.set }) };
    const { board, app } = nodeOptions(spec, apps === undefined ? {} : { apps });
    const report = ramOf(board, app, configOf(board, app, undefined), imageModules(board, app.modules));
    const flash = figureOf(board, 'flash_bytes');
    return { ...report, text: null, flash };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
