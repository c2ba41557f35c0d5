// Path MTUs that Packet Too Big messages told (RFC 8201). RIOT has none: the table is used without the quirk
// ipv6-no-path-mtu only.
import { perBoard } from '../../kernel/current.ts';
import { ZTIMER_SEC, ztimer_now } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import { ipv6_addr_equal } from '../wire/addr.ts';
import { ICMPV6_ERROR_LEN, ICMPV6_PKT_TOO_BIG, parseIcmpv6Error } from '../wire/icmpv6.ts';
import { IPV6_HEADER_LEN, IPV6_MIN_MTU, IPV6_OFFSET_DST, IPV6_OFFSET_SRC } from '../wire/ipv6.ts';
import { gnrc_netif_get_by_ipv6_addr } from './netif_ipv6.ts';

/** After this long a larger packet is tried again (RFC 8201 §4). */
const LIFETIME_SEC = 600;

interface PathMtu {
  readonly dst: Uint8Array;
  mtu: number;
  /** When it was told, in s. */
  told: number;
}

const statics = perBoard(() => ({ paths: [] as PathMtu[] }), { bytes: 0 });

/**
 * Takes what a Packet Too Big message tells, if it quotes a packet of this board.
 *
 * @param message  ICMPv6 header first, its checksum right
 * @returns null, or why nothing was taken from it
 */
export function ipv6_pmtu_handle(message: Uint8Array): string | null {
  const repr = parseIcmpv6Error(message);
  if (typeof repr === 'string') return repr;
  if (repr.type !== ICMPV6_PKT_TOO_BIG) return 'not-an-error';
  if (repr.parameter < IPV6_MIN_MTU) return 'mtu-below-minimum';
  if (message.length < ICMPV6_ERROR_LEN + IPV6_HEADER_LEN) return 'truncated';
  const quoted = message.subarray(ICMPV6_ERROR_LEN);
  const src = quoted.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_SRC + 16);
  if (quoted[0]! >> 4 !== 6 || gnrc_netif_get_by_ipv6_addr(src) === null) return 'not-about-mine';
  remember(quoted.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16), repr.parameter);
  return null;
}

function remember(dst: Uint8Array, mtu: number): void {
  const { paths } = statics();
  const told = ztimer_now(ZTIMER_SEC);
  const known = paths.find((path) => ipv6_addr_equal(path.dst, dst));
  if (known !== undefined) {
    // A larger one is no news: it only shows that the path has changed meanwhile.
    if (mtu > known.mtu) return;
    known.mtu = mtu;
    known.told = told;
    return;
  }
  if (paths.length >= net_config().IPV6_PATH_MTU_NUMOF) paths.shift();
  paths.push({ dst: dst.slice(), mtu, told });
}

/**
 * The largest packet for a destination over a link.
 * @param hdr  an IPv6 header to that destination
 */
export function ipv6_pmtu(hdr: Uint8Array, linkMtu: number): number {
  const { paths } = statics();
  if (paths.length === 0) return linkMtu;
  const dst = hdr.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
  const now = ztimer_now(ZTIMER_SEC);
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i]!;
    if (!ipv6_addr_equal(path.dst, dst)) continue;
    if (now - path.told < LIFETIME_SEC) return Math.min(path.mtu, linkMtu);
    paths.splice(i, 1);
    return linkMtu;
  }
  return linkMtu;
}
