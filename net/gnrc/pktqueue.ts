// Queues of packets (RIOT sys/include/net/gnrc/pktqueue.h): linked nodes that belong to who queues.
import type { gnrc_pktsnip_t } from './pkt.ts';

/** A node of a queue. */
export interface gnrc_pktqueue_t {
  next: gnrc_pktqueue_t | null;
  pkt: gnrc_pktsnip_t | null;
}

/** Where a queue begins: C's `gnrc_pktqueue_t **`. */
export interface gnrc_pktqueue_head_t {
  queue: gnrc_pktqueue_t | null;
}

/** Puts a node behind the last one. */
export function gnrc_pktqueue_add(head: gnrc_pktqueue_head_t, node: gnrc_pktqueue_t): void {
  node.next = null;
  if (head.queue === null) {
    head.queue = node;
    return;
  }
  let last = head.queue;
  while (last.next !== null) last = last.next;
  last.next = node;
}

/** Takes a node out of a queue, if it is in it; returns the node. */
export function gnrc_pktqueue_remove(
  head: gnrc_pktqueue_head_t, node: gnrc_pktqueue_t | null,
): gnrc_pktqueue_t | null {
  if (node === null) return null;
  if (head.queue === node) {
    head.queue = node.next;
  } else {
    let prev = head.queue;
    while (prev !== null && prev.next !== node) prev = prev.next;
    if (prev !== null) prev.next = node.next;
  }
  node.next = null;
  return node;
}

/** Takes the first node out of a queue; null if there is none. */
export function gnrc_pktqueue_remove_head(head: gnrc_pktqueue_head_t): gnrc_pktqueue_t | null {
  return gnrc_pktqueue_remove(head, head.queue);
}
