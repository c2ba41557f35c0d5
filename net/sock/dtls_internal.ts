// What several functions of the DTLS sock need.
import { undefined_on_riot } from '../../kernel/panic.ts';
import { ZTIMER_USEC, ztimer_now } from '../../kernel/ztimer.ts';
import type { OpenSock, sock_dtls_t } from './dtls_types.ts';
import { SOCK_NO_TIMEOUT } from './sock.ts';

/** The file whose assertions the sock's functions have. */
export const SOCK_DTLS_C = 'pkg/tinydtls/contrib/sock_dtls.c';

/** Whether the sock has a context; any use of one that has none is undefined on RIOT. */
export function isOpen(sock: sock_dtls_t, what: string): sock is OpenSock {
  if (sock.dtls_ctx !== null) return true;
  undefined_on_riot(`${what}() on a DTLS sock that is not open`);
  return false;
}

/** `length`, cut to what the buffer has: C reads or writes past its end. */
export function checkedLength(buffer: Uint8Array, length: number, what: string): number {
  if (length <= buffer.length) return length;
  undefined_on_riot(`${what}() with length ${length} for a buffer of ${buffer.length} bytes`);
  return buffer.length;
}

/** What is left of a time-out that began at `start`; 0 and SOCK_NO_TIMEOUT stay as they are. */
export function timeLeft(start: number, timeout: number): number {
  if (timeout === SOCK_NO_TIMEOUT) return timeout;
  return Math.max(0, timeout - ((ztimer_now(ZTIMER_USEC) - start) >>> 0));
}
