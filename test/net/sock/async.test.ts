import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { EAGAIN, EBADMSG, ENOMEM } from '../../../kernel/errno.ts';
import { EVENT_QUEUE_INIT, EVENT_QUEUE_INIT_DETACHED, event_loop, type event_queue_t } from '../../../kernel/event.ts';
import { thread_get, thread_getpid } from '../../../kernel/thread.ts';
import {
  SOCK_ASYNC_MSG_RECV, SOCK_ASYNC_MSG_SENT, sock_ip_set_cb, sock_udp_get_async_ctx, sock_udp_set_cb,
} from '../../../net/sock/async.ts';
import {
  sock_ip_event_close, sock_ip_event_init, sock_udp_event_close, sock_udp_event_init,
} from '../../../net/sock/async/event.ts';
import { sock_ip_create, sock_ip_recv, sock_ip_send, sock_ip_t } from '../../../net/sock/ip.ts';
import {
  SOCK_NO_TIMEOUT, sock_udp_close, sock_udp_create, sock_udp_recv, sock_udp_send, sock_udp_t,
} from '../../../net/sock/udp.ts';
import { PROTNUM_UDP } from '../../../net/wire/ipv6.ts';
import type { TestNode } from '../gnrc/network.ts';
import { pattern } from '../gnrc/traffic.ts';
import { arrive, boot, create, endpoint, on, PORT } from './node.ts';

const ASYNC = { modules: ['sock_async'] };
const EVENTS = { modules: ['sock_async_event', 'sock_ip'] };

/** A sock that notes in which thread its callback ran and what it was told. */
function noting(node: TestNode): { sock: sock_udp_t; calls: string[] } {
  const sock = create(node, endpoint('::', PORT), null);
  const calls: string[] = [];
  on(node, () => sock_udp_set_cb(sock, (which, flags, arg) => {
    calls.push(`${which === sock} ${thread_get(thread_getpid())?.name} ${flags} ${String(arg)}`);
  }, 'arg'));
  return { sock, calls };
}

function recv(node: TestNode, sock: sock_udp_t): number {
  return node.do(() => sock_udp_recv(sock, new Uint8Array(10), 10, 0, null));
}

test('a callback runs in the udp thread once the datagram is in the mailbox', (t) => {
  // gnrc_sock.c, _netapi_cb(): mbox first, then the callback, in the thread that dispatches.
  const node = boot(ASYNC);
  const { sock, calls } = noting(node);
  arrive(node, pattern(5));
  t.deepEqual(calls, [`true udp ${SOCK_ASYNC_MSG_RECV} arg`]);
  t.is(recv(node, sock), 5);
  t.is(recv(node, sock), -EAGAIN);
  t.is(node.pktbuf, 0);
});

test('recv calls the callback again as long as more waits', (t) => {
  // gnrc_sock_recv() after it has taken a packet: mbox_avail(). Handlers that receive once a call miss nothing.
  const node = boot(ASYNC);
  const { sock, calls } = noting(node);
  for (let i = 0; i < 3; i++) arrive(node, pattern(5, i));
  t.is(calls.length, 3);
  for (const more of [1, 2, 2]) {
    t.is(recv(node, sock), 5);
    t.deepEqual(calls.slice(3), new Array<string>(more).fill(`true test ${SOCK_ASYNC_MSG_RECV} arg`));
  }
});

test('a full mailbox drops with RIOT\'s own text, and no callback', (t) => {
  // "gnrc_sock: ...", not "gnrc_netapi: ..." as without sock_async.
  const node = boot(ASYNC);
  const { sock, calls } = noting(node);
  for (let i = 0; i < 12; i++) arrive(node, pattern(5, i));
  t.is(calls.length, 8);
  t.is(node.console.match(/gnrc_sock: dropped message to 0x[0-9a-f]+ \(was full\)\n/g)?.length, 4);
  t.is(node.drops('sock mbox-full'), 4);
  for (let i = 0; i < 8; i++) t.is(recv(node, sock), 5);
  t.is(node.pktbuf, 0);
});

test('recv with a time-out warns a sock with a callback', (t) => {
  // gnrc_sock_recv() with DEVELHELP; it waits none the less.
  const node = boot(ASYNC);
  const { sock } = noting(node);
  const warning = 'gnrc_sock: timeout != 0 within the asynchronous callback lead to unexpected delays within the ' +
    'asynchronous handler.\n';
  arrive(node, pattern(5));
  t.is(recv(node, sock), 5);
  t.false(node.console.includes(warning));
  arrive(node, pattern(6));
  t.is(node.do(() => sock_udp_recv(sock, new Uint8Array(10), 10, SOCK_NO_TIMEOUT, null)), 6);
  t.true(node.console.endsWith(warning));
});

test('a callback tells of what was sent, in the thread that sent it, and of UDP failures too', (t) => {
  // gnrc_sock_udp.c calls it whatever gnrc_sock_send() returned, but not when there was no room before that;
  // gnrc_sock_ip.c after successes only.
  const sent = `true test ${SOCK_ASYNC_MSG_SENT} arg`;
  const results = (baseModules: string[], size: number): [number, string[]] => {
    const node = boot({ baseModules: [...baseModules, 'sock_udp', 'sock_async'],
      config: { CONFIG_GNRC_PKTBUF_SIZE: size } });
    const { sock, calls } = noting(node);
    return [node.do(() => sock_udp_send(sock, pattern(60), 60, endpoint('fe80::c', 1000))), calls];
  };
  const base = ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default'];
  t.deepEqual(results(base, 6144), [60, [sent]]);
  t.deepEqual(results(base, 160), [-ENOMEM, [sent]]);
  t.deepEqual(results(base, 128), [-ENOMEM, []]);

  const node = boot({ modules: ['sock_async', 'sock_ip'] });
  const ip = on(node, () => new sock_ip_t());
  const calls: number[] = [];
  on(node, () => {
    sock_ip_create(ip, endpoint('::', 0), null, 254, 0);
    sock_ip_set_cb(ip, (_sock, flags) => { calls.push(flags); }, null);
  });
  t.is(node.do(() => sock_ip_send(ip, pattern(5), 5, 0, endpoint('fe80::c', 0))), 5);
  t.is(node.do(() => sock_ip_send(ip, null, 0, 0, endpoint('fe80::c', 0))), 0);
  t.deepEqual(calls, [SOCK_ASYNC_MSG_SENT]);

  const deaf = boot({ baseModules: ['gnrc', 'sock_ip', 'sock_async'] });
  t.is(deaf.do(() => sock_ip_send(null, pattern(5), 5, 254, endpoint('fe80::c', 0))), -EBADMSG);
  t.is(deaf.pktbuf, 0);
});

test('a callback is forgotten by the send that binds its sock, by create, and by null', (t) => {
  // gnrc_sock_create() sets it to NULL, and an unbound sock is only then set up to receive.
  const node = boot(ASYNC);
  const sock = create(node, null, null);
  const calls: number[] = [];
  const set = (): void => on(node, () => sock_udp_set_cb(sock, (_sock, flags) => { calls.push(flags); }, null));
  const send = (): number => node.do(() => sock_udp_send(sock, pattern(5), 5, endpoint('fe80::c', 1000)));
  set();
  send();
  t.deepEqual(calls, []);
  set();
  send();
  t.deepEqual(calls, [SOCK_ASYNC_MSG_SENT]);
  on(node, () => sock_udp_set_cb(sock, null, null));
  send();
  set();
  on(node, () => {
    sock_udp_close(sock);
    sock_udp_create(sock, endpoint('::', PORT), null, 0);
  });
  arrive(node, pattern(5));
  t.is(calls.length, 1);
});

test('a callback needs module sock_async', (t) => {
  // RIOT's linker refuses such an image.
  const node = boot();
  const sock = create(node, endpoint('::', PORT), null);
  t.throws(() => node.kernel.run(() => sock_udp_set_cb(sock, null, null)), {
    instanceOf: TypeError, message: 'sock_udp_set_cb() needs module sock_async',
  });
});

test('close: with sock_async RIOT leaves what waits in the packet buffer, profile rfc frees it', (t) => {
  // gnrc_netreg_unregister() drains the mailbox of entries of type mbox; with callbacks they are of another type. Quirk
  // sock-async-close-leak.
  for (const profile of ['riot', 'rfc'] as const) {
    const node = boot({ ...ASYNC, profile });
    const { sock } = noting(node);
    arrive(node, pattern(5));
    arrive(node, pattern(5));
    const used = node.pktbuf;
    t.true(used > 0);
    on(node, () => sock_udp_close(sock));
    t.is(node.pktbuf, profile === 'riot' ? used : 0);
  }
});

/** A thread that serves a queue; what its handlers noted. */
function server(node: TestNode): { queue: event_queue_t; calls: string[] } {
  const box: { queue: event_queue_t | null } = { queue: null };
  node.start(function* (): Blocking<void> {
    box.queue = EVENT_QUEUE_INIT();
    yield* event_loop(box.queue);
  }, 8);
  node.network.runFor(100);
  return { queue: box.queue!, calls: [] };
}

test('an event handler runs in the queue\'s thread, once for all that has happened', (t) => {
  // sock_async_event.c: types are or-ed until the handler takes them; it reads its argument and its sock.
  const node = boot(EVENTS);
  const { queue, calls } = server(node);
  const sock = create(node, endpoint('::', PORT), null);
  on(node, () => sock_udp_event_init(sock, queue, function* (which, flags, arg) {
    const res = yield* sock_udp_recv(which, new Uint8Array(10), 10, 0, null);
    calls.push(`${which === sock} ${thread_get(thread_getpid())?.priority} ${flags} ${String(arg)} ${res}`);
  }, 'arg'));
  node.do(function* (): Blocking<void> {
    yield* sock_udp_send(sock, pattern(5), 5, endpoint('fe80::a', PORT));
    yield* sock_udp_send(sock, pattern(6), 6, endpoint('fe80::a', PORT));
  });
  node.network.runFor(1000);
  const both = SOCK_ASYNC_MSG_RECV | SOCK_ASYNC_MSG_SENT;
  // The first recv finds a second datagram waiting, which is an event of its own.
  t.deepEqual(calls, [`true 8 ${both} arg 5`, `true 8 ${SOCK_ASYNC_MSG_RECV} arg 6`]);
  t.is(node.pktbuf, 0);
});

test('an event of a queue that nobody serves waits, and close takes it out', (t) => {
  // sock_event_close() cancels; the waiter of the queue may be none.
  const node = boot(EVENTS);
  const queue = on(node, () => EVENT_QUEUE_INIT_DETACHED());
  const sock = create(node, endpoint('::', PORT), null);
  on(node, () => sock_udp_event_init(sock, queue, () => undefined, null));
  arrive(node, pattern(5));
  t.is(queue.first, sock_udp_get_async_ctx(sock).event);
  t.is(recv(node, sock), 5);
  node.do(() => sock_udp_event_close(sock));
  t.is(queue.first, null);
});

test('event_close closes in the queue\'s thread, behind what is queued already, and waits for it', (t) => {
  // _sock_event_close_common(): event_post() and event_sync(); of the queue's own thread it is an ordinary close.
  const node = boot(EVENTS);
  const { queue, calls } = server(node);
  const sock = create(node, endpoint('::', PORT), null);
  const ip = on(node, () => new sock_ip_t());
  on(node, () => {
    sock_udp_event_init(sock, queue, () => { calls.push('handler'); }, null);
    sock_ip_create(ip, endpoint('::', 0), null, PROTNUM_UDP, 0);
    sock_ip_event_init(ip, queue, function* (which) {
      yield* sock_ip_recv(which, new Uint8Array(60), 60, 0, null);
      yield* sock_ip_event_close(which);
      calls.push('ip closed');
    }, null);
  });
  node.do(function* (): Blocking<void> {
    yield* sock_udp_send(sock, pattern(5), 5, endpoint('fe80::c', 1000));
    yield* sock_udp_event_close(sock);
    calls.push('closed');
  });
  t.deepEqual(calls, ['handler', 'closed']);
  arrive(node, pattern(5));
  node.network.runFor(1000);
  t.deepEqual(calls, ['handler', 'closed', 'ip closed']);
  t.is(node.drops('udp no-listener'), 1);
});

test('close by another thread than the queue\'s fails an assertion', (t) => {
  // sock_async_event.c:81: assume() is assert() in a build with DEVELHELP.
  const node = boot(EVENTS);
  const { queue } = server(node);
  const sock = create(node, endpoint('::', PORT), null);
  on(node, () => sock_udp_event_init(sock, queue, () => undefined, null));
  node.start(function* (): Blocking<void> {
    sock_udp_close(sock);
    node.console += 'still here';
  });
  node.network.runFor(1000);
  t.true(node.console.endsWith('sys/net/sock/async/event/sock_async_event.c:81 => FAILED ASSERTION.\n'));
});
