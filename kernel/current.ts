// The board whose code is running. The only mutable module state of the project: nothing runs
// between a resume of a board and its next yield, so this is always right.
import { invariant } from './invariant.ts';
import type { Kernel } from './kernel.ts';

let running: Kernel | null = null;
let slots = 0;

/**
 * The kernel of the running board.
 * @throws InvariantError when no board runs: kernel functions belong to code that a board runs.
 */
export function current(): Kernel {
  if (running === null) invariant(false, 'a kernel function was called while no board runs');
  return running;
}

/** Makes `kernel` the running board; hands back the one before, for the caller to restore. */
export function setCurrent(kernel: Kernel | null): Kernel | null {
  const before = running;
  running = kernel;
  return before;
}

/**
 * State that C keeps in file-scope statics: one instance a board, made anew at each boot.
 *
 *     const statics = perBoard(() => ({ server_pid: KERNEL_PID_UNDEF }), { bytes: 4 });
 *     statics().server_pid = pid;
 *
 * @param init  makes the state of a board that has just booted
 * @param bytes the RAM that these variables take on the board
 * @throws InvariantError (the accessor) when no board runs
 */
export function perBoard<T>(init: () => T, options: { bytes: number }): () => T {
  const slot = slots++;
  return () => {
    const kernel = current();
    let state = kernel.statics[slot] as T | undefined;
    if (state === undefined) {
      state = init();
      kernel.statics[slot] = state;
      kernel.staticBytes += options.bytes;
    }
    return state;
  };
}
