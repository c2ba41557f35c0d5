// Groups of threads that get flags together (RIOT core/include/thread_flags_group.h).
import { type Blocking, thread_yield_higher } from './blocking.ts';
import { current } from './current.ts';
import { thread_getpid } from './thread.ts';
import { type thread_flags_t, thread_flags_set_internal } from './thread_flags.ts';
import type { kernel_pid_t } from './thread_t.ts';

/** The pids of the members. */
export class thread_flags_group_t {
  readonly members = new Set<kernel_pid_t>();
}

/** A new group without members. */
export function THREAD_FLAGS_GROUP_INIT(): thread_flags_group_t {
  return new thread_flags_group_t();
}

/** The caller joins the group. */
export function thread_flags_group_join(group: thread_flags_group_t): void {
  group.members.add(thread_getpid());
}

/** The caller leaves the group. */
export function thread_flags_group_leave(group: thread_flags_group_t): void {
  group.members.delete(thread_getpid());
}

/** Sets flags of all members, and only then lets those run that were waiting for them. */
export function* thread_flags_group_set(
  group: thread_flags_group_t, mask: thread_flags_t,
): Blocking<void> {
  const { threads } = current();
  let woken = false;
  for (let pid = 1; pid < threads.length; pid++) {
    const target = threads[pid];
    if (target === null || !group.members.has(pid)) continue;
    if (thread_flags_set_internal(target, mask)) woken = true;
  }
  if (woken) yield* thread_yield_higher();
}
