import test from 'ava';
import fc from 'fast-check';
import { EventQueue, QueueEntry } from '../../../emulator/sim/event-queue.ts';

function entry(): QueueEntry {
  return new QueueEntry(0, 0, () => undefined);
}

test('events of one instant come out in the order in which they went in', (t) => {
  // A heap that compares times only gives ties back in any order; forty of them would not come out sorted.
  const queue = new EventQueue();
  const entries = Array.from({ length: 40 }, entry);
  entries.forEach((e, i) => queue.set(e, i % 2 === 0 ? 7 : 9, 0));
  const out: QueueEntry[] = [];
  for (let e = queue.pop(); e !== null; e = queue.pop()) out.push(e);
  const even = entries.filter((_, i) => i % 2 === 0);
  const odd = entries.filter((_, i) => i % 2 === 1);
  t.deepEqual(out.map((e) => entries.indexOf(e)), [...even, ...odd].map((e) => entries.indexOf(e)));
});

test('an entry that is set again goes behind the others of its new instant', (t) => {
  // The moved entry was first at time 5; were its old order kept, it would come out first again.
  const queue = new EventQueue();
  const [a, b] = [entry(), entry()];
  queue.set(a, 5, 0);
  queue.set(b, 5, 0);
  queue.set(a, 5, 0);
  t.is(queue.pop(), b);
  t.is(queue.pop(), a);
  t.is(queue.pop(), null);
});

test('cancelling an entry that is not queued does nothing', (t) => {
  // Owners cancel without looking; the queue must not lose another entry for it.
  const queue = new EventQueue();
  const [a, b] = [entry(), entry()];
  queue.set(a, 1, 0);
  queue.cancel(b);
  queue.cancel(a);
  queue.cancel(a);
  t.is(queue.size, 0);
  t.is(queue.firstTime, Infinity);
});

test('any sequence of set, move, cancel and pop agrees with a sorted list', (t) => {
  // The model keeps (time, order) in a plain array and searches it: too slow to use, too simple to be wrong.
  const command = fc.oneof(
    fc.record({ type: fc.constant('set' as const), which: fc.nat(11), time: fc.nat(6) }),
    fc.record({ type: fc.constant('cancel' as const), which: fc.nat(11) }),
    fc.record({ type: fc.constant('pop' as const) }),
  );
  t.notThrows(() => fc.assert(fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
    const queue = new EventQueue();
    const entries = Array.from({ length: 12 }, entry);
    let model: { which: number; time: number; order: number }[] = [];
    let order = 0;
    for (const c of commands) {
      if (c.type === 'set') {
        model = model.filter((m) => m.which !== c.which);
        model.push({ which: c.which, time: c.time, order: order++ });
        queue.set(entries[c.which], c.time, 0);
      } else if (c.type === 'cancel') {
        model = model.filter((m) => m.which !== c.which);
        queue.cancel(entries[c.which]);
      } else {
        model.sort((x, y) => x.time - y.time || x.order - y.order);
        const expected = model.shift();
        const actual = queue.pop();
        if ((expected === undefined) !== (actual === null)) return false;
        if (expected !== undefined && actual !== entries[expected.which]) return false;
      }
      if (queue.size !== model.length) return false;
      if (queue.firstTime !== Math.min(Infinity, ...model.map((m) => m.time))) return false;
      if (entries.some((e, i) => e.queued !== model.some((m) => m.which === i))) return false;
    }
    return true;
  }), { seed: 42, numRuns: 500 }));
});
