// Start of the kernel (RIOT core/lib/init.c): the threads idle and main.
import type { App } from './app.ts';
import type { Blocking } from './blocking.ts';
import type { Kernel } from './kernel.ts';
import { core_panic } from './panic.ts';
import { printf } from './print.ts';
import { ps } from './ps.ts';
import { RIOT_VERSION } from './riot_version.ts';
import { THREAD_PRIORITY_IDLE, THREAD_PRIORITY_MAIN } from './sched.ts';
import { print_stack_usage_metric } from './test_utils/print_stack_usage.ts';
import { THREAD_CREATE_WOUT_YIELD, thread_create_internal } from './thread.ts';
import { KERNEL_PID_FIRST } from './thread_t.ts';

const STACK_USAGE = 'test_utils_print_stack_usage';

export interface KernelInit {
  /** What the image's modules do before main(), in RIOT's order; runs in the main thread. */
  readonly autoInit: () => Blocking<void>;
  readonly app: App;
}

/**
 * Makes a new board's first threads: idle where the board has one, and main, which runs auto_init,
 * prints the boot message and calls the app. Called once; slices follow.
 */
export function kernel_init(kernel: Kernel, init: KernelInit): void {
  const { modules, stacks } = kernel;
  if (modules.has('ps')) kernel.onPanic = ps;
  if (modules.has(STACK_USAGE)) kernel.onThreadEnd = print_stack_usage_metric;
  kernel.run(() => {
    if (kernel.idleThread) {
      thread_create_internal(kernel, stacks.THREAD_STACKSIZE_IDLE, THREAD_PRIORITY_IDLE,
        THREAD_CREATE_WOUT_YIELD, idle, null, 'idle', true);
    }
    thread_create_internal(kernel, stacks.THREAD_STACKSIZE_MAIN, THREAD_PRIORITY_MAIN,
      THREAD_CREATE_WOUT_YIELD, main_trampoline, { kernel, init }, 'main', false);
  });
}

function* main_trampoline({ kernel, init }: { kernel: Kernel; init: KernelInit }): Blocking<null> {
  const { modules } = kernel;
  yield* init.autoInit();
  if (kernel.config.CONFIG_SKIP_BOOT_MSG === 0) {
    printf(`main(): This is RIOT! (Version: ${RIOT_VERSION})\n`);
  }
  yield* start(init.app);
  const idleThread = kernel.threads[KERNEL_PID_FIRST];
  if (modules.has(STACK_USAGE) && idleThread?.idle === true) print_stack_usage_metric(idleThread);
  return null;
}

/** Calls main(). JavaScript lets an app have an ordinary function there, which cannot wait. */
function start(app: App): Blocking<number> {
  const steps: Partial<Blocking<number>> | undefined = app.main();
  if (typeof steps?.next !== 'function') {
    core_panic(`main() of ${app.name} is not a generator function (function* main)`);
  }
  return steps as Blocking<number>;
}

/** Never resumed: choosing the idle thread means that the board sleeps. */
function* idle(): Blocking<null> {
  return null;
}
