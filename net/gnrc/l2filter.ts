// The list of link layer addresses whose frames an interface takes, or does not take (RIOT sys/include/net/l2filter.h):
// module l2filter_whitelist or l2filter_blacklist, which l2filter is by default.
import { current } from '../../kernel/current.ts';
import { EINVAL, ENOENT, ENOMEM } from '../../kernel/errno.ts';
import { assert } from '../../kernel/panic.ts';
import type { l2filter_t } from '../netdev.ts';

export type { l2filter_t };

/** CONFIG_L2FILTER_ADDR_MAXLEN and CONFIG_L2FILTER_LISTSIZE. */
export const L2FILTER_ADDR_MAXLEN = 8;
export const L2FILTER_LISTSIZE = 8;

const L2FILTER_C = 'sys/net/link_layer/l2filter/l2filter.c';
const ADD_TOO_LONG = `${L2FILTER_C}:49`;
const RM_TOO_LONG = `${L2FILTER_C}:69`;

/** An empty list. */
export function l2filter_init(): l2filter_t[] {
  return Array.from({ length: L2FILTER_LISTSIZE }, () => ({ addr: new Uint8Array(L2FILTER_ADDR_MAXLEN), addr_len: 0 }));
}

function matches(entry: l2filter_t, addr: Uint8Array, addr_len: number): boolean {
  if (entry.addr_len !== addr_len) return false;
  for (let i = 0; i < addr_len; i++) if (entry.addr[i] !== addr[i]) return false;
  return true;
}

/** Adds an address, also one that is there already: 0, or -ENOMEM when the list is full. */
export function l2filter_add(list: readonly l2filter_t[], addr: Uint8Array, addr_len: number): number {
  if (addr_len > L2FILTER_ADDR_MAXLEN) {
    assert(false, ADD_TOO_LONG);
    return -EINVAL;
  }
  for (const entry of list) {
    if (entry.addr_len !== 0) continue;
    entry.addr_len = addr_len;
    entry.addr.set(addr.subarray(0, addr_len));
    return 0;
  }
  return -ENOMEM;
}

/** Removes an address: 0, or -ENOENT when it is not there. */
export function l2filter_rm(list: readonly l2filter_t[], addr: Uint8Array, addr_len: number): number {
  assert(addr_len <= L2FILTER_ADDR_MAXLEN, RM_TOO_LONG);
  for (const entry of list) {
    if (!matches(entry, addr, addr_len)) continue;
    entry.addr_len = 0;
    return 0;
  }
  return -ENOENT;
}

/** Whether frames of this source go up. */
export function l2filter_pass(list: readonly l2filter_t[], addr: Uint8Array, addr_len: number): boolean {
  const listed = list.some((entry) => matches(entry, addr, addr_len));
  return current().modules.has('l2filter_whitelist') ? listed : !listed;
}
