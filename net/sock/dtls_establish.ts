// A session in one call (RIOT sys/include/net/sock/util.h, sys/net/sock/sock_util.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { EADDRINUSE } from '../../kernel/errno.ts';
import { random_uint32_range } from '../../kernel/random.ts';
import { ZTIMER_MSEC, ztimer_now, ztimer_sleep } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import type { credman_tag_t } from '../credman.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_CLIENT, SOCK_DTLS_HANDSHAKE, sock_dtls_close, sock_dtls_create, sock_dtls_recv,
  sock_dtls_session_destroy, sock_dtls_session_init, type sock_dtls_session_t, type sock_dtls_t,
} from './dtls.ts';
import { sock_udp_close, sock_udp_create, type sock_udp_ep_t, type sock_udp_t } from './udp.ts';

/** Ports for who names none (RIOT sys/include/net/iana/portrange.h); the end is not drawn. */
const IANA_DYNAMIC_PORTRANGE_MIN = 49152;
const IANA_DYNAMIC_PORTRANGE_MAX = 65535;

/**
 * Makes a UDP sock that is connected to `remote`, a DTLS sock over it, and a session with `remote`. Tries
 * 1 + CONFIG_SOCK_DTLS_RETRIES times: the first has CONFIG_SOCK_DTLS_TIMEOUT_MS, each later one twice that of before. A
 * try that fails early waits for its time.
 *
 * @param tag      the credential; the sock has no other
 * @param local    port 0 is replaced by a random one
 * @param work_buf takes the datagrams of the handshake, DTLS_HANDSHAKE_BUFSIZE() bytes or more
 * @returns 0 when the handshake is complete; the session stays until the caller destroys it, and the socks until they
 *          are closed. Otherwise both socks are closed, and it is an error of sock_udp_create(), -1 of
 *          sock_dtls_create(), or what the last try's sock_dtls_session_init() or sock_dtls_recv() returned
 */
export function* sock_dtls_establish_session(
  sock_udp: sock_udp_t, sock_dtls: sock_dtls_t, session: sock_dtls_session_t, tag: credman_tag_t,
  local: sock_udp_ep_t, remote: sock_udp_ep_t, work_buf: Uint8Array, work_buf_len: number,
): Blocking<number> {
  const { CONFIG_SOCK_DTLS_RETRIES: retries, CONFIG_SOCK_DTLS_TIMEOUT_MS } = net_config();
  let res = createUdp(sock_udp, local, remote);
  if (res < 0) return res;
  res = sock_dtls_create(sock_dtls, sock_udp, tag, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT);
  if (res < 0) {
    sock_udp_close(sock_udp);
    return res;
  }
  let timeout_ms = CONFIG_SOCK_DTLS_TIMEOUT_MS;
  for (let left = retries; ; left--, timeout_ms *= 2) {
    const start = ztimer_now(ZTIMER_MSEC);
    res = yield* sock_dtls_session_init(sock_dtls, remote, session);
    if (res >= 0) {
      res = yield* sock_dtls_recv(sock_dtls, session, work_buf, work_buf_len, timeout_ms * 1000);
      if (res === -SOCK_DTLS_HANDSHAKE) return 0;
    }
    yield* sock_dtls_session_destroy(sock_dtls, session);
    if (left === 0) break;
    const passed = (ztimer_now(ZTIMER_MSEC) - start) >>> 0;
    if (passed < timeout_ms) yield* ztimer_sleep(ZTIMER_MSEC, timeout_ms - passed);
  }
  yield* sock_dtls_close(sock_dtls);
  sock_udp_close(sock_udp);
  return res;
}

function createUdp(sock_udp: sock_udp_t, local: sock_udp_ep_t, remote: sock_udp_ep_t): number {
  const auto_port = local.port === 0;
  let res = 0;
  do {
    if (auto_port) local.port = random_uint32_range(IANA_DYNAMIC_PORTRANGE_MIN, IANA_DYNAMIC_PORTRANGE_MAX);
    res = sock_udp_create(sock_udp, local, remote, 0);
  } while (auto_port && res === -EADDRINUSE);
  return res;
}
