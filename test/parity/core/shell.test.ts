// RIOT's tests/sys/shell, written anew: its commands, and the lines that its test script types with
// what it expects of each.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { SHELL_COMMAND, shell_run, shell_run_once, type shell_command_t } from '../../../kernel/shell.ts';
import { auto_init_shell_cmds } from '../../../kernel/shell_cmds.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { THREAD_PRIORITY_MAIN } from '../../../kernel/sched.ts';
import { thread_create } from '../../../kernel/thread.ts';
import { ZTIMER_MSEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { TestBoard } from '../../kernel/harness.ts';

/** As in RIOT's test: less than the 64 bytes that some boards' serial lines take at once. */
const BUFSIZE = 60;

function say(text: string): () => number {
  return () => {
    puts(text);
    return 0;
  };
}

const commands: readonly shell_command_t[] = [
  { name: 'bufsize', desc: "Get the shell's buffer size", handler: say(String(BUFSIZE)) },
  { name: 'start_test', desc: 'starts a test', handler: say('[TEST_START]') },
  { name: 'end_test', desc: 'ends a test', handler: say('[TEST_END]') },
  { name: 'echo', desc: 'prints the input command', handler: (_argc, argv) => {
    puts(argv.map((word) => `"${word}"`).join(''));
    return 0;
  } },
  { name: 'empty', desc: 'print nothing on command', handler: () => 0 },
  { name: 'periodic', desc: 'periodically print command', *handler(_argc, argv) {
    yield* thread_create({ length: 8192 }, 8192, THREAD_PRIORITY_MAIN, 0, periodic, Number(argv[1]), 'periodic');
    return 0;
  } },
];

function* periodic(repetitions: number): Blocking<void> {
  for (let i = 0; i < repetitions; i++) {
    yield* ztimer_sleep(ZTIMER_MSEC, 500);
    puts('test');
  }
}

function* main(): Blocking<void> {
  printf('test_shell.\n');
  const buffer = new Uint8Array(BUFSIZE);
  yield* shell_run_once(commands, buffer, BUFSIZE);
  puts('shell exited');
  yield* shell_run(commands, buffer, BUFSIZE);
}

function* commandsOfModules(): Blocking<void> {
  auto_init_shell_cmds();
  SHELL_COMMAND('xfa_test1', 'xfa test command 1', say('[XFA TEST 1 OK]'));
  SHELL_COMMAND('xfa_test2', 'xfa test command 2', say('[XFA TEST 2 OK]'));
}

const options = {
  modules: ['shell_cmd_pm', 'shell_cmd_ps', 'shell_cmd_sys', 'shell_builtin_cmd_help_json'],
  autoInit: commandsOfModules,
};

/** What the board prints for one typed line, behind the line's echo and before the next prompt. */
function answer(line: string): string {
  const board = new TestBoard(main, options);
  board.typeAt(1000, `${line}\n`);
  const printed = board.run().printed;
  return printed.slice('test_shell.\n> '.length).replace(/\n> $/, '');
}

/** RIOT's tests/sys/shell/tests/01-run.py: lines and what the script expects of them. */
const LINES: readonly [typed: string, expected: string][] = [
  ['start_test', '[TEST_START]'],
  ['bufsize', '60'],
  ['echo a string', '"echo""a""string"'],
  ['echo   multiple   spaces   between   argv', '"echo""multiple""spaces""between""argv"'],
  ['echo \t tabs\t\t processed \t\tlike\t \t\tspaces', '"echo""tabs""processed""like""spaces"'],
  ['unknown_command', 'shell: command not found: unknown_command'],
  ['     echo leading spaces', '"echo""leading""spaces"'],
  ['\t\t\t\t\techo leading tabs', '"echo""leading""tabs"'],
  ['echo trailing spaces     ', '"echo""trailing""spaces"'],
  ['echo trailing tabs\t\t\t\t\t', '"echo""trailing""tabs"'],
  ['hello-willy\b\b\b\borld', 'shell: command not found: hello-world'],
  ['\b\b\b\becho', '"echo"'],
  ["echo \\'", '"echo""\'"'],
  ['echo \\"', '"echo""""'],
  ['echo escaped\\ space', '"echo""escaped space"'],
  ["echo escape within '\\s\\i\\n\\g\\l\\e\\q\\u\\o\\t\\e'", '"echo""escape""within""singlequote"'],
  ['echo escape within "\\d\\o\\u\\b\\l\\e\\q\\u\\o\\t\\e"', '"echo""escape""within""doublequote"'],
  ['echo "t\\e st" "\\"" \'\\\'\' a\\ b', '"echo""te st"""""\'""a b"'],
  ['echo "hello"world', '"echo""helloworld"'],
  ['echo hel"lowo"rld', '"echo""helloworld"'],
  ['echo hello"world"', '"echo""helloworld"'],
  ['echo quoted space " "', '"echo""quoted""space"" "'],
  ['echo abc"def\'ghijk"lmn', '"echo""abcdef\'ghijklmn"'],
  ["echo abc'def\"ghijk'lmn", '"echo""abcdef"ghijklmn"'],
  ['echo "\'" \'"\'', '"echo""\'""""'],
  ['echo a\\', 'shell: incorrect quoting'],
  ['echo "', 'shell: incorrect quoting'],
  ["echo '", 'shell: incorrect quoting'],
  ['echo abcdef"ghijklmn', 'shell: incorrect quoting'],
  ["echo abcdef'ghijklmn", 'shell: incorrect quoting'],
  ['xfa_test1', '[XFA TEST 1 OK]'],
  ['xfa_test2', '[XFA TEST 2 OK]'],
  [`${'_'.repeat(BUFSIZE - 8)}verylong`, 'shell: maximum line length exceeded'],
];

test('shell: each line of RIOT\'s test script gets the answer that the script expects', (t) => {
  // The expectations are RIOT's own; the answer must be that line and nothing else.
  for (const [typed, expected] of LINES) {
    const [echo, ...rest] = answer(typed).split('\r\n');
    t.is(rest.join('\r\n'), expected, typed);
    if (!typed.includes('\b')) t.is(echo, typed);
  }
});

test('shell: Ctrl-D ends shell_run_once(), and a shell of shell_run() comes back', (t) => {
  // On a board that is not native; the periodic thread prints while the shell waits for input.
  const board = new TestBoard(main, options);
  board.typeAt(1000, '\x04');
  board.typeAt(2000, 'periodic 3\n');
  board.typeAt(1_700_000, '\n\x04echo\n');
  t.is(board.run().printed,
    'test_shell.\n> shell exited\n> periodic 3\r\n> test\ntest\ntest\n\r\n> > echo\r\n"echo"\n> ');
});

test('shell: help and help_json list the same commands with the same descriptions', (t) => {
  // RIOT's script reads the one and compares it with the other; both in the order of the tables.
  const { cmds } = JSON.parse(answer('help_json').split('\r\n')[1]) as { cmds: { cmd: string; desc: string }[] };
  const help = answer('help').split('\r\n')[1].split('\n').slice(2);
  t.deepEqual(help, cmds.map(({ cmd, desc }) => `${cmd.padEnd(20)} ${desc}`));
  t.deepEqual(cmds.map(({ cmd }) => cmd), [...commands.map(({ name }) => name),
    'pm', 'ps', 'version', 'reboot', 'xfa_test1', 'xfa_test2']);
});

test('shell: ps shows the shell\'s own thread as running', (t) => {
  // RIOT's script looks for the header and for main's line.
  t.regex(answer('ps'), /\tpid \| name {17}\| state {4}Q \| pri /);
  t.regex(answer('ps'), /\t {2}2 \| main {17}\| running {2}Q \| {3}7 /);
});
