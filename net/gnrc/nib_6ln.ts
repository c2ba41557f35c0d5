// What a 6LoWPAN node does for itself: it computes the link-layer addresses of link-local neighbours, registers its
// addresses with its router, and takes contexts and border routers from advertisements (RFC 6775 §5; RIOT
// sys/net/gnrc/network_layer/ipv6/nib/_nib-6ln.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { ENOENT, ENOTSUP } from '../../kernel/errno.ts';
import { evtimer_now_msec } from '../../kernel/evtimer.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { net_config } from '../config.ts';
import { quirk } from '../quirks.ts';
import { EUI64_LEN, ipv6_addr_is_link_local, ipv6_addr_link_local_prefix } from '../wire/addr.ts';
import { get16 } from '../wire/bytes.ts';
import {
  SIXLOWPAN_ND_STATUS_DUP, SIXLOWPAN_ND_STATUS_NC_FULL, SIXLOWPAN_ND_STATUS_SUCCESS,
} from '../wire/ndp.ts';
import { drop } from './drop.ts';
import { GNRC_IPV6_EVENT_ADDR_VALID, gnrc_netif_ipv6_bus_post } from './netif_bus.ts';
import {
  gnrc_netif_get_eui64, gnrc_netif_ipv6_iid_from_addr, gnrc_netif_ipv6_iid_to_addr,
} from './netif_device_type.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE,
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID, gnrc_netif_get_by_ipv6_addr, gnrc_netif_ipv6_addr_dad_trans,
  gnrc_netif_ipv6_addr_get_state, gnrc_netif_ipv6_addr_idx, gnrc_netif_ipv6_addr_remove_internal,
} from './netif_ipv6.ts';
import { gnrc_netif_acquire, gnrc_netif_is_6ln, gnrc_netif_release, type gnrc_netif_t } from './netif_t.ts';
import { type ndp_message_t, _snd_ns } from './nib_arsm.ts';
import { nib_conf } from './nib_conf.ts';
import {
  _is_reachable, _nib_drl_get, _nib_drl_iter, _nib_drl_remove, type gnrc_ipv6_nib_nc_t,
} from './nib_internal.ts';
import { _nib_abr_add } from './nib_offl.ts';
import { _handle_search_rtr } from './nib_search.ts';
import {
  _evtimer_add, type _nib_abr_entry_t, GNRC_IPV6_NIB_ABR_TIMEOUT, GNRC_IPV6_NIB_NC_INFO_AR_STATE_REGISTERED,
  GNRC_IPV6_NIB_NC_INFO_IFACE_POS, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE, GNRC_IPV6_NIB_REREG_ADDRESS, MS_PER_MIN,
  MS_PER_SEC, nib_addr_timer, UINT32_MAX,
} from './nib_t.ts';
import { gnrc_sixlowpan_ctx_update } from './sixlowpan_ctx.ts';

/** Lengths of options, in units of 8 bytes. */
export const SIXLOWPAN_ND_OPT_AR_LEN = 2;
const SIXLOWPAN_ND_OPT_ABR_LEN = 3;
const SIXLOWPAN_ND_OPT_6CTX_LEN_MIN = 2;
const SIXLOWPAN_ND_OPT_6CTX_LEN_MAX = 3;
const CTX_FLAG_C = 0x10;
const CTX_CID_MASK = 0x0f;

/** What became of a registration besides SIXLOWPAN_ND_STATUS_*: not judged, and there was no option. */
export const _ADDR_REG_STATUS_IGNORE = 4;
export const _ADDR_REG_STATUS_UNAVAIL = 255;

/** Fills in `nce` from a link-local address itself (RFC 6775 §5.6); false where that does not work. */
export function _resolve_addr_from_ipv6(
  dst: Uint8Array, netif: gnrc_netif_t | null, nce: gnrc_ipv6_nib_nc_t,
): boolean {
  if (netif === null || !gnrc_netif_is_6ln(netif) || !ipv6_addr_is_link_local(dst)) return false;
  const length = gnrc_netif_ipv6_iid_to_addr(netif, dst.subarray(8, 16), nce.l2addr);
  if (length <= 0) return false;
  nce.l2addr_len = length;
  nce.ipv6.set(dst);
  nce.info = (netif.pid << GNRC_IPV6_NIB_NC_INFO_IFACE_POS) |
    GNRC_IPV6_NIB_NC_INFO_NUD_STATE_REACHABLE | GNRC_IPV6_NIB_NC_INFO_AR_STATE_REGISTERED;
  return true;
}

/**
 * The link-local address that a link-layer address has on a 6LoWPAN link.
 * @returns 16; -ENOENT without interface; -ENOTSUP if it is no 6LN; -EINVAL for a length that it cannot have
 */
export function _build_ll_ipv6_from_addr(
  netif: gnrc_netif_t | null, l2addr: Uint8Array, l2addr_len: number, ipv6: Uint8Array,
): number {
  if (netif === null) return -ENOENT;
  if (!gnrc_netif_is_6ln(netif)) return -ENOTSUP;
  ipv6.set(ipv6_addr_link_local_prefix);
  const res = gnrc_netif_ipv6_iid_from_addr(netif, l2addr, l2addr_len, ipv6.subarray(8, 16));
  return res < 0 ? res : ipv6.length;
}

/** Whether the EUI-64 at `at` is the interface's. */
function isMyEui64(netif: gnrc_netif_t, bytes: Uint8Array, at: number): boolean {
  const own = new Uint8Array(EUI64_LEN);
  if (gnrc_netif_get_eui64(netif, own) !== EUI64_LEN) return false;
  return own.every((byte, i) => byte === bytes[at + i]);
}

/**
 * Handles the address registration option at `at` of a neighbour advertisement.
 * @returns its status, or _ADDR_REG_STATUS_IGNORE
 */
export function* nib_handle_aro_reply(netif: gnrc_netif_t, message: ndp_message_t, at: number): Blocking<number> {
  const { icmpv6 } = message;
  if (!gnrc_netif_is_6ln(netif) || icmpv6[at + 1] !== SIXLOWPAN_ND_OPT_AR_LEN || !isMyEui64(netif, icmpv6, at + 8)) {
    drop('nib', 'address-registration-ignored', icmpv6.length);
    return _ADDR_REG_STATUS_IGNORE;
  }
  const status = icmpv6[at + 2]!;
  const dst = status === SIXLOWPAN_ND_STATUS_SUCCESS ? message.dst : refused(netif, message.dst);
  switch (status) {
    case SIXLOWPAN_ND_STATUS_SUCCESS:
      return yield* registered(netif, dst, get16(icmpv6, at + 6));
    case SIXLOWPAN_ND_STATUS_DUP:
      yield* gnrc_netif_ipv6_addr_remove_internal(netif, dst);
      return status;
    case SIXLOWPAN_ND_STATUS_NC_FULL:
      yield* routerIsFull(netif, message.src, dst);
      return status;
    default:
      return status;
  }
}

/** The address whose registration is refused: one that waits for its answer, if that came to the link-local one. */
function refused(netif: gnrc_netif_t, dst: Uint8Array): Uint8Array {
  if (!ipv6_addr_is_link_local(dst)) return dst;
  const { addrs } = netif.ipv6;
  const waiting = addrs.find((_, idx) => gnrc_netif_ipv6_addr_dad_trans(netif, idx) !== 0);
  return waiting === undefined || quirk('nib-aro-error-to-source') ? dst : waiting.slice();
}

/** The address is registered for `ltime` minutes: it is valid, and will be registered anew in time. */
function* registered(netif: gnrc_netif_t, addr: Uint8Array, ltime: number): Blocking<number> {
  const idx = gnrc_netif_ipv6_addr_idx(netif, addr);
  if (idx < 0) return _ADDR_REG_STATUS_IGNORE;
  // A lifetime of 0 wraps around: the next registration is 2^32 ms less a minute away.
  const rereg = ltime === 1 ? 30 * MS_PER_SEC : ((ltime - 1) * MS_PER_MIN) >>> 0;
  const { addrs, addrs_flags } = netif.ipv6;
  addrs_flags[idx] = (addrs_flags[idx]! & ~GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK) |
    GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID;
  _evtimer_add(addrs[idx]!, GNRC_IPV6_NIB_REREG_ADDRESS, nib_addr_timer(netif, idx), rereg);
  yield* gnrc_netif_ipv6_bus_post(netif, GNRC_IPV6_EVENT_ADDR_VALID, addrs[idx]!);
  return SIXLOWPAN_ND_STATUS_SUCCESS;
}

/** The router has no room: it is no default router any more, another one is looked for. */
function* routerIsFull(netif: gnrc_netif_t, src: Uint8Array, dst: Uint8Array): Blocking<void> {
  const router = _nib_drl_get(src, netif.pid);
  if (router === null) {
    undefined_on_riot('a full neighbor cache is told by a node that is no default router');
    return;
  }
  _nib_drl_remove(router);
  if (_nib_drl_iter(null) === null) {
    netif.ipv6.rs_sent = 0;
    return yield* _handle_search_rtr(netif);
  }
  undefined_on_riot('a default router is full, and there is another');
  yield* _handle_rereg_address(dst);
}

/** Registers an address of an interface with its router (RFC 6775 §5.5); without one it solicits routers anew. */
export function* _handle_rereg_address(addr: Uint8Array): Blocking<void> {
  const netif = gnrc_netif_get_by_ipv6_addr(addr);
  if (netif === null) return;
  yield* gnrc_netif_acquire(netif);
  const router = _nib_drl_get(null, netif.pid);
  if (router !== null && _is_reachable(router.next_hop!)) {
    const to = router.next_hop!.ipv6;
    yield* _snd_ns(to, netif, addr, to);
    registerAgain(netif, addr);
  } else {
    netif.ipv6.rs_sent = 0;
    yield* _handle_search_rtr(netif);
  }
  yield* gnrc_netif_release(netif);
}

/** Sets the timer for the next try, as long as there is one: a tentative address counts its tries in its flags. */
function registerAgain(netif: gnrc_netif_t, addr: Uint8Array): void {
  const idx = gnrc_netif_ipv6_addr_idx(netif, addr);
  if (idx < 0) {
    undefined_on_riot('an address was removed while it was registered');
    return;
  }
  const config = net_config();
  const state = gnrc_netif_ipv6_addr_get_state(netif, idx);
  let retrans = config.SIXLOWPAN_ND_MAX_RS_SEC_INTERVAL * MS_PER_SEC;
  if (state !== GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID) {
    if ((state & GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE) === 0) return;
    if (gnrc_netif_ipv6_addr_dad_trans(netif, idx) >= config.SIXLOWPAN_ND_REG_TRANSMIT_NUMOF) return;
    retrans = netif.ipv6.retrans_time;
    netif.ipv6.addrs_flags[idx]!++;
  }
  _evtimer_add(netif.ipv6.addrs[idx]!, GNRC_IPV6_NIB_REREG_ADDRESS, nib_addr_timer(netif, idx), retrans);
}

/** The lifetime of the border router option at `at`, minutes. */
export function nib_abro_ltime(icmpv6: Uint8Array, at: number): number {
  return get16(icmpv6, at + 6) || net_config().SIXLOWPAN_ND_OPT_ABR_LTIME_DEFAULT;
}

/** Handles the border router option at `at` of an advertisement; null: the advertisement is not to be handled. */
export function _handle_abro(icmpv6: Uint8Array, at: number): _nib_abr_entry_t | null {
  if (icmpv6[at + 1] !== SIXLOWPAN_ND_OPT_ABR_LEN) return null;
  const abr = _nib_abr_add(icmpv6.subarray(at + 8, at + 24));
  if (abr === null) return null;
  const version = (get16(icmpv6, at + 2) | (get16(icmpv6, at + 4) << 16)) >>> 0;
  const ltime = nib_abro_ltime(icmpv6, at) * MS_PER_MIN;
  const asRiot = version !== abr.version && quirk('nib-abro-version');
  const take = version === abr.version || (asRiot ? version < abr.version : version > abr.version);
  if (!take && !asRiot) return null;
  if (take) {
    abr.version = version;
    abr.valid_until_ms = (evtimer_now_msec() + ltime) >>> 0;
  }
  _evtimer_add(abr, GNRC_IPV6_NIB_ABR_TIMEOUT, abr.timeout, ltime);
  return abr;
}

/**
 * Handles the 6LoWPAN context option at `at` of an advertisement.
 * @param abr  the border router that it is from
 * @returns ms for which it may be used to compress; 0xffffffff if it was ignored
 */
export function _handle_6co(icmpv6: Uint8Array, at: number, abr: _nib_abr_entry_t | null): number {
  const length = icmpv6[at + 1]!;
  const ctx_len = icmpv6[at + 2]!;
  if (length !== (ctx_len > 64 ? SIXLOWPAN_ND_OPT_6CTX_LEN_MAX : SIXLOWPAN_ND_OPT_6CTX_LEN_MIN)) {
    drop('nib', 'bad-context-length', length * 8);
    return UINT32_MAX;
  }
  const multihop = nib_conf().multihop_p6c;
  if (multihop && abr === null) undefined_on_riot('a 6LoWPAN context without a border router');
  const id = icmpv6[at + 3]! & CTX_CID_MASK;
  const ltime = get16(icmpv6, at + 6);
  const prefix = new Uint8Array(16);
  prefix.set(icmpv6.subarray(at + 8, at + length * 8));
  gnrc_sixlowpan_ctx_update(id, prefix, ctx_len, ltime, (icmpv6[at + 3]! & CTX_FLAG_C) !== 0);
  if (multihop && abr !== null) {
    if (ltime === 0) abr.ctxs &= ~(1 << id);
    else abr.ctxs |= 1 << id;
  }
  return ltime * MS_PER_MIN;
}
