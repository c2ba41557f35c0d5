// Interfaces over Ethernet: Ethernet headers to and from netif headers (RIOT sys/net/gnrc/netif/ethernet).
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { EBADMSG, ENOTSUP } from '../../kernel/errno.ts';
import type { stack_t } from '../../kernel/thread_t.ts';
import type { netdev_rx_info_t, netdev_t } from '../netdev.ts';
import { NETOPT_ADDRESS } from '../netopt.ts';
import { quirk } from '../quirks.ts';
import { get16 } from '../wire/bytes.ts';
import { ETHERNET_ADDR_LEN, ETHERNET_HDR_LEN, ETHERTYPE_IPV6, ETHERTYPE_UNKNOWN, emitEthernet,
  type EthernetRepr } from '../wire/ethernet.ts';
import { drop } from './drop.ts';
import type { gnrc_netapi_opt_t } from './netapi.ts';
import { gnrc_netif_create, gnrc_netif_default_init } from './netif.ts';
import { gnrc_netif_ipv6_group_to_l2_group } from './netif_device_type.ts';
import { GNRC_NETIF_HDR_FLAGS_BROADCAST, GNRC_NETIF_HDR_FLAGS_MULTICAST, gnrc_netif_hdr_build,
  gnrc_netif_hdr_get_dst_addr, gnrc_netif_hdr_get_src_addr, gnrc_netif_hdr_of,
  gnrc_netif_hdr_set_netif } from './netif_hdr.ts';
import { gnrc_netif_get_from_netdev, gnrc_netif_set_from_netdev } from './netif_opt.ts';
import type { gnrc_netif_ops_t, gnrc_netif_t } from './netif_t.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_UNDEF, type gnrc_nettype_t } from './nettype.ts';
import { gnrc_pkt_append, gnrc_pkt_bytes, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_mark, gnrc_pktbuf_realloc_data, gnrc_pktbuf_release,
  gnrc_pktbuf_remove_snip } from './pktbuf.ts';

/** Where IPv6 packets have their destination. */
const IPV6_DST = 24;

/** Where the header of a frame to be sent is made: on the stack in RIOT. */
const statics = perBoard(() => ({
  header: new Uint8Array(ETHERNET_HDR_LEN),
  repr: {
    dst: new Uint8Array(ETHERNET_ADDR_LEN), src: new Uint8Array(ETHERNET_ADDR_LEN), type: 0,
  } satisfies EthernetRepr,
  group: new Uint8Array(8),
  info: { rssi: 0, lqi: 0 } satisfies netdev_rx_info_t as netdev_rx_info_t,
}), { bytes: 0 });

/**
 * Makes an interface over an Ethernet device; see gnrc_netif_create().
 * @returns 0, or a negative errno from the device
 */
export function gnrc_netif_ethernet_create(
  netif: gnrc_netif_t, stack: stack_t, stacksize: number, priority: number, name: string, dev: netdev_t,
): Blocking<number> {
  return gnrc_netif_create(netif, stack, stacksize, priority, name, dev, new EthernetOps(dev));
}

class EthernetOps implements gnrc_netif_ops_t {
  private readonly dev: netdev_t;

  constructor(dev: netdev_t) {
    this.dev = dev;
  }

  init(netif: gnrc_netif_t): Blocking<number> {
    return gnrc_netif_default_init(netif);
  }

  /** @returns bytes sent; -EBADMSG without a netif header or destination, -ENOTSUP for an empty multicast, -1 */
  send(netif: gnrc_netif_t, pkt: gnrc_pktsnip_t): number {
    if (pkt.type !== GNRC_NETTYPE_NETIF) return -EBADMSG;
    const { header, repr } = statics();
    const hdr = gnrc_netif_hdr_of(pkt);
    const payload = pkt.next;
    const toAll = (hdr.flags & GNRC_NETIF_HDR_FLAGS_BROADCAST) !== 0;
    const toGroup = !toAll && (hdr.flags & GNRC_NETIF_HDR_FLAGS_MULTICAST) !== 0;
    repr.type = payload?.type === GNRC_NETTYPE_IPV6 ? ETHERTYPE_IPV6 : ETHERTYPE_UNKNOWN;
    this.putSource(gnrc_netif_hdr_get_src_addr(hdr), repr.src);
    if (toAll) {
      repr.dst.fill(0xff);
    } else if (toGroup) {
      if (payload === null) return -ENOTSUP;
      putGroup(netif, payload, repr.dst);
    } else {
      if (hdr.dst_l2addr_len !== ETHERNET_ADDR_LEN) return -EBADMSG;
      repr.dst.set(gnrc_netif_hdr_get_dst_addr(hdr));
    }
    emitEthernet(repr, header, 0);
    if (toAll || toGroup) netif.stats.tx_mcast_count++;
    else netif.stats.tx_unicast_count++;
    return this.dev.send(header, ETHERNET_HDR_LEN, payload);
  }

  *recv(netif: gnrc_netif_t): Blocking<gnrc_pktsnip_t | null> {
    const { info } = statics();
    const expected = this.dev.recv_len();
    const pkt = gnrc_pktbuf_add(null, null, expected, GNRC_NETTYPE_UNDEF);
    if (pkt === null) {
      drop('netif', 'pktbuf-full', expected);
      this.dev.recv(null, expected, info);
      return null;
    }
    const nread = this.dev.recv(gnrc_pkt_bytes(pkt), expected, info);
    if (nread <= 0) {
      gnrc_pktbuf_release(pkt);
      return null;
    }
    netif.stats.rx_count++;
    netif.stats.rx_bytes += nread;
    if (nread < expected) gnrc_pktbuf_realloc_data(pkt, nread);
    return toPacket(netif, pkt, nread);
  }

  get(netif: gnrc_netif_t, opt: gnrc_netapi_opt_t): Blocking<number> {
    return gnrc_netif_get_from_netdev(netif, opt);
  }

  set(netif: gnrc_netif_t, opt: gnrc_netapi_opt_t): Blocking<number> {
    return gnrc_netif_set_from_netdev(netif, opt);
  }

  /** RIOT copies a source that the netif header names over the destination, which it then overwrites. */
  private putSource(given: Uint8Array, out: Uint8Array): void {
    if (given.length !== ETHERNET_ADDR_LEN) {
      this.dev.get(NETOPT_ADDRESS, out, ETHERNET_ADDR_LEN);
    } else if (quirk('ethernet-source')) {
      out.fill(0);
    } else {
      out.set(given);
    }
  }
}

function putGroup(netif: gnrc_netif_t, payload: gnrc_pktsnip_t, dst: Uint8Array): void {
  if (payload.type !== GNRC_NETTYPE_IPV6) {
    dst.fill(0xff);
    return;
  }
  const { group } = statics();
  gnrc_netif_ipv6_group_to_l2_group(netif, gnrc_pkt_bytes(payload).subarray(IPV6_DST), group);
  dst.set(group.subarray(0, ETHERNET_ADDR_LEN));
}

/** Takes the Ethernet header off, and puts the netif header that tells the same behind the payload. */
function toPacket(netif: gnrc_netif_t, pkt: gnrc_pktsnip_t, nread: number): gnrc_pktsnip_t | null {
  const mac = nread < ETHERNET_HDR_LEN ? null : gnrc_pktbuf_mark(pkt, ETHERNET_HDR_LEN, GNRC_NETTYPE_UNDEF);
  if (mac === null) return discard(pkt, nread < ETHERNET_HDR_LEN ? 'truncated' : 'pktbuf-full');
  const header = gnrc_pkt_bytes(mac);
  pkt.type = nettype(get16(header, 2 * ETHERNET_ADDR_LEN));
  const netif_hdr = gnrc_netif_hdr_build(header.subarray(ETHERNET_ADDR_LEN), ETHERNET_ADDR_LEN,
    header, ETHERNET_ADDR_LEN);
  if (netif_hdr === null) return discard(pkt, 'pktbuf-full');
  gnrc_netif_hdr_set_netif(gnrc_netif_hdr_of(netif_hdr), netif);
  gnrc_pktbuf_remove_snip(pkt, mac);
  return gnrc_pkt_append(pkt, netif_hdr);
}

function nettype(type: number): gnrc_nettype_t {
  return type === ETHERTYPE_IPV6 ? GNRC_NETTYPE_IPV6 : GNRC_NETTYPE_UNDEF;
}

function discard(pkt: gnrc_pktsnip_t, reason: string): null {
  drop('netif', reason, pkt.size);
  gnrc_pktbuf_release(pkt);
  return null;
}
