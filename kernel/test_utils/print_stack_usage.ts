// What module test_utils_print_stack_usage prints when a thread ends (RIOT
// sys/include/test_utils/print_stack_usage.h).
import { current } from '../current.ts';
import { printf } from '../print.ts';
import { stack_used } from '../stack_use.ts';
import type { thread_t } from '../thread_t.ts';

/** Prints size and use of a thread's stack as a line of JSON, null where it is not known; with module fmt one blank less. */
export function print_stack_usage_metric(thread: thread_t): undefined {
  const blank = current().modules.has('fmt') ? '' : ' ';
  printf(`{ "threads": [{ "name": "${thread.name}", "stack_size": ${thread.stackSize}` +
    `, "stack_used": ${stack_used(thread)}${blank}}]}\n`);
}
