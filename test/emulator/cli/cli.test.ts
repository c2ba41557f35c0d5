import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { checkBuilt } from '../../tools.ts';
import { ROOT } from '../../typescript.ts';

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

/** A scenario's module: its nodes and the body of its function. */
function source(nodes: string, body = ''): string {
  return `import { scenario, seconds } from 'riotbed';
export default scenario({ nodes: ${nodes} }, (sim) => {
  ${body}
});
`;
}

const APP = `import { puts } from 'riotbed/kernel/stdio.js';
import type { Blocking } from 'riotbed';
export const app = { name: 'hello', modules: [], main };
function* main(): Blocking<number> { puts('Hello from outside'); return 0; }
`;
const NODE = "a: { board: 'native', app: './app.ts', bootAt: 0 }";

/** Runs the built command line in a folder outside the package, with these files and app.ts in it. */
function riotbed(
  args: string[], files: Record<string, string> = {}, from: 'dist' | 'sources' = 'dist',
): Promise<Result & { folder: string }> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'riotbed-test-')));
  for (const [name, text] of Object.entries({ 'app.ts': APP, ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const tsx = import.meta.resolve('tsx');
  const argv = from === 'dist' ? [path.join(ROOT, 'dist/emulator/cli/main.js')]
    : ['--conditions=riotbed-source', `--import=${tsx}`, path.join(ROOT, 'emulator/cli/main.ts')];
  const env = { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '', NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, [...argv, ...args], { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr, folder });
    });
  });
}

/** Asserts that there is one line on stderr, nothing on stdout, and exit code 2. */
function usage(t: ExecutionContext, result: Result, line: string | RegExp): undefined {
  if (typeof line === 'string') t.is(result.stderr, `riotbed: ${line}\n`);
  else t.regex(result.stderr, line);
  t.is(result.stderr.split('\n').length, 2, result.stderr);
  t.is(result.stdout, '');
  t.is(result.code, 2);
}

test.before('the build is that of these sources', checkBuilt);

test('a scenario outside the package runs: console, summary, verdict', async (t) => {
  // It and its app import riotbed by name, without any package or node_modules near them.
  const body = "sim.nodes.a.expect('Hello from outside'); sim.runFor(seconds(2));";
  const files = { 'x.ts': source(`{ ${NODE} }`, body) };
  const { code, stdout, stderr } = await riotbed(['run', 'x.ts', '--seed', '7'], files);
  t.is(stderr, '');
  t.is(code, 0);
  t.regex(stdout, /^ {2}0\.000000 a \| RIOT native interrupts\/signals initialized\.\n/);
  t.regex(stdout, /\n {2}0\.000000 a \| Hello from outside\n/);
  t.regex(stdout, /\n1 node ran 2\.000000 s of virtual time \(seed 7, digest [0-9a-f]{16}\)\. Nothing was on the/);
  t.regex(stdout, /\npassed: x\.ts, seed 7, 2\.000000 s of virtual time in \d+\.\d{3} s\n$/);
});

test('the sources run a scenario too, and paths of apps are relative to the scenario', async (t) => {
  // As in development, without a build; another working folder than the scenario's.
  const files = { 'deep/x.ts': source(`{ ${NODE} }`, "sim.nodes.a.expect('Hello');"), 'deep/app.ts': APP };
  const { code, stdout, stderr } = await riotbed(['run', 'deep/x.ts', '--quiet'], files, 'sources');
  t.is(stderr, '');
  t.regex(stdout, /^passed: deep\/x\.ts, seed 1, .*\n$/);
  t.is(code, 0);
});

test('a scenario within the package runs and shares the running instance', async (t) => {
  // It imports a source of the package by a relative path: a second copy of the kernel would find no running board.
  const file = path.join(ROOT, 'test/emulator/cli/inside.ts');
  const { code, stderr } = await riotbed(['run', file, '--quiet']);
  t.is(stderr, '');
  t.is(code, 0);
});

test('a failed scenario says why, where, and how to run it again; exit code 1', async (t) => {
  // One expectation that cannot come true.
  const body = "sim.nodes.a.expect(/Goodbye/, { within: seconds(1) });";
  const files = { 'x.ts': source(`{ ${NODE} }`, body) };
  const { code, stdout, stderr } = await riotbed(['run', 'x.ts', '--seed', '9', '--quiet'], files);
  t.is(code, 1);
  t.regex(stderr, /^riotbed: a: expected \/Goodbye\/ within 1 s: nothing is left to run; given up at 0\.000000 s /);
  t.regex(stderr, / \(x\.ts:3\)\nlast lines of a:\n/);
  t.regex(stderr, /\n {2}\| Hello from outside\nreplay: riotbed run x\.ts --seed 9\n$/);
  t.regex(stdout, /^failed: x\.ts, seed 9/);
});

test('a scenario that throws is named with its line, and its stack shows with --debug only', async (t) => {
  // The line is that of the TypeScript file, not of the bundle.
  const files = { 'x.ts': source(`{ ${NODE} }`, "throw new Error('my own');") };
  const plain = await riotbed(['run', 'x.ts', '--quiet'], files);
  t.is(plain.stderr, 'riotbed: Error: my own (x.ts:3)\nreplay: riotbed run x.ts --seed 1\n');
  t.is(plain.code, 1);
  const debug = await riotbed(['run', 'x.ts', '--quiet', '--debug'], files);
  t.regex(debug.stderr, /\n {4}at .*x\.ts:3:9/);
});

test('an app that throws panics its own board with the line of its source, and the others go on', async (t) => {
  // TypeScript that esbuild has bundled, in a folder of its own; nothing on the console tells where the folder lies.
  const bad = `import { ztimer_sleep, ZTIMER_MSEC } from 'riotbed/kernel/ztimer.js';
interface Frame { data?: { length: number } }
export const app = { name: 'bad', modules: [], * main() {
  yield* ztimer_sleep(ZTIMER_MSEC, 5);
  const frame: Frame = {};
  return frame.data!.length;
} };
`;
  const nodes = `{ a: { board: 'native', app: './lib/bad.ts', bootAt: 0 }, ${NODE.replaceAll('a:', 'b:')} }`;
  const body = "sim.nodes.b.expect('Hello from outside'); sim.runFor(seconds(1));";
  const files = { 'x.ts': source(nodes, body), 'lib/bad.ts': bad };
  const { code, stdout, stderr, folder } = await riotbed(['run', 'x.ts'], files);
  t.is(stderr, '');
  t.is(code, 0);
  t.regex(stdout,
    /\n {2}0\.005000 a \| \*\*\* RIOT kernel panic:\n.* a \| TypeError: .*'length'.* \(lib\/bad\.ts:6\)\n/);
  t.false(stdout.includes(folder));
});

test('a failed assert() of an app shows the line of its source, and its thread sleeps for ever', async (t) => {
  // RIOT's text. The thread that made it goes on.
  const bad = `import type { Blocking } from 'riotbed';
import { assert } from 'riotbed/kernel/panic.js';
import { puts } from 'riotbed/kernel/stdio.js';
import { thread_create } from 'riotbed/kernel/thread.js';
type Limits = { most: number };
function* worker({ most }: Limits): Blocking<void> {
  assert(most > 5);
  puts('not reached');
}
export const app = { name: 'bad', modules: [], * main(): Blocking<number> {
  yield* thread_create({ length: 1024 }, 1024, 6, 0, worker, { most: 4 }, 'worker');
  puts('main goes on');
  return 0;
} };
`;
  const files = { 'x.ts': source("{ a: { board: 'native', app: './bad.ts' } }"), 'bad.ts': bad };
  const { code, stdout } = await riotbed(['run', 'x.ts'], files);
  t.is(code, 0);
  t.regex(stdout, / a \| bad\.ts:7 => FAILED ASSERTION\.\n.* a \| main goes on\n/);
  t.notRegex(stdout, /not reached|panic:/);
});

test('files that are not there or no scenarios are named', async (t) => {
  // Each with what would be right.
  usage(t, await riotbed(['run', 'nope.ts']), 'scenario nope.ts: no such file');
  usage(t, await riotbed(['run', 'x.ts'], { 'x.ts': 'export default 5;' }),
    'scenario x.ts does not export a scenario: export default scenario({ nodes }, (sim) => { … })');
  usage(t, await riotbed(['run', 'x.ts'], { 'x.ts': 'const x = ;' }),
    /^riotbed: scenario \/.*\/x\.ts:1:11: Unexpected ";"\n$/);
  usage(t, await riotbed(['run', 'x.ts'], { 'x.ts': "import 'riotbed/kernel/nope.js';" }),
    /^riotbed: scenario .*x\.ts:1:8: there is no module riotbed\/kernel\/nope\.js\n$/);
  usage(t, await riotbed(['run', 'x.ts'], { 'x.ts': '\nthrow new Error("at load");' }), 'scenario x.ts:2: at load');
});

test('boards, apps, addresses and configuration names that there are not are named', async (t) => {
  // One line each, with the nearest name or a list.
  const run = (node: string) => riotbed(['run', 'x.ts'], { 'x.ts': source(`{ a: { ${node} } }`) });
  usage(t, await run("board: 'nativ', app: './app.ts'"),
    /^riotbed: scenario x\.ts: node a: unknown board nativ; .*native.*\n$/);
  usage(t, await run("board: 'native', app: 'dtls_sok'"),
    "scenario x.ts: node a: unknown app 'dtls_sok'; did you mean 'dtls_sock'?");
  usage(t, await run("board: 'native', app: './nope.ts'"),
    /^riotbed: app \.\/nope\.ts of node a: .*nope\.ts: no such file\n$/);
  usage(t, await run("board: 'native', app: './x.ts'"),
    'app ./x.ts of node a does not export `app` with name, main and modules');
  usage(t, await run("board: 'native', app: './app.ts', eui64: '2:0:0:0:0:0:0:a'"),
    /^riotbed: scenario x\.ts: node a: EUI-64 '2:0:0:0:0:0:0:a' is not eight pairs .* 02:00:00:00:00:00:00:0a\n$/);
  usage(t, await run("board: 'native', app: './app.ts', config: { CONFIG_GNRC_PKTBUF_SIZ: 1 }"),
    /^riotbed: scenario x\.ts: node a: unknown configuration name CONFIG_GNRC_PKTBUF_SIZ; .*_PKTBUF_SIZE.*\n$/);
  usage(t, await run("bord: 'native', app: './app.ts'"),
    "scenario x.ts:2: unknown option of node a: 'bord'; did you mean 'board'?");
});

test('wrong arguments are named', async (t) => {
  // The parser's messages in one line, with the nearest option.
  usage(t, await riotbed([]), 'no command; see riotbed run --help');
  usage(t, await riotbed(['rn']), "unknown command 'rn' (Did you mean run?)");
  usage(t, await riotbed(['run']), "missing required argument 'FILE'; see riotbed run --help");
  usage(t, await riotbed(['run', 'x.ts', '--pcpa', 'y']), "unknown option '--pcpa' (Did you mean --pcap?)");
  usage(t, await riotbed(['run', 'x.ts', '--seed', '-1']),
    /option '--seed <N>' argument '-1' is invalid. It is not a non-neg/);
  usage(t, await riotbed(['run', 'x.ts', '--pcap', 'app.ts/y'], { 'x.ts': source(`{ ${NODE} }`) }),
    /^riotbed: cannot write app\.ts\/y: /);
});

test('--help and --version answer on stdout', async (t) => {
  // Exit code 0, and every option is there.
  const help = await riotbed(['run', '--help']);
  for (const option of ['--seed', '--pcap', '--ladder', '--journal', '--quiet', '--debug']) {
    t.true(help.stdout.includes(option));
  }
  t.is(help.code, 0);
  const version = await riotbed(['--version']);
  t.regex(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

test('the example shows consoles, ladder, summary and the path of its capture, in this order', async (t) => {
  // What `npm start` runs: a newcomer sees this first.
  const example = path.join(ROOT, 'emulator/scenario/examples/dtls_echo.ts');
  const { code, stdout, stderr } = await riotbed(['run', example, '--ladder', '--pcap', 'out/dtls_echo.pcapng']);
  t.is(stderr, '');
  t.is(code, 0);
  const parts = [
    /^ {2}\d\.\d{6} server \| > dtlss start$/m,
    /^ {2}\d\.\d{6} client \| Received 5 bytes: "hello"$/m,
    /^ +time ms server +client bytes/m,
    /^ +\d+\.\d{3} +\|<-+\| +109\+ DTLS ClientHello msg0 seq0 ep0$/m,
    /^ +\d+\.\d{3} +\|-+>\| +85\+ DTLS Finished/m,
    /^2 nodes ran 11\.\d{6} s of virtual time[\s\S]* 1 DTLS handshake from ClientHello to\s+Finished\s+in\s+\d+/m,
    /^capture: out\/dtls_echo\.pcapng /m,
    /^passed: /m,
  ].map((part) => stdout.search(part));
  t.false(parts.includes(-1), `${parts.join(' ')}\n${stdout}`);
  t.deepEqual(parts, parts.toSorted((a, b) => a - b));
  t.deepEqual(stdout.split('\n').filter((line) => line.length > 100 && !line.startsWith('passed')), []);
});

test('a capture and a recording are written where asked, folders made', async (t) => {
  // The recording names the scenario by its hash, which is the same wherever the file lies.
  const files = { 'x.ts': source(`{ ${NODE} }`, 'sim.runFor(seconds(1));') };
  const args = ['run', 'x.ts', '--pcap', 'out/x.pcapng', '--journal', 'out/x.json'];
  const [one, two] = await Promise.all([riotbed(args, files), riotbed(args, files)]);
  t.regex(one.stdout, /\ncapture: out\/x\.pcapng /);
  t.true(existsSync(path.join(one.folder, 'out/x.pcapng')));
  const [a, b] = [one, two].map(({ folder }) => JSON.parse(readFileSync(path.join(folder, 'out/x.json'), 'utf8')));
  t.regex(a.run.identity, /^[0-9a-f]{64}$/);
  t.deepEqual(a, b);
});
