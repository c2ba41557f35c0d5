// The radio of RIOT's native boards: socket_zep under the radio HAL (RIOT cpu/native/socket_zep).
//
// It knows no collisions, no CSMA and no PHY header. A frame is on the air for 32 µs a byte less
// 200 µs, then all hear it at once; one that would take no more than 200 µs, such as an ACK, is heard
// within the call that sends it. There is one receive buffer, and what arrives in any state but RX_ON
// is lost.
import type { BoardRadio } from '../../boards/board.ts';
import { EAGAIN, EBUSY, EINVAL } from '../../kernel/errno.ts';
import {
  IEEE802154_CAP_AUTO_CSMA,
  IEEE802154_FILTER_ACCEPT,
  IEEE802154_FILTER_ACK_ONLY,
  IEEE802154_FILTER_PROMISC,
  IEEE802154_RADIO_CONFIRM_TX_DONE,
  IEEE802154_RADIO_INDICATION_RX_DONE,
  IEEE802154_RADIO_INDICATION_RX_START,
  IEEE802154_RADIO_INDICATION_TX_START,
  TX_STATUS_SUCCESS,
  type ieee802154_dev_t,
  type ieee802154_rx_info_t,
  type ieee802154_tx_info_t, type NetDevices,
} from '../../net/netdev.ts';
import {
  IEEE802154_FCF_TYPE_ACK, IEEE802154_FCS_LEN, IEEE802154_PANID_BCAST, fcsOk, putFcs,
} from '../../net/wire/ieee802154.ts';
import { KIND_RADIO } from '../sim/digest.ts';
import { QueueEntry } from '../sim/event-queue.ts';
import type { Prng } from '../sim/prng.ts';
import type { LossReason } from '../trace/event.ts';
import { MODE_LONG, MODE_SHORT, NodeAddresses, dstMode, isBroadcast, isTo, panAt } from './filter.ts';
import type { Medium } from './medium.ts';
import type { AirFrame, Radio, RadioHost, RadioState } from './port.ts';

const STATE_IDLE = 0;
const STATE_RX_ON = 1;
const STATE_RX_RECV = 2;
const STATE_TX = 3;

/**
 * How strong RIOT's driver takes a link quality for, dB: its table at every sixteenth LQI, and at 255. Straight lines
 * between them differ from it by 1 dB at most.
 */
const FADING = [74, 75, 75, 77, 78, 80, 83, 86, 90, 96, 102, 108, 116, 124, 132, 140, 148] as const;
const FADING_STEP = 16;

function fading(lqi: number): number {
  const at = lqi >> 4;
  const below = FADING[at];
  return below + Math.round((FADING[at + 1] - below) * (lqi & 15) / FADING_STEP);
}

export class SocketZep implements ieee802154_dev_t, Radio {
  readonly name = 'socket_zep';
  readonly caps = IEEE802154_CAP_AUTO_CSMA;
  readonly eui64: Uint8Array;
  /** That of the frame which was taken last. */
  lqi: number;
  channel = 0;
  readonly collides = false;
  readonly devices: NetDevices = { ieee802154: [this] };
  onState: ((state: RadioState) => undefined) | null = null;
  cb: (event: number) => undefined = () => undefined;

  private readonly host: RadioHost;
  private readonly medium: Medium;
  private readonly figures: BoardRadio;
  private readonly random: Prng;
  private readonly airEnd: QueueEntry;
  private mode = STATE_IDLE;
  private powered = false;
  private filter = IEEE802154_FILTER_ACCEPT;
  private readonly addresses = new NodeAddresses(0);
  private sending: AirFrame | null = null;
  private sendStart = 0;
  private received: AirFrame | null = null;
  private receivedRssi = 0;

  /** @param figures the numbers of the board that carries it */
  constructor(host: RadioHost, medium: Medium, eui64: Uint8Array, figures: BoardRadio) {
    this.host = host;
    this.medium = medium;
    this.eui64 = eui64;
    this.figures = figures;
    this.lqi = figures.lqi;
    this.random = host.stream('rssi');
    this.airEnd = new QueueEntry(KIND_RADIO, host.index, () => this.endTransmission());
  }

  get state(): RadioState {
    if (!this.powered) return 'off';
    return this.mode === STATE_IDLE ? 'idle' : this.mode === STATE_TX ? 'tx' : 'rx';
  }

  on(): void {
    this.medium.attach(this.host.index, this);
    this.powered = true;
    this.enter(this.mode);
  }

  off(): void {
    this.medium.attach(this.host.index, null);
    this.powered = false;
    this.enter(this.mode);
  }

  /** Power is gone: what was on its way is cut off. */
  unplug(): void {
    this.off();
    this.host.engine.queue.cancel(this.airEnd);
  }

  config_phy(channel: number): number {
    this.channel = channel;
    return 0;
  }

  set_short_addr(addr: Uint8Array): void {
    this.addresses.setShort(addr);
  }

  set_ext_addr(addr: Uint8Array): void {
    this.addresses.setLong(addr);
  }

  set_panid(panid: number): void {
    this.addresses.panid = panid;
  }

  set_frame_filter_mode(mode: number): void {
    this.filter = mode;
  }

  get_frame_filter_mode(): number {
    return this.filter;
  }

  set_idle(force: boolean): number {
    if (this.mode === STATE_TX && !force) return -EBUSY;
    this.host.engine.queue.cancel(this.airEnd);
    this.enter(STATE_IDLE);
    return 0;
  }

  set_rx(): number {
    if (this.mode === STATE_TX || this.mode === STATE_RX_RECV) return -EBUSY;
    this.enter(STATE_RX_ON);
    return 0;
  }

  write(psdu: Uint8Array): number {
    const bytes = this.medium.bytes(psdu.length + IEEE802154_FCS_LEN);
    bytes.set(psdu);
    putFcs(bytes, 0, psdu.length);
    this.sending = { bytes, channel: this.channel, sound: true };
    return 0;
  }

  request_transmit(): number {
    if (this.mode !== STATE_IDLE || this.sending === null) return -EBUSY;
    const { engine } = this.host;
    const airTime = this.sending.bytes.length * this.figures.byteTime;
    this.enter(STATE_TX);
    this.sendStart = engine.now;
    this.cb(IEEE802154_RADIO_INDICATION_TX_START);
    if (airTime > this.figures.txLead) {
      engine.schedule(this.airEnd, engine.now + airTime - this.figures.txLead);
    } else {
      this.medium.transmit(this.host.index, this.sending, this.sendStart);
      this.transmitted();
    }
    return 0;
  }

  confirm_transmit(info: ieee802154_tx_info_t): number {
    if (this.mode === STATE_TX) return -EAGAIN;
    info.status = TX_STATUS_SUCCESS;
    return 0;
  }

  len(): number {
    return this.received === null ? 0 : this.received.bytes.length - IEEE802154_FCS_LEN;
  }

  /** As RIOT's driver: a length that differs from the frame's or a wrong FCS is -EINVAL, the latter after copying. */
  read(buf: Uint8Array | null, size: number, info: ieee802154_rx_info_t | null): number {
    if (buf === null || this.received === null) return 0;
    const { bytes, sound } = this.received;
    const length = bytes.length - IEEE802154_FCS_LEN;
    if (size !== length) return -EINVAL;
    if (info !== null) {
      info.lqi = this.lqi;
      info.rssi = this.receivedRssi;
    }
    buf.set(bytes.subarray(0, length));
    return sound === true || fcsOk(bytes) ? length : -EINVAL;
  }

  refuses(frame: AirFrame): LossReason | null {
    if (this.mode !== STATE_RX_ON) return this.mode === STATE_IDLE ? 'not-listening' : 'busy';
    if (frame.channel !== this.channel) return 'wrong-channel';
    return this.forMe(frame.bytes) ? null : 'filtered';
  }

  take(frame: AirFrame): number {
    this.enter(STATE_RX_RECV);
    this.received = frame;
    this.lqi = frame.lqi ?? this.figures.lqi;
    this.receivedRssi = this.figures.rssi + fading(this.lqi) - fading(this.figures.lqi) + (this.random.next32() & 3);
    return this.receivedRssi;
  }

  indicate(cause: number): void {
    this.host.interrupt(this.onReceived, cause);
  }

  /** The interrupt of a reception. The board may have left it behind at the same instant. */
  private readonly onReceived = (): undefined => {
    if (this.mode !== STATE_RX_RECV) return;
    this.cb(IEEE802154_RADIO_INDICATION_RX_START);
    this.cb(IEEE802154_RADIO_INDICATION_RX_DONE);
  };

  private enter(mode: number): void {
    this.mode = mode;
    if (this.onState !== null) this.onState(this.state);
  }

  private readonly onTransmitted = (): undefined => {
    this.cb(IEEE802154_RADIO_CONFIRM_TX_DONE);
  };

  private endTransmission(): undefined {
    const frame = this.sending;
    if (frame === null) return;
    this.medium.transmit(this.host.index, frame, this.sendStart);
    this.enter(STATE_IDLE);
    this.host.interrupt(this.onTransmitted, this.host.engine.trace.origin);
  }

  private transmitted(): void {
    this.enter(STATE_IDLE);
    this.cb(IEEE802154_RADIO_CONFIRM_TX_DONE);
  }

  /**
   * The driver's address filter. It takes bit 1 of the frame control for an ACK, which a MAC command
   * has set too; a frame without destination has PAN ID 0 for it. Bytes that are not there count as 0.
   */
  private forMe(bytes: Uint8Array): boolean {
    if (this.filter >= IEEE802154_FILTER_PROMISC) return true;
    if ((bytes[0] & IEEE802154_FCF_TYPE_ACK) !== 0) return true;
    if (this.filter === IEEE802154_FILTER_ACK_ONLY) return false;
    const { panid, shortAddr, longAddr } = this.addresses;
    const mode = dstMode(bytes);
    const pan = mode < MODE_SHORT ? 0 : panAt(bytes);
    if (pan !== panid && pan !== IEEE802154_PANID_BCAST) return false;
    if (mode === MODE_LONG) return isTo(bytes, longAddr);
    if (mode === MODE_SHORT) return isBroadcast(bytes) || isTo(bytes, shortAddr);
    return true;
  }
}
