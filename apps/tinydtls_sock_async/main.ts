// RIOT's test tinydtls_sock_async: a DTLS client and a DTLS server whose socks call back from an event thread.
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { SHELL_DEFAULT_BUFSIZE, shell_run, type shell_command_t } from '../../kernel/shell.ts';
import { puts } from '../../kernel/stdio.ts';
import { dtls_client_cmd } from './dtls_client.ts';
import { dtls_server_cmd } from './dtls_server.ts';

const shell_commands: readonly shell_command_t[] = [
  { name: 'dtlsc', desc: 'Start a DTLS client', handler: dtls_client_cmd },
  { name: 'dtlss', desc: 'Start and stop a DTLS server', handler: dtls_server_cmd },
];

export const app: App = {
  name: 'tinydtls_sock_async',
  main,
  modules: [
    'netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'sock_async_event', 'sock_dtls', 'sock_udp',
    'sock_util', 'event_thread_medium', 'event_timeout', 'tinydtls', 'prng_sha1prng', 'shell', 'shell_cmds_default',
  ],
  stacks: ({ THREAD_STACKSIZE_LARGE }) => ({ THREAD_STACKSIZE_MAIN: 2 * THREAD_STACKSIZE_LARGE }),
  // The two receive buffers of 512 bytes, socks and time-out.
  ram: () => 2 * 512 + 800,
};

function* main(): Blocking<number> {
  puts('DTLS sock example application');
  puts('All up, running the shell now');
  const line_buf = new Uint8Array(SHELL_DEFAULT_BUFSIZE);
  return yield* shell_run(shell_commands, line_buf, line_buf.length);
}
