// The table of threads (RIOT sys/include/ps.h).
import { current } from './current.ts';
import { printf } from './print.ts';
import {
  thread_is_active, thread_measure_stack_free, thread_state_to_string,
} from './thread.ts';
import type { thread_t } from './thread_t.ts';

/** Where the modelled addresses of stacks start: a native64 program's statics. */
const STACKS_BASE = 0x440000;
/** What native answers for the use of its interrupt stack: unknown. */
const ISR_STACK_USED = -1;

/** Prints a line for each thread, and the sum of their stacks. Stack use and addresses are modelled. */
export function ps(): undefined {
  const kernel = current();
  const { ISR_STACKSIZE } = kernel.stacks;
  printf(`\tpid | ${'name'.padEnd(21)}| ${'state'.padEnd(9)}Q | pri ` +
    '| stack  ( used) ( free) | base addr  | current     \n');
  printf('\t  - | isr_stack            | -        - |   - ' +
    `| ${stackColumns(ISR_STACKSIZE, ISR_STACK_USED)} | ${pointer(STACKS_BASE)} | ${pointer(STACKS_BASE)}\n`);
  let size = ISR_STACKSIZE;
  let used = 0;
  let base = STACKS_BASE + ISR_STACKSIZE;
  for (const thread of kernel.threads) {
    if (thread === null) continue;
    printThread(thread, base);
    base += thread.stackSize;
    size += thread.stackSize;
    used += thread.stackSize - thread_measure_stack_free(thread);
  }
  const blanks = `|${'|'.padStart(13)}${'|'.padStart(6)}`;
  printf(`\t${'|'.padStart(5)} ${'SUM'.padEnd(21)}${blanks} ${stackColumns(size, used)}\n`);
}

function printThread(thread: thread_t, base: number): void {
  const used = thread.stackSize - thread_measure_stack_free(thread);
  const state = thread_state_to_string(thread.status).padEnd(8);
  const queued = thread_is_active(thread) ? 'Q' : '_';
  const top = base + thread.stackSize - used;
  printf(`\t${String(thread.pid).padStart(3)} | ${thread.name.padEnd(20)} | ${state} ${queued} ` +
    `| ${String(thread.priority).padStart(3)} | ${stackColumns(thread.stackSize, used)} ` +
    `| ${pointer(base)} | ${pointer(top)} \n`);
}

function stackColumns(size: number, used: number): string {
  return `${String(size).padStart(6)} (${String(used).padStart(5)}) (${String(size - used).padStart(5)})`;
}

/** `%10p` */
function pointer(address: number): string {
  return `0x${address.toString(16)}`.padStart(10);
}
