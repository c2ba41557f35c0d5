// Socks whose callbacks run in the thread of an event queue (RIOT sys/include/net/sock/async/event.h), with module
// sock_async_event. What happens while the queue is busy becomes one call.
import type { Blocking } from '../../../kernel/blocking.ts';
import { event_post, event_sync, event_t, type event_queue_t } from '../../../kernel/event.ts';
import { thread_getpid } from '../../../kernel/thread.ts';
import { sock_ip_get_async_ctx, sock_ip_set_cb, sock_udp_get_async_ctx, sock_udp_set_cb } from '../async.ts';
import { sock_ip_close } from '../ip.ts';
import type { sock_ip_t, sock_udp_t } from '../types.ts';
import { sock_udp_close } from '../udp.ts';
import { type sock_async_ctx_t, sock_async_ctx_post, sock_async_ctx_set } from './ctx.ts';
import { bind_cb, type sock_ip_cb_t, type sock_udp_cb_t } from './types.ts';

export { sock_event_close } from './ctx.ts';

/**
 * Has `handler` called by the thread that serves `ev_queue`, with the bits of all that has happened since.
 *
 * @param sock         bound
 * @param handler_arg  handed to `handler`
 * @throws TypeError without module sock_async
 */
export function sock_udp_event_init(
  sock: sock_udp_t, ev_queue: event_queue_t, handler: sock_udp_cb_t, handler_arg: unknown,
): void {
  const ctx = sock_udp_get_async_ctx(sock);
  sock_async_ctx_set(ctx, ev_queue, bind_cb(sock, handler, handler_arg));
  sock_udp_set_cb(sock, (_sock, flags) => sock_async_ctx_post(ctx, flags), handler_arg);
}

/** As sock_udp_event_init(), for packets of a protocol. */
export function sock_ip_event_init(
  sock: sock_ip_t, ev_queue: event_queue_t, handler: sock_ip_cb_t, handler_arg: unknown,
): void {
  const ctx = sock_ip_get_async_ctx(sock);
  sock_async_ctx_set(ctx, ev_queue, bind_cb(sock, handler, handler_arg));
  sock_ip_set_cb(sock, (_sock, flags) => sock_async_ctx_post(ctx, flags), handler_arg);
}

/** Closes a sock in the thread that serves its queue, and waits until that is done; without one, here and now. */
export function sock_udp_event_close(sock: sock_udp_t): Blocking<void> {
  return closeInThread(sock_udp_get_async_ctx(sock), (): undefined => void sock_udp_close(sock));
}

/** As sock_udp_event_close(). */
export function sock_ip_event_close(sock: sock_ip_t): Blocking<void> {
  return closeInThread(sock_ip_get_async_ctx(sock), (): undefined => void sock_ip_close(sock));
}

function* closeInThread({ queue }: sock_async_ctx_t, close: () => undefined): Blocking<void> {
  if (queue === null || queue.waiter === null || queue.waiter.pid === thread_getpid()) {
    close();
    return;
  }
  yield* event_post(queue, new event_t(close));
  yield* event_sync(queue);
}
