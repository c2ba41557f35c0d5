// RIOT's tests/core/thread_*, written anew: each prints what RIOT's prints.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { current } from '../../../kernel/current.ts';
import { irq_disable, irq_restore } from '../../../kernel/irq.ts';
import { msg_receive, msg_send, msg_t } from '../../../kernel/msg.ts';
import { MUTEX_INIT, MUTEX_INIT_LOCKED, type mutex_t, mutex_lock, mutex_unlock } from '../../../kernel/mutex.ts';
import {
  STATUS_NOT_FOUND, STATUS_RUNNING, STATUS_SLEEPING, STATUS_ZOMBIE, THREAD_PRIORITY_MAIN,
  sched_set_status,
} from '../../../kernel/sched.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import {
  THREAD_CREATE_SLEEPING, THREAD_CREATE_WOUT_YIELD, thread_create, thread_get, thread_get_active,
  thread_getpid, thread_getstatus, thread_kill_zombie, thread_sleep, thread_wakeup,
  thread_yield_higher, thread_zombify,
} from '../../../kernel/thread.ts';
import {
  THREAD_FLAG_TIMEOUT, thread_flags_set, thread_flags_wait_all, thread_flags_wait_any, thread_flags_wait_one,
} from '../../../kernel/thread_flags.ts';
import { ZTIMER_USEC, ztimer_now, ztimer_set_timeout_flag, ztimer_t } from '../../../kernel/ztimer.ts';
import { STACKS } from '../../kernel/harness.ts';
import { expectRiotConsole } from './console.ts';

const DEFAULT = { length: STACKS.THREAD_STACKSIZE_DEFAULT };
const MAIN = { length: STACKS.THREAD_STACKSIZE_MAIN };
const SMALL = { length: STACKS.THREAD_STACKSIZE_SMALL };

test('thread_cooperation: twelve threads wait for work, share a mutex and answer in order', (t) => {
  // RIOT's own console, line by line: creation without yield, a blocking send that starts the
  // thread, the order of the answers and of the threads' ends.
  expectRiotConsole(t, 'thread_cooperation', function* () {
    const shared = { product: 1, lock: MUTEX_INIT() };
    function* worker(): Blocking<void> {
      const name = `T-${String(thread_getpid()).padStart(2, '0')}`;
      const job = new msg_t();
      printf(`${name}: alive\n`);
      yield* msg_receive(job);
      printf(`${name}: got arg ${job.content.value}\n`);
      yield* mutex_lock(shared.lock);
      shared.product *= job.content.value;
      yield* mutex_unlock(shared.lock);
      const answer = new msg_t();
      answer.content.value = thread_getpid();
      yield* msg_send(answer, job.sender_pid);
    }
    printf('[START] compute 12! (factorial).\n');
    for (let i = 1; i <= 12; i++) {
      printf(`MAIN: create thread, arg: ${i}\n`);
      const pid = yield* thread_create(DEFAULT, DEFAULT.length, THREAD_PRIORITY_MAIN - 1,
        THREAD_CREATE_WOUT_YIELD, worker, null, 'thread');
      printf(`MAIN: msg to T-${pid}\n`);
      const job = new msg_t();
      job.content.value = i;
      yield* msg_send(job, pid);
    }
    for (let i = 0; i < 12; i++) {
      const answer = new msg_t();
      yield* msg_receive(answer);
      printf(`MAIN: reply from T-${answer.content.value}\n`);
    }
    printf(`MAIN: 12! = ${shared.product}\n`);
    puts('[SUCCESS]');
  });
});

test('thread_exit: threads start by priority and flags, also after main has ended', (t) => {
  // RIOT's own console: main ends before the thread that it created without yield begins.
  function* nr4(): Blocking<void> {
    puts('4th: starting');
    puts('4th: exiting');
  }
  function* nr3(): Blocking<void> {
    puts('3rd: starting');
    puts('3rd: exiting');
  }
  function* nr2(): Blocking<void> {
    puts('2nd: starting');
    yield* thread_create(MAIN, MAIN.length, THREAD_PRIORITY_MAIN - 2, 0, nr3, null, 'nr3');
    yield* thread_create(MAIN, MAIN.length, THREAD_PRIORITY_MAIN - 1, THREAD_CREATE_WOUT_YIELD,
      nr4, null, 'nr4');
    puts('2nd: exiting');
  }
  expectRiotConsole(t, 'thread_exit', function* () {
    puts('main: starting');
    yield* thread_create(MAIN, MAIN.length, THREAD_PRIORITY_MAIN - 1, THREAD_CREATE_WOUT_YIELD,
      nr2, null, 'nr2');
    puts('main: exiting');
  });
});

test('thread_flags: any, all, one by one, and the time-out flag', (t) => {
  // RIOT's own console but for the measured times, which this board meets to the microsecond.
  const hex = (flags: number): string => `0x${flags.toString(16).padStart(4, '0')}`;
  function* waiter(done: { value: boolean }): Blocking<void> {
    puts('thread(): waiting for 0x1...');
    printf(`thread(): received flags: ${hex(yield* thread_flags_wait_any(0x1))}\n`);
    puts('thread(): waiting for 0x1 || 0x64...');
    printf(`thread(): received flags: ${hex(yield* thread_flags_wait_any(0x65))}\n`);
    puts('thread(): waiting for 0x2 && 0x4...');
    printf(`thread(): received flags: ${hex(yield* thread_flags_wait_all(0x6))}\n`);
    for (let i = 0; i < 2; i++) {
      puts('thread(): waiting for any flag, one by one');
      printf(`thread(): received flags: ${hex(yield* thread_flags_wait_one(0xffff))}\n`);
    }
    done.value = true;
  }
  function* timeout(text: string): Blocking<number> {
    puts(text);
    const before = ztimer_now(ZTIMER_USEC);
    ztimer_set_timeout_flag(ZTIMER_USEC, new ztimer_t(), 100_000);
    yield* thread_flags_wait_any(THREAD_FLAG_TIMEOUT);
    const passed = ztimer_now(ZTIMER_USEC) - before;
    printf(`main: timeout triggered. time passed: ${passed}us\n`);
    return passed;
  }
  const times: number[] = [];
  expectRiotConsole(t, 'thread_flags', function* () {
    puts('START');
    const done = { value: false };
    const pid = yield* thread_create(MAIN, MAIN.length, THREAD_PRIORITY_MAIN - 1, 0,
      waiter, done, 'second_thread');
    const thread = thread_get(pid)!;
    for (const flags of [0x1, 0x64, 0x1, 0x8, 0x2, 0x4]) {
      printf(`main(): setting flag ${hex(flags)}\n`);
      yield* thread_flags_set(thread, flags);
    }
    times.push(yield* timeout('main: setting 100ms timeout...'));
    times.push(yield* timeout('main: setting 100ms timeout (using uint64)...'));
    puts('SUCCESS');
  }, { ignore: [/\d+us$/gm] });
  t.deepEqual(times, [100_000, 100_000]);
});

test('thread_race: a thread made runnable runs at the very next yield', (t) => {
  // RIOT's own console: the sleeper's mark must be there right after thread_yield_higher().
  const state = { ran: false };
  function* sleeper(): Blocking<void> {
    while (true) {
      state.ran = true;
      yield* thread_sleep();
    }
  }
  function* check(pid: number): Blocking<void> {
    state.ran = false;
    const irq = irq_disable();
    sched_set_status(thread_get(pid)!, STATUS_RUNNING);
    yield* irq_restore(irq);
    yield* thread_yield_higher();
    puts(state.ran ? '[Success]' : '[Failed]');
  }
  expectRiotConsole(t, 'thread_race', function* () {
    puts('Context swap race condition test application');
    puts('Starting IRQ check thread');
    const pid = yield* thread_create(DEFAULT, DEFAULT.length, THREAD_PRIORITY_MAIN - 1,
      THREAD_CREATE_SLEEPING, sleeper, null, 'irqchk');
    printf('Checking for working context swap (to detect false positives)... ');
    yield* check(pid);
    printf('Checking for reset of swaps (to detect false positives)... ');
    yield* check(pid);
    printf('Checking for context swap race condition... ');
    yield* check(pid);
  });
});

test('thread_zombie: a zombie keeps its pid until it is killed; then the pid is used again', (t) => {
  // RIOT's own console: number of threads and statuses after each step.
  function* zombie(number: number): Blocking<void> {
    printf(`Thread: ${number} is starting\n`);
    printf(`Thread: ${number} calls zombify\n`);
    yield* thread_zombify();
    puts('ERROR zombie runs again!');
  }
  const create = (number: number): Blocking<number> => thread_create(SMALL, SMALL.length,
    THREAD_PRIORITY_MAIN - 1, THREAD_CREATE_SLEEPING, zombie, number, `nr${number}`);
  const count = (): void => printf(`Current number of threads = ${current().numThreads}\n`);
  const check = (...statuses: [number, number][]): void => {
    const wrong = statuses.filter(([pid, status]) => thread_getstatus(pid) !== status);
    puts(wrong.length === 0 ? 'OK' : 'Error');
  };
  expectRiotConsole(t, 'thread_zombie', function* () {
    const start = current().numThreads;
    printf(`Number of threads before the test = ${start}\n`);
    puts('Creating first thread (sleeping)');
    const first = yield* create(1);
    puts('Creating second thread (sleeping)');
    const second = yield* create(2);
    puts('Creating third thread (sleeping)');
    const third = yield* create(3);
    count();
    puts(current().numThreads === start + 3 ? 'OK' : 'Error wrong thread count');
    puts('Waking up first thread');
    yield* thread_wakeup(first);
    count();
    check([first, STATUS_ZOMBIE]);
    puts('Waking up second thread');
    yield* thread_wakeup(second);
    count();
    check([first, STATUS_ZOMBIE], [second, STATUS_ZOMBIE]);
    puts('Kill first thread');
    t.is(thread_kill_zombie(first), 1);
    count();
    check([first, STATUS_NOT_FOUND], [second, STATUS_ZOMBIE]);
    puts('Waking up third thread');
    yield* thread_wakeup(third);
    check([first, STATUS_NOT_FOUND], [second, STATUS_ZOMBIE], [third, STATUS_ZOMBIE]);
    puts('Creating fourth thread (sleeping)');
    const last = yield* create(4);
    t.is(last, first);
    check([last, STATUS_SLEEPING], [second, STATUS_ZOMBIE], [third, STATUS_ZOMBIE]);
    count();
    check([last, STATUS_SLEEPING]);
  });
});

interface Task {
  readonly name: string;
  readonly start: mutex_t;
  readonly work: () => Blocking<void>;
}

test('thread_priority_inversion: with priority inheritance the high task runs before the mid one', (t) => {
  // RIOT's own console: without inheritance `mid` would run while `low` holds what `high` needs.
  const resource = MUTEX_INIT();
  const starts = { low: MUTEX_INIT_LOCKED(), mid: MUTEX_INIT_LOCKED(), high: MUTEX_INIT_LOCKED() };
  function* task({ name, start, work }: Task): Blocking<void> {
    yield* mutex_lock(start);
    const me = thread_get_active()!;
    printf(`${name} priority thread (pid = ${me.pid}, prio = ${me.priority}) has started\n`);
    yield* work();
  }
  const begin = (name: string): void => printf(`${name} priority thread started to work on its task\n`);
  const end = (name: string): void => printf(`${name} priority thread is done\n`);
  const tasks: Task[] = [
    { name: 'low', start: starts.low, *work() {
      yield* mutex_lock(resource);
      begin('low');
      yield* mutex_unlock(starts.high);
      yield* mutex_unlock(starts.mid);
      end('low');
      yield* mutex_unlock(resource);
    } },
    { name: 'mid', start: starts.mid, *work() {
      begin('mid');
      for (const word of ['this', 'takes', 'bloody', 'ages', 'to', 'complete']) printf(`    ... ${word} ...\n`);
      end('mid');
    } },
    { name: 'high', start: starts.high, *work() {
      yield* mutex_lock(resource);
      begin('high');
      end('high');
      yield* mutex_unlock(resource);
    } },
  ];
  expectRiotConsole(t, 'thread_priority_inversion', function* () {
    for (const [i, item] of tasks.entries()) {
      yield* thread_create(SMALL, SMALL.length, THREAD_PRIORITY_MAIN - 1 - i, 0, task, item, item.name);
    }
    yield* mutex_unlock(starts.low);
    printf('TEST PASSED\n');
  }, {
    options: { modules: ['core_mutex_priority_inheritance', 'fmt'], mainStack: SMALL.length },
  });
});
