// Who hears whom. Without links of their own all nodes hear all others on the same channel.
//
// A frame comes here in one of two ways. socket_zep's is an instant: `transmit()` gives it to all at
// once. A real radio's takes its time on the air, from `begin()` to `end()`; at its end, all have it
// that were listening before its SFD and heard no other frame meanwhile. Modelled: two frames that
// overlap by any part are both lost wherever both can be heard, however strong either is (no capture),
// and clear channel assessment sees a frame from its first to its last microsecond and no other noise.
// Where both sorts of radios share a medium, a frame of socket_zep is heard by a real radio that
// listens at its instant; it is too short to collide or to be seen by CCA. A real frame is an instant
// to socket_zep, at its end, and collides with nothing there.
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

/** A frame of a real radio that is on the air. */
export interface Transmission {
  readonly from: number;
  readonly frame: AirFrame;
  /** From the first bit of its preamble, µs. */
  readonly start: number;
  readonly end: number;
  /** Frames of the same channel that are or were on the air meanwhile; null for none. */
  overlaps: Transmission[] | null;
}

/** How much of a frame a receiver may miss: four bytes of preamble before the SFD, µs. */
const PREAMBLE = 128;
/** SHR of five bytes: from then on a receiver knows of the frame, µs. */
const SHR = 160;

/** Room for some dozens of frames. */
const SLAB_SIZE = 4096;

export class Medium {
  private readonly engine: Engine;
  private readonly names: readonly string[];
  /** By node; null while the node has no power. */
  private readonly receivers: (RadioReceiver | null)[];
  /** By sender and receiver, those that were set; null for a sender without any. */
  private readonly links: (Map<number, Link> | null)[];
  /** What real radios have on the air. */
  private readonly air: Transmission[] = [];
  /** What `bytes()` takes pieces of; no piece is used again. */
  private slab = new ArrayBuffer(0);
  private slabUsed = 0;

  constructor(engine: Engine, names: readonly string[]) {
    this.engine = engine;
    this.names = names;
    this.receivers = names.map(() => null);
    this.links = names.map(() => null);
  }

  /** Bytes for a frame, all zero: pieces of a larger array, since memory of its own costs more than the frame. */
  bytes(length: number): Uint8Array {
    if (this.slabUsed + length > this.slab.byteLength) {
      this.slab = new ArrayBuffer(SLAB_SIZE);
      this.slabUsed = 0;
    }
    const offset = this.slabUsed;
    this.slabUsed += length;
    return new Uint8Array(this.slab, offset, length);
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
    const row = (this.links[from] ??= new Map());
    const link = row.get(to) ?? { up: true, loss: 0, random: null };
    row.set(to, link);
    if (up !== undefined) link.up = up;
    if (loss !== undefined) link.loss = loss;
  }

  /**
   * A frame of node `from` has been sent; whoever hears it has it at this instant.
   * @param start when its transmission began, µs
   */
  transmit(from: number, frame: AirFrame, start: number): void {
    this.deliver(from, frame, start, this.engine.now, null);
  }

  /** A real radio's frame goes on the air, for `duration` µs; `end()` or `cut()` it. */
  begin(from: number, frame: AirFrame, duration: number): Transmission {
    const start = this.engine.now;
    const sent: Transmission = { from, frame, start, end: start + duration, overlaps: null };
    for (const other of this.air) {
      if (other.frame.channel !== frame.channel) continue;
      (other.overlaps ??= []).push(sent);
      (sent.overlaps ??= []).push(other);
    }
    this.air.push(sent);
    return sent;
  }

  /** All of it has been sent; whoever heard it has it at this instant. */
  end(sent: Transmission): void {
    this.cut(sent);
    this.deliver(sent.from, sent.frame, sent.start, sent.start + PREAMBLE, sent.overlaps);
  }

  /** Its transmission is cut off: nobody gets it, but it has disturbed others. */
  cut(sent: Transmission): void {
    const at = this.air.indexOf(sent);
    if (at >= 0) this.air.splice(at, 1);
  }

  /** Clear channel assessment at node `index`: whether it hears no real radio on that channel now. */
  clear(index: number, channel: number): boolean {
    for (const { from, frame } of this.air) {
      if (frame.channel === channel && from !== index && this.hears(from, index)) return false;
    }
    return true;
  }

  /** The frame that is coming in at node `index`, which listens since `since` µs and has made out its SFD; or null. */
  incoming(index: number, channel: number, since: number): Transmission | null {
    const { now } = this.engine;
    for (const sent of this.air) {
      if (sent.frame.channel !== channel || sent.from === index || sent.start + SHR > now) continue;
      if (since <= sent.start + PREAMBLE && this.hears(sent.from, index)) return sent;
    }
    return null;
  }

  private deliver(
    from: number, frame: AirFrame, start: number, since: number, overlaps: readonly Transmission[] | null,
  ): void {
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
      const link = row === null ? null : row.get(to) ?? null;
      const reason = link === null ? null : this.linkLoss(link, from, to);
      this.offer(name, to, frame, reason, sent, since, overlaps);
    }
  }

  /** A frame from outside reaches node `to`. */
  inject(to: number, frame: AirFrame): void {
    this.engine.digest.frame(frame.bytes);
    this.offer('', to, frame, null, this.engine.trace.origin, this.engine.now, null);
  }

  /** The channel that node `index` listens to; null without power. */
  channelOf(index: number): number | null {
    return this.receivers[index]?.channel ?? null;
  }

  private offer(
    from: string, to: number, frame: AirFrame, lost: LossReason | null, cause: number, since: number,
    overlaps: readonly Transmission[] | null,
  ): void {
    const { trace } = this.engine;
    const receiver = this.receivers[to];
    if (receiver === null) return this.lose(from, to, frame, 'off', cause);
    const reason = lost ?? receiver.refuses(frame, since) ??
      (overlaps !== null && receiver.collides && this.disturbed(to, overlaps) ? 'collision' : null);
    if (reason !== null) return this.lose(from, to, frame, reason, cause);
    const rssi = receiver.take(frame);
    if (trace.count()) {
      trace.emit(this.names[to],
        { layer: 'radio', type: 'rx', from, frame: frame.bytes, rssi, lqi: receiver.lqi }, cause);
    }
    receiver.indicate(trace.id);
  }

  private disturbed(to: number, overlaps: readonly Transmission[]): boolean {
    return overlaps.some((other) => other.from !== to && this.hears(other.from, to));
  }

  private hears(from: number, to: number): boolean {
    return this.links[from]?.get(to)?.up ?? true;
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
