// A router's forwarding against a real RIOT board: what it sends on, with which hop limit, and what it answers.
import { readFileSync } from 'node:fs';
import test from 'ava';

import { msg_init_queue, msg_queue_array } from '../../../kernel/msg.ts';
import { shell_run } from '../../../kernel/shell.ts';
import { stdio_rx } from '../../../kernel/stdio.ts';
import { GNRC_NETAPI_MSG_TYPE_RCV } from '../../../net/gnrc/netapi.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_CB, gnrc_netreg_register,
} from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_IPV6 } from '../../../net/gnrc/nettype.ts';
import type { gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { auto_init_gnrc_shell_cmds } from '../../../net/shell/shell_cmds.ts';
import { fromHex, get16, hex, put16 } from '../../../net/wire/bytes.ts';
import { decompress } from '../../../net/wire/sixlowpan.ts';
import type { Profile } from '../../../net/quirks.ts';
import { concat, tap } from '../../net/gnrc/ipv6_traffic.ts';
import { Network, type TestNode } from '../../net/gnrc/network.ts';
import { hand6lo, STRANGER } from '../../net/gnrc/traffic.ts';

interface Step {
  readonly name: string;
  readonly packets: readonly string[];
  readonly replies: readonly string[];
  readonly console: string;
  readonly used: number;
}

const { setup, steps } = JSON.parse(
  readFileSync(new URL('../../vectors/ipv6-forward-riot.json', import.meta.url), 'utf8'),
) as { setup: readonly string[]; steps: readonly Step[] };

const MODULES = [
  'gnrc_ipv6_router_default', 'gnrc_icmpv6_error', 'gnrc_ipv6_ext', 'shell', 'shell_cmds_default',
];
const UNCOMPRESSED = 0x41;
const BROADCAST = Uint8Array.of(0xff, 0xff);
const TAIL = 40;

function router(profile: Profile = 'riot'): { node: TestNode; sent: Uint8Array[] } {
  const network = new Network();
  const node = network.add({
    profile,
    baseModules: ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_icmpv6_echo', 'sock_udp'],
    modules: MODULES,
    *main() {
      msg_init_queue(msg_queue_array(8), 8);
      auto_init_gnrc_shell_cmds();
      yield* shell_run(null, new Uint8Array(128), 128);
    },
  });
  network.hears = () => false;
  network.run(2_000_000);
  for (const char of setup.map((line) => `${line}\n`).join('')) {
    node.kernel.interrupt(() => stdio_rx(char.charCodeAt(0)));
    network.runFor(2000);
  }
  return { node, sent: tap(node) };
}

/** An error's end and checksum depend on what lay in the packet buffer. */
function comparable(packet: Uint8Array): string {
  if (packet[6] !== 58 || packet[40]! >= 128) return hex(packet);
  const known = packet.slice(0, packet.length - TAIL);
  known[42] = 0;
  known[43] = 0;
  return `${hex(known)} and ${TAIL} bytes more`;
}

/** The packets in the frames of a real node: whole ones, and those of two fragments. */
function realPackets(payloads: readonly string[], node: TestNode): string[] {
  const packets: string[] = [];
  for (let i = 0; i < payloads.length; i++) {
    const bytes = fromHex(payloads[i]!);
    const isFirst = bytes[0]! >> 3 === 0x18;
    // ff to a group came to everyone: IPHC M is set.
    const iphc = isFirst ? bytes.subarray(4) : bytes;
    const to = (iphc[1]! & 0x08) !== 0 ? BROADCAST : STRANGER;
    const packet = decompress(iphc, node.radio.eui64, to, null);
    if (typeof packet === 'string') throw new TypeError(packet);
    if (!isFirst) {
      packets.push(comparable(packet));
      continue;
    }
    const whole = concat(packet, fromHex(payloads[++i]!).subarray(5));
    put16(whole, 4, (get16(bytes, 0) & 0x7ff) - 40);
    packets.push(comparable(whole));
  }
  return packets;
}

function handAll(node: TestNode, step: Step): void {
  for (const packet of step.packets) hand6lo(node, Uint8Array.of(UNCOMPRESSED, ...fromHex(packet)), STRANGER, 400_000);
}

/** What the board sent, without neighbour discovery. */
function answers(sent: readonly Uint8Array[]): Uint8Array[] {
  return sent.filter((packet) => !(packet[6] === 58 && packet[40]! >= 133 && packet[40]! <= 137));
}

test('what a router forwards, refuses and drops is what a real one does', (t) => {
  // Recorded on native64; the packets that leave the ipv6 thread, and the packet buffer behind each.
  const { node, sent } = router();
  for (const step of steps) {
    const start = node.console.length;
    sent.length = 0;
    handAll(node, step);
    t.deepEqual(answers(sent).map(comparable), realPackets(step.replies, node), step.name);
    t.is(node.console.slice(start).replaceAll('> ', ''), step.console, step.name);
    t.is(node.pktbuf, step.used, step.name);
  }
  t.is(steps.length, 25);
});

test('IP-01: in profile rfc a router forwards nothing to groups, from groups, from :: or ::1', (t) => {
  // RFC 4291 §2.5.2, §2.5.3, §2.7: quirks ipv6-forwards-multicast, ipv6-forwards-unspecified-source and
  // ipv6-source-not-checked. All else goes its way as before, and errors quote what came.
  const { node, sent } = router('rfc');
  const refused = new Set([
    'group of site-local scope', 'group of global scope', 'group of interface-local scope', 'unspecified source',
    'multicast source', 'loopback source',
  ]);
  for (const step of steps) {
    sent.length = 0;
    handAll(node, step);
    const real = realPackets(step.replies, node);
    if (step.name.startsWith('hop-by-hop options that')) {
      // The option asks for an error.
      t.deepEqual(answers(sent).map((packet) => hex(packet.subarray(40, 42))), ['0402']);
    } else if (refused.has(step.name)) {
      t.deepEqual(answers(sent).map((packet) => hex(packet)), [], step.name);
    } else {
      t.deepEqual(answers(sent).map((packet) => packet.length + (packet[6] === 58 && packet[40]! < 128 ? TAIL : 0)),
        real.map((text) => (text.includes('and') ? (text.indexOf(' ') / 2) + TAIL : text.length / 2)), step.name);
    }
  }
});

test('gnrc_ipv6_fwd_w_sub: a packet is forwarded whole while somebody else who registered for IPv6 holds it', (t) => {
  // RIOT's test of that name: the forwarded packet has hop limit 63, the subscriber's is as it came, also when it looks
  // at it only after the other is on its way.
  const { node, sent } = router();
  const step = steps[0]!;
  const came = fromHex(step.packets[0]!);
  handAll(node, step);
  const forwarded = came.slice();
  forwarded[7] = 63;
  t.deepEqual(sent.map((packet) => hex(packet)), [hex(forwarded)]);
  const held: gnrc_pktsnip_t[] = [];
  const cb = (cmd: number, pkt: gnrc_pktsnip_t): undefined => {
    if (cmd === GNRC_NETAPI_MSG_TYPE_RCV) held.push(pkt);
    else gnrc_pktbuf_release(pkt);
  };
  node.do(function* () {
    yield* gnrc_netreg_register(GNRC_NETTYPE_IPV6,
      GNRC_NETREG_ENTRY_INIT_CB(GNRC_NETREG_DEMUX_CTX_ALL, { cb, ctx: null }));
  });
  sent.length = 0;
  handAll(node, step);
  t.deepEqual(sent.map((packet) => hex(packet)), [hex(forwarded)]);
  t.deepEqual(held.map((pkt) => hex(pkt.data!)), [hex(came)]);
  node.kernel.run(() => held.forEach((pkt) => gnrc_pktbuf_release(pkt)));
  t.is(node.pktbuf, 0);
});
