import test from 'ava';
import { type Bench, at86, bench, hal, heard, lost, sent, unicast } from './chips.ts';
import { AT86RF2XX_STATE_BUSY_RX_AACK, AT86RF2XX_STATE_BUSY_TX_ARET, AT86RF2XX_STATE_PLL_ON,
  AT86RF2XX_STATE_RX_AACK_ON, AT86RF2XX_STATE_SLEEP, AT86RF2XX_STATE_TX_ARET_ON,
  AT86RF2XX_TRAC_CHANNEL_ACCESS_FAILURE, AT86RF2XX_TRAC_NO_ACK, AT86RF2XX_TRAC_SUCCESS } from '../../../net/netdev.ts';

const two = ['at86rf2xx', 'at86rf2xx'] as const;
/** CCA and transmitter up, µs. */
const BEFORE = 140 + 16;

function send(b: Bench, frame: Uint8Array): void {
  const a = at86(b, 0);
  a.set_state(AT86RF2XX_STATE_TX_ARET_ON);
  a.write(frame);
  a.transmit();
}

test('a frame begins after 0 to 7 back-off periods and 156 µs, its ACK 192 µs after it; then comes the IRQ', (t) => {
  // Hardware does all of it: the boards run no code between. Of 200 frames each number of periods comes.
  const seen = new Set<number>();
  for (let seed = 1; seed <= 200; seed++) {
    const b = bench(two, seed);
    send(b, unicast(0x0b));
    t.is(at86(b, 0).status(), AT86RF2XX_STATE_BUSY_TX_ARET);
    b.sim.runFor(10_000);
    const [data, ack] = sent(b.records);
    seen.add((data.start - 1000 - BEFORE) / 320);
    t.is(data.end - data.start, 40 * 32);
    t.deepEqual([ack.node, ack.start - data.end, ack.end - ack.start], ['b', 192, 352]);
    t.deepEqual(b.events, [`${data.end} b IRQ`, `${ack.end} a IRQ`]);
    t.deepEqual([at86(b, 0).status(), at86(b, 0).trac_status, at86(b, 0).retries],
      [AT86RF2XX_STATE_TX_ARET_ON, AT86RF2XX_TRAC_SUCCESS, 0]);
  }
  t.deepEqual([...seen].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
});

test('without an ACK the frame is sent four times, each after 864 µs and CSMA/CA anew', (t) => {
  // macAckWaitDuration and the chip's three retries, not the SubMAC's four.
  for (let seed = 1; seed <= 20; seed++) {
    const b = bench(['at86rf2xx'], seed);
    send(b, unicast(0x0b, 107));
    b.sim.runFor(100_000);
    const frames = sent(b.records);
    t.is(frames.length, 4);
    for (let i = 1; i < 4; i++) {
      const periods = (frames[i].start - frames[i - 1].end - 864 - BEFORE) / 320;
      t.true(Number.isInteger(periods) && periods >= 0 && periods <= 7, `${periods}`);
    }
    t.deepEqual(b.events, [`${frames[3].end + 864} a IRQ`]);
    t.deepEqual([at86(b, 0).trac_status, at86(b, 0).retries], [AT86RF2XX_TRAC_NO_ACK, 3]);
  }
});

test('a channel that stays busy is given up after five CCAs, and the frame is not sent', (t) => {
  // Exponents 3, 4, 5, 5, 5; each CCA takes 140 µs.
  for (let seed = 1; seed <= 20; seed++) {
    const b = bench(['at86rf2xx', 'nrf802154', 'nrf802154'], seed);
    b.sim.apply({ type: 'link', from: 'b', to: 'c', up: false });
    b.sim.apply({ type: 'link', from: 'c', to: 'b', up: false });
    let begun = -1;
    for (let i = 0; i < 40; i++) {
      const jammer = hal(b, 1 + (i & 1));
      jammer.cb = () => {
        jammer.confirm_transmit({ status: 0, retrans: 0 });
        return undefined;
      };
      jammer.set_idle(true);
      jammer.write(new Uint8Array(125));
      jammer.request_transmit();
      b.sim.runFor(2200);
      if (i === 1) {
        begun = b.sim.now;
        send(b, unicast(0x0b));
      }
    }
    t.is(at86(b, 0).trac_status, AT86RF2XX_TRAC_CHANNEL_ACCESS_FAILURE);
    t.true(sent(b.records).every(({ node }) => node !== 'a'));
    const periods = (Number(b.events[0].split(' ')[0]) - begun - 5 * 140) / 320;
    t.true(Number.isInteger(periods) && periods >= 0 && periods <= 115, `${periods}`);
  }
});

test('frames that ask for no ACK are done at their end, and CSMA/CA can be switched off', (t) => {
  // Then a frame begins 16 µs after TX_START.
  const b = bench(two);
  const frame = unicast(0x0b);
  frame[0] &= ~0x20;
  at86(b, 0).csma_max_retries = -1;
  send(b, frame);
  b.sim.runFor(10_000);
  t.deepEqual(sent(b.records).map(({ node, start, end }) => [node, start, end]), [['a', 1016, 1016 + 1280]]);
  t.deepEqual(b.events, ['2296 b IRQ', '2296 a IRQ']);
});

test('a received frame is kept until it is fetched, and nothing else is heard or acknowledged meanwhile', (t) => {
  // RX_SAFE_MODE: the sender gets no ACK for the second frame and repeats it until the first was fetched.
  const b = bench(two);
  send(b, unicast(0x0b, 32, 1));
  b.sim.runFor(10_000);
  at86(b, 0).write(unicast(0x0b, 32, 2));
  at86(b, 0).transmit();
  b.sim.runFor(6000);
  t.is(heard(b.records), 'ba');
  t.true(lost(b.records).every((line) => line === 'b busy'));
  const radio = at86(b, 1);
  t.true(radio.irq_trx_end());
  t.false(radio.irq_trx_end());
  t.deepEqual([radio.unread, radio.len()], [true, 32]);
  radio.set_state(AT86RF2XX_STATE_PLL_ON);
  const buf = new Uint8Array(32);
  radio.read(buf, { rssi: 0, lqi: 0 });
  t.is(buf[2], 1);
  radio.set_state(AT86RF2XX_STATE_RX_AACK_ON);
  b.sim.runFor(20_000);
  t.is(heard(b.records), 'baba');
  t.true(at86(b, 0).retries > 0);
});

test('while a frame comes in and its ACK goes out the state is BUSY_RX_AACK and cannot be changed', (t) => {
  // The driver spins on it: from the end of the SFD, 160 µs into the frame, to the end of the ACK.
  const b = bench(two);
  at86(b, 0).csma_max_retries = -1;
  send(b, unicast(0x0b));
  const radio = at86(b, 1);
  b.sim.runFor(16 + 159);
  t.deepEqual([radio.status(), radio.busy_us()], [AT86RF2XX_STATE_RX_AACK_ON, 0]);
  b.sim.runFor(1);
  t.deepEqual([radio.status(), radio.busy_us()], [AT86RF2XX_STATE_BUSY_RX_AACK, 1280 - 160]);
  radio.set_state(AT86RF2XX_STATE_TX_ARET_ON);
  b.sim.runFor(1280 - 160);
  t.deepEqual([radio.status(), radio.busy_us()], [AT86RF2XX_STATE_BUSY_RX_AACK, 192]);
  b.sim.runFor(192 + 352);
  t.deepEqual([radio.status(), radio.busy_us()], [AT86RF2XX_STATE_RX_AACK_ON, 0]);
  t.is(heard(b.records), 'ba');
});

test('asleep it hears nothing, and a frame for another node does not make it busy', (t) => {
  // The states that energy is reckoned from go with it.
  const b = bench(two);
  at86(b, 1).set_state(AT86RF2XX_STATE_SLEEP);
  t.is(at86(b, 1).state, 'sleep');
  send(b, unicast(0x0b));
  b.sim.runFor(100_000);
  t.is(heard(b.records), '');
  at86(b, 1).set_state(AT86RF2XX_STATE_RX_AACK_ON);
  b.sim.runFor(1000);
  at86(b, 0).csma_max_retries = -1;
  send(b, unicast(0x0c));
  b.sim.runFor(500);
  t.is(at86(b, 1).status(), AT86RF2XX_STATE_RX_AACK_ON);
});

test('an ACK counts only with the sequence number of the frame that waits for it', (t) => {
  // The chip compares it; a SubMAC radio takes any ACK.
  for (const [seq, retries] of [[7, 0], [8, 3]] as const) {
    const b = bench(['at86rf2xx', 'nrf802154']);
    at86(b, 0).csma_max_retries = -1;
    send(b, unicast(0x0c));
    b.sim.runFor(16 + 1280 + 40);
    hal(b, 1).set_idle(true);
    hal(b, 1).write(Uint8Array.of(2, 0, seq));
    hal(b, 1).request_transmit();
    b.sim.runFor(50_000);
    t.is(at86(b, 0).retries, retries);
  }
});
