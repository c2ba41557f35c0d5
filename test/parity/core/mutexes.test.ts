// RIOT's tests/core/mutex_order, rmutex, cond_order and tests/sys/sema, written anew.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { cond_broadcast, cond_signal, cond_t, cond_wait } from '../../../kernel/cond.ts';
import { EAGAIN, ECANCELED, EOVERFLOW, ETIMEDOUT } from '../../../kernel/errno.ts';
import { MUTEX_INIT, mutex_lock, mutex_unlock } from '../../../kernel/mutex.ts';
import { rmutex_lock, rmutex_lock_max, rmutex_t, rmutex_unlock } from '../../../kernel/rmutex.ts';
import { THREAD_PRIORITY_MAIN } from '../../../kernel/sched.ts';
import {
  sema_create, sema_destroy, sema_post, sema_t, sema_try_wait, sema_wait, sema_wait_timed_ztimer,
} from '../../../kernel/sema.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { THREAD_CREATE_WOUT_YIELD, thread_create, thread_get_active, thread_yield } from '../../../kernel/thread.ts';
import { ZTIMER_USEC } from '../../../kernel/ztimer.ts';
import { STACKS } from '../../kernel/harness.ts';
import { expectRiotConsole } from './console.ts';

const MAIN = { length: STACKS.THREAD_STACKSIZE_MAIN };
const SMALL = { length: STACKS.THREAD_STACKSIZE_SMALL };
/** SMALL and what printf needs, 12,288 bytes. */
const SMALL_PRINTF = { length: STACKS.THREAD_STACKSIZE_SMALL + 4096 };

/** `T3 (prio 6` of the calling thread. */
function name(): string {
  const me = thread_get_active()!;
  return `T${me.pid} (prio ${me.priority}`;
}

test('mutex_order: waiting threads get the mutex by priority', (t) => {
  // RIOT's own console: they came in the order 6, 4, 0, 2, 1.
  const lock = MUTEX_INIT();
  function* locker(): Blocking<void> {
    printf(`${name()}): trying to lock mutex now\n`);
    yield* mutex_lock(lock);
    printf(`${name()}): locked mutex now\n`);
    yield* thread_yield();
    yield* mutex_unlock(lock);
  }
  expectRiotConsole(t, 'mutex_order', function* () {
    puts('Mutex order test');
    puts('Please refer to the README.md for more information\n');
    yield* mutex_lock(lock);
    for (const priority of [THREAD_PRIORITY_MAIN - 1, 4, 0, 2, 1]) {
      yield* thread_create(MAIN, MAIN.length, priority, 0, locker, null, 't');
    }
    yield* mutex_unlock(lock);
    yield* mutex_lock(lock);
    puts('\nTest END, check the order of priorities above.');
  });
});

test('rmutex: the owner locks again, others wait by priority; rmutex_lock_max() stops at its limit', (t) => {
  // RIOT's own console, 150 lines of it.
  const lock = new rmutex_t();
  const say = (depth: number, text: string): void => printf(`${name()}, depth ${depth}): ${text}\n`);
  function* deeper(depth: number, limit: number): Blocking<void> {
    say(depth, 'trying to lock rmutex now');
    yield* rmutex_lock(lock);
    say(depth, 'locked rmutex now');
    if (depth + 1 < limit) yield* deeper(depth + 1, limit);
    yield* thread_yield();
    yield* rmutex_unlock(lock);
    say(depth, 'unlocked rmutex');
  }
  function* deeperMax(depth: number, limit: number): Blocking<void> {
    say(depth, 'trying to lock rmutex now');
    if ((yield* rmutex_lock_max(lock, limit)) === 0) {
      say(depth, 'did not lock rmutex');
      return;
    }
    say(depth, 'locked rmutex now');
    yield* deeperMax(depth + 1, limit);
    yield* thread_yield();
    yield* rmutex_unlock(lock);
    say(depth, 'unlocked rmutex');
  }
  const threads: [priority: number, depth: number][] = [[THREAD_PRIORITY_MAIN - 1, 5], [4, 3], [5, 3], [2, 4], [4, 5]];
  function* round(number: number, task: (limit: number) => Blocking<void>): Blocking<void> {
    puts(`Test ${number} BEGIN`);
    if (number === 1) yield* rmutex_lock(lock);
    for (const [priority, depth] of threads) {
      yield* thread_create(SMALL_PRINTF, SMALL_PRINTF.length, priority, 0, task, depth, 't');
    }
    printf('main: unlocking recursive mutex\n');
    yield* rmutex_unlock(lock);
    yield* rmutex_lock(lock);
    puts(`\nTest ${number} END, check the order of priorities above.`);
  }
  expectRiotConsole(t, 'rmutex', function* () {
    puts('Recursive Mutex Test');
    puts('Please refer to the README.md for more information\n');
    yield* round(1, (limit) => deeper(0, limit));
    puts('Rerunning the test using rmutex_lock_max(..)\n');
    yield* round(2, (limit) => deeperMax(0, limit));
  });
});

test('cond_order: a condition wakes by priority, in the group that was signalled', (t) => {
  // RIOT's own console: three signals under the lock wake the best three when it is released.
  const lock = MUTEX_INIT();
  const cond = new cond_t();
  function* waiter(): Blocking<void> {
    yield* mutex_lock(lock);
    printf(`${name()}): waiting on condition variable now\n`);
    yield* cond_wait(cond, lock);
    printf(`${name()}): condition variable was signaled now\n`);
    yield* mutex_unlock(lock);
    yield* thread_yield();
    yield* mutex_unlock(lock);
  }
  expectRiotConsole(t, 'cond_order', function* () {
    puts('Condition variable order test');
    puts('Please refer to the README.md for more information\n');
    yield* cond_signal(cond);
    yield* cond_broadcast(cond);
    for (const priority of [THREAD_PRIORITY_MAIN - 1, 4, 0, 2, 1]) {
      yield* thread_create(MAIN, MAIN.length, priority, 0, waiter, null, 't');
    }
    yield* mutex_lock(lock);
    for (let i = 0; i < 3; i++) yield* cond_signal(cond);
    printf('First batch was signaled\n');
    yield* mutex_unlock(lock);
    printf('First batch has woken up\n');
    yield* mutex_lock(lock);
    yield* cond_broadcast(cond);
    printf('Second batch was signaled\n');
    yield* mutex_unlock(lock);
    printf('Second batch has woken up\n');
    yield* mutex_lock(lock);
    puts('\nTest END, check the order of priorities above.');
  });
});

test('sema: posts, waits, time-outs, destruction and overflow', (t) => {
  // RIOT's own console, and each return value that RIOT's test expects.
  const first = new sema_t();
  const second = new sema_t();
  const results: number[] = [];
  function* thread(): Blocking<void> {
    yield* sema_post(first);
    yield* sema_post(first);
    results.push(yield* sema_try_wait(second));
    results.push(yield* sema_wait_timed_ztimer(first, ZTIMER_USEC, 1000));
    results.push(yield* sema_wait_timed_ztimer(second, ZTIMER_USEC, 1000));
    results.push(yield* sema_wait(second));
  }
  expectRiotConsole(t, 'sema', function* () {
    sema_create(first, 0);
    sema_create(second, 1);
    t.is(yield* sema_try_wait(first), -EAGAIN);
    t.is(yield* sema_wait_timed_ztimer(first, ZTIMER_USEC, 1000), -ETIMEDOUT);
    yield* thread_create(SMALL, SMALL.length, THREAD_PRIORITY_MAIN - 1, THREAD_CREATE_WOUT_YIELD,
      thread, null, 'second_thread');
    t.is(yield* sema_wait(first), 0);
    yield* sema_post(second);
    yield* sema_destroy(first);
    yield* sema_destroy(second);
    yield* sema_post(second);
    t.is(yield* sema_wait_timed_ztimer(first, ZTIMER_USEC, 1000), -ECANCELED);
    t.is(yield* sema_wait(first), -ECANCELED);
    t.is(yield* sema_try_wait(first), -ECANCELED);
    first.value = 0xffffffff;
    t.is(yield* sema_post(first), -EOVERFLOW);
    t.deepEqual(results, [0, 0, 0, -ECANCELED]);
    printf('SUCCESS\n');
  });
});
