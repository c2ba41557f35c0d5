// Authoritative border routers for applications (RIOT sys/include/net/gnrc/ipv6/nib/abr.h): whose prefixes and contexts
// a 6LoWPAN router distributes (RFC 6775 §8.1).
import type { Blocking } from '../../kernel/blocking.ts';
import { ENOMEM, ENOTSUP } from '../../kernel/errno.ts';
import { evtimer_now_msec } from '../../kernel/evtimer.ts';
import { assert } from '../../kernel/panic.ts';
import { puts } from '../../kernel/stdio.ts';
import { net_config } from '../config.ts';
import { ipv6_addr_to_str } from '../wire/addr.ts';
import { gnrc_netif_get_by_ipv6_addr } from './netif_ipv6.ts';
import { nib_conf } from './nib_conf.ts';
import type { nib_iter_t } from './nib_nc.ts';
import { _nib_abr_add, _nib_abr_iter, _nib_abr_remove, _nib_offl_iter } from './nib_offl.ts';
import {
  _nib_abr_entry_t, _nib_acquire, _nib_onl_get_if, _nib_release, _PL, MS_PER_MIN,
} from './nib_t.ts';
import { GNRC_SIXLOWPAN_CTX_SIZE, gnrc_sixlowpan_ctx_lookup_id } from './sixlowpan_ctx.ts';

/** A border router. */
export class gnrc_ipv6_nib_abr_t {
  readonly addr = new Uint8Array(16);
  version = 0;
  /** ms since boot, 32 bits. */
  valid_until_ms = 0;
}

function isBorderRouter(): boolean {
  const { six_lbr, multihop_p6c } = nib_conf();
  return six_lbr && multihop_p6c;
}

/**
 * Makes the board a border router under `addr`, with all prefixes of the interface that has it, and all contexts.
 * @param addr  an address of an interface
 * @returns 0; -ENOMEM when the table is full; -ENOTSUP if the image is no border router's
 */
export function* gnrc_ipv6_nib_abr_add(addr: Uint8Array): Blocking<number> {
  if (!isBorderRouter()) return -ENOTSUP;
  const netif = gnrc_netif_get_by_ipv6_addr(addr);
  assert(netif !== null, 'sys/net/gnrc/network_layer/ipv6/nib/nib_abr.c:34');
  yield* _nib_acquire();
  const abr = _nib_abr_add(addr);
  if (abr !== null) {
    abr.valid_until_ms = (evtimer_now_msec() + net_config().SIXLOWPAN_ND_OPT_ABR_LTIME_DEFAULT * MS_PER_MIN) >>> 0;
    for (let entry = _nib_offl_iter(null); entry !== null; entry = _nib_offl_iter(entry)) {
      if ((entry.mode & _PL) !== 0 && _nib_onl_get_if(entry.next_hop!) === netif.pid) abr.pfxs[entry.idx] = 1;
    }
    for (let id = 0; id < GNRC_SIXLOWPAN_CTX_SIZE; id++) {
      if (gnrc_sixlowpan_ctx_lookup_id(id) !== null) abr.ctxs |= 1 << id;
    }
  }
  yield* _nib_release();
  return abr === null ? -ENOMEM : 0;
}

/** Removes a border router, its prefixes and contexts. */
export function* gnrc_ipv6_nib_abr_del(addr: Uint8Array): Blocking<void> {
  if (!isBorderRouter()) return;
  yield* _nib_acquire();
  _nib_abr_remove(addr);
  yield* _nib_release();
}

/**
 * The next border router, into `abr`.
 * @param state  where the iteration is; begins with entry null
 * @returns false at the end
 */
export function* gnrc_ipv6_nib_abr_iter(
  state: nib_iter_t<_nib_abr_entry_t>, abr: gnrc_ipv6_nib_abr_t,
): Blocking<boolean> {
  yield* _nib_acquire();
  const entry = _nib_abr_iter(state.entry);
  if (entry !== null) {
    abr.addr.set(entry.addr);
    abr.version = entry.version;
    abr.valid_until_ms = entry.valid_until_ms;
  }
  yield* _nib_release();
  state.entry = entry;
  return entry !== null;
}

/** For how many minutes what came from a border router is still valid. */
export function gnrc_ipv6_nib_abr_valid_offset(abr: gnrc_ipv6_nib_abr_t): number {
  return Math.floor(((abr.valid_until_ms - evtimer_now_msec()) >>> 0) / MS_PER_MIN);
}

/** Prints a border router. */
export function gnrc_ipv6_nib_abr_print(abr: gnrc_ipv6_nib_abr_t): void {
  puts(`${ipv6_addr_to_str(abr.addr)} v${abr.version} expires ${gnrc_ipv6_nib_abr_valid_offset(abr)}min`);
}
