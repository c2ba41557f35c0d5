// Both ends of a PSK handshake in memory.

import test from 'ava';
import { dtls_free_context, dtls_get_peer, dtls_handle_message, dtls_reset_peer, dtls_session_equals, dtls_write,
  dtls_writev, DTLS_EVENT_CONNECT, DTLS_EVENT_CONNECTED, DTLS_PSK_HINT, DTLS_PSK_IDENTITY, DTLS_PSK_KEY,
  DTLS_STATE_CONNECTED, DTLS_STATE_NAMES } from '../../../net/dtls/dtls.ts';
import { describeDtls, parseDtlsMessage, parseDtlsRecord } from '../../../net/wire/dtls.ts';
import { hex } from '../../../net/wire/bytes.ts';
import { CREDENTIAL, endpoint, Pair, text } from './board.ts';
import type { DtlsTraceEvent } from '../../../net/dtls/dtls.ts';

/** A ClientHello whose only extension, the last four bytes, is gone. */
function withoutExtension(hello: Uint8Array): Uint8Array {
  const cut = hello.slice(0, -4);
  for (const length of [12, 16, 24, cut.length - 1]) cut[length] -= 4;
  return cut;
}

test('a handshake, an echo and a close are the datagrams of RIOT: kinds, sizes, versions and numbers', (t) => {
  // Sizes and numbers are those of two real nodes (capture d-psk), written out.
  const pair = new Pair();
  pair.handshake();
  t.is(pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('hello'), 5)), 5);
  pair.settle();
  t.is(pair.server.run(dtls_write(pair.server.ctx, pair.clientAddress, text('hello'), 5)), 5);
  pair.settle();
  pair.client.run(dtls_reset_peer(pair.client.ctx, dtls_get_peer(pair.client.ctx, pair.serverAddress)!));
  pair.settle();
  t.deepEqual(pair.wire.map(({ from, datagram }) => {
    const record = parseDtlsRecord(datagram);
    const version = typeof record === 'string' ? record : record.version.toString(16);
    return `${from} ${datagram.length} ${version} ${describeDtls(datagram)}`;
  }), [
    'client 77 feff ClientHello msg0 seq0 ep0',
    'server 44 feff HelloVerifyRequest msg0 seq0 ep0',
    'client 93 feff ClientHello msg1 seq1 ep0',
    'server 74 fefd ServerHello msg1 seq1 ep0',
    'server 38 fefd ServerKeyExchange msg2 seq2 ep0',
    'server 25 fefd ServerHelloDone msg3 seq3 ep0',
    'client 37 fefd ClientKeyExchange msg2 seq2 ep0',
    'client 14 fefd ChangeCipherSpec seq3 ep0',
    'client 53 fefd Finished (encrypted, 40) seq0 ep1',
    'server 14 fefd ChangeCipherSpec seq4 ep0',
    'server 53 fefd Finished (encrypted, 40) seq0 ep1',
    'client 34 fefd ApplicationData 21 seq1 ep1',
    'server 34 fefd ApplicationData 21 seq1 ep1',
    'client 31 fefd Alert (encrypted) seq2 ep1',
    'server 31 fefd Alert (encrypted) seq2 ep1',
  ]);
  t.deepEqual(pair.server.reads, [text('hello')]);
  t.deepEqual(pair.client.reads, [text('hello')]);
  t.deepEqual(pair.client.events, [{ level: 0, code: DTLS_EVENT_CONNECT }, { level: 0, code: DTLS_EVENT_CONNECTED }]);
  t.deepEqual(pair.server.events, [{ level: 0, code: DTLS_EVENT_CONNECTED }, { level: 1, code: 0 }]);
  for (const board of [pair.client, pair.server]) {
    t.deepEqual([...board.logs, ...board.diagnostics], []);
    t.deepEqual(board.used(), { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 });
  }
});

test('the hello extensions are RIOT\'s, byte by byte', (t) => {
  // Client: extended_master_secret alone. Server: that, then an empty renegotiation_info.
  const pair = new Pair();
  pair.handshake();
  t.is(hex(pair.wire[0].datagram.subarray(-8)), '0100' + '0004' + '00170000');
  t.is(hex(pair.wire[3].datagram.subarray(-14)), 'c0a800' + '0009' + '00170000' + 'ff01000100');
  t.like(parseDtlsMessage(pair.wire[2].datagram.subarray(13)), { cipherSuites: [0xc0a8, 0xc0a4, 0x00ff] });
});

test('without a hint there is no ServerKeyExchange, and the client is asked with an empty hint', (t) => {
  // RFC 4279 §2: the message is left out. The callback then sees a hint of no bytes, not none at all.
  const pair = new Pair({}, { hint: new Uint8Array(0) });
  pair.handshake();
  t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
  t.deepEqual(pair.wire.map(({ datagram }) => datagram.length), [77, 44, 93, 74, 25, 37, 14, 53, 14, 53]);
  t.deepEqual(pair.client.asked[0].desc, new Uint8Array(0));
});

test('the credential callback is asked for hint, identity and key in tinydtls\' order, with its buffer sizes', (t) => {
  // Server: hint, then key. Client: identity with the hint, then key with the identity.
  const pair = new Pair();
  pair.handshake();
  t.deepEqual(pair.server.asked.map((a) => [a.kind, a.desc, a.result.length]),
    [[DTLS_PSK_HINT, null, 32], [DTLS_PSK_KEY, CREDENTIAL.identity, 16]]);
  t.deepEqual(pair.client.asked.map((a) => [a.kind, a.desc, a.result.length]),
    [[DTLS_PSK_IDENTITY, text('Prefer_Id_1'), 32], [DTLS_PSK_KEY, CREDENTIAL.identity, 16]]);
});

test('with only TLS_PSK_WITH_AES_128_CCM the tags are 16 bytes long', (t) => {
  // RFC 6655: the Finished and each record grow by 8 bytes; both ends must still read them.
  const config = { cipher_suites: [0xc0a4] };
  const pair = new Pair({ config }, { config });
  pair.handshake();
  t.is(pair.server.run(dtls_write(pair.server.ctx, pair.clientAddress, text('hello'), 5)), 5);
  pair.settle();
  t.deepEqual(pair.client.reads, [text('hello')]);
  t.deepEqual(pair.wire.slice(-2).map(({ datagram }) => datagram.length), [61, 42]);
});

test('a server that does not force extended master secret answers a hello without it with a hello without it', (t) => {
  // RFC 7627 §5.2. The extension is cut out of a real hello, and every length field around it made right.
  const config = { CONFIG_DTLS_FORCE_EXTENDED_MASTER_SECRET: 0 };
  const pair = new Pair({}, { config });
  pair.client.connect(pair.serverAddress);
  pair.server.receive(pair.clientAddress, withoutExtension(pair.client.take()[0]));
  pair.client.receive(pair.serverAddress, pair.server.take()[0]);
  pair.server.receive(pair.clientAddress, withoutExtension(pair.client.take()[0]));
  t.is(hex(pair.server.take()[0].subarray(-7)), '0005ff01000100');
  t.deepEqual(pair.server.logs, []);
});

test('a payload of several buffers is one record', (t) => {
  // sock_dtls_sendv hands in a list; only the named lengths count.
  const pair = new Pair();
  pair.handshake();
  const sent = pair.client.run(dtls_writev(pair.client.ctx, pair.serverAddress, [text('helXX'), text(''), text('lo')],
    [3, 0, 2], 3));
  pair.settle();
  t.is(sent, 5);
  t.deepEqual(pair.server.reads, [text('hello')]);
});

test('a write before the handshake is done sends nothing, and one without a session starts a handshake', (t) => {
  // tinydtls returns 0 in both cases: no error, and the data is gone.
  const pair = new Pair();
  t.is(pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('hello'), 5)), 0);
  t.deepEqual(pair.client.sent.map(({ datagram }) => datagram.length), [77]);
  t.is(pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('hello'), 5)), 0);
  t.is(pair.client.sent.length, 1);
  pair.settle();
  t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
  t.deepEqual(pair.server.reads, []);
});

test('an empty payload is an empty record and is read as one', (t) => {
  // RFC 5246 §6.2.1 allows it; RIOT's recv then returns 0.
  const pair = new Pair();
  pair.handshake();
  t.is(pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, new Uint8Array(0), 0)), 0);
  pair.settle();
  t.is(pair.wire.at(-1)?.datagram.length, 29);
  t.deepEqual(pair.server.reads, [new Uint8Array(0)]);
});

test('a received record is decrypted in place: the data is a part of the buffer that was handed in', (t) => {
  // RIOT's recv relies on it: the text appears behind header and nonce, 21 bytes into the buffer.
  const pair = new Pair();
  pair.handshake();
  pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('hello'), 5));
  const [datagram] = pair.client.take();
  const buf = new Uint8Array(64);
  buf.set(datagram);
  const steps = dtls_handle_message(pair.server.ctx, pair.clientAddress, buf, datagram.length);
  const step = steps.next(0);
  if (step.done || step.value.type !== 'read') return t.fail('no data');
  t.is(step.value.plaintext.buffer, buf.buffer);
  t.is(step.value.plaintext.byteOffset, 21);
  t.true(steps.next(0).done);
  return undefined;
});

test('freeing a context closes its sessions and frees all it had', (t) => {
  // sock_dtls_close: one close_notify per peer, then no slot is left.
  const pair = new Pair();
  pair.handshake();
  pair.server.run(dtls_free_context(pair.server.ctx));
  t.deepEqual(pair.server.sent.map(({ datagram }) => describeDtls(datagram)), ['Alert (encrypted) seq1 ep1']);
  t.deepEqual(pair.server.used(), { peer: 0, handshake: 0, security: 0, netq: 0, context: 0 });
});

test('one server serves two clients at once when its pools allow it', (t) => {
  // The handshakes interleave: keys, numbers and transcripts must not mix.
  const pair = new Pair({}, { config: { DTLS_PEER_MAX: 2, DTLS_HANDSHAKE_MAX: 2, NETQ_MAXCNT: 8 } });
  const other = new Pair({ seed: 7 });
  const otherAddress = endpoint(0x0c, 12345);
  pair.client.connect(pair.serverAddress);
  other.client.connect(pair.serverAddress);
  for (let i = 0; i < 12; i++) {
    for (const d of pair.client.take()) pair.server.receive(pair.clientAddress, d);
    for (const d of other.client.take()) pair.server.receive(otherAddress, d);
    for (const { to, datagram } of pair.server.sent.splice(0)) {
      const board = dtls_session_equals(to, otherAddress) ? other.client : pair.client;
      board.receive(pair.serverAddress, datagram);
    }
  }
  t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
  t.is(other.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
  t.deepEqual(pair.server.logs, []);
  t.deepEqual(pair.server.used(), { peer: 2, handshake: 0, security: 4, netq: 0, context: 1 });
});

test('the same random bytes give the same datagrams', (t) => {
  // The engine draws on nothing else: no clock, no other randomness.
  const run = (): string[] => {
    const pair = new Pair();
    pair.handshake();
    return pair.wire.map(({ datagram }) => hex(datagram));
  };
  t.deepEqual(run(), run());
});

test('a server frees the keys of epoch 0 with the first record of the client, a client with the Finished', (t) => {
  // tinydtls holds both sets until something decrypts under the new one: two security slots in use at the server.
  const pair = new Pair();
  pair.handshake();
  t.is(pair.client.env.pools.security.used, 1);
  t.is(pair.server.env.pools.security.used, 2);
  pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('x'), 1));
  pair.settle();
  t.is(pair.server.env.pools.security.used, 1);
});

test('the work of a handshake is counted on both boards, and a trace changes none of it', (t) => {
  // Compressions and blocks depend on the messages alone; the numbers themselves are those of RFC 5246 and tinydtls:
  // two Finished records sealed and opened cost two key expansions and 14 blocks each end.
  const works = [false, true].map((tracing) => {
    const pair = new Pair({ tracing }, { tracing });
    pair.handshake();
    return [{ ...pair.client.env.work }, { ...pair.server.env.work }];
  });
  t.deepEqual(works[0], works[1]);
  t.like(works[0][0], { aes: 14, aesKey: 2 });
  t.like(works[0][1], { aes: 14, aesKey: 2 });
  t.true(works[0][1].sha256 > works[0][0].sha256, 'the server also computes two cookies');
});

test('a trace tells the states, the slots, the epochs, each message and the secrets; without a reader nothing', (t) => {
  // The sequence of a handshake that works, and equal secrets at both ends.
  const silent = new Pair();
  silent.handshake();
  t.deepEqual(silent.client.trace, []);

  const pair = new Pair({ tracing: true }, { tracing: true });
  pair.handshake();
  const states = (trace: DtlsTraceEvent[]): string[] =>
    trace.flatMap((e) => (e.kind === 'state' ? [DTLS_STATE_NAMES[e.to]] : []));
  t.deepEqual(states(pair.client.trace),
    ['ClientHello sent', 'wait ServerHelloDone', 'wait ChangeCipherSpec', 'wait Finished', 'connected']);
  t.deepEqual(states(pair.server.trace),
    ['wait ClientKeyExchange', 'wait ChangeCipherSpec', 'wait Finished', 'connected']);
  const messages = (trace: DtlsTraceEvent[]): string[] =>
    trace.flatMap((e) => (e.kind === 'message' ? [`${e.direction} ${e.name} ${e.epoch}/${e.seq}`] : []));
  t.deepEqual(messages(pair.client.trace).map((m) => m.replace(/^in/, 'x').replace(/^out/, 'in').replace(/^x/, 'out')),
    messages(pair.server.trace), 'what one end sends the other receives, decrypted');
  t.true(messages(pair.server.trace).includes('in Finished 1/0'));
  const secrets = (trace: DtlsTraceEvent[]): string[] =>
    trace.flatMap((e) => (e.kind === 'secrets' ? [`${hex(e.client_random)} ${hex(e.master_secret)}`] : []));
  t.is(secrets(pair.client.trace).length, 1);
  t.deepEqual(secrets(pair.client.trace), secrets(pair.server.trace));
  const epochs = (trace: DtlsTraceEvent[]): string[] =>
    trace.flatMap((e) => (e.kind === 'epoch' ? [`${e.direction} ${e.epoch}`] : []));
  t.deepEqual(epochs(pair.client.trace), ['write 1', 'read 1']);
  t.deepEqual(epochs(pair.server.trace), ['read 1', 'write 1']);
  const peers = pair.client.trace.flatMap((e) => (e.kind === 'slots' && e.pool === 'netq' ? [e.used] : []));
  t.is(Math.max(...peers), 3, 'the client\'s last flight fills the store');
});

test('nothing of a received buffer is kept: it may be used again at once, and may be a Buffer', (t) => {
  // A host's Buffer has a slice() that does not copy. Each buffer is overwritten as soon as the call returns.
  const pair = new Pair();
  pair.client.connect(pair.serverAddress);
  for (let i = 0; i < 6; i++) {
    for (const [from, to, address] of [[pair.client, pair.server, pair.clientAddress],
      [pair.server, pair.client, pair.serverAddress]] as const) {
      for (const datagram of from.take()) {
        const buffer = Buffer.from(datagram);
        to.run(dtls_handle_message(to.ctx, address, buffer, buffer.length));
        buffer.fill(0xff);
      }
    }
  }
  t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
  t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
});
