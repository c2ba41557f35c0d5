// The way down through the ipv6 thread: next hops, fragments, and the board itself as destination.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { EINVAL, EMSGSIZE } from '../../kernel/errno.ts';
import {
  ipv6_addr_is_link_local, ipv6_addr_is_loopback, ipv6_addr_is_multicast, ipv6_addr_is_unspecified,
} from '../wire/addr.ts';
import { IPV6_HEADER_LEN, IPV6_OFFSET_DST } from '../wire/ipv6.ts';
import { drop_pkt } from './drop.ts';
import { gnrc_icmpv6_error_pkt_too_big_send } from './icmpv6_error.ts';
import { gnrc_ipv6_ext_frag_send_pkt } from './ipv6_ext_frag.ts';
import { ipv6_fill } from './ipv6_fill.ts';
import { ipv6_parts } from './ipv6_parts.ts';
import { ipv6_pmtu } from './ipv6_pmtu.ts';
import { gnrc_netapi_dispatch_receive, gnrc_netapi_dispatch_send } from './netapi.ts';
import { gnrc_netif_send } from './netif.ts';
import {
  GNRC_NETIF_HDR_FLAGS_BROADCAST, GNRC_NETIF_HDR_FLAGS_MULTICAST, gnrc_netif_hdr_build, gnrc_netif_hdr_get_netif,
  gnrc_netif_hdr_of, gnrc_netif_hdr_set_netif,
} from './netif_hdr.ts';
import { gnrc_netif_get_by_ipv6_addr } from './netif_ipv6.ts';
import {
  gnrc_netif_get_by_pid, gnrc_netif_is_6lo, gnrc_netif_iter, gnrc_netif_numof, type gnrc_netif_t,
} from './netif_t.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from './netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN } from './nettype.ts';
import { gnrc_ipv6_nib_nc_get_iface, gnrc_ipv6_nib_nc_t } from './nib_internal.ts';
import { gnrc_ipv6_nib_get_next_hop_l2addr, nib_next_hop_now } from './nib_next_hop.ts';
import { gnrc_pkt_len, gnrc_pkt_prepend, type gnrc_pktsnip_t } from './pkt.ts';
import {
  gnrc_pktbuf_hold, gnrc_pktbuf_merge, gnrc_pktbuf_release, gnrc_pktbuf_remove_snip, gnrc_pktbuf_start_write,
} from './pktbuf.ts';

/** A packet on its way down: its IPv6 header first and writable, and what its netif header told. */
interface Outgoing {
  pkt: gnrc_pktsnip_t;
  netif: gnrc_netif_t | null;
  flags: number;
}

/** The packet that is being handled, and where its next hop is found; C has them on the stack. */
const statics = perBoard(() => ({
  outgoing: { pkt: null, netif: null, flags: 0 } as unknown as Outgoing,
  nce: new gnrc_ipv6_nib_nc_t(),
}), { bytes: 0 });

/**
 * Sends a packet to its next hop, or to the board itself.
 *
 * @param given  an IPv6 packet in the order of sending, a netif header before it or not; consumed
 * @param own    the board's own packet: what its header lacks is filled in, and it may be cut into fragments
 */
export function* ipv6_send(given: gnrc_pktsnip_t, own: boolean): Blocking<void> {
  const { outgoing } = statics();
  if (!open(given, outgoing)) return;
  const { pkt, netif, flags } = outgoing;
  const dst = dstOf(pkt);
  if (ipv6_addr_is_multicast(dst)) {
    yield* toGroup(pkt, netif, flags, own);
    return;
  }
  let mine = gnrc_netif_get_by_ipv6_addr(dst);
  // A link-local address is the board's own on the interface only that the packet goes to.
  if (mine !== netif && ipv6_addr_is_link_local(dst)) mine = null;
  if (mine !== null || ipv6_addr_is_loopback(dst)) yield* toSelf(pkt, mine, own);
  else yield* toNeighbor(pkt, dst, netif, flags, own);
}

/**
 * Takes the netif header off a packet, and write access to its IPv6 header.
 * @param out  where the result goes
 * @returns false when the packet was dropped
 */
function open(pkt: gnrc_pktsnip_t, out: Outgoing): boolean {
  let head: gnrc_pktsnip_t | null = pkt;
  out.netif = null;
  out.flags = 0;
  if (pkt.type === GNRC_NETTYPE_NETIF) {
    const hdr = gnrc_netif_hdr_of(pkt);
    out.netif = gnrc_netif_hdr_get_netif(hdr);
    out.flags = hdr.flags & ~(GNRC_NETIF_HDR_FLAGS_BROADCAST | GNRC_NETIF_HDR_FLAGS_MULTICAST);
    const own = gnrc_pktbuf_start_write(pkt);
    if (own === null) return dropped('pktbuf-full', pkt);
    head = gnrc_pktbuf_remove_snip(own, own);
  }
  if (head === null) return false;
  if (head.type !== GNRC_NETTYPE_IPV6 || head.size < IPV6_HEADER_LEN) return dropped('not-ipv6', head, EINVAL);
  if (ipv6_addr_is_unspecified(dstOf(head))) return dropped('unspecified-destination', head, EINVAL);
  const own = gnrc_pktbuf_start_write(head);
  if (own === null) return dropped('pktbuf-full', head);
  out.pkt = own;
  return true;
}

function dropped(reason: string, pkt: gnrc_pktsnip_t, err = 0): false {
  drop_pkt('ipv6', reason, pkt, err);
  return false;
}

function dstOf(ipv6: gnrc_pktsnip_t): Uint8Array {
  return ipv6.data!.subarray(IPV6_OFFSET_DST, IPV6_OFFSET_DST + 16);
}

function* toGroup(pkt: gnrc_pktsnip_t, netif: gnrc_netif_t | null, flags: number, own: boolean): Blocking<void> {
  if (netif === null && gnrc_netif_numof() > 1) return yield* toGroupEverywhere(pkt, flags, own);
  const iface = netif ?? gnrc_netif_iter(null);
  if (iface === null) return drop_pkt('ipv6', 'no-interface', pkt);
  if (!own || ipv6_fill(iface, pkt)) yield* overInterface(pkt, iface, null, 0, groupFlags(flags), own);
}

/** Sends a packet to a group over all interfaces; where it cannot be made ready, it goes over no further one. */
function* toGroupEverywhere(pkt: gnrc_pktsnip_t, flags: number, own: boolean): Blocking<void> {
  let left = gnrc_netif_numof();
  gnrc_pktbuf_hold(pkt, left - 1);
  for (let netif = gnrc_netif_iter(null); netif !== null; netif = gnrc_netif_iter(netif)) {
    let copy: gnrc_pktsnip_t | null = pkt;
    left--;
    if (own) {
      copy = gnrc_pktbuf_start_write(pkt);
      if (copy === null || !ipv6_fill(netif, copy)) {
        if (copy === null) drop_pkt('ipv6', 'pktbuf-full', pkt);
        for (; left > 0; left--) gnrc_pktbuf_release(pkt);
        return;
      }
    }
    yield* overInterface(copy, netif, null, 0, groupFlags(flags), own);
  }
}

function groupFlags(flags: number): number {
  return flags | GNRC_NETIF_HDR_FLAGS_MULTICAST;
}

/** The packet turns around: it comes back to this thread as one snip without netif header. */
function* toSelf(pkt: gnrc_pktsnip_t, netif: gnrc_netif_t | null, own: boolean): Blocking<void> {
  if (own && !ipv6_fill(netif, pkt)) return;
  if (gnrc_pktbuf_merge(pkt) !== 0) return drop_pkt('ipv6', 'pktbuf-full', pkt);
  if ((yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
    drop_pkt('ipv6', 'no-receiver', pkt);
  }
}

function* toNeighbor(
  pkt: gnrc_pktsnip_t, dst: Uint8Array, from: gnrc_netif_t | null, flags: number, own: boolean,
): Blocking<void> {
  const { nce } = statics();
  if (!nib_next_hop_now(dst, from, nce) &&
      (yield* gnrc_ipv6_nib_get_next_hop_l2addr(dst, from, pkt, nce)) < 0) return;
  const netif = gnrc_netif_get_by_pid(gnrc_ipv6_nib_nc_get_iface(nce));
  if (netif === null) return drop_pkt('ipv6', 'no-interface', pkt);
  if (!own || ipv6_fill(netif, pkt)) yield* overInterface(pkt, netif, nce.l2addr, nce.l2addr_len, flags, own);
}

/** Gives a packet its netif header, and hands it on: whole, or in fragments. */
function* overInterface(
  ipv6: gnrc_pktsnip_t, netif: gnrc_netif_t, l2addr: Uint8Array | null, l2addr_len: number, flags: number, own: boolean,
): Blocking<void> {
  const snip = gnrc_netif_hdr_build(null, 0, l2addr, l2addr_len);
  if (snip === null) return drop_pkt('ipv6', 'pktbuf-full', ipv6);
  const hdr = gnrc_netif_hdr_of(snip);
  hdr.flags = flags;
  gnrc_netif_hdr_set_netif(hdr, netif);
  const length = gnrc_pkt_len(ipv6);
  const mtu = own ? ipv6_pmtu(ipv6.data!, netif.ipv6.mtu) : netif.ipv6.mtu;
  const pkt = gnrc_pkt_prepend(ipv6, snip);
  if (own && length > mtu && ipv6_parts().ext_frag) return yield* gnrc_ipv6_ext_frag_send_pkt(pkt, mtu);
  const { stats } = netif.ipv6;
  if ((flags & GNRC_NETIF_HDR_FLAGS_MULTICAST) !== 0) stats.tx_mcast_count++;
  else stats.tx_unicast_count++;
  yield* toInterface(pkt, netif, length, mtu);
}

/** Sends a fragment that ipv6_ext_frag.ts has made: it has its netif header. */
export function* ipv6_send_by_netif_hdr(pkt: gnrc_pktsnip_t): Blocking<void> {
  const netif = gnrc_netif_hdr_get_netif(gnrc_netif_hdr_of(pkt));
  if (netif === null) return drop_pkt('ipv6', 'no-interface', pkt);
  yield* toInterface(pkt, netif, gnrc_pkt_len(pkt.next), netif.ipv6.mtu);
}

function* toInterface(pkt: gnrc_pktsnip_t, netif: gnrc_netif_t, length: number, mtu: number): Blocking<void> {
  if (length > mtu) {
    yield* gnrc_icmpv6_error_pkt_too_big_send(mtu, pkt);
    return drop_pkt('ipv6', 'packet-too-big', pkt, EMSGSIZE);
  }
  const { stats } = netif.ipv6;
  stats.tx_success++;
  stats.tx_bytes += length;
  if (gnrc_netif_is_6lo(netif)) {
    if ((yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_SIXLOWPAN, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
      drop_pkt('ipv6', 'no-6lo-thread', pkt);
    }
  } else if ((yield* gnrc_netif_send(netif, pkt)) < 1) {
    gnrc_pktbuf_release(pkt);
  }
}
