// CPU time as virtual time.
import { type Blocking, thread_yield_higher } from './blocking.ts';
import { current } from './current.ts';

/**
 * Charges CPU time to the calling thread. An interrupt that arrives meanwhile runs at its own
 * instant, a thread of higher priority takes over, the rest of the charge is spent afterwards.
 * @param us microseconds, >= 0; fractions are carried over to the board's next charge
 */
export function* cpu_spend(us: number): Blocking<void> {
  const kernel = current();
  const thread = kernel.activeThread;
  if (thread === null || kernel.inInterrupt) return;
  const due = kernel.cpuFraction + us;
  const whole = Math.floor(due);
  kernel.cpuFraction = due - whole;
  if (whole <= 0) return;
  // With interrupts disabled an earlier charge may still be due.
  thread.cpuLeft += whole;
  yield* thread_yield_higher();
}
