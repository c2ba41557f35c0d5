// Queues of packets with priorities (RIOT sys/include/net/gnrc/priority_pktqueue.h, module gnrc_priority_pktqueue): the
// smallest number comes first, equal ones in the order in which they came.
import { assert } from '../../kernel/panic.ts';
import { net_config } from '../config.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release } from './pktbuf.ts';

const QUEUE_C = 'sys/net/gnrc/priority_pktqueue/gnrc_priority_pktqueue.c';
const NO_PACKET = `${QUEUE_C}:65`;
const WIDE_POINTERS = `${QUEUE_C}:66`;
const TWICE = 'core/lib/priority_queue.c:58';
const POINTER_OF_UNSIGNED = 4;

/** A node: it belongs to who queues it. */
export class gnrc_priority_pktqueue_node_t {
  next: gnrc_priority_pktqueue_node_t | null = null;
  /** 0 to 2^32 - 1. */
  priority: number;
  pkt: gnrc_pktsnip_t | null;

  constructor(priority = 0, pkt: gnrc_pktsnip_t | null = null) {
    this.priority = priority;
    this.pkt = pkt;
  }
}

export class gnrc_priority_pktqueue_t {
  first: gnrc_priority_pktqueue_node_t | null = null;
}

export function PRIORITY_PKTQUEUE_NODE_INIT(priority: number, pkt: gnrc_pktsnip_t): gnrc_priority_pktqueue_node_t {
  return new gnrc_priority_pktqueue_node_t(priority, pkt);
}

/** Makes a node one of `pkt`. */
export function gnrc_priority_pktqueue_node_init(
  node: gnrc_priority_pktqueue_node_t, priority: number, pkt: gnrc_pktsnip_t,
): void {
  node.next = null;
  node.priority = priority;
  node.pkt = pkt;
}

/** Makes a queue an empty one. */
export function gnrc_priority_pktqueue_init(queue: gnrc_priority_pktqueue_t): void {
  queue.first = null;
}

/** Number of packets in a queue. */
export function gnrc_priority_pktqueue_length(queue: gnrc_priority_pktqueue_t): number {
  let length = 0;
  for (let node = queue.first; node !== null; node = node.next) length++;
  return length;
}

/** The packet that comes next; null if there is none. */
export function gnrc_priority_pktqueue_head(queue: gnrc_priority_pktqueue_t): gnrc_pktsnip_t | null {
  return queue.first === null ? null : queue.first.pkt;
}

/** Takes the packet that comes next out of a queue, and clears its node; null if there is none. */
export function gnrc_priority_pktqueue_pop(queue: gnrc_priority_pktqueue_t): gnrc_pktsnip_t | null {
  const node = queue.first;
  if (node === null) return null;
  const { pkt } = node;
  queue.first = node.next;
  node.next = null;
  node.priority = 0;
  node.pkt = null;
  return pkt;
}

/**
 * Queues a node. It must have a packet and not be in the queue yet, and pointers must be as large as an unsigned int:
 * RIOT asserts all of this, so the queue works on no board of 64 bits.
 */
export function gnrc_priority_pktqueue_push(
  queue: gnrc_priority_pktqueue_t, node: gnrc_priority_pktqueue_node_t,
): void {
  assert(node.pkt !== null, NO_PACKET);
  assert(net_config().SIZEOF_POINTER === POINTER_OF_UNSIGNED, WIDE_POINTERS);
  let prev: gnrc_priority_pktqueue_node_t | null = null;
  let next = queue.first;
  while (next !== null && next.priority <= node.priority) {
    assert(next !== node, TWICE);
    prev = next;
    next = next.next;
  }
  node.next = next;
  if (prev === null) queue.first = node;
  else prev.next = node;
}

/** Empties a queue and releases its packets. */
export function gnrc_priority_pktqueue_flush(queue: gnrc_priority_pktqueue_t): void {
  while (queue.first !== null) gnrc_pktbuf_release(gnrc_priority_pktqueue_pop(queue));
}
