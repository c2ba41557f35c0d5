// The driver of the at86rf2xx (RIOT drivers/at86rf2xx): a network device of RIOT's legacy API. It is not under the
// SubMAC: send() starts the chip, which does the rest, and the next send waits for it with the CPU busy. Received
// frames are fetched when the chip has sent their ACK.
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_spend } from '../../kernel/cpu.ts';
import { EINVAL, ENOBUFS, ENOTSUP, EOVERFLOW } from '../../kernel/errno.ts';
import { assert } from '../../kernel/panic.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import { AT86RF2XX_STATE_BUSY_RX_AACK, AT86RF2XX_STATE_BUSY_TX_ARET, AT86RF2XX_STATE_PLL_ON,
  AT86RF2XX_STATE_RX_AACK_ON, AT86RF2XX_STATE_SLEEP, AT86RF2XX_STATE_TRX_OFF, AT86RF2XX_STATE_TX_ARET_ON,
  AT86RF2XX_TRAC_CHANNEL_ACCESS_FAILURE, AT86RF2XX_TRAC_NO_ACK, AT86RF2XX_TRAC_SUCCESS,
  AT86RF2XX_TRAC_SUCCESS_DATA_PENDING, NETDEV_EVENT_LINK_UP, NETDEV_EVENT_RX_COMPLETE, NETDEV_EVENT_TX_COMPLETE,
  NETDEV_EVENT_TX_MEDIUM_BUSY, NETDEV_EVENT_TX_NOACK, type at86rf2xx_dev_t, type netdev_part_t,
  type netdev_rx_info_t, type netdev_t } from '../netdev.ts';
import { NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_AUTOACK, NETOPT_CHANNEL, NETOPT_CHANNEL_PAGE, NETOPT_CSMA,
  NETOPT_CSMA_RETRIES, NETOPT_DISABLE, NETOPT_ENABLE, NETOPT_ENUM_SIZE, NETOPT_IS_CHANNEL_CLR, NETOPT_NID,
  NETOPT_PRELOADING, NETOPT_PROMISCUOUSMODE, NETOPT_RETRANS, NETOPT_RX_START_IRQ, NETOPT_STATE, NETOPT_STATE_IDLE,
  NETOPT_STATE_RESET, NETOPT_STATE_RX, NETOPT_STATE_SLEEP, NETOPT_STATE_STANDBY, NETOPT_STATE_TX, NETOPT_TX_END_IRQ,
  NETOPT_TX_POWER, NETOPT_TX_START_IRQ, netopt_get_s16, netopt_get_u16, netopt_put_enum, netopt_put_u16,
  type netopt_t } from '../netopt.ts';
import { IEEE802154_FCS_LEN, IEEE802154_FRAME_LEN_MAX } from '../wire/ieee802154.ts';
import { drop } from './drop.ts';
import { NETDEV_IEEE802154_ACK_REQ, netdev_ieee802154_get, netdev_ieee802154_reset, netdev_ieee802154_set,
  netdev_ieee802154_setup, netdev_ieee802154_t } from './netdev_ieee802154.ts';

const MAX_PSDU = IEEE802154_FRAME_LEN_MAX - IEEE802154_FCS_LEN;
/** AT86RF2XX_RESET_PULSE_WIDTH, AT86RF2XX_RESET_DELAY and AT86RF2XX_WAKEUP_DELAY, µs. */
const RESET_PULSE_WIDTH_US = 62;
const RESET_DELAY_US = 62;
const WAKEUP_DELAY_US = 306;
const CHANNEL_MIN = 11;
const CHANNEL_MAX = 26;
const CSMA_RETRIES = 4;
const CSMA_RETRIES_MAX = 5;
const RETRIES_MAX = 7;
const NO_TX = 'drivers/at86rf2xx/at86rf2xx_netdev.c:910';

/** A device. Make it in code that the board runs. */
export class netdev_at86rf2xx_t implements netdev_t {
  readonly name: string;
  readonly dev = new netdev_ieee802154_t();
  isr_callback: () => undefined = () => undefined;
  event_callback: (event: number) => undefined | Blocking<void> = () => undefined;

  private readonly hal: at86rf2xx_dev_t;
  private readonly psdu = new Uint8Array(MAX_PSDU);
  /** The state to return to after a transmission, and after a frame was fetched. */
  private idleState = AT86RF2XX_STATE_TRX_OFF;
  private pendingTx = 0;
  /** Of the frame sent last, for the trace: its bytes with FCS. */
  private bytesTx = 0;

  constructor(hal: at86rf2xx_dev_t) {
    this.name = hal.name;
    this.hal = hal;
    hal.irq = (): undefined => this.isr_callback();
  }

  *init(): Blocking<number> {
    netdev_ieee802154_setup(this.dev, this.hal.eui64);
    yield* ztimer_sleep(ZTIMER_USEC, RESET_PULSE_WIDTH_US);
    this.hal.reset();
    yield* ztimer_sleep(ZTIMER_USEC, RESET_DELAY_US);
    this.configure();
    const steps = this.event_callback(NETDEV_EVENT_LINK_UP);
    if (steps !== undefined) yield* steps;
    return 0;
  }

  *ready(): Blocking<void> {
    const { hal } = this;
    for (let us = hal.busy_us(); us > 0; us = hal.busy_us()) yield* cpu_spend(us);
    if (hal.status() === AT86RF2XX_STATE_SLEEP) yield* ztimer_sleep(ZTIMER_USEC, WAKEUP_DELAY_US);
  }

  send(header: Uint8Array, header_len: number, payload: netdev_part_t | null): number {
    const { hal, psdu } = this;
    const before = hal.status();
    this.pendingTx++;
    // A frame that arrived while the thread was busy with others is overwritten.
    if (hal.unread) drop('netif', 'overwritten', hal.len());
    hal.set_state(AT86RF2XX_STATE_TX_ARET_ON);
    if (before !== AT86RF2XX_STATE_TX_ARET_ON) this.idleState = before;
    let len = header_len;
    for (let part = payload; part !== null; part = part.next) len += part.size;
    // As RIOT: the radio stays ready to send, and deaf.
    if (len > MAX_PSDU) return -EOVERFLOW;
    for (let i = 0; i < header_len; i++) psdu[i] = header[i]!;
    let at = header_len;
    for (let part = payload; part !== null; part = part.next) {
      if (part.data !== null) psdu.set(part.data, at);
      at += part.size;
    }
    hal.write(psdu.subarray(0, len));
    this.bytesTx = len + IEEE802154_FCS_LEN;
    hal.transmit();
    return len;
  }

  /** Not of this API. */
  confirm_send(): number {
    return -ENOTSUP;
  }

  recv_len(): number {
    return this.hal.len();
  }

  recv(buf: Uint8Array | null, len: number, info: netdev_rx_info_t): number {
    const { hal } = this;
    const size = hal.len();
    if (buf !== null && size <= len) hal.read(buf, info);
    hal.set_state(this.idleState);
    return buf !== null && size > len ? -ENOBUFS : size;
  }

  /** The chip has sent the ACK. */
  recv_done(): undefined {
    return undefined;
  }

  *isr(): Blocking<void> {
    const { hal } = this;
    const state = hal.status();
    if (state === AT86RF2XX_STATE_SLEEP || !hal.irq_trx_end()) return;
    switch (state) {
      case AT86RF2XX_STATE_RX_AACK_ON:
      case AT86RF2XX_STATE_BUSY_RX_AACK:
        yield* this.receive();
        break;
      case AT86RF2XX_STATE_TX_ARET_ON:
        assert(this.pendingTx !== 0, NO_TX);
        this.pendingTx = 0;
        hal.set_state(this.idleState);
        yield* this.sendComplete();
        break;
      case AT86RF2XX_STATE_BUSY_TX_ARET:
        // The next frame is on its way: with one pending the interrupt was that of a frame since overwritten.
        if (this.pendingTx > 1) {
          this.pendingTx--;
          yield* this.sendComplete();
        }
        break;
      default:
        break;
    }
  }

  get(opt: netopt_t, value: Uint8Array, max_len: number): number {
    const { hal } = this;
    switch (opt) {
      case NETOPT_STATE: return netopt_put_enum(value, this.netoptState());
      case NETOPT_PRELOADING: return putFlag(value, false);
      case NETOPT_PROMISCUOUSMODE: return putFlag(value, hal.promiscuous);
      case NETOPT_RX_START_IRQ:
      case NETOPT_TX_START_IRQ:
      case NETOPT_TX_END_IRQ: return putFlag(value, true);
      case NETOPT_CSMA: return putFlag(value, hal.csma_max_retries >= 0);
      case NETOPT_AUTOACK: return putFlag(value, hal.auto_ack);
      case NETOPT_IS_CHANNEL_CLR: return putFlag(value, hal.cca());
      case NETOPT_TX_POWER: return netopt_put_u16(value, this.dev.txpower & 0xffff);
      case NETOPT_RETRANS: return putByte(value, hal.max_retries);
      case NETOPT_CSMA_RETRIES: return putByte(value, Math.max(0, hal.csma_max_retries));
      default: return netdev_ieee802154_get(this.dev, opt, value, max_len);
    }
  }

  /** Call ready() before. */
  set(opt: netopt_t, value: Uint8Array, value_len: number): number {
    const { dev, hal } = this;
    switch (opt) {
      case NETOPT_STATE: return this.setState(value[0]!);
      case NETOPT_CHANNEL: {
        const channel = netopt_get_u16(value) & 0xff;
        if (channel < CHANNEL_MIN || channel > CHANNEL_MAX) return -EINVAL;
        hal.config_phy(channel, dev.txpower);
        break;
      }
      case NETOPT_CHANNEL_PAGE: return (value[0]! === 0) ? 2 : -EINVAL;
      case NETOPT_TX_POWER:
        dev.txpower = netopt_get_s16(value);
        hal.config_phy(dev.chan, dev.txpower);
        return 2;
      case NETOPT_AUTOACK:
        hal.auto_ack = value[0] !== NETOPT_DISABLE;
        return NETOPT_ENUM_SIZE;
      case NETOPT_PROMISCUOUSMODE:
        hal.promiscuous = value[0] !== NETOPT_DISABLE;
        return NETOPT_ENUM_SIZE;
      case NETOPT_CSMA:
        hal.csma_max_retries = value[0] !== NETOPT_DISABLE ? CSMA_RETRIES : -1;
        return NETOPT_ENUM_SIZE;
      case NETOPT_CSMA_RETRIES:
        if (hal.csma_max_retries < 0 || value[0]! > CSMA_RETRIES_MAX) return -EINVAL;
        hal.csma_max_retries = value[0]!;
        return 1;
      case NETOPT_RETRANS:
        hal.max_retries = Math.min(RETRIES_MAX, value[0]!);
        return 1;
      default:
        break;
    }
    const res = netdev_ieee802154_set(dev, opt, value, value_len);
    if (res < 0) return res;
    if (opt === NETOPT_ADDRESS) {
      dev.short_addr[0]! &= 0x7f;
      hal.set_short_addr(dev.short_addr);
    } else if (opt === NETOPT_ADDRESS_LONG) hal.set_ext_addr(dev.long_addr);
    else if (opt === NETOPT_NID) hal.set_panid(dev.pan);
    return res;
  }

  /** Default values, and listens. */
  private configure(): void {
    const { dev, hal } = this;
    const config = net_config();
    netdev_ieee802154_reset(dev, config.CONFIG_IEEE802154_DEFAULT_PANID);
    dev.chan = config.CONFIG_IEEE802154_DEFAULT_CHANNEL;
    dev.txpower = config.CONFIG_IEEE802154_DEFAULT_TXPOWER;
    if (config.CONFIG_IEEE802154_DEFAULT_ACK_REQ !== 0) dev.flags |= NETDEV_IEEE802154_ACK_REQ;
    hal.set_ext_addr(dev.long_addr);
    hal.set_short_addr(dev.short_addr);
    hal.set_panid(dev.pan);
    hal.config_phy(dev.chan, dev.txpower);
    this.idleState = AT86RF2XX_STATE_RX_AACK_ON;
    hal.set_state(AT86RF2XX_STATE_RX_AACK_ON);
  }

  /** Waits for the chip's ACK to be out; the frame is kept meanwhile. */
  private *receive(): Blocking<void> {
    yield* this.ready();
    this.hal.set_state(AT86RF2XX_STATE_PLL_ON);
    const steps = this.event_callback(NETDEV_EVENT_RX_COMPLETE);
    if (steps !== undefined) yield* steps;
  }

  private *sendComplete(): Blocking<void> {
    const trac = this.hal.trac_status;
    if (tracing()) {
      trace({ layer: 'netif', type: 'tx_done', bytes: this.bytesTx,
        result: trac === AT86RF2XX_TRAC_NO_ACK ? 'no-ack'
          : trac === AT86RF2XX_TRAC_CHANNEL_ACCESS_FAILURE ? 'medium-busy' : 'ok' });
    }
    const steps = this.event_callback(eventOf(trac));
    if (steps !== undefined) yield* steps;
  }

  private netoptState(): number {
    switch (this.hal.status()) {
      case AT86RF2XX_STATE_SLEEP: return NETOPT_STATE_SLEEP;
      case AT86RF2XX_STATE_TRX_OFF: return NETOPT_STATE_STANDBY;
      case AT86RF2XX_STATE_BUSY_RX_AACK: return NETOPT_STATE_RX;
      case AT86RF2XX_STATE_TX_ARET_ON:
      case AT86RF2XX_STATE_BUSY_TX_ARET: return NETOPT_STATE_TX;
      default: return NETOPT_STATE_IDLE;
    }
  }

  private setState(state: number): number {
    const { hal } = this;
    switch (state) {
      case NETOPT_STATE_STANDBY: hal.set_state(AT86RF2XX_STATE_TRX_OFF); break;
      case NETOPT_STATE_SLEEP: hal.set_state(AT86RF2XX_STATE_SLEEP); break;
      case NETOPT_STATE_IDLE: hal.set_state(AT86RF2XX_STATE_RX_AACK_ON); break;
      // Without preloading there is nothing to send.
      case NETOPT_STATE_TX: break;
      case NETOPT_STATE_RESET:
        hal.reset();
        this.pendingTx = 0;
        this.configure();
        break;
      default: return -ENOTSUP;
    }
    return NETOPT_ENUM_SIZE;
  }
}

function eventOf(trac: number): number {
  if (trac === AT86RF2XX_TRAC_SUCCESS || trac === AT86RF2XX_TRAC_SUCCESS_DATA_PENDING) return NETDEV_EVENT_TX_COMPLETE;
  return trac === AT86RF2XX_TRAC_NO_ACK ? NETDEV_EVENT_TX_NOACK : NETDEV_EVENT_TX_MEDIUM_BUSY;
}

function putFlag(value: Uint8Array, on: boolean): number {
  return netopt_put_enum(value, on ? NETOPT_ENABLE : NETOPT_DISABLE);
}

function putByte(value: Uint8Array, byte: number): number {
  value[0] = byte;
  return 1;
}
