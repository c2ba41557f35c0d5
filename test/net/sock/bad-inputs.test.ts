// What a stack must stand at the level of socks.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { EAGAIN, EPROTO, ETIMEDOUT } from '../../../kernel/errno.ts';
import { drop_counts } from '../../../net/gnrc/drop.ts';
import { sock_udp_recv, type sock_udp_t } from '../../../net/sock/udp.ts';
import { put16 } from '../../../net/wire/bytes.ts';
import type { TestNode } from '../gnrc/network.ts';
import { handIpv6, pattern, type PacketOptions, STRANGER_IP, udpPacket } from '../gnrc/traffic.ts';
import { arrive, boot, create, endpoint, PORT } from './node.ts';

const MS = 1000;

function recv(node: TestNode, sock: sock_udp_t): number {
  return node.do(() => sock_udp_recv(sock, new Uint8Array(100), 100, 0, null));
}

/** What recv with a time-out of 10 ms returns when a datagram comes `us` after its begin; and what the next two do. */
function race(us: number, messageFirst: boolean): number[] {
  const node = boot();
  const sock = create(node, endpoint('::', PORT), null);
  const results: number[] = [];
  const { network } = node;
  const packet = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(5));
  const start = network.now;
  const give = (): void => network.at(start + us, () => handIpv6(node, packet, undefined, 0));
  if (messageFirst) give();
  node.start(function* (): Blocking<void> {
    const buf = new Uint8Array(10);
    for (const timeout of [10 * MS, 10 * MS, 0]) results.push(yield* sock_udp_recv(sock, buf, 10, timeout, null));
  });
  if (!messageFirst) give();
  network.runFor(100 * MS);
  return [...results, node.pktbuf];
}

test('RI-24: a datagram at the instant of a time-out is received or not, once, and no time-out is left over', (t) => {
  // Either the message or -ETIMEDOUT; the calls that follow see neither again. 9,999 to 10,001 µs, both orders.
  for (const us of [9 * MS, 9_999, 10 * MS, 10_001, 11 * MS]) {
    for (const messageFirst of [true, false]) {
      const results = race(us, messageFirst);
      const early = [5, -ETIMEDOUT, -EAGAIN, 0];
      const late = [-ETIMEDOUT, 5, -EAGAIN, 0];
      if (us < 10 * MS) t.deepEqual(results, early, `${us}`);
      else if (us > 10 * MS) t.deepEqual(results, late, `${us}`);
      else t.true(results[0] === 5 ? `${results}` === `${early}` : `${results}` === `${late}`, `${results}`);
    }
  }
});

test('IP-13: datagrams that are none reach no sock, and leave nothing behind', (t) => {
  // RFC 768, RFC 8200 §8.1: checksum 0, wrong checksum, a header cut short, another port, port 0.
  const node = boot();
  const sock = create(node, endpoint('::', PORT), null);
  const hand = (options: PacketOptions, port = PORT): number => {
    handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 1000, port, pattern(20), options));
    return recv(node, sock);
  };
  t.is(hand({}), 20);
  t.is(hand({ checksum: 0 }), -EAGAIN);
  t.is(hand({ checksum: 0x1234 }), -EAGAIN);
  t.is(hand({ payloadLength: 7 }), -EAGAIN);
  t.is(hand({}, PORT + 1), -EAGAIN);
  t.is(hand({}, 0), -EAGAIN);
  node.network.runFor(100 * MS);
  t.is(node.pktbuf, 0);
});

test('IP-13: a source port of 0 is no remote end point, and told as it is', (t) => {
  // RFC 768: 0 if there is none to answer to. A sock with a remote end point refuses it.
  const node = boot();
  const connected = create(node, endpoint('::', PORT), endpoint('fe80::c', 1000));
  const packet = udpPacket(STRANGER_IP, node.linkLocal, 0, PORT, pattern(5));
  handIpv6(node, packet);
  t.is(recv(node, connected), -EPROTO);
  t.is(node.pktbuf, 0);
});

test('IP-13: what a wrong length field says never reads past the datagram', (t) => {
  // The length of UDP below 8, above and below the payload: whatever is received is at most what was there.
  for (const udpLength of [0, 7, 8, 12, 27, 29, 1000, 65535]) {
    const node = boot();
    const sock = create(node, endpoint('::', PORT), null);
    const packet = udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(20), { udpLength });
    put16(packet, 44, udpLength);
    handIpv6(node, packet);
    const res = recv(node, sock);
    t.true(res === -EAGAIN || (res >= 0 && res <= 20), `${udpLength}: ${res}`);
    node.network.runFor(100 * MS);
    t.is(node.pktbuf, 0, `${udpLength}`);
  }
});

for (const [what, modules, reason] of [
  ['a mailbox', [], /mbox-full$/], ['a callback', ['sock_async'], /^sock mbox-full$/],
] as const) {
  test(`IP-14: of a flood to one sock with ${what} the first eight stay, the rest is counted and freed`, (t) => {
    // 10,000 datagrams, more than ten times what fits into the packet buffer: a leak of one byte each would show.
    const node = boot({ modules });
    const sock = create(node, endpoint('::', PORT), null);
    arrive(node, pattern(20, 1));
    const one = node.pktbuf;
    node.trace_events.length = 0;
    for (let i = 2; i <= 10_000; i++) {
      handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(20, i & 0xff)), undefined, 0);
      node.trace_events.length = 0;
      node.console = '';
    }
    t.is(node.pktbuf, 8 * one);
    const dropped = node.kernel.run(() => [...drop_counts()].filter(([name]) => reason.test(name)));
    t.deepEqual(dropped.map(([, count]) => count), [9992]);
    const buf = new Uint8Array(20);
    for (let i = 1; i <= 8; i++) {
      t.is(node.do(() => sock_udp_recv(sock, buf, 20, 0, null)), 20);
      t.deepEqual(buf, pattern(20, i));
    }
    t.is(recv(node, sock), -EAGAIN);
    t.is(node.pktbuf, 0);
  });
}
