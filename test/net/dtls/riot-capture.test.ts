// The engine against what two real RIOT nodes sent each other.

import test from 'ava';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { describeDtls } from '../../../net/wire/dtls.ts';
import { dtls_get_peer, dtls_reset_peer, dtls_write, DTLS_EVENT_CONNECT, DTLS_EVENT_CONNECTED, DTLS_STATE_CONNECTED,
  DTLS_STATE_WAIT_FINISHED } from '../../../net/dtls/dtls.ts';
import { RIOT_PSK_HELLO, RIOT_PSK_SECOND, RIOT_PSK_WRONG_IDENTITY, RIOT_PSK_WRONG_KEY,
} from '../../vectors/d-psk-datagrams.ts';
import { Board, endpoint, text } from './board.ts';
import type { CapturedDatagram } from '../../vectors/d-psk-datagrams.ts';

const CLIENT = endpoint(0x0b, 12345);
const SERVER = endpoint(0x0a, 20220);

const of = (capture: readonly CapturedDatagram[], from: 'client' | 'server'): Uint8Array[] =>
  capture.filter((d) => d.from === from).map((d) => fromHex(d.hex));

/** A server whose secret is unknown can only be matched by giving it the cookie it chose. */
function serverWithCookie(cookie: Uint8Array, random: Uint8Array): Board {
  const board = new Board({ hint: text('Prefer_Id_1'), randoms: [new Uint8Array(12), random] });
  const secret = { begin: () => {}, update: () => {}, finish: (out: Uint8Array) => out.set(cookie) };
  Object.assign(board.ctx, { cookie_secret: secret });
  return board;
}

const SESSIONS = [['first', RIOT_PSK_HELLO, 'hello'], ['second', RIOT_PSK_SECOND, 'second']] as const;

for (const [name, capture, data] of SESSIONS) {
  test(`a client with the ${name} captured random sends what the RIOT client sent, byte for byte`, (t) => {
    // Every datagram but the random itself is computed: equality with a real node proves message layout, record and
    // message numbers, transcript, extended master secret, key block, nonce, additional data and verify_data at once.
    const sent = of(capture, 'client');
    const [hvr, hello, exchange, done, spec, finished, echo, close] = of(capture, 'server');
    const client = new Board({ randoms: [new Uint8Array(12), sent[0].slice(27, 59)] });
    t.is(client.connect(SERVER), 64);
    t.deepEqual(client.take().map((d) => hex(d)), [hex(sent[0])]);
    for (const datagram of [hvr, hello, exchange, done]) t.is(client.receive(SERVER, datagram), 0);
    t.deepEqual(client.take().map((d) => hex(d)), sent.slice(1, 5).map((d) => hex(d)));
    for (const datagram of [spec, finished]) t.is(client.receive(SERVER, datagram), 0);
    t.deepEqual(client.events, [{ level: 0, code: DTLS_EVENT_CONNECT }, { level: 0, code: DTLS_EVENT_CONNECTED }]);
    t.is(client.run(dtls_write(client.ctx, SERVER, text(data), data.length)), data.length);
    t.deepEqual(client.take().map((d) => hex(d)), [hex(sent[5])]);
    client.receive(SERVER, echo);
    t.deepEqual(client.reads, [text(data)]);
    client.run(dtls_reset_peer(client.ctx, dtls_get_peer(client.ctx, SERVER)!));
    t.deepEqual(client.take().map((d) => hex(d)), [hex(sent[6])]);
    client.receive(SERVER, close);
    t.deepEqual(client.take(), []);
    t.deepEqual([...client.logs, ...client.diagnostics], []);
    t.deepEqual(client.used(), { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 });
  });

  test(`a server with the ${name} captured random and cookie sends what the RIOT server sent, byte for byte`, (t) => {
    // As above for the other role; only the cookie cannot be computed, since the node's secret is not known.
    const [hello1, hello2, exchange, spec, finished, app, close] = of(capture, 'client');
    const sent = of(capture, 'server');
    const server = serverWithCookie(sent[0].slice(28), sent[1].slice(27, 59));
    for (const datagram of [hello1, hello2, exchange, spec, finished]) t.is(server.receive(CLIENT, datagram), 0);
    t.deepEqual(server.take().map((d) => hex(d)), sent.slice(0, 6).map((d) => hex(d)));
    t.is(dtls_get_peer(server.ctx, CLIENT)?.state, DTLS_STATE_CONNECTED);
    server.receive(CLIENT, app);
    t.deepEqual(server.reads, [text(data)]);
    t.is(server.run(dtls_write(server.ctx, CLIENT, text(data), data.length)), data.length);
    server.receive(CLIENT, close);
    t.deepEqual(server.take().map((d) => hex(d)), sent.slice(6).map((d) => hex(d)));
    t.deepEqual([...server.logs, ...server.diagnostics], []);
    t.deepEqual(server.used(), { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 });
  });
}

test('a server refuses an unknown identity as the RIOT server did: same bytes, same lines', (t) => {
  // The capture has the alert's record, the node's console the two lines.
  const sent = of(RIOT_PSK_WRONG_IDENTITY, 'server');
  const server = serverWithCookie(sent[0].slice(28), sent[1].slice(27, 59));
  const results = of(RIOT_PSK_WRONG_IDENTITY, 'client').map((datagram) => server.receive(CLIENT, datagram));
  t.deepEqual(results, [0, 0, 0, -592, 0]);
  t.deepEqual(server.take().map((d) => hex(d)), sent.map((d) => hex(d)));
  t.deepEqual(server.logs, ['no psk key for session available', 'error while handling ChangeCipherSpec message']);
  t.deepEqual(server.used(), { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 });
});

test('a client whose identity is refused prints what the RIOT client printed and frees its peer', (t) => {
  // The real client printed exactly these two lines when the captured alert came.
  const sent = of(RIOT_PSK_WRONG_IDENTITY, 'client');
  const client = new Board({
    randoms: [new Uint8Array(12), sent[0].slice(27, 59)],
    credentials: [{ identity: text('Identity_9'), key: text('yetAnotherSecret') }],
  });
  client.connect(SERVER);
  for (const datagram of of(RIOT_PSK_WRONG_IDENTITY, 'server')) client.receive(SERVER, datagram);
  t.deepEqual(client.take().slice(0, 4).map((d) => hex(d)), sent.slice(0, 4).map((d) => hex(d)));
  t.deepEqual(client.logs, ['80 invalidate peer', 'received fatal alert, peer has been invalidated']);
  t.deepEqual(client.used(), { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 });
});

test('a server that cannot read the Finished prints one line, answers nothing and keeps its slots', (t) => {
  // The real server did exactly that: "decryption failed", no alert, and nothing more in the capture.
  const sent = of(RIOT_PSK_WRONG_KEY, 'server');
  const server = serverWithCookie(sent[0].slice(28), sent[1].slice(27, 59));
  for (const datagram of of(RIOT_PSK_WRONG_KEY, 'client')) t.is(server.receive(CLIENT, datagram), 0);
  t.deepEqual(server.take().map((d) => hex(d)), sent.map((d) => hex(d)));
  t.deepEqual(server.logs, ['decryption failed']);
  t.is(dtls_get_peer(server.ctx, CLIENT)?.state, DTLS_STATE_WAIT_FINISHED);
  t.deepEqual(server.used(), { peer: 1, handshake: 1, security: 2, netq: 0, context: 1 });
});

test('describeDtls names each datagram of a real session', (t) => {
  // The names, message and record numbers are those of the decoded capture.
  t.deepEqual(RIOT_PSK_HELLO.map((d) => describeDtls(fromHex(d.hex))), [
    'ClientHello msg0 seq0 ep0', 'HelloVerifyRequest msg0 seq0 ep0', 'ClientHello msg1 seq1 ep0',
    'ServerHello msg1 seq1 ep0', 'ServerKeyExchange msg2 seq2 ep0', 'ServerHelloDone msg3 seq3 ep0',
    'ClientKeyExchange msg2 seq2 ep0', 'ChangeCipherSpec seq3 ep0', 'Finished (encrypted, 40) seq0 ep1',
    'ChangeCipherSpec seq4 ep0', 'Finished (encrypted, 40) seq0 ep1', 'ApplicationData 21 seq1 ep1',
    'ApplicationData 21 seq1 ep1', 'Alert (encrypted) seq2 ep1', 'Alert (encrypted) seq2 ep1',
  ]);
});
