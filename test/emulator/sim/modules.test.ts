import { readFileSync } from 'node:fs';
import test from 'ava';
import { apps } from '../../../apps/index.ts';
import { boards } from '../../../boards/index.ts';
import { native } from '../../../boards/native.ts';
import { imageModules } from '../../../emulator/sim/modules.ts';

interface Build {
  readonly app: string;
  readonly board: string;
  readonly modules: readonly string[];
}

const file = new URL('../../vectors/riot-modules.json', import.meta.url);
const builds = JSON.parse(readFileSync(file, 'utf8')) as Build[];

/** The modules that code here asks for, or may: those of the network, the shell and what they are built on. */
const WATCHED = new RegExp('^(gnrc|netdev|netif|netstats|sock|shell_cmd|sixlowpan|ipv6|icmpv6|ieee802154|udp$|' +
  'credman|tinydtls|l2util|luid|eui_provider|event$|evtimer|xtimer|netutils|od$|fmt$|iolist|inet_csum|prng|random|' +
  'core_mbox|core_thread_flags|stdin$|socket_zep|nrf802154|cc2538_rf)');

/** What RIOT's builds have and these apps here do not: RPL and pktshark, and what only they pull in. */
const LEFT_OUT: readonly string[] = [
  'gnrc_rpl', 'netstats_rpl', 'shell_cmd_gnrc_rpl', 'gnrc_pktshark', 'gnrc_pktshark_4in6', 'gnrc_pktshark_coap',
  'gnrc_pktshark_default', 'gnrc_pktshark_icmpv6', 'shell_cmd_gnrc_pktshark',
];

/** Parts of others that RIOT builds as modules of their own, of which no code depends. */
const PARTS =
  /^(netdev_ieee802154_(oqpsk|mr_\w+|multimode)|prng$|prng_shaxprng|socket_zep_hello|ipv4_addr|eui_provider)$/;

const wanted = (modules: Iterable<string>): string[] =>
  [...modules].filter((name) => WATCHED.test(name) && !LEFT_OUT.includes(name) && !PARTS.test(name)).sort();

for (const { app, board, modules } of builds) {
  test(`${app} on ${board} has the modules that RIOT's build of it has`, (t) => {
    // `make info-modules` of RIOT with the same board and app, all modules of the network and its foundations compared.
    t.deepEqual(wanted(imageModules(boards[board]!, apps[app]!.modules)), wanted(modules));
  });
}

test('an Ethernet port pulls in the classic stack, and a board without its radio has no 6LoWPAN', (t) => {
  // RIOT's native board without socket_zep is the one with netdev_tap (boards/common/native/Makefile.dep).
  const host = imageModules(native, apps['gnrc_networking']!.modules, { wired: true, radio: false });
  for (const name of ['netdev_tap', 'gnrc_netif_ethernet', 'gnrc_ipv6_classic', 'gnrc_ipv6_router']) {
    t.true(host.has(name), name);
  }
  for (const name of ['gnrc_sixlowpan', 'ieee802154', 'gnrc_ipv6_nib_6ln', 'gnrc_netif_pktq']) {
    t.false(host.has(name), name);
  }
});

test('modules without a network pull in no part of it', (t) => {
  // hello-world must stay as small as it is: only what the board always has.
  t.deepEqual([...imageModules(native, [])], ['periph_pm']);
});
