// The consoles of all nodes as lines with virtual time and node name.
import type { TraceReader } from './event.ts';

export interface ConsoleLine {
  /** Virtual time at which the line was complete, µs. */
  readonly time: number;
  readonly node: string;
  readonly text: string;
}

/** Virtual time in seconds, as console lines show it: `  0.012345`. */
function formatTime(us: number): string {
  return (us / 1_000_000).toFixed(6).padStart(10);
}

/** `  0.012345 server | text`, the name in a column of `width` characters. */
export function formatConsoleLine(line: ConsoleLine, width: number): string {
  return `${formatTime(line.time)} ${line.node.padEnd(width)} | ${line.text}`;
}

/** Cuts console output into lines. A line comes when its newline does: echo and output then stand in one. */
export class ConsoleLines {
  private readonly partial = new Map<string, { text: string; time: number }>();
  private readonly line: (line: ConsoleLine) => undefined;

  /** @param line gets each line as soon as it is complete */
  constructor(line: (line: ConsoleLine) => undefined) {
    this.line = line;
  }

  readonly read: TraceReader = ({ time, node, event }) => {
    if (event.layer !== 'console' || event.type !== 'out') return;
    const parts = ((this.partial.get(node)?.text ?? '') + event.text).split('\n');
    const rest = parts.pop()!;
    for (const text of parts) this.line({ time, node, text: decode(text) });
    this.partial.set(node, { text: rest, time });
  };

  /** Hands out what stands on the consoles without a newline; a bare prompt says nothing and is left out. */
  flush(): undefined {
    for (const [node, { text, time }] of this.partial) {
      if (text.trim() !== '' && text.trim() !== '>') this.line({ time, node, text: decode(text) });
    }
    this.partial.clear();
  }
}

/** A line as it is shown: carriage returns are the terminal's. */
function decode(text: string): string {
  return fromUtf8(text.replaceAll('\r', ''));
}

/** The text of console bytes, which are UTF-8, one character a byte. */
export function fromUtf8(bytes: string): string {
  // Most output is ASCII and needs no decoding.
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  return new TextDecoder().decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
}
