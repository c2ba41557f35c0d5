// RIOT's tests/net/gnrc_netif, written anew: an Ethernet interface, one of IEEE 802.15.4 and eight of a type of their
// own on one board. Its addresses are kept, so that a failure is told in its terms.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { ENOMEM, ENOTSUP } from '../../../kernel/errno.ts';
import { msg_array, msg_init_queue, msg_queue_capacity } from '../../../kernel/msg.ts';
import { thread_get } from '../../../kernel/thread.ts';
import { gnrc_netapi_get, gnrc_netapi_set } from '../../../net/gnrc/netapi.ts';
import { GNRC_NETIF_FLAGS_6LO_HC, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_DEPRECATED as DEPRECATED,
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID as VALID, gnrc_netif_addr_from_str, gnrc_netif_addr_to_str,
  gnrc_netif_create, gnrc_netif_default_init, gnrc_netif_get_by_ipv6_addr, gnrc_netif_get_by_pid,
  gnrc_netif_get_by_prefix, gnrc_netif_get_from_netdev, gnrc_netif_init_6ln, gnrc_netif_ipv6_addr_add_internal,
  gnrc_netif_ipv6_addr_best_src, gnrc_netif_ipv6_addr_idx, gnrc_netif_ipv6_addr_match,
  gnrc_netif_ipv6_addr_remove_internal, gnrc_netif_ipv6_get_iid, gnrc_netif_ipv6_group_idx,
  gnrc_netif_ipv6_group_join_internal, gnrc_netif_ipv6_group_leave_internal, gnrc_netif_ipv6_group_to_l2_group,
  gnrc_netif_iter, gnrc_netif_numof, gnrc_netif_send, gnrc_netif_set_from_netdev, gnrc_netif_set_nib,
  gnrc_netif_t } from '../../../net/gnrc/netif.ts';
import { netif_get_by_id, netif_get_by_name, netif_get_by_name_buffer, netif_get_id, netif_get_name, netif_get_opt,
  netif_iter, netif_set_opt } from '../../../net/gnrc/netif_api.ts';
import { gnrc_netif_ethernet_create } from '../../../net/gnrc/netif_ethernet.ts';
import { GNRC_NETIF_HDR_FLAGS_BROADCAST, GNRC_NETIF_HDR_FLAGS_MULTICAST, gnrc_netif_hdr_build,
  gnrc_netif_hdr_of } from '../../../net/gnrc/netif_hdr.ts';
import { gnrc_netif_ieee802154_create } from '../../../net/gnrc/netif_ieee802154.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_CB, gnrc_netreg_register,
} from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN, GNRC_NETTYPE_UNDEF,
  type gnrc_nettype_t } from '../../../net/gnrc/nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { NETDEV_TYPE_ETHERNET, NETDEV_TYPE_IEEE802154, NETDEV_TYPE_TEST } from '../../../net/netdev.ts';
import { NETOPT_6LO_IPHC, NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_HOP_LIMIT, NETOPT_IPV6_ADDR,
  NETOPT_IPV6_ADDR_FLAGS, NETOPT_IPV6_ADDR_REMOVE, NETOPT_IPV6_GROUP, NETOPT_IPV6_GROUP_LEAVE, NETOPT_IPV6_IID,
  NETOPT_L2_GROUP, NETOPT_L2_GROUP_LEAVE, NETOPT_MAX_PDU_SIZE, NETOPT_SRC_LEN, netopt_get_u16,
  type netopt_t } from '../../../net/netopt.ts';
import { ipv6_addr_from_str, ipv6_addr_match_prefix, ipv6_addr_unspecified } from '../../../net/wire/addr.ts';
import { MockEthernet, MockIeee802154, MockNetdev } from './mock_netdev.ts';
import { NetBoard } from './board.ts';

const NETIFS = 8;
const MODULES = ['gnrc_ipv6', 'gnrc_netif_ipv6', 'gnrc_sixlowpan', 'gnrc_sixlowpan_iphc', 'netdev_eth', 'ieee802154'];
const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));
const ETHERNET_SRC = hex('3ee6b522fd0a');
const LONG_SRC = hex('3ee6b50f1922fd0a');
const SHORT_SRC = hex('fd0a');
const IID_ETHERNET = hex('3ce6b5fffe22fd0a');
const IID_LONG = hex('3ce6b50f1922fd0a');
const IID_SHORT = hex('000000fffe00fd0a');
const addr = (text: string): Uint8Array => ipv6_addr_from_str(text)!;
const LL = addr('fe80::3ce7:b50f:1922:fd0a');
const G = addr('2001:db8:0:5a1a:3ce7:b50f:1922:fd0a');
const ULA = addr('fd01:db8:0:5a1a:3ce7:b50f:1922:fd0a');
const PFX18 = addr('2001:32b8:0:5a1a:3ce6:b50f:1922:fd0a');
const PFX23 = addr('2001:cb8:0:5a1a:3ce6:b50f:1922:fd0a');
const PFX64 = addr('2001:db8:0:5a1a:bce6:b50f:1922:fd0a');
const ALL_NODES = addr('ff02::1');
const ALL_ROUTERS = addr('ff02::2');
const ETHERNET_ALL_NODES = hex('333300000001');

interface Made {
  readonly eth: gnrc_netif_t;
  readonly wpan: gnrc_netif_t;
  readonly netifs: readonly gnrc_netif_t[];
  readonly ethDev: MockEthernet;
  readonly wpanDev: MockIeee802154;
  /** What came up: type, payload and netif header. */
  readonly received: { type: gnrc_nettype_t; payload: Uint8Array; header: Uint8Array }[];
}

function* make(): Blocking<Made> {
  gnrc_netif_set_nib({
    arsm: false, slaac: false, init_iface: gnrc_netif_init_6ln,
    pl_prefixes: () => [], pl_set: function* () { return 0; },
    change_rtr_adv_iface: function* () {}, start_search_rtr: () => undefined, stop_search_rtr: () => undefined,
  });
  msg_init_queue(msg_array(8), 8);
  const [ethDev, wpanDev] = [new MockEthernet('eth', ETHERNET_SRC.slice()), new MockIeee802154('wpan', LONG_SRC)];
  const [eth, wpan] = [new gnrc_netif_t(), new gnrc_netif_t()];
  const netifs = Array.from({ length: NETIFS }, () => new gnrc_netif_t());
  const made: Made = { eth, wpan, netifs, ethDev, wpanDev, received: [] };
  yield* gnrc_netif_ethernet_create(eth, { length: 4096 }, 4096, 2, 'eth', ethDev);
  yield* gnrc_netif_ieee802154_create(wpan, { length: 4096 }, 4096, 2, 'wpan', wpanDev);
  wpanDev.dev.short_addr.set(SHORT_SRC);
  for (const netif of netifs) {
    yield* gnrc_netif_create(netif, { length: 4096 }, 4096, 2, 'netif', new MockNetdev('t'), OPS);
  }
  for (const type of [GNRC_NETTYPE_UNDEF, GNRC_NETTYPE_SIXLOWPAN, GNRC_NETTYPE_IPV6]) yield* listen(made, type);
  return made;
}

const OPS = {
  init: gnrc_netif_default_init, send: () => -1, recv: function* (): Blocking<null> { return null; },
  get: gnrc_netif_get_from_netdev, set: gnrc_netif_set_from_netdev,
};

function listen({ received }: Made, type: gnrc_nettype_t): Blocking<number> {
  const cb = (_cmd: number, pkt: gnrc_pktsnip_t): undefined => {
    received.push({ type: pkt.type, payload: gnrc_pkt_bytes(pkt).slice(), header: gnrc_pkt_bytes(pkt.next!).slice() });
    gnrc_pktbuf_release(pkt);
  };
  return gnrc_netreg_register(type, GNRC_NETREG_ENTRY_INIT_CB(GNRC_NETREG_DEMUX_CTX_ALL, { cb, ctx: null }));
}

/** Runs `body` on a board with the interfaces; the packet buffer is empty afterwards. */
function onBoard(body: (made: Made) => Blocking<void>): number {
  const board = new NetBoard(function* () { yield* body(yield* make()); }, {
    modules: MODULES, net: { CONFIG_GNRC_NETIF_IPV6_ADDRS_NUMOF: 4 },
  });
  return board.run().pktbufUsed;
}

function* addTo(netif: gnrc_netif_t, address: Uint8Array, state = VALID): Blocking<number> {
  return yield* gnrc_netif_ipv6_addr_add_internal(netif, address, 64, state);
}

const value = new Uint8Array(80);
function get(netif: gnrc_netif_t, opt: netopt_t, len: number, context = 0): Blocking<number> {
  return gnrc_netapi_get(netif.pid, opt, context, value.fill(0), len);
}
function set(netif: gnrc_netif_t, opt: netopt_t, data: Uint8Array, context = 0): Blocking<number> {
  return gnrc_netapi_set(netif.pid, opt, context, data, data.length);
}

test('interfaces are made one after the other, each with its thread and what its type has', (t) => {
  // test_creation and test_get_by_pid: MTU, fragment size, hop limit, type, name, message queue, and the list.
  onBoard(function* ({ eth, wpan, netifs }) {
    t.is(gnrc_netif_numof(), 2 + NETIFS);
    let count = 0;
    for (let netif = gnrc_netif_iter(null); netif !== null; netif = gnrc_netif_iter(netif)) count++;
    t.is(count, 2 + NETIFS);
    t.deepEqual([eth.ipv6.mtu, wpan.ipv6.mtu, wpan.sixlo.max_frag_size], [1500, 1280, 102]);
    t.deepEqual([eth.device_type, wpan.device_type, netifs[0]!.device_type],
      [NETDEV_TYPE_ETHERNET, NETDEV_TYPE_IEEE802154, NETDEV_TYPE_TEST]);
    t.deepEqual([eth, wpan, netifs[0]!].map(({ pid }) => thread_get(pid)!.name), ['eth', 'wpan', 'netif']);
    for (const netif of [eth, wpan, ...netifs]) {
      t.is(netif.cur_hl, 64);
      t.is(gnrc_netif_get_by_pid(netif.pid), netif);
      t.true(msg_queue_capacity(netif.pid) > 0);
    }
    t.is(gnrc_netif_get_by_pid(99), null);
  });
});

test('link layer addresses become text and back', (t) => {
  // test_addr_to_str and test_addr_from_str.
  const texts: [Uint8Array, string][] = [
    [new Uint8Array(0), ''], [ETHERNET_SRC, '3E:E6:B5:22:FD:0A'], [LONG_SRC, '3E:E6:B5:0F:19:22:FD:0A'],
    [SHORT_SRC, 'FD:0A'],
  ];
  for (const [bytes, text] of texts) {
    t.is(gnrc_netif_addr_to_str(bytes, bytes.length), text);
    const out = new Uint8Array(8);
    t.is(gnrc_netif_addr_from_str(text, out), bytes.length);
    t.deepEqual(out.subarray(0, bytes.length), bytes);
  }
});

test('addresses are added up to the size of the table, once each, and removed', (t) => {
  // test_ipv6_addr_add__* and test_ipv6_addr_remove__*.
  onBoard(function* ({ netifs }) {
    const netif = netifs[0]!;
    for (let i = 0; i < 4; i++) t.is(yield* addTo(netif, addr(`2001:db8:0:${i}::1`)), i);
    t.is(yield* addTo(netif, addr('2001:db8:0:9::1')), -ENOMEM);
    const other = netifs[1]!;
    const idx = yield* addTo(other, LL);
    t.is(yield* addTo(other, LL), idx);
    t.is(other.ipv6.addrs_flags[idx], VALID);
    t.deepEqual(other.ipv6.addrs[idx], LL);
    const second = yield* addTo(other, G);
    yield* gnrc_netif_ipv6_addr_remove_internal(other, LL);
    t.is(yield* addTo(other, G), second, 'not once more in the free entry');
    yield* gnrc_netif_ipv6_addr_remove_internal(other, LL);
    t.is(gnrc_netif_ipv6_addr_idx(other, LL), -1);
    t.is(gnrc_netif_ipv6_addr_idx(other, G), second);
  });
});

test('an address is found on its interface only, and the unspecified one on none', (t) => {
  // test_ipv6_addr_idx__*.
  onBoard(function* ({ netifs: [one, two] }) {
    t.is(gnrc_netif_ipv6_addr_idx(one!, LL), -1);
    t.is(gnrc_netif_ipv6_addr_idx(one!, ipv6_addr_unspecified), -1);
    yield* addTo(one!, LL);
    t.is(gnrc_netif_ipv6_addr_idx(two!, LL), -1);
    t.is(gnrc_netif_ipv6_addr_idx(one!, G), -1);
    t.true(gnrc_netif_ipv6_addr_idx(one!, LL) >= 0);
  });
});

test('the address that matches a prefix is told for 18, 23 and 64 bits', (t) => {
  // test_ipv6_addr_match__* and test_get_by_prefix__*.
  onBoard(function* ({ netifs: [one, two] }) {
    t.is(gnrc_netif_ipv6_addr_match(one!, G), -1);
    t.is(gnrc_netif_get_by_prefix(G), null);
    yield* addTo(one!, LL);
    t.is(gnrc_netif_ipv6_addr_match(two!, G), -1);
    t.is(gnrc_netif_ipv6_addr_match(one!, G), -1, 'no bit in common');
    t.is(gnrc_netif_ipv6_addr_match(one!, ipv6_addr_unspecified), -1);
    t.is(gnrc_netif_get_by_prefix(ipv6_addr_unspecified), null);
    const idx = yield* addTo(one!, G);
    for (const [pfx, bits] of [[PFX18, 18], [PFX23, 23], [PFX64, 64]] as const) {
      t.is(gnrc_netif_ipv6_addr_match(one!, pfx), idx);
      t.is(ipv6_addr_match_prefix(one!.ipv6.addrs[idx]!, pfx), bits);
      t.is(gnrc_netif_get_by_prefix(pfx), one!);
    }
  });
});

test('the best source is the one that suits the destination', (t) => {
  // test_ipv6_addr_best_src__*: scope before match, none for the unspecified address on an interface without any.
  onBoard(function* ({ netifs: [one, two, three, four, five] }) {
    t.is(gnrc_netif_ipv6_addr_best_src(one!, ipv6_addr_unspecified, false), null);
    yield* addTo(one!, LL);
    t.deepEqual(gnrc_netif_ipv6_addr_best_src(one!, addr('ff05::2'), false), LL);
    yield* addTo(one!, G);
    t.deepEqual(gnrc_netif_ipv6_addr_best_src(one!, PFX18, false), G);
    yield* addTo(two!, LL);
    yield* addTo(two!, ULA);
    t.deepEqual(gnrc_netif_ipv6_addr_best_src(two!, addr('fd01:db8:0:5a1a::1'), false), ULA);
    yield* addTo(three!, LL);
    yield* addTo(three!, G);
    t.deepEqual(gnrc_netif_ipv6_addr_best_src(three!, addr('fd01:db8:0:5a1a::1'), false), G);
    yield* addTo(four!, LL);
    yield* addTo(four!, addr('fe80::2'), DEPRECATED);
    t.deepEqual(gnrc_netif_ipv6_addr_best_src(four!, addr('fe80::1'), false), LL);
    yield* addTo(five!, G);
    t.is(gnrc_netif_ipv6_addr_best_src(five!, G, true), null);
    t.deepEqual(gnrc_netif_ipv6_addr_best_src(five!, G, false), G);
  });
});

test('an interface is found by its address', (t) => {
  // test_get_by_ipv6_addr__*.
  onBoard(function* ({ netifs: [one] }) {
    t.is(gnrc_netif_get_by_ipv6_addr(LL), null);
    t.is(gnrc_netif_get_by_ipv6_addr(ipv6_addr_unspecified), null);
    yield* addTo(one!, LL);
    t.is(gnrc_netif_get_by_ipv6_addr(LL), one!);
  });
});

test('groups are joined up to the size of the table, once each, and left', (t) => {
  // test_ipv6_group_join__*, _leave__* and _idx__*: one group more than addresses without router and RPL.
  onBoard(function* ({ netifs: [one, two, three] }) {
    for (let i = 0; i < 5; i++) t.is(yield* gnrc_netif_ipv6_group_join_internal(one!, addr(`ff02::${i + 1}`)), i);
    t.is(yield* gnrc_netif_ipv6_group_join_internal(one!, addr('ff02::9')), -ENOMEM);
    t.is(gnrc_netif_ipv6_group_idx(two!, ALL_NODES), -1);
    t.is(gnrc_netif_ipv6_group_idx(two!, ipv6_addr_unspecified), -1);
    t.is(gnrc_netif_ipv6_group_idx(two!, G), -1);
    const first = yield* gnrc_netif_ipv6_group_join_internal(two!, ALL_NODES);
    t.is(yield* gnrc_netif_ipv6_group_join_internal(two!, ALL_NODES), first);
    t.deepEqual(two!.ipv6.groups[first], ALL_NODES);
    t.is(gnrc_netif_ipv6_group_idx(three!, ALL_NODES), -1);
    t.is(gnrc_netif_ipv6_group_idx(two!, ALL_ROUTERS), -1);
    const second = yield* gnrc_netif_ipv6_group_join_internal(two!, ALL_ROUTERS);
    yield* gnrc_netif_ipv6_group_leave_internal(two!, ALL_NODES);
    t.is(yield* gnrc_netif_ipv6_group_join_internal(two!, ALL_ROUTERS), second, 'not once more in the free entry');
    t.is(gnrc_netif_ipv6_group_idx(two!, ALL_NODES), -1);
    yield* gnrc_netif_ipv6_group_leave_internal(two!, ALL_NODES);
    t.is(gnrc_netif_ipv6_group_idx(two!, ALL_ROUTERS), second);
  });
});

test('the interface identifier is that of the address in use', (t) => {
  // test_ipv6_get_iid and test_netapi_get__IPV6_IID: EUI-48, EUI-64, short address, and none without address.
  onBoard(function* ({ eth, wpan, netifs: [one] }) {
    const iid = new Uint8Array(8);
    const told = function* (netif: gnrc_netif_t, expected: Uint8Array): Blocking<void> {
      t.is(gnrc_netif_ipv6_get_iid(netif, iid), 8);
      t.deepEqual(iid, expected);
      t.is(yield* get(netif, NETOPT_IPV6_IID, 8), 8);
      t.deepEqual(value.slice(0, 8), expected);
    };
    yield* told(eth, IID_ETHERNET);
    yield* told(wpan, IID_LONG);
    t.is(yield* set(wpan, NETOPT_SRC_LEN, Uint8Array.of(2, 0)), 2);
    yield* told(wpan, IID_SHORT);
    t.is(yield* set(wpan, NETOPT_SRC_LEN, Uint8Array.of(8, 0)), 2);
    yield* told(wpan, IID_LONG);
    t.is(gnrc_netif_ipv6_get_iid(one!, iid), -ENOTSUP);
    t.is(yield* get(one!, NETOPT_IPV6_IID, 8), -ENOTSUP);
  });
});

test('hop limit, addresses, flags and groups are read', (t) => {
  // test_netapi_get__HOP_LIMIT, IPV6_ADDR, IPV6_ADDR_FLAGS, IPV6_GROUP.
  onBoard(function* ({ netifs: [one] }) {
    t.is(yield* get(one!, NETOPT_HOP_LIMIT, 1), 1);
    t.is(value[0], 64);
    yield* addTo(one!, LL);
    t.is(yield* get(one!, NETOPT_IPV6_ADDR, 64), 16);
    t.deepEqual(value.slice(0, 16), LL);
    t.is(yield* get(one!, NETOPT_IPV6_ADDR_FLAGS, 4), 1);
    t.is(value[0], VALID);
    yield* gnrc_netif_ipv6_group_join_internal(one!, ALL_NODES);
    t.is(yield* get(one!, NETOPT_IPV6_GROUP, 80), 16);
    t.deepEqual(value.slice(0, 16), ALL_NODES);
  });
});

test('sizes are those of IPv6 or of the device, as the context says', (t) => {
  // test_netapi_get__MAX_PACKET_SIZE and test_netapi_set__MAX_PACKET_SIZE.
  onBoard(function* ({ eth, wpan, netifs: [one] }) {
    const sizes: number[] = [];
    for (const netif of [eth, wpan, one!]) {
      for (const context of [GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF]) {
        t.is(yield* get(netif, NETOPT_MAX_PDU_SIZE, 2, context), 2);
        sizes.push(netopt_get_u16(value));
      }
    }
    t.deepEqual(sizes, [1500, 1500, 1280, 102, 1280, 1280]);
    t.is(yield* set(one!, NETOPT_MAX_PDU_SIZE, Uint8Array.of(0x6a, 0xdf), GNRC_NETTYPE_IPV6), 2);
    t.is(one!.ipv6.mtu, 57194);
    t.is(yield* set(one!, NETOPT_MAX_PDU_SIZE, Uint8Array.of(0x6a, 0xdf)), -ENOTSUP);
  });
});

test('header compression is on where 6LoWPAN is, and can be switched', (t) => {
  // test_netapi_get__6LO_IPHC and test_netapi_set__6LO_IPHC.
  onBoard(function* ({ eth, wpan, netifs: [one] }) {
    const on: number[] = [];
    for (const netif of [eth, wpan, one!]) {
      t.is(yield* get(netif, NETOPT_6LO_IPHC, 4), 4);
      on.push(value[0]!);
    }
    t.deepEqual(on, [0, 1, 0]);
    t.is(yield* set(one!, NETOPT_6LO_IPHC, Uint8Array.of(1, 0, 0, 0)), 4);
    t.true((one!.flags & GNRC_NETIF_FLAGS_6LO_HC) !== 0);
  });
});

test('link layer addresses are read and set, and the interface takes the one in use', (t) => {
  // test_netapi_get__ADDRESS, _ADDRESS_LONG, test_netapi_set__ADDRESS, _ADDRESS_LONG, _SRC_LEN, and netif_get_opt.
  onBoard(function* ({ eth, wpan, netifs: [one] }) {
    t.is(yield* get(eth, NETOPT_ADDRESS, 8), 6);
    t.deepEqual(value.slice(0, 6), ETHERNET_SRC);
    t.is(yield* netif_get_opt(eth, NETOPT_ADDRESS, 0, value, 8), 6);
    t.is(yield* get(eth, NETOPT_ADDRESS_LONG, 8), -ENOTSUP);
    t.is(yield* get(one!, NETOPT_ADDRESS_LONG, 8), -ENOTSUP);
    t.is(yield* get(wpan, NETOPT_ADDRESS, 8), 2);
    t.deepEqual(value.slice(0, 2), SHORT_SRC);
    t.is(yield* get(wpan, NETOPT_ADDRESS_LONG, 8), 8);
    t.deepEqual(value.slice(0, 8), LONG_SRC);
    t.is(yield* set(eth, NETOPT_ADDRESS, hex('3fe8b8131e28')), 6);
    t.deepEqual(eth.l2addr.slice(0, eth.l2addr_len), hex('3fe8b8131e28'));
    t.is(yield* netif_set_opt(eth, NETOPT_ADDRESS, 0, ETHERNET_SRC, 6), 6);
    t.deepEqual(eth.l2addr.slice(0, eth.l2addr_len), ETHERNET_SRC);
    t.is(yield* set(wpan, NETOPT_ADDRESS, hex('3fe8')), 2);
    t.deepEqual(wpan.l2addr.slice(0, wpan.l2addr_len), LONG_SRC, 'the long one is in use');
    t.is(yield* set(wpan, NETOPT_ADDRESS_LONG, hex('3fe8b8131e28fe0c')), 8);
    t.deepEqual(wpan.l2addr, hex('3fe8b8131e28fe0c'));
    t.is(yield* set(wpan, NETOPT_SRC_LEN, Uint8Array.of(2, 0)), 2);
    t.deepEqual(wpan.l2addr.slice(0, wpan.l2addr_len), hex('3fe8'));
    for (const netif of [eth, one!]) {
      t.is(yield* set(netif, NETOPT_SRC_LEN, Uint8Array.of(2, 0)), -ENOTSUP);
      t.is(yield* set(netif, NETOPT_ADDRESS_LONG, LONG_SRC), -ENOTSUP);
    }
  });
});

test('hop limit, addresses and groups are set', (t) => {
  // test_netapi_set__HOP_LIMIT, IPV6_ADDR, IPV6_ADDR_REMOVE, IPV6_GROUP, IPV6_GROUP_LEAVE.
  onBoard(function* ({ netifs: [one] }) {
    t.is(yield* set(one!, NETOPT_HOP_LIMIT, Uint8Array.of(89)), 1);
    t.is(one!.cur_hl, 89);
    t.is(yield* set(one!, NETOPT_IPV6_ADDR, LL, (64 << 8) | VALID), 16);
    t.true(gnrc_netif_ipv6_addr_idx(one!, LL) >= 0);
    t.is(yield* set(one!, NETOPT_IPV6_ADDR_REMOVE, LL), 16);
    t.true(gnrc_netif_ipv6_addr_idx(one!, LL) < 0);
    t.is(yield* set(one!, NETOPT_IPV6_GROUP, ALL_NODES), 16);
    t.true(gnrc_netif_ipv6_group_idx(one!, ALL_NODES) >= 0);
    t.is(yield* set(one!, NETOPT_IPV6_GROUP_LEAVE, ALL_NODES), 16);
    t.true(gnrc_netif_ipv6_group_idx(one!, ALL_NODES) < 0);
  });
});

test('a link layer with groups is told of them, and loses each with its last IPv6 group', (t) => {
  // test_netapi_set_get__L2_GROUP, _L2_GROUP_LEAVE, test_netapi_set__IPV6_GROUP__ethernet and GROUP_LEAVE__ethernet*.
  onBoard(function* ({ eth, ethDev, wpan }) {
    ethDev.groups = [];
    const l2 = new Uint8Array(8);
    t.is(gnrc_netif_ipv6_group_to_l2_group(eth, ALL_NODES, l2), 6);
    t.deepEqual(l2.slice(0, 6), ETHERNET_ALL_NODES);
    t.is(gnrc_netif_ipv6_group_to_l2_group(wpan, ALL_NODES, l2), -ENOTSUP);
    t.is(yield* set(eth, NETOPT_L2_GROUP, hex('333300000002')), 6);
    t.is(yield* set(eth, NETOPT_L2_GROUP, hex('333300000003')), 6);
    t.is(yield* get(eth, NETOPT_L2_GROUP, 12), 12);
    t.is(yield* set(eth, NETOPT_L2_GROUP_LEAVE, hex('333300000002')), 6);
    t.is(yield* get(eth, NETOPT_L2_GROUP, 12), 6);
    t.is(yield* set(eth, NETOPT_L2_GROUP_LEAVE, hex('333300000003')), 6);
    t.is(yield* get(wpan, NETOPT_L2_GROUP, 12), -ENOTSUP);
    t.is(yield* set(eth, NETOPT_IPV6_GROUP, ALL_NODES), 16);
    t.deepEqual(ethDev.groups, [ETHERNET_ALL_NODES]);
    t.is(yield* set(eth, NETOPT_IPV6_GROUP, addr('ff01::1')), 16);
    t.deepEqual(ethDev.groups, [ETHERNET_ALL_NODES], 'the same group of the link layer');
    t.is(yield* set(eth, NETOPT_IPV6_GROUP_LEAVE, ALL_NODES), 16);
    t.deepEqual(ethDev.groups, [ETHERNET_ALL_NODES]);
    t.is(yield* set(eth, NETOPT_IPV6_GROUP_LEAVE, addr('ff01::1')), 16);
    t.deepEqual(ethDev.groups, []);
  });
});

test('a device that refuses a group keeps the interface out of it; one that knows none does not', (t) => {
  // gnrc_netif_ipv6_group_join_internal(): any error but -ENOTSUP ends it.
  onBoard(function* ({ eth, ethDev }) {
    ethDev.refuses = -ENOMEM;
    t.is(yield* set(eth, NETOPT_IPV6_GROUP, ALL_ROUTERS), -ENOMEM);
    t.is(gnrc_netif_ipv6_group_idx(eth, ALL_ROUTERS), -1);
    ethDev.refuses = -ENOTSUP;
    t.is(yield* set(eth, NETOPT_IPV6_GROUP, ALL_ROUTERS), 16);
    t.true(gnrc_netif_ipv6_group_idx(eth, ALL_ROUTERS) >= 0);
  });
});

test('interfaces have their number for a name', (t) => {
  // test_netif_iter, _get_name, _get_by_name and _get_by_name_buffer.
  onBoard(function* () {
    let count = 0;
    for (let netif = netif_iter(null); netif !== null; netif = netif_iter(netif)) count++;
    t.is(count, gnrc_netif_numof());
    const netif = netif_iter(null)!;
    t.is(netif_get_name(netif), String(netif_get_id(netif)));
    t.is(netif_get_by_name('6nPRK28'), null);
    t.is(netif_get_by_name_buffer('6nPRK28', 7), null);
    t.is(netif_get_by_name(netif_get_name(netif)), netif);
    t.is(netif_get_by_name_buffer(`${netif_get_name(netif)}/64`, netif_get_name(netif).length), netif);
    t.is(netif_get_by_name_buffer('123456789', 9), null);
    t.is(netif_get_by_id(netif.pid), netif);
    t.is(netif_get_by_id(77), null);
  });
});

/** Sends `text` with a netif header, and returns the frame that the device got. */
function* frameOf(
  netif: gnrc_netif_t, dev: MockNetdev, text: string, src: Uint8Array | null, dst: Uint8Array | null, flags = 0,
): Blocking<string> {
  const bytes = Uint8Array.from(`${text}\0`, (c) => c.charCodeAt(0));
  const pkt = gnrc_pktbuf_add(null, bytes, bytes.length, GNRC_NETTYPE_UNDEF)!;
  const hdr = gnrc_netif_hdr_build(src, src?.length ?? 0, dst, dst?.length ?? 0)!;
  gnrc_netif_hdr_of(hdr).flags = flags;
  hdr.next = pkt;
  yield* gnrc_netif_send(netif, hdr);
  return [...dev.sent.at(-1)!].map((byte) => (byte + 0x100).toString(16).slice(1)).join('');
}

test('raw packets leave with the header that their addresses ask for', (t) => {
  // test_netapi_send__raw_*: what RIOT's 01-run.py expects of the device. Ethernet: ethertype ffff; 802.15.4: PAN 0.
  const used = onBoard(function* ({ eth, ethDev, wpan, wpanDev }) {
    wpanDev.dev.seq = 0;
    wpanDev.dev.pan = 0;
    const [long, short] = [hex('3ee6b50f1922fd0b'), hex('fd0b')];
    const text = '31323341424344454647' + '00';
    t.is(yield* frameOf(eth, ethDev, 'ABCDEFG', null, hex('3ee6b50f1923')),
      '3ee6b50f1923' + '3ee6b522fd0a' + 'ffff' + '4142434445464700');
    t.is(yield* frameOf(eth, ethDev, 'ABCDEFG', null, null, GNRC_NETIF_HDR_FLAGS_BROADCAST),
      'ffffffffffff' + '3ee6b522fd0a' + 'ffff' + '4142434445464700');
    const sent = (src: Uint8Array | null, dst: Uint8Array | null, flags = 0) =>
      frameOf(wpan, wpanDev, '123ABCDEFG', src, dst, flags);
    t.is(yield* sent(null, long), '41dc00' + '0000' + '0bfd22190fb5e63e' + '0afd22190fb5e63e' + text);
    t.is(yield* sent(null, short), '41d801' + '0000' + '0bfd' + '0afd22190fb5e63e' + text);
    t.is(yield* sent(SHORT_SRC, long), '419c02' + '0000' + '0bfd22190fb5e63e' + '0afd' + text);
    t.is(yield* sent(null, null, GNRC_NETIF_HDR_FLAGS_BROADCAST),
      '41d803' + '0000' + 'ffff' + '0afd22190fb5e63e' + text);
    t.is(yield* set(wpan, NETOPT_SRC_LEN, Uint8Array.of(2, 0)), 2);
    t.is(yield* sent(null, long), '419c04' + '0000' + '0bfd22190fb5e63e' + '0afd' + text);
    t.is(yield* sent(null, short), '419805' + '0000' + '0bfd' + '0afd' + text);
    t.is(yield* sent(null, null, GNRC_NETIF_HDR_FLAGS_MULTICAST), '419806' + '0000' + 'ffff' + '0afd' + text);
  });
  t.is(used, 0);
});

test('what devices receive comes up with its payload and addresses, also without payload', (t) => {
  // test_netapi_recv__*: type of the payload, and the netif header that pktdump prints.
  const used = onBoard(function* ({ eth, ethDev, wpan, wpanDev, received }) {
    const mac = '3ee6b522fd0a' + '3ee6b522fd0b';
    const wmac = '41dc03' + '0000' + '0afd22190fb5e63e' + '0bfd22190fb5e63e';
    const ipv6 = '6000000000013b40fe800000000000003fe6b5fffe22fd0afe800000000000003fe6b5fffe22fd0b01';
    ethDev.receive(hex(`${mac}ffff`));
    wpanDev.receive(hex(wmac));
    ethDev.receive(hex(`${mac}ffff12344556`));
    wpanDev.receive(hex(`${wmac}12344556`));
    ethDev.receive(hex(`${mac}86dd${ipv6}`));
    yield* get(eth, NETOPT_HOP_LIMIT, 1);
    yield* get(wpan, NETOPT_HOP_LIMIT, 1);
    const of = (type: gnrc_nettype_t) => received.filter((one) => one.type === type).map(({ payload }) => payload);
    t.deepEqual(of(GNRC_NETTYPE_UNDEF), [new Uint8Array(0), hex('12344556')]);
    t.deepEqual(of(GNRC_NETTYPE_SIXLOWPAN), [new Uint8Array(0), hex('12344556')]);
    t.deepEqual(of(GNRC_NETTYPE_IPV6), [hex(ipv6)]);
    const header = received.find(({ type }) => type === GNRC_NETTYPE_SIXLOWPAN)!.header;
    t.deepEqual(header.slice(0, 2), Uint8Array.of(8, 8));
    t.deepEqual(header.slice(8), hex('3ee6b50f1922fd0b' + '3ee6b50f1922fd0a'));
    t.is(received.length, 5);
  });
  t.is(used, 0);
});
