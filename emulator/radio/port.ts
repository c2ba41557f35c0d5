// What a radio device, the medium and a node know of each other.
import type { Callback } from '../../kernel/blocking.ts';
import type { Prng } from '../sim/prng.ts';
import type { Engine } from '../sim/engine.ts';
import type { NetDevices } from '../../net/netdev.ts';
import type { LossReason, RadioState } from '../trace/event.ts';

export type { RadioState };

/** A frame on the air: the MPDU with its FCS, which nobody changes any more. */
export interface AirFrame {
  readonly bytes: Uint8Array;
  readonly channel: number;
  /** Its FCS is known to be right, so that no receiver needs to compute it; undefined: it is not known. */
  readonly sound?: true;
  /** Link quality that its receiver finds, 0 to 255, if its way decides that; else the receiver's own figure. */
  readonly lqi?: number;
}

/** The receiving side of a device. */
export interface RadioReceiver {
  /**
   * Why a frame would not be taken now, or null.
   * @param since from when on, at the latest, it must have been listening to make out the frame, µs
   */
  refuses(frame: AirFrame, since: number): LossReason | null;
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
  /** Whether two frames that overlap destroy each other here: not for socket_zep, to which a frame is an instant. */
  readonly collides: boolean;
}

/** The radio of a node that has power. */
export interface Radio extends RadioReceiver {
  /** What it does now; energy is the integral of the states' currents. */
  readonly state: RadioState;
  /** Called at each change of `state`, with the new one. One listener, set by the node; must not change anything. */
  onState: ((state: RadioState) => undefined) | null;
  /** What the network stack gets of it. */
  readonly devices: NetDevices;
  /** Power is gone: what was on its way is cut off. */
  unplug(): void;
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
