// The static variables of RIOT's modules, as a linker finds them.
//
// Sizes are computed, not guessed: RIOT's own files, compiled, for 64 bit as in a native64 image, for 32 bit with the
// data layout of the ARM ABI (64-bit integers aligned to 8 bytes, short enums). Variables of drivers that do not
// compile on a host are added up from their declarations. Buffers and pools whose size is configured count with the
// image's configuration. Not counted, since no source gives them: what the C library and the vendors' start-up code
// keep, and padding between objects. Constant tables lie in flash.
import type { Board } from '../../boards/board.ts';
import type { ConfigValues } from '../../kernel/config.ts';
import type { NET_CONFIG } from '../../net/config.ts';
import type { GnrcParts } from '../../net/gnrc/auto_init.ts';
import { nib_conf_of, type nib_conf_t } from '../../net/gnrc/nib_conf.ts';

/** What the sizes depend on. */
export interface RamImage {
  readonly board: Board;
  readonly modules: ReadonlySet<string>;
  readonly config: ConfigValues & ConfigValues<typeof NET_CONFIG>;
  readonly parts: GnrcParts;
  /** Whether pointers have 8 bytes. */
  readonly wide: boolean;
}

export interface RamEntry {
  readonly section: string;
  readonly name: string;
  readonly when: (image: RamImage) => boolean;
  readonly bytes: (image: RamImage) => number;
  /** The RIOT file that has it. */
  readonly source: string;
}

type Size = (image: RamImage) => number;

/** So many bytes with 32-bit and with 64-bit pointers. */
const size = (on32: number, on64: number): Size => ({ wide }) => (wide ? on64 : on32);
/** An element's size, times a configured number. */
const times = (on32: number, on64: number, name: string): Size =>
  ({ wide, config }) => (wide ? on64 : on32) * config[name]!;
/** A message queue of 2^name messages of type msg_t. */
const queue = (name: string): Size => ({ wide, config }) => (wide ? 16 : 8) << config[name]!;
const stack = (name: string, less = 0): Size => ({ config }) => config[name]! - less;
/** IEEE802154_STACKSIZE_DEFAULT of sys/net/gnrc/netif/init_devs/include/init_devs.h. */
const netifStack: Size = ({ config }) => Math.max(520, config['THREAD_STACKSIZE_DEFAULT']! - 128);

const always = (): boolean => true;
const has = (name: string) => ({ modules }: RamImage): boolean => modules.has(name);
const ipv6 = ({ parts }: RamImage): boolean => parts.ipv6;
const udp = ({ parts }: RamImage): boolean => parts.udp;
const sixlowpan = ({ parts }: RamImage): boolean => parts.sixlowpan;
const netif = ({ parts }: RamImage): boolean => parts.netif;
const gnrc = ({ parts }: RamImage): boolean => parts.ipv6 || parts.netif;
const radio = ({ parts, modules }: RamImage): boolean => parts.netif && modules.has('netdev_ieee802154');
const driver = (name: string) => (image: RamImage): boolean => radio(image) && image.modules.has(name);
const submac = (image: RamImage): boolean => radio(image) && image.modules.has('netdev_ieee802154_submac');
const tap = ({ parts, modules }: RamImage): boolean => parts.netif && modules.has('netdev_tap');
const stdin = ({ modules }: RamImage): boolean => modules.has('shell') || modules.has('stdin');
/** Whether an image has timers. */
export const ztimer = (image: RamImage): boolean =>
  gnrc(image) || [...image.modules].some((name) => /^(ztimer|xtimer)/.test(name));

const nib = ({ modules, config }: RamImage): nib_conf_t => nib_conf_of(modules, config);
/** An entry of the neighbour cache: address resolution, a 6LoWPAN router's and a border router's parts come to it. */
const nibEntry: Size = (image) => {
  const { arsm, router, six_lbr } = nib(image);
  return size(56, 96)(image) + (arsm ? 16 : 0) + (router ? size(36, 64)(image) : 0) + (six_lbr ? size(4, 8)(image) : 0);
};
/** gnrc_netif_t: addresses and groups, timers of neighbour discovery, statistics. */
const netifStruct: Size = (image) => {
  const { modules, config } = image;
  const { arsm, router } = nib(image);
  const { CONFIG_GNRC_NETIF_IPV6_ADDRS_NUMOF: addrs, GNRC_NETIF_IPV6_GROUPS_NUMOF: configured } = config;
  const groups = configured !== 0 ? configured : addrs + 1 + (router ? 1 : 0) + (modules.has('gnrc_rpl') ? 1 : 0);
  const stats = ['netstats_l2', 'netstats_ipv6'].filter((name) => modules.has(name)).length;
  return (modules.has('gnrc_netif_pktq') ? size(372, 640) : size(344, 584))(image) + 16 * (groups - 3) +
    17 * (addrs - 2) + (arsm ? size(24, 40)(image) : 0) + (router ? size(24, 40)(image) : 0) + 36 * stats;
};
/** Types that packets can be registered for: three always, others with their modules. */
const nettypes = ({ modules }: RamImage): number =>
  3 + ['sixlowpan', 'ipv6', 'ipv6_ext', 'icmpv6', 'udp'].filter((name) => modules.has(`gnrc_nettype_${name}`)).length;
/** netdev_register_t within a device, where devices are told apart. */
const registered: Size = (image) => (image.modules.has('netdev_register') ? size(4, 8)(image) : 0);
const dtlsSecurity = ({ config }: RamImage): number =>
  config.DTLS_SECURITY_MAX || config.CONFIG_DTLS_PEER_MAX + config.CONFIG_DTLS_HANDSHAKE_MAX;

const netq = ({ config }: RamImage): number => config.NETQ_MAXCNT || (config.CONFIG_DTLS_ECC ? 5 : 3);

const entry = (
  section: string, name: string, when: RamEntry['when'], bytes: Size, source: string,
): RamEntry => ({ section, name, when, bytes, source });

const SIXLO = 'sys/net/gnrc/network_layer/sixlowpan';
const NIB = 'sys/net/gnrc/network_layer/ipv6/nib';
const DEVS = 'sys/net/gnrc/netif/init_devs';
const TINYDTLS = 'tinydtls';

export const RAM_TABLE: readonly RamEntry[] = [
  entry('stacks', 'isr', always, stack('ISR_STACKSIZE'), 'cpu/*/include/cpu_conf*.h'),
  entry('stacks', 'idle', ({ board }) => board.idleThread, stack('THREAD_STACKSIZE_IDLE'), 'core/lib/init.c'),
  entry('stacks', 'main', always, stack('THREAD_STACKSIZE_MAIN'), 'core/lib/init.c'),
  entry('stacks', '6lo', sixlowpan, stack('THREAD_STACKSIZE_DEFAULT', 64), `${SIXLO}/gnrc_sixlowpan.c`),
  entry('stacks', 'ipv6', ipv6, stack('THREAD_STACKSIZE_DEFAULT', 64), 'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c'),
  entry('stacks', 'udp', udp, stack('THREAD_STACKSIZE_SMALL', 64), 'sys/net/gnrc/transport_layer/udp/gnrc_udp.c'),
  entry('stacks', 'pktdump', has('gnrc_pktdump'), stack('THREAD_STACKSIZE_MAIN', 64),
    'sys/net/gnrc/pktdump/gnrc_pktdump.c'),
  entry('stacks', 'UDP server', has('shell_cmd_udp_server'), stack('THREAD_STACKSIZE_DEFAULT'), 'sys/shell/cmds/udp.c'),
  entry('stacks', 'usbus', has('usbus'), stack('THREAD_STACKSIZE_DEFAULT'), 'sys/include/usb/usbus.h'),
  entry('stacks', 'netif', radio, netifStack, `${DEVS}/include/init_devs.h`),
  entry('stacks', 'gnrc_netdev_tap', tap, stack('THREAD_STACKSIZE_DEFAULT', 128), `${DEVS}/auto_init_netdev_tap.c`),

  entry('kernel', 'sched_threads', always, ({ wide, config }) => (config.MAXTHREADS + 1) * (wide ? 8 : 4),
    'core/sched.c'),
  entry('kernel', 'sched_runqueues', always, times(4, 8, 'SCHED_PRIO_LEVELS'), 'core/sched.c'),
  entry('kernel', 'scheduler and panic state', always, size(22, 26), 'core/sched.c, core/lib/panic.c'),
  entry('kernel', 'ztimer clocks', ztimer, size(116, 184), 'sys/ztimer/init.c'),
  entry('kernel', 'stdin', stdin, ({ wide, config }) => config.STDIO_RX_BUFSIZE + (wide ? 32 : 20),
    'sys/stdio/stdio.c'),
  entry('kernel', 'prng_sha1prng', has('prng_sha1prng'), size(220, 220), 'sys/random/shaxprng.c'),
  entry('kernel', 'prng_musl_lcg', has('prng_musl_lcg'), size(8, 8), 'sys/random/musl_lcg.c'),
  entry('kernel', 'prng_minstd', has('prng_minstd'), size(4, 4), 'sys/random/minstd.c'),
  // The linker leaves it out where no address is made up after a duplicate one.
  entry('kernel', 'lastused', (image) => ipv6(image) && nib(image).slaac, size(1, 1), 'sys/luid/luid.c'),

  entry('gnrc_pktbuf', '_static_buf', gnrc, times(1, 1, 'CONFIG_GNRC_PKTBUF_SIZE'),
    'sys/net/gnrc/pktbuf/gnrc_pktbuf_static.c'),
  entry('gnrc_pktbuf', 'state', gnrc, size(10, 18), 'sys/net/gnrc/pktbuf/gnrc_pktbuf_static.c'),
  entry('gnrc_netreg', 'netreg and its lock', gnrc, (image) =>
    size(12, 20)(image) + size(4, 8)(image) * nettypes(image), 'sys/net/gnrc/netreg/gnrc_netreg.c'),
  entry('gnrc_netif', '_netif', radio, netifStruct, `${DEVS}/auto_init_*.c`),
  entry('gnrc_netif', '_netif of the Ethernet port', tap, netifStruct, `${DEVS}/auto_init_netdev_tap.c`),
  entry('gnrc_netif', 'addr_str', (image) => netif(image) && !nib(image).arsm, size(40, 40),
    'sys/net/gnrc/netif/gnrc_netif.c'),
  entry('gnrc_netif', 'options_tested, netif_list', netif, size(5, 9),
    'sys/net/gnrc/netif/gnrc_netif.c, sys/net/netif/netif.c'),
  entry('gnrc_netif', '_pool of queued packets', has('gnrc_netif_pktq'), (image) =>
    times(8, 16, 'CONFIG_GNRC_NETIF_PKTQ_POOL_SIZE')(image) + size(4, 8)(image),
    'sys/net/gnrc/netif/pktq/gnrc_netif_pktq.c'),
  entry('netdev', 'netdev_ieee802154_submac_t', submac, (image) => size(116, 184)(image) + registered(image),
    `${DEVS}/auto_init_*.c`),
  entry('netdev', 'netdev_tap_t, nullbuf', tap, (image) => size(1554, 1570)(image) + registered(image),
    `${DEVS}/auto_init_netdev_tap.c, cpu/native/netdev_tap/netdev_tap.c`),
  entry('netdev', 'socket_zep_t', driver('socket_zep'), size(368, 400), `${DEVS}/auto_init_socket_zep.c`),
  entry('netdev', 'at86rf2xx_t', driver('at86rf2xx'), size(68, 88), `${DEVS}/auto_init_at86rf2xx.c`),
  entry('netdev', 'nrf802154 buffers and state', driver('nrf802154'), size(277, 281),
    'cpu/nrf52/radio/nrf802154/nrf802154_radio.c'),
  entry('netdev', 'cc2538_rf state', driver('cc2538_rf'), size(12, 16), 'cpu/cc2538/radio/cc2538_rf_radio_ops.c'),

  entry('gnrc_sixlowpan', '_msg_q, _pid', sixlowpan, (image) =>
    queue('CONFIG_GNRC_SIXLOWPAN_MSG_QUEUE_SIZE_EXP')(image) + 2, `${SIXLO}/gnrc_sixlowpan.c`),
  entry('gnrc_sixlowpan', 'contexts', has('gnrc_sixlowpan_ctx'), (image) =>
    times(24, 24, 'GNRC_SIXLOWPAN_CTX_SIZE')(image) + size(4, 8)(image), `${SIXLO}/ctx/gnrc_sixlowpan_ctx.c`),
  entry('gnrc_sixlowpan', 'fragmentation buffer', has('gnrc_sixlowpan_frag_fb'), (image) =>
    times(12, 16, 'CONFIG_GNRC_SIXLOWPAN_FRAG_FB_SIZE')(image) + 2, `${SIXLO}/frag/fb/gnrc_sixlowpan_frag_fb.c`),
  entry('gnrc_sixlowpan', 'reassembly buffer', has('gnrc_sixlowpan_frag_rb'), (image) =>
    // 13 intervals a datagram: the minimum MTU of 1280 bytes in fragments of 104.
    times(36 + 13 * 8, 48 + 13 * 16, 'CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE')(image) + size(24, 48)(image),
    `${SIXLO}/frag/rb/gnrc_sixlowpan_frag_rb.c`),
  entry('gnrc_sixlowpan', 'fragmentation hints', has('gnrc_sixlowpan_frag_hint'),
    times(4, 8, 'CONFIG_GNRC_SIXLOWPAN_FRAG_FB_SIZE'), `${SIXLO}/frag/fb/gnrc_sixlowpan_frag_fb.c`),
  entry('gnrc_sixlowpan', 'virtual reassembly buffer', has('gnrc_sixlowpan_frag_vrb'),
    times(40, 56, 'CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_SIZE'), `${SIXLO}/frag/vrb/gnrc_sixlowpan_frag_vrb.c`),
  entry('gnrc_sixlowpan', 'intervals of the virtual reassembly buffer', has('gnrc_sixlowpan_frag_minfwd'),
    times(13 * 8, 13 * 16, 'CONFIG_GNRC_SIXLOWPAN_FRAG_VRB_SIZE'), `${SIXLO}/frag/rb/gnrc_sixlowpan_frag_rb.c`),
  entry('gnrc_sixlowpan', 'fragment statistics', has('gnrc_sixlowpan_frag_stats'), ({ modules }) =>
    4 * (modules.has('gnrc_sixlowpan_frag_vrb') ? 5 : 4), `${SIXLO}/frag/stats/gnrc_sixlowpan_frag_stats.c`),
  entry('gnrc_ipv6', '_msg_q, gnrc_ipv6_pid', ipv6, (image) => queue('CONFIG_GNRC_IPV6_MSG_QUEUE_SIZE_EXP')(image) + 2,
    'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c'),
  entry('gnrc_ipv6_nib', 'neighbours', ipv6, (image) => nibEntry(image) * nib(image).numof, `${NIB}/_nib-internal.c`),
  entry('gnrc_ipv6_nib', 'off-link entries', ipv6, (image) =>
    (nib(image).router ? size(64, 104) : size(48, 72))(image) * nib(image).offl_numof, `${NIB}/_nib-internal.c`),
  entry('gnrc_ipv6_nib', 'authoritative border routers', (image) => ipv6(image) && nib(image).multihop_p6c, (image) =>
    size(44, 64)(image) * nib(image).abr_numof, `${NIB}/_nib-internal.c`),
  entry('gnrc_ipv6_nib', 'queue of packets', (image) => ipv6(image) && nib(image).queue_pkt, (image) =>
    size(8, 16)(image) * (nib(image).numof + 1), `${NIB}/nib.c`),
  entry('gnrc_ipv6_nib', 'default routers', ipv6, times(20, 40, 'CONFIG_GNRC_IPV6_NIB_DEFAULT_ROUTER_NUMOF'),
    `${NIB}/_nib-internal.c`),
  entry('gnrc_ipv6_nib', 'timer, lock, state', ipv6, size(44, 88), `${NIB}/_nib-internal.c`),
  entry('gnrc_udp', '_msg_queue, _pid', udp, (image) => queue('CONFIG_GNRC_UDP_MSG_QUEUE_SIZE_EXP')(image) + 2,
    'sys/net/gnrc/transport_layer/udp/gnrc_udp.c'),

  entry('gnrc_pktdump', '_msg_queue, gnrc_pktdump_pid', has('gnrc_pktdump'), (image) =>
    queue('CONFIG_GNRC_PKTDUMP_MSG_QUEUE_SIZE_EXP')(image) + 2, 'sys/net/gnrc/pktdump/gnrc_pktdump.c'),
  entry('gnrc_sock', '_udp_socks', has('gnrc_sock_check_reuse'), size(4, 8),
    'sys/net/gnrc/sock/udp/gnrc_sock_udp.c'),

  entry('dtls', 'contexts', has('sock_dtls'), times(32, 48, 'CONFIG_DTLS_CONTEXT_MAX'), `${TINYDTLS} dtls.c`),
  entry('dtls', 'peers', has('sock_dtls'), times(48, 72, 'CONFIG_DTLS_PEER_MAX'), `${TINYDTLS} peer.c`),
  entry('dtls', 'handshakes', has('sock_dtls'), times(336, 352, 'CONFIG_DTLS_HANDSHAKE_MAX'), `${TINYDTLS} crypto.c`),
  entry('dtls', 'security parameters', has('sock_dtls'), (image) => 72 * dtlsSecurity(image), `${TINYDTLS} crypto.c`),
  entry('dtls', 'queue of messages', has('sock_dtls'), (image) => size(228, 248)(image) * netq(image), `${TINYDTLS} netq.c`),
  entry('dtls', 'cipher context, log, handler, pool heads', has('sock_dtls'), size(324, 424),
    `${TINYDTLS} crypto.c, ccm.c, dtls_debug.c, dtls_time.c; pkg/tinydtls/contrib/sock_dtls.c`),
  entry('credman', 'credentials', has('sock_dtls'), (image) =>
    times(28, 56, 'CONFIG_CREDMAN_MAX_CREDENTIALS')(image) + size(8, 12)(image), 'sys/net/credman/credman.c'),
  entry('shell', 'udp: queue, stop event, state of the server', has('shell_cmd_udp_server'), size(21, 37),
    'sys/shell/cmds/udp.c'),
  entry('shell', 'udp: registration of the server', has('shell_cmd_gnrc_udp'), (image) =>
    (image.modules.has('gnrc_netapi_mbox') ? size(16, 24) : size(12, 16))(image),
    'sys/shell/cmds/gnrc_udp.c'),
  entry('shell', 'ps: names of states', has('ps'), size(52, 104), 'core/thread.c'),
  entry('shell', 'ifconfig: names of options', (image) => netif(image) && image.modules.has('shell_cmds_default'),
    size(56, 112), 'sys/shell/cmds/gnrc_netif.c'),
  entry('shell', '6ctx del_timer', (image) => sixlowpan(image) && image.modules.has('shell_cmds_default'),
    times(16, 32, 'GNRC_SIXLOWPAN_CTX_SIZE'), 'sys/shell/cmds/gnrc_sixlowpan_ctx.c'),
];
