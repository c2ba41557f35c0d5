// The table of threads (RIOT sys/include/ps.h).
import { current } from './current.ts';
import { printf } from './print.ts';
import { stack_used } from './stack_use.ts';
import { thread_is_active, thread_state_to_string } from './thread.ts';
import type { thread_t } from './thread_t.ts';

/** Where the modelled addresses of stacks start: a native64 program's statics. */
const STACKS_BASE = 0x440000;
/** What native answers for the use of its interrupt stack: unknown. */
const ISR_STACK_USED = -1;

/**
 * Prints a line for each thread, and the sum of their stacks. Addresses are modelled; the use of a stack is a real
 * node's where that is known, and '-' elsewhere.
 */
export function ps(): undefined {
  printf(ps_table());
}

/** What `ps()` prints, for host code that looks at the running board. */
export function ps_table(): string {
  const kernel = current();
  const { ISR_STACKSIZE } = kernel.stacks;
  let table = `\tpid | ${'name'.padEnd(21)}| ${'state'.padEnd(9)}Q | pri ` +
    '| stack  ( used) ( free) | base addr  | current     \n';
  const isrUsed = kernel.riotCpu === 'native' ? ISR_STACK_USED : null;
  table += '\t  - | isr_stack            | -        - |   - ' +
    `| ${stackColumns(ISR_STACKSIZE, isrUsed)} | ${pointer(STACKS_BASE)} | ${pointer(STACKS_BASE)}\n`;
  let size = ISR_STACKSIZE;
  let used: number | null = 0;
  let base = STACKS_BASE + ISR_STACKSIZE;
  for (const thread of kernel.threads) {
    if (thread === null) continue;
    table += threadLine(thread, base);
    base += thread.stackSize;
    size += thread.stackSize;
    const own = stack_used(thread);
    used = used === null || own === null ? null : used + own;
  }
  const blanks = `|${'|'.padStart(13)}${'|'.padStart(6)}`;
  return `${table}\t${'|'.padStart(5)} ${'SUM'.padEnd(21)}${blanks} ${stackColumns(size, used)}\n`;
}

function threadLine(thread: thread_t, base: number): string {
  const used = stack_used(thread);
  const state = thread_state_to_string(thread.status).padEnd(8);
  const queued = thread_is_active(thread) ? 'Q' : '_';
  const top = used === null ? '-'.padStart(10) : pointer(base + thread.stackSize - used);
  return `\t${String(thread.pid).padStart(3)} | ${thread.name.padEnd(20)} | ${state} ${queued} ` +
    `| ${String(thread.priority).padStart(3)} | ${stackColumns(thread.stackSize, used)} ` +
    `| ${pointer(base)} | ${top} \n`;
}

function stackColumns(size: number, used: number | null): string {
  const free = used === null ? '-' : String(size - used);
  return `${String(size).padStart(6)} (${String(used ?? '-').padStart(5)}) (${free.padStart(5)})`;
}

/** `%10p` */
function pointer(address: number): string {
  return `0x${address.toString(16)}`.padStart(10);
}
