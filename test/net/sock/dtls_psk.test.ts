// Which PSK credential is used, and what each side sees when none fits. Each test is a row of what RIOT does.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { ENOTCONN, ETIMEDOUT } from '../../../kernel/errno.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { CREDMAN_TAG_EMPTY, type credman_tag_t, credman_add } from '../../../net/credman.ts';
import {
  DTLS_ALERT_INTERNAL_ERROR, DTLS_PSK_HINT, DTLS_PSK_IDENTITY, DTLS_PSK_KEY, dtls_alert_fatal_create,
  type dtls_credentials_type_t,
} from '../../../net/dtls/dtls.ts';
import {
  SOCK_DTLS_HANDSHAKE, sock_dtls_recv, sock_dtls_send, sock_dtls_session_init, sock_dtls_session_set_udp_ep,
  sock_dtls_session_t, type sock_dtls_t,
} from '../../../net/sock/dtls.ts';
import {
  sock_dtls_add_credential, sock_dtls_remove_credential, sock_dtls_set_client_psk_cb, sock_dtls_set_server_psk_id_hint,
} from '../../../net/sock/dtls_creds.ts';
import { answerPsk } from '../../../net/sock/dtls_psk.ts';
import {
  CLIENT_PORT, SECOND, SERVER, SERVER_PORT, type Psk, board, bytes, connect, endpoint, open, printed, psk, run, server,
  text,
} from './dtls_harness.ts';

const HANDSHAKE = -SOCK_DTLS_HANDSHAKE;
const INTERNAL_ERROR = dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
const ROOM = { CONFIG_CREDMAN_MAX_CREDENTIALS: 8 };

/** A sock with the tags 1, 2 ... for these credentials. */
function sockWith(credentials: readonly Psk[]): sock_dtls_t {
  const sock = open(CLIENT_PORT);
  sock_dtls_remove_credential(sock, 10);
  credentials.forEach((credential, i) => {
    credman_add(psk(i + 1, credential));
    sock_dtls_add_credential(sock, i + 1);
  });
  return sock;
}

/** What the engine gets when it asks: the credential, or the number of an alert. */
function* ask(sock: sock_dtls_t, kind: dtls_credentials_type_t, desc: string): Blocking<string | number> {
  const session = { addr: endpoint(SERVER, 0).addr.ipv6, port: SERVER_PORT, ifindex: 6 };
  const result = new Uint8Array(kind === DTLS_PSK_KEY ? 16 : 32);
  const length = yield* answerPsk(sock, { type: 'need_psk', kind, session, desc: bytes(desc), result });
  return length < 0 ? length : text(result, length);
}

/** The identity that a client with these credentials chooses for a server's hint. */
function chosen(credentials: readonly Psk[], hint: string, cb?: () => credman_tag_t): string | number {
  let answer: string | number = NaN;
  board(function* () {
    const sock = sockWith(credentials);
    if (cb !== undefined) sock_dtls_set_client_psk_cb(sock, cb);
    answer = yield* ask(sock, DTLS_PSK_IDENTITY, hint);
  }, ROOM);
  return answer;
}

const TWO = [{ id: 'A', hint: 'hint a' }, { id: 'B', hint: 'hint b' }];

test('client: the tag of the callback comes first, whatever the hint', (t) => {
  // The hint is the first credential's, and without the callback that one is taken.
  t.is(chosen(TWO, 'hint a', () => 2), 'B');
  t.is(chosen(TWO, 'hint a'), 'A');
});

test('client: a callback that returns EMPTY, or a tag that is not in credman, leaves the choice to the hint', (t) => {
  // Both fall through to the credential with the server's hint.
  t.is(chosen(TWO, 'hint b', () => CREDMAN_TAG_EMPTY), 'B');
  t.is(chosen(TWO, 'hint b', () => 99), 'B');
});

test('client: a credential of the callback without an identity gives internal_error, no other is tried', (t) => {
  // The second credential would do.
  t.is(chosen([{ id: '' }, { id: 'B' }], '', () => 1), INTERNAL_ERROR);
});

test('client: the credential whose hint equals the server\'s byte for byte is taken, else the first', (t) => {
  // A prefix is not equal, in either direction.
  t.is(chosen(TWO, 'hint b'), 'B');
  t.is(chosen(TWO, 'hint'), 'A');
  t.is(chosen(TWO, 'hint bb'), 'A');
});

test('client: without a hint of the server the first credential with an empty hint wins over the first', (t) => {
  // RIOT compares the missing hint as one of length 0.
  t.is(chosen([...TWO, { id: 'C' }, { id: 'D' }], ''), 'C');
  t.is(chosen(TWO, ''), 'A');
});

test('client: hints are compared as C strings: what follows a NUL in both does not count', (t) => {
  // Equal length, equal up to the NUL.
  t.is(chosen([{ id: 'A', hint: 'x' }, { id: 'B', hint: 'a\0b' }], 'a\0c'), 'B');
});

test('client: an identity without bytes is passed over by the search for a hint', (t) => {
  // RIOT takes it for "not found"; with no other match the first credential is taken, and here that has none either.
  let answers: (string | number)[] = [];
  board(function* () {
    const sock = sockWith([]);
    const key = { s: bytes('key'), len: 3 };
    credman_add({ type: 1, tag: 1, params: { psk: { key, hint: { s: bytes('h'), len: 1 } } } });
    credman_add(psk(2, { id: 'B', hint: 'h' }));
    sock_dtls_add_credential(sock, 1);
    sock_dtls_add_credential(sock, 2);
    answers = [yield* ask(sock, DTLS_PSK_IDENTITY, 'h'), yield* ask(sock, DTLS_PSK_IDENTITY, 'other')];
  }, ROOM);
  t.deepEqual(answers, ['B', INTERNAL_ERROR]);
});

test('client: no PSK credential among the tags of the sock gives internal_error', (t) => {
  // There is one in credman, but the sock has not its tag.
  t.is(chosen([], ''), INTERNAL_ERROR);
});

test('client: an identity longer than 32 bytes gives internal_error, one of 32 is taken', (t) => {
  // The engine has room for 32.
  t.is(chosen([{ id: 'i'.repeat(33) }], ''), INTERNAL_ERROR);
  t.is(chosen([{ id: 'i'.repeat(32) }], ''), 'i'.repeat(32));
});

test('the key is found by its identity among the tags of the sock, with at most 16 bytes', (t) => {
  // An unknown identity, one that is only a prefix, and a key that is too long give internal_error.
  let answers: (string | number)[] = [];
  board(function* () {
    const long = 'k'.repeat(16);
    const sock = sockWith([{ id: 'A', key: 'key a' }, { id: 'B', key: long }, { id: 'C', key: `${long}k` }]);
    for (const id of ['A', 'B', 'C', 'D', 'AA', '']) answers.push(yield* ask(sock, DTLS_PSK_KEY, id));
  }, ROOM);
  t.deepEqual(answers, ['key a', 'k'.repeat(16), INTERNAL_ERROR, INTERNAL_ERROR, INTERNAL_ERROR, INTERNAL_ERROR]);
});

test('server: the hint is given when it is set, and none otherwise', (t) => {
  // An empty answer is no error.
  const answers: (string | number)[] = [];
  board(function* () {
    const sock = sockWith([]);
    answers.push(yield* ask(sock, DTLS_PSK_HINT, ''));
    sock_dtls_set_server_psk_id_hint(sock, 'hint');
    answers.push(yield* ask(sock, DTLS_PSK_HINT, ''));
  });
  t.deepEqual(answers, ['', 'hint']);
});

test('the client\'s callback gets the server\'s end point and hint, and may block', (t) => {
  // It sleeps for a second; the handshake goes on afterwards and ends well.
  const seen: unknown[] = [];
  const results: number[] = [];
  run({
    server: server([], { setup: (sock) => sock_dtls_set_server_psk_id_hint(sock, 'hint') }),
    client: function* () {
      const sock = open(CLIENT_PORT);
      sock_dtls_set_client_psk_cb(sock, function* (of, ep, tags, tags_len, hint, hint_len): Blocking<number> {
        seen.push(of === sock, ep.addr.ipv6[15], ep.port, ep.netif, tags.slice(0, tags_len), text(hint, hint_len));
        yield* ztimer_sleep(ZTIMER_USEC, SECOND);
        return 10;
      });
      results.push(yield* connect(sock));
    },
  });
  t.deepEqual(seen, [true, 0x0a, SERVER_PORT, 6, [10], 'hint']);
  t.deepEqual(results, [HANDSHAKE]);
});

interface Seen {
  /** Results of the client's recv and then send. */
  client: number[];
  server: unknown[];
  clientPrinted: string;
  serverPrinted: string;
  /** Peers that the server holds at the end. */
  serverPeers: number;
}

/** One handshake that does not come about, from both sides. */
function failure(onServer: Psk | null, onClient: Psk, setup?: (sock: sock_dtls_t) => unknown): Seen {
  const client: number[] = [];
  const told: unknown[] = [];
  const net = run({
    server: onServer === null ? undefined : server(told, onServer),
    client: function* () {
      const sock = open(CLIENT_PORT, undefined, onClient);
      setup?.(sock);
      const session = new sock_dtls_session_t();
      yield* sock_dtls_session_init(sock, endpoint(SERVER, SERVER_PORT), session);
      client.push(yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, 5 * SECOND));
      sock_dtls_session_set_udp_ep(session, endpoint(SERVER, SERVER_PORT));
      client.push(yield* sock_dtls_send(sock, session, bytes('x'), 1, 0));
    },
  });
  let serverPeers = 0;
  for (const event of net.events(net.server)) {
    if (event.type === 'peer') serverPeers += event.what === 'created' ? 1 : -1;
  }
  return { client, server: told, clientPrinted: printed(net.client), serverPrinted: printed(net.server), serverPeers };
}

test('no server there: recv gives -ETIMEDOUT, the peer stays, send gives 0', (t) => {
  // Nothing is printed: RIOT has no port unreachable by default.
  const { client, clientPrinted } = failure(null, {});
  t.deepEqual(client, [-ETIMEDOUT, 0]);
  t.is(clientPrinted, '');
});

test('wrong key: the server drops the Finished; recv gives -ETIMEDOUT, send 0, and both sides are stuck', (t) => {
  // Executed and captured. The server's peer keeps its place.
  const seen = failure({ key: 'right' }, { key: 'wrong' });
  t.deepEqual(seen, {
    client: [-ETIMEDOUT, 0], server: [], clientPrinted: '', serverPrinted: 'decryption failed\n', serverPeers: 1,
  });
});

test('unknown identity: a fatal internal_error frees both peers; recv gives -ETIMEDOUT, send -ENOTCONN', (t) => {
  // Executed and captured: the lines are RIOT's.
  const seen = failure({ id: 'server' }, { id: 'client' });
  t.deepEqual(seen, {
    client: [-ETIMEDOUT, -ENOTCONN], server: [],
    clientPrinted: '80 invalidate peer\nreceived fatal alert, peer has been invalidated\n',
    serverPrinted: 'no psk key for session available\nerror while handling ChangeCipherSpec message\n',
    serverPeers: 0,
  });
});

test('client without a credential: a fatal internal_error at the ServerHelloDone, send gives -ENOTCONN', (t) => {
  // The server frees its peer by the alert.
  const seen = failure({}, {}, (sock) => sock_dtls_remove_credential(sock, 10));
  t.deepEqual([seen.client, seen.server, seen.serverPeers], [[-ETIMEDOUT, -ENOTCONN], [], 0]);
  t.regex(seen.serverPrinted, /^80 invalidate peer\nreceived fatal alert, peer has been invalidated\n/);
});

test('a key of 17 bytes: the client fails after its ClientKeyExchange, send gives -ENOTCONN', (t) => {
  // Both sides have the key, and credman takes it.
  const key = 'k'.repeat(17);
  const seen = failure({ key }, { key });
  t.deepEqual([seen.client, seen.server, seen.serverPeers], [[-ETIMEDOUT, -ENOTCONN], [], 0]);
});

test('a key of 16 bytes works', (t) => {
  // The limit itself.
  const key = 'k'.repeat(16);
  const seen = failure({ key }, { key });
  t.deepEqual([seen.client, seen.server], [[HANDSHAKE, 1], [HANDSHAKE, 'x']]);
});
