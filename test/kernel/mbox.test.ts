// kernel/mbox.ts.
import test from 'ava';
import type { Blocking } from '../../kernel/blocking.ts';
import {
  MBOX_INIT, mbox_avail, mbox_get, mbox_init, mbox_put, mbox_size, mbox_t, mbox_try_get, mbox_try_put,
  mbox_unset,
} from '../../kernel/mbox.ts';
import { msg_array, msg_t } from '../../kernel/msg.ts';
import { printf } from '../../kernel/stdio.ts';
import { STATUS_MBOX_BLOCKED } from '../../kernel/sched.ts';
import { thread_create, thread_getstatus, thread_sleep } from '../../kernel/thread.ts';
import { TestBoard, runMain } from './harness.ts';

const STACK = { length: 1024 };

function create<T>(priority: number, task: (arg: T) => Blocking<unknown>, arg: T): Blocking<number> {
  return thread_create(STACK, STACK.length, priority, 0, task, arg, 't');
}

function message(value: number): msg_t {
  const m = new msg_t();
  m.content.value = value;
  return m;
}

test('messages come out in the order in which they went in, and the counts are right', (t) => {
  // Two rounds, so that the ring wraps.
  runMain(function* () {
    const mbox = MBOX_INIT(msg_array(4), 4);
    const m = new msg_t();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 4; i++) t.is(yield* mbox_try_put(mbox, message(i)), 1);
      t.is(yield* mbox_try_put(mbox, message(9)), 0);
      t.deepEqual([mbox_avail(mbox), mbox_size(mbox)], [4, 4]);
      for (let i = 0; i < 3; i++) {
        t.is(yield* mbox_try_get(mbox, m), 1);
        t.is(m.content.value, i);
      }
      yield* mbox_get(mbox, m);
      t.is(yield* mbox_try_get(mbox, m), 0);
    }
  });
});

test('a reader waits for a message, a writer for room, and the better thread runs at once', (t) => {
  // Statuses and order of prints.
  t.is(runMain(function* () {
    const mbox = MBOX_INIT(msg_array(1), 1);
    const reader = yield* create(6, function* () {
      const m = new msg_t();
      yield* mbox_get(mbox, m);
      printf(`read ${m.content.value} `);
    }, null);
    t.is(thread_getstatus(reader), STATUS_MBOX_BLOCKED);
    yield* mbox_put(mbox, message(1));
    printf('main ');
    yield* mbox_put(mbox, message(2));
    const writer = yield* create(6, function* () {
      yield* mbox_put(mbox, message(3));
      printf('written ');
    }, null);
    t.is(thread_getstatus(writer), STATUS_MBOX_BLOCKED);
    const m = new msg_t();
    yield* mbox_get(mbox, m);
    printf(`main ${m.content.value} `);
    yield* mbox_get(mbox, m);
    printf(`main ${m.content.value}`);
  }), 'read 1 main written main 2 main 3');
});

test('a queued message carries its sender; one handed to a waiting reader what was in the field', (t) => {
  // RIOT core/mbox.c: the direct copy does not set sender_pid.
  runMain(function* () {
    const mbox = MBOX_INIT(msg_array(2), 2);
    const got = new msg_t();
    yield* mbox_put(mbox, message(1));
    yield* mbox_get(mbox, got);
    t.is(got.sender_pid, 2);
    const direct = new msg_t();
    yield* create(6, (m: msg_t) => mbox_get(mbox, m), direct);
    const m = message(2);
    m.sender_pid = 77;
    yield* mbox_put(mbox, m);
    t.is(direct.sender_pid, 77);
  });
});

test('readers are served by priority, first come first served within one', (t) => {
  // They come in the order 6a, 5, 6b.
  t.is(runMain(function* () {
    const mbox = MBOX_INIT(msg_array(4), 4);
    const read = function* (name: string): Blocking<void> {
      const m = new msg_t();
      yield* mbox_get(mbox, m);
      printf(`${name}=${m.content.value} `);
    };
    yield* create(6, read, '6a');
    yield* create(5, read, '5');
    yield* create(6, read, '6b');
    for (let i = 1; i <= 3; i++) yield* mbox_put(mbox, message(i));
  }), '5=1 6a=2 6b=3 ');
});

test('an interrupt handler may put but not wait', (t) => {
  // What would wait is undefined on RIOT and says so.
  const mbox = MBOX_INIT(msg_array(1), 1);
  const board = new TestBoard(function* () {
    const m = new msg_t();
    yield* mbox_get(mbox, m);
    printf(`got ${m.content.value} `);
    yield* thread_sleep();
  });
  board.interruptAt(1, () => mbox_put(mbox, message(8)));
  board.interruptAt(2, function* () {
    yield* mbox_put(mbox, message(9));
    yield* mbox_put(mbox, message(10));
    yield* mbox_get(mbox, new msg_t());
    yield* mbox_get(mbox, new msg_t());
  });
  t.is(board.run().printed, 'got 8 undefined on RIOT: mbox_put() had to wait in an interrupt handler\n' +
    'undefined on RIOT: mbox_get() had to wait in an interrupt handler\n');
});

test('sizes that RIOT reports: none for an unset mailbox and, oddly, for one place', (t) => {
  // RIOT core/include/mbox.h: it looks at size - 1.
  runMain(function* () {
    const mbox = new mbox_t();
    t.is(mbox_size(mbox), 0);
    mbox_init(mbox, msg_array(8), 8);
    t.is(mbox_size(mbox), 8);
    mbox_unset(mbox);
    t.is(mbox_size(mbox), 0);
    t.is(mbox_size(MBOX_INIT(msg_array(1), 1)), 0);
    yield* mbox_put(mbox, message(1));
  });
});
