// kernel/sema.ts and kernel/sema_inv.ts.
import test from 'ava';
import type { Blocking } from '../../kernel/blocking.ts';
import { EAGAIN, ECANCELED, ETIMEDOUT } from '../../kernel/errno.ts';
import { SEMA_CREATE, SEMA_CREATE_LOCKED, sema_destroy, sema_post, sema_wait_timed } from '../../kernel/sema.ts';
import {
  sema_inv_init, sema_inv_post, sema_inv_post_mask, sema_inv_t, sema_inv_try_wait, sema_inv_wait,
  sema_inv_wait_timeout,
} from '../../kernel/sema_inv.ts';
import { thread_create } from '../../kernel/thread.ts';
import { xtimer_now_usec64 } from '../../kernel/xtimer.ts';
import { ZTIMER_MSEC, ZTIMER_SEC, ZTIMER_USEC, ztimer_now, ztimer_sleep } from '../../kernel/ztimer.ts';
import { runMain } from './harness.ts';

function later(clock: typeof ZTIMER_USEC, ticks: number, action: () => Blocking<unknown>): Blocking<number> {
  return thread_create({ length: 1024 }, 1024, 6, 0, function* () {
    yield* ztimer_sleep(clock, ticks);
    yield* action();
  }, null, 'later');
}

test('sema_wait_timed() waits so many microseconds, with 0 not at all', (t) => {
  // The clock tells how long each wait took.
  runMain(function* () {
    t.is(yield* sema_wait_timed(SEMA_CREATE(1), 0), 0);
    const sema = SEMA_CREATE_LOCKED();
    t.is(yield* sema_wait_timed(sema, 0), -EAGAIN);
    t.is(yield* sema_wait_timed(sema, 500), -ETIMEDOUT);
    t.is(ztimer_now(ZTIMER_USEC), 500);
    yield* later(ZTIMER_USEC, 100, () => sema_post(sema));
    t.is(yield* sema_wait_timed(sema, 500), 0);
    t.is(ztimer_now(ZTIMER_USEC), 600);
    yield* later(ZTIMER_USEC, 100, () => sema_destroy(sema));
    t.is(yield* sema_wait_timed(sema, 500), -ECANCELED);
  });
});

test('sema_wait_timed() waits longer than 32 bits of microseconds', (t) => {
  // 2^32 µs and 9 s: nobody posts; then somebody does after 75 minutes, in the second piece of the wait.
  const long = 2 ** 32 + 9_000_000;
  runMain(function* () {
    const sema = SEMA_CREATE_LOCKED();
    t.is(yield* sema_wait_timed(sema, long), -ETIMEDOUT);
    t.is(xtimer_now_usec64(), long);
    yield* later(ZTIMER_SEC, 4300, () => sema_post(sema));
    t.is(yield* sema_wait_timed(sema, long), 0);
    t.is(Math.round((xtimer_now_usec64() - long) / 1e6), 4300);
  });
});

test('an inverse semaphore lets its waiter on when the count is down to 0', (t) => {
  // Three posts, 1 ms apart; only the third says so.
  runMain(function* () {
    const sema = new sema_inv_t();
    sema_inv_init(sema, 3);
    const zero: boolean[] = [];
    for (const ms of [1, 2, 3]) {
      yield* later(ZTIMER_MSEC, ms, function* () {
        zero.push(yield* sema_inv_post(sema));
      });
    }
    t.is(sema_inv_try_wait(sema), 0);
    t.is(yield* sema_inv_wait_timeout(sema, 1500), -1);
    yield* sema_inv_wait(sema);
    t.deepEqual(zero, [false, false, true]);
    t.is(ztimer_now(ZTIMER_MSEC), 3);
  });
});

test('an inverse semaphore of bits lets its waiter on when the last bits that are set are cleared', (t) => {
  // RIOT asks whether the bits were just those of the mask: a mask with more bits clears but does not wake.
  runMain(function* () {
    const sema = new sema_inv_t();
    sema_inv_init(sema, 0x80000005);
    t.false(yield* sema_inv_post_mask(sema, 0x4));
    t.is(sema_inv_try_wait(sema), 0);
    t.false(yield* sema_inv_post_mask(sema, 0x1));
    t.true(yield* sema_inv_post_mask(sema, 0x80000000));
    t.is(sema_inv_try_wait(sema), 1);
    sema_inv_init(sema, 1);
    t.false(yield* sema_inv_post_mask(sema, 3));
    t.is(sema.value, 0);
    t.is(sema_inv_try_wait(sema), 0);
  });
});
