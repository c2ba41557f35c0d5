// How a thread gives up the CPU. A thread is a generator; what may block or reschedule is
// `Blocking` and called with `yield*`, everything else is an ordinary call.
import { current } from './current.ts';
import type { Kernel } from './kernel.ts';

/** The result type of a function that may block or reschedule. The yielded value carries nothing. */
export type Blocking<T> = Generator<undefined, T, undefined>;

/** What a callback of an app may be: an ordinary function, or one that may block. Never `=> void`. */
export type Callback<A extends unknown[]> = (...args: A) => undefined | Blocking<void>;

/**
 * Runs the scheduler; another thread continues if one of higher priority is runnable or the caller
 * is not. In an interrupt handler, or with interrupts disabled, the switch is requested and done
 * when the handler returns or `irq_restore()` is called (RIOT core/include/thread.h).
 *
 * This function holds the only bare `yield` of a thread.
 */
export function* thread_yield_higher(): Blocking<void> {
  const kernel = current();
  if (!kernel.alone && deferSwitch(kernel)) return;
  if (!kernel.mustSwitch()) return;
  yield;
}

/** Calls a callback that may or may not block. */
export function* invoke<A extends unknown[]>(callback: Callback<A>, ...args: A): Blocking<void> {
  const steps = callback(...args);
  if (steps !== undefined) yield* steps;
}

function deferSwitch(kernel: Kernel): boolean {
  if (kernel.irqEnabled && !kernel.inInterrupt) return false;
  kernel.contextSwitchRequest = true;
  return true;
}
