// The shell command of the packet buffer (RIOT sys/shell/cmds/gnrc_pktbuf.c).
import { SHELL_COMMAND } from '../../kernel/shell.ts';
import { gnrc_pktbuf_stats } from '../gnrc/pktbuf_stats.ts';

/** Module shell_cmd_gnrc_pktbuf: `pktbuf`. */
export function shell_cmd_gnrc_pktbuf(): void {
  SHELL_COMMAND('pktbuf', 'prints internal stats of the packet buffer', () => {
    gnrc_pktbuf_stats();
    return 0;
  });
}
