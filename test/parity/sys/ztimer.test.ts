// RIOT's tests/sys/ztimer_msg, ztimer_mbox_get_timeout, ztimer_rmutex_lock_timeout, ztimer_underflow and
// ztimer_xsec, written anew. All have recorded consoles.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { ECANCELED, ETIMEDOUT } from '../../../kernel/errno.ts';
import { irq_disable } from '../../../kernel/irq.ts';
import { MBOX_INIT, mbox_put, mbox_try_put } from '../../../kernel/mbox.ts';
import { msg_array, msg_init_queue, msg_receive, msg_send_int, msg_t, msg_try_send } from '../../../kernel/msg.ts';
import { MUTEX_INIT_LOCKED, mutex_lock, mutex_trylock, mutex_unlock } from '../../../kernel/mutex.ts';
import { RMUTEX_INIT, type rmutex_t, rmutex_lock, rmutex_unlock } from '../../../kernel/rmutex.ts';
import { THREAD_PRIORITY_MAIN } from '../../../kernel/sched.ts';
import { SHELL_COMMAND, SHELL_DEFAULT_BUFSIZE, shell_run } from '../../../kernel/shell.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import {
  THREAD_CREATE_WOUT_YIELD, thread_create, thread_getpid, thread_sleep, thread_wakeup,
} from '../../../kernel/thread.ts';
import {
  ZTIMER_MSEC, ZTIMER_SEC, ZTIMER_USEC, ztimer_mbox_get_timeout, ztimer_now, ztimer_rmutex_lock_timeout,
  ztimer_set, ztimer_set_msg, ztimer_sleep, ztimer_spin, ztimer_t,
} from '../../../kernel/ztimer.ts';
import { STACKS, TestBoard } from '../../kernel/harness.ts';
import { expectRiotConsole } from '../core/console.ts';
import { TEST_MODULES, lines, recorded } from './console.ts';

const SECOND = 1_000_000;
/** Native's shortest alarm. */
const NATIVE = { config: { CONFIG_ZTIMER_USEC_MIN: 64 } };

function create<T>(
  size: number, priority: number, task: (arg: T) => Blocking<unknown>, arg: T, name: string, flags = 0,
): Blocking<number> {
  return thread_create({ length: size }, size, priority, flags, task, arg, name);
}

interface TimerMessage {
  readonly timer: ztimer_t;
  readonly interval: number;
  readonly text: string;
  readonly msg: msg_t;
}

/** Prints what it gets, and has it sent to itself again after its interval. */
function* timerThread(): Blocking<never> {
  printf(`This is thread ${thread_getpid()}\n`);
  msg_init_queue(msg_array(1), 1);
  const m = new msg_t();
  while (true) {
    yield* msg_receive(m);
    const received = m.content.ptr as TimerMessage;
    const now = ztimer_now(ZTIMER_USEC);
    printf(`now=${Math.floor(now / SECOND)}:${now % SECOND} -> ` +
      `every ${Math.floor(received.interval / SECOND)}.${received.interval % SECOND}s: ${received.text}\n`);
    received.msg.type = 12345;
    received.msg.content.ptr = received;
    ztimer_set_msg(ZTIMER_USEC, received.timer, received.interval, received.msg, thread_getpid());
  }
}

function* secondsThread(): Blocking<never> {
  printf(`This is thread ${thread_getpid()}\n`);
  while (true) {
    yield* msg_receive(new msg_t());
    const sec = Math.floor(ztimer_now(ZTIMER_USEC) / SECOND);
    printf(`sec=${sec} min=${Math.floor(sec / 60)} hour=${Math.floor(sec / 3600)}\n`);
  }
}

test('ztimer_msg: messages from timers with two periods, and a sleep beside them', (t) => {
  // RIOT's own console up to the ninth second, but for the microseconds: in the tenth, two periods meet whose order
  // there comes of delays that add up. Here none does: every line falls on its second exactly.
  const size = STACKS.THREAD_STACKSIZE_DEFAULT;
  const board = new TestBoard(function* () {
    const [a, b] = ([[2, 'Hello World'], [5, 'This is a Test']] as const).map(([seconds, text]) =>
      ({ timer: new ztimer_t(), interval: seconds * SECOND, text, msg: new msg_t() }));
    const m = new msg_t();
    const pid = yield* create(size, THREAD_PRIORITY_MAIN - 1, timerThread, null, 'timer');
    puts('sending 1st msg');
    m.content.ptr = a;
    yield* msg_try_send(m, pid);
    puts('sending 2nd msg');
    m.content.ptr = b;
    yield* msg_try_send(m, pid);
    const pid2 = yield* create(size, THREAD_PRIORITY_MAIN - 1, secondsThread, null, 'timer local');
    while (true) {
      yield* ztimer_sleep(ZTIMER_USEC, SECOND);
      yield* msg_try_send(m, pid2);
    }
  }).run(9 * SECOND + 1);
  const micros = /(?<=now=\d+:)\d+/g;
  const ours = lines(board.console, micros);
  t.is(ours.pop(), '');
  t.is(ours.length, 21);
  t.deepEqual(ours, recorded('ztimer_msg', micros).slice(0, ours.length));
  t.deepEqual(new Set(board.console.match(micros)), new Set(['0']));
});

test('ztimer_mbox_get_timeout: full before, empty, in time, and in time though nobody could run', (t) => {
  // RIOT's own console; return values, contents and elapsed times are checked at each step as RIOT's test does.
  const mbox = MBOX_INIT(msg_array(4), 4);
  const sent = new msg_t();
  sent.type = 42;
  sent.content.value = 1337;
  const fields = ({ type, content }: msg_t): number[] => [type, content.value];
  function* get(timeout: number, got: msg_t): Blocking<[result: number, elapsed: number]> {
    const start = ztimer_now(ZTIMER_USEC);
    const result = yield* ztimer_mbox_get_timeout(ZTIMER_USEC, mbox, got, timeout);
    return [result, ztimer_now(ZTIMER_USEC) - start];
  }
  function* highPrio(timeout: number): Blocking<void> {
    yield* mbox_put(mbox, sent);
    yield* ztimer_spin(ZTIMER_USEC, timeout);
  }
  expectRiotConsole(t, 'ztimer_mbox_get_timeout', function* () {
    puts('Testing ztimer_mbox_get_timeout()\n=================================');
    printf('testing mbox already full prior call: ');
    const got = new msg_t();
    yield* mbox_put(mbox, sent);
    t.deepEqual(yield* get(SECOND, got), [0, 0]);
    puts('OK');
    printf('testing timeout is reached: ');
    got.type = 41;
    t.deepEqual(yield* get(10_000, got), [-ETIMEDOUT, 10_000]);
    t.deepEqual(fields(got), [41, 1337]);
    puts('OK');
    printf('testing timeout is reached despite message received (race): ');
    yield* create(STACKS.THREAD_STACKSIZE_DEFAULT / 4, THREAD_PRIORITY_MAIN - 1, highPrio, 4000, 'high_prio',
      THREAD_CREATE_WOUT_YIELD);
    t.deepEqual(yield* get(2000, got), [0, 4000]);
    t.deepEqual(fields(got), [42, 1337]);
    puts('OK');
    printf('Running test for reception prior timeout 1000 times: ');
    const put = new ztimer_t(function* (): Blocking<void> {
      t.is(yield* mbox_try_put(mbox, sent), 1);
    });
    for (let i = 0; i < 1000; i++) {
      got.type = 0;
      ztimer_set(ZTIMER_USEC, put, 1000);
      t.deepEqual(yield* get(2000, got), [0, 1000]);
      t.deepEqual(fields(got), [42, 1337]);
    }
    puts('OK\n\nALL TESTS SUCCEEDED');
  }, { options: NATIVE });
});

function* lockThread(rmutex: rmutex_t): Blocking<void> {
  yield* rmutex_lock(rmutex);
}

/** Locks, wakes `main` and unlocks; its end is told by a message. */
function* lowPrioThread({ rmutex, main }: { rmutex: rmutex_t; main: number }): Blocking<void> {
  yield* rmutex_lock(rmutex);
  yield* thread_wakeup(main);
  yield* rmutex_unlock(rmutex);
  irq_disable();
  msg_send_int(new msg_t(), main);
}

/** The shell commands t1 to t5 of the test: time-outs of 1000 and 1 µs, free and locked recursive mutexes. */
function rmutexCommands(check: (holder: number, rmutex: rmutex_t, result: number) => void): void {
  const size = STACKS.THREAD_STACKSIZE_SMALL;
  const add = (name: string, timeout: number, before: (rmutex: rmutex_t) => Blocking<number>): void => {
    SHELL_COMMAND(name, 'See main.c', function* () {
      const rmutex = RMUTEX_INIT();
      const holder = yield* before(rmutex);
      const result = yield* ztimer_rmutex_lock_timeout(ZTIMER_USEC, rmutex, timeout);
      check(holder, rmutex, result);
      puts('OK');
      if (name === 't3') yield* msg_receive(new msg_t());
      printf('\n');
      return 0;
    });
  };
  function* free(): Blocking<number> {
    return thread_getpid();
  }
  const locked = (rmutex: rmutex_t): Blocking<number> =>
    create(size, THREAD_PRIORITY_MAIN - 1, lockThread, rmutex, 'lock_thread');
  add('t1', 1000, free);
  add('t2', 1000, locked);
  add('t3', 1000, function* (rmutex) {
    const main = thread_getpid();
    yield* create(size, THREAD_PRIORITY_MAIN + 1, lowPrioThread, { rmutex, main }, 'test_thread');
    yield* thread_sleep();
    return main;
  });
  add('t4', 1, free);
  add('t5', 1, locked);
}

test('ztimer_rmutex_lock_timeout: a free one, one that a worse thread holds, and one that is lost', (t) => {
  // RIOT's own console with what was typed. Its commands fail unless owner, count and mutex are as checked here.
  const seen: boolean[] = [];
  const board = new TestBoard(function* () {
    rmutexCommands((holder, rmutex, result) => {
      seen.push(rmutex.owner === holder && rmutex.refcount === 1 && mutex_trylock(rmutex.mutex) === 0 &&
        result === (holder === thread_getpid() ? 0 : -ECANCELED));
    });
    yield* shell_run(null, new Uint8Array(SHELL_DEFAULT_BUFSIZE), SHELL_DEFAULT_BUFSIZE);
  }, { ...NATIVE, modules: TEST_MODULES });
  for (let i = 1; i <= 5; i++) board.typeAt(i * 300_000, `t${i}\n`);
  t.deepEqual(lines(board.run().console), recorded('ztimer_rmutex_lock_timeout'));
  t.deepEqual(seen, [true, true, true, true, true]);
});

test('ztimer_underflow: a thousand sleeps of no time end, each after the shortest alarm', (t) => {
  // RIOT's own console; and on native the shortest alarm is 64 µs.
  let elapsed = 0;
  expectRiotConsole(t, 'ztimer_underflow', function* () {
    printf('Looping over ztimer clock ZTIMER_USEC\n');
    for (let i = 0; i < 1000; i++) {
      printf(`Loop ${i}\n`);
      yield* ztimer_sleep(ZTIMER_USEC, 0);
    }
    printf('SUCCESS!\n');
    elapsed = ztimer_now(ZTIMER_USEC);
  }, { options: NATIVE });
  t.is(elapsed, 64_000);
});

test('ztimer_xsec: timers of all three clocks fire in the order of their times', (t) => {
  // RIOT's own console but for the measured times, which are exact here.
  const lock = (name: string): { name: string; mutex: ReturnType<typeof MUTEX_INIT_LOCKED>; released: number } =>
    ({ name, mutex: MUTEX_INIT_LOCKED(), released: 0 });
  const locks = ['SEC', 'MSEC', 'USEC'].map(lock);
  expectRiotConsole(t, 'ztimer_xsec', function* () {
    puts('starting ztimers');
    const timers = locks.map((e) => new ztimer_t(function* () {
      e.released = ztimer_now(ZTIMER_USEC);
      puts(e.name);
      yield* mutex_unlock(e.mutex);
    }));
    ztimer_set(ZTIMER_SEC, timers[0], 1);
    ztimer_set(ZTIMER_MSEC, timers[1], 200);
    ztimer_set(ZTIMER_USEC, timers[2], 100_000);
    printf(`time Wait:\t${ztimer_now(ZTIMER_USEC)}\n`);
    puts('waiting for locks');
    for (const { mutex } of locks) yield* mutex_lock(mutex);
    for (const { name, released } of locks) printf(`time ${name}:\t${released}\n`);
    printf('SUCCESS!\n');
  }, { ignore: [/(?<=^time \w+:\t)\d+/gm] });
  t.deepEqual(locks.map((e) => e.released), [SECOND, 200_000, 100_000]);
});
