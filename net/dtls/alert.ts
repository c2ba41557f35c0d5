/** Alerts, and how a session ends: alerts end it, and ending it sends one (RFC 5246 §7.2). */

import { DTLS_CT_ALERT } from '../wire/dtls.ts';
import { DECODE_ERROR, INTERNAL_ERROR } from './errors.ts';
import { netqNew, stopRetransmission } from './netq.ts';
import { deletePeer, freePeer, getPeer, setState } from './peer.ts';
import { prepareRecord, traceDrop } from './record.ts';
import { DTLS_ALERT_CLOSE_NOTIFY, DTLS_ALERT_LEVEL_FATAL, DTLS_ALERT_LEVEL_WARNING, DTLS_STATE_CLOSED,
  DTLS_STATE_CLOSING, dtls_is_alert } from './types.ts';
import type { Context } from './env.ts';
import type { dtls_peer_t, DtlsSteps, session_t } from './types.ts';

/**
 * Sends an alert. tinydtls also stores it, to end the session itself when no answer comes; with no room to store it,
 * the alert acts on this end at once, as if the peer had sent it (quirk double_free).
 */
export function* sendAlert(ctx: Context, peer: dtls_peer_t, level: number, description: number): DtlsSteps<number> {
  const data = new Uint8Array([level, description]);
  const out = prepareRecord(ctx, peer, DTLS_CT_ALERT, data);
  if (typeof out !== 'number') yield out;
  const epoch = peer.security_params[0]?.epoch ?? 0;
  const { pools, config } = ctx.env;
  if (pools.netq.used === pools.netq.limit && !config.quirks.double_free) return 0;
  const node = netqNew(ctx, { job: 'TIMEOUT', peer, epoch, type: DTLS_CT_ALERT, data });
  if (node !== null) {
    ctx.sendqueue.push(node);
  } else {
    ctx.env.hooks.log('warn', 'cannot add alert, retransmit buffer full');
    yield* handleAlert(ctx, peer, data);
  }
  return 0;
}

/** Sends the alert that an error code stands for; -1 stands for internal_error, a negative errno for none. */
export function* alertFromError(ctx: Context, peer: dtls_peer_t, err: number): DtlsSteps<number> {
  const alert = alertOfError(err);
  if (alert === 0) return -1;
  setState(ctx, peer, DTLS_STATE_CLOSING);
  return yield* sendAlert(ctx, peer, alert >> 8, alert & 0xff);
}

/** The alert (level << 8 | description) that an error code stands for, or 0. */
export function alertOfError(err: number): number {
  if (dtls_is_alert(err)) return -err;
  return err === -1 ? -INTERNAL_ERROR : 0;
}

/** Sends a close_notify to the session's peer: 0, or -1 when there is none. */
export function* closePeer(ctx: Context, session: session_t): DtlsSteps<number> {
  const peer = getPeer(ctx, session);
  if (peer === null) return -1;
  setState(ctx, peer, DTLS_STATE_CLOSING);
  return yield* sendAlert(ctx, peer, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
}

/** Frees the peer and all it holds, with a close_notify first if asked for and not yet sent. */
export function* destroyPeer(ctx: Context, peer: dtls_peer_t, close: boolean): DtlsSteps<void> {
  if (close && peer.state !== DTLS_STATE_CLOSED && peer.state !== DTLS_STATE_CLOSING) {
    yield* closePeer(ctx, peer.session);
  }
  stopRetransmission(ctx, peer);
  deletePeer(ctx, peer);
  freePeer(ctx, peer);
}

/**
 * Acts on an alert. close_notify is answered with one; it and every fatal alert end the session.
 * @returns 1 when the peer is gone, 0 when it goes on, negative when `data` is no alert
 */
export function* handleAlert(ctx: Context, peer: dtls_peer_t, data: Uint8Array): DtlsSteps<number> {
  if (data.length < 2) {
    traceDrop(ctx, peer.session, 'alert too short');
    return DECODE_ERROR;
  }
  const level = data[0];
  const description = data[1];
  const isClose = description === DTLS_ALERT_CLOSE_NOTIFY;
  const isEnd = isClose || level === DTLS_ALERT_LEVEL_FATAL;
  if (isEnd) {
    if (!isClose) ctx.env.hooks.log('alert', `${description} invalidate peer`);
    deletePeer(ctx, peer);
  }
  yield { type: 'event', session: peer.session, level, code: description };
  if (isClose) {
    if (peer.state !== DTLS_STATE_CLOSING) {
      setState(ctx, peer, DTLS_STATE_CLOSING);
      yield* sendAlert(ctx, peer, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    } else {
      setState(ctx, peer, DTLS_STATE_CLOSED);
    }
  }
  if (!isEnd) return 0;
  yield* destroyPeer(ctx, peer, true);
  return 1;
}
