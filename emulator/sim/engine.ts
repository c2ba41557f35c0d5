// What the parts of a simulation share: the queue, the clock and trace, the digest, and the boards
// that have something to run at this instant.
import { Digest } from './digest.ts';
import { EventQueue, type QueueEntry } from './event-queue.ts';
import { Trace } from './trace.ts';

/** A board that can be ready to run. */
export interface Runnable {
  /** Whether it stands in the engine's line; the engine's own mark. */
  waiting: boolean;
}

export class Engine<R extends Runnable = Runnable> {
  readonly seed: number;
  readonly queue = new EventQueue();
  readonly trace = new Trace();
  readonly digest = new Digest();
  private line: R[] = [];
  private head = 0;

  constructor(seed: number) {
    this.seed = seed;
  }

  get now(): number {
    return this.trace.time;
  }

  /** Queues `entry` at `time` µs, caused by what happens now. */
  schedule(entry: QueueEntry, time: number): void {
    this.queue.set(entry, time, this.trace.origin);
  }

  /** Puts a board into the line of those that are ready, unless it stands there. */
  enqueue(board: R): void {
    if (board.waiting) return;
    board.waiting = true;
    this.line.push(board);
  }

  /** The board whose turn it is, or null. It stays first until `dequeue()`: boards take turns as a whole. */
  first(): R | null {
    return this.head < this.line.length ? this.line[this.head] : null;
  }

  /** Takes the first board out of the line. */
  dequeue(): void {
    this.line[this.head++].waiting = false;
    if (this.head < this.line.length) return;
    this.line.length = 0;
    this.head = 0;
  }
}
