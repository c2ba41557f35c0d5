import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ROOT } from '../../typescript.ts';

const EXAMPLE = readFileSync(path.join(ROOT, 'emulator/scenario/examples/dtls_echo.ts'), 'utf8');

interface Surroundings {
  /** Variables of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the scenario, and the folder that the process runs in, within a new one. */
  readonly file: string;
  readonly cwd: string;
  /** Arguments of Node. */
  readonly node?: readonly string[];
}

/** Runs the example in a process of its own; its recording and what it prints, without the wall time and its path. */
function run({ env, file, cwd, node = [] }: Surroundings): Promise<{ recording: string; stdout: string }> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'riotbed-test-')));
  const [scenario, journal] = [path.join(folder, file), path.join(folder, 'run.json')];
  for (const needed of [path.dirname(scenario), path.join(folder, cwd)]) mkdirSync(needed, { recursive: true });
  writeFileSync(scenario, EXAMPLE);
  const argv = [...node, '--conditions=riotbed-source', `--import=${import.meta.resolve('tsx')}`,
    path.join(ROOT, 'emulator/cli/main.ts'), 'run', scenario, '--seed', '42', '--ladder', '--journal', journal];
  const options = { cwd: path.join(folder, cwd), env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', ...env } };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, argv, options, (error, stdout) => {
      if (error !== null) return reject(error);
      const placeless = (text: string) => text.replaceAll(path.join(folder, file), 'FILE');
      const told = placeless(stdout).replace(/ in \d+\.\d{3} s\n$/, '\n');
      return resolve({ recording: placeless(readFileSync(journal, 'utf8')), stdout: told });
    });
  });
}

test('UI-11 one seed gives one run, whatever the process, time zone, locale, folder and flags of Node', async (t) => {
  // Every frame, console line and time is in the output, and the digest of all steps in the recording.
  const plain = await run({ env: { TZ: 'UTC', LC_ALL: 'C' }, file: 'x.ts', cwd: '.' });
  t.regex(plain.stdout, /Received 5 bytes: "hello"/);
  t.regex(plain.stdout, /DTLS ApplicationData 21 seq1 ep1/);
  const others: Surroundings[] = [
    { env: { TZ: 'UTC', LC_ALL: 'C' }, file: 'x.ts', cwd: '.' },
    { env: { TZ: 'Pacific/Apia', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }, file: 'x.ts', cwd: 'elsewhere' },
    { env: { TZ: 'Asia/Kathmandu', LC_ALL: 'de_DE.UTF-8', HOME: '/', X: 'y' }, file: 'deep/down/x.ts', cwd: '.' },
    { env: {}, file: 'x.ts', cwd: '.', node: ['--max-old-space-size=512', '--no-opt'] },
  ];
  for (const other of others) t.deepEqual(await run(other), plain, JSON.stringify(other));
});
