// A run in one paragraph: frames, bytes, handshakes, what was discarded, quirks.
import type { TraceReader } from './event.ts';

/** A handshake as its client saw it. */
export interface HandshakeSummary {
  readonly client: string;
  readonly peer: string;
  /** µs: when the first ClientHello was sent, and when the server's Finished was accepted; null if it never was. */
  readonly start: number;
  end: number | null;
}

export interface SummaryFacts {
  readonly time: number;
  readonly nodes: number;
  readonly seed: number;
  readonly digest: string;
}

/** A reader of the trace. Subscribe `read`, then ask for `text()`. */
export class Summary {
  frames = 0;
  acks = 0;
  bytes = 0;
  retries = 0;
  /** Frames on Ethernet segments. */
  wired = 0;
  readonly handshakes: HandshakeSummary[] = [];
  /** How often something was discarded or lost, by reason and layer. */
  readonly drops = new Map<string, number>();
  /** How often boards did as RIOT does where an RFC says otherwise, by the quirk's id. */
  readonly quirks = new Map<string, number>();
  /** Boards that panicked, failed assertions, and what is undefined on RIOT, in order. */
  readonly troubles: string[] = [];
  private readonly open = new Map<string, HandshakeSummary>();

  readonly read: TraceReader = ({ time, node, event }) => {
    switch (event.type) {
      case 'tx':
        if (event.layer === 'wire') return void this.wired++;
        this.frames++;
        this.bytes += event.frame.length;
        if ((event.frame[0]! & 7) === 2) this.acks++;
        return;
      case 'retry':
        this.retries++;
        return;
      case 'drop':
        return add(this.drops, `${event.reason} (${event.layer})`);
      case 'msg_lost':
        return add(this.drops, `${event.reason} (message)`);
      case 'full':
        return add(this.drops, 'full (pktbuf)');
      case 'quirk':
        return add(this.quirks, event.id);
      case 'lost':
        // What a busy or filtering radio does not take is everyday life, and is sent again.
        if (event.reason === 'link' || event.reason === 'rule') add(this.drops, `${event.reason} (radio)`);
        return;
      case 'panic':
        return void this.troubles.push(`${node}: panic, ${event.text}`);
      case 'no_effect':
        return void this.troubles.push(`${node}: ${event.text}`);
      case 'undefined':
        return void this.troubles.push(`${node}: undefined on RIOT, ${event.text}`);
      case 'assert':
        return void this.troubles.push(`${node}: failed assertion at ${event.where}`);
      case 'message':
        if (event.direction === 'out' && event.name === 'ClientHello') this.hello(time, node, event.peer);
        return;
      case 'state':
        if (event.layer === 'dtls' && event.role === 'client' && event.to === 'connected') {
          this.connected(time, node, event.peer);
        }
        return;
    }
  };

  /** One paragraph without a line break. */
  text(facts: SummaryFacts): string {
    const sentences = [
      `${facts.nodes} ${plural('node', facts.nodes)} ran ${seconds(facts.time)} s of virtual time ` +
        `(seed ${facts.seed}, digest ${facts.digest}).`,
      this.frames === 0 ? 'Nothing was on the air.' : this.airText(),
      ...(this.wired === 0 ? [] : [`On wires: ${this.wired} ${plural('frame', this.wired)}.`]),
    ];
    if (this.handshakes.length > 0) sentences.push(this.handshakeText());
    const drops = mostFrequentFirst(this.drops).map(([what, count]) => `${count} ${what}`);
    sentences.push(drops.length === 0 ? 'Nothing was discarded.' : `Discarded: ${drops.join(', ')}.`);
    if (this.quirks.size > 0) {
      const met = mostFrequentFirst(this.quirks).map(([id, count]) => `${id} ×${count}`);
      sentences.push(`Quirks met: ${met.join(', ')}.`);
    }
    if (this.troubles.length > 0) sentences.push(`Trouble: ${this.troubles.join('; ')}.`);
    return sentences.join(' ');
  }

  private airText(): string {
    const retries = this.retries > 0 ? `, ${this.retries} ${plural('retry', this.retries)}` : '';
    return `On the air: ${this.frames} ${plural('frame', this.frames)}, ${this.acks} of them ` +
      `${plural('ACK', this.acks)}, ${this.bytes} bytes${retries}.`;
  }

  private handshakeText(): string {
    const done = this.handshakes.filter((handshake) => handshake.end !== null);
    const times = done.map(({ start, end }) => end! - start);
    const open = this.handshakes.length - done.length;
    const [shortest, median, longest] = spread(times).map(milliseconds);
    const span = times.length <= 4 ? times.map(milliseconds).join(', ')
      : `${shortest} to ${longest}, median ${median}`;
    const finished = done.length === 0 ? ''
      : `${done.length} DTLS ${plural('handshake', done.length)} from ClientHello to Finished in ${span}`;
    const unfinished = open === 0 ? '' : `${open} DTLS ${plural('handshake', open)} not finished`;
    return `${[finished, unfinished].filter((part) => part !== '').join('; ')}.`;
  }

  private hello(time: number, node: string, peer: string): undefined {
    const key = `${node} ${peer}`;
    if (this.open.has(key)) return;
    const handshake: HandshakeSummary = { client: node, peer, start: time, end: null };
    this.open.set(key, handshake);
    this.handshakes.push(handshake);
  }

  private connected(time: number, node: string, peer: string): undefined {
    const key = `${node} ${peer}`;
    const handshake = this.open.get(key);
    if (handshake !== undefined) handshake.end = time;
    this.open.delete(key);
  }
}

function add(counts: Map<string, number>, what: string): undefined {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** Equally frequent ones in the order in which they first came. */
function mostFrequentFirst(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

/** The least, the middle and the greatest of some numbers. */
function spread(numbers: readonly number[]): number[] {
  const sorted = numbers.toSorted((a, b) => a - b);
  return [0, sorted.length >> 1, sorted.length - 1].map((i) => sorted[i] ?? 0);
}

function plural(word: string, count: number): string {
  if (count === 1) return word;
  return word === 'retry' ? 'retries' : `${word}s`;
}

function seconds(us: number): string {
  return (us / 1_000_000).toFixed(6);
}

function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(2)} ms`;
}
