// RIOT's tests/core of which there is no recorded console, written anew: what their test scripts
// (tests/01-run.py) expect of the console.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { current } from '../../../kernel/current.ts';
import { EOVERFLOW } from '../../../kernel/errno.ts';
import {
  msg_array, msg_init_queue, msg_receive, msg_send, msg_send_receive, msg_t, msg_try_receive, msg_try_send,
} from '../../../kernel/msg.ts';
import { MUTEX_INIT, mutex_lock, mutex_unlock_and_sleep } from '../../../kernel/mutex.ts';
import { STATUS_REPLY_BLOCKED, THREAD_PRIORITY_MAIN, sched_change_priority } from '../../../kernel/sched.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import {
  THREAD_CREATE_SLEEPING, THREAD_CREATE_WOUT_YIELD, thread_create, thread_get, thread_get_active, thread_getpid,
  thread_wakeup, thread_yield,
} from '../../../kernel/thread.ts';
import { STACKS, TestBoard, runMain } from '../../kernel/harness.ts';

const MAIN = { length: STACKS.THREAD_STACKSIZE_MAIN };

function create<T>(priority: number, flags: number, task: (arg: T) => Blocking<unknown>, arg: T): Blocking<number> {
  return thread_create(MAIN, MAIN.length, priority, flags, task, arg, 'nr2');
}

test('thread_basic: main ends before the better thread that it created without yield begins', (t) => {
  // The script expects these two lines in this order.
  t.is(runMain(function* () {
    yield* create(THREAD_PRIORITY_MAIN - 1, THREAD_CREATE_WOUT_YIELD, function* () {
      puts('second thread\n');
    }, null);
    puts('first thread\n');
  }), 'first thread\n\nsecond thread\n\n');
});

test('sched_testing: yields alternate between two threads of one priority', (t) => {
  // The order that the test announces itself.
  t.is(runMain(function* () {
    yield* create(THREAD_PRIORITY_MAIN, THREAD_CREATE_WOUT_YIELD, function* () {
      puts('snd_thread running');
    }, null);
    puts('yield 1');
    yield* thread_yield();
    puts('yield 2');
    yield* thread_yield();
    puts('done');
  }), 'yield 1\nsnd_thread running\nyield 2\ndone\n');
});

test('thread_flood: threads can be created until all 32 are there, and -EOVERFLOW says so', (t) => {
  // idle and main are there already.
  t.is(runMain(function* () {
    let created = -1;
    let pid: number;
    puts('[START] Spawning threads');
    do {
      pid = yield* create(THREAD_PRIORITY_MAIN - 1, THREAD_CREATE_SLEEPING, function* () {
        yield* thread_yield();
      }, null);
      created++;
      printf('.');
    } while (pid !== -EOVERFLOW);
    printf(`\n[SUCCESS] created ${created}\n`);
  }), `[START] Spawning threads\n${'.'.repeat(31)}\n[SUCCESS] created 30\n`);
});

test('msg_try_receive: the message of a blocked sender can be had without waiting', (t) => {
  // The sender is better than main and blocks before main looks.
  t.is(runMain(function* () {
    puts('main starting');
    yield* create(THREAD_PRIORITY_MAIN - 1, 0, (pid: number) => msg_send(new msg_t(), pid), thread_getpid());
    printf(`msg available: ${yield* msg_try_receive(new msg_t())} (should be 1!)\n`);
  }), 'main starting\nmsg available: 1 (should be 1!)\n');
});

for (const [name, queue] of [['w', 1], ['wo', 0]] as const) {
  test(`thread_msg_block_${name}_queue: a request that nobody answers blocks its sender for ever`, (t) => {
    // The receiver takes the first message only; RIOT's script fails on a line of the sender after that.
    const board = new TestBoard(function* () {
      if (queue > 0) msg_init_queue(msg_array(queue), queue);
      yield* create(THREAD_PRIORITY_MAIN - 1, THREAD_CREATE_WOUT_YIELD, function* (receiver: number) {
        puts('sender_thread start');
        yield* msg_try_send(new msg_t(), receiver);
        yield* msg_send_receive(new msg_t(), new msg_t(), receiver);
        puts('ERROR: sender_thread should be blocking');
      }, thread_getpid());
      yield* msg_receive(new msg_t());
      puts('main thread alive');
    });
    t.is(board.run().printed, 'sender_thread start\nmain thread alive\n');
    t.is(board.kernel.threads[3]?.status, STATUS_REPLY_BLOCKED);
  });
}

test('sched_change_priority: a thread that made itself worse runs again when it is made better', (t) => {
  // RIOT's test does the second change with the shell command `nice`.
  t.is(runMain(function* () {
    const pid = yield* create(THREAD_PRIORITY_MAIN - 1, 0, function* () {
      printf(`[t3] Setting my priority to THREAD_PRIORITY_MAIN + 2 = ${THREAD_PRIORITY_MAIN + 2}\n`);
      yield* sched_change_priority(thread_get_active()!, THREAD_PRIORITY_MAIN + 2);
      puts('[t3] Running again.');
    }, null);
    puts('[main]');
    yield* sched_change_priority(thread_get(pid)!, THREAD_PRIORITY_MAIN - 1);
    puts('[main] end');
  }), '[t3] Setting my priority to THREAD_PRIORITY_MAIN + 2 = 9\n[main]\n[t3] Running again.\n[main] end\n');
});

test('mutex_unlock_and_sleep: two threads alternate strictly, fifty thousand times', (t) => {
  // The indicator counts both threads' turns: without the atomic step it would leave -1..1.
  const mutex = MUTEX_INIT();
  const pids = { main: 0, second: 0 };
  let indicator = 0;
  const seen = new Set<number>();
  function* second(): Blocking<void> {
    while (true) {
      yield* mutex_lock(mutex);
      yield* thread_wakeup(pids.main);
      indicator--;
      yield* mutex_unlock_and_sleep(mutex);
    }
  }
  const board = new TestBoard(function* () {
    pids.main = thread_getpid();
    pids.second = yield* create(THREAD_PRIORITY_MAIN - 1, THREAD_CREATE_WOUT_YIELD, second, null);
    for (let i = 0; i < 50_000; i++) {
      yield* mutex_lock(mutex);
      yield* thread_wakeup(pids.second);
      seen.add(++indicator);
      yield* mutex_unlock_and_sleep(mutex);
    }
    printf(`${current().numThreads} threads`);
  });
  t.is(board.run().printed, '3 threads');
  t.deepEqual([...seen].filter((value) => value > 1 || value < -1), []);
});
