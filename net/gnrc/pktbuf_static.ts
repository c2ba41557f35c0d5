// The memory of the packet buffer (RIOT module gnrc_pktbuf_static): one arena, and a list of its free blocks in the
// order of their addresses. The first block that is large enough is taken, what it has too much stays free behind it,
// and free neighbours become one block. So the arena fragments, as RIOT's does.
//
// Addresses are offsets in the arena, sizes are bytes; both are multiples of the unit. RIOT keeps the list in the free
// blocks themselves. Here it lies beside them, so that who writes to memory that it has freed does not break the
// emulator; what RIOT would have left in a block is written when that is handed out or becomes part of another.

/** RIOT's unit and descriptor, which follow from the size of a pointer. */
const UNIT_POINTERS = 2;

/** What fills free memory, and memory that was just handed out, where writes after the release are looked for. */
export const GNRC_PKTBUF_CANARY = 0x55;
const NOT_CANARY = 0xaa;

/** What an arena has before its first allocation. */
const NO_BYTES = new Uint8Array(0);
const NO_WORDS = new Uint32Array(0);
const NO_LIST = new Int32Array(0);

/** No free block. */
const NONE = -1;
const BYTES_32 = 4;

/** Where the arena lies in the board's memory: in RIOT's gnrc_networking on native64, and low in the RAM of an MCU. */
const BASE_64 = 0x45b810;
const BASE_32 = 0x2000_1000;

/** A block of the arena that is free. */
export interface FreeBlock {
  readonly address: number;
  readonly size: number;
}

/** Who is told when memory was written to after its release (RIOT CONFIG_GNRC_PKTBUF_CHECK_USE_AFTER_FREE). */
export interface ArenaWatch {
  /** Of the `size` bytes at `at`, which are about to be handed out, that at `offset` was written to. */
  written(at: number, offset: number, size: number): void;
  /** The `size` bytes at `at` seem to be free already. */
  freed(at: number, size: number): void;
}

export class Arena {
  /** CONFIG_GNRC_PKTBUF_SIZE. */
  readonly size: number;
  /** 16 B where pointers have 8, else 8 B: a power of two. */
  readonly unit: number;
  /** What RIOT prints as address of the first byte. It is chosen: RIOT's differs from image to image. */
  readonly base: number;
  /** Bytes in use, rounding included. */
  used = 0;
  peak = 0;
  /** Allocations that found no block. */
  failed = 0;
  /** The highest end of a block that was ever in use. */
  lastByteUsed = 0;
  /** CONFIG_GNRC_PKTBUF_CHECK_USE_AFTER_FREE; null without. */
  private readonly watch: ArenaWatch | null;
  private memory: ArrayBuffer | null = null;
  private all = NO_BYTES;
  private words = NO_WORDS;
  private readonly wordsPerPointer: number;
  /** From an address to its place in `list`. */
  private readonly shift: number;
  private first = 0;
  /** Two words a unit, of meaning at the first unit of each free block: the address of the next one, and the size. */
  private list = NO_LIST;

  /**
   * Memory is taken from the host when it is first needed: most boards of a large simulation send nothing.
   * @param size a multiple of the unit
   * @param pointer size of a pointer, 4 or 8
   * @param watch told of writes to free memory, and of memory that is freed twice; null: nobody looks for them
   * @throws RangeError for another size; RIOT does not compile then
   */
  constructor(size: number, pointer: number, watch: ArenaWatch | null) {
    this.size = size;
    this.watch = watch;
    this.unit = UNIT_POINTERS * pointer;
    this.shift = 31 - Math.clz32(this.unit) - 1;
    this.wordsPerPointer = pointer / BYTES_32;
    this.base = pointer === 8 ? BASE_64 : BASE_32;
    if (size % this.unit !== 0) {
      throw new RangeError(`CONFIG_GNRC_PKTBUF_SIZE: ${size} is not a multiple of ${this.unit}`);
    }
  }

  /** `size` rounded up to units. */
  align(size: number): number {
    return (size + this.unit - 1) & -this.unit;
  }

  /**
   * Takes `size` bytes, > 0.
   * @returns their address, or -1 if no free block is as large
   */
  alloc(size: number): number {
    if (this.memory === null) this.begin();
    const { list, shift } = this;
    const wanted = this.align(size);
    let before = NONE;
    let at = this.first;
    while (at !== NONE && list[(at >> shift) + 1]! < wanted) {
      before = at;
      at = list[at >> shift]!;
    }
    if (at === NONE) {
      this.failed++;
      return NONE;
    }
    const rest = list[(at >> shift) + 1]! - wanted;
    this.writeHeader(at);
    let follower = list[at >> shift]!;
    if (rest > 0) {
      const behind = at + wanted;
      list[behind >> shift] = follower;
      list[(behind >> shift) + 1] = rest;
      follower = behind;
    }
    if (before === NONE) this.first = follower;
    else list[before >> shift] = follower;
    this.used += wanted;
    if (this.used > this.peak) this.peak = this.used;
    if (at + wanted > this.lastByteUsed) this.lastByteUsed = at + wanted;
    if (this.watch !== null) this.handOut(this.watch, at, wanted);
    return at;
  }

  /**
   * Gives `size` bytes at `at` back.
   * @returns false, and does nothing, if part of them is free or outside: RIOT's list would be broken then
   */
  free(at: number, size: number): boolean {
    const { list, shift } = this;
    const length = this.align(size);
    let before = NONE;
    let behind = this.first;
    while (behind !== NONE && behind < at) {
      before = behind;
      behind = list[behind >> shift]!;
    }
    const gap = before === NONE ? 1 : at - before - list[(before >> shift) + 1]!;
    if (this.watch !== null) this.takeBack(this.watch, at, length);
    if (gap < 0 || at + length > (behind === NONE ? this.size : behind)) return false;
    this.used -= length;
    list[at >> shift] = behind;
    list[(at >> shift) + 1] = length;
    if (before === NONE) this.first = at;
    else list[before >> shift] = at;
    const block = gap === 0 ? this.merge(before, at) : at;
    if (block + list[(block >> shift) + 1]! === behind) this.merge(block, behind);
    return true;
  }

  /** Everything is free again; what was written stays. */
  reset(): void {
    this.used = 0;
    this.first = 0;
    if (this.memory === null) return;
    if (this.watch !== null) this.all.fill(GNRC_PKTBUF_CANARY);
    this.list[0] = NONE;
    this.list[1] = this.size;
  }

  /** RIOT's `%p` of an address. */
  pointer(at: number): string {
    return `0x${(this.base + at).toString(16)}`;
  }

  /** A view of `size` bytes at `at`: its byteOffset is its address. */
  view(at: number, size: number): Uint8Array {
    return new Uint8Array(this.memory!, at, size);
  }

  /** Copies `size` bytes within the arena. */
  copy(to: number, from: number, size: number): void {
    this.all.copyWithin(to, from, from + size);
  }

  /** Whether an array lies in the arena. */
  contains(data: Uint8Array): boolean {
    return data.buffer === this.memory;
  }

  /** The free blocks, in the order of their addresses. */
  freeBlocks(): FreeBlock[] {
    if (this.memory === null) return [{ address: 0, size: this.size }];
    const blocks: FreeBlock[] = [];
    for (let at = this.first; at !== NONE; at = this.list[at >> this.shift]!) {
      blocks.push({ address: at, size: this.list[(at >> this.shift) + 1]! });
    }
    return blocks;
  }

  /** Size of the largest free block. */
  largestFree(): number {
    return this.freeBlocks().reduce((largest, { size }) => Math.max(largest, size), 0);
  }

  /** The bytes of the arena, as they lie on the board. */
  bytes(): Uint8Array {
    if (this.memory === null) this.begin();
    return this.all;
  }

  /** Writes a pointer, or a size_t, as a word of the board. */
  putPointer(at: number, value: number): void {
    const word = at >> 2;
    this.words[word] = value;
    if (this.wordsPerPointer === 2) this.words[word + 1] = 0;
  }

  /** Writes an unsigned int. */
  putInt(at: number, value: number): void {
    this.words[at >> 2] = value;
  }

  /** The first unit of a free block is RIOT's own; all behind it must be as it was. */
  private handOut(watch: ArenaWatch, at: number, size: number): void {
    const block = this.view(at, size);
    const offset = block.findIndex((byte, i) => i >= this.unit && byte !== GNRC_PKTBUF_CANARY);
    if (offset >= 0) watch.written(at, offset, size);
    block.fill(NOT_CANARY);
  }

  private takeBack(watch: ArenaWatch, at: number, size: number): void {
    const block = this.view(at, size);
    if (size > this.unit && block.subarray(this.unit).every((byte) => byte === GNRC_PKTBUF_CANARY)) {
      watch.freed(at, size);
    }
    block.fill(GNRC_PKTBUF_CANARY);
  }

  private begin(): void {
    this.memory = new ArrayBuffer(this.size);
    this.all = new Uint8Array(this.memory);
    this.words = new Uint32Array(this.memory);
    this.list = new Int32Array(this.size >> this.shift);
    this.reset();
  }

  /** The block at `to` becomes a part of the free one before it, at `at`. Returns `at`. */
  private merge(at: number, to: number): number {
    const { list, shift } = this;
    this.writeHeader(to);
    list[at >> shift] = list[to >> shift]!;
    list[(at >> shift) + 1] = list[(to >> shift) + 1]! + to - at;
    if (this.watch !== null) this.view(to, this.unit).fill(GNRC_PKTBUF_CANARY);
    return at;
  }

  /** What RIOT has in the first unit of a free block: the address of the next one, and the size. */
  private writeHeader(at: number): void {
    const next = this.list[at >> this.shift]!;
    this.putPointer(at, next === NONE ? 0 : this.base + next);
    this.putInt(at + BYTES_32 * this.wordsPerPointer, this.list[(at >> this.shift) + 1]!);
  }
}
