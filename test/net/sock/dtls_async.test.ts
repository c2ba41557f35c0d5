// DTLS socks that call back without an event thread: in the thread of UDP. tinydtls_sock_async has the other way.
import test from 'ava';
import { EAGAIN, ENOBUFS } from '../../../kernel/errno.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import {
  SOCK_ASYNC_CONN_FIN, SOCK_ASYNC_CONN_RECV, SOCK_ASYNC_MSG_RECV, SOCK_ASYNC_MSG_SENT,
} from '../../../net/sock/async.ts';
import {
  SOCK_DTLS_HANDSHAKE, sock_dtls_close, sock_dtls_get_event_session, sock_dtls_recv, sock_dtls_send,
  sock_dtls_session_destroy, sock_dtls_session_init, sock_dtls_session_t, sock_dtls_set_cb,
} from '../../../net/sock/dtls.ts';
import {
  CLIENT_PORT, SECOND, SERVER, SERVER_PORT, bytes, endpoint, open, run, serverThat, text,
} from './dtls_harness.ts';

/** A client whose server sends `hello`, `again` two seconds later, and closes; each is received somewhat later. */
function received(maxlen: number, profile: 'riot' | 'rfc' = 'riot') {
  const results: unknown[] = [];
  const flags: number[] = [];
  const closed: boolean[] = [];
  run({
    modules: ['sock_async'], profile,
    server: serverThat(function* (sock, session) {
      for (const word of ['hello', 'again']) {
        yield* sock_dtls_send(sock, session, bytes(word), 5, 0);
        yield* ztimer_sleep(ZTIMER_USEC, 2 * SECOND);
      }
      yield* sock_dtls_session_destroy(sock, session);
    }),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      sock_dtls_set_cb(sock, (_sock, type) => {
        flags.push(type);
        closed.push(sock_dtls_get_event_session(sock, new sock_dtls_session_t()));
        return undefined;
      }, null);
      yield* sock_dtls_session_init(sock, endpoint(SERVER, SERVER_PORT), session);
      yield* ztimer_sleep(ZTIMER_USEC, SECOND / 2);
      for (const max of [256, maxlen, 256, 256]) {
        const buffer = new Uint8Array(256);
        const res = yield* sock_dtls_recv(sock, session, buffer, max, 0);
        results.push(res > 0 ? text(buffer, res) : res);
        if (res === -SOCK_DTLS_HANDSHAKE) yield* sock_dtls_send(sock, session, bytes('x'), 1, 0);
        yield* ztimer_sleep(ZTIMER_USEC, 2 * SECOND);
      }
      yield* sock_dtls_close(sock);
    },
  });
  return { results, flags, closed };
}

test('set_cb: handshake, sent, data and close are told, and only the close has a session', (t) => {
  // No recv handles a datagram: each finds what the callback was about, or nothing.
  const { results, flags, closed } = received(256);
  t.deepEqual(results, [-SOCK_DTLS_HANDSHAKE, 'hello', 'again', -EAGAIN]);
  t.deepEqual(flags, [SOCK_ASYNC_CONN_RECV, SOCK_ASYNC_MSG_SENT, SOCK_ASYNC_MSG_RECV, SOCK_ASYNC_MSG_RECV,
    SOCK_ASYNC_CONN_FIN]);
  t.deepEqual(closed, [false, false, false, false, true]);
});

test('set_cb: data that is too long for its recv stops the sock for ever (dtls-async-packet-leak)', (t) => {
  // The packet stays with the sock, which takes no other one; in profile rfc the next datagram is told.
  t.deepEqual(received(2).results, [-SOCK_DTLS_HANDSHAKE, -ENOBUFS, -EAGAIN, -EAGAIN]);
  t.deepEqual(received(2, 'rfc').results, [-SOCK_DTLS_HANDSHAKE, -ENOBUFS, 'again', -EAGAIN]);
});
