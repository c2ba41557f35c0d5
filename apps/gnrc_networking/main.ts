// RIOT's example gnrc_networking: a shell on a board that routes.
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { msg_init_queue, msg_queue_array } from '../../kernel/msg.ts';
import { SHELL_DEFAULT_BUFSIZE, shell_run } from '../../kernel/shell.ts';
import { puts } from '../../kernel/stdio.ts';

const MAIN_QUEUE_SIZE = 8;

export const app: App = {
  name: 'gnrc_networking',
  main,
  modules: [
    'netdev_default', 'auto_init_gnrc_netif', 'gnrc_icmpv6_error', 'gnrc_ipv6_router_default', 'gnrc_icmpv6_echo',
    'shell', 'shell_cmds_default', 'shell_cmd_udp_server', 'ps', 'netstats_l2', 'netstats_ipv6',
  ],
  // _main_msg_queue: eight messages of two words.
  ram: ({ SIZEOF_POINTER }) => MAIN_QUEUE_SIZE * 2 * SIZEOF_POINTER!,
};

function* main(): Blocking<number> {
  // Without a queue the shell's thread would lose packets while it works.
  msg_init_queue(msg_queue_array(MAIN_QUEUE_SIZE), MAIN_QUEUE_SIZE);
  puts('RIOT network stack example application');

  puts('All up, running the shell now');
  const line_buf = new Uint8Array(SHELL_DEFAULT_BUFSIZE);
  yield* shell_run(null, line_buf, SHELL_DEFAULT_BUFSIZE);

  return 0;
}
