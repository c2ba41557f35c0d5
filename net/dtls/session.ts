/** Sessions: endpoints as session.h has them. */

import { bytesEqual, put16le } from '../wire/bytes.ts';
import { copyOf } from './bytes.ts';
import type { session_t } from './types.ts';

/** AF_INET6 of RIOT's net/af.h. */
const AF_INET6 = 4;

/** sizeof(session_t.addr): family, port, address. */
const ADDR_SIZE = 20;

/** Whether two sessions are the same endpoint: port, interface and address. */
export function dtls_session_equals(a: session_t, b: session_t): boolean {
  return a.port === b.port && a.ifindex === b.ifindex && bytesEqual(a.addr, b.addr);
}

/** A session of its own with the same members. */
export function copySession(session: session_t): session_t {
  return { addr: copyOf(session.addr), port: session.port, ifindex: session.ifindex };
}

/**
 * The bytes of a session that go into a cookie: session_t.addr as it lies in the memory of a little-endian board, that
 * is family and port as 16-bit numbers, then the address. The interface is not among them.
 */
export function sessionBytes(session: session_t): Uint8Array {
  const bytes = new Uint8Array(ADDR_SIZE);
  put16le(bytes, 2, session.port);
  put16le(bytes, 0, AF_INET6);
  bytes.set(session.addr, 4);
  return bytes;
}
