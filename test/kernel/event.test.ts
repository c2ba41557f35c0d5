// kernel/event.ts and kernel/event/.
import test from 'ava';
import type { Blocking } from '../../kernel/blocking.ts';
import {
  EVENT_QUEUE_INIT, EVENT_QUEUE_INIT_DETACHED, event_cancel, event_get, event_is_queued, event_loop,
  event_post, event_queue_claim, event_queue_init, event_queue_t, event_queues_init, event_run,
  event_sync, event_t, event_wait, event_wait_multi, event_wait_timeout_ztimer,
} from '../../kernel/event.ts';
import {
  event_callback_init, event_callback_oneshot, event_callback_post, event_callback_t,
} from '../../kernel/event/callback.ts';
import {
  event_deferred_callback_cancel, event_deferred_callback_post, event_deferred_callback_t,
} from '../../kernel/event/deferred_callback.ts';
import {
  event_periodic_callback_create, event_periodic_callback_get_arg, event_periodic_callback_get_count,
  event_periodic_callback_get_interval, event_periodic_callback_init, event_periodic_callback_set_count,
  event_periodic_callback_start, event_periodic_callback_start_now, event_periodic_callback_stop,
  event_periodic_callback_t,
} from '../../kernel/event/periodic_callback.ts';
import {
  event_periodic_init, event_periodic_set_count, event_periodic_start, event_periodic_t,
} from '../../kernel/event/periodic.ts';
import {
  event_source_attach, event_source_detach, event_source_subscriber_t, event_source_t, event_source_trigger,
} from '../../kernel/event/source.ts';
import {
  EVENT_PRIO_HIGHEST, EVENT_PRIO_LOWEST, EVENT_PRIO_MEDIUM, auto_init_event_thread,
} from '../../kernel/event/thread.ts';
import { event_timeout_init, event_timeout_set, event_timeout_t } from '../../kernel/event/timeout.ts';
import { pm_off } from '../../kernel/periph/pm.ts';
import { printf } from '../../kernel/stdio.ts';
import { thread_create } from '../../kernel/thread.ts';
import { ZTIMER_MSEC, ZTIMER_USEC, ztimer_now, ztimer_sleep } from '../../kernel/ztimer.ts';
import { TestBoard, runMain } from './harness.ts';

const STACK = { length: 1024 };

/** An event that prints `text`. */
function say(text: string): event_t {
  return new event_t(() => printf(`${text} `) as undefined);
}

test('events come in the order of their posts; one that is queued stays where it is', (t) => {
  // a is posted again while it is first.
  runMain(function* () {
    const queue = EVENT_QUEUE_INIT();
    const [a, b] = [say('a'), say('b')];
    yield* event_post(queue, a);
    yield* event_post(queue, b);
    yield* event_post(queue, a);
    t.deepEqual([event_get(queue), event_get(queue), event_get(queue)], [a, b, null]);
    yield* event_post(queue, a);
    t.is(yield* event_wait(queue), a);
  });
});

test('cancelling takes an event out of the middle, the front and the end, and nothing else', (t) => {
  // The queue must hold together afterwards: another event is posted and all are taken.
  for (const victim of [0, 1, 2]) {
    runMain(function* () {
      const queue = EVENT_QUEUE_INIT();
      const events = ['0', '1', '2'].map(say);
      const last = say('3');
      for (const event of events) yield* event_post(queue, event);
      event_cancel(queue, events[victim]);
      event_cancel(queue, events[victim]);
      t.false(event_is_queued(queue, events[victim]));
      t.true(event_is_queued(queue, events[(victim + 1) % 3]));
      yield* event_post(queue, last);
      const taken: (event_t | null)[] = [];
      for (let event = event_get(queue); event !== null; event = event_get(queue)) taken.push(event);
      t.deepEqual(taken, [...events.filter((_, i) => i !== victim), last]);
    });
  }
});

test('an event of another queue is not cancelled: undefined on RIOT, said so', (t) => {
  // RIOT would tear the other queue's list.
  t.is(runMain(function* () {
    const [one, other] = [EVENT_QUEUE_INIT(), EVENT_QUEUE_INIT()];
    const event = say('x');
    yield* event_post(one, event);
    event_cancel(other, event);
    t.true(event_is_queued(one, event));
  }), 'undefined on RIOT: event_cancel() of an event that is in another queue\n');
});

test('of several queues the first one with an event is served', (t) => {
  // Posted to the worse queue first.
  runMain(function* () {
    const queues = [new event_queue_t(), new event_queue_t()];
    event_queues_init(queues, 2);
    const [a, b] = [say('a'), say('b')];
    yield* event_post(queues[1], b);
    yield* event_post(queues[0], a);
    t.is(yield* event_wait_multi(queues, 2), a);
    t.is(yield* event_wait_multi(queues, 2), b);
  });
});

test('a handler that blocks is run to its end, and the loop goes on', (t) => {
  // A handler is ordinary code of its thread.
  t.is(runMain(function* () {
    const queue = EVENT_QUEUE_INIT_DETACHED();
    yield* thread_create(STACK, STACK.length, 6, 0, function* () {
      event_queue_claim(queue);
      yield* event_loop(queue);
    }, null, 'loop');
    yield* event_post(queue, new event_t(function* (): Blocking<void> {
      yield* ztimer_sleep(ZTIMER_USEC, 100);
      printf('slept ');
    }));
    yield* event_post(queue, say('next'));
    printf('main ');
    yield* event_sync(queue);
    printf('synced');
  }), 'main slept next synced');
});

test('event_wait_timeout_ztimer() gives the event or, at its time, null', (t) => {
  // The event comes at 5 ms of 10; the second wait takes all its 10.
  const board = new TestBoard(function* () {
    const queue = EVENT_QUEUE_INIT();
    const event = say('x');
    board.interruptAt(5000, () => event_post(queue, event));
    t.is(yield* event_wait_timeout_ztimer(queue, ZTIMER_MSEC, 10), event);
    t.is(ztimer_now(ZTIMER_USEC), 5000);
    t.is(yield* event_wait_timeout_ztimer(queue, ZTIMER_MSEC, 10), null);
    t.is(ztimer_now(ZTIMER_USEC), 15_000);
  });
  t.is(board.run().printed, '');
});

test('what RIOT asserts: a handler, a claimed queue, one owner, no synchronising with oneself', (t) => {
  // Texts with RIOT's lines of sys/event/event.c.
  const cases: [string, () => Blocking<unknown>][] = [
    ['37', () => event_post(EVENT_QUEUE_INIT(), new event_t(null))],
    ['93', () => event_wait(EVENT_QUEUE_INIT_DETACHED())],
    ['87', () => event_wait_multi([], 0)],
    ['116', () => event_wait_timeout_ztimer(EVENT_QUEUE_INIT_DETACHED(), ZTIMER_MSEC, 1)],
    ['193', () => event_sync(EVENT_QUEUE_INIT())],
    ['227', function* () {
      event_queue_claim(EVENT_QUEUE_INIT());
    }],
  ];
  for (const [line, main] of cases) t.is(runMain(main), `sys/event/event.c:${line} => FAILED ASSERTION.\n`);
});

test('callbacks get their argument; one shot sets up and posts', (t) => {
  // The argument changes with event_callback_init().
  t.is(runMain(function* () {
    const queue = new event_queue_t();
    event_queue_init(queue);
    const event = new event_callback_t<string>((arg) => printf(`first ${arg} `) as undefined, 'a');
    yield* event_callback_post(queue, event);
    yield* event_run(yield* event_wait(queue));
    event_callback_init(event, (arg) => printf(`second ${arg} `) as undefined, 'b');
    yield* event_callback_post(queue, event);
    yield* event_run(yield* event_wait(queue));
    yield* event_callback_oneshot(event, queue, (arg) => printf(`third ${arg}`) as undefined, 'c');
    yield* event_run(yield* event_wait(queue));
  }), 'first a second b third c');
});

test('a time-out of 0 posts at once, without the timer', (t) => {
  // The event is there although no time has passed.
  runMain(function* () {
    const queue = EVENT_QUEUE_INIT();
    const timeout = new event_timeout_t();
    const event = say('x');
    event_timeout_init(timeout, queue, event);
    yield* event_timeout_set(timeout, 0);
    t.is(event_get(queue), event);
  });
});

test('a source posts to all its subscribers, the newest first, before any of their threads runs', (t) => {
  // The better thread would print before the second post otherwise: it sees both events queued.
  t.is(runMain(function* () {
    const source = new event_source_t();
    const queues = [new event_queue_t(), new event_queue_t()];
    const low = say('low');
    const high = new event_t(() =>
      printf(`high (low queued: ${event_is_queued(queues[0], low)}) `) as undefined);
    const events = [low, high];
    for (const [i, priority] of [6, 5].entries()) {
      yield* thread_create(STACK, STACK.length, priority, 0, function* () {
        event_queue_claim(queues[i]);
        yield* event_loop(queues[i]);
      }, null, 't');
      event_source_attach(source, new event_source_subscriber_t(events[i], queues[i]));
    }
    const gone = new event_source_subscriber_t(say('gone'), queues[0]);
    event_source_attach(source, gone);
    event_source_detach(source, gone);
    yield* event_source_trigger(source);
    printf('main');
  }), 'high (low queued: true) low main');
});

test('without their modules the three priorities share one thread, the best queue first', (t) => {
  // Posted in the order low, medium, high by a better thread; one thread named "event" serves all.
  const board = new TestBoard(function* () {
    yield* thread_create(STACK, STACK.length, 0, 0, function* () {
      yield* event_post(EVENT_PRIO_LOWEST(), say('low'));
      yield* event_post(EVENT_PRIO_MEDIUM(), say('medium'));
      yield* event_post(EVENT_PRIO_HIGHEST(), say('high'));
    }, null, 'poster');
  }, { autoInit: auto_init_event_thread });
  t.is(board.run().printed, 'high medium low ');
  t.deepEqual(board.kernel.threads.flatMap((thread) => thread?.name ?? []), ['idle', 'event']);
});

test('a periodic callback is called by the queue\'s thread, as often as its count says', (t) => {
  // Every 10 ms, three times; then it is started at once again and stopped after the first call.
  t.is(runMain(function* () {
    const queue = EVENT_QUEUE_INIT_DETACHED();
    yield* thread_create(STACK, STACK.length, 6, 0, function* () {
      event_queue_claim(queue);
      yield* event_loop(queue);
    }, null, 'loop');
    const event = new event_periodic_callback_t(ZTIMER_MSEC, queue,
      (name: string) => printf(`${name}@${ztimer_now(ZTIMER_MSEC)} `) as undefined, 'x');
    event_periodic_callback_set_count(event, 3);
    event_periodic_callback_start(event, 10);
    yield* ztimer_sleep(ZTIMER_MSEC, 100);
    t.is(event_periodic_callback_get_count(event), 0);
    t.is(event_periodic_callback_get_interval(event), 10);
    t.is(event_periodic_callback_get_arg(event), 'x');
    event_periodic_callback_start_now(event, 50);
    yield* ztimer_sleep(ZTIMER_MSEC, 20);
    event_periodic_callback_stop(event);
    event_periodic_callback_create(ZTIMER_MSEC, 30, queue, () => printf('y ') as undefined, null);
    yield* ztimer_sleep(ZTIMER_MSEC, 31);
    pm_off();
  }), 'x@10 x@20 x@30 x@100 y ');
});

test('the init functions stop a periodic event and set it up anew: clock, queue and no end', (t) => {
  // Both run with a count on one queue before; after init nothing comes until they are started, then more often than
  // the old count.
  const posted: string[] = [];
  runMain(function* () {
    const [old, queue] = [EVENT_QUEUE_INIT(), EVENT_QUEUE_INIT()];
    const periodic = new event_periodic_t();
    const callback = new event_periodic_callback_t<string>(ZTIMER_USEC, old, say, 'old');
    function* say(text: string): Blocking<void> {
      posted.push(text);
    }
    event_periodic_init(periodic, ZTIMER_USEC, old, new event_t(() => say('old')));
    event_periodic_set_count(periodic, 1);
    event_periodic_start(periodic, 1000);
    event_periodic_callback_set_count(callback, 1);
    event_periodic_callback_start(callback, 1000);

    event_periodic_init(periodic, ZTIMER_MSEC, queue, new event_t(() => say(`event ${ztimer_now(ZTIMER_MSEC)}`)));
    event_periodic_callback_init(callback, ZTIMER_MSEC, queue, say, 'callback');
    yield* ztimer_sleep(ZTIMER_MSEC, 5);
    t.is(event_get(old), null);
    t.is(event_get(queue), null);
    event_periodic_start(periodic, 10);
    event_periodic_callback_start(callback, 10);
    for (let i = 0; i < 4; i++) yield* event_run(yield* event_wait(queue));
    pm_off();
  });
  t.deepEqual(posted, ['event 15', 'callback', 'event 25', 'callback']);
});

test('a deferred callback comes once, at its time; a new request replaces it, a cancel ends it', (t) => {
  // The first request for 10 ms is replaced at 5 ms by one for 10 more; the last is cancelled.
  t.is(runMain(function* () {
    const queue = EVENT_QUEUE_INIT_DETACHED();
    yield* thread_create(STACK, STACK.length, 6, 0, function* () {
      event_queue_claim(queue);
      yield* event_loop(queue);
    }, null, 'loop');
    const event = new event_deferred_callback_t<string>();
    const call = (name: string): undefined => printf(`${name}@${ztimer_now(ZTIMER_MSEC)} `) as undefined;
    event_deferred_callback_post(event, queue, ZTIMER_MSEC, 10, call, 'first');
    yield* ztimer_sleep(ZTIMER_MSEC, 5);
    event_deferred_callback_post(event, queue, ZTIMER_MSEC, 10, call, 'second');
    yield* ztimer_sleep(ZTIMER_MSEC, 20);
    event_deferred_callback_post(event, queue, ZTIMER_MSEC, 10, call, 'third');
    event_deferred_callback_cancel(event, ZTIMER_MSEC);
  }), 'second@15 ');
});
