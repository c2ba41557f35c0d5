// The engine without RIOT's shortcomings: each switch of DtlsQuirks, off and on, and all off under loss.

import fc from 'fast-check';
import test from 'ava';
import { get24, put16, put24 } from '../../../net/wire/bytes.ts';
import { describeDtls } from '../../../net/wire/dtls.ts';
import { dtls_connect, dtls_get_peer, dtls_reset_peer, DTLS_QUIRKS_NONE, DTLS_QUIRKS_RIOT, DTLS_STATE_CONNECTED,
  dtls_write, DTLS_EVENT_CONNECTED } from '../../../net/dtls/dtls.ts';
import { concat, Pair, plainRecord, renumbered, text } from './board.ts';
import { bothConnected, isTidy, numbers, rfcPair, runOut, setClock } from './lossy.ts';
import type { DtlsConfig, DtlsQuirks } from '../../../net/dtls/dtls.ts';
import type { Board } from './board.ts';

const ECC: Partial<DtlsConfig> = { CONFIG_DTLS_ECC: 1 };
const KINDS = [['PSK', {}], ['ECDHE_ECDSA', ECC]] as const;
/** RIOT in all but one. */
const without = (quirk: keyof DtlsQuirks): Partial<DtlsConfig> => ({ quirks: { ...DTLS_QUIRKS_RIOT, [quirk]: false } });

const nameOf = (datagram: Uint8Array): string => describeDtls(datagram).split(' ')[0];
const drops = (board: Board): string[] => board.trace.flatMap((e) => (e.kind === 'drop' ? [e.reason] : []));

test('dtls-no-retransmission: whichever datagram of a handshake is lost, it is sent again after a second', (t) => {
  // With each of the datagrams of either kind lost once: connected after just one timer, at 1 s.
  for (const [, config] of KINDS) {
    const whole = rfcPair({ config }, { config });
    whole.handshake();
    t.is(runOut(whole, () => true), 0, 'without loss no timer goes off');
    for (let lost = 0; lost < whole.wire.length; lost++) {
      const pair = rfcPair({ config }, { config });
      pair.client.connect(pair.serverAddress);
      const end = runOut(pair, (_from, _datagram, index) => index !== lost);
      t.true(bothConnected(pair), `datagram ${lost}`);
      t.is(end, 1000, `datagram ${lost}`);
      t.true(isTidy(pair.client, true) && isTidy(pair.server, true));
    }
  }
});

test('TD-46 ST-08 a ClientHello without an answer is sent after 1, 3, 7, 15, 31, 63 and 123 s, then given up', (t) => {
  // RFC 6347 §4.2.4.1: doubling up to 60 s. Each time the same message under a new record number.
  const pair = rfcPair({ tracing: true });
  const times: number[] = [];
  pair.client.connect(pair.serverAddress);
  const end = runOut(pair, () => {
    times.push(pair.client.env.now);
    return false;
  });
  t.deepEqual(times, [0, 1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000]);
  t.is(end, 183_000);
  const sent = pair.wire.map(({ datagram }) => datagram);
  t.deepEqual(sent.map((datagram) => datagram[10]), [0, 1, 2, 3, 4, 5, 6, 7]);
  for (const datagram of sent) t.deepEqual(datagram.subarray(13), sent[0].subarray(13));
  t.is(pair.client.stateOf(pair.serverAddress), null);
  t.deepEqual(pair.client.used(), { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 });
  t.is(drops(pair.client).pop(), 'handshake given up');
});

test('TD-40 OS-09 CK-09 dtls-silent-peer: a client that falls silent after its cookie costs slots for 183 s', (t) => {
  // Then an honest client gets in; with the quirk the slots stay for ever.
  for (const stays of [false, true]) {
    const pair = rfcPair({}, { config: { quirks: { ...DTLS_QUIRKS_NONE, silent_peers_stay: stays } } });
    pair.client.connect(pair.serverAddress);
    runOut(pair, (from, datagram) => from === 'client' || nameOf(datagram) === 'HelloVerifyRequest', 0);
    pair.client.run(dtls_reset_peer(pair.client.ctx, dtls_get_peer(pair.client.ctx, pair.serverAddress)!));
    pair.client.take();
    runOut(pair, () => false);
    t.is(pair.server.used().peer, stays ? 1 : 0);
    t.is(pair.server.used().handshake, stays ? 1 : 0);
    if (stays) continue;
    pair.handshake();
    t.true(bothConnected(pair));
  }
});

test('a client whose server\'s last flight was lost gets it again for its own Finished, and only so often', (t) => {
  // OS-05: the budget bounds what a replayed flight can draw from a server.
  const pair = rfcPair();
  pair.client.connect(pair.serverAddress);
  let finished = 0;
  runOut(pair, (from, datagram) => {
    if (from === 'server' && nameOf(datagram) === 'Finished') finished++;
    return from === 'client' || datagram[4] === 0 && datagram[0] === 22;
  });
  t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
  t.is(pair.client.stateOf(pair.serverAddress), null, 'the client has given up');
  t.is(finished, 8, 'one, and one for each of seven retransmissions');
  const again = pair.wire.find(({ from, datagram }) => from === 'client' && nameOf(datagram) === 'ClientKeyExchange')!;
  let sent = 0;
  for (let i = 0; i < 40; i++) {
    setClock(pair, pair.server.env.now + 1000);
    pair.server.receive(pair.clientAddress, renumbered(again.datagram, 100 + i));
    sent += pair.server.take().length;
  }
  t.is(sent, 2 * 7, 'the rest of fourteen answers of two datagrams');
});

test('completion under loss alone is that of seven retransmissions a flight, and nothing is left behind', (t) => {
  // PSK, one record a datagram. The rates are those of a model of the same timers, within 3 sigma of 300 runs.
  const RUNS = 300;
  for (const [loss, rate] of [[0.1, 1], [0.2, 0.999], [0.3, 0.985], [0.4, 0.908], [0.5, 0.705]] as const) {
    let complete = 0;
    for (let seed = 0; seed < RUNS; seed++) {
      const pair = rfcPair({ seed }, { seed: seed + 7 });
      const next = numbers(seed * 977 + Math.round(loss * 10));
      pair.client.connect(pair.serverAddress);
      const end = runOut(pair, () => next() >= loss);
      if (bothConnected(pair)) complete++;
      t.true(end < 2_000_000);
      for (const [board, session] of [[pair.client, pair.serverAddress], [pair.server, pair.clientAddress]] as const) {
        t.true(isTidy(board, board.stateOf(session) !== null), `loss ${loss}, seed ${seed}`);
        t.true([null, DTLS_STATE_CONNECTED].includes(board.stateOf(session)));
        t.deepEqual(board.diagnostics, []);
      }
    }
    const sigma = Math.sqrt(Math.max(rate * (1 - rate), 0.001) / RUNS);
    t.true(Math.abs(complete / RUNS - rate) <= 3 * sigma, `loss ${loss}: ${complete} of ${RUNS}`);
  }
});

test('HS-08 any order, duplication and fragmentation of what is on the way ends connected', (t) => {
  // Each datagram is cut into overlapping fragments, doubled and delivered in another order: PSK and ECDHE_ECDSA.
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e9 }), fc.boolean(), fc.integer({ min: 1, max: 60 }),
    (seed, ecc, size) => {
      const config = ecc ? ECC : {};
      const pair = rfcPair({ config }, { config });
      const next = numbers(seed);
      pair.client.connect(pair.serverAddress);
      for (let round = 0; round < 40 && !bothConnected(pair); round++) {
        for (const [from, to, address] of [[pair.client, pair.server, pair.clientAddress],
          [pair.server, pair.client, pair.serverAddress]] as const) {
          const parts = from.take().flatMap((datagram) => fragments(datagram, size, next));
          for (const part of parts.map((bytes) => ({ bytes, key: next() })).sort((a, b) => a.key - b.key)) {
            to.receive(address, part.bytes);
            if (next() < 0.2) to.receive(address, part.bytes);
          }
        }
        if (pair.client.sent.length + pair.server.sent.length === 0) runOut(pair, () => true);
      }
      t.true(bothConnected(pair));
      t.deepEqual([...pair.client.diagnostics, ...pair.server.diagnostics], []);
    }), { seed: 42, numRuns: 60 });
});

let recordNumber = 1000;

/** The datagram in fragments that overlap by a few bytes, under record numbers of their own; hellos stay whole. */
function fragments(datagram: Uint8Array, size: number, next: () => number): Uint8Array[] {
  if (datagram[0] !== 22 || datagram[4] !== 0 || datagram[13] < 2 || datagram[13] === 3) return [datagram];
  const message = datagram.subarray(13);
  const length = get24(message, 1);
  const out: Uint8Array[] = [];
  for (let at = 0; at < length || out.length === 0; at += size) {
    const start = Math.max(0, at - Math.floor(next() * 5));
    const end = Math.min(length, at + size);
    const part = new Uint8Array(25 + end - start);
    part.set(datagram.subarray(0, 25));
    part.set(message.subarray(12 + start, 12 + end), 25);
    put24(part, 19, start);
    put24(part, 22, end - start);
    put16(part, 11, part.length - 13);
    put16(part, 9, recordNumber++);
    out.push(part);
  }
  return out;
}

test('dtls-no-reassembly: RIOT ends the handshake at a fragment', (t) => {
  // The same fragment with and without the quirk.
  for (const quirks of [DTLS_QUIRKS_RIOT, { ...DTLS_QUIRKS_NONE, no_retransmission: true }]) {
    const pair = new Pair({ config: { quirks } });
    pair.client.connect(pair.serverAddress);
    const seen: string[] = [];
    pair.settle((from, datagram) => {
      if (from === 'client' || nameOf(datagram) !== 'ServerHello') return true;
      for (const part of fragments(datagram, 20, () => 0)) pair.client.receive(pair.serverAddress, part);
      seen.push('cut');
      return false;
    });
    t.deepEqual(seen, ['cut']);
    t.is(pair.client.stateOf(pair.serverAddress), quirks.no_reassembly ? null : DTLS_STATE_CONNECTED);
    if (quirks.no_reassembly) t.is(pair.client.logs[0], 'No fragment support (yet)');
  }
});

test('TD-12 HS-04 a flood of early and of half messages takes bounded room, and the handshake goes on', (t) => {
  // Two thousand message numbers, each with a fragment: eight are kept.
  const pair = rfcPair();
  pair.client.connect(pair.serverAddress);
  let flooded = false;
  pair.settle((from, datagram) => {
    if (from === 'client' || nameOf(datagram) !== 'ServerHello') return true;
    flooded = true;
    const handshake = dtls_get_peer(pair.client.ctx, pair.serverAddress)!.handshake_params!;
    for (let seq = 1; seq < 2000; seq++) {
      const part = new Uint8Array(13);
      part[0] = 99;
      put24(part, 1, 150);
      put16(part, 4, seq + 100);
      put24(part, 9, 1);
      pair.client.receive(pair.serverAddress, plainRecord(22, 200, part));
    }
    t.true(handshake.assembly.length <= 8);
    return true;
  });
  t.true(flooded);
  t.true(bothConnected(pair));
});

test('TD-47 dtls-plain-alert: a forged plain alert ends a handshake on RIOT only', (t) => {
  // A fatal alert and a close_notify, after each datagram of the handshake.
  for (const quirks of [DTLS_QUIRKS_RIOT, DTLS_QUIRKS_NONE]) {
    let ended = 0;
    for (let at = 0; at < 8; at++) {
      for (const alert of [[2, 40], [1, 0]]) {
        const pair = new Pair({ config: { quirks } }, { config: { quirks } });
        pair.client.connect(pair.serverAddress);
        runOut(pair, (_from, _datagram, index) => {
          if (index !== at) return true;
          for (const [board, from] of [[pair.client, pair.serverAddress], [pair.server, pair.clientAddress]] as const) {
            board.receive(from, plainRecord(21, 90, new Uint8Array(alert)));
          }
          return true;
        });
        if (!bothConnected(pair)) ended++;
      }
    }
    t.is(ended > 0, quirks.plain_alerts_end);
  }
});

test('dtls-plain-replay-window: a forged plain record with a far number kills a handshake on RIOT only', (t) => {
  // A HelloRequest, which nobody has to act upon, before the server's flight.
  for (const quirks of [DTLS_QUIRKS_RIOT, without('plain_replay_window').quirks!]) {
    const pair = new Pair({ config: { quirks } });
    pair.client.connect(pair.serverAddress);
    pair.settle((_from, datagram) => {
      if (nameOf(datagram) !== 'ServerHello') return true;
      const message = new Uint8Array(12);
      pair.client.receive(pair.serverAddress, plainRecord(22, 200, message));
      return true;
    });
    t.is(pair.client.stateOf(pair.serverAddress) === DTLS_STATE_CONNECTED, !quirks.plain_replay_window);
  }
});

test('dtls-handshake-pool-leak: without room for a handshake a client\'s peer is not kept', (t) => {
  // Room for two peers and one handshake.
  for (const leak of [true, false]) {
    const quirks = { ...DTLS_QUIRKS_RIOT, handshake_pool_leak: leak };
    const pair = new Pair({ config: { quirks, DTLS_PEER_MAX: 2, DTLS_SECURITY_MAX: 4 } });
    pair.client.connect(pair.serverAddress);
    t.is(pair.client.run(dtls_connect(pair.client.ctx, pair.clientAddress)), -1);
    t.is(pair.client.used().peer, leak ? 2 : 1);
  }
});

test('dtls-connected-again: a Finished that comes again tells "connected" once more on RIOT only', (t) => {
  // GnuTLS sends such a one; here a HelloRequest does, encrypted by the peer's own keys.
  for (const again of [true, false]) {
    const quirks = { ...DTLS_QUIRKS_RIOT, connected_again: again };
    const pair = new Pair({}, { config: { quirks } });
    pair.handshake();
    const peer = dtls_get_peer(pair.client.ctx, pair.serverAddress)!;
    pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('x'), 1));
    pair.settle();
    pair.server.events.length = 0;
    t.is(peer.state, DTLS_STATE_CONNECTED);
    pair.server.receive(pair.clientAddress, sealedHelloRequest(pair));
    t.deepEqual(pair.server.events, again ? [{ level: 0, code: DTLS_EVENT_CONNECTED }] : []);
  }
});

/** A HelloRequest under the client's keys. */
function sealedHelloRequest(pair: Pair): Uint8Array {
  const security = dtls_get_peer(pair.client.ctx, pair.serverAddress)!.security_params[0]!;
  const seq = security.rseq++;
  const out = new Uint8Array(13 + 8 + 12 + 8);
  out.set([22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, seq, 0, 28]);
  out.set(out.subarray(3, 11), 13);
  const nonce = concat(security.local_iv, out.subarray(13, 21));
  const aad = concat(out.subarray(3, 11), out.subarray(0, 3), new Uint8Array([0, 12]));
  security.local_key!.seal(8, nonce, aad, out, 21, 12);
  return out;
}

test('KX-01 dtls-unknown-identity: internal_error on RIOT, else unknown_psk_identity', (t) => {
  // RFC 4279 §2.
  const other = without('unknown_identity_internal_error').quirks!;
  for (const [quirks, alert] of [[DTLS_QUIRKS_RIOT, 80], [other, 115]] as const) {
    const pair = new Pair({}, { credentials: [], config: { quirks } });
    pair.handshake();
    const sent = pair.wire.find(({ from, datagram }) => from === 'server' && datagram[0] === 21)!;
    t.deepEqual([...sent.datagram.subarray(13)], [2, alert]);
  }
});

test('OS-10 dtls-hello-verify-unlimited: a client answers two HelloVerifyRequests, on RIOT all', (t) => {
  // Each with another cookie and the number that is due.
  for (const [quirks, answers] of [[DTLS_QUIRKS_RIOT, 10], [DTLS_QUIRKS_NONE, 2]] as const) {
    const pair = new Pair({ config: { quirks } });
    pair.client.connect(pair.serverAddress);
    pair.client.take();
    for (let i = 0; i < 10; i++) {
      const message = new Uint8Array(12 + 3 + 16).fill(i);
      message.set([3, 0, 0, 19, 0, i, 0, 0, 0, 0, 0, 19, 0xfe, 0xfd, 16]);
      pair.client.receive(pair.serverAddress, plainRecord(22, i, message));
    }
    t.is(pair.client.take().length, answers);
  }
});

test('TD-44 dtls-cookie-secret: a cookie is good for an hour or two, on RIOT for ever', (t) => {
  // The second ClientHello is held back.
  for (const [quirks, hours, good] of [[DTLS_QUIRKS_NONE, 0.9, true], [DTLS_QUIRKS_NONE, 1.1, true],
    [DTLS_QUIRKS_NONE, 2.5, false], [DTLS_QUIRKS_RIOT, 1000, true]] as const) {
    const pair = new Pair({}, { config: { quirks } });
    pair.client.connect(pair.serverAddress);
    let hello: Uint8Array | null = null;
    pair.settle((_from, datagram, index) => {
      if (index === 2) hello = datagram;
      return index < 2;
    });
    setClock(pair, hours * 3_600_000);
    pair.server.receive(pair.clientAddress, hello!);
    t.is(nameOf(pair.server.take()[0]), good ? 'ServerHello' : 'HelloVerifyRequest', `${hours} h`);
  }
});

test('dtls-double-free: a client that gives up its last flight frees its peer twice on RIOT only', (t) => {
  // The store of messages is full then. The alert goes out either way.
  for (const quirks of [DTLS_QUIRKS_RIOT, without('double_free').quirks!]) {
    const pair = new Pair({ config: { quirks } });
    pair.client.connect(pair.serverAddress);
    pair.settle((_from, datagram) => nameOf(datagram) !== 'ClientKeyExchange');
    pair.client.run(dtls_reset_peer(pair.client.ctx, dtls_get_peer(pair.client.ctx, pair.serverAddress)!));
    t.is(pair.client.diagnostics.length > 0, quirks.double_free);
    t.deepEqual(pair.client.take().map((datagram) => datagram[0]), [21]);
    t.deepEqual(pair.client.used(), { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 });
  }
});

test('dtls-ecdsa-key-leak: a handshake that is given up gives its key\'s place back, on RIOT not', (t) => {
  // The client ends it after its Certificate is out.
  for (const quirks of [DTLS_QUIRKS_RIOT, without('ecdsa_key_leak').quirks!]) {
    const pair = new Pair({ config: { ...ECC, quirks } }, { config: ECC });
    pair.client.connect(pair.serverAddress);
    pair.settle((_from, datagram) => nameOf(datagram) !== 'ClientKeyExchange');
    pair.client.run(dtls_reset_peer(pair.client.ctx, dtls_get_peer(pair.client.ctx, pair.serverAddress)!));
    t.is(pair.client.env.pools.ecdsa_key.used, quirks.ecdsa_key_leak ? 1 : 0);
  }
});

test('TD-23 dtls-role-not-enforced: a client\'s sock answers ClientHellos on RIOT only', (t) => {
  // Neither answer nor state.
  for (const quirks of [DTLS_QUIRKS_RIOT, without('role_not_enforced').quirks!]) {
    const pair = new Pair({}, { config: { quirks } });
    pair.server.ctx.is_client = true;
    pair.client.connect(pair.serverAddress);
    pair.server.receive(pair.clientAddress, pair.client.take()[0]);
    t.is(pair.server.take().length, quirks.role_not_enforced ? 1 : 0);
  }
});

test('dtls-empty-record-replay: only by its name can an empty record be received twice', (t) => {
  // Off in both profiles.
  t.false(DTLS_QUIRKS_RIOT.empty_record_replay);
  for (const replay of [false, true]) {
    const pair = new Pair({}, { config: { quirks: { ...DTLS_QUIRKS_RIOT, empty_record_replay: replay } } });
    pair.handshake();
    pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, new Uint8Array(0), 0));
    const [record] = pair.client.take();
    pair.server.receive(pair.clientAddress, record);
    pair.server.receive(pair.clientAddress, record);
    t.is(pair.server.reads.length, replay ? 2 : 1);
  }
});

test('TD-45 dtls-finished-tail: only by its name is a Finished with a tail accepted', (t) => {
  // The client's Finished gets a byte more, sealed with its own keys.
  t.false(DTLS_QUIRKS_RIOT.finished_tail);
  for (const tail of [false, true]) {
    const pair = new Pair({}, { config: { quirks: { ...DTLS_QUIRKS_RIOT, finished_tail: tail } } });
    pair.client.connect(pair.serverAddress);
    pair.settle((from, datagram) => {
      if (from === 'server' || nameOf(datagram) !== 'Finished') return true;
      const { local_key, local_iv } = dtls_get_peer(pair.client.ctx, pair.serverAddress)!.security_params[0]!;
      const nonce = concat(local_iv, datagram.subarray(13, 21));
      const aad = concat(datagram.subarray(3, 11), datagram.subarray(0, 3), new Uint8Array([0, 24]));
      const text = datagram.slice();
      t.is(local_key!.open(8, nonce, aad, text, 21, 32), 24);
      const long = new Uint8Array(datagram.length + 1);
      long.set(text.subarray(0, 45));
      long[12]++;
      put24(long, 22, 13);
      put24(long, 30, 13);
      aad[12] = 25;
      local_key!.seal(8, nonce, aad, long, 21, 25);
      pair.server.receive(pair.clientAddress, long);
      return false;
    });
    t.is(pair.server.events.some(({ code }) => code === DTLS_EVENT_CONNECTED), tail);
  }
});
