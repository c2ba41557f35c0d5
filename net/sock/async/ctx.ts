// The event of a sock whose callback runs in the thread of an event queue (RIOT
// sys/net/sock/async/event/sock_async_ctx.h, sock_async_event.c).
import type { Blocking } from '../../../kernel/blocking.ts';
import { event_cancel, event_post, event_t, type event_queue_t } from '../../../kernel/event.ts';
import { assert } from '../../../kernel/panic.ts';
import { thread_getpid } from '../../../kernel/thread.ts';
import type { bound_cb_t, sock_async_flags_t } from './types.ts';

/** An event, what it tells and whom. */
export class sock_event_t extends event_t {
  cb: bound_cb_t | null = null;
  /** What has happened since the handler ran last: several events become one call. */
  type: sock_async_flags_t = 0;
}

/** What a sock needs for events. A sock of any kind has one. */
export class sock_async_ctx_t {
  readonly event = new sock_event_t();
  queue: event_queue_t | null = null;
}

/** Runs in the queue's thread. */
function handleEvent(event: event_t): undefined | Blocking<void> {
  const { cb, type } = event as sock_event_t;
  (event as sock_event_t).type = 0;
  return type !== 0 && cb !== null ? cb(type) : undefined;
}

/** Makes `ctx` ready: from now on its events go to `queue`, whose thread calls `cb`. */
export function sock_async_ctx_set(ctx: sock_async_ctx_t, queue: event_queue_t, cb: bound_cb_t): void {
  ctx.event.type = 0;
  ctx.event.queue = null;
  ctx.event.handler = handleEvent;
  ctx.event.cb = cb;
  ctx.queue = queue;
}

/** Adds to what a sock's event tells, and posts it. */
export function sock_async_ctx_post(ctx: sock_async_ctx_t, flags: sock_async_flags_t): undefined | Blocking<void> {
  const { event, queue } = ctx;
  event.type |= flags;
  return queue === null ? undefined : event_post(queue, event);
}

/**
 * Takes a sock's event out of its queue. sock_udp_close() and its like call it; apps do not. The caller is the thread
 * that serves the queue, if there is one (asserted).
 */
export function sock_event_close(async_ctx: sock_async_ctx_t | null): void {
  const queue = async_ctx === null ? null : async_ctx.queue;
  if (async_ctx === null || queue === null) return;
  assert(queue.waiter === null || queue.waiter.pid === thread_getpid(),
    'sys/net/sock/async/event/sock_async_event.c:81');
  event_cancel(queue, async_ctx.event);
}
