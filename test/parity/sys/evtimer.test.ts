// RIOT's tests/sys/evtimer_msg, evtimer_mbox and evtimer_underflow, written anew, with recorded consoles.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { evtimer_del, evtimer_now_msec, evtimer_print, evtimer_t } from '../../../kernel/evtimer.ts';
import { evtimer_add_mbox, evtimer_init_mbox, evtimer_mbox_event_t } from '../../../kernel/evtimer_mbox.ts';
import { EVTIMER_MSG_INIT, evtimer_add_msg, evtimer_msg_event_t } from '../../../kernel/evtimer_msg.ts';
import { MBOX_INIT, mbox_avail, mbox_try_get } from '../../../kernel/mbox.ts';
import { msg_array, msg_init_queue, msg_receive, msg_t } from '../../../kernel/msg.ts';
import { THREAD_PRIORITY_MAIN } from '../../../kernel/sched.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { thread_create, thread_getpid } from '../../../kernel/thread.ts';
import { ZTIMER_MSEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { STACKS, TestBoard } from '../../kernel/harness.ts';
import { expectRiotConsole } from '../core/console.ts';
import { recorded } from './console.ts';

function worker(task: () => Blocking<unknown>): Blocking<number> {
  const size = STACKS.THREAD_STACKSIZE_MAIN;
  return thread_create({ length: size }, size, THREAD_PRIORITY_MAIN - 1, 0, task, null, 'worker');
}

test('evtimer_msg: events are listed by what is left, deleted, and come to the millisecond', (t) => {
  // RIOT's own console, times included.
  const offsets = [1000, 1500, 659, 3954];
  const evtimer = EVTIMER_MSG_INIT();
  const events = offsets.map(() => new evtimer_msg_event_t());
  const addAll = (pid: number): void => events.forEach((event, i) => {
    event.offset = offsets[i];
    event.msg.content.ptr = `#${i} supposed to be ${evtimer_now_msec() + event.offset}`;
    evtimer_add_msg(evtimer, event, pid);
  });
  expectRiotConsole(t, 'evtimer_msg', function* () {
    const pid = yield* worker(function* () {
      const m = new msg_t();
      for (let count = 0; ; count++) {
        yield* msg_receive(m);
        const text = String(m.content.ptr);
        printf(`At ${String(evtimer_now_msec()).padStart(6)} ms received msg ${count}: "${text}"\n`);
      }
    });
    puts('Testing generic evtimer');
    addAll(pid);
    evtimer_del(evtimer, events[3]);
    evtimer_del(evtimer, events[2]);
    puts('This should list 2 items');
    evtimer_print(evtimer);
    for (const event of events) evtimer_del(evtimer, event);
    addAll(pid);
    puts('This should list 4 items');
    evtimer_print(evtimer);
    puts('Are the reception times of all 4 msgs close to the supposed values?');
    yield* ztimer_sleep(ZTIMER_MSEC, 3964);
    puts('By now all msgs should have been received');
    puts('If yes, the tests were successful');
  });
});

test('evtimer_underflow: events that are due at once all come, in their order', (t) => {
  // RIOT's own console, of which the first 34 messages are recorded.
  const evtimer = EVTIMER_MSG_INIT();
  const board = new TestBoard(function* () {
    const pid = yield* worker(function* () {
      msg_init_queue(msg_array(8), 8);
      const m = new msg_t();
      while (true) {
        yield* msg_receive(m);
        printf(`received msg "${String(m.content.ptr)}"\n`);
      }
    });
    const events = Array.from({ length: 8 }, (_, i) => {
      const event = new evtimer_msg_event_t();
      event.msg.content.ptr = String(i + 1);
      return event;
    });
    while (true) {
      for (const event of events) {
        evtimer_add_msg(evtimer, event, pid);
        yield* ztimer_sleep(ZTIMER_MSEC, 10);
      }
    }
  });
  const expected = recorded('evtimer_underflow');
  t.is(expected.filter((line) => line.startsWith('received')).length, 34);
  t.deepEqual(board.run(339_000).console.split('\n'), expected);
});

test('evtimer_mbox: messages come into a mailbox in the order of their times, and one too many is lost', (t) => {
  // RIOT's own console; its test fills a mailbox of four, here a fifth event follows, at the time at which main wakes.
  expectRiotConsole(t, 'evtimer_mbox', function* () {
    const mbox = MBOX_INIT(msg_array(4), 4);
    const timer = new evtimer_t();
    evtimer_init_mbox(timer);
    for (let i = 4; i >= 0; i--) {
      const event = new evtimer_mbox_event_t();
      event.offset = 100 + 100 * i;
      event.msg.type = i;
      evtimer_add_mbox(timer, event, mbox);
    }
    const trigger = new evtimer_msg_event_t();
    trigger.offset = 500;
    evtimer_add_msg(EVTIMER_MSG_INIT(), trigger, thread_getpid());
    const m = new msg_t();
    yield* msg_receive(m);
    t.is(mbox_avail(mbox), 4);
    const types: number[] = [];
    while ((yield* mbox_try_get(mbox, m)) === 1) types.push(m.type);
    t.deepEqual(types, [0, 1, 2, 3]);
    puts('Test successful\n');
  });
});
