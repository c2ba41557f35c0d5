/**
 * Timers (RFC 6347 §4.2.4.1), for a board without RIOT's shortcomings: a flight is sent again until the answer to it
 * begins, after 1 s, 2 s, 4 s … up to 60 s; a handshake in which nothing comes any more is given up, its slots freed.
 *
 * Only one end's flight needs to be out: who has got a part of the other's flight waits for the rest, and the other
 * sends all of it again.
 */

import { DTLS_CT_CHANGE_CIPHER_SPEC, DTLS_CT_HANDSHAKE } from '../wire/dtls.ts';
import { destroyPeer } from './alert.ts';
import { sealRecord, traceDrop, traceMessage } from './record.ts';
import { DTLS_STATE_CLOSED } from './types.ts';
import type { Context } from './env.ts';
import type { dtls_peer_t, dtls_security_parameters_t, DtlsSteps, netq_t } from './types.ts';

/** Retransmissions of a flight before the handshake is given up. A client may send its last one twice as often: its
 *  count begins anew with the ChangeCipherSpec. */
export const DTLS_MAX_RETRANSMIT = 7;

/** Within this time, ms, what comes belongs to one flight: half of the shortest timer. */
const ANSWER_PAUSE = 500;

/** When the next timer of the context is due, on the clock of DtlsEnv.now; null: none runs. */
export function nextDeadline(ctx: Context): number | null {
  let next: number | null = null;
  for (const { retransmit_at: at } of ctx.peers) if (at !== null && (next === null || at < next)) next = at;
  return next;
}

/** Does what is due. */
export function* runTimers(ctx: Context): DtlsSteps<void> {
  const { env } = ctx;
  for (const peer of ctx.peers.slice()) {
    if (peer.freed || peer.retransmit_at === null || peer.retransmit_at > env.now) continue;
    if (peer.handshake_params === null) {
      peer.retransmit_at = null;
      continue;
    }
    if (peer.retransmit_count >= DTLS_MAX_RETRANSMIT) {
      if (env.config.quirks.silent_peers_stay) {
        peer.retransmit_at = null;
        continue;
      }
      traceDrop(ctx, peer.session, 'handshake given up');
      peer.state = DTLS_STATE_CLOSED;
      yield* destroyPeer(ctx, peer, false);
      continue;
    }
    peer.retransmit_count++;
    peer.retransmit_timeout = Math.min(2 * peer.retransmit_timeout, env.config.DTLS_RETRANSMIT_TIMEOUT_MAX);
    peer.retransmit_at = env.now + peer.retransmit_timeout;
    if (!env.config.quirks.no_retransmission) yield* sendAgain(ctx, peer, flightOf(ctx, peer));
  }
}

/** The messages of the peer's flight that is out. */
export function flightOf(ctx: Context, peer: dtls_peer_t): netq_t[] {
  return ctx.sendqueue.filter((node) => node.peer === peer);
}

/** Sends messages again: the same bytes under new record numbers. */
export function* sendAgain(ctx: Context, peer: dtls_peer_t, flight: readonly netq_t[]): DtlsSteps<void> {
  for (const { epoch, type, data } of flight) {
    const security = securityOf(peer, epoch);
    const datagram = security === null ? null : sealRecord(ctx, security, type, data);
    if (security === null || datagram === null) continue;
    if (ctx.env.hooks.tracing) traceMessage(ctx, peer.session, 'out', type, epoch, security.rseq - 1, data);
    yield { type: 'send', session: peer.session, datagram };
  }
}

function securityOf(peer: dtls_peer_t, epoch: number): dtls_security_parameters_t | null {
  for (const security of peer.security_params) if (security !== null && security.epoch === epoch) return security;
  return peer.last_flight?.plain.epoch === epoch ? peer.last_flight.plain : null;
}

/** A server keeps its last flight, to answer a client that sends its own again: that one did not get it. */
export function keepLastFlight(ctx: Context, peer: dtls_peer_t, plain: dtls_security_parameters_t): void {
  const messages = flightOf(ctx, peer).filter(({ type }) =>
    type === DTLS_CT_CHANGE_CIPHER_SPEC || type === DTLS_CT_HANDSHAKE);
  peer.last_flight = { plain, messages, sent_at: ctx.env.now, left: 2 * DTLS_MAX_RETRANSMIT };
}

/**
 * Answers a message of a handshake that is over with the last flight: once for all that comes at one time, and as long
 * as the budget lasts, since a plain one may be anybody's.
 */
export function* answerWithLastFlight(ctx: Context, peer: dtls_peer_t): DtlsSteps<void> {
  const last = peer.last_flight;
  if (last === null || last.left === 0 || ctx.env.now - last.sent_at < ANSWER_PAUSE) return;
  last.left--;
  last.sent_at = ctx.env.now;
  yield* sendAgain(ctx, peer, last.messages);
}
