// RIOT's tests/core/thread_basic, sched_testing, thread_flood, msg_try_receive, thread_msg_block_w_queue,
// thread_msg_block_wo_queue, mutex_unlock_and_sleep and sched_change_priority, written anew: line by line with the
// recorded consoles.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { cpu_spend } from '../../../kernel/cpu.ts';
import { EOVERFLOW } from '../../../kernel/errno.ts';
import {
  msg_array, msg_init_queue, msg_receive, msg_send, msg_send_receive, msg_t, msg_try_receive, msg_try_send,
} from '../../../kernel/msg.ts';
import { MUTEX_INIT, mutex_lock, mutex_unlock_and_sleep } from '../../../kernel/mutex.ts';
import { THREAD_PRIORITY_MAIN, sched_change_priority } from '../../../kernel/sched.ts';
import { SHELL_DEFAULT_BUFSIZE, shell_run } from '../../../kernel/shell.ts';
import { shell_cmd_nice } from '../../../kernel/shell_cmds.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import {
  THREAD_CREATE_SLEEPING, THREAD_CREATE_WOUT_YIELD, thread_create, thread_get_active, thread_getpid,
  thread_wakeup, thread_yield,
} from '../../../kernel/thread.ts';
import { STACKS, TestBoard } from '../../kernel/harness.ts';
import { expectRiotConsole, riotConsole } from './console.ts';

function create(priority: number, flags: number, task: () => Blocking<unknown>, name: string): Blocking<number> {
  const size = STACKS.THREAD_STACKSIZE_MAIN;
  return thread_create({ length: size }, size, priority, flags, task, null, name);
}

test('thread_basic: main ends before the better thread that it created without a yield begins', (t) => {
  // RIOT's own console.
  expectRiotConsole(t, 'thread_basic', function* () {
    yield* create(THREAD_PRIORITY_MAIN - 1, THREAD_CREATE_WOUT_YIELD, function* () {
      puts('second thread\n');
    }, 'nr2');
    puts('first thread\n');
  });
});

test('sched_testing: yields alternate between two threads of one priority, the end of one included', (t) => {
  // RIOT's own console.
  expectRiotConsole(t, 'sched_testing', function* () {
    puts('The output should be: yield 1, snd_thread running, yield 2, done');
    puts('-'.repeat(64));
    yield* create(THREAD_PRIORITY_MAIN, THREAD_CREATE_WOUT_YIELD, function* () {
      puts('snd_thread running');
    }, 'snd');
    puts('yield 1');
    yield* thread_yield();
    puts('yield 2');
    yield* thread_yield();
    puts('done');
  });
});

test('thread_flood: there is room for 32 threads, idle and main among them', (t) => {
  // RIOT's own console: a dot for each attempt, the one that fails included.
  expectRiotConsole(t, 'thread_flood', function* () {
    let attempts = 0;
    puts('[START] Spawning threads');
    let pid: number;
    do {
      pid = yield* create(THREAD_PRIORITY_MAIN - 1, THREAD_CREATE_SLEEPING, thread_yield, 'new thread');
      attempts++;
      printf('.');
    } while (pid !== -EOVERFLOW);
    printf(`\n[SUCCESS] created ${attempts - 1}\n`);
  });
});

test('msg_try_receive: the message of a blocked sender is taken, and the sender runs on at once', (t) => {
  // RIOT's own console: the sender's end comes before the line of the receiver.
  expectRiotConsole(t, 'msg_try_receive', function* () {
    puts('main starting');
    const receiver = thread_getpid();
    yield* create(THREAD_PRIORITY_MAIN - 1, 0, function* () {
      puts('sending message...');
      yield* msg_send(new msg_t(), receiver);
    }, 'second_thread');
    printf(`msg available: ${yield* msg_try_receive(new msg_t())} (should be 1!)\n`);
  });
});

for (const [name, queue] of [['thread_msg_block_w_queue', 1], ['thread_msg_block_wo_queue', 0]] as const) {
  test(`${name}: a request that nobody takes blocks its sender for ever`, (t) => {
    // RIOT's own console, in which the sender neither says anything after its request nor ends.
    expectRiotConsole(t, name, function* () {
      const receiver = thread_getpid();
      if (queue > 0) msg_init_queue(msg_array(queue), queue);
      yield* create(THREAD_PRIORITY_MAIN - 1, THREAD_CREATE_WOUT_YIELD, function* () {
        puts('sender_thread start');
        yield* msg_try_send(new msg_t(), receiver);
        yield* msg_send_receive(new msg_t(), new msg_t(), receiver);
        puts('ERROR: sender_thread should be blocking');
      }, 'nr1');
      yield* msg_receive(new msg_t());
      puts('main thread alive');
    });
  });
}

test('mutex_unlock_and_sleep: two threads take turns a hundred thousand times and never wake without a reason', (t) => {
  // The first line of RIOT's own console; its test goes on for ever and prints another one each 100,000 turns.
  const mutex = MUTEX_INIT();
  let indicator = 0;
  const board = new TestBoard(function* () {
    const main = thread_getpid();
    const second = yield* create(THREAD_PRIORITY_MAIN - 1, THREAD_CREATE_WOUT_YIELD, function* () {
      while (true) {
        yield* mutex_lock(mutex);
        yield* thread_wakeup(main);
        indicator--;
        yield* mutex_unlock_and_sleep(mutex);
      }
    }, 'second_thread');
    for (let count = 1; ; count++) {
      yield* mutex_lock(mutex);
      yield* thread_wakeup(second);
      indicator++;
      if (Math.abs(indicator) > 1) return printf(`[ERROR] threads did not sleep properly (${indicator}).\n`);
      if (count === 100_000) return puts('[ALIVE] alternated 100k times.');
      yield* mutex_unlock_and_sleep(mutex);
    }
  });
  const expected = riotConsole('mutex_unlock_and_sleep').split('\n').slice(0, 2);
  t.deepEqual(board.run().console.trimEnd().split('\n'), expected);
});

test('sched_change_priority: a thread that made itself worse than a busy one runs when it is made better', (t) => {
  // RIOT's own console with what was typed. The busy thread charges its loop to the CPU.
  const board = new TestBoard(function* () {
    const commands = [{
      name: 'hint', desc: '', handler: () => {
        printf(`Run "nice ${pid} ${THREAD_PRIORITY_MAIN - 1}"\n`);
        return 0;
      },
    }];
    shell_cmd_nice();
    yield* create(THREAD_PRIORITY_MAIN + 1, 0, function* () {
      while (true) yield* cpu_spend(1000);
    }, 't2');
    const pid = yield* create(THREAD_PRIORITY_MAIN - 1, 0, function* () {
      while (true) {
        printf(`[t3] Setting my priority to THREAD_PRIORITY_MAIN + 2 = ${THREAD_PRIORITY_MAIN + 2}\n`);
        yield* sched_change_priority(thread_get_active()!, THREAD_PRIORITY_MAIN + 2);
        puts('[t3] Running again.');
      }
    }, 't3');
    puts('[main] Use shell command "nice" to increase prio of t3.\n' +
      '[main] If it works, it will run again. The "hint" cmd can be useful.');
    yield* shell_run(commands, new Uint8Array(SHELL_DEFAULT_BUFSIZE), SHELL_DEFAULT_BUFSIZE);
  });
  for (const [i, line] of ['hint', 'nice 4 6', 'nice 4 6'].entries()) board.typeAt(500_000 + i * 300_000, `${line}\n`);
  t.is(board.run(2_000_000).console, riotConsole('sched_change_priority'));
});
