// What the DTLS sock tells the trace.
import test from 'ava';
import { ztimer_sleep, ZTIMER_USEC } from '../../../kernel/ztimer.ts';
import type { NetEvent } from '../../../net/events.ts';
import {
  sock_dtls_close, sock_dtls_send, sock_dtls_session_destroy, sock_dtls_session_t,
} from '../../../net/sock/dtls.ts';
import { sock_udp_send } from '../../../net/sock/udp.ts';
import {
  CLIENT_PORT, SECOND, SERVER, SERVER_PORT, bytes, connect, endpoint, open, run, server,
} from './dtls_harness.ts';

/** A session from its start to its end; the server gets one datagram of garbage afterwards. */
const net = run({
  server: server(),
  client: function* () {
    const sock = open(CLIENT_PORT);
    const session = new sock_dtls_session_t();
    yield* connect(sock, session);
    yield* sock_dtls_send(sock, session, bytes('hello'), 5, 0);
    yield* ztimer_sleep(ZTIMER_USEC, SECOND);
    yield* sock_dtls_session_destroy(sock, session);
    yield* sock_dtls_close(sock);
    yield* sock_udp_send(sock.udp_sock, bytes('garbage'), 7, endpoint(SERVER, SERVER_PORT));
  },
});

function events<T extends NetEvent['type']>(node: 'server' | 'client', type: T) {
  return net.events(net[node]).filter((event): event is NetEvent & { type: T } => event.type === type);
}

test('states go through a handshake on both sides, named and with their role', (t) => {
  // The client names the server as its peer and the other way round.
  const [server_, client_] = (['server', 'client'] as const).map((node) => events(node, 'state'));
  t.deepEqual(client_.map(({ to }) => to).slice(0, 2), ['ClientHello sent', 'wait ServerHelloDone']);
  t.true(client_.some(({ to }) => to === 'connected'));
  t.true(server_.some(({ to }) => to === 'connected'));
  t.true(client_.every(({ role, peer }) => role === 'client' && peer === '[fe80::a%6]:20220'));
  t.true(server_.every(({ role, peer }) => role === 'server' && peer === '[fe80::b%6]:12345'));
});

test('the secrets of both sides are the same: 32 bytes of client random, 48 of master secret', (t) => {
  // A key log has one line of either.
  const [server_, client_] = (['server', 'client'] as const).map((node) => events(node, 'secrets'));
  t.is(client_.length, 1);
  t.deepEqual([client_[0].clientRandom.length, client_[0].masterSecret.length], [32, 48]);
  t.deepEqual(server_[0].clientRandom, client_[0].clientRandom);
  t.deepEqual(server_[0].masterSecret, client_[0].masterSecret);
});

test('each message is told by its sender and by its receiver, with epoch and numbers', (t) => {
  // What the client sends, the server gets, up to the close_notify; a ChangeCipherSpec has no message number.
  const flat = (node: 'server' | 'client', direction: 'in' | 'out') => events(node, 'message')
    .filter((event) => event.direction === direction)
    .map((event) => [event.name, event.epoch, event.recordSequence, event.messageSequence, event.bytes]);
  const sent = flat('client', 'out');
  t.deepEqual(sent, [
    ['ClientHello', 0, 0, 0, 64], ['ClientHello', 0, 1, 1, 80], ['ClientKeyExchange', 0, 2, 2, 16],
    ['ChangeCipherSpec', 0, 3, null, 1], ['Finished', 1, 0, 3, 24], ['ApplicationData', 1, 1, null, 5],
    ['Alert warning close_notify(0)', 1, 2, null, 2],
  ]);
  t.deepEqual(flat('server', 'in'), sent);
});

test('epochs are told for each direction', (t) => {
  // Keys are made once on either side.
  const seen = events('client', 'epoch').map(({ direction, epoch }) => `${direction} ${epoch}`);
  t.deepEqual(seen.toSorted(), ['read 1', 'write 1']);
});

test('pools are gauges by RIOT\'s names, empty at the end and with their peaks', (t) => {
  // One session: one peer and one handshake at most, two sets of keys, three messages.
  const last = new Map(events('client', 'gauge').map(({ name, used, peak, limit }) => [name, [used, peak, limit]]));
  t.deepEqual(last.get('CONFIG_DTLS_CONTEXT_MAX'), [0, 1, 2]);
  t.deepEqual(last.get('CONFIG_DTLS_PEER_MAX'), [0, 1, 1]);
  t.deepEqual(last.get('CONFIG_DTLS_HANDSHAKE_MAX'), [0, 1, 1]);
  t.deepEqual(last.get('DTLS_SECURITY_MAX'), [0, 2, 2]);
  t.deepEqual(last.get('NETQ_MAXCNT'), [0, 3, 3]);
  t.deepEqual(last.get('SOCK_DTLS_MBOX_SIZE'), [0, 1, 4]);
  t.deepEqual(last.get('CONFIG_CREDMAN_MAX_CREDENTIALS'), [1, 1, 2]);
});

test('a peer is created and freed once', (t) => {
  // On either side.
  for (const node of ['server', 'client'] as const) {
    t.deepEqual(events(node, 'peer').map(({ what }) => what), ['created', 'freed']);
  }
});

test('a datagram that is no DTLS is a drop with its size', (t) => {
  // The seven bytes of garbage.
  t.deepEqual(events('server', 'drop'), [{ layer: 'dtls', type: 'drop', reason: 'not a record', bytes: 7 }]);
});

test('a line on the console is a log event too', (t) => {
  // The third context of three does not fit.
  const crowded = run({
    client: function* () {
      for (let i = 0; i < 3; i++) open(CLIENT_PORT + i);
    },
  });
  t.deepEqual(crowded.events(crowded.client).filter((event) => event.type === 'log'), [
    { layer: 'dtls', type: 'log', level: 'alert', text: 'cannot create DTLS context' },
  ]);
});
