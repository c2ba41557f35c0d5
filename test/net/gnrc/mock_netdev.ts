// Network devices that a test plays: they take every frame at once, and hand up what the test gives them
// (as RIOT drivers/netdev_test).
import type { Blocking } from '../../../kernel/blocking.ts';
import { ENOTSUP } from '../../../kernel/errno.ts';
import { netdev_ieee802154_get, netdev_ieee802154_reset, netdev_ieee802154_set, netdev_ieee802154_setup,
  netdev_ieee802154_t } from '../../../net/gnrc/netdev_ieee802154.ts';
import { NETDEV_EVENT_LINK_UP, NETDEV_EVENT_RX_COMPLETE, NETDEV_TYPE_ETHERNET, NETDEV_TYPE_TEST, type netdev_part_t,
  type netdev_rx_info_t, type netdev_t } from '../../../net/netdev.ts';
import { NETOPT_ADDRESS, NETOPT_DEVICE_TYPE, NETOPT_L2_GROUP, NETOPT_L2_GROUP_LEAVE, NETOPT_MAX_PDU_SIZE,
  netopt_put_u16, type netopt_t } from '../../../net/netopt.ts';

/** A device of type TEST: it has a size of frames and nothing else. */
export class MockNetdev implements netdev_t {
  readonly name: string;
  isr_callback: () => undefined = () => undefined;
  event_callback: (event: number) => undefined | Blocking<void> = () => undefined;
  /** Frames that were sent. */
  readonly sent: Uint8Array[] = [];
  private arrived: Uint8Array[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** A frame arrives; for an interrupt or a thread. */
  receive(frame: Uint8Array): void {
    this.arrived.push(frame);
    this.isr_callback();
  }

  *init(): Blocking<number> {
    const steps = this.event_callback(NETDEV_EVENT_LINK_UP);
    if (steps !== undefined) yield* steps;
    return 0;
  }

  send(header: Uint8Array, header_len: number, payload: netdev_part_t | null): number {
    const bytes = [...header.subarray(0, header_len)];
    for (let part = payload; part !== null; part = part.next) bytes.push(...part.data ?? []);
    this.sent.push(Uint8Array.from(bytes));
    return bytes.length;
  }

  confirm_send(): number {
    return -ENOTSUP;
  }

  recv_len(): number {
    return this.arrived[0]?.length ?? 0;
  }

  recv(buf: Uint8Array | null, len: number, info: netdev_rx_info_t): number {
    const frame = this.arrived.shift()!;
    if (buf !== null) buf.set(frame.subarray(0, len));
    info.rssi = -40;
    info.lqi = 99;
    return frame.length;
  }

  recv_done(): undefined {
    return undefined;
  }

  *isr(): Blocking<void> {
    while (this.arrived.length > 0) {
      const steps = this.event_callback(NETDEV_EVENT_RX_COMPLETE);
      if (steps !== undefined) yield* steps;
    }
  }

  get(opt: netopt_t, value: Uint8Array, _max_len: number): number {
    if (opt === NETOPT_DEVICE_TYPE) return netopt_put_u16(value, NETDEV_TYPE_TEST);
    return opt === NETOPT_MAX_PDU_SIZE ? netopt_put_u16(value, 1280) : -ENOTSUP;
  }

  set(_opt: netopt_t, _value: Uint8Array, _value_len: number): number {
    return -ENOTSUP;
  }
}

/** An Ethernet device that knows its address and the groups it listens to. */
export class MockEthernet extends MockNetdev {
  readonly addr: Uint8Array;
  groups: Uint8Array[] = [];
  /** What setting a group answers instead; 0: as it is. */
  refuses = 0;

  constructor(name: string, addr: Uint8Array) {
    super(name);
    this.addr = addr;
  }

  override get(opt: netopt_t, value: Uint8Array, max_len: number): number {
    switch (opt) {
      case NETOPT_DEVICE_TYPE: return netopt_put_u16(value, NETDEV_TYPE_ETHERNET);
      case NETOPT_MAX_PDU_SIZE: return netopt_put_u16(value, 1500);
      case NETOPT_ADDRESS:
        value.set(this.addr);
        return this.addr.length;
      case NETOPT_L2_GROUP:
        this.groups.forEach((group, i) => value.set(group, i * group.length));
        return this.groups.length * 6;
      default: return super.get(opt, value, max_len);
    }
  }

  override set(opt: netopt_t, value: Uint8Array, value_len: number): number {
    const same = (group: Uint8Array): boolean => group.every((byte, i) => byte === value[i]);
    switch (opt) {
      case NETOPT_ADDRESS:
        this.addr.set(value.subarray(0, value_len));
        return value_len;
      case NETOPT_L2_GROUP:
        if (this.refuses !== 0) return this.refuses;
        if (!this.groups.some(same)) this.groups.push(value.slice(0, value_len));
        return value_len;
      case NETOPT_L2_GROUP_LEAVE:
        this.groups = this.groups.filter((group) => !same(group));
        return value_len;
      default: return -ENOTSUP;
    }
  }
}

/** An IEEE 802.15.4 device. Make it in code that the board runs. */
export class MockIeee802154 extends MockNetdev {
  readonly dev = new netdev_ieee802154_t();
  private readonly eui64: Uint8Array;

  constructor(name: string, eui64: Uint8Array) {
    super(name);
    this.eui64 = eui64;
  }

  override *init(): Blocking<number> {
    netdev_ieee802154_setup(this.dev, this.eui64);
    netdev_ieee802154_reset(this.dev, 0);
    return yield* super.init();
  }

  override get(opt: netopt_t, value: Uint8Array, max_len: number): number {
    return netdev_ieee802154_get(this.dev, opt, value, max_len);
  }

  override set(opt: netopt_t, value: Uint8Array, value_len: number): number {
    return netdev_ieee802154_set(this.dev, opt, value, value_len);
  }
}
