// A board for kernel tests: one Kernel over a platform with virtual time, one alarm, a console
// that is a string, and a seeded random stream. Runs until nothing can happen any more.
import type { App } from '../../kernel/app.ts';
import type { Blocking, Callback } from '../../kernel/blocking.ts';
import { KERNEL_CONFIG, resolveConfig } from '../../kernel/config.ts';
import type { CpuCosts } from '../../kernel/cpu.ts';
import type { BoardEvent } from '../../kernel/events.ts';
import { kernel_init } from '../../kernel/init.ts';
import { Kernel } from '../../kernel/kernel.ts';
import type { Platform } from '../../kernel/platform.ts';
import { stdio_rx } from '../../kernel/stdio.ts';
import { ztimer_init } from '../../kernel/ztimer.ts';
import { type Profile, quirksOf } from '../../net/quirks.ts';

export interface TestBoardOptions {
  readonly modules?: readonly string[];
  readonly config?: Readonly<Record<string, number>>;
  readonly idleThread?: boolean;
  /** What CPU time costs; nothing when left out. */
  readonly costs?: CpuCosts;
  readonly seed?: number;
  /** Virtual time of the boot, µs. */
  readonly bootAt?: number;
  readonly autoInit?: () => Blocking<void>;
  /** Size of main's stack, bytes. */
  readonly mainStack?: number;
  /** 'riot' unless told otherwise. */
  readonly profile?: Profile;
  /** Quirks switched on or off by their ids, after the profile. */
  readonly quirks?: Readonly<Record<string, boolean>>;
}

export class TestBoard implements Platform {
  /** Virtual time, µs. */
  time: number;
  console = '';
  readonly kernel: Kernel;
  readonly events: BoardEvent[] = [];
  /** What the board asked of its power supply. */
  powered: 'on' | 'off' | 'reboot' = 'on';
  /** How often the platform's alarm was set or cancelled. */
  alarmsSet = 0;
  /** Whether events are kept. */
  tracing = false;
  private alarmAt: number | null = null;
  private wakeAt: number | null = null;
  private random: number;
  private readonly inputs: { at: number; handler: Callback<[]> }[] = [];

  constructor(main: () => Blocking<unknown>, options: TestBoardOptions = {}) {
    this.time = options.bootAt ?? 0;
    this.random = (options.seed ?? 1) >>> 0;
    this.kernel = new Kernel({
      platform: this,
      config: resolveConfig([KERNEL_CONFIG], options.config),
      stacks: { ...STACKS, THREAD_STACKSIZE_MAIN: options.mainStack ?? STACKS.THREAD_STACKSIZE_MAIN },
      modules: new Set(options.modules ?? []),
      idleThread: options.idleThread ?? true,
      costs: options.costs ?? null,
      quirks: quirksOf(options.profile ?? 'riot', options.quirks),
    });
    const app: App = {
      name: 'test',
      modules: [],
      *main() {
        const result = yield* main();
        return typeof result === 'number' ? result : 0;
      },
    };
    kernel_init(this.kernel, { autoInit: options.autoInit ?? noAutoInit, app });
  }

  /** Has `handler` run as an interrupt at `at` µs. */
  interruptAt(at: number, handler: Callback<[]>): void {
    this.inputs.push({ at, handler });
    this.inputs.sort((a, b) => a.at - b.at);
  }

  /** Has the bytes of `text` arrive on the console at `at` µs, one a millisecond. */
  typeAt(at: number, text: string): void {
    for (let i = 0; i < text.length; i++) {
      this.interruptAt(at + i * 1000, () => stdio_rx(text.charCodeAt(i)));
    }
  }

  /** Runs until nothing is due any more, or until virtual time `until` µs. */
  run(until = Infinity): this {
    while (!this.kernel.halted) {
      while (this.kernel.ready) this.kernel.runSlice();
      const next = Math.min(this.alarmAt ?? Infinity, this.wakeAt ?? Infinity, this.inputs[0]?.at ?? Infinity);
      if (next === Infinity || next > until) break;
      this.time = Math.max(this.time, next);
      this.deliver();
    }
    if (until !== Infinity && !this.kernel.halted) this.time = Math.max(this.time, until);
    return this;
  }

  /** What the app printed: the console behind the boot message. */
  get printed(): string {
    return this.console.replace(/^main\(\): This is RIOT! \(Version: [^)]*\)\n/, '');
  }

  private deliver(): void {
    if (this.wakeAt !== null && this.wakeAt <= this.time) {
      this.wakeAt = null;
      this.kernel.cpuWake();
    }
    if (this.alarmAt !== null && this.alarmAt <= this.time) {
      this.alarmAt = null;
      this.kernel.alarm();
    }
    while (this.inputs.length > 0 && this.inputs[0].at <= this.time) {
      const input = this.inputs.shift();
      if (input !== undefined) this.kernel.interrupt(input.handler);
    }
  }

  now(): number {
    return this.time;
  }

  setAlarm(at: number | null): void {
    this.alarmsSet++;
    this.alarmAt = at;
  }

  setCpuWake(at: number | null): void {
    this.wakeAt = at;
  }

  /** xorshift32: a different stream a seed, the same one each run. */
  random32(): number {
    let x = this.random + 0x9e3779b9;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.random = x >>> 0;
    return this.random;
  }

  uartWrite(text: string): void {
    this.console += text;
  }

  power(what: 'off' | 'reboot'): void {
    this.powered = what;
  }

  traced(): boolean {
    return this.tracing;
  }

  trace(event: BoardEvent): void {
    this.events.push(event);
  }
}

/** native64's stacks. */
export const STACKS = {
  THREAD_STACKSIZE_DEFAULT: 16384,
  THREAD_STACKSIZE_IDLE: 16384,
  THREAD_STACKSIZE_MAIN: 20480,
  THREAD_EXTRA_STACKSIZE_PRINTF: 4096,
  THREAD_STACKSIZE_SMALL: 8192,
  THREAD_STACKSIZE_LARGE: 32768,
  ISR_STACKSIZE: 16384,
};

function* noAutoInit(): Blocking<void> {
  ztimer_init();
}

/** Boots a board that runs `main`, runs it until nothing is due, and returns what it printed. */
export function runMain(main: () => Blocking<unknown>, options: TestBoardOptions = {}): string {
  return new TestBoard(main, options).run().printed;
}
