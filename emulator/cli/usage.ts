/** Something that the user has to mend: exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** @throws UsageError instead of RangeError */
export function usage<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
