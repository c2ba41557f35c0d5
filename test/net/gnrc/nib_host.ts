// A host on an Ethernet link for the tests of neighbour discovery: what its tables have, and messages to it.
import type { Blocking } from '../../../kernel/blocking.ts';
import { gnrc_ipv6_nib_ft_iter, gnrc_ipv6_nib_ft_t } from '../../../net/gnrc/nib_ft.ts';
import {
  gnrc_ipv6_nib_nc_get_nud_state, gnrc_ipv6_nib_nc_is_router, gnrc_ipv6_nib_nc_iter, gnrc_ipv6_nib_nc_t,
} from '../../../net/gnrc/nib_nc.ts';
import { gnrc_ipv6_nib_get_next_hop_l2addr } from '../../../net/gnrc/nib_next_hop.ts';
import { gnrc_ipv6_nib_pl_iter, gnrc_ipv6_nib_pl_t } from '../../../net/gnrc/nib_pl.ts';
import { AF_INET6 } from '../../../net/af.ts';
import { sock_udp_ep_t } from '../../../net/sock/sock.ts';
import { sock_udp_send } from '../../../net/sock/udp.ts';
import { ipv6_addr_to_str } from '../../../net/wire/addr.ts';
import { hex } from '../../../net/wire/bytes.ts';
import { ICMPV6_NBR_ADV, ICMPV6_NBR_SOL, ICMPV6_RTR_ADV } from '../../../net/wire/icmpv6.ts';
import type { NdpOptionRepr } from '../../../net/wire/ndp.ts';
import { EthernetNode, ip, ndp, OWN, PEER, PEER_MAC } from './ethernet.ts';

export const SECOND = 1_000_000;
export const GLOBAL = '2001:18c9:f800::ff:fe00:1';
export const PREFIX = ip('2001:18c9:f800::');

/** A host whose link-local address is valid and whose router solicitations are over. */
export function host(options: ConstructorParameters<typeof EthernetNode>[0] = {}): EthernetNode {
  const node = new EthernetNode(options);
  node.run(20 * SECOND);
  node.takeNdp();
  return node;
}

/** Neighbours as `<address> <link-layer address> <state>[ router]`. */
export function neighbors(node: EthernetNode): string[] {
  const states = ['unmanaged', 'unreachable', 'incomplete', 'stale', 'delay', 'probe', 'reachable'];
  return node.call(function* () {
    const found: string[] = [];
    const state = { entry: null };
    const nce = new gnrc_ipv6_nib_nc_t();
    while (yield* gnrc_ipv6_nib_nc_iter(0, state, nce)) {
      found.push(`${ipv6_addr_to_str(nce.ipv6)} ${hex(nce.l2addr.subarray(0, nce.l2addr_len))} ` +
        `${states[gnrc_ipv6_nib_nc_get_nud_state(nce)]}${gnrc_ipv6_nib_nc_is_router(nce) ? ' router' : ''}`);
    }
    return found;
  });
}

export function routes(node: EthernetNode): string[] {
  return node.call(function* () {
    const found: string[] = [];
    const state = { entry: null };
    const fte = new gnrc_ipv6_nib_ft_t();
    while (gnrc_ipv6_nib_ft_iter(null, 0, state, fte)) {
      found.push(`${ipv6_addr_to_str(fte.dst)}/${fte.dst_len} ${ipv6_addr_to_str(fte.next_hop)}`);
    }
    return found;
  });
}

/** Prefixes as `<prefix>/<bits> <valid in s> <preferred in s>`. */
export function prefixes(node: EthernetNode): string[] {
  return node.call(function* () {
    const found: string[] = [];
    const state = { entry: null };
    const ple = new gnrc_ipv6_nib_pl_t();
    const left = (until: number): number =>
      until === 0xffffffff ? Infinity : Math.round(until / 1000 - node.time / SECOND);
    while (yield* gnrc_ipv6_nib_pl_iter(0, state, ple)) {
      found.push(`${ipv6_addr_to_str(ple.pfx)}/${ple.pfx_len} ${left(ple.valid_until)} ${left(ple.pref_until)}`);
    }
    return found;
  });
}

/** Asks for the next hop of `dst`: the result, and its link-layer address. */
export function nextHop(node: EthernetNode, dst: Uint8Array, withIface: boolean): [number, string] {
  return node.call(function* () {
    const nce = new gnrc_ipv6_nib_nc_t();
    const netif = withIface ? node.netif : null;
    const res = yield* gnrc_ipv6_nib_get_next_hop_l2addr(dst, netif, null, nce);
    return [res, res < 0 ? '' : hex(nce.l2addr.subarray(0, nce.l2addr_len))];
  });
}

/** The board sends a UDP packet of `size` bytes. */
export function* sendUdp(to: string, size = 4): Blocking<number> {
  const remote = new sock_udp_ep_t();
  remote.family = AF_INET6;
  remote.addr.ipv6.set(ip(to));
  remote.port = 7;
  return yield* sock_udp_send(null, new Uint8Array(size), size, remote);
}

export const sllao: NdpOptionRepr = { kind: 'sllao', address: PEER_MAC };
export const tllao: NdpOptionRepr = { kind: 'tllao', address: PEER_MAC };
export const S = 0x40;
export const O = 0x20;
export const R = 0x80;

export function ns(target = OWN, ...options: NdpOptionRepr[]): Uint8Array {
  return ndp({ type: ICMPV6_NBR_SOL, target }, ...options);
}

export function na(flags: number, target = PEER, ...options: NdpOptionRepr[]): Uint8Array {
  return ndp({ type: ICMPV6_NBR_ADV, flags, target }, ...options);
}

export const RA = {
  type: ICMPV6_RTR_ADV, curHopLimit: 155, flags: 0, routerLifetime: 6612, reachableTime: 1210388, retransTimer: 3691,
} as const;

export function pio(flags: number, valid = 3600, preferred = 1800, prefixLength = 64, prefix = PREFIX): NdpOptionRepr {
  return { kind: 'pio', prefixLength, flags, validLifetime: valid, preferredLifetime: preferred, prefix };
}
