// `dtlsc <addr> <data>`: connects to a DTLS server, sends the data, prints the echo (RIOT
// examples/networking/dtls/dtls-sock/dtls-client.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import type { shell_command_t } from '../../kernel/shell.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { decodeText, encodeText } from '../../kernel/text.ts';
import { CREDMAN_OK, CREDMAN_TAG_EMPTY, credman_add, type credman_tag_t } from '../../net/credman.ts';
import type { gnrc_netif_t } from '../../net/gnrc/netif_t.ts';
import {
  DTLS_HANDSHAKE_BUFSIZE, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT, SOCK_DTLS_HANDSHAKE, sock_dtls_close, sock_dtls_create,
  sock_dtls_recv, sock_dtls_send, sock_dtls_session_destroy, sock_dtls_session_init, sock_dtls_session_t, sock_dtls_t,
} from '../../net/sock/dtls.ts';
import { sock_dtls_add_credential, sock_dtls_set_client_psk_cb } from '../../net/sock/dtls_creds.ts';
import { netutils_get_ipv6 } from '../../net/sock/netutils.ts';
import {
  SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_close, sock_udp_create, sock_udp_t, type sock_udp_ep_t,
} from '../../net/sock/udp.ts';
import { sock_udp_ep_fmt } from '../../net/sock/util.ts';
import { ecc, psk } from './build.ts';
import { ecdsa_credential, psk_credential, type DtlsSockCredentials } from './credentials.ts';

const DTLS_DEFAULT_PORT = 20220;
const LOCAL_PORT = 12345;

/** Tags of the two credentials. */
const SOCK_DTLS_CLIENT_TAG_0: credman_tag_t = 2;
const SOCK_DTLS_CLIENT_TAG_1: credman_tag_t = 3;

type ClientCredentials = Pick<DtlsSockCredentials, 'client' | 'ecdsa'>;

const statics = perBoard(() => ({ configured: false }), { bytes: 1 });

/** The command, with the credentials that it registers when it is first used. */
export function dtlsc(credentials: ClientCredentials): shell_command_t {
  return {
    name: 'dtlsc',
    desc: 'Start a DTLS client',
    handler: (argc, argv) => client_cmd(credentials, argc, argv),
  };
}

function* client_cmd(credentials: ClientCredentials, argc: number, argv: readonly string[]): Blocking<number> {
  if (argc !== 3) {
    printf(`usage ${argv[0]} <addr> <data>\n`);
    return 1;
  }
  if (!statics().configured) {
    const res = configure(credentials);
    if (res < 0) return res;
    statics().configured = true;
  }
  return yield* client_send(credentials, argv[1], encodeText(argv[2]));
}

function configure({ client: credentials, ecdsa }: ClientCredentials): number {
  if (ecc()) {
    const { client_key, server_keys } = ecdsa;
    if (credman_add(ecdsa_credential(SOCK_DTLS_CLIENT_TAG_0, client_key, server_keys)) !== CREDMAN_OK) {
      puts('Error cannot add ECC credential 0 to system');
      return -1;
    }
    return 0;
  }
  if (credman_add(psk_credential(SOCK_DTLS_CLIENT_TAG_0, credentials[0])) !== CREDMAN_OK) {
    puts('Error cannot add PSK credential 0 to system');
    return -1;
  }
  if (credman_add(psk_credential(SOCK_DTLS_CLIENT_TAG_1, credentials[1])) !== CREDMAN_OK) {
    puts('Error cannot add PSK credential 1 to system');
    return -1;
  }
  return 0;
}

function* client_send(credentials: ClientCredentials, addr_str: string, data: Uint8Array): Blocking<number> {
  const udp_sock = new sock_udp_t();
  const dtls_sock = new sock_dtls_t();
  const session = new sock_dtls_session_t();
  const remote = SOCK_IPV6_EP_ANY();
  const local = SOCK_IPV6_EP_ANY();
  local.port = LOCAL_PORT;
  remote.port = DTLS_DEFAULT_PORT;

  const route: { netif: gnrc_netif_t | null } = { netif: null };
  let res = netutils_get_ipv6(remote.addr.ipv6, route, addr_str);
  if (res !== 0) {
    printf('Error parsing remote address\n');
    return res;
  }
  if (route.netif !== null) remote.netif = route.netif.pid;

  if (sock_udp_create(udp_sock, local, null, 0) < 0) {
    puts('Error creating UDP sock');
    return -1;
  }
  if (sock_dtls_create(dtls_sock, udp_sock, SOCK_DTLS_CLIENT_TAG_0, SOCK_DTLS_1_2, SOCK_DTLS_CLIENT) < 0) {
    puts('Error creating DTLS sock');
    sock_udp_close(udp_sock);
    return -1;
  }
  if (psk()) {
    if (sock_dtls_add_credential(dtls_sock, SOCK_DTLS_CLIENT_TAG_1) < 0) {
      puts('Error cannot add second PSK credential to the sock');
      return -1;
    }
    sock_dtls_set_client_psk_cb(dtls_sock, (_sock, ep, _tags, _tags_len, hint, hint_len) =>
      client_psk_cb(credentials.client, ep, hint, hint_len));
  }

  // As in RIOT, nothing is closed when the handshake cannot be started.
  res = yield* sock_dtls_session_init(dtls_sock, remote, session);
  if (res <= 0) return res;

  const buf = new Uint8Array(DTLS_HANDSHAKE_BUFSIZE());
  res = yield* sock_dtls_recv(dtls_sock, session, buf, buf.length, SOCK_NO_TIMEOUT);
  if (res !== -SOCK_DTLS_HANDSHAKE) {
    printf(`Error creating session: ${res}\n`);
    yield* sock_dtls_close(dtls_sock);
    sock_udp_close(udp_sock);
    return -1;
  }
  printf('Connection to server successful\n');

  if ((yield* sock_dtls_send(dtls_sock, session, data, data.length, 0)) < 0) {
    puts('Error sending data');
  } else {
    printf('Sent DTLS message\n');
    res = yield* sock_dtls_recv(dtls_sock, session, buf, buf.length, SOCK_NO_TIMEOUT);
    if (res >= 0) printf(`Received ${res} bytes: "${text(buf, res)}"\n`);
  }

  puts('Terminating');
  yield* sock_dtls_session_destroy(dtls_sock, session);
  yield* sock_dtls_close(dtls_sock);
  sock_udp_close(udp_sock);
  return 0;
}

/**
 * Chooses the credential by the server's hint. As in RIOT it never does: the length of the hint is
 * compared with one that counts the NUL of the string constant, so the sock chooses by itself.
 */
function client_psk_cb(
  credentials: DtlsSockCredentials['client'], ep: sock_udp_ep_t, hint: Uint8Array, hint_len: number,
): credman_tag_t {
  const addr_str = { value: '' };
  const port = { value: 0 };
  sock_udp_ep_fmt(ep, addr_str, port);
  printf(`From [${addr_str.value}]:${port.value} \n`);
  if (hint_len === 0) return CREDMAN_TAG_EMPTY;
  printf(`Client got hint: ${text(hint, hint_len)}\n`);
  if (startsWithHint(hint, hint_len, credentials[0])) return SOCK_DTLS_CLIENT_TAG_0;
  if (startsWithHint(hint, hint_len, credentials[1])) return SOCK_DTLS_CLIENT_TAG_1;
  return CREDMAN_TAG_EMPTY;
}

function startsWithHint(hint: Uint8Array, hint_len: number, credential: DtlsSockCredentials['client'][0]): boolean {
  const own = encodeText(credential.hint ?? '');
  return hint_len === own.length + 1 && own.every((byte, i) => byte === hint[i]);
}

/** printf's `%.*s`: up to `len` bytes, less if there is a NUL. */
function text(bytes: Uint8Array, len: number): string {
  const nul = bytes.subarray(0, len).indexOf(0);
  return decodeText(bytes.subarray(0, nul < 0 ? len : nul));
}
