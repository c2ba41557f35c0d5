// Error codes of packets (RIOT sys/include/net/gnrc/neterr.h). Without the module gnrc_neterr, which
// no default build has, nobody is told of them.

/** A packet was handed on or sent without an error. */
export const GNRC_NETERR_SUCCESS = 0;
/** The message that module gnrc_neterr sends to the subscriber of a packet. */
export const GNRC_NETERR_MSG_TYPE = 0x0206;
