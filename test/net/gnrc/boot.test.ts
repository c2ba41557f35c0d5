import test from 'ava';

import { thread_get } from '../../../kernel/thread.ts';
import { gnrc_netifs } from '../../../net/gnrc/netif_t.ts';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID, gnrc_netif_ipv6_addr_get_state,
} from '../../../net/gnrc/netif_ipv6.ts';
import { ipv6_addr_to_str } from '../../../net/wire/addr.ts';
import { hex } from '../../../net/wire/bytes.ts';
import { readCapture } from '../../vectors/pcap.ts';
import { Network } from './network.ts';

const S = 1_000_000;
const SEQ = 2;

/** A frame without its sequence number, which starts at random. */
function masked(mpdu: Uint8Array): string {
  const copy = mpdu.slice();
  copy[SEQ] = 0;
  return hex(copy);
}

test("a booted node's router solicitations are the frames of real nodes, byte for byte", (t) => {
  // Every frame of a capture of two RIOT nodes with these EUI-64s that do nothing but boot; only the sequence numbers,
  // which start at random, are left out.
  const real = new Set(readCapture('a-boot-psk').map(({ mpdu }) => masked(mpdu)));
  const network = new Network();
  network.add({ id: 0x0a });
  network.add({ id: 0x0b });
  network.run(30 * S);
  t.is(real.size, 2);
  t.deepEqual(new Set(network.frames.map(({ mpdu }) => masked(mpdu))), real);
});

test('sequence numbers go up by one with each frame', (t) => {
  // As in the capture a-boot-psk: 171, 172, 173 ...
  const network = new Network();
  network.add();
  network.run(200 * S);
  const seqs = network.frames.map(({ mpdu }) => mpdu[SEQ]!);
  t.true(seqs.length > 5);
  seqs.forEach((seq, i) => t.is(seq, (seqs[0]! + i) & 0xff));
});

test('router solicitations go out at once, within a further second, and then at growing distances for ever', (t) => {
  // The distances are those of the captures (10, 10, 14, 18, 26 s) and of RIOT's source beyond them.
  for (const id of [1, 2, 3, 0x0a, 0xff]) {
    const network = new Network();
    network.add({ id });
    network.run(400 * S);
    const times = network.frames.map(({ time }) => time);
    t.is(times[0], 0);
    t.true(times[1]! < 1 * S);
    t.is(times[1]! % 1000, 0);
    const distances = times.slice(2).map((time, i) => (time - times[i + 1]!) / S);
    t.deepEqual(distances.slice(0, 9), [10, 10, 14, 18, 26, 42, 60, 60, 60]);
  }
});

test("the stack's threads have the pids, priorities, names and stack sizes that ps shows on a real node", (t) => {
  // The table is that of riot-captures/b-ping-psk.shell.txt.
  const network = new Network();
  const { kernel } = network.add();
  network.run(1 * S);
  const table = [3, 4, 5, 6].map((pid) => {
    const thread = kernel.run(() => thread_get(pid))!;
    return [pid, thread.name, thread.priority, thread.stackSize, thread.msg_array?.length];
  });
  t.deepEqual(table, [
    [3, '6lo', 3, 16320, 8], [4, 'ipv6', 4, 16320, 8], [5, 'udp', 5, 8128, 8], [6, 'socket_zep', 2, 16256, 16],
  ]);
});

test('the interface has a valid link-local address from its EUI-64 and has joined ff02::1 only', (t) => {
  // What ifconfig shows in riot-captures/b-ping-psk.shell.txt: inet6 addr fe80::a VAL, inet6 group ff02::1.
  const network = new Network();
  const node = network.add({ id: 0x0a });
  network.run(1 * S);
  const netif = gnrc_netifs(node.kernel)[0]!;
  t.is(ipv6_addr_to_str(netif.ipv6.addrs[0]!), 'fe80::a');
  t.is(gnrc_netif_ipv6_addr_get_state(netif, 0), GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID);
  t.is(netif.ipv6.addrs_flags[1], 0);
  t.deepEqual(netif.ipv6.groups.map(ipv6_addr_to_str), ['ff02::1', '::', '::']);
  t.is(netif.ipv6.mtu, 1280);
  t.is(netif.sixlo.max_frag_size, 102);
  t.is(netif.cur_hl, 64);
});

test('nothing but router solicitations is sent without a router, and nothing stays in the packet buffer', (t) => {
  // As on native64: no NS, NA, DAD, MLD or ARO; the packet buffer is empty between frames.
  const network = new Network();
  const a = network.add();
  const b = network.add();
  network.run(100 * S);
  for (const { mpdu } of network.frames) t.is(hex(mpdu.subarray(15, 20)), '7b3b3a0285');
  t.is(a.pktbuf, 0);
  t.is(b.pktbuf, 0);
  t.is(a.drops('ipv6 not-for-me'), network.frames.filter(({ from }) => from === b).length);
});

test('only the threads that the modules of an application ask for are started', (t) => {
  // A RIOT image without gnrc modules has no threads but idle and main. 6LoWPAN comes with netdev_default, as RIOT's
  // Makefile.dep has it: only with the radio is there a device that wants it.
  const network = new Network();
  const { kernel } = network.add({ baseModules: [], modules: ['shell'] });
  const withoutUdp = network.add({ baseModules: ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default'] });
  network.run(1 * S);
  t.is(kernel.numThreads, 2);
  const names = withoutUdp.kernel.threads.filter((thread) => thread !== null).map(({ name }) => name);
  t.deepEqual(names, ['idle', 'main', '6lo', 'ipv6', 'socket_zep']);
});
