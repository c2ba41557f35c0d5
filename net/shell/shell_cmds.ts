// The network's shell commands (RIOT sys/shell/cmds). `help` lists commands as RIOT's linker has them: by the names of
// their files, so those of gnrc_* come before the kernel's own and udp behind them.
import { current } from '../../kernel/current.ts';
import { shell_cmd_gnrc_netif } from './ifconfig.ts';
import { shell_cmd_gnrc_ipv6_frag_stats } from './ip6_frag.ts';
import { shell_cmd_gnrc_ipv6_nib } from './nib.ts';
import { shell_cmd_gnrc_icmpv6_echo } from './ping.ts';
import { shell_cmd_gnrc_pktbuf } from './pktbuf.ts';
import { shell_cmd_gnrc_sixlowpan_ctx } from './sixlowpan_ctx.ts';
import { shell_cmd_gnrc_sixlowpan_frag_stats } from './sixlowpan_frag_stats.ts';
import { shell_cmd_gnrc_txtsnd } from './txtsnd.ts';
import { shell_cmd_gnrc_udp } from './gnrc_udp.ts';
import { shell_cmd_udp } from './udp.ts';

/** Registers what comes before the kernel's commands, as far as the board's image has the modules. */
export function auto_init_gnrc_shell_cmds(): void {
  const { modules } = current();
  if (modules.has('shell_cmd_gnrc_icmpv6_echo')) shell_cmd_gnrc_icmpv6_echo();
  if (modules.has('shell_cmd_gnrc_ipv6_frag_stats')) shell_cmd_gnrc_ipv6_frag_stats();
  if (modules.has('shell_cmd_gnrc_ipv6_nib')) shell_cmd_gnrc_ipv6_nib();
  if (modules.has('shell_cmd_gnrc_netif')) shell_cmd_gnrc_netif();
  if (modules.has('shell_cmd_gnrc_pktbuf')) shell_cmd_gnrc_pktbuf();
  if (modules.has('shell_cmd_gnrc_sixlowpan_ctx')) shell_cmd_gnrc_sixlowpan_ctx();
  if (modules.has('shell_cmd_gnrc_sixlowpan_frag_stats')) shell_cmd_gnrc_sixlowpan_frag_stats();
  if (modules.has('shell_cmd_gnrc_txtsnd')) shell_cmd_gnrc_txtsnd();
  if (modules.has('shell_cmd_gnrc_udp')) shell_cmd_gnrc_udp();
}

/** Registers what comes behind the kernel's commands. */
export function auto_init_sock_shell_cmds(): void {
  if (current().modules.has('shell_cmd_udp')) shell_cmd_udp();
}
