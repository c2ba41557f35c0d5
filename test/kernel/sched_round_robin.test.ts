// kernel/sched_round_robin.ts: RIOT's tests/sys/sched_round_robin.
import test from 'ava';
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_spend } from '../../kernel/cpu.ts';
import { sched_round_robin_init } from '../../kernel/sched_round_robin.ts';
import { printf } from '../../kernel/stdio.ts';
import { thread_create } from '../../kernel/thread.ts';
import { ZTIMER_MSEC, ZTIMER_USEC, ztimer_now, ztimer_sleep } from '../../kernel/ztimer.ts';
import { runMain } from './harness.ts';

function* withRoundRobin(): Blocking<void> {
  sched_round_robin_init();
}

/** Keeps the CPU busy for 25 ms, in charges of 1 ms, and says when it is done. */
function* busy(name: string): Blocking<void> {
  for (let i = 0; i < 25; i++) yield* cpu_spend(1000);
  printf(`${name}@${ztimer_now(ZTIMER_MSEC)} `);
}

function* start(priority: number, name: string): Blocking<void> {
  yield* thread_create({ length: 1024 }, 1024, priority, 4, busy, name, name);
}

function* two(): Blocking<void> {
  yield* start(8, 'a');
  yield* start(8, 'b');
}

test('two busy threads of one priority share the CPU; without the module one waits for the other', (t) => {
  // 25 ms of work each. Sharing in slices of 10 ms: a works 0-10, 20-30 and 40-45, b in between.
  t.is(runMain(two), 'a@25 b@50 ');
  t.is(runMain(two, { autoInit: withRoundRobin }), 'a@45 b@50 ');
});

test('a charge that a slice cuts in two is paid in full', (t) => {
  // One charge of 25 ms each: the sum is 50 ms whatever the slices.
  t.is(runMain(function* () {
    for (const name of ['a', 'b']) {
      yield* thread_create({ length: 1024 }, 1024, 8, 4, function* () {
        yield* cpu_spend(25_000);
        printf(`${name}@${ztimer_now(ZTIMER_USEC)} `);
      }, null, name);
    }
  }, { autoInit: withRoundRobin }), 'a@45000 b@50000 ');
});

test('priority 0 is left alone', (t) => {
  // SCHED_RR_MASK: the first one runs to its end.
  t.is(runMain(function* () {
    yield* start(0, 'a');
    yield* start(0, 'b');
  }, { autoInit: withRoundRobin }), 'a@25 b@50 ');
});

test('a better thread interrupts the round, which goes on after it', (t) => {
  // c comes at 22 ms for 25 ms. The slice of a ends meanwhile: b is next at 47, a at 57, b at 67.
  t.is(runMain(function* () {
    yield* two();
    yield* ztimer_sleep(ZTIMER_MSEC, 22);
    yield* start(3, 'c');
  }, { autoInit: withRoundRobin }), 'c@47 b@72 a@75 ');
});
