// Round robin (RIOT sys/include/sched_round_robin.h): threads of one priority share the CPU by time.
// A thread gives way within cpu_spend() or at a kernel call.
import { type Blocking, thread_yield_higher } from './blocking.ts';
import { current, perBoard } from './current.ts';
import { sched_runq_advance, sched_runq_is_empty, sched_runq_more_than_one } from './sched.ts';
import { ZTIMER_MSEC, ztimer_remove, ztimer_set, ztimer_t } from './ztimer.ts';

/** Time slice in ticks of SCHED_RR_TIMERBASE. */
export const SCHED_RR_TIMEOUT = 10;
export const SCHED_RR_TIMERBASE = ZTIMER_MSEC;
/** Priorities without round robin, one bit each: the highest. */
export const SCHED_RR_MASK = 1 << 0;

/** Stands for "no priority is being timed". */
const NONE = 0xff;

const statics = perBoard(() => ({ priority: NONE, timer: new ztimer_t(timeSliceOver) }), { bytes: 25 });

/** Starts round robin (auto_init of module sched_round_robin). */
export function sched_round_robin_init(): void {
  const kernel = current();
  kernel.onRunqueue = sched_runq_callback;
  if (kernel.activeThread !== null) sched_runq_callback(kernel.activeThread.priority);
}

/** A run queue has changed: times its priority if threads have to share it, or ends that. */
function sched_runq_callback(changed: number): undefined {
  const state = statics();
  let priority = changed;
  if (isMasked(priority)) return;
  if (state.priority === priority && sched_runq_is_empty(priority)) {
    state.priority = NONE;
    ztimer_remove(SCHED_RR_TIMERBASE, state.timer);
    const active = current().activeThread;
    if (active === null) return;
    priority = active.priority;
  }
  if (state.priority === NONE && !isMasked(priority) && sched_runq_more_than_one(priority)) {
    state.priority = priority;
    ztimer_set(SCHED_RR_TIMERBASE, state.timer, SCHED_RR_TIMEOUT);
  }
}

/** In interrupt context: the thread at the head goes behind the others of its priority. */
function* timeSliceOver(): Blocking<void> {
  const state = statics();
  const { priority } = state;
  if (priority !== NONE) {
    sched_runq_advance(priority);
    state.priority = NONE;
  }
  const active = current().activeThread;
  if (active === null) return;
  if (active.priority === priority) yield* thread_yield_higher();
  else sched_runq_callback(active.priority);
}

function isMasked(priority: number): boolean {
  return priority === 0 || (SCHED_RR_MASK & (1 << priority)) !== 0;
}
