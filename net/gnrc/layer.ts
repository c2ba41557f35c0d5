// What the threads of the layers (6lo, ipv6, udp) have in common.
import type { Blocking } from '../../kernel/blocking.ts';
import { ENOTSUP } from '../../kernel/errno.ts';
import { msg_init_queue, msg_queue_array, msg_t } from '../../kernel/msg.ts';
import { thread_getpid } from '../../kernel/thread.ts';
import { GNRC_NETAPI_MSG_TYPE_ACK } from './netapi.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_PID, gnrc_netreg_register } from './netreg.ts';
import type { gnrc_nettype_t } from './nettype.ts';

/** The messages of a layer's thread. */
export interface LayerMessages {
  /** For msg_receive(). */
  readonly msg: msg_t;
  /** The answer to options, of which these layers have none: -ENOTSUP. */
  readonly reply: msg_t;
}

/**
 * What a layer's thread begins with: a message queue, and its registration for all packets of its type.
 * @param queueSizeExp the queue holds 2 to this power messages
 */
export function* layer_begin(type: gnrc_nettype_t, queueSizeExp: number): Blocking<LayerMessages> {
  const size = 1 << queueSizeExp;
  const reply = new msg_t();
  reply.type = GNRC_NETAPI_MSG_TYPE_ACK;
  reply.content.value = -ENOTSUP;
  msg_init_queue(msg_queue_array(size), size);
  yield* gnrc_netreg_register(type, GNRC_NETREG_ENTRY_INIT_PID(GNRC_NETREG_DEMUX_CTX_ALL, thread_getpid()));
  return { msg: new msg_t(), reply };
}
