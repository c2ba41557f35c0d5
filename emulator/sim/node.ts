// One node: a board with its power, its console, its random streams, and the kernel that runs on it
// while it has power.
import type { Board } from '../../boards/board.ts';
import type { App } from '../../kernel/app.ts';
import type { Callback } from '../../kernel/blocking.ts';
import type { BoardEvent } from '../../kernel/events.ts';
import { kernel_init } from '../../kernel/init.ts';
import { Kernel } from '../../kernel/kernel.ts';
import type { Platform } from '../../kernel/platform.ts';
import type { NetDevices } from '../../net/netdev.ts';
import { ieee802154_get_iid, ipv6_addr_to_str, linkLocalFromIid } from '../../net/wire/addr.ts';
import { EthernetPort, type Wires } from '../radio/ethernet.ts';
import { createRadio } from '../radio/index.ts';
import type { Medium } from '../radio/medium.ts';
import type { Radio, RadioHost } from '../radio/port.ts';
import { type NodeEnergy, NodeMeters, energyEvent, energyOf } from '../trace/energy.ts';
import type { AnyEvent, RadioState } from '../trace/event.ts';
import { autoInit } from './auto-init.ts';
import { ConsoleInput } from './console.ts';
import { cpuidOf } from './cpuid.ts';
import { KIND_ALARM, KIND_BOOT, KIND_CPU } from './digest.ts';
import type { Engine, Runnable } from './engine.ts';
import { QueueEntry } from './event-queue.ts';
import { type HostDatagram, HostLink } from './host-udp.ts';
import type { Image, ImageOptions } from './image.ts';
import { type Prng, stream } from './prng.ts';

/** Nodes without a `bootAt` boot within so many µs of the start. */
const BOOT_SPREAD = 100_000;

export interface NodeOptions extends ImageOptions {
  /** Eight bytes; by default 02:00:00:00:00:00:xx:xx with the node's place among the nodes, from 1. */
  readonly eui64?: Uint8Array;
  /** µs; by default a random time up to 100 ms from the node's own stream. */
  readonly bootAt?: number;
  /** Folder that messages name the files of its app from, as a path or a file: URL; see kernel/place.ts. */
  readonly appFolder?: string;
}

/**
 * off: no power, or not booted yet. on: it runs. crashed: its kernel has panicked and halted; it
 * hears nothing, and power or reset boots it again.
 */
export type NodeState = 'off' | 'on' | 'crashed';

export class SimNode implements Platform, RadioHost, Runnable {
  readonly name: string;
  readonly index: number;
  readonly board: Board;
  readonly app: App;
  readonly eui64: Uint8Array;
  /** Its link-local address, as in `fe80::a`. */
  readonly linkLocal: string;
  readonly image: Image;
  readonly engine: Engine;
  /** Everything it has printed so far, over all its boots; one character is one byte. */
  console = '';
  state: NodeState = 'off';
  /** What made it crash last: a KernelPanic, or whatever an app threw; null if it never did. */
  failure: unknown = null;
  /** Whether it has been idle, crashed or off since its first boot. */
  settled = false;
  kernel: Kernel | null = null;
  /** The kernel that crashed, for who looks into it; null again once power or reset end that. */
  remains: Kernel | null = null;
  radio: Radio | null = null;
  /** Its Ethernet ports; they are its own whether or not it has power. */
  readonly ports: readonly EthernetPort[];
  readonly input: ConsoleInput;
  /** What woke the board: the cause of its slices. */
  cause = 0;
  waiting = false;
  behind: Runnable | null = null;

  private readonly medium: Medium;
  private readonly appFolder: string | null;
  private readonly streams = new Map<string, Prng>();
  private readonly bootEntry: QueueEntry;
  private readonly alarmEntry: QueueEntry;
  private readonly cpuEntry: QueueEntry;
  private powerRequest: 'off' | 'reboot' | null = null;
  private hostLinkMade: HostLink | null = null;
  /** null: a process on a host. */
  private readonly meters: NodeMeters | null;

  constructor(
    name: string, index: number, options: NodeOptions, image: Image, eui64: Uint8Array, engine: Engine, medium: Medium,
    wires: Wires,
  ) {
    this.name = name;
    this.index = index;
    this.board = options.board;
    this.app = options.app;
    this.eui64 = eui64;
    this.linkLocal = ipv6_addr_to_str(linkLocalFromIid(ieee802154_get_iid(eui64)!));
    this.engine = engine;
    this.medium = medium;
    this.image = image;
    this.ports = this.makePorts(options.wires ?? [], wires);
    this.appFolder = options.appFolder ?? null;
    this.meters = options.board.core === 'host' ? null : new NodeMeters();
    this.bootEntry = new QueueEntry(KIND_BOOT, index, () => this.boot());
    this.alarmEntry = new QueueEntry(KIND_ALARM, index, () => this.alarm());
    this.cpuEntry = new QueueEntry(KIND_CPU, index, () => this.cpuWake());
    this.input = new ConsoleInput(this, options.board.uart.byteTime);
    engine.schedule(this.bootEntry, options.bootAt ?? this.stream('boot').below(BOOT_SPREAD + 1));
  }

  /** Whether it runs and waits: nothing to do at this instant, and no CPU time to spend. */
  get idle(): boolean {
    return this.kernel !== null && !this.kernel.ready && !this.cpuEntry.queued;
  }

  /** Whether it is about to boot. */
  get booting(): boolean {
    return this.bootEntry.queued;
  }

  /** Where datagrams of the host's programs come in, for the app host_udp. */
  get hostLink(): HostLink {
    return this.hostLinkMade ??= new HostLink((client, payload) => {
      if (this.traced()) this.trace({ layer: 'host', type: 'datagram', client, payload });
      return undefined;
    });
  }

  /** What it has taken so far, over all its lives; null for a process on a host. */
  get energy(): NodeEnergy | null {
    return this.meters === null ? null : energyOf(this.board, this.meters, this.engine.now);
  }

  // What the kernel asks of its board: Platform.

  get cpuid(): Uint8Array {
    return cpuidOf(this.engine.seed, this.name, this.board.cpu);
  }

  now(): number {
    return this.engine.trace.time;
  }

  setAlarm(at: number | null): void {
    if (at === null) this.engine.queue.cancel(this.alarmEntry);
    else if (!this.alarmEntry.queued || this.alarmEntry.time !== at) {
      this.engine.schedule(this.alarmEntry, Math.max(at, this.engine.now));
    }
  }

  setCpuWake(at: number | null): void {
    if (at === null) this.engine.queue.cancel(this.cpuEntry);
    else this.engine.schedule(this.cpuEntry, at);
    this.meters?.mcu.enter(at === null ? 'sleep' : 'active', this.engine.now);
  }

  random32(purpose: string): number {
    return this.stream(purpose).next32();
  }

  uartWrite(text: string): void {
    this.console += text;
    if (this.traced()) this.trace({ layer: 'console', type: 'out', text });
  }

  power(what: 'off' | 'reboot'): void {
    this.powerRequest = what;
  }

  traced(): boolean {
    return this.engine.trace.count();
  }

  trace(event: AnyEvent | BoardEvent): void {
    this.engine.trace.emit(this.name, event);
  }

  // What devices ask of the node.

  stream(purpose: string): Prng {
    let found = this.streams.get(purpose);
    if (found === undefined) {
      found = stream(this.engine.seed, this.name, purpose);
      this.streams.set(purpose, found);
    }
    return found;
  }

  interrupt(handler: Callback<[]>, cause: number): void {
    if (this.kernel === null) return;
    this.kernel.interrupt(handler);
    this.wake(cause);
  }

  // What the simulation does with it.

  /** Does what the slice that just ran asked for. Call after each slice, with its kernel's slice over. */
  afterSlice(): void {
    if (this.powerRequest !== null) {
      const what = this.powerRequest;
      this.powerRequest = null;
      if (what === 'off') this.switchOff(this.board.offText);
      else this.reset();
    } else if (this.kernel !== null && this.kernel.halted) {
      this.crash();
    } else {
      this.input.resume();
    }
  }

  switchOn(): void {
    if (this.state === 'on') return this.noEffect('power on: the board has power');
    this.drop();
    this.engine.schedule(this.bootEntry, this.engine.now);
  }

  /** @param text what it prints at last; '' when the power just goes */
  switchOff(text: string): void {
    const { booting } = this;
    this.engine.queue.cancel(this.bootEntry);
    if (this.state === 'off') return booting ? undefined : this.noEffect('power off: the board is off');
    if (text !== '') this.uartWrite(text);
    this.drop();
    this.state = 'off';
    this.life('off');
  }

  /** Boots anew, by its own will or by the reset button; not without power. */
  reset(): void {
    if (this.state === 'off') return this.noEffect('reboot: the board is off');
    if (this.state === 'on') this.uartWrite(this.board.rebootText);
    this.drop();
    this.state = 'off';
    this.life('reboot');
    this.engine.schedule(this.bootEntry, this.engine.now);
  }

  /** Bytes from the host for a console that may be dead; `paced` at the line's speed. */
  feed(bytes: string, paced: boolean): void {
    if (this.traced()) this.trace({ layer: 'console', type: 'in', text: bytes });
    if (this.state !== 'on') this.inputLost(bytes.length);
    else if (paced) this.input.type(bytes);
    else this.input.typeRaw(bytes);
  }

  /** A program of the host sends a datagram by way of this node. */
  hostDatagram(datagram: HostDatagram): void {
    const arrival = this.state === 'on' ? this.hostLink.onArrival : null;
    if (arrival === null) {
      const { client, payload } = datagram;
      if (this.traced()) this.trace({ layer: 'host', type: 'datagram_lost', client, bytes: payload.length });
      return;
    }
    this.hostLink.put(datagram);
    this.interrupt(arrival, this.engine.trace.origin);
  }

  /** Tells what it has taken so far. */
  tellEnergy(): void {
    const { meters } = this;
    if (meters === null || !this.traced()) return;
    this.trace(energyEvent(energyOf(this.board, meters, this.engine.now)));
  }

  private wake(cause: number): void {
    this.cause = cause;
    this.engine.enqueue(this);
  }

  private alarm(): undefined {
    this.kernel?.alarm();
    this.wake(this.engine.trace.cause);
  }

  private cpuWake(): undefined {
    this.meters?.mcu.enter('sleep', this.engine.now);
    this.kernel?.cpuWake();
    this.wake(this.engine.trace.cause);
  }

  private boot(): undefined {
    const kernel = new Kernel({
      platform: this,
      config: this.image.config,
      stacks: this.image.stacks,
      modules: this.image.modules,
      quirks: this.image.quirks,
      strict: this.image.strict,
      idleThread: this.board.idleThread,
      costs: this.image.costs,
      riotBoard: this.board.riotName,
      riotCpu: this.board.cpu,
      appFolder: this.appFolder,
      texts: this.image.texts,
    });
    const radio = createRadio(this, this.medium, this.eui64, this.board.radio);
    this.kernel = kernel;
    this.radio = radio;
    for (const port of this.ports) port.plug();
    this.startMeters(radio);
    this.state = 'on';
    this.life('boot');
    this.uartWrite(this.board.startText);
    kernel_init(kernel, { autoInit: autoInit(this.devicesOf(radio)), app: this.app });
    this.wake(this.engine.trace.origin);
  }

  private crash(): void {
    const { kernel } = this;
    this.failure = kernel?.failure ?? null;
    this.drop();
    this.remains = kernel;
    this.state = 'crashed';
    this.life('crash');
  }

  /** The generators, timers and buffers of the board are gone; its console and random streams stay. */
  private drop(): void {
    const { queue } = this.engine;
    queue.cancel(this.bootEntry);
    queue.cancel(this.alarmEntry);
    queue.cancel(this.cpuEntry);
    this.radio?.unplug();
    for (const port of this.ports) port.unplug();
    this.hostLinkMade?.unplug();
    this.meters?.radio.enter(null, this.engine.now);
    this.meters?.mcu.enter(null, this.engine.now);
    const lost = this.input.clear();
    this.radio = null;
    this.kernel = null;
    this.remains = null;
    this.powerRequest = null;
    if (lost > 0) this.inputLost(lost);
  }

  /** One port a segment; an image that has the driver has a port even if its cable is not plugged in. */
  private makePorts(names: readonly string[], wires: Wires): EthernetPort[] {
    if (!this.image.modules.has('netdev_tap')) return [];
    const segments = names.length === 0 ? [null] : names.map((wire) => wires.segment(wire));
    const number = this.index + 1;
    return segments.map((segment, i) => new EthernetPort(this, segment,
      Uint8Array.of(2, number >> 16, i, 0, number >> 8, number)));
  }

  private devicesOf({ devices }: Radio): NetDevices {
    const { modules } = this.image;
    return {
      ieee802154: modules.has('netdev_ieee802154') ? devices.ieee802154 : [],
      at86rf2xx: modules.has('netdev_ieee802154') ? devices.at86rf2xx ?? [] : [],
      tap: this.ports,
    };
  }

  private startMeters(radio: Radio): void {
    const { meters, engine } = this;
    if (meters === null) return;
    meters.mcu.enter('sleep', engine.now);
    meters.radio.enter(radio.state, engine.now);
    radio.onState = (state: RadioState) => void meters.radio.enter(state, engine.now);
  }

  private inputLost(bytes: number): void {
    if (this.traced()) this.trace({ layer: 'console', type: 'input_lost', bytes });
  }

  private noEffect(text: string): void {
    if (this.traced()) this.trace({ layer: 'sim', type: 'no_effect', text });
  }

  private life(what: 'boot' | 'off' | 'reboot' | 'crash'): void {
    // Before the end of the life, which is what a new boot is caused by.
    if (what !== 'boot') this.tellEnergy();
    if (this.traced()) this.trace({ layer: 'sim', type: 'power', what });
  }
}
