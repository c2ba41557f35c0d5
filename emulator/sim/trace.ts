// The trace of a simulation: one stream of typed events, and the place where a run stands.
import type { BoardEvent } from '../../kernel/events.ts';
import { InvariantError } from '../../kernel/invariant.ts';
import type { AnyEvent, TraceReader, TraceRecord } from '../trace/event.ts';

/** Ids are sequence × 4096 + ordinal. Ordinal 0 is the step itself, its events count from 1. */
export const ORDINALS = 4096;

export class Trace {
  /** Virtual time, µs. */
  time = 0;
  /** Number of the step that runs, or ran last; 0 before the first. */
  sequence = 0;
  /** What caused the step that runs: an event's id, or 0. */
  cause = 0;
  private ordinal = 0;
  private readers: readonly TraceReader[] = [];
  private reading = false;

  /**
   * Adds a reader; every event from now on goes to it, in order. A reader must not change the
   * simulation.
   * @returns a function that takes the reader out again
   */
  subscribe(reader: TraceReader): () => undefined {
    this.readers = [...this.readers, reader];
    this.reading = true;
    return () => {
      this.readers = this.readers.filter((other) => other !== reader);
      this.reading = this.readers.length > 0;
      return undefined;
    };
  }

  /** Begins the next step. */
  next(cause: number): void {
    this.sequence++;
    this.ordinal = 0;
    this.cause = cause;
  }

  /** Counts an event and tells whether a reader is there; `emit()` it only if so. */
  count(): boolean {
    // A step with more events than there are ordinals goes on under the next number.
    if (++this.ordinal === ORDINALS) {
      this.sequence++;
      this.ordinal = 1;
    }
    return this.reading;
  }

  /** The id of the event counted last, or of the step if it has none yet. */
  get id(): number {
    return this.sequence * ORDINALS + this.ordinal;
  }

  /** What something queued now is caused by: the last event of this step, else the step's own cause. */
  get origin(): number {
    return this.ordinal === 0 ? this.cause : this.sequence * ORDINALS + this.ordinal;
  }

  /** Emits the event that was just counted. */
  emit(node: string, event: AnyEvent | BoardEvent, cause = this.cause): void {
    const record: TraceRecord = { id: this.id, time: this.time, node, cause, event: event as AnyEvent };
    try {
      for (const reader of this.readers) reader(record);
    } catch (error) {
      // A board's slice may be under way, and the kernel takes any other error for the board's own.
      if (error instanceof InvariantError) throw error;
      throw new InvariantError(`a reader of the trace failed: ${String(error)}`, { cause: error });
    }
  }
}
