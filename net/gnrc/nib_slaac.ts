// Addresses that an interface gives itself, and duplicate address detection on classic links (RFC 4862 §5.4, §5.5; RIOT
// sys/net/gnrc/network_layer/ipv6/nib/_nib-slaac.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { luid_get } from '../../kernel/luid.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { random_uint32_range } from '../../kernel/random.ts';
import { puts } from '../../kernel/stdio.ts';
import { net_config } from '../config.ts';
import { NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_SRC_LEN, netopt_get_u16 } from '../netopt.ts';
import { quirk } from '../quirks.ts';
import {
  EUI64_LEN, ipv6_addr_init_prefix, ipv6_addr_is_link_local, ipv6_addr_is_loopback, ipv6_addr_is_multicast,
  ipv6_addr_is_unspecified, ipv6_addr_link_local_prefix, ipv6_addr_set_solicited_nodes, ipv6_addr_unspecified,
} from '../wire/addr.ts';
import { drop } from './drop.ts';
import { gnrc_netapi_get, gnrc_netapi_set } from './netapi.ts';
import { GNRC_IPV6_EVENT_ADDR_VALID, gnrc_netif_ipv6_bus_post } from './netif_bus.ts';
import { gnrc_netif_ipv6_get_iid } from './netif_device_type.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE,
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID, gnrc_netif_get_by_ipv6_addr, gnrc_netif_ipv6_addr_add_internal,
  gnrc_netif_ipv6_addr_dad_trans, gnrc_netif_ipv6_addr_idx, gnrc_netif_ipv6_addr_remove_internal,
} from './netif_ipv6.ts';
import { GNRC_IPV6_NIB_DAD } from './netif_nib.ts';
import {
  GNRC_NETIF_FLAGS_HAS_L2ADDR, GNRC_NETIF_L2ADDR_MAXLEN, gnrc_netif_acquire, gnrc_netif_is_6lbr, gnrc_netif_is_6ln,
  gnrc_netif_release, type gnrc_netif_t,
} from './netif_t.ts';
import { _handle_rereg_address } from './nib_6ln.ts';
import { _snd_ns } from './nib_arsm.ts';
import { nib_conf } from './nib_conf.ts';
import {
  _evtimer_add, _evtimer_del, GNRC_IPV6_NIB_VALID_ADDR, IPV6_ADDR_BIT_LEN, nib_addr_timer, nib_iface,
} from './nib_t.ts';

const LINK_LOCAL_PREFIX_LEN = 64;

/** Sets the state of an address to VALID. */
function* validate(netif: gnrc_netif_t, idx: number): Blocking<void> {
  const { addrs, addrs_flags } = netif.ipv6;
  addrs_flags[idx] = (addrs_flags[idx]! & ~GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_MASK) |
    GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID;
  yield* gnrc_netif_ipv6_bus_post(netif, GNRC_IPV6_EVENT_ADDR_VALID, addrs[idx]!);
}

/** Whether an address can be added to an interface; RIOT asserts that. */
function isUsable(addr: Uint8Array, pfx_len: number): boolean {
  if (pfx_len > 0 && pfx_len <= IPV6_ADDR_BIT_LEN && !ipv6_addr_is_multicast(addr) &&
      !ipv6_addr_is_unspecified(addr) && !ipv6_addr_is_loopback(addr)) return true;
  undefined_on_riot(`an address is made of a prefix of ${pfx_len} bits that is none of unicast addresses`);
  return false;
}

/**
 * Gives the interface the address of a prefix and its identifier. A 6LN registers a new one with its router; on classic
 * links it is tentative until duplicate address detection is over.
 */
export function* _auto_configure_addr(netif: gnrc_netif_t, pfx: Uint8Array, pfx_len: number): Blocking<void> {
  if (!nib_conf().slaac && !gnrc_netif_is_6ln(netif)) {
    puts(`SLAAC not activated; will not auto-configure IPv6 address for interface ${netif.pid}.\n` +
      '    Use CONFIG_GNRC_IPV6_NIB_SLAAC=1 to activate.');
    return;
  }
  const addr = new Uint8Array(16);
  if ((netif.flags & GNRC_NETIF_FLAGS_HAS_L2ADDR) === 0 || gnrc_netif_ipv6_get_iid(netif, addr.subarray(8)) < 0) {
    return drop('nib', 'no-interface-identifier', 0);
  }
  ipv6_addr_init_prefix(addr, pfx, Math.min(pfx_len, IPV6_ADDR_BIT_LEN));
  let idx = gnrc_netif_ipv6_addr_idx(netif, addr);
  const known = idx >= 0;
  if (!known) {
    if (!isUsable(addr, pfx_len)) return;
    idx = yield* gnrc_netif_ipv6_addr_add_internal(
      netif, addr, pfx_len, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_TENTATIVE);
    if (idx < 0) return drop('nib', 'address-table-full', 0);
  }
  if (!gnrc_netif_is_6ln(netif)) return;
  // An address made from an EUI-64 is taken to be unique (RFC 6775 §5.2).
  if (ipv6_addr_is_link_local(pfx)) yield* validate(netif, idx);
  // Without a router RIOT searches one instead, at once.
  if (!known && !gnrc_netif_is_6lbr(netif)) yield* _handle_rereg_address(netif.ipv6.addrs[idx]!);
}

/** Sets the device's address to another one, made of the board's number; whether that worked. */
function* changeL2addr(netif: gnrc_netif_t): Blocking<boolean> {
  const data = new Uint8Array(2);
  if ((yield* gnrc_netapi_get(netif.pid, NETOPT_SRC_LEN, 0, data, 2)) < 0) return false;
  const length = netopt_get_u16(data);
  const l2addr = new Uint8Array(GNRC_NETIF_L2ADDR_MAXLEN);
  luid_get(l2addr, length);
  const opt = nib_conf().six_ln && length === EUI64_LEN ? NETOPT_ADDRESS_LONG : NETOPT_ADDRESS;
  return (yield* gnrc_netapi_set(netif.pid, opt, 0, l2addr.subarray(0, length), length)) >= 0;
}

function hasIid(addr: Uint8Array, iid: Uint8Array): boolean {
  return iid.every((byte, i) => addr[8 + i] === byte);
}

/** Tries another link-layer address: all addresses made of the old one go, and there is a new link-local one. */
function* reconfigure(netif: gnrc_netif_t): Blocking<void> {
  const old = new Uint8Array(EUI64_LEN);
  const hadIid = gnrc_netif_ipv6_get_iid(netif, old) > 0;
  // The interface's thread sets the option, and needs the interface for that.
  yield* gnrc_netif_release(netif);
  const changed = yield* changeL2addr(netif);
  yield* gnrc_netif_acquire(netif);
  if (!changed) return;
  for (const addr of hadIid ? netif.ipv6.addrs : []) {
    if (hasIid(addr, old)) yield* gnrc_netif_ipv6_addr_remove_internal(netif, addr.slice());
  }
  yield* _auto_configure_addr(netif, ipv6_addr_link_local_prefix, LINK_LOCAL_PREFIX_LEN);
}

/**
 * Another node has or wants the tentative address `addr` of an interface: it is removed. A link-local one is tried anew
 * with another link-layer address. The calling thread holds `netif` once.
 */
export function* _remove_tentative_addr(netif: gnrc_netif_t, addr: Uint8Array): Blocking<void> {
  drop('nib', 'duplicate-address', 0);
  yield* gnrc_netif_ipv6_addr_remove_internal(netif, addr);
  if (ipv6_addr_is_link_local(addr)) yield* reconfigure(netif);
}

/** The index of a tentative address of an interface, or -1. */
export function nib_tentative_idx(netif: gnrc_netif_t, addr: Uint8Array): number {
  const idx = gnrc_netif_ipv6_addr_idx(netif, addr);
  return idx >= 0 && gnrc_netif_ipv6_addr_dad_trans(netif, idx) !== 0 ? idx : -1;
}

/** Ends duplicate address detection of a tentative address without result. */
export function nib_cancel_dad(netif: gnrc_netif_t, idx: number): void {
  _evtimer_del(nib_addr_timer(netif, idx));
}

/** Begins duplicate address detection for a tentative address: asks for it, and waits for an answer. */
export function* _handle_dad(addr: Uint8Array): Blocking<void> {
  const netif = gnrc_netif_get_by_ipv6_addr(addr);
  if (netif === null) return;
  yield* gnrc_netif_acquire(netif);
  const idx = nib_tentative_idx(netif, addr);
  if (idx >= 0) {
    const own = netif.ipv6.addrs[idx]!;
    const group = new Uint8Array(16);
    ipv6_addr_set_solicited_nodes(group, addr);
    yield* _snd_ns(own, netif, ipv6_addr_unspecified, group);
    _evtimer_add(own, GNRC_IPV6_NIB_VALID_ADDR, nib_addr_timer(netif, idx), netif.ipv6.retrans_time);
  }
  yield* gnrc_netif_release(netif);
}

/** A new tentative address: _handle_dad(), after a delay where that is not RIOT's way. */
export function* nib_start_dad(addr: Uint8Array): Blocking<void> {
  const netif = gnrc_netif_get_by_ipv6_addr(addr);
  const idx = netif === null ? -1 : nib_tentative_idx(netif, addr);
  if (netif === null || idx < 0) return;
  const iface = nib_iface(netif);
  if (iface.solicited || quirk('nib-dad-no-delay')) return yield* _handle_dad(addr);
  iface.solicited = true;
  const delay = random_uint32_range(0, net_config().NDP_MAX_RS_MS_DELAY);
  _evtimer_add(netif.ipv6.addrs[idx]!, GNRC_IPV6_NIB_DAD, nib_addr_timer(netif, idx), delay);
}

/** Nobody has answered: a tentative address is valid. */
export function* _handle_valid_addr(addr: Uint8Array): Blocking<void> {
  const netif = gnrc_netif_get_by_ipv6_addr(addr);
  if (netif === null) return;
  yield* gnrc_netif_acquire(netif);
  const idx = nib_tentative_idx(netif, addr);
  if (idx >= 0) yield* validate(netif, idx);
  yield* gnrc_netif_release(netif);
}
