import test from 'ava';
import { Spacing, type SpacingHost } from '../../../emulator/bridge/spacing.ts';

/** A host whose clock moves by hand. */
class Clock implements SpacingHost {
  time = 1000;
  private callbacks: (() => undefined)[] = [];

  now(): number {
    return this.time;
  }

  soon(callback: () => undefined): undefined {
    this.callbacks.push(callback);
  }

  /** A millisecond later. */
  tick(): undefined {
    this.time += 1000;
    for (const callback of this.callbacks.splice(0)) callback();
  }
}

test('a burst of frames leaves one by one, in order', (t) => {
  // An ACK and the frame behind it at one instant end a real RIOT process: submac_rx_done() asserts that no event waits.
  const clock = new Clock();
  const sent: string[] = [];
  const send = (datagram: Uint8Array): undefined => void sent.push(`${datagram[0]} at ${clock.time}`) as undefined;
  const spacing = new Spacing(send, clock);
  for (const byte of [1, 2, 3]) spacing.put(Uint8Array.of(byte));
  t.deepEqual(sent, ['1 at 1000']);
  clock.tick();
  clock.tick();
  t.deepEqual(sent, ['1 at 1000', '2 at 2000', '3 at 3000']);
});

test('frames that are far enough from one another leave at once', (t) => {
  // An ACK comes 192 µs behind its frame at the earliest: that must not be held up.
  const clock = new Clock();
  const sent: number[] = [];
  const spacing = new Spacing(() => void sent.push(clock.time) as undefined, clock);
  for (const time of [1000, 1192, 5000]) {
    clock.time = time;
    spacing.put(new Uint8Array(1));
  }
  t.deepEqual(sent, [1000, 1192, 5000]);
});
