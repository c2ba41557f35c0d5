// `riotbed quirks`: the table of what RIOT does otherwise than the RFCs. And profile and quirks as flags give them.
import pc from 'picocolors';
import { type Profile, QUIRKS, type Quirk } from '../../net/quirks.ts';
import { unknownName } from '../scenario/nearest.ts';
import { type QuirkOptions, checkQuirks } from '../sim/quirks.ts';
import { UsageError } from './usage.ts';
import { wrap } from './wrap.ts';

export interface QuirksFlags {
  readonly json?: boolean;
}

const WIDTH = 100;
const INDENT = 8;

/**
 * Prints the table, or the rows that `name` stands for: of a layer, of an id, or of ids that it is a part of.
 * @returns the exit code 0
 * @throws UsageError for a name that stands for none
 */
export function quirks(name: string | undefined, { json }: QuirksFlags): number {
  const rows = rowsOf(name);
  if (json === true) {
    const table = rows.map(([id, row]) => ({ id, default: 'on', ...row }));
    process.stdout.write(`${JSON.stringify(table, null, 1)}\n`);
    return 0;
  }
  const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const width = Math.min(WIDTH, (process.stdout.isTTY === true ? process.stdout.columns : 0) || WIDTH);
  const text = rows.map(([id, row]) => [
    `${colours.bold(id)}  (${row.layer}${row.default === 'off' ? '; on by name only' : ''})`,
    field('riot', row.riot, width), field('rfc', row.rfc, width), field('seen', row.seen, width),
  ].join('\n'));
  process.stdout.write(`${text.join('\n\n')}\n`);
  return 0;
}

/** `  riot  text`, further lines under the text. */
function field(label: string, text: string, width: number): string {
  const lines = wrap(text, width - INDENT).split('\n');
  return lines.map((line, i) => `${(i === 0 ? `  ${label}` : '').padEnd(INDENT)}${line}`).join('\n');
}

function rowsOf(name: string | undefined): [string, Quirk][] {
  const all = Object.entries(QUIRKS) as [string, Quirk][];
  if (name === undefined) return all;
  const wanted = name.toLowerCase();
  const exact = all.filter(([id, { layer }]) => id === wanted || layer === wanted);
  if (exact.length > 0) return exact;
  const part = all.filter(([id]) => id.includes(wanted));
  if (part.length > 0) return part;
  const layers = new Set(all.map(([, { layer }]) => layer));
  throw new UsageError(unknownName('quirk or layer', name, [...layers, ...all.map(([id]) => id)]));
}

/**
 * What --profile, --quirk and --strict say.
 * @throws UsageError for a profile or quirk that there is not
 */
export function quirkOptions(flags: {
  readonly profile?: string; readonly quirk?: Readonly<Record<string, boolean>>; readonly strict?: boolean;
}): QuirkOptions {
  const { profile, quirk, strict } = flags;
  const options = {
    ...(profile === undefined ? {} : { profile: profile as Profile }),
    ...(quirk === undefined ? {} : { quirks: quirk }),
    ...(strict === undefined ? {} : { strict }),
  };
  try {
    checkQuirks(options);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  return options;
}
