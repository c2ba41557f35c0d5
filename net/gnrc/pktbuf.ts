// The packet buffer (RIOT sys/include/net/gnrc/pktbuf.h, module gnrc_pktbuf_static): all packets of a board
// share CONFIG_GNRC_PKTBUF_SIZE bytes.
//
// What an allocation takes is RIOT's: the descriptor of a snip and its data are two allocations, each rounded up to a
// unit of two pointers' size (16 B on native64, 8 B on 32-bit boards); a descriptor takes 32 or 16 B. Only the sum is
// limited: the arena does not fragment.
//
// RIOT guards the buffer with a mutex. Nothing here can be interrupted half-way, so nothing here can block.
import { ENOMEM } from '../../kernel/errno.ts';
import { current, perBoard } from '../../kernel/current.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { assert } from '../../kernel/panic.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import type { gnrc_nettype_t } from './nettype.ts';
import { gnrc_pkt_bytes, gnrc_pkt_delete, gnrc_pkt_len, gnrc_pktsnip_t } from './pkt.ts';

const TOO_MANY_USERS = 'sys/net/gnrc/pktbuf_static/gnrc_pktbuf_static.c:207';
const NOT_IN_USE = 'sys/net/gnrc/pktbuf/gnrc_pktbuf.c:94';
const MAX_USERS = 0xff;
/**
 * Host memory is taken in slabs: a small array of its own costs several times a view. Larger ones are no faster, and an
 * idle board keeps its last one.
 */
const SLAB_SIZE = 1024;

class PacketBuffer {
  readonly limit: number;
  /** Sizes are rounded up to this power of two. */
  readonly unit: number;
  readonly snipSize: number;
  used = 0;
  peak = 0;
  /** Allocations that found no room. */
  failed = 0;
  private slab = new ArrayBuffer(0);
  private slabUsed = SLAB_SIZE;

  constructor() {
    const config = net_config();
    this.limit = config.CONFIG_GNRC_PKTBUF_SIZE;
    this.unit = 2 * config.SIZEOF_POINTER;
    this.snipSize = 4 * config.SIZEOF_POINTER;
    current().staticBytes += this.limit;
  }

  align(size: number): number {
    return (size + this.unit - 1) & -this.unit;
  }

  /** Takes `bytes` (a multiple of the unit) if there is room. */
  take(bytes: number): boolean {
    const used = this.used + bytes;
    if (used > this.limit) {
      this.failed++;
      if (tracing()) trace({ layer: 'pktbuf', type: 'full', bytes, used: this.used, limit: this.limit });
      return false;
    }
    this.used = used;
    if (used > this.peak) this.peak = used;
    return true;
  }

  /** `size` bytes of host memory, all zero. A slab is never used again, so no view ever sees another's bytes. */
  memory(size: number): Uint8Array {
    if (size > SLAB_SIZE) return new Uint8Array(size);
    if (this.slabUsed + size > SLAB_SIZE) {
      this.slab = new ArrayBuffer(SLAB_SIZE);
      this.slabUsed = 0;
    }
    const offset = this.slabUsed;
    this.slabUsed = offset + size;
    return new Uint8Array(this.slab, offset, size);
  }

  report(): undefined {
    if (!tracing()) return;
    trace({ layer: 'pktbuf', type: 'gauge', name: 'CONFIG_GNRC_PKTBUF_SIZE',
      used: this.used, peak: this.peak, limit: this.limit });
  }
}

const statics = perBoard(() => new PacketBuffer(), { bytes: 16 });

/** Sets the buffer up (auto_init). */
export function gnrc_pktbuf_init(): void {
  statics();
}

/** For host code: bytes in use on a board, descriptors and rounding included. */
export function gnrc_pktbuf_used(kernel: Kernel): number {
  return kernel.run(() => statics().used);
}

/** For host code: the most bytes that were ever in use at once since boot. */
export function gnrc_pktbuf_peak(kernel: Kernel): number {
  return kernel.run(() => statics().peak);
}

/** For host code: allocations that found no room since boot. */
export function gnrc_pktbuf_failed(kernel: Kernel): number {
  return kernel.run(() => statics().failed);
}

/** Whether nothing is allocated (module of RIOT's tests). */
export function gnrc_pktbuf_is_empty(): boolean {
  return statics().used === 0;
}

/**
 * Makes a snip before `next`.
 * @param data what to copy in, or null: the bytes are then 0 (RIOT: whatever was there)
 * @param size bytes, >= 0; of `data` the first `size` are taken
 * @returns the snip, or null when the buffer has no room for descriptor and data
 */
export function gnrc_pktbuf_add(
  next: gnrc_pktsnip_t | null, data: Uint8Array | null, size: number, type: gnrc_nettype_t,
): gnrc_pktsnip_t | null {
  const buf = statics();
  const snip = create(buf, next, data, size, type);
  if (snip !== null) buf.report();
  return snip;
}

function create(
  buf: PacketBuffer, next: gnrc_pktsnip_t | null, data: Uint8Array | null, size: number, type: gnrc_nettype_t,
): gnrc_pktsnip_t | null {
  if (!buf.take(buf.snipSize + buf.align(size))) return null;
  let own: Uint8Array | null = null;
  if (size > 0) {
    own = buf.memory(size);
    if (data !== null) own.set(data.length === size ? data : data.subarray(0, size));
  }
  return new gnrc_pktsnip_t(next, own, size, type);
}

/**
 * Splits the first `size` bytes off `pkt` into a snip of their own, which becomes `pkt.next`. A size that is no
 * multiple of the unit moves both parts and needs room for both at once. Marking all of a snip leaves it without data.
 * @param size bytes, 1 to pkt.size
 * @returns the new snip, or null when the buffer is full or `size` is out of its range
 */
export function gnrc_pktbuf_mark(
  pkt: gnrc_pktsnip_t | null, size: number, type: gnrc_nettype_t,
): gnrc_pktsnip_t | null {
  if (size === 0 || pkt === null || size > pkt.size || pkt.data === null) return null;
  const buf = statics();
  const data = pkt.data;
  const rest = pkt.size - size;
  const aligned = buf.align(size);
  if (rest !== 0 && size < aligned) {
    const moved = aligned + buf.align(rest);
    if (!buf.take(buf.snipSize + moved)) return null;
    buf.used -= buf.align(pkt.size);
  } else if (!buf.take(buf.snipSize)) {
    return null;
  }
  const marked = new gnrc_pktsnip_t(pkt.next, rest === 0 ? data : data.subarray(0, size), size, type);
  pkt.data = rest === 0 ? null : data.subarray(size);
  pkt.size = rest;
  pkt.next = marked;
  buf.report();
  return marked;
}

/**
 * Makes the data of a snip larger (its bytes are copied) or smaller (it is cut).
 * @param size bytes, >= 0
 * @returns 0, or ENOMEM (positive, as in RIOT) when a larger size finds no room: `pkt` is then as before
 */
export function gnrc_pktbuf_realloc_data(pkt: gnrc_pktsnip_t, size: number): number {
  if (size === pkt.size) return 0;
  const buf = statics();
  if (size > pkt.size) {
    if (!buf.take(buf.align(size))) return ENOMEM;
    const grown = buf.memory(size);
    if (pkt.data !== null) grown.set(pkt.data);
    pkt.data = grown;
    buf.used -= buf.align(pkt.size);
  } else {
    buf.used -= buf.align(pkt.size) - buf.align(size);
    pkt.data = size === 0 || pkt.data === null ? null : pkt.data.subarray(0, size);
  }
  pkt.size = size;
  buf.report();
  return 0;
}

/** Counts `num` more users of every snip of a packet. Asserts that a snip has at most 255. */
export function gnrc_pktbuf_hold(pkt: gnrc_pktsnip_t | null, num: number): void {
  for (; pkt !== null; pkt = pkt.next) {
    assert(pkt.users + num <= MAX_USERS, TOO_MANY_USERS);
    pkt.users += num;
  }
}

/** Gives a packet back: each snip loses a user, and is freed with its last one. */
export function gnrc_pktbuf_release(pkt: gnrc_pktsnip_t | null): void {
  const buf = statics();
  const before = buf.used;
  while (pkt !== null) {
    const next: gnrc_pktsnip_t | null = pkt.next;
    assert(pkt.users > 0, NOT_IN_USE);
    if (--pkt.users === 0) {
      buf.used -= buf.snipSize + buf.align(pkt.size);
      // Messages and threads that wait still point to their last packets: those hold no bytes.
      pkt.data = null;
      pkt.next = null;
    }
    pkt = next;
  }
  if (buf.used !== before) buf.report();
}

/**
 * gnrc_pktbuf_release() for a packet that failed.
 * @param _err an errno or GNRC_NETERR_SUCCESS, for subscribers of module gnrc_neterr: there are none without it
 */
export function gnrc_pktbuf_release_error(pkt: gnrc_pktsnip_t | null, _err: number): void {
  gnrc_pktbuf_release(pkt);
}

/**
 * Write access to a snip: itself when it has one user, else a copy of this snip (not of the following ones), which
 * then belongs to the caller.
 * @returns null when the buffer has no room for the copy, or `pkt` is null
 */
export function gnrc_pktbuf_start_write(pkt: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  if (pkt === null || pkt.users <= 1) return pkt;
  const buf = statics();
  const copy = create(buf, pkt.next, pkt.data, pkt.size, pkt.type);
  if (copy === null) return null;
  pkt.users--;
  buf.report();
  return copy;
}

/** Takes `snip` out of the packet and releases it; returns the head. */
export function gnrc_pktbuf_remove_snip(pkt: gnrc_pktsnip_t, snip: gnrc_pktsnip_t): gnrc_pktsnip_t | null {
  const head = gnrc_pkt_delete(pkt, snip);
  snip.next = null;
  gnrc_pktbuf_release(snip);
  return head;
}

/**
 * Reverses the order of the snips, taking write access to each.
 * @returns the new head, or null when the buffer was full: all snips are then released
 */
export function gnrc_pktbuf_reverse_snips(pkt: gnrc_pktsnip_t | null): gnrc_pktsnip_t | null {
  let reversed: gnrc_pktsnip_t | null = null;
  let rest = pkt;
  while (rest !== null) {
    const own = gnrc_pktbuf_start_write(rest);
    if (own === null) {
      gnrc_pktbuf_release(reversed);
      gnrc_pktbuf_release(rest);
      return null;
    }
    const next: gnrc_pktsnip_t | null = own.next;
    own.next = reversed;
    reversed = own;
    rest = next;
  }
  return reversed;
}

/**
 * Copies the data of all snips into the first and releases the others.
 * @returns 0, or ENOMEM (positive) when there was no room: the packet is then as before
 */
export function gnrc_pktbuf_merge(pkt: gnrc_pktsnip_t): number {
  let offset = pkt.size;
  const size = gnrc_pkt_len(pkt);
  if (offset === size) return 0;
  const res = gnrc_pktbuf_realloc_data(pkt, size);
  if (res !== 0) return res;
  const all = gnrc_pkt_bytes(pkt);
  for (let from = pkt.next; from !== null; from = from.next) {
    if (from.data !== null) all.set(from.data, offset);
    offset += from.size;
  }
  gnrc_pktbuf_release(pkt.next);
  pkt.next = null;
  return 0;
}
