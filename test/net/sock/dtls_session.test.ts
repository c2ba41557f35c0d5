// Sessions of a DTLS sock. Each test is a row of what RIOT does; "executed" names the run on a real node.
import test from 'ava';
import { EADDRNOTAVAIL, EAGAIN, EINVAL, ENOMEM, ENOTCONN, ETIMEDOUT } from '../../../kernel/errno.ts';
import { ZTIMER_USEC, ztimer_now } from '../../../kernel/ztimer.ts';
import { AF_INET } from '../../../net/af.ts';
import type { NetEvent } from '../../../net/events.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_CLIENT, SOCK_DTLS_HANDSHAKE, SOCK_DTLS_SERVER, sock_dtls_close, sock_dtls_create,
  sock_dtls_recv, sock_dtls_send, sock_dtls_session_create, sock_dtls_session_destroy, sock_dtls_session_get_udp_ep,
  sock_dtls_session_init, sock_dtls_session_set_udp_ep, sock_dtls_session_t, sock_dtls_t,
} from '../../../net/sock/dtls.ts';
import {
  AF_INET6, AF_UNSPEC, SOCK_NO_TIMEOUT, sock_udp_create, sock_udp_ep_t, sock_udp_t,
} from '../../../net/sock/udp.ts';
import {
  CLIENT_PORT, SECOND, SERVER, SERVER_PORT, TAG, board, connect, endpoint, network, open, printed, run, server,
} from './dtls_harness.ts';

const HANDSHAKE = -SOCK_DTLS_HANDSHAKE;

function isAlert(event: NetEvent): event is NetEvent & { type: 'message' } {
  return event.type === 'message' && event.name.startsWith('Alert');
}

test('session_init: an unbound UDP sock gives -EADDRNOTAVAIL, before the end point is looked at', (t) => {
  // The end point is wrong too: port 0.
  const results: number[] = [];
  board(function* () {
    const udp = new sock_udp_t();
    sock_udp_create(udp, null, null, 0);
    const sock = new sock_dtls_t();
    results.push(yield* sock_dtls_session_init(sock, endpoint(SERVER, 0), new sock_dtls_session_t()));
    sock_dtls_create(sock, udp, TAG, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT);
    results.push(yield* sock_dtls_session_init(sock, endpoint(SERVER, 0), new sock_dtls_session_t()));
  });
  t.deepEqual(results, [-EADDRNOTAVAIL, -EADDRNOTAVAIL]);
});

test('session_init: port 0 gives -EINVAL, another family than AF_INET6 gives -EINVAL', (t) => {
  // Each is wrong alone.
  const results: number[] = [];
  board(function* () {
    const sock = open(CLIENT_PORT);
    const session = new sock_dtls_session_t();
    results.push(yield* sock_dtls_session_init(sock, endpoint(SERVER, 0), session));
    for (const family of [AF_UNSPEC, AF_INET]) {
      const ep = endpoint(SERVER, SERVER_PORT);
      ep.family = family;
      results.push(yield* sock_dtls_session_init(sock, ep, session));
    }
  });
  t.deepEqual(results, [-EINVAL, -EINVAL, -EINVAL]);
});

test('session_init: sends exactly one ClientHello and returns 1 at once, though nobody is there', (t) => {
  // Executed, case 10. The time does not pass in the call, and nothing is ever sent again.
  let result = NaN;
  let took = NaN;
  const net = run({
    client: function* () {
      const sock = open(CLIENT_PORT);
      const before = ztimer_now(ZTIMER_USEC);
      result = yield* sock_dtls_session_init(sock, endpoint('fe80::77', SERVER_PORT), new sock_dtls_session_t());
      took = ztimer_now(ZTIMER_USEC) - before;
    },
  }, 60);
  t.is(result, 1);
  t.is(took, 0);
  const sent = net.events(net.client).filter((event) => event.type === 'message');
  t.deepEqual(sent.map((event) => event.type === 'message' && event.name), ['ClientHello']);
});

test('session_init: no free peer gives -ENOMEM', (t) => {
  // CONFIG_DTLS_PEER_MAX is 1: the peer of the first handshake, which nobody answers, has the place.
  const results: number[] = [];
  const node = board(function* () {
    const sock = open(CLIENT_PORT);
    for (const addr of ['fe80::77', 'fe80::78']) {
      results.push(yield* sock_dtls_session_init(sock, endpoint(addr, SERVER_PORT), new sock_dtls_session_t()));
    }
  });
  t.deepEqual(results, [1, -ENOMEM]);
  t.is(printed(node), 'cannot create new peer\n');
});

test('session_init: no free handshake gives -ENOMEM, and the peer keeps its place until destroy', (t) => {
  // Executed, case 9: send then gives 0, as to a handshake that goes on, and not -ENOTCONN.
  const results: number[] = [];
  board(function* () {
    const sock = open(CLIENT_PORT);
    const session = new sock_dtls_session_t();
    const data = new Uint8Array(1);
    for (const addr of ['fe80::77', 'fe80::78', 'fe80::79']) {
      results.push(yield* sock_dtls_session_init(sock, endpoint(addr, SERVER_PORT), session));
    }
    results.push(yield* sock_dtls_send(sock, session, data, 1, 0));
    yield* sock_dtls_session_destroy(sock, session);
    results.push(yield* sock_dtls_send(sock, session, data, 1, 0));
  }, { CONFIG_DTLS_PEER_MAX: 3, CONFIG_DTLS_HANDSHAKE_MAX: 2 });
  t.deepEqual(results, [1, 1, -ENOMEM, 0, -ENOTCONN]);
});

test('session_init: a session that exists is a diagnostic; the old one goes without a close_notify', (t) => {
  // RIOT returns 1 as well and then goes on with freed memory. Here a new handshake takes the place of the old one.
  const results: number[] = [];
  const told: unknown[] = [];
  const net = run({
    server: server(told),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      results.push(yield* connect(sock, session));
      results.push(yield* sock_dtls_session_init(sock, endpoint(SERVER, SERVER_PORT), session));
      results.push(yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, SECOND));
    },
  });
  t.deepEqual(results, [HANDSHAKE, 1, HANDSHAKE]);
  t.deepEqual(told, [HANDSHAKE, HANDSHAKE]);
  t.regex(printed(net.client), /^undefined on RIOT: dtls_connect on an existing session/);
  t.false(net.events(net.client).some(isAlert));
});

test('session_destroy: without such a session nothing happens', (t) => {
  // Nothing is sent and nothing is printed.
  const net = run({
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* sock_dtls_session_destroy(sock, session);
      sock_dtls_session_set_udp_ep(session, endpoint(SERVER, SERVER_PORT));
      yield* sock_dtls_session_destroy(sock, session);
    },
  });
  t.is(printed(net.client), '');
  t.deepEqual(net.events(net.client).filter((event) => event.type === 'message'), []);
});

test('session_destroy: of a handshake under way sends a plain close_notify and frees the peer at once', (t) => {
  // Epoch 0; the next send finds no peer, and a new handshake finds the place free.
  const results: number[] = [];
  const net = run({
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      const ep = endpoint('fe80::77', SERVER_PORT);
      results.push(yield* sock_dtls_session_init(sock, ep, session));
      yield* sock_dtls_session_destroy(sock, session);
      results.push(yield* sock_dtls_send(sock, session, new Uint8Array(1), 1, 0));
      results.push(yield* sock_dtls_session_init(sock, ep, session));
    },
  });
  t.deepEqual(results, [1, -ENOTCONN, 1]);
  const messages = net.events(net.client).flatMap((event) => event.type === 'message' ? [event] : []);
  t.deepEqual(messages.map(({ name, epoch }) => [name, epoch]), [
    ['ClientHello', 0], ['Alert warning close_notify(0)', 0], ['ClientHello', 0],
  ]);
});

test('session_destroy: of a connected session sends an encrypted close_notify; send then gives -ENOTCONN', (t) => {
  // Executed, case 2. The alert is of epoch 1, and the server frees its peer by it.
  const results: number[] = [];
  const net = run({
    server: server(),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      results.push(yield* connect(sock, session));
      yield* sock_dtls_session_destroy(sock, session);
      results.push(yield* sock_dtls_send(sock, session, new Uint8Array(1), 1, 0));
    },
  });
  t.deepEqual(results, [HANDSHAKE, -ENOTCONN]);
  const alerts = net.events(net.client).flatMap((event) => isAlert(event) ? [event] : []);
  t.deepEqual(alerts.map(({ direction, epoch }) => [direction, epoch]), [['out', 1]]);
  const freed = net.events(net.server).filter((event) => event.type === 'peer' && event.what === 'freed');
  t.is(freed.length, 1);
});

test('session_destroy: reconnecting afterwards works', (t) => {
  // Executed. Three handshakes with one place for a peer on each side.
  const results: number[] = [];
  const told: unknown[] = [];
  run({
    server: server(told),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      for (let i = 0; i < 3; i++) {
        results.push(yield* connect(sock, session));
        yield* sock_dtls_session_destroy(sock, session);
      }
    },
  });
  t.deepEqual(results, [HANDSHAKE, HANDSHAKE, HANDSHAKE]);
  t.deepEqual(told, results);
});

test('session_destroy: with a full queue of messages frees the peer twice on RIOT: a diagnostic, once here', (t) => {
  // A client that waits for the server's Finished has three messages in the queue of three. The server never switches
  // to epoch 1, because it has another key.
  const net = run({
    server: server([], { key: 'other' }),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* sock_dtls_session_init(sock, endpoint(SERVER, SERVER_PORT), session);
      yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, SECOND);
      yield* sock_dtls_session_destroy(sock, session);
    },
  });
  t.regex(printed(net.client), /netq_node_new: malloc\ncannot add alert, retransmit buffer full\nundefined on RIOT: /);
  const freed = net.events(net.client).filter((event) => event.type === 'peer' && event.what === 'freed');
  t.is(freed.length, 1);
});

test('session_create (deprecated): waits for the handshake and gives 0, or what stopped it', (t) => {
  // -ETIMEDOUT when nobody answers; with timeout 0 it does not wait.
  const results: number[] = [];
  run({
    server: server(),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      results.push(yield* sock_dtls_session_create(sock, endpoint(SERVER, 0), session, SECOND));
      results.push(yield* sock_dtls_session_create(sock, endpoint('fe80::77', SERVER_PORT), session, SECOND));
      yield* sock_dtls_session_destroy(sock, session);
      results.push(yield* sock_dtls_session_create(sock, endpoint('fe80::77', SERVER_PORT), session, 0));
      yield* sock_dtls_session_destroy(sock, session);
      results.push(yield* sock_dtls_session_create(sock, endpoint(SERVER, SERVER_PORT), session, SECOND));
    },
  });
  t.deepEqual(results, [-EINVAL, -ETIMEDOUT, -EAGAIN, 0]);
});

test('session_set_udp_ep and get_udp_ep: the interface is kept for link-local addresses only', (t) => {
  // A global address comes back with interface 0, a link-local one with its own.
  board(function* () {
    for (const [addr, netif] of [['fe80::1', 6], ['2001:db8::1', 0], ['ff02::1', 6], ['::1', 0]] as const) {
      const session = new sock_dtls_session_t();
      const back = new sock_udp_ep_t();
      const ep = endpoint(addr, 4711);
      sock_dtls_session_set_udp_ep(session, ep);
      sock_dtls_session_get_udp_ep(session, back);
      t.deepEqual([back.family, back.port, back.netif], [AF_INET6, 4711, netif]);
      t.deepEqual(back.addr.ipv6, ep.addr.ipv6);
    }
  });
});

test('session_get_udp_ep: a session that was never filled has no family', (t) => {
  // As zeroed memory in C.
  board(function* () {
    const ep = endpoint(SERVER, 1);
    sock_dtls_session_get_udp_ep(new sock_dtls_session_t(), ep);
    t.deepEqual([ep.family, ep.port, ep.netif], [AF_UNSPEC, 0, 0]);
  });
});

test('session_set_udp_ep: another family fails the assertion', (t) => {
  // RIOT asserts 0 in the default branch of its conversion.
  const node = board(function* () {
    sock_dtls_session_set_udp_ep(new sock_dtls_session_t(), new sock_udp_ep_t());
    t.fail();
  });
  t.is(printed(node), 'pkg/tinydtls/contrib/sock_dtls.c:972 => FAILED ASSERTION.\n');
});

test('close: sends a close_notify to every peer and frees them; the UDP sock stays bound', (t) => {
  // The server is told nothing, but its peer is gone; the client makes a new DTLS sock over the same UDP sock.
  const results: number[] = [];
  const told: unknown[] = [];
  const net = run({
    server: server(told),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const udp = sock.udp_sock!;
      results.push(yield* connect(sock));
      yield* sock_dtls_close(sock);
      results.push(sock_dtls_create(sock, udp, TAG, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT));
      results.push(yield* connect(sock));
    },
  });
  t.deepEqual(results, [HANDSHAKE, 0, HANDSHAKE]);
  t.deepEqual(told, [HANDSHAKE, HANDSHAKE]);
  const freed = net.events(net.server).filter((event) => event.type === 'peer' && event.what === 'freed');
  t.is(freed.length, 1);
});

test('the role is not enforced: a client sock answers, a server sock starts a handshake', (t) => {
  // Executed, case 11. The roles are swapped on both boards.
  const results: number[] = [];
  const told: number[] = [];
  run({
    server: function* () {
      const sock = open(SERVER_PORT, SOCK_DTLS_CLIENT);
      const session = new sock_dtls_session_t();
      told.push(yield* sock_dtls_recv(sock, session, new Uint8Array(256), 256, SOCK_NO_TIMEOUT));
    },
    client: function* () {
      results.push(yield* connect(open(CLIENT_PORT, SOCK_DTLS_SERVER)));
    },
  });
  t.deepEqual([results, told], [[HANDSHAKE], [HANDSHAKE]]);
});

test('the session of a finished handshake names the remote end point, on both sides', (t) => {
  // Address, port and interface as the datagrams had them.
  const seen: unknown[] = [];
  const told: unknown[] = [];
  const tell = (session: sock_dtls_session_t, into: unknown[]) => {
    const ep = new sock_udp_ep_t();
    sock_dtls_session_get_udp_ep(session, ep);
    into.push(ep.family, ep.addr.ipv6[0], ep.addr.ipv6[15], ep.port, ep.netif);
  };
  run({
    server: function* () {
      const session = new sock_dtls_session_t();
      yield* sock_dtls_recv(open(SERVER_PORT), session, new Uint8Array(256), 256, SOCK_NO_TIMEOUT);
      tell(session, told);
    },
    client: function* () {
      const session = new sock_dtls_session_t();
      yield* connect(open(CLIENT_PORT), session);
      tell(session, seen);
    },
  });
  t.deepEqual(seen, [AF_INET6, 0xfe, 0x0a, SERVER_PORT, 6]);
  t.deepEqual(told, [AF_INET6, 0xfe, 0x0b, CLIENT_PORT, 6]);
});

test('a client that restarts replaces its peer at the server, which is told of a new handshake', (t) => {
  // The same end point, one place for a peer: the first session is not closed by anyone.
  const told: unknown[] = [];
  const results: number[] = [];
  const net = network({
    server: server(told),
    client: function* () {
      results.push(yield* connect(open(CLIENT_PORT)));
    },
  });
  net.simulation.runUntil(5 * SECOND);
  net.simulation.apply({ type: 'reboot', node: 'client' });
  net.simulation.runUntil(10 * SECOND);
  t.deepEqual([results, told], [[HANDSHAKE, HANDSHAKE], [HANDSHAKE, HANDSHAKE]]);
});

test('a client for whom the server has no peer left gets a fatal internal_error', (t) => {
  // Its recv runs to its end and a send gives -ENOTCONN. The first client, on another port of the same board, has the
  // server's only place and keeps its session.
  const told: unknown[] = [];
  const results: number[] = [];
  const net = run({
    server: server(told),
    client: function* () {
      const [first, second] = [open(CLIENT_PORT), open(CLIENT_PORT + 1)];
      const [session, late] = [new sock_dtls_session_t(), new sock_dtls_session_t()];
      results.push(yield* connect(first, session), yield* connect(second, late));
      sock_dtls_session_set_udp_ep(late, endpoint(SERVER, SERVER_PORT));
      results.push(yield* sock_dtls_send(second, late, new Uint8Array(1), 1, 0));
      results.push(yield* sock_dtls_send(first, session, new Uint8Array([0x61]), 1, 0));
    },
    clientConfig: { CONFIG_DTLS_PEER_MAX: 2 },
  });
  t.deepEqual(results, [HANDSHAKE, -ETIMEDOUT, -ENOTCONN, 1]);
  t.deepEqual(told, [HANDSHAKE, 'a']);
  t.is(printed(net.client), '80 invalidate peer\nreceived fatal alert, peer has been invalidated\n');
  t.is(printed(net.server), 'cannot create peer\nerror while handling handshake packet\n');
});
