// kernel/xtimer.ts and ztimer_rmutex_lock_timeout().
import test from 'ava';
import { ECANCELED, ETIME } from '../../kernel/errno.ts';
import { msg_array, msg_init_queue, msg_receive, msg_t } from '../../kernel/msg.ts';
import { MUTEX_INIT_LOCKED } from '../../kernel/mutex.ts';
import { RMUTEX_INIT, rmutex_lock, rmutex_unlock } from '../../kernel/rmutex.ts';
import { thread_create, thread_getpid, thread_sleep } from '../../kernel/thread.ts';
import { THREAD_FLAG_TIMEOUT, thread_flags_wait_any } from '../../kernel/thread_flags.ts';
import {
  xtimer_diff, xtimer_diff32_64, xtimer_diff64, xtimer_is_set, xtimer_left_usec, xtimer_less, xtimer_less64,
  xtimer_msec_from_ticks, xtimer_msg_receive_timeout, xtimer_msg_receive_timeout64, xtimer_msleep,
  xtimer_mutex_lock_timeout, xtimer_now, xtimer_now64, xtimer_now_msec, xtimer_now_usec, xtimer_now_usec64,
  xtimer_periodic_wakeup, xtimer_remove, xtimer_rmutex_lock_timeout, xtimer_set, xtimer_set64, xtimer_set_msg,
  xtimer_set_msg64, xtimer_set_timeout_flag64, xtimer_set_wakeup, xtimer_set_wakeup64, xtimer_sleep, xtimer_spin,
  xtimer_t, xtimer_ticks64, xtimer_ticks_from_usec64, xtimer_tsleep32, xtimer_tsleep64, xtimer_usec_from_ticks64,
  xtimer_usleep, xtimer_usleep64,
} from '../../kernel/xtimer.ts';
import { ZTIMER_USEC, ztimer_rmutex_lock_timeout } from '../../kernel/ztimer.ts';
import { runMain } from './harness.ts';

test('each way of sleeping takes its time', (t) => {
  // One after the other: the clock adds them up.
  runMain(function* () {
    yield* xtimer_sleep(2);
    yield* xtimer_msleep(30);
    yield* xtimer_usleep(400);
    yield* xtimer_tsleep32(50);
    yield* xtimer_spin(50);
    t.deepEqual([xtimer_now(), xtimer_now_usec(), xtimer_now_msec()], [2_030_500, 2_030_500, 2030]);
    const last = { value: xtimer_now() };
    yield* xtimer_periodic_wakeup(last, 1000);
    t.deepEqual([xtimer_now(), last.value], [2_031_500, 2_031_500]);
    yield* xtimer_sleep(5_000_000);
    t.is(xtimer_now(), (2_031_500 + 5e12) % 2 ** 32);
  });
});

test('timers, messages, flags and wake-ups in microseconds', (t) => {
  // Each wait ends when its timer says.
  runMain(function* () {
    msg_init_queue(msg_array(2), 2);
    const timer = new xtimer_t();
    xtimer_set(timer, 100);
    t.true(xtimer_is_set(timer));
    xtimer_remove(timer);
    t.false(xtimer_is_set(timer));
    xtimer_set_msg(timer, 100, new msg_t(), thread_getpid());
    yield* msg_receive(new msg_t());
    t.is(xtimer_now(), 100);
    t.is(yield* xtimer_msg_receive_timeout(new msg_t(), 200), -ETIME);
    xtimer_set_timeout_flag64(timer, 300);
    yield* thread_flags_wait_any(THREAD_FLAG_TIMEOUT);
    xtimer_set_wakeup(timer, 400, thread_getpid());
    yield* thread_sleep();
    t.is(xtimer_now(), 1000);
  });
});

test('locks with a time-out answer -1 where ztimer says -ECANCELED', (t) => {
  // A recursive mutex that the caller holds is locked once more; one of another thread is not.
  runMain(function* () {
    t.is(yield* xtimer_mutex_lock_timeout(MUTEX_INIT_LOCKED(), 50), -1);
    const rmutex = RMUTEX_INIT();
    t.is(yield* xtimer_rmutex_lock_timeout(rmutex, 50), 0);
    t.is(yield* xtimer_rmutex_lock_timeout(rmutex, 50), 0);
    t.is(rmutex.refcount, 2);
    const results: number[] = [];
    yield* thread_create({ length: 1024 }, 1024, 6, 0, function* () {
      results.push(yield* xtimer_rmutex_lock_timeout(rmutex, 50));
      results.push(yield* ztimer_rmutex_lock_timeout(ZTIMER_USEC, rmutex, 50));
      results.push(yield* ztimer_rmutex_lock_timeout(ZTIMER_USEC, rmutex, 500));
      yield* rmutex_lock(rmutex);
      results.push(rmutex.refcount);
    }, null, 't');
    yield* xtimer_usleep(200);
    yield* rmutex_unlock(rmutex);
    yield* rmutex_unlock(rmutex);
    t.deepEqual(results, [-1, -ECANCELED, 0, 2]);
  });
});

test('64 bits: times beyond the 71 minutes at which the 32-bit clock wraps', (t) => {
  // Each call is told 5 s more than 2^32 µs; the 32-bit clock would be through after 5 s.
  const long = 2 ** 32 + 5_000_000;
  runMain(function* () {
    msg_init_queue(msg_array(2), 2);
    yield* xtimer_usleep64(long);
    t.is(xtimer_now64(), long);
    t.is(xtimer_now_usec64(), long);
    t.is(xtimer_now(), 5_000_000);
    yield* xtimer_tsleep64(xtimer_ticks64(70));
    t.is(xtimer_now64(), long + 70);
    let start = xtimer_now64();
    const timer = new xtimer_t(() => {
      t.is(xtimer_now64() - start, long);
    });
    t.is(xtimer_left_usec(timer), 0);
    xtimer_set64(timer, long);
    t.is(xtimer_left_usec(timer), long);
    yield* xtimer_usleep64(long + 1);
    t.is(xtimer_left_usec(timer), 0);

    start = xtimer_now64();
    xtimer_set_msg64(timer, long, new msg_t(), thread_getpid());
    yield* msg_receive(new msg_t());
    t.is(xtimer_diff64(xtimer_now64(), start), long);
    xtimer_set_wakeup64(timer, long, thread_getpid());
    yield* thread_sleep();
    t.is(xtimer_diff64(xtimer_now64(), start), 2 * long);
    t.is(yield* xtimer_msg_receive_timeout64(new msg_t(), long), -ETIME);
    t.is(xtimer_diff64(xtimer_now64(), start), 3 * long);
    xtimer_set_msg64(timer, 9, new msg_t(), thread_getpid());
    t.is(yield* xtimer_msg_receive_timeout64(new msg_t(), long), 1);
  });
  t.plan(13);
});

test('a time-out of more than 32 bits of a lock is asserted against', (t) => {
  // RIOT's text of an assertion, with the line of the compatibility header.
  t.regex(runMain(() => xtimer_mutex_lock_timeout(MUTEX_INIT_LOCKED(), 2 ** 32)), /xtimer_compat\.h:306 => /);
  t.regex(runMain(() => xtimer_rmutex_lock_timeout(RMUTEX_INIT(), 2 ** 32)), /xtimer_compat\.h:328 => /);
});

test('arithmetic on ticks', (t) => {
  // Milliseconds are rounded up, differences wrap.
  t.deepEqual([xtimer_msec_from_ticks(1000), xtimer_msec_from_ticks(1001)], [1, 2]);
  t.is(xtimer_diff(5, 10), 2 ** 32 - 5);
  t.true(xtimer_less(1, 2));
  t.deepEqual([xtimer_usec_from_ticks64(2 ** 40), xtimer_ticks_from_usec64(2 ** 40)], [2 ** 40, 2 ** 40]);
  t.is(xtimer_diff32_64(2 ** 33 + 5, 3), 2);
  t.true(xtimer_less64(2 ** 32, 2 ** 32 + 1));
});
