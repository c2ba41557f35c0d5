// RIOT's tests/net/gnrc_netif_ipv6_wait_for_global_address, written anew, and the functions of any thread.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { ENOMEM } from '../../../kernel/errno.ts';
import { msg_array, msg_init_queue } from '../../../kernel/msg.ts';
import { AssertFailed } from '../../../kernel/panic.ts';
import { thread_create } from '../../../kernel/thread.ts';
import { ZTIMER_MSEC, ztimer_now, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { GNRC_NETIF_BUS_IPV6, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID as VALID, gnrc_netif_create,
  gnrc_netif_default_init, gnrc_netif_get_bus, gnrc_netif_get_from_netdev, gnrc_netif_hdr_ipv6_iid_from_dst,
  gnrc_netif_hdr_ipv6_iid_from_src, gnrc_netif_ipv6_addr_add, gnrc_netif_ipv6_addr_remove, gnrc_netif_ipv6_addrs_get,
  gnrc_netif_ipv6_group_join, gnrc_netif_ipv6_group_leave, gnrc_netif_ipv6_groups_get,
  gnrc_netif_ipv6_wait_for_global_address, gnrc_netif_set_from_netdev, gnrc_netif_set_nib,
  gnrc_netif_t } from '../../../net/gnrc/netif.ts';
import { netif_get_ipv6, netif_print_ipv6, netifs_get_ipv6, netifs_print_ipv6 } from '../../../net/gnrc/netif_api.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of } from '../../../net/gnrc/netif_hdr.ts';
import { gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { ipv6_addr_from_str } from '../../../net/wire/addr.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { NetBoard } from './board.ts';
import { A, B, interfaceBoard } from './interface.ts';
import { MockNetdev } from './mock_netdev.ts';

const ADDR = ipv6_addr_from_str('2001:dd8::1')!;
const LINK_LOCAL = ipv6_addr_from_str('fe80::1')!;
const OPS = {
  init: gnrc_netif_default_init, send: () => -1, recv: function* (): Blocking<null> { return null; },
  get: gnrc_netif_get_from_netdev, set: gnrc_netif_set_from_netdev,
};

/** Runs `body` on a board with two interfaces that have no addresses. */
function onBoard(
  body: (netifs: readonly gnrc_netif_t[]) => Blocking<void>, modules: readonly string[] = ['gnrc_netif_bus'],
): NetBoard {
  return new NetBoard(function* () {
    msg_init_queue(msg_array(8), 8);
    gnrc_netif_set_nib({
      arsm: false, slaac: false, init_iface: function* () {}, pl_prefixes: () => [], pl_set: function* () { return 0; },
      change_rtr_adv_iface: function* () {}, start_search_rtr: () => undefined, stop_search_rtr: () => undefined,
    });
    const netifs = [new gnrc_netif_t(), new gnrc_netif_t()];
    for (const netif of netifs) {
      yield* gnrc_netif_create(netif, { length: 4096 }, 4096, 3, 'mock', new MockNetdev('mock'), OPS);
    }
    yield* body(netifs);
  }, { modules: ['gnrc_netif_ipv6', ...modules] }).run();
}

/** After 10 ms a thread above this one adds an address to `to`. */
function addLater(to: gnrc_netif_t, addr: Uint8Array): Blocking<number> {
  return thread_create({ length: 1024 }, 1024, 6, 0, function* () {
    yield* ztimer_sleep(ZTIMER_MSEC, 10);
    yield* gnrc_netif_ipv6_addr_add(to, addr, 64, VALID);
    return null;
  }, null, 'add_addr');
}

/** Whether `on` got a global address in 20 ms, and after how many ms that was known. */
function* wait(on: gnrc_netif_t | null): Blocking<[boolean, number]> {
  const begin = ztimer_now(ZTIMER_MSEC);
  const found = yield* gnrc_netif_ipv6_wait_for_global_address(on, 20);
  return [found, ztimer_now(ZTIMER_MSEC) - begin];
}

test('without a global address the wait ends with its time', (t) => {
  // test_wait_timeout: any interface, and one.
  t.plan(2);
  onBoard(function* ([one]) {
    t.deepEqual(yield* wait(null), [false, 20]);
    t.deepEqual(yield* wait(one!), [false, 20]);
  });
});

test('an address of another interface does not end the wait for one, but that for any', (t) => {
  // test_wait_timeout_other_iface, test_wait_success, test_wait_success_any_iface.
  t.plan(4);
  onBoard(function* ([one, two]) {
    yield* addLater(two!, ADDR);
    t.deepEqual(yield* wait(one!), [false, 20]);
    t.deepEqual(yield* wait(null), [true, 0], 'it is there already');
    yield* addLater(one!, ADDR);
    t.deepEqual(yield* wait(one!), [true, 10]);
    yield* gnrc_netif_ipv6_addr_remove(one!, ADDR);
    yield* gnrc_netif_ipv6_addr_remove(two!, ADDR);
    yield* addLater(one!, ADDR);
    t.deepEqual(yield* wait(null), [true, 10]);
  });
});

test('a link-local address does not end the wait', (t) => {
  // The event is posted, and looked at. As on RIOT the message is one more chance for the time to be over.
  t.plan(2);
  onBoard(function* ([one]) {
    yield* addLater(one!, LINK_LOCAL);
    const [found, after] = yield* wait(one!);
    t.false(found);
    t.is(after, 30, 'the 20 ms of the second message begin anew');
  });
});

test('there is no bus without its module', (t) => {
  // The assertion of the header: the type must be one of the buses that there are.
  onBoard(function* ([one]) {
    t.throws(() => gnrc_netif_get_bus(one!, GNRC_NETIF_BUS_IPV6),
      { instanceOf: AssertFailed, message: /netif\.h:751$/ });
  }, []);
  onBoard(function* ([one]) {
    t.throws(() => gnrc_netif_get_bus(one!, 1), { instanceOf: AssertFailed });
    t.is(gnrc_netif_get_bus(one!, GNRC_NETIF_BUS_IPV6), one!.bus!);
  });
});

test('any thread reads and changes addresses and groups by the interface\'s', (t) => {
  // gnrc_netif_ipv6_addr_add() and its like: sizes of what they took, and the errors of the tables.
  t.plan(14);
  onBoard(function* ([one]) {
    const out = new Uint8Array(64);
    t.is(yield* gnrc_netif_ipv6_addrs_get(one!, out, 32), 0);
    t.is(yield* gnrc_netif_ipv6_addr_add(one!, ADDR, 64, 0), 16);
    t.is(one!.ipv6.addrs_flags[0], VALID);
    t.is(yield* gnrc_netif_ipv6_addr_add(one!, LINK_LOCAL, 64, 0), 16);
    t.is(yield* gnrc_netif_ipv6_addr_add(one!, ipv6_addr_from_str('2001:dd8::2')!, 64, 0), -ENOMEM);
    t.is(yield* gnrc_netif_ipv6_addrs_get(one!, out, 32), 32);
    t.deepEqual(out.slice(0, 16), ADDR);
    t.is(yield* gnrc_netif_ipv6_addr_remove(one!, ADDR), 16);
    t.is(yield* gnrc_netif_ipv6_group_join(one!, ipv6_addr_from_str('ff02::5')!), 16);
    t.is(yield* gnrc_netif_ipv6_groups_get(one!, out, 64), 16);
    t.is(yield* gnrc_netif_ipv6_group_leave(one!, ipv6_addr_from_str('ff02::5')!), 16);
    t.is(yield* gnrc_netif_ipv6_groups_get(one!, out, 64), 0);
    t.throws(() => gnrc_netif_ipv6_addr_add(one!, ADDR, 129, 0), { message: /netif\.h:523$/ });
    t.throws(() => gnrc_netif_ipv6_addrs_get(one!, out, 15), { message: /netif\.h:492$/ });
  });
});

test('addresses of one interface and of all are listed and printed', (t) => {
  // sys/net/netif/netif.c: at most as many as asked for, and four to print; the newest interface first.
  const board = onBoard(function* ([one, two]) {
    yield* netifs_print_ipv6(', ');
    yield* gnrc_netif_ipv6_addr_add(one!, LINK_LOCAL, 64, 0);
    yield* gnrc_netif_ipv6_addr_add(one!, ADDR, 64, 0);
    yield* gnrc_netif_ipv6_addr_add(two!, ADDR, 64, 0);
    const out = new Uint8Array(64);
    t.is(yield* netif_get_ipv6(one!, out, 4), 2);
    t.deepEqual(out.slice(0, 16), LINK_LOCAL);
    t.is(yield* netifs_get_ipv6(out, 4), 3);
    t.deepEqual(out.slice(0, 16), ADDR);
    t.is(yield* netifs_get_ipv6(out, 2), 2);
    yield* netif_print_ipv6(one!, ' ');
    yield* netifs_print_ipv6('\n');
  });
  t.true(board.printed.endsWith('fe80::1 2001:dd8::12001:dd8::1\nfe80::1\n2001:dd8::1'), board.printed);
});

test('the identifiers of a header\'s addresses are those of the interface\'s type', (t) => {
  // gnrc_netif_hdr_ipv6_iid_from_src() and _dst(), with a long and a short address.
  t.plan(4);
  interfaceBoard(A, function* ({ netif }) {
    const snip = gnrc_netif_hdr_build(B, 8, Uint8Array.of(0x12, 0x34), 2)!;
    const iid = new Uint8Array(8);
    t.is(gnrc_netif_hdr_ipv6_iid_from_src(netif, gnrc_netif_hdr_of(snip), iid), 8);
    t.deepEqual(iid, fromHex('000000000000000b'));
    t.is(gnrc_netif_hdr_ipv6_iid_from_dst(netif, gnrc_netif_hdr_of(snip), iid), 8);
    t.deepEqual(iid, fromHex('000000fffe001234'));
    gnrc_pktbuf_release(snip);
  }).board.run();
});
