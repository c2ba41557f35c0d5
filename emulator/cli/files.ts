// Files that a run writes.
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from './usage.ts';

/**
 * Creates a file, and its folder if need be; empties one that is there.
 * @returns its descriptor
 * @throws UsageError when that cannot be; names the file
 */
export function create(file: string): number {
  try {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    return openSync(file, 'w');
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Writes a recording as JSON and closes the file. */
export function writeRecording(fd: number, recording: object): undefined {
  writeFileSync(fd, `${JSON.stringify(recording, null, 1)}\n`);
  closeSync(fd);
}
