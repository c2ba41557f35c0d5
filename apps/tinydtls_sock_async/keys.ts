// The test keys of RIOT's app (tinydtls_keys.h); client and server have the same.
import { encodeText } from '../../kernel/text.ts';
import {
  CREDMAN_TYPE_ECDSA, CREDMAN_TYPE_PSK, type credman_credential_t, type credman_tag_t,
} from '../../net/credman.ts';
import { net_config } from '../../net/config.ts';

const PSK_DEFAULT_IDENTITY = encodeText('Client_identity');
const PSK_DEFAULT_KEY = encodeText('secretPSK');

const ecdsa_priv_key = fromHex('41c1cb6b51247a144321435b7a80e714896a33bbad7294ca401455a194a949fa');
const ecdsa_pub_key_x = fromHex('36dfe2c6f9f2ed29da0a9a8f62684e916375ba10300c28c5e47cfbf25fa58f52');
const ecdsa_pub_key_y = fromHex('71a0d4fcde1ab8785a3c786935a7cfabe93f987209daed0b4fabc36fc772f829');

/** The credential under a tag: a raw public key where CONFIG_DTLS_ECC is 1, else a pre-shared key. */
export function credential(tag: credman_tag_t): credman_credential_t {
  if (net_config().CONFIG_DTLS_ECC === 0) {
    return {
      type: CREDMAN_TYPE_PSK,
      tag,
      params: {
        psk: {
          key: { s: PSK_DEFAULT_KEY, len: PSK_DEFAULT_KEY.length },
          id: { s: PSK_DEFAULT_IDENTITY, len: PSK_DEFAULT_IDENTITY.length },
        },
      },
    };
  }
  const public_key = { x: ecdsa_pub_key_x, y: ecdsa_pub_key_y };
  return {
    type: CREDMAN_TYPE_ECDSA,
    tag,
    params: { ecdsa: { private_key: ecdsa_priv_key, public_key, client_keys: [public_key], client_keys_size: 1 } },
  };
}

function fromHex(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}
