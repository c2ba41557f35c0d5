// Who hears whom. Without links of their own all nodes hear all others on the same channel.
import type { Engine } from '../sim/engine.ts';
import { type Prng, stream } from '../sim/prng.ts';
import type { LossReason } from '../trace/event.ts';
import type { AirFrame, RadioReceiver } from './port.ts';

/** One direction between two nodes. */
interface Link {
  up: boolean;
  /** Probability of losing a frame, 0 to 1. */
  loss: number;
  /** Made when the first frame may be lost. */
  random: Prng | null;
}

export class Medium {
  private readonly engine: Engine;
  private readonly names: readonly string[];
  /** By node; null while the node has no power. */
  private readonly receivers: (RadioReceiver | null)[];
  /** By sender and receiver; null where nothing was set. */
  private readonly links: ((Link | null)[] | null)[];

  constructor(engine: Engine, names: readonly string[]) {
    this.engine = engine;
    this.names = names;
    this.receivers = names.map(() => null);
    this.links = names.map(() => null);
  }

  /** Node `index` has a radio now, or with null none any more. */
  attach(index: number, receiver: RadioReceiver | null): void {
    this.receivers[index] = receiver;
  }

  /**
   * Changes what node `to` hears of node `from`; undefined leaves as it is.
   * @param loss probability of losing a frame, 0 to 1
   */
  setLink(from: number, to: number, up: boolean | undefined, loss: number | undefined): void {
    const row = (this.links[from] ??= this.names.map(() => null));
    const link = (row[to] ??= { up: true, loss: 0, random: null });
    if (up !== undefined) link.up = up;
    if (loss !== undefined) link.loss = loss;
  }

  /**
   * A frame of node `from` has been sent; whoever hears it has it at this instant.
   * @param start when its transmission began, µs
   */
  transmit(from: number, frame: AirFrame, start: number): void {
    const { trace, digest } = this.engine;
    const name = this.names[from];
    digest.frame(frame.bytes);
    if (trace.count()) {
      trace.emit(name, {
        layer: 'radio', type: 'tx', frame: frame.bytes, channel: frame.channel, start, end: trace.time,
      });
    }
    const sent = trace.id;
    const row = this.links[from];
    for (let to = 0; to < this.receivers.length; to++) {
      if (to === from) continue;
      const link = row === null ? null : row[to];
      const reason = link === null ? null : this.linkLoss(link, from, to);
      this.offer(name, to, frame, reason, sent);
    }
  }

  /** A frame from outside reaches node `to`. */
  inject(to: number, frame: AirFrame): void {
    this.engine.digest.frame(frame.bytes);
    this.offer('', to, frame, null, this.engine.trace.origin);
  }

  /** The channel that node `index` listens to; null without power. */
  channelOf(index: number): number | null {
    return this.receivers[index]?.channel ?? null;
  }

  private offer(from: string, to: number, frame: AirFrame, lost: LossReason | null, cause: number): void {
    const { trace } = this.engine;
    const receiver = this.receivers[to];
    if (receiver === null) return this.lose(from, to, frame, 'off', cause);
    const reason = lost ?? receiver.refuses(frame);
    if (reason !== null) return this.lose(from, to, frame, reason, cause);
    const rssi = receiver.take(frame);
    if (trace.count()) {
      trace.emit(this.names[to],
        { layer: 'radio', type: 'rx', from, frame: frame.bytes, rssi, lqi: receiver.lqi }, cause);
    }
    receiver.indicate(trace.id);
  }

  private lose(from: string, to: number, frame: AirFrame, reason: LossReason, cause: number): void {
    const { trace } = this.engine;
    if (!trace.count()) return;
    trace.emit(this.names[to], { layer: 'radio', type: 'lost', from, frame: frame.bytes, reason }, cause);
  }

  /** Why the link loses this frame, or null. What a fault does to a frame on its way is decided here. */
  private linkLoss(link: Link, from: number, to: number): LossReason | null {
    if (!link.up) return 'link';
    if (link.loss === 0) return null;
    link.random ??= stream(this.engine.seed, `${this.names[from]}>${this.names[to]}`, 'link');
    return link.random.next32() < link.loss * 0x1_0000_0000 ? 'link' : null;
  }
}
