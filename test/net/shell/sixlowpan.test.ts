// The commands `6ctx` and `6lo_frag`.
import test from 'ava';

import { answer, answers } from './console.ts';

const HEAD = 'cid|prefix                                     |C|ltime\n' +
  '-----------------------------------------------------------\n';
const WARNING = 'WARNING: context dissemination by non-6LBR not supported\n';
const USAGE = 'usage: 6ctx [{add <0-15> <prefix>/<prefix_len> <ltime in min>|del <ctx>}]\n' +
  '       `del` will only invalidate the context for compression. It can be\n       reassigned after 5 min.\n';

test('6ctx lists, adds and deletes as RIOT prints it', (t) => {
  // sys/shell/cmds/gnrc_sixlowpan_ctx.c: columns of 2, 39, 3 and 5 characters; what is deleted stays 300 s, here 1 s.
  const three = `  3|${'2001:db8:1::'.padStart(39)}/64 |`;
  const twelve = ` 12|${'fd00:1:2:3:4:5:6:7'.padStart(39)}/128|1|    7min\n`;
  const lines: [string, string][] = [
    ['6ctx', HEAD],
    ['6ctx add 3 2001:db8:1::/64 100', WARNING],
    ['6ctx add 12 fd00:1:2:3:4:5:6:7/128 7', WARNING],
    ['6ctx', `${HEAD}${three}1|  100min\n${twelve}`],
    ['6ctx del 3', WARNING],
    ['6ctx', `${HEAD}${three}0|    0min\n${twelve}`],
    ['6ctx del 3', `${WARNING}Context 3 already marked for removal\n`],
    ['6ctx', `${HEAD}${three}0|    0min\n${twelve}`],
    ['6ctx', `${HEAD}${twelve}`],
    ['6ctx del 3', WARNING],
  ];
  const config = { SIXLOWPAN_ND_MIN_CTX_CHANGE_SEC_DELAY: 1 };
  t.deepEqual(answers(lines.map(([line]) => line), { config }), lines.map(([, printed]) => printed));
});

test('6ctx with wrong arguments prints its usage or what is wrong', (t) => {
  // Each check of the command in its order; RIOT reads a number from NULL when `del` has none.
  const lines: [string, string][] = [
    ...['6ctx foo', '6ctx add', '6ctx add 1 2001:db8::/64', '6ctx add 16 2001:db8::/64 1', '6ctx del 16',
      '6ctx add -1 2001:db8::/64 1'].map((line): [string, string] => [line, USAGE]),
    ...['2001:db8::', '/64', '/'].map((prefix): [string, string] => [`6ctx add 1 ${prefix} 1`, WARNING + USAGE]),
    ...['0', '130', 'x', '-3'].map((length): [string, string] =>
      [`6ctx add 1 2001:db8::/${length} 1`, `${WARNING}ERROR: prefix_len < 1 || prefix_len > 128\n`]),
    ['6ctx add 1 ::/64 1', `${WARNING}ERROR: prefix may not be ::\n`],
    ['6ctx add 1 foo/64 1', `${WARNING}ERROR: prefix may not be ::\n`],
    ['6ctx', HEAD],
    ['6ctx del', `undefined on RIOT: 6ctx del: the context is read from NULL\n${USAGE}`],
    // 129 passes, as in RIOT, and counts as 128; of a text that is no address the groups before the fault count.
    ['6ctx add 1 2001:db8/129 1', WARNING],
    ['6ctx', `${HEAD}  1|${'2001:db8::'.padStart(39)}/128|1|    1min\n`],
  ];
  t.deepEqual(answers(lines.map(([line]) => line)), lines.map(([, printed]) => printed));
});

test('a border router is not warned', (t) => {
  // MODULE_GNRC_IPV6_NIB_6LBR
  t.is(answer('6ctx add 0 2001:db8::/64 10', { more: ['gnrc_ipv6_nib_6lbr'] }), '');
});

test('6lo_frag counts datagrams and fragments that were put together, and what found no room', (t) => {
  // sys/shell/cmds/gnrc_sixlowpan_frag_stats.c; a ping of 300 bytes comes back in 4 fragments.
  const more = ['gnrc_sixlowpan_frag_stats'];
  const lines = ['6lo_frag', 'ping -c 1 -s 300 fe80::b', '6lo_frag'];
  const [before, , after] = answers(lines, { more });
  t.is(before, 'rbuf full: 0\nfrag full: 0\nfrags complete: 0\ndgs complete: 0\n');
  t.is(after, 'rbuf full: 0\nfrag full: 0\nfrags complete: 4\ndgs complete: 1\n');
  t.true(answer('6lo_frag', { more: [...more, 'gnrc_sixlowpan_frag_minfwd'] }).includes('VRB full: 0\n'));
});
