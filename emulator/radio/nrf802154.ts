// The radio of the nRF52840 under the radio HAL (RIOT cpu/nrf52/radio/nrf802154): it sends a frame
// after one clear channel assessment, and leaves back-off, ACKs and retransmissions to the SubMAC.
//
//     request_transmit: receiver up 40 µs, CCA 128 µs, transmitter up 40 µs, frame
//
// Ramp-up is the fast one that the driver chooses (MODECNF0.RU), 40 µs in the nRF52840 product
// specification (unverified). Modelled: RIOT at commit c8bd52ff13 starts the transmitter (TXEN) where it
// used to start the receiver (RXEN), with which the chip does no CCA at all; here it does the CCA that
// the driver sets up. The 21 µs that switching the receiver off may take count as none.
import { EAGAIN, EBUSY, EINVAL, ENOBUFS } from '../../kernel/errno.ts';
import {
  IEEE802154_FILTER_ACCEPT, IEEE802154_FILTER_ACK_ONLY, IEEE802154_FILTER_PROMISC, IEEE802154_RADIO_CONFIRM_TX_DONE,
  IEEE802154_RADIO_INDICATION_CRC_ERROR, IEEE802154_RADIO_INDICATION_RX_DONE, TX_STATUS_MEDIUM_BUSY,
  TX_STATUS_SUCCESS, type ieee802154_dev_t, type ieee802154_rx_info_t, type ieee802154_tx_info_t, type NetDevices,
} from '../../net/netdev.ts';
import { IEEE802154_FCF_TYPE_ACK, fcsOk } from '../../net/wire/ieee802154.ts';
import type { LossReason } from '../trace/event.ts';
import { CCA, SYMBOL, Transceiver } from './transceiver.ts';

const STATE_IDLE = 0;
const STATE_TX = 1;
const STATE_RX = 2;
const STATE_CCA_BUSY = 3;

/** From RXEN or TXEN to ready, µs. */
const RAMP_UP = 40;
/** Inter-frame spacing that the driver keeps after a frame, µs, and the longest PSDU that needs the short one only. */
const SIFS = 12 * SYMBOL;
const LIFS = 40 * SYMBOL;
const SIFS_MAX = 18;
/** What its driver takes, dBm. */
const TX_POWER_MIN = -40;
const TX_POWER_MAX = 8;
const NONE = -1;

export class Nrf802154 extends Transceiver implements ieee802154_dev_t {
  readonly name = 'nrf802154';
  readonly caps = 0;
  readonly devices: NetDevices = { ieee802154: [this] };
  cb: (event: number) => undefined = () => undefined;
  private mode = STATE_IDLE;
  private filterMode = IEEE802154_FILTER_ACCEPT;
  /** Until then it does not send, µs. */
  private spacingEnd = 0;
  /** What the interrupt of a reception will tell. */
  private indication = NONE;

  on(): void {
    this.mode = STATE_IDLE;
    this.powerUp();
  }

  off(): void {
    this.unplug();
  }

  override config_phy(channel: number, txpower: number): number {
    const dBm = (txpower << 24) >> 24;
    if (dBm < TX_POWER_MIN || dBm > TX_POWER_MAX) return -EINVAL;
    return super.config_phy(channel, dBm);
  }

  set_frame_filter_mode(mode: number): void {
    this.filterMode = mode;
  }

  get_frame_filter_mode(): number {
    return this.filterMode;
  }

  set_idle(force: boolean): number {
    if (!force && this.mode !== STATE_IDLE && this.mode !== STATE_RX) return -EBUSY;
    this.stop();
    this.mode = STATE_IDLE;
    this.enter('idle');
    return 0;
  }

  set_rx(): number {
    if (this.mode !== STATE_IDLE && this.mode !== STATE_RX) return -EBUSY;
    this.mode = STATE_RX;
    this.indication = NONE;
    this.listensSince = this.now + RAMP_UP;
    this.enter('rx');
    return 0;
  }

  write(psdu: Uint8Array): number {
    this.load(psdu);
    return 0;
  }

  request_transmit(): number {
    if (this.now < this.spacingEnd || this.sending === null || this.mode === STATE_TX) return -EBUSY;
    this.stop();
    this.mode = STATE_TX;
    this.enter('rx');
    this.after(RAMP_UP + CCA, this.assess);
    return 0;
  }

  confirm_transmit(info: ieee802154_tx_info_t): number {
    if (this.mode === STATE_TX) return -EAGAIN;
    info.status = this.mode === STATE_CCA_BUSY ? TX_STATUS_MEDIUM_BUSY : TX_STATUS_SUCCESS;
    this.mode = STATE_IDLE;
    return 0;
  }

  /** As RIOT's driver, whatever the filter or the FCS said. */
  read(buf: Uint8Array | null, size: number, info: ieee802154_rx_info_t | null): number {
    const length = this.len();
    if (this.received === null || size < length) return -ENOBUFS;
    if (buf === null) return 0;
    if (info !== null) {
      info.lqi = this.lqi;
      info.rssi = this.receivedRssi;
    }
    buf.set(this.received.bytes.subarray(0, length));
    return length;
  }

  busy_us(): number {
    return this.mode === STATE_TX ? this.nextIn : Math.max(1, this.spacingEnd - this.now);
  }

  /** Reception ends here until set_rx(). */
  indicate(cause: number): void {
    this.listensSince = Infinity;
    const ok = this.received !== null && fcsOk(this.received.bytes);
    this.indication = ok ? IEEE802154_RADIO_INDICATION_RX_DONE : IEEE802154_RADIO_INDICATION_CRC_ERROR;
    this.host.interrupt(this.onReceived, cause);
  }

  /**
   * The driver's filter, which takes one bit of the frame control for an ACK. In ACK_ONLY mode it still lets through
   * what is addressed to the node: that ends the reception in which the SubMAC waits for its ACK, and is lost.
   */
  protected rejects(bytes: Uint8Array): LossReason | null {
    if (this.filterMode >= IEEE802154_FILTER_PROMISC || !fcsOk(bytes)) return null;
    const isAck = (bytes[0] & IEEE802154_FCF_TYPE_ACK) !== 0;
    if (isAck && this.filterMode === IEEE802154_FILTER_ACK_ONLY) return null;
    return this.filter.accepts(bytes) ? null : 'filtered';
  }

  private readonly onReceived = (): undefined => {
    // The board may have left reception at the same instant.
    const { indication } = this;
    if (this.mode !== STATE_RX || indication === NONE) return;
    this.indication = NONE;
    if (indication === IEEE802154_RADIO_INDICATION_RX_DONE) this.mode = STATE_IDLE;
    this.cb(indication);
  };

  private readonly assess = (): undefined => {
    if (this.medium.clear(this.host.index, this.channel)) {
      this.enter('tx');
      this.after(RAMP_UP, this.start);
      return;
    }
    this.mode = STATE_CCA_BUSY;
    this.enter('idle');
    this.interrupt(this.onTransmitted);
  };

  private readonly start = (): undefined => {
    if (this.sending !== null) this.transmitFrame(this.sending, this.end);
  };

  private readonly end = (): undefined => {
    const length = this.sending?.bytes.length ?? 0;
    this.spacingEnd = this.now + (length > SIFS_MAX ? LIFS : SIFS);
    this.mode = STATE_IDLE;
    this.enter('idle');
    this.interrupt(this.onTransmitted);
  };

  private readonly onTransmitted = (): undefined => {
    this.cb(IEEE802154_RADIO_CONFIRM_TX_DONE);
  };
}
