// Bad input to 6LoWPAN, from vectors/bad-inputs.json: a board that gets it throws nothing, gives its packet buffer
// back, and goes on serving an honest neighbour. RI-09 and RI-11 are about selective fragment recovery, which there is
// not.
import test, { type ExecutionContext } from 'ava';

import { GNRC_NETAPI_MSG_TYPE_RCV, gnrc_netapi_dispatch } from '../../../net/gnrc/netapi.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of } from '../../../net/gnrc/netif_hdr.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_SIXLOWPAN } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add } from '../../../net/gnrc/pktbuf.ts';
import {
  gnrc_sixlowpan_ctx_lookup_addr, gnrc_sixlowpan_ctx_lookup_id, gnrc_sixlowpan_ctx_update,
} from '../../../net/gnrc/sixlowpan_ctx.ts';
import {
  gnrc_sixlowpan_frag_rb_array, gnrc_sixlowpan_frag_rb_ints_empty,
} from '../../../net/gnrc/sixlowpan_frag_rb.ts';
import type { Profile } from '../../../net/quirks.ts';
import { ipv6_addr_from_str } from '../../../net/wire/addr.ts';
import { bytesEqual, fromHex, hex } from '../../../net/wire/bytes.ts';
import { decompress } from '../../../net/wire/sixlowpan.ts';
import { Network, type TestNode } from './network.ts';
import {
  cut, frag1, fragN, hand6lo, iphc, listen, pattern, type Received, sendUdp, STRANGER, STRANGER_IP, udpPacket,
} from './traffic.ts';

const PORT = 8888;
const HONEST = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0x0d);
const HONEST_IP = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0d);
const TIMEOUT = 3_000_000;
const PKTBUF = 6144;
const PROFILES: readonly Profile[] = ['riot', 'rfc'];

/** A board under attack by STRANGER, with an honest neighbour. */
class Victim {
  readonly node: TestNode;
  readonly received: Received[];
  readonly #t: ExecutionContext;
  #tag = 0x100;

  constructor(t: ExecutionContext, profile: Profile) {
    const network = new Network();
    this.#t = t;
    this.node = network.add({ profile });
    network.run(3_000_000);
    this.received = listen(this.node, PORT);
  }

  /** A UDP packet of the stranger's to the board. */
  packet(length: number, seed = 0): Uint8Array {
    return udpPacket(STRANGER_IP, this.node.linkLocal, 1000, PORT, pattern(length, seed));
  }

  /** The same, compressed. */
  compressed(length: number): Uint8Array {
    return iphc(this.packet(length), STRANGER, this.node.radio.eui64);
  }

  get entries(): number {
    return this.node.kernel.run(() => gnrc_sixlowpan_frag_rb_array().filter(({ pkt }) => pkt !== null).length);
  }

  attack(payload: Uint8Array, from = STRANGER): void {
    hand6lo(this.node, payload, from);
    this.#t.true(this.node.pktbuf <= PKTBUF);
    this.#t.true(this.entries <= 4);
  }

  /** The honest neighbour's datagrams, one whole and one in fragments, come through. */
  serves(what: string): void {
    const before = this.received.length;
    for (const length of [20, 500]) {
      const packet = udpPacket(HONEST_IP, this.node.linkLocal, 2000, PORT, pattern(length, length));
      const frames = length < 80 ? [iphc(packet, HONEST, this.node.radio.eui64)] : cut(packet, this.#tag++, 96);
      for (const frame of frames) hand6lo(this.node, frame, HONEST);
    }
    const honest = this.received.slice(before).filter(({ remote }) => remote.port === 2000);
    this.#t.deepEqual(honest.map(({ payload }) => payload.length), [20, 500], what);
  }

  /** After the time-outs nothing is left of anything. */
  recovers(what: string): void {
    this.node.network.runFor(TIMEOUT);
    this.#t.is(this.entries, 0, what);
    this.#t.is(this.node.pktbuf, 0, what);
    this.#t.true(this.node.kernel.run(gnrc_sixlowpan_frag_rb_ints_empty), what);
  }

  /** Does the attack, and checks that the neighbour is served meanwhile and nothing is left. */
  withstands(what: string, frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.attack(frame);
    this.serves(what);
    this.recovers(what);
  }
}

/** Runs a test in both profiles. */
function inBoth(t: ExecutionContext, code: (victim: Victim, profile: Profile) => void): void {
  for (const profile of PROFILES) code(new Victim(t, profile), profile);
}

test('RI-03 a first fragment that carries more than its datagram size is discarded', (t) => {
  // CVE-2023-24819: what is copied never exceeds the buffer of the announced size.
  inBoth(t, (victim) => {
    const bytes = victim.compressed(40);
    for (let size = 0; size < 88; size += 4) {
      victim.withstands(`size ${size}`, [Uint8Array.of(0xc0, size, 0, size, ...bytes)]);
    }
    t.is(victim.received.filter(({ remote }) => remote.port === 1000).length, 0);
  });
});

test('RI-05 fragments shorter than their header, or without payload, are dropped', (t) => {
  // CVE-2023-24821: the length of a fragment never underflows.
  inBoth(t, (victim) => {
    const headers = [fromHex('c1480001'), fromHex('e148000110'), fromHex('c148000141')];
    for (const header of headers) {
      for (let length = 1; length <= header.length; length++) {
        victim.withstands(`${length} of ${hex(header)}`, [header.subarray(0, length)]);
      }
    }
  });
});

test('RI-07 extension headers where UDP is expected come through, or leave no trace', (t) => {
  // CVE-2023-24823: each header has its own size. Headers of every kind before UDP, in the order of the packet.
  inBoth(t, (victim) => {
    const { node } = victim;
    const udp = victim.packet(10).subarray(40);
    for (const [kind, header] of [[0, '110001040000 0000'], [60, '1100010400000000'], [43, '1100000000000000'],
      [135, '1100000000000000'], [44, '1100000000000001'], [60, `1101${'00'.repeat(14)}`]] as const) {
      const ext = fromHex(header);
      const packet = new Uint8Array(40 + ext.length + udp.length);
      packet.set(victim.packet(10).subarray(0, 40));
      packet[5] = ext.length + udp.length;
      packet[6] = kind;
      packet.set(ext, 40);
      packet.set(udp, 40 + ext.length);
      const bytes = iphc(packet, STRANGER, node.radio.eui64);
      t.deepEqual(decompress(bytes, STRANGER, node.radio.eui64, null), packet);
      victim.withstands(`header ${kind}`, [bytes, bytes.subarray(0, 8), bytes.subarray(0, 12)]);
      // A header that says it is longer than the packet, and one that says 255.
      for (const at of [3, 4]) {
        const wrong = bytes.slice();
        wrong[at] = 0xff;
        victim.withstands(`header ${kind} with ff at ${at}`, [wrong]);
      }
    }
  });
});

test('RI-08 an IPHC dispatch alone is dropped, whole and in a first fragment', (t) => {
  // CVE-2023-24825: one byte of IPHC is not read as two; the entry is removed.
  inBoth(t, (victim) => {
    for (const dispatch of [0x60, 0x7e, 0x7f]) {
      victim.attack(Uint8Array.of(dispatch));
      victim.attack(Uint8Array.of(0xc1, 0x48, 0, dispatch, dispatch));
      t.is(victim.entries, 0);
      t.is(victim.node.pktbuf, 0);
      victim.withstands(`${dispatch}`, []);
    }
  });
});

test('RI-18 a packet whose types lead nowhere is dropped', (t) => {
  // RIOT 8383900047: no snip of type SIXLOWPAN before the end of the list, none of type NETIF, none at all.
  inBoth(t, (victim) => {
    const { node } = victim;
    for (const [type, behind] of [[GNRC_NETTYPE_ICMPV6, true], [GNRC_NETTYPE_SIXLOWPAN, false],
      [GNRC_NETTYPE_ICMPV6, false]] as const) {
      for (const bytes of [fromHex('7e33f0'), fromHex('c148000160'), fromHex('4160'), new Uint8Array(0)]) {
        node.kernel.interrupt(function* () {
          const netif = behind ? gnrc_netif_hdr_build(STRANGER, 8, STRANGER, 8) : null;
          if (netif !== null) gnrc_netif_hdr_of(netif).if_pid = node.iface;
          const pkt = gnrc_pktbuf_add(netif, bytes, bytes.length, type)!;
          yield* gnrc_netapi_dispatch(
            GNRC_NETTYPE_SIXLOWPAN, GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETAPI_MSG_TYPE_RCV, pkt);
        });
        node.network.runFor(100);
        t.is(node.pktbuf, 0, hex(bytes));
      }
    }
    victim.withstands('types', []);
  });
});

test('RI-20 a context shorter than 64 bits compresses no address with other bits behind it', (t) => {
  // RIOT 7e9308dd8c, RFC 6282 §3.1.1: the address comes back bit by bit. Lengths from 1 to 64.
  inBoth(t, ({ node }) => {
    for (const length of [1, 8, 32, 47, 48, 56, 63, 64]) {
      for (const addr of ['2001:db8:aaaa:bbbb::1', '2001:db8:aaaa:1::1', '2001:db8:aaaa:0:1:2:3:4']) {
        node.kernel.run(() => gnrc_sixlowpan_ctx_update(0, ipv6_addr_from_str('2001:db8:aaaa::')!, length, 10, true));
        const contexts = { byId: gnrc_sixlowpan_ctx_lookup_id, byAddress: gnrc_sixlowpan_ctx_lookup_addr };
        const packet = udpPacket(ipv6_addr_from_str(addr)!, ipv6_addr_from_str(addr)!, 1, 2, pattern(3));
        const back = node.kernel.run(() =>
          decompress(iphc(packet, STRANGER, STRANGER, contexts), STRANGER, STRANGER, contexts));
        t.deepEqual(back, packet, `${addr} with /${length}`);
      }
    }
  });
});

test('LO-02 fragments in every order, with duplicates, are put together; with one missing they go with time', (t) => {
  // 120 orders of five fragments, the first one compressed, each also with every fragment twice; RFC 4944 §5.3.
  inBoth(t, (victim) => {
    const { node, received } = victim;
    const whole = victim.packet(300, 5);
    const compressed = iphc(whole, STRANGER, node.radio.eui64);
    // 48 bytes of headers are 9: 16 bytes of payload go with them to end at 64.
    const fragments = (tag: number): Uint8Array[] => [
      Uint8Array.of(0xc1, 0x5c, tag >> 8, tag, ...compressed.subarray(0, 9 + 16)),
      ...[64, 136, 208, 280].map((offset) => fragN(whole, tag, offset, 72)),
    ];
    t.is(whole.length, 0x15c);
    let count = 0;
    for (const order of permutations([0, 1, 2, 3, 4])) {
      for (const twice of [false, true]) {
        const parts = fragments(++count);
        for (const index of order.slice(0, -1)) {
          hand6lo(node, parts[index]!);
          if (twice) hand6lo(node, parts[index]!);
        }
        if (received.length !== count - 1) return t.fail(`${order.join()} too early`);
        hand6lo(node, parts[order[4]!]!);
        if (received.length !== count || !bytesEqual(received[count - 1]!.payload, whole.subarray(48))) {
          return t.fail(`${order.join()} ${twice}`);
        }
      }
    }
    t.is(count, 240);
    for (let missing = 0; missing < 5; missing++) {
      victim.withstands(`without ${missing}`, fragments(1000 + missing).filter((_, index) => index !== missing));
    }
    t.is(received.filter(({ remote }) => remote.port === 1000).length, 240);
  });
});

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]));
}

test('LO-03 an identical fragment is ignored, an overlapping one begins the datagram anew', (t) => {
  // RFC 4944 §5.3, RIOT's tests overlap_lhs and overlap_rhs: afterwards the datagram still arrives, once.
  inBoth(t, (victim) => {
    const { received } = victim;
    const whole = victim.packet(248);
    const parts = cut(whole, 9, 96);
    for (const [offset, length] of [[88, 96], [104, 96], [96, 88], [96, 104], [80, 200], [8, 8]] as const) {
      const before = received.length;
      victim.attack(parts[0]!);
      victim.attack(parts[1]!);
      victim.attack(fragN(whole, 9, offset, length));
      for (const part of parts) victim.attack(part);
      // What overlaps with the restart is discarded too; the next round of all fragments completes it at the latest.
      for (const part of parts) victim.attack(part);
      t.true(received.length > before, `${offset}, ${length}`);
      for (const { payload } of received.slice(before)) t.true(bytesEqual(payload, whole.subarray(48)));
      victim.withstands(`${offset}, ${length}`, []);
    }
  });
});

test('LO-04 sizes and offsets that contradict each other discard the datagram', (t) => {
  // Sizes 0 to 7 and around the limits, an offset beyond the size, a last fragment past the end, one of 7 bytes.
  inBoth(t, (victim) => {
    const whole = victim.packet(1200);
    for (const size of [0, 1, 2, 3, 4, 5, 6, 7, 39, 40, 1280, 1281, 2047]) {
      for (const tag of [1, 2]) {
        victim.withstands(`size ${size}`, [frag1(whole, tag, 96, size), fragN(whole, tag, 96, 96, size),
          fragN(whole, tag, 2040, 8, size), fragN(whole, tag, size & ~7, 9, size)]);
      }
    }
    victim.withstands('middle fragment of 7 bytes',
      [frag1(whole, 3, 96), fragN(whole, 3, 96, 7), fragN(whole, 3, 104, 96)]);
    t.is(victim.received.filter(({ remote }) => remote.port === 1000).length, 0);
  });
});

test('LO-06 a flood of first fragments takes four entries, and an honest datagram gets through 3 s later', (t) => {
  // By one sender and by 1,000: the oldest gives way, the packet buffer is never overdrawn.
  inBoth(t, (victim) => {
    const whole = victim.packet(1000);
    for (let i = 0; i < 200; i++) victim.attack(frag1(whole, i, 96, 1200));
    for (let i = 0; i < 1000; i++) {
      victim.attack(frag1(whole, i, 96, 2047), Uint8Array.of(2, 0, 0, 0, 0, 1, i >> 8, i));
    }
    victim.recovers('flood');
    victim.serves('after the flood');
  });
});

test('LO-07 further fragments alone, first fragments twice or within each other are no datagram', (t) => {
  // RFC 4944 §5.3: nothing comes of them, and nothing is left of them.
  inBoth(t, (victim) => {
    const whole = victim.packet(300);
    const nested = new Uint8Array(4 + 44);
    nested.set(frag1(whole, 1, 40, 44).subarray(0, 4));
    nested.set(frag1(whole, 2, 39, 347).subarray(0, 44), 4);
    victim.withstands('further alone', [fragN(whole, 1, 96, 96), fragN(whole, 1, 192, 96)]);
    victim.withstands('first twice', [frag1(whole, 2, 96), frag1(whole, 2, 96), frag1(whole, 2, 88)]);
    victim.withstands('nested', [nested, nested]);
    t.is(victim.received.filter(({ remote }) => remote.port === 1000).length, 0);
  });
});

test('LO-09 every IPHC base header, with and without identifiers, leaves a board as it was', (t) => {
  // What each one decodes to is tested with the codec; here that a board bears all of them.
  inBoth(t, (victim) => {
    const { node } = victim;
    const rest = pattern(45, 11);
    for (let base = 0x6000; base < 0x8000; base++) {
      node.hand(GNRC_NETTYPE_SIXLOWPAN, GNRC_NETAPI_MSG_TYPE_RCV, Uint8Array.of(base >> 8, base, ...rest), STRANGER,
        node.radio.eui64);
      if ((base & 3) === 3) node.network.runFor(100);
    }
    node.network.runFor(1_000_000);
    victim.serves('all base headers');
    victim.recovers('all base headers');
  });
});

test('LO-12 headers beyond the MTU, and compressed headers that go on behind the first fragment, are dropped', (t) => {
  // RFC 6282 §2. 33 IPv6 headers within each other are 1320 bytes; each cut of a compressed header in a FRAG1.
  inBoth(t, (victim) => {
    victim.withstands('beyond the MTU', [fromHex(`7e33${'ee7e33'.repeat(32)}f012345678abcd`)]);
    const bytes = victim.compressed(200);
    for (let length = 1; length < 9; length++) {
      const before = victim.entries;
      victim.attack(Uint8Array.of(0xc0, 0xf8, 1, length, ...bytes.subarray(0, length)));
      t.is(victim.entries, before, `${length}`);
    }
    victim.withstands('cut headers', []);
  });
});

test('LO-13 what one board compresses another decompresses to the same', (t) => {
  // Whole boards on the air; the codec alone does 100,000 packets in its own test.
  for (const profile of PROFILES) {
    const network = new Network();
    const [a, b] = [network.add({ profile }), network.add({ profile })];
    network.run(3_000_000);
    const received = listen(b, PORT);
    for (let length = 1; length < 200; length += 7) {
      sendUdp(a, b.linkLocal, PORT, pattern(length, length));
      network.runFor(100_000);
      t.true(bytesEqual(received.at(-1)!.payload, pattern(length, length)), `${length}`);
    }
    t.is(a.pktbuf + b.pktbuf, 0);
  }
});
