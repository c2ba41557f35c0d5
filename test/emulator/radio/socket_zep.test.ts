import test from 'ava';
import { ieee802154Frames } from './frames.ts';
import { radios } from './radios.ts';
import { EAGAIN, EBUSY, EINVAL } from '../../../kernel/errno.ts';
import {
  IEEE802154_FILTER_ACCEPT, IEEE802154_FILTER_ACK_ONLY, IEEE802154_FILTER_PROMISC, TX_STATUS_SUCCESS,
} from '../../../net/netdev.ts';

const { toB, toC, toShortB, toOtherPan, broadcast, broadcastPan, ack, command, noDestination } = ieee802154Frames;

test('a frame reaches the air 32 µs a byte less 200 µs after the request, and TX_DONE comes then', (t) => {
  // 107 bytes and the FCS make 109: riot-native's dead peer sends such a frame in 3288 µs.
  const { sim, a, b, events } = radios();
  const frame = new Uint8Array(107);
  frame.set(toB);
  a.write(frame);
  t.is(a.request_transmit(), 0);
  t.is(a.request_transmit(), -EBUSY);
  t.is(a.confirm_transmit({ status: 9, retrans: 0 }), -EAGAIN);
  sim.runFor(3287);
  t.deepEqual(events, ['0 a TX_START']);
  sim.runFor(1);
  t.deepEqual(events, ['0 a TX_START', '3288 b RX_START', '3288 b RX_DONE', '3288 a TX_DONE']);
  const info = { status: 9, retrans: 0 };
  t.is(a.confirm_transmit(info), 0);
  t.is(info.status, TX_STATUS_SUCCESS);
  t.is(b.len(), 107);
});

test('a frame whose air time is at most 200 µs is heard within the call that sends it', (t) => {
  // 4 bytes and the FCS make 192 µs, 5 make 224 µs: the limit lies between them.
  const { sim, a, events } = radios();
  a.write(ack.subarray(0, 3));
  t.is(a.request_transmit(), 0);
  t.deepEqual(events, ['0 a TX_START', '0 a TX_DONE']);
  t.is(a.confirm_transmit({ status: 0, retrans: 0 }), 0);
  sim.runFor(0);
  t.deepEqual(events.slice(2), ['0 b RX_START', '0 b RX_DONE', '0 c RX_START', '0 c RX_DONE']);
  a.write(new Uint8Array(5));
  a.request_transmit();
  t.is(a.confirm_transmit({ status: 0, retrans: 0 }), -EAGAIN);
  t.is(sim.nextAt(), 24);
});

test('a received frame is read as it was written, with signal strength and quality of native', (t) => {
  // RIOT computes -28 dBm and two random bits from quality 255; over 64 frames all four values come.
  const { sim, a, b } = radios();
  const seen = new Set<number>();
  for (let i = 0; i < 64; i++) {
    a.write(toB);
    a.request_transmit();
    sim.runFor(5000);
    const info = { rssi: 0, lqi: 0 };
    const buf = new Uint8Array(b.len());
    t.is(b.read(buf, buf.length, info), toB.length);
    t.deepEqual(buf, toB);
    t.is(info.lqi, 255);
    seen.add(info.rssi);
    b.set_idle(true);
    b.set_rx();
  }
  t.deepEqual([...seen].sort(), [-25, -26, -27, -28]);
});

test('read() of another length than the frame has, or of a frame with a wrong FCS, is -EINVAL', (t) => {
  // As RIOT's driver; with a wrong FCS the bytes have been copied all the same, which its ACK rests on.
  const { sim, b } = radios();
  const frame = [...toB, 0, 0].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  sim.apply({ type: 'frame', node: 'b', frame });
  sim.runFor(0);
  const buf = new Uint8Array(127);
  t.is(b.read(buf, 10, null), -EINVAL);
  t.is(buf[0], 0);
  t.is(b.read(buf, toB.length, null), -EINVAL);
  t.deepEqual(buf.subarray(0, toB.length), toB);
  t.is(b.read(null, 0, null), 0);
});

test('the filter lets through what is addressed to the node, to all, or looks like an ACK', (t) => {
  // One frame of each sort; RIOT's test for an ACK is one bit, which MAC commands have set as well.
  const heard = (frame: Uint8Array, mode = IEEE802154_FILTER_ACCEPT) => {
    const { sim, a, b, events } = radios();
    b.set_frame_filter_mode(mode);
    t.is(b.get_frame_filter_mode(), mode);
    a.write(frame);
    a.request_transmit();
    sim.runFor(5000);
    return events.some((e) => e.endsWith('b RX_DONE'));
  };
  for (const frame of [toB, toShortB, broadcast, broadcastPan, ack, command]) t.true(heard(frame), String(frame));
  for (const frame of [toC, toOtherPan, noDestination]) t.false(heard(frame), String(frame));
  t.true(heard(ack, IEEE802154_FILTER_ACK_ONLY));
  for (const frame of [toB, toShortB, broadcast]) t.false(heard(frame, IEEE802154_FILTER_ACK_ONLY), String(frame));
  for (const frame of [toC, toOtherPan, noDestination]) t.true(heard(frame, IEEE802154_FILTER_PROMISC), String(frame));
});

test('frames of any length are judged by the bytes that they have', (t) => {
  // Every prefix of a frame to b, down to one byte: none may throw, and only a whole address may match.
  const { sim, records } = radios();
  for (let length = 1; length <= toB.length; length++) {
    const frame = [...toB.subarray(0, length)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    sim.apply({ type: 'frame', node: 'b', frame });
  }
  const received = records.flatMap(({ event }) => event.type === 'rx' ? [event.frame.length] : []);
  t.deepEqual(received, [13]);
  t.is(records.filter((r) => r.event.type === 'lost').length, toB.length - 1);
});

test('what arrives while the device does not listen is lost, and the trace says why', (t) => {
  // Idle, sending, with an unread frame, switched off, on another channel, without power: one reason each.
  const lost = (prepare: (r: ReturnType<typeof radios>) => void) => {
    const r = radios();
    prepare(r);
    r.a.write(toB);
    r.a.request_transmit();
    r.sim.runFor(5000);
    const found = r.records.filter((e) => e.node === 'b' && e.event.type === 'lost');
    return found.map((e) => e.event.type === 'lost' && e.event.reason);
  };
  t.deepEqual(lost(() => undefined), []);
  t.deepEqual(lost(({ b }) => b.set_idle(false)), ['not-listening']);
  t.deepEqual(lost(({ b }) => {
    b.set_idle(false);
    b.write(new Uint8Array(100));
    b.request_transmit();
  }), ['busy']);
  t.deepEqual(lost(({ sim, c }) => {
    c.set_idle(false);
    c.write(toB);
    c.request_transmit();
    sim.runFor(5000);
  }), ['busy']);
  t.deepEqual(lost(({ b }) => b.off()), ['off']);
  t.deepEqual(lost(({ b }) => b.config_phy(11)), ['wrong-channel']);
  t.deepEqual(lost(({ sim }) => sim.apply({ type: 'power', node: 'b', on: false })), ['off']);
});

test('states change as RIOT\'s driver changes them', (t) => {
  // Receiving is refused while sending and while a frame waits; idle is refused while sending, unless forced.
  const { sim, a, b } = radios();
  a.write(toB);
  a.request_transmit();
  t.is(a.set_rx(), -EBUSY);
  t.is(a.set_idle(false), -EBUSY);
  sim.runFor(5000);
  t.is(b.set_rx(), -EBUSY);
  t.is(b.request_transmit(), -EBUSY);
  t.is(b.set_idle(false), 0);
  t.is(b.set_rx(), 0);
  t.is(b.set_rx(), 0);
  t.is(a.set_idle(false), 0);
});

test('a transmission that is cut off by force or by a loss of power reaches nobody', (t) => {
  // The event of its end has to go with it.
  const { sim, a, records } = radios();
  a.write(toB);
  a.request_transmit();
  t.is(a.set_idle(true), 0);
  t.is(sim.nextAt(), null);
  a.request_transmit();
  sim.apply({ type: 'power', node: 'a', on: false });
  t.is(sim.nextAt(), null);
  sim.runFor(5000);
  t.deepEqual(records.filter((r) => r.event.layer === 'radio'), []);
});

test('a board that leaves reception at the instant of a frame is not told of it', (t) => {
  // The frame was taken, but before the interrupt ran something else at that instant forced the device idle.
  const { sim, b, events } = radios();
  const frame = [...toB, 0, 0].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  sim.apply({ type: 'frame', node: 'b', frame });
  b.set_idle(true);
  sim.runFor(0);
  t.deepEqual(events, []);
});
