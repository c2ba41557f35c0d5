// kernel/msg.ts.
import test from 'ava';
import type { Blocking } from '../../kernel/blocking.ts';
import {
  KERNEL_PID_ISR, msg_array, msg_avail, msg_avail_thread, msg_init_queue, msg_queue_array, msg_queue_capacity,
  msg_receive, msg_reply, msg_reply_int, msg_send, msg_send_int, msg_send_receive, msg_send_to_self,
  msg_sent_by_int, msg_t, msg_try_receive, msg_try_send,
} from '../../kernel/msg.ts';
import { printf } from '../../kernel/stdio.ts';
import { STATUS_REPLY_BLOCKED, STATUS_RUNNING, STATUS_SEND_BLOCKED } from '../../kernel/sched.ts';
import {
  THREAD_CREATE_SLEEPING, thread_create, thread_getpid, thread_getstatus, thread_sleep, thread_wakeup,
  thread_yield,
} from '../../kernel/thread.ts';
import { THREAD_FLAG_MSG_WAITING, thread_flags_wait_any } from '../../kernel/thread_flags.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../kernel/ztimer.ts';
import { TestBoard, runMain } from './harness.ts';

const STACK = { length: 1024 };

function create<T>(priority: number, task: (arg: T) => Blocking<unknown>, arg: T, flags = 0): Blocking<number> {
  return thread_create(STACK, STACK.length, priority, flags, task, arg, 't');
}

function message(value: number): msg_t {
  const m = new msg_t();
  m.type = value;
  m.content.value = value;
  return m;
}

/** Prints what it gets, `count` messages. */
function* printer(count: number): Blocking<void> {
  const m = new msg_t();
  for (let i = 0; i < count; i++) {
    yield* msg_receive(m);
    printf(`got ${m.content.value} from ${m.sender_pid} `);
  }
}

test('a waiting receiver gets the message directly, and runs at once if it is better', (t) => {
  // Sender 2 (main) has priority 7; the worse receiver prints only when main waits or has ended.
  t.is(runMain(function* () {
    const better = yield* create(6, printer, 1);
    const worse = yield* create(8, printer, 2);
    yield* thread_yield();
    t.is(yield* msg_send(message(1), better), 1);
    printf('main ');
    yield* msg_send(message(2), worse);
    yield* msg_send(message(3), worse);
    printf('end ');
  }), 'got 1 from 2 main got 2 from 2 end got 3 from 2 ');
});

test('a message is copied: what the sender does with it later does not reach the receiver', (t) => {
  // The receiver reads it after the sender has changed it.
  t.is(runMain(function* () {
    const pid = yield* create(8, function* () {
      msg_init_queue(msg_array(2), 2);
      yield* printer(1);
    }, null);
    yield* ztimer_sleep(ZTIMER_USEC, 10);
    const m = message(1);
    yield* msg_send(m, pid);
    m.content.value = 99;
    m.sender_pid = 0;
  }), 'got 1 from 2 ');
});

test('msg_send() blocks while the receiver neither waits nor has room; msg_try_send() does not', (t) => {
  // Status and return values at each step.
  runMain(function* () {
    const main = thread_getpid();
    const sender = yield* create(6, (pid: number) => msg_send(message(5), pid), main);
    t.is(thread_getstatus(sender), STATUS_SEND_BLOCKED);
    const receiver = yield* create(6, printer, 1, THREAD_CREATE_SLEEPING);
    t.is(yield* msg_try_send(message(1), receiver), 0);
    const m = new msg_t();
    t.is(yield* msg_receive(m), 1);
    t.is(m.content.value, 5);
    t.is(m.sender_pid, sender);
    t.is(yield* msg_try_receive(m), -1);
  });
});

test('sends to a pid that is not there fail: msg_send, msg_try_send, msg_send_int, msg_send_receive', (t) => {
  // -1 each, and the sender of msg_send_receive() is runnable afterwards.
  runMain(function* () {
    for (const pid of [0, 5, 33, -1]) {
      t.is(yield* msg_send(message(1), pid), -1);
      t.is(yield* msg_try_send(message(1), pid), -1);
      t.is(msg_send_int(message(1), pid), -1);
      t.is(yield* msg_send_receive(message(1), new msg_t(), pid), -1);
      t.is(thread_getstatus(thread_getpid()), STATUS_RUNNING);
    }
    yield* thread_yield();
  });
});

test('a message to oneself is queued, and 0 says that there is no room', (t) => {
  // Without a queue, with one of two places, by all three functions.
  runMain(function* () {
    const me = thread_getpid();
    t.is(yield* msg_send(message(1), me), 0);
    msg_init_queue(msg_array(2), 2);
    t.is(yield* msg_send(message(1), me), 1);
    t.is(yield* msg_try_send(message(2), me), 1);
    t.is(msg_send_to_self(message(3)), 0);
    t.is(yield* msg_send(message(3), me), 0);
    t.deepEqual([msg_avail(), msg_avail_thread(me), msg_avail_thread(1), msg_avail_thread(20)], [2, 2, 0, 0]);
    t.deepEqual([me, 1, 20].map(msg_queue_capacity), [2, 0, 0]);
  });
});

test('a blocked sender gets the place that a receive frees, in order of priority', (t) => {
  // The queue holds 1; threads of priority 5 (3), 4 (2) and 5 (4) wait: 2 enters first.
  t.is(runMain(function* () {
    msg_init_queue(msg_array(1), 1);
    const main = thread_getpid();
    msg_send_to_self(message(1));
    const send = (value: number): Blocking<unknown> => msg_send(message(value), main);
    yield* create(5, send, 3);
    yield* create(4, send, 2);
    yield* create(5, send, 4);
    const m = new msg_t();
    for (let i = 0; i < 4; i++) {
      yield* msg_receive(m);
      printf(`${m.content.value}:${msg_avail()} `);
    }
  }), '1:1 2:1 3:1 4:0 ');
});

test('a queue of msg_queue_array() makes its places as they are needed, and keeps nothing of what was taken', (t) => {
  // Ten messages go through four places; a packet that a place still pointed to would live as long as its board.
  const queue = msg_queue_array(4);
  const packet = {};
  runMain(function* () {
    msg_init_queue(queue, 4);
    t.deepEqual(Object.keys(queue), []);
    const m = new msg_t();
    for (let i = 0; i < 10; i++) {
      const sent = message(i);
      sent.content.ptr = packet;
      t.is(msg_send_to_self(sent), 1);
      if (i % 2 === 0) continue;
      for (const value of [i - 1, i]) {
        yield* msg_receive(m);
        t.deepEqual([m.content.value, m.content.ptr], [value, packet]);
      }
    }
  });
  t.deepEqual(queue.map(({ content }) => content.ptr), [null, null, null, null]);
});

test('msg_send_receive() blocks for the reply whatever state the receiver is in', (t) => {
  // The server waits, then has a full queue, then none: the client stays "bl reply" each time.
  t.is(runMain(function* () {
    function* client(server: number): Blocking<void> {
      const reply = new msg_t();
      yield* msg_send_receive(message(thread_getpid()), reply, server);
      printf(`reply ${reply.content.value} from ${reply.sender_pid} `);
    }
    const main = thread_getpid();
    msg_init_queue(msg_array(1), 1);
    const clients = [yield* create(6, client, main), yield* create(6, client, main)];
    t.deepEqual(clients.map(thread_getstatus), [STATUS_REPLY_BLOCKED, STATUS_REPLY_BLOCKED]);
    const m = new msg_t();
    for (let i = 0; i < 2; i++) {
      yield* msg_receive(m);
      const answer = message(m.content.value + 100);
      t.is(yield* msg_reply(m, answer), 1);
    }
  }), 'reply 103 from 0 reply 104 from 0 ');
});

test('msg_reply() to a thread that does not wait for one answers -1', (t) => {
  // The sender used msg_send(): it is "bl send" before and runnable after the receive.
  runMain(function* () {
    const main = thread_getpid();
    yield* create(8, (pid: number) => msg_send(message(1), pid), main);
    const m = new msg_t();
    yield* msg_receive(m);
    t.is(yield* msg_reply(m, new msg_t()), -1);
    t.is(msg_reply_int(m, new msg_t()), -1);
  });
});

test('a reply to a request that nobody has received is undefined on RIOT: said so, not given', (t) => {
  // The client waits in another thread's list of senders; on RIOT it would be in two lists.
  t.is(runMain(function* () {
    const silent = yield* create(8, thread_sleep, undefined as never);
    const client = yield* create(6, (pid: number) => msg_send_receive(message(1), new msg_t(), pid), silent);
    const forged = message(1);
    forged.sender_pid = client;
    t.is(yield* msg_reply(forged, new msg_t()), -1);
    t.is(thread_getstatus(client), STATUS_REPLY_BLOCKED);
  }), 'undefined on RIOT: msg_reply() to thread 4, whose request nobody has received yet\n');
});

test('msg_send_receive() to oneself and a reply to nobody are failed assertions', (t) => {
  // RIOT core/msg.c:262 and :303.
  t.is(runMain(() => msg_send_receive(new msg_t(), new msg_t(), thread_getpid())),
    'core/msg.c:262 => FAILED ASSERTION.\n');
  t.is(runMain(() => msg_reply(message(1), new msg_t())), 'core/msg.c:303 => FAILED ASSERTION.\n');
});

test('a message from an interrupt says so, is lost without room, and wakes a better thread', (t) => {
  // sender_pid is the pid after the last: 33 of 32 threads.
  const board = new TestBoard(function* () {
    const pid = yield* create(6, printer, 2);
    const results: number[] = [];
    board.interruptAt(10, function* () {
      const m = message(7);
      results.push(yield* msg_send(m, pid), yield* msg_try_send(message(8), pid), msg_send_int(message(9), pid));
      t.true(msg_sent_by_int(m));
    });
    yield* ztimer_sleep(ZTIMER_USEC, 100);
    t.deepEqual(results, [1, 0, 0]);
    t.is(KERNEL_PID_ISR(), 33);
  });
  t.is(board.run().printed, 'got 7 from 33 ');
});

test('msg_reply_int() answers from an interrupt handler', (t) => {
  // The client is better than main and prints before it.
  const board = new TestBoard(function* () {
    const main = thread_getpid();
    yield* create(6, function* () {
      const reply = new msg_t();
      yield* msg_send_receive(message(1), reply, main);
      printf(`reply ${reply.content.value} `);
    }, null);
    const m = new msg_t();
    yield* msg_receive(m);
    board.interruptAt(10, () => void t.is(msg_reply_int(m, message(42)), 1) as undefined);
    yield* ztimer_sleep(ZTIMER_USEC, 10);
    printf('main');
  });
  t.is(board.run().printed, 'reply 42 main');
});

test('a queued message sets the receiver\'s flag and wakes it if it waits for that', (t) => {
  // RIOT: THREAD_FLAG_MSG_WAITING; the better receiver runs before main goes on.
  t.is(runMain(function* () {
    const pid = yield* create(6, function* () {
      msg_init_queue(msg_array(4), 4);
      for (let i = 0; i < 2; i++) {
        yield* thread_flags_wait_any(THREAD_FLAG_MSG_WAITING);
        printf(`flag ${msg_avail()} `);
      }
    }, null);
    for (let i = 0; i < 2; i++) {
      yield* msg_send(message(i), pid);
      printf('sent ');
    }
  }), 'flag 1 sent flag 2 sent ');
});

test('a sender that blocks sets the flag too', (t) => {
  // The receiver has no queue at all: without the flag it would wait for ever.
  t.is(runMain(function* () {
    const pid = yield* create(8, function* () {
      yield* thread_flags_wait_any(THREAD_FLAG_MSG_WAITING);
      yield* printer(1);
    }, null);
    yield* ztimer_sleep(ZTIMER_USEC, 1);
    yield* msg_send(message(4), pid);
    printf('sent');
  }), 'sentgot 4 from 2 ');
});

test('a queue that is not a power of two is a failed assertion; one of size 0 takes nothing', (t) => {
  // RIOT: cib_init() asserts; its line is that of the header.
  t.is(runMain(function* () {
    msg_init_queue([], 0);
    t.is(msg_send_to_self(message(1)), 0);
    msg_init_queue(msg_array(3), 3);
  }), 'core/msg.c:68 => FAILED ASSERTION.\n');
});

test('msg_receive() in an interrupt handler is undefined on RIOT: said so, and the board goes on', (t) => {
  // RIOT would block the interrupted thread.
  const board = new TestBoard(function* () {
    yield* thread_sleep();
    printf('main');
  });
  board.interruptAt(5, function* () {
    t.is(yield* msg_receive(new msg_t()), -1);
    yield* thread_wakeup(2);
  });
  t.is(board.run().printed, 'undefined on RIOT: msg_receive() in an interrupt handler\nmain');
});

test('lost messages leave a trace event that says why', (t) => {
  // Readers of the trace find drops by it.
  const board = new TestBoard(function* () {
    board.tracing = true;
    msg_send_int(message(7), 30);
    msg_send_to_self(message(8));
    board.tracing = false;
    yield* thread_yield();
  });
  t.deepEqual(board.run().events.filter((e) => e.type === 'msg_lost'), [
    { layer: 'kernel', type: 'msg_lost', pid: 30, msgType: 7, reason: 'no-thread' },
    { layer: 'kernel', type: 'msg_lost', pid: 2, msgType: 8, reason: 'queue-full' },
  ] as never);
});
