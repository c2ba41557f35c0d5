import { readFileSync } from 'node:fs';
import test from 'ava';
import { seconds } from 'riotbed';
import { answer, answers, NETWORKING } from './console.ts';

/** The answers to a command in a capture of a real node. */
function captured(name: string, command: string, node: 'A' | 'B'): string[] {
  const file = readFileSync(new URL(`../../vectors/riot-captures/${name}.shell.txt`, import.meta.url), 'utf8');
  const lines = [...file.matchAll(/^\[ *[\d.]+ ([AB])\] ?(.*)$/gm)].filter(([, from]) => from === node)
    .map(([, , text]) => text!);
  const first = lines.indexOf(`> ${command}`);
  const next = lines.findIndex((text, i) => i > first && text.startsWith('<<< '));
  return lines.slice(first + 1, next);
}

test('the listing is that of a real node, line by line', (t) => {
  // Capture a-boot-gnrc: gnrc_networking on native64 after 31 s, as alone on the air as here but for what the other
  // node sent meanwhile. RPL, which it has, joins one more group and advertises routers; the counters are told apart
  // below.
  const real = captured('a-boot-gnrc', 'ifconfig', 'A').filter((line) => !line.includes('ff02::1a'));
  const config = { CONFIG_GNRC_IPV6_NIB_ADV_ROUTER: 1 };
  const printed = answer('ifconfig', { start: seconds(31), config }).split('\n');
  printed.pop();
  const withoutNumbers = (lines: string[]) =>
    lines.map((line) => (line.startsWith('            ') ? line.replace(/\d+/g, 'N') : line));
  t.deepEqual(withoutNumbers(printed), withoutNumbers(real));
});

test('what the interface has sent is counted as a real node counts it', (t) => {
  // The captured node had sent four router solicitations of 45 bytes and a DIS; here there is no DIS. Of the link layer
  // none is told to have succeeded. bytes: MPDU with FCS; of IPv6 48 bytes more or less as IPHC saves.
  const [l2, ipv6] = [answer('ifconfig 6 stats l2', { start: seconds(31) }), answer('ifconfig 6 stats ipv6',
    { start: seconds(31) })];
  const sent = /TX packets (\d+) \(Multicast: (\d+)\)  bytes (\d+)/.exec(l2)!.slice(1).map(Number);
  t.is(sent[0], sent[1]);
  t.is(sent[2], 45 * sent[0]!);
  t.regex(l2, /TX succeeded 0 errors 0/);
  t.regex(ipv6, new RegExp(`TX packets ${sent[0]} \\(Multicast: ${sent[0]}\\)  bytes ${64 * sent[0]!}\n`));
  t.regex(ipv6, new RegExp(`TX succeeded ${sent[0]} errors 0`));
});

test('the interface is found by its number, and any other name is refused', (t) => {
  // 6 on native: the pid of the fourth thread that the stack makes.
  const [all, one, none, text] = answers(['ifconfig', 'ifconfig 6', 'ifconfig 7', 'ifconfig six']);
  t.is(one, all);
  t.is(none, 'error: invalid interface given\n');
  t.is(text, 'error: invalid interface given\n');
});

const KEYS = `      Sets a hardware specific value
      <key> may be one of the following
       * "addr" - sets (short) address
       * "addr_long" - sets long address
       * "addr_short" - alias for "addr"
       * "cca_threshold" - set ED threshold during CCA in dBm
       * "freq" - sets the "channel" center frequency
       * "channel" - sets the frequency channel
       * "chan" - alias for "channel"
       * "checksum" - set checksumming on-off
       * "csma_retries" - set max. number of channel access attempts
       * "encrypt" - set the encryption on-off
       * "hop_limit" - set hop limit
       * "hl" - alias for "hop_limit"
       * "key" - set the encryption key in hexadecimal format
       * "mtu" - IPv6 maximum transmission unit
       * "nid" - sets the network identifier (or the PAN ID)
       * "page" - set the channel page (IEEE 802.15.4)
       * "pan" - alias for "nid"
       * "pan_id" - alias for "nid"
       * "phy_busy" - set busy mode on-off
       * "power" - TX power in dBm
       * "retrans" - max. number of retransmissions
       * "src_len" - sets the source address length in byte
       * "state" - set the device state
`;
const SET = `usage: ifconfig <if_id> set <key> <value>\n${KEYS}`;
const FLAGS = 'usage: ifconfig <if_id> [-]{6lo|abr|ack_req|gts|pan_coord|autoack|autocca|csma|encrypt|mac_no_sleep|' +
  'fwd|iphc|preload|promisc|phy_busy|raw|rtr_adv|iq_invert|rx_single|chan_hop|checksum|otaa|link_check}\n';
const ADD = 'usage: ifconfig <if_id> add [anycast|multicast|unicast] <ipv6_addr>[/prefix_len]\n';
const DEL = 'usage: ifconfig <if_id> del <ipv6_addr>\n';
const STATS = 'usage: ifconfig <if_id> stats [l2|ipv6] [reset]\n' +
  '       reset can be only used if the module is specified.\n';
const HEAD = 'usage: ifconfig\nusage: ifconfig help\nusage: ifconfig <if_id> [up|down]\n';
const HELP = HEAD + SET + FLAGS + ADD + DEL + STATS;

test('help is RIOT\'s, whichever way it is asked for', (t) => {
  // The texts of sys/shell/cmds/gnrc_netif.c with module netstats and without l2filter.
  for (const text of answers(['ifconfig help', 'ifconfig --help', 'ifconfig 6 help'])) t.is(text, HELP);
});

test('help has lines for the modules that the image has', (t) => {
  // l2filter and stats are there with their modules only; stats is then no subcommand but an unknown flag.
  const modules = NETWORKING.filter((name) => !name.startsWith('netstats'));
  t.is(answer('ifconfig help', { modules }), HEAD + SET + FLAGS + ADD + DEL);
  t.is(answer('ifconfig 6 stats', { modules }), FLAGS);
  t.is(answer('ifconfig 6 l2filter add 00:0b', { modules }), FLAGS);
  t.is(answer('ifconfig help', { more: ['l2filter_blacklist'] }),
    HEAD + SET + FLAGS + ADD + DEL + 'usage: ifconfig <if_id> l2filter {add|del} <addr>\n' + STATS);
});

test('wrong arguments print the usage of their subcommand', (t) => {
  // Each with too few words, and what is not known.
  const wrong: [string, string][] = [
    ['set', SET], ['set chan', SET], ['set colour blue', SET], ['set encrypt 1', SET], ['add', ADD],
    ['add multicast ff02::5', ADD], ['add some 2001:db8::1', ADD], ['del', DEL], ['colour', FLAGS], ['-colour', FLAGS],
    ['set state awake', 'usage: ifconfig <if_id> set state [off|sleep|idle|rx|tx|reset|standby]\n'],
    ['add 2001:db8::x', 'error: unable to parse IPv6 address.\n'],
    ['del 2001:db8::x', 'error: unable to parse IPv6 address.\n'],
    ['set chan 65536', 'error: unable to parse value.\nMust be a 16-bit unsigned integer (dec or hex)\n'],
    ['set chan -1', 'error: unable to parse value.\nMust be a 16-bit unsigned integer (dec or hex)\n'],
    ['set pan 10000', 'success: set network identifier on interface 6 to 10000\n'],
    ['set pan 1ffff', 'error: unable to parse value.\nMust be a 16-bit unsigned integer (dec or hex)\n'],
    ['set freq 99999999999999999999',
      'error: unable to parse value.\nMust be a 32-bit unsigned integer (dec or hex)\n'],
    ['set addr xy', 'error: unable to parse address.\nMust be of format [0-9a-fA-F]{2}(:[0-9a-fA-F]{2})*\n' +
      '(hex pairs delimited by colons)\n'],
    ['set key 0123', 'error: invalid key size.\n'],
    ['set key 0123456789abcg', '\nNotice: setting 56 bit key.error: unable to parse key\n'],
    ['set key 0123456789abcdef', '\nNotice: setting 64 bit key.error: unable to set encryption key\n'],
    ['stats tcp', 'Module tcp doesn\'t exist or does not provide statistics.\n'],
  ];
  const printed = answers(wrong.map(([line]) => `ifconfig 6 ${line}`));
  for (const [i, [line, text]] of wrong.entries()) t.is(printed[i], text, line);
});

test('what the SubMAC device does not know is refused, and what it knows is set', (t) => {
  // drivers/netdev_ieee802154_submac: neither retransmissions nor CSMA nor CCA nor pages; flags answer 2 and above.
  const lines: [string, string][] = [
    ['set chan 15', 'success: set channel on interface 6 to 15\n'],
    ['set channel 0x1a', 'success: set channel on interface 6 to 0x001a\n'],
    ['set chan f', 'success: set channel on interface 6 to 0x000f\n'],
    ['set nid 0xbeef', 'success: set network identifier on interface 6 to 0xbeef\n'],
    ['set power -3', 'success: set TX power [in dBm] on interface 6 to -3\n'],
    ['set hl 13', 'success: set hop limit on interface 6 to 13\n'],
    ['set hop_limit 300', 'success: set hop limit on interface 6 to 44\n'],
    ['set mtu 1400', 'success: set MTU on interface 6 to 1400\n'],
    ['set addr 12:34', 'success: set (short) address on interface 6 to 12:34\n'],
    ['set addr_short 56:78', 'success: set (short) address on interface 6 to 56:78\n'],
    ['set addr_long 02:00:00:00:00:00:00:0C', 'success: set long address on interface 6 to 02:00:00:00:00:00:00:0C\n'],
    ['set src_len 2', 'success: set source address length on interface 6 to 2\n'],
    ['set src_len 3', 'error: unable to set source address length\n'],
    ['set retrans 3', 'error: unable to set max. retransmissions\n'],
    ['set csma_retries 3', 'error: unable to set CSMA retries\n'],
    ['set cca_threshold -70', 'error: unable to set CCA threshold [in dBm]\n'],
    ['set page 1', 'error: unable to set page\n'],
    ['set freq 2405000000', 'error: unable to set frequency [in Hz]\n'],
    ['set high_rate 1', SET],
    ['set state sleep', 'success: set state of interface 6 to SLEEP\n'],
    ['set state SLEEP', 'error: unable to set state to SLEEP\n'],
    ['set state idle', 'success: set state of interface 6 to IDLE\n'],
    ['set state IDLE', 'error: unable to set state to IDLE\n'],
    ['set state off', 'error: unable to set state to OFF\n'],
    ['set state tx', 'error: unable to set state to TX\n'],
    ['set state reset', 'error: unable to set state to RESET\n'],
    ['set state standby', 'error: unable to set state to STANDBY\n'],
    ['up', 'error: unable to set link up\n'],
    ['down', 'error: unable to set link down\n'],
    ['-ack_req', 'success: unset option\n'],
    ['promisc', 'success: set option\n'],
    ['-iphc', 'success: unset option\n'],
    ['raw', 'success: set option\n'],
    ['rtr_adv', 'success: set option\n'],
    ['-rtr_adv', 'success: unset option\n'],
    ['-fwd', 'success: unset option\n'],
  ];
  const refused = ['6lo', 'abr', 'gts', 'pan_coord', 'autoack', 'autocca', 'csma', 'encrypt', 'mac_no_sleep',
    'preload', 'phy_busy', 'iq_invert', 'rx_single', 'chan_hop', 'checksum', 'otaa', 'link_check'];
  for (const flag of refused) lines.push([flag, 'error: unable to set option\n']);
  const printed = answers([...lines.map(([line]) => `ifconfig 6 ${line}`), 'ifconfig']);
  for (const [i, [line, text]] of lines.entries()) t.is(printed[i], text, line);
  t.is(printed.at(-1)!.split('\n          inet6')[0],
    `Iface  6  HWaddr: 56:78  Channel: 15  NID: 0xbeef  PHY: O-QPSK 
          Long HWaddr: 02:00:00:00:00:00:00:0C 
           TX-Power: -3dBm  State: IDLE 
          RAWMODE  L2-PDU:102  MTU:1400  HL:44  6LO  
          Source address length: 2
          Link type: wireless`);
});

test('addresses and groups are added and removed, and listed with their scope', (t) => {
  // Prefix length 64 unless given, also for what is no number; groups have none, but it is printed.
  const [uni, any, bad, group, list, gone, left] = answers([
    'ifconfig 6 add 2001:db8::1', 'ifconfig 6 add anycast fec0::2/48', 'ifconfig 6 add unicast 2001:db8::1/0',
    'ifconfig 6 add ff05::7', 'ifconfig', 'ifconfig 6 del 2001:db8::1', 'ifconfig 6 del ff05::7',
  ], { config: { CONFIG_GNRC_NETIF_IPV6_ADDRS_NUMOF: 4 } });
  t.is(uni, 'success: added 2001:db8::1/64 to interface 6\n');
  t.is(any, 'success: added fec0::2/48 to interface 6\n');
  t.is(bad, 'success: added 2001:db8::1/64 to interface 6\n');
  t.is(group, 'success: added ff05::7/64 to interface 6\n');
  t.true(list!.includes('\n          inet6 addr: fe80::a  scope: link  VAL\n' +
    '          inet6 addr: 2001:db8::1  scope: global  VAL\n' +
    '          inet6 addr: fec0::2  scope: site [anycast]  VAL\n'), list);
  t.true(list!.includes('\n          inet6 group: ff05::7\n'));
  t.is(gone, 'success: removed 2001:db8::1 to interface 6\n');
  t.is(left, 'success: removed ff05::7 to interface 6\n');
});

test('a full table refuses one address more', (t) => {
  // CONFIG_GNRC_NETIF_IPV6_ADDRS_NUMOF 2: the link-local one and one more.
  const printed = answers(['ifconfig 6 add 2001:db8::1', 'ifconfig 6 add 2001:db8::2']);
  t.deepEqual(printed, ['success: added 2001:db8::1/64 to interface 6\n', 'error: unable to add IPv6 address\n']);
});

test('what fails an assertion of the interface prints it, and the shell never comes back', (t) => {
  // RIOT: the interface's thread sleeps for ever, and the command waits for its answer. A prefix of 129 bits, a channel
  // that has no 8 bits, and a long address for the short one.
  for (const [line, where] of [
    ['add 2001:db8::1/129', 'sys/net/gnrc/netif/gnrc_netif.c:633'], ['set chan 256', 'drivers/netdev/ieee802154.c:202'],
    ['set addr 01:02:03', 'drivers/netdev/ieee802154.c:208'],
  ]) {
    const [first, second] = answers([`ifconfig 6 ${line}`, 'ifconfig']);
    t.is(first, `${where} => FAILED ASSERTION.\n`);
    t.false(second!.includes('Iface'));
  }
});

test('statistics are listed by module, and set to 0', (t) => {
  // `reset` needs the module; whatever begins with it will do. A board that counts no IPv6 has none to tell.
  const [both, l2, reset, after, again] = answers(['ifconfig 6 stats', 'ifconfig 6 stats l2',
    'ifconfig 6 stats l2 resetx', 'ifconfig 6 stats l2', 'ifconfig 6 stats all reset']);
  t.true(both!.startsWith(l2!));
  t.regex(both!, /\n {10}Statistics for IPv6\n/);
  t.is(reset, 'Reset statistics for module Layer 2: succeeded!\n');
  t.is(after, '          Statistics for Layer 2\n            RX packets 0  bytes 0\n' +
    '            TX packets 0 (Multicast: 0)  bytes 0\n            TX succeeded 0 errors 0\n');
  t.is(again, 'Reset statistics for module Layer 2: succeeded!\nReset statistics for module IPv6: succeeded!\n');
  const modules = NETWORKING.filter((name) => name !== 'netstats_ipv6');
  t.is(answer('ifconfig 6 stats ipv6', { modules }), '           Protocol or device doesn\'t provide statistics.\n');
});

test('the filter\'s addresses are added, listed and removed', (t) => {
  // Module l2filter_blacklist; its usage line names the subcommand where the command should stand, as RIOT prints it.
  const usage = 'usage: l2filter <if_id> l2filter {add|del} <addr>\n';
  const [few, wrong, bad, added, list, removed, none] = answers(['l2filter', 'l2filter set 00:0b', 'l2filter add xy',
    'l2filter add 02:00:00:00:00:00:00:0b', '', 'l2filter del 02:00:00:00:00:00:00:0B', 'l2filter del 00:01',
  ].map((line) => `ifconfig 6 ${line}`.trim()), { more: ['l2filter_blacklist'] });
  t.is(few, usage);
  t.is(wrong, usage);
  t.is(bad, 'error: given address is invalid\n');
  t.is(added, 'successfully added address to filter\n');
  t.true(list!.includes(
    '\n          \n           Black-listed link layer addresses:\n             0: 02:00:00:00:00:00:00:0B\n\n'), list);
  t.is(removed, 'successfully removed address to filter\n');
  t.is(none, 'unable to remove link layer address from filter\n');
  const empty = answer('ifconfig', { more: ['l2filter_whitelist'] });
  t.true(empty.includes('           White-listed link layer addresses:\n            --- none ---\n'), empty);
});

test('a full filter refuses one address more', (t) => {
  // CONFIG_L2FILTER_LISTSIZE 8.
  const lines = Array.from({ length: 9 }, (_, i) => `ifconfig 6 l2filter add 00:0${i}`);
  t.is(answers(lines, { more: ['l2filter'] }).at(-1), 'unable to add link layer address to filter\n');
});

test('an at86rf2xx tells attempts, flags and modulation that the SubMAC does not', (t) => {
  // at86rf2xx_netdev.c; with module netdev_ieee802154_oqpsk the line breaks behind the modulation, and once more.
  const text = answer('ifconfig', { board: 'samr21-xpro' });
  t.true(text.startsWith(`Iface  5  HWaddr: 00:0A  Channel: 26  NID: 0x23  PHY: O-QPSK 
          
          Long HWaddr: 02:00:00:00:00:00:00:0A 
           TX-Power: 0dBm  State: IDLE  max. Retrans.: 3  CSMA Retries: 4 
          AUTOACK  ACK_REQ  CSMA  L2-PDU:102  MTU:1280  HL:64  RTR  
          6LO  IPHC  
          Source address length: 8
          Link type: wireless
`), text);
});

test('an at86rf2xx takes what it has registers for', (t) => {
  // Returned values of at86rf2xx_netdev.c _set().
  const lines: [string, string][] = [
    ['set retrans 5', 'success: set max. retransmissions on interface 5 to 5\n'],
    ['set csma_retries 5', 'success: set CSMA retries on interface 5 to 5\n'],
    ['set csma_retries 6', 'error: unable to set CSMA retries\n'],
    ['set cca_threshold -80', 'success: set CCA threshold [in dBm] on interface 5 to 176\n'],
    ['set page 0', 'success: set page on interface 5 to 0\n'],
    ['set page 2', 'error: unable to set page\n'],
    ['set chan 27', 'error: unable to set channel\n'],
    ['set high_rate 1', 'success: set high rate on interface 5 to 1\n'],
    ['set high_rate 4', 'error: unable to set high rate\n'],
    ['set state standby', 'success: set state of interface 5 to STANDBY\n'],
    ['set state sleep', 'success: set state of interface 5 to SLEEP\n'],
    ['set state idle', 'success: set state of interface 5 to IDLE\n'],
    ['set state rx', 'error: unable to set state to RX\n'],
    ['set state reset', 'success: set state of interface 5 to RESET\n'],
    ['-csma', 'success: unset option\n'],
    ['set csma_retries 3', 'error: unable to set CSMA retries\n'],
    ['-autoack', 'success: unset option\n'],
    ['preload', 'success: set option\n'],
    ['promisc', 'success: set option\n'],
  ];
  const printed = answers([...lines.map(([line]) => `ifconfig 5 ${line}`), 'ifconfig'], { board: 'samr21-xpro' });
  for (const [i, [line, text]] of lines.entries()) t.is(printed[i], text, line);
  t.true(printed.at(-1)!.includes('\n          PROMISC  ACK_REQ  PRELOAD  L2-PDU:102  '), printed.at(-1));
});

test('where the driver refuses a power, the command says so', (t) => {
  // nrf802154: -40 to 8 dBm; the value has 8 bits by then: 300 is 44.
  const printed = answers(['ifconfig 5 set power 9', 'ifconfig 5 set power -41', 'ifconfig 5 set power 300',
    'ifconfig 5 set power 8'], { board: 'nrf52840dk' });
  t.deepEqual(printed, [...new Array<string>(3).fill('error: unable to set TX power [in dBm]\n'),
    'success: set TX power [in dBm] on interface 5 to 8\n']);
});
