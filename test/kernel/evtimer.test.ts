// kernel/evtimer.ts and kernel/evtimer_msg.ts.
import test from 'ava';
import {
  evtimer_add, evtimer_del, evtimer_event_t, evtimer_init, evtimer_now_msec, evtimer_print, evtimer_t,
} from '../../kernel/evtimer.ts';
import { EVTIMER_MSG_INIT, evtimer_add_msg, evtimer_msg_event_t } from '../../kernel/evtimer_msg.ts';
import { msg_receive, msg_t } from '../../kernel/msg.ts';
import { printf } from '../../kernel/stdio.ts';
import { thread_getpid, thread_sleep } from '../../kernel/thread.ts';
import { ZTIMER_MSEC, ztimer_sleep } from '../../kernel/ztimer.ts';
import { runMain } from './harness.ts';

class named_event_t extends evtimer_event_t {
  readonly name: string;
  constructor(name: string, offset: number) {
    super();
    this.name = name;
    this.offset = offset;
  }
}

const print = (event: evtimer_event_t): undefined =>
  printf(`${(event as named_event_t).name}@${evtimer_now_msec()} `) as undefined;

test('events fire at their times, those of one time in the order in which they were added', (t) => {
  // Added out of order, two of them due together, one while others are waiting.
  t.is(runMain(function* () {
    const timer = new evtimer_t();
    evtimer_init(timer, print);
    for (const [name, offset] of [['c', 30], ['a', 10], ['b1', 20], ['b2', 20]] as const) {
      evtimer_add(timer, new named_event_t(name, offset));
    }
    yield* ztimer_sleep(ZTIMER_MSEC, 5);
    evtimer_add(timer, new named_event_t('b3', 15));
    evtimer_add(timer, new named_event_t('first', 1));
    yield* thread_sleep();
  }), 'first@6 a@10 b1@20 b2@20 b3@20 c@30 ');
});

test('offsets are kept relative to the event before, and shown so', (t) => {
  // RIOT's NIB adds them up to tell how long an event has left.
  t.is(runMain(function* () {
    const timer = new evtimer_t(print);
    for (const offset of [30, 10, 20]) evtimer_add(timer, new named_event_t('x', offset));
    evtimer_print(timer);
    yield* ztimer_sleep(ZTIMER_MSEC, 100);
  }), 'ev #1 offset=10\nev #2 offset=10\nev #3 offset=10\nx@10 x@20 x@30 ');
});

test('a deleted event does not fire, and the others keep their times', (t) => {
  // The first, one in the middle, the last, and one that is not there.
  t.is(runMain(function* () {
    const timer = new evtimer_t(print);
    const events = [10, 20, 30, 40, 50].map((offset) => new named_event_t(`e${offset}`, offset));
    for (const event of events) evtimer_add(timer, event);
    yield* ztimer_sleep(ZTIMER_MSEC, 5);
    for (const i of [0, 2, 4, 4]) evtimer_del(timer, events[i]);
    yield* ztimer_sleep(ZTIMER_MSEC, 100);
    evtimer_del(timer, events[1]);
  }), 'e20@20 e40@40 ');
});

test('a callback may add its event again', (t) => {
  // As periodic users do.
  t.is(runMain(function* () {
    let count = 0;
    const timer: evtimer_t = new evtimer_t((event) => {
      print(event);
      event.offset = 7;
      if (++count < 3) evtimer_add(timer, event);
      return undefined;
    });
    evtimer_add(timer, new named_event_t('x', 5));
    yield* thread_sleep();
  }), 'x@5 x@12 x@19 ');
});

test('evtimer_add_msg() sends the event\'s message at its time', (t) => {
  // As an interrupt does: the sender is KERNEL_PID_ISR.
  t.is(runMain(function* () {
    const timer = EVTIMER_MSG_INIT();
    const event = new evtimer_msg_event_t();
    event.offset = 25;
    event.msg.type = 0x4fc3;
    evtimer_add_msg(timer, event, thread_getpid());
    const m = new msg_t();
    yield* msg_receive(m);
    printf(`${m.type.toString(16)} from ${m.sender_pid} at ${evtimer_now_msec()}`);
  }), '4fc3 from 33 at 25');
});
