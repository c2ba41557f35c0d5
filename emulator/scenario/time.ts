// Durations and instants are integers in microseconds of virtual time.

/** A duration in seconds. @throws RangeError if it is not a number >= 0 */
export function seconds(n: number): number {
  return duration(n, 1_000_000, 'seconds');
}

/** A duration in milliseconds. @throws RangeError if it is not a number >= 0 */
export function milliseconds(n: number): number {
  return duration(n, 1000, 'milliseconds');
}

/** A duration in microseconds. @throws RangeError if it is not a number >= 0 */
export function microseconds(n: number): number {
  return duration(n, 1, 'microseconds');
}

/** `5 s`, `1.5 ms`, `20 µs`: a duration in the largest unit in which it is at least 1. */
export function formatDuration(us: number): string {
  if (us >= 1_000_000) return `${us / 1_000_000} s`;
  return us >= 1000 ? `${us / 1000} ms` : `${us} µs`;
}

/** `6.012345 s`: an instant of virtual time. */
export function formatInstant(us: number): string {
  return `${(us / 1_000_000).toFixed(6)} s`;
}

function duration(n: number, unit: number, name: string): number {
  const us = Math.round(n * unit);
  if (!Number.isSafeInteger(us) || us < 0) throw new RangeError(`${name}(${n}) is not a duration`);
  return us;
}
