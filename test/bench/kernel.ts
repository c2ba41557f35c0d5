// Kernel benchmarks: bodies for a driver. Each does `n` units of work on one board and returns what
// it counted, so that nothing of it can be left out.
import type { Blocking } from '../../kernel/blocking.ts';
import { msg_receive, msg_send, msg_t } from '../../kernel/msg.ts';
import { thread_create, thread_getpid, thread_yield } from '../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../kernel/ztimer.ts';
import { TestBoard } from '../kernel/harness.ts';

const STACK = { length: 1024 };

/** Two threads that hand over to each other by thread_yield(), `n` switches in all. */
export function yields(n: number): number {
  let switches = 0;
  function* thread(): Blocking<void> {
    while (switches < n) {
      switches++;
      yield* thread_yield();
    }
  }
  runBoard(function* () {
    yield* thread_create(STACK, STACK.length, 6, 4, thread, null, 'a');
    yield* thread_create(STACK, STACK.length, 6, 4, thread, null, 'b');
  });
  return switches;
}

/**
 * Two threads that send each other a message in turn, `n` switches in all: the thread, a function
 * of its own and msg_send() or msg_receive() make three levels of `yield*` over the kernel's yield.
 */
export function contextSwitches(n: number): number {
  let switches = 0;
  function* receive(m: msg_t): Blocking<void> {
    yield* msg_receive(m);
    switches++;
  }
  function* answer(m: msg_t, peer: number): Blocking<void> {
    yield* msg_send(m, peer);
  }
  function* player(first: { peer: number; serve: boolean }): Blocking<void> {
    const m = new msg_t();
    if (!first.serve) {
      yield* receive(m);
      first.peer = m.sender_pid;
    }
    while (switches < n) {
      yield* answer(m, first.peer);
      yield* receive(m);
    }
  }
  runBoard(function* () {
    const pid = yield* thread_create(STACK, STACK.length, 6, 0, player, { peer: 0, serve: false }, 'b');
    yield* thread_create(STACK, STACK.length, 6, 0, player, { peer: pid, serve: true }, 'a');
  });
  return switches;
}

/** `sleepers` threads that sleep again and again, on a board with room for them; `n` wake-ups in all. */
export function timerWakeups(n: number, sleepers = 1000): number {
  let wakeups = 0;
  function* sleeper(period: number): Blocking<void> {
    while (wakeups < n) {
      yield* ztimer_sleep(ZTIMER_USEC, period);
      wakeups++;
    }
  }
  const board = new TestBoard(function* () {
    for (let i = 0; i < sleepers; i++) {
      yield* thread_create(STACK, STACK.length, 6, 0, sleeper, 1000 + (i * 7919) % 5000, `s${i}`);
    }
    return thread_getpid();
  }, { config: { MAXTHREADS: sleepers + 2 } });
  board.run();
  if (board.kernel.halted) throw new Error(board.console);
  return wakeups;
}

/** A board whose time passes whenever it looks: the livelock check would end a million calls at one instant. */
class TickingBoard extends TestBoard {
  override now(): number {
    return this.time++;
  }
}

function runBoard(main: () => Blocking<void>): void {
  const board = new TickingBoard(main).run();
  if (board.kernel.halted) throw new Error(board.console);
}
