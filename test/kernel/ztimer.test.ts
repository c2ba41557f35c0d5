// kernel/ztimer.ts and kernel/ztimer/.
import test from 'ava';
import type { Blocking } from '../../kernel/blocking.ts';
import { ECANCELED, ETIME, ETIMEDOUT } from '../../kernel/errno.ts';
import { MBOX_INIT, mbox_put } from '../../kernel/mbox.ts';
import { KERNEL_PID_ISR, msg_array, msg_init_queue, msg_receive, msg_send_int, msg_t } from '../../kernel/msg.ts';
import { MUTEX_INIT_LOCKED, mutex_lock } from '../../kernel/mutex.ts';
import { printf } from '../../kernel/stdio.ts';
import { thread_create, thread_getpid, thread_sleep } from '../../kernel/thread.ts';
import {
  ZTIMER_MSEC, ZTIMER_SEC, ZTIMER_USEC, ztimer_acquire, ztimer_is_set, ztimer_mbox_get_timeout,
  ztimer_msg_receive_timeout, ztimer_mutex_lock_timeout, ztimer_mutex_unlock, ztimer_now,
  ztimer_periodic_wakeup, ztimer_release, ztimer_remove, ztimer_set, ztimer_set_msg, ztimer_set_wakeup,
  ztimer_sleep, ztimer_t,
} from '../../kernel/ztimer.ts';
import {
  ZTIMER_PERIODIC_KEEP_GOING, ztimer_periodic_init, ztimer_periodic_start, ztimer_periodic_stop, ztimer_periodic_t,
} from '../../kernel/ztimer/periodic.ts';
import {
  ztimer_stopwatch_init, ztimer_stopwatch_measure, ztimer_stopwatch_reset, ztimer_stopwatch_start,
  ztimer_stopwatch_stop, ztimer_stopwatch_t,
} from '../../kernel/ztimer/stopwatch.ts';
import { TestBoard, runMain } from './harness.ts';

/** A timer that prints `text`. */
function say(text: string): ztimer_t {
  return new ztimer_t(() => printf(`${text} `) as undefined);
}

test('timers of one instant fire in the order in which they were set, over clocks too', (t) => {
  // The third is moved behind the others by setting it again.
  t.is(runMain(function* () {
    const c = say('c');
    ztimer_set(ZTIMER_USEC, c, 5000);
    ztimer_set(ZTIMER_USEC, say('a'), 5000);
    ztimer_set(ZTIMER_MSEC, say('b'), 5);
    ztimer_set(ZTIMER_USEC, c, 5000);
    ztimer_set(ZTIMER_USEC, say('first'), 4999);
    yield* thread_sleep();
  }), 'first a b c ');
});

test('is_set and remove: before, while and after a timer runs', (t) => {
  // Removing a timer that has fired, or twice, answers false.
  runMain(function* () {
    const seen: boolean[] = [];
    const timer: ztimer_t = new ztimer_t(() => void seen.push(ztimer_is_set(ZTIMER_USEC, timer)) as undefined);
    t.false(ztimer_is_set(ZTIMER_USEC, timer));
    t.false(ztimer_remove(ZTIMER_USEC, timer));
    t.is(ztimer_set(ZTIMER_USEC, timer, 100), 0);
    t.true(ztimer_is_set(ZTIMER_USEC, timer));
    t.false(ztimer_is_set(ZTIMER_MSEC, timer));
    t.true(ztimer_remove(ZTIMER_USEC, timer));
    t.false(ztimer_remove(ZTIMER_USEC, timer));
    ztimer_set(ZTIMER_USEC, timer, 100);
    yield* ztimer_sleep(ZTIMER_USEC, 200);
    t.deepEqual(seen, [false]);
  });
});

test('the clocks count from the board\'s boot, in their ticks', (t) => {
  // Booted at 123,456 µs of virtual time.
  const board = new TestBoard(function* () {
    t.is(ztimer_now(ZTIMER_USEC), 0);
    yield* ztimer_sleep(ZTIMER_USEC, 2_999_999);
    t.deepEqual([ZTIMER_USEC, ZTIMER_MSEC, ZTIMER_SEC].map(ztimer_now), [2_999_999, 2999, 2]);
    yield* ztimer_sleep(ZTIMER_USEC, 10);
    t.deepEqual([ZTIMER_USEC, ZTIMER_MSEC, ZTIMER_SEC].map(ztimer_now), [3_000_009, 3000, 3]);
  }, { bootAt: 123_456 });
  t.is(board.run().time, 123_456 + 3_000_009);
});

test('a microsecond clock wraps at 32 bits, and timers set across that fire in time', (t) => {
  // 4,294 s in; a sleep over the wrap is as long as any other.
  runMain(function* () {
    yield* ztimer_sleep(ZTIMER_SEC, 4294);
    yield* ztimer_sleep(ZTIMER_USEC, 967_000);
    t.is(ztimer_now(ZTIMER_USEC), 4_294_967_000);
    yield* ztimer_sleep(ZTIMER_USEC, 1000);
    t.is(ztimer_now(ZTIMER_USEC), 4_294_968_000 - 2 ** 32);
    t.is(ztimer_now(ZTIMER_MSEC), 4_294_968);
  });
});

test('n milliseconds are n * 1000 µs from the call, not from the edge of a millisecond', (t) => {
  // RIOT's fraction clock: set at 1,500 µs.
  runMain(function* () {
    yield* ztimer_sleep(ZTIMER_USEC, 1500);
    yield* ztimer_sleep(ZTIMER_MSEC, 10);
    t.is(ztimer_now(ZTIMER_USEC), 11_500);
  });
});

test('setting another millisecond timer re-arms the first one from then on, by whole ticks', (t) => {
  // RIOT's clock forgets the fraction: set at 1.5 ms for 10 ms and touched at 1.9 ms, due at 11.9 ms.
  const times: number[] = [];
  runMain(function* () {
    yield* ztimer_sleep(ZTIMER_USEC, 1500);
    ztimer_set(ZTIMER_MSEC, new ztimer_t(() => void times.push(ztimer_now(ZTIMER_USEC)) as undefined), 10);
    yield* ztimer_sleep(ZTIMER_USEC, 400);
    ztimer_set(ZTIMER_MSEC, new ztimer_t(() => void times.push(ztimer_now(ZTIMER_USEC)) as undefined), 20);
    yield* thread_sleep();
  });
  t.deepEqual(times, [11_900, 21_900]);
});

test('the hardware\'s shortest alarm delays what is due sooner', (t) => {
  // CONFIG_ZTIMER_USEC_MIN: 10 by default, 64 on native; 0 fires then, never inside the call.
  for (const min of [10, 64]) {
    const times: number[] = [];
    runMain(function* () {
      for (const ticks of [0, 1, min, min + 1]) {
        const start = ztimer_now(ZTIMER_USEC);
        yield* ztimer_sleep(ZTIMER_USEC, ticks);
        times.push(ztimer_now(ZTIMER_USEC) - start);
      }
    }, { config: { CONFIG_ZTIMER_USEC_MIN: min } });
    t.deepEqual(times, [min, min, min, min + 1]);
  }
});

test('a callback may set its own timer again', (t) => {
  // Three times, 100 µs apart, then no more.
  const times: number[] = [];
  runMain(function* () {
    const timer: ztimer_t = new ztimer_t(() => {
      times.push(ztimer_now(ZTIMER_USEC));
      if (times.length < 3) ztimer_set(ZTIMER_USEC, timer, 100);
      return undefined;
    });
    ztimer_set(ZTIMER_USEC, timer, 100);
    yield* thread_sleep();
  });
  t.deepEqual(times, [100, 200, 300]);
});

test('ztimer_sleep() in an interrupt handler is a failed assertion', (t) => {
  // RIOT sys/ztimer/util.c:45; in a handler that is a panic.
  const board = new TestBoard(() => thread_sleep());
  board.interruptAt(1, () => ztimer_sleep(ZTIMER_USEC, 1));
  t.regex(board.run().printed, /^sys\/ztimer\/util\.c:45 => \*\*\* RIOT kernel panic:\nFAILED ASSERTION\.\n/);
});

test('ztimer_periodic_wakeup() keeps its rhythm over work, and starts anew when it is late', (t) => {
  // 300 µs of work in each period of 1,000; then a pause of 5,000: it returns at once.
  const times: number[] = [];
  runMain(function* () {
    const last = { value: ztimer_now(ZTIMER_USEC) };
    for (const pause of [300, 300, 5000, 0, 0]) {
      yield* ztimer_periodic_wakeup(ZTIMER_USEC, last, 1000);
      times.push(ztimer_now(ZTIMER_USEC));
      if (pause > 0) yield* ztimer_sleep(ZTIMER_USEC, pause);
    }
  });
  t.deepEqual(times, [1000, 2000, 3000, 8000, 9000]);
});

test('ztimer_set_msg() sends as an interrupt: delivered, queued or lost', (t) => {
  // The third finds the queue of one full: only two arrive.
  t.is(runMain(function* () {
    msg_init_queue(msg_array(1), 1);
    const me = thread_getpid();
    const messages = msg_array(3);
    for (const [i, m] of messages.entries()) {
      m.type = i;
      ztimer_set_msg(ZTIMER_MSEC, new ztimer_t(), i + 1, m, me);
    }
    const m = new msg_t();
    yield* msg_receive(m);
    printf(`${m.type} ${m.sender_pid === KERNEL_PID_ISR()} at ${ztimer_now(ZTIMER_MSEC)} `);
    yield* ztimer_sleep(ZTIMER_MSEC, 10);
    printf(`${yield* ztimer_msg_receive_timeout(ZTIMER_MSEC, m, 10)} ${m.type} `);
    printf(`${yield* ztimer_msg_receive_timeout(ZTIMER_MSEC, m, 10)} at ${ztimer_now(ZTIMER_MSEC)}`);
  }), `0 true at 1 1 1 ${-ETIME} at 21`);
});

test('ztimer_msg_receive_timeout() takes back its time-out when a message comes', (t) => {
  // Otherwise the time-out message would come later: none does.
  const board = new TestBoard(function* () {
    msg_init_queue(msg_array(4), 4);
    const me = thread_getpid();
    const m = new msg_t();
    board.interruptAt(5000, () => void msg_send_int(new msg_t(), me) as undefined);
    t.is(yield* ztimer_msg_receive_timeout(ZTIMER_MSEC, m, 10), 1);
    t.is(yield* ztimer_msg_receive_timeout(ZTIMER_MSEC, m, 100), -ETIME);
    t.is(ztimer_now(ZTIMER_MSEC), 105);
  });
  board.run();
});

test('ztimer_mbox_get_timeout(): a message in time, one that is there, none, and one at the very end', (t) => {
  // After a time-out the thread is out of the list: the next message is queued, not lost.
  const mbox = MBOX_INIT(msg_array(2), 2);
  const board = new TestBoard(function* () {
    const m = new msg_t();
    board.interruptAt(5000, () => mbox_put(mbox, new msg_t()));
    t.is(yield* ztimer_mbox_get_timeout(ZTIMER_MSEC, mbox, m, 10), 0);
    t.is(ztimer_now(ZTIMER_MSEC), 5);
    t.is(yield* ztimer_mbox_get_timeout(ZTIMER_MSEC, mbox, m, 10), -ETIMEDOUT);
    t.is(ztimer_now(ZTIMER_MSEC), 15);
    yield* mbox_put(mbox, new msg_t());
    t.is(yield* ztimer_mbox_get_timeout(ZTIMER_MSEC, mbox, m, 10), 0);
    t.is(ztimer_now(ZTIMER_MSEC), 15);
  });
  board.run();
});

test('ztimer_mutex_lock_timeout() of a mutex unlocked in time holds it; the timer is gone', (t) => {
  // ztimer_mutex_unlock() does the unlocking; a later -ECANCELED would come from a stale timer.
  runMain(function* () {
    const mutex = MUTEX_INIT_LOCKED();
    ztimer_mutex_unlock(ZTIMER_MSEC, new ztimer_t(), 5, mutex);
    t.is(yield* ztimer_mutex_lock_timeout(ZTIMER_MSEC, mutex, 10), 0);
    t.is(ztimer_now(ZTIMER_MSEC), 5);
    ztimer_mutex_unlock(ZTIMER_MSEC, new ztimer_t(), 50, mutex);
    yield* mutex_lock(mutex);
    t.is(ztimer_now(ZTIMER_MSEC), 55);
    t.is(yield* ztimer_mutex_lock_timeout(ZTIMER_MSEC, mutex, 10), -ECANCELED);
  });
});

test('ztimer_set_wakeup() wakes a sleeping thread', (t) => {
  // Set twice: the second setting counts.
  runMain(function* () {
    const timer = new ztimer_t();
    ztimer_set_wakeup(ZTIMER_MSEC, timer, 3, thread_getpid());
    ztimer_set_wakeup(ZTIMER_MSEC, timer, 7, thread_getpid());
    yield* thread_sleep();
    t.is(ztimer_now(ZTIMER_MSEC), 7);
  });
});

test('without module ztimer_ondemand acquire and release answer false', (t) => {
  // RIOT's inline versions.
  t.false(ztimer_acquire(ZTIMER_USEC));
  t.false(ztimer_release(ZTIMER_USEC));
});

test('the platform\'s alarm is set only when it changes, and cancelled with the last timer', (t) => {
  // 100 later timers behind the first one do not touch it.
  const board = new TestBoard(function* () {
    const first = say('x');
    ztimer_set(ZTIMER_USEC, first, 1000);
    for (let i = 0; i < 100; i++) ztimer_set(ZTIMER_USEC, say('y'), 10_000 + i);
    t.is(board.alarmsSet, 1);
    yield* thread_sleep();
  });
  board.run(0);
  const two = new TestBoard(function* () {
    const timer = say('x');
    ztimer_set(ZTIMER_USEC, timer, 1000);
    ztimer_remove(ZTIMER_USEC, timer);
    yield* thread_sleep();
  });
  t.is(two.run().time, 0);
});

test('a thousand sleepers wake each in its microsecond', (t) => {
  // Different periods; the log of times must be sorted and complete.
  const times: number[] = [];
  runMain(function* () {
    for (let i = 0; i < 1000; i++) {
      const ticks = 1000 + ((i * 7919) % 5000);
      yield* thread_create({ length: 1024 }, 1024, 6, 0, function* (): Blocking<void> {
        yield* ztimer_sleep(ZTIMER_USEC, ticks);
        t.is(ztimer_now(ZTIMER_USEC), ticks);
        times.push(ticks);
      }, null, 's');
    }
  }, { config: { MAXTHREADS: 1002, CONFIG_ZTIMER_USEC_MIN: 1 } });
  t.is(times.length, 1000);
  t.deepEqual(times, [...times].sort((a, b) => a - b));
});

test('ztimer_periodic_init() stops a timer and sets it up anew; one that was never set up stays silent', (t) => {
  // The old callback would come at 1000; the new one comes each 3 ms. A timer without a callback ends when it is due.
  const calls: string[] = [];
  runMain(function* () {
    const timer = new ztimer_periodic_t<string>(ZTIMER_USEC, (name) => calls.push(name) > 0, 'old', 1000);
    ztimer_periodic_start(timer);
    ztimer_periodic_init(ZTIMER_MSEC, timer, (name) => {
      calls.push(`${name} ${ztimer_now(ZTIMER_USEC)}`);
      return ZTIMER_PERIODIC_KEEP_GOING;
    }, 'new', 3);
    yield* ztimer_sleep(ZTIMER_USEC, 5000);
    t.deepEqual(calls, []);
    ztimer_periodic_start(timer);
    ztimer_periodic_start(new ztimer_periodic_t());
    yield* ztimer_sleep(ZTIMER_USEC, 7000);
    ztimer_periodic_stop(timer);
  });
  t.deepEqual(calls, ['new 8000', 'new 11000']);
});

test('a stopwatch tells the ticks since its start or reset, also over the wrap of its clock', (t) => {
  // Sleeps of known length in between; 4,294 s are 2^32 µs less 0.97 s.
  runMain(function* () {
    const watch = new ztimer_stopwatch_t();
    ztimer_stopwatch_start(watch);
    yield* ztimer_sleep(ZTIMER_USEC, 300);
    t.is(ztimer_stopwatch_measure(watch), 300);
    yield* ztimer_sleep(ZTIMER_USEC, 200);
    t.is(ztimer_stopwatch_reset(watch), 500);
    yield* ztimer_sleep(ZTIMER_SEC, 4294);
    t.is(ztimer_stopwatch_reset(watch), 4_294_000_000);
    yield* ztimer_sleep(ZTIMER_SEC, 2);
    t.is(ztimer_stopwatch_measure(watch), 2_000_000);
    ztimer_stopwatch_stop(watch);
    ztimer_stopwatch_init(ZTIMER_MSEC, watch);
    ztimer_stopwatch_start(watch);
    yield* ztimer_sleep(ZTIMER_USEC, 4000);
    t.is(ztimer_stopwatch_measure(watch), 4);
  });
});
