import test from 'ava';
import { type Bench, type Driver, at86, bench, hal, heard, lost, sent, unicast } from './chips.ts';
import { AT86RF2XX_STATE_TX_ARET_ON } from '../../../net/netdev.ts';

/** Node `index` sends after its CCA, which takes 208 µs on an nrf802154. */
function send(b: Bench, index: number, frame: Uint8Array): void {
  const radio = hal(b, index);
  radio.set_idle(true);
  radio.write(frame);
  radio.request_transmit();
}

const three: readonly Driver[] = ['nrf802154', 'nrf802154', 'nrf802154'];

test('a frame takes 32 µs for each byte and for six bytes of preamble, SFD and length before them', (t) => {
  // IEEE 802.15.4: 250 kbit/s; 127 bytes take 4256 µs and an ACK of 5 takes 352.
  const b = bench(three);
  send(b, 0, unicast(0x0b, 125));
  b.sim.runFor(10_000);
  send(b, 0, Uint8Array.of(2, 0, 7));
  b.sim.runFor(10_000);
  t.deepEqual(sent(b.records).map(({ start, end }) => end - start), [4256, 352]);
  t.is(heard(b.records), 'b');
});

test('two frames that overlap are both lost where both can be heard', (t) => {
  // Both senders did their CCA at the same time and found nothing; b listened, a and c were sending.
  const b = bench(three);
  send(b, 0, unicast(0x0b, 40));
  send(b, 2, unicast(0x0b, 60));
  b.sim.runFor(10_000);
  t.is(sent(b.records).length, 2);
  t.is(heard(b.records), '');
  t.deepEqual(lost(b.records).filter((line) => line.startsWith('b')), ['b collision', 'b collision']);
  t.true(lost(b.records).includes('c busy'));
});

test('a hidden terminal disturbs a frame that its sender cannot hear', (t) => {
  // a and c do not hear each other, so that CCA finds nothing; with the links up c would have waited.
  const run = (hidden: boolean) => {
    const b = bench(three);
    if (hidden) {
      b.sim.apply({ type: 'link', from: 'a', to: 'c', up: false });
      b.sim.apply({ type: 'link', from: 'c', to: 'a', up: false });
    }
    send(b, 0, unicast(0x0b, 100));
    b.sim.runFor(1000);
    send(b, 2, unicast(0x0b, 24));
    b.sim.runFor(10_000);
    return { frames: sent(b.records).length, heard: heard(b.records), lost: lost(b.records) };
  };
  t.deepEqual(run(false), { frames: 1, heard: 'b', lost: ['c not-listening'] });
  const { frames, heard: by, lost: reasons } = run(true);
  t.deepEqual([frames, by], [2, '']);
  t.deepEqual(reasons.filter((line) => line === 'b collision').length, 2);
});

test('frames on different channels do not disturb each other', (t) => {
  // As two frames that overlap, but for the channel of one.
  const b = bench(three);
  hal(b, 2).config_phy(11, 0);
  send(b, 0, unicast(0x0b, 60));
  send(b, 2, unicast(0x0b, 40));
  b.sim.runFor(10_000);
  t.is(heard(b.records), 'b');
  t.true(lost(b.records).includes('b wrong-channel'));
});

test('a frame is heard by who listens before its SFD, and not by who begins later', (t) => {
  // Four bytes of preamble are 128 µs, and the receiver needs 40 µs to come up; the frame begins 208 µs after the
  // request.
  for (const [late, by] of [[208 + 88, 'b'], [208 + 89, '']] as const) {
    const b = bench(three);
    hal(b, 1).set_idle(true);
    send(b, 0, unicast(0x0b));
    b.sim.runFor(late);
    hal(b, 1).set_rx();
    b.sim.runFor(5000);
    t.is(heard(b.records), by, `${late}`);
  }
});

test('a frame that is cut off by a loss of power reaches nobody, but has disturbed the other', (t) => {
  // The digest of the run stays defined: nothing of the dead board is left in the queue.
  const b = bench(three);
  send(b, 0, unicast(0x0b, 100));
  send(b, 2, unicast(0x0b, 100));
  b.sim.runFor(500);
  b.sim.apply({ type: 'power', node: 'a', on: false });
  b.sim.runFor(10_000);
  t.is(sent(b.records).length, 1);
  t.deepEqual(lost(b.records), ['a off', 'b collision']);
  t.is(b.sim.nextAt(), null);
});

test('frames of native boards and of real radios reach each other, and do not collide', (t) => {
  // Defined so: a frame of socket_zep is an instant; a real one is an instant to socket_zep, at its end.
  const b = bench(['nrf802154', 'socket_zep', 'nrf802154']);
  send(b, 0, unicast(0x0b, 100));
  b.sim.runFor(2000);
  hal(b, 1).set_idle(true);
  hal(b, 1).write(unicast(0x0c, 24));
  hal(b, 1).request_transmit();
  b.sim.runFor(1000);
  hal(b, 1).set_rx();
  b.sim.runFor(10_000);
  t.deepEqual(sent(b.records).map(({ node }) => node), ['b', 'a']);
  t.is(heard(b.records), 'cb');
});

test('a radio tells its states, and the same frames come whether or not anyone listens', (t) => {
  // Energy is the integral of these states: ramp-up and CCA count as listening, then it sends.
  const run = (listen: boolean) => {
    const b = bench(three);
    const states: string[] = [];
    if (listen) b.radios[0].onState = (state) => void states.push(`${b.sim.now} ${state}`);
    send(b, 0, unicast(0x0b));
    b.sim.runFor(5000);
    return { states, digest: b.sim.digest(), traced: b.records.flatMap(({ node, time, event }) =>
      node === 'a' && event.layer === 'radio' && event.type === 'state' ? [`${time} ${event.state}`] : []) };
  };
  const heardStates = run(true);
  t.deepEqual(heardStates.states, ['1000 rx', '1168 tx', '2488 idle']);
  t.deepEqual(heardStates.traced, ['0 idle', ...heardStates.states]);
  t.is(run(false).digest, heardStates.digest);
});

test('radios that only listen cost no event', (t) => {
  // Nothing is queued: a thousand idle radios take no time of the host.
  for (const driver of ['nrf802154', 'cc2538_rf', 'at86rf2xx'] as const) {
    const b = bench([driver, driver]);
    t.is(b.sim.nextAt(), null);
  }
});

test('hostile frames from outside never throw, and every prefix of a good one is refused', (t) => {
  // All lengths, without and with a right address in front; FCS is wrong in all of them but the whole frame.
  for (const driver of ['nrf802154', 'cc2538_rf', 'at86rf2xx'] as const) {
    const b = bench([driver, driver]);
    const whole = [...unicast(0x0b), 0xff, 0xff];
    t.notThrows(() => {
      for (let length = 1; length <= whole.length; length++) {
        const frame = whole.slice(0, length).map((byte) => byte.toString(16).padStart(2, '0')).join('');
        b.sim.apply({ type: 'frame', node: 'b', frame });
        b.sim.runFor(10);
        if (driver !== 'at86rf2xx') {
          hal(b, 1).read(null, 0, null);
          hal(b, 1).set_idle(true);
          hal(b, 1).set_rx();
        }
        b.sim.runFor(1000);
      }
    });
    t.false(b.events.some((event) => event.endsWith('RX_DONE') || event.endsWith('IRQ')), driver);
    if (driver === 'at86rf2xx') {
      at86(b, 1).set_state(AT86RF2XX_STATE_TX_ARET_ON);
      t.is(at86(b, 1).status(), AT86RF2XX_STATE_TX_ARET_ON);
    }
  }
});
