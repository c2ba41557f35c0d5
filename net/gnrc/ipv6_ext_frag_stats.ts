// What module gnrc_ipv6_ext_frag_stats counts (RIOT sys/include/net/gnrc/ipv6/ext/frag.h).
import { perBoard } from '../../kernel/current.ts';

/** Counters of fragmentation and reassembly. */
export interface gnrc_ipv6_ext_frag_stats_t {
  /** A fragment came and all reassembly buffers were in use. */
  rbuf_full: number;
  /** A packet was to be cut and all send buffers were in use. */
  frag_full: number;
  /** Reassembled datagrams, and the fragments that they came in. */
  datagrams: number;
  fragments: number;
}

const statics = perBoard((): gnrc_ipv6_ext_frag_stats_t => ({
  rbuf_full: 0, frag_full: 0, datagrams: 0, fragments: 0,
}), { bytes: 16 });

/** The counters of the running board. They count with or without the module, which alone makes them seen in RIOT. */
export function gnrc_ipv6_ext_frag_stats(): gnrc_ipv6_ext_frag_stats_t {
  return statics();
}
