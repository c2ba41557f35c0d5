/** Peers, their handshakes and their keys: taken from the pools and given back (peer.c, peer.h, crypto.c). */

import { Sha256 } from '../crypto/sha256.ts';
import { EMPTY } from './bytes.ts';
import { netqDeleteAll } from './netq.ts';
import { copySession, dtls_session_equals } from './session.ts';
import { DTLS_CLIENT, DTLS_STATE_INIT } from './types.ts';
import type { Context } from './env.ts';
import type { dtls_handshake_parameters_t, dtls_peer_t, dtls_security_parameters_t, dtls_state_t,
  session_t } from './types.ts';

/** The peer of a session, or null. */
export function getPeer(ctx: Context, session: session_t): dtls_peer_t | null {
  for (const peer of ctx.peers) if (dtls_session_equals(peer.session, session)) return peer;
  return null;
}

/** A peer that is not yet in the context's list, with keys for epoch 0: none. Null when a pool is full. */
export function newPeer(ctx: Context, session: session_t): dtls_peer_t | null {
  const { pools, hooks } = ctx.env;
  const peer: dtls_peer_t = {
    session: copySession(session), role: DTLS_CLIENT, state: DTLS_STATE_INIT, optional_handshake_message: -1,
    security_params: [null, null], handshake_params: null, retransmit_at: null,
    retransmit_timeout: ctx.env.config.DTLS_RETRANSMIT_TIMEOUT, retransmit_count: 0, last_flight: null, freed: false,
  };
  if (!pools.peer.take(peer)) return null;
  const security = newSecurity(ctx, 0);
  if (security === null) {
    pools.peer.give(peer);
    return null;
  }
  peer.security_params[0] = security;
  ctx.env.peer_sessions[pools.peer.slots.indexOf(peer)] = peer.session;
  if (hooks.tracing) hooks.trace({ kind: 'peer', session: peer.session, what: 'created' });
  return peer;
}

/** Takes the peer off the context's list. */
export function deletePeer(ctx: Context, peer: dtls_peer_t): void {
  const at = ctx.peers.indexOf(peer);
  if (at >= 0) ctx.peers.splice(at, 1);
}

/**
 * Gives back the peer and all it holds. A second time is undefined on RIOT (its free lists become cyclic, and the pools
 * never run out again); here it has no effect.
 */
export function freePeer(ctx: Context, peer: dtls_peer_t): void {
  const { pools, hooks } = ctx.env;
  if (peer.freed) {
    hooks.diagnose('a DTLS peer is freed twice; here the second time has no effect');
    return;
  }
  peer.freed = true;
  if (pools.ecdsa_key.used > 0 && !ctx.env.config.quirks.ecdsa_key_leak) {
    const slot = pools.peer.slots.indexOf(peer);
    for (const key of pools.ecdsa_key.slots) if (key !== null && key.peer_slot === slot) pools.ecdsa_key.give(key);
  }
  freeHandshake(ctx, peer);
  for (const security of peer.security_params) if (security !== null) pools.security.give(security);
  pools.peer.give(peer);
  if (hooks.tracing) hooks.trace({ kind: 'peer', session: peer.session, what: 'freed' });
}

export function setState(ctx: Context, peer: dtls_peer_t, state: dtls_state_t): void {
  const { hooks } = ctx.env;
  if (hooks.tracing && state !== peer.state) {
    hooks.trace({ kind: 'state', session: peer.session, role: peer.role, from: peer.state, to: state });
  }
  peer.state = state;
}

/** Gives the peer a handshake at its start; null, with RIOT's line, when the pool is full. */
export function newHandshake(ctx: Context, peer: dtls_peer_t, mseq: number): dtls_handshake_parameters_t | null {
  const { env } = ctx;
  const handshake: dtls_handshake_parameters_t = {
    client_random: EMPTY, server_random: EMPTY, master: null, reorder_queue: [], mseq_s: mseq, mseq_r: mseq,
    read_epoch: 0, hs_hash: new Sha256(env.work), session_hash: EMPTY, cipher: 0, extended_master_secret: false,
    renegotiation_info: false, identity: EMPTY, own_eph_priv: EMPTY, other_eph_pub: EMPTY, other_pub: EMPTY,
    do_client_auth: false, assembly: [], first_mseq: mseq,
  };
  if (!env.pools.handshake.take(handshake)) {
    env.hooks.log('crit', 'can not allocate a handshake struct');
    return null;
  }
  peer.handshake_params = handshake;
  return handshake;
}

export function freeHandshake(ctx: Context, peer: dtls_peer_t): void {
  const handshake = peer.handshake_params;
  if (handshake === null) return;
  netqDeleteAll(ctx, handshake.reorder_queue);
  ctx.env.pools.handshake.give(handshake);
  peer.handshake_params = null;
  peer.retransmit_at = null;
}

function newSecurity(ctx: Context, epoch: number): dtls_security_parameters_t | null {
  const security: dtls_security_parameters_t = {
    cipher: 0, mac_len: 0, epoch, rseq: 0, local_key: null, remote_key: null, local_iv: EMPTY, remote_iv: EMPTY,
    cseq: 0, bitfield_hi: 0, bitfield_lo: 0,
  };
  if (ctx.env.pools.security.take(security)) return security;
  ctx.env.hooks.log('crit', 'can not allocate a security struct');
  return null;
}

/** The keys that a record of this epoch is read with now, or null. */
export function readSecurity(peer: dtls_peer_t, epoch: number): dtls_security_parameters_t | null {
  const [current, other] = peer.security_params;
  const handshake = peer.handshake_params;
  if (handshake === null) return current !== null && current.epoch === epoch ? current : null;
  if (handshake.read_epoch !== epoch) return null;
  if (current !== null && current.epoch === epoch) return current;
  return other !== null && other.epoch === epoch ? other : null;
}

/** Room for the keys of the next epoch, in place of any others; null when the pool is full. */
export function nextSecurity(ctx: Context, peer: dtls_peer_t): dtls_security_parameters_t | null {
  const [current, other] = peer.security_params;
  if (other !== null) ctx.env.pools.security.give(other);
  return peer.security_params[1] = newSecurity(ctx, current === null ? 1 : current.epoch + 1);
}

/** From now on records are sent with the keys of the next epoch. */
export function switchSecurity(ctx: Context, peer: dtls_peer_t): void {
  const params = peer.security_params;
  const next = params[1];
  params[1] = params[0];
  params[0] = next;
  const { hooks } = ctx.env;
  if (hooks.tracing && next !== null) {
    hooks.trace({ kind: 'epoch', session: peer.session, direction: 'write', epoch: next.epoch });
  }
}

/** Once a record of the new epoch is read, the keys of the old one are given back. */
export function freeOldSecurity(ctx: Context, peer: dtls_peer_t): void {
  const [current, other] = peer.security_params;
  if (current === null || other === null || current.epoch < other.epoch) return;
  ctx.env.pools.security.give(other);
  peer.security_params[1] = null;
}
