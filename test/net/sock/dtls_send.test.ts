// Sending over a DTLS sock. Each test is a row of what RIOT does; "executed" names the run on a real node.
import test from 'ava';
import { EINVAL, ENOMEM, ENOTCONN, ETIMEDOUT } from '../../../kernel/errno.ts';
import type { iolist_t } from '../../../kernel/iolist.ts';
import { msg_array, msg_avail, msg_init_queue, msg_send, msg_send_to_self, msg_t } from '../../../kernel/msg.ts';
import { thread_create, thread_getpid } from '../../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_now, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { DTLS_EVENT_CONNECTED } from '../../../net/dtls/dtls.ts';
import {
  SOCK_DTLS_HANDSHAKE, sock_dtls_recv, sock_dtls_send, sock_dtls_sendv, sock_dtls_session_destroy,
  sock_dtls_session_init, sock_dtls_session_set_udp_ep, sock_dtls_session_t, type sock_dtls_t,
} from '../../../net/sock/dtls.ts';
import { SOCK_NO_TIMEOUT } from '../../../net/sock/udp.ts';
import type { Blocking } from '../../../kernel/blocking.ts';
import {
  CLIENT_PORT, SECOND, SERVER, SERVER_PORT, board, bytes, connect, endpoint, open, printed, run, server,
} from './dtls_harness.ts';

const HANDSHAKE = -SOCK_DTLS_HANDSHAKE;
/** A fatal internal_error, as tinydtls returns it. */
const INTERNAL_ERROR = -592;

function sessionTo(addr: string): sock_dtls_session_t {
  const session = new sock_dtls_session_t();
  sock_dtls_session_set_udp_ep(session, endpoint(addr, SERVER_PORT));
  return session;
}

/** Sends data of these lengths over a connected session; what the client was told, and the server. */
function sendLengths(lengths: readonly number[]) {
  const sent: number[] = [];
  const told: unknown[] = [];
  const net = run({
    server: server(told),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* connect(sock, session);
      for (const length of lengths) {
        sent.push(yield* sock_dtls_send(sock, session, bytes('x'.repeat(length)), length, 0));
        yield* ztimer_sleep(ZTIMER_USEC, SECOND / 10);
      }
    },
  });
  return { sent, told, net };
}

test('send: no peer and timeout 0 gives -ENOTCONN', (t) => {
  // Neither a session that was never filled nor one of a host that was never talked to has a peer.
  const results: number[] = [];
  board(function* () {
    const sock = open(CLIENT_PORT);
    results.push(yield* sock_dtls_send(sock, new sock_dtls_session_t(), bytes('x'), 1, 0));
    results.push(yield* sock_dtls_send(sock, sessionTo(SERVER), bytes('x'), 1, 0));
  });
  t.deepEqual(results, [-ENOTCONN, -ENOTCONN]);
});

test('send: no peer, and no handshake can be started, gives -ENOMEM at once', (t) => {
  // The only place for a peer is taken; the time-out does not run.
  const results: number[] = [];
  let took = NaN;
  board(function* () {
    const sock = open(CLIENT_PORT);
    yield* sock_dtls_session_init(sock, endpoint('fe80::77', SERVER_PORT), new sock_dtls_session_t());
    const before = ztimer_now(ZTIMER_USEC);
    results.push(yield* sock_dtls_send(sock, sessionTo(SERVER), bytes('x'), 1, SECOND));
    took = ztimer_now(ZTIMER_USEC) - before;
  });
  t.deepEqual(results, [-ENOMEM]);
  t.is(took, 0);
});

test('send: no peer and an end point with port 0 gives -ENOMEM: the ClientHello cannot be sent', (t) => {
  // Whatever made dtls_connect() fail is told as -ENOMEM.
  const results: number[] = [];
  const node = board(function* () {
    results.push(yield* sock_dtls_send(open(CLIENT_PORT), new sock_dtls_session_t(), bytes('x'), 1, SECOND));
  });
  t.deepEqual(results, [-ENOMEM]);
  t.is(printed(node), 'cannot send ClientHello\n');
});

test('send: no peer and a finite timeout gives -ETIMEDOUT after all of it, and a close_notify', (t) => {
  // Executed, cases 4 and 5. Nobody answers; afterwards the peer is gone.
  const results: number[] = [];
  let took = NaN;
  const net = run({
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = sessionTo('fe80::77');
      const before = ztimer_now(ZTIMER_USEC);
      results.push(yield* sock_dtls_send(sock, session, bytes('x'), 1, 2 * SECOND));
      took = ztimer_now(ZTIMER_USEC) - before;
      results.push(yield* sock_dtls_send(sock, session, bytes('x'), 1, 0));
    },
  });
  t.deepEqual(results, [-ETIMEDOUT, -ENOTCONN]);
  t.is(took, 2 * SECOND);
  const names = net.events(net.client).flatMap((event) => event.type === 'message' ? [event.name] : []);
  t.deepEqual(names, ['ClientHello', 'Alert warning close_notify(0)']);
});

/** A thread that receives on the sock for `main` and notes what it is told. */
function* receiver({ sock, told }: { sock: sock_dtls_t; told: number[] }): Blocking<void> {
  const session = new sock_dtls_session_t();
  while (true) {
    told.push(yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, SOCK_NO_TIMEOUT));
  }
}

test('send: no peer and a finite timeout gives -ETIMEDOUT even when another thread finishes the handshake', (t) => {
  // Executed, case 12. The receiver has -EXDEV and the server is connected, yet the sender waits the time-out out: the
  // event goes to the sock's mailbox, not to the sender's message queue. All its messages are eaten meanwhile.
  const results: number[] = [];
  const told: number[] = [];
  const onServer: unknown[] = [];
  let [before, after] = [NaN, NaN];
  run({
    server: server(onServer),
    client: function* () {
      msg_init_queue(msg_array(8), 8);
      const sock = open(CLIENT_PORT);
      yield* thread_create({ length: 16384 }, 16384, 8, 0, receiver, { sock, told }, 'receiver');
      msg_send_to_self(new msg_t());
      before = msg_avail();
      results.push(yield* sock_dtls_send(sock, sessionTo(SERVER), bytes('x'), 1, 2 * SECOND));
      after = msg_avail();
    },
  });
  t.deepEqual(results, [-ETIMEDOUT]);
  t.deepEqual(told, [HANDSHAKE]);
  t.deepEqual(onServer, [HANDSHAKE]);
  t.deepEqual([before, after], [1, 0]);
});

test('send: a message of the type DTLS_EVENT_CONNECTED from anyone ends the wait', (t) => {
  // What RIOT waits for never comes from its sock; from another thread it does, and then the data is sent.
  const results: number[] = [];
  const onServer: unknown[] = [];
  run({
    server: server(onServer),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const told: number[] = [];
      yield* thread_create({ length: 16384 }, 16384, 8, 0, receiver, { sock, told }, 'receiver');
      yield* thread_create({ length: 16384 }, 16384, 8, 0, function* (pid: number) {
        yield* ztimer_sleep(ZTIMER_USEC, SECOND);
        const msg = new msg_t();
        msg.type = DTLS_EVENT_CONNECTED;
        yield* msg_send(msg, pid);
      }, thread_getpid(), 'teller');
      results.push(yield* sock_dtls_send(sock, sessionTo(SERVER), bytes('x'), 1, 60 * SECOND));
    },
  });
  t.deepEqual(results, [1]);
  t.deepEqual(onServer, [HANDSHAKE, 'x']);
});

test('send: no peer and SOCK_NO_TIMEOUT blocks for ever', (t) => {
  // Two hours, and still no result, although the server is there and the receiver has finished the handshake.
  const results: number[] = [];
  const told: number[] = [];
  run({
    server: server(),
    client: function* () {
      const sock = open(CLIENT_PORT);
      yield* thread_create({ length: 16384 }, 16384, 8, 0, receiver, { sock, told }, 'receiver');
      results.push(yield* sock_dtls_send(sock, sessionTo(SERVER), bytes('x'), 1, SOCK_NO_TIMEOUT));
    },
  }, 7200);
  t.deepEqual(told, [HANDSHAKE]);
  t.deepEqual(results, []);
});

test('send: a peer that vanished during the wait is a diagnostic; the result stays -ETIMEDOUT', (t) => {
  // RIOT crashes: it resets a peer that is NULL. Another thread destroys the session here.
  const results: number[] = [];
  const node = board(function* () {
    const sock = open(CLIENT_PORT);
    const session = sessionTo('fe80::77');
    yield* thread_create({ length: 16384 }, 16384, 8, 0, function* () {
      yield* ztimer_sleep(ZTIMER_USEC, SECOND);
      yield* sock_dtls_session_destroy(sock, session);
    }, null, 'destroyer');
    results.push(yield* sock_dtls_send(sock, session, bytes('x'), 1, 2 * SECOND));
  });
  t.deepEqual(results, [-ETIMEDOUT]);
  t.is(printed(node), 'undefined on RIOT: sock_dtls_send() resets a peer that was freed while it waited\n');
});

test('send: a peer whose handshake is not finished gives 0 with any timeout, and sends nothing', (t) => {
  // Not an error and no wait: only the ClientHello is ever sent.
  const results: number[] = [];
  let took = NaN;
  const net = run({
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = sessionTo('fe80::77');
      yield* sock_dtls_session_init(sock, endpoint('fe80::77', SERVER_PORT), session);
      const before = ztimer_now(ZTIMER_USEC);
      for (const timeout of [0, SECOND, SOCK_NO_TIMEOUT]) {
        results.push(yield* sock_dtls_send(sock, session, bytes('hello'), 5, timeout));
      }
      took = ztimer_now(ZTIMER_USEC) - before;
    },
  });
  t.deepEqual(results, [0, 0, 0]);
  t.is(took, 0);
  t.is(net.events(net.client).filter((event) => event.type === 'message').length, 1);
});

test('send: connected, length 0 gives 0, and the server is told of an empty record', (t) => {
  // The server's receive returns 0 for it.
  const { sent, told } = sendLengths([0]);
  t.deepEqual(sent, [0]);
  t.deepEqual(told, [HANDSHAKE, 0]);
});

test('send: connected, 1 to 171 bytes give the length', (t) => {
  // The longest record is 200 bytes with its header, nonce and tag. The server gets all bytes.
  const { sent, told } = sendLengths([1, 29, 170, 171]);
  t.deepEqual(sent, [1, 29, 170, 171]);
  t.deepEqual(told.slice(1).map((data) => (data as string).length), [1, 29, 170, 171]);
});

test('send: connected, 172 to 179 bytes overrun a buffer on RIOT: a diagnostic, nothing is sent', (t) => {
  // Executed, case 13: real RIOT aborts. The session goes on here: the next record arrives.
  const { sent, told, net } = sendLengths([172, 179, 3]);
  t.deepEqual(sent, [INTERNAL_ERROR, INTERNAL_ERROR, 3]);
  t.deepEqual(told, [HANDSHAKE, 'xxx']);
  t.is(printed(net.client).match(/^undefined on RIOT: /gm)?.length, 2);
});

test('send: connected, 180 bytes and more give -592, which is no errno', (t) => {
  // The session goes on; nothing is printed.
  const { sent, told, net } = sendLengths([180, 1000, 3]);
  t.deepEqual(sent, [INTERNAL_ERROR, INTERNAL_ERROR, 3]);
  t.deepEqual(told, [HANDSHAKE, 'xxx']);
  t.is(printed(net.client), '');
});

test('send: connected, an error of the UDP sock is handed on, and the record number is used up', (t) => {
  // The sock is bound to another interface meanwhile, so sock_udp_send() refuses. Records 1 and 3 arrive.
  const results: number[] = [];
  const told: unknown[] = [];
  const net = run({
    server: server(told),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* connect(sock, session);
      results.push(yield* sock_dtls_send(sock, session, bytes('a'), 1, 0));
      sock.udp_sock!.local.netif = 99;
      results.push(yield* sock_dtls_send(sock, session, bytes('b'), 1, 0));
      sock.udp_sock!.local.netif = 0;
      results.push(yield* sock_dtls_send(sock, session, bytes('c'), 1, 0));
    },
  });
  t.deepEqual(results, [1, -EINVAL, 1]);
  t.deepEqual(told, [HANDSHAKE, 'a', 'c']);
  const numbers = net.events(net.server).flatMap((event) =>
    event.type === 'message' && event.name === 'ApplicationData' ? [event.recordSequence] : []);
  t.deepEqual(numbers, [1, 3]);
});

test('sendv: the pieces are joined to one record', (t) => {
  // One result, one record, with an empty piece between; only iol_len bytes of a piece count.
  const results: number[] = [];
  const told: unknown[] = [];
  run({
    server: server(told),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* connect(sock, session);
      const last: iolist_t = { iol_next: null, iol_base: bytes('lots'), iol_len: 2 };
      const empty: iolist_t = { iol_next: last, iol_base: null, iol_len: 0 };
      const first: iolist_t = { iol_next: empty, iol_base: bytes('hel'), iol_len: 3 };
      results.push(yield* sock_dtls_sendv(sock, session, first, 0));
    },
  });
  t.deepEqual(results, [5]);
  t.deepEqual(told, [HANDSHAKE, 'hello']);
});

test('send: a length beyond the buffer is a diagnostic, what is there is sent', (t) => {
  // C reads past the end of the buffer.
  const results: number[] = [];
  const told: unknown[] = [];
  const net = run({
    server: server(told),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* connect(sock, session);
      results.push(yield* sock_dtls_send(sock, session, bytes('hello'), 50, 0));
    },
  });
  t.deepEqual(results, [5]);
  t.deepEqual(told, [HANDSHAKE, 'hello']);
  t.is(printed(net.client), 'undefined on RIOT: sock_dtls_send() with length 50 for a buffer of 5 bytes\n');
});
