// Random programs of threads, messages, mutexes, flags and timers keep the kernel's promises.
import test from 'ava';
import fc from 'fast-check';
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_spend } from '../../kernel/cpu.ts';
import { current } from '../../kernel/current.ts';
import { irq_disable, irq_restore } from '../../kernel/irq.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import {
  msg_array, msg_init_queue, msg_receive, msg_reply, msg_send, msg_send_receive, msg_t,
  msg_try_receive, msg_try_send,
} from '../../kernel/msg.ts';
import { mutex_lock, mutex_t, mutex_trylock, mutex_unlock } from '../../kernel/mutex.ts';
import { STATUS_ON_RUNQUEUE, STATUS_RUNNING, sched_change_priority } from '../../kernel/sched.ts';
import {
  THREAD_CREATE_WOUT_YIELD, thread_create, thread_get, thread_get_active, thread_yield,
} from '../../kernel/thread.ts';
import { thread_flags_set, thread_flags_wait_any } from '../../kernel/thread_flags.ts';
import type { thread_t } from '../../kernel/thread_t.ts';
import { ZTIMER_USEC, ztimer_set, ztimer_sleep, ztimer_t } from '../../kernel/ztimer.ts';
import { TestBoard } from './harness.ts';

const THREADS = 5;
const MUTEXES = 2;
const FIRST_PID = 3;
/** Type of the messages that want a reply. */
const REQUEST = 1;

interface Step {
  readonly what: number;
  readonly arg: number;
}

interface Program {
  readonly priorities: readonly number[];
  readonly queues: readonly number[];
  readonly steps: readonly (readonly Step[])[];
}

const step = fc.record({ what: fc.nat(12), arg: fc.nat(99) });
const program: fc.Arbitrary<Program> = fc.record({
  priorities: fc.array(fc.integer({ min: 1, max: 10 }), { minLength: THREADS, maxLength: THREADS }),
  queues: fc.array(fc.constantFrom(0, 0, 1, 4), { minLength: THREADS, maxLength: THREADS }),
  steps: fc.array(fc.array(step, { maxLength: 15 }), { minLength: THREADS, maxLength: THREADS }),
});

/** What a run of a program found: its log, and the promises that were broken. */
class Run {
  readonly log: string[] = [];
  readonly broken: string[] = [];
  readonly holders: (number | null)[] = new Array<number | null>(MUTEXES).fill(null);
  readonly mutexes = Array.from({ length: MUTEXES }, () => new mutex_t());
  /** Messages whose send has returned 1, those that were received, those in queues at the end. */
  readonly sent = new Set<number>();
  readonly taken = new Set<number>();
  readonly left = new Set<number>();
  private nextId = 1;

  constructor(random: Program) {
    const board = new TestBoard(() => this.main(random));
    board.run(1_000_000);
    if (board.kernel.halted) this.broken.push(board.printed);
    board.kernel.run(() => {
      this.check(board.kernel);
      for (const thread of board.kernel.threads) this.leave(thread);
    });
    for (const id of this.sent) {
      if (this.taken.has(id) === this.left.has(id)) this.broken.push(`message ${id} is lost or there twice`);
    }
  }

  private *main({ priorities, queues, steps }: Program): Blocking<void> {
    for (let i = 0; i < THREADS; i++) {
      const task = (n: number): Blocking<void> => this.thread(n, queues[n], steps[n]);
      yield* thread_create({ length: 1024 }, 1024, priorities[i], THREAD_CREATE_WOUT_YIELD, task, i, `t${i}`);
    }
  }

  private *thread(n: number, queue: number, steps: readonly Step[]): Blocking<void> {
    if (queue > 0) msg_init_queue(msg_array(queue), queue);
    for (const { what, arg } of steps) {
      yield* this.step(n, what, arg);
      this.log.push(`${current().platform.now()} t${n} ${what}`);
      this.check(current());
    }
    for (let m = 0; m < MUTEXES; m++) if (this.holders[m] === n) yield* this.unlock(m);
    // A thread that ends takes the messages in its queue with it.
    this.leave(thread_get_active());
  }

  private leave(thread: thread_t | null): void {
    if (thread === null || thread.msg_array === null) return;
    const { msg_array: queue, msg_read, msg_write, msg_mask } = thread;
    for (let i = msg_read; i < msg_write; i++) this.left.add(queue[i & msg_mask].content.value);
  }

  private *step(n: number, what: number, arg: number): Blocking<void> {
    const target = FIRST_PID + (arg % THREADS);
    const mutex = arg % MUTEXES;
    const me = FIRST_PID + n;
    switch (what) {
      case 0: return yield* thread_yield();
      case 1: return yield* this.send(target, false);
      case 2: return yield* this.send(target, true);
      case 3: return yield* this.receive(n, true);
      case 4: return yield* this.receive(n, false);
      case 5: {
        if (this.holders[mutex] === n) return;
        yield* mutex_lock(this.mutexes[mutex]);
        return this.hold(mutex, n);
      }
      case 6: return this.holders[mutex] === n ? yield* this.unlock(mutex) : undefined;
      case 7: return yield* ztimer_sleep(ZTIMER_USEC, arg);
      case 8: return yield* cpu_spend(arg);
      case 9: return yield* sched_change_priority(thread_get_active()!, 1 + (arg % 10));
      case 10: return yield* this.flags(target, arg);
      case 11: {
        if (target === me) return;
        const request = this.message();
        const id = request.content.value;
        request.type = REQUEST;
        if ((yield* msg_send_receive(request, new msg_t(), target)) === 1) this.sent.add(id);
        return;
      }
      default: return yield* this.critical(target, mutex, n);
    }
  }

  /** Wakes whom it may with interrupts disabled; the switch comes with their restoration. */
  private *critical(target: number, mutex: number, n: number): Blocking<void> {
    const state = irq_disable();
    const thread = thread_get(target);
    if (thread !== null) yield* thread_flags_set(thread, 0x2);
    if (this.holders[mutex] === null && mutex_trylock(this.mutexes[mutex]) === 1) this.hold(mutex, n);
    if (thread_get_active()!.pid !== FIRST_PID + n) this.broken.push('a switch with interrupts disabled');
    yield* irq_restore(state);
  }

  private *flags(target: number, arg: number): Blocking<void> {
    const thread = thread_get(target);
    if (arg % 3 !== 0 && thread !== null) {
      ztimer_set(ZTIMER_USEC, new ztimer_t(() => thread_flags_set(thread, 0x1)), arg);
    } else {
      ztimer_set(ZTIMER_USEC, new ztimer_t(() => thread_flags_set(me, 0x1)), arg);
      const me = thread_get_active()!;
      yield* thread_flags_wait_any(0x3);
    }
  }

  private *send(target: number, block: boolean): Blocking<void> {
    const m = this.message();
    if ((yield* block ? msg_send(m, target) : msg_try_send(m, target)) === 1) this.sent.add(m.content.value);
  }

  private *receive(n: number, block: boolean): Blocking<void> {
    const m = new msg_t();
    if ((yield* block ? msg_receive(m) : msg_try_receive(m)) !== 1) return;
    const id = m.content.value;
    if (this.taken.has(id)) this.broken.push(`message ${id} came twice`);
    this.taken.add(id);
    this.log.push(`t${n} got ${id} from ${m.sender_pid}`);
    if (m.type === REQUEST && thread_get(m.sender_pid) !== null) yield* msg_reply(m, new msg_t());
  }

  private message(): msg_t {
    const m = new msg_t();
    m.content.value = this.nextId++;
    return m;
  }

  private hold(mutex: number, n: number): void {
    if (this.holders[mutex] !== null) this.broken.push(`mutex ${mutex} held by ${this.holders[mutex]} and ${n}`);
    this.holders[mutex] = n;
  }

  private *unlock(mutex: number): Blocking<void> {
    this.holders[mutex] = null;
    yield* mutex_unlock(this.mutexes[mutex]);
  }

  /** No runnable thread is better than the active one, and each is in its run queue exactly once. */
  private check(kernel: Kernel): void {
    const active = kernel.activeThread;
    const queued = runQueue(kernel);
    if (new Set(queued).size !== queued.length) this.broken.push('a thread is in a run queue twice');
    for (const thread of kernel.threads) {
      if (thread === null) continue;
      const runnable = thread.status >= STATUS_ON_RUNQUEUE;
      if (runnable !== queued.includes(thread)) this.broken.push(`${thread.name} has status ${thread.status}`);
      if (runnable && active !== null && thread.priority < active.priority) {
        this.broken.push(`${thread.name} is better than ${active.name}`);
      }
      if ((thread.status === STATUS_RUNNING) !== (thread === active)) this.broken.push('two threads run');
    }
  }
}

/** All threads in run queues, as the links have it. */
function runQueue(kernel: Kernel): thread_t[] {
  const { heads } = kernel.runqueues as unknown as { heads: (thread_t | null)[] };
  const all: thread_t[] = [];
  for (const head of heads) {
    for (let thread = head; thread !== null; thread = thread.next) all.push(thread);
  }
  return all;
}

test('the best thread runs, messages arrive once, a mutex has one holder, no thread is in two queues', (t) => {
  // 500 random programs; each promise is checked after each step of each thread. The same program
  // gives the same log a second time.
  fc.assert(fc.property(program, (p) => {
    const run = new Run(p);
    t.deepEqual(run.broken, []);
    t.deepEqual(new Run(p).log, run.log);
  }), { seed: 42, numRuns: 500 });
});
