import test from 'ava';

import { EADDRINUSE } from '../../../kernel/errno.ts';
import { gnrc_netreg_num } from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_UDP } from '../../../net/gnrc/nettype.ts';
import {
  SOCK_FLAGS_REUSE_EP, sock_udp_close, sock_udp_create, sock_udp_send, sock_udp_t, type sock_udp_ep_t,
} from '../../../net/sock/udp.ts';
import { pattern } from '../gnrc/traffic.ts';
import { boot, create, endpoint, on, PORT } from './node.ts';

test('create: a local port 0 becomes a random one of 49152 to 65535', (t) => {
  // gnrc_sock.h, GNRC_SOCK_DYN_PORTRANGE_MIN. Forty draws: all in range, not all the same.
  const node = boot();
  const ports = on(node, () => Array.from({ length: 40 }, () => {
    const sock = new sock_udp_t();
    t.is(sock_udp_create(sock, endpoint('::', 0), null, 0), 0);
    return sock.local.port;
  }));
  t.true(ports.every((port) => port >= 49152 && port <= 65535));
  t.true(new Set(ports).size > 30);
});

test('create: the same local end point twice is no error', (t) => {
  // Executed on RIOT: 0 by default, -EADDRINUSE only with module gnrc_sock_check_reuse.
  const node = boot();
  create(node, endpoint('::', PORT), null);
  create(node, endpoint('::', PORT), null);
  t.is(node.kernel.run(() => gnrc_netreg_num(GNRC_NETTYPE_UDP, PORT)), 2);
});

test('create: with gnrc_sock_check_reuse an end point is used once, unless its sock shares it', (t) => {
  // RIOT's tests/net/gnrc_sock_udp, test_sock_udp_create__EADDRINUSE; the whole end point counts, interface too.
  const node = boot({ modules: ['gnrc_sock_check_reuse'] });
  on(node, () => {
    const make = (local: sock_udp_ep_t, flags = 0): number => sock_udp_create(new sock_udp_t(), local, null, flags);
    t.is(make(endpoint('::', PORT)), 0);
    t.is(make(endpoint('::', PORT)), -EADDRINUSE);
    t.is(make(endpoint('::', PORT), SOCK_FLAGS_REUSE_EP), 0);
    t.is(make(endpoint('::', PORT, 6)), 0);
    t.is(make(endpoint('fe80::a', PORT)), 0);
    t.is(make(endpoint('::', PORT + 1)), 0);
  });
});

test('create: no random port is left once one sock has the only one that is ever drawn', (t) => {
  // gnrc_sock_udp.c, _get_dyn_port(): as many draws as there are ports, then -EADDRINUSE; a sock bound to one address
  // does not count, and one that shares its end point when it sends takes any.
  const node = boot({ modules: ['gnrc_sock_check_reuse'] });
  node.random32 = () => 12345;
  on(node, () => {
    const make = (addr: string): number => sock_udp_create(new sock_udp_t(), endpoint(addr, 0), null, 0);
    t.is(make('fe80::a'), 0);
    t.is(make('::'), 0);
    t.is(make('::'), -EADDRINUSE);
  });
  t.is(node.do(() => sock_udp_send(null, pattern(5), 5, endpoint('fe80::c', 1000))), -EADDRINUSE);
  const unbound = create(node, null, null);
  t.is(node.do(() => sock_udp_send(unbound, pattern(5), 5, endpoint('fe80::c', 1000))), -EADDRINUSE);
  const sharing = create(node, null, null, SOCK_FLAGS_REUSE_EP);
  t.is(node.do(() => sock_udp_send(sharing, pattern(5), 5, endpoint('fe80::c', 1000))), 5);
});

test('close: RIOT leaves the newest sock in the list of gnrc_sock_check_reuse, profile rfc takes it off', (t) => {
  // gnrc_sock_udp.c, sock_udp_close(): LL_DELETE() on a copy of the head. An older one is taken off. Quirk
  // sock-reuse-list.
  for (const profile of ['riot', 'rfc'] as const) {
    const node = boot({ modules: ['gnrc_sock_check_reuse'], profile });
    const older = create(node, endpoint('::', PORT), null);
    const newest = create(node, endpoint('::', PORT + 1), null);
    on(node, () => {
      sock_udp_close(older);
      t.is(sock_udp_create(new sock_udp_t(), endpoint('::', PORT), null, SOCK_FLAGS_REUSE_EP), 0);
    });
    const next = create(node, endpoint('::', PORT + 2), null);
    on(node, () => {
      sock_udp_close(newest);
      t.is(sock_udp_create(new sock_udp_t(), endpoint('::', PORT + 1), null, 0), 0);
      sock_udp_close(next);
    });
    const last = create(node, endpoint('::', PORT + 3), null);
    const again = on(node, () => {
      sock_udp_close(last);
      return sock_udp_create(new sock_udp_t(), endpoint('::', PORT + 3), null, 0);
    });
    t.is(again, profile === 'riot' ? -EADDRINUSE : 0);
  }
});

test('create: a list that has become a circle is told, and searched once', (t) => {
  // The newest sock, closed and created again, is linked to itself: RIOT's next search never ends.
  const node = boot({ modules: ['gnrc_sock_check_reuse'] });
  const sock = create(node, endpoint('::', PORT), null);
  on(node, () => {
    sock_udp_close(sock);
    t.is(sock_udp_create(sock, endpoint('::', PORT), null, 0), 0);
    t.is(sock_udp_create(new sock_udp_t(), endpoint('::', PORT + 1), null, 0), 0);
  });
  t.regex(node.console, /undefined on RIOT: the list of gnrc_sock_check_reuse has become a circle/);
});
