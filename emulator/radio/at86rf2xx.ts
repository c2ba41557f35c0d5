// The AT86RF231 and AT86RF233 in their extended operating mode, as RIOT's driver uses it (RIOT
// drivers/at86rf2xx): the chip does CSMA/CA, waits for ACKs, retransmits, filters and acknowledges.
//
//     TX_START: back-off, CCA 140 µs, and again while it is busy; transmitter up 16 µs, frame; the
//     ACK is waited for 864 µs from the frame's end, and all of it done again without one
//
// 16 µs from PLL_ON to BUSY_TX, 32 µs from sending to receiving and 110 µs from TRX_OFF to a locked PLL
// are from the AT86RF231 data sheet (8111, table 7-1 and 7-2), the 12 µs that a CCA takes beside its 8
// symbols from RIOT's driver. 54 symbols are macAckWaitDuration. Modelled: reading and writing over
// SPI takes no time here.
import type { BoardRadio } from '../../boards/board.ts';
import {
  AT86RF2XX_STATE_BUSY_RX_AACK, AT86RF2XX_STATE_BUSY_TX_ARET, AT86RF2XX_STATE_P_ON,
  AT86RF2XX_STATE_RX_AACK_ON, AT86RF2XX_STATE_SLEEP, AT86RF2XX_STATE_TRX_OFF, AT86RF2XX_STATE_TX_ARET_ON,
  AT86RF2XX_TRAC_CHANNEL_ACCESS_FAILURE, AT86RF2XX_TRAC_NO_ACK, AT86RF2XX_TRAC_SUCCESS,
  AT86RF2XX_TRAC_SUCCESS_DATA_PENDING, type at86rf2xx_dev_t, type ieee802154_rx_info_t, type NetDevices,
} from '../../net/netdev.ts';
import {
  IEEE802154_ACK_FRAME_LEN, IEEE802154_FCF_ACK_REQ, IEEE802154_FCF_FRAME_PEND, fcsOk,
} from '../../net/wire/ieee802154.ts';
import type { Prng } from '../sim/prng.ts';
import type { LossReason } from '../trace/event.ts';
import { isAckOf, wantsAck } from './filter.ts';
import type { Medium } from './medium.ts';
import type { AirFrame, RadioHost } from './port.ts';
import { BACKOFF, CCA, SYMBOL, TURNAROUND, Transceiver } from './transceiver.ts';

const PLL_TO_TX = 16;
const PLL_TO_RX = 1;
const TX_TO_RX = 32;
const OFF_TO_PLL = 110;
const CCA_EXTRA = 12;
const ACK_WAIT = 54 * SYMBOL;
const MIN_BE = 3;
const MAX_BE = 5;
/** Reset values of XAH_CTRL_0 and CCA_THRES. */
const MAX_RETRIES = 3;
const CSMA_MAX_RETRIES = 4;
const CCA_ED_THRES = 7;
/** RSSI_BASE_VAL of RIOT's driver, dBm. */
const RSSI_BASE_RF233 = -94;
const RSSI_BASE = -91;

export class At86Rf2xx extends Transceiver implements at86rf2xx_dev_t {
  readonly name = 'at86rf2xx';
  readonly devices: NetDevices = { ieee802154: [], at86rf2xx: [this] };
  irq: () => undefined = () => undefined;
  trac_status = AT86RF2XX_TRAC_SUCCESS;
  retries = 0;
  max_retries = MAX_RETRIES;
  csma_max_retries = CSMA_MAX_RETRIES;
  auto_ack = true;
  ack_pending = false;
  promiscuous = false;
  cca_ed_thres = CCA_ED_THRES;
  unread = false;
  readonly have_retries: boolean;
  readonly rssi_base: number;

  private readonly random: Prng;
  private mode = AT86RF2XX_STATE_P_ON;
  private trxEnd = false;
  /** CSMA/CA: attempts at this frame so far, and the back-off exponent. */
  private busyCount = 0;
  private exponent = 0;
  private waitsForAck = false;
  /** When the frame that waits for an ACK was out, µs. */
  private sendEnd = 0;
  private ack: AirFrame | null = null;

  constructor(host: RadioHost, medium: Medium, eui64: Uint8Array, figures: BoardRadio) {
    super(host, medium, eui64, figures);
    this.random = host.stream('csma');
    this.have_retries = figures.chip === 'at86rf233';
    this.rssi_base = figures.chip === 'at86rf233' ? RSSI_BASE_RF233 : RSSI_BASE;
    this.powerUp();
  }

  get ed_level(): number {
    return this.received === null ? 0 : Math.max(0, this.receivedRssi - this.rssi_base);
  }

  reset(): void {
    this.stop();
    this.max_retries = MAX_RETRIES;
    this.csma_max_retries = CSMA_MAX_RETRIES;
    this.auto_ack = true;
    this.ack_pending = false;
    this.promiscuous = false;
    this.cca_ed_thres = CCA_ED_THRES;
    this.unread = false;
    this.trxEnd = false;
    this.waitsForAck = false;
    this.mode = AT86RF2XX_STATE_TRX_OFF;
    this.enter('idle');
  }

  status(): number {
    return this.mode === AT86RF2XX_STATE_RX_AACK_ON && this.incomingEnd() > 0
      ? AT86RF2XX_STATE_BUSY_RX_AACK
      : this.mode;
  }

  busy_us(): number {
    if (this.waitsForAck) return this.ackIn();
    if (this.mode === AT86RF2XX_STATE_BUSY_TX_ARET || this.mode === AT86RF2XX_STATE_BUSY_RX_AACK) return this.nextIn;
    if (this.mode !== AT86RF2XX_STATE_RX_AACK_ON) return 0;
    const end = this.incomingEnd();
    return end === 0 ? 0 : Math.max(1, end - this.now);
  }

  set_state(state: number): void {
    if (state === this.mode || this.busy_us() > 0) return;
    const locked = this.mode !== AT86RF2XX_STATE_TRX_OFF && this.mode !== AT86RF2XX_STATE_SLEEP;
    this.mode = state;
    this.listensSince = Infinity;
    if (state === AT86RF2XX_STATE_RX_AACK_ON) {
      this.listensSince = this.now + (locked ? PLL_TO_RX : OFF_TO_PLL);
      this.unread = false;
      this.enter('rx');
    } else {
      this.enter(state === AT86RF2XX_STATE_SLEEP ? 'sleep' : 'idle');
    }
  }

  irq_trx_end(): boolean {
    const ended = this.trxEnd;
    this.trxEnd = false;
    return ended;
  }

  cca(): boolean {
    return this.medium.clear(this.host.index, this.channel);
  }

  write(psdu: Uint8Array): void {
    this.load(psdu);
    this.unread = false;
  }

  transmit(): void {
    if (this.mode !== AT86RF2XX_STATE_TX_ARET_ON || this.sending === null) return;
    this.mode = AT86RF2XX_STATE_BUSY_TX_ARET;
    this.retries = 0;
    this.contend();
  }

  read(buf: Uint8Array, info: ieee802154_rx_info_t): void {
    if (this.received === null) return;
    buf.set(this.received.bytes.subarray(0, this.len()));
    info.lqi = this.lqi;
    info.rssi = this.receivedRssi;
  }

  /** A frame is kept from being overwritten until it is fetched (RX_SAFE_MODE); hardware answers by itself. */
  indicate(cause: number): void {
    const frame = this.received;
    if (frame === null) return;
    this.listensSince = Infinity;
    if (this.waitsForAck) {
      const pending = (frame.bytes[0] & IEEE802154_FCF_FRAME_PEND) !== 0;
      this.finish(pending ? AT86RF2XX_TRAC_SUCCESS_DATA_PENDING : AT86RF2XX_TRAC_SUCCESS);
      return;
    }
    this.unread = true;
    this.trxEnd = true;
    if (this.auto_ack && this.filter.accepts(frame.bytes) && wantsAck(frame.bytes)) {
      this.mode = AT86RF2XX_STATE_BUSY_RX_AACK;
      this.ack = this.ackOf(frame, this.ack_pending);
      this.after(TURNAROUND, this.acknowledge);
    }
    this.host.interrupt(this.onIrq, cause);
  }

  protected rejects(bytes: Uint8Array): LossReason | null {
    if (bytes.length < IEEE802154_ACK_FRAME_LEN || !fcsOk(bytes)) return 'fcs';
    if (this.waitsForAck) return this.sending !== null && isAckOf(bytes, this.sending.bytes[2]) ? null : 'filtered';
    return this.promiscuous || this.filter.accepts(bytes) ? null : 'filtered';
  }

  /** When the frame for this node ends whose SFD has been seen, µs; 0 when none comes in. */
  private incomingEnd(): number {
    const sent = this.medium.incoming(this.host.index, this.channel, this.listensSince);
    return sent !== null && this.rejects(sent.frame.bytes) === null ? sent.end : 0;
  }

  /** µs until it is worth asking whether an ACK is there: none begins before 12 symbols, and then it may any time. */
  private ackIn(): number {
    const earliest = this.sendEnd + TURNAROUND - this.now;
    if (earliest > 0) return earliest;
    const end = this.incomingEnd();
    return end > this.now ? end - this.now : Math.min(SYMBOL, this.nextIn);
  }

  /** Begins CSMA/CA anew. */
  private contend(): void {
    this.busyCount = 0;
    this.exponent = MIN_BE;
    if (this.csma_max_retries < 0) this.settle();
    else this.backOff();
  }

  private backOff(): void {
    const periods = this.random.next32() & ((1 << this.exponent) - 1);
    this.enter('idle');
    this.after(periods * BACKOFF, this.listenFirst);
  }

  private readonly listenFirst = (): undefined => {
    this.enter('rx');
    this.after(CCA + CCA_EXTRA, this.assess);
  };

  private readonly assess = (): undefined => {
    if (this.cca()) {
      this.settle();
    } else if (this.busyCount++ >= this.csma_max_retries) {
      this.finish(AT86RF2XX_TRAC_CHANNEL_ACCESS_FAILURE);
    } else {
      if (this.exponent < MAX_BE) this.exponent++;
      this.backOff();
    }
  };

  private settle(): void {
    this.enter('tx');
    this.after(PLL_TO_TX, this.start);
  }

  private readonly start = (): undefined => {
    if (this.sending !== null) this.transmitFrame(this.sending, this.end);
  };

  private readonly end = (): undefined => {
    if (this.sending === null || (this.sending.bytes[0] & IEEE802154_FCF_ACK_REQ) === 0) {
      this.finish(AT86RF2XX_TRAC_SUCCESS);
      return;
    }
    this.waitsForAck = true;
    this.sendEnd = this.now;
    this.listensSince = this.now + TX_TO_RX;
    this.enter('rx');
    this.after(ACK_WAIT, this.noAck);
  };

  private readonly noAck = (): undefined => {
    this.waitsForAck = false;
    this.listensSince = Infinity;
    if (this.retries >= this.max_retries) {
      this.finish(AT86RF2XX_TRAC_NO_ACK);
      return;
    }
    this.retries++;
    this.contend();
  };

  private finish(trac: number): void {
    this.stop();
    this.waitsForAck = false;
    this.trac_status = trac;
    this.trxEnd = true;
    this.mode = AT86RF2XX_STATE_TX_ARET_ON;
    this.enter('idle');
    this.interrupt(this.onIrq);
  }

  private readonly acknowledge = (): undefined => {
    if (this.ack !== null) this.transmitFrame(this.ack, this.acknowledged);
  };

  private readonly acknowledged = (): undefined => {
    this.ack = null;
    this.mode = AT86RF2XX_STATE_RX_AACK_ON;
    this.enter('rx');
  };

  private readonly onIrq = (): undefined => {
    this.irq();
  };
}
