import test from 'ava';
import { boards, findBoard } from '../../boards/index.ts';

test('a board is found under its own name', (t) => {
  // A recording names its boards by `name`, so that both have to agree.
  for (const [name, board] of Object.entries(boards)) {
    t.is(board.name, name);
    t.is(findBoard(name), board);
  }
});

test('a board that is not there is named, with those that are', (t) => {
  // Names of Object.prototype must not pass for boards either.
  t.throws(() => findBoard('nativ'), { instanceOf: RangeError, message: /nativ;.*native/ });
  t.throws(() => findBoard('toString'), { instanceOf: RangeError, message: /toString;/ });
});
