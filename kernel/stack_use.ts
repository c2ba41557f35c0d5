// How much of their stacks threads use. JavaScript has no such stacks: what is known are figures of real nodes, for
// threads whose code is the stack's own. Nothing is known of an app's code, and nothing is made up for it.
import { current } from './current.ts';
import type { thread_t } from './thread_t.ts';

/**
 * native64, after a ping and a PSK handshake, as `ps` of such a node shows it: by name and size of the stack, so that
 * an app's thread of the same name does not pass for the stack's.
 */
const NATIVE64: Readonly<Record<string, readonly [stackSize: number, used: number]>> = {
  idle: [16384, 1328],
  '6lo': [16320, 1792],
  ipv6: [16320, 4712],
  udp: [8128, 1408],
  socket_zep: [16256, 4520],
};

/** Bytes of its stack that a thread uses on the real board; null: not known. */
export function stack_used(thread: thread_t): number | null {
  if (current().riotBoard !== 'native64' || !Object.hasOwn(NATIVE64, thread.name)) return null;
  const [stackSize, used] = NATIVE64[thread.name]!;
  return thread.stackSize === stackSize ? used : null;
}
