// Where frames of real processes come to a board of a live run.
import { hex } from '../../net/wire/bytes.ts';
import type { ToLive } from './protocol.ts';
import { StaleFilter } from './stale.ts';

const CHANNEL_MIN = 11;
const CHANNEL_MAX = 26;

export class Antenna {
  private readonly node: string;
  private readonly send: (message: ToLive) => undefined;
  private readonly stale = new StaleFilter();

  /**
   * @param node the board's name
   * @param send takes messages to the run
   */
  constructor(node: string, send: (message: ToLive) => undefined) {
    this.node = node;
    this.send = send;
  }

  /** A frame (MPDU with FCS) goes into the run as a host action, unless its channel is none, or it is a late repetition. */
  hear(frame: Uint8Array, channel: number, lqi: number): undefined {
    if (channel < CHANNEL_MIN || channel > CHANNEL_MAX || !this.stale.fresh(frame)) return;
    this.send({ type: 'op', op: { type: 'frame', node: this.node, frame: hex(frame), channel, lqi } });
  }
}
