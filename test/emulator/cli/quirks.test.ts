import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { QUIRKS } from '../../../net/quirks.ts';
import { ROOT } from '../../typescript.ts';

const ID = 'icmpv6-error-tail';

/** A scenario whose board says whether it has a quirk. */
const FILES: Record<string, string> = {
  'x.ts': `import { scenario } from 'riotbed';
export default scenario({ nodes: { a: { board: 'native', app: './asks.ts', bootAt: 0 } }, profile: 'rfc' }, (sim) => {
  if (sim.nodes.a.output.includes('RIOT-like')) throw new Error('as RIOT');
});
`,
  'asks.ts': `import { puts } from 'riotbed/kernel/stdio.js';
import { quirk } from 'riotbed/net/quirks.js';
export const app = { name: 'asks', modules: [], * main() { puts(quirk('${ID}') ? 'RIOT-like' : 'RFC-like'); } };
`,
};

/** Runs the command line from its sources, in a folder of its own. */
function riotbed(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'riotbed-test-')));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(folder, name), text);
  const argv = ['--conditions=riotbed-source', `--import=${import.meta.resolve('tsx')}`,
    path.join(ROOT, 'emulator/cli/main.ts'), ...args];
  const env = { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '', NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }));
  });
}

test('quirks lists every row with all its fields, in lines of at most 100 columns', async (t) => {
  // Piped, as here, nothing is coloured and nothing cut: words are compared, lines may break anywhere between them.
  const { stdout, stderr, code } = await riotbed('quirks');
  t.is(stderr, '');
  t.is(code, 0);
  const words = stdout.replaceAll(/\s+/g, ' ');
  for (const [id, row] of Object.entries(QUIRKS)) {
    t.true(words.includes(`${id} (${row.layer}`), id);
    for (const text of [row.riot, row.rfc, row.seen]) t.true(words.includes(text), `${id}: ${text}`);
  }
  t.deepEqual(stdout.split('\n').filter((line) => line.length > 100), []);
  t.notRegex(stdout, /\x1b/);
});

test('quirks shows the rows of a layer, of one id, or of a part of ids, and as JSON', async (t) => {
  // The layer has one row or more, all of them its own.
  const json = JSON.parse((await riotbed('quirks', 'icmpv6', '--json')).stdout) as { id: string; layer: string }[];
  const expected = Object.entries(QUIRKS).filter(([, { layer }]) => layer === 'icmpv6').map(([id]) => id);
  t.deepEqual(json.map(({ id }) => id), expected);
  for (const name of [ID, 'error-tai']) {
    const { stdout } = await riotbed('quirks', name);
    t.true(stdout.startsWith(`${ID}  (icmpv6)\n  riot  `), stdout);
    t.notRegex(stdout, /\n\n/);
  }
  const wrong = await riotbed('quirks', 'icmpv6-error-tial');
  t.is(wrong.stderr, `riotbed: unknown quirk or layer 'icmpv6-error-tial'; did you mean '${ID}'?\n`);
  t.is(wrong.code, 2);
});

test('run takes a profile and quirks, before the scenario\'s own profile', async (t) => {
  // The scenario asks for rfc, and fails on a board that does as RIOT.
  t.is((await riotbed('run', 'x.ts', '--quiet')).code, 0);
  const riot = await riotbed('run', 'x.ts', '--quiet', '--profile', 'riot');
  t.is(riot.stderr, 'riotbed: Error: as RIOT (x.ts:3)\nreplay: riotbed run x.ts --seed 1 --profile riot\n');
  const one = await riotbed('run', 'x.ts', '--quiet', '--quirk', ID);
  t.is(one.stderr, `riotbed: Error: as RIOT (x.ts:3)\nreplay: riotbed run x.ts --seed 1 --quirk ${ID}=on\n`);
  t.is((await riotbed('run', 'x.ts', '--quiet', '--profile', 'riot', '--quirk', `${ID}=off`)).code, 0);
});

test('run shows a quirk that acted in the ladder and in the summary', async (t) => {
  // The ladder has no frames here, but it has the line.
  const { stdout } = await riotbed('run', 'x.ts', '--ladder', '--profile', 'riot');
  t.regex(stdout, new RegExp(` a: quirk ${ID}\\n`));
  t.regex(stdout.replaceAll(/\s+/g, ' '), new RegExp(` Quirks met: ${ID} ×1\\.`));
});

test('a profile or quirk that there is not is named; exit code 2', async (t) => {
  // Before the scenario is loaded: the file need not be there.
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await riotbed(...args);
    t.is(code, 2);
    t.is(stdout, '');
    return stderr;
  };
  t.is(await refused('run', 'no.ts', '--profile', 'riod'), "riotbed: unknown profile 'riod'; did you mean 'riot'?\n");
  t.regex(await refused('run', 'no.ts', '--quirk', 'nope'), /^riotbed: unknown quirk 'nope'; there are: .*\n$/);
  t.regex(await refused('run', 'no.ts', '--quirk', `${ID}=yes`),
    /'icmpv6-error-tail=yes' is invalid\. It is not ID, ID=on/);
  t.regex(await refused('quirks', 'zzzz'), /^riotbed: unknown quirk or layer 'zzzz'; there are: /);
});
