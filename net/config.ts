// The figures of the network: every CONFIG_ name and every other limit that net/ reads, with RIOT's default.
// Boards and apps override them by name, see kernel/config.ts.
import type { ConfigTable, ConfigValues } from '../kernel/config.ts';
import { current } from '../kernel/current.ts';

const NETIF = 'sys/include/net/gnrc/netif/conf.h';
const SIXLOWPAN = 'sys/include/net/gnrc/sixlowpan/config.h';
const NIB = 'sys/include/net/gnrc/ipv6/nib/conf.h';
const NDP = 'sys/include/net/ndp.h';
const SIXLOWPAN_ND = 'sys/include/net/sixlowpan/nd.h';
const IPV6_EXT = 'sys/include/net/gnrc/ipv6/ext.h';
const MAC = 'sys/include/net/ieee802154.h';
const SUBMAC = 'sys/net/link_layer/ieee802154/submac.c';
const DTLS = 'sys/include/net/sock/dtls.h';
const TINYDTLS = 'tinydtls platform-specific/riot_boards.h';

export const NET_CONFIG = {
  /** Size of a pointer: it decides how much a snip takes of the packet buffer. 8 on native64, 4 on 32-bit boards. */
  SIZEOF_POINTER: { value: 8, min: 4, max: 8, unit: 'B', source: 'the architecture of the board' },

  // packet buffer
  CONFIG_GNRC_PKTBUF_SIZE:
    { value: 6144, min: 128, max: 65536, unit: 'B', source: 'sys/include/net/gnrc/pktbuf.h:79' },
  /** Whether the packet buffer looks for writes to memory that was freed, and for what is freed twice. */
  CONFIG_GNRC_PKTBUF_CHECK_USE_AFTER_FREE:
    { value: 0, min: 0, max: 1, unit: 'bool', source: 'sys/include/net/gnrc/pktbuf.h:87' },

  // netif
  CONFIG_GNRC_NETIF_MSG_QUEUE_SIZE_EXP: { value: 4, min: 0, max: 8, unit: 'log2 messages', source: NETIF },
  CONFIG_GNRC_NETIF_PKTQ_POOL_SIZE: { value: 16, min: 1, max: 255, unit: 'packets', source: NETIF },
  CONFIG_GNRC_NETIF_PKTQ_TIMER_US: { value: 5000, min: -1, max: 1_000_000, unit: 'us', source: NETIF },
  CONFIG_GNRC_NETIF_IPV6_ADDRS_NUMOF: { value: 2, min: 1, max: 16, unit: 'addresses', source: NETIF },
  GNRC_NETIF_IPV6_GROUPS_NUMOF:
    { value: 0, min: 0, max: 32, unit: 'groups (0: addresses + 1, routers 1 more)', source: NETIF + ':124' },
  CONFIG_GNRC_NETIF_DEFAULT_HL: { value: 64, min: 1, max: 255, unit: 'hops', source: NETIF },
  CONFIG_GNRC_NETIF_IPV6_BR_AUTO_6CTX: { value: 1, min: 0, max: 1, unit: 'bool', source: NETIF },

  // IEEE 802.15.4
  CONFIG_IEEE802154_DEFAULT_CHANNEL: { value: 26, min: 11, max: 26, unit: 'channel', source: MAC + ':318' },
  CONFIG_IEEE802154_DEFAULT_PANID: { value: 0x0023, min: 0, max: 0xffff, unit: 'PAN ID', source: MAC + ':389' },
  CONFIG_IEEE802154_DEFAULT_TXPOWER: { value: 0, min: -128, max: 127, unit: 'dBm', source: MAC + ':403' },
  CONFIG_IEEE802154_DEFAULT_CSMA_CA_MIN_BE: { value: 3, min: 0, max: 8, unit: 'exponent', source: MAC + ':411' },
  CONFIG_IEEE802154_DEFAULT_CSMA_CA_RETRIES: { value: 4, min: 0, max: 255, unit: 'times', source: MAC + ':418' },
  CONFIG_IEEE802154_DEFAULT_CSMA_CA_MAX_BE: { value: 5, min: 0, max: 8, unit: 'exponent', source: MAC + ':425' },
  CONFIG_IEEE802154_CCA_THRESH_DEFAULT: { value: -70, min: -128, max: 0, unit: 'dBm', source: MAC + ':432' },
  CONFIG_IEEE802154_DEFAULT_MAX_FRAME_RETRANS: { value: 4, min: 0, max: 255, unit: 'times', source: MAC + ':439' },
  CONFIG_IEEE802154_DEFAULT_ACK_REQ: { value: 1, min: 0, max: 1, unit: 'bool', source: MAC },
  ACK_TIMEOUT_US: { value: 864, min: 1, max: 65535, unit: 'us', source: SUBMAC },
  CSMA_SENDER_BACKOFF_PERIOD_UNIT_US: { value: 320, min: 1, max: 65535, unit: 'us', source: SUBMAC },
  SIFS_PERIOD_US: { value: 192, min: 1, max: 65535, unit: 'us', source: SUBMAC },

  // 6LoWPAN
  CONFIG_GNRC_SIXLOWPAN_MSG_QUEUE_SIZE_EXP: { value: 3, min: 0, max: 8, unit: 'log2 messages', source: SIXLOWPAN },
  CONFIG_GNRC_SIXLOWPAN_FRAG_FB_SIZE: { value: 1, min: 1, max: 255, unit: 'datagrams', source: SIXLOWPAN },
  CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE: { value: 4, min: 1, max: 255, unit: 'datagrams', source: SIXLOWPAN },
  CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_TIMEOUT_US:
    { value: 3_000_000, min: 1, max: 0xffffffff, unit: 'us', source: SIXLOWPAN },
  CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DO_NOT_OVERRIDE:
    { value: 0, min: 0, max: 1, unit: 'bool', source: SIXLOWPAN },
  CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DEL_TIMER: { value: 0, min: 0, max: 0xffffffff, unit: 'us', source: SIXLOWPAN },
  CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_SIZE: { value: 16, min: 1, max: 255, unit: 'entries', source: SIXLOWPAN },
  CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_TIMEOUT_US:
    { value: 3_000_000, min: 1, max: 0xffffffff, unit: 'us', source: SIXLOWPAN },
  CONFIG_GNRC_SIXLOWPAN_ND_AR_LTIME: { value: 15, min: 1, max: 65535, unit: 'min', source: SIXLOWPAN },
  GNRC_SIXLOWPAN_CTX_SIZE:
    { value: 16, min: 1, max: 16, unit: 'contexts', source: 'sys/include/net/gnrc/sixlowpan/ctx.h' },
  SIXLOWPAN_ND_MIN_CTX_CHANGE_SEC_DELAY: { value: 300, min: 1, max: 65535, unit: 's', source: SIXLOWPAN_ND },
  SIXLOWPAN_ND_REG_TRANSMIT_NUMOF: { value: 3, min: 1, max: 255, unit: 'times', source: SIXLOWPAN_ND },
  SIXLOWPAN_ND_TENTATIVE_NCE_SEC_LTIME: { value: 20, min: 1, max: 65535, unit: 's', source: SIXLOWPAN_ND },
  SIXLOWPAN_ND_OPT_ABR_LTIME_DEFAULT: { value: 10000, min: 1, max: 65535, unit: 'min', source: SIXLOWPAN_ND },
  SIXLOWPAN_ND_RS_MSEC_INTERVAL: { value: 10000, min: 1, max: 0xffffffff, unit: 'ms', source: SIXLOWPAN_ND },
  SIXLOWPAN_ND_MAX_RS_NUMOF: { value: 3, min: 1, max: 255, unit: 'times', source: SIXLOWPAN_ND },
  SIXLOWPAN_ND_MAX_RS_SEC_INTERVAL: { value: 60, min: 1, max: 65535, unit: 's', source: SIXLOWPAN_ND },

  // IPv6, UDP, sock
  CONFIG_GNRC_IPV6_MSG_QUEUE_SIZE_EXP:
    { value: 3, min: 0, max: 8, unit: 'log2 messages', source: 'sys/include/net/gnrc/ipv6.h:146' },
  CONFIG_GNRC_IPV6_EXT_FRAG_SEND_SIZE: { value: 1, min: 1, max: 255, unit: 'datagrams', source: IPV6_EXT },
  CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_SIZE: { value: 1, min: 1, max: 255, unit: 'datagrams', source: IPV6_EXT },
  CONFIG_GNRC_IPV6_EXT_FRAG_LIMITS_POOL_SIZE:
    { value: 0, min: 0, max: 65535, unit: 'fragments (0: twice RBUF_SIZE)', source: IPV6_EXT },
  CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_TIMEOUT_US:
    { value: 10_000_000, min: 1, max: 0x7fffffff, unit: 'us', source: IPV6_EXT },
  CONFIG_GNRC_IPV6_EXT_FRAG_RBUF_DO_NOT_OVERRIDE: { value: 0, min: 0, max: 1, unit: 'bool', source: IPV6_EXT },
  ICMPV6_ERROR_RATE: { value: 10, min: 1, max: 1000, unit: 'errors/s, profile rfc', source: 'RFC 4443 §2.4 f' },
  ICMPV6_ERROR_BURST: { value: 10, min: 1, max: 1000, unit: 'errors, profile rfc', source: 'RFC 4443 §2.4 f' },
  IPV6_PATH_MTU_NUMOF: { value: 8, min: 1, max: 255, unit: 'destinations, profile rfc', source: 'RFC 8201 §5.2' },
  CONFIG_GNRC_UDP_MSG_QUEUE_SIZE_EXP:
    { value: 3, min: 0, max: 8, unit: 'log2 messages', source: 'sys/include/net/gnrc/udp.h:44' },
  CONFIG_GNRC_PKTDUMP_MSG_QUEUE_SIZE_EXP:
    { value: 3, min: 0, max: 8, unit: 'log2 messages', source: 'sys/include/net/gnrc/pktdump.h:43' },
  CONFIG_GNRC_SOCK_MBOX_SIZE_EXP:
    { value: 3, min: 0, max: 8, unit: 'log2 messages', source: 'sys/net/gnrc/sock/include/sock_types.h:59' },
  CONFIG_GNRC_SOCK_UDP_CHECK_REMOTE_ADDR:
    { value: 1, min: 0, max: 1, unit: 'bool', source: 'sys/net/gnrc/sock/include/gnrc_sock_internal.h:63' },

  // static addresses: the numbers of the interfaces, 0: the wired and the other one
  CONFIG_GNRC_IPV6_STATIC_ADDR_UPSTREAM:
    { value: 0, min: 0, max: 32767, unit: 'interface', source: 'sys/net/gnrc/network_layer/ipv6/static_addr' },
  CONFIG_GNRC_IPV6_STATIC_ADDR_DOWNSTREAM:
    { value: 0, min: 0, max: 32767, unit: 'interface', source: 'sys/net/gnrc/network_layer/ipv6/static_addr' },

  // neighbour information base
  CONFIG_GNRC_IPV6_NIB_NUMOF:
    { value: 0, min: 0, max: 255, unit: 'entries (0: 4; 16 on a 6LBR, 1 on a pure 6LN)', source: NIB + ':296' },
  CONFIG_GNRC_IPV6_NIB_ARSM: { value: -1, min: -1, max: 1, unit: 'bool (-1: not on a pure 6LN)', source: NIB },
  CONFIG_GNRC_IPV6_NIB_QUEUE_PKT:
    { value: -1, min: -1, max: 1, unit: 'bool (-1: where there is a classic link)', source: NIB },
  CONFIG_GNRC_IPV6_NIB_SLAAC:
    { value: -1, min: -1, max: 1, unit: 'bool (-1: where there is a classic link)', source: NIB },
  CONFIG_GNRC_IPV6_NIB_ABR: { value: -1, min: -1, max: 1, unit: 'bool (-1: on a 6LBR)', source: NIB },
  CONFIG_GNRC_IPV6_NIB_MULTIHOP_P6C: { value: -1, min: -1, max: 1, unit: 'bool (-1: on a 6LR)', source: NIB },
  CONFIG_GNRC_IPV6_NIB_MULTIHOP_P6C_AUTO_ADV:
    { value: -1, min: -1, max: 1, unit: 'bool (-1: as MULTIHOP_P6C)', source: NIB },
  CONFIG_GNRC_IPV6_NIB_ADV_ROUTER: { value: 0, min: 0, max: 1, unit: 'bool', source: NIB },
  CONFIG_GNRC_IPV6_NIB_SOL_ROUTER: { value: 1, min: 0, max: 1, unit: 'bool', source: NIB },
  CONFIG_GNRC_IPV6_NIB_ADD_RIO_IN_RA: { value: 0, min: 0, max: 1, unit: 'bool', source: NIB },
  CONFIG_GNRC_IPV6_NIB_ADD_RIO_IN_LAST_RA:
    { value: -1, min: -1, max: 1, unit: 'bool (-1: with gnrc_ipv6_auto_subnets)', source: NIB },
  CONFIG_GNRC_IPV6_NIB_OFFL_NUMOF: { value: 8, min: 1, max: 255, unit: 'entries', source: NIB + ':320' },
  CONFIG_GNRC_IPV6_NIB_DEFAULT_ROUTER_NUMOF: { value: 1, min: 1, max: 255, unit: 'entries', source: NIB + ':288' },
  CONFIG_GNRC_IPV6_NIB_ABR_NUMOF: { value: 1, min: 1, max: 255, unit: 'entries', source: NIB + ':328' },
  CONFIG_GNRC_IPV6_NIB_NBR_QUEUE_CAP: { value: 16, min: 1, max: 255, unit: 'packets', source: NIB + ':310' },
  CONFIG_GNRC_IPV6_NIB_REACH_TIME_RESET:
    { value: 7_200_000, min: 1, max: 0xffffffff, unit: 'ms', source: NIB + ':262' },
  CONFIG_GNRC_IPV6_NIB_NO_RTR_SOL: { value: 0, min: 0, max: 1, unit: 'bool', source: NIB },

  // neighbour discovery
  NDP_RETRANS_TIMER_MS: { value: 1000, min: 1, max: 0xffffffff, unit: 'ms', source: NDP },
  NDP_REACH_MS: { value: 30000, min: 1, max: 0xffffffff, unit: 'ms', source: NDP },
  NDP_MAX_MC_SOL_NUMOF: { value: 3, min: 1, max: 255, unit: 'times', source: NDP },
  NDP_MAX_UC_SOL_NUMOF: { value: 3, min: 1, max: 255, unit: 'times', source: NDP },
  NDP_DELAY_FIRST_PROBE_MS: { value: 5000, min: 1, max: 0xffffffff, unit: 'ms', source: NDP },
  NDP_DAD_TRANSMIT_NUMOF: { value: 1, min: 0, max: 255, unit: 'times', source: NDP },
  NDP_MAX_RS_MS_DELAY: { value: 1000, min: 0, max: 0xffffffff, unit: 'ms', source: NDP },
  NDP_RS_MS_INTERVAL: { value: 4000, min: 1, max: 0xffffffff, unit: 'ms', source: NDP },
  NDP_MAX_RS_NUMOF: { value: 3, min: 1, max: 255, unit: 'times', source: NDP },
  NDP_MAX_RA_DELAY: { value: 500, min: 1, max: 0xffffffff, unit: 'ms', source: NDP },
  NDP_MIN_MS_DELAY_BETWEEN_RAS: { value: 3000, min: 0, max: 0xffffffff, unit: 'ms', source: NDP },
  NDP_MIN_RA_INTERVAL_MS: { value: 198_000, min: 1, max: 0xffffffff, unit: 'ms', source: NDP },
  NDP_MAX_RA_INTERVAL_MS: { value: 600_000, min: 2, max: 0xffffffff, unit: 'ms', source: NDP },
  NDP_MAX_INIT_RA_INTERVAL: { value: 16_000, min: 1, max: 0xffffffff, unit: 'ms', source: NDP },
  NDP_MAX_INIT_RA_NUMOF: { value: 3, min: 0, max: 200, unit: 'times', source: NDP },
  NDP_MAX_FIN_RA_NUMOF: { value: 3, min: 1, max: 50, unit: 'times', source: NDP },
  NDP_RTR_LTIME_SEC: { value: 1800, min: 0, max: 65535, unit: 's', source: NDP },
  NDP_MAX_ANYCAST_MS_DELAY: { value: 1000, min: 1, max: 0xffffffff, unit: 'ms', source: NDP },
  NDP_MAX_RETRANS_TIMER_MS: { value: 60_000, min: 1, max: 0xffffffff, unit: 'ms', source: NDP },

  // DTLS
  CONFIG_DTLS_HANDSHAKE_BUFSIZE_EXP: { value: 8, min: 4, max: 12, unit: 'log2 B', source: DTLS + ':567' },
  CONFIG_DTLS_FORCE_EXTENDED_MASTER_SECRET: { value: 1, min: 0, max: 1, unit: 'bool', source: DTLS + ':587' },
  CONFIG_DTLS_FORCE_RENEGOTIATION_INFO: { value: 1, min: 0, max: 1, unit: 'bool', source: DTLS + ':594' },
  CONFIG_DTLS_CREDENTIALS_MAX:
    { value: 4, min: 1, max: 255, unit: 'credentials', source: 'sys/include/net/sock/dtls/creds.h' },
  CONFIG_CREDMAN_MAX_CREDENTIALS:
    { value: 2, min: 1, max: 255, unit: 'credentials', source: 'sys/include/net/credman.h:43' },
  CONFIG_SOCK_DTLS_TIMEOUT_MS:
    { value: 1000, min: 1, max: 1 << 20, unit: 'ms', source: 'sys/include/net/sock/config.h:51' },
  CONFIG_SOCK_DTLS_RETRIES: { value: 2, min: 0, max: 255, unit: 'retries', source: 'sys/include/net/sock/config.h:58' },
  CONFIG_CREDMAN_MAX_ASN1_OBJ: { value: 8, min: 1, max: 255, unit: 'objects', source: 'sys/include/net/credman.h:50' },
  SOCK_DTLS_MBOX_SIZE:
    { value: 4, min: 1, max: 128, unit: 'messages', source: 'pkg/tinydtls/include/sock_dtls_types.h' },
  CONFIG_DTLS_CONTEXT_MAX: { value: 2, min: 1, max: 255, unit: 'contexts', source: TINYDTLS },
  CONFIG_DTLS_PEER_MAX: { value: 1, min: 1, max: 255, unit: 'peers', source: TINYDTLS },
  CONFIG_DTLS_HANDSHAKE_MAX: { value: 1, min: 1, max: 255, unit: 'handshakes', source: TINYDTLS },
  DTLS_SECURITY_MAX: { value: 0, min: 0, max: 255, unit: 'sets of keys (0: peers + handshakes)', source: TINYDTLS },
  CONFIG_DTLS_PSK:
    { value: 0, min: 0, max: 1, unit: 'bool (on without ECC)', source: 'pkg/tinydtls/Makefile.dep, Makefile.include' },
  CONFIG_DTLS_ECC: { value: 0, min: 0, max: 1, unit: 'bool', source: 'pkg/tinydtls/Makefile.dep, Makefile.include' },
  NETQ_MAXCNT: { value: 0, min: 0, max: 255, unit: 'messages (0: 3, or 5 with ECC)', source: 'tinydtls netq.h:34' },
  CONFIG_DTLS_PSK_ID_HINT_MAX_SIZE: { value: 32, min: 1, max: 255, unit: 'B', source: 'sys/include/net/sock/dtls.h' },
  DTLS_MAX_BUF: { value: 200, min: 64, max: 1500, unit: 'B', source: 'pkg/tinydtls/Makefile.include' },
} as const satisfies ConfigTable;

/** The network's figures of the running board. */
export function net_config(): ConfigValues<typeof NET_CONFIG> {
  return current().config as ConfigValues<typeof NET_CONFIG>;
}
