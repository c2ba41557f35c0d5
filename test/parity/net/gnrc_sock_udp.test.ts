// RIOT's tests/net/gnrc_sock_udp, written anew: every case, with its recorded console.
import test, { type ExecutionContext } from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, EINVAL, ENOBUFS, ENOTCONN, EPROTO,
  ETIMEDOUT } from '../../../kernel/errno.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { gnrc_netapi_dispatch_receive } from '../../../net/gnrc/netapi.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_UDP, GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import type { gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add } from '../../../net/gnrc/pktbuf.ts';
import { gnrc_sock_clear } from '../../../net/sock/gnrc_sock.ts';
import { sock_udp_ep_clear } from '../../../net/sock/sock.ts';
import {
  AF_INET, AF_INET6, AF_UNSPEC, SOCK_ADDR_ANY_NETIF, SOCK_AUX_GET_LOCAL, SOCK_AUX_GET_RSSI, SOCK_AUX_GET_TIMESTAMP,
  SOCK_AUX_GET_TTL, SOCK_FLAGS_REUSE_EP, SOCK_NO_TIMEOUT, type out_t, sock_udp_aux_rx_t, sock_udp_close,
  sock_udp_create, sock_udp_ep_t, sock_udp_get_local, sock_udp_get_remote, sock_udp_recv, sock_udp_recv_aux,
  sock_udp_recv_buf, sock_udp_send, sock_udp_sendv, sock_udp_t,
} from '../../../net/sock/udp.ts';
import { get16, put16 } from '../../../net/wire/bytes.ts';
import { PROTNUM_UDP } from '../../../net/wire/ipv6.ts';
import { udpChecksum } from '../../../net/wire/udp.ts';
import {
  ABCD, type Case, type InjectAux, LOCAL, NETIF, REMOTE, TIMEOUT, WRONG, callAll, checkNet, expectConsole, netInit,
  prepareSendChecks, received, takeSent,
} from './console.ts';

const PORT_LOCAL = 0x2c94;
const PORT_REMOTE = 0xa615;
const ANY = new Uint8Array(16);
const GROUP = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const ALL_AUX = SOCK_AUX_GET_LOCAL | SOCK_AUX_GET_TIMESTAMP | SOCK_AUX_GET_RSSI | SOCK_AUX_GET_TTL;

function ep(addr: Uint8Array, port: number, netif = SOCK_ADDR_ANY_NETIF, family = AF_INET6): sock_udp_ep_t {
  const made = new sock_udp_ep_t();
  made.family = family;
  made.addr.ipv6.set(addr);
  made.port = port;
  made.netif = netif;
  return made;
}

const anyLocal = (netif = SOCK_ADDR_ANY_NETIF): sock_udp_ep_t => ep(ANY, PORT_LOCAL, netif);
const local = (netif = SOCK_ADDR_ANY_NETIF): sock_udp_ep_t => ep(LOCAL, PORT_LOCAL, netif);
const remote = (netif = SOCK_ADDR_ANY_NETIF): sock_udp_ep_t => ep(REMOTE, PORT_REMOTE, netif);

/** Hands a datagram to the udp thread as if ipv6 had received it. */
function* inject(src: Uint8Array, dstPort: number, aux: InjectAux | null = null): Blocking<boolean> {
  const udp = gnrc_pktbuf_add(null, null, 8 + ABCD.length, GNRC_NETTYPE_UNDEF)!;
  put16(udp.data!, 0, PORT_REMOTE);
  put16(udp.data!, 2, dstPort);
  put16(udp.data!, 4, udp.size);
  put16(udp.data!, 6, 0);
  udp.data!.set(ABCD, 8);
  put16(udp.data!, 6, udpChecksum(src, LOCAL, udp.data!, 0));
  const pkt = received(udp, src, LOCAL, PROTNUM_UDP, NETIF, aux);
  return (yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_UDP, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) > 0;
}

/** The cases; a sock that they share, as in RIOT, is wiped between them. */
class Cases {
  readonly sock = new sock_udp_t();
  readonly sock2 = new sock_udp_t();
  readonly buf = new Uint8Array(128);
  readonly t: ExecutionContext;

  constructor(t: ExecutionContext) {
    this.t = t;
  }

  tearDown(): void {
    sock_udp_close(this.sock);
    sock_udp_ep_clear(this.sock.local);
    sock_udp_ep_clear(this.sock.remote);
    this.sock.flags = 0;
    this.sock.next = null;
    gnrc_sock_clear(this.sock.reg);
  }

  create(from: sock_udp_ep_t | null, to: sock_udp_ep_t | null, flags = SOCK_FLAGS_REUSE_EP): number {
    return sock_udp_create(this.sock, from, to, flags);
  }

  recv(timeout: number, from: sock_udp_ep_t | null = null, max = this.buf.length): Blocking<number> {
    return sock_udp_recv(this.sock, this.buf, max, timeout, from);
  }

  expectLocal(sock: sock_udp_t, netif: number, port: number | null): undefined {
    const got = new sock_udp_ep_t();
    this.t.is(sock_udp_get_local(sock, got), 0);
    this.t.deepEqual([got.family, got.addr.ipv6, got.netif], [AF_INET6, ANY, netif]);
    if (port === null) this.t.not(got.port, 0);
    else this.t.is(got.port, port);
  }

  expectNoLocal(): undefined {
    this.t.is(sock_udp_get_local(this.sock, new sock_udp_ep_t()), -EADDRNOTAVAIL);
  }

  expectRemote(sock = this.sock): undefined {
    const got = new sock_udp_ep_t();
    this.t.is(sock_udp_get_remote(sock, got), 0);
    this.t.deepEqual(got, remote());
  }

  expectNoRemote(sock = this.sock): undefined {
    this.t.is(sock_udp_get_remote(sock, new sock_udp_ep_t()), -ENOTCONN);
  }

  /** Receives what was injected from `src`, and its sender if asked. */
  *expectRecv(
    from: sock_udp_ep_t, to: sock_udp_ep_t | null, timeout: number, withRemote: boolean, src = REMOTE,
  ): Blocking<void> {
    const { t } = this;
    t.is(this.create(from, to), 0);
    const { port } = this.sock.local;
    t.true(yield* inject(src, port));
    const result = new sock_udp_ep_t();
    t.is(yield* this.recv(timeout, withRemote ? result : null), ABCD.length);
    t.deepEqual(this.buf.subarray(0, ABCD.length), ABCD);
    if (withRemote) t.deepEqual(result, ep(src, PORT_REMOTE, NETIF));
    t.true(checkNet());
  }

  /** Looks at the packet that the last send gave to the stack. */
  *expectSent(src: Uint8Array, srcPort: number | null, netif: number, data = ABCD): Blocking<void> {
    const { t } = this;
    const sent = (yield* takeSent())!;
    t.deepEqual([sent.netif, sent.src, sent.dst, sent.proto], [netif, src, REMOTE, PROTNUM_UDP]);
    if (srcPort !== null) t.is(get16(sent.payload, 0), srcPort);
    t.is(get16(sent.payload, 2), PORT_REMOTE);
    t.deepEqual(sent.payload.subarray(8), data);
    yield* ztimer_sleep(ZTIMER_USEC, 1000);
    t.true(checkNet());
  }

  /** Creates a sock, sends to `to`, and looks at the packet. */
  *expectSend(
    [from, connected]: [sock_udp_ep_t | null, sock_udp_ep_t | null], to: sock_udp_ep_t | null, netif: number,
  ): Blocking<void> {
    this.t.is(this.create(from, connected), 0);
    this.t.is(yield* sock_udp_send(this.sock, ABCD, ABCD.length, to), ABCD.length);
    yield* this.expectSent(from === null ? ANY : LOCAL, from === null ? null : PORT_LOCAL, netif);
  }

  *expectNoSend(sock: sock_udp_t | null, to: sock_udp_ep_t | null, res: number): Blocking<void> {
    this.t.is(yield* sock_udp_send(sock, ABCD, ABCD.length, to), res);
    this.t.true(checkNet());
  }
}

function createCases(c: Cases): Case[] {
  const { t } = c;
  return [
    ['test_sock_udp_create__EADDRINUSE', () => {
      t.is(c.create(anyLocal(), null, 0), 0);
      t.is(sock_udp_create(c.sock2, anyLocal(), null, 0), -EADDRINUSE);
    }],
    ['test_sock_udp_create__EAFNOSUPPORT', () => {
      t.is(c.create(ep(ANY, PORT_LOCAL, 0, AF_UNSPEC), null), -EAFNOSUPPORT);
      t.is(c.create(null, ep(ANY, PORT_REMOTE, 0, AF_UNSPEC)), -EAFNOSUPPORT);
    }],
    ['test_sock_udp_create__EINVAL_addr', () => {
      t.is(c.create(anyLocal(NETIF), ep(ANY, PORT_REMOTE, NETIF)), -EINVAL);
    }],
    ['test_sock_udp_create__EINVAL_netif', () => {
      t.is(c.create(anyLocal(NETIF), remote(NETIF + 1)), -EINVAL);
    }],
    ['test_sock_udp_create__no_endpoints', () => {
      t.is(c.create(null, null), 0);
      c.expectNoLocal();
      c.expectNoRemote();
    }],
    ['test_sock_udp_create__only_local', () => {
      t.is(c.create(anyLocal(), null), 0);
      c.expectLocal(c.sock, SOCK_ADDR_ANY_NETIF, PORT_LOCAL);
      c.expectNoRemote();
    }],
    ['test_sock_udp_create__only_local_port0', () => {
      t.is(c.create(ep(ANY, 0), null), 0);
      c.expectLocal(c.sock, SOCK_ADDR_ANY_NETIF, null);
      c.expectNoRemote();
    }],
    ['test_sock_udp_create__only_local_reuse_ep', () => {
      t.is(c.create(anyLocal(), null), 0);
      t.is(sock_udp_create(c.sock2, anyLocal(), null, SOCK_FLAGS_REUSE_EP), 0);
      for (const sock of [c.sock, c.sock2]) {
        c.expectLocal(sock, SOCK_ADDR_ANY_NETIF, PORT_LOCAL);
        c.expectNoRemote(sock);
      }
      sock_udp_close(c.sock2);
    }],
    ['test_sock_udp_create__only_remote', () => {
      t.is(c.create(null, remote()), 0);
      c.expectNoLocal();
      c.expectRemote();
    }],
    ['test_sock_udp_create__full', () => {
      t.is(c.create(anyLocal(NETIF), remote()), 0);
      c.expectLocal(c.sock, NETIF, PORT_LOCAL);
      c.expectRemote();
    }],
  ];
}

function recvCases(c: Cases): Case[] {
  const { t } = c;
  const any = anyLocal;
  return [
    ['test_sock_udp_recv__EADDRNOTAVAIL', function* () {
      t.is(c.create(null, null), 0);
      t.is(yield* c.recv(SOCK_NO_TIMEOUT), -EADDRNOTAVAIL);
    }],
    ['test_sock_udp_recv__EAGAIN', function* () {
      t.is(c.create(any(NETIF), null), 0);
      t.is(yield* c.recv(0), -EAGAIN);
    }],
    ['test_sock_udp_recv__ENOBUFS', function* () {
      t.is(c.create(any(), null), 0);
      t.true(yield* inject(REMOTE, PORT_LOCAL));
      t.is(yield* c.recv(SOCK_NO_TIMEOUT, null, 2), -ENOBUFS);
      t.true(checkNet());
    }],
    ['test_sock_udp_recv__EPROTO', function* () {
      t.is(c.create(any(), remote()), 0);
      t.true(yield* inject(WRONG, PORT_LOCAL));
      t.is(yield* c.recv(SOCK_NO_TIMEOUT), -EPROTO);
      t.true(checkNet());
    }],
    ['test_sock_udp_recv__multicast', () => c.expectRecv(any(), ep(GROUP, PORT_REMOTE), SOCK_NO_TIMEOUT, false, WRONG)],
    ['test_sock_udp_recv__ETIMEDOUT', function* () {
      t.is(c.create(any(NETIF), null), 0);
      puts(' * Calling sock_udp_recv()');
      t.is(yield* c.recv(TIMEOUT), -ETIMEDOUT);
      printf(` * (timed out with timeout ${TIMEOUT})\n`);
    }],
    ['test_sock_udp_recv__socketed', () => c.expectRecv(any(), remote(), SOCK_NO_TIMEOUT, false)],
    ['test_sock_udp_recv__socketed_with_remote', () => c.expectRecv(any(), remote(), SOCK_NO_TIMEOUT, true)],
    ['test_sock_udp_recv__socketed_with_port0', () => c.expectRecv(ep(ANY, 0), remote(), SOCK_NO_TIMEOUT, true)],
    ['test_sock_udp_recv__unsocketed', () => c.expectRecv(local(), null, SOCK_NO_TIMEOUT, false)],
    ['test_sock_udp_recv__unsocketed_with_remote', () => c.expectRecv(any(), null, SOCK_NO_TIMEOUT, true)],
    ['test_sock_udp_recv__with_timeout', () => c.expectRecv(any(), null, TIMEOUT, true)],
    ['test_sock_udp_recv__non_blocking', () => c.expectRecv(any(), null, 0, true)],
    ['test_sock_udp_recv__aux', () => recvAux(c)],
    ['test_sock_udp_recv_buf__success', () => recvBuf(c)],
  ];
}

function* recvAux(c: Cases): Blocking<void> {
  const { t } = c;
  t.is(c.create(anyLocal(), null), 0);
  t.true(yield* inject(REMOTE, PORT_LOCAL, { timestamp: 1337, rssi: -11 }));
  const result = new sock_udp_ep_t();
  const aux = new sock_udp_aux_rx_t();
  aux.flags = ALL_AUX;
  t.is(yield* sock_udp_recv_aux(c.sock, c.buf, c.buf.length, 0, result, aux), ABCD.length);
  t.deepEqual(result, ep(REMOTE, PORT_REMOTE, NETIF));
  t.deepEqual([aux.flags, aux.local.addr.ipv6, aux.local.port], [0, LOCAL, PORT_LOCAL]);
  t.deepEqual([aux.timestamp, aux.rssi, aux.ttl], [1337, -11, 64]);
  t.true(checkNet());
}

function* recvBuf(c: Cases): Blocking<void> {
  const { t } = c;
  const data: out_t<Uint8Array> = { value: null };
  const ctx: out_t<gnrc_pktsnip_t> = { value: null };
  t.is(c.create(anyLocal(), remote()), 0);
  t.true(yield* inject(REMOTE, PORT_LOCAL));
  t.is(yield* sock_udp_recv_buf(c.sock, data, ctx, SOCK_NO_TIMEOUT, null), ABCD.length);
  t.deepEqual(data.value, ABCD);
  t.not(ctx.value, null);
  t.is(yield* sock_udp_recv_buf(c.sock, data, ctx, SOCK_NO_TIMEOUT, null), 0);
  t.deepEqual([data.value, ctx.value], [null, null]);
  t.true(checkNet());
}

function sendCases(c: Cases): Case[] {
  const { t } = c;
  return [
    ['test_sock_udp_send__EAFNOSUPPORT', () =>
      c.expectNoSend(null, ep(REMOTE, PORT_REMOTE, 0, AF_INET), -EAFNOSUPPORT)],
    ['test_sock_udp_send__EINVAL_addr', function* () {
      t.is(c.create(ep(LOCAL, PORT_REMOTE, NETIF), null), 0);
      yield* c.expectNoSend(c.sock, ep(ANY, PORT_REMOTE, NETIF), -EINVAL);
    }],
    ['test_sock_udp_send__EINVAL_netif', function* () {
      t.is(c.create(ep(LOCAL, PORT_REMOTE, NETIF), null), 0);
      yield* c.expectNoSend(c.sock, remote(NETIF + 1), -EINVAL);
    }],
    ['test_sock_udp_send__EINVAL_port', () => c.expectNoSend(null, ep(REMOTE, 0), -EINVAL)],
    ['test_sock_udp_send__ENOTCONN', function* () {
      t.is(c.create(null, null), 0);
      yield* c.expectNoSend(c.sock, null, -ENOTCONN);
    }],
    ['test_sock_udp_send__socketed_no_local_no_netif', () => c.expectSend([null, remote()], null, 0)],
    ['test_sock_udp_send__socketed_no_netif', () => c.expectSend([local(), remote()], null, 0)],
    ['test_sock_udp_send__socketed_no_local', () => c.expectSend([null, remote(NETIF)], null, NETIF)],
    ['test_sock_udp_send__socketed', () => c.expectSend([local(NETIF), remote()], null, NETIF)],
    ['test_sock_udp_sendv__socketed', () => sendv(c)],
    ['test_sock_udp_send__socketed_other_remote', () =>
      c.expectSend([local(NETIF), ep(WRONG, PORT_REMOTE + PORT_LOCAL)], remote(), NETIF)],
    ['test_sock_udp_send__unsocketed_no_local_no_netif', () => c.expectSend([null, null], remote(), 0)],
    ['test_sock_udp_send__unsocketed_no_netif', () => c.expectSend([local(), null], remote(), 0)],
    ['test_sock_udp_send__unsocketed_no_local', () => c.expectSend([null, null], remote(NETIF), NETIF)],
    ['test_sock_udp_send__unsocketed', () => c.expectSend([local(NETIF), null], remote(), NETIF)],
    ['test_sock_udp_send__no_sock_no_netif', () => sendNoSock(c, SOCK_ADDR_ANY_NETIF)],
    ['test_sock_udp_send__no_sock', () => sendNoSock(c, NETIF)],
  ];
}

function* sendv(c: Cases): Blocking<void> {
  const tail = { iol_next: null, iol_base: Uint8Array.of(0x45, 0x46, 0x47, 0x48, 0), iol_len: 5 };
  const head = { iol_next: tail, iol_base: ABCD, iol_len: 4 };
  c.t.is(c.create(local(NETIF), remote()), 0);
  c.t.is(yield* sock_udp_sendv(c.sock, head, null), 9);
  yield* c.expectSent(LOCAL, PORT_LOCAL, NETIF, Uint8Array.of(0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0));
}

function* sendNoSock(c: Cases, netif: number): Blocking<void> {
  c.t.is(yield* sock_udp_send(null, ABCD, ABCD.length, remote(netif)), ABCD.length);
  yield* c.expectSent(ANY, null, netif);
}

test('gnrc_sock_udp: every case of RIOT\'s test holds, and its console is RIOT\'s', (t) => {
  // The console was recorded on native64 with the same modules and the packet buffer of 2048 bytes of native.
  expectConsole(t, 'gnrc_sock_udp', {
    baseModules: ['sock_aux_local', 'sock_aux_timestamp', 'sock_aux_rssi', 'sock_aux_ttl', 'gnrc_sock_check_reuse',
      'sock_udp', 'gnrc_ipv6', 'ps', 'xtimer'],
    config: { CONFIG_GNRC_PKTBUF_SIZE: 2048 },
    *main() {
      const c = new Cases(t);
      netInit();
      c.tearDown();
      const tearDown = (): void => c.tearDown();
      yield* callAll([...createCases(c), ...recvCases(c)], tearDown);
      yield* prepareSendChecks(GNRC_NETTYPE_UDP);
      yield* callAll(sendCases(c), tearDown);
      puts('ALL TESTS SUCCESSFUL');
    },
  });
});
