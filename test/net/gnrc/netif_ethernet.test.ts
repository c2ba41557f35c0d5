import test from 'ava';
import fc from 'fast-check';
import type { Blocking } from '../../../kernel/blocking.ts';
import { EBADMSG, EINVAL, ENOTSUP } from '../../../kernel/errno.ts';
import { msg_array, msg_init_queue } from '../../../kernel/msg.ts';
import { drop_counts } from '../../../net/gnrc/drop.ts';
import { gnrc_netapi_get, gnrc_netapi_set } from '../../../net/gnrc/netapi.ts';
import { GNRC_NETIF_HDR_FLAGS_BROADCAST, GNRC_NETIF_HDR_FLAGS_MULTICAST, gnrc_netif_hdr_build,
  gnrc_netif_hdr_get_dst_addr, gnrc_netif_hdr_get_src_addr, gnrc_netif_hdr_of } from '../../../net/gnrc/netif_hdr.ts';
import { gnrc_netif_init_devs } from '../../../net/gnrc/netif_init_devs.ts';
import { gnrc_netif_iter, gnrc_netif_send, type gnrc_netif_t } from '../../../net/gnrc/netif.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_CB,
  gnrc_netreg_register } from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_UNDEF, type gnrc_nettype_t } from '../../../net/gnrc/nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import type { tap_dev_t } from '../../../net/netdev.ts';
import { NETOPT_ADDRESS, NETOPT_ADDR_LEN, NETOPT_CHANNEL, NETOPT_DEVICE_TYPE, NETOPT_IPV6_IID, NETOPT_IS_WIRED,
  NETOPT_MAX_PDU_SIZE, NETOPT_PROMISCUOUSMODE, type netopt_t } from '../../../net/netopt.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { readPcap } from '../../vectors/pcap.ts';
import type { TestBoardOptions } from '../../kernel/harness.ts';
import { NetBoard } from './board.ts';

const OWN = fromHex('020000000001');
const PEER = fromHex('020000000004');

/** A TAP device that the test writes to and reads from. */
class FakeTap implements tap_dev_t {
  readonly eui48 = OWN;
  readable: () => undefined = () => undefined;
  readonly sent: string[] = [];
  private readonly queue: Uint8Array[] = [];

  get pending(): boolean {
    return this.queue.length > 0;
  }

  write(frame: Uint8Array): number {
    this.sent.push(hex(frame));
    return frame.length;
  }

  read(buf: Uint8Array, len: number): number {
    const frame = this.queue.shift();
    if (frame === undefined) return -1;
    buf.set(frame.subarray(0, len));
    return Math.min(len, frame.length);
  }

  /** Frames come at once; one signal for all of them. */
  receive(...frames: Uint8Array[]): void {
    this.queue.push(...frames);
    this.readable();
  }
}

interface Received {
  readonly type: gnrc_nettype_t;
  readonly payload: string;
  readonly src: string;
  readonly dst: string;
  readonly iface: number;
}

interface Ethernet {
  readonly board: NetBoard;
  readonly tap: FakeTap;
  readonly received: Received[];
  readonly netif: gnrc_netif_t;
}

/** A board with an Ethernet interface, whose main runs `main` behind that. */
function ethernetBoard(
  main: (made: Ethernet) => Blocking<unknown>,
  options: TestBoardOptions & { net?: Record<string, number> } = {},
): Ethernet {
  const tap = new FakeTap();
  const received: Received[] = [];
  const made = { tap, received } as unknown as { -readonly [K in keyof Ethernet]: Ethernet[K] };
  made.board = new NetBoard(function* () {
    msg_init_queue(msg_array(8), 8);
    const cb = (_cmd: number, pkt: gnrc_pktsnip_t): undefined => {
      const header = gnrc_netif_hdr_of(pkt.next!);
      received.push({
        type: pkt.type, payload: hex(gnrc_pkt_bytes(pkt)), src: hex(gnrc_netif_hdr_get_src_addr(header)),
        dst: hex(gnrc_netif_hdr_get_dst_addr(header)), iface: header.if_pid,
      });
      gnrc_pktbuf_release(pkt);
    };
    for (const type of [GNRC_NETTYPE_IPV6, GNRC_NETTYPE_UNDEF]) {
      yield* gnrc_netreg_register(type, GNRC_NETREG_ENTRY_INIT_CB(GNRC_NETREG_DEMUX_CTX_ALL, { cb, ctx: null }));
    }
    yield* gnrc_netif_init_devs({ ieee802154: [], tap: [tap] });
    made.netif = gnrc_netif_iter(null)!;
    yield* main(made);
  }, { ...options, modules: ['netdev_eth', 'gnrc_netif_ipv6', 'netstats_l2', ...(options.modules ?? [])] });
  return made;
}

/** A packet for the interface: `payload` of a type behind a netif header with these flags and addresses. */
function packet(
  payload: Uint8Array | null, type: gnrc_nettype_t, flags: number, dst: Uint8Array | null,
  src: Uint8Array | null = null,
): gnrc_pktsnip_t {
  const data = payload === null ? null : gnrc_pktbuf_add(null, payload, payload.length, type);
  const snip = gnrc_netif_hdr_build(src, src?.length ?? 0, dst, dst?.length ?? 0)!;
  gnrc_netif_hdr_of(snip).flags = flags;
  snip.next = data;
  return snip;
}

/** An IPv6 header and nothing behind it, to `dst`. */
function ipv6To(dst: string): Uint8Array {
  return fromHex(`6000000000003bff${'fe80000000000000000000fffe000001'}${dst}`);
}

/** Runs `send` with what the interface's operations answer to the packet. */
function sent(
  make: () => gnrc_pktsnip_t, options: TestBoardOptions = {},
): { frames: string[]; board: NetBoard; res: number } {
  let res = NaN;
  const { board, tap } = ethernetBoard(function* ({ netif }) {
    const pkt = make();
    res = netif.ops!.send(netif, pkt);
    gnrc_pktbuf_release(pkt);
  }, options);
  board.run();
  return { frames: tap.sent, board, res };
}

test('the thread is RIOT\'s: gnrc_netdev_tap, priority 2, THREAD_STACKSIZE_DEFAULT less 128', (t) => {
  // ps of a real border router shows `gnrc_netdev_tap … 2 | 16256`.
  const made = ethernetBoard(function* () {});
  made.board.run();
  const thread = made.board.kernel.threads[made.netif.pid]!;
  t.deepEqual([thread.name, thread.priority], ['gnrc_netdev_tap', 2]);
});

test('the options are those of netdev_tap, with an MTU of 1500 and an identifier from the EUI-48', (t) => {
  // RIOT's ifconfig on it: L2-PDU:1500 MTU:1500, Source address length 6, wired; fe80::ff:fe00:1 (RFC 2464 §4).
  const answers: Record<string, string | number> = {};
  const ethernet = ethernetBoard(function* (made) {
    const get = function* (opt: netopt_t, length: number, context = 0): Blocking<string | number> {
      const data = new Uint8Array(length);
      const res = yield* gnrc_netapi_get(made.netif.pid, opt, context, data, length);
      return res < 0 ? res : hex(data.subarray(0, res));
    };
    answers['type'] = yield* get(NETOPT_DEVICE_TYPE, 2);
    answers['address'] = yield* get(NETOPT_ADDRESS, 6);
    answers['short buffer'] = yield* get(NETOPT_ADDRESS, 5);
    answers['length'] = yield* get(NETOPT_ADDR_LEN, 2);
    answers['pdu'] = yield* get(NETOPT_MAX_PDU_SIZE, 2);
    answers['iid'] = yield* get(NETOPT_IPV6_IID, 8);
    answers['wired'] = yield* gnrc_netapi_get(made.netif.pid, NETOPT_IS_WIRED, 0, new Uint8Array(0), 0);
    answers['channel'] = yield* get(NETOPT_CHANNEL, 2);
  });
  ethernet.board.run();
  t.deepEqual(answers, {
    'type': '0300', 'address': '020000000001', 'short buffer': -EINVAL, 'length': '0600', 'pdu': 'dc05',
    'iid': '000000fffe000001', 'wired': 1, 'channel': -ENOTSUP,
  });
  t.is(ethernet.netif.ipv6.mtu, 1500);
});

test('IPv6 goes out behind an Ethernet header: to a station, to all, to the group of a group', (t) => {
  // Header bytes written out: RFC 2464 §3 and §7.
  const one = ipv6To('fe80000000000000000000fffe000004');
  const group = ipv6To('ff0200000000000000000001ff000004');
  t.deepEqual(sent(() => packet(one, GNRC_NETTYPE_IPV6, 0, PEER)).frames,
    [`020000000004020000000001${'86dd'}${hex(one)}`]);
  t.deepEqual(sent(() => packet(one, GNRC_NETTYPE_IPV6, GNRC_NETIF_HDR_FLAGS_BROADCAST, null)).frames,
    [`ffffffffffff020000000001${'86dd'}${hex(one)}`]);
  t.deepEqual(sent(() => packet(group, GNRC_NETTYPE_IPV6, GNRC_NETIF_HDR_FLAGS_MULTICAST, null)).frames,
    [`3333ff000004020000000001${'86dd'}${hex(group)}`]);
});

test('what is not IPv6 has RIOT\'s unknown type, and its multicast is a broadcast', (t) => {
  // ETHERTYPE_UNKNOWN is ffff.
  const raw = Uint8Array.of(1, 2, 3);
  t.deepEqual(sent(() => packet(raw, GNRC_NETTYPE_UNDEF, GNRC_NETIF_HDR_FLAGS_MULTICAST, null)).frames,
    ['ffffffffffff020000000001ffff010203']);
  t.deepEqual(sent(() => packet(null, GNRC_NETTYPE_UNDEF, 0, PEER)).frames, ['020000000004020000000001ffff']);
});

test('packets that cannot be framed are refused with RIOT\'s errno, and freed', (t) => {
  // gnrc_netif_ethernet.c, _send: no netif header, no destination, an empty multicast.
  const none = sent(() => gnrc_pktbuf_add(null, Uint8Array.of(1), 1, GNRC_NETTYPE_IPV6)!);
  const nowhere = sent(() => packet(Uint8Array.of(1), GNRC_NETTYPE_IPV6, 0, null));
  const long = sent(() => packet(Uint8Array.of(1), GNRC_NETTYPE_IPV6, 0, new Uint8Array(8)));
  const empty = sent(() => packet(null, GNRC_NETTYPE_IPV6, GNRC_NETIF_HDR_FLAGS_MULTICAST, null));
  t.deepEqual([none, nowhere, long, empty].map(({ res }) => res), [-EBADMSG, -EBADMSG, -EBADMSG, -ENOTSUP]);
  for (const { frames, board } of [none, nowhere, long, empty]) {
    t.deepEqual(frames, []);
    t.is(board.pktbufUsed, 0);
  }
});

test('a source that the netif header names is lost in profile riot and sent in rfc', (t) => {
  // Quirk ethernet-source: RIOT copies it over the destination, and the source field stays what the stack had.
  const make = () => packet(Uint8Array.of(9), GNRC_NETTYPE_UNDEF, 0, PEER, fromHex('0a0b0c0d0e0f'));
  t.deepEqual(sent(make).frames, ['020000000004000000000000ffff09']);
  t.deepEqual(sent(make, { profile: 'rfc' }).frames, ['0200000000040a0b0c0d0e0fffff09']);
});

test('a packet that was sent is released and counted', (t) => {
  // The call that sends is over at once: no event, no queue. 14 bytes of header and 40 of packet.
  const ethernet = ethernetBoard(function* (made) {
    for (const flags of [0, 0, GNRC_NETIF_HDR_FLAGS_BROADCAST]) {
      yield* gnrc_netif_send(made.netif, packet(ipv6To('ff02'.padEnd(32, '0')), GNRC_NETTYPE_IPV6, flags, PEER));
    }
  });
  ethernet.board.run();
  t.is(ethernet.tap.sent.length, 3);
  t.like(ethernet.netif.stats, { tx_unicast_count: 2, tx_mcast_count: 1, tx_bytes: 3 * 54 });
  t.is(ethernet.board.pktbufUsed, 0);
});

test('a captured frame goes up as its payload, with the addresses in the netif header', (t) => {
  // The router advertisement that a real RIOT host sent to the border router, 02:…:04 to 02:…:01.
  const captured = readPcap(new URL('../../vectors/border-router/wire.pcap', import.meta.url));
  const frame = captured.find(({ data }) => data[54] === 134)!.data;
  const made = ethernetBoard(function* ({ tap }) { tap.receive(frame); });
  made.board.run();
  t.deepEqual(made.received, [{
    type: GNRC_NETTYPE_IPV6, payload: hex(frame.subarray(14)), src: '020000000004', dst: '020000000001',
    iface: made.netif.pid,
  }]);
  t.like(made.netif.stats, { rx_count: 1, rx_bytes: frame.length });
  t.is(made.board.pktbufUsed, 0);
});

test('frames for others are passed over; groups, and all with the promiscuous mode, are taken', (t) => {
  // netdev_tap's own filter: it asks for the group bit only, so that every group is taken.
  const frames = ['020000000001', '0200000000ff', '333300000099', 'ffffffffffff'].map((dst, i) =>
    fromHex(`${dst}02000000000412340${i}`));
  const listen = (promiscuous: boolean): string[] => {
    const { board, received } = ethernetBoard(function* ({ tap, netif }) {
      if (promiscuous) yield* gnrc_netapi_set(netif.pid, NETOPT_PROMISCUOUSMODE, 0, Uint8Array.of(1), 1);
      for (const frame of frames) {
        tap.receive(frame);
        yield* gnrc_netapi_get(netif.pid, NETOPT_DEVICE_TYPE, 0, new Uint8Array(2), 2);
      }
    });
    board.run();
    return received.map(({ payload }) => payload);
  };
  t.deepEqual(listen(false), ['00', '02', '03']);
  t.deepEqual(listen(true), ['00', '01', '02', '03']);
});

test('frames that come together are read one after the other; behind a foreign one they wait in profile riot', (t) => {
  // Quirk tap-foreign-frame: the driver asks for the next signal only when it has taken a frame.
  const own = fromHex('020000000001020000000004123401');
  const foreign = fromHex('0200000000ff020000000004123402');
  const read = (frames: Uint8Array[], options: TestBoardOptions = {}): number => {
    const { board, received } = ethernetBoard(function* ({ tap }) { tap.receive(...frames); }, options);
    board.run();
    return received.length;
  };
  t.is(read([own, own, own]), 3);
  t.is(read([foreign, own]), 0);
  t.is(read([foreign, own], { profile: 'rfc' }), 1);
});

test('without room for 1514 bytes a frame is read away, however short it is, and the next is taken', (t) => {
  // A TAP device does not tell lengths: RIOT allocates for the longest frame and shrinks it then.
  const frame = fromHex('020000000001020000000004123401');
  const { board, received } = ethernetBoard(function* ({ tap, netif }) {
    const filler = gnrc_pktbuf_add(null, null, 4800, GNRC_NETTYPE_UNDEF);
    tap.receive(frame);
    yield* gnrc_netapi_get(netif.pid, NETOPT_DEVICE_TYPE, 0, new Uint8Array(2), 2);
    gnrc_pktbuf_release(filler);
    tap.receive(frame);
  });
  board.run();
  t.is(received.length, 1);
  t.is(board.do(drop_counts).get('netif pktbuf-full'), 1);
  t.is(board.pktbufUsed, 0);
});

test('every strict prefix of a frame is dropped below 14 bytes and goes up cut above', (t) => {
  // The header is 14 bytes; one byte of payload or none is no error of Ethernet.
  const frame = fromHex('02000000000102000000000486dd0102');
  const { board, received } = ethernetBoard(function* ({ tap, netif }) {
    for (let n = 1; n < frame.length; n++) {
      tap.receive(frame.subarray(0, n));
      yield* gnrc_netapi_get(netif.pid, NETOPT_DEVICE_TYPE, 0, new Uint8Array(2), 2);
    }
  });
  board.run();
  t.deepEqual(received.map(({ payload }) => payload), ['', '01']);
  t.is(board.pktbufUsed, 0);
});

test('whatever comes, nothing is thrown and the packet buffer is empty afterwards', (t) => {
  // Random bytes behind any address, of any length up to one more than a frame's: seeded.
  t.notThrows(() => fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 1515 }), { maxLength: 20 }), (frames) => {
    const { board } = ethernetBoard(function* ({ tap, netif }) {
      for (const frame of frames) {
        tap.receive(frame);
        yield* gnrc_netapi_get(netif.pid, NETOPT_DEVICE_TYPE, 0, new Uint8Array(2), 2);
      }
    });
    board.run();
    return board.pktbufUsed === 0;
  }), { seed: 42, numRuns: 100 }));
});
