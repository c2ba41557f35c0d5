// Contexts for the stateful compression of addresses (RIOT sys/include/net/gnrc/sixlowpan/ctx.h,
// RFC 6282 §3.1.2, RFC 6775 §4.2).
import { perBoard } from '../../kernel/current.ts';
import { ZTIMER_MSEC, ztimer_now } from '../../kernel/ztimer.ts';
import { ipv6_addr_init_prefix, ipv6_addr_match_prefix } from '../wire/addr.ts';
import type { IphcContext, IphcContexts } from '../wire/iphc.ts';

/** How many contexts there are: the identifier has 4 bits. */
export const GNRC_SIXLOWPAN_CTX_SIZE = 16;
export const GNRC_SIXLOWPAN_CTX_FLAGS_CID_MASK = 0x0f;
/** The context may be used to compress; any context that is there is good for decompression. */
export const GNRC_SIXLOWPAN_CTX_FLAGS_COMP = 0x10;

const MS_PER_MINUTE = 60_000;
const IPV6_ADDR_BIT_LEN = 128;

export class gnrc_sixlowpan_ctx_t implements IphcContext {
  readonly id: number;
  readonly prefix = new Uint8Array(16);
  /** Bits of the prefix; 0: the context is not there. */
  prefix_len = 0;
  /** Identifier and GNRC_SIXLOWPAN_CTX_FLAGS_COMP. */
  flags_id = 0;
  /** Minutes for which the context may still be used to compress. */
  ltime = 0;
  /** The minute at which that ends. */
  inval_time = 0;

  constructor(id: number) {
    this.id = id;
  }

  get prefixLength(): number {
    return this.prefix_len;
  }

  get compress(): boolean {
    return (this.flags_id & GNRC_SIXLOWPAN_CTX_FLAGS_COMP) !== 0;
  }
}

class Contexts implements IphcContexts {
  /** By identifier; null for those that were never set. */
  readonly table = new Array<gnrc_sixlowpan_ctx_t | null>(GNRC_SIXLOWPAN_CTX_SIZE).fill(null);
  /** Whether any context was ever set: without one, no lookup is needed. */
  used = false;

  byId(id: number): gnrc_sixlowpan_ctx_t | null {
    const ctx = this.table[id] ?? null;
    return ctx !== null && isThere(ctx) ? ctx : null;
  }

  byAddress(addr: Uint8Array): gnrc_sixlowpan_ctx_t | null {
    let best = 0;
    let found: gnrc_sixlowpan_ctx_t | null = null;
    for (const ctx of this.table) {
      if (ctx === null || !isThere(ctx)) continue;
      const match = ipv6_addr_match_prefix(ctx.prefix, addr);
      if (ctx.prefix_len <= match && match > best) {
        best = match;
        found = ctx;
      }
    }
    return found;
  }
}

const statics = perBoard(() => new Contexts(), { bytes: GNRC_SIXLOWPAN_CTX_SIZE * 24 });

/** The board's contexts for the codecs; null while it has none. */
export function gnrc_sixlowpan_ctx_contexts(): IphcContexts | null {
  const contexts = statics();
  return contexts.used ? contexts : null;
}

/** The context whose prefix matches `addr` longest, or null. */
export function gnrc_sixlowpan_ctx_lookup_addr(addr: Uint8Array): gnrc_sixlowpan_ctx_t | null {
  return statics().byAddress(addr);
}

/** The context of this identifier, or null. */
export function gnrc_sixlowpan_ctx_lookup_id(id: number): gnrc_sixlowpan_ctx_t | null {
  return statics().byId(id);
}

/**
 * Sets a context.
 *
 * @param id          0 to 15
 * @param prefix      16 bytes
 * @param prefix_len  in bits; above 128 counts as 128
 * @param ltime       minutes for which it may be used to compress; 0: for decompression only
 * @param comp        whether it may be used to compress at all
 * @returns the context, or null when `id` is above 15 or `prefix_len` is 0
 */
export function gnrc_sixlowpan_ctx_update(
  id: number, prefix: Uint8Array, prefix_len: number, ltime: number, comp: boolean,
): gnrc_sixlowpan_ctx_t | null {
  const contexts = statics();
  if (id < 0 || id >= GNRC_SIXLOWPAN_CTX_SIZE || prefix_len === 0) return null;
  const ctx = (contexts.table[id] ??= new gnrc_sixlowpan_ctx_t(id));
  contexts.used = true;
  ctx.ltime = ltime;
  ctx.prefix_len = Math.min(prefix_len, IPV6_ADDR_BIT_LEN);
  ctx.flags_id = comp && ltime !== 0 ? GNRC_SIXLOWPAN_CTX_FLAGS_COMP | id : id;
  ctx.prefix.fill(0);
  ipv6_addr_init_prefix(ctx.prefix, prefix, ctx.prefix_len);
  ctx.inval_time = ltime + currentMinute();
  return ctx;
}

function isThere(ctx: gnrc_sixlowpan_ctx_t): boolean {
  if (ctx.prefix_len === 0) return false;
  const now = ctx.ltime === 0 ? 0 : currentMinute();
  if (ctx.ltime === 0 || now >= ctx.inval_time) {
    ctx.ltime = 0;
    ctx.flags_id &= ~GNRC_SIXLOWPAN_CTX_FLAGS_COMP;
  } else {
    ctx.ltime = ctx.inval_time - now;
  }
  return true;
}

function currentMinute(): number {
  return Math.floor(ztimer_now(ZTIMER_MSEC) / MS_PER_MINUTE);
}
