// The shell command `nib` (RIOT sys/shell/cmds/gnrc_ipv6_nib.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { SHELL_COMMAND } from '../../kernel/shell.ts';
import { atoi } from '../../kernel/stdlib.ts';
import { printf } from '../../kernel/stdio.ts';
import { gnrc_netif_get_by_ipv6_addr } from '../gnrc/netif_ipv6.ts';
import { gnrc_netif_get_by_pid, gnrc_netif_is_6lbr } from '../gnrc/netif_t.ts';
import {
  gnrc_ipv6_nib_abr_add, gnrc_ipv6_nib_abr_del, gnrc_ipv6_nib_abr_iter, gnrc_ipv6_nib_abr_print, gnrc_ipv6_nib_abr_t,
} from '../gnrc/nib_abr.ts';
import { nib_conf } from '../gnrc/nib_conf.ts';
import {
  gnrc_ipv6_nib_ft_add, gnrc_ipv6_nib_ft_del, gnrc_ipv6_nib_ft_iter, gnrc_ipv6_nib_ft_print, gnrc_ipv6_nib_ft_t,
} from '../gnrc/nib_ft.ts';
import {
  gnrc_ipv6_nib_nc_del, gnrc_ipv6_nib_nc_iter, gnrc_ipv6_nib_nc_print, gnrc_ipv6_nib_nc_set, gnrc_ipv6_nib_nc_t,
} from '../gnrc/nib_nc.ts';
import {
  gnrc_ipv6_nib_pl_del, gnrc_ipv6_nib_pl_iter, gnrc_ipv6_nib_pl_print, gnrc_ipv6_nib_pl_set, gnrc_ipv6_nib_pl_t,
} from '../gnrc/nib_pl.ts';
import { ipv6_addr_from_str, ipv6_addr_is_link_local, l2util_addr_from_str } from '../wire/addr.ts';
import { ipv6_addr_split_prefix } from '../wire/ipv6_addr.ts';

const UINT32_MAX = 0xffffffff;
const MS_PER_SEC = 1000;

/** Module shell_cmd_gnrc_ipv6_nib: `nib`. */
export function shell_cmd_gnrc_ipv6_nib(): void {
  SHELL_COMMAND('nib', 'Configure neighbor information base', gnrcIpv6Nib);
}

function* gnrcIpv6Nib(argc: number, argv: readonly string[]): Blocking<number> {
  const what = argc < 2 ? 'help' : argv[1];
  if (what === 'neigh') return yield* neigh(argc, argv);
  if (what === 'prefix') return yield* prefix(argc, argv);
  if (what === 'route') return yield* route(argc, argv);
  if (what === 'abr' && nib_conf().multihop_p6c) return yield* abr(argc, argv);
  printf(`usage: ${argv[0]} {neigh|prefix|route|${nib_conf().multihop_p6c ? 'abr|' : ''}help} ...\n`);
  return what === 'help' ? 0 : 1;
}

/** What all four have: lines of what can be done. */
function usage(argv: readonly string[], lines: readonly string[]): number {
  const name = `${argv[0]} ${argv[1]}`;
  printf(`usage: ${name} [show|add|del|help]\n`);
  for (const line of lines) printf(`       ${name} ${line}\n`);
  return 1;
}

/** Whether nothing but a list is asked for. */
function isShow(argc: number, argv: readonly string[]): boolean {
  return argc === 2 || argv[2] === 'show';
}

/** The number of an interface as RIOT reads it, unsigned. */
function ifaceOf(text: string | undefined): number {
  return text === undefined ? 0 : atoi(text) >>> 0;
}

/** Tells so if an interface does not exist. */
function isMissing(iface: number): boolean {
  if (gnrc_netif_get_by_pid(iface) !== null) return false;
  printf(`Interface ${iface} does not exist\n`);
  return true;
}

function addressOf(text: string | undefined): Uint8Array | null {
  return text === undefined ? null : ipv6_addr_from_str(text);
}

function neighUsage(argv: readonly string[]): number {
  return usage(argv, ['add <iface> <ipv6 addr> [<l2 addr>]', 'del <iface> <ipv6 addr>', 'show [iface]']);
}

function* neigh(argc: number, argv: readonly string[]): Blocking<number> {
  if (isShow(argc, argv)) {
    const state = { entry: null };
    const entry = new gnrc_ipv6_nib_nc_t();
    const iface = argc > 3 ? ifaceOf(argv[3]) : 0;
    while (yield* gnrc_ipv6_nib_nc_iter(iface, state, entry)) gnrc_ipv6_nib_nc_print(entry);
    return 0;
  }
  const add = argv[2] === 'add' && argc > 4;
  if (!add && !(argv[2] === 'del' && argc > 3)) {
    neighUsage(argv);
    return argv[2] === 'help' ? 0 : 1;
  }
  const iface = ifaceOf(argv[3]);
  if (isMissing(iface)) return 1;
  const addr = addressOf(argv[4]);
  const l2addr = add && argc > 5 ? l2util_addr_from_str(argv[5]!) : new Uint8Array(0);
  if (addr === null || l2addr === null) return neighUsage(argv);
  if (!add) yield* gnrc_ipv6_nib_nc_del(addr, iface);
  else if ((yield* gnrc_ipv6_nib_nc_set(addr, iface, l2addr, l2addr.length)) < 0) {
    printf(`Unable to add ${argv[4]}%${iface} to neighbor cache\n`);
  }
  return 0;
}

function prefixUsage(argv: readonly string[]): number {
  return usage(argv, [
    'add <iface> <prefix>[/<prefix_len>] [<valid in sec>] [<pref in sec>]', 'del <iface> <prefix>[/<prefix_len>]',
    'show [iface]',
  ]);
}

/** Seconds of an argument in ms; without one, for ever. */
function lifetime(text: string | undefined): number {
  if (text === undefined) return UINT32_MAX;
  const seconds = atoi(text) >>> 0;
  return seconds > Math.floor(UINT32_MAX / MS_PER_SEC) ? UINT32_MAX - 1 : seconds * MS_PER_SEC;
}

function* prefix(argc: number, argv: readonly string[]): Blocking<number> {
  const iface = argc > 3 ? ifaceOf(argv[3]) : 0;
  if (isShow(argc, argv)) {
    if (argc > 3 && isMissing(iface)) return 1;
    const state = { entry: null };
    const entry = new gnrc_ipv6_nib_pl_t();
    while (yield* gnrc_ipv6_nib_pl_iter(iface, state, entry)) gnrc_ipv6_nib_pl_print(entry);
    return 0;
  }
  if (argc < 5 || (argv[2] !== 'add' && argv[2] !== 'del')) {
    prefixUsage(argv);
    return argv[2] === 'help' ? 0 : 1;
  }
  const [text, bits] = ipv6_addr_split_prefix(argv[4]!);
  if (isMissing(iface)) return 1;
  const pfx = ipv6_addr_from_str(text);
  if (pfx === null) return prefixUsage(argv);
  if (argv[2] === 'del') yield* gnrc_ipv6_nib_pl_del(iface, pfx, bits >>> 0);
  else yield* gnrc_ipv6_nib_pl_set(iface, pfx, bits >>> 0, lifetime(argv[5]), lifetime(argv[6]));
  return 0;
}

function routeUsage(argv: readonly string[]): number {
  return usage(argv, [
    'add <iface> <prefix>[/<prefix_len>] <next_hop> [<ltime in sec>]', 'del <iface> <prefix>[/<prefix_len>]',
    'show [iface]',
  ]);
}

function* route(argc: number, argv: readonly string[]): Blocking<number> {
  const iface = argc > 3 ? ifaceOf(argv[3]) : 0;
  if (isShow(argc, argv)) {
    if (argc > 3 && isMissing(iface)) return 1;
    const state = { entry: null };
    const entry = new gnrc_ipv6_nib_ft_t();
    while (gnrc_ipv6_nib_ft_iter(null, iface, state, entry)) gnrc_ipv6_nib_ft_print(entry);
    return 0;
  }
  if (argv[2] === 'add' && argc > 5) return yield* addRoute(iface, argv);
  if (argv[2] === 'del' && argc > 4) {
    const [text, bits] = ipv6_addr_split_prefix(argv[4]!);
    const pfx = ipv6_addr_from_str(text);
    if (pfx === null) return routeUsage(argv);
    yield* gnrc_ipv6_nib_ft_del(pfx, bits >>> 0);
    return 0;
  }
  routeUsage(argv);
  return argv[2] === 'help' ? 0 : 1;
}

function* addRoute(iface: number, argv: readonly string[]): Blocking<number> {
  const [text, bits] = ipv6_addr_split_prefix(argv[4]!);
  if (isMissing(iface)) return 1;
  const pfx = ipv6_addr_from_str(text) ?? (text === 'default' ? new Uint8Array(16) : null);
  const next_hop = addressOf(argv[5]);
  if (pfx === null || next_hop === null) return routeUsage(argv);
  yield* gnrc_ipv6_nib_ft_add(pfx, bits >>> 0, next_hop, iface, argv.length > 6 ? atoi(argv[6]!) & 0xffff : 0);
  return 0;
}

function abrUsage(argv: readonly string[]): number {
  if (nib_conf().six_lbr) return usage(argv, ['add <ipv6 global addr>', 'del <ipv6 global addr>', 'show']);
  printf(`usage: ${argv[0]} ${argv[1]} [show|help]\n       ${argv[0]} ${argv[1]} show\n`);
  return 1;
}

function* abr(argc: number, argv: readonly string[]): Blocking<number> {
  if (isShow(argc, argv)) {
    const state = { entry: null };
    const entry = new gnrc_ipv6_nib_abr_t();
    while (yield* gnrc_ipv6_nib_abr_iter(state, entry)) gnrc_ipv6_nib_abr_print(entry);
    return 0;
  }
  if (!nib_conf().six_lbr || argc < 4 || (argv[2] !== 'add' && argv[2] !== 'del')) {
    abrUsage(argv);
    return argv[2] === 'help' ? 0 : 1;
  }
  const addr = ipv6_addr_from_str(argv[3]!);
  if (addr === null) return abrUsage(argv);
  if (argv[2] === 'add') return yield* addBorderRouter(addr, argv[3]!);
  yield* gnrc_ipv6_nib_abr_del(addr);
  return 0;
}

function* addBorderRouter(addr: Uint8Array, text: string): Blocking<number> {
  if (ipv6_addr_is_link_local(addr)) {
    printf(`address ${text} must be global\n`);
    return 1;
  }
  const netif = gnrc_netif_get_by_ipv6_addr(addr);
  if (netif === null || !gnrc_netif_is_6lbr(netif)) {
    printf(`address ${text} is not assigned to a 6LBR interface\n`);
    return 1;
  }
  if ((yield* gnrc_ipv6_nib_abr_add(addr)) >= 0) return 0;
  printf(`unable to add border router ${text}\n`);
  return 1;
}
