import { readFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { replay, type Recording } from '../../../emulator/sim/index.ts';
import { scenario, simulationOptions } from '../../../emulator/scenario/index.ts';
import { checkBuilt, needsTool } from '../../tools.ts';
import { type End, MAIN, Session, endSessions } from './session.ts';

test.after.always(endSessions);

const EXITING = '\nnative: exiting\n';

/** What a native board prints before its app does, as captured from a real one, but for the version. */
const BOOT = `RIOT native interrupts/signals initialized.
TZ not set, setting UTC
RIOT native64 board initialized.
RIOT native hardware initialization complete.

main(): This is RIOT! (Version: VERSION)
`;

const HELP = `Command              Description
---------------------------------------
`;

/** Runs it with all of its input at once. */
async function run(args: readonly string[], input: string, files: Record<string, string> = {}): Promise<End> {
  const session = new Session(args, files);
  session.child.stdin.end(input, 'latin1');
  return await session.end;
}

/** An app's module. */
function source(imports: string, body: string, modules = '[]'): string {
  return `${imports}\nexport const app = { name: 'mine', modules: ${modules}, main };\nfunction* main() { ${body} }\n`;
}

const SLEEP = "import { ZTIMER_MSEC, ztimer_sleep } from 'riotbed/kernel/ztimer.js';" +
  "import { puts } from 'riotbed/kernel/stdio.js';";

test.before('the build is that of these sources', checkBuilt);

test('the console of a board is stdout, byte for byte: start-up lines, prompt, echo, answers', async (t) => {
  // As a real native board with its stdin on a pipe: nothing of ours is on stdout, and nothing at all on stderr.
  const { code, stdout, stderr } = await run(['default', '--exit-on-eof'], 'help\nnope\n\nversion\n');
  const help = `${HELP}pm                   interact with layered PM subsystem
ps                   Prints information about running threads.
version              Prints current RIOT_VERSION
reboot               Reboot the node
`;
  const start = `${BOOT}Welcome to RIOT!\n> help\r\n${help}> nope\r\nshell: command not found: nope\n` +
    '> \r\n> version\r\n';
  t.is(stdout.slice(0, start.length), start);
  t.regex(stdout.slice(start.length), /^20\d\d\.\d\d.*\n> \nnative: exiting\n$/);
  t.is(stderr, '');
  t.is(code, 0);
});

test('Ctrl-D ends the board, with its last words and exit code 0', async (t) => {
  // The byte 4 on a pipe; what comes after it is not read any more.
  const { code, stdout } = await run(['default'], 'half\x04help\n');
  t.is(stdout, `${BOOT}Welcome to RIOT!\n> half${EXITING}`);
  t.is(code, 0);
});

test('SIGINT ends the board, with its last words and exit code 0', async (t) => {
  // While it waits for input, and while its main thread sleeps and there is no shell at all.
  const files = { 'mine.ts': source(SLEEP, "puts('sleeping'); yield* ztimer_sleep(ZTIMER_MSEC, 1e6);") };
  for (const [app, shown] of [['default', /> $/], ['mine.ts', /sleeping\n$/]] as const) {
    const session = new Session([app], files);
    await session.shows(shown);
    session.child.kill('SIGINT');
    const { code, stdout, stderr } = await session.end;
    t.true(stdout.endsWith(EXITING), stdout);
    t.is(stderr, '');
    t.is(code, 0);
  }
});

test('SIGTERM ends the board without a word, with the exit code that a shell shows for it', async (t) => {
  // RIOT's native process does not catch it either.
  const session = new Session(['default']);
  await session.shows(/> $/);
  session.child.kill('SIGTERM');
  const { code, stdout } = await session.end;
  t.is(stdout, `${BOOT}Welcome to RIOT!\n> `);
  t.is(code, 143);
});

test('at the end of its input the board runs on', async (t) => {
  // Real RIOT does; only --exit-on-eof makes it an end. The app prints after its input has ended.
  const session = new Session(['timer-periodic-wakeup']);
  session.child.stdin.end();
  await session.shows(/slept until 2000\n$/);
  session.child.kill('SIGINT');
  t.is((await session.end).code, 0);
});

test('with --exit-on-eof the board ends when it has worked off its input', async (t) => {
  // The command takes 300 ms of time: its output is there, and so is the prompt behind it.
  const shell = source(`${SLEEP}import { shell_run } from 'riotbed/kernel/shell.js';`, `
    yield* shell_run([{ name: 'slow', desc: '', * handler() {
      yield* ztimer_sleep(ZTIMER_MSEC, 300); puts('done'); return 0;
    } }], new Uint8Array(128), 128);`);
  const { code, stdout } = await run(['./mine.ts', '--exit-on-eof'], 'slow\nslow\n', { 'mine.ts': shell });
  t.is(stdout, `${BOOT}> slow\r\ndone\n> slow\r\ndone\n> ${EXITING}`);
  t.is(code, 0);
});

test('with --exit-on-eof a board that never reads ends when it first rests', async (t) => {
  // Its stdin is empty from the start.
  const { code, stdout } = await run(['hello-world', '--exit-on-eof'], '');
  t.true(stdout.startsWith(`${BOOT}Hello World!\n`), stdout);
  t.true(stdout.endsWith(EXITING));
  t.is(code, 0);
});

test('input on a pipe loses nothing, however much comes at once', async (t) => {
  // 200 lines, 2.4 kB: a real native board loses what comes faster than it reads beyond its 64 bytes.
  const lines = Array.from({ length: 200 }, (_, i) => `line${String(i).padStart(7, '0')}`);
  const { stdout } = await run(['default', '--exit-on-eof'], `${lines.join('\n')}\n`);
  t.deepEqual(stdout.match(/(?<=^shell: command not found: ).*$/gm), lines);
});

test('reboot starts the board over and goes on with the input behind it', async (t) => {
  // The process stays the same.
  const { code, stdout } = await run(['default'], 'reboot\nnope\npm off\n');
  t.is(stdout, `${BOOT}Welcome to RIOT!\n> reboot\r\n\n\n\t\t!! REBOOT !!\n\n` +
    `${BOOT}Welcome to RIOT!\n> nope\r\nshell: command not found: nope\n> pm off\r\n${EXITING}`);
  t.is(code, 0);
});

test('a panic ends the process as SIGTRAP ends a native one, and stderr says what each thread did', async (t) => {
  // 133 is what a shell shows for it. The module ps is not in the image, so the table is on stderr only.
  const files = { 'mine.ts': source("import { core_panic } from 'riotbed/kernel/panic.js';", "core_panic('MY OWN');") };
  const { code, stdout, stderr } = await run(['./mine.ts'], '', files);
  t.is(stdout, `${BOOT}*** RIOT kernel panic:\nMY OWN\n\n*** halted.\n\n`);
  t.regex(stderr, /^riotbed: the board has panicked\nthreads of node:\n\tpid \| name .*\n[^]*\n {2}2 main: runs\n$/);
  t.is(code, 133);
});

test('a board that cannot be brought to rest is ended by force', async (t) => {
  // The app loops without a call that could be interrupted: it never looks at what comes from outside. The line that it
  // printed before, in the same slice, is there all the same.
  const files = { 'mine.ts': source(SLEEP, "puts('looping'); while (true);") };
  const session = new Session(['./mine.ts'], files);
  await session.shows(/looping/);
  session.child.kill('SIGINT');
  const { code, stderr } = await session.end;
  t.is(stderr, 'riotbed: the board did not come to rest and was ended by force: there is no recording\n');
  t.is(code, 1);
});

test('an output that nobody reads any more ends the board', async (t) => {
  // As `| head` does; the app prints for ever and would not end otherwise.
  const files = { 'mine.ts': source(SLEEP, "while (true) { puts('again'); yield* ztimer_sleep(ZTIMER_MSEC, 1); }") };
  const session = new Session(['./mine.ts'], files);
  await session.shows(/again/);
  session.child.stdout.destroy();
  const { code, stderr } = await session.end;
  t.is(stderr, '');
  t.is(code, 0);
});

test('a board with a microcontroller prints what its UART does: no lines of a native process', async (t) => {
  // Neither the start-up lines nor the last words are RIOT's: they are the native process's. A real samr21-xpro begins
  // with the line of main(), and echoes and reboots as native does, but says nothing when its power goes.
  const args = ['default', '--board', 'samr21-xpro', '--exit-on-eof'];
  const { code, stdout, stderr } = await run(args, 'nope\nreboot\nx\n');
  const boot = 'main(): This is RIOT! (Version: VERSION)\nWelcome to RIOT!\n';
  t.is(stdout, `${boot}> nope\r\nshell: command not found: nope\n> reboot\r\n${boot}` +
    '> x\r\nshell: command not found: x\n> ');
  t.is(stderr, '');
  t.is(code, 0);
});

test('Ctrl-D is a byte like any other for a board with a microcontroller, and SIGINT cuts its power', async (t) => {
  // Only the native process takes the end of its input for its own.
  const session = new Session(['default', '--board', 'iotlab-m3']);
  await session.shows(/> $/);
  session.type('no\x04pe\n');
  await session.shows(/not found: .*\n> $/);
  const before = session.stdout;
  session.child.kill('SIGINT');
  const { code, stderr } = await session.end;
  t.is(session.stdout, before);
  t.is(stderr, '');
  t.is(code, 0);
});

test('wrong names and addresses are refused: one line on stderr, exit code 2', async (t) => {
  // Nothing may be on stdout, where only the board speaks.
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(args, '', { 'mine.ts': 'export const app = 5;', 'a.txt': '' });
    t.is(stdout, '');
    t.is(code, 2, stderr);
    t.is(stderr.split('\n').length, 2, stderr);
    return stderr.trimEnd();
  };
  t.is(await refused('defualt'), "riotbed: unknown app 'defualt'; did you mean 'default'?");
  t.is(await refused('./nope.ts'), 'riotbed: app ./nope.ts: no such file');
  t.is(await refused('./mine.ts'), 'riotbed: app ./mine.ts does not export `app` with name, main and modules');
  t.regex(await refused('default', '--board', 'nativ'), /^riotbed: unknown board nativ; .*native/);
  t.regex(await refused('default', '--eui64', '02:00'), /^riotbed: EUI-64 '02:00' is not eight pairs/);
  t.regex(await refused('default', '--seed', '1.5'), /^riotbed: option '--seed <N>' argument '1\.5' is invalid/);
  t.regex(await refused('default', '--journal', 'a.txt/x'), /^riotbed: cannot write a\.txt\/x: /);
  t.is(await refused(), "riotbed: missing required argument 'APP'; see riotbed node --help");
  t.is(await refused('default', '--exit-on-eo'),
    "riotbed: unknown option '--exit-on-eo' (Did you mean --exit-on-eof?)");
});

/** The recording that a session wrote, and the same run again, offline and from the sources. */
function replayed(session: Session, file: string, node: object) {
  const recording = JSON.parse(readFileSync(path.join(session.folder, file), 'utf8')) as
    Recording & { live: { seed: number }; apps: string | null };
  const nodes = { node: { board: 'native', app: 'default', bootAt: 0, ...node } };
  const options = simulationOptions(scenario({ nodes }, () => undefined), { seed: recording.live.seed });
  return { recording, again: replay(recording, options) };
}

test('--journal writes a recording that replays offline to the same digest', async (t) => {
  // The console of the replay is what the session showed, byte for byte.
  const args = ['dtls_sock', '--seed', '9', '--eui64', '02:00:00:00:00:00:00:0c', '--journal', 'out/x.journal'];
  const session = new Session(args);
  await session.shows(/> $/);
  session.type('dtlss start\nnope\n');
  await session.shows(/not found: nope\n> $/);
  session.type('reboot\n');
  await session.shows(/REBOOT[^]*> $/);
  session.child.kill('SIGINT');
  const { code, stdout } = await session.end;
  t.is(code, 0);
  const { recording, again } =
    replayed(session, 'out/x.journal', { app: 'dtls_sock', eui64: '02:00:00:00:00:00:00:0c' });
  t.is(again.digest(), recording.digest);
  t.is(again.node('node').console.replace(/\(Version: .*?\)/g, '(Version: VERSION)'), stdout);
  t.deepEqual(recording.journal.map(({ op }) => op.type), ['keys', 'keys', 'keys', 'stop']);
  t.is(recording.apps, null);
});

test('--set sets a figure of the board', async (t) => {
  // An image that does not fit into the RAM that is left says so as a linker does.
  const small = ['default', '--board', 'samr21-xpro', '--set', 'ram_bytes=1024'];
  const { code, stdout, stderr } = await run(small, '');
  t.is(stdout, '');
  t.regex(stderr, /^riotbed: .*region 'ram' overflowed by \d+ bytes/);
  t.is(code, 2);
  t.regex((await run(['default', '--set', 'nope=1'], '')).stderr, /^riotbed: .*unknown figure nope/);
  // Two of them are two; the recording has them, and replays with the same ones only.
  const set = { clock_mhz: 8, supply_v: 3 };
  const session = new Session(['hello-world', '--board', 'samr21-xpro', '--set', 'clock_mhz=8', '--set', 'supply_v=3',
    '--exit-on-eof', '--journal', 'x.json']);
  session.child.stdin.end();
  t.is((await session.end).code, 0);
  const node = { board: 'samr21-xpro', app: 'hello-world' };
  const { recording, again } = replayed(session, 'x.json', { ...node, set });
  t.is(again.digest(), recording.digest);
  t.throws(() => replayed(session, 'x.json', node), { message: /clock_mhz/ });
});

test('a panic is in the recording too, and an app from a file is named by its hash', async (t) => {
  // That is what makes it a report of the bug.
  const files = { 'mine.ts': source(SLEEP, "yield* ztimer_sleep(ZTIMER_MSEC, 5); throw new Error('my own');") };
  const session = new Session(['./mine.ts', '--journal', 'x.json', '--debug'], files);
  const { code, stderr } = await session.end;
  t.is(code, 133);
  t.regex(stderr, /\nError: my own\n {4}at .*mine\.ts:3:/);
  const recording = JSON.parse(readFileSync(path.join(session.folder, 'x.json'), 'utf8')) as
    Recording & { apps: string };
  t.regex(recording.apps, /^[0-9a-f]{64}$/);
  t.is(recording.end.time, 5000);
});

/** `riotbed node` on a terminal of its own, and what the terminal's mode is afterwards. */
function onTerminal(args: string, files: Record<string, string> = {}): Session {
  const command = `stty rows 24 cols 200; '${process.execPath}' '${MAIN}' node ${args}; ` +
    "echo \"code $?\"; stty -a | tr -d ';' | tr ' ' '\\n' | grep -xE -- '-?(icanon|echo|isig)' | sort | tr '\\n' ' '";
  return new Session([], files, ['script', '-qfec', command, '/dev/null']);
}

/** What the terminal shows behind the boot messages, without carriage returns: the terminal adds some. */
function screen(output: string): string {
  return output.replaceAll('\r', '').replace(/^[^]*Welcome to RIOT!\n/, '');
}

const RESTORED = 'echo icanon isig ';

function terminalEnd(t: ExecutionContext, end: End, shown: string, code: number): undefined {
  t.is(screen(end.stdout), `${shown}code ${code}\n${RESTORED}`);
}

test('on a terminal the board edits, Enter ends a line, Ctrl-C drops it, Ctrl-D ends the board', async (t) => {
  if (!needsTool(t, 'script')) return;
  // Each key is echoed once: by the board. A backspace is a backspace, a blank and a backspace.
  const session = onTerminal('default');
  await session.shows(/> $/);
  for (const [keys, answer] of [['nopf', /nopf$/], ['\x7fe', /e$/], ['\r', /found: nope\r*\n> $/], ['half', /half$/],
    ['\x03', /half\r*\n> $/], ['\r', /\n> \r*\n> $/]] as const) {
    session.type(keys);
    await session.shows(answer);
  }
  session.type('\x04');
  terminalEnd(t, await session.end,
    `> nopf\b \be\nshell: command not found: nope\n> half\n> \n> ${EXITING}`, 0);
});

test('on a terminal Ctrl-C ends a board that does not read', async (t) => {
  if (!needsTool(t, 'script')) return;
  // It has no shell: as a native process would, since there the terminal makes it a SIGINT.
  const session = onTerminal('timer-periodic-wakeup');
  await session.shows(/slept until 1000/);
  session.type('\x03');
  const { stdout } = await session.end;
  t.regex(stdout, /\nnative: exiting\r*\ncode 0\r*\necho icanon isig $/);
});

test('on a terminal a second Ctrl-C in a row ends the board', async (t) => {
  if (!needsTool(t, 'script')) return;
  // The first one is the shell's; with a key between them both are.
  const session = onTerminal('default');
  await session.shows(/> $/);
  session.type('a\x03b\x03');
  await session.shows(/> a\r*\n> b\r*\n> $/);
  session.type('c\x03');
  await session.shows(/> c\r*\n> $/);
  session.type('\x03');
  terminalEnd(t, await session.end, `> a\n> b\n> c\n> ${EXITING}`, 0);
});

test('the terminal is restored after a panic, a usage error and a SIGTERM', async (t) => {
  if (!needsTool(t, 'script')) return;
  // They leave by other ways than Ctrl-D.
  const usage = await onTerminal('default --board nativ').end;
  t.regex(usage.stdout, /unknown board nativ.*\r*\ncode 2\r*\necho icanon isig $/);
  const files = { 'mine.ts': source("import { core_panic } from 'riotbed/kernel/panic.js';", "core_panic('MY OWN');") };
  t.regex((await onTerminal('./mine.ts', files).end).stdout, /code 133\r*\necho icanon isig $/);
  const kill = source(SLEEP, "process.kill(process.pid, 'SIGTERM'); yield* ztimer_sleep(ZTIMER_MSEC, 1e6);");
  t.regex((await onTerminal('./mine.ts', { 'mine.ts': kill }).end).stdout, /code 143\r*\necho icanon isig $/);
});
