// Quirks: where RIOT departs from an RFC, or from what its users would expect. Profile `riot` (the default) has them,
// as the boards do; profile `rfc` has none. Each can be set on its own by its id.
//
// A quirk that would accept what is not authentic is off in both profiles (`default: 'off'`), and on by its name only.
//
// Code asks `quirk('id')` only where the quirk makes a difference for the packet at hand: the trace then names it.
import { current } from '../kernel/current.ts';
import { trace, tracing } from './events.ts';

/** One departure. */
export interface Quirk {
  /** The part of the stack: 'netapi', '802.15.4', 'ethernet', '6lowpan', 'ipv6', 'icmpv6', 'nib', 'udp', 'sock', ... */
  readonly layer: string;
  /** What RIOT does, as a sentence. */
  readonly riot: string;
  /** What profile `rfc` does instead, with RFC and section. */
  readonly rfc: string;
  /** Where RIOT's behaviour was seen: a file and function of RIOT, or a capture. */
  readonly seen: string;
  /** 'off': in both profiles off. */
  readonly default?: 'off';
}

export const QUIRKS = {
  // Between the threads
  'netapi-queue-full-leak': {
    layer: 'netapi',
    riot: 'In an image without gnrc_netapi_mbox and gnrc_netapi_callbacks, thus without socks, a packet that finds ' +
      'the message queue of its receiver full stays in the packet buffer for ever.',
    rfc: 'It is released, as in all other images.',
    seen: 'sys/net/gnrc/netapi/gnrc_netapi.c, _dispatch_single: 0 of msg_try_send() is handed on as success',
  },

  // IEEE 802.15.4 and the interface
  'ack-number-not-compared': {
    layer: '802.15.4',
    riot: 'Any ACK that comes while the SubMAC waits for one is taken for it.',
    rfc: 'Only the one with the frame\'s sequence number is (IEEE 802.15.4-2006 §7.5.6.4.3).',
    seen: 'sys/net/link_layer/ieee802154/submac.c, _fsm_state_wait_for_ack',
  },
  'ack-of-bad-fcs': {
    layer: '802.15.4',
    riot: 'A native board acknowledges a frame with a wrong FCS: the SubMAC looks at what the radio has copied, not ' +
      'at what it answered.',
    rfc: 'Only a frame whose FCS is right is acknowledged (IEEE 802.15.4-2006 §7.5.6.2).',
    seen: 'drivers/netdev_ieee802154_submac/netdev_ieee802154_submac.c, _recv; ' +
      'cpu/native/socket_zep/socket_zep.c, _read',
  },
  'csma-window': {
    layer: '802.15.4',
    riot: 'The SubMAC\'s back-off window grows with every back-off, also before a retransmission, and stops at 15 ' +
      'periods.',
    rfc: 'It grows with each busy channel, up to 31 periods, and each retransmission begins anew ' +
      '(IEEE 802.15.4-2006 §7.5.1.4).',
    seen: 'sys/net/link_layer/ieee802154/submac.c, ieee802154_submac_bh_process',
  },
  'mac-any-frame-type': {
    layer: '802.15.4',
    riot: 'ACKs, beacons, MAC commands and frames of reserved types go up as data if their header tells a source.',
    rfc: 'Only data frames do (IEEE 802.15.4-2006 §7.2.1.1.1).',
    seen: 'sys/net/gnrc/netif/ieee802154/gnrc_netif_ieee802154.c, _recv',
  },
  'mac-security-bit-ignored': {
    layer: '802.15.4',
    riot: 'Without module ieee802154_security the security bit of a frame is not looked at: what follows the ' +
      'addresses is taken for the payload.',
    rfc: 'A secured frame is dropped by who has no keys (IEEE 802.15.4-2006 §7.5.8.2.3).',
    seen: 'sys/net/gnrc/netif/ieee802154/gnrc_netif_ieee802154.c, _recv',
  },
  'mac-frame-version-ignored': {
    layer: '802.15.4',
    riot: 'The header of any frame version is read as one of 2003 or 2006.',
    rfc: 'A frame of an unknown version is dropped (IEEE 802.15.4-2006 §7.2.3).',
    seen: 'sys/net/link_layer/ieee802154/ieee802154.c, ieee802154_get_frame_hdr_len',
  },
  'iid-to-long-address': {
    layer: '802.15.4',
    riot: 'A neighbour whose interface identifier is one of a short address is sent frames to the EUI-64 that the ' +
      'identifier would be of.',
    rfc: 'It is sent frames to its short address (RFC 6282 §3.2.2, RFC 4944 §6).',
    seen: 'sys/net/link_layer/l2util/l2util.c, l2util_ipv6_iid_to_addr',
  },
  'ethernet-source': {
    layer: 'ethernet',
    riot: 'A source address that a netif header names for a frame to be sent is lost: the frame bears what lay on ' +
      'the stack, zeros here.',
    rfc: 'The frame bears that source address (IEEE 802.3 §3.2.5).',
    seen: 'sys/net/gnrc/netif/ethernet/gnrc_netif_ethernet.c, _send',
  },
  'tap-foreign-frame': {
    layer: 'ethernet',
    riot: 'Behind a frame for another station, those that have come already wait until one more does.',
    rfc: 'They are read at once.',
    seen: 'cpu/native/netdev_tap/netdev_tap.c, _recv',
  },

  // 6LoWPAN; the files are in sys/net/gnrc/network_layer
  'iphc-traffic-class': {
    layer: '6lowpan',
    riot: 'The traffic class octet goes inline as it stands in the IPv6 header, and is read so.',
    rfc: 'ECN goes before DSCP (RFC 6282 §3.1.1 TF, §3.2.1).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _iphc_ipv6_encode, _iphc_ipv6_decode; sys/include/net/ipv6/hdr.h',
  },
  'iphc-reserved-accepted': {
    layer: '6lowpan',
    riot: 'A reserved combination of M, DAC and DAM is taken for the unspecified address.',
    rfc: 'The packet is dropped (RFC 6282 §3.1.1 DAM).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _iphc_ipv6_decode, the default of its last switch',
  },
  'iphc-multicast-group': {
    layer: '6lowpan',
    riot: 'The group of a unicast-prefix-based multicast address is read two bytes behind its place.',
    rfc: 'The last four of the six bytes inline are the group (RFC 6282 §3.1.1 M=1 DAC=1 DAM=00).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _iphc_ipv6_decode, IPHC_M_DAC_DAM_M_UC_PREFIX',
  },
  'iphc-multicast-context-id': {
    layer: '6lowpan',
    riot: 'The context identifier of a unicast-prefix-based multicast address is put over the first byte inline.',
    rfc: 'It goes into the byte of context identifiers (RFC 6282 §3.1.2).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _iphc_ipv6_encode: room for it is made for unicast contexts only',
  },
  'iphc-multicast-prefix': {
    layer: '6lowpan',
    riot: 'Bits of a multicast address behind the prefix of its context are lost.',
    rfc: 'Such an address goes inline (RFC 6282 §3.1.1, RFC 3306 §4).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _iphc_ipv6_encode: the prefix length alone is compared',
  },
  'nhc-unknown-accepted': {
    layer: '6lowpan',
    riot: 'A packet with a next header compressed in a way that is not known goes up as if its next header were 0.',
    rfc: 'The packet is dropped (RFC 6282 §4.1).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, gnrc_sixlowpan_iphc_recv, the default of its switch',
  },
  'nhc-reserved-hangs': {
    layer: '6lowpan',
    riot: 'A reserved extension header identifier (5 or 6) makes the 6lo thread run for ever; said, and dropped.',
    rfc: 'The packet is dropped (RFC 6282 §4.2).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _iphc_nhc_ipv6_decode answers the offset it was given',
  },
  'nhc-extension-length': {
    layer: '6lowpan',
    riot: 'Elided padding of options does not come back, and the length of an extension header is rounded down.',
    rfc: 'Padding is put back; what fills no units of 8 bytes is refused (RFC 6282 §4.2).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _iphc_nhc_ipv6_ext_decode',
  },
  'nhc-extension-too-long': {
    layer: '6lowpan',
    riot: 'An extension header that NHC cannot carry goes out as it is behind a header that says NHC follows.',
    rfc: 'The header before it has the next header inline (RFC 6282 §4.2).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _nhc_ipv6_ext_encode_snip answers 0 when the NH bit is set already',
  },
  'nhc-fragment-reserved': {
    layer: '6lowpan',
    riot: 'The reserved byte of a fragment header is taken for the length of the header.',
    rfc: 'A fragment header has 8 bytes (RFC 8200 §4.5).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _nhc_ipv6_ext_encode_snip',
  },
  'nhc-short-header': {
    layer: '6lowpan',
    riot: 'A next header that is cut short fails an assertion when it is to be compressed; said, and dropped.',
    rfc: 'It is left as it is.',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _nhc_udp_encode_snip, _nhc_ipv6_ext_encode_snip',
  },
  'nhc-ipv6-refused': {
    layer: '6lowpan',
    riot: 'IPv6 in IPv6 is not sent: the inner header is looked for one snip too far.',
    rfc: 'The inner header is compressed, or left as it is (RFC 6282 §4.2).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _nhc_ipv6_encode_snip hands _iphc_ipv6_encode() its own header',
  },
  'nhc-inner-addresses': {
    layer: '6lowpan',
    riot: 'Elided addresses of an IPv6 header within a packet are computed from the frame.',
    rfc: 'They are computed from the header around it (RFC 6282 §3.2.2).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _iphc_nhc_ipv6_decode',
  },
  'nhc-inner-dispatch': {
    layer: '6lowpan',
    riot: 'What follows NHC for IPv6 is read as IPHC whatever its first three bits are.',
    rfc: 'A packet without the IPHC dispatch there is dropped (RFC 6282 §4.2).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _iphc_nhc_ipv6_decode; executed on native64',
  },
  'nhc-inner-length': {
    layer: '6lowpan',
    riot: 'The payload length of an IPv6 header within a packet is wrong when NHC is between them or behind.',
    rfc: 'It is what the lengths of the packet say (RFC 6282 §4.2).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, _iphc_nhc_ipv6_decode',
  },
  'nhc-udp-length': {
    layer: '6lowpan',
    riot: 'A UDP header is compressed even if its length is not that of the IPv6 payload, and comes back with that.',
    rfc: 'Such a header is left as it is (RFC 6282 §4.3.1: the length is inferred).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, iphc_nhc_udp_encode',
  },
  'frag1-headers-past-size': {
    layer: '6lowpan',
    riot: 'A first fragment whose headers alone are longer than its datagram is kept until its time is out.',
    rfc: 'The datagram is discarded at once (RFC 4944 §5.3).',
    seen: 'sixlowpan/iphc/gnrc_sixlowpan_iphc.c, gnrc_sixlowpan_iphc_recv makes the packet larger for its headers',
  },
  'frag1-any-dispatch': {
    layer: '6lowpan',
    riot: 'What follows a first fragment header counts as IPv6 if its dispatch is none that is known.',
    rfc: 'The fragment is dropped (RFC 4944 §5.1, RFC 6282 §2).',
    seen: 'sixlowpan/frag/rb/gnrc_sixlowpan_frag_rb.c, _rbuf_add',
  },
  'frag1-compressed-interval': {
    layer: '6lowpan',
    riot: 'A compressed first fragment is noted with its compressed length: overlaps with the rest of it go unseen.',
    rfc: 'Fragments that overlap discard the datagram (RFC 4944 §5.3).',
    seen: 'sixlowpan/frag/rb/gnrc_sixlowpan_frag_rb.c, _rbuf_add',
  },
  'frag1-one-byte-hangs': {
    layer: '6lowpan',
    riot: 'A first fragment of one byte and two more make the 6lo thread run for ever; said at once, and discarded.',
    rfc: 'It is a fragment as any other.',
    seen: 'sixlowpan/frag/rb/gnrc_sixlowpan_frag_rb.c, _rbuf_int_get_free: an interval that ends at 0 is free',
  },
  'fragn-offset-zero': {
    layer: '6lowpan',
    riot: 'A further fragment with offset 0 is read past its end, as if it were a first one; said, and dropped.',
    rfc: 'The fragment is dropped (RFC 4944 §5.3).',
    seen: 'sixlowpan/frag/rb/gnrc_sixlowpan_frag_rb.c, _6lo_frag_size',
  },
  'minfwd-cut-headers': {
    layer: '6lowpan',
    riot: 'With minimal forwarding compressed headers of a multiple of 8 bytes lose 8 to the second fragment.',
    rfc: 'All compressed headers are in the first fragment (RFC 6282 §2).',
    seen: 'sixlowpan/frag/gnrc_sixlowpan_frag.c, _max_frag_size',
  },
  'vrb-no-source': {
    layer: '6lowpan',
    riot: 'With minimal forwarding a fragment without source or IPv6 header fails an assertion; said, not forwarded.',
    rfc: 'It is not forwarded.',
    seen: 'sixlowpan/frag/vrb/gnrc_sixlowpan_frag_vrb.c, gnrc_sixlowpan_frag_vrb_get, _add, _from_route',
  },
  'vrb-leak': {
    layer: '6lowpan',
    riot: 'A fragment that cannot be noted or marked for forwarding stays in the packet buffer for ever.',
    rfc: 'It is freed.',
    seen: 'sixlowpan/frag/rb/gnrc_sixlowpan_frag_rb.c, _rbuf_add, _forward_frag',
  },
  'vrb-frees-first-entry': {
    layer: '6lowpan',
    riot: 'When an uncompressed first fragment is forwarded, the first entry for reassembly is freed, not its own.',
    rfc: 'Its own entry is freed.',
    seen: 'sixlowpan/frag/rb/gnrc_sixlowpan_frag_rb.c, _rbuf_add calls _forward_uncomp with the array',
  },

  // IPv6, ICMPv6, UDP
  'icmpv6-error-tail': {
    layer: 'icmpv6',
    riot: 'An error about a received packet quotes 40 bytes more than the packet had; they are what lay in the buffer.',
    rfc: 'The packet is quoted as it came, as far as the minimum MTU allows (RFC 4443 §2.4 c).',
    seen: 'sys/net/gnrc/network_layer/icmpv6/error/gnrc_icmpv6_error.c, _fit; a real node quoted 54 bytes as 94',
  },
  'icmpv6-error-about-error': {
    layer: 'icmpv6',
    riot: 'An error is sent about any packet, also about an ICMPv6 error or redirect: two nodes can answer each other.',
    rfc: 'No error about an error or a redirect (RFC 4443 §2.4 e.1, e.2).',
    seen: 'sys/net/gnrc/network_layer/icmpv6/error/gnrc_icmpv6_error.c, _check_ipv6_hdr',
  },
  'icmpv6-error-link-multicast': {
    layer: 'icmpv6',
    riot: 'A packet that came as a link-layer broadcast or multicast to a unicast address is answered with an error.',
    rfc: 'Only Packet Too Big and Parameter Problem code 2 are sent about such packets (RFC 4443 §2.4 e.4, e.5).',
    seen: 'sys/net/gnrc/network_layer/icmpv6/error/gnrc_icmpv6_error.c, _check_ipv6_hdr',
  },
  'icmpv6-error-no-rate-limit': {
    layer: 'icmpv6',
    riot: 'As many errors are sent as there are reasons for.',
    rfc: 'A token bucket limits them, 10 a second and 10 at once (RFC 4443 §2.4 f).',
    seen: 'sys/net/gnrc/network_layer/icmpv6/error/gnrc_icmpv6_error.c',
  },
  'icmpv6-error-beyond-min-mtu': {
    layer: 'icmpv6',
    riot: 'An error about a received packet fills the MTU of the interface; one about an own packet quotes all of it.',
    rfc: 'The error is at most 1280 bytes long (RFC 4443 §2.4 c).',
    seen: 'sys/net/gnrc/network_layer/icmpv6/error/gnrc_icmpv6_error.c, _fit',
  },
  'icmpv6-echo-send-leak': {
    layer: 'icmpv6',
    riot: 'An echo request whose IPv6 header finds no room stays in the packet buffer for ever, and counts as sent.',
    rfc: 'The request is freed, and the caller told so (-ENOMEM).',
    seen: 'sys/net/gnrc/network_layer/icmpv6/echo/gnrc_icmpv6_echo.c, gnrc_icmpv6_echo_send',
  },
  'ipv6-source-not-checked': {
    layer: 'ipv6',
    riot: 'A packet from a multicast address or from ::1 is taken from the air like any other, and answered.',
    rfc: 'It is dropped: neither is ever the source of a packet on a link (RFC 4291 §2.5.3, §2.7).',
    seen: 'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c, _receive',
  },
  'ipv6-loopback-from-air': {
    layer: 'ipv6',
    riot: 'A packet to ::1 that comes from the air is delivered.',
    rfc: 'It is dropped (RFC 4291 §2.5.3).',
    seen: 'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c, _pkt_not_for_me',
  },
  'ipv6-hop-limit-zero': {
    layer: 'ipv6',
    riot: 'A packet for the board itself with hop limit 0 is refused with Time Exceeded.',
    rfc: 'Its destination handles it as any other (RFC 8200 §3).',
    seen: 'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c, _receive',
  },
  'ipv6-forwards-multicast': {
    layer: 'ipv6',
    riot: 'A router sends on packets to groups of larger than link-local scope over all interfaces, also back ' +
      'to where they came from.',
    rfc: 'They go no further without multicast routing (RFC 4291 §2.7, RFC 1812 §5.2.1.1).',
    seen: 'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c, _receive and _send_multicast',
  },
  'ipv6-forwards-unspecified-source': {
    layer: 'ipv6',
    riot: 'A router forwards packets from the unspecified address.',
    rfc: 'It never does (RFC 4291 §2.5.2).',
    seen: 'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c, _receive',
  },
  'ipv6-unknown-next-header-silent': {
    layer: 'ipv6',
    riot: 'A packet with a next header that nobody knows is dropped without a word.',
    rfc: 'Parameter Problem code 1 with the place of the next header (RFC 8200 §4).',
    seen: 'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c, _dispatch_next_header',
  },
  'ipv6-ext-not-built-in': {
    layer: 'ipv6',
    riot: 'Without module gnrc_ipv6_ext a packet with an extension header is dropped.',
    rfc: 'Extension headers are handled (RFC 8200 §4).',
    seen: 'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c, _receive',
  },
  'ipv6-ext-skips-unsupported': {
    layer: 'ipv6',
    riot: 'Headers that are not supported (AH, ESP, mobility, fragments without module gnrc_ipv6_ext_frag) are ' +
      'passed over as if they were options.',
    rfc: 'Parameter Problem code 1 (RFC 8200 §4).',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/gnrc_ipv6_ext.c, _demux',
  },
  'ipv6-ext-options-skipped': {
    layer: 'ipv6',
    riot: 'Without module gnrc_ipv6_ext_opt options are passed over, whatever their type asks for.',
    rfc: 'The two top bits of an unknown option decide (RFC 8200 §4.2).',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/gnrc_ipv6_ext.c, _demux',
  },
  'ipv6-ext-rh-as-fragment': {
    layer: 'ipv6',
    riot: 'With module gnrc_ipv6_ext_frag and without gnrc_ipv6_ext_rh a routing header is read as a fragment header.',
    rfc: 'A routing header is handled as one (RFC 8200 §4.4).',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/gnrc_ipv6_ext.c, _demux: a case that falls through',
  },
  'ipv6-ext-rh-skipped': {
    layer: 'ipv6',
    riot: 'Without module gnrc_ipv6_ext_rh a routing header is passed over; with _ext_opt it fails an assertion.',
    rfc: 'An unknown type with segments left is refused: Parameter Problem code 0 (RFC 8200 §4.4).',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/gnrc_ipv6_ext.c, _demux',
  },
  'ipv6-frag-overlap': {
    layer: 'ipv6',
    riot: 'A fragment that overlaps others is copied over them.',
    rfc: 'The whole datagram is discarded (RFC 8200 §4.5).',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/frag/gnrc_ipv6_ext_frag.c, _overlaps',
  },
  'ipv6-frag-reserves': {
    layer: 'ipv6',
    riot: 'A fragment reserves room for all that would come before it: one of 8 bytes nearly all of the packet buffer.',
    rfc: 'What has come is kept, and no more.',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/frag/gnrc_ipv6_ext_frag.c, gnrc_ipv6_ext_frag_reass',
  },
  'ipv6-frag-leak': {
    layer: 'ipv6',
    riot: 'If the first fragment does not come first, the headers of the one that did stay in the packet ' +
      'buffer for ever.',
    rfc: 'They are freed.',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/frag/gnrc_ipv6_ext_frag.c, gnrc_ipv6_ext_frag_reass',
  },
  'ipv6-frag-atomic': {
    layer: 'ipv6',
    riot: 'A packet that is its only fragment ends the reassembly of another with its id, or for which there ' +
      'is no room beside it.',
    rfc: 'It is handled by itself (RFC 6946 §4, RFC 8200 §4.5).',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/frag/gnrc_ipv6_ext_frag.c, gnrc_ipv6_ext_frag_reass',
  },
  'ipv6-frag-timeout': {
    layer: 'ipv6',
    riot: 'A datagram is given up 10 s after its latest fragment, without a word.',
    rfc: '60 s after its first, with Time Exceeded code 1 if that with offset 0 is there (RFC 8200 §4.5).',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/frag/gnrc_ipv6_ext_frag.c, gnrc_ipv6_ext_frag_rbuf_gc',
  },
  'ipv6-frag-bad-length-silent': {
    layer: 'ipv6',
    riot: 'A fragment of a wrong length, or beyond 65535, ends the whole reassembly without a word.',
    rfc: 'Only that fragment is discarded, with Parameter Problem code 0 (RFC 8200 §4.5).',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/frag/gnrc_ipv6_ext_frag.c, gnrc_ipv6_ext_frag_reass',
  },
  'ipv6-frag-header-chain': {
    layer: 'ipv6',
    riot: 'A first fragment may end before the upper-layer header.',
    rfc: 'It is refused with Parameter Problem code 3 (RFC 8200 §4.5, RFC 7112).',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/frag/gnrc_ipv6_ext_frag.c, gnrc_ipv6_ext_frag_reass',
  },
  'ipv6-frag-next-header': {
    layer: 'ipv6',
    riot: 'What a reassembled packet carries is what the fragment that came last says.',
    rfc: 'What the first fragment says (RFC 8200 §4.5).',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/gnrc_ipv6_ext.c, gnrc_ipv6_ext_process_all',
  },
  'ipv6-frag-override-newest': {
    layer: 'ipv6',
    riot: 'With several reassembly buffers all in use the one used last is given up.',
    rfc: 'The one that was used longest ago.',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/frag/gnrc_ipv6_ext_frag.c, gnrc_ipv6_ext_frag_rbuf_get',
  },
  'ipv6-frag-empty-last': {
    layer: 'ipv6',
    riot: 'A datagram that fills its last fragment to a multiple of 8 of the MTU is sent with an empty ' +
      'fragment at its end, which RIOT itself refuses.',
    rfc: 'The full fragment is the last one.',
    seen: 'sys/net/gnrc/network_layer/ipv6/ext/frag/gnrc_ipv6_ext_frag.c, gnrc_ipv6_ext_frag_send',
  },
  'ipv6-no-path-mtu': {
    layer: 'ipv6',
    riot: 'Packet Too Big messages are passed over: later packets are as large as before.',
    rfc: 'The path MTU of the destination is kept for 10 minutes (RFC 8201 §4, §5).',
    seen: 'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c, _fragment_pkt_if_needed; gnrc_icmpv6.c, gnrc_icmpv6_demux',
  },
  'udp-length-not-checked': {
    layer: 'udp',
    riot: 'The length field of a received datagram is not looked at: what is there counts.',
    rfc: 'Less than 8 or more than there is: dropped; less than there is: cut (RFC 768, RFC 8200 §8.1).',
    seen: 'sys/net/gnrc/transport_layer/udp/gnrc_udp.c, _receive',
  },

  // neighbour information base
  'nib-abro-version': {
    layer: 'nib',
    riot: 'A border router option of a newer version leaves version and lifetime of the entry as they were, ' +
      'one of an older version replaces them: a 6LR tells on version 0 and a lifetime that is none.',
    rfc: 'A newer version replaces what is known, an advertisement of an older one is ignored (RFC 6775 §8.1.3).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-6ln.c, _handle_abro: the comparison is the wrong way round',
  },
  'nib-6lr-needs-abro': {
    layer: 'nib',
    riot: 'A 6LR ignores an advertisement without border router option.',
    rfc: 'It takes it (RFC 6775 §8.1: multihop distribution is optional).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib.c, _handle_rtr_adv',
  },
  'nib-no-ra-without-abr': {
    layer: 'nib',
    riot: 'A 6LR that knows no border router answers no router solicitation.',
    rfc: 'It advertises itself and its prefixes (RFC 6775 §6.3, §6.4).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-router.c, _snd_rtr_advs',
  },
  'nib-6lo-silent-drop': {
    layer: 'nib',
    riot: 'On a 6LoWPAN link a packet to an on-link address that is no neighbour is dropped without a word.',
    rfc: 'Its sender is told that the address is unreachable (RFC 4861 §7.2.2, RFC 4443 §3.1 code 3).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib.c, _resolve_addr',
  },
  'nib-duplicate-takes-address': {
    layer: 'nib',
    riot: 'Who asks to register an address that another node has registered is told that it is a duplicate, but its ' +
      'link-layer address replaces that of the other node.',
    rfc: 'The entry stays as it is (RFC 6775 §6.5.1).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-6lr.c, _reg_addr_upstream: _handle_sl2ao() comes first',
  },
  'nib-aro-error-to-source': {
    layer: 'nib',
    riot: 'A refused registration is answered to the address that was refused: who asks for a global address ' +
      'that finds no room hears nothing, since that address is no neighbour.',
    rfc: 'The answer goes to the link-local address of the EUI-64 that asks (RFC 6775 §6.5.2).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib.c, _handle_nbr_sol',
  },
  'nib-no-deregistration': {
    layer: 'nib',
    riot: 'A registration with lifetime 0 is not answered, and removes nothing.',
    rfc: 'It removes the entry and is answered with success (RFC 6775 §6.5.1, §6.5.2).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-6lr.c, _copy_and_handle_aro hands on no entry',
  },
  'nib-aro-request-status': {
    layer: 'nib',
    riot: 'The status field of a request to register an address is not looked at.',
    rfc: 'A solicitation with another status than 0 is ignored (RFC 6775 §6.5).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-6lr.c',
  },
  'nib-na-other-address': {
    layer: 'nib',
    riot: 'A solicited advertisement without override flag confirms a neighbour even if it tells another link-layer ' +
      'address.',
    rfc: 'A reachable neighbour becomes stale, otherwise it is ignored (RFC 4861 §7.2.5).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-arsm.c, _tl2ao_changes_nce: && instead of ||',
  },
  'nib-unreachable-stays': {
    layer: 'nib',
    riot: 'An unreachable neighbour stays so when it solicits with the link-layer address that is known: the answer ' +
      'finds no next hop.',
    rfc: 'It becomes stale, as one would whose entry was deleted, and is answered (RFC 4861 §7.2.3, §7.3.3).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-arsm.c, _handle_sl2ao',
  },
  'nib-probes-not-limited': {
    layer: 'nib',
    riot: 'Each packet to an unreachable neighbour has it solicited at once: two that are unreachable to each other ' +
      'answer each solicitation with one of their own, as fast as they can.',
    rfc: 'A neighbour is solicited once every RetransTimer at most (RFC 4861 §7.2.2).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-arsm.c, _probe_nbr: looks at when the next is due only',
  },
  'nib-replaces-reachable': {
    layer: 'nib',
    riot: 'When the neighbour cache is full, the entry that was there longest is replaced, even if it is in use.',
    rfc: 'Neighbours that are known to be reachable stay (RFC 6583 §4, §7).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-internal.c, _cache_out_onl_entry',
  },
  'nib-na-keeps-router': {
    layer: 'nib',
    riot: 'A default router that advertises itself without router flag stays a default router.',
    rfc: 'It is no default router any more (RFC 4861 §7.2.5).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-arsm.c, _handle_adv_l2',
  },
  'nib-ns-sl2ao-unspecified': {
    layer: 'nib',
    riot: 'A neighbour solicitation from the unspecified address with a source link-layer address is answered.',
    rfc: 'It is invalid (RFC 4861 §7.1.1).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib.c, _handle_nbr_sol',
  },
  'nib-ra-lifetime-9000': {
    layer: 'nib',
    riot: 'On classic links an advertisement with a router lifetime above 9000 s is ignored.',
    rfc: 'It is valid (RFC 8319 §4).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib.c, _handle_rtr_adv',
  },
  'nib-second-router': {
    layer: 'nib',
    riot: 'An advertisement of a router that finds no room in the default router list is ignored altogether.',
    rfc: 'Its parameters and options are taken (RFC 4861 §6.3.4).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib.c, _handle_rtr_adv',
  },
  'nib-mtu-16-bits': {
    layer: 'nib',
    riot: 'An MTU option above 65535 sets the interface\'s MTU to its low 16 bits; one above the link\'s MTU is taken.',
    rfc: 'An MTU above the link\'s own is ignored (RFC 4861 §6.3.4).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib.c, _handle_mtuo',
  },
  'nib-pio-any-length': {
    layer: 'nib',
    riot: 'An address is made of a prefix of any length; one longer than 64 bits overwrites the interface identifier.',
    rfc: 'A prefix that is not of 64 bits makes no address (RFC 4862 §5.5.3 d).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-slaac.c, _auto_configure_addr',
  },
  'nib-pio-two-hours': {
    layer: 'nib',
    riot: 'A prefix option sets the lifetime of its addresses to any value, 0 included.',
    rfc: 'The rest of a lifetime is not cut below two hours (RFC 4862 §5.5.3 e).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib.c, _handle_pio',
  },
  'nib-deprecated-stays': {
    layer: 'nib',
    riot: 'On a classic link a deprecated address stays so when its prefix is advertised anew.',
    rfc: 'It is preferred again (RFC 4862 §5.5.4).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-slaac.c, _auto_configure_addr',
  },
  'nib-zero-lifetime-refetch': {
    layer: 'nib',
    riot: 'A context or prefix whose lifetime is 0 makes a 6LN solicit routers at once, and again with each answer.',
    rfc: 'Routers are solicited before what still lives expires (RFC 6775 §5.3, §5.4).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib.c, _handle_rtr_adv: 3/4 of the earliest of all lifetimes',
  },
  'nib-ra-options-leak': {
    layer: 'nib',
    riot: 'When the packet buffer has no room for all options of an advertisement, those that it has stay there for ' +
      'ever, and the advertisement goes without any.',
    rfc: 'They are freed.',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-router.c, _build_ext_opts',
  },
  'nib-anycast-no-answer': {
    layer: 'nib',
    riot: 'A solicitation for an anycast address is answered only where that address is a neighbour too, and with ' +
      'the override flag if the answer tells no link-layer address.',
    rfc: 'It is answered, without override flag (RFC 4861 §7.2.4, §7.2.7).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib.c, _send_delayed_nbr_adv',
  },
  'nib-anycast-leak': {
    layer: 'nib',
    riot: 'An answer for an anycast address that waits to be sent stays in the packet buffer for ever when another ' +
      'solicitation comes.',
    rfc: 'It is freed.',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib.c, _send_delayed_nbr_adv',
  },
  'nib-ra-delay-inverted': {
    layer: 'nib',
    riot: 'An advertisement to all that answers a solicitation waits 3 s more if the last one was long ago.',
    rfc: 'It waits so that there are 3 s since the last one (RFC 4861 §6.2.6).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib.c, _handle_rtr_sol',
  },
  'nib-longest-match': {
    layer: 'nib',
    riot: 'Of the routes that match a destination the one is taken with whose padded prefix it has the most bits in ' +
      'common: a short prefix can win over a long one.',
    rfc: 'The longest prefix is taken (RFC 4861 §5.2, RFC 7608).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-internal.c, _nib_offl_get_match',
  },
  'nib-nc-set-lock': {
    layer: 'nib',
    riot: 'A neighbour that is not link-local, set by hand on a 6LN without address resolution, locks the NIB ' +
      'for ever.',
    rfc: 'It is refused, and the NIB goes on.',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/nib_nc.c, gnrc_ipv6_nib_nc_set: returns without _nib_release()',
  },
  'nib-asks-without-source': {
    layer: 'nib',
    riot: 'Who has no valid address yet resolves one from the unspecified address: the neighbour, if its address is ' +
      'still tentative, takes it for a duplicate and gives it up.',
    rfc: 'A solicitation waits until there is a source address (RFC 4861 §7.2.2).',
    seen: 'sys/net/gnrc/network_layer/ndp/gnrc_ndp.c, gnrc_ndp_nbr_sol_send',
  },
  'nib-dad-source': {
    layer: 'nib',
    riot: 'Duplicate address detection of a further address asks from the link-local address; who detects the same ' +
      'address takes that for address resolution.',
    rfc: 'It asks from the unspecified address (RFC 4862 §5.4.2).',
    seen: 'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c, _fill_ipv6_hdr: an unspecified source is always replaced',
  },
  'nib-dad-no-delay': {
    layer: 'nib',
    riot: 'Duplicate address detection begins at once.',
    rfc: 'The first solicitation of an interface waits a random time below 1 s (RFC 4862 §5.4.2).',
    seen: 'sys/net/gnrc/network_layer/ipv6/nib/_nib-slaac.c, _handle_dad',
  },

  // sock
  'sock-recv-empty-leak': {
    layer: 'sock',
    riot: 'sock_udp_recv() and sock_ip_recv() return 0 for an empty payload and never free the packet: its headers ' +
      'stay in the packet buffer, 224 bytes on native64.',
    rfc: 'The packet is freed: a datagram without data is like any other (RFC 768).',
    seen: 'sys/net/gnrc/sock/udp/gnrc_sock_udp.c, sock_udp_recv_aux: the loop ends at 0 with the context still set',
  },
  'sock-send-leak': {
    layer: 'sock',
    riot: 'A send that finds no room for the IPv6 header returns -ENOMEM and never frees payload and UDP header.',
    rfc: 'They are freed.',
    seen: 'sys/net/gnrc/sock/gnrc_sock.c, gnrc_sock_send',
  },
  'sock-async-close-leak': {
    layer: 'sock',
    riot: 'With module sock_async a sock that is closed never frees the packets that it has not delivered.',
    rfc: 'They are freed, as without the module.',
    seen: 'sys/net/gnrc/netreg/gnrc_netreg.c, gnrc_netreg_unregister: drains entries of type mbox only',
  },
  'sock-reuse-list': {
    layer: 'sock',
    riot: 'With module gnrc_sock_check_reuse the sock that was created last stays in the list of all after its ' +
      'close: its end point stays in use.',
    rfc: 'A closed sock is taken off the list.',
    seen: 'sys/net/gnrc/sock/udp/gnrc_sock_udp.c, sock_udp_close: LL_DELETE on a copy of the list head',
  },

  // DTLS: the engine; what sock_dtls adds
  'dtls-no-retransmission': {
    layer: 'dtls',
    riot: 'A flight of a handshake is sent once: nothing calls dtls_check_retransmit().',
    rfc: 'It is sent again after 1 s, 2 s, 4 s … up to 60 s, seven times, and a server answers a Finished that comes ' +
      'again with its last flight (RFC 6347 §4.2.4).',
    seen: 'captures f-noserver, f-wrongkey; pkg/tinydtls/contrib/sock_dtls.c',
  },
  'dtls-silent-peer': {
    layer: 'dtls',
    riot: 'A handshake in which nothing comes any more keeps its peer, its keys and its handshake for ever.',
    rfc: 'It is given up after the last retransmission, and its slots are free (RFC 6347 §4.2.4.1).',
    seen: 'tinydtls dtls.c, dtls_retransmit: frees the stored message only; capture f-wrongkey',
  },
  'dtls-no-reassembly': {
    layer: 'dtls',
    riot: 'A fragmented handshake message is answered with a fatal handshake_failure, and so are two in one record.',
    rfc: 'Fragments are put together, in any order and overlapping, and a record may hold several messages ' +
      '(RFC 6347 §4.2.3).',
    seen: 'tinydtls dtls.c, handle_handshake: No fragment support (yet)',
  },
  'dtls-plain-alert': {
    layer: 'dtls',
    riot: 'A plain alert ends a handshake, unless the Finished is awaited: anyone can send one.',
    rfc: 'Alerts that are not authentic are ignored; a handshake that is really over is given up by its timer ' +
      '(RFC 6347 §4.1.2.7).',
    seen: 'tinydtls dtls.c, dtls_handle_message and handle_alert',
  },
  'dtls-handshake-pool-leak': {
    layer: 'dtls',
    riot: 'A client that finds no room for a handshake has taken a peer, and keeps it.',
    rfc: 'The peer is freed.',
    seen: 'tinydtls dtls.c, dtls_connect_peer: returns -1 with the peer in the list',
  },
  'dtls-connected-again': {
    layer: 'dtls',
    riot: 'Each handshake record on a session that is connected tells the sock "connected" once more.',
    rfc: 'It is told when the handshake ends.',
    seen: 'tinydtls dtls.c, dtls_handle_message: event after any handshake record that is no error',
  },
  'dtls-unknown-identity': {
    layer: 'dtls',
    riot: 'A server answers an unknown PSK identity with internal_error (80).',
    rfc: 'It answers with unknown_psk_identity (115) (RFC 4279 §2).',
    seen: 'pkg/tinydtls/contrib/sock_dtls.c, _get_psk_info; capture f-wrongid',
  },
  'dtls-hello-verify-unlimited': {
    layer: 'dtls',
    riot: 'A client answers any number of HelloVerifyRequests, each with a ClientHello.',
    rfc: 'It answers two in a handshake (RFC 6347 §4.2.1).',
    seen: 'tinydtls dtls.c, check_server_hello_verify_request',
  },
  'dtls-cookie-secret': {
    layer: 'dtls',
    riot: 'The secret of a sock\'s cookies never changes: a cookie is good for ever.',
    rfc: 'It changes each hour, and a cookie is good until the second change (RFC 6347 §4.2.1).',
    seen: 'tinydtls dtls.c, dtls_new_context: cookie_secret_age is never read',
  },
  'dtls-double-free': {
    layer: 'dtls',
    riot: 'A session that is ended while the stored messages fill NETQ_MAXCNT, as each flight of a handshake does, ' +
      'frees its peer twice.',
    rfc: 'The alert is sent, and the peer freed once.',
    seen: 'tinydtls dtls.c, dtls_send_alert: handle_alert() on itself when netq_node_new() fails',
  },
  'dtls-ecdsa-key-leak': {
    layer: 'dtls',
    riot: 'A handshake that is given up keeps its place among the four own ECDSA keys until an equal session is ' +
      'connected.',
    rfc: 'The place is free with the peer.',
    seen: 'pkg/tinydtls/contrib/sock_dtls.c, _get_ecdsa_key and _event',
  },
  'dtls-plain-replay-window': {
    layer: 'dtls',
    riot: 'The records of a handshake that are not encrypted have a replay window: a forged one with a far number ' +
      'makes the genuine ones too old.',
    rfc: 'What is not authentic moves no window (RFC 6347 §4.1.2.6); the numbers of the messages keep copies apart.',
    seen: 'tinydtls dtls.c, dtls_handle_message',
  },
  'dtls-async-packet-leak': {
    layer: 'dtls',
    riot: 'With callbacks, a datagram whose data is longer than the buffer of the recv stays in the packet buffer, and ' +
      'the sock handles no other one after it.',
    rfc: 'The data is lost, and the packet is freed.',
    seen: 'pkg/tinydtls/contrib/sock_dtls.c, _copy_buffer: returns -ENOBUFS with buf_ctx still set',
  },
  'dtls-second-record-lost': {
    layer: 'dtls',
    riot: 'Of the records with data in one datagram, and of those that come before a recv, the first is told and the ' +
      'others are dropped.',
    rfc: 'Four more are kept (RFC 6347 §4.1.1: a datagram may hold several records).',
    seen: 'pkg/tinydtls/contrib/sock_dtls.c, _read',
  },
  'dtls-poll-timed-out': {
    layer: 'dtls',
    riot: 'A recv with time-out 0 that has handled a datagram returns -ETIMEDOUT; the next one tells what came of it.',
    rfc: 'It tells it at once, and else handles the next datagram until none waits: -EAGAIN, as the header says.',
    seen: 'pkg/tinydtls/contrib/sock_dtls.c, sock_dtls_recv_aux; executed on native64',
  },
  'dtls-send-timeout': {
    layer: 'dtls',
    riot: 'A send with a time-out and without a session never succeeds: it waits for a message that is never sent, takes ' +
      'every other message of its thread, and resets the session.',
    rfc: 'It waits until another thread\'s recv has finished the handshake, takes no message, and sends.',
    seen: 'pkg/tinydtls/contrib/sock_dtls.c, sock_dtls_sendv_aux and _event; executed on native64',
  },
  'dtls-send-while-handshake': {
    layer: 'dtls',
    riot: 'A send while the handshake goes on returns 0, and sends nothing.',
    rfc: 'It returns -ENOTCONN, as without a session.',
    seen: 'pkg/tinydtls/contrib/sock_dtls.c, sock_dtls_sendv_aux; tinydtls dtls.c, dtls_writev',
  },
  'dtls-send-too-long': {
    layer: 'dtls',
    riot: 'A send of data that has no room in DTLS_MAX_BUF returns -592, an alert and no errno.',
    rfc: 'It returns -ENOMEM, as the header says.',
    seen: 'tinydtls dtls.c, dtls_prepare_record; executed on native64',
  },
  'dtls-role-not-enforced': {
    layer: 'dtls',
    riot: 'A sock made for a client answers ClientHellos as a server does.',
    rfc: 'It ignores them.',
    seen: 'pkg/tinydtls/contrib/sock_dtls.c, sock_dtls_create: role is stored and never read',
  },
  'dtls-empty-record-replay': {
    layer: 'dtls',
    riot: 'A record without text is not marked as received: it can be replayed.',
    rfc: 'It is marked as any other (RFC 6347 §4.1.2.6).',
    seen: 'tinydtls dtls.c, dtls_handle_message: data_length > 0',
    default: 'off',
  },
  'dtls-finished-tail': {
    layer: 'dtls',
    riot: 'A Finished may have bytes behind its verify_data.',
    rfc: 'Its length is exact (RFC 5246 §7.4.9).',
    seen: 'tinydtls dtls.c, check_finished: the length is only compared with <',
    default: 'off',
  },
} as const satisfies Record<string, Quirk>;

export type QuirkId = keyof typeof QUIRKS;

/** What a board does where RIOT has shortcomings: as RIOT, or as the RFCs. */
export type Profile = 'riot' | 'rfc';

export const PROFILES: readonly Profile[] = ['riot', 'rfc'];

/** Whether the running board has a quirk; tells the trace so if it has. */
export function quirk(id: QuirkId): boolean {
  const { quirks } = current();
  const on = quirks === null ? hasByDefault(id) : quirks.has(id);
  if (on && tracing()) trace({ layer: 'quirk', type: 'quirk', id });
  return on;
}

function hasByDefault(id: QuirkId): boolean {
  return (QUIRKS[id] as Quirk).default !== 'off';
}

/**
 * The quirks of a board.
 * @param own  quirks switched on or off by their ids; they come after the profile
 * @returns their ids; null for profile `riot` without exceptions
 * @throws RangeError for an id that there is not; names it and those that there are
 */
export function quirksOf(
  profile: Profile, own: Readonly<Record<string, boolean>> = {},
): ReadonlySet<string> | null {
  const ids = Object.keys(QUIRKS) as QuirkId[];
  const exceptions = Object.entries(own);
  if (profile === 'riot' && exceptions.length === 0) return null;
  const quirks = new Set<string>(profile === 'riot' ? ids.filter(hasByDefault) : []);
  for (const [id, on] of exceptions) {
    if (!(id in QUIRKS)) throw new RangeError(`unknown quirk ${id}; there are: ${ids.join(', ')}`);
    if (on) quirks.add(id);
    else quirks.delete(id);
  }
  return quirks;
}
