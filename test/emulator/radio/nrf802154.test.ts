import test from 'ava';
import { bench, hal, heard, lost, sent, unicast } from './chips.ts';
import { EAGAIN, EBUSY, ENOBUFS } from '../../../kernel/errno.ts';
import { IEEE802154_FILTER_ACK_ONLY, IEEE802154_FILTER_PROMISC, TX_STATUS_MEDIUM_BUSY,
  TX_STATUS_SUCCESS } from '../../../net/netdev.ts';

const two = ['nrf802154', 'nrf802154'] as const;

test('a frame goes on the air 208 µs after the request, for CCA and two ramp-ups; TX_DONE comes at its end', (t) => {
  // 40 + 128 + 40 µs; 32 bytes and the FCS then take 40 × 32 µs.
  const b = bench(two);
  const a = hal(b, 0);
  a.write(unicast(0x0b));
  t.is(a.request_transmit(), 0);
  t.is(a.request_transmit(), -EBUSY);
  const info = { status: 9, retrans: 0 };
  t.is(a.confirm_transmit(info), -EAGAIN);
  t.is(a.busy_us?.(), 168);
  b.sim.runFor(5000);
  t.deepEqual(sent(b.records).map(({ start, end }) => [start, end]), [[1208, 2488]]);
  t.deepEqual(b.events, ['2488 b RX_DONE', '2488 a TX_DONE']);
  t.is(a.confirm_transmit(info), 0);
  t.is(info.status, TX_STATUS_SUCCESS);
  const buf = new Uint8Array(40);
  t.is(hal(b, 1).read(buf, 3, null), -ENOBUFS);
  t.is(hal(b, 1).read(buf, 40, null), 32);
  t.deepEqual(buf.subarray(0, 32), unicast(0x0b));
});

test('with a frame on the air CCA fails after 168 µs, and nothing is sent', (t) => {
  // The SubMAC backs off then; the device itself tries once.
  const b = bench([...two, 'nrf802154']);
  hal(b, 0).write(unicast(0x0b, 100));
  hal(b, 0).request_transmit();
  b.sim.runFor(1000);
  const c = hal(b, 2);
  c.set_idle(true);
  c.write(unicast(0x0b));
  t.is(c.request_transmit(), 0);
  b.sim.runFor(168);
  t.deepEqual(b.events, ['2168 c TX_DONE']);
  t.is(c.set_rx(), -EBUSY);
  const info = { status: 9, retrans: 0 };
  t.is(c.confirm_transmit(info), 0);
  t.is(info.status, TX_STATUS_MEDIUM_BUSY);
  b.sim.runFor(10_000);
  t.is(sent(b.records).length, 1);
});

test('after a frame the next one has to wait for 192 µs, and 640 µs after one of more than 18 bytes', (t) => {
  // SIFS and LIFS of 12 and 40 symbols, which the driver's own timer keeps.
  for (const [length, spacing] of [[16, 192], [17, 640]] as const) {
    const b = bench(two);
    const a = hal(b, 0);
    a.write(unicast(0x0b).subarray(0, length));
    a.request_transmit();
    const end = 208 + (6 + length + 2) * 32;
    b.sim.runFor(end);
    a.confirm_transmit({ status: 0, retrans: 0 });
    t.is(a.request_transmit(), -EBUSY);
    t.is(a.busy_us?.(), spacing);
    b.sim.runFor(spacing - 1);
    t.is(a.request_transmit(), -EBUSY);
    b.sim.runFor(1);
    t.is(a.request_transmit(), 0);
  }
});

test('it sends no ACK of its own', (t) => {
  // The netif thread does so (module netdev_ieee802154_submac_soft_ack).
  const b = bench(two);
  hal(b, 0).write(unicast(0x0b));
  hal(b, 0).request_transmit();
  b.sim.runFor(10_000);
  t.deepEqual(sent(b.records).map(({ node }) => node), ['a']);
});

test('an ACK is heard in ACK_ONLY mode only, and what is for the node in every mode', (t) => {
  // As the driver's filter: waiting for an ACK does not keep other frames out, they end the wait.
  const ack = Uint8Array.of(2, 0, 7);
  const cases = [
    [0, unicast(0x0b), 'b'], [0, ack, ''], [0, unicast(0x0c), ''],
    [IEEE802154_FILTER_ACK_ONLY, ack, 'b'], [IEEE802154_FILTER_ACK_ONLY, unicast(0x0b), 'b'],
    [IEEE802154_FILTER_PROMISC, unicast(0x0c), 'b'],
  ] as const;
  for (const [mode, frame, by] of cases) {
    const b = bench(two);
    hal(b, 1).set_frame_filter_mode(mode);
    hal(b, 0).write(frame);
    hal(b, 0).request_transmit();
    b.sim.runFor(10_000);
    t.is(heard(b.records), by, `${mode} ${frame}`);
  }
});

test('after a frame it is deaf until it is told to listen; a filtered one does not end its reception', (t) => {
  // The SubMAC listens again when the netif thread is done with the frame.
  const b = bench(two);
  const send = (to: number) => {
    hal(b, 0).write(unicast(to));
    hal(b, 0).request_transmit();
    b.sim.runFor(5000);
    hal(b, 0).confirm_transmit({ status: 0, retrans: 0 });
  };
  for (const to of [0x0c, 0x0b, 0x0b]) send(to);
  t.deepEqual([heard(b.records), ...lost(b.records)], ['b', 'b filtered', 'b busy']);
});

test('a wrong FCS is told as such', (t) => {
  // The SubMAC drops the frame and listens again.
  const b = bench(two);
  b.sim.apply({ type: 'frame', node: 'b', frame: [...unicast(0x0b), 0xff, 0xff]
    .map((byte) => byte.toString(16).padStart(2, '0')).join('') });
  b.sim.runFor(0);
  t.deepEqual(b.events, ['1000 b CRC_ERROR']);
});
