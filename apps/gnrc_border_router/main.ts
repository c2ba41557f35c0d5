// RIOT's example gnrc_border_router, with PREFIX_CONF=static: a 6LoWPAN border router with a shell.
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { msg_init_queue, msg_queue_array } from '../../kernel/msg.ts';
import { SHELL_DEFAULT_BUFSIZE, shell_run } from '../../kernel/shell.ts';
import { puts } from '../../kernel/stdio.ts';

const MAIN_QUEUE_SIZE = 8;

export const app: App = {
  name: 'gnrc_border_router',
  main,
  modules: [
    'netdev_default', 'auto_init_gnrc_netif', 'gnrc_sixlowpan_border_router_default', 'gnrc_icmpv6_echo', 'shell',
    'shell_cmds_default', 'ps', 'gnrc_ipv6_static_addr', 'netdev_tap',
  ],
  config: {
    CONFIG_GNRC_IPV6_STATIC_ADDR: '2001:db8:1::1',
    CONFIG_GNRC_IPV6_STATIC_PREFIX: '2001:db8::/64',
  },
  // _main_msg_queue: eight messages of two words.
  ram: ({ SIZEOF_POINTER }) => MAIN_QUEUE_SIZE * 2 * SIZEOF_POINTER!,
};

function* main(): Blocking<number> {
  // Without a queue the shell's thread would lose packets while it works.
  msg_init_queue(msg_queue_array(MAIN_QUEUE_SIZE), MAIN_QUEUE_SIZE);
  puts('RIOT border router example application');

  puts('All up, running the shell now');
  const line_buf = new Uint8Array(SHELL_DEFAULT_BUFSIZE);
  yield* shell_run(null, line_buf, SHELL_DEFAULT_BUFSIZE);

  return 0;
}
