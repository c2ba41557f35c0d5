// Each departure of RIOT's 6LoWPAN from the RFCs: what a board does with it, and what without.
import test, { type ExecutionContext } from 'ava';

import { ZTIMER_USEC, ztimer_now } from '../../../kernel/ztimer.ts';
import type { NetEvent } from '../../../net/events.ts';
import { GNRC_NETAPI_MSG_TYPE_SND, gnrc_netapi_dispatch } from '../../../net/gnrc/netapi.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of } from '../../../net/gnrc/netif_hdr.ts';
import { gnrc_netif_iter } from '../../../net/gnrc/netif_t.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_CB, gnrc_netreg_register,
} from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_SIXLOWPAN, GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { gnrc_ipv6_nib_ft_add } from '../../../net/gnrc/nib_ft.ts';
import { gnrc_ipv6_nib_nc_set } from '../../../net/gnrc/nib_nc.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { gnrc_sixlowpan_ctx_update } from '../../../net/gnrc/sixlowpan_ctx.ts';
import { gnrc_sixlowpan_frag_rb_array, gnrc_sixlowpan_frag_rb_base_t } from '../../../net/gnrc/sixlowpan_frag_rb.ts';
import { gnrc_sixlowpan_frag_vrb_add } from '../../../net/gnrc/sixlowpan_frag_vrb.ts';
import { type Profile, QUIRKS, type QuirkId } from '../../../net/quirks.ts';
import { ipv6_addr_from_str } from '../../../net/wire/addr.ts';
import { fromHex, get16, hex } from '../../../net/wire/bytes.ts';
import { Network, type NodeOptions, type TestNode } from './network.ts';
import { hand6lo, pattern, STRANGER } from './traffic.ts';

const MHR_LEN = 21;
const NODE = 'fe80000000000000000000000000000a';
const PEER = 'fe80000000000000000000000000000c';
const TIMEOUT = 3_000_000;

/** Quirks that have a test. */
const tested = new Set<string>();

/** A test of one quirk. */
function quirkTest(id: QuirkId, what: string, code: (t: ExecutionContext) => void): void {
  tested.add(id);
  test(`${id}: ${what}`, code);
}

interface Board {
  node: TestNode;
  /** Datagrams that came up, in hex. */
  up: string[];
  /** Reasons why something was dropped by 6lo since the start. */
  dropped: () => string[];
  /** Quirks that the trace names since the start. */
  quirks: () => string[];
}

function board(profile: Profile, options: NodeOptions = {}): Board {
  const network = new Network();
  const node = network.add({ ...options, profile, id: 0x0a });
  network.run(3_000_000);
  network.hears = () => false;
  const up: string[] = [];
  node.do(function* () {
    yield* gnrc_netreg_register(GNRC_NETTYPE_IPV6, GNRC_NETREG_ENTRY_INIT_CB(GNRC_NETREG_DEMUX_CTX_ALL, {
      cb: (cmd, pkt: gnrc_pktsnip_t): undefined => {
        // What is behind the payload length is no part of the packet.
        const bytes = gnrc_pkt_bytes(pkt);
        if (cmd !== GNRC_NETAPI_MSG_TYPE_SND) up.push(hex(bytes.subarray(0, 40 + get16(bytes, 4))));
        gnrc_pktbuf_release(pkt);
      }, ctx: null,
    }));
    gnrc_sixlowpan_ctx_update(0, ipv6_addr_from_str('2001:db8:1:2::')!, 64, 100, true);
    gnrc_sixlowpan_ctx_update(1, ipv6_addr_from_str('2001:db8:aaaa::')!, 48, 100, true);
  });
  network.frames.length = 0;
  node.trace_events.length = 0;
  const events = node.trace_events as unknown as readonly NetEvent[];
  const dropped = (): string[] => events.flatMap((event) =>
    event.layer === '6lo' && event.type === 'drop' ? [event.reason] : []);
  const quirks = (): string[] => events.flatMap((event) => event.layer === 'quirk' ? [event.id] : []);
  return { node, up, dropped, quirks };
}

/** What comes up of a frame, or why nothing does, in each profile; the trace names the quirk in one of them only. */
function received(t: ExecutionContext, id: QuirkId, frame: string): { riot: string; rfc: string } {
  const [riot, rfc] = (['riot', 'rfc'] as const).map((profile) => {
    const made = board(profile);
    hand6lo(made.node, fromHex(frame));
    t.is(made.quirks().includes(id), profile === 'riot', `${profile} ${made.quirks().join()}`);
    t.is(made.node.pktbuf, 0);
    return made.up[0] ?? made.dropped()[0] ?? 'nothing';
  });
  return { riot: riot!, rfc: rfc! };
}

/** Hands a packet to 6lo to be sent to the peer: its IPv6 header and what follows in a snip each. */
function send(node: TestNode, packet: Uint8Array, group = false): void {
  const { iface } = node;
  node.kernel.interrupt(function* () {
    const payload = packet.subarray(40);
    const behind = payload.length === 0 ? null : gnrc_pktbuf_add(null, payload, payload.length, GNRC_NETTYPE_UNDEF);
    const ipv6 = gnrc_pktbuf_add(behind, packet, 40, GNRC_NETTYPE_IPV6);
    const netif = gnrc_netif_hdr_build(null, 0, STRANGER, group ? 0 : 8)!;
    gnrc_netif_hdr_of(netif).if_pid = iface;
    if (group) gnrc_netif_hdr_of(netif).flags |= 0x40;
    netif.next = ipv6;
    yield* gnrc_netapi_dispatch(GNRC_NETTYPE_SIXLOWPAN, GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETAPI_MSG_TYPE_SND, netif);
  });
  node.network.runFor(100_000);
}

/** The 6LoWPAN payload of the first frame that a packet makes, or why there is none, in each profile. */
function sent(
  t: ExecutionContext, id: QuirkId, packet: string, options: NodeOptions = {}, group = false,
): { riot: string; rfc: string } {
  const [riot, rfc] = (['riot', 'rfc'] as const).map((profile) => {
    const made = board(profile, options);
    send(made.node, fromHex(packet), group);
    t.is(made.quirks().includes(id), profile === 'riot', `${profile} ${made.quirks().join()}`);
    t.is(made.node.pktbuf, 0);
    const frame = made.node.network.frames[0];
    return frame === undefined ? made.dropped()[0]! : hex(frame.mpdu.subarray(group ? 15 : MHR_LEN));
  });
  return { riot: riot!, rfc: rfc! };
}

/** An IPv6 packet from the board to the peer. */
function packet(nextHeader: string, payload: string, { tc = '00', dst = PEER } = {}): string {
  return `6${tc}00000${(payload.length / 2).toString(16).padStart(4, '0')}${nextHeader}40${NODE}${dst}${payload}`;
}

quirkTest('iphc-traffic-class', 'the octet is read and written as it stands', (t) => {
  // b9 is DSCP 101110, ECN 01; RFC 6282 has 01 101110 inline, 6e.
  const id = 'iphc-traffic-class';
  const { riot, rfc } = received(t, id, '7233 6e 3b');
  t.is(riot.slice(0, 8), '66e00000');
  t.is(rfc.slice(0, 8), '6b900000');
  t.deepEqual(sent(t, id, packet('3a', '8000', { tc: 'b9' })), { riot: '7233b93a8000', rfc: '72336e3a8000' });
});

quirkTest('iphc-reserved-accepted', 'a reserved destination is the unspecified address', (t) => {
  // M=0 DAC=1 DAM=00
  const { riot, rfc } = received(t, 'iphc-reserved-accepted', '7a34 3b 01');
  t.is(riot, `6000000000013b40${PEER}${'00'.repeat(16)}01`);
  t.is(rfc, 'iphc-reserved');
});

quirkTest('iphc-multicast-group', 'the group is read two bytes too far', (t) => {
  // M=1 DAC=1 DAM=00 with context 0: scope, RIID, group of four bytes; then the payload a1a2a3
  const { riot, rfc } = received(t, 'iphc-multicast-group', '7a3c 3b 32 00 12345678 a1a2a3');
  const head = `6000000000033b40${PEER}ff32004020010db800010002`;
  t.is(riot, `${head}5678a1a2a1a2a3`);
  t.is(rfc, `${head}12345678a1a2a3`);
});

quirkTest('iphc-multicast-context-id', 'the identifier goes over the first byte inline', (t) => {
  // Context 1; the first byte inline is the next header, 3a
  const dst = 'ff32003020010db8aaaa000012345678';
  t.deepEqual(sent(t, 'iphc-multicast-context-id', packet('3a', '8000', { dst }), {}, true),
    { riot: '7a3c3b3200123456788000', rfc: '7abc013a3200123456788000' });
});

quirkTest('iphc-multicast-prefix', 'bits behind the prefix of the context are lost', (t) => {
  // The prefix has 48 bits, the address 1 in the next 16
  const dst = 'ff32003020010db8aaaa000112345678';
  const { riot, rfc } = sent(t, 'iphc-multicast-prefix', packet('3a', '8000', { dst }), {}, true);
  t.is(riot, '7a3c3b3200123456788000');
  t.is(rfc, `7a383a${dst}8000`);
});

quirkTest('nhc-unknown-accepted', 'what NHC does not know goes up as next header 0', (t) => {
  const { riot, rfc } = received(t, 'nhc-unknown-accepted', '7e33 a0 0102');
  t.is(riot, `6000000000030040${PEER}${NODE}a00102`);
  t.is(rfc, 'unknown-nhc');
});

quirkTest('nhc-reserved-hangs', 'a reserved extension header is dropped, and said to hang RIOT', (t) => {
  for (const nhc of ['ea', 'eb', 'ec', 'ed']) {
    t.deepEqual(received(t, 'nhc-reserved-hangs', `7e33${nhc}3b00`), { riot: 'nhc-reserved', rfc: 'nhc-reserved' });
  }
  const { node } = board('riot');
  hand6lo(node, fromHex('7e33ea3b00'));
  t.true(node.console.includes('undefined on RIOT: 6lo: a reserved NHC makes the thread run for ever'));
});

quirkTest('nhc-extension-length', 'elided padding does not come back, and lengths are rounded down', (t) => {
  // A router alert of 4 bytes behind next header 3b and length, without the PadN of 2 bytes
  const { riot, rfc } = received(t, 'nhc-extension-length', '7e33 e0 3b 04 05020000');
  t.is(rfc, `6000000000080040${PEER}${NODE}3b00050200000100`);
  t.is(riot, `6000000000060040${PEER}${NODE}3bff05020000`);
  // A routing header of 5 bytes is none.
  t.is(received(t, 'nhc-extension-length', '7e33 e2 3b 05 0102030405').rfc, 'nhc-bad-extension-length');
});

quirkTest('nhc-extension-too-long', 'a header too long for NHC goes out behind a bit that says NHC', (t) => {
  const header = `3b20${'0104000000000000'.repeat(33).slice(4)}`;
  const { riot, rfc } = sent(t, 'nhc-extension-too-long', packet('00', header));
  t.is(riot.slice(8, 20), '7e333b200000');
  t.is(rfc.slice(8, 20), '7a33003b2000');
});

quirkTest('nhc-fragment-reserved', 'the reserved byte of a fragment header is a length', (t) => {
  // Reserved byte 1: RIOT takes 16 bytes for the header, 14 behind its length field
  const payload = `3b01000000000001${hex(pattern(16))}`;
  const { riot, rfc } = sent(t, 'nhc-fragment-reserved', packet('2c', payload));
  t.is(riot, `7e33e43b0e000000000001${hex(pattern(16))}`);
  t.is(rfc, `7a332c${payload}`);
});

quirkTest('nhc-short-header', 'a next header that is cut short fails an assertion of RIOT', (t) => {
  for (const [nextHeader, payload] of [['11', '112233'], ['00', '3b'], ['00', `3b02${'00'.repeat(8)}`]] as const) {
    const { riot, rfc } = sent(t, 'nhc-short-header', packet(nextHeader, payload));
    t.is(riot, 'nhc-short-header');
    t.is(rfc, `7a33${nextHeader}${payload}`);
  }
});

quirkTest('nhc-ipv6-refused', 'IPv6 in IPv6 is not sent', (t) => {
  const { riot, rfc } = sent(t, 'nhc-ipv6-refused', packet('29', packet('3b', '')));
  t.is(riot, 'nhc-ipv6-in-ipv6');
  t.is(rfc, '7e33ee7a333b');
});

quirkTest('nhc-inner-addresses', 'elided addresses within are those of the frame', (t) => {
  // The outer addresses are inline, the inner ones elided
  const { riot, rfc } = received(t, 'nhc-inner-addresses', '7e11 1111111111111111 2222222222222222 ee 7a33 3b');
  t.is(rfc.slice(96), 'fe800000000000001111111111111111fe800000000000002222222222222222');
  t.is(riot.slice(96), `${PEER}${NODE}`);
});

quirkTest('nhc-inner-dispatch', 'an inner header is read as IPHC whatever it begins with', (t) => {
  // 1a33 is 7a33 without its dispatch.
  const { riot, rfc } = received(t, 'nhc-inner-dispatch', '7e33 ee 1a33 3b');
  t.is(riot.slice(80), `6000000000003b40${PEER}${NODE}`);
  t.is(rfc, 'not-iphc');
});

quirkTest('nhc-inner-length', 'with UDP compressed the inner payload length is what the compressed form has', (t) => {
  // 5 bytes of payload; 7 of compressed UDP are 8
  const { riot, rfc } = received(t, 'nhc-inner-length', '7e33 ee 7e33 f0 1234 5678 9abc 0102030405');
  t.is(rfc.slice(80, 96), '60000000000d1140');
  t.is(riot.slice(80, 96), '60000000000c1140');
});

quirkTest('nhc-udp-length', 'a UDP length that is not that of IPv6 is lost', (t) => {
  const udp = '30394efc000babcd01020304';
  const { riot, rfc } = sent(t, 'nhc-udp-length', packet('11', udp));
  t.is(riot, '7e33f030394efcabcd01020304');
  t.is(rfc, `7a3311${udp}`);
});

function entries(node: TestNode): number {
  return node.kernel.run(() => gnrc_sixlowpan_frag_rb_array().filter(({ pkt }) => pkt !== null).length);
}

quirkTest('frag1-headers-past-size', 'headers longer than their datagram take room until their time is out', (t) => {
  // Size 20, headers of 40 bytes
  for (const profile of ['riot', 'rfc'] as const) {
    const { node, dropped } = board(profile);
    hand6lo(node, fromHex('c0140001 7a333b'));
    t.is(entries(node), profile === 'riot' ? 1 : 0);
    t.deepEqual(dropped(), profile === 'riot' ? [] : ['datagram-size-too-small']);
    node.network.runFor(TIMEOUT);
    t.is(entries(node), 0);
    t.is(node.pktbuf, 0);
  }
});

quirkTest('frag1-any-dispatch', 'a first fragment with an unknown dispatch counts as IPv6', (t) => {
  for (const profile of ['riot', 'rfc'] as const) {
    const { node, dropped } = board(profile);
    hand6lo(node, fromHex('c0300001 000102030405060708'));
    t.is(entries(node), profile === 'riot' ? 1 : 0);
    t.deepEqual(dropped(), profile === 'riot' ? [] : ['unknown-dispatch']);
  }
});

quirkTest('frag1-compressed-interval', 'an overlap with the rest of a compressed first fragment goes unseen', (t) => {
  // 3 bytes of IPHC and 6 of payload are 46 uncompressed; a fragment at 40 overlaps, one at 48 does not. In any order.
  for (const profile of ['riot', 'rfc'] as const) {
    for (const [offset, overlaps] of [['05', true], ['06', false]] as const) {
      for (const swap of [false, true]) {
        const { node, dropped } = board(profile);
        const first = `c0480001 7a33 3b ${hex(pattern(6))}`;
        const fragments = [fromHex(first), fromHex(`e0480001${offset}${hex(pattern(8))}`)];
        if (swap) fragments.reverse();
        for (const fragment of fragments) hand6lo(node, fragment);
        const expected = profile === 'rfc' && overlaps ? ['fragment-overlap'] : [];
        t.deepEqual(dropped(), expected, `${profile} ${offset} ${swap}`);
        const ints = node.kernel.run(() => gnrc_sixlowpan_frag_rb_array()[0]!.super.ints.length);
        t.is(ints, expected.length === 0 ? 4 : 2);
      }
    }
  }
});

quirkTest('frag1-one-byte-hangs', 'a first fragment of one byte is said to hang RIOT', (t) => {
  // A dispatch that counts as IPv6, or one byte behind 41; RFC: a fragment like any other
  const { node } = board('riot');
  hand6lo(node, fromHex('c0480001 41 60'));
  t.true(node.console.includes('undefined on RIOT: 6lo: with a first fragment of one byte'));
  t.is(entries(node), 0);
  const rfc = board('rfc');
  hand6lo(rfc.node, fromHex('c0480001 41 60'));
  t.is(entries(rfc.node), 1);
});

quirkTest('fragn-offset-zero', 'a further fragment with offset 0 is dropped, and said to be read past its end', (t) => {
  for (const profile of ['riot', 'rfc'] as const) {
    const { node, dropped } = board(profile);
    hand6lo(node, fromHex('e048000100 0102030405060708'));
    t.deepEqual(dropped(), ['fragment-offset-zero']);
    t.is(node.console.includes('undefined on RIOT: 6lo: a further fragment with offset 0'), profile === 'riot');
  }
});

const MINFWD: NodeOptions = { modules: ['gnrc_ipv6_router_default', 'gnrc_sixlowpan_frag_minfwd'],
  config: { CONFIG_GNRC_IPV6_NIB_NO_RTR_SOL: 1 } };
const GLOBAL = '20010db8d335917eba8cccbaef9a6743';

quirkTest('minfwd-cut-headers', 'compressed headers of 40 bytes lose 8 to the second fragment', (t) => {
  // Both addresses inline and one port of 8 bits: 2 + 32 + 6 bytes. With 39 or 41 there is no difference.
  const udp = (ports: string): string => `${ports}006c1234${hex(pattern(100))}`;
  const { riot, rfc } = sent(t, 'minfwd-cut-headers', packetTo(udp('3039f0fc')), MINFWD);
  t.is(riot.length / 2, 4 + 32);
  t.is(rfc.length / 2, 4 + 40);
  const other = board('riot', MINFWD);
  send(other.node, fromHex(packetTo(udp('30391234'))));
  t.is(other.node.network.frames[0]!.mpdu.length, MHR_LEN + 4 + 41);
  t.deepEqual(other.quirks(), []);
});

/** A UDP packet to a global address. */
function packetTo(udp: string): string {
  return `60000000006c1140${GLOBAL}${GLOBAL}${udp}`;
}

quirkTest('vrb-no-source', 'fragments without source address are not forwarded, and said to fail an assertion', (t) => {
  for (const profile of ['riot', 'rfc'] as const) {
    const { node, dropped } = board(profile, MINFWD);
    hand6lo(node, fromHex('e048000101 0102030405060708'), new Uint8Array(0));
    t.deepEqual(dropped(), ['no-source-address']);
    t.is(node.console.includes('without source address fails an assertion'), profile === 'riot');
    t.is(node.pktbuf, 0);
    hand6lo(node, fromHex(`c0480002 7800 3a41 ${GLOBAL} ${GLOBAL} 0102`), new Uint8Array(0));
    t.is(entries(node), 1);
    // Less than an IPv6 header behind 41
    hand6lo(node, fromHex('c0480003 41 60000000'));
    t.is(entries(node), 2);
    node.network.runFor(TIMEOUT);
    t.is(node.pktbuf, 0);
  }
});

/** A fragment of 8 bytes at `offset`, from the peer. */
function forwardable(offset: number): Uint8Array {
  return fromHex(`e5000007${(offset >> 3).toString(16).padStart(2, '0')}${hex(pattern(8))}`);
}

quirkTest('vrb-leak', 'a fragment to forward that cannot be noted stays in the packet buffer for ever', (t) => {
  // One entry for reassembly and one for forwarding have 26 intervals; the 27th fragment finds none.
  const config = { ...MINFWD.config, CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE: 1, CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_SIZE: 1 };
  for (const profile of ['riot', 'rfc'] as const) {
    const { node, dropped } = board(profile, { ...MINFWD, config });
    node.kernel.run(() => {
      const known = new gnrc_sixlowpan_frag_rb_base_t();
      known.src.set(STRANGER);
      known.src_len = 8;
      known.tag = 7;
      known.datagram_size = 0x500;
      known.arrival = ztimer_now(ZTIMER_USEC);
      gnrc_sixlowpan_frag_vrb_add(known, gnrc_netif_iter(null)!, STRANGER, 8);
    });
    for (let i = 1; i <= 27; i++) hand6lo(node, forwardable(8 * i), STRANGER, 10_000);
    t.deepEqual(dropped(), ['fragment-intervals-full']);
    node.network.runFor(2 * TIMEOUT);
    t.is(node.pktbuf > 0, profile === 'riot');
  }
});

quirkTest('vrb-frees-first-entry', 'forwarding an uncompressed first fragment discards another datagram', (t) => {
  // The first entry is a datagram's of which a fragment has come; the second that of the one to be forwarded.
  for (const profile of ['riot', 'rfc'] as const) {
    const { node } = board(profile, MINFWD);
    const { iface } = node;
    const hop = fromHex('fe80000000000000ba8cccbaef9a6743');
    node.do(function* () {
      yield* gnrc_ipv6_nib_nc_set(hop, iface, fromHex('b88cccbaef9a6743'), 8);
      yield* gnrc_ipv6_nib_ft_add(fromHex(GLOBAL), 64, hop, iface, 0);
    });
    hand6lo(node, forwardable(8));
    const from = GLOBAL.replace('6743', '6744');
    hand6lo(node, fromHex(`c0500008 41 6000000000283a41 ${from} ${GLOBAL} ${hex(pattern(8))}`));
    const tags = node.kernel.run(() => gnrc_sixlowpan_frag_rb_array()
      .flatMap(({ pkt, super: { tag } }) => (pkt === null ? [] : [tag])));
    t.deepEqual(tags, profile === 'riot' ? [8] : [7]);
    node.network.runFor(2 * TIMEOUT);
    t.is(node.pktbuf, 0);
  }
});

test('every quirk of 6LoWPAN has its test here', (t) => {
  // A quirk that nobody tests would be a row of text only.
  const ids = Object.entries(QUIRKS).filter(([, { layer }]) => layer === '6lowpan').map(([id]) => id);
  t.deepEqual(ids.filter((id) => !tested.has(id)), []);
});
