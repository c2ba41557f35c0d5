import test from 'ava';

import { gnrc_netifs, GNRC_NETIF_FLAGS_6LO_HC } from '../../../net/gnrc/netif_t.ts';
import { GNRC_NETAPI_MSG_TYPE_SND } from '../../../net/gnrc/netapi.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID, gnrc_netif_ipv6_addr_add_internal,
} from '../../../net/gnrc/netif_ipv6.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_CB, gnrc_netreg_register,
} from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_SIXLOWPAN } from '../../../net/gnrc/nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import {
  gnrc_sixlowpan_ctx_lookup_addr, gnrc_sixlowpan_ctx_lookup_id, gnrc_sixlowpan_ctx_update,
} from '../../../net/gnrc/sixlowpan_ctx.ts';
import { ipv6_addr_from_str } from '../../../net/wire/addr.ts';
import { bytesEqual, fromHex, hex } from '../../../net/wire/bytes.ts';
import { dispatchOf } from '../../../net/wire/sixlowpan.ts';
import { Network, type NodeOptions, type TestNode } from './network.ts';
import { hand6lo, iphc, listen, pattern, type Received, sendUdp, STRANGER, STRANGER_IP, udpPacket } from './traffic.ts';

const PORT = 8888;
const MHR_LEN = 21;
const MINUTE = 60_000_000;

function boot(options: NodeOptions = {}): { network: Network; node: TestNode; received: Received[] } {
  const network = new Network();
  const node = network.add(options);
  network.run(1_000_000);
  const received = listen(node, PORT);
  network.frames.length = 0;
  return { network, node, received };
}

function addr(text: string): Uint8Array {
  return ipv6_addr_from_str(text) ?? new Uint8Array(0);
}

test('an unknown dispatch, and every strict prefix of a compressed datagram, is dropped', (t) => {
  // The dispatch byte alone, cut headers; a cut payload fails the checksum.
  const { node, received } = boot();
  const good = iphc(udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(10)), STRANGER, node.radio.eui64);
  for (let length = 1; length < good.length; length++) {
    hand6lo(node, good.subarray(0, length));
    t.is(node.pktbuf, 0, `${length}`);
  }
  for (const dispatch of [0x00, 0x3f, 0x40, 0x42, 0x50, 0x80, 0xbf, 0xe8, 0xea, 0xf0, 0xff]) {
    const before = node.drops('6lo unknown-dispatch');
    hand6lo(node, Uint8Array.of(dispatch, ...good));
    t.is(node.drops('6lo unknown-dispatch'), before + 1, dispatch.toString(16));
    t.is(node.pktbuf, 0);
  }
  t.is(received.length, 0);
  hand6lo(node, good);
  t.is(received.length, 1);
});

test('reserved encodings, unknown contexts and an elided checksum are refused', (t) => {
  // RFC 6282 §3.1.1 (M=1 DAC=1 DAM=01), §3.1.2, §4.3.2.
  const { node, received } = boot({ profile: 'rfc' });
  const bad: [string, string][] = [
    ['iphc-reserved', '7a3d3a00'], ['iphc-reserved', '7a343a00'], ['iphc-unknown-context', '7a733a00'],
    ['iphc-unknown-context', '7af3123a00'], ['nhc-checksum-elided', '7e33f403e822b80102'], ['unknown-nhc', '7e33a0'],
    ['nhc-reserved', '7e33ea'],
  ];
  for (const [reason, bytes] of bad) {
    const before = node.drops(`6lo ${reason}`);
    hand6lo(node, fromHex(bytes));
    t.is(node.drops(`6lo ${reason}`), before + 1, `${reason} ${bytes}`);
    t.is(node.pktbuf, 0, `${reason} ${bytes}`);
  }
  t.is(received.length, 0);
});

test('an uncompressed datagram behind dispatch 41 is taken', (t) => {
  // RFC 4944 §5.1.
  const { node, received } = boot();
  const packet = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(10));
  hand6lo(node, Uint8Array.of(0x41, ...packet));
  t.deepEqual(received.map(({ payload }) => payload), [pattern(10)]);
  hand6lo(node, Uint8Array.of(0x41));
  t.is(node.pktbuf, 0);
});

test('an interface without header compression sends dispatch 41 and the packet as it is', (t) => {
  // gnrc_sixlowpan.c: the flag GNRC_NETIF_FLAGS_6LO_HC decides.
  const { network, node } = boot();
  network.hears = () => false;
  gnrc_netifs(node.kernel)[0]!.flags &= ~GNRC_NETIF_FLAGS_6LO_HC;
  sendUdp(node, STRANGER_IP, PORT, pattern(5));
  network.runFor(100_000);
  const payload = network.frames[0]!.mpdu.subarray(MHR_LEN);
  t.is(hex(payload.subarray(0, 9)), '4160000000000d1140');
  t.is(payload.length, 1 + 48 + 5);
  t.is(node.pktbuf, 0);
});

test('what is handed to 6lo to be sent without netif or IPv6 header is dropped', (t) => {
  // gnrc_sixlowpan.c _send(): its first checks.
  const { node } = boot();
  node.hand(GNRC_NETTYPE_SIXLOWPAN, GNRC_NETAPI_MSG_TYPE_SND, pattern(5), STRANGER, node.radio.eui64);
  node.network.runFor(100);
  t.is(node.drops('6lo no-netif-header'), 1);
  t.is(node.pktbuf, 0);
});

test('addresses of a context are compressed with it, both ways', (t) => {
  // RFC 6282 §3.1.2: context 0 needs no identifier byte; the address comes back whole.
  const network = new Network();
  const a = network.add();
  const b = network.add();
  network.run(1_000_000);
  const prefix = addr('2001:db8::');
  for (const node of [a, b]) node.kernel.run(() => gnrc_sixlowpan_ctx_update(0, prefix, 64, 10, true));
  const src = addr('2001:db8::c');
  const received = listen(b, PORT);
  const packet = udpPacket(src, b.linkLocal, 1000, PORT, pattern(3));
  const contexts = { byId: gnrc_sixlowpan_ctx_lookup_id, byAddress: gnrc_sixlowpan_ctx_lookup_addr };
  const bytes = b.kernel.run(() => iphc(packet, STRANGER, b.radio.eui64, contexts));
  t.is(hex(bytes.subarray(0, 2)), '7e73');
  hand6lo(b, bytes);
  t.is(received.length, 1);
  t.true(bytesEqual(received[0]!.remote.addr.ipv6, src));
});

test('a context is used to compress for its lifetime only, and to decompress for ever', (t) => {
  // RFC 6775 §7.2, RIOT's tests of gnrc_sixlowpan_ctx: after `ltime` minutes the C flag is off.
  const { network, node } = boot();
  const prefix = addr('2001:db8::');
  const inUse = (): [boolean, boolean] => node.kernel.run(() => [
    gnrc_sixlowpan_ctx_lookup_id(3) !== null, gnrc_sixlowpan_ctx_lookup_addr(addr('2001:db8::1'))?.compress ?? false,
  ]);
  t.deepEqual(inUse(), [false, false]);
  node.kernel.run(() => gnrc_sixlowpan_ctx_update(3, prefix, 64, 2, true));
  t.deepEqual(inUse(), [true, true]);
  network.runFor(1 * MINUTE);
  t.deepEqual(inUse(), [true, true]);
  network.runFor(1 * MINUTE);
  t.deepEqual(inUse(), [true, false]);
});

test('a context table refuses what is none, and the longest prefix wins', (t) => {
  // RIOT's tests of gnrc_sixlowpan_ctx: identifier 16, prefix length 0; 129 counts as 128.
  const { node } = boot();
  node.kernel.run(() => {
    const prefix = addr('2001:db8:1:2:3:4:5:6');
    t.is(gnrc_sixlowpan_ctx_update(16, prefix, 64, 1, true), null);
    t.is(gnrc_sixlowpan_ctx_update(1, prefix, 0, 1, true), null);
    t.is(gnrc_sixlowpan_ctx_update(1, prefix, 200, 1, true)?.prefix_len, 128);
    t.is(gnrc_sixlowpan_ctx_update(2, prefix, 32, 1, true)?.prefix_len, 32);
    t.is(gnrc_sixlowpan_ctx_lookup_addr(prefix)?.id, 1);
    t.is(gnrc_sixlowpan_ctx_lookup_addr(addr('2001:db8::'))?.id, 2);
    t.is(gnrc_sixlowpan_ctx_lookup_addr(addr('2001:db9::')), null);
    t.is(gnrc_sixlowpan_ctx_update(2, prefix, 32, 0, true)?.compress, false);
  });
});

test('what 0 to 3f begins with is no 6LoWPAN frame, and everything else is', (t) => {
  // RIOT's tests-sixlowpan: its six frames that are none (RFC 4944 §5.1), and nineteen that are.
  for (const byte of [0x00, 0x01, 0x3f, 0x20, 0x2a, 0x1e]) t.is(dispatchOf(byte), 'nalp', byte.toString(16));
  for (const byte of [0xff, 0xc0, 0x40, 0x80, 0xaa, 0xd4, 0x41, 0x42, 0x50, 0x7f, 0xb3, 0xc5, 0xe5]) {
    t.not(dispatchOf(byte), 'nalp', byte.toString(16));
  }
});

test('a compressed datagram in two fragments to a global address goes up layer by layer', (t) => {
  // RIOT's tests/net/gnrc_sixlowpan: 148 bytes from fe80::ff:fe00:2 to fd01::1, UDP port 61616, 100 bytes of zeros.
  const { node } = boot();
  const local = addr('fd01::1');
  const from = Uint8Array.of(2, 0, 0, 0xff, 0xfe, 0, 0, 2);
  node.do(function* () {
    const netif = gnrc_netifs(node.kernel)[0]!;
    yield* gnrc_netif_ipv6_addr_add_internal(netif, local, 64, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID);
  });
  const udp = listen(node, 61616);
  const up: string[] = [];
  node.do(function* () {
    yield* gnrc_netreg_register(GNRC_NETTYPE_IPV6, GNRC_NETREG_ENTRY_INIT_CB(GNRC_NETREG_DEMUX_CTX_ALL, {
      cb: (_cmd, pkt: gnrc_pktsnip_t): undefined => {
        up.push(hex(gnrc_pkt_bytes(pkt)));
        gnrc_pktbuf_release(pkt);
      }, ctx: null,
    }));
  });
  hand6lo(node, fromHex(`c0940001 7f30 ${hex(local)} f300232f ${'00'.repeat(48)}`), from);
  t.deepEqual(up, []);
  hand6lo(node, fromHex(`e09400010c ${'00'.repeat(52)}`), from);
  const header = `60000000006c11fffe80000000000000000000fffe000002${hex(local)}`;
  t.is(up[0], `${header}f0b0f0b0006c232f${'00'.repeat(100)}`);
  t.deepEqual(udp.map(({ payload, remote }) => [hex(payload), remote.port]), [['00'.repeat(100), 61616]]);
  t.is(node.pktbuf, 0);
});
