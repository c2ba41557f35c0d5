// Receiving over a DTLS sock. Each test is a row of what RIOT does; "executed" names the run on a real node.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import {
  EADDRNOTAVAIL, EAGAIN, EINVAL, ENOBUFS, ENOTCONN, EPROTO, ETIMEDOUT,
} from '../../../kernel/errno.ts';
import { mbox_put } from '../../../kernel/mbox.ts';
import { msg_t } from '../../../kernel/msg.ts';
import { thread_create } from '../../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_now, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { dtls_get_peer, dtls_write, type DtlsSteps } from '../../../net/dtls/dtls.ts';
import type { Context } from '../../../net/dtls/env.ts';
import { prepareRecord } from '../../../net/dtls/record.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_CLIENT, SOCK_DTLS_HANDSHAKE, SOCK_DTLS_SERVER, sock_dtls_close, sock_dtls_create,
  sock_dtls_recv, sock_dtls_send, sock_dtls_session_destroy, sock_dtls_session_get_udp_ep,
  sock_dtls_session_init, sock_dtls_session_t, sock_dtls_t,
} from '../../../net/sock/dtls.ts';
import {
  SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_create, sock_udp_ep_t, sock_udp_send, sock_udp_t,
} from '../../../net/sock/udp.ts';
import {
  CLIENT, CLIENT_PORT, SECOND, SERVER, SERVER_PORT, TAG, board, bytes, connect, endpoint, open, printed, run, server,
  serverThat, text,
} from './dtls_harness.ts';

const HANDSHAKE = -SOCK_DTLS_HANDSHAKE;

/** The datagrams that a function of the engine would send. */
function datagramsOf(steps: DtlsSteps<unknown>): Uint8Array[] {
  const sent: Uint8Array[] = [];
  let step = steps.next(0);
  while (step.done !== true) {
    if (step.value.type === 'send') sent.push(step.value.datagram);
    step = steps.next(step.value.type === 'send' ? step.value.datagram.length : 0);
  }
  return sent;
}

/** The datagram of one record of application data. */
function sealed(sock: sock_dtls_t, session: sock_dtls_session_t, data: string): Uint8Array {
  const buffer = bytes(data);
  return datagramsOf(dtls_write(sock.dtls_ctx!, session.dtls_session, buffer, buffer.length))[0];
}

function joined(datagrams: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(datagrams.flatMap((datagram) => [...datagram]));
}

function* sendRaw(sock: sock_dtls_t, datagram: Uint8Array): Blocking<void> {
  yield* sock_udp_send(sock.udp_sock, datagram, datagram.length, endpoint(CLIENT, CLIENT_PORT));
}

/** A client that connects and then receives with this time-out until `count` results are there. */
function* receiveAll(results: unknown[], count: number, timeout: number, maxlen = 256): Blocking<sock_dtls_t> {
  const sock = open(CLIENT_PORT);
  const session = new sock_dtls_session_t();
  yield* connect(sock, session);
  const buffer = new Uint8Array(256);
  for (let i = 0; i < count; i++) {
    const res = yield* sock_dtls_recv(sock, session, buffer, maxlen, timeout);
    results.push(res > 0 ? text(buffer, res) : res);
  }
  return sock;
}

test('recv: an unbound UDP sock gives -EADDRNOTAVAIL', (t) => {
  // The DTLS sock itself is open.
  const results: number[] = [];
  board(function* () {
    const udp = new sock_udp_t();
    sock_udp_create(udp, null, null, 0);
    const sock = new sock_dtls_t();
    sock_dtls_create(sock, udp, TAG, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT);
    for (const timeout of [0, SECOND, SOCK_NO_TIMEOUT]) {
      results.push(yield* sock_dtls_recv(sock, new sock_dtls_session_t(), new Uint8Array(9), 9, timeout));
    }
  });
  t.deepEqual(results, [-EADDRNOTAVAIL, -EADDRNOTAVAIL, -EADDRNOTAVAIL]);
});

test('recv: timeout 0 and no datagram gives -EAGAIN, a timeout that expires -ETIMEDOUT', (t) => {
  // Times are exact: nothing costs CPU time on native.
  const results: number[][] = [];
  board(function* () {
    const sock = open(CLIENT_PORT);
    for (const timeout of [0, 1000, 3 * SECOND]) {
      const before = ztimer_now(ZTIMER_USEC);
      const res = yield* sock_dtls_recv(sock, new sock_dtls_session_t(), new Uint8Array(9), 9, timeout);
      results.push([res, ztimer_now(ZTIMER_USEC) - before]);
    }
  });
  t.deepEqual(results, [[-EAGAIN, 0], [-ETIMEDOUT, 1000], [-ETIMEDOUT, 3 * SECOND]]);
});

test('recv: polling a handshake with timeout 0 takes six calls, the last of them tells it', (t) => {
  // Executed: HelloVerifyRequest, ServerHello, ServerHelloDone, ChangeCipherSpec and Finished are -ETIMEDOUT each.
  const results: number[] = [];
  run({
    server: server(),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* sock_dtls_session_init(sock, endpoint(SERVER, SERVER_PORT), session);
      for (let i = 0; i < 1000; i++) {
        const res = yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, 0);
        if (res !== -EAGAIN) results.push(res);
        yield* ztimer_sleep(ZTIMER_USEC, 1000);
      }
    },
  });
  t.deepEqual(results, [-ETIMEDOUT, -ETIMEDOUT, -ETIMEDOUT, -ETIMEDOUT, -ETIMEDOUT, HANDSHAKE]);
});

test('recv: polling data with timeout 0 gives -ETIMEDOUT first, the next call gives the data', (t) => {
  // Executed. Two calls a datagram.
  const results: unknown[] = [];
  run({
    server: serverThat((sock, session) => sock_dtls_send(sock, session, bytes('hello'), 5, 0)),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* connect(sock, session);
      yield* ztimer_sleep(ZTIMER_USEC, 2 * SECOND);
      const buffer = new Uint8Array(256);
      for (let i = 0; i < 3; i++) {
        const res = yield* sock_dtls_recv(sock, session, buffer, 256, 0);
        results.push(res > 0 ? text(buffer, res) : res);
      }
    },
  });
  t.deepEqual(results, [-ETIMEDOUT, 'hello', -EAGAIN]);
});

test('recv: data that waits lies in the buffer of the call before', (t) => {
  // The app overwrites that buffer, and the next call, with another buffer, gives what it wrote.
  let result = '';
  run({
    server: serverThat((sock, session) => sock_dtls_send(sock, session, bytes('hello'), 5, 0)),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* connect(sock, session);
      yield* ztimer_sleep(ZTIMER_USEC, 2 * SECOND);
      const [first, second] = [new Uint8Array(256), new Uint8Array(256)];
      yield* sock_dtls_recv(sock, session, first, 256, 0);
      first.fill(0x21);
      result = text(second, yield* sock_dtls_recv(sock, session, second, 256, 0));
    },
  });
  t.is(result, '!!!!!');
});

test('recv: the time that datagrams took is taken off the timeout', (t) => {
  // Garbage comes a second after the start and is not told; the time-out of two seconds ends at two, not at three.
  let took = NaN;
  const results: number[] = [];
  run({
    server: serverThat((sock) => sendRaw(sock, bytes('garbage'))),
    client: function* () {
      const sock = open(CLIENT_PORT);
      yield* connect(sock);
      const before = ztimer_now(ZTIMER_USEC);
      results.push(yield* sock_dtls_recv(sock, new sock_dtls_session_t(), new Uint8Array(256), 256, 2 * SECOND));
      took = ztimer_now(ZTIMER_USEC) - before;
    },
  });
  t.deepEqual(results, [-ETIMEDOUT]);
  // The time that is left is waited for in whole milliseconds, rounded up.
  t.true(took >= 2 * SECOND && took < 2 * SECOND + 1000, `${took} us`);
});

test('recv: a finished handshake gives -SOCK_DTLS_HANDSHAKE once, on either side and for each session', (t) => {
  // The client's next call times out, the server's waits on.
  const results: number[] = [];
  const told: unknown[] = [];
  run({
    server: server(told),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      for (let i = 0; i < 2; i++) {
        results.push(yield* connect(sock, session));
        results.push(yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, SECOND));
        yield* sock_dtls_session_destroy(sock, session);
      }
    },
  });
  t.deepEqual(results, [HANDSHAKE, -ETIMEDOUT, HANDSHAKE, -ETIMEDOUT]);
  t.deepEqual(told, [HANDSHAKE, HANDSHAKE]);
});

test('recv: a datagram longer than maxlen gives -ENOBUFS and is lost', (t) => {
  // Executed: 11 bytes of data are a record of 40, and maxlen is 20, then 39; with 40 the next one fits.
  const results: unknown[] = [];
  run({
    server: serverThat(function* (sock, session) {
      for (let i = 0; i < 2; i++) yield* sock_dtls_send(sock, session, bytes('elevenbytes'), 11, 0);
      yield* ztimer_sleep(ZTIMER_USEC, SECOND);
      yield* sock_dtls_send(sock, session, bytes('ELEVENBYTES'), 11, 0);
    }),
    client: function* () {
      const sock = yield* receiveAll(results, 1, 3 * SECOND, 20);
      const session = new sock_dtls_session_t();
      const buffer = new Uint8Array(40);
      results.push(yield* sock_dtls_recv(sock, session, buffer, 39, 3 * SECOND));
      const res = yield* sock_dtls_recv(sock, session, buffer, 40, 3 * SECOND);
      results.push(text(buffer, res));
    },
  });
  t.deepEqual(results, [-ENOBUFS, -ENOBUFS, 'ELEVENBYTES']);
});

test('recv: decrypted data longer than maxlen gives -ENOBUFS and is dropped', (t) => {
  // It waits from a call with room for the record; the next call has room for less than the data.
  const results: number[] = [];
  run({
    server: serverThat((sock, session) => sock_dtls_send(sock, session, bytes('hello'), 5, 0)),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* connect(sock, session);
      yield* ztimer_sleep(ZTIMER_USEC, 2 * SECOND);
      for (const maxlen of [256, 4, 256]) {
        results.push(yield* sock_dtls_recv(sock, session, new Uint8Array(maxlen), maxlen, 0));
      }
    },
  });
  t.deepEqual(results, [-ETIMEDOUT, -ENOBUFS, -EAGAIN]);
});

test('recv: an empty record gives 0, and so does an empty datagram', (t) => {
  // The empty datagram is no DTLS at all.
  const results: unknown[] = [];
  run({
    server: serverThat(function* (sock, session) {
      yield* sock_dtls_send(sock, session, new Uint8Array(0), 0, 0);
      yield* ztimer_sleep(ZTIMER_USEC, SECOND);
      yield* sendRaw(sock, new Uint8Array(0));
    }),
    client: function* () {
      yield* receiveAll(results, 3, 5 * SECOND);
    },
  });
  t.deepEqual(results, [0, 0, -ETIMEDOUT]);
});

test('recv: a datagram from another end point on a connected UDP sock gives -EPROTO and is consumed', (t) => {
  // The client's UDP sock is connected to another port of the server.
  const results: number[] = [];
  run({
    server: function* () {
      const sock = open(SERVER_PORT, SOCK_DTLS_SERVER);
      yield* ztimer_sleep(ZTIMER_USEC, 3 * SECOND);
      yield* sendRaw(sock, bytes('hello'));
    },
    client: function* () {
      const udp = new sock_udp_t();
      const local = SOCK_IPV6_EP_ANY();
      local.port = CLIENT_PORT;
      sock_udp_create(udp, local, endpoint(SERVER, SERVER_PORT + 1), 0);
      const sock = new sock_dtls_t();
      sock_dtls_create(sock, udp, TAG, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT);
      for (let i = 0; i < 2; i++) {
        results.push(yield* sock_dtls_recv(sock, new sock_dtls_session_t(), new Uint8Array(256), 256, 5 * SECOND));
      }
    },
  });
  t.deepEqual(results, [-EPROTO, -ETIMEDOUT]);
});

test('recv: a foreign message in the mailbox of the UDP sock gives -EINVAL', (t) => {
  // Its type is none of the stack's.
  const results: number[] = [];
  board(function* () {
    const sock = open(CLIENT_PORT);
    yield* mbox_put(sock.udp_sock!.reg.mbox, new msg_t());
    results.push(yield* sock_dtls_recv(sock, new sock_dtls_session_t(), new Uint8Array(9), 9, 0));
  });
  t.deepEqual(results, [-EINVAL]);
});

test('recv: other messages in the mailbox of the DTLS sock are ignored', (t) => {
  // Alerts of level 0 get there; only CONNECTED is told.
  const results: number[] = [];
  board(function* () {
    const sock = open(CLIENT_PORT);
    for (let i = 0; i < 3; i++) yield* mbox_put(sock.mbox, new msg_t());
    results.push(yield* sock_dtls_recv(sock, new sock_dtls_session_t(), new Uint8Array(9), 9, 0));
  });
  t.deepEqual(results, [-EAGAIN]);
});

test('recv: garbage, a forged record and a replayed one tell nothing', (t) => {
  // The good record between them arrives once; the call goes on waiting over the others.
  const results: unknown[] = [];
  run({
    server: serverThat(function* (sock, session) {
      const forged = sealed(sock, session, 'forged');
      forged[forged.length - 1] ^= 1;
      const good = sealed(sock, session, 'good');
      for (const datagram of [bytes('garbage'), forged, good, good]) {
        yield* sendRaw(sock, datagram);
        yield* ztimer_sleep(ZTIMER_USEC, SECOND / 2);
      }
    }),
    client: function* () {
      yield* receiveAll(results, 2, 10 * SECOND);
    },
  }, 60);
  t.deepEqual(results, ['good', -ETIMEDOUT]);
});

test('recv: a close_notify of the peer is not told; the next send gives -ENOTCONN', (t) => {
  // Executed, case 3. The call runs to its time-out.
  const results: number[] = [];
  run({
    server: serverThat((sock, session) => sock_dtls_session_destroy(sock, session)),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* connect(sock, session);
      results.push(yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, 5 * SECOND));
      results.push(yield* sock_dtls_send(sock, session, new Uint8Array(1), 1, 0));
    },
  });
  t.deepEqual(results, [-ETIMEDOUT, -ENOTCONN]);
});

function twoRecords(results: unknown[], profile: 'riot' | 'rfc') {
  return run({
    profile,
    server: serverThat((sock, session) =>
      sendRaw(sock, joined([sealed(sock, session, 'first'), sealed(sock, session, 'second')]))),
    client: function* () {
      yield* receiveAll(results, 2, 5 * SECOND);
    },
  });
}

test('recv: of two records in a datagram the second is dropped: dtls-second-record-lost', (t) => {
  // Both are authentic and decrypted, but there is one place for data. Profile rfc keeps the second.
  const kept: unknown[] = [];
  twoRecords(kept, 'rfc');
  t.deepEqual(kept, ['first', 'second']);
  const results: unknown[] = [];
  const net = twoRecords(results, 'riot');
  t.deepEqual(results, ['first', -ETIMEDOUT]);
  const drops = net.events(net.client).flatMap((event) => event.type === 'drop' ? [[event.reason, event.bytes]] : []);
  t.deepEqual(drops, [['data of an earlier record waits', 6]]);
});

/** A datagram of `count` handshake records of epoch 1: HelloRequests, which a connected peer ignores. */
function helloRequests(sock: sock_dtls_t, session: sock_dtls_session_t, count: number): Uint8Array {
  const ctx = sock.dtls_ctx as Context;
  const peer = dtls_get_peer(ctx, session.dtls_session)!;
  const records: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const action = prepareRecord(ctx, peer, 22, new Uint8Array(12));
    if (typeof action === 'number') throw new Error(`prepareRecord: ${action}`);
    records.push(action.datagram);
  }
  return joined(records);
}

test('recv: a handshake record after the handshake makes CONNECTED be told again', (t) => {
  // An ignored HelloRequest is enough; four in one datagram just fit the mailbox.
  const results: unknown[] = [];
  run({
    server: serverThat((sock, session) => sendRaw(sock, helloRequests(sock, session, 4))),
    client: function* () {
      yield* receiveAll(results, 5, 5 * SECOND);
    },
  });
  t.deepEqual(results, [HANDSHAKE, HANDSHAKE, HANDSHAKE, HANDSHAKE, -ETIMEDOUT]);
});

test('recv: a fifth CONNECTED that no one has read blocks the thread for ever', (t) => {
  // The thread that handles the datagram waits in mbox_put() for itself. The gauge shows the mailbox full.
  const results: unknown[] = [];
  const net = run({
    server: serverThat((sock, session) => sendRaw(sock, helloRequests(sock, session, 5))),
    client: function* () {
      yield* receiveAll(results, 1, 5 * SECOND);
    },
  }, 3600);
  t.deepEqual(results, []);
  const gauges = net.events(net.client).flatMap((event) =>
    event.type === 'gauge' && event.name === 'SOCK_DTLS_MBOX_SIZE' ? [event.used] : []);
  t.deepEqual(gauges.slice(-5), [1, 2, 3, 4, 4]);
});

test('recv: a handshake told after its session was destroyed is a diagnostic, the session is still named', (t) => {
  // RIOT reads the freed peer.
  const results: number[] = [];
  const ep = new sock_udp_ep_t();
  const net = run({
    server: server(),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* sock_dtls_session_init(sock, endpoint(SERVER, SERVER_PORT), session);
      for (let i = 0; i < 5; i++) {
        yield* ztimer_sleep(ZTIMER_USEC, SECOND / 10);
        yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, 0);
      }
      yield* sock_dtls_session_destroy(sock, session);
      const told = new sock_dtls_session_t();
      results.push(yield* sock_dtls_recv(sock, told, new Uint8Array(256), 256, 0));
      sock_dtls_session_get_udp_ep(told, ep);
    },
  });
  t.deepEqual(results, [HANDSHAKE]);
  t.is(ep.port, SERVER_PORT);
  t.is(printed(net.client),
    'undefined on RIOT: sock_dtls_recv() tells the session of a peer that was freed meanwhile\n');
});

test('recv: the session names whoever sent the last datagram, also when that tells nothing', (t) => {
  // The client is connected to nobody; a stranger's garbage and the time-out leave the stranger's address.
  const results: number[] = [];
  const ep = new sock_udp_ep_t();
  run({
    server: function* () {
      const sock = open(SERVER_PORT, SOCK_DTLS_SERVER);
      yield* ztimer_sleep(ZTIMER_USEC, 3 * SECOND);
      yield* sendRaw(sock, bytes('garbage'));
    },
    client: function* () {
      const session = new sock_dtls_session_t();
      results.push(yield* sock_dtls_recv(open(CLIENT_PORT), session, new Uint8Array(256), 256, 5 * SECOND));
      sock_dtls_session_get_udp_ep(session, ep);
    },
  });
  t.deepEqual(results, [-ETIMEDOUT]);
  t.deepEqual([ep.addr.ipv6[15], ep.port], [0x0a, SERVER_PORT]);
});

test('recv: a sock that another thread closes meanwhile is a diagnostic and -EINVAL', (t) => {
  // The datagram that ends the wait finds no context.
  const results: number[] = [];
  const net = run({
    server: function* () {
      const sock = open(SERVER_PORT, SOCK_DTLS_SERVER);
      yield* ztimer_sleep(ZTIMER_USEC, 3 * SECOND);
      yield* sendRaw(sock, bytes('garbage'));
    },
    client: function* () {
      const sock = open(CLIENT_PORT);
      yield* closeLater(sock);
      results.push(yield* sock_dtls_recv(sock, new sock_dtls_session_t(), new Uint8Array(256), 256, 5 * SECOND));
    },
  });
  t.deepEqual(results, [-EINVAL]);
  t.is(printed(net.client), 'undefined on RIOT: sock_dtls_recv() on a DTLS sock that is not open\n');
});

function* closeLater(sock: sock_dtls_t): Blocking<void> {
  yield* thread_create({ length: 16384 }, 16384, 8, 0, function* () {
    yield* ztimer_sleep(ZTIMER_USEC, SECOND);
    yield* sock_dtls_close(sock);
  }, null, 'closer');
}

test('recv: a length beyond the buffer is a diagnostic, no more than the buffer is used', (t) => {
  // C writes past its end.
  const results: unknown[] = [];
  const net = run({
    server: serverThat((sock, session) => sock_dtls_send(sock, session, bytes('hello'), 5, 0)),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* connect(sock, session);
      results.push(yield* sock_dtls_recv(sock, session, new Uint8Array(33), 256, 5 * SECOND));
    },
  });
  t.deepEqual(results, [-ENOBUFS]);
  t.is(printed(net.client), 'undefined on RIOT: sock_dtls_recv() with length 256 for a buffer of 33 bytes\n');
});
