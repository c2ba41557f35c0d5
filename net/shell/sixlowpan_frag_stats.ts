// The shell command `6lo_frag` (RIOT sys/shell/cmds/gnrc_sixlowpan_frag_stats.c).
import { current } from '../../kernel/current.ts';
import { SHELL_COMMAND } from '../../kernel/shell.ts';
import { printf } from '../../kernel/stdio.ts';
import { gnrc_sixlowpan_frag_stats_get } from '../gnrc/sixlowpan_frag_stats.ts';

/** Module shell_cmd_gnrc_sixlowpan_frag_stats: `6lo_frag`. */
export function shell_cmd_gnrc_sixlowpan_frag_stats(): void {
  SHELL_COMMAND('6lo_frag', '6LoWPAN fragment statistics', fragStats);
}

function fragStats(): number {
  const stats = gnrc_sixlowpan_frag_stats_get();
  printf(`rbuf full: ${stats.rbuf_full}\n`);
  printf(`frag full: ${stats.frag_full}\n`);
  if (current().modules.has('gnrc_sixlowpan_frag_vrb')) printf(`VRB full: ${stats.vrb_full}\n`);
  printf(`frags complete: ${stats.fragments}\n`);
  printf(`dgs complete: ${stats.datagrams}\n`);
  return 0;
}
