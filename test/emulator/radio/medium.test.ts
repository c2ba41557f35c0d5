import test from 'ava';
import { ieee802154Frames } from './frames.ts';
import { radios } from './radios.ts';

const { broadcast, toB } = ieee802154Frames;

function send(r: ReturnType<typeof radios>, frame: Uint8Array): void {
  r.a.write(frame);
  r.a.request_transmit();
  r.sim.runFor(5000);
  listen(r);
}

/** b and c are ready for a frame, whatever they did before. */
function listen(r: ReturnType<typeof radios>): void {
  for (const radio of [r.b, r.c]) {
    radio.set_idle(true);
    radio.set_rx();
  }
}

function heardBy(r: ReturnType<typeof radios>): string {
  return r.records.filter((e) => e.event.type === 'rx').map((e) => e.node).join('');
}

test('a frame is heard by all others at once and not by its sender', (t) => {
  // The sender does not listen while it sends; at one instant the order is that of the nodes.
  const r = radios();
  send(r, broadcast);
  t.is(heardBy(r), 'bc');
  t.is(new Set(r.records.filter((e) => e.event.layer === 'radio').map((e) => e.time)).size, 1);
});

test('a reception is caused by its transmission, and the trace shows both with the frame and its FCS', (t) => {
  // The debugger follows these ids; CRC-16 of the MPDU is appended, as on the air.
  const r = radios();
  send(r, toB);
  const [tx, rx, lost] = r.records.filter((e) => e.event.layer === 'radio');
  t.deepEqual(tx.event, { layer: 'radio', type: 'tx', channel: 26, start: 0, end: 24 * 32 - 200,
    frame: tx.event.type === 'tx' ? tx.event.frame : new Uint8Array() });
  t.is(tx.event.type === 'tx' && tx.event.frame.length, toB.length + 2);
  t.deepEqual([rx.node, rx.event.type, rx.cause], ['b', 'rx', tx.id]);
  t.deepEqual([lost.node, lost.event.type, lost.cause], ['c', 'lost', tx.id]);
  t.is(lost.event.type === 'lost' && lost.event.reason, 'filtered');
  t.is(rx.event.type === 'rx' && rx.event.from, 'a');
});

test('a link that is down carries nothing, in its direction only', (t) => {
  // a reaches c but not b; b still reaches a.
  const r = radios();
  r.sim.apply({ type: 'link', from: 'a', to: 'b', up: false });
  send(r, broadcast);
  t.is(heardBy(r), 'c');
  const lost = r.records.filter((e) => e.event.type === 'lost');
  t.deepEqual(lost.map((e) => [e.node, e.event.type === 'lost' && e.event.reason]), [['b', 'link']]);
  r.a.set_rx();
  r.b.set_idle(true);
  r.b.write(broadcast);
  r.b.request_transmit();
  r.sim.runFor(5000);
  t.is(heardBy(r), 'cac');
  r.sim.apply({ type: 'link', from: 'a', to: 'b', up: true });
  r.a.set_idle(true);
  listen(r);
  send(r, broadcast);
  t.is(heardBy(r), 'cacbc');
});

test('a link loses the share of frames that it is told to, in a pattern of its own', (t) => {
  // 400 frames at 25 %: 100 ± 4 standard deviations of 8.7. The other link loses none.
  const pattern = (also: boolean) => {
    const r = radios();
    r.sim.apply({ type: 'link', from: 'a', to: 'b', loss: 0.25 });
    if (also) r.sim.apply({ type: 'link', from: 'a', to: 'c', loss: 0.5 });
    for (let i = 0; i < 400; i++) send(r, broadcast);
    const b = r.records.filter((e) => e.event.layer === 'radio' && e.node === 'b').map((e) => e.event.type);
    return { b, c: heardBy(r).replaceAll('b', '').length };
  };
  const alone = pattern(false);
  const losses = alone.b.filter((type) => type === 'lost').length;
  t.true(losses > 65 && losses < 135, `${losses}`);
  t.is(alone.c, 400);
  // What another link loses draws from another stream and changes nothing here.
  t.deepEqual(pattern(true).b, alone.b);
});

test('loss 1 loses all and loss 0 none', (t) => {
  // Both ends of the range have to be exact, not nearly so.
  const r = radios();
  r.sim.apply({ type: 'link', from: 'a', to: 'b', loss: 1 });
  r.sim.apply({ type: 'link', from: 'a', to: 'c', loss: 0 });
  for (let i = 0; i < 50; i++) send(r, broadcast);
  t.is(heardBy(r), 'c'.repeat(50));
});

test('a frame from outside takes the same way in, on its channel', (t) => {
  // What is not addressed to the node is filtered, another channel is not heard; nobody else hears it.
  const r = radios();
  const hex = [...toB, 0, 0].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  r.sim.apply({ type: 'frame', node: 'c', frame: hex });
  r.sim.apply({ type: 'frame', node: 'b', frame: hex, channel: 25 });
  r.sim.apply({ type: 'frame', node: 'b', frame: hex });
  r.sim.apply({ type: 'frame', node: 'b', frame: hex });
  r.sim.runFor(0);
  const fates = r.records.filter((e) => e.event.layer === 'radio')
    .map((e) => [e.node, e.event.type === 'lost' ? e.event.reason : e.event.type]);
  t.deepEqual(fates, [['c', 'filtered'], ['b', 'wrong-channel'], ['b', 'rx'], ['b', 'busy']]);
  t.deepEqual(r.events, ['0 b RX_START', '0 b RX_DONE']);
});
