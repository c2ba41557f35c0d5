// The interface's thread: it sends what the layers above hand it, queues what the device has no time for, and hands up
// what the device has received (RIOT sys/include/net/gnrc/netif.h, sys/net/gnrc/netif/gnrc_netif.c). Devices that
// report the end of a transmission (netdev_new_api) have the send queue of module gnrc_netif_pktq. Those of the legacy
// API (at86rf2xx) have none: the thread waits until the radio is ready for the next frame, and hands over the packet.
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_charge, cpu_timed } from '../../kernel/cpu.ts';
import { EBUSY, EHOSTUNREACH, ENOMEM } from '../../kernel/errno.ts';
import { THREAD_FLAG_EVENT, event_get, event_queue_init, type event_queue_t,
  type event_t } from '../../kernel/event.ts';
import {
  msg_avail, msg_init_queue, msg_queue_array, msg_reply, msg_send, msg_t, msg_try_receive,
} from '../../kernel/msg.ts';
import { msg_bus_init } from '../../kernel/msg_bus.ts';
import { MUTEX_INIT_LOCKED, mutex_lock, type mutex_t, mutex_unlock } from '../../kernel/mutex.ts';
import { assert } from '../../kernel/panic.ts';
import { puts } from '../../kernel/stdio.ts';
import { thread_create, thread_getpid } from '../../kernel/thread.ts';
import { THREAD_FLAG_MSG_WAITING, thread_flags_set_internal,
  thread_flags_wait_any } from '../../kernel/thread_flags.ts';
import { KERNEL_PID_UNDEF, type stack_t } from '../../kernel/thread_t.ts';
import { net_config } from '../config.ts';
import { NETDEV_EVENT_LINK_DOWN, NETDEV_EVENT_LINK_UP, NETDEV_EVENT_RX_COMPLETE, NETDEV_EVENT_TX_COMPLETE,
  NETDEV_EVENT_TX_COMPLETE_DATA_PENDING, NETDEV_EVENT_TX_MEDIUM_BUSY, NETDEV_EVENT_TX_NOACK,
  type netdev_t } from '../netdev.ts';
import { NETOPT_DEVICE_TYPE, netopt_get_u16 } from '../netopt.ts';
import { drop } from './drop.ts';
import { GNRC_NETAPI_MSG_TYPE_ACK, GNRC_NETAPI_MSG_TYPE_GET, GNRC_NETAPI_MSG_TYPE_SET, GNRC_NETAPI_MSG_TYPE_SND,
  type gnrc_netapi_opt_t, gnrc_netapi_dispatch_receive, gnrc_netapi_send } from './netapi.ts';
import { GNRC_NETERR_SUCCESS } from './neterr.ts';
import { gnrc_netif_ipv6_init_mtu } from './netif_device_type.ts';
import { GNRC_IPV6_NIB_IFACE_DOWN, GNRC_IPV6_NIB_IFACE_UP, gnrc_ipv6_pid, gnrc_netif_nib } from './netif_nib.ts';
import { gnrc_netif_update_l2addr } from './netif_opt.ts';
import { GNRC_NETIF_PKTQ_DEQUEUE_MSG, gnrc_netif_pktq_empty, gnrc_netif_pktq_get, gnrc_netif_pktq_push_back,
  gnrc_netif_pktq_put, gnrc_netif_pktq_sched_get } from './netif_pktq.ts';
import { GNRC_NETIF_FLAGS_TX_FROM_PKTQUEUE, gnrc_netif_acquire, gnrc_netif_highlander, gnrc_netif_iter,
  type gnrc_netif_ops_t, gnrc_netif_release, type gnrc_netif_t, netif_register } from './netif_t.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from './netreg.ts';
import { gnrc_pkt_len, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release, gnrc_pktbuf_release_error } from './pktbuf.ts';

export * from './netif_addrs.ts';
export * from './netif_bus.ts';
export * from './netif_device_type.ts';
export * from './netif_ipv6.ts';
export * from './netif_nib.ts';
export * from './netif_opt.ts';
export * from './netif_pktq.ts';
export * from './netif_t.ts';

/** Priority of interfaces' threads: THREAD_PRIORITY_MAIN - 5. */
export const GNRC_NETIF_PRIO = 2;

const SECOND_OF_ONE = 'sys/net/gnrc/netif/gnrc_netif.c:74';
const HAS_DEVICE = 'sys/net/gnrc/netif/gnrc_netif.c:83';
const NO_THREAD = 'sys/net/gnrc/netif/gnrc_netif.c:97';
const NO_DEVICE_TYPE = 'sys/net/gnrc/netif/gnrc_netif.c:1539';

interface Creation {
  readonly netif: gnrc_netif_t;
  readonly init_done: mutex_t;
  result: number;
}

/**
 * Makes an interface: starts its thread and waits until that has set the device up.
 * @param stack its thread's, `stacksize` bytes
 * @param name of the thread: the driver's
 * @param ops what depends on the link layer
 * @returns what `ops.init()` answers: 0, or a negative errno
 */
export function* gnrc_netif_create(
  netif: gnrc_netif_t, stack: stack_t, stacksize: number, priority: number, name: string, dev: netdev_t,
  ops: gnrc_netif_ops_t,
): Blocking<number> {
  if (gnrc_netif_highlander() && gnrc_netif_iter(null) !== null) {
    puts('gnrc_netif: gnrc_netif_highlander() returned true but more than one interface is being registered.');
    assert(gnrc_netif_iter(null) === null, SECOND_OF_ONE);
  }
  if (netif.bus !== null) msg_bus_init(netif.bus);
  netif.ops = ops;
  assert(netif.dev === null, HAS_DEVICE);
  netif.dev = dev;
  const creation: Creation = { netif, init_done: MUTEX_INIT_LOCKED(), result: 0 };
  const pid = yield* thread_create(stack, stacksize, priority, 0, netifThread, creation, name);
  assert(pid > 0, NO_THREAD);
  yield* mutex_lock(creation.init_done);
  return creation.result;
}

/** Hands a packet to an interface to be sent; see gnrc_netapi_send(). */
export function gnrc_netif_send(netif: gnrc_netif_t, pkt: gnrc_pktsnip_t): Blocking<number> {
  return gnrc_netapi_send(netif.pid, pkt);
}

/** The `init` of interfaces that need nothing of their own: sets the device up and registers the interface. */
export function* gnrc_netif_default_init(netif: gnrc_netif_t): Blocking<number> {
  const { dev } = netif;
  assert(dev !== null, HAS_DEVICE);
  dev.isr_callback = (): undefined => post(netif.evq, netif.event_isr);
  dev.event_callback = (event) => onEvent(netif, event);
  const res = yield* dev.init();
  if (res < 0) return res;
  netif_register(netif);
  const type = new Uint8Array(2);
  assert(dev.get(NETOPT_DEVICE_TYPE, type, 2) === 2, NO_DEVICE_TYPE);
  netif.device_type = netopt_get_u16(type);
  gnrc_netif_ipv6_init_mtu(netif);
  gnrc_netif_update_l2addr(netif);
  netif.cur_hl = net_config().CONFIG_GNRC_NETIF_DEFAULT_HL;
  const nib = gnrc_netif_nib();
  if (nib !== null) yield* nib.init_iface(netif);
  return 0;
}

/**
 * event_post() for an interrupt or the thread that serves the queue: there it never yields, so it need not be Blocking.
 */
function post(queue: event_queue_t, event: event_t): undefined {
  if (event.queue === null) {
    event.queue = queue;
    if (queue.last === null) queue.first = event;
    else queue.last.next = event;
    queue.last = event;
  }
  if (queue.waiter !== null) thread_flags_set_internal(queue.waiter, THREAD_FLAG_EVENT);
}

/** Whether the device is one of RIOT's legacy API. */
function isLegacy(netif: gnrc_netif_t): boolean {
  return netif.dev!.ready !== undefined;
}

/** The device's event_callback. */
function onEvent(netif: gnrc_netif_t, event: number): undefined | Blocking<void> {
  switch (event) {
    case NETDEV_EVENT_TX_COMPLETE:
      if (!isLegacy(netif)) return post(netif.evq, netif.event_tx_done);
      netif.stats.tx_success++;
      return undefined;
    case NETDEV_EVENT_TX_COMPLETE_DATA_PENDING:
      netif.stats.tx_success++;
      return undefined;
    case NETDEV_EVENT_TX_MEDIUM_BUSY:
    case NETDEV_EVENT_TX_NOACK:
      netif.stats.tx_failed++;
      return undefined;
    case NETDEV_EVENT_RX_COMPLETE:
      return receive(netif);
    case NETDEV_EVENT_LINK_UP:
      return tellIpv6(netif, GNRC_IPV6_NIB_IFACE_UP);
    case NETDEV_EVENT_LINK_DOWN:
      return tellIpv6(netif, GNRC_IPV6_NIB_IFACE_DOWN);
    default:
      return undefined;
  }
}

function* tellIpv6(netif: gnrc_netif_t, type: number): Blocking<void> {
  const pid = gnrc_ipv6_pid();
  if (pid === KERNEL_PID_UNDEF) return;
  const msg = new msg_t();
  msg.type = type;
  msg.content.ptr = netif;
  yield* msg_send(msg, pid);
}

function* receive(netif: gnrc_netif_t): Blocking<void> {
  const pkt = yield* netif.ops!.recv(netif);
  if (cpu_timed()) yield* cpu_charge('netif', 1);
  // A frame that arrives lets one go out, before what has arrived is handed up.
  sendQueued(netif);
  if (pkt === null) return;
  if ((yield* gnrc_netapi_dispatch_receive(pkt.type, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
    drop('netif', 'no-receiver', gnrc_pkt_len(pkt));
    gnrc_pktbuf_release(pkt);
  }
}

/** Sends the first packet of the queue. */
function sendQueued(netif: gnrc_netif_t): void {
  const pkt = gnrc_netif_pktq_get(netif);
  if (pkt === null) return;
  send(netif, pkt, true);
  gnrc_netif_pktq_sched_get(netif);
}

/** @param fromQueue the packet goes back to the head of the queue, not to its end, if the device is busy */
function send(netif: gnrc_netif_t, pkt: gnrc_pktsnip_t, fromQueue: boolean): void {
  if (netif.tx_pkt !== null) return txDone(netif, pkt, -EBUSY, fromQueue);
  if (!fromQueue && !gnrc_netif_pktq_empty(netif)) {
    sendQueued(netif);
    if (gnrc_netif_pktq_put(netif, pkt) === 0) return;
    puts(`gnrc_netif: iface ${netif.pid} queue pkt failed, try send`);
  }
  const res = netif.ops!.send(netif, pkt);
  if (res !== 0) return txDone(netif, pkt, res, fromQueue);
  netif.tx_pkt = pkt;
  if (fromQueue) netif.flags |= GNRC_NETIF_FLAGS_TX_FROM_PKTQUEUE;
}

/** Handler of event_tx_done: the device has sent, or has given up. */
function transmitted(netif: gnrc_netif_t): undefined {
  const res = netif.dev!.confirm_send();
  const pkt = netif.tx_pkt;
  const fromQueue = (netif.flags & GNRC_NETIF_FLAGS_TX_FROM_PKTQUEUE) !== 0;
  netif.tx_pkt = null;
  netif.flags &= ~GNRC_NETIF_FLAGS_TX_FROM_PKTQUEUE;
  if (pkt !== null) txDone(netif, pkt, res, fromQueue);
}

/** The end of a packet, or of an attempt to send it. @param res bytes sent or a negative errno */
function txDone(netif: gnrc_netif_t, pkt: gnrc_pktsnip_t, res: number, fromQueue: boolean): void {
  if (res === -EBUSY) return queue(netif, pkt, fromQueue);
  if (res >= 0) {
    netif.stats.tx_bytes += res;
    gnrc_pktbuf_release_error(pkt, GNRC_NETERR_SUCCESS);
    return;
  }
  drop('netif', res === -EHOSTUNREACH ? 'no-ack' : 'not-sent', gnrc_pkt_len(pkt));
  gnrc_pktbuf_release_error(pkt, -res);
}

function queue(netif: gnrc_netif_t, pkt: gnrc_pktsnip_t, fromQueue: boolean): void {
  let res;
  if (fromQueue) {
    res = gnrc_netif_pktq_push_back(netif, pkt);
  } else {
    res = gnrc_netif_pktq_put(netif, pkt);
    gnrc_netif_pktq_sched_get(netif);
  }
  if (res === 0) return;
  puts(`gnrc_netif: iface ${netif.pid} queue pkt failed (cannot send), dropped`);
  drop('netif', 'send-queue-full', gnrc_pkt_len(pkt));
  gnrc_pktbuf_release_error(pkt, ENOMEM);
}

/** Sets an interface up in its thread; false if its device cannot be. */
function* start(creation: Creation): Blocking<boolean> {
  const { netif } = creation;
  yield* gnrc_netif_acquire(netif);
  netif.pid = thread_getpid();
  netif.event_isr.handler = () => netif.dev!.isr();
  netif.event_tx_done.handler = () => transmitted(netif);
  event_queue_init(netif.evq);
  const size = 1 << net_config().CONFIG_GNRC_NETIF_MSG_QUEUE_SIZE_EXP;
  msg_init_queue(msg_queue_array(size), size);
  creation.result = yield* netif.ops!.init(netif);
  yield* mutex_unlock(creation.init_done);
  if (creation.result < 0) {
    puts(`gnrc_netif: init ${thread_getpid()} failed: ${creation.result}`);
    return false;
  }
  yield* gnrc_netif_release(netif);
  return true;
}

/** Events before messages, and one message at a time. */
function* netifThread(creation: Creation): Blocking<null> {
  const { netif } = creation;
  if (!(yield* start(creation))) return null;
  const msg = new msg_t();
  while (true) {
    for (let event = event_get(netif.evq); event !== null; event = event_get(netif.evq)) {
      const steps = event.handler?.(event);
      if (steps !== undefined) yield* steps;
    }
    if (msg_avail() === 0 || (yield* msg_try_receive(msg)) <= 0) {
      yield* thread_flags_wait_any(THREAD_FLAG_MSG_WAITING | THREAD_FLAG_EVENT);
      continue;
    }
    switch (msg.type) {
      case GNRC_NETAPI_MSG_TYPE_SND:
        // A packet that will only be queued costs when it leaves the queue: the frame is built then.
        if (cpu_timed() && canSend(netif)) yield* cpu_charge('netif', 1);
        if (netif.dev!.ready !== undefined) yield* netif.dev!.ready();
        send(netif, msg.content.ptr as gnrc_pktsnip_t, false);
        break;
      case GNRC_NETIF_PKTQ_DEQUEUE_MSG:
        if (cpu_timed() && netif.tx_pkt === null) yield* cpu_charge('netif', 1);
        sendQueued(netif);
        break;
      case GNRC_NETAPI_MSG_TYPE_SET:
      case GNRC_NETAPI_MSG_TYPE_GET:
        yield* answer(netif, msg);
        break;
      default:
        break;
    }
  }
}

function canSend(netif: gnrc_netif_t): boolean {
  return netif.tx_pkt === null && gnrc_netif_pktq_empty(netif);
}

function* answer(netif: gnrc_netif_t, msg: msg_t): Blocking<void> {
  const opt = msg.content.ptr as gnrc_netapi_opt_t;
  const ops = netif.ops!;
  if (msg.type === GNRC_NETAPI_MSG_TYPE_SET && netif.dev!.ready !== undefined) yield* netif.dev!.ready();
  const reply = new msg_t();
  reply.type = GNRC_NETAPI_MSG_TYPE_ACK;
  reply.content.value =
    yield* (msg.type === GNRC_NETAPI_MSG_TYPE_SET ? ops.set(netif, opt) : ops.get(netif, opt));
  yield* msg_reply(msg, reply);
}
