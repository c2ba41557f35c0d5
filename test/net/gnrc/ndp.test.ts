// Builders of neighbour discovery messages: RIOT's tests/net/gnrc_ndp. nib_classic.test.ts, nib_router.test.ts and the
// parity of a border router show what is sent.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import {
  gnrc_ndp_nbr_adv_build, gnrc_ndp_nbr_sol_build, gnrc_ndp_opt_build, gnrc_ndp_opt_mtu_build, gnrc_ndp_opt_pi_build,
  gnrc_ndp_opt_rdnss_build, gnrc_ndp_opt_ri_build, gnrc_ndp_opt_sl2a_build, gnrc_ndp_opt_tl2a_build,
  gnrc_ndp_rtr_adv_build, gnrc_ndp_rtr_sol_build, gnrc_sixlowpan_nd_opt_6ctx_build, gnrc_sixlowpan_nd_opt_abr_build,
  gnrc_sixlowpan_nd_opt_ar_build,
} from '../../../net/gnrc/ndp.ts';
import {
  gnrc_ndp_nbr_adv_send, gnrc_ndp_nbr_sol_send, gnrc_ndp_rtr_adv_send, gnrc_ndp_rtr_sol_send,
} from '../../../net/gnrc/ndp_send.ts';
import { GNRC_NETIF_AAC_DHCP } from '../../../net/gnrc/netif_t.ts';
import { GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_TEST, GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_init, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { ICMPV6_NBR_SOL, ICMPV6_RTR_ADV } from '../../../net/wire/icmpv6.ts';
import { NetBoard } from './board.ts';
import { EthernetNode, ip, OWN, PEER } from './ethernet.ts';

type Build = (next: gnrc_pktsnip_t | null) => gnrc_pktsnip_t | null;

const MAC = fromHex('3c970eaabbcc');
const EUI64 = fromHex('0123456789abcdef');
const TGT = ip('fe80::1234');
const PFX = ip('2001:db8:ffff:ffff:ffff::');
const ADDR = 'fe800000000000000000000000001234';

/** What is built, its type, and its bytes (RFC 4861 §4, RFC 4191 §2.3, RFC 8106 §5.1, RFC 6775 §4); checksums are 0. */
const BUILDS: readonly (readonly [string, Build, number, string])[] = [
  ['NS', (next) => gnrc_ndp_nbr_sol_build(TGT, next), GNRC_NETTYPE_ICMPV6, `8700000000000000${ADDR}`],
  ['NA, flags masked', (next) => gnrc_ndp_nbr_adv_build(TGT, 0xff, next), GNRC_NETTYPE_ICMPV6,
    `88000000e0000000${ADDR}`],
  ['RS', (next) => gnrc_ndp_rtr_sol_build(next), GNRC_NETTYPE_ICMPV6, '8500000000000000'],
  ['RA, flags masked', (next) => gnrc_ndp_rtr_adv_build(194, 0xff, 0x1234, 0x01020304, 0xfffefdfc, next),
    GNRC_NETTYPE_ICMPV6, '86000000c2c0123401020304fffefdfc'],
  ['SLLAO of an EUI-48', (next) => gnrc_ndp_opt_sl2a_build(MAC, 6, next), GNRC_NETTYPE_UNDEF, '01013c970eaabbcc'],
  ['SLLAO of a short address', (next) => gnrc_ndp_opt_sl2a_build(MAC, 2, next), GNRC_NETTYPE_UNDEF, '01013c9700000000'],
  ['TLLAO of an EUI-64', (next) => gnrc_ndp_opt_tl2a_build(EUI64, 8, next), GNRC_NETTYPE_UNDEF,
    '02020123456789abcdef000000000000'],
  ['PIO, bits behind the prefix and flags masked',
    (next) => gnrc_ndp_opt_pi_build(PFX, 36, 0xfffffffe, 0x01020304, 0xff, next), GNRC_NETTYPE_UNDEF,
    '030424c0fffffffe010203040000000020010db8f00000000000000000000000'],
  ['RIO', (next) => gnrc_ndp_opt_ri_build(PFX, 48, 600, 0xff, next), GNRC_NETTYPE_UNDEF,
    '180330180000025820010db8ffff00000000000000000000'],
  ['MTU', (next) => gnrc_ndp_opt_mtu_build(0x01020304, next), GNRC_NETTYPE_UNDEF, '0501000001020304'],
  ['RDNSS of two', (next) => gnrc_ndp_opt_rdnss_build(7, [TGT, TGT, PFX], 2, next), GNRC_NETTYPE_UNDEF,
    `1905000000000007${ADDR}${ADDR}`],
  ['ARO', (next) => gnrc_sixlowpan_nd_opt_ar_build(2, 15, EUI64, next), GNRC_NETTYPE_UNDEF,
    '210202000000000f0123456789abcdef'],
  ['6CO', (next) => gnrc_sixlowpan_nd_opt_6ctx_build(48, 0x15, 60, PFX, next), GNRC_NETTYPE_UNDEF,
    '220230150000003c20010db8ffff0000'],
  ['ABRO, its low half first', (next) => gnrc_sixlowpan_nd_opt_abr_build(0x00010002, 600, TGT, next),
    GNRC_NETTYPE_UNDEF, `2303000200010258${ADDR}`],
];

for (const [what, build, type, bytes] of BUILDS) {
  test(`a message part is built before what follows it: ${what}`, (t) => {
    // RIOT: test_*_build__success: its bytes, its type, `next` behind it.
    const board = new NetBoard(function* (): Blocking<void> {
      gnrc_pktbuf_init();
      const next = gnrc_pktbuf_add(null, Uint8Array.of(1, 2, 3), 3, GNRC_NETTYPE_TEST)!;
      const pkt = build(next)!;
      t.is(hex(gnrc_pkt_bytes(pkt)), bytes);
      t.is(pkt.type, type);
      t.is(pkt.next, next);
      gnrc_pktbuf_release(pkt);
    });
    board.run();
    t.is(board.pktbufUsed, 0);
  });

  test(`without room nothing is built, and what would follow is left: ${what}`, (t) => {
    // RIOT: test_*_build__pkt_NULL, __options_NULL with a full packet buffer.
    const board = new NetBoard(function* (): Blocking<void> {
      gnrc_pktbuf_init();
      const next = gnrc_pktbuf_add(null, Uint8Array.of(1, 2, 3), 3, GNRC_NETTYPE_TEST)!;
      let size = 6144;
      let hog = null;
      while (hog === null) hog = gnrc_pktbuf_add(null, null, size -= 8, GNRC_NETTYPE_UNDEF);
      t.is(build(next), null);
      t.is(hex(gnrc_pkt_bytes(next)), '010203');
      gnrc_pktbuf_release(hog);
      gnrc_pktbuf_release(next);
    });
    board.run();
    t.is(board.pktbufUsed, 0);
  });
}

test('an option has its length in units of 8 bytes, rounded up', (t) => {
  // RIOT: test_opt_build__success.
  new NetBoard(function* (): Blocking<void> {
    gnrc_pktbuf_init();
    for (const [size, length] of [[2, 8], [8, 8], [9, 16], [32, 32]] as const) {
      const pkt = gnrc_ndp_opt_build(194, size, null)!;
      t.deepEqual([pkt.size, pkt.data![0], pkt.data![1]], [length, 194, length / 8]);
      gnrc_pktbuf_release(pkt);
    }
  }).run();
});

test('a group is no target, a link-local prefix no prefix', (t) => {
  // RIOT asserts that: the thread sleeps for ever.
  for (const build of [
    () => gnrc_ndp_nbr_sol_build(ip('ff02::1'), null), () => gnrc_ndp_nbr_adv_build(ip('ff02::1'), 0, null),
    () => gnrc_ndp_opt_sl2a_build(MAC, 0, null), () => gnrc_ndp_opt_tl2a_build(MAC, 0, null),
    () => gnrc_ndp_opt_pi_build(ip('fe80::'), 64, 1, 1, 0, null), () => gnrc_ndp_opt_pi_build(PFX, 129, 1, 1, 0, null),
    () => gnrc_ndp_opt_ri_build(ip('ff02::'), 64, 1, 0, null), () => gnrc_ndp_opt_ri_build(PFX, 129, 1, 0, null),
    () => gnrc_ndp_opt_rdnss_build(1, [], 0, null),
  ]) {
    const board = new NetBoard(function* (): Blocking<void> {
      gnrc_pktbuf_init();
      build();
      t.fail();
    });
    board.run();
    t.regex(board.console, /gnrc_ndp\.c:\d+ => FAILED ASSERTION\./);
  }
});

function settled(modules: readonly string[] = ['gnrc_ipv6_default']): EthernetNode {
  const node = new EthernetNode({ modules });
  node.run(20_000_000);
  node.takeNdp();
  return node;
}

test('a solicitation tells the link-layer address unless its source is unspecified', (t) => {
  // RIOT: test_nbr_sol_send*. RFC 4861 §4.3.
  const node = settled();
  node.call(() => gnrc_ndp_nbr_sol_send(PEER, node.netif, null, ip('ff02::1:ff00:4'), null));
  node.call(() => gnrc_ndp_nbr_sol_send(PEER, node.netif, OWN, ip('ff02::1:ff00:4'), null));
  node.call(() => gnrc_ndp_nbr_sol_send(PEER, node.netif, ip('::'), ip('ff02::1:ff00:4'), null));
  t.deepEqual(node.takeNdp().map(({ repr, src, options, hopLimit }) => [repr.type, src, options.length, hopLimit]), [
    [ICMPV6_NBR_SOL, 'fe80::ff:fe00:1', 1, 255], [ICMPV6_NBR_SOL, 'fe80::ff:fe00:1', 1, 255],
    // The ipv6 thread replaces the unspecified source where there is another.
    [ICMPV6_NBR_SOL, 'fe80::ff:fe00:1', 0, 255],
  ]);
});

test('an advertisement for an address of nobody is not sent, and its options are freed', (t) => {
  // RIOT: test_nbr_adv_send__tgt_not_assigned.
  const node = settled();
  node.call(function* () {
    const options = gnrc_ndp_opt_mtu_build(1280, null);
    yield* gnrc_ndp_nbr_adv_send(PEER, node.netif, ip('ff02::1'), true, options);
  });
  t.deepEqual(node.takeNdp(), []);
  t.is(node.pktbufUsed, 0);
});

test('a router solicitation goes to a router if it is told', (t) => {
  // RIOT: test_rtr_sol_send__dst_global, __dst_local and __dst_unspec.
  const node = settled();
  node.call(() => gnrc_ndp_rtr_sol_send(node.netif, null));
  node.call(() => gnrc_ndp_rtr_sol_send(node.netif, ip('ff02::1')));
  t.deepEqual(node.takeNdp().map(({ dst }) => dst), ['ff02::2', 'ff02::1']);
});

test('a router advertisement tells what the interface says it shall', (t) => {
  // RIOT: test_rtr_adv_send*: GNRC_NETIF_FLAGS_IPV6_ADV_*; a reachable time is told up to an hour.
  const node = settled(['gnrc_ipv6_router_default']);
  const { netif } = node;
  netif.ipv6.reach_time_base = 7_200_000;
  netif.flags |= 0xf8;
  netif.ipv6.aac_mode |= GNRC_NETIF_AAC_DHCP;
  node.call(() => gnrc_ndp_rtr_adv_send(netif, null, null, false, null));
  node.call(() => gnrc_ndp_rtr_adv_send(netif, null, null, true, null));
  const [first, last] = node.takeNdp();
  t.deepEqual(first!.repr, {
    type: ICMPV6_RTR_ADV, curHopLimit: 64, flags: 0xc0, routerLifetime: 1800, reachableTime: 3_600_000,
    retransTimer: 1000,
  });
  t.deepEqual(first!.options.map(({ kind }) => kind), ['sllao', 'mtu']);
  t.like(last!.repr, { routerLifetime: 0 });
});

test('a host sends no router advertisement, and a router none without a link-local address', (t) => {
  // RIOT: gnrc_ndp_rtr_adv_send() without CONFIG_GNRC_IPV6_NIB_ROUTER, and test_rtr_adv_send__src_NULL.
  const node = settled();
  node.call(() => gnrc_ndp_rtr_adv_send(node.netif, null, null, false, gnrc_ndp_opt_mtu_build(1280, null)));
  t.deepEqual(node.takeNdp(), []);
  const router = new EthernetNode({ modules: ['gnrc_ipv6_router_default'] });
  router.takeNdp();
  router.call(() => gnrc_ndp_rtr_adv_send(router.netif, null, null, false, gnrc_ndp_opt_mtu_build(1280, null)));
  t.deepEqual(router.takeNdp(), []);
  t.is(node.pktbufUsed + router.pktbufUsed, 0);
});
