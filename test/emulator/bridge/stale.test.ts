import test from 'ava';
import { StaleFilter } from '../../../emulator/bridge/stale.ts';

test('a frame that comes again sooner than it takes on the air is let through once', (t) => {
  // 124 bytes take 3,768 µs by RIOT's socket_zep. RIOT repeats after these and 864 µs: a repetition that comes sooner
  // has waited here, together with the first.
  let now = 0;
  const filter = new StaleFilter(() => now);
  const frame = new Uint8Array(124).fill(7);
  const at = (time: number, bytes = frame): boolean => {
    now = time;
    return filter.fresh(bytes.slice());
  };
  t.deepEqual([at(0), at(10), at(3767), at(4632), at(4640)], [true, false, false, true, false]);
  t.is(filter.dropped, 3);
  t.true(at(4650, new Uint8Array(124)));
});

test('ACKs are always let through', (t) => {
  // Equal sequence numbers may follow closely, and an ACK has no ACK.
  const filter = new StaleFilter(() => 0);
  const ack = Uint8Array.of(2, 0, 9, 0, 0);
  t.deepEqual([filter.fresh(ack), filter.fresh(ack.slice())], [true, true]);
});
