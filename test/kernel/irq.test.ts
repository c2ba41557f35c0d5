// kernel/irq.ts: RIOT's tests/core/irq_disable_restore, deferred_yield_higher and isr_yield_higher.
import test from 'ava';
import type { Blocking } from '../../kernel/blocking.ts';
import { irq_disable, irq_enable, irq_is_enabled, irq_is_in, irq_restore } from '../../kernel/irq.ts';
import { sched_runq_advance } from '../../kernel/sched.ts';
import { printf } from '../../kernel/stdio.ts';
import {
  THREAD_CREATE_SLEEPING, thread_create, thread_get_active, thread_wakeup, thread_yield_higher,
} from '../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../kernel/ztimer.ts';
import { TestBoard, runMain } from './harness.ts';

const STACK = { length: 1024 };

test('states nest: each restore brings back what its disable found', (t) => {
  // As irq_disable_restore: disabled twice, restored twice.
  runMain(function* () {
    t.true(irq_is_enabled());
    const outer = irq_disable();
    const inner = irq_disable();
    t.deepEqual([outer, inner, irq_is_enabled()], [1, 0, false]);
    yield* irq_restore(inner);
    t.false(irq_is_enabled());
    yield* irq_restore(outer);
    t.true(irq_is_enabled());
    t.is(yield* irq_enable(), 1);
    irq_disable();
    t.is(yield* irq_enable(), 0);
    t.false(irq_is_in());
  });
});

test('a switch asked for with interrupts disabled happens when they are restored', (t) => {
  // As deferred_yield_higher: the better thread waits for the outermost restore.
  t.is(runMain(function* () {
    const pid = yield* thread_create(STACK, STACK.length, 6, THREAD_CREATE_SLEEPING, function* () {
      printf('better ');
    }, null, 't');
    const outer = irq_disable();
    const inner = irq_disable();
    yield* thread_wakeup(pid);
    yield* thread_yield_higher();
    printf('disabled ');
    yield* irq_restore(inner);
    printf('still ');
    yield* irq_restore(outer);
    printf('restored');
  }), 'disabled still better restored');
});

test('a switch asked for in an interrupt handler happens when it returns', (t) => {
  // As isr_yield_higher: thread_yield_higher() in the handler returns to it.
  const board = new TestBoard(function* () {
    yield* thread_create(STACK, STACK.length, 7, 0, function* () {
      printf('other ');
    }, null, 't');
    board.interruptAt(0, function* (): Blocking<void> {
      sched_runq_advance(thread_get_active()!.priority);
      yield* thread_yield_higher();
      printf(`handler ${irq_is_in()} `);
    });
    yield* ztimer_sleep(ZTIMER_USEC, 10);
    printf('main');
  });
  t.is(board.run().printed, 'other handler true main');
});

test('a thread that ends with interrupts disabled leaves them enabled for the next', (t) => {
  // RIOT's last context switch of a thread enables them.
  t.is(runMain(function* () {
    yield* thread_create(STACK, STACK.length, 8, 0, function* () {
      printf(String(irq_is_enabled()));
    }, null, 't');
    irq_disable();
  }), 'true');
});
