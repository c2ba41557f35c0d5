// A command of riotbed in a process of its own, for tests.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../typescript.ts';

export const MAIN = path.join(ROOT, 'dist/emulator/cli/main.js');

export interface End {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

const sessions: Session[] = [];

/** Ends what still runs: for `test.after.always()`. */
export function endSessions(): undefined {
  sessions.forEach(({ child }) => child.kill('SIGKILL'));
}

/** `riotbed node`, or another command, in a child process. */
export class Session {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'riotbed-test-')));
  readonly child: ChildProcessWithoutNullStreams;
  readonly end: Promise<End>;
  stdout = '';
  private readonly waiting: { pattern: RegExp; found: () => void }[] = [];

  constructor(args: readonly string[], files: Record<string, string> = {}, command = [process.execPath, MAIN, 'node']) {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(this.folder, name), text);
    const env = { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '', NO_COLOR: '1' };
    const [program, ...more] = [...command, ...args];
    this.child = spawn(program!, more, { cwd: this.folder, env });
    sessions.push(this);
    let stderr = '';
    this.child.stdout.setEncoding('latin1').on('data', (text: string) => {
      this.stdout += text;
      for (const { pattern, found } of this.waiting) if (pattern.test(this.stdout)) found();
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // What a process that has ended does not read any more is no matter of these tests.
    this.child.stdin.on('error', () => undefined);
    this.end = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout.replace(/\(Version: .*?\)/g, '(Version: VERSION)'), stderr });
      });
    });
  }

  /** Until `pattern` stands in the output. A process that ends before fails the test. */
  async shows(pattern: RegExp): Promise<void> {
    if (pattern.test(this.stdout)) return;
    const found = new Promise<true>((resolve) => this.waiting.push({ pattern, found: () => resolve(true) }));
    if (await Promise.race([found, this.end]) === true) return;
    const { code, stdout, stderr } = await this.end;
    throw new Error(`ended with ${code} before ${pattern}: ${stdout}${stderr}`);
  }

  type(bytes: string): undefined {
    this.child.stdin.write(bytes, 'latin1');
  }
}

/** A UDP port of this host that is free now. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp6');
  socket.bind(0, '::1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
