// RIOT's tests/core/mutex_cancel and msg_queue_capacity, written anew. Both have recorded consoles.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { ECANCELED } from '../../../kernel/errno.ts';
import { msg_array, msg_init_queue, msg_queue_capacity } from '../../../kernel/msg.ts';
import {
  MUTEX_INIT, mutex_cancel, mutex_cancel_init, type mutex_cancel_t, mutex_lock_cancelable, mutex_unlock,
} from '../../../kernel/mutex.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { thread_getpid } from '../../../kernel/thread.ts';
import { xtimer_now_usec, xtimer_set, xtimer_t } from '../../../kernel/xtimer.ts';
import { expectRiotConsole } from './console.ts';

test('mutex_cancel: not cancelled, before the lock, with no trace of that later, and while it waits', (t) => {
  // RIOT's own console; the return value is checked at each step as RIOT's test does, and when the waits end.
  const DELAY = 10_000;
  const mutex = MUTEX_INIT();
  const times: number[] = [];
  function* step(text: string, mc: mutex_cancel_t, result: number): Blocking<void> {
    printf(`${text}: `);
    t.is(yield* mutex_lock_cancelable(mc), result);
    times.push(xtimer_now_usec());
    puts('OK');
  }
  expectRiotConsole(t, 'mutex_cancel', function* () {
    puts('Test Application for mutex_cancel / mutex_lock_cancelable\n' +
      '=========================================================\n');
    yield* step('Test without cancellation', mutex_cancel_init(mutex), 0);
    const early = mutex_cancel_init(mutex);
    yield* mutex_cancel(early);
    yield* step('Test early cancellation', early, -ECANCELED);
    const unlocked = mutex_cancel_init(mutex);
    xtimer_set(new xtimer_t(mutex_unlock, mutex), DELAY);
    yield* step('Verify no side effects on subsequent calls', unlocked, 0);
    const late = mutex_cancel_init(mutex);
    xtimer_set(new xtimer_t(mutex_cancel, late), DELAY);
    yield* step('Test late cancellation', late, -ECANCELED);
    puts('TEST PASSED');
  });
  t.deepEqual(times, [0, 0, DELAY, 2 * DELAY]);
});

test('msg_queue_capacity: none without a queue, then its size', (t) => {
  // RIOT's own console is that of its test library, a dot for the one test; what it checks is checked here.
  expectRiotConsole(t, 'msg_queue_capacity', function* () {
    t.is(msg_queue_capacity(thread_getpid()), 0);
    msg_init_queue(msg_array(8), 8);
    t.is(msg_queue_capacity(thread_getpid()), 8);
    t.is(msg_queue_capacity(99), 0);
    printf('.\nOK (1 tests)\n');
  });
});
