// The server: a thread that answers GET /riot/board with the board's name.
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import { THREAD_PRIORITY_MAIN } from '../../kernel/sched.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { decodeText, encodeText } from '../../kernel/text.ts';
import { thread_create } from '../../kernel/thread.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_SERVER, sock_dtls_create, sock_dtls_recv, sock_dtls_send, sock_dtls_session_t, sock_dtls_t,
} from '../../net/sock/dtls.ts';
import { SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_create, sock_udp_t } from '../../net/sock/udp.ts';
import {
  COAP_CODE_CONTENT, COAP_CODE_METHOD_NOT_ALLOWED, COAP_CODE_PATH_NOT_FOUND, COAP_METHOD_GET, COAP_OPT_CONTENT_FORMAT,
  COAP_OPT_URI_PATH, COAP_TYPE_ACK, COAP_TYPE_CON, COAP_TYPE_NON, emitCoap, parseCoap, type CoapRepr,
} from '../../net/wire/coap.ts';
import { CONFIG_GCOAPS_PORT, GCOAP_DTLS_CREDENTIAL_TAG, add_credential } from './credentials.ts';

const NO_BYTES = new Uint8Array(0);

export function* start_server(): Blocking<void> {
  const res = add_credential();
  if (res < 0) printf(`gcoap: cannot add credential to system: ${res}\n`);
  const size = current().stacks.THREAD_STACKSIZE_MAIN;
  yield* thread_create({ length: size }, size, THREAD_PRIORITY_MAIN - 1, 0, serve, null, 'coap');
}

function* serve(): Blocking<null> {
  const udp_sock = new sock_udp_t();
  const sock = new sock_dtls_t();
  const local = SOCK_IPV6_EP_ANY();
  local.port = CONFIG_GCOAPS_PORT;
  sock_udp_create(udp_sock, local, null, 0);
  if (sock_dtls_create(sock, udp_sock, GCOAP_DTLS_CREDENTIAL_TAG, SOCK_DTLS_1_2, SOCK_DTLS_SERVER) < 0) {
    puts('gcoap: error creating DTLS sock');
    return null;
  }
  const buf = new Uint8Array(256);
  const session = new sock_dtls_session_t();
  while (true) {
    const res = yield* sock_dtls_recv(sock, session, buf, buf.length, SOCK_NO_TIMEOUT);
    const request = res > 0 ? parseCoap(buf.subarray(0, res)) : null;
    if (request === null || typeof request === 'string' || request.code === 0 || request.code >= 32) continue;
    if (request.type !== COAP_TYPE_CON && request.type !== COAP_TYPE_NON) continue;
    const response = emitCoap(answer(request));
    yield* sock_dtls_send(sock, session, response, response.length, 0);
  }
}

function answer({ type, code, id, token, options }: CoapRepr): CoapRepr {
  const path = options.filter(({ number }) => number === COAP_OPT_URI_PATH).map(({ value }) => decodeText(value));
  const head = { type: type === COAP_TYPE_CON ? COAP_TYPE_ACK : COAP_TYPE_NON, id, token };
  if (path.join('/') !== 'riot/board') {
    return { ...head, code: COAP_CODE_PATH_NOT_FOUND, options: [], payload: NO_BYTES };
  }
  if (code !== COAP_METHOD_GET) return { ...head, code: COAP_CODE_METHOD_NOT_ALLOWED, options: [], payload: NO_BYTES };
  // Content-Format 0, text/plain, is an empty value.
  const plain = [{ number: COAP_OPT_CONTENT_FORMAT, value: NO_BYTES }];
  return { ...head, code: COAP_CODE_CONTENT, options: plain, payload: encodeText(current().riotBoard) };
}
