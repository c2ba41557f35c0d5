// Inputs of vectors/bad-inputs.json for the layers of DTLS that no other test of the engine has: each by its id.

import fc from 'fast-check';
import test from 'ava';
import { hex, put16 } from '../../../net/wire/bytes.ts';
import { describeDtls, emitDtlsMessage, parseDtlsMessage } from '../../../net/wire/dtls.ts';
import { dtls_close, dtls_get_peer, DTLS_STATE_CONNECTED, DTLS_STATE_NAMES,
  dtls_write } from '../../../net/dtls/dtls.ts';
import { Board, concat, endpoint, Pair, plainRecord, renumbered, text } from './board.ts';
import { bothConnected, rfcPair, runOut } from './lossy.ts';
import type { ClientHello } from '../../../net/wire/dtls.ts';

const ECC = { CONFIG_DTLS_ECC: 1 };
const nameOf = (datagram: Uint8Array): string => describeDtls(datagram).split(' ')[0];

/** A server that has given its cookie, and the hello that brings it back, to be changed. */
function withCookie(): { pair: Pair; hello: ClientHello } {
  const pair = new Pair();
  pair.client.connect(pair.serverAddress);
  pair.settle((_from, _datagram, index) => index < 2);
  return { pair, hello: parseDtlsMessage(pair.wire[2].datagram.subarray(13)) as ClientHello };
}

/** Sends a hello body as it is, first to get the cookie for it, then with it; what the server answers last. */
function helloAnswer(change: (hello: ClientHello) => ClientHello): string {
  const { pair, hello } = withCookie();
  const { server, clientAddress } = pair;
  server.receive(clientAddress, plainRecord(22, 2, emitDtlsMessage(change(hello), 0)));
  const [first] = server.take();
  if (first === undefined || nameOf(first) !== 'HelloVerifyRequest') return first === undefined ? '' : nameOf(first);
  server.receive(clientAddress, plainRecord(22, 3, emitDtlsMessage(change({ ...hello, cookie: first.slice(28) }), 1)));
  return server.take().map(nameOf)[0] ?? '';
}

test('TD-01 a ChangeCipherSpec from nowhere, and around each flight, changes nothing', (t) => {
  // Record and payload are right; the handshake then goes on to its end. Where one is due the genuine one is too late.
  const board = new Board();
  t.is(board.receive(endpoint(9, 9), plainRecord(20, 0, new Uint8Array([1]))), 0);
  t.deepEqual([board.take().length, board.used().peer], [0, 0]);
  for (const index of [1, 2, 3, 4, 5]) {
    const pair = new Pair();
    pair.client.connect(pair.serverAddress);
    pair.settle((_from, _datagram, i) => {
      if (i === index) {
        pair.client.receive(pair.serverAddress, plainRecord(20, 50, new Uint8Array([1])));
        pair.server.receive(pair.clientAddress, plainRecord(20, 50, new Uint8Array([1])));
      }
      return true;
    });
    t.true(bothConnected(pair), `before datagram ${index}`);
  }
});

test('TD-05 a ClientHello with an odd length of its suites is refused', (t) => {
  // Three bytes of suites; all other lengths fit.
  const { pair, hello } = withCookie();
  const bytes = emitDtlsMessage(hello, 1);
  const suites = bytes.length - 8 - 6 - 2;
  t.is(bytes[suites + 1], 6);
  bytes[suites + 1] = 5;
  pair.server.receive(pair.clientAddress, plainRecord(22, 2, bytes));
  const cookie = pair.server.take()[0].slice(28);
  bytes.set(cookie, 12 + 34 + 1 + 1);
  pair.server.receive(pair.clientAddress, plainRecord(22, 3, bytes));
  t.deepEqual(pair.server.take().map(nameOf), ['Alert', 'Alert']);
  t.is(pair.server.used().peer, 0);
});

test('TD-14 OS-02 a hello whose extensions run past their list or the message makes no peer', (t) => {
  // The last extension says more than there is; with RIOT's tolerance bytes behind the list are read as extensions.
  const long = (hello: ClientHello): ClientHello => ({ ...hello, extensions: [{ type: 23, data: new Uint8Array(0) },
    { type: 9, data: new Uint8Array([0xff, 0x01, 0, 1]) }] });
  t.is(helloAnswer(long), 'ServerHello');
  for (let at = 1; at <= 3; at++) {
    const { pair, hello } = withCookie();
    const whole = emitDtlsMessage(hello, 1);
    const bytes = concat(whole, new Uint8Array(at));
    bytes[3] += at;
    bytes[11] += at;
    pair.server.receive(pair.clientAddress, plainRecord(22, 2, bytes));
    bytes.set(pair.server.take()[0].slice(28), 48);
    pair.server.receive(pair.clientAddress, plainRecord(22, 3, bytes));
    t.is(pair.server.used().peer, 0);
  }
});

test('TD-16 a ClientHello whose header says another length is dropped without an answer', (t) => {
  // 0, one less and one more, and 70.
  const { pair, hello } = withCookie();
  for (const length of [0, 67, 69, 70, 0xff]) {
    const bytes = emitDtlsMessage(hello, 1);
    t.is(bytes[3], 68);
    bytes[3] = bytes[11] = length;
    pair.server.receive(pair.clientAddress, plainRecord(22, 2, bytes));
    t.deepEqual([pair.server.take().length, pair.server.used().peer], [0, 0]);
  }
});

test('TD-18 TD-35 a record number of the stateless exchange is no duplicate, one of the handshake is', (t) => {
  // RIOT takes all numbers up to the cookie's hello for seen; a client that goes on from there is accepted. A repeated
  // number afterwards is not.
  const pair = new Pair();
  pair.client.connect(pair.serverAddress);
  pair.settle((from, datagram) => from === 'server' || nameOf(datagram) !== 'ClientKeyExchange');
  const exchange = pair.wire.find(({ datagram }) => nameOf(datagram) === 'ClientKeyExchange')!.datagram;
  pair.server.receive(pair.clientAddress, renumbered(exchange, 1));
  t.is(pair.server.stateOf(pair.clientAddress), 3, 'the number of the ClientHello');
  pair.server.receive(pair.clientAddress, renumbered(exchange, 5));
  t.is(pair.server.stateOf(pair.clientAddress), 5);
});

test('TD-22 a ServerKeyExchange or ServerHelloDone before any ServerHello is unexpected', (t) => {
  // With either kind of suites; the handshake ends with unexpected_message.
  for (const config of [{}, ECC]) {
    for (const type of [11, 12, 13, 14, 15, 16, 20]) {
      const pair = new Pair({ config });
      pair.client.connect(pair.serverAddress);
      pair.client.take();
      const message = new Uint8Array(12);
      message[0] = type;
      pair.client.receive(pair.serverAddress, plainRecord(22, 0, message));
      t.deepEqual(pair.client.take().map((datagram) => hex(datagram.subarray(13))), ['020a']);
      t.is(pair.client.stateOf(pair.serverAddress), null);
    }
  }
});

test('TD-24 RC-12 records without text and alerts of one byte are dropped in every state', (t) => {
  // Before each datagram of the handshake, to both ends: it goes on to its end, but where RIOT takes half an alert for
  // an error.
  for (const [type, payload] of [[20, 0], [21, 0], [21, 1], [23, 0]] as const) {
    for (let index = 1; index < 10; index++) {
      const pair = new Pair();
      pair.client.connect(pair.serverAddress);
      pair.settle((_from, _datagram, i) => {
        if (i === index && !(type === 20 && index >= 6)) {
          pair.client.receive(pair.serverAddress, plainRecord(type, 60, new Uint8Array(payload)));
          pair.server.receive(pair.clientAddress, plainRecord(type, 60, new Uint8Array(payload)));
        }
        return true;
      });
      t.deepEqual([...pair.client.diagnostics, ...pair.server.diagnostics], []);
      t.true(payload === 1 || bothConnected(pair), `type ${type}, ${payload} bytes, before datagram ${index}`);
    }
  }
});

test('TD-30 a Finished that overtakes its ChangeCipherSpec is made up for by retransmission', (t) => {
  // At either end; on RIOT that handshake is dead.
  for (const end of ['client', 'server'] as const) {
    const pair = rfcPair();
    let held: Uint8Array | null = null;
    pair.client.connect(pair.serverAddress);
    let isSwapped = false;
    runOut(pair, (from, datagram) => {
      if (from !== end || isSwapped) return true;
      if (nameOf(datagram) === 'ChangeCipherSpec') {
        held = datagram;
        return false;
      }
      if (held === null || nameOf(datagram) !== 'Finished') return true;
      const [to, address] = end === 'client' ? [pair.server, pair.clientAddress] as const
        : [pair.client, pair.serverAddress] as const;
      to.receive(address, datagram);
      to.receive(address, held);
      isSwapped = true;
      return false;
    });
    t.true(isSwapped);
    t.true(bothConnected(pair));
  }
});

test('RC-05 records of unknown types are dropped, with the rest of their datagram handled', (t) => {
  // All types but the four that there are, plain and with the number of a connection's epoch.
  const pair = new Pair();
  pair.handshake();
  for (let type = 0; type < 256; type++) {
    if (type >= 20 && type <= 23) continue;
    pair.server.receive(pair.clientAddress, plainRecord(type, 90, new Uint8Array(8)));
  }
  t.deepEqual([pair.server.take(), pair.server.reads], [[], []]);
  pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('x'), 1));
  pair.settle();
  t.is(pair.server.reads.length, 1);
});

test('OS-03 RC-13 the nonce that is sent is epoch and number, never twice, and the one that came is used', (t) => {
  // Of all encrypted records of a session, at both ends.
  const pair = new Pair();
  pair.handshake();
  for (let i = 0; i < 40; i++) pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('x'), 1));
  pair.settle();
  const nonces = new Set<string>();
  for (const { from, datagram } of pair.wire) {
    if (datagram[4] !== 1) continue;
    t.is(hex(datagram.subarray(13, 21)), hex(datagram.subarray(3, 11)));
    t.false(nonces.has(from + hex(datagram.subarray(13, 21))));
    nonces.add(from + hex(datagram.subarray(13, 21)));
  }
  t.is(nonces.size, 42);
});

test('CK-03 CK-06 the cookie exchange keeps the client\'s numbers and is no part of the transcript', (t) => {
  // A client whose first hello has message number 0 and record number 0 gets the same back; the hash at the end is that
  // of the messages from the second hello on, or the Finished would not verify.
  const pair = new Pair();
  pair.handshake();
  t.regex(describeDtls(pair.wire[1].datagram), /msg0 seq0 ep0/);
  t.regex(describeDtls(pair.wire[3].datagram), /msg1 seq1 ep0/);
  t.true(bothConnected(pair));
});

test('KX-05 a ClientKeyExchange of PSK with a byte more, or another length of its identity, is refused', (t) => {
  // RIOT's answer is a fatal handshake_failure.
  for (const change of [1, -1]) {
    const pair = new Pair();
    pair.client.connect(pair.serverAddress);
    pair.settle((_from, datagram) => {
      if (nameOf(datagram) !== 'ClientKeyExchange') return true;
      const bad = datagram.slice();
      bad[26] += change;
      pair.server.receive(pair.clientAddress, bad);
      return false;
    });
    t.is(pair.server.logs[0], 'error in check_client_keyexchange err: -552');
    t.is(pair.server.stateOf(pair.clientAddress), null);
  }
});

test('HS-22 a hello of a thousand suites or extensions is read in bounded steps', (t) => {
  // As large as a datagram may be: answered with a cookie, then refused or taken, and no slot lost.
  const suites = Array.from({ length: 1000 }, (_, i) => 0x1000 + i);
  t.is(helloAnswer((hello) => ({ ...hello, cipherSuites: [...suites, ...hello.cipherSuites] })), 'ServerHello');
  const many = Array.from({ length: 1000 }, (_, i) => ({ type: 1000 + i, data: new Uint8Array(0) }));
  t.is(helloAnswer((hello) => ({ ...hello, extensions: [...hello.extensions ?? [], ...many] })), 'ServerHello');
  t.is(helloAnswer((hello) => ({ ...hello, cipherSuites: suites })), 'Alert');
});

test('ST-01 a close_notify ends a connection once, is answered once, and a plain one does not', (t) => {
  // Later data is dropped: the peer is gone.
  const pair = new Pair();
  pair.handshake();
  pair.server.receive(pair.clientAddress, plainRecord(21, 70, new Uint8Array([1, 0])));
  t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
  pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('late'), 4));
  const [late] = pair.client.take();
  pair.client.run(dtls_close(pair.client.ctx, pair.serverAddress));
  const [close] = pair.client.take();
  pair.server.receive(pair.clientAddress, close);
  t.deepEqual(pair.server.take().map((datagram) => datagram[0]), [21]);
  pair.server.receive(pair.clientAddress, close);
  pair.server.receive(pair.clientAddress, late);
  t.deepEqual([pair.server.take(), pair.server.reads], [[], []]);
  t.deepEqual(pair.server.used(), { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 });
});

test('ST-13 a thousand ports of one address never take more peers than there are', (t) => {
  // Each with a cookie of its own; those that find no room are told so.
  const server = new Board({ config: { DTLS_PEER_MAX: 4, DTLS_HANDSHAKE_MAX: 4, NETQ_MAXCNT: 16 } });
  const client = new Board({ seed: 3 });
  const address = endpoint(0x0a, 20220);
  client.connect(address);
  const [hello] = client.take();
  const parsed = parseDtlsMessage(hello.subarray(13)) as ClientHello;
  for (let port = 1; port <= 1000; port++) {
    const from = endpoint(0x0b, port);
    server.receive(from, hello);
    const cookie = server.take()[0].slice(28);
    server.receive(from, plainRecord(22, 1, emitDtlsMessage({ ...parsed, cookie }, 1)));
    t.is(nameOf(server.take()[0]), port <= 4 ? 'ServerHello' : 'Alert');
  }
  t.is(server.used().peer, 4);
});

test('TD-07 TD-39 any datagrams at a mutual ECDHE_ECDSA handshake never throw and never break a counter', (t) => {
  // Bytes that look like records, mutations of the genuine datagrams, and oversized ones, before each of them; with
  // RIOT's quirks and without.
  const genuine = new Pair({ config: ECC }, { config: ECC });
  genuine.handshake();
  const record = fc.tuple(fc.constantFrom(20, 21, 22, 23), fc.uint8Array({ maxLength: 120 }))
    .map(([type, payload]) => plainRecord(type, 5, payload));
  const mutated = fc.tuple(fc.nat(14), fc.array(fc.tuple(fc.nat(180), fc.nat(255)), { minLength: 1, maxLength: 4 }))
    .map(([index, changes]) => {
      const out = genuine.wire[index].datagram.slice();
      for (const [at, value] of changes) out[at % out.length] = value;
      return out;
    });
  const huge = fc.constant(plainRecord(22, 5, new Uint8Array(20_000).fill(1)));
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(14), fc.oneof(record, mutated, mutated, huge)), { maxLength: 6 }),
    fc.boolean(), (inputs, rfc) => {
      const pair = rfc ? rfcPair({ config: ECC }, { config: ECC }) : new Pair({ config: ECC }, { config: ECC });
      pair.client.connect(pair.serverAddress);
      pair.settle((_from, _datagram, index) => {
        for (const [when, datagram] of inputs) {
          if (when !== index) continue;
          pair.client.receive(pair.serverAddress, datagram);
          pair.server.receive(pair.clientAddress, datagram);
        }
        return index < 100;
      });
      for (const board of [pair.client, pair.server]) {
        for (const pool of Object.values(board.env.pools)) {
          t.is(pool.used, pool.slots.filter((slot: unknown) => slot !== null).length);
          t.true(pool.used <= pool.limit);
        }
      }
    }), { seed: 42, numRuns: 150 });
});

/** The types of message that are read in each state. */
const TABLE: Readonly<Record<string, Readonly<Record<number, 'reads'>>>> = {
  'ClientHello sent': { 2: 'reads', 3: 'reads' },
  'wait server Certificate': { 11: 'reads' },
  'wait ServerKeyExchange': { 12: 'reads' },
  'wait ServerHelloDone or CertificateRequest': { 13: 'reads', 14: 'reads' },
  'wait ServerHelloDone': { 14: 'reads' },
  'wait client Certificate': { 11: 'reads' },
  'wait ClientKeyExchange': { 16: 'reads' },
  'wait CertificateVerify': { 15: 'reads' },
  'wait ChangeCipherSpec': {},
};

test('OS-06 each state of an ECDHE_ECDSA handshake reads just the messages that may come', (t) => {
  // An empty message of every type under the number that is due, in each of the eight plain states: state by input.
  const TYPES = [1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 20, 99];
  const seen = new Set<string>();
  for (let stop = 1; stop < 15; stop++) {
    for (const type of TYPES) {
      const pair = new Pair({ config: ECC }, { config: ECC });
      pair.client.connect(pair.serverAddress);
      pair.settle((_from, _datagram, index) => index < stop);
      for (const [board, address] of [[pair.client, pair.serverAddress], [pair.server, pair.clientAddress]] as const) {
        const peer = dtls_get_peer(board.ctx, address);
        const handshake = peer?.handshake_params;
        if (peer === null || !handshake || handshake.read_epoch > 0) continue;
        const state = DTLS_STATE_NAMES[peer.state]
          + (peer.optional_handshake_message === 13 && peer.state === 11 ? ' or CertificateRequest' : '');
        seen.add(state);
        board.logs.length = 0;
        const message = new Uint8Array(12);
        message[0] = type;
        put16(message, 4, handshake.mseq_r);
        board.receive(address, plainRecord(22, 40, message));
        if (type === 1) {
          // A hello that is too short is none, and touches no peer.
          t.is(dtls_get_peer(board.ctx, address), peer);
          continue;
        }
        const isUnexpected = board.logs.some((line) => line.startsWith('error 0x020a'));
        t.is(isUnexpected, TABLE[state][type] === undefined, `${state}, type ${type}: ${board.logs.join(' | ')}`);
        if (isUnexpected) t.is(dtls_get_peer(board.ctx, address), null);
      }
    }
  }
  t.deepEqual([...seen].sort(), Object.keys(TABLE).sort());
});
