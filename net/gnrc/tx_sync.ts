// Waiting until a packet has left the board, or was dropped (RIOT sys/include/net/gnrc/tx_sync.h, module gnrc_tx_sync):
// a snip without bytes at the end of the packet, whose release wakes who waits.
import type { Blocking } from '../../kernel/blocking.ts';
import { ENOMEM } from '../../kernel/errno.ts';
import { mutex_lock } from '../../kernel/mutex.ts';
import { GNRC_NETTYPE_TX_SYNC } from './nettype.ts';
import { gnrc_pkt_append, gnrc_pktsnip_search_type, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add } from './pktbuf.ts';
import { type gnrc_tx_sync_t, tx_sync_bind, tx_sync_of } from './tx_complete.ts';

export { gnrc_tx_complete, gnrc_tx_sync_t } from './tx_complete.ts';

/**
 * Puts a snip for `tx_sync` behind the packet.
 * @returns 0, or -ENOMEM when the packet buffer is full
 */
export function gnrc_tx_sync_append(pkt: gnrc_pktsnip_t, tx_sync: gnrc_tx_sync_t): number {
  const snip = gnrc_pktbuf_add(null, null, 0, GNRC_NETTYPE_TX_SYNC);
  if (snip === null) return -ENOMEM;
  tx_sync_bind(snip, tx_sync);
  gnrc_pkt_append(pkt, snip);
  return 0;
}

/** Takes the snip that wakes off the end of a packet; null if it has none. */
export function gnrc_tx_sync_split(pkt: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  for (; pkt !== null; pkt = pkt.next) {
    const { next } = pkt;
    if (next === null || next.type !== GNRC_NETTYPE_TX_SYNC) continue;
    pkt.next = null;
    return next;
  }
  return null;
}

/** What is waited for of a packet, or null. */
export function gnrc_tx_sync_of(pkt: gnrc_pktsnip_t): gnrc_tx_sync_t | null {
  const snip = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_TX_SYNC);
  return snip === null ? null : tx_sync_of(snip);
}

/** Waits until the packet that `tx_sync` was put behind has left, or was dropped. */
export function gnrc_tx_sync(tx_sync: gnrc_tx_sync_t): Blocking<void> {
  return mutex_lock(tx_sync.signal);
}
