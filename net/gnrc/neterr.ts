// Telling a sender what became of its packet (RIOT sys/include/net/gnrc/neterr.h). Only images with the module
// gnrc_neterr do so, which no default build has; in all others nobody is told.
import { current } from '../../kernel/current.ts';
import { EALREADY } from '../../kernel/errno.ts';
import { sendOneway } from '../../kernel/msg.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { thread_getpid } from '../../kernel/thread.ts';
import { KERNEL_PID_UNDEF } from '../../kernel/thread_t.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';

/** A packet was handed on or sent without an error. */
export const GNRC_NETERR_SUCCESS = 0;
/** The message that the subscriber of a packet gets; its value is an errno or GNRC_NETERR_SUCCESS. */
export const GNRC_NETERR_MSG_TYPE = 0x0206;

/**
 * Makes the calling thread the one that is told when `pkt` is released: of this snip only, not of those behind it.
 * @returns 0, also without module gnrc_neterr; EALREADY (positive, as in RIOT) if another one has subscribed
 */
export function gnrc_neterr_reg(pkt: gnrc_pktsnip_t): number {
  if (!current().modules.has('gnrc_neterr')) return 0;
  if (pkt.err_sub !== KERNEL_PID_UNDEF) return EALREADY;
  pkt.err_sub = thread_getpid();
  return 0;
}

/**
 * Tells the subscriber of a snip, if there is one, what became of it. It runs at the next call of the kernel that may
 * switch threads, at the latest. RIOT waits if its queue is full; here the message is lost then.
 * @param err an errno or GNRC_NETERR_SUCCESS
 */
export function gnrc_neterr_report(pkt: gnrc_pktsnip_t, err: number): void {
  if (pkt.err_sub === KERNEL_PID_UNDEF) return;
  const msg = new msg_t();
  msg.type = GNRC_NETERR_MSG_TYPE;
  msg.content.value = err >>> 0;
  sendOneway(current(), msg, pkt.err_sub, thread_getpid());
}
