// The pktdump thread and the headers that it prints; whole consoles of it: test/net/shell and test/parity/net.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { ENOTSUP } from '../../../kernel/errno.ts';
import { msg_send, msg_t } from '../../../kernel/msg.ts';
import {
  gnrc_netapi_get, gnrc_netapi_receive, gnrc_netapi_send,
} from '../../../net/gnrc/netapi.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of, gnrc_netif_hdr_set_timestamp } from '../../../net/gnrc/netif_hdr.ts';
import {
  GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_SIXLOWPAN, GNRC_NETTYPE_TEST, GNRC_NETTYPE_UDP, type gnrc_nettype_t,
} from '../../../net/gnrc/nettype.ts';
import type { gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add } from '../../../net/gnrc/pktbuf.ts';
import { gnrc_pktdump_init, gnrc_pktdump_pid } from '../../../net/gnrc/pktdump.ts';
import { NETOPT_CHANNEL } from '../../../net/netopt.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { Network, type TestNode } from './network.ts';

function boot(...modules: string[]): TestNode {
  const network = new Network();
  const node = network.add({ modules: ['gnrc_pktdump', ...modules] });
  network.run(1_000_000);
  node.console = '';
  return node;
}

/** What pktdump prints of a packet that it is given. */
function dumped(node: TestNode, make: () => gnrc_pktsnip_t): string[] {
  node.console = '';
  node.do(() => gnrc_netapi_receive(gnrc_pktdump_pid(), make()));
  return node.console.split('\n').slice(1, -2);
}

/** The same of a packet of one snip, its first line left out. */
function snip(bytes: string, type: gnrc_nettype_t): string[] {
  const data = fromHex(bytes);
  return dumped(boot(), () => gnrc_pktbuf_add(null, data, data.length, type)!).slice(1);
}

const sixlo = (bytes: string): string[] => snip(bytes, GNRC_NETTYPE_SIXLOWPAN);

test('pktdump runs once, above main, and answers options with -ENOTSUP', (t) => {
  // gnrc_pktdump.c: a second init returns the pid; GET and SET are replied to, other messages are told.
  const node = boot();
  t.is(node.do(gnrc_pktdump_init), node.kernel.run(gnrc_pktdump_pid));
  t.is(node.kernel.threads[node.kernel.run(gnrc_pktdump_pid)]?.priority, 6);
  t.is(node.do(() => gnrc_netapi_get(gnrc_pktdump_pid(), NETOPT_CHANNEL, 0, new Uint8Array(2), 2)), -ENOTSUP);
  const msg = new msg_t();
  msg.type = 0x1234;
  node.do(() => msg_send(msg, gnrc_pktdump_pid()));
  t.is(node.console, 'PKTDUMP: received something unexpected\n');
});

test('a packet is told to be received or to be sent, summed up, and freed', (t) => {
  // Each snip with its number, size and type; a header that is longer than its print is dumped from there.
  const node = boot();
  const before = node.pktbuf;
  const pkt = (): gnrc_pktsnip_t => gnrc_pktbuf_add(null, fromHex('8081123401020304'), 8, GNRC_NETTYPE_ICMPV6)!;
  const lines = '~~ SNIP  0 - size:   8 byte, type: NETTYPE_ICMPV6 (3)\n   type: 128  code: 129\n   cksum: 0x1234\n' +
    '00000000  01  02  03  04\n~~ PKT    -  1 snips, total size:   8 byte\n';
  node.do(function* (): Blocking<void> {
    yield* gnrc_netapi_receive(gnrc_pktdump_pid(), pkt());
    yield* gnrc_netapi_send(gnrc_pktdump_pid(), pkt());
  });
  t.is(node.console, `PKTDUMP: data received:\n${lines}PKTDUMP: data to send:\n${lines}`);
  t.is(node.pktbuf, before);
});

test('types have the numbers of the image, others are unknown', (t) => {
  // sys/include/net/gnrc/nettype.h: the enumeration counts only what is built in; extension headers move the rest.
  const of = (node: TestNode, type: gnrc_nettype_t): string =>
    dumped(node, () => gnrc_pktbuf_add(null, new Uint8Array(8), 8, type)!)[0]!.replace(/^.*type: /, '');
  t.is(of(boot(), GNRC_NETTYPE_UDP), 'NETTYPE_UDP (4)');
  t.is(of(boot('gnrc_ipv6_ext'), GNRC_NETTYPE_UDP), 'NETTYPE_UDP (5)');
  t.is(of(boot(), GNRC_NETTYPE_TEST), `NETTYPE_UNKNOWN (${GNRC_NETTYPE_TEST})`);
});

test('a netif header shows its time of reception with module gnrc_netif_timestamp only', (t) => {
  // gnrc_netif_hdr_print.c; with the module a header is 8 bytes longer.
  const make = (): gnrc_pktsnip_t => {
    const hdr = gnrc_netif_hdr_build(null, 0, fromHex('020000000000000a'), 8)!;
    gnrc_netif_hdr_of(hdr).if_pid = 7;
    gnrc_netif_hdr_set_timestamp(gnrc_netif_hdr_of(hdr), 12_000_000_345);
    return hdr;
  };
  const end = ['src_l2addr: (nil)', 'dst_l2addr: 02:00:00:00:00:00:00:0A'];
  t.deepEqual(dumped(boot(), make),
    ['~~ SNIP  0 - size:  16 byte, type: NETTYPE_NETIF (-1)', 'if_pid: 7  rssi: -32768  lqi: 0', 'flags: 0x0', ...end]);
  t.deepEqual(dumped(boot('gnrc_netif_timestamp'), make), ['~~ SNIP  0 - size:  24 byte, type: NETTYPE_NETIF (-1)',
    'if_pid: 7  rssi: -32768   timestamp: 12.000000345 lqi: 0', 'flags: TIMESTAMP ', ...end]);
});

test('6LoWPAN: uncompressed, not 6LoWPAN, and fragments', (t) => {
  // sixlowpan_print.c: sizes without the dispatch bits, the first fragment's own header behind.
  t.deepEqual(sixlo('41'), ['Uncompressed IPv6 packet']);
  const ipv6 = '6000000000023b40fe80000000000000000000000000000afe80000000000000000000000000000b';
  t.deepEqual(sixlo(`41${ipv6}0102`), ['Uncompressed IPv6 packet', 'traffic class: 0x00 (ECN: 0x0, DSCP: 0x00)',
    'flow label: 0x00000', 'length: 2  next header: 59  hop limit: 64', 'source address: fe80::a',
    'destination address: fe80::b', '00000000  01  02']);
  t.deepEqual(sixlo('3f0102'), ['Not a LoWPAN (NALP) frame', '00000000  3F  01  02']);
  t.deepEqual(sixlo('c51812343f'), ['Fragmentation Header (first)', 'datagram size: 1304', 'tag: 0x1234',
    'Not a LoWPAN (NALP) frame', '00000000  3F']);
  t.deepEqual(sixlo('e51812340c0506'), ['Fragmentation Header (subsequent)', 'datagram size: 1304', 'tag: 0x1234',
    'offset: 12', '00000000  05  06']);
  t.deepEqual(sixlo('50aa'), []);
});

test('6LoWPAN: each field of an IPHC header', (t) => {
  // RFC 6282 §3.1.1 in RIOT's words: TF, NH, HLIM, contexts, source and destination in all their forms.
  t.deepEqual(sixlo('7e3301'), ['IPHC dispatch', 'TF: traffic class and flow label elided', 'NH: LOWPAN_NHC',
    'HLIM: 64', 'Stateless source address compression: elided (use L2 address)',
    'Stateless destination address compression: elided (use L2 address)', '00000000  01']);
  t.deepEqual(sixlo('60d4a5ff'), ['IPHC dispatch', 'TF: ECN + DSCP + Flow Label (4 bytes)', 'NH: inline',
    'HLIM: inline', 'Stateful source address compression: 64 bits inline',
    'Stateful destination address compression: reserved', 'SCI: 0xa, DCI: 0x5', '00000000  FF']);
  const address = (second: number): string[] => sixlo(`7e${second.toString(16).padStart(2, '0')}01`).slice(4, -1);
  t.deepEqual([0x00, 0x10, 0x20].map((bits) => address(bits)[0]), ['128 bits inline', '64 bits inline',
    '16 bits inline'].map((form) => `Stateless source address compression: ${form}`));
  t.deepEqual([0x40, 0x60, 0x70].map((bits) => address(bits)[0]), ['unspecified address (::)', '16 bits inline',
    'elided (use L2 address)'].map((form) => `Stateful source address compression: ${form}`));
  t.deepEqual([0x08, 0x09, 0x0a, 0x0b].map((bits) => address(bits).slice(1)), ['128', '48', '32', '8'].map((bits) =>
    ['Stateless destination multicast address compression:', `    ${bits} bits carried inline`]));
  t.deepEqual([0x0c, 0x0d].map((bits) => address(bits)[2]),
    ['    48 bits carried inline (Unicast-Prefix-based)', '    reserved']);
  t.deepEqual(['66', '6d', '77'].map((first) => sixlo(`${first}3301`).slice(1, 4)), [
    ['TF: ECN + DSCP + Flow Label (4 bytes)', 'NH: LOWPAN_NHC', 'HLIM: 64'],
    ['TF: ECN + Flow Label (3 bytes)', 'NH: LOWPAN_NHC', 'HLIM: 1'],
    ['TF: ECN + DSCP (1 bytes)', 'NH: LOWPAN_NHC', 'HLIM: 255'],
  ]);
});

test('headers that are cut short are told, and printed with zeros', (t) => {
  // RIOT reads on behind the snip. Every prefix of a fragment and of an IPHC header with contexts.
  const told = /^undefined on RIOT: .* is printed: what is behind it is read too$/;
  for (const bytes of ['c5', 'c518', 'c51812', 'e5181234', '60', '60d4']) {
    t.true(sixlo(bytes).some((line) => told.test(line)), bytes);
  }
  t.regex(snip('000102', GNRC_NETTYPE_ICMPV6)[0]!, told);
  t.deepEqual(snip('1234567800', GNRC_NETTYPE_UDP).slice(1),
    ['   src-port:  4660  dst-port: 22136', '   length: 0  cksum: 0x0000']);
});
