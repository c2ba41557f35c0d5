// The prefix list for applications (RIOT sys/include/net/gnrc/ipv6/nib/pl.h).
import type { Blocking } from '../../kernel/blocking.ts';
import { EINVAL, ENOMEM } from '../../kernel/errno.ts';
import { evtimer_now_msec } from '../../kernel/evtimer.ts';
import { puts } from '../../kernel/stdio.ts';
import type { kernel_pid_t } from '../../kernel/thread_t.ts';
import {
  ipv6_addr_all_nodes_link_local, ipv6_addr_init_prefix, ipv6_addr_is_link_local, ipv6_addr_is_multicast,
  ipv6_addr_is_unspecified, ipv6_addr_match_prefix, ipv6_addr_to_str,
} from '../wire/addr.ts';
import {
  GNRC_NETIF_AAC_AUTO, gnrc_netif_acquire, gnrc_netif_get_by_pid, gnrc_netif_is_6lbr, gnrc_netif_is_6ln,
  gnrc_netif_is_rtr_adv, gnrc_netif_release, type gnrc_netif_t,
} from './netif_t.ts';
import { nib_conf } from './nib_conf.ts';
import type { nib_iter_t } from './nib_nc.ts';
import { _nib_abr_iter, _nib_offl_iter, _nib_offl_remove_prefix, _nib_pl_add } from './nib_offl.ts';
import { _handle_snd_mc_ra, _snd_rtr_advs_drop_pfx } from './nib_router.ts';
import {
  _nib_acquire, type _nib_offl_entry_t, _nib_onl_get_if, _nib_release, _PFX_ON_LINK, _PFX_SLAAC, _PL,
  IPV6_ADDR_BIT_LEN, MS_PER_SEC, UINT32_MAX,
} from './nib_t.ts';

/** An entry of the prefix list. */
export class gnrc_ipv6_nib_pl_t {
  readonly pfx = new Uint8Array(16);
  pfx_len = 0;
  iface: kernel_pid_t = 0;
  /** ms since boot; 0xffffffff: for ever. */
  valid_until = 0;
  pref_until = 0;
}

/**
 * Puts a prefix into the list, or sets its lifetimes there; on a border router it is then one of those that are
 * distributed. Routers on classic links tell it at once.
 *
 * @param pfx_len      in bits; above 128 counts as 128
 * @param valid_ltime  and `pref_ltime` in ms; 0xffffffff: for ever
 * @returns 0; -EINVAL for a prefix that is empty, link-local or multicast, or lifetimes the wrong way round; -ENOMEM
 *          when the list, or that of neighbours, is full
 */
export function* gnrc_ipv6_nib_pl_set(
  iface: kernel_pid_t, pfx: Uint8Array, pfx_len: number, valid_ltime: number, pref_ltime: number,
): Blocking<number> {
  const length = Math.min(pfx_len, IPV6_ADDR_BIT_LEN);
  const prefix = new Uint8Array(16);
  ipv6_addr_init_prefix(prefix, pfx, length);
  if (ipv6_addr_is_unspecified(prefix) || ipv6_addr_is_link_local(pfx) || ipv6_addr_is_multicast(pfx) ||
      pref_ltime > valid_ltime) {
    return -EINVAL;
  }
  yield* _nib_acquire();
  const entry = _nib_pl_add(iface, pfx, length, valid_ltime, pref_ltime);
  const netif = entry === null ? null : gnrc_netif_get_by_pid(iface);
  if (entry !== null && netif !== null) {
    yield* gnrc_netif_acquire(netif);
    setFlags(netif, entry);
    yield* gnrc_netif_release(netif);
  }
  yield* _nib_release();
  if (entry === null) return -ENOMEM;
  if (netif !== null) yield* _handle_snd_mc_ra(netif);
  return 0;
}

function setFlags(netif: gnrc_netif_t, entry: _nib_offl_entry_t): void {
  const borderRouter = gnrc_netif_is_6lbr(netif);
  // Prefixes of a 6LoWPAN link are off-link; but its border router must find their nodes there, not upstream.
  if (!gnrc_netif_is_6ln(netif) || borderRouter) entry.flags |= _PFX_ON_LINK;
  if ((netif.ipv6.aac_mode & GNRC_NETIF_AAC_AUTO) !== 0 && entry.pfx_len < IPV6_ADDR_BIT_LEN) {
    entry.flags |= _PFX_SLAAC;
  }
  const { six_lbr, multihop_p6c } = nib_conf();
  if (!borderRouter || !six_lbr || !multihop_p6c) return;
  for (let abr = _nib_abr_iter(null); abr !== null; abr = _nib_abr_iter(abr)) {
    abr.version = (abr.version + 1) >>> 0;
    abr.pfxs[entry.idx] = 1;
  }
}

/** Removes a prefix of `iface`, 0: of any, and the address made of it; a router tells that it is no more. */
export function* gnrc_ipv6_nib_pl_del(iface: kernel_pid_t, pfx: Uint8Array, pfx_len: number): Blocking<void> {
  yield* _nib_acquire();
  for (let entry = _nib_offl_iter(null); entry !== null; entry = _nib_offl_iter(entry)) {
    if (entry.pfx_len !== pfx_len || (iface !== 0 && iface !== _nib_onl_get_if(entry.next_hop!)) ||
        ipv6_addr_match_prefix(pfx, entry.pfx) < pfx_len) continue;
    const netif = gnrc_netif_get_by_pid(iface);
    if (nib_conf().router && netif !== null && gnrc_netif_is_rtr_adv(netif)) {
      yield* _snd_rtr_advs_drop_pfx(netif, ipv6_addr_all_nodes_link_local, entry);
    }
    yield* _nib_offl_remove_prefix(entry);
    break;
  }
  yield* _nib_release();
}

/**
 * The next prefix of `iface`, 0: of any; into `ple`.
 * @param state  where the iteration is; begins with entry null
 * @returns false at the end
 */
export function* gnrc_ipv6_nib_pl_iter(
  iface: kernel_pid_t, state: nib_iter_t<_nib_offl_entry_t>, ple: gnrc_ipv6_nib_pl_t,
): Blocking<boolean> {
  yield* _nib_acquire();
  let entry = _nib_offl_iter(state.entry);
  while (entry !== null &&
      ((entry.mode & _PL) === 0 || (iface !== 0 && _nib_onl_get_if(entry.next_hop!) !== iface))) {
    entry = _nib_offl_iter(entry);
  }
  if (entry !== null) {
    ple.pfx.set(entry.pfx);
    ple.pfx_len = entry.pfx_len;
    ple.iface = _nib_onl_get_if(entry.next_hop!);
    ple.valid_until = entry.valid_until;
    ple.pref_until = entry.pref_until;
  }
  yield* _nib_release();
  state.entry = entry;
  return entry !== null;
}

/** Prints a prefix. */
export function gnrc_ipv6_nib_pl_print(ple: gnrc_ipv6_nib_pl_t): void {
  const now = evtimer_now_msec();
  let line = `${ipv6_addr_to_str(ple.pfx)}/${ple.pfx_len} dev #${ple.iface} `;
  if (ple.valid_until < UINT32_MAX) {
    line += ` expires ${Math.floor(((ple.valid_until - now) >>> 0) / MS_PER_SEC)} sec`;
  }
  if (ple.pref_until < UINT32_MAX) {
    line += ` deprecates ${now >= ple.pref_until ? 0 : Math.floor((ple.pref_until - now) / MS_PER_SEC)} sec`;
  }
  puts(line);
}
