// Credentials of a DTLS sock (RIOT sys/include/net/sock/dtls/creds.h).
import { assert, undefined_on_riot } from '../../kernel/panic.ts';
import { encodeText } from '../../kernel/text.ts';
import { net_config } from '../config.ts';
import type { credman_tag_t } from '../credman.ts';
import { SOCK_DTLS_C } from './dtls_internal.ts';
import type { sock_dtls_client_psk_cb_t, sock_dtls_rpk_cb_t, sock_dtls_t } from './dtls_types.ts';
import type { out_t } from './udp.ts';

export type { sock_dtls_client_psk_cb_t, sock_dtls_rpk_cb_t } from './dtls_types.ts';

/**
 * Sets the hint that a server sends with PSK; an empty one sends none.
 *
 * @returns 0, or -1 if it is longer than CONFIG_DTLS_PSK_ID_HINT_MAX_SIZE bytes. One of exactly that
 *          length overruns a buffer on RIOT by its NUL: undefined; here it is stored whole. NULL is
 *          undefined too; here it gives -1.
 */
export function sock_dtls_set_server_psk_id_hint(sock: sock_dtls_t, hint: string | null): number {
  assert(sock, `${SOCK_DTLS_C}:510`);
  if (hint === null) {
    undefined_on_riot('sock_dtls_set_server_psk_id_hint() with NULL');
    return -1;
  }
  const bytes = encodeText(hint);
  const nul = bytes.indexOf(0);
  const length = nul < 0 ? bytes.length : nul;
  const { CONFIG_DTLS_PSK_ID_HINT_MAX_SIZE: limit } = net_config();
  if (length > limit) return -1;
  if (length === limit) {
    undefined_on_riot(`a PSK identity hint of ${length} bytes, whose NUL is written past its buffer`);
  }
  sock.psk_hint = bytes.subarray(0, length);
  return 0;
}

/**
 * Lets the sock use one more credential.
 *
 * @returns 0, or -1 if it has CONFIG_DTLS_CREDENTIALS_MAX tags already. Neither duplicates nor the
 *          tag's existence are checked.
 */
export function sock_dtls_add_credential(sock: sock_dtls_t, tag: credman_tag_t): number {
  assert(sock, `${SOCK_DTLS_C}:521`);
  if (sock.tags_len >= net_config().CONFIG_DTLS_CREDENTIALS_MAX) return -1;
  sock.tags[sock.tags_len++] = tag;
  return 0;
}

/** Takes the first such tag from the sock's list; the others keep their order. 0, or -1 if there is none. */
export function sock_dtls_remove_credential(sock: sock_dtls_t, tag: credman_tag_t): number {
  assert(sock, `${SOCK_DTLS_C}:534`);
  const { tags } = sock;
  let i = 0;
  while (i < sock.tags_len && tags[i] !== tag) i++;
  if (i === sock.tags_len) return -1;
  sock.tags_len--;
  for (; i < sock.tags_len; i++) tags[i] = tags[i + 1];
  return 0;
}

/** Sets `out` to the sock's own list, not a copy; returns how many of its entries count. */
export function sock_dtls_get_credentials(sock: sock_dtls_t, out: out_t<readonly credman_tag_t[]>): number {
  assert(sock, `${SOCK_DTLS_C}:560`);
  assert(out, `${SOCK_DTLS_C}:561`);
  out.value = sock.tags;
  return sock.tags_len;
}

/** Sets the callback that chooses a client's PSK credential; null for none. */
export function sock_dtls_set_client_psk_cb(sock: sock_dtls_t, cb: sock_dtls_client_psk_cb_t | null): void {
  assert(sock, `${SOCK_DTLS_C}:569`);
  sock.client_psk_cb = cb;
}

/** Sets the callback that chooses the raw public key credential; null for none. */
export function sock_dtls_set_rpk_cb(sock: sock_dtls_t, cb: sock_dtls_rpk_cb_t | null): void {
  assert(sock, `${SOCK_DTLS_C}:575`);
  sock.rpk_cb = cb;
}
