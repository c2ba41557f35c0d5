// IPv6 fragments that a board sends: RIOT's test gnrc_ipv6_ext_frag written anew, and what comes on top.
import test from 'ava';

import { gnrc_ipv6_ext_build } from '../../../net/gnrc/ipv6_ext.ts';
import { gnrc_ipv6_ext_frag_send_pkt } from '../../../net/gnrc/ipv6_ext_frag.ts';
import { gnrc_ipv6_ext_frag_stats } from '../../../net/gnrc/ipv6_ext_frag_stats.ts';
import { gnrc_ipv6_hdr_build } from '../../../net/gnrc/ipv6_hdr.ts';
import { gnrc_netapi_dispatch_send } from '../../../net/gnrc/netapi.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from '../../../net/gnrc/netreg.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of } from '../../../net/gnrc/netif_hdr.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import type { gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add } from '../../../net/gnrc/pktbuf.ts';
import { gnrc_udp_hdr_build } from '../../../net/gnrc/udp.ts';
import { get16, hex, put16 } from '../../../net/wire/bytes.ts';
import { parseIpv6Frag } from '../../../net/wire/ipv6.ts';
import type { NodeOptions, TestNode } from './network.ts';
import { padding, tapped } from './ipv6_traffic.ts';
import { pattern, sendUdp, STRANGER_IP, udpPacket } from './traffic.ts';

const UDP = 17;
const FRAG = 44;
const PORT = 4444;
const MODULES = ['gnrc_icmpv6_error', 'gnrc_ipv6_ext_frag', 'gnrc_ipv6_ext_opt', 'gnrc_ipv6_ext_frag_stats'];
const RIOT: NodeOptions = { modules: MODULES, config: { CONFIG_GNRC_IPV6_EXT_FRAG_LIMITS_POOL_SIZE: 16 } };
const RFC: NodeOptions = { ...RIOT, profile: 'rfc' };

/** What the fragments of a packet tell, and the packet they make. */
function join(sent: readonly Uint8Array[], at = 40): { parts: string[]; whole: string; ids: Set<number> } {
  const ids = new Set<number>();
  let whole = new Uint8Array(0);
  const parts = sent.map((bytes) => {
    const frag = parseIpv6Frag(bytes, at);
    if (typeof frag === 'string' || get16(bytes, 4) !== bytes.length - 40) throw new TypeError('no fragment');
    ids.add(frag.identification);
    const part = bytes.subarray(at + 8);
    const grown = new Uint8Array(Math.max(whole.length, frag.offset + part.length));
    grown.set(whole);
    grown.set(part, frag.offset);
    whole = grown;
    return `${frag.nextHeader} ${frag.offset} ${part.length}${frag.more ? ' more' : ''}`;
  });
  return { parts, whole: hex(whole), ids };
}

/** Sends a datagram whose payload is snips of these sizes, with an options header before the UDP header or not. */
function sendSnips(node: TestNode, sizes: readonly number[], withOptions = false): Uint8Array {
  const payload = pattern(sizes.reduce((sum, size) => sum + size, 0));
  node.do(function* () {
    let snip: gnrc_pktsnip_t | null = null;
    let end = payload.length;
    for (const size of [...sizes].reverse()) {
      snip = gnrc_pktbuf_add(snip, payload.subarray(end - size, end), size, GNRC_NETTYPE_UNDEF);
      end -= size;
    }
    const header = gnrc_udp_hdr_build(snip, 1000, PORT)!;
    put16(header.data!, 4, payload.length + 8);
    const ext = withOptions ? gnrc_ipv6_ext_build(null, header, UDP, 8)! : header;
    if (withOptions) ext.data!.set(padding(UDP));
    const ipv6 = gnrc_ipv6_hdr_build(ext, null, STRANGER_IP)!;
    if (withOptions) ipv6.data![6] = 0;
    const netif = gnrc_netif_hdr_build(null, 0, null, 0)!;
    gnrc_netif_hdr_of(netif).if_pid = node.iface;
    netif.next = ipv6;
    yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, netif);
  });
  node.network.runFor(10_000);
  return payload;
}

for (const [size, parts] of [
  [1233, ['17 0 1232 more', '17 1232 9']], [1500, ['17 0 1232 more', '17 1232 276']],
  [2455, ['17 0 1232 more', '17 1232 1231']], [3000, ['17 0 1232 more', '17 1232 1232 more', '17 2464 544']],
] as const) {
  test(`a datagram of ${size} bytes is sent in ${parts.length} fragments that make it up again`, (t) => {
    // RIOT's test_ipv6_ext_frag_send_success and _only_one_byte, for an MTU of 1280: 1232 bytes behind the headers.
    const { node, sent } = tapped({ ...RIOT, config: { CONFIG_GNRC_PKTBUF_SIZE: 16384 } });
    const payload = pattern(size);
    t.is(sendUdp(node, STRANGER_IP, PORT, payload), size);
    node.network.runFor(10_000);
    t.true(sent.every((bytes) => bytes.length <= 1280));
    const joined = join(sent);
    t.deepEqual(joined.parts, [...parts]);
    t.is(joined.ids.size, 1);
    t.is(joined.whole.slice(16), hex(payload));
    node.network.runFor(1_000_000);
    t.is(node.pktbuf, 0);
  });
}

test('a datagram that fills its last fragment: RIOT adds an empty one, which it would refuse itself', (t) => {
  // Quirk ipv6-frag-empty-last; RIOT's own test of this (_last_fragment_filled) has an MTU that is no multiple of 8.
  for (const [options, parts] of [
    [RIOT, ['17 0 1232 more', '17 1232 1232 more', '17 2464 0']], [RFC, ['17 0 1232 more', '17 1232 1232']],
  ] as const) {
    const { node, sent } = tapped(options);
    sendUdp(node, STRANGER_IP, PORT, pattern(2 * 1232 - 8));
    node.network.runFor(10_000);
    t.deepEqual(join(sent).parts, [...parts]);
    node.network.runFor(1_000_000);
    t.is(node.pktbuf, 0);
  }
});

test('payload in snips of 69 bytes is cut inside them', (t) => {
  // RIOT's shell test 1: snips whose size is no multiple of 8, until they exceed the MTU.
  const { node, sent } = tapped(RIOT);
  const payload = sendSnips(node, Array.from({ length: 19 }, () => 69));
  const joined = join(sent);
  t.deepEqual(joined.parts, ['17 0 1232 more', '17 1232 87']);
  t.is(joined.whole.slice(16), hex(payload));
  node.network.runFor(1_000_000);
  t.is(node.pktbuf, 0);
});

test('gnrc_ipv6_ext_frag_send_pkt() of what fits sends it as its only fragment', (t) => {
  // RIOT's shell test 0.
  const { node, sent } = tapped(RIOT);
  const datagram = udpPacket(node.linkLocal, STRANGER_IP, 1000, PORT, pattern(69));
  node.do(function* () {
    const payload = gnrc_pktbuf_add(null, datagram.subarray(40), datagram.length - 40, GNRC_NETTYPE_UNDEF);
    const ipv6 = gnrc_pktbuf_add(payload, datagram, 40, GNRC_NETTYPE_IPV6);
    const netif = gnrc_netif_hdr_build(null, 0, null, 0)!;
    gnrc_netif_hdr_of(netif).if_pid = node.iface;
    netif.next = ipv6;
    yield* gnrc_ipv6_ext_frag_send_pkt(netif, 1280);
  });
  node.network.runFor(10_000);
  const joined = join(sent);
  t.deepEqual(joined.parts, ['17 0 77']);
  t.is(joined.whole, hex(datagram.subarray(40)));
});

test('hop-by-hop options stand before the fragment header in each fragment, others in the first only', (t) => {
  // RFC 8200 §4.5: per-fragment headers are those up to the routing header.
  const { node, sent } = tapped(RIOT);
  const payload = sendSnips(node, [1500], true);
  t.deepEqual(sent.map((bytes) => `${bytes[6]} ${hex(bytes.subarray(40, 48))}`),
    sent.map(() => `0 ${hex(padding(FRAG))}`));
  const joined = join(sent, 48);
  t.deepEqual(joined.parts, ['17 0 1224 more', '17 1224 284']);
  t.is(joined.whole.slice(16), hex(payload));
});

test('identifications of datagrams are 1 to 63 apart', (t) => {
  // gnrc_ipv6_ext_frag_send_pkt(): a random number at first, then random steps.
  const { node, sent } = tapped(RIOT);
  const ids: number[] = [];
  for (let i = 0; i < 20; i++) {
    sent.length = 0;
    sendUdp(node, STRANGER_IP, PORT, pattern(1300));
    node.network.runFor(1_000_000);
    ids.push(...join(sent.filter((bytes) => bytes[24] !== 0xff)).ids);
  }
  t.is(ids.length, 20);
  t.true(ids.slice(1).every((id, i) => ((id - ids[i]!) >>> 0) >= 1 && ((id - ids[i]!) >>> 0) < 64));
});

test('a second large datagram while the first is being cut finds no buffer, is dropped and counted', (t) => {
  // CONFIG_GNRC_IPV6_EXT_FRAG_SEND_SIZE is 1; both packets are in the ipv6 thread's queue before it runs.
  const { node, sent } = tapped(RIOT);
  node.do(function* () {
    for (let i = 0; i < 2; i++) {
      const payload = gnrc_pktbuf_add(null, pattern(1300), 1300, GNRC_NETTYPE_UNDEF);
      const netif = gnrc_netif_hdr_build(null, 0, null, 0)!;
      gnrc_netif_hdr_of(netif).if_pid = node.iface;
      netif.next = gnrc_ipv6_hdr_build(payload, null, STRANGER_IP);
      yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, netif);
    }
  }, 1_000_000, 1);
  node.network.runFor(10_000);
  t.is(sent.length, 2);
  t.is(node.drops('ipv6 fragment-send-buffer-full'), 1);
  t.is(node.kernel.run(() => gnrc_ipv6_ext_frag_stats().frag_full), 1);
  node.network.runFor(1_000_000);
  t.is(node.pktbuf, 0);
});

test('with ever less room in the packet buffer a datagram is sent whole or in part, and nothing stays', (t) => {
  // RIOT's test_ipv6_ext_frag_send_full_pktbuf: memory runs out at every place in turn.
  let whole = 0;
  for (let size = 1600; size < 6000; size += 200) {
    const { node, sent } = tapped(RIOT);
    sendUdp(node, STRANGER_IP, PORT, pattern(size));
    node.network.runFor(3_000_000);
    const complete = sent.length > 0 && join(sent).whole.length === 2 * (size + 8);
    if (complete) whole++;
    t.is(node.pktbuf, 0, `${size}`);
  }
  t.true(whole > 0 && whole < 22, `${whole}`);
});
