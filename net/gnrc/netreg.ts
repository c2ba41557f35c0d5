// Who wants packets of which type: the registry of threads, mboxes and callbacks
// (RIOT sys/include/net/gnrc/netreg.h). The newest registration comes first.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { EBADF, EINVAL, ENOENT } from '../../kernel/errno.ts';
import { type mbox_t, mbox_try_get } from '../../kernel/mbox.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { mutex_lock, mutex_t, mutex_trylock, mutex_unlock } from '../../kernel/mutex.ts';
import { assert } from '../../kernel/panic.ts';
import { printf } from '../../kernel/stdio.ts';
import { thread_get, thread_has_msg_queue } from '../../kernel/thread.ts';
import { KERNEL_PID_UNDEF, type kernel_pid_t } from '../../kernel/thread_t.ts';
import type { gnrc_netapi_notify_t } from './netapi_notify.ts';
import { GNRC_NETTYPE_NUMOF, GNRC_NETTYPE_UNDEF, type gnrc_nettype_t } from './nettype.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release_error } from './pktbuf.ts';

/** Type of a message that carries a packet up, and one that carries it down (netapi.ts sends them). */
export const GNRC_NETAPI_MSG_TYPE_RCV = 0x0201;
export const GNRC_NETAPI_MSG_TYPE_SND = 0x0202;

/** Demultiplexing context: every packet of the type. Else a port, an ICMPv6 type, a protocol number ... */
export const GNRC_NETREG_DEMUX_CTX_ALL = 0xffff0000;

/** The target of an entry is a thread, an mbox or a callback. */
export const GNRC_NETREG_TYPE_DEFAULT = 0;
export const GNRC_NETREG_TYPE_MBOX = 1;
export const GNRC_NETREG_TYPE_CB = 2;

const NO_QUEUE = 'sys/net/gnrc/netreg/gnrc_netreg.c:147';
const TWICE = 'sys/net/gnrc/netreg/gnrc_netreg.c:159';
const NOT_LOCKED = 'sys/net/gnrc/netreg/gnrc_netreg.c:85';

/**
 * What is called with a packet, or an event. It is declared as a method so that a callback for packets alone is one.
 * @param cmd GNRC_NETAPI_MSG_TYPE_RCV or _SND with a packet, which is the callback's to release; or _NOTIFY with a
 *   gnrc_netapi_notify_t, for a callback that is registered where such events are sent
 */
export type gnrc_netreg_entry_cb_t = {
  cb(cmd: number, pkt: gnrc_pktsnip_t | gnrc_netapi_notify_t, ctx: unknown): undefined | Blocking<void>;
}['cb'];

export interface gnrc_netreg_entry_cbd_t {
  cb: gnrc_netreg_entry_cb_t;
  ctx: unknown;
}

/** A registration. It belongs to who registers it, and must not change until it is unregistered. */
export class gnrc_netreg_entry_t {
  next: gnrc_netreg_entry_t | null = null;
  demux_ctx = 0;
  type = GNRC_NETREG_TYPE_DEFAULT;
  /** C has a union here: which one counts follows from `type`. */
  readonly target: { pid: kernel_pid_t; mbox: mbox_t | null; cbd: gnrc_netreg_entry_cbd_t | null } =
    { pid: KERNEL_PID_UNDEF, mbox: null, cbd: null };
}

/** Makes an entry for the thread `pid`. */
export function GNRC_NETREG_ENTRY_INIT_PID(demux_ctx: number, pid: kernel_pid_t): gnrc_netreg_entry_t {
  const entry = new gnrc_netreg_entry_t();
  gnrc_netreg_entry_init_pid(entry, demux_ctx, pid);
  return entry;
}

/** Makes an entry for `mbox`. */
export function GNRC_NETREG_ENTRY_INIT_MBOX(demux_ctx: number, mbox: mbox_t): gnrc_netreg_entry_t {
  const entry = new gnrc_netreg_entry_t();
  gnrc_netreg_entry_init_mbox(entry, demux_ctx, mbox);
  return entry;
}

/** Makes an entry for a callback. */
export function GNRC_NETREG_ENTRY_INIT_CB(demux_ctx: number, cbd: gnrc_netreg_entry_cbd_t): gnrc_netreg_entry_t {
  const entry = new gnrc_netreg_entry_t();
  gnrc_netreg_entry_init_cb(entry, demux_ctx, cbd);
  return entry;
}

/** Makes `entry` one for the thread `pid`. */
export function gnrc_netreg_entry_init_pid(entry: gnrc_netreg_entry_t, demux_ctx: number, pid: kernel_pid_t): void {
  entry.next = null;
  entry.demux_ctx = demux_ctx;
  entry.type = GNRC_NETREG_TYPE_DEFAULT;
  entry.target.pid = pid;
}

/** Makes `entry` one for `mbox`. */
export function gnrc_netreg_entry_init_mbox(entry: gnrc_netreg_entry_t, demux_ctx: number, mbox: mbox_t): void {
  entry.next = null;
  entry.demux_ctx = demux_ctx;
  entry.type = GNRC_NETREG_TYPE_MBOX;
  entry.target.mbox = mbox;
}

/** Makes `entry` one for a callback. */
export function gnrc_netreg_entry_init_cb(
  entry: gnrc_netreg_entry_t, demux_ctx: number, cbd: gnrc_netreg_entry_cbd_t,
): void {
  entry.next = null;
  entry.demux_ctx = demux_ctx;
  entry.type = GNRC_NETREG_TYPE_CB;
  entry.target.cbd = cbd;
}

/** Computes and writes the checksum of `hdr`; 0 or a negative errno. */
export type gnrc_netreg_csum_t = (hdr: gnrc_pktsnip_t, pseudo_hdr: gnrc_pktsnip_t) => number;

class Registry {
  readonly heads = new Array<gnrc_netreg_entry_t | null>(GNRC_NETTYPE_NUMOF).fill(null);
  readonly csums = new Array<gnrc_netreg_csum_t | null>(GNRC_NETTYPE_NUMOF).fill(null);
  /** How many are reading the lists, possibly across a switch of threads. */
  readers = 0;
  /** Threads that wait for the last reader to finish; only then `lock` is in use. */
  waiting = 0;
  readonly lock = new mutex_t();
}

const statics = perBoard(() => new Registry(), { bytes: GNRC_NETTYPE_NUMOF * 8 + 16 });

/** Empties the registry (auto_init). */
export function gnrc_netreg_init(): void {
  statics().heads.fill(null);
}

/** Locks the lists for reading: until release nobody can register or unregister. */
export function gnrc_netreg_acquire_shared(): void {
  statics().readers++;
}

/** Ends gnrc_netreg_acquire_shared(). */
export function* gnrc_netreg_release_shared(): Blocking<void> {
  if (gnrc_netreg_leave_shared()) yield* gnrc_netreg_wake_exclusive();
}

/**
 * gnrc_netreg_release_shared() for who must be quick: false when nobody waits; else call
 * gnrc_netreg_wake_exclusive().
 */
export function gnrc_netreg_leave_shared(): boolean {
  const registry = statics();
  assert(registry.readers !== 0, NOT_LOCKED);
  return --registry.readers === 0 && registry.waiting > 0;
}

/** Lets those go on that wait to register or unregister. */
export function gnrc_netreg_wake_exclusive(): Blocking<void> {
  return mutex_unlock(statics().lock);
}

/** Waits until nobody reads. What follows up to the next yield then has the lists for itself. */
function* awaitReaders(registry: Registry): Blocking<void> {
  while (registry.readers > 0) {
    // The mutex is held on behalf of the readers: their last one unlocks it.
    mutex_trylock(registry.lock);
    registry.waiting++;
    yield* mutex_lock(registry.lock);
    registry.waiting--;
    yield* mutex_unlock(registry.lock);
  }
}

function invalidType(type: gnrc_nettype_t): boolean {
  return type < GNRC_NETTYPE_UNDEF || type >= GNRC_NETTYPE_NUMOF;
}

/**
 * Registers for packets of a type. A thread without message queue prints RIOT's text and fails an assertion.
 * @returns 0, or -EINVAL for a type that has no registry
 */
export function* gnrc_netreg_register(type: gnrc_nettype_t, entry: gnrc_netreg_entry_t): Blocking<number> {
  if (entry.type === GNRC_NETREG_TYPE_DEFAULT) {
    const thread = thread_get(entry.target.pid);
    const hasQueue = thread !== null && thread_has_msg_queue(thread);
    if (!hasQueue) {
      printf(`\n!!!! gnrc_netreg: initialize message queue of thread ${entry.target.pid} ` +
        'using msg_init_queue() !!!!\n\n');
    }
    assert(hasQueue, NO_QUEUE);
  }
  if (invalidType(type)) return -EINVAL;
  const registry = statics();
  if (registry.readers > 0) yield* awaitReaders(registry);
  return gnrc_netreg_register_now(type, entry);
}

/**
 * gnrc_netreg_register() of an mbox or a callback, without waiting while others read: for functions that do not block
 * in RIOT's documentation. A dispatch that goes on meanwhile does not see the new entry.
 */
export function gnrc_netreg_register_now(type: gnrc_nettype_t, entry: gnrc_netreg_entry_t): number {
  if (invalidType(type)) return -EINVAL;
  const { heads } = statics();
  for (let e = heads[type]; e !== null; e = e.next) assert(e !== entry, TWICE);
  entry.next = heads[type];
  heads[type] = entry;
  return 0;
}

/** Ends a registration. Packets that still are in its mbox are released. */
export function* gnrc_netreg_unregister(type: gnrc_nettype_t, entry: gnrc_netreg_entry_t): Blocking<void> {
  const registry = statics();
  if (registry.readers > 0) yield* awaitReaders(registry);
  gnrc_netreg_unregister_now(type, entry);
}

/** gnrc_netreg_unregister() without waiting while others read; see gnrc_netreg_register_now(). */
export function gnrc_netreg_unregister_now(type: gnrc_nettype_t, entry: gnrc_netreg_entry_t): void {
  if (invalidType(type)) return;
  const { heads } = statics();
  if (heads[type] === entry) {
    heads[type] = entry.next;
  } else {
    for (let e = heads[type]; e !== null; e = e.next) {
      if (e.next === entry) {
        e.next = entry.next;
        break;
      }
    }
  }
  if (entry.type === GNRC_NETREG_TYPE_MBOX && entry.target.mbox !== null) drain(entry.target.mbox);
}

/** Releases the packets in an mbox. Nobody waits to put more: the stack only tries, so this never has to yield. */
function drain(mbox: mbox_t): void {
  const msg = new msg_t();
  while (mbox_try_get(mbox, msg).next().value === 1) {
    if (msg.type === GNRC_NETAPI_MSG_TYPE_RCV || msg.type === GNRC_NETAPI_MSG_TYPE_SND) {
      gnrc_pktbuf_release_error(msg.content.ptr as gnrc_pktsnip_t, EBADF);
    }
  }
}

function search(entry: gnrc_netreg_entry_t | null, demux_ctx: number): gnrc_netreg_entry_t | null {
  while (entry !== null && entry.demux_ctx !== demux_ctx) entry = entry.next;
  return entry;
}

/** The newest entry of this type and context, or null. Call between acquire_shared and release_shared. */
export function gnrc_netreg_lookup(type: gnrc_nettype_t, demux_ctx: number): gnrc_netreg_entry_t | null {
  return invalidType(type) ? null : search(statics().heads[type], demux_ctx);
}

/** The next entry of the same type and context, or null. */
export function gnrc_netreg_getnext(entry: gnrc_netreg_entry_t | null): gnrc_netreg_entry_t | null {
  return entry === null ? null : search(entry.next, entry.demux_ctx);
}

/** Number of entries of this type and context. */
export function gnrc_netreg_num(type: gnrc_nettype_t, demux_ctx: number): number {
  let num = 0;
  for (let e = gnrc_netreg_lookup(type, demux_ctx); e !== null; e = search(e.next, demux_ctx)) num++;
  return num;
}

/** Tells who computes checksums of a type: icmpv6 and udp do so when they are initialised. */
export function gnrc_netreg_set_csum(type: gnrc_nettype_t, csum: gnrc_netreg_csum_t): void {
  statics().csums[type] = csum;
}

/**
 * Computes and writes the checksum of a header over the pseudo header.
 * @returns 0; -EINVAL without pseudo header; -ENOENT for a type without checksum; what the protocol answers
 */
export function gnrc_netreg_calc_csum(hdr: gnrc_pktsnip_t, pseudo_hdr: gnrc_pktsnip_t | null): number {
  if (pseudo_hdr === null) return -EINVAL;
  const csum = invalidType(hdr.type) ? null : statics().csums[hdr.type];
  return csum === null ? -ENOENT : csum(hdr, pseudo_hdr);
}
