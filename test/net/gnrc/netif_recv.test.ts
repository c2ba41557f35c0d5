import test from 'ava';
import fc from 'fast-check';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { drop_counts } from '../../../net/gnrc/drop.ts';
import { GNRC_NETIF_HDR_FLAGS_BROADCAST, GNRC_NETIF_HDR_FLAGS_MORE_DATA, gnrc_netif_hdr_get_dst_addr,
  gnrc_netif_hdr_get_src_addr, gnrc_netif_hdr_t } from '../../../net/gnrc/netif_hdr.ts';
import { gnrc_netapi_set } from '../../../net/gnrc/netapi.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_CB, gnrc_netreg_register,
} from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { NETOPT_L2FILTER, NETOPT_RAWMODE } from '../../../net/netopt.ts';
import { A, B, dataFrames, interfaceBoard, isFrom } from './interface.ts';

test('what a real node received goes up with its payload, addresses, signal strength and flags', (t) => {
  // The frames of node A to B, heard by a B: the codec's own parser says what must come up.
  const frames = dataFrames('e-ecc_noverify').filter(({ repr }) => isFrom(repr.src, A));
  const made = interfaceBoard(B, function* ({ radio, board }) {
    frames.forEach(({ mpdu }, i) => radio.receive(mpdu, board.time + 10_000 * (i + 1)));
  });
  made.board.run();
  t.is(made.received.length, frames.length);
  t.true(frames.some(({ repr }) => repr.framePending) && frames.some(({ repr }) => repr.dst.length === 2));
  frames.forEach(({ repr, payload }, i) => {
    const up = made.received[i]!;
    const hdr = new gnrc_netif_hdr_t(up.header);
    t.deepEqual(up.payload, payload);
    t.deepEqual(gnrc_netif_hdr_get_src_addr(hdr), repr.src);
    t.deepEqual(gnrc_netif_hdr_get_dst_addr(hdr), repr.dst);
    t.deepEqual([hdr.if_pid, hdr.rssi, hdr.lqi], [3, -27, 255]);
    t.is(hdr.flags, (repr.framePending ? GNRC_NETIF_HDR_FLAGS_MORE_DATA : 0) |
      (repr.dst.length === 2 ? GNRC_NETIF_HDR_FLAGS_BROADCAST : 0));
  });
  t.is(made.board.pktbufUsed, 0);
});

test('a frame that asks for it is acknowledged 192 µs after it came, before it goes up; a broadcast is not', (t) => {
  // As RIOT. the ACK has the sequence number of the frame and frame control 0002, as captured.
  const frames = dataFrames('d-psk').filter(({ repr }) => isFrom(repr.src, A));
  const unicast = frames.find(({ repr }) => repr.ackRequest)!;
  const broadcast = frames.find(({ repr }) => repr.dst.length === 2)!;
  const made = interfaceBoard(B, function* ({ radio }) {
    radio.receive(unicast.mpdu, 10_000);
    radio.receive(broadcast.mpdu, 20_000);
  });
  made.board.run();
  t.deepEqual(made.radio.sent, [{ start: 10_192, end: 10_192, mpdu: Uint8Array.of(2, 0, unicast.repr.seq) }]);
  t.deepEqual(made.received.map((up) => up.time), [10_192, 20_000]);
});

test('a frame for which there is no room is dropped without an ACK, with a diagnostic: RIOT native dies of it', (t) => {
  // As RIOT. 6144 bytes, all but 112 in use: a frame of 125 bytes needs 160.
  const frame = dataFrames('d-psk').find(({ repr, mpdu }) => mpdu.length === 123 && repr.ackRequest)!;
  const made = interfaceBoard(frame.repr.dst, function* ({ radio }) {
    const filler = gnrc_pktbuf_add(null, null, 6000, GNRC_NETTYPE_UNDEF);
    radio.receive(frame.mpdu, 10_000);
    yield* ztimer_sleep(ZTIMER_USEC, 20_000);
    gnrc_pktbuf_release(filler);
    radio.receive(frame.mpdu, 30_000);
  });
  made.board.run();
  t.is(made.board.printed,
    'undefined on RIOT: socket_zep: no packet buffer for a frame of 123 bytes; dropped, not acknowledged\n');
  t.deepEqual(made.radio.sent.map((sent) => sent.start), [30_192]);
  t.deepEqual(made.received.map((up) => up.payload), [frame.payload]);
  t.is(made.board.pktbufUsed, 0);
});

test('frames with a wrong FCS, and those of 3 bytes or less, are passed over, and the next one is heard', (t) => {
  // The SubMAC reads them away and listens on.
  const frame = dataFrames('d-psk').find(({ repr }) => repr.ackRequest)!;
  const made = interfaceBoard(frame.repr.dst, function* ({ radio }) {
    radio.receive(frame.mpdu, 10_000, { badFcs: true });
    radio.receive(frame.mpdu.subarray(0, 3), 20_000);
    radio.receive(new Uint8Array(0), 30_000);
    radio.receive(Uint8Array.of(2, 0, 9), 40_000);
    radio.receive(frame.mpdu, 50_000);
  });
  made.board.run();
  t.is(made.radio.lost, 0);
  t.deepEqual(made.received.map((up) => up.time), [50_192]);
  t.is(made.board.pktbufUsed, 0);
});

test('every strict prefix of a captured frame that cuts its MAC header is dropped, the others go up cut', (t) => {
  // 21 bytes of header: prefixes of 4 to 20 have none, longer ones have a shorter payload.
  const frame = dataFrames('d-psk').find(({ repr }) => repr.ackRequest)!;
  const made = interfaceBoard(frame.repr.dst, function* ({ radio }) {
    for (let n = 0; n < frame.mpdu.length; n++) radio.receive(frame.mpdu.subarray(0, n), 10_000 * (n + 1));
  });
  made.board.run();
  t.deepEqual(made.received.map((up) => up.payload.length),
    Array.from({ length: frame.mpdu.length - 21 }, (_, i) => i));
  t.is(made.board.do(drop_counts).get('netif truncated'), 17);
  t.is(made.board.pktbufUsed, 0);
});

test('whatever arrives, nothing is thrown and the packet buffer is empty afterwards', (t) => {
  // Random frames, and captured ones with a byte changed: the board must go on and hear an honest frame at the end.
  const frames = dataFrames('e-ecc_noverify');
  const honest = frames.find(({ repr }) => repr.ackRequest)!;
  const random = fc.uint8Array({ maxLength: 127 });
  const mutated = fc.tuple(fc.nat(frames.length - 1), fc.nat(22), fc.nat(255)).map(([which, at, value]) => {
    const mpdu = frames[which]!.mpdu.slice();
    mpdu[at] = value;
    return mpdu;
  });
  t.notThrows(() => fc.assert(fc.property(fc.array(fc.oneof(random, mutated), { maxLength: 40 }), (arriving) => {
    const made = interfaceBoard(honest.repr.dst, function* ({ radio }) {
      arriving.forEach((mpdu, i) => radio.receive(mpdu, 10_000 * (i + 1)));
      radio.receive(honest.mpdu, 1_000_000);
    });
    made.board.run();
    if (made.board.pktbufUsed !== 0) throw new Error(`${made.board.pktbufUsed} bytes leaked`);
    if (made.received.at(-1)?.time !== 1_000_192) throw new Error('the honest frame was not heard');
  }), { seed: 42, numRuns: 200 }));
});

/** A frame of `src` to A, which asks for no ACK. */
function frameFrom(src: Uint8Array, seq: number, payload: number): Uint8Array {
  return Uint8Array.of(0x41, 0xdc, seq, 0x23, 0, ...[...A].reverse(), ...[...src].reverse(), payload);
}

const C = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0x0c);

test('with a black list its addresses are not heard, with a white list no others', (t) => {
  // Module l2filter; the address is compared with its length, so the short one of B lets B's long one pass.
  const heard = (module: string): number[] => {
    const made = interfaceBoard(A, function* ({ radio, device }) {
      t.is(device.set(NETOPT_L2FILTER, B, 8), 0);
      t.is(device.set(NETOPT_L2FILTER, C.subarray(6), 2), 0);
      radio.receive(frameFrom(B, 1, 1), 10_000);
      radio.receive(frameFrom(C, 2, 2), 20_000);
    }, { modules: ['l2filter', module] });
    made.board.run();
    t.is(made.board.do(drop_counts).get('netif l2filter'), 1);
    t.is(made.board.pktbufUsed, 0);
    return made.received.map(({ payload }) => payload[0]!);
  };
  t.deepEqual(heard('l2filter_blacklist'), [2]);
  t.deepEqual(heard('l2filter_whitelist'), [1]);
});

test('with module gnrc_netif_dedup a frame that comes again is dropped, unless another came between', (t) => {
  // RIOT keeps source and number of one frame only. Without the module every frame goes up.
  const heard = (modules: readonly string[]): number[] => {
    const made = interfaceBoard(A, function* ({ radio }) {
      const frames = [frameFrom(B, 1, 1), frameFrom(B, 1, 2), frameFrom(C, 1, 3), frameFrom(B, 1, 4),
        frameFrom(B, 2, 5), frameFrom(B, 2, 6)];
      frames.forEach((frame, i) => radio.receive(frame, 10_000 * (i + 1)));
    }, { modules });
    made.board.run();
    t.is(made.board.pktbufUsed, 0);
    return made.received.map(({ payload }) => payload[0]!);
  };
  t.deepEqual(heard(['gnrc_netif_dedup']), [1, 3, 4, 5]);
  t.deepEqual(heard([]), [1, 2, 3, 4, 5, 6]);
});

test('in raw mode the whole frame goes up, of whatever sort, with a header without addresses', (t) => {
  // NETOPT_RAWMODE: no parsing, no filter of sources; RSSI and LQI are told.
  const odd = Uint8Array.of(0xff, 0xff, 1, 2, 3, 4);
  const made = interfaceBoard(A, function* ({ radio, netif }) {
    yield* gnrc_netreg_register(GNRC_NETTYPE_UNDEF, GNRC_NETREG_ENTRY_INIT_CB(GNRC_NETREG_DEMUX_CTX_ALL,
      { ctx: null, cb: (_cmd, up): undefined => {
        const pkt = up as gnrc_pktsnip_t;
        const [payload, header] = [gnrc_pkt_bytes(pkt).slice(), gnrc_pkt_bytes(pkt.next!).slice()];
        made.received.push({ time: 0, payload, header });
        gnrc_pktbuf_release(pkt);
      } }));
    t.is(yield* gnrc_netapi_set(netif.pid, NETOPT_RAWMODE, 0, Uint8Array.of(1, 0, 0, 0), 4), 4);
    radio.receive(odd, 10_000);
    radio.receive(frameFrom(B, 1, 1), 20_000);
  });
  made.board.run();
  t.deepEqual(made.received.map(({ payload }) => payload), [odd, frameFrom(B, 1, 1)]);
  for (const { header } of made.received) {
    const hdr = new gnrc_netif_hdr_t(header);
    t.deepEqual([header.length, hdr.src_l2addr_len, hdr.dst_l2addr_len, hdr.rssi, hdr.lqi], [8, 0, 0, -27, 255]);
  }
  t.is(made.board.pktbufUsed, 0);
});
