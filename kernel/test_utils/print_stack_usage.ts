// What module test_utils_print_stack_usage prints when a thread ends (RIOT
// sys/include/test_utils/print_stack_usage.h).
import { current } from '../current.ts';
import { printf } from '../print.ts';
import { stack_used } from '../stack_use.ts';
import type { thread_t } from '../thread_t.ts';

/**
 * Prints size and use of a thread's stack as a line of JSON, null where it is not known; with module fmt one blank less.
 * A thread whose own stack is too small to print from prints nothing.
 */
export function print_stack_usage_metric(thread: thread_t): undefined {
  const { modules, stacks, activeThread } = current();
  const withFmt = modules.has('fmt');
  // THREAD_STACKSIZE_TINY is a quarter of the default.
  const least = stacks.THREAD_STACKSIZE_DEFAULT / 4 + (withFmt ? 0 : stacks.THREAD_EXTRA_STACKSIZE_PRINTF);
  if (activeThread !== null && activeThread.stackSize < least) return;
  const blank = withFmt ? '' : ' ';
  printf(`{ "threads": [{ "name": "${thread.name}", "stack_size": ${thread.stackSize}` +
    `, "stack_used": ${stack_used(thread)}${blank}}]}\n`);
}
