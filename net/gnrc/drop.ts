// Packets that go no further: each is counted with its reason, and told to the trace.
import { perBoard } from '../../kernel/current.ts';
import { trace, tracing, type NetLayer } from '../events.ts';
import { GNRC_NETERR_SUCCESS } from './neterr.ts';
import { GNRC_NETTYPE_NETIF } from './nettype.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release_error } from './pktbuf.ts';

/** Counters that RIOT has not: they take no RAM of the board. */
const statics = perBoard(() => ({ counts: new Map<string, number>() }), { bytes: 0 });

/** Counts a packet that is dropped, and tells the trace; the caller frees it. */
export function drop(layer: NetLayer, reason: string, bytes: number): void {
  const { counts } = statics();
  const key = `${layer} ${reason}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
  if (tracing()) trace({ layer, type: 'drop', reason, bytes });
}

/**
 * Drops a packet: counts it and frees it.
 * @param err an errno for who subscribed to the packet's errors (module gnrc_neterr)
 */
export function drop_pkt(layer: NetLayer, reason: string, pkt: gnrc_pktsnip_t, err = GNRC_NETERR_SUCCESS): void {
  drop(layer, reason, lengthOf(pkt));
  gnrc_pktbuf_release_error(pkt, err);
}

/** Bytes of a packet; a netif header is none of them. */
function lengthOf(pkt: gnrc_pktsnip_t): number {
  let length = 0;
  for (let snip: gnrc_pktsnip_t | null = pkt; snip !== null; snip = snip.next) {
    if (snip.type !== GNRC_NETTYPE_NETIF) length += snip.size;
  }
  return length;
}

/** How many packets the running board has dropped since it booted, by `<layer> <reason>`. */
export function drop_counts(): ReadonlyMap<string, number> {
  return statics().counts;
}
