// The shell command `ip6_frag` (RIOT sys/shell/cmds/gnrc_ipv6_frag_stats.c).
import { SHELL_COMMAND } from '../../kernel/shell.ts';
import { printf } from '../../kernel/stdio.ts';
import { gnrc_ipv6_ext_frag_stats } from '../gnrc/ipv6_ext_frag_stats.ts';

/** Module shell_cmd_gnrc_ipv6_frag_stats: `ip6_frag`. */
export function shell_cmd_gnrc_ipv6_frag_stats(): void {
  SHELL_COMMAND('ip6_frag', 'IPv6 fragmentation statistics', () => {
    const { rbuf_full, frag_full, fragments, datagrams } = gnrc_ipv6_ext_frag_stats();
    printf(`rbuf full: ${rbuf_full}\n`);
    printf(`frag full: ${frag_full}\n`);
    printf(`frags complete: ${fragments}\n`);
    printf(`dgs complete: ${datagrams}\n`);
    return 0;
  });
}
