import test from 'ava';
import { hex } from '../../../net/wire/bytes.ts';
import { Simulation } from '../../../emulator/sim/simulation.ts';
import { native } from '../../../boards/native.ts';
import { shellApp, answers } from './console.ts';

// Modules of RIOT's tests/net/gnrc_netif_ieee802154 but for the dump: no IPv6, the link layer alone.
const MODULES = ['netdev_default', 'auto_init_gnrc_netif', 'shell', 'shell_cmds_default', 'shell_cmd_gnrc_txtsnd'];
const USAGE = 'usage: txtsnd <if> [<L2 addr>|bcast] <data>\n';

test('wrong arguments print the usage, or what is wrong with them', (t) => {
  // sys/shell/cmds/gnrc_txtsnd.c.
  const wrong: [string, string][] = [
    ['txtsnd', USAGE], ['txtsnd 3 bcast', USAGE], ['txtsnd 9 bcast hello', 'error: invalid interface given\n'],
    ['txtsnd 3 all hello', 'error: invalid address given\n'],
    ['txtsnd 3 00:0g:1: hello', 'error: invalid address given\n'],
  ];
  t.deepEqual(answers(wrong.map(([line]) => line), { modules: MODULES }), wrong.map(([, text]) => text));
});

test('the text is the payload of one frame to the address, or to all', (t) => {
  // Quotes keep a blank; without IPv6 the interface sends with its short address, which is what SRC_LEN starts with.
  const sent: string[] = [];
  const app = shellApp(MODULES);
  const sim = new Simulation({ seed: 1, nodes: {
    a: { board: native, app, eui64: Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 10), bootAt: 0 },
    b: { board: native, app, eui64: Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 11), bootAt: 0 },
  } });
  sim.trace.subscribe(({ node, event }) => {
    if (node === 'a' && event.layer === 'radio' && event.type === 'tx') sent.push(hex(event.frame));
    return undefined;
  });
  sim.runUntil(1_000_000);
  for (const line of ['txtsnd 3 00:0b hello', 'txtsnd 3 02:00:00:00:00:00:00:0b "a b"', 'txtsnd 3 bcast x']) {
    sim.apply({ type: 'type', node: 'a', text: line });
    sim.runFor(100_000);
  }
  t.is(sent.length, 3);
  const without = (frame: string) => frame.slice(0, 4) + frame.slice(6, -4);
  t.deepEqual(sent.map(without), [
    `6198${'2300'}${'0b00'}${'0a00'}${'68656c6c6f'}`,
    `619c${'2300'}${'0b00000000000002'}${'0a00'}${'612062'}`,
    `4198${'2300'}${'ffff'}${'0a00'}${'78'}`,
  ]);
});
