// kernel/shell.ts, kernel/shell_cmds.ts and the input half of kernel/stdio.ts.
import { readFileSync } from 'node:fs';
import test from 'ava';
import type { Blocking } from '../../kernel/blocking.ts';
import { EINVAL, ENOEXEC } from '../../kernel/errno.ts';
import {
  SHELL_COMMAND, SHELL_DEFAULT_BUFSIZE, shell_handle_input_line, shell_post_command_hook, shell_post_readline_hook,
  shell_pre_command_hook, shell_run, shell_run_forever, type shell_command_t,
} from '../../kernel/shell.ts';
import { auto_init_shell_cmds } from '../../kernel/shell_cmds.ts';
import {
  printf, puts, stdio_available, stdio_clear_stdin, stdio_read, stdio_rx, stdio_rx_free, stdio_set_notify, stdio_write,
} from '../../kernel/stdio.ts';
import { thread_create, thread_get, thread_get_priority, thread_sleep } from '../../kernel/thread.ts';
import { ZTIMER_MSEC, ztimer_sleep } from '../../kernel/ztimer.ts';
import { TestBoard, runMain } from './harness.ts';

const args: shell_command_t = {
  name: 'args',
  desc: 'prints its words',
  handler: (argc, argv) => {
    puts(`${argc}: ${argv.map((a) => `<${a}>`).join(' ')}`);
    return argc;
  },
};

function* shell(commands: readonly shell_command_t[] | null = [args]): Blocking<void> {
  yield* shell_run(commands, new Uint8Array(SHELL_DEFAULT_BUFSIZE), SHELL_DEFAULT_BUFSIZE);
}

/** The console of a shell at which `input` is typed. */
function typed(input: string, options: ConstructorParameters<typeof TestBoard>[1] = {}): string {
  const board = new TestBoard(() => shell(), options);
  board.typeAt(1000, input);
  return board.run().printed;
}

test('prompt, echo, line end and the next prompt are RIOT\'s bytes', (t) => {
  // riot-captures/d-psk.shell.txt shows `> dtlss start^M` for the first command of node A.
  const capture = readFileSync(new URL('../vectors/riot-captures/d-psk.shell.txt', import.meta.url), 'latin1');
  t.regex(capture, /\] > dtlss start\r\n/);
  t.is(typed('args start\n'), '> args start\r\n2: <args> <start>\n> ');
});

test('an empty line prints only the line end and a prompt; CR ends a line like LF', (t) => {
  // Both CR and LF of a terminal's CR LF end a line: two prompts.
  t.is(typed('\n\r\n'), '> \r\n> \r\n> \r\n> ');
});

test('backspace and DEL take back a character on the screen and in the line, but not the prompt', (t) => {
  // Three taken back of two typed; then a command.
  t.is(typed('xy\b\x7f\bargs\n'), '> xy\b \b\b \bargs\r\n1: <args>\n> ');
});

test('Ctrl-C drops the line', (t) => {
  // Nothing is run; the next line is one of its own.
  t.is(typed('args lost\x03args\n'), '> args lost\r\n> args\r\n1: <args>\n> ');
});

test('Ctrl-D switches a native board off and starts a new shell on others', (t) => {
  // RIOT: CONFIG_SHELL_SHUTDOWN_ON_EXIT.
  t.is(typed('a\x04args\n'), '> a> args\r\n1: <args>\n> ');
  const board = new TestBoard(() => shell(), { config: { CONFIG_SHELL_SHUTDOWN_ON_EXIT: 1 } });
  board.typeAt(1000, 'a\x04args\n');
  t.is(board.run().printed, '> a');
  t.is(board.powered, 'off');
});

test('a line of 127 characters is run, a longer one is consumed and refused', (t) => {
  // The buffer of 128 holds the terminating zero too; backspace does not bring an overlong line back whole.
  const fits = `args ${'x'.repeat(122)}`;
  t.is(typed(`${fits}\n`), `> ${fits}\r\n2: <args> <${'x'.repeat(122)}>\n> `);
  t.is(typed(`${fits}y\nargs\n`),
    `> ${fits}y\r\nshell: maximum line length exceeded\n> args\r\n1: <args>\n> `);
});

test('words, quotes and escapes as RIOT parses them', (t) => {
  // Each line with the words that RIOT's state machine makes of it; null: incorrect quoting.
  const cases: [string, string[] | null][] = [
    ['args a  b\tc ', ['args', 'a', 'b', 'c']],
    ['  args', ['args']],
    ['args "a b" \'c d\'', ['args', 'a b', 'c d']],
    ['args a"b c"d\'e f\'', ['args', 'ab cde f']],
    ['args "it\'s" \'say "x"\'', ['args', "it's", 'say "x"']],
    ['args a\\ b \\"c\\" "d\\"e" \'f\\\'g\'', ['args', 'a b', '"c"', 'd"e', "f'g"]],
    ['args \\n \\\\', ['args', 'n', '\\']],
    ['args "" \'\'', ['args', '', '']],
    ['"args" x', ['args', 'x']],
    ['args "open', null],
    ["args 'open", null],
    ['args end\\', null],
    ['args "a\\"', null],
  ];
  for (const [line, words] of cases) {
    const out = runMain(function* () {
      t.is(yield* shell_handle_input_line([args], line), words === null ? -EINVAL : words.length);
    });
    const parsed = words?.map((word) => ` <${word}>`).join('');
    t.is(out, words === null ? 'shell: incorrect quoting\n' : `${words.length}:${parsed}\n`, line);
  }
});

test('an unknown command says so; the app\'s own table goes before the registered one', (t) => {
  // Both know `twice`.
  const mine: shell_command_t = { name: 'twice', desc: 'of the app', handler: () => printf('app\n') as never ?? 0 };
  t.is(runMain(function* () {
    SHELL_COMMAND('twice', 'of a module', () => printf('module\n') as never ?? 0);
    SHELL_COMMAND('once', 'of a module', function* (): Blocking<number> {
      yield* ztimer_sleep(ZTIMER_MSEC, 1);
      puts('blocked');
      return 7;
    });
    yield* shell_handle_input_line([mine], 'twice');
    t.is(yield* shell_handle_input_line(null, 'once'), 7);
    t.is(yield* shell_handle_input_line([mine], 'nix here'), -ENOEXEC);
    t.is(yield* shell_handle_input_line([mine], ''), 0);
  }), 'app\nblocked\nshell: command not found: nix\n');
});

test('help lists the app\'s commands, then the registered ones, in RIOT\'s format', (t) => {
  // Header and `%-20s %s`; texts and order of pm, ps, version and reboot are those of
  // riot-captures/a-boot-gnrc.shell.txt.
  const help = runMain(function* () {
    yield* shell_handle_input_line([args], 'help');
  }, { modules: ['shell_cmd_pm', 'shell_cmd_ps', 'shell_cmd_sys'], autoInit: shellCommands });
  const capture = readFileSync(new URL('../vectors/riot-captures/a-boot-gnrc.shell.txt', import.meta.url), 'latin1')
    .split('\n').map((line) => line.replace(/^\[[^\]]*\] /, ''));
  const kernelCommands = capture.filter((line) => /^(pm|ps|version|reboot) /.test(line)).slice(0, 4);
  t.is(kernelCommands.length, 4);
  t.is(help, ['Command              Description', '---------------------------------------',
    'args                 prints its words', ...kernelCommands, ''].join('\n'));
});

function* shellCommands(): Blocking<void> {
  auto_init_shell_cmds();
}

test('version, reboot and pm do what RIOT\'s do', (t) => {
  // `pm` without pm_layered knows only `off`.
  const run = (line: string): TestBoard => new TestBoard(() => shell_handle_input_line(null, line), {
    modules: ['shell_cmd_pm', 'shell_cmd_ps', 'shell_cmd_sys'], autoInit: shellCommands,
  }).run();
  t.is(run('version').printed, '2026.10-devel-371-gc8bd52\n');
  t.is(run('pm').printed, 'Usage:\n\tpm off: call pm_off()\n');
  t.is(run('pm off').powered, 'off');
  t.is(run('reboot').powered, 'reboot');
  t.regex(run('ps').printed, /\| main {17}\| running  Q \|/);
});

test('nice changes a priority, and says RIOT\'s texts of what it cannot', (t) => {
  // Texts of RIOT's sys/shell/cmds/nice.c. Priorities are 8 bits wide: 264 is 8. One that is too large is refused by
  // the assertion of the scheduler, as in RIOT.
  const usage = 'Usage: nice <THREAD_ID> <PRIORITY>\nNote: Lower number means higher priority (niceness)\n';
  const options = { modules: ['shell_cmd_nice'], autoInit: shellCommands };
  const out = runMain(function* () {
    const pid = yield* thread_create({ length: 1024 }, 1024, 9, 0, thread_sleep, null, 'sleeper');
    const run = (line: string): Blocking<number> => shell_handle_input_line(null, line);
    t.is(yield* run('nice'), 1);
    t.is(yield* run('nice 1 2 3'), 1);
    t.is(yield* run('nice 9 3'), 1);
    t.is(yield* run('nice x 3'), 1);
    for (const [text, priority] of [['12', 12], [' 11z', 11], ['264', 8], ['', 0]] as const) {
      t.is(yield* run(`nice ${pid} "${text}"`), 0);
      t.is(thread_get_priority(thread_get(pid)!), priority);
    }
  }, options);
  t.is(out, `${usage}${usage}No active thread found for ID "9"\nNo active thread found for ID "x"\n`);
  t.regex(runMain(() => shell_handle_input_line(null, 'nice 2 16'), options),
    /^Priority "16" is invalid \(try 0\.\.15\)\ncore\/sched\.c:334 => /);
});

test('random_init seeds with a given value or the time, random_get draws', (t) => {
  // Texts of RIOT's sys/shell/cmds/random.c; the numbers are those of its default generator for seeds 1 and 42.
  t.is(runMain(function* () {
    yield* shell_handle_input_line(null, 'random_init 42');
    yield* shell_handle_input_line(null, 'random_get');
    yield* ztimer_sleep(ZTIMER_MSEC, 1);
    yield* shell_handle_input_line(null, 'random_init');
    yield* shell_handle_input_line(null, 'random_init 1');
    yield* shell_handle_input_line(null, 'random_get');
  }, { modules: ['shell_cmd_random'], autoInit: shellCommands }), [
    'PRNG initialized given value: 42', '622861121', 'PRNG initialized to current time: 1000',
    'PRNG initialized given value: 1', '0', ''].join('\n'));
});

test('hooks run around each command, with module shell_hooks only', (t) => {
  // The first one before every line, also an empty one; the others around what is a command: help is none.
  const hooked = (modules: string[]): string => runMain(function* () {
    shell_post_readline_hook(() => printf('[line]') as undefined);
    shell_pre_command_hook(function* (argc, argv): Blocking<void> {
      yield* ztimer_sleep(ZTIMER_MSEC, 1);
      printf(`[before ${argv[0]}, ${argc}]`);
    });
    shell_post_command_hook((ret, argc, argv) => printf(`[after ${argv[0]}, ${argc}: ${ret}]\n`) as undefined);
    for (const line of ['args a b', '', 'nix', 'args "']) yield* shell_handle_input_line([args], line);
    shell_pre_command_hook(null);
    yield* shell_handle_input_line([args], 'args');
  }, { modules });
  t.is(hooked(['shell_hooks']), '[line][before args, 3]3: <args> <a> <b>\n[after args, 3: 3]\n[line]' +
    '[line]shell: command not found: nix\n[line]shell: incorrect quoting\n[line]1: <args>\n[after args, 1: 1]\n');
  t.is(hooked([]), '3: <args> <a> <b>\nshell: command not found: nix\nshell: incorrect quoting\n1: <args>\n');
});

test('shell_run_forever() is shell_run(): Ctrl-D starts another shell', (t) => {
  // The same bytes as of the other name.
  const board = new TestBoard(() => shell_run_forever([args], new Uint8Array(128), 128));
  board.typeAt(1000, 'a\x04args\n');
  t.is(board.run().printed, typed('a\x04args\n'));
});

test('stdio_set_notify() has a callback run with its argument after each byte, until null takes it back', (t) => {
  // When it runs the byte is there already. The third byte comes after the callback was taken back.
  const seen: string[] = [];
  const board = new TestBoard(function* () {
    stdio_set_notify((name: string) => {
      seen.push(`${name} ${stdio_available()}`);
    }, 'bytes');
    yield* ztimer_sleep(ZTIMER_MSEC, 10);
    stdio_set_notify(null, null);
    yield* ztimer_sleep(ZTIMER_MSEC, 10);
    t.is(stdio_available(), 3);
  });
  board.typeAt(1000, 'ab');
  board.typeAt(15_000, 'c');
  board.run();
  t.deepEqual(seen, ['bytes 1', 'bytes 2']);
});

test('stdio_write() writes bytes as they are, as many as it is told', (t) => {
  // 0xe9 alone is not UTF-8: it must not be encoded.
  t.is(runMain(function* () {
    t.is(stdio_write(Uint8Array.of(0x61, 0xe9, 0x00, 0x62), 3), 3);
  }), 'a\xe9\0');
});

test('no echo and no prompt when configured so', (t) => {
  // CONFIG_SHELL_NO_ECHO and CONFIG_SHELL_NO_PROMPT, as RIOT's test runs set them.
  t.is(typed('args x\b\n', { config: { CONFIG_SHELL_NO_ECHO: 1, CONFIG_SHELL_NO_PROMPT: 1 } }), '1: <args>\n');
});

test('UTF-8 goes through echo and words unharmed', (t) => {
  // Typed and echoed byte by byte; the handler gets characters and prints them as bytes again.
  const word = Buffer.from('grün', 'utf8').toString('latin1');
  t.is(typed(`args ${word}\n`), `> args ${word}\r\n2: <args> <${word}>\n> `);
});

test('input for a busy board fills 64 bytes; what comes then is lost, and traced', (t) => {
  // main sleeps while 70 bytes arrive at once; the first 64 are read.
  const board = new TestBoard(function* () {
    yield* ztimer_sleep(ZTIMER_MSEC, 50);
    const buf = new Uint8Array(100);
    t.is(stdio_available(), 64);
    t.is(yield* stdio_read(buf, 3), 3);
    t.is(yield* stdio_read(buf, 100), 61);
    t.is(buf[60], 63);
    t.is(yield* stdio_read(buf, 0), 0);
    stdio_clear_stdin();
  });
  board.tracing = true;
  t.is(stdio_rx_free(board.kernel), 64);
  board.interruptAt(10, function* () {
    for (let i = 0; i < 70; i++) yield* stdio_rx(i);
  });
  board.run(1000);
  t.is(stdio_rx_free(board.kernel), 0);
  board.run();
  t.is(stdio_rx_free(board.kernel), 64);
  t.is(board.events.filter((e) => e.type === 'input_lost').length, 6);
});

test('cleared input is gone, and later input arrives', (t) => {
  // As a shell does that is locked.
  const board = new TestBoard(function* () {
    yield* ztimer_sleep(ZTIMER_MSEC, 50);
    stdio_clear_stdin();
    const buf = new Uint8Array(1);
    yield* stdio_read(buf, 1);
    printf(String.fromCharCode(buf[0]));
    yield* thread_sleep();
  });
  board.typeAt(1000, 'abc');
  board.typeAt(100_000, 'x');
  t.is(board.run().printed, 'x');
});
