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
const driver = (name: string) => ({ parts, board }: RamImage): boolean => parts.netif && board.radio.driver === name;
const submac = ({ parts, board }: RamImage): boolean => parts.netif && board.radio.driver !== 'at86rf2xx';
const stdin = ({ modules }: RamImage): boolean => modules.has('shell') || modules.has('stdin');
/** Whether an image has timers. */
export const ztimer = (image: RamImage): boolean =>
  gnrc(image) || [...image.modules].some((name) => /^(ztimer|xtimer)/.test(name));

const ROUTERS: readonly string[] =
  ['gnrc_ipv6_router', 'gnrc_ipv6_router_default', 'gnrc_sixlowpan_border_router_default', 'gnrc_rpl'];
/** A node that is no router keeps one neighbour (sys/include/net/gnrc/ipv6/nib/conf.h), unless it is configured. */
const nibEntries = ({ modules, config }: RamImage): number => {
  const { CONFIG_GNRC_IPV6_NIB_NUMOF: entries } = config;
  return entries === 4 && !ROUTERS.some((name) => modules.has(name)) ? 1 : entries;
};
const dtlsSecurity = ({ config }: RamImage): number =>
  config.DTLS_SECURITY_MAX || config.CONFIG_DTLS_PEER_MAX + config.CONFIG_DTLS_HANDSHAKE_MAX;

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
  entry('stacks', 'usbus', has('usbus'), stack('THREAD_STACKSIZE_DEFAULT'), 'sys/include/usb/usbus.h'),
  entry('stacks', 'netif', netif, netifStack, `${DEVS}/include/init_devs.h`),

  entry('kernel', 'sched_threads', always, ({ wide, config }) => (config.MAXTHREADS + 1) * (wide ? 8 : 4),
    'core/sched.c'),
  entry('kernel', 'sched_runqueues', always, times(4, 8, 'SCHED_PRIO_LEVELS'), 'core/sched.c'),
  entry('kernel', 'scheduler and panic state', always, size(22, 26), 'core/sched.c, core/lib/panic.c'),
  entry('kernel', 'ztimer clocks', ztimer, size(116, 184), 'sys/ztimer/init.c'),
  entry('kernel', 'stdin', stdin, ({ wide, config }) => config.STDIO_RX_BUFSIZE + (wide ? 32 : 20),
    'sys/stdio/stdio.c'),
  entry('kernel', 'prng_sha1prng', has('prng_sha1prng'), size(220, 220), 'sys/random/shaxprng.c'),
  entry('kernel', 'prng_musl_lcg', (image) => gnrc(image) && !image.modules.has('prng_sha1prng'), size(8, 8),
    'sys/random/musl_lcg.c'),

  entry('gnrc_pktbuf', '_static_buf', gnrc, times(1, 1, 'CONFIG_GNRC_PKTBUF_SIZE'),
    'sys/net/gnrc/pktbuf/gnrc_pktbuf_static.c'),
  entry('gnrc_pktbuf', 'state', gnrc, size(10, 18), 'sys/net/gnrc/pktbuf/gnrc_pktbuf_static.c'),
  entry('gnrc_netreg', 'netreg and its lock', gnrc, size(40, 76), 'sys/net/gnrc/netreg/gnrc_netreg.c'),
  entry('gnrc_netif', '_netif', netif, (image) =>
    submac(image) ? size(372, 640)(image) : size(344, 584)(image), `${DEVS}/auto_init_*.c`),
  entry('gnrc_netif', 'addr_str, options_tested, netif_list', netif, size(45, 49),
    'sys/net/gnrc/netif/gnrc_netif.c, sys/net/netif/netif.c'),
  entry('gnrc_netif', '_pool of queued packets', submac, (image) =>
    times(8, 16, 'CONFIG_GNRC_NETIF_PKTQ_POOL_SIZE')(image) + size(4, 8)(image),
    'sys/net/gnrc/netif/pktq/gnrc_netif_pktq.c'),
  entry('netdev', 'netdev_ieee802154_submac_t', submac, size(120, 192), `${DEVS}/auto_init_*.c`),
  entry('netdev', 'socket_zep_t', driver('socket_zep'), size(368, 400), `${DEVS}/auto_init_socket_zep.c`),
  entry('netdev', 'at86rf2xx_t', driver('at86rf2xx'), size(68, 88), `${DEVS}/auto_init_at86rf2xx.c`),
  entry('netdev', 'nrf802154 buffers and state', driver('nrf802154'), size(277, 281),
    'cpu/nrf52/radio/nrf802154/nrf802154_radio.c'),
  entry('netdev', 'cc2538_rf state', driver('cc2538_rf'), size(12, 16), 'cpu/cc2538/radio/cc2538_rf_radio_ops.c'),

  entry('gnrc_sixlowpan', '_msg_q, _pid', sixlowpan, (image) =>
    queue('CONFIG_GNRC_SIXLOWPAN_MSG_QUEUE_SIZE_EXP')(image) + 2, `${SIXLO}/gnrc_sixlowpan.c`),
  entry('gnrc_sixlowpan', 'contexts', sixlowpan, (image) =>
    times(24, 24, 'GNRC_SIXLOWPAN_CTX_SIZE')(image) + size(4, 8)(image), `${SIXLO}/ctx/gnrc_sixlowpan_ctx.c`),
  entry('gnrc_sixlowpan', 'fragmentation buffer', sixlowpan, (image) =>
    times(12, 16, 'CONFIG_GNRC_SIXLOWPAN_FRAG_FB_SIZE')(image) + 2, `${SIXLO}/frag/fb/gnrc_sixlowpan_frag_fb.c`),
  entry('gnrc_sixlowpan', 'reassembly buffer', sixlowpan, (image) =>
    // 13 intervals a datagram: the minimum MTU of 1280 bytes in fragments of 104.
    times(36 + 13 * 8, 48 + 13 * 16, 'CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE')(image) + size(24, 48)(image),
    `${SIXLO}/frag/rb/gnrc_sixlowpan_frag_rb.c`),
  entry('gnrc_ipv6', '_msg_q, gnrc_ipv6_pid', ipv6, (image) => queue('CONFIG_GNRC_IPV6_MSG_QUEUE_SIZE_EXP')(image) + 2,
    'sys/net/gnrc/network_layer/ipv6/gnrc_ipv6.c'),
  entry('gnrc_ipv6_nib', 'neighbours', ipv6, (image) => size(56, 96)(image) * nibEntries(image),
    `${NIB}/_nib-internal.c`),
  entry('gnrc_ipv6_nib', 'off-link entries', ipv6, times(48, 72, 'CONFIG_GNRC_IPV6_NIB_OFFL_NUMOF'),
    `${NIB}/_nib-internal.c`),
  entry('gnrc_ipv6_nib', 'default routers', ipv6, times(20, 40, 'CONFIG_GNRC_IPV6_NIB_DEFAULT_ROUTER_NUMOF'),
    `${NIB}/_nib-internal.c`),
  entry('gnrc_ipv6_nib', 'timer, lock, state', ipv6, size(44, 88), `${NIB}/_nib-internal.c`),
  entry('gnrc_udp', '_msg_queue, _pid', udp, (image) => queue('CONFIG_GNRC_UDP_MSG_QUEUE_SIZE_EXP')(image) + 2,
    'sys/net/gnrc/transport_layer/udp/gnrc_udp.c'),

  entry('dtls', 'contexts', has('sock_dtls'), times(32, 48, 'CONFIG_DTLS_CONTEXT_MAX'), `${TINYDTLS} dtls.c`),
  entry('dtls', 'peers', has('sock_dtls'), times(48, 72, 'CONFIG_DTLS_PEER_MAX'), `${TINYDTLS} peer.c`),
  entry('dtls', 'handshakes', has('sock_dtls'), times(336, 352, 'CONFIG_DTLS_HANDSHAKE_MAX'), `${TINYDTLS} crypto.c`),
  entry('dtls', 'security parameters', has('sock_dtls'), (image) => 72 * dtlsSecurity(image), `${TINYDTLS} crypto.c`),
  entry('dtls', 'queue of messages', has('sock_dtls'), times(228, 248, 'NETQ_MAXCNT'), `${TINYDTLS} netq.c`),
  entry('dtls', 'cipher context, log, handler, pool heads', has('sock_dtls'), size(324, 424),
    `${TINYDTLS} crypto.c, ccm.c, dtls_debug.c, dtls_time.c; pkg/tinydtls/contrib/sock_dtls.c`),
  entry('credman', 'credentials', has('sock_dtls'), (image) =>
    times(28, 56, 'CONFIG_CREDMAN_MAX_CREDENTIALS')(image) + size(8, 12)(image), 'sys/net/credman/credman.c'),
  entry('shell', 'ps: names of states', has('ps'), size(52, 104), 'core/thread.c'),
  entry('shell', 'ifconfig: names of options', (image) => netif(image) && image.modules.has('shell_cmds_default'),
    size(56, 112), 'sys/shell/cmds/gnrc_netif.c'),
  entry('shell', '6ctx del_timer', (image) => sixlowpan(image) && image.modules.has('shell_cmds_default'),
    times(16, 32, 'GNRC_SIXLOWPAN_CTX_SIZE'), 'sys/shell/cmds/gnrc_sixlowpan_ctx.c'),
];
