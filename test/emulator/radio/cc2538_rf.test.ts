import test from 'ava';
import { type Bench, bench, hal, lost, sent, unicast } from './chips.ts';
import { EAGAIN, EBUSY } from '../../../kernel/errno.ts';
import { IEEE802154_FILTER_ACK_ONLY, TX_STATUS_MEDIUM_BUSY, TX_STATUS_SUCCESS } from '../../../net/netdev.ts';

const two = ['cc2538_rf', 'cc2538_rf'] as const;

function send(b: Bench, frame: Uint8Array): void {
  const a = hal(b, 0);
  a.set_idle(true);
  a.write(frame);
  a.request_transmit();
}

test('a frame begins after ramp-up, RSSI, 0 to 7 back-off periods and ramp-up; the ACK follows after 192 µs', (t) => {
  // 192 + 128 + k × 320 + 192 µs; hardware answers while the board does nothing. Of 200 frames each k comes.
  const seen = new Set<number>();
  for (let seed = 1; seed <= 200; seed++) {
    const b = bench(two, seed);
    send(b, unicast(0x0b));
    b.sim.runFor(10_000);
    const [data, ack] = sent(b.records);
    seen.add((data.start - 1000 - 512) / 320);
    t.is(data.end - data.start, 40 * 32);
    t.deepEqual([ack.node, ack.start - data.end, ack.end - ack.start], ['b', 192, 352]);
    t.deepEqual([...ack.frame.subarray(0, 3)], [2, 0, 7]);
  }
  t.deepEqual([...seen].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
});

test('broadcasts, frames without request and frames for others are not acknowledged', (t) => {
  // IEEE 802.15.4-2006 §7.5.6.4.
  const quiet = unicast(0x0b);
  quiet[0] &= ~0x20;
  const broadcast = Uint8Array.of(0x61, 0xd8, 1, 0x23, 0, 0xff, 0xff, 0x0a, 0, 0, 0, 0, 0, 0, 2, 0x41);
  for (const frame of [quiet, broadcast, unicast(0x0c)]) {
    const b = bench(two);
    send(b, frame);
    b.sim.runFor(10_000);
    t.deepEqual(sent(b.records).map(({ node }) => node), ['a']);
  }
});

test('while the ACK goes out the radio is busy, unless forced', (t) => {
  // The SubMAC spins in its receive handler until then.
  const b = bench(two);
  send(b, unicast(0x0b));
  while (!b.events.some((event) => event.endsWith('b RX_DONE'))) b.sim.step();
  t.is(hal(b, 1).set_idle(false), -EBUSY);
  t.is(hal(b, 1).busy_us?.(), 192);
  b.sim.runFor(192);
  t.is(hal(b, 1).busy_us?.(), 352);
  b.sim.runFor(352);
  t.is(hal(b, 1).set_idle(false), 0);
  t.is(sent(b.records).length, 2);
});

test('a channel that stays busy is given up after five back-offs with growing windows', (t) => {
  // Exponents 3, 4, 5, 5, 5: at most 7 + 15 + 31 + 31 + 31 periods after the first 320 µs. b sends without end.
  const times: number[] = [];
  for (let seed = 1; seed <= 60; seed++) {
    const b = bench([...two, 'nrf802154', 'nrf802154'], seed);
    // Two jammers that cannot hear each other take turns: the channel is never free for a.
    b.sim.apply({ type: 'link', from: 'c', to: 'd', up: false });
    b.sim.apply({ type: 'link', from: 'd', to: 'c', up: false });
    const jam = (index: number) => {
      const radio = hal(b, index);
      radio.cb = () => {
        radio.confirm_transmit({ status: 0, retrans: 0 });
        return undefined;
      };
      radio.set_idle(true);
      radio.write(new Uint8Array(125));
      radio.request_transmit();
    };
    let begun = -1;
    for (let i = 0; i < 40; i++) {
      jam(2 + (i & 1));
      b.sim.runFor(2200);
      if (i === 1) {
        begun = b.sim.now;
        send(b, unicast(0x0b));
      }
    }
    const done = b.events.find((event) => event.endsWith('a TX_DONE'))!;
    times.push((Number(done.split(' ')[0]) - begun - 320) / 320);
    const info = { status: 9, retrans: 0 };
    t.is(hal(b, 0).confirm_transmit(info), 0);
    t.is(info.status, TX_STATUS_MEDIUM_BUSY);
    t.true(sent(b.records).every(({ node }) => node !== 'a'));
  }
  t.true(times.every((periods) => Number.isInteger(periods) && periods >= 0 && periods <= 115), `${times}`);
  // The mean of the sum is 57.5; windows that did not grow would give 17.5.
  const mean = times.reduce((sum, periods) => sum + periods, 0) / times.length;
  t.true(mean > 45 && mean < 70, `${mean}`);
});

test('the outcome of a transmission is known once, when it has ended', (t) => {
  // confirm_transmit() before is -EAGAIN, and after it the device is ready for the next.
  const b = bench(two);
  send(b, unicast(0x0b));
  const info = { status: 9, retrans: 0 };
  t.is(hal(b, 0).confirm_transmit(info), -EAGAIN);
  t.is(hal(b, 0).set_rx(), -EBUSY);
  b.sim.runFor(10_000);
  t.is(hal(b, 0).confirm_transmit(info), 0);
  t.is(info.status, TX_STATUS_SUCCESS);
  t.is(hal(b, 0).set_rx(), 0);
});

test('a frame that arrives while an ACK is waited for is acknowledged all the same', (t) => {
  // The driver's ACK_ONLY mode keeps nothing out: RIOT loses what the sender believes to have arrived.
  const b = bench(two);
  hal(b, 1).set_frame_filter_mode(IEEE802154_FILTER_ACK_ONLY);
  send(b, unicast(0x0b));
  b.sim.runFor(10_000);
  t.deepEqual(sent(b.records).map(({ node }) => node), ['a', 'b']);
  t.deepEqual(lost(b.records), ['a not-listening']);
});
