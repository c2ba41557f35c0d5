// A board for tests of the stack's lower half: the real kernel, and a radio that the test plays.
import type { Blocking } from '../../../kernel/blocking.ts';
import { resolveConfig } from '../../../kernel/config.ts';
import { EAGAIN, EBUSY, EINVAL, ENOBUFS } from '../../../kernel/errno.ts';
import { ztimer_init } from '../../../kernel/ztimer.ts';
import { NET_CONFIG } from '../../../net/config.ts';
import { gnrc_pktbuf_used } from '../../../net/gnrc/pktbuf.ts';
import { IEEE802154_CAP_AUTO_CSMA, IEEE802154_FILTER_ACCEPT, IEEE802154_FILTER_ACK_ONLY,
  IEEE802154_RADIO_CONFIRM_TX_DONE, IEEE802154_RADIO_INDICATION_CRC_ERROR, IEEE802154_RADIO_INDICATION_RX_DONE,
  TX_STATUS_MEDIUM_BUSY, TX_STATUS_SUCCESS, type ieee802154_dev_t, type ieee802154_rx_info_t,
  type ieee802154_tx_info_t } from '../../../net/netdev.ts';
import { TestBoard, type TestBoardOptions } from '../../kernel/harness.ts';

/** A board whose configuration knows the network's names too. */
export class NetBoard extends TestBoard {
  constructor(main: () => Blocking<unknown>, options: TestBoardOptions & { net?: Record<string, number> } = {}) {
    super(main, { ...options, autoInit: options.autoInit ?? timersOnly });
    Object.assign(this.kernel.config, resolveConfig([NET_CONFIG], options.net));
  }

  /** As TestBoard.run(); what halted the board is thrown, so that no test passes over it. */
  override run(until = Infinity): this {
    super.run(until);
    if (this.kernel.failure !== null) throw this.kernel.failure;
    return this;
  }

  /** Bytes of the packet buffer in use. */
  get pktbufUsed(): number {
    return gnrc_pktbuf_used(this.kernel);
  }

  /** Runs `code` as this board, outside of any thread. */
  do<T>(code: () => T): T {
    return this.kernel.run(code);
  }
}

function* timersOnly(): Blocking<void> {
  ztimer_init();
}

export interface Sent {
  /** When it was given to the air, and when it is out, µs. */
  readonly start: number;
  readonly end: number;
  /** The MPDU without FCS. */
  readonly mpdu: Uint8Array;
}

const IDLE = 0;
const RX = 1;
const RECEIVED = 2;
const TX = 3;

/** A radio with socket_zep's times: 32 µs a byte less 200, and at once what is shorter. */
export class FakeRadio implements ieee802154_dev_t {
  readonly name = 'socket_zep';
  readonly caps: number;
  readonly eui64: Uint8Array;
  cb: (event: number) => undefined = () => undefined;
  readonly sent: Sent[] = [];
  /** Frames that arrived in a state in which they are not heard. */
  lost = 0;
  /** How many of the next transmissions find the channel busy. */
  busy = 0;
  /** Answers each frame that asks for it with an ACK of this sequence number, 192 + 160 µs after its end. */
  acks: ((seq: number) => number) | null = null;
  shortAddr = new Uint8Array(0);
  longAddr = new Uint8Array(0);
  panid = 0;
  channel = 0;
  txpower = 0;
  /** dBm; more is refused. */
  maxPower = Infinity;
  filter = IEEE802154_FILTER_ACCEPT;
  private state = IDLE;
  private loaded = new Uint8Array(0);
  private frame: Uint8Array = new Uint8Array(0);
  private status = TX_STATUS_SUCCESS;
  private attempt = 0;
  board: TestBoard | null = null;

  constructor(eui64: Uint8Array, caps = IEEE802154_CAP_AUTO_CSMA) {
    this.eui64 = eui64;
    this.caps = caps;
  }

  private get clock(): TestBoard {
    if (this.board === null) throw new TypeError('the radio has no board');
    return this.board;
  }

  /** A frame without FCS arrives at `at` µs. */
  receive(mpdu: Uint8Array, at: number, options: { badFcs?: boolean } = {}): void {
    this.clock.interruptAt(at, (): undefined => {
      const isAck = (mpdu[0]! & 2) !== 0;
      if (this.state !== RX || (this.filter === IEEE802154_FILTER_ACK_ONLY && !isAck)) {
        this.lost++;
        return;
      }
      this.state = RECEIVED;
      this.frame = mpdu;
      this.cb(options.badFcs === true ? IEEE802154_RADIO_INDICATION_CRC_ERROR : IEEE802154_RADIO_INDICATION_RX_DONE);
    });
  }

  on(): void {
    this.state = IDLE;
  }

  off(): void {
    this.state = IDLE;
  }

  config_phy(channel: number, txpower: number): number {
    if (txpower > this.maxPower) return -EINVAL;
    this.channel = channel;
    this.txpower = txpower;
    return 0;
  }

  set_short_addr(addr: Uint8Array): void {
    this.shortAddr = addr.slice();
  }

  set_ext_addr(addr: Uint8Array): void {
    this.longAddr = addr.slice();
  }

  set_panid(panid: number): void {
    this.panid = panid;
  }

  set_frame_filter_mode(mode: number): void {
    this.filter = mode;
  }

  get_frame_filter_mode(): number {
    return this.filter;
  }

  set_idle(force: boolean): number {
    if (this.state === TX && !force) return -EBUSY;
    this.state = IDLE;
    return 0;
  }

  set_rx(): number {
    if (this.state === TX || this.state === RECEIVED) return -EBUSY;
    this.state = RX;
    return 0;
  }

  write(psdu: Uint8Array): number {
    this.loaded = psdu.slice();
    return 0;
  }

  request_transmit(): number {
    if (this.state !== IDLE) return -EBUSY;
    this.state = TX;
    const attempt = ++this.attempt;
    const start = this.clock.time;
    const air = 32 * (this.loaded.length + 2);
    if (this.busy > 0) {
      this.busy--;
      this.clock.interruptAt(start + 128, (): undefined => this.finish(attempt, TX_STATUS_MEDIUM_BUSY));
      return 0;
    }
    const end = start + (air > 200 ? air - 200 : 0);
    this.sent.push({ start, end, mpdu: this.loaded });
    if (end === start) this.finish(attempt, TX_STATUS_SUCCESS);
    else this.clock.interruptAt(end, (): undefined => this.finish(attempt, TX_STATUS_SUCCESS));
    if (this.acks !== null && (this.loaded[0]! & 0x20) !== 0) {
      this.receive(new Uint8Array([2, 0, this.acks(this.loaded[2]!)]), end + 192);
    }
    return 0;
  }

  private finish(attempt: number, status: number): undefined {
    if (this.state !== TX || attempt !== this.attempt) return;
    this.state = IDLE;
    this.status = status;
    this.cb(IEEE802154_RADIO_CONFIRM_TX_DONE);
  }

  confirm_transmit(info: ieee802154_tx_info_t): number {
    if (this.state === TX) return -EAGAIN;
    info.status = this.status;
    info.retrans = 0;
    return 0;
  }

  len(): number {
    return this.frame.length;
  }

  read(buf: Uint8Array | null, size: number, info: ieee802154_rx_info_t | null): number {
    if (buf === null) return 0;
    if (this.frame.length > size) return -ENOBUFS;
    buf.set(this.frame);
    if (info !== null) {
      info.rssi = -27;
      info.lqi = 255;
    }
    return this.frame.length;
  }
}
