// core_panic() and assert() (RIOT core/lib/include/panic.h, assert.h).
import { current } from './current.ts';
import { trace, tracing } from './events.ts';
import { placeOf } from './place.ts';
import { printf, puts } from './print.ts';

/** Halts one board. Thrown through the code of that board; never caught by an app. */
export class KernelPanic extends Error {
  override name = 'KernelPanic';
}

/** The board has switched itself off or boots anew: nothing of it runs any more. */
export class PowerLost extends Error {
  override name = 'PowerLost';
}

/** A failed assertion: the kernel puts the thread to sleep for ever. */
export class AssertFailed extends Error {
  override name = 'AssertFailed';
}

/**
 * RIOT's assert(). On failure prints `<where> => FAILED ASSERTION.` and the calling thread sleeps
 * for ever while all others go on; in an interrupt or with interrupts disabled the board panics.
 * @param where `file:line` as RIOT prints it; that of the app's call when left out
 */
export function assert(condition: unknown, where?: string): asserts condition {
  if (!condition) assertionFailed(where ?? placeOf(new Error()) ?? 'unknown');
}

function assertionFailed(where: string): never {
  const kernel = current();
  printf(`${where} => `);
  if (!kernel.inInterrupt && kernel.irqEnabled) puts('FAILED ASSERTION.');
  if (tracing()) {
    trace({ layer: 'kernel', type: 'assert', where, pid: kernel.activeThread?.pid ?? 0 });
  }
  throw new AssertFailed(where);
}

/** RIOT's core_panic(): prints the text, and the board halts. Only the first panic prints. */
export function core_panic(message: string): never {
  halt(message);
  throw new KernelPanic(message);
}

/** An assertion failed where no thread can sleep: a panic, as in RIOT. */
export function assertFailedInInterrupt(): void {
  halt('FAILED ASSERTION.');
}

/** What an app threw out of a thread or a handler: a panic of that board, with the place. */
export function uncaughtError(error: unknown): void {
  halt(describe(error));
}

function describe(error: unknown): string {
  try {
    if (!(error instanceof Error)) return `thrown: ${String(error)}`;
    const place = placeOf(error);
    return `${error.name}: ${error.message}${place === null ? '' : ` (${place})`}`;
  } catch {
    // Its own toString() or getters throw.
    return 'thrown: something without a text';
  }
}

/**
 * Something that RIOT leaves undefined: a diagnostic on console and trace, then a safe outcome. On a strict board a
 * panic.
 */
export function undefined_on_riot(text: string): void {
  puts(`undefined on RIOT: ${text}`);
  if (tracing()) trace({ layer: 'kernel', type: 'undefined', text });
  if (current().strict) core_panic(`undefined on RIOT: ${text}`);
}

function halt(message: string): void {
  const kernel = current();
  if (kernel.halted) return;
  kernel.halted = true;
  if (tracing()) {
    trace({ layer: 'kernel', type: 'panic', text: message, pid: kernel.activeThread?.pid ?? 0 });
  }
  printf(`*** RIOT kernel panic:\n${message}\n\n`);
  if (kernel.onPanic !== null) {
    kernel.onPanic();
    printf('\n');
  }
  printf('*** halted.\n\n');
}
