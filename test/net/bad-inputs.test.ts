// That none of the inputs of vectors/bad-inputs.json is forgotten. The tests themselves stand with their layers.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { ROOT } from '../typescript.ts';

interface BadInput {
  readonly id: string;
  readonly layer: string;
  readonly part: string;
  readonly trigger: string;
  readonly expected: string;
}

const INPUTS = JSON.parse(readFileSync(path.join(ROOT, 'test/vectors/bad-inputs.json'), 'utf8')) as BadInput[];

/** Parts with tests of their own, and why their entries are not asked for here. */
const OTHER_PARTS: Readonly<Record<string, string>> = {
  dtls: 'sock_dtls and its engine: test/net/dtls, test/net/sock',
  sfr: 'selective fragment recovery (RFC 8931), which no image has',
  coap: 'gcoap, nanocoap',
  serial: 'ethos and SLIP',
  rpl: 'RPL',
  ui: 'the web page and links to it',
};

const ID = /\b[A-Z]{2}-\d\d\b/g;

/** Titles of all tests, with their files. */
function titles(): { file: string; title: string }[] {
  const found: { file: string; title: string }[] = [];
  for (const entry of readdirSync(path.join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.test.ts')) continue;
    const text = readFileSync(path.join(ROOT, 'test', entry), 'utf8');
    for (const [, , title] of text.matchAll(/\btest(?:\.\w+)?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs)) {
      found.push({ file: entry, title: title! });
    }
  }
  return found;
}

test('every bad input of the network has a test that names it in its title', (t) => {
  // The title is what a run prints: `LO-02 fragments in every order …`.
  const named = new Set(titles().flatMap(({ title }) => title.match(ID) ?? []));
  const missing = INPUTS.filter(({ part, id }) => part === 'network' && !named.has(id));
  t.deepEqual(missing.map(({ id, layer, trigger }) => `${id} (${layer}): ${trigger}`), []);
});

test('every id in a title is one of the list', (t) => {
  // A mistyped id would leave its input without a test.
  const ids = new Set(INPUTS.map(({ id }) => id));
  const wrong = titles().flatMap(({ file, title }) =>
    (title.match(/^[A-Z]{2}-\d\d\b/) ?? []).filter((id) => !ids.has(id)).map((id) => `${file}: ${id}`));
  t.deepEqual(wrong, []);
});

test('every bad input belongs to the network or to a part that is named here', (t) => {
  // 144 entries; an unknown part would be nobody's.
  t.is(INPUTS.length, 144);
  t.is(new Set(INPUTS.map(({ id }) => id)).size, INPUTS.length);
  t.deepEqual(INPUTS.filter(({ part }) => part !== 'network' && !Object.hasOwn(OTHER_PARTS, part)), []);
});
