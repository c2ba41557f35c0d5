// What module test_utils_print_stack_usage prints when a thread ends (RIOT
// sys/include/test_utils/print_stack_usage.h).
import { current } from '../current.ts';
import { printf } from '../print.ts';
import { thread_measure_stack_free } from '../thread.ts';
import type { thread_t } from '../thread_t.ts';

/** Prints size and use of a thread's stack as a line of JSON; with module fmt one blank less. */
export function print_stack_usage_metric(thread: thread_t): undefined {
  const used = thread.stackSize - thread_measure_stack_free(thread);
  const blank = current().modules.has('fmt') ? '' : ' ';
  printf(`{ "threads": [{ "name": "${thread.name}", "stack_size": ${thread.stackSize}` +
    `, "stack_used": ${used}${blank}}]}\n`);
}
