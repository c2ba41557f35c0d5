// The driver of the at86rf2xx (RIOT drivers/at86rf2xx): a network device of RIOT's legacy API. It is not under the
// SubMAC: send() starts the chip, which does the rest, and the next send waits for it with the CPU busy. Received
// frames are fetched when the chip has sent their ACK.
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_spend } from '../../kernel/cpu.ts';
import { current } from '../../kernel/current.ts';
import { EINVAL, ENOBUFS, ENOTSUP, EOVERFLOW } from '../../kernel/errno.ts';
import { assert } from '../../kernel/panic.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import { AT86RF2XX_STATE_BUSY_RX_AACK, AT86RF2XX_STATE_BUSY_TX_ARET, AT86RF2XX_STATE_PLL_ON,
  AT86RF2XX_STATE_RX_AACK_ON, AT86RF2XX_STATE_SLEEP, AT86RF2XX_STATE_TRX_OFF, AT86RF2XX_STATE_TX_ARET_ON,
  AT86RF2XX_TRAC_CHANNEL_ACCESS_FAILURE, AT86RF2XX_TRAC_NO_ACK, AT86RF2XX_TRAC_SUCCESS,
  AT86RF2XX_TRAC_SUCCESS_DATA_PENDING, IEEE802154_PHY_OQPSK, NETDEV_EVENT_LINK_UP, NETDEV_EVENT_RX_COMPLETE,
  NETDEV_EVENT_TX_COMPLETE, NETDEV_EVENT_TX_MEDIUM_BUSY, NETDEV_EVENT_TX_NOACK, type at86rf2xx_dev_t,
  type l2filter_t, type netdev_part_t, type netdev_rx_info_t, type netdev_t } from '../netdev.ts';
import { NETOPT_ACK_PENDING, NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_AUTOACK, NETOPT_CCA_THRESHOLD,
  NETOPT_CHANNEL, NETOPT_CHANNEL_PAGE, NETOPT_CSMA, NETOPT_CSMA_RETRIES, NETOPT_DISABLE, NETOPT_ENABLE,
  NETOPT_ENUM_SIZE, NETOPT_IEEE802154_PHY, NETOPT_IS_CHANNEL_CLR, NETOPT_LAST_ED_LEVEL, NETOPT_NID, NETOPT_OQPSK_RATE,
  NETOPT_PRELOADING, NETOPT_PROMISCUOUSMODE, NETOPT_RETRANS, NETOPT_RX_START_IRQ, NETOPT_STATE, NETOPT_STATE_IDLE,
  NETOPT_STATE_RESET, NETOPT_STATE_RX, NETOPT_STATE_SLEEP, NETOPT_STATE_STANDBY, NETOPT_STATE_TX, NETOPT_TX_END_IRQ,
  NETOPT_TX_POWER, NETOPT_TX_RETRIES_NEEDED, NETOPT_TX_START_IRQ, netopt_get_s16, netopt_get_u16, netopt_put_enum,
  netopt_put_u16, type netopt_t } from '../netopt.ts';
import { IEEE802154_FCS_LEN, IEEE802154_FRAME_LEN_MAX, IEEE802154_LONG_ADDRESS_LEN,
  IEEE802154_SHORT_ADDRESS_LEN } from '../wire/ieee802154.ts';
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
/** What the register has instead of a number of retries. */
const CSMA_DISABLED = 7;
const RETRIES_MAX = 7;
const RATE_MAX = 3;
const CCA_ED_THRES_MASK = 0x0f;
const NO_TX = 'drivers/at86rf2xx/at86rf2xx_netdev.c:912';

/** Lines of at86rf2xx_netdev.c where a value's size is asserted. */
const GET_STATE = 448;
const GET_TX_POWER = 521;
const GET_BYTE = 528;
const SET_ADDRESS = 622;
const SET_ADDRESS_LONG = 633;
const SET_NID = 639;
const SET_CHANNEL = 644;
const SET_PAGE = 664;
const SET_TX_POWER = 687;
const SET_RETRANS = 721;
const SET_CSMA_RETRIES = 751;
const SET_CCA_THRESHOLD = 765;
const SET_RATE = 773;

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
  /** Options that the driver remembers: a reset of the chip changes its registers, not these. */
  private csma = false;
  private promiscuous = false;
  private preloading = false;
  /** Bits of the data rate in TRX_CTRL_2: 250 kb/s and more, which the air does not model. */
  private rate = 0;

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
    this.dev.chan = net_config().CONFIG_IEEE802154_DEFAULT_CHANNEL;
    this.dev.txpower = net_config().CONFIG_IEEE802154_DEFAULT_TXPOWER;
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
    if (!this.preloading) hal.transmit();
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

  /** Module l2filter. */
  get filter(): readonly l2filter_t[] | undefined {
    return this.dev.filter ?? undefined;
  }

  get(opt: netopt_t, value: Uint8Array, max_len: number): number {
    const { hal } = this;
    switch (opt) {
      case NETOPT_STATE:
        sized(max_len >= NETOPT_ENUM_SIZE, GET_STATE);
        return netopt_put_enum(value, this.netoptState());
      case NETOPT_PRELOADING: return putFlag(value, this.preloading);
      case NETOPT_PROMISCUOUSMODE: return putFlag(value, this.promiscuous);
      case NETOPT_RX_START_IRQ:
      case NETOPT_TX_START_IRQ:
      case NETOPT_TX_END_IRQ: return putFlag(value, true);
      case NETOPT_CSMA: return putFlag(value, this.csma);
      case NETOPT_TX_RETRIES_NEEDED: return hal.have_retries ? putByte(value, max_len, hal.retries) : -ENOTSUP;
      default: {
        const res = netdev_ieee802154_get(this.dev, opt, value, max_len);
        return res === -ENOTSUP ? this.getRegister(opt, value, max_len) : res;
      }
    }
  }

  /** What stands in registers of the chip. */
  private getRegister(opt: netopt_t, value: Uint8Array, max_len: number): number {
    const { hal } = this;
    switch (opt) {
      case NETOPT_TX_POWER:
        sized(max_len >= 2, GET_TX_POWER);
        return netopt_put_u16(value, this.dev.txpower & 0xffff);
      case NETOPT_RETRANS: return putByte(value, max_len, hal.max_retries);
      case NETOPT_CSMA_RETRIES:
        return putByte(value, max_len, hal.csma_max_retries < 0 ? CSMA_DISABLED : hal.csma_max_retries);
      case NETOPT_CCA_THRESHOLD: return putByte(value, max_len, hal.rssi_base + 2 * hal.cca_ed_thres);
      case NETOPT_IS_CHANNEL_CLR: return putFlag(value, hal.cca());
      case NETOPT_LAST_ED_LEVEL: return putByte(value, max_len, hal.rssi_base + hal.ed_level);
      case NETOPT_AUTOACK: return putFlag(value, hal.auto_ack);
      case NETOPT_IEEE802154_PHY: return hasOqpsk() ? putByte(value, max_len, IEEE802154_PHY_OQPSK) : -ENOTSUP;
      case NETOPT_OQPSK_RATE: return hasOqpsk() ? putByte(value, max_len, this.rate) : -ENOTSUP;
      default: return -ENOTSUP;
    }
  }

  /** Call ready() before. */
  set(opt: netopt_t, value: Uint8Array, value_len: number): number {
    const res = this.setRegister(opt, value, value_len);
    return res === -ENOTSUP ? netdev_ieee802154_set(this.dev, opt, value, value_len) : res;
  }

  /** What the chip is told of; -ENOTSUP: the rest is netdev_ieee802154_set()'s. */
  private setRegister(opt: netopt_t, value: Uint8Array, value_len: number): number {
    const { dev, hal } = this;
    const on = value[0] !== NETOPT_DISABLE;
    switch (opt) {
      case NETOPT_ADDRESS:
        sized(value_len === IEEE802154_SHORT_ADDRESS_LEN, SET_ADDRESS);
        // As RIOT: the first bit, which 6LoWPAN wants to be 0, is not cleared in what comes of it.
        hal.set_short_addr(value.subarray(0, IEEE802154_SHORT_ADDRESS_LEN));
        return -ENOTSUP;
      case NETOPT_ADDRESS_LONG:
        sized(value_len === IEEE802154_LONG_ADDRESS_LEN, SET_ADDRESS_LONG);
        hal.set_ext_addr(value.subarray(0, IEEE802154_LONG_ADDRESS_LEN));
        return -ENOTSUP;
      case NETOPT_NID:
        sized(value_len === 2, SET_NID);
        hal.set_panid(netopt_get_u16(value));
        return -ENOTSUP;
      case NETOPT_CHANNEL: {
        sized(value_len === 2, SET_CHANNEL);
        const channel = netopt_get_u16(value) & 0xff;
        if (channel < CHANNEL_MIN || channel > CHANNEL_MAX) return -EINVAL;
        dev.chan = channel;
        hal.config_phy(channel, dev.txpower);
        return -ENOTSUP;
      }
      case NETOPT_CHANNEL_PAGE:
        sized(value_len === 2, SET_PAGE);
        return value[0] === 0 ? 2 : -EINVAL;
      case NETOPT_TX_POWER:
        sized(value_len <= 2, SET_TX_POWER);
        dev.txpower = netopt_get_s16(value);
        hal.config_phy(dev.chan, dev.txpower);
        return 2;
      case NETOPT_STATE: return this.setState(value[0]!);
      case NETOPT_RETRANS:
        sized(value_len <= 1, SET_RETRANS);
        hal.max_retries = Math.min(RETRIES_MAX, value[0]!);
        return 1;
      case NETOPT_CSMA_RETRIES:
        sized(value_len <= 1, SET_CSMA_RETRIES);
        if (!this.csma || value[0]! > CSMA_RETRIES_MAX) return -EINVAL;
        hal.csma_max_retries = value[0]!;
        return 1;
      case NETOPT_CCA_THRESHOLD:
        sized(value_len <= 1, SET_CCA_THRESHOLD);
        this.setCcaThreshold((value[0]! << 24) >> 24);
        return 1;
      case NETOPT_OQPSK_RATE:
        if (!hasOqpsk()) return -ENOTSUP;
        sized(value_len <= 1, SET_RATE);
        if (value[0]! > RATE_MAX) return -EINVAL;
        this.rate = value[0]!;
        return 1;
      default: return this.setOption(opt, on);
    }
  }

  /** The options of at86rf2xx_set_option(). */
  private setOption(opt: netopt_t, on: boolean): number {
    const { hal } = this;
    switch (opt) {
      case NETOPT_AUTOACK:
        hal.auto_ack = on;
        break;
      case NETOPT_ACK_PENDING:
        hal.ack_pending = on;
        break;
      case NETOPT_PRELOADING:
        this.preloading = on;
        break;
      case NETOPT_PROMISCUOUSMODE:
        // With it go ACKs, and they come back when it ends, also if they had been switched off.
        this.promiscuous = on;
        hal.promiscuous = on;
        hal.auto_ack = !on;
        break;
      case NETOPT_CSMA:
        this.csma = on;
        hal.csma_max_retries = on ? CSMA_RETRIES : -1;
        break;
      default: return -ENOTSUP;
    }
    return NETOPT_ENUM_SIZE;
  }

  /** A positive value is taken for its negative; the register has steps of 2 dB and 4 bits. */
  private setCcaThreshold(dBm: number): void {
    const wanted = dBm > 0 ? -dBm : dBm;
    this.hal.cca_ed_thres = ((wanted - this.hal.rssi_base) >> 1) & CCA_ED_THRES_MASK;
  }

  /** Default values, and listens. */
  private configure(): void {
    const { dev, hal } = this;
    const config = net_config();
    netdev_ieee802154_reset(dev, config.CONFIG_IEEE802154_DEFAULT_PANID);
    if (config.CONFIG_IEEE802154_DEFAULT_ACK_REQ !== 0) dev.flags |= NETDEV_IEEE802154_ACK_REQ;
    hal.set_ext_addr(dev.long_addr);
    hal.set_short_addr(dev.short_addr);
    hal.set_panid(dev.pan);
    // As RIOT: a reset by option sends the chip back to its channel, and leaves what the driver answers.
    hal.config_phy(config.CONFIG_IEEE802154_DEFAULT_CHANNEL, config.CONFIG_IEEE802154_DEFAULT_TXPOWER);
    hal.auto_ack = true;
    this.csma = true;
    hal.csma_max_retries = CSMA_RETRIES;
    this.rate = 0;
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

  /** Sends what was loaded last; also once more. */
  private transmitLoaded(): void {
    if (this.pendingTx === 0) this.pendingTx++;
    this.hal.set_state(AT86RF2XX_STATE_TX_ARET_ON);
    this.hal.transmit();
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
      case NETOPT_STATE_TX:
        if (this.preloading) this.transmitLoaded();
        break;
      case NETOPT_STATE_RESET:
        hal.reset();
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

function putByte(value: Uint8Array, max_len: number, byte: number): number {
  sized(max_len >= 1, GET_BYTE);
  value[0] = byte;
  return 1;
}

function hasOqpsk(): boolean {
  return current().modules.has('netdev_ieee802154_oqpsk');
}

function sized(ok: boolean, line: number): void {
  assert(ok, ok ? '' : `drivers/at86rf2xx/at86rf2xx_netdev.c:${line}`);
}
