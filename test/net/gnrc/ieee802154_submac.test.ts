import test from 'ava';
import { EALREADY, EBUSY } from '../../../kernel/errno.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { ieee802154_set_idle, ieee802154_set_rx } from '../../../net/gnrc/ieee802154_submac.ts';
import { drop_counts } from '../../../net/gnrc/drop.ts';
import { gnrc_netif_send } from '../../../net/gnrc/netif.ts';
import { IEEE802154_CAP_AUTO_ACK, IEEE802154_CAP_AUTO_CSMA, IEEE802154_FILTER_ACCEPT, IEEE802154_FILTER_ACK_ONLY,
  IEEE802154_FILTER_PROMISC } from '../../../net/netdev.ts';
import { NETOPT_CHANNEL, NETOPT_PROMISCUOUSMODE, NETOPT_STATE, NETOPT_STATE_IDLE, NETOPT_STATE_SLEEP,
  NETOPT_TX_RETRIES_NEEDED, netopt_put_u16 } from '../../../net/netopt.ts';
import { A, B, frameTo, interfaceBoard, sendFrames } from './interface.ts';

const BACKOFF = 320;
/** A frame from B to A that asks for an ACK, sequence number 7. */
const FROM_B = Uint8Array.of(0x61, 0xdc, 7, 0x23, 0, 10, 0, 0, 0, 0, 0, 0, 2, 11, 0, 0, 0, 0, 0, 0, 2, 0x7a, 0x33, 1);

test('a radio without CSMA/CA of its own waits a whole number of periods of 320 µs before each frame', (t) => {
  // The first window is 0 to 7 periods (minimal exponent 3); 40 frames would show any other unit or a larger window.
  // A wait
  // of 0 takes 10 µs: no timer is shorter.
  const waits: number[] = [];
  const made = interfaceBoard(A, function* ({ board, radio, netif }) {
    radio.acks = (seq) => seq;
    for (let i = 0; i < 40; i++) {
      const begin = board.time;
      yield* sendFrames(netif, 1, 10);
      yield* ztimer_sleep(ZTIMER_USEC, 40_000);
      waits.push(radio.sent[i]!.start - begin);
    }
  }, { caps: 0 });
  made.board.run();
  t.true(waits.every((wait) => wait === 10 || (wait % BACKOFF === 0 && wait <= 7 * BACKOFF)), waits.join());
  t.true(new Set(waits).size > 4);
});

test('the window grows once, to 15 periods, after the first attempt, also if only the ACK did not come', (t) => {
  // RIOT: the window grows after each back-off. RIOT compares half of it, 4 and then 8, with the largest exponent,
  // 5, so it stops at 15 where the standard goes on to 31.
  let largest = [0, 0, 0, 0, 0];
  const made = interfaceBoard(A, function* ({ radio, netif }) {
    for (let i = 0; i < 60; i++) {
      const first = radio.sent.length;
      yield* sendFrames(netif, 1, 10);
      yield* ztimer_sleep(ZTIMER_USEC, 200_000);
      const starts = radio.sent.slice(first).map((sent) => sent.start);
      const gaps = starts.map((start, k) => (k === 0 ? 0 : start - starts[k - 1]! - 33 * 32 + 200 - 864));
      largest = largest.map((most, k) => Math.max(most, gaps[k]!));
    }
  }, { caps: 0 });
  made.board.run();
  t.deepEqual(largest, [0, 15, 15, 15, 15].map((periods) => periods * BACKOFF));
});

test('after five busy channels the frame goes back into the queue, and is sent when its turn comes again', (t) => {
  // RIOT: busy when `nb++ >= 4`. -EBUSY then queues the packet behind the 5 ms timer: nothing is dropped.
  const made = interfaceBoard(A, function* ({ radio, netif }) {
    radio.acks = (seq) => seq;
    radio.busy = 5;
    yield* sendFrames(netif, 1, 10);
  }, { caps: 0 });
  made.board.tracing = true;
  made.board.run();
  t.is(made.radio.busy, 0);
  t.is(made.radio.sent.length, 1);
  const told = made.board.events.filter((event) => event.layer === 'netif' && event.type !== 'gauge');
  t.deepEqual(told.map((event) => event.type), ['tx_done', 'queued', 'tx_done']);
  t.deepEqual(told.map((event) => (event as { result?: string }).result), ['medium-busy', undefined, 'ok']);
  t.is(made.board.pktbufUsed, 0);
});

test('four busy channels are no failure, and a frame that went out starts the count anew', (t) => {
  // No ACK comes for the first two attempts; each of the three has four busy channels before it.
  const made = interfaceBoard(A, function* ({ radio, netif }) {
    radio.busy = 4;
    radio.acks = (seq) => {
      if (radio.sent.length < 3) radio.busy = 4;
      return seq;
    };
    const { receive } = radio;
    radio.receive = (mpdu, at, options) => {
      if (radio.sent.length === 3) receive.call(radio, mpdu, at, options);
    };
    yield* sendFrames(netif, 1, 10);
  }, { caps: 0 });
  made.board.run();
  t.is(made.radio.sent.length, 3);
  t.is(made.radio.busy, 0);
  t.is(made.netif.stats.tx_bytes, 33);
  t.is(made.board.do(drop_counts).size, 0);
});

test('a radio that acknowledges by itself is not asked to', (t) => {
  // IEEE802154_CAP_AUTO_ACK: the frame goes up at once.
  const made = interfaceBoard(A, function* ({ radio }) {
    radio.receive(FROM_B, 10_000);
  }, { caps: IEEE802154_CAP_AUTO_CSMA | IEEE802154_CAP_AUTO_ACK });
  made.board.run();
  t.is(made.radio.sent.length, 0);
  t.deepEqual(made.received.map((up) => up.time), [10_000]);
});

test('in promiscuous mode nothing is acknowledged', (t) => {
  // RIOT sends an ACK only while the filter accepts what is for this node.
  const made = interfaceBoard(A, function* ({ device, radio }) {
    t.is(device.set(NETOPT_PROMISCUOUSMODE, Uint8Array.of(1, 0, 0, 0), 4), 0);
    t.is(radio.filter, IEEE802154_FILTER_PROMISC);
    radio.receive(FROM_B, 10_000);
  });
  made.board.run();
  t.is(made.radio.sent.length, 0);
  t.is(made.received.length, 1);
});

test('while it waits for an ACK the radio hears nothing else, and everything again afterwards', (t) => {
  // The filter is what the device was told: ACKs only from the end of the frame to the last time-out.
  const filters: number[] = [];
  const made = interfaceBoard(A, function* ({ radio, netif, board }) {
    const begin = board.time;
    yield* sendFrames(netif, 1, 34);
    for (const at of [1000, 1700, 2000, 12_200, 12_400]) {
      yield* ztimer_sleep(ZTIMER_USEC, begin + at - board.time);
      filters.push(radio.filter);
      if (at === 2000) radio.receive(FROM_B, board.time + 1);
    }
  });
  made.board.run();
  // 57 bytes: 1624 µs in the air, then 864 of waiting, five times: over after 12,440.
  t.deepEqual(filters, [IEEE802154_FILTER_ACCEPT, ...new Array<number>(4).fill(IEEE802154_FILTER_ACK_ONLY)]);
  t.is(made.radio.lost, 1);
  t.is(made.radio.filter, IEEE802154_FILTER_ACCEPT);
  t.is(made.received.length, 0);
});

test('two nodes that send to each other at once both lose the frame, and send it again', (t) => {
  // RIOT: what arrives in state TX or while waiting for an ACK is lost, so no ACK is sent for it.
  const made = interfaceBoard(A, function* ({ radio, netif, board }) {
    yield* sendFrames(netif, 1, 34);
    radio.receive(FROM_B, board.time + 1000);
  });
  made.board.run();
  t.is(made.radio.lost, 1);
  t.is(made.radio.sent.length, 5);
});

test('the number of retransmissions that the last frame needed can be asked for', (t) => {
  // The ACK comes for the third attempt.
  const made = interfaceBoard(A, function* ({ device, radio, netif }) {
    const value = new Uint8Array(1);
    const { receive } = radio;
    radio.acks = (seq) => seq;
    radio.receive = (mpdu, at, options) => {
      if (radio.sent.length === 3) receive.call(radio, mpdu, at, options);
    };
    yield* sendFrames(netif, 1, 10);
    yield* ztimer_sleep(ZTIMER_USEC, 50_000);
    t.is(device.get(NETOPT_TX_RETRIES_NEEDED, value, 1), 1);
    t.is(value[0], 2);
  });
  made.board.run();
  t.is(made.radio.sent.length, 3);
});

test('a device can sleep and listen again; sending wakes it, and it listens afterwards', (t) => {
  // State, and the errors -EALREADY and -EBUSY of the SubMAC's header.
  t.plan(9);
  interfaceBoard(A, function* ({ device, netif, radio }) {
    const value = new Uint8Array(4);
    t.is(device.set(NETOPT_STATE, Uint8Array.of(NETOPT_STATE_SLEEP, 0, 0, 0), 4), 0);
    t.is(ieee802154_set_idle(device.submac), -EALREADY);
    device.get(NETOPT_STATE, value, 4);
    t.is(value[0], NETOPT_STATE_SLEEP);
    yield* gnrc_netif_send(netif, frameTo(netif, B, new Uint8Array(34)));
    yield* ztimer_sleep(ZTIMER_USEC, 100);
    t.is(ieee802154_set_rx(device.submac), -EBUSY);
    t.is(ieee802154_set_idle(device.submac), -EBUSY);
    yield* ztimer_sleep(ZTIMER_USEC, 50_000);
    t.is(radio.sent.length, 5);
    t.is(ieee802154_set_rx(device.submac), -EALREADY);
    device.get(NETOPT_STATE, value, 4);
    t.is(value[0], NETOPT_STATE_IDLE);
    t.is(device.set(NETOPT_STATE, Uint8Array.of(NETOPT_STATE_IDLE, 0, 0, 0), 4), -EALREADY);
  }).board.run();
});

test('a channel that is set while a frame is being sent is remembered but not used, as in RIOT', (t) => {
  // netdev_ieee802154_submac.c _set: the result of the radio is not looked at.
  t.plan(2);
  interfaceBoard(A, function* ({ device, netif, radio }) {
    yield* sendFrames(netif, 1, 34);
    const value = new Uint8Array(2);
    netopt_put_u16(value, 11);
    device.set(NETOPT_CHANNEL, value, 2);
    t.is(device.dev.chan, 11);
    t.is(radio.channel, 26);
  }).board.run();
});

test('retransmissions and the end of a transmission are told to the trace', (t) => {
  // Four retries of one sequence number, then no-ack with the size of the frame with FCS; the drop follows.
  const made = interfaceBoard(A, function* ({ netif }) {
    yield* sendFrames(netif, 1, 10);
  });
  made.board.tracing = true;
  made.board.run();
  const seq = made.radio.sent[0]!.mpdu[2];
  t.deepEqual(made.board.events.filter((event) => event.layer === 'netif') as unknown[], [
    ...[1, 2, 3, 4].map((attempt) => ({ layer: 'netif', type: 'retry', attempt, sequenceNumber: seq })),
    { layer: 'netif', type: 'tx_done', bytes: 33, result: 'no-ack' },
    { layer: 'netif', type: 'drop', reason: 'no-ack', bytes: 26 },
  ]);
});

test('by the standard the window grows with busy channels only, to 31 periods, and each attempt begins anew', (t) => {
  // Quirk csma-window off (IEEE 802.15.4-2006 §7.5.1.4): windows 7, 15, 31, 31 behind busy channels; 7 after no ACK.
  const largest = (busy: number, profile: 'riot' | 'rfc'): number[] => {
    let most: number[] = [];
    const made = interfaceBoard(A, function* ({ radio, netif, board }) {
      const { request_transmit } = radio;
      let asked: number[] = [];
      radio.request_transmit = () => {
        asked.push(board.time);
        return request_transmit.call(radio);
      };
      for (let i = 0; i < 250; i++) {
        asked = [board.time];
        radio.busy = busy;
        if (busy > 0) radio.acks = (seq) => seq;
        yield* sendFrames(netif, 1, 10);
        yield* ztimer_sleep(ZTIMER_USEC, 200_000);
        // Between two requests: CCA 128 µs, or the frame and the wait for its ACK, and the back-off.
        const other = busy > 0 ? 128 : 33 * 32 - 200 + 864;
        const waits = asked.slice(1).map((at, k) => at - asked[k]! - (k === 0 ? 0 : other));
        most = waits.map((wait, k) => Math.max(wait, most[k] ?? 0));
      }
    }, { caps: 0, profile });
    made.board.run();
    return most.map((wait) => wait / BACKOFF);
  };
  t.deepEqual(largest(4, 'rfc'), [7, 15, 31, 31, 31]);
  t.deepEqual(largest(0, 'rfc'), [7, 7, 7, 7, 7]);
  t.deepEqual(largest(4, 'riot'), [7, 15, 15, 15, 15]);
});

test('an ACK of another number ends the wait on RIOT, and none for profile rfc', (t) => {
  // Quirk ack-number-not-compared: the frame is sent five times when the ACKs that come are of the number after.
  const attempts = (profile: 'riot' | 'rfc', other: number): number => {
    const made = interfaceBoard(A, function* ({ radio, netif }) {
      radio.acks = (seq) => (seq + other) & 0xff;
      yield* sendFrames(netif, 1, 10);
    }, { profile });
    made.board.run();
    t.is(made.board.pktbufUsed, 0);
    return made.radio.sent.length;
  };
  t.deepEqual([attempts('riot', 1), attempts('rfc', 1), attempts('rfc', 0)], [1, 5, 1]);
});
