// Frames with all that no two runs share set to zero: sequence numbers, checksums, randoms, cookies, what is encrypted.
// Everything else of a frame stays, so that equal results mean equal frames.
import { hex } from '../../net/wire/bytes.ts';
import { DTLS_CT_HANDSHAKE, DTLS_HANDSHAKE_HEADER_LEN, DTLS_HT_CLIENT_HELLO, DTLS_HT_HELLO_VERIFY_REQUEST,
  DTLS_HT_SERVER_HELLO, DTLS_RANDOM_LEN, DTLS_RECORD_HEADER_LEN, parseDtlsRecord } from '../../net/wire/dtls.ts';
import { IEEE802154_FCF_TYPE_ACK, IEEE802154_FCS_LEN, fcsOk, parseIeee802154 } from '../../net/wire/ieee802154.ts';

/** IPHC 7e33 with NHC f0: two bytes, then one, the ports and the checksum. */
const COMPRESSED_HEADERS = '7e33f0';
const CHECKSUM_AT = 7;
const DTLS_AT = 9;
/** Explicit nonce of AES-CCM: epoch and record number again (RFC 6655 §3). */
const NONCE_LEN = 8;

/**
 * The frame in hexadecimal with what differs between runs set to zero.
 * @param psdu an ACK, or a frame with a whole DTLS datagram in UDP
 * @throws Error for any other frame, and for a wrong FCS
 */
export function normalize(psdu: Uint8Array): string {
  if (!fcsOk(psdu)) throw new Error(`wrong FCS: ${hex(psdu)}`);
  const frame = psdu.slice(0, psdu.length - IEEE802154_FCS_LEN);
  const mac = parseIeee802154(frame);
  if (typeof mac === 'string') throw new Error(`${mac}: ${hex(frame)}`);
  frame[2] = 0;
  if (mac.frameType === IEEE802154_FCF_TYPE_ACK) return hex(frame);
  const payload = frame.subarray(mac.headerLength);
  if (hex(payload.subarray(0, 3)) !== COMPRESSED_HEADERS) throw new Error(`not ${COMPRESSED_HEADERS}: ${hex(payload)}`);
  payload.fill(0, CHECKSUM_AT, DTLS_AT);
  const datagram = payload.subarray(DTLS_AT);
  for (let at = 0; at < datagram.length;) {
    const record = parseDtlsRecord(datagram, at);
    if (typeof record === 'string') throw new Error(`${record}: ${hex(datagram)}`);
    const end = at + DTLS_RECORD_HEADER_LEN + record.length;
    const body = datagram.subarray(at + DTLS_RECORD_HEADER_LEN, end);
    if (record.epoch > 0) body.fill(0, NONCE_LEN);
    else if (record.type === DTLS_CT_HANDSHAKE) blankMessage(body);
    at = end;
  }
  return hex(frame);
}

/** Sets random and cookie of one whole handshake message to zero. */
function blankMessage(message: Uint8Array): undefined {
  const body = message.subarray(DTLS_HANDSHAKE_HEADER_LEN);
  switch (message[0]) {
    case DTLS_HT_HELLO_VERIFY_REQUEST:
      body.fill(0, 3);
      return;
    case DTLS_HT_SERVER_HELLO:
      body.fill(0, 2, 2 + DTLS_RANDOM_LEN);
      return;
    case DTLS_HT_CLIENT_HELLO: {
      body.fill(0, 2, 2 + DTLS_RANDOM_LEN);
      const cookieAt = 2 + DTLS_RANDOM_LEN + 1 + body[2 + DTLS_RANDOM_LEN]!;
      body.fill(0, cookieAt + 1, cookieAt + 1 + body[cookieAt]!);
    }
  }
}
