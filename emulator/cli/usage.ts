/** Something that the user has to mend: exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}
