// Receiving without a copy over a DTLS sock. Each test is a row of what RIOT does.
import test from 'ava';
import { current } from '../../../kernel/current.ts';
import { EAGAIN, ETIMEDOUT } from '../../../kernel/errno.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import type { gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_used } from '../../../net/gnrc/pktbuf.ts';
import {
  SOCK_DTLS_HANDSHAKE, sock_dtls_recv_buf, sock_dtls_send, sock_dtls_session_init, sock_dtls_session_t,
} from '../../../net/sock/dtls.ts';
import type { out_t } from '../../../net/sock/udp.ts';
import {
  CLIENT_PORT, SECOND, SERVER, SERVER_PORT, bytes, connect, endpoint, open, printed, run, serverThat, text,
} from './dtls_harness.ts';

const HANDSHAKE = -SOCK_DTLS_HANDSHAKE;

test('recv_buf: lends the data, the second call gives it back, the third finds nothing', (t) => {
  // Executed, case 15. The packet buffer is as empty as before afterwards.
  const results: unknown[] = [];
  run({
    server: serverThat((sock, session) => sock_dtls_send(sock, session, bytes('hello'), 5, 0)),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* connect(sock, session);
      const used = gnrc_pktbuf_used(current());
      const data: out_t<Uint8Array> = { value: null };
      const ctx: out_t<gnrc_pktsnip_t> = { value: null };
      const res = yield* sock_dtls_recv_buf(sock, session, data, ctx, 5 * SECOND);
      results.push(res, text(data.value!, res), ctx.value !== null);
      results.push(yield* sock_dtls_recv_buf(sock, session, data, ctx, 0), data.value, ctx.value);
      results.push(gnrc_pktbuf_used(current()) === used);
      results.push(yield* sock_dtls_recv_buf(sock, session, data, ctx, 0));
    },
  });
  t.deepEqual(results, [5, 'hello', true, 0, null, null, true, -EAGAIN]);
});

test('recv_buf: a handshake is told while its last packet is still lent', (t) => {
  // The next call gives the packet back with 0, and only then the data comes.
  const results: unknown[] = [];
  run({
    server: serverThat((sock, session) => sock_dtls_send(sock, session, bytes('hello'), 5, 0)),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      const data: out_t<Uint8Array> = { value: null };
      const ctx: out_t<gnrc_pktsnip_t> = { value: null };
      yield* sock_dtls_session_init(sock, endpoint(SERVER, SERVER_PORT), session);
      for (let i = 0; i < 3; i++) results.push(yield* sock_dtls_recv_buf(sock, session, data, ctx, 5 * SECOND));
    },
  });
  t.deepEqual(results, [HANDSHAKE, 0, 5]);
});

test('recv_buf: polling gives the packet back before its data is told: a diagnostic, the data is kept', (t) => {
  // -ETIMEDOUT leaves the packet lent, 0 frees it, and RIOT then hands out a pointer into freed memory.
  const results: unknown[] = [];
  const net = run({
    server: serverThat((sock, session) => sock_dtls_send(sock, session, bytes('hello'), 5, 0)),
    client: function* () {
      const sock = open(CLIENT_PORT);
      const session = new sock_dtls_session_t();
      yield* connect(sock, session);
      yield* ztimer_sleep(ZTIMER_USEC, 2 * SECOND);
      const data: out_t<Uint8Array> = { value: null };
      const ctx: out_t<gnrc_pktsnip_t> = { value: null };
      for (let i = 0; i < 3; i++) results.push(yield* sock_dtls_recv_buf(sock, session, data, ctx, 0));
      results.push(text(data.value!, 5));
    },
  });
  t.deepEqual(results, [-ETIMEDOUT, 0, 5, 'hello']);
  t.is(printed(net.client), 'undefined on RIOT: sock_dtls_recv_buf() frees a packet whose data it has not told yet\n');
});
