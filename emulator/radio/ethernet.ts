// Ethernet in virtual time: segments, and the ports of boards on them.
//
// A segment is a switch with full-duplex ports of 100 Mbit/s. A frame takes as long as its bits with preamble, padding
// to 64 bytes, FCS and the gap behind it; it reaches its receivers when the last bit has left the sender, and the
// sender's next one starts behind it. The switch learns where addresses are; it floods what it has no port for, and
// what goes to a group. Nothing collides and nothing is lost on the way, but a port holds ROOM frames each way and no
// more.
//
// A board sees a port as a TAP device of its host: frames have no padding and no FCS.
import type { tap_dev_t } from '../../net/netdev.ts';
import { hex } from '../../net/wire/bytes.ts';
import {
  ETHERNET_ADDR_LEN, ETHERNET_FRAME_LEN, ETHERNET_HDR_LEN, ethernet_addr_is_group,
} from '../../net/wire/ethernet.ts';
import { KIND_WIRE } from '../sim/digest.ts';
import type { Engine } from '../sim/engine.ts';
import { QueueEntry } from '../sim/event-queue.ts';
import type { WireLoss } from '../trace/event.ts';
import type { RadioHost } from './port.ts';

/** Bits per µs. */
const RATE = 100;
/** Bytes of preamble with start delimiter, FCS, and gap between frames; least frame without FCS. */
const OVERHEAD = 8 + 4 + 12;
const FRAME_MIN = 60;
/** Frames that a port holds each way, as Linux's TAP devices do (TUN_READQ_SIZE). */
const ROOM = 500;

/** µs that a frame takes. @param length with its header, without FCS */
export function wireTime(length: number): number {
  return Math.ceil((OVERHEAD + Math.max(FRAME_MIN, length)) * 8 / RATE);
}

/** A segment: who is on it, and where which address was seen last. */
export class EthernetSegment {
  readonly name: string;
  private readonly engine: Engine;
  private readonly ports: EthernetPort[] = [];
  private readonly learned = new Map<string, EthernetPort>();

  constructor(name: string, engine: Engine) {
    this.name = name;
    this.engine = engine;
  }

  attach(port: EthernetPort): void {
    this.ports.push(port);
  }

  /**
   * A frame has come to the switch whole.
   * @param from the port that sent it; null: it comes from outside
   */
  pass(from: EthernetPort | null, frame: Uint8Array, start: number): void {
    const { engine, name, ports } = this;
    const { trace, digest } = engine;
    const sender = from === null ? '' : from.node;
    digest.frame(frame);
    if (trace.count()) trace.emit(sender, { layer: 'wire', type: 'tx', wire: name, frame, start, end: trace.time });
    const sent = trace.id;
    if (from !== null) this.learned.set(hex(frame.subarray(ETHERNET_ADDR_LEN, 2 * ETHERNET_ADDR_LEN)), from);
    const to = ethernet_addr_is_group(frame) ? undefined : this.learned.get(hex(frame.subarray(0, ETHERNET_ADDR_LEN)));
    if (to !== undefined) {
      if (to !== from) to.take(sender, frame, sent);
      return;
    }
    for (const port of ports) if (port !== from) port.take(sender, frame, sent);
  }
}

/** A port of a node. It stays when the node loses power; `readable` is the driver's that runs. */
export class EthernetPort implements tap_dev_t {
  readonly eui48: Uint8Array;
  readable: () => undefined = () => undefined;

  private readonly host: RadioHost;
  private readonly segment: EthernetSegment | null;
  private readonly sendEnd: QueueEntry;
  private readonly sending: { readonly frame: Uint8Array; readonly start: number }[] = [];
  /** When the last frame to be sent will be out, µs. */
  private sent = 0;
  private readonly received: Uint8Array[] = [];
  private powered = false;

  /** @param segment null: the cable is not plugged in, and what is sent is lost */
  constructor(host: RadioHost, segment: EthernetSegment | null, eui48: Uint8Array) {
    this.host = host;
    this.segment = segment;
    this.eui48 = eui48;
    this.sendEnd = new QueueEntry(KIND_WIRE, host.index, () => this.endTransmission());
    segment?.attach(this);
  }

  get node(): string {
    return this.host.name;
  }

  get wire(): string {
    return this.segment?.name ?? '';
  }

  get pending(): boolean {
    return this.received.length > 0;
  }

  plug(): void {
    this.powered = true;
  }

  /** Power is gone: what was on its way is cut off, what had come is forgotten. */
  unplug(): void {
    this.powered = false;
    this.readable = () => undefined;
    this.host.engine.queue.cancel(this.sendEnd);
    this.sending.length = 0;
    this.received.length = 0;
    this.sent = 0;
  }

  write(frame: Uint8Array): number {
    if (frame.length < ETHERNET_HDR_LEN) return -1;
    const { engine, name } = this.host;
    if (this.segment === null || this.sending.length >= ROOM) {
      this.lose(name, frame, this.segment === null ? 'unplugged' : 'full', engine.trace.origin);
      return frame.length;
    }
    const start = Math.max(engine.now, this.sent);
    this.sent = start + wireTime(frame.length);
    this.sending.push({ frame: frame.slice(), start });
    if (this.sending.length === 1) engine.schedule(this.sendEnd, this.sent);
    return frame.length;
  }

  read(buf: Uint8Array, len: number): number {
    const frame = this.received.shift();
    if (frame === undefined) return -1;
    const length = Math.min(len, frame.length);
    for (let i = 0; i < length; i++) buf[i] = frame[i]!;
    return length;
  }

  /** A frame has come. @param cause id of the trace event of its transmission */
  take(from: string, frame: Uint8Array, cause: number): void {
    if (!this.powered) return this.lose(from, frame, 'off', cause);
    if (this.received.length >= ROOM) return this.lose(from, frame, 'full', cause);
    const { trace } = this.host.engine;
    this.received.push(frame);
    if (trace.count()) trace.emit(this.node, { layer: 'wire', type: 'rx', wire: this.wire, from, frame }, cause);
    this.host.interrupt(this.onReceived, trace.id);
  }

  private readonly onReceived = (): undefined => {
    if (this.received.length > 0) this.readable();
  };

  private endTransmission(): undefined {
    const { frame, start } = this.sending.shift()!;
    const next = this.sending[0];
    if (next !== undefined) this.host.engine.schedule(this.sendEnd, next.start + wireTime(next.frame.length));
    this.segment?.pass(this, frame, start);
  }

  private lose(from: string, frame: Uint8Array, reason: WireLoss, cause: number): void {
    const { trace } = this.host.engine;
    if (!trace.count()) return;
    trace.emit(this.node, { layer: 'wire', type: 'lost', wire: this.wire, from, frame, reason }, cause);
  }
}

/** All segments of a simulation, by their names. */
export class Wires {
  private readonly engine: Engine;
  private readonly segments = new Map<string, EthernetSegment>();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** The segment of that name, which is made if there is none yet. */
  segment(name: string): EthernetSegment {
    let found = this.segments.get(name);
    if (found === undefined) {
      found = new EthernetSegment(name, this.engine);
      this.segments.set(name, found);
    }
    return found;
  }

  /** @throws RangeError for a segment that there is not, or a frame of another length; names it */
  check(wire: string, frame: string): void {
    if (!this.segments.has(wire)) {
      throw new RangeError(`unknown wire ${wire}; there are: ${[...this.segments.keys()].join(', ') || 'none'}`);
    }
    const bytes = frame.length / 2;
    if (/^([0-9a-fA-F]{2})+$/.test(frame) && bytes >= ETHERNET_HDR_LEN && bytes <= ETHERNET_FRAME_LEN) return;
    throw new RangeError(
      `frame ${frame.slice(0, 20)}… is not ${ETHERNET_HDR_LEN} to ${ETHERNET_FRAME_LEN} bytes in hexadecimal`);
  }

  /** A frame from outside comes to the switch of a segment that there is. */
  inject(wire: string, frame: Uint8Array): void {
    this.segments.get(wire)!.pass(null, frame, this.engine.now);
  }
}
