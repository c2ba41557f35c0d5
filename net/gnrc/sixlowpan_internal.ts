// What the parts of 6LoWPAN share (RIOT sys/include/net/gnrc/sixlowpan/internal.h): the way to the layers above and
// below, and which parts an image has.
import type { Blocking } from '../../kernel/blocking.ts';
import { current, perBoard } from '../../kernel/current.ts';
import { drop_pkt } from './drop.ts';
import { gnrc_netapi_dispatch_receive } from './netapi.ts';
import { gnrc_netif_send } from './netif.ts';
import { gnrc_netif_hdr_get_netif, gnrc_netif_hdr_of } from './netif_hdr.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from './netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_UNDEF, type gnrc_nettype_t } from './nettype.ts';
import type { gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release } from './pktbuf.ts';

/** The modules of 6LoWPAN that an image has. */
export class SixlowpanModules {
  readonly ipv6: boolean;
  readonly iphc: boolean;
  readonly frag: boolean;
  readonly vrb: boolean;
  readonly minfwd: boolean;

  constructor() {
    const { modules } = current();
    this.ipv6 = modules.has('gnrc_ipv6');
    this.iphc = modules.has('gnrc_sixlowpan_iphc');
    this.frag = modules.has('gnrc_sixlowpan_frag');
    this.vrb = modules.has('gnrc_sixlowpan_frag_vrb');
    this.minfwd = modules.has('gnrc_sixlowpan_frag_minfwd');
  }
}

const statics = perBoard(() => new SixlowpanModules(), { bytes: 0 });

/** Which parts of 6LoWPAN the running board has. */
export function sixlowpan_modules(): SixlowpanModules {
  return statics();
}

/** The type of a datagram that has been put together: without IPv6 nobody knows. */
export function sixlowpan_datagram_type(): gnrc_nettype_t {
  return statics().ipv6 ? GNRC_NETTYPE_IPV6 : GNRC_NETTYPE_UNDEF;
}

/** Hands a datagram up; frees it when nobody wants it. */
export function* gnrc_sixlowpan_dispatch_recv(pkt: gnrc_pktsnip_t): Blocking<void> {
  const type = statics().ipv6 ? GNRC_NETTYPE_IPV6 : typeBeforeNetif(pkt);
  if ((yield* gnrc_netapi_dispatch_receive(type, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
    drop_pkt('6lo', 'no-receiver', pkt);
  }
}

/** Without IPv6 the type is that of the snip before the netif header; there may be none. */
function typeBeforeNetif(pkt: gnrc_pktsnip_t): gnrc_nettype_t {
  for (let snip: gnrc_pktsnip_t | null = pkt; snip !== null; snip = snip.next) {
    if (snip.next !== null && snip.next.type === GNRC_NETTYPE_NETIF) return snip.type;
  }
  return GNRC_NETTYPE_UNDEF;
}

/** Hands a frame down to the interface that its netif header names. */
export function* gnrc_sixlowpan_dispatch_send(pkt: gnrc_pktsnip_t): Blocking<void> {
  const netif = gnrc_netif_hdr_get_netif(gnrc_netif_hdr_of(pkt));
  if (netif === null) return drop_pkt('6lo', 'no-interface', pkt);
  if ((yield* gnrc_netif_send(netif, pkt)) < 1) gnrc_pktbuf_release(pkt);
}
