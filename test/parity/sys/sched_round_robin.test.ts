// RIOT's tests/sys/sched_round_robin, written anew, with a recorded console.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { cpu_spend } from '../../../kernel/cpu.ts';
import { STATUS_NOT_FOUND, THREAD_PRIORITY_MAIN } from '../../../kernel/sched.ts';
import { sched_round_robin_init } from '../../../kernel/sched_round_robin.ts';
import { puts } from '../../../kernel/stdio.ts';
import { thread_create, thread_getpid, thread_sleep, thread_wakeup, thread_yield } from '../../../kernel/thread.ts';
import { STACKS, TestBoard } from '../../kernel/harness.ts';
import { TEST_MODULES, lines, recorded } from './console.ts';

function* main(): Blocking<void> {
  puts('starting threads');
  const mainPid = thread_getpid();
  const create = (task: () => Blocking<unknown>, name: string): Blocking<number> => {
    const size = STACKS.THREAD_STACKSIZE_DEFAULT;
    return thread_create({ length: size }, size, THREAD_PRIORITY_MAIN + 1, 0, task, null, name);
  };
  yield* create(function* () {
    puts('wakup_thread yield');
    yield* thread_yield();
    while (true) {
      puts('wakeup main');
      if ((yield* thread_wakeup(mainPid)) !== STATUS_NOT_FOUND) return;
      yield* thread_yield();
    }
  }, 'TWakeup');
  yield* create(function* () {
    puts('bad thread looping');
    while (true) yield* cpu_spend(1);
  }, 'TBad');
  puts('main is going to sleep');
  yield* thread_sleep();
  puts('[SUCCESS]');
}

test('sched_round_robin: a thread that never gives way cannot starve another of its priority', (t) => {
  // RIOT's own console. The bad thread charges each turn of its loop to the CPU: a loop without any call cannot be
  // interrupted here.
  const board = new TestBoard(main, {
    modules: TEST_MODULES,
    *autoInit() {
      sched_round_robin_init();
    },
  });
  t.deepEqual(lines(board.run(100_000).console), recorded('sched_round_robin'));
});

test('sched_round_robin: without the module the thread starves', (t) => {
  // RIOT's test has this as NORR=1: what wakes main comes never.
  const board = new TestBoard(main).run(100_000);
  t.is(board.printed, 'starting threads\nmain is going to sleep\nwakup_thread yield\nbad thread looping\n');
});
