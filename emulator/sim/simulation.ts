// A network of emulated boards in virtual time. It changes in two ways only: step() runs one slice,
// apply() one host action. Reads are free.
import { InvariantError, invariant } from '../../kernel/invariant.ts';
import { fromHex, hex } from '../../net/wire/bytes.ts';
import { ipv6_addr_from_str } from '../../net/wire/addr.ts';
import { setFigures } from '../../boards/figures.ts';
import { Wires } from '../radio/ethernet.ts';
import { Medium } from '../radio/medium.ts';
import { KIND_OP, KIND_SLICE } from './digest.ts';
import { Engine } from './engine.ts';
import { HOST_PAYLOAD_MAX } from './host-udp.ts';
import { type Image, Images } from './image.ts';
import { type NodeOptions, SimNode } from './node.ts';
import { type JournalEntry, type Op, describeOp } from './op.ts';
import { type QuirkOptions, checkQuirks, nodeQuirks } from './quirks.ts';
import { type Identity, RECORDING_VERSION, type Recording } from './recording.ts';
import type { Trace } from './trace.ts';
import { utf8 } from './utf8.ts';

const EUI64_LEN = 8;
const CHANNEL_MIN = 11;
const CHANNEL_MAX = 26;
const FRAME_MAX = 127;
const LQI_MAX = 255;

/** Profile and quirks are those of all nodes, before what a node says itself. */
export interface SimulationOptions extends QuirkOptions {
  /** A non-negative integer; all randomness comes from it. */
  readonly seed: number;
  /** The nodes by name, in the order in which frames reach them. */
  readonly nodes: Readonly<Record<string, NodeOptions>>;
}

/**
 * The clock of a live run: called before virtual time moves on to `t` µs, with Infinity when nothing is left to happen.
 * It waits for the host's clock. Meanwhile it may `advanceTo()` times up to `t` and `apply()` host actions.
 * @returns whether virtual time may move on to `t`; false when host actions came first
 */
export type Pace = (t: number) => boolean;

export class Simulation {
  readonly seed: number;
  readonly nodes: readonly SimNode[];
  /** Set by who runs it live; null: virtual time moves as fast as it can. */
  pace: Pace | null = null;
  private readonly options: SimulationOptions;
  private readonly engine: Engine<SimNode>;
  private readonly medium: Medium;
  private readonly wires: Wires;
  private readonly byName = new Map<string, SimNode>();
  private readonly entries: JournalEntry[] = [];
  private unsettled: number;
  private stepping = false;

  /**
   * @throws RangeError for a seed, boot time, configuration name, profile or quirk that is not possible, or an EUI-64
   *   that has not eight bytes; names it
   */
  constructor(options: SimulationOptions) {
    const { seed } = options;
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed ${seed} is not a non-negative integer`);
    checkQuirks(options);
    this.seed = seed;
    this.options = options;
    this.engine = new Engine<SimNode>(seed);
    const names = Object.keys(options.nodes);
    this.medium = new Medium(this.engine, names);
    this.wires = new Wires(this.engine);
    const addresses = chooseAddresses(options.nodes);
    const images = new Images();
    this.nodes = names.map((name, index) => {
      const node = options.nodes[name];
      checkBootAt(name, node.bootAt);
      const image = imageOf(images, name, node, options);
      return new SimNode(name, index, node, image, addresses[index], this.engine, this.medium,
        this.wires);
    });
    for (const node of this.nodes) this.byName.set(node.name, node);
    this.unsettled = this.nodes.length;
  }

  /** Virtual time, µs. */
  get now(): number {
    return this.engine.trace.time;
  }

  /** How many steps and host actions there were. */
  get sequence(): number {
    return this.engine.trace.sequence;
  }

  get trace(): Trace {
    return this.engine.trace;
  }

  get journal(): readonly JournalEntry[] {
    return this.entries;
  }

  /** Whether every node has booted and then been idle (or crashed, or off) at least once. */
  get settled(): boolean {
    return this.unsettled === 0;
  }

  /**
   * The node of that name.
   * @throws RangeError for an unknown one; names those that there are
   */
  node(name: string): SimNode {
    const found = this.byName.get(name);
    if (found === undefined) {
      throw new RangeError(`unknown node ${name}; there are: ${[...this.byName.keys()].join(', ')}`);
    }
    return found;
  }

  /**
   * Runs one slice: a board that is ready goes on, or else time moves to the next event and that
   * happens. In a live run host actions may come instead.
   * @returns false, without effect, when there is nothing left at all
   * @throws InvariantError on a bug of the emulator
   */
  step(): boolean {
    if (this.pace !== null && !this.paced(this.nextAt() ?? Infinity)) return true;
    this.stepping = true;
    try {
      return this.advance();
    } catch (error) {
      throw this.located(error);
    } finally {
      this.stepping = false;
    }
  }

  /**
   * `step()` if that happens up to and including `t` µs.
   * @returns false when it does not: the clock stands at `t` then
   */
  stepUntil(t: number): boolean {
    const next = this.nextAt() ?? Infinity;
    if (next <= t) return this.step();
    if (!this.paced(t)) return true;
    this.engine.trace.time = t;
    return false;
  }

  /** Whether nothing can happen any more unless the host does something. A live run always waits for that. */
  get stuck(): boolean {
    return this.pace === null && this.nextAt() === null;
  }

  /** When the next step happens, µs; null when there is none. */
  nextAt(): number | null {
    if (this.engine.first() !== null) return this.now;
    const time = this.engine.queue.firstTime;
    return time === Infinity ? null : time;
  }

  /**
   * Moves the clock to `t` µs without a step.
   * @throws RangeError when that is no integer, lies in the past, or something happens before it
   */
  advanceTo(t: number): undefined {
    this.checkTime(t);
    const next = this.nextAt();
    if (next !== null && next < t) {
      throw new RangeError(`cannot move the clock to ${t} µs: the next step is at ${next} µs`);
    }
    this.engine.trace.time = t;
  }

  /** Runs for `us` µs, see `runUntil()`. */
  runFor(us: number): undefined {
    this.runUntil(this.now + us);
  }

  /**
   * Runs all that happens up to and including `t` µs; the clock stands at `t` then.
   * @throws RangeError when `t` is no integer or lies in the past
   */
  runUntil(t: number): undefined {
    this.checkTime(t);
    if (this.pace !== null) {
      while (this.stepUntil(t));
      return;
    }
    const { engine } = this;
    this.stepping = true;
    try {
      while (engine.first() !== null || engine.queue.firstTime <= t) this.advance();
    } catch (error) {
      throw this.located(error);
    } finally {
      this.stepping = false;
    }
    engine.trace.time = t;
  }

  /** Runs until `settled`: this is where a scenario starts. */
  runUntilSettled(): undefined {
    while (this.unsettled > 0 && this.step());
  }

  /**
   * Does one host action now and writes it to the journal.
   * @throws RangeError for a node, time, probability, channel or frame that is not possible; names it
   */
  apply(op: Op): undefined {
    invariant(!this.stepping, 'a host action within a step: a reader of the trace must not change the simulation');
    this.check(op);
    const { trace, digest } = this.engine;
    this.entries.push({ sequence: trace.sequence, time: trace.time, op: { ...op } });
    trace.next(0);
    const name = op.type === 'link' || op.type === 'wire_frame' ? '' : op.node;
    const detail = describeOp(op);
    digest.step(trace.sequence, trace.time, name === '' ? this.nodes.length : this.node(name).index, KIND_OP);
    digest.text(`${op.type} ${detail}`);
    if (trace.count()) trace.emit(name, { layer: 'sim', type: 'op', op: op.type, detail });
    trace.cause = trace.id;
    this.perform(op);
  }

  /** Has each board that runs tell the trace what it has taken so far; of the others the trace has it. */
  tellEnergy(): undefined {
    this.engine.trace.cause = 0;
    for (const node of this.nodes) if (node.state === 'on') node.tellEnergy();
  }

  /** A hash of all steps, times, host actions and frames so far: equal for equal runs. */
  digest(): string {
    return this.engine.digest.toString();
  }

  /** What `replay()` needs to run this again. @param outcome JSON data for whoever reads it */
  recording(outcome: unknown = null): Recording {
    return {
      identity: this.identity(),
      journal: [...this.entries],
      end: { sequence: this.sequence, time: this.now },
      digest: this.digest(),
      outcome,
    };
  }

  identity(): Identity {
    const { seed, profile = 'riot', nodes } = this.options;
    return {
      version: RECORDING_VERSION,
      seed,
      profile,
      nodes: this.nodes.map(({ name, board, app, eui64, ports }) => ({
        name,
        board: board.name,
        app: app.name,
        eui64: hex(eui64, ':'),
        bootAt: nodes[name].bootAt ?? null,
        config: { ...setFigures(board), ...nodes[name].config },
        radio: nodes[name].radio ?? true,
        ports: ports.map(({ wire, eui48 }) => ({ wire, eui48: hex(eui48, ':') })),
        ...nodeQuirks(this.options, nodes[name]),
      })),
    };
  }

  private paced(t: number): boolean {
    return this.pace === null || t <= this.now || this.pace(t);
  }

  private advance(): boolean {
    const { engine } = this;
    const node = engine.first();
    if (node !== null) {
      this.slice(node);
      return true;
    }
    const entry = engine.queue.pop();
    if (entry === null) return false;
    const { trace } = engine;
    trace.time = entry.time;
    trace.next(entry.cause);
    engine.digest.step(trace.sequence, entry.time, entry.node, entry.kind);
    entry.fire();
    return true;
  }

  private slice(node: SimNode): void {
    const { trace, digest } = this.engine;
    const kernel = node.kernel;
    trace.next(node.cause);
    digest.step(trace.sequence, trace.time, node.index, KIND_SLICE);
    if (kernel !== null && kernel.ready) {
      kernel.runSlice();
      node.afterSlice();
    }
    if (node.kernel !== null && node.kernel.ready) return;
    this.engine.dequeue();
    if (!node.settled && (node.kernel === null || node.idle)) this.settle(node);
  }

  private settle(node: SimNode): void {
    if (node.settled) return;
    node.settled = true;
    this.unsettled--;
  }

  private power(node: SimNode, on: boolean): void {
    if (on) return node.switchOn();
    node.switchOff('');
    this.settle(node);
  }

  private stop(node: SimNode): void {
    node.switchOff(node.state === 'on' ? node.board.offText : '');
    this.settle(node);
  }

  private perform(op: Op): void {
    switch (op.type) {
      case 'type':
        return this.node(op.node).feed(utf8(op.text) + '\n', true);
      case 'type_raw':
        return this.node(op.node).feed(op.bytes, false);
      case 'keys':
        return this.node(op.node).feed(op.bytes, true);
      case 'stop':
        return this.stop(this.node(op.node));
      case 'power':
        return this.power(this.node(op.node), op.on);
      case 'reboot':
        return this.node(op.node).reset();
      case 'link':
        return this.medium.setLink(this.node(op.from).index, this.node(op.to).index, op.up, op.loss);
      case 'wire_frame':
        return this.wires.inject(op.wire, fromHex(op.frame));
      case 'frame': {
        const { index } = this.node(op.node);
        const channel = op.channel ?? this.medium.channelOf(index) ?? CHANNEL_MAX;
        const bytes = fromHex(op.frame);
        return this.medium.inject(index, op.lqi === undefined ? { bytes, channel } : { bytes, channel, lqi: op.lqi });
      }
      case 'datagram':
        return this.node(op.node).hostDatagram(
          { client: op.client, to: ipv6_addr_from_str(op.to)!, port: op.port, payload: fromHex(op.payload) });
    }
  }

  private check(op: Op): void {
    switch (op.type) {
      case 'link':
        this.node(op.from);
        this.node(op.to);
        if (op.loss !== undefined && !(op.loss >= 0 && op.loss <= 1)) {
          throw new RangeError(`link loss ${op.loss} is not from 0 to 1`);
        }
        return;
      case 'type_raw':
      case 'keys':
        this.node(op.node);
        if (/[^\0-\xff]/.test(op.bytes)) throw new RangeError(`${op.type} takes one character a byte, up to U+00FF`);
        return;
      case 'frame':
        this.node(op.node);
        return checkFrame(op);
      case 'datagram':
        this.node(op.node);
        return checkDatagram(op);
      case 'wire_frame':
        return this.wires.check(op.wire, op.frame);
      case 'type':
      case 'stop':
      case 'power':
      case 'reboot':
        this.node(op.node);
        return;
      default:
        throw new RangeError(`unknown op ${String((op as { type: unknown }).type)}`);
    }
  }

  private checkTime(t: number): void {
    if (!Number.isSafeInteger(t) || t < this.now) {
      throw new RangeError(`${t} is not a time in integer µs from ${this.now} on`);
    }
  }

  /** An emulator's bug with the place where it showed. */
  private located(error: unknown): unknown {
    if (error instanceof InvariantError) error.message += ` (seed ${this.seed}, at ${this.now} µs)`;
    return error;
  }
}

function checkFrame({ frame, channel, lqi }: Extract<Op, { type: 'frame' }>): void {
  if (!/^([0-9a-fA-F]{2})+$/.test(frame) || frame.length > 2 * FRAME_MAX) {
    throw new RangeError(`frame ${frame.slice(0, 20)}… is not 1 to ${FRAME_MAX} bytes in hexadecimal`);
  }
  if (lqi !== undefined && (!Number.isInteger(lqi) || lqi < 0 || lqi > LQI_MAX)) {
    throw new RangeError(`lqi ${lqi} is not from 0 to ${LQI_MAX}`);
  }
  if (channel === undefined) return;
  if (!Number.isInteger(channel) || channel < CHANNEL_MIN || channel > CHANNEL_MAX) {
    throw new RangeError(`channel ${channel} is not from ${CHANNEL_MIN} to ${CHANNEL_MAX}`);
  }
}

function checkDatagram({ client, to, port, payload }: Extract<Op, { type: 'datagram' }>): void {
  if (!Number.isSafeInteger(client) || client < 0) {
    throw new RangeError(`client ${client} is not a non-negative integer`);
  }
  if (ipv6_addr_from_str(to) === null) throw new RangeError(`'${to}' is no IPv6 address, such as fe80::a`);
  if (!Number.isInteger(port) || port < 1 || port > 0xffff) throw new RangeError(`port ${port} is not from 1 to 65535`);
  if (!/^([0-9a-fA-F]{2})*$/.test(payload) || payload.length > 2 * HOST_PAYLOAD_MAX) {
    throw new RangeError(`payload ${payload.slice(0, 20)}… is not up to ${HOST_PAYLOAD_MAX} bytes in hexadecimal`);
  }
}

function imageOf(images: Images, name: string, options: NodeOptions, common: QuirkOptions): Image {
  try {
    return images.of(options, common);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) error.message = `node ${name}: ${error.message}`;
    throw error;
  }
}

function checkBootAt(name: string, bootAt: number | undefined): void {
  if (bootAt === undefined || (Number.isSafeInteger(bootAt) && bootAt >= 0)) return;
  throw new RangeError(`node ${name}: bootAt ${bootAt} is not a time in integer µs`);
}

/** Given addresses, and for the others 02:00:00:00:00:00 with the next number that is free. */
function chooseAddresses(nodes: Readonly<Record<string, NodeOptions>>): Uint8Array[] {
  const taken = new Set<string>();
  for (const [name, { eui64 }] of Object.entries(nodes)) {
    if (eui64 === undefined) continue;
    if (eui64.length !== EUI64_LEN) throw new RangeError(`node ${name}: an EUI-64 has 8 bytes, not ${eui64.length}`);
    taken.add(hex(eui64));
  }
  let number = 0;
  return Object.values(nodes).map(({ eui64 }) => {
    if (eui64 !== undefined) return eui64.slice();
    let chosen: Uint8Array;
    do {
      number++;
      chosen = new Uint8Array([2, 0, 0, 0, 0, number >> 16, number >> 8, number]);
    } while (taken.has(hex(chosen)));
    return chosen;
  });
}
