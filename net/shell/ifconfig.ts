// The shell command `ifconfig` (RIOT sys/shell/cmds/gnrc_netif.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import { fmt_is_number } from '../../kernel/fmt.ts';
import { SHELL_COMMAND } from '../../kernel/shell.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { atoi, strtoul, ulong_max } from '../../kernel/stdlib.ts';
import { L2FILTER_ADDR_MAXLEN } from '../gnrc/l2filter.ts';
import { netif_get_by_name, netif_get_name, netif_iter, netif_set_opt, type netif_t } from '../gnrc/netif_api.ts';
import { GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID } from '../gnrc/netif_ipv6.ts';
import { GNRC_NETIF_L2ADDR_MAXLEN } from '../gnrc/netif_t.ts';
import { NETOPT_DISABLE, NETOPT_ENABLE, NETOPT_ENUM_SIZE, NETOPT_IPV6_ADDR, NETOPT_IPV6_ADDR_REMOVE,
  NETOPT_IPV6_GROUP, NETOPT_IPV6_GROUP_LEAVE, NETOPT_L2FILTER, NETOPT_L2FILTER_RM, NETOPT_LINK, NETOPT_STATE,
  NETSTATS_ALL, NETSTATS_IPV6, NETSTATS_LAYER2, netopt_put_enum, netopt_put_u16, netopt_put_u32,
  type netopt_t } from '../netopt.ts';
import { IPV6_ADDR_LEN, ipv6_addr_from_str, ipv6_addr_is_multicast, l2util_addr_from_str } from '../wire/addr.ts';
import { netif_list, netif_stats, STATE_NAMES } from './ifconfig_list.ts';
import { FLAGS, nameOf, SET_KEYS, type SetKey, setKeys } from './ifconfig_options.ts';

const DEFAULT_PREFIX_LEN = 64;
/** Lengths of keys that `set key` takes, in hex digits, and what it says of them. */
const KEY_BITS: ReadonlyMap<number, number> =
  new Map([[14, 56], [16, 64], [32, 128], [48, 192], [64, 256], [128, 512]]);

/** Module shell_cmd_gnrc_netif: `ifconfig`. */
export function shell_cmd_gnrc_netif(): void {
  SHELL_COMMAND('ifconfig', 'Configure network interfaces', ifconfig);
}

function has(module: string): boolean {
  return current().modules.has(module);
}

function linkUsage(cmd: string): void {
  printf(`usage: ${cmd} <if_id> [up|down]\n`);
}

function setUsage(cmd: string): void {
  printf(`usage: ${cmd} <if_id> set <key> <value>\n`);
  printf(`      Sets a hardware specific value\n      <key> may be one of the following\n${setKeys()}`);
}

function flagUsage(cmd: string): void {
  puts(`usage: ${cmd} <if_id> [-]{${[...FLAGS.keys()].join('|')}}`);
}

function addUsage(cmd: string): void {
  printf(`usage: ${cmd} <if_id> add [anycast|multicast|unicast] <ipv6_addr>[/prefix_len]\n`);
}

function delUsage(cmd: string): void {
  printf(`usage: ${cmd} <if_id> del <ipv6_addr>\n`);
}

function filterUsage(cmd: string): void {
  printf(`usage: ${cmd} <if_id> l2filter {add|del} <addr>\n`);
}

function usage(cmd: string): void {
  printf(`usage: ${cmd}\nusage: ${cmd} help\n`);
  linkUsage(cmd);
  setUsage(cmd);
  flagUsage(cmd);
  addUsage(cmd);
  delUsage(cmd);
  if (has('l2filter')) filterUsage(cmd);
  if (!has('netstats')) return;
  printf(`usage: ${cmd} <if_id> stats [l2|ipv6] [reset]\n       reset can be only used if the module is specified.\n`);
}

function* ifconfig(argc: number, argv: readonly string[]): Blocking<number> {
  if (argc < 2) return yield* listAll();
  const cmd = argv[0]!;
  const iface = netif_get_by_name(argv[1]!);
  if (iface === null) {
    if (argv[1] !== 'help' && argv[1] !== '--help') {
      printf('error: invalid interface given\n');
      return 1;
    }
    usage(cmd);
    return 0;
  }
  if (argc < 3) {
    yield* netif_list(iface);
    return 0;
  }
  return yield* subcommand(iface, argc, argv);
}

function* subcommand(iface: netif_t, argc: number, argv: readonly string[]): Blocking<number> {
  const [cmd, , verb] = argv as [string, string, string];
  switch (verb) {
    case 'set':
      if (argc >= 5) return yield* set(cmd, iface, argv[3]!, argv[4]!);
      setUsage(cmd);
      return 1;
    case 'up': return yield* link(iface, true);
    case 'down': return yield* link(iface, false);
    case 'add':
      if (argc >= 4) return yield* add(cmd, iface, argv.slice(3));
      addUsage(cmd);
      return 1;
    case 'del':
      if (argc >= 4) return yield* del(iface, argv[3]!);
      delUsage(cmd);
      return 1;
    case 'help':
      usage(cmd);
      return 0;
    default:
      if (verb === 'l2filter' && has('l2filter')) return yield* filter(iface, argc, argv);
      if (verb === 'stats' && has('netstats')) return yield* stats(iface, argc, argv);
      return yield* flag(cmd, iface, verb);
  }
}

/** The list of interfaces begins with the newest; they are listed from the oldest on. */
function* listAll(): Blocking<number> {
  const all: netif_t[] = [];
  for (let iface = netif_iter(null); iface !== null; iface = netif_iter(iface)) all.unshift(iface);
  for (const iface of all) yield* netif_list(iface);
  return 0;
}

function* link(iface: netif_t, up: boolean): Blocking<number> {
  const value = new Uint8Array(NETOPT_ENUM_SIZE);
  netopt_put_enum(value, up ? NETOPT_ENABLE : NETOPT_DISABLE);
  if ((yield* netif_set_opt(iface, NETOPT_LINK, 0, value, NETOPT_ENUM_SIZE)) >= 0) return 0;
  printf(`error: unable to set link ${up ? 'up' : 'down'}\n`);
  return 1;
}

function* flag(cmd: string, iface: netif_t, text: string): Blocking<number> {
  const on = !text.startsWith('-');
  const opt = FLAGS.get(on ? text : text.slice(1));
  if (opt === undefined) {
    flagUsage(cmd);
    return 1;
  }
  const value = new Uint8Array(NETOPT_ENUM_SIZE);
  netopt_put_enum(value, on ? NETOPT_ENABLE : NETOPT_DISABLE);
  if ((yield* netif_set_opt(iface, opt, 0, value, NETOPT_ENUM_SIZE)) < 0) {
    printf('error: unable to set option\n');
    return 1;
  }
  printf(`success: ${on ? '' : 'un'}set option\n`);
  return 0;
}

function* stats(iface: netif_t, argc: number, argv: readonly string[]): Blocking<number> {
  let module = NETSTATS_ALL;
  if (argc > 3 && argv[3] !== 'all') {
    if (argv[3] === 'l2') module = NETSTATS_LAYER2;
    else if (argv[3] === 'ipv6') module = NETSTATS_IPV6;
    else {
      printf(`Module ${argv[3]} doesn't exist or does not provide statistics.\n`);
      return 0;
    }
  }
  const reset = argc > 4 && argv[4]!.startsWith('reset');
  if ((module & NETSTATS_LAYER2) !== 0) yield* netif_stats(iface, NETSTATS_LAYER2, reset);
  if ((module & NETSTATS_IPV6) !== 0) yield* netif_stats(iface, NETSTATS_IPV6, reset);
  return 1;
}

function* filter(iface: netif_t, argc: number, argv: readonly string[]): Blocking<number> {
  const verb = argv[3];
  if (argc < 5 || (verb !== 'add' && verb !== 'del')) {
    filterUsage(argv[2]!);
    return 1;
  }
  const addr = l2util_addr_from_str(argv[4]!, GNRC_NETIF_L2ADDR_MAXLEN);
  if (addr === null || addr.length > L2FILTER_ADDR_MAXLEN) {
    printf('error: given address is invalid\n');
    return 1;
  }
  const opt = verb === 'add' ? NETOPT_L2FILTER : NETOPT_L2FILTER_RM;
  if ((yield* netif_set_opt(iface, opt, 0, addr, addr.length)) < 0) {
    printf(`unable to ${verb === 'add' ? 'add link layer address to' : 'remove link layer address from'} filter\n`);
    return 1;
  }
  printf(`successfully ${verb === 'add' ? 'added' : 'removed'} address to filter\n`);
  return 0;
}

/** The address and the length of its prefix, as RIOT takes them apart: the length has 8 bits. */
function splitPrefix(text: string): [addr: string, prefix_len: number] {
  const at = text.indexOf('/', 1);
  if (at < 0) return [text, DEFAULT_PREFIX_LEN];
  const length = at + 1 < text.length ? atoi(text.slice(at + 1)) : DEFAULT_PREFIX_LEN;
  return [text.slice(0, at), (length < 1 ? DEFAULT_PREFIX_LEN : length) & 0xff];
}

function* add(cmd: string, iface: netif_t, args: readonly string[]): Blocking<number> {
  if (!has('gnrc_ipv6')) {
    printf('error: GNRC_IPV6 module not enabled.\n');
    return 1;
  }
  if (args.length > 1 && args[0] !== 'anycast' && args[0] !== 'unicast') {
    addUsage(cmd);
    return 1;
  }
  const [text, prefix_len] = splitPrefix(args[args.length > 1 ? 1 : 0]!);
  const addr = ipv6_addr_from_str(text);
  if (addr === null) {
    printf('error: unable to parse IPv6 address.\n');
    return 1;
  }
  if (ipv6_addr_is_multicast(addr)) {
    if ((yield* netif_set_opt(iface, NETOPT_IPV6_GROUP, 0, addr, IPV6_ADDR_LEN)) < 0) {
      printf('error: unable to join IPv6 multicast group\n');
      return 1;
    }
  } else {
    const anycast = args.length > 1 && args[0] === 'anycast' ? GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST : 0;
    const flags = (prefix_len << 8) | GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID | anycast;
    if ((yield* netif_set_opt(iface, NETOPT_IPV6_ADDR, flags, addr, IPV6_ADDR_LEN)) < 0) {
      printf('error: unable to add IPv6 address\n');
      return 1;
    }
  }
  printf(`success: added ${text}/${prefix_len} to interface ${netif_get_name(iface)}\n`);
  return 0;
}

function* del(iface: netif_t, text: string): Blocking<number> {
  if (!has('gnrc_ipv6')) {
    printf('error: unable to delete IPv6 address.\n');
    return 1;
  }
  const addr = ipv6_addr_from_str(text);
  if (addr === null) {
    printf('error: unable to parse IPv6 address.\n');
    return 1;
  }
  const group = ipv6_addr_is_multicast(addr);
  const opt = group ? NETOPT_IPV6_GROUP_LEAVE : NETOPT_IPV6_ADDR_REMOVE;
  if ((yield* netif_set_opt(iface, opt, 0, addr, IPV6_ADDR_LEN)) < 0) {
    printf(group ? 'error: unable to leave IPv6 multicast group\n' : 'error: unable to remove IPv6 address\n');
    return 1;
  }
  printf(`success: removed ${text} to interface ${netif_get_name(iface)}\n`);
  return 0;
}

function* set(cmd: string, iface: netif_t, key: string, text: string): Blocking<number> {
  const what = SET_KEYS.get(key);
  if (what === undefined || (what.needs !== undefined && !has(what.needs))) {
    setUsage(cmd);
    return 1;
  }
  switch (what.type) {
    case 'u8': {
      const value = atoi(text) & 0xff;
      return yield* setValue(iface, what, Uint8Array.of(value), String(value));
    }
    case 'i16': {
      const value = (atoi(text) << 16) >> 16;
      return yield* setValue(iface, what, u16(value), String(value));
    }
    case 'u16': return yield* setNumber(iface, what, text, 16);
    case 'u32': return yield* setNumber(iface, what, text, 32);
    case 'addr': return yield* setAddress(iface, what, text);
    case 'state': return yield* setState(iface, text);
    case 'key': return yield* setKey(iface, what.opt, text);
  }
}

function u16(value: number): Uint8Array {
  const bytes = new Uint8Array(2);
  netopt_put_u16(bytes, value);
  return bytes;
}

function* setValue(iface: netif_t, what: SetKey, value: Uint8Array, text: string): Blocking<number> {
  if ((yield* netif_set_opt(iface, what.opt, what.context ?? 0, value, value.length)) < 0) {
    printf(`error: unable to set ${nameOf(what.opt)}\n`);
    return 1;
  }
  printf(`success: set ${nameOf(what.opt)} on interface ${netif_get_name(iface)} to ${text}\n`);
  return 0;
}

/** Decimal digits, or else a number of base 16; of 32 bits, RIOT reads base 32. */
function* setNumber(iface: netif_t, what: SetKey, text: string, bits: 16 | 32): Blocking<number> {
  const hex = fmt_is_number(text) === false;
  const value = strtoul(text, hex ? bits : 10);
  if (value === ulong_max() || (bits === 16 && value > 0xffffn)) {
    printf(`error: unable to parse value.\nMust be a ${bits}-bit unsigned integer (dec or hex)\n`);
    return 1;
  }
  let bytes = u16(Number(value & 0xffffn));
  if (bits === 32) {
    bytes = new Uint8Array(4);
    netopt_put_u32(bytes, 0, Number(value & 0xffff_ffffn));
  }
  return yield* setValue(iface, what, bytes, hex ? `0x${value.toString(16).padStart(4, '0')}` : String(value));
}

function* setAddress(iface: netif_t, what: SetKey, text: string): Blocking<number> {
  const addr = l2util_addr_from_str(text, GNRC_NETIF_L2ADDR_MAXLEN);
  if (addr === null) {
    printf('error: unable to parse address.\nMust be of format [0-9a-fA-F]{2}(:[0-9a-fA-F]{2})*\n' +
      '(hex pairs delimited by colons)\n');
    return 1;
  }
  return yield* setValue(iface, what, addr, text);
}

function* setState(iface: netif_t, text: string): Blocking<number> {
  const state = STATE_NAMES.findIndex((name) => name === text || name.toLowerCase() === text);
  if (state < 0) {
    printf('usage: ifconfig <if_id> set state [off|sleep|idle|rx|tx|reset|standby]\n');
    return 1;
  }
  const value = new Uint8Array(NETOPT_ENUM_SIZE);
  netopt_put_enum(value, state);
  if ((yield* netif_set_opt(iface, NETOPT_STATE, 0, value, NETOPT_ENUM_SIZE)) < 0) {
    printf(`error: unable to set state to ${STATE_NAMES[state]}\n`);
    return 1;
  }
  printf(`success: set state of interface ${netif_get_name(iface)} to ${STATE_NAMES[state]}\n`);
  return 0;
}

/** As RIOT reads a digit of a key: letters count from 0 like figures. -1: no digit. */
function keyDigit(c: string): number {
  if (c >= '0' && c <= '9') return c.charCodeAt(0) - 0x30;
  const letter = c.toLowerCase();
  return letter >= 'a' && letter <= 'f' ? letter.charCodeAt(0) - 0x61 : -1;
}

function* setKey(iface: netif_t, opt: netopt_t, text: string): Blocking<number> {
  const bits = KEY_BITS.get(text.length);
  if (bits === undefined) {
    printf('error: invalid key size.\n');
    return 1;
  }
  printf(`\nNotice: setting ${bits} bit key.`);
  const key = new Uint8Array(text.length / 2);
  for (let i = 0; i < key.length; i++) {
    const [high, low] = [keyDigit(text[2 * i]!), keyDigit(text[2 * i + 1]!)];
    if (high < 0 || low < 0) {
      printf('error: unable to parse key\n');
      return 1;
    }
    key[i] = (high << 4) + low;
  }
  if ((yield* netif_set_opt(iface, opt, 0, key, key.length)) < 0) {
    printf('error: unable to set encryption key\n');
    return 1;
  }
  printf(`success: set encryption key on interface ${netif_get_name(iface)} to \n`);
  puts([...key].map((byte) => (byte + 0x100).toString(16).slice(1)).join(''));
  return 0;
}
