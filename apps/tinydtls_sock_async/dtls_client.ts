// `dtlsc <addr> <data>`: connects, sends the data, prints the echo (RIOT tests/pkg/tinydtls_sock_async/dtls-client.c).
// The command returns at once; the rest is done by the event thread.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { event_t } from '../../kernel/event.ts';
import { EVENT_PRIO_MEDIUM } from '../../kernel/event/thread.ts';
import {
  event_timeout_clear, event_timeout_init, event_timeout_set, event_timeout_t,
} from '../../kernel/event/timeout.ts';
import { assert } from '../../kernel/panic.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { atoi } from '../../kernel/stdlib.ts';
import { decodeText, encodeText } from '../../kernel/text.ts';
import { CREDMAN_EXIST, credman_add, type credman_tag_t } from '../../net/credman.ts';
import { gnrc_netif_get_by_pid, gnrc_netif_iter } from '../../net/gnrc/netif_t.ts';
import {
  SOCK_ASYNC_CONN_FIN, SOCK_ASYNC_CONN_RECV, SOCK_ASYNC_MSG_RECV, SOCK_ASYNC_MSG_SENT, SOCK_ASYNC_PATH_PROP,
  type sock_async_flags_t,
} from '../../net/sock/async.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_CLIENT, SOCK_DTLS_HANDSHAKE, sock_dtls_close, sock_dtls_create, sock_dtls_event_init,
  sock_dtls_get_event_session, sock_dtls_get_udp_sock, sock_dtls_recv, sock_dtls_send, sock_dtls_session_destroy,
  sock_dtls_session_init, sock_dtls_session_t, sock_dtls_t,
} from '../../net/sock/dtls.ts';
import {
  SOCK_ADDR_ANY_NETIF, SOCK_IPV6_EP_ANY, sock_udp_close, sock_udp_create, sock_udp_t, type sock_udp_ep_t,
} from '../../net/sock/udp.ts';
import { ipv6_addr_from_str } from '../../net/wire/addr.ts';
import { credential } from './keys.ts';

const DTLS_DEFAULT_PORT = 20220;
const LOCAL_PORT = 12345;
const SOCK_DTLS_CLIENT_TAG: credman_tag_t = 2;
/** µs */
const CLIENT_SEND_TIMEOUT = 1_000_000;
const CLIENT_C = 'tests/pkg/tinydtls_sock_async/dtls-client.c';

const statics = perBoard(() => ({
  recv_buf: new Uint8Array(512),
  udp_sock: new sock_udp_t(),
  dtls_sock: new sock_dtls_t(),
  timeouter: new event_timeout_t(),
  timeout: new event_t(timeout_handler),
  sending: false,
}), { bytes: 0 });

function* close_sock(sock: sock_dtls_t): Blocking<void> {
  const udp_sock = sock_dtls_get_udp_sock(sock);
  yield* sock_dtls_close(sock);
  if (udp_sock !== null) sock_udp_close(udp_sock);
  statics().sending = false;
}

function* timeout_handler(): Blocking<void> {
  puts('Session handshake timed out');
  yield* close_sock(statics().dtls_sock);
}

function* dtls_handler(sock: sock_dtls_t, type: sock_async_flags_t, arg: unknown): Blocking<void> {
  const session = new sock_dtls_session_t();
  event_timeout_clear(statics().timeouter);
  if ((type & SOCK_ASYNC_CONN_RECV) !== 0) {
    assert(!sock_dtls_get_event_session(sock, session), `${CLIENT_C}:118`);
    if (!(yield* send_data(sock, session, arg as string))) return;
  }
  if ((type & SOCK_ASYNC_CONN_FIN) !== 0) {
    puts('Session was destroyed');
    yield* close_sock(sock);
  }
  if ((type & SOCK_ASYNC_MSG_RECV) !== 0) {
    assert(!sock_dtls_get_event_session(sock, session), `${CLIENT_C}:159`);
    yield* receive_echo(sock, session);
  } else if ((type & SOCK_ASYNC_MSG_SENT) !== 0) {
    puts('DTLS message was sent');
  } else if ((type & SOCK_ASYNC_PATH_PROP) !== 0) {
    puts('Path property changed');
  }
}

/** After the handshake. Returns whether there was one. */
function* send_data(sock: sock_dtls_t, session: sock_dtls_session_t, data: string): Blocking<boolean> {
  const { recv_buf, timeouter } = statics();
  puts('Session handshake received');
  if ((yield* sock_dtls_recv(sock, session, recv_buf, recv_buf.length, 0)) !== -SOCK_DTLS_HANDSHAKE) {
    puts('Error creating session');
    return false;
  }
  puts('Connection to server successful');
  printf(`Sending data "${data}"\n`);
  const bytes = encodeText(data);
  if ((yield* sock_dtls_send(sock, session, bytes, bytes.length, 0)) < 0) {
    puts('Error sending data');
    yield* sock_dtls_session_destroy(sock, session);
    yield* close_sock(sock);
  } else {
    printf('Sent DTLS message\n');
    yield* event_timeout_set(timeouter, CLIENT_SEND_TIMEOUT);
  }
  return true;
}

function* receive_echo(sock: sock_dtls_t, session: sock_dtls_session_t): Blocking<void> {
  const { recv_buf } = statics();
  const res = yield* sock_dtls_recv(sock, session, recv_buf, recv_buf.length, 0);
  if (res < 0) printf('Error receiving DTLS message\n');
  else printf(`Received ${res} bytes: "${decodeText(recv_buf.subarray(0, res))}"\n`);
  puts('Terminating session');
  yield* sock_dtls_session_destroy(sock, session);
  yield* close_sock(sock);
}

function* client_send(addr_str: string, data: string): Blocking<number> {
  const { udp_sock, dtls_sock, timeouter, timeout, sending } = statics();
  const session = new sock_dtls_session_t();
  const remote = SOCK_IPV6_EP_ANY();
  const local = SOCK_IPV6_EP_ANY();
  local.port = LOCAL_PORT;
  remote.port = DTLS_DEFAULT_PORT;
  if (sending) puts('Already in the process of sending');
  event_timeout_init(timeouter, EVENT_PRIO_MEDIUM(), timeout);
  if (!parse_addr(addr_str, remote)) return -1;
  if (sock_udp_create(udp_sock, local, null, 0) < 0) {
    puts('Error creating UDP sock');
    return -1;
  }
  if (sock_dtls_create(dtls_sock, udp_sock, SOCK_DTLS_CLIENT_TAG, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT) < 0) {
    puts('Error creating DTLS sock');
    sock_udp_close(udp_sock);
    return -1;
  }
  sock_dtls_event_init(dtls_sock, EVENT_PRIO_MEDIUM(), dtls_handler, data);
  let res = credman_add(credential(SOCK_DTLS_CLIENT_TAG));
  if (res < 0 && res !== CREDMAN_EXIST) {
    printf(`Error cannot add credential to system: ${res}\n`);
    yield* sock_dtls_close(dtls_sock);
    sock_udp_close(udp_sock);
    return -1;
  }
  statics().sending = true;
  res = yield* sock_dtls_session_init(dtls_sock, remote, session);
  if (res <= 0) {
    yield* sock_dtls_close(dtls_sock);
    sock_udp_close(udp_sock);
    statics().sending = false;
    return res;
  }
  yield* event_timeout_set(timeouter, CLIENT_SEND_TIMEOUT);
  return 0;
}

/** Reads `address` or `address%interface` into `remote`; prints what is wrong. */
function parse_addr(addr_str: string, remote: sock_udp_ep_t): boolean {
  const percent = addr_str.indexOf('%');
  const first = gnrc_netif_iter(null);
  remote.netif = SOCK_ADDR_ANY_NETIF;
  if (percent >= 0) {
    const pid = atoi(addr_str.slice(percent + 1));
    if (gnrc_netif_get_by_pid(pid) === null) {
      puts('Invalid network interface');
      return false;
    }
    remote.netif = pid;
  } else if (first !== null && gnrc_netif_iter(first) === null) {
    remote.netif = first.pid;
  }
  const addr = ipv6_addr_from_str(percent < 0 ? addr_str : addr_str.slice(0, percent));
  if (addr === null) {
    puts('Error parsing destination address');
    return false;
  }
  remote.addr.ipv6.set(addr);
  return true;
}

export function* dtls_client_cmd(argc: number, argv: readonly string[]): Blocking<number> {
  if (argc !== 3) {
    printf(`usage ${argv[0]} <addr> <data>\n`);
    return 1;
  }
  return yield* client_send(argv[1], argv[2]);
}
