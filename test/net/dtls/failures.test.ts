// Handshakes that fail, messages that come at the wrong time, and what is undefined on RIOT. The lines are the ones that
// RIOT prints.

import test from 'ava';
import { dtls_alert_fatal_create, dtls_connect, dtls_get_peer, dtls_handle_message, dtls_is_alert, dtls_reset_peer,
  DTLS_ALERT_INTERNAL_ERROR, DTLS_STATE_CLIENTHELLO, DTLS_STATE_CONNECTED, DTLS_STATE_WAIT_CHANGECIPHERSPEC,
  DTLS_STATE_WAIT_CLIENTKEYEXCHANGE, DTLS_STATE_WAIT_FINISHED } from '../../../net/dtls/dtls.ts';
import { describeDtls, DTLS_CT_ALERT, DTLS_CT_CHANGE_CIPHER_SPEC, DTLS_CT_HANDSHAKE } from '../../../net/wire/dtls.ts';
import { CREDENTIAL, Pair, plainRecord, renumbered, text } from './board.ts';

const NOTHING = { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 };

const lines = (pair: Pair, from: 'client' | 'server'): string[] =>
  pair.wire.filter((w) => w.from === from).map(({ datagram }) => describeDtls(datagram));

test('error codes are RIOT\'s: -592 is a fatal internal_error, and only levels 1 and 2 are alerts', (t) => {
  // -(2 << 8 | 80); applications see the number as the result of a send.
  t.is(dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR), -592);
  t.deepEqual([-1, -12, -256, -257, -592, -767, -768].map(dtls_is_alert),
    [false, false, false, true, true, true, false]);
});

test('KX-02 a wrong key: the server prints "decryption failed", and both ends hang with their slots', (t) => {
  // No alert and no retransmission: what the real nodes did for 17 seconds.
  const pair = new Pair({ credentials: [{ ...CREDENTIAL, key: text('some other key') }] });
  pair.handshake();
  t.deepEqual(pair.server.logs, ['decryption failed']);
  t.deepEqual(pair.client.logs, []);
  t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_WAIT_CHANGECIPHERSPEC);
  t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_WAIT_FINISHED);
  t.is(pair.wire.length, 9);
  t.deepEqual(pair.server.used(), { peer: 1, handshake: 1, security: 2, netq: 0, context: 1 });
  t.deepEqual(pair.client.used(), { peer: 1, handshake: 1, security: 2, netq: 3, context: 1 });
});

test('a client without a credential sends internal_error, and both ends are free again', (t) => {
  // The callback fails at ServerHelloDone, in state 11.
  const pair = new Pair({ credentials: [] });
  pair.handshake();
  t.deepEqual(pair.client.logs, ['no psk identity set in kx', 'error in check_server_hellodone err: -592',
    'error 0x0250 handling handshake packet of type: server_hello_done (14), state 11']);
  t.deepEqual(pair.server.logs, ['80 invalidate peer', 'received fatal alert, peer has been invalidated']);
  t.is(lines(pair, 'client').at(-1), 'Alert fatal internal_error(80) seq2 ep0');
  t.deepEqual(pair.server.events.at(-1), { level: 2, code: 80 });
  t.deepEqual([pair.client.used(), pair.server.used()], [NOTHING, NOTHING]);
});

test('KX-04 a key of more than 16 bytes fails after the ClientKeyExchange is out', (t) => {
  // The identity is fine, the key does not fit the buffer: one more datagram than without any credential.
  const pair = new Pair({ credentials: [{ ...CREDENTIAL, key: text('seventeen bytes!!') }] });
  pair.handshake();
  t.deepEqual(pair.client.logs, ['no psk key for session available', 'error in check_server_hellodone err: -592',
    'error 0x0250 handling handshake packet of type: server_hello_done (14), state 11']);
  t.deepEqual(lines(pair, 'client').slice(2),
    ['ClientKeyExchange msg2 seq2 ep0', 'Alert fatal internal_error(80) seq3 ep0']);
  t.deepEqual([pair.client.used(), pair.server.used()], [NOTHING, NOTHING]);
});

test('no common suite: the server closes, then says handshake_failure to a client that is gone', (t) => {
  // tinydtls destroys its new peer first: close_notify, and the fatal alert with the same record number.
  const pair = new Pair({ config: { cipher_suites: [0xc0a4] } }, { config: { cipher_suites: [0xc0a8] } });
  pair.handshake();
  t.deepEqual(pair.server.logs, ['No matching cipher suite found', 'error updating security parameters',
    'error while handling handshake packet']);
  t.deepEqual(lines(pair, 'server').slice(1),
    ['Alert warning close_notify(0) seq1 ep0', 'Alert fatal handshake_failure(40) seq1 ep0']);
  t.is(lines(pair, 'client').at(-1), 'Alert warning close_notify(0) seq2 ep0');
  t.deepEqual(pair.client.events.at(-1), { level: 1, code: 0 });
  t.deepEqual(pair.client.logs, []);
  t.deepEqual([pair.client.used(), pair.server.used()], [NOTHING, NOTHING]);
});

test('HS-19 a server refuses a hello without extended master secret or without a renegotiation signal', (t) => {
  // RIOT forces both. The SCSV is overwritten in the hello, the extension renumbered to an unknown one.
  for (const change of [{ at: 92 - 3, value: 99 }, { at: 92 - 8, value: 1 }]) {
    const pair = new Pair();
    pair.client.connect(pair.serverAddress);
    const spoil = (hello: Uint8Array): Uint8Array => {
      const bad = hello.slice();
      bad[hello.length - 93 + change.at] = change.value;
      return bad;
    };
    pair.server.receive(pair.clientAddress, spoil(pair.client.take()[0]));
    pair.client.receive(pair.serverAddress, pair.server.take()[0]);
    const [hello] = pair.client.take();
    pair.server.receive(pair.clientAddress, spoil(hello));
    t.deepEqual(pair.server.logs, ['error updating security parameters', 'error while handling handshake packet']);
    t.deepEqual(pair.server.take().map(describeDtls),
      ['Alert warning close_notify(0) seq1 ep0', 'Alert fatal handshake_failure(40) seq1 ep0']);
    t.deepEqual(pair.server.used(), NOTHING);
  }
});

test('a client refuses a suite it has not offered, with RIOT\'s lines', (t) => {
  // The ServerHello is changed on its way to an ECC suite.
  const pair = new Pair();
  pair.client.connect(pair.serverAddress);
  pair.settle((from, datagram, index) => {
    if (index === 3) datagram[61] = 0xae;
    return true;
  });
  t.deepEqual(pair.client.logs.slice(0, 3), ['unsupported cipher 0xc0 0xae', 'error in check_server_hello err: -583',
    'error 0x0247 handling handshake packet of type: server_hello (2), state 8']);
  t.is(lines(pair, 'client')[2], 'Alert fatal insufficient_security(71) seq2 ep0');
  t.deepEqual(pair.client.used(), NOTHING);
});

test('nothing is ever sent again: whichever datagram is lost, nothing follows, and a new attempt works', (t) => {
  // Each of the ten in turn; the client gives up as an application would, and starts again.
  for (let lost = 0; lost < 11; lost++) {
    const pair = new Pair();
    pair.client.connect(pair.serverAddress);
    pair.settle((_from, _datagram, index) => index !== lost);
    const complete = pair.client.stateOf(pair.serverAddress) === DTLS_STATE_CONNECTED;
    // Only the server's hint may be missing: its message is optional, but a gap in the numbers stops the client.
    t.false(complete, `datagram ${lost}`);
    t.deepEqual([pair.client.take(), pair.server.take()], [[], []]);
    pair.client.run(dtls_reset_peer(pair.client.ctx, dtls_get_peer(pair.client.ctx, pair.serverAddress)!));
    pair.client.take();
    pair.client.logs.length = pair.server.logs.length = 0;
    pair.handshake();
    t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED, `after losing ${lost}`);
    t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
    t.deepEqual([...pair.client.logs, ...pair.server.logs], []);
  }
});

test('connecting to a session that is there is undefined on RIOT; here the old peer is replaced', (t) => {
  // tinydtls frees the peer and goes on with it. Both the slots and the new handshake must be sound here.
  const pair = new Pair();
  pair.handshake();
  t.true(pair.client.connect(pair.serverAddress) > 0);
  t.is(pair.client.diagnostics.length, 1);
  t.regex(pair.client.diagnostics[0], /^dtls_connect on an existing session/);
  t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CLIENTHELLO);
  t.deepEqual(pair.client.sent.map(({ datagram }) => describeDtls(datagram)), ['ClientHello msg0 seq0 ep0']);
  pair.settle();
  t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
  t.is(pair.client.env.pools.peer.used, 1);
});

test('TD-37 a client that starts again replaces its former session at the server, without an alert', (t) => {
  // RFC 6347 §4.2.8: the cookie proves that it is really there.
  const pair = new Pair();
  pair.handshake();
  const again = new Pair({ seed: 77 });
  again.client.connect(pair.serverAddress);
  for (let i = 0; i < 6; i++) {
    for (const d of again.client.take()) pair.server.receive(pair.clientAddress, d);
    for (const d of pair.server.take()) again.client.receive(pair.serverAddress, d);
  }
  t.is(again.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
  t.deepEqual(pair.server.logs, []);
  t.deepEqual(pair.server.used(), { peer: 1, handshake: 0, security: 2, netq: 0, context: 1 });
});

test('a repeated second ClientHello starts the server over, which kills the handshake', (t) => {
  // Its cookie is right, so the peer is replaced: other randoms, but the same record numbers, which the client drops.
  const pair = new Pair();
  pair.client.connect(pair.serverAddress);
  pair.settle((_from, datagram, index) => {
    if (index === 2) pair.server.receive(pair.clientAddress, datagram);
    return true;
  });
  t.deepEqual(pair.server.logs.slice(-1), ['decryption failed']);
  t.not(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
});

test('plain alerts end a handshake, but not while the Finished is awaited, nor a connection', (t) => {
  // Anyone can send one: tinydtls believes it in epoch 0 only.
  const stages = [[4, 'client', 0], [5, 'server', 0], [6, 'server', 0], [7, 'server', 1], [8, 'client', 0],
    [9, 'client', 1], [10, 'client', 1], [10, 'server', 1]] as const;
  for (const [delivered, end, peers] of stages) {
    const pair = new Pair({}, { hint: new Uint8Array(0) });
    pair.client.connect(pair.serverAddress);
    pair.settle((_from, _datagram, index) => index < delivered);
    const [board, from] = end === 'client' ? [pair.client, pair.serverAddress] : [pair.server, pair.clientAddress];
    board.receive(from, plainRecord(DTLS_CT_ALERT, 50, new Uint8Array([2, 40])));
    t.is(board.env.pools.peer.used, peers, `${end} after ${delivered}`);
  }
});

test('HS-10 ChangeCipherSpec: ignored too early and without a peer, decode_error with another payload', (t) => {
  // The payload must be the one byte 1; the peer is then gone on both sides.
  const pair = new Pair();
  pair.server.receive(pair.clientAddress, plainRecord(DTLS_CT_CHANGE_CIPHER_SPEC, 0, new Uint8Array([1])));
  t.deepEqual([pair.server.take(), pair.server.logs, pair.server.used()], [[], [], NOTHING]);
  pair.client.connect(pair.serverAddress);
  pair.settle((_from, _datagram, index) => index < 3);
  pair.server.receive(pair.clientAddress, plainRecord(DTLS_CT_CHANGE_CIPHER_SPEC, 9, new Uint8Array([1])));
  t.deepEqual(pair.server.logs, ['unexpected ChangeCipherSpec during handshake']);
  t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_WAIT_CLIENTKEYEXCHANGE);

  for (const payload of [[], [0], [2], [1, 1]]) {
    const other = new Pair();
    other.client.connect(other.serverAddress);
    other.settle((_from, _datagram, index) => index < 7);
    t.is(other.server.receive(other.clientAddress,
      plainRecord(DTLS_CT_CHANGE_CIPHER_SPEC, 9, new Uint8Array(payload))), -562);
    t.deepEqual(other.server.logs, ['error while handling ChangeCipherSpec message']);
    t.deepEqual(other.server.take().map(describeDtls), ['Alert fatal decode_error(50) seq4 ep0']);
    t.deepEqual(other.server.used(), NOTHING);
  }
});

test('a Finished before its ChangeCipherSpec is dropped with RIOT\'s line', (t) => {
  // The swapped pair kills the handshake: the record of the next epoch is not kept.
  const pair = new Pair();
  pair.client.connect(pair.serverAddress);
  pair.settle((_from, _datagram, index) => index < 7);
  const [spec, finished] = pair.wire.slice(7).map(({ datagram }) => datagram);
  pair.server.receive(pair.clientAddress, finished);
  t.deepEqual(pair.server.logs, ['No security context for epoch: 1 (handshake)']);
  pair.server.receive(pair.clientAddress, spec);
  t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_WAIT_FINISHED);
});

test('messages that arrive early are kept, in any order of the server\'s flight', (t) => {
  // All six orders of ServerHello, ServerKeyExchange, ServerHelloDone complete the handshake. A kept ServerHelloDone
  // still has its node while it is answered, so that the third message of the answer finds none.
  for (const order of [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]) {
    const pair = new Pair();
    pair.client.connect(pair.serverAddress);
    pair.settle((_from, _datagram, index) => index < 3);
    const flight = pair.wire.slice(3).map(({ datagram }) => datagram);
    for (const i of order) t.is(pair.client.receive(pair.serverAddress, flight[i]), 0);
    const wasKept = order[2] !== 2;
    t.is(pair.client.env.pools.netq.used, wasKept ? 2 : 3);
    t.deepEqual(pair.client.logs, wasKept ? ['netq_node_new: malloc', 'retransmit buffer full'] : []);
    pair.settle();
    t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED, order.join());
    t.is(pair.client.env.pools.netq.used, 0);
  }
});

test('early messages share the store with the own flight: with none left they are dropped', (t) => {
  // NETQ_MAXCNT 2: the ClientHello has one node, the ServerHelloDone gets the other, the ServerKeyExchange none.
  const pair = new Pair({ config: { NETQ_MAXCNT: 2 } });
  pair.client.connect(pair.serverAddress);
  pair.settle((_from, _datagram, index) => index < 3);
  const [, exchange, done] = pair.wire.slice(3).map(({ datagram }) => datagram);
  pair.client.receive(pair.serverAddress, done);
  pair.client.receive(pair.serverAddress, renumbered(done, 8));
  t.deepEqual(pair.client.logs, ['a packet with this sequence number is already stored']);
  pair.client.receive(pair.serverAddress, exchange);
  t.deepEqual(pair.client.logs.slice(1), ['netq_node_new: malloc', 'no space in reorder buffer']);
  pair.client.run(dtls_reset_peer(pair.client.ctx, dtls_get_peer(pair.client.ctx, pair.serverAddress)!));
  t.deepEqual(pair.client.used(), NOTHING);
});

test('TD-09 old, fragmented, mis-sized, too short and unknown messages: RIOT\'s lines and the peer then', (t) => {
  // One malformed message each, in a record of its own, to a client that waits for the ServerHello.
  const header = (type: number, length: number, seq: number, fragment: number): Uint8Array =>
    new Uint8Array([type, 0, 0, length, 0, seq, 0, 0, 0, 0, 0, fragment]);
  const cases: [Uint8Array, string[], number][] = [
    [header(14, 0, 0, 0), ['The message sequence number is too small, expected 1, got: 0'], 1],
    [header(2, 40, 1, 0), ['No fragment support (yet)',
      'error 0x0228 handling handshake packet of type: server_hello (2), state 8'], 0],
    [header(2, 40, 1, 40), ['Fragment size does not match packet size',
      'error 0x0228 handling handshake packet of type: server_hello (2), state 8'], 0],
    [header(99, 0, 1, 0), ['unhandled message 99',
      'error 0x020a handling handshake packet of type: unknown (99), state 8'], 0],
    [header(14, 0, 1, 0), ['error 0x020a handling handshake packet of type: server_hello_done (14), state 8'], 0],
    [header(2, 0, 1, 0), ['Insufficient length for ServerHello', 'error in check_server_hello err: -562',
      'error 0x0232 handling handshake packet of type: server_hello (2), state 8'], 0],
    [header(0, 0, 1, 0), [], 1],
    [header(14, 0, 1, 0).subarray(0, 5), ['ignore too short handshake message'], 1],
  ];
  for (const [message, logs, peers] of cases) {
    const pair = new Pair();
    pair.client.connect(pair.serverAddress);
    pair.settle((_from, _datagram, index) => index < 2);
    pair.client.receive(pair.serverAddress, plainRecord(DTLS_CT_HANDSHAKE, 7, message));
    t.deepEqual(pair.client.logs, logs);
    t.is(pair.client.env.pools.peer.used, peers, logs.join());
  }
});

test('an answer that arrives while dtls_connect still sends ends the handshake, as on RIOT', (t) => {
  // Over loopback a thread of higher priority reads the HelloVerifyRequest before the state is set: RIOT printed this
  // line. The sending thread then goes on with a peer that is gone.
  const pair = new Pair();
  const connect = dtls_connect(pair.client.ctx, pair.serverAddress);
  const step = connect.next(0);
  if (step.done || step.value.type !== 'send') return t.fail();
  pair.server.receive(pair.clientAddress, step.value.datagram);
  pair.client.receive(pair.serverAddress, pair.server.take()[0]);
  t.deepEqual(pair.client.logs,
    ['error 0x020a handling handshake packet of type: hello_verify_request (3), state 0']);
  let last = connect.next(step.value.datagram.length);
  while (!last.done) last = connect.next(0);
  t.is(last.value, 64);
  t.deepEqual(pair.client.used(), NOTHING);
  return undefined;
});

test('a peer that is freed while its flight goes out sends nothing more, and no slot is lost', (t) => {
  // Another thread closes the session between two messages: use after free on RIOT.
  for (const stop of [0, 1, 2, 3, 4]) {
    const pair = new Pair();
    pair.client.connect(pair.serverAddress);
    pair.settle((_from, _datagram, index) => index < 5);
    const done = pair.wire[5].datagram;
    const steps = dtls_handle_message(pair.client.ctx, pair.serverAddress, done.slice(), done.length);
    let step = steps.next(0);
    for (let i = 0; i < stop && !step.done; i++) step = steps.next(pair.client.perform(step.value));
    pair.client.run(dtls_reset_peer(pair.client.ctx, dtls_get_peer(pair.client.ctx, pair.serverAddress)!));
    while (!step.done) step = steps.next(pair.client.perform(step.value));
    t.deepEqual(pair.client.used(), NOTHING, `after ${stop} actions`);
    t.true(pair.client.diagnostics.length > 0);
  }
});
