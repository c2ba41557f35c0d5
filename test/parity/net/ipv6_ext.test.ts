// IPv6, ICMPv6 errors, extension headers, fragments and UDP against a real RIOT board: 74 packets or trains of them,
// good and bad. What it answered, printed, kept in its packet buffer and counted, it must here too.
import { readFileSync } from 'node:fs';
import test from 'ava';

import { msg_init_queue, msg_queue_array } from '../../../kernel/msg.ts';
import { shell_run } from '../../../kernel/shell.ts';
import { stdio_rx } from '../../../kernel/stdio.ts';
import { gnrc_ipv6_ext_frag_stats } from '../../../net/gnrc/ipv6_ext_frag_stats.ts';
import { auto_init_gnrc_shell_cmds, auto_init_sock_shell_cmds } from '../../../net/shell/shell_cmds.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { decompress } from '../../../net/wire/sixlowpan.ts';
import { tap } from '../../net/gnrc/ipv6_traffic.ts';
import { Network, type TestNode } from '../../net/gnrc/network.ts';
import { hand6lo, STRANGER } from '../../net/gnrc/traffic.ts';

interface Step {
  readonly name: string;
  readonly packets: readonly string[];
  readonly replies: readonly string[];
  readonly console: string;
  readonly used: number;
  readonly stats: readonly number[];
}

const STEPS = JSON.parse(
  readFileSync(new URL('../../vectors/ipv6-ext-riot.json', import.meta.url), 'utf8'),
) as Step[];

const MODULES = [
  'gnrc_icmpv6_error', 'gnrc_udp', 'gnrc_ipv6_ext_opt', 'gnrc_ipv6_ext_rh', 'gnrc_ipv6_ext_frag',
  'gnrc_ipv6_ext_frag_stats', 'shell', 'shell_cmds_default', 'shell_cmd_udp_server',
];
const UNCOMPRESSED = 0x41;
/** Bytes at the end of an error that are what lay in the packet buffer. */
const TAIL = 40;

function boot(): { node: TestNode; sent: Uint8Array[] } {
  const network = new Network();
  const node = network.add({
    modules: MODULES,
    config: { CONFIG_GNRC_IPV6_EXT_FRAG_LIMITS_POOL_SIZE: 6 },
    *main() {
      msg_init_queue(msg_queue_array(8), 8);
      auto_init_gnrc_shell_cmds();
      auto_init_sock_shell_cmds();
      yield* shell_run(null, new Uint8Array(128), 128);
    },
  });
  // Nothing but what is handed to it: no other board, and no router solicitation on the way when memory is counted.
  network.hears = () => false;
  network.run(2_000_000);
  for (const char of 'udp server start 4444\n') {
    node.kernel.interrupt(() => stdio_rx(char.charCodeAt(0)));
    network.runFor(1000);
  }
  return { node, sent: tap(node) };
}

/** The IPv6 packet in a frame, and what of it can be compared: an error's end and checksum depend on old memory. */
function comparable(packet: Uint8Array): string {
  if (packet[6] !== 58 || packet[40]! >= 128) return hex(packet);
  const known = packet.slice(0, packet.length - TAIL);
  known[42] = 0;
  known[43] = 0;
  return `${hex(known)} and ${TAIL} bytes more`;
}

function realReply(payload: string, node: TestNode): string {
  const packet = decompress(fromHex(payload), node.radio.eui64, STRANGER, null);
  if (typeof packet === 'string') throw new TypeError(packet);
  return comparable(packet);
}

test('each packet is answered, printed, kept and counted as a real board does', (t) => {
  // Recorded on native64. Each step begins with what the steps before have left, leaks included.
  const { node, sent } = boot();
  for (const step of STEPS) {
    const start = node.console.length;
    sent.length = 0;
    for (const packet of step.packets) {
      hand6lo(node, Uint8Array.of(UNCOMPRESSED, ...fromHex(packet)), STRANGER, 60_000);
    }
    node.network.runFor(250_000);
    // A router solicitation may be due at any time: it is not to this node.
    const replies = sent.filter((packet) => packet[24] !== 0xff).map(comparable);
    t.deepEqual(replies, step.replies.map((reply) => realReply(reply, node)), step.name);
    t.is(node.console.slice(start).replaceAll('> ', ''), step.console, step.name);
    const stats = node.kernel.run(gnrc_ipv6_ext_frag_stats);
    t.deepEqual([stats.rbuf_full, stats.frag_full, stats.fragments, stats.datagrams], step.stats, step.name);
    node.network.runFor(200_000);
    t.is(node.pktbuf, step.used, step.name);
  }
  t.is(STEPS.length, 74);
});
