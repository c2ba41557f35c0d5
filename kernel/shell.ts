// The command interpreter (RIOT sys/include/shell.h).
import { type Blocking, type Callback, invoke } from './blocking.ts';
import { current, perBoard } from './current.ts';
import { EINVAL, ENOBUFS, ENOEXEC } from './errno.ts';
import { assert } from './panic.ts';
import { pm_off } from './periph/pm.ts';
import { getchar, printf, putchar } from './stdio.ts';
import { decodeText } from './text.ts';

/** `char line_buf[SHELL_DEFAULT_BUFSIZE]`. */
export const SHELL_DEFAULT_BUFSIZE = 128;

/** What `shell_readline()` returns at Ctrl-D. */
export const EOF = -1;

/** A command: `argv[0]` is its name, `argc` the number of words. Returns 0 for success. */
export type shell_command_handler_t =
  (argc: number, argv: readonly string[]) => number | Blocking<number>;

export interface shell_command_t {
  readonly name: string;
  /** One line for `help`. */
  readonly desc: string;
  readonly handler: shell_command_handler_t;
}

const ETX = 0x03;
const EOT = 0x04;
const BS = 0x08;
const LF = 0x0a;
const CR = 0x0d;
const DEL = 0x7f;

/** Module shell_hooks: functions of the app that run around a command; null: none. */
interface Hooks {
  postReadline: Callback<[]> | null;
  preCommand: Callback<[argc: number, argv: readonly string[]]> | null;
  postCommand: Callback<[ret: number, argc: number, argv: readonly string[]]> | null;
}

const hooks = perBoard<Hooks>(() => ({ postReadline: null, preCommand: null, postCommand: null }), { bytes: 0 });

const registered = perBoard<shell_command_t[]>(() => [], { bytes: 0 });

/**
 * Adds a command to those that every shell of this board knows beside the app's own. Modules do so
 * while the board starts, in the order of RIOT's linker.
 */
export function SHELL_COMMAND(name: string, desc: string, handler: shell_command_handler_t): void {
  registered().push({ name, desc, handler });
}

/**
 * Has `hook` run before each line is looked at. As the other hooks it needs module shell_hooks; RIOT has the app
 * define a function of this name, here it is handed over. null: none.
 */
export function shell_post_readline_hook(hook: Callback<[]> | null): void {
  hooks().postReadline = hook;
}

/** Has `hook(argc, argv)` run before each command; not before `help` and words that are no command. */
export function shell_pre_command_hook(
  hook: Callback<[argc: number, argv: readonly string[]]> | null,
): void {
  hooks().preCommand = hook;
}

/** Has `hook(ret, argc, argv)` run after each command, with what that returned. */
export function shell_post_command_hook(
  hook: Callback<[ret: number, argc: number, argv: readonly string[]]> | null,
): void {
  hooks().postCommand = hook;
}

/**
 * Reads and runs commands for ever; where Ctrl-D ends the shell (native), the board switches off.
 * @param commands the app's own; searched before the registered ones. null: none
 * @param line_buf holds the line as it is typed
 * @param len      its size: lines of `len` - 1 bytes fit
 */
export function* shell_run_forever(
  commands: readonly shell_command_t[] | null, line_buf: Uint8Array, len: number,
): Blocking<never> {
  while (true) {
    yield* shell_run_once(commands, line_buf, len);
    if (current().config.CONFIG_SHELL_SHUTDOWN_ON_EXIT !== 0) pm_off();
  }
}

/** `shell_run_forever()` by its older name. */
export function shell_run(
  commands: readonly shell_command_t[] | null, line_buf: Uint8Array, len: number,
): Blocking<never> {
  return shell_run_forever(commands, line_buf, len);
}

/** `shell_run_forever()` until Ctrl-D. */
export function* shell_run_once(
  commands: readonly shell_command_t[] | null, line_buf: Uint8Array, len: number,
): Blocking<void> {
  prompt();
  while (true) {
    const size = yield* shell_readline(line_buf, len);
    if (size === EOF) return;
    if (size === -ENOBUFS) printf('shell: maximum line length exceeded\n');
    // C's strings end at the first zero, also at one that was typed.
    else yield* shell_handle_input_line(commands, decodeText(line_buf.subarray(0, line_buf.indexOf(0))));
    prompt();
  }
}

/**
 * Reads a line, with backspace, Ctrl-C (drops it) and echo.
 * @returns the length; EOF at Ctrl-D; -ENOBUFS if the line was longer than `size` - 1 bytes
 */
export function* shell_readline(buf: Uint8Array, size: number): Blocking<number> {
  assert(size > 0, 'sys/shell/shell.c:447');
  const echo = current().config.CONFIG_SHELL_NO_ECHO === 0;
  let length = 0;
  let exceeded = false;
  while (true) {
    const c = yield* getchar();
    if (c === EOT) return EOF;
    if (c === ETX || c === CR || c === LF) {
      if (c === ETX) {
        length = 0;
        exceeded = false;
      }
      buf[length] = 0;
      if (echo) printf('\r\n');
      return exceeded ? -ENOBUFS : length;
    }
    if (c === BS || c === DEL) {
      if (length === 0) continue;
      buf[--length] = 0;
      exceeded = false;
      if (echo) printf('\b \b');
      continue;
    }
    if (length < size - 1) buf[length++] = c;
    else exceeded = true;
    if (echo) putchar(c);
  }
}

/**
 * Splits a line into words and runs the command that the first one names.
 * @returns what the command returned; 0 for an empty line and for `help`
 * @returns -EINVAL  if a quote or an escape is not closed
 * @returns -ENOEXEC if there is no such command; after `help_json` too, as in RIOT
 */
export function* shell_handle_input_line(
  commands: readonly shell_command_t[] | null, line: string,
): Blocking<number> {
  const hooked = current().modules.has('shell_hooks') ? hooks() : null;
  if (hooked !== null && hooked.postReadline !== null) yield* invoke(hooked.postReadline);
  const argv = splitLine(line);
  if (argv === null) {
    printf('shell: incorrect quoting\n');
    return -EINVAL;
  }
  if (argv.length === 0) return 0;
  const name = argv[0];
  const command = commands?.find((c) => c.name === name) ?? registered().find((c) => c.name === name);
  if (command !== undefined) {
    if (hooked !== null && hooked.preCommand !== null) yield* invoke(hooked.preCommand, argv.length, argv);
    const result = command.handler(argv.length, argv);
    const ret = typeof result === 'number' ? result : yield* result;
    if (hooked !== null && hooked.postCommand !== null) yield* invoke(hooked.postCommand, ret, argv.length, argv);
    return ret;
  }
  if (name === 'help') {
    printHelp(commands);
    return 0;
  }
  if (name === 'help_json' && current().modules.has('shell_builtin_cmd_help_json')) printHelpJson(commands);
  else printf(`shell: command not found: ${name}\n`);
  return -ENOEXEC;
}

/**
 * The words of a line. Blanks and tabs separate; single and double quotes protect them, also in the
 * middle of a word; a backslash takes the next character as it is, in quotes too.
 * null if the line ends in a quote or after a backslash.
 */
function splitLine(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  let escaped = false;
  for (const c of line) {
    if (escaped) {
      word += c;
      escaped = false;
    } else if (c === '\\') {
      word ??= '';
      escaped = true;
    } else if (quote !== '') {
      if (c === quote) quote = '';
      else word += c;
    } else if (c === "'" || c === '"') {
      word ??= '';
      quote = c;
    } else if (c === ' ' || c === '\t') {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + c;
    }
  }
  if (escaped || quote !== '') return null;
  if (word !== null) words.push(word);
  return words;
}

function printHelp(commands: readonly shell_command_t[] | null): void {
  printf('Command              Description\n---------------------------------------\n');
  for (const { name, desc } of commands ?? []) printf(`${name.padEnd(20)} ${desc}\n`);
  for (const { name, desc } of registered()) printf(`${name.padEnd(20)} ${desc}\n`);
}

/** Module shell_builtin_cmd_help_json: `help` for programs. */
function printHelpJson(commands: readonly shell_command_t[] | null): void {
  const all = [...(commands ?? []), ...registered()];
  const items = all.map(({ name, desc }) => `{"cmd": "${name}", "desc": "${desc}"}`);
  printf(`{"cmds": [${items.join(', ')}]}\n`);
}

function prompt(): void {
  if (current().config.CONFIG_SHELL_NO_PROMPT === 0) printf('> ');
}
