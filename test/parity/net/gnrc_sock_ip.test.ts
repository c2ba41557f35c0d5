// RIOT's tests/net/gnrc_sock_ip, written anew: every case, with its recorded console.
import test, { type ExecutionContext } from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, EINVAL, ENOBUFS, ENOTCONN, EPROTO,
  ETIMEDOUT } from '../../../kernel/errno.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../../net/af.ts';
import { gnrc_netapi_dispatch_receive } from '../../../net/gnrc/netapi.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import type { gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add } from '../../../net/gnrc/pktbuf.ts';
import {
  SOCK_ADDR_ANY_NETIF, SOCK_AUX_GET_LOCAL, SOCK_AUX_GET_RSSI, SOCK_AUX_GET_TIMESTAMP, SOCK_FLAGS_REUSE_EP,
  SOCK_NO_TIMEOUT, sock_ip_aux_rx_t, sock_ip_close, sock_ip_create, sock_ip_ep_t, sock_ip_get_local,
  sock_ip_get_remote, sock_ip_recv, sock_ip_recv_aux, sock_ip_recv_buf, sock_ip_send, sock_ip_t,
} from '../../../net/sock/ip.ts';
import type { out_t } from '../../../net/sock/udp.ts';
import {
  ABCD, type Case, type InjectAux, LOCAL, NETIF, REMOTE, TIMEOUT, WRONG, callAll, checkNet, expectConsole, netInit,
  prepareSendChecks, received, takeSent,
} from './console.ts';

const PROTO = 254;
const ANY = new Uint8Array(16);
const ALL_AUX = SOCK_AUX_GET_LOCAL | SOCK_AUX_GET_TIMESTAMP | SOCK_AUX_GET_RSSI;

function ep(addr: Uint8Array, netif = SOCK_ADDR_ANY_NETIF, family = AF_INET6): sock_ip_ep_t {
  const made = new sock_ip_ep_t();
  made.family = family;
  made.addr.ipv6.set(addr);
  made.netif = netif;
  return made;
}

/** Hands a packet to the sock as if ipv6 had received it. */
function* inject(src: Uint8Array, aux: InjectAux | null = null): Blocking<boolean> {
  const payload = gnrc_pktbuf_add(null, ABCD, ABCD.length, GNRC_NETTYPE_UNDEF)!;
  const pkt = received(payload, src, LOCAL, PROTO, NETIF, aux);
  return (yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_IPV6, PROTO, pkt)) > 0;
}

class Cases {
  sock = new sock_ip_t();
  readonly buf = new Uint8Array(128);
  readonly t: ExecutionContext;

  constructor(t: ExecutionContext) {
    this.t = t;
  }

  tearDown(): void {
    sock_ip_close(this.sock);
    this.sock = new sock_ip_t();
  }

  create(from: sock_ip_ep_t | null, to: sock_ip_ep_t | null): number {
    return sock_ip_create(this.sock, from, to, PROTO, SOCK_FLAGS_REUSE_EP);
  }

  recv(timeout: number, from: sock_ip_ep_t | null = null, max = this.buf.length): Blocking<number> {
    return sock_ip_recv(this.sock, this.buf, max, timeout, from);
  }

  /** Whether the end points of a sock are these; null: there is none. */
  expectEndpoints(from: sock_ip_ep_t | null, to: sock_ip_ep_t | null, sock = this.sock): undefined {
    const { t } = this;
    const got = new sock_ip_ep_t();
    t.is(sock_ip_get_local(sock, got), from === null ? -EADDRNOTAVAIL : 0);
    if (from !== null) t.deepEqual(got, from);
    t.is(sock_ip_get_remote(sock, got), to === null ? -ENOTCONN : 0);
    if (to !== null) t.deepEqual(got, to);
  }

  *expectRecv(
    from: sock_ip_ep_t, to: sock_ip_ep_t | null, timeout: number, withRemote: boolean,
  ): Blocking<void> {
    const { t } = this;
    t.is(this.create(from, to), 0);
    t.true(yield* inject(REMOTE));
    const result = new sock_ip_ep_t();
    t.is(yield* this.recv(timeout, withRemote ? result : null), ABCD.length);
    t.deepEqual(this.buf.subarray(0, ABCD.length), ABCD);
    if (withRemote) t.deepEqual(result, ep(REMOTE, NETIF));
    t.true(checkNet());
  }

  *expectSent(src: Uint8Array, netif: number): Blocking<void> {
    const sent = yield* takeSent();
    this.t.deepEqual(sent, { netif, src, dst: REMOTE, proto: PROTO, payload: ABCD });
    yield* ztimer_sleep(ZTIMER_USEC, 1000);
    this.t.true(checkNet());
  }

  *expectSend(
    [from, connected]: [sock_ip_ep_t | null, sock_ip_ep_t | null], to: sock_ip_ep_t | null, netif: number,
  ): Blocking<void> {
    this.t.is(this.create(from, connected), 0);
    this.t.is(yield* sock_ip_send(this.sock, ABCD, ABCD.length, PROTO, to), ABCD.length);
    yield* this.expectSent(from === null ? ANY : LOCAL, netif);
  }

  *expectNoSend(sock: sock_ip_t | null, to: sock_ip_ep_t | null, res: number): Blocking<void> {
    this.t.is(yield* sock_ip_send(sock, ABCD, ABCD.length, PROTO, to), res);
    this.t.true(checkNet());
  }
}

function createCases(c: Cases): Case[] {
  const { t } = c;
  return [
    ['test_sock_ip_create__EAFNOSUPPORT', () => {
      t.is(c.create(ep(ANY, 0, AF_UNSPEC), null), -EAFNOSUPPORT);
      t.is(c.create(null, ep(ANY, 0, AF_UNSPEC)), -EAFNOSUPPORT);
    }],
    ['test_sock_ip_create__EINVAL_addr', () => {
      t.is(c.create(ep(ANY, NETIF), ep(ANY, NETIF)), -EINVAL);
    }],
    ['test_sock_ip_create__EINVAL_netif', () => {
      t.is(c.create(ep(ANY, NETIF), ep(REMOTE, NETIF + 1)), -EINVAL);
    }],
    ['test_sock_ip_create__no_endpoints', () => {
      t.is(c.create(null, null), 0);
      c.expectEndpoints(null, null);
    }],
    ['test_sock_ip_create__only_local', () => {
      t.is(c.create(ep(ANY), null), 0);
      c.expectEndpoints(ep(ANY), null);
    }],
    ['test_sock_ip_create__only_local_reuse_ep', () => {
      const sock2 = new sock_ip_t();
      t.is(c.create(ep(ANY), null), 0);
      t.is(sock_ip_create(sock2, ep(ANY), null, PROTO, SOCK_FLAGS_REUSE_EP), 0);
      c.expectEndpoints(ep(ANY), null);
      c.expectEndpoints(ep(ANY), null, sock2);
      sock_ip_close(sock2);
    }],
    ['test_sock_ip_create__only_remote', () => {
      t.is(c.create(null, ep(REMOTE)), 0);
      c.expectEndpoints(null, ep(REMOTE));
    }],
    ['test_sock_ip_create__full', () => {
      t.is(c.create(ep(ANY, NETIF), ep(REMOTE)), 0);
      c.expectEndpoints(ep(ANY, NETIF), ep(REMOTE));
    }],
  ];
}

function recvCases(c: Cases): Case[] {
  const { t } = c;
  return [
    ['test_sock_ip_recv__EADDRNOTAVAIL', function* () {
      t.is(c.create(null, null), 0);
      t.is(yield* c.recv(SOCK_NO_TIMEOUT), -EADDRNOTAVAIL);
    }],
    ['test_sock_ip_recv__EAGAIN', function* () {
      t.is(c.create(ep(ANY, NETIF), null), 0);
      t.is(yield* c.recv(0), -EAGAIN);
    }],
    ['test_sock_ip_recv__ENOBUFS', function* () {
      t.is(c.create(ep(ANY), null), 0);
      t.true(yield* inject(REMOTE));
      t.is(yield* c.recv(SOCK_NO_TIMEOUT, null, 2), -ENOBUFS);
      t.true(checkNet());
    }],
    ['test_sock_ip_recv__EPROTO', function* () {
      t.is(c.create(ep(ANY), ep(REMOTE)), 0);
      t.true(yield* inject(WRONG));
      t.is(yield* c.recv(SOCK_NO_TIMEOUT), -EPROTO);
      t.true(checkNet());
    }],
    ['test_sock_ip_recv__ETIMEDOUT', function* () {
      t.is(c.create(ep(ANY, NETIF), null), 0);
      puts(' * Calling sock_ip_recv()');
      t.is(yield* c.recv(TIMEOUT), -ETIMEDOUT);
      printf(` * (timed out with timeout ${TIMEOUT})\n`);
    }],
    ['test_sock_ip_recv__socketed', () => c.expectRecv(ep(ANY), ep(REMOTE), SOCK_NO_TIMEOUT, false)],
    ['test_sock_ip_recv__socketed_with_remote', () => c.expectRecv(ep(ANY), ep(REMOTE), SOCK_NO_TIMEOUT, true)],
    ['test_sock_ip_recv__unsocketed', () => c.expectRecv(ep(LOCAL), null, SOCK_NO_TIMEOUT, false)],
    ['test_sock_ip_recv__unsocketed_with_remote', () => c.expectRecv(ep(ANY), null, SOCK_NO_TIMEOUT, true)],
    ['test_sock_ip_recv__with_timeout', () => c.expectRecv(ep(ANY), null, TIMEOUT, true)],
    ['test_sock_ip_recv__non_blocking', () => c.expectRecv(ep(ANY), null, 0, true)],
    ['test_sock_ip_recv__aux', () => recvAux(c)],
    ['test_sock_ip_recv_buf__success', () => recvBuf(c)],
  ];
}

function* recvAux(c: Cases): Blocking<void> {
  const { t } = c;
  t.is(c.create(ep(ANY), null), 0);
  t.true(yield* inject(REMOTE, { timestamp: 42, rssi: 0 }));
  const result = new sock_ip_ep_t();
  const aux = new sock_ip_aux_rx_t();
  aux.flags = ALL_AUX;
  t.is(yield* sock_ip_recv_aux(c.sock, c.buf, c.buf.length, 0, result, aux), ABCD.length);
  t.deepEqual(result, ep(REMOTE, NETIF));
  t.deepEqual([aux.flags, aux.local.addr.ipv6, aux.timestamp, aux.rssi], [0, LOCAL, 42, 0]);
  t.true(checkNet());
}

function* recvBuf(c: Cases): Blocking<void> {
  const { t } = c;
  const data: out_t<Uint8Array> = { value: null };
  const ctx: out_t<gnrc_pktsnip_t> = { value: null };
  t.is(c.create(ep(ANY), ep(REMOTE)), 0);
  t.true(yield* inject(REMOTE));
  t.is(yield* sock_ip_recv_buf(c.sock, data, ctx, SOCK_NO_TIMEOUT, null), ABCD.length);
  t.deepEqual(data.value, ABCD);
  t.not(ctx.value, null);
  t.is(yield* sock_ip_recv_buf(c.sock, data, ctx, SOCK_NO_TIMEOUT, null), 0);
  t.deepEqual([data.value, ctx.value], [null, null]);
  t.true(checkNet());
}

function sendCases(c: Cases): Case[] {
  const { t } = c;
  return [
    ['test_sock_ip_send__EAFNOSUPPORT_INET', () => c.expectNoSend(null, ep(REMOTE, 0, AF_INET), -EAFNOSUPPORT)],
    ['test_sock_ip_send__EAFNOSUPPORT_UNSPEC', () => c.expectNoSend(null, ep(REMOTE, 0, AF_UNSPEC), -EAFNOSUPPORT)],
    ['test_sock_ip_send__EINVAL_addr', function* () {
      t.is(c.create(ep(LOCAL, NETIF), null), 0);
      yield* c.expectNoSend(c.sock, ep(ANY, NETIF), -EINVAL);
    }],
    ['test_sock_ip_send__EINVAL_netif', function* () {
      t.is(c.create(ep(LOCAL, NETIF), null), 0);
      yield* c.expectNoSend(c.sock, ep(REMOTE, NETIF + 1), -EINVAL);
    }],
    ['test_sock_ip_send__ENOTCONN', function* () {
      t.is(c.create(null, null), 0);
      yield* c.expectNoSend(c.sock, null, -ENOTCONN);
    }],
    ['test_sock_ip_send__socketed_no_local_no_netif', () => c.expectSend([null, ep(REMOTE)], null, 0)],
    ['test_sock_ip_send__socketed_no_netif', () => c.expectSend([ep(LOCAL), ep(REMOTE)], null, 0)],
    ['test_sock_ip_send__socketed_no_local', () => c.expectSend([null, ep(REMOTE, NETIF)], null, NETIF)],
    ['test_sock_ip_send__socketed', () => c.expectSend([ep(LOCAL, NETIF), ep(REMOTE)], null, NETIF)],
    ['test_sock_ip_send__socketed_other_remote', () =>
      c.expectSend([ep(LOCAL, NETIF), ep(WRONG)], ep(REMOTE), NETIF)],
    ['test_sock_ip_send__unsocketed_no_local_no_netif', () => c.expectSend([null, null], ep(REMOTE), 0)],
    ['test_sock_ip_send__unsocketed_no_netif', () => c.expectSend([ep(LOCAL), null], ep(REMOTE), 0)],
    ['test_sock_ip_send__unsocketed_no_local', () => c.expectSend([null, null], ep(REMOTE, NETIF), NETIF)],
    ['test_sock_ip_send__unsocketed', () => c.expectSend([ep(LOCAL, NETIF), null], ep(REMOTE), NETIF)],
    ['test_sock_ip_send__no_sock_no_netif', () => sendNoSock(c, SOCK_ADDR_ANY_NETIF)],
    ['test_sock_ip_send__no_sock', () => sendNoSock(c, NETIF)],
  ];
}

function* sendNoSock(c: Cases, netif: number): Blocking<void> {
  c.t.is(yield* sock_ip_send(null, ABCD, ABCD.length, PROTO, ep(REMOTE, netif)), ABCD.length);
  yield* c.expectSent(ANY, netif);
}

test('gnrc_sock_ip: every case of RIOT\'s test holds, and its console is RIOT\'s', (t) => {
  // The console was recorded on native64 with the same modules and the packet buffer of 2048 bytes of native.
  expectConsole(t, 'gnrc_sock_ip', {
    baseModules: ['sock_aux_local', 'sock_aux_timestamp', 'sock_aux_rssi', 'sock_ip', 'gnrc_ipv6', 'ps', 'xtimer'],
    config: { CONFIG_GNRC_PKTBUF_SIZE: 2048 },
    *main() {
      const c = new Cases(t);
      netInit();
      c.tearDown();
      const tearDown = (): void => c.tearDown();
      yield* callAll([...createCases(c), ...recvCases(c)], tearDown);
      yield* prepareSendChecks(GNRC_NETTYPE_IPV6);
      yield* callAll(sendCases(c), tearDown);
      puts('ALL TESTS SUCCESSFUL');
    },
  });
});
