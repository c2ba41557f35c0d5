// A pair of engines with a clock and a lossy wire: what retransmission is tested with.

import { dtls_check_retransmit, dtls_next_deadline, DTLS_QUIRKS_NONE,
  DTLS_STATE_CONNECTED } from '../../../net/dtls/dtls.ts';
import { Pair } from './board.ts';
import type { Board, BoardOptions } from './board.ts';

/** All of RFC 6347: no quirk at all. */
export const RFC = { quirks: DTLS_QUIRKS_NONE };

/** mulberry32: numbers 0..1, the same for the same seed. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function rfcPair(client: BoardOptions = {}, server: BoardOptions = {}): Pair {
  return new Pair({ ...client, config: { ...RFC, ...client.config } },
    { ...server, config: { ...RFC, ...server.config } });
}

/** Sets the clock of both ends. */
export function setClock(pair: Pair, now: number): void {
  pair.client.env.now = pair.server.env.now = now;
}

/** The next timer of either end, or null. */
export function nextTimer(pair: Pair): number | null {
  const [a, b] = [dtls_next_deadline(pair.client.ctx), dtls_next_deadline(pair.server.ctx)];
  return a === null ? b : b === null ? a : Math.min(a, b);
}

/** Carries datagrams and lets timers go off until nothing is left to do; returns the time. */
export function runOut(pair: Pair, pass: (from: 'client' | 'server', datagram: Uint8Array, index: number) => boolean,
  until = Infinity): number {
  for (;;) {
    pair.settle(pass);
    const next = nextTimer(pair);
    if (next === null || next > until) return pair.client.env.now;
    setClock(pair, next);
    for (const board of [pair.client, pair.server]) board.run(dtls_check_retransmit(board.ctx));
  }
}

export function bothConnected(pair: Pair): boolean {
  return pair.client.stateOf(pair.serverAddress) === DTLS_STATE_CONNECTED
    && pair.server.stateOf(pair.clientAddress) === DTLS_STATE_CONNECTED;
}

/** Whether a board holds nothing but its context, or a session that is connected. */
export function isTidy(board: Board, connected: boolean): boolean {
  const { peer, handshake, netq } = board.used();
  return handshake === 0 && netq === 0 && peer === (connected ? 1 : 0);
}
