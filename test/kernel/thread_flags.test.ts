// kernel/thread_flags.ts and kernel/thread_flags_group.ts.
import test from 'ava';
import type { Blocking } from '../../kernel/blocking.ts';
import { printf } from '../../kernel/stdio.ts';
import { STATUS_FLAG_BLOCKED_ALL, STATUS_FLAG_BLOCKED_ANY } from '../../kernel/sched.ts';
import { thread_create, thread_get, thread_get_active, thread_getstatus, thread_sleep } from '../../kernel/thread.ts';
import {
  thread_flags_clear, thread_flags_set, thread_flags_wait_all, thread_flags_wait_any, thread_flags_wait_one,
} from '../../kernel/thread_flags.ts';
import {
  THREAD_FLAGS_GROUP_INIT, thread_flags_group_join, thread_flags_group_leave, thread_flags_group_set,
} from '../../kernel/thread_flags_group.ts';
import { TestBoard, runMain } from './harness.ts';

const STACK = { length: 1024 };

function create<T>(priority: number, task: (arg: T) => Blocking<unknown>, arg: T): Blocking<number> {
  return thread_create(STACK, STACK.length, priority, 0, task, arg, 't');
}

test('flags that are set already end a wait at once; only what was waited for is cleared', (t) => {
  // any takes all that match, one the lowest, all every one; the rest stays.
  runMain(function* () {
    const me = thread_get_active()!;
    yield* thread_flags_set(me, 0x00ff);
    t.is(yield* thread_flags_wait_one(0x00f0), 0x0010);
    t.is(yield* thread_flags_wait_any(0x0061), 0x0061);
    t.is(yield* thread_flags_wait_all(0x0082), 0x0082);
    t.is(thread_flags_clear(0xffff), 0x000c);
    t.is(thread_flags_clear(0xffff), 0);
  });
});

test('the highest flag, bit 15, is like the others', (t) => {
  // Sign extension of bit operations must not show.
  runMain(function* () {
    const me = thread_get_active()!;
    yield* thread_flags_set(me, 0x8000);
    t.is(yield* thread_flags_wait_one(0xffff), 0x8000);
  });
});

test('a waiter wakes when its condition holds, and not before; statuses are RIOT\'s', (t) => {
  // wait_all for three flags that come one by one.
  t.is(runMain(function* () {
    const any = yield* create(6, function* () {
      printf(`any ${yield* thread_flags_wait_any(0x3)} `);
    }, null);
    const all = yield* create(6, function* () {
      printf(`all ${yield* thread_flags_wait_all(0x7)} `);
    }, null);
    t.is(thread_getstatus(any), STATUS_FLAG_BLOCKED_ANY);
    t.is(thread_getstatus(all), STATUS_FLAG_BLOCKED_ALL);
    for (const flag of [0x4, 0x1, 0x2]) {
      yield* thread_flags_set(thread_get(all)!, flag);
      printf(`${flag} `);
    }
    yield* thread_flags_set(thread_get(any)!, 0x4);
    printf('4 ');
    yield* thread_flags_set(thread_get(any)!, 0x2);
  }), '4 1 all 7 2 4 any 2 ');
});

test('an interrupt handler may set flags but not wait for them', (t) => {
  // Waiting there is undefined on RIOT and says so.
  const board = new TestBoard(function* () {
    printf(`flags ${yield* thread_flags_wait_any(0xf)} `);
    yield* thread_sleep();
  });
  board.interruptAt(5, () => thread_flags_set(board.kernel.threads[2]!, 0x8));
  board.interruptAt(9, function* () {
    yield* thread_flags_wait_any(0x1);
  });
  t.is(board.run().printed, 'flags 8 undefined on RIOT: waiting for thread flags in an interrupt handler\n');
});

test('a group gets flags together: all members are woken before the first of them runs', (t) => {
  // The worse member is woken although the better one would run at once; who left is not.
  t.is(runMain(function* () {
    const group = THREAD_FLAGS_GROUP_INIT();
    const member = function* (name: string): Blocking<void> {
      thread_flags_group_join(group);
      if (name === 'c') thread_flags_group_leave(group);
      yield* thread_flags_wait_any(0x1);
      printf(`${name} (${pids.map((pid) => thread_getstatus(pid)).join(',')}) `);
    };
    const pids: number[] = [];
    for (const [priority, name] of [[4, 'a'], [5, 'b'], [3, 'c']] as const) {
      pids.push(yield* create(priority, member, name));
    }
    yield* thread_flags_group_set(group, 0x1);
    printf('main');
  }), 'a (11,12,7) b (-1,11,7) main');
});
