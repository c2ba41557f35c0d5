// Module gnrc_netif_bus: interfaces tell threads what happens to them (RIOT sys/include/net/gnrc/netif.h).
import type { Blocking } from '../../kernel/blocking.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { msg_receive } from '../../kernel/msg.ts';
import { msg_bus_attach, msg_bus_detach, msg_bus_entry_t, msg_bus_post, msg_bus_subscribe, type msg_bus_t,
  msg_is_from_bus } from '../../kernel/msg_bus.ts';
import { assert } from '../../kernel/panic.ts';
import { ZTIMER_MSEC, ztimer_msg_receive_timeout, ztimer_remove, ztimer_set, ztimer_t } from '../../kernel/ztimer.ts';
import { ipv6_addr_is_global, ipv6_addr_is_link_local, ipv6_addr_is_unspecified } from '../wire/addr.ts';
import { gnrc_netif_iter, type gnrc_netif_t } from './netif_t.ts';

/** Buses of an interface, gnrc_netif_bus_t: the events of its IPv6 component. */
export const GNRC_NETIF_BUS_IPV6 = 0;
/** Event: an address has become valid. The message's content.ptr is the entry of the address table. */
export const GNRC_IPV6_EVENT_ADDR_VALID = 0;

/** Without end, ms. */
const FOR_EVER = 0xffffffff;
const NO_BUS = 'sys/include/net/gnrc/netif.h:751';

/** A bus of an interface; there is one with module gnrc_netif_bus only. @param type GNRC_NETIF_BUS_IPV6 */
export function gnrc_netif_get_bus(netif: gnrc_netif_t, type: number): msg_bus_t {
  const { bus } = netif;
  assert(type === GNRC_NETIF_BUS_IPV6 && bus !== null, NO_BUS);
  return bus;
}

/** Posts an event to the interface's bus; without module gnrc_netif_bus nothing happens. */
export function* gnrc_netif_ipv6_bus_post(netif: gnrc_netif_t, type: number, ctx: unknown): Blocking<void> {
  if (netif.bus !== null) yield* msg_bus_post(netif.bus, type, ctx);
}

function hasGlobalAddr(netif: gnrc_netif_t): boolean {
  return netif.ipv6.addrs.some((addr) => !ipv6_addr_is_unspecified(addr) && !ipv6_addr_is_link_local(addr));
}

/**
 * Waits until an interface has a valid global address. Messages that the thread gets meanwhile are lost.
 * @param netif null: any interface
 * @param timeout_ms ms; 0xffffffff is for ever. Each message that is none of this begins it anew, but at the next one
 *   after it the wait is over
 * @returns whether there is such an address; at once if there is one that is not link-local, valid or not
 */
export function* gnrc_netif_ipv6_wait_for_global_address(
  netif: gnrc_netif_t | null, timeout_ms: number,
): Blocking<boolean> {
  const netifs = netif === null ? allNetifs() : [netif];
  if (gnrc_netif_iter(null) === null) return false;
  if (netifs.some(hasGlobalAddr)) return true;
  const subs = netifs.map((one) => {
    const entry = new msg_bus_entry_t();
    const bus = gnrc_netif_get_bus(one, GNRC_NETIF_BUS_IPV6);
    msg_bus_attach(bus, entry);
    msg_bus_subscribe(entry, GNRC_IPV6_EVENT_ADDR_VALID);
    return { bus, entry };
  });
  const found = yield* waitForGlobal(subs.map(({ bus }) => bus), timeout_ms);
  for (const { bus, entry } of subs) msg_bus_detach(bus, entry);
  return found;
}

function allNetifs(): gnrc_netif_t[] {
  const all: gnrc_netif_t[] = [];
  for (let netif = gnrc_netif_iter(null); netif !== null; netif = gnrc_netif_iter(netif)) all.push(netif);
  return all;
}

function* waitForGlobal(buses: readonly msg_bus_t[], timeout_ms: number): Blocking<boolean> {
  let over = false;
  const msg = new msg_t();
  const timer = new ztimer_t(() => {
    over = true;
    return undefined;
  }, null);
  if (timeout_ms !== FOR_EVER) ztimer_set(ZTIMER_MSEC, timer, timeout_ms);
  let found = false;
  while (!found && !over) {
    if (timeout_ms === FOR_EVER) yield* msg_receive(msg);
    else if ((yield* ztimer_msg_receive_timeout(ZTIMER_MSEC, msg, timeout_ms)) < 0) break;
    found = buses.some((bus) => msg_is_from_bus(bus, msg)) && ipv6_addr_is_global(msg.content.ptr as Uint8Array);
  }
  ztimer_remove(ZTIMER_MSEC, timer);
  return found;
}
