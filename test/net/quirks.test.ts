import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { PROFILES, QUIRKS, type Quirk, quirksOf } from '../../net/quirks.ts';
import { TestBoard } from '../kernel/harness.ts';
import { quirk } from '../../net/quirks.ts';
import { ROOT } from '../typescript.ts';

const IDS = Object.keys(QUIRKS);
const ROWS = Object.entries(QUIRKS) as [string, Quirk][];
const LAYERS = ['netapi', '802.15.4', 'ethernet', 'netif', '6lowpan', 'ipv6', 'icmpv6', 'nib', 'udp', 'sock', 'dtls'];

/** The texts of all sources in a folder of the project, by path. */
function sources(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const file = path.join(entry.parentPath, entry.name);
    found.set(path.relative(ROOT, file), readFileSync(file, 'utf8'));
  }
  return found;
}

test('every quirk of the table is asked for somewhere in the stack', (t) => {
  // A row that nobody asks for is a claim without a switch: profile rfc would do the same. Codecs, which know no board,
  // ask whom they are given: `quirk('id')` and `ask('id')`.
  const asked = new Set([...sources('net')].filter(([file]) => file !== 'net/quirks.ts').flatMap(([, text]) =>
    [...text.matchAll(/\b(?:quirk|ask)\(\s*'([^']*)'\s*\)/g)].map(([, id]) => id!)));
  t.deepEqual(IDS.filter((id) => !asked.has(id)), []);
});

test('every quirk is named in a test of the part that has it', (t) => {
  // What profile and switch do as such is tested by files called quirks.test.ts: they do not count.
  const tests = [...sources('test')].filter(([file]) => path.basename(file) !== 'quirks.test.ts')
    .map(([, text]) => text);
  t.deepEqual(IDS.filter((id) => !tests.some((text) => text.includes(id))), []);
});

test('every row has a layer that there is, sentences, and where RIOT was seen to do so', (t) => {
  // `riotbed quirks` prints them as they are.
  for (const [id, row] of ROWS) {
    t.regex(id, /^[a-z0-9]+(-[a-z0-9]+)+$/);
    t.true(LAYERS.includes(row.layer), `${id}: ${row.layer}`);
    for (const text of [row.riot, row.rfc]) t.regex(text, /^([A-Z0-9]|\w+\(\)).*[.)]$/s, id);
    t.true(row.seen.length > 10, id);
    for (const text of [row.riot, row.rfc, row.seen]) t.notRegex(text, /\s\s|\n|^\s|\s$/, id);
  }
});

test('profile riot has every quirk but those that are on by name only, profile rfc has none', (t) => {
  // null stands for riot's, so the running board answers.
  t.deepEqual(PROFILES, ['riot', 'rfc']);
  const on = (profile: 'riot' | 'rfc', quirks?: Record<string, boolean>) => {
    const found: string[] = [];
    new TestBoard(function* () {
      for (const id of IDS) if (quirk(id as keyof typeof QUIRKS)) found.push(id);
    }, { profile, ...(quirks === undefined ? {} : { quirks }) }).run();
    return found;
  };
  t.deepEqual(on('riot'), ROWS.filter(([, row]) => row.default !== 'off').map(([id]) => id));
  t.deepEqual(on('rfc'), []);
  for (const id of IDS) {
    t.deepEqual(on('rfc', { [id]: true }), [id]);
    t.false(on('riot', { [id]: false }).includes(id), id);
    t.true(on('riot', { [id]: true }).includes(id), id);
  }
  t.throws(() => quirksOf('rfc', { nope: true }),
    { instanceOf: RangeError, message: /^unknown quirk nope; there are: / });
});
