import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { boardsPage } from '../../boards/page.ts';
import { boards } from '../../boards/index.ts';

const README = new URL('../../boards/README.md', import.meta.url);
const COMMAND = 'RIOTBED_WRITE_README=1 npx ava test/boards/page.test.ts';

test('boards/README.md is what the boards\' data makes of it', (t) => {
  // Byte for byte: a figure that changes without the page, or the page without the data, shows here.
  if (process.env['RIOTBED_WRITE_README'] === '1') writeFileSync(README, boardsPage());
  t.is(readFileSync(README, 'utf8'), boardsPage(), `write it anew: ${COMMAND}`);
});

test('the page has each figure of each board with its value, status and source, and says what is null', (t) => {
  // Read back from the page by another way than it was made: rows by their section.
  const sections = new Map(boardsPage().split('\n## ').map((part) => [part.split('\n', 1)[0]!, part.split('\n')]));
  for (const [name, { figures }] of Object.entries(boards)) {
    const rows = sections.get(name)!.filter((line) => line.startsWith('| `'))
      .map((line) => line.slice(2, -2).split(' | '));
    for (const [key, { value, unit, status, source }] of Object.entries(figures)) {
      const [, , shown, word, from] = rows.find(([cell]) => cell === `\`${key}\``)!;
      t.true(value === null ? shown === `unknown (${unit})` : shown!.startsWith(String(value)), `${name} ${key}`);
      t.is(word, status === 'null' ? '**null**' : status);
      t.is(from, source);
    }
  }
});
