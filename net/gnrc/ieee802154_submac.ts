// The SubMAC: sends a frame with CSMA/CA, waits for its ACK and sends it again, where the radio does not do so itself
// (RIOT sys/include/net/ieee802154/submac.h, sys/net/link_layer/ieee802154/submac.c). It has no thread: its driver
// calls it from the interface's.
//
//     RX, IDLE --request tx--> PREPARE --bh--> TX --tx done--> WAIT_FOR_ACK --ack, or given up--> IDLE
//                                 ^---------- no ack: again ---------'
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_spend } from '../../kernel/cpu.ts';
import { EALREADY, EBUSY } from '../../kernel/errno.ts';
import { assert } from '../../kernel/panic.ts';
import { random_uint32 } from '../../kernel/random.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { trace, tracing } from '../events.ts';
import { IEEE802154_CAP_AUTO_CSMA, IEEE802154_CAP_FRAME_RETRANS, IEEE802154_CAP_IRQ_ACK_TIMEOUT,
  IEEE802154_FILTER_ACCEPT, IEEE802154_FILTER_ACK_ONLY, TX_STATUS_FRAME_PENDING, TX_STATUS_MEDIUM_BUSY,
  TX_STATUS_NO_ACK, TX_STATUS_SUCCESS, type ieee802154_dev_t, type ieee802154_tx_info_t } from '../netdev.ts';
import { quirk } from '../quirks.ts';
import { IEEE802154_FCF_ACK_REQ, IEEE802154_FCF_FRAME_PEND, IEEE802154_FCF_TYPE_ACK, IEEE802154_FCS_LEN,
  IEEE802154_MIN_FRAME_LEN } from '../wire/ieee802154.ts';

/** States, ieee802154_fsm_state_t. */
export const IEEE802154_FSM_STATE_RX = 1;
export const IEEE802154_FSM_STATE_IDLE = 2;
export const IEEE802154_FSM_STATE_PREPARE = 3;
export const IEEE802154_FSM_STATE_TX = 4;
export const IEEE802154_FSM_STATE_WAIT_FOR_ACK = 5;

/** Length of a symbol, µs: how often who spins on the radio looks again. */
const SYMBOL_US = 16;

const SUBMAC_C = 'sys/net/link_layer/ieee802154/submac.c';
const NOT_IDLE_AT_END = `${SUBMAC_C}:93`;
const NOT_IDLE_AGAIN = `${SUBMAC_C}:116`;
const NOT_RX = `${SUBMAC_C}:198`;
const NOT_RX_AFTER_CRC_ERROR = `${SUBMAC_C}:208`;
const PENDING_WITHOUT_ACK = `${SUBMAC_C}:322`;
const NOT_RX_FOR_ACK = `${SUBMAC_C}:336`;
const NO_ACK_KNOWN = `${SUBMAC_C}:344`;
const ACK_IN_RADIO = `${SUBMAC_C}:404`;

const NO_FRAME = new Uint8Array(0);

/** What the driver does for its SubMAC. */
export interface ieee802154_submac_cb_t {
  /** A frame is in the radio. */
  rx_done(): void;
  /** A transmission has ended with TX_STATUS_*, after `retrans` retransmissions; null: as told last. */
  tx_done(status: number, retrans: number | null): void;
  /** Run the bottom half soon: ieee802154_submac_backoff() if need be, then ieee802154_submac_transmit(). */
  bh_request(): void;
  /** Starts the timer that calls ieee802154_submac_ack_timeout_fired(), and stops it. */
  ack_timer_set(us: number): void;
  ack_timer_cancel(): void;
}

export class ieee802154_submac_t {
  readonly dev: ieee802154_dev_t;
  readonly cb: ieee802154_submac_cb_t;
  fsm_state = IEEE802154_FSM_STATE_RX;
  wait_for_ack = false;
  /** The frame that is being sent, without FCS. */
  psdu: Uint8Array = NO_FRAME;
  /** Its retransmissions and its attempts at a busy channel so far. */
  retrans = 0;
  csma_retries_nb = 0;
  backoff_mask = 0;
  channel_num: number;
  /** dBm. */
  tx_pow: number;

  readonly ack_timeout_us: number;
  readonly csma_backoff_us: number;
  readonly sifs_us: number;
  readonly max_retrans: number;
  readonly csma_retries: number;
  readonly be_min: number;
  readonly be_max: number;
  /** Whether the radio waits for ACKs, and whether it does CSMA/CA. */
  readonly handlesAck: boolean;
  readonly handlesCsma: boolean;
  readonly tx_info: ieee802154_tx_info_t = { status: TX_STATUS_SUCCESS, retrans: 0 };
  readonly ack = new Uint8Array(IEEE802154_MIN_FRAME_LEN);

  constructor(dev: ieee802154_dev_t, cb: ieee802154_submac_cb_t) {
    const config = net_config();
    this.dev = dev;
    this.cb = cb;
    this.channel_num = config.CONFIG_IEEE802154_DEFAULT_CHANNEL;
    this.tx_pow = config.CONFIG_IEEE802154_DEFAULT_TXPOWER;
    this.ack_timeout_us = config.ACK_TIMEOUT_US;
    this.csma_backoff_us = config.CSMA_SENDER_BACKOFF_PERIOD_UNIT_US;
    this.sifs_us = config.SIFS_PERIOD_US;
    this.max_retrans = config.CONFIG_IEEE802154_DEFAULT_MAX_FRAME_RETRANS;
    this.csma_retries = config.CONFIG_IEEE802154_DEFAULT_CSMA_CA_RETRIES;
    this.be_min = config.CONFIG_IEEE802154_DEFAULT_CSMA_CA_MIN_BE;
    this.be_max = config.CONFIG_IEEE802154_DEFAULT_CSMA_CA_MAX_BE;
    this.handlesAck = (dev.caps & (IEEE802154_CAP_FRAME_RETRANS | IEEE802154_CAP_IRQ_ACK_TIMEOUT)) !== 0;
    this.handlesCsma = (dev.caps & (IEEE802154_CAP_FRAME_RETRANS | IEEE802154_CAP_AUTO_CSMA)) !== 0;
  }
}

/** Turns the radio on with these addresses (network order) and this PAN, and listens. */
export function ieee802154_submac_init(
  submac: ieee802154_submac_t, short_addr: Uint8Array, ext_addr: Uint8Array, panid: number,
): void {
  const { dev } = submac;
  submac.fsm_state = IEEE802154_FSM_STATE_RX;
  dev.on();
  dev.set_short_addr(short_addr);
  dev.set_ext_addr(ext_addr);
  dev.set_panid(panid);
  dev.config_phy(submac.channel_num, submac.tx_pow);
  dev.set_rx();
}

/**
 * Sends a frame: loads it; it goes on the air when the bottom half runs.
 * @param psdu the MPDU without FCS, at least 3 bytes; must not change until tx_done
 * @returns 0: tx_done follows; -EBUSY when another is being sent, or the radio is busy
 */
export function ieee802154_send(submac: ieee802154_submac_t, psdu: Uint8Array): number {
  const state = submac.fsm_state;
  if (state !== IEEE802154_FSM_STATE_RX && state !== IEEE802154_FSM_STATE_IDLE) return -EBUSY;
  begin(submac, psdu);
  if (!load(submac)) return -EBUSY;
  submac.cb.bh_request();
  submac.fsm_state = IEEE802154_FSM_STATE_PREPARE;
  return 0;
}

/**
 * Sends an ACK and returns when it is out: nothing else can be sent before it.
 * @param psdu 3 bytes
 * @returns 0, or -EBUSY when a frame is being sent
 */
export function* ieee802154_send_ack(submac: ieee802154_submac_t, psdu: Uint8Array): Blocking<number> {
  if (submac.fsm_state !== IEEE802154_FSM_STATE_IDLE) return -EBUSY;
  begin(submac, psdu);
  if (!load(submac)) return 0;
  yield* ztimer_sleep(ZTIMER_USEC, submac.sifs_us);
  while (submac.dev.request_transmit() === -EBUSY) yield* ieee802154_submac_spin(submac);
  while (submac.dev.confirm_transmit(submac.tx_info) < 0) yield* ieee802154_submac_spin(submac);
  txConfirmed(submac);
  submac.fsm_state = IEEE802154_FSM_STATE_IDLE;
  return 0;
}

/** One turn of a loop that waits for the radio with the CPU busy. */
export function ieee802154_submac_spin({ dev }: ieee802154_submac_t): Blocking<void> {
  return cpu_spend(dev.busy_us === undefined ? SYMBOL_US : dev.busy_us());
}

function begin(submac: ieee802154_submac_t, psdu: Uint8Array): void {
  submac.wait_for_ack = (psdu[0]! & IEEE802154_FCF_ACK_REQ) !== 0;
  submac.psdu = psdu;
  submac.retrans = 0;
  submac.csma_retries_nb = 0;
  submac.backoff_mask = (1 << submac.be_min) - 1;
}

function load(submac: ieee802154_submac_t): boolean {
  if (submac.dev.set_idle(false) < 0) return false;
  submac.dev.write(submac.psdu);
  return true;
}

/** The bottom half, first part: the back-off of CSMA/CA, for a radio that does none itself (`handlesCsma`). */
export function* ieee802154_submac_backoff(submac: ieee802154_submac_t): Blocking<void> {
  if (submac.fsm_state !== IEEE802154_FSM_STATE_PREPARE) return;
  const periods = (random_uint32() & windowOf(submac)) >>> 0;
  yield* ztimer_sleep(ZTIMER_USEC, periods * submac.csma_backoff_us);
  // As RIOT: the window grows with each back-off, whether the channel was busy or not; and as it is half the window
  // that is compared with the largest exponent, it stops at 15 periods.
  if ((submac.backoff_mask + 1) >> 1 < submac.be_max) submac.backoff_mask = (submac.backoff_mask << 1) | 1;
}

/** The largest number of periods: RIOT's, or the standard's, which depends on how often the channel was busy. */
function windowOf(submac: ieee802154_submac_t): number {
  const standard = (1 << Math.min(submac.be_min + submac.csma_retries_nb, submac.be_max)) - 1;
  return standard === submac.backoff_mask || quirk('csma-window') ? submac.backoff_mask : standard;
}

/** The bottom half, second part: the frame goes on the air. False: the radio is busy, call again. */
export function ieee802154_submac_transmit(submac: ieee802154_submac_t): boolean {
  if (submac.fsm_state !== IEEE802154_FSM_STATE_PREPARE) return true;
  if (submac.dev.request_transmit() === -EBUSY) return false;
  submac.fsm_state = IEEE802154_FSM_STATE_TX;
  return true;
}

/** The radio has ended a transmission. */
export function ieee802154_submac_tx_done_cb(submac: ieee802154_submac_t): void {
  if (submac.fsm_state !== IEEE802154_FSM_STATE_TX) return;
  if (submac.dev.confirm_transmit(submac.tx_info) < 0) return;
  txConfirmed(submac);
}

function txConfirmed(submac: ieee802154_submac_t): void {
  const { dev, tx_info } = submac;
  switch (tx_info.status) {
    case TX_STATUS_NO_ACK:
      assert(submac.handlesAck, NO_ACK_KNOWN);
      submac.csma_retries_nb = 0;
      noAck(submac);
      break;
    case TX_STATUS_MEDIUM_BUSY:
      if (submac.handlesCsma || submac.csma_retries_nb++ >= submac.csma_retries) {
        txEnd(submac, TX_STATUS_MEDIUM_BUSY, tx_info.retrans);
      } else {
        submac.cb.bh_request();
        submac.fsm_state = IEEE802154_FSM_STATE_PREPARE;
      }
      break;
    default:
      if (tx_info.status === TX_STATUS_FRAME_PENDING) assert(submac.handlesAck, PENDING_WITHOUT_ACK);
      submac.csma_retries_nb = 0;
      if (submac.handlesAck || !submac.wait_for_ack) {
        txEnd(submac, tx_info.status, tx_info.retrans);
        break;
      }
      dev.set_frame_filter_mode(IEEE802154_FILTER_ACK_ONLY);
      assert(dev.set_rx() >= 0, NOT_RX_FOR_ACK);
      submac.cb.ack_timer_set(submac.ack_timeout_us);
      submac.fsm_state = IEEE802154_FSM_STATE_WAIT_FOR_ACK;
      break;
  }
}

/** The time for an ACK is over. */
export function ieee802154_submac_ack_timeout_fired(submac: ieee802154_submac_t): void {
  if (submac.fsm_state === IEEE802154_FSM_STATE_WAIT_FOR_ACK) noAck(submac);
}

function noAck(submac: ieee802154_submac_t): void {
  if (submac.retrans >= submac.max_retrans) {
    submac.dev.set_frame_filter_mode(IEEE802154_FILTER_ACCEPT);
    txEnd(submac, TX_STATUS_NO_ACK, null);
    return;
  }
  submac.retrans++;
  if (tracing()) trace({ layer: 'netif', type: 'retry', attempt: submac.retrans, sequenceNumber: submac.psdu[2]! });
  assert(submac.dev.set_idle(true) >= 0, NOT_IDLE_AGAIN);
  submac.cb.bh_request();
  submac.fsm_state = IEEE802154_FSM_STATE_PREPARE;
}

function txEnd(submac: ieee802154_submac_t, status: number, retrans: number | null): void {
  submac.wait_for_ack = false;
  assert(submac.dev.set_idle(true) >= 0, NOT_IDLE_AT_END);
  submac.fsm_state = IEEE802154_FSM_STATE_IDLE;
  if (submac.psdu.length > IEEE802154_MIN_FRAME_LEN && tracing()) {
    trace({ layer: 'netif', type: 'tx_done', bytes: submac.psdu.length + IEEE802154_FCS_LEN,
      result: status === TX_STATUS_NO_ACK ? 'no-ack' : status === TX_STATUS_MEDIUM_BUSY ? 'medium-busy' : 'ok' });
  }
  submac.cb.tx_done(status, retrans);
}

/** The radio has received a frame. False: it cannot be taken out yet, call again. */
export function ieee802154_submac_rx_done_cb(submac: ieee802154_submac_t): boolean {
  const { dev } = submac;
  switch (submac.fsm_state) {
    case IEEE802154_FSM_STATE_RX:
      if (dev.set_idle(false) < 0) return false;
      if (dev.len() > IEEE802154_MIN_FRAME_LEN) {
        submac.fsm_state = IEEE802154_FSM_STATE_IDLE;
        submac.cb.rx_done();
      } else {
        // An ACK that nobody waits for.
        dev.read(null, 0, null);
        assert(dev.set_rx() >= 0, NOT_RX);
      }
      return true;
    case IEEE802154_FSM_STATE_WAIT_FOR_ACK:
      assert((dev.caps & IEEE802154_CAP_IRQ_ACK_TIMEOUT) === 0, ACK_IN_RADIO);
      ackReceived(submac);
      return true;
    default:
      dev.read(null, 0, null);
      return true;
  }
}

function ackReceived(submac: ieee802154_submac_t): void {
  const { ack, dev } = submac;
  ack[0] = 0;
  if (dev.read(ack, IEEE802154_MIN_FRAME_LEN, null) === 0 || (ack[0]! & IEEE802154_FCF_TYPE_ACK) === 0) return;
  if (ack[2] !== submac.psdu[2] && !quirk('ack-number-not-compared')) {
    dev.set_idle(true);
    dev.set_rx();
    return;
  }
  submac.cb.ack_timer_cancel();
  dev.set_frame_filter_mode(IEEE802154_FILTER_ACCEPT);
  const pending = (ack[0]! & IEEE802154_FCF_FRAME_PEND) !== 0;
  txEnd(submac, pending ? TX_STATUS_FRAME_PENDING : TX_STATUS_SUCCESS, submac.retrans);
}

/** The radio has received a frame with a wrong FCS. False: it cannot be taken out yet, call again. */
export function ieee802154_submac_crc_error_cb(submac: ieee802154_submac_t): boolean {
  const { dev } = submac;
  const listening = submac.fsm_state === IEEE802154_FSM_STATE_RX;
  if (listening && dev.set_idle(false) < 0) return false;
  dev.read(null, 0, null);
  if (listening) assert(dev.set_rx() >= 0, NOT_RX_AFTER_CRC_ERROR);
  return true;
}

/** Listens: 0; -EALREADY while it does; -EBUSY while a frame is being sent. */
export function ieee802154_set_rx(submac: ieee802154_submac_t): number {
  if (submac.fsm_state === IEEE802154_FSM_STATE_RX) return -EALREADY;
  if (submac.fsm_state !== IEEE802154_FSM_STATE_IDLE || submac.dev.set_rx() < 0) return -EBUSY;
  submac.fsm_state = IEEE802154_FSM_STATE_RX;
  return 0;
}

/** Stops listening: 0; -EALREADY when it does not; -EBUSY while a frame is being sent or received. */
export function ieee802154_set_idle(submac: ieee802154_submac_t): number {
  if (submac.fsm_state === IEEE802154_FSM_STATE_IDLE) return -EALREADY;
  if (submac.fsm_state !== IEEE802154_FSM_STATE_RX || submac.dev.set_idle(false) < 0) return -EBUSY;
  submac.fsm_state = IEEE802154_FSM_STATE_IDLE;
  return 0;
}

/** Sets channel and power: 0; -EBUSY while a frame is being sent or received; -EINVAL of the device. */
export function ieee802154_set_phy_conf(submac: ieee802154_submac_t, channel: number, pow: number): number {
  const { dev, fsm_state } = submac;
  if (fsm_state !== IEEE802154_FSM_STATE_RX && fsm_state !== IEEE802154_FSM_STATE_IDLE) return -EBUSY;
  if (fsm_state === IEEE802154_FSM_STATE_RX && dev.set_idle(false) < 0) return -EBUSY;
  const res = dev.config_phy(channel, pow);
  if (res >= 0) {
    submac.channel_num = channel;
    submac.tx_pow = pow;
  }
  if (fsm_state === IEEE802154_FSM_STATE_RX) dev.set_rx();
  return res;
}
