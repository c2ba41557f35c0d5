// The pre-shared key of RIOT's example (tinydtls_keys.h), a published test key.
import { encodeText } from '../../kernel/text.ts';
import { CREDMAN_TYPE_PSK, credman_add } from '../../net/credman.ts';

export const GCOAP_DTLS_CREDENTIAL_TAG = 10;
export const CONFIG_GCOAPS_PORT = 5684;

/** Puts it into credman, for both roles. */
export function add_credential(): number {
  const id = encodeText('Client_identity');
  const key = encodeText('secretPSK');
  return credman_add({
    type: CREDMAN_TYPE_PSK,
    tag: GCOAP_DTLS_CREDENTIAL_TAG,
    params: { psk: { id: { s: id, len: id.length }, key: { s: key, len: key.length } } },
  });
}
