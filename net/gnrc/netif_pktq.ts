// The send queues of interfaces (RIOT sys/net/gnrc/netif/pktq): frames that the device had no time for. All interfaces
// share CONFIG_GNRC_NETIF_PKTQ_POOL_SIZE entries. What is queued goes out when a frame arrives, or
// CONFIG_GNRC_NETIF_PKTQ_TIMER_US after it was queued; the end of a transmission does not start the next.
import { perBoard } from '../../kernel/current.ts';
import { msg_send_to_self } from '../../kernel/msg.ts';
import { ZTIMER_USEC, ztimer_set_msg } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import type { gnrc_netif_t } from './netif_t.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import { type gnrc_pktqueue_t, gnrc_pktqueue_add, gnrc_pktqueue_remove_head } from './pktqueue.ts';

/** The timer's message to the interface: send from the queue. */
export const GNRC_NETIF_PKTQ_DEQUEUE_MSG = 0x1233;

interface Pool {
  readonly entries: readonly gnrc_pktqueue_t[];
  readonly timer_us: number;
  used: number;
  peak: number;
}

const statics = perBoard<Pool>(() => {
  const config = net_config();
  const length = config.CONFIG_GNRC_NETIF_PKTQ_POOL_SIZE;
  return {
    entries: Array.from({ length }, () => ({ next: null, pkt: null })),
    timer_us: config.CONFIG_GNRC_NETIF_PKTQ_TIMER_US,
    used: 0,
    peak: 0,
  };
}, { bytes: 16 * 8 });

function report(pool: Pool): void {
  if (pool.used > pool.peak) pool.peak = pool.used;
  if (!tracing()) return;
  trace({ layer: 'netif', type: 'gauge', name: 'CONFIG_GNRC_NETIF_PKTQ_POOL_SIZE',
    used: pool.used, peak: pool.peak, limit: pool.entries.length });
}

function takeEntry(pool: Pool, pkt: gnrc_pktsnip_t): gnrc_pktqueue_t | null {
  for (const entry of pool.entries) {
    if (entry.pkt !== null) continue;
    entry.pkt = pkt;
    entry.next = null;
    pool.used++;
    report(pool);
    return entry;
  }
  return null;
}

/** Entries in use by all interfaces of the running board. */
export function gnrc_netif_pktq_usage(): number {
  return statics().used;
}

/** Whether an interface has nothing queued. */
export function gnrc_netif_pktq_empty(netif: gnrc_netif_t): boolean {
  return netif.send_queue.queue === null;
}

/** Queues a packet behind the others: 0, or -1 when the pool is used up. */
export function gnrc_netif_pktq_put(netif: gnrc_netif_t, pkt: gnrc_pktsnip_t): number {
  const pool = statics();
  const entry = takeEntry(pool, pkt);
  if (entry === null) return -1;
  gnrc_pktqueue_add(netif.send_queue, entry);
  if (tracing()) trace({ layer: 'netif', type: 'queued', depth: pool.used, limit: pool.entries.length });
  return 0;
}

/** Puts a packet that came from the queue back before the others: 0, or -1 when the pool is used up. */
export function gnrc_netif_pktq_push_back(netif: gnrc_netif_t, pkt: gnrc_pktsnip_t): number {
  const pool = statics();
  const entry = takeEntry(pool, pkt);
  if (entry === null) return -1;
  entry.next = netif.send_queue.queue;
  netif.send_queue.queue = entry;
  if (tracing()) trace({ layer: 'netif', type: 'queued', depth: pool.used, limit: pool.entries.length });
  return 0;
}

/** Takes the first packet out of the queue; null when there is none. */
export function gnrc_netif_pktq_get(netif: gnrc_netif_t): gnrc_pktsnip_t | null {
  const entry = gnrc_pktqueue_remove_head(netif.send_queue);
  if (entry === null) return null;
  const { pkt } = entry;
  entry.pkt = null;
  const pool = statics();
  pool.used--;
  report(pool);
  return pkt;
}

/**
 * Starts the timer that sends from the queue, or starts it anew. With a time of 0 the interface, which calls this, has
 * the message at once; with -1 only the next frame lets the queue go on.
 */
export function gnrc_netif_pktq_sched_get(netif: gnrc_netif_t): void {
  const { timer_us } = statics();
  if (timer_us < 0) return;
  const { dequeue_msg, dequeue_timer } = netif.send_queue;
  dequeue_msg.type = GNRC_NETIF_PKTQ_DEQUEUE_MSG;
  if (timer_us === 0) msg_send_to_self(dequeue_msg);
  else ztimer_set_msg(ZTIMER_USEC, dequeue_timer, timer_us, dequeue_msg, netif.pid);
}
