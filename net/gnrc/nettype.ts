// Protocol types of the stack (RIOT sys/include/net/gnrc/nettype.h).
//
// In C the numbers depend on the modules that are built in. Here they are fixed, and all there.

export type gnrc_nettype_t = number;

/** Wakes who waits for a packet to leave, see tx_sync.ts; not usable with netreg. */
export const GNRC_NETTYPE_TX_SYNC: gnrc_nettype_t = -3;
/** A gnrc_netif_hdr_t; not usable with netreg. */
export const GNRC_NETTYPE_NETIF: gnrc_nettype_t = -1;
export const GNRC_NETTYPE_UNDEF: gnrc_nettype_t = 0;
export const GNRC_NETTYPE_SIXLOWPAN: gnrc_nettype_t = 1;
export const GNRC_NETTYPE_IPV6: gnrc_nettype_t = 2;
export const GNRC_NETTYPE_IPV6_EXT: gnrc_nettype_t = 3;
export const GNRC_NETTYPE_ICMPV6: gnrc_nettype_t = 4;
export const GNRC_NETTYPE_TCP: gnrc_nettype_t = 5;
export const GNRC_NETTYPE_UDP: gnrc_nettype_t = 6;
export const GNRC_NETTYPE_L2_DISCOVERY: gnrc_nettype_t = 7;
export const GNRC_NETTYPE_L3_ROUTING: gnrc_nettype_t = 8;
/** Usable with test vectors. */
export const GNRC_NETTYPE_TEST: gnrc_nettype_t = 9;
export const GNRC_NETTYPE_NUMOF = 10;

export const PROTNUM_IPV6_EXT_HOPOPT = 0;
export const PROTNUM_TCP = 6;
export const PROTNUM_UDP = 17;
export const PROTNUM_IPV6 = 41;
export const PROTNUM_IPV6_EXT_RH = 43;
export const PROTNUM_IPV6_EXT_FRAG = 44;
export const PROTNUM_IPV6_EXT_ESP = 50;
export const PROTNUM_IPV6_EXT_AH = 51;
export const PROTNUM_ICMPV6 = 58;
export const PROTNUM_IPV6_NONXT = 59;
export const PROTNUM_IPV6_EXT_DST = 60;
export const PROTNUM_IPV6_EXT_MOB = 135;
export const PROTNUM_RESERVED = 255;

/** The type that belongs to an IANA protocol number; GNRC_NETTYPE_UNDEF for an unknown one. */
export function gnrc_nettype_from_protnum(num: number): gnrc_nettype_t {
  switch (num) {
    case PROTNUM_ICMPV6: return GNRC_NETTYPE_ICMPV6;
    case PROTNUM_IPV6: return GNRC_NETTYPE_IPV6;
    case PROTNUM_TCP: return GNRC_NETTYPE_TCP;
    case PROTNUM_UDP: return GNRC_NETTYPE_UDP;
    case PROTNUM_IPV6_EXT_HOPOPT:
    case PROTNUM_IPV6_EXT_DST:
    case PROTNUM_IPV6_EXT_RH:
    case PROTNUM_IPV6_EXT_FRAG:
    case PROTNUM_IPV6_EXT_AH:
    case PROTNUM_IPV6_EXT_ESP:
    case PROTNUM_IPV6_EXT_MOB: return GNRC_NETTYPE_IPV6_EXT;
    default: return GNRC_NETTYPE_UNDEF;
  }
}

/** The IANA protocol number of a type; PROTNUM_RESERVED for a type without one. */
export function gnrc_nettype_to_protnum(type: gnrc_nettype_t): number {
  switch (type) {
    case GNRC_NETTYPE_IPV6: return PROTNUM_IPV6;
    case GNRC_NETTYPE_ICMPV6: return PROTNUM_ICMPV6;
    case GNRC_NETTYPE_TCP: return PROTNUM_TCP;
    case GNRC_NETTYPE_UDP: return PROTNUM_UDP;
    default: return PROTNUM_RESERVED;
  }
}
