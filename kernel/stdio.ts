// Standard input and output (RIOT sys/include/stdio_base.h). Input goes through a ring that the
// interrupt handler of the console fills; what does not fit is lost.
import type { Blocking, Callback } from './blocking.ts';
import { current, perBoard } from './current.ts';
import { trace, tracing } from './events.ts';
import type { Kernel } from './kernel.ts';
import { MUTEX_INIT_LOCKED, mutex_lock, mutex_unlock } from './mutex.ts';
import { write } from './print.ts';
import type { thread_t } from './thread_t.ts';

export { printf, putchar, puts } from './print.ts';

const stdin = perBoard(() => ({
  ring: new Uint8Array(current().config.STDIO_RX_BUFSIZE),
  reads: 0,
  writes: 0,
  mutex: MUTEX_INIT_LOCKED(),
  notify: null as Callback<[]> | null,
}), { bytes: 64 + 32 });

/** A byte has arrived: called in an interrupt handler. With a full ring it is lost. */
export function* stdio_rx(byte: number): Blocking<void> {
  const input = stdin();
  if (input.writes - input.reads < input.ring.length) {
    input.ring[input.writes++ % input.ring.length] = byte;
  } else if (tracing()) {
    trace({ layer: 'console', type: 'input_lost', bytes: 1 });
  }
  yield* mutex_unlock(input.mutex);
  const steps = input.notify?.();
  if (steps !== undefined) yield* steps;
}

/**
 * Has `cb(arg)` run in interrupt context after each byte that arrives, also one that is lost (module stdio_notify);
 * null ends it. There is one such callback a board.
 */
export function stdio_set_notify<T>(cb: Callback<[arg: T]> | null, arg: T): void {
  stdin().notify = cb === null ? null : () => cb(arg);
}

/** Room in the input ring of a board, bytes; for host code that paces what it types. */
export function stdio_rx_free(kernel: Kernel): number {
  return kernel.run(() => {
    const input = stdin();
    return input.ring.length - (input.writes - input.reads);
  });
}

/** The thread of a board that waits for input, the first of them, or null; for host code. */
export function stdio_reader(kernel: Kernel): thread_t | null {
  return kernel.run(() => stdin().mutex.next);
}

/**
 * Waits for input and takes what is there.
 * @param len at most so many bytes go into `buffer`
 * @returns how many did; 0 only for `len` 0
 */
export function* stdio_read(buffer: Uint8Array, len: number): Blocking<number> {
  if (len === 0) return 0;
  const input = stdin();
  while (input.reads === input.writes) yield* mutex_lock(input.mutex);
  const count = Math.min(len, input.writes - input.reads);
  for (let i = 0; i < count; i++) buffer[i] = input.ring[input.reads++ % input.ring.length];
  return count;
}

/** Writes the first `len` bytes of `buffer` to the console as they are. Returns `len`. */
export function stdio_write(buffer: Uint8Array, len: number): number {
  const bytes = Math.min(len, buffer.length);
  let text = '';
  for (let i = 0; i < bytes; i++) text += String.fromCharCode(buffer[i]);
  write(text);
  return len;
}

/** Waits for a byte of input and takes it. */
export function* getchar(): Blocking<number> {
  const input = stdin();
  while (input.reads === input.writes) yield* mutex_lock(input.mutex);
  return input.ring[input.reads++ % input.ring.length];
}

/** Bytes that `stdio_read()` can take without waiting. */
export function stdio_available(): number {
  const input = stdin();
  return input.writes - input.reads;
}

/** Drops the input that nobody has read yet. */
export function stdio_clear_stdin(): void {
  const input = stdin();
  input.reads = input.writes;
}
