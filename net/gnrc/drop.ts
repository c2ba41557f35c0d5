// Packets that go no further: each is counted with its reason, and told to the trace.
import { perBoard } from '../../kernel/current.ts';
import { trace, tracing, type NetLayer } from '../events.ts';
import { gnrc_pkt_len, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release } from './pktbuf.ts';

/** Counters that RIOT has not: they take no RAM of the board. */
const statics = perBoard(() => ({ counts: new Map<string, number>() }), { bytes: 0 });

/** Counts a packet that is dropped, and tells the trace; the caller frees it. */
export function drop(layer: NetLayer, reason: string, bytes: number): void {
  const { counts } = statics();
  const key = `${layer} ${reason}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
  if (tracing()) trace({ layer, type: 'drop', reason, bytes });
}

/** Drops a packet: counts it and frees it. */
export function drop_pkt(layer: NetLayer, reason: string, pkt: gnrc_pktsnip_t): void {
  drop(layer, reason, gnrc_pkt_len(pkt));
  gnrc_pktbuf_release(pkt);
}

/** How many packets the running board has dropped since it booted, by `<layer> <reason>`. */
export function drop_counts(): ReadonlyMap<string, number> {
  return statics().counts;
}
