// Which modules an image has: the app's, the board's, and what these pull in.
import type { Board } from '../../boards/board.ts';

/**
 * What a module pulls in by itself (RIOT sys/net/gnrc/Makefile.dep, sys/Makefile.dep, sys/shell/Makefile.dep,
 * drivers/Makefile.dep, pkg/tinydtls/Makefile.dep). As there, a module may pull in others only with more beside it:
 * PULLED_IN.
 */
const PULLS: Readonly<Record<string, readonly string[]>> = {
  auto_init_gnrc_netif: ['gnrc_netif_init_devs'],
  netdev_default: ['netdev', 'gnrc_netif'],
  netdev: ['eui_provider'],
  netdev_ieee802154: ['netdev', 'ieee802154', 'random'],
  netdev_ieee802154_submac: ['netdev', 'netdev_ieee802154', 'ieee802154_submac', 'netdev_new_api'],
  netdev_tap: ['netdev', 'netdev_eth', 'netdev_new_api', 'netif', 'iolist'],
  eui_provider: ['luid'],

  gnrc_netif: ['netif', 'l2util', 'fmt', 'ztimer_msec'],
  gnrc_netif_init_devs: ['gnrc_netif'],
  gnrc_netif_ieee802154: ['gnrc_netif', 'event', 'core_thread_flags'],
  gnrc_netif_ethernet: ['gnrc_netif', 'event', 'core_thread_flags'],
  gnrc_netif_6lo: ['gnrc_netif', 'event', 'core_thread_flags'],
  gnrc_netif_hdr: ['gnrc_netif', 'event', 'core_thread_flags'],
  gnrc_netif_ipv6: ['gnrc_netif', 'event', 'core_thread_flags'],
  gnrc_netif_pktq: ['xtimer'],
  gnrc: ['gnrc_netapi', 'gnrc_netreg', 'gnrc_netif', 'gnrc_netif_hdr', 'gnrc_pktbuf'],
  gnrc_pktbuf: ['gnrc_pktbuf_static', 'gnrc_pkt'],

  gnrc_sixlowpan_default: ['gnrc', 'gnrc_ipv6_nib_6ln', 'gnrc_sixlowpan', 'gnrc_sixlowpan_frag',
    'gnrc_sixlowpan_iphc'],
  gnrc_sixlowpan_router_default: ['gnrc', 'gnrc_ipv6_nib_6lr', 'gnrc_sixlowpan_frag', 'gnrc_sixlowpan_iphc'],
  gnrc_sixlowpan_border_router_default: ['gnrc', 'gnrc_ipv6_nib_6lbr', 'gnrc_ipv6_router_default',
    'gnrc_sixlowpan_frag', 'gnrc_sixlowpan_iphc'],
  gnrc_sixlowpan_frag: ['gnrc_sixlowpan', 'gnrc_sixlowpan_frag_fb', 'gnrc_sixlowpan_frag_rb'],
  gnrc_sixlowpan_frag_fb: ['core_msg'],
  gnrc_sixlowpan_frag_minfwd: ['gnrc_netif_pktq', 'gnrc_sixlowpan_frag', 'gnrc_sixlowpan_frag_hint',
    'gnrc_sixlowpan_frag_vrb'],
  gnrc_sixlowpan_frag_rb: ['xtimer'],
  gnrc_sixlowpan_frag_vrb: ['xtimer', 'gnrc_sixlowpan_frag_fb'],
  gnrc_sixlowpan_iphc: ['gnrc_ipv6', 'gnrc_sixlowpan', 'gnrc_sixlowpan_ctx', 'gnrc_sixlowpan_iphc_nhc'],
  gnrc_sixlowpan_ctx: ['ipv6_addr'],
  gnrc_sixlowpan: ['gnrc', 'gnrc_nettype_sixlowpan', 'sixlowpan', 'gnrc_netif_6lo'],

  gnrc_ipv6_default: ['gnrc_ipv6', 'gnrc_icmpv6'],
  gnrc_ipv6_router_default: ['gnrc_ipv6_nib_rio', 'gnrc_ipv6_router', 'gnrc_icmpv6'],
  gnrc_ipv6_router: ['gnrc_ipv6', 'gnrc_ipv6_nib_router'],
  gnrc_ipv6: ['gnrc', 'ipv6', 'inet_csum', 'ipv6_addr', 'gnrc_ipv6_hdr', 'gnrc_ipv6_nib', 'gnrc_netif',
    'gnrc_netif_ipv6', 'gnrc_nettype_ipv6'],
  gnrc_ipv6_hdr: ['ipv6_hdr', 'gnrc_pktbuf'],
  gnrc_ipv6_ext: ['gnrc', 'gnrc_nettype_ipv6', 'gnrc_nettype_ipv6_ext'],
  gnrc_ipv6_ext_frag: ['gnrc_ipv6_ext', 'xtimer'],
  gnrc_ipv6_ext_opt: ['gnrc_ipv6_ext'],
  gnrc_ipv6_ext_rh: ['gnrc_ipv6_ext'],
  gnrc_ipv6_nib_6lbr: ['gnrc_ipv6_nib_6lr'],
  gnrc_ipv6_nib_6lr: ['gnrc_ipv6_nib_6ln', 'gnrc_ipv6_nib_router'],
  gnrc_ipv6_nib_6ln: ['gnrc_ipv6_nib', 'gnrc_sixlowpan_nd'],
  gnrc_ipv6_nib_router: ['gnrc_ipv6_nib'],
  gnrc_ipv6_nib: ['gnrc', 'evtimer', 'gnrc_ndp', 'gnrc_netif', 'gnrc_netif_ipv6', 'ipv6_addr', 'random'],
  gnrc_ndp: ['gnrc_icmpv6', 'gnrc_ipv6_hdr', 'gnrc_netif'],
  gnrc_icmpv6: ['gnrc', 'inet_csum', 'ipv6_hdr', 'gnrc_nettype_icmpv6', 'gnrc_nettype_ipv6', 'icmpv6'],
  gnrc_icmpv6_echo: ['gnrc_icmpv6', 'gnrc_ipv6_hdr', 'gnrc_netif_hdr'],
  gnrc_icmpv6_error: ['gnrc_icmpv6', 'gnrc_ipv6_hdr', 'gnrc_netif_hdr'],
  gnrc_rpl: ['gnrc_ipv6', 'gnrc_icmpv6', 'gnrc_ipv6_nib', 'trickle', 'evtimer'],
  gnrc_rpl_srh: ['gnrc_ipv6_ext_rh'],
  gnrc_udp: ['gnrc', 'gnrc_nettype_udp', 'gnrc_nettype_ipv6', 'inet_csum', 'udp'],
  gnrc_pktdump: ['gnrc_pktbuf', 'od'],

  gnrc_sock: ['gnrc_netapi_mbox', 'sock'],
  gnrc_sock_async: ['gnrc_sock', 'iolist', 'gnrc_netapi_callbacks'],
  gnrc_sock_ip: ['gnrc_sock', 'iolist'],
  gnrc_sock_udp: ['gnrc_sock', 'iolist', 'gnrc_udp', 'random'],
  gnrc_netapi_mbox: ['core_mbox'],
  event_thread: ['event'],
  event_thread_highest: ['event_thread'],
  event_thread_medium: ['event_thread'],
  event_thread_lowest: ['event_thread'],
  event_timeout: ['event', 'ztimer_usec'],
  sock_async_event: ['sock_async', 'event'],
  sock_async: ['gnrc_sock_async'],
  sock_util: ['fmt', 'posix_inet'],
  netutils: ['ipv6_addr'],
  od: ['fmt'],
  tinydtls: ['tinydtls_aes', 'tinydtls_ecc', 'tinydtls_sock_dtls'],
  sock_dtls: ['credman'],
  credman_load: ['tiny-asn1'],

  l2filter_blacklist: ['l2filter'],
  l2filter_whitelist: ['l2filter'],
  netstats_l2: ['netstats'],
  netstats_ipv6: ['netstats'],
  netstats_neighbor: ['netstats'],
  netstats_neighbor_etx: ['netstats_neighbor'],
  netstats_neighbor_count: ['netstats_neighbor'],
  netstats_neighbor_lqi: ['netstats_neighbor'],
  netstats_neighbor_rssi: ['netstats_neighbor'],
  netstats_neighbor_tx_time: ['netstats_neighbor'],

  shell: ['stdin'],
  shell_cmds_default: ['shell_cmds', 'shell_cmd_sys'],
  shell_cmd_gnrc_icmpv6_echo: ['gnrc_icmpv6_echo', 'netutils', 'ztimer_usec'],
  shell_cmd_gnrc_ipv6_nib: ['gnrc_ipv6_nib'],
  shell_cmd_gnrc_netif: ['gnrc_netif'],
  shell_cmd_gnrc_pktbuf: ['gnrc_pktbuf', 'od'],
  shell_cmd_gnrc_sixlowpan_ctx: ['gnrc_sixlowpan_ctx'],
  shell_cmd_gnrc_sixlowpan_frag_stats: ['gnrc_sixlowpan_frag_stats'],
  shell_cmd_netstats_neighbor: ['netstats_neighbor'],
  shell_cmd_ps: ['ps'],
  shell_cmd_gnrc_udp: ['gnrc_udp', 'gnrc_pktdump', 'netutils'],
  shell_cmd_udp: ['fmt', 'sock_udp', 'sock_util'],
  shell_cmd_udp_server: ['od', 'shell_cmd_udp', 'sock_async_event'],
};

/** What is pulled in once all of some others are there; `unless` one of these is (the same files). */
const PULLED_IN: readonly {
  readonly module: string; readonly by: readonly string[]; readonly unless?: readonly string[];
}[] = [
  { module: 'netdev_register', by: ['netdev'], unless: ['gnrc_netif_single'] },
  { module: 'gnrc_netif_pktq', by: ['gnrc_netif', 'netdev_ieee802154_submac'] },
  { module: 'gnrc_netif_pktq', by: ['netdev_new_api', 'gnrc_sixlowpan_frag'] },
  { module: 'gnrc_netif_ieee802154', by: ['gnrc_netif', 'netdev_ieee802154'] },
  { module: 'gnrc_netif_ethernet', by: ['gnrc_netif', 'netdev_eth'] },
  { module: 'gnrc_ipv6_classic', by: ['gnrc_ipv6', 'netdev_eth'] },
  { module: 'gnrc_sixlowpan', by: ['gnrc_ipv6', 'ieee802154'] },
  { module: 'gnrc_sixlowpan_default', by: ['gnrc_ipv6_default', 'ieee802154'] },
  { module: 'gnrc_sixlowpan_router_default', by: ['gnrc_ipv6_router_default', 'ieee802154'] },
  { module: 'gnrc_sock_async', by: ['gnrc', 'sock_async'] },
  { module: 'gnrc_sock_ip', by: ['gnrc', 'sock_ip'] },
  { module: 'gnrc_sock_udp', by: ['gnrc', 'sock_udp'] },
  { module: 'gnrc_netif_timestamp', by: ['gnrc_sock', 'sock_aux_timestamp'] },
  { module: 'netdev_ieee802154_rx_timestamp', by: ['gnrc_netif_timestamp', 'netdev_ieee802154'] },
  { module: 'prng_musl_lcg', by: ['random'], unless: ['prng_sha1prng', 'prng_minstd'] },

  { module: 'shell_cmd_gnrc_icmpv6_echo', by: ['shell_cmds_default', 'gnrc_icmpv6_echo'] },
  { module: 'shell_cmd_gnrc_ipv6_frag_stats', by: ['shell_cmds_default', 'gnrc_ipv6_ext_frag_stats'] },
  { module: 'shell_cmd_gnrc_ipv6_nib', by: ['shell_cmds_default', 'gnrc_ipv6_nib'] },
  { module: 'shell_cmd_gnrc_netif', by: ['shell_cmds_default', 'gnrc_netif'] },
  { module: 'shell_cmd_gnrc_txtsnd', by: ['shell_cmds_default', 'gnrc_txtsnd'] },
  { module: 'shell_cmd_gnrc_sixlowpan_ctx', by: ['shell_cmds_default', 'gnrc_sixlowpan_ctx'] },
  { module: 'shell_cmd_gnrc_sixlowpan_frag_stats', by: ['shell_cmds_default', 'gnrc_sixlowpan_frag_stats'] },
  { module: 'shell_cmd_netstats_neighbor', by: ['shell_cmds_default', 'netstats_neighbor'] },
  { module: 'shell_cmd_pm', by: ['shell_cmds_default', 'periph_pm'] },
  { module: 'shell_cmd_ps', by: ['shell_cmds_default', 'ps'] },
  { module: 'shell_cmd_udp', by: ['shell_cmds_default', 'sock_udp'] },
];

/** What an image with netdev_default has for a board's radio (Makefile.dep of the board, its CPU and the driver). */
const RADIOS: Readonly<Record<Board['radio']['driver'], readonly string[]>> = {
  socket_zep: ['socket_zep', 'iolist', 'checksum', 'random', 'ieee802154', 'netdev_ieee802154_submac',
    'netdev_ieee802154_submac_soft_ack'],
  nrf802154: ['nrf802154', 'ieee802154', 'netdev_ieee802154_submac', 'netdev_ieee802154_submac_soft_ack'],
  cc2538_rf: ['cc2538_rf', 'netdev_ieee802154_submac'],
  at86rf2xx: ['at86rf2xx', 'ztimer', 'ztimer_usec', 'netdev_ieee802154', 'netdev_legacy_api',
    'netdev_ieee802154_oqpsk'],
};

/** The network devices of a node: whether it has ports of Ethernet, and the board's radio. */
export interface DeviceOptions {
  readonly wired?: boolean;
  readonly radio?: boolean;
}

/** The modules of an image; order and repetitions do not matter. With a radio and no ports unless told otherwise. */
export function imageModules(
  board: Pick<Board, 'modules' | 'radio'>, app: readonly string[], { wired = false, radio = true }: DeviceOptions = {},
): ReadonlySet<string> {
  const modules = new Set<string>();
  const asked = [...board.modules, ...app];
  if (radio && asked.includes('netdev_default')) asked.push(...RADIOS[board.radio.driver]);
  if (wired) asked.push('netdev_tap');
  for (const name of asked) take(modules, name);
  for (let size = 0; size < modules.size;) {
    size = modules.size;
    for (const { module, by, unless } of PULLED_IN) {
      if (!modules.has(module) && by.every((name) => modules.has(name)) &&
        !(unless?.some((name) => modules.has(name)) ?? false)) take(modules, module);
    }
  }
  return modules;
}

/** A module with all that it pulls in. */
function take(modules: Set<string>, name: string): undefined {
  if (modules.has(name)) return;
  modules.add(name);
  if (!Object.hasOwn(PULLS, name)) return;
  for (const pulled of PULLS[name]!) take(modules, pulled);
}
