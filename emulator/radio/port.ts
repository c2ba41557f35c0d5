// What a radio device, the medium and a node know of each other.
import type { Callback } from '../../kernel/blocking.ts';
import type { Prng } from '../sim/prng.ts';
import type { Engine } from '../sim/engine.ts';
import type { LossReason } from '../trace/event.ts';

/** A frame on the air: the MPDU with its FCS, which nobody changes any more. */
export interface AirFrame {
  readonly bytes: Uint8Array;
  readonly channel: number;
}

/** The receiving side of a device. */
export interface RadioReceiver {
  /** Why a frame would not be taken now, or null. */
  refuses(frame: AirFrame): LossReason | null;
  /**
   * Takes a frame that `refuses()` had nothing against.
   * @returns the signal strength in dBm that it will report
   */
  take(frame: AirFrame): number;
  /** Tells the board of what was taken; `cause` is the id of the trace event of the reception. */
  indicate(cause: number): void;
  /** Link quality that it reports, 0 to 255. */
  readonly lqi: number;
  /** The channel it listens to. */
  readonly channel: number;
}

/** A node as its device sees it. */
export interface RadioHost {
  readonly name: string;
  readonly index: number;
  readonly engine: Engine;
  /** Queues an interrupt of the node's board, caused by the trace event `cause`. */
  interrupt(handler: Callback<[]>, cause: number): void;
  /** One of the node's random streams. */
  stream(purpose: string): Prng;
}
