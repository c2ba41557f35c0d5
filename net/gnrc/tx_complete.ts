// Who waits for packets to leave (module gnrc_tx_sync, see tx_sync.ts): what the packet buffer has to know of it.
import { perBoard } from '../../kernel/current.ts';
import { MUTEX_INIT_LOCKED, mutex_unlock } from '../../kernel/mutex.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';

/** What a thread waits for. */
export class gnrc_tx_sync_t {
  readonly signal = MUTEX_INIT_LOCKED();
}

/** Whom a snip of type TX_SYNC wakes: C keeps a pointer in it. */
const statics = perBoard(() => new Map<gnrc_pktsnip_t, gnrc_tx_sync_t>(), { bytes: 0 });

/** Has the release of `snip` wake who waits for `tx_sync`. */
export function tx_sync_bind(snip: gnrc_pktsnip_t, tx_sync: gnrc_tx_sync_t): void {
  statics().set(snip, tx_sync);
}

/** What `snip` wakes, or null. */
export function tx_sync_of(snip: gnrc_pktsnip_t): gnrc_tx_sync_t | null {
  return statics().get(snip) ?? null;
}

/** Wakes who waits for a snip of type TX_SYNC. It runs at the next call of the kernel that may switch threads. */
export function gnrc_tx_complete(snip: gnrc_pktsnip_t): void {
  const waiting = statics();
  const tx_sync = waiting.get(snip);
  if (tx_sync === undefined) return;
  waiting.delete(snip);
  mutex_unlock(tx_sync.signal).next();
}
