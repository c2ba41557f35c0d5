// sock_dtls_establish_session(): UDP sock, DTLS sock and session in one call.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { ETIMEDOUT } from '../../../kernel/errno.ts';
import { ZTIMER_USEC, ztimer_now } from '../../../kernel/ztimer.ts';
import { credman_add } from '../../../net/credman.ts';
import { sock_dtls_session_t, sock_dtls_send, sock_dtls_t } from '../../../net/sock/dtls.ts';
import { sock_dtls_establish_session } from '../../../net/sock/dtls_establish.ts';
import { SOCK_IPV6_EP_ANY, sock_udp_t } from '../../../net/sock/udp.ts';
import { SECOND, SERVER, SERVER_PORT, TAG, bytes, endpoint, psk, run, server } from './dtls_harness.ts';

/** The call, and how long it took, µs. */
function* establish(sock: sock_dtls_t, session: sock_dtls_session_t, local = SOCK_IPV6_EP_ANY()) {
  credman_add(psk(TAG));
  const start = ztimer_now(ZTIMER_USEC);
  const remote = endpoint(SERVER, SERVER_PORT);
  const res = yield* sock_dtls_establish_session(new sock_udp_t(), sock, session, TAG, local, remote,
    new Uint8Array(256), 256);
  return { res, took: ztimer_now(ZTIMER_USEC) - start, local };
}

test('establish_session: gives 0 and a session that sends', (t) => {
  // Port 0 has become one of the dynamic range.
  const results: unknown[] = [];
  const told: unknown[] = [];
  run({
    server: server(told),
    client: function* (): Blocking<void> {
      const sock = new sock_dtls_t();
      const session = new sock_dtls_session_t();
      const { res, local } = yield* establish(sock, session);
      results.push(res, local.port >= 49152, yield* sock_dtls_send(sock, session, bytes('data'), 4, 0));
    },
  });
  t.deepEqual(results, [0, true, 4]);
  t.is(told[1], 'data');
});

test('establish_session: nobody there takes 1 s, 2 s and 4 s, and gives the last error', (t) => {
  // Two retries, the time-out doubles; both socks are closed, so that it can be tried again for ever.
  const results: unknown[] = [];
  run({
    client: function* (): Blocking<void> {
      for (let i = 0; i < 3; i++) results.push(yield* establish(new sock_dtls_t(), new sock_dtls_session_t()));
    },
  }, 30);
  t.is(results.length, 3);
  for (const result of results) {
    const { res, took } = result as { res: number; took: number };
    t.is(res, -ETIMEDOUT);
    t.true(took >= 7 * SECOND && took < 7.01 * SECOND, String(took));
  }
});
