// `coap get <addr> <path>`: a confirmable GET over a session of its own.
import type { Blocking } from '../../kernel/blocking.ts';
import { random_uint32 } from '../../kernel/random.ts';
import type { shell_command_t } from '../../kernel/shell.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { decodeText, encodeText } from '../../kernel/text.ts';
import type { gnrc_netif_t } from '../../net/gnrc/netif_t.ts';
import {
  sock_dtls_close, sock_dtls_recv, sock_dtls_send, sock_dtls_session_destroy, sock_dtls_session_t, sock_dtls_t,
} from '../../net/sock/dtls.ts';
import { sock_dtls_establish_session } from '../../net/sock/dtls_establish.ts';
import { netutils_get_ipv6 } from '../../net/sock/netutils.ts';
import { SOCK_IPV6_EP_ANY, sock_udp_close, sock_udp_t } from '../../net/sock/udp.ts';
import { COAP_METHOD_GET, COAP_OPT_URI_PATH, COAP_TYPE_CON, emitCoap, parseCoap } from '../../net/wire/coap.ts';
import { CONFIG_GCOAPS_PORT, GCOAP_DTLS_CREDENTIAL_TAG } from './credentials.ts';

/** RFC 7252 §4.8: ACK_TIMEOUT, µs. */
const ACK_TIMEOUT = 2_000_000;

export const coap_command: shell_command_t = { name: 'coap', desc: 'CoAP example', handler: coap_cmd };

function* coap_cmd(argc: number, argv: readonly string[]): Blocking<number> {
  if (argc !== 4 || argv[1] !== 'get') {
    printf(`usage: ${argv[0]} get <addr> <path>\n`);
    return 1;
  }
  const remote = SOCK_IPV6_EP_ANY();
  const route: { netif: gnrc_netif_t | null } = { netif: null };
  if (netutils_get_ipv6(remote.addr.ipv6, route, argv[2]) !== 0) {
    puts('gcoap_cli: unable to parse destination address');
    return 1;
  }
  if (route.netif !== null) remote.netif = route.netif.pid;
  remote.port = CONFIG_GCOAPS_PORT;
  const udp_sock = new sock_udp_t();
  const sock = new sock_dtls_t();
  const session = new sock_dtls_session_t();
  const buf = new Uint8Array(256);
  const res = yield* sock_dtls_establish_session(udp_sock, sock, session, GCOAP_DTLS_CREDENTIAL_TAG,
    SOCK_IPV6_EP_ANY(), remote, buf, buf.length);
  if (res < 0) {
    puts('gcoap_cli: msg send failed');
    return 1;
  }
  yield* get(sock, session, argv[3], buf);
  yield* sock_dtls_session_destroy(sock, session);
  yield* sock_dtls_close(sock);
  sock_udp_close(udp_sock);
  return 0;
}

function* get(sock: sock_dtls_t, session: sock_dtls_session_t, path: string, buf: Uint8Array): Blocking<void> {
  const id = random_uint32() & 0xffff;
  const options = path.split('/').filter((part) => part !== '')
    .map((part) => ({ number: COAP_OPT_URI_PATH, value: encodeText(part) }));
  const request = emitCoap({
    type: COAP_TYPE_CON, code: COAP_METHOD_GET, id, token: Uint8Array.of(id >> 8, id & 0xff), options,
    payload: new Uint8Array(0),
  });
  printf(`gcoap_cli: sending msg ID ${id}, ${request.length} bytes\n`);
  yield* sock_dtls_send(sock, session, request, request.length, 0);
  const res = yield* sock_dtls_recv(sock, session, buf, buf.length, ACK_TIMEOUT);
  if (res < 0) {
    printf(`gcoap: timeout for msg ID ${String(id).padStart(2, '0')}\n`);
    return;
  }
  const response = parseCoap(buf.subarray(0, res));
  if (typeof response === 'string' || response.id !== id) {
    printf('gcoap: error in response\n');
    return;
  }
  const kind = response.code >> 5 === 2 ? 'Success' : 'Error';
  printf(`gcoap: response ${kind}, code ${response.code >> 5}.${String(response.code & 31).padStart(2, '0')}`);
  const { payload } = response;
  printf(payload.length === 0 ? ', empty payload\n' : `, ${payload.length} bytes\n${decodeText(payload)}\n`);
}
