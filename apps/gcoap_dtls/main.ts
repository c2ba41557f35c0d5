// The minimum of RIOT's example gcoap_dtls: a CoAP GET over DTLS (coaps, RFC 7252 §9), as server and as client.
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { SHELL_DEFAULT_BUFSIZE, shell_run } from '../../kernel/shell.ts';
import { puts } from '../../kernel/stdio.ts';
import { coap_command } from './client.ts';
import { start_server } from './server.ts';

export const app: App = {
  name: 'gcoap_dtls',
  main,
  modules: [
    'netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'sock_dtls', 'sock_udp', 'sock_util', 'tinydtls',
    'prng_sha1prng', 'netutils', 'shell', 'shell_cmds_default',
  ],
  // As gcoap's Makefile.include has it: one session for each role.
  config: { CONFIG_DTLS_PEER_MAX: 2 },
  stacks: ({ THREAD_STACKSIZE_LARGE }) => ({ THREAD_STACKSIZE_MAIN: 2 * THREAD_STACKSIZE_LARGE }),
  ram: (figures) => figures['THREAD_STACKSIZE_MAIN']!,
};

function* main(): Blocking<number> {
  yield* start_server();
  puts('gcoap example app');
  puts('All up, running the shell now');
  const line_buf = new Uint8Array(SHELL_DEFAULT_BUFSIZE);
  return yield* shell_run([coap_command], line_buf, line_buf.length);
}
