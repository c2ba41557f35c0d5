// What became of fragments (RIOT sys/include/net/gnrc/sixlowpan/frag/stats.h, module gnrc_sixlowpan_frag_stats).
import { perBoard } from '../../kernel/current.ts';

/** Counts since boot, 32 bit. */
export class gnrc_sixlowpan_frag_stats_t {
  /** How often the reassembly buffer was full. */
  rbuf_full = 0;
  /** How often no datagram more could be cut. */
  frag_full = 0;
  /** Datagrams put together. */
  datagrams = 0;
  /** Fragments of which these were. */
  fragments = 0;
  /** How often the virtual reassembly buffer was full. */
  vrb_full = 0;
}

/** RIOT has them with their module only; here they count always, and take no RAM of the board. */
const statics = perBoard(() => new gnrc_sixlowpan_frag_stats_t(), { bytes: 0 });

/** The counts of the running board. */
export function gnrc_sixlowpan_frag_stats_get(): gnrc_sixlowpan_frag_stats_t {
  return statics();
}
