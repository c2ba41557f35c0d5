// Pipes: a ring of bytes between threads (RIOT sys/include/pipe.h).
import { type Blocking, thread_yield_higher } from './blocking.ts';
import { current } from './current.ts';
import { type ringbuffer_t, ringbuffer_add, ringbuffer_get } from './ringbuffer.ts';
import { STATUS_PENDING, STATUS_SLEEPING, sched_set_status, sched_switch } from './sched.ts';
import type { thread_t } from './thread_t.ts';

/** A pipe over a ring; one reader and one writer at a time can wait. */
export class pipe_t {
  rb: ringbuffer_t;
  read_blocked: thread_t | null = null;
  write_blocked: thread_t | null = null;
  /** Called by `pipe_free()`; null for a pipe that nobody has to free. */
  free: ((pipe: pipe_t) => undefined) | null;

  /** As `pipe_init()`. */
  constructor(rb: ringbuffer_t, free: ((pipe: pipe_t) => undefined) | null = null) {
    this.rb = rb;
    this.free = free;
  }
}

/** Makes `pipe` one over `rb` that nobody waits for. */
export function pipe_init(
  pipe: pipe_t, rb: ringbuffer_t, free: ((pipe: pipe_t) => undefined) | null,
): void {
  pipe.rb = rb;
  pipe.read_blocked = null;
  pipe.write_blocked = null;
  pipe.free = free;
}

/**
 * Takes at most `n` bytes; waits while there is none.
 * @returns how many; 0 for `n` 0, if another thread waits to read already, or in an interrupt
 *          handler when there is none
 */
export function* pipe_read(pipe: pipe_t, buf: Uint8Array, n: number): Blocking<number> {
  while (n > 0) {
    const count = ringbuffer_get(pipe.rb, buf, n);
    if (count > 0) {
      const writer = pipe.write_blocked;
      pipe.write_blocked = null;
      yield* wake(writer);
      return count;
    }
    if (pipe.read_blocked !== null || current().inInterrupt) return 0;
    pipe.read_blocked = current().activeThread;
    yield* sleep();
  }
  return 0;
}

/**
 * Writes as many of `n` bytes as fit; waits while the pipe is full.
 * @returns how many; 0 for `n` 0, if another thread waits to write already, or in an interrupt
 *          handler when it is full
 */
export function* pipe_write(pipe: pipe_t, buf: Uint8Array, n: number): Blocking<number> {
  while (n > 0) {
    const count = ringbuffer_add(pipe.rb, buf, n);
    if (count > 0) {
      const reader = pipe.read_blocked;
      pipe.read_blocked = null;
      yield* wake(reader);
      return count;
    }
    if (pipe.write_blocked !== null || current().inInterrupt) return 0;
    pipe.write_blocked = current().activeThread;
    yield* sleep();
  }
  return 0;
}

/** Has the pipe's own function free it. */
export function pipe_free(pipe: pipe_t): void {
  pipe.free?.(pipe);
}

function* wake(thread: thread_t | null): Blocking<void> {
  current().countCall();
  if (thread === null) return;
  sched_set_status(thread, STATUS_PENDING);
  yield* sched_switch(thread.priority);
}

function* sleep(): Blocking<void> {
  const me = current().activeThread;
  if (me === null) return;
  sched_set_status(me, STATUS_SLEEPING);
  yield* thread_yield_higher();
}
