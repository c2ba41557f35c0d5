import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { gnrc_netif_ipv6_add_prefix, gnrc_netif_iter } from '../../../net/gnrc/netif.ts';
import { gnrc_netifs } from '../../../net/gnrc/netif_t.ts';
import { gnrc_ipv6_nib_abr_add } from '../../../net/gnrc/nib_abr.ts';
import { gnrc_ipv6_nib_change_rtr_adv_iface } from '../../../net/gnrc/nib.ts';
import { ipv6_addr_from_str, ipv6_addr_is_unspecified, ipv6_addr_to_str } from '../../../net/wire/addr.ts';
import { Network, type TestNode } from './network.ts';

const MINUTE = 60_000_000;
const SECOND = 1_000_000;

const LBR = ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_sixlowpan_border_router_default', 'sock_udp'];

function addresses(node: TestNode): string[] {
  const { addrs, addrs_flags } = gnrc_netifs(node.kernel)[0]!.ipv6;
  return addrs.flatMap((addr, i) => ipv6_addr_is_unspecified(addr) ? [] :
    [`${ipv6_addr_to_str(addr)} ${addrs_flags[i]!.toString(16)}`]);
}

test('a 6LN gets a global address', (t) => {
  const network = new Network();
  const lbr = network.add({ baseModules: LBR });
  network.runFor(SECOND);
  const pfx = ipv6_addr_from_str('2001:db8::')!;
  lbr.do(function* (): Blocking<void> {
    const netif = gnrc_netif_iter(null)!;
    const idx = yield* gnrc_netif_ipv6_add_prefix(netif, pfx, 64, 0xffffffff, 0xffffffff);
    yield* gnrc_ipv6_nib_change_rtr_adv_iface(netif, true);
    t.is(yield* gnrc_ipv6_nib_abr_add(netif.ipv6.addrs[idx]!), 0);
  });
  const node = network.add();
  network.runFor(20 * SECOND);
  t.log(addresses(lbr), addresses(node), lbr.console, node.console);
  for (const frame of network.frames.slice(-12)) t.log(frame.time, frame.from.radio.eui64[7], Buffer.from(frame.mpdu).toString('hex'));
});
