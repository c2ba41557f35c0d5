// RIOT's tests of minimal fragment forwarding (tests/net/gnrc_sixlowpan_frag_minfwd) and of IPHC with a virtual
// reassembly buffer (tests/net/gnrc_sixlowpan_iphc_w_vrb), each case.
import test, { type ExecutionContext } from 'ava';

import type { Blocking } from '../../../kernel/blocking.ts';
import { ENOMEM } from '../../../kernel/errno.ts';
import { ZTIMER_USEC, ztimer_now } from '../../../kernel/ztimer.ts';
import { GNRC_NETAPI_MSG_TYPE_RCV, gnrc_netapi_dispatch, gnrc_netapi_dispatch_send } from '../../../net/gnrc/netapi.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of } from '../../../net/gnrc/netif_hdr.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID, gnrc_netif_ipv6_addr_add_internal,
} from '../../../net/gnrc/netif_ipv6.ts';
import { gnrc_netif_iter } from '../../../net/gnrc/netif_t.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from '../../../net/gnrc/netreg.ts';
import {
  GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_IPV6, GNRC_NETTYPE_SIXLOWPAN, GNRC_NETTYPE_UNDEF,
} from '../../../net/gnrc/nettype.ts';
import { gnrc_ipv6_nib_ft_add, gnrc_ipv6_nib_ft_del } from '../../../net/gnrc/nib_ft.ts';
import { gnrc_ipv6_nib_nc_set } from '../../../net/gnrc/nib_nc.ts';
import { gnrc_pkt_prepend, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_hold, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { frag_fb_take, gnrc_sixlowpan_frag_fb_get } from '../../../net/gnrc/sixlowpan_frag_fb.ts';
import {
  gnrc_sixlowpan_frag_minfwd_forward, gnrc_sixlowpan_frag_minfwd_frag_iphc,
} from '../../../net/gnrc/sixlowpan_frag_minfwd.ts';
import {
  gnrc_sixlowpan_frag_rb_array, gnrc_sixlowpan_frag_rb_base_t, gnrc_sixlowpan_frag_rb_ints_empty,
  gnrc_sixlowpan_frag_rb_reset, type gnrc_sixlowpan_frag_rb_t,
} from '../../../net/gnrc/sixlowpan_frag_rb.ts';
import {
  gnrc_sixlowpan_frag_vrb_add, gnrc_sixlowpan_frag_vrb_from_route, gnrc_sixlowpan_frag_vrb_get,
  gnrc_sixlowpan_frag_vrb_reset, type gnrc_sixlowpan_frag_vrb_t,
} from '../../../net/gnrc/sixlowpan_frag_vrb.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { Network, type NodeOptions, type TestNode } from './network.ts';
import { pattern } from './traffic.ts';

const MHR_LEN = 21;
const SRC = fromHex('8ac7d1d6ea3e9f20');
const REM_L2 = fromHex('b88cccbaef9a6743');
const REM_IID = 'ba8cccbaef9a6743';
const REM_LL = fromHex(`fe80000000000000${REM_IID}`);
const REM_GB = fromHex(`20010db8d335917e${REM_IID}`);
const FAR = '20010db8d6c30acfdc712b85082f75fb';
/** In this time a frame that nobody acknowledges has been sent for the last time, µs. */
const RETRIES = 50_000;
const TAG = 0x679d;
const SIZE = 1232;
const UDP = 'f0b4f0ba04a847b8';
const PAYLOAD = hex(pattern(32, 3));
const ROUTER: NodeOptions = {
  modules: ['gnrc_ipv6_router_default', 'gnrc_sixlowpan_frag_minfwd'], config: { CONFIG_GNRC_IPV6_NIB_NO_RTR_SOL: 1 },
};

/** A first fragment that is not compressed, hop limit 65: IPv6, UDP and 32 bytes. */
const FRAG1_UNCOMP = fromHex(`c4d0679d41 6000000004a81141 ${FAR} ${hex(REM_GB)} ${UDP} ${PAYLOAD}`);
/** The same compressed, as the node before sends it, and as it has to go on: hop limit 64 needs no byte. */
const FRAG1_COMP = fromHex(`c4d0679d 7c00 41 ${FAR} ${hex(REM_GB)} f34a47b8 ${PAYLOAD}`);
const FRAG1_COMP_HEADERS = 4 + 39;
const FORWARDED_COMP = fromHex(`7e00 ${FAR} ${hex(REM_GB)} f34a47b8`);
const FRAGN = fromHex(`e4d0679d96${hex(pattern(32, 9))}`);

interface Forwarder {
  node: TestNode;
  /** 6LoWPAN payloads of the frames that it has sent since the start, each with its frame pending bit. */
  sent: () => [pending: boolean, payload: string][];
}

/** A board that forwards fragments, with a route to REM_GB if asked for. */
function forwarder(route: boolean, options: NodeOptions = ROUTER): Forwarder {
  const network = new Network();
  const node = network.add(options);
  network.run(3_000_000);
  network.hears = () => false;
  const { iface } = node;
  if (route) {
    node.do(function* () {
      yield* gnrc_ipv6_nib_nc_set(REM_LL, iface, REM_L2, REM_L2.length);
      yield* gnrc_ipv6_nib_ft_add(REM_GB, 64, REM_LL, iface, 0);
    });
  }
  network.frames.length = 0;
  // Nobody acknowledges: each frame is sent again with its sequence number.
  const once = () => network.frames.filter(({ mpdu }, i, all) => i === 0 || mpdu[2] !== all[i - 1]!.mpdu[2]);
  const sent = (): [boolean, string][] => once().map(({ mpdu }) => {
    if (hex(mpdu.subarray(5, 13)) !== hex(REM_L2.slice().reverse())) return [false, `to ${hex(mpdu.subarray(5, 13))}`];
    return [(mpdu[0]! & 0x10) !== 0, hex(mpdu.subarray(MHR_LEN))];
  });
  return { node, sent };
}

/** A frame from SRC to the board. */
function receive(node: TestNode, payload: Uint8Array, us = RETRIES): void {
  node.hand(GNRC_NETTYPE_SIXLOWPAN, GNRC_NETAPI_MSG_TYPE_RCV, payload, SRC, node.radio.eui64);
  node.network.runFor(us);
}

/** What the virtual reassembly buffer is told of a datagram. */
function base(tag = TAG, current_size = 0): gnrc_sixlowpan_frag_rb_base_t {
  const known = new gnrc_sixlowpan_frag_rb_base_t();
  known.src.set(SRC);
  known.src_len = 8;
  known.dst_len = 8;
  known.tag = tag;
  known.datagram_size = SIZE;
  known.current_size = current_size;
  known.arrival = ztimer_now(ZTIMER_USEC);
  return known;
}

function addVrb(current_size = 0, tag = TAG): gnrc_sixlowpan_frag_vrb_t {
  return gnrc_sixlowpan_frag_vrb_add(base(tag, current_size), gnrc_netif_iter(null)!, REM_L2, REM_L2.length)!;
}

function getVrb(): gnrc_sixlowpan_frag_vrb_t | null {
  return gnrc_sixlowpan_frag_vrb_get(SRC, SRC.length, TAG);
}

/** The entries of the reassembly buffer that are in use. */
function entries(node: TestNode): gnrc_sixlowpan_frag_rb_t[] {
  return node.kernel.run(() => gnrc_sixlowpan_frag_rb_array().filter(({ pkt }) => pkt !== null));
}

/** Nothing is left of packets and intervals once the tables are emptied. */
function leavesNothing(t: ExecutionContext, node: TestNode): void {
  node.kernel.run(() => {
    gnrc_sixlowpan_frag_rb_reset();
    gnrc_sixlowpan_frag_vrb_reset();
    t.true(gnrc_sixlowpan_frag_rb_ints_empty());
  });
  t.is(node.pktbuf, 0);
}

/** The same fragment under another tag. */
function retagged(fragment: Uint8Array, tag: number): string {
  const copy = fragment.slice();
  copy[2] = tag >> 8;
  copy[3] = tag;
  return hex(copy);
}

/** An IPv6 header to `dst`. */
function ipv6To(dst: Uint8Array): Uint8Array {
  return fromHex(`6000000000001140${FAR}${hex(dst)}`);
}

for (const given of [true, false]) {
  test(`a route makes an entry: with its interface ${given ? 'given' : 'found'}`, (t) => {
    // test_minfwd_vrbe_from_route__success__given_netif and __no_netif
    const { node } = forwarder(true);
    const vrb = node.do(function* () {
      const netif = given ? gnrc_netif_iter(null) : null;
      return yield* gnrc_sixlowpan_frag_vrb_from_route(base(TAG, 32), netif, GNRC_NETTYPE_IPV6, ipv6To(REM_GB));
    })!;
    t.is(vrb.super.current_size, 32);
    t.is(vrb.out_netif?.pid, node.iface);
    t.deepEqual([...vrb.super.dst.subarray(0, vrb.super.dst_len)], [...REM_L2]);
  });
}

test('without route, with another header than IPv6, and for an own address there is no entry', (t) => {
  // test_minfwd_vrbe_from_route__no_route1, __no_route2, __local_addr
  const { node } = forwarder(false);
  const own = fromHex('20010db8d335917e0000000000000001');
  const results = node.do(function* () {
    yield* gnrc_netif_ipv6_addr_add_internal(gnrc_netif_iter(null)!, own, 64, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID);
    return [
      yield* gnrc_sixlowpan_frag_vrb_from_route(base(), null, GNRC_NETTYPE_IPV6, ipv6To(fromHex(FAR))),
      yield* gnrc_sixlowpan_frag_vrb_from_route(base(), null, GNRC_NETTYPE_UNDEF, pattern(20)),
      yield* gnrc_sixlowpan_frag_vrb_from_route(base(), null, GNRC_NETTYPE_IPV6, ipv6To(own)),
      yield* gnrc_sixlowpan_frag_vrb_from_route(base(), null, GNRC_NETTYPE_IPV6, ipv6To(REM_LL)),
    ];
  });
  t.deepEqual(results, [null, null, null, null]);
});

test('with all entries taken a route makes none', (t) => {
  // test_minfwd_vrbe_from_route__vrb_full
  const { node } = forwarder(true);
  t.is(node.do(function* () {
    for (let i = 0; i < 16; i++) addVrb(0, TAG + 1 + i);
    return yield* gnrc_sixlowpan_frag_vrb_from_route(base(), null, GNRC_NETTYPE_IPV6, ipv6To(REM_GB));
  }), null);
});

/** Hands a fragment to gnrc_sixlowpan_frag_minfwd_forward(); what it returns, and the tag that goes out. */
function forward(node: TestNode, fragment: Uint8Array, current_size = 0): [number, number] {
  const headerLength = fragment[0]! >= 0xe0 ? 5 : 4;
  return node.do(function* (): Blocking<[number, number]> {
    const vrb = addVrb(current_size);
    const payload = fragment.subarray(headerLength);
    const pkt = gnrc_pktbuf_add(null, payload, payload.length, GNRC_NETTYPE_SIXLOWPAN)!;
    const res = yield* gnrc_sixlowpan_frag_minfwd_forward(pkt, fragment.subarray(0, headerLength), vrb);
    return [res, vrb.out_tag];
  });
}

for (const [name, fragment] of [
  ['an uncompressed first fragment', FRAG1_UNCOMP], ['a compressed first fragment', FRAG1_COMP],
  ['a further fragment', FRAGN],
] as const) {
  test(`${name} goes on under the tag of its entry, with more to come`, (t) => {
    // test_minfwd_forward__success__1st_frag_sixlo, __1st_frag_iphc, __nth_frag_incomplete
    const { node, sent } = forwarder(false);
    const [res, tag] = forward(node, fragment);
    node.network.runFor(RETRIES);
    t.is(res, 0);
    t.deepEqual(sent(), [[true, retagged(fragment, tag)]]);
    t.is(node.pktbuf, 0);
    t.truthy(node.kernel.run(getVrb));
  });
}

test('the last fragment goes on without more to come, and frees the entry', (t) => {
  // test_minfwd_forward__success__nth_frag_complete
  const { node, sent } = forwarder(false);
  const [res, tag] = forward(node, FRAGN, SIZE);
  node.network.runFor(RETRIES);
  t.is(res, 0);
  t.deepEqual(sent(), [[false, retagged(FRAGN, tag)]]);
  t.is(node.pktbuf, 0);
  t.is(node.kernel.run(getVrb), null);
});

test('a fragment for whose headers there is no room is freed', (t) => {
  // test_minfwd_forward__ENOMEM__netif_hdr_build_fail: only the fragment header fits, or not even that
  for (const left of [0, 48]) {
    const { node, sent } = forwarder(false);
    const res = node.do(function* (): Blocking<number> {
      const payload = FRAGN.subarray(5);
      const pkt = gnrc_pktbuf_add(null, payload, payload.length, GNRC_NETTYPE_SIXLOWPAN)!;
      const filler = gnrc_pktbuf_add(null, null, 6144 - 64 - 32 - left, GNRC_NETTYPE_UNDEF)!;
      const code = yield* gnrc_sixlowpan_frag_minfwd_forward(pkt, FRAGN.subarray(0, 5), addVrb());
      gnrc_pktbuf_release(filler);
      return code;
    });
    t.is(res, -ENOMEM);
    t.deepEqual(sent(), []);
    leavesNothing(t, node);
  }
});

/** An echo request of 100 bytes with global addresses: 148 bytes. */
const ICMPV6 = Uint8Array.of(0x80, 0, 0x72, 0x69, 0x59, 0xbe, 0x3d, 0xbc, ...pattern(100));
const SEND_SRC = '20010db8d335917eba8cccbaef9a6742';
const SEND_IPV6 = fromHex(`60000000006c3a40${SEND_SRC}${hex(REM_GB)}`);
const SEND_IPHC = fromHex(`7a003a${SEND_SRC}${hex(REM_GB)}`);

/** A packet for 6lo with a netif header to REM_L2. */
function toSend(type: number, headers: Uint8Array, payload: Uint8Array | null): gnrc_pktsnip_t {
  const behind = payload === null ? null : gnrc_pktbuf_add(null, payload, payload.length, GNRC_NETTYPE_ICMPV6);
  const pkt = gnrc_pktbuf_add(behind, headers, headers.length, type)!;
  const netif = gnrc_netif_hdr_build(null, 0, REM_L2, REM_L2.length)!;
  gnrc_netif_hdr_of(netif).if_pid = gnrc_netif_iter(null)!.pid;
  return gnrc_pkt_prepend(pkt, netif);
}

/** The three fragments of the echo request: headers only, then 96 bytes, then the rest. */
function isSentInThree(t: ExecutionContext, frames: [boolean, string][]): void {
  const tag = frames[0]![1].slice(4, 8);
  t.deepEqual(frames, [
    [true, `c094${tag}${hex(SEND_IPHC)}`],
    [true, `e094${tag}05${hex(ICMPV6.subarray(0, 96))}`],
    [false, `e094${tag}11${hex(ICMPV6.subarray(96))}`],
  ]);
}

test('a datagram is cut behind its compressed headers', (t) => {
  // test_minfwd_frag_iphc__success: 40 bytes of headers end where the second fragment begins, at 5 units of 8
  const { node, sent } = forwarder(false);
  // In the 6lo thread, which sends itself a message for each fragment; test_sixlo_send hands it the whole packet.
  node.kernel.interrupt(function* () {
    yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_SIXLOWPAN, GNRC_NETREG_DEMUX_CTX_ALL,
      toSend(GNRC_NETTYPE_IPV6, SEND_IPV6, ICMPV6));
  });
  node.network.runFor(100_000);
  isSentInThree(t, sent());
  t.is(node.pktbuf, 0);
});

for (const [name, dst, size] of [
  ['not larger than a frame uncompressed', REM_GB, 35], ['link-local', REM_LL, 148],
] as const) {
  test(`a datagram that is ${name} is left to ordinary fragmentation`, (t) => {
    // test_minfwd_frag_iphc__no_frag, __ll_dst: -1, and the entry is free again
    const { node, sent } = forwarder(false);
    node.do(function* () {
      const pkt = toSend(GNRC_NETTYPE_SIXLOWPAN, SEND_IPHC, null);
      const fbuf = gnrc_sixlowpan_frag_fb_get()!;
      frag_fb_take(fbuf, pkt, size);
      t.is(yield* gnrc_sixlowpan_frag_minfwd_frag_iphc(pkt, 148, dst, fbuf), -1);
      t.is(fbuf.pkt, null);
      gnrc_pktbuf_release(pkt);
    });
    node.network.runFor(100_000);
    t.deepEqual(sent(), []);
    t.is(node.pktbuf, 0);
  });
}

/** Checks that a first fragment has gone on, and that the rest of its datagram will. */
function isForwarded(t: ExecutionContext, { node, sent }: Forwarder, payload: string, current_size: number): void {
  const vrb = node.kernel.run(getVrb)!;
  t.deepEqual(sent(), [[true, `c4d0${vrb.out_tag.toString(16).padStart(4, '0')}${payload}`]]);
  t.is(vrb.super.current_size, current_size);
  t.is(vrb.super.ints.length, 2);
  t.deepEqual(entries(node), []);
  t.is(node.pktbuf, 0);
  leavesNothing(t, node);
}

test('an uncompressed first fragment is forwarded with a smaller hop limit', (t) => {
  // test_sixlo_recv__1st_frag_uncomp
  const board = forwarder(true);
  receive(board.node, FRAG1_UNCOMP);
  const expected = FRAG1_UNCOMP.slice(4);
  expected[8]!--;
  isForwarded(t, board, hex(expected), 80);
});

test('a compressed first fragment is compressed anew and forwarded', (t) => {
  // test_sixlo_recv__1st_frag_comp, __only_iphc, __only_iphc_no_nhc
  const whole = forwarder(true);
  receive(whole.node, FRAG1_COMP);
  isForwarded(t, whole, hex(FORWARDED_COMP) + PAYLOAD, 80);

  const headers = forwarder(true);
  receive(headers.node, FRAG1_COMP.subarray(0, FRAG1_COMP_HEADERS));
  isForwarded(t, headers, hex(FORWARDED_COMP), 48);

  const noNhc = forwarder(true);
  receive(noNhc.node, fromHex(`c4d0679d 7800 3a41 ${FAR} ${hex(REM_GB)}`));
  isForwarded(t, noNhc, `7a003a${FAR}${hex(REM_GB)}`, 40);
});

/** Checks that a datagram is put together here: one entry with all its room, nothing forwarded. */
function isReassembled(t: ExecutionContext, { node, sent }: Forwarder): void {
  t.deepEqual(sent(), []);
  t.is(node.kernel.run(getVrb), null);
  t.deepEqual(entries(node).map(({ pkt }) => pkt!.size), [SIZE]);
  leavesNothing(t, node);
}

for (const [name, fragment] of [
  ['an uncompressed first fragment', FRAG1_UNCOMP], ['a compressed first fragment', FRAG1_COMP],
  ['compressed headers alone', FRAG1_COMP.subarray(0, FRAG1_COMP_HEADERS)],
] as const) {
  test(`${name} without a route is kept, and its datagram put together`, (t) => {
    // test_sixlo_recv__1st_frag_uncomp__no_route, __1st_frag_comp__no_route, __no_route_only_iphc, __no_refrag
    const board = forwarder(false);
    receive(board.node, fragment);
    isReassembled(t, board);
  });
}

for (const [name, first] of [['uncompressed', FRAG1_UNCOMP], ['compressed', FRAG1_COMP]] as const) {
  test(`${name}: a first fragment that is not the first to come is not forwarded`, (t) => {
    // test_sixlo_recv__1st_frag_uncomp__after_nth_frag, __1st_frag_comp__after_nth_frag
    const board = forwarder(true);
    receive(board.node, FRAGN);
    t.is(board.node.kernel.run(getVrb), null);
    t.is(entries(board.node).length, 1);
    receive(board.node, first);
    isReassembled(t, board);
  });
}

test('a further fragment follows the entry of its datagram, once', (t) => {
  // test_sixlo_recv__nth_frag, __duplicate
  const { node, sent } = forwarder(false);
  const vrb = node.kernel.run(() => addVrb());
  receive(node, FRAGN);
  t.deepEqual(sent(), [[true, retagged(FRAGN, vrb.out_tag)]]);
  t.is(vrb.super.current_size, 32);
  receive(node, FRAGN);
  t.is(sent().length, 1);
  t.is(vrb.super.current_size, 32);
  t.is(node.kernel.run(getVrb), vrb);
  t.deepEqual(entries(node), []);
  t.is(node.pktbuf, 0);
  leavesNothing(t, node);
});

test('the fragment that completes a datagram frees its entry', (t) => {
  // test_sixlo_recv__nth_frag__datagram_complete
  const { node, sent } = forwarder(false);
  const vrb = node.kernel.run(() => addVrb(SIZE - 32));
  receive(node, FRAGN);
  t.deepEqual(sent(), [[false, retagged(FRAGN, vrb.out_tag)]]);
  t.is(node.kernel.run(getVrb), null);
  leavesNothing(t, node);
});

test('a further fragment without an entry is kept', (t) => {
  // test_sixlo_recv__nth_frag__no_vrbe
  const board = forwarder(true);
  receive(board.node, FRAGN);
  t.deepEqual(board.sent(), []);
  t.is(entries(board.node).length, 1);
  leavesNothing(t, board.node);
});

test('a fragment that overlaps with one that went on ends the forwarding of its datagram', (t) => {
  // test_sixlo_recv__nth_frag__overlap
  const { node, sent } = forwarder(false);
  node.kernel.run(() => addVrb());
  receive(node, FRAGN);
  const overlapping = FRAGN.slice();
  overlapping[4]!--;
  receive(node, overlapping);
  t.is(sent().length, 1);
  t.is(node.kernel.run(getVrb), null);
  t.deepEqual(entries(node), []);
  t.is(node.pktbuf, 0);
  leavesNothing(t, node);
});

test('an entry ends 3 s after the first fragment', (t) => {
  // gnrc_sixlowpan_frag_vrb_gc() by the timer of the reassembly buffer; further fragments do not put it off
  const { node } = forwarder(true);
  receive(node, FRAG1_COMP, 2_999_000);
  t.truthy(node.kernel.run(getVrb));
  node.network.runFor(2000);
  t.is(node.kernel.run(getVrb), null);
  t.is(node.drops('6lo CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_TIMEOUT_US'), 1);
  leavesNothing(t, node);
});

const NO_SCHEME: NodeOptions = { ...ROUTER, modules: ['gnrc_ipv6_router_default', 'gnrc_sixlowpan_frag_vrb'] };
const ECHO = fromHex(`c0bc000f 7a003a 20010db8000000000000000000000001 ${hex(REM_GB)} 80008ea0238f0002
  9d4bb21c${'53'.repeat(44)}`);

test('with a virtual reassembly buffer but no scheme of forwarding a datagram with a route is dropped', (t) => {
  // gnrc_sixlowpan_iphc_w_vrb, test_recv__success, __pkt_held: an entry is made and removed again, nothing is kept
  for (const held of [false, true]) {
    const { node, sent } = forwarder(true, NO_SCHEME);
    const { iface } = node;
    let pkt: gnrc_pktsnip_t | null = null;
    node.kernel.interrupt(function* () {
      const netif = gnrc_netif_hdr_build(SRC, 8, node.radio.eui64, 8)!;
      gnrc_netif_hdr_of(netif).if_pid = iface;
      pkt = gnrc_pktbuf_add(netif, ECHO, ECHO.length, GNRC_NETTYPE_SIXLOWPAN)!;
      if (held) gnrc_pktbuf_hold(pkt, 1);
      yield* gnrc_netapi_dispatch(GNRC_NETTYPE_SIXLOWPAN, GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETAPI_MSG_TYPE_RCV, pkt);
    });
    node.network.runFor(1000);
    t.deepEqual(entries(node), []);
    t.is(node.drops('6lo no-fragment-forwarding'), 1);
    if (held) node.kernel.run(() => gnrc_pktbuf_release(pkt));
    t.is(node.pktbuf, 0);
    t.deepEqual(sent(), []);
    leavesNothing(t, node);
  }
});

test('without route, or with a full virtual reassembly buffer, it is put together', (t) => {
  // gnrc_sixlowpan_iphc_w_vrb, test_recv__no_route, __vrb_full
  for (const full of [false, true]) {
    const { node } = forwarder(true, NO_SCHEME);
    node.do(function* () {
      if (full) for (let i = 0; i < 16; i++) addVrb(0, TAG + i);
      else yield* gnrc_ipv6_nib_ft_del(REM_GB, 64);
    });
    receive(node, ECHO);
    t.deepEqual(entries(node).map(({ super: known }) => [hex(known.src), known.tag]), [[hex(SRC), 15]]);
    leavesNothing(t, node);
  }
});
