// The keys of RIOT's example (dtls_client_credentials.h, dtls_server_credentials.h). They
// are published test keys, and a real node that runs the example has the same.
import { encodeText } from '../../kernel/text.ts';
import { CREDMAN_TYPE_ECDSA, CREDMAN_TYPE_PSK, type credman_credential_t, type credman_tag_t,
  type ecdsa_public_key_t } from '../../net/credman.ts';

export interface PskCredential {
  readonly identity: string;
  readonly key: string;
  /** Which hint of a server makes the client choose it. */
  readonly hint?: string;
}

/** A key pair on secp256r1, in hexadecimal digits; of a known peer only `x` and `y` are looked at. */
export interface EcdsaKey {
  readonly private_key: string;
  readonly x: string;
  readonly y: string;
}

/** What the app's two commands use. */
export interface DtlsSockCredentials {
  /** The client registers two. */
  readonly client: readonly [PskCredential, PskCredential];
  readonly server: PskCredential;
  /** The hint that the server sends. */
  readonly server_hint: string;
  /** With CONFIG_DTLS_ECC: own keys and known peers; the server has two keys, `dtlss ecc` chooses. */
  readonly ecdsa: {
    readonly client_key: EcdsaKey;
    readonly server_keys: readonly [EcdsaKey, EcdsaKey];
  };
}

export const CREDENTIALS: DtlsSockCredentials = {
  client: [
    { identity: 'Identity_0', key: 'secretPSK', hint: 'Prefer_Id_0' },
    { identity: 'Identity_1', key: 'yetAnotherSecret', hint: 'Prefer_Id_1' },
  ],
  server: { identity: 'Identity_1', key: 'yetAnotherSecret' },
  server_hint: 'Prefer_Id_1',
  ecdsa: {
    client_key: {
      private_key: '41c1cb6b51247a144321435b7a80e714896a33bbad7294ca401455a194a949fa',
      x: '36dfe2c6f9f2ed29da0a9a8f62684e916375ba10300c28c5e47cfbf25fa58f52',
      y: '71a0d4fcde1ab8785a3c786935a7cfabe93f987209daed0b4fabc36fc772f829',
    },
    server_keys: [
      {
        private_key: '23bdd36c1017e90dc10a8f02f20ee95dbe373835b64b8a1b20a6a7862fd1c8e5',
        x: 'ef300c570a657b985334fa5281d79b72b4e948f05637d053a735613c06fb9ce7',
        y: 'd198e60a9641c78aac6909476424305f1b70ad2cf0baa2d7db6d11e036b91e87',
      },
      {
        private_key: 'ac402594d2d7330baad55127d676e8b723e3209b90a0a0d0cf3d8b7a0d380300',
        x: '54e43aa6e119af85e4500b6789570282ad6890e1fbd02a2bc0fcc2ebdc487f92',
        y: '255f92943873b4fd179ee07f1293b9f4a5704eea095fdfc18a667586c334398b',
      },
    ],
  },
};

/** A credential as credman takes it. */
export function psk_credential(tag: credman_tag_t, { identity, key, hint }: PskCredential): credman_credential_t {
  const buffer = (text: string) => ({ s: encodeText(text), len: encodeText(text).length });
  return {
    type: CREDMAN_TYPE_PSK,
    tag,
    params: { psk: { key: buffer(key), id: buffer(identity), ...(hint === undefined ? {} : { hint: buffer(hint) }) } },
  };
}

/** An own key with the keys of the peers that are known, as credman takes it. */
export function ecdsa_credential(
  tag: credman_tag_t, { private_key, x, y }: EcdsaKey, known: readonly EcdsaKey[],
): credman_credential_t {
  const client_keys: ecdsa_public_key_t[] = known.map((key) => ({ x: fromHex(key.x), y: fromHex(key.y) }));
  const public_key = { x: fromHex(x), y: fromHex(y) };
  return {
    type: CREDMAN_TYPE_ECDSA,
    tag,
    params: {
      ecdsa: { private_key: fromHex(private_key), public_key, client_keys, client_keys_size: client_keys.length },
    },
  };
}

function fromHex(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}
