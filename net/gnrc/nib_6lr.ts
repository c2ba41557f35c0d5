// What a 6LoWPAN router does for its nodes: it registers their addresses (RFC 6775 §6.5; RIOT
// sys/net/gnrc/network_layer/ipv6/nib/_nib-6lr.c). It asks no border router: there is no duplicate address detection
// over several hops.
import type { Blocking } from '../../kernel/blocking.ts';
import { quirk } from '../quirks.ts';
import { EUI64_LEN, ipv6_addr_link_local_prefix } from '../wire/addr.ts';
import { get16 } from '../wire/bytes.ts';
import { SIXLOWPAN_ND_STATUS_DUP, SIXLOWPAN_ND_STATUS_NC_FULL, SIXLOWPAN_ND_STATUS_SUCCESS } from '../wire/ndp.ts';
import { drop } from './drop.ts';
import { gnrc_sixlowpan_nd_opt_ar_build } from './ndp.ts';
import { gnrc_netif_is_6ln, gnrc_netif_is_6lr, type gnrc_netif_t } from './netif_t.ts';
import { _ADDR_REG_STATUS_IGNORE, SIXLOWPAN_ND_OPT_AR_LEN } from './nib_6ln.ts';
import { _handle_sl2ao, _set_nud_state, type ndp_message_t } from './nib_arsm.ts';
import { nib_conf } from './nib_conf.ts';
import { _nib_nc_remove, _nib_onl_get, _nib_onl_nc_get } from './nib_internal.ts';
import {
  _evtimer_add, _evtimer_del, _get_nud_state, type _nib_onl_entry_t, GNRC_IPV6_NIB_ADDR_REG_TIMEOUT,
  GNRC_IPV6_NIB_NC_INFO_AR_STATE_GC, GNRC_IPV6_NIB_NC_INFO_AR_STATE_MASK, GNRC_IPV6_NIB_NC_INFO_AR_STATE_REGISTERED,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED, MS_PER_MIN,
} from './nib_t.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';

/** The universal/local bit, which an interface identifier has inverted. */
const UL_BIT = 0x02;

/** Whether someone else has registered the address. */
function isOthers(nce: _nib_onl_entry_t, icmpv6: Uint8Array, eui64At: number): boolean {
  if ((nce.info & GNRC_IPV6_NIB_NC_INFO_AR_STATE_MASK) === GNRC_IPV6_NIB_NC_INFO_AR_STATE_GC) return false;
  for (let i = 0; i < EUI64_LEN; i++) if (nce.eui64[i] !== icmpv6[eui64At + i]) return true;
  return false;
}

/** Registers the sender's address as the option at `aro` asks; a status, or _ADDR_REG_STATUS_IGNORE. */
function* register(
  netif: gnrc_netif_t, message: ndp_message_t, aro: number, sl2ao: number,
): Blocking<number> {
  const { icmpv6, src } = message;
  const ltime = get16(icmpv6, aro + 6);
  const known = _nib_onl_nc_get(src, netif.pid);
  if (known !== null && isOthers(known, icmpv6, aro + 8) && !quirk('nib-duplicate-takes-address')) {
    return SIXLOWPAN_ND_STATUS_DUP;
  }
  if (ltime === 0) {
    if (quirk('nib-no-deregistration')) return _ADDR_REG_STATUS_IGNORE;
    if (known !== null) yield* _nib_nc_remove(known);
    return SIXLOWPAN_ND_STATUS_SUCCESS;
  }
  yield* _handle_sl2ao(netif, message, sl2ao);
  const nce = _nib_onl_get(src, netif.pid);
  if (nce === null) return SIXLOWPAN_ND_STATUS_NC_FULL;
  if (isOthers(nce, icmpv6, aro + 8)) return SIXLOWPAN_ND_STATUS_DUP;
  nce.eui64.set(icmpv6.subarray(aro + 8, aro + 8 + EUI64_LEN));
  _evtimer_add(nce, GNRC_IPV6_NIB_ADDR_REG_TIMEOUT, nce.addr_reg_timeout, ltime * MS_PER_MIN);
  const state = _get_nud_state(nce);
  if (nib_conf().arsm && state !== GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED &&
      state !== GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE) {
    _evtimer_del(nce.nud_timeout);
    yield* _set_nud_state(netif, nce, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_STALE);
  }
  nce.info = (nce.info & ~GNRC_IPV6_NIB_NC_INFO_AR_STATE_MASK) | GNRC_IPV6_NIB_NC_INFO_AR_STATE_REGISTERED;
  return SIXLOWPAN_ND_STATUS_SUCCESS;
}

/** Where a registration is answered to: `src`, or what the EUI-64 of the answer's option makes of a refusal. */
export function nib_registration_dst(src: Uint8Array, reply: gnrc_pktsnip_t | null): Uint8Array {
  const aro = reply === null ? null : reply.data!;
  if (aro === null || aro[2] === SIXLOWPAN_ND_STATUS_SUCCESS || quirk('nib-aro-error-to-source')) return src;
  const dst = ipv6_addr_link_local_prefix.slice();
  dst.set(aro.subarray(8, 8 + EUI64_LEN), 8);
  dst[8]! ^= UL_BIT;
  return dst;
}

/**
 * Handles the address registration option at `aro` of a solicitation whose source link-layer address is at `sl2ao`.
 * @returns the option to answer with; null: the solicitation is not to be answered
 */
export function* _copy_and_handle_aro(
  netif: gnrc_netif_t, message: ndp_message_t, aro: number, sl2ao: number,
): Blocking<gnrc_pktsnip_t | null> {
  const { icmpv6 } = message;
  if (!gnrc_netif_is_6ln(netif) || !gnrc_netif_is_6lr(netif) || icmpv6[aro + 1] !== SIXLOWPAN_ND_OPT_AR_LEN ||
      (icmpv6[aro + 2] !== SIXLOWPAN_ND_STATUS_SUCCESS && !quirk('nib-aro-request-status'))) {
    drop('nib', 'address-registration-ignored', icmpv6.length);
    return null;
  }
  const status = yield* register(netif, message, aro, sl2ao);
  if (status === _ADDR_REG_STATUS_IGNORE) {
    drop('nib', 'address-registration-ignored', icmpv6.length);
    return null;
  }
  const eui64 = icmpv6.subarray(aro + 8, aro + 8 + EUI64_LEN);
  const reply = gnrc_sixlowpan_nd_opt_ar_build(status, get16(icmpv6, aro + 6), eui64, null);
  if (reply === null) drop('nib', 'pktbuf-full', icmpv6.length);
  return reply;
}
