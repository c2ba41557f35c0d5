// The packet buffer (RIOT sys/include/net/gnrc/pktbuf.h, module gnrc_pktbuf_static): all packets of a board
// share the CONFIG_GNRC_PKTBUF_SIZE bytes of one arena.
//
// The descriptor of a snip and its data are two allocations, in this order. A descriptor takes 32 bytes on native64
// and 16 on 32-bit boards. `snip.data` is a view of the arena: its byteOffset is the address. Who keeps one after the
// release sees other packets' bytes through it, as on a board.
//
// RIOT guards the buffer with a mutex. Nothing here can be interrupted half-way, so nothing here can block.
import { ENOMEM } from '../../kernel/errno.ts';
import { current, perBoard } from '../../kernel/current.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { OD_WIDTH_DEFAULT, od_hex_dump } from '../../kernel/od.ts';
import { assert, undefined_on_riot } from '../../kernel/panic.ts';
import { printf } from '../../kernel/print.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import { GNRC_NETERR_SUCCESS, gnrc_neterr_report } from './neterr.ts';
import { GNRC_NETTYPE_TX_SYNC, type gnrc_nettype_t } from './nettype.ts';
import { gnrc_pkt_bytes, gnrc_pkt_delete, gnrc_pkt_len, gnrc_pktsnip_t } from './pkt.ts';
import { Arena, type ArenaWatch } from './pktbuf_static.ts';
import { gnrc_tx_complete } from './tx_complete.ts';

const STATIC_C = 'sys/net/gnrc/pktbuf_static/gnrc_pktbuf_static.c';
const BAD_DATA = `${STATIC_C}:166`;
const TOO_MANY_USERS = `${STATIC_C}:207`;
const WRITTEN_AFTER_FREE = `${STATIC_C}:434`;
const DATA_OUTSIDE = `${STATIC_C}:471`;
const SNIP_OUTSIDE = 'sys/net/gnrc/pktbuf/gnrc_pktbuf.c:93';
const NOT_IN_USE = 'sys/net/gnrc/pktbuf/gnrc_pktbuf.c:94';
const NOWHERE = -1;
const MAX_USERS = 0xff;
/** Units have 8 bytes or 16. */
const UNIT_SHIFT_MIN = 3;

/** sizeof(gnrc_pktsnip_t): three pointers, type and users, which GCC packs on ARM only; with neterr a pid more. */
const SNIP_POINTERS = 4;
const NETERR_POINTERS_64 = 1;

class PacketBuffer {
  readonly arena: Arena;
  /** What a descriptor takes. */
  readonly snipSize: number;
  /** The snips in use, by where their descriptors begin: address / 8. */
  readonly snips: (gnrc_pktsnip_t | undefined)[] = [];

  constructor() {
    const { CONFIG_GNRC_PKTBUF_SIZE, CONFIG_GNRC_PKTBUF_CHECK_USE_AFTER_FREE, SIZEOF_POINTER } = net_config();
    const watch: ArenaWatch = {
      written: (at, offset, size) => reportWrite(this.arena, at, offset, size),
      freed: (at, size) => printf(`pktbuf: double free detected! (at ${this.arena.pointer(at)}, len=${size})\n`),
    };
    this.arena = new Arena(
      CONFIG_GNRC_PKTBUF_SIZE, SIZEOF_POINTER, CONFIG_GNRC_PKTBUF_CHECK_USE_AFTER_FREE === 1 ? watch : null);
    const wide = SIZEOF_POINTER === 8 && current().modules.has('gnrc_neterr');
    this.snipSize = this.arena.align((SNIP_POINTERS + (wide ? NETERR_POINTERS_64 : 0)) * SIZEOF_POINTER);
    current().staticBytes += CONFIG_GNRC_PKTBUF_SIZE;
  }

  /** Takes `size` bytes, > 0: their address, or -1 if there is no block for them. */
  alloc(size: number): number {
    const { arena } = this;
    const at = arena.alloc(size);
    if (at < 0 && tracing()) {
      trace({ layer: 'pktbuf', type: 'full', bytes: arena.align(size), used: arena.used, limit: arena.size,
        largest: arena.largestFree() });
    }
    return at;
  }

  /** Makes a snip whose descriptor is at `at`, and `size` bytes of data at `place`; -1 for none. */
  snip(at: number, next: gnrc_pktsnip_t | null, place: number, size: number, type: gnrc_nettype_t): gnrc_pktsnip_t {
    const snip = new gnrc_pktsnip_t(next, null, size, type);
    snip.address = at;
    this.lay(snip, place, size);
    this.snips[at >> UNIT_SHIFT_MIN] = snip;
    return snip;
  }

  /** Has a snip's data be the `size` bytes at `place`; none for -1. */
  lay(snip: gnrc_pktsnip_t, place: number, size: number): void {
    const data = place < 0 ? null : this.arena.view(place, size);
    snip.data = data;
    snip.own = data;
    snip.place = place;
    snip.size = size;
  }

  /** Where a snip's data lie; it has some. Who has put other bytes there may only have taken them from the arena. */
  placeOf(snip: gnrc_pktsnip_t): number {
    const data = snip.data!;
    if (data === snip.own) return snip.place;
    assert(this.arena.contains(data), DATA_OUTSIDE);
    return data.byteOffset;
  }

  /** Frees a descriptor. */
  freeSnip(snip: gnrc_pktsnip_t): void {
    this.snips[snip.address >> UNIT_SHIFT_MIN] = undefined;
    this.free(snip.address, this.snipSize);
  }

  free(at: number, size: number): void {
    if (this.arena.free(at, size)) return;
    undefined_on_riot(`${size} bytes of the packet buffer are freed that are not in use`);
  }

  report(): undefined {
    if (!tracing()) return;
    const { used, peak, size } = this.arena;
    trace({ layer: 'pktbuf', type: 'gauge', name: 'CONFIG_GNRC_PKTBUF_SIZE', used, peak, limit: size });
  }
}

/** Memory that was given back was written to: RIOT's message, and its assertion. */
function reportWrite(arena: Arena, at: number, offset: number, size: number): void {
  printf(`[${arena.pointer(at)}] mismatch at offset ${offset}/${size} ` +
    `(ignoring ${arena.unit} initial bytes that were repurposed)\n`);
  if (current().modules.has('od')) od_hex_dump(arena.view(at, size), size, OD_WIDTH_DEFAULT);
  assert(false, WRITTEN_AFTER_FREE);
}

const statics = perBoard(() => new PacketBuffer(), { bytes: 16 });

/** Sets the buffer up (auto_init), or anew: all that was in it is free. */
export function gnrc_pktbuf_init(): void {
  const buf = statics();
  buf.arena.reset();
  buf.snips.length = 0;
}

/** The running board's arena and the snips in it, for what looks at the whole buffer (pktbuf_stats.ts). */
export function pktbuf_contents(): { arena: Arena; snipSize: number; snips: Iterable<gnrc_pktsnip_t> } {
  const { arena, snipSize, snips } = statics();
  return { arena, snipSize, snips: snips.filter((snip) => snip !== undefined) };
}

/** For host code: bytes in use on a board, descriptors and rounding included. */
export function gnrc_pktbuf_used(kernel: Kernel): number {
  return kernel.run(() => statics().arena.used);
}

/** For host code: the most bytes that were ever in use at once since boot. */
export function gnrc_pktbuf_peak(kernel: Kernel): number {
  return kernel.run(() => statics().arena.peak);
}

/** For host code: allocations that found no room since boot. */
export function gnrc_pktbuf_failed(kernel: Kernel): number {
  return kernel.run(() => statics().arena.failed);
}

/** Whether nothing is allocated (module of RIOT's tests). */
export function gnrc_pktbuf_is_empty(): boolean {
  const { arena } = statics();
  const [block] = arena.freeBlocks();
  return block !== undefined && block.address === 0 && block.size === arena.size;
}

/**
 * Whether the free list is in order (module of RIOT's tests): addresses rise, and no block reaches past the next one.
 * As in RIOT a buffer whose last bytes are in use while others are free does not pass.
 */
export function gnrc_pktbuf_is_sane(): boolean {
  const { arena } = statics();
  const blocks = arena.freeBlocks();
  return blocks.every(({ address, size }, i) => {
    const next = blocks[i + 1];
    return next === undefined ? address + size === arena.size : address + size <= next.address;
  });
}

/**
 * Makes a snip before `next`.
 * @param data what to copy in, or null: the bytes are then whatever was there
 * @param size bytes, >= 0; of `data` the first `size` are taken
 * @returns the snip, or null when the buffer has no room for descriptor and data
 */
export function gnrc_pktbuf_add(
  next: gnrc_pktsnip_t | null, data: Uint8Array | null, size: number, type: gnrc_nettype_t,
): gnrc_pktsnip_t | null {
  const buf = statics();
  if (size > buf.arena.size) return null;
  const snip = create(buf, next, data, size, type);
  if (snip !== null) buf.report();
  return snip;
}

function create(
  buf: PacketBuffer, next: gnrc_pktsnip_t | null, data: Uint8Array | null, size: number, type: gnrc_nettype_t,
): gnrc_pktsnip_t | null {
  const at = buf.alloc(buf.snipSize);
  if (at < 0) return null;
  if (size === 0) return buf.snip(at, next, NOWHERE, 0, type);
  const place = buf.alloc(size);
  if (place < 0) {
    buf.free(at, buf.snipSize);
    return null;
  }
  const snip = buf.snip(at, next, place, size, type);
  if (data !== null) snip.data!.set(data.length === size ? data : data.subarray(0, size));
  return snip;
}

/**
 * Splits the first `size` bytes off `pkt` into a snip of their own, which becomes `pkt.next`. A size that is no
 * multiple of the unit moves both parts, and needs room for both before the old place is free. Marking all of a snip
 * leaves it without data.
 * @param size bytes, 1 to pkt.size
 * @returns the new snip, or null when the buffer is full or `size` is out of its range
 */
export function gnrc_pktbuf_mark(
  pkt: gnrc_pktsnip_t | null, size: number, type: gnrc_nettype_t,
): gnrc_pktsnip_t | null {
  if (size === 0 || pkt === null || size > pkt.size || pkt.data === null) return null;
  const buf = statics();
  const at = buf.alloc(buf.snipSize);
  if (at < 0) return null;
  const rest = pkt.size - size;
  const from = buf.placeOf(pkt);
  let head = from;
  let tail = rest === 0 ? NOWHERE : from + size;
  if (rest > 0 && size % buf.arena.unit !== 0) {
    head = buf.alloc(size);
    tail = head < 0 ? NOWHERE : buf.alloc(rest);
    if (tail < 0) {
      buf.free(at, buf.snipSize);
      if (head >= 0) buf.free(head, size);
      return null;
    }
    buf.arena.copy(head, from, size);
    buf.arena.copy(tail, from + size, rest);
    buf.free(from, pkt.size);
  }
  buf.lay(pkt, tail, rest);
  const marked = buf.snip(at, pkt.next, head, size, type);
  pkt.next = marked;
  buf.report();
  return marked;
}

/**
 * Makes the data of a snip larger (its bytes are copied to a new place) or smaller (it is cut: whole units are freed).
 * @param size bytes, >= 0
 * @returns 0, or ENOMEM (positive, as in RIOT) when a larger size finds no room: `pkt` is then as before
 */
export function gnrc_pktbuf_realloc_data(pkt: gnrc_pktsnip_t, size: number): number {
  const buf = statics();
  const { arena } = buf;
  const before = pkt.size;
  assert(pkt.data === null ? before === 0 : before > 0 && (pkt.data === pkt.own || arena.contains(pkt.data)), BAD_DATA);
  if (size === before) return 0;
  const from = pkt.data === null ? NOWHERE : buf.placeOf(pkt);
  let to = size === 0 ? NOWHERE : from;
  if (size > before) {
    to = buf.alloc(size);
    if (to < 0) return ENOMEM;
    if (from >= 0) {
      arena.copy(to, from, before);
      buf.free(from, before);
    }
  } else {
    const kept = arena.align(size);
    if (arena.align(before) > kept) buf.free(from + kept, before - kept);
  }
  buf.lay(pkt, to, size);
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
  gnrc_pktbuf_release_error(pkt, GNRC_NETERR_SUCCESS);
}

/**
 * gnrc_pktbuf_release() for a packet that failed. Of each snip first the data are freed, then the descriptor; then its
 * subscriber is told, also when others still use the snip.
 * @param err an errno or GNRC_NETERR_SUCCESS, see gnrc_neterr_report()
 */
export function gnrc_pktbuf_release_error(pkt: gnrc_pktsnip_t | null, err: number): void {
  const buf = statics();
  const before = buf.arena.used;
  while (pkt !== null) {
    const { next }: gnrc_pktsnip_t = pkt;
    assert(pkt.address >= 0, SNIP_OUTSIDE);
    assert(pkt.users > 0, NOT_IN_USE);
    if (--pkt.users === 0) {
      if (pkt.type === GNRC_NETTYPE_TX_SYNC) gnrc_tx_complete(pkt);
      if (pkt.data !== null) buf.free(buf.placeOf(pkt), pkt.size);
      buf.freeSnip(pkt);
      // Messages and threads that wait still point to their last packets: those hold no bytes.
      pkt.data = null;
      pkt.own = null;
      pkt.next = null;
    }
    gnrc_neterr_report(pkt, err);
    pkt = next;
  }
  if (buf.arena.used !== before) buf.report();
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
