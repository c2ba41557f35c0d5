// What the parts of a simulation share: the queue, the clock and trace, the digest, and the boards
// that have something to run at this instant.
import { Digest } from './digest.ts';
import { EventQueue, type QueueEntry } from './event-queue.ts';
import { Trace } from './trace.ts';

/** A board that can be ready to run. The fields are the engine's own. */
export interface Runnable {
  /** Whether it stands in the engine's line. */
  waiting: boolean;
  /** The one behind it there. */
  behind: Runnable | null;
}

export class Engine<R extends Runnable = Runnable> {
  readonly seed: number;
  readonly queue = new EventQueue();
  readonly trace = new Trace();
  readonly digest = new Digest();
  private head: R | null = null;
  private tail: R | null = null;

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
    if (this.tail === null) this.head = board;
    else this.tail.behind = board;
    this.tail = board;
  }

  /** The board whose turn it is, or null. It stays first until `dequeue()`: boards take turns as a whole. */
  first(): R | null {
    return this.head;
  }

  /** Takes the first board out of the line, if there is one. */
  dequeue(): void {
    const board = this.head;
    if (board === null) return;
    this.head = board.behind as R | null;
    if (this.head === null) this.tail = null;
    board.behind = null;
    board.waiting = false;
  }
}
