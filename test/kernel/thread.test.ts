// kernel/thread.ts and kernel/sched.ts.
import test from 'ava';
import type { Blocking } from '../../kernel/blocking.ts';
import { EINVAL, EOVERFLOW } from '../../kernel/errno.ts';
import { printf } from '../../kernel/stdio.ts';
import {
  STATUS_NOT_FOUND, STATUS_PENDING, STATUS_RUNNING, STATUS_SLEEPING, pid_is_valid,
  sched_change_priority, sched_register_cb, sched_runq_callback, sched_runq_exactly_one, sched_runq_is_empty,
  sched_runq_more_than_one, sched_yield,
} from '../../kernel/sched.ts';
import {
  SIZEOF_THREAD_T, THREAD_CREATE_SLEEPING, THREAD_CREATE_WOUT_YIELD, thread_create, thread_get,
  thread_get_active, thread_get_unchecked, thread_getname, thread_getpid, thread_getstatus, thread_kill_zombie,
  thread_sleep, thread_state_to_string, thread_wakeup, thread_yield, thread_zombify,
} from '../../kernel/thread.ts';
import { ps } from '../../kernel/ps.ts';
import { TestBoard, runMain } from './harness.ts';

const STACK = { length: 1024 };

function* say(text: string): Blocking<void> {
  printf(text);
}

function create(
  priority: number, flags: number, task: (text: string) => Blocking<unknown>, text = '',
): Blocking<number> {
  return thread_create(STACK, STACK.length, priority, flags, task, text, `t${text}`);
}

test('thread_create() runs a better thread at once, an equal or worse one later', (t) => {
  // main has priority 7.
  t.is(runMain(function* () {
    yield* create(7, 0, say, 'equal ');
    yield* create(8, 0, say, 'worse ');
    yield* create(6, 0, say, 'better ');
    printf('main ');
  }), 'better main equal worse ');
});

test('THREAD_CREATE_WOUT_YIELD lets the caller go on; THREAD_CREATE_SLEEPING wins over it', (t) => {
  // The sleeper has the best priority of all and still needs its wake-up.
  t.is(runMain(function* () {
    const sleeper = yield* create(1, THREAD_CREATE_SLEEPING | THREAD_CREATE_WOUT_YIELD, say, 'sleeper ');
    yield* create(6, THREAD_CREATE_WOUT_YIELD, say, 'late ');
    printf(`main ${thread_getstatus(sleeper) === STATUS_SLEEPING} `);
    yield* thread_wakeup(sleeper);
    printf('end');
  }), 'main true sleeper late end');
});

test('thread_create() refuses a bad priority, a tiny stack and a thread too many', (t) => {
  // The bounds themselves are accepted: priority 15, a stack of just the control block, 32 threads.
  runMain(function* () {
    const make = (size: number, priority: number): Blocking<number> =>
      thread_create({ length: size }, size, priority, THREAD_CREATE_SLEEPING, say, '', 'x');
    t.is(yield* make(1024, 16), -EINVAL);
    t.is(yield* make(1024, -1), -EINVAL);
    t.is(yield* make(SIZEOF_THREAD_T - 1, 7), -EINVAL);
    t.is(yield* make(SIZEOF_THREAD_T, 15), 3);
    for (let pid = 4; pid <= 32; pid++) t.is(yield* make(1024, 7), pid);
    t.is(yield* make(1024, 7), -EOVERFLOW);
  });
});

test('a new thread gets the lowest free pid', (t) => {
  // Thread 3 ends at once; 4 and 5 stay.
  runMain(function* () {
    yield* create(8, 0, say);
    t.is(yield* create(8, THREAD_CREATE_SLEEPING, say), 4);
    yield* create(9, 0, say);
    yield* thread_sleep();
  });
  runMain(function* () {
    t.is(yield* create(6, 0, say), 3);
    t.is(yield* create(6, 0, say), 3);
    t.is(yield* create(8, 0, say), 3);
    t.is(yield* create(8, 0, say), 4);
  });
});

test('the argument reaches the thread, and name, pid and status can be asked for', (t) => {
  // What thread_get*() answer, for a thread and for none.
  const seen: unknown[] = [];
  runMain(function* () {
    const pid = yield* thread_create(STACK, STACK.length, 6, 0, function* (arg: { x: number }) {
      seen.push(arg.x, thread_getpid(), thread_getname(thread_getpid()));
      yield* thread_sleep();
    }, { x: 42 }, 'named');
    t.is(thread_get(pid)?.name, 'named');
    t.is(thread_getstatus(pid), STATUS_SLEEPING);
    t.is(thread_getstatus(thread_getpid()), STATUS_RUNNING);
    t.is(thread_get_active()?.pid, thread_getpid());
    for (const none of [0, 4, 33, -1]) {
      t.is(thread_get(none), null);
      t.is(thread_getname(none), null);
      t.is(thread_getstatus(none), STATUS_NOT_FOUND);
    }
  });
  t.deepEqual(seen, [42, 3, 'named']);
});

test('thread_yield() hands over to equals in turn, never to worse ones', (t) => {
  // Three threads of one priority and a worse one.
  const loop = function* (text: string): Blocking<void> {
    for (let i = 0; i < 2; i++) {
      printf(text);
      yield* thread_yield();
    }
  };
  t.is(runMain(function* () {
    yield* create(9, THREAD_CREATE_WOUT_YIELD, say, 'worse');
    for (const name of ['a', 'b', 'c']) yield* create(8, THREAD_CREATE_WOUT_YIELD, loop, name);
  }), 'abcabcworse');
});

test('a preempted thread goes on before its equals; one that yields goes behind them', (t) => {
  // B.3 of the scheduler: preemption leaves the head of the run queue where it is.
  t.is(runMain(function* () {
    yield* create(7, 0, say, 'equal ');
    yield* create(6, 0, say, 'better ');
    printf('first ');
    yield* thread_yield();
    printf('last');
  }), 'better first equal last');
});

test('thread_wakeup() answers 1 only for a sleeper', (t) => {
  // A pending thread, a dead one and a pid out of range are none.
  runMain(function* () {
    const sleeper = yield* create(8, THREAD_CREATE_SLEEPING, say);
    const pending = yield* create(8, 0, say);
    const dead = yield* create(6, 0, say);
    t.is(yield* thread_wakeup(sleeper), 1);
    t.is(yield* thread_wakeup(sleeper), STATUS_NOT_FOUND);
    t.is(yield* thread_wakeup(pending), STATUS_NOT_FOUND);
    t.is(yield* thread_wakeup(dead), STATUS_NOT_FOUND);
    t.is(yield* thread_wakeup(99), STATUS_NOT_FOUND);
    t.is(thread_getstatus(sleeper), STATUS_PENDING);
  });
});

test('only a zombie can be killed', (t) => {
  // thread_kill_zombie() frees the pid: then it is not found.
  runMain(function* () {
    const pid = yield* create(6, 0, thread_zombify);
    const sleeper = yield* create(8, THREAD_CREATE_SLEEPING, say);
    t.is(thread_kill_zombie(sleeper), STATUS_NOT_FOUND);
    t.is(thread_kill_zombie(pid), 1);
    t.is(thread_kill_zombie(pid), STATUS_NOT_FOUND);
  });
});

test('thread_sleep() and thread_zombify() do nothing in an interrupt handler', (t) => {
  // They would otherwise take the interrupted thread out of its run queue.
  const board = new TestBoard(function* () {
    yield* thread_sleep();
  });
  board.interruptAt(5, function* () {
    yield* thread_sleep();
    yield* thread_zombify();
    yield* thread_wakeup(2);
  });
  t.is(board.run().kernel.threads[2], null);
});

test('sched_change_priority(): who becomes worse yields, who becomes better runs', (t) => {
  // main goes from 7 to 9 behind `a`; `b` is raised above it while it is pending.
  t.is(runMain(function* () {
    yield* create(8, 0, say, 'a ');
    const b = yield* create(10, 0, say, 'b ');
    yield* sched_change_priority(thread_get_active()!, 9);
    printf('main ');
    yield* sched_change_priority(thread_get(b)!, 3);
    printf('end');
  }), 'a main b end');
});

test('sched_change_priority() of a sleeping thread counts when it wakes', (t) => {
  // No yield at the change; the wake-up runs it at once.
  t.is(runMain(function* () {
    const pid = yield* create(10, THREAD_CREATE_SLEEPING, say, 'woken ');
    yield* sched_change_priority(thread_get(pid)!, 2);
    printf('changed ');
    yield* thread_wakeup(pid);
    printf('end');
  }), 'changed woken end');
});

test('sched_register_cb() hears of each switch: who stops, then who starts', (t) => {
  // main (2) creates 3, which ends; at the end idle (1) takes over. A dead thread does not stop.
  const calls: [number, number][] = [];
  runMain(function* () {
    sched_register_cb((active, next) => {
      calls.push([active, next]);
      return undefined;
    });
    yield* create(6, 0, say);
  });
  t.deepEqual(calls, [[2, 0], [0, 3], [0, 2], [0, 1]]);
});

test('thread_state_to_string() knows RIOT\'s texts', (t) => {
  // RIOT core/thread.c, in the order of the statuses.
  runMain(function* () {
    t.deepEqual(Array.from({ length: 13 }, (_, state) => thread_state_to_string(state)), [
      'stopped', 'zombie', 'sleeping', 'bl mutex', 'bl rx', 'bl send', 'bl reply', 'bl anyfl',
      'bl allfl', 'bl mbox', 'bl cond', 'running', 'pending',
    ]);
  });
});

test('ps() prints RIOT\'s table', (t) => {
  // Lines of riot-captures/a-boot-gnrc.shell.txt; addresses are modelled. The use of main's stack is the app's: unknown.
  const figures = (line: string): string => line.replace(/0x[0-9a-f]{6}/g, '0xADDRES');
  const lines = runMain(function* () {
    ps();
  }).split('\n');
  t.is(lines[0], '\tpid | name                 | state    Q | pri ' +
    '| stack  ( used) ( free) | base addr  | current     ');
  t.is(figures(lines[1]), '\t  - | isr_stack            | -        - |   - |  16384 (   -1) (16385) |   0xADDRES |   0xADDRES');
  t.is(figures(lines[2]), '\t  1 | idle                 | pending  Q |  15 |  16384 ( 1328) (15056) |   0xADDRES |   0xADDRES ');
  t.is(figures(lines[3]), '\t  2 | main                 | running  Q |   7 |  20480 (    -) (    -) |   0xADDRES |          - ');
  t.is(figures(lines[4]), '\t    | SUM                  |            |     |  53248 (    -) (    -)');
});

test('valid pids are 1 to MAXTHREADS; only with these may thread_get_unchecked() be asked', (t) => {
  // 32 threads by default; a valid pid that no thread has answers null. C would read past its table: said so.
  t.is(runMain(function* () {
    t.deepEqual([-1, 0, 1, 32, 33].map(pid_is_valid), [false, false, true, true, false]);
    t.is(thread_get_unchecked(thread_getpid()), thread_get_active());
    t.is(thread_get_unchecked(32), null);
    t.is(thread_get_unchecked(33), null);
  }), 'undefined on RIOT: thread_get_unchecked() of a pid that no thread can have\n');
});

test('a run queue tells whether it has none, one or more threads', (t) => {
  // main is alone at 7; at 9 there come one and another one.
  const look = (priority: number): boolean[] =>
    [sched_runq_is_empty(priority), sched_runq_exactly_one(priority), sched_runq_more_than_one(priority)];
  runMain(function* () {
    t.deepEqual(look(7), [false, true, false]);
    t.deepEqual(look(9), [true, false, false]);
    yield* create(9, 0, say);
    t.deepEqual(look(9), [false, true, false]);
    yield* create(9, 0, say);
    t.deepEqual(look(9), [false, false, true]);
  });
});

test('sched_yield() hands over to a thread of the same priority, not to a worse one, and returns 0', (t) => {
  // As thread_yield(), of which it is POSIX's name.
  t.is(runMain(function* () {
    yield* create(7, 0, say, 'same ');
    yield* create(8, 0, say, 'worse');
    t.is(yield* sched_yield(), 0);
    printf('main ');
  }), 'same main worse');
});

test('the run queue callback is told when the queue of the active priority grows and when any becomes empty', (t) => {
  // main runs at 7: a thread put beside it is told of, one at 9 not; one at 5 runs at once, ends and leaves 5 empty.
  const told: number[] = [];
  runMain(function* () {
    sched_runq_callback((priority) => {
      told.push(priority);
    });
    yield* create(7, THREAD_CREATE_WOUT_YIELD, say);
    t.deepEqual(told, [7]);
    yield* create(9, THREAD_CREATE_WOUT_YIELD, say);
    t.deepEqual(told, [7]);
    yield* create(5, 0, say);
    t.deepEqual(told.slice(0, 4), [7, 5, 5, 7]);
    sched_runq_callback(null);
    const before = told.length;
    yield* create(5, 0, say);
    t.is(told.length, before);
  });
});
