import { execFile } from 'node:child_process';
import {
  chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, statSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { CREDENTIALS } from '../../../apps/dtls_sock/credentials.ts';
import { ROOT } from '../../typescript.ts';

const EXAMPLE = path.join(ROOT, 'emulator/scenario/examples/dtls_echo.ts');
const KEYS = [...CREDENTIALS.client, CREDENTIALS.server].map(({ key }) => key);

/** Runs the example with every view that there is. */
function run(folder: string): Promise<{ stdout: string; stderr: string }> {
  const argv = ['--conditions=riotbed-source', `--import=${import.meta.resolve('tsx')}`,
    path.join(ROOT, 'emulator/cli/main.ts'), 'run', EXAMPLE, '--ladder', '--energy', '--debug', '--journal', 'run.json',
    '--pcap', 'out/run.pcapng'];
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env: { ...process.env, NODE_OPTIONS: '' } };
    execFile(process.execPath, argv, options, (error, stdout, stderr) =>
      error === null ? resolve({ stdout, stderr }) : reject(error));
  });
}

test('UI-09 keys and master secrets of a run show in its capture only, which nobody else may read', async (t) => {
  // The capture is made to be decrypted, its README and last line say so; all else may go into a bug report.
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'riotbed-test-')));
  mkdirSync(path.join(folder, 'out'));
  const capture = path.join(folder, 'out/run.pcapng');
  // One that is there and that all can read: its mode has to change.
  writeFileSync(capture, '');
  chmodSync(capture, 0o644);
  const { stdout, stderr } = await run(folder);
  t.is(stderr, '');
  const bytes = readFileSync(capture, 'latin1');
  const secrets = [...bytes.matchAll(/CLIENT_RANDOM [0-9a-f]{64} ([0-9a-f]{96})/g)].map(([, master]) => master!);
  t.is(secrets.length, 1);
  t.is(statSync(capture).mode & 0o777, 0o600);
  t.deepEqual(readdirSync(folder).toSorted(), ['out', 'run.json']);
  const hexOf = (text: string) => Buffer.from(text).toString('hex');
  const recording = readFileSync(path.join(folder, 'run.json'), 'utf8');
  for (const [what, text] of Object.entries({ stdout, recording })) {
    for (const secret of [...secrets, ...KEYS, ...KEYS.map(hexOf)]) {
      t.false(text.toLowerCase().includes(secret.toLowerCase()), `${what}: ${secret}`);
    }
  }
  // The keys themselves are not even in the capture.
  for (const key of KEYS) t.false(bytes.includes(key), key);
});
