// RIOT's tests/core/msg_*, thread_msg* and tests/sys/pipe, written anew: each prints what RIOT's prints.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import {
  KERNEL_PID_ISR, msg_array, msg_avail, msg_init_queue, msg_queue_print, msg_receive, msg_reply,
  msg_send, msg_send_receive, msg_send_to_self, msg_t,
} from '../../../kernel/msg.ts';
import {
  msg_bus_attach, msg_bus_detach, msg_bus_entry_t, msg_bus_get_sender_pid, msg_bus_get_type,
  msg_bus_init, msg_bus_post, msg_bus_subscribe, msg_bus_t, msg_is_from_bus,
} from '../../../kernel/msg_bus.ts';
import { MUTEX_INIT_LOCKED, mutex_lock, mutex_unlock } from '../../../kernel/mutex.ts';
import { pipe_read, pipe_t, pipe_write } from '../../../kernel/pipe.ts';
import { ringbuffer_t } from '../../../kernel/ringbuffer.ts';
import { STATUS_NOT_FOUND, THREAD_PRIORITY_MAIN } from '../../../kernel/sched.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { encodeText, decodeText } from '../../../kernel/text.ts';
import {
  KERNEL_PID_FIRST, THREAD_CREATE_WOUT_YIELD, thread_create, thread_getpid, thread_getstatus, thread_yield,
} from '../../../kernel/thread.ts';
import { STACKS } from '../../kernel/harness.ts';
import { expectRiotConsole } from './console.ts';

const MAIN = { length: STACKS.THREAD_STACKSIZE_MAIN };

/** A thread of main's stack size. */
function create<T>(priority: number, task: (arg: T) => Blocking<unknown>, arg: T, name: string): Blocking<number> {
  return thread_create(MAIN, MAIN.length, priority, 0, task, arg, name);
}

test('thread_msg: a sender without a queue to send to, a server and a client take turns', (t) => {
  // RIOT's own console: three threads of one priority, so the order is that of blocking alone.
  const pids = { main: 0, p1: 0, p2: 0 };
  function* client(): Blocking<void> {
    puts('THREAD 1 start\n');
    for (let i = 0; i < 3; i++) {
      const [msg, reply] = msg_array(2);
      yield* msg_receive(msg);
      printf(`T1 recv: ${msg.content.value}(i=${i})\n`);
      msg.content.value = i;
      yield* msg_send_receive(msg, reply, pids.p2);
      printf(`T1 got reply: ${reply.content.value} (i=${i})\n`);
    }
    puts('THREAD 1 end\n');
    yield* msg_send(new msg_t(), pids.main);
  }
  function* server(): Blocking<void> {
    puts('THREAD 2 start\n');
    for (let i = 0; ; i++) {
      const [msg, reply] = msg_array(2);
      yield* msg_receive(msg);
      printf(`T2 got ${msg.content.value} (i=${i})\n`);
      reply.content.value = msg.content.value;
      yield* msg_reply(msg, reply);
    }
  }
  function* source(): Blocking<void> {
    puts('THREAD 3 start\n');
    for (let i = 0; ; i++) {
      const msg = new msg_t();
      msg.content.value = i;
      printf(`T3 i=${i}\n`);
      yield* msg_send(msg, pids.p1);
    }
  }
  expectRiotConsole(t, 'thread_msg', function* () {
    pids.main = thread_getpid();
    pids.p1 = yield* create(THREAD_PRIORITY_MAIN + 1, client, null, 'nr1');
    pids.p2 = yield* create(THREAD_PRIORITY_MAIN + 1, server, null, 'nr2');
    yield* create(THREAD_PRIORITY_MAIN + 1, source, null, 'nr3');
    puts('THREADS CREATED\n');
    yield* msg_receive(new msg_t());
    puts('SUCCESS');
  });
});

test('thread_msg_seq: blocked senders are served in the order in which they came', (t) => {
  // RIOT's own console: each sender ends as soon as its message is taken, before the receiver prints.
  function* sender({ main, text }: { main: number; text: string }): Blocking<void> {
    printf(`THREAD ${text} (pid:${thread_getpid()}) start\n`);
    const msg = new msg_t();
    msg.content.ptr = text;
    yield* msg_send(msg, main);
    printf(`THREAD ${text} (pid:${thread_getpid()}) end.\n`);
  }
  expectRiotConsole(t, 'thread_msg_seq', function* () {
    puts('START');
    const main = thread_getpid();
    for (const text of ['nr1', 'nr2', 'nr3']) {
      yield* create(THREAD_PRIORITY_MAIN - 1, sender, { main, text }, text);
    }
    puts('THREADS CREATED\n');
    const msg = new msg_t();
    for (let i = 0; i < 3; i++) {
      yield* msg_receive(msg);
      printf(`Got msg from pid ${msg.sender_pid}: "${String(msg.content.ptr)}"\n`);
    }
    puts('SUCCESS');
  });
});

test('msg_send_receive: requests and replies, and no thread to send to', (t) => {
  // RIOT's own console, and -1 for a pid below, above and of a thread that has ended.
  interface Counter { value: number }
  const counters: [Counter, Counter] = [{ value: 0 }, { value: 0 }];
  const done = MUTEX_INIT_LOCKED();
  const failures: string[] = [];
  function* server(): Blocking<void> {
    const [request, response] = msg_array(2);
    response.content.ptr = counters[1];
    for (let i = 0; i < 10; i++) {
      yield* msg_receive(request);
      const [mine, theirs] = [counters[1], request.content.ptr as Counter];
      mine.value++;
      theirs.value++;
      printf(`Incremented counters to ${theirs.value} and ${mine.value}\n`);
      yield* msg_reply(request, response);
    }
  }
  function* client(server_pid: number): Blocking<void> {
    const [request, response] = msg_array(2);
    request.content.ptr = counters[0];
    for (let i = 0; i < 10; i++) {
      yield* msg_send_receive(request, response, server_pid);
      if (request.content.ptr !== counters[0]) failures.push('the request has changed');
      if (response.content.ptr !== counters[1]) failures.push('the response is another');
    }
    yield* mutex_unlock(done);
  }
  expectRiotConsole(t, 'msg_send_receive', function* () {
    const msg = new msg_t();
    t.is(yield* msg_send_receive(msg, msg, KERNEL_PID_FIRST - 1), -1);
    t.is(yield* msg_send_receive(msg, msg, KERNEL_PID_ISR()), -1);
    yield* thread_yield();
    const pid2 = yield* create(THREAD_PRIORITY_MAIN - 2, server, null, 'thread2');
    const pid1 = yield* create(THREAD_PRIORITY_MAIN - 1, client, pid2, 'thread1');
    yield* mutex_lock(done);
    t.is(yield* msg_send_receive(msg, msg, pid1), -1);
    yield* thread_yield();
    puts('Test successful.');
  });
  t.deepEqual(failures, []);
});

test('msg_avail: a queue counts what is in it', (t) => {
  // RIOT's own console; the counts are checked besides at each step.
  expectRiotConsole(t, 'msg_avail', function* () {
    msg_init_queue(msg_array(8), 8);
    puts('[START]');
    const msg = new msg_t();
    for (let i = 0; i < 8; i++) {
      msg.type = i;
      msg_send_to_self(msg);
      printf(`+ add msg: ${i}\n`);
      t.is(msg_avail(), i + 1);
    }
    for (let i = 0; i < 8; i++) {
      yield* msg_receive(msg);
      printf(`- got msg: ${i}\n`);
      t.is(msg.type, i);
      t.is(msg_avail(), 7 - i);
    }
    puts('[SUCCESS]');
  });
});

test('msg_queue_print: the text of a queue, also after it has wrapped', (t) => {
  // RIOT's own console, with its limit of six entries a print.
  const fill = (from: number, to: number): void => {
    const msg = new msg_t();
    for (let i = from; i < to; i++) {
      msg.type = i;
      msg.content.value = i;
      msg_send_to_self(msg);
    }
  };
  expectRiotConsole(t, 'msg_queue_print', function* () {
    msg_queue_print();
    msg_init_queue(msg_array(8), 8);
    msg_queue_print();
    fill(0, 8);
    msg_queue_print();
    const msg = new msg_t();
    for (let i = 0; i < 4; i++) yield* msg_receive(msg);
    msg_queue_print();
    fill(8, 12);
    msg_queue_print();
    puts('DONE');
  }, { options: { config: { CONFIG_MSG_QUEUE_PRINT_MAX: 6 } } });
});

test('thread_msg_bus: a message goes to those who subscribed to its type', (t) => {
  // RIOT's own console: who gets what, in which order, and how many the sender is told.
  const EXIT = 0;
  interface Subscriber { readonly bus: msg_bus_t; readonly number: number; readonly types: number[] }
  function* subscriber({ bus, number, types }: Subscriber): Blocking<void> {
    const entry = new msg_bus_entry_t();
    const msg = new msg_t();
    puts(`THREAD ${number} start`);
    msg_bus_attach(bus, entry);
    for (const type of [...types, EXIT]) msg_bus_subscribe(entry, type);
    do {
      yield* msg_receive(msg);
      t.is(msg_bus_get_sender_pid(msg), 2);
      printf(`T${number} recv: ${String(msg.content.ptr)} (type=${msg_bus_get_type(msg)})` +
        `${msg_is_from_bus(bus, msg) ? ' from bus' : ''}\n`);
    } while (msg_bus_get_type(msg) !== EXIT);
    msg_bus_detach(bus, entry);
  }
  expectRiotConsole(t, 'thread_msg_bus', function* () {
    const bus = new msg_bus_t();
    msg_bus_init(bus);
    const pids: number[] = [];
    for (const [i, types] of [[23, 24], [24], [23]].entries()) {
      const arg = { bus, number: i + 1, types };
      pids.push(yield* create(THREAD_PRIORITY_MAIN - 3 + i, subscriber, arg, `nr${i + 1}`));
    }
    puts('THREADS CREATED');
    for (let type = 22; type < 25; type++) {
      const woken = yield* msg_bus_post(bus, type, 'Hello Threads!');
      printf(`Posted event ${type} to ${woken} threads\n`);
    }
    puts('Post message to thread 1');
    const msg = new msg_t();
    msg.type = 0x1337;
    msg.content.ptr = 'Hello Thread 1';
    yield* msg_send(msg, pids[0]);
    puts('Post shutdown request to all threads');
    t.is(yield* msg_bus_post(bus, EXIT, 'shutdown request'), 3);
    t.deepEqual(pids.map(thread_getstatus), [STATUS_NOT_FOUND, STATUS_NOT_FOUND, STATUS_NOT_FOUND]);
    puts('SUCCESS');
  });
});

test('pipe: three threads of one priority and two pipes of six bytes', (t) => {
  // RIOT's own console: which thread reads how much when depends on each wake-up of each pipe.
  const pipes = [0, 1].map(() => new pipe_t(new ringbuffer_t(new Uint8Array(6))));
  function* write(pipe: pipe_t, bytes: Uint8Array): Blocking<void> {
    for (let at = 0; at < bytes.length;) at += yield* pipe_write(pipe, bytes.subarray(at), bytes.length - at);
  }
  function* reader({ name, pipe, size, next }: { name: string; pipe: pipe_t; size: number; next: pipe_t | null }):
    Blocking<void> {
    for (let total = 0; total < 26;) {
      const buf = new Uint8Array(size);
      const n = yield* pipe_read(pipe, buf, size);
      printf(`${name} read: <${decodeText(buf.subarray(0, n))}> [${total}:${total + n}]\n`);
      total += n;
      if (next !== null) yield* write(next, buf.subarray(0, n));
    }
    puts(`${name} done.`);
  }
  expectRiotConsole(t, 'pipe', function* () {
    puts('Start.');
    yield* thread_create(MAIN, MAIN.length, THREAD_PRIORITY_MAIN, THREAD_CREATE_WOUT_YIELD, reader,
      { name: 'Middle', pipe: pipes[0], size: 4, next: pipes[1] }, 'middle');
    yield* thread_create(MAIN, MAIN.length, THREAD_PRIORITY_MAIN, THREAD_CREATE_WOUT_YIELD, reader,
      { name: 'End', pipe: pipes[1], size: 3, next: null }, 'end');
    const alphabet = encodeText('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    for (let at = 0; at < 26; at += 5) yield* write(pipes[0], alphabet.subarray(at, at + 5));
    puts('Main done.');
  });
});
