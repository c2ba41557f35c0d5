// The shell command ping: what RIOT's own prints for the same lines, and what it makes of odd replies.
import { readFileSync } from 'node:fs';
import test from 'ava';

import { auto_init_gnrc_shell_cmds } from '../../../net/shell/shell_cmds.ts';
import { msg_init_queue, msg_queue_array } from '../../../kernel/msg.ts';
import { shell_run } from '../../../kernel/shell.ts';
import { stdio_rx } from '../../../kernel/stdio.ts';
import { gnrc_icmpv6_echo_send } from '../../../net/gnrc/icmpv6_echo.ts';
import { gnrc_netif_iter } from '../../../net/gnrc/netif_t.ts';
import { GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add } from '../../../net/gnrc/pktbuf.ts';
import { get16, hex, put16 } from '../../../net/wire/bytes.ts';
import { icmpv6Checksum } from '../../../net/wire/icmpv6.ts';
import { decompress } from '../../../net/wire/sixlowpan.ts';
import { Network, type NodeOptions, type TestNode } from '../gnrc/network.ts';
import { handIpv6, icmpv6Packet, STRANGER_IP } from '../gnrc/traffic.ts';

const MHR_LEN = 21;
const MODULES = ['shell', 'shell_cmds_default', 'gnrc_icmpv6_echo'];

/** A board whose main thread runs a shell; with a message queue, which ping needs, or without. */
function addShell(network: Network, options: NodeOptions = {}, queue = 8): TestNode {
  return network.add({
    ...options,
    modules: [...MODULES, ...(options.modules ?? [])],
    *main() {
      if (queue > 0) msg_init_queue(msg_queue_array(queue), queue);
      auto_init_gnrc_shell_cmds();
      yield* shell_run(null, new Uint8Array(128), 128);
    },
  });
}

/** Types a line, runs the network until the next prompt, and returns what was printed in between. */
function type(node: TestNode, line: string, us = 10_000_000): string {
  const start = node.console.length;
  for (const char of `${line}\n`) {
    node.kernel.interrupt(() => stdio_rx(char.charCodeAt(0)));
    node.network.runFor(1);
  }
  const end = node.network.now + us;
  while (!node.console.endsWith('\n> ') && node.network.now < end) node.network.runFor(1000);
  return node.console.slice(start).replace(/^[^\n]*\n/, '').replace(/> $/, '');
}

/** Two boards, 02::a with echo and 02::b with the shell, as in the recorded console. */
function boot(): { network: Network; a: TestNode; b: TestNode } {
  const network = new Network();
  const a = network.add();
  const b = addShell(network);
  network.run(2_000_000);
  return { network, a, b };
}

/** What a real node answered to each line that was typed. */
function recorded(): [line: string, answer: string][] {
  const text = readFileSync(new URL('../../vectors/riot-consoles/ping.txt', import.meta.url), 'utf8');
  return text.split('\n> ').slice(1).filter((part) => part.includes('\n')).map((part) => {
    const at = part.indexOf('\n');
    return [part.slice(0, at).trimEnd(), `${part.slice(at + 1)}\n`];
  });
}

/** Measured figures; a packet to the board itself takes no virtual time, and so tells none. */
function mask(text: string, isToSelf: boolean): string {
  const masked = text.replace(/rssi=-\d+/g, 'rssi=N').replace(/\d+\.\d{3}/g, 'MS');
  return isToSelf ? masked.replace(/ time=MS ms/g, '').replace(/round-trip.*\n/, '') : masked;
}

for (const [line, answer] of recorded()) {
  // From 512 bytes on the real nodes had no answer: their host was too slow for ACKs.
  const size = Number(/ -s (\d+) fe80::a/.exec(line)?.[1] ?? 0);
  if (size >= 512) continue;
  test(`"${line}" prints what a real node prints`, (t) => {
    // Recorded on native64; RSSI and times are the host's.
    const { b } = boot();
    const isToSelf = line.includes('::1') || line.includes('fe80::b');
    t.is(mask(type(b, line), isToSelf), mask(answer, isToSelf));
  });
}

test('a round trip of 0 µs, as to ::1 on a board whose CPU costs nothing, has no time and no statistics', (t) => {
  // RIOT, sys/shell/cmds/gnrc_icmpv6_echo.c, _print_reply: `if (triptime)` guards both; 0 is its "no time stamp".
  const { b } = boot();
  const text = type(b, 'ping -c 1 ::1');
  t.regex(text, /^12 bytes from ::1: icmp_seq=0 ttl=64\n/);
  t.true(text.includes('1 packets transmitted, 1 packets received, 0% packet loss'));
  t.false(text.includes('time=') || text.includes('round-trip'));
});

test('pings of 4 to 1,200 bytes are all answered, with 8 bytes more and a time that grows with the size', (t) => {
  // Whole or in fragments: bytes printed are data + 8, nothing is lost, truncated or corrupted, times are measured.
  const { a, b } = boot();
  let before = 0;
  for (const size of [4, 8, 32, 64, 91, 92, 128, 256, 512, 1024, 1200]) {
    const text = type(b, `ping -c 3 -i 300 -s ${size} fe80::a`);
    const line = new RegExp(`^${size + 8} bytes from fe80::a%6: icmp_seq=\\d ttl=64 rssi=-50 dBm time=[\\d.]+ ms$`);
    t.true(text.split('\n').slice(0, 3).every((reply) => line.test(reply)), text);
    t.true(text.includes('3 packets transmitted, 3 packets received, 0% packet loss\n'), text);
    const time = Number(/min\/avg\/max = ([\d.]+)\//.exec(text)?.[1]);
    t.true(time > before, `${size}: ${time} after ${before}`);
    before = time;
  }
  t.is(a.pktbuf, 0);
  t.is(b.pktbuf, 0);
});

test('without a message queue ping fails RIOT\'s assertion, and its thread sleeps for ever', (t) => {
  // As in the capture b-ping-psk, whose main thread has none.
  const network = new Network();
  const b = addShell(network, {}, 0);
  network.run(1_000_000);
  const pid = 2;
  t.is(type(b, 'ping -c 5 -s 4 fe80::a', 20_000), `
!!!! gnrc_netreg: initialize message queue of thread ${pid} using msg_init_queue() !!!!

sys/net/gnrc/netreg/gnrc_netreg.c:147 => FAILED ASSERTION.
`);
});

/** Starts a ping of the stranger with 8 bytes of data; returns its request. */
function startPing(line: string): { node: TestNode; request: Uint8Array } {
  const network = new Network();
  const node = addShell(network);
  network.hears = () => false;
  network.run(2_000_000);
  network.frames.length = 0;
  type(node, line, 5000);
  const { mpdu } = network.frames.find(({ mpdu: bytes }) => bytes.length > MHR_LEN)!;
  const packet = decompress(mpdu.subarray(MHR_LEN), node.radio.eui64, mpdu.slice(5, 13).reverse(), null);
  if (typeof packet === 'string') throw new TypeError(packet);
  return { node, request: packet.subarray(40) };
}

/** Hands a reply to the request to the board, changed. */
function reply(node: TestNode, request: Uint8Array, change: (message: Uint8Array) => Uint8Array = (m) => m): void {
  const message = change(Uint8Array.from([129, ...request.subarray(1)]));
  put16(message, 2, 0);
  put16(message, 2, icmpv6Checksum(STRANGER_IP, node.linkLocal, message));
  handIpv6(node, icmpv6Packet(STRANGER_IP, node.linkLocal, message, { hopLimit: 33 }), undefined, 1000);
}

test('duplicates, truncated and corrupted replies are told, and statistics count them as RIOT does', (t) => {
  // The texts of _print_reply() and _finish(): the second reply with a number is a duplicate.
  const { node, request } = startPing('ping -c 2 -i 5000 -s 8 fe80::c');
  const start = node.console.length;
  reply(node, request);
  reply(node, request);
  reply(node, request, (m) => m.subarray(0, 15));
  reply(node, request, (m) => Uint8Array.of(...m, 1, 2));
  reply(node, request, (m) => { m[13]! ^= 1; return m; });
  node.network.runFor(8_000_000);
  t.is(node.console.slice(start).replace(/\d+\.\d{3}/g, 'MS'), `\
16 bytes from fe80::c%6: icmp_seq=0 ttl=33 time=MS ms
16 bytes from fe80::c%6: icmp_seq=0 ttl=33 time=MS ms (DUP!)
15 bytes from fe80::c%6: icmp_seq=0 ttl=33 truncated by 1 byte time=MS ms (DUP!)
18 bytes from fe80::c%6: icmp_seq=0 ttl=33 truncated by -2 byte time=MS ms (DUP!)
16 bytes from fe80::c%6: icmp_seq=0 ttl=33 corrupted at offset 5 time=MS ms (DUP!)

--- fe80::c PING statistics ---
2 packets transmitted, 1 packets received, 4 duplicates, 50% packet loss
round-trip min/avg/max = MS/MS/MS ms
> `);
  node.network.runFor(100_000);
  t.is(node.pktbuf, 0);
});

test('replies of another identifier or from another address are not printed', (t) => {
  // _print_reply() returns before it prints; the ping then ends without a reply.
  const { node, request } = startPing('ping -c 1 -s 8 fe80::c');
  const start = node.console.length;
  reply(node, request, (m) => { put16(m, 4, get16(m, 4) ^ 1); return m; });
  const other = STRANGER_IP.slice();
  other[15] = 0x0d;
  const message = Uint8Array.from([129, ...request.subarray(1)]);
  handIpv6(node, icmpv6Packet(other, node.linkLocal, message), undefined, 1000);
  node.network.runFor(2_000_000);
  t.is(node.console.slice(start), `
--- fe80::c PING statistics ---
1 packets transmitted, 0 packets received, 100% packet loss
> `);
});

test('a reply too short for the time stamp tells no time, and that RIOT reads beyond it', (t) => {
  // RIOT computes a time from what lies behind the packet; a diagnostic here.
  const { node, request } = startPing('ping -c 1 -s 8 fe80::c');
  const start = node.console.length;
  reply(node, request, (m) => m.subarray(0, 10));
  t.true(node.console.slice(start).startsWith('undefined on RIOT: the time stamp'), node.console.slice(start));
  t.true(node.console.includes('10 bytes from fe80::c%6: icmp_seq=0 ttl=33 truncated by 6 byte\n'));
});

test('an echo request without room for its IPv6 header is not sent; RIOT keeps its bytes for ever', (t) => {
  // Quirk icmpv6-echo-send-leak: gnrc_icmpv6_echo_send() returns 0 and releases nothing.
  for (const profile of ['riot', 'rfc'] as const) {
    const network = new Network();
    const node = network.add({ profile, config: { CONFIG_GNRC_PKTBUF_SIZE: 1024 } });
    network.run(2_000_000);
    const before = node.pktbuf;
    const res = node.do(function* () {
      // What is left holds the request (32 + 112 bytes), but not the header (32 + 48) too.
      const rest = 1024 - 160 - 32 - before;
      const filler = gnrc_pktbuf_add(null, null, rest, GNRC_NETTYPE_UNDEF);
      if (filler === null) throw new Error('no filler');
      return yield* gnrc_icmpv6_echo_send(gnrc_netif_iter(null), STRANGER_IP, 1, 1, 0, 104);
    });
    t.true(node.console.includes('error: packet buffer full\n'));
    t.deepEqual([res, node.pktbuf], profile === 'riot' ? [0, 1024 - 16] : [-12, 1024 - 160]);
  }
});

test('the identifier is the board\'s own for each call, the number counts, the data are time and 0, 1, 2 ...', (t) => {
  // Two pings at different times differ in their identifier; luid_custom() makes it from the time.
  const { request } = startPing('ping -c 2 -i 100 -s 12 fe80::c');
  t.is(get16(request, 6), 0);
  t.is(hex(request.subarray(12)), '0001020304050607');
  t.is(request.length, 20);
});
