// Runs a recording again.
import type { JournalEntry } from './op.ts';
import { type Recording, ReplayMismatch, compareIdentity } from './recording.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';

/** A replay that goes on step by step, forwards only. */
export class Replay {
  readonly simulation: Simulation;
  private readonly recording: Recording;
  private next = 0;

  /**
   * @param options the simulation that was recorded: same seed, nodes, boards, apps
   * @throws ReplayMismatch when they are not those of the recording
   */
  constructor(recording: Recording, options: SimulationOptions) {
    this.recording = recording;
    this.simulation = new Simulation(options);
    compareIdentity(recording.identity, this.simulation.identity());
  }

  /** Whether all steps and host actions of the recording have been done. */
  get done(): boolean {
    return this.next === this.recording.journal.length && this.simulation.sequence >= this.recording.end.sequence;
  }

  /**
   * Does the host action that is due, or one slice.
   * @returns false, without effect, when it is `done`
   * @throws ReplayMismatch when the run has come to another place than the recording
   */
  step(): boolean {
    if (this.done) return false;
    const { simulation } = this;
    const entry = this.recording.journal.at(this.next);
    if (entry !== undefined && simulation.sequence >= entry.sequence) {
      this.reach(`host action ${this.next + 1}`, entry);
      this.next++;
      simulation.apply(entry.op);
    } else if (!simulation.step()) {
      throw new ReplayMismatch('length', `${this.recording.end.sequence} steps`, `${simulation.sequence} steps`);
    }
    return true;
  }

  /**
   * Does all the rest and compares the end.
   * @throws ReplayMismatch when place or digest differ
   */
  finish(): Simulation {
    while (this.step());
    this.reach('the end', this.recording.end);
    const digest = this.simulation.digest();
    if (digest !== this.recording.digest) throw new ReplayMismatch('digest', this.recording.digest, digest);
    return this.simulation;
  }

  /** Moves the clock to where the recording was; the sequence is that place's or beyond. */
  private reach(what: string, place: Pick<JournalEntry, 'sequence' | 'time'>): void {
    const { simulation } = this;
    const next = simulation.nextAt();
    const fits = simulation.sequence === place.sequence && simulation.now <= place.time &&
      (next === null || next >= place.time);
    if (!fits) {
      throw new ReplayMismatch(`the place of ${what}`, `step ${place.sequence} at ${place.time} µs`,
        `step ${simulation.sequence} at ${simulation.now} µs`);
    }
    simulation.advanceTo(place.time);
  }
}

/**
 * Runs a recording again to its end.
 * @throws ReplayMismatch when identity, course or digest differ; names the first difference
 */
export function replay(recording: Recording, options: SimulationOptions): Simulation {
  return new Replay(recording, options).finish();
}
