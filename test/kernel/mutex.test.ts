// kernel/mutex.ts, kernel/rmutex.ts and kernel/cond.ts.
import test from 'ava';
import type { Blocking } from '../../kernel/blocking.ts';
import { cond_t, cond_wait } from '../../kernel/cond.ts';
import { ECANCELED } from '../../kernel/errno.ts';
import {
  MUTEX_INIT, MUTEX_INIT_LOCKED, mutex_cancel, mutex_cancel_init, mutex_init, mutex_init_locked,
  mutex_lock, mutex_lock_cancelable, mutex_t, mutex_trylock, mutex_unlock, mutex_unlock_and_sleep,
} from '../../kernel/mutex.ts';
import {
  RMUTEX_INIT, rmutex_init, rmutex_lock, rmutex_trylock, rmutex_trylock_max, rmutex_unlock,
} from '../../kernel/rmutex.ts';
import { STATUS_MUTEX_BLOCKED, STATUS_SLEEPING } from '../../kernel/sched.ts';
import { printf } from '../../kernel/stdio.ts';
import {
  thread_create, thread_get_active, thread_getstatus, thread_sleep, thread_wakeup,
} from '../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../kernel/ztimer.ts';
import { TestBoard, runMain } from './harness.ts';

const STACK = { length: 1024 };

function create<T>(priority: number, task: (arg: T) => Blocking<unknown>, arg: T): Blocking<number> {
  return thread_create(STACK, STACK.length, priority, 0, task, arg, 't');
}

test('trylock succeeds on a free mutex only, and unlocking a free one changes nothing', (t) => {
  // RIOT: 1 and 0; unlocking twice does not make it "more" free.
  runMain(function* () {
    const mutex = MUTEX_INIT();
    t.deepEqual([mutex_trylock(mutex), mutex_trylock(mutex)], [1, 0]);
    yield* mutex_unlock(mutex);
    yield* mutex_unlock(mutex);
    t.deepEqual([mutex_trylock(mutex), mutex_trylock(mutex)], [1, 0]);
    t.is(mutex_trylock(MUTEX_INIT_LOCKED()), 0);
    mutex_init(mutex);
    t.is(mutex_trylock(mutex), 1);
    mutex_init_locked(mutex);
    t.is(mutex_trylock(mutex), 0);
  });
});

test('unlocking hands the mutex over: nobody else can take it in between', (t) => {
  // The waiter is worse than main, so main runs on, but the mutex is the waiter's already.
  t.is(runMain(function* () {
    const mutex = MUTEX_INIT_LOCKED();
    yield* create(8, function* () {
      yield* mutex_lock(mutex);
      printf('waiter');
    }, null);
    yield* ztimer_sleep(ZTIMER_USEC, 1);
    yield* mutex_unlock(mutex);
    printf(`main ${mutex_trylock(mutex)} `);
  }), 'main 0 waiter');
});

test('an interrupt handler may unlock', (t) => {
  // As drivers do to end a wait.
  const mutex = MUTEX_INIT_LOCKED();
  const board = new TestBoard(function* () {
    yield* mutex_lock(mutex);
    printf('unlocked');
  });
  board.interruptAt(9, () => mutex_unlock(mutex));
  t.is(board.run().printed, 'unlocked');
});

test('locking a locked mutex in an interrupt handler is undefined on RIOT: said so', (t) => {
  // The interrupted thread must not be blocked for it.
  const board = new TestBoard(function* () {
    yield* thread_sleep();
  });
  board.interruptAt(9, () => mutex_lock(MUTEX_INIT_LOCKED()));
  t.is(board.run().printed, 'undefined on RIOT: mutex_lock() of a locked mutex in an interrupt handler\n');
  t.is(board.kernel.threads[2]?.status, STATUS_SLEEPING);
});

test('mutex_unlock_and_sleep() gives the mutex away before the caller sleeps', (t) => {
  // The worse waiter gets it although the caller is not woken; without waiters it is free.
  t.is(runMain(function* () {
    const mutex = MUTEX_INIT_LOCKED();
    const main = thread_get_active()!.pid;
    yield* create(8, function* () {
      yield* mutex_lock(mutex);
      printf('waiter ');
      yield* thread_wakeup(main);
      printf('end');
    }, null);
    yield* ztimer_sleep(ZTIMER_USEC, 1);
    yield* mutex_unlock_and_sleep(mutex);
    printf('main ');
  }), 'waiter main end');
  runMain(function* () {
    const mutex = MUTEX_INIT_LOCKED();
    yield* create(6, mutex_unlock_and_sleep, mutex);
    t.is(mutex_trylock(mutex), 1);
  });
});

test('a cancelled lock ends with -ECANCELED: cancelled before, while waiting, and not after', (t) => {
  // RIOT's two corner cases (mutex.h) and the plain one.
  runMain(function* () {
    const mutex = new mutex_t();
    const before = mutex_cancel_init(mutex);
    yield* mutex_cancel(before);
    t.is(yield* mutex_lock_cancelable(before), -ECANCELED);
    t.is(mutex_trylock(mutex), 1);

    const results: number[] = [];
    let waiting = mutex_cancel_init(mutex);
    const pid = yield* create(6, function* () {
      waiting = mutex_cancel_init(mutex);
      results.push(yield* mutex_lock_cancelable(waiting));
    }, null);
    t.is(thread_getstatus(pid), STATUS_MUTEX_BLOCKED);
    yield* mutex_cancel(waiting);
    t.deepEqual(results, [-ECANCELED]);

    yield* mutex_unlock(mutex);
    const after = mutex_cancel_init(mutex);
    t.is(yield* mutex_lock_cancelable(after), 0);
    yield* mutex_cancel(after);
    t.is(mutex_trylock(mutex), 0);
  });
});

test('a cancelled waiter is out of the queue: the next one gets the mutex', (t) => {
  // Otherwise the unlock would wake a thread that does not wait.
  t.is(runMain(function* () {
    const mutex = MUTEX_INIT_LOCKED();
    const mc = { it: mutex_cancel_init(mutex) };
    yield* create(5, function* () {
      mc.it = mutex_cancel_init(mutex);
      printf(`first ${yield* mutex_lock_cancelable(mc.it)} `);
    }, null);
    yield* create(6, function* () {
      yield* mutex_lock(mutex);
      printf('second');
    }, null);
    yield* mutex_cancel(mc.it);
    yield* mutex_unlock(mutex);
  }), `first ${-ECANCELED} second`);
});

test('without priority inheritance a waiting better thread does not raise the owner', (t) => {
  // The module decides: the owner's priority while a thread of priority 3 waits.
  for (const [modules, priority] of [[[], 7], [['core_mutex_priority_inheritance'], 3]] as const) {
    runMain(function* () {
      const mutex = new mutex_t();
      yield* mutex_lock(mutex);
      yield* create(3, mutex_lock, mutex);
      t.is(thread_get_active()!.priority, priority);
      yield* mutex_unlock(mutex);
      t.is(thread_get_active()!.priority, 7);
    }, { modules });
  }
});

test('a recursive mutex counts: other threads get it after the last unlock', (t) => {
  // trylock says 1 to the owner and 0 to others, at its limit 0 to the owner too.
  runMain(function* () {
    const rmutex = RMUTEX_INIT();
    const other: number[] = [];
    const tryIt = (): Blocking<number> => create(6, function* () {
      other.push(rmutex_trylock(rmutex));
    }, null);
    yield* rmutex_lock(rmutex);
    t.is(rmutex_trylock(rmutex), 1);
    t.is(rmutex_trylock_max(rmutex, 2), 0);
    yield* tryIt();
    yield* rmutex_unlock(rmutex);
    yield* tryIt();
    yield* rmutex_unlock(rmutex);
    yield* tryIt();
    t.deepEqual(other, [0, 0, 1]);
  });
});

test('rmutex_init() makes a recursive mutex free, whoever held it', (t) => {
  // Another thread gets it at once, once.
  runMain(function* () {
    const rmutex = RMUTEX_INIT();
    yield* rmutex_lock(rmutex);
    yield* rmutex_lock(rmutex);
    rmutex_init(rmutex);
    const other: number[] = [];
    yield* create(6, function* () {
      other.push(rmutex_trylock(rmutex), rmutex.refcount);
    }, null);
    t.deepEqual(other, [1, 1]);
    t.is(rmutex_trylock(rmutex), 0);
  });
});

test('unlocking a recursive mutex of somebody else is a failed assertion', (t) => {
  // RIOT core/lib/rmutex.c:164; a limit of 0 is one too, :45.
  t.is(runMain(() => rmutex_unlock(RMUTEX_INIT())), 'core/lib/rmutex.c:164 => FAILED ASSERTION.\n');
  t.is(runMain(function* () {
    rmutex_trylock_max(RMUTEX_INIT(), 0);
  }), 'core/lib/rmutex.c:45 => FAILED ASSERTION.\n');
});

test('holding a recursive mutex 65,536 times is a panic', (t) => {
  // RIOT: the count has 16 bits.
  t.regex(runMain(function* () {
    const rmutex = RMUTEX_INIT();
    for (let i = 0; i < 65_535; i++) yield* rmutex_lock(rmutex);
    printf('full ');
    yield* rmutex_lock(rmutex);
  }), /^full \*\*\* RIOT kernel panic:\nrmutex refcount overflow\n/);
});

test('cond_wait() in an interrupt handler is undefined on RIOT: said so', (t) => {
  // The interrupted thread must not be blocked for it.
  const board = new TestBoard(function* () {
    yield* thread_sleep();
  });
  board.interruptAt(9, () => cond_wait(new cond_t(), MUTEX_INIT_LOCKED()));
  t.is(board.run().printed, 'undefined on RIOT: cond_wait() in an interrupt handler\n');
});
