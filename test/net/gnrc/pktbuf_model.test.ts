// The packet buffer against a model that is as simple as can be: a list of units, each free or in use.
import test from 'ava';
import fc from 'fast-check';
import { GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { gnrc_pkt_bytes, gnrc_pkt_len, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_failed, gnrc_pktbuf_hold, gnrc_pktbuf_is_empty, gnrc_pktbuf_mark,
  gnrc_pktbuf_merge, gnrc_pktbuf_realloc_data, gnrc_pktbuf_release, gnrc_pktbuf_remove_snip,
  gnrc_pktbuf_reverse_snips, gnrc_pktbuf_start_write } from '../../../net/gnrc/pktbuf.ts';
import { gnrc_pktbuf_map } from '../../../net/gnrc/pktbuf_stats.ts';
import { NetBoard } from './board.ts';

const SIZE = 768;
const PACKETS = 6;

/** First fit: looks through all units from the first on, for as many free ones in a row as are needed. */
class Model {
  private readonly busy: boolean[];
  readonly unit: number;

  constructor(unit: number) {
    this.unit = unit;
    this.busy = new Array<boolean>(SIZE / unit).fill(false);
  }

  take(bytes: number): number | null {
    const count = Math.ceil(bytes / this.unit);
    for (let at = 0; at + count <= this.busy.length; at++) {
      if (this.busy.slice(at, at + count).includes(true)) continue;
      this.busy.fill(true, at, at + count);
      return at * this.unit;
    }
    return null;
  }

  give(address: number, bytes: number): void {
    const at = address / this.unit;
    const end = at + Math.ceil(bytes / this.unit);
    if (this.busy.slice(at, end).includes(false)) throw new Error(`${bytes} bytes at ${address} are free already`);
    this.busy.fill(false, at, end);
  }

  get used(): number {
    return this.busy.filter(Boolean).length * this.unit;
  }
}

/** What the model knows of a snip. */
interface Expected {
  readonly address: number;
  data: number | null;
  size: number;
  bytes: number[];
}

/** Does each step in the model, by the order of allocations that RIOT has, and in the buffer. */
class Twin {
  readonly board: NetBoard;
  readonly model: Model;
  readonly snipSize: number;
  readonly known = new Map<gnrc_pktsnip_t, Expected>();
  failed = 0;

  constructor(pointer: number) {
    this.board = new NetBoard(function* () { return 0; },
      { net: { CONFIG_GNRC_PKTBUF_SIZE: SIZE, SIZEOF_POINTER: pointer } });
    this.model = new Model(2 * pointer);
    this.snipSize = 4 * pointer;
  }

  /** Takes several blocks in order; if one does not fit, those before it are given back. */
  private takeAll(...sizes: number[]): number[] | null {
    const places: number[] = [];
    for (const [i, size] of sizes.entries()) {
      const place = this.model.take(size);
      if (place === null) {
        this.failed++;
        places.forEach((at, k) => this.model.give(at, sizes[k]!));
        return null;
      }
      places[i] = place;
    }
    return places;
  }

  add(next: gnrc_pktsnip_t | null, bytes: readonly number[]): gnrc_pktsnip_t | null {
    const places = bytes.length === 0 ? this.takeAll(this.snipSize) : this.takeAll(this.snipSize, bytes.length);
    const snip = gnrc_pktbuf_add(next, Uint8Array.from(bytes), bytes.length, GNRC_NETTYPE_UNDEF);
    same('add', snip !== null, places !== null);
    if (snip === null || places === null) return null;
    const data = places[1] ?? null;
    this.known.set(snip, { address: places[0]!, data, size: bytes.length, bytes: [...bytes] });
    return snip;
  }

  mark(pkt: gnrc_pktsnip_t, size: number): void {
    const expected = this.known.get(pkt)!;
    if (size === 0 || size > expected.size) {
      same('mark', gnrc_pktbuf_mark(pkt, size, GNRC_NETTYPE_UNDEF), null);
      return;
    }
    const rest = expected.size - size;
    const moves = rest > 0 && size % this.model.unit !== 0;
    const places = moves ? this.takeAll(this.snipSize, size, rest) : this.takeAll(this.snipSize);
    const marked = gnrc_pktbuf_mark(pkt, size, GNRC_NETTYPE_UNDEF);
    same('mark', marked !== null, places !== null);
    if (marked === null || places === null) return;
    const old = expected.data!;
    if (moves) this.model.give(old, expected.size);
    this.known.set(marked, { address: places[0]!, data: moves ? places[1]! : old, size,
      bytes: expected.bytes.slice(0, size) });
    expected.data = rest === 0 ? null : moves ? places[2]! : old + size;
    expected.size = rest;
    expected.bytes = expected.bytes.slice(size);
  }

  realloc(pkt: gnrc_pktsnip_t, size: number): boolean {
    const expected = this.known.get(pkt)!;
    const fits = this.resize(expected, size);
    same('realloc', gnrc_pktbuf_realloc_data(pkt, size) === 0, fits);
    if (!fits) return false;
    // What is new has no defined contents.
    while (expected.bytes.length < size) {
      pkt.data![expected.bytes.length] = 7;
      expected.bytes.push(7);
    }
    expected.bytes.length = size;
    return true;
  }

  private resize(expected: Expected, size: number): boolean {
    const { data, size: before } = expected;
    const kept = Math.ceil(size / this.model.unit) * this.model.unit;
    if (size > before) {
      const places = this.takeAll(size);
      if (places === null) return false;
      if (data !== null) this.model.give(data, before);
      expected.data = places[0]!;
    } else if (before > kept) {
      this.model.give(data! + kept, before - kept);
    }
    if (size === 0) expected.data = null;
    expected.size = size;
    return true;
  }

  merge(pkt: gnrc_pktsnip_t): void {
    const expected = this.known.get(pkt)!;
    const size = gnrc_pkt_len(pkt);
    const rest: gnrc_pktsnip_t[] = [];
    for (let snip = pkt.next; snip !== null; snip = snip.next) rest.push(snip);
    const merged = size === expected.size;
    const fits = merged || this.resize(expected, size);
    same('merge', gnrc_pktbuf_merge(pkt) === 0, fits);
    if (!fits || merged) return;
    for (const snip of rest) {
      expected.bytes.push(...this.known.get(snip)!.bytes);
      this.forget(snip);
    }
  }

  /** Writes to a packet that somebody else holds: to a copy, which is then released. */
  write(pkt: gnrc_pktsnip_t): void {
    gnrc_pktbuf_hold(pkt, 1);
    const { size } = this.known.get(pkt)!;
    const places = size === 0 ? this.takeAll(this.snipSize) : this.takeAll(this.snipSize, size);
    const copy = gnrc_pktbuf_start_write(pkt);
    same('write', copy !== null, places !== null);
    if (copy !== null && places !== null) {
      same('address of a copy', copy.address, places[0]!);
      same('data of a copy', copy.data?.byteOffset, places[1]);
      same('bytes of a copy', [...gnrc_pkt_bytes(copy)].join(), [...gnrc_pkt_bytes(pkt)].join());
      this.model.give(places[0]!, this.snipSize);
      if (places[1] !== undefined) this.model.give(places[1], size);
    }
    gnrc_pktbuf_release(copy ?? pkt);
  }

  release(pkt: gnrc_pktsnip_t | null): void {
    for (let snip = pkt; snip !== null; snip = snip.next) this.forget(snip);
    gnrc_pktbuf_release(pkt);
  }

  removeSecond(pkt: gnrc_pktsnip_t): void {
    if (pkt.next === null) return;
    this.forget(pkt.next);
    gnrc_pktbuf_remove_snip(pkt, pkt.next);
  }

  private forget(snip: gnrc_pktsnip_t): void {
    const { address, data, size } = this.known.get(snip)!;
    if (data !== null) this.model.give(data, size);
    this.model.give(address, this.snipSize);
    this.known.delete(snip);
  }

  /** Compares all there is. The map has no gap and no overlap: its parts follow each other up to the end. */
  check(): void {
    for (const [snip, { address, data, size, bytes }] of this.known) {
      same('address', snip.address, address);
      same('data', snip.data?.byteOffset ?? null, data);
      same('size', snip.size, size);
      same('bytes', [...gnrc_pkt_bytes(snip)].join(), bytes.join());
    }
    same('used', this.board.pktbufUsed, this.model.used);
    same('failed', gnrc_pktbuf_failed(this.board.kernel), this.failed);
    let end = 0;
    let wasFree = false;
    for (const { address, size, what } of gnrc_pktbuf_map(this.board.kernel)) {
      same('start of a chunk', address, end);
      if (wasFree && what === 'free') throw new Error(`two free blocks meet at ${address}`);
      wasFree = what === 'free';
      end += size;
    }
    same('end of the last chunk', end, SIZE);
  }
}

function same<T>(what: string, actual: T, expected: T): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)}, expected ${String(expected)}`);
}

const step = fc.record({
  what: fc.constantFrom('add', 'add', 'mark', 'mark', 'realloc', 'write', 'merge', 'reverse', 'remove', 'release'),
  which: fc.nat(PACKETS - 1),
  onTop: fc.boolean(),
  size: fc.oneof(fc.nat(120), fc.nat(7).map((n) => 16 * n)),
});

for (const pointer of [8, 4]) {
  test(`random steps put all where first fit puts it, with pointers of ${pointer} bytes`, (t) => {
    // The model is told of allocations in RIOT's order only and searches them unit by unit; after each step all
    // addresses, sizes and bytes must agree, and at the end all is one free block again.
    t.notThrows(() => fc.assert(fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      const twin = new Twin(pointer);
      const packets = new Array<gnrc_pktsnip_t | null>(PACKETS).fill(null);
      twin.board.do(() => {
        for (const [i, { what, which, onTop, size }] of steps.entries()) {
          const pkt = packets[which]!;
          if (what === 'add' || pkt === null) {
            if (pkt !== null && !onTop) twin.release(pkt);
            const bytes = Array.from({ length: size }, (_, k) => (i * 31 + k) & 0xff);
            const next = onTop ? pkt : null;
            packets[which] = twin.add(next, bytes) ?? next;
          } else if (what === 'mark') twin.mark(pkt, size);
          else if (what === 'realloc') twin.realloc(pkt, size);
          else if (what === 'write') twin.write(pkt);
          else if (what === 'merge') twin.merge(pkt);
          else if (what === 'reverse') packets[which] = gnrc_pktbuf_reverse_snips(pkt);
          else if (what === 'remove') twin.removeSecond(pkt);
          else {
            twin.release(pkt);
            packets[which] = null;
          }
          twin.check();
        }
        for (const pkt of packets) twin.release(pkt);
        twin.check();
        same('empty', gnrc_pktbuf_is_empty(), true);
      });
    }), { seed: 42, numRuns: 400 }));
  });
}
