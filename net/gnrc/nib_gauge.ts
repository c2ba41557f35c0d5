// How full the tables of the NIB are, told to the trace when it changes.
import { perBoard } from '../../kernel/current.ts';
import { trace, tracing } from '../events.ts';

/** What counts of an entry: on-link and off-link ones have a mode, default routers a next hop. */
interface NibEntry {
  readonly mode?: number;
  readonly next_hop?: unknown;
}

interface Level {
  used: number;
  peak: number;
}

/** RIOT has no such counters: they take no RAM of the board. */
const statics = perBoard(() => new Map<string, Level>(), { bytes: 0 });

/** Tells the level of the table `name`, whose size is `limit`. */
export function nib_gauge(name: string, entries: readonly NibEntry[], limit: number): void {
  if (!tracing()) return;
  let used = 0;
  for (const { mode, next_hop } of entries) {
    if (mode !== undefined ? mode !== 0 : next_hop !== null) used++;
  }
  const levels = statics();
  const level = levels.get(name) ?? { used: 0, peak: 0 };
  if (level.used === used) return;
  level.used = used;
  level.peak = Math.max(level.peak, used);
  levels.set(name, level);
  trace({ layer: 'nib', type: 'gauge', name, used, peak: level.peak, limit });
}
