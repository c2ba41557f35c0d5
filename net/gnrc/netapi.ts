// How the threads of the stack hand packets to each other, and options (RIOT sys/include/net/gnrc/netapi.h).
import { type Blocking, over_with, result_of } from '../../kernel/blocking.ts';
import { current, perBoard } from '../../kernel/current.ts';
import { ECANCELED, EIO } from '../../kernel/errno.ts';
import { mbox_try_put } from '../../kernel/mbox.ts';
import { msg_send_receive, msg_try_send } from '../../kernel/msg.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { assert } from '../../kernel/panic.ts';
import { puts } from '../../kernel/stdio.ts';
import { sema_inv_init, sema_inv_post, sema_inv_wait } from '../../kernel/sema_inv.ts';
import { KERNEL_PID_UNDEF, type kernel_pid_t } from '../../kernel/thread_t.ts';
import type { NetLayer } from '../events.ts';
import type { netopt_t } from '../netopt.ts';
import { quirk } from '../quirks.ts';
import { drop } from './drop.ts';
import { gnrc_netapi_notify_t, type netapi_notify_data_t, type netapi_notify_t } from './netapi_notify.ts';
import { GNRC_NETAPI_MSG_TYPE_RCV, GNRC_NETAPI_MSG_TYPE_SND, GNRC_NETREG_TYPE_CB, GNRC_NETREG_TYPE_DEFAULT,
  GNRC_NETREG_TYPE_MBOX, type gnrc_netreg_entry_t, gnrc_netreg_acquire_shared, gnrc_netreg_getnext,
  gnrc_netreg_leave_shared, gnrc_netreg_lookup, gnrc_netreg_num, gnrc_netreg_wake_exclusive } from './netreg.ts';
import { GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_IPV6, GNRC_NETTYPE_SIXLOWPAN, GNRC_NETTYPE_UDP,
  type gnrc_nettype_t } from './nettype.ts';
import { gnrc_pkt_len, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_hold, gnrc_pktbuf_release_error } from './pktbuf.ts';

export { GNRC_NETAPI_MSG_TYPE_RCV, GNRC_NETAPI_MSG_TYPE_SND };
export const GNRC_NETAPI_MSG_TYPE_SET = 0x0203;
export const GNRC_NETAPI_MSG_TYPE_GET = 0x0204;
export const GNRC_NETAPI_MSG_TYPE_ACK = 0x0205;
export const GNRC_NETAPI_MSG_TYPE_NOTIFY = 0x0207;

const NO_ACK = 'sys/net/gnrc/netapi/gnrc_netapi.c:52';

/** The content of a SET or GET message. */
export interface gnrc_netapi_opt_t {
  opt: netopt_t;
  /** What the option needs besides: see netopt.ts. */
  context: number;
  /** The value, or where to write it, as it lies in memory: numbers little-endian, see netopt.ts. */
  data: Uint8Array;
  data_len: number;
}

/** Message to hand out: the kernel copies it, so one a board is enough. */
const statics = perBoard(() => ({ msg: new msg_t() }), { bytes: 0 });

function fill(type: number, pkt: unknown): msg_t {
  const msg = statics().msg;
  msg.sender_pid = KERNEL_PID_UNDEF;
  msg.type = type;
  msg.content.ptr = pkt;
  return msg;
}

/** The layer that a trace event names: the one the packet was meant for. */
function layerOf(pkt: gnrc_pktsnip_t): NetLayer {
  switch (pkt.type) {
    case GNRC_NETTYPE_SIXLOWPAN: return '6lo';
    case GNRC_NETTYPE_IPV6: return 'ipv6';
    case GNRC_NETTYPE_ICMPV6: return 'icmpv6';
    case GNRC_NETTYPE_UDP: return 'udp';
    default: return 'netif';
  }
}

/** A thread did not take a packet: RIOT's warning, and the trace. */
function warn(pid: kernel_pid_t, pkt: gnrc_pktsnip_t, ret: number): void {
  puts(`gnrc_netapi: dropped message to ${pid} (${ret === 0 ? 'receiver queue is full' : 'invalid receiver'})`);
  drop(layerOf(pkt), ret === 0 ? 'queue-full' : 'no-receiver', gnrc_pkt_len(pkt));
}

/**
 * Hands a packet to a thread without blocking.
 * @param type GNRC_NETAPI_MSG_TYPE_RCV or _SND
 * @returns 1; 0 when the receiver's queue is full, -1 when there is no such thread: both print RIOT's
 *   warning, and the packet is still the caller's
 */
export function _gnrc_netapi_send_recv(pid: kernel_pid_t, pkt: gnrc_pktsnip_t, type: number): Blocking<number> {
  const sending = msg_try_send(fill(type, pkt), pid);
  // A thread that hands over has sent its message.
  const ret = result_of(sending) ?? 1;
  if (ret < 1) warn(pid, pkt, ret);
  return sending;
}

/** Hands a packet to a thread to be sent; see _gnrc_netapi_send_recv(). */
export function gnrc_netapi_send(pid: kernel_pid_t, pkt: gnrc_pktsnip_t): Blocking<number> {
  return _gnrc_netapi_send_recv(pid, pkt, GNRC_NETAPI_MSG_TYPE_SND);
}

/** Hands a received packet to a thread; see _gnrc_netapi_send_recv(). */
export function gnrc_netapi_receive(pid: kernel_pid_t, pkt: gnrc_pktsnip_t): Blocking<number> {
  return _gnrc_netapi_send_recv(pid, pkt, GNRC_NETAPI_MSG_TYPE_RCV);
}

/** Whether the image is one whose netapi takes a full queue for success: that without mboxes and callbacks. */
function leaks(): boolean {
  const { modules } = current();
  return !modules.has('gnrc_netapi_mbox') && !modules.has('gnrc_netapi_callbacks') && quirk('netapi-queue-full-leak');
}

/** An entry did not take a packet: RIOT's warning, the trace, and the status: 0 where RIOT forgets the packet. */
function refused(sendto: gnrc_netreg_entry_t, pkt: gnrc_pktsnip_t, ret: number): number {
  if (sendto.type === GNRC_NETREG_TYPE_DEFAULT) {
    warn(sendto.target.pid, pkt, ret);
    return ret === 0 && leaks() ? 0 : -EIO;
  }
  // RIOT prints the address of the mbox; there are no addresses here.
  puts('gnrc_netapi: dropped message to 0x0 (was full)');
  drop(layerOf(pkt), 'mbox-full', gnrc_pkt_len(pkt));
  return -EIO;
}

/** Hands a packet to one entry: 0, -EIO when it has no room, -ECANCELED for an unknown type. */
function* dispatchTo(sendto: gnrc_netreg_entry_t, cmd: number, pkt: gnrc_pktsnip_t): Blocking<number> {
  const { pid, mbox, cbd } = sendto.target;
  if (sendto.type === GNRC_NETREG_TYPE_DEFAULT) {
    const ret = yield* msg_try_send(fill(cmd, pkt), pid);
    return ret === 1 ? 0 : refused(sendto, pkt, ret);
  }
  if (sendto.type === GNRC_NETREG_TYPE_MBOX && mbox !== null) {
    const ret = yield* mbox_try_put(mbox, fill(cmd, pkt));
    return ret === 1 ? 0 : refused(sendto, pkt, ret);
  }
  if (sendto.type === GNRC_NETREG_TYPE_CB && cbd !== null) {
    const steps = cbd.cb(cmd, pkt, cbd.ctx);
    if (steps !== undefined) yield* steps;
    return 0;
  }
  return -ECANCELED;
}

/**
 * Hands a packet to everyone who registered for its type and context: the packet is shared, each holds one use of it.
 * Who cannot take it is passed over, its use is released (but see the quirk netapi-queue-full-leak).
 * @returns the number of registrations; at 0 the packet is still the caller's
 */
export function gnrc_netapi_dispatch(
  type: gnrc_nettype_t, demux_ctx: number, cmd: number, pkt: gnrc_pktsnip_t,
): Blocking<number> {
  const first = gnrc_netreg_lookup(type, demux_ctx);
  if (first === null) return over_with(0);
  const single = first.type !== GNRC_NETREG_TYPE_CB && gnrc_netreg_getnext(first) === null;
  return single ? dispatchSingle(first, cmd, pkt) : dispatchAll(type, demux_ctx, cmd, pkt);
}

/** gnrc_netapi_dispatch() where there is one thread or mbox: no generator, unless somebody has to wait. */
function dispatchSingle(sendto: gnrc_netreg_entry_t, cmd: number, pkt: gnrc_pktsnip_t): Blocking<number> {
  const { pid, mbox } = sendto.target;
  gnrc_netreg_acquire_shared();
  const sending = sendto.type === GNRC_NETREG_TYPE_MBOX && mbox !== null
    ? mbox_try_put(mbox, fill(cmd, pkt)) : msg_try_send(fill(cmd, pkt), pid);
  if (result_of(sending) !== 1) return dispatched(sendto, pkt, sending);
  return gnrc_netreg_leave_shared() ? dispatchedAndWoken() : over_with(1);
}

/** The end of dispatchSingle(): when the thread goes on that handed over, or when the packet was not taken. */
function* dispatched(
  sendto: gnrc_netreg_entry_t, pkt: gnrc_pktsnip_t, sending: Blocking<number>,
): Blocking<number> {
  const ret = yield* sending;
  const status = ret === 1 ? 0 : refused(sendto, pkt, ret);
  if (status < 0) gnrc_pktbuf_release_error(pkt, status);
  if (gnrc_netreg_leave_shared()) yield* gnrc_netreg_wake_exclusive();
  return 1;
}

function* dispatchedAndWoken(): Blocking<number> {
  yield* gnrc_netreg_wake_exclusive();
  return 1;
}

function* dispatchAll(
  type: gnrc_nettype_t, demux_ctx: number, cmd: number, pkt: gnrc_pktsnip_t,
): Blocking<number> {
  const numof = gnrc_netreg_num(type, demux_ctx);
  gnrc_netreg_acquire_shared();
  if (numof > 1) gnrc_pktbuf_hold(pkt, numof - 1);
  let sendto = gnrc_netreg_lookup(type, demux_ctx);
  while (sendto !== null) {
    const status = yield* dispatchTo(sendto, cmd, pkt);
    if (status < 0) gnrc_pktbuf_release_error(pkt, status);
    sendto = gnrc_netreg_getnext(sendto);
  }
  if (gnrc_netreg_leave_shared()) yield* gnrc_netreg_wake_exclusive();
  return numof;
}

/** gnrc_netapi_dispatch() of a packet to be sent. */
export function gnrc_netapi_dispatch_send(
  type: gnrc_nettype_t, demux_ctx: number, pkt: gnrc_pktsnip_t,
): Blocking<number> {
  return gnrc_netapi_dispatch(type, demux_ctx, GNRC_NETAPI_MSG_TYPE_SND, pkt);
}

/** gnrc_netapi_dispatch() of a received packet. */
export function gnrc_netapi_dispatch_receive(
  type: gnrc_nettype_t, demux_ctx: number, pkt: gnrc_pktsnip_t,
): Blocking<number> {
  return gnrc_netapi_dispatch(type, demux_ctx, GNRC_NETAPI_MSG_TYPE_RCV, pkt);
}

/**
 * Tells everyone who registered for a type and context of an event, and waits until all have acknowledged it, so that
 * none looks at `data` afterwards; without data it does not wait. Their messages are of GNRC_NETAPI_MSG_TYPE_NOTIFY.
 * @returns how many were told
 */
export function* gnrc_netapi_notify(
  type: gnrc_nettype_t, demux_ctx: number, event: netapi_notify_t, data: netapi_notify_data_t | null,
): Blocking<number> {
  let numof = gnrc_netreg_num(type, demux_ctx);
  if (numof === 0) return 0;
  gnrc_netreg_acquire_shared();
  const notify = new gnrc_netapi_notify_t(event, data);
  sema_inv_init(notify.ack, numof);
  let sendto = gnrc_netreg_lookup(type, demux_ctx);
  while (sendto !== null) {
    if (!(yield* tell(sendto, notify))) {
      numof--;
      yield* sema_inv_post(notify.ack);
    }
    sendto = gnrc_netreg_getnext(sendto);
  }
  if (gnrc_netreg_leave_shared()) yield* gnrc_netreg_wake_exclusive();
  if (data !== null) yield* sema_inv_wait(notify.ack);
  return numof;
}

/** Sends a notification to one entry; false if it cannot take it. */
function* tell(sendto: gnrc_netreg_entry_t, notify: gnrc_netapi_notify_t): Blocking<boolean> {
  const { pid, mbox, cbd } = sendto.target;
  const msg = fill(GNRC_NETAPI_MSG_TYPE_NOTIFY, notify);
  if (sendto.type === GNRC_NETREG_TYPE_DEFAULT) return (yield* msg_try_send(msg, pid)) === 1;
  if (sendto.type === GNRC_NETREG_TYPE_MBOX && mbox !== null) return (yield* mbox_try_put(mbox, msg)) === 1;
  if (sendto.type !== GNRC_NETREG_TYPE_CB || cbd === null) return false;
  const steps = cbd.cb(GNRC_NETAPI_MSG_TYPE_NOTIFY, notify, cbd.ctx);
  if (steps !== undefined) yield* steps;
  return true;
}

function* getSet(
  pid: kernel_pid_t, opt: netopt_t, context: number, data: Uint8Array, data_len: number, type: number,
): Blocking<number> {
  const cmd = new msg_t();
  const ack = new msg_t();
  const content: gnrc_netapi_opt_t = { opt, context, data, data_len };
  cmd.type = type;
  cmd.content.ptr = content;
  yield* msg_send_receive(cmd, ack, pid);
  assert(ack.type === GNRC_NETAPI_MSG_TYPE_ACK, NO_ACK);
  return ack.content.value | 0;
}

/**
 * Reads an option of a module, by a message that waits for the answer.
 * @param data where the value goes; @param max_len its size in bytes
 * @returns bytes written, or a negative errno: -ENOTSUP, -EOVERFLOW, or what the module answers
 */
export function gnrc_netapi_get(
  pid: kernel_pid_t, opt: netopt_t, context: number, data: Uint8Array, max_len: number,
): Blocking<number> {
  return getSet(pid, opt, context, data, max_len, GNRC_NETAPI_MSG_TYPE_GET);
}

/**
 * Sets an option of a module, by a message that waits for the answer.
 * @returns bytes taken, or a negative errno: -ENOTSUP, -EOVERFLOW, -EINVAL, or what the module answers
 */
export function gnrc_netapi_set(
  pid: kernel_pid_t, opt: netopt_t, context: number, data: Uint8Array, data_len: number,
): Blocking<number> {
  return getSet(pid, opt, context, data, data_len, GNRC_NETAPI_MSG_TYPE_SET);
}
