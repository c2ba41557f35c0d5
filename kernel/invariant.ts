// Errors of the emulator itself. They stop the run: nothing on a board may catch them.

/** A bug of the emulator, never of an app. The simulation adds seed and virtual time. */
export class InvariantError extends Error {
  override name = 'InvariantError';
}

/** Throws InvariantError unless `condition` holds. */
export function invariant(condition: unknown, what: string): asserts condition {
  if (!condition) throw new InvariantError(what);
}
