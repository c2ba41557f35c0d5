// Looking at the whole packet buffer: RIOT's gnrc_pktbuf_stats(), and a map of it for host code.
import { current } from '../../kernel/current.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { OD_WIDTH_DEFAULT, od_hex_dump } from '../../kernel/od.ts';
import { printf } from '../../kernel/print.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import { pktbuf_contents } from './pktbuf.ts';
import type { Arena } from './pktbuf_static.ts';

/** A part of the arena. */
export interface PktbufChunk {
  /** First byte, from the start of the arena. */
  readonly address: number;
  /** Bytes, rounding included. */
  readonly size: number;
  /** A descriptor, its data, or nothing. */
  readonly what: 'snip' | 'data' | 'free';
  /** The snip that it belongs to; null if it is free. */
  readonly snip: gnrc_pktsnip_t | null;
}

/** For host code: what lies where in a board's packet buffer, in the order of addresses, without gaps. */
export function gnrc_pktbuf_map(kernel: Kernel): PktbufChunk[] {
  return kernel.run(() => {
    const { arena, snipSize, snips } = pktbuf_contents();
    const chunks: PktbufChunk[] = arena.freeBlocks().map((block) => ({ ...block, what: 'free', snip: null }));
    for (const snip of snips) {
      chunks.push({ address: snip.address, size: snipSize, what: 'snip', snip });
      if (snip.data === null) continue;
      chunks.push({ address: snip.data.byteOffset, size: arena.align(snip.size), what: 'data', snip });
    }
    return chunks.sort((a, b) => a.address - b.address);
  });
}

/**
 * Prints what is free and what is in use (RIOT has it with DEVELHELP); with module od what is in use byte by byte.
 * The addresses are chosen, see pktbuf_static.ts; the numbers of types in descriptors are this stack's, see nettype.ts.
 */
export function gnrc_pktbuf_stats(): void {
  const { arena, snips } = pktbuf_contents();
  for (const snip of snips) writeDescriptor(arena, snip);
  const end = arena.size;
  printf(`packet buffer: first byte: ${arena.pointer(0)}, last byte: ${arena.pointer(end)} (size: ${end})\n`);
  printf(`  position of last byte used: ${arena.lastByteUsed & 0xffff}\n`);
  const free = arena.freeBlocks();
  let count = 0;
  // A buffer without any free byte is printed twice, as RIOT does.
  if (free.length === 0) printChunk(arena, 0, end, count++);
  let at = 0;
  free.forEach((block, i) => {
    if (block.address > 0) printChunk(arena, at, block.address, count++);
    const next = free[i + 1];
    printf(`~ unused: ${arena.pointer(block.address)} (next: ` +
      `${next === undefined ? '(nil)' : arena.pointer(next.address)}, size: ${decimal(block.size)}) ~\n`);
    at = block.address + block.size;
  });
  if (at < end) printChunk(arena, at, end, count);
}

function printChunk(arena: Arena, from: number, to: number, num: number): void {
  printf(`=========== chunk ${String(num).padStart(3)} (${arena.pointer(from).padEnd(10)} size: ` +
    `${decimal(to - from)}) ===========\n`);
  if (current().modules.has('od')) od_hex_dump(arena.bytes().subarray(from, to), to - from, OD_WIDTH_DEFAULT);
}

/** `%4u`. */
function decimal(value: number): string {
  return String(value).padStart(4);
}

/** Descriptors are objects here. Who looks at the bytes sees them as they lie on the board: next, data, size, ... */
function writeDescriptor(arena: Arena, { address, next, data, size, type, users, err_sub }: gnrc_pktsnip_t): void {
  const width = arena.unit / 2;
  const addressOf = (at: number | undefined): number => at === undefined ? 0 : arena.base + at;
  arena.putPointer(address, addressOf(next?.address));
  arena.putPointer(address + width, addressOf(data?.byteOffset));
  arena.putPointer(address + 2 * width, size);
  const rest = address + 3 * width;
  const neterr = current().modules.has('gnrc_neterr');
  if (width === 4) {
    // ARM: enums as small as their values.
    const typeAndUsers = (type & 0xff) | users << 8;
    arena.putInt(rest, neterr ? (err_sub & 0xffff) | typeAndUsers << 16 : typeAndUsers);
    return;
  }
  if (neterr) arena.putInt(rest, err_sub & 0xffff);
  arena.putInt(neterr ? rest + 4 : rest, type);
  arena.putInt(neterr ? rest + 8 : rest + 4, users);
}
