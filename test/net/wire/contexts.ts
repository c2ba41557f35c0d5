// A table of contexts for the tests of IPHC and 6LoWPAN.

import { ipv6_addr_from_str, ipv6_addr_match_prefix } from '../../../net/wire/addr.ts';
import type { IphcContext, IphcContexts } from '../../../net/wire/iphc.ts';

/** A table with these prefixes as contexts 0, 1, 2 …; the longest match wins. */
export function contextTable(prefixes: readonly [string, number][], compress = true): IphcContexts {
  const table: IphcContext[] = prefixes.map(([text, prefixLength], id) =>
    ({ id, prefix: ipv6_addr_from_str(text)!, prefixLength, compress }));
  return {
    byId: (id) => table[id] ?? null,
    byAddress(addr) {
      let best: IphcContext | null = null;
      for (const context of table) {
        const longer = best === null || context.prefixLength > best.prefixLength;
        if (longer && ipv6_addr_match_prefix(context.prefix, addr) >= context.prefixLength) best = context;
      }
      return best;
    },
  };
}
