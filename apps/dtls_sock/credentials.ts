// The pre-shared keys of RIOT's example (dtls_client_credentials.h, dtls_server_credentials.h). They
// are published test keys, and a real node that runs the example has the same.
import { encodeText } from '../../kernel/text.ts';
import { CREDMAN_TYPE_PSK, type credman_credential_t, type credman_tag_t } from '../../net/credman.ts';

export interface PskCredential {
  readonly identity: string;
  readonly key: string;
  /** Which hint of a server makes the client choose it. */
  readonly hint?: string;
}

/** What the app's two commands use. */
export interface DtlsSockCredentials {
  /** The client registers two. */
  readonly client: readonly [PskCredential, PskCredential];
  readonly server: PskCredential;
  /** The hint that the server sends. */
  readonly server_hint: string;
}

export const CREDENTIALS: DtlsSockCredentials = {
  client: [
    { identity: 'Identity_0', key: 'secretPSK', hint: 'Prefer_Id_0' },
    { identity: 'Identity_1', key: 'yetAnotherSecret', hint: 'Prefer_Id_1' },
  ],
  server: { identity: 'Identity_1', key: 'yetAnotherSecret' },
  server_hint: 'Prefer_Id_1',
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
