// A radio that fails: the channel is never free, an interrupt does not come, or too many do.
import test from 'ava';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { drop_counts } from '../../../net/gnrc/drop.ts';
import {
  IEEE802154_RADIO_CONFIRM_TX_DONE, IEEE802154_RADIO_INDICATION_CRC_ERROR, IEEE802154_RADIO_INDICATION_RX_DONE,
} from '../../../net/netdev.ts';
import { A, dataFrames, interfaceBoard, isFrom, sendFrames } from './interface.ts';

const SECOND = 1_000_000;

test('SY-08 a channel that is busy for a second loses nothing: all goes out once it is free', (t) => {
  // Each attempt ends at a busy channel, and the queue's 5 ms timer makes the next.
  const made = interfaceBoard(A, function* ({ radio, netif }) {
    yield* ztimer_sleep(ZTIMER_USEC, SECOND);
    radio.busy = 1000;
    yield* sendFrames(netif, 3, 40);
    yield* ztimer_sleep(ZTIMER_USEC, SECOND);
    radio.busy = 0;
  });
  made.board.run(10 * SECOND);
  const payloads = made.radio.sent.filter(({ mpdu }) => mpdu.length > 60).map(({ mpdu }) => mpdu.at(-1)!);
  // Nobody acknowledges: each frame goes out five times. What was refused once stands behind those that came meanwhile.
  t.deepEqual(payloads.toSorted((a, b) => a - b), [1, 2, 3].flatMap((value) => Array<number>(5).fill(value)));
  t.is(made.board.pktbufUsed, 0);
});

test('SY-08 a lost TX-done interrupt stops the radio, as on RIOT: the queue fills, the rest is dropped', (t) => {
  // The SubMAC has no timer for it. What must not be: a crash, or a packet buffer that fills without bound.
  const made = interfaceBoard(A, function* ({ radio, netif }) {
    const { cb } = radio;
    radio.cb = (event) => event === IEEE802154_RADIO_CONFIRM_TX_DONE ? undefined : cb(event);
    for (let i = 0; i < 10; i++) {
      yield* sendFrames(netif, 10, 40);
      yield* ztimer_sleep(ZTIMER_USEC, SECOND);
    }
  });
  made.board.run(30 * SECOND);
  t.is(made.radio.sent.length, 1);
  const { board } = made;
  const [dropped] = board.do(() => [...drop_counts()].filter(([what]) => what.startsWith('netif')).map(([, n]) => n));
  const limit = board.kernel.config['CONFIG_GNRC_NETIF_PKTQ_POOL_SIZE']!;
  // One is in the radio, as many wait as the queue holds.
  t.is(dropped, 100 - 1 - limit);
  const used = board.pktbufUsed;
  board.run(60 * SECOND);
  t.is(board.pktbufUsed, used);
  t.true(used < 0.5 * board.kernel.config['CONFIG_GNRC_PKTBUF_SIZE']!, `${used}`);
});

test('SY-08 ten thousand interrupts without a frame are worked off, and the next frame is received', (t) => {
  // All at one instant: an event that is pending already is not posted again, and nothing is read that is not there.
  const [frame] = dataFrames('c-udp').filter(({ repr }) => !isFrom(repr.src, A));
  const made = interfaceBoard(A, function* ({ radio }) {
    yield* ztimer_sleep(ZTIMER_USEC, SECOND);
    radio.receive(frame!.mpdu, 2 * SECOND);
  });
  for (let i = 0; i < 10_000; i++) {
    const event = i % 2 === 0 ? IEEE802154_RADIO_INDICATION_RX_DONE : IEEE802154_RADIO_INDICATION_CRC_ERROR;
    made.board.interruptAt(SECOND + SECOND / 2, () => made.radio.cb(event));
  }
  made.board.run(3 * SECOND);
  t.deepEqual(made.received.map(({ payload }) => [...payload]), [[...frame!.payload]]);
  t.is(made.board.pktbufUsed, 0);
});
