import test from 'ava';
import { EBUSY, ENOTSUP } from '../../../kernel/errno.ts';
import { msg_array, msg_init_queue, msg_receive, msg_t } from '../../../kernel/msg.ts';
import { thread_create, thread_get, thread_getpid } from '../../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { drop_counts } from '../../../net/gnrc/drop.ts';
import { gnrc_netapi_get, gnrc_netapi_set } from '../../../net/gnrc/netapi.ts';
import { GNRC_IPV6_NIB_IFACE_UP, gnrc_ipv6_set_pid, gnrc_netif_get_by_pid, gnrc_netif_numof, gnrc_netif_pktq_usage,
  gnrc_netif_send } from '../../../net/gnrc/netif.ts';
import { GNRC_NETIF_HDR_FLAGS_BROADCAST, GNRC_NETIF_HDR_FLAGS_MORE_DATA,
  GNRC_NETIF_HDR_FLAGS_MULTICAST } from '../../../net/gnrc/netif_hdr.ts';
import { gnrc_netif_init_devs } from '../../../net/gnrc/netif_init_devs.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_hold, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_CHANNEL, NETOPT_HOP_LIMIT, NETOPT_MAX_PDU_SIZE, NETOPT_NID,
  NETOPT_STATE, NETOPT_STATS, NETOPT_TX_POWER, NETSTATS_LAYER2, netopt_get_u16 } from '../../../net/netopt.ts';
import { FakeRadio, NetBoard } from './board.ts';
import { A, B, type Interface, dataFrames, frameTo, interfaceBoard, isFrom, onlyNetif,
  sendFrames } from './interface.ts';

/** Starts of what the radio sent that is no ACK, relative to the first. */
function starts({ radio }: Interface): number[] {
  const frames = radio.sent.filter((sent) => sent.mpdu.length > 3);
  return frames.map((sent) => sent.start - frames[0]!.start);
}

test('the interface is a thread named after its driver, of priority 2, with a queue of 16 messages', (t) => {
  // RIOT: on native idle is 1 and main 2, so with no other thread the interface is 3; ps shows these figures.
  t.plan(7);
  interfaceBoard(A, function* ({ netif }) {
    const thread = thread_get(netif.pid);
    t.is(netif.pid, 3);
    t.is(thread?.name, 'socket_zep');
    t.is(thread?.priority, 2);
    t.is(thread?.msg_array?.length, 16);
    t.is(thread?.stackSize, 16256);
    t.is(gnrc_netif_numof(), 1);
    t.is(gnrc_netif_get_by_pid(3), netif);
  }).board.run();
});

test('the radio has addresses, PAN, channel and power of RIOT before gnrc_netif_create() returns', (t) => {
  // Defaults of sys/include/net/ieee802154.h; the short address is the end of the EUI-64 with its first bit cleared.
  t.plan(6);
  interfaceBoard(Uint8Array.of(2, 0, 0, 0, 0, 0, 0x9a, 0x0a), function* ({ radio, netif }) {
    t.deepEqual(radio.shortAddr, Uint8Array.of(0x1a, 0x0a));
    t.deepEqual(radio.longAddr, Uint8Array.of(2, 0, 0, 0, 0, 0, 0x9a, 0x0a));
    t.deepEqual([radio.panid, radio.channel, radio.txpower], [0x23, 26, 0]);
    t.deepEqual(netif.l2addr.subarray(0, netif.l2addr_len), radio.longAddr);
    t.deepEqual([netif.ipv6.mtu, netif.sixlo.max_frag_size, netif.cur_hl], [1280, 102, 64]);
    t.deepEqual([netif.ipv6.addrs.length, netif.ipv6.groups.length], [2, 3]);
  }).board.run();
});

test('the ipv6 thread is told of the link by a message, which it gets when the interface is ready', (t) => {
  // LINK_UP comes from the driver's init; ipv6 has a lower priority, so it runs when the interface's thread waits.
  const log: string[] = [];
  const radio = new FakeRadio(A);
  const board = new NetBoard(function* () {
    gnrc_ipv6_set_pid(yield* thread_create({ length: 1024 }, 1024, 4, 0, function* () {
      msg_init_queue(msg_array(8), 8);
      const msg = new msg_t();
      yield* msg_receive(msg);
      const what = msg.content.ptr === onlyNetif() ? 'the interface' : 'something else';
      log.push(`type ${msg.type.toString(16)}, ${what}`);
    }, null, 'ipv6'));
    yield* gnrc_netif_init_devs({ ieee802154: [radio] });
    log.push('created');
  });
  radio.board = board;
  board.run();
  t.deepEqual(log, [`type ${GNRC_IPV6_NIB_IFACE_UP.toString(16)}, the interface`, 'created']);
});

for (const name of ['a-boot-gnrc', 'd-psk', 'e-ecc_noverify', 'f-noserver'] as const) {
  test(`every data frame that a real node sent in ${name} has the bytes that the interface sends`, (t) => {
    // What a captured header says goes in as netif header and flags; all bytes must come out, pending bit and all.
    const frames = dataFrames(name).filter(({ repr }) => isFrom(repr.src, A));
    t.true(frames.length > 3);
    const made = interfaceBoard(A, function* ({ radio, netif, device }) {
      radio.acks = (seq) => seq;
      for (const { repr, payload } of frames) {
        let flags = repr.framePending ? GNRC_NETIF_HDR_FLAGS_MORE_DATA : 0;
        if (repr.dst.length === 2) flags |= GNRC_NETIF_HDR_FLAGS_MULTICAST;
        device.dev.seq = repr.seq;
        const dst = repr.dst.length === 2 ? new Uint8Array(0) : repr.dst;
        yield* gnrc_netif_send(netif, frameTo(netif, dst, payload, flags));
        yield* ztimer_sleep(ZTIMER_USEC, 20_000);
      }
    });
    made.board.run();
    t.deepEqual(made.radio.sent.map((sent) => sent.mpdu), frames.map(({ mpdu }) => mpdu));
    t.is(made.board.pktbufUsed, 0);
  });
}

test('a frame without an ACK is sent five times, 864 µs after the end of each, and dropped', (t) => {
  // Measured: spacing 32 n - 200 + 864 for n bytes with FCS. With 65 bytes of payload n = 65 + 21 + 2 = 88.
  const made = interfaceBoard(A, function* ({ netif }) {
    yield* sendFrames(netif, 1, 65);
  });
  made.board.run();
  const gap = 32 * 88 - 200 + 864;
  t.deepEqual(starts(made), [0, gap, 2 * gap, 3 * gap, 4 * gap]);
  t.true(made.radio.sent.every((sent) => sent.mpdu[2] === made.radio.sent[0]!.mpdu[2]));
  t.deepEqual([...made.board.do(drop_counts)], [['netif no-ack', 1]]);
  t.is(made.board.pktbufUsed, 0);
  t.is(made.board.printed, '');
});

test('the gaps between attempts are those of a real node, but for what its host takes', (t) => {
  // Measured: a 109-byte frame to a dead peer at 0, 4.48, 8.79, 13.09, 17.42 ms; the host adds 150 to 330 µs to each
  // gap. 86 bytes of payload make 109.
  const made = interfaceBoard(A, function* ({ netif }) {
    yield* sendFrames(netif, 1, 86);
  });
  made.board.run();
  const captured = [0, 4480, 8790, 13_090, 17_420];
  const begins = starts(made);
  t.is(begins.length, captured.length);
  for (let i = 1; i < captured.length; i++) {
    const extra = (captured[i]! - captured[i - 1]!) - (begins[i]! - begins[i - 1]!);
    t.true(extra >= 0 && extra <= 350, `gap ${i}: ${extra} µs more`);
  }
});

test('an ACK ends the transmission, whatever its sequence number', (t) => {
  // RIOT: the SubMAC does not compare the number (submac.c:402-415).
  for (const other of [0, 1, 77]) {
    const made = interfaceBoard(A, function* ({ netif, radio }) {
      radio.acks = (seq) => (seq + other) & 0xff;
      yield* sendFrames(netif, 1, 20);
    });
    made.board.run();
    t.is(made.radio.sent.length, 1);
    t.is(made.netif.stats.tx_bytes, 43);
    t.is(made.netif.stats.tx_success, 0);
    t.is(made.board.pktbufUsed, 0);
  }
});

test('frames that are handed over at once start 5.0 ms apart', (t) => {
  // RIOT: what finds the device busy waits for the queue's timer; the end of a transmission starts nothing.
  const made = interfaceBoard(A, function* ({ netif, radio }) {
    radio.acks = (seq) => seq;
    yield* sendFrames(netif, 4, 102);
  });
  made.board.run();
  t.deepEqual(starts(made), [0, 5000, 10_000, 15_000]);
  t.deepEqual(made.radio.sent.map((sent) => sent.mpdu[21]), [1, 2, 3, 4]);
  t.is(made.board.pktbufUsed, 0);
});

test('a frame that is handed over between two queued ones starts the first of the queue, and queues last', (t) => {
  // gnrc_netif.c _send: with a queue that is not empty the oldest goes first, at once when the device is free.
  const made = interfaceBoard(A, function* ({ netif, radio }) {
    radio.acks = (seq) => seq;
    yield* sendFrames(netif, 2, 40);
    yield* ztimer_sleep(ZTIMER_USEC, 4000);
    yield* gnrc_netif_send(netif, frameTo(netif, B, new Uint8Array(10).fill(9)));
  });
  made.board.run();
  t.deepEqual(starts(made), [0, 4000, 9000]);
  t.deepEqual(made.radio.sent.map((sent) => sent.mpdu[21]), [1, 2, 9]);
});

test('a frame that arrives sends the next of the queue, after its ACK and before it goes up', (t) => {
  // gnrc_netif.c: RX_COMPLETE sends from the queue; the ACK's 192 µs come first because recv() sleeps for them.
  const incoming = dataFrames('d-psk').find(({ repr }) => repr.ackRequest && isFrom(repr.src, B))!;
  let begin = 0;
  const made = interfaceBoard(A, function* ({ netif, radio, board }) {
    begin = board.time;
    radio.acks = (seq) => seq;
    yield* sendFrames(netif, 2, 40);
    radio.receive(incoming.mpdu, begin + 3000);
  });
  made.board.run();
  t.deepEqual(made.radio.sent.map((sent) => [sent.start - begin, sent.mpdu.length > 3]),
    [[0, true], [3192, false], [3192, true]]);
  t.is(made.received[0]!.time - begin, 3192);
});

test('a frame whose turn comes while another is sent again goes back to the head of the queue', (t) => {
  // Without ACKs the first takes 5 attempts of 1600 + 864 µs: the timer at 5 ms finds the device busy, order is kept.
  const made = interfaceBoard(A, function* ({ netif }) {
    yield* sendFrames(netif, 3, 34);
  });
  made.board.run();
  const payloads = made.radio.sent.map((sent) => sent.mpdu[21]);
  t.deepEqual(payloads, [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
  const begins = starts(made);
  t.deepEqual([begins[5], begins[10]], [15_000, 30_000]);
  t.is(made.board.pktbufUsed, 0);
});

test('the queue holds 16 frames; one more is dropped with the error that RIOT prints', (t) => {
  // 1 in the air + 16 queued; the board's own figure is CONFIG_GNRC_NETIF_PKTQ_POOL_SIZE.
  const made = interfaceBoard(A, function* ({ netif, radio }) {
    radio.acks = (seq) => seq;
    yield* sendFrames(netif, 18, 4);
    t.is(gnrc_netif_pktq_usage(), 16);
  });
  made.board.run();
  t.is(made.board.printed, 'gnrc_netif: iface 3 queue pkt failed (cannot send), dropped\n');
  t.deepEqual(made.radio.sent.map((sent) => sent.mpdu[21]), Array.from({ length: 17 }, (_, i) => i + 1));
  t.deepEqual([...made.board.do(drop_counts)], [['netif send-queue-full', 1]]);
  t.is(made.board.pktbufUsed, 0);
  t.is(made.board.do(gnrc_netif_pktq_usage), 0);
});

test('a radio that is busy leads to the same queue; when that is full, RIOT tries once more and then gives up', (t) => {
  // gnrc_netif.c _send: "queue pkt failed, try send" comes only if the queue's first frame went back into it.
  const made = interfaceBoard(A, function* ({ netif, radio, board }) {
    const { set_idle } = radio;
    radio.acks = (seq) => seq;
    radio.set_idle = (force) => (force || board.time > 1000 ? set_idle.call(radio, force) : -EBUSY);
    yield* sendFrames(netif, 17, 4);
  });
  made.board.run();
  t.is(made.board.printed,
    'gnrc_netif: iface 3 queue pkt failed, try send\ngnrc_netif: iface 3 queue pkt failed (cannot send), dropped\n');
  t.deepEqual(made.radio.sent.map((sent) => sent.mpdu[21]), Array.from({ length: 16 }, (_, i) => i + 1));
  t.is(made.board.pktbufUsed, 0);
});

test('an attempt that the device refuses uses up a sequence number, one that waits for another does not', (t) => {
  // As RIOT. Three frames at once have numbers in a row; the radio's refusal of the fourth leaves a gap of one.
  const made = interfaceBoard(A, function* ({ netif, radio, device, board }) {
    const { set_idle } = radio;
    radio.acks = (seq) => seq;
    device.dev.seq = 254;
    yield* sendFrames(netif, 3, 4);
    yield* ztimer_sleep(ZTIMER_USEC, 50_000);
    const refused = board.time;
    radio.set_idle = (force) => (force || board.time > refused ? set_idle.call(radio, force) : -EBUSY);
    yield* sendFrames(netif, 1, 4);
  });
  made.board.run();
  t.deepEqual(made.radio.sent.map((sent) => sent.mpdu[2]), [254, 255, 0, 2]);
});

test('a broadcast is sent once, without asking for an ACK', (t) => {
  // Captured router solicitations have frame control d841 and are never repeated.
  const made = interfaceBoard(A, function* ({ netif }) {
    yield* gnrc_netif_send(netif, frameTo(netif, B, new Uint8Array(9), GNRC_NETIF_HDR_FLAGS_BROADCAST));
  });
  made.board.run();
  t.is(made.radio.sent.length, 1);
  t.deepEqual(made.radio.sent[0]!.mpdu.subarray(0, 2), Uint8Array.of(0x41, 0xd8));
  t.deepEqual([made.netif.stats.tx_mcast_count, made.netif.stats.tx_unicast_count], [1, 0]);
});

test('a packet that others hold too is sent without being changed, and keeps their use of it', (t) => {
  // The MAC header is made outside of the packet buffer; only the interface's own use is released.
  const made = interfaceBoard(A, function* ({ netif, radio }) {
    radio.acks = (seq) => seq;
    const pkt = frameTo(netif, B, Uint8Array.of(1, 2, 3));
    gnrc_pktbuf_hold(pkt, 1);
    yield* gnrc_netif_send(netif, pkt);
    yield* ztimer_sleep(ZTIMER_USEC, 50_000);
    t.is(pkt.users, 1);
    t.is(pkt.next!.users, 1);
    t.deepEqual(pkt.next!.data, Uint8Array.of(1, 2, 3));
    gnrc_pktbuf_release(pkt);
  });
  made.board.run();
  t.is(made.board.pktbufUsed, 0);
});

test('a packet without netif header, and one with an address of 5 bytes, are dropped', (t) => {
  // -EBADMSG and -EINVAL of the send function. RIOT frees the second packet twice: here a diagnostic.
  const made = interfaceBoard(A, function* ({ netif }) {
    yield* gnrc_netif_send(netif, gnrc_pktbuf_add(null, null, 30, GNRC_NETTYPE_UNDEF)!);
    yield* gnrc_netif_send(netif, frameTo(netif, new Uint8Array(5), new Uint8Array(3)));
  });
  made.board.run();
  t.is(made.radio.sent.length, 0);
  t.is(made.board.printed, 'undefined on RIOT: socket_zep: an address of 5 or 8 bytes; packet dropped\n');
  t.deepEqual([...made.board.do(drop_counts)], [['netif not-sent', 2]]);
  t.is(made.board.pktbufUsed, 0);
});

test('a frame of more than 127 bytes is not sent', (t) => {
  // 105 bytes of payload make 128 with header and FCS; 104 are the most.
  const made = interfaceBoard(A, function* ({ netif, radio }) {
    radio.acks = (seq) => seq;
    yield* sendFrames(netif, 1, 105);
    yield* sendFrames(netif, 1, 104);
  });
  made.board.run();
  t.deepEqual(made.radio.sent.map((sent) => sent.mpdu.length), [125]);
  t.is(made.board.printed, 'undefined on RIOT: socket_zep: a frame of 128 bytes; it is not sent\n');
  t.is(made.board.pktbufUsed, 0);
});

test('options are read and set through the interface', (t) => {
  // Values as RIOT's ifconfig shows them: PAN 0x23, channel 26, short address, L2-PDU 102, hop limit 64.
  t.plan(17);
  interfaceBoard(A, function* ({ netif, radio }) {
    const data = new Uint8Array(32);
    t.is(yield* gnrc_netapi_get(netif.pid, NETOPT_CHANNEL, 0, data, 2), 2);
    t.is(netopt_get_u16(data), 26);
    t.is(yield* gnrc_netapi_get(netif.pid, NETOPT_NID, 0, data, 2), 2);
    t.is(netopt_get_u16(data), 0x23);
    t.is(yield* gnrc_netapi_get(netif.pid, NETOPT_ADDRESS, 0, data, 8), 2);
    t.deepEqual(data.slice(0, 2), Uint8Array.of(0, 0x0a));
    t.is(yield* gnrc_netapi_get(netif.pid, NETOPT_MAX_PDU_SIZE, 0, data, 2), 2);
    t.is(netopt_get_u16(data), 102);
    t.is(yield* gnrc_netapi_set(netif.pid, NETOPT_CHANNEL, 0, Uint8Array.of(15, 0), 2), 2);
    t.is(radio.channel, 15);
    t.is(yield* gnrc_netapi_set(netif.pid, NETOPT_TX_POWER, 0, Uint8Array.of(0xfd, 0xff), 2), 0);
    t.is(radio.txpower, -3);
    t.is(yield* gnrc_netapi_set(netif.pid, NETOPT_ADDRESS_LONG, 0, B, 8), 8);
    t.deepEqual(netif.l2addr, B);
    t.is(yield* gnrc_netapi_get(netif.pid, NETOPT_STATS, NETSTATS_LAYER2, data, 28), 28);
    t.is(yield* gnrc_netapi_get(netif.pid, NETOPT_HOP_LIMIT, 0, data, 1), 1);
    t.is(yield* gnrc_netapi_set(netif.pid, NETOPT_STATE, 0, Uint8Array.of(4, 0, 0, 0), 4), -ENOTSUP);
  }).board.run();
});

test('an interface that main makes has no effect on the thread that main runs in', (t) => {
  // gnrc_netif_create() blocks on a mutex; main must be the running thread again afterwards, at the same instant.
  t.plan(2);
  const { board } = interfaceBoard(A, function* () {
    t.is(thread_getpid(), 2);
    t.is(board.time, 0);
  });
  board.run();
});
