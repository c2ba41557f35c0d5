// What the emulated IEEE 802.15.4 transceivers have in common: a state that costs energy, one thing
// that happens next, a frame on the air, and a receive buffer for one frame.
import type { BoardRadio } from '../../boards/board.ts';
import type { NetDevices } from '../../net/netdev.ts';
import { IEEE802154_ACK_FRAME_LEN, IEEE802154_FCS_LEN, emitAck, putFcs } from '../../net/wire/ieee802154.ts';
import { KIND_RADIO } from '../sim/digest.ts';
import { QueueEntry } from '../sim/event-queue.ts';
import type { Prng } from '../sim/prng.ts';
import type { LossReason } from '../trace/event.ts';
import { FrameFilter } from './filter.ts';
import type { Medium, Transmission } from './medium.ts';
import type { AirFrame, Radio, RadioHost, RadioState } from './port.ts';

/** Preamble, SFD and PHY header before the PSDU, bytes (IEEE 802.15.4-2006 §6.3). */
const SHR_PHR = 6;
/** Length of a symbol, µs. */
export const SYMBOL = 16;
/** aTurnaroundTime: from a frame to its ACK, µs. */
export const TURNAROUND = 12 * SYMBOL;
/** Clear channel assessment, µs. */
export const CCA = 8 * SYMBOL;
/** aUnitBackoffPeriod, µs. */
export const BACKOFF = 20 * SYMBOL;

export abstract class Transceiver implements Radio {
  abstract readonly devices: NetDevices;
  readonly eui64: Uint8Array;
  readonly lqi: number;
  readonly collides = true;
  channel = 0;
  /** dBm. */
  txpower = 0;
  state: RadioState = 'off';
  onState: ((state: RadioState) => undefined) | null = null;

  protected readonly host: RadioHost;
  protected readonly medium: Medium;
  protected readonly filter = new FrameFilter();
  /** From when on it listens without a break, µs; Infinity when it does not. */
  protected listensSince = Infinity;
  /** What it sends next. */
  protected sending: AirFrame | null = null;
  /** What it received last. */
  protected received: AirFrame | null = null;
  protected receivedRssi = 0;
  private readonly figures: BoardRadio;
  private readonly signal: Prng;
  private readonly entry: QueueEntry;
  /** What happens when `entry` is due. */
  private next: () => undefined = () => undefined;
  private sent: () => undefined = () => undefined;
  private onAir: Transmission | null = null;

  constructor(host: RadioHost, medium: Medium, eui64: Uint8Array, figures: BoardRadio) {
    this.host = host;
    this.medium = medium;
    this.eui64 = eui64;
    this.figures = figures;
    this.lqi = figures.lqi;
    this.signal = host.stream('rssi');
    this.entry = new QueueEntry(KIND_RADIO, host.index, () => this.next());
  }

  set_short_addr(addr: Uint8Array): void {
    this.filter.setShort(addr);
  }

  set_ext_addr(addr: Uint8Array): void {
    this.filter.setLong(addr);
  }

  set_panid(panid: number): void {
    this.filter.panid = panid;
  }

  config_phy(channel: number, txpower: number): number {
    this.channel = channel;
    this.txpower = txpower;
    return 0;
  }

  unplug(): void {
    this.stop();
    this.medium.attach(this.host.index, null);
    this.enter('off');
  }

  refuses(frame: AirFrame, since: number): LossReason | null {
    if (since < this.listensSince) {
      return this.state === 'tx' || this.state === 'rx' ? 'busy' : 'not-listening';
    }
    if (frame.channel !== this.channel) return 'wrong-channel';
    return this.rejects(frame.bytes);
  }

  take(frame: AirFrame): number {
    this.received = frame;
    this.receivedRssi = this.figures.rssi + (this.signal.next32() & 3);
    return this.receivedRssi;
  }

  /** Starts what the device does with the frame that it took. */
  abstract indicate(cause: number): void;

  /** Why the device, which listens, drops this frame; or null. */
  protected abstract rejects(bytes: Uint8Array): LossReason | null;

  protected get now(): number {
    return this.host.engine.now;
  }

  /** µs until something happens next, at least 1. */
  protected get nextIn(): number {
    return this.entry.queued ? Math.max(1, this.entry.time - this.now) : 1;
  }

  protected powerUp(): void {
    this.medium.attach(this.host.index, this);
    this.enter('idle');
  }

  protected enter(state: RadioState): void {
    if (state === this.state) return;
    this.state = state;
    if (this.onState !== null) this.onState(state);
    const { trace } = this.host.engine;
    if (trace.count()) trace.emit(this.host.name, { layer: 'radio', type: 'state', state });
  }

  /** Does `what` in `us` µs; there is one such thing at a time. */
  protected after(us: number, what: () => undefined): void {
    this.next = what;
    this.host.engine.schedule(this.entry, this.now + us);
  }

  /** Ends whatever goes on: sending, listening, waiting. */
  protected stop(): void {
    this.host.engine.queue.cancel(this.entry);
    this.listensSince = Infinity;
    if (this.onAir === null) return;
    this.medium.cut(this.onAir);
    this.onAir = null;
  }

  /** Puts a frame on the air, and does `sent` when all of it is out. */
  protected transmitFrame(frame: AirFrame, sent: () => undefined): void {
    this.enter('tx');
    this.listensSince = Infinity;
    this.sent = sent;
    const duration = (SHR_PHR + frame.bytes.length) * this.figures.byteTime;
    this.onAir = this.medium.begin(this.host.index, frame, duration);
    this.after(duration, this.frameSent);
  }

  private readonly frameSent = (): undefined => {
    const frame = this.onAir;
    this.onAir = null;
    if (frame !== null) this.medium.end(frame);
    this.sent();
  };

  /** An interrupt of the board, caused by what happens now. */
  protected interrupt(handler: () => undefined): void {
    this.host.interrupt(handler, this.host.engine.trace.origin);
  }

  /** Loads what is sent next: an MPDU without FCS. */
  protected load(psdu: Uint8Array): void {
    const bytes = new Uint8Array(psdu.length + IEEE802154_FCS_LEN);
    bytes.set(psdu);
    putFcs(bytes, 0, psdu.length);
    this.sending = { bytes, channel: this.channel };
  }

  /** The ACK of a frame, as hardware makes it. */
  protected ackOf(frame: AirFrame, framePending = false): AirFrame {
    const bytes = new Uint8Array(IEEE802154_ACK_FRAME_LEN);
    putFcs(bytes, 0, emitAck(frame.bytes[2], framePending, bytes, 0));
    return { bytes, channel: this.channel };
  }

  /** Length of the received frame without FCS. */
  len(): number {
    return this.received === null ? 0 : this.received.bytes.length - IEEE802154_FCS_LEN;
  }
}
