// Types and constants of the DTLS sock (RIOT sys/include/net/sock/dtls.h, net/sock/dtls/creds.h and
// pkg/tinydtls/include/sock_dtls_types.h).
import type { Blocking } from '../../kernel/blocking.ts';
import { EXDEV } from '../../kernel/errno.ts';
import { mbox_t } from '../../kernel/mbox.ts';
import { AF_UNSPEC } from '../af.ts';
import type { credman_tag_t } from '../credman.ts';
import { net_config } from '../config.ts';
import type { dtls_context_t, session_t } from '../dtls/dtls.ts';
import type { gnrc_pktsnip_t } from '../gnrc/pkt.ts';
import { sock_async_ctx_t } from './async/ctx.ts';
import type { bound_cb_t, sock_cb_t } from './async/types.ts';
import type { sock_udp_aux_rx_t, sock_udp_aux_tx_t, sock_udp_ep_t, sock_udp_t } from './udp.ts';

/** `-SOCK_DTLS_HANDSHAKE` is what a recv returns when a handshake is complete. */
export const SOCK_DTLS_HANDSHAKE = EXDEV;

/** Versions; tinydtls has 1.2 only. */
export const SOCK_DTLS_1_0 = 1;
export const SOCK_DTLS_1_2 = 2;
export const SOCK_DTLS_1_3 = 3;

/** Roles. Stored and never looked at: either may start and answer handshakes. */
export const SOCK_DTLS_CLIENT = 1;
export const SOCK_DTLS_SERVER = 2;

/** Size of a buffer that takes any handshake message, in bytes. */
export function DTLS_HANDSHAKE_BUFSIZE(): number {
  return 1 << net_config().CONFIG_DTLS_HANDSHAKE_BUFSIZE_EXP;
}

export type sock_dtls_aux_rx_t = sock_udp_aux_rx_t;
export type sock_dtls_aux_tx_t = sock_udp_aux_tx_t;

/**
 * Chooses the client's PSK credential: returns its tag, or CREDMAN_TAG_EMPTY to leave the choice to
 * the sock. `tags` are the sock's own, the first `tags_len` count; `hint` is the server's, its first
 * `hint_len` bytes count (0: the server gave none).
 */
export type sock_dtls_client_psk_cb_t = (
  sock: sock_dtls_t, ep: sock_udp_ep_t, tags: credman_tag_t[], tags_len: number,
  hint: Uint8Array, hint_len: number,
) => credman_tag_t | Blocking<credman_tag_t>;

/** Chooses the raw public key credential: returns its tag, or CREDMAN_TAG_EMPTY. */
export type sock_dtls_rpk_cb_t = (
  sock: sock_dtls_t, ep: sock_udp_ep_t, tags: credman_tag_t[], tags_len: number,
) => credman_tag_t | Blocking<credman_tag_t>;

/** Called with the sock, SOCK_ASYNC_* bits, and what was given when the callback was set. */
export type sock_dtls_cb_t = sock_cb_t<sock_dtls_t>;

/** A DTLS sock. Its members are the implementation's; a view may read them. */
export class sock_dtls_t {
  /** Null until sock_dtls_create() and after sock_dtls_close(). */
  dtls_ctx: dtls_context_t | null = null;
  udp_sock: sock_udp_t | null = null;
  /** CONNECTED events that no recv has told yet; `content.ptr` is the peer's session_t. */
  readonly mbox = new mbox_t();
  /** Most events that ever waited in `mbox`. */
  mbox_peak = 0;
  /** Decrypted data that no recv has told yet, a part of the buffer of an earlier recv, and its peer's session. */
  buffer: { readonly data: Uint8Array; readonly session: session_t } | null = null;
  /** Without quirk dtls-second-record-lost: what came after `buffer`, copied. */
  readonly more: { readonly data: Uint8Array; readonly session: session_t }[] = [];
  /** The lent packet that `buffer` is a part of, after sock_dtls_recv_buf(). */
  buffer_pkt: gnrc_pktsnip_t | null = null;
  /** With callbacks: the lent packet that is being handled, or that `buffer` is a part of. */
  buf_ctx: gnrc_pktsnip_t | null = null;
  async_cb: bound_cb_t | null = null;
  /** The session that the last callback was about, if it can be told. */
  async_cb_session: session_t | null = null;
  readonly async_ctx = new sock_async_ctx_t();
  psk_hint: Uint8Array = new Uint8Array(0);
  /** The first `tags_len` count. */
  tags: credman_tag_t[] = [];
  tags_len = 0;
  role = 0;
  client_psk_cb: sock_dtls_client_psk_cb_t | null = null;
  rpk_cb: sock_dtls_rpk_cb_t | null = null;
}

/** A sock between sock_dtls_create() and sock_dtls_close(). */
export type OpenSock = sock_dtls_t & { dtls_ctx: dtls_context_t; udp_sock: sock_udp_t };

/** A session with a remote end point. */
export class sock_dtls_session_t {
  readonly dtls_session: session_t = { addr: new Uint8Array(16), port: 0, ifindex: 0 };
  /** AF_UNSPEC until a function has filled the session. */
  family = AF_UNSPEC;
}
