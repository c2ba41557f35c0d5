// The command `nib` (RIOT sys/shell/cmds/gnrc_ipv6_nib.c). test/parity/border_router.test.ts has what it prints on
// boards that have found each other.
import test from 'ava';

import { answers, type ConsoleOptions } from './console.ts';

/** Images without udp thread: their interface is 5. */
const HOST: ConsoleOptions = {
  modules: ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'shell', 'shell_cmds_default'],
};
const LBR: ConsoleOptions = {
  modules: ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_sixlowpan_border_router_default', 'shell',
    'shell_cmds_default'],
};
const NO_7 = 'Interface 7 does not exist\n';
const NEIGH = 'usage: nib neigh [show|add|del|help]\n       nib neigh add <iface> <ipv6 addr> [<l2 addr>]\n' +
  '       nib neigh del <iface> <ipv6 addr>\n       nib neigh show [iface]\n';
const PREFIX = 'usage: nib prefix [show|add|del|help]\n' +
  '       nib prefix add <iface> <prefix>[/<prefix_len>] [<valid in sec>] [<pref in sec>]\n' +
  '       nib prefix del <iface> <prefix>[/<prefix_len>]\n       nib prefix show [iface]\n';
const ROUTE = 'usage: nib route [show|add|del|help]\n' +
  '       nib route add <iface> <prefix>[/<prefix_len>] <next_hop> [<ltime in sec>]\n' +
  '       nib route del <iface> <prefix>[/<prefix_len>]\n       nib route show [iface]\n';
const ABR = 'usage: nib abr [show|add|del|help]\n       nib abr add <ipv6 global addr>\n' +
  '       nib abr del <ipv6 global addr>\n       nib abr show\n';

/** Types the lines on one board and compares what each prints. */
function session(title: string, lines: readonly (readonly [string, string])[], options: ConsoleOptions = {}): void {
  test(title, (t) => {
    // Each text as RIOT prints it, in the order of the checks there.
    t.deepEqual(answers(lines.map(([line]) => line), options), lines.map(([, printed]) => printed));
  });
}

session('nib without, with a wrong or with no such command prints what there is; abr on routers only', [
  ['nib', 'usage: nib {neigh|prefix|route|abr|help} ...\n'],
  ['nib help', 'usage: nib {neigh|prefix|route|abr|help} ...\n'],
  ['nib foo', 'usage: nib {neigh|prefix|route|abr|help} ...\n'],
]);

session('nib on a host has no abr', [
  ['nib', 'usage: nib {neigh|prefix|route|help} ...\n'], ['nib abr', 'usage: nib {neigh|prefix|route|help} ...\n'],
], HOST);

session('nib neigh lists, adds and deletes neighbours', [
  ['nib neigh', ''],
  ['nib neigh add 6 fe80::1 02:00:00:00:00:00:00:99', ''],
  ['nib neigh add 6 2001:db8::1 AA:BB', ''],
  ['nib neigh', 'fe80::1 dev #6 lladdr 02:00:00:00:00:00:00:99  - MANUAL\n2001:db8::1 dev #6 lladdr AA:BB  - MANUAL\n'],
  ['nib neigh show 6',
    'fe80::1 dev #6 lladdr 02:00:00:00:00:00:00:99  - MANUAL\n2001:db8::1 dev #6 lladdr AA:BB  - MANUAL\n'],
  ['nib neigh show 5', ''],
  ['nib neigh del 6 fe80::1', ''],
  ['nib neigh show', '2001:db8::1 dev #6 lladdr AA:BB  - MANUAL\n'],
  ['nib neigh add 6 fe80::2', ''], ['nib neigh add 6 fe80::3', ''], ['nib neigh add 6 fe80::4', ''],
  ['nib neigh add 6 fe80::5', 'Unable to add fe80::5%6 to neighbor cache\n'],
  ['nib neigh del 6 fe80::77', ''],
]);

session('nib neigh with wrong arguments prints its usage', [
  ['nib neigh help', NEIGH], ['nib neigh foo', NEIGH], ['nib neigh add', NEIGH], ['nib neigh add 6', NEIGH],
  ['nib neigh add 7 fe80::1', NO_7], ['nib neigh add -1 fe80::1', 'Interface 4294967295 does not exist\n'],
  ['nib neigh add 6 foo', NEIGH], ['nib neigh add 6 fe80::1 xyz', NEIGH],
  ['nib neigh add 6 fe80::1 00:11:22:33:44:55:66:77:88', NEIGH], ['nib neigh del', NEIGH],
  ['nib neigh del 7', NO_7], ['nib neigh del 6', NEIGH], ['nib neigh del 6 foo', NEIGH], ['nib neigh', ''],
]);

session('nib prefix lists, adds and deletes prefixes', [
  ['nib prefix', ''],
  ['nib prefix add 6 2001:db8::1/64', ''],
  ['nib prefix add 6 2001:db8:1::/48 1000 500', ''],
  ['nib prefix add 6 2001:db8:2::5', ''],
  ['nib prefix add 6 2001:db8:3::/64 5000000 100', ''],
  ['nib prefix', '2001:db8::/64 dev #6 \n2001:db8:1::/48 dev #6  expires 999 sec deprecates 499 sec\n' +
    '2001:db8:2::5/128 dev #6 \n2001:db8:3::/64 dev #6  expires 4294964 sec deprecates 99 sec\n'],
  ['nib prefix del 6 2001:db8:1::/48', ''], ['nib prefix del 6 2001:db8::/48', ''],
  ['nib prefix del 6 2001:db8:3::/64', ''],
  ['nib prefix show 6', '2001:db8::/64 dev #6 \n2001:db8:2::5/128 dev #6 \n'],
  ['nib prefix add 6 2001:db8:4::/64 500 1000', ''], ['nib prefix add 6 fe80::/64', ''],
  ['nib prefix show', '2001:db8::/64 dev #6 \n2001:db8:2::5/128 dev #6 \n'],
]);

session('nib prefix with wrong arguments prints its usage', [
  ['nib prefix help', PREFIX], ['nib prefix foo', PREFIX], ['nib prefix add 6', PREFIX],
  ['nib prefix add 7 2001:db8::/64', NO_7], ['nib prefix add 6 foo/64', PREFIX], ['nib prefix del 6', PREFIX],
  ['nib prefix del 7 2001:db8::/64', NO_7], ['nib prefix del 6 foo', PREFIX], ['nib prefix show 7', NO_7],
]);

session('nib route lists, adds and deletes routes', [
  ['nib route', ''],
  ['nib route add 6 default fe80::1', ''],
  ['nib route add 6 2001:db8::/32 fe80::2 100', ''],
  ['nib route', '2001:db8::/32 via fe80::2 dev #6\ndefault* via fe80::1 dev #6\n'],
  ['nib route show 6', '2001:db8::/32 via fe80::2 dev #6\ndefault* via fe80::1 dev #6\n'],
  ['nib route add 6 :: fe80::9', ''],
  ['nib route del 6 ::', ''],
  ['nib route', '2001:db8::/32 via fe80::2 dev #6\n'],
  ['nib route del 6 2001:db8::/32', ''],
  ['nib route', ''],
]);

session('nib route with wrong arguments prints its usage', [
  ['nib route help', ROUTE], ['nib route foo', ROUTE], ['nib route add 6 2001:db8::/64', ROUTE],
  ['nib route add 7 2001:db8::/64 fe80::1', NO_7], ['nib route add 6 foo fe80::1', ROUTE],
  ['nib route add 6 2001:db8::/64 foo', ROUTE], ['nib route del 6', ROUTE], ['nib route del 6 foo', ROUTE],
  ['nib route show 7', NO_7],
]);

session('nib route of a host takes the default route only', [
  ['nib route add 5 2001:db8::/64 fe80::1', ''], ['nib route', ''], ['nib route add 5 default fe80::1', ''],
  ['nib route', 'default* via fe80::1 dev #5\n'], ['nib neigh', ''],
], HOST);

session('nib abr of a border router lists, adds and deletes border routers', [
  ['nib abr', ''], ['nib abr help', ABR], ['nib abr foo', ABR], ['nib abr add', ABR], ['nib abr add foo', ABR],
  ['nib abr del foo', ABR],
  ['nib abr add fe80::1', 'address fe80::1 must be global\n'],
  ['nib abr add 2001:db8::1', 'address 2001:db8::1 is not assigned to a 6LBR interface\n'],
  ['ifconfig 5 add 2001:db8::1/64', 'success: added 2001:db8::1/64 to interface 5\n'],
  ['nib abr add 2001:db8::1', ''],
  ['nib abr', '2001:db8::1 v0 expires 9999min\n'],
  ['nib prefix add 5 2001:db8:1::/64', ''],
  ['nib abr show', '2001:db8::1 v1 expires 9999min\n'],
  ['nib abr del 2001:db8::1', ''],
  ['nib abr', ''],
], LBR);

session('nib abr of another router only lists', [
  ['nib abr', ''], ['nib abr help', 'usage: nib abr [show|help]\n       nib abr show\n'],
  ['nib abr add 2001:db8::1', 'usage: nib abr [show|help]\n       nib abr show\n'],
]);
