// The radio of the CC2538 under the radio HAL (RIOT cpu/cc2538/radio): CSMA/CA by its command strobe
// processor and ACKs by hardware; waiting for an ACK and retransmissions are the SubMAC's.
//
//     request_transmit: receiver up 192 µs, RSSI valid 128 µs; back-off, CCA, and again while it is
//     busy, five times at most; transmitter up 192 µs, frame
//
// 192 µs is aTurnaroundTime, which the data sheet gives for both directions, and RSSI takes its mean
// over 8 symbols (unverified). Modelled: back-off periods begin at once and not with the next tick of
// the MAC timer, and CCA looks at the channel at the end of the back-off.
import type { BoardRadio } from '../../boards/board.ts';
import { EAGAIN, EBUSY, EINVAL, ENOBUFS } from '../../kernel/errno.ts';
import {
  IEEE802154_CAP_AUTO_ACK, IEEE802154_CAP_AUTO_CSMA, IEEE802154_FILTER_ACCEPT, IEEE802154_FILTER_PROMISC,
  IEEE802154_RADIO_CONFIRM_TX_DONE, IEEE802154_RADIO_INDICATION_CRC_ERROR, IEEE802154_RADIO_INDICATION_RX_DONE,
  TX_STATUS_MEDIUM_BUSY, TX_STATUS_SUCCESS, type ieee802154_dev_t, type ieee802154_rx_info_t,
  type ieee802154_tx_info_t, type NetDevices,
} from '../../net/netdev.ts';
import {
  IEEE802154_ACK_FRAME_LEN, IEEE802154_FCF_TYPE_ACK, IEEE802154_FCF_TYPE_MASK, fcsOk,
} from '../../net/wire/ieee802154.ts';
import type { Prng } from '../sim/prng.ts';
import type { LossReason } from '../trace/event.ts';
import { wantsAck } from './filter.ts';
import type { Medium } from './medium.ts';
import type { AirFrame, RadioHost } from './port.ts';
import { BACKOFF, CCA, TURNAROUND, Transceiver } from './transceiver.ts';

const STATE_READY = 0;
const STATE_TX_BUSY = 1;
const STATE_CONFIRM_TX = 2;
const STATE_TX_ACK = 3;

/** The driver's constants, from CONFIG_IEEE802154_DEFAULT_CSMA_CA_*; it makes one attempt more than retries. */
const MIN_BE = 3;
const MAX_BE = 5;
const ATTEMPTS = 5;
/** What its driver takes, dBm. */
const OUTPUT_POWER_MIN = -24;
const OUTPUT_POWER_MAX = 7;
const NONE = -1;

export class Cc2538Rf extends Transceiver implements ieee802154_dev_t {
  readonly name = 'cc2538_rf';
  readonly caps = IEEE802154_CAP_AUTO_ACK | IEEE802154_CAP_AUTO_CSMA;
  readonly devices: NetDevices = { ieee802154: [this] };
  cb: (event: number) => undefined = () => undefined;
  private readonly random: Prng;
  private mode = STATE_READY;
  private filterMode = IEEE802154_FILTER_ACCEPT;
  /** Registers Y and Z of the strobe processor: back-off exponent, and attempts that are left. */
  private exponent = 0;
  private attempts = 0;
  private indication = NONE;
  private ack: AirFrame | null = null;

  constructor(host: RadioHost, medium: Medium, eui64: Uint8Array, figures: BoardRadio) {
    super(host, medium, eui64, figures);
    this.random = host.stream('csma');
  }

  on(): void {
    this.mode = STATE_READY;
    this.powerUp();
  }

  /** The driver cannot switch it off. */
  off(): void {
    return undefined;
  }

  override config_phy(channel: number, txpower: number): number {
    const dBm = (txpower << 24) >> 24;
    if (dBm < OUTPUT_POWER_MIN || dBm > OUTPUT_POWER_MAX) return -EINVAL;
    return super.config_phy(channel, dBm);
  }

  set_frame_filter_mode(mode: number): void {
    this.filterMode = mode;
  }

  get_frame_filter_mode(): number {
    return this.filterMode;
  }

  set_idle(force: boolean): number {
    if (!force && this.mode !== STATE_READY) return -EBUSY;
    this.stop();
    this.mode = STATE_READY;
    this.indication = NONE;
    this.enter('idle');
    return 0;
  }

  set_rx(): number {
    if (this.mode !== STATE_READY) return -EBUSY;
    this.indication = NONE;
    this.listensSince = this.now + TURNAROUND;
    this.enter('rx');
    return 0;
  }

  write(psdu: Uint8Array): number {
    this.load(psdu);
    return 0;
  }

  request_transmit(): number {
    if (this.mode === STATE_TX_BUSY || this.sending === null) return -EBUSY;
    this.stop();
    this.mode = STATE_TX_BUSY;
    this.exponent = MIN_BE;
    this.attempts = ATTEMPTS;
    this.enter('rx');
    this.after(TURNAROUND + CCA + this.backoff(), this.assess);
    return 0;
  }

  confirm_transmit(info: ieee802154_tx_info_t): number {
    if (this.mode !== STATE_CONFIRM_TX) return -EAGAIN;
    info.status = this.attempts === 0 ? TX_STATUS_MEDIUM_BUSY : TX_STATUS_SUCCESS;
    this.mode = STATE_READY;
    return 0;
  }

  /** Whatever comes of it, the receive FIFO is empty then. */
  read(buf: Uint8Array | null, size: number, info: ieee802154_rx_info_t | null): number {
    const frame = this.received;
    if (buf === null || frame === null) {
      this.received = null;
      return 0;
    }
    const length = this.len();
    this.received = null;
    if (length > size) return -ENOBUFS;
    if (info !== null) {
      info.lqi = this.lqi;
      info.rssi = this.receivedRssi;
    }
    buf.set(frame.bytes.subarray(0, length));
    return length;
  }

  busy_us(): number {
    return this.nextIn;
  }

  /** Reception ends here until set_rx(); hardware answers by itself. */
  indicate(cause: number): void {
    const frame = this.received;
    if (frame === null) return;
    this.listensSince = Infinity;
    const ok = fcsOk(frame.bytes);
    this.indication = ok ? IEEE802154_RADIO_INDICATION_RX_DONE : IEEE802154_RADIO_INDICATION_CRC_ERROR;
    if (ok && this.filterMode < IEEE802154_FILTER_PROMISC && wantsAck(frame.bytes)) {
      this.mode = STATE_TX_ACK;
      this.ack = this.ackOf(frame);
      this.after(TURNAROUND, this.acknowledge);
    }
    this.host.interrupt(this.onReceived, cause);
  }

  /**
   * The driver only ever adds sorts of frames to those that pass, and after a reset all do: ACKs and other frames for
   * this node are heard in every mode. What arrives while the SubMAC waits for its ACK is acknowledged, and lost.
   */
  protected rejects(bytes: Uint8Array): LossReason | null {
    if (this.filterMode >= IEEE802154_FILTER_PROMISC || !fcsOk(bytes)) return null;
    const type = bytes[0] & IEEE802154_FCF_TYPE_MASK;
    if (type === IEEE802154_FCF_TYPE_ACK && bytes.length === IEEE802154_ACK_FRAME_LEN) return null;
    return this.filter.accepts(bytes) ? null : 'filtered';
  }

  private backoff(): number {
    return (this.random.next32() & ((1 << this.exponent) - 1)) * BACKOFF;
  }

  private readonly assess = (): undefined => {
    if (this.medium.clear(this.host.index, this.channel)) {
      this.enter('tx');
      this.after(TURNAROUND, this.start);
      return;
    }
    this.attempts--;
    if (this.exponent < MAX_BE) this.exponent++;
    if (this.attempts > 0) {
      this.after(this.backoff(), this.assess);
      return;
    }
    this.mode = STATE_CONFIRM_TX;
    this.interrupt(this.onTransmitted);
  };

  private readonly start = (): undefined => {
    if (this.sending !== null) this.transmitFrame(this.sending, this.end);
  };

  private readonly end = (): undefined => {
    this.mode = STATE_CONFIRM_TX;
    this.enter('idle');
    this.interrupt(this.onTransmitted);
  };

  private readonly acknowledge = (): undefined => {
    if (this.ack !== null) this.transmitFrame(this.ack, this.acknowledged);
  };

  private readonly acknowledged = (): undefined => {
    this.mode = STATE_READY;
    this.ack = null;
    this.enter('rx');
  };

  private readonly onReceived = (): undefined => {
    const { indication } = this;
    if (indication === NONE) return;
    this.indication = NONE;
    this.cb(indication);
  };

  private readonly onTransmitted = (): undefined => {
    this.cb(IEEE802154_RADIO_CONFIRM_TX_DONE);
  };
}
