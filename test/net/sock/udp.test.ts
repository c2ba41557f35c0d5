import test from 'ava';

import type { Blocking } from '../../../kernel/blocking.ts';
import {
  EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, EINVAL, ENOBUFS, ENOTCONN, EPROTO, ETIMEDOUT,
} from '../../../kernel/errno.ts';
import { mbox_try_put } from '../../../kernel/mbox.ts';
import { msg_t } from '../../../kernel/msg_t.ts';
import { AF_INET, AF_INET6 } from '../../../net/af.ts';
import type { gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import {
  SOCK_AUX_GET_LOCAL, SOCK_AUX_GET_RSSI, SOCK_AUX_GET_TIMESTAMP, SOCK_AUX_GET_TTL, SOCK_FLAGS_CONNECT_REMOTE,
  SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_aux_rx_t, sock_udp_close, sock_udp_create, sock_udp_ep_is_multicast,
  sock_udp_ep_t, sock_udp_get_local, sock_udp_get_remote, sock_udp_recv, sock_udp_recv_aux, sock_udp_recv_buf,
  sock_udp_send, sock_udp_t, type out_t,
} from '../../../net/sock/udp.ts';
import { ipv6_addr_to_str } from '../../../net/wire/addr.ts';
import { Network } from '../gnrc/network.ts';
import { pattern } from '../gnrc/traffic.ts';
import { arrive, boot, create, endpoint, on, PORT } from './node.ts';

const MS = 1000;

test('create: a sock that is still open fails an assertion', (t) => {
  // gnrc_netreg.c: the same entry twice.
  const node = boot();
  const sock = create(node, endpoint('::', PORT), null);
  node.start(function* (): Blocking<void> {
    sock_udp_create(sock, endpoint('::', PORT), null, 0);
    node.console += 'still here';
  });
  node.network.runFor(1000);
  t.true(node.console.endsWith('sys/net/gnrc/netreg/gnrc_netreg.c:159 => FAILED ASSERTION.\n'));
});

test('create: end points that contradict each other or are none are refused', (t) => {
  // sys/include/net/sock/udp.h: different interfaces -EINVAL; bad family -EAFNOSUPPORT; remote address any -EINVAL.
  const node = boot();
  on(node, () => {
    const inet4 = endpoint('fe80::1', PORT);
    inet4.family = AF_INET;
    const sock = new sock_udp_t();
    t.is(sock_udp_create(sock, endpoint('::', PORT, 6), endpoint('fe80::1', PORT, 7), 0), -EINVAL);
    t.is(sock_udp_create(sock, endpoint('::', PORT, 6), endpoint('fe80::1', PORT, 6), 0), 0);
    sock_udp_close(sock);
    t.is(sock_udp_create(sock, inet4, null, 0), -EAFNOSUPPORT);
    t.is(sock_udp_create(sock, new sock_udp_ep_t(), null, 0), -EAFNOSUPPORT);
    t.is(sock_udp_create(sock, null, inet4, 0), -EAFNOSUPPORT);
    t.is(sock_udp_create(sock, null, endpoint('::', PORT), 0), -EINVAL);
  });
});

test('create: a remote port of 0 fails an assertion, which stops the thread', (t) => {
  // DEBUG_ASSERT_NO_PANIC is 1 in core/lib/include/assert.h: the thread that fails sleeps for ever, the others go on.
  const node = boot();
  node.start(function* (): Blocking<void> {
    sock_udp_create(new sock_udp_t(), null, endpoint('fe80::1', 0), 0);
    node.console += 'still here';
  });
  node.network.runFor(1000);
  t.true(node.console.endsWith('sys/net/gnrc/sock/udp/gnrc_sock_udp.c:101 => FAILED ASSERTION.\n'));
});

test('get_local and get_remote tell what a sock was created with, or that there is none', (t) => {
  // get_local of an unbound one -EADDRNOTAVAIL (executed on RIOT), get_remote without -ENOTCONN.
  const node = boot();
  on(node, () => {
    const ep = new sock_udp_ep_t();
    const unbound = new sock_udp_t();
    t.is(sock_udp_create(unbound, null, null, 0), 0);
    t.is(sock_udp_get_local(unbound, ep), -EADDRNOTAVAIL);
    t.is(sock_udp_get_remote(unbound, ep), -ENOTCONN);
    const sock = new sock_udp_t();
    t.is(sock_udp_create(sock, endpoint('fe80::a', PORT, 6), endpoint('fe80::c', 1000), 0), 0);
    t.is(sock_udp_get_local(sock, ep), 0);
    t.deepEqual([ep.family, ipv6_addr_to_str(ep.addr.ipv6), ep.netif, ep.port], [AF_INET6, 'fe80::a', 6, PORT]);
    t.is(sock_udp_get_remote(sock, ep), 0);
    // The only interface is put in for a remote end point that names none.
    t.deepEqual([ep.family, ipv6_addr_to_str(ep.addr.ipv6), ep.netif, ep.port], [AF_INET6, 'fe80::c', 6, 1000]);
    t.is(sock.flags, SOCK_FLAGS_CONNECT_REMOTE);
  });
});

test('recv: unbound, empty and timed out', (t) => {
  // -EADDRNOTAVAIL, -EAGAIN at once, -ETIMEDOUT (executed on RIOT).
  const node = boot();
  const unbound = create(node, null, null);
  const sock = create(node, endpoint('::', PORT), null);
  const buf = new Uint8Array(10);
  t.is(node.do(() => sock_udp_recv(unbound, buf, 10, 0, null)), -EADDRNOTAVAIL);
  const now = node.network.now;
  t.is(node.do(() => sock_udp_recv(sock, buf, 10, 0, null)), -EAGAIN);
  t.true(node.network.now - now <= MS);
  t.is(node.do(() => sock_udp_recv(sock, buf, 10, 20 * MS, null)), -ETIMEDOUT);
});

test('recv: a time-out is rounded up to whole milliseconds', (t) => {
  // gnrc_sock.c: (timeout + 999) / 1000 on the millisecond clock.
  const node = boot();
  const sock = create(node, endpoint('::', PORT), null);
  const waited = (us: number): number => node.do(function* () {
    const start = node.network.now;
    yield* sock_udp_recv(sock, new Uint8Array(1), 1, us, null);
    return node.network.now - start;
  });
  t.deepEqual([1, 999, 1000, 1001, 2500].map(waited), [1000, 1000, 1000, 2000, 3000]);
});

test('recv: a datagram that came before, and one that comes meanwhile', (t) => {
  // The mailbox keeps what comes while nobody waits; a waiting thread gets it at once.
  const node = boot();
  const sock = create(node, endpoint('::', PORT), null);
  const buf = new Uint8Array(10);
  const remote = new sock_udp_ep_t();
  arrive(node, pattern(3));
  t.is(node.do(() => sock_udp_recv(sock, buf, 10, 0, remote)), 3);
  t.deepEqual(buf.slice(0, 3), pattern(3));
  t.deepEqual([remote.family, ipv6_addr_to_str(remote.addr.ipv6), remote.netif, remote.port],
    [AF_INET6, 'fe80::c', 6, 1000]);
  const results: number[] = [];
  node.start(function* () {
    results.push(yield* sock_udp_recv(sock, buf, 10, SOCK_NO_TIMEOUT, null));
    results.push(yield* sock_udp_recv(sock, buf, 10, 50 * MS, null));
  });
  node.network.runFor(10 * MS);
  arrive(node, pattern(4));
  node.network.runFor(10 * MS);
  arrive(node, pattern(10));
  t.deepEqual(results, [4, 10]);
  t.is(node.pktbuf, 0);
});

test('recv: a datagram that is too long is gone, -ENOBUFS; so is one from another sender, -EPROTO', (t) => {
  // Executed on RIOT; the sender is told in both cases, and the packet buffer is empty afterwards.
  const node = boot();
  const buf = new Uint8Array(10);
  const remote = new sock_udp_ep_t();
  const sock = create(node, endpoint('::', PORT), null);
  arrive(node, pattern(11));
  t.is(node.do(() => sock_udp_recv(sock, buf, 10, 0, remote)), -ENOBUFS);
  t.is(remote.port, 1000);
  t.is(node.do(() => sock_udp_recv(sock, buf, 10, 0, remote)), -EAGAIN);
  on(node, () => sock_udp_close(sock));

  const connected = create(node, endpoint('::', PORT), endpoint('fe80::c', 1000));
  arrive(node, pattern(5), 1001);
  t.is(node.do(() => sock_udp_recv(connected, buf, 10, 0, remote)), -EPROTO);
  t.is(remote.port, 1001);
  arrive(node, pattern(5), 1000);
  t.is(node.do(() => sock_udp_recv(connected, buf, 10, 0, remote)), 5);
  on(node, () => sock_udp_close(connected));

  const elsewhere = create(node, endpoint('::', PORT), endpoint('fe80::d', 1000));
  arrive(node, pattern(5), 1000);
  t.is(node.do(() => sock_udp_recv(elsewhere, buf, 10, 0, remote)), -EPROTO);
  t.is(node.drops('sock not-from-remote'), 2);
  t.is(node.pktbuf, 0);
});

test('recv: a sock whose remote end point is a group takes answers from all', (t) => {
  // sock_udp_create() sets CONNECT_REMOTE for unicast addresses only; the flag can be given by hand.
  const node = boot();
  const sock = create(node, endpoint('::', PORT), endpoint('ff02::1', 1000));
  arrive(node, pattern(5), 4444);
  t.is(node.do(() => sock_udp_recv(sock, new Uint8Array(10), 10, 0, null)), 5);
});

test('recv: a foreign message in the mailbox, or a mailbox of another size, is -EINVAL', (t) => {
  // gnrc_sock.c, gnrc_sock_recv(): a type other than RCV, and a mailbox that is not that of sock_udp_create().
  const node = boot();
  const sock = create(node, endpoint('::', PORT), null);
  const foreign = new msg_t();
  foreign.type = 0x1234;
  node.do(() => mbox_try_put(sock.reg.mbox, foreign));
  t.is(node.do(() => sock_udp_recv(sock, new Uint8Array(10), 10, 0, null)), -EINVAL);
  const never = on(node, () => new sock_udp_t());
  never.local.family = AF_INET6;
  t.is(node.do(() => sock_udp_recv(never, new Uint8Array(10), 10, 0, null)), -EINVAL);
});

test('recv: eight datagrams wait in the mailbox, the ninth is dropped with the text of RIOT', (t) => {
  // CONFIG_GNRC_SOCK_MBOX_SIZE_EXP is 3. A flood must leave nothing in the packet buffer.
  const node = boot();
  const sock = create(node, endpoint('::', PORT), null);
  for (let i = 0; i < 12; i++) arrive(node, pattern(5, i));
  t.is(node.console.match(/gnrc_netapi: dropped message to 0x[0-9a-f]+ \(was full\)\n/g)?.length, 4);
  const buf = new Uint8Array(10);
  for (let i = 0; i < 8; i++) {
    t.is(node.do(() => sock_udp_recv(sock, buf, 10, 0, null)), 5);
    t.is(buf[0], i);
  }
  t.is(node.do(() => sock_udp_recv(sock, buf, 10, 0, null)), -EAGAIN);
  t.is(node.pktbuf, 0);
});

test('recv: a sock bound to one address receives for all', (t) => {
  // gnrc_netreg knows ports only: demultiplexing is by port only.
  const node = boot();
  const sock = create(node, endpoint('2001:db8::1', PORT), null);
  arrive(node, pattern(5));
  t.is(node.do(() => sock_udp_recv(sock, new Uint8Array(10), 10, 0, null)), 5);
});

test('recv: an empty datagram is 0; RIOT never frees it, profile rfc does', (t) => {
  // gnrc_sock_udp.c, sock_udp_recv_aux(): the loop over recv_buf ends at 0 before it gives the packet back. Quirk
  // sock-recv-empty-leak: descriptors of 4 snips, UDP, IPv6 and netif header, 224 bytes on native64.
  for (const profile of ['riot', 'rfc'] as const) {
    const node = boot({ profile });
    const sock = create(node, endpoint('::', PORT), null);
    for (let i = 1; i <= 3; i++) {
      arrive(node, new Uint8Array(0));
      t.is(node.do(() => sock_udp_recv(sock, new Uint8Array(10), 10, 0, null)), 0);
      t.is(node.pktbuf, profile === 'riot' ? i * 224 : 0);
    }
    t.is(node.trace_events.filter((e) => e.type === 'quirk').length, profile === 'riot' ? 3 : 0);
  }
});

test('recv_buf lends nothing of an empty datagram, and gives it back', (t) => {
  // gnrc_sock_udp.c, sock_udp_recv_buf_aux(): 0 with a context, no data; 0 again without one.
  const node = boot();
  const sock = create(node, endpoint('::', PORT), null);
  const data: out_t<Uint8Array> = { value: pattern(1) };
  const ctx: out_t<gnrc_pktsnip_t> = { value: null };
  arrive(node, new Uint8Array(0));
  t.is(node.do(() => sock_udp_recv_buf(sock, data, ctx, 0, null)), 0);
  t.is(data.value, null);
  t.not(ctx.value, null);
  t.is(node.do(() => sock_udp_recv_buf(sock, data, ctx, 0, null)), 0);
  t.is(ctx.value, null);
  t.is(node.pktbuf, 0);
});

test('recv_buf lends the payload and gives it back in the next call', (t) => {
  // sys/include/net/sock/udp.h: bytes, then 0 with the buffer released and both pointers cleared.
  const node = boot();
  const sock = create(node, endpoint('::', PORT), null);
  arrive(node, pattern(6));
  const data: { value: Uint8Array | null } = { value: null };
  const ctx: { value: gnrc_pktsnip_t | null } = { value: null };
  const remote = new sock_udp_ep_t();
  t.is(node.do(() => sock_udp_recv_buf(sock, data, ctx, 0, remote)), 6);
  t.deepEqual(data.value, pattern(6));
  t.is(remote.port, 1000);
  t.true(node.pktbuf > 0);
  t.is(node.do(() => sock_udp_recv_buf(sock, data, ctx, 0, null)), 0);
  t.deepEqual([data.value, ctx.value], [null, null]);
  t.is(node.pktbuf, 0);
  t.is(node.do(() => sock_udp_recv_buf(sock, data, ctx, 0, null)), -EAGAIN);
});

test('recv_aux tells what its modules are built in for, and clears only those bits', (t) => {
  // sys/include/net/sock.h: a bit stays set if the data was not stored.
  const asked = SOCK_AUX_GET_LOCAL | SOCK_AUX_GET_RSSI | SOCK_AUX_GET_TTL | SOCK_AUX_GET_TIMESTAMP;
  const receive = (modules: string[]): sock_udp_aux_rx_t => {
    const node = boot({ modules });
    const sock = create(node, endpoint('::', PORT), null);
    arrive(node, pattern(6));
    const aux = new sock_udp_aux_rx_t();
    aux.flags = asked;
    t.is(node.do(() => sock_udp_recv_aux(sock, new Uint8Array(10), 10, 0, null, aux)), 6);
    return aux;
  };
  t.is(receive([]).flags, asked);
  const aux = receive(['sock_aux_local', 'sock_aux_rssi', 'sock_aux_ttl', 'sock_aux_timestamp']);
  // Packets of these tests come from no radio, so there is no RSSI either.
  t.is(aux.flags, SOCK_AUX_GET_TIMESTAMP | SOCK_AUX_GET_RSSI);
  t.deepEqual([aux.local.family, ipv6_addr_to_str(aux.local.addr.ipv6), aux.local.port], [AF_INET6, 'fe80::a', PORT]);
  t.is(aux.ttl, 64);
});

test('the RSSI of a frame from the radio reaches recv_aux', (t) => {
  // The test radio reports -50 dBm for each frame.
  const network = new Network();
  const a = network.add();
  const b = network.add({ modules: ['sock_aux_rssi'] });
  network.run(2_000_000);
  const sock = create(b, endpoint('::', PORT), null);
  a.do(() => sock_udp_send(null, pattern(5), 5, endpoint('fe80::b', PORT)));
  network.runFor(100_000);
  const aux = new sock_udp_aux_rx_t();
  aux.flags = SOCK_AUX_GET_RSSI;
  t.is(b.do(() => sock_udp_recv_aux(sock, new Uint8Array(10), 10, 0, null, aux)), 5);
  t.deepEqual([aux.flags, aux.rssi], [0, -50]);
});

test('close frees what was not received, and a closed sock gets nothing more', (t) => {
  // gnrc_sock_udp.c: the mailbox is drained; recv on the closed sock waits on it, here -EAGAIN.
  const node = boot();
  const sock = create(node, endpoint('::', PORT), null);
  arrive(node, pattern(5));
  arrive(node, pattern(5));
  t.true(node.pktbuf > 0);
  on(node, () => sock_udp_close(sock));
  t.is(node.pktbuf, 0);
  arrive(node, pattern(5));
  t.is(node.drops('udp no-listener'), 1);
  t.is(node.do(() => sock_udp_recv(sock, new Uint8Array(10), 10, 0, null)), -EAGAIN);
  t.is(node.pktbuf, 0);
});

test('a sock can be closed by a thread while another waits in recv with a time-out', (t) => {
  // The waiting thread runs into its time-out.
  const node = boot();
  const sock = create(node, endpoint('::', PORT), null);
  let res = 1;
  node.start(function* () {
    res = yield* sock_udp_recv(sock, new Uint8Array(10), 10, 50 * MS, null);
  });
  node.network.runFor(10 * MS);
  on(node, () => sock_udp_close(sock));
  arrive(node, pattern(5));
  node.network.runFor(100 * MS);
  t.is(res, -ETIMEDOUT);
  t.is(node.pktbuf, 0);
});

test('whether an end point is multicast follows from its address', (t) => {
  // sys/include/net/sock/udp.h.
  t.true(sock_udp_ep_is_multicast(endpoint('ff02::1', 1)));
  t.false(sock_udp_ep_is_multicast(endpoint('fe80::1', 1)));
});

test('SOCK_IPV6_EP_ANY() makes a new end point each time', (t) => {
  // Two apps must not share one.
  const first = SOCK_IPV6_EP_ANY();
  first.addr.ipv6[0] = 1;
  first.port = 5;
  const second = SOCK_IPV6_EP_ANY();
  t.deepEqual([second.family, second.addr.ipv6, second.netif, second.port], [AF_INET6, new Uint8Array(16), 0, 0]);
});
