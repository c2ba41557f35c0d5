// The host's end of a board's serial line: what a user types on its way into RIOT's input ring.
import type { Blocking, Callback } from '../../kernel/blocking.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { stdio_rx, stdio_rx_free } from '../../kernel/stdio.ts';
import { KIND_UART } from './digest.ts';
import type { Engine } from './engine.ts';
import { QueueEntry } from './event-queue.ts';

/** The board behind the line. */
export interface ConsoleBoard {
  readonly index: number;
  readonly engine: Engine;
  readonly kernel: Kernel | null;
  interrupt(handler: Callback<[]>, cause: number): void;
}

export class ConsoleInput {
  private readonly board: ConsoleBoard;
  private readonly byteTime: number;
  private readonly arrival: QueueEntry;
  /** Bytes not yet sent: `pending` from `sent` on. */
  private pending = '';
  private sent = 0;
  private byte = 0;
  /** Held back because the ring is full. */
  private held = false;

  /** @param byteTime µs that a byte takes on the line */
  constructor(board: ConsoleBoard, byteTime: number) {
    this.board = board;
    this.byteTime = byteTime;
    this.arrival = new QueueEntry(KIND_UART, board.index, () => this.arrive());
  }

  /** Bytes that the board has not got yet. */
  get waiting(): number {
    return this.pending.length - this.sent;
  }

  /** Sends `bytes` at the line's speed, waiting while the ring is full. */
  type(bytes: string): void {
    this.pending = this.pending.slice(this.sent) + bytes;
    this.sent = 0;
    if (!this.held && !this.arrival.queued) this.scheduleNext();
  }

  /** Gives all of `bytes` to the board at this instant; the ring takes what fits. */
  typeRaw(bytes: string): void {
    this.board.interrupt(function* () {
      for (let i = 0; i < bytes.length; i++) yield* stdio_rx(bytes.charCodeAt(i));
    }, this.board.engine.trace.origin);
  }

  /** Goes on with what was held back, if there is room by now. Call after each slice of the board. */
  resume(): void {
    if (!this.held || !this.hasRoom()) return;
    this.held = false;
    this.scheduleNext();
  }

  /** Forgets what was not sent yet. Returns how many bytes that were. */
  clear(): number {
    const lost = this.waiting;
    this.pending = '';
    this.sent = 0;
    this.held = false;
    this.board.engine.queue.cancel(this.arrival);
    return lost;
  }

  private arrive(): undefined {
    if (!this.hasRoom()) {
      this.held = true;
      return;
    }
    this.byte = this.pending.charCodeAt(this.sent++);
    this.board.interrupt(this.receive, this.board.engine.trace.cause);
    if (this.sent < this.pending.length) this.scheduleNext();
  }

  private readonly receive = (): Blocking<void> => stdio_rx(this.byte);

  private scheduleNext(): void {
    const { engine } = this.board;
    engine.schedule(this.arrival, engine.now + this.byteTime);
  }

  private hasRoom(): boolean {
    const kernel = this.board.kernel;
    return kernel !== null && stdio_rx_free(kernel) > 0;
  }
}
