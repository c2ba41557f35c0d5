// The network device of native boards over a TAP device of the host (RIOT cpu/native/netdev_tap), with the options that
// all Ethernet devices have (drivers/netdev/eth.c). Sending is one system call; there is nothing to wait for.
import type { Blocking } from '../../kernel/blocking.ts';
import { EINVAL, ENOTSUP, EOPNOTSUPP } from '../../kernel/errno.ts';
import { assert } from '../../kernel/panic.ts';
import { NETDEV_EVENT_LINK_UP, NETDEV_EVENT_RX_COMPLETE, NETDEV_TYPE_ETHERNET, type netdev_part_t, type netdev_t,
  type tap_dev_t } from '../netdev.ts';
import { NETOPT_ADDRESS, NETOPT_ADDR_LEN, NETOPT_DEVICE_TYPE, NETOPT_ENUM_SIZE, NETOPT_IS_WIRED, NETOPT_MAX_PDU_SIZE,
  NETOPT_PROMISCUOUSMODE, NETOPT_SRC_LEN, netopt_put_u16, type netopt_t } from '../netopt.ts';
import { quirk } from '../quirks.ts';
import { ETHERNET_ADDR_LEN, ETHERNET_DATA_LEN, ETHERNET_FRAME_LEN, ethernet_addr_is_group } from '../wire/ethernet.ts';
import { drop } from './drop.ts';

const NEVER_ASKED = 'cpu/native/netdev_tap/netdev_tap.c:173';
const NO_ADDRESS = 'cpu/native/netdev_tap/netdev_tap.c:151';
const NO_SIZE = 'drivers/netdev/eth.c:56';
const NO_LENGTH = 'drivers/netdev/eth.c:48';

/** A device. Make it in code that the board runs. */
export class netdev_tap_t implements netdev_t {
  /** As auto_init_netdev_tap() names the thread. */
  readonly name = 'gnrc_netdev_tap';
  isr_callback: () => undefined = () => undefined;
  event_callback: (event: number) => undefined | Blocking<void> = () => undefined;

  private readonly hal: tap_dev_t;
  private readonly addr = new Uint8Array(ETHERNET_ADDR_LEN);
  private readonly nullbuf = new Uint8Array(ETHERNET_FRAME_LEN);
  private promiscuous = false;

  constructor(hal: tap_dev_t) {
    this.hal = hal;
    hal.readable = (): undefined => this.isr_callback();
  }

  *init(): Blocking<number> {
    this.addr.set(this.hal.eui48);
    const steps = this.event_callback(NETDEV_EVENT_LINK_UP);
    if (steps !== undefined) yield* steps;
    return 0;
  }

  send(header: Uint8Array, header_len: number, payload: netdev_part_t | null): number {
    let len = header_len;
    for (let part = payload; part !== null; part = part.next) len += part.size;
    const frame = new Uint8Array(len);
    for (let i = 0; i < header_len; i++) frame[i] = header[i]!;
    let at = header_len;
    for (let part = payload; part !== null; part = part.next) {
      if (part.data !== null) frame.set(part.data, at);
      at += part.size;
    }
    return this.hal.write(frame);
  }

  /** Never called: send() is synchronous. */
  confirm_send(): number {
    assert(false, NEVER_ASKED);
    return -EOPNOTSUPP;
  }

  /** The largest length there is: a TAP device does not tell that of the next frame. */
  recv_len(): number {
    return ETHERNET_FRAME_LEN;
  }

  /** A frame to another station is read, and 0. Null for a buffer reads and discards a frame. */
  recv(buf: Uint8Array | null, len: number): number {
    const { hal } = this;
    if (buf === null) {
      if (len > 0) {
        hal.read(this.nullbuf, ETHERNET_FRAME_LEN);
        this.continueReading();
      }
      return ETHERNET_FRAME_LEN;
    }
    const nread = hal.read(buf, len);
    if (nread <= 0) return -1;
    if (!this.promiscuous && !ethernet_addr_is_group(buf) && !this.isOwn(buf)) {
      drop('netdev', 'not-for-us', nread);
      if (hal.pending && !quirk('tap-foreign-frame')) this.continueReading();
      return 0;
    }
    this.continueReading();
    return nread;
  }

  recv_done(): undefined {
    return undefined;
  }

  *isr(): Blocking<void> {
    const steps = this.event_callback(NETDEV_EVENT_RX_COMPLETE);
    if (steps !== undefined) yield* steps;
  }

  get(opt: netopt_t, value: Uint8Array, max_len: number): number {
    switch (opt) {
      case NETOPT_ADDRESS:
        if (max_len < ETHERNET_ADDR_LEN) return -EINVAL;
        value.set(this.addr);
        return ETHERNET_ADDR_LEN;
      case NETOPT_PROMISCUOUSMODE:
        value[0] = this.promiscuous ? 1 : 0;
        return 1;
      case NETOPT_IS_WIRED:
        if (value.length > 0) value[0] = 1;
        return 1;
      case NETOPT_DEVICE_TYPE:
        return netopt_put_u16(value, NETDEV_TYPE_ETHERNET);
      case NETOPT_ADDR_LEN:
      case NETOPT_SRC_LEN:
        assert(max_len === 2, NO_LENGTH);
        return netopt_put_u16(value, ETHERNET_ADDR_LEN);
      case NETOPT_MAX_PDU_SIZE:
        assert(max_len >= 2, NO_SIZE);
        return netopt_put_u16(value, ETHERNET_DATA_LEN);
      default:
        return -ENOTSUP;
    }
  }

  set(opt: netopt_t, value: Uint8Array, value_len: number): number {
    switch (opt) {
      case NETOPT_ADDRESS:
        assert(value_len >= ETHERNET_ADDR_LEN, NO_ADDRESS);
        this.addr.set(value.subarray(0, ETHERNET_ADDR_LEN));
        return ETHERNET_ADDR_LEN;
      case NETOPT_PROMISCUOUSMODE:
        this.promiscuous = value[0] !== 0;
        return NETOPT_ENUM_SIZE;
      default:
        return -ENOTSUP;
    }
  }

  /** The signal for a frame that waits already comes at once. */
  private continueReading(): void {
    if (this.hal.pending) this.isr_callback();
  }

  private isOwn(dst: Uint8Array): boolean {
    for (let i = 0; i < ETHERNET_ADDR_LEN; i++) if (dst[i] !== this.addr[i]) return false;
    return true;
  }
}
