// `riotbed node`: one board live, in real time, with its console on stdin and stdout.
import { parseEndpoint } from '../bridge/endpoint.ts';
import { LiveRun } from '../bridge/live.ts';
import { Outside, type OutsideOptions, TAP_WIRE } from '../bridge/outside.ts';
import type { LiveEnd, LiveSession } from '../bridge/protocol.ts';
import { Terminal } from '../bridge/terminal.ts';
import { create, writeRecording } from './files.ts';
import { quirkOptions } from './quirks.ts';
import { portRules } from './ports.ts';
import { UsageError, usage } from './usage.ts';

export interface NodeFlags {
  readonly board: string;
  readonly seed: number;
  readonly eui64?: string;
  readonly set?: Readonly<Record<string, number>>;
  readonly profile?: string;
  readonly quirk?: Readonly<Record<string, boolean>>;
  readonly strict?: boolean;
  readonly zep?: string;
  readonly udp?: readonly string[];
  readonly tap?: string;
  readonly allowRemote?: boolean;
  readonly exitOnEof?: boolean;
  readonly journal?: string;
  readonly debug?: boolean;
}

const NODE = 'node';
const BUILT = import.meta.url.endsWith('.js');

/** Input that may wait for the board, bytes; the program that writes it has to wait beyond that. */
const INPUT_MAX = 65_536;

/** What a shell reports of a native process that panics: it ends by SIGTRAP. */
const PANICKED = 128 + 5;
const FAILED = 1;

/**
 * Signals, as native processes take them: at SIGINT the board says its last words and that is a success; the others end
 * it without a word.
 */
const SIGNALS = [
  { signal: 'SIGINT', gently: true, code: 0 },
  { signal: 'SIGTERM', gently: false, code: 128 + 15 },
  { signal: 'SIGHUP', gently: false, code: 128 + 1 },
] as const;

/**
 * Runs a board until it switches itself off, panics, or is ended from outside.
 * @param app the name of an app or the path of a module
 * @returns the exit code: that of RIOT's native process
 * @throws UsageError for what the user has to mend before it can run
 */
export async function node(app: string, flags: NodeFlags): Promise<number> {
  if (!BUILT) throw new UsageError('live runs need the built package: npm run build');
  const wanted = quirkOptions(flags);
  const journal = flags.journal === undefined ? null : create(flags.journal);
  const { board, seed, eui64, set } = flags;
  const given = { ...(eui64 === undefined ? {} : { eui64 }), ...(set === undefined ? {} : { set }) };
  const zep = flags.zep === undefined ? null : usage(() => parseEndpoint('--zep', flags.zep!));
  const udp = portRules(flags.udp, flags.allowRemote === true);
  const wires = flags.tap === undefined ? {} : { wires: [TAP_WIRE] };
  const nodes = { [NODE]: { board, app, bootAt: 0, ...given, ...wires } };
  const tap = flags.tap ?? null;
  const outside = zep !== null || udp.length > 0 || tap !== null;
  const session: LiveSession = { seed, nodes, ...wanted, ...(outside ? { outside, host: udp.length > 0 } : {}) };
  const host = new Host(session, flags.exitOnEof === true, { zep, udp, tap });
  const end = await host.run.end;
  host.release();
  if (journal !== null && 'recording' in end && end.recording !== null) {
    writeRecording(journal, { live: session, apps: end.apps, ...end.recording });
  }
  if (host.problem !== null) throw new UsageError(host.problem.message, { cause: host.problem });
  return conclude(end, flags, host.signalled);
}

/** What the process has to do with the run: streams and signals. */
class Host {
  readonly run: LiveRun;
  /** The exit code that a signal asked for; 0 without one. */
  signalled = 0;
  private readonly terminal: Terminal | null;
  private readonly outside: Outside;
  /** What the user has to mend, found out while it runs; null: nothing. */
  problem: Error | null = null;
  private waiting = 0;

  constructor(session: LiveSession, exitOnEof: boolean, outside: Pick<OutsideOptions, 'zep' | 'udp' | 'tap'>) {
    this.outside = new Outside({
      ...outside,
      send: (message) => this.run.send(message),
      warn: (text) => say([text]),
      fail: (error) => this.fail(error),
    });
    this.run = new LiveRun(session, {
      out: (node, text) => node === NODE ? void process.stdout.write(text, 'latin1') as undefined : undefined,
      taken: (_node, bytes) => this.taken(bytes),
      other: (message) => this.outside.take(message),
    });
    // Instead of the command line's own handler: a recording may have to be written. The first failure tells it all.
    process.stdout.removeAllListeners('error').on('error', () => undefined)
      .once('error', () => this.run.stop(false));
    for (const { signal, gently, code } of SIGNALS) {
      process.on(signal, () => {
        this.signalled = code;
        this.run.stop(gently);
      });
    }
    this.terminal = process.stdin.isTTY ? new Terminal(process.stdin, {
      type: (bytes) => this.run.send({ type: 'op', op: { type: 'keys', node: NODE, bytes } }),
      interrupt: (again) => again ? this.run.stop(true) : this.run.send({ type: 'ctrl_c', node: NODE }),
    }) : null;
    if (this.terminal === null) this.pipe(exitOnEof);
    // A terminal that is gone.
    else process.stdin.on('error', () => undefined).once('error', () => this.run.stop(false));
  }

  /** Gives stdin back. */
  release(): undefined {
    this.terminal?.release();
    this.outside.close();
    process.stdin.destroy();
  }

  private fail(error: Error): undefined {
    this.problem = error;
    this.run.stop(false);
  }

  private pipe(exitOnEof: boolean): undefined {
    process.stdin.setEncoding('latin1');
    process.stdin.on('data', (bytes: string) => {
      this.run.send({ type: 'input', node: NODE, bytes });
      this.waiting += bytes.length;
      if (this.waiting > INPUT_MAX) process.stdin.pause();
    });
    const ended = (): undefined => {
      if (exitOnEof) this.run.send({ type: 'end_of_input', node: NODE });
    };
    // Input that cannot be read has ended too.
    process.stdin.on('end', ended).on('error', ended);
  }

  private taken(bytes: number): undefined {
    this.waiting -= bytes;
    if (this.waiting <= INPUT_MAX && process.stdin.isPaused()) process.stdin.resume();
  }
}

/** Says on stderr what there is to say. Returns the exit code; `signalled` when nothing is wrong. */
function conclude(end: LiveEnd, flags: NodeFlags, signalled: number): number {
  switch (end.type) {
    case 'refused':
      throw new UsageError(end.message);
    case 'killed':
      say(['the board did not come to rest and was ended by force: there is no recording']);
      return signalled === 0 ? FAILED : signalled;
    case 'failed':
      say([`a bug of riotbed: ${flags.debug === true ? end.stack : end.stack.split('\n', 1)[0]}`]);
      return FAILED;
    case 'ended':
      for (const { threads, stack } of end.crashed) {
        say(['the board has panicked', ...threads, ...(flags.debug === true ? [stack] : [])]);
      }
      return end.crashed.length > 0 ? PANICKED : signalled;
  }
}

function say(lines: readonly string[]): undefined {
  process.stderr.write(`riotbed: ${lines.join('\n')}\n`);
}
