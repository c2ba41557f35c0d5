#!/usr/bin/env node
// The command line. Only the parser is loaded until a command runs: the engine takes longer than all the rest.
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { RunFlags } from './run.ts';

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
  .option('--journal <FILE>', 'write the recording of the run (JSON)')
  .option('--quiet', 'print failures and the last line only')
  .option('--debug', 'print stack traces')
  .action(async (file: string, flags: RunFlags) => {
    const { run } = await import('./run.ts');
    process.exitCode = await run(file, flags);
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
  const hint = error instanceof CommanderError && !text.includes('Did you mean') ? '; see riotbed run --help' : '';
  process.stderr.write(`riotbed: ${text.replace(/^error: /, '').replaceAll('\n', ' ').replace(/\.$/, '')}${hint}\n`);
  if (process.argv.includes('--debug') && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return error instanceof CommanderError || (error instanceof Error && error.name === 'UsageError') ? USAGE : FAILED;
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
