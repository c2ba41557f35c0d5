// Network devices, in two layers.
//
// What a radio driver gives the stack: RIOT's IEEE 802.15.4 radio HAL
// (sys/include/net/ieee802154/radio.h). emulator/radio implements it; net/gnrc uses it.
// Every call returns at once; what takes time ends in `cb()`, which the device calls in interrupt
// context of its board.
//
// What an interface works with: RIOT's netdev (drivers/include/net/netdev.h), whose drivers are in net/gnrc.
import type { Blocking } from '../kernel/blocking.ts';
import type { netopt_t } from './netopt.ts';

/** Events of the device, ieee802154_trx_ev_t. */
export const IEEE802154_RADIO_CONFIRM_TX_DONE = 0;
export const IEEE802154_RADIO_INDICATION_CRC_ERROR = 1;
export const IEEE802154_RADIO_INDICATION_TX_START = 2;
export const IEEE802154_RADIO_INDICATION_RX_START = 3;
export const IEEE802154_RADIO_INDICATION_RX_DONE = 4;

/** Capabilities of the device, a bit set (ieee802154_rf_caps_t). */
export const IEEE802154_CAP_FRAME_RETRANS = 1 << 0;
export const IEEE802154_CAP_AUTO_CSMA = 1 << 1;
export const IEEE802154_CAP_AUTO_ACK = 1 << 2;
export const IEEE802154_CAP_IRQ_ACK_TIMEOUT = 1 << 3;

/** Modulations, as NETOPT_IEEE802154_PHY tells them: all devices here are of the 2.4 GHz band. */
export const IEEE802154_PHY_OQPSK = 3;

/** Frame filter modes, ieee802154_filter_mode_t. */
export const IEEE802154_FILTER_ACCEPT = 0;
export const IEEE802154_FILTER_ACK_ONLY = 1;
export const IEEE802154_FILTER_PROMISC = 2;
export const IEEE802154_FILTER_SNIFFER = 3;

/** Outcome of a transmission, ieee802154_tx_status_t. */
export const TX_STATUS_SUCCESS = 0;
export const TX_STATUS_FRAME_PENDING = 1;
export const TX_STATUS_MEDIUM_BUSY = 2;
export const TX_STATUS_NO_ACK = 3;

export interface ieee802154_tx_info_t {
  status: number;
  retrans: number;
}

export interface ieee802154_rx_info_t {
  /** dBm. */
  rssi: number;
  /** 0 to 255. */
  lqi: number;
}

export interface ieee802154_dev_t {
  /** The driver's name, which the netif thread takes: 'socket_zep', 'nrf802154' ... */
  readonly name: string;
  /** IEEE802154_CAP_* bits. */
  readonly caps: number;
  /** The device's EUI-64, network order. */
  readonly eui64: Uint8Array;
  /** The upper layer's handler; the device calls it in interrupt context. */
  cb: (event: number) => undefined;

  /** Turns the radio on (idle afterwards) and off. */
  on(): void;
  off(): void;
  /** Channel 11 to 26 and power in dBm, 8 bits: 0, or -EINVAL for a power that it does not have. */
  config_phy(channel: number, txpower: number): number;
  set_short_addr(addr: Uint8Array): void;
  set_ext_addr(addr: Uint8Array): void;
  set_panid(panid: number): void;
  set_frame_filter_mode(mode: number): void;
  get_frame_filter_mode(): number;

  /** Leaves reception or, with `force`, whatever goes on. 0, or -EBUSY while busy and not forced. */
  set_idle(force: boolean): number;
  /** Starts to listen. 0. */
  set_rx(): number;
  /** Loads a frame: `psdu` is the MPDU without FCS; copied. 0. */
  write(psdu: Uint8Array): number;
  /** Sends what was written. 0, or -EBUSY. CONFIRM_TX_DONE follows, for a short frame within the call. */
  request_transmit(): number;
  /** 0 and the outcome in `info`, or -EAGAIN while the frame is still on its way. */
  confirm_transmit(info: ieee802154_tx_info_t): number;
  /** Length of the received frame without FCS. */
  len(): number;
  /**
   * Fetches the received frame into `buf` (at most `size` bytes) and frees the device's buffer;
   * `buf` null discards it. Returns the length, or -ENOBUFS when it does not fit.
   */
  read(buf: Uint8Array | null, size: number, info: ieee802154_rx_info_t | null): number;
  /**
   * For who spins on -EBUSY or -EAGAIN: µs, at least 1, until it is worth asking again. A device without it is
   * asked every symbol.
   */
  busy_us?(): number;
}

/** States of an at86rf2xx in its extended operating mode, as its TRX_STATUS register tells them. */
export const AT86RF2XX_STATE_P_ON = 0x00;
export const AT86RF2XX_STATE_TRX_OFF = 0x08;
export const AT86RF2XX_STATE_PLL_ON = 0x09;
export const AT86RF2XX_STATE_SLEEP = 0x0f;
export const AT86RF2XX_STATE_BUSY_RX_AACK = 0x11;
export const AT86RF2XX_STATE_BUSY_TX_ARET = 0x12;
export const AT86RF2XX_STATE_RX_AACK_ON = 0x16;
export const AT86RF2XX_STATE_TX_ARET_ON = 0x19;

/** How a transmission of an at86rf2xx ended: the TRAC_STATUS bits of its TRX_STATE register. */
export const AT86RF2XX_TRAC_SUCCESS = 0;
export const AT86RF2XX_TRAC_SUCCESS_DATA_PENDING = 1;
export const AT86RF2XX_TRAC_CHANNEL_ACCESS_FAILURE = 3;
export const AT86RF2XX_TRAC_NO_ACK = 5;

/**
 * An at86rf2xx as its driver sees it: CSMA/CA, ACKs and retransmissions are the chip's own. It has no radio HAL in
 * RIOT; these are the registers, the frame buffer and the pins that drivers/at86rf2xx uses.
 */
export interface at86rf2xx_dev_t {
  /** 'at86rf2xx', which the netif thread takes. */
  readonly name: string;
  /** The device's EUI-64, network order. */
  readonly eui64: Uint8Array;
  /** The driver's handler of the IRQ pin; the device calls it in interrupt context. */
  irq: () => undefined;
  /** How the last transmission ended, AT86RF2XX_TRAC_*, and how often it was repeated. */
  readonly trac_status: number;
  readonly retries: number;
  /** Whether the chip tells `retries`: the AT86RF233 does. */
  readonly have_retries: boolean;
  /** What its energy and threshold registers count from, dBm. */
  readonly rssi_base: number;
  /** Energy of the frame received last, above rssi_base, dB. */
  readonly ed_level: number;
  /** The register of the threshold of CCA: 0 to 15, times 2 dB above rssi_base. */
  cca_ed_thres: number;

  /** The reset pin: registers at their defaults, state TRX_OFF. */
  reset(): void;
  /** The state, AT86RF2XX_STATE_*. */
  status(): number;
  /** µs until a BUSY state ends at the earliest; 0 outside of them, and only then set_state() takes effect. */
  busy_us(): number;
  set_state(state: number): void;
  /** Whether a reception or transmission has ended since the last call (IRQ_STATUS, which reading clears). */
  irq_trx_end(): boolean;

  /** Channel 11 to 26 and power in dBm. */
  config_phy(channel: number, txpower: number): void;
  set_short_addr(addr: Uint8Array): void;
  set_ext_addr(addr: Uint8Array): void;
  set_panid(panid: number): void;
  /** Retransmissions without an ACK, 0 to 7. */
  max_retries: number;
  /** Attempts at a busy channel after the first, 0 to 5; -1: no CSMA/CA. */
  csma_max_retries: number;
  auto_ack: boolean;
  /** Whether ACKs have the frame pending bit. */
  ack_pending: boolean;
  promiscuous: boolean;
  /** One clear channel assessment now: whether nobody sends. */
  cca(): boolean;

  /** Fills the frame buffer: `psdu` is the MPDU without FCS; copied. What was received there is gone. */
  write(psdu: Uint8Array): void;
  /** TX_START in state TX_ARET_ON: sends the frame buffer. irq_trx_end() follows. */
  transmit(): void;
  /** Whether the frame buffer holds a received frame that was not fetched. */
  readonly unread: boolean;
  /** Length of the received frame without FCS. */
  len(): number;
  /** Fetches the received frame, which fits into `buf`. */
  read(buf: Uint8Array, info: ieee802154_rx_info_t): void;
}

/**
 * An Ethernet port as netdev_tap sees it: a TAP device of the host, behind a file descriptor. Frames begin with the
 * Ethernet header and have no FCS.
 */
export interface tap_dev_t {
  /** The EUI-48 that the driver starts with, 6 bytes. */
  readonly eui48: Uint8Array;
  /** The driver's handler of SIGIO; the device calls it in interrupt context when a frame has come. */
  readable: () => undefined;
  /** writev(): takes a whole frame, which is copied. Bytes taken, or -1. */
  write(frame: Uint8Array): number;
  /** read(): takes the next frame that has come, what fits into buf[0..len). Its bytes, or -1 when there is none. */
  read(buf: Uint8Array, len: number): number;
  /** Whether there is something to read. */
  readonly pending: boolean;
}

/** The devices of the running board, in the order of their interfaces; set by the board's boot. */
export interface NetDevices {
  readonly ieee802154: readonly ieee802154_dev_t[];
  readonly at86rf2xx?: readonly at86rf2xx_dev_t[];
  readonly tap?: readonly tap_dev_t[];
}

/** Types of devices, netdev_type_t. */
export const NETDEV_TYPE_UNKNOWN = 0;
export const NETDEV_TYPE_TEST = 1;
export const NETDEV_TYPE_RAW = 2;
export const NETDEV_TYPE_ETHERNET = 3;
export const NETDEV_TYPE_IEEE802154 = 4;

/** Events of a netdev, netdev_event_t; NETDEV_EVENT_ISR is a callback of its own. */
export const NETDEV_EVENT_RX_STARTED = 1;
export const NETDEV_EVENT_RX_COMPLETE = 2;
export const NETDEV_EVENT_TX_STARTED = 3;
export const NETDEV_EVENT_TX_COMPLETE = 4;
export const NETDEV_EVENT_TX_COMPLETE_DATA_PENDING = 5;
export const NETDEV_EVENT_TX_NOACK = 6;
export const NETDEV_EVENT_TX_MEDIUM_BUSY = 7;
export const NETDEV_EVENT_LINK_UP = 8;
export const NETDEV_EVENT_LINK_DOWN = 9;

/** A part of a frame to send: RIOT's iolist_t, in the form that a gnrc_pktsnip_t has. */
export interface netdev_part_t {
  readonly next: netdev_part_t | null;
  readonly data: Uint8Array | null;
  readonly size: number;
}

/** An entry of a filter of addresses, see net/gnrc/l2filter.ts. */
export interface l2filter_t {
  readonly addr: Uint8Array;
  /** 0: the entry is free. */
  addr_len: number;
}

/** What is known of a received frame, netdev_ieee802154_rx_info_t. */
export interface netdev_rx_info_t {
  /** dBm. */
  rssi: number;
  /** 0 to 255. */
  lqi: number;
}

/** A network device with its driver's functions. */
export interface netdev_t {
  /** The driver's name, which the interface's thread takes. */
  readonly name: string;
  /** With module l2filter: the sources whose frames are passed over, or passed on. */
  readonly filter?: readonly l2filter_t[];
  /**
   * The interface's handler of NETDEV_EVENT_ISR: asks for isr() in the thread. For interrupts and the thread
   * itself.
   */
  isr_callback: () => undefined;
  /** The interface's handler of all other events, which isr() and init() report. */
  event_callback: (event: number) => undefined | Blocking<void>;

  /** Sets the device up: 0, or a negative errno. Reports NETDEV_EVENT_LINK_UP. */
  init(): Blocking<number>;
  /**
   * Only on devices of RIOT's legacy API: waits in the thread until the device can take the next frame or setting.
   * Call it before send() and set(). Such a device is never -EBUSY, needs no confirm_send(), and the interface has no
   * send queue for it.
   */
  ready?(): Blocking<void>;
  /**
   * Sends header[0..header_len) and the parts behind it as one frame.
   * @returns 0: on its way, NETDEV_EVENT_TX_COMPLETE follows; -EBUSY; -ENOBUFS when the frame is too long. Of a
   * device of the legacy API: the bytes handed over without FCS, and the packet is done with; -EOVERFLOW when too long
   */
  send(header: Uint8Array, header_len: number, payload: netdev_part_t | null): number;
  /** How the last send() ended: its frame's length with FCS, -EBUSY or -EHOSTUNREACH (no ACK). */
  confirm_send(): number;
  /** Length of the received frame without FCS. */
  recv_len(): number;
  /**
   * Fetches the received frame into buf[0..len); null discards it.
   * @returns its length, or a negative errno
   */
  recv(buf: Uint8Array | null, len: number, info: netdev_rx_info_t): number;
  /**
   * The second half of recv(), for the thread: sends the ACK, if that is the driver's to do; undefined if there
   * is none.
   */
  recv_done(): undefined | Blocking<void>;
  /** Does in the thread what interrupts have asked for. */
  isr(): Blocking<void>;
  /** Reads an option into `value`: bytes written, -ENOTSUP, -EOVERFLOW. */
  get(opt: netopt_t, value: Uint8Array, max_len: number): number;
  /** Sets an option: bytes taken, -ENOTSUP, -EINVAL, -EAFNOSUPPORT. */
  set(opt: netopt_t, value: Uint8Array, value_len: number): number;
}
