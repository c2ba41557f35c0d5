// RIOT's tests/net/gnrc_sock_neterr, written anew, with its recorded console.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { EHOSTUNREACH, ENETUNREACH } from '../../../kernel/errno.ts';
import { msg_init_queue, msg_queue_array } from '../../../kernel/msg.ts';
import { printf } from '../../../kernel/stdio.ts';
import {
  SOCK_IPV6_EP_ANY, sock_udp_create, sock_udp_send, sock_udp_t, type sock_udp_ep_t,
} from '../../../net/sock/udp.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { expectConsole } from './console.ts';

const TEST_PORT = 38664;
const PAYLOAD = fromHex('0123456789abcdef');

function* expectError(sock: sock_udp_t, remote: sock_udp_ep_t, name: string, errno: number): Blocking<void> {
  const res = yield* sock_udp_send(sock, PAYLOAD, PAYLOAD.length, remote);
  if (-res === errno) printf(`SUCCESS: error code ${name} (${-res} == ${errno})\n`);
  else printf(`FAILURE: gnrc_udp_send() had an unexpected error code: ${res}\n`);
}

test('gnrc_sock_neterr: with gnrc_neterr a send tells why a packet did not go out', (t) => {
  // Recorded on native64 without a network device: link-local -EHOSTUNREACH, global -ENETUNREACH.
  const node = expectConsole(t, 'gnrc_sock_neterr', {
    baseModules: ['gnrc_ipv6_default', 'gnrc_neterr', 'sock_udp', 'od', 'xtimer'],
    config: { CONFIG_GNRC_PKTBUF_SIZE: 2048 },
    *main() {
      msg_init_queue(msg_queue_array(8), 8);
      const sock = new sock_udp_t();
      const local = SOCK_IPV6_EP_ANY();
      const remote = SOCK_IPV6_EP_ANY();
      local.port = TEST_PORT;
      remote.port = TEST_PORT - 1;
      sock_udp_create(sock, local, null, 0);
      remote.addr.ipv6.set(fromHex('fe800000000000000000000000000002'));
      yield* expectError(sock, remote, 'EHOSTUNREACH', EHOSTUNREACH);
      remote.addr.ipv6.set(fromHex('20010db8000000000000000000000002'));
      yield* expectError(sock, remote, 'ENETUNREACH', ENETUNREACH);
    },
  });
  t.is(node.pktbuf, 0);
});
