/** The negative return values that stand for fatal alerts. */

import { DTLS_ALERT_DECODE_ERROR, DTLS_ALERT_DECRYPT_ERROR, DTLS_ALERT_HANDSHAKE_FAILURE,
  DTLS_ALERT_INSUFFICIENT_SECURITY, DTLS_ALERT_INTERNAL_ERROR, DTLS_ALERT_PROTOCOL_VERSION,
  DTLS_ALERT_UNEXPECTED_MESSAGE, DTLS_ALERT_UNKNOWN_PSK_IDENTITY, dtls_alert_fatal_create } from './types.ts';

export const UNEXPECTED_MESSAGE = dtls_alert_fatal_create(DTLS_ALERT_UNEXPECTED_MESSAGE);
export const HANDSHAKE_FAILURE = dtls_alert_fatal_create(DTLS_ALERT_HANDSHAKE_FAILURE);
export const DECODE_ERROR = dtls_alert_fatal_create(DTLS_ALERT_DECODE_ERROR);
export const DECRYPT_ERROR = dtls_alert_fatal_create(DTLS_ALERT_DECRYPT_ERROR);
export const PROTOCOL_VERSION = dtls_alert_fatal_create(DTLS_ALERT_PROTOCOL_VERSION);
export const INSUFFICIENT_SECURITY = dtls_alert_fatal_create(DTLS_ALERT_INSUFFICIENT_SECURITY);
export const UNKNOWN_PSK_IDENTITY = dtls_alert_fatal_create(DTLS_ALERT_UNKNOWN_PSK_IDENTITY);
export const INTERNAL_ERROR = dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
