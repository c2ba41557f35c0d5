// net/QUIRKS.md as a text, made of the table of quirks.
import { QUIRKS, type Quirk } from './quirks.ts';

const INTRO = `# Quirks

This page is made by \`quirks_page.ts\` from the table in \`quirks.ts\`; a test proves that it is up
to date. Do not edit it.

Where RIOT departs from an RFC, or from what its users would expect, in a way that shows on the air, in
a return value, or as a leak or a hang. Profile \`riot\`, the default, has all of them but those marked
*by name only*; profile \`rfc\` has none. Each can be switched by its name. A quirk that would accept
what is not authentic is on by its name only. Files are RIOT's, at commit c8bd52ff13.
`;

/** The whole page: a section a layer, in the table's order. */
export function quirksPage(): string {
  const rows = Object.entries(QUIRKS) as [string, Quirk][];
  const layers = [...new Set(rows.map(([, { layer }]) => layer))];
  return [INTRO, ...layers.map((layer) => section(layer, rows.filter(([, row]) => row.layer === layer)))].join('\n');
}

function section(layer: string, rows: readonly [string, Quirk][]): string {
  const lines = rows.map(([id, { riot, rfc, seen, default: off }]) =>
    `| \`${id}\`${off === 'off' ? ' (by name only)' : ''} | ${cell(riot)} | ${cell(rfc)} | ${cell(seen)} |`);
  const head = '| quirk | profile riot | profile rfc | seen in |\n| --- | --- | --- | --- |';
  return `## ${layer}\n\n${head}\n${lines.join('\n')}\n`;
}

/** Text that Markdown leaves alone within a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');
}
