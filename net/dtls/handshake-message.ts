/** What a handshake sends. */

import { DTLS_CT_HANDSHAKE, emitDtlsMessage } from '../wire/dtls.ts';
import { prepareRecord } from './record.ts';
import type { DtlsMessage } from '../wire/dtls.ts';
import type { Context } from './env.ts';
import type { dtls_handshake_parameters_t, dtls_peer_t, DtlsSend } from './types.ts';

/** The payload of a ChangeCipherSpec. */
export const CHANGE_CIPHER_SPEC: Uint8Array = new Uint8Array([1]);

/** The next message of a handshake: numbered, hashed and ready to be sent. */
export function prepareMessage(ctx: Context, peer: dtls_peer_t, handshake: dtls_handshake_parameters_t,
  message: DtlsMessage): DtlsSend | number {
  const data = emitDtlsMessage(message, handshake.mseq_s);
  handshake.mseq_s = (handshake.mseq_s + 1) & 0xffff;
  handshake.hs_hash.update(data);
  return prepareRecord(ctx, peer, DTLS_CT_HANDSHAKE, data);
}
