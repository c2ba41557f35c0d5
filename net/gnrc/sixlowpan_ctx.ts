// Contexts for the stateful compression of addresses (RIOT sys/include/net/gnrc/sixlowpan/ctx.h,
// RFC 6282 §3.1.2, RFC 6775 §4.2).
import { perBoard } from '../../kernel/current.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { ZTIMER_MSEC, ztimer_now } from '../../kernel/ztimer.ts';
import { ipv6_addr_equal, ipv6_addr_init_prefix, ipv6_addr_match_prefix } from '../wire/addr.ts';
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
 * @param ltime       minutes for which it may be used to compress, 16 bits; 0: for decompression only
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
  // 16 bits, as in RIOT.
  ctx.ltime = ltime & 0xffff;
  ctx.prefix_len = Math.min(prefix_len, IPV6_ADDR_BIT_LEN);
  ctx.flags_id = comp && ctx.ltime !== 0 ? GNRC_SIXLOWPAN_CTX_FLAGS_COMP | id : id;
  // As in RIOT a prefix that is there already keeps its bits when it gets shorter.
  if (!ipv6_addr_equal(ctx.prefix, prefix)) {
    ctx.prefix.fill(0);
    ipv6_addr_init_prefix(ctx.prefix, prefix, ctx.prefix_len);
  }
  ctx.inval_time = ctx.ltime + currentMinute();
  return ctx;
}

/** Takes a context away, for decompression too. RIOT dereferences NULL when there is none. */
export function gnrc_sixlowpan_ctx_remove(id: number): void {
  const ctx = gnrc_sixlowpan_ctx_lookup_id(id);
  if (ctx === null) return undefined_on_riot(`gnrc_sixlowpan_ctx_remove: there is no context ${id}`);
  ctx.prefix_len = 0;
}

/** Whether a context is that of exactly this prefix: its length is the same, and so are all its bits. */
export function gnrc_sixlowpan_ctx_match(
  ctx: gnrc_sixlowpan_ctx_t | null, prefix: Uint8Array, prefix_len: number,
): boolean {
  return ctx !== null && ctx.prefix_len === prefix_len && ipv6_addr_match_prefix(ctx.prefix, prefix) >= prefix_len;
}

/**
 * Sets the context of a prefix: the one that it has, or the first that is free. A 6LBR does so for each prefix that it
 * hands out (CONFIG_GNRC_NETIF_IPV6_BR_AUTO_6CTX).
 *
 * @param prefix  16 bytes
 * @param valid   lifetime of the prefix in ms; of its minutes 16 bits count, so "for ever" is 6046 minutes
 * @returns whether there was room
 */
export function gnrc_sixlowpan_ctx_update_6ctx(prefix: Uint8Array, prefix_len: number, valid: number): boolean {
  const own = gnrc_sixlowpan_ctx_lookup_addr(prefix);
  let cid = own !== null && gnrc_sixlowpan_ctx_match(own, prefix, prefix_len) ? own.id : 0;
  if (cid === 0) {
    for (let ctx = gnrc_sixlowpan_ctx_lookup_id(0); ctx !== null; ctx = gnrc_sixlowpan_ctx_lookup_id(++cid)) {
      if (gnrc_sixlowpan_ctx_match(ctx, prefix, prefix_len)) break;
    }
  }
  if (cid >= GNRC_SIXLOWPAN_CTX_SIZE) return false;
  return gnrc_sixlowpan_ctx_update(cid, prefix, prefix_len, Math.floor(valid / MS_PER_MINUTE), true) !== null;
}

/** Takes all contexts away (for tests). */
export function gnrc_sixlowpan_ctx_reset(): void {
  const contexts = statics();
  contexts.table.fill(null);
  contexts.used = false;
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
