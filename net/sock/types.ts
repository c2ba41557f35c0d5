// What a sock is made of over GNRC (RIOT sys/net/gnrc/sock/include/sock_types.h).
import { mbox_t } from '../../kernel/mbox.ts';
import { msg_queue_array, type msg_t } from '../../kernel/msg.ts';
import { net_config } from '../config.ts';
import { gnrc_netreg_entry_t } from '../gnrc/netreg.ts';
import type { sock_async_ctx_t } from './async/ctx.ts';
import type { bound_cb_t } from './async/types.ts';
import { sock_ip_ep_t, sock_udp_ep_t } from './sock.ts';

/** The part of a sock that receives: its mailbox, and its entry in the registry. */
export class gnrc_sock_reg_t {
  readonly entry = new gnrc_netreg_entry_t();
  readonly mbox = new mbox_t();
  readonly mbox_queue: msg_t[] = msg_queue_array(mboxSize());
  /** Module gnrc_sock_async: the app's callback. */
  async_cb: bound_cb_t | null = null;
  /** Module sock_async_event: made when it is first asked for. */
  async_ctx: sock_async_ctx_t | null = null;
}

/** A UDP sock. Made by `new`, set up by sock_udp_create(). */
export class sock_udp_t {
  readonly reg = new gnrc_sock_reg_t();
  readonly local = new sock_udp_ep_t();
  readonly remote = new sock_udp_ep_t();
  /** SOCK_FLAGS_* bits. */
  flags = 0;
  /** Module gnrc_sock_check_reuse: the next one in the list of all. */
  next: sock_udp_t | null = null;
}

/** A sock for IPv6 packets of one protocol. Made by `new`, set up by sock_ip_create(). */
export class sock_ip_t {
  readonly reg = new gnrc_sock_reg_t();
  readonly local = new sock_ip_ep_t();
  readonly remote = new sock_ip_ep_t();
  /** SOCK_FLAGS_* bits: kept, never looked at. */
  flags = 0;
}

/** What a receive function tells besides the data: the bits of `flags` ask for it. */
export class sock_udp_aux_rx_t {
  /** SOCK_AUX_GET_LOCAL, with module sock_aux_local: where the datagram was sent to; `netif` is not told. */
  readonly local = new sock_udp_ep_t();
  /** SOCK_AUX_GET_TIMESTAMP, with module sock_aux_timestamp: ns, from drivers that have it (none of a board here). */
  timestamp = 0;
  /** SOCK_AUX_GET_RSSI, with module sock_aux_rssi: dBm. */
  rssi = 0;
  /** SOCK_AUX_GET_TTL, with module sock_aux_ttl: hop limit. */
  ttl = 0;
  /** What is asked for; the bit of what was delivered is cleared. */
  flags = 0;
}

/** What a send function is told besides the data. */
export class sock_udp_aux_tx_t {
  /** SOCK_AUX_SET_LOCAL, with module sock_aux_local: where the datagram comes from. */
  readonly local = new sock_udp_ep_t();
  /** SOCK_AUX_GET_TIMESTAMP: GNRC never gives one, the bit stays set. */
  timestamp = 0;
  flags = 0;
}

/** As sock_udp_aux_rx_t; there is no `ttl`. */
export class sock_ip_aux_rx_t {
  readonly local = new sock_ip_ep_t();
  timestamp = 0;
  rssi = 0;
  flags = 0;
}

/** As sock_udp_aux_tx_t. */
export class sock_ip_aux_tx_t {
  readonly local = new sock_ip_ep_t();
  timestamp = 0;
  flags = 0;
}

function mboxSize(): number {
  return 1 << net_config().CONFIG_GNRC_SOCK_MBOX_SIZE_EXP;
}
