// How a thread gives up the CPU. A thread is a generator; what may block or reschedule is
// `Blocking` and called with `yield*`, everything else is an ordinary call.
import { current } from './current.ts';
import type { Kernel } from './kernel.ts';

/** The result type of a function that may block or reschedule. The yielded value carries nothing. */
export type Blocking<T> = Generator<undefined, T, undefined>;

/** What a callback of an app may be: an ordinary function, or one that may block. Never `=> void`. */
export type Callback<A extends unknown[]> = (...args: A) => undefined | Blocking<void>;

/** What a Blocking call that waits tells who runs the thread. */
const GO_ON: IteratorResult<undefined, never> = { done: false, value: undefined };

/**
 * A Blocking call that is over without having waited. Like Handover it is what the kernel's calls return instead of a
 * generator: a thread passes through them at each switch, and an object that is there already costs half as much.
 */
class Over<T> {
  readonly end: IteratorReturnResult<T>;

  constructor(value: T) {
    this.end = { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<undefined, T> {
    return this.end;
  }

  return(value: T): IteratorReturnResult<T> {
    return { done: true, value };
  }

  throw(error: unknown): never {
    throw error;
  }
}

/** A Blocking call in which the thread hands the CPU over once. A thread needs but one: it waits in one place only. */
export class Handover<T> {
  private waiting = false;
  private readonly end: { done: true; value: T };

  /** @param value what the call returns in the end */
  constructor(value: T) {
    this.end = { done: true, value };
  }

  /** The same, for a call that returns `value`. */
  for(value: T): this {
    this.end.value = value;
    this.waiting = false;
    return this;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<undefined, T> {
    this.waiting = !this.waiting;
    return this.waiting ? GO_ON : this.end;
  }

  return(value: T): IteratorReturnResult<T> {
    return { done: true, value };
  }

  throw(error: unknown): never {
    throw error;
  }
}

const OVER: Blocking<void> = new Over<void>(undefined);
const OVER_1: Blocking<number> = new Over(1);
const OVER_0: Blocking<number> = new Over(0);

/** A Blocking call that is over, without a result. */
export function over(): Blocking<void> {
  return OVER;
}

/** A Blocking call that is over and returns `value`. */
export function over_with(value: number): Blocking<number> {
  return value === 1 ? OVER_1 : value === 0 ? OVER_0 : new Over(value);
}

/** What a Blocking call returns that is over already; undefined if it waits. Saves who calls it a generator. */
export function result_of<T>(call: Blocking<T>): T | undefined {
  return call instanceof Over ? (call as Over<T>).end.value : undefined;
}

/**
 * Runs the scheduler; another thread continues if one of higher priority is runnable or the caller
 * is not. In an interrupt handler, or with interrupts disabled, the switch is requested and done
 * when the handler returns or `irq_restore()` is called (RIOT core/include/thread.h).
 *
 * What it returns does the only bare yield of a thread: the Handover of the thread.
 */
export function thread_yield_higher(): Blocking<void> {
  const kernel = current();
  return hands_over(kernel) ? handover(kernel).for(undefined) as Blocking<void> : OVER;
}

/** thread_yield_higher(), which then returns `value`. */
export function thread_yield_higher_with(value: number): Blocking<number> {
  const kernel = current();
  return hands_over(kernel) ? handover(kernel).for(value) as Blocking<number> : over_with(value);
}

/** Whether thread_yield_higher() would hand the CPU over now; if not now but later, it is requested. */
export function hands_over(kernel: Kernel): boolean {
  return (kernel.alone || !deferSwitch(kernel)) && kernel.mustSwitch();
}

function handover(kernel: Kernel): Handover<unknown> {
  return kernel.activeThread === null ? new Handover<unknown>(undefined) : kernel.activeThread.handover;
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
