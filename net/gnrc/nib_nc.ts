// The neighbour cache for applications (RIOT sys/include/net/gnrc/ipv6/nib/nc.h).
import type { Blocking } from '../../kernel/blocking.ts';
import { EINVAL, ENOENT, ENOMEM, ENOTSUP } from '../../kernel/errno.ts';
import { assert } from '../../kernel/panic.ts';
import { puts } from '../../kernel/stdio.ts';
import { KERNEL_PID_UNDEF, type kernel_pid_t } from '../../kernel/thread_t.ts';
import { quirk } from '../quirks.ts';
import { ipv6_addr_equal, ipv6_addr_is_link_local, ipv6_addr_to_str, l2util_addr_to_str } from '../wire/addr.ts';
import { gnrc_netif_get_by_pid } from './netif_t.ts';
import { _build_ll_ipv6_from_addr } from './nib_6ln.ts';
import { nib_conf } from './nib_conf.ts';
import {
  _nib_nc_add, _nib_nc_get, _nib_nc_remove, _nib_nc_set_reachable, _nib_onl_iter, gnrc_ipv6_nib_nc_get_ar_state,
  gnrc_ipv6_nib_nc_get_iface, gnrc_ipv6_nib_nc_get_nud_state, gnrc_ipv6_nib_nc_is_router, type gnrc_ipv6_nib_nc_t,
} from './nib_internal.ts';
import {
  _NC, _nib_acquire, type _nib_onl_entry_t, _nib_onl_get_if, _nib_release, CONFIG_GNRC_IPV6_NIB_L2ADDR_MAX_LEN,
  GNRC_IPV6_NIB_NC_INFO_AR_STATE_MANUAL, GNRC_IPV6_NIB_NC_INFO_AR_STATE_MASK, GNRC_IPV6_NIB_NC_INFO_AR_STATE_POS,
  GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED,
} from './nib_t.ts';

export {
  gnrc_ipv6_nib_nc_get_ar_state, gnrc_ipv6_nib_nc_get_iface, gnrc_ipv6_nib_nc_get_nud_state,
  gnrc_ipv6_nib_nc_is_router, gnrc_ipv6_nib_nc_t,
} from './nib_internal.ts';

const NC_C = 'sys/net/gnrc/network_layer/ipv6/nib/nib_nc.c';
const IFACE_MAX = 31;
const NUD_NAMES = ['-', 'UNREACHABLE', 'INCOMPLETE', 'STALE', 'DELAY', 'PROBE', 'REACHABLE'] as const;
const AR_NAMES = ['GC', 'TENTATIVE', 'REGISTERED', 'MANUAL'] as const;

/** Where an iteration over a table of the NIB is; C's `void *state`. */
export interface nib_iter_t<T> {
  entry: T | null;
}

/**
 * Adds a neighbour whose state nobody manages, or makes one so.
 *
 * @param iface   1 to 31
 * @param l2addr  its link-layer address; null: it has none
 * @returns 0; -ENOMEM when the cache is full; -EINVAL on a 6LN without ARSM for an address that is not link-local
 *          (quirk nib-nc-set-lock: the NIB is then locked for ever)
 */
export function* gnrc_ipv6_nib_nc_set(
  ipv6: Uint8Array, iface: kernel_pid_t, l2addr: Uint8Array | null, l2addr_len: number,
): Blocking<number> {
  assert(l2addr_len <= CONFIG_GNRC_IPV6_NIB_L2ADDR_MAX_LEN, `${NC_C}:37`);
  assert(iface > KERNEL_PID_UNDEF && iface <= IFACE_MAX, `${NC_C}:38`);
  yield* _nib_acquire();
  const node = yield* _nib_nc_add(ipv6, iface, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED);
  if (node === null) {
    yield* _nib_release();
    return -ENOMEM;
  }
  if (nib_conf().arsm) {
    if (l2addr !== null && l2addr_len > 0) node.l2addr.set(l2addr.subarray(0, l2addr_len));
    node.l2addr_len = l2addr_len;
  } else if (!ipv6_addr_is_link_local(ipv6)) {
    if (!quirk('nib-nc-set-lock')) yield* _nib_release();
    return -EINVAL;
  }
  node.info &= ~(GNRC_IPV6_NIB_NC_INFO_AR_STATE_MASK | GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK);
  node.info |= GNRC_IPV6_NIB_NC_INFO_AR_STATE_MANUAL;
  yield* _nib_release();
  return 0;
}

/**
 * Adds the link-local neighbour of a 6LoWPAN link that has this link-layer address; see gnrc_ipv6_nib_nc_set().
 * @returns 0; -ENOENT without such an interface; -ENOTSUP if it is no 6LN's; -EINVAL; -ENOMEM
 */
export function* gnrc_ipv6_nib_nc_set_6ln(
  iface: kernel_pid_t, l2addr: Uint8Array, l2addr_len: number,
): Blocking<number> {
  if (!nib_conf().six_ln) return -ENOTSUP;
  const netif = gnrc_netif_get_by_pid(iface);
  if (netif === null) return -ENOENT;
  const ipv6 = new Uint8Array(16);
  const res = _build_ll_ipv6_from_addr(netif, l2addr, l2addr_len, ipv6);
  return res < 0 ? res : yield* gnrc_ipv6_nib_nc_set(ipv6, netif.pid, l2addr, l2addr_len);
}

/** Removes the first neighbour for which `matches` holds; whether there was one. */
function* removeFirst(matches: (node: _nib_onl_entry_t) => boolean): Blocking<boolean> {
  yield* _nib_acquire();
  let node = _nib_onl_iter(null);
  while (node !== null && !matches(node)) node = _nib_onl_iter(node);
  if (node !== null) yield* _nib_nc_remove(node);
  yield* _nib_release();
  return node !== null;
}

/** Removes the neighbour of this address on `iface`. */
export function* gnrc_ipv6_nib_nc_del(ipv6: Uint8Array, iface: kernel_pid_t): Blocking<void> {
  yield* removeFirst((node) => _nib_onl_get_if(node) === iface && ipv6_addr_equal(ipv6, node.ipv6));
}

/** Removes the neighbour of this link-layer address on `iface`; whether there was one. */
export function gnrc_ipv6_nib_nc_del_l2(
  iface: kernel_pid_t, l2addr: Uint8Array, l2addr_len: number,
): Blocking<boolean> {
  return removeFirst((node) => _nib_onl_get_if(node) === iface && node.l2addr_len === l2addr_len &&
    l2addr.subarray(0, l2addr_len).every((byte, i) => byte === node.l2addr[i]));
}

/** An upper layer has heard from a neighbour: it is reachable, unless nobody manages its state. */
export function* gnrc_ipv6_nib_nc_mark_reachable(ipv6: Uint8Array): Blocking<void> {
  yield* _nib_acquire();
  for (let node = _nib_onl_iter(null); node !== null; node = _nib_onl_iter(node)) {
    if ((node.mode & _NC) === 0 || !ipv6_addr_equal(ipv6, node.ipv6)) continue;
    if ((node.info & GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK) !== GNRC_IPV6_NIB_NC_INFO_NUD_STATE_UNMANAGED) {
      _nib_nc_set_reachable(node);
    }
    break;
  }
  yield* _nib_release();
}

/**
 * The next neighbour on `iface`, 0: on any; into `nce`.
 * @param state  where the iteration is; begins with entry null
 * @returns false at the end
 */
export function* gnrc_ipv6_nib_nc_iter(
  iface: kernel_pid_t, state: nib_iter_t<_nib_onl_entry_t>, nce: gnrc_ipv6_nib_nc_t,
): Blocking<boolean> {
  yield* _nib_acquire();
  let node = _nib_onl_iter(state.entry);
  while (node !== null && ((node.mode & _NC) === 0 || (iface !== 0 && _nib_onl_get_if(node) !== iface))) {
    node = _nib_onl_iter(node);
  }
  if (node !== null) _nib_nc_get(node, nce);
  state.entry = node;
  yield* _nib_release();
  return node !== null;
}

/** Prints a neighbour. */
export function gnrc_ipv6_nib_nc_print(nce: gnrc_ipv6_nib_nc_t): void {
  const { arsm, six_lr } = nib_conf();
  const iface = gnrc_ipv6_nib_nc_get_iface(nce);
  let line = `${ipv6_addr_to_str(nce.ipv6)} `;
  if (iface !== KERNEL_PID_UNDEF) line += `dev #${iface} `;
  line += `lladdr ${l2util_addr_to_str(nce.l2addr.subarray(0, nce.l2addr_len))} `;
  if (gnrc_ipv6_nib_nc_is_router(nce)) line += 'router';
  if (arsm) line += ` ${NUD_NAMES[gnrc_ipv6_nib_nc_get_nud_state(nce)]}`;
  if (six_lr) line += ` ${AR_NAMES[gnrc_ipv6_nib_nc_get_ar_state(nce) >> GNRC_IPV6_NIB_NC_INFO_AR_STATE_POS]}`;
  puts(line);
}
