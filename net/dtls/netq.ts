/**
 * Stored messages: those of the flight that is out, and early ones of the peer, out of one pool of NETQ_MAXCNT nodes
 * (netq.c). In profile `riot` nothing is ever sent again, but the nodes count.
 */

import { dtls_session_equals } from './session.ts';
import type { Context } from './env.ts';
import type { dtls_peer_t, netq_t } from './types.ts';

/** A new node, or null with RIOT's line when all are in use. */
export function netqNew(ctx: Context, node: netq_t): netq_t | null {
  if (ctx.env.pools.netq.take(node)) return node;
  ctx.env.hooks.log('warn', 'netq_node_new: malloc');
  return null;
}

/** Frees the nodes of a queue and empties it. */
export function netqDeleteAll(ctx: Context, queue: netq_t[]): void {
  for (const node of queue) ctx.env.pools.netq.give(node);
  queue.length = 0;
}

/** Something of the peer's came: its timer begins anew. */
export function restartTimer(ctx: Context, peer: dtls_peer_t): void {
  if (peer.retransmit_at === null) return;
  peer.retransmit_timeout = ctx.env.config.DTLS_RETRANSMIT_TIMEOUT;
  peer.retransmit_count = 0;
  peer.retransmit_at = ctx.env.now + peer.retransmit_timeout;
}

/** Forgets all that was sent to the peer's session. */
export function stopRetransmission(ctx: Context, peer: dtls_peer_t): void {
  const queue = ctx.sendqueue;
  let kept = 0;
  for (const node of queue) {
    if (node.peer === peer || dtls_session_equals(node.peer.session, peer.session)) ctx.env.pools.netq.give(node);
    else queue[kept++] = node;
  }
  queue.length = kept;
}
