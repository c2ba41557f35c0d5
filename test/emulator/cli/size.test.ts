import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ROOT } from '../../typescript.ts';

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line from its sources, in a folder with a scenario of one samr21-xpro and an app. */
function riotbed(...args: string[]): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'riotbed-size-'));
  writeFileSync(path.join(folder, 'big.ts'), `export const app = { name: 'big', modules: [], ram: 40000, main };
function* main() { return 0; }
`);
  writeFileSync(path.join(folder, 'scenario.ts'), `import { scenario } from 'riotbed';
export default scenario({ nodes: { a: { board: 'samr21-xpro', app: 'hello-world' } } }, () => undefined);
`);
  const argv = ['--conditions=riotbed-source', `--import=${import.meta.resolve('tsx')}`,
    path.join(ROOT, 'emulator/cli/main.ts'), ...args];
  const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('size prints what an image takes of its board\'s RAM, row by row, and the sum', async (t) => {
  // The rows of the table add up to what the last one says; RAM is the board's 32 KiB.
  const { code, stdout, stderr } = await riotbed('size', 'dtls-sock', '--board', 'samr21-xpro');
  t.is(code, 0, stderr);
  const table = stdout.split('\n').slice(2);
  const end = table.findIndex((line) => line.startsWith('total'));
  const bytes = table.slice(1, end).map((line) => Number(/ {2,}(\d+) {2}\S/.exec(line)![1]));
  const total = bytes.reduce((sum, one) => sum + one, 0);
  t.regex(table[end]!, new RegExp(`^total +${total} {2}of 32768 bytes of RAM, ${32768 - total} free for the heap$`));
  t.true(stdout.includes('Code and constants (flash) are not known: apps are TypeScript.'));
});

test('size --json prints the same figures as data', async (t) => {
  // For programs: every row, the sum, the limit, and null for what is not known.
  const { code, stdout } = await riotbed('size', 'hello-world', '--board', 'nrf52840dk', '--json');
  const report = JSON.parse(stdout) as { rows: { bytes: number }[] } & Record<string, unknown>;
  t.is(code, 0);
  t.is(report['total'], report.rows.reduce((sum, { bytes }) => sum + bytes, 0));
  t.like(report, { app: 'hello-world', board: 'nrf52840dk', ram: 262144, flash: 1048576, text: null, overflow: 0 });
});

test('an image that does not fit is exit code 2, with the linker\'s wording and the table', async (t) => {
  // By size, of an app in a file of its own; and by run, before anything is printed by the board.
  const size = await riotbed('size', './big.ts', '--board', 'samr21-xpro');
  t.is(size.code, 2);
  t.regex(size.stderr, /^riotbed: big on samr21-xpro: region 'ram' overflowed by \d+ bytes\n$/);
  t.regex(size.stdout, /\napp +big: its own statics +40000 {2}what the app declares\n/);
  const run = await riotbed('run', 'scenario.ts', '--set', 'ram_bytes=1000');
  t.is(run.code, 2);
  t.regex(run.stderr, /^riotbed: scenario scenario\.ts: node a: hello-world on samr21-xpro: region /);
  t.regex(run.stderr, /^[^\n]+ region 'ram' overflowed by \d+ bytes\nsection /);
  t.regex(run.stderr, /\nstacks +main +1536 /);
  t.is(run.stdout, '');
});

test('what is wrong on the command line is named', async (t) => {
  // An app, a board and a figure that there are not; a value that is no number; no board at all.
  for (const [args, text] of [
    [['no-app', '--board', 'native'], /unknown app 'no-app'/],
    [['default', '--board', 'samr21'], /unknown board samr21; there are: native, samr21-xpro/],
    [['default', '--board', 'native', '--set', 'ram=1'], /board native: unknown figure ram; there are: ram_bytes/],
    [['default', '--board', 'native', '--set', 'ram_bytes=x'], /argument 'ram_bytes=x' is invalid/],
    [['default'], /required option '--board <BOARD>' not specified/],
  ] as const) {
    const { code, stderr } = await riotbed('size', ...args);
    t.is(code, 2, stderr);
    t.regex(stderr, text);
    t.is(stderr.trimEnd().split('\n').length, 1, stderr);
  }
});
