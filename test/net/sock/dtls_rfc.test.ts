// What the DTLS sock does in profile rfc where RIOT has shortcomings of its own. Profile riot: the other files here.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { EAGAIN, ENOMEM, ENOTCONN, ETIMEDOUT } from '../../../kernel/errno.ts';
import { THREAD_PRIORITY_MAIN } from '../../../kernel/sched.ts';
import { thread_create } from '../../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import {
  SOCK_DTLS_HANDSHAKE, sock_dtls_recv, sock_dtls_send, sock_dtls_session_init, sock_dtls_session_set_udp_ep,
  sock_dtls_session_t,
} from '../../../net/sock/dtls.ts';
import { SOCK_NO_TIMEOUT } from '../../../net/sock/udp.ts';
import {
  CLIENT_PORT, SECOND, SERVER, SERVER_PORT, bytes, endpoint, open, run, server,
} from './dtls_harness.ts';

/** What the client's main gives in profile rfc, and what the server was told. */
function client(main: (results: unknown[]) => Blocking<unknown>) {
  const results: unknown[] = [];
  const told: unknown[] = [];
  run({ server: server(told), client: () => main(results), profile: 'rfc' });
  return { results, told };
}

test('dtls-poll-timed-out off: polling with timeout 0 tells what has come of a datagram, and else -EAGAIN', (t) => {
  // No -ETIMEDOUT: the poll that handles the Finished tells the handshake.
  const { results } = client(function* (results) {
    const sock = open(CLIENT_PORT);
    const session = new sock_dtls_session_t();
    yield* sock_dtls_session_init(sock, endpoint(SERVER, SERVER_PORT), session);
    for (let i = 0; i < 3; i++) {
      results.push(yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, 0));
      yield* ztimer_sleep(ZTIMER_USEC, SECOND / 10);
    }
    for (let i = 0; i < 20; i++) {
      const res = yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, 0);
      if (res !== -EAGAIN) results.push(res);
      yield* ztimer_sleep(ZTIMER_USEC, SECOND / 10);
    }
  });
  t.is(results[0], -EAGAIN);
  t.is(results.filter((res) => res === -SOCK_DTLS_HANDSHAKE).length, 1);
  t.false(results.includes(-ETIMEDOUT));
});

test('dtls-send-while-handshake and dtls-send-too-long off: a send gives -ENOTCONN, one that is too long -ENOMEM', (t) => {
  // 0 and -592 on RIOT; an empty record still gives 0.
  const { results } = client(function* (results) {
    const sock = open(CLIENT_PORT);
    const session = new sock_dtls_session_t();
    yield* sock_dtls_session_init(sock, endpoint(SERVER, SERVER_PORT), session);
    results.push(yield* sock_dtls_send(sock, session, bytes('x'), 1, 0));
    yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, 5 * SECOND);
    results.push(yield* sock_dtls_send(sock, session, new Uint8Array(180), 180, 0));
    results.push(yield* sock_dtls_send(sock, session, new Uint8Array(0), 0, 0));
  });
  t.deepEqual(results, [-ENOTCONN, -ENOMEM, 0]);
});

test('dtls-send-timeout off: a send with a timeout makes the session that another thread\'s recv finishes', (t) => {
  // As RIOT's header has it. Without that thread it ends by its timeout.
  const { results, told } = client(function* (results) {
    const sock = open(CLIENT_PORT);
    const session = new sock_dtls_session_t();
    sock_dtls_session_set_udp_ep(session, endpoint(SERVER, SERVER_PORT));
    results.push(yield* sock_dtls_send(sock, session, bytes('early'), 5, SECOND));
    yield* thread_create({ length: 4096 }, 4096, THREAD_PRIORITY_MAIN - 1, 0, function* () {
      yield* sock_dtls_recv(sock, new sock_dtls_session_t(), new Uint8Array(256), 256, SOCK_NO_TIMEOUT);
      return null;
    }, null, 'receiver');
    results.push(yield* sock_dtls_send(sock, session, bytes('hello'), 5, 5 * SECOND));
  });
  t.deepEqual(results, [-ETIMEDOUT, 5]);
  t.is(told.at(-1), 'hello');
});
