// RIOT's tests/sys/event_source, event_thread_shared, event_periodic_callback, event_wait_timeout and
// event_wait_timeout_ztimer, written anew. All have recorded consoles.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import {
  EVENT_QUEUE_INIT, event_post, event_queue_init, event_queue_t, event_run, event_t, event_wait_timeout,
  event_wait_timeout64, event_wait_timeout_ztimer,
} from '../../../kernel/event.ts';
import { event_callback_oneshot, event_callback_t } from '../../../kernel/event/callback.ts';
import { event_deferred_callback_post, event_deferred_callback_t } from '../../../kernel/event/deferred_callback.ts';
import {
  event_periodic_callback_set_count, event_periodic_callback_start, event_periodic_callback_start_now,
  event_periodic_callback_t,
} from '../../../kernel/event/periodic_callback.ts';
import {
  event_source_attach, event_source_detach, event_source_subscriber_t, event_source_t, event_source_trigger,
} from '../../../kernel/event/source.ts';
import {
  EVENT_PRIO_HIGHEST, EVENT_PRIO_LOWEST, EVENT_PRIO_MEDIUM, auto_init_event_thread,
} from '../../../kernel/event/thread.ts';
import { THREAD_PRIORITY_MAIN } from '../../../kernel/sched.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { thread_create } from '../../../kernel/thread.ts';
import { ZTIMER_MSEC, ZTIMER_USEC, ztimer_now, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { STACKS, TestBoard } from '../../kernel/harness.ts';
import { expectRiotConsole } from '../core/console.ts';
import { TEST_MODULES, lines, recorded } from './console.ts';

const EVENT_THREAD = { autoInit: auto_init_event_thread };

function say(text: string): undefined {
  puts(text);
}

test('event_source: a trigger posts the events of all subscribers, the newest first', (t) => {
  // RIOT's own console: nothing for an empty source, then C, B, A, which were attached in the order A, B, C.
  expectRiotConsole(t, 'event_source', function* () {
    const source = new event_source_t();
    const subscribers = ['event A', 'event B', 'event C'].map((text) =>
      new event_source_subscriber_t(new event_callback_t(say, text), EVENT_PRIO_MEDIUM()));
    puts('empty event source');
    yield* event_source_trigger(source);
    for (const subscriber of subscribers) event_source_attach(source, subscriber);
    puts('occupied event source');
    yield* event_source_trigger(source);
  }, { options: EVENT_THREAD });
});

test('event_source: a subscriber that was detached gets no more events', (t) => {
  // The test of RIOT attaches only; this is the other half of its header.
  const board = new TestBoard(function* () {
    const source = new event_source_t();
    const [a, b, c] = ['a', 'b', 'c'].map((text) =>
      new event_source_subscriber_t(new event_callback_t(say, text), EVENT_PRIO_MEDIUM()));
    for (const subscriber of [a, b]) event_source_attach(source, subscriber);
    event_source_detach(source, a);
    event_source_detach(source, c);
    yield* event_source_trigger(source);
  }, EVENT_THREAD);
  t.is(board.run().printed, 'b\n');
});

test('event_thread_shared: with one thread for all queues a handler is not interrupted', (t) => {
  // RIOT's own console: `low` ends before the better events that it posts begin, and those come by queue.
  const high = new event_t(() => say('high'));
  const medium = new event_t(function* (): Blocking<void> {
    yield* event_post(EVENT_PRIO_HIGHEST(), high);
    puts('medium');
  });
  const low = new event_t(function* (): Blocking<void> {
    yield* event_post(EVENT_PRIO_MEDIUM(), medium);
    yield* event_post(EVENT_PRIO_HIGHEST(), high);
    puts('low');
  });
  expectRiotConsole(t, 'event_thread_shared', function* () {
    yield* event_post(EVENT_PRIO_LOWEST(), low);
    puts('main done');
  }, { options: EVENT_THREAD });
});

test('event_periodic_callback: one-shot, deferred and three periodic callbacks come in their order', (t) => {
  // RIOT's own console. Counts end the periodic ones: no event follows the 14 of the record.
  expectRiotConsole(t, 'event_periodic_callback', function* () {
    yield* event_callback_oneshot(new event_callback_t<string>(say, ''), EVENT_PRIO_MEDIUM(), say, 'event 0');
    event_deferred_callback_post(
      new event_deferred_callback_t<string>(), EVENT_PRIO_MEDIUM(), ZTIMER_MSEC, 750, say, 'event D');
    const [a, b, c] = ['event A', 'event B', 'event C'].map((text) =>
      new event_periodic_callback_t(ZTIMER_MSEC, EVENT_PRIO_MEDIUM(), say, text));
    event_periodic_callback_set_count(a, 6);
    event_periodic_callback_set_count(b, 3);
    event_periodic_callback_set_count(c, 3);
    event_periodic_callback_start(a, 502);
    event_periodic_callback_start(b, 1001);
    event_periodic_callback_start_now(c, 1500);
    yield* ztimer_sleep(ZTIMER_MSEC, 3020);
  }, { options: EVENT_THREAD });
});

const STATIC_TIMEOUT = 10_000;
const TIMEOUT = 50_000;
type Wait = (queue: event_queue_t, timeout: number) => Blocking<event_t | null>;

/** What both tests of event_wait_timeout do: `waits` with 10 ms, then a thread that waits 50 ms again and again. */
function* waitTimeoutMain(
  again: Wait, waits: readonly { text: string; wait: Wait; timeout: number }[],
): Blocking<void> {
  const queue = new event_queue_t();
  const counts = { events: 0, timeouts: 0 };
  const event = new event_t(() => void counts.events++);
  puts('[START] event_wait_timeout test application.\n');
  const own = EVENT_QUEUE_INIT();
  for (const { wait } of waits) if ((yield* wait(own, 0)) !== null) puts('[FAILED]');
  for (const { text, wait, timeout } of waits) {
    puts(`waiting for event with 10ms timeout${text}...`);
    const before = ztimer_now(ZTIMER_USEC);
    if ((yield* wait(own, timeout)) !== null) puts('[FAILED]');
    printf(`event_wait time out after ${ztimer_now(ZTIMER_USEC) - before}us\n`);
  }
  function* counter(): Blocking<never> {
    event_queue_init(queue);
    while (true) {
      const got = yield* again(queue, TIMEOUT);
      if (got === null) counts.timeouts++;
      else yield* event_run(got);
    }
  }
  const size = STACKS.THREAD_STACKSIZE_DEFAULT;
  yield* thread_create({ length: size }, size, THREAD_PRIORITY_MAIN - 5, 0, counter, null, 'cnt');
  yield* ztimer_sleep(ZTIMER_MSEC, 155);
  for (let i = 0; i < 3; i++) {
    yield* event_post(queue, event);
    yield* ztimer_sleep(ZTIMER_MSEC, 5);
  }
  yield* ztimer_sleep(ZTIMER_MSEC, 35);
  yield* event_post(queue, event);
  yield* ztimer_sleep(ZTIMER_MSEC, 60);
  printf(`finished: ${counts.events}/4 events and ${counts.timeouts}/4 timeouts recorded\n`);
  puts(counts.events === 4 && counts.timeouts === 4 ? '[SUCCESS]' : '[FAILED]');
}

const ELAPSED = /\d+us$/gm;

for (const [name, main] of [
  ['event_wait_timeout', () => waitTimeoutMain(event_wait_timeout, [
    { text: '', wait: event_wait_timeout, timeout: STATIC_TIMEOUT },
    { text: ' (using uint64)', wait: event_wait_timeout64, timeout: STATIC_TIMEOUT },
  ])],
  ['event_wait_timeout_ztimer', () => waitTimeoutMain((q, us) => event_wait_timeout_ztimer(q, ZTIMER_USEC, us), [
    { text: ' @ ZTIMER_USEC', wait: (q, us) => event_wait_timeout_ztimer(q, ZTIMER_USEC, us), timeout: STATIC_TIMEOUT },
    { text: ' @ ZTIMER_MSEC', wait: (q, ms) => event_wait_timeout_ztimer(q, ZTIMER_MSEC, ms), timeout: 10 },
  ])],
] as const) {
  test(`${name}: a wait ends with an event or after its time, and one does not shorten the next`, (t) => {
    // RIOT's own console but for the measured times, which are 10 ms exactly here.
    const board = new TestBoard(main, { modules: TEST_MODULES }).run(1_000_000);
    t.deepEqual(lines(board.console, ELAPSED), recorded(name, ELAPSED));
    t.deepEqual(board.console.match(ELAPSED), ['10000us', '10000us']);
  });
}
