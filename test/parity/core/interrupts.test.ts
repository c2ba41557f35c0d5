// RIOT's tests/core/deferred_yield_higher, irq_disable_restore, isr_yield_higher and thread_msg_block_race, written
// anew. All have recorded consoles.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { cpu_spend } from '../../../kernel/cpu.ts';
import { current } from '../../../kernel/current.ts';
import { print_str } from '../../../kernel/fmt.ts';
import { irq_disable, irq_enable, irq_is_enabled, irq_restore } from '../../../kernel/irq.ts';
import { msg_receive, msg_t, msg_try_send } from '../../../kernel/msg.ts';
import { random_uint32_range } from '../../../kernel/random.ts';
import { THREAD_PRIORITY_MAIN } from '../../../kernel/sched.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import {
  THREAD_CREATE_WOUT_YIELD, thread_create, thread_getpid, thread_yield, thread_yield_higher,
} from '../../../kernel/thread.ts';
import { xtimer_now_usec, xtimer_set, xtimer_t } from '../../../kernel/xtimer.ts';
import { ZTIMER_USEC, ztimer_set, ztimer_t } from '../../../kernel/ztimer.ts';
import { STACKS, TestBoard } from '../../kernel/harness.ts';
import { expectRiotConsole, riotConsole } from './console.ts';

function create(size: number, priority: number, task: () => Blocking<unknown>): Blocking<number> {
  return thread_create({ length: size }, size, priority, THREAD_CREATE_WOUT_YIELD, task, null, 'nr2');
}

/** Waits for a time by reading the clock again and again; each look costs a microsecond. */
function* busyUntil(time: number): Blocking<void> {
  while (xtimer_now_usec() < time) yield* cpu_spend(1);
}

test('deferred_yield_higher: a yield with interrupts disabled happens when they are enabled', (t) => {
  // RIOT's own console: the second thread runs between the other two lines, not at the yield.
  expectRiotConsole(t, 'deferred_yield_higher', function* () {
    yield* create(STACKS.THREAD_STACKSIZE_DEFAULT, THREAD_PRIORITY_MAIN - 1, function* () {
      puts('2. second thread scheduled');
    });
    irq_disable();
    yield* thread_yield_higher();
    puts('1. post yield');
    yield* irq_enable();
    puts('3. post irq enable');
    puts('if above messages are in order, this test succeeded.');
  });
});

test('irq_disable_restore: a handler runs within a busy loop, or after it if interrupts are disabled', (t) => {
  // RIOT's own console; what the handler saw is checked as RIOT's test does, and when it ran.
  const DELAY = 10_000;
  const seen: [a: number, b: number, time: number][] = [];
  expectRiotConsole(t, 'irq_disable_restore', function* () {
    let [a, b] = [0, 0];
    const timer = new xtimer_t(() => void seen.push([a, b, xtimer_now_usec()]));
    print_str('Test for irq_disable() / irq_restore()\n======================================\n\n');
    print_str('Verifying IRQ state tracking works: ');
    const states = [irq_is_enabled()];
    const before = irq_disable();
    states.push(irq_is_enabled());
    yield* irq_restore(before);
    t.deepEqual([...states, irq_is_enabled()], [true, false, true]);
    print_str('[SUCCESS]\nVerifying test works: ');
    xtimer_set(timer, DELAY / 2);
    a = 1;
    yield* busyUntil(DELAY);
    b = 1;
    print_str('[SUCCESS]\nTest result: ');
    xtimer_set(timer, DELAY / 2);
    const state = irq_disable();
    a = 2;
    yield* busyUntil(2 * DELAY);
    b = 2;
    yield* irq_restore(state);
    print_str('[SUCCESS]\n');
  }, { options: { modules: ['fmt'] } });
  t.deepEqual(seen, [[1, 0, DELAY / 2], [2, 2, 2 * DELAY]]);
});

test('isr_yield_higher: a switch that a handler asks for does not rob a thread of its turn', (t) => {
  // RIOT's own console: both threads have one priority, so that the first goes on after the interrupt.
  const TEST_TIME = 200_000;
  expectRiotConsole(t, 'isr_yield_higher', function* () {
    puts('first thread started');
    const start = xtimer_now_usec();
    xtimer_set(new xtimer_t(() => {
      puts('timer triggered');
      current().contextSwitchRequest = true;
      return undefined;
    }), TEST_TIME / 2);
    yield* create(STACKS.THREAD_STACKSIZE_MAIN, THREAD_PRIORITY_MAIN, function* () {
      puts(xtimer_now_usec() < start + TEST_TIME ? 'TEST FAILED' : 'TEST SUCCESSFUL');
    });
    yield* busyUntil(start + TEST_TIME);
    puts('first thread done');
  });
});

test('thread_msg_block_race: interrupts at random times never let msg_receive() return without a message', (t) => {
  // RIOT's own console as far as it is recorded: each dot of the sender is followed by the receiver's backspace.
  const CANARY = 0x21fd;
  const counts = { interrupts: 0, received: 0 };
  const board = new TestBoard(function* () {
    const timer: ztimer_t = new ztimer_t(() => {
      counts.interrupts++;
      ztimer_set(ZTIMER_USEC, timer, random_uint32_range(1, 100));
      return undefined;
    });
    puts('Test is "successful" if it runs forever without halting\non any of the assertion in this file\n');
    const receiver = thread_getpid();
    puts('I will try to trigger an interrupt at random intervals. When an\n' +
      'interrupt is fired while ISR is disable in the thread_yield_higher()\n' +
      'function some platform-specific implementations used to not call\n' +
      'sched_run() which was the cause of the bug tested here');
    ztimer_set(ZTIMER_USEC, timer, random_uint32_range(1, 100));
    yield* create(STACKS.THREAD_STACKSIZE_DEFAULT, THREAD_PRIORITY_MAIN + 1, function* () {
      while (true) {
        printf('.');
        yield* cpu_spend(3);
        yield* msg_try_send(new msg_t(), receiver);
        yield* thread_yield();
      }
    });
    while (true) {
      const msg = new msg_t();
      msg.type = CANARY;
      yield* msg_receive(msg);
      if (msg.type === CANARY) return puts('Message was not written');
      counts.received++;
      printf('\b');
    }
  }).run(20_000);
  const recorded = riotConsole('thread_msg_block_race');
  t.is(board.console.slice(0, recorded.length), recorded);
  t.true(counts.interrupts > 100 && counts.received > 1000);
});
