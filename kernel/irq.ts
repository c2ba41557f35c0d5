// Interrupt control (RIOT core/include/irq.h). Interrupt handlers run between slices, so a thread
// is never cut in two here; what disabling changes is when a requested switch happens.
import { type Blocking, thread_yield_higher } from './blocking.ts';
import { current } from './current.ts';
import type { Kernel } from './kernel.ts';

/** Disables interrupts: switches requested from now on wait for `irq_restore()`. Returns the state before. */
export function irq_disable(): number {
  const kernel = current();
  const before = kernel.irqEnabled ? 1 : 0;
  kernel.irqEnabled = false;
  return before;
}

/** Enables interrupts; a switch that was requested meanwhile happens now. Returns the state before. */
export function* irq_enable(): Blocking<number> {
  const kernel = current();
  const before = kernel.irqEnabled ? 1 : 0;
  kernel.irqEnabled = true;
  if (switchIsDue(kernel)) yield* thread_yield_higher();
  return before;
}

/**
 * Restores what `irq_disable()` or `irq_enable()` returned.
 * @param state 1: as `irq_enable()`; anything else: as `irq_disable()`
 */
export function* irq_restore(state: number): Blocking<void> {
  const kernel = current();
  kernel.irqEnabled = state === 1;
  if (switchIsDue(kernel)) yield* thread_yield_higher();
}

/** Whether interrupts are enabled. */
export function irq_is_enabled(): boolean {
  return current().irqEnabled;
}

/** Whether the caller runs in interrupt context. */
export function irq_is_in(): boolean {
  return current().inInterrupt;
}

function switchIsDue(kernel: Kernel): boolean {
  return kernel.contextSwitchRequest && kernel.irqEnabled && !kernel.inInterrupt;
}
