// Types and constants of the DTLS sock (RIOT sys/include/net/sock/dtls.h, net/sock/dtls/creds.h and
// pkg/tinydtls/include/sock_dtls_types.h).
import type { Blocking } from '../../kernel/blocking.ts';
import type { ConfigTable } from '../../kernel/config.ts';
import { current } from '../../kernel/current.ts';
import { EXDEV } from '../../kernel/errno.ts';
import { mbox_t } from '../../kernel/mbox.ts';
import { AF_UNSPEC } from '../af.ts';
import type { credman_tag_t } from '../credman.ts';
import type { dtls_context_t, session_t } from '../dtls/dtls.ts';
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

/** What an app can set; RIOT's names where an app sets them, tinydtls' for the rest. */
export const SOCK_DTLS_CONFIG = {
  CONFIG_DTLS_HANDSHAKE_BUFSIZE_EXP: {
    value: 8, min: 0, max: 16, unit: 'power of two, B', source: 'sys/include/net/sock/dtls.h',
  },
  CONFIG_DTLS_FORCE_EXTENDED_MASTER_SECRET: {
    value: 1, min: 0, max: 1, unit: 'bool', source: 'sys/include/net/sock/dtls.h',
  },
  CONFIG_DTLS_FORCE_RENEGOTIATION_INFO: {
    value: 1, min: 0, max: 1, unit: 'bool', source: 'sys/include/net/sock/dtls.h',
  },
  CONFIG_DTLS_PSK_ID_HINT_MAX_SIZE: {
    value: 32, min: 1, max: 128, unit: 'B', source: 'sys/include/net/sock/dtls/creds.h',
  },
  CONFIG_DTLS_CREDENTIALS_MAX: {
    value: 4, min: 1, max: 255, unit: 'tags', source: 'sys/include/net/sock/dtls/creds.h',
  },
  SOCK_DTLS_MBOX_SIZE: {
    value: 4, min: 1, max: 64, unit: 'messages, a power of two',
    source: 'pkg/tinydtls/include/sock_dtls_types.h',
  },
  CONFIG_DTLS_CONTEXT_MAX: {
    value: 2, min: 1, max: 255, unit: 'socks', source: 'tinydtls platform-specific/riot_boards.h',
  },
  CONFIG_DTLS_PEER_MAX: {
    value: 1, min: 1, max: 255, unit: 'peers', source: 'sys/include/net/dtls.h',
  },
  CONFIG_DTLS_HANDSHAKE_MAX: {
    value: 1, min: 1, max: 255, unit: 'handshakes', source: 'tinydtls platform-specific/riot_boards.h',
  },
  /** 0: CONFIG_DTLS_PEER_MAX + CONFIG_DTLS_HANDSHAKE_MAX. */
  DTLS_SECURITY_MAX: {
    value: 0, min: 0, max: 512, unit: 'sets of keys', source: 'tinydtls platform-specific/riot_boards.h',
  },
  NETQ_MAXCNT: { value: 3, min: 1, max: 255, unit: 'messages', source: 'tinydtls netq.h' },
  DTLS_MAX_BUF: { value: 200, min: 64, max: 1400, unit: 'B', source: 'pkg/tinydtls/Makefile.include' },
} as const satisfies ConfigTable;

/** Size of a buffer that takes any handshake message, in bytes. */
export function DTLS_HANDSHAKE_BUFSIZE(): number {
  return 1 << current().config.CONFIG_DTLS_HANDSHAKE_BUFSIZE_EXP;
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
