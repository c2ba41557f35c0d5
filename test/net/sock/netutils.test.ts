import test from 'ava';

import { EINVAL, ENOTSUP } from '../../../kernel/errno.ts';
import type { gnrc_netif_t } from '../../../net/gnrc/netif_t.ts';
import { netutils_get_ipv6 } from '../../../net/sock/netutils.ts';
import { ipv6_addr_to_str } from '../../../net/wire/addr.ts';
import { Network } from '../gnrc/network.ts';

test('an address is read with its interface: the one named, else the only one', (t) => {
  // sys/net/netutils: a name without colon would need DNS, which no module offers.
  const network = new Network();
  const { kernel } = network.add();
  network.run(1_000_000);
  const get = (text: string): [string, number] | number => kernel.run(() => {
    const addr = new Uint8Array(16);
    const out: { netif: gnrc_netif_t | null } = { netif: null };
    const res = netutils_get_ipv6(addr, out, text);
    return res === 0 ? [ipv6_addr_to_str(addr), out.netif?.pid ?? 0] : res;
  });
  t.deepEqual(get('fe80::a'), ['fe80::a', 6]);
  t.deepEqual(get('fe80::a%6'), ['fe80::a', 6]);
  t.is(get('fe80::a%7'), -EINVAL);
  t.is(get('fe80::a%06'), -EINVAL);
  t.is(get('fe80::a%'), -EINVAL);
  t.is(get('fe80::xyz'), -EINVAL);
  t.is(get(':'), -EINVAL);
  t.is(get('localhost'), -ENOTSUP);
  t.is(get(''), -ENOTSUP);
});
