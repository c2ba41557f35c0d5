#!/usr/bin/env node
// The command line. Only the parser is loaded until a command runs: the engine takes longer than all the rest.
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { NodeFlags } from './node.ts';
import type { QuirksFlags } from './quirks.ts';
import type { ReplayFlags } from './replay.ts';
import type { RunFlags } from './run.ts';
import type { SizeFlags } from './size.ts';
import type { ZepFlags } from './zep.ts';

/** Exit codes. */
const FAILED = 1;
const USAGE = 2;

const program = new Command('riotbed')
  .description('Runs networks of emulated RIOT boards in virtual time.')
  .version(version())
  .exitOverride()
  .configureOutput({ writeErr: () => undefined })
  .addHelpText('after', '\nExit codes: 0 passed, 1 the scenario failed, 2 usage.');

program.command('run')
  .description('run a scenario')
  .argument('<FILE>', 'a module that exports a scenario as default, TypeScript or JavaScript')
  .option('--seed <N>', 'the seed of all randomness, a non-negative integer', seed, 1)
  .option('--pcap <FILE>', 'write a capture for Wireshark (pcapng, with the DTLS secrets)')
  .option('--ladder', 'print a ladder of all frames after the run')
  .option('--energy', 'print what MCU and radio of each board took, by their states')
  .option('--set <NAME=VALUE>', 'a figure of all boards, see boards/README.md; may be repeated', figure)
  .option('--profile <PROFILE>', 'riot: boards do as RIOT does; rfc: as the RFCs say')
  .option('--quirk <ID[=on|off]>', 'a departure of RIOT, see riotbed quirks; may be repeated', quirkFlag)
  .option('--strict', 'a board panics at what is undefined on RIOT')
  .option('--journal <FILE>', 'write the recording of the run (JSON)')
  .option('--live', 'in real time, until all boards are off or Ctrl-C')
  .option('--udp <PORTS>', 'with --live, NODE=HOSTPORT[:NODEPORT]: a UDP port of this host is one of a board', another)
  .option('--allow-remote', 'let --udp be an address that other hosts can reach')
  .option('--quiet', 'print failures and the last line only')
  .option('--debug', 'print stack traces')
  .action(async (file: string, flags: RunFlags) => {
    const { run } = await import('./run.ts');
    process.exitCode = await run(file, flags);
  });

program.command('node')
  .description('run one board live, in real time, with its console on stdin and stdout')
  .argument('<APP>', 'the name of an app, or a module that exports `app`')
  .option('--board <BOARD>', 'the board', 'native')
  .option('--eui64 <EUI64>', 'its address, such as 02:00:00:00:00:00:00:0a')
  .option('--seed <N>', 'the seed of all randomness, a non-negative integer', seed, 1)
  .option('--set <NAME=VALUE>', 'a figure of the board, see boards/README.md; may be repeated', figure)
  .option('--profile <PROFILE>', 'riot: the board does as RIOT does; rfc: as the RFCs say')
  .option('--quirk <ID[=on|off]>', 'a departure of RIOT, see riotbed quirks; may be repeated', quirkFlag)
  .option('--strict', 'the board panics at what is undefined on RIOT')
  .option('--zep <ENDPOINT>', 'put it on the air of a ZEP dispatcher, such as [::1]:17754')
  .option('--udp <PORTS>', 'HOSTPORT[:NODEPORT]: a UDP port of this host is one of the board; may be repeated', another)
  .option('--tap <NAME>', 'a TAP device of this host is at the end of its Ethernet cable (Linux)')
  .option('--allow-remote', 'let --udp be an address that other hosts can reach')
  .option('--exit-on-eof', 'end when all input has been read and worked off')
  .option('--journal <FILE>', 'write the recording of the run (JSON)')
  .option('--debug', 'print stack traces')
  .addHelpText('after', `
SIGINT ends it, and on native so does Ctrl-D. Ctrl-C drops the line that is being typed; it ends the board
when that reads no input, or when pressed twice.

Exit codes: 0 the board ended, 1 riotbed failed, 2 usage, 133 the board panicked, 128 + n ended by signal n.`)
  .action(async (app: string, flags: NodeFlags) => {
    const { node } = await import('./node.ts');
    process.exitCode = await node(app, flags);
  });

program.command('zep')
  .description('share the air with RIOT native processes (socket_zep): a dispatcher in place of zep_dispatch')
  .argument('[FILE]', 'a scenario whose boards are on the same air')
  .option('--port <PORT>', 'the UDP port, 0 for a free one', '17754')
  .option('--listen <ADDRESS>', 'the address to listen on', '::1')
  .option('--allow-remote', 'let --listen be an address that other hosts can reach')
  .option('--topology <FILE>', 'who hears whom, and how well: a topology file of zep_dispatch')
  .option('--udp <PORTS>', 'NODE=HOSTPORT[:NODEPORT]: a UDP port of this host is one of a board; may be repeated',
    another)
  .option('--flood', 'give each frame to everybody, as zep_dispatch does')
  .option('--seed <N>', 'the seed of losses and boards, a non-negative integer', seed, 1)
  .option('--profile <PROFILE>', 'riot: boards do as RIOT does; rfc: as the RFCs say')
  .option('--quirk <ID[=on|off]>', 'a departure of RIOT, see riotbed quirks; may be repeated', quirkFlag)
  .option('--pcap <FILE>', 'write a capture of the air for Wireshark')
  .option('--journal <FILE>', 'write the recording of the boards (JSON)')
  .option('--quiet', 'print failures only')
  .option('--debug', 'print stack traces')
  .addHelpText('after', `
It runs in real time until SIGINT or SIGTERM; SIGUSR2 prints what went over the air so far.

Exit codes: 0 ended by a signal or with the scenario's boards, 1 the scenario or a board failed, 2 usage.`)
  .action(async (file: string | undefined, flags: ZepFlags) => {
    const { zep } = await import('./zep.ts');
    process.exitCode = await zep(file, flags);
  });

program.command('replay')
  .description('run a recording again, offline: what --journal of run, node or zep wrote')
  .argument('<FILE>', 'the recording')
  .option('--pcap <FILE>', 'write a capture for Wireshark (pcapng, with the DTLS secrets)')
  .option('--ladder', 'print a ladder of all frames after the run')
  .option('--energy', 'print what MCU and radio of each board took, by their states')
  .option('--quiet', 'print failures and the last line only')
  .option('--debug', 'print stack traces')
  .addHelpText('after', '\nExit codes: 0 the same digest, 1 riotbed failed, 2 usage, 4 another digest.')
  .action(async (file: string, flags: ReplayFlags) => {
    const { replay } = await import('./replay.ts');
    process.exitCode = await replay(file, flags);
  });

program.command('size')
  .description('show what an image takes of the RAM of its board')
  .argument('<APP>', 'the name of an app, or a module that exports `app`')
  .requiredOption('--board <BOARD>', 'the board')
  .option('--set <NAME=VALUE>', 'a figure of the board, see boards/README.md; may be repeated', figure)
  .option('--json', 'print the figures as JSON')
  .option('--debug', 'print stack traces')
  .addHelpText('after', '\nExit codes: 0 it fits, 2 it does not, or usage.')
  .action(async (app: string, flags: SizeFlags) => {
    const { size } = await import('./size.ts');
    process.exitCode = await size(app, flags);
  });

program.command('quirks')
  .description('list where RIOT departs from the RFCs: what profile riot does, and rfc instead')
  .argument('[NAME]', 'a layer, an id, or a part of ids')
  .option('--json', 'print the table as JSON')
  .option('--debug', 'print stack traces')
  .action(async (name: string | undefined, flags: QuirksFlags) => {
    const { quirks } = await import('./quirks.ts');
    process.exitCode = quirks(name, flags);
  });

// A reader that has seen enough, such as head, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

try {
  if (process.argv.length <= 2) throw new CommanderError(USAGE, 'usage', 'no command');
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const text = error instanceof Error ? error.message : String(error);
  // One line: commander puts its "(Did you mean …?)" on a second one.
  const helps = error instanceof CommanderError && !text.includes('Did you mean');
  const hint = helps ? `; see riotbed ${command()} --help` : '';
  process.stderr.write(`riotbed: ${text.replace(/^error: /, '').replaceAll('\n', ' ').replace(/\.$/, '')}${hint}\n`);
  const details = detailsOf(error);
  if (details !== null) process.stderr.write(`${details}\n`);
  if (process.argv.includes('--debug') && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return error instanceof CommanderError || (error instanceof Error && error.name === 'UsageError') ? USAGE : FAILED;
}

/** The command that the user wanted, as far as that can be told. */
function command(): string {
  const wanted = process.argv[2];
  return program.commands.some((known) => known.name() === wanted) ? wanted! : 'run';
}

/** What an error has to show behind its line, as a table. */
function detailsOf(error: unknown): string | null {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  if (typeof cause !== 'object' || cause === null || !('details' in cause)) return null;
  return typeof cause.details === 'string' ? cause.details : null;
}

/** Takes one more NAME=VALUE to those before. */
function figure(text: string, before: Readonly<Record<string, number>> = {}): Record<string, number> {
  const [, name, value] = /^([A-Za-z_0-9]+)=(-?[0-9.]+(?:e-?[0-9]+)?)$/.exec(text) ?? [];
  if (name !== undefined && Number.isFinite(Number(value))) return { ...before, [name]: Number(value) };
  throw new InvalidArgumentError('It is not NAME=VALUE with a number.');
}

/** Takes one more ID, ID=on or ID=off to those before. */
function quirkFlag(text: string, before: Readonly<Record<string, boolean>> = {}): Record<string, boolean> {
  const [, id, value = 'on'] = /^([^=]+)(?:=(on|off))?$/.exec(text) ?? [];
  if (id !== undefined) return { ...before, [id]: value === 'on' };
  throw new InvalidArgumentError('It is not ID, ID=on or ID=off.');
}

/** Takes one more to those before. */
function another(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function seed(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('It is not a non-negative integer.');
}

function version(): string {
  const file = new URL(import.meta.resolve('riotbed/package.json'));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
