// The addresses and groups of an interface, and which is the source of a packet (RIOT sys/net/gnrc/netif/gnrc_netif.c).
//
// What only reads the table takes no lock: it cannot be interrupted half-way. RIOT would wait there while another
// thread holds the interface.
import type { Blocking } from '../../kernel/blocking.ts';
import { ENODEV, ENOMEM, ENOTSUP } from '../../kernel/errno.ts';
import { msg_send, msg_t } from '../../kernel/msg.ts';
import { assert } from '../../kernel/panic.ts';
import { puts } from '../../kernel/stdio.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import { NETOPT_IPV6_IID, NETOPT_L2_GROUP, NETOPT_L2_GROUP_LEAVE, type netopt_t } from '../netopt.ts';
import { EUI64_LEN, IPV6_ADDR_LEN, IPV6_ADDR_MCAST_SCP_GLOBAL, IPV6_ADDR_MCAST_SCP_LINK_LOCAL,
  IPV6_ADDR_MCAST_SCP_SITE_LOCAL, ipv6_addr_equal, ipv6_addr_init_prefix, ipv6_addr_is_link_local,
  ipv6_addr_is_loopback, ipv6_addr_is_multicast, ipv6_addr_is_site_local, ipv6_addr_is_unspecified,
  ipv6_addr_match_prefix, ipv6_addr_set_solicited_nodes, ipv6_addr_to_str } from '../wire/addr.ts';
import { gnrc_netapi_get } from './netapi.ts';
import { GNRC_IPV6_EVENT_ADDR_VALID, gnrc_netif_ipv6_bus_post } from './netif_bus.ts';
import { gnrc_netif_ipv6_group_to_l2_group } from './netif_device_type.ts';
import { GNRC_IPV6_NIB_DAD, gnrc_ipv6_pid, gnrc_netif_nib, type gnrc_netif_nib_t } from './netif_nib.ts';
import { GNRC_NETIF_L2ADDR_MAXLEN, gnrc_netif_acquire, gnrc_netif_is_6ln, gnrc_netif_iter, gnrc_netif_release,
  type gnrc_netif_t } from './netif_t.ts';
import { nib_conf } from './nib_conf.ts';
import { gnrc_sixlowpan_ctx_update_6ctx } from './sixlowpan_ctx.ts';

/** Flags of an address (RIOT sys/include/net/gnrc/netif/ipv6.h). */
export const GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK = 0x1f;
/** The low bits count the DAD transmissions. */
export const GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE = 0x07;
export const GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_DEPRECATED = 0x08;
export const GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID = 0x10;
export const GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST = 0x20;

/** A lifetime without end, ms. */
const FOR_EVER = 0xffffffff;
const NOT_UNICAST = 'sys/net/gnrc/netif/gnrc_netif.c:631';
const BAD_PREFIX_LENGTH = 'sys/net/gnrc/netif/gnrc_netif.c:633';

/** The state of an address: GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_*. */
export function gnrc_netif_ipv6_addr_get_state(netif: gnrc_netif_t, idx: number): number {
  return netif.ipv6.addrs_flags[idx]! & GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK;
}

/** Transmissions of duplicate address detection so far: 0 when the address is not tentative. */
export function gnrc_netif_ipv6_addr_dad_trans(netif: gnrc_netif_t, idx: number): number {
  return netif.ipv6.addrs_flags[idx]! & GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE;
}

function find(list: readonly Uint8Array[], addr: Uint8Array): number {
  if (ipv6_addr_is_unspecified(addr)) return -1;
  for (let i = 0; i < list.length; i++) if (ipv6_addr_equal(list[i]!, addr)) return i;
  return -1;
}

/** The index of an address of this interface, or -1. */
export function gnrc_netif_ipv6_addr_idx(netif: gnrc_netif_t, addr: Uint8Array): number {
  return find(netif.ipv6.addrs, addr);
}

/** The index of a group of this interface, or -1. */
export function gnrc_netif_ipv6_group_idx(netif: gnrc_netif_t, addr: Uint8Array): number {
  return find(netif.ipv6.groups, addr);
}

/** The index of the address that has the most leading bits in common with `addr`; -1 when none has any. */
export function gnrc_netif_ipv6_addr_match(netif: gnrc_netif_t, addr: Uint8Array): number {
  const { addrs, addrs_flags } = netif.ipv6;
  let idx = -1;
  let best = 0;
  for (let i = 0; i < addrs.length; i++) {
    if (addrs_flags[i] === 0) continue;
    const match = ipv6_addr_match_prefix(addrs[i]!, addr);
    if (match > best) {
      idx = i;
      best = match;
    }
  }
  return idx;
}

/** The interface that has this address or group, or null. */
export function gnrc_netif_get_by_ipv6_addr(addr: Uint8Array): gnrc_netif_t | null {
  let netif = gnrc_netif_iter(null);
  while (netif !== null && gnrc_netif_ipv6_addr_idx(netif, addr) < 0 && gnrc_netif_ipv6_group_idx(netif, addr) < 0) {
    netif = gnrc_netif_iter(netif);
  }
  return netif;
}

/** The interface with the address that matches `prefix` best, or null when none matches a bit. */
export function gnrc_netif_get_by_prefix(prefix: Uint8Array): gnrc_netif_t | null {
  let best: gnrc_netif_t | null = null;
  let bestMatch = 0;
  for (let netif = gnrc_netif_iter(null); netif !== null; netif = gnrc_netif_iter(netif)) {
    const idx = gnrc_netif_ipv6_addr_match(netif, prefix);
    const match = idx < 0 ? 0 : ipv6_addr_match_prefix(netif.ipv6.addrs[idx]!, prefix);
    if (match > bestMatch) {
      bestMatch = match;
      best = netif;
    }
  }
  return best;
}

/**
 * Adds an address to an interface.
 * @param pfx_len 1 to 128
 * @param flags state and anycast; a tentative address starts with its first DAD transmission
 * @returns its index, also when it was there already; -ENOMEM when the table of addresses, or of groups, is full
 */
export function* gnrc_netif_ipv6_addr_add_internal(
  netif: gnrc_netif_t, addr: Uint8Array, pfx_len: number, flags: number,
): Blocking<number> {
  assert(!ipv6_addr_is_multicast(addr) && !ipv6_addr_is_unspecified(addr) && !ipv6_addr_is_loopback(addr), NOT_UNICAST);
  assert(pfx_len > 0 && pfx_len <= 128, BAD_PREFIX_LENGTH);
  yield* gnrc_netif_acquire(netif);
  const idx = yield* addAddress(netif, addr, pfx_len, flags);
  yield* gnrc_netif_release(netif);
  return idx;
}

function* addAddress(netif: gnrc_netif_t, addr: Uint8Array, pfx_len: number, flags: number): Blocking<number> {
  const { addrs, addrs_flags } = netif.ipv6;
  const nib = gnrc_netif_nib();
  const known = gnrc_netif_ipv6_addr_idx(netif, addr);
  if (known >= 0) return known;
  const idx = addrs_flags.indexOf(0);
  if (idx < 0) return tableFull(netif, 'CONFIG_GNRC_NETIF_IPV6_ADDRS_NUMOF', addrs.length);
  if (nib !== null && nib.arsm) {
    const group = new Uint8Array(IPV6_ADDR_LEN);
    ipv6_addr_set_solicited_nodes(group, addr);
    const res = yield* gnrc_netif_ipv6_group_join_internal(netif, group);
    if (res < 0) return res;
  } else if (!gnrc_netif_is_6ln(netif)) {
    puts('Address-resolution state-machine not activated. Neighbors ' +
      `from interface ${netif.pid}\nwill not be able to resolve address ${ipv6_addr_to_str(addr)}\n` +
      '    Use CONFIG_GNRC_IPV6_NIB_ARSM=1 to activate.');
  }
  const tentative = (flags & GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK) === GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE;
  addrs_flags[idx] = tentative ? (flags & ~GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE) | 1 : flags;
  addrs[idx]!.set(addr);
  if (nib === null) return idx;
  if (gnrc_netif_ipv6_addr_get_state(netif, idx) === GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID) {
    yield* listPrefix(netif, nib, addr, pfx_len);
    yield* gnrc_netif_ipv6_bus_post(netif, GNRC_IPV6_EVENT_ADDR_VALID, addrs[idx]!);
  } else if (nib.slaac && !gnrc_netif_is_6ln(netif)) {
    const msg = new msg_t();
    msg.type = GNRC_IPV6_NIB_DAD;
    msg.content.ptr = addrs[idx];
    yield* msg_send(msg, gnrc_ipv6_pid());
  }
  return idx;
}

/** The prefix of a valid address is one of the prefix list, for ever if it is not there yet. */
function* listPrefix(netif: gnrc_netif_t, nib: gnrc_netif_nib_t, addr: Uint8Array, pfx_len: number): Blocking<void> {
  for (const prefix of nib.pl_prefixes(netif.pid)) {
    if (ipv6_addr_match_prefix(prefix.pfx, addr) >= pfx_len) return;
  }
  yield* nib.pl_set(netif.pid, addr, pfx_len, FOR_EVER, FOR_EVER);
}

function tableFull(netif: gnrc_netif_t, name: string, limit: number): number {
  if (tracing()) trace({ layer: 'netif', type: 'gauge', name, used: limit, peak: limit, limit });
  return -ENOMEM;
}

/** Removes an address, and its solicited-nodes group when no other address has the same. */
export function* gnrc_netif_ipv6_addr_remove_internal(netif: gnrc_netif_t, addr: Uint8Array): Blocking<void> {
  const { addrs, addrs_flags } = netif.ipv6;
  const group = new Uint8Array(IPV6_ADDR_LEN);
  const other = new Uint8Array(IPV6_ADDR_LEN);
  let leave = true;
  ipv6_addr_set_solicited_nodes(group, addr);
  yield* gnrc_netif_acquire(netif);
  for (let i = 0; i < addrs.length; i++) {
    if (ipv6_addr_equal(addrs[i]!, addr)) {
      addrs_flags[i] = 0;
      addrs[i]!.fill(0);
    } else {
      ipv6_addr_set_solicited_nodes(other, addrs[i]!);
      if (ipv6_addr_equal(other, group)) leave = false;
    }
  }
  if (leave) yield* gnrc_netif_ipv6_group_leave_internal(netif, group);
  yield* gnrc_netif_release(netif);
}

/** Sets an option of the interface in its own thread or one that holds it. */
function setOpt(netif: gnrc_netif_t, opt: netopt_t, data: Uint8Array, data_len: number): Blocking<number> {
  return netif.ops!.set(netif, { opt, context: 0, data, data_len });
}

/**
 * Joins a multicast group, and the group of the link layer that belongs to it; without any, groups are broadcast.
 * @returns its index, also when it was joined already; -ENOMEM when the table is full; what the device answers that
 *   does not take the group of the link layer
 */
export function* gnrc_netif_ipv6_group_join_internal(netif: gnrc_netif_t, addr: Uint8Array): Blocking<number> {
  const { groups } = netif.ipv6;
  const l2 = new Uint8Array(GNRC_NETIF_L2ADDR_MAXLEN);
  const l2_len = gnrc_netif_ipv6_group_to_l2_group(netif, addr, l2);
  yield* gnrc_netif_acquire(netif);
  const taken = l2_len > 0 ? yield* setOpt(netif, NETOPT_L2_GROUP, l2, l2_len) : -ENOTSUP;
  let idx = taken < 0 && taken !== -ENOTSUP ? taken : gnrc_netif_ipv6_group_idx(netif, addr);
  if (idx === -1) {
    idx = groups.findIndex(ipv6_addr_is_unspecified);
    if (idx >= 0) groups[idx]!.set(addr);
    else idx = tableFull(netif, 'GNRC_NETIF_IPV6_GROUPS_NUMOF', groups.length);
  }
  yield* gnrc_netif_release(netif);
  return idx;
}

/**
 * Leaves a multicast group, and that of the link layer with the last group that it belongs to; one that was not
 * joined is no error.
 */
export function* gnrc_netif_ipv6_group_leave_internal(netif: gnrc_netif_t, addr: Uint8Array): Blocking<void> {
  const { groups } = netif.ipv6;
  const l2 = new Uint8Array(GNRC_NETIF_L2ADDR_MAXLEN);
  const l2_len = gnrc_netif_ipv6_group_to_l2_group(netif, addr, l2);
  yield* gnrc_netif_acquire(netif);
  const idx = gnrc_netif_ipv6_group_idx(netif, addr);
  if (idx >= 0) {
    if (l2_len > 0 && countL2(netif, l2, l2_len) === 1) yield* setOpt(netif, NETOPT_L2_GROUP_LEAVE, l2, l2_len);
    groups[idx]!.fill(0);
  }
  yield* gnrc_netif_release(netif);
}

/** How many of the groups belong to this group of the link layer. */
function countL2(netif: gnrc_netif_t, l2: Uint8Array, l2_len: number): number {
  const other = new Uint8Array(GNRC_NETIF_L2ADDR_MAXLEN);
  let count = 0;
  for (const group of netif.ipv6.groups) {
    if (ipv6_addr_is_unspecified(group) || gnrc_netif_ipv6_group_to_l2_group(netif, group, other) !== l2_len) continue;
    if (l2.every((byte, i) => i >= l2_len || byte === other[i])) count++;
  }
  return count;
}

function scopeOf(addr: Uint8Array): number {
  if (ipv6_addr_is_multicast(addr)) return addr[1]! & 0x0f;
  if (ipv6_addr_is_link_local(addr)) return IPV6_ADDR_MCAST_SCP_LINK_LOCAL;
  if (ipv6_addr_is_site_local(addr)) return IPV6_ADDR_MCAST_SCP_SITE_LOCAL;
  return IPV6_ADDR_MCAST_SCP_GLOBAL;
}

/** Points for the scope of a candidate (RFC 6724 §5, rule 2 as RIOT counts it), and one if it is not deprecated. */
function pointsOf(netif: gnrc_netif_t, idx: number, dstScope: number): number {
  const scope = scopeOf(netif.ipv6.addrs[idx]!);
  let points = scope;
  if (scope === dstScope) points = dstScope + IPV6_ADDR_MCAST_SCP_GLOBAL + 1;
  else if (scope > dstScope) points = dstScope + IPV6_ADDR_MCAST_SCP_GLOBAL + 1 - scope;
  const deprecated = gnrc_netif_ipv6_addr_get_state(netif, idx) === GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_DEPRECATED;
  return deprecated ? points : points + 1;
}

/** A match counts no further than the prefix that the source address was made with (RFC 6724 §2.2). */
function capMatch(netif: gnrc_netif_t, src: Uint8Array, match: number): number {
  let best = 0;
  if (ipv6_addr_is_link_local(src)) {
    best = 64;
  } else {
    for (const prefix of gnrc_netif_nib()?.pl_prefixes(netif.pid) ?? []) {
      if (ipv6_addr_match_prefix(prefix.pfx, src) > best) best = prefix.pfx_len;
    }
  }
  return best > 0 && best < match ? best : match;
}

function isCandidate(netif: gnrc_netif_t, idx: number, ll_only: boolean): boolean {
  if (netif.ipv6.addrs_flags[idx] === 0 || gnrc_netif_ipv6_addr_dad_trans(netif, idx) !== 0) return false;
  return !ll_only || ipv6_addr_is_link_local(netif.ipv6.addrs[idx]!);
}

/**
 * Chooses the source address for a destination (RFC 6724 §5, rules 1, 2, 3 and 8).
 * @param ll_only only a link-local address will do
 * @returns the entry of the address table itself, or null when no address may be used
 */
export function gnrc_netif_ipv6_addr_best_src(
  netif: gnrc_netif_t, dst: Uint8Array, ll_only: boolean,
): Uint8Array | null {
  const { addrs } = netif.ipv6;
  const dstScope = scopeOf(dst);
  let idx = -1;
  let maxPoints = 0;
  let candidates = 0;
  for (let i = 0; i < addrs.length; i++) {
    if (!isCandidate(netif, i, ll_only)) continue;
    if (ipv6_addr_equal(addrs[i]!, dst)) return addrs[i]!;
    candidates++;
    const points = pointsOf(netif, i, dstScope);
    if (points > maxPoints) {
      maxPoints = points;
      idx = i;
    }
  }
  if (candidates > 1) idx = longestMatch(netif, dst, ll_only, dstScope, maxPoints, idx);
  return idx < 0 ? null : addrs[idx]!;
}

/** Rule 8: of the candidates with the most points the one that matches best, else `idx`. */
function longestMatch(
  netif: gnrc_netif_t, dst: Uint8Array, ll_only: boolean, dstScope: number, maxPoints: number, idx: number,
): number {
  const { addrs } = netif.ipv6;
  let best = 0;
  for (let i = 0; i < addrs.length; i++) {
    if (!isCandidate(netif, i, ll_only) || pointsOf(netif, i, dstScope) !== maxPoints) continue;
    const match = capMatch(netif, addrs[i]!, ipv6_addr_match_prefix(addrs[i]!, dst));
    if (match > best) {
      idx = i;
      best = match;
    }
  }
  return idx;
}

/**
 * Configures a prefix: a valid address with the interface identifier, and an entry of the prefix list. A 6LoWPAN border
 * router gives it a compression context too, and is the authority for both from then on.
 * @param valid @param pref lifetimes in s; 0xffffffff is for ever
 * @returns the address's index; -ENODEV when the interface has no identifier; -ENOMEM when a table is full
 */
export function* gnrc_netif_ipv6_add_prefix(
  netif: gnrc_netif_t, pfx: Uint8Array, pfx_len: number, valid: number, pref: number,
): Blocking<number> {
  const iid = new Uint8Array(EUI64_LEN);
  if ((yield* gnrc_netapi_get(netif.pid, NETOPT_IPV6_IID, 0, iid, EUI64_LEN)) < 0) {
    puts(`gnrc_netif: cannot get IID of netif ${netif.pid}`);
    return -ENODEV;
  }
  const addr = new Uint8Array(IPV6_ADDR_LEN);
  addr.set(iid, 8);
  ipv6_addr_init_prefix(addr, pfx, pfx_len);
  const res = yield* gnrc_netif_ipv6_addr_add_internal(netif, addr, pfx_len, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID);
  if (res < 0) return res;
  const nib = gnrc_netif_nib();
  if (nib === null) return res;
  yield* nib.pl_set(netif.pid, pfx, pfx_len, toMs(valid), toMs(pref));
  const { six_lbr, multihop_p6c } = nib_conf();
  if (six_lbr && multihop_p6c && gnrc_netif_is_6ln(netif)) {
    if (net_config().CONFIG_GNRC_NETIF_IPV6_BR_AUTO_6CTX !== 0) {
      gnrc_sixlowpan_ctx_update_6ctx(pfx, pfx_len, toMs(valid));
    }
    if (nib.abr_add !== undefined) yield* nib.abr_add(addr);
  }
  return res;
}

/** Seconds to ms; the largest number is for ever, the one below it the longest time. */
function toMs(seconds: number): number {
  return seconds >= FOR_EVER ? FOR_EVER : Math.min(seconds * 1000, FOR_EVER - 1);
}
