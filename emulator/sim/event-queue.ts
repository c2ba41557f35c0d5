// What is due, and when: a binary heap ordered by (time, sequence number), so that events of one
// instant fire first in, first out.

/**
 * Something that fires at an instant. An entry belongs to whoever made it and is queued, moved and
 * cancelled again and again: a board's alarm never makes garbage.
 */
export class QueueEntry {
  /** µs of virtual time; of meaning while queued. */
  time = 0;
  /** Id of the trace event in whose slice this one was queued; 0 for none. */
  cause = 0;
  /** Order within one instant. */
  order = 0;
  /** Place in the heap; -1 while not queued. */
  position = -1;
  /** Which sort of event this is, for the digest: 0 to 255. */
  readonly kind: number;
  /** Index of the node it belongs to, for the digest. */
  readonly node: number;
  readonly fire: () => undefined;

  constructor(kind: number, node: number, fire: () => undefined) {
    this.kind = kind;
    this.node = node;
    this.fire = fire;
  }

  get queued(): boolean {
    return this.position >= 0;
  }
}

export class EventQueue {
  private readonly heap: QueueEntry[] = [];
  private order = 0;

  get size(): number {
    return this.heap.length;
  }

  /** The instant of the first entry; Infinity when there is none. */
  get firstTime(): number {
    return this.heap.length === 0 ? Infinity : this.heap[0].time;
  }

  /** Queues `entry` at `time`, behind all others of that instant; an entry that is queued moves. */
  set(entry: QueueEntry, time: number, cause: number): void {
    const known = entry.position >= 0;
    const later = known && time >= entry.time;
    entry.time = time;
    entry.cause = cause;
    entry.order = this.order++;
    if (!known) {
      entry.position = this.heap.length;
      this.heap.push(entry);
      this.up(entry);
    } else if (later) {
      this.down(entry);
    } else {
      this.up(entry);
    }
  }

  /** Takes `entry` out; nothing happens if it is not queued. */
  cancel(entry: QueueEntry): void {
    const position = entry.position;
    if (position < 0) return;
    entry.position = -1;
    const last = this.heap.pop()!;
    if (last === entry) return;
    last.position = position;
    this.heap[position] = last;
    this.up(last);
    this.down(last);
  }

  /** Takes the first entry out; null when there is none. */
  pop(): QueueEntry | null {
    if (this.heap.length === 0) return null;
    const first = this.heap[0];
    this.cancel(first);
    return first;
  }

  private up(entry: QueueEntry): void {
    const heap = this.heap;
    let position = entry.position;
    while (position > 0) {
      const parent = heap[(position - 1) >> 1];
      if (!before(entry, parent)) break;
      heap[position] = parent;
      parent.position = position;
      position = (position - 1) >> 1;
    }
    heap[position] = entry;
    entry.position = position;
  }

  private down(entry: QueueEntry): void {
    const heap = this.heap;
    const size = heap.length;
    let position = entry.position;
    while (true) {
      let child = 2 * position + 1;
      if (child >= size) break;
      if (child + 1 < size && before(heap[child + 1], heap[child])) child++;
      const next = heap[child];
      if (!before(next, entry)) break;
      heap[position] = next;
      next.position = position;
      position = child;
    }
    heap[position] = entry;
    entry.position = position;
  }
}

function before(a: QueueEntry, b: QueueEntry): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
