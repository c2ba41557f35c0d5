// RIOT's example ipc_pingpong.
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import { msg_receive, msg_reply, msg_send_receive, msg_t } from '../../kernel/msg.ts';
import { THREAD_PRIORITY_MAIN } from '../../kernel/sched.ts';
import { printf } from '../../kernel/stdio.ts';
import { thread_create, thread_getpid } from '../../kernel/thread.ts';

export const app: App = {
  name: 'ipc_pingpong',
  main,
  modules: [],
  // The second thread's stack.
  ram: (figures) => figures['THREAD_STACKSIZE_MAIN']!,
};

function* second_thread(): Blocking<void> {
  printf(`2nd thread started, pid: ${thread_getpid()}\n`);
  const m = new msg_t();

  while (true) {
    yield* msg_receive(m);
    printf(`2nd: Got msg from ${m.sender_pid}\n`);
    m.content.value++;
    yield* msg_reply(m, m);
  }
}

function* main(): Blocking<number> {
  printf('Starting IPC Ping-pong example...\n');
  printf(`1st thread started, pid: ${thread_getpid()}\n`);

  const m = new msg_t();
  const stack = { length: current().stacks.THREAD_STACKSIZE_MAIN };
  const pid = yield* thread_create(stack, stack.length, THREAD_PRIORITY_MAIN - 1, 0, second_thread, null, 'pong');

  m.content.value = 1;

  while (true) {
    yield* msg_send_receive(m, m, pid);
    printf(`1st: Got msg with content ${m.content.value}\n`);
  }
}
