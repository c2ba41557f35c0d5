// `dtlss start | stop`: a server that sends back what it gets (RIOT tests/pkg/tinydtls_sock_async/dtls-server.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { event_post, event_t } from '../../kernel/event.ts';
import { EVENT_PRIO_MEDIUM } from '../../kernel/event/thread.ts';
import { assert } from '../../kernel/panic.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { CREDMAN_EXIST, credman_add, type credman_tag_t } from '../../net/credman.ts';
import {
  SOCK_ASYNC_CONN_FIN, SOCK_ASYNC_CONN_RDY, SOCK_ASYNC_CONN_RECV, SOCK_ASYNC_MSG_RECV, type sock_async_flags_t,
} from '../../net/sock/async.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_HANDSHAKE, SOCK_DTLS_SERVER, sock_dtls_close, sock_dtls_create, sock_dtls_event_init,
  sock_dtls_get_event_session, sock_dtls_get_udp_sock, sock_dtls_recv, sock_dtls_send, sock_dtls_session_get_udp_ep,
  sock_dtls_session_t, sock_dtls_t,
} from '../../net/sock/dtls.ts';
import { SOCK_IPV6_EP_ANY, sock_udp_close, sock_udp_create, sock_udp_ep_t, sock_udp_t } from '../../net/sock/udp.ts';
import { sock_udp_ep_fmt } from '../../net/sock/util.ts';
import { credential } from './keys.ts';

const DTLS_DEFAULT_PORT = 20220;
const SOCK_DTLS_SERVER_TAG: credman_tag_t = 10;
const SERVER_C = 'tests/pkg/tinydtls_sock_async/dtls-server.c';

const statics = perBoard(() => ({
  recv_buf: new Uint8Array(512),
  udp_sock: new sock_udp_t(),
  dtls_sock: new sock_dtls_t(),
  close: new event_t(close_handler),
  active: false,
}), { bytes: 0 });

function* close_sock(sock: sock_dtls_t): Blocking<void> {
  const udp_sock = sock_dtls_get_udp_sock(sock);
  yield* sock_dtls_close(sock);
  if (udp_sock !== null) sock_udp_close(udp_sock);
  statics().active = false;
  puts('Terminated server');
}

function* close_handler(): Blocking<void> {
  puts('Terminating server');
  yield* close_sock(statics().dtls_sock);
}

function* dtls_handler(sock: sock_dtls_t, type: sock_async_flags_t): Blocking<void> {
  if (!statics().active) {
    puts('Error: DTLS server is not running');
    return;
  }
  const session = new sock_dtls_session_t();
  if ((type & SOCK_ASYNC_CONN_RECV) !== 0) {
    assert(!sock_dtls_get_event_session(sock, session), `${SERVER_C}:137`);
    if (!(yield* accept(sock, session))) return;
  }
  if ((type & SOCK_ASYNC_CONN_FIN) !== 0) {
    print_session(sock, session, 'Session was destroyed by peer', 'A session was destroyed by peer, but the ' +
      'corresponding session could not be retrieved from socket');
  }
  if ((type & SOCK_ASYNC_CONN_RDY) !== 0) {
    print_session(sock, session, 'Session became ready', 'A session became ready, but the corresponding session ' +
      'could not be retrieved from the socket');
  }
  if ((type & SOCK_ASYNC_MSG_RECV) !== 0) {
    assert(!sock_dtls_get_event_session(sock, session), `${SERVER_C}:178`);
    yield* echo(sock, session);
  }
}

function* accept(sock: sock_dtls_t, session: sock_dtls_session_t): Blocking<boolean> {
  const { recv_buf } = statics();
  puts('Session handshake received');
  if ((yield* sock_dtls_recv(sock, session, recv_buf, recv_buf.length, 0)) !== -SOCK_DTLS_HANDSHAKE) {
    puts('Error creating session');
    return false;
  }
  puts('New client connected');
  return true;
}

function print_session(sock: sock_dtls_t, session: sock_dtls_session_t, text: string, unknown: string): void {
  if (!sock_dtls_get_event_session(sock, session)) {
    puts(unknown);
    return;
  }
  const ep = new sock_udp_ep_t();
  const addrstr = { value: '' };
  const port = { value: 0 };
  sock_dtls_session_get_udp_ep(session, ep);
  sock_udp_ep_fmt(ep, addrstr, port);
  printf(`${text}: [${addrstr.value}]:${port.value}\n`);
}

function* echo(sock: sock_dtls_t, session: sock_dtls_session_t): Blocking<void> {
  const { recv_buf } = statics();
  let res = yield* sock_dtls_recv(sock, session, recv_buf, recv_buf.length, 0);
  if (res < 0) return;
  printf(`Received ${res} bytes -- (echo)\n`);
  res = yield* sock_dtls_send(sock, session, recv_buf, res, 0);
  if (res < 0) printf(`Error resending DTLS message: ${res}\n`);
}

function start_server(): number {
  const { active, udp_sock, dtls_sock } = statics();
  if (active) {
    puts('Error: server already running');
    return 1;
  }
  const local = SOCK_IPV6_EP_ANY();
  local.port = DTLS_DEFAULT_PORT;
  sock_udp_create(udp_sock, local, null, 0);
  let res = credman_add(credential(SOCK_DTLS_SERVER_TAG));
  if (res < 0 && res !== CREDMAN_EXIST) {
    printf(`Error cannot add credential to system: ${res}\n`);
    return 1;
  }
  res = sock_dtls_create(dtls_sock, udp_sock, SOCK_DTLS_SERVER_TAG, SOCK_DTLS_1_2, SOCK_DTLS_SERVER);
  if (res < 0) {
    puts('Error creating DTLS sock');
    return 1;
  }
  statics().active = true;
  sock_dtls_event_init(dtls_sock, EVENT_PRIO_MEDIUM(), dtls_handler, null);
  return 0;
}

function* stop_server(): Blocking<number> {
  if (!statics().active) {
    puts('Error: DTLS server is not running');
    return 1;
  }
  yield* event_post(EVENT_PRIO_MEDIUM(), statics().close);
  return 0;
}

export function* dtls_server_cmd(argc: number, argv: readonly string[]): Blocking<number> {
  if (argc < 2) {
    printf(`usage: ${argv[0]} start | stop\n`);
    return 1;
  }
  if (argv[1] === 'start') return start_server();
  if (argv[1] === 'stop') return yield* stop_server();
  printf(`Error: invalid command. Usage: ${argv[0]} start | stop\n`);
  return 1;
}
