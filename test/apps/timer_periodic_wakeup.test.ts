import test from 'ava';
import { milliseconds } from 'riotbed';
import { printed } from './console.ts';

test('timer_periodic_wakeup wakes each second since boot', (t) => {
  // Virtual time makes it exact: the third wake-up is at 3.0 s and not a millisecond later.
  t.is(printed('timer_periodic_wakeup', [], milliseconds(2999)), 'slept until 1000\nslept until 2000\n');
  t.is(printed('timer_periodic_wakeup', [], milliseconds(3000)),
    'slept until 1000\nslept until 2000\nslept until 3000\n');
});
