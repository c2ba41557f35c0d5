// RIOT's tests/core/thread_flags_group and thread_flags_xtimer, written anew. Both have recorded consoles.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { THREAD_PRIORITY_MAIN } from '../../../kernel/sched.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { thread_create, thread_get_active } from '../../../kernel/thread.ts';
import { thread_flags_set, thread_flags_wait_any } from '../../../kernel/thread_flags.ts';
import {
  THREAD_FLAGS_GROUP_INIT, thread_flags_group_join, thread_flags_group_set,
} from '../../../kernel/thread_flags_group.ts';
import { xtimer_now_usec, xtimer_set, xtimer_t } from '../../../kernel/xtimer.ts';
import { STACKS } from '../../kernel/harness.ts';
import { expectRiotConsole } from './console.ts';

const GOOD_FLAG = 2;
const BAD_FLAG = 4;
const THREADS = 40;

test('thread_flags_group: 26 of 40 threads wake together and run by priority, and only they', (t) => {
  // RIOT's own console, which shows the order of all threads.
  const group = THREAD_FLAGS_GROUP_INIT();
  let woken = 0;
  let lastPriority = 0;
  function* foreverWaiter(i: number): Blocking<void> {
    printf(`waiting forever-waiter ${i}\n`);
    yield* thread_flags_wait_any(GOOD_FLAG | BAD_FLAG);
    t.fail('a thread that is not in the group has woken');
  }
  function* waiter(i: number): Blocking<void> {
    thread_flags_group_join(group);
    printf(`waiting waiter ${i}\n`);
    yield* thread_flags_wait_any(GOOD_FLAG);
    printf(`woken up waiter ${i}\n`);
    const { priority } = thread_get_active()!;
    t.true(lastPriority <= priority);
    lastPriority = priority;
    woken++;
  }
  expectRiotConsole(t, 'thread_flags_group', function* () {
    puts('START');
    const size = STACKS.THREAD_STACKSIZE_MAIN;
    for (let i = 0; i < THREADS; i++) {
      const priority = Math.max(0, THREAD_PRIORITY_MAIN - i - 1);
      t.true((yield* thread_create({ length: size }, size, priority, 0, i % 3 === 0 ? foreverWaiter : waiter, i,
        'waiter')) > 0);
    }
    yield* thread_flags_group_set(group, BAD_FLAG);
    t.is(woken, 0);
    puts('waking up!');
    yield* thread_flags_group_set(group, GOOD_FLAG);
    t.is(woken, 26);
    puts('SUCCESS');
  }, { options: { config: { MAXTHREADS: 64 } } });
});

test('thread_flags_xtimer: a flag set by a timer wakes the waiting thread each time', (t) => {
  // RIOT's own console; the times are exact here, where RIOT's test only asks that they are not short.
  const TIMEOUT = 100_000;
  const times: number[] = [];
  expectRiotConsole(t, 'thread_flags_xtimer', function* () {
    puts('START');
    const me = thread_get_active()!;
    const timer = new xtimer_t(() => thread_flags_set(me, 1));
    puts('Test setting thread flags from (x)timer callback');
    printf('You should see the message \'+++ timeout XX +++\' printed to the \n' +
      'screen 5 times, once every 100 milliseconds\n\n');
    for (let i = 1; i <= 5; i++) {
      xtimer_set(timer, TIMEOUT);
      yield* thread_flags_wait_any(1);
      times.push(xtimer_now_usec());
      printf(`+++ timeout ${String(i).padStart(2)} +++\n`);
    }
    puts('SUCCESS');
  });
  t.deepEqual(times, [1, 2, 3, 4, 5].map((i) => i * TIMEOUT));
});
