// `dtlss start | stop`: a DTLS server that sends back what it gets (RIOT
// examples/networking/dtls/dtls-sock/dtls-server.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { current, perBoard } from '../../kernel/current.ts';
import {
  msg_init_queue, msg_queue_array, msg_reply, msg_send_receive, msg_t, msg_try_receive,
} from '../../kernel/msg.ts';
import { THREAD_PRIORITY_MAIN } from '../../kernel/sched.ts';
import type { shell_command_t } from '../../kernel/shell.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { atoi } from '../../kernel/stdlib.ts';
import { KERNEL_PID_UNDEF, thread_create } from '../../kernel/thread.ts';
import { CREDMAN_OK, credman_add, type credman_tag_t } from '../../net/credman.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_HANDSHAKE, SOCK_DTLS_SERVER, sock_dtls_close, sock_dtls_create, sock_dtls_recv,
  sock_dtls_send, sock_dtls_session_destroy, sock_dtls_session_t, sock_dtls_t,
} from '../../net/sock/dtls.ts';
import {
  sock_dtls_add_credential, sock_dtls_set_rpk_cb, sock_dtls_set_server_psk_id_hint,
} from '../../net/sock/dtls_creds.ts';
import {
  SOCK_IPV6_EP_ANY, sock_udp_close, sock_udp_create, sock_udp_t, type sock_udp_ep_t,
} from '../../net/sock/udp.ts';
import { sock_udp_ep_fmt } from '../../net/sock/util.ts';
import { ecc } from './build.ts';
import { ecdsa_credential, psk_credential, type DtlsSockCredentials } from './credentials.ts';

const DTLS_DEFAULT_PORT = 20220;
const SOCK_DTLS_SERVER_TAG_0: credman_tag_t = 10;
const SOCK_DTLS_SERVER_TAG_1: credman_tag_t = 11;
const DTLS_STOP_SERVER_MSG = 0x4001;
const READER_QUEUE_SIZE = 8;
const RECV_TIMEOUT_US = 10_000_000;

type ServerCredentials = Pick<DtlsSockCredentials, 'server' | 'server_hint' | 'ecdsa'>;

const statics = perBoard(() => ({ server_pid: KERNEL_PID_UNDEF, configured: false, ecc_credential: 0 }), { bytes: 3 });

/** The command, with the credential that it registers when it is first used. */
export function dtlss(credentials: ServerCredentials): shell_command_t {
  return {
    name: 'dtlss',
    desc: 'Start and stop a DTLS server',
    handler: (argc, argv) => server_cmd(credentials, argc, argv),
  };
}

function* server_cmd(credentials: ServerCredentials, argc: number, argv: readonly string[]): Blocking<number> {
  if (argc < 2) {
    print_usage(argv[0]);
    return 1;
  }
  if (argv[1] === 'start') {
    if (!statics().configured) {
      const res = configure(credentials);
      if (res < 0) return res;
      statics().configured = true;
    }
    yield* start_server(credentials.server_hint);
  } else if (argv[1] === 'stop') {
    yield* stop_server();
  } else if (ecc() && argv[1] === 'ecc') {
    return choose_ecc(argc, argv);
  } else {
    printf('Error: invalid command.');
    print_usage(argv[0]);
    return 1;
  }
  return 0;
}

function print_usage(cmd: string): void {
  printf(`usage: ${cmd} start | stop${ecc() ? ' | ecc <0|1>' : ''}\n`);
}

/** Chooses the key of the handshakes to come. */
function choose_ecc(argc: number, argv: readonly string[]): number {
  if (argc < 3) {
    print_usage(argv[0]);
    return 1;
  }
  const value = atoi(argv[2]);
  if (value !== 0 && value !== 1) {
    printf(`Error: invalid value, should be 0 or 1, got ${value}\n`);
    return 1;
  }
  statics().ecc_credential = value;
  return 0;
}

/** As in RIOT, a server has raw public keys or pre-shared keys, not both. */
function configure({ server, ecdsa }: ServerCredentials): number {
  if (!ecc()) {
    if (credman_add(psk_credential(SOCK_DTLS_SERVER_TAG_0, server)) === CREDMAN_OK) return 0;
    puts('Error cannot add PSK credential 0 to system');
    return -1;
  }
  const tags = [SOCK_DTLS_SERVER_TAG_0, SOCK_DTLS_SERVER_TAG_1];
  for (const [i, key] of ecdsa.server_keys.entries()) {
    if (credman_add(ecdsa_credential(tags[i], key, [ecdsa.client_key])) === CREDMAN_OK) continue;
    puts(`Error cannot add ECC credential ${i} to system`);
    return -1;
  }
  return 0;
}

function rpk_cb(ep: sock_udp_ep_t): credman_tag_t {
  const addr_str = { value: '' };
  const port = { value: 0 };
  sock_udp_ep_fmt(ep, addr_str, port);
  printf(`From [${addr_str.value}]:${port.value}\n`);
  return statics().ecc_credential === 0 ? SOCK_DTLS_SERVER_TAG_0 : SOCK_DTLS_SERVER_TAG_1;
}

function* start_server(hint: string): Blocking<void> {
  if (statics().server_pid !== KERNEL_PID_UNDEF) {
    puts('Error: server already running');
    return;
  }
  const { stacks } = current();
  const size = stacks.THREAD_STACKSIZE_MAIN + stacks.THREAD_EXTRA_STACKSIZE_PRINTF;
  statics().server_pid = yield* thread_create({ length: size }, size, THREAD_PRIORITY_MAIN - 1, 0, dtls_server,
    hint, 'dtls_server');
  if (statics().server_pid < 0) {
    printf(`ERROR: failed to create thread: ${statics().server_pid}\n`);
    statics().server_pid = KERNEL_PID_UNDEF;
  }
}

function* stop_server(): Blocking<void> {
  if (statics().server_pid === KERNEL_PID_UNDEF) {
    puts('Error: DTLS server is not running');
    return;
  }
  const m = new msg_t();
  m.type = DTLS_STOP_SERVER_MSG;
  puts('Stopping server...');
  yield* msg_send_receive(m, m, statics().server_pid);
  statics().server_pid = KERNEL_PID_UNDEF;
  puts('Success: DTLS server stopped');
}

function* dtls_server(hint: string): Blocking<null> {
  msg_init_queue(msg_queue_array(READER_QUEUE_SIZE), READER_QUEUE_SIZE);
  const sock = new sock_dtls_t();
  const udp_sock = new sock_udp_t();
  const local = SOCK_IPV6_EP_ANY();
  local.port = DTLS_DEFAULT_PORT;
  sock_udp_create(udp_sock, local, null, 0);
  if (sock_dtls_create(sock, udp_sock, SOCK_DTLS_SERVER_TAG_0, SOCK_DTLS_1_2, SOCK_DTLS_SERVER) < 0) {
    puts('Error creating DTLS sock');
    return null;
  }
  if (ecc()) {
    if (sock_dtls_add_credential(sock, SOCK_DTLS_SERVER_TAG_1) < 0) {
      puts('Error cannot add second ECC credential to the sock');
      return null;
    }
    sock_dtls_set_rpk_cb(sock, (_sock, ep) => rpk_cb(ep));
  } else if (sock_dtls_set_server_psk_id_hint(sock, hint) < 0) {
    puts('Error setting PSK Identity hint');
    return null;
  }

  const msg = new msg_t();
  const rcv = new Uint8Array(512);
  while ((yield* msg_try_receive(msg)) !== 1 || msg.type !== DTLS_STOP_SERVER_MSG) {
    const session = new sock_dtls_session_t();
    let res = yield* sock_dtls_recv(sock, session, rcv, rcv.length, RECV_TIMEOUT_US);
    if (res >= 0) {
      printf(`Received ${res} bytes -- (echo)\n`);
      res = yield* sock_dtls_send(sock, session, rcv, res, 0);
      if (res < 0) printf(`Error resending DTLS message: ${res}`);
      yield* sock_dtls_session_destroy(sock, session);
    } else if (res === -SOCK_DTLS_HANDSHAKE) {
      printf('New client connected\n');
    }
  }
  yield* sock_dtls_close(sock);
  sock_udp_close(udp_sock);
  puts('Terminating');
  yield* msg_reply(msg, msg);
  return null;
}
