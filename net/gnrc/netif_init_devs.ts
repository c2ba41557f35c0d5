// Makes the interfaces of a board's devices (RIOT sys/net/gnrc/netif/init_devs).
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import type { ieee802154_dev_t, NetDevices } from '../netdev.ts';
import { netdev_at86rf2xx_t } from './netdev_at86rf2xx.ts';
import { netdev_ieee802154_submac_t } from './netdev_ieee802154_submac.ts';
import { netdev_tap_t } from './netdev_tap.ts';
import { GNRC_NETIF_PRIO } from './netif.ts';
import { gnrc_netif_ethernet_create } from './netif_ethernet.ts';
import { gnrc_netif_ieee802154_create, type Ieee802154Netdev } from './netif_ieee802154.ts';
import { gnrc_netif_t } from './netif_t.ts';

/** Least stack of the thread of an IEEE 802.15.4 interface, bytes. */
const STACKSIZE_MIN = 520;
/** What an interface's thread needs less than THREAD_STACKSIZE_DEFAULT, bytes. */
const STACKSIZE_LESS = 128;
/** The only driver of 802.15.4 radios that RIOT starts ahead of netdev_tap, besides at86rf2xx. */
const BEFORE_TAP = 'cc2538_rf';

/** Makes the interfaces of a board's devices, in RIOT's order of drivers (auto_init). */
export function* gnrc_netif_init_devs(devices: NetDevices): Blocking<void> {
  for (const device of devices.at86rf2xx ?? []) yield* initIeee802154(new netdev_at86rf2xx_t(device));
  for (const device of devices.ieee802154) {
    if (device.name === BEFORE_TAP) yield* initSubmac(device);
  }
  const size = current().stacks.THREAD_STACKSIZE_DEFAULT - STACKSIZE_LESS;
  for (const device of devices.tap ?? []) {
    const dev = new netdev_tap_t(device);
    yield* gnrc_netif_ethernet_create(new gnrc_netif_t(), { length: size }, size, GNRC_NETIF_PRIO, dev.name, dev);
  }
  for (const device of devices.ieee802154) {
    if (device.name !== BEFORE_TAP) yield* initSubmac(device);
  }
}

function initSubmac(device: ieee802154_dev_t): Blocking<void> {
  return initIeee802154(new netdev_ieee802154_submac_t(device));
}

function* initIeee802154(dev: Ieee802154Netdev): Blocking<void> {
  const size = Math.max(STACKSIZE_MIN, current().stacks.THREAD_STACKSIZE_DEFAULT - STACKSIZE_LESS);
  yield* gnrc_netif_ieee802154_create(new gnrc_netif_t(), { length: size }, size, GNRC_NETIF_PRIO, dev.name, dev);
}
