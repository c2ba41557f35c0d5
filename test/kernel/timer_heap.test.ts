// kernel/timer_heap.ts.
import test from 'ava';
import fc from 'fast-check';
import { type TimerEntry, TimerHeap } from '../../kernel/timer_heap.ts';

function entry(): TimerEntry {
  return { target: 0, order: 0, place: -1, fire: () => undefined };
}

test('any sequence of adding, moving and removing leaves the order of a sorted list', (t) => {
  // The model is a plain array, sorted by target and then by when it was added.
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.nat(2), fc.nat(19), fc.nat(30)), { maxLength: 200 }),
    (steps) => {
      const heap = new TimerHeap();
      const entries = Array.from({ length: 20 }, entry);
      let model: { at: number; index: number }[] = [];
      for (const [what, index, at] of steps) {
        const inModel = model.some((m) => m.index === index);
        if (what === 2) {
          t.is(heap.remove(entries[index]), inModel);
          model = model.filter((m) => m.index !== index);
        } else {
          if (inModel) heap.remove(entries[index]);
          heap.add(entries[index], at);
          model = [...model.filter((m) => m.index !== index), { at, index }];
        }
        t.is(heap.has(entries[index]), what !== 2);
      }
      // Array.prototype.sort is stable: first in, first out at one target.
      const order = model.toSorted((a, b) => a.at - b.at).map((m) => m.index);
      const popped: number[] = [];
      for (let first = heap.first(); first !== null; first = heap.first()) {
        popped.push(entries.indexOf(first));
        heap.remove(first);
      }
      t.deepEqual(popped, order);
    },
  ), { seed: 42, numRuns: 200 });
});

test('an entry of another heap is not in this one', (t) => {
  // The place alone would say so.
  const [one, other] = [new TimerHeap(), new TimerHeap()];
  const [a, b] = [entry(), entry()];
  one.add(a, 1);
  other.add(b, 1);
  t.false(one.has(b));
  t.false(one.remove(b));
  t.is(other.first(), b);
});
