// RIOT's tests/sys/events, event_threads and event_ztimer, written anew.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import {
  EVENT_QUEUE_INIT, event_cancel, event_loop, event_loop_multi, event_post, event_queue_init_detached,
  event_queue_t, event_queues_claim, event_sync, event_t,
} from '../../../kernel/event.ts';
import { event_callback_t } from '../../../kernel/event/callback.ts';
import {
  event_periodic_set_count, event_periodic_start, event_periodic_start_now, event_periodic_stop,
  event_periodic_t,
} from '../../../kernel/event/periodic.ts';
import {
  EVENT_PRIO_HIGHEST, EVENT_PRIO_LOWEST, EVENT_PRIO_MEDIUM, auto_init_event_thread,
} from '../../../kernel/event/thread.ts';
import {
  event_timeout_clear, event_timeout_init, event_timeout_is_pending, event_timeout_set,
  event_timeout_t, event_timeout_ztimer_init,
} from '../../../kernel/event/timeout.ts';
import { MUTEX_INIT_LOCKED, mutex_lock, mutex_unlock } from '../../../kernel/mutex.ts';
import { THREAD_PRIORITY_MAIN } from '../../../kernel/sched.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { thread_create } from '../../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_now } from '../../../kernel/ztimer.ts';
import { TestBoard } from '../../kernel/harness.ts';
import { expectRiotConsole, riotConsole } from './console.ts';

const SECOND = 1_000_000;
/** Stands for an address, which the comparison leaves out. */
const AT = '0x0040e180';

test('events: queues claimed late, order, cancelling, synchronising, callbacks and time-outs', (t) => {
  // RIOT's own console but for addresses and the measured second, which passes exactly here.
  class custom_event_t extends event_t {
    readonly text: string;
    constructor(text: string) {
      super(() => {
        printf(`triggered custom event with text: "${text}"\n`);
        return undefined;
      });
      this.text = text;
    }
  }
  const delayed = [0, 1, 2].map(() => new event_t(() => {
    printf(`triggered delayed event ${AT}\n`);
    return undefined;
  }));
  let before = 0;
  let passed = 0;
  function* claimer(queues: event_queue_t[]): Blocking<void> {
    printf(`claiming event queues ${AT}\n`);
    event_queues_claim(queues, 2);
    printf(`launching event queue for queues ${AT}\n`);
    yield* event_loop_multi(queues, 2);
  }
  expectRiotConsole(t, 'events', function* () {
    puts('[START] event test application.\n');
    const timed = new event_callback_t((arg: number) => {
      passed = ztimer_now(ZTIMER_USEC) - before;
      printf(`triggered timed callback with arg 0x${arg.toString(16)} after ${passed}us\n`);
      puts('[SUCCESS]');
      return undefined;
    }, 0x12345678);
    const queues = [new event_queue_t(), new event_queue_t()];
    printf(`initializing detached event queues ${AT}\n`);
    queues.forEach(event_queue_init_detached);
    printf(`running thread that will claim event queues ${AT}\n`);
    yield* thread_create({ length: 16384 }, 16384, THREAD_PRIORITY_MAIN + 1, 0, claimer, queues, 'ct');
    for (const [i, queue] of [1, 1, 0].entries()) {
      printf(`posting ${AT} to delayed queue at index ${queue}\n`);
      yield* event_post(queues[queue], delayed[i]);
    }
    yield* event_sync(queues[1]);
    printf(`synced with ${AT}\n`);

    const queue = EVENT_QUEUE_INIT();
    const event = new event_t((arg) => {
      t.is(arg, event);
      printf(`triggered ${AT}\n`);
      return undefined;
    });
    const cancelled = new event_t(() => t.fail('a cancelled event was handled') as never);
    printf(`posting ${AT}\n`);
    yield* event_post(queue, event);
    printf(`posting ${AT}\n`);
    yield* event_post(queue, cancelled);
    printf(`canceling ${AT}\n`);
    event_cancel(queue, cancelled);
    puts('posting custom event');
    yield* event_post(queue, new custom_event_t('CUSTOM CALLBACK'));

    const timeout = new event_timeout_t();
    event_timeout_ztimer_init(timeout, null, queue, timed);
    t.false(event_timeout_is_pending(timeout));
    event_timeout_ztimer_init(timeout, ZTIMER_USEC, null, timed);
    t.false(event_timeout_is_pending(timeout));
    puts('posting timed callback with timeout 1sec');
    event_timeout_init(timeout, queue, timed);
    before = ztimer_now(ZTIMER_USEC);
    yield* event_timeout_set(timeout, SECOND);
    t.true(event_timeout_is_pending(timeout));
    puts('posting timed callback with timeout 0.5sec and canceling it again');
    const never = new event_timeout_t();
    event_timeout_init(never, queue, cancelled);
    yield* event_timeout_set(never, SECOND / 2);
    event_timeout_clear(never);
    t.false(event_timeout_is_pending(never));
    puts('launching event queue');
    yield* event_loop(queue);
  }, { ignore: [/\d+us$/gm] });
  t.is(passed, SECOND);
});

test('event_threads: an event for a better queue interrupts the handler of a worse one', (t) => {
  // RIOT's own console: `high` comes before `medium`, `medium` before `low`.
  const high = new event_t(() => {
    puts('high');
    return undefined;
  });
  const medium = new event_t(function* (): Blocking<void> {
    yield* event_post(EVENT_PRIO_HIGHEST(), high);
    puts('medium');
  });
  const low = new event_t(function* (): Blocking<void> {
    yield* event_post(EVENT_PRIO_MEDIUM(), medium);
    puts('low');
  });
  expectRiotConsole(t, 'event_threads', function* () {
    yield* event_post(EVENT_PRIO_LOWEST(), low);
    puts('main done');
  }, {
    options: {
      modules: ['event_thread_highest', 'event_thread_medium'],
      autoInit: auto_init_event_thread,
    },
  });
});

test('event_ztimer: a periodic event, stopped and resumed from its own handler', (t) => {
  // RIOT's own console as far as its record goes, but for the measured times; those must be a second,
  // and at once after a start from the last due time.
  const times: number[] = [];
  const lock = MUTEX_INIT_LOCKED();
  let count = 0;
  let before = 0;
  function* main(): Blocking<void> {
    const callback = new event_callback_t(function* (): Blocking<void> {
      count++;
      const now = ztimer_now(ZTIMER_USEC);
      times.push(now - before);
      printf(`trigger ${count} of periodic timeout, elapsed time: ${now - before} us\n`);
      before = now;
      if (count === 2) {
        puts('stop periodic event');
        event_periodic_stop(periodic);
        puts('resume periodic event, 2 triggers remaining');
        event_periodic_start(periodic, SECOND);
        before = periodic.timer.last;
      }
      if (count === 4) yield* mutex_unlock(lock);
    }, null);
    const periodic = new event_periodic_t(ZTIMER_USEC, EVENT_PRIO_MEDIUM(), callback);
    puts('posting periodic timed callback with timeout 1sec');
    event_periodic_set_count(periodic, 4);
    before = ztimer_now(ZTIMER_USEC);
    event_periodic_start(periodic, SECOND);
    puts('waiting for periodic callback to be triggered 4 times');
    yield* mutex_lock(lock);
    puts('posting periodic timed callback with timeout 1sec and no delay');
    event_periodic_set_count(periodic, 4);
    count = 0;
    before = ztimer_now(ZTIMER_USEC);
    event_periodic_start_now(periodic, SECOND);
    puts('waiting for periodic callback to be triggered 4 times');
    yield* mutex_lock(lock);
  }
  const withoutTimes = (text: string): string[] => text.replace(/-?\d+ us$/gm, 'N us').trimEnd().split('\n');
  const config = { CONFIG_ZTIMER_USEC_MIN: 64 };
  const lines = withoutTimes(new TestBoard(main, { autoInit: auto_init_event_thread, config }).run().console);
  const expected = withoutTimes(riotConsole('event_ztimer'));
  t.deepEqual(lines.slice(0, expected.length), expected);
  t.deepEqual(times, [SECOND, SECOND, 0, SECOND, 64, SECOND - 64, 0, SECOND]);
});
