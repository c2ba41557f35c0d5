// Module gnrc_tx_sync, after RIOT's tests/net/gnrc_tx_sync: a send returns when the packet has left.
import test from 'ava';
import { ENOMEM } from '../../../kernel/errno.ts';
import { mutex_trylock } from '../../../kernel/mutex.ts';
import { GNRC_NETTYPE_TX_SYNC, GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_hold, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import {
  gnrc_tx_sync, gnrc_tx_sync_append, gnrc_tx_sync_of, gnrc_tx_sync_split, gnrc_tx_sync_t,
} from '../../../net/gnrc/tx_sync.ts';
import { SOCK_ASYNC_MSG_SENT, sock_udp_set_cb } from '../../../net/sock/async.ts';
import { sock_udp_send } from '../../../net/sock/udp.ts';
import { boot, create, endpoint, on, PORT } from '../sock/node.ts';
import type { TestNode } from './network.ts';
import { pattern } from './traffic.ts';

const SYNC = { modules: ['gnrc_tx_sync', 'sock_async'] };
/** What has to be sent again and again without an ACK takes longer than this, µs. */
const LONG = 200_000;

/** Sends `size` bytes; how long that took, and what was on the air when it was over. */
function timed(node: TestNode, size: number, to = 'fe80::c'): { us: number; frames: number; res: number } {
  const { network } = node;
  return node.do(function* () {
    const start = network.now;
    const res = yield* sock_udp_send(null, pattern(size), size, endpoint(to, PORT));
    return { us: network.now - start, frames: network.frames.length, res };
  }, LONG);
}

test('a send returns when its only frame has left, not when it was handed to the radio', (t) => {
  // A group gets no ACK: what is waited for is the time of the frame on the air, 32 µs a byte less 200 µs on native.
  const without = timed(boot(), 20, 'ff02::1');
  const sync = timed(boot(SYNC), 20, 'ff02::1');
  t.is(without.us, 0);
  t.true(sync.us > 1000 && sync.us < 3000, `${sync.us}`);
  t.deepEqual([without.res, sync.res], [20, 20]);
});

test('a send returns when the last fragment has left', (t) => {
  // RIOT's test: both fragments are through netdev before sock_udp_send() returns. Without the module one is.
  const without = timed(boot(), 150, 'ff02::1');
  const node = boot(SYNC);
  const sync = timed(node, 150, 'ff02::1');
  t.is(without.frames, 1);
  t.is(sync.frames, 2);
  t.true(sync.us > 5000);
  node.network.runFor(LONG);
  t.is(node.network.frames.length, 2);
  t.is(node.pktbuf, 0);
});

test('a send of what is dropped returns at once', (t) => {
  // The snip is released with the packet, whoever drops it: no route, and the packet that the radio gives up.
  const node = boot(SYNC);
  t.deepEqual(timed(node, 20, '2001:db8::1').us, 0);
  const { res, frames } = timed(node, 20);
  t.is(res, 20);
  t.is(frames, 5);
  t.is(node.pktbuf, 0);
});

test('the callback for what was sent comes after it has left', (t) => {
  // gnrc_sock_udp.c: SOCK_ASYNC_MSG_SENT behind gnrc_sock_send(), which waits.
  const node = boot(SYNC);
  const sock = create(node, endpoint('::', PORT), null);
  const calls: [number, number][] = [];
  on(node, () => sock_udp_set_cb(sock, (_sock, flags) => {
    calls.push([flags, node.network.frames.length]);
  }, null));
  node.do(() => sock_udp_send(sock, pattern(150), 150, endpoint('ff02::1', PORT)));
  t.deepEqual(calls, [[SOCK_ASYNC_MSG_SENT, 2]]);
});

test('a snip of TX_SYNC wakes with its last user, can be split off, and needs room for its descriptor', (t) => {
  // sys/include/net/gnrc/tx_sync.h: append, split, complete.
  const node = boot(SYNC);
  on(node, () => {
    const sync = new gnrc_tx_sync_t();
    const pkt = gnrc_pktbuf_add(null, pattern(5), 5, GNRC_NETTYPE_UNDEF)!;
    t.is(gnrc_tx_sync_of(pkt), null);
    t.is(gnrc_tx_sync_split(pkt), null);
    t.is(gnrc_tx_sync_append(pkt, sync), 0);
    t.is(gnrc_tx_sync_of(pkt), sync);
    const snip = gnrc_tx_sync_split(pkt)!;
    t.deepEqual([snip.type, snip.size, pkt.next], [GNRC_NETTYPE_TX_SYNC, 0, null]);
    gnrc_pktbuf_release(pkt);
    gnrc_pktbuf_hold(snip, 1);
    gnrc_pktbuf_release(snip);
    t.is(mutex_trylock(sync.signal), 0);
    gnrc_pktbuf_release(snip);
    t.is(mutex_trylock(sync.signal), 1);
    const full = gnrc_pktbuf_add(null, null, 6144 - 32, GNRC_NETTYPE_UNDEF)!;
    t.is(gnrc_tx_sync_append(full, sync), -ENOMEM);
    t.is(full.next, null);
    gnrc_pktbuf_release(full);
  });
  node.do(function* () {
    const sync = new gnrc_tx_sync_t();
    const pkt = gnrc_pktbuf_add(null, pattern(5), 5, GNRC_NETTYPE_UNDEF)!;
    gnrc_tx_sync_append(pkt, sync);
    gnrc_pktbuf_release(pkt);
    yield* gnrc_tx_sync(sync);
  });
  t.is(node.pktbuf, 0);
});
