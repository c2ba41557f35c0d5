// A ladder of a run's frames in text: time, an arrow from sender to receiver, size, and the topmost protocol.
//
//     time ms server             client bytes, + if acknowledged
//    1105.120    |<----------------|     109+ DTLS ClientHello msg0 seq0 ep0
//    1107.712    |---------------->|      76+ DTLS HelloVerifyRequest msg0 seq0 ep0
//
// The arrow of a frame that its receiver did not get ends in `x`; `#2` is a frame's second attempt. A line
// `name: quirk id` says that the board did there as RIOT does and an RFC does not.
import { Dissector } from './dissect.ts';
import type { RadioEvent, TraceReader, WireEvent } from './event.ts';
import { FrameLabels, type TraceNode } from './labels.ts';

/** From here on a pause between two frames shows as a gap, µs. */
const PAUSE = 100_000;
/** Columns between two nodes: as many as fit into LANES_WIDTH, within these bounds. */
const LANES_WIDTH = 34;
const LANE_MAX = 18;
const LANE_MIN = 9;
/** Where the first lane stands, behind the time: room for the left half of its name. */
const LANES_START = 4;
const TIME_WIDTH = 11;

export interface LadderOptions {
  /** ACKs as frames of their own; otherwise they are the `+` behind the size of what they acknowledge. */
  readonly acks?: boolean;
  /** Lines are cut to this many columns; 0, the default, cuts nothing. */
  readonly width?: number;
}

interface Arrow {
  readonly kind: 'frame' | 'ack';
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly size: number;
  readonly summary: string;
  readonly seq: number;
  readonly attempt: number | null;
  acked: boolean;
  /** The segment that it is on; null: the air. */
  readonly wire: string | null;
  /** Why the node that was meant did not get it. */
  lost: string | null;
  /** Why the sender did not get the ACK. */
  ackLost: string | null;
}

interface Note {
  /** 'outside ack': an ACK from outside that stands behind the size of what it acknowledges. */
  readonly kind: 'note' | 'outside ack';
  readonly time: number;
  readonly node: string;
  readonly text: string;
}

type TxEvent = Extract<RadioEvent, { type: 'tx' }>;
type WireTxEvent = Extract<WireEvent, { type: 'tx' }>;
type WireLostEvent = Extract<WireEvent, { type: 'lost' }>;

/** A reader of the trace. Subscribe `read`, then ask for `text()`. */
export class Ladder {
  private readonly nodes: readonly TraceNode[];
  private readonly lanes: ReadonlyMap<string, number>;
  private readonly dissector = new Dissector();
  private readonly labels: FrameLabels;
  private readonly entries: (Arrow | Note)[] = [];
  /** The last frame of each node that asks for an ACK, and the last ACK of each node. */
  private readonly waiting = new Map<string, Arrow>();
  private readonly lastAck = new Map<string, Arrow>();
  private readonly lastSent = new Map<string, Arrow>();
  /** Quirks noted since the last frame, with their nodes: one line for each is enough. */
  private readonly noted = new Set<string>();

  constructor(nodes: readonly TraceNode[]) {
    this.nodes = nodes;
    this.lanes = new Map(nodes.map((node, i) => [node.name, i]));
    this.labels = new FrameLabels(nodes);
  }

  readonly read: TraceReader = ({ time, node, event }) => {
    switch (event.layer) {
      case 'radio':
        if (event.type === 'tx') this.sent(node, event);
        if (event.type === 'lost') this.lost(node, event.from, event.reason);
        if (event.type === 'rx' && event.from === '') this.fromOutside(time, node, event.frame);
        return;
      case 'wire':
        if (event.type === 'tx') this.onWire(node, event);
        if (event.type === 'lost') this.lostOnWire(time, node, event);
        return;
      case 'sim':
        if (event.type === 'power' && time > 0 && event.what !== 'boot') this.note(time, node, event.what);
        return;
      case 'quirk':
        return this.quirk(time, node, event.id);
      case 'kernel':
        if (event.type === 'panic') this.note(time, node, `panic: ${event.text}`);
        return;
    }
  };

  /** The ladder so far, one line a frame, ending in a newline; empty without frames. */
  text(options: LadderOptions = {}): string {
    const shown = this.entries.filter(({ kind }) => options.acks === true || !kind.endsWith('ack'));
    if (shown.length === 0) return '';
    const lines = [this.header()];
    let before = shown[0]!.time;
    for (const entry of shown) {
      if (entry.time - before > PAUSE) lines.push(this.pause());
      lines.push('text' in entry ? this.noteLine(entry) : this.arrowLine(entry));
      before = entry.time;
    }
    const width = options.width ?? 0;
    const cut = (line: string) => width > 0 && line.length > width ? `${line.slice(0, width - 3)}...` : line;
    return lines.map((line) => `${cut(line.trimEnd())}\n`).join('');
  }

  private quirk(time: number, node: string, id: string): undefined {
    const key = `${node} ${id}`;
    if (this.noted.has(key)) return;
    this.noted.add(key);
    this.note(time, node, `quirk ${id}`);
  }

  private sent(node: string, event: TxEvent): undefined {
    this.noted.clear();
    const dissection = this.dissector.dissect(event.frame);
    const label = this.labels.of(node, event.frame, dissection);
    const kind = dissection.kind === 'ack' ? 'ack' : 'frame';
    const arrow: Arrow = {
      kind, time: event.end, from: node, to: label.to, size: event.frame.length, summary: label.summary,
      seq: dissection.mac?.seq ?? -1, attempt: label.attempt, acked: false, wire: null, lost: null, ackLost: null,
    };
    this.entries.push(arrow);
    this.lastSent.set(node, arrow);
    if (label.attempt !== null) this.waiting.set(node, arrow);
    if (kind === 'frame') return;
    const answered = this.waiting.get(label.to);
    if (answered === undefined || answered.to !== node || answered.seq !== arrow.seq) return;
    answered.acked = true;
    this.lastAck.set(node, answered);
  }

  /** A frame that no node sent: a note, unless it acknowledges what its receiver sent to somebody who is no node. */
  private fromOutside(time: number, node: string, frame: Uint8Array): undefined {
    const { kind, mac, summary } = this.dissector.dissect(frame);
    const waiting = this.waiting.get(node);
    const answers = kind === 'ack' && waiting !== undefined && waiting.seq === mac?.seq && !this.lanes.has(waiting.to);
    if (answers) waiting.acked = true;
    this.entries.push({ kind: answers ? 'outside ack' : 'note', time, node, text: `from outside: ${summary}` });
  }

  /** A frame on a segment: an arrow that nobody acknowledges. */
  private onWire(node: string, { wire, frame, end }: WireTxEvent): undefined {
    this.noted.clear();
    const dissection = this.dissector.dissectEthernet(frame);
    const { to, summary } = this.labels.ofEthernet(node, dissection);
    if (node === '') return this.note(end, wire, `from outside: ${summary}`);
    this.entries.push({
      kind: 'frame', time: end, from: node, to, size: frame.length, summary: `${wire}: ${summary}`, seq: -1,
      attempt: null, acked: false, wire, lost: null, ackLost: null,
    });
  }

  /** A board without power misses every frame: no news. */
  private lostOnWire(time: number, node: string, { from, frame, reason }: WireLostEvent): undefined {
    if (reason === 'off') return;
    const { summary } = this.dissector.dissectEthernet(frame);
    this.note(time, node, `${from === node ? 'not sent' : 'lost'}, ${reason}: ${summary}`);
  }

  private lost(node: string, from: string, reason: string): undefined {
    const arrow = this.lastSent.get(from);
    if (arrow === undefined || (arrow.to !== node && arrow.to !== '*')) return;
    if (arrow.kind === 'frame') {
      // A board without power misses every broadcast: no news.
      if (arrow.to !== '*') arrow.lost = reason;
      else if (reason !== 'off') arrow.lost = `${reason} at ${node}`;
      return;
    }
    const answered = this.lastAck.get(from);
    if (answered === undefined) return;
    answered.acked = false;
    answered.ackLost = reason;
  }

  private note(time: number, node: string, text: string): undefined {
    this.entries.push({ kind: 'note', time, node, text });
  }

  /** Columns from one lane to the next. */
  private get gap(): number {
    const gaps = Math.max(1, this.nodes.length - 1);
    return Math.min(LANE_MAX, Math.max(LANE_MIN, Math.floor(LANES_WIDTH / gaps)));
  }

  private laneAt(index: number): number {
    return LANES_START + index * this.gap;
  }

  /** Columns up to the size: the last lane, and room for the right half of its name. */
  private get lanesWidth(): number {
    const name = Math.min(this.gap - 1, this.nodes.at(-1)?.name.length ?? 0);
    return this.laneAt(this.nodes.length - 1) + Math.ceil(name / 2) + 1;
  }

  /** Names centred over their lanes. */
  private header(): string {
    let line = '    time ms';
    this.nodes.forEach(({ name }, i) => {
      const short = name.slice(0, this.gap - 1);
      const start = TIME_WIDTH + this.laneAt(i) - Math.floor(short.length / 2);
      line = line.padEnd(start) + short;
    });
    return `${line.padEnd(TIME_WIDTH + this.lanesWidth)}bytes, + if acknowledged`;
  }

  /** The lanes without an arrow. */
  private empty(mark = '|'): string[] {
    const line = new Array<string>(this.lanesWidth).fill(' ');
    for (let i = 0; i < this.nodes.length; i++) line[this.laneAt(i)] = mark;
    return line;
  }

  private pause(): string {
    return ' '.repeat(TIME_WIDTH) + this.empty(':').join('');
  }

  private noteLine({ time, node, text }: Note): string {
    return `${milliseconds(time)}${this.empty().join('')}       ${node}: ${text}`;
  }

  private arrowLine(arrow: Arrow): string {
    const line = this.empty();
    const from = this.lanes.get(arrow.from);
    const to = this.lanes.get(arrow.to);
    if (from !== undefined && to !== undefined) this.draw(line, from, to, arrow.lost !== null);
    else if (from !== undefined && arrow.to === '*') this.drawBroadcast(line, from, arrow.wire);
    else if (from !== undefined) line[this.laneAt(from)] = '*';
    const size = `${arrow.size}`.padStart(5) + (arrow.acked ? '+' : ' ');
    return `${milliseconds(arrow.time)}${line.join('')}${size} ${arrow.summary}${remarks(arrow)}`;
  }

  private draw(line: string[], from: number, to: number, lost: boolean): undefined {
    const step = from < to ? 1 : -1;
    const end = this.laneAt(to) - step;
    for (let i = this.laneAt(from) + step; i !== end; i += step) line[i] = '-';
    line[end] = lost ? 'x' : step > 0 ? '>' : '<';
  }

  /** To all, or to all on a wire: a double line to both ends. */
  private drawBroadcast(line: string[], from: number, wire: string | null): undefined {
    const there = this.nodes.flatMap(({ ports = [] }, i) =>
      (wire === null || i === from || ports.some((port) => port.wire === wire) ? [i] : []));
    const end = this.laneAt(there.at(-1)!);
    for (let i = this.laneAt(there[0]!) + 1; i < end; i++) if (line[i] !== '|') line[i] = '=';
    line[this.laneAt(from)] = '*';
    for (const i of there) {
      if (i < from) line[this.laneAt(i) + 1] = '<';
      if (i > from) line[this.laneAt(i) - 1] = '>';
    }
  }
}

function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(3)}`.padStart(TIME_WIDTH);
}

function remarks(arrow: Arrow): string {
  const remarks: string[] = [];
  if (arrow.attempt !== null && arrow.attempt > 1) remarks.push(`#${arrow.attempt}`);
  if (arrow.lost !== null) remarks.push(`lost: ${arrow.lost}`);
  if (arrow.ackLost !== null) remarks.push(`ACK lost: ${arrow.ackLost}`);
  else if (arrow.attempt !== null && !arrow.acked && arrow.lost === null) remarks.push('no ACK');
  // An address that no lane has.
  if (arrow.kind === 'frame' && arrow.to.includes(':')) remarks.push(`to ${arrow.to}`);
  return remarks.map((remark) => `, ${remark}`).join('');
}
