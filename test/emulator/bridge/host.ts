// A host for live runs in tests: its clock only moves while the run sleeps, or by what is told to it.
import { native } from '../../../boards/native.ts';
import { LiveDriver, type LiveHost } from '../../../emulator/bridge/driver.ts';
import type { FromLive, ToLive } from '../../../emulator/bridge/protocol.ts';
import { Simulation, type SimulationOptions } from '../../../emulator/sim/index.ts';
import type { App } from '../../../kernel/app.ts';

export class TestHost implements LiveHost {
  /** The host's clock does not start at 0. */
  time = 5_000_000;
  /** What the run sent, with the time since its start, µs. */
  readonly sent: [number, FromLive][] = [];
  /** How long the run wanted to sleep. */
  readonly sleeps: number[] = [];
  private readonly coming: [number, ToLive][] = [];
  private readonly start = this.time;

  /** The message comes `after` µs from the start, behind those of the same time. */
  at(after: number, message: ToLive): this {
    const time = this.start + after;
    const later = this.coming.findIndex(([other]) => other > time);
    this.coming.splice(later < 0 ? this.coming.length : later, 0, [time, message]);
    return this;
  }

  now(): number {
    return this.time;
  }

  receive(): ToLive | undefined {
    const next = this.coming[0];
    return next === undefined || next[0] > this.time ? undefined : this.coming.shift()![1];
  }

  sleep(us: number): undefined {
    this.sleeps.push(us);
    const message = this.coming[0]?.[0] ?? Infinity;
    if (us === Infinity && message === Infinity) throw new Error('asleep for ever');
    this.time = Math.min(this.time + us, Math.max(message, this.time));
  }

  send(message: FromLive): undefined {
    this.sent.push([this.time - this.start, message]);
  }

  /** All output of a node. */
  output(node: string): string {
    return this.sent.map(([, message]) => message.type === 'out' && message.node === node ? message.text : '').join('');
  }

  /** When the output of a node up to the first `text` was complete, µs from the start; null if it never was. */
  shown(node: string, text: string): number | null {
    let all = '';
    for (const [time, message] of this.sent) {
      if (message.type !== 'out' || message.node !== node) continue;
      all += message.text;
      if (all.includes(text)) return time;
    }
    return null;
  }
}

/** Nodes that boot at 0, for `new Simulation()` and `replay()`. */
export function options(apps: Record<string, App>): SimulationOptions {
  const nodes = Object.entries(apps).map(([name, app]) => [name, { board: native, app, bootAt: 0 }]);
  return { seed: 1, nodes: Object.fromEntries(nodes) as SimulationOptions['nodes'] };
}

/** Runs boards live until all have ended. */
export function live(apps: Record<string, App>, host: TestHost): { simulation: Simulation; driver: LiveDriver } {
  const simulation = new Simulation(options(apps));
  const driver = new LiveDriver(simulation, host);
  driver.run();
  return { simulation, driver };
}
