// Files that a run writes.
import { closeSync, fchmodSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from './usage.ts';

/**
 * Creates a file, and its folder if need be; empties one that is there.
 * @param secret whether its owner only may read it
 * @returns its descriptor
 * @throws UsageError when that cannot be; names the file
 */
export function create(file: string, secret = false): number {
  try {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    const fd = openSync(file, 'w', secret ? 0o600 : 0o666);
    // One that was there keeps its mode otherwise.
    if (secret) fchmodSync(fd, 0o600);
    return fd;
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Writes a recording as JSON and closes the file. */
export function writeRecording(fd: number, recording: object): undefined {
  writeFileSync(fd, `${JSON.stringify(recording, null, 1)}\n`);
  closeSync(fd);
}
