// A queue of timers: earliest target first, first in first out within one. A binary heap whose
// entries know their place, so that any of them can be taken out.
import type { Blocking } from './blocking.ts';

export interface TimerEntry {
  /** When it is due; the order of two with one target is that of `order`. */
  target: number;
  order: number;
  /** Its place in the heap; -1 while it is in none. */
  place: number;
  /** What happens then; in interrupt context. */
  fire(): undefined | Blocking<void>;
}

export class TimerHeap {
  private readonly entries: TimerEntry[] = [];
  private added = 0;

  /** The entry that is due first, or null. */
  first(): TimerEntry | null {
    return this.entries.length === 0 ? null : this.entries[0];
  }

  has(entry: TimerEntry): boolean {
    return entry.place >= 0 && this.entries[entry.place] === entry;
  }

  add(entry: TimerEntry, target: number): void {
    entry.target = target;
    entry.order = this.added++;
    this.entries.push(entry);
    this.up(entry, this.entries.length - 1);
  }

  /** Takes an entry out; false if it is not in. */
  remove(entry: TimerEntry): boolean {
    if (!this.has(entry)) return false;
    const { place } = entry;
    entry.place = -1;
    const last = this.entries.pop();
    if (last === undefined || last === entry) return true;
    if (place > 0 && before(last, this.entries[(place - 1) >> 1])) this.up(last, place);
    else this.down(last, place);
    return true;
  }

  private up(entry: TimerEntry, from: number): void {
    const { entries } = this;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const other = entries[parent];
      if (!before(entry, other)) break;
      entries[place] = other;
      other.place = place;
      place = parent;
    }
    entries[place] = entry;
    entry.place = place;
  }

  private down(entry: TimerEntry, from: number): void {
    const { entries } = this;
    const { length } = entries;
    let place = from;
    while (true) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && before(entries[child + 1], entries[child])) child++;
      const other = entries[child];
      if (!before(other, entry)) break;
      entries[place] = other;
      other.place = place;
      place = child;
    }
    entries[place] = entry;
    entry.place = place;
  }
}

function before(a: TimerEntry, b: TimerEntry): boolean {
  return a.target < b.target || (a.target === b.target && a.order < b.order);
}
