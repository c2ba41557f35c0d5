// Runs a simulation live: virtual time follows the host's clock, and what comes from outside becomes host actions with
// their virtual time. So the recording of a live run replays offline to the same digest.
import { stdio_reader, stdio_rx_free } from '../../kernel/stdio.ts';
import { reportThreads } from '../sim/deadlock.ts';
import { hostUdp } from '../sim/host-udp.ts';
import type { Op, SimNode, Simulation } from '../sim/index.ts';
import type { AnyEvent, TraceReader } from '../trace/event.ts';
import type { FromLive, LiveCrash, ToLive } from './protocol.ts';

/** Output without a newline that is sent before time moves on, characters. */
const OUT_CHUNK = 16_384;
/** A run that is later than this stays late, µs: the host was suspended, or cannot keep up. */
const LATE_MAX = 1_000_000;

const CTRL_C = '\x03';

/** How long a board waits for an ACK, less what an answer takes to reach its thread, µs of virtual time. */
const ACK_WITHIN = 700;
/** How long the clock waits for an ACK of a real process, µs of the host's time. */
const ACK_PATIENCE = 4000;
/** How far boards may be ahead of the host's clock after a frame from outside, µs: an ACK comes 192 µs behind it. */
const RUN_AHEAD = 250;
/** Boards that do nothing for so long are between two dialogues, µs. */
const REST = 20_000;
/** An ACK with its FCS, in hexadecimal. */
const ACK_DIGITS = 10;
const FCF_ACK_REQUEST = 0x20;
/** Last byte of a long destination address, which is the first of the EUI-64. */
const DST_END = 12;

/** Where a live run takes place. */
export interface LiveHost {
  /** A clock that never goes back, integer µs. */
  now(): number;
  /** The next message, if there is one. */
  receive(): ToLive | undefined;
  /** Sleeps for at most `us` µs (Infinity: without end); returns at once when there is a message. */
  sleep(us: number): undefined;
  send(message: FromLive): undefined;
}

/** Input of a program that a node has not got yet. */
interface Stream {
  bytes: string;
  ended: boolean;
  /** Whether some thread has ever waited for input. */
  read: boolean;
}

export class LiveDriver {
  private readonly simulation: Simulation;
  private readonly host: LiveHost;
  private readonly outside: boolean;
  /** The host's time at virtual time 0, µs. */
  private origin: number;
  private readonly streams = new Map<SimNode, Stream>();
  /** Output by node that has not been sent yet. */
  private readonly out = new Map<string, string>();
  /** Virtual time does not go beyond `heldAt` before the host's clock is at `patience`; both µs of the run. */
  private heldAt = Infinity;
  private patience = 0;
  /** Virtual time up to which boards need not wait for the host's clock. */
  private ahead = 0;
  /**
   * How late the run is, µs, with real processes on the air. To them frames must not come closer to one another than
   * the boards have sent them, so that it does not catch up between them.
   */
  private debt = 0;
  /** Whether a board may have gone off since that was looked at. */
  private changed = false;

  /**
   * Virtual time starts to run at once.
   * @param outside whether what boards send is told to the outside, see LiveSession
   */
  constructor(simulation: Simulation, host: LiveHost, outside = false) {
    this.simulation = simulation;
    this.host = host;
    this.outside = outside;
    this.origin = host.now();
    simulation.pace = (t) => this.pace(t);
    simulation.trace.subscribe(this.read);
  }

  /** Runs until all boards are off or have crashed. */
  run(): undefined {
    while (!this.over()) this.simulation.step();
    this.flush();
  }

  /** What became of the boards that have crashed. */
  crashes(): LiveCrash[] {
    return this.simulation.nodes.filter(({ state }) => state === 'crashed').map((node) => {
      const { name, failure } = node;
      const stack = failure instanceof Error ? failure.stack ?? failure.message : String(failure ?? '');
      return { node: name, threads: reportThreads([node]), stack };
    });
  }

  private over(): boolean {
    if (!this.changed) return false;
    this.changed = false;
    // The node that stands for programs of the host never ends by itself.
    return this.simulation.nodes.every(({ app, state, booting }) => app === hostUdp || (state !== 'on' && !booting));
  }

  private readonly read: TraceReader = ({ node, time, event }) => {
    if (event.type === 'power') this.changed = true;
    if (this.outside) this.tell(node, time, event);
    if (event.layer !== 'console' || event.type !== 'out') return;
    const text = (this.out.get(node) ?? '') + event.text;
    this.out.set(node, text);
    // A board that never rests again has shown its lines at least.
    if (event.text.endsWith('\n') || text.length >= OUT_CHUNK) this.flush();
  };

  private tell(node: string, time: number, event: AnyEvent): undefined {
    if (event.layer === 'radio' && event.type === 'tx') {
      // A copy: what a message takes along must be all of its memory.
      this.host.send({ type: 'air', node, frame: event.frame.slice(), channel: event.channel });
      if (!this.isOurs(event.frame)) this.sent(event.frame);
    } else if (event.type === 'secrets') {
      this.host.send({ type: 'secrets', node, time, event });
    } else if (event.layer === 'wire' && event.type === 'tx') {
      // A frame from outside has no sender here.
      if (node !== '') this.host.send({ type: 'wire', wire: event.wire, frame: event.frame.slice() });
    } else if (event.layer === 'host' && event.type === 'datagram') {
      this.host.send({ type: 'datagram', client: event.client, payload: event.payload });
    }
  }

  /** Whether a frame is for a board of this run. */
  private isOurs(frame: Uint8Array): boolean {
    return this.simulation.nodes.some(({ eui64 }) => eui64.every((byte, i) => frame[DST_END - i] === byte));
  }

  private flush(): undefined {
    if (this.out.size === 0) return;
    for (const [node, text] of this.out) this.host.send({ type: 'out', node, text });
    this.out.clear();
  }

  /** The simulation's clock, see `Pace`. */
  private pace(t: number): boolean {
    this.flush();
    while (true) {
      if (this.debt > 0 && t - this.simulation.now > REST) this.payBack();
      const wall = this.host.now() - this.origin;
      const held = wall < this.patience ? this.heldAt : Infinity;
      const at = Math.max(this.simulation.now, Math.min(t, wall, held));
      if (this.takeMessages(at) || this.feed(at)) return false;
      if (t <= held && (wall >= t || t <= this.ahead)) {
        if (wall > t) this.late(wall - t);
        return true;
      }
      this.host.sleep((t <= held ? t : this.patience) - wall);
    }
  }

  /** The run is late by so many µs: it catches up at once, or, with real processes on the air, when that is silent. */
  private late(us: number): undefined {
    if (us > LATE_MAX) {
      this.origin += us;
    } else if (this.outside) {
      this.origin += us;
      this.debt += us;
    }
  }

  private payBack(): undefined {
    this.origin -= this.debt;
    this.debt = 0;
  }

  /**
   * A board has sent a frame. If it waits for an ACK of a real process, its clock waits too: the way there and back
   * through sockets takes about as long as the time-out, and no radio is that slow.
   */
  private sent(frame: Uint8Array): undefined {
    if (!asksForAck(frame)) return;
    this.heldAt = this.simulation.now + ACK_WITHIN;
    this.patience = this.host.now() - this.origin + ACK_PATIENCE;
  }

  /** A frame has come from outside: an ACK ends the wait for one, another may be acknowledged without delay. */
  private heard(frame: string): undefined {
    if (frame.length === ACK_DIGITS) this.heldAt = Infinity;
    this.ahead = this.simulation.now + RUN_AHEAD;
  }

  private takeMessages(at: number): boolean {
    const before = this.simulation.sequence;
    for (let m = this.host.receive(); m !== undefined; m = this.host.receive()) this.take(m, at);
    return this.simulation.sequence !== before;
  }

  private take(message: ToLive, at: number): undefined {
    switch (message.type) {
      case 'op':
        return this.apply(message.op, at);
      case 'input':
        this.stream(message.node).bytes += message.bytes;
        return;
      case 'end_of_input':
        this.stream(message.node).ended = true;
        return;
      case 'ctrl_c': {
        const { node } = message;
        const reads = isRead(this.simulation.node(node));
        return this.apply(reads ? { type: 'keys', node, bytes: CTRL_C } : { type: 'stop', node }, at);
      }
    }
  }

  private apply(op: Op, at: number): undefined {
    this.simulation.advanceTo(at);
    this.simulation.apply(op);
    if (op.type === 'frame') this.heard(op.frame);
  }

  private stream(name: string): Stream {
    const node = this.simulation.node(name);
    let stream = this.streams.get(node);
    if (stream === undefined) {
      stream = { bytes: '', ended: false, read: false };
      this.streams.set(node, stream);
    }
    return stream;
  }

  /** Gives boards that have read their input the next line, or ends them. Returns whether anything was done. */
  private feed(at: number): boolean {
    let fed = false;
    for (const [node, stream] of this.streams) {
      if (node.state !== 'on' || (stream.bytes === '' && !stream.ended)) continue;
      const reads = isRead(node);
      if (reads) stream.read = true;
      if (!hasReadAll(node)) continue;
      if (stream.bytes !== '') this.feedLine(node, stream, at);
      else if (reads || !stream.read) this.endInput(node, stream, at);
      else continue;
      fed = true;
    }
    return fed;
  }

  private feedLine(node: SimNode, stream: Stream, at: number): undefined {
    const end = stream.bytes.indexOf('\n') + 1;
    const line = end === 0 ? stream.bytes : stream.bytes.slice(0, end);
    stream.bytes = stream.bytes.slice(line.length);
    this.apply({ type: 'keys', node: node.name, bytes: line }, at);
    this.host.send({ type: 'taken', node: node.name, bytes: line.length });
  }

  private endInput(node: SimNode, stream: Stream, at: number): undefined {
    stream.ended = false;
    this.apply({ type: 'stop', node: node.name }, at);
  }
}

/** Whether a thread of the board waits for input. */
function isRead({ kernel }: SimNode): boolean {
  return kernel !== null && stdio_reader(kernel) !== null;
}

/** Whether the board has read all that was typed. */
function hasReadAll({ kernel, input }: SimNode): boolean {
  return kernel !== null && input.waiting === 0 && stdio_rx_free(kernel) === kernel.config.STDIO_RX_BUFSIZE;
}

function asksForAck(frame: Uint8Array): boolean {
  return (frame[0]! & FCF_ACK_REQUEST) !== 0;
}
