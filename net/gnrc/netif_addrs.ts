// The addresses and groups of an interface from any thread: by the interface's own (RIOT sys/include/net/gnrc/netif.h,
// net/gnrc/netif/hdr.h).
import type { Blocking } from '../../kernel/blocking.ts';
import { assert } from '../../kernel/panic.ts';
import { NETOPT_IPV6_ADDR, NETOPT_IPV6_ADDR_REMOVE, NETOPT_IPV6_GROUP, NETOPT_IPV6_GROUP_LEAVE } from '../netopt.ts';
import { IPV6_ADDR_LEN } from '../wire/addr.ts';
import { gnrc_netapi_get, gnrc_netapi_set } from './netapi.ts';
import { gnrc_netif_ipv6_iid_from_addr } from './netif_device_type.ts';
import { gnrc_netif_hdr_get_dst_addr, gnrc_netif_hdr_get_src_addr, type gnrc_netif_hdr_t } from './netif_hdr.ts';
import type { gnrc_netif_t } from './netif_t.ts';

const NETIF_H = 'sys/include/net/gnrc/netif.h';
const ADDRS_TOO_SHORT = `${NETIF_H}:492`;
const BAD_PREFIX_LENGTH = `${NETIF_H}:523`;
const GROUPS_TOO_SHORT = `${NETIF_H}:577`;

/**
 * The addresses of an interface.
 * @param addrs takes `max_len` bytes, at least 16: asserted
 * @returns 16 bytes for each that it has room for
 */
export function gnrc_netif_ipv6_addrs_get(netif: gnrc_netif_t, addrs: Uint8Array, max_len: number): Blocking<number> {
  assert(max_len >= IPV6_ADDR_LEN, ADDRS_TOO_SHORT);
  return gnrc_netapi_get(netif.pid, NETOPT_IPV6_ADDR, 0, addrs, max_len);
}

/**
 * Adds an address, valid at once.
 * @param pfx_len 1 to 128: asserted
 * @param flags GNRC_NETIF_IPV6_ADDRS_FLAGS_*; the state is not looked at
 * @returns 16; -ENOMEM when a table is full
 */
export function gnrc_netif_ipv6_addr_add(
  netif: gnrc_netif_t, addr: Uint8Array, pfx_len: number, flags: number,
): Blocking<number> {
  assert(pfx_len > 0 && pfx_len <= 128, BAD_PREFIX_LENGTH);
  return gnrc_netapi_set(netif.pid, NETOPT_IPV6_ADDR, (pfx_len << 8) | flags, addr, IPV6_ADDR_LEN);
}

/** Removes an address, also one that is not there: 16. */
export function gnrc_netif_ipv6_addr_remove(netif: gnrc_netif_t, addr: Uint8Array): Blocking<number> {
  return gnrc_netapi_set(netif.pid, NETOPT_IPV6_ADDR_REMOVE, 0, addr, IPV6_ADDR_LEN);
}

/** The groups of an interface; see gnrc_netif_ipv6_addrs_get(). */
export function gnrc_netif_ipv6_groups_get(
  netif: gnrc_netif_t, groups: Uint8Array, max_len: number,
): Blocking<number> {
  assert(max_len >= IPV6_ADDR_LEN, GROUPS_TOO_SHORT);
  return gnrc_netapi_get(netif.pid, NETOPT_IPV6_GROUP, 0, groups, max_len);
}

/** Joins a group: 16; -ENOMEM when the table is full. */
export function gnrc_netif_ipv6_group_join(netif: gnrc_netif_t, group: Uint8Array): Blocking<number> {
  return gnrc_netapi_set(netif.pid, NETOPT_IPV6_GROUP, 0, group, IPV6_ADDR_LEN);
}

/** Leaves a group, also one that was not joined: 16. */
export function gnrc_netif_ipv6_group_leave(netif: gnrc_netif_t, group: Uint8Array): Blocking<number> {
  return gnrc_netapi_set(netif.pid, NETOPT_IPV6_GROUP_LEAVE, 0, group, IPV6_ADDR_LEN);
}

/** The interface identifier of a header's source; see gnrc_netif_ipv6_iid_from_addr(). */
export function gnrc_netif_hdr_ipv6_iid_from_src(
  netif: gnrc_netif_t, hdr: gnrc_netif_hdr_t, iid: Uint8Array,
): number {
  return gnrc_netif_ipv6_iid_from_addr(netif, gnrc_netif_hdr_get_src_addr(hdr), hdr.src_l2addr_len, iid);
}

/** The interface identifier of a header's destination; see gnrc_netif_ipv6_iid_from_addr(). */
export function gnrc_netif_hdr_ipv6_iid_from_dst(
  netif: gnrc_netif_t, hdr: gnrc_netif_hdr_t, iid: Uint8Array,
): number {
  return gnrc_netif_ipv6_iid_from_addr(netif, gnrc_netif_hdr_get_dst_addr(hdr), hdr.dst_l2addr_len, iid);
}
