import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { QUIRKS, type Quirk } from '../../net/quirks.ts';
import { quirksPage } from '../../net/quirks_page.ts';

const PAGE = new URL('../../net/QUIRKS.md', import.meta.url);
const COMMAND = 'RIOTBED_WRITE_README=1 npx ava test/net/quirks_page.test.ts';

test('net/QUIRKS.md is what the table of quirks makes of it', (t) => {
  // Byte for byte: a row that changes without the page, or the page without the row, shows here.
  if (process.env['RIOTBED_WRITE_README'] === '1') writeFileSync(PAGE, quirksPage());
  t.true(readFileSync(PAGE, 'utf8') === quirksPage(), `write it anew: ${COMMAND}`);
});

test('each quirk has one row of four cells in the section of its layer', (t) => {
  // Read back from the page by another way than it was made; a bar within a text would make a fifth cell.
  const sections = new Map(quirksPage().split('\n## ').map((part) => [part.split('\n', 1)[0]!, part.split('\n')]));
  for (const [id, { layer, default: off }] of Object.entries(QUIRKS) as [string, Quirk][]) {
    const rows = sections.get(layer)!.filter((line) => line.startsWith(`| \`${id}\``));
    t.is(rows.length, 1, id);
    t.is(rows[0]!.split(/(?<!\\)\|/).length, 6, id);
    t.is(rows[0]!.includes('(by name only)'), off === 'off', id);
  }
});
