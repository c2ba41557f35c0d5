// Creation and configuration of a DTLS sock. Each test is a row of what RIOT does; most rows were executed on it.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { CREDMAN_TAG_EMPTY } from '../../../net/credman.ts';
import {
  SOCK_DTLS_1_0, SOCK_DTLS_1_2, SOCK_DTLS_1_3, SOCK_DTLS_CLIENT, SOCK_DTLS_SERVER, DTLS_HANDSHAKE_BUFSIZE,
  sock_dtls_close, sock_dtls_create, sock_dtls_get_udp_sock, sock_dtls_recv, sock_dtls_send, sock_dtls_session_destroy,
  sock_dtls_session_init, sock_dtls_session_t, sock_dtls_t,
} from '../../../net/sock/dtls.ts';
import {
  sock_dtls_add_credential, sock_dtls_get_credentials, sock_dtls_remove_credential, sock_dtls_set_client_psk_cb,
  sock_dtls_set_rpk_cb, sock_dtls_set_server_psk_id_hint,
} from '../../../net/sock/dtls_creds.ts';
import { sock_udp_t, type out_t } from '../../../net/sock/udp.ts';
import { EINVAL, ENOTCONN } from '../../../kernel/errno.ts';
import {
  SERVER, SERVER_PORT, TAG, board, connect, endpoint, network, open, printed, run, server, text,
} from './dtls_harness.ts';

function create(sock: sock_dtls_t, version: number, role: number): number {
  return sock_dtls_create(sock, new sock_udp_t(), TAG, version, role);
}

function tagsOf(sock: sock_dtls_t): number[] {
  const out: out_t<readonly number[]> = { value: null };
  const count = sock_dtls_get_credentials(sock, out);
  return out.value!.slice(0, count);
}

test('create: a role that is not client or server gives -1, before anything else is looked at', (t) => {
  // The sock still has no context afterwards: nothing was taken.
  const results: number[] = [];
  board(function* () {
    const sock = new sock_dtls_t();
    for (const role of [0, 3, 255]) results.push(create(sock, SOCK_DTLS_1_2, role));
    t.is(sock.dtls_ctx, null);
  });
  t.deepEqual(results, [-1, -1, -1]);
});

test('create: version 0, 4, DTLS 1.0 and DTLS 1.3 give -1', (t) => {
  // tinydtls has DTLS 1.2 only, whatever RIOT's header names.
  const results: number[] = [];
  board(function* () {
    for (const version of [0, 4, SOCK_DTLS_1_0, SOCK_DTLS_1_3, SOCK_DTLS_1_2]) {
      results.push(create(new sock_dtls_t(), version, SOCK_DTLS_CLIENT));
    }
  });
  t.deepEqual(results, [-1, -1, -1, -1, 0]);
});

test('create: the third context gives -1 and a line on the console; the sock is half written', (t) => {
  // The pool has two contexts by default; the role is stored although the create fails.
  const results: number[] = [];
  const third = new sock_dtls_t();
  const node = board(function* () {
    results.push(create(new sock_dtls_t(), SOCK_DTLS_1_2, SOCK_DTLS_CLIENT));
    results.push(create(new sock_dtls_t(), SOCK_DTLS_1_2, SOCK_DTLS_SERVER));
    results.push(create(third, SOCK_DTLS_1_2, SOCK_DTLS_SERVER));
  });
  t.deepEqual(results, [0, 0, -1]);
  t.is(printed(node), 'cannot create DTLS context\n');
  t.deepEqual([third.role, third.tags_len], [SOCK_DTLS_SERVER, 1]);
});

test('create: CONFIG_DTLS_CONTEXT_MAX of the app is the limit', (t) => {
  // The same three creates with room for three.
  const results: number[] = [];
  board(function* () {
    for (let i = 0; i < 3; i++) results.push(create(new sock_dtls_t(), SOCK_DTLS_1_2, SOCK_DTLS_CLIENT));
  }, { CONFIG_DTLS_CONTEXT_MAX: 3 });
  t.deepEqual(results, [0, 0, 0]);
});

test('create: neither the tag nor the binding of the UDP sock is checked', (t) => {
  // The tag is in no credman and the UDP sock was never set up.
  let result = NaN;
  board(function* () {
    const udp = new sock_udp_t();
    const sock = new sock_dtls_t();
    result = sock_dtls_create(sock, udp, 4711, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT);
    t.is(sock_dtls_get_udp_sock(sock), udp);
    t.deepEqual(tagsOf(sock), [4711]);
  });
  t.is(result, 0);
});

test('create: CREDMAN_TAG_EMPTY gives an empty list of tags', (t) => {
  // Not a list with the tag 0 in it.
  board(function* () {
    const sock = new sock_dtls_t();
    sock_dtls_create(sock, new sock_udp_t(), CREDMAN_TAG_EMPTY, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT);
    t.deepEqual(tagsOf(sock), []);
  });
});

test('create: a second create on an open sock leaks its context', (t) => {
  // With two contexts in all, the sock alone uses both up.
  const results: number[] = [];
  board(function* () {
    const sock = new sock_dtls_t();
    for (let i = 0; i < 3; i++) results.push(create(sock, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT));
  });
  t.deepEqual(results, [0, 0, -1]);
});

test('create: NULL for the sock or the UDP sock fails the assertion', (t) => {
  // The thread sleeps for ever after the line, so what follows is not reached.
  for (const [isSock, line] of [[false, 453], [true, 454]] as const) {
    const node = board(function* () {
      const sock = (isSock ? new sock_dtls_t() : null) as sock_dtls_t;
      const udp = (isSock ? null : new sock_udp_t()) as sock_udp_t;
      sock_dtls_create(sock, udp, TAG, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT);
      t.fail();
    });
    t.is(printed(node), `pkg/tinydtls/contrib/sock_dtls.c:${line} => FAILED ASSERTION.\n`);
  }
});

test('set_server_psk_id_hint: 33 characters give -1 and leave the hint alone', (t) => {
  // The limit is 32; the hint of before is still there.
  const results: number[] = [];
  let hint = '';
  const node = board(function* () {
    const sock = open(1);
    results.push(sock_dtls_set_server_psk_id_hint(sock, 'before'));
    results.push(sock_dtls_set_server_psk_id_hint(sock, 'x'.repeat(33)));
    hint = text(sock.psk_hint, sock.psk_hint.length);
  });
  t.deepEqual(results, [0, -1]);
  t.is(hint, 'before');
  t.is(printed(node), '');
});

test('set_server_psk_id_hint: 32 characters are stored, with a diagnostic for the overrun by the NUL', (t) => {
  // RIOT writes the NUL one byte past psk_hint[32], into the list of tags; here the list stays.
  let hint = '';
  let tags: number[] = [];
  const node = board(function* () {
    const sock = open(1);
    t.is(sock_dtls_set_server_psk_id_hint(sock, 'x'.repeat(32)), 0);
    hint = text(sock.psk_hint, 32);
    tags = tagsOf(sock);
  });
  t.is(hint, 'x'.repeat(32));
  t.deepEqual(tags, [TAG]);
  t.regex(printed(node), /^undefined on RIOT: a PSK identity hint of 32 bytes/);
});

test('set_server_psk_id_hint: NULL is a diagnostic and -1', (t) => {
  // RIOT crashes in strlen().
  const results: number[] = [];
  const node = board(function* () {
    results.push(sock_dtls_set_server_psk_id_hint(open(1), null));
  });
  t.deepEqual(results, [-1]);
  t.is(printed(node), 'undefined on RIOT: sock_dtls_set_server_psk_id_hint() with NULL\n');
});

test('set_server_psk_id_hint: an empty hint removes it', (t) => {
  // A server with a removed hint sends no ServerKeyExchange, so the client is asked with no hint.
  const hints: number[] = [];
  const setup = (sock: sock_dtls_t) => {
    sock_dtls_set_server_psk_id_hint(sock, 'hint');
    sock_dtls_set_server_psk_id_hint(sock, '');
  };
  run({
    server: server([], { setup }),
    client: function* () {
      const sock = open(1);
      sock_dtls_set_client_psk_cb(sock, (_sock, _ep, _tags, _tags_len, _hint, hint_len) => {
        hints.push(hint_len);
        return CREDMAN_TAG_EMPTY;
      });
      yield* connect(sock);
    },
  });
  t.deepEqual(hints, [0]);
});

test('add_credential: the fifth tag gives -1, duplicates and EMPTY are not checked', (t) => {
  // RIOT executed: adding 1, 1, 0 all gives 0.
  const results: number[] = [];
  let tags: number[] = [];
  board(function* () {
    const sock = open(1);
    for (const tag of [1, 1, 0, 5]) results.push(sock_dtls_add_credential(sock, tag));
    tags = tagsOf(sock);
  });
  t.deepEqual(results, [0, 0, 0, -1]);
  t.deepEqual(tags, [TAG, 1, 1, 0]);
});

test('remove_credential: an absent tag gives -1, else the first match goes and the order stays', (t) => {
  // Two equal tags: the one behind the other remains.
  const results: number[] = [];
  let tags: number[] = [];
  board(function* () {
    const sock = open(1);
    for (const tag of [1, 2, 1]) sock_dtls_add_credential(sock, tag);
    results.push(sock_dtls_remove_credential(sock, 3), sock_dtls_remove_credential(sock, 1));
    tags = tagsOf(sock);
  });
  t.deepEqual(results, [-1, 0]);
  t.deepEqual(tags, [TAG, 2, 1]);
});

test('get_credentials: gives the count and the list of the sock itself, not a copy', (t) => {
  // What is added later is seen through the same list.
  board(function* () {
    const sock = open(1);
    const out: out_t<readonly number[]> = { value: null };
    t.is(sock_dtls_get_credentials(sock, out), 1);
    sock_dtls_add_credential(sock, 77);
    t.is(out.value![1], 77);
  });
});

test('the callbacks are stored and can be taken back', (t) => {
  // null is C's NULL: no callback.
  board(function* () {
    const sock = open(1);
    const cb = () => CREDMAN_TAG_EMPTY;
    sock_dtls_set_client_psk_cb(sock, cb);
    sock_dtls_set_rpk_cb(sock, cb);
    t.deepEqual([sock.client_psk_cb, sock.rpk_cb], [cb, cb]);
    sock_dtls_set_client_psk_cb(sock, null);
    sock_dtls_set_rpk_cb(sock, null);
    t.deepEqual([sock.client_psk_cb, sock.rpk_cb], [null, null]);
  });
});

test('DTLS_HANDSHAKE_BUFSIZE is two to the power of the app\'s exponent', (t) => {
  // 256 by default.
  const sizes: number[] = [];
  board(function* () { sizes.push(DTLS_HANDSHAKE_BUFSIZE()); });
  board(function* () { sizes.push(DTLS_HANDSHAKE_BUFSIZE()); }, { CONFIG_DTLS_HANDSHAKE_BUFSIZE_EXP: 9 });
  t.deepEqual(sizes, [256, 512]);
});

test('close: create may be called again on the same sock', (t) => {
  // RIOT executed, case 11. Each turn takes a context and gives it back, so three turns need more than two contexts.
  const results: number[] = [];
  board(function* () {
    const sock = new sock_dtls_t();
    for (let i = 0; i < 3; i++) {
      results.push(create(sock, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT));
      yield* sock_dtls_close(sock);
    }
  });
  t.deepEqual(results, [0, 0, 0]);
});

test('close: any use of the sock afterwards is a diagnostic and an error', (t) => {
  // RIOT goes on with the freed context: undefined. The UDP sock is open still, so nothing else stops these calls.
  const results: unknown[] = [];
  const node = board(function* () {
    const sock = open(1);
    const session = new sock_dtls_session_t();
    yield* sock_dtls_close(sock);
    results.push(yield* sock_dtls_session_init(sock, endpoint(SERVER, SERVER_PORT), session));
    results.push(yield* sock_dtls_send(sock, session, new Uint8Array(1), 1, 0));
    results.push(yield* sock_dtls_recv(sock, session, new Uint8Array(1), 1, 0));
    yield* sock_dtls_session_destroy(sock, session);
    yield* sock_dtls_close(sock);
  });
  t.deepEqual(results, [-EINVAL, -ENOTCONN, -EINVAL]);
  t.is(printed(node), ['session_init', 'send', 'recv', 'session_destroy', 'close'].map((name) =>
    `undefined on RIOT: sock_dtls_${name}() on a DTLS sock that is not open\n`).join(''));
});

test('a reboot gives the board its contexts back', (t) => {
  // Two contexts are taken, the board reboots, and two more are there: the pools are the board's RAM.
  const results: number[] = [];
  const net = network({
    client: function* (): Blocking<void> {
      for (let i = 0; i < 2; i++) results.push(create(new sock_dtls_t(), SOCK_DTLS_1_2, SOCK_DTLS_CLIENT));
    },
  });
  net.simulation.runUntil(2_000_000);
  net.simulation.apply({ type: 'reboot', node: 'client' });
  net.simulation.runUntil(4_000_000);
  t.deepEqual(results, [0, 0, 0, 0]);
});
