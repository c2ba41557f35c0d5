// All state of one board's kernel, and the loop that runs it one slice at a time. A slice is one
// interrupt handler, or one thread from its resume to its next yield.
import { type Blocking, type Callback, thread_yield_higher } from './blocking.ts';
import type { ConfigValues } from './config.ts';
import type { CpuCosts } from './cpu.ts';
import { setCurrent } from './current.ts';
import type { KernelEvent } from './events.ts';
import { InvariantError, invariant } from './invariant.ts';
import {
  AssertFailed, KernelPanic, PowerLost, assertFailedInInterrupt, core_panic, uncaughtError,
} from './panic.ts';
import type { Platform } from './platform.ts';
import {
  RunQueues, STATUS_ON_RUNQUEUE, STATUS_SLEEPING, sched_run, sched_set_status, sched_task_exit,
} from './sched.ts';
import type { kernel_pid_t, thread_t } from './thread_t.ts';

/** Kernel calls at one instant after which a board counts as making no progress (livelock). */
const LIVELOCK_CALLS = 1_000_000;

/** Stack sizes of a board's architecture in bytes (RIOT cpu/<cpu>/include/cpu_conf.h). */
export interface BoardStacks {
  readonly THREAD_STACKSIZE_DEFAULT: number;
  readonly THREAD_STACKSIZE_IDLE: number;
  readonly THREAD_EXTRA_STACKSIZE_PRINTF: number;
  readonly THREAD_STACKSIZE_MAIN: number;
  readonly THREAD_STACKSIZE_SMALL: number;
  readonly THREAD_STACKSIZE_LARGE: number;
  readonly ISR_STACKSIZE: number;
}

export interface KernelOptions {
  readonly platform: Platform;
  readonly config: ConfigValues;
  readonly stacks: BoardStacks;
  /** RIOT modules of the image (names of RIOT's build system). */
  readonly modules: ReadonlySet<string>;
  /** Ids of the quirks of RIOT that the board has, see net/quirks.ts; null or left out: those of RIOT. */
  readonly quirks?: ReadonlySet<string> | null;
  /** Whether undefined_on_riot() is a panic; false when left out. */
  readonly strict?: boolean;
  /** Whether the architecture has an idle thread (native has, Cortex-M has not). */
  readonly idleThread: boolean;
  /** What CPU time its work costs; nothing when left out or null. */
  readonly costs?: CpuCosts | null;
  /** RIOT_BOARD and RIOT_CPU of the image; native64's when left out. */
  readonly riotBoard?: string;
  readonly riotCpu?: string;
  /** Folder that the files of apps are named from in messages, as a path or a file: URL; see kernel/place.ts. */
  readonly appFolder?: string | null;
  /** The configured texts by name, see TextTable in config.ts; none when left out. */
  readonly texts?: Readonly<Record<string, string>>;
}

export class Kernel {
  readonly platform: Platform;
  readonly config: ConfigValues;
  readonly stacks: BoardStacks;
  readonly modules: ReadonlySet<string>;
  readonly quirks: ReadonlySet<string> | null;
  readonly strict: boolean;
  readonly idleThread: boolean;
  readonly costs: CpuCosts | null;
  readonly riotBoard: string;
  readonly riotCpu: string;
  readonly appFolder: string | null;
  /** The configured texts by name, see TextTable. */
  readonly texts: Readonly<Record<string, string>>;
  /** Whether module core_mutex_priority_inheritance is in the image. */
  readonly priorityInheritance: boolean;
  /** Virtual time of the boot, µs: where the board's own clocks start. */
  readonly bootTime: number;

  /** Threads by pid; index 0 is never used. */
  readonly threads: (thread_t | null)[];
  /** RIOT's sched_num_threads. */
  numThreads = 0;
  readonly runqueues: RunQueues;
  /** The running thread, or the last one to run while the board sleeps without an idle thread. */
  activeThread: thread_t | null = null;
  contextSwitchRequest = false;
  irqEnabled = true;
  inInterrupt = false;
  /** The active thread spends CPU time with interrupts disabled: nothing else runs before that is over. */
  alone = false;
  halted = false;
  /** What ended the board: the error that left a thread or a handler; for the simulation to show. */
  failure: unknown = null;
  /** The handler of the platform's alarm; kernel/ztimer.ts installs it. */
  onAlarm: Callback<[]> | null = null;
  /** Told of a thread that has ended, while it still is the active one. */
  onThreadEnd: ((thread: thread_t) => undefined) | null = null;
  /** Prints the table of threads in a panic; module ps installs it. */
  onPanic: (() => undefined) | null = null;
  /** Told of each switch (RIOT's sched_register_cb): the pid that stops, the pid that starts. */
  onSwitch: ((active: kernel_pid_t, next: kernel_pid_t) => undefined) | null = null;
  /** Told when a run queue that matters has changed (RIOT's sched_runq_callback). */
  onRunqueue: ((priority: number) => undefined) | null = null;
  /** Fraction of a microsecond of CPU time carried over to the next charge. */
  cpuFraction = 0;
  /** CPU time spent since the boot, µs; what is being spent now comes to it when it is over. */
  cpuTime = 0;

  /** What `perBoard()` keeps, by slot, and the RAM it takes. */
  readonly statics: unknown[] = [];
  staticBytes = 0;

  /** Interrupts that wait, from `firstInterrupt` to `interruptsEnd`. */
  private readonly interrupts: (Callback<[]> | null)[] = [];
  private firstInterrupt = 0;
  private interruptsEnd = 0;
  private calls = 0;
  private callsSince = 0;
  private spendStart = 0;
  private spending: thread_t | null = null;
  /** Threads that wait for something and still owe CPU time, see cpu_owe(). */
  private readonly owing: thread_t[] = [];

  constructor(options: KernelOptions) {
    this.platform = options.platform;
    this.config = options.config;
    this.stacks = options.stacks;
    this.modules = options.modules;
    this.quirks = options.quirks ?? null;
    this.strict = options.strict ?? false;
    this.idleThread = options.idleThread;
    this.costs = options.costs ?? null;
    this.riotBoard = options.riotBoard ?? 'native64';
    this.riotCpu = options.riotCpu ?? 'native';
    this.appFolder = options.appFolder ?? null;
    this.texts = options.texts ?? {};
    this.priorityInheritance = options.modules.has('core_mutex_priority_inheritance');
    this.bootTime = options.platform.now();
    this.threads = new Array<thread_t | null>(options.config.MAXTHREADS + 1).fill(null);
    this.runqueues = new RunQueues(options.config.SCHED_PRIO_LEVELS);
  }

  /** Runs host code as this board: for set-up before the first slice, and for inspection. */
  run<T>(code: () => T): T {
    const before = setCurrent(this);
    try {
      return code();
    } finally {
      setCurrent(before);
    }
  }

  /** Queues an interrupt: `handler` runs in interrupt context as one of the next slices. */
  interrupt(handler: Callback<[]>): void {
    if (this.halted) return;
    if (!this.alone) this.stopSpending();
    this.interrupts[this.interruptsEnd++] = handler;
    // A thread that is running now lets it in at its next kernel call or irq_restore().
    this.contextSwitchRequest = true;
  }

  /** Whether `runSlice()` has something to run at this instant. */
  get ready(): boolean {
    return !this.halted && this.spending === null &&
      (this.alone || this.firstInterrupt < this.interruptsEnd || this.runqueues.hasWork() || this.owing.length > 0);
  }

  /**
   * Runs one slice. Call while `ready`; false when the thread that is due is spending CPU time.
   * @throws InvariantError on a bug of the emulator
   */
  runSlice(): boolean {
    const before = setCurrent(this);
    try {
      if (!this.alone && this.firstInterrupt < this.interruptsEnd) {
        this.runInterrupt();
        return true;
      }
      return this.runThread();
    } finally {
      setCurrent(before);
    }
  }

  /** Whether the active thread has to hand over: it left its run queue, or another is before it. */
  mustSwitch(): boolean {
    this.countCall();
    const me = this.activeThread;
    if (this.alone) return true;
    this.contextSwitchRequest = false;
    return me === null || this.runqueues.first() !== me || me.cpuLeft > 0 ||
      this.firstInterrupt < this.interruptsEnd || this.halted;
  }

  /** Counts a kernel call; a board whose time never passes panics instead of hanging the host. */
  countCall(): void {
    if (++this.calls < LIVELOCK_CALLS) return;
    const now = this.platform.now();
    if (now === this.callsSince) {
      core_panic(`livelock: ${LIVELOCK_CALLS} kernel calls at one instant`);
    }
    this.calls = 0;
    this.callsSince = now;
  }

  /** The platform's alarm went off: its handler runs as an interrupt. */
  alarm(): void {
    if (this.onAlarm !== null) this.interrupt(this.onAlarm);
  }

  /** The CPU time that a thread spends is over: the thread goes on, see `cpu_spend()`. */
  cpuWake(): void {
    const thread = this.spending;
    if (thread === null) return;
    this.endSpending();
    thread.cpuLeft = 0;
    const place = this.owing.indexOf(thread);
    if (place < 0) return;
    this.owing.splice(place, 1);
    if (this.owing.length === 0 && !this.runqueues.hasWork()) this.run(() => sched_run(this));
  }

  /** Adds to the CPU time that a thread has to spend before it goes on. @param us >= 0, with fractions */
  owe(thread: thread_t, us: number): void {
    const due = this.cpuFraction + us;
    const whole = Math.floor(due);
    this.cpuFraction = due - whole;
    thread.cpuLeft += whole;
  }

  private runInterrupt(): void {
    const handler = this.interrupts[this.firstInterrupt];
    this.interrupts[this.firstInterrupt++] = null;
    if (this.firstInterrupt === this.interruptsEnd) {
      this.firstInterrupt = 0;
      this.interruptsEnd = 0;
    }
    if (handler === null) return;
    this.inInterrupt = true;
    try {
      this.countCall();
      const steps = handler();
      if (steps !== undefined && steps.next().done !== true) {
        invariant(false, 'an interrupt handler yielded');
      }
    } catch (error) {
      this.failed(error);
    } finally {
      this.inInterrupt = false;
    }
  }

  private runThread(): boolean {
    if (!this.alone && this.owing.length > 0 && this.payDebt()) return false;
    const thread = this.alone ? this.activeThread : sched_run(this);
    if (thread === null) return false;
    if (thread.cpuLeft > 0) {
      this.startSpending(thread);
      return false;
    }
    this.alone = false;
    try {
      if (thread.steps === null) thread.steps = thread.begin();
      if (thread.steps.next().done === true) this.threadEnded(thread);
    } catch (error) {
      this.failed(error);
    }
    if (thread.cpuLeft > 0 && thread.status < STATUS_ON_RUNQUEUE) this.owing.push(thread);
    // The switch to idle belongs to this slice: nothing else would run the scheduler.
    else if (!this.runqueues.hasWork() && !this.halted) sched_run(this);
    return true;
  }

  private threadEnded(thread: thread_t): void {
    // As the context switch of a thread's end does on RIOT: the next one runs with interrupts on.
    this.irqEnabled = true;
    sched_task_exit(this, thread);
  }

  private startSpending(thread: thread_t): void {
    this.spending = thread;
    this.spendStart = this.platform.now();
    this.platform.setCpuWake(this.spendStart + thread.cpuLeft);
    this.tell('active');
  }

  /** Has a thread that waits spend what it owes, if no thread of higher priority is runnable. */
  private payDebt(): boolean {
    let debtor = this.owing[0]!;
    for (const thread of this.owing) if (thread.priority < debtor.priority) debtor = thread;
    const first = this.runqueues.first();
    if (first !== null && first.priority < debtor.priority) return false;
    this.startSpending(debtor);
    return true;
  }

  private stopSpending(): void {
    const thread = this.spending;
    if (thread === null) return;
    thread.cpuLeft = Math.max(0, thread.cpuLeft - (this.platform.now() - this.spendStart));
    this.endSpending();
    this.platform.setCpuWake(null);
  }

  private endSpending(): void {
    this.spending = null;
    this.cpuTime += this.platform.now() - this.spendStart;
    this.tell('sleep');
  }

  private tell(state: 'active' | 'sleep'): void {
    if (!this.platform.traced()) return;
    const event: KernelEvent = { layer: 'kernel', type: 'cpu', state };
    this.platform.trace(event);
  }

  private failed(error: unknown): void {
    if (error instanceof InvariantError) throw error;
    if (error instanceof PowerLost) return;
    if (!(error instanceof AssertFailed)) {
      this.failure = error;
      if (!(error instanceof KernelPanic)) uncaughtError(error);
      return;
    }
    const thread = this.activeThread;
    if (this.inInterrupt || !this.irqEnabled || thread === null) {
      this.failure = error;
      return assertFailedInInterrupt();
    }
    sched_set_status(thread, STATUS_SLEEPING);
    thread.steps = sleepForEver(thread);
  }
}

/** What a thread does after a failed assertion: the others go on, and thread_wakeup() has no effect. */
export function* sleepForEver(thread: thread_t): Blocking<never> {
  while (true) {
    sched_set_status(thread, STATUS_SLEEPING);
    yield* thread_yield_higher();
  }
}
