// The network device over an IEEE 802.15.4 radio: the SubMAC's driver, and ACKs in software
// (RIOT drivers/netdev_ieee802154_submac, with module netdev_ieee802154_submac_soft_ack). Interrupts set flags and ask
// for isr(), which works them off in the interface's thread.
import { type Blocking, over } from '../../kernel/blocking.ts';
import { EBUSY, EHOSTUNREACH, ENOBUFS, ENOTSUP } from '../../kernel/errno.ts';
import { assert, undefined_on_riot } from '../../kernel/panic.ts';
import { ZTIMER_USEC, ztimer_remove, ztimer_set, ztimer_t } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { IEEE802154_CAP_AUTO_ACK, IEEE802154_FILTER_ACCEPT, IEEE802154_FILTER_PROMISC, IEEE802154_PHY_OQPSK,
  IEEE802154_RADIO_CONFIRM_TX_DONE, IEEE802154_RADIO_INDICATION_CRC_ERROR, IEEE802154_RADIO_INDICATION_RX_DONE,
  NETDEV_EVENT_LINK_UP, NETDEV_EVENT_RX_COMPLETE, NETDEV_EVENT_TX_COMPLETE, NETDEV_EVENT_TX_STARTED,
  TX_STATUS_MEDIUM_BUSY, TX_STATUS_NO_ACK, type ieee802154_dev_t, type l2filter_t, type netdev_part_t,
  type netdev_rx_info_t, type netdev_t } from '../netdev.ts';
import { NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_CHANNEL, NETOPT_IEEE802154_PHY, NETOPT_NID,
  NETOPT_PROMISCUOUSMODE, NETOPT_STATE, NETOPT_STATE_IDLE, NETOPT_STATE_SLEEP, NETOPT_TX_POWER,
  NETOPT_TX_RETRIES_NEEDED, netopt_get_s16, netopt_get_u16, netopt_put_enum, netopt_put_u16,
  type netopt_t } from '../netopt.ts';
import { quirk } from '../quirks.ts';
import { IEEE802154_FCF_ACK_REQ, IEEE802154_FCF_TYPE_DATA, IEEE802154_FCF_TYPE_MASK, IEEE802154_FCS_LEN,
  IEEE802154_FRAME_LEN_MAX, IEEE802154_LONG_ADDRESS_LEN, IEEE802154_MIN_FRAME_LEN, IEEE802154_SHORT_ADDRESS_LEN,
  emitAck } from '../wire/ieee802154.ts';
import { IEEE802154_FSM_STATE_IDLE, IEEE802154_FSM_STATE_RX, ieee802154_send,
  ieee802154_send_ack, ieee802154_set_idle, ieee802154_set_phy_conf, ieee802154_set_rx,
  ieee802154_submac_ack_timeout_fired, ieee802154_submac_backoff,
  type ieee802154_submac_cb_t, ieee802154_submac_crc_error_cb, ieee802154_submac_init, ieee802154_submac_rx_done_cb,
  ieee802154_submac_spin, ieee802154_submac_t, ieee802154_submac_transmit,
  ieee802154_submac_tx_done_cb } from './ieee802154_submac.ts';
import { NETDEV_IEEE802154_ACK_REQ, netdev_ieee802154_get, netdev_ieee802154_reset, netdev_ieee802154_set,
  netdev_ieee802154_setup, netdev_ieee802154_t } from './netdev_ieee802154.ts';

/** What interrupts ask for. */
const FLAG_ACK_TIMEOUT = 1;
const FLAG_BH_REQUEST = 2;
const FLAG_RX_DONE = 4;
const FLAG_TX_DONE = 8;
const FLAG_CRC_ERROR = 16;

const MAX_PSDU = IEEE802154_FRAME_LEN_MAX - IEEE802154_FCS_LEN;
const SUBMAC_C = 'drivers/netdev_ieee802154_submac/netdev_ieee802154_submac.c';
const TX_DONE_TOO_EARLY = `${SUBMAC_C}:341`;
const RX_DONE_TOO_EARLY = `${SUBMAC_C}:365`;

/** A device. Make it in code that the board runs. */
export class netdev_ieee802154_submac_t implements netdev_t, ieee802154_submac_cb_t {
  readonly name: string;
  readonly dev = new netdev_ieee802154_t();
  readonly submac: ieee802154_submac_t;
  isr_callback: () => undefined = () => undefined;
  event_callback: (event: number) => undefined | Blocking<void> = () => undefined;

  private readonly hal: ieee802154_dev_t;
  private readonly ackTimer: ztimer_t<null>;
  private readonly psdu = new Uint8Array(MAX_PSDU);
  private readonly ack = new Uint8Array(IEEE802154_MIN_FRAME_LEN);
  /** FLAG_* bits. */
  private flags = 0;
  /** How the last transmission ended: bytes with FCS, or a negative errno. */
  private bytesTx = 0;
  private retrans = 0;
  /** The received frame asks for the ACK in `ack`. */
  private ackDue = false;
  /** isr() reports `event` before it ends. */
  private dispatch = false;
  private event = NETDEV_EVENT_TX_STARTED;

  constructor(hal: ieee802154_dev_t) {
    this.name = hal.name;
    this.hal = hal;
    this.submac = new ieee802154_submac_t(hal, this);
    this.ackTimer = new ztimer_t((): undefined => this.ask(FLAG_ACK_TIMEOUT), null);
    hal.cb = (event): undefined => this.radioEvent(event);
  }

  *init(): Blocking<number> {
    const { dev, hal, submac } = this;
    const config = net_config();
    netdev_ieee802154_setup(dev, hal.eui64);
    ieee802154_submac_init(submac, dev.short_addr, dev.long_addr, config.CONFIG_IEEE802154_DEFAULT_PANID);
    netdev_ieee802154_reset(dev, config.CONFIG_IEEE802154_DEFAULT_PANID);
    dev.chan = submac.channel_num;
    dev.txpower = submac.tx_pow;
    if (config.CONFIG_IEEE802154_DEFAULT_ACK_REQ !== 0) dev.flags |= NETDEV_IEEE802154_ACK_REQ;
    const steps = this.event_callback(NETDEV_EVENT_LINK_UP);
    if (steps !== undefined) yield* steps;
    return 0;
  }

  send(header: Uint8Array, header_len: number, payload: netdev_part_t | null): number {
    const state = this.submac.fsm_state;
    // While a frame is being sent, its bytes are in `psdu`.
    if (state !== IEEE802154_FSM_STATE_RX && state !== IEEE802154_FSM_STATE_IDLE) return -EBUSY;
    const { psdu } = this;
    let len = header_len;
    for (let part = payload; part !== null; part = part.next) len += part.size;
    if (len > MAX_PSDU) {
      undefined_on_riot(`${this.name}: a frame of ${len + IEEE802154_FCS_LEN} bytes; it is not sent`);
      return -ENOBUFS;
    }
    for (let i = 0; i < header_len; i++) psdu[i] = header[i]!;
    let at = header_len;
    for (let part = payload; part !== null; part = part.next) {
      if (part.data !== null) psdu.set(part.data, at);
      at += part.size;
    }
    const res = ieee802154_send(this.submac, psdu.subarray(0, len));
    if (res < 0) return res;
    this.event = NETDEV_EVENT_TX_STARTED;
    this.bytesTx = len + IEEE802154_FCS_LEN;
    return 0;
  }

  confirm_send(): number {
    return this.bytesTx;
  }

  recv_len(): number {
    return this.hal.len();
  }

  recv(buf: Uint8Array | null, len: number, info: netdev_rx_info_t): number {
    this.ackDue = false;
    if (buf === null) {
      // RIOT looks for the ACK request at address 0: native dies of it, elsewhere the frame is lost without an ACK.
      undefined_on_riot(`${this.name}: no packet buffer for a frame of ${len} bytes; dropped, not acknowledged`);
      return this.hal.read(null, len, null);
    }
    const res = this.hal.read(buf, len, info);
    const first = buf[0]!;
    if ((first & IEEE802154_FCF_TYPE_MASK) === IEEE802154_FCF_TYPE_DATA && (first & IEEE802154_FCF_ACK_REQ) !== 0 &&
        (this.hal.caps & IEEE802154_CAP_AUTO_ACK) === 0 &&
        this.hal.get_frame_filter_mode() === IEEE802154_FILTER_ACCEPT && (res >= 0 || quirk('ack-of-bad-fcs'))) {
      emitAck(buf[2]!, false, this.ack, 0);
      this.ackDue = true;
    }
    return res;
  }

  recv_done(): undefined | Blocking<void> {
    return this.ackDue ? this.acknowledge() : undefined;
  }

  /** Mostly the radio is not busy, and nothing has to be waited for: then no generator is made. */
  isr(): Blocking<void> {
    do {
      const { flags } = this;
      this.flags = 0;
      const left = this.workOff(flags);
      if (left !== 0) return this.workOffWaiting(left);
    } while (this.flags !== 0);
    return this.report();
  }

  /** Does what interrupts have asked for, up to where it has to wait. Returns what is left. */
  private workOff(flags: number): number {
    const { submac } = this;
    if ((flags & FLAG_CRC_ERROR) !== 0 && !ieee802154_submac_crc_error_cb(submac)) return flags;
    if ((flags & FLAG_ACK_TIMEOUT) !== 0) ieee802154_submac_ack_timeout_fired(submac);
    const later = flags & ~(FLAG_CRC_ERROR | FLAG_ACK_TIMEOUT);
    if ((flags & FLAG_BH_REQUEST) !== 0 && (!submac.handlesCsma || !ieee802154_submac_transmit(submac))) return later;
    if ((flags & FLAG_RX_DONE) !== 0 && !ieee802154_submac_rx_done_cb(submac)) return later & ~FLAG_BH_REQUEST;
    if ((flags & FLAG_TX_DONE) !== 0) ieee802154_submac_tx_done_cb(submac);
    return 0;
  }

  private *workOffWaiting(left: number): Blocking<void> {
    const { submac } = this;
    let flags = left;
    while (flags !== 0) {
      if ((flags & FLAG_CRC_ERROR) !== 0) {
        while (!ieee802154_submac_crc_error_cb(submac)) yield* ieee802154_submac_spin(submac);
      }
      if ((flags & FLAG_ACK_TIMEOUT) !== 0) ieee802154_submac_ack_timeout_fired(submac);
      if ((flags & FLAG_BH_REQUEST) !== 0) {
        if (!submac.handlesCsma) yield* ieee802154_submac_backoff(submac);
        while (!ieee802154_submac_transmit(submac)) yield* ieee802154_submac_spin(submac);
      }
      if ((flags & FLAG_RX_DONE) !== 0) {
        while (!ieee802154_submac_rx_done_cb(submac)) yield* ieee802154_submac_spin(submac);
      }
      if ((flags & FLAG_TX_DONE) !== 0) ieee802154_submac_tx_done_cb(submac);
      flags = this.flags;
      this.flags = 0;
    }
    yield* this.report();
  }

  /** Tells the interface what has come of it, if there is anything to tell. */
  private report(): Blocking<void> {
    if (!this.dispatch) return over();
    this.dispatch = false;
    const steps = this.event_callback(this.event);
    if (steps !== undefined) return this.reported(steps);
    // Has no effect if a frame was sent meanwhile.
    ieee802154_set_rx(this.submac);
    return over();
  }

  private *reported(steps: Blocking<void>): Blocking<void> {
    yield* steps;
    ieee802154_set_rx(this.submac);
  }

  get(opt: netopt_t, value: Uint8Array, max_len: number): number {
    switch (opt) {
      case NETOPT_STATE:
        netopt_put_enum(value, this.asleep() ? NETOPT_STATE_SLEEP : NETOPT_STATE_IDLE);
        return 0;
      case NETOPT_TX_RETRIES_NEEDED:
        value[0] = this.retrans;
        return 1;
      case NETOPT_IEEE802154_PHY:
        value[0] = IEEE802154_PHY_OQPSK;
        return 1;
      case NETOPT_TX_POWER:
        return netopt_put_u16(value, this.dev.txpower);
      default:
        return netdev_ieee802154_get(this.dev, opt, value, max_len);
    }
  }

  set(opt: netopt_t, value: Uint8Array, value_len: number): number {
    const { dev, hal, submac } = this;
    // The radio is told before the value is looked at, whatever its size.
    switch (opt) {
      case NETOPT_ADDRESS:
        hal.set_short_addr(padded(value, IEEE802154_SHORT_ADDRESS_LEN));
        break;
      case NETOPT_ADDRESS_LONG:
        hal.set_ext_addr(padded(value, IEEE802154_LONG_ADDRESS_LEN));
        break;
      case NETOPT_NID:
        hal.set_panid(netopt_get_u16(value));
        break;
      case NETOPT_TX_POWER:
        return this.setPower(netopt_get_s16(value));
      case NETOPT_STATE:
        return this.setState(value[0]!);
      case NETOPT_PROMISCUOUSMODE:
        hal.set_frame_filter_mode(value[0] !== 0 ? IEEE802154_FILTER_PROMISC : IEEE802154_FILTER_ACCEPT);
        return 0;
      case NETOPT_CHANNEL:
        // As RIOT: the option is taken even if the radio is busy and stays on its channel.
        ieee802154_set_phy_conf(submac, netopt_get_u16(value), submac.tx_pow);
        break;
      default:
        break;
    }
    return netdev_ieee802154_set(dev, opt, value, value_len);
  }

  rx_done(): void {
    assert(!this.dispatch, RX_DONE_TOO_EARLY);
    this.dispatch = true;
    this.event = NETDEV_EVENT_RX_COMPLETE;
  }

  tx_done(status: number, retrans: number | null): void {
    if (retrans !== null) this.retrans = retrans;
    assert(!this.dispatch, TX_DONE_TOO_EARLY);
    this.dispatch = true;
    this.event = NETDEV_EVENT_TX_COMPLETE;
    if (status === TX_STATUS_MEDIUM_BUSY) this.bytesTx = -EBUSY;
    else if (status === TX_STATUS_NO_ACK) this.bytesTx = -EHOSTUNREACH;
  }

  bh_request(): void {
    this.ask(FLAG_BH_REQUEST);
  }

  ack_timer_set(us: number): void {
    this.ack_timer_cancel();
    ztimer_set(ZTIMER_USEC, this.ackTimer, us);
  }

  ack_timer_cancel(): void {
    ztimer_remove(ZTIMER_USEC, this.ackTimer);
    this.flags &= ~FLAG_ACK_TIMEOUT;
  }

  private *acknowledge(): Blocking<void> {
    if ((yield* ieee802154_send_ack(this.submac, this.ack)) < 0) return;
    this.event = NETDEV_EVENT_TX_STARTED;
    this.bytesTx = IEEE802154_MIN_FRAME_LEN + IEEE802154_FCS_LEN;
  }

  private radioEvent(event: number): undefined {
    switch (event) {
      case IEEE802154_RADIO_CONFIRM_TX_DONE: return this.ask(FLAG_TX_DONE);
      case IEEE802154_RADIO_INDICATION_RX_DONE: return this.ask(FLAG_RX_DONE);
      case IEEE802154_RADIO_INDICATION_CRC_ERROR: return this.ask(FLAG_CRC_ERROR);
      default: return undefined;
    }
  }

  private ask(flag: number): undefined {
    this.flags |= flag;
    this.isr_callback();
  }

  /** Module l2filter. */
  get filter(): readonly l2filter_t[] | undefined {
    return this.dev.filter ?? undefined;
  }

  private asleep(): boolean {
    return this.submac.fsm_state === IEEE802154_FSM_STATE_IDLE;
  }

  private setPower(dBm: number): number {
    const res = ieee802154_set_phy_conf(this.submac, this.submac.channel_num, dBm);
    if (res >= 0) this.dev.txpower = dBm;
    return res;
  }

  private setState(state: number): number {
    if (state === NETOPT_STATE_SLEEP) return ieee802154_set_idle(this.submac);
    return state === NETOPT_STATE_IDLE ? ieee802154_set_rx(this.submac) : -ENOTSUP;
  }
}

/** So many bytes of a value; what a shorter one lacks is 0. */
function padded(value: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(value.subarray(0, length));
  return bytes;
}
