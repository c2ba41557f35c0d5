// TLS key log lines, as Wireshark reads them (NSS key log format).
import { hex } from '../../net/wire/bytes.ts';
import type { AnyEvent, TraceReader } from './event.ts';

export type SecretsEvent = Extract<AnyEvent, { type: 'secrets' }>;

/** `CLIENT_RANDOM <client random> <master secret>` with its newline. */
function keyLogLine(event: SecretsEvent): string {
  return `CLIENT_RANDOM ${hex(event.clientRandom)} ${hex(event.masterSecret)}\n`;
}

/** The key log of a run. Both ends of a session tell the same secret: each line comes once. */
export class KeyLog {
  private readonly lines = new Set<string>();

  readonly read: TraceReader = ({ event }) => {
    if (event.type === 'secrets') this.add(event);
  };

  /** Adds a secret; returns its line if it is new, else null. */
  add(event: SecretsEvent): string | null {
    const line = keyLogLine(event);
    if (this.lines.has(line)) return null;
    this.lines.add(line);
    return line;
  }

  text(): string {
    return [...this.lines].join('');
  }
}
