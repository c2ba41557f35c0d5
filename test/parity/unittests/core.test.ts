// RIOT's unit tests tests-core, written anew, as far as they test what this kernel has:
//
// - cib: index buffers. Message queues and mailboxes count as these do, and are tested as such. peek and peek_at have
//   no counterpart.
// - list, priority_queue: wait lists of threads, and the heap of timers.
// - mbox, ringbuffer: all cases.
//
// Left out: atomic, bitarithm, byteorder, macros and xfa test C's or the compiler's means; clist (rotating, sorting)
// is a list that nothing here uses. RIOT has no unit tests of mutexes: tests/core has them, and test/parity/core.
import test, { type ExecutionContext } from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { MBOX_INIT, mbox_avail, mbox_init, mbox_t, mbox_try_get, mbox_try_put } from '../../../kernel/mbox.ts';
import { msg_array, msg_avail, msg_init_queue, msg_send_to_self, msg_t, msg_try_receive } from '../../../kernel/msg.ts';
import { MUTEX_INIT, mutex_lock, mutex_unlock_and_sleep } from '../../../kernel/mutex.ts';
import {
  ringbuffer_add_one, ringbuffer_empty, ringbuffer_get_one, ringbuffer_remove, ringbuffer_t,
} from '../../../kernel/ringbuffer.ts';
import { STATUS_MUTEX_BLOCKED, THREAD_PRIORITY_MAIN } from '../../../kernel/sched.ts';
import {
  THREAD_CREATE_SLEEPING, thread_add_to_list, thread_create, thread_get, thread_get_active, thread_getpid,
  thread_list_remove, thread_list_remove_head, thread_wakeup,
} from '../../../kernel/thread.ts';
import type { ThreadList, thread_t } from '../../../kernel/thread_t.ts';
import { TimerHeap, type TimerEntry } from '../../../kernel/timer_heap.ts';
import { runMain } from '../../kernel/harness.ts';

/** What cib tests need of a queue: its place is the type of the message in it. */
interface Queue {
  put(type: number): Blocking<number>;
  get(): Blocking<number>;
  avail(): number;
  /** Sets how many messages went in and out so far. */
  count(n: number): void;
}

/** The message queue of the calling thread. */
function ownQueue(array: msg_t[], size: number): Queue {
  msg_init_queue(array, size);
  const m = new msg_t();
  return {
    *put(type) {
      m.type = type;
      return msg_send_to_self(m);
    },
    *get() {
      return (yield* msg_try_receive(m)) === 1 ? m.type : -1;
    },
    avail: msg_avail,
    count(n) {
      const me = thread_get_active()!;
      me.msg_read = n;
      me.msg_write = n;
    },
  };
}

function mailbox(array: msg_t[], size: number): Queue {
  const mbox = MBOX_INIT(array, size);
  const m = new msg_t();
  return {
    *put(type) {
      m.type = type;
      return yield* mbox_try_put(mbox, m);
    },
    *get() {
      return (yield* mbox_try_get(mbox, m)) === 1 ? m.type : -1;
    },
    avail: () => mbox_avail(mbox),
    count(n) {
      mbox.read_count = n;
      mbox.write_count = n;
    },
  };
}

for (const [name, make] of [['a message queue', ownQueue], ['a mailbox', mailbox]] as const) {
  test(`cib: ${name} takes as many as it has places for, and gives them in their order`, (t) => {
    // put, get and avail of tests-core-cib, with a queue of 4.
    t.is(runMain(function* () {
      const queue = make(msg_array(4), 4);
      t.is(yield* queue.get(), -1);
      for (let i = 0; i < 4; i++) {
        t.is(queue.avail(), i);
        t.is(yield* queue.put(10 + i), 1);
      }
      t.is(yield* queue.put(99), 0);
      for (let i = 0; i < 4; i++) t.is(yield* queue.get(), 10 + i);
      t.is(yield* queue.get(), -1);
      t.is(queue.avail(), 0);
    }), '');
  });

  test(`cib: ${name} goes on when its 32-bit counters overflow`, (t) => {
    // get__overflow: after 2^32 - 1 messages the next one is in the last place, the one after it in the first.
    t.is(runMain(function* () {
      const array = msg_array(4);
      const queue = make(array, 4);
      queue.count(0xffffffff);
      for (const type of [1, 2]) t.is(yield* queue.put(type), 1);
      t.deepEqual([array[3].type, array[0].type], [1, 2]);
      t.is(queue.avail(), 2);
      for (const type of [1, 2, -1]) t.is(yield* queue.get(), type);
    }), '');
  });

  test(`cib: ${name} may have no place at all, or one`, (t) => {
    // empty_cib and singleton_cib.
    t.is(runMain(function* () {
      const none = make([], 0);
      t.deepEqual([none.avail(), yield* none.get(), yield* none.put(1)], [0, -1, 0]);
      const one = make(msg_array(1), 1);
      t.deepEqual([one.avail(), yield* one.get(), yield* one.put(7), one.avail()], [0, -1, 1, 1]);
      t.deepEqual([yield* one.put(8), yield* one.get(), one.avail()], [0, 7, 0]);
    }), '');
  });
}

test('mbox: a full mailbox refuses, and the array holds the messages in their order', (t) => {
  // put_get of tests-core-mbox.
  t.is(runMain(function* () {
    const queue = msg_array(8);
    const mbox = new mbox_t();
    mbox_init(mbox, queue, queue.length);
    t.is(mbox_avail(mbox), 0);
    const msg = new msg_t();
    const put = (type: number, value: number): Blocking<number> => {
      msg.type = type;
      msg.content.value = value;
      return mbox_try_put(mbox, msg);
    };
    for (let i = 0; i < 8; i++) t.is(yield* put(i, 1337 + i), 1);
    t.is(yield* put(4242, 4242), 0);
    const expected = Array.from({ length: 8 }, (_, i) => [i, 1337 + i]);
    t.deepEqual(queue.map((m) => [m.type, m.content.value]), expected);
    for (const fields of expected) {
      t.is(yield* mbox_try_get(mbox, msg), 1);
      t.deepEqual([msg.type, msg.content.value], fields);
    }
    t.is(yield* mbox_try_get(mbox, msg), 0);
  }), '');
});

const ITERATIONS = 15;
const BUF_SIZE = 7;

test('ringbuffer: two threads in turn fill it over the brim and empty it', (t) => {
  // tests_core_ringbuffer: the eighth byte of each round pushes out the first, and the count is right at each step.
  const rb = new ringbuffer_t(new Uint8Array(BUF_SIZE));
  const mutex = MUTEX_INIT();
  const pids = { add: 0, get: 0 };
  function* add(): Blocking<void> {
    let next = 0;
    for (let iteration = 0; iteration < ITERATIONS; iteration++) {
      yield* mutex_lock(mutex);
      for (let i = 0; i < BUF_SIZE; i++) t.deepEqual([rb.avail, ringbuffer_add_one(rb, next++)], [i, -1]);
      t.deepEqual([rb.avail, ringbuffer_add_one(rb, next), rb.avail], [BUF_SIZE, next - BUF_SIZE, BUF_SIZE]);
      next++;
      yield* thread_wakeup(pids.get);
      yield* mutex_unlock_and_sleep(mutex);
    }
    yield* thread_wakeup(pids.get);
  }
  let gotten = 0;
  function* get(): Blocking<void> {
    let next = 0;
    for (let iteration = 0; iteration < ITERATIONS; iteration++) {
      next++;
      yield* mutex_lock(mutex);
      for (let i = BUF_SIZE; i > 0; i--) t.deepEqual([rb.avail, ringbuffer_get_one(rb)], [i, next++]);
      t.deepEqual([rb.avail, ringbuffer_get_one(rb), rb.avail], [0, -1, 0]);
      gotten++;
      yield* thread_wakeup(pids.add);
      yield* mutex_unlock_and_sleep(mutex);
    }
  }
  t.is(runMain(function* () {
    pids.add = thread_getpid();
    pids.get = yield* thread_create({ length: 16384 }, 16384, THREAD_PRIORITY_MAIN, THREAD_CREATE_SLEEPING, get, null,
      'get');
    yield* add();
  }), '');
  t.is(gotten, ITERATIONS);
});

test('ringbuffer: bytes are removed from the front, also when the ring wraps', (t) => {
  // ringbuffer_remove and ringbuffer_remove_underflow.
  const rb = new ringbuffer_t(new Uint8Array(3));
  for (const byte of [0, 1, 2]) ringbuffer_add_one(rb, byte);
  t.is(ringbuffer_remove(rb, 1), 1);
  t.deepEqual([ringbuffer_get_one(rb), ringbuffer_get_one(rb)], [1, 2]);
  const other = new ringbuffer_t(new Uint8Array(3));
  for (const byte of [0, 1]) ringbuffer_add_one(other, byte);
  t.is(ringbuffer_remove(other, 2), 2);
  t.true(ringbuffer_empty(other));
  for (const byte of [0, 1]) ringbuffer_add_one(other, byte);
  t.is(ringbuffer_remove(other, 1), 1);
  t.is(ringbuffer_get_one(other), 1);
  t.true(ringbuffer_empty(other));
});

/** A queue by priority. */
interface PriorityQueue<E> {
  add(entry: E): void;
  remove(entry: E): boolean;
  /** Takes all out, the best first. */
  drain(): E[];
}

/** What tests-core-priority-queue and tests-core-list check of a queue; entries of priorities 2, 1, 1 and 3. */
function checkQueue<E>(t: ExecutionContext, queue: PriorityQueue<E>, [two, one, alsoOne, three]: readonly E[]): void {
  const check = (add: E[], remove: E[], expected: E[]): void => {
    for (const entry of add) queue.add(entry);
    for (const entry of remove) t.true(queue.remove(entry));
    const drained = queue.drain();
    t.true(drained.length === expected.length && drained.every((entry, i) => entry === expected[i]));
  };
  check([], [], []);
  check([two], [], [two]);
  check([one, alsoOne], [], [one, alsoOne]);
  check([alsoOne, one], [], [alsoOne, one]);
  check([two, one], [], [one, two]);
  check([two, one, three, alsoOne], [], [one, alsoOne, two, three]);
  check([one, two, three], [two], [one, three]);
  check([one, two, three], [one, three], [two]);
  check([one], [one], []);
  t.false(queue.remove(one));
}

test('priority_queue: threads wait by priority, those of one in the order in which they came', (t) => {
  // Adding, taking the head, and taking out of the middle, the front, the end, and what is not in the list.
  t.is(runMain(function* () {
    const threads: thread_t[] = [];
    for (const priority of [2, 1, 1, 3]) {
      const pid = yield* thread_create({ length: 1024 }, 1024, priority, THREAD_CREATE_SLEEPING, function* () {
        yield* mutex_lock(MUTEX_INIT());
      }, null, 't');
      const thread = thread_get(pid)!;
      thread.status = STATUS_MUTEX_BLOCKED;
      threads.push(thread);
    }
    const list: ThreadList = { next: null };
    checkQueue<thread_t>(t, {
      add: (thread) => thread_add_to_list(list, thread),
      remove: (thread) => thread_list_remove(list, thread),
      drain() {
        const all: thread_t[] = [];
        let head: thread_t | null;
        while ((head = thread_list_remove_head(list)) !== null) all.push(head);
        return all;
      },
    }, threads);
  }), '');
});

test('priority_queue: timers are due by time, those of one time in the order in which they were set', (t) => {
  // The same checks with the heap that holds the timers of a clock.
  const heap = new TimerHeap();
  const entries = [2, 1, 1, 3].map((time) =>
    ({ time, target: 0, order: 0, place: -1, fire: () => undefined }) satisfies TimerEntry & { time: number });
  checkQueue(t, {
    add: (entry) => heap.add(entry, entry.time),
    remove: (entry) => heap.remove(entry),
    drain() {
      const all: TimerEntry[] = [];
      for (let first = heap.first(); first !== null; first = heap.first()) {
        heap.remove(first);
        all.push(first);
      }
      return all as typeof entries;
    },
  }, entries);
});
